//! The XDG folders, and files that only their owner may read.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::error::ConfigError;

/// Where things are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `config.toml`
    pub config: PathBuf,
    /// The stores, their heads, and the logs: what must not be lost.
    pub state: PathBuf,
    /// What can be fetched again.
    pub cache: PathBuf,
}

impl Paths {
    /// `XDG_CONFIG_HOME`, `XDG_STATE_HOME`, `XDG_CACHE_HOME` or their usual places, each with `cuadre`.
    pub fn of_user() -> Result<Self, ConfigError> {
        let xdg = etcetera::base_strategy::Xdg::new().map_err(|_| ConfigError::NoHome)?;
        let state = xdg.state_dir().unwrap_or_else(|| xdg.data_dir());
        Ok(Self {
            config: xdg.config_dir().join("cuadre"),
            state: state.join("cuadre"),
            cache: xdg.cache_dir().join("cuadre"),
        })
    }

    /// All three under one folder: the embedded sandbox and tests.
    pub fn under(folder: &Path) -> Self {
        Self { config: folder.join("config"), state: folder.join("state"), cache: folder.join("cache") }
    }

    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// Of one profile, in a folder of its own: the head of its audit chain lies beside it.
    pub fn store_file(&self, profile: &str) -> PathBuf {
        self.state.join(profile).join("store.db")
    }
}

/// Makes a folder that only its owner may enter, and those above it. One that is there is closed to
/// others; one that is a link or someone else's is refused.
pub fn private_folder(path: &Path) -> Result<(), ConfigError> {
    let failed = |cause| ConfigError::Folder { path: path.to_owned(), cause };
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
    let about = fs::symlink_metadata(path).map_err(failed)?;
    if !about.is_dir() || about.uid() != rustix::process::geteuid().as_raw() {
        return Err(failed(io::Error::new(io::ErrorKind::PermissionDenied, "not a folder of this user")));
    }
    if about.mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}

/// What to do with a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    Keep,
    Replace,
}

/// Writes a file of mode 0600, whole or not at all: aside, fsync, then its name, then fsync of the
/// folder. A link at the name is replaced, never followed.
pub fn write_private(file: &Path, bytes: &[u8], existing: Existing) -> Result<(), ConfigError> {
    let failed = |cause| ConfigError::Write { file: file.to_owned(), cause };
    let name = file.file_name().ok_or_else(|| failed(io::Error::from(io::ErrorKind::InvalidInput)))?;
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut aside_name = std::ffi::OsString::from(".");
    aside_name.push(name);
    aside_name.push(format!(".{}.new", std::process::id()));
    let aside = folder.join(aside_name);
    let written = write_aside(&aside, bytes).and_then(|()| match existing {
        Existing::Replace => fs::rename(&aside, file),
        // Linking fails if the name is taken, where renaming would take it over.
        Existing::Keep => fs::hard_link(&aside, file),
    });
    if existing == Existing::Keep || written.is_err() {
        // If it can't be removed there is nothing better to do: the file itself is right or absent.
        fs::remove_file(&aside).ok();
    }
    match written {
        Ok(()) => File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
            Err(ConfigError::Exists { file: file.to_owned() })
        }
        Err(cause) => Err(failed(cause)),
    }
}

fn write_aside(aside: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(aside)?;
    file.write_all(bytes)?;
    file.sync_all()
}
