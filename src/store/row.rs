//! What the store is given and what it gives back: plain data, and the two proofs.

use jiff::Timestamp;
use std::fmt;
use std::ops::Deref;
use uuid::Uuid;

/// Something that can be recorded before it leaves.
pub trait Record: Send + 'static {
    /// Everything the first commit needs.
    fn row(&self) -> Row;
}

/// A write to a provider, as the first commit keeps it. No secret may be in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// UUIDv7.
    pub intent: Uuid,
    pub provider: &'static str,
    pub profile: String,
    /// `sandbox`, `qa` or `production`.
    pub environment: String,
    pub host: String,
    pub actor: String,
    pub role: String,
    /// `create_movement`, `approve`, `create_cobru`, …
    pub action: String,
    pub method: String,
    pub path: String,
    /// The exact bytes that will be sent.
    pub body: Vec<u8>,
    pub idempotency_key: Option<String>,
    pub external_id: Option<String>,
    pub short_ref: Option<String>,
    pub amount_minor: Option<i64>,
    pub currency: Option<String>,
    pub source: Option<String>,
    pub destination: Option<String>,
    /// What is decided on: a movement's, bulk's or cobru's id.
    pub subject: Option<String>,
    /// Hash of what the review screen showed.
    pub shown_hash: Option<String>,
    /// The intent that this one sends again; it must be `not_sent` or `rejected`.
    pub supersedes: Option<Uuid>,
    /// Takes money out of a balance: one open at a time to the same end.
    pub moves_money: bool,
    /// Whom it pays, row by row. Empty: what `destination` and the amount say.
    pub pays: Vec<Pays>,
    pub at: Timestamp,
    /// What it may add up to, with what is recorded already.
    pub caps: Vec<Cap>,
    /// Findings that its maker goes on over: each an event beside the record's.
    pub accepted: Vec<AcceptedRow>,
}

/// One payment of a write: a bulk has one a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pays {
    /// `cp_…`, `acc_…`; empty: written out.
    pub to: String,
    /// The account behind it, written one way; empty: not known, or masked.
    pub account: String,
    pub amount_minor: i64,
}

impl Row {
    /// Its payments, none where it moves no money.
    pub(super) fn payments(&self) -> Vec<Pays> {
        match (self.moves_money, self.amount_minor) {
            (true, Some(amount_minor)) if self.pays.is_empty() => {
                let to = self.destination.clone().unwrap_or_default();
                vec![Pays { to, account: String::new(), amount_minor }]
            }
            (true, _) => self.pays.clone(),
            (false, _) => Vec::new(),
        }
    }
}

/// What cap adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// What takes money out of a balance.
    Payments,
    /// Approvals of what others made.
    Approvals,
}

/// The most that may be recorded since a moment, in the row's currency. Added up in the transaction that
/// records: two consoles can't each pass half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cap {
    /// The code of the rule, for the refusal.
    pub rule: &'static str,
    pub since: Timestamp,
    /// Only what goes there.
    pub destination: Option<String>,
    pub counted: Counted,
    /// What this write adds to it.
    pub adds_minor: i64,
    pub most_minor: i64,
}

/// A finding of the review that a person goes on over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedRow {
    pub code: &'static str,
    pub reason: String,
    /// Ids of the rows that it rested on.
    pub rows: String,
}

impl Record for Row {
    fn row(&self) -> Row {
        self.clone()
    }
}

/// Proof that the first commit is on disk. Only [`Store::record`](super::Store::record) makes one.
///
/// It can be read:
/// ```
/// fn amount(recorded: &cuadre::store::Recorded<i64>) -> i64 {
///     **recorded
/// }
/// ```
/// It can't be made by anyone else:
/// ```compile_fail,E0423
/// fn forged(amount: i64) -> cuadre::store::Recorded<i64> {
///     cuadre::store::Recorded(amount)
/// }
/// ```
/// Handing it on spends it, which is fine once:
/// ```
/// fn once(recorded: cuadre::store::Recorded<i64>) {
///     drop(recorded);
/// }
/// ```
/// and not twice:
/// ```compile_fail,E0382
/// fn twice(recorded: cuadre::store::Recorded<i64>) {
///     drop(recorded);
///     drop(recorded);
/// }
/// ```
/// nor from a copy:
/// ```compile_fail,E0308
/// fn copy(recorded: &cuadre::store::Recorded<i64>) -> cuadre::store::Recorded<i64> {
///     recorded.clone()
/// }
/// ```
#[derive(Debug)]
#[must_use = "it is on disk and still open: start it, or settle it as not sent"]
pub struct Recorded<T>(T);

/// Proof that the start of the send is on disk too: the only thing that a provider may send. Only
/// [`Store::start`](super::Store::start) makes one.
///
/// It can be read:
/// ```
/// fn amount(stored: &cuadre::store::Stored<i64>) -> i64 {
///     **stored
/// }
/// ```
/// It can't be made by anyone else:
/// ```compile_fail,E0423
/// fn forged(amount: i64) -> cuadre::store::Stored<i64> {
///     cuadre::store::Stored(amount)
/// }
/// ```
/// A send takes it by value, once:
/// ```
/// fn send(stored: cuadre::store::Stored<i64>) {}
/// fn once(stored: cuadre::store::Stored<i64>) {
///     send(stored);
/// }
/// ```
/// and not twice:
/// ```compile_fail,E0382
/// fn send(stored: cuadre::store::Stored<i64>) {}
/// fn twice(stored: cuadre::store::Stored<i64>) {
///     send(stored);
///     send(stored);
/// }
/// ```
/// nor a copy, nor what was only recorded:
/// ```compile_fail,E0308
/// fn copy(stored: &cuadre::store::Stored<i64>) -> cuadre::store::Stored<i64> {
///     stored.clone()
/// }
/// ```
/// ```compile_fail,E0308
/// fn send(stored: cuadre::store::Stored<i64>) {}
/// fn too_early(recorded: cuadre::store::Recorded<i64>) {
///     send(recorded);
/// }
/// ```
#[derive(Debug)]
#[must_use = "its send is on disk as started: send it, or settle it"]
pub struct Stored<T>(T);

impl<T> Recorded<T> {
    pub(super) const fn new(item: T) -> Self {
        Self(item)
    }

    pub(super) fn started(self) -> Stored<T> {
        Stored(self.0)
    }
}

impl<T> Deref for Recorded<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Deref for Stored<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

/// Where an intent stands: `recorded → sending → sent | not_sent | rejected | unknown`, and
/// `unknown → sent | not_sent | rejected`. `recorded → not_sent` where it never left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    Recorded,
    Sending,
    Sent,
    NotSent,
    Rejected,
    Unknown,
}

impl State {
    pub const ALL: [Self; 6] =
        [Self::Recorded, Self::Sending, Self::Sent, Self::NotSent, Self::Rejected, Self::Unknown];

    /// As in JSON and the store.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::NotSent => "not_sent",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Nothing changes it any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Sent | Self::NotSent | Self::Rejected)
    }

    pub(super) const fn may_become(self, ending: Ending) -> bool {
        match self {
            Self::Recorded => matches!(ending, Ending::NotSent),
            Self::Sending => true,
            Self::Unknown => !matches!(ending, Ending::Unknown),
            Self::Sent | Self::NotSent | Self::Rejected => false,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// The states that an outcome can bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    Sent,
    NotSent,
    Rejected,
    Unknown,
}

impl From<Ending> for State {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Sent => Self::Sent,
            Ending::NotSent => Self::NotSent,
            Ending::Rejected => Self::Rejected,
            Ending::Unknown => Self::Unknown,
        }
    }
}

/// How a write ended, as the third commit keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeRow {
    pub ending: Ending,
    /// A short reason for machines and people: `absent`, `mismatch`, `not_connected: …`.
    pub why: Option<String>,
    pub status: Option<u16>,
    /// The provider's error code.
    pub code: Option<String>,
    /// The provider's words.
    pub text: Option<String>,
    pub provider_id: Option<String>,
    pub provider_state: Option<String>,
    /// Masked.
    pub headers: String,
    /// As received, up to the limit. Empty: no answer.
    pub body: Vec<u8>,
    /// When the answer came, or the send ended without one.
    pub at: Timestamp,
}

impl OutcomeRow {
    /// An outcome with nothing beside it.
    pub const fn new(ending: Ending, at: Timestamp) -> Self {
        Self {
            ending,
            why: None,
            status: None,
            code: None,
            text: None,
            provider_id: None,
            provider_state: None,
            headers: String::new(),
            body: Vec::new(),
            at,
        }
    }

    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }
}

/// What settled it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettledBy {
    /// The answer to the send itself, or its failure.
    Answer,
    /// The reconciler's looks.
    Look,
    /// Closed by hand.
    Person { actor: String, role: String, reason: String, amount_typed: String },
    /// Found at start-up without an owner.
    Restart,
}

impl SettledBy {
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Look => "look",
            Self::Person { .. } => "person",
            Self::Restart => "restart",
        }
    }
}

/// One look at the provider for an unknown write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub at: Timestamp,
    pub found: u32,
    /// Every page was read: only then does it count.
    pub whole: bool,
    pub note: Option<String>,
}

/// One line of an intent's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub at: Timestamp,
    /// The kind of the audit event that was written with it.
    pub kind: String,
    /// The state it was left in.
    pub state: State,
    /// Who or what: an actor, `answer`, `look`, `restart`.
    pub by: String,
    pub note: Option<String>,
}

/// An intent with its outcome, as the outbox shows it. The bodies are in [`Exchange`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    pub intent: Uuid,
    pub at: Timestamp,
    pub provider: String,
    pub profile: String,
    pub environment: String,
    pub host: String,
    pub actor: String,
    pub role: String,
    pub action: String,
    pub method: String,
    pub path: String,
    pub body_sha256: String,
    pub idempotency_key: Option<String>,
    pub external_id: Option<String>,
    pub short_ref: Option<String>,
    pub amount_minor: Option<i64>,
    pub currency: Option<String>,
    pub source: Option<String>,
    pub destination: Option<String>,
    pub subject: Option<String>,
    pub shown_hash: Option<String>,
    pub supersedes: Option<Uuid>,
    pub moves_money: bool,
    pub state: State,
    pub started_at: Option<Timestamp>,
    /// When the send ended, or its owner's lease did: the quiet time runs from here.
    pub ended_at: Option<Timestamp>,
    pub settled_at: Option<Timestamp>,
    /// `answer`, `look`, `person`, `restart`.
    pub settled_by: Option<String>,
    pub why: Option<String>,
    pub status: Option<u16>,
    pub code: Option<String>,
    pub text: Option<String>,
    pub provider_id: Option<String>,
    /// The movement's own state, from the answer or a later read.
    pub provider_state: Option<String>,
    /// By which the provider finds the request in its logs.
    pub correlation: Option<String>,
    pub looks: Vec<Look>,
    pub history: Vec<Step>,
    /// What the rejection of a bulk says: the provider carries none, `sync::bulks` adds it from this store.
    pub note: Option<String>,
}

/// The bytes of a write and of its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    pub body: Vec<u8>,
    /// Masked.
    pub answer_headers: String,
    /// Empty: no answer.
    pub answer: Vec<u8>,
    /// When its bytes were purged; their hashes are still in the chain.
    pub purged_at: Option<Timestamp>,
}

/// What [`Store::recover`](super::Store::recover) found without an owner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Recorded and never started.
    pub not_sent: Vec<Uuid>,
    /// Started, without an outcome: to be looked for.
    pub unknown: Vec<Uuid>,
}
