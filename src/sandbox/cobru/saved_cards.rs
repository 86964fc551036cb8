//! Credit cards that a user saved, and payments with them (contract 11). One id has four names here:
//! `card_id`, `uuid`, `card_uuid` and `tc_id`.

use crate::sandbox::world::World;

use super::answer::Answer;
use super::body::{Fields, Need};
use super::call::{Call, Reply};
use super::json::{self, Object};
use super::method::Method;
use super::pay::{CardEnd, card_end, is_expiry};
use super::rsa;
use super::state::{CobruState, Payer, UserIx};

/// Longest ciphertext that is looked at.
const CIPHER_MAX: usize = 2000;

#[derive(Debug, Clone)]
pub struct SavedCard {
    uuid: String,
    owner: UserIx,
    number: String,
    name: String,
    expiration: String,
    is_deleted: bool,
}

fn bad() -> Answer {
    Answer::message(400, "BAD REQUEST")
}

/// `GET /base/get_constants_key_public/` [doc].
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn public_key(_: &mut World, _: &Call<'_>, _: UserIx) -> Reply {
    let data = Object::new()
        .integer("id", 940)
        .null("int_value")
        .null("text_value")
        .text("text_long_value", rsa::PUBLIC_KEY);
    Ok(Answer::ok(Object::new().raw("data", &data.end()).end()))
}

fn ciphertext(fields: &Fields, name: &str) -> Option<String> {
    fields.words(name, Need::Required, CIPHER_MAX)
}

/// `POST /register_tc/`: number, name and expiry, each encrypted; the rest is not looked at [doc].
pub fn register(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let number = ciphertext(&fields, "number_card");
    let name = ciphertext(&fields, "name_card");
    let expiration = ciphertext(&fields, "date_expiration");
    fields.check()?;
    let plain = |text: Option<String>| text.as_deref().and_then(rsa::decrypt).ok_or_else(bad);
    let (number, name, expiration) = (plain(number)?, plain(name)?, plain(expiration)?);
    let is_number = (13..=19).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || !is_expiry(&expiration) {
        return Err(bad());
    }
    let row = world.cobru.saved_cards.len();
    let part = |name: &str, length| world.cobru.letters(name, row, length, "0123456789abcdef");
    let uuid = format!(
        "{}-{}-4{}-b{}-{}",
        part("tc", 8),
        part("tc1", 4),
        part("tc2", 3),
        part("tc3", 3),
        part("tc4", 12)
    );
    let answer = Object::new().text("message", "OK").text("card_id", &uuid).end();
    world.cobru.saved_cards.push(SavedCard {
        uuid,
        owner: user,
        number,
        name,
        expiration,
        is_deleted: false,
    });
    Ok(Answer::ok(answer))
}

fn franchise(number: &str) -> &'static str {
    match number.chars().next() {
        Some('4') => "Visa",
        Some('5' | '2') => "Mastercard",
        Some('3') => "American Express",
        _ => "Otra",
    }
}

fn find(world: &World, uuid: &str, user: UserIx) -> Option<usize> {
    let mut cards = world.cobru.saved_cards.iter().enumerate();
    cards.find(|(_, card)| card.owner == user && card.uuid == uuid && !card.is_deleted).map(|(row, _)| row)
}

/// `GET /list_tc/`: all, or the one of `?card_uuid=` [doc·st].
pub fn list(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let wanted = call.query("card_uuid").filter(|wanted| !wanted.is_empty());
    if let Some(wanted) = wanted {
        find(world, wanted, user).ok_or_else(Answer::not_found)?;
    }
    let own = world.cobru.saved_cards.iter().filter(|card| {
        card.owner == user && !card.is_deleted && wanted.is_none_or(|wanted| wanted == card.uuid)
    });
    let rows = own.map(|card| {
        let end = card.number.len().saturating_sub(4);
        Object::new()
            .text("uuid", &card.uuid)
            .text("bin_card", card.number.get(..6).unwrap_or_default())
            .text("iai_card", card.number.get(end..).unwrap_or_default())
            .text("franchise", franchise(&card.number))
            .text("name_card", &card.name)
            .end()
    });
    Ok(Answer::ok(Object::new().raw("data", &json::array(rows)).end()))
}

/// `POST /tc_payment/`: pays a cobru, and ends as that number ends in `POST /{url}` [inf].
pub fn pay(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let card = fields.words("tc_id", Need::Required, 64);
    let slug = fields.words("cobru_url", Need::Required, 40);
    fields.integer("dues", Need::Required, 1, 36);
    let cvv = ciphertext(&fields, "cvv");
    fields.check()?;
    let card = find(world, &card.unwrap_or_default(), user).ok_or_else(Answer::not_found)?;
    let cobru = world.cobru.find_cobru(&slug.unwrap_or_default()).ok_or_else(Answer::not_found)?;
    let cvv = cvv.as_deref().and_then(rsa::decrypt).ok_or_else(bad)?;
    if !(3..=4).contains(&cvv.len()) || !cvv.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad());
    }
    let link = world.cobru.cobru(cobru);
    match link.state {
        CobruState::Paid | CobruState::Refunded => return Err(Answer::result(400, "COBRU_IS_PAYED")),
        CobruState::Expired => return Err(Answer::result(400, "COBRU_EXPIRED")),
        CobruState::Created | CobruState::InProcess | CobruState::NotPaid => {}
    }
    if !link.enabled.iter().any(|flag| flag == "credit_card") {
        return Err(super::pay::not_enabled(Method::CreditCard));
    }
    let end = world
        .cobru
        .saved_cards
        .get(card)
        .map_or(CardEnd::Declined, |card| card_end(&card.number, &card.expiration, world.now));
    let payer = world.cobru.user(user);
    let payer = Payer {
        name: Some(payer.name()),
        email: Some(payer.email.clone()),
        phone: Some(payer.phone.clone()),
        ..Payer::default()
    };
    let order = world.new_order(cobru, Method::CreditCard, payer);
    let order = world.open_order(order, false);
    world.end_card_order(order, end);
    match end {
        CardEnd::Approved | CardEnd::Later => Ok(Answer::message(200, "OK")),
        CardEnd::Declined => Err(Answer::message(400, "Tarjeta rechazada")),
    }
}

/// `DELETE /delete_tc/?tc_id=` [doc]; `GET` and `card_uuid` are of older texts.
pub fn delete(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let wanted = call.query("tc_id").or_else(|| call.query("card_uuid")).filter(|wanted| !wanted.is_empty());
    let wanted = wanted.ok_or_else(|| Answer::field("tc_id", super::body::REQUIRED))?;
    let row = find(world, wanted, user).ok_or_else(Answer::not_found)?;
    if let Some(card) = world.cobru.saved_cards.get_mut(row) {
        // Nothing of the number stays.
        card.number.clear();
        card.is_deleted = true;
    }
    Ok(Answer::message(200, "OK"))
}
