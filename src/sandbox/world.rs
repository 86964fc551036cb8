//! The one state behind both servers, under one lock: ledger, clock, ids, what each provider keeps,
//! the requests seen, the faults set, and what is due later.
//!
//! Whoever takes the lock first runs everything that is due, in the order of its time, so that no
//! answer is older than the clock. What happens is a function of the seed and of the calls made.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::domain::money::Currency;

use super::clock::{Clock, Moment};
use super::cobre::{self, Cobre, CobreEvent};
use super::cobru::{self, Cobru, CobruEvent};
use super::deliveries::Deliveries;
use super::faults::Faults;
use super::ids::Ids;
use super::journal::Journal;
use super::ledger::{AccountIx, Cause, Ledger, LedgerError};
use super::requests::Requests;
use super::settings::Settings;
use super::{Options, Ready};

/// Something that a provider does by itself when its time comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Cobre(CobreEvent),
    Cobru(CobruEvent),
    /// The message of this number is sent, or sent again.
    Deliver(u64),
}

/// Everything. Fields are open to the rooms of the sandbox; the lock is the only way in.
#[derive(Debug)]
pub struct World {
    /// The time of what is happening: of the request that is answered, or of the event that is due.
    pub now: Moment,
    /// When this world began; the seed's days are counted back from here.
    pub start: Moment,
    pub clock: Clock,
    pub ids: Ids,
    /// Every choice that isn't the caller's. Seeded; one stream for all.
    pub rng: fastrand::Rng,
    pub ledger: Ledger,
    pub settings: Settings,
    pub options: Options,
    pub cobre: Cobre,
    pub cobru: Cobru,
    pub faults: Faults,
    pub requests: Requests,
    pub deliveries: Deliveries,
    /// Counts what may have changed: every write, every event. What was worked out for one version
    /// holds for as long as that is the version.
    pub version: u64,
    /// Where calls are kept over restarts.
    pub journal: Option<Journal>,
    /// Old calls are done again: nothing is sent, nothing is refused for coming too fast.
    pub replaying: bool,
    /// The seed's own entries are made.
    pub seeding: bool,
    /// Where it listens; known once it does.
    pub ready: Option<Ready>,
    due: BTreeMap<(Moment, u64), Event>,
    scheduled: u64,
    wake: Arc<Notify>,
}

impl World {
    /// A seeded world whose clock shows `start` now.
    pub fn new(options: &Options, start: Moment, wake: Arc<Notify>) -> Self {
        let payer_after_s = options.payer.after_s();
        let mut world = Self {
            now: start,
            start,
            clock: Clock::new(start, options.rate),
            ids: Ids::new(options.seed),
            rng: fastrand::Rng::with_seed(options.seed),
            ledger: Ledger::default(),
            settings: Settings { payer_after_s, ..Settings::default() },
            options: options.clone(),
            cobre: Cobre::default(),
            cobru: Cobru::default(),
            faults: Faults::new(options.seed),
            requests: Requests::default(),
            deliveries: Deliveries::default(),
            version: 0,
            journal: None,
            replaying: false,
            seeding: true,
            ready: None,
            due: BTreeMap::new(),
            scheduled: 0,
            wake,
        };
        cobre::seed(&mut world);
        cobru::seed(&mut world);
        world.seeding = false;
        world
    }

    /// The seed's world again, from the time it is now.
    pub fn reset(&mut self) {
        let (options, start, wake) = (self.options.clone(), self.clock.now(), Arc::clone(&self.wake));
        let (deliveries, ready) = (self.deliveries.emptied(), self.ready.take());
        let version = self.version.wrapping_add(1);
        let mut journal = self.journal.take();
        if let Some(journal) = &mut journal {
            journal.restart(&options, start);
        }
        *self = Self { deliveries, version, journal, ready, ..Self::new(&options, start, wake) };
        self.wake.notify_one();
    }

    /// Has `event` happen `after_ms` from now (0: as soon as this request is answered).
    pub fn schedule(&mut self, after_ms: i64, event: Event) {
        self.schedule_at(self.now.plus_millis(after_ms), event);
    }

    pub fn schedule_at(&mut self, at: Moment, event: Event) {
        self.scheduled = self.scheduled.saturating_add(1);
        self.due.insert((at, self.scheduled), event);
        self.wake.notify_one();
    }

    /// Makes a posting at the present, for what `cause` names (the id of a cobru, a withdrawal, …).
    pub fn post(&mut self, cause: &str, lines: &[(AccountIx, i64)]) -> Result<u64, LedgerError> {
        let cause = self.ledger.cause(cause);
        self.ledger.post(self.now, cause, lines)
    }

    /// An account of the outside world, such as `bank:1007`.
    pub fn outside(&mut self, name: &str, currency: Currency) -> AccountIx {
        self.ledger.outside(name, currency)
    }

    /// What a posting was made for, as `cause` of the ledger's answer.
    pub fn cause_text(&self, cause: Cause) -> String {
        match cause {
            Cause::Movement(row) => cobre::movement_id(self, row),
            Cause::Transaction(row) => cobre::transaction_id(self, row),
            Cause::Text(text) => self.ledger.cause_text(text).to_owned(),
        }
    }

    /// Runs everything due, each at its own time, and sets the present to what the clock shows.
    pub fn run_due(&mut self) {
        let until = self.clock.now();
        while let Some(entry) = self.due.first_entry().filter(|entry| entry.key().0 <= until) {
            let ((at, _), event) = entry.remove_entry();
            self.now = self.now.max(at);
            self.version = self.version.wrapping_add(1);
            match event {
                Event::Cobre(event) => cobre::due(self, &event),
                Event::Cobru(event) => cobru::due(self, &event),
                Event::Deliver(seq) => self.deliver_now(seq),
            }
        }
        self.now = self.now.max(until);
    }

    /// How long on the wall until something is due; `None`: nothing, or the clock stands still.
    fn wait(&self) -> Option<Duration> {
        let ((at, _), _) = self.due.first_key_value()?;
        self.clock.wait_until(*at)
    }
}

/// The world as the servers hold it.
#[derive(Debug, Clone)]
pub struct Shared {
    world: Arc<Mutex<World>>,
    wake: Arc<Notify>,
}

impl Shared {
    pub fn new(options: &Options, start: Moment) -> Self {
        let wake = Arc::new(Notify::new());
        let world = World::new(options, start, Arc::clone(&wake));
        Self { world: Arc::new(Mutex::new(world)), wake }
    }

    /// The world before anything due has happened: for what has to be set first.
    pub fn lock_as_it_is(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world, after everything due has happened. Hold it shortly, never over an `await`.
    pub fn lock(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.run_due();
        world
    }

    /// Lets things happen when nobody asks: sleeps until the next is due, or something is scheduled.
    pub async fn tick(&self) {
        loop {
            let wait = self.lock().wait();
            let scheduled = self.wake.notified();
            match wait {
                // A short pause bounds the work where a fast clock always has something due.
                Some(wait) => {
                    tokio::select! {
                        () = tokio::time::sleep(wait.max(Duration::from_millis(1))) => {}
                        () = scheduled => {}
                    }
                }
                None => scheduled.await,
            }
        }
    }

    /// The clock was moved: what the background waits for has changed.
    pub fn clock_changed(&self) {
        self.wake.notify_one();
    }
}
