//! Section 4: payment links.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, send};

#[tokio::test]
async fn the_example_of_the_contract_is_answered_as_it_stands_there() {
    let desk = Desk::new().await;
    let draft = Desk::draft_with(&json!({"idempotency_key": "ped-2041-1"}));
    let answer = desk.post("/cobru/", &draft).await;
    let text = answer.text.clone();
    let body = answer.expect(201);
    let slug = body["url"].as_str().unwrap();
    assert!(slug.len() == 8 && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{slug}");
    let expected = json!({
        "pk": body["pk"], "amount": "185000.00", "state": 0, "date_created": "2026-11-20T09:14:03.000000-05:00",
        "payment_method": null, "url": slug, "owner": "3015550142", "name": "Andina SAS",
        "payed_amount": "177345.92", "client_assume_costs": false, "description": "Pedido 2041: 12 bultos de cemento",
        "payment_method_enabled": "{\"breb\":true,\"pse\":true,\"NEQUI\":true}", "expiration_days": 1,
        "fee_amount": 6432, "fee_iva_amount": 1222.08, "fee_iva": 0.19, "iva_amount": 0,
        "platform": "API", "callback": draft["callback"], "not_send_email": false, "by_topup": false,
        "bank_withdraw": null, "payer_redirect_url": "https://roble.example/gracias?o=2041", "franchise": null,
        "idempotency_key": "3015550142_ped-2041-1", "wallet_bitcoin": null, "amount_bitcoin": null,
        "currency": null, "currency_code": "COP"
    });
    assert_eq!(body, expected);
    // Numbers are numbers of their own digits.
    assert!(text.contains("\"fee_amount\":6432,\"fee_iva_amount\":1222.08,"), "{text}");
}

#[tokio::test]
async fn the_live_answer_of_april_is_reproduced() {
    let desk = Desk::new().await;
    let body = desk.post("/cobru/", &Desk::draft_with(&json!({"amount": 10000}))).await.expect(201);
    assert_eq!(
        (&body["fee_amount"], &body["fee_iva_amount"], &body["payed_amount"]),
        (&json!(2000), &json!(380), &json!("7620.00"))
    );
}

#[tokio::test]
async fn flags_as_an_object_are_400_and_flags_that_are_no_object_inside_are_403() {
    let desk = Desk::new().await;
    let with = |flags: Value| Desk::draft_with(&json!({ "payment_method_enabled": flags }));
    let not_text = json!({"payment_method_enabled": ["Not a valid string."]});
    desk.post("/cobru/", &with(json!({"breb": true}))).await.says(400, &not_text);
    let failed = json!({"error": "Error en la creacion del cobru."});
    for inside in ["breb", "[1]", "", "{\"breb\":true", "null"] {
        desk.post("/cobru/", &with(json!(inside))).await.says(403, &failed);
    }
}

#[tokio::test]
async fn a_missing_url_is_a_403_that_does_not_say_so() {
    let desk = Desk::new().await;
    let failed = json!({"error": "Error en la creacion del cobru."});
    for field in ["payer_redirect_url", "callback"] {
        desk.post("/cobru/", &Desk::draft_with(&json!({ field: null }))).await.says(403, &failed);
    }
    // What it is, is not looked at.
    assert_eq!(
        desk.post("/cobru/", &Desk::draft_with(&json!({"payer_redirect_url": "TEST"}))).await.status,
        201
    );
}

#[tokio::test]
async fn fields_are_refused_in_the_framework_s_words() {
    let desk = Desk::new().await;
    let required = "This field is required.";
    let cases = [
        (json!({"amount": null}), json!({"amount": [required]})),
        (json!({"iva": null}), json!({"iva": [required]})),
        (json!({"client_assume_costs": null}), json!({"client_assume_costs": [required]})),
        (json!({"amount": "mil"}), json!({"amount": ["A valid number is required."]})),
        (json!({"amount": true}), json!({"amount": ["A valid number is required."]})),
        (json!({"amount": 0}), json!({"amount": ["Ensure this value is greater than or equal to 1000."]})),
        (json!({"amount": -5}), json!({"amount": ["Ensure this value is greater than or equal to 1000."]})),
        (
            json!({"amount": "10000.005"}),
            json!({"amount": ["Ensure that there are no more than 2 decimal places."]}),
        ),
        (
            json!({"amount": 50_000_001}),
            json!({"amount": ["Ensure this value is less than or equal to 50000000."]}),
        ),
        (
            json!({"description": "x".repeat(241)}),
            json!({"description": ["Ensure this field has no more than 240 characters."]}),
        ),
        (
            json!({"callback": "x".repeat(501)}),
            json!({"callback": ["Ensure this field has no more than 500 characters."]}),
        ),
        (json!({"expiration_days": 1.5}), json!({"expiration_days": ["A valid integer is required."]})),
        (json!({"expiration_days": "1"}), json!({"expiration_days": ["A valid integer is required."]})),
        (json!({"client_assume_costs": "si"}), json!({"client_assume_costs": ["Must be a valid boolean."]})),
        (json!({"amount": null, "iva": null}), json!({"amount": [required], "iva": [required]})),
    ];
    let before = desk.postings();
    for (changes, body) in cases {
        desk.post("/cobru/", &Desk::draft_with(&changes)).await.says(400, &body);
    }
    // 240 letters with accents are 240 characters.
    assert_eq!(
        desk.post("/cobru/", &Desk::draft_with(&json!({"description": "ñ".repeat(240)}))).await.status,
        201
    );
    assert_eq!(desk.postings(), before);
}

#[tokio::test]
async fn an_amount_may_be_text_and_may_have_centavos() {
    let desk = Desk::new().await;
    for amount in [json!("10000.10"), serde_json::from_str("10000.10").unwrap()] {
        let body = desk.post("/cobru/", &Desk::draft_with(&json!({ "amount": amount }))).await.expect(201);
        assert_eq!(body["amount"], "10000.10");
    }
}

#[tokio::test]
async fn the_same_key_again_makes_no_second_cobru() {
    let desk = Desk::new().await;
    let draft = Desk::draft_with(&json!({"idempotency_key": "ped-7"}));
    assert_eq!(desk.post("/cobru/", &draft).await.status, 201);
    desk.post("/cobru/", &draft).await.says(400, &json!({"error": "double_idempotency_key_in_cobru"}));
    let rows = desk.get("/movements/movements_by_types/?by_cobrus=true").await.expect(200);
    assert_eq!(rows["count"], 31);
}

#[tokio::test]
async fn without_a_key_and_a_platform_cobru_makes_its_own() {
    let desk = Desk::new().await;
    let body = desk.post("/cobru/", &Desk::draft_with(&json!({"platform": null}))).await.expect(201);
    assert_eq!(body["platform"], "desconocido");
    let key = body["idempotency_key"].as_str().unwrap();
    assert!(key.starts_with("3015550142_") && key.len() > 20, "{key}");
}

#[tokio::test]
async fn without_strict_create_the_older_programs_pass() {
    let desk = Desk::new().await;
    desk.set("strict_create", false).await;
    let changes =
        json!({"payer_redirect_url": null, "callback": null, "iva": null, "client_assume_costs": null});
    let body = desk.post("/cobru/", &Desk::draft_with(&changes)).await.expect(201);
    assert_eq!((&body["client_assume_costs"], &body["callback"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn a_payer_who_assumes_the_costs_pays_them_on_top() {
    let desk = Desk::new().await;
    let body =
        desk.post("/cobru/", &Desk::draft_with(&json!({"client_assume_costs": true}))).await.expect(201);
    assert_eq!((&body["amount"], &body["payed_amount"]), (&json!("192655.00"), &json!("185000.00")));
}

#[tokio::test]
async fn the_vat_of_the_sale_is_inside_the_amount() {
    let desk = Desk::new().await;
    let body =
        desk.post("/cobru/", &Desk::draft_with(&json!({"iva": 19, "amount": 119_000}))).await.expect(201);
    assert_eq!(body["iva_amount"], 19000);
}

#[tokio::test]
async fn a_consulted_cobru_has_numbers_and_epoch_milliseconds() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    let answer = desk.get(&format!("/cobru_detail/{slug}")).await;
    let text = answer.text.clone();
    let body = answer.expect(200);
    let expected = json!({
        "fee_amount": 6432, "payer_id": "", "payer_name": "", "payment_method": null, "state": 0, "payer_email": "",
        "payment_method_enabled": "{\"breb\":true,\"pse\":true,\"NEQUI\":true}", "date_payed": "", "url": slug,
        "amount": 185_000, "expiration_days": 1, "payer_phone": "", "iva_amount": 0,
        "date_expired": 1_795_323_599_000_i64, "date_created": 1_795_184_043_000_i64, "images": null,
        "description": "Pedido 2041: 12 bultos de cemento", "payed_amount": 177_345.92, "pk": body["pk"],
        "client_assume_costs": false, "reference_cobru": body["pk"].to_string(), "currency_code": "COP"
    });
    assert_eq!(body, expected);
    assert!(text.contains("\"amount\":185000,") && text.contains("\"payed_amount\":177345.92,"), "{text}");
}

#[tokio::test]
async fn an_unknown_slug_and_somebody_else_s_are_the_same_404() {
    let mut desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    let missing = json!({"detail": "Not found."});
    desk.get("/cobru_detail/zzzzzzzz").await.says(404, &missing);
    let key = desk.sandbox.world().cobru.users[1].api_key.clone();
    let request = desk.plain(Method::POST, "/token/").header("x-api-key", &key);
    let tokens =
        send(request.json(&json!({"username": "3005550110", "password": "pandebono-7"}))).await.expect(200);
    desk.use_token(tokens["access"].as_str().unwrap());
    let request = desk.plain(Method::GET, &format!("/cobru_detail/{slug}")).header("x-api-key", &key);
    send(request.bearer_auth(desk.token())).await.says(404, &missing);
}

#[tokio::test]
async fn an_edited_cobru_is_answered_with_floats() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    let edit = json!({"url": slug, "description": "Pedido 2041, corregido", "amount": 190_000});
    let answer = desk.post("/edit_cobru/", &edit).await;
    assert!(answer.text.contains("\"fee_amount\":6581.0,"), "{}", answer.text);
    let body = answer.expect(200);
    let expected = json!({
        "description": "Pedido 2041, corregido", "amount": 190_000.0, "payed_amount": 182_168.61,
        "iva_amount": 1250.39, "fee_amount": 6581.0, "date_created": "2026-11-20T14:14:03.000Z", "url": slug
    });
    assert_eq!(body, expected);
    assert_eq!(desk.detail(&slug).await["amount"], 190_000);
    // What is absent stays.
    desk.post("/edit_cobru/", &json!({"url": slug, "expiration_days": 3})).await.expect(200);
    let detail = desk.detail(&slug).await;
    assert_eq!(
        (&detail["description"], &detail["expiration_days"]),
        (&json!("Pedido 2041, corregido"), &json!(3))
    );
    desk.post("/edit_cobru/", &json!({"url": slug, "payment_methods": "{\"efecty\":true}"}))
        .await
        .expect(200);
    assert_eq!(desk.detail(&slug).await["payment_method_enabled"], "{\"efecty\":true}");
}

#[tokio::test]
async fn while_a_payment_is_under_way_only_the_description_changes() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    desk.order(&slug, &json!({"payment": "breb"})).await;
    desk.post("/edit_cobru/", &json!({"url": slug, "description": "Otra", "amount": 20_000}))
        .await
        .expect(200);
    let detail = desk.detail(&slug).await;
    assert_eq!((&detail["description"], &detail["amount"]), (&json!("Otra"), &json!(185_000)));
}

#[tokio::test]
async fn a_paid_or_expired_cobru_is_neither_edited_nor_cancelled() {
    let desk = Desk::new().await;
    let (paid, gone) = (desk.cobru(&json!({})).await, desk.cobru(&json!({})).await);
    desk.control("/pay", &json!({ "cobru": paid })).await.expect(200);
    let cancel = |slug: &str| json!({ "url": slug });
    desk.post("/cobru/update_to_expired/", &cancel(&gone)).await.says(200, &json!({"result": "OK"}));
    assert_eq!(desk.state(&gone).await, 5);
    desk.post("/cobru/update_to_expired/", &cancel(&gone))
        .await
        .says(400, &json!({"result": "COBRU_EXPIRED"}));
    desk.post("/cobru/update_to_expired/", &cancel(&paid))
        .await
        .says(400, &json!({"result": "COBRU_IS_PAYED"}));
    desk.post("/edit_cobru/", &cancel(&paid)).await.says(400, &json!({"error": "COBRU_IS_PAYED"}));
    desk.post("/edit_cobru/", &cancel(&gone)).await.says(400, &json!({"error": "COBRU_EXPIRED"}));
    desk.post("/edit_cobru/", &cancel("zzzzzzzz")).await.says(404, &json!({"detail": "Not found."}));
}

#[tokio::test]
async fn a_quote_has_four_numbers_and_takes_text() {
    let desk = Desk::new().await;
    let quote =
        json!({"cobru_amount": 185_000, "cobru_fee": 6432, "iva": 1222.08, "cobru_payed_amount": 177_345.92});
    desk.post("/cobru/estimate/", &json!({"amount": "185000"})).await.says(200, &quote);
    desk.post("/cobru/estimate/", &json!({"amount": 185_000, "client_assume_costs": false}))
        .await
        .says(200, &quote);
    let missing = json!({"amount": ["This field is required."]});
    desk.post("/cobru/estimate/", &json!({})).await.says(400, &missing);
}

#[tokio::test]
async fn the_dollar_has_a_price() {
    let desk = Desk::new().await;
    desk.get("/settings/price_trm/").await.says(200, &json!({"price": 4145.49237}));
}

#[tokio::test]
async fn the_payer_s_page_shows_the_amount_and_takes_no_markup() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({"description": "<script>alert(1)</script>"})).await;
    let page = send(desk.plain(Method::GET, &format!("/{slug}"))).await;
    assert_eq!((page.status, page.kind.as_str()), (200, "text/html; charset=utf-8"));
    assert!(page.text.contains("185000.00") && page.text.contains("Aprobar"), "{}", page.text);
    assert!(!page.text.contains("<script>"), "{}", page.text);
    let missing = send(desk.plain(Method::GET, "/zzzzzzzz")).await;
    assert_eq!((missing.status, missing.kind.as_str()), (404, "text/html; charset=utf-8"));
    // A button stands in for the bank.
    send(desk.plain(Method::POST, &format!("/_sandbox/pay/{slug}?payment=pse"))).await;
    assert_eq!(desk.state(&slug).await, 3);
}
