//! Stands between a console and the sandbox, and puts hostile text into each field of each answer: the next
//! string of the corpus each time, so that every string goes through every field.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use cuadre::domain::ProviderName;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};

/// The first rows of a list stay what they are but for their texts: something can be done with them. Behind
/// these, what says a state or a kind is hostile too, and each field is there.
const USABLE: usize = 5;

/// Both providers as the console is told to reach them, and what went through.
#[derive(Debug, Clone)]
pub struct Proxy {
    provider: ProviderName,
    base: String,
    client: reqwest::Client,
    given: Arc<Ledger>,
}

/// What was given so far, and a bell that rings at each answer.
#[derive(Debug)]
pub struct Ledger(Mutex<Given>, Condvar);

impl Ledger {
    pub fn new(texts: Vec<String>) -> Arc<Self> {
        let fields = ProviderName::ALL.into_iter().map(|provider| (provider, texts_of(provider))).collect();
        Arc::new(Self(Mutex::new(Given { texts, fields, counts: BTreeMap::new() }), Condvar::new()))
    }

    /// Fields through which not every string went yet.
    pub fn left(&self) -> Vec<String> {
        self.0.lock().expect("no test failed").left()
    }

    pub fn count(&self, provider: ProviderName, field: &str) -> usize {
        self.0.lock().expect("no test failed").count(provider, field)
    }

    /// Waits for the answer after which it is so.
    pub fn until(&self, mut so: impl FnMut(&Given) -> bool) {
        let given = self.0.lock().expect("no test failed");
        drop(self.1.wait_while(given, |given| !so(given)).expect("no test failed"));
    }
}

#[derive(Debug)]
pub struct Given {
    texts: Vec<String>,
    /// The fields of each provider that the client reads as text, by the source of it.
    fields: BTreeMap<ProviderName, Vec<String>>,
    /// How many of the strings went through a field.
    counts: BTreeMap<(ProviderName, String), usize>,
}

impl Given {
    fn next(&mut self, provider: ProviderName, field: &str) -> Value {
        let count = self.counts.entry((provider, field.to_owned())).or_default();
        let text = self.texts.get(*count % self.texts.len()).cloned().unwrap_or_default();
        *count += 1;
        Value::from(text)
    }

    /// How many strings went through a field.
    pub fn count(&self, provider: ProviderName, field: &str) -> usize {
        self.counts.get(&(provider, field.to_owned())).copied().unwrap_or_default()
    }

    /// Fields through which not every string went yet.
    fn left(&self) -> Vec<String> {
        let whole =
            |provider: &ProviderName, field: &String| self.count(*provider, field) >= self.texts.len();
        let of = self
            .fields
            .iter()
            .flat_map(|(provider, fields)| fields.iter().map(move |field| (provider, field)));
        of.filter(|(provider, field)| !whole(provider, field))
            .map(|(provider, field)| format!("{provider} {field}"))
            .collect()
    }

    fn alter(&mut self, provider: ProviderName, value: &mut Value, row: usize) {
        match value {
            Value::Array(rows) => rows.iter_mut().for_each(|inner| self.alter(provider, inner, row)),
            Value::Object(object) => {
                if row >= USABLE {
                    let fields = self.fields.get(&provider).cloned().unwrap_or_default();
                    for field in fields {
                        object.entry(field).or_insert_with(|| Value::from(""));
                    }
                }
                for (name, inner) in object.iter_mut() {
                    match inner {
                        Value::String(_) if is_text(name) && (row >= USABLE || !says_what(name)) => {
                            *inner = self.next(provider, name);
                        }
                        Value::Array(_) | Value::Object(_) => self.alter(provider, inner, row),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// A whole answer: a list has as many rows as asked for, each with texts of its own.
    fn answer(&mut self, provider: ProviderName, answer: &mut Value, most: usize) {
        let Some(rows) = rows(answer) else { return self.alter(provider, answer, 0) };
        let made = rows.len();
        for (n, at) in (made..most).zip((0..made).cycle()) {
            let copy = rows.get(at).cloned().map(|row| renamed(row, n));
            rows.extend(copy);
        }
        for (row, n) in rows.iter_mut().zip(0..) {
            self.alter(provider, row, n);
        }
    }
}

fn rows(answer: &mut Value) -> Option<&mut Vec<Value>> {
    match answer {
        Value::Array(rows) => Some(rows),
        Value::Object(fields) => ["contents", "result", "results", "data", "movements"]
            .into_iter()
            .find(|name| fields.get(*name).is_some_and(Value::is_array))
            .and_then(|name| fields.get_mut(name)?.as_array_mut()),
        _ => None,
    }
}

/// The same row under another name.
fn renamed(mut row: Value, n: usize) -> Value {
    if let Some(fields) = row.as_object_mut() {
        let more = |fields: &mut Map<String, Value>, name: &str| {
            if let Some(Value::String(id)) = fields.get_mut(name) {
                *id = format!("{id}x{n}");
            }
        };
        more(fields, "id");
        more(fields, "url");
        if let Some(pk) = fields.get("pk").and_then(Value::as_u64) {
            fields.insert("pk".to_owned(), Value::from(pk + 1_000_000 * n as u64));
        }
    }
    row
}

/// Whether the client takes a field for text, and not for an id, an amount, a date, a currency or a yes.
fn is_text(name: &str) -> bool {
    let parsed =
        ["pk", "id", "url", "ordenId", "GOrdenId", "credit_debit_type", "is_last_page", "active_status"];
    let parts =
        ["amount", "balance", "currency", "date", "total_", "expir", "execution_number", "checker_approval"];
    let ids =
        (name.ends_with("_id") || name.ends_with("_ids")) && !matches!(name, "external_id" | "sender_id");
    !ids && !name.ends_with("_at") && !parsed.contains(&name) && !parts.iter().any(|part| name.contains(part))
}

/// Whether it says of what kind a row is or how it stands.
fn says_what(name: &str) -> bool {
    matches!(
        name,
        "type" | "state" | "status" | "geo" | "account_type" | "decision" | "result" | "action_requested"
    )
}

/// Each `name: Loose` of a provider's wire types that is text.
fn texts_of(provider: ProviderName) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/providers").join(provider.code());
    let mut found = Vec::new();
    for file in fs::read_dir(folder).expect("the client's room") {
        let text = fs::read_to_string(file.expect("a file").path()).expect("its text");
        let mut renamed = None;
        for line in text.lines().map(str::trim) {
            if let Some(name) =
                line.strip_prefix("#[serde(rename = \"").and_then(|rest| rest.split('"').next())
            {
                renamed = Some(name.to_owned());
            } else if let Some(name) = line.strip_suffix(": Loose,") {
                let name = name.trim_start_matches("pub ").to_owned();
                found.push(renamed.take().unwrap_or(name));
            } else if !line.starts_with('#') {
                renamed = None;
            }
        }
    }
    found.sort();
    found.dedup();
    found.retain(|name| is_text(name));
    assert!(found.len() > 5, "the wire types of {provider} are written otherwise: {found:?}");
    found
}

impl Proxy {
    /// Listens before a provider; answers its address.
    pub async fn before(provider: ProviderName, base: &str, given: &Arc<Ledger>) -> String {
        let proxy = Self { provider, base: base.to_owned(), client: client(), given: Arc::clone(given) };
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let router = Router::new().fallback(pass).with_state(proxy);
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }
}

async fn pass(State(proxy): State<Proxy>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let asked = parts.uri.path_and_query().map_or("/", |asked| asked.as_str()).to_owned();
    let mut headers = parts.headers;
    headers.remove("host");
    headers.remove("content-length");
    let sent =
        proxy.client.request(parts.method, format!("{}{asked}", proxy.base)).headers(headers).body(body);
    let answer = sent.send().await.expect("the sandbox answers");
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    let mut body = answer.bytes().await.expect("a body").to_vec();
    let signs_in = asked.starts_with("/v1/auth") || asked.starts_with("/token");
    if !signs_in && let Ok(mut answer) = serde_json::from_slice::<Value>(&body) {
        let mut given = proxy.given.0.lock().expect("no test failed");
        let most = given.texts.len() + USABLE;
        let most = match asked.split_once("page_number=") {
            Some((_, page)) if !page.starts_with('0') => 0,
            // A list for each balance.
            _ if asked.contains("/keys") => most / 3,
            _ => most,
        };
        given.answer(proxy.provider, &mut answer, most);
        drop(given);
        proxy.given.1.notify_all();
        body = serde_json::to_vec(&answer).expect("JSON");
    }
    headers.remove("content-length");
    headers.remove("transfer-encoding");
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

fn client() -> reqwest::Client {
    rustls::crypto::ring::default_provider().install_default().ok();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

/// A schedule at the sandbox, which seeds none.
pub async fn scheduled(ready: &cuadre::sandbox::Ready) {
    let client = client();
    let maker = ready.credentials.cobre.get("maker").expect("the sandbox has a maker");
    let sign = json!({"user_id": maker.user_id, "secret": maker.secret});
    let url = |path: &str| format!("{}/v1/{path}", ready.cobre);
    let grant = client.post(url("auth")).json(&sign).send().await.expect("signed in");
    let token =
        grant.json::<Value>().await.expect("a grant")["access_token"].as_str().expect("a token").to_owned();
    let first = async |path: &str| {
        let list = client.get(url(path)).bearer_auth(&token).send().await.expect("a list");
        list.json::<Value>().await.expect("JSON")["contents"][0]["id"].clone()
    };
    let body = json!({
        "account_source_ids": [first("accounts?alias=Operaci%C3%B3n").await], "destination_id": first("counterparties?type=ch").await,
        "amount": 70_000, "schedule_pattern": "(0 14 1 * ? *)", "metadata": {"description": "Barrido"},
        "checker_approval": false,
    });
    let made = client.post(url("money_movement_schedulers")).bearer_auth(&token).json(&body).send().await;
    assert_eq!(made.expect("an answer").status(), 201);
}
