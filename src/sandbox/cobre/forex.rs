//! Quotes, cross-border movements between own balances, and rate alerts (contract 11).

use serde_json::{Value, json};

use crate::domain::money::Currency;
use crate::sandbox::http::Reply;
use crate::sandbox::world::{Event, World};

use super::documents::{self, Shelf};
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

/// Destination per source, in ten-thousandths [inf].
fn rate(pair: &str) -> Option<i64> {
    Some(match pair {
        "usd/mxn" => 185_000,
        "mxn/usd" => 541,
        "usd/cop" | "usd_stable/copco" => 40_000_000,
        "copco/usd_stable" => 3,
        _ => return None,
    })
}

fn rate_value(rate: i64) -> Value {
    let text = format!("{}.{:04}", rate.div_euclid(10_000), rate.rem_euclid(10_000));
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
    let rate = rate(&pair).ok_or_else(|| fields.refuse(format!("{pair} is not quoted")))?;
    let given = |name: &str| match fields.amount(name, world.settings.strict_amount)? {
        Some(amount) if amount < 1 => Err(fields.refuse(format!("{name} must be greater than 0"))),
        amount => Ok(amount),
    };
    let (source, destination) = match (given("source_amount")?, given("destination_amount")?) {
        (Some(source), None) => (Some(source), converted(source, rate, 10_000)),
        (None, Some(destination)) => (converted(destination, 10_000, rate), Some(destination)),
        _ => return Err(fields.refuse("source_amount or destination_amount is required, not both")),
    };
    let (Some(source), Some(destination)) = (source, destination) else {
        return Err(fields.refuse("the amount is too large"));
    };
    let rows: Vec<u32> = documents::all(world, Shelf::Quotes)
        .filter(|(_, held)| held.text("currency_pair") == pair)
        .map(|(row, _)| row)
        .collect();
    for row in rows {
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
    rate(&pair).ok_or_else(|| fields.refuse(format!("{pair} is not quoted")))?;
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
    let shown = json!({"currency_pair": pair, "condition": condition, "thresholds": thresholds, "expires": expires, "active_status": true});
    let row = documents::add(world, Shelf::Alerts, shown, Value::Null);
    world.schedule(1_000, Event::Cobre(CobreEvent::Alert(row)));
    Ok(Reply::json(201, &documents::view(world, Shelf::Alerts, row)))
}

/// Whether the rate is where the alert waits for it; the sandbox's rates stand still.
pub fn alert_due(world: &mut World, row: u32) {
    let Some(held) = documents::at(world, Shelf::Alerts, row) else { return };
    let Some(rate) = rate(held.text("currency_pair")).and_then(|rate| rate_value(rate).as_f64()) else {
        return;
    };
    let bounds: Vec<f64> = held
        .body
        .get("thresholds")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_f64)
        .collect();
    let met = match (held.text("condition"), bounds.as_slice()) {
        ("above", [bound]) => rate > *bound,
        ("below", [bound]) => rate < *bound,
        (_, [low, high]) => *low <= rate && rate <= *high,
        _ => false,
    };
    if met && held.body.get("active_status") == Some(&json!(true)) {
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
