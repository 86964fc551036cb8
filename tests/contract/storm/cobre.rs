//! Operations at Cobre: every kind that moves money or decides whether it may.

use super::Storm;
use crate::bench::Bench;
use reqwest::Method;
use serde_json::{Value, json};

/// What was made so far, by its ids.
#[derive(Default)]
pub struct Seen {
    pub accounts: Vec<String>,
    counterparties: Vec<String>,
    /// Those whose accounts can be debited, once they say yes.
    payers: Vec<String>,
    movements: Vec<String>,
    /// Those that ask somebody to pay.
    links: Vec<String>,
    /// Those that ask an approver.
    asked: Vec<String>,
    bulks: Vec<String>,
    schedulers: Vec<String>,
    keys: Vec<String>,
    checkouts: Vec<String>,
    quotes: Vec<String>,
    credits: Vec<String>,
    clabe: String,
    wallet: String,
    pesos: String,
}

impl Seen {
    pub async fn new(bench: &Bench) -> Self {
        let ids = async |path: &str| {
            let rows = bench.rows("viewer", path).await;
            rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let mexican = bench.rows("maker", "accounts?geo=mex&sensitive_data=true").await;
        let global = bench.rows("maker", "accounts?geo=global").await;
        let wallet = global[0]["metadata"]["wallets"][0]["address"].as_str().unwrap().to_owned();
        Self {
            wallet,
            accounts: ids("accounts").await,
            counterparties: ids("counterparties?page_size=100").await,
            clabe: mexican[0]["account_number"].as_str().unwrap().to_owned(),
            pesos: bench.account("Recaudo").await,
            ..Self::default()
        }
    }
}

fn id(answer: Option<&Value>) -> Option<String> {
    answer?["id"].as_str().map(str::to_owned)
}

impl Storm {
    async fn cobre_token(&mut self, role: &'static str) -> String {
        loop {
            if let Some(token) = self.tokens.get(role) {
                return token.clone();
            }
            let credential = &self.bench.sandbox.ready().credentials.cobre[role];
            let body = json!({"user_id": credential.user_id, "secret": credential.secret});
            let request = self.bench.http.post(self.bench.cobre("auth")).json(&body);
            let answer = self.send("cobre sign-in", request).await;
            if let Some(token) = answer.as_ref().and_then(|answer| answer["access_token"].as_str()) {
                self.tokens.insert(role, token.to_owned());
            }
        }
    }

    /// As one of those who may, most of the time.
    fn role(&mut self, usual: &'static str) -> &'static str {
        match self.rng.u8(..12) {
            0 => "admin",
            1 => ["maker", "checker", "viewer"][self.rng.usize(..3)],
            _ => usual,
        }
    }

    async fn cobre(
        &mut self,
        kind: &'static str,
        role: &'static str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Option<Value> {
        let (role, token) = (role, self.cobre_token(role).await);
        // Now and then the last key again: the same answer, or another operation's key.
        let key = if self.rng.u8(..12) == 0 { self.number.saturating_sub(1) } else { self.number };
        let request = self.bench.http.request(method, self.bench.cobre(path)).bearer_auth(token);
        let request = request.header("idempotency", format!("storm-key-{role}-{key}"));
        match body {
            Some(body) => self.send(kind, request.json(&body)).await,
            None => self.send(kind, request).await,
        }
    }

    async fn cobre_post(
        &mut self,
        kind: &'static str,
        usual: &'static str,
        path: &str,
        body: Value,
    ) -> Option<Value> {
        let role = self.role(usual);
        self.cobre(kind, role, Method::POST, path, Some(body)).await
    }

    fn side(&mut self) -> String {
        if self.rng.u8(..3) == 0 {
            self.any(|storm| &storm.cobre.accounts)
        } else {
            self.any(|storm| &storm.cobre.counterparties)
        }
    }

    /// A movement between whatever was drawn: most kinds of rail, and many pairs that have none.
    fn movement(&mut self) -> Value {
        let (source, destination) = match self.rng.u8(..8) {
            0 => (self.any(|storm| &storm.cobre.counterparties), self.any(|storm| &storm.cobre.accounts)),
            1 => (self.late(9, |storm| &storm.cobre.payers), self.cobre.pesos.clone()),
            _ => (self.any(|storm| &storm.cobre.accounts), self.side()),
        };
        let rail = ["pse", "nequi", "bancolombia", "breb_qr"][self.rng.usize(..4)];
        json!({"source_id": source, "destination_id": destination, "amount": self.rng.i64(1..9_000_000),
            "checker_approval": self.rng.u8(..3) == 0, "external_id": self.key(),
            "metadata": {"description": "Pago", "reference": "1", "token": "usdc", "r2p_rail": rail, "redirect_url": "https://erp.example.co",
                "financial_institution_code": "1007", "description_to_payer": "Cuota", "description_to_payee": "Cuota"}})
    }

    pub async fn cobre_once(&mut self) {
        let account = self.any(|storm| &storm.cobre.accounts);
        match self.rng.u8(..50) {
            0..=15 => {
                let body = self.movement();
                let made = self.cobre_post("cobre movement", "maker", "money_movements", body).await;
                let Some(made) = made else { return };
                let new = id(Some(&made));
                if made["checker_approval"] == true {
                    self.cobre.asked.extend(new.clone());
                }
                if made["type"].as_str().is_some_and(|kind| kind.starts_with("r2p")) {
                    self.cobre.links.extend(new.clone());
                }
                self.cobre.movements.extend(new);
            }
            16..=20 => {
                let decision = if self.rng.u8(..4) == 0 { "reject" } else { "approve" };
                let body = json!({"money_movement_id": self.late(8, |storm| &storm.cobre.asked), "decision": decision});
                self.cobre_post("cobre approval", "checker", "money_movement_approvals", body).await;
            }
            21..=22 => {
                let state = ["completed", "rejected", "failed", "returned", "canceled"][self.rng.usize(..5)];
                let body = json!({"id": self.late(40, |storm| &storm.cobre.movements), "state": state});
                self.cobre_post("cobre testing state", "maker", "change_mm_state", body).await;
            }
            23..=25 => {
                let body = json!({"movement": self.late(6, |storm| &storm.cobre.links), "refuse": self.rng.u8(..4) == 0});
                self.tell("cobre payer of a link", "pay", body).await;
            }
            26..=29 => self.payin().await,
            30 => {
                let path = format!("accounts/{account}/primary_account");
                let primary = self.any(|storm| &storm.cobre.accounts);
                if self.rng.u8(..3) == 0 {
                    let body = json!({ "primary_account_id": primary });
                    self.cobre_post("cobre primary account", "admin", &path, body).await;
                } else {
                    self.cobre("cobre primary account", "admin", Method::DELETE, &path, None).await;
                }
            }
            31 => self.counterparty().await,
            32..=34 => self.bulk().await,
            35 => self.schedule(&account).await,
            36 => self.keys().await,
            37..=38 => self.checkout(&account).await,
            39..=41 => self.across_borders().await,
            42 => {
                let body = json!({"transaction_id": self.late(5, |storm| &storm.cobre.credits), "metadata": {"description": "Pago duplicado"}});
                let made = self.cobre_post("cobre return", "maker", "money_movements_return", body).await;
                self.cobre.movements.extend(id(made.as_ref()));
            }
            43 => {
                let code = ["0301", "0350"][self.rng.usize(..2)];
                let body = json!({"account_id": account, "amount": self.rng.i64(1..50_000_000), "transaction_code": code, "description": "Ajuste"});
                self.cobre_post("cobre adjustment", "maker", "account_test_transactions", body).await;
            }
            44 => {
                let payer = self.late(9, |storm| &storm.cobre.payers);
                let body = json!({"destination_id": self.cobre.pesos, "registration_description": "Cuota"});
                let path = format!("counterparties/{payer}/direct_debit_registrations");
                self.cobre_post("cobre registration", "maker", &path, body).await;
            }
            45 => {
                if self.rng.u8(..4) == 0 {
                    let path = format!("accounts/{account}");
                    self.cobre("cobre balance closed", "admin", Method::DELETE, &path, None).await;
                } else if self.cobre.accounts.len() < 12 {
                    let body = json!({"provider_id": "pr_col_cobre", "action": "create", "alias": self.key(), "metadata": {"currency": "cop"}});
                    let made = self.cobre_post("cobre balance opened", "admin", "accounts", body).await;
                    self.cobre.accounts.extend(id(made.as_ref()));
                }
            }
            _ => self.read(&account).await,
        }
    }

    async fn payin(&mut self) {
        let amount = self.rng.i64(1..20_000_000);
        let body = match self.rng.u8(..4) {
            0 => json!({"kind": "clabe", "target": self.cobre.clabe, "amount": amount}),
            1 => json!({"kind": "wallet", "target": self.cobre.wallet, "amount": amount}),
            _ => json!({"kind": "breb_key", "target": "@CBANDINASAS2", "amount": amount}),
        };
        let credit = self.tell("cobre payin", "payins", body).await;
        if credit["type"] == "spei_credit" {
            self.cobre.credits.extend(id(Some(&credit)));
        }
    }

    async fn counterparty(&mut self) {
        if self.rng.u8(..3) == 0 {
            // The end of the number decides what the payer says.
            let number = format!("31{:08}", self.number);
            let body = json!({"geo": "col", "type": "dp", "alias": self.key(), "metadata": {"counterparty_fullname": "Ana Ruiz", "counterparty_id_type": "cc",
                "counterparty_id_number": "52123456", "beneficiary_institution": "1507", "account_number": number}});
            let made = self.cobre_post("cobre payer", "maker", "counterparties", body).await;
            self.cobre.payers.extend(id(made.as_ref()));
        } else if self.rng.bool() {
            let body = json!({"geo": "col", "type": "breb_key", "alias": self.key(), "metadata": {"key_value": format!("@STORM{:08}", self.number)}});
            let made = self.cobre_post("cobre counterparty", "maker", "counterparties", body).await;
            self.cobre.counterparties.extend(id(made.as_ref()));
        } else if self.cobre.counterparties.len() > 40 {
            let last = self.cobre.counterparties.pop().unwrap();
            let path = format!("counterparties/{last}");
            self.cobre("cobre counterparty gone", "maker", Method::DELETE, &path, None).await;
        }
    }

    async fn bulk(&mut self) {
        if self.rng.u8(..3) > 0 {
            let decision = if self.rng.u8(..4) == 0 { "reject" } else { "approve" };
            let bulk = self.cobre.bulks.last().cloned().unwrap_or_default();
            let path = format!("bulk_money_movements/{bulk}/decision");
            self.cobre_post("cobre bulk decision", "checker", &path, json!({ "decision": decision })).await;
            return;
        }
        let rows: Vec<Value> = (0..self.rng.usize(1..5)).map(|_| self.movement()).collect();
        let good = json!({"source_id": self.cobre.pesos, "amount": self.rng.i64(1..90_000), "metadata": {"description": "Nómina"},
            "destination": {"geo": "col", "type": "breb_key", "metadata": {"key_value": "@LUZ2026"}}});
        let rows = if self.rng.u8(..5) == 0 { rows } else { vec![good; rows.len()] };
        let token = self.cobre_token("maker").await;
        let request = self.bench.http.post(self.bench.cobre("bulk_money_movements")).bearer_auth(token);
        let request =
            request.header("checker_approval", if self.rng.bool() { "true" } else { "false" }).json(&rows);
        let made = self.send("cobre bulk", request).await;
        self.cobre.bulks.extend(id(made.as_ref()));
    }

    async fn schedule(&mut self, account: &str) {
        if self.cobre.schedulers.len() < 4 {
            let to = self.any(|storm| &storm.cobre.counterparties);
            let hour = self.rng.u8(..24);
            let body = json!({"account_source_ids": [account], "destination_id": to, "amount": self.rng.i64(0..90_000),
                "schedule_pattern": format!("(0 {hour} * * ? *)"), "metadata": {"description": "Barrido", "reference": "1"}});
            let made = self.cobre_post("cobre schedule", "maker", "money_movement_schedulers", body).await;
            self.cobre.schedulers.extend(id(made.as_ref()));
        } else {
            let gone = self.cobre.schedulers.remove(0);
            let path = format!("money_movement_schedulers/{gone}");
            self.cobre("cobre schedule ended", "maker", Method::DELETE, &path, None).await;
        }
    }

    async fn keys(&mut self) {
        let path = format!("accounts/{}/keys", self.cobre.pesos);
        if self.cobre.keys.len() < 6 {
            let body = json!({"alias": "Caja", "key_config": "random", "holder": {"full_name": "Tienda SAS", "id_type": "nit", "id_number": "901183029"}});
            let made = self.cobre_post("cobre key", "maker", &path, body).await;
            self.cobre.keys.extend(id(made.as_ref()));
            return;
        }
        let key = self.any(|storm| &storm.cobre.keys);
        if self.rng.u8(..5) == 0 {
            self.cobre.keys.retain(|held| *held != key);
            self.cobre("cobre key ended", "maker", Method::DELETE, &format!("{path}/{key}"), None).await;
        } else {
            let action = ["disable", "enable"][self.rng.usize(..2)];
            let path = format!("{path}/{key}/key_action");
            let body = json!({"action": action, "reason": "client_request"});
            self.cobre_post("cobre key action", "maker", &path, body).await;
        }
    }

    async fn checkout(&mut self, account: &str) {
        if self.rng.u8(..3) == 0 {
            let body = json!({"alias": "Caja web", "amount": self.rng.i64(1..900_000), "destination_id": account, "checkout_rails": ["pse", "breb"],
                "checkout_header": "Pedido", "checkout_item": "Café", "description_to_payee": "Pedido", "money_movement_intent_limit": self.rng.u8(1..4)});
            let made = self.cobre_post("cobre checkout", "maker", "checkouts", body).await;
            self.cobre.checkouts.extend(id(made.as_ref()));
            return;
        }
        let checkout = self.cobre.checkouts.last().cloned().unwrap_or_default();
        if self.rng.u8(..6) == 0 {
            let path = format!("checkouts/{checkout}");
            self.cobre("cobre checkout ended", "maker", Method::DELETE, &path, None).await;
        } else {
            let body =
                json!({"rail": (["pse", "breb"][self.rng.usize(..2)]), "refuse": self.rng.u8(..4) == 0});
            self.tell("cobre payer of a checkout", &format!("checkouts/{checkout}/pay"), body).await;
        }
    }

    async fn across_borders(&mut self) {
        if self.rng.u8(..2) == 0 {
            let pair = ["usd/mxn", "usd/cop"][self.rng.usize(..2)];
            let kind = ["static_quote", "rolling_quote"][self.rng.usize(..2)];
            let body = json!({"type": kind, "currency_pair": pair, "source_amount": self.rng.i64(1..90_000)});
            let made = self.cobre_post("cobre quote", "maker", "fx_quotes", body).await;
            self.cobre.quotes.extend(id(made.as_ref()));
            return;
        }
        let quote = self.cobre.quotes.last().cloned().unwrap_or_default();
        let (from, to) = (self.any(|storm| &storm.cobre.accounts), self.any(|storm| &storm.cobre.accounts));
        let body = json!({"source_id": from, "destination_id": to, "forex_quote_id": quote, "metadata": {"destination_description": "Fondeo"}});
        let made = self.cobre_post("cobre cross-border", "maker", "cross_border_money_movements", body).await;
        self.cobre.movements.extend(id(made.as_ref()));
    }

    async fn read(&mut self, account: &str) {
        let movement = self.late(40, |storm| &storm.cobre.movements);
        let path = match self.rng.u8(..6) {
            0 => "transactions?page_size=20".to_owned(),
            1 => format!("accounts/{account}/transactions?type=breb_credit&page_size=5"),
            2 => format!("money_movements?external_id={}", self.key()),
            3 => "money_movement_approvals?status=pending".to_owned(),
            4 => format!("money_movements/{movement}?nested=true"),
            _ => format!("accounts/{account}"),
        };
        self.cobre("cobre read", "viewer", Method::GET, &path, None).await;
    }
}
