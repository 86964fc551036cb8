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

#[tokio::test]
async fn every_write_is_for_those_who_may_and_reads_are_for_all() {
    let bench = bench().await;
    let before = bench.sandbox.world().ledger.count();
    let (makers, checkers, admins) = (["maker", "admin"], ["checker", "admin"], ["admin"]);
    let writes: [(&str, &[&str]); 18] = [
        ("money_movements", &makers),
        ("money_movements_return", &makers),
        ("bulk_money_movements", &makers),
        ("money_movement_schedulers", &makers),
        ("cross_border_money_movements", &makers),
        ("counterparties", &makers),
        ("counterparties/cp_x/direct_debit_registrations", &makers),
        ("accounts/acc_x/keys", &makers),
        ("accounts/acc_x/keys/key_x/key_action", &makers),
        ("checkouts", &makers),
        ("fx_quotes", &makers),
        ("account_test_transactions", &makers),
        ("change_mm_state", &makers),
        ("money_movement_approvals", &checkers),
        ("money_movements/mm_x/approvals", &checkers),
        ("bulk_money_movements/bmm_x/decision", &checkers),
        ("accounts", &admins),
        ("subscriptions", &admins),
    ];
    for (path, allowed) in writes {
        for role in ["maker", "checker", "viewer", "admin"] {
            let (status, answer) = bench.post(role, path, json!({})).await;
            assert_eq!(status == 403, !allowed.contains(&role), "{role} {path}: {status} {answer}");
            // Who may is told what is wrong with an empty body; nothing is made of one.
            assert!((400..500).contains(&status), "{role} {path}: {status} {answer}");
        }
    }
    assert_eq!(bench.sandbox.world().ledger.count(), before);
}
