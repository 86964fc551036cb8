//! What `/_sandbox/` asks of Cobru: a payer pays or refuses, a cobru is refunded, cash is collected, and
//! the list of all payments.

use serde_json::{Value, json};

use crate::domain::money::Currency;
use crate::sandbox::control::{ControlError, Payment};
use crate::sandbox::world::World;

use super::cash::{self, CashState};
use super::method::Method;
use super::state::{Cobru, CobruState};

/// A payer pays (or refuses) the newest open order of a cobru; without one he opens the link and pays by
/// the first method that it allows.
pub fn pay(world: &mut World, slug: &str, refuse: bool) -> Result<Value, ControlError> {
    let cobru = find(world, slug)?;
    let order = world.order_to_pay(cobru, None).ok_or_else(|| closed(world, cobru))?;
    Ok(finish(world, order, refuse))
}

/// A payer pays `amount` to the key of a QR code. `None`: no order of ours has the key.
pub fn pay_key(world: &mut World, key: &str, amount: Option<i64>) -> Option<Result<Value, ControlError>> {
    let order = world.cobru.find_order_by_key(key)?;
    let cobru = world.cobru.order(order).cobru;
    let asked = world.cobru.cobru(cobru).shares.amount;
    if amount.is_some_and(|amount| amount != asked) {
        return Some(Err(ControlError::conflict(format!("the code of {key} says {asked}"))));
    }
    if !world.cobru.open_orders(cobru).any(|open| open == order) {
        return Some(Err(closed(world, cobru)));
    }
    Some(Ok(finish(world, order, false)))
}

fn finish(world: &mut World, order: usize, refuse: bool) -> Value {
    if refuse {
        world.reject(order);
    } else {
        world.approve(order);
    }
    let order = world.cobru.order(order);
    let link = world.cobru.cobru(order.cobru);
    json!({
        "cobru": link.slug,
        "state": link.state.number(),
        "order": order.gateway_id,
        "order_state": order.state.word(),
        "amount": link.shares.amount,
        "payed_amount": link.shares.payed,
    })
}

fn find(world: &World, slug: &str) -> Result<usize, ControlError> {
    world.cobru.find_cobru(slug).ok_or_else(|| ControlError::new(format!("no cobru is called {slug}")))
}

fn closed(world: &World, cobru: usize) -> ControlError {
    let link = world.cobru.cobru(cobru);
    ControlError::conflict(format!("{} can't be paid in state {}", link.slug, link.state.number()))
}

/// A paid cobru is given back to its payer; no endpoint of the provider does it [doc].
pub fn refund(world: &mut World, slug: &str) -> Result<Value, ControlError> {
    let cobru = find(world, slug)?;
    if world.cobru.cobru(cobru).state != CobruState::Paid {
        return Err(ControlError::conflict(format!("{slug} is not paid")));
    }
    if !world.refund_cobru(cobru) {
        return Err(ControlError::conflict("the balance is too low to give it back"));
    }
    Ok(json!({ "cobru": slug, "state": world.cobru.cobru(cobru).state.number() }))
}

/// A cash withdrawal is collected.
pub fn collect(world: &mut World, withdrawal: &str) -> Result<Value, ControlError> {
    let row = cash::find(world, withdrawal)
        .ok_or_else(|| ControlError::new(format!("no withdrawal is called {withdrawal}")))?;
    if !world.collect_cash(row) {
        return Err(ControlError::conflict(format!("{withdrawal} is not waiting")));
    }
    Ok(json!({ "withdrawal": withdrawal, "state": CashState::Paid.number() }))
}

fn payment(world: &World, link: &Cobru) -> Payment {
    let owner = world.cobru.user(link.owner);
    let key = link.idempotency_key.strip_prefix(&format!("{}_", owner.phone));
    Payment {
        provider: "cobru",
        id: link.slug.clone(),
        kind: "cobru".to_owned(),
        key: key.map(str::to_owned),
        external_id: None,
        state: link.state.number().to_string(),
        amount: link.shares.amount,
        currency: "COP".to_owned(),
        source: format!("outside:payers:{}", link.method.map_or("unknown", Method::name)),
        destination: world.ledger.account(owner.pesos()).id.clone(),
    }
}

/// The links that can still be paid.
pub fn open_links(world: &World, payments: &mut Vec<Payment>) {
    use CobruState::{Created, InProcess, NotPaid};
    let links = world.cobru.cobrus.iter().filter(|link| matches!(link.state, Created | InProcess | NotPaid));
    payments.extend(links.map(|link| payment(world, link)));
}

/// Adds Cobru's payments to the ledger's answer: cobrus as money that comes, the rest as money that goes.
pub fn payments(world: &World, payments: &mut Vec<Payment>) {
    payments.extend(world.cobru.cobrus.iter().map(|link| payment(world, link)));
    let account = |user, currency| {
        let account = world.cobru.user(user).account(currency);
        account.map(|account| world.ledger.account(account).id.clone()).unwrap_or_default()
    };
    payments.extend(world.cobru.withdrawals.iter().map(|made| Payment {
        provider: "cobru",
        id: made.pk.to_string(),
        kind: made.order.family.kind().to_owned(),
        key: made.order.idempotency_key.clone(),
        external_id: None,
        state: made.state.word().to_owned(),
        amount: made.order.shares.amount,
        currency: made.order.currency.code().to_owned(),
        source: account(made.owner, made.order.currency),
        destination: made.order.account_number.clone(),
    }));
    let pesos = |kind: &str, pk: i64, state: String, amount, source, destination| Payment {
        provider: "cobru",
        id: pk.to_string(),
        kind: kind.to_owned(),
        key: None,
        external_id: None,
        state,
        amount,
        currency: "COP".to_owned(),
        source,
        destination,
    };
    payments.extend(world.cobru.cash.iter().map(|made| {
        let (state, source) = (made.state.number().to_string(), account(made.owner, Currency::Cop));
        pesos("cash_withdraw", made.pk, state, made.amount, source, made.document.clone())
    }));
    payments.extend(world.cobru.transfers.iter().map(|made| {
        let (source, destination) = (account(made.from, Currency::Cop), account(made.to, Currency::Cop));
        pesos("send", made.pk, "completed".to_owned(), made.amount, source, destination)
    }));
    payments.extend(world.cobru.purchases.iter().map(|made| {
        let source = account(made.owner, Currency::Cop);
        let destination = world.ledger.account(made.to).id.clone();
        pesos(made.kind.word(), made.pk, "completed".to_owned(), made.amount, source, destination)
    }));
}
