//! A sandbox, people with a home each, and what the ledger says.

use serde_json::{Value, json};
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

pub const BINARY: &str = env!("CARGO_BIN_EXE_cuadre");
/// A key of the sandbox's company (docs/sandbox.md).
const KEY: &str = "@CBANDINASAS2";

/// A sandbox of its own process.
pub struct Shop {
    child: Child,
    pub control: String,
    /// Cobre's address.
    pub cobre: String,
    ready: Value,
}

impl Shop {
    pub fn open() -> Self {
        Self::with(&["--transactions", "60", "--seed", "7"])
    }

    /// Whose clock shows another time at the start.
    pub fn begun(at: &str) -> Self {
        Self::with(&["--transactions", "60", "--seed", "7", "--start", at])
    }

    fn with(arguments: &[&str]) -> Self {
        let mut child = Command::new(BINARY)
            .arg("sandbox")
            .args(arguments)
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| ready[name].as_str().unwrap().to_owned();
        Self { child, control: text("control"), cobre: text("cobre"), ready }
    }

    /// Something that a credential asks of Cobre by itself.
    pub fn asked(&self, role: &str, path: &str, body: &Value) -> Value {
        call("POST", &format!("{}{path}", self.cobre), Some(&self.token(role)), body)
    }

    fn token(&self, role: &str) -> String {
        let credential = &self.ready["credentials"]["cobre"][role];
        let token = call("POST", &format!("{}/v1/auth", self.cobre), None, credential);
        token["access_token"].as_str().unwrap().to_owned()
    }

    /// Everything that was ever to be paid.
    pub fn all_payments(&self) -> Vec<Value> {
        ask(&format!("{}/ledger", self.control))["payments"].as_array().unwrap().clone()
    }

    /// The movements of this external id, as the ledger has them.
    pub fn payments(&self, external_id: &str) -> Vec<Value> {
        self.all_payments().into_iter().filter(|payment| payment["external_id"] == external_id).collect()
    }

    /// How often a provider was asked to do this.
    pub fn posts(&self, path: &str) -> usize {
        let requests = ask(&format!("{}/requests?since=0", self.control));
        let requests = requests.as_array().unwrap();
        requests.iter().filter(|request| request["method"] == "POST" && request["path"] == path).count()
    }

    /// Moves the sandbox's clock.
    pub fn advance(&self, seconds: u64) {
        tell(&format!("{}/clock", self.control), &json!({ "advance_s": seconds }));
    }

    /// Stops it: nothing that takes the provider time comes to its end.
    pub fn stand_still(&self) {
        tell(&format!("{}/clock", self.control), &json!({ "rate": 0 }));
    }

    /// Money into a key from a payer of this document; the credit's id.
    pub fn payin(&self, minor: usize, document: &str) -> String {
        self.payin_by("ch", minor, document)
    }

    /// The same from an account of that kind, at a bank that holds savings accounts only.
    pub fn payin_by(&self, account_type: &str, minor: usize, document: &str) -> String {
        let sender = json!({"name": format!("Pagador {document}"), "id": document, "id_type": "cc",
            "account_number": format!("78{document}"), "account_type": account_type, "bank_code": "1809"});
        let body = json!({"kind": "breb_key", "target": KEY, "amount": minor, "sender": sender});
        tell(&format!("{}/payins", self.control), &body)["id"].as_str().unwrap().to_owned()
    }

    /// Money into the Mexican balance by SPEI; the credit's id.
    pub fn spei_payin(&self, minor: usize) -> String {
        let path = "/v1/accounts?sensitive_data=true&page_size=100";
        let accounts =
            call("GET", &format!("{}{path}", self.cobre), Some(&self.token("maker")), &Value::Null);
        let mut accounts = accounts["contents"].as_array().unwrap().iter();
        let mexican = accounts.find(|row| row["provider_id"] == "pr_mex_cobre3").unwrap();
        let body = json!({"kind": "clabe", "target": mexican["account_number"], "amount": minor,
            "description": "Pago duplicado"});
        tell(&format!("{}/payins", self.control), &body)["id"].as_str().unwrap().to_owned()
    }

    /// Changes how the sandbox behaves.
    pub fn set(&self, settings: &Value) {
        call("PATCH", &format!("{}/settings", self.control), None, settings);
    }

    /// Makes the provider misbehave.
    pub fn fault(&self, fault: &Value) {
        tell(&format!("{}/faults", self.control), fault);
    }

    /// Every sum is zero, whatever happened.
    pub fn squares(&self) {
        let ledger = ask(&format!("{}/ledger", self.control));
        for (currency, sum) in ledger["sums"].as_object().unwrap() {
            assert_eq!(*sum, 0, "{currency}");
        }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// One GET.
fn ask(url: &str) -> Value {
    call("GET", url, None, &Value::Null)
}

fn tell(url: &str, body: &Value) -> Value {
    call("POST", url, None, body)
}

/// Over a plain socket: the sandbox speaks HTTP/1.1.
fn call(method: &str, url: &str, token: Option<&str>, body: &Value) -> Value {
    use std::io::{Read, Write};
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let length = body.len();
    let token = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    write!(
        stream,
        "{method} /{path} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n{token}\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.0 2") || head.starts_with("HTTP/1.1 2"), "{method} {url}: {answer}");
    serde_json::from_str(body).unwrap_or_default()
}

/// Someone at the desk, with a home of their own and no terminal.
pub struct Person {
    home: TempDir,
    /// Where the store is: in the home, or in another's.
    state: PathBuf,
    profile: String,
    /// Keys of the profile that the environment sets.
    keys: Vec<(String, String)>,
}

pub struct Answer {
    pub code: i32,
    /// By what it was ended, if it was.
    signal: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Answer {
    pub fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            signal: output.status.signal(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// By itself, or under a shell or strace that tells how its child ended.
    pub fn was_killed(&self) -> bool {
        self.signal == Some(9) || self.code == 128 + 9
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(self.out.lines().next().unwrap_or_default())
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.err))
    }

    pub fn error(&self) -> Value {
        let line = self.err.lines().find(|line| line.starts_with('{')).unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.err))
    }
}

impl Person {
    pub fn sits(shop: &Shop, role: &str) -> Self {
        Self::sits_at(shop, role, &format!("sandbox-{role}"))
    }

    /// At a profile of this name.
    pub fn sits_at(shop: &Shop, role: &str, profile: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("state");
        let person = Self { home, state, profile: profile.to_owned(), keys: Vec::new() };
        let made = person.run(&["config", "init", "--sandbox", &shop.control, "--role", role]);
        assert_eq!(made.code, 0, "{}", made.err);
        let text = std::fs::read_to_string(person.config()).unwrap();
        std::fs::write(person.config(), text.replace(&format!("sandbox-{role}"), profile)).unwrap();
        // Waits for an unknown are divided, so that a test takes no minutes.
        person.with("SETTLE_FACTOR", "1000")
    }

    /// With the store of someone who sits at a profile of the same name.
    #[must_use]
    pub fn sharing(mut self, other: &Self) -> Self {
        self.state.clone_from(&other.state);
        self
    }

    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        let profile = self.profile.to_uppercase().replace('-', "_");
        self.keys.push((format!("CUADRE_PROFILES__{profile}__{key}"), value.to_owned()));
        self
    }

    fn config(&self) -> PathBuf {
        self.home.path().join("config/cuadre/config.toml")
    }

    /// Where the stores, exports and logs are.
    pub fn state(&self) -> PathBuf {
        self.state.join("cuadre")
    }

    /// The folder of the store.
    pub fn store(&self) -> PathBuf {
        self.state().join(&self.profile)
    }

    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment()).env("CUADRE_LANG", "en").stdin(Stdio::null());
        command
    }

    /// What the program finds around it, but for the language.
    pub fn environment(&self) -> Vec<(String, OsString)> {
        let own = [
            ("HOME", self.home.path().into()),
            ("PATH", std::env::var_os("PATH").unwrap_or_default()),
            ("XDG_CONFIG_HOME", self.home.path().join("config").into()),
            ("XDG_STATE_HOME", self.state.clone().into()),
        ];
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
        own.chain(self.keys.iter().map(|(key, value)| (key.clone(), value.into()))).collect()
    }

    /// A file in this person's home.
    pub fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn run(&self, arguments: &[&str]) -> Answer {
        Answer::of(&self.command(BINARY).args(arguments).output().unwrap())
    }

    /// The balance of this name.
    pub fn account(&self, name: &str) -> String {
        let rows = self.run(&["balances", "--json"]).out;
        let mut rows = rows.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        rows.find(|row| row["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// The first own balance in pesos.
    pub fn balance(&self) -> String {
        let rows = self.run(&["balances", "--json"]).out;
        let row = rows.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut row = row.filter(|row| row["balance"]["currency"] == "COP" && row["provider"] == "cobre");
        row.next().unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// Someone who is paid at a Colombian bank.
    pub fn payee(&self) -> String {
        let rows = self.run(&["counterparties", "--json"]).out;
        let row = rows.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut row = row.filter(|row| row["destination"]["kind"] == "ch");
        row.next().unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// The outbox, newest first.
    pub fn outbox(&self) -> Vec<Value> {
        let rows = self.run(&["outbox", "--json"]).out;
        rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
