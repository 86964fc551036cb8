//! Section 5: counterparties.

use crate::bench::{bench, fields, refused};
use serde_json::{Value, json};

type Change = Box<dyn Fn(&mut Value)>;

fn savings(number: &Value) -> Value {
    json!({"geo": "col", "type": "ch", "alias": "Proveedor 118", "metadata": {
        "counterparty_fullname": "Ana Ruiz", "counterparty_id_type": "CC", "counterparty_id_number": "52123456",
        "beneficiary_institution": "1007", "account_number": number,
        "counterparty_email": "ana@example.co", "counterparty_phone": "+573001234567"}})
}

#[tokio::test]
async fn one_is_made_read_listed_and_taken_away() {
    let bench = bench().await;
    let (status, made) = bench.post("maker", "counterparties", savings(&json!("05123456789012"))).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(fields(&made), ["alias", "created_at", "geo", "id", "metadata", "type", "updated_at"]);
    assert_eq!(made["metadata"]["counterparty_id_type"], "cc", "the document type is kept in lower case");
    assert_eq!(made["metadata"]["account_number"], "05123456789012", "a leading zero stays");
    let id = made["id"].as_str().unwrap();
    assert!(id.starts_with("cp_") && id.len() == 13);
    assert_eq!(
        bench.get("maker", &format!("counterparties/{id}?sensitive_data=true")).await,
        (200, made.clone())
    );
    for query in [
        "alias=Proveedor%20118",
        "account_number=05123456789012",
        "counterparty_id_number=52123456",
        "counterparty_fullname=ana%20ruiz",
    ] {
        let rows = bench.rows("maker", &format!("counterparties?{query}&sensitive_data=true")).await;
        assert_eq!(rows, std::slice::from_ref(&made), "{query}");
    }
    assert_eq!(bench.delete("maker", &format!("counterparties/{id}")).await, (204, Value::Null));
    refused(&bench.get("maker", &format!("counterparties/{id}")).await, 404, "CP006");
    refused(&bench.delete("maker", &format!("counterparties/{id}")).await, 404, "CP006");
}

#[tokio::test]
async fn numbers_sent_as_json_integers_are_taken_as_text() {
    let bench = bench().await;
    let mut body = savings(&json!(12_345_678_901_u64));
    body["metadata"]["counterparty_id_number"] = json!(52_123_456);
    body["metadata"]["beneficiary_institution"] = json!(1007);
    let (status, made) = bench.post("maker", "counterparties", body).await;
    assert_eq!((status, &made["metadata"]["account_number"]), (201, &json!("12345678901")));
    assert_eq!(made["metadata"]["counterparty_id_number"], "52123456");
}

#[tokio::test]
async fn each_mistake_has_its_code() {
    let bench = bench().await;
    let broken = |change: &dyn Fn(&mut Value)| {
        let mut body = savings(&json!("12345678901"));
        change(&mut body);
        body
    };
    let set = |field: &'static str, value: Value| -> Change {
        Box::new(move |body| body["metadata"][field] = value.clone())
    };
    let cases: Vec<(&str, Change)> = vec![
        ("CP001", Box::new(|body| drop(body.as_object_mut().unwrap().remove("type")))),
        ("CP001", Box::new(|body| body["type"] = json!(""))),
        ("CP002", Box::new(|body| body["type"] = json!("breb-key"))),
        ("CP002", Box::new(|body| body["type"] = json!("clabe"))),
        ("CP002", Box::new(|body| body["geo"] = json!("mars"))),
        ("CP004", Box::new(|body| drop(body.as_object_mut().unwrap().remove("metadata")))),
        (
            "CP004",
            Box::new(|body| drop(body["metadata"].as_object_mut().unwrap().remove("counterparty_fullname"))),
        ),
        ("CP003", Box::new(|body| drop(body["metadata"].as_object_mut().unwrap().remove("account_number")))),
        ("CP003", set("account_number", json!("12"))),
        ("CP003", set("account_number", json!("12345x"))),
        ("CP003", set("account_number", json!("123456789012345678901"))),
        ("CP003", set("account_number", json!(1.5))),
        ("CP004", set("beneficiary_institution", json!("9999"))),
        ("CP004", set("counterparty_id_type", json!("dni"))),
        ("CP004", set("counterparty_id_number", json!("12"))),
    ];
    for (code, change) in cases {
        let body = broken(&*change);
        refused(&bench.post("maker", "counterparties", body).await, 400, code);
    }
    // Uala has savings accounts only.
    let body = broken(&|body| {
        body["type"] = json!("cc");
        body["metadata"]["beneficiary_institution"] = json!("1804");
    });
    refused(&bench.post("maker", "counterparties", body).await, 400, "CP004");
    assert_eq!(bench.get("maker", "counterparties").await.1["total_items"], 40, "nothing was kept");
}

#[tokio::test]
async fn check_digits_are_checked() {
    let bench = bench().await;
    let clabe = |number: &str| {
        json!({"geo": "mex", "type": "clabe", "alias": "MX", "metadata": {
        "account_number": number, "counterparty_fullname": "Íngrid Ñáñez", "counterparty_id_type": "rfc", "counterparty_id_number": "ND"}})
    };
    assert_eq!(bench.post("maker", "counterparties", clabe("646180303700100016")).await.0, 201);
    refused(&bench.post("maker", "counterparties", clabe("646180303700100017")).await, 400, "CP003");
    let nit = |number: &str| {
        let mut body = savings(&json!("777"));
        body["metadata"]["counterparty_id_type"] = json!("nit");
        body["metadata"]["counterparty_id_number"] = json!(number);
        body
    };
    let (status, made) = bench.post("maker", "counterparties", nit("890903938-8")).await;
    assert_eq!((status, &made["metadata"]["counterparty_id_number"]), (201, &json!("8909039388")));
    refused(&bench.post("maker", "counterparties", nit("890903938-7")).await, 400, "CP004");
    let key = |key: &str| json!({"geo": "col", "type": "breb_key", "metadata": {"key_value": key}});
    let (status, made) = bench.post("maker", "counterparties", key("@LUZ2026")).await;
    assert_eq!((status, &made["alias"]), (201, &Value::Null), "an alias is not needed");
    refused(&bench.post("maker", "counterparties", key("no key")).await, 400, "CP004");
    let card = |number: &str| {
        json!({"geo": "mex", "type": "spei_card", "metadata": {"account_number": number,
        "beneficiary_institution": "012", "counterparty_fullname": "X", "counterparty_id_type": "curp", "counterparty_id_number": "ND"}})
    };
    refused(&bench.post("maker", "counterparties", card("4111111111111112")).await, 400, "CP003");
    let bank = |routing: &str| {
        json!({"geo": "usa", "type": "business", "metadata": {"routing_number": routing, "account_number": "12345678",
        "counterparty_fullname": "Gulf", "address": "1 St", "city": "Miami", "state": "FL", "postal_code": "33131"}})
    };
    assert_eq!(bench.post("maker", "counterparties", bank("021000021")).await.0, 201);
    refused(&bench.post("maker", "counterparties", bank("021000022")).await, 400, "CP004");
}

#[tokio::test]
async fn the_same_one_twice_is_a_conflict_unless_its_alias_differs() {
    let bench = bench().await;
    assert_eq!(bench.post("maker", "counterparties", savings(&json!("12345678901"))).await.0, 201);
    refused(&bench.post("maker", "counterparties", savings(&json!("12345678901"))).await, 409, "CP005");
    let mut other = savings(&json!("12345678901"));
    other["alias"] = json!("Otra");
    assert_eq!(bench.post("maker", "counterparties", other).await.0, 201);
}

#[tokio::test]
async fn a_global_one_is_paid_only_when_it_is_verified() {
    let bench = bench().await;
    let body = json!({"geo": "global", "type": "global_deposit_le", "alias": "Acme", "metadata": {
        "company_name": "Acme LLC", "country_of_incorporation": "US", "state": "FL", "city": "Miami", "address": "1 St",
        "postal_code": "33131", "counterparty_chain": "polygon", "counterparty_wallet_address": "0xabc"}});
    let (status, made) = bench.post("maker", "counterparties", body).await;
    assert_eq!(status, 201, "{made}");
    let pay = json!({"source_id": bench.account("D%C3%B3lares").await, "destination_id": made["id"], "amount": 100,
        "metadata": {"description": "Hosting", "token": "usdc"}});
    refused(&bench.post("maker", "money_movements", pay.clone()).await, 400, "MM005");
    bench.advance(2).await;
    let id = made["id"].as_str().unwrap();
    let (_, read) = bench.get("maker", &format!("counterparties/{id}")).await;
    assert_eq!(read["metadata"]["counterparty_verification_status"], "verified");
    assert_eq!(bench.post("maker", "money_movements", pay).await.1["type"], "global");
}
