//! Sections 4.4, 6.4 and 15.1: states, and when they change.

use cuadre::sandbox::PayerMode;
use serde_json::json;

use crate::desk::Desk;

#[tokio::test]
async fn a_payer_pays_and_the_owner_is_credited_the_net_amount_in_one_balanced_posting() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    desk.order(&slug, &json!({"payment": "breb"})).await;
    let (before, seq) = (desk.balance(), desk.postings());
    let paid = desk.control("/pay", &json!({ "cobru": slug })).await.expect(200);
    assert_eq!((&paid["state"], &paid["amount"]), (&json!(3), &json!(18_500_000)));
    assert_eq!(desk.balance() - before, 17_734_592);
    let ledger = desk.control_get(&format!("/ledger?since={seq}")).await.expect(200);
    let posting = &ledger["postings"][0];
    assert_eq!((ledger["postings"].as_array().unwrap().len(), &posting["cause"]), (1, &json!(slug)));
    let amounts: Vec<i64> =
        posting["lines"].as_array().unwrap().iter().map(|line| line["amount"].as_i64().unwrap()).collect();
    assert_eq!(amounts, [-18_500_000, 17_734_592, 643_200, 122_208]);
    let detail = desk.detail(&slug).await;
    assert_eq!(
        (&detail["payment_method"], &detail["date_payed"]),
        (&json!("breb"), &json!("2026-11-20T14:14:03Z"))
    );
    desk.ledger_holds();
}

#[tokio::test]
async fn a_payer_who_refuses_leaves_the_cobru_unpaid_and_it_can_be_tried_again() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    desk.order(&slug, &json!({"payment": "breb"})).await;
    let before = desk.balance();
    desk.control("/pay", &json!({"cobru": slug, "refuse": true})).await.expect(200);
    assert_eq!((desk.state(&slug).await, desk.balance()), (2, before));
    desk.order(&slug, &json!({"payment": "breb"})).await;
    assert_eq!(desk.state(&slug).await, 1);
}

#[tokio::test]
async fn a_payer_pays_to_the_key_of_the_code_the_amount_of_the_code() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    let (order, _) = desk.order(&slug, &json!({"payment": "breb"})).await;
    let key = &order["key_value"];
    assert_eq!(desk.control("/pay", &json!({"key": key, "amount": 5})).await.status, 409);
    assert_eq!(desk.control("/pay", &json!({"key": "@nobody", "amount": 5})).await.status, 400);
    desk.control("/pay", &json!({"key": key, "amount": 18_500_000})).await.expect(200);
    assert_eq!(desk.state(&slug).await, 3);
    assert_eq!(desk.control("/pay", &json!({"key": key})).await.status, 409, "nobody pays twice");
}

#[tokio::test]
async fn a_breb_code_lives_for_five_minutes() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    let (order, _) = desk.order(&slug, &json!({"payment": "breb"})).await;
    let status = format!("/breb_status/{}/", order["GOrdenId"].as_str().unwrap());
    desk.sandbox.advance_seconds(299);
    assert_eq!(desk.state(&slug).await, 1);
    desk.get(&status).await.says(200, &json!({"state": "PENDING"}));
    desk.sandbox.advance_seconds(1);
    assert_eq!(desk.state(&slug).await, 0);
    desk.get(&status).await.says(200, &json!({"state": "EXPIRED"}));
    let late = desk.control("/pay", &json!({"key": order["key_value"]})).await;
    assert_eq!(late.status, 409, "{late:?}");
}

#[tokio::test]
async fn while_another_order_is_open_the_cobru_stays_in_process() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    let (first, _) = desk.order(&slug, &json!({"payment": "breb"})).await;
    desk.sandbox.advance_seconds(200);
    let (second, _) = desk.order(&slug, &json!({"payment": "breb"})).await;
    desk.sandbox.advance_seconds(100);
    assert_eq!(desk.state(&slug).await, 1);
    desk.control("/pay", &json!({"key": second["key_value"]})).await.expect(200);
    assert_eq!(desk.state(&slug).await, 3);
    assert_eq!(desk.control("/pay", &json!({"key": first["key_value"]})).await.status, 409);
}

#[tokio::test]
async fn a_cobru_expires_on_its_last_second_in_bogota() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({"expiration_days": 0})).await;
    // 09:14:03 there; the day has 53,156 seconds left.
    desk.sandbox.advance_seconds(53_155);
    assert_eq!(desk.sandbox.world().now.to_string(), "2026-11-21T04:59:58Z");
    let mut desk = desk;
    desk.sign_in().await;
    assert_eq!(desk.state(&slug).await, 0);
    desk.sandbox.advance_seconds(1);
    assert_eq!(desk.state(&slug).await, 5);
}

#[tokio::test]
async fn a_later_day_keeps_an_edited_cobru_alive() {
    let mut desk = Desk::new().await;
    let slug = desk.cobru(&json!({"expiration_days": 0})).await;
    desk.post("/edit_cobru/", &json!({"url": slug, "expiration_days": 1})).await.expect(200);
    desk.sandbox.advance_seconds(60_000);
    desk.sign_in().await;
    assert_eq!(desk.state(&slug).await, 0);
    desk.sandbox.advance_seconds(86_400);
    desk.sign_in().await;
    assert_eq!(desk.state(&slug).await, 5);
}

#[tokio::test]
async fn the_test_payer_pays_after_a_minute_by_either_name() {
    let desk = Desk::new().await;
    let made = desk.cobru(&json!({"payer_id": 7_777_777})).await;
    let asked = desk.cobru(&json!({})).await;
    desk.order(&asked, &json!({"payment": "breb", "cc": "7777777"})).await;
    desk.sandbox.advance_seconds(59);
    assert_eq!((desk.state(&made).await, desk.state(&asked).await), (0, 1));
    desk.sandbox.advance_seconds(1);
    assert_eq!((desk.state(&made).await, desk.state(&asked).await), (3, 3));
}

#[tokio::test]
async fn the_refused_payer_is_turned_down_after_ten_seconds() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    desk.order(&slug, &json!({"payment": "breb", "cc": "7777770"})).await;
    desk.sandbox.advance_seconds(10);
    assert_eq!(desk.state(&slug).await, 2);
}

#[tokio::test]
async fn in_automatic_mode_a_payer_comes_by_himself() {
    let mut desk = Desk::with(PayerMode::Automatic { after_s: 8 }).await;
    desk.sign_in().await;
    let slug = desk.cobru(&json!({})).await;
    desk.order(&slug, &json!({"payment": "breb"})).await;
    desk.sandbox.advance_seconds(7);
    assert_eq!(desk.state(&slug).await, 1);
    desk.sandbox.advance_seconds(1);
    assert_eq!(desk.state(&slug).await, 3);
}

#[tokio::test]
async fn a_refund_takes_the_credit_back() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    assert_eq!(desk.control("/refund", &json!({ "cobru": slug })).await.status, 409);
    let before = desk.balance();
    desk.control("/pay", &json!({ "cobru": slug })).await.expect(200);
    desk.control("/refund", &json!({ "cobru": slug })).await.expect(200);
    assert_eq!((desk.state(&slug).await, desk.balance()), (4, before));
    desk.ledger_holds();
}

#[tokio::test]
async fn the_seed_has_thirty_cobrus_in_every_state_and_a_balance_that_its_history_made() {
    let desk = Desk::new().await;
    let rows = async |family: &str| {
        let path = format!("/movements/movements_by_types/?{family}=true&per_page=50");
        desk.get(&path).await.expect(200)["result"].as_array().unwrap().clone()
    };
    let cobrus = rows("by_cobrus").await;
    assert_eq!(cobrus.len(), 30);
    for state in 0..=5 {
        assert!(cobrus.iter().any(|row| row["state"] == state), "no cobru in state {state}");
    }
    // Whole pesos, or text with two decimals.
    let minor = |value: &serde_json::Value| match value.as_str() {
        Some(text) => text.replace('.', "").parse::<i64>().unwrap(),
        None => value.as_i64().unwrap() * 100,
    };
    let paid: i64 =
        cobrus.iter().filter(|row| row["state"] == 3).map(|row| minor(&row["payed_amount"])).sum();
    let back = |row: &serde_json::Value| row["state"] == "rejected";
    let out: i64 =
        rows("by_withdraws").await.iter().filter(|row| !back(row)).map(|row| minor(&row["amount"])).sum();
    let sent: i64 = rows("by_sends")
        .await
        .iter()
        .map(
            |row| if row["to_user"] == "3015550142" { minor(&row["amount"]) } else { -minor(&row["amount"]) },
        )
        .sum();
    let bought: i64 = rows("by_other_payments").await.iter().map(|row| minor(&row["amount"])).sum();
    assert!(paid > 0 && out > 0 && sent < 0 && bought > 0);
    assert_eq!(desk.balance(), paid - out + sent - bought);
    let pending = desk.get("/balance/").await.expect(200)["pendingBalance"].clone();
    assert_eq!(pending, "790000.00", "a withdrawal on its way and cash that waits");
    desk.ledger_holds();
}
