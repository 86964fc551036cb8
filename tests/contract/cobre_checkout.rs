//! Section 10.

use crate::bench::{bench, refused, send};
use serde_json::{Value, json};

fn wanted(account: &str) -> Value {
    json!({"alias": "Caja web", "amount": 150_000, "destination_id": account, "checkout_rails": ["pse", "breb"], "checkout_header": "Pedido 118",
        "checkout_item": "Café", "description_to_payee": "Pago - 15/01/2026 14:03", "money_movement_intent_limit": 2, "external_id": "web-118",
        "valid_until": "2026-01-15T15:00:00Z", "metadata": {"order": 118}})
}

#[tokio::test]
async fn a_checkout_is_paid_as_often_as_it_allows() {
    let bench = bench().await;
    let account = bench.account("Recaudo").await;
    let before = bench.balance(&account).await;
    let (status, made) = bench.post("maker", "checkouts", wanted(&account)).await;
    assert_eq!(
        (status, &made["status"], &made["currency"], &made["money_movement_id"]),
        (201, &json!("active"), &json!("cop"), &Value::Null),
        "{made}"
    );
    let id = made["id"].as_str().unwrap();
    let (page, _) = send(bench.http.get(made["checkout_url"].as_str().unwrap())).await;
    assert_eq!(page, 200);
    let pay = format!("checkouts/{id}/pay");
    let (status, refusing) = bench.tell(&pay, json!({"refuse": true})).await;
    assert_eq!((status, &refusing["money_movement_id"]), (200, &Value::Null));
    let (status, paid) = bench.tell(&pay, json!({"rail": "breb"})).await;
    assert_eq!(
        (status, &paid["status"], &paid["payment_method"]),
        (200, &json!("completed"), &json!("breb")),
        "{paid}"
    );
    let movements = bench.rows("viewer", "money_movements?external_id=web-118").await;
    assert_eq!(
        movements.iter().map(|row| row["status"]["state"].as_str().unwrap()).collect::<Vec<_>>(),
        ["completed", "rejected"]
    );
    assert_eq!(bench.balance(&account).await, before + 150_000);
    assert_eq!(bench.rows("viewer", "transactions?page_size=1").await[0]["type"], "r2p_breb_credit");
    assert_eq!(bench.tell(&pay, json!({})).await.0, 409);
    assert_eq!(
        bench.get("viewer", "counterparties").await.1["total_items"],
        40,
        "payers of a page are not listed"
    );
    bench.balanced();
}

#[tokio::test]
async fn one_ends_by_time_or_by_hand() {
    let bench = bench().await;
    let account = bench.account("Recaudo").await;
    let (_, made) = bench.post("maker", "checkout", wanted(&account)).await;
    let path = format!("checkout/{}", made["id"].as_str().unwrap());
    bench.advance(3600).await;
    bench.forget_tokens();
    assert_eq!(bench.get("viewer", &path).await.1["status"], "expired");
    let mut open = wanted(&account);
    open.as_object_mut().unwrap().remove("amount");
    open["valid_until"] = Value::Null;
    let (_, made) = bench.post("maker", "checkouts", open).await;
    let id = made["id"].as_str().unwrap();
    assert_eq!(
        bench.tell(&format!("checkouts/{id}/pay"), json!({})).await.0,
        400,
        "an open amount is typed by the payer"
    );
    assert_eq!(bench.tell(&format!("checkouts/{id}/pay"), json!({"amount": 5})).await.0, 200);
    assert_eq!(
        bench.delete("maker", &format!("checkouts/{id}")).await,
        (200, json!({"id": id, "status": "inactive"}))
    );
    assert_eq!(bench.tell(&format!("checkouts/{id}/pay"), json!({"amount": 5})).await.0, 409);
}

#[tokio::test]
async fn each_mistake_is_refused() {
    let bench = bench().await;
    let account = bench.account("Recaudo").await;
    for (field, value, status, code) in [
        ("alias", json!(null), 400, "G002"),
        ("amount", json!(0), 400, "G002"),
        ("destination_id", json!("acc_x"), 404, "ACC001"),
        ("checkout_rails", json!([]), 400, "G002"),
        ("checkout_rails", json!(["visa"]), 400, "G002"),
        ("checkout_header", json!(""), 400, "G002"),
        ("valid_until", json!("mañana"), 400, "G002"),
        ("money_movement_intent_limit", json!(0), 400, "G002"),
    ] {
        let mut bad = wanted(&account);
        bad[field] = value;
        refused(&bench.post("maker", "checkouts", bad).await, status, code);
    }
    bench
        .http
        .patch(bench.control("settings"))
        .json(&json!({"strict_checkout_text": true}))
        .send()
        .await
        .unwrap();
    refused(&bench.post("maker", "checkouts", wanted(&account)).await, 400, "CHK004");
}
