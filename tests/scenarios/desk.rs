//! A person at a desk over a running sandbox, with the real background and no terminal.

use cuadre::config::{Amounts, CheckerApproval};
use cuadre::console::facts::Standing;
use cuadre::console::panes;
use cuadre::console::runtime::{Live, Profile, World};
use cuadre::console::{Effect, Headless, Message, Seat};
use cuadre::domain::role::Role;
use cuadre::i18n::{Dates, Lang, Numerals};
use cuadre::payments::{Actor, Policy};
use cuadre::providers::http::Options as Http;
use cuadre::providers::{Provider, cobre, cobru};
use cuadre::sandbox::{self, Options, Sandbox};
use cuadre::sanitize::Clean;
use cuadre::store::{OutboxEntry, State, Store, StoreOptions};
use cuadre::sync::Desk;
use cuadre::sync::settle::Hurry;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// Longer than any event takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// The waits of settling, divided: two minutes of quiet become two seconds.
const HURRY: u32 = 60;

/// A sandbox of its own, small and the same each time.
pub async fn sandbox() -> Sandbox {
    install_tls();
    sandbox::start(Options { transactions: 200, ..Options::default() }).await.expect("two free ports")
}

/// One whose clock shows another time at the start, and runs on from there.
pub async fn sandbox_at(start: Option<Timestamp>) -> Sandbox {
    install_tls();
    let options = Options { transactions: 200, start, ..Options::default() };
    sandbox::start(options).await.expect("two free ports")
}

/// One with a story.
pub async fn sandbox_of(scene: &str) -> Sandbox {
    install_tls();
    let options = Options { transactions: 200, scene: Some(scene.to_owned()), ..Options::default() };
    sandbox::start(options).await.expect("two free ports")
}

fn install_tls() {
    rustls::crypto::ring::default_provider().install_default().ok();
}

#[expect(clippy::disallowed_methods, reason = "the desk runs in real time against the sandbox's clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

pub struct Person {
    /// Boxed: it goes through many futures.
    pub desk: Box<Headless>,
    world: Live,
    pub store: Store,
    pub folder: Arc<TempDir>,
}

impl Person {
    /// Sits down as `role`, with a store of their own.
    pub fn sits(sandbox: &Sandbox, role: Role) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        Self::sits_at(sandbox, role, folder)
    }

    /// Sits down at a store that is there already: the next day, or after a crash.
    pub fn sits_at(sandbox: &Sandbox, role: Role, folder: Arc<TempDir>) -> Self {
        Self::sits_with(sandbox, role, folder, HURRY)
    }

    /// With another patience: `hurry` divides the waits of an unknown.
    pub fn sits_with(sandbox: &Sandbox, role: Role, folder: Arc<TempDir>, hurry: u32) -> Self {
        let store = Store::open(&folder.path().join("store.db"), StoreOptions::default()).expect("a store");
        let (seat, mut desk) = seat(sandbox, role, store.clone());
        desk.hurry = Hurry::new(hurry);
        let nobody = Profile {
            sit: Box::new(|sit| panic!("nobody asked for {sit:?}")),
            remember: Box::new(|_| {}),
            lab: None,
        };
        let mut headless = Headless::seated(seat);
        headless.message(Message::Tick(now()));
        Self { desk: Box::new(headless), world: Live::start(desk, nobody), store, folder }
    }

    #[must_use]
    pub fn speaking(mut self, lang: Lang) -> Self {
        self.desk.model.seat.lang = lang;
        self
    }

    /// A word as this person reads it.
    pub fn word(&self, key: &str) -> &'static str {
        self.desk.model.seat.lang.word(key)
    }

    pub fn press(&mut self, keys: &str) -> &mut Self {
        self.desk.press(keys);
        self.carry_out();
        self
    }

    pub fn types(&mut self, text: &str) -> &mut Self {
        self.desk.type_text(text);
        self.carry_out();
        self
    }

    /// Lets the dialog's first half second pass, in which it takes no keys.
    pub fn thinks(&mut self) -> &mut Self {
        self.desk.wait(SignedDuration::from_secs(1));
        self
    }

    /// What the desk asked of the world goes there.
    fn carry_out(&mut self) {
        for effect in self.desk.take_effects() {
            match effect {
                Effect::Ask(ask) => self.world.ask(ask),
                Effect::Sit(sit) => self.world.sit(sit),
                Effect::Remember(what) => self.world.remember(what),
                Effect::Copy(_)
                | Effect::CopyLines(_)
                | Effect::CopyTable(_)
                | Effect::Call { .. }
                | Effect::Lab(_)
                | Effect::Redraw
                | Effect::Suspend
                | Effect::Quit => {}
            }
        }
    }

    pub fn screen(&mut self) -> String {
        self.desk.screen(120, 32)
    }

    /// Waits for the event that brings `text` to the screen, not for a time.
    pub async fn until_sees(&mut self, text: &str) -> &mut Self {
        let waits = async {
            while !self.screen().contains(text) {
                let message = self.world.next().await;
                self.desk.message(Message::Tick(now().max(self.desk.now())));
                self.desk.message(message);
                self.carry_out();
            }
        };
        let came = tokio::time::timeout(PATIENCE, waits).await.is_ok();
        assert!(came, "never saw {text:?}:\n{}", self.screen());
        self
    }

    /// Waits for every pane to have its rows.
    pub async fn until_all_came(&mut self) -> &mut Self {
        let waits = async {
            let came = |desk: &Headless| {
                panes::ALL
                    .into_iter()
                    .all(|pane| !matches!(pane.standing(&desk.model), Standing::Loading { .. }))
            };
            while !came(&self.desk) {
                let message = self.world.next().await;
                self.desk.message(message);
                self.carry_out();
            }
        };
        let came = tokio::time::timeout(PATIENCE, waits).await.is_ok();
        assert!(came, "something never came:\n{}", self.screen());
        self
    }

    /// Waits for the newest line of the outbox to get into `state`.
    pub async fn until_newest_is(&mut self, state: State) -> OutboxEntry {
        self.until_newest(&state.to_string(), |entry| entry.state == state).await
    }

    /// Waits for a bulk of this store to get into the provider's `state`.
    pub async fn until_bulk_is(&mut self, state: &str) {
        let waits = async {
            loop {
                let newest = self.store.outbox(5).await.expect("the outbox");
                let there = |entry: &OutboxEntry| {
                    entry.action == "create_bulk" && entry.provider_state.as_deref() == Some(state)
                };
                if newest.iter().any(there) {
                    return;
                }
                let message = self.world.next().await;
                self.desk.message(Message::Tick(now().max(self.desk.now())));
                self.desk.message(message);
                self.carry_out();
            }
        };
        let came = tokio::time::timeout(PATIENCE, waits).await;
        assert!(came.is_ok(), "no bulk became {state}:\n{}", self.screen());
    }

    /// Waits for the newest line of the outbox to be what is wanted.
    pub async fn until_newest(&mut self, name: &str, wanted: impl Fn(&OutboxEntry) -> bool) -> OutboxEntry {
        let waits = async {
            loop {
                let newest = self.store.outbox(1).await.expect("the outbox").into_iter().next();
                if let Some(entry) = newest.filter(&wanted) {
                    return entry;
                }
                let message = self.world.next().await;
                self.desk.message(Message::Tick(now().max(self.desk.now())));
                self.desk.message(message);
                self.carry_out();
            }
        };
        let came = tokio::time::timeout(PATIENCE, waits).await;
        came.unwrap_or_else(|_| panic!("the newest never became {name}:\n{}", self.screen()))
    }

    /// The outbox's line of the payment of this name, once it is sent.
    pub async fn until_sent(&mut self, name: &str) -> OutboxEntry {
        let is =
            |entry: &OutboxEntry| entry.external_id.as_deref() == Some(name) && entry.state == State::Sent;
        self.until_newest(name, is).await
    }

    pub fn sees(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(screen.contains(text), "no {text:?}:\n{screen}");
        self
    }

    /// Fills the form of a movement from the first balance and confirms it, as a person does.
    pub async fn pays(&mut self, to: &str, amount: &str, confirm: &str, external_id: &str) -> &mut Self {
        self.until_sees("Operación").await.press("3").until_sees("▸ Adriana").await.press("1 n").types(to);
        self.press("tab").types(amount).press("tab").types("Prueba de punta a punta");
        self.press("tab").types(external_id).press("ctrl-o").thinks().types(confirm).press("enter")
    }

    pub async fn leaves(self) {
        self.world.finish().await;
    }
}

fn seat(sandbox: &Sandbox, role: Role, store: Store) -> (Seat, Desk) {
    let ready = sandbox.ready();
    let credential = ready.credentials.cobre.get(role.code()).expect("a credential a role").clone();
    let actor = Actor {
        person: format!("persona-{role}"),
        role,
        profile: "pruebas".to_owned(),
        environment: "sandbox".to_owned(),
        credential: Some(credential.user_id.clone()),
        readonly: false,
        limits: None,
        policy: Policy::default(),
    };
    let mut desk = Desk::new(store, actor.clone(), now);
    desk.hurry = Hurry::new(HURRY);
    let cobre = cobre::Cobre::new(cobre::Access {
        base: ready.cobre.clone(),
        user_id: credential.user_id,
        secret: credential.secret.into(),
        options: Http::default(),
    });
    let cobru = cobru::Cobru::new(cobru::Access {
        api_base: ready.cobru.clone(),
        link_base: ready.cobru.clone(),
        api_key: ready.credentials.cobru.api_key.clone().into(),
        refresh: ready.credentials.cobru.refresh.clone().into(),
        callback: None,
        options: Http::default(),
    });
    let (cobre, cobru) = (cobre.expect("a client"), cobru.expect("a client"));
    let seat = Seat {
        actor,
        company: Clean::new("Andina SAS"),
        providers: vec![(cobre.name(), cobre.capabilities()), (cobru.name(), cobru.capabilities())],
        lang: Lang::Es,
        numerals: Numerals::EsCo,
        numerals_follow: true,
        dates: Dates::DayFirst,
        zone: jiff::tz::TimeZone::get("America/Bogota").expect("the zone data is built in"),
        roles: vec![],
        places: vec![],
        readonly_forced: false,
        hurry: desk.hurry,
        terms: desk.terms.clone(),
        small_limit: Amounts::default(),
        checker: CheckerApproval::Always,
        link_base: ready.cobru.clone(),
    };
    desk.cobre = Some(Arc::new(cobre));
    desk.cobru = Some(Arc::new(cobru));
    (seat, desk)
}

/// What the sandbox says, asked over its control endpoints as anyone else would.
pub struct Judge {
    control: String,
    http: reqwest::Client,
}

impl Judge {
    pub fn of(sandbox: &Sandbox) -> Self {
        Self { control: sandbox.ready().control.clone(), http: reqwest::Client::new() }
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(format!("{}{path}", self.control)).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    pub async fn faults(&self, fault: Value) {
        let sent = self.http.post(format!("{}/faults", self.control)).json(&fault).send().await;
        assert!(sent.expect("an answer").status().is_success());
    }

    pub async fn no_faults(&self) {
        let sent = self.http.delete(format!("{}/faults", self.control)).send().await;
        assert!(sent.expect("an answer").status().is_success());
    }

    /// Moves the sandbox's clock.
    pub async fn advance(&self, seconds: i64) {
        let moved = self
            .http
            .post(format!("{}/clock", self.control))
            .json(&serde_json::json!({"advance_s": seconds}));
        let answer = moved.send().await.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap_or_default());
    }

    /// The id of the balance of this name.
    pub async fn balance(&self, name: &str) -> Value {
        let ledger = self.get("/ledger").await;
        let accounts = ledger["accounts"].as_array().expect("accounts").clone();
        accounts.into_iter().find(|account| account["name"] == name).expect("a balance")["id"].clone()
    }

    /// Whom the payment of this amount and kind of name went to.
    pub async fn destination_of(&self, prefix: &str, minor: u64) -> Value {
        let ledger = self.get("/ledger").await;
        let payments = ledger["payments"].as_array().expect("payments").clone();
        let of = |payment: &&Value| {
            payment["amount"] == minor
                && payment["external_id"].as_str().is_some_and(|id| id.starts_with(prefix))
        };
        payments.iter().find(of).expect("a payment")["destination"].clone()
    }

    /// How many payments of ours are completed.
    pub async fn paid(&self) -> usize {
        let ledger = self.get("/ledger").await;
        let payments = ledger["payments"].as_array().expect("payments").clone();
        let ours = |payment: &&Value| {
            payment["state"] == "completed"
                && payment["external_id"].as_str().is_some_and(|id| id.starts_with("cu-"))
        };
        payments.iter().filter(ours).count()
    }

    /// The movements that carry `external_id`.
    pub async fn payments(&self, external_id: &str) -> Vec<Value> {
        let ledger = self.get("/ledger").await;
        let payments = ledger["payments"].as_array().expect("payments").clone();
        payments.into_iter().filter(|payment| payment["external_id"] == external_id).collect()
    }

    /// The postings that `cause` made: amounts by account.
    pub async fn postings(&self, cause: &str) -> Vec<Value> {
        let ledger = self.get("/ledger").await;
        let postings = ledger["postings"].as_array().expect("postings").clone();
        postings.into_iter().filter(|posting| posting["cause"] == cause).collect()
    }

    /// Every sum is zero, whatever happened.
    pub async fn squares(&self) {
        let ledger = self.get("/ledger").await;
        for (currency, sum) in ledger["sums"].as_object().expect("sums") {
            assert_eq!(*sum, 0, "{currency}");
        }
    }

    /// A payer pays, as the control endpoint is told.
    pub async fn pays(&self, what: Value) {
        let sent = self.http.post(format!("{}/pay", self.control)).json(&what).send().await;
        let answer = sent.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap_or_default());
    }

    /// Money comes in from outside, as the control endpoint is told; the credit.
    pub async fn payin(&self, what: Value) -> Value {
        let sent = self.http.post(format!("{}/payins", self.control)).json(&what).send().await;
        let answer = sent.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap_or_default());
        answer.json().await.expect("a transaction")
    }

    /// A list of Cobre's, as its admin sees it.
    pub async fn listed(&self, sandbox: &Sandbox, path: &str) -> Vec<Value> {
        let ready = sandbox.ready();
        let admin = ready.credentials.cobre.get("admin").expect("an admin");
        let body = serde_json::json!({"user_id": admin.user_id, "secret": admin.secret});
        let signed = self.http.post(format!("{}/v1/auth", ready.cobre)).json(&body).send().await;
        let token: Value = signed.expect("an answer").json().await.expect("a token");
        let token = token["access_token"].as_str().expect("a token").to_owned();
        let asked = self.http.get(format!("{}{path}", ready.cobre)).bearer_auth(token).send().await;
        let page: Value = asked.expect("an answer").json().await.expect("a page");
        page["contents"].as_array().expect("a list").clone()
    }

    /// A key that money can come in by.
    pub async fn key(&self, sandbox: &Sandbox) -> String {
        let keys = self.listed(sandbox, "/v1/keys").await;
        keys[0]["key_value"].as_str().expect("a key").to_owned()
    }

    /// The slug of the cobru that was made last.
    pub async fn newest_cobru(&self) -> String {
        let ledger = self.get("/ledger").await;
        let payments = ledger["payments"].as_array().expect("payments");
        let mut cobrus = payments.iter().filter(|payment| payment["kind"] == "cobru");
        cobrus.next_back().expect("a cobru")["id"].as_str().expect("a slug").to_owned()
    }

    /// How many requests of this method and path came, and with which status each was answered.
    pub async fn requests(&self, method: &str, path: &str) -> Vec<Value> {
        let requests = self.get("/requests?since=0").await;
        let requests = requests.as_array().expect("requests").clone();
        requests
            .into_iter()
            .filter(|request| request["method"] == method && request["path"] == path)
            .collect()
    }
}
