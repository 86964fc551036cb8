//! Sections 12 and 13.

use crate::bench::{bench, refused};
use serde_json::{Value, json};

#[tokio::test]
async fn a_transfer_account_is_enabled_later_and_credits_its_balance() {
    let bench = bench().await;
    let account = bench.account("Recaudo").await;
    let (status, made) = bench
        .post(
            "maker",
            "account_references",
            json!({"source_id": account, "type": "transfer_acc", "alias": "Recaudo norte"}),
        )
        .await;
    assert_eq!(
        (status, &made["connectivity"]["status"], &made["metadata"]["account_number"]),
        (201, &json!("processing"), &Value::Null),
        "{made}"
    );
    bench.advance(2).await;
    let path = format!("account_references/{}", made["id"].as_str().unwrap());
    let (_, read) = bench.get("viewer", &path).await;
    assert_eq!(read["connectivity"]["status"], "enabled");
    let number = read["metadata"]["account_number"].clone();
    let (status, credit) =
        bench.tell("payins", json!({"kind": "transfer_acc", "target": number, "amount": 900})).await;
    assert_eq!(
        (status, &credit["type"], &credit["metadata"]["reference_account_number"]),
        (201, &json!("transfer_credit"), &number)
    );
    let certificate = bench
        .request(reqwest::Method::POST, "viewer", &format!("{path}/certificate"))
        .await
        .send()
        .await
        .unwrap();
    assert_eq!(
        (certificate.status().as_u16(), certificate.headers()["content-type"].to_str().unwrap()),
        (201, "application/pdf")
    );
    assert_eq!(bench.delete("maker", &path).await.0, 204);
    assert_eq!(
        bench.tell("payins", json!({"kind": "transfer_acc", "target": number, "amount": 900})).await.0,
        400,
        "further credits bounce"
    );
    bench.balanced();
}

#[tokio::test]
async fn a_virtual_clabe_has_a_right_check_digit_and_each_mistake_its_code() {
    let bench = bench().await;
    let mexican = bench.account("M%C3%A9xico").await;
    let (status, made) = bench
        .post("maker", "account_references", json!({"source_id": mexican, "type": "virtual_clabe"}))
        .await;
    let clabe = made["metadata"]["account_number"].as_str().unwrap();
    let digits: Vec<u32> = clabe.chars().map(|digit| digit.to_digit(10).unwrap()).collect();
    let sum: u32 =
        digits[..17].iter().zip([3, 7, 1].iter().cycle()).map(|(digit, weight)| digit * weight % 10).sum();
    assert_eq!((status, digits.len(), (10 - sum % 10) % 10), (201, 18, digits[17]));
    assert_eq!(
        bench.tell("payins", json!({"kind": "clabe", "target": clabe, "amount": 900})).await.1["type"],
        "spei_credit"
    );
    let colombian = bench.account("Operaci%C3%B3n").await;
    for (body, code) in [
        (json!({"source_id": colombian, "type": "transfer_acc"}), "REF001"),
        (json!({"source_id": colombian, "type": "virtual_clabe"}), "REF001"),
        (json!({"source_id": mexican, "type": "iban"}), "REF002"),
        (json!({"source_id": "acc_other00000", "type": "virtual_clabe"}), "REF006"),
        (json!({"type": "virtual_clabe"}), "REF000"),
    ] {
        refused(&bench.post("maker", "account_references", body).await, 400, code);
    }
}

#[tokio::test]
async fn a_verification_settles_after_two_seconds() {
    let bench = bench().await;
    for (name, result) in [("Luz Mora", "matched"), ("NOMATCH SA", "unmatched"), ("timeout", "unresolved")] {
        let body = json!({"type": "col_key_ownership_1", "metadata": {"key_value": "@LUZ2026", "counterparty_fullname": name, "counterparty_id_type": "cc", "counterparty_id_number": "52123456"}});
        let (status, made) = bench.post("maker", "account_verifications", body).await;
        assert_eq!(
            (status, &made["status"], &made["result"]),
            (201, &json!("pending"), &Value::Null),
            "{made}"
        );
        bench.advance(2).await;
        let (_, read) =
            bench.get("viewer", &format!("account_verifications/{}", made["id"].as_str().unwrap())).await;
        assert_eq!((&read["status"], &read["result"]), (&json!("completed"), &json!(result)));
    }
    for bad in [
        json!({"type": "us_acc", "metadata": {}}),
        json!({"type": "mex_acc_details_1", "metadata": {"account_number": "123"}}),
        json!({"type": "col_key_details_1", "metadata": {"key_value": "no key"}}),
        json!({"type": "col_key_ownership_1", "metadata": {"key_value": "@A1"}}),
    ] {
        refused(&bench.post("maker", "account_verifications", bad).await, 400, "G002");
    }
    assert_eq!(bench.rows("viewer", "account_verifications?result=unmatched").await.len(), 1);
}
