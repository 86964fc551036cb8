//! The process killed at each disk write and each network step of a payment and of an approval: after the
//! restart the ledger has it once or not at all, and the outbox says which.
//!
//! `strace` kills it at the Nth call of a kind, so that the program needs no code for it. Without strace
//! the test says so and passes. `KILL_EVERY=1 cargo test --test desk kill` tries every point, `KILL_EVERY=n`
//! (5 unless said) each nth; the count of points is printed.

use crate::shop::{Answer, BINARY, Person, Shop};
use std::os::unix::process::ExitStatusExt;

/// The calls that a payment makes of the disk and the network.
const CALLS: [(&str, bool); 5] =
    [("pwrite64", true), ("fdatasync", true), ("sendto", false), ("recvfrom", false), ("connect", false)];
/// More than any run makes.
const POINTS_MAX: usize = 400;

fn has_strace() -> bool {
    std::process::Command::new("strace").arg("-V").output().is_ok_and(|output| output.status.success())
}

/// Runs `arguments` and kills the process at its `nth` call; whether it was killed.
fn killed(person: &Person, call: &str, disk: bool, nth: usize, arguments: &[&str]) -> bool {
    let mut command = person.command("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
    command.args(["-e", &format!("inject={call}:signal=KILL:when={nth}")]);
    if disk {
        // Counted on the store's log alone.
        command.arg("-P").arg(person.wal());
    }
    let output = command.arg(BINARY).args(arguments).output().unwrap();
    let answer = Answer::of(&output);
    let killed = output.status.signal() == Some(9) || output.status.code() == Some(137);
    assert!(killed || [0, 3, 10, 12].contains(&answer.code), "{} {}", answer.code, answer.err);
    killed
}

/// Asks until nothing is unknown any more.
fn settled(person: &Person) {
    for _ in 0..200 {
        if person.run(&["outbox", "settle", "--json"]).code == 0 {
            return;
        }
    }
    panic!("still unknown: {:?}", person.outbox());
}

fn every() -> usize {
    std::env::var("KILL_EVERY").ok().and_then(|text| text.parse().ok()).unwrap_or(5)
}

#[test]
fn a_payment_killed_anywhere_is_there_once_or_not_at_all() {
    if !has_strace() {
        eprintln!("no strace here: nothing was tried");
        return;
    }
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    let (from, to) = (maker.balance(), maker.payee());
    let (mut points, mut kept, mut number) = (0, 0, 0);
    for (call, disk) in CALLS {
        for nth in (1..POINTS_MAX).step_by(every()) {
            number += 1;
            let name = format!("kill-{number}");
            let amount = format!("{}.00", 5_000 + 37 * number);
            let line = [
                "pay",
                "--json",
                "--from",
                &from,
                "--to",
                &to,
                "--amount",
                &amount,
                "--description",
                "Prueba",
                "--confirm",
                &amount,
                "--external-id",
                &name,
            ];
            let was = killed(&maker, call, disk, nth, &line);
            settled(&maker);
            let paid = shop.payments(&name).len();
            let entry = maker.outbox().into_iter().find(|entry| entry["external_id"] == name.as_str());
            let state = entry.map(|entry| entry["state"].as_str().unwrap().to_owned());
            match state.as_deref() {
                Some("sent") => assert_eq!(paid, 1, "{call} {nth}"),
                Some("not_sent" | "rejected") | None => assert_eq!(paid, 0, "{call} {nth}"),
                Some(other) => panic!("{call} {nth}: {other}"),
            }
            assert_eq!(maker.run(&["audit", "verify"]).code, 0, "{call} {nth}");
            if !was {
                break;
            }
            points += 1;
            kept += paid;
        }
    }
    shop.squares();
    println!("a payment was killed at {points} points: {kept} were there once, the others not at all");
    assert!(points > 10, "only {points} points");
}

#[test]
fn an_approval_killed_anywhere_is_given_once_or_not_at_all() {
    if !has_strace() {
        eprintln!("no strace here: nothing was tried");
        return;
    }
    let shop = Shop::open();
    let (maker, checker) = (Person::sits(&shop, "maker"), Person::sits(&shop, "checker"));
    let (from, to) = (maker.balance(), maker.payee());
    let (mut points, mut given, mut number) = (0, 0, 0);
    for (call, disk) in CALLS {
        for nth in (1..POINTS_MAX).step_by(every()) {
            number += 1;
            let name = format!("wait-{number}");
            let amount = format!("{}.00", 90_000 + 41 * number);
            let made = maker.run(&[
                "pay",
                "--json",
                "--from",
                &from,
                "--to",
                &to,
                "--amount",
                &amount,
                "--description",
                "Prueba",
                "--confirm",
                &amount,
                "--external-id",
                &name,
                "--checker",
            ]);
            assert_eq!(made.code, 0, "{}", made.err);
            let id = made.json()["provider_id"].as_str().unwrap().to_owned();
            let before = shop.posts("/v1/money_movement_approvals");
            let was = killed(&checker, call, disk, nth, &["decide", &id, "approve", "--confirm", &amount]);
            settled(&checker);
            let asked = shop.posts("/v1/money_movement_approvals") - before;
            assert!(asked <= 1, "{call} {nth}: asked {asked} times");
            let stands = &shop.payments(&name)[0]["state"];
            let waits = stands == "pending_approval" || stands == "initiated";
            let newest = checker.outbox().into_iter().next();
            let ours = newest.filter(|entry| entry["amount"]["text"] == amount.as_str());
            let state = ours.map(|entry| entry["state"].as_str().unwrap().to_owned());
            match state.as_deref() {
                Some("sent") => assert!(!waits, "{call} {nth}"),
                Some("not_sent" | "rejected") | None => assert!(waits, "{call} {nth}: {state:?}"),
                Some(other) => panic!("{call} {nth}: {other}"),
            }
            assert_eq!(checker.run(&["audit", "verify"]).code, 0, "{call} {nth}");
            if !was {
                break;
            }
            points += 1;
            given += usize::from(!waits);
        }
    }
    shop.squares();
    println!("an approval was killed at {points} points: {given} were given once, the others not at all");
    assert!(points > 10, "only {points} points");
}
