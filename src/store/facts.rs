//! Facts as received, and small things to remember: all of it can be deleted and synced again.

use super::error::Fault;
use super::writer::Tx;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// One row of a provider's list, kept as it came.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fact {
    pub id: String,
    /// Milliseconds since 1970, UTC: only a sort key.
    pub at: i64,
    /// The JSON as received.
    pub raw: String,
}

/// What happens to the facts of this kind that are not in the new ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// They go: the new ones are the whole kind.
    Replace,
    /// They stay.
    Merge,
}

pub(super) fn put(tx: &Tx<'_>, provider: &str, kind: &str, facts: &[Fact], how: Put) -> Result<(), Fault> {
    if how == Put::Replace {
        // Only what is gone: a poll that brought nothing new writes nothing anew.
        let ids: Vec<&str> = facts.iter().map(|fact| fact.id.as_str()).collect();
        let ids = serde_json::to_string(&ids).expect("texts can always be written");
        tx.sql.execute(
            "DELETE FROM facts WHERE provider = ?1 AND kind = ?2
             AND id NOT IN (SELECT value FROM json_each(?3))",
            params![provider, kind, ids],
        )?;
    }
    let mut insert = tx.sql.prepare(
        "INSERT INTO facts (provider, kind, id, at, raw) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (provider, kind, id) DO UPDATE SET at = excluded.at, raw = excluded.raw
         WHERE at <> excluded.at OR raw <> excluded.raw",
    )?;
    for fact in facts {
        insert.execute(params![provider, kind, fact.id, fact.at, fact.raw])?;
    }
    tx.sql.execute(
        "INSERT INTO obtained (provider, kind, at) VALUES (?1, ?2, ?3)
         ON CONFLICT (provider, kind) DO UPDATE SET at = excluded.at",
        params![provider, kind, super::schema::time(tx.at)],
    )?;
    Ok(())
}

pub(super) fn newest(
    sql: &Connection,
    provider: &str,
    kind: &str,
    newest: usize,
) -> rusqlite::Result<Vec<Fact>> {
    let limit = i64::try_from(newest).unwrap_or(i64::MAX);
    sql.prepare(
        "SELECT id, at, raw FROM facts WHERE provider = ?1 AND kind = ?2 ORDER BY at DESC, id DESC LIMIT ?3",
    )?
    .query_map(params![provider, kind, limit], |row| {
        Ok(Fact { id: row.get(0)?, at: row.get(1)?, raw: row.get(2)? })
    })?
    .collect()
}

pub(super) fn obtained_at(
    sql: &Connection,
    provider: &str,
    kind: &str,
) -> rusqlite::Result<Option<Timestamp>> {
    sql.prepare("SELECT at FROM obtained WHERE provider = ?1 AND kind = ?2")?
        .query_row(params![provider, kind], |row| super::schema::get_time(row, "at"))
        .optional()
}

pub(super) fn remember(tx: &Tx<'_>, key: &str, value: &str) -> Result<(), Fault> {
    tx.sql.execute(
        "INSERT INTO memory (key, value) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        params![key, value],
    )?;
    Ok(())
}

pub(super) fn recall(sql: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    sql.prepare("SELECT value FROM memory WHERE key = ?1")?
        .query_row(params![key], |row| row.get(0))
        .optional()
}
