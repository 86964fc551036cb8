//! The provider's own testing calls (contract 19), and the return of a Mexican credit (contract 6.7).

use serde_json::{Value, json};

use crate::sandbox::http::Reply;
use crate::sandbox::world::World;

use super::catalogue::Kind;
use super::counterparties::{Counterparty, Form};
use super::fields::Fields;
use super::lifecycle::{self, Step};
use super::movements::{self, Batch, Code, Detail, Extra, Movement, Party, State};
use super::rails::Rail;
use super::refusal::{Answer, Refusal};
use super::routes::Ask;
use super::transactions::{self, Entry, NONE};
use super::{accounts, counterparties, documents};

/// `POST /v1/account_test_transactions`: 200 without a body, or 400 without one [doc].
#[expect(clippy::unnecessary_wraps, reason = "the form of every route")]
pub fn adjust(world: &mut World, ask: &Ask) -> Answer {
    let done = adjusted(world, ask).is_ok();
    Ok(Reply::empty(if done { 200 } else { 400 }))
}

fn adjusted(world: &mut World, ask: &Ask) -> Result<(), Refusal> {
    let body = ask.body("G002")?;
    let fields = Fields::new(&body, "G002");
    let (account, held) =
        accounts::find(world, fields.required_text("account_id", 1, 64)?).ok_or_else(accounts::missing)?;
    let (currency, balance) = (held.provider.currency, world.ledger.balance(held.ledger));
    let amount = fields.positive("amount", true)?;
    let description = fields.required_text("description", 1, 255)?;
    let (kind, signed) = match fields.required_text("transaction_code", 1, 8)? {
        "0301" => (Kind::AdjustmentCredit, amount),
        "0350" if amount <= balance => (Kind::AdjustmentDebit, amount.saturating_neg()),
        _ => return Err(fields.refuse("transaction_code must be 0301 or 0350")),
    };
    let note = u32::try_from(world.cobre.notes.len()).map_err(|_| fields.refuse("too many"))?;
    world.cobre.notes.push(documents::map(json!({ "description": description })));
    let outside = world.outside("adjustment", currency);
    let entry = Entry { note, ..Entry::of_movement(account, kind, signed, NONE) };
    transactions::enter(world, entry, outside).map(|_| ()).map_err(|error| fields.refuse(error.to_string()))
}

/// `POST /v1/change_mm_state`: what the rail would have said.
pub fn change_state(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("MM001")?;
    let fields = Fields::new(&body, "MM001");
    let id = ["money_movement_id", "id", "mm_id"]
        .into_iter()
        .find_map(|name| body.get(name).and_then(Value::as_str));
    let id = id.ok_or_else(|| fields.refuse("money_movement_id is required"))?;
    let (row, movement) = movements::find(world, id).ok_or_else(movements::missing)?;
    let state = fields.required_text("state", 1, 32)?;
    let given = (
        fields.text("code", 0, 16)?.unwrap_or_default().to_owned(),
        fields.text("description", 0, 255)?.unwrap_or_default().to_owned(),
    );
    let not_now = || Refusal::new("MM004", "The movement's state does not allow this");
    let returns = movement.state == State::Completed && state == "returned" && movement.rail == Rail::Spei;
    if movement.state.is_final() && !returns {
        return Err(not_now());
    }
    if matches!(movement.state, State::Initiated | State::PendingApproval)
        && matches!(state, "completed" | "rejected" | "returned")
    {
        lifecycle::step(world, row, Step::Process);
    }
    match state {
        "completed" => {
            let step = if is_payin(world, row) { Step::Paid } else { Step::Settle };
            lifecycle::step(world, row, step);
        }
        "rejected" => lifecycle::bounce(world, row, State::Rejected, Code::NoAccount),
        "failed" => lifecycle::bounce(world, row, State::Failed, Code::Processing),
        "returned" => lifecycle::bounce(world, row, State::Returned, Code::Returned),
        "canceled" => lifecycle::bounce(world, row, State::Canceled, Code::NotApproved),
        _ => return Err(fields.refuse("state must be completed, rejected, failed, returned or canceled")),
    }
    if (given.0.as_str(), given.1.as_str()) != ("", "")
        && let Some(movement) = world.cobre.movements.get_mut(row as usize)
        && movement.state.name() == state
    {
        movement.extra.get_or_insert_default().given = Some(given);
    }
    Ok(Reply::empty(200))
}

fn is_payin(world: &World, row: u32) -> bool {
    world.cobre.movements.get(row as usize).is_some_and(|movement| movement.rail.is_payin())
}

/// `POST /v1/money_movements_return`: sends a SPEI credit back, whole, once.
pub fn give_back(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("MM001")?;
    let fields = Fields::new(&body, "MM001");
    let id = fields.required_text("transaction_id", 1, 64)?;
    let metadata = fields.object("metadata")?.ok_or_else(|| fields.refuse("metadata is required"))?;
    let description = metadata.required_text("description", 1, 40)?.to_owned();
    let row = world.ids.row("trx_", 20, id).ok_or_else(|| Refusal::new("MM003", "Transaction not found"))?;
    let found = world.cobre.transactions.get(row as usize).copied();
    let found = found.ok_or_else(|| Refusal::new("MM003", "Transaction not found"))?;
    let account = world.cobre.accounts.get(found.account as usize).ok_or_else(accounts::missing)?;
    if found.kind != Kind::SpeiCredit || !["pr_mex_cobre3", "pr_mex_cobre2"].contains(&account.provider.id) {
        return Err(Refusal::new("MM005", "Only SPEI credits of Mexican balances can be returned"));
    }
    if account.primary.is_some() {
        return Err(Refusal::new("MM005", "Not with a primary account"));
    }
    let currency = account.provider.currency;
    let is_return = |movement: u32| {
        world.cobre.movements.get(movement as usize).is_some_and(|movement| movement.rail == Rail::SpeiReturn)
    };
    if movements::with_external_id(world, id).into_iter().any(is_return) {
        return Err(Refusal::new("MM004", "The credit was returned before"));
    }
    let sender = json!(transactions::view(world, row, true));
    let sender = |name: &str| {
        sender
            .get("metadata")
            .and_then(|metadata| metadata.get(name))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let form = Form::find("mex", "clabe").expect("the contract has it");
    let known = json!({"account_number": sender("sender_account_number"), "counterparty_fullname": sender("sender_name"),
        "counterparty_id_type": "rfc", "counterparty_id_number": "ND"});
    let destination = counterparties::add(
        world,
        Counterparty {
            form,
            alias: None,
            metadata: documents::map(known),
            created_at: world.now,
            updated_at: world.now,
            deleted: false,
            verified: true,
        },
    );
    let creator = super::creator_row(world, ask.caller.user());
    let extra = Extra {
        external_id: Some(id.to_owned()),
        key: ask.call.header("idempotency").map(str::to_owned),
        metadata: documents::map(json!({"description": description, "reference": sender("reference")})),
        ..Extra::default()
    };
    let made = movements::add(
        world,
        Movement {
            created_at: world.now,
            updated_at: world.now,
            amount: found.amount,
            source: Party::Account(found.account),
            destination: Party::Counterparty(destination),
            batch: Batch::None,
            rail: Rail::SpeiReturn,
            currency,
            state: State::Initiated,
            code: Code::None,
            creator,
            checker_approval: false,
            debited: false,
            stuck: false,
            extra: Some(Box::new(extra)),
        },
    );
    lifecycle::start(world, made);
    let detail = Detail { nested: false, sensitive: true, short: false };
    Ok(Reply::json(201, &movements::view(world, made, detail)))
}
