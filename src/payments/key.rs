//! A Bre-B key and a schedule as typed, and what they become once every field holds.

use super::draft::{Field, MOVEMENT_DESCRIPTION_MAX, Problem};
use super::draft::{check_description, read_amount};
use super::manage::{KeyConfig, KeyOrder, Manage, ScheduleOrder};
use super::order::{Checked, Order, Payee};
use super::rails::{self, Rail, can_pay};
use crate::domain::account::Account;
use crate::domain::counterparty::Counterparty;
use crate::domain::id::AccountId;
use crate::domain::money::{Currency, Money};
use crate::domain::schedule::Rhythm;
use crate::i18n::Numerals;
use crate::sanitize::Clean;
use jiff::Timestamp;

/// The longest alias of a key [inf].
const ALIAS_MAX: usize = 100;
/// An own text of a key: letters and figures [doc].
const OPEN: std::ops::RangeInclusive<usize> = 5..=20;

/// A key as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyDraft {
    pub account: Option<AccountId>,
    pub alias: String,
    /// `random`, `name`, `id`, `open_input`.
    pub config: String,
    pub open_input: String,
    pub holder: String,
    pub document_kind: String,
    pub document: String,
}

impl KeyDraft {
    /// Every field that does not hold, in the order of the form, or the key.
    pub fn validate(&self, accounts: &[Account]) -> Result<Checked, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut miss = |field, word| problems.push(Problem::new(field, word));
        let account = self.account.as_ref().and_then(|id| accounts.iter().find(|row| row.id == *id));
        let account = account.filter(|account| has_keys(account));
        if account.is_none() {
            miss(Field::Source, "problem.key.account");
        }
        let open = self.open_input.trim();
        let config = match self.config.as_str() {
            "random" => Some(KeyConfig::Random),
            "name" => Some(KeyConfig::Name),
            "id" => Some(KeyConfig::Id),
            "open_input" if OPEN.contains(&open.len()) && open.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                Some(KeyConfig::Open(open.to_owned()))
            }
            "open_input" => {
                miss(Field::OpenInput, "problem.key.open_input");
                None
            }
            _ => {
                miss(Field::KeyConfig, "problem.key.config");
                None
            }
        };
        let alias = self.alias.trim();
        if alias.is_empty() {
            miss(Field::Alias, "problem.alias.missing");
        } else if alias.chars().count() > ALIAS_MAX || Clean::new(alias).altered() {
            problems.push(Problem::new(Field::Alias, "problem.alias.long").with("max", ALIAS_MAX));
        }
        let (holder, document) = (self.holder.trim(), self.document.trim());
        if holder.is_empty() {
            problems.push(Problem::new(Field::Holder, "problem.holder.missing"));
        }
        if self.document_kind.is_empty() {
            problems.push(Problem::new(Field::DocumentKind, "problem.document.kind"));
        }
        let document: String = document.chars().filter(|c| !matches!(c, '.' | '-' | ' ')).collect();
        if document.is_empty() {
            problems.push(Problem::new(Field::Document, "problem.document.missing"));
        }
        problems.sort_by_key(|problem| problem.field);
        match (account, config) {
            (Some(account), Some(config)) if problems.is_empty() => {
                Ok(Checked::of(Order::Manage(Manage::Key(KeyOrder {
                    account: account.id.clone(),
                    account_name: account.name.clone(),
                    alias: alias.to_owned(),
                    config,
                    holder: holder.to_owned(),
                    document_kind: self.document_kind.clone(),
                    document,
                }))))
            }
            _ => Err(problems),
        }
    }
}

/// Only Colombian balances have keys [doc].
pub fn has_keys(account: &Account) -> bool {
    can_pay(account) && account.geo.as_str() == "col"
}

/// A schedule as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScheduleDraft {
    pub source: Option<AccountId>,
    pub destination: Option<Payee>,
    /// Everything that is there at each run.
    pub sweep: bool,
    pub amount: String,
    pub rhythm: Option<Rhythm>,
    /// The first run; `None` while day or hour do not hold.
    pub first: Option<Timestamp>,
    pub description: String,
    pub checker_approval: bool,
}

impl ScheduleDraft {
    /// Every field that does not hold, in the order of the form, or the schedule.
    pub fn validate(
        &self,
        accounts: &[Account],
        counterparties: &[Counterparty],
        numerals: Numerals,
        now: Timestamp,
    ) -> Result<Checked, Vec<Problem>> {
        let mut problems = Vec::new();
        let source = self.source.as_ref().and_then(|id| accounts.iter().find(|row| row.id == *id));
        let source = source.filter(|account| can_pay(account));
        if source.is_none() {
            problems.push(Problem::new(Field::Source, "problem.source.missing"));
        }
        let name = self.named(source, accounts, counterparties, &mut problems);
        let currency = source.map_or(Currency::Cop, |account| account.balance.currency);
        let amount = if self.sweep {
            Some(Money::zero(currency))
        } else {
            read_amount(&self.amount, currency, numerals).map_err(|problem| problems.push(problem)).ok()
        };
        if self.rhythm.is_none() {
            problems.push(Problem::new(Field::Rhythm, "problem.rhythm"));
        }
        let pattern = match (self.rhythm, self.first) {
            (_, None) => {
                problems.push(Problem::new(Field::Day, "problem.day"));
                None
            }
            // A minute that is begun has no run any more.
            (Some(Rhythm::Once), Some(first)) if first <= now => {
                problems.push(Problem::new(Field::Day, "problem.day_past"));
                None
            }
            (Some(rhythm), Some(first)) => {
                let pattern = rhythm.pattern(first);
                if pattern.is_none() {
                    problems.push(Problem::new(Field::Day, "problem.day_of_month"));
                }
                pattern
            }
            (None, Some(_)) => None,
        };
        let description = self.description.trim();
        check_description(description, MOVEMENT_DESCRIPTION_MAX, &mut problems);
        problems.sort_by_key(|problem| problem.field);
        match (source, &self.destination, name, amount, self.rhythm, pattern) {
            (Some(source), Some(to), Some(name), Some(amount), Some(rhythm), Some(pattern))
                if problems.is_empty() =>
            {
                Ok(Checked::of(Order::Manage(Manage::Schedule(ScheduleOrder {
                    source: source.id.clone(),
                    source_name: source.name.clone(),
                    destination: to.clone(),
                    destination_name: name,
                    amount,
                    rhythm,
                    pattern,
                    description: description.to_owned(),
                    checker_approval: self.checker_approval,
                }))))
            }
            _ => Err(problems),
        }
    }

    /// Who is paid, if a schedule can pay them: accounts and Cobre balances in Colombia, CLABEs in Mexico
    /// [doc].
    fn named(
        &self,
        source: Option<&Account>,
        accounts: &[Account],
        counterparties: &[Counterparty],
        problems: &mut Vec<Problem>,
    ) -> Option<Clean> {
        let (rail, name) = match self.destination.as_ref() {
            None => {
                problems.push(Problem::new(Field::Counterparty, "problem.counterparty.missing"));
                return None;
            }
            Some(Payee::Counterparty(id)) => {
                let row = counterparties.iter().find(|row| row.id == *id);
                (
                    source.zip(row).and_then(|(from, to)| rails::to_counterparty(from, to)),
                    row.map(|row| &row.name),
                )
            }
            Some(Payee::Account(id)) => {
                let row = accounts.iter().find(|row| row.id == *id);
                (source.zip(row).and_then(|(from, to)| rails::to_own(from, to)), row.map(|row| &row.name))
            }
        };
        let scheduled =
            matches!(rail, Some(Rail::FastPay | Rail::Ach | Rail::Bank | Rail::Cobre | Rail::Spei));
        if source.is_some() && !scheduled {
            problems.push(Problem::new(Field::Counterparty, "problem.counterparty.no_schedule"));
        }
        name.cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::testing::{account, landlord};

    fn key() -> KeyDraft {
        KeyDraft {
            account: Some(AccountId::new("acc_1").unwrap()),
            alias: "Caja 1".into(),
            config: "open_input".into(),
            open_input: "TIENDA2026".into(),
            holder: "Tienda SAS".into(),
            document_kind: "nit".into(),
            document: "901.183.029".into(),
        }
    }

    #[test]
    fn an_own_text_of_a_key_has_five_to_twenty_letters_and_figures() {
        let words = |draft: &KeyDraft| -> Vec<&'static str> {
            let found = draft.validate(&[account(1)]).err().unwrap_or_default();
            found.iter().map(|problem| problem.word).collect()
        };
        assert!(words(&key()).is_empty());
        for text in ["", "ABCD", "CON ESPACIO", "ñandú", &"A".repeat(21)] {
            let draft = KeyDraft { open_input: text.into(), ..key() };
            assert_eq!(words(&draft), ["problem.key.open_input"], "{text}");
        }
        assert_eq!(words(&KeyDraft { account: None, ..key() }), ["problem.key.account"]);
        assert_eq!(words(&KeyDraft { config: String::new(), ..key() }), ["problem.key.config"]);
    }

    #[test]
    fn a_schedule_pays_accounts_and_never_in_the_past() {
        let now: Timestamp = "2026-11-25T14:00:00Z".parse().unwrap();
        let check = |kind: &str, first: &str, rhythm| {
            let draft = ScheduleDraft {
                source: Some(AccountId::new("acc_1").unwrap()),
                destination: Some(landlord("col", kind).id.into()),
                amount: "1.200.000,00".into(),
                rhythm: Some(rhythm),
                first: first.parse().ok(),
                description: "Arriendo".into(),
                ..ScheduleDraft::default()
            };
            let checked = draft.validate(&[account(1)], &[landlord("col", kind)], Numerals::EsCo, now);
            checked.map(|_| ()).map_err(|found| found.iter().map(|p| p.word).collect::<Vec<_>>())
        };
        assert_eq!(check("ch", "2026-12-01T14:00:00Z", Rhythm::Monthly), Ok(()));
        assert_eq!(check("ch", "2026-11-25T14:00:00Z", Rhythm::Once), Err(vec!["problem.day_past"]));
        assert_eq!(check("ch", "2026-12-31T14:00:00Z", Rhythm::Monthly), Err(vec!["problem.day_of_month"]));
        assert_eq!(check("ch", "", Rhythm::Daily), Err(vec!["problem.day"]));
        assert_eq!(
            check("breb_key", "2026-12-01T14:00:00Z", Rhythm::Daily),
            Err(vec!["problem.counterparty.no_schedule"])
        );
    }
}
