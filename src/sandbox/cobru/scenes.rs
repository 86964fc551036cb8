//! The Cobru side of the worlds with a story (`--scene`, see `cobre::scenes` for the other side).
//!
//! | scene | what is there |
//! |---|---|
//! | `quiet` | no link waits for a payer |
//! | `busy-day` | six links with a Bre-B code on the screen, whose payers pay one after the other, two of them too late |
//! | `month-end` | one sale with two links, both paid by the same payer; three links and a cash withdrawal that run out tonight |
//! | `incident` | cards that are turned down, withdrawals that the bank rejects, one that waits as a duplicate, a key that nobody has, a sale given back |

use crate::domain::money::Currency;
use crate::sandbox::clock::Moment;
use crate::sandbox::world::World;

use super::cash::{self, CashState, CashWithdrawal};
use super::event::{CobruEvent, Step};
use super::method::Method;
use super::seed::{Out, link, payer_of, withdraw_to_bank};
use super::state::{CobruState, UserIx, pk};
use super::withdrawal::{Family, Order};
use super::{when, withdraw};

/// What a scene adds to the seed's links and withdrawals. The present is `start`.
pub fn play(world: &mut World, scene: &str, owner: UserIx, start: Moment) {
    match scene {
        "quiet" => quiet(world),
        "busy-day" => busy_day(world, owner, start),
        "month-end" => month_end(world, owner, start),
        "incident" => incident(world, owner, start),
        _ => {}
    }
}

fn quiet(world: &mut World) {
    for cobru in 0..world.cobru.cobrus.len() {
        let state = world.cobru.cobru(cobru).state;
        if matches!(state, CobruState::Created | CobruState::InProcess | CobruState::NotPaid) {
            world.withdraw_cobru(cobru);
        }
    }
}

/// A link with an order of a method, opened now; `who` is a row of the payers.
fn opened(world: &mut World, owner: UserIx, pesos: i64, text: &str, method: Method, who: usize) -> usize {
    let cobru = link(world, owner, pesos, 3, text);
    let order = world.new_order(cobru, method, payer_of(who));
    world.open_order(order, false)
}

fn busy_day(world: &mut World, owner: UserIx, start: Moment) {
    for (n, pesos) in (0i64..).zip([185_000, 49_900, 1_240_000, 96_500, 312_000, 77_400]) {
        world.now = start.plus_seconds(n * 10 - 60);
        let who = usize::try_from(n).unwrap_or(0);
        let order =
            opened(world, owner, pesos, &format!("Caja {}: venta en mostrador", n + 1), Method::Breb, who);
        // The code lives five minutes: the last two come too late, and their links wait again.
        world.later(start.plus_seconds(45 + n * 60), CobruEvent::Approve { order });
    }
}

fn month_end(world: &mut World, owner: UserIx, start: Moment) {
    // The payer saw no receipt and asked for another link.
    for minutes in [95, 80] {
        world.now = start.plus_seconds(-minutes * 60);
        let order =
            opened(world, owner, 4_250_000, "Factura FV-1925: concreto premezclado 7 m³", Method::Pse, 2);
        world.now = world.now.plus_seconds(240);
        world.approve(order);
    }
    for (n, pesos) in (0i64..).zip([690_000, 1_125_000, 58_300]) {
        world.now = start.plus_seconds(-(n + 5) * 60);
        link(world, owner, pesos, 0, &format!("Cartera del mes, cuota {}", n + 4));
    }
    world.now = start.plus_seconds(-1_800);
    let amount = 30_000_000;
    let row = cash::book(
        world,
        CashWithdrawal {
            pk: pk(cash::FIRST_CASH, world.cobru.cash.len()),
            owner,
            method: "efecty".to_owned(),
            document: "41888777".to_owned(),
            name: "María del Pilar Hernández de la Espriella".to_owned(),
            amount,
            fee: world.cobru.tariff.cash(amount),
            created: world.now,
            ended: None,
            state: CashState::Pending,
            callback: None,
        },
    );
    world.later(when::end_of_day(world.now, 0), CobruEvent::CashEnds { cash: row });
}

fn incident(world: &mut World, owner: UserIx, start: Moment) {
    for (n, pesos) in (0i64..).zip([236_700, 845_000, 129_900]) {
        world.now = start.plus_seconds(-900 + n * 120);
        let who = usize::try_from(n).unwrap_or(0) + 6;
        let order = opened(
            world,
            owner,
            pesos,
            &format!("Pedido {}: pago con tarjeta", 2_050 + n),
            Method::CreditCard,
            who,
        );
        world.now = world.now.plus_seconds(5);
        world.reject(order);
    }
    let rejected: &[Step] = &[Step::Process, Step::Reject("R010 Cuenta no autorizada")];
    let waits: &[Step] = &[Step::Process, Step::Note("P002 Pendiente por duplicado")];
    for (seconds, pesos, account, name, document, text, steps) in [
        (-800, 1_850_000, "48800010000", "Íñigo Echeverría Núñez", "402118", "Anticipo obra 13", rejected),
        (-700, 420_000, "57100020000", "Transportes Ñuñoa SAS", "900321654", "Flete 93", rejected),
        (-300, 900_000, "21000980001", "María del Pilar Hernández", "41888777", "Nómina quincena", waits),
    ] {
        let at = start.plus_seconds(seconds);
        let out = Out(0, pesos, 8, account, name, document, text, steps);
        let row = withdraw_to_bank(world, owner, at, &out);
        for (step, after) in steps.iter().zip([5, 30]) {
            world.now = at.plus_seconds(after);
            world.step_withdrawal(row, *step);
        }
    }
    world.now = start.plus_seconds(-240);
    let row = withdraw::book(
        world,
        owner,
        Order {
            family: Family::Breb,
            currency: Currency::Cop,
            shares: world.cobru.tariff.bank_withdraw(15_000_000),
            account_number: "@NOEXISTE".to_owned(),
            account_type: 8,
            bank: "Bre-B".to_owned(),
            bank_id: None,
            holder: "Luis Ortega".to_owned(),
            document: String::new(),
            document_type: 0,
            phone: String::new(),
            email: String::new(),
            description: Some("Devolución pedido 2031".to_owned()),
            callback: None,
            idempotency_key: Some("andina-breb-0001".to_owned()),
        },
    );
    world.now = world.now.plus_seconds(3);
    world.step_withdrawal(row, Step::Reject("La llave no existe"));
    world.now = start.plus_seconds(-200);
    let order = opened(world, owner, 512_400, "Pedido 2053: cerámica equivocada", Method::Breb, 4);
    world.now = world.now.plus_seconds(60);
    if world.approve(order) {
        let cobru = world.cobru.order(order).cobru;
        world.now = world.now.plus_seconds(60);
        world.refund_cobru(cobru);
    }
}
