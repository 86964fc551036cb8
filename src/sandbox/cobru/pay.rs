//! `POST /{url}`: a payer says how to pay, and gets a payment order (contract 5).

use crate::sandbox::clock::Moment;
use crate::sandbox::world::World;

use super::answer::Answer;
use super::banks;
use super::body::{Fields, Need};
use super::call::{Call, Reply};
use super::cobrus::{TEST_PAYER, TEST_PAYMENT_AFTER};
use super::event::CobruEvent;
use super::json::{self, Object};
use super::method::Method;
use super::state::{CobruState, FIRST_ORDER, Order, OrderState, Payer, UserIx, pk};
use super::{amount, qr, render, when};

/// The payer who is turned down, of our own invention [inf], and when.
const REFUSED_PAYER: &str = "7777770";
const REFUSED_AFTER: i64 = 10;
/// Seconds that a card other than the two test numbers stays in process.
const CARD_AFTER: i64 = 10;
/// The test numbers [doc]. The second fails the Luhn check and is known all the same.
const CARD_APPROVED: &str = "4111111111111111";
const CARD_DECLINED: &str = "4111111111111112";

/// What a card says about the end of its payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardEnd {
    Approved,
    Declined,
    Later,
}

/// How a payment by card ends, by its number (digits) and its expiry `MM/AA` (contract 5.4, 15).
pub fn card_end(number: &str, expiry: &str, now: Moment) -> CardEnd {
    if number == CARD_DECLINED || is_past(expiry, now) {
        return CardEnd::Declined;
    }
    match number {
        CARD_APPROVED => CardEnd::Approved,
        number if passes_luhn(number) => CardEnd::Later,
        _ => CardEnd::Declined,
    }
}

fn passes_luhn(number: &str) -> bool {
    let sum: u32 = number
        .chars()
        .rev()
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit.saturating_mul(2)) {
            (0, _) => digit,
            (_, doubled) if doubled > 9 => doubled.saturating_sub(9),
            (_, doubled) => doubled,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// A card is good to the end of its month.
fn is_past(expiry: &str, now: Moment) -> bool {
    let today = when::day(now);
    let parts = expiry
        .split_once('/')
        .and_then(|(month, year)| Some((month.parse::<i8>().ok()?, year.parse::<i16>().ok()?)));
    let Some((month, year)) = parts else { return true };
    (year.saturating_add(2000), month) < (today.year(), today.month())
}

/// What only some methods ask for.
#[derive(Debug, Default)]
struct Extra {
    push: bool,
    card: Option<CardEnd>,
    from_user: Option<UserIx>,
}

/// `POST /{url}`. The checks stand in the contract's order: slug, Bearer, `payment`, state, flag, fields.
pub fn submit(world: &mut World, call: &Call<'_>) -> Reply {
    let cobru = world.cobru.find_cobru(call.segment(0)).ok_or_else(Answer::not_found)?;
    world.allow_payer(call)?;
    let fields = call.fields()?;
    let Some(payment) = fields.raw("payment").filter(|raw| *raw != "null") else {
        return Err(Answer::error(400, "El atributo 'payment' no fue encontrado"));
    };
    let literal: Option<String> = serde_json::from_str(payment).ok();
    let method = literal.as_deref().and_then(Method::from_literal).ok_or_else(unknown_method)?;
    let link = world.cobru.cobru(cobru);
    match link.state {
        CobruState::Paid | CobruState::Refunded => return Err(Answer::result(400, "COBRU_IS_PAYED")),
        CobruState::Expired => return Err(Answer::result(400, "COBRU_EXPIRED")),
        CobruState::Created | CobruState::InProcess | CobruState::NotPaid => {}
    }
    if !method.flags().iter().any(|flag| link.enabled.iter().any(|enabled| enabled == flag)) {
        return Err(not_enabled(method));
    }
    let (payer, extra) = read(world, &fields, method, cobru)?;
    let link = world.cobru.cobru(cobru);
    let balance = world.ledger.balance(world.cobru.user(link.owner).pesos());
    if balance.saturating_add(link.shares.payed) > world.cobru.limits.balance_max {
        return Err(Answer::result(400, "LIMIT_BALANCE"));
    }
    let document = payer.document.clone();
    let mut order = world.new_order(cobru, method, payer);
    if method == Method::Nequi && !extra.push {
        order.reference = Some(nequi_text(&order, world.cobru.cobru(cobru).shares.amount));
        order.checkout = String::new();
    }
    order.from_user = extra.from_user;
    let magic = match document.as_deref() {
        Some(TEST_PAYER) => Some((TEST_PAYMENT_AFTER, true)),
        Some(REFUSED_PAYER) => Some((REFUSED_AFTER, false)),
        _ => None,
    };
    let row = world.open_order(order, magic.is_none());
    if let Some((after, pays)) = magic {
        let event = if pays { CobruEvent::Approve { order: row } } else { CobruEvent::Reject { order: row } };
        world.later(world.now.plus_seconds(after), event);
    }
    if let Some(end) = extra.card {
        world.end_card_order(row, end);
    }
    Ok(answer(world, row))
}

fn unknown_method() -> Answer {
    Answer::json(400, Object::new().flag("error", true).text("msg", "unknown payment method").end())
}

pub fn not_enabled(method: Method) -> Answer {
    let body = Object::new()
        .text("error", "Payment method is not enabled.")
        .text("payment_method", method.literal())
        .text("result", "NOT_ALLOWED");
    Answer::json(400, body.end())
}

fn bad_document() -> Answer {
    let body = Object::new()
        .text("result", "LIMIT_LENGTH_CC")
        .text("error", "El tamaño de la cédula del pagador es inválida.");
    Answer::json(400, body.end())
}

/// The order's next step, in the shape of its method (contract 5.2, 5.3, 5.5).
fn answer(world: &World, row: usize) -> Answer {
    let order = world.cobru.order(row);
    let link = world.cobru.cobru(order.cobru);
    match order.method {
        Method::CobruBalance => Answer::result(200, "ok"),
        Method::BrebQr | Method::BancolombiaQr => {
            let details = Object::new()
                .text("GOrdenId", &order.gateway_id)
                .text_or_null("qr_bitcoin", order.qr.as_deref())
                .null("url_bitcoin")
                .text_or_null("key_value", order.key.as_deref());
            Answer::ok(Object::new().raw("payment_details", &details.end()).end())
        }
        _ => {
            let array =
                render::order_and_cobru(order, link, world.cobru.user(link.owner), &world.cobru_base());
            Answer::ok(if world.settings.bare_array { array } else { json::quoted(&array) })
        }
    }
}

/// Reads what the method needs and nothing else: programs send the fields of other methods along, empty.
fn read(world: &World, fields: &Fields, method: Method, cobru: usize) -> Result<(Payer, Extra), Answer> {
    let mut extra = Extra { push: true, ..Extra::default() };
    match method {
        // Nothing is needed [doc]; what is well formed is kept.
        Method::Breb => return Ok((optional_payer(fields), extra)),
        Method::CobruBalance => {
            let phone = fields.text_or_integer("phone", Need::Required, 40);
            fields.check()?;
            let from = phone.as_deref().and_then(|phone| world.cobru.user_by_name(phone));
            let from = from.ok_or_else(|| Answer::result(404, "error"))?;
            if from == world.cobru.cobru(cobru).owner {
                return Err(Answer::result(403, "same_user"));
            }
            extra.from_user = Some(from);
            let user = world.cobru.user(from);
            let payer = Payer {
                name: Some(user.name()),
                email: Some(user.email.clone()),
                phone: Some(user.phone.clone()),
                ..Payer::default()
            };
            return Ok((payer, extra));
        }
        _ => {}
    }
    let mut payer = Payer {
        name: fields.words("name", Need::Required, 150),
        document: None,
        document_type: document_type(fields),
        email: fields.words("email", Need::Required, 254),
        phone: fields.text_or_integer("phone", Need::Required, 30),
        address: None,
    };
    if payer.email.as_deref().is_some_and(|email| !looks_like_email(email)) {
        fields.wrong("email", "Enter a valid email address.");
    }
    match method {
        Method::Pse => {
            payer.address = fields.words("address", Need::Required, 200);
            let bank = fields.text_or_integer("bank", Need::Required, 40);
            if let Some(bank) = bank.filter(|bank| !banks::is_pse_bank(bank)) {
                fields.wrong("bank", &format!("\"{bank}\" is not a valid choice."));
            }
        }
        Method::Nequi => {
            fields.words("phone_nequi", Need::Required, 30);
            extra.push = fields.flag("push", Need::Optional).unwrap_or(true);
        }
        Method::CreditCard => extra.card = read_card(world, fields),
        _ => {}
    }
    let document = match (fields.raw("cc"), method) {
        (None | Some("null"), Method::BrebQr | Method::BancolombiaQr) => return Err(bad_document()),
        _ => fields.text_or_integer("cc", Need::Required, TEXT_MAX),
    };
    fields.check()?;
    if !document.as_deref().is_some_and(is_document) {
        return Err(bad_document());
    }
    payer.document = document;
    Ok((payer, extra))
}

/// A document of any length is read: its length has an error of its own.
const TEXT_MAX: usize = 500;

fn is_document(document: &str) -> bool {
    (5..=15).contains(&document.len()) && document.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// One `@`, not at an end, and no blanks.
pub fn looks_like_email(email: &str) -> bool {
    let parts: Vec<&str> = email.split('@').collect();
    matches!(parts.as_slice(), [name, host] if !name.is_empty() && host.contains('.'))
        && !email.chars().any(char::is_whitespace)
}

/// The payer's kind of document, with the four spellings of the passport as one (contract 5.1).
fn document_type(fields: &Fields) -> Option<String> {
    let given = fields.words("document_type", Need::Required, 20)?;
    match given.as_str() {
        "CC" | "TI" | "CE" | "NIT" | "PA" => Some(given),
        "PPN" | "PAN" | "PASAPORTE" => Some("PA".to_owned()),
        _ => {
            fields.wrong("document_type", &format!("\"{given}\" is not a valid choice."));
            None
        }
    }
}

fn read_card(world: &World, fields: &Fields) -> Option<CardEnd> {
    let number = fields.words("credit_card", Need::Required, 40);
    let expiry = fields.words("expiration_date", Need::Required, 10);
    let cvv = fields.words("cvv", Need::Required, 10);
    fields.integer("dues", Need::Required, 1, 36);
    let digits = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let number = number.filter(|number| {
        let good = digits(number, 13, 19);
        if !good {
            fields.wrong("credit_card", "This value does not match the required pattern.");
        }
        good
    });
    let expiry = expiry.filter(|expiry| {
        let good = is_expiry(expiry);
        if !good {
            fields.wrong("expiration_date", "This value does not match the required pattern.");
        }
        good
    });
    if cvv.is_some_and(|cvv| !digits(&cvv, 3, 4)) {
        fields.wrong("cvv", "This value does not match the required pattern.");
    }
    Some(card_end(&number?, &expiry?, world.now))
}

/// `MM/AA`.
pub fn is_expiry(text: &str) -> bool {
    let Some((month, year)) = text.split_once('/') else { return false };
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    two_digits(month) && two_digits(year) && month.parse().is_ok_and(|month: u8| (1..=12).contains(&month))
}

fn optional_payer(fields: &Fields) -> Payer {
    let text = |name: &str| {
        let raw = fields.raw(name)?;
        let text = serde_json::from_str::<String>(raw)
            .or_else(|_| serde_json::from_str::<u64>(raw).map(|number| number.to_string()));
        text.ok().filter(|text| !text.trim().is_empty() && text.chars().count() <= 254)
    };
    Payer {
        name: text("name"),
        document: text("cc"),
        document_type: text("document_type"),
        email: text("email"),
        phone: text("phone"),
        address: text("address"),
    }
}

/// What Nequi's app reads from its own QR [doc·st].
fn nequi_text(order: &Order, minor: i64) -> String {
    format!("bancadigital-C001-{}-{}", order.pk, amount::number(minor))
}

impl World {
    /// An order of a method, not yet taken in.
    pub(super) fn new_order(&self, cobru: usize, method: Method, payer: Payer) -> Order {
        let state = &self.cobru;
        let row = state.orders.len();
        let order_pk = pk(FIRST_ORDER, row);
        let link = state.cobru(cobru);
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let gateway_id = format!("mm_{}", state.letters("gateway", row, 16, letters));
        let mut order = Order {
            pk: order_pk,
            cobru,
            method,
            checkout: String::new(),
            reference: None,
            project_code: None,
            qr: None,
            key: None,
            foreign_amount: None,
            wrong_codes: 0,
            from_user: None,
            gateway_id,
            state: OrderState::Pending,
            created: self.now,
            payer,
        };
        match method {
            Method::Breb | Method::BrebQr | Method::BancolombiaQr => {
                let owner = state.user(link.owner);
                let key = breb_key(&owner.first_name, order_pk);
                let transaction = format!("{}{:07}", when::compact(self.now), order_pk % 10_000_000);
                order.qr = Some(qr::text(&qr::Payment {
                    key: &key,
                    amount: link.shares.amount,
                    merchant: &owner.name(),
                    city: &owner.city,
                    postal_code: &owner.postal_code,
                    mcc: &owner.mcc,
                    transaction: &transaction,
                    bill: &link.pk.to_string(),
                }));
                order.key = Some(key);
            }
            Method::Pse | Method::Nequi | Method::BancolombiaTransfer | Method::Dale => {
                order.checkout = format!("/{}?order={}", link.slug, order.gateway_id);
            }
            Method::Efecty | Method::Baloto | Method::BancolombiaCorrespondent => {
                order.reference = Some(state.letters("pin", row, 12, "0123456789"));
                let project = match method {
                    Method::Efecty => "112806",
                    Method::Baloto => "950715",
                    _ => "58966",
                };
                order.project_code = Some(project.to_owned());
            }
            Method::CeloDollar => {
                order.checkout = format!("0x{}", state.letters("wallet", row, 40, "0123456789abcdef"));
                order.foreign_amount = Some(in_dollars(link.shares.amount));
            }
            Method::Daviplata | Method::CreditCard | Method::CobruBalance => {}
        }
        order
    }

    /// A payer pays by himself: the newest open order, or a new one of the first method enabled.
    pub(super) fn pay_somehow(&mut self, cobru: usize) {
        let row = self.order_to_pay(cobru, None);
        if let Some(row) = row {
            self.approve(row);
        }
    }

    /// The order that a payer would pay now; made when there is none of this method.
    pub(super) fn order_to_pay(&mut self, cobru: usize, method: Option<Method>) -> Option<usize> {
        let open = self
            .cobru
            .open_orders(cobru)
            .rev()
            .find(|row| method.is_none_or(|method| self.cobru.order(*row).method == method));
        if open.is_some() {
            return open;
        }
        let link = self.cobru.cobru(cobru);
        if !matches!(link.state, CobruState::Created | CobruState::InProcess | CobruState::NotPaid) {
            return None;
        }
        let enabled = |method: &Method| {
            *method != Method::CobruBalance
                && method.flags().iter().any(|flag| link.enabled.iter().any(|on| on == flag))
        };
        let method = method.or_else(|| Method::ALL.into_iter().find(enabled)).unwrap_or(Method::Breb);
        let payer = Payer {
            name: Some("Marta Ríos".to_owned()),
            document: Some("1020304050".to_owned()),
            document_type: Some("CC".to_owned()),
            email: Some("marta@correo.example".to_owned()),
            phone: Some("3005550110".to_owned()),
            address: None,
        };
        let order = self.new_order(cobru, method, payer);
        Some(self.open_order(order, false))
    }

    /// Ends an order paid by card as its number says.
    pub(super) fn end_card_order(&mut self, row: usize, end: CardEnd) {
        match end {
            CardEnd::Approved => {
                self.approve(row);
            }
            CardEnd::Declined => self.reject(row),
            CardEnd::Later => {
                let at = self.now.plus_seconds(CARD_AFTER);
                self.later(at, CobruEvent::Approve { order: row });
            }
        }
    }
}

/// A key of its own for each order, so that one who pays to a key pays one order: `@` and 5 to 19
/// letters and digits.
fn breb_key(owner: &str, order_pk: i64) -> String {
    let name: String = owner.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    format!("@{}{order_pk:06}", name.to_ascii_lowercase())
}

/// Centavos as hundredths of a dollar, at the rate of `/settings/price_trm/`, half up.
fn in_dollars(minor: i64) -> i64 {
    let doubled = i128::from(minor).saturating_mul(200_000).saturating_add(414_549_237);
    i64::try_from(doubled.div_euclid(829_098_474)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_numbers_end_as_documented_and_others_by_luhn_and_expiry() {
        let now = when::parse("2026-11-20T14:00:00Z");
        assert_eq!(card_end("4111111111111111", "12/30", now), CardEnd::Approved);
        assert_eq!(card_end("4111111111111112", "12/30", now), CardEnd::Declined);
        assert_eq!(card_end("5500000000000004", "12/30", now), CardEnd::Later);
        assert_eq!(card_end("5500000000000005", "12/30", now), CardEnd::Declined);
        assert_eq!(card_end("4111111111111111", "10/26", now), CardEnd::Declined);
        assert_eq!(card_end("4111111111111111", "11/26", now), CardEnd::Approved);
    }

    #[test]
    fn an_expiry_is_a_month_and_two_digits_of_a_year() {
        for (text, good) in [
            ("12/30", true),
            ("01/26", true),
            ("00/30", false),
            ("13/30", false),
            ("1/30", false),
            ("12/2030", false),
            ("1230", false),
        ] {
            assert_eq!(is_expiry(text), good, "{text}");
        }
    }

    #[test]
    fn a_key_is_one_that_the_directory_takes() {
        for key in [breb_key("Ferretería", 90_001), breb_key("楽天", 1), breb_key("Andina", i64::MAX)] {
            assert!((6..=28).contains(&key.len()) && key.starts_with('@'), "{key}");
        }
        assert_eq!(breb_key("Andina", 90_001), "@andina090001");
    }

    #[test]
    fn pesos_become_dollars_at_the_official_rate() {
        assert_eq!(in_dollars(414_549_237), 100_000);
        assert_eq!(in_dollars(18_500_000), 4_463);
    }
}
