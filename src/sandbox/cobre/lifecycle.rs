//! A movement's life: made, asked about, on its way, settled, with what each step does to the
//! ledger (contract 6.4, 21).

use serde_json::Value;

use crate::domain::money::Currency;
use crate::sandbox::control::ControlError;
use crate::sandbox::http::Reply;
use crate::sandbox::ledger::AccountIx;
use crate::sandbox::world::{Event, World};

use super::catalogue::Kind;
use super::fields::Fields;
use super::movements::{self, Batch, Code, Detail, Extra, Movement, Party, State};
use super::rails::{self, Rail};
use super::refusal::{Answer, Refusal};
use super::routes::Ask;
use super::transactions::{self, Entry, NONE};
use super::{CobreEvent, accounts, approvals, bulk, calendar, cast, counterparties, events, forex, qr};

/// What happens next to a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    AskApproval,
    Process,
    Settle,
    Return,
    ApprovalExpires,
    LinkExpires,
    Paid,
}

/// A movement that holds its rules and has not been made.
#[derive(Debug)]
pub struct Draft {
    pub source: Party,
    pub destination: Party,
    pub amount: i64,
    pub rail: Rail,
    pub currency: Currency,
    pub external_id: Option<String>,
    pub metadata: serde_json::Map<String, Value>,
}

fn party(world: &World, name: &str, id: &str) -> Result<Party, Refusal> {
    if id.starts_with("cp_") {
        let (row, _) = counterparties::find(world, id).ok_or_else(counterparties::missing)?;
        return Ok(Party::Counterparty(row));
    }
    if id.starts_with("acc_") {
        let (row, _) = accounts::find(world, id).ok_or_else(accounts::missing)?;
        return Ok(Party::Account(row));
    }
    Err(Refusal::new("MM001", format!("{name} must be an account or a counterparty")))
}

/// Reads and checks a movement's fields (contract 6.1); `to`: its destination, where it has no id.
pub fn read(world: &World, body: Fields<'_>, to: Option<Party>) -> Result<Draft, Refusal> {
    let source = party(world, "source_id", body.required_text("source_id", 1, 64)?)?;
    let destination = match to {
        Some(destination) => destination,
        None => party(world, "destination_id", body.required_text("destination_id", 1, 64)?)?,
    };
    let amount = body.positive("amount", world.settings.strict_amount)?;
    let external_id = body.text("external_id", 0, 255)?.filter(|text| !text.is_empty()).map(str::to_owned);
    let metadata = body.object("metadata")?.ok_or_else(|| body.refuse("metadata is required"))?;
    let (rail, currency) = rails::between(world, source, destination, metadata)?;
    let metadata = rails::metadata(rail, metadata)?;
    if rail == Rail::Global && amount < 100 {
        return Err(body.refuse("amount must be 100 or more"));
    }
    if let Some(external_id) = external_id.as_deref().filter(|_| world.settings.strict_external_id)
        && !movements::with_external_id(world, external_id).is_empty()
    {
        return Err(Refusal::new("MM004", "external_id is in use"));
    }
    Ok(Draft { source, destination, amount, rail, currency, external_id, metadata })
}

/// Checks what [`read`] checks, for a payout to a counterparty that is not kept yet.
pub fn check_to_new(
    world: &World,
    body: Fields<'_>,
    to: &counterparties::Counterparty,
) -> Result<(), Refusal> {
    let source = party(world, "source_id", body.required_text("source_id", 1, 64)?)?;
    body.positive("amount", world.settings.strict_amount)?;
    body.text("external_id", 0, 255)?;
    let metadata = body.object("metadata")?.ok_or_else(|| body.refuse("metadata is required"))?;
    let (rail, _) = rails::to_new(world, source, to)?;
    rails::metadata(rail, metadata).map(|_| ())
}

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("MM001")?;
    let fields = Fields::new(&body, "MM001");
    let checker_approval = fields.flag("checker_approval")?.unwrap_or(false);
    let draft = read(world, fields, None)?;
    let link = draft.rail.is_link();
    let key = ask.call.header("idempotency").map(str::to_owned);
    let creator = super::creator_row(world, ask.caller.user());
    let row = make(world, draft, creator, checker_approval, key, Batch::None);
    start(world, row);
    let detail = Detail { nested: false, sensitive: true, short: link };
    Ok(Reply::json(201, &movements::view(world, row, detail)))
}

/// Keeps the draft as a movement in `initiated`; nothing moves yet.
pub fn make(
    world: &mut World,
    draft: Draft,
    creator: u16,
    checker_approval: bool,
    key: Option<String>,
    batch: Batch,
) -> u32 {
    let mut metadata = draft.metadata;
    if matches!(draft.rail, Rail::R2pPse | Rail::R2pBancolombia | Rail::R2p) {
        for name in ["payment_link", "ticket_id"] {
            metadata.insert(name.to_owned(), Value::from(""));
        }
    }
    let movement = Movement {
        created_at: world.now,
        updated_at: world.now,
        amount: draft.amount,
        source: draft.source,
        destination: draft.destination,
        batch,
        rail: draft.rail,
        currency: draft.currency,
        state: State::Initiated,
        code: Code::None,
        creator,
        checker_approval,
        debited: false,
        stuck: false,
        extra: Some(Box::new(Extra { external_id: draft.external_id, key, metadata, ..Extra::default() })),
    };
    let row = movements::add(world, movement);
    events::movement(world, row);
    row
}

pub fn schedule(world: &mut World, row: u32, after_ms: i64, step: Step) {
    world.schedule(after_ms, Event::Cobre(CobreEvent::Step(row, step)));
}

/// Sets a new movement on its way.
pub fn start(world: &mut World, row: u32) {
    let Some(movement) = world.cobre.movements.get(row as usize) else { return };
    if movement.checker_approval {
        schedule(world, row, 200, Step::AskApproval);
    } else {
        let after = if movement.rail.is_link() { 200 } else { 500 };
        schedule(world, row, after, Step::Process);
    }
}

/// The one place where a state changes. Final states stay, but for a return in Mexico.
pub fn set_state(world: &mut World, row: u32, state: State, code: Code) {
    let now = world.now;
    let Some(movement) = world.cobre.movements.get_mut(row as usize) else { return };
    let returns = movement.state == State::Completed && state == State::Returned;
    if movement.state.is_final() && !returns {
        return;
    }
    (movement.state, movement.code, movement.updated_at) = (state, code, now);
    let batch = movement.batch;
    events::movement(world, row);
    if let (true, false, Batch::Bulk(bulk)) = (state.is_final(), returns, batch) {
        bulk::child_ended(world, bulk);
    }
}

pub fn step(world: &mut World, row: u32, step: Step) {
    let Some(movement) = world.cobre.movements.get(row as usize) else { return };
    match (step, movement.state) {
        (Step::AskApproval, State::Initiated) => {
            approvals::ask(world, row);
            set_state(world, row, State::PendingApproval, Code::None);
            let expires = i64::from(world.settings.approval_expiry_h).saturating_mul(3_600_000);
            schedule(world, row, expires, Step::ApprovalExpires);
        }
        (Step::ApprovalExpires, State::PendingApproval) => {
            approvals::expire(world, row);
            set_state(world, row, State::Canceled, Code::Expired);
        }
        (Step::Process, State::Initiated | State::PendingApproval) => process(world, row),
        (Step::Settle, State::Processing) => settle(world, row),
        (Step::Return, State::Processing | State::Completed) => {
            give_back(world, row);
            set_state(world, row, State::Returned, Code::Returned);
        }
        (Step::LinkExpires, State::Processing) => set_state(world, row, State::Failed, Code::Expired),
        (Step::Paid, State::Processing) if movement.rail.is_payin() => complete_payin(world, row),
        _ => {}
    }
}

/// Where money leaves to, or comes from.
fn outside(world: &mut World, row: u32) -> Option<AccountIx> {
    let movement = world.cobre.movements.get(row as usize)?;
    let (rail, currency) = (movement.rail, movement.currency);
    if rail == Rail::CrossBorder {
        return Some(world.outside("fx", currency));
    }
    let other = match (movement.source, movement.destination) {
        (Party::Account(_), Party::Account(_)) => return Some(world.outside("transit:cobre", currency)),
        (_, Party::Counterparty(row)) | (Party::Counterparty(row), _) => {
            world.cobre.counterparties.get(row as usize)?
        }
        _ => return Some(world.outside("elsewhere", currency)),
    };
    let name = match rail {
        Rail::FastPay if other.form.name == "cobre_balance" => "cobre_clients".to_owned(),
        Rail::FastPay | Rail::Ach | Rail::DirectDebit => {
            format!("bank:{}", other.field("beneficiary_institution"))
        }
        Rail::Spei | Rail::SpeiReturn => {
            let clabe = other.field("account_number");
            format!("spei:{}", clabe.get(..3).filter(|_| clabe.len() == 18).unwrap_or("card"))
        }
        Rail::Global => format!("chain:{}", other.field("counterparty_chain")),
        Rail::Fedwire => "fedwire".to_owned(),
        rail => rail.name().replace('_', ":"),
    };
    Some(world.outside(&name, currency))
}

fn process(world: &mut World, row: u32) {
    let Some(movement) = world.cobre.movements.get(row as usize) else { return };
    let (amount, rail, source) = (movement.amount, movement.rail, movement.source);
    if rail.is_link() {
        open_link(world, row);
        return;
    }
    if rail == Rail::CrossBorder {
        forex::process(world, row);
        return;
    }
    let Party::Account(account) = source else {
        // A direct debit: the payer agreed when it was registered.
        set_state(world, row, State::Processing, Code::None);
        schedule(world, row, rail.settles_after_ms(), Step::Paid);
        return;
    };
    let own = matches!(movement.destination, Party::Account(_));
    let balance =
        world.cobre.accounts.get(account as usize).map_or(0, |held| world.ledger.balance(held.ledger));
    if rail == Rail::Breb && amount > world.settings.breb_max_minor {
        set_state(world, row, State::Failed, Code::Limit);
        return;
    }
    if balance < amount {
        set_state(world, row, State::Failed, Code::Funds);
        return;
    }
    let (Some(outside), Some(debit)) = (outside(world, row), amount.checked_neg()) else { return };
    let entry = Entry::of_movement(account, rail.debit(own), debit, row);
    if transactions::enter(world, entry, outside).is_err() {
        set_state(world, row, State::Failed, Code::Limit);
        return;
    }
    if let Some(movement) = world.cobre.movements.get_mut(row as usize) {
        movement.debited = true;
    }
    set_state(world, row, State::Processing, Code::None);
    let settles = match rail {
        _ if own => 200,
        Rail::Ach if world.settings.real_hours => calendar::ach_arrives(world.now).millis_since(world.now),
        _ => rail.settles_after_ms(),
    };
    schedule(world, row, settles, Step::Settle);
}

/// What the last two digits of an amount ask for, where the setting allows it (contract 21).
fn magic(world: &World, movement: &Movement) -> i64 {
    if world.settings.magic_amounts { movement.amount.rem_euclid(100) } else { 0 }
}

fn settle(world: &mut World, row: u32) {
    let Some(movement) = world.cobre.movements.get(row as usize) else { return };
    let (amount, rail, destination) = (movement.amount, movement.rail, movement.destination);
    if movement.stuck {
        return;
    }
    if rail == Rail::CrossBorder {
        return forex::settle(world, row);
    }
    match (magic(world, movement), rail) {
        (2, _) => return bounce(world, row, State::Failed, Code::Limit),
        (3, _) => return,
        (4, Rail::Spei) => schedule(world, row, 10_000, Step::Return),
        (1 | 4, _) => return bounce(world, row, State::Rejected, Code::NoAccount),
        _ => {}
    }
    if let Party::Account(account) = destination {
        let Some(outside) = outside(world, row) else { return };
        let entry = Entry::of_movement(account, rail.credit(), amount, row);
        if transactions::enter(world, entry, outside).is_err() {
            return bounce(world, row, State::Rejected, Code::Limit);
        }
    }
    set_state(world, row, State::Completed, Code::None);
}

/// The rail refused it: the money is back, the state is final.
pub fn bounce(world: &mut World, row: u32, state: State, code: Code) {
    give_back(world, row);
    set_state(world, row, state, code);
}

/// Credits a debit back, once.
fn give_back(world: &mut World, row: u32) {
    let Some(movement) = world.cobre.movements.get(row as usize).filter(|movement| movement.debited) else {
        return;
    };
    let Party::Account(account) = movement.source else { return };
    let entry = Entry::of_movement(account, movement.rail.credit_back(), movement.amount, row);
    let Some(outside) = outside(world, row) else { return };
    if transactions::enter(world, entry, outside).is_ok()
        && let Some(movement) = world.cobre.movements.get_mut(row as usize)
    {
        movement.debited = false;
    }
}

/// The link is there and waits for its payer.
fn open_link(world: &mut World, row: u32) {
    let Some(movement) = world.cobre.movements.get(row as usize) else { return };
    let (rail, amount) = (movement.rail, movement.amount);
    let sent = movement.extra.as_ref().map(|extra| extra.metadata.clone()).unwrap_or_default();
    let text = |name: &str| sent.get(name).and_then(Value::as_str).unwrap_or_default();
    if rail == Rail::R2pPse && text("financial_institution_code").len() == 3 {
        set_state(world, row, State::Failed, Code::Processing);
        return;
    }
    // It may have waited for an approver: its time begins now.
    let valid_until = world.now.plus_millis(rail.link_life_ms());
    let base = world.ready.as_ref().map_or_else(String::new, |ready| ready.control.clone());
    let id = movements::id(world, row);
    let mut made = vec![("valid_until", valid_until.to_string())];
    match rail {
        Rail::R2pBreb => {
            let key = cast::dynamic_key(row);
            let qr = qr::dynamic(&key, amount, super::seed::COMPANY, text("description_to_payee"), &id);
            world.cobre.link_keys.insert(key.clone(), row);
            made.extend([("key_value", key), ("qr_value", qr)]);
        }
        Rail::R2pNequi => {}
        _ => made.extend([("payment_link", format!("{base}/r2p/{id}")), ("ticket_id", cast::ticket(row))]),
    }
    if let Some(extra) =
        world.cobre.movements.get_mut(row as usize).and_then(|movement| movement.extra.as_mut())
    {
        for (name, value) in made {
            extra.metadata.insert(name.to_owned(), Value::from(value));
        }
    }
    set_state(world, row, State::Processing, Code::None);
    schedule(world, row, rail.link_life_ms(), Step::LinkExpires);
    let payer = i64::from(world.settings.payer_after_s);
    if rail == Rail::R2pBreb && payer > 0 {
        schedule(world, row, payer.saturating_mul(1000), Step::Paid);
    }
}

fn complete_payin(world: &mut World, row: u32) {
    let Some(movement) = world.cobre.movements.get(row as usize) else { return };
    let (amount, rail, destination) = (movement.amount, movement.rail, movement.destination);
    let (Party::Account(account), Some(outside)) = (destination, outside(world, row)) else { return };
    let sender = if rail.credit() == Kind::R2pBrebCredit { cast::payer(row) } else { NONE };
    let entry = Entry { sender, ..Entry::of_movement(account, rail.credit(), amount, row) };
    if transactions::enter(world, entry, outside).is_ok() {
        set_state(world, row, State::Completed, Code::None);
    } else {
        set_state(world, row, State::Rejected, Code::Limit);
    }
}

/// `POST /_sandbox/pay {"movement"}`: the payer of a link pays it, or doesn't.
pub fn pay(world: &mut World, id: &str, refuse: bool) -> Result<Value, ControlError> {
    let (row, movement) =
        movements::find(world, id).ok_or_else(|| ControlError::new(format!("no movement is called {id}")))?;
    if !movement.rail.is_payin() {
        return Err(ControlError::conflict("nobody is asked to pay this movement"));
    }
    if movement.state == State::Initiated && !movement.checker_approval {
        step(world, row, Step::Process);
    }
    let open =
        world.cobre.movements.get(row as usize).is_some_and(|movement| movement.state == State::Processing);
    if !open {
        return Err(ControlError::conflict("the movement does not wait for its payer"));
    }
    if refuse {
        set_state(world, row, State::Rejected, Code::Refused);
    } else {
        complete_payin(world, row);
    }
    let detail = Detail { nested: false, sensitive: true, short: false };
    serde_json::to_value(movements::view(world, row, detail))
        .map_err(|error| ControlError::new(error.to_string()))
}
