//! A caller at a sandbox of its own, whose clock stands still until it is moved.

use cuadre::sandbox::{Options, PayerMode, Sandbox, start};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

/// When every test begins: a Friday morning in Bogotá.
pub const START: &str = "2026-11-20T14:14:03Z";

pub struct Desk {
    pub sandbox: Sandbox,
    client: Client,
    access: Option<String>,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub kind: String,
    pub text: String,
}

impl Answer {
    /// The body as JSON; a test that asks for it expects JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.kind, "application/json", "{self:?}");
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// Status and body, whole.
    #[track_caller]
    pub fn says(&self, status: u16, body: &Value) {
        assert_eq!((self.status, self.json()), (status, body.clone()));
    }
}

impl Desk {
    /// A signed-in caller.
    pub async fn new() -> Self {
        let mut desk = Self::with(PayerMode::OnRequest).await;
        desk.sign_in().await;
        desk
    }

    pub async fn with(payer: PayerMode) -> Self {
        Self::on(Options { payer, ..Self::options() }).await
    }

    /// A clock that stands still, and little at Cobre's side.
    pub fn options() -> Options {
        Options { rate: 0, transactions: 10, start: Some(START.parse().unwrap()), ..Options::default() }
    }

    pub async fn on(options: Options) -> Self {
        // Only the first of a process is taken; the tests of this binary share it.
        rustls::crypto::ring::default_provider().install_default().unwrap_or_default();
        let sandbox = start(options).await.unwrap();
        Self { sandbox, client: Client::builder().no_proxy().build().unwrap(), access: None }
    }

    pub fn key(&self) -> &str {
        &self.sandbox.ready().credentials.cobru.api_key
    }

    /// A fresh access token for the seed's first account.
    pub async fn sign_in(&mut self) -> String {
        let refresh = self.sandbox.ready().credentials.cobru.refresh.clone();
        let request = self.plain(Method::POST, "/token/refresh/").header("x-api-key", self.key());
        let answer = send(request.json(&json!({ "refresh": refresh }))).await.expect(200);
        let access = answer["access"].as_str().unwrap().to_owned();
        self.access = Some(access.clone());
        access
    }

    /// Calls as somebody else from now on.
    pub fn use_token(&mut self, access: &str) {
        self.access = Some(access.to_owned());
    }

    pub fn token(&self) -> &str {
        self.access.as_deref().unwrap_or_default()
    }

    /// A request with no header at all.
    pub fn plain(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.sandbox.ready().cobru))
    }

    fn authorized(&self, method: Method, path: &str) -> RequestBuilder {
        self.plain(method, path).header("x-api-key", self.key()).bearer_auth(self.token())
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.authorized(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.authorized(Method::POST, path).json(body)).await
    }

    /// A body byte for byte.
    pub async fn post_raw(&self, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        let request = self.authorized(Method::POST, path).header("content-type", "application/json");
        send(request.body(body.into())).await
    }

    pub async fn control(&self, path: &str, body: &Value) -> Answer {
        send(self.client.post(format!("{}{path}", self.sandbox.ready().control)).json(body)).await
    }

    pub async fn control_get(&self, path: &str) -> Answer {
        send(self.client.get(format!("{}{path}", self.sandbox.ready().control))).await
    }

    pub async fn set(&self, switch: &str, on: bool) {
        self.set_to(switch, json!(on)).await;
    }

    pub async fn set_to(&self, switch: &str, value: Value) {
        let request = self.client.patch(format!("{}/settings", self.sandbox.ready().control));
        assert_eq!(send(request.json(&json!({ switch: value }))).await.status, 200);
    }

    /// The body of the contract's example, section 4.1.
    pub fn draft() -> Value {
        json!({
            "amount": 185_000, "description": "Pedido 2041: 12 bultos de cemento", "expiration_days": 1,
            "client_assume_costs": false, "iva": 0, "platform": "API",
            "payment_method_enabled": "{\"breb\":true,\"pse\":true,\"NEQUI\":true}",
            "payer_redirect_url": "https://roble.example/gracias?o=2041",
            "callback": "http://127.0.0.1:9/cobru?o=2041&s=9f2c"
        })
    }

    /// A draft with some fields changed; `null` takes one away.
    pub fn draft_with(changes: &Value) -> Value {
        let mut draft = Self::draft();
        change(&mut draft, changes);
        draft
    }

    /// The slug of a new cobru.
    pub async fn cobru(&self, changes: &Value) -> String {
        let answer = self.post("/cobru/", &Self::draft_with(changes)).await.expect(201);
        answer["url"].as_str().unwrap().to_owned()
    }

    /// A cobru that can be paid in every way.
    pub async fn open_cobru(&self) -> String {
        let flags = json!({
            "breb": true, "pse": true, "NEQUI": true, "bancolombia_transfer": true, "bancolombia_qr": true,
            "corresponsal_bancolombia": true, "efecty": true, "baloto": true, "dale": true, "daviplata": true,
            "credit_card": true, "cobru": true, "CUSD": true
        });
        self.cobru(&json!({ "payment_method_enabled": flags.to_string() })).await
    }

    pub async fn detail(&self, slug: &str) -> Value {
        self.get(&format!("/cobru_detail/{slug}")).await.expect(200)
    }

    pub async fn state(&self, slug: &str) -> i64 {
        self.detail(slug).await["state"].as_i64().unwrap()
    }

    /// The payer's answer, parsed twice: order and cobru.
    pub async fn order(&self, slug: &str, body: &Value) -> (Value, Value) {
        let answer = self.post(&format!("/{slug}"), body).await.expect(200);
        twice(&answer)
    }

    /// Pesos of the account, in centavos, as the ledger has them.
    pub fn balance(&self) -> i64 {
        let world = self.sandbox.world();
        let account = world.ledger.find("cobru:3015550142:cop").unwrap();
        world.ledger.balance(account)
    }

    pub fn postings(&self) -> u64 {
        self.sandbox.world().ledger.count()
    }

    #[track_caller]
    pub fn ledger_holds(&self) {
        assert_eq!(self.sandbox.world().ledger.check(), Ok(()));
    }
}

/// Changes fields of an object; `null` takes one away.
pub fn change(object: &mut Value, changes: &Value) {
    let object = object.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
}

/// Parses the text that `POST /{url}` answers with once more: `fields` of the order and of the cobru.
#[track_caller]
pub fn twice(answer: &Value) -> (Value, Value) {
    let text = answer.as_str().unwrap_or_else(|| panic!("not a text: {answer}"));
    let array: Value = serde_json::from_str(text).unwrap();
    assert_eq!(array[0]["model"], "api.paymentorder");
    assert_eq!(array[1]["model"], "api.cobru");
    assert_eq!(array.as_array().map(Vec::len), Some(2));
    (array[0]["fields"].clone(), array[1]["fields"].clone())
}

pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let kind = response.headers().get("content-type").map_or("", |kind| kind.to_str().unwrap()).to_owned();
    Answer { status, kind, text: String::from_utf8(response.bytes().await.unwrap().to_vec()).unwrap() }
}

/// The payer of the contract's example.
pub fn payer(changes: &Value) -> Value {
    let mut payer = json!({
        "name": "Marta Rios", "cc": "1020304050", "document_type": "CC", "email": "marta@correo.example",
        "phone": "3005550110"
    });
    change(&mut payer, changes);
    payer
}
