//! Section 11.

use crate::bench::{bench, refused};
use serde_json::json;

#[tokio::test]
async fn a_quote_is_executed_once_and_both_balances_move() {
    let bench = bench().await;
    let (usd, mxn) = (bench.account("D%C3%B3lares").await, bench.account("M%C3%A9xico").await);
    let (status, quote) = bench
        .post(
            "maker",
            "fx_quotes",
            json!({"type": "static_quote", "currency_pair": "usd/mxn", "source_amount": 10_000}),
        )
        .await;
    assert_eq!(
        (status, &quote["destination_amount"], &quote["last_quote"]),
        (201, &json!(185_000), &json!(true)),
        "{quote}"
    );
    assert_eq!(quote["fx_rate"].as_f64(), Some(18.5));
    assert_eq!(quote["valid_until"], "2026-01-15T14:03:00Z");
    let before = (bench.balance(&usd).await, bench.balance(&mxn).await);
    let body = json!({"source_id": usd, "destination_id": mxn, "forex_quote_id": quote["id"], "metadata": {"destination_description": "Fondeo MX"}, "external_id": "fx-77"});
    let (status, made) = bench.post("maker", "cross_border_money_movements", body.clone()).await;
    assert_eq!(
        (status, &made["type"], &made["currency"], &made["amount"]),
        (201, &json!("cross_border"), &json!("usd/mxn"), &json!(10_000)),
        "{made}"
    );
    assert_eq!(made["metadata"]["forex_quote"]["id"], quote["id"]);
    refused(&bench.post("maker", "cross_border_money_movements", body.clone()).await, 400, "G002");
    bench.advance(1).await;
    assert_eq!((bench.balance(&usd).await, bench.balance(&mxn).await), (before.0 - 10_000, before.1));
    bench.advance(2).await;
    assert_eq!(
        (bench.balance(&usd).await, bench.balance(&mxn).await),
        (before.0 - 10_000, before.1 + 185_000)
    );
    let found = bench.rows("viewer", "cross_border_money_movements?external_id=fx-77").await;
    assert_eq!((found.len(), &found[0]["status"]["state"]), (1, &json!("completed")));
    let kinds: Vec<_> = bench
        .rows("viewer", "transactions?page_size=2")
        .await
        .iter()
        .map(|row| row["type"].clone())
        .collect();
    assert_eq!(kinds, ["cbmm_credit", "cbmm_debit"]);
    bench.balanced();
}

#[tokio::test]
async fn an_expired_unknown_or_foreign_quote_is_refused_and_too_much_is_rejected() {
    let bench = bench().await;
    let (usd, mxn) = (bench.account("D%C3%B3lares").await, bench.account("M%C3%A9xico").await);
    let quote = async |body| bench.post("maker", "fx_quotes", body).await.1["id"].clone();
    let pay = async |id, from: &str, to: &str| {
        let body = json!({"source_id": from, "destination_id": to, "forex_quote_id": id, "metadata": {"destination_description": "x"}});
        bench.post("maker", "cross_border_money_movements", body).await
    };
    refused(&pay(json!("fxq_unknown00"), &usd, &mxn).await, 404, "G003");
    let id =
        quote(json!({"type": "static_quote", "currency_pair": "USD/MXN", "destination_amount": 185_000}))
            .await;
    refused(&pay(id.clone(), &mxn, &usd).await, 400, "MM005");
    bench.advance(180).await;
    refused(&pay(id, &usd, &mxn).await, 400, "G002");
    let id = quote(
        json!({"type": "static_quote", "currency_pair": "usd/mxn", "source_amount": 900_000_000_000_i64}),
    )
    .await;
    let (status, made) = pay(id, &usd, &mxn).await;
    assert_eq!(status, 201);
    bench.advance(5).await;
    let (_, read) =
        bench.get("viewer", &format!("cross_border_money_movements/{}", made["id"].as_str().unwrap())).await;
    assert_eq!((&read["status"]["state"], &read["status"]["code"]), (&json!("rejected"), &json!("R001")));
    for bad in [
        json!({"type": "static_quote", "currency_pair": "usd_stable/cop", "source_amount": 1}),
        json!({"type": "static_quote", "currency_pair": "usd/mxn"}),
        json!({"type": "static_quote", "currency_pair": "usd/mxn", "source_amount": 0}),
        json!({"type": "static_quote", "currency_pair": "usd/mxn", "source_amount": i64::MAX}),
        json!({"type": "guess", "currency_pair": "usd/mxn", "source_amount": 1}),
    ] {
        refused(&bench.post("maker", "fx_quotes", bad).await, 400, "G002");
    }
    bench.balanced();
}

#[tokio::test]
async fn a_quote_that_is_made_to_expire_is_refused_and_moves_nothing() {
    let bench = bench().await;
    let (usd, mxn) = (bench.account("D%C3%B3lares").await, bench.account("M%C3%A9xico").await);
    let asked = json!({"type": "static_quote", "currency_pair": "usd/mxn", "source_amount": 10_000});
    let quote = bench.post("maker", "fx_quotes", asked).await.1;
    let id = quote["id"].as_str().unwrap();
    let before = bench.balance(&usd).await;
    let (status, expired) = bench.tell(&format!("quotes/{id}/expire"), json!({})).await;
    assert_eq!(status, 200, "{expired}");
    assert!(expired["valid_until"].as_str() < quote["valid_until"].as_str(), "{expired}");
    let body = json!({"source_id": usd, "destination_id": mxn, "forex_quote_id": id, "metadata": {"destination_description": "x"}});
    refused(&bench.post("maker", "cross_border_money_movements", body).await, 400, "G002");
    bench.advance(10).await;
    assert_eq!(bench.balance(&usd).await, before);
    assert_eq!(bench.tell("quotes/fxq_unknown00/expire", json!({})).await.0, 400);
    bench.balanced();
}

#[tokio::test]
async fn an_alert_is_kept_until_it_is_ended() {
    let bench = bench().await;
    let body = json!({"currency_pair": "usd/cop", "condition": "within_range", "thresholds": [3900, 4100]});
    let (status, made) = bench.post("maker", "alerts", body).await;
    assert_eq!((status, &made["active_status"]), (201, &json!(true)));
    let path = format!("alerts/{}", made["id"].as_str().unwrap());
    assert_eq!(bench.delete("maker", &path).await.1["active_status"], false);
    assert_eq!(bench.get("viewer", &path).await.1["active_status"], false);
    refused(
        &bench
            .post(
                "maker",
                "alerts",
                json!({"currency_pair": "usd/cop", "condition": "above", "thresholds": []}),
            )
            .await,
        400,
        "G002",
    );
}

#[tokio::test]
async fn rates_go_up_down_and_back_with_the_clock() {
    let bench = bench().await;
    let rate = async |pair: &str| {
        bench.forget_tokens();
        let body = json!({"type": "static_quote", "currency_pair": pair, "source_amount": 1_000_000});
        bench.post("maker", "fx_quotes", body).await.1["fx_rate"].as_f64().unwrap()
    };
    assert_eq!((rate("usd/mxn").await, rate("copco/usd_stable").await), (18.5, 0.00025));
    for (minutes, there, back) in [(60, 18.87, 0.000_245), (60, 18.5, 0.00025), (60, 18.13, 0.000_255)] {
        bench.advance(minutes * 60).await;
        assert_eq!((rate("usd/mxn").await, rate("copco/usd_stable").await), (there, back));
    }
    let quotes = bench.rows("viewer", "fx_quotes?currency_pair=usd/mxn").await;
    let last: Vec<_> = quotes.iter().map(|quote| quote["last_quote"].as_bool().unwrap()).collect();
    assert_eq!(last, [true, false, false, false]);
}

#[tokio::test]
async fn an_alert_is_told_whenever_its_rate_comes_there_again_until_it_ends() {
    let bench = bench().await;
    let listens =
        json!({"events": ["alerts.fx_rate.triggered"], "url": "http://127.0.0.1:9/", "description": "x"});
    bench.post("admin", "subscriptions", listens).await;
    let alert = |condition: &str, thresholds: serde_json::Value| json!({"currency_pair": "usd/mxn", "condition": condition, "thresholds": thresholds, "expires": "2026-01-16T00:00:00Z"});
    let (_, high) = bench.post("maker", "alerts", alert("above", json!([18.8]))).await;
    let (_, near) = bench.post("maker", "alerts", alert("within_range", json!([18.4, 18.6]))).await;
    let (_, never) = bench.post("maker", "alerts", alert("above", json!([19]))).await;
    let told = async |of: &serde_json::Value| {
        let deliveries = bench.ask("deliveries").await["contents"].as_array().unwrap().clone();
        deliveries.iter().filter(|row| row["about"] == of["id"]).count()
    };
    bench.advance(2).await;
    assert_eq!((told(&high).await, told(&near).await, told(&never).await), (0, 1, 0));
    // A round is four hours: once over 18.8, twice through the middle.
    for round in 1..=2 {
        bench.advance(4 * 3600).await;
        assert_eq!((told(&high).await, told(&near).await), (round, 1 + 2 * round));
    }
    bench.advance(24 * 3600).await;
    bench.forget_tokens();
    assert_eq!((told(&high).await, told(&never).await), (3, 0), "they ended at midnight");
    for made in [&high, &near, &never] {
        let path = format!("alerts/{}", made["id"].as_str().unwrap());
        assert_eq!(bench.get("viewer", &path).await.1["active_status"], false);
    }
    let bad = json!({"currency_pair": "usd/mxn", "condition": "above", "thresholds": [1], "expires": "soon"});
    refused(&bench.post("maker", "alerts", bad).await, 400, "G002");
}
