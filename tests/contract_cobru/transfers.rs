//! Sections 7.3 and 7.4: transfers to another Cobru user.

use reqwest::Method;
use serde_json::json;

use crate::desk::{Desk, send};

#[tokio::test]
async fn a_transfer_is_final_at_once_and_moves_both_balances() {
    let desk = Desk::new().await;
    let before = desk.balance();
    let answer = desk.post("/send/", &json!({"to_user": "3005550110", "amount": 99_000})).await;
    assert!(answer.text.contains("\"amount\":99000,"), "{}", answer.text);
    let body = answer.expect(200);
    let expected = json!({
        "pk": body["pk"], "from_user": "3015550142", "to_user": "3005550110", "amount": 99_000,
        "date": "2026-11-20T09:14:03.000000-05:00"
    });
    assert_eq!(body, expected);
    assert_eq!(before - desk.balance(), 9_900_000);
    let rows = desk.get("/send/").await.expect(200);
    assert_eq!(rows[0], expected);
    assert_eq!(rows.as_array().unwrap().len(), 4, "three of the seed, sent and received");
    let moved = desk.get("/movements/movements_by_types/?by_sends=true&per_page=1").await.expect(200);
    assert_eq!((&moved["result"][0]["pk"], &moved["result"][0]["type"]), (&body["pk"], &json!("send")));
    desk.ledger_holds();
}

#[tokio::test]
async fn the_older_name_of_the_receiver_is_taken() {
    let desk = Desk::new().await;
    desk.post("/send/", &json!({"toUser": "+57 300 555 0110", "amount": 1000.5})).await.expect(200);
}

#[tokio::test]
async fn a_transfer_is_refused_without_moving_anything() {
    let desk = Desk::new().await;
    let before = desk.postings();
    let ask = |to: &str, amount: serde_json::Value| json!({"to_user": to, "amount": amount});
    let own = desk.balance() / 100 + 1;
    desk.post("/send/", &ask("3005550110", json!(own)))
        .await
        .says(400, &json!({"error": "not enough balance"}));
    desk.post("/send/", &ask("3000000001", json!(1000))).await.says(404, &json!({"error": "NOT_FOUND"}));
    desk.post("/send/", &ask("3015550142", json!(1000))).await.says(400, &json!({"error": "same_user"}));
    let missing = json!({"to_user": ["This field is required."], "amount": ["This field is required."]});
    desk.post("/send/", &json!({})).await.says(400, &missing);
    for amount in [json!(0), json!(-1), json!("1000"), json!(0.001), json!(1e300), json!(null), json!([])] {
        assert_eq!(desk.post("/send/", &ask("3005550110", amount.clone())).await.status, 400, "{amount}");
    }
    assert_eq!(desk.postings(), before);
}

#[tokio::test]
async fn a_user_who_is_not_verified_sends_nothing() {
    let mut desk = Desk::new().await;
    let user = json!({
        "username": "3001234567", "first_name": "Ana", "last_name": "Pérez", "email": "ana@correo.example",
        "password": "clave-1", "phone": "3001234567", "document_type": "0", "document_number": "52000111",
        "country_code": "+57", "brand": "ROBLE"
    });
    desk.post("/user/", &user).await.expect(201);
    let login = desk.plain(Method::POST, "/token/").header("x-api-key", desk.key());
    let tokens =
        send(login.json(&json!({"username": "ROBLE-3001234567", "password": "clave-1"}))).await.expect(200);
    desk.use_token(tokens["access"].as_str().unwrap());
    let ask = json!({"to_user": "3005550110", "amount": 1000});
    desk.post("/send/", &ask).await.says(403, &json!({"error": "USER_NOT_VERIFIED"}));
    desk.post("/verify_phone/", &json!({"code": 1})).await.says(400, &json!({"error": "Código inválido"}));
    for path in ["/verify_phone/", "/verify_email/"] {
        desk.post(path, &json!({"code": 123_456})).await.says(200, &json!({"result": "OK"}));
    }
    desk.post("/send/", &ask).await.says(400, &json!({"error": "not enough balance"}));
}
