//! Section 7: approvals, bulks, dual control.

use crate::bench::{bench, fields, refused, send};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_movement_waits_for_its_approver_and_then_goes() {
    let bench = bench().await;
    let account = bench.account("Operaci%C3%B3n").await;
    let before = bench.balance(&account).await;
    let made = bench.pay(250_000, json!({"checker_approval": true})).await;
    assert_eq!((&made["status"]["state"], &made["mm_approval_id"]), (&json!("initiated"), &json!("")));
    bench.advance(1).await;
    let id = made["id"].as_str().unwrap();
    let (_, waiting) = bench.get("maker", &format!("money_movements/{id}")).await;
    assert_eq!(waiting["status"]["state"], "pending_approval");
    let pending = bench
        .rows("checker", &format!("money_movement_approvals?money_movement_id={id}&status=pending"))
        .await;
    assert_eq!(pending[0]["id"], waiting["mm_approval_id"]);
    assert_eq!((&pending[0]["decision"], &pending[0]["approver"]), (&Value::Null, &Value::Null));
    let body = json!({"money_movement_id": id, "decision": "approve", "comment": "ok"});
    let (status, decided) = bench.post("checker", "money_movement_approvals", body.clone()).await;
    assert_eq!(status, 201, "{decided}");
    assert_eq!(
        fields(&decided),
        ["approver", "comment", "created_at", "decision", "id", "money_movement_id", "status", "updated_at"]
    );
    assert_eq!((&decided["status"], &decided["approver"]), (&json!("approved"), &json!("cli_approver")));
    bench.advance(30).await;
    assert_eq!(bench.state(&made).await, "completed");
    assert_eq!(bench.balance(&account).await, before - 250_000);
    refused(&bench.post("checker", "money_movement_approvals", body).await, 409, "G004");
    assert_eq!(bench.balance(&account).await, before - 250_000);
}

#[tokio::test]
async fn a_rejected_one_is_canceled_and_moves_nothing() {
    let bench = bench().await;
    let count = bench.get("viewer", "transactions").await.1["total_items"].clone();
    let made = bench.pay(250_000, json!({"checker_approval": true})).await;
    bench.advance(1).await;
    let path = format!("money_movements/{}/approvals", made["id"].as_str().unwrap());
    refused(&bench.post("checker", &path, json!({"decision": "maybe"})).await, 400, "G002");
    let (status, decided) = bench.post("checker", &path, json!({"decision": "reject"})).await;
    assert_eq!((status, &decided["status"]), (201, &json!("rejected")));
    let (_, read) = bench.get("maker", &format!("money_movements/{}", made["id"].as_str().unwrap())).await;
    assert_eq!((&read["status"]["state"], &read["status"]["code"]), (&json!("canceled"), &json!("R011")));
    refused(&bench.post("checker", &path, json!({"decision": "approve"})).await, 409, "G004");
    bench.advance(60).await;
    assert_eq!(bench.get("viewer", "transactions").await.1["total_items"], count);
}

#[tokio::test]
async fn nobody_decides_on_his_own_and_nothing_waits_longer_than_three_days() {
    let bench = bench().await;
    let source = bench.account("Operaci%C3%B3n").await;
    let body = json!({"source_id": source, "destination_id": bench.counterparty("type=ch").await, "amount": 100,
        "checker_approval": true, "metadata": {"description": "x"}});
    let (_, made) = bench.post("admin", "money_movements", body).await;
    bench.advance(1).await;
    let decision = json!({"money_movement_id": made["id"], "decision": "approve"});
    refused(&bench.post("admin", "money_movement_approvals", decision.clone()).await, 403, "AU007");
    bench.advance(72 * 3600).await;
    bench.forget_tokens();
    assert_eq!(bench.state(&made).await, "canceled");
    refused(&bench.post("checker", "money_movement_approvals", decision).await, 409, "G004");
}

#[tokio::test]
async fn two_approvers_can_be_demanded() {
    let bench = bench().await;
    bench.http.patch(bench.control("settings")).json(&json!({"required_approvals": 2})).send().await.unwrap();
    let made = bench.pay(100, json!({"checker_approval": true})).await;
    bench.advance(1).await;
    let decision = json!({"money_movement_id": made["id"], "decision": "approve"});
    let (_, first) = bench.post("checker", "money_movement_approvals", decision.clone()).await;
    assert_eq!(first["status"], "pending");
    refused(&bench.post("checker", "money_movement_approvals", decision.clone()).await, 409, "G004");
    bench.advance(60).await;
    assert_eq!(bench.state(&made).await, "pending_approval");
    assert_eq!(bench.post("admin", "money_movement_approvals", decision).await.1["status"], "approved");
    bench.advance(60).await;
    assert_eq!(bench.state(&made).await, "completed");
}

#[tokio::test]
async fn a_bulk_is_checked_decided_and_paid_whole() {
    let bench = bench().await;
    let source = bench.account("Operaci%C3%B3n").await;
    let before = bench.balance(&source).await;
    let rows = json!([
        {"amount": 100, "source_id": source, "destination_id": bench.counterparty("type=ch").await, "metadata": {"description": "Nómina ene"}, "external_id": "N-001"},
        {"amount": 250, "source_id": source, "destination": {"geo": "col", "type": "breb_key", "alias": "Luz", "metadata": {"key_value": "@LUZ2026"}}, "metadata": {"description": "Nómina ene"}, "external_id": "N-002"},
        {"amount": 250, "source_id": source, "destination": {"geo": "col", "type": "breb_key", "alias": "Luz", "metadata": {"key_value": "@LUZ2026"}}, "metadata": {"description": "Prima"}, "external_id": "N-003"},
    ]);
    let form = format!(
        "--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"nomina-7f.json\"\r\nContent-Type: application/json\r\n\r\n{rows}\r\n--frontier--\r\n"
    );
    let request = bench.request(Method::POST, "maker", "bulk_money_movements").await;
    let request = request
        .header("checker_approval", "true")
        .header("content-type", "multipart/form-data; boundary=frontier");
    let (status, made) = send(request.body(form)).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(
        fields(&made),
        [
            "checker_approval",
            "created_at",
            "creator",
            "decision",
            "file_name",
            "id",
            "status",
            "total_money_movements",
            "updated_at"
        ]
    );
    assert_eq!(
        (&made["file_name"], &made["status"]["state"], &made["total_money_movements"]),
        (&json!("nomina-7f.json"), &json!("validating"), &json!(3))
    );
    bench.advance(1).await;
    let id = made["id"].as_str().unwrap();
    assert_eq!(
        bench.rows("checker", "bulk_money_movements?file_name=nomina-7f.json").await[0]["status"]["state"],
        "pending_approval"
    );
    let children = bench.rows("viewer", &format!("money_movements?batch_id={id}")).await;
    assert_eq!(
        children.iter().map(|row| row["external_id"].as_str().unwrap()).collect::<Vec<_>>(),
        ["N-003", "N-002", "N-001"]
    );
    assert_eq!(children[0]["destination_id"], children[1]["destination_id"], "one new counterparty for both");
    let child = json!({"money_movement_id": children[0]["id"], "decision": "approve"});
    refused(&bench.post("checker", "money_movement_approvals", child).await, 409, "G004");
    let path = format!("bulk_money_movements/{id}/decision");
    let (status, decided) = bench.post("checker", &path, json!({"decision": "approve"})).await;
    assert_eq!((status, &decided["decision"]), (201, &json!("approve")));
    refused(&bench.post("checker", &path, json!({"decision": "approve"})).await, 409, "G004");
    bench.advance(60).await;
    let (_, done) = bench.get("viewer", &format!("bulk_money_movements/{id}")).await;
    assert_eq!(done["status"]["state"], "completed");
    assert_eq!(bench.balance(&source).await, before - 600);
    bench.balanced();
}

#[tokio::test]
async fn one_bad_row_fails_the_file_and_nothing_is_executed() {
    let bench = bench().await;
    let source = bench.account("Operaci%C3%B3n").await;
    let (movements, counterparties) = (
        bench.get("viewer", "money_movements").await.1["total_items"].clone(),
        bench.get("viewer", "counterparties").await.1["total_items"].clone(),
    );
    let good = json!({"amount": 100, "source_id": source, "destination": {"geo": "col", "type": "breb_key", "metadata": {"key_value": "@NUEVA1"}}, "metadata": {"description": "x"}});
    for bad in [
        json!({"amount": 0}),
        json!({"amount": 1.5}),
        json!({"source_id": "acc_AAAAAAAAAA"}),
        json!({"destination": {"geo": "col", "type": "x", "metadata": {}}}),
    ] {
        let mut row = good.clone();
        row.as_object_mut().unwrap().extend(bad.as_object().unwrap().clone());
        let (status, made) = bench.post("maker", "bulk_money_movements", json!([good, row])).await;
        assert_eq!(status, 201, "{made}");
        bench.advance(2).await;
        let (_, read) =
            bench.get("viewer", &format!("bulk_money_movements/{}", made["id"].as_str().unwrap())).await;
        assert_eq!(read["status"]["state"], "failed", "{row}");
        assert!(read["status"]["description"].as_str().unwrap().starts_with("Row 2"), "{read}");
    }
    assert_eq!(bench.get("viewer", "money_movements").await.1["total_items"], movements);
    assert_eq!(bench.get("viewer", "counterparties").await.1["total_items"], counterparties);
    refused(&bench.post("maker", "bulk_money_movements", json!({"not": "a list"})).await, 400, "G002");
}

#[tokio::test]
async fn a_file_in_another_layout_than_json_keeps_its_name_and_fails() {
    let bench = bench().await;
    let form = "--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"nomina 01.csv\"\r\nContent-Type: text/csv\r\n\r\nnombre;valor\r\nLuz;1000.00\r\n\r\n--frontier--\r\n";
    let request = bench.request(Method::POST, "maker", "bulk_money_movements").await;
    let request = request.header("content-type", "multipart/form-data; boundary=frontier").body(form);
    let (status, made) = send(request).await;
    assert_eq!((status, &made["file_name"]), (201, &json!("nomina 01.csv")), "{made}");
    bench.advance(2).await;
    let found = bench.rows("viewer", "bulk_money_movements?file_name=nomina%2001.csv").await;
    assert_eq!(
        found[0]["status"],
        json!({"state": "failed", "code": "", "description": "The file is not a JSON array of movements"})
    );
    let request = bench.request(Method::POST, "maker", "bulk_money_movements").await;
    let request = request.header("content-type", "multipart/form-data; boundary=frontier");
    refused(&send(request.body("--frontier--\r\n")).await, 400, "G002");
}

#[tokio::test]
async fn the_payroll_that_waits_can_be_opened_and_rejected() {
    let bench = bench().await;
    let bulk = &bench.rows("checker", "bulk_money_movements?status=pending_approval").await[0];
    let id = bulk["id"].as_str().unwrap();
    let (_, page) =
        bench.get("checker", &format!("money_movements?batch_id={id}&nested=true&sensitive_data=true")).await;
    assert_eq!((&page["total_items"], &bulk["total_money_movements"]), (&json!(412), &json!(412)));
    let (status, _) = bench
        .post("checker", &format!("bulk_money_movements/{id}/decision"), json!({"decision": "reject"}))
        .await;
    assert_eq!(status, 201);
    let (_, page) = bench.get("checker", &format!("money_movements?batch_id={id}&status=canceled")).await;
    assert_eq!(page["total_items"], 412);
    assert_eq!(
        bench.get("checker", &format!("bulk_money_movements/{id}")).await.1["status"]["state"],
        "canceled"
    );
}
