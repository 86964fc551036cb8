//! `cuadre store`: a copy, its return, and what goes after its time; and who came, in the chain.

use crate::kill::{DISK, POINTS_MAX, RESTORE, every};
use crate::shop::{Answer, BINARY, Person, Shop};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

fn pay(person: &Person, amount: &str, name: &str) -> Answer {
    pay_so(person, "--json", amount, name)
}

fn pay_so(person: &Person, how: &str, amount: &str, name: &str) -> Answer {
    let (from, to) = (person.balance(), person.payee());
    let line = ["pay", how, "--from", &from, "--to", &to, "--amount", amount];
    person
        .run(&[&line[..], &["--description", "Prueba", "--confirm", amount, "--external-id", name]].concat())
}

fn chain(person: &Person) -> Vec<Value> {
    let said = person.run(&["audit", "show", "--json", "--limit", "1000"]).out;
    said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["event"].clone()).collect()
}

fn of_kind<'c>(chain: &'c [Value], kind: &str) -> Vec<&'c Value> {
    chain.iter().filter(|event| event["kind"] == kind).collect()
}

#[test]
fn what_was_sent_after_the_copy_is_not_paid_again_from_it() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    assert_eq!(pay(&maker, "11001", "fv-before").code, 0);
    let copy = maker.state().join("copy.db");
    let copy = copy.to_str().unwrap();
    let made = maker.run(&["store", "backup", copy, "--json"]);
    assert_eq!(made.code, 0, "{}", made.err);
    assert_eq!(made.json()["outbox"]["sent"], 1);
    let head = made.json()["head"].as_str().unwrap().to_owned();
    assert_eq!(maker.run(&["store", "check", copy, "--head", &head]).code, 0);
    assert_eq!(maker.run(&["store", "backup", copy]).code, 6, "a copy was written over");
    assert_eq!(pay(&maker, "71002", "fv-after").code, 0);

    let back = maker.run(&["store", "restore", copy, "--json"]);
    assert_eq!(back.code, 0, "{}", back.err);
    assert!(back.json()["old"].as_str().unwrap().contains("before-restore-"));
    assert_eq!(maker.outbox().len(), 1);
    let twin = pay(&maker, "71002", "fv-again");
    assert_eq!(twin.code, 3, "{}", twin.err);
    assert_eq!(twin.error()["error"]["where"], "duplicate");
    assert!(shop.payments("fv-again").is_empty());
    // Another one may leave, and whoever sends it is told.
    let other = pay_so(&maker, "--lang=en", "33003", "fv-other");
    assert_eq!(other.code, 0, "{}", other.err);
    assert!(other.err.contains("restored"), "{}", other.err);

    let chain = chain(&maker);
    let [asked] = of_kind(&chain, "restore_read")[..] else { panic!("{chain:?}") };
    assert_eq!(asked["data"]["unknown_here"], "1");
    let [restored] = of_kind(&chain, "store_restored")[..] else { panic!("{chain:?}") };
    assert_eq!(restored["data"]["backup_head"], head.as_str());
    assert_eq!(maker.run(&["audit", "verify"]).code, 0);
    shop.squares();
}

#[test]
fn a_store_that_was_restored_and_a_provider_that_hides_a_part_stop_a_payment() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    assert_eq!(pay(&maker, "11001", "fv-1").code, 0);
    let copy = maker.state().join("copy.db");
    let copy = copy.to_str().unwrap();
    assert_eq!(maker.run(&["store", "backup", copy]).code, 0);
    assert_eq!(maker.run(&["store", "restore", copy]).code, 0);
    // After the look for the name, the list of what happened since counts more than it shows.
    let short = json!({"path": "/v1/money_movements", "method": "GET", "skip": 1, "times": 3,
        "fault": "alter:total_items=999"});
    shop.fault(&short);
    let stopped = pay(&maker, "22002", "fv-2");
    assert_eq!(stopped.code, 3, "{}", stopped.err);
    assert_eq!(stopped.error()["error"]["where"], "restored");
    assert!(shop.payments("fv-2").is_empty());
    // Asked again, and answered whole.
    let sent = pay(&maker, "22002", "fv-2");
    assert_eq!(sent.code, 0, "{}", sent.err);
    assert_eq!(of_kind(&chain(&maker), "restore_read").len(), 1);
}

#[test]
fn what_left_after_the_copy_counts_against_todays_limit() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker").with("POLICY__DAY_LIMIT", "COP 100000");
    let copy = maker.state().join("copy.db");
    let copy = copy.to_str().unwrap();
    assert_eq!(pay(&maker, "11001", "fv-before").code, 0);
    assert_eq!(maker.run(&["store", "backup", copy]).code, 0);
    assert_eq!(pay(&maker, "71002", "fv-after").code, 0);
    assert_eq!(maker.run(&["store", "restore", copy]).code, 0);
    let over = pay(&maker, "33003", "fv-over");
    assert_eq!((over.code, &over.error()["error"]["where"]), (5, &"day_limit".into()), "{}", over.err);
    assert!(shop.payments("fv-over").is_empty());
    assert_eq!(pay(&maker, "17004", "fv-under").code, 0);
}

/// The files of a store, but for what is locked and SQLite's shared memory.
fn copied(from: &Path, to: &Path) {
    std::fs::remove_dir_all(to).ok();
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.metadata().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// Killed at each call that changes the disk: the store is the old one or the new one, whole, or it refuses to
/// be opened until the restore is done again, which then brings the new one. `KILL=all` tries each point, else every twelfth is tried.
#[test]
fn a_restore_killed_anywhere_leaves_the_old_store_or_the_new_one() {
    if Command::new("strace").arg("-V").output().is_err() {
        return eprintln!("skipped: strace is not here");
    }
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    assert_eq!(pay(&maker, "11001", "fv-before").code, 0);
    let (copy, kept) = (maker.file("copy.db"), maker.file("kept"));
    let copy = copy.to_str().unwrap();
    assert_eq!(maker.run(&["store", "backup", copy]).code, 0);
    assert_eq!(pay(&maker, "71002", "fv-after").code, 0);
    copied(&maker.store(), &kept);
    let (mut points, mut ends) = (0, [0; 3]);
    let calls = DISK.into_iter().chain(RESTORE);
    for (place, kind) in calls.enumerate() {
        for nth in (1 + place % every().min(3)..POINTS_MAX).step_by(every()) {
            copied(&kept, &maker.store());
            let mut command = maker.command("strace");
            command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={kind}")]);
            command.args(["-e", &format!("inject={kind}:signal=KILL:when={nth}")]);
            let answer = Answer::of(&command.args([BINARY, "store", "restore", copy]).output().unwrap());
            if !answer.was_killed() {
                assert_eq!(answer.code, 0, "{kind} {nth}: {}", answer.err);
                break;
            }
            points += 1;
            let verified = maker.run(&["audit", "verify", "--json"]);
            let refused = verified.code == 6;
            if refused {
                assert_eq!(verified.error()["error"]["code"], "store.half_restored", "{kind} {nth}");
                assert_eq!(maker.run(&["store", "restore", copy]).code, 0, "{kind} {nth}");
            }
            assert!(refused || verified.code == 0, "{kind} {nth}: {} {}", verified.code, verified.err);
            let is_new = !of_kind(&chain(&maker), "store_restored").is_empty();
            // The new one has the payment of the copy, the old one the later one too.
            let names: Vec<_> = maker.outbox().iter().map(|entry| entry["external_id"].clone()).collect();
            let wanted = if is_new { &["fv-before"][..] } else { &["fv-after", "fv-before"] };
            assert_eq!(names, wanted, "{kind} {nth}");
            assert!(is_new || !refused, "{kind} {nth}: done again and still the old one");
            ends[if refused { 2 } else { usize::from(is_new) }] += 1;
        }
    }
    let [old, new, again] = ends;
    println!(
        "killed at {points} points: {old} times the old store, {new} the new one, {again} refused until done again"
    );
    assert!(old > 0, "never killed before the end");
}

#[test]
fn a_bad_copy_or_a_store_in_use_is_refused() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    assert_eq!(pay(&maker, "11001", "fv-1").code, 0);
    let (copy, bad) = (maker.state().join("copy.db"), maker.state().join("bad.db"));
    assert_eq!(maker.run(&["store", "backup", copy.to_str().unwrap()]).code, 0);
    std::fs::copy(&copy, &bad).unwrap();
    let sql = rusqlite::Connection::open(&bad).unwrap();
    sql.execute_batch("DROP TRIGGER audit_stays; DELETE FROM audit WHERE seq = 2").unwrap();
    drop(sql);
    for command in ["check", "restore"] {
        let refused = maker.run(&["store", command, bad.to_str().unwrap(), "--json"]);
        assert_eq!(refused.code, 3, "{}", refused.err);
        let error = refused.error()["error"].clone();
        assert_eq!(error["code"], "store.chain");
        assert!(error["message"].as_str().unwrap().contains("event 2: missing"), "{error}");
    }

    let mut console = maker.command(BINARY);
    console.arg("--plain").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut console = console.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(console.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let refused = maker.run(&["store", "restore", copy.to_str().unwrap(), "--json"]);
    drop(console.stdin.take());
    console.wait().unwrap();
    assert_eq!(refused.code, 6, "{}", refused.err);
    assert_eq!(refused.error()["error"]["code"], "store.held");
    assert_eq!(maker.run(&["audit", "verify"]).code, 0);
}

#[test]
fn a_purge_says_what_would_go_and_takes_no_more() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker").with("RETENTION__EXPORTS_DAYS", "30");
    assert_eq!(pay(&maker, "11001", "fv-1").code, 0);
    let exports = maker.state().join("exports");
    std::fs::create_dir(&exports).unwrap();
    let made = |name: &str, days: u64| {
        let file = exports.join(name);
        let at = SystemTime::now() - Duration::from_hours(24 * days);
        File::create(&file).unwrap().set_modified(at).unwrap();
        file
    };
    let (old, new) = (made("sandbox-maker_a.csv", 31), made("sandbox-maker_b.csv", 29));
    let others = made("andina_c.csv", 31);
    let would = maker.run(&["store", "purge", "--dry-run", "--json"]).json();
    assert_eq!((&would["dry_run"], &would["exports"]["count"]), (&Value::Bool(true), &Value::from(1)));
    assert!(old.exists());
    let done = maker.run(&["store", "purge", "--json"]).json();
    assert_eq!(done["exports"]["count"], 1);
    assert_eq!(done["exchanges"]["count"], 0);
    assert!(!old.exists() && new.exists() && others.exists());
    let chain = chain(&maker);
    let [purged] = of_kind(&chain, "store_purged")[..] else { panic!("{chain:?}") };
    assert_eq!((&purged["data"]["exports"], &purged["data"]["by"]), (&"1".into(), &"command".into()));
    assert_eq!(maker.run(&["audit", "verify"]).code, 0);
}

#[test]
fn the_chain_says_who_came_with_what_and_which_keys_changed() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    assert_eq!(pay(&maker, "11001", "fv-1").code, 0);
    let maker = maker.with("LIMIT", "COP 50000").with("PERSON", "mlopez");
    assert_eq!(pay(&maker, "22002", "fv-2").code, 0);
    let export = maker.state().join("chain.jsonl");
    assert_eq!(maker.run(&["audit", "export", "--to", export.to_str().unwrap()]).code, 0);
    let chain = chain(&maker);
    let came = of_kind(&chain, "signed_in");
    assert_eq!(came.len(), 2);
    assert_eq!((&came[0]["data"]["by"], &came[0]["role"]), (&"pay".into(), &"maker".into()));
    assert_eq!(came[0]["data"]["credential"], came[1]["data"]["credential"]);
    assert_ne!(came[0]["data"]["config"], came[1]["data"]["config"]);
    let [changed] = of_kind(&chain, "config_changed")[..] else { panic!("{chain:?}") };
    // The person is the same as before; settle_factor too.
    assert_eq!(changed["data"]["keys"], "limit");
    assert!(chain.iter().all(|event| event["role"] == "maker"), "{chain:?}");
}
