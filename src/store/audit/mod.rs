//! The audit chain: each event holds the hash of the one before, so that what was changed, taken out
//! or put in between shows. The newest hash also lies in `audit.head`, since a cut-off tail can't be
//! seen from inside.

mod head;
mod verify;

pub use head::{BadHead, Head};
pub use verify::{Bad, BadKind, HeadFile, Verdict, verify};

pub(super) use head::{keep as keep_head, read as read_head, write as write_head};
pub(super) use verify::judged;

use super::error::Fault;
use super::schema;
use super::writer::Tx;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use uuid::Uuid;

const VERSION: u64 = 1;
const PREFIX: &[u8] = b"cuadre-audit-1\n";

/// The kinds that the store writes itself, with the row that they speak of.
pub(super) mod kind {
    pub(in crate::store) const INTENT_RECORDED: &str = "intent_recorded";
    pub(in crate::store) const SEND_STARTED: &str = "send_started";
    pub(in crate::store) const OUTCOME: &str = "outcome";
    pub(in crate::store) const LOOK: &str = "look";
    pub(in crate::store) const SETTLED: &str = "settled";
    pub(in crate::store) const CLOSED_BY_HAND: &str = "closed_by_hand";
}

/// The kinds that other rooms may write. Those of the outbox come with its rows only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    DecisionShown,
    DecisionRefused,
    FindingAccepted,
    Unmasked,
    Export,
    SignedIn,
    ProfileChanged,
    RoleChanged,
    ConfigChanged,
    StoreRepaired,
    StoreBackedUp,
    StoreRestored,
    /// The provider was asked what happened between a copy and its restore.
    RestoreRead,
    StorePurged,
}

impl Kind {
    pub const fn code(self) -> &'static str {
        match self {
            Self::DecisionShown => "decision_shown",
            Self::DecisionRefused => "decision_refused",
            Self::FindingAccepted => "finding_accepted",
            Self::Unmasked => "unmasked",
            Self::Export => "export",
            Self::SignedIn => "signed_in",
            Self::ProfileChanged => "profile_changed",
            Self::RoleChanged => "role_changed",
            Self::ConfigChanged => "config_changed",
            Self::StoreRepaired => "store_repaired",
            Self::StoreBackedUp => "store_backed_up",
            Self::StoreRestored => "store_restored",
            Self::RestoreRead => "restore_read",
            Self::StorePurged => "store_purged",
        }
    }
}

/// An event beside those that the outbox writes itself. Never a secret in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    pub kind: Kind,
    pub actor: String,
    pub role: String,
    pub profile: String,
    pub intent: Option<Uuid>,
    /// Numbers as text.
    pub data: BTreeMap<&'static str, String>,
}

/// An event of any kind, before it has its place in the chain.
pub(super) struct Happened {
    pub(super) kind: &'static str,
    pub(super) actor: String,
    pub(super) role: String,
    pub(super) profile: String,
    pub(super) intent: Option<Uuid>,
    pub(super) data: BTreeMap<&'static str, String>,
}

impl From<AuditEvent> for Happened {
    fn from(event: AuditEvent) -> Self {
        let AuditEvent { kind, actor, role, profile, intent, data } = event;
        Self { kind: kind.code(), actor, role, profile, intent, data }
    }
}

/// One event. The fields stand in the order of RFC 8785, and serde_json writes strings and whole
/// numbers as it does: what comes out is the canonical form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Event {
    pub(super) actor: String,
    pub(super) at: String,
    pub(super) data: BTreeMap<String, String>,
    /// Empty: none.
    pub(super) intent: String,
    pub(super) kind: String,
    pub(super) prev: String,
    pub(super) profile: String,
    pub(super) role: String,
    pub(super) seq: u64,
    pub(super) store: String,
    pub(super) v: u64,
}

pub(super) fn hash(event: &[u8]) -> String {
    hex(&[PREFIX, event])
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&[bytes])
}

fn hex(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes what is written to it");
        text
    })
}

pub(super) fn zeros() -> String {
    "0".repeat(64)
}

/// Adds one event to the chain, in the transaction of what it speaks of.
pub(super) fn append(tx: &Tx<'_>, event: Happened) -> Result<(), Fault> {
    let last = last(tx.sql)?;
    let (seq, prev) = last.map_or_else(|| (1, zeros()), |head| (head.seq.saturating_add(1), head.hash));
    let event = Event {
        actor: event.actor,
        at: schema::time(tx.at),
        data: event.data.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        intent: event.intent.map(|intent| intent.to_string()).unwrap_or_default(),
        kind: event.kind.to_owned(),
        prev,
        profile: event.profile,
        role: event.role,
        seq,
        store: tx.store.to_owned(),
        v: VERSION,
    };
    let text = serde_json::to_string(&event).expect("strings and whole numbers can always be written");
    let hash = hash(text.as_bytes());
    tx.sql.prepare("INSERT INTO audit (seq, event, hash) VALUES (?1, ?2, ?3)")?.execute(params![
        signed(seq),
        text,
        hash
    ])?;
    tx.head.set(Some(Head { seq, hash }));
    Ok(())
}

/// SQLite has no unsigned numbers; a chain doesn't reach the edge of either.
fn signed(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

fn unsigned(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or(0)
}

pub(super) fn last(sql: &Connection) -> rusqlite::Result<Option<Head>> {
    sql.prepare("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok(Head { seq: unsigned(row.get(0)?), hash: row.get(1)? }))
        .optional()
}

/// An event as it stands in the chain: for showing and exporting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainLine {
    pub seq: u64,
    pub at: Timestamp,
    pub kind: String,
    pub actor: String,
    pub profile: String,
    pub intent: Option<Uuid>,
    pub data: BTreeMap<String, String>,
    /// The canonical JSON, byte for byte.
    pub event: String,
    pub hash: String,
}

/// Events after `seq`, in their order. Not verified.
pub(super) fn lines(sql: &Connection, after: u64, limit: usize) -> rusqlite::Result<Vec<ChainLine>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    sql.prepare("SELECT seq, event, hash FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2")?
        .query_map(params![signed(after), limit], |row| {
            let text: String = row.get("event")?;
            let unreadable = |error: Box<dyn std::error::Error + Send + Sync>| {
                rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, error)
            };
            let event: Event = serde_json::from_str(&text).map_err(|error| unreadable(error.into()))?;
            Ok(ChainLine {
                seq: unsigned(row.get("seq")?),
                at: event.at.parse().map_err(|error: jiff::Error| unreadable(error.into()))?,
                kind: event.kind,
                actor: event.actor,
                profile: event.profile,
                intent: event.intent.parse().ok(),
                data: event.data,
                event: text,
                hash: row.get("hash")?,
            })
        })?
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Event {
        Event {
            actor: "Lucía \"\\/\u{1}\u{7f}\u{2028}😀\n".to_owned(),
            at: "2026-01-15T12:00:00.000000Z".to_owned(),
            data: BTreeMap::from([("b".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned())]),
            intent: String::new(),
            kind: "export".to_owned(),
            prev: zeros(),
            profile: "acme".to_owned(),
            role: "maker".to_owned(),
            seq: 1,
            store: "s".to_owned(),
            v: VERSION,
        }
    }

    #[test]
    fn an_event_is_written_in_the_canonical_form() {
        // By hand from RFC 8785: sorted keys, no blanks, the short escapes, \u only below U+0020.
        let by_hand = format!(
            "{{\"actor\":\"Lucía \\\"\\\\/\\u0001\u{7f}\u{2028}😀\\n\",\"at\":\"2026-01-15T12:00:00.000000Z\",\
             \"data\":{{\"a\":\"2\",\"b\":\"1\"}},\"intent\":\"\",\"kind\":\"export\",\"prev\":\"{}\",\
             \"profile\":\"acme\",\"role\":\"maker\",\"seq\":1,\"store\":\"s\",\"v\":1}}",
            zeros()
        );
        assert_eq!(serde_json::to_string(&event()).unwrap(), by_hand);
    }

    #[test]
    fn the_fields_are_in_the_order_that_a_sorted_map_gives_them() {
        let sorted: BTreeMap<String, serde_json::Value> =
            serde_json::from_str(&serde_json::to_string(&event()).unwrap()).unwrap();
        assert_eq!(serde_json::to_string(&sorted).unwrap(), serde_json::to_string(&event()).unwrap());
    }

    #[test]
    fn the_hash_is_sha_256_over_the_prefix_and_the_bytes() {
        // printf 'cuadre-audit-1\n{}' | sha256sum
        assert_eq!(hash(b"{}"), "9e7ab09a8420fb8d1dc8888b3c974baf84757f13fd9e78f1a5eaf82803d9ea6b");
    }
}
