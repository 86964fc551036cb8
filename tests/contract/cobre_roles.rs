//! Section 20: who may do what.

use crate::bench::{bench, refused};
use serde_json::json;

#[tokio::test]
async fn each_role_may_do_its_part_and_no_more() {
    let bench = bench().await;
    for role in ["maker", "checker", "viewer", "admin"] {
        for path in [
            "accounts",
            "transactions",
            "counterparties",
            "money_movements",
            "money_movement_approvals",
            "bulk_money_movements",
        ] {
            assert_eq!(bench.get(role, path).await.0, 200, "{role} {path}");
        }
    }
    let before = bench.sandbox.world().ledger.count();
    for role in ["checker", "viewer"] {
        for path in ["counterparties", "money_movements", "bulk_money_movements"] {
            refused(&bench.post(role, path, json!({})).await, 403, "AU007");
        }
        refused(&bench.delete(role, "counterparties/cp_x").await, 403, "AU007");
    }
    for role in ["maker", "viewer"] {
        let body = json!({"money_movement_id": "mm_x", "decision": "approve"});
        refused(&bench.post(role, "money_movement_approvals", body.clone()).await, 403, "AU007");
        refused(&bench.post(role, "bulk_money_movements/bmm_x/decision", body).await, 403, "AU007");
    }
    assert_eq!(bench.sandbox.world().ledger.count(), before);
}
