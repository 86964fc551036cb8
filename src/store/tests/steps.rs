//! Record, start, settle; what a restart finds; two consoles on one store.

use super::*;

#[tokio::test]
async fn a_payment_goes_from_recorded_over_sending_to_sent() {
    let home = Home::new();
    let store = home.open();
    let row = payment();
    let intent = row.intent;

    let recorded = store.record(row.clone()).await.unwrap();
    assert_eq!(state(&store, intent).await, State::Recorded);
    let stored = store.start(recorded).await.unwrap();
    assert_eq!(stored.body, row.body);
    assert_eq!(state(&store, intent).await, State::Sending);
    store.settle(intent, sent(), SettledBy::Answer).await.unwrap();

    let entry = store.entry(intent).await.unwrap().unwrap();
    assert_eq!(entry.state, State::Sent);
    assert_eq!(entry.provider_id.as_deref(), Some("mm_1"));
    assert_eq!(entry.provider_state.as_deref(), Some("initiated"));
    assert_eq!(entry.settled_by.as_deref(), Some("answer"));
    assert_eq!(entry.ended_at, Some(noon()));
    assert_eq!(entry.body_sha256, audit::sha256(&row.body));
    let kinds: Vec<_> = entry.history.iter().map(|step| step.kind.as_str()).collect();
    assert_eq!(kinds, ["intent_recorded", "send_started", "outcome"]);
    let exchange = store.exchange(intent).await.unwrap().unwrap();
    assert_eq!(exchange.body, row.body);
    assert_eq!(exchange.answer, br#"{"id":"mm_1"}"#);
}

#[tokio::test]
async fn every_column_comes_back_as_it_was_recorded() {
    let home = Home::new();
    let store = home.open();
    let row = payment();
    let recorded = store.record(row.clone()).await.unwrap();
    drop(recorded);
    let entry = store.outbox(10).await.unwrap().pop().unwrap();
    let again = Row {
        intent: entry.intent,
        provider: "cobre",
        profile: entry.profile,
        environment: entry.environment,
        host: entry.host,
        actor: entry.actor,
        role: entry.role,
        action: entry.action,
        method: entry.method,
        path: entry.path,
        body: store.exchange(entry.intent).await.unwrap().unwrap().body,
        idempotency_key: entry.idempotency_key,
        external_id: entry.external_id,
        short_ref: entry.short_ref,
        amount_minor: entry.amount_minor,
        currency: entry.currency,
        source: entry.source,
        destination: entry.destination,
        subject: entry.subject,
        shown_hash: entry.shown_hash,
        supersedes: entry.supersedes,
        moves_money: entry.moves_money,
        at: entry.at,
    };
    assert_eq!(again, row);
}

#[tokio::test]
async fn the_outbox_shows_the_newest_first_and_no_more_than_asked() {
    let home = Home::new();
    let store = home.open();
    let mut made = Vec::new();
    for n in 0..5 {
        made.push(sending(&store, payment_to(&format!("cp_{n}"))).await);
    }
    made.reverse();
    let shown: Vec<_> = store.outbox(3).await.unwrap().into_iter().map(|entry| entry.intent).collect();
    assert_eq!(shown, made[..3]);
}

#[tokio::test]
async fn an_unknown_is_settled_by_looks_and_keeps_what_the_answer_brought() {
    let home = Home::new();
    let store = home.open();
    let intent = sending(&store, payment()).await;
    let broken = OutcomeRow { status: Some(502), body: b"<html>".to_vec(), ..outcome(Ending::Unknown) };
    store.settle(intent, broken.because("status"), SettledBy::Answer).await.unwrap();
    let open: Vec<_> = store.open_intents().await.unwrap().into_iter().map(|entry| entry.intent).collect();
    assert_eq!(open, [intent]);

    let look = Look { at: noon(), found: 0, whole: true, note: None };
    store.look(intent, look.clone()).await.unwrap();
    store.look(intent, Look { found: 1, ..look.clone() }).await.unwrap();
    let found = OutcomeRow { provider_id: Some("mm_9".to_owned()), ..outcome(Ending::Sent) };
    store.settle(intent, found, SettledBy::Look).await.unwrap();

    let entry = store.entry(intent).await.unwrap().unwrap();
    assert_eq!(entry.state, State::Sent);
    assert_eq!(entry.provider_id.as_deref(), Some("mm_9"));
    assert_eq!(entry.status, Some(502));
    assert_eq!(entry.looks.iter().map(|look| look.found).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(store.exchange(intent).await.unwrap().unwrap().answer, b"<html>");
    assert!(store.open_intents().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_receipt_written_twice_is_the_same_receipt() {
    let home = Home::new();
    let store = home.open();
    let intent = sending(&store, payment()).await;
    store.settle(intent, sent(), SettledBy::Answer).await.unwrap();
    let head = store.head().await.unwrap();
    store.settle(intent, sent(), SettledBy::Answer).await.unwrap();
    assert_eq!(store.head().await.unwrap(), head);
}

#[tokio::test]
async fn the_first_final_outcome_stands_and_the_other_is_kept_beside_it() {
    let home = Home::new();
    let store = home.open();
    let intent = sending(&store, payment()).await;
    store.settle(intent, outcome(Ending::NotSent).because("absent"), SettledBy::Look).await.unwrap();
    let error = store.settle(intent, sent(), SettledBy::Answer).await.unwrap_err();
    assert!(matches!(error, StoreError::AlreadySettled { stands: State::NotSent, .. }), "{error}");
    let entry = store.entry(intent).await.unwrap().unwrap();
    assert_eq!(entry.state, State::NotSent);
    assert_eq!(entry.provider_id, None);
    assert_eq!(entry.history.last().unwrap().note.as_deref(), Some("sent"));
}
