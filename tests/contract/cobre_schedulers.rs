//! Section 8.

use crate::bench::{bench, refused};
use serde_json::json;

#[tokio::test]
async fn a_schedule_pays_each_source_at_its_time_until_it_is_canceled() {
    let bench = bench().await;
    let (cash, payroll) = (bench.account("Operaci%C3%B3n").await, bench.account("N%C3%B3mina").await);
    let body = json!({"account_source_ids": [cash, payroll], "destination_id": bench.counterparty("type=ch").await, "amount": 70_000,
        "schedule_pattern": "(0/5 * * * ? *)", "metadata": {"description": "Barrido"}, "checker_approval": false});
    let (status, made) = bench.post("maker", "money_movement_schedulers", body.clone()).await;
    assert_eq!(
        (status, &made["active_status"], &made["execution_number"]),
        (201, &json!(true), &json!(0)),
        "{made}"
    );
    let id = made["id"].as_str().unwrap();
    bench.advance(11 * 60).await;
    let runs = bench.rows("viewer", &format!("money_movements?external_id={id}")).await;
    assert_eq!(runs.len(), 4, "two runs of two sources");
    assert!(runs[0]["batch_id"].as_str().unwrap().starts_with("mmse_"));
    assert_eq!(
        bench
            .rows("viewer", &format!("money_movements?batch_id={}", runs[0]["batch_id"].as_str().unwrap()))
            .await
            .len(),
        2
    );
    assert_eq!(bench.rows("viewer", "money_movement_schedulers").await[0]["execution_number"], 2);
    let (status, gone) = bench.delete("maker", &format!("money_movement_schedulers/{id}")).await;
    assert_eq!((status, &gone["active_status"]), (200, &json!(false)));
    bench.advance(3600).await;
    bench.forget_tokens();
    assert_eq!(bench.rows("viewer", &format!("money_movements?external_id={id}")).await.len(), 4);
    for (field, value) in [
        ("schedule_pattern", json!("* * * * *")),
        ("amount", json!(-1)),
        ("account_source_ids", json!([])),
        ("metadata", json!({})),
    ] {
        let mut bad = body.clone();
        bad[field] = value;
        refused(&bench.post("maker", "money_movement_schedulers", bad).await, 400, "G002");
    }
    bench.balanced();
}

#[tokio::test]
async fn an_amount_of_zero_takes_all_there_is_and_nothing_of_nothing() {
    let bench = bench().await;
    let (cash, to) = (bench.account("Operaci%C3%B3n").await, bench.account("Recaudo").await);
    let body = json!({"account_source_ids": [cash], "destination_id": to, "amount": 0, "schedule_pattern": "(30 14 * * ? *)", "metadata": {"description": "Barrido diario"}});
    let all = bench.balance(&cash).await + bench.balance(&to).await;
    let (_, made) = bench.post("maker", "money_movement_schedulers", body).await;
    bench.advance(24 * 3600 + 3600).await;
    bench.forget_tokens();
    assert_eq!((bench.balance(&cash).await, bench.balance(&to).await), (0, all));
    assert_eq!(
        bench
            .rows("viewer", &format!("money_movements?external_id={}", made["id"].as_str().unwrap()))
            .await
            .len(),
        1
    );
}
