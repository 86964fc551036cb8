//! The outbox as it is shown.

use super::get_state;
use crate::store::row::{Exchange, Look, OutboxEntry, Pays, Step};
use crate::store::schema::{get_time, get_time_maybe, get_uuid, get_uuid_maybe, time};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

/// All columns but the bodies.
const ENTRY: &str = "SELECT intent, at, provider, profile, environment, host, actor, role, action, method, path,
    body_sha256, idempotency_key, external_id, short_ref, amount_minor, currency, source, destination, subject,
    shown_hash, supersedes, moves_money, state, started_at, ended_at, settled_at, settled_by, why, status, code,
    text, provider_id, provider_state, answer_headers FROM outbox";

fn entries(
    sql: &Connection,
    which: &str,
    values: &[&dyn rusqlite::ToSql],
) -> rusqlite::Result<Vec<OutboxEntry>> {
    let mut entries = sql
        .prepare(&format!("{ENTRY} {which}"))?
        .query_map(values, read_entry)?
        .collect::<Result<Vec<_>, _>>()?;
    let mut steps = sql
        .prepare("SELECT at, kind, state, by, found, whole, note FROM steps WHERE intent = ?1 ORDER BY n")?;
    for entry in &mut entries {
        let mut rows = steps.query([entry.intent.to_string()])?;
        while let Some(row) = rows.next()? {
            let at = get_time(row, "at")?;
            let note: Option<String> = row.get("note")?;
            if let Some(found) = row.get("found")? {
                entry.looks.push(Look { at, found, whole: row.get("whole")?, note: note.clone() });
            }
            entry.history.push(Step {
                at,
                kind: row.get("kind")?,
                state: get_state(row)?,
                by: row.get("by")?,
                note,
            });
        }
    }
    Ok(entries)
}

fn read_entry(row: &rusqlite::Row<'_>) -> rusqlite::Result<OutboxEntry> {
    Ok(OutboxEntry {
        intent: get_uuid(row, "intent")?,
        at: get_time(row, "at")?,
        provider: row.get("provider")?,
        profile: row.get("profile")?,
        environment: row.get("environment")?,
        host: row.get("host")?,
        actor: row.get("actor")?,
        role: row.get("role")?,
        action: row.get("action")?,
        method: row.get("method")?,
        path: row.get("path")?,
        body_sha256: row.get("body_sha256")?,
        idempotency_key: row.get("idempotency_key")?,
        external_id: row.get("external_id")?,
        short_ref: row.get("short_ref")?,
        amount_minor: row.get("amount_minor")?,
        currency: row.get("currency")?,
        source: row.get("source")?,
        destination: row.get("destination")?,
        subject: row.get("subject")?,
        shown_hash: row.get("shown_hash")?,
        supersedes: get_uuid_maybe(row, "supersedes")?,
        moves_money: row.get("moves_money")?,
        state: get_state(row)?,
        started_at: get_time_maybe(row, "started_at")?,
        ended_at: get_time_maybe(row, "ended_at")?,
        settled_at: get_time_maybe(row, "settled_at")?,
        settled_by: row.get("settled_by")?,
        why: row.get("why")?,
        status: row.get("status")?,
        code: row.get("code")?,
        text: row.get("text")?,
        provider_id: row.get("provider_id")?,
        provider_state: row.get("provider_state")?,
        correlation: correlation(row.get::<_, Option<String>>("answer_headers")?.as_deref()),
        looks: Vec::new(),
        history: Vec::new(),
        note: None,
    })
}

/// `x-correlation-id`, else `x-request-id`, out of the answer's headers.
fn correlation(headers: Option<&str>) -> Option<String> {
    let value = |wanted: &str| {
        headers?.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
        })
    };
    value("x-correlation-id").or_else(|| value("x-request-id"))
}

pub(in crate::store) fn newest(sql: &Connection, limit: usize) -> rusqlite::Result<Vec<OutboxEntry>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    entries(sql, "ORDER BY n DESC LIMIT ?1", params![limit])
}

pub(in crate::store) fn entry(sql: &Connection, intent: Uuid) -> rusqlite::Result<Option<OutboxEntry>> {
    Ok(entries(sql, "WHERE intent = ?1", params![intent.to_string()])?.pop())
}

pub(in crate::store) fn open(sql: &Connection) -> rusqlite::Result<Vec<OutboxEntry>> {
    entries(sql, "WHERE state IN ('sending', 'unknown') ORDER BY n", params![])
}

pub(in crate::store) fn payments_since(
    sql: &Connection,
    since: Timestamp,
) -> rusqlite::Result<Vec<OutboxEntry>> {
    entries(sql, "WHERE moves_money = 1 AND at >= ?1 ORDER BY n DESC", params![time(since)])
}

pub(in crate::store) fn makers(
    sql: &Connection,
    id: &str,
    name: Option<&str>,
) -> rusqlite::Result<Vec<String>> {
    sql.prepare(
        "SELECT DISTINCT actor FROM outbox WHERE (provider_id = ?1 OR external_id = ?2) AND moves_money = 1
            AND action IN ('create_movement', 'create_bulk')",
    )?
    .query_map(params![id, name], |row| row.get(0))?
    .collect()
}

pub(in crate::store) fn pays(sql: &Connection, intent: Uuid) -> rusqlite::Result<Vec<Pays>> {
    sql.prepare("SELECT to_id, account, amount_minor FROM pays WHERE intent = ?1 ORDER BY rowid")?
        .query_map([intent.to_string()], |row| {
            Ok(Pays {
                to: row.get("to_id")?,
                account: row.get("account")?,
                amount_minor: row.get("amount_minor")?,
            })
        })?
        .collect()
}

pub(in crate::store) fn exchange(sql: &Connection, intent: Uuid) -> rusqlite::Result<Option<Exchange>> {
    sql.prepare("SELECT body, answer_headers, answer, purged_at FROM outbox WHERE intent = ?1")?
        .query_row([intent.to_string()], |row| {
            Ok(Exchange {
                body: row.get(0)?,
                answer_headers: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                answer: row.get::<_, Option<Vec<u8>>>(2)?.unwrap_or_default(),
                purged_at: get_time_maybe(row, "purged_at")?,
            })
        })
        .optional()
}
