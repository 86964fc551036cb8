//! Sections 12 and 13: the Celo dollar and white label.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, change, send};

#[tokio::test]
async fn a_wallet_is_looked_at_and_its_secret_is_not_given() {
    let desk = Desk::new().await;
    let wallet = desk.get("/celo/").await.expect(200);
    assert!(wallet["address"].as_str().unwrap().starts_with("0x"));
    let (_, decimals) = wallet["balance"].as_str().unwrap().split_once('.').unwrap();
    assert_eq!(decimals.len(), 18);
    desk.post("/celo/account/", &json!({})).await.says(403, &json!({"detail": "Not available."}));
    let moves = desk.get("/celo/transactions/cusd/").await;
    assert!(moves.text.contains("\"value\":5.5e-06"), "{}", moves.text);
    assert!(moves.json()[0]["timestamp"].is_string());
    let rates = desk.get("/crypto/rates/").await.expect(200);
    desk.ledger_holds();
    assert_eq!(rates, json!([{"currency": "CUSD", "usd": 1.03, "cop": 3893.7914}]));
}

#[tokio::test]
async fn celo_dollars_are_sent_and_what_is_no_address_or_too_much_is_not() {
    let desk = Desk::new().await;
    let to = format!("0x{}", "a1".repeat(20));
    let sent = desk.post("/celo/", &json!({"to": to, "amount": 1.1})).await.expect(200);
    assert!(sent["success"] == true && sent["tx"].as_str().unwrap().len() == 66, "{sent}");
    assert_eq!(desk.get("/celo/").await.expect(200)["balance"], "43.900000000000000000");
    let moves = desk.get("/celo/transactions/cusd/").await;
    assert!(moves.text.starts_with("[{\"value\":1.1,"), "{}", moves.text);
    assert_eq!((&moves.json()[0]["hash"], &moves.json()[0]["to"]), (&sent["tx"], &json!(to)));
    let before = desk.postings();
    for (body, why) in [
        (json!({"to": to, "amount": 43.91}), "balance"),
        (json!({"to": "3005550110", "amount": 1}), "wrong_data"),
        (json!({"to": to, "amount": 0}), "wrong_data"),
        (json!({"to": to, "amount": -1}), "wrong_data"),
    ] {
        desk.post("/celo/", &body).await.says(400, &json!({"success": false, "error": why}));
    }
    assert_eq!(desk.postings(), before);
    desk.ledger_holds();
}

#[tokio::test]
async fn somebody_else_s_cobru_is_paid_with_celo_dollars() {
    let mut desk = Desk::new().await;
    let quote = desk.get("/pay_with_celo/?amount=30000").await;
    assert_eq!(
        quote.text,
        r#"{"amount":"30000","trm":4145.49237,"celo_exchange_fee":2.0,"amount_usd":7.236776,"exchange_fee":0.144735,"total":7.381511}"#
    );
    assert_eq!(desk.get("/pay_with_celo/").await.status, 400);
    let (slug, closed) = (desk.open_cobru().await, desk.cobru(&json!({})).await);
    desk.post("/pay_with_celo/", &json!({ "url": slug })).await.says(403, &json!({"result": "same_user"}));
    let before = desk.balance();
    let login = json!({"username": "3005550110", "password": "pandebono-7"});
    let key = desk.sandbox.world().cobru.users[1].api_key.clone();
    let request = desk.plain(Method::POST, "/token/").header("x-api-key", &key).json(&login);
    let access = send(request).await.expect(200)["access"].as_str().unwrap().to_owned();
    let pay = async |slug: &str| {
        let request = desk.plain(Method::POST, "/pay_with_celo/").header("x-api-key", &key);
        send(request.bearer_auth(&access).json(&json!({ "url": slug }))).await
    };
    assert_eq!(pay(&closed).await.json()["result"], "NOT_ALLOWED");
    pay("nobody00").await.says(400, &json!({"error": "NOT_FOUND"}));
    pay(&slug).await.says(400, &json!({"success": false, "error": "balance"}));
    let small = json!({"amount": 30_000, "payment_method_enabled": "{\"CUSD\":true}"});
    let slug = desk.cobru(&small).await;
    pay(&slug).await.says(200, &json!({"result": 200}));
    pay(&slug).await.says(400, &json!({"result": "COBRU_IS_PAYED"}));
    assert_eq!(desk.state(&slug).await, 3);
    assert!(desk.balance() > before);
    desk.sign_in().await;
    desk.ledger_holds();
}

#[tokio::test]
async fn categories_want_the_key_alone() {
    let desk = Desk::new().await;
    let ask = |path: &str| send(desk.plain(Method::GET, path).header("x-api-key", desk.key()));
    let all = ask("/category/").await.expect(200);
    assert_eq!(all["error"], false);
    assert!(all["message"].as_array().unwrap().iter().any(|row| row["id"] == 99));
    let part = ask("/subcategory?category_id=66").await.expect(200);
    assert_eq!(part["message"][0], json!({"id": 661, "name": "Ferretería"}));
    ask("/subcategory").await.says(400, &json!({"category_id": ["This field is required."]}));
    assert_eq!(ask("/subcategory/?category_id=66").await.status, 404);
}

fn ana(changes: &Value) -> Value {
    let mut user = json!({
        "username": "0990001122", "first_name": "Ana", "last_name": "Pérez", "email": "ana@correo.example",
        "password": "clave-1", "phone": "3001234567", "document_type": "0", "document_number": "52000111",
        "country_code": "+57", "gender": 2, "date_birth": "1990-01-31", "type_person": 1, "category": 66,
        "subcategory": 661, "platform": "API", "referal_code": "", "brand": "MY_BRAND"
    });
    change(&mut user, changes);
    user
}

#[tokio::test]
async fn a_new_user_gets_the_brand_in_front_and_can_be_sent_money() {
    let desk = Desk::new().await;
    let made = desk.post("/user/", &ana(&json!({}))).await.expect(201);
    let expected = json!({
        "error": false, "status": 201, "username": "MY_BRAND-0990001122",
        "message": {"id": made["message"]["id"], "email": "ana@correo.example", "first_name": "Ana",
            "last_name": "Pérez", "gender": null, "gender_legal": null, "username": "MY_BRAND-0990001122"}
    });
    assert_eq!(made, expected);
    for to in ["MY_BRAND-0990001122", "3001234567"] {
        desk.post("/send/", &json!({"to_user": to, "amount": 1000})).await.expect(200);
    }
    desk.ledger_holds();
}

#[tokio::test]
async fn errors_of_a_new_user_stand_under_message() {
    let desk = Desk::new().await;
    desk.post("/user/", &ana(&json!({}))).await.expect(201);
    let twice =
        json!({"error": true, "message": {"username": ["A user with that username already exists."]}});
    desk.post("/user/", &ana(&json!({}))).await.says(400, &twice);
    let missing = json!({"error": true, "message": {"email": ["This field is required."], "brand": ["This field is required."]}});
    desk.post("/user/", &ana(&json!({"email": null, "brand": null}))).await.says(400, &missing);
}

#[tokio::test]
async fn confirmations_are_asked_for() {
    let desk = Desk::new().await;
    desk.post("/request_confirmation/", &json!({"phone": true, "email": true}))
        .await
        .says(200, &json!({"result": "OK"}));
    assert_eq!(desk.post("/verify_email/", &json!({"code": "123456"})).await.status, 400);
}
