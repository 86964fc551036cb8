//! Counterparties, keys, schedules and verifications as JSON: written as documented, read tolerantly
//! (contract 5, 8, 9, 12).
#![expect(clippy::struct_field_names, reason = "the names are the provider's")]

use super::convert::{Converted, at, first};
use super::wire::{Counterparty, Details, State, post, refused};
use crate::domain::id::{AccountId, CounterpartyId, KeyId, ScheduleId, VerificationId};
use crate::domain::key::{BrebKey, KeyState};
use crate::domain::schedule::Schedule;
use crate::domain::verification::{Checkup, Verification};
use crate::payments::Request;
use crate::payments::manage::{
    CounterpartyOrder, KeyChange, KeyChangeOrder, KeyConfig, KeyOrder, Manage, Question, ScheduleOrder,
    VerifyOrder,
};
use crate::payments::order::ReturnOrder;
use crate::payments::outcome::{Echo, Reading};
use crate::providers::json::{self, Bad, Loose, Read, lenient};
use crate::sanitize::Clean;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Key {
    id: Loose,
    alias: Loose,
    key_value: Loose,
    account_id: Loose,
    #[serde(deserialize_with = "lenient")]
    connectivity: State,
    #[serde(deserialize_with = "lenient")]
    previous_action: Previous,
    created_at: Loose,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Previous {
    action_requested: Loose,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Scheduler {
    id: Loose,
    account_source_ids: Vec<String>,
    destination_id: Loose,
    amount: Loose,
    schedule_pattern: Loose,
    #[serde(deserialize_with = "lenient")]
    metadata: Details,
    checker_approval: Loose,
    active_status: Loose,
    execution_number: Loose,
    created_at: Loose,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    id: Loose,
    status: Loose,
    result: Loose,
    #[serde(deserialize_with = "lenient")]
    metadata: Answered,
    created_at: Loose,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answered {
    key_value: Loose,
    account_number: Loose,
    holder_name: Loose,
    institution: Loose,
}

pub fn key(raw: &str) -> Converted<BrebKey> {
    let wire: Key = json::row(raw)?;
    let key = BrebKey {
        id: KeyId::new(wire.id.as_str()).map_err(|_| Bad("a key without a proper id"))?,
        account: AccountId::new(wire.account_id.as_str()).map_err(|_| Bad("a key of no account"))?,
        alias: wire.alias.clean(),
        value: wire.key_value.clean(),
        state: KeyState::read(wire.connectivity.status.as_str()),
        asked: wire.previous_action.action_requested.clean(),
        created_at: at(&wire.created_at)?,
    };
    Ok(Some(Read { id: key.id.to_string(), at: key.created_at.as_millisecond(), row: key }))
}

pub fn schedule(raw: &str) -> Converted<Schedule> {
    let wire: Scheduler = json::row(raw)?;
    let sources = wire.account_source_ids.iter().map(|id| AccountId::new(id));
    let schedule = Schedule {
        id: ScheduleId::new(wire.id.as_str()).map_err(|_| Bad("a schedule without a proper id"))?,
        sources: sources.collect::<Result<_, _>>().map_err(|_| Bad("a schedule of no proper account"))?,
        destination: wire.destination_id.clean(),
        amount_minor: wire.amount.parse().filter(|minor| *minor >= 0).ok_or(Bad("no amount"))?,
        pattern: wire.schedule_pattern.clean(),
        description: first([&wire.metadata.description]),
        active: wire.active_status.as_str() == "true",
        runs: wire.execution_number.parse().unwrap_or(0),
        asks_checker: wire.checker_approval.as_str() == "true",
        created_at: at(&wire.created_at)?,
    };
    Ok(Some(Read { id: schedule.id.to_string(), at: schedule.created_at.as_millisecond(), row: schedule }))
}

/// The verification, and when it was asked for.
pub fn verification(raw: &str) -> Converted<Verification> {
    let wire: Asked = json::row(raw)?;
    let asked = at(&wire.created_at)?;
    let verification = Verification {
        id: VerificationId::new(wire.id.as_str()).map_err(|_| Bad("a verification without a proper id"))?,
        account: first([&wire.metadata.key_value, &wire.metadata.account_number]),
        result: Checkup::read(wire.status.as_str(), wire.result.as_str()),
        holder: wire.metadata.holder_name.clean(),
        institution: wire.metadata.institution.clean(),
    };
    Ok(Some(Read { id: verification.id.to_string(), at: asked.as_millisecond(), row: verification }))
}

// ---- writing

/// The exact bytes of an order.
pub fn request(order: &Manage) -> Request {
    let delete = |path: String| Request { method: "DELETE", path, body: Vec::new() };
    match order {
        Manage::Counterparty(order) => post("/v1/counterparties", &counterparty(order)),
        Manage::DeleteCounterparty { id, .. } => delete(format!("/v1/counterparties/{id}")),
        Manage::Verify(order) => post("/v1/account_verifications", &question(order)),
        Manage::Key(order) => post(&format!("/v1/accounts/{}/keys", order.account), &new_key(order)),
        Manage::ChangeKey(KeyChangeOrder { account, key, change, .. }) => {
            let path = format!("/v1/accounts/{account}/keys/{key}");
            let act = |action| {
                let body = KeyAction { action, reason: "client_request" };
                post(&format!("{path}/key_action"), &body)
            };
            match change {
                KeyChange::Disable => act("disable"),
                KeyChange::Enable => act("enable"),
                KeyChange::Cancel => delete(path),
            }
        }
        Manage::Schedule(order) => post("/v1/money_movement_schedulers", &new_schedule(order)),
        Manage::CancelSchedule { id, .. } => delete(format!("/v1/money_movement_schedulers/{id}")),
    }
}

#[derive(Serialize)]
struct KeyAction {
    action: &'static str,
    reason: &'static str,
}

fn texts<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Map<String, Value> {
    let filled = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    filled.map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}

#[derive(Serialize)]
struct NewCounterparty<'a> {
    geo: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    alias: &'a str,
    metadata: Map<String, Value>,
}

fn counterparty(order: &CounterpartyOrder) -> NewCounterparty<'_> {
    let details = order.details.iter().map(|(name, value)| (*name, value.as_str()));
    NewCounterparty { geo: order.geo, kind: order.kind, alias: &order.alias, metadata: texts(details) }
}

#[derive(Serialize)]
struct NewVerification {
    #[serde(rename = "type")]
    kind: &'static str,
    metadata: Map<String, Value>,
}

/// With a name it is asked whether it is theirs, else who it is [doc].
fn question(order: &VerifyOrder) -> NewVerification {
    let (kind, number) = match (order.question, order.holder.is_empty()) {
        (Question::Key, true) => ("col_key_details_1", "key_value"),
        (Question::Key, false) => ("col_key_ownership_1", "key_value"),
        (Question::Clabe, true) => ("mex_acc_details_1", "account_number"),
        (Question::Clabe, false) => ("mex_acc_ownership_1", "account_number"),
    };
    let metadata = texts([
        (number, order.account.as_str()),
        ("counterparty_fullname", &order.holder),
        ("counterparty_id_type", &order.document_kind),
        ("counterparty_id_number", &order.document),
    ]);
    NewVerification { kind, metadata }
}

#[derive(Serialize)]
struct NewKey<'a> {
    alias: &'a str,
    key_config: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_input: Option<&'a str>,
    holder: Holder<'a>,
}

#[derive(Serialize)]
struct Holder<'a> {
    full_name: &'a str,
    id_type: &'a str,
    id_number: &'a str,
}

fn new_key(order: &KeyOrder) -> NewKey<'_> {
    let (key_config, open_input) = match &order.config {
        KeyConfig::Random => ("random", None),
        KeyConfig::Name => ("name", None),
        KeyConfig::Id => ("id", None),
        KeyConfig::Open(text) => ("open_input", Some(text.as_str())),
    };
    let holder =
        Holder { full_name: &order.holder, id_type: &order.document_kind, id_number: &order.document };
    NewKey { alias: &order.alias, key_config, open_input, holder }
}

#[derive(Serialize)]
struct NewSchedule<'a> {
    account_source_ids: [&'a str; 1],
    destination_id: &'a str,
    amount: i64,
    schedule_pattern: &'a str,
    metadata: Described<'a>,
    checker_approval: bool,
}

#[derive(Serialize)]
struct Described<'a> {
    description: &'a str,
}

fn new_schedule(order: &ScheduleOrder) -> NewSchedule<'_> {
    NewSchedule {
        account_source_ids: [order.source.as_str()],
        destination_id: order.destination.as_str(),
        amount: order.amount.minor,
        schedule_pattern: &order.pattern,
        metadata: Described { description: &order.description },
        checker_approval: order.checker_approval,
    }
}

#[derive(Serialize)]
pub struct NewReturn<'a> {
    transaction_id: &'a str,
    metadata: Described<'a>,
}

pub fn returned(order: &ReturnOrder) -> NewReturn<'_> {
    NewReturn {
        transaction_id: order.credit.as_str(),
        metadata: Described { description: &order.description },
    }
}

// ---- answers to writes

/// What an answer to one of these says; its whole body is given.
pub fn read(order: &Manage, status: u16, body: &[u8]) -> Reading {
    if let Some(reading) = refused(status, body) {
        return reading;
    }
    if let Manage::DeleteCounterparty { .. } = order {
        // 204, empty [inf]: nothing is left that could say more.
        return if status == 204 && body.is_empty() { Reading::Gone } else { Reading::Other };
    }
    json::text(body).ok().and_then(|text| made(order, &text)).unwrap_or(Reading::Other)
}

fn made(order: &Manage, text: &str) -> Option<Reading> {
    let said = |id: &str, state: Clean, echo: Echo| Reading::Made { id: Clean::new(id), state, echo };
    let filled = |text: &Loose| text.filled().map(str::to_owned);
    Some(match order {
        Manage::Counterparty(_) => {
            let wire: Counterparty = json::row(text).ok()?;
            let id = CounterpartyId::new(wire.id.as_str()).ok()?;
            said(id.as_str(), Clean::default(), Echo { subject: filled(&wire.alias), ..Echo::default() })
        }
        Manage::Verify(_) => {
            let wire: Asked = json::row(text).ok()?;
            let id = VerificationId::new(wire.id.as_str()).ok()?;
            let number = first([&wire.metadata.key_value, &wire.metadata.account_number]);
            let subject = Some(number.to_string()).filter(|number| !number.is_empty());
            said(id.as_str(), wire.status.clean(), Echo { subject, ..Echo::default() })
        }
        Manage::Key(_) | Manage::ChangeKey(_) => {
            let wire: Key = json::row(text).ok()?;
            let id = KeyId::new(wire.id.as_str()).ok()?;
            let subject = match order {
                Manage::Key(_) => filled(&wire.alias),
                _ => Some(id.to_string()),
            };
            // The answer of a key action names no account [doc].
            let echo = Echo { subject, source: filled(&wire.account_id), ..Echo::default() };
            said(id.as_str(), wire.connectivity.status.clean(), echo)
        }
        Manage::Schedule(ScheduleOrder { amount, .. }) => {
            let wire: Scheduler = json::row(text).ok()?;
            let id = ScheduleId::new(wire.id.as_str()).ok()?;
            let echoed = match wire.amount.filled() {
                Some(_) => Some(json::minor(&wire.amount, amount.currency).ok()?),
                None => None,
            };
            let source = Some(wire.account_source_ids.join(",")).filter(|sources| !sources.is_empty());
            let echo = Echo {
                amount: echoed,
                source,
                destination: filled(&wire.destination_id),
                subject: filled(&wire.schedule_pattern),
                ..Echo::default()
            };
            said(id.as_str(), Clean::new("active"), echo)
        }
        Manage::CancelSchedule { .. } => {
            let wire: Scheduler = json::row(text).ok()?;
            let id = ScheduleId::new(wire.id.as_str()).ok()?;
            // Still running would be no cancelation.
            if wire.active_status.as_str() == "true" {
                return None;
            }
            let echo = Echo { subject: Some(id.to_string()), ..Echo::default() };
            said(id.as_str(), Clean::new("canceled"), echo)
        }
        Manage::DeleteCounterparty { .. } => return None,
    })
}
