//! Transfers to another Cobru user (contract 7.3, 7.4). They are final at once, and there is no key that
//! would keep a repeated one from being a second one.

use crate::domain::money::Currency;
use crate::sandbox::clock::Moment;
use crate::sandbox::world::World;

use super::answer::Answer;
use super::body::Need;
use super::call::{Call, Reply};
use super::json::{self, Object};
use super::state::{UserIx, pk};
use super::when;

pub const FIRST_SEND: i64 = 7_701;

#[derive(Debug, Clone)]
pub struct Transfer {
    pub pk: i64,
    pub from: UserIx,
    pub to: UserIx,
    pub amount: i64,
    pub at: Moment,
}

/// Most that a body may ask to move, in minor units: more than any balance holds.
pub const MOVE_MAX: i64 = 10_000_000_000_000;

/// The provider's words for a balance that is too low (contract 8.6) [doc].
pub fn not_enough() -> Answer {
    Answer::error(400, "not enough balance")
}

/// `POST /send/` [doc].
pub fn create(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    // The older manual's name of the field is read as well.
    let name = if !fields.has("to_user") && fields.has("toUser") { "toUser" } else { "to_user" };
    let to = fields.text_or_integer(name, Need::Required, 150);
    let amount = fields.amount("amount", Need::Required, 1, MOVE_MAX);
    fields.check()?;
    let (to, amount) = (to.unwrap_or_default(), amount.unwrap_or_default());
    let sender = world.cobru.user(user);
    if !sender.email_verified || !sender.phone_verified {
        return Err(Answer::error(403, "USER_NOT_VERIFIED"));
    }
    let to = world.cobru.user_by_name(&to).ok_or_else(|| Answer::error(404, "NOT_FOUND"))?;
    if to == user {
        return Err(Answer::error(400, "same_user"));
    }
    if world.pesos(user) < amount {
        return Err(not_enough());
    }
    if world.pesos(to).saturating_add(amount) > world.cobru.limits.balance_max {
        return Err(Answer::result(400, "LIMIT_BALANCE"));
    }
    let row = transfer(world, user, to, amount);
    Ok(Answer::ok(world.cobru.transfers.get(row).map(|made| rendered(world, made).end()).unwrap_or_default()))
}

/// Moves the money and remembers the transfer.
pub fn transfer(world: &mut World, from: UserIx, to: UserIx, amount: i64) -> usize {
    let row = world.cobru.transfers.len();
    let made = Transfer { pk: pk(FIRST_SEND, row), from, to, amount, at: world.now };
    let lines = [(world.cobru.user(from).pesos(), -amount), (world.cobru.user(to).pesos(), amount)];
    world.move_money(&format!("send:{}", made.pk), &lines).expect("both balances were looked at before");
    world.cobru.transfers.push(made);
    row
}

impl World {
    /// A user's pesos, in centavos.
    pub(super) fn pesos(&self, user: UserIx) -> i64 {
        self.ledger.balance(self.cobru.user(user).pesos())
    }

    pub(super) fn held(&self, user: UserIx, currency: Currency) -> i64 {
        self.cobru.user(user).account(currency).map_or(0, |account| self.ledger.balance(account))
    }
}

pub fn rendered(world: &World, made: &Transfer) -> Object {
    Object::new()
        .integer("pk", made.pk)
        .text("from_user", &world.cobru.user(made.from).username)
        .text("to_user", &world.cobru.user(made.to).username)
        .amount("amount", made.amount)
        .text("date", &when::iso_bogota_micros(made.at))
}

/// `GET /send/`: sent and received, newest first [doc·st].
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn list(world: &mut World, _: &Call<'_>, user: UserIx) -> Reply {
    let own = world.cobru.transfers.iter().rev().filter(|made| made.from == user || made.to == user);
    Ok(Answer::ok(json::array(own.map(|made| rendered(world, made).end()))))
}
