//! What is kept too long goes: the bytes of old exchanges and old rows of the provider's lists. Intents, their
//! amounts and ends, and the chain stay; so does everything that is not settled.

use super::audit::{self, Happened};
use super::error::Fault;
use super::facts;
use super::schema::{self, time};
use super::writer::Tx;
use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde_json::Value;
use std::collections::BTreeMap;

/// Up to when things go. `None`: they stay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Before {
    /// Ledger entries and payment links.
    pub transactions: Option<Timestamp>,
    /// Lists of counterparties and of others that were not read since.
    pub counterparties: Option<Timestamp>,
    /// What left and what came back, of intents that were settled.
    pub exchanges: Option<Timestamp>,
    /// Forms that were begun and left.
    pub drafts: Option<Timestamp>,
}

/// How many rows went, or would.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    pub transactions: u64,
    pub counterparties: u64,
    pub exchanges: u64,
    pub drafts: u64,
}

impl Purged {
    pub const fn is_nothing(self) -> bool {
        self.transactions == 0 && self.counterparties == 0 && self.exchanges == 0 && self.drafts == 0
    }
}

const TRANSACTIONS: &str = "facts WHERE kind IN ('transactions', 'cobrus') AND at < ?1";
const COUNTERPARTIES: &str = "facts WHERE kind NOT IN ('transactions', 'cobrus')
    AND (provider, kind) IN (SELECT provider, kind FROM obtained WHERE at < ?1)";
const EXCHANGES: &str = "outbox WHERE state IN ('sent', 'not_sent', 'rejected') AND purged_at IS NULL
    AND settled_at < ?1";

/// What [`purge`] would take.
pub(super) fn count(sql: &Connection, before: Before) -> rusqlite::Result<Purged> {
    let rows = |of: &str, value: Option<&dyn rusqlite::ToSql>| -> rusqlite::Result<u64> {
        let Some(value) = value else { return Ok(0) };
        let found: i64 = sql.query_row(&format!("SELECT count(*) FROM {of}"), [value], |row| row.get(0))?;
        Ok(u64::try_from(found).unwrap_or(0))
    };
    let millis = before.transactions.map(Timestamp::as_millisecond);
    let (counterparties, exchanges) = (before.counterparties.map(time), before.exchanges.map(time));
    Ok(Purged {
        transactions: rows(TRANSACTIONS, millis.as_ref().map(|at| at as _))?,
        counterparties: rows(COUNTERPARTIES, counterparties.as_ref().map(|at| at as _))?,
        exchanges: rows(EXCHANGES, exchanges.as_ref().map(|at| at as _))?,
        drafts: drafts(sql, before)?.0,
    })
}

/// The console's, in its memory: a list of what was typed, each with the time it changed last.
const DRAFTS: &str = "drafts";

/// How many drafts are too old, and what is left of them.
fn drafts(sql: &Connection, before: Before) -> rusqlite::Result<(u64, String)> {
    let text = facts::recall(sql, DRAFTS)?.unwrap_or_default();
    let all: Vec<Value> = serde_json::from_str(&text).unwrap_or_default();
    let at = |draft: &Value| draft.get("at")?.as_str()?.parse::<Timestamp>().ok();
    let old = |draft: &Value| before.drafts.is_some_and(|before| at(draft).is_some_and(|at| at < before));
    let (old, left): (Vec<Value>, Vec<Value>) = all.into_iter().partition(old);
    Ok((u64::try_from(old.len()).unwrap_or(u64::MAX), Value::Array(left).to_string()))
}

/// Takes it, with an event of the chain, which says up to when: `audit verify` allows a row without its bytes
/// only where one covers it. `files`: how many files went beside the store.
pub(super) fn purge(
    tx: &Tx<'_>,
    before: Before,
    mut event: Happened,
    files: BTreeMap<&'static str, u64>,
) -> Result<Purged, Fault> {
    let purged = count(tx.sql, before)?;
    schema::set_meta(tx.sql, PURGED, &time(tx.at))?;
    if purged.is_nothing() && files.values().all(|count| *count == 0) {
        return Ok(purged);
    }
    if let Some(at) = before.transactions {
        tx.sql.execute(&format!("DELETE FROM {TRANSACTIONS}"), [at.as_millisecond()])?;
    }
    if let Some(at) = before.counterparties {
        tx.sql.execute(&format!("DELETE FROM {COUNTERPARTIES}"), [time(at)])?;
    }
    if let Some(at) = before.exchanges {
        let (_, rows) = EXCHANGES.split_once(" WHERE ").unwrap_or_default();
        tx.sql.execute(
            &format!(
                "UPDATE outbox SET purged_at = ?2, body = x'', answer = NULL, answer_headers = NULL, text = NULL
                 WHERE {rows}"
            ),
            params![time(at), time(tx.at)],
        )?;
        tx.sql.execute(
            "UPDATE pays SET account = '' WHERE account <> ''
             AND intent IN (SELECT intent FROM outbox WHERE purged_at IS NOT NULL)",
            [],
        )?;
        event.data.insert("exchanges_before", time(at));
    }
    if purged.drafts > 0 {
        facts::remember(tx, DRAFTS, &drafts(tx.sql, before)?.1)?;
    }
    event.data.extend(files.into_iter().map(|(name, count)| (name, count.to_string())));
    event.data.extend([
        ("transactions", purged.transactions.to_string()),
        ("counterparties", purged.counterparties.to_string()),
        ("exchanges", purged.exchanges.to_string()),
        ("drafts", purged.drafts.to_string()),
    ]);
    audit::append(tx, event)?;
    Ok(purged)
}

const PURGED: &str = "purged_at";

/// When it was last done, with or without something to take.
pub(super) fn last(sql: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    Ok(schema::meta(sql, PURGED)?.and_then(|at| at.parse().ok()))
}
