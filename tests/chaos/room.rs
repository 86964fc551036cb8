//! A sandbox with a maker and a checker, its faults, and its ledger as judge.

use crate::operations::{Wish, counted};
use crate::tally::Tally;
use cuadre::domain::account::{Account, AccountKind};
use cuadre::domain::counterparty::Counterparty;
use cuadre::domain::money::Currency;
use cuadre::domain::role::Role;
use cuadre::payments::{Actor, Policy};
use cuadre::providers::http::Options as Http;
use cuadre::providers::{Provider, cobre, cobru};
use cuadre::sandbox::{self, Options, Sandbox};
use cuadre::store::{Store, StoreOptions};
use cuadre::sync::settle::Hurry;
use cuadre::sync::{Background, Desk};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// Waits of minutes are of milliseconds here, and so are those between two tries of a read.
const HURRY: u32 = 1_000;
/// No run takes longer, unless something stays unknown.
const PATIENCE: Duration = Duration::from_mins(2);

#[expect(clippy::disallowed_methods, reason = "the desk runs in real time against the sandbox's clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// Something that goes wrong with the next few requests to a path.
pub struct Fault {
    method: &'static str,
    path: &'static str,
    what: &'static str,
    times: u64,
}

impl Fault {
    pub fn on(
        method: &'static str,
        path: &'static str,
        of: &[&'static str],
        rng: &mut fastrand::Rng,
    ) -> Self {
        Self { method, path, what: of[rng.usize(..of.len())], times: rng.u64(1..3) }
    }
}

pub struct Room {
    /// Ends with the room.
    _sandbox: Sandbox,
    _folder: TempDir,
    http: reqwest::Client,
    control: String,
    pub maker: Desk,
    pub checker: Desk,
    pub accounts: Vec<Account>,
    pub source: Account,
    /// Whom a Colombian balance can pay.
    pub payees: Vec<Counterparty>,
    /// Payments of the sandbox before anything was asked of it.
    before: usize,
}

impl Room {
    pub async fn open(seed: u64) -> Self {
        let options = Options { seed, transactions: 40, ..Options::default() };
        let sandbox = sandbox::start(options).await.expect("two free ports");
        let folder = tempfile::tempdir().unwrap();
        let desk = |role: Role| {
            let file = folder.path().join(format!("{}.db", role.code()));
            desk(&sandbox, role, Store::open(&file, StoreOptions::default()).unwrap())
        };
        let (maker, checker) = (desk(Role::Maker), desk(Role::Checker));
        let cobre = Arc::clone(maker.cobre.as_ref().unwrap());
        let accounts = cobre.accounts().await.unwrap().rows;
        let pays = |account: &&Account| {
            let pesos = account.balance.currency == Currency::Cop;
            account.kind == AccountKind::Balance && pesos && account.connected
        };
        let source = accounts.iter().find(pays).unwrap().clone();
        let mut payees = cobre.counterparties().await.unwrap().rows;
        payees.retain(|to| matches!(to.destination.kind.as_str(), "ch" | "cc" | "breb_key"));
        let control = sandbox.ready().control.clone();
        let mut room = Self {
            _sandbox: sandbox,
            _folder: folder,
            http: reqwest::Client::new(),
            control,
            maker,
            checker,
            accounts,
            source,
            payees,
            before: 0,
        };
        room.before = room.payments().await.len();
        room
    }

    /// Asks the sandbox's control, or tells it something.
    async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, format!("{}/{path}", self.control)).json(&body);
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path} {body}");
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default()
    }

    pub async fn fault(&self, faults: &[Fault]) {
        for Fault { method, path, what, times } in faults {
            let exact = *method == "POST";
            let order =
                json!({"path": path, "method": method, "times": times, "fault": what, "exact": exact});
            self.control("POST", "faults", order).await;
        }
    }

    /// The network is well again, and what was begun at the provider is done. How often each fault met a
    /// request.
    pub async fn heal(&self, faults: &[Fault]) -> Vec<(String, u64)> {
        let left = self.control("GET", "faults", Value::Null).await;
        self.control("DELETE", "faults", Value::Null).await;
        self.later().await;
        let left = left.as_array().unwrap().iter().map(|order| order["times"].as_u64().unwrap());
        let met = faults.iter().zip(left).filter(|(fault, left)| fault.times > *left);
        met.map(|(fault, left)| (fault.what.to_owned(), fault.times - left)).collect()
    }

    /// Two seconds of the sandbox's clock.
    pub async fn later(&self) {
        self.control("POST", "clock", json!({"advance_s": 2})).await;
    }

    /// Money into a key of the company; the credit.
    pub async fn payin(&self, minor: u32) -> Value {
        self.control(
            "POST",
            "payins",
            json!({"kind": "breb_key", "target": "@CBANDINASAS2", "amount": minor}),
        )
        .await
    }

    pub async fn payments(&self) -> Vec<Value> {
        let ledger = self.control("GET", "ledger", Value::Null).await;
        for (currency, sum) in ledger["sums"].as_object().unwrap() {
            assert_eq!(*sum, 0, "{currency}");
        }
        ledger["payments"].as_array().unwrap().clone()
    }

    /// The provider answers again: everything settles by asking, or is left as it is after a while.
    pub async fn settles(&self) {
        for desk in [&self.maker, &self.checker] {
            let (news, mut told) = tokio::sync::mpsc::unbounded_channel();
            let background = Background::start(desk.clone(), news);
            let settled = async {
                while !desk.store.open_intents().await.unwrap().is_empty() {
                    told.recv().await.unwrap();
                }
            };
            tokio::time::timeout(PATIENCE, settled).await.ok();
            background.finish().await;
        }
    }

    /// What the outbox says of each wish against what the ledger has of it, and nothing beside them.
    pub async fn judge(&self, wishes: &[Wish], tally: &mut Tally, seed: u64) {
        let payments = self.payments().await;
        let mut of_wishes = self.before;
        for wish in wishes {
            let entry = match wish.intent {
                Some(intent) => wish.desk(self).store.entry(intent).await.unwrap(),
                None => None,
            };
            let times = counted(wish, entry.as_ref(), &payments);
            of_wishes += wish.made_before + if wish.operation.makes() { times.iter().sum() } else { 0 };
            let what = format!("CUADRE_SEED={seed} RUNS=1: {} {}", wish.operation.name(), wish.name);
            let state = entry.as_ref().map(|entry| entry.state);
            tally.count(wish.operation, state, wish.was_unknown, &times, &what);
        }
        if payments.len() != of_wishes {
            let what = format!("{} payments, {of_wishes} were wished for", payments.len());
            tally.wrong.push(format!("CUADRE_SEED={seed} RUNS=1: {what}"));
        }
    }
}

pub fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn desk(sandbox: &Sandbox, role: Role, store: Store) -> Desk {
    let ready = sandbox.ready();
    let credential = ready.credentials.cobre[role.code()].clone();
    let actor = Actor {
        person: role.code().to_owned(),
        role,
        profile: "chaos".to_owned(),
        environment: "sandbox".to_owned(),
        credential: Some(credential.user_id.clone()),
        readonly: false,
        limits: None,
        policy: Policy::default(),
    };
    let mut desk = Desk::new(store, actor, now);
    desk.hurry = Hurry::new(HURRY);
    let hurried = |wait: Duration| Box::pin(tokio::time::sleep(wait / HURRY)) as _;
    let options = Http { sleep: Arc::new(hurried), ..Http::default() };
    let access = cobre::Access {
        base: ready.cobre.clone(),
        user_id: credential.user_id,
        secret: credential.secret.into(),
        options: options.clone(),
    };
    desk.cobre = Some(Arc::new(cobre::Cobre::new(access).unwrap()));
    let access = cobru::Access {
        api_base: ready.cobru.clone(),
        link_base: ready.cobru.clone(),
        api_key: ready.credentials.cobru.api_key.clone().into(),
        refresh: ready.credentials.cobru.refresh.clone().into(),
        callback: None,
        options,
    };
    desk.cobru = Some(Arc::new(cobru::Cobru::new(access).unwrap()));
    desk
}
