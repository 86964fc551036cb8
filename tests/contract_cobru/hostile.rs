//! Section 15: whatever is sent, the answer is the provider's own refusal and nothing has moved.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, send};

/// Every path that takes a body and refuses an empty one.
const PATHS: [&str; 33] = [
    "/token/refresh/",
    "/token/",
    "/cobru/",
    "/edit_cobru/",
    "/cobru/update_to_expired/",
    "/cobru/estimate/",
    "/cobru/confirm_daviplata/",
    "/send/",
    "/thirdpartywithdraw/",
    "/cancelthirdpartywithdraw/",
    "/withdraw/co/",
    "/withdraw/br/",
    "/withdraw/mx/",
    "/withdraw/ar/",
    "/cancel_withdraw/",
    "/cashwithdraw/",
    "/cancelcashwithdraw/",
    "/cobru/debit/create_and_reload_card/",
    "/cobru/debit/freeze_card/",
    "/request_service_reload/",
    "/pin/",
    "/packages/buy/",
    "/register_tc/",
    "/tc_payment/",
    "/user/",
    "/verify_email/",
    "/verify_phone/",
    // A slug, filled in below.
    "/{slug}",
    // Paths that are nobody's.
    "/wompi_status/",
    "/base/upload_file/",
    "/crypto/buy/",
    "/pay_with_celo/",
    "/withdraw/",
];

/// Every field that some body has, with this value.
fn all_fields(value: &str) -> String {
    let names = [
        "refresh",
        "username",
        "password",
        "amount",
        "description",
        "expiration_days",
        "payment_method_enabled",
        "payer_redirect_url",
        "callback",
        "client_assume_costs",
        "iva",
        "url",
        "URL",
        "OTP",
        "payment",
        "cc",
        "name",
        "document_type",
        "email",
        "phone",
        "to_user",
        "account_holder_name",
        "account_type",
        "account_holder_document",
        "account_holder_document_type",
        "account_number",
        "account_phone",
        "account_email",
        "bank_name",
        "key_value",
        "currency_code",
        "pix_key",
        "pix_key_type",
        "cpf",
        "clabe",
        "beneficiary",
        "cbu",
        "id",
        "method",
        "document",
        "exp_days",
        "card_id",
        "freeze",
        "value",
        "recipient",
        "operator",
        "id_pin",
        "cell_provider",
        "code_provider",
        "number_card",
        "name_card",
        "date_expiration",
        "tc_id",
        "cobru_url",
        "dues",
        "cvv",
        "first_name",
        "last_name",
        "document_number",
        "country_code",
        "brand",
        "code",
    ];
    let fields: Vec<String> = names.iter().map(|name| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

#[tokio::test]
async fn no_body_breaks_a_path_or_moves_money() {
    let desk = Desk::new().await;
    let slug = desk.open_cobru().await;
    let before = desk.postings();
    let mut bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "null",
        "true",
        "0",
        "\"x\"",
        "[]",
        "[[[[",
        "{",
        "{}",
        "{\"\":\"\"}",
        "{\"amount\":NaN}",
        "{'a':1}",
        "{\"amount\":1,\"amount\":{}}",
        "{\"a\":\"\\ud800\"}",
        "\u{feff}{}",
    ]
    .iter()
    .map(|body| body.as_bytes().to_vec())
    .collect();
    for value in [
        "null",
        "true",
        "[]",
        "{}",
        "\"\"",
        "\" \"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "-1",
        "0.001",
        "1e309",
        "-1e309",
        "99999999999999999999999999",
        "1e-400",
        "\"١٢٣\"",
        "\"\u{202e}ñ́́́\"",
        "\"<script>\"",
        "\"'; DROP TABLE\"",
    ] {
        bodies.push(all_fields(value).into_bytes());
    }
    bodies.push(all_fields(&format!("\"{}\"", "9".repeat(5_000))).into_bytes());
    bodies.push(all_fields(&"9".repeat(5_000)).into_bytes());
    bodies.push(b"\xc3\x28".to_vec());
    bodies.push([b"{\"amount\":\"".to_vec(), vec![0xFF; 40], b"\"}".to_vec()].concat());
    bodies.push([b"{\"amount\":".to_vec(), b"[".repeat(50_000), b"]".repeat(50_000), b"}".to_vec()].concat());
    bodies.push(format!("{{\"description\":\"{}\"}}", "x".repeat(2_600_000)).into_bytes());
    for path in PATHS {
        let path = path.replace("{slug}", &slug);
        for body in &bodies {
            let answer = desk.post_raw(&path, body.clone()).await;
            let start: String = String::from_utf8_lossy(body).chars().take(60).collect();
            assert!((400..500).contains(&answer.status), "{path} {start}: {answer:?}");
            if answer.kind == "application/json" {
                assert!(answer.json().is_object(), "{path} {start}: {answer:?}");
            }
        }
    }
    assert_eq!(desk.postings(), before);
    assert_eq!(desk.state(&slug).await, 0);
    desk.ledger_holds();
}

#[tokio::test]
async fn no_path_query_or_verb_breaks_the_server() {
    let desk = Desk::new().await;
    let long = format!("/{}", "a".repeat(20_000));
    for path in [
        "/%00",
        "/%f0%9f%98%80",
        "/cobru_detail/..%2f..",
        "/cobru_detail/%00",
        "/breb_status/%ff/",
        "/thirdpartywithdraw/-1",
        "/thirdpartywithdraw/9223372036854775808",
        "/cashwithdraw/%31",
        "/list_tc/?card_uuid=%00",
        &long,
        "/subcategory?category_id=99999999999999999999",
        "/get_withdraw/?pk=%F0%9F%98%80",
        "/celo",
    ] {
        let answer = desk.get(path).await;
        assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
    }
    for query in [
        "?by_cobrus=true&per_page=18446744073709551616",
        "?by_cobrus=true&page_num=18446744073709551615",
        "?by_cobrus=true&%ff=1",
    ] {
        let answer = desk.get(&format!("/movements/movements_by_types/{query}")).await;
        assert!(answer.status < 500, "{query}: {answer:?}");
    }
    for verb in ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
        let request = desk.plain(Method::from_bytes(verb.as_bytes()).unwrap(), "/balance/");
        let request = request.header("x-api-key", desk.key()).bearer_auth(desk.token());
        let expected: Value = json!({"detail": format!("Method \"{verb}\" not allowed.")});
        send(request).await.says(405, &expected);
    }
}
