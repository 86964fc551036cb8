//! The world that Cobre begins with: a company, its balances, whom it pays, and sixty days of it.
//!
//! Days are counted back from the clock's start; everything else is a function of the seed. Money
//! is never set: each balance is what its transactions left.

use serde_json::{Map, Value, json};

use crate::domain::money::Currency;
use crate::sandbox::clock::Moment;
use crate::sandbox::ledger::AccountIx;
use crate::sandbox::world::{Event, World};

use super::auth::Role;
use super::catalogue::{AccountProvider, Geo};
use super::fields::Fields;
use super::lifecycle::{self, Step};
use super::movements::{Batch, Extra, Movement, Party, State};
use super::rails::{self, Rail};
use super::transactions::{self, Entry, NONE};
use super::{CobreEvent, accounts, approvals, bulk, cast, keys, scenes};

mod history;
mod people;

use history::{Others, plain};

pub const COMPANY: &str = "Andina SAS";

const DAY_MS: i64 = 86_400_000;
const DAYS: i64 = 60;
/// Bogotá is five hours behind UTC all year.
const BOGOTA_MS: i64 = 5 * 3_600_000;

/// The static key that a balance is paid to.
pub fn receiving_key(account: u32) -> String {
    format!("@CBANDINASAS{account}")
}

/// One balance and how money moves in it.
struct Purse {
    account: u32,
    currency: Currency,
    /// What its balance stays around, in minor units.
    usual: i64,
    /// The part of all transactions that happen on it, in hundredths.
    share: u64,
    /// What it holds as far as the plan has come.
    holds: i64,
}

/// A transaction to be entered when all are in the order of their time.
struct Planned {
    at: Moment,
    entry: Entry,
    outside: AccountIx,
}

#[derive(Default)]
struct Plan {
    entries: Vec<Planned>,
    movements: Vec<Movement>,
}

pub fn seed(world: &mut World) {
    let start = world.now;
    let mut rng = world.rng.fork();
    for role in Role::ALL {
        super::creator_row(world, role.user());
    }
    for person in 0..4 {
        let user = world.ids.make("usr_", 10, person);
        super::creator_row(world, &user);
    }
    let mut purses = open_accounts(world);
    people::add(world, start);
    let mut plan = Plan::default();
    history::plan(world, &mut rng, &mut purses, &mut plan);
    asked(world, &mut rng, &mut plan);
    for (account, alias) in [(0, "Caja principal"), (1, "Nómina"), (2, "Recaudo web")] {
        keys::add(world, account, alias, &receiving_key(account));
    }
    enter(world, plan);
    world.now = start;
    wait_for_decisions(world);
    if let Some(scene) = world.options.scene.clone() {
        scenes::play(world, &scene);
    }
}

fn open_accounts(world: &mut World) -> Vec<Purse> {
    const ACCOUNTS: [(&str, &str, &str, &str, i64, u64); 5] = [
        ("pr_col_cobre", "Operación", "@andin00017", "operacion", 48_000_000_000, 42),
        ("pr_col_cobre", "Nómina", "@andin00024", "nomina", 32_000_000_000, 14),
        ("pr_col_1066", "Recaudo", "@andin00031", "recaudo", 35_000_000_000, 29),
        ("pr_mex_cobre3", "México", "", "mexico", 185_000_000, 10),
        ("pr_global_cobre", "Dólares", "@andin00048", "global", 24_000_000, 5),
    ];
    let now = world.now;
    world.now = now.plus_millis(-400 * DAY_MS);
    let mut purses = Vec::new();
    for (provider, alias, number, tag, usual, share) in ACCOUNTS {
        // The main balance is the newest, and lists begin with it.
        world.now = world.now.plus_millis(DAY_MS.saturating_neg());
        let provider = AccountProvider::find(provider).expect("the seed names providers of the catalogue");
        let clabe = cast::clabe("646180", 4711);
        let number = if number.is_empty() { clabe.as_str() } else { number };
        let row = accounts::open(world, provider, alias, number);
        if let Some(account) = world.cobre.accounts.last_mut() {
            account.tags = vec![tag.to_owned()];
            if provider.geo == Geo::Global {
                account.wallets = cast::wallets(row);
            }
        }
        purses.push(Purse { account: row, currency: provider.currency, usual, share, holds: 0 });
        // Opened one after the other, so that they have an order.
        world.now = world.now.plus_millis(DAY_MS);
    }
    world.now = now;
    purses
}

/// Rows of the payroll file that waits for its decision.
const BULK_ROWS: u32 = 412;

/// What waits for an approver: ten single movements and a payroll of 412.
fn asked(world: &World, rng: &mut fastrand::Rng, plan: &mut Plan) {
    const SINGLES: [(u32, &str, i64, &str); 10] = [
        (0, "Construcciones Peñalosa Ibáñez S.A.S.", 1_845_000_000, "Acta de obra 14"),
        (0, "Transportes El Cóndor S.A.", 623_450_000, "Flete Buenaventura"),
        (0, "Arrendamientos Bogotá Norte S.A.S.", 412_000_000, "Arriendo bodega 3"),
        (0, "Ferretería Ñandú y Cía. Ltda.", 25_000_000, "Factura FV-8841"),
        (0, "Lácteos San Agustín", 7_830_050, "Pedido cafetería"),
        (0, "Comercializadora Boyacá", 950_000_000, "Anticipo contrato 77"),
        (3, "Plásticos Ávila y Zúñiga S.A. de C.V.", 18_450_000, "Resina lote 9"),
        (3, "Maquinaria Industrial Querétaro, S.A.P.I. de C.V.", 6_720_000, "Repuestos torno"),
        (4, "Cloud hosting", 480_000, "Hosting anual"),
        (0, "Distribuidora Núñez & Niño S. en C.", 31_275_000, "Factura 0093"),
    ];
    let row = |alias: &str| {
        let found =
            (0u32..).zip(&world.cobre.counterparties).find(|(_, held)| held.alias.as_deref() == Some(alias));
        found.map_or(0, |(row, _)| row)
    };
    let empty = Map::new();
    let wait = |plan: &mut Plan, movement: Movement, reference: String, text: &str| {
        let mut metadata = json!({"description": text}).as_object().cloned().unwrap_or_default();
        if movement.rail == Rail::Spei {
            metadata.insert("reference".to_owned(), Value::from("0093411"));
        } else if movement.rail == Rail::Global {
            metadata.insert("token".to_owned(), Value::from("usdc"));
        }
        let extra = Extra { external_id: Some(reference), metadata, ..Extra::default() };
        plan.movements.push(Movement {
            state: State::PendingApproval,
            checker_approval: true,
            updated_at: movement.created_at.plus_millis(200),
            extra: Some(Box::new(extra)),
            ..movement
        });
    };
    for (n, (account, alias, minor, text)) in (0i64..).zip(SINGLES) {
        let (source, destination) = (Party::Account(account), Party::Counterparty(row(alias)));
        let Ok((rail, currency)) = rails::between(world, source, destination, Fields::new(&empty, "MM001"))
        else {
            continue;
        };
        let ago = (10i64.saturating_sub(n))
            .saturating_mul(4 * 3_600_000)
            .saturating_add(rng.i64(60_000..3_000_000));
        let creator = if n % 3 == 1 { 0 } else { u16::try_from(4 + n % 3).unwrap_or(4) };
        let made = plain(rail, currency, minor, world.start.plus_millis(ago.saturating_neg()), rng);
        let movement = Movement { source, destination, creator, ..made };
        wait(plan, movement, format!("sol-2026-{:04}", 310 + n), text);
    }
    let staff = Others::of(world).staff;
    let created_at = bulk_created(world);
    for n in 0..BULK_ROWS {
        let destination =
            Party::Counterparty(staff.get(n as usize % staff.len().max(1)).copied().unwrap_or(0));
        let source = Party::Account(1);
        let Ok((rail, currency)) = rails::between(world, source, destination, Fields::new(&empty, "MM001"))
        else {
            continue;
        };
        let minor = rng.i64(4_000..10_000).saturating_mul(5_000);
        let made = plain(rail, currency, minor, created_at.plus_millis(1_000), rng);
        let movement = Movement { source, destination, creator: 4, batch: Batch::Bulk(0), ..made };
        wait(plan, movement, format!("nom-q2-{:03}", n.saturating_add(1)), "Nómina segunda quincena");
    }
}

fn bulk_created(world: &World) -> Moment {
    world.start.plus_millis(-5 * 3_600_000)
}

/// Puts everything planned in the order of its time and enters it.
fn enter(world: &mut World, mut plan: Plan) {
    let mut order: Vec<u32> = (0u32..).take(plan.movements.len()).collect();
    order.sort_by_key(|row| plan.movements.get(*row as usize).map(|movement| movement.created_at));
    let mut place_of = vec![NONE; order.len()];
    for (place, row) in (0u32..).zip(&order) {
        if let Some(slot) = place_of.get_mut(*row as usize) {
            *slot = place;
        }
    }
    plan.movements.sort_by_key(|movement| movement.created_at);
    for movement in plan.movements {
        super::movements::add(world, movement);
    }
    plan.entries.sort_by_key(|planned| planned.at);
    for planned in plan.entries {
        world.now = planned.at;
        let movement = place_of.get(planned.entry.movement as usize).copied().unwrap_or(NONE);
        transactions::enter(world, Entry { movement, ..planned.entry }, planned.outside)
            .expect("the seed's entries balance and are far from the largest balance");
    }
}

/// Opens the approvals of what waits, and lets them expire in their time.
fn wait_for_decisions(world: &mut World) {
    let now = world.now;
    let expires = i64::from(world.settings.approval_expiry_h).saturating_mul(3_600_000);
    let waiting: Vec<(u32, Moment)> = (0u32..)
        .zip(&world.cobre.movements)
        .filter(|(_, movement)| movement.state == State::PendingApproval && movement.batch == Batch::None)
        .map(|(row, movement)| (row, movement.created_at))
        .collect();
    for (row, created_at) in waiting {
        world.now = created_at.plus_millis(200);
        approvals::ask(world, row);
        lifecycle::schedule(world, row, expires, Step::ApprovalExpires);
    }
    let created_at = bulk_created(world);
    let day = created_at.plus_millis(BOGOTA_MS.saturating_neg()).timestamp().strftime("%Y-%m-%d");
    let rows = (0u32..).zip(&world.cobre.movements);
    let movements =
        rows.filter(|(_, movement)| movement.batch == Batch::Bulk(0)).map(|(row, _)| row).collect();
    world.cobre.bulks.push(bulk::Bulk {
        file_name: format!("nomina_{day}.csv"),
        state: "pending_approval",
        why: String::new(),
        total: BULK_ROWS as usize,
        checker_approval: true,
        decision: None,
        creator: 4,
        created_at,
        updated_at: created_at.plus_millis(1_000),
        open: BULK_ROWS as usize,
        movements,
        rows: Vec::new(),
        is_array: true,
    });
    world.schedule_at(created_at.plus_millis(expires), Event::Cobre(CobreEvent::BulkExpires(0)));
    world.now = now;
}
