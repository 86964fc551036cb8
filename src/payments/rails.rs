//! How a payment travels, and what each way asks for, takes and costs, as far as the contract says.

use crate::domain::ProviderName;
use crate::domain::account::{Account, AccountKind};
use crate::domain::bank;
use crate::domain::counterparty::Counterparty;
use crate::domain::money::{Currency, Money};
use crate::domain::transaction::Transaction;

/// The `type` that a movement will have [doc].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rail {
    Breb,
    FastPay,
    Ach,
    /// Fast Pay where the bank has it, else ACH: this desk does not know the bank.
    Bank,
    Spei,
    /// Between balances of one's own, or to another client's balance.
    Cobre,
    /// A stablecoin from a Global balance.
    Stable,
    Fedwire,
}

/// Credits that came from no payer: what came back, was moved by oneself, or adjusted.
const NO_PAYINS: [&str; 9] = [
    "breb_rejected",
    "spei_return",
    "col_cb_credit",
    "internal_spei_credit",
    "internal_credit",
    "adjustment_credit",
    "misc_credit",
    "cbmm_credit",
    "reward_credit",
];

/// How a credit goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By a payment of one's own (Colombia).
    Payment,
    /// By the provider's return (Mexico).
    Return,
}

/// The tokens of a chain [doc], most used first.
const TOKENS: [(&str, &[&str]); 6] = [
    ("ethereum", &["usdc", "usdt"]),
    ("tron", &["usdt"]),
    ("solana", &["usdc"]),
    ("polygon", &["usdc"]),
    ("base", &["usdc"]),
    ("xrpl", &["rlusd"]),
];

impl Rail {
    /// Its word: what it is called.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Breb => "type.breb",
            Self::FastPay => "type.fast_pay",
            Self::Ach => "type.ach",
            Self::Bank => "rail.bank",
            Self::Spei => "type.spei",
            Self::Cobre => "rail.cobre",
            Self::Stable => "rail.stable",
            Self::Fedwire => "type.fedwire",
        }
    }

    /// The word of when it should arrive.
    pub const fn arrives(self) -> &'static str {
        match self {
            Self::Breb | Self::FastPay => "rail.arrives.seconds",
            Self::Ach => "rail.arrives.ach",
            Self::Bank => "rail.arrives.bank",
            Self::Spei => "rail.arrives.spei",
            Self::Cobre => "rail.arrives.at_once",
            Self::Stable => "rail.arrives.stable",
            Self::Fedwire => "rail.arrives.fedwire",
        }
    }

    /// The word of what it costs. No page of the provider's names a figure.
    pub const fn costs(self) -> &'static str {
        "rail.costs.contract"
    }

    /// Whether a numeric reference is asked for [doc].
    pub const fn wants_reference(self) -> bool {
        matches!(self, Self::Spei)
    }

    /// The most that it is known to carry, which its regulator changes every year [code].
    pub const fn about_at_most(self) -> Option<Money> {
        if matches!(self, Self::Breb) { Some(Money::new(1_211_000_000, Currency::Cop)) } else { None }
    }

    /// The least that it carries [doc].
    pub const fn at_least(self) -> Option<Money> {
        if matches!(self, Self::Stable) { Some(Money::new(100, Currency::Usd)) } else { None }
    }
}

/// Whether a movement can leave from it: a balance at Cobre. Cobru's leaves by withdrawals.
pub fn can_pay(account: &Account) -> bool {
    account.provider == ProviderName::Cobre && account.kind == AccountKind::Balance && account.connected
}

/// The rail from an own balance to a counterparty; `None`: there is none.
pub fn to_counterparty(from: &Account, to: &Counterparty) -> Option<Rail> {
    let rail = of_counterparty(to)?;
    (currency(rail) == from.balance.currency && reaches(from, to.destination.geo.as_str())).then_some(rail)
}

/// The rail to a counterparty, from whatever balance has it.
pub fn of_counterparty(to: &Counterparty) -> Option<Rail> {
    let to = &to.destination;
    match (to.geo.as_str(), to.kind.as_str()) {
        ("col", "cc" | "ch" | "dp") => match bank::institution(to.institution.as_str()) {
            Some(bank) if bank.has_fast_pay() => Some(Rail::FastPay),
            Some(bank) if bank.has_ach() => Some(Rail::Ach),
            Some(_) => None,
            None => Some(Rail::Bank),
        },
        ("col", "breb_key" | "breb_qr") => Some(Rail::Breb),
        ("col", "cobre_balance") => Some(Rail::Cobre),
        ("mex", "clabe" | "spei_card") => Some(Rail::Spei),
        ("global", "global_deposit_np" | "global_deposit_le") => Some(Rail::Stable),
        ("usa", "business") => Some(Rail::Fedwire),
        _ => None,
    }
}

/// The rail between two own balances; other currencies need an exchange.
pub fn to_own(from: &Account, to: &Account) -> Option<Rail> {
    let pair = from.id != to.id && can_pay(to) && from.balance.currency == to.balance.currency;
    // Dollars have no rail between balances [inf], other currencies no balance that pays.
    let rail = match from.balance.currency {
        Currency::Cop => Rail::Cobre,
        Currency::Mxn => Rail::Spei,
        Currency::Usd | Currency::Brl | Currency::Ars | Currency::UsdStable | Currency::Copco => return None,
    };
    pair.then_some(rail)
}

/// How a payin of this balance goes back to its payer; `None`: it is no payin.
pub fn way_back(credit: &Transaction, account: Option<&Account>) -> Option<Way> {
    let kind = credit.kind.as_str();
    let payin = credit.amount.minor > 0
        && credit.provider == ProviderName::Cobre
        && account.is_some_and(can_pay)
        && !NO_PAYINS.contains(&kind);
    let in_pesos_of = |currency| payin && credit.amount.currency == currency;
    if in_pesos_of(Currency::Cop) {
        return Some(Way::Payment);
    }
    // Debits and credits of other rails are rejected [doc].
    (in_pesos_of(Currency::Mxn) && kind == "spei_credit").then_some(Way::Return)
}

pub const fn currency(rail: Rail) -> Currency {
    match rail {
        Rail::Breb | Rail::FastPay | Rail::Ach | Rail::Bank | Rail::Cobre => Currency::Cop,
        Rail::Spei => Currency::Mxn,
        Rail::Stable | Rail::Fedwire => Currency::Usd,
    }
}

/// A balance pays within its own country. One whose country is not told is taken at its currency.
fn reaches(from: &Account, geo: &str) -> bool {
    from.geo.is_empty() || from.geo.as_str() == geo
}

/// Which tokens can be paid on a chain [doc]; all where the chain is not one that is known.
pub fn tokens(chain: &str) -> Vec<&'static str> {
    let known = TOKENS.iter().find(|(name, _)| chain.eq_ignore_ascii_case(name));
    known.map_or_else(|| vec!["usdc", "usdt", "rlusd"], |(_, tokens)| tokens.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::testing::{account, landlord};
    use crate::sanitize::Clean;

    fn at(bank: &str, kind: &str) -> Counterparty {
        let mut to = landlord("col", kind);
        to.destination.institution = Clean::new(bank);
        to
    }

    #[test]
    fn the_bank_decides_between_fast_pay_and_ach() {
        let from = account(1);
        assert_eq!(to_counterparty(&from, &at("1007", "ch")), Some(Rail::FastPay));
        assert_eq!(to_counterparty(&from, &at("BANCOLOMBIA", "cc")), Some(Rail::FastPay));
        assert_eq!(to_counterparty(&from, &at("1809", "ch")), Some(Rail::Ach));
        assert_eq!(to_counterparty(&from, &at("1815", "ch")), None, "Alianza takes no transfers");
        assert_eq!(to_counterparty(&from, &at("Banco Nuevo", "ch")), Some(Rail::Bank));
        assert_eq!(to_counterparty(&from, &landlord("col", "breb_key")), Some(Rail::Breb));
        assert_eq!(to_counterparty(&from, &landlord("mex", "clabe")), None, "pesos of another country");
    }

    #[test]
    fn a_dollar_balance_pays_in_its_own_country() {
        let dollars =
            |geo: &str| Account { balance: Money::new(1, Currency::Usd), geo: Clean::new(geo), ..account(1) };
        let wallet = landlord("global", "global_deposit_np");
        assert_eq!(to_counterparty(&dollars("global"), &wallet), Some(Rail::Stable));
        assert_eq!(to_counterparty(&dollars("usa"), &wallet), None);
        assert_eq!(to_counterparty(&dollars("usa"), &landlord("usa", "business")), Some(Rail::Fedwire));
        assert_eq!(tokens("Tron"), ["usdt"]);
    }

    #[test]
    fn own_balances_of_one_currency_pay_each_other() {
        let other = Account { id: crate::domain::id::AccountId::new("acc_2").unwrap(), ..account(1) };
        assert_eq!(to_own(&account(1), &other), Some(Rail::Cobre));
        assert_eq!(to_own(&account(1), &account(1)), None, "to itself");
        let pesos = Account { balance: Money::new(1, Currency::Mxn), ..other };
        assert_eq!(to_own(&account(1), &pesos), None);
    }

    #[test]
    fn what_came_back_or_was_moved_by_oneself_is_no_payin() {
        let credit = |kind: &str, minor, currency| Transaction {
            id: crate::domain::id::TransactionId::new("trx_1").unwrap(),
            provider: ProviderName::Cobre,
            account: account(1).id,
            kind: Clean::new(kind),
            amount: Money::new(minor, currency),
            balance_after: None,
            at: jiff::Timestamp::UNIX_EPOCH,
            counterparty: Clean::default(),
            description: Clean::default(),
            reference: Clean::default(),
            movement: None,
            payer: None,
        };
        for (kind, minor, currency, way) in [
            ("breb_credit", 1, Currency::Cop, Some(Way::Payment)),
            ("r2p_credit", 1, Currency::Cop, Some(Way::Payment)),
            ("breb_rejected", 1, Currency::Cop, None),
            ("col_cb_credit", 1, Currency::Cop, None),
            ("breb_debit", -1, Currency::Cop, None),
            ("spei_credit", 1, Currency::Mxn, Some(Way::Return)),
            ("spei_return", 1, Currency::Mxn, None),
        ] {
            assert_eq!(way_back(&credit(kind, minor, currency), Some(&account(1))), way, "{kind}");
        }
        assert_eq!(way_back(&credit("breb_credit", 1, Currency::Cop), None), None, "of no own balance");
    }
}
