//! The outbox: record, send, settle. The one way for the console and the commands.

use super::Desk;
use super::news::News;
use super::refunds::{self, Credit};
use super::review::{self, Unreviewed};
use super::settle::{Case, PastLook, Verdict, next_look, verdict};
use crate::domain::ProviderName;
use crate::domain::approval::Bulk;
use crate::domain::id::ExternalId;
use crate::domain::money::Money;
use crate::domain::movement::Movement;
use crate::payments::fingerprint::Fingerprint;
use crate::payments::intent::{Again, Stamp};
use crate::payments::outcome::{Doubt, NotSent, Outcome, Receipt, Refusal, judge};
use crate::payments::policy::{Denied, permits_at};
use crate::payments::review::{Finding, Payment};
use crate::payments::{Checked, Order, authorize};
use crate::providers::{Answered, Extra, Failure, Found, Provider};
use crate::sanitize::Clean;
use crate::store::{Ending, Kind, Look, OutboxEntry, OutcomeRow, SettledBy, State, StoreError};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How often an outcome that the store did not take is written again.
const RECEIPT_AGAIN: Duration = Duration::from_secs(5);

/// How a write ended, or why it never became an intent.
#[derive(Debug)]
pub enum Written {
    Done {
        intent: Uuid,
        outcome: Outcome,
        extra: Option<Extra>,
    },
    /// Refused before anything was recorded; `Denied` by policy.
    Denied(Denied),
    /// The store would not have it: an open payment of the same kind, an external id used before, a
    /// store that can't be written. Nothing was sent.
    NotRecorded(StoreError),
    /// What is to be decided could not be read again, or the external id not be checked.
    NotChecked(Failure),
    /// The external id names another movement at the provider.
    ExternalIdTaken,
    /// The bulk, or a row of it, is no longer what was shown.
    BulkChanged {
        bulk: Box<Bulk>,
        shown: Arc<[Movement]>,
        now: Arc<[Movement]>,
    },
    /// The review finds these rows of a bulk red, and nobody has read them as red.
    BulkOdd {
        rows: Vec<u32>,
    },
    /// More than is left of the credit, counted right before the send.
    RefundExceeds {
        left: Money,
    },
    /// The review found something red that nobody has answered for. Nothing was recorded: it may be
    /// asked again with the person's consent.
    Odd {
        checked: Box<Checked>,
        /// What is decided, for a decision.
        shown: Option<Box<Movement>>,
        /// What is sent again.
        again: Option<Uuid>,
        findings: Vec<Finding>,
    },
    /// It is no longer what was shown.
    Changed {
        shown: Box<Movement>,
        now: Box<Movement>,
    },
}

/// Records `checked`, sends it once and settles it with what the answer proves. A red finding of the
/// review that nobody answered for stops it: [`Written::Odd`].
pub async fn write(desk: &Desk, checked: Checked, again: Option<Again>) -> Written {
    match checked.order().provider() {
        ProviderName::Cobre => match &desk.cobre {
            Some(provider) => reviewed(desk, &**provider, checked, again).await,
            None => Written::NotChecked(Failure::Unsupported),
        },
        ProviderName::Cobru => match &desk.cobru {
            Some(provider) => reviewed(desk, &**provider, checked, again).await,
            None => Written::NotChecked(Failure::Unsupported),
        },
    }
}

/// Decides a movement, if it is still what `shown` says: it is read again right before, and reviewed.
pub async fn decide(desk: &Desk, shown: Movement, checked: Checked) -> Written {
    let Some(provider) = &desk.cobre else {
        return Written::NotChecked(Failure::Unsupported);
    };
    if let Err(denied) = permits_at(checked.order(), &desk.actor, desk.now()) {
        return Written::Denied(denied);
    }
    if let Err(written) = not_made_here(desk, shown.id.as_str(), shown.external_id.as_ref()).await {
        return *written;
    }
    let now = match provider.movement(&shown.id).await {
        Ok(now) => now,
        Err(failure) => return Written::NotChecked(failure),
    };
    let (shown_hash, now_hash) = (Fingerprint::of(&shown).hex(), Fingerprint::of(&now).hex());
    if now_hash != shown_hash {
        desk.audit(
            Kind::DecisionRefused,
            &[("movement", shown.id.as_str()), ("shown", &shown_hash), ("now", &now_hash)],
        )
        .await;
        return Written::Changed { shown: Box::new(shown), now: Box::new(now) };
    }
    let approves = checked.order().action() == "approve";
    if approves {
        let findings = match review::findings(desk, &Payment::of_movement(&now, desk.now())).await {
            Ok(findings) => findings,
            Err(unreviewed) => return unreviewed.into(),
        };
        if !checked.consent().open(&findings).is_empty() {
            let shown = Some(Box::new(shown));
            return Written::Odd { checked: Box::new(checked), shown, again: None, findings };
        }
    }
    let seen = checked.consent().shown.clone().unwrap_or_default();
    let event = [("movement", shown.id.as_str()), ("fingerprint", shown_hash.as_str()), ("review", &seen)];
    desk.audit(Kind::DecisionShown, &event).await;
    record_and_send(desk, &**provider, checked, None).await
}

/// Never what this person made with another credential: the provider knows its makers by their credentials, the
/// stores of this machine by their persons.
pub(super) async fn not_made_here(
    desk: &Desk,
    id: &str,
    name: Option<impl ToString>,
) -> Result<(), Box<Written>> {
    match desk.store.makers(id.to_owned(), name.map(|name| name.to_string())).await {
        Ok(makers) if makers.contains(&desk.actor.person) => {
            Err(Box::new(Written::Denied(Denied::OwnMovement)))
        }
        Ok(_) => Ok(()),
        Err(error) => Err(Box::new(Written::NotRecorded(error))),
    }
}

/// What has to be asked of the provider before anything is recorded.
async fn reviewed<P: Provider>(desk: &Desk, provider: &P, checked: Checked, again: Option<Again>) -> Written {
    if let Err(denied) = permits_at(checked.order(), &desk.actor, desk.now()) {
        return Written::Denied(denied);
    }
    let again = match unnamed(desk, provider, checked.order(), again).await {
        Ok(again) => again,
        Err(written) => return *written,
    };
    // One that is not settled is no finding to go over.
    match still_open(desk, checked.order()).await {
        Ok(None) => {}
        Ok(Some(intent)) => return Written::NotRecorded(StoreError::AlreadyOpen { intent }),
        Err(error) => return Written::NotRecorded(error),
    }
    if let Some(mut payment) = review::payment_of(desk, checked.order()) {
        payment.same_as.extend(again.as_ref().map(|again| Clean::new(&again.supersedes.to_string())));
        let findings = match review::findings(desk, &payment).await {
            Ok(findings) => findings,
            Err(unreviewed) => return unreviewed.into(),
        };
        if !checked.consent().open(&findings).is_empty() {
            let again = again.map(|again| again.supersedes);
            return Written::Odd { checked: Box::new(checked), shown: None, again, findings };
        }
    }
    // The review took its time: what is given back of a credit is counted once more, right before.
    let again = match checked.order() {
        Order::Movement(order) if order.refund.is_some() => {
            match unnamed(desk, provider, checked.order(), again).await {
                Ok(again) => again,
                Err(written) => return *written,
            }
        }
        _ => again,
    };
    record_and_send(desk, provider, checked, again).await
}

/// Asks whether the name that it would go under is free: an external id, a refund's number, a credit that
/// goes back. A refund whose number came to nothing takes the place of that one.
async fn unnamed<P: Provider>(
    desk: &Desk,
    provider: &P,
    order: &Order,
    again: Option<Again>,
) -> Result<Option<Again>, Box<Written>> {
    if let Order::Movement(order) = order
        && let Some(refund) = &order.refund
    {
        // Counted again: another desk may have given some of it back meanwhile.
        let credit = Credit::of_refund(refund);
        return match refunds::look(desk, &credit).await {
            Ok(now) if order.amount.minor > now.left.minor => {
                Err(Box::new(Written::RefundExceeds { left: now.left }))
            }
            Ok(now) if refund.number != now.next => Err(Box::new(Written::ExternalIdTaken)),
            Ok(now) => Ok(again.or(now.supersedes.map(|supersedes| Again { supersedes, same: None }))),
            Err(failure) => Err(Box::new(Written::NotChecked(failure))),
        };
    }
    if let Order::Return(order) = order {
        // The provider would answer a second return with a conflict, which proves nothing.
        let Ok(credit) = ExternalId::new(order.credit.as_str()) else {
            return Err(Box::new(Written::ExternalIdTaken));
        };
        return match provider.named(&credit).await {
            Ok(rows) if rows.whole && rows.rows.is_empty() && rows.unreadable == 0 => Ok(again),
            Ok(rows) if rows.rows.is_empty() => {
                let why = "the list of returns was cut".to_owned();
                Err(Box::new(Written::NotChecked(Failure::Unreadable { why })))
            }
            Ok(_) => Err(Box::new(Written::ExternalIdTaken)),
            Err(failure) => Err(Box::new(Written::NotChecked(failure))),
        };
    }
    if again.is_none()
        && let Order::Movement(order) = order
        && let Some(external_id) = &order.external_id
    {
        return match provider.knows_external_id(external_id).await {
            Ok(false) => Ok(None),
            Ok(true) => Err(Box::new(Written::ExternalIdTaken)),
            Err(failure) => Err(Box::new(Written::NotChecked(failure))),
        };
    }
    Ok(again)
}

/// A write that pays one of the same ends the same, and is not settled: it is waited for.
async fn still_open(desk: &Desk, order: &Order) -> Result<Option<Uuid>, StoreError> {
    let (pays, Some(amount)) = (order.pays(), order.amount()) else { return Ok(None) };
    desk.store.equal_open(order.provider().code(), amount.currency.code().to_owned(), pays).await
}

impl From<Unreviewed> for Written {
    fn from(unreviewed: Unreviewed) -> Self {
        match unreviewed {
            Unreviewed::Provider(failure) => Self::NotChecked(failure),
            Unreviewed::Store(error) => Self::NotRecorded(error),
        }
    }
}

/// The chain from here on: step-up, policy, record, start, send, settle.
pub(super) async fn record_and_send<P: Provider>(
    desk: &Desk,
    provider: &P,
    checked: Checked,
    again: Option<Again>,
) -> Written {
    if let Err(denied) = desk.step_up(desk.asks(&checked)) {
        return Written::Denied(denied);
    }
    let stamp = Stamp { id: Uuid::now_v7(), at: desk.now() };
    let intent = match authorize(checked, &desk.actor, provider, stamp, again) {
        Ok(intent) => intent,
        Err(denied) => return Written::Denied(denied),
    };
    let id = intent.id();
    let recorded = match desk.store.record(intent).await {
        Ok(recorded) => recorded,
        Err(StoreError::OverCap { rule, .. }) => {
            let one = rule == Denied::CounterpartyLimit.code();
            return Written::Denied(if one { Denied::CounterpartyLimit } else { Denied::DayLimit });
        }
        Err(error) => return Written::NotRecorded(error),
    };
    desk.tell_outbox().await;
    let stored = match desk.store.start(recorded).await {
        Ok(stored) => stored,
        Err(error) => {
            // Whatever the disk says of the start, no byte has left and none will: this was the only
            // `Recorded`. At restart the row is settled by the same rule.
            let outcome = Outcome::NotSent(NotSent::Store(error.to_string()));
            settle(desk, id, &outcome, None, SettledBy::Answer).await;
            return Written::Done { intent: id, outcome, extra: None };
        }
    };
    desk.tell_outbox().await;
    let answered = provider.send(stored).await;
    let outcome = judge(answered.answer.clone(), answered.spent.intent(), answered.honours_key);
    settle(desk, id, &outcome, Some(&answered), SettledBy::Answer).await;
    desk.tell_outbox().await;
    Written::Done { intent: id, outcome, extra: answered.extra }
}

/// Writes an outcome, again and again until the disk has it. Until then the row reads as sending, and
/// at the next start as unknown: found by asking.
async fn settle(desk: &Desk, intent: Uuid, outcome: &Outcome, answered: Option<&Answered>, by: SettledBy) {
    let row = row_of(outcome, answered, desk.now());
    loop {
        match desk.store.settle(intent, row.clone(), by.clone()).await {
            Ok(()) => return,
            // Settled elsewhere meanwhile: the first final outcome stands, and the audit keeps both.
            Err(
                error @ (StoreError::AlreadySettled { .. }
                | StoreError::NoSuchStep { .. }
                | StoreError::NotFound { .. }
                | StoreError::Closed),
            ) => {
                tracing::error!(%intent, %error, "an outcome does not fit the outbox");
                return;
            }
            Err(error) => {
                tracing::error!(%intent, %error, "an outcome is not on disk yet; it is written again");
                desk.say(News::ReceiptNotStored { intent });
                tokio::time::sleep(RECEIPT_AGAIN).await;
            }
        }
    }
}

fn row_of(outcome: &Outcome, answered: Option<&Answered>, at: Timestamp) -> OutcomeRow {
    let mut row = match outcome {
        Outcome::Sent(Receipt { provider_id, state }) => OutcomeRow {
            provider_id: Some(provider_id.to_string()),
            provider_state: Some(state.to_string()).filter(|state| !state.is_empty()),
            ..OutcomeRow::new(Ending::Sent, at)
        },
        Outcome::NotSent(why) => OutcomeRow::new(Ending::NotSent, at).because(why.why()),
        Outcome::Rejected(refusal) => OutcomeRow {
            code: Some(refusal.code.to_string()),
            text: Some(refusal.text.to_string()),
            ..OutcomeRow::new(Ending::Rejected, at).because(refusal.why())
        },
        Outcome::Unknown(doubt) => OutcomeRow::new(Ending::Unknown, at).because(doubt.why()),
    };
    if let Some(answered) = answered {
        row.status = answered.status;
        row.headers.clone_from(&answered.headers);
        row.body.clone_from(&answered.body);
    }
    row
}

/// Looks once for an unknown write and settles it if the look proves anything.
pub async fn look(desk: &Desk, entry: &OutboxEntry) -> Result<(), Failure> {
    let found = match entry.provider.as_str() {
        "cobre" => desk.cobre.as_deref().ok_or(Failure::Unsupported)?.find_sent(entry).await,
        _ => desk.cobru.as_deref().ok_or(Failure::Unsupported)?.find_sent(entry).await,
    };
    let found = match found {
        Ok(found) => found,
        Err(failure) => Found { whole: false, at: desk.now(), matches: vec![], note: failure.noted() },
    };
    let provider = entry.provider.parse().unwrap_or(ProviderName::Cobre);
    let looks: Vec<PastLook> = entry
        .looks
        .iter()
        .map(|look| PastLook { at: look.at, found: look.found, whole: look.whole })
        .collect();
    let case = Case {
        provider,
        mismatch: entry.why.as_deref().is_some_and(|why| why.starts_with(Doubt::MISMATCH)),
        ended_at: ended_at(entry),
        looks: &looks,
    };
    let verdict = verdict(case, &found, desk.hurry);
    let count = u32::try_from(found.matches.len()).unwrap_or(u32::MAX);
    let note =
        if verdict == Verdict::Conflict { format!("conflict {}", found.note) } else { found.note.clone() };
    let seen = Look {
        at: found.at,
        found: count,
        whole: found.whole,
        note: Some(note.trim().to_owned()).filter(|note| !note.is_empty()),
    };
    if let Err(error) = desk.store.look(entry.intent, seen).await {
        tracing::error!(%error, "a look is not on disk");
    }
    let outcome = match verdict {
        Verdict::Sent(one) => Some(Outcome::Sent(Receipt { provider_id: one.provider_id, state: one.state })),
        Verdict::DecidedByAnother(one) => Some(Outcome::Rejected(Refusal {
            status: 0,
            code: Clean::new("decided"),
            text: one.state,
            retry_after: None,
        })),
        Verdict::Absent => Some(Outcome::NotSent(NotSent::Absent)),
        Verdict::Conflict | Verdict::Wait => None,
    };
    if let Some(outcome) = outcome {
        settle(desk, entry.intent, &outcome, None, SettledBy::Look).await;
        desk.say(News::Written { intent: entry.intent, outcome });
    }
    desk.tell_outbox().await;
    Ok(())
}

/// When the send of an unknown ended, as far as the record tells.
fn ended_at(entry: &OutboxEntry) -> Timestamp {
    entry.ended_at.or(entry.started_at).unwrap_or(entry.at)
}

/// When an unknown is looked for next.
pub fn due(entry: &OutboxEntry, desk: &Desk) -> Timestamp {
    next_look(ended_at(entry), entry.looks.iter().map(|look| look.at).max(), desk.hurry)
}

/// Settles what is unknown by asking, for as long as the desk is open.
pub async fn reconcile(desk: &Desk) {
    let mut changes = desk.outbox_changes();
    loop {
        changes.mark_unchanged();
        let open = desk.store.open_intents().await.unwrap_or_else(|error| {
            tracing::error!(%error, "the outbox can't be read");
            vec![]
        });
        let unknown = || open.iter().filter(|entry| entry.state == State::Unknown);
        let now = desk.now();
        for entry in unknown().filter(|entry| due(entry, desk) <= now) {
            // Each look changes the outbox, so that what is due next is worked out anew.
            if let Err(failure) = look(desk, entry).await {
                tracing::warn!(%failure, "an unknown can't be looked for");
            }
        }
        let next = unknown().map(|entry| due(entry, desk)).filter(|due| *due > now).min();
        let wait = next.map_or(Duration::from_hours(1), |due| {
            Duration::try_from(due.duration_since(now)).unwrap_or_default()
        });
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            changed = changes.changed() => if changed.is_err() { return },
        }
    }
}
