//! Looking for what an earlier send may have done (RELIABILITY, "Settling an Unknown"). Only reads.

use super::client::{Cobre, Listing};
use super::{bulk, convert, kept, wire};
use crate::domain::id::MovementId;
use crate::domain::movement::{Movement, MovementState};
use crate::payments::fingerprint::Fingerprint;
use crate::providers::json;
use crate::providers::{Failure, Found, Match};
use crate::sanitize::Clean;
use crate::store::OutboxEntry;
use jiff::{SignedDuration, Timestamp};

/// How far the provider's clock may be behind ours: what was made earlier is somebody else's.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(2);

pub async fn find_sent(cobre: &Cobre, entry: &OutboxEntry) -> Result<Found, Failure> {
    match entry.action.as_str() {
        "create_movement" => find_movement(cobre, entry).await,
        "approve" => find_decision(cobre, entry, "approved").await,
        "reject" => find_decision(cobre, entry, "rejected").await,
        "return_credit" => find_return(cobre, entry).await,
        "create_counterparty" => kept::counterparty(cobre, entry).await,
        "delete_counterparty" => kept::deleted(cobre, entry).await,
        "verify_account" => kept::verification(cobre, entry).await,
        "create_key" => kept::key(cobre, entry).await,
        "disable_key" | "enable_key" | "cancel_key" => kept::changed_key(cobre, entry).await,
        "create_schedule" => kept::schedule(cobre, entry).await,
        "cancel_schedule" => kept::canceled(cobre, entry).await,
        "create_bulk" => bulk::find_upload(cobre, entry).await,
        "approve_bulk" => bulk::find_decision(cobre, entry, "approved").await,
        "reject_bulk" => bulk::find_decision(cobre, entry, "rejected").await,
        _ => Err(Failure::Unsupported),
    }
}

/// By external id; the filter may be ignored, so every row is compared.
async fn find_movement(cobre: &Cobre, entry: &OutboxEntry) -> Result<Found, Failure> {
    let Some(external_id) = entry.external_id.as_deref() else { return Err(Failure::Unsupported) };
    let list = cobre.list_movements(("external_id", external_id.to_owned())).await?;
    // A name that we made is of this intent alone, whatever any clock says. One that a person gave
    // may be older: then it is shown, and neither taken for ours nor for absent.
    let own = external_id == format!("cu-{}", entry.intent);
    let mut found = found(cobre, &list);
    for raw in list.rows.iter().filter(|raw| convert::is_called(raw, external_id)) {
        let Ok(Some(read)) = convert::movement(raw) else {
            found.whole = false;
            "row_unreadable".clone_into(&mut found.note);
            continue;
        };
        let since = own || not_before(read.row.created_at, entry);
        if !since {
            "made_before".clone_into(&mut found.note);
        }
        found.matches.push(Match {
            provider_id: read.row.id.clean().clone(),
            state: Clean::new(read.row.state.code()),
            same: since && is_same(&read.row, entry),
            by_another: false,
        });
    }
    Ok(found)
}

/// Returns carry the name of the credit that they send back [doc].
async fn find_return(cobre: &Cobre, entry: &OutboxEntry) -> Result<Found, Failure> {
    let Some(credit) = entry.subject.as_deref() else { return Err(Failure::Unsupported) };
    let list = cobre.list_movements(("external_id", credit.to_owned())).await?;
    let mut found = found(cobre, &list);
    for raw in list.rows.iter().filter(|raw| convert::is_called(raw, credit)) {
        let Ok(Some(read)) = convert::movement(raw) else {
            found.whole = false;
            "row_unreadable".clone_into(&mut found.note);
            continue;
        };
        let movement = read.row;
        found.matches.push(Match {
            provider_id: movement.id.clean().clone(),
            state: Clean::new(movement.state.code()),
            // A credit is returned once: whenever it was, it is not returned again.
            same: not_before(movement.created_at, entry)
                && Some(movement.amount.minor) == entry.amount_minor
                && Some(movement.amount.currency.code()) == entry.currency.as_deref()
                && Some(movement.source.as_str()) == entry.source.as_deref(),
            by_another: false,
        });
    }
    Ok(found)
}

pub(super) fn found(cobre: &Cobre, list: &Listing) -> Found {
    let now = cobre.now();
    let at = list.date.map_or(now, |date| date.min(now));
    Found { whole: list.whole, at, matches: Vec::new(), note: String::new() }
}

pub(super) fn not_before(made: Timestamp, entry: &OutboxEntry) -> bool {
    made.duration_since(entry.started_at.unwrap_or(entry.at)) >= -CLOCK_SLACK
}

/// Field by field: amount, currency and both ends, as they were recorded.
fn is_same(movement: &Movement, entry: &OutboxEntry) -> bool {
    Some(movement.amount.minor) == entry.amount_minor
        && Some(movement.amount.currency.code()) == entry.currency.as_deref()
        && Some(movement.source.as_str()) == entry.source.as_deref()
        && Some(movement.destination.as_str()) == entry.destination.as_deref()
}

/// The movement and its decisions: ours, or somebody's who came first.
async fn find_decision(cobre: &Cobre, entry: &OutboxEntry, verdict: &str) -> Result<Found, Failure> {
    let id = entry.subject.as_deref().and_then(|id| MovementId::new(id).ok());
    let Some(id) = id else { return Err(Failure::Unsupported) };
    let raw = cobre.read_movement(&id).await?;
    let read = convert::movement(&raw).map_err(|why| Failure::Unreadable { why: why.to_string() })?;
    let Some(movement) = read.map(|read| read.row) else { return Err(Failure::NotFound) };
    let list = cobre.list_decisions(&id).await?;

    let unchanged = as_shown(&movement, entry.shown_hash.as_deref());
    let waits = movement.state == MovementState::PendingApproval;
    let mut found = found(cobre, &list);
    for raw in &list.rows {
        let Ok(decision) = json::row::<wire::Decision>(raw) else {
            found.whole = false;
            continue;
        };
        if decision.money_movement_id.as_str() != id.as_str() {
            continue;
        }
        let ours = decision.is_by(cobre.user_id());
        // A movement is decided once. Where several must approve, ours is there while it still waits.
        let made = decision.verdict().or_else(|| (ours && waits).then_some("approved"));
        let Some(made) = made else { continue };
        if decision.approver.is_empty() {
            found.whole = false;
            "decider_unsaid".clone_into(&mut found.note);
            continue;
        }
        found.matches.push(Match {
            provider_id: decision.id.clean(),
            state: Clean::new(movement.state.code()),
            same: made == verdict && unchanged,
            by_another: !ours,
        });
    }
    if !unchanged {
        "not_as_shown".clone_into(&mut found.note);
    } else if !waits && found.matches.is_empty() && found.note.is_empty() {
        // Decided, and the list doesn't say by whom: that proves neither.
        found.whole = false;
        found.note = format!("no_decision: {}", movement.state.code());
    }
    Ok(found)
}

/// Whether it is, but for its state, what the person saw.
fn as_shown(movement: &Movement, shown: Option<&str>) -> bool {
    let mut before = movement.clone();
    before.state = MovementState::PendingApproval;
    shown.is_none_or(|shown| Fingerprint::of(&before).hex() == shown)
}
