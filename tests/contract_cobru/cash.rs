//! Section 8.6: cash withdrawals.

use serde_json::{Value, json};

use crate::desk::{Desk, change};

fn ask(changes: &Value) -> Value {
    let mut body = json!({
        "amount": 10_000, "document": "79555000", "estimate": false, "exp_days": 30, "method": "efecty",
        "name": "Luis Ortega"
    });
    change(&mut body, changes);
    body
}

#[tokio::test]
async fn the_amount_of_the_answer_is_what_is_handed_out() {
    let desk = Desk::new().await;
    let before = desk.balance();
    let body = desk.post("/cashwithdraw/", &ask(&json!({}))).await.expect(200);
    assert_eq!(body, json!({"status": "ok", "document": "79555000", "ref": body["ref"], "amount": 9700}));
    assert_eq!(before - desk.balance(), 1_000_000);
    let id = body["ref"].as_i64().unwrap();
    let row = json!({
        "pk": id, "amount": 10_000, "date": "2026-11-20T09:14:03-05:00", "from_user": "3015550142",
        "from_user_phone": "3015550142", "to_user": "Luis Ortega", "to_user_phone": "N/A", "method": "efecty",
        "state": 0, "callback": null
    });
    desk.get(&format!("/cashwithdraw/{id}")).await.says(200, &row);
    assert_eq!(desk.get("/cashwithdraw/").await.expect(200)[0], row);
    let moved = desk.get("/movements/movements_by_types/?by_withdraws=true&per_page=1").await.expect(200);
    assert_eq!(
        (&moved["result"][0]["pk"], &moved["result"][0]["type"]),
        (&json!(id), &json!("cash_withdraw"))
    );
}

#[tokio::test]
async fn an_estimate_moves_and_keeps_nothing() {
    let desk = Desk::new().await;
    let before = (desk.postings(), desk.get("/cashwithdraw/").await.text);
    let body = json!({"status": "ok", "document": "79555000", "ref": 0, "amount": 9700});
    desk.post("/cashwithdraw/", &ask(&json!({"estimate": true}))).await.says(200, &body);
    assert_eq!((desk.postings(), desk.get("/cashwithdraw/").await.text), before);
}

#[tokio::test]
async fn coupons_fail_with_status_200() {
    let desk = Desk::new().await;
    let before = desk.postings();
    for (coupon, error) in
        [("AJENO", "BAD_USER"), ("VENCIDO", "EXPIRED"), ("AGOTADO", "ALL_USED"), ("OTRO", "NOT_FOUND")]
    {
        desk.post("/cashwithdraw/", &ask(&json!({ "coupon": coupon })))
            .await
            .says(200, &json!({ "error": error }));
    }
    assert_eq!(desk.postings(), before);
    assert_eq!(
        desk.post("/cashwithdraw/", &ask(&json!({"coupon": "COBRU"}))).await.expect(200)["amount"],
        10_000
    );
}

#[tokio::test]
async fn other_refusals_are_400_in_their_own_forms() {
    let desk = Desk::new().await;
    let unknown = json!({"message": "unknown method", "error": true});
    desk.post("/cashwithdraw/", &ask(&json!({"method": "paypal"}))).await.says(400, &unknown);
    let all = desk.balance() / 100 + 1;
    desk.post("/cashwithdraw/", &ask(&json!({ "amount": all })))
        .await
        .says(400, &json!({"error": "not enough balance"}));
    let missing = json!({"document": ["This field is required."], "exp_days": ["This field is required."]});
    desk.post("/cashwithdraw/", &ask(&json!({"document": null, "exp_days": null}))).await.says(400, &missing);
    // Text is taken for both numbers.
    desk.post("/cashwithdraw/", &ask(&json!({"amount": "10000", "exp_days": "0"}))).await.expect(200);
}

#[tokio::test]
async fn cash_is_collected_once() {
    let desk = Desk::new().await;
    let made =
        desk.post("/cashwithdraw/", &ask(&json!({"callback": "http://127.0.0.1:9/c"}))).await.expect(200);
    let id = made["ref"].to_string();
    let after = desk.balance();
    desk.control("/collect", &json!({ "withdrawal": id }))
        .await
        .says(200, &json!({"withdrawal": id, "state": 2}));
    assert_eq!(desk.control("/collect", &json!({ "withdrawal": id })).await.status, 409);
    assert_eq!(desk.get(&format!("/cashwithdraw/{id}")).await.expect(200)["state"], 2);
    desk.post("/cancelcashwithdraw/", &json!({ "id": made["ref"] }))
        .await
        .says(400, &json!({"error": "El retiro no puede ser cancelado"}));
    assert_eq!(desk.balance(), after);
    let sent = desk.control_get("/deliveries").await.expect(200);
    let form = sent["contents"][0]["body"].as_str().unwrap();
    assert_eq!(sent["contents"][0]["content_type"], "application/x-www-form-urlencoded");
    let expected = format!(
        "id={id}&date_created=2026-11-20+09%3A14%3A03&date_deposited=2026-11-20+09%3A14%3A03&date_consigned=&date_rejected=&date_cancelled=&state=2&amount=10000&name=Luis+Ortega&document=79555000"
    );
    assert_eq!(form, expected);
    desk.ledger_holds();
}

#[tokio::test]
async fn a_second_cancel_is_no_error() {
    let desk = Desk::new().await;
    let before = desk.balance();
    let id = &desk.post("/cashwithdraw/", &ask(&json!({}))).await.expect(200)["ref"];
    let cancel = json!({ "id": id });
    desk.post("/cancelcashwithdraw/", &cancel)
        .await
        .says(200, &json!({"message": "Retiro cancelado exitosamente"}));
    desk.post("/cancelcashwithdraw/", &cancel)
        .await
        .says(200, &json!({"message": "El retiro ha sido cancelado anteriormente"}));
    assert_eq!(desk.get(&format!("/cashwithdraw/{id}")).await.expect(200)["state"], 4);
    assert_eq!(desk.balance(), before);
    desk.post("/cancelcashwithdraw/", &json!({"id": 1}))
        .await
        .says(400, &json!({"error": "El retiro no puede ser cancelado"}));
}

#[tokio::test]
async fn what_nobody_collects_comes_back_at_the_end_of_its_last_day() {
    let mut desk = Desk::new().await;
    let before = desk.balance();
    let id = desk.post("/cashwithdraw/", &ask(&json!({"exp_days": 0}))).await.expect(200)["ref"].clone();
    desk.sandbox.advance_seconds(53_156);
    desk.sign_in().await;
    assert_eq!(desk.get(&format!("/cashwithdraw/{id}")).await.expect(200)["state"], 5);
    assert_eq!(desk.balance(), before);
}
