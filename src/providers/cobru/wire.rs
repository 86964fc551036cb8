//! Cobru's JSON: read in every form that is known, written in the documented one. Its errors are in
//! `error`, the answer to a payment order in `order`.

use super::error;
use crate::domain::money::{Currency, Money};
use crate::payments::draft::COBRU_DESCRIPTION_MAX;
use crate::payments::intent::Stamp;
use crate::payments::order::{CobruOrder, Method};
use crate::payments::outcome::{Echo, Reading};
use crate::payments::{Order, Request};
use crate::providers::json::{self, Loose, moment, money};
use crate::sanitize::Clean;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A page of the history: a bare list, a bare row, or a list under one of four names (contract §7.2).
#[derive(Debug)]
pub struct Page<'a> {
    pub rows: Vec<&'a str>,
    /// Of all pages, where it says.
    pub count: Option<usize>,
}

pub fn page(text: &str) -> Result<Page<'_>, String> {
    let whole: &RawValue = json::parse(text)?;
    if let Some(rows) = rows_of(whole) {
        return Ok(Page { rows, count: None });
    }
    let object: BTreeMap<Cow<'_, str>, &RawValue> = json::parse(text)?;
    let named = ["result", "results", "data", "movements"].iter().find_map(|name| object.get(*name));
    if let Some(rows) = named.and_then(|raw| rows_of(raw)) {
        let count = object.get("count").and_then(|raw| raw.get().parse().ok());
        return Ok(Page { rows, count });
    }
    if object.contains_key("pk") || object.contains_key("url") {
        return Ok(Page { rows: vec![whole.get()], count: None });
    }
    Err("no list in the answer".to_owned())
}

fn rows_of(raw: &RawValue) -> Option<Vec<&str>> {
    let rows: Vec<&RawValue> = serde_json::from_str(raw.get()).ok()?;
    Some(rows.into_iter().map(RawValue::get).collect())
}

/// What a row is called, to notice that it came twice.
pub fn id_of(raw: &str) -> Option<String> {
    let row: Row = serde_json::from_str(raw).ok()?;
    let id = row.url.filled().or_else(|| row.pk.filled())?;
    Some(format!("{}:{id}", row.kind.as_str()))
}

/// Whether a row says that it was made before then.
pub fn made_before(raw: &str, then: Timestamp) -> bool {
    serde_json::from_str::<Row>(raw).is_ok_and(|row| moment(&row.date_created).is_some_and(|at| at < then))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Balance {
    pub balance: Loose,
    pub balance_cop: Loose,
}

/// A cobru as created, consulted or listed, and a withdrawal of any of its generations.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Row {
    #[serde(rename = "type")]
    pub kind: Loose,
    pub pk: Loose,
    pub url: Loose,
    pub state: Loose,
    pub amount: Loose,
    pub payed_amount: Loose,
    pub fee_amount: Loose,
    pub currency_code: Loose,
    pub payment_method: Loose,
    pub description: Loose,
    pub payer_name: Loose,
    #[serde(deserialize_with = "one")]
    pub date_created: Loose,
    #[serde(deserialize_with = "one")]
    pub date_expired: Loose,
    #[serde(deserialize_with = "one")]
    pub date_payed: Loose,
    #[serde(deserialize_with = "one")]
    pub date_rejected: Loose,
    /// Of a cash withdrawal.
    #[serde(deserialize_with = "one")]
    pub date: Loose,
    pub name: Loose,
    pub to_user: Loose,
    pub account_holder_name: Loose,
    pub account_bank: Loose,
    pub account_number: Loose,
}

/// A date, or the list of one date that withdrawals have [doc·st].
fn one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Loose, D::Error> {
    let raw = <Cow<'de, RawValue>>::deserialize(deserializer)?;
    let text = raw.get();
    let first = serde_json::from_str::<Vec<Loose>>(text).ok().and_then(|dates| dates.into_iter().next());
    Ok(first.or_else(|| serde_json::from_str(text).ok()).unwrap_or_default())
}

/// `[a-z0-9]{8}` in every sample; a longer one is let pass, another path is not.
pub fn is_slug(text: &str) -> bool {
    (4..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// `currency_code` where there is one; cobrus are pesos as far as anything shows [inf].
pub fn currency(code: &Loose) -> Result<Currency, json::Bad> {
    if code.is_empty() { Ok(Currency::Cop) } else { json::currency(code) }
}

// ---- writing

/// Where a payer and a call are sent. Both are required; without them the answer is a misleading 403 [doc].
#[derive(Debug, Clone)]
pub struct Places {
    payer: String,
    callback: String,
}

impl Places {
    pub fn new(link_base: &str, callback: Option<&str>) -> Self {
        let callback = callback.unwrap_or("https://cuadre.invalid/cobru");
        Self { payer: format!("{}/", link_base.trim_end_matches('/')), callback: callback.to_owned() }
    }
}

#[derive(Serialize)]
struct NewCobru<'a> {
    /// Pesos, a number without exponent; decimals only when there are any.
    amount: Box<RawValue>,
    description: String,
    expiration_days: u16,
    client_assume_costs: bool,
    iva: u8,
    platform: &'static str,
    /// JSON inside a string [doc].
    payment_method_enabled: String,
    payer_redirect_url: &'a str,
    callback: String,
    idempotency_key: String,
}

/// The exact bytes of an order. Orders of the other provider have none, and are refused as not built.
pub fn request(order: &Order, stamp: &Stamp, places: &Places) -> Request {
    match order {
        Order::Cobru(order) => {
            let body =
                serde_json::to_vec(&new_cobru(order, stamp, places)).expect("texts and numbers are JSON");
            Request { method: "POST", path: "/cobru/".to_owned(), body }
        }
        Order::Breb(order) if is_slug(order.cobru.as_str()) => {
            let body = br#"{"payment":"breb"}"#.to_vec();
            Request { method: "POST", path: format!("/{}", order.cobru), body }
        }
        Order::Breb(_)
        | Order::Movement(_)
        | Order::Decision(_)
        | Order::Bulk(_)
        | Order::BulkDecision(_)
        | Order::Return(_)
        | Order::Manage(_) => Request { method: "", path: String::new(), body: Vec::new() },
    }
}

fn new_cobru<'a>(order: &CobruOrder, stamp: &Stamp, places: &'a Places) -> NewCobru<'a> {
    let reference = stamp.short_ref();
    // The reference is what an unknown is found by: the person's text gives way to it.
    let room = COBRU_DESCRIPTION_MAX.saturating_sub(reference.len().saturating_add(3));
    let description: String = order.description.chars().take(room).collect();
    let flags: Vec<String> =
        order.methods.iter().map(|method| format!(r#""{}":true"#, flag(*method))).collect();
    let joint = if places.callback.contains('?') { '&' } else { '?' };
    NewCobru {
        amount: number(order.amount),
        description: format!("{description} ({reference})"),
        expiration_days: order.expiration_days,
        client_assume_costs: false,
        iva: 0,
        platform: "API",
        payment_method_enabled: format!("{{{}}}", flags.join(",")),
        payer_redirect_url: &places.payer,
        callback: format!("{}{joint}ref={reference}", places.callback),
        idempotency_key: stamp.id.to_string(),
    }
}

const fn flag(method: Method) -> &'static str {
    match method {
        Method::Breb => "breb",
        Method::Pse => "pse",
        Method::Nequi => "NEQUI",
    }
}

/// An amount as a JSON number, from its decimal text.
fn number(amount: Money) -> Box<RawValue> {
    let text = amount.to_decimal();
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    RawValue::from_string(text.to_owned()).expect("decimal text is a JSON number")
}

/// What an answer to `POST /cobru/` says; its whole body is given. Made is what has a slug.
pub fn read_cobru(status: u16, body: &[u8]) -> Reading {
    let made = || {
        let text = json::text(body).ok()?;
        let row: Row = json::row(&text).ok()?;
        let slug = row.url.filled().filter(|slug| is_slug(slug))?;
        // An amount that is there and can't be read confirms nothing.
        let amount = match row.amount.filled() {
            Some(_) => Some(money(&row.amount, currency(&row.currency_code).ok()?).ok()?),
            None => None,
        };
        let echo = Echo { amount, ..Echo::default() };
        Some(Reading::Made { id: Clean::new(slug), state: row.state.clean(), echo })
    };
    if (200..=299).contains(&status)
        && let Some(reading) = made()
    {
        return reading;
    }
    error::reading(status, body)
}
