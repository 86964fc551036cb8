//! The outbox: record, send, settle. The one way for the console and the commands.

use super::Desk;
use super::news::News;
use super::refunds::{self, Credit};
use super::settle::{Case, PastLook, Verdict, next_look, verdict};
use crate::domain::ProviderName;
use crate::domain::id::ExternalId;
use crate::domain::money::Money;
use crate::domain::movement::Movement;
use crate::payments::fingerprint::Fingerprint;
use crate::payments::intent::Stamp;
use crate::payments::outcome::{Doubt, NotSent, Outcome, Receipt, Refusal, judge};
use crate::payments::policy::Denied;
use crate::payments::{Checked, Order, authorize};
use crate::providers::{Answered, Extra, Failure, Found, Provider};
use crate::sanitize::Clean;
use crate::store::{Ending, Kind, Look, OutboxEntry, OutcomeRow, SettledBy, State, StoreError};
use jiff::Timestamp;
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
    /// More than is left of the credit, counted right before the send.
    RefundExceeds {
        left: Money,
    },
    /// It is no longer what was shown.
    Changed {
        shown: Box<Movement>,
        now: Box<Movement>,
    },
}

/// Records `checked`, sends it once and settles it with what the answer proves.
pub async fn write(desk: &Desk, checked: Checked, supersedes: Option<Uuid>) -> Written {
    match checked.order().provider() {
        ProviderName::Cobre => match &desk.cobre {
            Some(provider) => write_at(desk, &**provider, checked, supersedes).await,
            None => Written::NotChecked(Failure::Unsupported),
        },
        ProviderName::Cobru => match &desk.cobru {
            Some(provider) => write_at(desk, &**provider, checked, supersedes).await,
            None => Written::NotChecked(Failure::Unsupported),
        },
    }
}

/// Decides a movement, if it is still what `shown` says: it is read again right before.
pub async fn decide(desk: &Desk, shown: Movement, checked: Checked) -> Written {
    let Some(provider) = &desk.cobre else {
        return Written::NotChecked(Failure::Unsupported);
    };
    if let Err(denied) = crate::payments::policy::permits(checked.order(), &desk.actor) {
        return Written::Denied(denied);
    }
    let now = match provider.movement(&shown.id).await {
        Ok(now) => now,
        Err(failure) => return Written::NotChecked(failure),
    };
    if Fingerprint::of(&now) != Fingerprint::of(&shown) {
        let (shown_hash, now_hash) = (Fingerprint::of(&shown).hex(), Fingerprint::of(&now).hex());
        desk.audit(
            Kind::DecisionRefused,
            &[("movement", shown.id.as_str()), ("shown", &shown_hash), ("now", &now_hash)],
        )
        .await;
        return Written::Changed { shown: Box::new(shown), now: Box::new(now) };
    }
    write_at(desk, &**provider, checked, None).await
}

async fn write_at<P: Provider>(
    desk: &Desk,
    provider: &P,
    checked: Checked,
    supersedes: Option<Uuid>,
) -> Written {
    let mut supersedes = supersedes;
    if let Order::Movement(order) = checked.order()
        && let Some(refund) = &order.refund
    {
        // Counted again right before: another desk may have given some of it back meanwhile.
        let credit = Credit { id: refund.credit.clone(), amount: refund.credited, at: Timestamp::UNIX_EPOCH };
        match refunds::look(desk, &credit).await {
            Ok(now) if order.amount.minor > now.left.minor => {
                return Written::RefundExceeds { left: now.left };
            }
            Ok(now) if refund.number != now.next => return Written::ExternalIdTaken,
            Ok(now) => supersedes = supersedes.or(now.supersedes),
            Err(failure) => return Written::NotChecked(failure),
        }
    } else if let Order::Return(order) = checked.order() {
        // The provider would answer a second return with a conflict, which proves nothing.
        match ExternalId::new(order.credit.as_str()) {
            Ok(credit) => match provider.named(&credit).await {
                Ok(rows) if rows.whole && rows.rows.is_empty() && rows.unreadable == 0 => {}
                Ok(rows) if rows.rows.is_empty() => {
                    let why = "the list of returns was cut".to_owned();
                    return Written::NotChecked(Failure::Unreadable { why });
                }
                Ok(_) => return Written::ExternalIdTaken,
                Err(failure) => return Written::NotChecked(failure),
            },
            Err(_) => return Written::ExternalIdTaken,
        }
    } else if supersedes.is_none()
        && let Order::Movement(order) = checked.order()
        && let Some(external_id) = &order.external_id
    {
        match provider.knows_external_id(external_id).await {
            Ok(false) => {}
            Ok(true) => return Written::ExternalIdTaken,
            Err(failure) => return Written::NotChecked(failure),
        }
    }
    let stamp = Stamp { id: Uuid::now_v7(), at: desk.now() };
    let intent = match authorize(checked, &desk.actor, provider, stamp, supersedes) {
        Ok(intent) => intent,
        Err(denied) => return Written::Denied(denied),
    };
    let id = intent.id();
    let recorded = match desk.store.record(intent).await {
        Ok(recorded) => recorded,
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
        Err(failure) => Found { whole: false, at: desk.now(), matches: vec![], note: failure.to_string() },
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
