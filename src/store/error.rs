//! What can go wrong in the store, by what was being done. The words for people are elsewhere: each
//! variant carries what such a sentence needs.

use super::audit::Bad;
use super::row::State;
use std::io;
use std::path::PathBuf;
use uuid::Uuid;

/// After any error of [`Store::record`](super::Store::record) or
/// [`Store::start`](super::Store::start) nothing may be sent; their results make that impossible.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    // Opening.
    #[error("{path}: the directory of the store can't be used")]
    Directory { path: PathBuf, source: io::Error },
    #[error("{path}: the store can't be used")]
    File { path: PathBuf, source: io::Error },
    #[error("{path}: a symbolic link, which the store does not follow")]
    Symlink { path: PathBuf },
    /// `chmod go-w` mends it.
    #[error("{path}: others may write here (mode {mode:o})")]
    OpenToOthers { path: PathBuf, mode: u32 },
    #[error("{path}: not a store of this program")]
    NotAStore { path: PathBuf },
    #[error("the store has schema {found}, this program knows {known}")]
    Newer { found: i64, known: i64 },
    /// A restore was cut between the old store and the new: it is to be done again.
    #[error("{path}: a restore did not end")]
    HalfRestored { path: PathBuf },

    // Backing up and restoring.
    /// A console or a command has it open.
    #[error("{path}: the store is in use")]
    Held { path: PathBuf },
    /// It is there already, and nothing is written over it.
    #[error("{path}: there is such a file already")]
    Exists { path: PathBuf },
    /// A copy that does not hold what it should: nothing is restored from it.
    #[error("{path}: {what}")]
    Unsound { path: PathBuf, what: Unsound },
    /// The copy is of another profile's store.
    #[error("{path}: a copy of the store of {found}, not of {wanted}")]
    OtherProfile { path: PathBuf, found: String, wanted: String },

    /// Reads go on; nothing is written to providers.
    #[error("the store takes no writes: {0}")]
    NotWritable(WhyNot),

    // The disk. The connection was dropped and opened again.
    #[error("{doing}: {trouble}")]
    Disk { doing: Doing, trouble: Trouble, source: rusqlite::Error },
    /// The event is in the chain; its head could not be written beside it.
    #[error("{path}: the head of the audit chain can't be written")]
    Head { path: PathBuf, source: io::Error },
    /// The store's thread is gone: only while the program ends.
    #[error("the store is closed")]
    Closed,

    // Refusals of `record`: nothing was written.
    /// A payment to the same end is not settled yet.
    #[error("intent {intent} to the same destination and of the same amount is still open")]
    AlreadyOpen { intent: Uuid },
    #[error("external id {external_id} belongs to intent {intent}")]
    ExternalIdUsed { intent: Uuid, external_id: String },
    #[error("the idempotency key belongs to intent {intent}")]
    KeyUsed { intent: Uuid },
    #[error("intent {intent} is recorded already")]
    AlreadyRecorded { intent: Uuid },
    /// Only what was not sent or rejected may be sent again. `None`: no such intent at this provider.
    #[error("intent {intent} can't be superseded in this state")]
    CantSupersede { intent: Uuid, state: Option<State> },
    /// A day's or a counterparty's total would pass what the profile permits.
    #[error("with this it would be {would_be_minor}, above the {most_minor} of {rule}")]
    OverCap { rule: &'static str, would_be_minor: i64, most_minor: i64 },
    /// It was sent again before, as `by`.
    #[error("intent {intent} is superseded by {by}")]
    AlreadySuperseded { intent: Uuid, by: Uuid },

    // Refusals of the later steps.
    #[error("no intent {intent}")]
    NotFound { intent: Uuid },
    /// `start` found it no longer recorded: another console, or a restart, has it.
    #[error("intent {intent} was taken elsewhere: it is {state}")]
    TakenElsewhere { intent: Uuid, state: State },
    /// The first final outcome stands. What came now is in the audit chain, beside it.
    #[error("intent {intent} is settled: {stands}")]
    AlreadySettled { intent: Uuid, stands: State },
    /// The state machine has no such step.
    #[error("intent {intent} can't go from {from} to {to}")]
    NoSuchStep { intent: Uuid, from: State, to: State },
}

/// What is wrong with a copy, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    /// As SQLite says it: the page, the table or the index.
    #[error("its pages are damaged: {detail}")]
    Pages { detail: String },
    #[error("its audit chain is bad at event {}: {}", .0.seq, .0.kind.code())]
    Chain(Bad),
}

/// Why nothing may be written to providers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WhyNot {
    #[error("opened to read only")]
    Readonly,
    #[error("{free} bytes free, {needed} needed")]
    LowSpace { free: u64, needed: u64 },
    #[error("its free space can't be read: {why}")]
    SpaceUnknown { why: String },
    #[error("{path} is on a read-only file system or can't be written")]
    ReadOnlyDisk { path: PathBuf },
    #[error("{path} is on a network file system ({kind})")]
    NetworkDisk { path: PathBuf, kind: &'static str },
    #[error("damaged: {detail}")]
    Damaged { detail: String },
    #[error("SQLite {version} is older than 3.51.3")]
    OldSqlite { version: &'static str },
}

/// What the store was at when the disk failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    Open,
    Record,
    Start,
    Settle,
    Look,
    Recover,
    BackUp,
    Restore,
    Purge,
    Audit,
    /// Facts, drafts, marks, the movement's own state: all that can be had again.
    Keep,
    Read,
}

impl std::fmt::Display for Doing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Open => "opening the store",
            Self::Record => "recording an intent",
            Self::Start => "recording the start of a send",
            Self::Settle => "recording an outcome",
            Self::Look => "recording a look",
            Self::Recover => "recovering",
            Self::BackUp => "backing up",
            Self::Restore => "restoring",
            Self::Purge => "purging",
            Self::Audit => "recording an event",
            Self::Keep => "keeping facts",
            Self::Read => "reading",
        })
    }
}

/// What kind of failure the disk had: damaged, locked or full have their own exit code and sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    Full,
    /// Another program held the store for more than 5 s.
    Locked,
    Damaged,
    ReadOnly,
    Failed,
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Full => "the disk is full",
            Self::Locked => "another program holds the store",
            Self::Damaged => "the store is damaged",
            Self::ReadOnly => "the store can't be written",
            Self::Failed => "the disk failed",
        })
    }
}

impl Trouble {
    fn of(error: &rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed,
            ) => Self::Locked,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            // `None`: a value of another type, or text that reads as nothing. Someone edited it.
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) | None => Self::Damaged,
            Some(_) => Self::Failed,
        }
    }
}

impl StoreError {
    pub(super) fn disk(doing: Doing, source: rusqlite::Error) -> Self {
        Self::Disk { doing, trouble: Trouble::of(&source), source }
    }
}

/// Inside a transaction: either the store says no, or SQLite failed.
#[derive(Debug)]
pub(super) enum Fault {
    Refused(StoreError),
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl Fault {
    pub(super) fn into_error(self, doing: Doing) -> StoreError {
        match self {
            Self::Refused(error) => error,
            Self::Sql(error) => StoreError::disk(doing, error),
        }
    }
}
