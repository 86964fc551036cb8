//! Worlds with a story, on top of the seed: `--scene quiet|busy-day|month-end|incident`.
//!
//! | scene | what is there |
//! |---|---|
//! | `quiet` | nothing waits for anybody |
//! | `busy-day` | twenty more movements to decide, six Bre-B links open, money arriving every minute |
//! | `month-end` | the payroll's first file failed on a bad row; an invoice is about to be paid twice; a supplier's account was changed yesterday; the daily sweep is scheduled |
//! | `incident` | SPEIs came back, Bre-B bounces, one payment hangs in `processing`, a key is disabled, and the balance shown for Recaudo is not the sum of its transactions |

use serde_json::{Value, json};

use crate::sandbox::world::{Event, World};

use super::auth::Role;
use super::documents::{self, Shelf};
use super::fields::Fields;
use super::lifecycle::{self, Step};
use super::movements::{Batch, Code, Party, State};
use super::{CobreEvent, accounts, approvals, bulk, counterparties, schedulers};

/// The scenes that can be asked for.
pub const SCENES: [&str; 4] = ["quiet", "busy-day", "month-end", "incident"];

/// What a scene changes in a seeded world.
pub fn play(world: &mut World, scene: &str) {
    match scene {
        "quiet" => quiet(world),
        "busy-day" => busy_day(world),
        "month-end" => month_end(world),
        "incident" => incident(world),
        _ => {}
    }
}

fn rows(world: &World, kind: &str) -> Vec<u32> {
    let all = (0u32..).zip(&world.cobre.counterparties);
    all.filter(|(_, found)| found.form.name == kind && !found.deleted).map(|(row, _)| row).collect()
}

/// A movement from an account to a counterparty, by a creator of the portal.
fn make(
    world: &mut World,
    account: u32,
    to: u32,
    minor: i64,
    text: &str,
    reference: &str,
    flagged: bool,
) -> Option<u32> {
    let body = documents::map(
        json!({"source_id": accounts::id(world, account), "amount": minor, "external_id": reference,
        "metadata": {"description": text, "reference": "0042", "token": "usdc"}}),
    );
    let draft = lifecycle::read(world, Fields::new(&body, "MM001"), Some(Party::Counterparty(to))).ok()?;
    Some(lifecycle::make(world, draft, 5, flagged, None, Batch::None))
}

fn wait(world: &mut World, row: u32) {
    lifecycle::step(world, row, Step::AskApproval);
}

/// Nobody is asked anything: what waited was approved.
fn quiet(world: &mut World) {
    let waiting: Vec<u32> = (0u32..)
        .zip(&world.cobre.movements)
        .filter(|(_, movement)| movement.state == State::PendingApproval)
        .map(|(row, _)| row)
        .collect();
    for row in waiting {
        approvals::expire(world, row);
        lifecycle::set_state(world, row, State::Canceled, Code::NotApproved);
    }
    for bulk in &mut world.cobre.bulks {
        bulk.state = "canceled";
        bulk.decision = Some("reject");
    }
}

fn busy_day(world: &mut World) {
    let (savings, keys, payers) = (rows(world, "ch"), rows(world, "breb_key"), rows(world, "r2p_breb"));
    let others: Vec<u32> = savings.iter().chain(&keys).copied().cycle().take(20).collect();
    for (n, to) in (1i64..).zip(others) {
        let minor = n.saturating_mul(n).saturating_mul(1_375_000).saturating_add(950_050);
        let made = make(world, 0, to, minor, &format!("Pedido urgente {n}"), &format!("urg-{n:03}"), true);
        if let Some(row) = made {
            wait(world, row);
        }
    }
    for n in 1i64..=6 {
        let body = documents::map(
            json!({"amount": n.saturating_mul(4_990_000), "source_id": "", "external_id": format!("caja-{n}"),
            "destination_id": accounts::id(world, 2), "metadata": {"r2p_rail": "breb_qr", "description_to_payee": format!("Caja {n}")}}),
        );
        let Some(payer) = payers.first() else { break };
        let body = {
            let mut body = body;
            body.insert("source_id".to_owned(), Value::from(counterparties::id(world, *payer)));
            body
        };
        if let Ok(draft) = lifecycle::read(world, Fields::new(&body, "MM001"), None) {
            let row = lifecycle::make(world, draft, 4, false, None, Batch::None);
            lifecycle::step(world, row, Step::Process);
        }
    }
    for minute in 1i64..=60 {
        world.schedule(minute.saturating_mul(60_000), Event::Cobre(CobreEvent::Arrives(minute)));
    }
}

/// Money of the busy day.
pub fn arrives(world: &mut World, minute: i64) {
    let amount =
        minute.saturating_mul(7_919).rem_euclid(400).saturating_mul(100_000).saturating_add(1_000_000);
    let payin = documents::map(
        json!({"kind": "breb_key", "target": super::seed::receiving_key(2), "amount": amount, "description": "Venta en caja"}),
    );
    if let Err(error) = super::payins::pay_in(world, &payin) {
        tracing::info!(?error, "nobody could pay in");
    }
}

fn month_end(world: &mut World) {
    let day = world.now.timestamp().strftime("%Y-%m-%d").to_string();
    let creator = super::creator_row(world, Role::Maker.user());
    world.cobre.bulks.push(bulk::Bulk {
        file_name: format!("nomina_{day}_v1.json"),
        state: "failed",
        why: "Row 37: CP003 account_number must have 3 to 20 digits".to_owned(),
        total: 412,
        checker_approval: true,
        decision: None,
        creator,
        created_at: world.now.plus_seconds(-100),
        updated_at: world.now.plus_seconds(-99),
        open: 0,
        movements: Vec::new(),
        rows: Vec::new(),
        is_array: true,
    });
    let suppliers = rows(world, "cc");
    // The same invoice, typed twice in two ways.
    for reference in ["FV-20931", "fv 020931"] {
        if let Some(to) = suppliers.first()
            && let Some(row) = make(world, 0, *to, 1_284_750_000, "Factura FV-20931", reference, true)
        {
            wait(world, row);
        }
    }
    // Yesterday a supplier asked to be paid somewhere else.
    if let Some(row) = suppliers.get(1).copied()
        && let Some(old) = world.cobre.counterparties.get_mut(row as usize)
    {
        let mut new = old.clone();
        old.deleted = true;
        (new.created_at, new.updated_at) = (world.now.plus_seconds(-86_400), world.now.plus_seconds(-86_400));
        new.metadata.insert("account_number".to_owned(), Value::from("90210044417"));
        new.metadata.insert("beneficiary_institution".to_owned(), Value::from("1002"));
        let row = counterparties::add(world, new);
        if let Some(made) = make(world, 0, row, 2_960_000_000, "Saldo contrato 77", "ct-77-f", true) {
            wait(world, made);
        }
    }
    let body = json!({"account_source_ids": [accounts::id(world, 2)], "destination_id": accounts::id(world, 0), "amount": 0,
        "schedule_pattern": "(0 23 * * ? *)", "metadata": {"description": "Barrido diario"}, "checker_approval": false,
        "active_status": true, "execution_number": 0});
    let row = documents::add(world, Shelf::Schedulers, body, json!({ "creator": creator }));
    if let Some(next) =
        schedulers::Pattern::read("(0 23 * * ? *)").and_then(|pattern| pattern.after(world.now))
    {
        world.schedule_at(next, Event::Cobre(CobreEvent::Run(row)));
    }
}

fn incident(world: &mut World) {
    let now = world.now;
    world.now = now.plus_seconds(-100);
    for (n, to) in (1i64..).zip(rows(world, "clabe").into_iter().take(3)) {
        world.now = world.now.plus_seconds(5);
        if let Some(row) =
            make(world, 3, to, n.saturating_mul(1_250_000), "Proveedor MX", &format!("mx-{n}"), false)
        {
            for step in [Step::Process, Step::Settle, Step::Return] {
                lifecycle::step(world, row, step);
            }
        }
    }
    for (n, to) in (1i64..).zip(rows(world, "breb_key").into_iter().take(4)) {
        world.now = world.now.plus_seconds(5);
        if let Some(row) =
            make(world, 0, to, n.saturating_mul(3_300_000), "Pago Bre-B", &format!("breb-{n}"), false)
        {
            lifecycle::step(world, row, Step::Process);
            lifecycle::bounce(world, row, State::Rejected, Code::NoAccount);
        }
    }
    if let Some(to) = rows(world, "ch").first()
        && let Some(row) = make(world, 0, *to, 845_000_000, "Anticipo obra", "hangs-1", false)
    {
        lifecycle::step(world, row, Step::Process);
        if let Some(movement) = world.cobre.movements.get_mut(row as usize) {
            movement.stuck = true;
        }
    }
    documents::change(
        world,
        Shelf::Keys,
        2,
        json!({"connectivity": {"status": "disabled", "description": "Blocked by the operator"}}),
    );
    if let Some(account) = world.cobre.accounts.get_mut(2) {
        account.drift = 125_000_000;
    }
    world.now = now;
}
