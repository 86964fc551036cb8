//! Sections 15 and 16.

use crate::bench::{Bench, bench, fields, refused, send};
use serde_json::{Value, json};

fn wanted(resource: &str, layout: &str, format: &str) -> Value {
    json!({"resource": resource, "layout": layout, "format": format, "metadata": {"date_gte": "2026-01-01", "date_lte": "2026-01-14", "timezone": "America/Bogota"}})
}

async fn file(bench: &Bench, reports: &[&Value]) -> Vec<u8> {
    let (status, link) = bench.post("viewer", "reports/download", json!({ "report_ids": reports })).await;
    assert_eq!(status, 200, "{link}");
    bench
        .http
        .get(link["download_url"].as_str().unwrap())
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap()
        .to_vec()
}

#[tokio::test]
async fn a_report_is_available_later_and_holds_its_rows() {
    let bench = bench().await;
    let (status, made) =
        bench.post("viewer", "reports", wanted("money_movements", "all_money_movements", "csv")).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(
        fields(&made),
        ["created_at", "format", "id", "layout", "metadata", "period", "resource", "status", "updated_at"]
    );
    assert_eq!(made["period"], json!({"from": "2026-01-01T05:00:00Z", "to": "2026-01-15T04:59:59Z"}));
    assert_eq!(made["status"], "processing");
    refused(
        &bench.post("viewer", "reports/download", json!({"report_ids": [made["id"]]})).await,
        404,
        "G003",
    );
    bench.advance(2).await;
    assert_eq!(bench.rows("viewer", "reports").await[0]["status"], "available");
    let zip = file(&bench, &[&made["id"], &json!("rep_none")]).await;
    let text = String::from_utf8_lossy(&zip);
    assert!(
        zip.starts_with(b"PK\x03\x04")
            && text.contains("id,batch_id,external_id,type,geo,state,code,description")
    );
    let wanted_rows = bench
        .get(
            "viewer",
            "money_movements?created_at_gte=2026-01-01T05:00:00Z&created_at_lte=2026-01-15T04:59:59Z",
        )
        .await
        .1["total_items"]
        .as_u64()
        .unwrap();
    assert_eq!(text.matches("\nmm_").count() as u64, wanted_rows);
}

#[tokio::test]
async fn every_documented_layout_can_be_made() {
    let bench = bench().await;
    let account = bench.account("Operaci%C3%B3n").await;
    let layouts = [
        ("money_movements", "all_money_movements", "json"),
        ("money_movements", "spei_money_movements", "csv"),
        ("money_movements", "legacy_money_movements", "csv"),
        ("transactions", "all_transactions", "csv"),
        ("transactions", "all_transactions", "json"),
        ("counterparties", "all_counterparties", "csv"),
        ("accounts", "cobre_balance_multicash_header_v1", "txt"),
        ("accounts", "cobre_balance_multicash_detail_v1", "txt"),
    ];
    let mut ids = Vec::new();
    for (resource, layout, format) in layouts {
        let (status, made) = bench.post("viewer", "reports", wanted(resource, layout, format)).await;
        assert_eq!(status, 201, "{made}");
        ids.push(made["id"].clone());
    }
    let (_, statement) = bench
        .post(
            "viewer",
            "reports/cobre_balance_statement",
            json!({"account_id": account, "date_gte": "2026-01-01", "date_lte": "2026-01-14"}),
        )
        .await;
    ids.push(statement["id"].clone());
    bench.advance(2).await;
    let zip = file(&bench, &ids.iter().collect::<Vec<_>>()).await;
    let text = String::from_utf8_lossy(&zip);
    for part in ["%PDF-1.4", "sender_name", "COBRE;@andin00017", "Ferretería Ñandú", "current_balance"] {
        assert!(text.contains(part), "{part}");
    }
    for bad in [
        wanted("money_movements", "nothing", "csv"),
        wanted("accounts", "all_transactions", "csv"),
        json!({"resource": "transactions", "layout": "all_transactions", "format": "csv", "metadata": {"date_gte": "2026-02-01", "date_lte": "2026-01-01"}}),
    ] {
        refused(&bench.post("viewer", "reports", bad).await, 400, "G002");
    }
}

#[tokio::test]
async fn a_scheduled_report_makes_two_files_a_day() {
    let bench = bench().await;
    let body = json!({"resource": "accounts", "layout": "cobre_balance_multicash_v1", "schedule_pattern": "(0 10 * * ? *)", "metadata": {"account_id": bench.account("Recaudo").await}});
    let (status, made) = bench.post("maker", "report_schedulers", body).await;
    assert_eq!((status, &made["active_status"]), (201, &json!(true)), "{made}");
    bench.advance(2 * 86_400).await;
    bench.forget_tokens();
    assert_eq!(bench.rows("viewer", "report_schedulers").await[0]["execution_number"], 2);
    let layouts: Vec<Value> =
        bench.rows("viewer", "reports").await.iter().map(|row| row["layout"].clone()).collect();
    assert_eq!(layouts.len(), 4);
    let path = format!("report_schedulers/{}", made["id"].as_str().unwrap());
    assert_eq!(bench.delete("maker", &path).await.1["active_status"], false);
    refused(
        &bench.post("maker", "report_schedulers", json!({"resource": "accounts", "layout": "x"})).await,
        400,
        "G002",
    );
}

#[tokio::test]
async fn proof_is_asked_for_uploaded_and_done() {
    let bench = bench().await;
    let movement = bench.pay(1_000, json!({})).await;
    let (status, asked) = bench.tell("evidence", json!({"mm_id": movement["id"]})).await;
    assert_eq!(status, 201, "{asked}");
    let path = format!("evidence_requests/{}", asked["id"].as_str().unwrap());
    assert_eq!(bench.get("viewer", &path).await.1["status"], "pending");
    assert_eq!(
        bench
            .rows("viewer", &format!("evidence_requests?mm_id={}", movement["id"].as_str().unwrap()))
            .await
            .len(),
        1
    );
    let information = json!({"data": {"full_name": "Ana Ruiz", "country_of_birth": "CO"}});
    refused(&bench.post("maker", &format!("{path}/information"), information.clone()).await, 409, "G004");
    refused(
        &bench
            .post("maker", &format!("{path}/upload_intent"), json!({"documents": [{"type": "selfie"}]}))
            .await,
        400,
        "G002",
    );
    let (_, intents) = bench
        .post(
            "maker",
            &format!("{path}/upload_intent"),
            json!({"documents": [{"type": "doc_funds"}, {"type": "doc_funds"}]}),
        )
        .await;
    for intent in intents["intents"].as_array().unwrap() {
        assert_eq!(send(bench.http.put(intent["url"].as_str().unwrap()).body("%PDF")).await.0, 200);
    }
    let (status, done) = bench.post("maker", &format!("{path}/information"), information).await;
    assert_eq!((status, &done["status"]), (200, &json!("completed")));
    assert!(bench.post("viewer", &format!("{path}/download_intent"), json!({})).await.1["url"].is_string());
}
