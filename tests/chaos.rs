//! Payments through a network that cuts, delays, refuses, repeats and lies, with the sandbox's ledger as
//! judge: nothing is paid twice, nothing is lost, and nothing stays unknown once the provider answers.
//!
//! `RUNS=1000 cargo test --release --test chaos` makes it longer; `CUADRE_SEED` repeats a run.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what helps a test may stop it; clippy.toml allows it inside tests only"
)]

use cuadre::domain::account::{Account, AccountKind};
use cuadre::domain::counterparty::Counterparty;
use cuadre::domain::money::Currency;
use cuadre::domain::role::Role;
use cuadre::i18n::Numerals;
use cuadre::payments::draft::{Known, MovementDraft};
use cuadre::payments::{Actor, Checked, Outcome, Policy};
use cuadre::providers::http::Options as Http;
use cuadre::providers::{Provider, cobre};
use cuadre::sandbox::{self, Options};
use cuadre::store::{State, Store, StoreOptions};
use cuadre::sync::outbox::{self, Written};
use cuadre::sync::settle::Hurry;
use cuadre::sync::{Background, Desk};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

const CREATE: &str = "/v1/money_movements";
/// What may happen to a payment on its way.
const ON_WRITES: [&str; 11] = [
    "cut_before",
    "cut_during",
    "cut_after",
    "truncate:30",
    "garbage",
    "status:429",
    "status:500",
    "status:503",
    "status:409",
    "status:408",
    "delay_ms:80",
];
/// What may happen to what is read before and after.
const ON_READS: [&str; 8] = [
    "cut_during",
    "status:500",
    "garbage",
    "stale",
    "repeat_rows",
    "reorder",
    "ignore_filter",
    "delay_ms:40",
];
const PAYMENTS: usize = 5;
/// Runs at a time.
const ABREAST: usize = 6;
/// No run takes longer, unless something stays unknown.
const PATIENCE: Duration = Duration::from_mins(2);

#[expect(clippy::disallowed_methods, reason = "the desk runs in real time against the sandbox's clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// How the payments of a run ended.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    sent: usize,
    not_sent: usize,
    rejected: usize,
    /// Refused before anything was recorded: a read failed, or the review stopped it.
    never: usize,
    /// Unknown at first, settled by asking.
    settled: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_paid_twice_lost_or_left_unknown() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let runs = number("RUNS").unwrap_or(4);
    let first = number("CUADRE_SEED").unwrap_or(1);
    let mut tally = Tally::default();
    let mut under_way = JoinSet::new();
    for seed in first..first + runs {
        if under_way.len() >= ABREAST {
            add(&mut tally, under_way.join_next().await.unwrap().unwrap());
        }
        under_way.spawn(async move {
            let run = tokio::time::timeout(PATIENCE, run(seed)).await;
            run.unwrap_or_else(|_| panic!("CUADRE_SEED={seed} RUNS=1: still unknown"))
        });
    }
    while let Some(done) = under_way.join_next().await {
        add(&mut tally, done.unwrap());
    }
    println!(
        "{runs} runs from seed {first}, {PAYMENTS} payments each: {tally:?}; 0 twice, 0 lost, 0 unknown"
    );
}

fn add(tally: &mut Tally, run: Tally) {
    tally.sent += run.sent;
    tally.not_sent += run.not_sent;
    tally.rejected += run.rejected;
    tally.never += run.never;
    tally.settled += run.settled;
}

async fn run(seed: u64) -> Tally {
    let mut rng = fastrand::Rng::with_seed(seed);
    let options = Options { seed, transactions: 40, ..Options::default() };
    let sandbox = sandbox::start(options).await.expect("two free ports");
    let control = sandbox.ready().control.clone();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("store.db"), StoreOptions::default()).unwrap();
    let desk = desk(&sandbox, store);
    let provider = Arc::clone(desk.cobre.as_ref().unwrap());
    let accounts = provider.accounts().await.unwrap().rows;
    let payees = provider.counterparties().await.unwrap().rows;
    let http = reqwest::Client::new();

    let mut tally = Tally::default();
    let mut unknown_at_first = Vec::new();
    for n in 0..PAYMENTS {
        heal(&http, &control).await;
        fault(&http, &control, "POST", CREATE, ON_WRITES[rng.usize(..ON_WRITES.len())], rng.u64(1..3)).await;
        if rng.bool() {
            let what = ON_READS[rng.usize(..ON_READS.len())];
            fault(&http, &control, "GET", CREATE, what, rng.u64(1..3)).await;
        }
        let name = if rng.bool() { format!("chaos-{seed}-{n}") } else { String::new() };
        let pesos = 10_000 + rng.u32(..900_000);
        let Some(checked) = payment(&accounts, &payees, pesos, &name, &mut rng) else { continue };
        match outbox::write(&desk, checked, None).await {
            Written::Done { intent, outcome: Outcome::Unknown(_), .. } => unknown_at_first.push(intent),
            Written::Done { .. } => {}
            _ => tally.never += 1,
        }
    }
    heal(&http, &control).await;

    // The provider answers again: everything settles by asking.
    let (news, mut told) = tokio::sync::mpsc::unbounded_channel();
    let background = Background::start(desk.clone(), news);
    while !desk.store.open_intents().await.unwrap().is_empty() {
        told.recv().await.unwrap();
    }
    background.finish().await;

    let ledger: Value = http.get(format!("{control}/ledger")).send().await.unwrap().json().await.unwrap();
    for (currency, sum) in ledger["sums"].as_object().unwrap() {
        assert_eq!(*sum, 0, "CUADRE_SEED={seed}: {currency}");
    }
    let named = |name: &str| {
        let payments = ledger["payments"].as_array().unwrap();
        payments.iter().filter(|payment| payment["external_id"] == name).count()
    };
    for entry in desk.store.outbox(100).await.unwrap() {
        let name = entry.external_id.as_deref().unwrap();
        let there = named(name);
        let wanted = match entry.state {
            State::Sent => {
                tally.sent += 1;
                1
            }
            State::NotSent => {
                tally.not_sent += 1;
                0
            }
            State::Rejected => {
                tally.rejected += 1;
                0
            }
            state => panic!("CUADRE_SEED={seed}: {name} is {state}"),
        };
        assert_eq!(there, wanted, "CUADRE_SEED={seed}: {name} is {} ({:?})", entry.state, entry.why);
        tally.settled += usize::from(unknown_at_first.contains(&entry.intent));
    }
    tally
}

fn desk(sandbox: &sandbox::Sandbox, store: Store) -> Desk {
    let ready = sandbox.ready();
    let credential = ready.credentials.cobre["maker"].clone();
    let actor = Actor {
        person: "mlopez".to_owned(),
        role: Role::Maker,
        profile: "chaos".to_owned(),
        environment: "sandbox".to_owned(),
        credential: Some(credential.user_id.clone()),
        readonly: false,
        limits: None,
        policy: Policy::default(),
    };
    let mut desk = Desk::new(store, actor, now);
    desk.hurry = Hurry::new(1_000);
    let access = cobre::Access {
        base: ready.cobre.clone(),
        user_id: credential.user_id,
        secret: credential.secret.into(),
        options: Http::default(),
    };
    desk.cobre = Some(Arc::new(cobre::Cobre::new(access).unwrap()));
    desk
}

/// A payment of its own amount from the first balance in pesos to one of the payees.
fn payment(
    accounts: &[Account],
    payees: &[Counterparty],
    pesos: u32,
    name: &str,
    rng: &mut fastrand::Rng,
) -> Option<Checked> {
    let pays = |account: &&Account| {
        account.kind == AccountKind::Balance && account.balance.currency == Currency::Cop && account.connected
    };
    let source = accounts.iter().find(pays)?;
    let payees: Vec<&Counterparty> =
        payees.iter().filter(|to| matches!(to.destination.kind.as_str(), "ch" | "cc" | "breb_key")).collect();
    let to = payees.get(rng.usize(..payees.len()))?;
    let draft = MovementDraft {
        source: Some(source.id.clone()),
        destination: Some(to.id.clone().into()),
        amount: pesos.to_string(),
        description: "Caos".to_owned(),
        external_id: name.to_owned(),
        ..MovementDraft::default()
    };
    let numerals = Numerals::EnUs;
    draft.validate(Known { accounts, counterparties: std::slice::from_ref(*to), numerals }).ok()
}

async fn fault(http: &reqwest::Client, control: &str, method: &str, path: &str, what: &str, times: u64) {
    let order = json!({"path": path, "method": method, "times": times, "fault": what, "exact": true});
    let sent = http.post(format!("{control}/faults")).json(&order).send().await.unwrap();
    assert!(sent.status().is_success(), "{what}");
}

async fn heal(http: &reqwest::Client, control: &str) {
    assert!(http.delete(format!("{control}/faults")).send().await.unwrap().status().is_success());
}
