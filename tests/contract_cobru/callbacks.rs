//! Section 6: callbacks.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::desk::{Desk, payer};

/// Somebody who listens: takes one `POST` and answers 200.
struct Listener(TcpListener);

impl Listener {
    async fn new() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        (Self(listener), address)
    }

    /// Head and body of the next request.
    async fn next(&self) -> (String, String) {
        let (mut stream, _) = self.0.accept().await.unwrap();
        let mut all = Vec::new();
        loop {
            let mut piece = [0; 4096];
            let count = stream.read(&mut piece).await.unwrap();
            all.extend_from_slice(&piece[..count]);
            let text = String::from_utf8_lossy(&all).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() >= length.parse().unwrap() {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
                return (head.to_owned(), body.to_owned());
            }
        }
    }
}

async fn deliveries(desk: &Desk) -> Vec<Value> {
    desk.control_get("/deliveries").await.expect(200)["contents"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_paid_cobru_is_told_once_with_both_columns_of_the_contract() {
    let desk = Desk::new().await;
    let (listener, address) = Listener::new().await;
    let slug = desk.cobru(&json!({"callback": format!("{address}/cobru?s=9f2c&orderId=2041")})).await;
    desk.order(&slug, &payer(&json!({"payment": "breb"}))).await;
    desk.control("/pay", &json!({ "cobru": slug })).await.expect(200);
    let (head, body) = listener.next().await;
    assert!(head.starts_with("POST /cobru?s=9f2c&orderId=2041 HTTP/1.1"), "{head}");
    assert!(head.contains("content-type: application/json"), "{head}");
    assert!(!head.to_lowercase().contains("signature"), "callbacks are not signed: {head}");
    let expected = json!({
        "orderId": "2041", "payed": true, "url": slug, "state": 3, "amount": "185000.00", "payed_amount": 177_345.92,
        "fee_amount": 6432, "iva_amount": 1222.08, "payment_method": "Bre-B", "payer_name": "Marta Rios",
        "payer_email": "marta@correo.example", "payer_id_type": "cc", "payer_id": "1020304050",
        "payer_phone": "3005550110", "cus": "", "description": "Pedido 2041: 12 bultos de cemento"
    });
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), expected);
    let recorded = deliveries(&desk).await;
    assert_eq!(
        (recorded.len(), &recorded[0]["about"], &recorded[0]["body"]),
        (1, &json!(slug), &json!(body))
    );
}

#[tokio::test]
async fn without_an_order_id_in_the_address_it_is_the_slug() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    desk.control("/pay", &json!({ "cobru": slug })).await.expect(200);
    let sent: Value = serde_json::from_str(deliveries(&desk).await[0]["body"].as_str().unwrap()).unwrap();
    assert_eq!(sent["orderId"], slug);
}

#[tokio::test]
async fn not_paid_paid_and_refunded_are_told_and_expiry_is_not() {
    let mut desk = Desk::new().await;
    let slug = desk.cobru(&json!({"expiration_days": 0})).await;
    desk.control("/pay", &json!({"cobru": slug, "refuse": true})).await.expect(200);
    desk.control("/pay", &json!({ "cobru": slug })).await.expect(200);
    desk.control("/refund", &json!({ "cobru": slug })).await.expect(200);
    let other = desk.cobru(&json!({"expiration_days": 0})).await;
    desk.sandbox.advance_seconds(86_400);
    desk.sign_in().await;
    assert_eq!(desk.state(&other).await, 5);
    let states: Vec<Value> = deliveries(&desk)
        .await
        .iter()
        .map(|sent| serde_json::from_str::<Value>(sent["body"].as_str().unwrap()).unwrap())
        .map(|sent| json!([sent["url"], sent["state"], sent["payed"]]))
        .collect();
    assert_eq!(states, [json!([slug, 2, false]), json!([slug, 3, true]), json!([slug, 4, false])]);
}

#[tokio::test]
async fn the_older_manual_s_condition_is_a_switch() {
    let desk = Desk::new().await;
    desk.set("callback_needs_api", true).await;
    let silent = desk.cobru(&json!({"platform": null})).await;
    let told = desk.cobru(&json!({})).await;
    for slug in [&silent, &told] {
        desk.control("/pay", &json!({ "cobru": slug })).await.expect(200);
    }
    let sent = deliveries(&desk).await;
    assert_eq!((sent.len(), &sent[0]["about"]), (1, &json!(told)));
}

#[tokio::test]
async fn the_body_can_be_the_form_of_the_older_manual() {
    let desk = Desk::new().await;
    desk.set("callback_as_form", true).await;
    let slug = desk.cobru(&json!({})).await;
    desk.control("/pay", &json!({ "cobru": slug })).await.expect(200);
    let sent = deliveries(&desk).await;
    assert_eq!(sent[0]["content_type"], "application/x-www-form-urlencoded");
    assert!(
        sent[0]["body"].as_str().unwrap().contains(&format!("&state=3&url={slug}")),
        "{}",
        sent[0]["body"]
    );
}

#[tokio::test]
async fn a_doubled_callback_is_two_of_the_same() {
    let desk = Desk::new().await;
    let fault = desk.control("/faults", &json!({"times": 1, "fault": "webhook_twice"})).await;
    assert_eq!(fault.status, 201);
    let slug = desk.cobru(&json!({})).await;
    desk.control("/pay", &json!({ "cobru": slug })).await.expect(200);
    let sent = deliveries(&desk).await;
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0]["body"], sent[1]["body"]);
}

#[tokio::test]
async fn nobody_is_told_of_the_seed_s_history() {
    let desk = Desk::new().await;
    assert_eq!(deliveries(&desk).await, Vec::<Value>::new());
}
