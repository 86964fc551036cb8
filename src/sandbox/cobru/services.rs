//! Top-ups, PINs and packages, bought from the balance (contract 10). None of them has a key that would
//! keep a repeated one from being a second one.

use crate::sandbox::clock::Moment;
use crate::sandbox::ledger::AccountIx;
use crate::sandbox::world::World;

use super::answer::Answer;
use super::body::Need;
use super::call::{Call, Reply};
use super::json::{self, Object};
use super::send::{MOVE_MAX, not_enough};
use super::state::{UserIx, pk};

const FIRST_PURCHASE: i64 = 4_451;

/// What was bought; the words are the `type` of a row of `by_other_payments` [inf].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Reload,
    Pin,
    Package,
    CardReload,
}

impl Kind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reload => "service_reload",
            Self::Pin => "pin",
            Self::Package => "package",
            Self::CardReload => "card_reload",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Purchase {
    pub pk: i64,
    pub owner: UserIx,
    pub kind: Kind,
    pub amount: i64,
    pub description: String,
    pub at: Moment,
    /// Where the money went.
    pub to: AccountIx,
}

/// Operators of top-ups: four of [doc], four more of the older manual [doc·st].
const OPERATORS: [&str; 8] =
    ["claro", "movistar", "tigo", "avantel", "movilexito", "virginmobile", "directv", "flashmobile"];

/// PIN operators [doc·st].
const PIN_OPERATORS: [(i64, &str); 13] = [
    (36, "XBOX"),
    (37, "IMVU"),
    (38, "OFFICE"),
    (39, "PLAYSTATION"),
    (40, "MINECRAFT"),
    (41, "SPOTIFY"),
    (42, "RIXTY"),
    (43, "DEEZER"),
    (44, "DATACREDITO"),
    (45, "FREE FIRE"),
    (46, "PARAMOUNT"),
    (47, "WIN SPORT"),
    (56, "NETFLIX"),
];

/// Pesos of the PINs of each operator, and the words for them.
const PIN_VALUES: [(i64, &str); 3] = [(20_000, "1"), (50_000, "2"), (100_000, "3")];

/// Phone packages: id, provider, code, pesos, what is in it.
const PACKAGES: [(i64, &str, &str, i64, &str); 6] = [
    (1, "CLARO", "101", 6_000, "1 GB por 7 días"),
    (2, "CLARO", "102", 20_000, "6 GB y minutos por 15 días"),
    (3, "TIGO", "203", 5_000, "600 MB por 5 días"),
    (4, "TIGO", "204", 25_000, "10 GB y minutos por 20 días"),
    (5, "MOVISTAR", "301", 7_000, "1,5 GB por 7 días"),
    (6, "MOVISTAR", "302", 30_000, "15 GB y minutos por 30 días"),
];

/// Takes the money off the balance and remembers the purchase; the balance was looked at before.
pub fn buy(
    world: &mut World,
    user: UserIx,
    kind: Kind,
    amount: i64,
    description: String,
    to: AccountIx,
) -> i64 {
    let pk = pk(FIRST_PURCHASE, world.cobru.purchases.len());
    let lines = [(world.cobru.user(user).pesos(), amount.saturating_neg()), (to, amount)];
    world.move_money(&format!("purchase:{pk}"), &lines).expect("the balance was looked at before");
    let at = world.now;
    world.cobru.purchases.push(Purchase { pk, owner: user, kind, amount, description, at, to });
    pk
}

/// `POST /request_service_reload/` [doc].
pub fn reload(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let value = fields.amount("value", Need::Required, 100_000, MOVE_MAX);
    let recipient = fields.words("recipient", Need::Required, 20);
    let operator = fields.words("operator", Need::Required, 40);
    if recipient.as_deref().is_some_and(|phone| !is_phone(phone)) {
        fields.wrong("recipient", "Enter a valid phone number.");
    }
    fields.check()?;
    let (value, operator) = (value.unwrap_or_default(), operator.unwrap_or_default());
    if !OPERATORS.contains(&operator.as_str()) {
        let body = Object::new().text("result", "error").text("message", "Operador no soportado");
        return Err(Answer::json(400, body.end()));
    }
    if world.pesos(user) < value {
        return Err(not_enough());
    }
    let to = world.outside(&format!("operator:{operator}"), crate::domain::money::Currency::Cop);
    buy(
        world,
        user,
        Kind::Reload,
        value,
        format!("Recarga {operator} {}", recipient.unwrap_or_default()),
        to,
    );
    Ok(Answer::ok(Object::new().text("result", "ok").text("message", "Recarga exitosa").end()))
}

fn is_phone(text: &str) -> bool {
    text.len() == 10 && text.starts_with('3') && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// One PIN of the catalogue.
struct Pin {
    id: i64,
    code: i64,
    operator: i64,
    description: String,
    pesos: i64,
}

/// The catalogue. `Netflix 1` of the sample is id 33 and `id_pin` 387; the others follow from it.
fn pins() -> impl Iterator<Item = Pin> {
    PIN_OPERATORS.iter().zip(0..).flat_map(|((operator, name), place)| {
        let first = if *operator == 56 { 33 } else { 36 + place * 3 };
        PIN_VALUES.iter().zip(first..).map(move |((pesos, number), id)| Pin {
            id,
            code: id + 354,
            operator: *operator,
            description: format!("{} {number}", titled(name)),
            pesos: *pesos,
        })
    })
}

/// `NETFLIX` as `Netflix`.
fn titled(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| format!("{first}{}", letters.as_str().to_lowercase())).unwrap_or_default()
}

/// `GET /pines/all_pines/`: the operators as bare numbers, or the PINs of one [doc·st]. An operator that is
/// unknown is not looked at, so that no answer is empty and says neither [inf].
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn list_pins(_: &mut World, call: &Call<'_>, _: UserIx) -> Reply {
    let known = |wanted: &&str| PIN_OPERATORS.iter().any(|(id, _)| id.to_string() == *wanted);
    let Some(wanted) = call.query("operator").filter(known) else {
        return Ok(Answer::ok(json::array(PIN_OPERATORS.iter().map(|(id, _)| id.to_string()))));
    };
    let rows = pins().filter(|pin| pin.operator.to_string() == wanted).map(|pin| {
        Object::new()
            .integer("id", pin.id)
            .text("id_pin", &pin.code.to_string())
            .integer("operator", pin.operator)
            .text("description", &pin.description)
            .integer("valor", pin.pesos)
            .null("time")
            .end()
    });
    Ok(Answer::ok(json::array(rows)))
}

/// `POST /pin/`: `status` is text, and `"0"` is success [doc][doc·st].
pub fn buy_pin(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let id_pin = fields.text_or_integer("id_pin", Need::Required, 20);
    let operator = fields.text_or_integer("operator", Need::Required, 20);
    fields.check()?;
    let (id_pin, operator) = (id_pin.unwrap_or_default(), operator.unwrap_or_default());
    let pin = pins().find(|pin| pin.code.to_string() == id_pin && pin.operator.to_string() == operator);
    let pin = pin.ok_or_else(|| Answer::error(400, "NOT_FOUND"))?;
    let amount = pin.pesos.saturating_mul(100);
    if world.pesos(user) < amount {
        return Err(not_enough());
    }
    let to = world.outside(&format!("operator:{}", pin.operator), crate::domain::money::Currency::Cop);
    let pk = buy(world, user, Kind::Pin, amount, format!("PIN {}", pin.description), to);
    let secret = world.cobru.letters("pin_sold", usize::try_from(pk).unwrap_or(0), 12, "0123456789");
    let body = Object::new().text("status", "0").text("pin", &secret);
    let body =
        if world.settings.manual_forms { body.text("pk", &pk.to_string()) } else { body.integer("pk", pk) };
    Ok(Answer::ok(body.end()))
}

fn package(row: &(i64, &str, &str, i64, &str)) -> Object {
    Object::new()
        .integer("id", row.0)
        .text("cell_provider", row.1)
        .text("code_provider", row.2)
        .integer("amount", row.3)
        .text("package_description", row.4)
        .null("time")
}

/// `GET /packages/all_packages/`: the providers, or the packages of one [doc·st].
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn list_packages(_: &mut World, call: &Call<'_>, _: UserIx) -> Reply {
    let rows = match call.query("cell_provider").filter(|wanted| !wanted.is_empty()) {
        Some(wanted) => json::array(
            PACKAGES.iter().filter(|row| row.1.eq_ignore_ascii_case(wanted)).map(|row| package(row).end()),
        ),
        None => json::array(["CLARO", "TIGO", "MOVISTAR"].map(json::quoted)),
    };
    Ok(Answer::ok(Object::new().raw("data", &rows).end()))
}

/// `POST /packages/buy/`.
pub fn buy_package(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let provider = fields.words("cell_provider", Need::Required, 40);
    let code = fields.words("code_provider", Need::Required, 40);
    let phone = fields.words("phone", Need::Required, 20);
    if phone.as_deref().is_some_and(|phone| !is_phone(phone)) {
        fields.wrong("phone", "Enter a valid phone number.");
    }
    fields.check()?;
    let (provider, code) = (provider.unwrap_or_default(), code.unwrap_or_default());
    let row = PACKAGES.iter().find(|row| row.1.eq_ignore_ascii_case(&provider) && row.2 == code);
    let row = row.ok_or_else(|| Answer::error(400, "NOT_FOUND"))?;
    let amount = row.3.saturating_mul(100);
    if world.pesos(user) < amount {
        return Err(not_enough());
    }
    let to =
        world.outside(&format!("operator:{}", row.1.to_lowercase()), crate::domain::money::Currency::Cop);
    let pk = buy(world, user, Kind::Package, amount, format!("Paquete {} {}", row.1, row.4), to);
    Ok(Answer::ok(package(row).integer("pk", pk).end()))
}
