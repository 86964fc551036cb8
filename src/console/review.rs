//! What the desk itself knows of before: the history that its own reviews look at. The background asks the
//! provider too, right before anything leaves. And how much of what a finding rests on is shown.

use super::model::Model;
use crate::domain::approval::Approval;
use crate::payments::review::{Evidence, Finding, History, Past, Payment, review};

/// Of the figures on the screen: counterparties, balances, ledger, what waits, the outbox.
pub fn history(model: &Model) -> History {
    let facts = &model.facts;
    let mut history = History::knowing(facts.counterparties.rows(), facts.accounts.rows());
    let outbox = facts.outbox.iter().flat_map(|entries| entries.iter());
    history.extend(outbox.filter_map(Past::of_entry));
    let waiting = facts.approvals.rows().filter_map(|approval| match approval {
        Approval::Single(movement) => Some(Past::of_movement(movement)),
        Approval::Bulk(_) => None,
    });
    history.extend(waiting);
    history.extend(facts.transactions.rows().filter_map(Past::of_transaction));
    history
}

/// What is odd about one payment, as far as the desk knows.
pub fn findings(model: &Model, payment: &Payment) -> Vec<Finding> {
    review(payment, &history(model), &model.seat.terms)
}

/// Of the rows that a finding rests on, how many are shown.
pub const EVIDENCE_SHOWN: usize = 3;

/// What is shown under a finding among others: of a yellow one its sentence is enough.
pub fn evidence(finding: &Finding) -> impl Iterator<Item = &Evidence> {
    finding.evidence.iter().take(if finding.stops() { EVIDENCE_SHOWN } else { 0 })
}
