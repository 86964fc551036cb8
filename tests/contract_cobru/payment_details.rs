//! Section 5: `POST /{url}`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, payer, send, twice};

/// Splits an EMV text into its tags, as a bank's app does.
fn tags(text: &str) -> Vec<(String, String)> {
    let letters: Vec<char> = text.chars().collect();
    let (mut at, mut tags) = (0, Vec::new());
    while at < letters.len() {
        let part = |from: usize, to: usize| letters[from..to].iter().collect::<String>();
        let length: usize = part(at + 2, at + 4).parse().unwrap();
        tags.push((part(at, at + 2), part(at + 4, at + 4 + length)));
        at += 4 + length;
    }
    tags
}

fn value(tags: &[(String, String)], id: &str) -> String {
    tags.iter().find(|(of, _)| of == id).map(|(_, value)| value.clone()).unwrap()
}

/// CRC-16/CCITT-FALSE by a table made here: another way than the sandbox's.
fn crc(bytes: &[u8]) -> u16 {
    let table: Vec<u16> = (0..256u16)
        .map(|byte| {
            (0..8).fold(byte << 8, |sum, _| if sum & 0x8000 == 0 { sum << 1 } else { (sum << 1) ^ 0x1021 })
        })
        .collect();
    bytes.iter().fold(0xFFFF, |sum, byte| (sum << 8) ^ table[usize::from((sum >> 8) as u8 ^ byte)])
}

#[tokio::test]
async fn a_breb_order_is_an_array_inside_a_text_and_needs_nothing_but_its_name() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    let answer = desk.post(&format!("/{slug}"), &json!({"payment": "breb"})).await;
    assert!(answer.text.starts_with("\"[{\\\"model\\\":"), "{}", answer.text);
    let (order, cobru) = twice(&answer.expect(200));
    assert_eq!(
        (&order["ordenId"], &order["state"], &order["method"]),
        (&json!(slug), &json!("PENDIENTE"), &json!("breb"))
    );
    assert_eq!(
        (&order["amount"], &order["gateway"], &order["checkout"]),
        (&json!("185000.00"), &json!(22), &json!(""))
    );
    assert_eq!(order["date_created"], "2026-11-20T14:14:03.000Z");
    assert!(order["GOrdenId"].is_string() && order["owner"].is_i64());
    assert_eq!(
        (&cobru["state"], &cobru["amount"], &cobru["payed_amount"]),
        (&json!(1), &json!("185000.00"), &json!("177345.92"))
    );
    assert_eq!(
        (&cobru["fee_amount"], &cobru["fee_iva_amount"], &cobru["fee_iva"]),
        (&json!("6432.00"), &json!("1222.08"), &json!(0.19))
    );
    assert_eq!(
        (&cobru["date_payed"], &cobru["expiration_date"]),
        (&Value::Null, &json!("2026-11-22T04:59:59Z"))
    );
    assert_eq!(desk.state(&slug).await, 1);
}

#[tokio::test]
async fn the_qr_is_an_emv_text_with_a_right_sum_and_carries_key_and_amount() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({"amount": "185000.50"})).await;
    let (order, _) = desk.order(&slug, &json!({"payment": "breb"})).await;
    let qr = order["qr_value"].as_str().unwrap();
    assert!(qr.starts_with("000201010212"), "{qr}");
    let (body, sum) = qr.split_at(qr.len() - 4);
    assert_eq!(format!("{:04X}", crc(body.as_bytes())), sum);
    let all = tags(qr);
    assert_eq!(
        (value(&all, "54"), value(&all, "53"), value(&all, "58")),
        ("185000.50".into(), "170".into(), "CO".into())
    );
    assert_eq!(value(&all, "59"), "ANDINA SAS");
    let account = tags(&value(&all, "26"));
    assert_eq!(value(&account, "00"), "CO.COM.CRB.LLA");
    assert_eq!(value(&account, "04"), order["key_value"].as_str().unwrap());
    let key = order["key_value"].as_str().unwrap();
    assert!(key.starts_with('@') && (6..=20).contains(&key.len()), "{key}");
    assert!(value(&tags(&value(&all, "90")), "01").len() <= 19);
}

#[tokio::test]
async fn each_ask_makes_a_new_order() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    let (first, _) = desk.order(&slug, &json!({"payment": "breb"})).await;
    let (second, _) = desk.order(&slug, &json!({"payment": "breb"})).await;
    assert_ne!(first["GOrdenId"], second["GOrdenId"]);
    assert_ne!(first["key_value"], second["key_value"]);
    assert_ne!(first["qr_value"], second["qr_value"]);
}

#[tokio::test]
async fn the_other_shape_of_breb_wants_the_payer_s_document() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    let path = format!("/{slug}");
    let bad =
        json!({"result": "LIMIT_LENGTH_CC", "error": "El tamaño de la cédula del pagador es inválida."});
    desk.post(&path, &payer(&json!({"payment": "breb_qr", "cc": null}))).await.says(400, &bad);
    desk.post(&path, &payer(&json!({"payment": "breb_qr", "cc": "12"}))).await.says(400, &bad);
    let body = desk.post(&path, &payer(&json!({"payment": "breb_qr"}))).await.expect(200);
    let details = &body["payment_details"];
    assert!(details["qr_bitcoin"].as_str().unwrap().starts_with("000201"));
    assert_eq!(details["url_bitcoin"], Value::Null);
    assert!(details["key_value"].as_str().unwrap().starts_with('@') && details["GOrdenId"].is_string());
    assert_eq!(body.as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn the_three_flags_of_breb_are_one_switch() {
    let desk = Desk::new().await;
    for flag in ["breb", "Bre-B", "breb_qr"] {
        let slug = desk.cobru(&json!({"payment_method_enabled": json!({ flag: true }).to_string()})).await;
        desk.order(&slug, &json!({"payment": "breb"})).await;
    }
    let slug = desk.cobru(&json!({"payment_method_enabled": "{\"breb\":false,\"unknown\":true}"})).await;
    let refused =
        json!({"error": "Payment method is not enabled.", "payment_method": "breb", "result": "NOT_ALLOWED"});
    desk.post(&format!("/{slug}"), &json!({"payment": "breb"})).await.says(400, &refused);
}

#[tokio::test]
async fn errors_stand_in_the_contract_s_order() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({"payment_method_enabled": "{\"breb\":true}"})).await;
    let path = format!("/{slug}");
    for slug in ["/zzzzzzzz", "/ZZZZZZZZ", "/nadie"] {
        desk.post(slug, &json!({})).await.says(404, &json!({"detail": "Not found."}));
    }
    let missing = json!({"error": "El atributo 'payment' no fue encontrado"});
    desk.post(&path, &json!({"payment_method": "breb"})).await.says(400, &missing);
    let unknown = json!({"error": true, "msg": "unknown payment method"});
    for literal in [json!("nequi"), json!("BTC"), json!(7), json!({"a": 1})] {
        desk.post(&path, &json!({ "payment": literal })).await.says(400, &unknown);
    }
    let refused = json!({"error": "Payment method is not enabled.", "payment_method": "NEQUI", "result": "NOT_ALLOWED"});
    desk.post(&path, &json!({"payment": "NEQUI"})).await.says(400, &refused);
    desk.control("/pay", &json!({ "cobru": slug })).await.expect(200);
    desk.post(&path, &json!({"payment": "breb"})).await.says(400, &json!({"result": "COBRU_IS_PAYED"}));
    let gone = desk.cobru(&json!({})).await;
    desk.post("/cobru/update_to_expired/", &json!({ "url": gone })).await.expect(200);
    desk.post(&format!("/{gone}"), &json!({"payment": "breb"}))
        .await
        .says(400, &json!({"result": "COBRU_EXPIRED"}));
}

#[tokio::test]
async fn a_payer_needs_no_header_but_a_wrong_one_is_refused() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    let ask = || desk.plain(Method::POST, &format!("/{slug}")).json(&json!({"payment": "breb"}));
    assert_eq!(send(ask()).await.status, 200);
    assert_eq!(send(ask().header("x-api-key", desk.key())).await.status, 200);
    assert_eq!(send(ask().header("x-api-key", "no")).await.status, 403);
    assert_eq!(send(ask().bearer_auth("x.y.z")).await.status, 401);
}

#[tokio::test]
async fn the_balance_of_the_owner_has_a_limit() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    let most = desk.balance() + 1_000;
    desk.sandbox.world().cobru.limits.balance_max = most;
    desk.post(&format!("/{slug}"), &json!({"payment": "breb"}))
        .await
        .says(400, &json!({"result": "LIMIT_BALANCE"}));
}

#[tokio::test]
async fn a_breb_order_can_be_asked_for_by_everybody() {
    let desk = Desk::new().await;
    let slug = desk.cobru(&json!({})).await;
    let (order, _) = desk.order(&slug, &json!({"payment": "breb"})).await;
    let id = order["GOrdenId"].as_str().unwrap();
    let ask = || send(desk.plain(Method::GET, &format!("/breb_status/{id}/")));
    ask().await.says(200, &json!({"state": "PENDING"}));
    desk.control("/pay", &json!({ "cobru": slug })).await.expect(200);
    ask().await.says(200, &json!({"state": "COMPLETED"}));
    send(desk.plain(Method::GET, "/breb_status/mm_nobody/"))
        .await
        .says(404, &json!({"detail": "Not found."}));
}

#[tokio::test]
async fn the_second_encoding_can_be_missing() {
    let desk = Desk::new().await;
    desk.set("bare_array", true).await;
    let slug = desk.cobru(&json!({})).await;
    let body = desk.post(&format!("/{slug}"), &json!({"payment": "breb"})).await.expect(200);
    assert_eq!(body[0]["model"], "api.paymentorder");
}

#[tokio::test]
async fn banks_of_pse_are_open_and_their_codes_are_text() {
    let desk = Desk::new().await;
    let banks = send(desk.plain(Method::GET, "/get_banks/1/")).await.expect(200);
    let banks = banks.as_array().unwrap();
    assert!(banks.len() >= 15);
    for bank in [
        json!({"bankName": "BANCO AGRARIO", "bankCode": "1040"}),
        json!({"bankName": "BANCO AV VILLAS", "bankCode": "1052"}),
        json!({"bankName": "BANCO BBVA COLOMBIA S.A.", "bankCode": "1013"}),
    ] {
        assert!(banks.contains(&bank), "{bank}");
    }
}
