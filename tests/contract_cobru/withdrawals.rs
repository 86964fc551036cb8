//! Sections 8.1 to 8.5: withdrawals to banks, to Bre-B keys and abroad.

use serde_json::{Value, json};

use crate::desk::{Desk, change};

fn flete(changes: &Value) -> Value {
    let mut body = json!({
        "amount": 42_000, "account_holder_name": "Luis Ortega", "account_type": "0",
        "account_holder_document": "79555000", "account_holder_document_type": "0", "account_number": "0570012345678",
        "account_phone": "+573005550199", "account_email": "luis@correo.example", "bank_name": "1",
        "description": "Flete 88", "idempotency_key": "flete-88"
    });
    change(&mut body, changes);
    body
}

async fn made(desk: &Desk, path: &str, body: &Value) -> i64 {
    desk.post(path, body).await.expect(201)["pk"].as_i64().unwrap()
}

async fn record(desk: &Desk, pk: i64) -> Value {
    desk.get(&format!("/thirdpartywithdraw/{pk}")).await.expect(200)
}

#[tokio::test]
async fn the_record_of_the_contract_is_answered_and_the_amount_leaves_the_balance() {
    let desk = Desk::new().await;
    let before = desk.balance();
    let body = desk.post("/thirdpartywithdraw/", &flete(&json!({}))).await.expect(201);
    let expected = json!({
        "type": "third_party_withdraw", "pk": body["pk"], "state": "created", "amount": 42_000, "payed_amount": 39_452,
        "fee": 2000, "fee_iva": 380, "gmf": 168, "account_number": "0570012345678", "account_type": 0,
        "account_state": 0, "account_bank": "BBVA Colombia", "account_holder_name": "Luis Ortega",
        "account_holder_document": "79555000", "account_holder_document_type": 0, "account_date_registered": 0,
        "account_phone": "+573005550199", "account_email": "luis@correo.example", "payer_name": "Luis Ortega",
        "payer_id": "79555000", "bank_dispersion": null, "payment_method": "Retiro a tercero",
        "description": "Flete 88", "date_created": "2026-11-20T09:14:03-05:00", "date_consigned": null,
        "date_deposited": null, "date_rejected": null, "date_payed": null, "currency_code": "COP",
        "idempotency_key": "flete-88", "owner_id": 17, "owner_first_name": "Andina", "owner_last_name": "SAS",
        "callback": null, "note": null
    });
    assert_eq!(body, expected);
    assert_eq!(before - desk.balance(), 4_200_000);
    assert_eq!(record(&desk, body["pk"].as_i64().unwrap()).await, expected);
}

#[tokio::test]
async fn codes_are_taken_as_numbers_digits_and_words_and_banks_by_id_and_name() {
    let desk = Desk::new().await;
    let changes = [
        json!({"account_type": 1, "account_holder_document_type": 3, "bank_name": 1}),
        json!({"account_type": "checking", "account_holder_document_type": "NIT", "bank_name": "BBVA Colombia"}),
        json!({"account_type": "1", "account_holder_document_type": "3", "account_number": 570_012_345_678_i64}),
    ];
    for (at, changes) in changes.iter().enumerate() {
        let mut body = flete(changes);
        body["idempotency_key"] = json!(format!("k{at}"));
        let record = desk.post("/thirdpartywithdraw/", &body).await.expect(201);
        assert_eq!(
            (&record["account_type"], &record["account_holder_document_type"]),
            (&json!(1), &json!(3))
        );
        assert_eq!(record["account_bank"], "BBVA Colombia");
    }
    let without = flete(&json!({"bank_name": null, "idempotency_key": null}));
    assert_eq!(desk.post("/thirdpartywithdraw/", &without).await.expect(201)["account_bank"], "");
}

#[tokio::test]
async fn a_withdrawal_is_refused_with_nothing_moved() {
    let desk = Desk::new().await;
    let before = desk.postings();
    let cases = [
        (json!({"bank_name": "99"}), json!({"bank_name": ["Invalid pk \"99\" - object does not exist."]})),
        (json!({"account_type": "8"}), json!({"account_type": ["\"8\" is not a valid choice."]})),
        (json!({"account_number": null}), json!({"account_number": ["This field is required."]})),
        (json!({"account_number": "12-34"}), json!({"account_number": ["A valid integer is required."]})),
        (json!({"amount": "42000"}), json!({"amount": ["A valid number is required."]})),
        (json!({"amount": 0}), json!({"amount": ["Ensure this value is greater than or equal to 0.01."]})),
        (json!({"amount": 2000}), json!({"amount": ["El valor no cubre la comisión."]})),
        (json!({"account_holder_name": 7}), json!({"account_holder_name": ["Not a valid string."]})),
    ];
    for (changes, body) in cases {
        desk.post("/thirdpartywithdraw/", &flete(&changes)).await.says(400, &body);
    }
    let all = desk.balance() / 100 + 1;
    let poor = json!({"error": "not enough balance"});
    desk.post("/thirdpartywithdraw/", &flete(&json!({ "amount": all }))).await.says(400, &poor);
    assert_eq!(desk.postings(), before);
    // The e-mail is required and may be empty.
    desk.post("/thirdpartywithdraw/", &flete(&json!({"account_email": ""}))).await.expect(201);
}

#[tokio::test]
async fn the_same_key_is_refused_and_finds_the_first() {
    let desk = Desk::new().await;
    let pk = made(&desk, "/thirdpartywithdraw/", &flete(&json!({}))).await;
    let again = json!({"error": "double_idempotency_key_in_thirdparty"});
    desk.post("/thirdpartywithdraw/", &flete(&json!({"amount": 50_000}))).await.says(400, &again);
    let found = desk.get("/thirdpartywithdraw/?idempotency_key=flete-88").await.expect(200);
    assert_eq!((&found["count"], &found["results"][0]["pk"]), (&json!(1), &json!(pk)));
    let none = json!({"count": 0, "next": null, "previous": null, "results": []});
    desk.get("/thirdpartywithdraw/?idempotency_key=flete-89").await.says(200, &none);
}

#[tokio::test]
async fn the_list_has_pages_of_twenty_newest_first() {
    let desk = Desk::new().await;
    let mut newest = 0;
    for at in 0..22 {
        newest = made(
            &desk,
            "/thirdpartywithdraw/",
            &flete(&json!({"amount": 10_000, "idempotency_key": format!("n{at}")})),
        )
        .await;
    }
    let first = desk.get("/thirdpartywithdraw/").await.expect(200);
    assert_eq!((&first["count"], &first["previous"]), (&json!(27), &Value::Null));
    assert_eq!(
        (first["results"].as_array().unwrap().len(), &first["results"][0]["pk"]),
        (20, &json!(newest))
    );
    let next = first["next"].as_str().unwrap();
    let second = desk.get(&next[desk.sandbox.ready().cobru.len()..]).await.expect(200);
    assert_eq!((second["results"].as_array().unwrap().len(), &second["next"]), (7, &Value::Null));
    assert!(second["previous"].as_str().unwrap().ends_with("/thirdpartywithdraw/?page=1"));
}

#[tokio::test]
async fn a_withdrawal_goes_from_created_to_consigned() {
    let desk = Desk::new().await;
    let pk = made(&desk, "/thirdpartywithdraw/", &flete(&json!({"callback": "http://127.0.0.1:9/w"}))).await;
    let after = desk.balance();
    for (seconds, state, word) in
        [(5, "processing", "En proceso"), (25, "deposited", "Depositado"), (30, "consigned", "Consignado")]
    {
        desk.sandbox.advance_seconds(seconds);
        assert_eq!(record(&desk, pk).await["state"], state);
        let status = desk.get(&format!("/get_withdraw/?pk={pk}")).await.expect(200);
        let expected = json!({"id": pk.to_string(), "amount": 42_000, "status": word, "created_at": "2026-11-20T14:14:03Z"});
        assert_eq!(status, expected);
    }
    let record = record(&desk, pk).await;
    assert_eq!(
        (&record["date_deposited"], &record["date_consigned"]),
        (&json!("2026-11-20T09:14:33-05:00"), &json!("2026-11-20T09:15:03-05:00"))
    );
    assert_eq!(desk.balance(), after);
    desk.ledger_holds();
    let sent = desk.control_get("/deliveries").await.expect(200);
    let states: Vec<Value> = sent["contents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sent| serde_json::from_str::<Value>(sent["body"].as_str().unwrap()).unwrap())
        .inspect(|body| {
            assert_eq!(
                (&body["id"], &body["date_created"], &body["bank_name"]),
                (&json!(pk), &json!("2026-11-20 09:14:03"), &json!(1))
            );
        })
        .map(|body| body["state"].clone())
        .collect();
    assert_eq!(states, [json!(2), json!(3)]);
}

#[tokio::test]
async fn some_accounts_reject_and_the_money_comes_back() {
    let desk = Desk::new().await;
    let before = desk.balance();
    for (account, seconds, state, note) in [
        ("570010000", 30, "rejected", "R010"),
        ("570010001", 120, "error", "P002"),
        ("570010002", 30, "error", "E001"),
    ] {
        let body = flete(&json!({"account_number": account, "idempotency_key": account}));
        let pk = made(&desk, "/thirdpartywithdraw/", &body).await;
        desk.sandbox.advance_seconds(seconds - 1);
        assert_eq!(record(&desk, pk).await["state"], "processing", "{account}");
        assert_eq!(before - desk.balance(), 4_200_000);
        desk.sandbox.advance_seconds(1);
        let record = record(&desk, pk).await;
        assert_eq!(record["state"], state);
        assert!(
            record["note"].as_str().unwrap().starts_with(note) && record["date_rejected"].is_string(),
            "{record}"
        );
        assert_eq!(desk.balance(), before);
    }
    desk.ledger_holds();
}

#[tokio::test]
async fn only_what_has_not_begun_is_cancelled() {
    let desk = Desk::new().await;
    let before = desk.balance();
    let pk = made(&desk, "/thirdpartywithdraw/", &flete(&json!({}))).await;
    let done = json!({"result": "Retiro cancelado exitosamente"});
    desk.post("/cancelthirdpartywithdraw/", &json!({ "id": pk })).await.says(200, &done);
    assert_eq!(desk.balance(), before);
    let record = record(&desk, pk).await;
    assert_eq!((&record["state"], &record["note"]), (&json!("rejected"), &json!("Cancelado por el usuario")));
    let refused = json!({"error": "El retiro no puede ser cancelado"});
    desk.post("/cancelthirdpartywithdraw/", &json!({ "id": pk })).await.says(400, &refused);

    let pk = made(&desk, "/thirdpartywithdraw/", &flete(&json!({"idempotency_key": null}))).await;
    desk.post("/cancel_withdraw/", &json!({ "id": pk.to_string() }))
        .await
        .says(200, &json!({"message": "Retiro cancelado exitosamente."}));
    assert_eq!(desk.post("/cancel_withdraw/", &json!({ "id": pk.to_string() })).await.status, 400);
    desk.post("/cancel_withdraw/", &json!({"id": "1"})).await.says(404, &json!({"detail": "Not found."}));
    let pk = made(&desk, "/thirdpartywithdraw/", &flete(&json!({"idempotency_key": "late"}))).await;
    desk.sandbox.advance_seconds(5);
    desk.post("/cancelthirdpartywithdraw/", &json!({ "id": pk })).await.says(400, &refused);
    desk.ledger_holds();
}

#[tokio::test]
async fn unknown_withdrawals_are_404_in_every_call() {
    let desk = Desk::new().await;
    let missing = json!({"detail": "Not found."});
    for path in [
        "/thirdpartywithdraw/1",
        "/thirdpartywithdraw/abc",
        "/thirdpartywithdraw/99999999999999999999",
        "/get_withdraw/?pk=0",
        "/panel/detail_withdraw_pdf/?withdraw_id=x",
    ] {
        desk.get(path).await.says(404, &missing);
    }
    desk.get("/get_withdraw/").await.says(400, &json!({"pk": ["This field is required."]}));
}

#[tokio::test]
async fn a_receipt_is_a_pdf() {
    let desk = Desk::new().await;
    let pk = made(&desk, "/thirdpartywithdraw/", &flete(&json!({}))).await;
    let receipt = desk.get(&format!("/panel/detail_withdraw_pdf/?withdraw_id={pk}")).await;
    assert_eq!((receipt.status, receipt.kind.as_str()), (200, "application/pdf"));
    assert!(receipt.text.starts_with("%PDF-1.4") && receipt.text.contains(&pk.to_string()));
}

#[tokio::test]
async fn the_older_manual_s_record_is_a_switch() {
    let desk = Desk::new().await;
    let pk = made(&desk, "/thirdpartywithdraw/", &flete(&json!({}))).await;
    desk.set("manual_forms", true).await;
    let answer = desk.get(&format!("/thirdpartywithdraw/{pk}")).await;
    assert!(answer.text.contains("\"fee\":2000.0,"), "{}", answer.text);
    let body = answer.expect(200);
    assert_eq!(
        (&body["state"], &body["amount"], &body["gmf"]),
        (&json!(0), &json!("42000.00"), &json!("168.00"))
    );
    assert_eq!(
        (&body["date_created"], &body["date_consigned"]),
        (&json!([1_795_184_043_000_i64]), &json!([0]))
    );
}

#[tokio::test]
async fn a_breb_withdrawal_goes_to_a_key_in_seconds() {
    let desk = Desk::new().await;
    let body = json!({"amount": 20_000, "account_holder_name": "Luis Ortega", "key_value": "@LLAVE7984", "account_type": 8});
    let record_made = desk.post("/withdraw/co/", &body).await.expect(201);
    let shown = json!([
        record_made["account_type"],
        record_made["account_number"],
        record_made["account_bank"],
        record_made["account_phone"]
    ]);
    assert_eq!(shown, json!([8, "@LLAVE7984", "Bre-B", ""]));
    let pk = record_made["pk"].as_i64().unwrap();
    desk.sandbox.advance_seconds(3);
    assert_eq!(record(&desk, pk).await["state"], "deposited");
    desk.sandbox.advance_seconds(2);
    assert_eq!(record(&desk, pk).await["state"], "consigned");

    let before = desk.balance();
    let gone = json!({"amount": 20_000, "account_holder_name": "Nadie", "key_value": "@NOEXISTE", "account_type": "8"});
    let pk = made(&desk, "/withdraw/co/", &gone).await;
    desk.sandbox.advance_seconds(3);
    assert_eq!((&record(&desk, pk).await["state"], desk.balance()), (&json!("rejected"), before));
}

#[tokio::test]
async fn a_breb_withdrawal_wants_a_key_by_its_own_name() {
    let desk = Desk::new().await;
    let ask = |changes: Value| {
        let mut body =
            json!({"amount": 20_000, "account_holder_name": "Luis Ortega", "key_value": "3005550110"});
        change(&mut body, &changes);
        body
    };
    let missing = json!({"key_value": ["This field is required."]});
    desk.post("/withdraw/co/", &ask(json!({"key_value": null, "destination": "@X12345"})))
        .await
        .says(400, &missing);
    for key in ["@abc", "@con espacio", "", "ana@", "@LLAVE-7984"] {
        assert_eq!(desk.post("/withdraw/co/", &ask(json!({ "key_value": key }))).await.status, 400, "{key}");
    }
    let kind = json!({"account_type": ["\"1\" is not a valid choice."]});
    desk.post("/withdraw/co/", &ask(json!({"account_type": 1}))).await.says(400, &kind);
    for key in ["3005550110", "79555000", "ana@correo.example", "@LLAVE7984"] {
        desk.post("/withdraw/co/", &ask(json!({ "key_value": key }))).await.expect(201);
    }
    let keyed = ask(json!({"idempotency_key": "b1"}));
    desk.post("/withdraw/co/", &keyed).await.expect(201);
    assert_eq!(desk.post("/withdraw/co/", &keyed).await.status, 400);
}

#[tokio::test]
async fn withdrawals_abroad_leave_the_balance_of_their_currency() {
    let desk = Desk::new().await;
    let common = json!({"account_phone": "+573005550199", "account_email": "luis@correo.example"});
    let with = |own: Value| {
        let mut body = common.clone();
        change(&mut body, &own);
        body
    };
    let cases = [
        (
            "/withdraw/br/",
            "balance_brl",
            with(
                json!({"amount": 100.5, "currency_code": "BRL", "pix_key": "529.982.247-25", "pix_key_type": "cpf", "cpf": "52998224725"}),
            ),
            json!(["529.982.247-25", "PIX", "BRL", ""]),
        ),
        (
            "/withdraw/br/",
            "balance_brl",
            with(
                json!({"amount": 10, "currency_code": "BRL", "pix_key": "ana@correio.example", "pix_key_type": 4, "cnpj": "11222333000181"}),
            ),
            json!(["ana@correio.example", "PIX", "BRL", ""]),
        ),
        (
            "/withdraw/mx/",
            "balance_mxn",
            with(
                json!({"amount": 1500, "currency_code": "MXN", "clabe": "032180000118359719", "beneficiary": "Lupita Ávila"}),
            ),
            json!(["032180000118359719", "CLABE", "MXN", "Lupita Ávila"]),
        ),
        (
            "/withdraw/ar/",
            "balance_ars",
            with(
                json!({"amount": 90_000, "currency_code": "ARS", "bank_name": "Banco Galicia", "cbu": "2850590940090418135201"}),
            ),
            json!(["2850590940090418135201", "Banco Galicia", "ARS", ""]),
        ),
        (
            "/withdraw/ar/",
            "balance_ars",
            with(
                json!({"amount": 5, "currency_code": "ARS", "bank_name": 103, "cvu": "2850590940090418135201"}),
            ),
            json!(["2850590940090418135201", "Banco Galicia", "ARS", ""]),
        ),
    ];
    for (path, balance, body, shown) in cases {
        let before = desk.get("/balance/").await.expect(200)[balance]
            .as_str()
            .unwrap()
            .replace('.', "")
            .parse::<i64>()
            .unwrap();
        let record_made = desk.post(path, &body).await.expect(201);
        assert_eq!(
            json!([
                record_made["account_number"],
                record_made["account_bank"],
                record_made["currency_code"],
                record_made["account_holder_name"]
            ]),
            shown
        );
        assert_eq!((&record_made["payed_amount"], &record_made["fee"]), (&record_made["amount"], &json!(0)));
        let after = desk.get("/balance/").await.expect(200)[balance]
            .as_str()
            .unwrap()
            .replace('.', "")
            .parse::<i64>()
            .unwrap();
        // The smaller unit of one, the larger of the other: compared as text.
        let left = format!("{}.{:02}", (before - after) / 100, (before - after) % 100);
        let asked = record_made["amount"].to_string();
        assert_eq!(left.trim_end_matches('0').trim_end_matches('.'), asked.trim_end_matches(".0"), "{path}");
        desk.sandbox.advance_seconds(600);
        assert_eq!(record(&desk, record_made["pk"].as_i64().unwrap()).await["state"], "consigned");
    }
    desk.ledger_holds();
}

#[tokio::test]
async fn accounts_abroad_are_checked_by_their_digits() {
    let desk = Desk::new().await;
    let common = json!({"amount": 10, "account_phone": "1", "account_email": "luis@correo.example"});
    let with = |own: Value| {
        let mut body = common.clone();
        change(&mut body, &own);
        body
    };
    let cases = [
        (
            "/withdraw/mx/",
            with(json!({"currency_code": "MXN", "clabe": "032180000118359718", "beneficiary": "x"})),
            "clabe",
        ),
        (
            "/withdraw/mx/",
            with(json!({"currency_code": "USD", "clabe": "032180000118359719", "beneficiary": "x"})),
            "currency_code",
        ),
        (
            "/withdraw/ar/",
            with(
                json!({"currency_code": "ARS", "bank_name": "Banco Galicia", "cbu": "2850590940090418135202"}),
            ),
            "cbu",
        ),
        (
            "/withdraw/ar/",
            with(
                json!({"currency_code": "ARS", "bank_name": "Banco de Nadie", "cbu": "2850590940090418135201"}),
            ),
            "bank_name",
        ),
        ("/withdraw/ar/", with(json!({"currency_code": "ARS", "bank_name": "Banco Galicia"})), "cbu"),
        (
            "/withdraw/br/",
            with(
                json!({"currency_code": "BRL", "pix_key": "x", "pix_key_type": "email", "cpf": "52998224725"}),
            ),
            "pix_key",
        ),
        (
            "/withdraw/br/",
            with(
                json!({"currency_code": "BRL", "pix_key": "+5511987654321", "pix_key_type": "phone", "cpf": "52998224724"}),
            ),
            "cpf",
        ),
        (
            "/withdraw/br/",
            with(json!({"currency_code": "BRL", "pix_key": "+5511987654321", "pix_key_type": "phone"})),
            "cpf",
        ),
        (
            "/withdraw/br/",
            with(
                json!({"currency_code": "BRL", "pix_key": "+5511987654321", "pix_key_type": "celular", "cpf": "52998224725"}),
            ),
            "pix_key_type",
        ),
    ];
    for (path, body, field) in cases {
        let refused = desk.post(path, &body).await.expect(400);
        assert_eq!(refused.as_object().unwrap().keys().collect::<Vec<_>>(), [field], "{path} {refused}");
    }
}

#[tokio::test]
async fn the_bank_lists_differ_in_their_ids() {
    let desk = Desk::new().await;
    let banks = desk.get("/bank_list_third_party_withdraw/").await.expect(200);
    for bank in [
        json!({"id": 1, "name": "BBVA Colombia"}),
        json!({"id": 3, "name": "Bancamia S.A."}),
        json!({"id": 22, "name": "Itau"}),
    ] {
        assert!(banks.as_array().unwrap().contains(&bank), "{bank}");
    }
    let colombia = desk.get("/bank_list/?country=CO").await.expect(200);
    assert_eq!(colombia[0], json!({"id": "1", "name": "BBVA Colombia", "country": "COL", "currency": "COP"}));
    let all = desk.get("/bank_list/").await.expect(200);
    for country in ["ARG", "BRA", "COL", "ECU", "MEX"] {
        assert!(all.as_array().unwrap().iter().any(|bank| bank["country"] == country), "{country}");
    }
}
