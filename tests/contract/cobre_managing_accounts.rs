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
