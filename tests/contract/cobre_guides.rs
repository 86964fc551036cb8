//! The provider's own guides, followed step by step as a caller would: authentication, balances,
//! and the refund of a Colombian payin (section 6.8).

use crate::bench::{bench, send};
use serde_json::json;

#[tokio::test]
async fn the_refund_guide_ends_with_the_payer_paid_back() {
    let bench = bench().await;
    let recaudo = bench.account("Recaudo").await;
    // A customer pays to the static key, and the credit says who he is.
    let sender = json!({"name": "Juan Pérez", "id": "1018983923", "id_type": "cc", "account_number": "78110264", "account_type": "ch", "bank_code": "1809"});
    bench
        .tell(
            "payins",
            json!({"kind": "breb_key", "target": "@CBANDINASAS2", "amount": 250_000, "sender": sender}),
        )
        .await;
    // 1. Identify the credit.
    let rows = bench
        .rows(
            "maker",
            &format!("accounts/{recaudo}/transactions?type=breb_credit&page_size=1&sensitive_data=true"),
        )
        .await;
    let (credit, payer) = (&rows[0], &rows[0]["metadata"]);
    assert_eq!(
        (&credit["amount"], &credit["currency"], &payer["sender_name"]),
        (&json!(250_000), &json!("cop"), &json!("Juan Pérez"))
    );
    // 2. Register the payer from the sender's fields.
    let counterparty = json!({"geo": "col", "type": payer["sender_account_type"], "alias": "Reembolso", "metadata": {
        "counterparty_fullname": payer["sender_name"], "counterparty_id_number": payer["sender_id"], "counterparty_id_type": payer["sender_id_type"],
        "account_number": payer["sender_account_number"], "beneficiary_institution": payer["sender_bank_code"]}});
    let (status, counterparty) = bench.post("maker", "counterparties", counterparty).await;
    assert_eq!(status, 201, "{counterparty}");
    // 3. Pay: the reference and the key are made from the credit, so that no refund is paid twice.
    let reference = format!("refund_{}", credit["id"].as_str().unwrap());
    let body = json!({"source_id": recaudo, "destination_id": counterparty["id"], "amount": 250_000, "external_id": reference,
        "metadata": {"description": "Reembolso"}});
    let before = bench.balance(&recaudo).await;
    let (status, refund) = bench.post_with_key("maker", "money_movements", &reference, body.clone()).await;
    assert_eq!(
        (status, &refund["status"]["state"], &refund["type"]),
        (201, &json!("initiated"), &json!("ach")),
        "Nu has no Fast Pay"
    );
    assert_eq!(bench.post_with_key("maker", "money_movements", &reference, body).await.1["id"], refund["id"]);
    // 4. Track it to its end.
    bench.advance(60).await;
    let found = bench.rows("viewer", &format!("money_movements?external_id={reference}")).await;
    assert_eq!((found.len(), &found[0]["status"]["state"]), (1, &json!("completed")));
    let debit = &bench.rows("viewer", &format!("accounts/{recaudo}/transactions?page_size=1")).await[0];
    assert_eq!(
        (&debit["type"], &debit["metadata"]["money_movement_id"]),
        (&json!("col_debit"), &refund["id"])
    );
    assert_eq!(bench.balance(&recaudo).await, before - 250_000);
    bench.balanced();
}

#[tokio::test]
async fn the_authentication_and_balance_guides_read_every_balance() {
    let bench = bench().await;
    let credential = &bench.sandbox.ready().credentials.cobre["viewer"];
    let body = json!({"user_id": credential.user_id, "secret": credential.secret});
    let (status, token) = send(bench.http.post(bench.cobre("auth")).json(&body)).await;
    assert_eq!((status, &token["type"]), (200, &json!("Bearer")));
    let list = bench.http.get(bench.cobre("accounts")).bearer_auth(token["access_token"].as_str().unwrap());
    let (status, page) = send(list).await;
    assert_eq!((status, &page["total_items"]), (200, &json!(5)));
    for account in page["contents"].as_array().unwrap() {
        let one = bench.http.get(bench.cobre(&format!("accounts/{}", account["id"].as_str().unwrap())));
        let (status, one) = send(one.bearer_auth(token["access_token"].as_str().unwrap())).await;
        assert_eq!((status, &one["obtained_balance"]), (200, &account["obtained_balance"]));
    }
}

#[tokio::test]
async fn a_page_asked_for_again_is_the_page_as_it_is_now() {
    let bench = bench().await;
    let path = "transactions?page_size=2&sensitive_data=true";
    let first = bench.get("maker", path).await;
    assert_eq!(bench.get("maker", path).await, first);
    assert_ne!(bench.get("viewer", path).await, first, "a viewer sees less, also after a maker asked");
    bench.pay(1_000, json!({})).await;
    bench.advance(1).await;
    assert_ne!(bench.get("maker", path).await, first);
}
