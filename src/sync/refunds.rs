//! What was given back of a credit before. Cobre does not link a refund to its payin and does not count
//! (contract 6.8): the desk does, over its own outbox and over the names at the provider.
//!
//! A refund is called after the credit and its number. A number that came to nothing is used again, with
//! its name and its key, so that a wrong verdict of ours is still caught by the provider; and two desks
//! that begin at once have the same number, so that one movement comes of both where they share a
//! credential: a key is kept for each credential by itself [inf], and an external id may be used twice [inf].
//! Two credentials can so give one credit back twice within a moment. The desk counts right before the send,
//! and again for three minutes after it ([`watch`]): it can't prevent that, and says so.

use super::Desk;
use super::news::News;
use super::settle::LOOKS_AT;
use crate::domain::id::{ExternalId, MovementId, TransactionId};
use crate::domain::money::Money;
use crate::domain::movement::{Movement, MovementState};
use crate::payments::Order;
use crate::payments::order::RefundOf;
use crate::providers::{Failure, Provider};
use crate::sanitize::Clean;
use crate::store::{OutboxEntry, State};
use jiff::Timestamp;
use uuid::Uuid;

/// So many names past the last known one are asked for: another desk may have left one out.
const PAST_THE_LAST: u32 = 3;
/// No credit is given back in more pieces.
const REFUNDS_MAX: u32 = 1_000;

/// The credit that is to be given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    pub id: TransactionId,
    pub amount: Money,
    /// When it came: no refund of it is older.
    pub at: Timestamp,
}

impl Credit {
    /// What `order` gives back, if it is a refund.
    pub fn of(order: &Order) -> Option<Self> {
        let Order::Movement(order) = order else { return None };
        order.refund.as_ref().map(Self::of_refund)
    }

    pub(super) fn of_refund(refund: &RefundOf) -> Self {
        Self { id: refund.credit.clone(), amount: refund.credited, at: Timestamp::UNIX_EPOCH }
    }
}

/// One refund that was made or may have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub name: String,
    /// Of the provider; an intent that it does not show yet has none.
    pub movement: Option<MovementId>,
    pub amount: Money,
    /// The movement's, else the outbox's.
    pub state: Clean,
    /// Whether it counts: it moved money, or may have.
    pub counts: bool,
}

impl Refund {
    /// Whether a checker may still reject it: nothing else undoes one.
    pub fn waits(&self) -> bool {
        self.state.as_str() == MovementState::PendingApproval.code()
    }
}

/// What is known of a credit's refunds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunds {
    pub credited: Money,
    pub made: Vec<Refund>,
    /// All that counts.
    pub given: Money,
    /// What may still be given back; never negative.
    pub left: Money,
    /// The number of the next one.
    pub next: u32,
    /// The intent of that number that came to nothing: the next one takes its place.
    pub supersedes: Option<Uuid>,
}

impl Refunds {
    pub const fn of(&self, credit: TransactionId, credited: Money) -> RefundOf {
        RefundOf { credit, number: self.next, credited }
    }

    /// Those that stand where fewer were meant: more than came in, or two under one name, which two desks made
    /// that did not know of each other. Empty: all is well.
    pub fn too_many(&self) -> Vec<&Refund> {
        let stand: Vec<&Refund> = self.made.iter().filter(|refund| refund.counts).collect();
        let named = |name: &str| stand.iter().filter(|refund| refund.name == name).count();
        let bad = self.given.minor > self.credited.minor || stand.iter().any(|one| named(&one.name) > 1);
        if bad { stand } else { Vec::new() }
    }
}

/// Asks the outbox and the provider what was given back of `credit`.
pub async fn look(desk: &Desk, credit: &Credit) -> Result<Refunds, Failure> {
    let Some(provider) = desk.cobre.as_deref() else { return Err(Failure::Unsupported) };
    let unreadable = |why: String| Failure::Unreadable { why };
    let payments =
        desk.store.payments_since(credit.at).await.map_err(|error| unreadable(error.to_string()))?;
    let ours: Vec<OutboxEntry> =
        payments.into_iter().filter(|entry| entry.subject.as_deref() == Some(credit.id.as_str())).collect();
    let mut all = Vec::new();
    // Once without a number, as the provider's guide writes it.
    let plain = format!("refund_{}", credit.id);
    all.extend(theirs(provider, &plain, credit).await?);
    let (mut next, mut supersedes) = (None, None);
    let mut missing = 0;
    for number in 1..=REFUNDS_MAX {
        let name = RefundOf { credit: credit.id.clone(), number, credited: credit.amount }.external_id();
        let named = || ours.iter().filter(|entry| entry.external_id.as_deref() == Some(name.as_str()));
        let mut made = theirs(provider, &name, credit).await?;
        if made.is_empty() {
            // Not there, or not there yet.
            made.extend(named().filter(|entry| may_be(entry.state)).map(|entry| of_entry(entry, credit)));
        }
        if made.is_empty() && next.is_none() {
            next = Some(number);
            let last = named().find(|entry| !ours.iter().any(|other| other.supersedes == Some(entry.intent)));
            supersedes = last.map(|entry| entry.intent);
        }
        let known = named().next().is_some() || !made.is_empty();
        missing = if known { 0 } else { missing + 1 };
        all.extend(made);
        if missing >= PAST_THE_LAST {
            break;
        }
    }
    let next = next.ok_or_else(|| unreadable("more refunds than a credit has".to_owned()))?;
    let counted = all.iter().filter(|refund| refund.counts).map(|refund| refund.amount);
    let given =
        Money::total(credit.amount.currency, counted).map_err(|error| unreadable(error.to_string()))?;
    let left = credit.amount.minor.saturating_sub(given.minor).max(0);
    let left = Money::new(left, credit.amount.currency);
    Ok(Refunds { credited: credit.amount, made: all, given, left, next, supersedes })
}

/// Looks again after a send, for as long as another desk may have counted before it and send after it, and tells
/// the console each time.
pub(super) async fn watch(desk: &Desk, credit: Credit) {
    let asked = desk.now();
    for seconds in LOOKS_AT {
        let due = desk.hurry.of(seconds).saturating_sub(desk.now().duration_since(asked));
        tokio::time::sleep(due.try_into().unwrap_or_default()).await;
        match look(desk, &credit).await {
            Ok(found) => desk.say(News::Refunds { credit: credit.id.clone(), found: Ok(found) }),
            Err(failure) => {
                tracing::warn!(%failure, credit = %credit.id, "refunds can't be counted after a send");
            }
        }
    }
}

/// Whether it moved money, or may have.
const fn may_be(state: State) -> bool {
    match state {
        State::Recorded | State::Sending | State::Sent | State::Unknown => true,
        State::NotSent | State::Rejected => false,
    }
}

fn of_entry(entry: &OutboxEntry, credit: &Credit) -> Refund {
    Refund {
        name: entry.external_id.clone().unwrap_or_default(),
        movement: None,
        amount: Money::new(entry.amount_minor.unwrap_or(0), credit.amount.currency),
        state: Clean::new(entry.state.code()),
        counts: true,
    }
}

/// The movements of this name at the provider. A list that was cut proves nothing.
async fn theirs(provider: &impl Provider, name: &str, credit: &Credit) -> Result<Vec<Refund>, Failure> {
    let Ok(id) = ExternalId::new(name) else {
        return Err(Failure::Unreadable { why: "a credit whose refunds can't be named".to_owned() });
    };
    let rows = provider.named(&id).await?;
    if !rows.whole || rows.unreadable > 0 {
        return Err(Failure::Unreadable { why: "the list of refunds was cut".to_owned() });
    }
    let refund = |row: &Movement| {
        // One in another currency counts for all that is left: a person looks.
        let amount = if row.amount.currency == credit.amount.currency { row.amount } else { credit.amount };
        Refund {
            name: name.to_owned(),
            movement: Some(row.id.clone()),
            amount,
            state: Clean::new(row.state.code()),
            counts: !row.state.paid_nobody(),
        }
    };
    Ok(rows.rows.iter().map(refund).collect())
}
