//! Direct-debit registrations: a payer's leave to debit his account (contract 5.5).

use serde_json::{Value, json};

use crate::sandbox::control::ControlError;
use crate::sandbox::http::Reply;
use crate::sandbox::world::{Event, World};

use super::catalogue::Geo;
use super::documents::{self, Shelf};
use super::fields::Fields;
use super::refusal::{Answer, Refusal};
use super::routes::Ask;
use super::{CobreEvent, accounts, counterparties, events};

pub fn register(world: &mut World, ask: &Ask) -> Answer {
    let (_, payer) = counterparties::find(world, ask.id(0)).ok_or_else(counterparties::missing)?;
    let body = ask.body("G002")?;
    let fields = Fields::new(&body, "G002");
    if !["cc", "ch", "dp"].contains(&payer.form.name) {
        return Err(fields.refuse("Only bank accounts (cc, ch, dp) can be debited"));
    }
    if payer.field("beneficiary_institution") != "1507" {
        return Err(fields.refuse("Only Nequi (1507) is enabled for direct debit"));
    }
    let destination = fields.required_text("destination_id", 1, 64)?;
    let (_, held) = accounts::find(world, destination).ok_or_else(accounts::missing)?;
    if held.provider.geo != Geo::Col {
        return Err(fields.refuse("destination_id must be a Colombian balance"));
    }
    let description = fields.required_text("registration_description", 1, 255)?;
    let last: String =
        payer.field("account_number").chars().rev().take(2).collect::<Vec<_>>().into_iter().rev().collect();
    let shown = json!({"destination_id": destination, "registration_description": description,
        "destination": destination_view(held),
        "status": {"state": "processing", "code": "", "description": ""}});
    let row =
        documents::add(world, Shelf::Registrations, shown, json!({"counterparty": ask.id(0), "last": last}));
    events::document(world, "counterparty.direct_debit_registration.processing", Shelf::Registrations, row);
    world.schedule(2_000, Event::Cobre(CobreEvent::Registered(row)));
    Ok(Reply::json(201, &documents::view(world, Shelf::Registrations, row)))
}

/// The account as a registration shows it: fewer fields than the account itself [doc sample].
fn destination_view(held: &accounts::Account) -> Value {
    json!({"alias": held.alias, "provider_id": held.provider.id, "provider_name": held.provider.name,
        "account_number": held.number, "account_type": held.kind,
        "metadata": {"cobre_tag": held.number, "available_services": ["mm_push_from_account"]}})
}

fn settle(world: &mut World, row: u32, state: &str, code: &str, text: &str) {
    let status = json!({"status": {"state": state, "code": code, "description": text}});
    documents::change(world, Shelf::Registrations, row, status);
    events::document(
        world,
        &format!("counterparty.direct_debit_registration.{state}"),
        Shelf::Registrations,
        row,
    );
}

fn is_open(world: &World, row: u32) -> bool {
    let found = documents::at(world, Shelf::Registrations, row);
    found
        .and_then(|found| found.body.get("status")?.get("state")?.as_str())
        .is_some_and(|state| state == "processing")
}

/// The payer has had his two seconds: the end of his account's number decides (contract 21).
pub fn due(world: &mut World, row: u32) {
    if !is_open(world, row) {
        return;
    }
    let last = documents::at(world, Shelf::Registrations, row).map(|found| found.text("last").to_owned());
    let (state, code, text) = match last.as_deref().unwrap_or_default() {
        "01" => ("unregistered", "RD001", "Rejected"),
        "04" => ("unregistered", "RD004", "Account inactive or blocked"),
        "06" => ("unregistered", "RD006", "Account and id do not match"),
        "10" => ("unregistered", "RD010", "Account does not exist"),
        "25" => ("unregistered", "RD025", "Not authorised for debit"),
        _ => ("registered", "RD000", "Registered"),
    };
    settle(world, row, state, code, text);
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    counterparties::find(world, ask.id(0)).ok_or_else(counterparties::missing)?;
    documents::list(world, Shelf::Registrations, ask.call, |held| held.text("counterparty") == ask.id(0))
}

pub fn get(world: &mut World, ask: &Ask) -> Answer {
    let (row, held) = documents::find(world, Shelf::Registrations, ask.id(1))?;
    if held.text("counterparty") != ask.id(0) {
        return Err(Refusal::new("G003", "Not found"));
    }
    Ok(Reply::json(200, &documents::view(world, Shelf::Registrations, row)))
}

/// Whether a counterparty may be debited for this account: the latest registration decides.
pub fn is_registered(world: &World, counterparty: u32, account: u32) -> bool {
    let (payer, account) = (counterparties::id(world, counterparty), accounts::id(world, account));
    let latest = documents::all(world, Shelf::Registrations)
        .rev()
        .find(|(_, held)| held.text("counterparty") == payer && held.text("destination_id") == account);
    let state =
        latest.and_then(|(_, held)| held.body.get("status")?.get("state")?.as_str().map(str::to_owned));
    state.as_deref() == Some("registered")
}

/// `POST /_sandbox/direct_debits/{id}/accept` and `…/reject`.
pub fn answer(world: &mut World, id: &str, accept: bool) -> Result<Value, ControlError> {
    let (row, _) = documents::find(world, Shelf::Registrations, id)
        .map_err(|_| ControlError::new(format!("no registration is called {id}")))?;
    if !is_open(world, row) {
        return Err(ControlError::conflict("the registration was answered before"));
    }
    let (state, code, text) =
        if accept { ("registered", "RD000", "Registered") } else { ("unregistered", "RD001", "Rejected") };
    settle(world, row, state, code, text);
    Ok(documents::view(world, Shelf::Registrations, row))
}
