//! Section 17: subscriptions, events, signatures.

use crate::bench::{Bench, bench, fields, refused, send};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Listens on loopback and hands on each request: its head and its body.
async fn receiver() -> (String, mpsc::UnboundedReceiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let sender = sender.clone();
            tokio::spawn(async move {
                let mut bytes = Vec::new();
                loop {
                    let mut part = [0; 4096];
                    let read = stream.read(&mut part).await.unwrap_or(0);
                    bytes.extend_from_slice(&part[..read]);
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    if let Some((head, body)) = text.split_once("\r\n\r\n") {
                        let length =
                            head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                        if body.len() == length.parse::<usize>().unwrap() {
                            stream
                                .write_all(
                                    b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                                )
                                .await
                                .unwrap();
                            sender.send((head.to_owned(), body.to_owned())).unwrap();
                            return;
                        }
                    }
                    if read == 0 {
                        return;
                    }
                }
            });
        }
    });
    (url, receiver)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

async fn subscribe(bench: &Bench, url: &str, events: &[&str]) -> Value {
    let body = json!({"events": events, "url": url, "description": "ERP", "event_signature_key": "sandbox-signing-key-01"});
    let (status, made) = bench.post("admin", "subscriptions", body).await;
    assert_eq!(status, 201, "{made}");
    made
}

#[tokio::test]
async fn each_state_is_told_once_and_signed() {
    let bench = bench().await;
    let (url, mut told) = receiver().await;
    let states =
        ["initiated", "processing", "completed"].map(|state| format!("money_movements.status.{state}"));
    let mut events: Vec<&str> = states.iter().map(String::as_str).collect();
    events.push("accounts.balance.debit");
    let made = subscribe(&bench, &url, &events).await;
    assert_eq!(made["event_signature_key"], "******************y-01");
    let movement = bench.pay(100_000, json!({"external_id": "e-9"})).await;
    bench.advance(30).await;
    let mut keys = Vec::new();
    for _ in 0..4 {
        let (head, body) = tokio::time::timeout(Duration::from_secs(10), told.recv()).await.unwrap().unwrap();
        let timestamp = header(&head, "event-timestamp").unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(b"sandbox-signing-key-01").unwrap();
        mac.update(format!("{timestamp}.{body}").as_bytes());
        let expected =
            mac.finalize().into_bytes().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        assert_eq!(header(&head, "event-signature"), Some(expected.as_str()));
        let event: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(fields(&event), ["content", "created_at", "event_key", "id"]);
        assert_eq!(event["created_at"], timestamp);
        let content = &event["content"];
        if event["event_key"] == "accounts.balance.debit" {
            assert_eq!((&content["currency"], &content["amount"]), (&json!("COP"), &json!(-100_000)));
            assert_eq!(content["metadata"]["uniqueTransactionId"], movement["id"]);
            assert_eq!(
                (&content["metadata"]["money_movement_id"], &content["metadata"]["mm_external_id"]),
                (&movement["id"], &json!("e-9"))
            );
            assert!(content["date"].is_string() && content.get("transaction_date").is_none());
        } else {
            assert_eq!(content["id"], movement["id"]);
            assert!(
                content["source"]["id"].is_string() && content["destination"]["type"].is_string(),
                "both sides as objects"
            );
        }
        keys.push(event["event_key"].as_str().unwrap().to_owned());
    }
    keys.sort();
    events.sort_unstable();
    assert_eq!(keys, events);
    let id = made["id"].as_str().unwrap();
    assert_eq!(bench.delete("admin", &format!("subscriptions/{id}")).await.0, 204);
    bench.pay(1, json!({})).await;
    bench.advance(30).await;
    assert!(told.try_recv().is_err());
}

/// Whether an event is signed with the key that was given.
fn is_ours(head: &str, body: &str) -> bool {
    let timestamp = header(head, "event-timestamp").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(b"sandbox-signing-key-01").unwrap();
    mac.update(format!("{timestamp}.{body}").as_bytes());
    let hex = mac.finalize().into_bytes().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    header(head, "event-signature") == Some(hex.as_str())
}

#[tokio::test]
async fn an_event_comes_twice_and_a_forged_one_fits_no_signature() {
    let bench = bench().await;
    let (url, mut told) = receiver().await;
    subscribe(&bench, &url, &["money_movements.status.initiated"]).await;
    let mut next = async || {
        let (head, body) = tokio::time::timeout(Duration::from_secs(10), told.recv()).await.unwrap().unwrap();
        let event: Value = serde_json::from_str(&body).unwrap();
        (is_ours(&head, &body), event["id"].clone())
    };
    bench.tell("faults", json!({"times": 1, "fault": "webhook_twice"})).await;
    bench.pay(100_000, json!({})).await;
    let (one, other) = (next().await, next().await);
    assert!(one.0 && other.0);
    assert_eq!(one.1, other.1, "the id is what a receiver counts by");

    bench.tell("faults", json!({"times": 1, "fault": "webhook_forged"})).await;
    bench.pay(200_000, json!({})).await;
    let both = [next().await, next().await];
    assert_eq!(both.iter().filter(|(ours, _)| *ours).count(), 1);
    assert_eq!(both[0].1, both[1].1);
    assert_ne!(both[0].1, one.1);
    let listed = bench.ask("deliveries").await;
    assert_eq!(listed["contents"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn what_nobody_takes_is_tried_three_times_more_and_can_be_read() {
    let bench = bench().await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", closed.local_addr().unwrap());
    drop(closed);
    subscribe(&bench, &url, &["money_movements.status.initiated"]).await;
    bench.pay(1, json!({})).await;
    let mut last = Value::Null;
    for _ in 0..200 {
        last = bench.ask("deliveries").await["contents"][0].clone();
        if last["state"] == "failed" {
            break;
        }
        bench.advance(2).await;
        tokio::task::yield_now().await;
    }
    assert_eq!((&last["state"], last["tries"].as_array().unwrap().len()), (&json!("failed"), 4), "{last}");
    assert!(last["body"].as_str().unwrap().contains("money_movements.status.initiated"));
}

#[tokio::test]
async fn subscriptions_are_checked_listed_and_changed() {
    let bench = bench().await;
    for bad in [
        json!({"events": [], "url": "https://x.co"}),
        json!({"events": ["money_movements.status.lost"], "url": "https://x.co"}),
        json!({"events": ["reports.created"], "url": "http://erp.example.co"}),
        json!({"events": ["reports.created"]}),
        json!({"events": ["reports.created"], "url": "https://x.co", "event_signature_key": "short"}),
    ] {
        refused(&bench.post("admin", "subscriptions", bad).await, 400, "G002");
    }
    refused(&bench.post("maker", "subscriptions", json!({})).await, 403, "AU007");
    let made = subscribe(&bench, "https://erp.example.co/hook", &["reports.created"]).await;
    let id = made["id"].as_str().unwrap();
    let request = bench.request(Method::PUT, "admin", &format!("subscriptions/{id}")).await;
    let (status, changed) = send(request.json(&json!({"events": ["evidence-request.ask"]}))).await;
    assert_eq!((status, &changed["events"]), (200, &json!(["evidence-request.ask"])));
    assert_eq!(bench.rows("viewer", "subscriptions").await, [changed]);
    let events = bench.rows("viewer", "subscribable_events?page_size=100").await;
    assert!(events.iter().any(|event| event["subscriptionKey"] == "money_movements.status.completed"));
}
