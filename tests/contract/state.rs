//! `--state FILE`: a restart is where it was.

use crate::bench::{Bench, bench_with, options};
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
