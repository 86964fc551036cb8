//! Checkouts: hosted pages that a payer pays on, as often as they allow (contract 10).

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::sandbox::clock::Moment;
use crate::sandbox::control::ControlError;
use crate::sandbox::http::Reply;
use crate::sandbox::world::World;

use super::catalogue::Geo;
use super::counterparties::{self, Counterparty, Form};
use super::documents::{self, Document, Shelf};
use super::fields::Fields;
use super::lifecycle::{self, Draft, Step};
use super::movements::{Batch, Party};
use super::rails::Rail;
use super::refusal::{Answer, Refusal};
use super::routes::Ask;
use super::{accounts, cast};

const RAILS: [&str; 6] = ["pse", "bancolombia", "nequi", "breb", "breb_qr", "breb_key"];

/// Text of a checkout, within the limits that one client keeps to where the setting asks for it.
fn text<'a>(world: &World, fields: Fields<'a>, name: &str, max: usize) -> Result<Option<&'a str>, Refusal> {
    let found = fields.text(name, 0, 255)?.filter(|text| !text.is_empty());
    let fits = |text: &str| {
        text.chars().count() <= max
            && text.chars().all(|l| l.is_alphanumeric() || [' ', '-', '.'].contains(&l))
    };
    match found {
        Some(text) if world.settings.strict_checkout_text && !fits(text) => {
            Err(Refusal::new("CHK004", format!("{name} contains characters that are not allowed")))
        }
        found => Ok(found),
    }
}

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("G002")?;
    let fields = Fields::new(&body, "G002");
    fields.required_text("alias", 1, 255)?;
    let amount = fields.amount("amount", world.settings.strict_amount)?;
    if amount.is_some_and(|amount| amount < 1) {
        return Err(fields.refuse("amount must be greater than 0"));
    }
    let destination = fields.required_text("destination_id", 1, 64)?;
    let (_, account) = accounts::find(world, destination).ok_or_else(accounts::missing)?;
    if account.provider.geo != Geo::Col {
        return Err(fields.refuse("destination_id must be a Colombian balance"));
    }
    let rails = match fields.texts("checkout_rails")? {
        None => fields.texts("checkout_rail")?,
        found => found,
    };
    let rails =
        rails.filter(|rails| !rails.is_empty() && rails.iter().all(|rail| RAILS.contains(&rail.as_str())));
    let rails =
        rails.ok_or_else(|| fields.refuse("checkout_rails must name pse, bancolombia, nequi or breb"))?;
    let required = |name: &str| fields.refuse(format!("{name} is required"));
    let header = text(world, fields, "checkout_header", 30)?.ok_or_else(|| required("checkout_header"))?;
    let item = text(world, fields, "checkout_item", 40)?;
    let payee =
        text(world, fields, "description_to_payee", 40)?.ok_or_else(|| required("description_to_payee"))?;
    let until = fields.text("valid_until", 0, 64)?;
    let until_ms = match until.map(str::parse::<Timestamp>) {
        None => None,
        Some(Ok(until)) => Some(Moment::from(until).millis()),
        Some(Err(_)) => return Err(fields.refuse("valid_until must be a date and time in UTC")),
    };
    let limit = match fields.get("money_movement_intent_limit") {
        None => None,
        Some(limit) => {
            let limit = limit.as_i64().filter(|limit| *limit >= 1);
            Some(limit.ok_or_else(|| fields.refuse("money_movement_intent_limit must be 1 or more"))?)
        }
    };
    let redirect = fields.text("redirect_url", 0, 2048)?;
    let external = fields.text("external_id", 0, 255)?;
    let metadata = fields.object("metadata")?.map(|fields| fields.map.clone());
    let row = u32::try_from(documents::all(world, Shelf::Checkouts).count()).unwrap_or(0);
    let base = world.ready.as_ref().map_or_else(String::new, |ready| ready.control.clone());
    let url = format!("{base}/checkouts/{}", documents::id(world, Shelf::Checkouts, row));
    let shown = json!({"alias": body.get("alias"), "amount": amount, "destination_id": destination, "checkout_rails": rails,
        "checkout_header": header, "checkout_item": item, "description_to_payee": payee, "valid_until": until,
        "money_movement_intent_limit": limit, "redirect_url": redirect, "external_id": external, "metadata": metadata,
        "checkout_url": url, "status": "active", "currency": "cop", "money_movement_intent_count": 0,
        "unique_transaction_id": world.ids.make("utx_", 16, row), "money_movement_id": null, "payment_method": null});
    let row = documents::add(world, Shelf::Checkouts, shown, json!({ "until_ms": until_ms }));
    Ok(Reply::json(201, &view(world, row)))
}

/// As it stands now: past its time it is expired, with all its uses gone completed.
fn status(world: &World, held: &Document) -> String {
    let status = held.text("status");
    let expired = held.number("until_ms").is_some_and(|until| until <= world.now.millis());
    if status == "active" && expired { "expired".to_owned() } else { status.to_owned() }
}

fn view(world: &World, row: u32) -> Value {
    let mut shown = documents::view(world, Shelf::Checkouts, row);
    if let (Some(held), Some(fields)) = (documents::at(world, Shelf::Checkouts, row), shown.as_object_mut()) {
        fields.insert("status".to_owned(), Value::from(status(world, held)));
    }
    shown
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    documents::list(world, Shelf::Checkouts, ask.call, |_| true)
}

pub fn get(world: &mut World, ask: &Ask) -> Answer {
    let (row, _) = documents::find(world, Shelf::Checkouts, ask.id(0))?;
    Ok(Reply::json(200, &view(world, row)))
}

pub fn deactivate(world: &mut World, ask: &Ask) -> Answer {
    let (row, _) = documents::find(world, Shelf::Checkouts, ask.id(0))?;
    documents::change(world, Shelf::Checkouts, row, json!({"status": "inactive"}));
    Ok(Reply::json(200, &json!({"id": ask.id(0), "status": "inactive"})))
}

/// `POST /_sandbox/checkouts/{id}/pay` `{"rail"?, "amount"?, "refuse"?}`: a payer on the page.
pub fn pay(
    world: &mut World,
    id: &str,
    wish: &serde_json::Map<String, Value>,
) -> Result<Value, ControlError> {
    let (row, held) = documents::find(world, Shelf::Checkouts, id)
        .map_err(|_| ControlError::new(format!("no checkout is called {id}")))?;
    let now = status(world, held);
    if now != "active" {
        return Err(ControlError::conflict(format!("the checkout is {now}")));
    }
    let rails = held.body.get("checkout_rails").and_then(Value::as_array).cloned().unwrap_or_default();
    let wished = wish.get("rail").cloned().or_else(|| rails.first().cloned()).unwrap_or(Value::Null);
    if !rails.contains(&wished) {
        return Err(ControlError::new("the checkout does not take this rail"));
    }
    let rail = match wished.as_str().unwrap_or_default() {
        "pse" => Rail::R2pPse,
        "nequi" => Rail::R2pNequi,
        "bancolombia" => Rail::R2pBancolombia,
        _ => Rail::R2pBreb,
    };
    let amount = held.number("amount").or_else(|| wish.get("amount").and_then(Value::as_i64));
    let amount = amount.filter(|amount| *amount > 0).ok_or_else(|| ControlError::new("amount is missing"))?;
    let (account, _) = accounts::find(world, held.text("destination_id"))
        .ok_or_else(|| ControlError::conflict("its balance is gone"))?;
    let (external, payee) =
        (held.text("external_id").to_owned(), held.text("description_to_payee").to_owned());
    let limit = held.number("money_movement_intent_limit");
    let count = held.number("money_movement_intent_count").unwrap_or(0).saturating_add(1);
    let source = payer(world, rail);
    let draft = Draft {
        source: Party::Counterparty(source),
        destination: Party::Account(account),
        amount,
        rail,
        currency: crate::domain::money::Currency::Cop,
        external_id: (!external.is_empty()).then_some(external),
        metadata: documents::map(json!({"description_to_payee": payee, "description_to_payer": payee,
            "financial_institution_code": "1007", "redirect_url": ""})),
    };
    let creator = super::creator_row(world, "checkout");
    let made = lifecycle::make(world, draft, creator, false, None, Batch::None);
    lifecycle::step(world, made, Step::Process);
    let refuse = wish.get("refuse").and_then(Value::as_bool).unwrap_or(false);
    let movement = lifecycle::pay(world, &super::movements::id(world, made), refuse)?;
    let spent = limit.is_some_and(|limit| count >= limit);
    let mut change =
        json!({"money_movement_intent_count": count, "status": if spent { "completed" } else { "active" }});
    if let (false, Some(fields)) = (refuse, change.as_object_mut()) {
        fields.insert("money_movement_id".to_owned(), movement.get("id").cloned().unwrap_or(Value::Null));
        fields.insert("payment_method".to_owned(), wished);
    }
    documents::change(world, Shelf::Checkouts, row, change);
    Ok(view(world, row))
}

/// Whoever opened the page: known to the movement, not listed among the counterparties.
fn payer(world: &mut World, rail: Rail) -> u32 {
    let n = u32::try_from(world.cobre.counterparties.len()).unwrap_or(0);
    let form = Form::find("col", if rail == Rail::R2pBreb { "r2p_breb" } else { "r2p" })
        .expect("the contract has it");
    let metadata = documents::map(
        json!({"counterparty_fullname": cast::person(n), "counterparty_id_type": "cc", "counterparty_id_number": cast::document(n)}),
    );
    let now = world.now;
    counterparties::add(
        world,
        Counterparty {
            form,
            alias: None,
            metadata,
            created_at: now,
            updated_at: now,
            deleted: true,
            verified: true,
        },
    )
}
