//! Subscriptions and webhooks: what is told, to whom, signed with what (contract 17).

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::sandbox::clock::Moment;
use crate::sandbox::deliveries::{Message, Retry};
use crate::sandbox::http::Reply;
use crate::sandbox::ledger::Provider;
use crate::sandbox::world::World;

use super::documents::{self, Shelf};
use super::fields::Fields;
use super::lists;
use super::movements::{self, Detail};
use super::rails::Rail;
use super::refusal::{Answer, Refusal};
use super::routes::Ask;
use super::transactions;

/// Everything that can be subscribed to [doc].
pub const EVENTS: [&str; 38] = [
    "accounts.balance.credit",
    "accounts.balance.debit",
    "accounts.linked_wallets.created",
    "cobre_keys.status.processing",
    "cobre_keys.status.registered",
    "cobre_keys.status.unregistered",
    "cobre_keys.status.disabled",
    "cobre_keys.status.failed",
    "counterparty.status.processing",
    "counterparty.status.verified",
    "counterparty.status.failed",
    "counterparty.direct_debit_registration.registered",
    "counterparty.direct_debit_registration.unregistered",
    "money_movements.status.initiated",
    "money_movements.status.processing",
    "money_movements.status.pending_approval",
    "money_movements.status.completed",
    "money_movements.status.canceled",
    "money_movements.status.returned",
    "money_movements.status.rejected",
    "money_movements.status.failed",
    "bulk_money_movements.status.validating",
    "bulk_money_movements.status.processing",
    "bulk_money_movements.status.pending_approval",
    "bulk_money_movements.status.completed",
    "bulk_money_movements.status.canceled",
    "bulk_money_movements.status.failed",
    "cross_border_money_movements.status.initiated",
    "cross_border_money_movements.status.processing",
    "cross_border_money_movements.status.completed",
    "cross_border_money_movements.status.rejected",
    "evidence-request.ask",
    "alerts.fx_rate.triggered",
    "reports.created",
    "transfer_acc.status.enabled",
    "transfer_acc.status.processing",
    "transfer_acc.status.failed",
    "counterparty.direct_debit_registration.processing",
];

#[derive(Serialize)]
struct Envelope<'a> {
    id: String,
    event_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<Moment>,
    content: Value,
}

impl Envelope<'_> {
    /// The question for evidence comes in an envelope of its own [doc].
    fn around(id: String, event_key: &str, at: Moment, content: Value) -> Envelope<'_> {
        let is_evidence = event_key == "evidence-request.ask";
        Envelope {
            id,
            event_key,
            event_type: is_evidence.then_some("EvidenceRequest"),
            created_at: (!is_evidence).then_some(at),
            timestamp: is_evidence.then_some(at),
            content,
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// `lowercase_hex(HMAC_SHA256(key, timestamp + "." + body))` [doc].
pub fn signature(key: &str, timestamp: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// Tells every subscriber. The content is made only if someone listens.
pub fn emit(world: &mut World, key: &str, about: &str, content: impl FnOnce(&World) -> Value) {
    let listens = |held: &documents::Document| {
        let events = held.body.get("events").and_then(Value::as_array);
        events.is_some_and(|events| events.iter().any(|event| event == key))
    };
    let told: Vec<(String, String)> = documents::all(world, Shelf::Subscriptions)
        .filter(|(_, held)| listens(held))
        .map(|(_, held)| (held.text("url").to_owned(), held.text("key").to_owned()))
        .collect();
    if told.is_empty() {
        return;
    }
    let content = content(world);
    world.cobre.events = world.cobre.events.saturating_add(1);
    let created_at = world.now;
    let id = world.ids.make("ev_", 20, world.cobre.events);
    let body = serde_json::to_string(&Envelope::around(id, key, created_at, content));
    let body = body.expect("our own events have text keys");
    for (url, secret) in told {
        let timestamp = created_at.to_string();
        let mut headers = vec![("event-timestamp", timestamp.clone())];
        if !secret.is_empty() {
            headers.push(("event-signature", signature(&secret, &timestamp, &body)));
        }
        world.deliver(&Message {
            provider: Provider::Cobre,
            about: about.to_owned(),
            url,
            content_type: "application/json",
            headers,
            body: body.clone(),
            timeout: Duration::from_secs(5),
            // Three more tries, only where nobody answered [doc?].
            retries: Retry::unreachable(&[200, 400, 1000]),
        });
    }
}

/// A movement has come into its state.
pub fn movement(world: &mut World, row: u32) {
    let Some(movement) = world.cobre.movements.get(row as usize) else { return };
    let service =
        if movement.rail == Rail::CrossBorder { "cross_border_money_movements" } else { "money_movements" };
    let key = format!("{service}.status.{}", movement.state.name());
    let id = movements::id(world, row);
    emit(world, &key, &id, |world| {
        let detail = Detail { nested: true, sensitive: true, short: false };
        json!(movements::view(world, row, detail))
    });
}

/// A transaction was entered. Told in an older dress than the API's [doc], with the newer names too.
pub fn transaction(world: &mut World, row: u32) {
    let Some(found) = world.cobre.transactions.get(row as usize) else { return };
    let side = if found.amount < 0 { "debit" } else { "credit" };
    let (movement, at) = (found.movement, found.at);
    let id = transactions::id(world, row);
    emit(world, &format!("accounts.balance.{side}"), &id, |world| {
        let mut content = json!(transactions::view(world, row, true));
        if let Some(fields) = content.as_object_mut() {
            fields.remove("transaction_date");
            fields.remove("created_at");
            fields.insert("date".to_owned(), json!(at));
            if let Some(Value::String(currency)) = fields.get_mut("currency") {
                currency.make_ascii_uppercase();
            }
            if let Some(Value::Object(metadata)) = fields.get_mut("metadata")
                && let Some(id) = metadata.get("money_movement_id").cloned()
            {
                metadata.insert("uniqueTransactionId".to_owned(), id);
                metadata.insert("mm_external_id".to_owned(), json!(movements::external_id(world, movement)));
            }
        }
        content
    });
}

/// A document has come into a state.
pub fn document(world: &mut World, key: &str, shelf: Shelf, row: u32) {
    let id = documents::id(world, shelf, row);
    emit(world, key, &id, |world| documents::view(world, shelf, row));
}

fn events(fields: Fields<'_>) -> Result<Vec<String>, Refusal> {
    let events = fields.texts("events")?.filter(|events| !events.is_empty());
    let events = events.ok_or_else(|| fields.refuse("events must not be empty"))?;
    match events.iter().find(|event| !EVENTS.contains(&event.as_str())) {
        Some(event) => Err(fields.refuse(format!("There is no event {event:?}"))),
        None => Ok(events),
    }
}

/// Public HTTPS; on loopback, where the sandbox is, also HTTP.
fn is_address(url: &str) -> bool {
    let host = |rest: &str| rest.split(['/', ':', '?']).next().unwrap_or_default().to_owned();
    if let Some(rest) = url.strip_prefix("https://") {
        return !host(rest).is_empty();
    }
    url.strip_prefix("http://")
        .is_some_and(|rest| ["127.0.0.1", "localhost", "[::1]"].contains(&host(rest).as_str()))
}

pub fn subscribe(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("G002")?;
    let fields = Fields::new(&body, "G002");
    let events = events(fields)?;
    let url = fields.required_text("url", 1, 2048)?;
    if !is_address(url) {
        return Err(fields.refuse("url must be a public HTTPS address"));
    }
    let description = fields.text("description", 0, 255)?;
    let key = fields.text("event_signature_key", 10, 64)?.unwrap_or_default();
    let shown = json!({"events": events, "url": url, "description": description, "event_signature_key": super::mask(key)});
    let row = documents::add(world, Shelf::Subscriptions, shown, json!({ "key": key }));
    Ok(Reply::json(201, &documents::view(world, Shelf::Subscriptions, row)))
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    documents::list(world, Shelf::Subscriptions, ask.call, |_| true)
}

pub fn change(world: &mut World, ask: &Ask) -> Answer {
    let (row, _) = documents::find(world, Shelf::Subscriptions, ask.id(0))?;
    let body = ask.body("G002")?;
    let events = events(Fields::new(&body, "G002"))?;
    documents::change(world, Shelf::Subscriptions, row, json!({ "events": events }));
    Ok(Reply::json(200, &documents::view(world, Shelf::Subscriptions, row)))
}

pub fn unsubscribe(world: &mut World, ask: &Ask) -> Answer {
    let (row, _) = documents::find(world, Shelf::Subscriptions, ask.id(0))?;
    documents::remove(world, Shelf::Subscriptions, row);
    Ok(Reply::empty(204))
}

pub fn catalogue(world: &mut World, ask: &Ask) -> Answer {
    lists::small(ask.call, &world.settings, EVENTS.iter(), |key| {
        json!({"subscriptionKey": key, "service": key.split('.').next(), "type": key.rsplit('.').next(),
            "description": key.replace(['.', '_'], " "), "layout": "v1"})
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_golden_signatures_hold() {
        let first = r#"{"id":"ev_BdES3CkhSVmz0rqGfWXs","event_key":"accounts.balance.credit","created_at":"2025-02-03T22:20:24Z","content":{"id":"trx_SUrdrNG67vb8cztFdeA0","type":"internal_credit","amount":1,"currency":"COP","date":"2025-02-03T22:20:23.677Z","metadata":{"uniqueTransactionId":"mm_9zPfIqJZAepjeR","sender_account_number":"@coraa00233","description":"BMM Unitary test","sender_name":"Product Alpha","tracking_key":"","sender_id":"9011830296"},"account_id":"acc_rLR7UkxEt4","previous_balance":40460,"current_balance":40461,"credit_debit_type":"credit"}}"#;
        assert_eq!(
            signature("cobre is super secure", "2025-02-03T22:20:24Z", first),
            "1ff93b74902d1f94c38d0cf384a6b44d294b4557b3bfa8cb79c6dce9ba467215"
        );
        let second = r#"{"id":"ev_9QmT4rXw2LbZ7kHs1NdC","event_key":"money_movements.status.completed","created_at":"2026-01-15T14:03:07Z","content":{"id":"mm_7hQ2sLxV9dKp4T","status":{"state":"completed","code":"","description":""}}}"#;
        assert_eq!(
            signature("sandbox-signing-key-01", "2026-01-15T14:03:07Z", second),
            "b3f1fb2427669040966a17fec0ef36ec6d11fd8c437b02275d19a7aef8741f07"
        );
    }

    #[test]
    fn addresses_are_public_or_on_this_machine() {
        for good in ["https://erp.example.co/hook", "http://127.0.0.1:9/x", "http://localhost/x"] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["", "http://erp.example.co", "ftp://x", "https://", "//x", "http://127.0.0.1.evil.co/"] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
