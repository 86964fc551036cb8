//! Operations at Cobru: links made, edited and paid by every method, transfers, withdrawals of every kind,
//! purchases, and what their payers and collectors do.

use super::Storm;
use reqwest::Method;
use serde_json::{Value, json};

/// What was made so far.
#[derive(Default)]
pub struct Seen {
    links: Vec<String>,
    withdrawals: Vec<String>,
    cash: Vec<String>,
    cards: Vec<String>,
    codes: Vec<(String, i64)>,
}

const METHODS: [&str; 14] = [
    "breb",
    "breb_qr",
    "pse",
    "NEQUI",
    "bancolombia_transfer",
    "bancolombia_qr",
    "corresponsal_bancolombia",
    "efecty",
    "baloto",
    "dale",
    "daviplata",
    "credit_card",
    "cobru_phone",
    "CUSD",
];

/// Flags that enable all of them.
const FLAGS: &str = r#"{"breb":true,"pse":true,"NEQUI":true,"bancolombia_transfer":true,"bancolombia_qr":true,"corresponsal_bancolombia":true,"efecty":true,"baloto":true,"dale":true,"daviplata":true,"credit_card":true,"cobru":true,"CUSD":true}"#;

impl Storm {
    async fn cobru_token(&mut self) -> String {
        loop {
            if let Some(token) = self.tokens.get("cobru") {
                return token.clone();
            }
            let credential = &self.bench.sandbox.ready().credentials.cobru;
            let request = self.bench.http.post(self.bench.cobru("/token/refresh/"));
            let request = request.header("x-api-key", &credential.api_key);
            let request = request.json(&json!({"refresh": credential.refresh}));
            let answer = self.send("cobru sign-in", request).await;
            if let Some(token) = answer.as_ref().and_then(|answer| answer["access"].as_str()) {
                self.tokens.insert("cobru", token.to_owned());
            }
        }
    }

    async fn cobru(
        &mut self,
        kind: &'static str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Option<Value> {
        let token = self.cobru_token().await;
        let request = self.bench.http.request(method, self.bench.cobru(path));
        let request = request
            .header("x-api-key", &self.bench.sandbox.ready().credentials.cobru.api_key)
            .bearer_auth(token);
        match body {
            Some(body) => self.send(kind, request.json(&body)).await,
            None => self.send(kind, request).await,
        }
    }

    async fn cobru_post(&mut self, kind: &'static str, path: &str, body: Value) -> Option<Value> {
        self.cobru(kind, Method::POST, path, Some(body)).await
    }

    pub async fn cobru_once(&mut self) {
        let (slug, amount) = (self.late(25, |storm| &storm.cobru.links), self.rng.i64(3_000..900_000));
        match self.rng.u8(..50) {
            0..=7 => {
                let body = json!({"amount": amount, "description": "Pedido", "expiration_days": self.rng.u8(..3), "client_assume_costs": self.rng.bool(),
                    "iva": 0, "platform": "API", "payment_method_enabled": FLAGS, "payer_redirect_url": "https://roble.example/",
                    "callback": "http://127.0.0.1:9/cobru", "idempotency_key": self.cobru_key()});
                let made = self.cobru_post("cobru link", "/cobru/", body).await;
                let slug = made.as_ref().and_then(|made| made["url"].as_str());
                self.cobru.links.extend(slug.map(str::to_owned));
            }
            8..=20 => self.pay_details(&slug).await,
            21..=25 => {
                let body = json!({"cobru": slug, "refuse": self.rng.u8(..3) == 0});
                self.tell("cobru payer", "pay", body).await;
            }
            26 => {
                let Some((key, minor)) = self.cobru.codes.pop() else { return };
                self.tell("cobru payer of a code", "pay", json!({"key": key, "amount": minor})).await;
            }
            27 => {
                let body = json!({"URL": slug, "OTP": if self.rng.bool() { "123456" } else { "000000" }});
                self.cobru_post("cobru Daviplata code", "/cobru/confirm_daviplata/", body).await;
            }
            28..=29 => {
                let body = json!({"url": slug, "amount": amount, "expiration_days": self.rng.u8(..3)});
                self.cobru_post("cobru edit", "/edit_cobru/", body).await;
            }
            30 => {
                self.cobru_post("cobru taken back", "/cobru/update_to_expired/", json!({ "url": slug }))
                    .await;
            }
            31 => {
                self.tell("cobru refund", "refund", json!({ "cobru": slug })).await;
            }
            32..=36 => self.withdrawal(amount).await,
            37 => {
                let path = ["/cancelthirdpartywithdraw/", "/cancel_withdraw/"][self.rng.usize(..2)];
                let id = self.cobru.withdrawals.last().cloned().unwrap_or_default();
                self.cobru_post("cobru withdrawal canceled", path, json!({"id": id, "pk": id})).await;
            }
            38..=39 => {
                let coupon = ["COBRU", "AJENO"][self.rng.usize(..2)];
                let mut body = json!({"amount": amount, "document": "79555000", "name": "Luis", "exp_days": self.rng.u8(..3), "method": "efecty"});
                if self.rng.u8(..4) == 0 {
                    body["coupon"] = json!(coupon);
                }
                let made = self.cobru_post("cobru cash", "/cashwithdraw/", body).await;
                let made = made.and_then(|made| made["ref"].as_i64());
                self.cobru.cash.extend(made.map(|id| id.to_string()));
            }
            40 => {
                let id = self.late(30, |storm| &storm.cobru.cash);
                self.tell("cobru cash collected", "collect", json!({ "withdrawal": id })).await;
            }
            41 => {
                let id = self.late(30, |storm| &storm.cobru.cash);
                self.cobru_post("cobru cash canceled", "/cancelcashwithdraw/", json!({ "id": id })).await;
            }
            42..=43 => {
                let to = ["3005550110", "3005550110", "3015550142", "nobody"][self.rng.usize(..4)];
                let body = json!({"to_user": to, "amount": amount});
                self.cobru_post("cobru transfer", "/send/", body).await;
            }
            44 => self.purchase(amount).await,
            _ => {
                let path = match self.rng.u8(..6) {
                    0 => format!("/cobru_detail/{slug}"),
                    1 => "/movements/movements_by_types/?by_cobrus=true&per_page=5".to_owned(),
                    2 => format!("/thirdpartywithdraw/?idempotency_key={}", self.cobru_key()),
                    3 => "/movements/movements_by_types/?by_withdraws=true&per_page=5".to_owned(),
                    4 => format!("/cashwithdraw/{}", self.late(30, |storm| &storm.cobru.cash)),
                    _ => "/balance/".to_owned(),
                };
                self.cobru("cobru read", Method::GET, &path, None).await;
            }
        }
    }

    /// Now and then the key of the operation before.
    fn cobru_key(&mut self) -> String {
        format!("storm-{}", self.number.saturating_sub(usize::from(self.rng.u8(..12) == 0)))
    }

    async fn pay_details(&mut self, slug: &str) {
        let method = METHODS[self.rng.usize(..METHODS.len())];
        let document = ["1020304050", "1020304050", "7777777", "7777770", "x"][self.rng.usize(..5)];
        let number =
            ["4111111111111111", "4111111111111112", "5500000000000004", "1234"][self.rng.usize(..4)];
        let body = json!({"payment": method, "name": "Marta Ríos", "cc": document, "document_type": "CC", "email": "marta@correo.example",
            "phone": "3005550110", "phone_nequi": "3005550110", "push": self.rng.bool(), "bank": "1040", "address": "Calle 7", "credit_card": number,
            "expiration_date": "12/30", "cvv": "123", "dues": 1});
        let answer = self.cobru_post("cobru payment details", &format!("/{slug}"), body).await;
        let key = answer.as_ref().and_then(|answer| answer["payment_details"]["key_value"].as_str());
        let Some(key) = key.map(str::to_owned) else { return };
        let detail = self.cobru("cobru read", Method::GET, &format!("/cobru_detail/{slug}"), None).await;
        let pesos = detail.as_ref().and_then(|detail| detail["amount"].as_i64());
        self.cobru.codes.extend(pesos.map(|pesos| (key, pesos * 100)));
    }

    async fn withdrawal(&mut self, amount: i64) {
        let key = self.cobru_key();
        let ending = ["12345678", "12345678", "10000", "10001", "10002"][self.rng.usize(..5)];
        let (kind, path, body) = match self.rng.u8(..8) {
            0..=3 => (
                "cobru bank withdrawal",
                "/thirdpartywithdraw/",
                json!({"amount": amount, "account_holder_name": "Luis Ortega", "account_type": "0", "account_holder_document": "79555000",
                    "account_holder_document_type": "0", "account_number": format!("0570{ending}"), "account_phone": "+573005550199",
                    "account_email": "", "bank_name": "1", "idempotency_key": key, "callback": "http://127.0.0.1:9/retiro"}),
            ),
            4 => (
                "cobru Bre-B withdrawal",
                "/withdraw/co/",
                json!({"amount": amount, "account_holder_name": "Luis", "key_value": (["@NOEXISTE", "@LUIS2026"][self.rng.usize(..2)]), "idempotency_key": key}),
            ),
            5 => (
                "cobru withdrawal in Brazil",
                "/withdraw/br/",
                json!({"amount": amount / 9_000, "currency_code": "BRL", "account_phone": "3", "account_email": "ana@correio.example", "pix_key": "52998224725",
                    "pix_key_type": "2", "cpf": "52998224725", "idempotency_key": key}),
            ),
            6 => (
                "cobru withdrawal in Mexico",
                "/withdraw/mx/",
                json!({"amount": amount / 9_000, "currency_code": "MXN", "account_phone": "3", "account_email": "ana@correo.example",
                    "clabe": "032180000118359719", "beneficiary": "Ana", "idempotency_key": key}),
            ),
            _ => (
                "cobru withdrawal in Argentina",
                "/withdraw/ar/",
                json!({"amount": amount / 900, "currency_code": "ARS", "account_phone": "3", "account_email": "ana@correo.example",
                    "bank_name": "Banco Galicia", "cbu": "2850590940090418135201", "idempotency_key": key}),
            ),
        };
        let made = self.cobru_post(kind, path, body).await;
        let pk = made.and_then(|made| made["pk"].as_i64());
        self.cobru.withdrawals.extend(pk.map(|pk| pk.to_string()));
    }

    async fn purchase(&mut self, amount: i64) {
        let card = self.any(|storm| &storm.cobru.cards);
        let (kind, path, body) = match self.rng.u8(..5) {
            0 if self.cobru.cards.len() < 5 => {
                ("cobru card", "/cobru/debit/create_and_reload_card/", json!({"amount": amount / 10}))
            }
            0 => (
                "cobru card",
                "/cobru/debit/create_and_reload_card/",
                json!({"amount": amount / 100, "card_id": card.parse::<i64>().ok()}),
            ),
            1 => ("cobru PIN", "/pin/", json!({"id_pin": 387, "operator": "56"})),
            2 => (
                "cobru package",
                "/packages/buy/",
                json!({"cell_provider": "TIGO", "code_provider": "203", "phone": "3005550110"}),
            ),
            3 => (
                "cobru Celo dollars",
                "/celo/",
                json!({"to": format!("0x{}", "a1".repeat(20)), "amount": self.rng.u8(1..90) / 30}),
            ),
            _ => (
                "cobru recharge",
                "/request_service_reload/",
                json!({"value": 5_000, "recipient": "3005550110", "operator": "claro"}),
            ),
        };
        let made = self.cobru_post(kind, path, body).await;
        let id = made.and_then(|made| made["card"]["id"].as_i64()).map(|id| id.to_string());
        self.cobru.cards.extend(id.filter(|id| !self.cobru.cards.contains(id)));
    }
}
