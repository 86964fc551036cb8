//! Quotes, cross-border movements between own balances, and rate alerts (contract 11).

use serde_json::{Value, json};

use crate::domain::money::Currency;
use crate::sandbox::clock::Moment;
use crate::sandbox::control::ControlError;
use crate::sandbox::http::Reply;
use crate::sandbox::world::{Event, World};

use super::documents::{self, Document, Shelf};
use super::fields::Fields;
use super::lifecycle::{self, Draft, Step};
use super::lists::{self, Window};
use super::movements::{self, Batch, Code, Detail, Party, State};
use super::rails::Rail;
use super::refusal::{Answer, Refusal};
use super::routes::Ask;
use super::transactions::{self, Entry};
use super::{CobreEvent, accounts};

/// A static quote holds three minutes [doc].
const QUOTE_MS: i64 = 180_000;
/// The most that one quote takes [doc sample].
const QUOTA: i64 = 10_000_000_000;

/// Rates are whole numbers of this part of a unit.
const ONE: i64 = 100_000_000;
/// How long a rate takes to go up, down and back, in minutes, and how far it goes, in hundredths of a
/// percent [inf].
const SWING_MIN: i64 = 240;
const SWING_BP: i64 = 200;

/// Destination per source when the sandbox begins, in parts of [`ONE`] [inf].
fn base_rate(pair: &str) -> Option<i64> {
    Some(match pair {
        "usd/mxn" => 1_850_000_000,
        "mxn/usd" => 5_405_405,
        "usd/cop" | "usd_stable/copco" => 400_000_000_000,
        "copco/usd_stable" => 25_000,
        _ => return None,
    })
}

/// How far rates are from where they began, in hundredths of a percent: up, down and back in four hours.
fn swing(minute: i64) -> i64 {
    let (quarter, phase) = (SWING_MIN / 4, minute.rem_euclid(SWING_MIN));
    let climbed = match phase {
        phase if phase < quarter => phase,
        phase if phase < quarter * 3 => quarter * 2 - phase,
        phase => phase - SWING_MIN,
    };
    climbed.saturating_mul(SWING_BP) / quarter
}

fn minute(world: &World) -> i64 {
    world.now.millis_since(world.start).div_euclid(60_000)
}

/// The rate of a pair so many minutes after the sandbox began. The way back moves against the way there.
fn rate_at(pair: &str, minute: i64) -> Option<i64> {
    let base = base_rate(pair)?;
    let swing = if ["mxn/usd", "copco/usd_stable"].contains(&pair) { -swing(minute) } else { swing(minute) };
    base.checked_add(base.checked_mul(swing)?.div_euclid(10_000))
}

fn rate(world: &World, pair: &str) -> Option<i64> {
    rate_at(pair, minute(world))
}

/// As a JSON number.
fn rate_value(rate: i64) -> Value {
    let text = format!("{}.{:08}", rate.div_euclid(ONE), rate.rem_euclid(ONE));
    let mut text = text.trim_end_matches('0').to_owned();
    if text.ends_with('.') {
        text.push('0');
    }
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// `amount · rate`, to the nearest minor unit; `None` beyond what can be held.
fn converted(amount: i64, rate: i64, of: i64) -> Option<i64> {
    let whole = i128::from(amount).checked_mul(i128::from(rate))?.checked_add(i128::from(of / 2))?;
    i64::try_from(whole / i128::from(of)).ok()
}

pub fn quote(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("G002")?;
    let fields = Fields::new(&body, "G002");
    let kind = fields.required_text("type", 1, 32)?;
    if !["static_quote", "rolling_quote"].contains(&kind) {
        return Err(fields.refuse("type must be static_quote or rolling_quote"));
    }
    let pair = fields.required_text("currency_pair", 1, 32)?.to_lowercase();
    let rate = rate(world, &pair).ok_or_else(|| fields.refuse(format!("{pair} is not quoted")))?;
    let given = |name: &str| match fields.amount(name, world.settings.strict_amount)? {
        Some(amount) if amount < 1 => Err(fields.refuse(format!("{name} must be greater than 0"))),
        amount => Ok(amount),
    };
    let (source, destination) = match (given("source_amount")?, given("destination_amount")?) {
        (Some(source), None) => (Some(source), converted(source, rate, ONE)),
        (None, Some(destination)) => (converted(destination, ONE, rate), Some(destination)),
        _ => return Err(fields.refuse("source_amount or destination_amount is required, not both")),
    };
    let (Some(source), Some(destination)) = (source, destination) else {
        return Err(fields.refuse("the amount is too large"));
    };
    // Only the newest one of a pair was the last.
    let last =
        documents::all(world, Shelf::Quotes).rev().find(|(_, held)| held.text("currency_pair") == pair);
    if let Some(row) = last.map(|(row, _)| row) {
        documents::change(world, Shelf::Quotes, row, json!({"last_quote": false}));
    }
    let is_static = kind == "static_quote";
    let until = world.now.plus_millis(if is_static { QUOTE_MS } else { 24 * 3_600_000 });
    let mut shown = json!({"type": kind, "currency_pair": pair, "source_amount": source, "destination_amount": destination,
        "fees_breakdown": {"spread": 1.5}, "fx_rate": rate_value(rate), "quota_limit": QUOTA, "remaining_quota": QUOTA.saturating_sub(source),
        "valid_until": until, "last_quote": true, "off_market": false});
    if let (false, Some(fields)) = (is_static, shown.as_object_mut()) {
        fields
            .insert("quote_tiers".to_owned(), json!([{"from": 0, "to": QUOTA, "fx_rate": rate_value(rate)}]));
        fields.insert("penalization_tier".to_owned(), json!([{"minutes": 60, "percentage": 0.5}]));
    }
    let row = documents::add(world, Shelf::Quotes, shown, json!({"until_ms": until.millis(), "used": false}));
    Ok(Reply::json(201, &documents::view(world, Shelf::Quotes, row)))
}

/// `POST /_sandbox/quotes/{id}/expire`: its time is over now.
pub fn expire(world: &mut World, id: &str) -> Result<Value, ControlError> {
    let found = documents::find(world, Shelf::Quotes, id).map(|(row, _)| row);
    let row = found.map_err(|_| ControlError::new(format!("there is no quote {id}")))?;
    let now = world.now;
    documents::change(world, Shelf::Quotes, row, json!({"valid_until": now}));
    documents::change_hidden(world, Shelf::Quotes, row, json!({"until_ms": now.millis()}));
    Ok(documents::view(world, Shelf::Quotes, row))
}

pub fn quotes(world: &mut World, ask: &Ask) -> Answer {
    documents::list(world, Shelf::Quotes, ask.call, |_| true)
}

pub fn one_quote(world: &mut World, ask: &Ask) -> Answer {
    documents::get(world, Shelf::Quotes, ask)
}

fn of(pair: &str) -> Option<(Currency, Currency)> {
    let (from, to) = pair.split_once('/')?;
    Some((from.parse().ok()?, to.parse().ok()?))
}

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("G002")?;
    let fields = Fields::new(&body, "G002");
    let find = |name: &str| {
        let id = fields.required_text(name, 1, 64)?;
        accounts::find(world, id)
            .map(|(row, account)| (row, account.provider.currency))
            .ok_or_else(accounts::missing)
    };
    let ((source, from), (destination, to)) = (find("source_id")?, find("destination_id")?);
    let metadata = fields.object("metadata")?.ok_or_else(|| fields.refuse("metadata is required"))?;
    let wording = metadata.required_text("destination_description", 1, 255)?.to_owned();
    let id = match fields.text("forex_quote_id", 1, 64)? {
        None => metadata.required_text("forex_quote_id", 1, 64)?,
        Some(id) => id,
    };
    let (quote, held) = documents::find(world, Shelf::Quotes, id)?;
    let used = held.hidden.get("used") == Some(&json!(true)) && held.text("type") == "static_quote";
    if used || held.number("until_ms").is_some_and(|until| until <= world.now.millis()) {
        return Err(fields.refuse("The quote has expired or was used"));
    }
    if of(held.text("currency_pair")) != Some((from, to)) {
        return Err(Refusal::new("MM005", "The quote is of other currencies than the accounts"));
    }
    let amount = held.number("source_amount").unwrap_or(0);
    let external_id = fields.text("external_id", 0, 255)?.filter(|text| !text.is_empty()).map(str::to_owned);
    let embedded = documents::view(world, Shelf::Quotes, quote);
    let draft = Draft {
        source: Party::Account(source),
        destination: Party::Account(destination),
        amount,
        rail: Rail::CrossBorder,
        currency: from,
        external_id,
        metadata: documents::map(
            json!({"destination_description": wording, "forex_quote_id": id, "forex_quote": embedded}),
        ),
    };
    documents::change_hidden(world, Shelf::Quotes, quote, json!({"used": true}));
    let creator = super::creator_row(world, ask.caller.user());
    let key = ask.call.header("idempotency").map(str::to_owned);
    let row = lifecycle::make(world, draft, creator, false, key, Batch::None);
    lifecycle::schedule(world, row, 1_000, Step::Process);
    let detail = Detail { nested: false, sensitive: true, short: false };
    Ok(Reply::json(201, &movements::view(world, row, detail)))
}

/// The source is debited; two seconds later the destination is credited what the quote said.
pub fn process(world: &mut World, row: u32) {
    let Some(movement) = world.cobre.movements.get(row as usize) else { return };
    let (Party::Account(source), amount, currency) = (movement.source, movement.amount, movement.currency)
    else {
        return;
    };
    let balance =
        world.cobre.accounts.get(source as usize).map_or(0, |held| world.ledger.balance(held.ledger));
    let outside = world.outside("fx", currency);
    let entry = Entry::of_movement(source, Rail::CrossBorder.debit(false), amount.saturating_neg(), row);
    if balance < amount || transactions::enter(world, entry, outside).is_err() {
        lifecycle::set_state(world, row, State::Rejected, Code::Funds);
        return;
    }
    if let Some(movement) = world.cobre.movements.get_mut(row as usize) {
        movement.debited = true;
    }
    lifecycle::set_state(world, row, State::Processing, Code::None);
    lifecycle::schedule(world, row, 2_000, Step::Settle);
}

pub fn settle(world: &mut World, row: u32) {
    let Some(movement) = world.cobre.movements.get(row as usize) else { return };
    let Party::Account(destination) = movement.destination else { return };
    let quoted = movement
        .extra
        .as_ref()
        .and_then(|extra| extra.metadata.get("forex_quote")?.get("destination_amount")?.as_i64());
    let currency = world.cobre.accounts.get(destination as usize).map(|held| held.provider.currency);
    let (Some(amount), Some(currency)) = (quoted, currency) else { return };
    let outside = world.outside("fx", currency);
    let entry = Entry::of_movement(destination, Rail::CrossBorder.credit(), amount, row);
    if transactions::enter(world, entry, outside).is_ok() {
        lifecycle::set_state(world, row, State::Completed, Code::None);
    } else {
        lifecycle::bounce(world, row, State::Rejected, Code::Limit);
    }
}

/// `usd/mxn`, as such a movement's currency is shown.
pub fn pair(metadata: &serde_json::Map<String, Value>) -> Option<String> {
    metadata.get("forex_quote")?.get("currency_pair")?.as_str().map(str::to_owned)
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let call = ask.call;
    let window = Window::of(call, &world.settings)?;
    let keep = |row: u32| {
        world.cobre.movements.get(row as usize).is_some_and(|movement| {
            movement.rail == Rail::CrossBorder
                && lists::is(call, "status", movement.state.name())
                && call
                    .param("external_id")
                    .is_none_or(|wanted| movements::external_id(world, row).as_deref() == Some(wanted))
        })
    };
    let (total, rows) = window.pick(&lists::All, 0..world.cobre.movements.len(), Some(&keep));
    let detail = Detail { nested: false, sensitive: ask.sensitive(), short: false };
    let page: Vec<_> = rows.into_iter().filter_map(|row| movements::view(world, row, detail)).collect();
    Ok(window.answer(total, &page))
}

pub fn get(world: &mut World, ask: &Ask) -> Answer {
    let found = movements::find(world, ask.id(0)).filter(|(_, movement)| movement.rail == Rail::CrossBorder);
    let (row, _) = found.ok_or_else(|| Refusal::new("G003", "Not found"))?;
    let detail =
        Detail { nested: ask.call.param("nested") == Some("true"), sensitive: ask.sensitive(), short: false };
    Ok(Reply::json(200, &movements::view(world, row, detail)))
}

pub fn alert(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("G002")?;
    let fields = Fields::new(&body, "G002");
    let pair = fields.required_text("currency_pair", 1, 32)?.to_lowercase();
    base_rate(&pair).ok_or_else(|| fields.refuse(format!("{pair} is not quoted")))?;
    let condition = fields.required_text("condition", 1, 32)?;
    let thresholds = fields.get("thresholds").and_then(Value::as_array).filter(|held| {
        held.iter().all(Value::is_number) && held.len() == if condition == "within_range" { 2 } else { 1 }
    });
    let thresholds =
        thresholds.ok_or_else(|| fields.refuse("thresholds must hold a number, or two for within_range"))?;
    if !["above", "below", "within_range"].contains(&condition) {
        return Err(fields.refuse("condition must be above, below or within_range"));
    }
    let expires = fields.text("expires", 0, 64)?;
    let until = match expires {
        None | Some("") => None,
        Some(text) => Some(
            text.parse::<jiff::Timestamp>()
                .map(Moment::from)
                .map_err(|_| fields.refuse("expires must be a time such as 2026-01-31T23:59:59Z"))?,
        ),
    };
    let shown = json!({"currency_pair": pair, "condition": condition, "thresholds": thresholds, "expires": expires, "active_status": true});
    let hidden = json!({"until_ms": until.map(Moment::millis)});
    let row = documents::add(world, Shelf::Alerts, shown, hidden);
    world.schedule(1_000, Event::Cobre(CobreEvent::Alert(row)));
    Ok(Reply::json(201, &documents::view(world, Shelf::Alerts, row)))
}

/// Whether a rate is where the alert waits for it.
fn is_met(held: &Document, minute: i64) -> bool {
    let rate = rate_at(held.text("currency_pair"), minute).and_then(|rate| rate_value(rate).as_f64());
    let Some(rate) = rate else { return false };
    let bounds = held.body.get("thresholds").and_then(Value::as_array).into_iter().flatten();
    let bounds: Vec<f64> = bounds.filter_map(Value::as_f64).collect();
    match (held.text("condition"), bounds.as_slice()) {
        ("above", [bound]) => rate > *bound,
        ("below", [bound]) => rate < *bound,
        (_, [low, high]) => *low <= rate && rate <= *high,
        _ => false,
    }
}

/// An alert is looked at: it is told of where its rate is there, and again whenever it comes back there.
pub fn alert_due(world: &mut World, row: u32) {
    let now = world.now;
    let Some(held) = documents::at(world, Shelf::Alerts, row) else { return };
    if held.body.get("active_status") != Some(&json!(true)) {
        return;
    }
    if held.number("until_ms").is_some_and(|until| until <= now.millis()) {
        documents::change(world, Shelf::Alerts, row, json!({"active_status": false}));
        return;
    }
    let minute = minute(world);
    let is_there = is_met(held, minute);
    // Rates go round: what does not happen in one round never does.
    let mut minutes = (minute..=minute.saturating_add(SWING_MIN)).zip(minute.saturating_add(1)..);
    let next = minutes.find(|(before, after)| !is_met(held, *before) && is_met(held, *after));
    let starts = next.map(|(_, after)| world.start.plus_millis(after.saturating_mul(60_000)));
    let ends = held.number("until_ms").map(Moment::from_millis);
    if let Some(at) = starts.into_iter().chain(ends).min() {
        world.schedule_at(at, Event::Cobre(CobreEvent::Alert(row)));
    }
    if is_there {
        super::events::document(world, "alerts.fx_rate.triggered", Shelf::Alerts, row);
    }
}

pub fn alerts(world: &mut World, ask: &Ask) -> Answer {
    documents::list(world, Shelf::Alerts, ask.call, |_| true)
}

pub fn one_alert(world: &mut World, ask: &Ask) -> Answer {
    documents::get(world, Shelf::Alerts, ask)
}

pub fn end_alert(world: &mut World, ask: &Ask) -> Answer {
    let (row, _) = documents::find(world, Shelf::Alerts, ask.id(0))?;
    documents::change(world, Shelf::Alerts, row, json!({"active_status": false}));
    Ok(Reply::json(200, &documents::view(world, Shelf::Alerts, row)))
}
