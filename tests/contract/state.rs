//! `--state FILE`: a restart is where it was; and 2,000 random operations leave every book balanced.

use crate::bench::{Bench, bench, bench_with, options};
use cuadre::sandbox::Options;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;

async fn world(bench: &Bench) -> Value {
    let mut ledger = bench.ask("ledger").await;
    ledger.as_object_mut().unwrap().remove("clock");
    ledger
}

#[tokio::test]
async fn a_restart_finds_everything_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.jsonl");
    let options = Options { state: Some(file.clone()), ..options() };
    let first = bench_with(options.clone()).await;
    let made = first.pay(100_000, json!({"external_id": "keep-1"})).await;
    first.advance(1).await;
    first.pay(50, json!({"checker_approval": true})).await;
    first.advance(600).await;
    first.tell("pay", json!({"key": "@CBANDINASAS2", "amount": 77})).await;
    let again = first.post_with_key("maker", "money_movements", "kept-key-1", json!({"amount": 0})).await;
    assert_eq!(again.0, 400);
    let (before, clock) = (world(&first).await, first.ask("clock").await);
    first.sandbox.stop().await;
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    // Another seed on the command line does not change the world that is there.
    let second = bench_with(Options { seed: 99, ..options.clone() }).await;
    assert_eq!(world(&second).await, before);
    assert_eq!(second.ask("clock").await, clock);
    assert_eq!(second.state(&made).await, "completed");
    second.pay(7, json!({})).await;
    let before = world(&second).await;
    second.sandbox.stop().await;

    // A line cut short by a crash was never answered.
    let mut bytes = fs::read(&file).unwrap();
    bytes.extend_from_slice(b"{\"at\":17");
    fs::write(&file, bytes).unwrap();
    let third = bench_with(options.clone()).await;
    assert_eq!(world(&third).await, before);
    third.tell("reset", json!({})).await;
    let fresh = world(&third).await;
    third.sandbox.stop().await;
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 1, "a reset forgets");
    let fourth = bench_with(options.clone()).await;
    assert_eq!(world(&fourth).await, fresh);
    fourth.sandbox.stop().await;

    fs::write(&file, "hello\n").unwrap();
    let error = cuadre::sandbox::start(options).await.unwrap_err();
    assert!(error.to_string().contains("state.jsonl"), "{error}");
}

/// Drives the provider with whatever a seed draws; the same seed must give the same ledger.
async fn storm(seed: u64, operations: usize) -> Value {
    let bench = bench().await;
    bench
        .http
        .patch(bench.control("settings"))
        .json(&json!({"rate_limit": false, "magic_amounts": true}))
        .send()
        .await
        .unwrap();
    let mut rng = fastrand::Rng::with_seed(seed);
    let accounts: Vec<String> = ids(&bench, "accounts").await;
    let mut others = ids(&bench, "counterparties?page_size=100").await;
    others.extend(accounts.clone());
    let mut movements: Vec<String> = Vec::new();
    for number in 0..operations {
        let role = ["maker", "admin", "checker"][rng.usize(..3)];
        let any = |rng: &mut fastrand::Rng, from: &[String]| {
            from.get(rng.usize(..from.len().max(1))).cloned().unwrap_or_default()
        };
        match rng.u8(..10) {
            0..=4 => {
                let body = json!({"source_id": any(&mut rng, &accounts), "destination_id": any(&mut rng, &others), "amount": rng.i64(1..90_000_000),
                    "checker_approval": rng.bool(), "metadata": {"description": "x", "reference": "1", "token": "usdc", "r2p_rail": "nequi"}});
                let (status, made) = bench
                    .post_with_key(
                        role,
                        "money_movements",
                        &format!("storm-key-{}", number - rng.usize(..2).min(number)),
                        body,
                    )
                    .await;
                assert!(status < 500, "{made}");
                movements.extend(made["id"].as_str().map(str::to_owned));
            }
            5 => {
                let decision = ["approve", "reject"][rng.usize(..2)];
                let body = json!({"money_movement_id": any(&mut rng, &movements), "decision": decision});
                assert!(bench.post(role, "money_movement_approvals", body).await.0 < 500);
            }
            6 => {
                let state = ["completed", "rejected", "failed", "returned", "canceled"][rng.usize(..5)];
                assert!(
                    bench
                        .post(
                            role,
                            "change_mm_state",
                            json!({"id": any(&mut rng, &movements), "state": state})
                        )
                        .await
                        .0
                        < 500
                );
            }
            7 => {
                bench.tell("pay", json!({"key": "@CBANDINASAS2", "amount": rng.i64(1..1_000_000)})).await;
            }
            8 => {
                let path = format!("accounts/{}/primary_account", any(&mut rng, &accounts));
                let back = if rng.bool() {
                    bench.post("admin", &path, json!({"primary_account_id": any(&mut rng, &accounts)})).await
                } else {
                    bench.delete("admin", &path).await
                };
                assert!(back.0 < 500);
            }
            _ => {
                bench.advance(rng.u64(..120)).await;
                bench.forget_tokens();
            }
        }
        if number % 50 == 0 {
            bench.balanced();
        }
    }
    bench.advance(100 * 3600).await;
    bench.balanced();
    let ledger = bench.ask("ledger").await;
    assert!(ledger["sums"].as_object().unwrap().values().all(|sum| sum == 0));
    for account in ledger["accounts"].as_array().unwrap() {
        assert!(account["outside"] == true || account["balance"].as_i64().unwrap() >= 0, "{account}");
    }
    ledger
}

async fn ids(bench: &Bench, path: &str) -> Vec<String> {
    bench.rows("viewer", path).await.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn random_operations_keep_every_book_balanced_and_the_same_seed_makes_the_same_ledger() {
    let (first, second) = tokio::join!(storm(20_260_115, 400), storm(20_260_115, 400));
    assert_eq!(first, second);
    assert!(first["postings"].as_array().unwrap().len() > 350);
}
