//! The network fails at the worst moment. The ledger has the movement once or not at all, and the outbox
//! comes to say which, by asking.

use crate::chain::PAYEE;
use crate::desk::{Judge, Person, sandbox};
use cuadre::domain::role::Role;
use cuadre::store::State;
use serde_json::json;
use std::sync::Arc;

const CREATE: &str = "/v1/money_movements";

#[tokio::test]
async fn an_answer_cut_off_after_the_request_arrived_is_one_movement_found_by_its_name() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    judge.faults(json!({"path": CREATE, "method": "POST", "times": 1, "fault": "cut_after"})).await;
    let mut maker = Person::sits(&sandbox, Role::Maker);
    maker.pays(PAYEE, "250.113,00", "250113", "fv-2001").await.press("6").until_sees("desconocido").await;
    let entry = maker.until_newest_is(State::Sent).await;

    let made = judge.payments("fv-2001").await;
    assert_eq!(made.len(), 1, "one movement: {made:?}");
    assert_eq!(judge.requests("POST", CREATE).await.len(), 1, "sent once");
    assert_eq!(entry.settled_by.as_deref(), Some("look"));
    assert_eq!(entry.provider_id.as_deref(), made[0]["id"].as_str());
    judge.squares().await;
    maker.leaves().await;
}

#[tokio::test]
async fn a_request_that_never_arrived_is_unknown_until_two_looks_prove_it_absent() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    judge.faults(json!({"path": CREATE, "method": "POST", "times": 1, "fault": "cut_before"})).await;
    let mut maker = Person::sits(&sandbox, Role::Maker);
    maker.pays(PAYEE, "250.113,00", "250113", "fv-2002").await.press("6").until_sees("desconocido").await;
    let entry = maker.until_newest_is(State::NotSent).await;

    assert!(judge.payments("fv-2002").await.is_empty());
    assert_eq!(judge.requests("POST", CREATE).await.len(), 1, "never sent again by itself");
    assert_eq!(entry.why.as_deref(), Some("absent"));
    maker.leaves().await;
}

#[tokio::test]
async fn a_half_read_answer_is_unknown_and_found() {
    for fault in ["cut_during", "truncate:20", "garbage", "status:500", "status:503", "status:409"] {
        let sandbox = sandbox().await;
        let judge = Judge::of(&sandbox);
        judge.faults(json!({"path": CREATE, "method": "POST", "times": 1, "fault": fault})).await;
        let mut maker = Person::sits(&sandbox, Role::Maker);
        maker.pays(PAYEE, "250.113,00", "250113", "fv-2003").await.press("6").until_sees("desconocido").await;
        let made = judge.payments("fv-2003").await.len();
        // A status in place of an answer may or may not have been handled: the ledger decides.
        maker.until_newest_is(if made == 1 { State::Sent } else { State::NotSent }).await;
        assert!(made <= 1, "{fault}");
        assert_eq!(judge.requests("POST", CREATE).await.len(), 1, "{fault}");
        judge.squares().await;
        maker.leaves().await;
    }
}

#[tokio::test]
async fn an_answer_that_speaks_of_another_amount_is_never_settled_by_machine() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    let fault = "alter:amount=1";
    judge.faults(json!({"path": CREATE, "method": "POST", "times": 1, "fault": fault})).await;
    let mut maker = Person::sits(&sandbox, Role::Maker);
    maker.pays(PAYEE, "250.113,00", "250113", "fv-2004").await.press("6").until_sees("desconocido").await;
    // It is looked for, found, and still left to a person.
    maker.until_sees("1 búsq").await;
    let entry = maker.until_newest_is(State::Unknown).await;
    assert!(entry.why.as_deref().is_some_and(|why| why.starts_with("mismatch")), "{:?}", entry.why);
    maker.leaves().await;
}

#[tokio::test]
async fn a_desk_that_died_while_sending_finds_its_movement_at_the_next_start() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    judge.faults(json!({"path": CREATE, "method": "POST", "times": 1, "fault": "cut_after"})).await;
    // It would look after two seconds, and leaves before.
    let mut maker =
        Person::sits_with(&sandbox, Role::Maker, Arc::new(tempfile::tempdir().expect("a folder")), 1);
    maker.pays(PAYEE, "250.113,00", "250113", "").await;
    let name = maker.until_newest_is(State::Unknown).await.external_id.expect("a name");
    let folder = maker.folder.clone();
    maker.leaves().await;

    let mut again = Person::sits_at(&sandbox, Role::Maker, folder);
    again.until_newest_is(State::Sent).await;
    assert_eq!(judge.payments(&name).await.len(), 1);
    assert_eq!(judge.requests("POST", CREATE).await.len(), 1);
    again.leaves().await;
}

#[tokio::test]
async fn a_name_that_cannot_be_checked_sends_nothing() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    judge.faults(json!({"path": CREATE, "method": "GET", "share": 1.0, "fault": "status:503"})).await;
    let mut maker = Person::sits(&sandbox, Role::Maker);
    maker.pays(PAYEE, "250.113,00", "250113", "fv-2006").await.until_sees("Nada se envió").await;
    assert!(judge.requests("POST", CREATE).await.is_empty());
    assert!(maker.store.outbox(1).await.expect("the outbox").is_empty());
    maker.leaves().await;
}
