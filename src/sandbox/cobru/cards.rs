//! Virtual debit cards that are filled from the balance (contract 9). An id is named `id` in one answer
//! and `card_id` in the next; it is a number here [doc] and a UUID in the older manual [doc·st].

use crate::domain::money::Currency;
use crate::sandbox::clock::Moment;
use crate::sandbox::ledger::{AccountIx, Provider};
use crate::sandbox::world::World;

use super::answer::Answer;
use super::body::{Fields, Need};
use super::call::{Call, Reply};
use super::json::{self, Object};
use super::send::{MOVE_MAX, not_enough};
use super::services::{Kind, buy};
use super::state::{UserIx, pk};
use super::when;

const FIRST_CARD: i64 = 9_182;
const FIRST_TRANSACTION: i64 = 55_001;
/// The most that a card holds, in centavos [inf].
const CARD_MAX: i64 = 100_000_000;

#[derive(Debug, Clone)]
pub struct VirtualCard {
    pub id: i64,
    /// The id in the older manual's form.
    uuid: String,
    pub owner: UserIx,
    /// What is on the card, in the ledger.
    pub account: AccountIx,
    cvv: String,
    last_four: String,
    expiration: String,
    is_frozen: bool,
    support_token: String,
    created: Moment,
    /// Amounts put on the card, and when.
    reloads: Vec<(i64, i64, Moment)>,
}

/// `POST /cobru/debit/create_and_reload_card/`: without a card it makes one, with one it fills it [doc].
pub fn create_or_reload(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let amount = fields.amount("amount", Need::Required, 0, MOVE_MAX);
    let id = fields.text_or_integer("card_id", Need::Optional, 64);
    fields.check()?;
    let amount = amount.unwrap_or_default();
    let known = match id {
        Some(id) => Some(find(world, &id, user).ok_or_else(unknown)?),
        None => None,
    };
    if world.pesos(user) < amount {
        return Err(not_enough());
    }
    let held = known
        .and_then(|row| world.cobru.virtual_cards.get(row))
        .map_or(0, |card| world.ledger.balance(card.account));
    if held.saturating_add(amount) > CARD_MAX {
        return Err(Answer::error(400, "MAX_BALANCE"));
    }
    let row = known.unwrap_or_else(|| create(world, user));
    if amount > 0 {
        reload(world, user, row, amount);
    }
    let card = world.cobru.virtual_cards.get(row).map(|card| rendered(world, card).end()).unwrap_or_default();
    Ok(Answer::ok(Object::new().raw("card", &card).integer("status", 200).end()))
}

fn unknown() -> Answer {
    Answer::error(404, "NOT_FOUND")
}

fn create(world: &mut World, user: UserIx) -> usize {
    let row = world.cobru.virtual_cards.len();
    let id = pk(FIRST_CARD, row);
    let digits = "0123456789";
    let hex = "0123456789abcdef";
    let part = |name: &str, length| world.cobru.letters(name, row, length, hex);
    let uuid = format!(
        "{}-{}-4{}-a{}-{}",
        part("card", 8),
        part("card1", 4),
        part("card2", 3),
        part("card3", 3),
        part("card4", 12)
    );
    let (cvv, last_four) =
        (world.cobru.letters("cvv", row, 3, digits), world.cobru.letters("pan", row, 4, digits));
    let support_token = part("support", 10);
    let year = i32::from(when::day(world.now).year()).saturating_add(3) % 100;
    let account =
        world.ledger.open(&format!("cobru:card:{id}"), Provider::Cobru, "Tarjeta virtual", Currency::Cop);
    world.cobru.virtual_cards.push(VirtualCard {
        id,
        uuid,
        owner: user,
        account,
        cvv,
        last_four,
        expiration: format!("{:02}/{year:02}", when::day(world.now).month()),
        is_frozen: false,
        support_token,
        created: world.now,
        reloads: Vec::new(),
    });
    row
}

fn reload(world: &mut World, user: UserIx, row: usize, amount: i64) {
    let Some(card) = world.cobru.virtual_cards.get(row) else { return };
    let (account, id) = (card.account, card.id);
    buy(world, user, Kind::CardReload, amount, format!("Recarga tarjeta {id}"), account);
    let count: usize = world.cobru.virtual_cards.iter().map(|card| card.reloads.len()).sum();
    let now = world.now;
    if let Some(card) = world.cobru.virtual_cards.get_mut(row) {
        card.reloads.push((pk(FIRST_TRANSACTION, count), amount, now));
    }
}

/// The user's own card, by either form of its id.
fn find(world: &World, id: &str, user: UserIx) -> Option<usize> {
    let mut cards = world.cobru.virtual_cards.iter().enumerate();
    cards
        .find(|(_, card)| card.owner == user && (card.id.to_string() == id || card.uuid == id))
        .map(|(row, _)| row)
}

fn id(world: &World, object: Object, name: &str, card: &VirtualCard) -> Object {
    if world.settings.manual_forms { object.text(name, &card.uuid) } else { object.integer(name, card.id) }
}

fn money(world: &World, object: Object, name: &str, minor: i64) -> Object {
    if world.settings.manual_forms { object.amount_text(name, minor) } else { object.amount(name, minor) }
}

fn masked(card: &VirtualCard) -> String {
    format!("411111******{}", card.last_four)
}

const fn state(card: &VirtualCard) -> &'static str {
    if card.is_frozen { "FROZEN" } else { "ACTIVE" }
}

fn rendered(world: &World, card: &VirtualCard) -> Object {
    let mut object = id(world, Object::new(), "id", card);
    object = money(world, object, "balance", world.ledger.balance(card.account));
    object = money(world, object, "max_balance", CARD_MAX);
    object
        .text("cvv", &card.cvv)
        .text("display_expiration", &card.expiration)
        .text("masked_pan", &masked(card))
        .text("state", state(card))
        .text("support_token", &card.support_token)
}

/// `GET /cobru/debit/get_card/`: all as a bare array, or one under `result` [doc].
pub fn get(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    if let Some(id) = call.query("card_id").filter(|id| !id.is_empty()) {
        let row = find(world, id, user).ok_or_else(unknown)?;
        let card =
            world.cobru.virtual_cards.get(row).map(|card| rendered(world, card).end()).unwrap_or_default();
        return Ok(Answer::ok(Object::new().raw("result", &card).integer("status", 200).end()));
    }
    let own = world.cobru.virtual_cards.iter().filter(|card| card.owner == user);
    let rows = own.map(|card| {
        let object = id(world, id(world, Object::new(), "card_id", card), "id", card)
            .text("date_created", &when::iso_utc(card.created))
            .text("masked_pan", &masked(card))
            .integer("owner", world.cobru.user(card.owner).id)
            .text("state", state(card))
            .text("support_token", &card.support_token)
            .text("display_expiration", &card.expiration);
        money(world, object, "balance", world.ledger.balance(card.account)).end()
    });
    Ok(Answer::ok(json::array(rows)))
}

/// `GET /cobru/debit/get_transactions/`: what was put on the card, newest first.
pub fn transactions(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let id = call.query("card_id").filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| Answer::field("card_id", super::body::REQUIRED))?;
    let per_page = call.page_parameter("per_page", 10, 1000)?;
    let page = call.page_parameter("page_num", 1, usize::MAX)?;
    let row = find(world, id, user).ok_or_else(unknown)?;
    let reloads = world.cobru.virtual_cards.get(row).map(|card| card.reloads.as_slice()).unwrap_or_default();
    let skip = page.saturating_sub(1).saturating_mul(per_page);
    let rows = reloads.iter().rev().skip(skip).take(per_page).map(|(id, amount, at)| {
        let object = money(world, Object::new().integer("id", *id), "amount", *amount);
        object
            .text("status", "approved")
            .text("created_at", &when::iso_utc(*at))
            .text("merchant_name", "Cobru")
            .end()
    });
    Ok(Answer::ok(Object::new().raw("result", &json::array(rows)).integer("status", 200).end()))
}

/// `POST /cobru/debit/freeze_card/` [doc].
pub fn freeze(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields: Fields = call.fields()?;
    let wanted = fields.text_or_integer("card_id", Need::Required, 64);
    let is_frozen = fields.flag("freeze", Need::Required);
    fields.check()?;
    let row = find(world, &wanted.unwrap_or_default(), user).ok_or_else(unknown)?;
    if let Some(card) = world.cobru.virtual_cards.get_mut(row) {
        card.is_frozen = is_frozen.unwrap_or_default();
    }
    let card = world.cobru.virtual_cards.get(row).ok_or_else(unknown)?;
    let balance = world.ledger.balance(card.account);
    let object = money(world, id(world, Object::new(), "id", card), "balance", balance)
        .text("display_expiration", &card.expiration);
    let object = money(world, object, "available_balance", if card.is_frozen { 0 } else { balance })
        .text("masked_pan", &masked(card))
        .text("cvv", &card.cvv)
        .text("state", state(card));
    Ok(Answer::ok(Object::new().raw("card", &object.end()).end()))
}
