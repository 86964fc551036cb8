//! Facts, memories, files and their modes, and what another console changes.

use super::*;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

fn fact(id: &str, at: i64, raw: &str) -> Fact {
    Fact { id: id.to_owned(), at, raw: raw.to_owned() }
}

fn ids(facts: &[Fact]) -> Vec<&str> {
    facts.iter().map(|fact| fact.id.as_str()).collect()
}

#[tokio::test]
async fn facts_come_back_newest_first_as_they_were_received() {
    let home = Home::new();
    let store = home.open();
    let raw = r#"{"amount": 1.50, "name": "Ñandú  "}"#;
    let given = vec![fact("old", 1, "{}"), fact("new", 9, raw), fact("mid", 5, "{}")];
    store.put_facts("cobre", "transactions", given, Put::Merge).await.unwrap();
    let newest = store.facts("cobre", "transactions", 2).await.unwrap();
    assert_eq!(newest, [fact("new", 9, raw), fact("mid", 5, "{}")]);
}

#[tokio::test]
async fn merged_facts_stay_and_replaced_ones_go() {
    let home = Home::new();
    let store = home.open();
    let put = |facts, how| store.put_facts("cobre", "approvals", facts, how);
    put(vec![fact("a", 1, "1"), fact("b", 2, "1")], Put::Merge).await.unwrap();
    put(vec![fact("b", 3, "2"), fact("c", 4, "1")], Put::Merge).await.unwrap();
    let all = store.facts("cobre", "approvals", 10).await.unwrap();
    assert_eq!(all, [fact("c", 4, "1"), fact("b", 3, "2"), fact("a", 1, "1")]);

    store.put_facts("cobru", "approvals", vec![fact("z", 1, "1")], Put::Merge).await.unwrap();
    put(vec![fact("d", 5, "1")], Put::Replace).await.unwrap();
    assert_eq!(ids(&store.facts("cobre", "approvals", 10).await.unwrap()), ["d"]);
    assert_eq!(ids(&store.facts("cobru", "approvals", 10).await.unwrap()), ["z"]);
}

#[tokio::test]
async fn an_empty_list_was_obtained_too() {
    let home = Home::new();
    let store = home.open();
    assert_eq!(store.obtained_at("cobre", "approvals").await.unwrap(), None);
    store.put_facts("cobre", "approvals", vec![], Put::Replace).await.unwrap();
    assert_eq!(store.obtained_at("cobre", "approvals").await.unwrap(), Some(noon()));
    assert_eq!(store.obtained_at("cobru", "approvals").await.unwrap(), None);
}

#[tokio::test]
async fn what_is_remembered_is_there_after_a_restart() {
    let home = Home::new();
    home.open().remember("view", "balances").await.unwrap();
    let store = home.open();
    assert_eq!(store.recall("view").await.unwrap().as_deref(), Some("balances"));
    store.remember("view", "outbox").await.unwrap();
    assert_eq!(store.recall("view").await.unwrap().as_deref(), Some("outbox"));
    assert_eq!(store.recall("nothing").await.unwrap(), None);
}

#[tokio::test]
async fn the_movements_own_state_moves_beside_the_outcome() {
    let home = Home::new();
    let store = home.open();
    let intent = sending(&store, payment()).await;
    store.settle(intent, sent(), SettledBy::Answer).await.unwrap();
    let settled = store.entry(intent).await.unwrap().unwrap();
    store.set_provider_state(intent, "completed").await.unwrap();
    let moved = store.entry(intent).await.unwrap().unwrap();
    assert_eq!(moved.provider_state.as_deref(), Some("completed"));
    assert_eq!(OutboxEntry { provider_state: settled.provider_state.clone(), ..moved }, settled);
}

#[tokio::test]
async fn payments_are_found_again_from_a_day_on() {
    let home = Home::new();
    let store = home.open();
    let day = |n: i64| noon() + SignedDuration::from_hours(24 * n);
    for n in 0..4 {
        sending(&store, Row { at: day(n), ..payment_to(&format!("cp_{n}")) }).await;
    }
    sending(&store, Row { at: day(3), ..approval() }).await;
    let found = store.payments_since(day(2)).await.unwrap();
    let to: Vec<_> = found.iter().filter_map(|entry| entry.destination.as_deref()).collect();
    assert_eq!(to, ["cp_3", "cp_2"]);
}

#[tokio::test]
async fn every_file_is_for_its_owner_alone() {
    let home = Home::new();
    let file = home.0.path().join("state/cuadre/store.db");
    let store = Store::open(&file, options()).unwrap();
    sending(&store, payment()).await;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().mode() & 0o7777;
    let dir = file.parent().unwrap();
    assert_eq!(mode(dir), 0o700);
    assert_eq!(mode(dir.parent().unwrap()), 0o700);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(mode(&entry.path()), 0o600, "{:?}", entry.file_name());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["audit.head", "store.db", "store.db-shm", "store.db-wal", "store.db.lock"]);
}

#[tokio::test]
async fn a_file_that_others_could_read_is_closed_to_them() {
    let home = Home::new();
    drop(home.open());
    std::fs::set_permissions(home.file(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let store = home.open();
    sending(&store, payment()).await;
    for name in ["store.db", "store.db-wal"] {
        let mode = std::fs::metadata(home.0.path().join(name)).unwrap().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
    }
}

#[tokio::test]
async fn each_commit_is_synced_and_checked_as_promised() {
    let home = Home::new();
    let store = home.open();
    let pragmas = store
        .look_inside(|sql| {
            ["journal_mode", "synchronous", "temp_store", "foreign_keys", "trusted_schema"].map(|name| {
                sql.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0)).unwrap()
            })
        })
        .await;
    let wal = rusqlite::types::Value::Text("wal".to_owned());
    // FULL is 2, MEMORY is 2.
    assert_eq!(pragmas, [wal, 2.into(), 2.into(), 1.into(), 0.into()]);
}

#[tokio::test]
async fn another_console_is_noticed_and_our_own_writes_are_not() {
    let home = Home::new();
    let (here, there) = (home.open(), home.open());
    let mut changes = here.changes();
    here.remember("view", "balances").await.unwrap();
    sending(&here, payment()).await;
    assert!(!changes.has_changed().unwrap());
    there.remember("view", "outbox").await.unwrap();
    changes.changed().await.unwrap();
}
