//! The JSON that scripts rely on. A field is added, never renamed, and only with a line in the CHANGELOG.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::account::{Account, AccountKind};
use crate::domain::approval::Approval;
use crate::domain::cobru::{Cobru, CobruState};
use crate::domain::counterparty::Counterparty;
use crate::domain::id::{BulkId, ExternalId, MovementId};
use crate::domain::money::{Currency, Money};
use crate::domain::movement::Movement;
use crate::domain::transaction::Transaction;
use crate::sanitize::Clean;
use crate::store::{ChainLine, OutboxEntry};

/// Whole minor units, and decimal text without grouping.
pub fn money(amount: Money) -> Value {
    json!({"minor": amount.minor, "currency": amount.currency.code(), "text": amount.to_decimal()})
}

/// RFC 3339, UTC, whole seconds.
pub fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn text(value: Option<&str>) -> Value {
    value.map_or(Value::Null, |text| Value::String(Clean::new(text).to_string()))
}

fn filled(value: &Clean) -> Value {
    if value.is_empty() { Value::Null } else { Value::String(value.to_string()) }
}

pub fn account(row: &Account) -> Value {
    json!({
        "id": row.id.as_str(),
        "provider": row.provider.code(),
        "name": row.name.as_str(),
        "number": filled(&row.number),
        "kind": match row.kind {
            AccountKind::Balance => "balance",
            AccountKind::Connected => "connected",
        },
        "balance": money(row.balance),
        "as_of": time(row.as_of),
        "connected": row.connected,
    })
}

pub fn transaction(row: &Transaction) -> Value {
    json!({
        "id": row.id.as_str(),
        "provider": row.provider.code(),
        "account": row.account.as_str(),
        "kind": row.kind.as_str(),
        "amount": money(row.amount),
        "balance_after": row.balance_after.map(money),
        "at": time(row.at),
        "counterparty": filled(&row.counterparty),
        "description": filled(&row.description),
        "reference": filled(&row.reference),
        "movement": row.movement.as_ref().map(MovementId::as_str),
    })
}

/// `seen` masks what the role may not see.
pub fn counterparty(row: &Counterparty, seen: impl Fn(&Clean) -> String) -> Value {
    json!({
        "id": row.id.as_str(),
        "name": row.name.as_str(),
        "holder": filled(&row.holder),
        "document": seen(&row.document),
        "destination": {
            "kind": row.destination.kind.as_str(),
            "geo": row.destination.geo.as_str(),
            "account": seen(&row.destination.account),
            "institution": filled(&row.destination.institution),
        },
        "created_at": time(row.created_at),
    })
}

pub fn movement(row: &Movement, seen: impl Fn(&Clean) -> String) -> Value {
    json!({
        "id": row.id.as_str(),
        "external_id": row.external_id.as_ref().map(ExternalId::as_str),
        "kind": row.kind.as_str(),
        "state": row.state.code(),
        "final": row.state.is_final(),
        "cause": filled(&row.cause),
        "amount": money(row.amount),
        "source": row.source.as_str(),
        "source_name": filled(&row.source_name),
        "destination": row.destination.as_str(),
        "destination_name": filled(&row.destination_name),
        "destination_account": seen(&row.destination_account),
        "description": filled(&row.description),
        "creator": filled(&row.creator),
        "bulk": row.bulk.as_ref().map(BulkId::as_str),
        "created_at": time(row.created_at),
        "updated_at": time(row.updated_at),
    })
}

pub fn approval(row: &Approval, seen: impl Fn(&Clean) -> String) -> Value {
    match row {
        Approval::Single(single) => {
            let mut value = movement(single, seen);
            if let Value::Object(fields) = &mut value {
                fields.insert("kind".to_owned(), "single".into());
                let given = &single.given;
                let by: Vec<&str> = given.by.iter().map(Clean::as_str).collect();
                let given = json!({"given": given.count(), "needed": given.needed, "by": by});
                fields.insert("approvals".to_owned(), given);
            }
            value
        }
        Approval::Bulk(bulk) => json!({
            "id": bulk.id.as_str(),
            "kind": "bulk",
            "state": bulk.state.as_str(),
            "file": bulk.file_name.as_str(),
            "count": bulk.count,
            "totals": bulk.totals.iter().copied().map(money).collect::<Vec<_>>(),
            "creator": filled(&bulk.creator),
            "created_at": time(bulk.created_at),
        }),
    }
}

pub fn cobru(row: &Cobru) -> Value {
    json!({
        "id": row.id.as_str(),
        "state": cobru_state(row.state),
        "amount": money(row.amount),
        "net": row.net.map(money),
        "fee": row.fee.map(money),
        "method": filled(&row.method),
        "description": filled(&row.description),
        "payer": filled(&row.payer),
        "created_at": row.created_at.map(time),
        "expires_at": row.expires_at.map(time),
        "paid_at": row.paid_at.map(time),
    })
}

fn cobru_state(state: CobruState) -> String {
    match state {
        CobruState::Created => "created".to_owned(),
        CobruState::InProcess => "in_process".to_owned(),
        CobruState::NotPaid => "not_paid".to_owned(),
        CobruState::Paid => "paid".to_owned(),
        CobruState::Refunded => "refunded".to_owned(),
        CobruState::Expired => "expired".to_owned(),
        CobruState::Other(number) => number.to_string(),
    }
}

/// The amount of a write, where it has one.
pub fn entry_amount(entry: &OutboxEntry) -> Option<Money> {
    let currency: Currency = entry.currency.as_deref()?.parse().ok()?;
    Some(Money::new(entry.amount_minor?, currency))
}

/// One write: the same for the commands that make one and for each line of `outbox`.
pub fn intent(entry: &OutboxEntry) -> Value {
    let looks = entry.looks.iter().map(|look| json!({"at": time(look.at), "found": look.found}));
    json!({
        "intent": entry.intent.to_string(),
        "at": time(entry.at),
        "provider": entry.provider,
        "action": entry.action,
        "state": entry.state.code(),
        "amount": entry_amount(entry).map(money),
        "source": text(entry.source.as_deref()),
        "destination": text(entry.destination.as_deref()),
        "external_id": text(entry.external_id.as_deref()),
        "idempotency_key": text(entry.idempotency_key.as_deref()),
        "provider_id": text(entry.provider_id.as_deref()),
        "provider_state": text(entry.provider_state.as_deref()),
        "why": text(entry.why.as_deref()),
        "supersedes": entry.supersedes.map(|intent| intent.to_string()),
        "looks": looks.collect::<Vec<_>>(),
    })
}

/// [`intent`] with all that is known of it.
pub fn intent_whole(entry: &OutboxEntry) -> Value {
    let mut value = intent(entry);
    let history = entry.history.iter().map(|step| {
        json!({
            "at": time(step.at), "kind": step.kind, "state": step.state.code(), "by": text(Some(&step.by)),
            "note": text(step.note.as_deref()),
        })
    });
    let more = json!({
        "actor": text(Some(&entry.actor)),
        "role": entry.role,
        "profile": entry.profile,
        "environment": entry.environment,
        "host": entry.host,
        "method": entry.method,
        "path": entry.path,
        "body_sha256": entry.body_sha256,
        "subject": text(entry.subject.as_deref()),
        "status": entry.status,
        "code": text(entry.code.as_deref()),
        "text": text(entry.text.as_deref()),
        "started_at": entry.started_at.map(time),
        "settled_at": entry.settled_at.map(time),
        "settled_by": entry.settled_by,
        "history": history.collect::<Vec<_>>(),
    });
    if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
        value.extend(more);
    }
    value
}

pub fn chain_line(line: &ChainLine) -> Value {
    // The event is canonical JSON already: it is shown as it is signed, not written anew.
    let event: Value = serde_json::from_str(&line.event).unwrap_or(Value::Null);
    json!({"seq": line.seq, "hash": line.hash, "event": event})
}
