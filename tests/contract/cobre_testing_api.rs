//! Section 19: the provider's own testing calls.

use crate::bench::{bench, refused, send};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_balance_is_adjusted_without_a_body_in_the_answer() {
    let bench = bench().await;
    let account = bench.account("Operaci%C3%B3n").await;
    let before = bench.balance(&account).await;
    let body = |code: &str, amount: i64| json!({"account_id": account, "amount": amount, "transaction_code": code, "description": "TEST"});
    for (code, change, kind) in [("0301", 25_000, "adjustment_credit"), ("0350", -25_000, "adjustment_debit")]
    {
        let request =
            bench.request(Method::POST, "maker", "account_test_transactions").await.json(&body(code, 25_000));
        let answer = request.send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.bytes().await.unwrap().len()), (200, 0));
        let row = &bench.rows("viewer", "transactions?page_size=1").await[0];
        assert_eq!(
            (&row["type"], &row["amount"], &row["metadata"]["description"]),
            (&json!(kind), &json!(change), &json!("TEST"))
        );
    }
    for bad in [
        body("0301", 0),
        body("0999", 5),
        body("0350", i64::MAX),
        json!({}),
        json!({"account_id": "acc_x", "amount": 1, "transaction_code": "0301", "description": "x"}),
    ] {
        let request = bench.request(Method::POST, "maker", "account_test_transactions").await.json(&bad);
        assert_eq!(send(request).await, (400, Value::Null));
    }
    assert_eq!(bench.balance(&account).await, before);
    bench.balanced();
}

#[tokio::test]
async fn a_movement_is_brought_into_a_state() {
    let bench = bench().await;
    let account = bench.account("Operaci%C3%B3n").await;
    let before = bench.balance(&account).await;
    let change = async |id: &Value, state: &str| {
        bench.post("maker", "change_mm_state", json!({"money_movement_id": id, "state": state, "code": "R003", "description": "Cuenta bloqueada"})).await
    };
    let paid = bench.pay(1_000, json!({})).await;
    assert_eq!(change(&paid["id"], "completed").await, (200, Value::Null));
    assert_eq!(bench.state(&paid).await, "completed");
    assert_eq!(bench.balance(&account).await, before - 1_000);
    let bounced = bench.pay(2_000, json!({})).await;
    bench.advance(1).await;
    assert_eq!(change(&bounced["id"], "rejected").await.0, 200);
    let (_, read) =
        bench.get("viewer", &format!("money_movements/{}", bounced["id"].as_str().unwrap())).await;
    assert_eq!(
        read["status"],
        json!({"state": "rejected", "code": "R003", "description": "Cuenta bloqueada"})
    );
    refused(&change(&bounced["id"], "completed").await, 409, "MM004");
    refused(&change(&paid["id"], "returned").await, 409, "MM004");
    refused(&change(&json!("mm_x"), "completed").await, 404, "MM003");
    let other = bench.pay(1, json!({})).await;
    refused(&change(&other["id"], "vanished").await, 400, "MM001");
    bench.advance(60).await;
    assert_eq!(bench.balance(&account).await, before - 1_001);
    bench.balanced();
}
