//! Cobre's JSON: read in every form that is known, written in the documented one.
#![expect(clippy::struct_field_names, reason = "the names are the provider's")]

use super::manage;
use crate::domain::id::MovementId;
use crate::domain::money::Currency;
use crate::payments::intent::Stamp;
use crate::payments::order::{DecisionOrder, MovementOrder, Verdict};
use crate::payments::outcome::{Echo, Reading};
use crate::payments::{Order, Request};
use crate::providers::json::{self, Loose, lenient};
use crate::sanitize::Clean;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::time::Duration;

/// The list envelope; several samples leave most of it out [doc].
#[derive(Debug, Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    contents: Option<Vec<&'a RawValue>>,
    /// How the daily balances call their rows [doc].
    #[serde(borrow, rename = "Daily Balance history List")]
    daily: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    total_items: Loose,
    #[serde(default)]
    total_pages: Loose,
    #[serde(default)]
    is_last_page: Loose,
}

#[derive(Debug)]
pub struct Page<'a> {
    pub rows: Vec<&'a str>,
    pub total_items: Option<usize>,
    total_pages: Option<usize>,
    is_last_page: bool,
}

impl Page<'_> {
    /// Whichever says so first: a sample has `is_last_page: false` beside `total_pages: 1` [doc].
    pub fn is_last(&self, number: usize) -> bool {
        self.is_last_page || self.total_pages.is_some_and(|pages| number.saturating_add(1) >= pages)
    }
}

pub fn page(text: &str) -> Result<Page<'_>, String> {
    let envelope: Envelope<'_> = json::parse(text)?;
    let rows = envelope.contents.or(envelope.daily).ok_or("no list in the answer")?;
    Ok(Page {
        rows: rows.into_iter().map(RawValue::get).collect(),
        total_items: envelope.total_items.parse(),
        total_pages: envelope.total_pages.parse(),
        is_last_page: envelope.is_last_page.as_str() == "true",
    })
}

/// What a row is called, to notice that it came twice.
pub fn id_of(raw: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        id: Loose,
    }
    serde_json::from_str::<Named>(raw).ok().map(|row| row.id.0).filter(|id| !id.is_empty())
}

/// The batch of a movement; `None` where it is no movement but a bulk.
pub fn batch_of(raw: &str) -> Option<Loose> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Member {
        batch_id: Loose,
        file_name: Loose,
        total_money_movements: Loose,
    }
    let row: Member = serde_json::from_str(raw).ok()?;
    (row.file_name.is_empty() && row.total_money_movements.is_empty()).then_some(row.batch_id)
}

/// A token and its life: `expiration_time` on the endpoint's page, `expires_in` in the guide [doc].
pub fn grant(body: &[u8]) -> Option<(SecretString, Option<Duration>)> {
    #[derive(Deserialize)]
    struct Grant {
        access_token: SecretString,
        #[serde(default)]
        expiration_time: Loose,
        #[serde(default)]
        expires_in: Loose,
    }
    let grant: Grant = serde_json::from_slice(body).ok()?;
    let life = grant.expiration_time.parse().or_else(|| grant.expires_in.parse());
    Some((grant.access_token, life.map(Duration::from_secs)))
}

/// Cobre's own error shape, `error_code` and `error_description` [doc?]; nothing else is one.
pub fn refusal(body: &[u8]) -> Option<(Clean, Clean)> {
    #[derive(Deserialize)]
    struct Refusal {
        error_code: String,
        error_description: String,
    }
    let refusal: Refusal = serde_json::from_str(&json::text(body).ok()?).ok()?;
    let code = Clean::new(&refusal.error_code);
    (!code.is_empty()).then(|| (code, Clean::new(&refusal.error_description)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct State {
    pub state: Loose,
    pub status: Loose,
    pub code: Loose,
    pub description: Loose,
}

/// An account, or the nested end of a movement.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Account {
    pub id: Loose,
    pub provider_id: Loose,
    #[serde(deserialize_with = "lenient")]
    pub connectivity: State,
    pub geo: Loose,
    pub alias: Loose,
    pub account_number: Loose,
    pub account_type: Loose,
    pub obtained_balance: Loose,
    pub obtained_balance_at: Loose,
    pub currency: Loose,
    #[serde(deserialize_with = "lenient")]
    pub metadata: Details,
    pub created_at: Loose,
}

/// Metadata of accounts, counterparties, transactions and movements: one bag, as each has some of it.
/// A movement's nested counterparty has the same names without the bag.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Details {
    pub account_number: Loose,
    pub beneficiary_account_number: Loose,
    pub beneficiary_institution: Loose,
    pub cobre_tag: Loose,
    pub company_name: Loose,
    pub counterparty_chain: Loose,
    pub counterparty_first_name: Loose,
    pub counterparty_fullname: Loose,
    pub counterparty_id_number: Loose,
    pub counterparty_id_type: Loose,
    pub counterparty_last_name: Loose,
    pub counterparty_wallet_address: Loose,
    pub description: Loose,
    pub description_to_payee: Loose,
    pub key_value: Loose,
    pub money_movement_id: Loose,
    pub qr_value: Loose,
    pub reference: Loose,
    pub routing_number: Loose,
    pub sender_account_number: Loose,
    pub sender_account_type: Loose,
    pub sender_bank_code: Loose,
    pub sender_id: Loose,
    pub sender_id_type: Loose,
    pub sender_name: Loose,
    pub tracking_key: Loose,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Transaction {
    pub id: Loose,
    #[serde(rename = "type")]
    pub kind: Loose,
    pub account_id: Loose,
    pub amount: Loose,
    pub previous_balance: Loose,
    pub current_balance: Loose,
    pub currency: Loose,
    pub credit_debit_type: Loose,
    pub transaction_date: Loose,
    pub created_at: Loose,
    #[serde(deserialize_with = "lenient")]
    pub metadata: Details,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Counterparty {
    pub id: Loose,
    pub geo: Loose,
    #[serde(rename = "type")]
    pub kind: Loose,
    pub alias: Loose,
    #[serde(deserialize_with = "lenient")]
    pub metadata: Details,
    pub created_at: Loose,
}

/// One end of a movement, expanded: an account, or a counterparty whose details are flattened into it or
/// in `metadata`. `null`, `{}` and missing are alike [doc].
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct End {
    pub alias: Loose,
    pub account_number: Loose,
    pub cobre_tag: Loose,
    pub counterparty_fullname: Loose,
    pub company_name: Loose,
    pub counterparty_wallet_address: Loose,
    pub key_value: Loose,
    pub qr_value: Loose,
    #[serde(deserialize_with = "lenient")]
    pub metadata: Details,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Movement {
    pub id: Loose,
    pub batch_id: Loose,
    pub external_id: Loose,
    pub creator: Loose,
    #[serde(rename = "type")]
    pub kind: Loose,
    #[serde(deserialize_with = "lenient")]
    pub status: State,
    pub source_id: Loose,
    #[serde(deserialize_with = "lenient")]
    pub source: End,
    pub destination_id: Loose,
    #[serde(deserialize_with = "lenient")]
    pub destination: End,
    pub currency: Loose,
    pub amount: Loose,
    #[serde(deserialize_with = "lenient")]
    pub metadata: Details,
    pub created_at: Loose,
    pub updated_at: Loose,
    /// Only a bulk has these two.
    pub file_name: Loose,
    pub total_money_movements: Loose,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Decision {
    pub id: Loose,
    pub money_movement_id: Loose,
    pub decision: Loose,
    pub status: Loose,
    pub approver: Loose,
    /// Everyone who has decided so far, and how many it takes [inf]: dual control may demand several [doc],
    /// and no sample says where it is told.
    pub approvers: Vec<Loose>,
    pub required_approvals: Loose,
    pub created_at: Loose,
}

impl Decision {
    /// Whether this credential is among those who decided.
    pub fn is_by(&self, user: &str) -> bool {
        self.approver.as_str() == user || self.approvers.iter().any(|one| one.as_str() == user)
    }

    /// `approved` or `rejected`; with several approvers the status may still wait, the decision does not.
    pub fn verdict(&self) -> Option<&'static str> {
        [self.decision.as_str(), self.status.as_str()].into_iter().find_map(|word| match word {
            "approve" | "approved" => Some("approved"),
            "reject" | "rejected" => Some("rejected"),
            _ => None,
        })
    }
}

// ---- writing

#[derive(Serialize)]
struct NewMovement<'a> {
    source_id: &'a str,
    destination_id: &'a str,
    /// Minor units, an integer [doc].
    amount: i64,
    metadata: NewDetails<'a>,
    external_id: String,
    checker_approval: bool,
}

#[derive(Serialize)]
struct NewDetails<'a> {
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

#[derive(Serialize)]
struct NewDecision<'a> {
    money_movement_id: &'a str,
    decision: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
}

/// The exact bytes of an order. Orders of the other provider have none, and are refused as not built.
pub fn request(order: &Order, stamp: &Stamp) -> Request {
    match order {
        Order::Movement(order) => post("/v1/money_movements", &new_movement(order, stamp)),
        Order::Decision(order) => post("/v1/money_movement_approvals", &new_decision(order)),
        Order::Return(order) => post("/v1/money_movements_return", &manage::returned(order)),
        Order::Manage(order) => manage::request(order),
        Order::Bulk(order) => super::bulk::new_bulk(order, stamp),
        Order::BulkDecision(order) => super::bulk::new_decision(order),
        Order::Cobru(_) | Order::Breb(_) => Request { method: "", path: String::new(), body: Vec::new() },
    }
}

pub(super) fn post(path: &str, body: &impl Serialize) -> Request {
    let body = serde_json::to_vec(body).expect("texts and whole numbers are JSON");
    Request { method: "POST", path: path.to_owned(), body }
}

fn new_movement<'a>(order: &'a MovementOrder, stamp: &Stamp) -> NewMovement<'a> {
    NewMovement {
        source_id: order.source.as_str(),
        destination_id: order.destination.as_str(),
        amount: order.amount.minor,
        metadata: NewDetails {
            description: &order.description,
            reference: order.reference.as_deref(),
            token: order.token,
        },
        external_id: order.external_id(stamp),
        checker_approval: order.checker_approval,
    }
}

fn new_decision(order: &DecisionOrder) -> NewDecision<'_> {
    let (decision, comment) = match &order.verdict {
        Verdict::Approve => ("approve", None),
        Verdict::Reject { reason } => ("reject", Some(reason.as_str())),
    };
    NewDecision { money_movement_id: order.movement.as_str(), decision, comment }
}

/// Whether Cobre keeps our idempotency key for this write: documented for movements only.
pub const fn honours_key(order: &Order) -> bool {
    matches!(order, Order::Movement(_))
}

// ---- answers to writes

/// What an answer to `POST /v1/money_movements` says; its whole body is given.
pub fn read_movement(status: u16, body: &[u8], currency: Currency) -> Reading {
    if let Some(reading) = refused(status, body) {
        return reading;
    }
    let made = || {
        let text = json::text(body).ok()?;
        let movement: Movement = json::row(&text).ok()?;
        let id = MovementId::new(movement.id.as_str()).ok()?;
        let currency = match movement.currency.filled() {
            Some(code) => code.parse().ok()?,
            None => currency,
        };
        // An amount that is there and can't be read confirms nothing.
        let amount = match movement.amount.filled() {
            Some(_) => Some(json::minor(&movement.amount, currency).ok()?),
            None => None,
        };
        let echo = Echo {
            amount,
            source: movement.source_id.filled().map(str::to_owned),
            destination: movement.destination_id.filled().map(str::to_owned),
            external_id: movement.external_id.filled().map(str::to_owned),
            subject: None,
            verdict: None,
        };
        Some(Reading::Made { id: id.clean().clone(), state: movement.status.state.clean(), echo })
    };
    made().unwrap_or(Reading::Other)
}

/// What an answer to a decision says.
pub fn read_decision(status: u16, body: &[u8]) -> Reading {
    if let Some(reading) = refused(status, body) {
        return reading;
    }
    let made = || {
        let text = json::text(body).ok()?;
        let decision: Decision = json::row(&text).ok()?;
        let id = MovementId::new(decision.id.as_str()).ok()?;
        let echo = Echo {
            subject: decision.money_movement_id.filled().map(str::to_owned),
            verdict: decision.verdict().map(str::to_owned),
            ..Echo::default()
        };
        Some(Reading::Made { id: id.clean().clone(), state: decision.status.clean(), echo })
    };
    made().unwrap_or(Reading::Other)
}

/// What an answer to `POST /v1/money_movements_return` says. Whom it pays is a counterparty that the
/// provider made of the sender: ours has no name for it.
pub fn read_return(status: u16, body: &[u8], currency: Currency) -> Reading {
    match read_movement(status, body, currency) {
        Reading::Made { id, state, echo } => {
            Reading::Made { id, state, echo: Echo { destination: None, ..echo } }
        }
        other => other,
    }
}

/// Anything but a 2xx is a refusal in Cobre's shape, or nothing that proves anything.
pub(super) fn refused(status: u16, body: &[u8]) -> Option<Reading> {
    if (200..=299).contains(&status) {
        return None;
    }
    Some(refusal(body).map_or(Reading::Other, |(code, text)| Reading::Refusal { code, text }))
}
