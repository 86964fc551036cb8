//! All rules on one payment, reds first.

use super::history::{Key, Past};
use super::payee::{before, is_itself, same_end, within};
use super::{Code, Finding, History, Payment, Severity, Terms, Value, amounts, payee, reference};
use jiff::{SignedDuration, Timestamp};

/// How many rows a finding shows.
const SHOWN: usize = 8;
/// What a payee was paid under so often, and for so long, is the number of a contract: it comes each month.
const CONTRACT_TIMES: usize = 3;
const CONTRACT_AGE: SignedDuration = SignedDuration::from_hours(24 * 60);

/// Everything odd about `payment`. Nothing odd is an empty list.
pub fn review(payment: &Payment, history: &History, terms: &Terms) -> Vec<Finding> {
    let earlier = before(payment, history, terms);
    let found = [
        duplicate(payment, &earlier, history, terms),
        paid_reference(payment, history),
        payee::account_changed(payment, &earlier),
        amounts::below_floor(payment, history, terms),
        payee::other_name(payment, history),
        amounts::far_from_habit(payment, &earlier),
        payee::newcomer(payment, &earlier, history, terms),
        amounts::just_below(payment, &earlier, terms),
        amounts::round(payment, &earlier),
        outside_hours(payment, terms),
        payee::masked(payment),
        restored(history),
    ];
    let mut found: Vec<Finding> = found.into_iter().flatten().collect();
    found.sort_by_key(|finding| (finding.severity, finding.code));
    found
}

/// The same amount to the same end a few days ago, sent or open; or since the copy that the store was restored
/// from, however long ago: whoever made it again may not know of it.
fn duplicate(payment: &Payment, earlier: &[&Past], history: &History, terms: &Terms) -> Option<Finding> {
    let unknown = |past: &Past| history.gap.is_some_and(|gap| (gap.from..=gap.to).contains(&past.at));
    let same: Vec<&&Past> = earlier
        .iter()
        .filter(|past| past.amount == payment.amount)
        .filter(|past| within(terms.duplicate_days, past.at, payment.at) || unknown(past))
        .filter(|past| same_end(payment, past))
        .collect();
    let newest = same.first()?;
    Some(
        Finding::new(Code::Duplicate, Severity::Red, "finding.duplicate")
            .with("amount", Value::Money(payment.amount))
            .with("day", Value::Day(newest.at))
            .with("id", Value::Text(newest.id.clone()))
            .with("count", Value::Count(u64::try_from(same.len()).unwrap_or(u64::MAX)))
            .resting_on(same.iter().take(SHOWN).map(|past| past.evidence()).collect()),
    )
}

/// The external id anywhere; the invoice, red where it is this payee's. Two payees may number alike: another's
/// is told where the amount is the same too.
fn paid_reference(payment: &Payment, history: &History) -> Option<Finding> {
    let other = |past: &&Past| past.live && !is_itself(past, payment);
    let found = |severity, word, text: &str, rows: Vec<&Past>| {
        let newest = *rows.first()?;
        Some(
            Finding::new(Code::Reference, severity, word)
                .with("reference", Value::Text(crate::sanitize::Clean::new(text)))
                .with("day", Value::Day(newest.at))
                .with("who", Value::Text(newest.name.clone()))
                .with("id", Value::Text(newest.id.clone()))
                .resting_on(rows.iter().take(SHOWN).map(|past| past.evidence()).collect()),
        )
    };
    if let Some(external_id) = payment.external_id.as_deref() {
        let key = reference::normal(external_id);
        let called =
            |past: &&Past| past.external_id.as_deref().is_some_and(|other| reference::normal(other) == key);
        let rows =
            history.under(Key::ExternalId(&key), Timestamp::MAX).filter(called).filter(other).collect();
        if let Some(finding) = found(Severity::Red, "finding.reference.external_id", external_id, rows) {
            return Some(finding);
        }
    }
    let invoice = reference::invoice(payment.description.as_str())?;
    let called =
        |past: &&Past| reference::invoice(past.description.as_str()).is_some_and(|other| other == invoice);
    let rows = history.under(Key::Invoice(&invoice), Timestamp::MAX).filter(called).filter(other);
    let (own, others): (Vec<&Past>, Vec<&Past>) = rows.partition(|past| same_end(payment, past));
    let since = own.last().map_or(SignedDuration::ZERO, |first| payment.at.duration_since(first.at));
    if own.len() >= CONTRACT_TIMES && since >= CONTRACT_AGE {
        return None;
    }
    let same: Vec<&Past> = others.into_iter().filter(|past| past.amount == payment.amount).collect();
    found(Severity::Red, "finding.reference.invoice", &invoice, own)
        .or_else(|| found(Severity::Yellow, "finding.reference.elsewhere", &invoice, same))
}

/// Red until the provider was asked what happened since the copy; then as many as were found.
fn restored(history: &History) -> Option<Finding> {
    let gap = history.gap?;
    let found = |severity, word| {
        Finding::new(Code::Restored, severity, word)
            .with("from", Value::Day(gap.from))
            .with("to", Value::Day(gap.to))
    };
    match gap.strangers {
        None => Some(found(Severity::Red, "finding.restored.unasked")),
        Some(0) => None,
        Some(count) => Some(found(Severity::Yellow, "finding.restored").with("count", Value::Count(count))),
    }
}

fn outside_hours(payment: &Payment, terms: &Terms) -> Option<Finding> {
    let hours = terms.hours?;
    if hours.hold(payment.at, &terms.zone) {
        return None;
    }
    let text = crate::sanitize::Clean::new(&hours.text());
    Some(
        Finding::new(Code::OutsideHours, Severity::Yellow, "finding.outside_hours")
            .with("hours", Value::Text(text)),
    )
}
