//! `--scene`: each tells its story, from any seed, and its books balance.

use crate::bench::{Bench, bench_with, options};
use cuadre::sandbox::Options;
use serde_json::json;

async fn scene(name: &str) -> Bench {
    let bench = bench_with(Options { scene: Some(name.to_owned()), ..options() }).await;
    bench.balanced();
    bench
}

async fn count(bench: &Bench, path: &str) -> u64 {
    bench.get("viewer", path).await.1["total_items"].as_u64().unwrap()
}

/// Cobru's payments of a kind, as the ledger has them.
async fn paid(bench: &Bench, kind: &str, state: &str) -> usize {
    let ledger = bench.ask("ledger?since=1000000000").await;
    let rows = ledger["payments"].as_array().unwrap().iter();
    rows.filter(|row| row["provider"] == "cobru" && row["kind"] == kind && row["state"] == state).count()
}

#[tokio::test]
async fn each_has_a_story_at_cobru_too() {
    let plain = bench_with(options()).await;
    let cobrus = async |bench: &Bench| {
        let mut states = Vec::new();
        for state in ["0", "1", "2", "3", "4", "5"] {
            states.push(paid(bench, "cobru", state).await);
        }
        states
    };
    let usual = cobrus(&plain).await;

    let quiet = scene("quiet").await;
    assert_eq!(cobrus(&quiet).await[..3], [0, 0, 0]);

    let busy = scene("busy-day").await;
    assert_eq!(cobrus(&busy).await[1], usual[1] + 6);
    busy.advance(180).await;
    assert_eq!(cobrus(&busy).await[3], usual[3] + 3);
    busy.advance(420).await;
    assert_eq!(cobrus(&busy).await[3], usual[3] + 4, "the codes of the last two ran out");
    busy.balanced();

    let month = scene("month-end").await;
    assert_eq!(cobrus(&month).await[3], usual[3] + 2);
    let open = cobrus(&month).await[0];
    let waiting = paid(&month, "cash_withdraw", "0").await;
    month.advance(16 * 3600).await;
    assert!(cobrus(&month).await[0] <= open - 3, "links that ran out at midnight");
    assert_eq!(paid(&month, "cash_withdraw", "0").await, waiting - 1);
    month.balanced();

    let incident = scene("incident").await;
    assert_eq!((cobrus(&incident).await[2], cobrus(&incident).await[4]), (usual[2] + 3, usual[4] + 1));
    let rejected = paid(&plain, "third_party_withdraw", "rejected").await;
    assert_eq!(paid(&incident, "third_party_withdraw", "rejected").await, rejected + 2);
    assert_eq!(paid(&incident, "withdraw_co", "rejected").await, 1);
    incident.balanced();
}

#[tokio::test]
async fn each_has_what_its_table_says() {
    let quiet = scene("quiet").await;
    assert_eq!(count(&quiet, "money_movements?status=pending_approval").await, 0);

    let busy = scene("busy-day").await;
    assert_eq!(count(&busy, "money_movement_approvals?status=pending").await, 30);
    assert_eq!(count(&busy, "money_movements?type=r2p_breb&status=processing").await, 6);
    let before = count(&busy, "transactions").await;
    busy.advance(600).await;
    assert_eq!(count(&busy, "transactions").await, before + 10);
    busy.balanced();

    let month = scene("month-end").await;
    assert_eq!(count(&month, "bulk_money_movements?status=failed").await, 1);
    let twice = month.rows("checker", "money_movements?amount=1284750000&status=pending_approval").await;
    assert_eq!((twice.len(), &twice[0]["destination_id"]), (2, &twice[1]["destination_id"]));
    assert_eq!(count(&month, "money_movement_schedulers").await, 1);
    month.advance(10 * 3600).await;
    month.forget_tokens();
    month.balanced();

    let incident = scene("incident").await;
    assert!(count(&incident, "money_movements?status=returned&external_id=mx-1").await == 1);
    let stuck = &incident.rows("viewer", "money_movements?external_id=hangs-1").await[0];
    incident.advance(3600).await;
    incident.forget_tokens();
    assert_eq!(incident.state(stuck).await, "processing");
    assert_eq!(incident.tell("pay", json!({"key": "@CBANDINASAS2", "amount": 1})).await.0, 409);
    let recaudo = incident.account("Recaudo").await;
    let last = &incident.rows("viewer", &format!("accounts/{recaudo}/transactions?page_size=1")).await[0];
    assert_eq!(incident.balance(&recaudo).await, last["current_balance"].as_i64().unwrap() + 125_000_000);
    incident.balanced();
}
