//! Payments, approvals, bulks, refunds and links through a network that cuts, delays, refuses, repeats and
//! lies, with the sandbox's ledger as judge: nothing is done twice, nothing is lost, and nothing stays unknown
//! once the provider answers.
//!
//! `RUNS=1000 cargo test --release --test chaos -- --nocapture` makes it longer and prints the table;
//! `CUADRE_SEED` repeats a run.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what helps a test may stop it; clippy.toml allows it inside tests only"
)]

mod operations;
mod room;
mod tally;

use operations::Operation;
use room::{Fault, Room};
use tally::Tally;
use tokio::task::JoinSet;

/// What may happen to a write on its way.
const ON_WRITES: [&str; 11] = [
    "cut_before",
    "cut_during",
    "cut_after",
    "truncate:30",
    "garbage",
    "status:429",
    "status:500",
    "status:503",
    "status:409",
    "status:408",
    "delay_ms:80",
];
/// What may happen to what is read before and after.
const ON_READS: [&str; 9] = [
    "cut_during",
    "status:500",
    "status:429",
    "garbage",
    "stale",
    "repeat_rows",
    "reorder",
    "ignore_filter",
    "delay_ms:40",
];
/// Runs at a time.
const ABREAST: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_done_twice_lost_or_left_unknown() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let runs = number("RUNS").unwrap_or(4);
    let first = number("CUADRE_SEED").unwrap_or(1);
    let mut tally = Tally::default();
    let mut under_way = JoinSet::new();
    for seed in first..first + runs {
        if under_way.len() >= ABREAST {
            tally.add(under_way.join_next().await.unwrap().unwrap());
        }
        under_way.spawn(run(seed));
    }
    while let Some(done) = under_way.join_next().await {
        tally.add(done.unwrap());
    }
    println!("{runs} runs from seed {first}\n\n{tally}");
    assert!(tally.wrong.is_empty(), "{:#?}", tally.wrong);
}

/// Every kind of write once, in an order of its own, each through a fault.
async fn run(seed: u64) -> Tally {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut tally = Tally::default();
    let room = Room::open(seed).await;
    let mut operations = Operation::ALL;
    rng.shuffle(&mut operations);
    let mut wishes = Vec::new();
    for (n, operation) in operations.into_iter().enumerate() {
        let name = format!("chaos-{seed}-{n}");
        let ready = operation.prepare(&room, &name, &mut rng).await;
        let mut faults = vec![Fault::on("POST", operation.write(), &ON_WRITES, &mut rng)];
        if rng.bool() {
            faults.push(Fault::on("GET", operation.read(), &ON_READS, &mut rng));
        }
        room.fault(&faults).await;
        wishes.push(ready.sent(&room, operation).await);
        tally.met(room.heal(&faults).await);
    }
    room.settles().await;
    room.judge(&wishes, &mut tally, seed).await;
    tally
}
