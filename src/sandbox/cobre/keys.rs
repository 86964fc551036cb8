//! Cobre Keys: static Bre-B keys that a Colombian balance is paid to (contract 9).

use serde_json::{Value, json};

use crate::sandbox::http::Reply;
use crate::sandbox::world::{Event, World};

use super::catalogue::Geo;
use super::documents::{self, Shelf};
use super::fields::Fields;
use super::refusal::{Answer, Refusal};
use super::routes::Ask;
use super::{CobreEvent, accounts, cast, events};

/// What is asked of a key and done a second later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Register,
    Disable,
    Enable,
}

/// The key's text, from what it is to be made of.
fn value(row: u32, config: &str, fields: Fields<'_>, holder: Fields<'_>) -> Result<String, Refusal> {
    let random: String = cast::dynamic_key(row ^ 0x5EED).chars().skip(3).take(6).collect();
    let upper = |text: &str, max: usize| {
        text.chars().filter(char::is_ascii_alphanumeric).take(max).collect::<String>().to_uppercase()
    };
    let open = fields.text("open_input", 5, 20)?;
    if open.is_some() != (config == "open_input") {
        return Err(fields.refuse("open_input belongs to key_config open_input, and only there"));
    }
    Ok(match (config, open) {
        ("random", _) => cast::dynamic_key(row ^ 0x5EED),
        ("name", _) => format!("@CB{random}{}", upper(holder.required_text("full_name", 1, 255)?, 12)),
        ("id", _) => {
            let short: String = random.chars().take(4).collect();
            format!("@CB{short}{}", upper(holder.required_text("id_number", 1, 32)?, 10))
        }
        (_, Some(open)) if open.chars().all(|letter| letter.is_ascii_alphanumeric()) => {
            format!("@{}", open.to_uppercase())
        }
        (_, Some(_)) => return Err(fields.refuse("open_input has letters and digits only")),
        (_, None) => return Err(fields.refuse("key_config must be name, id, random or open_input")),
    })
}

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let (_, account) = accounts::find(world, ask.id(0)).ok_or_else(accounts::missing)?;
    let body = ask.body("G002")?;
    let fields = Fields::new(&body, "G002");
    if account.provider.geo != Geo::Col || !account.provider.balance || !account.is_open() {
        return Err(fields.refuse("Only Colombian balances have keys"));
    }
    let alias = fields.required_text("alias", 1, 100)?;
    let config = fields.required_text("key_config", 1, 16)?;
    let holder = fields.object("holder")?.ok_or_else(|| fields.refuse("holder is required"))?;
    for name in ["full_name", "id_type", "id_number"] {
        holder.required_text(name, 1, 255)?;
    }
    let row = u32::try_from(documents::all(world, Shelf::Keys).count()).unwrap_or(0);
    let value = value(row, config, fields, holder)?;
    let taken = documents::all(world, Shelf::Keys).any(|(_, held)| held.text("value") == value);
    let fails = taken || alias.contains("FAIL");
    let shown = json!({"alias": alias, "key_value": null, "account_id": ask.id(0),
        "connectivity": {"status": "processing", "description": ""},
        "previous_action": {"action_requested": "create", "action_code": "", "action_description": ""}});
    let row = documents::add(world, Shelf::Keys, shown, json!({"value": value, "fails": fails}));
    events::document(world, "cobre_keys.status.processing", Shelf::Keys, row);
    world.schedule(1_000, Event::Cobre(CobreEvent::Key(row, Change::Register)));
    Ok(Reply::json(201, &documents::view(world, Shelf::Keys, row)))
}

/// A key as the seed has it: registered.
pub fn add(world: &mut World, account: u32, alias: &str, value: &str) {
    let shown = json!({"alias": alias, "key_value": value, "account_id": accounts::id(world, account),
        "connectivity": {"status": "registered", "description": ""},
        "previous_action": {"action_requested": "create", "action_code": "", "action_description": ""}});
    documents::add(world, Shelf::Keys, shown, json!({"value": value, "fails": false}));
}

fn set_status(world: &mut World, row: u32, status: &str) {
    documents::change(
        world,
        Shelf::Keys,
        row,
        json!({"connectivity": {"status": status, "description": ""}}),
    );
    events::document(world, &format!("cobre_keys.status.{status}"), Shelf::Keys, row);
}

pub fn due(world: &mut World, row: u32, change: Change) {
    let Some(found) = documents::at(world, Shelf::Keys, row) else { return };
    let (value, fails) = (found.text("value").to_owned(), found.hidden.get("fails") == Some(&json!(true)));
    match (change, found.connectivity()) {
        (Change::Register, "processing") if fails => set_status(world, row, "failed"),
        (Change::Register, "processing") => {
            documents::change(world, Shelf::Keys, row, json!({ "key_value": value }));
            set_status(world, row, "registered");
        }
        (Change::Disable, "registered") => set_status(world, row, "disabled"),
        (Change::Enable, "disabled") => set_status(world, row, "registered"),
        _ => {}
    }
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    accounts::find(world, ask.id(0)).ok_or_else(accounts::missing)?;
    documents::list(world, Shelf::Keys, ask.call, |held| held.text("account_id") == ask.id(0))
}

/// Every key of every balance [inf alias].
pub fn list_all(world: &mut World, ask: &Ask) -> Answer {
    documents::list(world, Shelf::Keys, ask.call, |_| true)
}

fn of_account(world: &World, ask: &Ask) -> Result<u32, Refusal> {
    let (row, held) = documents::find(world, Shelf::Keys, ask.id(1))?;
    if held.text("account_id") == ask.id(0) { Ok(row) } else { Err(Refusal::new("G003", "Not found")) }
}

pub fn get(world: &mut World, ask: &Ask) -> Answer {
    let row = of_account(world, ask)?;
    Ok(Reply::json(200, &documents::view(world, Shelf::Keys, row)))
}

pub fn cancel(world: &mut World, ask: &Ask) -> Answer {
    let row = of_account(world, ask)?;
    match documents::at(world, Shelf::Keys, row).map(|held| held.connectivity().to_owned()).as_deref() {
        Some("registered" | "disabled") => set_status(world, row, "unregistered"),
        _ => return Err(Refusal::new("G004", "The key can not be canceled in its state")),
    }
    Ok(Reply::json(200, &documents::view(world, Shelf::Keys, row)))
}

/// Answers the old status; the change comes later [doc].
pub fn act(world: &mut World, ask: &Ask) -> Answer {
    let row = of_account(world, ask)?;
    let body = ask.body("G002")?;
    let fields = Fields::new(&body, "G002");
    let status = documents::at(world, Shelf::Keys, row).map(|held| held.connectivity().to_owned());
    let change = match (fields.required_text("action", 1, 16)?, status.as_deref().unwrap_or_default()) {
        ("disable", "registered") => Change::Disable,
        ("enable", "disabled") => Change::Enable,
        ("disable" | "enable", _) => return Err(Refusal::new("G004", "The key is not in a state for this")),
        _ => return Err(fields.refuse("action must be disable or enable")),
    };
    fields.text("reason", 0, 64)?;
    let asked = if change == Change::Disable { "disable" } else { "enable" };
    let previous =
        json!({"previous_action": {"action_requested": asked, "action_code": "", "action_description": ""}});
    documents::change(world, Shelf::Keys, row, previous);
    world.schedule(1_000, Event::Cobre(CobreEvent::Key(row, change)));
    Ok(Reply::json(200, &documents::view(world, Shelf::Keys, row)))
}

/// The account behind a key that may be paid to; `None`: no such key. `Some(Err)`: not now.
pub fn account(world: &World, key: &str) -> Option<Result<u32, String>> {
    let (_, held) = documents::all(world, Shelf::Keys).find(|(_, held)| held.text("value") == key)?;
    let status = held.connectivity();
    if status != "registered" {
        return Some(Err(format!("the key is {status}")));
    }
    let account = held.body.get("account_id").and_then(Value::as_str).unwrap_or_default();
    Some(accounts::find(world, account).map(|(row, _)| row).ok_or_else(|| "its account is gone".to_owned()))
}
