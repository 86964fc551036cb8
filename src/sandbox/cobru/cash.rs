//! Cash withdrawals (contract 8.6): the money waits outside until somebody collects it with the reference.
//! Some refusals come with status 200.

use crate::domain::money::Currency;
use crate::sandbox::clock::Moment;
use crate::sandbox::world::World;

use super::answer::Answer;
use super::body::Need;
use super::call::{Call, Reply};
use super::callbacks::FORM;
use super::event::CobruEvent;
use super::json::{self, Object};
use super::send::{MOVE_MAX, not_enough};
use super::state::{UserIx, pk, row};
use super::when;
use super::withdraw::encoded;

pub const FIRST_CASH: i64 = 123_401;
/// The methods known; `baloto` existed [doc·st].
const METHODS: [&str; 2] = ["efecty", "baloto"];

/// The state of a cash withdrawal: the table of [doc], which is not that of the bank's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CashState {
    Pending,
    Paid,
    Cancelled,
    Expired,
}

impl CashState {
    pub const fn number(self) -> i64 {
        match self {
            Self::Pending => 0,
            Self::Paid => 2,
            Self::Cancelled => 4,
            Self::Expired => 5,
        }
    }
}

#[derive(Debug, Clone)]
pub struct CashWithdrawal {
    pub pk: i64,
    pub owner: UserIx,
    pub method: String,
    /// Who collects.
    pub document: String,
    pub name: String,
    /// What left the balance.
    pub amount: i64,
    pub fee: i64,
    pub created: Moment,
    /// When it was collected, cancelled or ran out.
    pub ended: Option<Moment>,
    pub state: CashState,
    pub callback: Option<String>,
}

/// A coupon's effect: `Ok` is without commission; `Err` is an error with status 200 [doc].
fn coupon_ends(coupon: Option<&str>) -> Result<bool, Answer> {
    match coupon {
        None => Ok(false),
        Some("COBRU") => Ok(true),
        Some("AJENO") => Err(Answer::error(200, "BAD_USER")),
        Some("VENCIDO") => Err(Answer::error(200, "EXPIRED")),
        Some("AGOTADO") => Err(Answer::error(200, "ALL_USED")),
        Some(_) => Err(Answer::error(200, "NOT_FOUND")),
    }
}

/// `POST /cashwithdraw/` [doc]. The answer's `amount` is what is handed out.
pub fn create(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let method = fields.words("method", Need::Required, 40);
    let document = fields.text_or_integer("document", Need::Required, 40);
    let name = fields.words("name", Need::Required, 150);
    let amount = fields.amount_or_text("amount", Need::Required, 100, MOVE_MAX);
    let days = fields.text_or_integer("exp_days", Need::Required, 10);
    let days = days.and_then(|days| {
        let number = days.parse::<i64>().ok().filter(|number| (0..=3650).contains(number));
        if number.is_none() {
            fields.wrong("exp_days", "A valid integer is required.");
        }
        number
    });
    let coupon = fields.words("coupon", Need::Optional, 100);
    let callback = fields.words("callback", Need::Optional, 500);
    let estimate = fields.flag("estimate", Need::Optional);
    fields.check()?;
    let (method, document, name) =
        (method.unwrap_or_default(), document.unwrap_or_default(), name.unwrap_or_default());
    let (amount, days) = (amount.unwrap_or_default(), days.unwrap_or_default());
    if !METHODS.contains(&method.as_str()) {
        let body = Object::new().text("message", "unknown method").flag("error", true);
        return Err(Answer::json(400, body.end()));
    }
    let is_free = coupon_ends(coupon.as_deref())?;
    let fee = if is_free { 0 } else { world.cobru.tariff.cash(amount) };
    if world.pesos(user) < amount {
        return Err(not_enough());
    }
    let accepted = |reference: i64| {
        let body = Object::new()
            .text("status", "ok")
            .text("document", &document)
            .integer("ref", reference)
            .amount("amount", amount.saturating_sub(fee));
        Answer::ok(body.end())
    };
    if estimate == Some(true) {
        return Ok(accepted(0));
    }
    let withdrawal = CashWithdrawal {
        pk: pk(FIRST_CASH, world.cobru.cash.len()),
        owner: user,
        method,
        document: document.clone(),
        name,
        amount,
        fee,
        created: world.now,
        ended: None,
        state: CashState::Pending,
        callback,
    };
    let reference = withdrawal.pk;
    let row = book(world, withdrawal);
    world.later(when::end_of_day(world.now, days), CobruEvent::CashEnds { cash: row });
    Ok(accepted(reference))
}

/// Takes the money off the balance and remembers the withdrawal.
pub fn book(world: &mut World, withdrawal: CashWithdrawal) -> usize {
    let account = world.cobru.user(withdrawal.owner).pesos();
    let transit = world.outside("cobru:transit", Currency::Cop);
    let lines = [(account, withdrawal.amount.saturating_neg()), (transit, withdrawal.amount)];
    world.move_money(&format!("cash:{}", withdrawal.pk), &lines).expect("the balance was looked at before");
    world.cobru.cash.push(withdrawal);
    world.cobru.cash.len().saturating_sub(1)
}

impl World {
    /// Somebody collects the cash. Answers whether it was still there.
    pub(super) fn collect_cash(&mut self, row: usize) -> bool {
        let Some(made) = self.cobru.cash.get(row).filter(|made| made.state == CashState::Pending) else {
            return false;
        };
        let (pk, amount, fee, method) = (made.pk, made.amount, made.fee, made.method.clone());
        let lines = [
            (self.outside("cobru:transit", Currency::Cop), amount.saturating_neg()),
            (self.outside(&format!("cash:{method}"), Currency::Cop), amount.saturating_sub(fee)),
            (self.outside("cobru:fees", Currency::Cop), fee),
        ];
        self.move_money(&format!("cash:{pk}"), &lines).expect("what waits outside is what is handed out");
        self.finish_cash(row, CashState::Paid);
        true
    }

    /// The last day to collect is over.
    pub(super) fn end_cash(&mut self, row: usize) {
        self.return_cash(row, CashState::Expired);
    }

    /// The money goes back to the balance, if nobody collected it.
    fn return_cash(&mut self, row: usize, state: CashState) -> bool {
        let Some(made) = self.cobru.cash.get(row).filter(|made| made.state == CashState::Pending) else {
            return false;
        };
        let (pk, amount, owner) = (made.pk, made.amount, made.owner);
        let transit = self.outside("cobru:transit", Currency::Cop);
        let lines = [(transit, amount.saturating_neg()), (self.cobru.user(owner).pesos(), amount)];
        self.move_money(&format!("cash:{pk}"), &lines).expect("it fitted before it left");
        self.finish_cash(row, state);
        true
    }

    fn finish_cash(&mut self, row: usize, state: CashState) {
        let now = self.now;
        let Some(made) = self.cobru.cash.get_mut(row) else { return };
        (made.state, made.ended) = (state, Some(now));
        let Some(url) = made.callback.clone() else { return };
        let date = |wanted: CashState| if state == wanted { when::plain(now) } else { String::new() };
        let fields = [
            ("id", made.pk.to_string()),
            ("date_created", when::plain(made.created)),
            ("date_deposited", date(CashState::Paid)),
            ("date_consigned", String::new()),
            ("date_rejected", date(CashState::Expired)),
            ("date_cancelled", date(CashState::Cancelled)),
            ("state", state.number().to_string()),
            ("amount", super::amount::number(made.amount)),
            ("name", made.name.clone()),
            ("document", made.document.clone()),
        ];
        let form: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let about = made.pk.to_string();
        // Form-encoded, other than every other callback [doc·st].
        self.call_back(url, about, FORM, form.join("&"));
    }
}

/// One row of the list.
pub fn rendered(world: &World, made: &CashWithdrawal) -> Object {
    let owner = world.cobru.user(made.owner);
    Object::new()
        .integer("pk", made.pk)
        .amount("amount", made.amount)
        .text("date", &when::iso_bogota(made.created))
        .text("from_user", &owner.username)
        .text("from_user_phone", &owner.phone)
        .text("to_user", &made.name)
        .text("to_user_phone", "N/A")
        .text("method", &made.method)
        .integer("state", made.state.number())
        .text_or_null("callback", made.callback.as_deref())
}

/// `GET /cashwithdraw/` [doc].
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn list(world: &mut World, _: &Call<'_>, user: UserIx) -> Reply {
    let own = world.cobru.cash.iter().rev().filter(|made| made.owner == user);
    Ok(Answer::ok(json::array(own.map(|made| rendered(world, made).end()))))
}

/// The row of an id written in digits.
pub fn find(world: &World, digits: &str) -> Option<usize> {
    let row = row(FIRST_CASH, digits.parse().ok()?)?;
    world.cobru.cash.get(row).map(|_| row)
}

fn own(world: &World, digits: &str, user: UserIx) -> Option<usize> {
    find(world, digits).filter(|row| world.cobru.cash.get(*row).is_some_and(|made| made.owner == user))
}

/// `GET /cashwithdraw/{id}` [doc].
pub fn detail(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let made = own(world, call.segment(1), user).and_then(|row| world.cobru.cash.get(row));
    made.map(|made| Answer::ok(rendered(world, made).end())).ok_or_else(Answer::not_found)
}

/// `POST /cancelcashwithdraw/`: a second time is no error [doc·st].
pub fn cancel(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let id = fields.text_or_integer("id", Need::Required, 30);
    fields.check()?;
    let impossible = || Answer::error(400, "El retiro no puede ser cancelado");
    let row = own(world, &id.unwrap_or_default(), user).ok_or_else(impossible)?;
    if world.cobru.cash.get(row).is_some_and(|made| made.state == CashState::Cancelled) {
        return Ok(Answer::message(200, "El retiro ha sido cancelado anteriormente"));
    }
    if !world.return_cash(row, CashState::Cancelled) {
        return Err(impossible());
    }
    Ok(Answer::message(200, "Retiro cancelado exitosamente"))
}
