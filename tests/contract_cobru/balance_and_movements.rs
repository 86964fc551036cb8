//! Sections 7.1 and 7.2: the balance and the history.

use serde_json::{Value, json};

use crate::desk::Desk;

#[tokio::test]
async fn balances_are_text_with_two_decimals() {
    let desk = Desk::new().await;
    let body = desk.get("/balance/").await.expect(200);
    for field in [
        "balance",
        "balance_cop",
        "balance_usd",
        "balance_ars",
        "balance_mxn",
        "balance_brl",
        "pendingBalance",
    ] {
        let text = body[field].as_str().unwrap_or_else(|| panic!("{field}: {body}"));
        let (_, decimals) = text.split_once('.').unwrap();
        assert_eq!(decimals.len(), 2, "{field}: {text}");
    }
    assert_eq!(body["balance"], body["balance_cop"]);
    assert_eq!(body["balance"].as_str().unwrap().replace('.', ""), desk.balance().to_string());
    assert_eq!((&body["saved"], &body["profits"]), (&json!(0), &json!(0)));
    assert_eq!(body["balance_brl"], "6400.50");
}

#[tokio::test]
async fn exactly_one_family_is_asked_for() {
    let desk = Desk::new().await;
    let refused = json!({"error": "Solo se permite un tipo de movimiento."});
    for query in ["", "?by_cobrus=false", "?by_cobrus=true&by_sends=true", "?by_all=true"] {
        desk.get(&format!("/movements/movements_by_types/{query}")).await.says(400, &refused);
    }
    for family in ["by_cobrus", "by_withdraws", "by_sends", "by_other_payments"] {
        let body = desk.get(&format!("/movements/movements_by_types/?{family}=true")).await.expect(200);
        assert!(body["result"].is_array() && body["count"].is_u64(), "{family}: {body}");
    }
}

#[tokio::test]
async fn pages_are_newest_first_of_ten_and_end_empty() {
    let desk = Desk::new().await;
    let newest = desk.cobru(&json!({})).await;
    let page = async |query: &str| {
        let body =
            desk.get(&format!("/movements/movements_by_types/?by_cobrus=true{query}")).await.expect(200);
        body["result"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["url"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let first = page("").await;
    assert_eq!((first.len(), &first[0]), (10, &newest));
    assert_eq!(page("&per_page=4&page_num=1").await, first[..4]);
    assert_eq!(page("&per_page=4&page_num=2").await, first[4..8]);
    assert_eq!(page("&page_num=4").await.len(), 1);
    assert_eq!(page("&page_num=5").await, Vec::<String>::new());
    assert_eq!(page("&page_num=99999999999999999999999").await, Vec::<String>::new());
    for query in ["&per_page=0", "&page_num=x", "&page_num=-1"] {
        let answer = desk.get(&format!("/movements/movements_by_types/?by_cobrus=true{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
    }
}

#[tokio::test]
async fn a_row_has_text_amounts_and_epoch_dates_with_zero_for_none() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    let row = async || {
        desk.get("/movements/movements_by_types/?by_cobrus=true&per_page=1").await.expect(200)["result"][0]
            .clone()
    };
    let before = row().await;
    assert_eq!(
        (&before["url"], &before["type"], &before["date_payed"]),
        (&json!(slug), &json!("cobru"), &json!(0))
    );
    assert_eq!(
        (&before["amount"], &before["fee_amount"], &before["iva_amount"]),
        (&json!("185000.00"), &json!("6432.00"), &json!("0.00"))
    );
    assert_eq!((&before["date_created"], &before["payer_id"]), (&json!(1_795_184_043_000_i64), &Value::Null));
    desk.order(&slug, &json!({"payment": "breb", "name": "Marta Rios"})).await;
    desk.sandbox.advance_seconds(60);
    desk.control("/pay", &json!({ "cobru": slug })).await.expect(200);
    let after = row().await;
    assert_eq!((&after["state"], &after["date_payed"]), (&json!(3), &json!(1_795_184_103_000_i64)));
    assert_eq!((&after["payment_method"], &after["payer_name"]), (&json!("breb"), &json!("Marta Rios")));
}
