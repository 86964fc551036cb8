//! Rules about the amount: this payee's habit, limits, roundness, what the balance keeps.

use super::history::Row;
use super::{Code, Evidence, Finding, History, Past, Payment, Severity, Terms, Value};
use crate::domain::money::{Currency, Money};

/// Fewer payments than this are no habit.
const HABIT_MIN: usize = 4;
/// The newest ones that make it.
const HABIT_MAX: usize = 200;
/// How many rows a finding shows.
const SHOWN: usize = 8;
/// Below a limit by at most so much, in hundredths of it.
const JUST_BELOW_PERCENT: i128 = 5;
/// GMF: 4 for every 1000 that leaves a Colombian balance (contract: fees) [doc].
const GMF_PER_MILLE: i128 = 4;

/// What a payee usually gets: the middle, and how far the amounts stray from it. Both of the kind that a
/// few odd ones don't move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Habit {
    pub count: usize,
    pub median: i64,
    /// Median of the distances from the median.
    pub spread: i64,
}

pub(super) fn habit(mut amounts: Vec<i64>) -> Option<Habit> {
    if amounts.len() < HABIT_MIN {
        return None;
    }
    let count = amounts.len();
    let median = middle(&mut amounts)?;
    let mut distances: Vec<i64> =
        amounts.iter().map(|amount| amount.saturating_sub(median).saturating_abs()).collect();
    let spread = middle(&mut distances)?;
    Some(Habit { count, median, spread })
}

/// The upper one of two middles.
fn middle(amounts: &mut [i64]) -> Option<i64> {
    let at = amounts.len() / 2;
    if amounts.is_empty() {
        return None;
    }
    let (_, middle, _) = amounts.select_nth_unstable(at);
    Some(*middle)
}

/// Far from the habit, over `before` as it is, newest first: ten or a hundred times it is named, since that is a slip of zeros.
pub(super) fn far_from_habit(payment: &Payment, before: &[&Row]) -> Option<Finding> {
    if before.len() < HABIT_MIN {
        return None;
    }
    let same = before.iter().map(|row| &row.past);
    let same = same.filter(|past| past.amount.currency == payment.amount.currency);
    let same: Vec<&Past> = same.take(HABIT_MAX).collect();
    let habit = habit(same.iter().map(|past| past.amount.minor).collect())?;
    let (amount, median) = (i128::from(payment.amount.minor), i128::from(habit.median));
    if median <= 0 {
        return None;
    }
    // Payees that always get the same stray by nothing: a twentieth is no stray.
    let spread = i128::from(habit.spread).max(median.saturating_div(20)).max(1);
    let away = amount.saturating_sub(median).saturating_abs();
    // 1.4826 makes the spread of a bell curve its standard deviation; five of them are far.
    let far = away.saturating_mul(10_000) > spread.saturating_mul(5 * 14_826)
        && (amount >= median.saturating_mul(2) || amount.saturating_mul(3) <= median);
    let evidence: Vec<Evidence> = same.iter().take(SHOWN).map(|past| past.evidence()).collect();
    let currency = payment.amount.currency;
    let found = |severity, word| {
        Finding::new(Code::Amount, severity, word)
            .with("amount", Value::Money(payment.amount))
            .with("median", Value::Money(Money::new(habit.median, currency)))
            .with("count", Value::Count(u64::try_from(habit.count).unwrap_or(u64::MAX)))
            .resting_on(evidence.clone())
    };
    for (times, word) in [(100, "finding.amount.hundredfold"), (10, "finding.amount.tenfold")] {
        if near(amount, median.saturating_mul(times)) {
            return Some(found(Severity::Red, word));
        }
    }
    for (times, word) in [(100, "finding.amount.hundredth"), (10, "finding.amount.tenth")] {
        if near(amount.saturating_mul(times), median) {
            return Some(found(Severity::Yellow, word));
        }
    }
    if !far {
        return None;
    }
    Some(if amount >= median.saturating_mul(10) {
        let times = u64::try_from(amount.saturating_div(median)).unwrap_or(u64::MAX);
        found(Severity::Red, "finding.amount.times").with("times", Value::Count(times))
    } else if amount > median {
        found(Severity::Yellow, "finding.amount.above")
    } else {
        found(Severity::Yellow, "finding.amount.below")
    })
}

/// Within a fiftieth.
fn near(one: i128, other: i128) -> bool {
    one.saturating_sub(other).saturating_abs().saturating_mul(50) <= other.saturating_abs()
}

/// Just below an amount from which on something stricter holds; also together with what the payee got
/// the same day, since a payment can be split.
pub(super) fn just_below(payment: &Payment, before: &[&Row], terms: &Terms) -> Option<Finding> {
    let limit = |limit: &&Money| {
        let (amount, limit) = (i128::from(payment.amount.minor), i128::from(limit.minor));
        let gap = limit.saturating_sub(amount);
        gap > 0 && gap.saturating_mul(100) <= limit.saturating_mul(JUST_BELOW_PERCENT)
    };
    let currency = payment.amount.currency;
    let mine = || terms.limits.iter().filter(|limit| limit.currency == currency);
    if let Some(limit) = mine().find(limit) {
        return Some(
            Finding::new(Code::BelowLimit, Severity::Yellow, "finding.below_limit")
                .with("amount", Value::Money(payment.amount))
                .with("limit", Value::Money(*limit)),
        );
    }
    mine().next()?;
    let day = terms.zone.to_datetime(payment.at).date();
    let today = before.iter().map(|row| &row.past);
    let today: Vec<&Past> = today
        .filter(|past| past.amount.currency == currency && terms.zone.to_datetime(past.at).date() == day)
        .collect();
    let paid: i128 = today.iter().map(|past| i128::from(past.amount.minor)).sum();
    let whole = paid.saturating_add(i128::from(payment.amount.minor));
    let crossed = mine().find(|limit| {
        let limit = i128::from(limit.minor);
        // Each part alone stays below it, together they don't.
        paid > 0
            && whole >= limit
            && i128::from(payment.amount.minor) < limit
            && today.iter().all(|past| i128::from(past.amount.minor) < limit)
    })?;
    let whole = Money::new(i64::try_from(whole).unwrap_or(i64::MAX), currency);
    Some(
        Finding::new(Code::BelowLimit, Severity::Yellow, "finding.below_limit.split")
            .with("total", Value::Money(whole))
            .with("limit", Value::Money(*crossed))
            .resting_on(today.iter().take(SHOWN).map(|past| past.evidence()).collect()),
    )
}

/// What a round amount is a multiple of, in minor units.
const fn round_unit(currency: Currency) -> i64 {
    match currency {
        Currency::Cop | Currency::Copco => 100_000_000,
        Currency::Mxn => 1_000_000,
        Currency::Usd | Currency::UsdStable | Currency::Brl => 100_000,
        Currency::Ars => 10_000_000,
    }
}

/// A large round amount to a payee who gets amounts down to the peso: invented, or an advance.
pub(super) fn round(payment: &Payment, before: &[&Row]) -> Option<Finding> {
    let unit = round_unit(payment.amount.currency);
    let is_round = |minor: i64| minor >= unit && minor % unit == 0;
    // Without a history, only several units: one million is what many things cost.
    let least = unit.saturating_mul(5);
    if !is_round(payment.amount.minor) || payment.amount.minor < least {
        return None;
    }
    let rounds = before.iter().filter(|row| is_round(row.past.amount.minor)).count();
    if rounds.saturating_mul(5) > before.len() {
        return None;
    }
    let count = u64::try_from(before.len()).unwrap_or(u64::MAX);
    let word = if before.is_empty() { "finding.round_amount.first" } else { "finding.round_amount" };
    Some(
        Finding::new(Code::RoundAmount, Severity::Yellow, word)
            .with("amount", Value::Money(payment.amount))
            .with("count", Value::Count(count))
            .resting_on(before.iter().take(SHOWN).map(|row| row.past.evidence()).collect()),
    )
}

/// The GMF that leaves with an amount. Rounded up: it is money that must be there.
pub fn gmf(amount: Money, exempt: bool) -> Money {
    let cop = matches!(amount.currency, Currency::Cop | Currency::Copco);
    if exempt || !cop {
        return Money::zero(amount.currency);
    }
    let minor = i128::from(amount.minor).saturating_mul(GMF_PER_MILLE);
    let minor = minor.saturating_add(999).saturating_div(1000);
    Money::new(i64::try_from(minor).unwrap_or(i64::MAX), amount.currency)
}

/// What the balance keeps after the amount and its GMF.
pub(super) fn below_floor(payment: &Payment, history: &History, terms: &Terms) -> Option<Finding> {
    let balance = history.balance(payment.source.as_str())?;
    let currency = payment.amount.currency;
    if balance.currency != currency {
        return None;
    }
    let tax = gmf(payment.amount, terms.gmf_exempt.iter().any(|exempt| exempt == payment.source.as_str()));
    let left = balance.checked_sub(payment.amount).and_then(|left| left.checked_sub(tax)).ok()?;
    let floor = terms.floors.iter().find(|floor| floor.currency == currency).copied();
    let floor = floor.unwrap_or(Money::zero(currency));
    if left.minor >= floor.minor {
        return None;
    }
    Some(
        Finding::new(Code::BelowFloor, Severity::Red, "finding.below_floor")
            .with("balance", Value::Money(balance))
            .with("gmf", Value::Money(tax))
            .with("left", Value::Money(left))
            .with("floor", Value::Money(floor)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_few_odd_amounts_do_not_move_the_habit() {
        let mut amounts = vec![100; 20];
        amounts.extend([1_000_000, 2_000_000, 3]);
        assert_eq!(habit(amounts).unwrap().median, 100);
        assert_eq!(habit(vec![1, 2, 3]), None);
    }

    #[test]
    fn the_tax_is_four_in_a_thousand_and_rounds_up() {
        let cop = |minor| Money::new(minor, Currency::Cop);
        assert_eq!(gmf(cop(120_000_000), false), cop(480_000));
        assert_eq!(gmf(cop(1), false), cop(1));
        assert_eq!(gmf(cop(120_000_000), true), cop(0));
        assert!(gmf(Money::new(120_000_000, Currency::Mxn), false).is_zero());
    }

    proptest! {
        #[test]
        fn the_median_is_one_of_the_amounts_and_splits_them(amounts in prop::collection::vec(1..i64::MAX, 4..60)) {
            let habit = habit(amounts.clone()).unwrap();
            prop_assert!(amounts.contains(&habit.median));
            let below = amounts.iter().filter(|amount| **amount < habit.median).count();
            let above = amounts.iter().filter(|amount| **amount > habit.median).count();
            prop_assert!(below <= amounts.len() / 2 && above <= amounts.len() / 2);
        }

        #[test]
        fn no_amount_panics(amount in any::<i64>(), before in any::<i64>()) {
            gmf(Money::new(amount, Currency::Cop), false);
            habit(vec![before, amount, before, amount, i64::MIN]);
        }
    }
}
