//! Transactions: what really changed a balance. Each is one line of a posting (contract 4).

use std::ops::Range;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::sandbox::clock::Moment;
use crate::sandbox::http::Reply;
use crate::sandbox::ledger::{AccountIx, Cause, LedgerError};
use crate::sandbox::world::World;

use super::catalogue::Kind;
use super::lists::{self, Rows, Span, Window};
use super::movements::{self, Party};
use super::refusal::{Answer, Refusal};
use super::routes::Ask;
use super::{accounts, cast, events, mask, primary};

/// No row: where a transaction has no movement, no sender, no note.
pub const NONE: u32 = u32::MAX;

/// Small, since there may be a million: what can be worked out is worked out when it is read.
#[derive(Debug, Clone, Copy)]
pub struct Transaction {
    pub at: Moment,
    /// Negative for a debit.
    pub amount: i64,
    /// The balance after it.
    pub balance: i64,
    pub account: u32,
    /// The movement it comes from, or [`NONE`].
    pub movement: u32,
    /// Who sent it: a row of the cast, or [`NONE`].
    pub sender: u32,
    /// Metadata of its own, a row of the notes, or [`NONE`].
    pub note: u32,
    pub kind: Kind,
}

/// An entry to be made.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub account: u32,
    pub kind: Kind,
    /// Minor units, negative for a debit.
    pub amount: i64,
    pub movement: u32,
    pub sender: u32,
    pub note: u32,
}

impl Entry {
    pub const fn of_movement(account: u32, kind: Kind, amount: i64, movement: u32) -> Self {
        Self { account, kind, amount, movement, sender: NONE, note: NONE }
    }
}

/// Posts the entry against an account outside and writes its transaction. The one way in which a
/// balance of Cobre's changes.
pub fn enter(world: &mut World, entry: Entry, outside: AccountIx) -> Result<u32, LedgerError> {
    let account = world.cobre.accounts.get(entry.account as usize).ok_or(LedgerError::Lines)?.ledger;
    let row = u32::try_from(world.cobre.transactions.len()).map_err(|_| LedgerError::Overflow)?;
    let back = entry.amount.checked_neg().ok_or(LedgerError::Overflow)?;
    let cause =
        if entry.movement == NONE { Cause::Transaction(row) } else { Cause::Movement(entry.movement) };
    world.ledger.post(world.now, cause, &[(account, entry.amount), (outside, back)])?;
    let transaction = Transaction {
        at: world.now,
        amount: entry.amount,
        balance: world.ledger.balance(account),
        account: entry.account,
        movement: entry.movement,
        sender: entry.sender,
        note: entry.note,
        kind: entry.kind,
    };
    world.cobre.transactions.push(transaction);
    if let Some(account) = world.cobre.accounts.get_mut(entry.account as usize) {
        account.transactions.push(row);
    }
    events::transaction(world, row);
    if entry.amount > 0 && !world.seeding {
        primary::sweep(world, row);
    }
    Ok(row)
}

#[derive(Debug, Serialize)]
pub struct View {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    account_id: String,
    amount: i64,
    previous_balance: i64,
    current_balance: i64,
    currency: &'static str,
    credit_debit_type: &'static str,
    transaction_date: Moment,
    created_at: Moment,
    metadata: Metadata,
}

#[derive(Debug, Default, Serialize)]
struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    money_movement_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    beneficiary_account_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_id_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_account_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_account_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_bank_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(flatten, skip_serializing_if = "Map::is_empty")]
    note: Map<String, Value>,
}

pub fn id(world: &World, row: u32) -> String {
    world.ids.make("trx_", 20, row)
}

pub fn view(world: &World, row: u32, sensitive: bool) -> Option<View> {
    let found = world.cobre.transactions.get(row as usize)?;
    let account = world.cobre.accounts.get(found.account as usize)?;
    let own = account.provider.balance;
    Some(View {
        id: id(world, row),
        kind: found.kind.name(),
        account_id: accounts::id(world, found.account),
        amount: found.amount,
        // A bank account that is only read has no running balance [doc].
        previous_balance: if own { found.balance.saturating_sub(found.amount) } else { 0 },
        current_balance: if own { found.balance } else { 0 },
        currency: super::currency_name(account.provider.currency),
        credit_debit_type: if found.amount < 0 { "debit" } else { "credit" },
        transaction_date: found.at,
        created_at: found.at,
        metadata: metadata(world, row, found, sensitive),
    })
}

fn metadata(world: &World, row: u32, found: &Transaction, sensitive: bool) -> Metadata {
    let hidden = |text: String| if sensitive { text } else { mask(&text) };
    let mut metadata = Metadata::default();
    if let Some(movement) = world.cobre.movements.get(found.movement as usize) {
        metadata.money_movement_id = Some(movements::id(world, found.movement));
        metadata.description = Some(movements::description(world, found.movement).into_owned());
        // A credit by Bre-B has none in the refund guide's samples.
        metadata.tracking_key =
            (found.kind != Kind::R2pBrebCredit).then(|| movements::tracking_key(world, found.movement));
        let (other, is_debit) =
            if found.amount < 0 { (movement.destination, true) } else { (movement.source, false) };
        let number = match other {
            Party::Account(row) => {
                world.cobre.accounts.get(row as usize).map(|account| account.number.clone())
            }
            Party::Counterparty(row) if is_debit => {
                world.cobre.counterparties.get(row as usize).map(|found| found.account().to_owned())
            }
            Party::Counterparty(_) | Party::Nobody => None,
        };
        match (found.kind, number) {
            (Kind::BrebDebit | Kind::BrebRejected | Kind::MiscCredit | Kind::SpeiReturn, _) | (_, None) => {}
            (_, Some(number)) if is_debit => metadata.beneficiary_account_number = Some(hidden(number)),
            (Kind::ColCbCredit | Kind::InternalSpeiCredit, Some(number)) => {
                metadata.sender_account_number = Some(hidden(number));
            }
            (_, Some(_)) => {}
        }
    }
    if found.sender != NONE {
        let sender = cast::sender(found.sender, found.kind);
        metadata.sender_name = Some(hidden(sender.name));
        metadata.sender_id = Some(hidden(sender.document));
        if matches!(found.kind, Kind::BrebCredit | Kind::R2pBrebCredit) {
            metadata.sender_id_type = Some(sender.document_type);
            metadata.sender_account_type = Some(sender.account_type);
            metadata.sender_bank_code = Some(sender.bank);
            metadata.key_value = Some(super::seed::receiving_key(found.account));
        }
        if found.kind != Kind::ColCredit {
            metadata.sender_account_number = Some(hidden(sender.account));
        }
        if metadata.description.is_none() {
            metadata.description = Some(sender.description);
        }
        if matches!(found.kind, Kind::ColCredit | Kind::SpeiCredit) {
            metadata.reference = Some(format!("{:07}", row.wrapping_mul(7919) % 10_000_000));
        }
        if metadata.tracking_key.is_none() && !matches!(found.kind, Kind::BrebCredit | Kind::R2pBrebCredit) {
            metadata.tracking_key = Some(movements::tracking_text(found.at, &id(world, row)));
        }
    }
    if let Some(note) = world.cobre.notes.get(found.note as usize) {
        metadata.note = super::transaction_note(note, sensitive);
    }
    metadata
}

/// The filters of both lists (contract 4.1).
struct Filters {
    kind: Option<String>,
    side: Option<String>,
    amount: Span,
    time: Span,
    /// An id that leads nowhere is [`NONE`], which no row has.
    account: Option<u32>,
}

impl Filters {
    fn of(world: &World, ask: &Ask) -> Result<Self, Refusal> {
        let call = ask.call;
        let mut time = Span::time(call, "date")?;
        let processed = Span::time(call, "operation_date")?;
        time.from = time.from.max(processed.from);
        time.to = time.to.min(processed.to);
        Ok(Self {
            kind: call.param("type").map(str::to_lowercase),
            side: call.param("credit_debit_type").map(str::to_lowercase),
            amount: Span::amount(call, "amount")?,
            time,
            account: call
                .param("account_id")
                .map(|id| accounts::find(world, id).map_or(NONE, |(row, _)| row)),
        })
    }

    fn is_by_time_only(&self) -> bool {
        self.kind.is_none() && self.side.is_none() && self.amount == Span::ALL && self.account.is_none()
    }

    fn keeps(&self, found: &Transaction) -> bool {
        self.kind.as_deref().is_none_or(|kind| kind == found.kind.name())
            && self
                .side
                .as_deref()
                .is_none_or(|side| side == if found.amount < 0 { "debit" } else { "credit" })
            && self.amount.holds(found.amount)
            && self.account.is_none_or(|account| account == found.account)
    }
}

/// Rows are in the order of their time, so a span of time is a span of rows.
fn between(world: &World, rows: &impl Rows, count: usize, time: Span) -> Range<usize> {
    let at = |place: usize| {
        let row = rows.row(place)?;
        world.cobre.transactions.get(row as usize).map(|found| found.at.millis())
    };
    let first = |holds: &dyn Fn(i64) -> bool| {
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low.midpoint(high);
            if at(middle).is_some_and(holds) { low = middle.saturating_add(1) } else { high = middle }
        }
        low
    };
    let start = first(&|at| at < time.from);
    start..first(&|at| at <= time.to).max(start)
}

fn answer(world: &World, ask: &Ask, rows: &impl Rows, count: usize) -> Answer {
    let window = Window::of(ask.call, &world.settings)?;
    let filters = Filters::of(world, ask)?;
    let range = between(world, rows, count, filters.time);
    let keep =
        |row: u32| world.cobre.transactions.get(row as usize).is_some_and(|found| filters.keeps(found));
    let keep: Option<&dyn Fn(u32) -> bool> = if filters.is_by_time_only() { None } else { Some(&keep) };
    let (total, rows) = window.pick(rows, range, keep);
    let page: Vec<View> = rows.into_iter().filter_map(|row| view(world, row, ask.sensitive())).collect();
    Ok(window.answer(total, &page))
}

pub fn of_account(world: &mut World, ask: &Ask) -> Answer {
    let (_, account) = accounts::find(world, ask.id(0)).ok_or_else(accounts::missing)?;
    let rows = account.transactions.as_slice();
    answer(world, ask, &rows, rows.len())
}

pub fn all(world: &mut World, ask: &Ask) -> Answer {
    answer(world, ask, &lists::All, world.cobre.transactions.len())
}

pub fn one(world: &mut World, ask: &Ask) -> Answer {
    let missing = || Refusal::new("G003", "Transaction not found");
    let (account, _) = accounts::find(world, ask.id(0)).ok_or_else(accounts::missing)?;
    let row = world.ids.row("trx_", 20, ask.id(1)).ok_or_else(missing)?;
    let found = world.cobre.transactions.get(row as usize).filter(|found| found.account == account);
    found.ok_or_else(missing)?;
    Ok(Reply::json(200, &view(world, row, ask.sensitive())))
}
