//! The money chain, whole: made by one person, decided by another, seen from the ledger.

use crate::desk::{Judge, Person, sandbox, sandbox_of};
use cuadre::domain::role::Role;

/// One of the sandbox's cast who is paid in pesos.
pub const PAYEE: &str = "Ferretería";

#[tokio::test]
async fn a_movement_is_made_by_one_and_approved_by_another_and_debited_once() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    let mut maker = Person::sits(&sandbox, Role::Maker);
    maker.pays(PAYEE, "251.337,00", "251337", "fv-1001").await.press("6").until_sees("por aprobar").await;

    let made = judge.payments("fv-1001").await;
    assert_eq!(made.len(), 1, "{made:?}");
    let id = made[0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(made[0]["amount"], 25_133_700);
    assert!(judge.postings(&id).await.is_empty(), "nothing is held before it is approved");

    let mut checker = Person::sits(&sandbox, Role::Checker);
    checker.press("4").until_sees("lote").await;
    checker.press("/").types("251.337").press("enter").until_sees("251.337,00").await;
    checker.press("A").thinks().types("251337").press("enter");
    maker.until_sees("completado").await;

    let postings = judge.postings(&id).await;
    assert_eq!(postings.len(), 1, "one debit: {postings:?}");
    let lines = postings[0]["lines"].as_array().expect("lines");
    assert_eq!(lines.iter().filter(|line| line["amount"] == -25_133_700).count(), 1, "{lines:?}");
    judge.squares().await;
    maker.leaves().await;
    checker.leaves().await;
}

#[tokio::test]
async fn an_approver_sees_in_the_queue_which_one_repeats_another_and_why() {
    let sandbox = sandbox_of("month-end").await;
    let mut checker = Person::sits(&sandbox, Role::Checker);
    // The same invoice twice, typed in two ways, beside others that repeat nothing.
    checker.press("4").until_sees("! pago").await;
    checker.press("/").types("12.847.500").press("enter").until_sees("¿DUPLICADO? COP 12.847.500,00").await;
    checker.press("esc").until_sees("  pago").await;
    checker.leaves().await;
}

#[tokio::test]
async fn a_rejection_carries_its_reason_and_moves_nothing() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    let mut maker = Person::sits(&sandbox, Role::Maker);
    maker.pays(PAYEE, "321.000,00", "321000", "fv-1002").await.press("6").until_sees("por aprobar").await;
    let mut checker = Person::sits(&sandbox, Role::Checker);
    checker.press("4").until_sees("lote").await;
    checker.press("/").types("321.000").press("enter").until_sees("321.000,00").await;
    checker.press("X").thinks().types("no es nuestro proveedor").press("enter");
    maker.until_sees("cancelado").await;

    let payment = &judge.payments("fv-1002").await[0];
    assert_eq!(payment["state"], "canceled");
    assert!(judge.postings(payment["id"].as_str().expect("an id")).await.is_empty());
    judge.squares().await;
    maker.leaves().await;
    checker.leaves().await;
}

#[tokio::test]
async fn its_maker_cannot_approve_and_no_byte_leaves() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    // An admin may create and approve: only that it is their own stands against it.
    let mut admin = Person::sits(&sandbox, Role::Admin);
    admin.pays(PAYEE, "77.000,00", "77000", "fv-1003").await.press("6").until_sees("por aprobar").await;
    admin.press("4").until_sees("lote").await;
    admin.press("/").types("77.000").press("enter").until_sees("77.000,00").await;
    admin.sees("Lo creó usted o esta misma credencial").press("A").thinks().types("77000").press("enter");
    assert!(judge.requests("POST", "/v1/money_movement_approvals").await.is_empty());
    assert!(admin.store.outbox(10).await.expect("the outbox").iter().all(|entry| entry.action != "approve"));
    admin.leaves().await;
}

#[tokio::test]
async fn a_movement_that_changed_after_it_was_shown_is_not_decided() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    let mut maker = Person::sits(&sandbox, Role::Maker);
    maker.pays(PAYEE, "473.000,00", "473000", "fv-1004").await.press("6").until_sees("por aprobar").await;
    let id = judge.payments("fv-1004").await[0]["id"].as_str().expect("an id").to_owned();
    let mut checker = Person::sits(&sandbox, Role::Checker);
    checker.press("4").until_sees("lote").await;
    checker.press("/").types("473.000").press("enter").until_sees("473.000,00").await;

    // From here on Cobre says another amount.
    let fault = serde_json::json!({"path": format!("/v1/money_movements/{id}"), "method": "GET",
        "times": 1, "fault": "alter:amount=920000000"});
    judge.faults(fault).await;
    checker.press("A").thinks().types("473000").press("enter");
    checker.until_sees("9.200.000,00").await.sees("473.000,00");

    assert!(judge.requests("POST", "/v1/money_movement_approvals").await.is_empty());
    assert_eq!(judge.payments("fv-1004").await[0]["state"], "pending_approval");
    maker.leaves().await;
    checker.leaves().await;
}
