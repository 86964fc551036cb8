//! What the desk asks of a payment provider, and the two clients that ask it.
//!
//! Shared by both: `http` (two clients, limits, retries of reads), `token` (one refresh at a time, early),
//! `door` (a read with a token, a write once) and `json` (bounded, numbers as their text). Each client
//! has `auth` (signing in), `client` (an endpoint is a method), `wire` (JSON as it really is: read
//! tolerantly, written strictly), `convert` (wire ⇄ domain; text is sanitised there) and `find` (what an
//! unknown write may have done); Cobru's errors and payment orders have a file each.
//!
//! Only an intent that was recorded and whose start is on disk can be sent, and only once:
//! [`Provider::send`] takes `Stored<Intent>` by value.
//!
//! ```
//! # use cuadre::{payments::Intent, providers::{Answered, Provider}, store::Store};
//! async fn pay(provider: impl Provider, store: Store, intent: Intent) -> Answered {
//!     let recorded = store.record(intent).await.expect("recorded");
//!     let stored = store.start(recorded).await.expect("started");
//!     provider.send(stored).await
//! }
//! ```
//!
//! Not recorded, it does not compile:
//!
//! ```compile_fail,E0308
//! # use cuadre::{payments::Intent, providers::{Answered, Provider}, store::Store};
//! async fn pay(provider: impl Provider, store: Store, intent: Intent) -> Answered {
//!     provider.send(intent).await
//! }
//! ```
//!
//! Nor recorded and not started:
//!
//! ```compile_fail,E0308
//! # use cuadre::{payments::Intent, providers::{Answered, Provider}, store::Store};
//! async fn pay(provider: impl Provider, store: Store, intent: Intent) -> Answered {
//!     let recorded = store.record(intent).await.expect("recorded");
//!     provider.send(recorded).await
//! }
//! ```
//!
//! Nor twice, and what was sent has no way back:
//!
//! ```compile_fail,E0382
//! # use cuadre::{payments::Intent, providers::{Answered, Provider}, store::Store};
//! async fn pay(provider: impl Provider, store: Store, intent: Intent) -> Answered {
//!     let recorded = store.record(intent).await.expect("recorded");
//!     let stored = store.start(recorded).await.expect("started");
//!     provider.send(stored).await;
//!     provider.send(stored).await
//! }
//! ```
//!
//! ```compile_fail,E0308
//! # use cuadre::{payments::Intent, providers::{Answered, Provider}, store::Store};
//! async fn pay(provider: impl Provider, store: Store, intent: Intent) -> Answered {
//!     let recorded = store.record(intent).await.expect("recorded");
//!     let stored = store.start(recorded).await.expect("started");
//!     let answered = provider.send(stored).await;
//!     provider.send(answered.spent).await
//! }
//! ```

pub mod cobre;
pub mod cobru;
mod door;
pub mod http;
mod json;
mod token;

use crate::domain::ProviderName;
use crate::domain::account::Account;
use crate::domain::approval::Approval;
use crate::domain::cobru::{BrebOrder, Cobru};
use crate::domain::counterparty::Counterparty;
use crate::domain::id::{BulkId, CobruId, ExternalId, MovementId, VerificationId};
use crate::domain::key::BrebKey;
use crate::domain::money::Money;
use crate::domain::movement::Movement;
use crate::domain::schedule::Schedule;
use crate::domain::transaction::Transaction;
use crate::domain::verification::Verification;
use crate::payments::outcome::Answer;
use crate::payments::{Intent, Wire};
use crate::sanitize::Clean;
use crate::store::{Fact, OutboxEntry, Stored};
use jiff::Timestamp;
use std::future::Future;

/// Why a read brought nothing. Shown with its age; old figures stay on the screen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// DNS, refused, unreachable, TLS, timeout, cut.
    #[error("{host} can't be reached: {why}")]
    Offline { host: String, why: String },
    /// The credentials were refused: nothing is tried again until a person acts.
    #[error("{provider} refused the credentials ({code})")]
    Credentials { provider: ProviderName, code: Clean },
    /// The credential's role has no right to this.
    #[error("the credential may not read this ({code})")]
    Forbidden { code: Clean },
    #[error("asked to wait {seconds} s")]
    RateLimited { seconds: u64 },
    #[error("not found")]
    NotFound,
    /// The provider's own error, or a status without one.
    #[error("status {status} {code} {text}")]
    Refused { status: u16, code: Clean, text: Clean, correlation: Clean },
    /// A body that could not be read: too large, too deep, not JSON, a list that changed under us.
    #[error("unreadable answer: {why}")]
    Unreadable { why: String },
    /// The provider has no such thing.
    #[error("not offered by this provider")]
    Unsupported,
}

impl Failure {
    /// As a look keeps it: our code, and after it the provider's own words where it said any.
    pub fn noted(&self) -> String {
        let (code, said) = match self {
            Self::Offline { .. } => ("offline", String::new()),
            Self::Credentials { code, .. } => ("credentials", code.to_string()),
            Self::Forbidden { code } => ("forbidden", code.to_string()),
            Self::RateLimited { seconds } => ("rate_limited", format!("{seconds} s")),
            Self::NotFound => ("refused", "404".to_owned()),
            Self::Refused { status, code, text, .. } => ("refused", format!("{status} {code} {text}")),
            Self::Unreadable { .. } => ("unreadable", String::new()),
            Self::Unsupported => ("refused", String::new()),
        };
        format!("{code}: {said}")
    }
}

/// Rows as the desk speaks of them, beside the JSON as it was received.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows<T> {
    pub rows: Vec<T>,
    pub facts: Vec<Fact>,
    /// Rows that could not be read, kept raw and counted: never shown as zero.
    pub unreadable: usize,
    /// Whether every page was read. A cut list only says `≥`.
    pub whole: bool,
}

/// What was read of one write, and the bytes to keep beside it.
#[derive(Debug)]
pub struct Answered {
    pub answer: Answer,
    /// Whether the provider keeps our idempotency key for this write.
    pub honours_key: bool,
    pub status: Option<u16>,
    /// Masked.
    pub headers: String,
    /// As received, up to the limit.
    pub body: Vec<u8>,
    /// What the answer brought beyond the receipt.
    pub extra: Option<Extra>,
    /// The intent, spent: it can be judged and settled, not sent.
    pub spent: Spent,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extra {
    Breb(BrebOrder),
}

/// An intent that has been sent. There is no way back to `Stored`.
#[derive(Debug)]
pub struct Spent(Stored<Intent>);

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), facts: Vec::new(), unreadable: 0, whole: true }
    }
}

impl Spent {
    pub(in crate::providers) const fn new(stored: Stored<Intent>) -> Self {
        Self(stored)
    }

    pub fn intent(&self) -> &Intent {
        &self.0
    }
}

/// What a client read of a write, before the intent is spent.
struct Sending {
    answer: Answer,
    written: Option<http::Written>,
    extra: Option<Extra>,
}

impl Sending {
    /// No status came.
    const fn of(answer: Answer) -> Self {
        Self { answer, written: None, extra: None }
    }

    const fn answered(answer: Answer, written: http::Written) -> Self {
        Self { answer, written: Some(written), extra: None }
    }

    fn spend(self, intent: Stored<Intent>, honours_key: bool) -> Answered {
        let Self { answer, written, extra } = self;
        let (status, headers, body) = match written {
            Some(written) => (Some(written.status), written.headers, written.body),
            None => (None, String::new(), Vec::new()),
        };
        Answered { answer, honours_key, status, headers, body, extra, spent: Spent::new(intent) }
    }
}

/// Which movements are like one that is reviewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Like<'a> {
    /// To this counterparty, whenever.
    To(&'a str),
    /// Of this amount, to anyone, since then.
    Amount(Money, Timestamp),
    Since(Timestamp),
}

/// What a look for an unknown write found. A look counts only if it was whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub whole: bool,
    /// When it was: the earlier of our clock and the provider's `Date`, so that neither clock being
    /// ahead makes absence look older than it is.
    pub at: Timestamp,
    pub matches: Vec<Match>,
    /// Said in the outbox when it is not simply found or absent: a code of `look.` in the word files, the
    /// provider's own words behind a colon.
    pub note: String,
}

/// One thing at the provider that may be what we sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    pub provider_id: Clean,
    pub state: Clean,
    /// Whether it is what was asked, field by field. `false` is a conflict for a person.
    pub same: bool,
    /// Decided by someone else (decisions only).
    pub by_another: bool,
}

/// What a provider offers: a pane asks this, never "is this Cobre?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a pane of its own")]
pub struct Capabilities {
    pub movements: bool,
    pub approvals: bool,
    pub counterparties: bool,
    pub cobrus: bool,
}

pub trait Provider: Wire + Send + Sync + 'static {
    fn name(&self) -> ProviderName {
        self.provider()
    }
    fn capabilities(&self) -> Capabilities;

    /// Signs in, or says why not. Cheap when a token is held.
    fn check(&self) -> impl Future<Output = Result<(), Failure>> + Send;
    /// Forgets token and refusal: the next request signs in anew. Refused credentials are not tried
    /// again before this.
    fn forget(&self) -> impl Future<Output = ()> + Send;
    fn accounts(&self) -> impl Future<Output = Result<Rows<Account>, Failure>> + Send;
    /// Newest first, `newest` at most.
    fn transactions(&self, newest: usize) -> impl Future<Output = Result<Rows<Transaction>, Failure>> + Send;
    fn counterparties(&self) -> impl Future<Output = Result<Rows<Counterparty>, Failure>> + Send;
    /// All that waits, singles and bulks.
    fn approvals(&self) -> impl Future<Output = Result<Rows<Approval>, Failure>> + Send;
    /// The Bre-B keys of every own balance.
    fn keys(&self) -> impl Future<Output = Result<Rows<BrebKey>, Failure>> + Send {
        async { Err(Failure::Unsupported) }
    }
    fn schedules(&self) -> impl Future<Output = Result<Rows<Schedule>, Failure>> + Send {
        async { Err(Failure::Unsupported) }
    }
    /// What came of asking whose an account is.
    fn verification(&self, _: &VerificationId) -> impl Future<Output = Result<Verification, Failure>> + Send {
        async { Err(Failure::Unsupported) }
    }
    /// Every movement that carries this external id.
    fn named(&self, _: &ExternalId) -> impl Future<Output = Result<Rows<Movement>, Failure>> + Send {
        async { Err(Failure::Unsupported) }
    }
    fn bulk_rows(&self, bulk: &BulkId) -> impl Future<Output = Result<Rows<Movement>, Failure>> + Send;
    fn movement(&self, id: &MovementId) -> impl Future<Output = Result<Movement, Failure>> + Send;
    fn cobrus(&self) -> impl Future<Output = Result<Rows<Cobru>, Failure>> + Send;
    fn cobru(&self, id: &CobruId) -> impl Future<Output = Result<Cobru, Failure>> + Send;

    /// Movements like one, newest first, `newest` at most; the filter may be ignored, so whoever asks
    /// compares.
    fn movements_like(
        &self,
        like: Like<'_>,
        newest: usize,
    ) -> impl Future<Output = Result<Rows<Movement>, Failure>> + Send;
    /// Whether a movement of this external id exists already. Where there is none to ask, `false`.
    fn knows_external_id(&self, id: &ExternalId) -> impl Future<Output = Result<bool, Failure>> + Send;

    /// Sends, once: the record is spent in doing so. Never retried.
    fn send(&self, intent: Stored<Intent>) -> impl Future<Output = Answered> + Send;
    /// Looks for what an earlier `send` may have done. Only reads.
    fn find_sent(&self, entry: &OutboxEntry) -> impl Future<Output = Result<Found, Failure>> + Send;

    /// Facts kept from an earlier run, read by the same door as fresh ones.
    fn accounts_from(&self, facts: &[Fact]) -> Rows<Account>;
    fn transactions_from(&self, facts: &[Fact]) -> Rows<Transaction>;
    fn counterparties_from(&self, facts: &[Fact]) -> Rows<Counterparty>;
    fn approvals_from(&self, facts: &[Fact]) -> Rows<Approval>;
    fn keys_from(&self, _: &[Fact]) -> Rows<BrebKey> {
        Rows::default()
    }
    fn schedules_from(&self, _: &[Fact]) -> Rows<Schedule> {
        Rows::default()
    }
    fn cobrus_from(&self, facts: &[Fact]) -> Rows<Cobru>;
}
