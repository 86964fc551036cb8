//! A copy takes the place of the store. The old one is kept aside, and nothing that the copy has as under way
//! may be sent from it.
//!
//! A copy knows nothing of what was sent after it was made: that is how an old one pays twice. So its moment
//! and that of its restore are kept in it and in its chain, and reviews ask the provider back to the copy.

use super::audit::{self, Happened, Head, Kind};
use super::backup::{self, Aside, Contents};
use super::error::{Doing, StoreError};
use super::place::{Place, refuse_link};
use super::writer::{self, Access, Tx};
use super::{outbox, process, schema};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, TransactionBehavior};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use uuid::Uuid;

/// Who restores, and what they hold the copy against.
#[derive(Debug, Clone)]
pub struct Restore {
    pub actor: String,
    pub role: String,
    /// The copy has to be of this profile's store.
    pub profile: String,
    /// A head of the copy that was kept elsewhere.
    pub kept: Option<Head>,
    pub at: Timestamp,
    /// How long others may take to close the store.
    pub patience: Duration,
}

/// What is there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    pub contents: Contents,
    /// Intents that were under way in the copy: only the provider knows what came of them.
    pub doubtful: u64,
    /// Where the old store lies. `None`: there was none.
    pub old: Option<PathBuf>,
}

/// The time that a restored store knows nothing of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The copy's last event.
    pub from: Timestamp,
    /// The restore.
    pub to: Timestamp,
    /// How many movements of that time the provider told that the outbox does not know. `None`: it was not
    /// asked yet.
    pub strangers: Option<u64>,
}

/// A movement that was made from here after the copy: it counts against the limits of its day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stranger {
    pub movement: String,
    pub at: Timestamp,
    pub currency: String,
    pub amount_minor: i64,
    /// The provider's id of who is paid.
    pub destination: String,
}

const FROM: &str = "restored_from";
const TO: &str = "restored_at";
const STRANGERS: &str = "restored_strangers";
const SPENT: &str = "restored_spent";
/// No day of any zone is as long.
const LIMITS_REACH: SignedDuration = SignedDuration::from_hours(48);

pub(super) fn gap(sql: &Connection) -> rusqlite::Result<Option<Gap>> {
    let moment = |key| schema::meta(sql, key).map(|text| text.and_then(|text| text.parse().ok()));
    let (Some(from), Some(to)) = (moment(FROM)?, moment(TO)?) else { return Ok(None) };
    let strangers = schema::meta(sql, STRANGERS)?.and_then(|count| count.parse().ok());
    Ok(Some(Gap { from, to, strangers }))
}

/// What left after the copy and counts against a limit of these days.
pub(super) fn spent(sql: &Connection) -> rusqlite::Result<Vec<Stranger>> {
    let text = schema::meta(sql, SPENT)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// The provider was asked back to the copy: so many movements of `spent` and others are not known here.
pub(super) fn asked(
    tx: &Tx<'_>,
    strangers: u64,
    spent_then: Vec<Stranger>,
    event: Happened,
) -> Result<(), super::error::Fault> {
    schema::set_meta(tx.sql, STRANGERS, &strangers.to_string())?;
    // Those of a restore before this one may be of today too.
    let mut all = spent(tx.sql)?;
    all.retain(|old| !spent_then.iter().any(|new| new.movement == old.movement));
    all.extend(spent_then);
    all.retain(|one| tx.at.duration_since(one.at) < LIMITS_REACH);
    let text = serde_json::to_string(&all).expect("texts and numbers are JSON");
    schema::set_meta(tx.sql, SPENT, &text)?;
    audit::append(tx, event)
}

/// Puts the copy `from` in the place of the store `to`, which nobody may have open. Blocks.
///
/// The copy is checked where it will lie; each moment of a crash leaves the old store or the new one, or a
/// store that refuses to be opened until this is done again.
pub fn restore(from: &Path, to: &Path, asked: &Restore) -> Result<Restored, StoreError> {
    let place = Place::make(to)?;
    let _alone = place.hold_alone(asked.patience)?;
    refuse_link(from)?;
    let copy = Aside::beside(&place.file)?;
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| StoreError::File { path, source }
    };
    let bytes = File::open(from).and_then(|mut read| {
        let mut write = File::options().write(true).open(&copy.0)?;
        io::copy(&mut read, &mut write)
    });
    bytes.map_err(file(from))?;
    // What is wrong with it is wrong with the file that was named.
    let named = |error| match error {
        StoreError::Unsound { what, .. } => StoreError::Unsound { path: from.to_owned(), what },
        StoreError::NotAStore { .. } => StoreError::NotAStore { path: from.to_owned() },
        error => error,
    };
    let before = backup::check(&copy.0, asked.kept.as_ref()).map_err(named)?;
    if !before.profile.is_empty() && before.profile != asked.profile {
        return Err(StoreError::OtherProfile {
            path: from.to_owned(),
            found: before.profile,
            wanted: asked.profile.clone(),
        });
    }
    let old = old_folder(&place, asked.at);
    let was = audit::read_head(&place).map_err(file(&place.head_file()))?;
    let doubtful = take_over(&copy.0, &before, was.as_ref(), from, old.as_deref(), asked)?;
    let contents = backup::check(&copy.0, None)?;
    if let Some(old) = &old {
        keep_old(&place, old).map_err(|source| StoreError::Directory { path: old.clone(), source })?;
    }
    put(&place, &copy, contents.head.as_ref()).map_err(file(&place.file))?;
    Ok(Restored { contents, doubtful, old })
}

/// What the copy has under way becomes unknown, and the gap goes into it and into its chain.
fn take_over(
    copy: &Path,
    before: &Contents,
    was: Option<&Head>,
    from: &Path,
    old: Option<&Path>,
    asked: &Restore,
) -> Result<u64, StoreError> {
    let place = Place::find(copy)?;
    let disk = |error| StoreError::disk(Doing::Restore, error);
    let mut sql = writer::connect(&place, Access::Write).map_err(disk)?;
    schema::migrate(&mut sql, copy).map_err(|fault| fault.into_error(Doing::Restore))?;
    let store = schema::store_id(&sql).map_err(disk)?;
    let transaction = sql.transaction_with_behavior(TransactionBehavior::Immediate).map_err(disk)?;
    let owner = Uuid::now_v7().to_string();
    let tx = Tx {
        sql: &transaction,
        at: asked.at,
        store: &store,
        owner: &owner,
        process: &process::this(),
        head: Cell::new(None),
    };
    let made = before.at.unwrap_or(asked.at);
    let work = || {
        let doubtful = outbox::doubt_all(&tx)?;
        // A gap that nobody has asked about is part of this one.
        let earlier = gap(tx.sql)?.filter(|gap| gap.strangers.is_none()).map(|gap| gap.from);
        schema::set_meta(tx.sql, FROM, &schema::time(earlier.map_or(made, |earlier| earlier.min(made))))?;
        schema::set_meta(tx.sql, TO, &schema::time(asked.at))?;
        tx.sql.execute("DELETE FROM meta WHERE key = ?1", [STRANGERS])?;
        let shown = |head: Option<&Head>| head.map(ToString::to_string).unwrap_or_default();
        let data = BTreeMap::from([
            ("backup", from.display().to_string()),
            ("backup_at", schema::time(made)),
            ("backup_head", shown(before.head.as_ref())),
            ("doubtful", doubtful.to_string()),
            ("old", old.map(|old| old.display().to_string()).unwrap_or_default()),
            ("old_head", shown(was)),
        ]);
        audit::append(
            &tx,
            Happened {
                kind: Kind::StoreRestored.code(),
                actor: asked.actor.clone(),
                role: asked.role.clone(),
                profile: asked.profile.clone(),
                intent: None,
                data,
            },
        )?;
        Ok(doubtful)
    };
    let doubtful = work().map_err(|fault: super::error::Fault| fault.into_error(Doing::Restore))?;
    transaction.commit().map_err(disk)?;
    // One file from here on: its log is empty when it gets its name.
    sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(disk)?;
    Ok(doubtful)
}

/// Where the old store will lie. `None`: there is none.
fn old_folder(place: &Place, at: Timestamp) -> Option<PathBuf> {
    let is_there = fs::metadata(&place.file).is_ok_and(|known| known.len() > 0);
    let name = format!("before-restore-{}", at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%S%6fZ"));
    is_there.then(|| place.dir.join(name))
}

/// The store as it is, under names of its own; it stays where it is too, until the copy takes its place.
fn keep_old(place: &Place, folder: &Path) -> io::Result<()> {
    // Into one file, if it still can: a damaged one is kept with its log.
    let merged = writer::connect(place, Access::Write)
        .and_then(|sql| sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
    if let Err(error) = merged {
        tracing::warn!(%error, "the old store is kept with its log");
    }
    DirBuilder::new().mode(0o700).create(folder)?;
    for file in [place.file.clone(), place.beside("-wal"), place.head_file()] {
        if let (true, Some(name)) = (file.exists(), file.file_name()) {
            fs::hard_link(&file, folder.join(name))?;
        }
    }
    File::open(folder)?.sync_all()
}

/// The copy under the store's name. While it lies beside it, the store can't be opened: its log may be gone.
fn put(place: &Place, copy: &Aside, head: Option<&Head>) -> io::Result<()> {
    File::open(&copy.0)?.sync_all()?;
    fs::rename(&copy.0, place.restoring())?;
    let folder = File::open(&place.dir)?;
    folder.sync_all()?;
    for gone in [place.beside("-wal"), place.beside("-shm"), place.head_file()] {
        match fs::remove_file(gone) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    if let Some(head) = head {
        audit::write_head(place, head)?;
    }
    fs::rename(place.restoring(), &place.file)?;
    folder.sync_all()
}
