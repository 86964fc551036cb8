//! Section 4: transactions.

use crate::bench::{bench, fields, refused};
use serde_json::{Value, json};

#[tokio::test]
async fn a_payout_leaves_a_debit_of_the_documented_shape() {
    let bench = bench().await;
    let account = bench.account("Operaci%C3%B3n").await;
    let before = bench.balance(&account).await;
    let movement = bench.pay(100_000, json!({})).await;
    bench.advance(1).await;
    let row = &bench
        .rows("maker", &format!("accounts/{account}/transactions?page_size=1&sensitive_data=true"))
        .await[0];
    assert_eq!(
        fields(row),
        [
            "account_id",
            "amount",
            "created_at",
            "credit_debit_type",
            "currency",
            "current_balance",
            "id",
            "metadata",
            "previous_balance",
            "transaction_date",
            "type"
        ]
    );
    assert_eq!(
        (&row["type"], &row["amount"], &row["credit_debit_type"]),
        (&json!("col_debit"), &json!(-100_000), &json!("debit"))
    );
    assert_eq!(
        (&row["previous_balance"], &row["current_balance"]),
        (&json!(before), &json!(before - 100_000))
    );
    assert_eq!(row["metadata"]["money_movement_id"], movement["id"]);
    assert_eq!(row["metadata"]["description"], "Factura 118");
    let id = movement["id"].as_str().unwrap().replace('_', "");
    assert_eq!(row["metadata"]["tracking_key"], format!("20260115{id}"));
    let one = format!("accounts/{account}/transactions/{}?sensitive_data=true", row["id"].as_str().unwrap());
    assert_eq!(&bench.get("maker", &one).await, &(200, row.clone()));
    let other = bench.account("Recaudo").await;
    refused(&bench.get("maker", &one.replace(&account, &other)).await, 404, "G003");
}

type Keep<'a> = Box<dyn Fn(&Value) -> bool + 'a>;

async fn all(bench: &crate::bench::Bench, path: &str) -> Vec<Value> {
    let (mut rows, mut number) = (Vec::new(), 0);
    loop {
        let (_, page) = bench
            .get("maker", &format!("{path}page_size=100&page_number={number}&sensitive_data=true"))
            .await;
        rows.extend(page["contents"].as_array().unwrap().iter().cloned());
        if page["is_last_page"] == true {
            assert_eq!(page["total_items"], rows.len());
            return rows;
        }
        number += 1;
    }
}

#[tokio::test]
async fn the_transactions_of_an_account_are_a_chain_that_ends_in_its_balance() {
    let bench = bench().await;
    let everything = all(&bench, "transactions?").await;
    assert_eq!(everything.len(), 300);
    for account in bench.rows("viewer", "accounts").await {
        let id = account["id"].as_str().unwrap();
        let mut rows = all(&bench, &format!("accounts/{id}/transactions?")).await;
        assert!(everything.iter().filter(|row| row["account_id"] == id).eq(rows.iter()));
        rows.reverse();
        let mut balance = 0;
        for row in &rows {
            assert_eq!(row["previous_balance"], balance);
            balance += row["amount"].as_i64().unwrap();
            assert_eq!(row["current_balance"], balance);
            assert!(balance > 0, "a balance never runs dry");
            assert_eq!(row["credit_debit_type"] == "debit", row["amount"].as_i64().unwrap() < 0);
        }
        assert_eq!(account["obtained_balance"], balance);
    }
}

#[tokio::test]
async fn every_filter_keeps_exactly_what_it_names() {
    let bench = bench().await;
    let everything = all(&bench, "transactions?").await;
    let day = &everything[100]["transaction_date"].as_str().unwrap()[..10];
    let credit = everything.iter().rfind(|row| row["type"] == "col_credit").unwrap();
    let account = credit["account_id"].as_str().unwrap();
    let amount = everything[7]["amount"].as_i64().unwrap();
    let filters: Vec<(String, Keep)> = vec![
        ("type=col_debit".into(), Box::new(|row| row["type"] == "col_debit")),
        ("credit_debit_type=credit".into(), Box::new(|row| row["credit_debit_type"] == "credit")),
        (format!("amount={amount}"), Box::new(|row| row["amount"] == amount)),
        ("amount_gte=100000000".into(), Box::new(|row| row["amount"].as_i64().unwrap() >= 100_000_000)),
        ("amount_lte=-100000000".into(), Box::new(|row| row["amount"].as_i64().unwrap() <= -100_000_000)),
        (format!("date={day}"), Box::new(|row| row["transaction_date"].as_str().unwrap().starts_with(day))),
        (format!("date_gte={day}"), Box::new(|row| &row["transaction_date"].as_str().unwrap()[..10] >= day)),
        (
            format!("operation_date_lte={day}"),
            Box::new(|row| &row["transaction_date"].as_str().unwrap()[..10] <= day),
        ),
        (format!("account_id={account}"), Box::new(|row| row["account_id"] == account)),
        (
            format!("account_id={account}&type=col_credit&date_lte={day}"),
            Box::new(|row| {
                row["account_id"] == account
                    && row["type"] == "col_credit"
                    && &row["transaction_date"].as_str().unwrap()[..10] <= day
            }),
        ),
    ];
    for (query, keep) in filters {
        let wanted: Vec<&Value> = everything.iter().filter(|row| keep(row)).collect();
        let found = all(&bench, &format!("transactions?{query}&")).await;
        assert!(!wanted.is_empty() && wanted.len() < 300, "{query} tells apart");
        assert_eq!(found.iter().collect::<Vec<_>>(), wanted, "{query}");
    }
    refused(&bench.get("maker", "transactions?date=someday").await, 400, "G002");
    refused(&bench.get("maker", "transactions?amount_gte=1.5").await, 400, "G002");
}

#[tokio::test]
async fn a_bre_b_credit_names_its_sender_and_our_key() {
    let bench = bench().await;
    let row = &bench.rows("maker", "transactions?type=breb_credit&sensitive_data=true").await[0];
    assert_eq!(
        fields(&row["metadata"]),
        [
            "description",
            "key_value",
            "sender_account_number",
            "sender_account_type",
            "sender_bank_code",
            "sender_id",
            "sender_id_type",
            "sender_name"
        ]
    );
    assert!(row["metadata"]["key_value"].as_str().unwrap().starts_with('@'));
    let row = &bench.rows("maker", "transactions?type=r2p_credit").await[0];
    assert!(row["metadata"]["sender_name"].is_null() && row["metadata"]["money_movement_id"].is_string());
}
