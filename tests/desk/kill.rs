//! The console killed at each disk write and each network step of a payment, an approval, a bulk and a
//! refund, and at bytes of what goes up and comes down: after the restart the ledger has it once or not at
//! all, and the outbox says which.
//!
//! `strace` kills at the nth call of a kind, so that the program needs no code for it; the line to the sandbox
//! kills at a byte of a write, and needs nothing. Where there is no strace, the test says so and tries the
//! bytes alone. `KILL=all cargo test --test desk kill -- --nocapture` tries every point and prints how many
//! there were; without it every twelfth is tried, with `KILL=n` every nth.

use crate::line::{Line, Size, Trap};
use crate::shop::{Answer, BINARY, Person, Shop};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::process::Command;
use tempfile::TempDir;

/// What a restore does to it besides.
pub const RESTORE: [&str; 3] = ["linkat", "mkdir", "ftruncate"];
/// What a console does to the disk, in the folder of its store; `rename` and `unlink` are of the chain's head.
pub const DISK: [&str; 6] = ["pwrite64", "write", "fsync", "fdatasync", "rename", "unlink"];
/// And to the network.
const NETWORK: [&str; 5] = ["connect", "writev", "sendto", "recvfrom", "shutdown"];
/// More than any run makes of one kind.
pub const POINTS_MAX: usize = 1_000;
/// At so many bytes of a write, and of its answer, from the first to the last.
const UP: usize = 24;
const DOWN: usize = 8;
const SHARE: usize = 12;
/// Rows of a bulk.
const ROWS: usize = 6;

#[test]
fn a_payment_killed_anywhere_is_there_once_or_not_at_all() {
    println!("{}", killed_anywhere(Operation::Pay));
}

#[test]
fn an_approval_killed_anywhere_is_given_once_or_not_at_all() {
    println!("{}", killed_anywhere(Operation::Approve));
}

#[test]
fn a_bulk_killed_anywhere_has_each_row_once_or_none_at_all() {
    println!("{}", killed_anywhere(Operation::Bulk));
}

#[test]
fn a_refund_killed_anywhere_is_there_once_or_not_at_all_and_so_is_its_payee() {
    println!("{}", killed_anywhere(Operation::Refund));
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Pay,
    Approve,
    Bulk,
    Refund,
}

/// Two people at one sandbox. The one who is killed speaks over the line.
struct Room {
    shop: Shop,
    line: Line,
    maker: Person,
    killed: Person,
    from: String,
    to: String,
    files: TempDir,
}

impl Operation {
    fn room(self) -> Room {
        let shop = Shop::open();
        let line = Line::to(&shop.cobre);
        let role = if self == Self::Approve { "checker" } else { "maker" };
        let killed = Person::sits(&shop, role).with("COBRE__BASE", &line.url());
        let maker = Person::sits(&shop, "maker");
        let (from, to) = (maker.balance(), maker.payee());
        Room { shop, line, maker, killed, from, to, files: tempfile::tempdir().unwrap() }
    }

    /// Makes the `number`th wish ready: its name, and what is typed. All are equally long.
    fn wish(self, room: &Room, number: usize) -> (String, Vec<String>) {
        let name = format!("wish-{number:04}");
        let (amount, from, to) = (format!("{}.00", 100_000 + 37 * number), &room.from, &room.to);
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let pay = ["pay", "--json", "--from", from, "--to", to, "--amount", &amount, "--confirm", &amount];
        let pay = [&pay[..], &["--description", "Prueba", "--external-id", &name]].concat();
        match self {
            Self::Pay => (name.clone(), words(&pay)),
            Self::Approve => {
                let made = room.maker.run(&[&pay[..], &["--checker"]].concat());
                assert_eq!(made.code, 0, "{}", made.err);
                // A moment until it waits for its checker.
                room.shop.advance(2);
                let id = made.json()["provider_id"].as_str().unwrap().to_owned();
                (name.clone(), words(&["decide", &id, "approve", "--json", "--confirm", &amount]))
            }
            Self::Bulk => {
                let mut text =
                    "Nombre;Tipo documento;Documento;Banco;Tipo cuenta;Cuenta;Valor;Concepto;external_id\n"
                        .to_owned();
                let mut total = 0;
                for row in 0..ROWS {
                    let (serial, pesos) = (number * ROWS + row, 200_000 + 41 * number + row);
                    total += pesos;
                    writeln!(
                        text,
                        "Empleado {serial:05};CC;{};Bancolombia;Ahorros;{};{pesos},00;Prueba;{name}-{row}",
                        10_000_000 + serial,
                        30_000_000_000_u64 + serial as u64
                    )
                    .unwrap();
                }
                let file = room.files.path().join(format!("lote{number:04}.csv"));
                std::fs::write(&file, text).unwrap();
                let (file, total) = (file.to_str().unwrap(), format!("{total}.00"));
                let line = ["bulk", "submit", file, "--json", "--from", from, "--confirm", &total];
                (name.clone(), words(&line))
            }
            Self::Refund => {
                // A payer of whom nobody knows yet.
                let (document, pesos) = (20_000_000 + number, 100_000 + 37 * number);
                let credit = room.shop.payin(pesos * 100, &document.to_string());
                let line = ["refund", &credit, "--json", "--confirm", &amount];
                (format!("{credit} {document}"), words(&line))
            }
        }
    }

    /// How often each part of a wish was done, under what the outbox calls it.
    fn done(self, room: &Room, wish: &str) -> Vec<(&'static str, usize)> {
        let payments = |name: &str| room.shop.payments(name);
        match self {
            Self::Pay => vec![("create_movement", payments(wish).len())],
            Self::Approve => {
                let state = &payments(wish)[0]["state"];
                let waits = state == "pending_approval" || state == "initiated";
                vec![("approve", usize::from(!waits))]
            }
            Self::Bulk => {
                let row = |row| ("create_bulk", payments(&format!("{wish}-{row}")).len());
                (0..ROWS).map(row).collect()
            }
            Self::Refund => {
                let (credit, document) = wish.split_once(' ').unwrap();
                let all = room.maker.run(&["counterparties", "--json"]).out;
                let known = all.lines().filter(|line| line.contains(document)).count();
                assert!(payments(&format!("refund_{credit}_2")).is_empty());
                let paid = payments(&format!("refund_{credit}_1")).len();
                vec![("create_counterparty", known), ("create_movement", paid)]
            }
        }
    }

    /// Where its writes go: none of them is asked for twice.
    const fn paths(self) -> &'static [&'static str] {
        match self {
            Self::Pay => &["/v1/money_movements"],
            Self::Approve => &["/v1/money_movement_approvals"],
            Self::Bulk => &["/v1/bulk_money_movements"],
            Self::Refund => &["/v1/counterparties", "/v1/money_movements"],
        }
    }
}

/// How the console dies.
#[derive(Debug, Clone, Copy)]
enum Death {
    /// Before its `nth` call of this kind.
    Call { kind: &'static str, nth: usize },
    /// At a byte of a write.
    Byte(Trap),
    /// Not at all: the wish comes true, or the test shows nothing.
    None,
}

/// Tries every point of `operation`, or a share of them, and tells how many they were.
fn killed_anywhere(operation: Operation) -> String {
    let every = every();
    let room = operation.room();
    let mut tried = Tried::default();
    let sizes = tried.at(operation, &room, Death::None);
    assert_eq!(
        sizes.len(),
        operation.paths().len(),
        "{operation:?}: other writes than the ledger is asked for"
    );
    for trap in traps(&sizes).into_iter().step_by(every) {
        tried.at(operation, &room, Death::Byte(trap));
    }
    assert!(tried.points.contains_key("byte"), "{operation:?}: nothing was killed over the line");
    if Command::new("strace").arg("-V").output().is_ok() {
        for (place, kind) in DISK.into_iter().chain(NETWORK).enumerate() {
            for nth in (1 + place % every.min(3)..POINTS_MAX).step_by(every) {
                let before = tried.count();
                tried.at(operation, &room, Death::Call { kind, nth });
                if tried.count() == before {
                    break;
                }
            }
        }
        // Without these it would not be at the disk that it was killed.
        assert!(tried.points.contains_key("pwrite64") && tried.points.contains_key("writev"), "{tried:?}");
    } else {
        eprintln!("skipped: strace is not here; {operation:?} was killed at bytes of its writes alone");
    }
    room.shop.squares();
    let kinds = tried.points.iter().map(|(kind, count)| format!("{kind} {count}")).collect::<Vec<_>>();
    format!(
        "{operation:?}: killed at {} points ({}): {} times done once, else not at all, never twice",
        tried.count(),
        kinds.join(", "),
        tried.done
    )
}

/// One point of how many is tried.
pub fn every() -> usize {
    match std::env::var("KILL").ok().as_deref() {
        Some("all") => 1,
        Some(text) => text.parse().expect("KILL is all or a number"),
        None => SHARE,
    }
}

/// The first and the last byte of each write and of its answer, and what lies between.
fn traps(sizes: &[Size]) -> Vec<Trap> {
    let mut traps = Vec::new();
    for (write, size) in sizes.iter().enumerate() {
        traps.extend((0..=UP).map(|part| Trap::Up { write, bytes: size.up * part / UP }));
        traps.extend((1..=DOWN).map(|part| Trap::Down { write, bytes: size.down * part / DOWN }));
    }
    traps
}

#[derive(Debug, Default)]
struct Tried {
    wishes: usize,
    /// By what it was killed, how often.
    points: BTreeMap<&'static str, usize>,
    /// Wishes that came true though the console died.
    done: usize,
    seen: HashSet<String>,
}

impl Tried {
    fn count(&self) -> usize {
        self.points.values().sum()
    }

    /// Has a wish, dies of `death`, and asks the ledger and the outbox after the restart.
    fn at(&mut self, operation: Operation, room: &Room, death: Death) -> Vec<Size> {
        self.wishes += 1;
        let (wish, line) = operation.wish(room, self.wishes);
        let asked = || operation.paths().iter().map(|path| room.shop.posts(path)).collect::<Vec<_>>();
        let before = asked();
        let (mut command, trap) = match death {
            Death::Call { kind, nth } => (under_strace(&room.killed, kind, nth), None),
            Death::Byte(trap) => (room.killed.command(BINARY), Some(trap)),
            Death::None => (room.killed.command(BINARY), None),
        };
        let (output, sizes) = room.line.run(command.args(&line), trap);
        let answer = Answer::of(&output);
        let killed = answer.was_killed();
        assert!(killed || answer.code == 0, "{operation:?} {death:?}: {} {}", answer.code, answer.err);
        assert!(!killed || !matches!(death, Death::None), "{operation:?}");
        // What was begun there is ended there.
        room.shop.advance(2);
        settled(&room.killed);

        let asked = asked();
        for (before, after) in before.iter().zip(&asked) {
            assert!(after - before <= 1, "{operation:?} {death:?}: asked twice");
        }
        let mut new: BTreeMap<String, String> = BTreeMap::new();
        for entry in room.killed.outbox() {
            let text = |name: &str| entry[name].as_str().unwrap().to_owned();
            if self.seen.insert(text("intent")) {
                assert!(
                    new.insert(text("action"), text("state")).is_none(),
                    "{operation:?} {death:?}: {new:?}"
                );
            }
        }
        let done = operation.done(room, &wish);
        for (action, times) in &done {
            let wanted = match new.get(*action).map(String::as_str) {
                Some("sent") => 1,
                Some("not_sent" | "rejected") | None => 0,
                Some(other) => panic!("{operation:?} {death:?}: {action} is {other}"),
            };
            assert_eq!(*times, wanted, "{operation:?} {death:?}: {action} is {new:?}, done {done:?}");
        }
        let verified = room.killed.run(&["audit", "verify"]);
        assert_eq!(verified.code, 0, "{operation:?} {death:?}: {}", verified.err);
        if killed {
            let by = match death {
                Death::Call { kind, .. } => kind,
                Death::Byte(_) | Death::None => "byte",
            };
            *self.points.entry(by).or_default() += 1;
            self.done += usize::from(done.iter().all(|(_, times)| *times == 1));
        } else {
            assert!(done.iter().all(|(_, times)| *times == 1), "{operation:?} {death:?}: {done:?}");
        }
        sizes
    }
}

/// The console under strace, which counts a thread's calls: with one worker, all of a kind are of one thread.
fn under_strace(person: &Person, kind: &str, nth: usize) -> Command {
    let mut command = person.command("strace");
    command.env("TOKIO_WORKER_THREADS", "1");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={kind}")]);
    command.args(["-e", &format!("inject={kind}:signal=KILL:when={nth}")]);
    if DISK.contains(&kind) {
        // Pipes and the log don't count.
        let store = person.store();
        for file in ["store.db-wal", "store.db", "audit.head.new", "audit.head", ""] {
            command.arg("-P").arg(store.join(file));
        }
    }
    command.arg(BINARY);
    command
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
