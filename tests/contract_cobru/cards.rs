//! Section 9: virtual cards.

use serde_json::{Value, json};

use crate::desk::Desk;

#[tokio::test]
async fn a_card_is_made_with_nothing_and_filled_from_the_balance() {
    let desk = Desk::new().await;
    let before = desk.balance();
    let made = desk.post("/cobru/debit/create_and_reload_card/", &json!({"amount": 0})).await.expect(200);
    let card = &made["card"];
    assert_eq!(
        (&made["status"], &card["balance"], &card["max_balance"]),
        (&json!(200), &json!(0), &json!(1_000_000))
    );
    assert!(card["id"].is_i64() && card["state"] == "ACTIVE", "{card}");
    let pan = card["masked_pan"].as_str().unwrap();
    assert!(pan.len() == 16 && pan.starts_with("411111******"), "{pan}");
    let fill = json!({"amount": 50_000, "card_id": card["id"]});
    let filled = desk.post("/cobru/debit/create_and_reload_card/", &fill).await.expect(200);
    assert_eq!((&filled["card"]["id"], &filled["card"]["balance"]), (&card["id"], &json!(50_000)));
    assert_eq!(before - desk.balance(), 5_000_000);

    let one = desk.get(&format!("/cobru/debit/get_card/?card_id={}", card["id"])).await.expect(200);
    assert_eq!((&one["result"], &one["status"]), (&filled["card"], &json!(200)));
    let all = desk.get("/cobru/debit/get_card/").await.expect(200);
    let row = &all[0];
    assert_eq!(
        (&row["card_id"], &row["id"], &row["balance"], &row["owner"]),
        (&card["id"], &card["id"], &json!(50_000), &json!(17))
    );
    let moves = desk
        .get(&format!("/cobru/debit/get_transactions/?card_id={}&per_page=10&page_num=1", card["id"]))
        .await
        .expect(200);
    assert_eq!((&moves["status"], &moves["result"][0]["amount"]), (&json!(200), &json!(50_000)));
    let other =
        desk.get("/movements/movements_by_types/?by_other_payments=true&per_page=1").await.expect(200);
    assert_eq!(
        (&other["result"][0]["type"], &other["result"][0]["amount"]),
        (&json!("card_reload"), &json!("50000.00"))
    );
    desk.ledger_holds();
}

#[tokio::test]
async fn a_frozen_card_has_nothing_available_and_no_status_around_it() {
    let desk = Desk::new().await;
    let made =
        desk.post("/cobru/debit/create_and_reload_card/", &json!({"amount": 20_000})).await.expect(200);
    let id = &made["card"]["id"];
    let frozen =
        desk.post("/cobru/debit/freeze_card/", &json!({"card_id": id, "freeze": true})).await.expect(200);
    assert_eq!(frozen.as_object().unwrap().len(), 1);
    let card = &frozen["card"];
    assert_eq!(
        (&card["state"], &card["balance"], &card["available_balance"]),
        (&json!("FROZEN"), &json!(20_000), &json!(0))
    );
    let thawed = desk
        .post("/cobru/debit/freeze_card/", &json!({"card_id": id.to_string(), "freeze": false}))
        .await
        .expect(200);
    assert_eq!(thawed["card"]["state"], "ACTIVE");
}

#[tokio::test]
async fn cards_are_refused_for_want_of_balance_and_of_a_card() {
    let desk = Desk::new().await;
    let all = desk.balance() / 100 + 1;
    desk.post("/cobru/debit/create_and_reload_card/", &json!({ "amount": all }))
        .await
        .says(400, &json!({"error": "not enough balance"}));
    let unknown = json!({"error": "NOT_FOUND"});
    desk.post("/cobru/debit/create_and_reload_card/", &json!({"amount": 1, "card_id": 5}))
        .await
        .says(404, &unknown);
    desk.post("/cobru/debit/freeze_card/", &json!({"card_id": 5, "freeze": true})).await.says(404, &unknown);
    desk.get("/cobru/debit/get_card/?card_id=5").await.says(404, &unknown);
    desk.get("/cobru/debit/get_transactions/")
        .await
        .says(400, &json!({"card_id": ["This field is required."]}));
}

#[tokio::test]
async fn the_older_manual_s_cards_have_uuids_and_text_amounts_and_are_still_masked() {
    let desk = Desk::new().await;
    desk.set("manual_forms", true).await;
    let made = desk.post("/cobru/debit/create_and_reload_card/", &json!({"amount": 125})).await.expect(200);
    let card = &made["card"];
    assert_eq!((card["id"].as_str().map(str::len), &card["balance"]), (Some(36), &json!("125.00")));
    assert!(card["masked_pan"].as_str().unwrap().contains("******"));
    let one: Value = desk
        .get(&format!("/cobru/debit/get_card/?card_id={}", card["id"].as_str().unwrap()))
        .await
        .expect(200);
    assert_eq!(one["result"]["id"], card["id"]);
}
