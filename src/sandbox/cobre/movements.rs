//! Money movements: what is kept of them, and how they are read (contract 6).

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::domain::money::Currency;
use crate::sandbox::clock::Moment;
use crate::sandbox::control::Payment;
use crate::sandbox::http::Reply;
use crate::sandbox::world::World;

use super::catalogue::Geo;
use super::documents::{self, Shelf};
use super::lists::{self, Span, Window};
use super::rails::Rail;
use super::refusal::{Answer, Refusal};
use super::routes::Ask;
use super::transactions::NONE;
use super::{accounts, approvals, bulk, cast, counterparties, forex};

/// Either side of a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    Account(u32),
    Counterparty(u32),
    Nobody,
}

/// The states of contract 6.4. The names are the wire's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Initiated,
    PendingApproval,
    Processing,
    Completed,
    Failed,
    Rejected,
    Canceled,
    Returned,
}

impl State {
    pub const ALL: [Self; 8] = [
        Self::Initiated,
        Self::PendingApproval,
        Self::Processing,
        Self::Completed,
        Self::Failed,
        Self::Rejected,
        Self::Canceled,
        Self::Returned,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Initiated => "initiated",
            Self::PendingApproval => "pending_approval",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Canceled => "canceled",
            Self::Returned => "returned",
        }
    }

    /// `completed` may still become `returned` in Mexico.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Initiated | Self::PendingApproval | Self::Processing)
    }
}

/// `status.code` and its text (contract 6.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    None,
    Funds,
    NoAccount,
    Limit,
    Returned,
    Refused,
    Expired,
    NotApproved,
    Processing,
    /// Given by the testing API.
    Given,
}

impl Code {
    pub const fn name(self) -> &'static str {
        match self {
            Self::None | Self::Given => "",
            Self::Funds => "R001",
            Self::NoAccount => "R002",
            Self::Limit => "R007",
            Self::Returned => "R008",
            Self::Refused => "R009",
            Self::Expired => "R010",
            Self::NotApproved => "R011",
            Self::Processing => "F001",
        }
    }

    pub const fn text(self) -> &'static str {
        match self {
            Self::None | Self::Given => "",
            Self::Funds => "Insufficient funds",
            Self::NoAccount => "Account does not exist",
            Self::Limit => "Limit exceeded",
            Self::Returned => "Payment Returned by Beneficiary",
            Self::Refused => "Rejected by payer",
            Self::Expired => "Expired",
            Self::NotApproved => "Rejected by approver",
            Self::Processing => "Payment processing failed please try again",
        }
    }
}

/// What movements belong to together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Batch {
    None,
    Bulk(u32),
    /// A run of a schedule.
    Run(u32),
}

/// Small: the seed makes hundreds of thousands, and their texts are formulas of their row.
#[derive(Debug)]
pub struct Movement {
    pub created_at: Moment,
    pub updated_at: Moment,
    /// Minor units, positive.
    pub amount: i64,
    pub source: Party,
    pub destination: Party,
    pub batch: Batch,
    pub rail: Rail,
    pub currency: Currency,
    pub state: State,
    pub code: Code,
    /// A row of the creators.
    pub creator: u16,
    pub checker_approval: bool,
    /// Its debit was entered and not given back.
    pub debited: bool,
    /// It stays in `processing`, whatever comes.
    pub stuck: bool,
    /// What a caller sent; none for most of the seed's.
    pub extra: Option<Box<Extra>>,
}

#[derive(Debug, Clone, Default)]
pub struct Extra {
    pub external_id: Option<String>,
    /// The idempotency key.
    pub key: Option<String>,
    pub metadata: Map<String, Value>,
    /// The row of its approval, once one is asked for.
    pub approval: Option<u32>,
    /// A code of the testing API.
    pub given: Option<(String, String)>,
}

#[derive(Debug, Serialize)]
pub struct View {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_id: Option<String>,
    external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mm_approval_id: Option<String>,
    creator: String,
    #[serde(rename = "type")]
    kind: &'static str,
    geo: &'static str,
    status: Value,
    source_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Value>,
    destination_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<Value>,
    currency: Cow<'static, str>,
    amount: i64,
    metadata: Map<String, Value>,
    checker_approval: bool,
    created_at: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Moment>,
}

/// How much of a movement is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// Source and destination as objects.
    pub nested: bool,
    pub sensitive: bool,
    /// The fewer keys that a direct link's create answers with [code].
    pub short: bool,
}

pub fn id(world: &World, row: u32) -> String {
    world.ids.make("mm_", 14, row)
}

pub fn find<'a>(world: &'a World, id: &str) -> Option<(u32, &'a Movement)> {
    let row = world.ids.row("mm_", 14, id)?;
    world.cobre.movements.get(row as usize).map(|movement| (row, movement))
}

pub fn missing() -> Refusal {
    Refusal::new("MM003", "Money movement not found")
}

pub fn party_id(world: &World, party: Party) -> String {
    match party {
        Party::Account(row) => accounts::id(world, row),
        Party::Counterparty(row) => counterparties::id(world, row),
        Party::Nobody => String::new(),
    }
}

pub fn external_id(world: &World, row: u32) -> Option<String> {
    let movement = world.cobre.movements.get(row as usize)?;
    match &movement.extra {
        Some(extra) => extra.external_id.clone(),
        None => Some(cast::movement_texts(row, movement).0),
    }
}

pub fn description(world: &World, row: u32) -> Cow<'_, str> {
    let Some(movement) = world.cobre.movements.get(row as usize) else { return Cow::Borrowed("") };
    match &movement.extra {
        None => Cow::Owned(cast::movement_texts(row, movement).1),
        Some(extra) => ["description", "description_to_payee", "description_to_payer"]
            .into_iter()
            .find_map(|name| extra.metadata.get(name).and_then(Value::as_str))
            .map_or(Cow::Borrowed(""), Cow::Borrowed),
    }
}

/// `YYYYMMDD` and the id without its `_`; opaque to clients (contract 4.2).
pub fn tracking_text(at: Moment, id: &str) -> String {
    let day = at.timestamp().strftime("%Y%m%d");
    format!("{day}{}", id.replace('_', ""))
}

/// Empty until the movement is on its way.
pub fn tracking_key(world: &World, row: u32) -> String {
    match world.cobre.movements.get(row as usize) {
        Some(movement) if movement.state == State::Failed && movement.code == Code::Processing => {
            "-1".to_owned()
        }
        Some(movement)
            if !matches!(movement.state, State::Initiated | State::PendingApproval | State::Canceled) =>
        {
            tracking_text(movement.created_at, &id(world, row))
        }
        _ => String::new(),
    }
}

fn metadata(world: &World, row: u32, movement: &Movement) -> Map<String, Value> {
    let mut metadata = if let Some(extra) = &movement.extra {
        extra.metadata.clone()
    } else {
        let description = Value::from(cast::movement_texts(row, movement).1);
        Map::from_iter([("description".to_owned(), description)])
    };
    let tracking = tracking_key(world, row);
    if matches!(movement.rail, Rail::Spei | Rail::SpeiReturn) {
        let cep = if tracking.is_empty() {
            String::new()
        } else {
            format!("https://www.banxico.org.mx/cep/go?i=90646&s=20160101&d={tracking}")
        };
        metadata.insert("cep_url".to_owned(), Value::from(cep));
    }
    if !movement.rail.is_link() {
        metadata.entry("reference").or_insert_with(|| Value::from(""));
    }
    if !matches!(movement.rail, Rail::R2pBreb | Rail::R2pNequi) {
        metadata.insert("tracking_key".to_owned(), Value::from(tracking));
    }
    metadata
}

/// A side as `nested=true` and webhooks show it.
fn party_view(world: &World, party: Party, sensitive: bool) -> Value {
    match party {
        Party::Account(row) => accounts::view(world, row, sensitive).map_or(Value::Null, |view| json!(view)),
        Party::Counterparty(row) => match world.cobre.counterparties.get(row as usize) {
            Some(found) => {
                let mut flat = Map::new();
                flat.insert("type".to_owned(), Value::from(found.form.name));
                flat.insert("id".to_owned(), Value::from(counterparties::id(world, row)));
                flat.insert("alias".to_owned(), json!(found.alias));
                flat.extend(counterparties::shown(&found.metadata, sensitive));
                Value::Object(flat)
            }
            None => Value::Null,
        },
        Party::Nobody => Value::Null,
    }
}

/// A pair for a cross-border movement, else the one currency.
fn currency(movement: &Movement) -> Cow<'static, str> {
    let pair = movement.extra.as_ref().filter(|_| movement.rail == Rail::CrossBorder);
    let pair = pair.and_then(|extra| forex::pair(&extra.metadata));
    pair.map_or(Cow::Borrowed(super::currency_name(movement.currency)), Cow::Owned)
}

fn geo(world: &World, movement: &Movement) -> &'static str {
    let of = |party: Party| match party {
        Party::Account(row) => world.cobre.accounts.get(row as usize).map(|account| account.provider.geo),
        Party::Counterparty(_) | Party::Nobody => None,
    };
    of(movement.source).or_else(|| of(movement.destination)).unwrap_or(Geo::Col).name()
}

pub fn view(world: &World, row: u32, detail: Detail) -> Option<View> {
    let movement = world.cobre.movements.get(row as usize)?;
    let full = !detail.short;
    let side = |party: Party| match (full, detail.nested) {
        (false, _) => None,
        (true, true) => Some(party_view(world, party, detail.sensitive)),
        (true, false) => Some(Value::Null),
    };
    let given = movement.extra.as_ref().and_then(|extra| extra.given.clone());
    let (code, text) =
        given.unwrap_or_else(|| (movement.code.name().to_owned(), movement.code.text().to_owned()));
    let approval = movement.extra.as_ref().and_then(|extra| extra.approval);
    Some(View {
        id: id(world, row),
        batch_id: full.then(|| batch_id(world, movement.batch)),
        external_id: external_id(world, row),
        mm_approval_id: full.then(|| approval.map(|row| approvals::id(world, row)).unwrap_or_default()),
        creator: creator(world, movement.creator).to_owned(),
        kind: movement.rail.name(),
        geo: geo(world, movement),
        status: json!({"state": movement.state.name(), "code": code, "description": text}),
        source_id: party_id(world, movement.source),
        source: side(movement.source),
        destination_id: party_id(world, movement.destination),
        destination: side(movement.destination),
        currency: currency(movement),
        amount: movement.amount,
        metadata: metadata(world, row, movement),
        checker_approval: movement.checker_approval,
        created_at: movement.created_at,
        updated_at: full.then_some(movement.updated_at),
    })
}

pub fn batch_id(world: &World, batch: Batch) -> String {
    match batch {
        Batch::None => String::new(),
        Batch::Bulk(row) => bulk::id(world, row),
        Batch::Run(row) => documents::id(world, Shelf::Runs, row),
    }
}

pub fn creator(world: &World, row: u16) -> &str {
    world.cobre.creators.get(usize::from(row)).map_or("", String::as_str)
}

fn detail(ask: &Ask) -> Detail {
    Detail { nested: ask.call.param("nested") == Some("true"), sensitive: ask.sensitive(), short: false }
}

pub fn get(world: &mut World, ask: &Ask) -> Answer {
    let (row, _) = find(world, ask.id(0)).ok_or_else(missing)?;
    Ok(Reply::json(200, &view(world, row, detail(ask))))
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let call = ask.call;
    let window = Window::of(call, &world.settings)?;
    let (amount, created) = (Span::amount(call, "amount")?, Span::time(call, "created_at")?);
    // The ids are asked for once, not compared as texts in each row.
    let party = |name: &str| {
        call.param(name).map(|id| {
            let account = accounts::find(world, id).map(|(row, _)| Party::Account(row));
            account.or_else(|| world.ids.row("cp_", 10, id).map(Party::Counterparty))
        })
    };
    let (source, destination) = (party("source_id"), party("destination_id"));
    let batch = call.param("batch_id").map(|id| {
        let run = || documents::find(world, Shelf::Runs, id).ok().map(|(row, _)| Batch::Run(row));
        bulk::find(world, id).map(|(row, _)| Batch::Bulk(row)).or_else(run)
    });
    let keep = |row: u32| {
        let Some(movement) = world.cobre.movements.get(row as usize) else { return false };
        amount.holds(movement.amount)
            && created.holds(movement.created_at.millis())
            && source.is_none_or(|source| source == Some(movement.source))
            && destination.is_none_or(|destination| destination == Some(movement.destination))
            && batch.is_none_or(|batch| batch == Some(movement.batch))
            && ["status", "state"].into_iter().all(|name| lists::is(call, name, movement.state.name()))
            && lists::is(call, "type", movement.rail.name())
            && lists::is(call, "currency", movement.currency.code())
            && (call.param("geo").is_none() || lists::is(call, "geo", geo(world, movement)))
            && (call.param("creator").is_none()
                || lists::is(call, "creator", creator(world, movement.creator)))
    };
    let (total, rows) = match call.param("external_id") {
        Some(wanted) => {
            let rows = with_external_id(world, wanted);
            window.pick(&rows.as_slice(), 0..rows.len(), Some(&keep))
        }
        None => window.pick(&lists::All, 0..world.cobre.movements.len(), Some(&keep)),
    };
    let detail = detail(ask);
    let page: Vec<View> = rows.into_iter().filter_map(|row| view(world, row, detail)).collect();
    Ok(window.answer(total, &page))
}

/// The movements that carry this reference, oldest first.
pub fn with_external_id(world: &World, wanted: &str) -> Vec<u32> {
    let seeded = wanted
        .rsplit_once('-')
        .and_then(|(_, row)| row.parse::<u32>().ok())
        .filter(|row| {
            world.cobre.movements.get(*row as usize).is_some_and(|movement| movement.extra.is_none())
        })
        .filter(|row| external_id(world, *row).as_deref() == Some(wanted));
    let mut rows: Vec<u32> = world.cobre.external.get(wanted).cloned().unwrap_or_default();
    rows.extend(seeded);
    rows.sort_unstable();
    rows
}

/// Keeps a new movement and answers its row.
pub fn add(world: &mut World, movement: Movement) -> u32 {
    let row = u32::try_from(world.cobre.movements.len()).ok().filter(|row| *row < NONE);
    let row = row.expect("fewer movements than 2^32");
    if let Some(external) = movement.extra.as_ref().and_then(|extra| extra.external_id.clone()) {
        world.cobre.external.entry(external).or_default().push(row);
    }
    if let Batch::Bulk(bulk) = movement.batch
        && let Some(bulk) = world.cobre.bulks.get_mut(bulk as usize)
    {
        bulk.movements.push(row);
    }
    world.cobre.movements.push(movement);
    row
}

fn payment(world: &World, row: u32, movement: &Movement) -> Payment {
    Payment {
        provider: "cobre",
        id: id(world, row),
        kind: movement.rail.name().to_owned(),
        key: movement.extra.as_ref().and_then(|extra| extra.key.clone()),
        external_id: external_id(world, row),
        state: movement.state.name().to_owned(),
        amount: movement.amount,
        currency: movement.currency.code().to_owned(),
        source: party_id(world, movement.source),
        destination: party_id(world, movement.destination),
    }
}

pub fn payments(world: &World, payments: &mut Vec<Payment>) {
    let all = (0u32..).zip(&world.cobre.movements);
    payments.extend(all.map(|(row, movement)| payment(world, row, movement)));
}

/// Those that wait for their payer.
pub fn open_links(world: &World, payments: &mut Vec<Payment>) {
    let all = (0u32..).zip(&world.cobre.movements);
    let open = all.filter(|(_, found)| found.rail.is_link() && found.state == State::Processing);
    payments.extend(open.map(|(row, movement)| payment(world, row, movement)));
}
