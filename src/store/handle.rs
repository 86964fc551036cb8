//! The handle that the other rooms hold: asks the writing thread or the reading one, and waits.

use super::audit::{self, AuditEvent, ChainLine, Head};
use super::backup::{self, Contents};
use super::error::Fault;
use super::error::{Doing, StoreError, WhyNot};
use super::facts::{self, Fact, Put};
use super::outbox;
use super::place::Place;
use super::purge::{self, Before, Purged};
use super::restore::{self, Gap, Stranger};
use super::row::{
    Exchange, Look, OutboxEntry, OutcomeRow, Pays, Record, Recorded, Recovered, SettledBy, State, Stored,
};
use super::schema;
use super::writer::{self, Access, Desk, Job, Reader, Tx};
use jiff::Timestamp;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;
use tokio::sync::{oneshot, watch};
use uuid::Uuid;

const SQLITE_MIN: i32 = 3_051_003;

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    pub clock: fn() -> Timestamp,
    /// Free space below which nothing is written to providers.
    pub free_min_bytes: u64,
    /// `--readonly`: intents are refused here too.
    pub readonly: bool,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { clock: now, free_min_bytes: 16 << 20, readonly: false }
    }
}

#[expect(clippy::disallowed_methods, reason = "leases and audit events need the hour; tests bring their own")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// A handle on the store. Clones share one writing and one reading thread, which end with the last.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

type ReadJob = Box<dyn FnOnce(&Reader, &Place) + Send>;

struct Inner {
    jobs: mpsc::Sender<Job>,
    reads: mpsc::Sender<ReadJob>,
    changes: watch::Receiver<u64>,
    place: Arc<Place>,
    options: StoreOptions,
    checked: watch::Receiver<Checked>,
}

/// What `quick_check` said. It reads the whole file, so it runs beside the first screen; only intents
/// wait for it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Checked {
    NotYet,
    Sound,
    Damaged(String),
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("file", &self.inner.place.file).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store or starts one; blocks. What lies in the directory must be this store's alone.
    pub fn open(path: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        let place = Arc::new(Place::make(path)?);
        // Each thread holds it: a restore waits until the last connection is closed.
        let hold = Arc::new(place.hold()?);
        if place.restoring().exists() {
            return Err(StoreError::HalfRestored { path: place.restoring() });
        }
        let sql = make_ready(&place)?;
        let reader = Arc::new(Reader::default());
        let (watched, changes) = watch::channel(0);
        let desk = Desk::new(Arc::clone(&place), Arc::clone(&reader), sql, options.clock, watched)
            .map_err(|error| StoreError::disk(Doing::Open, error))?;

        let (jobs, asked) = mpsc::channel::<Job>();
        let held = Arc::clone(&hold);
        thread("store-writer", &place, move || {
            desk.run(&asked);
            drop(held);
        })?;
        let (reads, questions) = mpsc::channel::<ReadJob>();
        let (at, held) = (Arc::clone(&place), Arc::clone(&hold));
        thread("store-reader", &place, move || {
            for question in &questions {
                question(&reader, &at);
            }
            drop((reader, held));
        })?;
        let (said, checked) = watch::channel(Checked::NotYet);
        let (at, then) = (Arc::clone(&place), jobs.clone());
        thread("store-check", &place, move || {
            let result = check(&at);
            if result == Checked::Sound {
                // The head may lie behind after a crash. The writer alone moves it.
                drop(then.send(Box::new(Desk::keep_head)));
            }
            said.send_replace(result);
            drop(hold);
        })?;
        Ok(Self { inner: Arc::new(Inner { jobs, reads, changes, place, options, checked }) })
    }

    /// The directory that it lies in.
    pub fn folder(&self) -> &Path {
        &self.inner.place.dir
    }

    /// Whether intents can be recorded now, and if not, why: for the banner. Waits for the file to be
    /// checked, once.
    pub async fn writable(&self) -> Result<(), WhyNot> {
        let inner = &self.inner;
        if inner.options.readonly {
            return Err(WhyNot::Readonly);
        }
        if rusqlite::version_number() < SQLITE_MIN {
            return Err(WhyNot::OldSqlite { version: rusqlite::version() });
        }
        let mut checked = inner.checked.clone();
        let said = checked.wait_for(|said| *said != Checked::NotYet).await;
        match said.map(|said| said.clone()) {
            Ok(Checked::Sound) => {}
            Ok(Checked::Damaged(detail)) => return Err(WhyNot::Damaged { detail }),
            Ok(Checked::NotYet) | Err(_) => {
                return Err(WhyNot::Damaged { detail: "the check did not end".to_owned() });
            }
        }
        inner.place.trusted(inner.options.free_min_bytes)
    }

    /// The first commit: what will be asked, by whom, under which key.
    pub async fn record<T: Record>(&self, item: T) -> Result<Recorded<T>, StoreError> {
        self.writable().await.map_err(StoreError::NotWritable)?;
        let row = item.row();
        self.step(Doing::Record, row.intent, move |tx| outbox::record(tx, &row)).await?;
        Ok(Recorded::new(item))
    }

    /// The second commit: from here on, only asking the provider tells what happened. One caller at most
    /// gets the proof, whatever other consoles do.
    pub async fn start<T: Record>(&self, recorded: Recorded<T>) -> Result<Stored<T>, StoreError> {
        let intent = recorded.row().intent;
        if let Err(why) = self.writable().await {
            self.write(Doing::Settle, move |tx| outbox::void(tx, intent, State::Recorded, "store")).await?;
            return Err(StoreError::NotWritable(why));
        }
        self.step(Doing::Start, intent, move |tx| outbox::start(tx, intent)).await?;
        Ok(recorded.started())
    }

    /// The third commit. The first final outcome stands; the same one again is `Ok`, another is kept beside
    /// it and is [`StoreError::AlreadySettled`].
    ///
    /// A look or a person settles what is `unknown`, nothing else: a send that is under way ends with its
    /// answer, or its owner.
    pub async fn settle(&self, intent: Uuid, outcome: OutcomeRow, by: SettledBy) -> Result<(), StoreError> {
        let stands = self.write(Doing::Settle, move |tx| outbox::settle(tx, intent, &outcome, &by)).await?;
        match stands {
            None => Ok(()),
            Some(stands) => Err(StoreError::AlreadySettled { intent, stands }),
        }
    }

    /// A look at the provider for an open intent, with its audit event.
    pub async fn look(&self, intent: Uuid, look: Look) -> Result<(), StoreError> {
        self.write(Doing::Look, move |tx| outbox::look(tx, intent, &look)).await
    }

    /// The movement's own state, as a read told it. Not part of the outcome.
    pub async fn set_provider_state(&self, intent: Uuid, state: &str) -> Result<(), StoreError> {
        let state = state.to_owned();
        self.write(Doing::Keep, move |tx| outbox::set_provider_state(tx, intent, &state)).await
    }

    /// Newest first.
    pub async fn outbox(&self, limit: usize) -> Result<Vec<OutboxEntry>, StoreError> {
        self.read(move |sql| outbox::newest(sql, limit)).await
    }

    pub async fn entry(&self, intent: Uuid) -> Result<Option<OutboxEntry>, StoreError> {
        self.read(move |sql| outbox::entry(sql, intent)).await
    }

    /// The bytes that were to be sent, and those that came back.
    pub async fn exchange(&self, intent: Uuid) -> Result<Option<Exchange>, StoreError> {
        self.read(move |sql| outbox::exchange(sql, intent)).await
    }

    /// Started or unknown, oldest first: what the reconciler has to ask about.
    pub async fn open_intents(&self) -> Result<Vec<OutboxEntry>, StoreError> {
        self.read(outbox::open).await
    }

    /// The first write that is not settled and pays one of `payments` to the same end.
    pub async fn equal_open(
        &self,
        provider: &'static str,
        currency: String,
        payments: Vec<Pays>,
    ) -> Result<Option<Uuid>, StoreError> {
        self.read(move |sql| outbox::equal_open(sql, provider, Some(&currency), &payments)).await
    }

    /// Payments recorded at or after `since`, newest first, in every state: for the review of duplicates.
    pub async fn payments_since(&self, since: Timestamp) -> Result<Vec<OutboxEntry>, StoreError> {
        self.read(move |sql| outbox::payments_since(sql, since)).await
    }

    /// What a write pays, row by row, in the order in which it was recorded.
    pub async fn pays(&self, intent: Uuid) -> Result<Vec<Pays>, StoreError> {
        self.read(move |sql| outbox::pays(sql, intent)).await
    }

    /// Who recorded the payment or bulk that the provider calls `id`, or that is called `name`: in this store, or
    /// in another profile's beside it.
    pub async fn makers(&self, id: String, name: Option<String>) -> Result<Vec<String>, StoreError> {
        let place = Arc::clone(&self.inner.place);
        self.read(move |sql| {
            let mut makers = outbox::makers(sql, &id, name.as_deref())?;
            for other in place.others() {
                // One that can't be read forbids nothing: it is another profile's to mend.
                let found = writer::connect(&other, Access::Still)
                    .and_then(|sql| outbox::makers(&sql, &id, name.as_deref()));
                makers.extend(found.unwrap_or_else(|error| {
                    tracing::warn!(%error, file = %other.file.display(), "another profile's store can't be read");
                    Vec::new()
                }));
            }
            Ok(makers)
        })
        .await
    }

    /// Closes what a dead owner left: recorded becomes not sent, sending becomes unknown. At start-up, and
    /// now and then, since a lease of another machine's process runs for 60 s.
    pub async fn recover(&self) -> Result<Recovered, StoreError> {
        self.write(Doing::Recover, outbox::recover).await
    }

    /// An event beside those that the outbox writes itself.
    pub async fn audit(&self, event: AuditEvent) -> Result<(), StoreError> {
        self.write(Doing::Audit, move |tx| audit::append(tx, event.into())).await
    }

    /// Events of the audit chain after `seq`, in their order, at most `limit`. Not verified.
    pub async fn chain(&self, after: u64, limit: usize) -> Result<Vec<ChainLine>, StoreError> {
        self.read(move |sql| audit::lines(sql, after, limit)).await
    }

    /// The newest event. `None`: nothing happened yet.
    pub async fn head(&self) -> Result<Option<Head>, StoreError> {
        self.read(audit::last).await
    }

    /// A copy of all of it at `to`, made while consoles write and checked before it has its name. `event` says
    /// in the chain who made it, and is in the copy.
    pub async fn back_up(&self, to: &Path, event: AuditEvent) -> Result<Contents, StoreError> {
        self.audit(event).await?;
        // With the store in hand: it is not closed underneath.
        let (store, to) = (self.clone(), to.to_owned());
        let copied = tokio::task::spawn_blocking(move || backup::copy(&store.inner.place, &to)).await;
        copied.map_err(|_| StoreError::Closed)?
    }

    /// The time that this store knows nothing of, if it was restored.
    pub async fn gap(&self) -> Result<Option<Gap>, StoreError> {
        self.read(restore::gap).await
    }

    /// The provider told how many movements of the gap the outbox does not know.
    /// `spent` is what of them moved money, or will.
    pub async fn gap_asked(
        &self,
        strangers: u64,
        spent: Vec<Stranger>,
        event: AuditEvent,
    ) -> Result<(), StoreError> {
        self.write(Doing::Keep, move |tx| restore::asked(tx, strangers, spent, event.into())).await
    }

    /// How much [`Store::purge`] would take.
    pub async fn purgeable(&self, before: Before) -> Result<Purged, StoreError> {
        self.read(move |sql| purge::count(sql, before)).await
    }

    /// Takes what was kept too long, and overwrites it on the disk. `files` went beside the store.
    pub async fn purge(
        &self,
        before: Before,
        event: AuditEvent,
        files: BTreeMap<&'static str, u64>,
    ) -> Result<Purged, StoreError> {
        let (answer, done) = oneshot::channel();
        self.ask(Box::new(move |desk| {
            drop(answer.send(desk.overwriting(|tx| purge::purge(tx, before, event.into(), files))));
        }))?;
        done.await.map_err(|_| StoreError::Closed)?
    }

    /// When this store was last purged, with or without something to take.
    pub async fn purged_at(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(purge::last).await
    }

    /// `provider` and `kind` are only names here: with several profiles in one store, put the profile in.
    pub async fn put_facts(
        &self,
        provider: &str,
        kind: &str,
        facts: Vec<Fact>,
        how: Put,
    ) -> Result<(), StoreError> {
        let (provider, kind) = (provider.to_owned(), kind.to_owned());
        self.write(Doing::Keep, move |tx| facts::put(tx, &provider, &kind, &facts, how)).await
    }

    /// The newest facts, newest first.
    pub async fn facts(&self, provider: &str, kind: &str, newest: usize) -> Result<Vec<Fact>, StoreError> {
        let (provider, kind) = (provider.to_owned(), kind.to_owned());
        self.read(move |sql| facts::newest(sql, &provider, &kind, newest)).await
    }

    /// When facts of this kind were last put, empty or not.
    pub async fn obtained_at(&self, provider: &str, kind: &str) -> Result<Option<Timestamp>, StoreError> {
        let (provider, kind) = (provider.to_owned(), kind.to_owned());
        self.read(move |sql| facts::obtained_at(sql, &provider, &kind)).await
    }

    /// Last view, drafts, seen marks.
    pub async fn remember(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.write(Doing::Keep, move |tx| facts::remember(tx, &key, &value)).await
    }

    pub async fn recall(&self, key: &str) -> Result<Option<String>, StoreError> {
        let key = key.to_owned();
        self.read(move |sql| facts::recall(sql, &key)).await
    }

    /// Moves within a second after another console on the same store wrote; never by our own writes.
    pub fn changes(&self) -> watch::Receiver<u64> {
        let mut changes = self.inner.changes.clone();
        changes.mark_unchanged();
        // Wakes the thread, so that it begins to watch. If it is gone, nothing will change.
        drop(self.inner.jobs.send(Box::new(|_| {})));
        changes
    }

    /// For tests: the writing connection itself.
    #[cfg(test)]
    pub(super) async fn look_inside<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> T + Send + 'static,
    ) -> T {
        let (answer, done) = oneshot::channel();
        self.ask(Box::new(move |desk| drop(answer.send(look(desk.sql().unwrap()))))).unwrap();
        done.await.unwrap()
    }

    /// For tests: what the thread does by itself every 15 s. Whether something is still held.
    #[cfg(test)]
    pub(super) async fn renew(&self) -> bool {
        self.write(Doing::Keep, outbox::renew_lease).await.unwrap()
    }

    async fn step(
        &self,
        doing: Doing,
        intent: Uuid,
        work: impl FnOnce(&Tx<'_>) -> Result<(), Fault> + Send + 'static,
    ) -> Result<(), StoreError> {
        let (answer, done) = oneshot::channel();
        self.ask(Box::new(move |desk| {
            let result = desk.step(doing, intent, work);
            let worked = result.is_ok();
            // Whoever asked has gone and will never hold the proof.
            if answer.send(result).is_err() && worked {
                desk.void(doing, intent, "cancelled");
            }
        }))?;
        done.await.map_err(|_| StoreError::Closed)?
    }

    async fn write<T: Send + 'static>(
        &self,
        doing: Doing,
        work: impl FnOnce(&Tx<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, done) = oneshot::channel();
        self.ask(Box::new(move |desk| {
            // Nobody waits for it any more: it is on disk all the same.
            drop(answer.send(desk.commit(doing, work)));
        }))?;
        done.await.map_err(|_| StoreError::Closed)?
    }

    fn ask(&self, job: Job) -> Result<(), StoreError> {
        self.inner.jobs.send(job).map_err(|_| StoreError::Closed)
    }

    async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, done) = oneshot::channel();
        let question: ReadJob = Box::new(move |reader, place| drop(answer.send(reader.read(place, look))));
        self.inner.reads.send(question).map_err(|_| StoreError::Closed)?;
        done.await.map_err(|_| StoreError::Closed)?
    }
}

/// Makes the tables, or checks them where nothing can be written.
fn make_ready(place: &Place) -> Result<Connection, StoreError> {
    let failed = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => StoreError::NotAStore { path: place.file.clone() },
        _ => StoreError::disk(Doing::Open, error),
    };
    // Two processes that start at once: turning the WAL on does not wait for the other by itself.
    let one_at_a_time =
        place.lock().map_err(|source| StoreError::Directory { path: place.dir.clone(), source })?;
    let mut sql = writer::connect(place, place.access()).map_err(failed)?;
    let checked = if place.read_only {
        schema::check(&sql, &place.file).map(drop)
    } else {
        schema::migrate(&mut sql, &place.file)
    };
    checked.map_err(|fault| match fault {
        Fault::Sql(error) => failed(error),
        Fault::Refused(error) => error,
    })?;
    drop(one_at_a_time);
    Ok(sql)
}

/// Reads every page of the file, on a connection of its own.
fn check(place: &Place) -> Checked {
    let access = if place.read_only { Access::Still } else { Access::Read };
    let said = writer::connect(place, access)
        .and_then(|sql| sql.pragma_query_value(None, "quick_check", |row| row.get::<_, String>(0)));
    match said {
        Ok(said) if said == "ok" => Checked::Sound,
        Ok(said) => Checked::Damaged(said),
        // Too damaged to be checked: what can be read is still shown.
        Err(error) => Checked::Damaged(error.to_string()),
    }
}

fn thread(name: &str, place: &Place, work: impl FnOnce() + Send + 'static) -> Result<(), StoreError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map(drop)
        .map_err(|source| StoreError::File { path: place.file.clone(), source })
}
