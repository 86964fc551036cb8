//! Section 5.2: every payment method and what follows it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, payer, send};

#[tokio::test]
async fn pse_wants_a_bank_and_an_address_and_gives_an_address_to_open() {
    let desk = Desk::new().await;
    let slug = desk.open_cobru().await;
    let path = format!("/{slug}");
    let body = payer(&json!({"payment": "pse", "bank": "1040", "address": "Calle 1"}));
    let without = |field: &str| {
        let mut body = body.clone();
        body.as_object_mut().unwrap().remove(field);
        body
    };
    for field in ["bank", "address", "name", "email", "phone", "document_type", "cc"] {
        desk.post(&path, &without(field)).await.says(400, &json!({ field: ["This field is required."] }));
    }
    let unknown = json!({"bank": ["\"9999\" is not a valid choice."]});
    desk.post(&path, &payer(&json!({"payment": "pse", "bank": "9999", "address": "x"})))
        .await
        .says(400, &unknown);
    let (order, cobru) = desk.order(&slug, &body).await;
    let checkout = order["checkout"].as_str().unwrap();
    assert!(checkout.starts_with(&desk.sandbox.ready().cobru), "{checkout}");
    assert_eq!((&cobru["payment_method"], &cobru["payer_name"]), (&json!("pse"), &json!("Marta Rios")));
    // The page behind it is the cobru's.
    let page = send(desk.plain(Method::GET, &checkout[desk.sandbox.ready().cobru.len()..])).await;
    assert_eq!(page.status, 200);
    desk.control("/pay", &json!({ "cobru": slug })).await.expect(200);
    let row = desk.get("/movements/movements_by_types/?by_cobrus=true&per_page=1").await.expect(200);
    assert_eq!(row["result"][0]["cus"].as_str().map(str::len), Some(10), "a tracking code, for PSE alone");
}

#[tokio::test]
async fn a_pse_order_ends_unpaid_after_twenty_minutes() {
    let desk = Desk::new().await;
    let slug = desk.open_cobru().await;
    desk.order(&slug, &payer(&json!({"payment": "pse", "bank": 1040, "address": "Calle 1"}))).await;
    desk.sandbox.advance_seconds(1199);
    assert_eq!(desk.state(&slug).await, 1);
    desk.sandbox.advance_seconds(1);
    assert_eq!(desk.state(&slug).await, 2);
}

#[tokio::test]
async fn a_document_of_a_strange_length_has_an_error_of_its_own() {
    let desk = Desk::new().await;
    let slug = desk.open_cobru().await;
    let bad =
        json!({"result": "LIMIT_LENGTH_CC", "error": "El tamaño de la cédula del pagador es inválida."});
    for cc in [json!("1234"), json!("1".repeat(16)), json!("12.345.678")] {
        desk.post(&format!("/{slug}"), &payer(&json!({"payment": "efecty", "cc": cc}))).await.says(400, &bad);
    }
    desk.order(&slug, &payer(&json!({"payment": "efecty", "cc": 1_020_304_050, "phone": 3_005_550_110_i64})))
        .await;
}

#[tokio::test]
async fn all_four_spellings_of_a_passport_are_taken_and_others_are_not() {
    let desk = Desk::new().await;
    let slug = desk.open_cobru().await;
    for kind in ["PA", "PPN", "PAN", "PASAPORTE"] {
        let (order, _) = desk.order(&slug, &payer(&json!({"payment": "dale", "document_type": kind}))).await;
        assert_eq!(order["payer_id_type"], "PA");
    }
    let refused = json!({"document_type": ["\"cc\" is not a valid choice."]});
    desk.post(&format!("/{slug}"), &payer(&json!({"payment": "dale", "document_type": "cc"})))
        .await
        .says(400, &refused);
}

#[tokio::test]
async fn cash_is_paid_with_a_pin_and_an_agreement_number_and_lives_as_long_as_the_link() {
    let desk = Desk::new().await;
    for method in ["efecty", "baloto", "corresponsal_bancolombia"] {
        let slug = desk.open_cobru().await;
        let (order, _) = desk.order(&slug, &payer(&json!({ "payment": method }))).await;
        let digits = |field: &str| order[field].as_str().unwrap().bytes().all(|byte| byte.is_ascii_digit());
        assert!(digits("ref") && digits("project_code"), "{order}");
        assert_eq!(order["checkout"], "");
        desk.sandbox.advance_seconds(1100);
        desk.control("/pay", &json!({ "cobru": slug })).await.expect(200);
    }
}

#[tokio::test]
async fn nequi_goes_to_the_phone_or_shows_a_code() {
    let desk = Desk::new().await;
    let slug = desk.open_cobru().await;
    let missing = json!({"phone_nequi": ["This field is required."]});
    desk.post(&format!("/{slug}"), &payer(&json!({"payment": "NEQUI"}))).await.says(400, &missing);
    let (push, _) =
        desk.order(&slug, &payer(&json!({"payment": "NEQUI", "phone_nequi": "3005550110"}))).await;
    assert!(push["checkout"].as_str().unwrap().starts_with("http://") && push["ref"].is_null(), "{push}");
    let code = payer(&json!({"payment": "NEQUI", "phone_nequi": "3005550110", "push": false}));
    let (code, _) = desk.order(&slug, &code).await;
    assert!(code["ref"].as_str().unwrap().starts_with("bancadigital-C001-"), "{code}");
    assert_eq!(code["checkout"], "");
    desk.sandbox.advance_seconds(300);
    assert_eq!(desk.state(&slug).await, 0);
}

#[tokio::test]
async fn dale_and_the_bancolombia_button_give_an_address_to_open() {
    let desk = Desk::new().await;
    for method in ["dale", "bancolombia_transfer"] {
        let slug = desk.open_cobru().await;
        let (order, _) = desk.order(&slug, &payer(&json!({ "payment": method }))).await;
        assert!(order["checkout"].as_str().unwrap().contains(&slug), "{order}");
    }
}

#[tokio::test]
async fn the_bancolombia_code_has_the_other_shape() {
    let desk = Desk::new().await;
    let slug = desk.open_cobru().await;
    let body =
        desk.post(&format!("/{slug}"), &payer(&json!({"payment": "bancolombia_qr"}))).await.expect(200);
    assert!(body["payment_details"]["qr_bitcoin"].as_str().unwrap().starts_with("000201"));
}

#[tokio::test]
async fn daviplata_is_confirmed_with_a_code_and_the_third_wrong_one_ends_it() {
    let desk = Desk::new().await;
    let slug = desk.open_cobru().await;
    let confirm = |otp: Value| json!({"URL": slug, "OTP": otp});
    let refused = json!({"result": "error", "error": "OTP inválido"});
    let none = json!({"result": "error", "error": "No hay un pago con Daviplata por confirmar"});
    desk.post("/cobru/confirm_daviplata/", &confirm(json!("123456"))).await.says(400, &none);
    desk.order(&slug, &payer(&json!({"payment": "daviplata"}))).await;
    for _ in 0..2 {
        desk.post("/cobru/confirm_daviplata/", &confirm(json!("000000"))).await.says(400, &refused);
        assert_eq!(desk.state(&slug).await, 1);
    }
    desk.post("/cobru/confirm_daviplata/", &confirm(json!("000000"))).await.says(400, &refused);
    assert_eq!(desk.state(&slug).await, 2);
    desk.order(&slug, &payer(&json!({"payment": "daviplata"}))).await;
    desk.post("/cobru/confirm_daviplata/", &confirm(json!("123456")))
        .await
        .says(200, &json!({"result": "OK"}));
    assert_eq!(desk.state(&slug).await, 3);
    let small = json!({"url": slug, "otp": "123456"});
    let names = json!({"URL": ["This field is required."], "OTP": ["This field is required."]});
    desk.post("/cobru/confirm_daviplata/", &small).await.says(400, &names);
}

fn card(number: &str, expiry: &str) -> Value {
    payer(
        &json!({"payment": "credit_card", "credit_card": number, "expiration_date": expiry, "cvv": "123", "dues": 1}),
    )
}

#[tokio::test]
async fn the_test_cards_end_at_once_and_another_after_ten_seconds() {
    let desk = Desk::new().await;
    let slug = desk.open_cobru().await;
    let (order, cobru) = desk.order(&slug, &card("4111111111111112", "12/30")).await;
    assert_eq!((&order["state"], &cobru["state"]), (&json!("RECHAZADO"), &json!(2)));
    let (order, cobru) = desk.order(&slug, &card("4111111111111111", "12/30")).await;
    assert_eq!(
        (&order["state"], &cobru["state"], &order["checkout"]),
        (&json!("APROBADO"), &json!(3), &json!(""))
    );
    assert!(cobru["date_payed"].is_string());

    let slug = desk.open_cobru().await;
    let (order, cobru) = desk.order(&slug, &card("5500000000000004", "12/30")).await;
    assert_eq!((&order["state"], &cobru["state"]), (&json!("PENDIENTE"), &json!(1)));
    desk.sandbox.advance_seconds(10);
    assert_eq!(desk.state(&slug).await, 3);
}

#[tokio::test]
async fn a_card_that_fails_luhn_or_is_over_is_declined() {
    let desk = Desk::new().await;
    let slug = desk.open_cobru().await;
    for (number, expiry) in [("5500000000000005", "12/30"), ("4111111111111111", "10/26")] {
        let (order, cobru) = desk.order(&slug, &card(number, expiry)).await;
        assert_eq!((&order["state"], &cobru["state"]), (&json!("RECHAZADO"), &json!(2)), "{number} {expiry}");
    }
}

#[tokio::test]
async fn what_is_no_card_is_a_field_error() {
    let desk = Desk::new().await;
    let slug = desk.open_cobru().await;
    let pattern = "This value does not match the required pattern.";
    let cases = [
        (json!({"credit_card": "4111 1111 1111 1111"}), json!({"credit_card": [pattern]})),
        (json!({"expiration_date": "13/30"}), json!({"expiration_date": [pattern]})),
        (json!({"expiration_date": "12/2030"}), json!({"expiration_date": [pattern]})),
        (json!({"cvv": "12"}), json!({"cvv": [pattern]})),
        (json!({"cvv": null}), json!({"cvv": ["This field is required."]})),
        (json!({"dues": 0}), json!({"dues": ["Ensure this value is greater than or equal to 1."]})),
        (json!({"dues": 37}), json!({"dues": ["Ensure this value is less than or equal to 36."]})),
    ];
    for (changes, body) in cases {
        let mut wrong = card("4111111111111111", "12/30");
        crate::desk::change(&mut wrong, &changes);
        desk.post(&format!("/{slug}"), &wrong).await.says(400, &body);
    }
    assert_eq!(desk.state(&slug).await, 0);
}

#[tokio::test]
async fn another_user_pays_from_the_balance_and_nobody_pays_himself() {
    let desk = Desk::new().await;
    let slug = desk.open_cobru().await;
    let path = format!("/{slug}");
    let ask = |phone: &str| json!({"payment": "cobru_phone", "phone": phone, "name": "", "cc": "", "document_type": "", "email": ""});
    desk.post(&path, &ask("3015550142")).await.says(403, &json!({"result": "same_user"}));
    desk.post(&path, &ask("3999999999")).await.says(404, &json!({"result": "error"}));
    desk.post(&path, &ask("3005550110")).await.says(200, &json!({"result": "ok"}));
    assert_eq!(desk.state(&slug).await, 1);
    let (own, seq) = (desk.balance(), desk.postings());
    desk.control("/pay", &json!({ "cobru": slug })).await.expect(200);
    assert_eq!(desk.balance() - own, 17_734_592);
    let ledger = desk.control_get(&format!("/ledger?since={seq}")).await.expect(200);
    let line = &ledger["postings"][0]["lines"][0];
    assert_eq!((&line["account"], &line["amount"]), (&json!("cobru:3005550110:cop"), &json!(-18_500_000)));
    desk.ledger_holds();
}

#[tokio::test]
async fn the_celo_dollar_gives_a_wallet_and_an_amount_of_its_own() {
    let desk = Desk::new().await;
    let slug = desk.open_cobru().await;
    let (order, cobru) = desk.order(&slug, &payer(&json!({"payment": "CUSD"}))).await;
    assert!(order["checkout"].as_str().unwrap().starts_with("0x"));
    assert_eq!((&order["amount"], &cobru["amount"]), (&json!("44.63"), &json!("185000.00")));
}

#[tokio::test]
async fn what_the_plugin_sends_along_is_not_looked_at() {
    let desk = Desk::new().await;
    let slug = desk.open_cobru().await;
    let mut body = card("4111111111111111", "12/30");
    let along = json!({"amount": 185_000, "platform": "woocommerce", "push": false, "phone_nequi": "", "address": ""});
    crate::desk::change(&mut body, &along);
    body["bank"] = Value::Null;
    desk.order(&slug, &body).await;
    assert_eq!(desk.state(&slug).await, 3);
}
