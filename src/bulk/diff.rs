//! What changed against the last bulk of its kind, by payee: an approver reads eight lines instead of four
//! hundred.

use crate::domain::money::Money;
use crate::sanitize::Clean;
use std::collections::HashMap;

/// One payment, as two bulks are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who is paid: the document, else the folded name.
    pub payee: String,
    pub name: Clean,
    pub account: Clean,
    pub amount: Money,
}

/// What a payment was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    New,
    Equal,
    Amount {
        before: Money,
    },
    /// Perhaps with another amount too.
    Account {
        before: Clean,
        amount: Money,
    },
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// One for each payment of the new bulk, in its order.
    pub changes: Vec<Change>,
    /// Payments of the old bulk that are no more, by their place in it.
    pub removed: Vec<usize>,
}

impl Diff {
    /// New, removed, changed, equal.
    pub fn counts(&self) -> [usize; 4] {
        let of = |wanted: fn(&Change) -> bool| self.changes.iter().filter(|change| wanted(change)).count();
        let new = of(|change| *change == Change::New);
        let equal = of(|change| *change == Change::Equal);
        let changed = self.changes.len().saturating_sub(new).saturating_sub(equal);
        [new, self.removed.len(), changed, equal]
    }
}

/// Pairs payments of one payee: the same ones first, then to the same account, then of the same amount,
/// then what is left.
pub fn diff(old: &[Entry], new: &[Entry]) -> Diff {
    let mut by_payee: HashMap<&str, Vec<usize>> = HashMap::with_capacity(old.len());
    for (place, entry) in old.iter().enumerate() {
        by_payee.entry(entry.payee.as_str()).or_default().push(place);
    }
    let mut taken = vec![false; old.len()];
    let mut changes: Vec<Option<Change>> = vec![None; new.len()];
    let rounds: [fn(&Entry, &Entry) -> bool; 4] = [
        |one, other| one.account == other.account && one.amount == other.amount,
        |one, other| one.account == other.account && one.amount.currency == other.amount.currency,
        |one, other| one.amount == other.amount,
        |_, _| true,
    ];
    for alike in rounds {
        for (entry, change) in new.iter().zip(&mut changes).filter(|(_, change)| change.is_none()) {
            let Some(places) = by_payee.get(entry.payee.as_str()) else { continue };
            let free = places.iter().copied().find_map(|place| {
                let before = old.get(place)?;
                (taken.get(place) == Some(&false) && alike(before, entry)).then_some((place, before))
            });
            let Some((place, before)) = free else { continue };
            if let Some(taken) = taken.get_mut(place) {
                *taken = true;
            }
            *change = Some(if before.account != entry.account {
                Change::Account { before: before.account.clone(), amount: before.amount }
            } else if before.amount != entry.amount {
                Change::Amount { before: before.amount }
            } else {
                Change::Equal
            });
        }
    }
    Diff {
        changes: changes.into_iter().map(|change| change.unwrap_or(Change::New)).collect(),
        removed: taken.iter().enumerate().filter(|(_, taken)| !**taken).map(|(place, _)| place).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;
    use proptest::prelude::*;

    fn entry(payee: &str, account: &str, minor: i64) -> Entry {
        Entry {
            payee: payee.into(),
            name: Clean::new(payee),
            account: Clean::new(account),
            amount: Money::new(minor, Currency::Cop),
        }
    }

    #[test]
    fn each_kind_of_change_is_told() {
        let old =
            [entry("ana", "1", 10), entry("luis", "2", 20), entry("eva", "3", 30), entry("sol", "4", 40)];
        let new =
            [entry("ana", "1", 10), entry("luis", "2", 25), entry("eva", "9", 30), entry("nuevo", "5", 50)];
        let found = diff(&old, &new);
        assert_eq!(
            found.changes,
            [
                Change::Equal,
                Change::Amount { before: Money::new(20, Currency::Cop) },
                Change::Account { before: Clean::new("3"), amount: Money::new(30, Currency::Cop) },
                Change::New
            ]
        );
        assert_eq!(found.removed, [3]);
        assert_eq!(found.counts(), [1, 1, 2, 1]);
    }

    #[test]
    fn someone_paid_twice_is_paired_by_what_is_most_alike() {
        let old = [entry("ana", "1", 10), entry("ana", "2", 20)];
        let new = [entry("ana", "2", 25), entry("ana", "1", 10), entry("ana", "1", 10)];
        assert_eq!(
            diff(&old, &new).changes,
            [Change::Amount { before: Money::new(20, Currency::Cop) }, Change::Equal, Change::New]
        );
    }

    fn bulk() -> impl Strategy<Value = Vec<Entry>> {
        let one =
            ("[a-d]", "[12]", 1..4_i64).prop_map(|(payee, account, minor)| entry(&payee, &account, minor));
        proptest::collection::vec(one, 0..12)
    }

    proptest! {
        #[test]
        fn nothing_changes_against_itself(bulk in bulk()) {
            let found = diff(&bulk, &bulk);
            prop_assert_eq!(found.counts(), [0, 0, 0, bulk.len()]);
        }

        #[test]
        fn every_payment_of_both_is_accounted_for(old in bulk(), new in bulk()) {
            let [added, removed, changed, equal] = diff(&old, &new).counts();
            prop_assert_eq!(added + changed + equal, new.len());
            prop_assert_eq!(removed + changed + equal, old.len());
        }

        #[test]
        fn what_came_one_way_went_the_other(old in bulk(), new in bulk()) {
            let [added, removed, changed, equal] = diff(&old, &new).counts();
            prop_assert_eq!(diff(&new, &old).counts(), [removed, added, changed, equal]);
        }

        #[test]
        fn the_order_of_the_old_one_changes_no_count(old in bulk(), new in bulk()) {
            let mut turned = old.clone();
            turned.reverse();
            prop_assert_eq!(diff(&turned, &new).counts(), diff(&old, &new).counts());
        }
    }
}
