//! Cobre, as a server: its whole state, and the one way from a call to an answer.

mod accounts;
mod approvals;
mod auth;
mod bulk;
mod calendar;
pub mod cast;
mod catalogue;
mod checkouts;
mod checks;
mod counterparties;
mod debits;
mod documents;
mod events;
mod evidence;
mod fields;
mod forex;
mod history;
mod keys;
mod lifecycle;
mod lists;
mod manage;
mod movements;
mod payins;
mod pdf;
mod primary;
mod qr;
mod rails;
mod references;
mod refusal;
mod reports;
mod routes;
mod scenes;
mod schedulers;
mod seed;
mod testing;
mod transactions;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::domain::money::Currency;

use super::clock::Moment;
use super::control::ControlError;
use super::http::{Call, Reply, serve};
use super::requests::Who;
use super::world::{Shared, World};

pub use auth::credentials;
pub use movements::{open_links, payments};
pub use refusal::error;
pub use scenes::SCENES;
pub use seed::seed;

use auth::Caller;
use documents::{Document, Shelf};
use lifecycle::Step;
use refusal::{Answer, Refusal};

/// All that Cobre keeps beside the ledger. Rows are referred to by their number; none is taken away.
#[derive(Debug, Default)]
pub struct Cobre {
    accounts: Vec<accounts::Account>,
    counterparties: Vec<counterparties::Counterparty>,
    movements: Vec<movements::Movement>,
    transactions: Vec<transactions::Transaction>,
    approvals: Vec<approvals::Approval>,
    bulks: Vec<bulk::Bulk>,
    /// Metadata of transactions that no formula gives.
    notes: Vec<Map<String, Value>>,
    /// `cli_…` and `usr_…`: who makes movements.
    creators: Vec<String>,
    /// Movements by the reference that their caller gave.
    external: HashMap<String, Vec<u32>>,
    /// Links by Bre-B by the key that their code carries.
    link_keys: HashMap<String, u32>,
    remembered: Memory,
    buckets: HashMap<String, auth::Bucket>,
    shelves: HashMap<Shelf, Vec<Document>>,
    pages: Pages,
    /// Tokens given out.
    tokens: u32,
    /// Events told.
    events: u32,
}

/// Pages of transactions as they were answered: they depend on nothing but the books, and a desk asks
/// for the same ones again and again.
#[derive(Debug, Default)]
struct Pages {
    /// The world's version that they are of.
    version: u64,
    kept: HashMap<String, Reply>,
}

const PAGES_MAX: usize = 64;

impl Pages {
    fn at(&mut self, version: u64) -> &mut HashMap<String, Reply> {
        if self.version != version || self.kept.len() >= PAGES_MAX {
            self.kept.clear();
            self.version = version;
        }
        &mut self.kept
    }
}

/// First answers by who asked, the path and the idempotency key. Those of earlier days are let go.
#[derive(Debug, Default)]
struct Memory {
    held: HashMap<(String, String, String), Remembered>,
    /// How many there may be before the old ones are looked for.
    room: usize,
}

impl Memory {
    fn get(&self, slot: &(String, String, String), now: Moment) -> Option<&Remembered> {
        self.held.get(slot).filter(|first| first.holds(now))
    }

    fn keep(&mut self, slot: (String, String, String), first: Remembered) {
        let now = first.at;
        if self.held.len() >= self.room {
            self.held.retain(|_, first| first.holds(now));
            self.room = self.held.len().saturating_mul(2).max(1024);
        }
        self.held.insert(slot, first);
    }
}

/// The first answer to an idempotency key.
#[derive(Debug, Clone)]
struct Remembered {
    at: Moment,
    body: u64,
    reply: Reply,
}

impl Remembered {
    const fn holds(&self, now: Moment) -> bool {
        now.millis_since(self.at) < KEY_LIFE_MS
    }
}

/// A key lives a day [doc].
const KEY_LIFE_MS: i64 = 24 * 3_600_000;
const KEY_MIN: usize = 9;

/// What happens at Cobre by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CobreEvent {
    Step(u32, Step),
    /// A counterparty is verified.
    Verified(u32),
    BulkChecked(u32),
    BulkExpires(u32),
    Key(u32, keys::Change),
    /// A schedule runs.
    Run(u32),
    /// A direct-debit registration is answered.
    Registered(u32),
    /// A bank account is connected.
    Connected(u32),
    /// A row of its statement comes in.
    Statement(u32),
    /// A Global balance gets its addresses.
    Wallets(u32),
    Alert(u32),
    Reference(u32),
    Verification(u32),
    Report(u32),
    ReportRun(u32),
    /// Money of the busy day.
    Arrives(i64),
    /// A credit goes on to the primary account.
    Sweep(u32),
}

pub fn due(world: &mut World, event: &CobreEvent) {
    match event {
        CobreEvent::Step(row, step) => lifecycle::step(world, *row, *step),
        CobreEvent::Verified(row) => {
            let now = world.now;
            if let Some(found) = world.cobre.counterparties.get_mut(*row as usize) {
                (found.verified, found.updated_at) = (true, now);
                let verified = Value::from("verified");
                found.metadata.insert("counterparty_verification_status".to_owned(), verified);
            }
            counterparties::changed(world, *row, "verified");
        }
        CobreEvent::BulkChecked(row) => bulk::checked(world, *row),
        CobreEvent::BulkExpires(row) => bulk::expire(world, *row),
        CobreEvent::Key(row, change) => keys::due(world, *row, *change),
        CobreEvent::Run(row) => schedulers::run(world, *row),
        CobreEvent::Registered(row) => debits::due(world, *row),
        CobreEvent::Connected(row) => manage::connected(world, *row),
        CobreEvent::Statement(row) => manage::statement(world, *row),
        CobreEvent::Wallets(row) => manage::link_wallets(world, *row),
        CobreEvent::Alert(row) => forex::alert_due(world, *row),
        CobreEvent::Reference(row) => references::enable(world, *row),
        CobreEvent::Verification(row) => references::verified(world, *row),
        CobreEvent::Report(row) => reports::ready(world, *row),
        CobreEvent::ReportRun(row) => reports::run(world, *row),
        CobreEvent::Arrives(minute) => scenes::arrives(world, *minute),
        CobreEvent::Sweep(row) => primary::due(world, *row),
    }
}

pub fn router() -> Router<Shared> {
    Router::new().fallback(answer)
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    serve(&shared, request, handle).await
}

/// One call, one answer.
pub fn handle(world: &mut World, call: &Call) -> Reply {
    let mut who = Who { key: call.header("idempotency").map(str::to_owned), role: None };
    let answer = dispatch(world, call, &mut who);
    let mut reply = answer.unwrap_or_else(Refusal::into_reply);
    let serial = u32::try_from(world.requests.count() & 0x0FFF_FFFF).unwrap_or_default();
    for (name, prefix) in [("x-correlation-id", "cor-"), ("x-request-id", "req-")] {
        let echoed = call.header(name).map(str::to_owned);
        reply = reply.with(name, echoed.unwrap_or_else(|| world.ids.make(prefix, 16, serial)));
    }
    reply.who = who;
    reply
}

fn dispatch(world: &mut World, call: &Call, who: &mut Who) -> Answer {
    if call.method == Method::POST && routes::below_v1(call) == ["auth"] {
        return auth::sign_in(world, call);
    }
    let Some((route, ids)) = routes::find(call) else {
        let status = if world.settings.unknown_path_404 { 404 } else { 403 };
        return Ok(Reply::json(status, &json!({"message": "Missing Authentication Token"})));
    };
    let caller = auth::caller(world, call)?;
    who.role = Some(caller.role.name().to_owned());
    if !caller.role.may(route.access) {
        return Err(Refusal::new(
            "AU007",
            format!("The role {} is not allowed to do this", caller.role.name()),
        ));
    }
    let kind = call.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let is_json = kind.is_empty() || kind.contains("json") || kind.starts_with("multipart/form-data");
    if !call.body.is_empty() && !is_json && !world.options.lenient {
        return Err(Refusal { status: 415, ..Refusal::new("G002", "Content-Type must be application/json") });
    }
    let ask = routes::ask(call, caller, ids);
    if call.method == Method::POST {
        return once(world, route, &ask);
    }
    if !route.path.ends_with("transactions") {
        return (route.run)(world, &ask);
    }
    let (version, page) = (world.version, format!("{} {} {}", call.uri, ask.sensitive(), call.shift));
    if let Some(kept) = world.cobre.pages.at(version).get(&page) {
        return Ok(kept.clone());
    }
    let reply = (route.run)(world, &ask)?;
    world.cobre.pages.at(version).insert(page, reply.clone());
    Ok(reply)
}

/// Runs a POST once for its idempotency key: the same key again gets the first answer (contract 1.3).
fn once(world: &mut World, route: &routes::Route, ask: &routes::Ask) -> Answer {
    let required = ["money_movements", "cross_border_money_movements"].contains(&route.path)
        && world.settings.require_idempotency;
    let key = match ask.call.header("idempotency") {
        Some(key) if key.chars().count() >= KEY_MIN => key.to_owned(),
        None if !required => return (route.run)(world, ask),
        found => {
            let code = if route.path.contains("money_movements") { "MM002" } else { "G002" };
            let problem = if found.is_some() { "has fewer than 9 characters" } else { "is required" };
            return Err(Refusal::new(code, format!("The idempotency header {problem}")));
        }
    };
    let mut hasher = DefaultHasher::new();
    ask.call.body.hash(&mut hasher);
    let body = hasher.finish();
    let Caller { role } = ask.caller;
    let slot = (role.user().to_owned(), routes::below_v1(ask.call).join("/"), key);
    let now = world.now;
    if let Some(first) = world.cobre.remembered.get(&slot, now) {
        if world.settings.strict_idempotency && first.body != body {
            return Err(Refusal::new("MM004", "The idempotency key was used with another body"));
        }
        return Ok(first.reply.clone());
    }
    let reply = (route.run)(world, ask)?;
    world.cobre.remembered.keep(slot, Remembered { at: now, body, reply: reply.clone() });
    Ok(reply)
}

pub fn movement_id(world: &World, row: u32) -> String {
    movements::id(world, row)
}

pub fn transaction_id(world: &World, row: u32) -> String {
    transactions::id(world, row)
}

/// `POST /_sandbox/pay {"movement"}`.
pub fn pay_movement(world: &mut World, id: &str, refuse: bool) -> Result<Value, ControlError> {
    lifecycle::pay(world, id, refuse)
}

/// A payer pays to one of Cobre's keys. `None`: the key isn't Cobre's.
pub fn pay_key(world: &mut World, key: &str, amount: Option<i64>) -> Option<Result<Value, ControlError>> {
    if keys::account(world, key).is_some() {
        let payin = documents::map(json!({"kind": "breb_key", "target": key, "amount": amount}));
        return Some(payins::pay_in(world, &payin));
    }
    let id = movements::id(world, *world.cobre.link_keys.get(key)?);
    Some(lifecycle::pay(world, &id, false))
}

/// The row of a creator's name.
fn creator_row(world: &mut World, user: &str) -> u16 {
    let creators = &mut world.cobre.creators;
    let place = creators.iter().position(|held| held == user).unwrap_or_else(|| {
        creators.push(user.to_owned());
        creators.len().saturating_sub(1)
    });
    u16::try_from(place).unwrap_or(u16::MAX)
}

/// The last four characters, the rest as stars (contract 1.7).
fn mask(text: &str) -> String {
    let hidden = text.chars().count().saturating_sub(4);
    text.chars().enumerate().map(|(place, letter)| if place < hidden { '*' } else { letter }).collect()
}

/// As a resource's `currency` shows it: lower case (contract 1.7).
const fn currency_name(currency: Currency) -> &'static str {
    match currency {
        Currency::Cop => "cop",
        Currency::Mxn => "mxn",
        Currency::Usd => "usd",
        Currency::UsdStable => "usd_stable",
        Currency::Copco => "copco",
        Currency::Brl => "brl",
        Currency::Ars => "ars",
    }
}

fn transaction_note(note: &Map<String, Value>, sensitive: bool) -> Map<String, Value> {
    let mut shown = note.clone();
    for (name, value) in shown.iter_mut().filter(|_| !sensitive) {
        let is_hidden = ["sender_name", "sender_id", "sender_account_number", "beneficiary_account_number"];
        if let (true, Value::String(text)) = (is_hidden.contains(&name.as_str()), value) {
            *text = mask(text);
        }
    }
    shown
}

/// Cobre's own control calls (contract 21); `None`: not one of them.
pub fn control(world: &mut World, call: &Call, path: &[&str]) -> Option<Result<Reply, ControlError>> {
    let body = || serde_json::from_slice::<Map<String, Value>>(&call.body);
    let answer = match (call.method.as_str(), path) {
        ("POST", ["payins"]) => match body() {
            Ok(body) => payins::pay_in(world, &body).map(|made| Reply::json(201, &made)),
            Err(_) => Err(ControlError::new("the body is a JSON object")),
        },
        ("POST", ["r2p", id, "pay"]) => lifecycle::pay(world, id, false).map(|made| Reply::json(200, &made)),
        ("POST", ["r2p", id, "reject"]) => {
            lifecycle::pay(world, id, true).map(|made| Reply::json(200, &made))
        }
        ("POST", ["direct_debits", id, answer @ ("accept" | "reject")]) => {
            debits::answer(world, id, *answer == "accept").map(|made| Reply::json(200, &made))
        }
        ("POST", ["checkouts", id, "pay"]) => {
            checkouts::pay(world, id, &body().unwrap_or_default()).map(|made| Reply::json(200, &made))
        }
        ("POST", ["quotes", id, "expire"]) => forex::expire(world, id).map(|quote| Reply::json(200, &quote)),
        ("GET", ["r2p" | "checkouts", id]) => Ok(payers_page(id)),
        ("POST", ["evidence"]) => {
            evidence::ask(world, &body().unwrap_or_default()).map(|made| Reply::json(201, &made))
        }
        ("PUT", ["evidence", id, place]) => evidence::put(world, id, place, call.body.len()),
        ("GET", ["files", ids]) => reports::files(world, ids),
        ("GET", ["catalogues", "events"]) => {
            let rows: Vec<Value> = events::EVENTS.iter().map(|key| json!({ "event_key": key })).collect();
            Ok(Reply::json(200, &json!({ "contents": rows })))
        }
        ("GET", ["catalogues", "hours"]) => {
            Ok(Reply::json(200, &json!({ "contents": calendar::rows(world.now) })))
        }
        ("GET", ["catalogues", name]) => match catalogue::rows(name) {
            Some(rows) => Ok(Reply::json(200, &json!({ "contents": rows }))),
            None => Err(ControlError::new(format!("no catalogue is called {name}"))),
        },
        _ => return None,
    };
    Some(answer)
}

/// Where a link or a checkout leads to: two buttons.
fn payers_page(id: &str) -> Reply {
    // An id is letters, digits and `_`; whatever else the path held is not written into the page.
    let id: String = id.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
    let (kind, refuse) = if id.starts_with("chk_") {
        ("checkouts", format!("checkouts/{id}/pay', '{{\"refuse\":true}}"))
    } else {
        ("r2p", format!("r2p/{id}/reject', '"))
    };
    let page = format!(
        "<!doctype html><meta charset=utf-8><title>cuadre · sandbox</title><h1>{id}</h1>\
         <button onclick=\"go('{kind}/{id}/pay', '')\">Pagar / pay</button> \
         <button id=no>Rechazar / refuse</button><pre></pre>\
         <script>const go = (path, body) => fetch('/_sandbox/' + path, {{method: 'POST', body}})\
         .then(a => a.text()).then(t => document.querySelector('pre').textContent = t);\
         document.getElementById('no').onclick = () => go('{refuse}');</script>"
    );
    Reply::bytes(200, "text/html; charset=utf-8", page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::Options;
    use crate::sandbox::clock::Moment;
    use axum::body::Bytes;
    use axum::http::{HeaderMap, HeaderValue, Uri};
    use std::sync::Arc;
    use tokio::sync::Notify;

    /// Names that bodies of all areas use.
    const NAMES: [&str; 40] = [
        "account_id",
        "account_source_ids",
        "account_type",
        "action",
        "alias",
        "amount",
        "checker_approval",
        "checkout_header",
        "checkout_rails",
        "condition",
        "currency_pair",
        "data",
        "decision",
        "description",
        "description_to_payee",
        "destination_id",
        "documents",
        "event_signature_key",
        "events",
        "external_id",
        "forex_quote_id",
        "format",
        "geo",
        "holder",
        "key_config",
        "layout",
        "metadata",
        "money_movement_id",
        "open_input",
        "primary_account_id",
        "provider_id",
        "report_ids",
        "resource",
        "schedule_pattern",
        "source_amount",
        "source_id",
        "state",
        "thresholds",
        "transaction_id",
        "type",
    ];

    fn world() -> World {
        let options = Options { transactions: 60, rate: 0, ..Options::default() };
        let mut world = World::new(&options, Moment::from_millis(1_768_485_600_000), Arc::new(Notify::new()));
        world.settings.rate_limit = false;
        world
    }

    fn token(world: &mut World) -> String {
        let secret = credentials(world)["admin"].secret.clone();
        let body = json!({"user_id": "cli_admin", "secret": secret}).to_string();
        let call = Call::new(Method::POST, &Uri::from_static("/v1/auth"), HeaderMap::new(), body.into());
        let answer: Value = serde_json::from_slice(&handle(world, &call).body).unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// Each route with each kind of nonsense in each field: a refusal of its own, never a panic or a 5xx.
    #[test]
    fn no_route_breaks_on_a_field_of_another_type() {
        let mut world = world();
        let token = token(&mut world);
        let postings = world.ledger.count();
        let nonsense = [
            json!(null),
            json!(true),
            json!(0),
            json!(-1),
            json!(1.5),
            json!(u64::MAX),
            json!(""),
            json!("x"),
            json!("ñ\u{0}\u{202e}"),
            json!("a".repeat(5_000)),
            json!([]),
            json!([null]),
            json!([[{}]]),
            json!({}),
            json!({"description": {}, "account_number": [], "alias": 1}),
        ];
        let real = [
            accounts::id(&world, 0),
            counterparties::id(&world, 0),
            movements::id(&world, 0),
            "x".to_owned(),
        ];
        let mut bodies: Vec<Bytes> = nonsense.iter().map(|value| value.to_string().into()).collect();
        for value in &nonsense {
            let every: Map<String, Value> =
                NAMES.iter().map(|name| ((*name).to_owned(), value.clone())).collect();
            bodies.push(Value::Object(every).to_string().into());
        }
        let mut asked = 0;
        for route in routes::ROUTES {
            for id in &real {
                let uri: Uri = format!("/v1/{}", route.path.replace('*', id)).parse().unwrap();
                for body in &bodies {
                    let mut headers = HeaderMap::new();
                    headers
                        .insert("authorization", HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
                    headers
                        .insert("idempotency", HeaderValue::from_str(&format!("nonsense-{asked}")).unwrap());
                    let call = Call::new(route.method.clone(), &uri, headers, body.clone());
                    let reply = handle(&mut world, &call);
                    assert!(reply.status < 500, "{} {uri} {body:?}: {reply:?}", route.method);
                    if reply.status >= 400 && route.path != "account_test_transactions" {
                        let answer: Value = serde_json::from_slice(&reply.body).unwrap();
                        assert!(answer["error_code"].is_string(), "{} {uri}: {answer}", route.method);
                    }
                    asked += 1;
                }
            }
        }
        assert!(asked > 5_000);
        assert_eq!(world.ledger.count(), postings);
        assert_eq!(world.ledger.check(), Ok(()));
    }
}
