//! What the store refuses: two payments for one wish, steps that there are none of, places that others
//! can reach.

use super::*;
use std::os::unix::fs::{PermissionsExt, symlink};

fn open_error(home: &Home) -> StoreError {
    Store::open(&home.file(), options()).unwrap_err()
}

#[tokio::test]
async fn a_second_payment_to_the_same_end_waits_until_the_first_is_settled() {
    let home = Home::new();
    let store = home.open();
    let first = sending(&store, payment()).await;
    for ending in [None, Some(Ending::Unknown)] {
        if let Some(ending) = ending {
            store.settle(first, outcome(ending), SettledBy::Answer).await.unwrap();
        }
        let error = store.record(payment()).await.unwrap_err();
        assert!(matches!(error, StoreError::AlreadyOpen { intent } if intent == first), "{error}");
    }
    store.settle(first, sent(), SettledBy::Look).await.unwrap();
    drop(store.record(payment()).await.unwrap());
}

#[tokio::test]
async fn a_payment_equal_to_a_row_of_a_bulk_waits_until_the_bulk_is_settled() {
    let pays = |to: &str, account: &str, amount_minor| Pays {
        to: to.to_owned(),
        account: account.to_owned(),
        amount_minor,
    };
    let bulk = || Row {
        destination: Some("bulk:5e1f".to_owned()),
        pays: vec![pays("cp_1", "", 100), pays("", "12345", 200), pays("cp_1", "", 100)],
        ..payment()
    };
    let single = |to: &str, account: &str, amount_minor| Row {
        destination: Some(to.to_owned()),
        amount_minor: Some(amount_minor),
        pays: vec![pays(to, account, amount_minor)],
        ..payment()
    };
    let home = Home::new();
    let store = home.open();
    let first = sending(&store, bulk()).await;
    // By its payee, or by the account where the row wrote its payee out.
    for row in [single("cp_1", "777", 100), single("cp_2", "12345", 200)] {
        let error = store.record(row).await.unwrap_err();
        assert!(matches!(error, StoreError::AlreadyOpen { intent } if intent == first), "{error}");
    }
    for row in [single("cp_1", "", 101), single("cp_3", "", 200), single("cp_4", "12345", 100)] {
        drop(store.record(row).await.unwrap());
    }
    store.settle(first, sent(), SettledBy::Answer).await.unwrap();
    // And the other way round: a bulk waits for a payment.
    let single = sending(&store, single("cp_1", "777", 100)).await;
    let error = store.record(Row { destination: Some("bulk:77".to_owned()), ..bulk() }).await.unwrap_err();
    assert!(matches!(error, StoreError::AlreadyOpen { intent } if intent == single), "{error}");
}

#[tokio::test]
async fn another_amount_destination_currency_or_provider_is_another_payment() {
    let home = Home::new();
    let store = home.open();
    sending(&store, payment()).await;
    for row in [
        Row { amount_minor: Some(1), ..payment() },
        Row { destination: Some("cp_2".to_owned()), ..payment() },
        Row { currency: Some("MXN".to_owned()), ..payment() },
        Row { provider: "cobru", ..payment() },
        approval(),
    ] {
        drop(store.record(row).await.unwrap());
    }
}

#[tokio::test]
async fn two_approvals_of_one_movement_are_no_open_payment() {
    let home = Home::new();
    let store = home.open();
    sending(&store, approval()).await;
    sending(&store, approval()).await;
}

#[tokio::test]
async fn an_external_id_is_used_once() {
    let home = Home::new();
    let store = home.open();
    let row = payment();
    let (first, external_id) = (row.intent, row.external_id.clone());
    sending(&store, row).await;
    store.settle(first, outcome(Ending::Rejected), SettledBy::Answer).await.unwrap();
    let again = Row { external_id: external_id.clone(), ..payment() };
    let error = store.record(again).await.unwrap_err();
    assert!(matches!(&error, StoreError::ExternalIdUsed { intent, .. } if *intent == first), "{error}");
    // Cobru's ids are not Cobre's.
    drop(store.record(Row { provider: "cobru", external_id, ..payment() }).await.unwrap());
}

#[tokio::test]
async fn an_idempotency_key_is_used_once() {
    let home = Home::new();
    let store = home.open();
    let row = payment();
    let (first, idempotency_key) = (row.intent, row.idempotency_key.clone());
    sending(&store, row).await;
    let error = store.record(Row { idempotency_key, ..payment_to("cp_2") }).await.unwrap_err();
    assert!(matches!(error, StoreError::KeyUsed { intent } if intent == first), "{error}");
}

#[tokio::test]
async fn what_was_rejected_is_sent_again_under_its_own_name_and_key_once() {
    let home = Home::new();
    let store = home.open();
    let row = payment();
    let first = row.intent;
    sending(&store, row.clone()).await;
    store.settle(first, outcome(Ending::Rejected), SettledBy::Answer).await.unwrap();

    let again = |supersedes| Row { intent: Uuid::now_v7(), supersedes: Some(supersedes), ..row.clone() };
    let second = sending(&store, again(first)).await;
    store.settle(second, outcome(Ending::NotSent), SettledBy::Answer).await.unwrap();
    let error = store.record(again(first)).await.unwrap_err();
    assert!(matches!(error, StoreError::AlreadySuperseded { by, .. } if by == second), "{error}");
    let third = sending(&store, again(second)).await;
    assert_eq!(store.entry(third).await.unwrap().unwrap().supersedes, Some(second));
}

#[tokio::test]
async fn what_may_have_been_sent_is_not_sent_again() {
    let home = Home::new();
    let store = home.open();
    let row = payment();
    let first = row.intent;
    let again = || Row { intent: Uuid::now_v7(), supersedes: Some(first), ..row.clone() };
    let error = store.record(again()).await.unwrap_err();
    assert!(matches!(error, StoreError::CantSupersede { state: None, .. }), "{error}");
    let recorded = store.record(row.clone()).await.unwrap();
    let refused = async |expected| {
        let error = store.record(again()).await.unwrap_err();
        assert!(
            matches!(error, StoreError::CantSupersede { state: Some(state), .. } if state == expected),
            "{error}"
        );
    };
    refused(State::Recorded).await;
    let _stored = store.start(recorded).await.unwrap();
    refused(State::Sending).await;
    for (ending, by) in [(Ending::Unknown, SettledBy::Answer), (Ending::Sent, SettledBy::Look)] {
        store.settle(first, outcome(ending), by).await.unwrap();
        refused(State::from(ending)).await;
    }
}

#[tokio::test]
async fn a_bulk_is_sent_again_once_it_has_its_end_at_the_provider() {
    let home = Home::new();
    let store = home.open();
    let row = Row { action: "create_bulk".to_owned(), ..payment() };
    let first = sending(&store, row.clone()).await;
    store.settle(first, outcome(Ending::Sent), SettledBy::Answer).await.unwrap();
    let name = Some("nomina.2.json".to_owned());
    let again =
        || Row { intent: Uuid::now_v7(), supersedes: Some(first), external_id: name.clone(), ..row.clone() };
    for state in ["validating", "pending_approval", "processing"] {
        store.set_provider_state(first, state).await.unwrap();
        let error = store.record(again()).await.unwrap_err();
        assert!(
            matches!(error, StoreError::CantSupersede { state: Some(State::Sent), .. }),
            "{state}: {error}"
        );
    }
    store.set_provider_state(first, "canceled").await.unwrap();
    let second = again();
    let _recorded = store.record(second.clone()).await.unwrap();
    let error = store.record(again()).await.unwrap_err();
    assert!(matches!(error, StoreError::AlreadySuperseded { by, .. } if by == second.intent), "{error}");
}

#[tokio::test]
async fn one_intent_is_recorded_once() {
    let home = Home::new();
    let store = home.open();
    let row = payment();
    let recorded = store.record(row.clone()).await.unwrap();
    assert!(matches!(store.record(row).await, Err(StoreError::AlreadyRecorded { .. })));
    let _stored = store.start(recorded).await.unwrap();
}

#[tokio::test]
async fn a_recorded_intent_can_only_be_given_up() {
    let home = Home::new();
    let store = home.open();
    let row = payment();
    let intent = row.intent;
    let recorded = store.record(row).await.unwrap();
    for ending in [Ending::Sent, Ending::Rejected, Ending::Unknown] {
        let error = store.settle(intent, outcome(ending), SettledBy::Answer).await.unwrap_err();
        assert!(matches!(error, StoreError::NoSuchStep { from: State::Recorded, .. }), "{error}");
    }
    store.settle(intent, outcome(Ending::NotSent), SettledBy::Answer).await.unwrap();
    let error = store.start(recorded).await.unwrap_err();
    assert!(matches!(error, StoreError::TakenElsewhere { state: State::NotSent, .. }), "{error}");
}

#[tokio::test]
async fn an_unknown_does_not_become_unknown_by_another_reason() {
    let home = Home::new();
    let store = home.open();
    let intent = sending(&store, payment()).await;
    store.settle(intent, outcome(Ending::Unknown).because("cut"), SettledBy::Answer).await.unwrap();
    let error =
        store.settle(intent, outcome(Ending::Unknown).because("x"), SettledBy::Look).await.unwrap_err();
    assert!(matches!(error, StoreError::NoSuchStep { from: State::Unknown, .. }), "{error}");
}

#[tokio::test]
async fn a_send_that_is_under_way_is_ended_by_no_look_and_no_person() {
    let home = Home::new();
    let store = home.open();
    let intent = sending(&store, payment()).await;
    let person = SettledBy::Person {
        actor: "Ana".to_owned(),
        role: "treasurer".to_owned(),
        reason: "impatient".to_owned(),
        amount_typed: "1250000".to_owned(),
    };
    for by in [SettledBy::Look, person] {
        let error = store.settle(intent, outcome(Ending::NotSent), by).await.unwrap_err();
        assert!(matches!(error, StoreError::NoSuchStep { from: State::Sending, .. }), "{error}");
    }
    assert_eq!(state(&store, intent).await, State::Sending);
}

#[tokio::test]
async fn steps_of_an_intent_that_is_not_there_are_refused() {
    let home = Home::new();
    let store = home.open();
    let nobody = Uuid::now_v7();
    let look = Look { at: noon(), found: 0, whole: true, note: None };
    assert!(matches!(store.look(nobody, look).await, Err(StoreError::NotFound { .. })));
    assert!(matches!(store.set_provider_state(nobody, "x").await, Err(StoreError::NotFound { .. })));
    let settled = store.settle(nobody, sent(), SettledBy::Answer).await;
    assert!(matches!(settled, Err(StoreError::NotFound { .. })));
    assert_eq!(store.entry(nobody).await.unwrap(), None);
    assert_eq!(store.exchange(nobody).await.unwrap(), None);
}

#[tokio::test]
async fn a_proof_of_another_store_starts_nothing_here() {
    let (home, other) = (Home::new(), Home::new());
    let recorded = home.open().record(payment()).await.unwrap();
    assert!(matches!(other.open().start(recorded).await, Err(StoreError::NotFound { .. })));
}

#[tokio::test]
async fn below_the_free_space_nothing_is_recorded_and_the_rest_goes_on() {
    let home = Home::new();
    let full = StoreOptions { free_min_bytes: u64::MAX, ..options() };
    let store = Store::open(&home.file(), full).unwrap();
    assert!(matches!(store.writable().await, Err(WhyNot::LowSpace { needed: u64::MAX, .. })));
    let refused = store.record(payment()).await;
    assert!(matches!(refused, Err(StoreError::NotWritable(WhyNot::LowSpace { .. }))));
    assert!(store.outbox(10).await.unwrap().is_empty());
    store.remember("view", "outbox").await.unwrap();
}

#[tokio::test]
async fn a_disk_that_fills_between_record_and_start_leaves_it_not_sent() {
    let home = Home::new();
    let row = payment();
    let intent = row.intent;
    let recorded = home.open().record(row).await.unwrap();
    let full = StoreOptions { free_min_bytes: u64::MAX, ..options() };
    let store = Store::open(&home.file(), full).unwrap();
    assert!(matches!(store.start(recorded).await, Err(StoreError::NotWritable(_))));
    assert_eq!(state(&store, intent).await, State::NotSent);
}

#[tokio::test]
async fn readonly_means_the_store_too() {
    let home = Home::new();
    let store = Store::open(&home.file(), StoreOptions { readonly: true, ..options() }).unwrap();
    assert_eq!(store.writable().await, Err(WhyNot::Readonly));
    assert!(matches!(store.record(payment()).await, Err(StoreError::NotWritable(WhyNot::Readonly))));
}

#[tokio::test]
async fn a_store_of_a_later_version_is_left_alone() {
    let home = Home::new();
    drop(home.open());
    home.raw().pragma_update(None, "user_version", 99).unwrap();
    let error = open_error(&home);
    assert!(matches!(error, StoreError::Newer { found: 99, known: 3 }), "{error}");
}

#[tokio::test]
async fn a_store_of_the_version_before_keeps_what_its_open_payments_pay() {
    let home = Home::new();
    let store = home.open();
    let first = sending(&store, payment()).await;
    drop(store);
    home.raw()
        .execute_batch(
            "DROP TABLE pays; DROP TRIGGER outbox_body_stands; ALTER TABLE outbox DROP COLUMN purged_at;
             PRAGMA user_version = 1",
        )
        .unwrap();
    let error = home.open().record(payment()).await.unwrap_err();
    assert!(matches!(error, StoreError::AlreadyOpen { intent } if intent == first), "{error}");
}

#[test]
fn what_is_no_store_is_left_as_it_is() {
    let home = Home::new();
    let text = "not a database, but long enough to be taken for one".repeat(40);
    std::fs::write(home.file(), &text).unwrap();
    assert!(matches!(open_error(&home), StoreError::NotAStore { .. }));
    assert_eq!(std::fs::read_to_string(home.file()).unwrap(), text);

    let home = Home::new();
    home.raw().execute_batch("CREATE TABLE songs (name TEXT)").unwrap();
    assert!(matches!(open_error(&home), StoreError::NotAStore { .. }));
}

#[tokio::test]
async fn a_damaged_store_is_read_and_takes_no_intents() {
    let home = Home::new();
    drop(home.open());
    // An index that says something else than its table.
    let raw = home.raw();
    raw.execute_batch(
        "INSERT INTO facts VALUES ('cobre', 'balances', 'a', 1, '{}');
         PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = 'CREATE INDEX facts_newest ON facts (provider)' WHERE name = 'facts_newest';
         DELETE FROM sqlite_schema WHERE name = 'outbox_key';",
    )
    .unwrap();
    drop(raw);
    let store = home.open();
    let said = store.writable().await;
    assert!(matches!(said, Err(WhyNot::Damaged { .. })), "{said:?}");
    let refused = store.record(payment()).await;
    assert!(matches!(refused, Err(StoreError::NotWritable(WhyNot::Damaged { .. }))));
    assert!(store.outbox(10).await.unwrap().is_empty());
}

#[test]
fn a_symbolic_link_is_not_followed() {
    for name in ["store.db", "store.db-wal", "store.db-shm", "audit.head"] {
        let (home, elsewhere) = (Home::new(), Home::new());
        if name != "store.db" {
            drop(home.open());
            drop(std::fs::remove_file(home.0.path().join(name)));
        }
        symlink(elsewhere.file(), home.0.path().join(name)).unwrap();
        let error = open_error(&home);
        assert!(matches!(error, StoreError::Symlink { .. }), "{name}: {error}");
        assert!(!elsewhere.file().exists());
    }
}

#[test]
fn a_directory_that_others_may_write_in_is_refused() {
    let home = Home::new();
    for (mode, refused) in [(0o777, true), (0o770, true), (0o1777, false), (0o755, false), (0o700, false)] {
        std::fs::set_permissions(home.0.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        let opened = Store::open(&home.file(), options());
        assert_eq!(matches!(opened, Err(StoreError::OpenToOthers { .. })), refused, "{mode:o}");
    }
}

#[test]
fn a_place_that_can_hold_no_directory_is_named() {
    let home = Home::new();
    std::fs::write(home.file(), "").unwrap();
    let error = Store::open(&home.file().join("deeper/store.db"), options()).unwrap_err();
    assert!(matches!(error, StoreError::Directory { .. }), "{error}");
    assert!(matches!(Store::open(std::path::Path::new("/"), options()), Err(StoreError::File { .. })));
}

#[tokio::test]
async fn a_days_total_holds_for_all_consoles_of_a_store_together() {
    let home = Home::new();
    let (one, other) = (home.open(), home.open());
    let cap = |most_minor| Cap {
        rule: "day_limit",
        since: noon(),
        destination: None,
        counted: Counted::Payments,
        adds_minor: 125_000_000,
        most_minor,
    };
    let row = |to: &str, most| Row { caps: vec![cap(most)], ..payment_to(to) };
    // Three of 1.250.000 within 3.000.000: each console would let two pass by itself.
    let most = 300_000_000;
    drop(one.record(row("cp_1", most)).await.unwrap());
    drop(other.record(row("cp_2", most)).await.unwrap());
    for store in [&one, &other] {
        let refused = store.record(row("cp_3", most)).await.unwrap_err();
        assert!(matches!(refused, StoreError::OverCap { would_be_minor: 375_000_000, .. }), "{refused:?}");
    }
    // What was refused left nothing, and another currency is another sum.
    assert_eq!(one.outbox(10).await.unwrap().len(), 2);
    let other_currency = Row { currency: Some("MXN".to_owned()), ..row("cp_3", most) };
    drop(one.record(other_currency).await.unwrap());
    // Exactly the limit is within it.
    drop(one.record(row("cp_4", 375_000_000)).await.unwrap());
}

#[tokio::test]
async fn a_counterpartys_total_counts_only_what_goes_there_and_may_have_left() {
    let home = Home::new();
    let store = home.open();
    let cap = |to: &str| Cap {
        rule: "counterparty_limit",
        since: noon(),
        destination: Some(to.to_owned()),
        counted: Counted::Payments,
        adds_minor: 100_000_000,
        most_minor: 200_000_000,
    };
    let row = |to: &str| Row { caps: vec![cap(to)], ..payment_to(to) };
    drop(store.record(row("cp_1")).await.unwrap());
    drop(store.record(row("cp_2")).await.unwrap());
    let more = Row { amount_minor: Some(100_000_000), ..row("cp_1") };
    assert!(matches!(store.record(more.clone()).await, Err(StoreError::OverCap { .. })));
    // What never left is no money spent.
    let first = store.outbox(10).await.unwrap().pop().unwrap().intent;
    store.settle(first, outcome(Ending::NotSent), SettledBy::Answer).await.unwrap();
    drop(store.record(more).await.unwrap());
}

#[tokio::test]
async fn a_counterpartys_total_counts_the_rows_of_bulks() {
    let home = Home::new();
    let store = home.open();
    let row = |amount_minor| Pays { to: "cp_1".to_owned(), account: String::new(), amount_minor };
    let bulk = Row { destination: Some("bulk:1".to_owned()), pays: vec![row(60), row(70)], ..payment() };
    drop(store.record(bulk).await.unwrap());
    let cap = |most_minor| Cap {
        rule: "counterparty_limit",
        since: noon(),
        destination: Some("cp_1".to_owned()),
        counted: Counted::Payments,
        adds_minor: 20,
        most_minor,
    };
    let single = |most| Row { amount_minor: Some(20), caps: vec![cap(most)], ..payment() };
    assert!(matches!(store.record(single(149)).await, Err(StoreError::OverCap { would_be_minor: 150, .. })));
    drop(store.record(single(150)).await.unwrap());
}

#[tokio::test]
async fn a_finding_that_was_gone_over_stands_in_the_chain_with_its_intent() {
    let home = Home::new();
    let store = home.open();
    let accepted =
        AcceptedRow { code: "duplicate", reason: "son dos facturas".to_owned(), rows: "mm_9".to_owned() };
    let row = Row { accepted: vec![accepted], ..payment() };
    let intent = row.intent;
    drop(store.record(row).await.unwrap());
    let chain = store.chain(0, 10).await.unwrap();
    assert_eq!(
        chain.iter().map(|line| line.kind.as_str()).collect::<Vec<_>>(),
        ["intent_recorded", "finding_accepted"]
    );
    assert_eq!(chain[1].intent, Some(intent));
    assert_eq!(chain[1].data.get("reason").map(String::as_str), Some("son dos facturas"));
    assert_eq!(chain[1].data.get("rows").map(String::as_str), Some("mm_9"));
}
