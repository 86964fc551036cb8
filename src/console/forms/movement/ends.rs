//! The two ends of a payment as they are picked: from which balance, to whom, in which token.

use crate::console::model::Model;
use crate::console::panes::balances;
use crate::console::panes::counterparties::destination_text;
use crate::console::widgets::form::Choice;
use crate::domain::account::{Account, AccountKind};
use crate::domain::counterparty::Counterparty;
use crate::domain::id::CounterpartyId;
use crate::i18n::{fold, money};
use crate::payments::draft::currency_of;
use crate::payments::order::Payee;
use crate::payments::payee;
use crate::payments::rails;
use crate::sanitize::Clean;

/// Balances, with those that cannot pay greyed.
pub fn sources(model: &Model) -> Vec<Choice> {
    let pays = |account: &Account| {
        let provider = model.facts.providers.iter().find(|(name, _)| *name == account.provider);
        account.kind == AccountKind::Balance
            && account.connected
            && provider.is_some_and(|(_, can)| can.movements)
    };
    let look = model.look();
    let row = |account: &Account| {
        let balance = format!("{} {}", account.balance.currency, money(account.balance, look.numerals));
        let why = (!pays(account)).then(|| look.lang.word("problem.source.cannot_pay"));
        Choice::new(&account.id, &account.name, Clean::new(&balance), account.number.as_str())
            .figures()
            .barred(why)
    };
    balances::accounts(model).map(row).collect()
}

/// Whom can be paid: counterparties, own balances, and one that is yet to be registered.
pub fn destinations(model: &Model) -> Vec<Choice> {
    let look = model.look();
    let row = |to: &Counterparty| {
        let beside = destination_text(to, &look, model.seat.actor.role);
        let why = look.lang.say("problem.counterparty.no_rail", &[("kind", &to.destination.kind)]);
        let why = currency_of(to).is_none().then_some(why);
        let also = format!("{} {} {}", to.holder, to.document, to.destination.account);
        Choice::new(&to.id, &to.name, Clean::new(&beside), &also).barred(why.as_deref())
    };
    let own = |account: &Account| {
        let beside = format!("{} {}", look.lang.word("form.own_balance"), account.balance.currency);
        Choice::new(&account.id, &account.name, Clean::new(&beside), account.number.as_str())
    };
    let mut choices: Vec<(String, Choice)> =
        model.facts.counterparties.rows().map(|to| (fold(to.name.as_str()), row(to))).collect();
    let accounts = balances::accounts(model).filter(|account| rails::can_pay(account));
    choices.extend(accounts.map(|account| (fold(account.name.as_str()), own(account))));
    choices.sort_by(|(a, _), (b, _)| a.cmp(b));
    let name = Clean::new(&format!("+ {}", look.lang.word("form.new_counterparty")));
    let new = Choice::new(payee::NEW, &name, Clean::default(), "new nueva");
    choices.into_iter().map(|(_, choice)| choice).chain([new]).collect()
}

/// What was picked: an own balance, else a counterparty.
pub fn destination(id: &str, model: &Model) -> Option<Payee> {
    let own = model.facts.accounts.rows().find(|account| account.id.as_str() == id);
    own.map(|account| account.id.clone().into()).or_else(|| CounterpartyId::new(id).ok().map(Into::into))
}

/// Tokens of the chain that a counterparty's wallet is on.
pub(super) fn tokens(to: &Counterparty) -> Vec<Choice> {
    let tokens = rails::tokens(to.destination.institution.as_str());
    let choice = |token: &str| {
        Choice::new(token, &Clean::new(&token.to_uppercase()), to.destination.institution.clone(), "")
    };
    tokens.into_iter().map(choice).collect()
}
