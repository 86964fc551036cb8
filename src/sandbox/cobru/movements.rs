//! The balance, and the history by families (contract 7.1, 7.2).

use crate::domain::money::Currency;
use crate::sandbox::clock::Moment;
use crate::sandbox::world::World;

use super::answer::Answer;
use super::call::{Call, Reply};
use super::cash::{CashState, CashWithdrawal};
use super::json::{self, Object};
use super::services::Purchase;
use super::state::UserIx;
use super::withdrawal::{self, Withdrawal};
use super::{cash, render, send};

/// Rows of a page: ten unless asked for, and at most so many [inf].
const PER_PAGE: usize = 10;
const PER_PAGE_MAX: usize = 1000;

/// `GET /balance/` [doc]: every figure is text with two decimals.
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn balance(world: &mut World, _: &Call<'_>, user: UserIx) -> Reply {
    let holder = world.cobru.user(user);
    let held = |currency| holder.account(currency).map_or(0, |account| world.ledger.balance(account));
    let body = Object::new()
        .amount_text("balance", held(Currency::Cop))
        .amount_text("balance_cop", held(Currency::Cop))
        .amount_text("balance_usd", held(Currency::Usd))
        .amount_text("balance_ars", held(Currency::Ars))
        .amount_text("balance_mxn", held(Currency::Mxn))
        .amount_text("balance_brl", held(Currency::Brl))
        .amount_text("pendingBalance", pending(world, user))
        .integer("saved", 0)
        .integer("profits", 0);
    Ok(Answer::ok(body.end()))
}

/// What withdrawals that are still under way took off the balance, in pesos [inf].
fn pending(world: &World, user: UserIx) -> i64 {
    let bank =
        world.cobru.withdrawals.iter().filter(|made| {
            made.owner == user && made.state.is_open() && made.order.currency == Currency::Cop
        });
    let cash = world.cobru.cash.iter().filter(|made| made.owner == user && made.state == CashState::Pending);
    bank.map(|made| made.order.shares.amount).chain(cash.map(|made| made.amount)).sum()
}

/// `GET /movements/movements_by_types/` [doc]: one family, newest first. A page past the end is empty.
pub fn list(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let families = ["by_cobrus", "by_withdraws", "by_sends", "by_other_payments"];
    let mut wanted = families.into_iter().filter(|family| call.query(family) == Some("true"));
    let (Some(family), None) = (wanted.next(), wanted.next()) else {
        return Err(Answer::error(400, "Solo se permite un tipo de movimiento."));
    };
    let per_page = call.page_parameter("per_page", PER_PAGE, PER_PAGE_MAX)?;
    let page = call.page_parameter("page_num", 1, usize::MAX)?;
    let skip = page.saturating_sub(1).saturating_mul(per_page);
    // A row that went away since the page before moves every later page by one (a fault).
    let skip = if page > 1 { skip.saturating_add(call.shift) } else { skip };
    let (count, rows) = match family {
        "by_cobrus" => {
            let own: Vec<usize> = (0..world.cobru.cobrus.len())
                .rev()
                .filter(|row| world.cobru.cobru(*row).owner == user)
                .collect();
            let page = own.iter().skip(skip).take(per_page);
            (own.len(), page.map(|row| render::movement(world.cobru.cobru(*row))).collect())
        }
        "by_withdraws" => {
            let own: Vec<Withdrawn<'_>> = withdrawn(world, user);
            let page = own.iter().skip(skip).take(per_page);
            (own.len(), page.map(|made| made.rendered(world)).collect())
        }
        "by_sends" => {
            let own: Vec<_> = world
                .cobru
                .transfers
                .iter()
                .rev()
                .filter(|made| made.from == user || made.to == user)
                .collect();
            let page = own.iter().skip(skip).take(per_page);
            (own.len(), page.map(|made| send::rendered(world, made).text("type", "send").end()).collect())
        }
        _ => {
            let own: Vec<_> = world.cobru.purchases.iter().rev().filter(|made| made.owner == user).collect();
            let page = own.iter().skip(skip).take(per_page);
            (own.len(), page.map(|made| purchase(made)).collect())
        }
    };
    Ok(Answer::ok(enclosed(count, rows)))
}

/// A row of `by_withdraws`: to a bank, or in cash.
enum Withdrawn<'a> {
    Bank(&'a Withdrawal),
    Cash(&'a CashWithdrawal),
}

impl Withdrawn<'_> {
    const fn at(&self) -> Moment {
        match self {
            Self::Bank(made) => made.created,
            Self::Cash(made) => made.created,
        }
    }

    fn rendered(&self, world: &World) -> String {
        match self {
            Self::Bank(made) => withdrawal::record(world, made),
            Self::Cash(made) => cash::rendered(world, made).text("type", "cash_withdraw").end(),
        }
    }
}

/// A user's withdrawals of both kinds, newest first.
fn withdrawn(world: &World, user: UserIx) -> Vec<Withdrawn<'_>> {
    let bank = world.cobru.withdrawals.iter().filter(|made| made.owner == user).map(Withdrawn::Bank);
    let cash = world.cobru.cash.iter().filter(|made| made.owner == user).map(Withdrawn::Cash);
    let mut all: Vec<Withdrawn<'_>> = bank.chain(cash).collect();
    // Both lists are oldest first: stable, then turned round.
    all.sort_by_key(Withdrawn::at);
    all.reverse();
    all
}

fn purchase(made: &Purchase) -> String {
    Object::new()
        .text("type", made.kind.word())
        .integer("pk", made.pk)
        .amount_text("amount", made.amount)
        .text("description", &made.description)
        .integer("date_created", made.at.millis())
        .end()
}

/// The enclosing object; the sample of it is broken, so this is one of the forms that clients read [inf].
fn enclosed(count: usize, rows: Vec<String>) -> String {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    Object::new().raw("result", &json::array(rows)).integer("count", count).integer("status", 200).end()
}
