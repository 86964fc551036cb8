//! The tables, and the versions they came in. The triggers say again what the code says: what was
//! recorded does not change, what is final stays, nothing leaves the outbox or the chain.

use super::error::StoreError;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior};
use std::path::Path;
use std::str::FromStr;
use uuid::Uuid;

/// `CUAD`: in the file's header, so that another program's database is not taken for ours.
const APPLICATION: i64 = 0x4355_4144;

/// Each entry takes the schema one version further. Landed entries never change.
const VERSIONS: [&str; 3] = [V1, V2, V3];

const V1: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    n INTEGER PRIMARY KEY,
    intent TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL, profile TEXT NOT NULL, environment TEXT NOT NULL, host TEXT NOT NULL,
    actor TEXT NOT NULL, role TEXT NOT NULL, action TEXT NOT NULL,
    method TEXT NOT NULL, path TEXT NOT NULL, body BLOB NOT NULL, body_sha256 TEXT NOT NULL,
    idempotency_key TEXT, external_id TEXT, short_ref TEXT,
    amount_minor INTEGER, currency TEXT, source TEXT, destination TEXT, subject TEXT, shown_hash TEXT,
    supersedes TEXT UNIQUE REFERENCES outbox (intent),
    moves_money INTEGER NOT NULL CHECK (moves_money IN (0, 1)),
    at TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('recorded', 'sending', 'sent', 'not_sent', 'rejected', 'unknown')),
    owner TEXT NOT NULL,
    started_at TEXT, ended_at TEXT, settled_at TEXT, settled_by TEXT,
    why TEXT, status INTEGER, code TEXT, text TEXT, provider_id TEXT, provider_state TEXT,
    answer_headers TEXT, answer BLOB, answer_sha256 TEXT
) STRICT;

CREATE INDEX outbox_external_id ON outbox (provider, external_id);
CREATE INDEX outbox_key ON outbox (provider, idempotency_key);
CREATE INDEX outbox_open ON outbox (state) WHERE state IN ('recorded', 'sending', 'unknown');
CREATE INDEX outbox_payments ON outbox (at) WHERE moves_money = 1;
CREATE UNIQUE INDEX outbox_one_open ON outbox (provider, destination, amount_minor, currency)
    WHERE moves_money = 1 AND state IN ('recorded', 'sending', 'unknown');

CREATE TRIGGER outbox_stays BEFORE DELETE ON outbox
BEGIN SELECT RAISE (ABORT, 'nothing leaves the outbox'); END;
CREATE TRIGGER outbox_recorded_stands BEFORE UPDATE OF
    n, intent, provider, profile, environment, host, actor, role, action, method, path, body, body_sha256,
    idempotency_key, external_id, short_ref, amount_minor, currency, source, destination, subject,
    shown_hash, supersedes, moves_money, at ON outbox
BEGIN SELECT RAISE (ABORT, 'what was recorded does not change'); END;
CREATE TRIGGER outbox_steps BEFORE UPDATE OF state ON outbox
WHEN NOT (
    (old.state = 'recorded' AND new.state IN ('sending', 'not_sent'))
    OR (old.state = 'sending' AND new.state IN ('sent', 'not_sent', 'rejected', 'unknown'))
    OR (old.state = 'unknown' AND new.state IN ('sent', 'not_sent', 'rejected'))
)
BEGIN SELECT RAISE (ABORT, 'no such step'); END;

CREATE TABLE steps (
    n INTEGER PRIMARY KEY,
    intent TEXT NOT NULL REFERENCES outbox (intent),
    at TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, by TEXT NOT NULL,
    found INTEGER, whole INTEGER, note TEXT
) STRICT;
CREATE INDEX steps_intent ON steps (intent);

CREATE TABLE lease (
    owner TEXT PRIMARY KEY, process TEXT NOT NULL, until TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (seq INTEGER PRIMARY KEY, event TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit
BEGIN SELECT RAISE (ABORT, 'the chain only grows'); END;
CREATE TRIGGER audit_stands BEFORE UPDATE ON audit
BEGIN SELECT RAISE (ABORT, 'the chain only grows'); END;

CREATE TABLE facts (
    provider TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, raw TEXT NOT NULL,
    PRIMARY KEY (provider, kind, id)
) STRICT;
CREATE INDEX facts_newest ON facts (provider, kind, at DESC, id DESC);
CREATE TABLE obtained (
    provider TEXT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (provider, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE memory (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
";

/// Whom each write pays, row by row: a payment equal to a row of a bulk that is not settled waits for it.
const V2: &str = "
CREATE TABLE pays (
    intent TEXT NOT NULL REFERENCES outbox (intent),
    to_id TEXT NOT NULL, account TEXT NOT NULL, amount_minor INTEGER NOT NULL
) STRICT;
CREATE INDEX pays_to ON pays (to_id, amount_minor) WHERE to_id <> '';
CREATE INDEX pays_account ON pays (account, amount_minor) WHERE account <> '';
CREATE TRIGGER pays_stays BEFORE DELETE ON pays
BEGIN SELECT RAISE (ABORT, 'what was recorded does not change'); END;
CREATE TRIGGER pays_stands BEFORE UPDATE ON pays
BEGIN SELECT RAISE (ABORT, 'what was recorded does not change'); END;
INSERT INTO pays SELECT intent, coalesce(destination, ''), '', amount_minor FROM outbox
    WHERE moves_money = 1 AND amount_minor IS NOT NULL;
";

/// What a purge may take: the bytes that left and came back, of what is final, and their hashes stay. What a
/// restored copy has as recorded may have left after it.
const V3: &str = "
ALTER TABLE outbox ADD COLUMN purged_at TEXT;
DROP TRIGGER outbox_recorded_stands;
CREATE TRIGGER outbox_recorded_stands BEFORE UPDATE OF
    n, intent, provider, profile, environment, host, actor, role, action, method, path, body_sha256,
    idempotency_key, external_id, short_ref, amount_minor, currency, source, destination, subject,
    shown_hash, supersedes, moves_money, at ON outbox
BEGIN SELECT RAISE (ABORT, 'what was recorded does not change'); END;
CREATE TRIGGER outbox_body_stands BEFORE UPDATE OF body, purged_at ON outbox
WHEN NOT (
    old.purged_at IS NULL AND new.purged_at IS NOT NULL AND new.body = x''
    AND old.state IN ('sent', 'not_sent', 'rejected')
)
BEGIN SELECT RAISE (ABORT, 'what was recorded does not change'); END;
DROP TRIGGER pays_stands;
CREATE TRIGGER pays_stands BEFORE UPDATE ON pays
WHEN NOT (
    new.account = '' AND new.intent = old.intent AND new.to_id = old.to_id
    AND new.amount_minor = old.amount_minor
    AND EXISTS (SELECT 1 FROM outbox WHERE intent = old.intent AND purged_at IS NOT NULL)
)
BEGIN SELECT RAISE (ABORT, 'what was recorded does not change'); END;
DROP TRIGGER outbox_steps;
CREATE TRIGGER outbox_steps BEFORE UPDATE OF state ON outbox
WHEN NOT (
    (old.state = 'recorded' AND new.state IN ('sending', 'not_sent', 'unknown'))
    OR (old.state = 'sending' AND new.state IN ('sent', 'not_sent', 'rejected', 'unknown'))
    OR (old.state = 'unknown' AND new.state IN ('sent', 'not_sent', 'rejected'))
)
BEGIN SELECT RAISE (ABORT, 'no such step'); END;
";

fn known() -> i64 {
    i64::try_from(VERSIONS.len()).unwrap_or(i64::MAX)
}

/// Brings the tables to the version of this program, or says why not.
pub(super) fn migrate(sql: &mut Connection, path: &Path) -> Result<(), MigrateError> {
    let tx = sql.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = check(&tx, path)?;
    let from = usize::try_from(found).unwrap_or(0);
    for step in VERSIONS.iter().skip(from) {
        tx.execute_batch(step)?;
    }
    if found == 0 {
        tx.execute("INSERT INTO meta (key, value) VALUES ('store', ?1)", [Uuid::now_v7().to_string()])?;
        tx.pragma_update(None, "application_id", APPLICATION)?;
    }
    if found < known() {
        tx.pragma_update(None, "user_version", known())?;
    }
    tx.commit()?;
    Ok(())
}

/// The version found; 0 is an empty file.
pub(super) fn check(sql: &Connection, path: &Path) -> Result<i64, MigrateError> {
    let application: i64 = sql.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let found: i64 = sql.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: i64 = sql.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let ours = if tables == 0 { application == 0 && found == 0 } else { application == APPLICATION };
    if !ours || found < 0 {
        return Err(StoreError::NotAStore { path: path.to_owned() }.into());
    }
    if found > known() {
        return Err(StoreError::Newer { found, known: known() }.into());
    }
    Ok(found)
}

pub(super) fn store_id(sql: &Connection) -> rusqlite::Result<String> {
    sql.query_row("SELECT value FROM meta WHERE key = 'store'", [], |row| row.get(0))
}

pub(super) fn meta(sql: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    sql.prepare("SELECT value FROM meta WHERE key = ?1")?.query_row([key], |row| row.get(0)).optional()
}

pub(super) fn set_meta(sql: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    sql.prepare(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute([key, value])
    .map(drop)
}

pub(super) use super::error::Fault as MigrateError;

/// RFC 3339 with six digits, so that text sorts as time does.
pub(super) fn time(at: Timestamp) -> String {
    format!("{at:.6}")
}

fn get_parsed<T: FromStr>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse()).transpose().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })
}

fn required<T>(value: Option<T>, column: &str) -> rusqlite::Result<T> {
    value.ok_or_else(|| rusqlite::Error::InvalidColumnName(column.to_owned()))
}

pub(super) fn get_time(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    required(get_parsed(row, column)?, column)
}

pub(super) fn get_time_maybe(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    get_parsed(row, column)
}

pub(super) fn get_uuid(row: &Row<'_>, column: &str) -> rusqlite::Result<Uuid> {
    required(get_parsed(row, column)?, column)
}

pub(super) fn get_uuid_maybe(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Uuid>> {
    get_parsed(row, column)
}
