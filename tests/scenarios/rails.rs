//! Payments on each rail, to whom is there and to whom is registered on the way, seen from the ledger.

use crate::desk::{Judge, Person, sandbox};
use cuadre::domain::role::Role;
use cuadre::store::State;
use serde_json::json;

const CREATE: &str = "/v1/counterparties";

/// Opens the form of a movement on the balance of this name.
async fn from<'a>(person: &'a mut Person, balance: &str) -> &'a mut Person {
    person.until_sees("Operación").await.press("3").until_sees("▸ Adriana").await.press("1");
    let rows = person.desk.model.panes.balances.list.rows().len();
    for _ in 0..rows {
        let found = person.screen().lines().any(|line| line.contains('▸') && line.contains(balance));
        if found {
            break;
        }
        person.press("down");
    }
    person.press("n")
}

/// Fills the form of a payment to Ana Ruiz, whom nobody has registered.
async fn fills_for_ana(person: &mut Person, name: &str) {
    from(person, "Operación").await.types("nueva contraparte").press("enter");
    person.types("ahorros").press("enter").types("12345678901").press("tab").types("nu").press("enter");
    person.types("Ana Ruiz").press("tab").types("ciudada").press("enter").types("52123456");
    person.press("tab tab tab tab").types("41.700,00").press("tab").types("Flete").press("tab").types(name);
}

#[tokio::test]
async fn a_key_is_asked_about_registered_and_paid_in_one_form() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    let mut maker = Person::sits(&sandbox, Role::Maker);
    from(&mut maker, "Operación").await.types("nueva contraparte").press("enter");
    maker.types("llave").press("enter").types("@LUZ2026").press("tab").types("Luz Mora").press("tab");
    maker.types("ciudada").press("enter").types("52123456").press("tab tab tab tab");
    maker.types("41.700,00").press("tab").types("Flete de prueba").press("tab").types("fl-3001");
    // First whose it is, then its registration, then the payment.
    maker.press("ctrl-o").until_sees("es de LUZ").await;
    assert!(judge.requests("POST", CREATE).await.is_empty(), "nothing is registered before it is seen");
    maker.press("ctrl-o").until_sees("Beneficiario").await;
    maker.sees("Luz Mora").thinks().types("41700").press("enter");
    maker.until_sent("fl-3001").await;

    let made = judge.payments("fl-3001").await;
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!((&made[0]["kind"], &made[0]["amount"]), (&json!("breb"), &json!(4_170_000)));
    assert_eq!(judge.requests("POST", CREATE).await.len(), 1);
    let outbox = maker.store.outbox(10).await.expect("the outbox");
    let actions: Vec<&str> = outbox.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["create_movement", "create_counterparty", "verify_account"]);
    assert_eq!(outbox[0].destination, outbox[1].provider_id, "paid to the one that was registered");
    judge.squares().await;
    maker.leaves().await;
}

#[tokio::test]
async fn a_registration_whose_answer_is_cut_pays_nobody_and_is_found() {
    for fault in ["cut_before", "cut_during", "cut_after"] {
        let sandbox = sandbox().await;
        let judge = Judge::of(&sandbox);
        judge.faults(json!({"path": CREATE, "method": "POST", "times": 1, "fault": fault})).await;
        let mut maker = Person::sits(&sandbox, Role::Maker);
        fills_for_ana(&mut maker, "fl-3002").await;
        maker.press("ctrl-o");
        let wanted = if fault == "cut_before" { State::NotSent } else { State::Sent };
        let entry = maker.until_newest_is(wanted).await;

        assert_eq!(entry.action, "create_counterparty", "{fault}");
        assert_eq!(entry.settled_by.as_deref(), Some("look"), "{fault}");
        assert_eq!(judge.requests("POST", CREATE).await.len(), 1, "{fault}: asked once");
        assert!(judge.requests("POST", "/v1/money_movements").await.is_empty(), "{fault}");
        maker.leaves().await;
    }
}

#[tokio::test]
async fn a_bank_without_fast_pay_is_paid_by_ach_and_a_clabe_by_spei() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    let mut maker = Person::sits(&sandbox, Role::Maker);
    fills_for_ana(&mut maker, "fl-3005").await;
    maker.press("ctrl-o").until_sees("Beneficiario").await.sees("Ana Ruiz");
    maker.thinks().types("41700").press("enter");
    maker.until_sent("fl-3005").await;
    let made = judge.payments("fl-3005").await;
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!((&made[0]["kind"], &made[0]["amount"]), (&json!("ach"), &json!(4_170_000)));

    from(&mut maker, "México").await.types("plásticos").press("enter");
    maker.types("1.234,50").press("tab").types("Resina").press("tab").types("mx-3006");
    maker.press("tab").types("20261121").press("ctrl-o");
    maker.until_sees("Beneficiario").await.sees("MXN 1.234,50").thinks().types("1234,50").press("enter");
    maker.until_sent("mx-3006").await;
    let made = judge.payments("mx-3006").await;
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!((&made[0]["kind"], &made[0]["currency"]), (&json!("spei"), &json!("MXN")));
    judge.squares().await;
    maker.leaves().await;
}

#[tokio::test]
async fn an_own_balance_pays_another_and_the_payment_can_be_made_again() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    let mut maker = Person::sits(&sandbox, Role::Maker);
    from(&mut maker, "Operación").await.types("nómina").press("enter");
    maker.types("18.300,00").press("tab").types("Traslado").press("tab").types("tr-3003");
    maker.press("ctrl-o").thinks().types("18300").press("enter");
    let entry = maker.until_sent("tr-3003").await;
    assert!(entry.destination.as_deref().is_some_and(|id| id.starts_with("acc_")), "{entry:?}");
    assert_eq!(judge.payments("tr-3003").await.len(), 1);

    // Again, from the outbox's row: filled, with another amount and name.
    maker.press("6").until_sees("Enviado: mm_").await.press("g p").until_sees("Traslado").await;
    maker.press("ctrl-u").types("18.400,00").press("tab tab").types("tr-3004").press("ctrl-o");
    maker.thinks().types("18400").press("enter");
    let again = maker.until_sent("tr-3004").await;
    assert_eq!((&again.source, &again.destination), (&entry.source, &entry.destination));
    assert_eq!(judge.payments("tr-3004").await.len(), 1);
    judge.squares().await;
    maker.leaves().await;
}

#[tokio::test]
async fn a_debit_card_is_registered_and_paid_by_spei() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    let mut maker = Person::sits(&sandbox, Role::Maker);
    from(&mut maker, "México").await.types("nueva contraparte").press("enter");
    maker.types("tarjeta").press("enter").types("4152313312345676").press("tab").types("bbva").press("enter");
    maker.types("Marta Ríos").press("tab").types("rfc").press("enter").types("RIMM850101AB9");
    maker
        .press("tab tab tab tab")
        .types("1.500,00")
        .press("tab")
        .types("Viáticos")
        .press("tab")
        .types("mx-3007");
    maker.press("tab").types("20261121").press("ctrl-o").until_sees("Beneficiario").await;
    maker.sees("Marta Ríos").thinks().types("1500").press("enter");
    let entry = maker.until_sent("mx-3007").await;

    let made = judge.payments("mx-3007").await;
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!((&made[0]["kind"], &made[0]["amount"]), (&json!("spei"), &json!(150_000)));
    let registered = judge.requests("POST", CREATE).await;
    assert_eq!(registered.len(), 1);
    let outbox = maker.store.outbox(5).await.expect("the outbox");
    let card = outbox.iter().find(|one| one.action == "create_counterparty").expect("its registration");
    assert_eq!(entry.destination, card.provider_id, "paid to the card that was registered");
    judge.squares().await;
    maker.leaves().await;
}
