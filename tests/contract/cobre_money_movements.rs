//! Section 6: money movements, their rails, their lives, and what each step does to the ledger.

use crate::bench::{Bench, bench, fields, refused};
use serde_json::{Value, json};

async fn patch(bench: &Bench, settings: Value) {
    let answer = bench.http.patch(bench.control("settings")).json(&settings).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn a_payout_is_initiated_then_debited_then_completed() {
    let bench = bench().await;
    let account = bench.account("Operaci%C3%B3n").await;
    let before = bench.balance(&account).await;
    let movement = bench.pay(100_000, json!({"external_id": "factura-118"})).await;
    assert_eq!(
        fields(&movement),
        [
            "amount",
            "batch_id",
            "checker_approval",
            "created_at",
            "creator",
            "currency",
            "destination",
            "destination_id",
            "external_id",
            "geo",
            "id",
            "metadata",
            "mm_approval_id",
            "source",
            "source_id",
            "status",
            "type",
            "updated_at"
        ]
    );
    assert_eq!(movement["status"], json!({"state": "initiated", "code": "", "description": ""}));
    assert_eq!(
        (&movement["creator"], &movement["currency"], &movement["geo"]),
        (&json!("cli_creator"), &json!("cop"), &json!("col"))
    );
    assert_eq!(
        movement["metadata"],
        json!({"description": "Factura 118", "reference": "", "tracking_key": ""})
    );
    assert_eq!(
        (&movement["batch_id"], &movement["mm_approval_id"], &movement["source"]),
        (&json!(""), &json!(""), &Value::Null)
    );
    assert_eq!(bench.balance(&account).await, before, "nothing is held before it is processed");
    bench.advance(1).await;
    assert_eq!(bench.state(&movement).await, "processing");
    assert_eq!(bench.balance(&account).await, before - 100_000);
    bench.advance(30).await;
    assert_eq!(bench.state(&movement).await, "completed");
    assert_eq!(bench.balance(&account).await, before - 100_000);
    bench.balanced();
}

#[tokio::test]
async fn too_little_money_fails_without_a_debit() {
    let bench = bench().await;
    let account = bench.account("Operaci%C3%B3n").await;
    let before = bench.balance(&account).await;
    let movement = bench.pay(before + 1, json!({})).await;
    bench.advance(60).await;
    let id = movement["id"].as_str().unwrap();
    let (_, movement) = bench.get("maker", &format!("money_movements/{id}")).await;
    assert_eq!(movement["status"]["state"], "failed");
    assert_eq!(movement["status"]["code"], "R001");
    assert_eq!(bench.balance(&account).await, before);
    assert_eq!(
        bench.pay(before, json!({})).await["status"]["state"],
        "initiated",
        "the whole balance may go"
    );
    bench.advance(60).await;
    assert_eq!(bench.balance(&account).await, 0);
    bench.balanced();
}

#[tokio::test]
async fn the_rail_follows_from_both_sides() {
    let bench = bench().await;
    let cop = bench.account("Operaci%C3%B3n").await;
    let (mxn, usd) = (bench.account("M%C3%A9xico").await, bench.account("D%C3%B3lares").await);
    let payroll = bench.account("N%C3%B3mina").await;
    let cases = [
        (&cop, bench.counterparty("beneficiary_institution=1007").await, "fast_pay", "cop"),
        (&cop, bench.counterparty("beneficiary_institution=1002").await, "ach", "cop"),
        (&cop, bench.counterparty("type=breb_key").await, "breb", "cop"),
        (&cop, bench.counterparty("type=breb_qr").await, "breb", "cop"),
        (&cop, bench.counterparty("type=cobre_balance").await, "fast_pay", "cop"),
        (&cop, payroll.clone(), "fast_pay", "cop"),
        (&mxn, bench.counterparty("type=clabe").await, "spei", "mxn"),
        (&mxn, bench.counterparty("type=spei_card").await, "spei", "mxn"),
        (&usd, bench.counterparty("type=global_deposit_np").await, "global", "usd"),
    ];
    for (source, destination, rail, currency) in &cases {
        let body = json!({"source_id": source, "destination_id": destination, "amount": 5_000,
            "metadata": {"description": "Pago", "reference": "0123456", "token": "usdc"}});
        let (status, made) = bench.post("maker", "money_movements", body).await;
        assert_eq!(
            (status, &made["type"], &made["currency"]),
            (201, &json!(rail), &json!(currency)),
            "{made}"
        );
    }
    bench.advance(30).await;
    for movement in bench.rows("maker", "money_movements?page_size=9").await {
        assert_eq!(movement["status"]["state"], "completed", "{movement}");
    }
    let kinds: Vec<Value> = bench
        .rows("viewer", "transactions?page_size=10")
        .await
        .iter()
        .map(|row| row["type"].clone())
        .collect();
    for kind in
        ["col_debit", "breb_debit", "col_cb_debit", "col_cb_credit", "spei_debit", "stable_payout_debit"]
    {
        assert!(kinds.contains(&json!(kind)), "{kind} in {kinds:?}");
    }
    let no_rail = [
        (cop.clone(), cop.clone()),
        (cop.clone(), mxn.clone()),
        (usd.clone(), bench.counterparty("type=ch").await),
        (cop.clone(), bench.counterparty("type=clabe").await),
        (bench.counterparty("type=ch").await, cop.clone()),
        (bench.counterparty("type=ch").await, bench.counterparty("type=cc").await),
    ];
    for (source, destination) in no_rail {
        let body = json!({"source_id": source, "destination_id": destination, "amount": 5_000, "metadata": {"description": "Pago"}});
        refused(&bench.post("maker", "money_movements", body).await, 400, "MM005");
    }
    bench.balanced();
}

#[tokio::test]
async fn each_missing_or_wrong_field_is_refused() {
    let bench = bench().await;
    let good = json!({"source_id": bench.account("Operaci%C3%B3n").await, "destination_id": bench.counterparty("type=ch").await,
        "amount": 100, "metadata": {"description": "x"}});
    let before = bench.get("maker", "money_movements").await.1["total_items"].clone();
    for (field, value, status, code) in [
        ("source_id", json!(null), 400, "MM001"),
        ("source_id", json!(7), 400, "MM001"),
        ("source_id", json!("trx_1"), 400, "MM001"),
        ("source_id", json!("acc_AAAAAAAAAA"), 404, "ACC001"),
        ("destination_id", json!("cp_AAAAAAAAAA"), 404, "CP006"),
        ("amount", json!(null), 400, "MM001"),
        ("metadata", json!(null), 400, "MM001"),
        ("metadata", json!("x"), 400, "MM001"),
        ("metadata", json!({}), 400, "MM001"),
        ("metadata", json!({"description": ""}), 400, "MM001"),
        ("metadata", json!({"description": " \u{a0} "}), 400, "MM001"),
        ("metadata", json!({"description": "x".repeat(41)}), 400, "MM001"),
        ("external_id", json!("x".repeat(256)), 400, "MM001"),
        ("external_id", json!(5), 400, "MM001"),
        ("checker_approval", json!("yes"), 400, "MM001"),
    ] {
        let mut body = good.clone();
        body[field] = value;
        refused(&bench.post("maker", "money_movements", body).await, status, code);
    }
    let mut forty = good.clone();
    forty["metadata"]["description"] = json!("ñ".repeat(40));
    forty["external_id"] = json!("é".repeat(255));
    forty["currency"] = json!("usd");
    assert_eq!(
        bench.post("maker", "money_movements", forty).await.1["currency"],
        "cop",
        "what is derived is ignored"
    );
    let mut spei = good;
    spei["source_id"] = json!(bench.account("M%C3%A9xico").await);
    spei["destination_id"] = json!(bench.counterparty("type=clabe").await);
    for (reference, fits) in [
        (json!(100_001), true),
        (json!("20240918"), true),
        (json!("123456789"), false),
        (json!("12a"), false),
        (json!(null), false),
    ] {
        spei["metadata"]["reference"] = reference;
        let (status, made) = bench.post("maker", "money_movements", spei.clone()).await;
        assert_eq!(status == 201, fits, "{made}");
        if fits {
            assert!(made["metadata"]["reference"].is_string());
        }
    }
    assert_eq!(bench.get("maker", "money_movements").await.1["total_items"], before.as_u64().unwrap() + 3);
}

#[tokio::test]
async fn a_movement_is_found_again_by_its_external_id() {
    let bench = bench().await;
    let made = bench.pay(100, json!({"external_id": "refund_trx_1"})).await;
    let again = bench.pay(200, json!({"external_id": "refund_trx_1"})).await;
    bench.pay(300, json!({})).await;
    let found = bench.rows("viewer", "money_movements?external_id=refund_trx_1").await;
    assert_eq!(
        found.iter().map(|row| &row["id"]).collect::<Vec<_>>(),
        [&again["id"], &made["id"]],
        "duplicates are allowed"
    );
    assert!(bench.rows("viewer", "money_movements?external_id=refund_trx").await.is_empty());
    let seeded = bench.rows("viewer", "money_movements?status=completed").await[20].clone();
    let reference = seeded["external_id"].as_str().unwrap();
    assert_eq!(bench.rows("viewer", &format!("money_movements?external_id={reference}")).await, [seeded]);
    patch(&bench, json!({"strict_external_id": true})).await;
    let body = json!({"source_id": made["source_id"], "destination_id": made["destination_id"], "amount": 1, "external_id": "refund_trx_1", "metadata": {"description": "x"}});
    refused(&bench.post("maker", "money_movements", body).await, 409, "MM004");
}

#[tokio::test]
async fn lists_are_filtered_and_sides_are_expanded() {
    let bench = bench().await;
    let made = bench.pay(77_700, json!({})).await;
    let (source, destination) =
        (made["source_id"].as_str().unwrap(), made["destination_id"].as_str().unwrap());
    for query in [
        "amount=77700".to_owned(),
        "status=initiated".to_owned(),
        format!("source_id={source}&status=initiated"),
        format!("destination_id={destination}&amount_gte=77700&amount_lte=77700"),
        "created_at_gte=2026-01-15T14:00:00Z&creator=cli_creator".to_owned(),
    ] {
        let found = bench.rows("maker", &format!("money_movements?{query}")).await;
        assert_eq!(found, std::slice::from_ref(&made), "{query}");
    }
    let id = made["id"].as_str().unwrap();
    let (_, whole) =
        bench.get("maker", &format!("money_movements/{id}?nested=true&sensitive_data=true")).await;
    assert_eq!((&whole["source"]["id"], &whole["source"]["currency"]), (&json!(source), &json!("cop")));
    assert_eq!(whole["destination"]["type"], "ch");
    assert!(whole["destination"]["counterparty_fullname"].as_str().unwrap().chars().count() > 4);
    let (_, masked) = bench.get("maker", &format!("money_movements/{id}?nested=true")).await;
    assert!(masked["destination"]["account_number"].as_str().unwrap().starts_with('*'));
}

#[tokio::test]
async fn a_refused_payment_is_credited_back_to_the_centavo() {
    let bench = bench().await;
    patch(&bench, json!({"magic_amounts": true})).await;
    let account = bench.account("Operaci%C3%B3n").await;
    let before = bench.balance(&account).await;
    let breb = bench.counterparty("type=breb_key").await;
    for (amount, to, state, code, kind) in [
        (10_001, None, "rejected", "R002", "misc_credit"),
        (10_002, None, "failed", "R007", "misc_credit"),
        (10_001, Some(&breb), "rejected", "R002", "breb_rejected"),
    ] {
        let more = to.map_or_else(|| json!({}), |to| json!({"destination_id": to}));
        let made = bench.pay(amount, more).await;
        bench.advance(1).await;
        bench.advance(30).await;
        let id = made["id"].as_str().unwrap();
        let (_, read) = bench.get("maker", &format!("money_movements/{id}")).await;
        assert_eq!((&read["status"]["state"], &read["status"]["code"]), (&json!(state), &json!(code)));
        let rows = bench.rows("viewer", &format!("accounts/{account}/transactions?page_size=2")).await;
        assert_eq!(
            (&rows[0]["type"], &rows[0]["amount"], &rows[1]["amount"]),
            (&json!(kind), &json!(amount), &json!(-amount))
        );
        assert_eq!(rows[0]["metadata"]["money_movement_id"], made["id"]);
    }
    let stuck = bench.pay(10_003, json!({})).await;
    bench.advance(86_400).await;
    bench.forget_tokens();
    assert_eq!(bench.state(&stuck).await, "processing");
    assert_eq!(bench.balance(&account).await, before - 10_003);
    bench.balanced();
}

#[tokio::test]
async fn a_bre_b_link_shows_its_code_and_is_paid_or_expires() {
    let bench = bench().await;
    let account = bench.account("Recaudo").await;
    let body = json!({"source_id": bench.counterparty("type=r2p_breb").await, "destination_id": account, "amount": 4_990_000,
        "external_id": "pedido-x", "metadata": {"r2p_rail": "breb_qr", "description_to_payee": "Pedido 9"}});
    let (status, made) = bench.post("maker", "money_movements", body.clone()).await;
    assert_eq!((status, &made["type"]), (201, &json!("r2p_breb")), "{made}");
    assert!(
        made.get("updated_at").is_none() && made["metadata"].get("qr_value").is_none(),
        "the short form, without its code yet"
    );
    bench.advance(1).await;
    let id = made["id"].as_str().unwrap();
    let (_, open) = bench.get("maker", &format!("money_movements/{id}")).await;
    assert_eq!(open["status"]["state"], "processing");
    assert!(open["metadata"]["qr_value"].as_str().unwrap().contains("540849900.00"));
    assert!(open["metadata"]["key_value"].as_str().unwrap().starts_with("@CB"));
    let before = bench.balance(&account).await;
    let (status, paid) = bench.tell("pay", json!({"movement": id})).await;
    assert_eq!((status, &paid["status"]["state"]), (200, &json!("completed")));
    assert_eq!(bench.balance(&account).await, before + 4_990_000);
    assert_eq!(bench.rows("viewer", "transactions?page_size=1").await[0]["type"], "r2p_breb_credit");
    assert_eq!(bench.tell("pay", json!({"movement": id})).await.0, 409, "once");

    let (_, late) = bench.post("maker", "money_movements", body.clone()).await;
    bench.advance(301).await;
    let (_, late) = bench.get("maker", &format!("money_movements/{}", late["id"].as_str().unwrap())).await;
    assert_eq!(late["status"], json!({"state": "failed", "code": "R010", "description": "Expired"}));

    let (_, refusing) = bench.post("maker", "money_movements", body).await;
    let (_, refused) = bench.tell("pay", json!({"movement": refusing["id"], "refuse": true})).await;
    assert_eq!(
        (&refused["status"]["state"], &refused["status"]["code"]),
        (&json!("rejected"), &json!("R009"))
    );
    assert_eq!(bench.balance(&account).await, before + 4_990_000);
    bench.balanced();
}

#[tokio::test]
async fn a_pse_link_has_no_link_until_it_is_processed() {
    let bench = bench().await;
    let body = |code: &str| {
        json!({"amount": 100_000, "metadata": {"r2p_rail": "pse", "financial_institution_code": code,
        "description_to_payer": "Pedido", "description_to_payee": "Pedido", "redirect_url": "https://example.co"}})
    };
    let parties = (bench.counterparty("type=r2p&geo=col").await, bench.account("Recaudo").await);
    let mut make = Vec::new();
    for code in ["1007", "507"] {
        let mut body = body(code);
        body["source_id"] = json!(parties.0);
        body["destination_id"] = json!(parties.1);
        let (status, made) = bench.post("maker", "money_movements", body).await;
        assert_eq!((status, &made["metadata"]["payment_link"]), (201, &json!("")));
        make.push(made["id"].as_str().unwrap().to_owned());
    }
    bench.advance(1).await;
    let (_, open) = bench.get("maker", &format!("money_movements/{}", make[0])).await;
    assert!(open["metadata"]["payment_link"].as_str().unwrap().starts_with("http://127.0.0.1"));
    let (_, failed) = bench.get("maker", &format!("money_movements/{}", make[1])).await;
    assert_eq!((&failed["status"]["state"], &failed["status"]["code"]), (&json!("failed"), &json!("F001")));
    assert_eq!(
        (&failed["metadata"]["payment_link"], &failed["metadata"]["tracking_key"]),
        (&json!(""), &json!("-1"))
    );
}

#[tokio::test]
async fn with_real_hours_an_ach_payment_arrives_with_its_cycle() {
    let bench = bench().await;
    patch(&bench, json!({"real_hours": true})).await;
    let to = bench.counterparty("beneficiary_institution=1002").await;
    let made = bench.pay(1_000, json!({ "destination_id": to })).await;
    bench.advance(3 * 3600 - 60).await;
    bench.forget_tokens();
    assert_eq!((bench.state(&made).await, &made["type"]), ("processing".to_owned(), &json!("ach")));
    bench.advance(60).await;
    assert_eq!(bench.state(&made).await, "completed");
    let hours = bench.ask("catalogues/hours").await;
    assert_eq!(
        (&hours["contents"][0]["rail"], hours["contents"][0]["holidays"].as_array().unwrap().len()),
        (&json!("ach"), 18)
    );
    for name in
        ["institutions_co", "institutions_mx", "providers", "transaction_types", "events", "movement_states"]
    {
        assert!(
            !bench.ask(&format!("catalogues/{name}")).await["contents"].as_array().unwrap().is_empty(),
            "{name}"
        );
    }
}
