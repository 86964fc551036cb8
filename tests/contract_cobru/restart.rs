//! Section 15: with a state file, a restart is where the sandbox was.

use cuadre::sandbox::Options;
use serde_json::json;

use crate::desk::{Desk, payer};

#[tokio::test]
async fn what_was_made_paid_and_asked_for_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { state: Some(folder.path().join("state")), ..Desk::options() };
    let mut desk = Desk::on(options()).await;
    desk.sign_in().await;
    let slug = desk.cobru(&json!({})).await;
    let (order, _) = desk.order(&slug, &payer(&json!({"payment": "breb"}))).await;
    desk.control("/pay", &json!({ "cobru": slug })).await.expect(200);
    desk.post("/send/", &json!({"to_user": "3005550110", "amount": 12_345.67})).await.expect(200);
    let cash = json!({"amount": 10_000, "document": "7", "name": "L", "exp_days": 1, "method": "efecty"});
    let reference = desk.post("/cashwithdraw/", &cash).await.expect(200)["ref"].to_string();
    desk.control("/clock", &json!({"advance_s": 60})).await.expect(200);
    desk.control("/collect", &json!({ "withdrawal": reference })).await.expect(200);
    let seen = async |desk: &Desk| {
        let ledger = desk.control_get("/ledger").await.expect(200);
        let detail = desk.detail(&slug).await;
        let status =
            desk.get(&format!("/breb_status/{}/", order["GOrdenId"].as_str().unwrap())).await.expect(200);
        let cash = desk.get(&format!("/cashwithdraw/{reference}")).await.expect(200);
        json!([ledger["postings"], ledger["accounts"], detail, status, cash])
    };
    let before = seen(&desk).await;
    let token = desk.token().to_owned();
    desk.sandbox.stop().await;

    let mut desk = Desk::on(options()).await;
    // A token holds over a restart, as the provider's do.
    desk.use_token(&token);
    assert_eq!(seen(&desk).await, before);
    desk.ledger_holds();
}
