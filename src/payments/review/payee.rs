//! Rules about who is paid: known for how long, by which account, under which name.

use super::history::{Key, Past, Payee, Place, account_key, is_masked};
use super::{Code, Evidence, Finding, History, Payment, Severity, Terms, Value, names};
use crate::sanitize::Clean;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;

const SHOWN: usize = 8;

/// Earlier payments to the same payee, whatever the account: by counterparty, by account, by a counterparty
/// of the same document, by name. Only those that left or may have; newest first, and of very many the newest
/// and those of the last days.
pub(super) fn before<'h>(payment: &Payment, history: &'h History, terms: &Terms) -> Vec<&'h Past> {
    let account = account_key(&payment.account);
    let name = names::key(payment.name.as_str());
    let days = i64::from(terms.duplicate_days).max(1);
    let since = payment.at.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN);
    let mut rows: Vec<&Past> = Vec::new();
    let mut seen = HashSet::new();
    let mut look = |key: Key<'_>, same: &dyn Fn(&Past) -> bool| {
        for past in history.under(key, since) {
            // Most stand under several keys.
            let place = std::ptr::from_ref(past);
            if !seen.contains(&place) && is_earlier(past, payment) && same(past) {
                seen.insert(place);
                rows.push(past);
            }
        }
    };
    let to = history.payee(&payment.destination);
    let others = to.into_iter().flat_map(|to| history.same_person(to));
    for id in std::iter::once(payment.destination.as_str()).chain(others).filter(|id| !id.is_empty()) {
        look(Key::Destination(id), &|past| past.destination == id);
    }
    if !account.is_empty() {
        look(Key::Account(&account), &|past| account_key(&past.account) == account);
    }
    if !name.is_empty() {
        look(Key::Name(&name), &|past| names::key(past.name.as_str()) == name);
    }
    rows.sort_unstable_by(|a, b| b.at.cmp(&a.at).then_with(|| a.id.cmp(&b.id)));
    rows
}

/// Whether it left before, or may have, and is not this payment itself.
pub(super) fn is_earlier(past: &Past, payment: &Payment) -> bool {
    past.live && past.at <= payment.at && past.amount.minor > 0 && !is_itself(past, payment)
}

pub(super) fn is_itself(past: &Past, payment: &Payment) -> bool {
    payment.same_as.iter().any(|id| past.id.as_str() == id || past.movement.as_ref() == Some(id))
}

/// Whether a row went where this payment goes: the same account data where both are known.
pub(super) fn same_end(payment: &Payment, past: &Past) -> bool {
    let (mine, other) = (account_key(&payment.account), account_key(&past.account));
    if !mine.is_empty() && !other.is_empty() {
        return mine == other;
    }
    if !past.destination.is_empty() {
        return past.destination == payment.destination;
    }
    // A ledger entry has a name and nothing else.
    names::key(past.name.as_str()) == names::key(payment.name.as_str())
}

/// Made a few days ago; else never paid.
pub(super) fn newcomer(
    payment: &Payment,
    before: &[&Past],
    history: &History,
    terms: &Terms,
) -> Option<Finding> {
    let payee = history.payee(&payment.destination);
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
        id: Clean::new(&payee.id),
        at: payee.created_at,
        amount: None,
        who: payee.name.clone(),
    }
}

/// Paid before, and never to this account: the way in which payments are diverted.
pub(super) fn account_changed(payment: &Payment, before: &[&Past]) -> Option<Finding> {
    let account = account_key(&payment.account);
    if account.is_empty() {
        return None;
    }
    let known = || before.iter().filter(|past| !account_key(&past.account).is_empty());
    if known().any(|past| account_key(&past.account) == account) {
        return None;
    }
    let last = known().next()?;
    Some(
        Finding::new(Code::AccountChanged, Severity::Red, "finding.account_changed")
            .with("before", Value::Text(ending(&last.account)))
            .with("now", Value::Text(ending(&payment.account)))
            .with("last", Value::Day(last.at))
            .resting_on(known().take(SHOWN).map(|past| past.evidence()).collect()),
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
pub(super) fn other_name(payment: &Payment, history: &History) -> Option<Finding> {
    let found = |severity, word, owner: &Clean| {
        Finding::new(Code::PayeeName, severity, word)
            .with("name", Value::Text(payment.name.clone()))
            .with("owner", Value::Text(owner.clone()))
    };
    let payee = history.payee(&payment.destination);
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
