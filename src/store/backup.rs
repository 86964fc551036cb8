//! A copy of the store, made while it is written to and called done only once it was checked.

use super::audit::{self, Bad, Head};
use super::error::{Doing, Fault, StoreError, Unsound};
use super::place::{Place, refuse_link};
use super::schema;
use super::writer::{self, Access};
use jiff::Timestamp;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// What is in a store, counted while it was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// When its last event happened: what came later is not in it. `None`: nothing happened yet.
    pub at: Option<Timestamp>,
    /// Of its last event.
    pub profile: String,
    pub events: u64,
    pub head: Option<Head>,
    /// Intents by state.
    pub outbox: BTreeMap<String, u64>,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
}

/// Checks the store or copy at `path`, which nobody writes to: its pages, its audit chain against its outbox
/// and against a head that was kept elsewhere; and counts what is in it.
pub fn check(path: &Path, kept: Option<&Head>) -> Result<Contents, StoreError> {
    let place = Place::find(path)?;
    let failed = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => StoreError::NotAStore { path: path.to_owned() },
        Some(rusqlite::ErrorCode::DatabaseCorrupt) => damaged(path, error.to_string()),
        _ => StoreError::disk(Doing::Read, error),
    };
    let sql = writer::connect(&place, Access::Still).map_err(failed)?;
    match schema::check(&sql, path) {
        Ok(0) => return Err(StoreError::NotAStore { path: path.to_owned() }),
        Ok(_) => {}
        Err(Fault::Refused(error)) => return Err(error),
        Err(Fault::Sql(error)) => return Err(failed(error)),
    }
    let pages: String = sql.pragma_query_value(None, "integrity_check", |row| row.get(0)).map_err(failed)?;
    if pages != "ok" {
        return Err(damaged(path, pages.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    let verdict = audit::judged(&sql, None, kept).map_err(failed)?;
    if let Some(bad) = verdict.bad {
        return Err(unsound(path, bad));
    }
    contents(&sql, verdict).map_err(failed)
}

fn damaged(path: &Path, detail: String) -> StoreError {
    StoreError::Unsound { path: path.to_owned(), what: Unsound::Pages { detail } }
}

fn unsound(path: &Path, bad: Bad) -> StoreError {
    StoreError::Unsound { path: path.to_owned(), what: Unsound::Chain(bad) }
}

fn contents(sql: &Connection, verdict: audit::Verdict) -> rusqlite::Result<Contents> {
    let counted = |query: &str| -> rusqlite::Result<BTreeMap<String, u64>> {
        sql.prepare(query)?
            .query_map([], |row| Ok((row.get(0)?, u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0))))?
            .collect()
    };
    let mut rows = BTreeMap::new();
    for table in ["outbox", "steps", "audit", "facts", "memory"] {
        rows.extend(counted(&format!("SELECT '{table}', count(*) FROM {table}"))?);
    }
    let last = match &verdict.head {
        Some(head) => audit::lines(sql, head.seq.saturating_sub(1), 1)?.pop(),
        None => None,
    };
    Ok(Contents {
        at: last.as_ref().map(|line| line.at),
        profile: last.map(|line| line.profile).unwrap_or_default(),
        events: verdict.count,
        head: verdict.head,
        outbox: counted("SELECT state, count(*) FROM outbox GROUP BY state")?,
        rows,
    })
}

/// Copies the store at `place` to `to`, as it is at one moment, whatever others write meanwhile: aside,
/// checked, fsync, then its name. Never over a file that is there.
pub(super) fn copy(place: &Place, to: &Path) -> Result<Contents, StoreError> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(StoreError::Exists { path: to.to_owned() });
    }
    let aside = Aside::beside(to)?;
    let access = if place.read_only { Access::Still } else { Access::Read };
    let disk = |error| StoreError::disk(Doing::BackUp, error);
    let sql = writer::connect(place, access).map_err(disk)?;
    // Into the empty file of ours: SQLite alone would make one that others may read.
    sql.execute("VACUUM INTO ?1", [aside.text()?]).map_err(disk)?;
    let contents = check(&aside.0, None).map_err(|error| match error {
        // The copy is exact: what is wrong with it is wrong with the store.
        StoreError::Unsound { what, .. } => StoreError::Unsound { path: place.file.clone(), what },
        error => error,
    })?;
    aside.name_it(to)?;
    Ok(contents)
}

/// A file that is not finished: gone with this, unless it got its name.
pub(super) struct Aside(pub(super) PathBuf);

impl Aside {
    /// An empty file of mode 0600 in the folder of `to`.
    pub(super) fn beside(to: &Path) -> Result<Self, StoreError> {
        let name = to.file_name().unwrap_or_default().to_string_lossy();
        let path = folder_of(to).join(format!(".{name}.{}.new", std::process::id()));
        let failed = |source| StoreError::File { path: to.to_owned(), source };
        refuse_link(&path)?;
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(failed)?;
        Ok(Self(path))
    }

    fn text(&self) -> Result<&str, StoreError> {
        self.0.to_str().ok_or_else(|| StoreError::File {
            path: self.0.clone(),
            source: io::Error::new(io::ErrorKind::InvalidInput, "its name is no text"),
        })
    }

    /// On the disk under its own name, which nothing had.
    fn name_it(self, to: &Path) -> Result<(), StoreError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AlreadyExists => StoreError::Exists { path: to.to_owned() },
            _ => StoreError::File { path: to.to_owned(), source },
        };
        File::open(&self.0).and_then(|file| file.sync_all()).map_err(failed)?;
        // Linking fails if the name is taken, where renaming would take it over.
        fs::hard_link(&self.0, to).map_err(failed)?;
        File::open(folder_of(to)).and_then(|folder| folder.sync_all()).map_err(failed)
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // Whatever SQLite may have put beside it goes too; what can't be removed is not what was asked for.
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let mut name = self.0.clone().into_os_string();
            name.push(suffix);
            fs::remove_file(name).ok();
        }
    }
}

pub(super) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}
