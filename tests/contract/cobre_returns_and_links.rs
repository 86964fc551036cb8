//! Sections 3.6, 3.7 and 6.7: daily history, primary accounts, the return of a SPEI credit.

use crate::bench::{bench, fields, refused};
use serde_json::json;

#[tokio::test]
async fn a_spei_credit_is_returned_whole_and_once() {
    let bench = bench().await;
    let clabe = bench.rows("maker", "accounts?geo=mex&sensitive_data=true").await[0].clone();
    let account = clabe["id"].as_str().unwrap();
    let (_, credit) = bench
        .tell("payins", json!({"kind": "clabe", "target": clabe["account_number"], "amount": 5_000}))
        .await;
    let before = bench.balance(account).await;
    let body = json!({"transaction_id": credit["id"], "metadata": {"description": "Pago duplicado"}});
    let (status, made) = bench.post("maker", "money_movements_return", body.clone()).await;
    assert_eq!(
        (status, &made["type"], &made["external_id"], &made["amount"]),
        (201, &json!("spei_return"), &credit["id"], &json!(5_000)),
        "{made}"
    );
    refused(&bench.post("maker", "money_movements_return", body).await, 409, "MM004");
    bench.advance(5).await;
    assert_eq!(
        (bench.state(&made).await.as_str(), bench.balance(account).await),
        ("completed", before - 5_000)
    );
    assert_eq!(
        bench.rows("viewer", &format!("accounts/{account}/transactions?page_size=1")).await[0]["type"],
        "spei_debit"
    );
    let colombian = bench.rows("viewer", "transactions?type=breb_credit&page_size=1").await[0]["id"].clone();
    let body = json!({"transaction_id": colombian, "metadata": {"description": "x"}});
    refused(&bench.post("maker", "money_movements_return", body).await, 400, "MM005");
    let body = json!({"transaction_id": credit["id"], "metadata": {"description": "x".repeat(41)}});
    refused(&bench.post("maker", "money_movements_return", body).await, 400, "MM001");
    bench.balanced();
}

#[tokio::test]
async fn a_credit_goes_on_to_the_primary_account() {
    let bench = bench().await;
    let (secondary, primary) = (bench.account("Recaudo").await, bench.account("Operaci%C3%B3n").await);
    let path = format!("accounts/{secondary}/primary_account");
    let (status, linked) = bench.post("admin", &path, json!({"primary_account_id": primary})).await;
    assert_eq!((status, &linked["metadata"]["primary_account"]), (200, &json!(primary)));
    for (account, to) in [
        (&secondary, secondary.clone()),
        (&primary, secondary.clone()),
        (&bench.account("N%C3%B3mina").await, secondary.clone()),
        (&primary, bench.account("M%C3%A9xico").await),
    ] {
        refused(
            &bench
                .post(
                    "admin",
                    &format!("accounts/{account}/primary_account"),
                    json!({"primary_account_id": to}),
                )
                .await,
            409,
            "G004",
        );
    }
    let (before, other) = (bench.balance(&primary).await, bench.balance(&secondary).await);
    bench.tell("pay", json!({"key": "@CBANDINASAS2", "amount": 9_000})).await;
    bench.advance(5).await;
    assert_eq!((bench.balance(&primary).await, bench.balance(&secondary).await), (before + 9_000, other));
    let sweep = bench.rows("viewer", "money_movements?page_size=1").await[0].clone();
    assert_eq!(
        (&sweep["metadata"]["description"], &sweep["type"]),
        (&json!("Primary account sweep"), &json!("fast_pay"))
    );
    let (_, unlinked) = bench.delete("admin", &path).await;
    assert!(unlinked["metadata"]["primary_account"].is_null());
    bench.tell("pay", json!({"key": "@CBANDINASAS2", "amount": 9_000})).await;
    bench.advance(5).await;
    assert_eq!(bench.balance(&secondary).await, other + 9_000);
    bench.balanced();
}

#[tokio::test]
async fn each_closed_day_adds_up_under_its_odd_key() {
    let bench = bench().await;
    let account = bench.account("Operaci%C3%B3n").await;
    let (_, page) =
        bench.get("viewer", &format!("accounts/{account}/daily_balance_history?page_size=100")).await;
    let days = page["Daily Balance history List"].as_array().unwrap();
    assert_eq!(
        fields(&days[0]),
        [
            "balance_date",
            "created_at",
            "end_balance",
            "id",
            "initial_balance",
            "offset",
            "total_credits",
            "total_debits",
            "updated_at"
        ]
    );
    assert_eq!((&days[0]["balance_date"], &days[0]["offset"]), (&json!("2026-01-14"), &json!("-05:00")));
    let number = |day: &serde_json::Value, field: &str| day[field].as_str().unwrap().parse::<i64>().unwrap();
    for pair in days.windows(2) {
        let (day, earlier) = (&pair[0], &pair[1]);
        assert_eq!(
            number(day, "initial_balance") + number(day, "total_credits") - number(day, "total_debits"),
            number(day, "end_balance")
        );
        assert_eq!(number(day, "initial_balance"), number(earlier, "end_balance"));
    }
    let one = format!("accounts/{account}/daily_balance_history?balance_date=2026-01-13");
    assert_eq!(bench.get("viewer", &one).await.1["total_items"], 1);
    let later = format!("accounts/{account}/daily_balance_history?balance_date=2026-01-15");
    bench.advance(15 * 3600 + 4 * 3600).await;
    bench.forget_tokens();
    assert_eq!(bench.get("viewer", &later).await.1["total_items"], 0, "midnight and four hours");
    bench.advance(3600).await;
    bench.forget_tokens();
    assert_eq!(bench.get("viewer", &later).await.1["total_items"], 1);
    refused(
        &bench.get("viewer", &format!("accounts/{account}/daily_balance_history?balance_date=x")).await,
        400,
        "G002",
    );
}
