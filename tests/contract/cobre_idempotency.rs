//! Section 1.3: the same key again is the same movement.

use crate::bench::{Bench, bench, refused, send};
use reqwest::Method;
use serde_json::{Value, json};

async fn body(bench: &Bench) -> Value {
    json!({"source_id": bench.account("Operaci%C3%B3n").await, "destination_id": bench.counterparty("type=ch").await,
        "amount": 50_000, "metadata": {"description": "Una vez"}})
}

#[tokio::test]
async fn the_same_key_answers_the_first_answer_and_pays_once() {
    let bench = bench().await;
    let (body, account) = (body(&bench).await, bench.account("Operaci%C3%B3n").await);
    let before = bench.balance(&account).await;
    let first = bench.post_with_key("maker", "money_movements", "key-123456", body.clone()).await;
    bench.advance(30).await;
    for _ in 0..3 {
        assert_eq!(bench.post_with_key("maker", "money_movements", "key-123456", body.clone()).await, first);
    }
    let mut other = body.clone();
    other["amount"] = json!(99);
    assert_eq!(
        bench.post_with_key("maker", "money_movements", "key-123456", other.clone()).await,
        first,
        "whatever the body"
    );
    assert_eq!(bench.balance(&account).await, before - 50_000);
    bench
        .http
        .patch(bench.control("settings"))
        .json(&json!({"strict_idempotency": true}))
        .send()
        .await
        .unwrap();
    refused(&bench.post_with_key("maker", "money_movements", "key-123456", other).await, 409, "MM004");
    assert_eq!(bench.post_with_key("maker", "money_movements", "key-123456", body).await, first);
}

#[tokio::test]
async fn a_key_belongs_to_its_credential_and_lives_a_day() {
    let bench = bench().await;
    let body = body(&bench).await;
    let first = bench.post_with_key("maker", "money_movements", "key-123456", body.clone()).await.1;
    let other = bench.post_with_key("admin", "money_movements", "key-123456", body.clone()).await.1;
    assert_ne!(first["id"], other["id"]);
    bench.advance(24 * 3600 - 1).await;
    bench.forget_tokens();
    assert_eq!(
        bench.post_with_key("maker", "money_movements", "key-123456", body.clone()).await.1["id"],
        first["id"]
    );
    bench.advance(1).await;
    assert_ne!(
        bench.post_with_key("maker", "money_movements", "key-123456", body).await.1["id"],
        first["id"]
    );
}

#[tokio::test]
async fn a_missing_or_short_key_is_refused_and_a_refusal_does_not_use_the_key_up() {
    let bench = bench().await;
    let body = body(&bench).await;
    let without = bench.request(Method::POST, "maker", "money_movements").await.json(&body);
    refused(&send(without).await, 400, "MM002");
    refused(&bench.post_with_key("maker", "money_movements", "12345678", body.clone()).await, 400, "MM002");
    let mut bad = body.clone();
    bad["amount"] = json!(0);
    refused(&bench.post_with_key("maker", "money_movements", "key-123456", bad).await, 400, "MM001");
    assert_eq!(bench.post_with_key("maker", "money_movements", "key-123456", body.clone()).await.0, 201);
    bench
        .http
        .patch(bench.control("settings"))
        .json(&json!({"require_idempotency": false}))
        .send()
        .await
        .unwrap();
    let without = bench.request(Method::POST, "maker", "money_movements").await.json(&body);
    assert_eq!(send(without).await.0, 201);
}
