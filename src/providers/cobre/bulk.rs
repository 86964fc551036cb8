//! Bulks at Cobre: written as a file, found again by its name, decided whole (contract 7.2).
//!
//! Paths and the shape of the decision are not documented in public [inf]; what is documented is the JSON
//! of a file, the header `checker_approval`, the states and that movements carry `batch_id` [doc].

use super::client::Cobre;
use super::{convert, wire};
use crate::domain::approval::Bulk;
use crate::domain::id::BulkId;
use crate::domain::movement::{Movement, MovementState};
use crate::payments::Request;
use crate::payments::bulk::{BulkDecisionOrder, BulkOrder, BulkRow, Payee};
use crate::payments::fingerprint::Fingerprint;
use crate::payments::intent::Stamp;
use crate::payments::order::Verdict;
use crate::payments::outcome::{Echo, Reading};
use crate::providers::json::{self, Loose, lenient};
use crate::providers::{Failure, Found, Match, Provider, Rows};
use crate::sanitize::Clean;
use crate::store::OutboxEntry;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub const PATH: &str = "/v1/bulk_money_movements";

// ---- writing

#[derive(Serialize)]
struct NewRow<'a> {
    /// Minor units, an integer [doc].
    amount: i64,
    source_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<NewDestination<'a>>,
    metadata: NewDetails<'a>,
    external_id: String,
}

#[derive(Serialize)]
struct NewDetails<'a> {
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
}

#[derive(Serialize)]
struct NewDestination<'a> {
    geo: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    alias: &'a str,
    metadata: BTreeMap<&'a str, &'a str>,
}

/// What parts the form: nothing in it can be mistaken for it, as it holds the intent's id.
fn boundary(stamp: &Stamp) -> String {
    format!("cuadre-{}", stamp.id.simple())
}

/// The media type of a bulk's form.
pub fn content_type(stamp: &Stamp) -> String {
    format!("multipart/form-data; boundary={}", boundary(stamp))
}

/// One part, the file: its name holds the intent's id, so that it is found again.
pub fn new_bulk(order: &BulkOrder, stamp: &Stamp) -> Request {
    let rows: Vec<NewRow<'_>> =
        order.rows.iter().zip(1..).map(|(row, number)| new_row(order, row, number, stamp)).collect();
    let file = serde_json::to_vec(&rows).expect("texts and whole numbers are JSON");
    let (boundary, name) = (boundary(stamp), order.file_name(stamp));
    let mut body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/json\r\n\r\n"
    )
    .into_bytes();
    body.extend(file);
    body.extend(format!("\r\n--{boundary}--\r\n").into_bytes());
    Request { method: "POST", path: PATH.to_owned(), body }
}

/// The file inside a form of ours.
pub fn file_of(body: &[u8]) -> Option<&[u8]> {
    let start = body.windows(4).position(|window| window == b"\r\n\r\n")?.checked_add(4)?;
    let end = body.windows(4).rposition(|window| window == b"\r\n--")?;
    body.get(start..end)
}

fn new_row<'a>(order: &'a BulkOrder, row: &'a BulkRow, number: usize, stamp: &Stamp) -> NewRow<'a> {
    let (destination_id, destination) = match &row.to {
        Payee::Known { id, .. } => (Some(id.as_str()), None),
        Payee::New(new) => {
            let place = match new.kind {
                "breb_key" => "key_value",
                "cobre_balance" => "cobre_tag",
                _ => "account_number",
            };
            let mut metadata: BTreeMap<&str, &str> =
                new.fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
            metadata.insert(place, new.account.as_str());
            if new.kind != "breb_key" {
                metadata.insert("counterparty_fullname", new.name.as_str());
            }
            let alias = new.name.as_str();
            (None, Some(NewDestination { geo: new.geo, kind: new.kind, alias, metadata }))
        }
    };
    NewRow {
        amount: row.amount.minor,
        source_id: order.source.as_str(),
        destination_id,
        destination,
        metadata: NewDetails { description: &row.description, reference: row.reference.as_deref() },
        external_id: BulkOrder::external_id(row, number, stamp),
    }
}

/// A bulk is decided whole, and its decision carries no note [inf].
pub fn new_decision(order: &BulkDecisionOrder) -> Request {
    let body: &[u8] = match order.verdict {
        Verdict::Approve => br#"{"decision":"approve"}"#,
        Verdict::Reject { .. } => br#"{"decision":"reject"}"#,
    };
    Request { method: "POST", path: format!("{PATH}/{}/decision", order.bulk), body: body.to_vec() }
}

// ---- reading

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wire {
    id: Loose,
    file_name: Loose,
    #[serde(deserialize_with = "lenient")]
    status: wire::State,
    total_money_movements: Loose,
    checker_approval: Loose,
    decision: Loose,
}

impl Wire {
    fn verdict(&self) -> Option<&'static str> {
        match self.decision.as_str() {
            "approve" | "approved" => Some("approved"),
            "reject" | "rejected" => Some("rejected"),
            _ => None,
        }
    }
}

/// What an answer to an upload, or to a decision on one, says; its whole body is given.
pub fn read_answer(status: u16, body: &[u8], uploaded: bool) -> Reading {
    if let Some(reading) = wire::refused(status, body) {
        return reading;
    }
    let made = || {
        let text = json::text(body).ok()?;
        let bulk: Wire = json::row(&text).ok()?;
        let id = BulkId::new(bulk.id.as_str()).ok()?;
        let echo = if uploaded {
            let way = match bulk.checker_approval.as_str() {
                "true" => Some("approval"),
                "false" => Some("direct"),
                _ => None,
            };
            Echo {
                external_id: bulk.file_name.filled().map(str::to_owned),
                subject: bulk.total_money_movements.filled().map(str::to_owned),
                verdict: way.map(str::to_owned),
                ..Echo::default()
            }
        } else {
            Echo {
                subject: Some(id.to_string()),
                verdict: bulk.verdict().map(str::to_owned),
                ..Echo::default()
            }
        };
        Some(Reading::Made { id: id.clean().clone(), state: bulk.status.state.clean(), echo })
    };
    made().unwrap_or(Reading::Other)
}

impl Cobre {
    /// Newest first, whatever their state.
    pub async fn bulks(&self, newest: usize) -> Result<Rows<Bulk>, Failure> {
        let list = self.list(PATH, Vec::new(), newest).await?;
        Ok(json::collect(list.rows, list.whole, |raw| convert::bulk(raw).map(Some)))
    }

    pub async fn bulk(&self, id: &BulkId) -> Result<Bulk, Failure> {
        let raw = self.read_bulk(id).await?;
        let read = convert::bulk(&raw).map_err(|why| Failure::Unreadable { why: why.to_string() })?;
        if read.row.id != *id {
            return Err(Failure::Unreadable { why: "another bulk than was asked for".to_owned() });
        }
        Ok(read.row)
    }

    /// Every row of a bulk, or nothing: a list that was cut decides nothing.
    pub async fn whole_bulk(&self, bulk: &BulkId) -> Result<Vec<Movement>, Failure> {
        let rows = self.bulk_rows(bulk).await?;
        if !rows.whole || rows.unreadable > 0 {
            return Err(Failure::Unreadable { why: "rows of the bulk are missing".to_owned() });
        }
        Ok(rows.rows)
    }
}

/// By the file's name, then by its rows: as many, from the same balance, of the same sum.
pub async fn find_upload(cobre: &Cobre, entry: &OutboxEntry) -> Result<Found, Failure> {
    let Some(name) = entry.external_id.as_deref() else { return Err(Failure::Unsupported) };
    let list = cobre.list(PATH, vec![("file_name", name.to_owned())], usize::MAX).await?;
    let mut found = super::find::found(cobre, &list);
    for raw in &list.rows {
        let Ok(bulk) = json::row::<Wire>(raw) else {
            found.whole = false;
            continue;
        };
        if bulk.file_name.as_str() != name {
            continue;
        }
        let Ok(id) = BulkId::new(bulk.id.as_str()) else {
            found.whole = false;
            continue;
        };
        let state = bulk.status.state.as_str();
        // The name holds our intent's id. Until the file is checked it has no rows to compare; one that
        // failed has none at all.
        let same = match state {
            "validating" => {
                found.whole = false;
                "still_checked".clone_into(&mut found.note);
                continue;
            }
            "failed" => true,
            _ => {
                let rows = cobre.whole_bulk(&id).await?;
                let sum: i128 = rows.iter().map(|row| i128::from(row.amount.minor)).sum();
                let of_source = |row: &Movement| Some(row.source.as_str()) == entry.source.as_deref();
                let count: Option<usize> = bulk.total_money_movements.parse();
                Some(sum) == entry.amount_minor.map(i128::from)
                    && count == Some(rows.len())
                    && rows.iter().all(of_source)
            }
        };
        found.matches.push(Match {
            provider_id: id.clean().clone(),
            state: Clean::new(state),
            same,
            by_another: false,
        });
    }
    Ok(found)
}

/// The bulk and its rows: decided as we did, or otherwise. Cobre does not say by whom.
pub async fn find_decision(cobre: &Cobre, entry: &OutboxEntry, verdict: &str) -> Result<Found, Failure> {
    let id = entry.subject.as_deref().and_then(|id| BulkId::new(id).ok());
    let Some(id) = id else { return Err(Failure::Unsupported) };
    let raw = cobre.read_bulk(&id).await?;
    let bulk: Wire = json::row(&raw).map_err(|why| Failure::Unreadable { why: why.to_string() })?;
    let mut rows = cobre.whole_bulk(&id).await?;
    for row in &mut rows {
        row.state = MovementState::PendingApproval;
    }
    let unchanged =
        entry.shown_hash.as_deref().is_none_or(|shown| Fingerprint::of_bulk(&id, &rows).hex() == shown);
    let mut found = super::find::found(cobre, &super::client::Listing { whole: true, ..Default::default() });
    let waits = bulk.status.state.as_str() == "pending_approval";
    match bulk.verdict() {
        Some(made) => found.matches.push(Match {
            provider_id: id.clean().clone(),
            state: bulk.status.state.clean(),
            same: made == verdict && unchanged,
            by_another: made != verdict,
        }),
        None if waits => {}
        None => {
            found.whole = false;
            found.note = format!("no_decision: {}", bulk.status.state.as_str());
        }
    }
    if !unchanged {
        "not_as_shown".clone_into(&mut found.note);
    }
    Ok(found)
}
