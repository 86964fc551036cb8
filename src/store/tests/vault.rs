//! Copies, restores and purges: what must still hold afterwards.

use super::chain::{busy, edit, event, found};
use super::*;
use crate::store::audit::{BadKind, HeadFile, verify};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

/// Longer than it takes to close a store.
const PATIENCE: Duration = Duration::from_mins(2);

fn asked() -> Restore {
    Restore {
        actor: "Ana".to_owned(),
        role: "treasurer".to_owned(),
        profile: "acme".to_owned(),
        kept: None,
        at: noon() + SignedDuration::from_hours(3),
        patience: PATIENCE,
    }
}

async fn backed_up(store: &Store, to: &Path) -> Contents {
    store.back_up(to, event(Kind::StoreBackedUp)).await.unwrap()
}

/// One more payment, sent and answered: what a copy made before it does not know.
async fn one_more(store: &Store, destination: &str) -> Uuid {
    let intent = sending(store, payment_to(destination)).await;
    store.settle(intent, sent(), SettledBy::Answer).await.unwrap();
    intent
}

fn unsound(path: &Path) -> Unsound {
    match check(path, None) {
        Err(StoreError::Unsound { what, .. }) => what,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_copy_made_while_others_write_is_whole_and_its_owners_alone() {
    let home = Home::new();
    let store = busy(&home).await;
    let writer = tokio::spawn({
        let other = home.open();
        async move {
            for _ in 0..60 {
                other.audit(event(Kind::Export)).await.unwrap();
            }
        }
    });
    let to = home.0.path().join("copy.db");
    let contents = backed_up(&store, &to).await;
    writer.await.unwrap();
    assert_eq!(to.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(check(&to, None).unwrap(), contents);
    assert_eq!(contents.profile, "acme");
    assert_eq!(contents.rows["audit"], contents.events);
    assert_eq!(contents.rows["outbox"], 4);
    let states = BTreeMap::from([("sent", 1), ("not_sent", 1), ("recorded", 1), ("sending", 1)]);
    assert_eq!(contents.outbox, states.into_iter().map(|(state, n)| (state.to_owned(), n)).collect());
    // Its head is in the chain that went on, and nothing is left beside it.
    assert_eq!(verify(&home.file(), contents.head.as_ref()).unwrap().bad, None);
    let left = std::fs::read_dir(home.0.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().contains(".new")));
    let again = store.back_up(&to, event(Kind::StoreBackedUp)).await;
    assert!(matches!(again, Err(StoreError::Exists { .. })), "{again:?}");
}

#[tokio::test]
async fn what_is_wrong_with_a_copy_is_located() {
    let home = Home::new();
    let to = home.0.path().join("copy.db");
    backed_up(&busy(&home).await, &to).await;
    for (sql, seq, kind) in [
        ("UPDATE outbox SET amount_minor = amount_minor + 1 WHERE n = 1", 1, BadKind::OutboxMismatch),
        ("DELETE FROM audit WHERE seq = 3", 3, BadKind::Missing),
        ("UPDATE audit SET event = replace(event, 'acme', 'acmf') WHERE seq = 5", 5, BadKind::Altered),
    ] {
        let other = Home::new();
        std::fs::copy(&to, other.file()).unwrap();
        edit(&other, sql);
        match unsound(&other.file()) {
            Unsound::Chain(bad) => assert_eq!((bad.seq, bad.kind), (seq, kind), "{sql}"),
            what @ Unsound::Pages { .. } => panic!("{sql}: {what:?}"),
        }
    }

    let bytes = std::fs::read(&to).unwrap();
    let other = home.0.path().join("other.db");
    let mut torn = bytes.clone();
    torn[2 * 4096..3 * 4096].fill(0xa5);
    std::fs::write(&other, torn).unwrap();
    assert!(matches!(unsound(&other), Unsound::Pages { .. }));
    std::fs::write(&other, &bytes[..bytes.len() / 2]).unwrap();
    assert!(matches!(unsound(&other), Unsound::Pages { .. }));
    std::fs::write(&other, "no copy at all, but long enough to be taken for one").unwrap();
    assert!(matches!(check(&other, None), Err(StoreError::NotAStore { .. })));

    // A tail that is cut off shows against a head that was kept.
    let head = check(&to, None).unwrap().head.unwrap();
    let other = Home::new();
    std::fs::copy(&to, other.file()).unwrap();
    edit(&other, &format!("DELETE FROM audit WHERE seq = {}", head.seq));
    assert!(check(&other.file(), None).is_ok());
    let cut = check(&other.file(), Some(&head));
    assert!(matches!(cut, Err(StoreError::Unsound { what: Unsound::Chain(bad), .. }) if bad.seq == head.seq));
}

#[tokio::test]
async fn nothing_is_restored_while_the_store_is_open() {
    let home = Home::new();
    let store = busy(&home).await;
    let to = home.0.path().join("copy.db");
    backed_up(&store, &to).await;
    let after = one_more(&store, "cp_after").await;
    let at_once = Restore { patience: Duration::ZERO, ..asked() };
    let refused = restore(&to, &home.file(), &at_once);
    assert!(matches!(refused, Err(StoreError::Held { .. })), "{refused:?}");
    assert_eq!(state(&store, after).await, State::Sent);
    assert_eq!(found(&home), None);
}

#[tokio::test]
async fn a_restored_store_doubts_all_that_was_under_way_and_keeps_the_old_one() {
    let home = Home::new();
    let store = busy(&home).await;
    let to = home.0.path().join("copy.db");
    let copied = backed_up(&store, &to).await;
    let after = one_more(&store, "cp_after").await;
    let old_head = store.head().await.unwrap().unwrap();
    drop(store);
    let restored = restore(&to, &home.file(), &asked()).unwrap();
    assert_eq!(restored.doubtful, 2);
    assert!(!restored.contents.outbox.contains_key("recorded"));

    let store = home.open();
    let gap = Gap { from: copied.at.unwrap(), to: asked().at, strangers: None };
    assert_eq!(store.gap().await.unwrap(), Some(gap));
    assert_eq!(store.entry(after).await.unwrap(), None);
    let unknown = store.open_intents().await.unwrap();
    assert_eq!(unknown.len(), 2);
    for entry in &unknown {
        assert_eq!((entry.state, entry.why.as_deref()), (State::Unknown, Some("restored")));
        assert_eq!(entry.ended_at, Some(asked().at));
    }
    // What was only recorded can neither be sent again nor made a second time.
    let twin = store.record(payment_to("cp_recorded")).await;
    assert!(matches!(twin, Err(StoreError::AlreadyOpen { .. })));
    let verdict = verify(&home.file(), copied.head.as_ref()).unwrap();
    assert_eq!((verdict.bad, verdict.head_file), (None, HeadFile::Agrees));
    let last = store.chain(copied.events, 100).await.unwrap().pop().unwrap();
    assert_eq!(last.kind, "store_restored");
    assert_eq!(last.data["old_head"], old_head.to_string());
    assert_eq!(last.data["backup_head"], copied.head.unwrap().to_string());

    // The old one is whole where it lies now, and whoever kept its head sees that another took its place.
    let old = restored.old.unwrap();
    assert_eq!(verify(&old.join("store.db"), Some(&old_head)).unwrap().bad, None);
    assert!(verify(&home.file(), Some(&old_head)).unwrap().bad.is_some());

    store.gap_asked(7, Vec::new(), event(Kind::RestoreRead)).await.unwrap();
    assert_eq!(store.gap().await.unwrap(), Some(Gap { strangers: Some(7), ..gap }));
}

#[tokio::test]
async fn what_left_after_the_copy_counts_against_the_limits_of_its_day() {
    let home = Home::new();
    let store = busy(&home).await;
    let of = |id: &str, hours: i64, amount_minor: i64, destination: &str| Stranger {
        movement: id.to_owned(),
        at: noon() - SignedDuration::from_hours(hours),
        currency: "COP".to_owned(),
        amount_minor,
        destination: destination.to_owned(),
    };
    let spent = vec![of("mm_2", 1, 700, "cp_a"), of("mm_3", 30, 5_000, "cp_a"), of("mm_4", 2, 40, "cp_b")];
    store.gap_asked(3, spent.clone(), event(Kind::RestoreRead)).await.unwrap();
    // Told twice is spent once.
    store.gap_asked(3, spent, event(Kind::RestoreRead)).await.unwrap();
    let capped = |destination: Option<&str>, most_minor: i64| Row {
        amount_minor: Some(100),
        currency: Some("COP".to_owned()),
        caps: vec![Cap {
            rule: "day_limit",
            since: noon() - SignedDuration::from_hours(12),
            destination: destination.map(str::to_owned),
            counted: Counted::Payments,
            adds_minor: 100,
            most_minor,
        }],
        ..payment_to("cp_new")
    };
    for (destination, spent) in [(Some("cp_a"), 700), (Some("cp_b"), 40), (Some("cp_c"), 0)] {
        let over = store.record(capped(destination, spent + 99)).await;
        assert!(
            matches!(over, Err(StoreError::OverCap { would_be_minor, .. }) if would_be_minor == spent + 100),
            "{destination:?}: {over:?}"
        );
    }
    let recorded = store.record(capped(Some("cp_a"), 800)).await;
    assert!(recorded.is_ok(), "{recorded:?}");
}

#[tokio::test]
async fn a_copy_of_another_profile_or_a_bad_one_leaves_the_store_as_it_is() {
    let home = Home::new();
    let store = busy(&home).await;
    let head = store.head().await.unwrap();
    let to = home.0.path().join("copy.db");
    backed_up(&store, &to).await;
    drop(store);
    let other = Restore { profile: "globex".to_owned(), ..asked() };
    let refused = restore(&to, &home.file(), &other);
    assert!(matches!(refused, Err(StoreError::OtherProfile { .. })), "{refused:?}");
    std::fs::write(&to, "no copy at all, but long enough to be taken for one").unwrap();
    let refused = restore(&to, &home.file(), &asked());
    assert!(matches!(&refused, Err(StoreError::NotAStore { path }) if *path == to), "{refused:?}");
    assert_eq!(verify(&home.file(), head.as_ref()).unwrap().bad, None);
    assert!(!home.0.path().join("before-restore-20260115T150000000000Z").exists());
}

#[tokio::test]
async fn a_store_is_restored_where_there_is_none() {
    let home = Home::new();
    let to = home.0.path().join("copy.db");
    let copied = backed_up(&busy(&home).await, &to).await;
    let other = Home::new();
    let restored = restore(&to, &other.file(), &asked()).unwrap();
    assert_eq!(restored.old, None);
    assert_eq!(verify(&other.file(), copied.head.as_ref()).unwrap().bad, None);
}

#[tokio::test]
async fn a_store_whose_restore_was_cut_is_not_opened_until_it_is_done_again() {
    let home = Home::new();
    let to = home.0.path().join("copy.db");
    backed_up(&busy(&home).await, &to).await;
    std::fs::copy(&to, home.0.path().join("store.db.restoring")).unwrap();
    let refused = Store::open(&home.file(), options());
    assert!(matches!(refused, Err(StoreError::HalfRestored { .. })), "{refused:?}");
    restore(&to, &home.file(), &asked()).unwrap();
    assert_eq!(home.open().open_intents().await.unwrap().len(), 2);
}

fn until(at: Timestamp) -> Before {
    Before { transactions: Some(at), counterparties: Some(at), exchanges: Some(at), drafts: Some(at) }
}

#[tokio::test]
async fn a_purge_takes_old_bytes_and_leaves_the_chain_and_what_is_open() {
    let home = Home::new();
    let store = busy(&home).await;
    let fact =
        |id: &str, at: i64| Fact { id: id.to_owned(), at, raw: format!("{{\"name\":\"Zoraida {id}\"}}") };
    let old = noon().as_millisecond();
    let facts = vec![fact("old", old), fact("new", old + 10_000)];
    store.put_facts("cobre", "transactions", facts, Put::Merge).await.unwrap();
    store.put_facts("cobre", "counterparties", vec![fact("cp", old)], Put::Replace).await.unwrap();
    let before = until(noon() + SignedDuration::from_secs(1));
    let would = store.purgeable(before).await.unwrap();
    assert_eq!(would, Purged { transactions: 1, counterparties: 1, exchanges: 2, drafts: 0 });
    assert_eq!(store.purgeable(until(noon())).await.unwrap(), Purged::default());

    let files = BTreeMap::from([("exports", 3)]);
    assert_eq!(store.purge(before, event(Kind::StorePurged), files).await.unwrap(), would);
    assert_eq!(found(&home), None);
    assert_eq!(store.purgeable(before).await.unwrap(), Purged::default());
    assert_eq!(store.purged_at().await.unwrap(), Some(noon()));
    let all = store.outbox(10).await.unwrap();
    for entry in &all {
        let exchange = store.exchange(entry.intent).await.unwrap().unwrap();
        assert_eq!(exchange.body.is_empty(), entry.state.is_final(), "{}", entry.state);
        assert_eq!(exchange.purged_at.is_some(), entry.state.is_final());
        assert!(entry.amount_minor.is_some());
    }
    let last = store.chain(0, 100).await.unwrap().pop().unwrap();
    assert_eq!((last.kind.as_str(), last.data["exports"].as_str()), ("store_purged", "3"));
    assert_eq!(last.data["exchanges"], "2");
    let bytes = std::fs::read(home.file()).unwrap();
    let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("Zoraida new"), "a purge left what it was not asked for");
    assert!(!has("Zoraida old") && !has("Zoraida cp") && !has("Ocurri"), "what was purged is in the file");

    // A second time there is nothing to take, and nothing to say in the chain.
    let count = last.seq;
    store.purge(before, event(Kind::StorePurged), BTreeMap::new()).await.unwrap();
    assert_eq!(store.head().await.unwrap().unwrap().seq, count);
}

#[tokio::test]
async fn bytes_that_no_purge_of_the_chain_took_are_missed() {
    let home = Home::new();
    let store = busy(&home).await;
    store.purge(until(noon()), event(Kind::StorePurged), BTreeMap::from([("logs", 1)])).await.unwrap();
    for purged_at in ["2026-01-15T12:00:00.000000Z", "2026-01-15T13:00:00.000000Z"] {
        edit(
            &home,
            &format!(
                "UPDATE outbox SET purged_at = '{purged_at}', body = x'', answer = NULL, answer_headers = NULL,
                 text = NULL WHERE destination = 'cp_sent'"
            ),
        );
        assert_eq!(found(&home), Some((3, "outbox-mismatch")), "{purged_at}");
    }
}
