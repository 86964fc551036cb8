//! Section 5.5.

use crate::bench::{Bench, bench, refused};
use serde_json::{Value, json};

async fn payer(bench: &Bench, number: &str) -> String {
    let body = json!({"geo": "col", "type": "dp", "alias": number, "metadata": {"counterparty_fullname": "Ana Ruiz", "counterparty_id_type": "cc",
        "counterparty_id_number": "52123456", "beneficiary_institution": "1507", "account_number": number}});
    let (status, made) = bench.post("maker", "counterparties", body).await;
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_registered_payer_can_be_debited_and_an_unregistered_one_can_not() {
    let bench = bench().await;
    let (payer_id, account) = (payer(&bench, "3001234567").await, bench.account("Recaudo").await);
    let debit = json!({"source_id": payer_id, "destination_id": account, "amount": 45_000, "metadata": {"description": "Cuota", "reference": "1"}});
    refused(&bench.post("maker", "money_movements", debit.clone()).await, 400, "MM005");
    let path = format!("counterparties/{payer_id}/direct_debit_registrations");
    let (status, made) = bench
        .post("maker", &path, json!({"destination_id": account, "registration_description": "Cuota mensual"}))
        .await;
    assert_eq!(
        (status, &made["status"]),
        (201, &json!({"state": "processing", "code": "", "description": ""})),
        "{made}"
    );
    assert_eq!(made["destination"]["alias"], "Recaudo");
    bench.advance(2).await;
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    assert_eq!(bench.get("viewer", &one).await.1["status"]["code"], "RD000");
    let before = bench.balance(&account).await;
    let (status, movement) = bench.post("maker", "money_movements", debit).await;
    assert_eq!((status, &movement["type"]), (201, &json!("direct_debit")), "{movement}");
    bench.advance(5).await;
    assert_eq!(
        (bench.state(&movement).await.as_str(), bench.balance(&account).await),
        ("completed", before + 45_000)
    );
    assert_eq!(bench.rows("viewer", "transactions?page_size=1").await[0]["type"], "dd_credit");
    bench.balanced();
}

#[tokio::test]
async fn the_end_of_the_number_or_the_payer_decides() {
    let bench = bench().await;
    let account = bench.account("Recaudo").await;
    let body = json!({"destination_id": account, "registration_description": "Cuota"});
    for (number, code) in [
        ("3000000001", "RD001"),
        ("3000000004", "RD004"),
        ("3000000006", "RD006"),
        ("3000000010", "RD010"),
        ("3000000025", "RD025"),
    ] {
        let path = format!("counterparties/{}/direct_debit_registrations", payer(&bench, number).await);
        bench.post("maker", &path, body.clone()).await;
        bench.advance(2).await;
        let status = bench.rows("viewer", &path).await[0]["status"].clone();
        assert_eq!((&status["state"], &status["code"]), (&json!("unregistered"), &json!(code)));
    }
    let path = format!("counterparties/{}/direct_debit_registrations", payer(&bench, "3009999999").await);
    let (_, made) = bench.post("maker", &path, body.clone()).await;
    let control = format!("direct_debits/{}/reject", made["id"].as_str().unwrap());
    assert_eq!(bench.tell(&control, Value::Null).await.1["status"]["code"], "RD001");
    assert_eq!(bench.tell(&control, Value::Null).await.0, 409);
    let other = format!("counterparties/{}/direct_debit_registrations", bench.counterparty("type=ch").await);
    refused(&bench.post("maker", &other, body).await, 400, "G002");
}
