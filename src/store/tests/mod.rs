//! The store by its promises: what is on disk, who may send, what stands.

mod chain;
mod kept;
mod refusals;
mod steps;
mod vault;

use super::*;
use jiff::{SignedDuration, Timestamp};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

/// Seconds that the tests' clock is ahead. Only tests about leases move it; each has its own clock.
macro_rules! clock {
    ($name:ident) => {
        static $name: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(0);
    };
}
use clock;

fn noon() -> Timestamp {
    "2026-01-15T12:00:00Z".parse().unwrap()
}

fn after(clock: &AtomicI64) -> Timestamp {
    noon() + SignedDuration::from_secs(clock.load(Ordering::SeqCst))
}

fn advance(clock: &AtomicI64, seconds: i64) {
    clock.fetch_add(seconds, Ordering::SeqCst);
}

fn options() -> StoreOptions {
    StoreOptions { clock: noon, ..StoreOptions::default() }
}

/// A directory of its own, gone with the test.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("store.db")
    }

    fn open(&self) -> Store {
        Store::open(&self.file(), options()).unwrap()
    }

    /// A connection past the store, as someone with an editor would have.
    fn raw(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.file()).unwrap()
    }
}

/// A payment of 1,250,000.00 COP.
fn payment() -> Row {
    let intent = Uuid::now_v7();
    Row {
        intent,
        provider: "cobre",
        profile: "acme".to_owned(),
        environment: "sandbox".to_owned(),
        host: "127.0.0.1".to_owned(),
        actor: "Lucía Ñáñez".to_owned(),
        role: "maker".to_owned(),
        action: "create_movement".to_owned(),
        method: "POST".to_owned(),
        path: "/v1/money_movements".to_owned(),
        body: br#"{"amount":125000000}"#.to_vec(),
        idempotency_key: Some(intent.to_string()),
        external_id: Some(format!("cu-{intent}")),
        short_ref: None,
        amount_minor: Some(125_000_000),
        currency: Some("COP".to_owned()),
        source: Some("acc_1".to_owned()),
        destination: Some("cp_1".to_owned()),
        subject: None,
        shown_hash: Some("5e1f".to_owned()),
        supersedes: None,
        moves_money: true,
        at: noon(),
        pays: Vec::new(),
        caps: Vec::new(),
        accepted: Vec::new(),
    }
}

/// To another destination each time, so that many can be open at once.
fn payment_to(destination: &str) -> Row {
    Row { destination: Some(destination.to_owned()), ..payment() }
}

fn approval() -> Row {
    Row {
        action: "approve".to_owned(),
        subject: Some("mm_1".to_owned()),
        external_id: None,
        source: None,
        destination: None,
        moves_money: false,
        ..payment()
    }
}

fn outcome(ending: Ending) -> OutcomeRow {
    OutcomeRow::new(ending, noon())
}

fn sent() -> OutcomeRow {
    OutcomeRow {
        status: Some(201),
        provider_id: Some("mm_1".to_owned()),
        provider_state: Some("initiated".to_owned()),
        headers: "content-type: application/json".to_owned(),
        body: br#"{"id":"mm_1"}"#.to_vec(),
        ..outcome(Ending::Sent)
    }
}

async fn state(store: &Store, intent: Uuid) -> State {
    store.entry(intent).await.unwrap().unwrap().state
}

/// Recorded, started and left without an outcome.
async fn sending(store: &Store, row: Row) -> Uuid {
    let intent = row.intent;
    let recorded = store.record(row).await.unwrap();
    let _stored = store.start(recorded).await.unwrap();
    intent
}
