//! Section 15.2: faults on demand, and what they leave behind.

use serde_json::json;

use crate::desk::Desk;

async fn fault(desk: &Desk, order: serde_json::Value) {
    assert_eq!(desk.control("/faults", &order).await.status, 201, "{order}");
}

#[tokio::test]
async fn an_answer_that_is_lost_after_handling_leaves_one_cobru_with_its_key() {
    let desk = Desk::new().await;
    fault(
        &desk,
        json!({"path": "/cobru/", "exact": true, "method": "POST", "times": 1, "fault": "cut_after"}),
    )
    .await;
    let draft = Desk::draft_with(&json!({"idempotency_key": "lost-1"}));
    let request = desk.plain(reqwest::Method::POST, "/cobru/").header("x-api-key", desk.key());
    assert!(request.bearer_auth(desk.token()).json(&draft).send().await.is_err());
    let newest = desk.get("/movements/movements_by_types/?by_cobrus=true&per_page=1").await.expect(200);
    assert_eq!((&newest["count"], &newest["result"][0]["state"]), (&json!(31), &json!(0)));
    desk.post("/cobru/", &draft).await.says(400, &json!({"error": "double_idempotency_key_in_cobru"}));
    let ledger = desk.control_get("/ledger").await.expect(200);
    let made = ledger["payments"].as_array().unwrap().iter().filter(|payment| payment["key"] == "lost-1");
    assert_eq!(made.count(), 1);
}

#[tokio::test]
async fn a_status_that_is_asked_for_comes_in_the_provider_s_form_and_nothing_is_done() {
    let desk = Desk::new().await;
    for (status, body) in [
        (429, json!({"detail": "Request was throttled. Expected available in 1 second."})),
        (401, json!({"detail": "Authentication credentials were not provided."})),
    ] {
        fault(&desk, json!({"path": "/send/", "times": 1, "fault": format!("status:{status}")})).await;
        let before = desk.postings();
        desk.post("/send/", &json!({"to_user": "3005550110", "amount": 1000})).await.says(status, &body);
        assert_eq!(desk.postings(), before);
    }
    fault(&desk, json!({"path": "/send/", "times": 1, "fault": "status:500"})).await;
    assert_eq!(desk.get("/send/").await.kind, "text/html");
    assert_eq!(desk.get("/send/").await.status, 200, "once");
}

#[tokio::test]
async fn a_filter_that_is_ignored_answers_with_every_withdrawal() {
    let desk = Desk::new().await;
    let path = "/thirdpartywithdraw/?idempotency_key=nobody-s";
    assert_eq!(desk.get(path).await.expect(200)["count"], 0);
    fault(&desk, json!({"path": "/thirdpartywithdraw", "times": 1, "fault": "ignore_filter"})).await;
    assert_eq!(desk.get(path).await.expect(200)["count"], 5);
    // The family of movements is no filter: it says which list.
    fault(&desk, json!({"path": "/movements", "times": 1, "fault": "ignore_filter"})).await;
    assert_eq!(desk.get("/movements/movements_by_types/?by_cobrus=true").await.status, 200);
}

#[tokio::test]
async fn a_page_can_change_under_its_reader() {
    let desk = Desk::new().await;
    let page = async |number: u8| {
        let path = format!("/movements/movements_by_types/?by_cobrus=true&per_page=5&page_num={number}");
        let rows = desk.get(&path).await.expect(200)["result"].as_array().unwrap().clone();
        rows.iter().map(|row| row["pk"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let (first, second) = (page(1).await, page(2).await);
    fault(&desk, json!({"path": "/movements", "times": 2, "fault": "shift_pages"})).await;
    assert_eq!((page(1).await, page(2).await[..4].to_vec()), (first, second[1..].to_vec()));
}

#[tokio::test]
async fn with_a_limit_a_key_that_asks_too_often_is_told_when_to_come_back() {
    let mut desk = Desk::new().await;
    desk.set_to("cobru_per_minute", json!(3)).await;
    for _ in 0..2 {
        assert_eq!(desk.get("/balance/").await.status, 200);
    }
    desk.sandbox.advance_seconds(48);
    assert_eq!(desk.get("/balance/").await.status, 200);
    let request = desk.plain(reqwest::Method::GET, "/balance/").header("x-api-key", desk.key());
    let answer = request.bearer_auth(desk.token()).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (429, &"12".parse().unwrap()));
    let body: serde_json::Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(body, json!({"detail": "Request was throttled. Expected available in 12 seconds."}));
    let before = desk.postings();
    assert_eq!(desk.post("/send/", &json!({"to_user": "3005550110", "amount": 1000})).await.status, 429);
    assert_eq!(desk.postings(), before);
    desk.sandbox.advance_seconds(12);
    assert_eq!(desk.get("/balance/").await.status, 200);
    desk.sandbox.advance_seconds(60);
    desk.sign_in().await;
}
