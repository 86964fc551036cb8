//! The history that a review looks at: this store, its facts, and the provider asked anew.

use super::{Desk, gap};
use crate::domain::id::{BulkId, MovementId};
use crate::domain::movement::Movement;
use crate::payments::review::{Finding, History, Past, Payment, review};
use crate::payments::{Order, order::MovementOrder};
use crate::providers::cobre::Cobre;
use crate::providers::{Failure, Like, Provider, Rows};
use crate::store::{OutboxEntry, State, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// The state of a bulk whose rows are no movements yet [doc].
const VALIDATING: &str = "validating";
/// How far back this store's own payments are looked at.
const OUTBOX_DAYS: i64 = 400;
/// Ledger entries of the store that make a payee's habit.
const TRANSACTIONS: usize = 5_000;
/// Movements that the provider is asked for, to one payee or of one amount.
const NEWEST: usize = 300;
/// Movements of the last days, for a review of many.
const NEWEST_OF_MANY: usize = 2_000;

/// Why nothing could be reviewed: then nothing leaves either.
#[derive(Debug, thiserror::Error)]
pub enum Unreviewed {
    #[error(transparent)]
    Provider(#[from] Failure),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Everything that is known about `payments` and what went before: the counterparties and balances of
/// now, this store's outbox and ledger, and the provider's movements of the last days.
pub async fn history(desk: &Desk, payments: &[Payment]) -> Result<History, Unreviewed> {
    let Some(provider) = desk.cobre.as_deref() else { return Err(Failure::Unsupported.into()) };
    let now = desk.now();
    let days = i64::from(desk.terms.duplicate_days).saturating_add(1);
    // What was sent after the copy that this store was restored from, only the provider knows.
    let gap =
        gap::known(desk, provider).await?.filter(|gap| gap.strangers.is_none() || gap.to >= back(now, days));
    let since = gap.map_or(back(now, days), |gap| gap::begin(gap).min(back(now, days)));
    // Asked before the movements are read: a bulk that is validated in between counts as not listed.
    let listed = listed(desk, provider, back(now, days)).await?;
    let (accounts, counterparties, movements) = tokio::join!(
        provider.accounts(),
        counterparties(desk, provider, payments),
        movements(provider, payments, since),
    );
    let mut history = History::knowing(&counterparties?.rows, &accounts?.rows);
    history.gap = gap;
    // Read last: what another console records from here on is refused as open.
    let outbox = desk.store.payments_since(back(now, OUTBOX_DAYS)).await?;
    for entry in
        outbox.iter().filter(|entry| is_bulk(entry, back(now, days)) && !listed.contains(&entry.intent))
    {
        let rows = desk.store.pays(entry.intent).await?;
        history.extend(rows.iter().filter_map(|row| Past::of_row(entry, row)));
    }
    history.extend(outbox.iter().filter_map(Past::of_entry));
    history.extend(movements?.iter().map(Past::of_movement));
    let facts = desk.store.facts(provider.name().code(), "transactions", TRANSACTIONS).await?;
    let ledger = provider.transactions_from(&facts);
    history.extend(ledger.rows.iter().filter_map(Past::of_transaction));
    Ok(history)
}

/// The bulks that were sent from here and that the provider has movements of: it makes them once it has validated
/// a bulk. Till then only this store knows what its rows pay.
async fn listed(desk: &Desk, provider: &Cobre, since: Timestamp) -> Result<BTreeSet<Uuid>, Unreviewed> {
    let mut listed = BTreeSet::new();
    for entry in desk.store.payments_since(since).await?.iter().filter(|entry| is_bulk(entry, since)) {
        let Some(id) = entry.provider_id.as_deref().and_then(|id| BulkId::new(id).ok()) else { continue };
        if entry.provider_state.as_deref().is_none_or(|state| state == VALIDATING) {
            match provider.bulk(&id).await {
                Ok(bulk) if bulk.state.as_str() != VALIDATING => {
                    // Not asked again.
                    desk.store.set_provider_state(entry.intent, bulk.state.as_str()).await?;
                }
                Ok(_) | Err(Failure::NotFound | Failure::Forbidden { .. } | Failure::Refused { .. }) => {
                    continue;
                }
                Err(failure) => return Err(failure.into()),
            }
        }
        listed.insert(entry.intent);
    }
    Ok(listed)
}

fn is_bulk(entry: &OutboxEntry, since: Timestamp) -> bool {
    entry.action == "create_bulk" && entry.state == State::Sent && entry.at >= since
}

fn back(now: Timestamp, days: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(24_i64.saturating_mul(days))).unwrap_or(Timestamp::MIN)
}

/// Those of the store, unless one is paid that it does not know.
async fn counterparties<P: Provider>(
    desk: &Desk,
    provider: &P,
    payments: &[Payment],
) -> Result<Rows<crate::domain::counterparty::Counterparty>, Unreviewed> {
    let facts = desk.store.facts(provider.name().code(), "counterparties", usize::MAX).await?;
    let known = provider.counterparties_from(&facts);
    let all =
        payments.iter().all(|payment| known.rows.iter().any(|row| *row.id.clean() == payment.destination));
    if all { Ok(known) } else { Ok(provider.counterparties().await?) }
}

/// The provider's own: to this payee, and of this amount to anyone.
async fn movements<P: Provider>(
    provider: &P,
    payments: &[Payment],
    since: Timestamp,
) -> Result<Vec<Movement>, Unreviewed> {
    let [payment] = payments else {
        return Ok(provider.movements_like(Like::Since(since), NEWEST_OF_MANY).await?.rows);
    };
    let (to, same) = tokio::join!(
        provider.movements_like(Like::To(payment.destination.as_str()), NEWEST),
        provider.movements_like(Like::Amount(payment.amount, since), NEWEST),
    );
    let mut rows = to?.rows;
    rows.extend(same?.rows);
    Ok(rows)
}

/// What is odd about one payment, as far as this store and the provider know.
pub async fn findings(desk: &Desk, payment: &Payment) -> Result<Vec<Finding>, Unreviewed> {
    let history = history(desk, std::slice::from_ref(payment)).await?;
    Ok(review(payment, &history, &desk.terms))
}

/// What is odd about payments that wait for a decision, one by one; `None` where nothing could be asked.
pub async fn waiting(desk: &Desk, movements: &[Movement]) -> Vec<(MovementId, Option<Arc<[Finding]>>)> {
    let payments: Vec<Payment> =
        movements.iter().map(|movement| Payment::of_movement(movement, desk.now())).collect();
    let history = history(desk, &payments).await.inspect_err(|error| {
        tracing::warn!(%error, "what waits can't be reviewed");
    });
    let found = |payment| Some(review(payment, history.as_ref().ok()?, &desk.terms).into());
    let ids = movements.iter().map(|movement| movement.id.clone());
    ids.zip(payments.iter().map(found)).collect()
}

/// What an order pays, where it pays.
pub(super) fn payment_of(desk: &Desk, order: &Order) -> Option<Payment> {
    match order {
        Order::Movement(order) => Some(of_movement(desk, order)),
        Order::Decision(_)
        | Order::Bulk(_)
        | Order::BulkDecision(_)
        | Order::Cobru(_)
        | Order::Breb(_)
        | Order::Return(_)
        | Order::Manage(_) => None,
    }
}

fn of_movement(desk: &Desk, order: &MovementOrder) -> Payment {
    Payment::of_order(order, desk.now())
}
