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
use super::catalogue::{AccountProvider, Kind};
use super::counterparties::{Counterparty, Form};
use super::fields::Fields;
use super::lifecycle::{self, Step};
use super::movements::{Batch, Code, Extra, Movement, Party, State};
use super::rails::{self, Rail};
use super::transactions::{self, Entry, NONE};
use super::{CobreEvent, accounts, approvals, bulk, cast, checks, keys, qr, scenes};

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
    people(world, start);
    let mut plan = Plan::default();
    history(world, &mut rng, &mut purses, &mut plan);
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
        let provider = AccountProvider::find(provider).expect("the seed names providers of the catalogue");
        let clabe = cast::clabe("646180", 4711);
        let number = if number.is_empty() { clabe.as_str() } else { number };
        let account = accounts::open(world, provider, alias, number);
        if let Some(account) = world.cobre.accounts.last_mut() {
            account.tags = vec![tag.to_owned()];
        }
        purses.push(Purse { account, currency: provider.currency, usual, share, holds: 0 });
        // Opened one after the other, so that they have an order.
        world.now = world.now.plus_millis(DAY_MS);
    }
    world.now = now;
    purses
}

const COMPANIES: [(&str, &str); 16] = [
    ("Ferretería Ñandú y Cía. Ltda.", "ch"),
    ("Construcciones Peñalosa Ibáñez S.A.S.", "cc"),
    ("Panadería Doña Inés", "ch"),
    ("Cooperativa Multiactiva de Caficultores del Suroeste Antioqueño y Zonas Aledañas", "cc"),
    ("Transportes El Cóndor S.A.", "cc"),
    ("Papelería Güiza Hermanos", "ch"),
    ("Aseos y Jardines La Montaña E.S.P.", "cc"),
    ("Arrendamientos Bogotá Norte S.A.S.", "cc"),
    ("Lácteos San Agustín", "breb_key"),
    ("Ópticas Visión Clara", "breb_key"),
    ("Distribuidora Núñez & Niño S. en C.", "breb_key"),
    ("Taller Eléctrico Óscar Muñoz", "breb_qr"),
    ("Comercializadora Boyacá", "cobre_balance"),
    ("Logística del Pacífico S.A.S.", "cobre_balance"),
    ("Plásticos Ávila y Zúñiga S.A. de C.V.", "clabe"),
    ("Maquinaria Industrial Querétaro, S.A.P.I. de C.V.", "clabe"),
];

const PEOPLE: [&str; 16] = [
    "ch", "ch", "ch", "ch", "ch", "dp", "dp", "dp", "breb_key", "breb_key", "r2p", "r2p", "r2p", "r2p_breb",
    "clabe", "clabe",
];

/// Forty counterparties, of every type (contract 5.2).
fn people(world: &mut World, start: Moment) {
    let mut made: Vec<(&str, &str, String, Map<String, Value>)> = Vec::new();
    let object = |value: Value| value.as_object().cloned().unwrap_or_default();
    let banks = ["1007", "1051", "1013", "1001", "1002", "1023", "1061"];
    let bank = |n: u32| banks.get(n as usize % banks.len()).copied().unwrap_or("1007");
    for (n, (name, kind)) in (0u32..).zip(COMPANIES) {
        let base = 800_000_000u64.saturating_add(u64::from(n).saturating_mul(7_654_321)).to_string();
        let nit = format!("{base}{}", checks::nit_digit(&base).unwrap_or(0));
        let fields = match kind {
            "breb_key" => {
                json!({"key_value": format!("@{}{n}", ascii(name, 8)), "counterparty_fullname": name})
            }
            "breb_qr" => {
                json!({"qr_value": qr::dynamic("3104567890", 12_000_000, name, "TALLER", "seed"), "counterparty_fullname": name})
            }
            "cobre_balance" => {
                json!({"cobre_tag": format!("@{}{:05}", ascii(name, 5).to_lowercase(), 100 + n), "counterparty_fullname": name, "counterparty_id_type": "nit", "counterparty_id_number": nit})
            }
            "clabe" => {
                json!({"account_number": cast::clabe(if n % 2 == 0 { "012180" } else { "072320" }, n), "counterparty_fullname": name, "counterparty_id_type": "rfc", "counterparty_id_number": "ND"})
            }
            _ => {
                json!({"counterparty_fullname": name, "counterparty_id_type": "nit", "counterparty_id_number": nit, "beneficiary_institution": bank(n), "account_number": cast::digits(n, 11), "counterparty_email": format!("pagos{n}@example.co")})
            }
        };
        let geo = if kind == "clabe" { "mex" } else { "col" };
        made.push((geo, kind, name.to_owned(), object(fields)));
    }
    for (n, kind) in (100u32..).zip(PEOPLE) {
        let (name, id) = (cast::person(n), cast::document(n));
        let phone = format!("+5731{}", cast::digits(n, 8));
        let payer = json!({"counterparty_fullname": name, "counterparty_id_type": "cc", "counterparty_id_number": id, "counterparty_email": format!("persona{n}@example.co"), "counterparty_phone": phone});
        let fields = match kind {
            "breb_key" => {
                json!({"key_value": format!("31{}", cast::digits(n, 8)), "counterparty_fullname": name})
            }
            "r2p" | "r2p_breb" => payer,
            "clabe" => {
                json!({"account_number": cast::clabe("646180", n), "counterparty_fullname": name, "counterparty_id_type": "curp", "counterparty_id_number": "ND"})
            }
            "dp" => {
                json!({"counterparty_fullname": name, "counterparty_id_type": "cc", "counterparty_id_number": id, "beneficiary_institution": "1551", "account_number": format!("31{}", cast::digits(n, 8))})
            }
            _ => {
                json!({"counterparty_fullname": name, "counterparty_id_type": "cc", "counterparty_id_number": id, "beneficiary_institution": bank(n), "account_number": format!("0{}", cast::digits(n, 10)), "counterparty_phone": phone})
            }
        };
        let geo = if kind == "clabe" { "mex" } else { "col" };
        made.push((geo, kind, name, object(fields)));
    }
    let wallet = |n: u32| format!("0x{}", cast::digits(n, 40));
    let place =
        json!({"state": "FL", "city": "Miami", "address": "1200 Brickell Ave", "postal_code": "33131"});
    let with = |extra: Value| {
        let mut fields = object(place.clone());
        fields.extend(object(extra));
        fields
    };
    let np = |first: &str, last: &str, n: u32| {
        with(
            json!({"counterparty_first_name": first, "counterparty_last_name": last, "nationality": "CO", "date_of_birth": "1986-04-12", "country": "US", "counterparty_chain": "polygon", "counterparty_wallet_address": wallet(n), "counterparty_verification_status": "verified"}),
        )
    };
    let le = |name: &str, n: u32| {
        with(
            json!({"company_name": name, "country_of_incorporation": "US", "counterparty_chain": "ethereum", "counterparty_wallet_address": wallet(n), "counterparty_verification_status": "verified"}),
        )
    };
    let usa = |name: &str, n: u32| {
        with(
            json!({"routing_number": "021000021", "account_number": cast::digits(n, 10), "counterparty_fullname": name}),
        )
    };
    made.extend([
        ("mex", "spei_card", "Tarjeta viáticos".to_owned(), object(json!({"account_number": "4152313000000003", "beneficiary_institution": "012", "counterparty_fullname": "Íngrid Ñáñez Rincón", "counterparty_id_type": "curp", "counterparty_id_number": "ND"}))),
        ("mex", "r2p", "Pagador México".to_owned(), object(json!({"counterparty_fullname": "Joaquín Yáñez Acuña"}))),
        ("global", "global_deposit_np", "Diseñadora".to_owned(), np("Begoña", "Córdoba Peña", 301)),
        ("global", "global_deposit_np", "Consultor".to_owned(), np("Iván", "Sepúlveda Niño", 302)),
        ("global", "global_deposit_le", "Cloud hosting".to_owned(), le("Brickell Cloud Services LLC", 303)),
        ("global", "global_deposit_le", "Broker".to_owned(), le("Andes Freight Brokers Inc.", 304)),
        ("usa", "business", "US supplier".to_owned(), usa("Gulf Steel Supply Co.", 305)),
        ("usa", "individual", "US contractor".to_owned(), usa("Rocío Villamizar Tovar", 306)),
    ]);
    for (n, (geo, kind, alias, metadata)) in (0i64..).zip(made) {
        let created_at =
            start.plus_millis((n.saturating_mul(5) - 260).saturating_mul(DAY_MS).saturating_add(n * 977_000));
        let form = Form::find(geo, kind).expect("the seed names forms of the contract");
        world.cobre.counterparties.push(Counterparty {
            form,
            alias: Some(alias),
            metadata,
            created_at,
            updated_at: created_at,
            deleted: false,
            verified: true,
        });
    }
}

/// The first letters of a name, without accents or blanks.
fn ascii(name: &str, max: usize) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).take(max).collect::<String>().to_uppercase()
}

/// `count` times in the working hours of the last sixty days, oldest first.
fn times(rng: &mut fastrand::Rng, start: Moment, count: usize) -> Vec<Moment> {
    let today = start.millis().saturating_sub(BOGOTA_MS).div_euclid(DAY_MS);
    let latest = start.millis().saturating_sub(120_000);
    let mut spans = Vec::new();
    for day in today.saturating_sub(DAYS)..=today {
        let midnight = day.saturating_mul(DAY_MS).saturating_add(BOGOTA_MS);
        let (opens, closes) =
            (midnight.saturating_add(25_200_000), midnight.saturating_add(68_400_000).min(latest));
        let busy = match day.saturating_add(4).rem_euclid(7) {
            0 => 1,
            6 => 4,
            _ => 10,
        };
        if closes > opens {
            spans.push((opens, closes.saturating_sub(opens), busy));
        }
    }
    let all: i64 = spans.iter().map(|(_, length, busy)| length.saturating_mul(*busy)).sum();
    let (mut times, mut passed) = (Vec::with_capacity(count), 0i64);
    let wanted = i64::try_from(count).unwrap_or(i64::MAX);
    for (opens, length, busy) in spans {
        let before = share(passed, all, wanted);
        passed = passed.saturating_add(length.saturating_mul(busy));
        let here = share(passed, all, wanted).saturating_sub(before);
        for place in 0..here {
            let step = share(length, here, 1).max(1);
            let at = opens.saturating_add(share(place, here, length)).saturating_add(rng.i64(0..step));
            times.push(Moment::from_millis(at));
        }
    }
    times
}

/// `part · whole / of`, without overflow.
fn share(part: i64, of: i64, whole: i64) -> i64 {
    let share = i128::from(part).saturating_mul(i128::from(whole)) / i128::from(of.max(1));
    i64::try_from(share).unwrap_or(0)
}

/// Amounts in minor units, most of them small, a few large, as payments are.
fn amount(rng: &mut fastrand::Rng, kind: Kind) -> i64 {
    let pesos = |rng: &mut fastrand::Rng, steps: &[i64]| {
        let base = steps.get(rng.usize(..steps.len())).copied().unwrap_or(100_000);
        let pesos = base.saturating_mul(rng.i64(50..150)) / 100;
        // Round for most, to the centavo for what carries taxes.
        if rng.u8(..5) == 0 {
            pesos.saturating_mul(100).saturating_add(rng.i64(0..100))
        } else {
            (pesos / 50).saturating_mul(5_000)
        }
    };
    match kind {
        Kind::SpeiDebit | Kind::SpeiCredit => rng.i64(50_000..6_000_000),
        Kind::GlobalCredit => rng.i64(100..1_800).saturating_mul(1_000),
        Kind::StablePayoutDebit => rng.i64(5_000..900_000),
        Kind::BrebCredit | Kind::R2pCredit | Kind::R2pBrebCredit | Kind::TransferCredit => {
            pesos(rng, &[22_000, 45_000, 90_000, 180_000, 420_000, 950_000])
        }
        _ => pesos(rng, &[80_000, 250_000, 900_000, 2_400_000, 5_500_000, 11_000_000]),
    }
}

/// What stands on either side of the seed's payments.
struct Others {
    suppliers: Vec<u32>,
    staff: Vec<u32>,
    keys: Vec<u32>,
    tags: Vec<u32>,
    payers: Vec<u32>,
    breb_payers: Vec<u32>,
    clabes: Vec<u32>,
    wallets: Vec<u32>,
}

impl Others {
    fn of(world: &World) -> Self {
        let rows = |wanted: &dyn Fn(&Counterparty) -> bool| {
            let all = (0u32..).zip(&world.cobre.counterparties);
            all.filter(|(_, found)| wanted(found)).map(|(row, _)| row).collect::<Vec<u32>>()
        };
        let named = |found: &Counterparty, names: &[&str]| names.contains(&found.form.name);
        let is_company = |found: &Counterparty| found.field("counterparty_id_type") == "nit";
        Self {
            suppliers: rows(&|found| named(found, &["cc", "ch"]) && is_company(found)),
            staff: rows(&|found| named(found, &["ch", "dp"]) && !is_company(found)),
            keys: rows(&|found| named(found, &["breb_key"])),
            tags: rows(&|found| named(found, &["cobre_balance"])),
            payers: rows(&|found| named(found, &["r2p"]) && found.form.geo.name() == "col"),
            breb_payers: rows(&|found| named(found, &["r2p_breb"])),
            clabes: rows(&|found| named(found, &["clabe"])),
            wallets: rows(&|found| found.form.geo.name() == "global"),
        }
    }
}

fn any(rng: &mut fastrand::Rng, rows: &[u32]) -> u32 {
    rows.get(rng.usize(..rows.len().max(1))).copied().unwrap_or(0)
}

/// Sixty days of transactions and the movements behind them.
fn history(world: &mut World, rng: &mut fastrand::Rng, purses: &mut [Purse], plan: &mut Plan) {
    let others = Others::of(world);
    let count = world.options.transactions.max(purses.len());
    let times = times(rng, world.now, count);
    let mut times = times.into_iter();
    for purse in purses.iter_mut() {
        let Some(at) = times.next() else { return };
        let opening = world.outside("opening", purse.currency);
        let entry = Entry {
            sender: NONE,
            ..Entry::of_movement(purse.account, Kind::ColTopUpCredit, purse.usual, NONE)
        };
        let kind = if purse.currency == Currency::Cop { Kind::ColTopUpCredit } else { Kind::MiscCredit };
        plan.entries.push(Planned { at, entry: Entry { kind, ..entry }, outside: opening });
        purse.holds = purse.usual;
    }
    while plan.entries.len() < count {
        let Some(at) = times.next() else { break };
        let before = plan.entries.len();
        one(world, rng, purses, &others, plan, at, count.saturating_sub(before));
        // A payment of two entries takes two places, so that the last ones fall on today.
        let extra = plan.entries.len().saturating_sub(before).saturating_sub(1);
        times.by_ref().take(extra).for_each(drop);
    }
}

/// Which purse something happens in, by their shares.
fn pick(rng: &mut fastrand::Rng, purses: &[Purse]) -> usize {
    let mut left = rng.u64(..purses.iter().map(|purse| purse.share).sum::<u64>().max(1));
    for (place, purse) in purses.iter().enumerate() {
        if left < purse.share {
            return place;
        }
        left = left.saturating_sub(purse.share);
    }
    0
}

/// One payment: an entry, or two where both sides are ours or where it came back.
fn one(
    world: &mut World,
    rng: &mut fastrand::Rng,
    purses: &mut [Purse],
    others: &Others,
    plan: &mut Plan,
    at: Moment,
    room: usize,
) {
    let place = pick(rng, purses);
    let Some(purse) = purses.get(place) else { return };
    let (account, holds, usual) = (purse.account, purse.holds, purse.usual);
    // The further from its usual balance, the likelier the way back.
    let lean = [42, 80, 12, 50, 45].get(place).copied().unwrap_or(50);
    let debit = if holds > usual / 10 * 13 {
        true
    } else if holds < usual / 10 * 8 {
        false
    } else {
        rng.u8(..100) < lean
    };
    let payroll_is_thin = purses.get(1).is_some_and(|payroll| payroll.holds < payroll.usual);
    let dice = rng.u8(..100);
    let payout = |to: u32| Party::Counterparty(to);
    let (rail, other) = match (place, debit) {
        (0, true) if dice < 5 && room > 1 && payroll_is_thin => (Rail::FastPay, Party::Account(1)),
        (0, true) if dice < 22 => (Rail::Breb, payout(any(rng, &others.keys))),
        (0, true) if dice < 27 => (Rail::FastPay, payout(any(rng, &others.tags))),
        (0, true) => (Rail::Ach, payout(any(rng, &others.suppliers))),
        (1, true) => (Rail::Ach, payout(any(rng, &others.staff))),
        (2, true) if room > 1 => (Rail::FastPay, Party::Account(0)),
        (3, true) => (Rail::Spei, payout(any(rng, &others.clabes))),
        (4, true) => (Rail::Global, payout(any(rng, &others.wallets))),
        (2, false) if dice < 20 => (Rail::R2pPse, payout(any(rng, &others.payers))),
        (2, false) if dice < 38 => (Rail::R2pBreb, payout(any(rng, &others.breb_payers))),
        _ => return credit(world, rng, purses, plan, at, place),
    };
    if rail.is_payin() {
        return paid(world, rng, purses, plan, at, place, rail, other);
    }
    pay(world, rng, purses, plan, at, (place, rail, other), room, account);
}

/// Money that simply arrives: no movement stands behind it.
fn credit(
    world: &mut World,
    rng: &mut fastrand::Rng,
    purses: &mut [Purse],
    plan: &mut Plan,
    at: Moment,
    place: usize,
) {
    let Some(purse) = purses.get_mut(place) else { return };
    let dice = rng.u8(..100);
    let kind = match place {
        2 if dice < 50 => Kind::BrebCredit,
        2 if dice < 65 => Kind::TransferCredit,
        3 => Kind::SpeiCredit,
        4 => Kind::GlobalCredit,
        _ => Kind::ColCredit,
    };
    let mut minor = amount(rng, kind);
    if place == 1 || purse.holds < purse.usual / 10 * 8 {
        // A thin balance is topped up, not dripped on.
        minor = minor.saturating_mul(if place == 2 { 40 } else { 6 });
    }
    let sender = rng.u32(..100_000);
    let outside = match kind {
        Kind::BrebCredit => world.outside("breb", purse.currency),
        Kind::SpeiCredit => world.outside("spei:646", purse.currency),
        Kind::GlobalCredit => world.outside("chain:polygon", purse.currency),
        _ => {
            let bank = cast::sender(sender, kind).bank;
            world.outside(&format!("bank:{bank}"), purse.currency)
        }
    };
    purse.holds = purse.holds.saturating_add(minor);
    let entry = Entry { sender, ..Entry::of_movement(purse.account, kind, minor, NONE) };
    plan.entries.push(Planned { at, entry, outside });
}

/// A link that its payer paid.
#[expect(clippy::too_many_arguments, reason = "one payment of the seed, spelled out")]
fn paid(
    world: &mut World,
    rng: &mut fastrand::Rng,
    purses: &mut [Purse],
    plan: &mut Plan,
    at: Moment,
    place: usize,
    rail: Rail,
    payer: Party,
) {
    let Some(purse) = purses.get_mut(place) else { return };
    let kind = rail.credit();
    let minor = amount(rng, kind);
    let movement = u32::try_from(plan.movements.len()).unwrap_or(NONE);
    let asked = at.plus_millis(rng.i64(20..280).saturating_mul(-1000));
    plan.movements.push(Movement {
        source: payer,
        destination: Party::Account(purse.account),
        updated_at: at,
        ..plain(rail, purse.currency, minor, asked, rng)
    });
    purse.holds = purse.holds.saturating_add(minor);
    let sender = if kind == Kind::R2pBrebCredit { rng.u32(..100_000) } else { NONE };
    let outside = world.outside(&rail.name().replace('_', ":"), purse.currency);
    let entry = Entry { sender, ..Entry::of_movement(purse.account, kind, minor, movement) };
    plan.entries.push(Planned { at, entry, outside });
}

/// A completed movement of the seed, its sides still open.
fn plain(
    rail: Rail,
    currency: Currency,
    amount: i64,
    created_at: Moment,
    rng: &mut fastrand::Rng,
) -> Movement {
    let creator = [0, 0, 4, 5, 6].get(rng.usize(..5)).copied().unwrap_or(0);
    Movement {
        created_at,
        updated_at: created_at,
        amount,
        source: Party::Nobody,
        destination: Party::Nobody,
        batch: Batch::None,
        rail,
        currency,
        state: State::Completed,
        code: Code::None,
        creator,
        checker_approval: rng.u8(..10) < 3,
        debited: false,
        stuck: false,
        extra: None,
    }
}

#[expect(clippy::too_many_arguments, reason = "one payment of the seed, spelled out")]
fn pay(
    world: &mut World,
    rng: &mut fastrand::Rng,
    purses: &mut [Purse],
    plan: &mut Plan,
    at: Moment,
    (place, rail, other): (usize, Rail, Party),
    room: usize,
    account: u32,
) {
    let own = matches!(other, Party::Account(_));
    let Some(purse) = purses.get(place) else { return };
    let metadata = Map::new();
    let (rail, currency) = if own {
        (rail, purse.currency)
    } else {
        rails::between(world, Party::Account(account), other, Fields::new(&metadata, "MM001"))
            .unwrap_or((rail, purse.currency))
    };
    let kind = rail.debit(own);
    let mut minor = amount(rng, kind);
    if own {
        minor = minor.saturating_mul(8).min(purse.holds / 6).max(100);
    } else if place == 1 {
        minor = rng.i64(1_300_000..4_800_000).saturating_mul(100) / 2;
    }
    if minor > purse.holds / 3 {
        minor = (purse.holds / 12).max(100);
    }
    let movement = u32::try_from(plan.movements.len()).unwrap_or(NONE);
    let settles = if own { 200 } else { rail.settles_after_ms() };
    let made = Movement {
        source: Party::Account(account),
        destination: other,
        updated_at: at.plus_millis(settles),
        ..plain(rail, currency, minor, at.plus_millis(-500), rng)
    };
    let comes_back = !own && room > 1 && rng.u16(..1000) < 15;
    let (state, code) = match (comes_back, rail) {
        (false, _) => (State::Completed, Code::None),
        (true, Rail::Spei) => (State::Returned, Code::Returned),
        (true, _) => (State::Rejected, Code::NoAccount),
    };
    plan.movements.push(Movement { state, code, ..made });
    let debit = Entry::of_movement(account, kind, minor.saturating_neg(), movement);
    let outside = outside(world, rail, other, currency);
    plan.entries.push(Planned { at, entry: debit, outside });
    hold(purses, account, minor.saturating_neg());
    let later = at.plus_millis(settles);
    if let Party::Account(to) = other {
        let entry = Entry::of_movement(to, rail.credit(), minor, movement);
        plan.entries.push(Planned { at: later, entry, outside });
        hold(purses, to, minor);
    } else if comes_back {
        let entry = Entry::of_movement(account, rail.credit_back(), minor, movement);
        plan.entries.push(Planned { at: later, entry, outside });
        hold(purses, account, minor);
    } else if rng.u16(..1000) < 8 {
        // Some were refused before any money moved.
        let (state, code) =
            if rng.bool() { (State::Failed, Code::Funds) } else { (State::Canceled, Code::NotApproved) };
        plan.movements.push(Movement {
            source: Party::Account(account),
            destination: other,
            state,
            code,
            ..plain(rail, currency, minor, at.plus_millis(-400), rng)
        });
    }
}

fn hold(purses: &mut [Purse], account: u32, minor: i64) {
    if let Some(purse) = purses.iter_mut().find(|purse| purse.account == account) {
        purse.holds = purse.holds.saturating_add(minor);
    }
}

fn outside(world: &mut World, rail: Rail, other: Party, currency: Currency) -> AccountIx {
    let name = match other {
        Party::Counterparty(row) => match world.cobre.counterparties.get(row as usize) {
            Some(found)
                if matches!(rail, Rail::FastPay | Rail::Ach) && found.form.name != "cobre_balance" =>
            {
                format!("bank:{}", found.field("beneficiary_institution"))
            }
            Some(found) if rail == Rail::Global => format!("chain:{}", found.field("counterparty_chain")),
            Some(found) if rail == Rail::Spei => {
                format!("spei:{}", found.field("account_number").get(..3).unwrap_or("card"))
            }
            Some(_) if rail == Rail::FastPay => "cobre_clients".to_owned(),
            _ => rail.name().to_owned(),
        },
        Party::Account(_) => "transit:cobre".to_owned(),
        Party::Nobody => "elsewhere".to_owned(),
    };
    world.outside(&name, currency)
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
        rows: Vec::new(),
    });
    world.schedule_at(created_at.plus_millis(expires), Event::Cobre(CobreEvent::BulkExpires(0)));
    world.now = now;
}
