//! Where the store lies: its directory and file, made for the owner's eyes alone and never reached
//! through a symbolic link; and whether the disk may be trusted with money.

use super::error::{StoreError, WhyNot};
use super::writer::Access;
use rustix::fs::{FlockOperation, StatVfsMountFlags};
use std::ffi::OsStr;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Between two looks whether others have closed the store.
const HELD_AGAIN: Duration = Duration::from_millis(20);

/// The store is open, or replaced, for as long as this lives.
#[derive(Debug)]
pub(super) struct Hold(#[expect(dead_code, reason = "it is held, not used")] Option<File>);

#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Without symbolic links.
    pub(super) dir: PathBuf,
    pub(super) file: PathBuf,
    /// The disk takes no writes at all.
    pub(super) read_only: bool,
    network: Option<&'static str>,
}

impl Place {
    /// Makes what is missing: the directory 0700, the file 0600.
    pub(super) fn make(path: &Path) -> Result<Self, StoreError> {
        let (parent, name) = split(path)?;
        if !parent.exists() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(parent)
                .map_err(|source| StoreError::Directory { path: parent.to_owned(), source })?;
        }
        let place = Self::at(parent, name)?;
        let failed = |source| StoreError::Directory { path: place.dir.clone(), source };
        let known = place.dir.metadata().map_err(failed)?;
        let mode = known.mode() & 0o7777;
        if (mode & 0o022 != 0 && mode & 0o1000 == 0) || !(known.uid() == 0 || is_ours(known.uid())) {
            return Err(StoreError::OpenToOthers { path: place.dir, mode });
        }
        if !place.file.exists() {
            place.create()?;
        }
        place.check_files()?;
        Ok(place)
    }

    fn create(&self) -> Result<(), StoreError> {
        let failed = |source| StoreError::File { path: self.file.clone(), source };
        refuse_link(&self.file)?;
        // An existing file is never opened here: closing a second descriptor would drop SQLite's locks on
        // it. The lock keeps another thread from using the new one before it is closed.
        let _one_at_a_time = self.lock().map_err(failed)?;
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.file) {
            // Its name has to outlive a crash too, and so has its directory's.
            Ok(_) => [Some(self.dir.as_path()), self.dir.parent()]
                .into_iter()
                .flatten()
                .try_for_each(|dir| File::open(dir)?.sync_all())
                .map_err(failed),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Makes and changes nothing.
    pub(super) fn find(path: &Path) -> Result<Self, StoreError> {
        let (parent, name) = split(path)?;
        let place = Self::at(parent, name)?;
        std::fs::symlink_metadata(&place.file)
            .map_err(|source| StoreError::File { path: place.file.clone(), source })?;
        for file in place.files() {
            refuse_link(&file)?;
        }
        Ok(place)
    }

    pub(super) fn at(parent: &Path, name: &OsStr) -> Result<Self, StoreError> {
        let dir = parent
            .canonicalize()
            .map_err(|source| StoreError::Directory { path: parent.to_owned(), source })?;
        let file = dir.join(name);
        let mounted_so =
            rustix::fs::statvfs(&dir).is_ok_and(|disk| disk.f_flag.contains(StatVfsMountFlags::RDONLY));
        let forbidden = |path: &Path| rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_err();
        let read_only = mounted_so || (file.exists() && (forbidden(&file) || forbidden(&dir)));
        Ok(Self { network: network(&dir), dir, file, read_only })
    }

    /// The stores of the other profiles: of the same name, in the folders beside this one.
    pub(super) fn others(&self) -> Vec<Self> {
        let Some(name) = self.file.file_name() else { return Vec::new() };
        let folders = self.dir.parent().and_then(|profiles| std::fs::read_dir(profiles).ok());
        let folders = folders.into_iter().flatten().flatten().map(|folder| folder.path());
        let others = folders.filter(|folder| *folder != self.dir);
        others.filter_map(|folder| Self::find(&folder.join(name)).ok()).collect()
    }

    pub(super) fn head_file(&self) -> PathBuf {
        self.dir.join("audit.head")
    }

    pub(super) const fn access(&self) -> Access {
        if self.read_only { Access::Still } else { Access::Write }
    }

    /// Whether the file alone says it all.
    pub(super) fn is_checkpointed(&self) -> bool {
        std::fs::metadata(self.beside("-wal")).map_or(true, |known| known.len() == 0)
    }

    pub(super) fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(suffix);
        PathBuf::from(name)
    }

    /// What a restore is about to put in the place of the store: while it lies there, neither can be trusted.
    pub(super) fn restoring(&self) -> PathBuf {
        self.beside(".restoring")
    }

    /// The store's file, those that SQLite puts beside it, the head, and what is locked while it is open.
    fn files(&self) -> [PathBuf; 5] {
        let [wal, shm, lock] = ["-wal", "-shm", ".lock"].map(|suffix| self.beside(suffix));
        [self.file.clone(), wal, shm, self.head_file(), lock]
    }

    /// Held while the store is open. Waits for a restore to end.
    pub(super) fn hold(&self) -> Result<Hold, StoreError> {
        if self.read_only {
            return Ok(Hold(None));
        }
        self.take(FlockOperation::LockShared)
            .map(|file| Hold(Some(file)))
            .map_err(|source| StoreError::File { path: self.beside(".lock"), source })
    }

    /// Held while the store is replaced: nobody else has it open. Waits so long for those who do.
    #[expect(clippy::disallowed_methods, reason = "a lock of the disk tells nobody when it is free")]
    pub(super) fn hold_alone(&self, patience: Duration) -> Result<Hold, StoreError> {
        let since = Instant::now();
        loop {
            match self.take(FlockOperation::NonBlockingLockExclusive) {
                Ok(file) => return Ok(Hold(Some(file))),
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                    return Err(StoreError::File { path: self.beside(".lock"), source: error });
                }
                Err(_) if since.elapsed() >= patience => {
                    return Err(StoreError::Held { path: self.file.clone() });
                }
                Err(_) => std::thread::sleep(HELD_AGAIN),
            }
        }
    }

    fn take(&self, how: FlockOperation) -> io::Result<File> {
        let path = self.beside(".lock");
        refuse_link(&path).map_err(|error| io::Error::other(error.to_string()))?;
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        rustix::fs::flock(&file, how)?;
        Ok(file)
    }

    /// No links; and nothing that others may read, if an older umask made it so.
    fn check_files(&self) -> Result<(), StoreError> {
        for file in self.files() {
            refuse_link(&file)?;
            let Ok(known) = std::fs::symlink_metadata(&file) else { continue };
            if !is_ours(known.uid()) {
                return Err(StoreError::OpenToOthers { path: file, mode: known.mode() & 0o7777 });
            }
            if known.mode() & 0o077 != 0 && !self.read_only {
                std::fs::set_permissions(&file, Permissions::from_mode(0o600))
                    .map_err(|source| StoreError::File { path: file, source })?;
            }
        }
        Ok(())
    }

    /// Whether the disk may be trusted with a write to a provider.
    pub(super) fn trusted(&self, needed: u64) -> Result<(), WhyNot> {
        if self.read_only {
            return Err(WhyNot::ReadOnlyDisk { path: self.file.clone() });
        }
        if let Some(kind) = self.network {
            return Err(WhyNot::NetworkDisk { path: self.dir.clone(), kind });
        }
        let disk = rustix::fs::statvfs(&self.dir)
            .map_err(|error| WhyNot::SpaceUnknown { why: error.to_string() })?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < needed { Err(WhyNot::LowSpace { free, needed }) } else { Ok(()) }
    }

    /// Held while the store is made ready and while its head is written: only one process does so.
    pub(super) fn lock(&self) -> io::Result<File> {
        let dir = File::open(&self.dir)?;
        // Locks of a directory are no part of network file systems; money doesn't go there anyway.
        if self.network.is_some() {
            return Ok(dir);
        }
        rustix::fs::flock(&dir, FlockOperation::LockExclusive)?;
        Ok(dir)
    }
}

fn is_ours(uid: u32) -> bool {
    let me = rustix::process::geteuid();
    me.is_root() || me.as_raw() == uid
}

fn split(path: &Path) -> Result<(&Path, &OsStr), StoreError> {
    let name = path.file_name().ok_or_else(|| StoreError::File {
        path: path.to_owned(),
        source: io::Error::new(io::ErrorKind::InvalidInput, "no file name"),
    })?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => Ok((parent, name)),
        _ => Ok((Path::new("."), name)),
    }
}

pub(super) fn refuse_link(path: &Path) -> Result<(), StoreError> {
    match std::fs::symlink_metadata(path) {
        Ok(known) if known.is_symlink() => Err(StoreError::Symlink { path: path.to_owned() }),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The network file systems that locks and shared memory can't be trusted on. FUSE is among them: what
/// lies behind it can't be seen.
#[cfg(target_os = "linux")]
fn network(dir: &Path) -> Option<&'static str> {
    let disk = rustix::fs::statfs(dir).ok()?;
    // The word is signed here and unsigned there: its low 32 bits are the same everywhere.
    let magic = u64::try_from(i128::from(disk.f_type) & 0xffff_ffff).ok()?;
    Some(match magic {
        0x6969 => "nfs",
        0x517b => "smb",
        0xff53_4d42 => "cifs",
        0xfe53_4d42 => "smb3",
        0x6573_5546 => "fuse",
        0x0102_1997 => "9p",
        0x00c3_6400 => "ceph",
        0x5346_414f => "afs",
        0x7375_7245 => "coda",
        0x0bd0_0bd0 => "lustre",
        0x786f_4256 => "vboxsf",
        0x0116_1970 => "gfs2",
        0x7461_636f => "ocfs2",
        _ => return None,
    })
}

#[cfg(not(target_os = "linux"))]
fn network(_dir: &Path) -> Option<&'static str> {
    None
}
