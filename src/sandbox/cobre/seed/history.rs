//! Sixty days of transactions and the movements behind them, planned in any order and entered in the
//! order of their time.

use serde_json::Map;

use crate::domain::money::Currency;
use crate::sandbox::clock::Moment;
use crate::sandbox::ledger::AccountIx;
use crate::sandbox::world::World;

use super::super::cast;
use super::super::catalogue::Kind;
use super::super::counterparties::Counterparty;
use super::super::fields::Fields;
use super::super::movements::{Batch, Code, Movement, Party, State};
use super::super::rails::{self, Rail};
use super::super::transactions::{Entry, NONE};
use super::{BOGOTA_MS, DAY_MS, DAYS, Plan, Planned, Purse};

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
pub struct Others {
    suppliers: Vec<u32>,
    pub staff: Vec<u32>,
    keys: Vec<u32>,
    tags: Vec<u32>,
    payers: Vec<u32>,
    breb_payers: Vec<u32>,
    clabes: Vec<u32>,
    wallets: Vec<u32>,
}

impl Others {
    pub fn of(world: &World) -> Self {
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
pub fn plan(world: &mut World, rng: &mut fastrand::Rng, purses: &mut [Purse], plan: &mut Plan) {
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
pub fn plain(
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
