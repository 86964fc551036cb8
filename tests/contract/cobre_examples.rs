//! The contract's examples, one after the other: each request is sent as it is printed, and each answer has
//! the fields of the printed one, no more and no fewer, with values of the same kind.

use crate::bench::{Bench, bench};
use reqwest::Method;
use serde_json::{Value, json};

/// Where two values differ in shape; an example's `null` stands for anything.
fn differs(here: &Value, printed: &Value, at: &str) -> Option<String> {
    match (here, printed) {
        (_, Value::Null) | (Value::String(_), Value::String(_)) | (Value::Bool(_), Value::Bool(_)) => None,
        (Value::Number(a), Value::Number(b)) => {
            (a.is_f64() && !b.is_f64()).then(|| format!("{at} has a fraction"))
        }
        (Value::Array(a), Value::Array(b)) => match (a.first(), b.first()) {
            (Some(a), Some(b)) => differs(a, b, &format!("{at}[0]")),
            (None, Some(_)) => Some(format!("{at} is empty")),
            (_, None) => None,
        },
        (Value::Object(a), Value::Object(b)) => {
            let missing =
                b.keys().find(|name| !a.contains_key(*name)).map(|name| format!("{at}.{name} is missing"));
            let more = a
                .keys()
                .find(|name| !b.contains_key(*name))
                .map(|name| format!("{at}.{name} is not printed"));
            let inner =
                || a.iter().find_map(|(name, value)| differs(value, &b[name], &format!("{at}.{name}")));
            missing.or(more).or_else(inner)
        }
        _ => Some(format!("{at} is {here}, printed {printed}")),
    }
}

#[track_caller]
fn as_printed(here: &Value, printed: &str) {
    let printed: Value = serde_json::from_str(printed).unwrap();
    assert_eq!(differs(here, &printed, ""), None, "\nhere: {here}\nprinted: {printed}");
}

/// Posts a printed request, with the contract's ids replaced by ours.
async fn post(bench: &Bench, role: &str, path: &str, printed: &str, ids: &[(&str, &Value)]) -> Value {
    let mut text = printed.to_owned();
    for (theirs, ours) in ids {
        assert!(text.contains(theirs), "{theirs} in {printed}");
        text = text.replace(theirs, ours.as_str().unwrap());
    }
    let (status, answer) = bench.post(role, path, serde_json::from_str(&text).unwrap()).await;
    assert!((200..300).contains(&status), "{path} {text}: {status} {answer}");
    answer
}

const ACCOUNT: &str = r#"{"id":"acc_4kT9wQzB1e","provider_id":"pr_col_cobre","provider_name":"Cobre Balance Colombia","connectivity":{"status":"connected","description":""},
 "alias":"Nómina","metadata":{"available_services":["mm_push_from_account"],"cobre_tag":"@cosbx00017","primary_account":null},
 "account_number":"@cosbx00017","account_type":"cobre_balance","obtained_balance":0,"obtained_balance_at":"2026-01-15T14:00:00Z","geo":"col","tags":["nomina"],"currency":"cop",
 "created_at":"2026-01-15T14:00:00Z","updated_at":"2026-01-15T14:00:00Z"}"#;

#[tokio::test]
async fn accounts_lists_days_and_transactions_are_as_printed() {
    let bench = bench().await;
    let (_, page) = bench.get("viewer", "accounts").await;
    as_printed(
        &page,
        r#"{"total_items":231,"total_pages":5,"is_last_page":false,"page_items":50,"page_size":50,"page_number":0,"contents":[]}"#,
    );
    let id = bench.account("Operaci%C3%B3n").await;
    as_printed(&bench.get("maker", &format!("accounts/{id}")).await.1, ACCOUNT);
    let request = r#"{"provider_id":"pr_col_cobre","action":"create","alias":"Nómina 2","tags":["nomina"]}"#;
    as_printed(&post(&bench, "admin", "accounts", request, &[]).await, ACCOUNT);
    let (_, days) = bench.get("viewer", &format!("accounts/{id}/daily_balance_history?page_size=1")).await;
    as_printed(
        &days["Daily Balance history List"][0],
        r#"{"id":"dbh_Zk20fW8sQa","offset":"-05:00","balance_date":"2026-01-14","initial_balance":"1250000","total_credits":"200000","total_debits":"100000",
        "end_balance":"1350000","created_at":"2026-01-15T10:30:00Z","updated_at":"2026-01-15T10:30:00Z"}"#,
    );
    as_printed(
        &bench.rows("viewer", &format!("accounts/{id}/transactions?type=col_debit&page_size=1")).await[0],
        r#"{"id":"trx_2a7Kp0VxQm4sLd9TzR1b","type":"col_debit","account_id":"acc_4kT9wQzB1e","amount":-100000,"previous_balance":250000,"current_balance":150000,"currency":"cop",
        "credit_debit_type":"debit","transaction_date":"2026-01-15T14:03:05Z","created_at":"2026-01-15T14:03:06Z",
        "metadata":{"money_movement_id":"mm_7hQ2sLxV9dKp4T","description":"Factura 118","beneficiary_account_number":"*******8901","tracking_key":"20260115mm7hQ2sLxV9dKp4T"}}"#,
    );
}

const COUNTERPARTY: &str = r#"{"geo":"col","type":"ch","alias":"Proveedor 118",
 "metadata":{"counterparty_fullname":"Ana Ruiz","counterparty_id_type":"cc","counterparty_id_number":"52123456",
  "beneficiary_institution":"1007","account_number":"12345678901","counterparty_email":"ana@example.co","counterparty_phone":"+573001234567"}}"#;

#[tokio::test]
async fn counterparties_movements_and_approvals_are_as_printed() {
    let bench = bench().await;
    let payee = post(&bench, "maker", "counterparties", COUNTERPARTY, &[]).await;
    let mut printed: Value = serde_json::from_str(COUNTERPARTY).unwrap();
    for name in ["id", "created_at", "updated_at"] {
        printed[name] = json!("as of the answer");
    }
    as_printed(&payee, &printed.to_string());
    let account = json!(bench.account("Operaci%C3%B3n").await);
    let movement = r#"{"source_id":"acc_4kT9wQzB1e","destination_id":"cp_Q8wZ2kLm4T","amount":100000,"metadata":{"description":"Factura 118"},
        "external_id":"factura-118","checker_approval":true}"#;
    let ids = [("acc_4kT9wQzB1e", &account), ("cp_Q8wZ2kLm4T", &payee["id"])];
    let made = post(&bench, "maker", "money_movements", movement, &ids).await;
    as_printed(
        &made,
        r#"{"id":"mm_7hQ2sLxV9dKp4T","batch_id":"","external_id":"factura-118","mm_approval_id":"","creator":"cli_sandbox01","type":"fast_pay","geo":"col",
        "status":{"state":"initiated","code":"","description":""},"source_id":"acc_4kT9wQzB1e","source":null,"destination_id":"cp_Q8wZ2kLm4T","destination":null,
        "currency":"cop","amount":100000,"metadata":{"description":"Factura 118","reference":"","tracking_key":""},"checker_approval":false,
        "created_at":"2026-01-15T14:03:04Z","updated_at":"2026-01-15T14:03:04Z"}"#,
    );
    bench.advance(1).await;
    let decision = r#"{"money_movement_id":"mm_x","decision":"approve"}"#;
    let decided =
        post(&bench, "checker", "money_movement_approvals", decision, &[("mm_x", &made["id"])]).await;
    let approval = r#"{"id":"mma_6Tq1ZxB8wR","money_movement_id":"mm_7hQ2sLxV9dKp4T","decision":"approve","status":"approved","approver":"cli_sandbox02",
        "created_at":"2026-01-15T14:05:00Z","updated_at":"2026-01-15T14:05:00Z"}"#;
    as_printed(&decided, approval);

    let request = r#"{"geo":"col","type":"dp","alias":"Luz","metadata":{"counterparty_fullname":"Luz Mora","counterparty_id_type":"cc",
        "counterparty_id_number":"52123456","beneficiary_institution":"1507","account_number":"3001234567"}}"#;
    let payer = post(&bench, "maker", "counterparties", request, &[]).await;
    let path = format!("counterparties/{}/direct_debit_registrations", payer["id"].as_str().unwrap());
    let request = r#"{"destination_id":"acc_4kT9wQzB1e","registration_description":"Cuota mensual"}"#;
    let registered = post(&bench, "maker", &path, request, &[("acc_4kT9wQzB1e", &account)]).await;
    as_printed(
        &registered,
        r#"{"id":"ddr_3fLq8Zt2Mx","destination_id":"acc_4kT9wQzB1e","registration_description":"Cuota mensual",
        "destination":{"alias":"Nómina","provider_id":"pr_col_cobre","provider_name":"Cobre Balance Colombia","account_number":"@cosbx00017","account_type":"cobre_balance","metadata":{"cobre_tag":"@cosbx00017","available_services":["mm_push_from_account"]}},
        "status":{"state":"processing","code":"","description":""},"created_at":"2026-01-15T14:00:00Z","updated_at":"2026-01-15T14:00:00Z"}"#,
    );

    let clabe =
        bench.rows("maker", "accounts?geo=mex&sensitive_data=true").await[0]["account_number"].clone();
    let (_, credit) = bench.tell("payins", json!({"kind": "clabe", "target": clabe, "amount": 700})).await;
    let request =
        r#"{"transaction_id":"trx_5mN8sQw1Zx3LcV7bTy0K","metadata":{"description":"Pago duplicado"}}"#;
    let ids = [("trx_5mN8sQw1Zx3LcV7bTy0K", &credit["id"])];
    let back = post(&bench, "maker", "money_movements_return", request, &ids).await;
    let metadata = r#"{"description":"Pago duplicado","tracking_key":"","reference":"","cep_url":""}"#;
    as_printed(&back["metadata"], metadata);
    assert_eq!((&back["type"], &back["external_id"]), (&json!("spei_return"), &credit["id"]));
}

#[tokio::test]
async fn bulks_schedules_keys_and_quotes_are_as_printed() {
    let bench = bench().await;
    let account = json!(bench.account("Operaci%C3%B3n").await);
    let second = json!(bench.account("N%C3%B3mina").await);
    let payee = json!(bench.counterparty("type=ch").await);
    let rows = r#"[{"amount":100,"source_id":"acc_4kT9wQzB1e","destination_id":"cp_Q8wZ2kLm4T","metadata":{"description":"Nómina ene"},"external_id":"N-001"},
        {"amount":250,"source_id":"acc_4kT9wQzB1e","destination":{"geo":"col","type":"breb_key","alias":"Luz","metadata":{"key_value":"@LUZ2026"}},"metadata":{"description":"Nómina ene"},"external_id":"N-002"}]"#;
    let ids = [("acc_4kT9wQzB1e", &account), ("cp_Q8wZ2kLm4T", &payee)];
    as_printed(
        &post(&bench, "maker", "bulk_money_movements", rows, &ids).await,
        r#"{"id":"bmm_8Kw2LsQ0Zp","file_name":"nomina.json","status":{"state":"validating","code":"","description":""},"total_money_movements":2,"checker_approval":true,
        "decision":null,"creator":"cli_sandbox01","created_at":"2026-01-15T14:00:00Z","updated_at":"2026-01-15T14:00:00Z"}"#,
    );
    let schedule = r#"{"account_source_ids":["acc_4kT9wQzB1e","acc_9LmB2xVq7T"],"destination_id":"cp_Q8wZ2kLm4T","amount":0,
        "schedule_pattern":"(0 23 * * ? *)","metadata":{"description":"Barrido diario"},"checker_approval":false}"#;
    let ids = [("acc_4kT9wQzB1e", &account), ("acc_9LmB2xVq7T", &second), ("cp_Q8wZ2kLm4T", &payee)];
    let made = post(&bench, "maker", "money_movement_schedulers", schedule, &ids).await;
    let mut printed: Value = serde_json::from_str(schedule).unwrap();
    for (name, value) in [
        ("id", json!("mms_")),
        ("active_status", json!(true)),
        ("execution_number", json!(0)),
        ("created_at", json!("")),
        ("updated_at", json!("")),
    ] {
        printed[name] = value;
    }
    as_printed(&made, &printed.to_string());

    let path = format!("accounts/{}/keys", account.as_str().unwrap());
    let request = r#"{"alias":"Caja 1","key_config":"random","holder":{"full_name":"Tienda SAS","id_type":"nit","id_number":"901183029"}}"#;
    let made = post(&bench, "maker", &path, request, &[]).await;
    bench.advance(1).await;
    as_printed(
        &bench.get("viewer", &format!("{path}/{}", made["id"].as_str().unwrap())).await.1,
        r#"{"id":"key_TQjvIO8UFf1bv81","alias":"Caja 1","key_value":"@CBAQ1EXD8","account_id":"acc_4kT9wQzB1e","connectivity":{"status":"processing","description":""},
        "previous_action":{"action_requested":"create","action_code":"","action_description":""},"created_at":"2026-01-15T14:00:00Z","updated_at":"2026-01-15T14:00:00Z"}"#,
    );

    let request = r#"{"type":"static_quote","currency_pair":"usd/mxn","source_amount":10000}"#;
    let quote = post(&bench, "maker", "fx_quotes", request, &[]).await;
    as_printed(
        &quote,
        r#"{"id":"fxq_04vdfss45","type":"static_quote","currency_pair":"usd/mxn","source_amount":10000,"fees_breakdown":{"spread":1.5},"fx_rate":20.00,"destination_amount":200000,
        "quota_limit":1000000,"remaining_quota":900000,"created_at":"2026-01-15T14:00:00Z","updated_at":"","valid_until":"2026-01-15T14:03:00Z","last_quote":true,"off_market":true}"#,
    );
    let (usd, mxn) = (json!(bench.account("D%C3%B3lares").await), json!(bench.account("M%C3%A9xico").await));
    let request = r#"{"source_id":"acc_usd0000001","destination_id":"acc_mxn0000001","forex_quote_id":"fxq_04vdfss45","metadata":{"destination_description":"Fondeo MX"},"external_id":"fx-77"}"#;
    let ids = [("acc_usd0000001", &usd), ("acc_mxn0000001", &mxn), ("fxq_04vdfss45", &quote["id"])];
    let made = post(&bench, "maker", "cross_border_money_movements", request, &ids).await;
    assert_eq!((&made["type"], &made["currency"]), (&json!("cross_border"), &json!("usd/mxn")));
    assert_eq!(made["metadata"]["forex_quote"]["id"], quote["id"]);
}

#[tokio::test]
async fn verifications_references_reports_and_webhooks_are_as_printed() {
    let bench = bench().await;
    let request = r#"{"type":"col_key_ownership_1","metadata":{"key_value":"@LUZ2026","counterparty_fullname":"Luz Mora","counterparty_id_type":"cc","counterparty_id_number":"52123456"}}"#;
    let made = post(&bench, "maker", "account_verifications", request, &[]).await;
    bench.advance(2).await;
    as_printed(
        &bench.get("maker", &format!("account_verifications/{}", made["id"].as_str().unwrap())).await.1,
        r#"{"id":"av_5Wm9QzL2xK","type":"col_key_ownership_1","status":"completed","result":"matched","metadata":{"key_value":"@LUZ2026","institution":"1507","holder_name":"LUZ M***"},"created_at":"…","updated_at":"…"}"#,
    );
    let recaudo = json!(bench.account("Recaudo").await);
    let request = r#"{"source_id":"acc_7pH3nYc5Dv","type":"transfer_acc","alias":"Recaudo norte"}"#;
    as_printed(
        &post(&bench, "maker", "account_references", request, &[("acc_7pH3nYc5Dv", &recaudo)]).await,
        r#"{"id":"ref_8Lq2TzW0xM","source_id":"acc_7pH3nYc5Dv","type":"transfer_acc","alias":"Recaudo norte","connectivity":{"status":"processing","description":""},
        "metadata":{"account_number":null,"account_type":null,"beneficiary_institution":"1066"},"created_at":"…","updated_at":"…"}"#,
    );
    let account = json!(bench.account("Operaci%C3%B3n").await);
    let request = r#"{"resource":"money_movements","layout":"all_money_movements","format":"csv","metadata":{"date_gte":"2026-01-01","date_lte":"2026-01-15","timezone":"America/Bogota","account_ids":["acc_4kT9wQzB1e"]}}"#;
    let report = post(&bench, "viewer", "reports", request, &[("acc_4kT9wQzB1e", &account)]).await;
    assert_eq!(report["period"], json!({"from": "2026-01-01T05:00:00Z", "to": "2026-01-16T04:59:59Z"}));
    as_printed(
        &report,
        r#"{"id":"rep_2Vx9LqT0wZ","resource":"money_movements","layout":"all_money_movements","format":"csv","status":"processing",
        "period":{"from":"2026-01-01T05:00:00Z","to":"2026-01-16T04:59:59Z"},"metadata":null,"created_at":"…","updated_at":"…"}"#,
    );
    let request = r#"{"events":["accounts.balance.credit","money_movements.status.completed","evidence-request.ask"],"url":"https://erp.example.co/hook","description":"ERP","event_signature_key":"sandbox-signing-key-01"}"#;
    let made = post(&bench, "admin", "subscriptions", request, &[]).await;
    assert_eq!(made["event_signature_key"], "******************y-01");
    bench
        .post(
            "admin",
            "subscriptions",
            serde_json::from_str(&request.replace("https://erp.example.co", "http://127.0.0.1:9")).unwrap(),
        )
        .await;
    bench.tell("pay", json!({"key": "@CBANDINASAS2", "amount": 100_000})).await;
    let told = bench.ask("deliveries").await["contents"].as_array().unwrap().clone();
    let event: Value = serde_json::from_str(told[0]["body"].as_str().unwrap()).unwrap();
    let mut content = event["content"].clone();
    content["metadata"] = Value::Null;
    as_printed(
        &json!({"id": event["id"], "event_key": event["event_key"], "created_at": event["created_at"], "content": content}),
        r#"{"id":"ev_BxT7qLw2Zk9MsV4dRn0P","event_key":"accounts.balance.credit","created_at":"2026-01-15T14:03:07Z",
        "content":{"id":"trx_9cR2hJk6Wp0XdF4gUe1M","type":"internal_credit","amount":100000,"currency":"COP","date":"2026-01-15T14:03:06.677Z",
        "metadata":null,"account_id":"acc_4kT9wQzB1e","previous_balance":50000,"current_balance":150000,"credit_debit_type":"credit"}}"#,
    );
    assert_eq!(
        (&event["content"]["currency"], &event["content"]["amount"]),
        (&json!("COP"), &json!(100_000))
    );
    let movement = bench.pay(100, json!({})).await;
    assert_eq!(bench.tell("evidence", json!({"mm_id": movement["id"]})).await.0, 201);
    let told = bench.ask("deliveries").await["contents"].as_array().unwrap().clone();
    let ask = told
        .iter()
        .map(|row| row["body"].as_str().unwrap())
        .find(|body| body.contains("evidence-request.ask"));
    as_printed(
        &serde_json::from_str(ask.unwrap()).unwrap(),
        r#"{"id":"ev_1234567890","event_key":"evidence-request.ask","event_type":"EvidenceRequest","timestamp":"2026-01-15T12:00:00.000Z",
        "content":{"evidence_request_id":"evr_01923801823","evidence_request_context":null,"evidence_request_description":"Please provide the documents.",
        "evidence_requested":{"documents":["doc_funds"],"information":["information_counterparty_id"]}}}"#,
    );
}

#[tokio::test]
async fn a_token_is_as_printed_and_a_body_that_is_not_printed_is_refused() {
    let bench = bench().await;
    let credential = &bench.sandbox.ready().credentials.cobre["maker"];
    let body = json!({"user_id": credential.user_id, "secret": credential.secret});
    let (status, token) = crate::bench::send(bench.http.post(bench.cobre("auth")).json(&body)).await;
    assert_eq!(status, 200);
    as_printed(
        &token,
        r#"{"access_token":"eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE3Njg0ODc0MDB9.c2ln","type":"Bearer","expiration_time":1200}"#,
    );
    let parts = token["access_token"].as_str().unwrap().split('.').count();
    assert_eq!(parts, 3);
    let request = bench.request(Method::POST, "maker", "counterparties").await.body(COUNTERPARTY);
    assert_eq!(request.send().await.unwrap().status().as_u16(), 201, "a body without a content type is JSON");
}
