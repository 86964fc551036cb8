//! The outbox: the state machine of an intent, each step by compare-and-set and with its event.

mod read;

pub(super) use read::{entry, exchange, makers, newest, open, payments_since, pays};

use super::audit::{self, Happened, kind};
use super::error::{Fault, StoreError};
use super::process;
use super::restore;
use super::row::{Counted, Ending, Look, OutcomeRow, Pays, Recovered, Row, SettledBy, State};
use super::schema::{get_time_maybe, get_uuid, time};
use super::writer::Tx;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params, params};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The parts of a row that events and checks need.
struct Known {
    intent: Uuid,
    state: State,
    provider: String,
    actor: String,
    role: String,
    profile: String,
    owner: String,
}

fn known(tx: &Tx<'_>, intent: Uuid) -> rusqlite::Result<Option<Known>> {
    tx.sql
        .prepare("SELECT state, provider, actor, role, profile, owner FROM outbox WHERE intent = ?1")?
        .query_row([intent.to_string()], |row| {
            Ok(Known {
                intent,
                state: get_state(row)?,
                provider: row.get("provider")?,
                actor: row.get("actor")?,
                role: row.get("role")?,
                profile: row.get("profile")?,
                owner: row.get("owner")?,
            })
        })
        .optional()
}

fn must_know(tx: &Tx<'_>, intent: Uuid) -> Result<Known, Fault> {
    Ok(known(tx, intent)?.ok_or(StoreError::NotFound { intent })?)
}

impl Known {
    fn event(&self, kind: &'static str, data: BTreeMap<&'static str, String>) -> Happened {
        Happened {
            kind,
            actor: self.actor.clone(),
            role: self.role.clone(),
            profile: self.profile.clone(),
            intent: Some(self.intent),
            data,
        }
    }
}

fn get_state(row: &rusqlite::Row<'_>) -> rusqlite::Result<State> {
    let code: String = row.get("state")?;
    State::from_code(&code).ok_or_else(|| rusqlite::Error::InvalidColumnName(format!("state {code}")))
}

fn step(
    tx: &Tx<'_>,
    intent: Uuid,
    at: Timestamp,
    kind: &'static str,
    state: State,
    by: &str,
    note: Option<&str>,
) -> rusqlite::Result<()> {
    tx.sql
        .prepare("INSERT INTO steps (intent, at, kind, state, by, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![intent.to_string(), time(at), kind, state.code(), by, note])?;
    Ok(())
}

/// What an `intent_recorded` event says of its row. `audit verify` compares the two.
pub(super) fn recorded_data(row: &Row) -> BTreeMap<&'static str, String> {
    let maybe = [
        ("amount_minor", row.amount_minor.map(|amount| amount.to_string())),
        ("currency", row.currency.clone()),
        ("destination", row.destination.clone()),
        ("external_id", row.external_id.clone()),
        ("idempotency_key", row.idempotency_key.clone()),
        ("short_ref", row.short_ref.clone()),
        ("shown_hash", row.shown_hash.clone()),
        ("source", row.source.clone()),
        ("subject", row.subject.clone()),
        ("supersedes", row.supersedes.map(|intent| intent.to_string())),
    ];
    let mut data = BTreeMap::from([
        ("action", row.action.clone()),
        ("body_sha256", audit::sha256(&row.body)),
        ("environment", row.environment.clone()),
        ("host", row.host.clone()),
        ("intent_at", time(row.at)),
        ("method", row.method.clone()),
        ("moves_money", row.moves_money.to_string()),
        ("path", row.path.clone()),
        ("provider", row.provider.to_owned()),
    ]);
    data.extend(maybe.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))));
    data
}

pub(super) fn record(tx: &Tx<'_>, row: &Row) -> Result<(), Fault> {
    refuse_twice(tx, row)?;
    refuse_over(tx, row)?;
    tx.hold()?;
    let data = recorded_data(row);
    tx.sql
        .prepare(
            "INSERT INTO outbox (intent, provider, profile, environment, host, actor, role, action, method,
                path, body, body_sha256, idempotency_key, external_id, short_ref, amount_minor, currency,
                source, destination, subject, shown_hash, supersedes, moves_money, at, state, owner)
             VALUES (:intent, :provider, :profile, :environment, :host, :actor, :role, :action, :method,
                :path, :body, :body_sha256, :idempotency_key, :external_id, :short_ref, :amount_minor,
                :currency, :source, :destination, :subject, :shown_hash, :supersedes, :moves_money, :at,
                'recorded', :owner)",
        )?
        .execute(named_params! {
            ":intent": row.intent.to_string(),
            ":provider": row.provider,
            ":profile": row.profile,
            ":environment": row.environment,
            ":host": row.host,
            ":actor": row.actor,
            ":role": row.role,
            ":action": row.action,
            ":method": row.method,
            ":path": row.path,
            ":body": row.body,
            ":body_sha256": audit::sha256(&row.body),
            ":idempotency_key": row.idempotency_key,
            ":external_id": row.external_id,
            ":short_ref": row.short_ref,
            ":amount_minor": row.amount_minor,
            ":currency": row.currency,
            ":source": row.source,
            ":destination": row.destination,
            ":subject": row.subject,
            ":shown_hash": row.shown_hash,
            ":supersedes": row.supersedes.map(|intent| intent.to_string()),
            ":moves_money": row.moves_money,
            ":at": time(row.at),
            ":owner": tx.owner,
        })?;
    let mut insert =
        tx.sql.prepare("INSERT INTO pays (intent, to_id, account, amount_minor) VALUES (?1, ?2, ?3, ?4)")?;
    for pays in row.payments() {
        insert.execute(params![row.intent.to_string(), pays.to, pays.account, pays.amount_minor])?;
    }
    step(tx, row.intent, row.at, kind::INTENT_RECORDED, State::Recorded, &row.actor, None)?;
    audit::append(
        tx,
        Happened {
            kind: kind::INTENT_RECORDED,
            actor: row.actor.clone(),
            role: row.role.clone(),
            profile: row.profile.clone(),
            intent: Some(row.intent),
            data,
        },
    )?;
    row.accepted.iter().try_for_each(|accepted| {
        let data = BTreeMap::from([
            ("finding", accepted.code.to_owned()),
            ("reason", accepted.reason.clone()),
            ("rows", accepted.rows.clone()),
        ]);
        audit::append(
            tx,
            Happened {
                kind: audit::Kind::FindingAccepted.code(),
                actor: row.actor.clone(),
                role: row.role.clone(),
                profile: row.profile.clone(),
                intent: Some(row.intent),
                data,
            },
        )
    })
}

/// Refuses what would pass a total of the profile.
fn refuse_over(tx: &Tx<'_>, row: &Row) -> Result<(), Fault> {
    for cap in &row.caps {
        let which = match (cap.counted, &cap.destination) {
            (Counted::Payments, None) => "outbox WHERE moves_money = 1 AND ?3 IS NULL",
            (Counted::Payments, Some(_)) => "outbox JOIN pays USING (intent) WHERE pays.to_id = ?3",
            (Counted::Approvals, _) => "outbox WHERE action IN ('approve', 'approve_bulk') AND ?3 IS NULL",
        };
        let of = if cap.destination.is_some() { "pays" } else { "outbox" };
        // What never left, or came back, is no money spent.
        let query = format!(
            "SELECT {of}.amount_minor FROM {which} AND currency IS ?1 AND at >= ?2
                AND state NOT IN ('not_sent', 'rejected')
                AND coalesce(provider_state, '') NOT IN ('rejected', 'failed', 'canceled', 'returned')"
        );
        let mut sum = i128::from(cap.adds_minor);
        let mut statement = tx.sql.prepare(&query)?;
        let mut rows = statement.query(params![row.currency, time(cap.since), cap.destination])?;
        while let Some(found) = rows.next()? {
            let minor: Option<i64> = found.get(0)?;
            sum = sum.saturating_add(i128::from(minor.unwrap_or(0)));
        }
        // What left after the copy that this store was restored from is in no row of it.
        if cap.counted == Counted::Payments {
            let counts = |one: &restore::Stranger| {
                one.at >= cap.since
                    && row.currency.as_ref() == Some(&one.currency)
                    && cap.destination.as_ref().is_none_or(|to| *to == one.destination)
            };
            let spent = restore::spent(tx.sql)?;
            let minor = spent.iter().filter(|one| counts(one)).map(|one| i128::from(one.amount_minor));
            sum = sum.saturating_add(minor.sum());
        }
        if sum > i128::from(cap.most_minor) {
            return Err(StoreError::OverCap {
                rule: cap.rule,
                would_be_minor: i64::try_from(sum).unwrap_or(i64::MAX),
                most_minor: cap.most_minor,
            }
            .into());
        }
    }
    Ok(())
}

/// All that could make one wish two payments.
fn refuse_twice(tx: &Tx<'_>, row: &Row) -> Result<(), Fault> {
    if known(tx, row.intent)?.is_some() {
        return Err(StoreError::AlreadyRecorded { intent: row.intent }.into());
    }
    if let Some(old) = row.supersedes {
        let state = known(tx, old)?.filter(|known| known.provider == row.provider).map(|known| known.state);
        let ended = matches!(state, Some(State::NotSent | State::Rejected))
            || (state == Some(State::Sent) && is_ended_bulk(tx, old)?);
        if !ended {
            return Err(StoreError::CantSupersede { intent: old, state }.into());
        }
        if let Some(by) =
            other(tx, "SELECT intent FROM outbox WHERE supersedes = ?1", params![old.to_string()])?
        {
            return Err(StoreError::AlreadySuperseded { intent: old, by }.into());
        }
    }
    if let Some(intent) = equal_open(tx.sql, row.provider, row.currency.as_deref(), &row.payments())? {
        return Err(StoreError::AlreadyOpen { intent }.into());
    }
    // Taken over only from the intent that is sent again, and from those that it took them from.
    if let Some(external_id) = &row.external_id {
        let taken = taken(tx, "external_id", row, external_id)?;
        if let Some(intent) = taken {
            return Err(StoreError::ExternalIdUsed { intent, external_id: external_id.clone() }.into());
        }
    }
    if let Some(key) = &row.idempotency_key
        && let Some(intent) = taken(tx, "idempotency_key", row, key)?
    {
        return Err(StoreError::KeyUsed { intent }.into());
    }
    Ok(())
}

/// The first write that is not settled and pays one of these, to the same end: as one payment or as a row
/// of a bulk.
pub(super) fn equal_open(
    sql: &Connection,
    provider: &str,
    currency: Option<&str>,
    payments: &[Pays],
) -> rusqlite::Result<Option<Uuid>> {
    let by = |column: &'static str| {
        sql.prepare(&format!(
            "SELECT intent FROM outbox JOIN pays USING (intent)
             WHERE pays.{column} = ?1 AND pays.{column} <> '' AND pays.amount_minor = ?2
                AND state IN ('recorded', 'sending', 'unknown') AND provider = ?3 AND currency IS ?4"
        ))
    };
    let (mut to, mut account) = (by("to_id")?, by("account")?);
    for pays in payments {
        for (statement, end) in [(&mut to, &pays.to), (&mut account, &pays.account)] {
            let values = params![end, pays.amount_minor, provider, currency];
            let found = statement.query_row(values, |row| get_uuid(row, "intent")).optional()?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }
    Ok(None)
}

/// A bulk that was sent and has its end at the provider: of a rejected one the rows that nobody objected to
/// are sent again, of one that was executed those that were not paid.
fn is_ended_bulk(tx: &Tx<'_>, intent: Uuid) -> rusqlite::Result<bool> {
    let query = "SELECT intent FROM outbox WHERE intent = ?1 AND action = 'create_bulk'
        AND provider_state IN ('canceled', 'failed', 'completed')";
    Ok(other(tx, query, params![intent.to_string()])?.is_some())
}

/// The newest intent that has this value, unless that is the one being superseded.
fn taken(tx: &Tx<'_>, column: &'static str, row: &Row, value: &str) -> rusqlite::Result<Option<Uuid>> {
    let query =
        format!("SELECT intent FROM outbox WHERE provider = ?1 AND {column} = ?2 ORDER BY n DESC LIMIT 1");
    let newest = other(tx, &query, params![row.provider, value])?;
    Ok(newest.filter(|intent| row.supersedes != Some(*intent)))
}

fn other(tx: &Tx<'_>, query: &str, values: &[&dyn rusqlite::ToSql]) -> rusqlite::Result<Option<Uuid>> {
    tx.sql.prepare(query)?.query_row(values, |row| get_uuid(row, "intent")).optional()
}

pub(super) fn start(tx: &Tx<'_>, intent: Uuid) -> Result<(), Fault> {
    tx.hold()?;
    let changed = tx
        .sql
        .prepare(
            "UPDATE outbox SET state = 'sending', owner = ?2, started_at = ?3
             WHERE intent = ?1 AND state = 'recorded'",
        )?
        .execute(params![intent.to_string(), tx.owner, time(tx.at)])?;
    let row = must_know(tx, intent)?;
    if changed == 0 {
        return Err(StoreError::TakenElsewhere { intent, state: row.state }.into());
    }
    step(tx, intent, tx.at, kind::SEND_STARTED, State::Sending, &row.actor, None)?;
    audit::append(tx, row.event(kind::SEND_STARTED, BTreeMap::new()))
}

/// What the outcome's event says of its row. `audit verify` compares the two.
fn outcome_data(outcome: &OutcomeRow, by: &SettledBy) -> BTreeMap<&'static str, String> {
    let maybe = [
        ("answer_sha256", (!outcome.body.is_empty()).then(|| audit::sha256(&outcome.body))),
        ("code", outcome.code.clone()),
        ("provider_id", outcome.provider_id.clone()),
        ("status", outcome.status.map(|status| status.to_string())),
        ("text_sha256", outcome.text.as_ref().map(|text| audit::sha256(text.as_bytes()))),
        ("why", outcome.why.clone()),
    ];
    let mut data = BTreeMap::from([
        ("by", by.code().to_owned()),
        ("state", State::from(outcome.ending).code().to_owned()),
    ]);
    data.extend(maybe.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))));
    if let SettledBy::Person { reason, amount_typed, .. } = by {
        data.extend([("reason", reason.clone()), ("amount_typed", amount_typed.clone())]);
    }
    data
}

/// `Some`: another final outcome stands. What came is then only in the chain and the history.
pub(super) fn settle(
    tx: &Tx<'_>,
    intent: Uuid,
    outcome: &OutcomeRow,
    by: &SettledBy,
) -> Result<Option<State>, Fault> {
    let row = must_know(tx, intent)?;
    let to = State::from(outcome.ending);
    let (kind, who) = match by {
        SettledBy::Answer => (kind::OUTCOME, by.code()),
        SettledBy::Look | SettledBy::Restart => (kind::SETTLED, by.code()),
        SettledBy::Person { actor, .. } => (kind::CLOSED_BY_HAND, actor.as_str()),
    };
    let mut event = row.event(kind, outcome_data(outcome, by));
    if let SettledBy::Person { actor, role, .. } = by {
        (event.actor, event.role) = (actor.clone(), role.clone());
    }
    // Only its owner may end a send: a look or a person could take one that is still under way for absent.
    let ended = match by {
        SettledBy::Answer | SettledBy::Restart => true,
        SettledBy::Look | SettledBy::Person { .. } => row.state == State::Unknown,
    };
    // What a restored copy has as recorded may have been started after it was made.
    let unheard = *by == SettledBy::Restart && row.state == State::Recorded && to == State::Unknown;
    if ended && (unheard || row.state.may_become(outcome.ending)) {
        let changed = update(tx, intent, row.state, outcome, by)?;
        if changed == 0 {
            return Err(StoreError::TakenElsewhere { intent, state: row.state }.into());
        }
        step(tx, intent, outcome.at, kind, to, who, outcome.why.as_deref())?;
        audit::append(tx, event)?;
        return Ok(None);
    }
    let agrees = agreement(tx, row.state == to, intent, outcome)?;
    if agrees == Agreement::Same {
        return Ok(None);
    }
    if !row.state.is_final() {
        return Err(StoreError::NoSuchStep { intent, from: row.state, to }.into());
    }
    event.data.insert("stands", row.state.code().to_owned());
    step(tx, intent, outcome.at, kind, row.state, who, Some(to.code()))?;
    audit::append(tx, event)?;
    Ok((agrees == Agreement::None).then_some(row.state))
}

/// What a second outcome has to do with the one that stands.
#[derive(PartialEq, Eq)]
enum Agreement {
    /// The receipt is written again until it holds: this time it was there already.
    Same,
    /// It came by another way, and says the same.
    Ending,
    None,
}

fn agreement(
    tx: &Tx<'_>,
    same_ending: bool,
    intent: Uuid,
    outcome: &OutcomeRow,
) -> rusqlite::Result<Agreement> {
    let (id, why, status): (Option<String>, Option<String>, Option<u16>) = tx
        .sql
        .prepare("SELECT provider_id, why, status FROM outbox WHERE intent = ?1")?
        .query_row([intent.to_string()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let one_thing = id == outcome.provider_id || id.is_none() || outcome.provider_id.is_none();
    Ok(if !same_ending || !one_thing {
        Agreement::None
    } else if id == outcome.provider_id && why == outcome.why && status == outcome.status {
        Agreement::Same
    } else {
        Agreement::Ending
    })
}

fn update(
    tx: &Tx<'_>,
    intent: Uuid,
    from: State,
    outcome: &OutcomeRow,
    by: &SettledBy,
) -> rusqlite::Result<usize> {
    // A later look that settles an unknown keeps what the answer had brought, unless it brings its own.
    tx.sql
        .prepare(
            "UPDATE outbox SET state = :to, settled_at = :at, settled_by = :by, why = :why, code = coalesce(:code, code),
                text = coalesce(:text, text), status = coalesce(:status, status),
                ended_at = coalesce(ended_at, :ended_at),
                provider_id = coalesce(:provider_id, provider_id),
                provider_state = coalesce(:provider_state, provider_state),
                answer_headers = coalesce(:headers, answer_headers),
                answer = coalesce(:answer, answer), answer_sha256 = coalesce(:answer_sha256, answer_sha256)
             WHERE intent = :intent AND state = :from",
        )?
        .execute(named_params! {
            ":intent": intent.to_string(),
            ":from": from.code(),
            ":to": State::from(outcome.ending).code(),
            ":at": time(outcome.at),
            ":by": by.code(),
            ":why": outcome.why,
            ":code": outcome.code,
            ":text": outcome.text,
            ":status": outcome.status,
            ":ended_at": (*by == SettledBy::Answer).then(|| time(outcome.at)),
            ":provider_id": outcome.provider_id,
            ":provider_state": outcome.provider_state,
            ":headers": (!outcome.headers.is_empty()).then_some(&outcome.headers),
            ":answer": (!outcome.body.is_empty()).then_some(&outcome.body),
            ":answer_sha256": (!outcome.body.is_empty()).then(|| audit::sha256(&outcome.body)),
        })
}

/// A step of this owner that led to no proof: nothing left, and nobody can send it any more. `reached` is
/// how far the step can have come; what went further belongs to someone else.
pub(super) fn void(tx: &Tx<'_>, intent: Uuid, reached: State, why: &str) -> Result<(), Fault> {
    let Some(row) = known(tx, intent)? else { return Ok(()) };
    let by_us = row.state == reached && row.owner == tx.owner;
    if row.state == State::Recorded || by_us {
        let outcome = OutcomeRow::new(Ending::NotSent, tx.at).because(why);
        settle(tx, intent, &outcome, &SettledBy::Answer)?;
    }
    Ok(())
}

pub(super) fn look(tx: &Tx<'_>, intent: Uuid, look: &Look) -> Result<(), Fault> {
    let row = must_know(tx, intent)?;
    tx.sql
        .prepare(
            "INSERT INTO steps (intent, at, kind, state, by, found, whole, note)
             VALUES (?1, ?2, 'look', ?3, 'look', ?4, ?5, ?6)",
        )?
        .execute(params![
            intent.to_string(),
            time(look.at),
            row.state.code(),
            look.found,
            look.whole,
            look.note
        ])?;
    let mut data = BTreeMap::from([
        ("found", look.found.to_string()),
        ("look_at", time(look.at)),
        ("whole", look.whole.to_string()),
    ]);
    if let Some(note) = &look.note {
        data.insert("note", note.clone());
    }
    audit::append(tx, row.event(kind::LOOK, data))
}

pub(super) fn set_provider_state(tx: &Tx<'_>, intent: Uuid, state: &str) -> Result<(), Fault> {
    let changed = tx
        .sql
        .prepare("UPDATE outbox SET provider_state = ?2 WHERE intent = ?1")?
        .execute(params![intent.to_string(), state])?;
    if changed == 0 { Err(StoreError::NotFound { intent }.into()) } else { Ok(()) }
}

/// Renews the lease while this owner has rows that are not settled; says whether it still has.
pub(super) fn renew_lease(tx: &Tx<'_>) -> Result<bool, Fault> {
    let held: bool = tx
        .sql
        .prepare(
            "SELECT EXISTS (SELECT 1 FROM outbox WHERE owner = ?1 AND state IN ('recorded', 'sending'))",
        )?
        .query_row([tx.owner], |row| row.get(0))?;
    if held {
        tx.hold()?;
    } else {
        tx.sql.execute("DELETE FROM lease WHERE owner = ?1", [tx.owner])?;
    }
    Ok(held)
}

/// In a copy that takes the store's place: what was under way when it was made may have left since, so that
/// only the provider can tell. How many.
pub(super) fn doubt_all(tx: &Tx<'_>) -> Result<u64, Fault> {
    let open: Vec<Uuid> = tx
        .sql
        .prepare("SELECT intent FROM outbox WHERE state IN ('recorded', 'sending') ORDER BY n")?
        .query_map([], |row| get_uuid(row, "intent"))?
        .collect::<Result<_, _>>()?;
    for intent in &open {
        let outcome = OutcomeRow::new(Ending::Unknown, tx.at).because("restored");
        settle(tx, *intent, &outcome, &SettledBy::Restart)?;
    }
    // The quiet time runs anew: whoever held the old store may have been sending until now.
    tx.sql.execute("UPDATE outbox SET ended_at = ?1 WHERE state = 'unknown'", [time(tx.at)])?;
    tx.sql.execute("DELETE FROM lease", [])?;
    Ok(u64::try_from(open.len()).unwrap_or(u64::MAX))
}

pub(super) fn recover(tx: &Tx<'_>) -> Result<Recovered, Fault> {
    let left: Vec<(Uuid, State, Option<Timestamp>, Option<String>)> = tx
        .sql
        .prepare(
            "SELECT intent, state, lease.until AS until, lease.process AS process
             FROM outbox LEFT JOIN lease USING (owner)
             WHERE state IN ('recorded', 'sending') AND owner <> ?1 ORDER BY n",
        )?
        .query_map([tx.owner], |row| {
            Ok((
                get_uuid(row, "intent")?,
                get_state(row)?,
                get_time_maybe(row, "until")?,
                row.get("process")?,
            ))
        })?
        .collect::<Result<_, _>>()?;
    let mut recovered = Recovered::default();
    for (intent, state, until, process) in left {
        let dead = process.is_some_and(|process| process::is_dead(&process));
        let expired = until.is_none_or(|until| until <= tx.at);
        if !dead && !expired {
            continue;
        }
        // The quiet time runs from the last moment at which its owner can have been sending.
        let ended = if dead { tx.at } else { until.unwrap_or(tx.at) };
        if state == State::Recorded {
            let outcome = OutcomeRow::new(Ending::NotSent, tx.at).because("abandoned");
            settle(tx, intent, &outcome, &SettledBy::Restart)?;
            recovered.not_sent.push(intent);
        } else {
            let outcome = OutcomeRow::new(Ending::Unknown, tx.at).because("abandoned");
            settle(tx, intent, &outcome, &SettledBy::Restart)?;
            tx.sql
                .prepare("UPDATE outbox SET ended_at = coalesce(ended_at, ?2) WHERE intent = ?1")?
                .execute(params![intent.to_string(), time(ended)])?;
            recovered.unknown.push(intent);
        }
    }
    tx.sql.execute(
        "DELETE FROM lease WHERE until <= ?1 AND owner NOT IN
            (SELECT owner FROM outbox WHERE state IN ('recorded', 'sending'))",
        [time(tx.at)],
    )?;
    Ok(recovered)
}
