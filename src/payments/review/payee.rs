//! Rules about who is paid: known for how long, by which account, under which name.

use super::history::{End, Past, Payee, Place, Row, is_masked};
use super::{Code, Evidence, Finding, History, Payment, Severity, Terms, Value, names};
use crate::sanitize::Clean;
use jiff::{SignedDuration, Timestamp};

const SHOWN: usize = 8;

/// Earlier payments to the same payee, whatever the account: by counterparty, by account, by a counterparty
/// of the same document, by name. Only those that left or may have; newest first, and of very many the newest
/// and those of the last days.
pub(super) fn before<'h>(
    payment: &Payment,
    end: End<'h>,
    history: &'h History,
    terms: &Terms,
) -> Vec<&'h Row> {
    let days = i64::from(terms.duplicate_days).max(1);
    let since = payment.at.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN);
    let by = &history.by;
    let mut rows: Vec<&Row> = Vec::new();
    let mut look = |places| {
        rows.extend(history.newest(places, since).filter(|row| is_earlier(&row.past, payment)));
    };
    look(by.destinations.rows(end.destination));
    for other in end.payee.into_iter().flat_map(|to| history.same_person(to)) {
        look(by.destinations.rows(other));
    }
    look(by.accounts.rows(end.account));
    look(by.names.rows(end.name));
    rows.sort_unstable_by(|a, b| {
        let places = || std::ptr::from_ref(*a).cmp(&std::ptr::from_ref(*b));
        b.past.at.cmp(&a.past.at).then_with(|| a.past.id.cmp(&b.past.id)).then_with(places)
    });
    // Most stand under several.
    rows.dedup_by(|a, b| std::ptr::eq(*a, *b));
    rows
}

/// Whether it left before, or may have, and is not this payment itself.
pub(super) fn is_earlier(past: &Past, payment: &Payment) -> bool {
    past.live && past.at <= payment.at && past.amount.minor > 0 && !is_itself(past, payment)
}

pub(super) fn is_itself(past: &Past, payment: &Payment) -> bool {
    payment.same_as.iter().any(|id| past.id == *id || past.movement.as_ref() == Some(id))
}

/// Whether a row went where this payment goes: the same account data where both are known.
pub(super) fn same_end(payment: &Payment, end: End<'_>, row: &Row) -> bool {
    if !end.account.is_none() && !row.account.is_none() {
        return end.account == row.account;
    }
    if !row.past.destination.is_empty() {
        return row.past.destination == payment.destination;
    }
    // A ledger entry has a name and nothing else.
    end.name == row.name
}

/// Made a few days ago; else never paid.
pub(super) fn newcomer(
    payment: &Payment,
    before: &[&Row],
    payee: Option<&Payee>,
    terms: &Terms,
) -> Option<Finding> {
    if let Some(payee) = payee {
        let age = payment.at.duration_since(payee.created_at);
        if age < SignedDuration::from_hours(24 * i64::from(terms.new_days)) {
            let word = if before.is_empty() {
                "finding.new_counterparty.unpaid"
            } else {
                "finding.new_counterparty"
            };
            return Some(
                Finding::new(Code::NewCounterparty, Severity::Yellow, word)
                    .with("made", Value::Day(payee.created_at))
                    .resting_on(vec![of_payee(payee)]),
            );
        }
    }
    if !before.is_empty() {
        return None;
    }
    let evidence = payee.map(of_payee).into_iter().collect();
    Some(Finding::new(Code::FirstPayment, Severity::Yellow, "finding.first_payment").resting_on(evidence))
}

fn of_payee(payee: &Payee) -> Evidence {
    Evidence {
        place: Place::Counterparty,
        id: payee.id.clone(),
        at: payee.created_at,
        amount: None,
        who: payee.name.clone(),
    }
}

/// Paid before, and never to this account: the way in which payments are diverted.
pub(super) fn account_changed(payment: &Payment, end: End<'_>, before: &[&Row]) -> Option<Finding> {
    if end.account.is_none() {
        return None;
    }
    let known = || before.iter().filter(|row| !row.account.is_none());
    if known().any(|row| row.account == end.account) {
        return None;
    }
    let last = &known().next()?.past;
    Some(
        Finding::new(Code::AccountChanged, Severity::Red, "finding.account_changed")
            .with("before", Value::Text(ending(&last.account)))
            .with("now", Value::Text(ending(&payment.account)))
            .with("last", Value::Day(last.at))
            .resting_on(known().take(SHOWN).map(|row| row.past.evidence()).collect()),
    )
}

/// The last four letters: what people compare, whoever may see the rest.
fn ending(account: &Clean) -> Clean {
    let letters: Vec<char> = account.as_str().chars().collect();
    match letters.len().checked_sub(4) {
        Some(hidden) if hidden > 0 => {
            let last: String = letters.iter().skip(hidden).collect();
            Clean::new(&format!("·{last}"))
        }
        _ => account.clone(),
    }
}

/// Whose account it is, against whom it is said to pay.
pub(super) fn other_name(payment: &Payment, payee: Option<&Payee>) -> Option<Finding> {
    let found = |severity, word, owner: &Clean| {
        Finding::new(Code::PayeeName, severity, word)
            .with("name", Value::Text(payment.name.clone()))
            .with("owner", Value::Text(owner.clone()))
    };
    if let Some(owner) = payment.verified_name.as_ref().filter(|owner| !owner.is_empty()) {
        let said = payee
            .map_or(&payment.name, |payee| if payee.holder.is_empty() { &payee.name } else { &payee.holder });
        if !names::alike(said.as_str(), owner.as_str()) {
            return Some(found(Severity::Red, "finding.payee_name.verified", owner));
        }
    }
    let payee = payee.filter(|payee| !payee.holder.is_empty())?;
    if names::alike(payment.name.as_str(), payee.holder.as_str()) {
        return None;
    }
    Some(found(Severity::Yellow, "finding.payee_name", &payee.holder).resting_on(vec![of_payee(payee)]))
}

/// What the provider hides can't be compared.
pub(super) fn masked(payment: &Payment) -> Option<Finding> {
    is_masked(&payment.account).then(|| {
        Finding::new(Code::Masked, Severity::Yellow, "finding.masked")
            .with("account", Value::Text(payment.account.clone()))
    })
}

/// Whether `at` lies within so many days before `now`.
pub(super) fn within(days: u16, at: Timestamp, now: Timestamp) -> bool {
    let age = now.duration_since(at);
    age <= SignedDuration::from_hours(24 * i64::from(days))
}
