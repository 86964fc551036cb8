//! Sections 1.1 to 1.7: addresses, headers, the rate limit, errors, lists, masks.

use crate::bench::{bench, fields, refused, send};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_base_address_may_have_v1_and_slashes_too_many() {
    let bench = bench().await;
    let token = bench.token("viewer").await;
    let id = bench.account("Recaudo").await;
    for path in ["/v1/accounts", "/accounts", "//v1//accounts/", "/v1/v1/accounts"] {
        let url = format!("{}{path}", bench.sandbox.ready().cobre);
        assert_eq!(send(bench.http.get(url).bearer_auth(&token)).await.0, 200, "{path}");
    }
    assert_eq!(bench.get("viewer", &format!("accounts/{id}/?sensitive_data=true")).await.0, 200);
}

#[tokio::test]
async fn an_unknown_path_is_forbidden_and_an_unknown_id_is_not_found() {
    let bench = bench().await;
    for (method, path) in
        [(Method::GET, "nothing"), (Method::GET, ".well-known/x"), (Method::PUT, "accounts")]
    {
        let back = send(bench.request(method, "admin", path).await).await;
        assert_eq!(back, (403, json!({"message": "Missing Authentication Token"})), "{path}");
    }
    assert_eq!(send(bench.http.get(bench.cobre("nothing"))).await.0, 403, "also without a token");
    refused(&bench.get("viewer", "accounts/acc_0000000000").await, 404, "ACC001");
    refused(&bench.get("viewer", "counterparties/cp_x").await, 404, "CP006");
    refused(&bench.get("viewer", "money_movements/mm_%FF%00").await, 404, "MM003");
    refused(&bench.get("viewer", "bulk_money_movements/ñ").await, 404, "G003");
    bench
        .http
        .patch(bench.control("settings"))
        .json(&json!({"unknown_path_404": true}))
        .send()
        .await
        .unwrap();
    assert_eq!(bench.get("viewer", "nothing").await.0, 404);
}

#[tokio::test]
async fn a_page_has_its_seven_fields_and_pages_tile_the_list() {
    let bench = bench().await;
    let (_, page) = bench.get("viewer", "counterparties?page_size=7&page_number=5").await;
    assert_eq!(
        fields(&page),
        ["contents", "is_last_page", "page_items", "page_number", "page_size", "total_items", "total_pages"]
    );
    assert_eq!(
        (&page["total_items"], &page["total_pages"], &page["is_last_page"], &page["page_items"]),
        (&json!(40), &json!(6), &json!(true), &json!(5))
    );
    let mut seen = Vec::new();
    for number in 0..7 {
        let rows = bench.rows("viewer", &format!("counterparties?page_size=7&page_number={number}")).await;
        seen.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
    }
    let whole: Vec<String> = bench
        .rows("viewer", "counterparties")
        .await
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(seen, whole);
    let (_, empty) = bench.get("viewer", "counterparties?alias=nadie").await;
    assert_eq!(
        (&empty["total_items"], &empty["contents"], &empty["is_last_page"]),
        (&json!(0), &json!([]), &json!(true))
    );
}

#[tokio::test]
async fn what_is_no_page_is_refused_and_what_is_no_filter_is_ignored() {
    let bench = bench().await;
    for query in ["page_size=0", "page_size=101", "page_size=ten", "page_number=-1", "page_number=999999"] {
        refused(&bench.get("viewer", &format!("transactions?{query}")).await, 400, "G002");
    }
    let all = bench.get("viewer", "counterparties").await;
    assert_eq!(bench.get("viewer", "counterparties?alias=&colour=blue&geo").await, all);
}

#[tokio::test]
async fn correlation_ids_come_back() {
    let bench = bench().await;
    let request = bench.request(Method::GET, "viewer", "accounts").await;
    let answer = request.header("X-Correlation-Id", "trace-9").send().await.unwrap();
    assert_eq!(answer.headers()["x-correlation-id"], "trace-9");
    assert!(!answer.headers()["x-request-id"].is_empty());
}

#[tokio::test]
async fn over_thirty_a_second_after_two_hundred_is_too_many() {
    let bench = bench().await;
    let mut first_refused = 0;
    for asked in 1..=220 {
        let back = bench.get("viewer", "accounts?page_size=1").await;
        if back.0 == 429 {
            refused(&back, 429, "G429");
            first_refused = asked;
            break;
        }
    }
    assert_eq!(first_refused, 201);
    let answer = bench.request(Method::GET, "viewer", "accounts").await.send().await.unwrap();
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(bench.get("maker", "accounts").await.0, 200, "each token has its own");
    bench.advance(1).await;
    assert_eq!(bench.get("viewer", "accounts").await.0, 200);
}

#[tokio::test]
async fn a_token_for_each_call_does_not_go_round_the_limit() {
    let bench = bench().await;
    let credential = &bench.sandbox.ready().credentials.cobre["viewer"];
    let body = json!({"user_id": credential.user_id, "secret": credential.secret});
    let sign_in = async || send(bench.http.post(bench.cobre("auth")).json(&body)).await;
    for _ in 0..200 {
        assert_eq!(sign_in().await.0, 200);
    }
    refused(&sign_in().await, 429, "G429");
    assert_eq!(bench.get("maker", "accounts").await.0, 200, "each credential has its own");
    bench.advance(1).await;
    assert_eq!(sign_in().await.0, 200);
}

#[tokio::test]
async fn names_and_numbers_are_masked_unless_they_may_be_seen() {
    let bench = bench().await;
    let whole = bench.rows("maker", "counterparties?type=cc&sensitive_data=true").await;
    let name = whole[0]["metadata"]["counterparty_fullname"].as_str().unwrap();
    let masked = bench.rows("maker", "counterparties?type=cc").await;
    for field in ["counterparty_fullname", "counterparty_id_number", "account_number"] {
        let (shown, hidden) = (&whole[0]["metadata"][field], &masked[0]["metadata"][field]);
        let (shown, hidden) = (shown.as_str().unwrap(), hidden.as_str().unwrap());
        assert_eq!(shown.chars().count(), hidden.chars().count());
        assert!(hidden.starts_with('*') && !shown.contains('*'), "{field}: {hidden}");
        let tail: String = shown.chars().rev().take(4).collect();
        assert!(hidden.chars().rev().take(4).eq(tail.chars()));
    }
    let viewer = bench.rows("viewer", "counterparties?type=cc&sensitive_data=true").await;
    assert_ne!(viewer[0]["metadata"]["counterparty_fullname"], name, "the viewer's role shows nothing");
}
