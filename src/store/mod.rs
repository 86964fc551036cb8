//! SQLite: the outbox, the audit chain, the facts as received.
//!
//! The store knows no payments: it records whatever implements [`Record`]. A write to a provider is
//! three commits, each fsync'd and each with its audit event in the same transaction:
//! [`Store::record`], [`Store::start`], [`Store::settle`]. What the first two return is the only proof
//! that they are on disk, and nobody else can make one.
//!
//! One directory holds one store: `store.db` (any name), its WAL, `audit.head`, and a file that is locked while
//! the store is open. One thread writes, one reads; the async methods ask them and wait.

pub mod audit;
mod backup;
mod error;
mod facts;
mod handle;
mod outbox;
pub mod passphrase;
mod place;
mod process;
mod purge;
mod restore;
mod row;
mod schema;
mod writer;

#[cfg(test)]
mod tests;

pub use audit::{AuditEvent, ChainLine, Head, Kind};
pub use backup::{Contents, check};
pub use error::{Doing, StoreError, Trouble, Unsound, WhyNot};
pub use facts::{Fact, Put};
pub use handle::{Store, StoreOptions};
pub use purge::{Before, Purged};
pub use restore::{Gap, Restore, Restored, Stranger, restore};
pub use row::{
    AcceptedRow, Cap, Counted, Ending, Exchange, Look, OutboxEntry, OutcomeRow, Pays, Record, Recorded,
    Recovered, Row, SettledBy, State, Step, Stored,
};
