//! Evidence: Cobre asks for proof about a movement, the company answers with documents and data
//! (contract 16). `POST /_sandbox/evidence` asks.

use serde_json::{Map, Value, json};

use crate::sandbox::control::ControlError;
use crate::sandbox::http::Reply;
use crate::sandbox::world::World;

use super::documents::{self, Shelf};
use super::fields::Fields;
use super::refusal::{Answer, Refusal};
use super::routes::Ask;
use super::{events, lists, movements};

const DOCUMENTS: [&str; 3] = ["doc_funds", "official_identification_copy", "identification_and_address_copy"];

/// Asks for proof about a movement; the event has an envelope of its own [doc].
pub fn ask(world: &mut World, wish: &Map<String, Value>) -> Result<Value, ControlError> {
    let movement = wish.get("mm_id").and_then(Value::as_str).unwrap_or_default();
    let (_, found) =
        movements::find(world, movement).ok_or_else(|| ControlError::new("mm_id names no movement"))?;
    let counterparty = movements::party_id(world, found.destination);
    let wanted = json!({"documents": ["doc_funds"], "information": ["information_counterparty_id"]});
    let context = json!({"counterparty_id": counterparty, "mm_id": movement});
    let shown = json!({"status": "pending", "deadline": world.now.plus_seconds(5 * 86_400), "evidence_request_context": context,
        "evidence_request_description": "Please provide the documents.", "evidence_requested": wanted, "documents": [], "information": {}});
    let row = documents::add(world, Shelf::Evidence, shown, Value::Null);
    let id = documents::id(world, Shelf::Evidence, row);
    events::emit(
        world,
        "evidence-request.ask",
        &id,
        |_| json!({"evidence_request_id": id, "evidence_request_context": context, "evidence_request_description": "Please provide the documents.", "evidence_requested": wanted}),
    );
    Ok(documents::view(world, Shelf::Evidence, row))
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    documents::list(world, Shelf::Evidence, ask.call, |held| {
        ["counterparty_id", "mm_id"].into_iter().all(|name| {
            let context = held.body.get("evidence_request_context").and_then(|context| context.get(name));
            lists::is(ask.call, name, context.and_then(Value::as_str).unwrap_or_default())
        })
    })
}

pub fn get(world: &mut World, ask: &Ask) -> Answer {
    documents::get(world, Shelf::Evidence, ask)
}

fn open(world: &World, ask: &Ask) -> Result<u32, Refusal> {
    let (row, held) = documents::find(world, Shelf::Evidence, ask.id(0))?;
    match held.text("status") {
        "pending" => Ok(row),
        status => Err(Refusal::new("G004", format!("The request is {status}"))),
    }
}

/// A link for each file that is to come; the bytes are PUT there.
pub fn upload(world: &mut World, ask: &Ask) -> Answer {
    let row = open(world, ask)?;
    let body = ask.body("G002")?;
    let fields = Fields::new(&body, "G002");
    let wanted = fields.get("documents").and_then(Value::as_array).filter(|wanted| !wanted.is_empty());
    let wanted = wanted.ok_or_else(|| fields.refuse("documents must not be empty"))?;
    let mut kinds = Vec::new();
    for document in wanted {
        let kind = document.get("type").and_then(Value::as_str).filter(|kind| DOCUMENTS.contains(kind));
        kinds.push(kind.ok_or_else(|| fields.refuse("There is no such type of document"))?.to_owned());
    }
    let base = world.ready.as_ref().map_or_else(String::new, |ready| ready.control.clone());
    let held = documents::at(world, Shelf::Evidence, row)
        .and_then(|held| held.body.get("documents")?.as_array().cloned());
    let mut held = held.unwrap_or_default();
    let mut intents = Vec::new();
    for kind in kinds {
        let url = format!("{base}/evidence/{}/{}", ask.id(0), held.len());
        held.push(json!({"type": kind, "uploaded": false, "bytes": 0}));
        intents.push(json!({"type": kind, "url": url, "headers": {"x-upload": "1"}}));
    }
    documents::change(world, Shelf::Evidence, row, json!({ "documents": held }));
    Ok(Reply::json(200, &json!({ "intents": intents })))
}

/// The bytes of a document have come; only their number is kept.
pub fn put(world: &mut World, id: &str, place: &str, bytes: usize) -> Result<Reply, ControlError> {
    let (row, held) =
        documents::find(world, Shelf::Evidence, id).map_err(|_| ControlError::new("no such request"))?;
    let mut held = held.body.get("documents").and_then(Value::as_array).cloned().unwrap_or_default();
    let slot = place.parse::<usize>().ok().and_then(|place| held.get_mut(place));
    let slot = slot.and_then(Value::as_object_mut).ok_or_else(|| ControlError::new("no such document"))?;
    slot.insert("uploaded".to_owned(), json!(true));
    slot.insert("bytes".to_owned(), json!(bytes));
    documents::change(world, Shelf::Evidence, row, json!({ "documents": held }));
    Ok(Reply::empty(200))
}

pub fn download(world: &mut World, ask: &Ask) -> Answer {
    documents::find(world, Shelf::Evidence, ask.id(0))?;
    let base = world.ready.as_ref().map_or_else(String::new, |ready| ready.control.clone());
    let url = format!("{base}/evidence/{}", ask.id(0));
    Ok(Reply::json(200, &json!({"url": url, "expires_at": world.now.plus_seconds(300)})))
}

/// The data asked for; with it and every document the request is completed.
pub fn inform(world: &mut World, ask: &Ask) -> Answer {
    let row = open(world, ask)?;
    let body = ask.body("G002")?;
    let fields = Fields::new(&body, "G002");
    let data = fields.object("data")?.ok_or_else(|| fields.refuse("data is required"))?;
    data.required_text("full_name", 1, 255)?;
    let missing = documents::at(world, Shelf::Evidence, row).is_none_or(|held| {
        let uploaded = held.body.get("documents").and_then(Value::as_array).cloned().unwrap_or_default();
        !uploaded.iter().any(|document| document.get("uploaded") == Some(&json!(true)))
    });
    if missing {
        return Err(Refusal::new("G004", "A document is still missing"));
    }
    documents::change(
        world,
        Shelf::Evidence,
        row,
        json!({"status": "completed", "information": {"information_counterparty_id": data.map}}),
    );
    Ok(Reply::json(200, &documents::view(world, Shelf::Evidence, row)))
}
