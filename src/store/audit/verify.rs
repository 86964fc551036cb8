//! Checks the chain offline: reads the file, touches nothing, asks nobody.
//!
//! What it can't show: someone who can write the store and knows every head that is kept elsewhere can
//! make another chain that fits.

use super::head::{self, Head};
use super::{Event, Kind, VERSION, hash, kind, sha256, zeros};
use crate::store::error::{Doing, Fault, StoreError};
use crate::store::place::Place;
use crate::store::schema;
use crate::store::writer::{self, Access};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// What the check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Events in the file.
    pub count: u64,
    /// The newest event as the file has it.
    pub head: Option<Head>,
    pub head_file: HeadFile,
    /// The first thing that is wrong. `None`: the chain is whole.
    pub bad: Option<Bad>,
}

/// What `audit.head` says of the chain. When it contradicts, that is the verdict's `bad`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadFile {
    Agrees,
    /// One or more events older, as after a crash.
    Behind,
    /// Not there or no head: a cut-off tail would not show.
    Missing,
    Contradicts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bad {
    /// The place in the chain, from 1.
    pub seq: u64,
    pub kind: BadKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadKind {
    Altered,
    Missing,
    Reordered,
    Duplicated,
    /// The tail is cut off: a known head lies beyond the last event.
    Truncated,
    /// An event of another store.
    Foreign,
    /// The outbox says something else than its events.
    OutboxMismatch,
}

impl BadKind {
    /// As in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Altered => "altered",
            Self::Missing => "missing",
            Self::Reordered => "reordered",
            Self::Duplicated => "duplicated",
            Self::Truncated => "truncated",
            Self::Foreign => "foreign",
            Self::OutboxMismatch => "outbox-mismatch",
        }
    }
}

/// A row of the table. `event` only if its bytes are canonical and have the hash beside them.
struct Line {
    row: i64,
    hash: String,
    event: Option<Event>,
}

/// Checks the chain in the store at `path` against itself, its outbox, `audit.head`, and a head that was
/// kept elsewhere. Errors only where the file can't be read at all.
pub fn verify(path: &Path, kept: Option<&Head>) -> Result<Verdict, StoreError> {
    let place = Place::find(path)?;
    // Which of the two is to be verified is not known before the restore is done again.
    if place.restoring().exists() {
        return Err(StoreError::HalfRestored { path: place.restoring() });
    }
    let failed = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => StoreError::NotAStore { path: place.file.clone() },
        _ => StoreError::disk(Doing::Read, error),
    };
    let sql = writer::connect(&place, Access::Still).map_err(failed)?;
    match schema::check(&sql, &place.file) {
        Ok(0) => return Err(StoreError::NotAStore { path: place.file }),
        Ok(_) => {}
        Err(Fault::Refused(error)) => return Err(error),
        Err(Fault::Sql(error)) => return Err(failed(error)),
    }
    // One moment for all that is read.
    sql.execute_batch("BEGIN").map_err(failed)?;
    let beside = head::read(&place).map_err(|source| StoreError::Head { path: place.dir.clone(), source })?;
    judged(&sql, beside.as_ref(), kept).map_err(failed)
}

/// As [`verify`], on a connection that has begun to read.
pub(in crate::store) fn judged(
    sql: &Connection,
    beside: Option<&Head>,
    kept: Option<&Head>,
) -> rusqlite::Result<Verdict> {
    let store = schema::store_id(sql)?;
    let lines = lines(sql)?;
    let head = lines.last().map(|line| Head { seq: count(&lines), hash: line.hash.clone() });
    let head_file = match beside {
        None => HeadFile::Missing,
        Some(beside) if against(&lines, beside).is_some() => HeadFile::Contradicts,
        Some(beside) if Some(beside) == head.as_ref() => HeadFile::Agrees,
        Some(_) => HeadFile::Behind,
    };
    let heads: Vec<&Head> = kept.into_iter().chain(beside).collect();
    let mut bad =
        chain(&lines, &store, &heads).or_else(|| heads.iter().find_map(|head| against(&lines, head)));
    if bad.is_none() {
        bad = outbox(sql, &lines)?;
    }
    Ok(Verdict { count: count(&lines), head, head_file, bad })
}

fn count(lines: &[Line]) -> u64 {
    u64::try_from(lines.len()).unwrap_or(u64::MAX)
}

fn lines(sql: &Connection) -> rusqlite::Result<Vec<Line>> {
    // As bytes: an altered text may not even be UTF-8. `NOT INDEXED`: from the table and nothing else.
    sql.prepare("SELECT seq, event, hash FROM audit NOT INDEXED ORDER BY seq")?
        .query_map([], |row| Ok(Line::read(row.get(0)?, bytes(row.get_ref(1)?), bytes(row.get_ref(2)?))))?
        .collect()
}

const fn bytes(value: ValueRef<'_>) -> &[u8] {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => &[],
    }
}

impl Line {
    fn read(row: i64, text: &[u8], beside: &[u8]) -> Self {
        let sound = hash(text).as_bytes() == beside;
        let event = sound
            .then(|| serde_json::from_slice::<Event>(text).ok())
            .flatten()
            .filter(|event| event.v == VERSION)
            .filter(|event| serde_json::to_vec(event).is_ok_and(|canonical| canonical == text));
        Self { row, hash: String::from_utf8_lossy(beside).into_owned(), event }
    }
}

/// The first place at which the chain does not hold together.
fn chain(lines: &[Line], store: &str, heads: &[&Head]) -> Option<Bad> {
    let mut before: Option<&Line> = None;
    for (expected, line) in (1_u64..).zip(lines) {
        let bad = |kind| Some(Bad { seq: expected, kind });
        let Some(event) = &line.event else { return bad(BadKind::Altered) };
        if event.store != store {
            return bad(BadKind::Foreign);
        }
        if event.seq < expected {
            let twin = lines.iter().find(|other| other.row != line.row && other.hash == line.hash);
            return bad(if twin.is_some() { BadKind::Duplicated } else { BadKind::Altered });
        }
        if event.seq > expected {
            let later =
                lines.iter().any(|line| line.event.as_ref().is_some_and(|event| event.seq == expected));
            return bad(if later { BadKind::Reordered } else { BadKind::Missing });
        }
        if u64::try_from(line.row) != Ok(expected) {
            return bad(BadKind::Altered);
        }
        if event.prev != before.map_or_else(zeros, |line| line.hash.clone()) {
            // Both have a right hash of their own, so one of them was made anew. If the next one or a head
            // vouches for this one, it was the one before.
            let next = at(lines, expected.saturating_add(1)).and_then(|line| line.event.as_ref());
            let vouched = next.is_some_and(|next| next.prev == line.hash)
                || heads.iter().any(|head| head.seq == expected && head.hash == line.hash);
            let seq = if vouched { expected.saturating_sub(1).max(1) } else { expected };
            return Some(Bad { seq, kind: BadKind::Altered });
        }
        before = Some(line);
    }
    None
}

fn at(lines: &[Line], seq: u64) -> Option<&Line> {
    usize::try_from(seq).ok()?.checked_sub(1).and_then(|index| lines.get(index))
}

/// Whether a head that was kept is in the chain.
fn against(lines: &[Line], kept: &Head) -> Option<Bad> {
    if kept.seq > count(lines) {
        return Some(Bad { seq: count(lines).saturating_add(1), kind: BadKind::Truncated });
    }
    let same = if kept.seq == 0 {
        kept.hash == zeros()
    } else {
        at(lines, kept.seq).is_some_and(|line| line.hash == kept.hash)
    };
    (!same).then_some(Bad { seq: kept.seq, kind: BadKind::Altered })
}

/// What the events say of one intent.
struct Told<'a> {
    recorded: (u64, &'a Event),
    /// The newest value of each field that an outcome brings, and where it was said last.
    state: &'a str,
    settled: BTreeMap<&'static str, &'a str>,
    last: u64,
}

/// The purges that the chain tells of: when each was, and up to when it took what had been settled.
fn purges(lines: &[Line]) -> HashMap<&str, &str> {
    let events = lines.iter().filter_map(|line| line.event.as_ref());
    events
        .filter(|event| event.kind == Kind::StorePurged.code())
        .filter_map(|event| Some((event.at.as_str(), event.data.get("exchanges_before")?.as_str())))
        .collect()
}

/// Whether a row without its bytes lost them to a purge that the chain tells of.
fn is_purged(columns: &BTreeMap<&str, String>, purges: &HashMap<&str, &str>) -> bool {
    let column = |name: &str| columns.get(name).map(String::as_str);
    let told = column("purged_at").and_then(|at| purges.get(at));
    let gone = column("body") == Some(&sha256(b""))
        && ["answer", "answer_headers", "text"].into_iter().all(|name| column(name).is_none());
    gone && told.is_some_and(|before| column("settled_at").is_some_and(|settled| settled < *before))
}

/// Fields of an outcome that the newest event alone decides, and those that stay until one brings its own.
const DECIDED: [&str; 2] = ["by", "why"];
const STAYING: [&str; 5] = ["answer_sha256", "code", "provider_id", "status", "text_sha256"];

fn told(lines: &[Line]) -> Result<HashMap<&str, Told<'_>>, Bad> {
    let mut all: HashMap<&str, Told<'_>> = HashMap::new();
    for event in lines.iter().filter_map(|line| line.event.as_ref()) {
        let mismatch = Bad { seq: event.seq, kind: BadKind::OutboxMismatch };
        if event.kind == kind::INTENT_RECORDED {
            let recorded = Told {
                recorded: (event.seq, event),
                state: "recorded",
                settled: BTreeMap::new(),
                last: event.seq,
            };
            if all.insert(&event.intent, recorded).is_some() {
                return Err(mismatch);
            }
            continue;
        }
        let of_the_outbox = [kind::SEND_STARTED, kind::OUTCOME, kind::SETTLED, kind::CLOSED_BY_HAND]
            .contains(&event.kind.as_str());
        if !of_the_outbox || event.data.contains_key("stands") {
            continue;
        }
        let told = all.get_mut(event.intent.as_str()).ok_or(mismatch)?;
        told.last = event.seq;
        if event.kind == kind::SEND_STARTED {
            told.state = "sending";
            continue;
        }
        told.state = event.data.get("state").map_or("", String::as_str);
        for field in DECIDED {
            told.settled.remove(field);
        }
        for field in DECIDED.into_iter().chain(STAYING) {
            if let Some(value) = event.data.get(field) {
                told.settled.insert(field, value);
            }
        }
    }
    Ok(all)
}

/// Compares each row of the outbox with what its events say.
fn outbox(sql: &Connection, lines: &[Line]) -> rusqlite::Result<Option<Bad>> {
    let mut told = match told(lines) {
        Ok(told) => told,
        Err(bad) => return Ok(Some(bad)),
    };
    let purges = purges(lines);
    let mut first: Option<u64> = None;
    let mut found = |seq: u64| first = Some(first.map_or(seq, |first| first.min(seq)));
    let mut query = sql.prepare("SELECT * FROM outbox NOT INDEXED ORDER BY n")?;
    let names: Vec<String> = query.column_names().map(str::to_owned).collect();
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let mut columns = BTreeMap::new();
        for (index, name) in names.iter().enumerate() {
            if let Some(value) = as_text(name, row.get_ref(index)?) {
                columns.insert(name.as_str(), value);
            }
        }
        let intent = columns.get("intent").cloned().unwrap_or_default();
        // A row of which no event speaks was put there after the last one.
        let Some(told) = told.remove(intent.as_str()) else {
            found(count(lines));
            continue;
        };
        let purged = columns.contains_key("purged_at");
        if purged && !is_purged(&columns, &purges) {
            found(told.last);
        } else if !is_as_recorded(&columns, told.recorded.1, purged) {
            found(told.recorded.0);
        } else if !is_as_settled(&columns, &told, purged) {
            found(told.last);
        }
    }
    for gone in told.values() {
        found(gone.recorded.0);
    }
    Ok(first.map(|seq| Bad { seq, kind: BadKind::OutboxMismatch }))
}

/// A column as its event has it: numbers as text, bytes as their hash.
fn as_text(name: &str, value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) if name == "moves_money" => Some((number != 0).to_string()),
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Some(sha256(bytes)),
    }
}

fn is_as_recorded(columns: &BTreeMap<&str, String>, event: &Event, purged: bool) -> bool {
    const SAME: [&str; 17] = [
        "action",
        "amount_minor",
        "body_sha256",
        "currency",
        "destination",
        "environment",
        "external_id",
        "host",
        "idempotency_key",
        "method",
        "moves_money",
        "path",
        "provider",
        "short_ref",
        "shown_hash",
        "source",
        "subject",
    ];
    let column = |name: &str| columns.get(name);
    SAME.into_iter().all(|name| column(name) == event.data.get(name))
        && column("supersedes") == event.data.get("supersedes")
        && column("at") == event.data.get("intent_at")
        && (purged || column("body") == event.data.get("body_sha256"))
        && column("actor") == Some(&event.actor)
        && column("role") == Some(&event.role)
        && column("profile") == Some(&event.profile)
}

fn is_as_settled(columns: &BTreeMap<&str, String>, told: &Told<'_>, purged: bool) -> bool {
    let column = |name: &str| columns.get(name).map(String::as_str);
    let said = |name: &str| told.settled.get(name).copied();
    column("state") == Some(told.state)
        && column("settled_by") == said("by")
        && ["why", "code", "answer_sha256", "provider_id", "status"]
            .into_iter()
            .all(|name| column(name) == said(name))
        && (purged
            || column("answer") == said("answer_sha256")
                && column("text").map(|text| sha256(text.as_bytes())).as_deref() == said("text_sha256"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chain as the store writes it, as bytes.
    fn made(store: &str, length: u64) -> Vec<(i64, Vec<u8>, Vec<u8>)> {
        let mut prev = zeros();
        let mut rows = Vec::new();
        for seq in 1..=length {
            let event = Event {
                actor: "Lucía Ñáñez".to_owned(),
                at: "2026-01-15T12:00:00.000000Z".to_owned(),
                data: BTreeMap::from([("n".to_owned(), seq.to_string())]),
                intent: String::new(),
                kind: "export".to_owned(),
                prev,
                profile: "acme".to_owned(),
                role: "maker".to_owned(),
                seq,
                store: store.to_owned(),
                v: VERSION,
            };
            let text = serde_json::to_vec(&event).unwrap();
            prev = hash(&text);
            rows.push((i64::try_from(seq).unwrap(), text, prev.clone().into_bytes()));
        }
        rows
    }

    fn read(rows: &[(i64, Vec<u8>, Vec<u8>)]) -> Vec<Line> {
        rows.iter().map(|(row, text, hash)| Line::read(*row, text, hash)).collect()
    }

    fn judged(rows: &[(i64, Vec<u8>, Vec<u8>)]) -> Option<(u64, BadKind)> {
        chain(&read(rows), "s", &[]).map(|bad| (bad.seq, bad.kind))
    }

    #[test]
    fn a_whole_chain_is_whole() {
        assert_eq!(judged(&made("s", 50)), None);
        assert_eq!(judged(&[]), None);
    }

    #[test]
    fn every_flipped_byte_of_fifty_events_is_found_where_it_is() {
        let rows = made("s", 50);
        let mut lines = read(&rows);
        let mut tried = 0;
        for (index, (row, text, hash)) in rows.iter().enumerate() {
            for place in 0..text.len() + hash.len() {
                for bit in [0x01, 0x20, 0x80] {
                    let (mut text, mut hash) = (text.clone(), hash.clone());
                    match place.checked_sub(text.len()) {
                        None => text[place] ^= bit,
                        Some(place) => hash[place] ^= bit,
                    }
                    lines[index] = Line::read(*row, &text, &hash);
                    let bad = chain(&lines, "s", &[]).unwrap();
                    assert_eq!((bad.seq, bad.kind), (u64::try_from(*row).unwrap(), BadKind::Altered));
                    tried += 1;
                }
            }
            lines[index] = Line::read(*row, text, hash);
        }
        assert!(tried > 50 * 300 * 3, "{tried}");
    }

    #[test]
    fn a_removed_line_is_missing_in_its_place() {
        let mut lines = read(&made("s", 50));
        for gone in 0..49 {
            let line = lines.remove(gone);
            let bad = chain(&lines, "s", &[]).unwrap();
            assert_eq!((bad.seq, bad.kind), (u64::try_from(gone).unwrap() + 1, BadKind::Missing));
            lines.insert(gone, line);
        }
    }

    #[test]
    fn two_swapped_lines_are_reordered_in_the_first_place() {
        let mut lines = read(&made("s", 50));
        // Whoever swaps them numbers them anew.
        let swap = |lines: &mut Vec<Line>, first: usize, second: usize| {
            lines.swap(first, second);
            for (seq, line) in (1..).zip(lines) {
                line.row = seq;
            }
        };
        for first in 0..49 {
            for second in first + 1..50 {
                swap(&mut lines, first, second);
                let bad = chain(&lines, "s", &[]).unwrap();
                assert_eq!((bad.seq, bad.kind), (u64::try_from(first).unwrap() + 1, BadKind::Reordered));
                swap(&mut lines, first, second);
            }
        }
        assert_eq!(chain(&lines, "s", &[]), None);
    }

    #[test]
    fn a_line_that_is_there_twice_is_duplicated() {
        let mut rows = made("s", 50);
        let (_, text, hash) = rows[4].clone();
        rows.push((51, text, hash));
        assert_eq!(judged(&rows), Some((51, BadKind::Duplicated)));
    }

    #[test]
    fn a_line_of_another_store_is_foreign() {
        let mut rows = made("s", 50);
        rows[9] = made("t", 50)[9].clone();
        assert_eq!(judged(&rows), Some((10, BadKind::Foreign)));
    }

    #[test]
    fn a_row_that_only_lost_its_number_is_altered() {
        let mut rows = made("s", 50);
        rows[49].0 = 60;
        assert_eq!(judged(&rows), Some((50, BadKind::Altered)));
    }

    #[test]
    fn an_event_made_anew_with_a_right_hash_is_found() {
        for place in 0..48 {
            let mut rows = made("s", 50);
            let text = String::from_utf8(rows[place].1.clone()).unwrap().replace("acme", "evil").into_bytes();
            rows[place].2 = hash(&text).into_bytes();
            rows[place].1 = text;
            assert_eq!(judged(&rows), Some((u64::try_from(place).unwrap() + 1, BadKind::Altered)));
        }
    }

    #[test]
    fn the_last_event_made_anew_shows_against_a_kept_head_only() {
        let mut rows = made("s", 50);
        let kept = Head { seq: 50, hash: String::from_utf8(rows[49].2.clone()).unwrap() };
        let text = String::from_utf8(rows[49].1.clone()).unwrap().replace("acme", "evil").into_bytes();
        rows[49].2 = hash(&text).into_bytes();
        rows[49].1 = text;
        assert_eq!(judged(&rows), None);
        assert_eq!(against(&read(&rows), &kept), Some(Bad { seq: 50, kind: BadKind::Altered }));
    }

    #[test]
    fn an_event_with_a_field_more_or_in_another_order_is_altered() {
        for change in
            [("\"v\":1}", "\"v\":1,\"w\":\"\"}"), ("\"v\":1}", "\"v\":2}"), ("{\"actor\"", "{ \"actor\"")]
        {
            let mut rows = made("s", 1);
            let text =
                String::from_utf8(rows[0].1.clone()).unwrap().replacen(change.0, change.1, 1).into_bytes();
            assert_ne!(text, rows[0].1);
            rows[0].2 = hash(&text).into_bytes();
            rows[0].1 = text;
            assert_eq!(judged(&rows), Some((1, BadKind::Altered)));
        }
        // The prefix is part of what is hashed: a bare SHA-256 is no hash of ours.
        let mut rows = made("s", 1);
        rows[0].2 = sha256(&rows[0].1).into_bytes();
        assert_eq!(judged(&rows), Some((1, BadKind::Altered)));
    }
}
