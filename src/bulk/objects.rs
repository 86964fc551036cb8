//! Cobre's JSON: an array of movements, amounts in minor units, the counterparty by id or written out
//! (contract 7.2). Strict: no comments, no keys but those.

use super::header::Column;
use super::sheet::{Line, Problem, Raw, Refused};
use crate::sanitize::Clean;
use csv::StringRecord;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::fmt;

pub(super) fn read(text: &str, raw: &mut Raw) -> Result<(), Refused> {
    if text.trim_start().starts_with('{') {
        return Err(Refused::new("bulk.refused.not_a_list"));
    }
    let mut items = Vec::new();
    let mut json = serde_json::Deserializer::from_str(text);
    let ended = json.deserialize_seq(Items(&mut items)).and_then(|()| json.end());
    if let Err(error) = ended {
        // What came before the fault holds: the fault is named by the item after it.
        let item = items.len().saturating_add(1);
        let word = if error.is_eof() { "bulk.problem.json_cut" } else { "bulk.problem.json" };
        let number = u32::try_from(item).unwrap_or(u32::MAX);
        let problem = Problem::of_line(number, word).with("line", error.line()).with("why", error);
        raw.problems.push(problem);
    }
    for (item, number) in items.into_iter().zip(1_u32..) {
        let mut cells = vec![String::new(); Column::ALL.len()];
        flatten(&item, number, &mut cells, raw);
        raw.lines.push(Line { number, cells: StringRecord::from(cells) });
    }
    raw.keyed = Some(Column::ALL.to_vec());
    Ok(())
}

/// The items of an array, kept as they come, so that those before a fault are there.
struct Items<'a>(&'a mut Vec<Node>);

/// A value whose keys are as they stand: one that stands twice is seen.
#[derive(Deserialize)]
#[serde(untagged)]
enum Node {
    Object(Fields),
    Value(Value),
}

struct Fields(Vec<(String, Node)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;
        impl<'de> Visitor<'de> for Reads {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Reads)
    }
}

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of movements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element()? {
            self.0.push(item);
            if self.0.len() > super::ROWS_MAX.saturating_add(1) {
                break;
            }
        }
        // The rest is counted by whoever looks at the number of lines.
        while items.next_element::<serde::de::IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// `{amount, source_id, destination_id | destination, metadata, external_id}` as cells.
fn flatten(item: &Node, number: u32, cells: &mut [String], raw: &mut Raw) {
    let Node::Object(Fields(fields)) = item else {
        raw.problems.push(Problem::of_line(number, "bulk.problem.json_row"));
        return;
    };
    for (place, (name, value)) in fields.iter().enumerate() {
        if fields.iter().take(place).any(|(before, _)| before == name) {
            raw.problems
                .push(Problem::of_line(number, "bulk.problem.json_twice").with("key", Clean::new(name)));
        }
        match (name.as_str(), value) {
            ("metadata" | "destination", Node::Object(_)) => flatten(value, number, cells, raw),
            // Asked for of the whole bulk, by a header [doc].
            ("checker_approval", _) | (_, Node::Value(Value::Null)) => {}
            (name, value) => put(name, value, number, cells, raw),
        }
    }
}

fn put(name: &str, value: &Node, number: u32, cells: &mut [String], raw: &mut Raw) {
    let text = match value {
        Node::Value(Value::String(text)) => text.clone(),
        Node::Value(Value::Number(number)) => number.to_string(),
        Node::Value(_) | Node::Object(_) => {
            let problem = Problem::of_line(number, "bulk.problem.json_value");
            raw.problems.push(problem.with("key", Clean::new(name)));
            return;
        }
    };
    let place =
        Column::of_code(name).and_then(|column| Column::ALL.into_iter().position(|other| other == column));
    match place.and_then(|place| cells.get_mut(place)) {
        Some(cell) => *cell = text,
        None => {
            raw.problems
                .push(Problem::of_line(number, "bulk.problem.json_key").with("key", Clean::new(name)));
        }
    }
}
