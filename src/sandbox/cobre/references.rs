//! Account references, which are further numbers that credit a balance, and the verification of
//! other people's accounts (contract 12, 13).

use serde_json::{Value, json};

use crate::sandbox::http::Reply;
use crate::sandbox::world::{Event, World};

use super::catalogue::Geo;
use super::documents::{self, Shelf};
use super::fields::Fields;
use super::refusal::{Answer, Refusal};
use super::routes::Ask;
use super::{CobreEvent, accounts, cast, checks, events, pdf};

/// Transfer accounts of one client [doc].
const TRANSFER_ACCOUNTS_MAX: usize = 300;

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("REF000")?;
    let fields = Fields::new(&body, "REF000");
    let source = fields.required_text("source_id", 1, 64)?;
    let alias = fields.text("alias", 0, 100)?;
    let kind = fields.required_text("type", 1, 32)?;
    let (_, account) = accounts::find(world, source)
        .ok_or_else(|| Refusal::new("REF006", "source_id does not belong to this client"))?;
    let n = u32::try_from(documents::all(world, Shelf::References).count()).unwrap_or(0);
    let not_of = || Refusal::new("REF001", "The provider of source_id is not valid for this type");
    let (number, account_type, institution) = match kind {
        "virtual_clabe" if account.provider.geo == Geo::Mex && account.provider.balance => {
            (cast::clabe("710969", n.saturating_add(90_000)), "clabe", "710")
        }
        "transfer_acc"
            if account.provider.id == "pr_col_1066"
                || world.settings.transfer_acc_any_balance && account.provider.geo == Geo::Col =>
        {
            (format!("9{}", cast::digits(n ^ 0x7A, 10)), "ch", "1066")
        }
        "virtual_clabe" | "transfer_acc" => return Err(not_of()),
        _ => return Err(Refusal::new("REF002", "There is no such type of reference")),
    };
    let asynchronous = kind == "transfer_acc";
    let held = documents::all(world, Shelf::References)
        .filter(|(_, held)| held.text("type") == "transfer_acc")
        .count();
    if asynchronous && held >= TRANSFER_ACCOUNTS_MAX {
        return Err(Refusal::new("REF008", "The client has all the references it may have"));
    }
    let numbers = |number: Option<&str>| json!({"account_number": number, "account_type": number.map(|_| account_type), "beneficiary_institution": institution});
    let now = if asynchronous { None } else { Some(number.as_str()) };
    // A virtual CLABE is there at once; its create says processing all the same [doc].
    let shown = json!({"source_id": source, "type": kind, "alias": alias,
        "connectivity": {"status": "processing", "description": ""}, "metadata": numbers(now)});
    let hidden = json!({"number": number, "enabled": numbers(Some(&number))});
    let row = documents::add(world, Shelf::References, shown, hidden);
    let answer = documents::view(world, Shelf::References, row);
    if asynchronous {
        events::document(world, "transfer_acc.status.processing", Shelf::References, row);
        world.schedule(2_000, Event::Cobre(CobreEvent::Reference(row)));
    } else {
        enable(world, row);
    }
    Ok(Reply::json(201, &answer))
}

pub fn enable(world: &mut World, row: u32) {
    let Some(held) = documents::at(world, Shelf::References, row).filter(|held| !held.deleted) else {
        return;
    };
    let (metadata, kind) = (held.hidden.get("enabled").cloned(), held.text("type").to_owned());
    let change = json!({"connectivity": {"status": "enabled", "description": ""}, "metadata": metadata});
    documents::change(world, Shelf::References, row, change);
    if kind == "transfer_acc" {
        events::document(world, "transfer_acc.status.enabled", Shelf::References, row);
    }
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    documents::list(world, Shelf::References, ask.call, |_| true)
}

pub fn get(world: &mut World, ask: &Ask) -> Answer {
    documents::get(world, Shelf::References, ask)
}

pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let (row, _) = documents::find(world, Shelf::References, ask.id(0))?;
    documents::remove(world, Shelf::References, row);
    Ok(Reply::empty(204))
}

pub fn certificate(world: &mut World, ask: &Ask) -> Answer {
    let (_, held) = documents::find(world, Shelf::References, ask.id(0))?;
    if held.connectivity() != "enabled" {
        return Err(Refusal::new("G004", "The reference is not enabled"));
    }
    let lines = [
        "Certificado de cuenta".to_owned(),
        super::seed::COMPANY.to_owned(),
        held.text("number").to_owned(),
        world.now.to_string(),
    ];
    Ok(Reply::bytes(201, "application/pdf", pdf::page(&lines)))
}

const VERIFICATIONS: [&str; 5] = [
    "mex_acc_details_1",
    "mex_acc_ownership_1",
    "col_key_details_1",
    "col_key_ownership_1",
    "col_key_ownership_2",
];

pub fn verify(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("G002")?;
    let fields = Fields::new(&body, "G002");
    let kind = fields.required_text("type", 1, 64)?;
    if !VERIFICATIONS.contains(&kind) {
        return Err(fields.refuse("There is no such type of verification"));
    }
    let metadata = fields.object("metadata")?.ok_or_else(|| fields.refuse("metadata is required"))?;
    if kind.starts_with("mex_") && !checks::is_clabe(metadata.required_text("account_number", 1, 32)?) {
        return Err(fields.refuse("metadata.account_number is not a CLABE"));
    }
    if kind.starts_with("col_") && !checks::is_breb_key(metadata.required_text("key_value", 1, 128)?) {
        return Err(fields.refuse("metadata.key_value is not a Bre-B key"));
    }
    if kind.contains("ownership") {
        metadata.required_text("counterparty_fullname", 1, 255)?;
    }
    let shown = json!({"type": kind, "status": "pending", "result": null, "metadata": metadata.map});
    let row = documents::add(world, Shelf::Verifications, shown, Value::Null);
    world.schedule(2_000, Event::Cobre(CobreEvent::Verification(row)));
    Ok(Reply::json(201, &documents::view(world, Shelf::Verifications, row)))
}

pub fn verified(world: &mut World, row: u32) {
    let Some(held) = documents::at(world, Shelf::Verifications, row) else { return };
    let mut metadata = held.body.get("metadata").cloned().unwrap_or(Value::Null);
    let name =
        metadata.get("counterparty_fullname").and_then(Value::as_str).unwrap_or_default().to_uppercase();
    let result = if name.contains("TIMEOUT") {
        "unresolved"
    } else if name.contains("NOMATCH") {
        "unmatched"
    } else {
        "matched"
    };
    // What was asked about stays; what was compared with it is not told again [doc sample].
    if let Some(fields) = metadata.as_object_mut() {
        fields.retain(|field, _| ["key_value", "account_number"].contains(&field.as_str()));
    }
    if let (true, Some(fields)) = (result != "unresolved", metadata.as_object_mut()) {
        let holder = if name.is_empty() { cast::person(row).to_uppercase() } else { name };
        let shown: String = holder.chars().take(5).chain("***".chars()).collect();
        fields.insert("holder_name".to_owned(), Value::from(shown));
        let institution = if held.text("type").starts_with("mex_") { "646" } else { "1507" };
        fields.insert("institution".to_owned(), Value::from(institution));
    }
    documents::change(
        world,
        Shelf::Verifications,
        row,
        json!({"status": "completed", "result": result, "metadata": metadata}),
    );
}

pub fn verifications(world: &mut World, ask: &Ask) -> Answer {
    documents::list(world, Shelf::Verifications, ask.call, |_| true)
}

pub fn verification(world: &mut World, ask: &Ask) -> Answer {
    documents::get(world, Shelf::Verifications, ask)
}
