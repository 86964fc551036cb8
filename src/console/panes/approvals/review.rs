//! What is odd about each payment that waits, by the review of the background.

use crate::console::effect::Effect;
use crate::console::model::Model;
use crate::console::review::evidence;
use crate::console::theme::Meaning;
use crate::console::widgets::detail::Fact;
use crate::domain::approval::Approval;
use crate::domain::id::MovementId;
use crate::domain::movement::Movement;
use crate::payments::review::{Finding, Severity};
use crate::sync::news::Ask;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A payment that waits, as it was when its review was asked for, and what that found once it is there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reviewed {
    of: Movement,
    found: Option<Arc<[Finding]>>,
}

/// What the background found.
pub(super) fn came(
    reviewed: &[(MovementId, Option<Arc<[Finding]>>)],
    reviews: &mut BTreeMap<MovementId, Reviewed>,
) {
    for (id, found) in reviewed {
        match (reviews.get_mut(id), found) {
            (Some(review), Some(_)) => review.found.clone_from(found),
            // The next read of what waits asks again.
            (_, None) => drop(reviews.remove(id)),
            (None, Some(_)) => {}
        }
    }
}

/// A review of each single one that waits and is not, as it is now, under review yet.
pub(super) fn ask(model: &mut Model) -> Vec<Effect> {
    let waiting = model.facts.approvals.rows().filter_map(|approval| match approval {
        Approval::Single(movement) => Some(&**movement),
        Approval::Bulk(_) => None,
    });
    let before = std::mem::take(&mut model.panes.approvals.reviews);
    let mut new = Vec::new();
    let mut reviews = BTreeMap::new();
    for movement in waiting {
        let known = before.get(&movement.id).filter(|review| review.of == *movement);
        let review = known.cloned().unwrap_or_else(|| {
            new.push(movement.clone());
            Reviewed { of: movement.clone(), found: None }
        });
        reviews.insert(movement.id.clone(), review);
    }
    model.panes.approvals.reviews = reviews;
    if new.is_empty() { Vec::new() } else { vec![Effect::Ask(Ask::Review(new))] }
}

/// What the review of one that waits found, as it is now; nothing while it is under way.
pub fn reviewed<'a>(model: &'a Model, movement: &Movement) -> &'a [Finding] {
    let review = model.panes.approvals.reviews.get(&movement.id);
    let review = review.filter(|review| review.of == *movement);
    review.and_then(|review| review.found.as_deref()).unwrap_or_default()
}

pub(super) fn worst(review: Option<&Reviewed>) -> Option<Severity> {
    review?.found.as_ref()?.iter().map(|finding| finding.severity).min()
}

pub(super) const fn meaning(worst: Option<Severity>) -> Meaning {
    match worst {
        Some(Severity::Red) => Meaning::Look,
        Some(Severity::Yellow) => Meaning::Unknown,
        None => Meaning::Plain,
    }
}

/// What the review of one that waits says, with the rows it rests on.
pub(super) fn facts(movement: &Movement, model: &Model) -> Vec<Fact> {
    let look = model.look();
    let Some(review) = model.panes.approvals.reviews.get(&movement.id) else { return Vec::new() };
    let Some(found) = &review.found else {
        return vec![Fact::plain(look.lang.word("approvals.under_review").to_owned())];
    };
    if found.is_empty() {
        return vec![Fact::signed(Meaning::Good, look.lang.word("approvals.nothing_odd"))];
    }
    let mut facts = Vec::new();
    for finding in found.iter() {
        facts.push(Fact::signed(meaning(Some(finding.severity)), &finding.sentence(look.spoken())));
        facts.extend(evidence(finding).map(|row| Fact::plain(format!("  {}", look.spoken().row(row)))));
    }
    facts
}
