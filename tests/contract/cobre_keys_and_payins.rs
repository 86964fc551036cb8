//! Section 9 and the payins of section 21.

use crate::bench::{bench, fields, refused};
use serde_json::{Value, json};

fn wanted(config: &str) -> Value {
    json!({"alias": "Caja 1", "key_config": config, "holder": {"full_name": "Tienda SAS", "id_type": "nit", "id_number": "901183029"}})
}

#[tokio::test]
async fn a_key_is_registered_a_second_later_and_its_payer_credits_the_balance() {
    let bench = bench().await;
    let account = bench.account("Recaudo").await;
    let path = format!("accounts/{account}/keys");
    let (status, made) = bench.post("maker", &path, wanted("random")).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(
        fields(&made),
        [
            "account_id",
            "alias",
            "connectivity",
            "created_at",
            "id",
            "key_value",
            "previous_action",
            "updated_at"
        ]
    );
    assert_eq!((&made["key_value"], &made["connectivity"]["status"]), (&Value::Null, &json!("processing")));
    assert!(made["id"].as_str().unwrap().starts_with("key_") && made["id"].as_str().unwrap().len() == 19);
    bench.advance(1).await;
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    let (_, key) = bench.get("viewer", &one).await;
    let value = key["key_value"].as_str().unwrap();
    assert_eq!((key["connectivity"]["status"].as_str(), value.len()), (Some("registered"), 10));
    let before = bench.balance(&account).await;
    let payin = json!({"kind": "breb_key", "target": value, "amount": 100_000, "description": "Payin Bre-B",
        "sender": {"name": "Juan Pérez", "id": "1018983923", "id_type": "cc", "account_number": "78110264", "account_type": "ch", "bank_code": "1809"}});
    let (status, credit) = bench.tell("payins", payin).await;
    assert_eq!((status, &credit["type"]), (201, &json!("breb_credit")), "{credit}");
    assert_eq!(
        (
            &credit["metadata"]["sender_name"],
            &credit["metadata"]["sender_bank_code"],
            &credit["metadata"]["key_value"]
        ),
        (&json!("Juan Pérez"), &json!("1809"), &json!(value))
    );
    assert!(credit["metadata"].get("money_movement_id").is_none());
    assert_eq!(bench.tell("pay", json!({"key": value, "amount": 5})).await.0, 200);
    assert_eq!(bench.balance(&account).await, before + 100_005);

    let (_, asked) = bench
        .post("maker", &format!("{one}/key_action"), json!({"action": "disable", "reason": "client_request"}))
        .await;
    assert_eq!(
        (&asked["connectivity"]["status"], &asked["previous_action"]["action_requested"]),
        (&json!("registered"), &json!("disable"))
    );
    bench.advance(1).await;
    assert_eq!(bench.get("viewer", &one).await.1["connectivity"]["status"], "disabled");
    assert_eq!(bench.tell("pay", json!({"key": value, "amount": 5})).await.0, 409);
    assert_eq!(bench.delete("maker", &one).await.1["connectivity"]["status"], "unregistered");
    refused(
        &bench.post("maker", &format!("{one}/key_action"), json!({"action": "enable"})).await,
        409,
        "G004",
    );
    assert_eq!(bench.balance(&account).await, before + 100_005);
    bench.balanced();
}

#[tokio::test]
async fn each_form_of_key_has_its_length_and_its_rules() {
    let bench = bench().await;
    let path = format!("accounts/{}/keys", bench.account("Operaci%C3%B3n").await);
    let mut open = wanted("open_input");
    open["open_input"] = json!("tienda2026");
    for (body, length) in [(wanted("name"), 18..=21), (wanted("id"), 16..=18), (open.clone(), 11..=11)] {
        let (_, made) = bench.post("maker", &path, body).await;
        bench.advance(1).await;
        let (_, key) = bench.get("maker", &format!("{path}/{}", made["id"].as_str().unwrap())).await;
        assert!(length.contains(&key["key_value"].as_str().unwrap().len()), "{key}");
    }
    let (_, again) = bench.post("maker", &path, open.clone()).await;
    bench.advance(1).await;
    assert_eq!(
        bench.get("maker", &format!("{path}/{}", again["id"].as_str().unwrap())).await.1["connectivity"]["status"],
        "failed",
        "taken"
    );
    for (field, value) in [
        ("open_input", json!("abc")),
        ("open_input", json!("con espacio")),
        ("open_input", json!(null)),
        ("key_config", json!("random")),
        ("alias", json!("")),
        ("holder", json!({})),
    ] {
        let mut bad = open.clone();
        bad[field] = value;
        refused(&bench.post("maker", &path, bad).await, 400, "G002");
    }
    let mexican = format!("accounts/{}/keys", bench.account("M%C3%A9xico").await);
    refused(&bench.post("maker", &mexican, wanted("random")).await, 400, "G002");
    let (_, all) = bench.get("viewer", "keys").await;
    assert_eq!(all["total_items"], 7);
    assert_eq!(bench.rows("viewer", "keys?status=failed").await.len(), 1);
}

#[tokio::test]
async fn spei_and_wallet_payins_credit_their_balances() {
    let bench = bench().await;
    let mexican = bench.rows("maker", "accounts?geo=mex&sensitive_data=true").await[0].clone();
    let (status, credit) = bench
        .tell("payins", json!({"kind": "clabe", "target": mexican["account_number"], "amount": 700}))
        .await;
    assert_eq!(
        (status, &credit["type"], &credit["account_id"]),
        (201, &json!("spei_credit"), &mexican["id"])
    );
    assert!(credit["metadata"]["cep_url"].is_string());
    let global = bench.rows("maker", "accounts?geo=global").await[0].clone();
    let wallet = &global["metadata"]["wallets"][0]["address"];
    let (status, credit) = bench
        .tell(
            "payins",
            json!({"kind": "wallet", "target": wallet, "amount": 700, "token": "usdc", "tx_hash": "0xdead"}),
        )
        .await;
    assert_eq!(
        (status, &credit["type"], &credit["metadata"]["tracking_key"]),
        (201, &json!("global_credit"), &json!("0xdead"))
    );
    for bad in [
        json!({}),
        json!({"kind": "x", "target": "y", "amount": 1}),
        json!({"kind": "clabe", "target": "y", "amount": 1}),
        json!({"kind": "wallet", "target": "y", "amount": 700}),
        json!({"kind": "wallet", "target": wallet, "amount": 0}),
    ] {
        assert_eq!(bench.tell("payins", bad).await.0, 400);
    }
    bench.balanced();
}
