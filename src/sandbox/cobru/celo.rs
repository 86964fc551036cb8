//! The Celo dollar (contract 12): a wallet for each user, sent from, and paid with. A wallet holds cents;
//! what the chain has beyond them is not kept.

use crate::domain::money::Currency;
use crate::sandbox::clock::Moment;
use crate::sandbox::world::World;

use super::amount;
use super::answer::Answer;
use super::body::Need;
use super::call::{Call, Reply};
use super::json::{self, Object};
use super::method::Method;
use super::pay::not_enabled;
use super::send::MOVE_MAX;
use super::state::{CobruState, Payer, UserIx};

/// Pesos of a dollar in hundred-thousandths, as `/settings/price_trm/` says.
const TRM: i128 = 414_549_237;
/// What changing pesos into Celo dollars costs, in percent [doc·st].
const EXCHANGE_PERCENT: i128 = 2;

/// Something that left a wallet.
#[derive(Debug, Clone)]
pub struct Sent {
    pub from: UserIx,
    pub to: String,
    /// Cents.
    pub amount: i64,
    pub at: Moment,
}

/// `GET /celo/`: makes the wallet when there is none; a balance has 18 decimals [doc·st].
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn wallet(world: &mut World, _: &Call<'_>, user: UserIx) -> Reply {
    let cents = world.ledger.balance(world.cobru.user(user).wallet);
    let balance = format!("{}{}", amount::text(cents), "0".repeat(16));
    let body = Object::new().text("address", &address(world, user)).text("balance", &balance);
    Ok(Answer::ok(body.end()))
}

fn address(world: &World, user: UserIx) -> String {
    format!("0x{}", world.cobru.letters("celo", user.0, 40, "0123456789abcdef"))
}

fn hash(world: &World, row: usize) -> String {
    format!("0x{}", world.cobru.letters("celo_tx", row, 64, "0123456789abcdef"))
}

fn refused(why: &str) -> Answer {
    Answer::json(400, Object::new().flag("success", false).text("error", why).end())
}

/// Takes cents out of a wallet, to another user's or away.
fn take(world: &mut World, from: UserIx, to: String, cents: i64) -> usize {
    let count = world.cobru.users.len();
    let other = (0..count).map(UserIx).find(|user| address(world, *user) == to);
    let target = match other {
        Some(user) => world.cobru.user(user).wallet,
        None => world.outside("celo", Currency::UsdStable),
    };
    let (source, row) = (world.cobru.user(from).wallet, world.cobru.celo.len());
    let lines = [(source, cents.saturating_neg()), (target, cents)];
    world.move_money(&format!("celo:{row}"), &lines).expect("the wallet was looked at before");
    let at = world.now;
    world.cobru.celo.push(Sent { from, to, amount: cents, at });
    row
}

/// `POST /celo/` [doc·st]: `wrong_data` for an address or an amount that is none, `balance` for too much.
pub fn send(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let to = fields.words("to", Need::Required, 100);
    let cents = fields.amount("amount", Need::Required, i64::MIN, MOVE_MAX);
    fields.check()?;
    let (to, cents) = (to.unwrap_or_default(), cents.unwrap_or_default());
    let digits = to.strip_prefix("0x").unwrap_or_default();
    if digits.len() != 40 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) || cents < 1 {
        return Err(refused("wrong_data"));
    }
    if cents > world.ledger.balance(world.cobru.user(user).wallet) {
        return Err(refused("balance"));
    }
    let row = take(world, user, to.to_ascii_lowercase(), cents);
    Ok(Answer::ok(Object::new().flag("success", true).text("tx", &hash(world, row)).end()))
}

/// Millionths of a dollar: what so many centavos are, and what the exchange costs on top.
fn in_dollars(centavos: i64) -> (i128, i128) {
    let dollars = i128::from(centavos).saturating_mul(1_000_000_000) / TRM;
    (dollars, dollars.saturating_mul(EXCHANGE_PERCENT) / 100)
}

fn decimal(millionths: i128) -> String {
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

/// `GET /pay_with_celo/?amount=30000`: pesos, and what they cost in Celo dollars [doc·st].
pub fn quote(world: &mut World, call: &Call<'_>, _: UserIx) -> Reply {
    let required = || Answer::field("amount", "This field is required.");
    let given = call.query("amount").filter(|given| !given.is_empty()).ok_or_else(required)?;
    let limits = &world.cobru.limits;
    let centavos = amount::parse(given).ok().filter(|centavos| (1..=limits.amount_max).contains(centavos));
    let centavos = centavos.ok_or_else(|| Answer::field("amount", "A valid number is required."))?;
    let (dollars, exchange) = in_dollars(centavos);
    let body = Object::new()
        .text("amount", given)
        .raw("trm", "4145.49237")
        .raw("celo_exchange_fee", "2.0")
        .raw("amount_usd", &decimal(dollars))
        .raw("exchange_fee", &decimal(exchange))
        .raw("total", &decimal(dollars.saturating_add(exchange)));
    Ok(Answer::ok(body.end()))
}

/// `POST /pay_with_celo/`: the caller pays somebody's cobru from the wallet; `result` is a number [doc·st].
pub fn pay(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let slug = fields.words("url", Need::Required, 40);
    fields.check()?;
    let unknown = || Answer::error(400, "NOT_FOUND");
    let cobru = world.cobru.find_cobru(&slug.unwrap_or_default()).ok_or_else(unknown)?;
    let link = world.cobru.cobru(cobru);
    match link.state {
        CobruState::Paid | CobruState::Refunded => return Err(Answer::result(400, "COBRU_IS_PAYED")),
        CobruState::Expired => return Err(Answer::result(400, "COBRU_EXPIRED")),
        CobruState::Created | CobruState::InProcess | CobruState::NotPaid => {}
    }
    if !link.enabled.iter().any(|flag| flag == "CUSD") {
        return Err(not_enabled(Method::CeloDollar));
    }
    if link.owner == user {
        return Err(Answer::result(403, "same_user"));
    }
    let (dollars, exchange) = in_dollars(link.shares.amount);
    let cents = i64::try_from((dollars + exchange + 9_999) / 10_000).unwrap_or(i64::MAX);
    if cents > world.ledger.balance(world.cobru.user(user).wallet) {
        return Err(refused("balance"));
    }
    let payer = world.cobru.user(user);
    let payer = Payer {
        name: Some(payer.name()),
        email: Some(payer.email.clone()),
        phone: Some(payer.phone.clone()),
        ..Payer::default()
    };
    let order = world.new_order(cobru, Method::CeloDollar, payer);
    let to = order.checkout.clone();
    let row = world.open_order(order, false);
    if !world.approve(row) {
        return Err(Answer::result(400, "LIMIT_BALANCE"));
    }
    take(world, user, to, cents);
    Ok(Answer::ok(Object::new().integer("result", 200).end()))
}

/// `POST /celo/account/`: nobody gets a mnemonic out of this sandbox [inf].
pub fn account(_: &mut World, _: &Call<'_>, _: UserIx) -> Reply {
    Err(Answer::detail(403, "Not available."))
}

/// `GET /celo/transactions/cusd/`: a value is a float, a time is seconds as text [doc·st].
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn transactions(world: &mut World, _: &Call<'_>, user: UserIx) -> Reply {
    let own = address(world, user);
    let row = |value: &str, from: &str, to: &str, hash: &str, at: Moment| {
        let at = at.seconds().to_string();
        let row = Object::new().raw("value", value).text("from", from).text("to", to);
        row.text("hash", hash).text("timestamp", &at).text("symbol", "cUSD").end()
    };
    let sent = world.cobru.celo.iter().enumerate().rev();
    let sent = sent.filter(|(_, made)| made.from == user || made.to == own).map(|(place, made)| {
        let from = address(world, made.from);
        row(&amount::float(made.amount), &from, &made.to, &hash(world, place), made.at)
    });
    let from = format!("0x{}", world.cobru.letters("celo_from", user.0, 40, "0123456789abcdef"));
    let hash = format!("0x{}", world.cobru.letters("celo_hash", user.0, 64, "0123456789abcdef"));
    let first = row("5.5e-06", &from, &own, &hash, world.start.plus_seconds(-864_000));
    Ok(Answer::ok(json::array(sent.chain([first]))))
}

/// `GET /crypto/rates/` [doc·st].
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn rates(_: &mut World, _: &Call<'_>, _: UserIx) -> Reply {
    let row = Object::new().text("currency", "CUSD").raw("usd", "1.03").raw("cop", "3893.7914");
    Ok(Answer::ok(json::array([row.end()])))
}
