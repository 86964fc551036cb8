//! Bulks: a file of movements, checked whole, decided whole (contract 7.2).

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::sandbox::clock::Moment;
use crate::sandbox::http::{Call, Reply};
use crate::sandbox::world::{Event, World};

use super::approvals::{Decision, decision};
use super::fields::Fields;
use super::lifecycle::{self, Step};
use super::lists;
use super::movements::{self, Batch, Code, Party, State};
use super::refusal::{Answer, Refusal};
use super::routes::Ask;
use super::{CobreEvent, counterparties, events};

/// Rows in one file [inf].
const ROWS_MAX: usize = 10_000;
/// 15 MB [doc].
const FILE_MAX: usize = 15 * 1024 * 1024;

#[derive(Debug, Clone)]
pub struct Bulk {
    pub file_name: String,
    /// `validating`, `pending_approval`, `processing`, `completed`, `failed`, `canceled`.
    pub state: &'static str,
    pub why: String,
    pub total: usize,
    pub checker_approval: bool,
    pub decision: Option<&'static str>,
    pub creator: u16,
    pub created_at: Moment,
    pub updated_at: Moment,
    /// Its movements, and how many of them have not ended.
    pub movements: Vec<u32>,
    pub open: usize,
    /// The rows as they were sent, until they are checked.
    pub rows: Vec<Value>,
    /// Whether it was the JSON layout. The columns of the portal's templates (`.csv`, `.xlsx`, `.txt`)
    /// are not public, so a file of those fails.
    pub is_array: bool,
}

#[derive(Debug, Serialize)]
struct View {
    id: String,
    file_name: String,
    status: Value,
    total_money_movements: usize,
    checker_approval: bool,
    decision: Option<&'static str>,
    creator: String,
    created_at: Moment,
    updated_at: Moment,
}

pub fn id(world: &World, row: u32) -> String {
    world.ids.make("bmm_", 10, row)
}

pub fn find<'a>(world: &'a World, id: &str) -> Option<(u32, &'a Bulk)> {
    let row = world.ids.row("bmm_", 10, id)?;
    world.cobre.bulks.get(row as usize).map(|bulk| (row, bulk))
}

fn missing() -> Refusal {
    Refusal::new("G003", "Bulk not found")
}

fn view(world: &World, row: u32) -> Option<View> {
    let bulk = world.cobre.bulks.get(row as usize)?;
    Some(View {
        id: id(world, row),
        file_name: bulk.file_name.clone(),
        status: json!({"state": bulk.state, "code": "", "description": bulk.why}),
        total_money_movements: bulk.total,
        checker_approval: bulk.checker_approval,
        decision: bulk.decision,
        creator: movements::creator(world, bulk.creator).to_owned(),
        created_at: bulk.created_at,
        updated_at: bulk.updated_at,
    })
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let call = ask.call;
    let created = lists::Span::time(call, "created_at")?;
    let rows: Vec<u32> = (0u32..)
        .zip(&world.cobre.bulks)
        .filter(|(_, bulk)| {
            ["status", "state"].into_iter().all(|name| lists::is(call, name, bulk.state))
                && lists::is(call, "file_name", &bulk.file_name)
                && created.holds(bulk.created_at.millis())
        })
        .map(|(row, _)| row)
        .collect();
    lists::small(call, &world.settings, rows.iter().rev(), |row| view(world, *row))
}

pub fn get(world: &mut World, ask: &Ask) -> Answer {
    let (row, _) = find(world, ask.id(0)).ok_or_else(missing)?;
    Ok(Reply::json(200, &view(world, row)))
}

/// A file as it came: its name and its bytes. One part `file` of a form, or the JSON itself.
fn file(call: &Call) -> Result<(String, Vec<u8>), Refusal> {
    let kind = call.header("content-type").unwrap_or_default();
    let refuse = |text: &str| Refusal::new("G002", text);
    let (name, bytes) = if kind.starts_with("multipart/form-data") {
        let boundary = kind.split("boundary=").nth(1).map(|rest| rest.split(';').next().unwrap_or(rest));
        let boundary = boundary.ok_or_else(|| refuse("the form has no boundary"))?.trim_matches('"');
        part(&call.body, boundary).ok_or_else(|| refuse("the form has no part called file"))?
    } else {
        let name = call.header("x-file-name").or_else(|| call.param("file_name")).unwrap_or("bulk.json");
        (name.to_owned(), call.body.to_vec())
    };
    if bytes.len() > FILE_MAX {
        return Err(refuse("the file is larger than 15 MB"));
    }
    Ok((name.chars().take(255).collect(), bytes))
}

/// The part `file` of a multipart form.
fn part(body: &[u8], boundary: &str) -> Option<(String, Vec<u8>)> {
    let find = |from: usize, wanted: &[u8]| {
        let place = body.get(from..)?.windows(wanted.len()).position(|window| window == wanted)?;
        from.checked_add(place)
    };
    let fence = format!("--{boundary}");
    let mut at = find(0, fence.as_bytes())?;
    loop {
        at = at.checked_add(fence.len())?;
        let head_end = find(at, b"\r\n\r\n")?;
        let next = find(head_end, format!("\r\n{fence}").as_bytes())?;
        let head = String::from_utf8_lossy(body.get(at..head_end)?).into_owned();
        if head.contains("name=\"file\"") {
            let name = head.split("filename=\"").nth(1).and_then(|rest| rest.split('"').next());
            let bytes = body.get(head_end.checked_add(4)?..next)?;
            return Some((name.unwrap_or("bulk.json").to_owned(), bytes.to_vec()));
        }
        at = next.checked_add(2)?;
    }
}

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let (file_name, bytes) = file(ask.call)?;
    let flagged = ask.call.header("checker_approval").is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
    let is_form = ask.call.header("content-type").is_some_and(|kind| kind.starts_with("multipart/"));
    // An uploaded file is looked at later, as at the provider; a body of another form is refused at once.
    let (rows, is_array) = match serde_json::from_slice::<Value>(&bytes) {
        Ok(Value::Array(rows)) => (rows, true),
        _ if is_form => (Vec::new(), false),
        _ => return Err(Refusal::new("G002", "The body must be a JSON array of movements")),
    };
    let row = u32::try_from(world.cobre.bulks.len()).map_err(|_| Refusal::new("G001", "too many bulks"))?;
    let creator = super::creator_row(world, ask.caller.user());
    world.cobre.bulks.push(Bulk {
        file_name,
        state: "validating",
        why: String::new(),
        total: rows.len(),
        checker_approval: flagged,
        decision: None,
        creator,
        created_at: world.now,
        updated_at: world.now,
        movements: Vec::new(),
        open: 0,
        rows,
        is_array,
    });
    told(world, row);
    world.schedule(1_000, Event::Cobre(CobreEvent::BulkChecked(row)));
    Ok(Reply::json(201, &view(world, row)))
}

fn set_state(world: &mut World, row: u32, state: &'static str, why: String) {
    let now = world.now;
    if let Some(bulk) = world.cobre.bulks.get_mut(row as usize) {
        (bulk.state, bulk.why, bulk.updated_at) = (state, why, now);
    }
    told(world, row);
}

fn told(world: &mut World, row: u32) {
    let Some(bulk) = world.cobre.bulks.get(row as usize) else { return };
    let (key, id) = (format!("bulk_money_movements.status.{}", bulk.state), id(world, row));
    events::emit(world, &key, &id, |world| json!(view(world, row)));
}

/// A row's inline counterparty, matched with one that is there or else new.
enum Other {
    Known(u32),
    New(counterparties::Counterparty),
}

/// Whether all rows hold; the movements are made only if every one does.
pub fn checked(world: &mut World, row: u32) {
    let Some(bulk) = world.cobre.bulks.get_mut(row as usize).filter(|bulk| bulk.state == "validating") else {
        return;
    };
    let (rows, flagged, creator) = (std::mem::take(&mut bulk.rows), bulk.checker_approval, bulk.creator);
    if !bulk.is_array {
        let why = "The file is not a JSON array of movements".to_owned();
        return set_state(world, row, "failed", why);
    }
    if rows.is_empty() || rows.len() > ROWS_MAX {
        let why =
            if rows.is_empty() { "The file has no movements" } else { "The file has too many movements" };
        return set_state(world, row, "failed", why.to_owned());
    }
    let mut others = Vec::new();
    for (number, value) in rows.iter().enumerate() {
        match check_row(world, value) {
            Ok(other) => others.push(other),
            Err(refusal) => {
                let why = format!("Row {}: {} {}", number.saturating_add(1), refusal.code, refusal.text);
                return set_state(world, row, "failed", why);
            }
        }
    }
    let mut made = Vec::new();
    // Two rows may bring the same new counterparty.
    let mut new_ones: HashMap<String, u32> = HashMap::new();
    for (value, other) in rows.iter().zip(others) {
        let Some(map) = value.as_object() else { continue };
        let to = other.map(|other| match other {
            Other::Known(row) => row,
            Other::New(draft) => {
                let identity = json!([draft.form.geo.name(), draft.form.name, draft.metadata]).to_string();
                *new_ones.entry(identity).or_insert_with(|| counterparties::add(world, draft))
            }
        });
        match lifecycle::read(world, Fields::new(map, "MM001"), to.map(Party::Counterparty)) {
            Ok(draft) => made.push(lifecycle::make(world, draft, creator, flagged, None, Batch::Bulk(row))),
            Err(refusal) => tracing::warn!(?refusal, "a bulk row held and then did not"),
        }
    }
    if let Some(bulk) = world.cobre.bulks.get_mut(row as usize) {
        bulk.open = made.len();
    }
    if flagged {
        for movement in &made {
            lifecycle::set_state(world, *movement, State::PendingApproval, Code::None);
        }
        set_state(world, row, "pending_approval", String::new());
        let expires = i64::from(world.settings.approval_expiry_h).saturating_mul(3_600_000);
        world.schedule(expires, Event::Cobre(CobreEvent::BulkExpires(row)));
    } else {
        set_state(world, row, "processing", String::new());
        for movement in made {
            lifecycle::schedule(world, movement, 500, Step::Process);
        }
    }
}

/// Checks one row without keeping anything.
fn check_row(world: &World, value: &Value) -> Result<Option<Other>, Refusal> {
    let refuse = |text: &str| Refusal::new("MM001", text);
    let map = value.as_object().ok_or_else(|| refuse("a movement is an object"))?;
    let fields = Fields::new(map, "MM001");
    let other = match fields.object("destination")? {
        None => None,
        Some(inline) => {
            let draft = counterparties::read(world, Fields::new(inline.map, "CP004"))?;
            let known = (0u32..)
                .zip(&world.cobre.counterparties)
                .find(|(_, held)| !held.deleted && counterparties::is_same(held, &draft));
            Some(known.map_or(Other::New(draft), |(row, _)| Other::Known(row)))
        }
    };
    match &other {
        None => lifecycle::read(world, fields, None).map(|_| ())?,
        Some(Other::Known(row)) => {
            lifecycle::read(world, fields, Some(Party::Counterparty(*row))).map(|_| ())?;
        }
        Some(Other::New(draft)) => lifecycle::check_to_new(world, fields, draft)?,
    }
    Ok(other)
}

pub fn decide(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("G002")?;
    let decision = decision(Fields::new(&body, "G002"))?;
    let (row, bulk) = find(world, ask.id(0)).ok_or_else(missing)?;
    if bulk.state != "pending_approval" {
        return Err(Refusal::new("G004", "The bulk is not pending approval"));
    }
    if movements::creator(world, bulk.creator) == ask.caller.user() {
        return Err(Refusal::new("AU007", "The creator of a bulk cannot decide on it"));
    }
    let name = if decision == Decision::Approve { "approve" } else { "reject" };
    if let Some(bulk) = world.cobre.bulks.get_mut(row as usize) {
        bulk.decision = Some(name);
    }
    let children = children(world, row);
    if decision == Decision::Approve {
        set_state(world, row, "processing", String::new());
        for movement in children {
            lifecycle::schedule(world, movement, 0, Step::Process);
        }
    } else {
        cancel(world, row, Code::NotApproved);
    }
    Ok(Reply::json(201, &view(world, row)))
}

pub fn expire(world: &mut World, row: u32) {
    if world.cobre.bulks.get(row as usize).is_some_and(|bulk| bulk.state == "pending_approval") {
        cancel(world, row, Code::Expired);
    }
}

fn cancel(world: &mut World, row: u32, code: Code) {
    set_state(world, row, "canceled", String::new());
    for movement in children(world, row) {
        lifecycle::set_state(world, movement, State::Canceled, code);
    }
}

fn children(world: &World, row: u32) -> Vec<u32> {
    world.cobre.bulks.get(row as usize).map(|bulk| bulk.movements.clone()).unwrap_or_default()
}

/// One of its movements has come to its end; with the last one the bulk is completed.
pub fn child_ended(world: &mut World, row: u32) {
    let Some(bulk) = world.cobre.bulks.get_mut(row as usize) else { return };
    bulk.open = bulk.open.saturating_sub(1);
    if bulk.open == 0 && bulk.state == "processing" {
        set_state(world, row, "completed", String::new());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_found_among_the_parts_of_a_form() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhi\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"n\xc3\xb3mina.json\"\r\nContent-Type: application/json\r\n\r\n[1,\r\n2]\r\n--x--\r\n";
        assert_eq!(part(body, "x"), Some(("n\u{f3}mina.json".to_owned(), b"[1,\r\n2]".to_vec())));
        assert_eq!(part(body, "y"), None);
        assert_eq!(part(b"--x", "x"), None);
    }
}
