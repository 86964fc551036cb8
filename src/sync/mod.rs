//! What to poll and how often; the outbox: record, send, settle, one way for console and commands.
//!
//! Start at [`Desk`] (what the work needs) and [`Background`] (who does it while the console draws).

pub mod again;
pub mod background;
pub mod bulks;
pub mod export;
mod gap;
pub mod guard;
pub mod house;
pub mod news;
pub mod outbox;
pub mod poll;
pub mod raw;
pub mod refunds;
pub mod review;
pub mod settle;

pub use background::Background;

use crate::config::Pace;
use crate::payments::Actor;
use crate::payments::review::Terms;
use crate::providers::{cobre, cobru};
use crate::store::{AuditEvent, Kind, Store};
use guard::Guard;
use house::House;
use jiff::Timestamp;
use news::News;
use settle::Hurry;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;
use tokio::time::Instant;

/// One person at one profile: the store, the providers, and where news go.
#[derive(Clone)]
pub struct Desk {
    pub store: Store,
    pub cobre: Option<Arc<cobre::Cobre>>,
    pub cobru: Option<Arc<cobru::Cobru>>,
    pub actor: Actor,
    pub pace: Pace,
    pub hurry: Hurry,
    /// What the profile holds for usual, for reviews.
    pub terms: Terms,
    pub guard: Guard,
    /// What goes after how long. `None`: nothing goes by itself.
    pub house: Option<House>,
    clock: fn() -> Timestamp,
    news: Option<UnboundedSender<News>>,
    /// What polls share their beat from.
    opened: Instant,
    /// Nobody looks at the screen: reads come further apart.
    away: Arc<AtomicBool>,
    /// Counts changes of the outbox: who waits for one misses none that came while it was busy.
    changed: watch::Sender<u64>,
}

/// How many lines of the outbox are told to the console. Older ones are read on demand.
const OUTBOX_SHOWN: usize = 500;

impl Desk {
    /// A desk of nobody yet: add providers, then `news`.
    pub fn new(store: Store, actor: Actor, clock: fn() -> Timestamp) -> Self {
        Self {
            store,
            cobre: None,
            cobru: None,
            actor,
            pace: Pace::default(),
            hurry: Hurry::NONE,
            terms: Terms::default(),
            guard: Guard::default(),
            house: None,
            clock,
            news: None,
            opened: Instant::now(),
            away: Arc::new(AtomicBool::new(false)),
            changed: watch::Sender::new(0),
        }
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub(crate) fn telling(mut self, news: UnboundedSender<News>) -> Self {
        self.news = Some(news);
        self
    }

    /// Tells the console. Without one (a command), nobody listens, and a console that has closed no
    /// longer does.
    fn say(&self, news: News) {
        if let Some(listener) = &self.news
            && listener.send(news).is_err()
        {
            tracing::debug!("the console has closed");
        }
    }

    /// Tells the console the outbox as it is now, and wakes the reconciler.
    async fn tell_outbox(&self) {
        match self.store.outbox(OUTBOX_SHOWN).await {
            Ok(mut entries) => {
                bulks::add_notes(self, &mut entries).await;
                self.say(News::Outbox(entries.into()));
            }
            Err(error) => tracing::error!(%error, "the outbox can't be read"),
        }
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Moves whenever the outbox may have changed.
    fn outbox_changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Writes an event of this desk into the chain. A failure is logged: the event changes no money.
    pub async fn audit(&self, kind: Kind, data: &[(&'static str, &str)]) {
        if let Err(error) = self.store.audit(self.event(kind, data)).await {
            tracing::error!(%error, ?kind, "an audit event is not on disk");
        }
    }

    /// An event of whoever sits here.
    pub fn event(&self, kind: Kind, data: &[(&'static str, &str)]) -> AuditEvent {
        AuditEvent {
            kind,
            actor: self.actor.person.clone(),
            role: self.actor.role.code().to_owned(),
            profile: self.actor.profile.clone(),
            intent: None,
            data: data.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        }
    }
}
