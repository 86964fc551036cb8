//! Whatever is sent: the provider's own error, never a 5xx, and the books untouched.

use crate::bench::{Bench, bench, send};
use reqwest::Method;
use serde_json::json;

async fn survives(bench: &Bench, what: &str, body: Vec<u8>, kind: &str) {
    for path in
        ["money_movements", "counterparties", "money_movement_approvals", "bulk_money_movements", "auth"]
    {
        let request = bench.request(Method::POST, "admin", path).await;
        let request =
            request.header("content-type", kind).header("idempotency", format!("{what}-{path}-xxxxxxxxx"));
        let (status, answer) = send(request.body(body.clone())).await;
        assert!((400..500).contains(&status), "{what} on {path}: {status}");
        assert!(
            answer["error_code"].is_string() && answer["error_description"].is_string(),
            "{what} on {path}: {answer}"
        );
    }
}

#[tokio::test]
async fn no_body_breaks_it() {
    let bench = bench().await;
    let postings = bench.sandbox.world().ledger.count();
    let movements = bench.get("viewer", "money_movements").await.1["total_items"].clone();
    let json = "application/json";
    survives(&bench, "empty", Vec::new(), json).await;
    survives(&bench, "broken", b"{\"amount\": 1".to_vec(), json).await;
    survives(&bench, "utf8", b"{\"a\": \"\xff\xfe\"}".to_vec(), json).await;
    survives(&bench, "deep", "[".repeat(100_000).into_bytes(), json).await;
    survives(&bench, "deep-object", "{\"a\":".repeat(50_000).into_bytes(), json).await;
    survives(&bench, "number", b"1e999".to_vec(), json).await;
    survives(&bench, "nul", b"{\"a\":\"\0\"}".to_vec(), json).await;
    survives(&bench, "form", b"amount=1".to_vec(), "application/x-www-form-urlencoded").await;
    survives(&bench, "text", b"hello".to_vec(), "text/plain").await;
    survives(&bench, "huge", vec![b' '; 17 * 1024 * 1024], json).await;
    survives(&bench, "multipart", b"--x\r\n\r\n".to_vec(), "multipart/form-data").await;
    assert_eq!(bench.sandbox.world().ledger.count(), postings);
    assert_eq!(bench.get("viewer", "money_movements").await.1["total_items"], movements);
    bench.balanced();
}

#[tokio::test]
async fn no_amount_breaks_it() {
    let bench = bench().await;
    let (source, destination) = (bench.account("Operaci%C3%B3n").await, bench.counterparty("type=ch").await);
    let before = bench.get("viewer", "money_movements").await.1["total_items"].clone();
    for (number, amount) in [
        "0",
        "-1",
        "-0",
        "1.5",
        "100.0",
        "1e5",
        "9223372036854775808",
        "1e400",
        "true",
        "[100]",
        "{}",
        "null",
        "\"\"",
        "\"-5\"",
        "\"12.5\"",
        "\"1e3\"",
        "\"١٢\"",
    ]
    .iter()
    .enumerate()
    {
        let body = format!(
            r#"{{"source_id":"{source}","destination_id":"{destination}","amount":{amount},"metadata":{{"description":"x"}}}}"#
        );
        let request = bench.request(Method::POST, "maker", "money_movements").await;
        let request = request
            .header("content-type", "application/json")
            .header("idempotency", format!("amount-key-{number}"));
        let (status, answer) = send(request.body(body)).await;
        assert_eq!((status, &answer["error_code"]), (400, &json!("MM001")), "{amount}: {answer}");
    }
    assert_eq!(bench.get("viewer", "money_movements").await.1["total_items"], before);
    // The largest number is no error: there is only not that much money.
    let movement = bench.pay(i64::MAX, json!({})).await;
    bench.advance(30).await;
    assert_eq!(bench.state(&movement).await, "failed");
    assert_eq!(bench.pay(1, json!({"amount": "700"})).await["amount"], 700, "a text of digits is taken");
    bench.balanced();
}
