//! SQLite: the outbox, the audit chain, the facts as received.
//!
//! PLACEHOLDER types, replaced whole by the store when it lands.

use jiff::Timestamp;
use uuid::Uuid;

pub trait Record: Send + 'static {
    fn row(&self) -> Row;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub intent: Uuid,
    pub provider: &'static str,
    pub profile: String,
    pub environment: String,
    pub host: String,
    pub actor: String,
    pub role: String,
    pub action: String,
    pub method: String,
    pub path: String,
    pub body: Vec<u8>,
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
    pub at: Timestamp,
}

#[derive(Debug)]
pub struct Stored<T>(T);

impl<T> std::ops::Deref for Stored<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub id: String,
    /// Milliseconds: the sort key.
    pub at: i64,
    pub raw: String,
}

/// One line of the outbox: the recorded row and all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    pub row: Row,
}
