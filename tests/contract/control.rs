//! `/_sandbox/…`: the shapes that others rely on.

use crate::bench::{START, bench, fields, send};
use serde_json::{Value, json};

#[tokio::test]
async fn the_ready_line_is_answered_again() {
    let bench = bench().await;
    let info = bench.ask("info").await;
    assert_eq!(info, serde_json::to_value(bench.sandbox.ready()).unwrap());
    assert_eq!(fields(&info), ["cobre", "cobru", "control", "credentials"]);
    assert_eq!(fields(&info["credentials"]["cobre"]), ["admin", "checker", "maker", "viewer"]);
    assert_eq!(fields(&info["credentials"]["cobre"]["maker"]), ["secret", "user_id"]);
    assert_eq!(fields(&info["credentials"]["cobru"]), ["api_key", "refresh"]);
    assert_eq!(info["control"], format!("{}/_sandbox", info["cobre"].as_str().unwrap()));
}

#[tokio::test]
async fn the_ledger_shows_accounts_postings_payments_and_sums_of_zero() {
    let bench = bench().await;
    let before = bench.ask("ledger").await;
    assert_eq!(fields(&before), ["accounts", "clock", "payments", "postings", "sums"]);
    assert_eq!(before["clock"], START);
    assert!(before["sums"].as_object().unwrap().values().all(|sum| sum == 0), "{}", before["sums"]);
    let last = before["postings"].as_array().unwrap().last().unwrap()["seq"].as_u64().unwrap();
    let made = bench.pay(100_000, json!({"external_id": "e-1"})).await;
    bench.advance(1).await;
    let after = bench.ask(&format!("ledger?since={last}")).await;
    let bank = "outside:bank:1061";
    let expected = json!([{"seq": last + 1, "at": "2026-01-15T14:00:00.5Z", "currency": "COP", "cause": made["id"],
        "lines": [{"account": made["source_id"], "amount": -100_000}, {"account": bank, "amount": 100_000}]}]);
    let mut postings = after["postings"].clone();
    postings[0]["lines"][1]["account"] = json!(bank);
    assert_eq!(postings, expected);
    assert!(after["postings"][0]["lines"][1]["account"].as_str().unwrap().starts_with("outside:bank:"));
    let payment = after["payments"].as_array().unwrap().iter().find(|row| row["id"] == made["id"]).unwrap();
    assert_eq!(
        fields(payment),
        [
            "amount",
            "currency",
            "destination",
            "external_id",
            "id",
            "key",
            "kind",
            "provider",
            "source",
            "state"
        ]
    );
    assert_eq!(
        (&payment["external_id"], &payment["currency"], &payment["provider"]),
        (&json!("e-1"), &json!("COP"), &json!("cobre"))
    );
    assert!(payment["key"].as_str().unwrap().starts_with("bench-key"));
    let account =
        after["accounts"].as_array().unwrap().iter().find(|row| row["id"] == made["source_id"]).unwrap();
    assert_eq!(fields(account), ["balance", "currency", "id", "name", "outside", "provider"]);
    assert_eq!((&account["name"], &account["outside"]), (&json!("Operación"), &json!(false)));
}

#[tokio::test]
async fn the_requests_seen_are_listed_without_a_secret() {
    let bench = bench().await;
    let made = bench.pay(100, json!({})).await;
    let requests = bench.ask("requests?since=0").await;
    let rows = requests.as_array().unwrap();
    assert_eq!(
        fields(&rows[0]),
        ["at", "bytes_in", "bytes_out", "key", "method", "path", "provider", "role", "seq", "status"]
    );
    let posted =
        rows.iter().find(|row| row["method"] == "POST" && row["path"] == "/v1/money_movements").unwrap();
    assert_eq!(
        (&posted["status"], &posted["role"], &posted["provider"]),
        (&json!(201), &json!("maker"), &json!("cobre"))
    );
    assert!(
        posted["key"].as_str().unwrap().starts_with("bench-key") && posted["bytes_in"].as_u64() > Some(50)
    );
    let secret = bench.sandbox.ready().credentials.cobre["maker"].secret.clone();
    let token = bench.token("maker").await;
    assert!(!requests.to_string().contains(&secret) && !requests.to_string().contains(&token));
    let last = rows.last().unwrap()["seq"].as_u64().unwrap();
    assert_eq!(bench.ask(&format!("requests?since={last}")).await, json!([]));
    assert!(made["id"].is_string());
}

#[tokio::test]
async fn the_clock_is_moved_and_what_was_due_has_happened() {
    let bench = bench().await;
    let made = bench.pay(100, json!({})).await;
    let (status, answer) = bench.tell("clock", json!({"advance_s": 300})).await;
    assert_eq!((status, &answer["now"]), (200, &json!("2026-01-15T14:05:00Z")));
    assert_eq!(bench.state(&made).await, "completed");
    assert_eq!(bench.tell("clock", json!({"rate": 60})).await.0, 200);
    for bad in
        [json!({}), json!({"advance_s": -1}), json!({"advance_s": 1.5}), json!({"speed": 2}), json!([])]
    {
        let (status, answer) = bench.tell("clock", bad).await;
        assert!(status == 400 && answer["error"].is_string());
    }
}

#[tokio::test]
async fn faults_do_what_they_say() {
    let bench = bench().await;
    let fault = async |order: Value| assert_eq!(bench.tell("faults", order).await.0, 201);
    fault(json!({"path": "/v1/accounts", "times": 1, "fault": "status:503"})).await;
    let (status, answer) = bench.get("viewer", "accounts").await;
    assert_eq!((status, &answer["error_code"]), (503, &json!("G001")));
    assert_eq!(bench.get("viewer", "accounts").await.0, 200, "once");

    fault(json!({"path": "/v1/accounts", "times": 1, "fault": "garbage"})).await;
    assert_eq!(bench.get("viewer", "accounts").await, (200, Value::Null));
    fault(json!({"path": "/v1/accounts", "times": 1, "fault": "truncate:40"})).await;
    let cut = bench.request(reqwest::Method::GET, "viewer", "accounts").await.send().await.unwrap();
    assert_eq!(cut.bytes().await.unwrap().len(), 40);

    fault(json!({"path": "/v1/accounts", "times": 1, "fault": "alter:obtained_balance=7"})).await;
    assert!(bench.rows("viewer", "accounts").await.iter().all(|row| row["obtained_balance"] == 7));
    fault(json!({"path": "/v1/accounts", "times": 1, "fault": "ignore_filter"})).await;
    assert_eq!(bench.rows("viewer", "accounts?geo=mex").await.len(), 5);

    let true_rows = bench.rows("viewer", "transactions?page_size=3&page_number=1").await;
    fault(json!({"path": "/v1/transactions", "times": 1, "fault": "reorder"})).await;
    let reordered = bench.rows("viewer", "transactions?page_size=3&page_number=1").await;
    assert!(reordered.iter().rev().eq(true_rows.iter()));
    fault(json!({"path": "/v1/transactions", "times": 1, "fault": "repeat_rows"})).await;
    assert_eq!(bench.rows("viewer", "transactions?page_size=3&page_number=1").await.len(), 4);
    fault(json!({"path": "/v1/transactions", "times": 1, "fault": "shift_pages"})).await;
    let shifted = bench.rows("viewer", "transactions?page_size=3&page_number=1").await;
    assert_eq!(shifted[..2], true_rows[1..], "the first row of the page went by");

    let old = bench.get("viewer", "money_movements?page_size=1").await;
    bench.pay(100, json!({})).await;
    fault(json!({"path": "/v1/money_movements", "method": "GET", "times": 1, "fault": "stale"})).await;
    assert_eq!(bench.get("viewer", "money_movements?page_size=1").await, old);
    assert_ne!(bench.get("viewer", "money_movements?page_size=1").await, old);

    fault(json!({"fault": "status:500"})).await;
    assert_eq!(bench.ask("faults").await.as_array().unwrap().last().unwrap()["fault"], "status:500");
    assert_eq!(send(bench.http.delete(bench.control("faults"))).await.0, 204);
    assert_eq!(bench.get("viewer", "accounts").await.0, 200);
    for bad in [
        json!({"fault": "explode"}),
        json!({}),
        json!({"fault": "garbage", "share": 2}),
        json!({"fault": "garbage", "colour": 1}),
    ] {
        assert_eq!(bench.tell("faults", bad).await.0, 400);
    }
}

/// The line dies at three moments; the ledger says what each meant.
#[tokio::test]
async fn a_cut_answer_still_paid_once_and_a_cut_request_did_not() {
    let bench = bench().await;
    let (source, destination) = (bench.account("Operaci%C3%B3n").await, bench.counterparty("type=ch").await);
    for (number, (kind, made)) in
        [("cut_before", 0), ("cut_during", 1), ("cut_after", 1)].into_iter().enumerate()
    {
        bench
            .tell(
                "faults",
                json!({"path": "/v1/money_movements", "method": "POST", "times": 1, "fault": kind}),
            )
            .await;
        let body = json!({"source_id": source, "destination_id": destination, "amount": 100, "external_id": kind, "metadata": {"description": "x"}});
        let key = format!("cut-key-{number}00");
        let request = bench
            .request(reqwest::Method::POST, "maker", "money_movements")
            .await
            .header("idempotency", &key)
            .json(&body);
        let answer = match request.send().await {
            Ok(answer) => answer.bytes().await.map(|_| ()),
            Err(error) => Err(error),
        };
        assert!(answer.is_err(), "{kind}");
        assert_eq!(
            bench.rows("viewer", &format!("money_movements?external_id={kind}")).await.len(),
            made,
            "{kind}"
        );
        assert_eq!(bench.post_with_key("maker", "money_movements", &key, body).await.0, 201);
        assert_eq!(
            bench.rows("viewer", &format!("money_movements?external_id={kind}")).await.len(),
            1,
            "{kind}"
        );
    }
}

#[tokio::test]
async fn an_unknown_call_says_so_and_a_reset_begins_again() {
    let bench = bench().await;
    let (status, answer) = bench.tell("nothing", json!({})).await;
    assert!(status == 404 && answer["error"].is_string());
    let before = bench.ask("ledger").await;
    bench.pay(100, json!({})).await;
    bench.advance(60).await;
    assert_eq!(bench.tell("reset", json!({})).await.0, 200);
    let after = bench.ask("ledger").await;
    assert_eq!(after["accounts"], before["accounts"]);
    assert_eq!(bench.ask("info").await["cobre"], bench.sandbox.ready().cobre);
    assert_eq!(bench.tell("pay", json!({"movement": "mm_x"})).await.0, 400);
    assert_eq!(bench.tell("pay", json!({"key": "@NADIE"})).await.0, 400);
}

#[tokio::test]
async fn the_page_is_there_and_pages_of_others_are_kept_out() {
    let bench = bench().await;
    let control = bench.sandbox.ready().control.clone();
    let page = bench.http.get(&control).send().await.unwrap();
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert!(page.text().await.unwrap().contains("sandbox"));
    for (name, value) in [("origin", "https://evil.example"), ("host", "evil.example:80")] {
        let request = bench.http.post(bench.control("reset")).header(name, value);
        assert_eq!(send(request).await.0, 403, "{name}");
    }
    let request = bench.http.post(bench.control("reset")).header("origin", "http://127.0.0.1:80");
    assert_eq!(send(request).await.0, 200);
}

#[tokio::test]
async fn the_last_rows_and_the_open_links_are_enough_for_the_page() {
    let bench = bench().await;
    let (page, _) = send(bench.http.get(bench.sandbox.ready().control.clone())).await;
    assert_eq!(page, 200);
    let whole = bench.ask("ledger").await;
    let part = bench.ask("ledger?last=15&payments=open").await;
    let postings = whole["postings"].as_array().unwrap();
    assert_eq!(part["postings"].as_array().unwrap(), &postings[postings.len() - 15..]);
    assert_eq!((&part["accounts"], &part["sums"]), (&whole["accounts"], &whole["sums"]));
    let open = part["payments"].as_array().unwrap();
    assert!(!open.is_empty() && open.iter().all(|row| whole["payments"].as_array().unwrap().contains(row)));
    assert!(
        open.iter().all(
            |row| row["provider"] == "cobre" || ["0", "1", "2"].contains(&row["state"].as_str().unwrap())
        )
    );
    let link = open.iter().find(|row| row["provider"] == "cobru").unwrap();
    assert_eq!(bench.tell("pay", json!({"cobru": link["id"]})).await.1["state"], 3);
    assert_eq!(bench.tell("pay", json!({"cobru": link["id"]})).await.0, 409);
    let left = bench.ask("ledger?payments=open").await["payments"].as_array().unwrap().clone();
    assert_eq!(left.len(), open.len() - 1);
    assert_eq!(bench.ask("ledger?payments=none").await["payments"], json!([]));
    bench.get("viewer", "accounts").await;
    bench.get("viewer", "keys").await;
    let last = bench.ask("requests?last=1").await;
    assert_eq!((last.as_array().unwrap().len(), &last[0]["path"]), (1, &json!("/v1/keys")));
    let bad = ["ledger?last=x", "ledger?payments=all", "requests?since=-1"];
    for path in bad {
        assert_eq!(send(bench.http.get(bench.control(path))).await.0, 400, "{path}");
    }
}

#[tokio::test]
async fn the_header_date_is_the_time_of_the_sandbox() {
    let bench = bench().await;
    let dates = async || {
        let cobre = bench.http.get(bench.cobre("accounts")).send().await.unwrap();
        let cobru = bench.http.get(bench.cobru("/balance/")).send().await.unwrap();
        [cobre, cobru].map(|answer| answer.headers()["date"].to_str().unwrap().to_owned())
    };
    assert_eq!(dates().await, ["Thu, 15 Jan 2026 14:00:00 GMT"; 2]);
    bench.advance(86_400 + 7).await;
    assert_eq!(dates().await, ["Fri, 16 Jan 2026 14:00:07 GMT"; 2]);
}
