//! What the desk knows: the last rows of each resource at each provider, how old they are, and why
//! there are none newer. Old figures stay in every state that has them.

use crate::domain::ProviderName;
use crate::domain::account::Account;
use crate::domain::approval::Approval;
use crate::domain::cobru::Cobru;
use crate::domain::counterparty::Counterparty;
use crate::domain::id::TransactionId;
use crate::domain::key::BrebKey;
use crate::domain::schedule::Schedule;
use crate::domain::transaction::Transaction;
use crate::providers::{Capabilities, Failure};
use crate::store::OutboxEntry;
use crate::sync::news::{Batch, News, Resource};
use crate::sync::refunds::Refunds;
use jiff::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

/// Balances older than this are said to be stale; lists get longer (UX §4).
const BALANCES_STALE_S: i64 = 60;
const LISTS_STALE_S: i64 = 5 * 60;

/// One reading of a whole list.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading<T> {
    pub rows: Arc<[T]>,
    pub at: Timestamp,
    /// From the last run's store: nothing newer has come since the start.
    pub stored: bool,
    /// `false`: pages are missing, so sums and counts are only "at least".
    pub whole: bool,
    /// Rows that came and could not be read.
    pub unreadable: usize,
}

impl<T> Reading<T> {
    fn is_said_again_by(&self, next: &Self, same: fn(&T, &T) -> bool) -> bool {
        let all = || self.rows.iter().zip(next.rows.iter()).all(|(held, next)| same(held, next));
        (self.stored, self.whole, self.unreadable) == (next.stored, next.whole, next.unreadable)
            && self.rows.len() == next.rows.len()
            && (Arc::ptr_eq(&self.rows, &next.rows) || all())
    }
}

/// What is known of one resource at one provider.
#[derive(Debug, Clone, PartialEq)]
pub enum Figures<T> {
    Loading {
        since: Timestamp,
    },
    Current(Reading<T>),
    /// The last try failed; `last` is drawn with its age, `retry_at` beside it. Polling goes on.
    Failing {
        last: Option<Reading<T>>,
        why: Failure,
        since: Timestamp,
        retry_at: Timestamp,
    },
}

impl<T> Figures<T> {
    pub const fn reading(&self) -> Option<&Reading<T>> {
        match self {
            Self::Loading { .. } => None,
            Self::Current(reading) => Some(reading),
            Self::Failing { last, .. } => last.as_ref(),
        }
    }

    /// Returns whether it says again what is known.
    fn arrived(&mut self, reading: Reading<T>, same: fn(&T, &T) -> bool) -> bool {
        // Stored rows come at the start and may be overtaken by fresh ones.
        let overtaken = reading.stored && self.reading().is_some_and(|held| !held.stored);
        if overtaken {
            return false;
        }
        let again = matches!(self, Self::Current(held) if held.is_said_again_by(&reading, same));
        match self {
            Self::Failing { last, .. } if reading.stored => *last = Some(reading),
            Self::Loading { .. } | Self::Current(_) | Self::Failing { .. } => *self = Self::Current(reading),
        }
        again
    }

    fn failed(&mut self, failure: Failure, at: Timestamp, again: Timestamp) {
        let (last, since) = match std::mem::replace(self, Self::Loading { since: at }) {
            Self::Loading { .. } => (None, at),
            Self::Current(reading) => (Some(reading), at),
            Self::Failing { last, since, .. } => (last, since),
        };
        *self = Self::Failing { last, why: failure, since, retry_at: again };
    }
}

/// One resource at every provider that has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sources<T> {
    resource: Resource,
    sources: Vec<(ProviderName, Figures<T>)>,
}

impl<T> Sources<T> {
    fn new(resource: Resource, providers: &[(ProviderName, Capabilities)], now: Timestamp) -> Self {
        let has = |can: &Capabilities| match resource {
            Resource::Accounts | Resource::Transactions => true,
            // Who keeps counterparties keeps their keys and schedules too.
            Resource::Counterparties | Resource::Keys | Resource::Schedules => can.counterparties,
            Resource::Approvals => can.approvals,
            Resource::Cobrus => can.cobrus,
        };
        let of = |(name, _): &(ProviderName, Capabilities)| (*name, Figures::Loading { since: now });
        Self { resource, sources: providers.iter().filter(|(_, can)| has(can)).map(of).collect() }
    }

    /// Every row, provider by provider, in their order.
    pub fn rows(&self) -> impl Iterator<Item = &T> {
        self.readings().flat_map(|(_, reading)| reading.rows.iter())
    }

    pub fn readings(&self) -> impl Iterator<Item = (ProviderName, &Reading<T>)> {
        self.sources.iter().filter_map(|(name, figures)| Some((*name, figures.reading()?)))
    }

    pub fn of(&self, provider: ProviderName) -> Option<&Figures<T>> {
        self.sources.iter().find(|(name, _)| *name == provider).map(|(_, figures)| figures)
    }

    /// Whether every page of every provider has come.
    pub fn whole(&self) -> bool {
        self.readings().all(|(_, reading)| reading.whole && reading.unreadable == 0)
            && self.readings().count() == self.sources.len()
    }

    pub fn unreadable(&self) -> usize {
        self.readings().map(|(_, reading)| reading.unreadable).sum()
    }

    /// The oldest reading on the screen: its time is what the title's age counts from.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.readings().map(|(_, reading)| reading.at).min()
    }

    /// Until when the rows go, where pages of them are missing, and how many could not be read.
    fn gaps(&self) -> (Option<Timestamp>, usize) {
        let cut = self.readings().any(|(_, reading)| !reading.whole);
        (cut.then(|| self.oldest()).flatten(), self.unreadable())
    }

    /// How the pane stands: the worst of its providers.
    pub fn standing(&self, now: Timestamp) -> Standing<'_> {
        let failing = self.sources.iter().find_map(|(provider, figures)| match figures {
            Figures::Failing { last, why, since, retry_at } if *why != Failure::Unsupported => {
                Some(Standing::Failing {
                    provider: *provider,
                    why,
                    since: *since,
                    retry_at: *retry_at,
                    kept: last.is_some(),
                })
            }
            Figures::Failing { .. } | Figures::Loading { .. } | Figures::Current(_) => None,
        });
        if let Some(failing) = failing {
            return failing;
        }
        let loaded = self.readings().count();
        if loaded < self.sources.len() {
            return Standing::Loading { done: loaded, of: self.sources.len() };
        }
        let limit_s = match self.resource {
            Resource::Accounts => BALANCES_STALE_S,
            Resource::Transactions
            | Resource::Counterparties
            | Resource::Approvals
            | Resource::Cobrus
            | Resource::Keys
            | Resource::Schedules => LISTS_STALE_S,
        };
        match self.oldest() {
            Some(at) if seconds_since(at, now) > limit_s => Standing::Stale { at },
            Some(at) => Standing::Fresh { at },
            None => Standing::Nowhere,
        }
    }

    fn arrived(&mut self, provider: ProviderName, reading: Reading<T>, same: fn(&T, &T) -> bool) -> bool {
        if let Some((_, figures)) = self.sources.iter_mut().find(|(name, _)| *name == provider) {
            return figures.arrived(reading, same);
        }
        self.sources.push((provider, Figures::Current(reading)));
        false
    }

    fn failed(&mut self, provider: ProviderName, why: &Failure, at: Timestamp, retry_at: Timestamp) {
        if let Some((_, figures)) = self.sources.iter_mut().find(|(name, _)| *name == provider) {
            figures.failed(why.clone(), at, retry_at);
        }
    }
}

/// How a list stands, for its title and the status line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// `done` of `of` providers have answered; what came is shown.
    Loading {
        done: usize,
        of: usize,
    },
    Fresh {
        at: Timestamp,
    },
    Stale {
        at: Timestamp,
    },
    /// `kept`: older rows of that provider are on the screen.
    Failing {
        provider: ProviderName,
        why: &'a Failure,
        since: Timestamp,
        retry_at: Timestamp,
        kept: bool,
    },
    /// No provider of this profile has such a thing.
    Nowhere,
    /// The desk's own rows: there is nothing to be read.
    Own,
}

/// How one provider does, over all that is asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health<'a> {
    Waiting,
    Ok { at: Timestamp },
    Failing { why: &'a Failure, since: Timestamp },
}

/// All that the background has told.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    pub providers: Vec<(ProviderName, Capabilities)>,
    /// Since when it is asked for.
    pub since: Timestamp,
    pub accounts: Sources<Account>,
    pub transactions: Sources<Transaction>,
    pub counterparties: Sources<Counterparty>,
    pub approvals: Sources<Approval>,
    pub cobrus: Sources<Cobru>,
    pub keys: Sources<BrebKey>,
    pub schedules: Sources<Schedule>,
    /// Newest first. `None` until the store has been read.
    pub outbox: Option<Arc<[OutboxEntry]>>,
    /// Writes whose answer is here and not yet on the disk.
    pub unstored: Vec<Uuid>,
    /// Credits of which more was given back than was meant.
    pub refunded_twice: Vec<(TransactionId, Refunds)>,
}

impl Facts {
    pub fn new(providers: Vec<(ProviderName, Capabilities)>, now: Timestamp) -> Self {
        Self {
            accounts: Sources::new(Resource::Accounts, &providers, now),
            transactions: Sources::new(Resource::Transactions, &providers, now),
            counterparties: Sources::new(Resource::Counterparties, &providers, now),
            approvals: Sources::new(Resource::Approvals, &providers, now),
            cobrus: Sources::new(Resource::Cobrus, &providers, now),
            keys: Sources::new(Resource::Keys, &providers, now),
            schedules: Sources::new(Resource::Schedules, &providers, now),
            outbox: None,
            unstored: Vec::new(),
            refunded_twice: Vec::new(),
            since: now,
            providers,
        }
    }

    /// Takes in what was told; says nothing of what to do about it. Returns whether it only says again what
    /// is known: rows that are as they were, a moment later.
    pub fn told(&mut self, news: &News) -> bool {
        match news {
            News::Rows { provider, at, stored, whole, unreadable, batch } => {
                let (provider, at, stored, whole, unreadable) =
                    (*provider, *at, *stored, *whole, *unreadable);
                macro_rules! arrive {
                    ($sources:ident, $rows:ident, $same:expr) => {{
                        let rows = Arc::clone($rows);
                        let reading = Reading { rows, at, stored, whole, unreadable };
                        self.$sources.arrived(provider, reading, $same)
                    }};
                }
                return match batch {
                    Batch::Accounts(rows) => arrive!(accounts, rows, Account::is_as),
                    Batch::Transactions(rows) => arrive!(transactions, rows, PartialEq::eq),
                    Batch::Counterparties(rows) => arrive!(counterparties, rows, PartialEq::eq),
                    Batch::Approvals(rows) => arrive!(approvals, rows, PartialEq::eq),
                    Batch::Cobrus(rows) => arrive!(cobrus, rows, PartialEq::eq),
                    Batch::Keys(rows) => arrive!(keys, rows, PartialEq::eq),
                    Batch::Schedules(rows) => arrive!(schedules, rows, PartialEq::eq),
                };
            }
            News::Failed { provider, resource, why, at, retry_at } => match resource {
                Resource::Accounts => self.accounts.failed(*provider, why, *at, *retry_at),
                Resource::Transactions => self.transactions.failed(*provider, why, *at, *retry_at),
                Resource::Counterparties => self.counterparties.failed(*provider, why, *at, *retry_at),
                Resource::Approvals => self.approvals.failed(*provider, why, *at, *retry_at),
                Resource::Cobrus => self.cobrus.failed(*provider, why, *at, *retry_at),
                Resource::Keys => self.keys.failed(*provider, why, *at, *retry_at),
                Resource::Schedules => self.schedules.failed(*provider, why, *at, *retry_at),
            },
            News::Outbox(entries) => {
                let open =
                    |id: &Uuid| entries.iter().any(|entry| entry.intent == *id && !entry.state.is_final());
                self.unstored.retain(open);
                self.outbox = Some(Arc::clone(entries));
            }
            News::ReceiptNotStored { intent } if !self.unstored.contains(intent) => {
                self.unstored.push(*intent);
            }
            News::Refunds { credit, found: Ok(found) } => {
                self.refunded_twice.retain(|(id, _)| id != credit);
                if !found.too_many().is_empty() {
                    self.refunded_twice.push((credit.clone(), found.clone()));
                }
            }
            News::BulkRows { .. }
            | News::Reviewed(_)
            | News::BulkReviewed { .. }
            | News::BulkChanged { .. }
            | News::FileProgress { .. }
            | News::FileRead(_)
            | News::FileKept(_)
            | News::OwnBulks(_)
            | News::Written { .. }
            | News::Refused { .. }
            | News::ReceiptNotStored { .. }
            | News::ChangedMeanwhile { .. }
            | News::Odd { .. }
            | News::Closed { .. }
            | News::Proof(_)
            | News::Breb(_)
            | News::Refunds { .. }
            | News::Movement(_)
            | News::Verified { .. }
            | News::Watched(_)
            | News::Exported { .. }
            | News::Raw { .. } => {}
        }
        false
    }

    /// The newest answer of a provider, or what it fails with. A resource that its credential may not
    /// read says nothing of its health.
    pub fn health(&self, provider: ProviderName) -> Health<'_> {
        let mut newest: Option<Timestamp> = None;
        let mut failing: Option<(&Failure, Timestamp)> = None;
        macro_rules! look {
            ($($sources:ident),*) => {$(
                match self.$sources.of(provider) {
                    Some(
                        Figures::Failing { why: Failure::Unsupported | Failure::Forbidden { .. }, .. }
                        | Figures::Loading { .. },
                    )
                    | None => {}
                    Some(Figures::Failing { why, since, .. }) => failing = failing.or(Some((why, *since))),
                    Some(Figures::Current(reading)) if reading.stored => {}
                    Some(Figures::Current(reading)) => newest = newest.max(Some(reading.at)),
                }
            )*};
        }
        look!(accounts, transactions, counterparties, approvals, cobrus, keys, schedules);
        match (failing, newest) {
            (Some((why, since)), _) => Health::Failing { why, since },
            (None, Some(at)) => Health::Ok { at },
            (None, None) => Health::Waiting,
        }
    }

    /// The next try of a read that failed, the soonest.
    pub fn next_try(&self) -> Option<Timestamp> {
        let mut soonest: Option<Timestamp> = None;
        macro_rules! look {
            ($($sources:ident),*) => {$(
                for (_, figures) in &self.$sources.sources {
                    if let Figures::Failing { retry_at, .. } = figures {
                        soonest = Some(soonest.map_or(*retry_at, |before| before.min(*retry_at)));
                    }
                }
            )*};
        }
        look!(accounts, transactions, counterparties, approvals, cobrus, keys, schedules);
        soonest
    }

    /// How the rows of one resource stand.
    pub fn standing(&self, resource: Resource, now: Timestamp) -> Standing<'_> {
        match resource {
            Resource::Accounts => self.accounts.standing(now),
            Resource::Transactions => self.transactions.standing(now),
            Resource::Counterparties => self.counterparties.standing(now),
            Resource::Approvals => self.approvals.standing(now),
            Resource::Cobrus => self.cobrus.standing(now),
            Resource::Keys => self.keys.standing(now),
            Resource::Schedules => self.schedules.standing(now),
        }
    }

    /// Until when the rows of a resource go, where pages of them are missing, and how many could not be read.
    pub fn gaps(&self, resource: Resource) -> (Option<Timestamp>, usize) {
        match resource {
            Resource::Accounts => self.accounts.gaps(),
            Resource::Transactions => self.transactions.gaps(),
            Resource::Counterparties => self.counterparties.gaps(),
            Resource::Approvals => self.approvals.gaps(),
            Resource::Cobrus => self.cobrus.gaps(),
            Resource::Keys => self.keys.gaps(),
            Resource::Schedules => self.schedules.gaps(),
        }
    }

    /// Since when no provider can be reached, if none can.
    pub fn offline_since(&self) -> Option<Timestamp> {
        let since = self.providers.iter().map(|(name, _)| match self.health(*name) {
            Health::Failing { why: Failure::Offline { .. }, since } => Some(since),
            Health::Failing { .. } | Health::Ok { .. } | Health::Waiting => None,
        });
        let since: Option<Vec<Timestamp>> = since.collect();
        since.and_then(|since| since.into_iter().min())
    }
}

/// Whole seconds from `at` to `now`; never negative.
pub fn seconds_since(at: Timestamp, now: Timestamp) -> i64 {
    now.as_second().saturating_sub(at.as_second()).max(0)
}
