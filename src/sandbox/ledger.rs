//! The double-entry ledger under both providers: postings of two lines or more that sum to zero in
//! their currency. A balance is the sum of an account's lines and nothing else sets it.
//!
//! Money comes from and goes to accounts called `outside:…`, so that all accounts together are
//! always zero. Rows are small and flat: a million of them must fit beside everything else.

use std::collections::HashMap;

use crate::domain::money::Currency;

use super::clock::Moment;

/// A row of the list of accounts. Valid for the ledger that handed it out, for as long as it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountIx(u32);

/// Who keeps an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    Cobre,
    Cobru,
    /// The rest of the world: banks, payers, card networks.
    Outside,
}

impl Provider {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cobre => "cobre",
            Self::Cobru => "cobru",
            Self::Outside => "outside",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Account {
    pub id: String,
    pub provider: Provider,
    pub name: String,
    pub currency: Currency,
    /// The running sum of the account's lines; [`Ledger::check`] adds them up again.
    balance: i64,
}

impl Account {
    /// Minor units: the sum of the account's lines.
    pub const fn balance(&self) -> i64 {
        self.balance
    }
}

/// What a posting was made for, shown as `cause`: the id of a movement, a cobru, a withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A Cobre movement, by its row: its id is a formula and is written out when read.
    Movement(u32),
    /// A Cobre transaction that no movement stands behind, by its row.
    Transaction(u32),
    /// A text given to [`Ledger::cause`].
    Text(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    pub account: AccountIx,
    /// Minor units, positive into the account.
    pub amount: i64,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    at: Moment,
    first_line: u32,
    lines: u16,
    cause: Cause,
}

/// A posting as it is read: numbered from 1 in the order it was made.
#[derive(Debug, Clone, Copy)]
pub struct Posting<'a> {
    pub seq: u64,
    pub at: Moment,
    pub currency: Currency,
    pub cause: Cause,
    pub lines: &'a [Line],
}

/// Why a posting was refused. The ledger is as it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    #[error("a posting has two lines or more, none of them zero")]
    Lines,
    #[error("a posting has one currency")]
    Currencies,
    #[error("the lines of a posting sum to zero")]
    Unbalanced,
    #[error("beyond the largest balance held")]
    Overflow,
}

#[derive(Debug, Default)]
pub struct Ledger {
    accounts: Vec<Account>,
    by_id: HashMap<String, AccountIx>,
    rows: Vec<Row>,
    lines: Vec<Line>,
    causes: Vec<Box<str>>,
}

impl Ledger {
    /// Opens an account with nothing in it. The id is new: opening one twice is a bug.
    pub fn open(&mut self, id: &str, provider: Provider, name: &str, currency: Currency) -> AccountIx {
        assert!(!self.by_id.contains_key(id), "the account {id} was opened twice");
        let ix = AccountIx(u32::try_from(self.accounts.len()).expect("accounts are few"));
        self.accounts.push(Account {
            id: id.to_owned(),
            provider,
            name: name.to_owned(),
            currency,
            balance: 0,
        });
        self.by_id.insert(id.to_owned(), ix);
        ix
    }

    /// The account `outside:{name}`, opened when first asked for. Where two currencies ask for one
    /// name, the later has its currency at the end of its id.
    pub fn outside(&mut self, name: &str, currency: Currency) -> AccountIx {
        let id = format!("outside:{name}");
        match self.find(&id) {
            Some(ix) if self.account(ix).currency == currency => ix,
            None => self.open(&id, Provider::Outside, name, currency),
            Some(_) => {
                let id = format!("{id}:{}", currency.code().to_ascii_lowercase());
                self.find(&id).unwrap_or_else(|| self.open(&id, Provider::Outside, name, currency))
            }
        }
    }

    pub fn find(&self, id: &str) -> Option<AccountIx> {
        self.by_id.get(id).copied()
    }

    pub fn account(&self, ix: AccountIx) -> &Account {
        self.accounts.get(ix.0 as usize).expect("an index comes from this ledger and accounts stay")
    }

    pub fn rename(&mut self, ix: AccountIx, name: &str) {
        if let Some(account) = self.accounts.get_mut(ix.0 as usize) {
            name.clone_into(&mut account.name);
        }
    }

    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The account's balance in minor units.
    pub fn balance(&self, ix: AccountIx) -> i64 {
        self.account(ix).balance
    }

    /// Keeps a text that postings name as their cause.
    pub fn cause(&mut self, text: &str) -> Cause {
        self.causes.push(text.into());
        Cause::Text(u32::try_from(self.causes.len().saturating_sub(1)).expect("fewer causes than 2^32"))
    }

    pub fn cause_text(&self, text: u32) -> &str {
        self.causes.get(text as usize).map_or("", |text| text)
    }

    /// Makes one posting, whole or not at all. Answers its number.
    pub fn post(&mut self, at: Moment, cause: Cause, lines: &[(AccountIx, i64)]) -> Result<u64, LedgerError> {
        let [(first, _), _, ..] = lines else { return Err(LedgerError::Lines) };
        if lines.iter().any(|(_, amount)| *amount == 0) {
            return Err(LedgerError::Lines);
        }
        let currency = self.account(*first).currency;
        if lines.iter().any(|(account, _)| self.account(*account).currency != currency) {
            return Err(LedgerError::Currencies);
        }
        if lines.iter().map(|(_, amount)| i128::from(*amount)).sum::<i128>() != 0 {
            return Err(LedgerError::Unbalanced);
        }
        for (account, _) in lines {
            let moved: i128 =
                lines.iter().filter(|line| line.0 == *account).map(|line| i128::from(line.1)).sum();
            let after = moved.saturating_add(i128::from(self.balance(*account)));
            if i64::try_from(after).is_err() {
                return Err(LedgerError::Overflow);
            }
        }
        let first_line = u32::try_from(self.lines.len()).map_err(|_| LedgerError::Overflow)?;
        let count = u16::try_from(lines.len()).map_err(|_| LedgerError::Lines)?;
        for (account, amount) in lines {
            // In any order of lines the sum ends within i64; on the way it may wrap.
            if let Some(account) = self.accounts.get_mut(account.0 as usize) {
                account.balance = account.balance.wrapping_add(*amount);
            }
            self.lines.push(Line { account: *account, amount: *amount });
        }
        self.rows.push(Row { at, first_line, lines: count, cause });
        Ok(self.rows.len() as u64)
    }

    /// How many postings there are, which is the number of the last one.
    pub fn count(&self) -> u64 {
        self.rows.len() as u64
    }

    /// The postings with a number above `seq`, in their order.
    pub fn since(&self, seq: u64) -> impl Iterator<Item = Posting<'_>> {
        let skip = usize::try_from(seq).unwrap_or(usize::MAX).min(self.rows.len());
        self.rows.iter().enumerate().skip(skip).map(|(row, posting)| {
            let first = posting.first_line as usize;
            let lines = self
                .lines
                .get(first..first.saturating_add(usize::from(posting.lines)))
                .expect("the lines of a posting stay where they were put");
            let currency = lines.first().map_or(Currency::Cop, |line| self.account(line.account).currency);
            Posting {
                seq: (row as u64).saturating_add(1),
                at: posting.at,
                currency,
                cause: posting.cause,
                lines,
            }
        })
    }

    /// The sum of all balances of each currency that an account is held in. Each is zero.
    pub fn sums(&self) -> Vec<(Currency, i128)> {
        Currency::ALL
            .into_iter()
            .filter_map(|currency| {
                let mut held = self.accounts.iter().filter(|a| a.currency == currency).peekable();
                held.peek()?;
                Some((currency, held.map(|account| i128::from(account.balance)).sum()))
            })
            .collect()
    }

    /// Adds every line up again: the first thing that does not hold, in words.
    pub fn check(&self) -> Result<(), String> {
        let mut sums = vec![0i128; self.accounts.len()];
        for posting in self.since(0) {
            let total: i128 = posting.lines.iter().map(|line| i128::from(line.amount)).sum();
            if total != 0 || posting.lines.len() < 2 {
                return Err(format!(
                    "posting {} has {} lines that sum to {total}",
                    posting.seq,
                    posting.lines.len()
                ));
            }
            for line in posting.lines {
                if self.account(line.account).currency != posting.currency {
                    return Err(format!("posting {} mixes currencies", posting.seq));
                }
                if let Some(sum) = sums.get_mut(line.account.0 as usize) {
                    *sum = sum.saturating_add(i128::from(line.amount));
                }
            }
        }
        for (account, sum) in self.accounts.iter().zip(sums) {
            if i128::from(account.balance) != sum {
                return Err(format!(
                    "{} holds {} and its postings sum to {sum}",
                    account.id, account.balance
                ));
            }
        }
        match self.sums().into_iter().find(|(_, sum)| *sum != 0) {
            Some((currency, sum)) => Err(format!("all accounts in {currency} sum to {sum}")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AT: Moment = Moment::from_millis(0);

    fn ledger() -> (Ledger, AccountIx, AccountIx, AccountIx) {
        let mut ledger = Ledger::default();
        let own = ledger.open("acc_1", Provider::Cobre, "Operación", Currency::Cop);
        let bank = ledger.outside("bank:1007", Currency::Cop);
        let dollars = ledger.open("acc_2", Provider::Cobre, "USD", Currency::Usd);
        (ledger, own, bank, dollars)
    }

    #[test]
    fn a_posting_that_does_not_balance_changes_nothing() {
        let (mut ledger, own, bank, dollars) = ledger();
        let cause = ledger.cause("test");
        let mut refused = |lines: &[(AccountIx, i64)]| ledger.post(AT, cause, lines).unwrap_err();
        assert_eq!(refused(&[]), LedgerError::Lines);
        assert_eq!(refused(&[(own, 5)]), LedgerError::Lines);
        assert_eq!(refused(&[(own, 0), (bank, 0)]), LedgerError::Lines);
        assert_eq!(refused(&[(own, 5), (bank, -4)]), LedgerError::Unbalanced);
        assert_eq!(refused(&[(own, 5), (dollars, -5)]), LedgerError::Currencies);
        assert_eq!(
            refused(&[(own, i64::MAX), (own, i64::MAX), (bank, -2), (bank, i64::MIN), (bank, i64::MIN + 4)]),
            LedgerError::Overflow
        );
        assert_eq!((ledger.count(), ledger.balance(own)), (0, 0));
        assert_eq!(ledger.post(AT, cause, &[(own, i64::MAX), (bank, -i64::MAX)]), Ok(1));
        assert_eq!(ledger.post(AT, cause, &[(own, 1), (bank, -1)]), Err(LedgerError::Overflow));
        assert_eq!(ledger.check(), Ok(()));
    }

    #[test]
    fn one_name_outside_is_one_account_for_each_currency() {
        let mut ledger = Ledger::default();
        let pesos = ledger.outside("opening", Currency::Cop);
        let dollars = ledger.outside("opening", Currency::Usd);
        assert_ne!(pesos, dollars);
        assert_eq!(ledger.outside("opening", Currency::Cop), pesos);
        assert_eq!(ledger.outside("opening", Currency::Usd), dollars);
        assert_eq!(ledger.account(dollars).id, "outside:opening:usd");
    }

    proptest! {
        #[test]
        fn balances_are_the_sums_of_their_postings(amounts in proptest::collection::vec(any::<i64>(), 0..40)) {
            let (mut ledger, own, bank, _) = ledger();
            let cause = ledger.cause("any");
            for amount in amounts {
                if let Some(back) = amount.checked_neg() {
                    ledger.post(AT, cause, &[(own, amount), (bank, back)]).ok();
                }
            }
            prop_assert_eq!(ledger.check(), Ok(()));
        }
    }
}
