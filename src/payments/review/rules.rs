//! All rules on one payment, reds first.

use super::history::{End, Row};
use super::payee::{before, is_itself, same_end, within};
use super::{Code, Finding, History, Past, Payment, Severity, Terms, Value, amounts, payee, reference};
use jiff::{SignedDuration, Timestamp};

/// How many rows a finding shows.
const SHOWN: usize = 8;
/// What a payee was paid under so often, and for so long, is the number of a contract: it comes each month.
const CONTRACT_TIMES: usize = 3;
const CONTRACT_AGE: SignedDuration = SignedDuration::from_hours(24 * 60);

/// Everything odd about `payment`. Nothing odd is an empty list.
pub fn review(payment: &Payment, history: &History, terms: &Terms) -> Vec<Finding> {
    let end = history.end(payment);
    let earlier = before(payment, end, history, terms);
    let found = [
        duplicate(payment, end, &earlier, history, terms),
        paid_reference(payment, end, history),
        payee::account_changed(payment, end, &earlier),
        amounts::below_floor(payment, history, terms),
        payee::other_name(payment, end.payee),
        amounts::far_from_habit(payment, &earlier),
        payee::newcomer(payment, &earlier, end.payee, terms),
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
fn duplicate(
    payment: &Payment,
    end: End<'_>,
    earlier: &[&Row],
    history: &History,
    terms: &Terms,
) -> Option<Finding> {
    let unknown = |past: &Past| history.gap.is_some_and(|gap| (gap.from..=gap.to).contains(&past.at));
    let same: Vec<&Past> = earlier
        .iter()
        .filter(|row| row.past.amount == payment.amount)
        .filter(|row| within(terms.duplicate_days, row.past.at, payment.at) || unknown(&row.past))
        .filter(|row| same_end(payment, end, row))
        .map(|row| &row.past)
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
fn paid_reference(payment: &Payment, end: End<'_>, history: &History) -> Option<Finding> {
    let others = |rows| {
        history.newest(rows, Timestamp::MAX).filter(|row| row.past.live && !is_itself(&row.past, payment))
    };
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
    if let Some(external_id) = payment.external_id.as_ref() {
        let ids = &history.by.external_ids;
        let rows = others(ids.rows(ids.find(&reference::normal(external_id.as_str()))));
        let rows = rows.map(|row| &row.past).collect();
        if let Some(finding) =
            found(Severity::Red, "finding.reference.external_id", external_id.as_str(), rows)
        {
            return Some(finding);
        }
    }
    let invoice = reference::invoice(payment.description.as_str())?;
    let invoices = &history.by.invoices;
    let (mut own, mut same): (Vec<&Past>, Vec<&Past>) = (Vec::new(), Vec::new());
    for row in others(invoices.rows(invoices.find(&invoice))) {
        if same_end(payment, end, row) {
            own.push(&row.past);
        } else if row.past.amount == payment.amount {
            same.push(&row.past);
        }
    }
    let since = own.last().map_or(SignedDuration::ZERO, |first| payment.at.duration_since(first.at));
    if own.len() >= CONTRACT_TIMES && since >= CONTRACT_AGE {
        return None;
    }
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
