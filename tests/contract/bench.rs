//! A sandbox whose clock stands still, and someone who asks it things.

use cuadre::sandbox::{Options, Sandbox, start};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, Once};

/// Thursday, nine in the morning in Bogotá.
pub const START: &str = "2026-01-15T14:00:00Z";

pub struct Bench {
    pub sandbox: Sandbox,
    pub http: Client,
    tokens: Mutex<HashMap<String, String>>,
    keys: Mutex<u32>,
}

pub fn options() -> Options {
    Options { rate: 0, transactions: 300, start: Some(START.parse().unwrap()), ..Options::default() }
}

pub async fn bench() -> Bench {
    bench_with(options()).await
}

pub async fn bench_with(options: Options) -> Bench {
    static CRYPTO: Once = Once::new();
    CRYPTO.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap());
    let http = Client::builder().no_proxy().retry(reqwest::retry::never()).build().unwrap();
    Bench { sandbox: start(options).await.unwrap(), http, tokens: Mutex::default(), keys: Mutex::new(0) }
}

/// What came back: the status and the body as JSON (`null` where there was none).
pub type Back = (u16, Value);

impl Bench {
    pub fn control(&self, path: &str) -> String {
        format!("{}/{path}", self.sandbox.ready().control)
    }

    pub fn cobre(&self, path: &str) -> String {
        format!("{}/v1/{path}", self.sandbox.ready().cobre)
    }

    /// An address of the other provider, from its slash on.
    pub fn cobru(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.ready().cobru)
    }

    /// A token of a role, signed in once.
    pub async fn token(&self, role: &str) -> String {
        if let Some(token) = self.tokens.lock().unwrap().get(role) {
            return token.clone();
        }
        let credential = &self.sandbox.ready().credentials.cobre[role];
        let body = json!({"user_id": credential.user_id, "secret": credential.secret});
        let (status, answer) = send(self.http.post(self.cobre("auth")).json(&body)).await;
        assert_eq!(status, 200, "{answer}");
        let token = answer["access_token"].as_str().unwrap().to_owned();
        self.tokens.lock().unwrap().insert(role.to_owned(), token.clone());
        token
    }

    pub fn forget_tokens(&self) {
        self.tokens.lock().unwrap().clear();
    }

    pub async fn request(&self, method: Method, role: &str, path: &str) -> RequestBuilder {
        self.http.request(method, self.cobre(path)).bearer_auth(self.token(role).await)
    }

    pub async fn get(&self, role: &str, path: &str) -> Back {
        send(self.request(Method::GET, role, path).await).await
    }

    /// A list's items.
    pub async fn rows(&self, role: &str, path: &str) -> Vec<Value> {
        let (status, page) = self.get(role, path).await;
        assert_eq!(status, 200, "{path}: {page}");
        page["contents"].as_array().unwrap().clone()
    }

    pub async fn delete(&self, role: &str, path: &str) -> Back {
        send(self.request(Method::DELETE, role, path).await).await
    }

    /// A post with a key of its own.
    pub async fn post(&self, role: &str, path: &str, body: Value) -> Back {
        let key = {
            let mut keys = self.keys.lock().unwrap();
            *keys += 1;
            format!("bench-key-{keys}")
        };
        self.post_with_key(role, path, &key, body).await
    }

    pub async fn post_with_key(&self, role: &str, path: &str, key: &str, body: Value) -> Back {
        send(self.request(Method::POST, role, path).await.header("idempotency", key).json(&body)).await
    }

    pub async fn tell(&self, path: &str, body: Value) -> Back {
        send(self.http.post(self.control(path)).json(&body)).await
    }

    pub async fn ask(&self, path: &str) -> Value {
        let (status, answer) = send(self.http.get(self.control(path))).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    pub async fn advance(&self, seconds: u64) {
        assert_eq!(self.tell("clock", json!({"advance_s": seconds})).await.0, 200);
    }

    /// The id of the account with this alias.
    pub async fn account(&self, alias: &str) -> String {
        let rows = self.rows("viewer", &format!("accounts?alias={alias}")).await;
        rows[0]["id"].as_str().unwrap().to_owned()
    }

    pub async fn balance(&self, account: &str) -> i64 {
        self.get("viewer", &format!("accounts/{account}")).await.1["obtained_balance"].as_i64().unwrap()
    }

    /// The id of the first counterparty that a query finds.
    pub async fn counterparty(&self, query: &str) -> String {
        let rows = self.rows("maker", &format!("counterparties?{query}")).await;
        rows[0]["id"].as_str().unwrap().to_owned()
    }

    /// A payout from Operación to a supplier, as the maker.
    pub async fn pay(&self, amount: i64, more: Value) -> Value {
        let mut body = json!({
            "source_id": self.account("Operaci%C3%B3n").await,
            "destination_id": self.counterparty("type=ch").await,
            "amount": amount, "metadata": {"description": "Factura 118"},
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, movement) = self.post("maker", "money_movements", body).await;
        assert_eq!(status, 201, "{movement}");
        movement
    }

    pub async fn state(&self, movement: &Value) -> String {
        let id = movement["id"].as_str().unwrap();
        let (_, movement) = self.get("viewer", &format!("money_movements/{id}")).await;
        movement["status"]["state"].as_str().unwrap().to_owned()
    }

    /// All books balance.
    pub fn balanced(&self) {
        self.sandbox.world().ledger.check().unwrap();
    }
}

pub async fn send(request: RequestBuilder) -> Back {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

/// The provider's error body with this code.
#[track_caller]
pub fn refused(back: &Back, status: u16, code: &str) {
    assert_eq!((back.0, back.1["error_code"].as_str()), (status, Some(code)), "{}", back.1);
    assert!(back.1["error_description"].is_string());
}

/// The fields of an object, sorted.
pub fn fields(object: &Value) -> Vec<&str> {
    let mut fields: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    fields
}
