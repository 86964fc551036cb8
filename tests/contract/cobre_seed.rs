//! What a sandbox begins with.

use crate::bench::{Bench, bench, bench_with, options};
use cuadre::sandbox::Options;
use serde_json::{Value, json};
use std::collections::HashSet;

async fn ledger(bench: &Bench) -> Value {
    bench.ask("ledger").await
}

#[tokio::test]
async fn the_same_seed_makes_the_same_world_and_another_seed_another() {
    let first = ledger(&bench().await).await;
    assert_eq!(ledger(&bench().await).await, first);
    assert_ne!(
        ledger(&bench_with(Options { seed: 2, ..options() }).await).await["accounts"],
        first["accounts"]
    );
}

#[tokio::test]
async fn it_has_what_it_is_said_to_have() {
    let bench = bench_with(Options { transactions: 2_000, ..options() }).await;
    assert_eq!(bench.get("viewer", "transactions").await.1["total_items"], 2_000);
    let counterparties = bench.get("viewer", "counterparties?page_size=100").await.1;
    assert_eq!(counterparties["total_items"], 40);
    let kinds: HashSet<(String, String)> = counterparties["contents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["geo"].to_string(), row["type"].to_string()))
        .collect();
    assert_eq!(kinds.len(), 15, "every type: {kinds:?}");
    let mut pending =
        bench.get("checker", "money_movement_approvals?status=pending").await.1["contents"].take();
    let pending = pending.as_array_mut().unwrap();
    assert_eq!(pending.len(), 10);
    for approval in pending {
        let (_, movement) = bench
            .get("checker", &format!("money_movements/{}", approval["money_movement_id"].as_str().unwrap()))
            .await;
        assert_eq!(
            (&movement["status"]["state"], &movement["mm_approval_id"]),
            (&json!("pending_approval"), &approval["id"])
        );
        assert_ne!(movement["creator"], "cli_approver");
        assert!(movement["created_at"].as_str().unwrap() > "2026-01-13");
    }
    let bulks = bench.rows("checker", "bulk_money_movements").await;
    assert_eq!((bulks.len(), &bulks[0]["file_name"]), (1, &json!("nomina_2026-01-15.csv")));
    let (_, all) = bench.get("checker", "money_movements?status=pending_approval").await;
    assert_eq!(all["total_items"], 422);
    for account in bench.rows("viewer", "accounts").await {
        let balance = account["obtained_balance"].as_i64().unwrap();
        assert!(balance > 1_000_000, "{account}");
    }
    let first = bench.get("viewer", "transactions?page_size=1&date_lte=2025-11-18").await.1["total_items"]
        .as_u64()
        .unwrap();
    assert!(first > 0, "it reaches sixty days back");
    bench.balanced();
}

#[tokio::test]
async fn every_debit_has_its_movement_and_every_list_is_in_the_order_of_time() {
    let bench = bench().await;
    let movements: HashSet<String> = bench.ask("ledger").await["payments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    for path in [
        "transactions?page_size=100",
        "transactions?page_size=100&page_number=2",
        "money_movements?page_size=100",
    ] {
        let rows = bench.rows("viewer", path).await;
        let times: Vec<jiff::Timestamp> =
            rows.iter().map(|row| row["created_at"].as_str().unwrap().parse().unwrap()).collect();
        assert!(times.is_sorted_by(|one, next| one >= next), "{path}");
        for row in rows.iter().filter(|row| row["credit_debit_type"] == "debit") {
            assert!(movements.contains(row["metadata"]["money_movement_id"].as_str().unwrap()), "{row}");
        }
    }
}
