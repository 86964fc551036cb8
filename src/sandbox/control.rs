//! `/_sandbox/…` on Cobre's port: what a test or a demo may look at and move. No token; loopback only.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use axum::routing::any;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::clock::Moment;
use super::http::{Call, Reply, object, serve};
use super::ledger::Provider;
use super::settings::Settings;
use super::world::{Shared, World};
use super::{cobre, cobru};

/// Why a control call was refused: 400 `{"error": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlError {
    pub text: String,
    /// 400, or 409 where the state does not allow it.
    pub status: u16,
}

impl ControlError {
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), status: 400 }
    }

    pub fn conflict(text: impl Into<String>) -> Self {
        Self { text: text.into(), status: 409 }
    }
}

/// One payment in the ledger's answer, whoever made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Payment {
    pub provider: &'static str,
    pub id: String,
    pub kind: String,
    /// The idempotency key it came with.
    pub key: Option<String>,
    pub external_id: Option<String>,
    pub state: String,
    /// Minor units.
    pub amount: i64,
    pub currency: String,
    pub source: String,
    pub destination: String,
}

pub fn router() -> Router<Shared> {
    Router::new().route("/_sandbox", any(answer)).route("/_sandbox/{*rest}", any(answer))
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let response = serve(&shared, request, handle).await;
    // The clock may have been moved, and the background waits by the old one.
    shared.clock_changed();
    response
}

pub fn handle(world: &mut World, call: &Call) -> Reply {
    // A page of somebody else's in a browser on this machine must not move the sandbox.
    let elsewhere = |name: &str| call.header(name).is_some_and(|value| !is_loopback(value));
    if elsewhere("origin") || elsewhere("host") {
        return Reply::json(403, &json!({"error": "only from this machine"}));
    }
    match route(world, call) {
        Ok(reply) => reply,
        Err(error) => Reply::json(error.status, &json!({ "error": error.text })),
    }
}

/// Whether an `Origin` or a `Host` is on this machine.
fn is_loopback(address: &str) -> bool {
    let host = address.strip_prefix("http://").unwrap_or(address);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    ["127.0.0.1", "localhost"].contains(&host)
}

type Answer = Result<Reply, ControlError>;

/// The page for people: accounts, postings, requests, and the buttons of a demo.
const PAGE: &str = include_str!("page.html");

fn route(world: &mut World, call: &Call) -> Answer {
    let path: Vec<&str> = call.segments.iter().skip(1).map(String::as_str).collect();
    match (&call.method, path.as_slice()) {
        (&Method::GET, []) => Ok(Reply::bytes(200, "text/html; charset=utf-8", PAGE.as_bytes())),
        (&Method::GET, ["info"]) => Ok(Reply::json(200, &world.ready)),
        (&Method::GET, ["ledger"]) => ledger(world, call),
        (&Method::GET, ["requests"]) => {
            let since = since(call, world.requests.count())?;
            Ok(Reply::json(200, &world.requests.since(since).collect::<Vec<_>>()))
        }
        (&Method::GET, ["clock"]) => Ok(clock_answer(world)),
        (&Method::POST, ["clock"]) => clock(world, call),
        (&Method::GET, ["faults"]) => Ok(Reply::json(200, &world.faults.orders().collect::<Vec<_>>())),
        (&Method::POST, ["faults"]) => {
            world.faults.add(body(call)?).map_err(ControlError::new)?;
            Ok(Reply::json(201, &world.faults.orders().last()))
        }
        (&Method::DELETE, ["faults"]) => {
            world.faults.clear();
            Ok(Reply::empty(204))
        }
        (&Method::POST, ["pay"]) => pay(world, call),
        (&Method::POST, ["refund"]) => {
            let slug = text(&fields(call)?, "cobru")?;
            Ok(Reply::json(200, &cobru::refund(world, &slug)?))
        }
        (&Method::POST, ["collect"]) => {
            let withdrawal = text(&fields(call)?, "withdrawal")?;
            Ok(Reply::json(200, &cobru::collect(world, &withdrawal)?))
        }
        (&Method::GET, ["deliveries"]) => {
            let since = since(call, world.deliveries.count())?;
            let contents: Vec<_> = world.deliveries.since(since).collect();
            Ok(Reply::json(200, &json!({ "contents": contents })))
        }
        (&Method::GET, ["settings"]) => Ok(Reply::json(200, &world.settings)),
        (&Method::PATCH, ["settings"]) => settings(world, call),
        (&Method::POST, ["reset"]) => {
            world.reset();
            Ok(clock_answer(world))
        }
        (method, path) => cobre::control(world, call, path).unwrap_or_else(|| {
            Err(ControlError { status: 404, text: format!("the sandbox has no {method} {}", call.path) })
        }),
    }
}

/// `since=SEQ`: what came after that one; `last=N`: the last so many of `count`; neither: all.
fn since(call: &Call, count: u64) -> Result<u64, ControlError> {
    let number = |name: &str| {
        let digits = call.param(name).map(str::parse::<u64>).transpose();
        digits.map_err(|_| ControlError::new(format!("{name} is a number")))
    };
    match (number("since")?, number("last")?) {
        (Some(since), _) => Ok(since),
        (None, Some(last)) => Ok(count.saturating_sub(last)),
        (None, None) => Ok(0),
    }
}

fn fields(call: &Call) -> Result<Map<String, Value>, ControlError> {
    object(&call.body).ok_or_else(|| ControlError::new("the body is a JSON object"))
}

fn body<T: for<'a> Deserialize<'a>>(call: &Call) -> Result<T, ControlError> {
    serde_json::from_slice(&call.body).map_err(|error| ControlError::new(error.to_string()))
}

fn text(fields: &Map<String, Value>, name: &str) -> Result<String, ControlError> {
    match fields.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        _ => Err(ControlError::new(format!("{name} is missing"))),
    }
}

fn clock_answer(world: &World) -> Reply {
    Reply::json(200, &json!({ "now": world.now }))
}

/// The furthest one call moves the clock: ten years.
const ADVANCE_MAX_S: u64 = 10 * 366 * 86_400;

fn clock(world: &mut World, call: &Call) -> Answer {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Move {
        advance_s: Option<u64>,
        rate: Option<u32>,
    }
    let wanted: Move = body(call)?;
    if wanted.advance_s.is_none() && wanted.rate.is_none() {
        return Err(ControlError::new("advance_s or rate is missing"));
    }
    if wanted.advance_s > Some(ADVANCE_MAX_S) {
        return Err(ControlError::new("the clock moves ten years at most"));
    }
    if let Some(rate) = wanted.rate {
        world.clock.set_rate(rate);
    }
    if let Some(seconds) = wanted.advance_s {
        world.clock.advance_seconds(seconds);
        world.run_due();
    }
    Ok(clock_answer(world))
}

fn pay(world: &mut World, call: &Call) -> Answer {
    let fields = fields(call)?;
    let refuse = fields.get("refuse").and_then(Value::as_bool).unwrap_or(false);
    let amount = fields.get("amount").and_then(Value::as_i64);
    let answer = if fields.contains_key("cobru") {
        cobru::pay(world, &text(&fields, "cobru")?, refuse)?
    } else if fields.contains_key("movement") {
        cobre::pay_movement(world, &text(&fields, "movement")?, refuse)?
    } else {
        let key = text(&fields, "key").map_err(|_| ControlError::new("cobru, movement or key is missing"))?;
        match cobre::pay_key(world, &key, amount) {
            Some(answer) => answer?,
            None => cobru::pay_key(world, &key, amount)
                .unwrap_or_else(|| Err(ControlError::new(format!("nobody has the key {key}"))))?,
        }
    };
    Ok(Reply::json(200, &answer))
}

fn settings(world: &mut World, call: &Call) -> Answer {
    let changes = fields(call)?;
    let mut all =
        serde_json::to_value(&world.settings).map_err(|error| ControlError::new(error.to_string()))?;
    if let Value::Object(all) = &mut all {
        all.extend(changes);
    }
    let settings: Settings =
        serde_json::from_value(all).map_err(|error| ControlError::new(error.to_string()))?;
    world.settings = settings;
    Ok(Reply::json(200, &world.settings))
}

fn ledger(world: &World, call: &Call) -> Answer {
    #[derive(Serialize)]
    struct Account<'a> {
        id: &'a str,
        provider: &'static str,
        name: &'a str,
        currency: &'static str,
        balance: i64,
        outside: bool,
    }
    #[derive(Serialize)]
    struct Line<'a> {
        account: &'a str,
        amount: i64,
    }
    #[derive(Serialize)]
    struct Posting<'a> {
        seq: u64,
        at: Moment,
        currency: &'static str,
        lines: Vec<Line<'a>>,
        cause: String,
    }
    #[derive(Serialize)]
    struct Whole<'a> {
        clock: Moment,
        sums: Map<String, Value>,
        accounts: Vec<Account<'a>>,
        postings: Vec<Posting<'a>>,
        payments: Vec<Payment>,
    }
    let since = since(call, world.ledger.count())?;
    let sums = world.ledger.sums().into_iter();
    let sums = sums
        .map(|(currency, sum)| (currency.code().to_owned(), json!(i64::try_from(sum).unwrap_or(i64::MAX))));
    let accounts = world.ledger.accounts().iter().map(|account| Account {
        id: &account.id,
        provider: account.provider.name(),
        name: &account.name,
        currency: account.currency.code(),
        balance: account.balance(),
        outside: account.provider == Provider::Outside,
    });
    let postings = world.ledger.since(since).map(|posting| Posting {
        seq: posting.seq,
        at: posting.at,
        currency: posting.currency.code(),
        lines: posting
            .lines
            .iter()
            .map(|line| Line { account: &world.ledger.account(line.account).id, amount: line.amount })
            .collect(),
        cause: world.cause_text(posting.cause),
    });
    let mut payments = Vec::new();
    match call.param("payments") {
        None => {
            cobre::payments(world, &mut payments);
            cobru::payments(world, &mut payments);
        }
        Some("open") => {
            cobre::open_links(world, &mut payments);
            cobru::open_links(world, &mut payments);
        }
        Some("none") => {}
        Some(_) => return Err(ControlError::new("payments is open or none")),
    }
    let whole = Whole {
        clock: world.now,
        sums: sums.collect(),
        accounts: accounts.collect(),
        postings: postings.collect(),
        payments,
    };
    Ok(Reply::json(200, &whole))
}
