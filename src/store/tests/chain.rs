//! The audit chain in its file: what the store writes beside each step, and what an editor leaves.

use super::*;
use crate::store::audit::{BadKind, HeadFile, Verdict, verify};
use std::collections::BTreeMap;

/// A store with payments in every state and a few other events.
pub(super) async fn busy(home: &Home) -> Store {
    let store = home.open();
    let intent = sending(&store, payment_to("cp_sent")).await;
    store.settle(intent, sent(), SettledBy::Answer).await.unwrap();
    let intent = sending(&store, payment_to("cp_unknown")).await;
    let refused = OutcomeRow {
        status: Some(500),
        text: Some("Ocurrió un error".to_owned()),
        code: Some("E1".to_owned()),
        ..outcome(Ending::Unknown)
    };
    store.settle(intent, refused.because("status"), SettledBy::Answer).await.unwrap();
    store.look(intent, Look { at: noon(), found: 0, whole: true, note: Some("…".to_owned()) }).await.unwrap();
    let by = SettledBy::Person {
        actor: "Ana".to_owned(),
        role: "treasurer".to_owned(),
        reason: "asked Cobre".to_owned(),
        amount_typed: "1250000".to_owned(),
    };
    store.settle(intent, outcome(Ending::NotSent).because("by hand"), by).await.unwrap();
    let late = store.settle(intent, sent(), SettledBy::Answer).await;
    assert!(late.is_err());
    let recorded = store.record(payment_to("cp_recorded")).await.unwrap();
    drop(recorded);
    sending(&store, approval()).await;
    store.audit(event(Kind::Export)).await.unwrap();
    store
}

pub(super) fn event(kind: Kind) -> AuditEvent {
    AuditEvent {
        kind,
        actor: "Ana".to_owned(),
        role: "treasurer".to_owned(),
        profile: "acme".to_owned(),
        intent: None,
        data: BTreeMap::from([("rows", "12".to_owned())]),
    }
}

/// As someone who may write the file, and knows SQL.
pub(super) fn edit(home: &Home, sql: &str) {
    let raw = home.raw();
    raw.execute_batch(
        "DROP TRIGGER IF EXISTS audit_stays; DROP TRIGGER IF EXISTS audit_stands;
         DROP TRIGGER IF EXISTS outbox_stays; DROP TRIGGER IF EXISTS outbox_recorded_stands;
         DROP TRIGGER IF EXISTS outbox_steps; DROP TRIGGER IF EXISTS outbox_body_stands;",
    )
    .unwrap();
    raw.execute_batch(sql).unwrap();
}

pub(super) fn found(home: &Home) -> Option<(u64, &'static str)> {
    verify(&home.file(), None).unwrap().bad.map(|bad| (bad.seq, bad.kind.code()))
}

#[tokio::test]
async fn a_store_in_use_verifies_and_its_head_lies_beside_it() {
    let home = Home::new();
    let store = busy(&home).await;
    let head = store.head().await.unwrap().unwrap();
    let verdict = verify(&home.file(), Some(&head)).unwrap();
    let whole = Verdict { count: head.seq, head: Some(head.clone()), head_file: HeadFile::Agrees, bad: None };
    assert_eq!(verdict, whole);
    let beside = std::fs::read_to_string(home.0.path().join("audit.head")).unwrap();
    assert_eq!(beside, format!("{head}\n"));
    assert_eq!(beside.parse::<Head>().unwrap(), head);
}

#[tokio::test]
async fn each_step_of_an_intent_is_an_event_with_its_place_in_the_chain() {
    let home = Home::new();
    let store = home.open();
    let intent = sending(&store, payment()).await;
    store.settle(intent, sent(), SettledBy::Answer).await.unwrap();
    let lines = store.chain(0, 100).await.unwrap();
    let kinds: Vec<_> = lines.iter().map(|line| line.kind.as_str()).collect();
    assert_eq!(kinds, ["intent_recorded", "send_started", "outcome"]);
    assert!(lines.iter().all(|line| line.intent == Some(intent)));
    assert_eq!(lines[0].data["body_sha256"], audit::sha256(&payment().body));
    assert_eq!(lines[0].data["amount_minor"], "125000000");
    assert_eq!(lines[2].data["provider_id"], "mm_1");
    assert_eq!(store.chain(2, 100).await.unwrap(), lines[2..]);
}

#[tokio::test]
async fn a_line_taken_out_of_the_file_is_missing() {
    let home = Home::new();
    let _store = busy(&home).await;
    edit(&home, "DELETE FROM audit WHERE seq = 3");
    assert_eq!(found(&home), Some((3, "missing")));
}

#[tokio::test]
async fn lines_swapped_in_the_file_are_reordered() {
    let home = Home::new();
    let _store = busy(&home).await;
    edit(
        &home,
        "UPDATE audit SET seq = -1 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4;
         UPDATE audit SET seq = 4 WHERE seq = -1",
    );
    assert_eq!(found(&home), Some((3, "reordered")));
}

#[tokio::test]
async fn a_line_copied_in_the_file_is_duplicated() {
    let home = Home::new();
    let _store = busy(&home).await;
    edit(
        &home,
        "INSERT INTO audit SELECT (SELECT max(seq) + 1 FROM audit), event, hash FROM audit WHERE seq = 3",
    );
    let head = verify(&home.file(), None).unwrap().count;
    assert_eq!(found(&home), Some((head, "duplicated")));
}

#[tokio::test]
async fn a_cut_tail_shows_against_the_head_beside_the_store_or_one_kept_elsewhere() {
    let home = Home::new();
    let store = busy(&home).await;
    let head = store.head().await.unwrap().unwrap();
    edit(&home, &format!("DELETE FROM audit WHERE seq >= {}", head.seq - 1));
    let verdict = verify(&home.file(), None).unwrap();
    assert_eq!(verdict.head_file, HeadFile::Contradicts);
    assert_eq!(found(&home), Some((head.seq - 1, "truncated")));

    std::fs::remove_file(home.0.path().join("audit.head")).unwrap();
    assert_eq!(verify(&home.file(), None).unwrap().head_file, HeadFile::Missing);
    let bad = verify(&home.file(), Some(&head)).unwrap().bad.unwrap();
    assert_eq!((bad.seq, bad.kind), (head.seq - 1, BadKind::Truncated));
}

#[tokio::test]
async fn a_head_of_a_cut_chain_is_not_overwritten_when_the_chain_grows_again() {
    let home = Home::new();
    let store = busy(&home).await;
    let head = store.head().await.unwrap().unwrap();
    edit(&home, &format!("DELETE FROM audit WHERE seq = {}", head.seq));
    for _ in 0..3 {
        store.audit(event(Kind::SignedIn)).await.unwrap();
    }
    assert_eq!(found(&home), Some((head.seq, "altered")));
}

#[tokio::test]
async fn a_head_one_event_behind_is_as_after_a_crash() {
    let home = Home::new();
    let store = busy(&home).await;
    let beside = home.0.path().join("audit.head");
    let old = std::fs::read(&beside).unwrap();
    store.audit(event(Kind::SignedIn)).await.unwrap();
    std::fs::write(&beside, old).unwrap();
    let verdict = verify(&home.file(), None).unwrap();
    assert_eq!((verdict.head_file, verdict.bad), (HeadFile::Behind, None));
    drop(store);
    let again = home.open();
    // The head is brought up once the file was checked; this write comes after it.
    again.writable().await.unwrap();
    again.remember("view", "outbox").await.unwrap();
    assert_eq!(verify(&home.file(), None).unwrap().head_file, HeadFile::Agrees);
}

#[tokio::test]
async fn an_edited_outbox_does_not_match_its_events() {
    let first = Home::new();
    drop(busy(&first).await);
    let template = first.0.path().join("template.db");
    first.raw().execute("VACUUM INTO ?1", [template.to_str().unwrap()]).unwrap();
    for (edited, column) in [
        ("amount_minor = amount_minor + 1", "amount"),
        ("body = CAST(replace(CAST(body AS TEXT), '125', '925') AS BLOB)", "body"),
        ("destination = 'cp_thief'", "destination"),
        ("external_id = 'x'", "external id"),
        ("idempotency_key = NULL", "key"),
        ("actor = 'nobody'", "actor"),
        ("at = '2026-01-15T12:00:01.000000Z'", "time"),
        ("moves_money = 0", "moves money"),
        ("shown_hash = 'other'", "shown"),
        ("state = 'not_sent'", "state"),
        ("provider_id = 'mm_2'", "provider id"),
        ("status = 200", "status"),
        ("answer = CAST('{}' AS BLOB)", "answer"),
        ("why = 'because'", "why"),
        ("settled_by = 'person'", "settled by"),
    ] {
        let home = Home::new();
        std::fs::copy(&template, home.file()).unwrap();
        assert_eq!(found(&home), None);
        edit(&home, &format!("UPDATE outbox SET {edited} WHERE destination = 'cp_sent'"));
        let (seq, kind) = found(&home).unwrap_or_else(|| panic!("{column} was edited and nobody saw"));
        assert_eq!(kind, "outbox-mismatch", "{column}");
        assert!(seq == 1 || seq == 3, "{column}: {seq}");
    }
}

#[tokio::test]
async fn a_row_taken_out_of_the_outbox_or_put_in_is_seen() {
    let home = Home::new();
    let store = busy(&home).await;
    edit(&home, "PRAGMA foreign_keys = OFF; DELETE FROM outbox WHERE destination = 'cp_unknown'");
    assert_eq!(found(&home), Some((4, "outbox-mismatch")));

    let home = Home::new();
    let other = busy(&home).await;
    let count = other.head().await.unwrap().unwrap().seq;
    let copied = "INSERT INTO outbox SELECT 99, 'x', provider, profile, environment, host, actor, role, action,
        method, path, body, body_sha256, idempotency_key, external_id, short_ref, amount_minor, currency, source,
        'cp_x', subject, shown_hash, supersedes, moves_money, at, state, owner, started_at, ended_at, settled_at,
        settled_by, why, status, code, text, provider_id, provider_state, answer_headers, answer, answer_sha256,
        purged_at FROM outbox WHERE n = 1";
    edit(&home, copied);
    assert_eq!(found(&home), Some((count, "outbox-mismatch")));
    drop(store);
}

#[tokio::test]
async fn the_store_itself_lets_nobody_edit_the_chain_or_what_was_recorded() {
    let home = Home::new();
    let _store = busy(&home).await;
    let raw = home.raw();
    for edit in [
        "DELETE FROM audit",
        "UPDATE audit SET event = ''",
        "DELETE FROM outbox",
        "UPDATE outbox SET amount_minor = 1",
        "UPDATE outbox SET body = x'00'",
        "UPDATE outbox SET state = 'recorded'",
        "UPDATE outbox SET state = 'sent' WHERE state = 'not_sent'",
    ] {
        assert!(raw.execute_batch(edit).is_err(), "{edit}");
    }
    assert_eq!(found(&home), None);
}

#[tokio::test]
async fn verifying_changes_nothing_in_the_directory() {
    let home = Home::new();
    let store = busy(&home).await;
    let copy = Home::new();
    home.raw().execute("VACUUM INTO ?1", [copy.file().to_str().unwrap()]).unwrap();
    drop(store);
    let before = std::fs::read(copy.file()).unwrap();
    assert_eq!(verify(&copy.file(), None).unwrap().bad, None);
    assert_eq!(std::fs::read(copy.file()).unwrap(), before);
    assert_eq!(std::fs::read_dir(copy.0.path()).unwrap().count(), 1);
}

#[test]
fn what_is_no_store_is_not_verified() {
    let home = Home::new();
    assert!(matches!(verify(&home.file(), None), Err(StoreError::File { .. })));
    std::fs::write(home.file(), "not a database, but long enough to be taken for one".repeat(40)).unwrap();
    assert!(matches!(verify(&home.file(), None), Err(StoreError::NotAStore { .. })));
}
