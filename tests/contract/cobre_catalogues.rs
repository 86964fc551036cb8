//! Section 18: banks, providers, types of entries, states, events, hours. Read-only, and the API keeps to them.

use crate::bench::{bench, refused, send};
use serde_json::{Value, json};

#[tokio::test]
async fn banks_providers_types_and_states_are_the_contracts() {
    let bench = bench().await;
    let rows = async |name: &str| {
        bench.ask(&format!("catalogues/{name}")).await["contents"].as_array().unwrap().clone()
    };
    let colombian = rows("institutions_co").await;
    assert_eq!(colombian.len(), 50);
    assert_eq!(
        colombian[0],
        json!({"code": "1001", "name": "BANCO DE BOGOTA", "account_types": ["cc", "ch", "dp"], "services": ["A", "F", "P", "D"]})
    );
    let mexican = rows("institutions_mx").await;
    for (code, name) in [("002", "Banamex"), ("646", "STP"), ("710", "NVIO")] {
        assert!(mexican.contains(&json!({"code": code, "name": name})), "{code}");
    }
    let providers = rows("providers").await;
    let cobre = json!({"id": "pr_col_cobre", "name": "Cobre Balance Colombia", "geo": "col", "currency": "cop", "action": "create"});
    assert!(providers.contains(&cobre) && providers.iter().any(|row| row["action"] == "connect"));
    let names = |rows: Vec<Value>, field: &str| {
        rows.iter().map(|row| row[field].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let types = names(rows("transaction_types").await, "type");
    for row in bench.rows("viewer", "transactions?page_size=100").await {
        assert!(types.contains(&row["type"].as_str().unwrap().to_owned()), "{row}");
    }
    let states = names(rows("movement_states").await, "state");
    for row in bench.rows("viewer", "money_movements?page_size=100").await {
        assert!(states.contains(&row["status"]["state"].as_str().unwrap().to_owned()), "{row}");
    }
    assert_eq!(send(bench.http.get(bench.control("catalogues/none"))).await.0, 400);
}

#[tokio::test]
async fn every_event_of_the_catalogue_can_be_subscribed_to_and_no_other() {
    let bench = bench().await;
    let listed = bench.rows("viewer", "subscribable_events?page_size=100").await;
    let keys: Vec<&str> = listed.iter().map(|row| row["subscriptionKey"].as_str().unwrap()).collect();
    let known = bench.ask("catalogues/events").await["contents"].as_array().unwrap().clone();
    assert_eq!(known.iter().map(|row| row["event_key"].as_str().unwrap()).collect::<Vec<_>>(), keys);
    let body = |events: &[&str]| json!({"events": events, "url": "https://erp.example.co/hook", "description": "ERP"});
    assert_eq!(bench.post("admin", "subscriptions", body(&keys)).await.0, 201);
    for other in ["money_movements.status.lost", "accounts.balance", "*", ""] {
        refused(&bench.post("admin", "subscriptions", body(&[other])).await, 400, "G002");
    }
}

#[tokio::test]
async fn a_bank_is_paid_only_in_the_accounts_that_it_has() {
    let bench = bench().await;
    let cobre = bench.ask("catalogues/institutions_co").await["contents"].as_array().unwrap().clone();
    let body = |kind: &str, bank: &Value| {
        json!({"geo": "col", "type": kind, "metadata": {"counterparty_fullname": format!("Ana {kind}"),
        "counterparty_id_type": "cc", "counterparty_id_number": "52123456", "beneficiary_institution": bank, "account_number": "12345678901"}})
    };
    for bank in &cobre {
        for kind in ["cc", "ch", "dp"] {
            let has = bank["account_types"].as_array().unwrap().contains(&json!(kind));
            let back = bench.post("maker", "counterparties", body(kind, &bank["code"])).await;
            assert_eq!(back.0 == 201, has, "{kind} at {bank}: {}", back.1);
        }
    }
}
