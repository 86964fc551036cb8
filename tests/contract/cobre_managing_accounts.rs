//! Sections 3.2, 3.4 and 14: opening, connecting, changing, closing.

use crate::bench::{bench, refused};
use serde_json::json;

#[tokio::test]
async fn a_balance_is_opened_changed_and_closed() {
    let bench = bench().await;
    let (status, made) = bench
        .post(
            "admin",
            "accounts",
            json!({"provider_id": "pr_mex_cobre3", "action": "create", "alias": "Norte", "tags": ["norte"]}),
        )
        .await;
    assert_eq!(
        (status, &made["connectivity"]["status"], &made["obtained_balance"], &made["currency"]),
        (201, &json!("connected"), &json!(0), &json!("mxn")),
        "{made}"
    );
    let path = format!("accounts/{}", made["id"].as_str().unwrap());
    let request = bench.request(reqwest::Method::PATCH, "admin", &path).await.json(&json!({"alias": "Sur"}));
    let (status, changed) = crate::bench::send(request).await;
    assert_eq!((status, &changed["alias"], &changed["tags"]), (200, &json!("Sur"), &json!(["norte"])));
    bench.tell("payins", json!({"kind": "clabe", "target": made["account_number"], "amount": 5})).await;
    refused(&bench.delete("admin", &path).await, 409, "G004");
    let body = json!({"account_id": made["id"], "amount": 5, "transaction_code": "0350", "description": "x"});
    bench.post("admin", "account_test_transactions", body).await;
    assert_eq!(bench.delete("admin", &path).await.0, 204);
    assert_eq!(bench.get("viewer", &path).await.1["connectivity"]["status"], "closed");
    let colombian = bench.account("Operaci%C3%B3n").await;
    refused(&bench.delete("admin", &format!("accounts/{colombian}")).await, 409, "G004");
    let (_, usa) = bench
        .post(
            "admin",
            "accounts",
            json!({"provider_id": "pr_usa_cobre", "action": "create", "metadata": {"alias": "USA"}}),
        )
        .await;
    assert_eq!(usa["payment_methods"]["aba_routing_number"], "021000021");
    bench.balanced();
}

#[tokio::test]
async fn each_mistake_has_its_code() {
    let bench = bench().await;
    let connect = |kind: &str| json!({"provider_id": "pr_col_1007", "action": "connect", "alias": "Bancolombia", "metadata": {"account_number": 12_345_678_901_u64, "account_type": kind}});
    for (body, code) in [
        (json!({"provider_id": "pr_xx", "action": "create", "alias": "x"}), "ACC002"),
        (connect("clabe"), "ACC003"),
        (json!({"provider_id": "pr_col_cobre", "action": "create"}), "ACC004"),
        (json!({"action": "create", "alias": "x"}), "ACC004"),
        (json!({"provider_id": "pr_col_cobre", "action": "connect", "alias": "x"}), "ACC005"),
    ] {
        refused(&bench.post("admin", "accounts", body).await, 400, code);
    }
    refused(&bench.post("maker", "accounts", json!({})).await, 403, "AU007");
    let (status, made) = bench.post("admin", "accounts", connect("ch")).await;
    assert_eq!(
        (status, &made["account_type"], &made["connectivity"]["status"]),
        (201, &json!("ch"), &json!("processing"))
    );
    bench.advance(2).await;
    let rows = bench.rows("viewer", &format!("accounts/{}/transactions", made["id"].as_str().unwrap())).await;
    assert_eq!(
        (rows.len(), &rows[0]["current_balance"], &rows[0]["type"]),
        (30, &json!(0), &json!("col_credit"))
    );
    assert!(bench.balance(made["id"].as_str().unwrap()).await > 0);
    bench.balanced();
}

#[tokio::test]
async fn a_global_balance_gets_its_wallets_and_whoever_listens_is_told() {
    let bench = bench().await;
    let listens = json!({"events": ["accounts.linked_wallets.created"], "url": "http://127.0.0.1:9/", "description": "x"});
    bench.post("admin", "subscriptions", listens).await;
    let body = json!({"provider_id": "pr_global_cobre", "action": "create", "alias": "USDC"});
    let (_, made) = bench.post("admin", "accounts", body).await;
    assert!(made["metadata"].get("wallets").is_none());
    bench.advance(2).await;
    let path = format!("accounts/{}", made["id"].as_str().unwrap());
    let (_, linked) = bench.get("viewer", &path).await;
    let wallets = linked["metadata"]["wallets"].as_array().unwrap();
    assert_eq!((&wallets[0]["chain"], &wallets[1]["chain"]), (&json!("polygon"), &json!("tron")));
    let told = bench.ask("deliveries").await["contents"][0].clone();
    assert_eq!(told["about"], made["id"]);
    assert!(told["body"].as_str().unwrap().contains(wallets[0]["address"].as_str().unwrap()), "{told}");
    let payin = json!({"kind": "wallet", "target": wallets[0]["address"], "amount": 700});
    let (status, credit) = bench.tell("payins", payin).await;
    assert_eq!((status, &credit["account_id"]), (201, &made["id"]), "{credit}");
    bench.balanced();
}

#[tokio::test]
async fn a_connected_account_has_rows_of_its_statement_come_in() {
    let bench = bench().await;
    let body = json!({"provider_id": "pr_col_1007", "action": "connect", "alias": "Bancolombia", "metadata": {"account_number": "12345678901", "account_type": "ch"}});
    let (_, made) = bench.post("admin", "accounts", body).await;
    let path = format!("accounts/{}", made["id"].as_str().unwrap());
    bench.advance(2).await;
    let rows = format!("{path}/transactions");
    assert_eq!(bench.get("viewer", &rows).await.1["total_items"], 30);
    bench.advance(86_400 + 10 * 60).await;
    bench.forget_tokens();
    let (_, page) = bench.get("viewer", &rows).await;
    assert_eq!(page["total_items"], 34, "four a day");
    assert!(page["contents"].as_array().unwrap().iter().any(|row| row["type"] == "col_debit"));
    assert_eq!(
        (&page["contents"][0]["previous_balance"], &page["contents"][0]["current_balance"]),
        (&json!(0), &json!(0))
    );
    // The bank is asked every quarter of an hour, so the balance is some minutes old.
    let (_, account) = bench.get("viewer", &path).await;
    assert_eq!(account["obtained_balance_at"], "2026-01-16T14:00:00Z");
    bench.balanced();
}
