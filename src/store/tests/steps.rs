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
        pays: Vec::new(),
        caps: Vec::new(),
        accepted: Vec::new(),
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
    store.settle(intent, outcome(Ending::Unknown), SettledBy::Answer).await.unwrap();
    store.settle(intent, outcome(Ending::NotSent).because("absent"), SettledBy::Look).await.unwrap();
    let error = store.settle(intent, sent(), SettledBy::Answer).await.unwrap_err();
    assert!(matches!(error, StoreError::AlreadySettled { stands: State::NotSent, .. }), "{error}");
    let entry = store.entry(intent).await.unwrap().unwrap();
    assert_eq!(entry.state, State::NotSent);
    assert_eq!(entry.provider_id, None);
    assert_eq!(entry.history.last().unwrap().note.as_deref(), Some("sent"));
}

#[tokio::test]
async fn a_late_answer_that_agrees_with_the_look_is_kept_and_is_no_conflict() {
    let home = Home::new();
    let store = home.open();
    let intent = sending(&store, payment()).await;
    store.settle(intent, outcome(Ending::Unknown), SettledBy::Answer).await.unwrap();
    let found = OutcomeRow { provider_id: Some("mm_1".to_owned()), ..outcome(Ending::Sent) };
    store.settle(intent, found.clone(), SettledBy::Look).await.unwrap();
    store.settle(intent, sent(), SettledBy::Answer).await.unwrap();
    assert_eq!(store.entry(intent).await.unwrap().unwrap().history.len(), 5);

    let another = OutcomeRow { provider_id: Some("mm_2".to_owned()), ..found };
    let error = store.settle(intent, another, SettledBy::Look).await.unwrap_err();
    assert!(matches!(error, StoreError::AlreadySettled { stands: State::Sent, .. }), "{error}");
    assert_eq!(audit::verify(&home.file(), None).unwrap().bad, None);
}

fn options_at(clock: fn() -> Timestamp) -> StoreOptions {
    StoreOptions { clock, ..StoreOptions::default() }
}

#[tokio::test]
async fn what_a_dead_console_recorded_is_not_sent_and_what_it_started_is_unknown() {
    clock!(CLOCK);
    let home = Home::new();
    let options = || options_at(|| after(&CLOCK));
    let store = Store::open(&home.file(), options()).unwrap();
    let row = payment_to("cp_recorded");
    let recorded = row.intent;
    let proof = store.record(row).await.unwrap();
    let started = sending(&store, payment_to("cp_started")).await;
    let settled = sending(&store, payment_to("cp_settled")).await;
    store.settle(settled, sent(), SettledBy::Answer).await.unwrap();
    drop(store);

    // The lease still runs: its owner may be slow, not dead.
    let store = Store::open(&home.file(), options()).unwrap();
    advance(&CLOCK, 59);
    assert_eq!(store.recover().await.unwrap(), Recovered::default());
    advance(&CLOCK, 1);
    let recovered = store.recover().await.unwrap();
    assert_eq!(recovered, Recovered { not_sent: vec![recorded], unknown: vec![started] });
    assert_eq!(store.recover().await.unwrap(), Recovered::default());

    let entry = store.entry(started).await.unwrap().unwrap();
    assert_eq!(entry.state, State::Unknown);
    assert_eq!(entry.settled_by.as_deref(), Some("restart"));
    // The quiet time runs from the end of the lease, whenever the restart comes.
    assert_eq!(entry.ended_at, Some(noon() + SignedDuration::from_secs(60)));
    assert_eq!(state(&store, settled).await, State::Sent);

    // The slow owner, were it alive after all, can't send any more.
    let error = store.start(proof).await.unwrap_err();
    assert!(matches!(error, StoreError::TakenElsewhere { state: State::NotSent, .. }), "{error}");
}

#[tokio::test]
async fn a_killed_process_is_recovered_at_once() {
    let home = Home::new();
    let store = home.open();
    let intent = sending(&store, payment()).await;
    drop(store);
    // The same process name with another start: this number has been given to someone else since.
    let dead = process::this().rsplit_once(' ').map(|(name, _)| format!("{name} 1")).unwrap();
    home.raw().execute("UPDATE lease SET process = ?1", [dead]).unwrap();
    let store = home.open();
    assert_eq!(store.recover().await.unwrap().unknown, [intent]);
    assert_eq!(store.entry(intent).await.unwrap().unwrap().ended_at, Some(noon()));
}

#[tokio::test]
async fn a_late_answer_of_a_slow_owner_settles_what_was_made_unknown() {
    clock!(CLOCK);
    let home = Home::new();
    let slow = Store::open(&home.file(), options_at(|| after(&CLOCK))).unwrap();
    let other = Store::open(&home.file(), options_at(|| after(&CLOCK))).unwrap();
    let intent = sending(&slow, payment()).await;
    advance(&CLOCK, 3600);
    assert_eq!(other.recover().await.unwrap().unknown, [intent]);
    slow.settle(intent, sent(), SettledBy::Answer).await.unwrap();
    assert_eq!(state(&other, intent).await, State::Sent);
}

#[tokio::test]
async fn a_living_console_is_never_recovered_from_itself() {
    clock!(CLOCK);
    let home = Home::new();
    let store = Store::open(&home.file(), options_at(|| after(&CLOCK))).unwrap();
    let intent = sending(&store, payment()).await;
    advance(&CLOCK, 3600);
    assert_eq!(store.recover().await.unwrap(), Recovered::default());
    assert_eq!(state(&store, intent).await, State::Sending);
}

#[tokio::test]
async fn a_lease_is_renewed_while_something_is_open_and_given_up_after() {
    clock!(CLOCK);
    let home = Home::new();
    let store = Store::open(&home.file(), options_at(|| after(&CLOCK))).unwrap();
    let intent = sending(&store, payment()).await;
    advance(&CLOCK, 59);
    assert!(store.renew().await);
    advance(&CLOCK, 59);
    let other = Store::open(&home.file(), options_at(|| after(&CLOCK))).unwrap();
    assert_eq!(other.recover().await.unwrap(), Recovered::default());
    store.settle(intent, sent(), SettledBy::Answer).await.unwrap();
    assert!(!store.renew().await);
    let leases: i64 = home.raw().query_row("SELECT count(*) FROM lease", [], |row| row.get(0)).unwrap();
    assert_eq!(leases, 0);
}

#[tokio::test]
async fn two_consoles_write_one_chain() {
    let home = Home::new();
    let (here, there) = (home.open(), home.open());
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..20 {
        let store = if n % 2 == 0 { here.clone() } else { there.clone() };
        tasks.spawn(async move {
            let intent = sending(&store, payment_to(&format!("cp_{n}"))).await;
            store.settle(intent, sent(), SettledBy::Answer).await.unwrap();
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let verdict = audit::verify(&home.file(), None).unwrap();
    assert_eq!((verdict.count, verdict.bad), (60, None));
    assert_eq!(verdict.head_file, audit::HeadFile::Agrees);
    assert!(there.outbox(100).await.unwrap().iter().all(|entry| entry.state == State::Sent));
}

#[tokio::test]
async fn of_two_consoles_with_one_wish_one_records_it() {
    let home = Home::new();
    let (here, there) = (home.open(), home.open());
    let (one, other) = tokio::join!(here.record(payment()), there.record(payment()));
    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|ok| **ok).count(), 1);
}

#[tokio::test]
async fn consoles_that_start_at_once_share_a_new_store() {
    let home = Home::new();
    let starts: Vec<_> = (0..8)
        .map(|_| {
            let file = home.file();
            std::thread::spawn(move || Store::open(&file, options()).unwrap())
        })
        .collect();
    for (n, start) in starts.into_iter().enumerate() {
        sending(&start.join().unwrap(), payment_to(&format!("cp_{n}"))).await;
    }
    assert_eq!(audit::verify(&home.file(), None).unwrap().bad, None);
}

/// A disk that is full for the writing connection: it can hold no more pages than it has.
async fn fill(store: &Store) {
    store
        .look_inside(|sql| {
            let pages: i64 = sql.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
            sql.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
        })
        .await;
}

#[tokio::test]
async fn a_record_that_the_full_disk_refuses_leads_to_no_proof_and_no_row() {
    let home = Home::new();
    let store = home.open();
    fill(&store).await;
    let row = Row { body: vec![b' '; 100_000], ..payment() };
    let intent = row.intent;
    let error = store.record(row).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Disk { doing: Doing::Record, trouble: Trouble::Full, .. }),
        "{error}"
    );
    assert_eq!(store.entry(intent).await.unwrap(), None);
    // The connection was opened anew, and the disk has room again.
    sending(&store, payment()).await;
    assert_eq!(audit::verify(&home.file(), None).unwrap().bad, None);
}

#[tokio::test]
async fn a_head_that_cant_be_written_stops_the_send_and_leaves_it_not_sent() {
    let home = Home::new();
    let store = home.open();
    sending(&store, payment_to("cp_2")).await;
    // A directory in its way: the rename fails, on every disk and for every user.
    let head = home.0.path().join("audit.head");
    std::fs::remove_file(&head).unwrap();
    std::fs::create_dir(&head).unwrap();
    let row = payment();
    let intent = row.intent;
    let error = store.record(row).await.unwrap_err();
    assert!(matches!(error, StoreError::Head { .. }), "{error}");
    let entry = store.entry(intent).await.unwrap().unwrap();
    assert_eq!((entry.state, entry.why.as_deref()), (State::NotSent, Some("store")));
}

#[tokio::test]
async fn a_start_whose_commit_fails_leaves_it_not_sent() {
    let home = Home::new();
    let store = home.open();
    let row = payment();
    let intent = row.intent;
    let recorded = store.record(row).await.unwrap();
    home.raw()
        .execute_batch(
            "CREATE TRIGGER broken BEFORE UPDATE OF started_at ON outbox
             BEGIN SELECT RAISE (ABORT, 'broken'); END;",
        )
        .unwrap();
    let error = store.start(recorded).await.unwrap_err();
    assert!(matches!(error, StoreError::Disk { doing: Doing::Start, .. }), "{error}");
    assert_eq!(state(&store, intent).await, State::NotSent);
}

#[tokio::test]
async fn a_start_that_nobody_waits_for_any_more_leaves_it_not_sent() {
    let home = Home::new();
    let store = home.open();
    let row = payment();
    let intent = row.intent;
    let recorded = store.record(row).await.unwrap();
    let hold = home.raw();
    hold.execute_batch("BEGIN IMMEDIATE").unwrap();
    let asked = tokio::time::timeout(std::time::Duration::from_millis(50), store.start(recorded)).await;
    assert!(asked.is_err());
    hold.execute_batch("ROLLBACK").unwrap();
    // The queue is one: when this is answered, the start is over.
    store.remember("after", "it").await.unwrap();
    let entry = store.entry(intent).await.unwrap().unwrap();
    assert_eq!((entry.state, entry.why.as_deref()), (State::NotSent, Some("cancelled")));
}

mod property {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    #[derive(Debug, Clone)]
    enum Op {
        Record(usize),
        Start(usize),
        Settle(usize, Ending, bool),
        Look(usize),
        Recover,
        Advance,
        Restart,
    }

    fn op() -> impl Strategy<Value = Op> {
        let ending = prop_oneof![
            Just(Ending::Sent),
            Just(Ending::NotSent),
            Just(Ending::Rejected),
            Just(Ending::Unknown)
        ];
        prop_oneof![
            4 => (0..4_usize).prop_map(Op::Record),
            4 => (0..8_usize).prop_map(Op::Start),
            4 => (0..8_usize, ending, any::<bool>()).prop_map(|(n, ending, look)| Op::Settle(n, ending, look)),
            1 => (0..8_usize).prop_map(Op::Look),
            1 => Just(Op::Recover),
            1 => Just(Op::Advance),
            1 => Just(Op::Restart),
        ]
    }

    fn may_follow(from: State, to: State) -> bool {
        use State::{NotSent, Recorded, Rejected, Sending, Sent, Unknown};
        from == to
            || match from {
                Recorded => matches!(to, Sending | NotSent),
                Sending => matches!(to, Sent | NotSent | Rejected | Unknown),
                Unknown => matches!(to, Sent | NotSent | Rejected),
                Sent | NotSent | Rejected => false,
            }
    }

    clock!(CLOCK);

    async fn run(ops: Vec<Op>) {
        let home = Home::new();
        let open = || Store::open(&home.file(), options_at(|| after(&CLOCK))).unwrap();
        let mut store = open();
        let mut intents: Vec<Uuid> = Vec::new();
        let mut proofs: HashMap<Uuid, Recorded<Row>> = HashMap::new();
        let mut seen: HashMap<Uuid, State> = HashMap::new();
        for op in ops {
            match op {
                Op::Record(n) => {
                    let row = payment_to(&format!("cp_{n}"));
                    let intent = row.intent;
                    if let Ok(proof) = store.record(row).await {
                        intents.push(intent);
                        proofs.insert(intent, proof);
                    }
                }
                Op::Start(n) => {
                    if let Some(proof) = intents.get(n).and_then(|intent| proofs.remove(intent)) {
                        let (intent, before) = (proof.intent, state(&store, proof.intent).await);
                        let started = store.start(proof).await;
                        assert_eq!(started.is_ok(), before == State::Recorded);
                        assert_eq!(state(&store, intent).await == State::Sending, started.is_ok());
                    }
                }
                Op::Settle(n, ending, look) => {
                    if let Some(intent) = intents.get(n) {
                        let by = if look { SettledBy::Look } else { SettledBy::Answer };
                        let before = state(&store, *intent).await;
                        let settled = store.settle(*intent, outcome(ending), by).await.is_ok();
                        let under_way = matches!(before, State::Recorded | State::Sending);
                        assert!(!(look && under_way && settled), "a look ended a send that was under way");
                    }
                }
                Op::Look(n) => {
                    if let Some(intent) = intents.get(n) {
                        store
                            .look(*intent, Look { at: noon(), found: 0, whole: true, note: None })
                            .await
                            .unwrap();
                    }
                }
                Op::Recover => drop(store.recover().await.unwrap()),
                Op::Advance => advance(&CLOCK, 40),
                Op::Restart => store = open(),
            }
            let entries = store.outbox(100).await.unwrap();
            assert_eq!(entries.len(), intents.len());
            let mut open_to: HashMap<Option<String>, usize> = HashMap::new();
            for entry in entries {
                let before = seen.insert(entry.intent, entry.state).unwrap_or(State::Recorded);
                assert!(may_follow(before, entry.state), "{before} became {}", entry.state);
                if !entry.state.is_final() {
                    *open_to.entry(entry.destination).or_default() += 1;
                }
            }
            assert!(open_to.values().all(|open| *open == 1));
        }
        assert_eq!(audit::verify(&home.file(), None).unwrap().bad, None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn whatever_is_done_in_whatever_order_no_state_goes_back(
            ops in proptest::collection::vec(op(), 1..40)
        ) {
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run(ops));
        }
    }
}
