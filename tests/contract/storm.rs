//! Whatever a seed draws, with faults: the books balance, no state goes backwards, and the same seed
//! makes the same ledger. `STORM_SEED` and `STORM_OPERATIONS` choose another run; its seed is printed.

use crate::bench::{Bench, bench};
use fastrand::Rng;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashMap;

struct Storm {
    bench: Bench,
    rng: Rng,
    accounts: Vec<String>,
    others: Vec<String>,
    movements: Vec<String>,
    states: HashMap<String, String>,
}

/// What a state may become. `completed` may still come back, in Mexico.
fn may_follow(from: &str, to: &str) -> bool {
    match from {
        "initiated" => true,
        "pending_approval" => to != "initiated",
        "processing" => !["initiated", "pending_approval"].contains(&to),
        "completed" => ["completed", "returned"].contains(&to),
        ended => ended == to,
    }
}

impl Storm {
    async fn new(seed: u64) -> Self {
        let bench = bench().await;
        let settings = json!({"rate_limit": false, "magic_amounts": true});
        bench.http.patch(bench.control("settings")).json(&settings).send().await.unwrap();
        let ids = async |path: &str| {
            let rows = bench.rows("viewer", path).await;
            rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let accounts = ids("accounts").await;
        let mut others = ids("counterparties?page_size=100").await;
        others.extend(accounts.clone());
        for fault in ["cut_before", "cut_during", "cut_after", "status:503", "garbage"] {
            bench
                .tell(
                    "faults",
                    json!({"path": "/v1/money_movements", "method": "POST", "share": 0.03, "fault": fault}),
                )
                .await;
        }
        Self {
            bench,
            rng: Rng::with_seed(seed),
            accounts,
            others,
            movements: Vec::new(),
            states: HashMap::new(),
        }
    }

    fn any(&mut self, which: fn(&Self) -> &Vec<String>) -> String {
        let place = self.rng.usize(..which(self).len().max(1));
        which(self).get(place).cloned().unwrap_or_default()
    }

    /// Sends and takes what comes; a line that was cut is no answer.
    async fn post(&self, role: &str, path: &str, key: &str, body: Value) -> Option<Value> {
        let request =
            self.bench.request(Method::POST, role, path).await.header("idempotency", key).json(&body);
        let answer = request.send().await.ok()?;
        let status = answer.status().as_u16();
        let text = answer.text().await.ok()?;
        assert!(status < 500 || status == 503, "{status} {text}");
        serde_json::from_str(&text).ok()
    }

    async fn once(&mut self, number: usize) {
        let role = ["maker", "admin", "checker"][self.rng.usize(..3)];
        let key = format!("storm-key-{number}");
        match self.rng.u8(..10) {
            0..=4 => {
                let body = json!({"source_id": self.any(|s| &s.accounts), "destination_id": self.any(|s| &s.others),
                    "amount": self.rng.i64(1..90_000_000), "checker_approval": self.rng.bool(),
                    "metadata": {"description": "x", "reference": "1", "token": "usdc", "r2p_rail": "nequi", "description_to_payer": "x", "description_to_payee": "x"}});
                // Now and then the last key again: the same movement, or none.
                let key = format!("storm-key-{}", number - self.rng.usize(..2).min(number));
                if let Some(made) = self.post(role, "money_movements", &key, body).await {
                    self.movements.extend(made["id"].as_str().map(str::to_owned));
                }
            }
            5 => {
                let decision = ["approve", "reject"][self.rng.usize(..2)];
                let body = json!({"money_movement_id": self.any(|s| &s.movements), "decision": decision});
                self.post(role, "money_movement_approvals", &key, body).await;
            }
            6 => {
                let state = ["completed", "rejected", "failed", "returned", "canceled"][self.rng.usize(..5)];
                let body = json!({"id": self.any(|s| &s.movements), "state": state});
                self.post(role, "change_mm_state", &key, body).await;
            }
            7 => {
                let amount = self.rng.i64(1..1_000_000);
                self.bench.tell("pay", json!({"key": "@CBANDINASAS2", "amount": amount})).await;
            }
            8 => {
                let path = format!("accounts/{}/primary_account", self.any(|s| &s.accounts));
                let primary = self.any(|s| &s.accounts);
                if self.rng.bool() {
                    self.post("admin", &path, &key, json!({ "primary_account_id": primary })).await;
                } else {
                    self.bench.delete("admin", &path).await;
                }
            }
            _ => {
                let seconds = self.rng.u64(..120);
                self.bench.advance(seconds).await;
                self.bench.forget_tokens();
            }
        }
    }

    async fn look(&mut self) {
        self.bench.balanced();
        let ledger = self.bench.ask("ledger?since=1000000000").await;
        // Cobru's own suite knows its states.
        let payments = ledger["payments"].as_array().unwrap();
        for payment in payments.iter().filter(|payment| payment["provider"] == "cobre") {
            let (id, state) = (payment["id"].as_str().unwrap(), payment["state"].as_str().unwrap());
            let earlier = self.states.insert(id.to_owned(), state.to_owned());
            assert!(
                earlier.as_deref().is_none_or(|earlier| may_follow(earlier, state)),
                "{earlier:?} then {payment}"
            );
        }
        for account in ledger["accounts"].as_array().unwrap() {
            assert!(account["outside"] == true || account["balance"].as_i64().unwrap() >= 0, "{account}");
        }
    }
}

/// So many operations from a seed; answers the ledger at their end.
async fn storm(seed: u64, operations: usize) -> Value {
    let mut storm = Storm::new(seed).await;
    for number in 0..operations {
        storm.once(number).await;
        if number % 50 == 0 {
            storm.look().await;
        }
    }
    storm.bench.advance(100 * 3600).await;
    storm.look().await;
    storm.bench.ask("ledger").await
}

fn given<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[tokio::test]
async fn random_operations_keep_every_book_balanced_and_the_same_seed_makes_the_same_ledger() {
    let (seed, operations) = (given("STORM_SEED", 20_260_115), given("STORM_OPERATIONS", 300));
    println!("STORM_SEED={seed} STORM_OPERATIONS={operations}");
    let (first, second) = tokio::join!(storm(seed, operations), storm(seed, operations));
    assert_eq!(first, second);
    assert!(first["postings"].as_array().unwrap().len() > 320, "something happened");
}
