//! After a restore: what the provider did since the copy was made, and this store has never heard of.

use super::Desk;
use super::review::Unreviewed;
use crate::domain::movement::Movement;
use crate::providers::{Like, Provider};
use crate::store::{Gap, Kind, Stranger};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;

/// Movements that are read to know a gap; a longer list tells nothing for sure.
const MOST: usize = 20_000;
/// How far the provider's clock may be behind ours.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(2);
/// A movement may be older at the provider than in the outbox by a scheduled day.
const RECORDED_BEFORE: SignedDuration = SignedDuration::from_hours(48);

/// From when on the provider is asked.
pub(super) fn begin(gap: Gap) -> Timestamp {
    gap.from.checked_sub(CLOCK_SLACK).unwrap_or(Timestamp::MIN)
}

/// The gap of this store, if it was restored. The first who needs to know asks the provider for every movement
/// since the copy; until that list was whole, nothing is known of it.
pub(super) async fn known<P: Provider>(desk: &Desk, provider: &P) -> Result<Option<Gap>, Unreviewed> {
    let Some(gap) = desk.store.gap().await? else { return Ok(None) };
    if gap.strangers.is_some() {
        return Ok(Some(gap));
    }
    let since = begin(gap);
    let found = match provider.movements_like(Like::Since(since), MOST).await {
        Ok(found) if found.whole && found.unreadable == 0 => found,
        Ok(found) => {
            tracing::warn!(rows = found.rows.len(), "what happened since the copy can't be read whole");
            return Ok(Some(gap));
        }
        Err(failure) => return Err(failure.into()),
    };
    let recorded = since.checked_sub(RECORDED_BEFORE).unwrap_or(Timestamp::MIN);
    let entries = desk.store.payments_since(recorded).await?;
    let known: HashSet<&str> = entries
        .iter()
        .flat_map(|entry| [entry.provider_id.as_deref(), entry.external_id.as_deref()])
        .flatten()
        .collect();
    let rows: Vec<_> = found.rows.iter().filter(|row| row.created_at >= since).collect();
    let movements = rows.len();
    let credential = desk.actor.credential.as_deref();
    let strangers: Vec<&Movement> = rows
        .into_iter()
        .filter(|row| {
            let name = row.external_id.as_ref().map_or("", |name| name.as_str());
            let ours = name.starts_with("cu-") || credential == Some(row.creator.as_str());
            ours && !known.contains(row.id.as_str()) && !known.contains(name)
        })
        .collect();
    let spent = strangers.iter().filter(|row| !row.state.paid_nobody()).map(|row| Stranger {
        movement: row.id.to_string(),
        at: row.created_at,
        currency: row.amount.currency.code().to_owned(),
        amount_minor: row.amount.minor,
        destination: row.destination.to_string(),
    });
    let spent = spent.collect();
    let strangers = u64::try_from(strangers.len()).unwrap_or(u64::MAX);
    let data = [
        ("from", gap.from.to_string()),
        ("to", gap.to.to_string()),
        ("movements", movements.to_string()),
        ("unknown_here", strangers.to_string()),
    ];
    let data: Vec<(&'static str, &str)> = data.iter().map(|(name, value)| (*name, value.as_str())).collect();
    desk.store.gap_asked(strangers, spent, desk.event(Kind::RestoreRead, &data)).await?;
    Ok(Some(Gap { strangers: Some(strangers), ..gap }))
}
