//! Looking for what an earlier send may have done (RELIABILITY, "Settling an Unknown"). Only reads.

use super::client::Cobre;
use super::{convert, wire};
use crate::domain::id::MovementId;
use crate::domain::movement::{Movement, MovementState};
use crate::payments::fingerprint::Fingerprint;
use crate::providers::json::{self, moment};
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
        _ => Err(Failure::Unsupported),
    }
}

/// By external id; the filter may be ignored, so every row is compared.
async fn find_movement(cobre: &Cobre, entry: &OutboxEntry) -> Result<Found, Failure> {
    let Some(external_id) = entry.external_id.as_deref() else { return Err(Failure::Unsupported) };
    let list = cobre.list_movements(("external_id", external_id.to_owned())).await?;
    let (mut matches, mut unreadable) = (Vec::new(), 0_usize);
    for raw in &list.rows {
        // Ours by its name, before anything else in it has to be readable.
        let ours =
            json::row::<wire::Movement>(raw).is_ok_and(|found| found.external_id.as_str() == external_id);
        match convert::movement(raw) {
            Ok(Some(read)) if ours && not_before(read.row.created_at, entry) => {
                matches.push(Match {
                    provider_id: Clean::new(read.row.id.as_str()),
                    state: Clean::new(read.row.state.code()),
                    same: is_same(&read.row, entry),
                    by_another: false,
                });
            }
            Err(_) if ours => unreadable = unreadable.saturating_add(1),
            Ok(_) | Err(_) => {}
        }
    }
    let note = if unreadable > 0 { format!("{unreadable} unreadable") } else { String::new() };
    let whole = list.whole && unreadable == 0;
    Ok(Found { whole, at: list.date.unwrap_or_else(|| cobre.now()), matches, note })
}

fn not_before(made: Timestamp, entry: &OutboxEntry) -> bool {
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
    let mut matches = Vec::new();
    for raw in &list.rows {
        let Ok(decision) = json::row::<wire::Decision>(raw) else { continue };
        // A row that waits is no decision; one before the send was there already.
        let Some(made) = decision.verdict() else { continue };
        let since = moment(&decision.created_at).is_none_or(|at| not_before(at, entry));
        if decision.money_movement_id.as_str() != id.as_str() || !since {
            continue;
        }
        let by_another = decision.approver.as_str() != cobre.user_id();
        matches.push(Match {
            provider_id: decision.id.clean(),
            state: Clean::new(movement.state.code()),
            same: made == verdict && unchanged,
            by_another,
        });
    }
    let waits = movement.state == MovementState::PendingApproval;
    let note = match (unchanged, waits, matches.is_empty()) {
        (false, ..) => "the movement is not the one that was shown".to_owned(),
        // Decided, and the list doesn't say by whom: that proves neither.
        (true, false, true) => format!("{}, and no decision is listed", movement.state.code()),
        (true, ..) => String::new(),
    };
    let whole = list.whole && (waits || !matches.is_empty());
    Ok(Found { whole, at: list.date.unwrap_or_else(|| cobre.now()), matches, note })
}

/// Whether it is, but for its state, what the person saw.
fn as_shown(movement: &Movement, shown: Option<&str>) -> bool {
    let mut before = movement.clone();
    before.state = MovementState::PendingApproval;
    shown.is_none_or(|shown| Fingerprint::of(&before).hex() == shown)
}
