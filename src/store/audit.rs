//! The audit chain: each event holds the hash of the one before, so that what was changed, taken out
//! or put in between shows. The newest hash also lies in `audit.head`, since a cut-off tail can't be
//! seen from inside.

use super::error::{Fault, StoreError};
use super::place::Place;
use super::schema;
use super::writer::Tx;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::str::FromStr;
use uuid::Uuid;

pub(super) const HEAD_FILE: &str = "audit.head";
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

/// The newest event: `SEQ:HASH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub seq: u64,
    /// SHA-256, lower-case hex.
    pub hash: String,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a head is SEQ:HASH, the hash of 64 hexadecimal digits")]
pub struct BadHead;

impl FromStr for Head {
    type Err = BadHead;

    fn from_str(text: &str) -> Result<Self, BadHead> {
        let (seq, hash) = text.trim().split_once(':').ok_or(BadHead)?;
        let hex = hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !hex {
            return Err(BadHead);
        }
        Ok(Self { seq: seq.parse().map_err(|_| BadHead)?, hash: hash.to_owned() })
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

/// Puts the head beside the store, unless a newer one is there already.
///
/// A head that speaks of another chain than ours is evidence, and stays: `audit verify` reports it.
pub(super) fn keep_head(place: &Place, sql: &Connection, head: &Head) -> Result<(), StoreError> {
    let path = place.dir.join(HEAD_FILE);
    let failed = |source| StoreError::Head { path: path.clone(), source };
    let _one_at_a_time = place.lock().map_err(failed)?;
    if let Some(kept) = read_head(place).map_err(failed)? {
        let ours: Option<String> = sql
            .prepare("SELECT hash FROM audit WHERE seq = ?1")
            .and_then(|mut query| query.query_row([signed(kept.seq)], |row| row.get(0)).optional())
            .map_err(|error| StoreError::disk(super::Doing::Audit, error))?;
        if kept.seq >= head.seq {
            return Ok(());
        }
        if ours.as_ref() != Some(&kept.hash) {
            tracing::warn!(kept = %kept, "the audit head beside the store is not of this chain; it stays");
            return Ok(());
        }
    }
    write_head(place, head).map_err(failed)
}

/// `None`: there is none, or it is no head.
pub(super) fn read_head(place: &Place) -> io::Result<Option<Head>> {
    match std::fs::read_to_string(place.dir.join(HEAD_FILE)) {
        Ok(text) => Ok(text.parse().ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Aside, fsync, rename, fsync of the directory: at each moment the old or the new is whole.
fn write_head(place: &Place, head: &Head) -> io::Result<()> {
    let aside = place.dir.join("audit.head.new");
    match std::fs::remove_file(&aside) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    writeln!(file, "{head}")?;
    file.sync_all()?;
    std::fs::rename(&aside, place.dir.join(HEAD_FILE))?;
    File::open(&place.dir)?.sync_all()
}
