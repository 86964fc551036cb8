//! Counterparties, keys and schedules: made, changed and taken away by people at the desk, with the network
//! cut in between. What the provider then has is there once or not at all, and the outbox says which.

use crate::desk::{Judge, Person, sandbox};
use cuadre::domain::role::Role;
use cuadre::sandbox::Sandbox;
use cuadre::store::{OutboxEntry, State};
use serde_json::{Value, json};

const FAULTS: [&str; 3] = ["cut_before", "cut_during", "cut_after"];

/// Goes to a pane that has no tab.
async fn goes<'a>(person: &'a mut Person, to: &str, sees: &str) -> &'a mut Person {
    person.until_sees("Operación").await.press("3").until_sees("▸ Adriana").await;
    person.press(":").types(to).press("enter").until_sees(sees).await
}

/// The newest write of this kind, once it is settled.
async fn settled(person: &mut Person, action: &'static str) -> OutboxEntry {
    let is = move |entry: &OutboxEntry| entry.action == action && entry.state.is_final();
    person.until_newest(action, is).await
}

/// What was made must have been found or be absent, by looking.
fn by_look(entry: &OutboxEntry, fault: &str) {
    let wanted = if fault == "cut_before" { State::NotSent } else { State::Sent };
    assert_eq!(entry.state, wanted, "{fault}: {entry:?}");
    assert_eq!(entry.settled_by.as_deref(), Some("look"), "{fault}");
}

async fn named(judge: &Judge, sandbox: &Sandbox, path: &str, alias: &str) -> Vec<Value> {
    let rows = judge.listed(sandbox, path).await;
    rows.into_iter().filter(|row| row["alias"] == alias).collect()
}

async fn makes_key(admin: &mut Person, alias: &str) {
    goes(admin, "llaves", "Llaves Bre-B").await.press("n").types("operación").press("enter");
    admin.types("Tienda SAS").press("tab").types("nit").press("enter").types("901183029").press("tab");
    admin.types(alias).press("tab").types("azar").press("enter").press("ctrl-o").thinks().press("enter");
}

#[tokio::test]
async fn a_key_is_made_shown_blocked_and_canceled() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    let mut admin = Person::sits(&sandbox, Role::Admin);
    makes_key(&mut admin, "Caja de prueba").await;
    assert_eq!(settled(&mut admin, "create_key").await.state, State::Sent);
    sandbox.advance_seconds(5);
    admin.press("r").press("/").types("caja de prueba").press("enter").until_sees("= activa").await;
    admin.press("g Q").until_sees("Código Bre-B").await.press("esc");

    admin
        .press("B")
        .thinks()
        .types("Caja de prueb")
        .press("enter")
        .sees("Escriba:")
        .types("a")
        .press("enter");
    assert_eq!(settled(&mut admin, "disable_key").await.state, State::Sent);
    sandbox.advance_seconds(5);
    admin.press("r").until_sees("! bloqueada").await;

    // For good only with the words.
    admin.press("X").thinks().types("Caja de prueba").press("enter").sees("PARA SIEMPRE");
    admin.types(" PARA SIEMPRE").press("enter");
    assert_eq!(settled(&mut admin, "cancel_key").await.state, State::Sent);
    admin.press("r").until_sees("cancelada").await;
    let keys = named(&judge, &sandbox, "/v1/keys", "Caja de prueba").await;
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0]["connectivity"]["status"], "unregistered");
    admin.leaves().await;
}

#[tokio::test]
async fn a_key_that_is_cut_is_there_once_or_not_at_all() {
    for fault in FAULTS {
        let sandbox = sandbox().await;
        let judge = Judge::of(&sandbox);
        let account = judge.listed(&sandbox, "/v1/accounts").await;
        let account = account.iter().find(|row| row["alias"] == "Operación").expect("the balance");
        let path = format!("/v1/accounts/{}/keys", account["id"].as_str().expect("an id"));
        judge.faults(json!({"path": path, "method": "POST", "times": 1, "fault": fault})).await;
        let mut admin = Person::sits(&sandbox, Role::Admin);
        makes_key(&mut admin, "Caja cortada").await;
        by_look(&settled(&mut admin, "create_key").await, fault);
        let keys = named(&judge, &sandbox, "/v1/keys", "Caja cortada").await;
        assert_eq!(keys.len(), usize::from(fault != "cut_before"), "{fault}");
        assert_eq!(judge.requests("POST", &path).await.len(), 1, "{fault}: asked once");
        admin.leaves().await;
    }
}

#[tokio::test]
async fn a_schedule_that_is_cut_is_there_once_or_not_at_all_and_is_canceled_once() {
    const PATH: &str = "/v1/money_movement_schedulers";
    for fault in FAULTS {
        let sandbox = sandbox().await;
        let judge = Judge::of(&sandbox);
        let before = judge.listed(&sandbox, PATH).await.len();
        judge.faults(json!({"path": PATH, "method": "POST", "times": 1, "fault": fault})).await;
        let mut maker = Person::sits(&sandbox, Role::Maker);
        goes(&mut maker, "programados", "Programados").await.press("n").types("operación").press("enter");
        maker.types("nómina").press("enter").types("12.345,00").press("tab tab").types("mes").press("enter");
        maker.types("01/12/2026").press("tab tab").types("Traslado fijo").press("ctrl-o");
        maker.thinks().types("12345").press("enter");
        by_look(&settled(&mut maker, "create_schedule").await, fault);
        let made = usize::from(fault != "cut_before");
        assert_eq!(judge.listed(&sandbox, PATH).await.len(), before + made, "{fault}");
        assert_eq!(judge.requests("POST", PATH).await.len(), 1, "{fault}: asked once");
        if made == 1 {
            maker.press("r").press("/").types("traslado fijo").press("enter").until_sees("> activo").await;
            maker.press("g X").thinks().types("Traslado fijo").press("enter");
            assert_eq!(settled(&mut maker, "cancel_schedule").await.state, State::Sent);
            let active = judge.listed(&sandbox, PATH).await;
            let active = active.iter().filter(|row| row["metadata"]["description"] == "Traslado fijo");
            assert!(active.clone().all(|row| row["active_status"] == false));
        }
        maker.leaves().await;
    }
}

#[tokio::test]
async fn a_counterparty_is_deleted_by_its_name_and_forever_also_when_the_answer_is_cut() {
    for fault in [None, Some("cut_before"), Some("cut_during"), Some("cut_after")] {
        let sandbox = sandbox().await;
        let judge = Judge::of(&sandbox);
        let rows = judge.listed(&sandbox, "/v1/counterparties?page_size=100").await;
        let adriana = |row: &&Value| row["alias"].as_str().is_some_and(|alias| alias.starts_with("Adriana"));
        let row = rows.iter().find(adriana).expect("one of the cast").clone();
        let (id, alias) = (row["id"].as_str().expect("an id"), row["alias"].as_str().expect("an alias"));
        let path = format!("/v1/counterparties/{id}");
        if let Some(fault) = fault {
            judge.faults(json!({"path": path, "method": "DELETE", "times": 1, "fault": fault})).await;
        }
        let mut admin = Person::sits(&sandbox, Role::Admin);
        admin.until_sees("Operación").await.press("3").until_sees("▸ Adriana").await;
        admin.press("/").types(alias).press("enter").press("g D").thinks();
        admin.types(alias).press("enter").sees("PARA SIEMPRE");
        assert!(judge.requests("DELETE", &path).await.is_empty(), "the name alone deletes nothing");
        admin.types(" PARA SIEMPRE").press("enter");
        let entry = settled(&mut admin, "delete_counterparty").await;
        match fault {
            // An answer without a body can't be cut in it.
            None | Some("cut_during") => assert_eq!(entry.state, State::Sent),
            Some(fault) => by_look(&entry, fault),
        }
        let rows = judge.listed(&sandbox, "/v1/counterparties?page_size=100").await;
        let there = rows.iter().any(|row| row["id"] == id);
        assert_eq!(there, fault == Some("cut_before"), "{fault:?}");
        assert_eq!(judge.requests("DELETE", &path).await.len(), 1, "{fault:?}: asked once");
        admin.leaves().await;
    }
}

#[tokio::test]
async fn a_spei_credit_goes_back_once_whatever_is_cut() {
    const PATH: &str = "/v1/money_movements_return";
    for fault in [None, Some("cut_before"), Some("cut_during"), Some("cut_after")] {
        let sandbox = sandbox().await;
        let judge = Judge::of(&sandbox);
        let accounts = judge.listed(&sandbox, "/v1/accounts?sensitive_data=true").await;
        let mexican = accounts.iter().find(|row| row["provider_id"] == "pr_mex_cobre3").expect("a balance");
        let payin = json!({"kind": "clabe", "target": mexican["account_number"], "amount": 7_777_700,
            "description": "Pago duplicado"});
        let credit = judge.payin(payin).await["id"].as_str().expect("an id").to_owned();
        if let Some(fault) = fault {
            judge.faults(json!({"path": PATH, "method": "POST", "times": 1, "fault": fault})).await;
        }
        let mut maker = Person::sits(&sandbox, Role::Maker);
        maker.until_sees("Operación").await.press("2").press("/").types("77.777,00").press("enter");
        maker.until_sees("▸").await.press("g b").until_sees("vuelven").await.press("ctrl-o").thinks();
        maker.types("77777").press("enter");
        let entry = settled(&mut maker, "return_credit").await;
        match fault {
            None => assert_eq!(entry.state, State::Sent),
            Some(fault) => by_look(&entry, fault),
        }
        let made = judge.payments(&credit).await;
        assert_eq!(made.len(), usize::from(fault != Some("cut_before")), "{fault:?}: {made:?}");
        assert_eq!(judge.requests("POST", PATH).await.len(), 1, "{fault:?}: asked once");
        judge.squares().await;
        maker.leaves().await;
    }
}
