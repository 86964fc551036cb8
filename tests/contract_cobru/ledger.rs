//! Section 15: a real ledger under all of it, and the same world again from the same seed and calls.

use serde_json::{Value, json};

use crate::desk::{Desk, payer};

/// A small generator of its own: the run is the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one_of<'a>(&mut self, all: &'a [String]) -> Option<&'a str> {
        let at = self.below(all.len().max(1) as u64);
        all.get(usize::try_from(at).unwrap()).map(String::as_str)
    }
}

/// What a state may become; anything else would be a step back.
fn may_follow(from: i64, to: i64) -> bool {
    match from {
        3 => matches!(to, 3 | 4),
        4 | 5 => from == to,
        _ => true,
    }
}

/// So many random calls, with the clock moved in between. Answers the ledger at their end.
async fn run(seed: u64, calls: usize) -> String {
    let mut desk = Desk::new().await;
    let mut dice = Dice(seed);
    let (mut slugs, mut withdrawals, mut cash) = (Vec::new(), Vec::<String>::new(), Vec::<String>::new());
    let mut states = std::collections::HashMap::<String, i64>::new();
    for at in 0..calls {
        let amount = 3_000 + dice.below(900_000);
        match dice.below(12) {
            0 | 1 => {
                let draft = json!({
                    "amount": amount, "expiration_days": dice.below(3), "client_assume_costs": dice.below(2) == 0,
                    "idempotency_key": format!("k{}", dice.below(400)),
                    "payment_method_enabled": "{\"breb\":true,\"pse\":true,\"efecty\":true,\"credit_card\":true,\"cobru\":true,\"daviplata\":true}"
                });
                let answer = desk.post("/cobru/", &Desk::draft_with(&draft)).await;
                if answer.status == 201 {
                    slugs.push(answer.json()["url"].as_str().unwrap().to_owned());
                }
            }
            2..=4 => {
                let Some(slug) = dice.one_of(&slugs) else { continue };
                let body = match dice.below(6) {
                    0 => json!({"payment": "breb", "cc": "7777777"}),
                    1 => payer(&json!({"payment": "pse", "bank": "1040", "address": "x", "cc": "7777770"})),
                    2 => payer(
                        &json!({"payment": "credit_card", "credit_card": "4111111111111111", "expiration_date": "12/30", "cvv": "123", "dues": 1}),
                    ),
                    3 => json!({"payment": "cobru_phone", "phone": "3005550110"}),
                    4 => payer(&json!({"payment": "efecty"})),
                    _ => json!({"payment": "breb"}),
                };
                desk.post(&format!("/{slug}"), &body).await;
            }
            5 => {
                let Some(slug) = dice.one_of(&slugs) else { continue };
                desk.control("/pay", &json!({"cobru": slug, "refuse": dice.below(3) == 0})).await;
            }
            6 => {
                let Some(slug) = dice.one_of(&slugs) else { continue };
                let (path, body) = match dice.below(3) {
                    0 => ("/cobru/update_to_expired/", json!({ "url": slug })),
                    _ => ("/edit_cobru/", json!({"url": slug, "amount": amount})),
                };
                desk.post(path, &body).await;
                desk.control("/refund", &json!({ "cobru": dice.one_of(&slugs) })).await;
            }
            7 => {
                let ending = ["12345678", "10000", "10001", "10002"][usize::try_from(dice.below(4)).unwrap()];
                let body = json!({
                    "amount": amount, "account_holder_name": "Luis", "account_type": "0", "account_holder_document": "7",
                    "account_holder_document_type": "0", "account_number": format!("0570{ending}"),
                    "account_phone": "3", "account_email": "", "idempotency_key": format!("w{}", dice.below(99))
                });
                let answer = desk.post("/thirdpartywithdraw/", &body).await;
                withdrawals.extend((answer.status == 201).then(|| answer.json()["pk"].to_string()));
                if let Some(pk) = dice.one_of(&withdrawals).filter(|_| dice.0.is_multiple_of(3)) {
                    desk.post("/cancelthirdpartywithdraw/", &json!({ "id": pk })).await;
                }
            }
            8 => {
                let body = json!({"amount": amount, "document": "7", "name": "L", "exp_days": dice.below(2), "method": "efecty"});
                let answer = desk.post("/cashwithdraw/", &body).await;
                cash.extend((answer.status == 200).then(|| answer.json()["ref"].to_string()));
                let Some(id) = dice.one_of(&cash) else { continue };
                match dice.below(3) {
                    0 => desk.control("/collect", &json!({ "withdrawal": id })).await,
                    1 => desk.post("/cancelcashwithdraw/", &json!({ "id": id })).await,
                    _ => desk.get(&format!("/cashwithdraw/{id}")).await,
                };
            }
            9 => {
                desk.post("/send/", &json!({"to_user": "3005550110", "amount": amount})).await;
            }
            10 => {
                let (path, body) = match dice.below(3) {
                    0 => ("/cobru/debit/create_and_reload_card/", json!({ "amount": amount })),
                    1 => ("/pin/", json!({"id_pin": 387, "operator": "56"})),
                    _ => (
                        "/withdraw/co/",
                        json!({"amount": amount, "account_holder_name": "L", "key_value": "@NOEXISTE"}),
                    ),
                };
                desk.post(path, &body).await;
            }
            _ => {
                desk.sandbox.advance_seconds(dice.below(4_000));
                desk.sign_in().await;
            }
        }
        assert_eq!(desk.sandbox.world().ledger.check(), Ok(()), "seed {seed}, call {at}");
    }
    for slug in &slugs {
        let state = desk.state(slug).await;
        states.insert(slug.clone(), state);
    }
    desk.sandbox.advance_seconds(4 * 86_400);
    desk.sign_in().await;
    for slug in &slugs {
        let now = desk.state(slug).await;
        assert!(may_follow(states[slug], now), "seed {seed}: {slug} went from {} to {now}", states[slug]);
        assert!(matches!(now, 3..=5), "seed {seed}: {slug} is over and in state {now}");
    }
    // All that waited outside was paid out or came back.
    let ledger = desk.control_get("/ledger").await;
    let whole: Value = ledger.json();
    let transit =
        whole["accounts"].as_array().unwrap().iter().find(|account| account["id"] == "outside:cobru:transit");
    let waiting: i64 = whole["payments"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|payment| payment["kind"] == "cash_withdraw" && payment["state"] == "0")
        .map(|payment| payment["amount"].as_i64().unwrap())
        .sum();
    assert_eq!(transit.unwrap()["balance"], waiting, "seed {seed}");
    for (currency, sum) in whole["sums"].as_object().unwrap() {
        assert_eq!(sum, 0, "{currency}");
    }
    ledger.text
}

#[tokio::test]
async fn random_calls_keep_every_balance_and_are_the_same_again() {
    let (once, again) = (run(7, 400).await, run(7, 400).await);
    assert!(once == again, "the same seed and calls made another ledger");
    run(8, 300).await;
}
