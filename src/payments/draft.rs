//! What a person typed, and what it becomes once every field holds: [`Checked`].

use super::fingerprint::Fingerprint;
use super::order::{
    BrebPaymentOrder, Checked, CobruOrder, DecisionOrder, Method, MovementOrder, Order, Payee, RefundOf,
    ReturnOrder, Verdict,
};
use super::rails::{self, Rail, can_pay};
use crate::domain::account::Account;
use crate::domain::counterparty::Counterparty;
use crate::domain::id::{AccountId, CobruId, ExternalId};
use crate::domain::money::{Currency, Money};
use crate::domain::movement::Movement;
use crate::domain::transaction::Transaction;
use crate::i18n::{AmountError, Numerals, parse_money};
use crate::sanitize::Clean;

/// Cobre takes at most 40 characters of description [doc]; Cobru 240 [doc·st], of which 15 are the short
/// reference that the client adds.
pub const MOVEMENT_DESCRIPTION_MAX: usize = 40;
pub const COBRU_DESCRIPTION_MAX: usize = 225;
/// A rejection says why in at least this many characters (UX §8).
pub const REASON_MIN: usize = 10;
/// Cobru's smallest charge in the sandbox and the plugin's default: pesos [inf].
const COBRU_MIN_MINOR: i64 = 100_000;

/// A field of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    Source,
    Counterparty,
    /// What kind of destination: an account, a key, a wallet.
    Kind,
    Account,
    Routing,
    Chain,
    Institution,
    Holder,
    FirstName,
    LastName,
    DocumentKind,
    Document,
    BirthDate,
    Nationality,
    Country,
    State,
    City,
    Address,
    PostalCode,
    Email,
    Phone,
    Alias,
    /// What a Bre-B key is made of.
    KeyConfig,
    OpenInput,
    Amount,
    Sweep,
    Rhythm,
    Day,
    Hour,
    Description,
    ExternalId,
    Reference,
    Token,
    CheckerApproval,
    ExpirationDays,
    OldPassphrase,
    NewPassphrase,
    PassphraseAgain,
    Reason,
}

/// What is wrong with a field. `word` is its sentence in the word files, `with` what goes into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub field: Field,
    pub word: &'static str,
    pub with: Vec<(&'static str, String)>,
}

impl Problem {
    pub(super) fn new(field: Field, word: &'static str) -> Self {
        Self { field, word, with: Vec::new() }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.with.push((name, format!("{value}")));
        self
    }
}

/// A movement as typed. Source and destination are ids picked from lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MovementDraft {
    pub source: Option<AccountId>,
    pub destination: Option<Payee>,
    pub amount: String,
    pub description: String,
    pub external_id: String,
    pub reference: String,
    /// Of a stablecoin payment: `usdc`, `usdt`, `rlusd`.
    pub token: String,
    pub checker_approval: bool,
    /// Set where it gives a credit back.
    pub refund: Option<RefundOf>,
}

/// What a draft is checked against: the figures on the screen.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    pub accounts: &'a [Account],
    pub counterparties: &'a [Counterparty],
    pub numerals: Numerals,
}

/// The two ends of a movement as they are known, with the rail between them.
enum End<'a> {
    Counterparty(&'a Counterparty),
    Own(&'a Account),
}

impl MovementDraft {
    /// Every field that does not hold, in the order of the form, or the movement.
    pub fn validate(&self, known: Known<'_>) -> Result<Checked, Vec<Problem>> {
        let mut problems = Vec::new();
        let source = self.source.as_ref().and_then(|id| known.accounts.iter().find(|row| row.id == *id));
        match source {
            None => problems.push(Problem::new(Field::Source, "problem.source.missing")),
            Some(account) if !can_pay(account) => {
                problems.push(Problem::new(Field::Source, "problem.source.cannot_pay"));
            }
            Some(_) => {}
        }
        let end = self.end(known);
        let rail = match (source, &end) {
            (_, None) => {
                problems.push(Problem::new(Field::Counterparty, "problem.counterparty.missing"));
                None
            }
            (Some(from), Some(end)) => {
                let rail = end.rail(from);
                if rail.is_none() {
                    problems.push(no_rail(from, end));
                }
                rail
            }
            (None, Some(_)) => None,
        };
        let currency = source.map_or(Currency::Cop, |account| account.balance.currency);
        let amount = match read_amount(&self.amount, currency, known.numerals) {
            Ok(amount) => {
                problems.extend(amount_problem(amount, source, rail, known.numerals));
                Some(amount)
            }
            Err(problem) => {
                problems.push(problem);
                None
            }
        };
        let description = self.description.trim();
        check_description(description, MOVEMENT_DESCRIPTION_MAX, &mut problems);
        let external_id = match self.external_id.trim() {
            "" => None,
            text => ExternalId::new(text)
                .map_err(|_| problems.push(Problem::new(Field::ExternalId, "problem.external_id")))
                .ok(),
        };
        let wants_reference = rail.map_or(currency == Currency::Mxn, Rail::wants_reference);
        let reference = self.reference.trim();
        let numeric = (1..=8).contains(&reference.len()) && reference.bytes().all(|b| b.is_ascii_digit());
        if !numeric && (wants_reference || !reference.is_empty()) {
            problems.push(Problem::new(Field::Reference, "problem.reference"));
        }
        let token = self.token_of(rail, end.as_ref(), &mut problems);
        problems.sort_by_key(|problem| problem.field);
        match (source, end, rail, amount) {
            (Some(source), Some(end), Some(rail), Some(amount)) if problems.is_empty() => {
                let destination_account = end.account();
                let (destination, destination_name) = end.named();
                Ok(Checked::of(Order::Movement(MovementOrder {
                    source: source.id.clone(),
                    source_name: source.name.clone(),
                    destination,
                    destination_name,
                    destination_account,
                    amount,
                    rail,
                    description: description.to_owned(),
                    external_id,
                    reference: numeric.then(|| reference.to_owned()),
                    token,
                    checker_approval: self.checker_approval,
                    refund: self.refund.clone(),
                })))
            }
            _ => Err(problems),
        }
    }

    fn end<'a>(&self, known: Known<'a>) -> Option<End<'a>> {
        match self.destination.as_ref()? {
            Payee::Counterparty(id) => {
                known.counterparties.iter().find(|row| row.id == *id).map(End::Counterparty)
            }
            Payee::Account(id) => known.accounts.iter().find(|row| row.id == *id).map(End::Own),
        }
    }

    /// A stablecoin payment says in which token [doc].
    fn token_of(
        &self,
        rail: Option<Rail>,
        end: Option<&End<'_>>,
        problems: &mut Vec<Problem>,
    ) -> Option<&'static str> {
        let (Some(Rail::Stable), Some(End::Counterparty(to))) = (rail, end) else { return None };
        let tokens = rails::tokens(to.destination.institution.as_str());
        let token = tokens.iter().copied().find(|token| *token == self.token);
        if token.is_none() {
            problems.push(Problem::new(Field::Token, "problem.token").with("tokens", tokens.join(", ")));
        }
        token
    }
}

impl End<'_> {
    fn rail(&self, from: &Account) -> Option<Rail> {
        match self {
            Self::Counterparty(to) => rails::to_counterparty(from, to),
            Self::Own(to) => rails::to_own(from, to),
        }
    }

    /// Account number, key or tag.
    fn account(&self) -> Clean {
        match self {
            Self::Counterparty(to) => to.destination.account.clone(),
            Self::Own(to) => to.number.clone(),
        }
    }

    fn named(&self) -> (Payee, Clean) {
        match self {
            Self::Counterparty(to) => (to.id.clone().into(), to.name.clone()),
            Self::Own(to) => (to.id.clone().into(), to.name.clone()),
        }
    }
}

/// Why there is no way from here to there.
fn no_rail(from: &Account, end: &End<'_>) -> Problem {
    let paid_in = match end {
        End::Counterparty(to) => currency_of(to),
        End::Own(to) => Some(to.balance.currency),
    };
    match (paid_in, end) {
        (Some(currency), _) if currency != from.balance.currency => {
            Problem::new(Field::Counterparty, "problem.counterparty.currency")
                .with("from", from.balance.currency)
                .with("to", currency)
        }
        (_, End::Own(to)) if to.id == from.id => {
            Problem::new(Field::Counterparty, "problem.counterparty.itself")
        }
        (_, End::Own(_)) => Problem::new(Field::Counterparty, "problem.counterparty.own"),
        (_, End::Counterparty(to)) => Problem::new(Field::Counterparty, "problem.counterparty.no_rail")
            .with("kind", &to.destination.kind),
    }
}

/// What the balance or the rail can't carry.
fn amount_problem(
    amount: Money,
    source: Option<&Account>,
    rail: Option<Rail>,
    numerals: Numerals,
) -> Option<Problem> {
    if let Some(account) = source
        && amount.minor > account.balance.minor
    {
        let problem = Problem::new(Field::Amount, "problem.amount.above_balance")
            .with("balance", crate::i18n::money(account.balance, numerals))
            .with("currency", amount.currency);
        return Some(problem);
    }
    let least = rail.and_then(Rail::at_least).filter(|least| amount.minor < least.minor)?;
    let least = format!("{} {}", least.currency, crate::i18n::money(least, numerals));
    Some(Problem::new(Field::Amount, "problem.amount.below_rail").with("least", least))
}

/// The currency in which a counterparty is paid: the destination's kind and country decide.
/// `None` for those that cannot be paid from a balance (payers of links, unknown kinds).
pub fn currency_of(counterparty: &Counterparty) -> Option<Currency> {
    rails::of_counterparty(counterparty).map(rails::currency)
}

/// No reason approves; one that rejects can be read as it was typed.
pub(super) fn verdict(reason: Option<&str>) -> Result<Verdict, Vec<Problem>> {
    let Some(reason) = reason.map(str::trim) else { return Ok(Verdict::Approve) };
    if reason.chars().count() < REASON_MIN {
        return Err(vec![Problem::new(Field::Reason, "problem.reason").with("min", REASON_MIN)]);
    }
    if Clean::new(reason).altered() {
        return Err(vec![Problem::new(Field::Reason, "problem.description.hidden")]);
    }
    Ok(Verdict::Reject { reason: reason.to_owned() })
}

/// A decision on what is on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionDraft {
    pub shown: Box<Movement>,
    /// `None` approves.
    pub reason: Option<String>,
}

impl DecisionDraft {
    pub fn validate(&self) -> Result<Checked, Vec<Problem>> {
        let verdict = verdict(self.reason.as_deref())?;
        Ok(Checked::of(Order::Decision(DecisionOrder {
            movement: self.shown.id.clone(),
            verdict,
            amount: self.shown.amount,
            source: self.shown.source.clone(),
            destination: self.shown.destination.clone(),
            destination_account: self.shown.destination_account.clone(),
            rail: self.shown.kind.clone(),
            destination_name: self.shown.destination_name.clone(),
            creator: self.shown.creator.clone(),
            shown: Fingerprint::of(&self.shown),
        })))
    }
}

/// A cobru as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CobruDraft {
    pub amount: String,
    pub description: String,
    pub expiration_days: String,
}

impl CobruDraft {
    pub fn validate(&self, numerals: Numerals) -> Result<Checked, Vec<Problem>> {
        let mut problems = Vec::new();
        let amount = match read_amount(&self.amount, Currency::Cop, numerals) {
            Ok(amount) if amount.minor < COBRU_MIN_MINOR => {
                let least = crate::i18n::money(Money::new(COBRU_MIN_MINOR, Currency::Cop), numerals);
                problems.push(Problem::new(Field::Amount, "problem.amount.too_small").with("least", least));
                None
            }
            Ok(amount) => Some(amount),
            Err(problem) => {
                problems.push(problem);
                None
            }
        };
        let description = self.description.trim();
        check_description(description, COBRU_DESCRIPTION_MAX, &mut problems);
        let days = match self.expiration_days.trim() {
            "" => Some(1),
            text => text.parse().ok().filter(|days| *days <= 365),
        };
        if days.is_none() {
            problems.push(Problem::new(Field::ExpirationDays, "problem.expiration_days"));
        }
        match (amount, days) {
            (Some(amount), Some(expiration_days)) if problems.is_empty() => {
                Ok(Checked::of(Order::Cobru(CobruOrder {
                    amount,
                    description: description.to_owned(),
                    expiration_days,
                    methods: vec![Method::Breb, Method::Pse, Method::Nequi],
                })))
            }
            _ => Err(problems),
        }
    }
}

/// What a refund says of itself unless a person says more.
pub fn refund_description(credit: &Transaction) -> String {
    format!("Reembolso {}", credit.id).chars().take(MOVEMENT_DESCRIPTION_MAX).collect()
}

/// Sends a SPEI credit back, whole: only its description is typed.
pub fn give_back(
    credit: &Transaction,
    account: Option<&Account>,
    description: &str,
) -> Result<Checked, Vec<Problem>> {
    let mut problems = Vec::new();
    let description = description.trim();
    check_description(description, MOVEMENT_DESCRIPTION_MAX, &mut problems);
    let account = account.filter(|account| can_pay(account));
    match account {
        Some(account) if problems.is_empty() => Ok(Checked::of(Order::Return(ReturnOrder {
            credit: credit.id.clone(),
            source: account.id.clone(),
            source_name: account.name.clone(),
            payer: credit.counterparty.clone(),
            amount: credit.amount,
            description: description.to_owned(),
        }))),
        Some(_) => Err(problems),
        None => {
            problems.push(Problem::new(Field::Source, "problem.source.cannot_pay"));
            Err(problems)
        }
    }
}

/// A refund before its credit's earlier ones are counted, or where they can't be.
pub fn refund_unknown() -> Problem {
    Problem::new(Field::Amount, "problem.amount.counting")
}

pub fn refund_uncounted() -> Problem {
    Problem::new(Field::Amount, "problem.amount.uncounted")
}

/// A refund of more than is left.
pub fn refund_exceeds(left: Money, numerals: Numerals) -> Problem {
    let left = format!("{} {}", left.currency, crate::i18n::money(left, numerals));
    Problem::new(Field::Amount, "problem.amount.above_credit").with("left", left)
}

/// A payer's order on one's own cobru holds by itself: nothing is typed.
pub fn breb_payment(cobru: CobruId, amount: Money) -> Checked {
    Checked::of(Order::Breb(BrebPaymentOrder { cobru, amount }))
}

pub(super) fn read_amount(text: &str, currency: Currency, numerals: Numerals) -> Result<Money, Problem> {
    let problem = |word| Problem::new(Field::Amount, word);
    match parse_money(text, currency) {
        Ok(amount) => Ok(amount),
        Err(AmountError::Empty) => Err(problem("problem.amount.missing")),
        Err(AmountError::NotPositive) => Err(problem("problem.amount.not_positive")),
        Err(AmountError::OtherCurrency) => Err(problem("problem.amount.currency").with("currency", currency)),
        Err(AmountError::Ambiguous { as_thousands, as_decimals }) => {
            let thousands = crate::i18n::money(as_thousands, numerals);
            Err(match as_decimals {
                Some(decimals) => problem("problem.amount.ambiguous")
                    .with("thousands", thousands)
                    .with("decimals", crate::i18n::money(decimals, numerals)),
                // As decimals it has more than the currency.
                None => problem("problem.amount.thousands").with("thousands", thousands),
            })
        }
        Err(AmountError::TooPrecise) => Err(problem("problem.amount.too_precise").with("currency", currency)),
        Err(AmountError::Overflow) => Err(problem("problem.amount.overflow")),
        Err(AmountError::Malformed) => Err(problem("problem.amount.malformed")),
    }
}

pub(super) fn check_description(text: &str, max: usize, problems: &mut Vec<Problem>) {
    let length = text.chars().count();
    if length == 0 {
        problems.push(Problem::new(Field::Description, "problem.description.missing"));
    } else if length > max {
        let problem = Problem::new(Field::Description, "problem.description.too_long");
        problems.push(problem.with("max", max).with("length", length));
    } else if Clean::new(text).altered() {
        problems.push(Problem::new(Field::Description, "problem.description.hidden"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ProviderName;
    use crate::domain::account::AccountKind;
    use crate::payments::testing::{account, draft, landlord, rent};

    fn problems(draft: &MovementDraft, account: Account, to: Counterparty) -> Vec<&'static str> {
        let (accounts, counterparties) = ([account], [to]);
        let known = Known { accounts: &accounts, counterparties: &counterparties, numerals: Numerals::EsCo };
        draft.validate(known).map_or_else(|found| found.iter().map(|p| p.word).collect(), |_| vec![])
    }

    fn with(change: impl Fn(&mut MovementDraft)) -> Vec<&'static str> {
        let mut typed = draft();
        change(&mut typed);
        problems(&typed, account(500_000_000), landlord("col", "ch"))
    }

    #[test]
    fn a_draft_that_holds_becomes_what_was_typed() {
        let Order::Movement(order) = rent().order().clone() else { panic!("a movement") };
        assert_eq!(order.amount, Money::new(120_000_000, Currency::Cop));
        assert_eq!((order.source.as_str(), order.destination.as_str()), ("acc_1", "cp_1"));
        assert_eq!(order.description, "Arriendo noviembre");
        assert_eq!(order.external_id, None);
    }

    #[test]
    fn every_field_that_does_not_hold_is_named_at_once_in_the_order_of_the_form() {
        assert_eq!(
            problems(&MovementDraft::default(), account(1), landlord("col", "ch")),
            [
                "problem.source.missing",
                "problem.counterparty.missing",
                "problem.amount.missing",
                "problem.description.missing"
            ]
        );
    }

    #[test]
    fn an_amount_is_asked_about_rather_than_guessed() {
        assert_eq!(with(|d| d.amount = "1.000".into()), ["problem.amount.ambiguous"]);
        assert_eq!(with(|d| d.amount = "1.234".into()), ["problem.amount.thousands"]);
        assert_eq!(with(|d| d.amount = "-5".into()), ["problem.amount.not_positive"]);
        assert_eq!(with(|d| d.amount = "0".into()), ["problem.amount.not_positive"]);
        assert_eq!(with(|d| d.amount = "1,234.567".into()), ["problem.amount.too_precise"]);
        assert_eq!(with(|d| d.amount = "mil".into()), ["problem.amount.malformed"]);
        assert_eq!(with(|d| d.amount = "99999999999999999999".into()), ["problem.amount.overflow"]);
        assert_eq!(with(|d| d.amount = "5000000,01".into()), ["problem.amount.above_balance"]);
        assert_eq!(with(|d| d.amount = "5000000,00".into()), [] as [&str; 0]);
    }

    #[test]
    fn a_description_fits_in_forty_characters_not_bytes() {
        assert_eq!(with(|d| d.description = "ñ".repeat(40)), [] as [&str; 0]);
        assert_eq!(with(|d| d.description = "ñ".repeat(41)), ["problem.description.too_long"]);
        assert_eq!(with(|d| d.description = "a\u{202e}b".into()), ["problem.description.hidden"]);
    }

    #[test]
    fn a_payment_never_crosses_currencies() {
        let mexican = landlord("mex", "clabe");
        let mut typed = draft();
        typed.reference = "1234567".into();
        assert_eq!(
            problems(&typed, account(500_000_000), mexican.clone()),
            ["problem.counterparty.currency"]
        );
        let pesos =
            Account { balance: Money::new(500_000_000, Currency::Mxn), geo: Clean::new("mex"), ..account(0) };
        assert_eq!(problems(&typed, pesos.clone(), mexican.clone()), [] as [&str; 0]);
        typed.reference = String::new();
        assert_eq!(problems(&typed, pesos, mexican), ["problem.reference"]);
        assert_eq!(
            problems(&draft(), account(500_000_000), landlord("col", "r2p")),
            ["problem.counterparty.no_rail"]
        );
    }

    #[test]
    fn only_an_open_balance_at_cobre_pays() {
        let change: [fn(&mut Account); 3] = [
            |account| account.provider = ProviderName::Cobru,
            |account| account.kind = AccountKind::Connected,
            |account| account.connected = false,
        ];
        for change in change {
            let mut source = account(500_000_000);
            change(&mut source);
            assert_eq!(problems(&draft(), source, landlord("col", "ch")), ["problem.source.cannot_pay"]);
        }
    }

    #[test]
    fn a_rejection_says_why() {
        let reject = |reason: &str| {
            let shown = Box::new(crate::payments::fingerprint::tests::movement());
            DecisionDraft { shown, reason: Some(reason.into()) }
                .validate()
                .map_err(|found| found.iter().map(|p| p.word).collect::<Vec<_>>())
        };
        assert_eq!(reject("   corto   ").err(), Some(vec!["problem.reason"]));
        assert_eq!(reject("no es de este\u{202e} mes").err(), Some(vec!["problem.description.hidden"]));
        assert!(reject("no es nuestro proveedor").is_ok());
    }

    #[test]
    fn a_cobru_holds_amount_description_and_days() {
        let check = |amount: &str, description: &str, days: &str| {
            let typed = CobruDraft {
                amount: amount.into(),
                description: description.into(),
                expiration_days: days.into(),
            };
            let found = typed.validate(Numerals::EsCo);
            found.map_or_else(|found| found.iter().map(|p| p.word).collect::<Vec<_>>(), |_| vec![])
        };
        assert_eq!(check("20000", "Pedido 123", ""), [] as [&str; 0]);
        assert_eq!(check("999,99", "Pedido", "1"), ["problem.amount.too_small"]);
        assert_eq!(check("20000", "Pedido", "366"), ["problem.expiration_days"]);
        assert_eq!(check("20000", &"a".repeat(226), "0"), ["problem.description.too_long"]);
    }
}
