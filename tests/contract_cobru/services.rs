//! Section 10: top-ups, PINs and packages.

use serde_json::json;

use crate::desk::Desk;

#[tokio::test]
async fn a_phone_is_topped_up_by_the_operators_of_the_contract() {
    let desk = Desk::new().await;
    let before = desk.balance();
    let ask = |operator: &str| json!({"value": 20_000, "recipient": "3005550110", "operator": operator});
    let body = desk.post("/request_service_reload/", &ask("claro")).await.expect(200);
    assert_eq!(body, json!({"result": "ok", "message": "Recarga exitosa"}));
    assert_eq!(before - desk.balance(), 2_000_000);
    for operator in ["movistar", "tigo", "avantel", "movilexito", "virginmobile", "directv", "flashmobile"] {
        desk.post("/request_service_reload/", &ask(operator)).await.expect(200);
    }
    let refused = json!({"result": "error", "message": "Operador no soportado"});
    desk.post("/request_service_reload/", &ask("comcel")).await.says(400, &refused);
    let poor = json!({"value": desk.balance() / 100 + 1, "recipient": "3005550110", "operator": "claro"});
    desk.post("/request_service_reload/", &poor).await.says(400, &json!({"error": "not enough balance"}));
    desk.ledger_holds();
}

#[tokio::test]
async fn operators_of_pins_are_bare_numbers_and_status_zero_is_success() {
    let desk = Desk::new().await;
    let operators = desk.get("/pines/all_pines/").await.expect(200);
    for id in [36, 39, 56] {
        assert!(operators.as_array().unwrap().contains(&json!(id)));
    }
    let pins = desk.get("/pines/all_pines/?operator=56").await.expect(200);
    let netflix = json!({"id": 33, "id_pin": "387", "operator": 56, "description": "Netflix 1", "valor": 20_000, "time": null});
    assert_eq!(pins[0], netflix);
    let before = desk.balance();
    for ask in [json!({"id_pin": 387, "operator": "56"}), json!({"id_pin": "387", "operator": 56})] {
        let bought = desk.post("/pin/", &ask).await.expect(200);
        assert_eq!(bought["status"], "0");
        assert!(bought["pin"].is_string() && bought["pk"].is_i64(), "{bought}");
    }
    assert_eq!(before - desk.balance(), 4_000_000);
    desk.post("/pin/", &json!({"id_pin": 387, "operator": "36"}))
        .await
        .says(400, &json!({"error": "NOT_FOUND"}));
}

#[tokio::test]
async fn packages_are_listed_by_provider_and_bought() {
    let desk = Desk::new().await;
    let all = desk.get("/packages/all_packages/").await.expect(200);
    assert!(all["data"].as_array().unwrap().contains(&json!("TIGO")));
    let tigo = desk.get("/packages/all_packages/?cell_provider=TIGO").await.expect(200);
    let first = &tigo["data"][0];
    assert_eq!(
        (&first["id"], &first["code_provider"], &first["time"]),
        (&json!(3), &json!("203"), &json!(null))
    );
    let ask = json!({"cell_provider": "TIGO", "code_provider": "203", "phone": "3005550110"});
    let bought = desk.post("/packages/buy/", &ask).await.expect(200);
    assert!(bought["pk"].is_i64() && bought["code_provider"] == "203", "{bought}");
    let unknown = json!({"cell_provider": "TIGO", "code_provider": "999", "phone": "3005550110"});
    desk.post("/packages/buy/", &unknown).await.says(400, &json!({"error": "NOT_FOUND"}));
    let rows = desk.get("/movements/movements_by_types/?by_other_payments=true").await.expect(200);
    assert_eq!(rows["result"][0]["type"], "package");
    assert_eq!(rows["count"], 3);
}
