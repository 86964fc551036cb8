//! What moved by account and day, and what follows from it: the lines, their trend, the sums of a currency.

use super::{DAYS, Line, Total};
use crate::console::model::Model;
use crate::domain::ProviderName;
use crate::domain::account::{Account, AccountKind};
use crate::domain::approval::Approval;
use crate::domain::id::AccountId;
use crate::domain::money::{Currency, Money};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};

/// The transactions of the last days, added up by account and day.
pub(super) struct Nets {
    today: Date,
    sums: HashMap<(AccountId, Date), i128>,
    /// For each provider, the first day that its transactions cover whole; `None`: all days.
    from: BTreeMap<ProviderName, Option<Date>>,
}

impl Nets {
    pub(super) fn of(model: &Model) -> Self {
        let zone = &model.seat.zone;
        let date = |at| zone.to_datetime(at).date();
        let today = date(model.now);
        let oldest = (0..DAYS).fold(today, |day, _| day.yesterday().unwrap_or(day));
        let mut nets = Self { today, sums: HashMap::new(), from: BTreeMap::new() };
        for (provider, reading) in model.facts.transactions.readings() {
            // A cut list is whole only from the day after its oldest row.
            let first = reading.rows.iter().map(|row| row.at).min();
            let from = if reading.whole {
                None
            } else {
                Some(first.map_or(Date::MAX, |at| date(at).tomorrow().unwrap_or(Date::MAX)))
            };
            nets.from.insert(provider, from);
            for row in reading.rows.iter() {
                let day = date(row.at);
                if day >= oldest {
                    let sum = nets.sums.entry((row.account.clone(), day)).or_default();
                    *sum = sum.saturating_add(i128::from(row.amount.minor));
                }
            }
        }
        nets
    }

    fn covers(&self, account: &Account, day: Date) -> bool {
        self.from.get(&account.provider).is_some_and(|from| from.is_none_or(|from| day >= from))
    }

    fn net(&self, account: &Account, day: Date) -> i128 {
        self.sums.get(&(account.id.clone(), day)).copied().unwrap_or(0)
    }

    pub(super) fn line(&self, account: &Account, read_at: Timestamp) -> Line {
        let today = self
            .covers(account, self.today)
            .then(|| i64::try_from(self.net(account, self.today)).ok())
            .flatten()
            .map(|minor| Money::new(minor, account.balance.currency));
        let known_at = match account.kind {
            AccountKind::Balance => read_at,
            AccountKind::Connected => account.as_of,
        };
        Line { account: account.clone(), today, days: self.closings(account), known_at }
    }

    /// Today's balance, and back from it day by day as far as the transactions reach.
    fn closings(&self, account: &Account) -> Vec<i64> {
        let mut closings = vec![account.balance.minor];
        let (mut balance, mut day) = (i128::from(account.balance.minor), self.today);
        while closings.len() < DAYS && self.covers(account, day) {
            balance = balance.saturating_sub(self.net(account, day));
            let (Ok(before), Ok(minor)) = (day.yesterday(), i64::try_from(balance)) else { break };
            closings.push(minor);
            day = before;
        }
        closings.reverse();
        closings
    }
}

pub(super) fn totals(model: &Model, lines: &[Line]) -> Vec<Total> {
    let mut by_currency: BTreeMap<Currency, Vec<&Line>> = BTreeMap::new();
    for line in lines {
        by_currency.entry(line.account.balance.currency).or_default().push(line);
    }
    let total = |(currency, lines): (Currency, Vec<&Line>)| {
        let held = Money::total(currency, lines.iter().map(|line| line.account.balance)).ok();
        let shortest = lines.iter().map(|line| line.days.len()).min().unwrap_or(0);
        // Only the days that every account knows, today's last.
        let day = |back: usize| -> Option<i64> {
            let minors = lines.iter().filter_map(|line| {
                let at = line.days.len().checked_sub(back.saturating_add(1))?;
                line.days.get(at).map(|minor| Money::new(*minor, currency))
            });
            Money::total(currency, minors).ok().map(|sum| sum.minor)
        };
        let days = (0..shortest).rev().filter_map(day).collect();
        Total {
            currency,
            accounts: lines.len(),
            held,
            if_approved: held.and_then(|held| if_approved(model, held)),
            days,
        }
    };
    by_currency.into_iter().map(total).collect()
}

/// What is left once everything that waits is approved.
fn if_approved(model: &Model, held: Money) -> Option<Money> {
    let approvals = &model.facts.approvals;
    let unknown = |row: &Approval| matches!(row, Approval::Bulk(bulk) if bulk.totals.is_empty());
    if !approvals.whole() || approvals.rows().any(unknown) {
        return None;
    }
    let waiting: Vec<Money> =
        approvals.rows().flat_map(amounts_of).filter(|amount| amount.currency == held.currency).collect();
    if waiting.is_empty() {
        return None;
    }
    held.checked_sub(Money::total(held.currency, waiting).ok()?).ok()
}

pub(super) fn amounts_of(approval: &Approval) -> Vec<Money> {
    match approval {
        Approval::Single(movement) => vec![movement.amount],
        Approval::Bulk(bulk) => bulk.totals.clone(),
    }
}

/// The largest in pesos where there are pesos, since amounts of two currencies do not compare.
pub(super) fn largest(amounts: impl Iterator<Item = Money>) -> Option<Money> {
    amounts.min_by_key(|amount| (amount.currency, std::cmp::Reverse(amount.minor)))
}
