//! What the background tells the desk. Plain data: it can be logged, replayed and compared.

use super::bulks::{FileAsk, FileRead, OwnBulk};
use super::refunds::Refunds;
use crate::bulk::{Refused, Review};
use crate::domain::ProviderName;
use crate::domain::account::Account;
use crate::domain::approval::{Approval, Bulk};
use crate::domain::cobru::{BrebOrder, Cobru};
use crate::domain::counterparty::Counterparty;
use crate::domain::id::{BulkId, MovementId, TransactionId, VerificationId};
use crate::domain::key::BrebKey;
use crate::domain::movement::Movement;
use crate::domain::schedule::Schedule;
use crate::domain::transaction::Transaction;
use crate::domain::verification::Verification;
use crate::payments::review::Finding;
use crate::payments::{Checked, Consent, Outcome};
use crate::providers::Failure;
use crate::sanitize::Clean;
use crate::store::passphrase::PassphraseError;
use crate::store::{Ending, OutboxEntry};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use uuid::Uuid;

/// What is polled, each at its own pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    Accounts,
    Transactions,
    Counterparties,
    Approvals,
    Cobrus,
    Keys,
    Schedules,
}

impl Resource {
    pub const ALL: [Self; 7] = [
        Self::Accounts,
        Self::Transactions,
        Self::Counterparties,
        Self::Approvals,
        Self::Cobrus,
        Self::Keys,
        Self::Schedules,
    ];

    /// Its kind in the store's facts.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Transactions => "transactions",
            Self::Counterparties => "counterparties",
            Self::Approvals => "approvals",
            Self::Cobrus => "cobrus",
            Self::Keys => "keys",
            Self::Schedules => "schedules",
        }
    }
}

/// The rows of one resource at one provider; cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub enum Batch {
    Accounts(Arc<[Account]>),
    Transactions(Arc<[Transaction]>),
    Counterparties(Arc<[Counterparty]>),
    Approvals(Arc<[Approval]>),
    Cobrus(Arc<[Cobru]>),
    Keys(Arc<[BrebKey]>),
    Schedules(Arc<[Schedule]>),
}

impl Batch {
    pub const fn resource(&self) -> Resource {
        match self {
            Self::Accounts(_) => Resource::Accounts,
            Self::Transactions(_) => Resource::Transactions,
            Self::Counterparties(_) => Resource::Counterparties,
            Self::Approvals(_) => Resource::Approvals,
            Self::Cobrus(_) => Resource::Cobrus,
            Self::Keys(_) => Resource::Keys,
            Self::Schedules(_) => Resource::Schedules,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// Rows came, at `at`; `stored` when they come from the last run's store. All rows of this
    /// provider for this resource, in the provider's order.
    Rows { provider: ProviderName, at: Timestamp, stored: bool, whole: bool, unreadable: usize, batch: Batch },
    /// A read failed; the next try is at `retry_at`. Polling goes on.
    Failed { provider: ProviderName, resource: Resource, why: Failure, at: Timestamp, retry_at: Timestamp },
    /// A bulk's lines, asked for by a person.
    BulkRows { bulk: BulkId, rows: Result<Arc<[Movement]>, Failure> },
    /// What is odd about payments that wait; `None` where it could not be found out.
    Reviewed(Vec<(MovementId, Option<Arc<[Finding]>>)>),
    /// A bulk's rows as an approver reads them.
    BulkReviewed { bulk: BulkId, review: Arc<Review> },
    /// A decision on a bulk was not sent: it, or a row of it, is no longer what was shown.
    BulkChanged { bulk: Box<Bulk>, shown: Arc<[Movement]>, now: Arc<[Movement]> },
    /// How far a file is: bytes read and bytes there are.
    FileProgress { done: u64, of: u64 },
    /// A file of payments, read, checked and reviewed.
    FileRead(Result<Arc<FileRead>, Refused>),
    /// Where a file was written, or why it was not.
    FileKept(Result<String, String>),
    /// Bulks that were sent from this store.
    OwnBulks(Result<Arc<[OwnBulk]>, Failure>),
    /// The outbox, newest first, after any change (also by another console on the same store).
    Outbox(Arc<[OutboxEntry]>),
    /// How one's own write ended. `why_not` when it was refused before it became an intent.
    Written { intent: Uuid, outcome: Outcome },
    /// `why` is detail for the log and the details view, not a sentence.
    Refused { word: &'static str, why: String },
    /// The provider's answer is here and not yet on disk: it is written again; leaving asks first.
    ReceiptNotStored { intent: Uuid },
    /// A decision was not sent: the movement is no longer what was shown. Both are shown.
    ChangedMeanwhile { shown: Box<Movement>, now: Box<Movement> },
    /// The review found something red that nobody has answered for: nothing was recorded. `shown` is what
    /// is decided, for a decision.
    Odd {
        checked: Box<Checked>,
        shown: Option<Box<Movement>>,
        /// What is sent again.
        again: Option<Uuid>,
        findings: Vec<Finding>,
    },
    /// An unknown was closed by hand.
    Closed { intent: Uuid },
    /// What came of a passphrase that was given or set.
    Proof(Proof),
    /// The Bre-B order of a cobru, ready to be shown as a QR.
    Breb(BrebOrder),
    /// A watched cobru was read again.
    Watched(Box<Cobru>),
    /// What was given back of a credit before, asked for by a form.
    Refunds { credit: TransactionId, found: Result<Refunds, Failure> },
    /// A movement, asked for by a form.
    Movement(Box<Movement>),
    /// An institution's word on whose an account is, or that it has not come.
    Verified { asked: VerificationId, found: Result<Verification, Failure> },
    /// Where the rows of an export are, or why they are nowhere.
    Exported { rows: usize, file: Result<Clean, String> },
    /// What was asked by [`Ask::Raw`], in lines; none where nothing is kept of it.
    Raw { of: RawOf, lines: Arc<[Clean]> },
}

/// Rows of the screen for a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// Of the pane: `transactions`.
    pub name: &'static str,
    pub titles: Vec<Clean>,
    pub rows: Vec<Vec<Clean>>,
}

/// Whose exchange is wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum RawOf {
    /// A row of a list, as it came last.
    Row { provider: ProviderName, resource: Resource, id: String },
    /// A write from here and its answer.
    Exchange(Uuid),
    /// What a form would send.
    Request(Box<crate::payments::Checked>),
}

/// What the desk asks of the background.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// A person's refresh goes at once.
    Refresh(Resource),
    RefreshAll,
    /// Record, send, settle.
    Write(Box<Checked>),
    /// Read again right before deciding: `shown` is what the person saw.
    Decide {
        shown: Box<Movement>,
        checked: Box<Checked>,
    },
    /// Send again what was not sent or was rejected: a new intent, after a person's yes.
    SendAgain {
        intent: Uuid,
        consent: Consent,
    },
    /// Close an unknown by hand, with the amount and the reason as typed.
    CloseByHand {
        intent: Uuid,
        ending: Ending,
        reason: String,
        amount_typed: String,
    },
    /// Something left by the clipboard: kept in the audit.
    Copied {
        what: &'static str,
    },
    /// Is this the passphrase of the person at this desk?
    Prove(Passphrase),
    SetPassphrase {
        old: Option<Passphrase>,
        new: Passphrase,
    },
    /// Review payments that wait.
    Review(Vec<Movement>),
    /// Read a bulk's rows, for their sum.
    BulkRows(BulkId),
    /// Read a bulk's rows, then review them.
    OpenBulk(Box<Bulk>),
    /// As `Decide`, of a whole bulk: every row is read again.
    DecideBulk {
        bulk: Box<Bulk>,
        shown: Arc<[Movement]>,
        checked: Box<crate::payments::Checked>,
    },
    /// Read, check and review a file of payments. A second one ends the first.
    ReadFile(Box<FileAsk>),
    StopReading,
    /// Record, send, settle a bulk. `again`: the bulk of this store whose rows they are.
    SendBulk {
        checked: Box<crate::payments::Checked>,
        again: Option<Uuid>,
    },
    /// Write a file of ours where exports go, readable by its owner alone.
    KeepFile {
        name: String,
        bytes: Vec<u8>,
    },
    OwnBulks,
    /// Look for an unknown now.
    Look(Uuid),
    /// A movement's own figures, to pay it again.
    Movement(MovementId),
    /// What was given back of this credit, in this store and at the provider.
    Refunds(super::refunds::Credit),
    /// Follow a verification until the institution has answered.
    Verification(VerificationId),
    /// What was really said; answered by [`News::Raw`].
    Raw(RawOf),
    /// Answered by [`News::Exported`].
    Export(Export),
    /// Numbers of people were shown or copied whole: told to the audit.
    Unmasked {
        pane: &'static str,
        id: String,
    },
    /// Whether nobody looks: then reads come further apart.
    Away(bool),
    /// Read a cobru every 3 s while its QR is on the screen; `None` stops.
    Watch(Option<crate::domain::id::CobruId>),
}

/// A passphrase on its way to where it is compared. It prints as nothing.
#[derive(Debug, Clone)]
pub struct Passphrase(pub SecretString);

impl PartialEq for Passphrase {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

/// What came of a passphrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// It was theirs, at this moment.
    Given(Timestamp),
    /// It is theirs from now on.
    Set,
    Wrong {
        left: u32,
    },
    Wait {
        seconds: i64,
    },
    NotSet,
    /// They have one, which has to be given to change it.
    OldNeeded,
    TooShort,
    /// Its file can't be used.
    Failed(String),
}

impl Proof {
    pub(super) fn of(proof: Result<Timestamp, PassphraseError>) -> Self {
        match proof {
            Ok(at) => Self::Given(at),
            Err(error) => Self::failed(&error),
        }
    }

    pub(super) fn of_setting(set: Result<(), PassphraseError>) -> Self {
        set.map_or_else(|error| Self::failed(&error), |()| Self::Set)
    }

    fn failed(error: &PassphraseError) -> Self {
        match error {
            PassphraseError::Wrong { left } => Self::Wrong { left: *left },
            PassphraseError::Wait { seconds } => Self::Wait { seconds: *seconds },
            PassphraseError::NotSet { .. } => Self::NotSet,
            PassphraseError::TooShort => Self::TooShort,
            PassphraseError::AlreadySet { .. } => Self::OldNeeded,
            PassphraseError::Exposed { .. }
            | PassphraseError::Damaged { .. }
            | PassphraseError::File { .. } => Self::Failed(error.to_string()),
        }
    }
}
