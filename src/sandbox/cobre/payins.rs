//! Money that arrives without a movement: to a key, a CLABE, a transfer account, a wallet, by wire
//! (`POST /_sandbox/payins`).

use serde_json::{Map, Value, json};

use crate::sandbox::control::ControlError;
use crate::sandbox::world::World;

use super::catalogue::Kind;
use super::documents::{self, Shelf};
use super::transactions::{self, Entry, NONE};
use super::{accounts, cast, keys};

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The account that a target leads to, and the number of the reference it came through.
fn target(world: &World, kind: &str, target: &str) -> Result<(u32, Option<String>), ControlError> {
    let nobody = || ControlError::new(format!("no {kind} leads to {target}"));
    if kind == "breb_key" {
        let account = keys::account(world, target).ok_or_else(nobody)?;
        return Ok((account.map_err(ControlError::conflict)?, None));
    }
    let reference = documents::all(world, Shelf::References)
        .find(|(_, held)| held.connectivity() == "enabled" && held.text("number") == target);
    if let Some((_, held)) = reference {
        let account = accounts::find(world, held.text("source_id")).map(|(row, _)| row).ok_or_else(nobody)?;
        return Ok((account, Some(target.to_owned())));
    }
    let geo = match kind {
        "clabe" => "mex",
        "cobre_balance" => "col",
        "fedwire" => "usa",
        "wallet" => "global",
        _ => return Err(nobody()),
    };
    let fits = |held: &accounts::Account| {
        let is_its = held.number == target || held.wallets.iter().any(|(_, address)| address == target);
        held.is_open() && held.provider.geo.name() == geo && is_its
    };
    let row = world.cobre.accounts.iter().position(fits).and_then(|row| u32::try_from(row).ok());
    Ok((row.ok_or_else(nobody)?, None))
}

/// Credits a balance from outside; answers the transaction.
pub fn pay_in(world: &mut World, fields: &Map<String, Value>) -> Result<Value, ControlError> {
    let missing = |name: &str| ControlError::new(format!("{name} is missing"));
    let kind = text(fields, "kind").ok_or_else(|| missing("kind"))?;
    let to = text(fields, "target").ok_or_else(|| missing("target"))?;
    let amount = fields.get("amount").and_then(Value::as_i64).filter(|amount| *amount > 0);
    let amount = amount.ok_or_else(|| ControlError::new("amount is a whole number above 0"))?;
    let (entry_kind, from) = match kind {
        "breb_key" => (Kind::BrebCredit, "breb"),
        "clabe" => (Kind::SpeiCredit, "spei:646"),
        "transfer_acc" => (Kind::TransferCredit, "bank:1066"),
        "fedwire" => (Kind::FedwireCredit, "fedwire"),
        "wallet" => (Kind::GlobalCredit, "chain:polygon"),
        "cobre_balance" => (Kind::ColCbCredit, "cobre_clients"),
        _ => return Err(ControlError::new(format!("no payin is of the kind {kind:?}"))),
    };
    let (account, reference) = target(world, kind, to)?;
    let mut note = note(world, fields, kind, to);
    if let Some(number) = reference {
        note.insert("reference_account_number".to_owned(), Value::from(number));
    }
    let row = u32::try_from(world.cobre.notes.len()).map_err(|_| ControlError::new("too many payins"))?;
    world.cobre.notes.push(note);
    let currency = world.cobre.accounts.get(account as usize).map(|held| held.provider.currency);
    let outside = world.outside(from, currency.ok_or_else(|| missing("account"))?);
    let entry = Entry { note: row, ..Entry::of_movement(account, entry_kind, amount, NONE) };
    let made =
        transactions::enter(world, entry, outside).map_err(|error| ControlError::new(error.to_string()))?;
    Ok(json!(transactions::view(world, made, true)))
}

/// The metadata of a payin; who is not said to send it is invented.
fn note(world: &World, fields: &Map<String, Value>, kind: &str, to: &str) -> Map<String, Value> {
    let serial = u32::try_from(world.cobre.transactions.len()).unwrap_or(0);
    let invented = cast::sender(serial % 100_000, Kind::BrebCredit);
    let description = text(fields, "description").unwrap_or("Payin").to_owned();
    let mut note = documents::map(json!({ "description": description }));
    if kind == "wallet" {
        let hash =
            text(fields, "tx_hash").map_or_else(|| format!("0x{}", cast::digits(serial, 40)), str::to_owned);
        note.extend(documents::map(
            json!({"tracking_key": hash, "chain": text(fields, "chain").unwrap_or("polygon"),
            "token": text(fields, "token").unwrap_or("usdc"), "beneficiary_wallet_address": to}),
        ));
        return note;
    }
    let sender = fields.get("sender").and_then(Value::as_object);
    let given = |name: &str, other: &str| {
        let found = sender.and_then(|sender| text(sender, name));
        Value::from(found.unwrap_or(other))
    };
    let mut insert = |name: &str, value: Value| note.insert(name.to_owned(), value);
    insert("sender_name", given("name", &invented.name));
    insert("sender_id", given("id", &invented.document));
    insert("sender_account_number", given("account_number", &invented.account));
    if kind != "breb_key" {
        insert("tracking_key", Value::from(format!("payin{serial:09}")));
    }
    match kind {
        "breb_key" => {
            insert("sender_id_type", given("id_type", invented.document_type));
            insert("sender_account_type", given("account_type", invented.account_type));
            insert("sender_bank_code", given("bank_code", invented.bank));
            insert("key_value", Value::from(to));
        }
        "clabe" => {
            insert("reference", Value::from(format!("{:07}", serial % 10_000_000)));
            insert("cep_url", Value::from(format!("https://www.banxico.org.mx/cep/go?i=90646&d={serial}")));
        }
        "fedwire" => {
            insert("sender_bank_code", given("bank_code", "021000021"));
            insert("reference", Value::from(format!("{serial:08}")));
        }
        _ => {}
    }
    note
}
