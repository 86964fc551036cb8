//! The smaller resources: each a flat JSON object with an id, kept on the shelf of its kind.

use serde_json::{Map, Value, json};

use crate::sandbox::clock::Moment;
use crate::sandbox::http::{Call, Reply};
use crate::sandbox::world::World;

use super::lists;
use super::refusal::{Answer, Refusal};
use super::routes::Ask;

/// Kinds of documents, each with the form of its ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shelf {
    Keys,
    Schedulers,
    Runs,
    Registrations,
    Subscriptions,
    Checkouts,
    Quotes,
    Alerts,
    Verifications,
    References,
    Reports,
    ReportSchedulers,
    Evidence,
}

impl Shelf {
    const fn id(self) -> (&'static str, usize) {
        match self {
            Self::Keys => ("key_", 15),
            Self::Schedulers => ("mms_", 14),
            Self::Runs => ("mmse_", 10),
            Self::Registrations => ("ddr_", 10),
            Self::Subscriptions => ("sub_", 8),
            Self::Checkouts => ("chk_", 12),
            Self::Quotes => ("fxq_", 9),
            Self::Alerts => ("alt_", 10),
            Self::Verifications => ("av_", 10),
            Self::References => ("ref_", 10),
            Self::Reports => ("rep_", 10),
            Self::ReportSchedulers => ("reps_", 10),
            Self::Evidence => ("evr_", 11),
        }
    }
}

#[derive(Debug, Clone)]
pub struct Document {
    pub body: Map<String, Value>,
    /// What belongs to it and is not shown.
    pub hidden: Map<String, Value>,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub deleted: bool,
}

impl Document {
    pub fn text(&self, name: &str) -> &str {
        self.body.get(name).or_else(|| self.hidden.get(name)).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        self.body.get(name).or_else(|| self.hidden.get(name)).and_then(Value::as_i64)
    }

    /// `connectivity.status`.
    pub fn connectivity(&self) -> &str {
        self.body
            .get("connectivity")
            .and_then(|held| held.get("status"))
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// An object literal as a map.
pub fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

pub fn add(world: &mut World, shelf: Shelf, body: Value, hidden: Value) -> u32 {
    let now = world.now;
    let documents = world.cobre.shelves.entry(shelf).or_default();
    let row = u32::try_from(documents.len()).expect("fewer documents than 2^32");
    documents.push(Document {
        body: map(body),
        hidden: map(hidden),
        created_at: now,
        updated_at: now,
        deleted: false,
    });
    row
}

pub fn id(world: &World, shelf: Shelf, row: u32) -> String {
    let (prefix, length) = shelf.id();
    world.ids.make(prefix, length, row)
}

pub fn at(world: &World, shelf: Shelf, row: u32) -> Option<&Document> {
    world.cobre.shelves.get(&shelf)?.get(row as usize)
}

/// A document that is there, by its id.
pub fn find<'a>(world: &'a World, shelf: Shelf, id: &str) -> Result<(u32, &'a Document), Refusal> {
    let (prefix, length) = shelf.id();
    let found = world.ids.row(prefix, length, id).and_then(|row| Some((row, at(world, shelf, row)?)));
    found.filter(|(_, document)| !document.deleted).ok_or_else(|| Refusal::new("G003", "Not found"))
}

pub fn all(world: &World, shelf: Shelf) -> impl DoubleEndedIterator<Item = (u32, &Document)> {
    let documents = world.cobre.shelves.get(&shelf).map(Vec::as_slice).unwrap_or_default();
    let rows =
        documents.iter().enumerate().filter_map(|(row, document)| Some((u32::try_from(row).ok()?, document)));
    rows.filter(|(_, document)| !document.deleted)
}

/// Changes fields, and when it was changed.
pub fn change(world: &mut World, shelf: Shelf, row: u32, fields: Value) {
    let now = world.now;
    let found = world.cobre.shelves.get_mut(&shelf).and_then(|documents| documents.get_mut(row as usize));
    if let Some(document) = found {
        document.body.extend(map(fields));
        document.updated_at = now;
    }
}

pub fn change_hidden(world: &mut World, shelf: Shelf, row: u32, fields: Value) {
    let found = world.cobre.shelves.get_mut(&shelf).and_then(|documents| documents.get_mut(row as usize));
    if let Some(document) = found {
        document.hidden.extend(map(fields));
    }
}

pub fn remove(world: &mut World, shelf: Shelf, row: u32) {
    let found = world.cobre.shelves.get_mut(&shelf).and_then(|documents| documents.get_mut(row as usize));
    if let Some(document) = found {
        document.deleted = true;
    }
}

pub fn view(world: &World, shelf: Shelf, row: u32) -> Value {
    let Some(document) = at(world, shelf, row) else { return Value::Null };
    let mut shown = document.body.clone();
    shown.insert("id".to_owned(), Value::from(id(world, shelf, row)));
    shown.insert("created_at".to_owned(), json!(document.created_at));
    shown.insert("updated_at".to_owned(), json!(document.updated_at));
    Value::Object(shown)
}

pub fn get(world: &World, shelf: Shelf, ask: &Ask) -> Answer {
    let (row, _) = find(world, shelf, ask.id(0))?;
    Ok(Reply::json(200, &view(world, shelf, row)))
}

/// Newest first; a filter is any text field, or `status` inside `connectivity`.
pub fn list(world: &World, shelf: Shelf, call: &Call, keep: impl Fn(&Document) -> bool) -> Answer {
    let wanted = |document: &Document| {
        call.query.iter().all(|(name, value)| {
            if value.is_empty() {
                return true;
            }
            let field = match document.body.get(name) {
                Some(Value::String(text)) => text.as_str(),
                None if name == "status" && !document.connectivity().is_empty() => document.connectivity(),
                _ => return true,
            };
            lists::is(call, name, field)
        })
    };
    let rows: Vec<u32> = all(world, shelf)
        .rev()
        .filter(|(_, found)| keep(found) && wanted(found))
        .map(|(row, _)| row)
        .collect();
    lists::small(call, &world.settings, rows.iter(), |row| view(world, shelf, *row))
}
