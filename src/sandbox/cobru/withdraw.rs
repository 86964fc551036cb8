//! Withdrawals to a bank account or a Bre-B key, and the record that all kinds share (contract 8.2–8.4).
//! The money leaves the balance at creation, waits outside, and is paid out or comes back.

use std::fmt::Write as _;

use crate::domain::money::Currency;
use crate::sandbox::clock::Moment;
use crate::sandbox::world::World;

use super::answer::Answer;
use super::banks;
use super::body::{Fields, Need};
use super::call::{Call, Reply};
use super::callbacks::JSON;
use super::event::{CobruEvent, Step};
use super::json::{self, Object};
use super::pay::looks_like_email;
use super::send::{MOVE_MAX, not_enough};
use super::state::{UserIx, pk, row};
use super::withdrawal::{Family, Order, WithdrawState, Withdrawal, record};
use super::{amount, pdf, when};

pub const FIRST_WITHDRAWAL: i64 = 213_401;
/// Rows of a page of the list [inf].
const PER_PAGE: usize = 20;

/// `POST /thirdpartywithdraw/` [doc].
pub fn create(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let amount = fields.amount("amount", Need::Required, 1, MOVE_MAX);
    let holder = fields.words("account_holder_name", Need::Required, 150);
    let account_type = code(&fields, "account_type", &[("0", "savings"), ("1", "checking")]);
    let document = fields.words("account_holder_document", Need::Required, 40);
    let kinds = [("0", "CC"), ("1", "CE"), ("2", "TI"), ("3", "NIT"), ("4", "PA")];
    let document_type = code(&fields, "account_holder_document_type", &kinds);
    let number = fields.text_or_integer("account_number", Need::Required, 34);
    if number.as_deref().is_some_and(|number| !number.bytes().all(|byte| byte.is_ascii_digit())) {
        fields.wrong("account_number", "A valid integer is required.");
    }
    let phone = fields.words("account_phone", Need::Required, 30);
    let email = fields.text_up_to("account_email", Need::Required, 254);
    let given_bank = fields.text_or_integer("bank_name", Need::Optional, 100);
    let bank = given_bank.as_deref().and_then(|given| {
        let found = banks::withdraw_bank(given);
        if found.is_none() {
            fields.wrong("bank_name", &format!("Invalid pk \"{given}\" - object does not exist."));
        }
        found
    });
    let common = Common::read(&fields);
    fields.check()?;
    let order = Order {
        family: Family::Bank,
        currency: Currency::Cop,
        shares: world.cobru.tariff.bank_withdraw(amount.unwrap_or_default()),
        account_number: number.unwrap_or_default(),
        account_type: account_type.unwrap_or_default(),
        bank: bank.map(|(_, name)| name.to_owned()).unwrap_or_default(),
        bank_id: bank.map(|(id, _)| id),
        holder: holder.unwrap_or_default(),
        document: document.unwrap_or_default(),
        document_type: document_type.unwrap_or_default(),
        phone: phone.unwrap_or_default(),
        email: email.unwrap_or_default(),
        description: common.description,
        callback: common.callback,
        idempotency_key: common.idempotency_key,
    };
    accept(world, user, order)
}

/// `POST /withdraw/co/` [doc: path, doc·st: shape].
pub fn create_breb(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let amount = fields.amount("amount", Need::Required, 1, MOVE_MAX);
    let holder = fields.words("account_holder_name", Need::Required, 150);
    let key = fields.words("key_value", Need::Required, 92);
    if key.as_deref().is_some_and(|key| !is_breb_key(key)) {
        fields.wrong("key_value", "This is not a valid Bre-B key.");
    }
    if fields.has("account_type") {
        code(&fields, "account_type", &[("8", "8")]);
    }
    let common = Common::read(&fields);
    fields.check()?;
    let order = Order {
        family: Family::Breb,
        currency: Currency::Cop,
        shares: world.cobru.tariff.bank_withdraw(amount.unwrap_or_default()),
        account_number: key.unwrap_or_default(),
        account_type: 8,
        bank: "Bre-B".to_owned(),
        bank_id: None,
        holder: holder.unwrap_or_default(),
        document: String::new(),
        document_type: 0,
        phone: String::new(),
        email: String::new(),
        description: common.description,
        callback: common.callback,
        idempotency_key: common.idempotency_key,
    };
    accept(world, user, order)
}

/// Optional fields of every kind.
#[derive(Debug)]
pub struct Common {
    pub description: Option<String>,
    pub callback: Option<String>,
    pub idempotency_key: Option<String>,
}

impl Common {
    pub fn read(fields: &Fields) -> Self {
        Self {
            description: fields.words("description", Need::Optional, 240),
            callback: fields.words("callback", Need::Optional, 500),
            idempotency_key: fields.words("idempotency_key", Need::Optional, 200),
        }
    }
}

/// A code that comes as a number, as its digits, or as a word: its number.
pub fn code(fields: &Fields, name: &str, words: &[(&str, &str)]) -> Option<i64> {
    let given = fields.text_or_integer(name, Need::Required, 40)?;
    let known = words.iter().find(|(digits, word)| *digits == given || *word == given);
    if known.is_none() {
        fields.wrong(name, &format!("\"{given}\" is not a valid choice."));
    }
    known.and_then(|(digits, _)| digits.parse().ok())
}

/// Phone, document, e-mail or alias (contract 8.3).
fn is_breb_key(key: &str) -> bool {
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match key.strip_prefix('@') {
        Some(alias) => (5..=20).contains(&alias.len()) && plain(alias),
        None if key.contains('@') => looks_like_email(key),
        None => {
            let bare = key.strip_prefix('+').unwrap_or(key);
            (4..=20).contains(&bare.len()) && plain(bare)
        }
    }
}

/// Takes a withdrawal that was read: refuses what the balance or the key forbids, else books it.
pub fn accept(world: &mut World, user: UserIx, order: Order) -> Reply {
    if order.shares.payed <= 0 {
        return Err(Answer::field("amount", "El valor no cubre la comisión."));
    }
    let key = order.idempotency_key.clone().map(|key| (user, order.family, key));
    if key.is_some_and(|key| world.cobru.withdrawal_keys.contains(&key)) {
        return Err(Answer::error(400, "double_idempotency_key_in_thirdparty"));
    }
    if world.held(user, order.currency) < order.shares.amount {
        return Err(not_enough());
    }
    let row = book(world, user, order);
    plan(world, row);
    Ok(Answer::created(record(world, world.cobru.withdrawal(row))))
}

/// Takes the money off the balance and remembers the withdrawal.
pub fn book(world: &mut World, user: UserIx, order: Order) -> usize {
    let row = world.cobru.withdrawals.len();
    let pk = pk(FIRST_WITHDRAWAL, row);
    let account = world.cobru.user(user).account(order.currency);
    let transit = world.outside("cobru:transit", order.currency);
    if let Some(account) = account {
        let lines = [(account, order.shares.amount.saturating_neg()), (transit, order.shares.amount)];
        world.move_money(&format!("withdrawal:{pk}"), &lines).expect("the balance was looked at before");
    }
    let created = world.now;
    if let Some(key) = &order.idempotency_key {
        world.cobru.withdrawal_keys.insert((user, order.family, key.clone()));
    }
    world.cobru.withdrawals.push(Withdrawal {
        pk,
        owner: user,
        order,
        state: WithdrawState::Created,
        note: None,
        created,
        deposited: None,
        consigned: None,
        rejected: None,
    });
    row
}

/// Sets what becomes of a withdrawal, by its account (contract 15.1).
fn plan(world: &mut World, row: usize) {
    let order = &world.cobru.withdrawal(row).order;
    let ends_in = |digits: &str| order.account_number.ends_with(digits);
    let steps: &[(i64, Step)] = match order.family {
        Family::Bank if ends_in("0000") => {
            &[(5, Step::Process), (30, Step::Reject("R010 Cuenta no autorizada"))]
        }
        Family::Bank if ends_in("0001") => &[
            (5, Step::Process),
            (30, Step::Note("P002 Pendiente por duplicado")),
            (120, Step::Fail("P002 Pendiente por duplicado")),
        ],
        Family::Bank if ends_in("0002") => {
            &[(5, Step::Process), (30, Step::Fail("E001 Error en el registro"))]
        }
        Family::Bank => &[(5, Step::Process), (30, Step::Deposit), (60, Step::Consign)],
        Family::Breb if order.account_number.eq_ignore_ascii_case("@NOEXISTE") => {
            &[(3, Step::Reject("La llave no existe"))]
        }
        Family::Breb => &[(3, Step::Deposit), (5, Step::Consign)],
        Family::Brazil | Family::Mexico | Family::Argentina => {
            &[(5, Step::Process), (300, Step::Deposit), (600, Step::Consign)]
        }
    };
    for (after, step) in steps {
        let at = world.now.plus_seconds(*after);
        world.later(at, CobruEvent::Withdrawal { withdrawal: row, step: *step });
    }
}

impl World {
    /// A withdrawal goes on; one that has ended stays as it is.
    pub(super) fn step_withdrawal(&mut self, row: usize, step: Step) {
        let state = self.cobru.withdrawal(row).state;
        let now = self.now;
        match step {
            Step::Process if state == WithdrawState::Created => {
                self.cobru.withdrawal_mut(row).state = WithdrawState::Processing;
            }
            Step::Note(note) if state.is_open() => {
                self.cobru.withdrawal_mut(row).note = Some(note.to_owned());
            }
            Step::Deposit if state.is_open() => {
                self.pay_out(row);
                let made = self.cobru.withdrawal_mut(row);
                (made.state, made.deposited) = (WithdrawState::Deposited, Some(now));
                self.call_back_withdrawal(row);
            }
            Step::Consign if state == WithdrawState::Deposited => {
                let made = self.cobru.withdrawal_mut(row);
                (made.state, made.consigned) = (WithdrawState::Consigned, Some(now));
                self.call_back_withdrawal(row);
            }
            Step::Fail(note) if state.is_open() => self.give_back(row, WithdrawState::Error, note),
            Step::Reject(note) if state.is_open() => self.give_back(row, WithdrawState::Rejected, note),
            Step::Process
            | Step::Note(_)
            | Step::Deposit
            | Step::Consign
            | Step::Fail(_)
            | Step::Reject(_) => {}
        }
    }

    fn pay_out(&mut self, row: usize) {
        let made = self.cobru.withdrawal(row);
        let (pk, currency, shares) = (made.pk, made.order.currency, made.order.shares);
        let bank = if made.order.bank.is_empty() { "unknown".to_owned() } else { made.order.bank.clone() };
        let lines = [
            (self.outside("cobru:transit", currency), shares.amount.saturating_neg()),
            (self.outside(&format!("bank:{bank}"), currency), shares.payed),
            (self.outside("cobru:fees", currency), shares.fee),
            (self.outside("cobru:vat", currency), shares.vat),
            (self.outside("cobru:gmf", currency), shares.gmf),
        ];
        self.move_money(&format!("withdrawal:{pk}"), &lines).expect("what waits outside is what is paid out");
    }

    fn give_back(&mut self, row: usize, state: WithdrawState, note: &str) {
        let made = self.cobru.withdrawal(row);
        let (pk, currency, amount, owner) =
            (made.pk, made.order.currency, made.order.shares.amount, made.owner);
        let transit = self.outside("cobru:transit", currency);
        if let Some(account) = self.cobru.user(owner).account(currency) {
            let lines = [(transit, amount.saturating_neg()), (account, amount)];
            self.move_money(&format!("withdrawal:{pk}"), &lines).expect("it fitted before it left");
        }
        let now = self.now;
        let made = self.cobru.withdrawal_mut(row);
        (made.state, made.rejected, made.note) = (state, Some(now), Some(note.to_owned()));
        self.call_back_withdrawal(row);
    }

    /// Tells the owner's program, at 2, 3, 4 and 5 (contract 6.5) [doc·st].
    fn call_back_withdrawal(&mut self, row: usize) {
        let made = self.cobru.withdrawal(row);
        let order = &made.order;
        let Some(url) = order.callback.clone() else { return };
        let date = |at: Option<Moment>| at.map(when::plain).unwrap_or_default();
        let body = Object::new()
            .integer("id", made.pk)
            .text("date_created", &when::plain(made.created))
            .text("date_deposited", &date(made.deposited))
            .text("date_consigned", &date(made.consigned))
            .text("date_rejected", &date(made.rejected))
            .integer("state", made.state.number())
            .amount("amount", order.shares.amount)
            .amount("payed_amount", order.shares.payed)
            .text("account_holder_name", &order.holder)
            .integer("account_type", order.account_type)
            .integer("account_holder_document_type", order.document_type)
            .text("account_holder_document", &order.document)
            .text("account_phone", &order.phone)
            .text("account_email", &order.email);
        let body = match order.bank_id {
            Some(id) => body.integer("bank_name", id),
            None => body.null("bank_name"),
        };
        let body = body
            .text_or_null("note", made.note.as_deref())
            .text_or_null("description", order.description.as_deref())
            .text("account_number", &order.account_number)
            .end();
        let about = made.pk.to_string();
        self.call_back(url, about, JSON, body);
    }
}

/// `GET /thirdpartywithdraw/`: a page, newest first; with `?idempotency_key=` what was made with it.
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn list(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let key = call.query("idempotency_key");
    let own: Vec<&Withdrawal> = world
        .cobru
        .withdrawals
        .iter()
        .rev()
        .filter(|made| {
            made.owner == user && key.is_none_or(|key| made.order.idempotency_key.as_deref() == Some(key))
        })
        .collect();
    // A page that is no number is the first; the contract knows no error here.
    let page = call.page_parameter("page", 1, usize::MAX).unwrap_or(1);
    let skip = page.saturating_sub(1).saturating_mul(PER_PAGE);
    let skip = if page > 1 { skip.saturating_add(call.shift) } else { skip };
    let rows = own.iter().skip(skip).take(PER_PAGE).map(|made| record(world, made));
    let address = |page: usize| {
        let key = key.map(|key| format!("&idempotency_key={}", encoded(key))).unwrap_or_default();
        format!("{}/thirdpartywithdraw/?page={page}{key}", world.cobru_base())
    };
    let next = (skip.saturating_add(PER_PAGE) < own.len()).then(|| address(page.saturating_add(1)));
    let previous = (page > 1).then(|| address(page.saturating_sub(1)));
    let body = Object::new()
        .integer("count", i64::try_from(own.len()).unwrap_or(i64::MAX))
        .text_or_null("next", next.as_deref())
        .text_or_null("previous", previous.as_deref())
        .raw("results", &json::array(rows));
    Ok(Answer::ok(body.end()))
}

/// Percent-encoded for a query, and for a form.
pub fn encoded(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                safe.push(char::from(byte));
            }
            b' ' => safe.push('+'),
            // Writing to a String does not fail.
            _ => write!(safe, "%{byte:02X}").unwrap_or_default(),
        }
    }
    safe
}

/// The user's own withdrawal of a primary key written in digits.
fn own(world: &World, digits: &str, user: UserIx) -> Result<usize, Answer> {
    let found = digits
        .parse()
        .ok()
        .and_then(|pk| row(FIRST_WITHDRAWAL, pk))
        .filter(|row| world.cobru.withdrawals.get(*row).is_some_and(|made| made.owner == user));
    found.ok_or_else(Answer::not_found)
}

/// `GET /thirdpartywithdraw/{id}` [doc].
pub fn detail(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let row = own(world, call.segment(1), user)?;
    Ok(Answer::ok(record(world, world.cobru.withdrawal(row))))
}

/// `GET /get_withdraw/?pk=`: the id is text and the state a Spanish word [doc·st].
pub fn status(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let pk = call.query("pk").filter(|pk| !pk.is_empty());
    let pk = pk.ok_or_else(|| Answer::field("pk", super::body::REQUIRED))?;
    let made = world.cobru.withdrawal(own(world, pk, user)?);
    let body = Object::new()
        .text("id", &made.pk.to_string())
        .amount("amount", made.order.shares.amount)
        .text("status", made.state.spanish())
        .text("created_at", &when::iso_utc(made.created));
    Ok(Answer::ok(body.end()))
}

/// `GET /panel/detail_withdraw_pdf/?withdraw_id=` [doc·st].
pub fn receipt(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let id = call.query("withdraw_id").filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| Answer::field("withdraw_id", super::body::REQUIRED))?;
    let made = world.cobru.withdrawal(own(world, id, user)?);
    let order = &made.order;
    let lines = [
        format!("Comprobante de retiro {}", made.pk),
        format!("Fecha: {}", when::plain(made.created)),
        format!("Estado: {}", made.state.spanish()),
        format!("Valor: {} {}", amount::text(order.shares.amount), order.currency),
        format!("Neto: {} {}", amount::text(order.shares.payed), order.currency),
        format!("Destino: {} {}", order.bank, order.account_number),
        format!("Titular: {}", order.holder),
    ];
    Ok(Answer::pdf(pdf::page(&lines)))
}

/// Takes the withdrawal of the body's `id` back if that still goes: whether it did.
fn take_back(world: &mut World, call: &Call<'_>, user: UserIx) -> Result<bool, Answer> {
    let fields = call.fields()?;
    let id = fields.text_or_integer("id", Need::Required, 30);
    fields.check()?;
    let row = own(world, &id.unwrap_or_default(), user)?;
    if world.cobru.withdrawal(row).state != WithdrawState::Created {
        return Ok(false);
    }
    world.give_back(row, WithdrawState::Rejected, "Cancelado por el usuario");
    Ok(true)
}

/// `POST /cancelthirdpartywithdraw/` [doc].
pub fn cancel(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    if take_back(world, call, user)? {
        Ok(Answer::result(200, "Retiro cancelado exitosamente"))
    } else {
        Err(Answer::error(400, "El retiro no puede ser cancelado"))
    }
}

/// `POST /cancel_withdraw/` [doc·st].
pub fn cancel_any(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    if take_back(world, call, user)? {
        Ok(Answer::message(200, "Retiro cancelado exitosamente."))
    } else {
        Err(Answer::message(400, "El retiro no puede ser cancelado"))
    }
}
