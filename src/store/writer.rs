//! The one thread that writes, and its connection. After an error of the disk every connection of this
//! process is dropped and opened again: only what can be read back then is true.

use super::audit::{self, Head};
use super::error::{Doing, Fault, StoreError};
use super::place::Place;
use super::row::State;
use super::{outbox, process, schema};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};
use std::cell::Cell;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use uuid::Uuid;

pub(super) const LEASE: SignedDuration = SignedDuration::from_secs(60);
const LEASE_RENEWED: Duration = Duration::from_secs(15);
/// Between two looks for what another console committed: an idle desk wakes for little else.
const WATCH_EVERY: Duration = Duration::from_secs(3);
const BUSY: Duration = Duration::from_secs(5);

pub(super) type Job = Box<dyn FnOnce(&mut Desk) + Send>;

/// The reading connection. The writer takes it away when the disk failed.
#[derive(Default)]
pub(super) struct Reader(Mutex<Option<Connection>>);

/// One transaction, with all that an event needs to know.
pub(super) struct Tx<'a> {
    pub(super) sql: &'a Connection,
    pub(super) at: Timestamp,
    pub(super) store: &'a str,
    pub(super) owner: &'a str,
    pub(super) process: &'a str,
    /// Set by the last event of the transaction.
    pub(super) head: Cell<Option<Head>>,
}

pub(super) struct Desk {
    place: Arc<Place>,
    reader: Arc<Reader>,
    sql: Option<Connection>,
    clock: fn() -> Timestamp,
    store: String,
    owner: String,
    process: String,
    /// Set when this process has rows that its lease must hold.
    holding: bool,
    renewed: Instant,
    changes: watch::Sender<u64>,
    data_version: i64,
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Write,
    Read,
    /// Reads, and touches nothing beside the file: where nothing may or can be written.
    Still,
}

/// Opens a connection with the pragmas of RELIABILITY.
pub(super) fn connect(place: &Place, access: Access) -> rusqlite::Result<Connection> {
    let asked = match access {
        Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Access::Read | Access::Still => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let flags = asked | OpenFlags::SQLITE_OPEN_NOFOLLOW | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let sql = if access == Access::Still && place.is_checkpointed() {
        // A WAL store can be read without making its shared memory only if SQLite is told that it stands still.
        let uri = format!("file:{}?immutable=1", percent(&place.file.to_string_lossy()));
        Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)?
    } else {
        Connection::open_with_flags(&place.file, flags)?
    };
    sql.busy_timeout(BUSY)?;
    sql.pragma_update(None, "temp_store", "MEMORY")?;
    sql.pragma_update(None, "foreign_keys", true)?;
    sql.pragma_update(None, "trusted_schema", false)?;
    sql.pragma_update(None, "cell_size_check", true)?;
    if access == Access::Write {
        let mode: String = sql.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        if mode != "wal" {
            return Err(rusqlite::Error::InvalidQuery);
        }
        sql.pragma_update(None, "synchronous", "FULL")?;
    }
    Ok(sql)
}

/// For the path of a `file:` URI.
fn percent(path: &str) -> String {
    path.replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

impl Reader {
    pub(super) fn read<T>(
        &self,
        place: &Place,
        look: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |error| StoreError::disk(Doing::Read, error);
        if held.is_none() {
            let access = if place.read_only { Access::Still } else { Access::Read };
            *held = Some(connect(place, access).map_err(failed)?);
        }
        match held.as_ref().map(look) {
            Some(Ok(found)) => Ok(found),
            Some(Err(error)) => {
                *held = None;
                Err(failed(error))
            }
            None => Err(StoreError::Closed),
        }
    }

    fn drop_connection(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Desk {
    pub(super) fn new(
        place: Arc<Place>,
        reader: Arc<Reader>,
        sql: Connection,
        clock: fn() -> Timestamp,
        changes: watch::Sender<u64>,
    ) -> rusqlite::Result<Self> {
        let store = schema::store_id(&sql)?;
        let data_version = data_version(&sql)?;
        Ok(Self {
            place,
            reader,
            sql: Some(sql),
            clock,
            store,
            data_version,
            owner: Uuid::now_v7().to_string(),
            process: process::this(),
            holding: false,
            renewed: Instant::now(),
            changes,
        })
    }

    /// Until the last handle is gone.
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        loop {
            let next = match self.nap() {
                Some(nap) => jobs.recv_timeout(nap),
                None => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match next {
                Ok(job) => job(&mut self),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.tick();
        }
    }

    /// How long the thread may sleep. Nobody watching and nothing held: until it is asked.
    fn nap(&self) -> Option<Duration> {
        if self.changes.receiver_count() > 1 {
            Some(WATCH_EVERY)
        } else if self.holding {
            Some(LEASE_RENEWED)
        } else {
            None
        }
    }

    fn tick(&mut self) {
        if self.holding && self.renewed.elapsed() >= LEASE_RENEWED {
            match self.commit(Doing::Keep, outbox::renew_lease) {
                Ok(still) => self.holding = still,
                Err(error) => tracing::warn!(%error, "the lease could not be renewed"),
            }
            self.renewed = Instant::now();
        }
        if self.changes.receiver_count() > 1 {
            self.watch();
        }
    }

    /// `data_version` of this connection moves when another one commits, never by our own.
    fn watch(&mut self) {
        let Ok(sql) = self.sql() else { return };
        let Ok(now) = data_version(sql) else { return };
        if self.data_version != now {
            self.data_version = now;
            self.changes.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    pub(super) fn sql(&mut self) -> rusqlite::Result<&mut Connection> {
        if self.sql.is_none() {
            let sql = connect(&self.place, self.place.access())?;
            self.data_version = data_version(&sql)?;
            self.sql = Some(sql);
            // What happened meanwhile can't be told: better to look once too often.
            self.changes.send_modify(|count| *count = count.wrapping_add(1));
        }
        self.sql.as_mut().ok_or(rusqlite::Error::InvalidQuery)
    }

    /// The head on disk may lie one event behind after a crash.
    pub(super) fn keep_head(&mut self) {
        if self.place.read_only {
            return;
        }
        let place = Arc::clone(&self.place);
        let last = self.sql().and_then(|sql| audit::last(sql));
        let kept = match (last, &self.sql) {
            (Ok(Some(head)), Some(sql)) => audit::keep_head(&place, sql, &head),
            (Ok(_), _) => Ok(()),
            (Err(error), _) => Err(StoreError::disk(Doing::Read, error)),
        };
        if let Err(error) = kept {
            tracing::warn!(%error, "the head of the audit chain lies behind");
        }
    }

    /// One `BEGIN IMMEDIATE … COMMIT`, fsync'd. An error of the disk drops every connection.
    pub(super) fn commit<T>(
        &mut self,
        doing: Doing,
        work: impl FnOnce(&Tx<'_>) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        match self.try_commit(work) {
            Ok((done, None)) => Ok(done),
            Ok((done, Some(head))) => {
                let place = Arc::clone(&self.place);
                let kept = match self.sql() {
                    Ok(sql) => audit::keep_head(&place, sql, &head),
                    Err(error) => Err(StoreError::disk(doing, error)),
                };
                match kept {
                    Ok(()) => Ok(done),
                    // Before a send, all of it must hold. Afterwards the outcome matters more than its head.
                    Err(error) if matches!(doing, Doing::Record | Doing::Start) => Err(error),
                    Err(error) => {
                        tracing::warn!(%error, "the head of the audit chain lies behind");
                        Ok(done)
                    }
                }
            }
            Err(fault) => {
                if matches!(fault, Fault::Sql(_)) {
                    self.reader.drop_connection();
                    self.sql = None;
                }
                Err(fault.into_error(doing))
            }
        }
    }

    /// As a commit; what it deletes does not stay in the file's free space, nor in its log.
    pub(super) fn overwriting<T>(
        &mut self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let failed = |error| StoreError::disk(Doing::Purge, error);
        self.sql().and_then(|sql| sql.pragma_update(None, "secure_delete", true)).map_err(failed)?;
        let done = self.commit(Doing::Purge, work);
        let cleaned = self.sql().and_then(|sql| {
            sql.pragma_update(None, "secure_delete", false)?;
            sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        });
        if let Err(error) = cleaned {
            tracing::warn!(%error, "what was purged stays in the store's log until it is written over");
        }
        done
    }

    fn try_commit<T>(
        &mut self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, Fault>,
    ) -> Result<(T, Option<Head>), Fault> {
        let at = (self.clock)();
        let (store, owner, process) = (self.store.clone(), self.owner.clone(), self.process.clone());
        let transaction = self.sql()?.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let tx = Tx {
            sql: &transaction,
            at,
            store: &store,
            owner: &owner,
            process: &process,
            head: Cell::new(None),
        };
        let done = work(&tx)?;
        let head = tx.head.take();
        transaction.commit()?;
        Ok((done, head))
    }

    /// Record or start, whose result says whether something may leave. After an error of the disk the
    /// row may be there all the same: it is read back, and closed as not sent if it can be.
    pub(super) fn step(
        &mut self,
        doing: Doing,
        intent: Uuid,
        work: impl FnOnce(&Tx<'_>) -> Result<(), Fault>,
    ) -> Result<(), StoreError> {
        self.holding = true;
        let result = self.commit(doing, work);
        if let Err(StoreError::Disk { .. } | StoreError::Head { .. }) = &result {
            self.void(doing, intent, "store");
        }
        result
    }

    /// Nobody holds the proof of this step, so nothing left by it and nothing will. What can't be written
    /// now is found at the next start.
    pub(super) fn void(&mut self, doing: Doing, intent: Uuid, why: &'static str) {
        let reached = if doing == Doing::Start { State::Sending } else { State::Recorded };
        let closed = self.commit(Doing::Settle, |tx| outbox::void(tx, intent, reached, why));
        if let Err(error) = closed {
            tracing::warn!(%intent, %error, "not sent, which could not be recorded; the next start will");
        }
    }
}

fn data_version(sql: &Connection) -> rusqlite::Result<i64> {
    sql.pragma_query_value(None, "data_version", |row| row.get(0))
}

impl Tx<'_> {
    pub(super) fn hold(&self) -> rusqlite::Result<()> {
        let until = self.at.checked_add(LEASE).unwrap_or(Timestamp::MAX);
        self.sql
            .prepare(
                "INSERT INTO lease (owner, process, until) VALUES (?1, ?2, ?3)
                 ON CONFLICT (owner) DO UPDATE SET until = excluded.until",
            )?
            .execute(params![self.owner, self.process, schema::time(until)])?;
        Ok(())
    }
}
