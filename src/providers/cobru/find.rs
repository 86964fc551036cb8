//! Looking for what an earlier send may have done (RELIABILITY, "Settling an Unknown"). Only reads.

use super::client::Cobru;
use super::convert;
use super::wire::Row;
use crate::domain::cobru::{Cobru as Link, CobruState};
use crate::domain::id::CobruId;
use crate::providers::json;
use crate::providers::{Failure, Found, Match};
use crate::sanitize::Clean;
use crate::store::OutboxEntry;
use jiff::{SignedDuration, Timestamp};

/// How far back from the send the history is read: more than any clock of ours may be ahead.
const REACH: SignedDuration = SignedDuration::from_hours(1);

pub async fn find_sent(cobru: &Cobru, entry: &OutboxEntry) -> Result<Found, Failure> {
    match entry.action.as_str() {
        "create_cobru" => find_cobru(cobru, entry).await,
        "pay_cobru_breb" => find_order(cobru, entry).await,
        _ => Err(Failure::Unsupported),
    }
}

/// By our reference in the description: the history has no filter for it.
async fn find_cobru(cobru: &Cobru, entry: &OutboxEntry) -> Result<Found, Failure> {
    let Some(reference) = entry.short_ref.as_deref() else { return Err(Failure::Unsupported) };
    let list = cobru.list_cobrus_since(since(entry)).await?;
    let now = cobru.now();
    let at = list.date.map_or(now, |date| date.min(now));
    let mut found = Found { whole: list.whole, at, matches: vec![], note: String::new() };
    for raw in &list.rows {
        let Ok(row) = json::row::<Row>(raw) else { continue };
        if !row.description.as_str().contains(reference) {
            continue;
        }
        // The list may be behind or altered: the cobru itself decides.
        let slug = CobruId::new(row.url.as_str());
        let link = match slug {
            Ok(slug) => read(cobru, &slug).await?,
            Err(_) => None,
        };
        let Some(link) = link else {
            found.whole = false;
            "row_unreadable".clone_into(&mut found.note);
            continue;
        };
        let same = has_amount(&link, entry) && link.description.as_str().contains(reference);
        found.matches.push(matched(&link, same));
    }
    Ok(found)
}

/// Orders are listed nowhere. A cobru whose payment under way is a Bre-B one has an order that can
/// be shown: another can always be asked for, and none takes money out.
async fn find_order(cobru: &Cobru, entry: &OutboxEntry) -> Result<Found, Failure> {
    let slug = entry.subject.as_deref().and_then(|slug| CobruId::new(slug).ok());
    let Some(slug) = slug else { return Err(Failure::Unsupported) };
    let (raw, at) = cobru.read_cobru(&slug).await?;
    let read = convert::cobru(&raw).map_err(|why| Failure::Unreadable { why: why.to_string() })?;
    let link = read.map(|read| read.row).filter(|link| link.id == slug).ok_or(Failure::NotFound)?;
    let breb = matches!(link.method.as_str().to_lowercase().as_str(), "breb" | "bre-b" | "breb_qr");
    let under_way = matches!(link.state, CobruState::InProcess | CobruState::Paid);
    let matches = if breb && under_way { vec![matched(&link, has_amount(&link, entry))] } else { vec![] };
    Ok(Found { whole: true, at, matches, note: String::new() })
}

async fn read(cobru: &Cobru, slug: &CobruId) -> Result<Option<Link>, Failure> {
    let (raw, _) = match cobru.read_cobru(slug).await {
        Err(Failure::NotFound) => return Ok(None),
        read => read?,
    };
    Ok(convert::cobru(&raw).ok().flatten().map(|read| read.row).filter(|link| link.id == *slug))
}

fn matched(link: &Link, same: bool) -> Match {
    let state = match link.state {
        CobruState::Created => "0".to_owned(),
        CobruState::InProcess => "1".to_owned(),
        CobruState::NotPaid => "2".to_owned(),
        CobruState::Paid => "3".to_owned(),
        CobruState::Refunded => "4".to_owned(),
        CobruState::Expired => "5".to_owned(),
        CobruState::Other(number) => number.to_string(),
    };
    Match { provider_id: link.id.clean().clone(), state: Clean::new(&state), same, by_another: false }
}

fn has_amount(link: &Link, entry: &OutboxEntry) -> bool {
    Some(link.amount.minor) == entry.amount_minor
        && Some(link.amount.currency.code()) == entry.currency.as_deref()
}

fn since(entry: &OutboxEntry) -> Timestamp {
    let started = entry.started_at.unwrap_or(entry.at);
    started.checked_sub(REACH).unwrap_or(Timestamp::MIN)
}
