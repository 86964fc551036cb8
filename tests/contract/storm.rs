//! Whatever a seed draws, over both providers and with faults: the books balance after each operation, no
//! state goes backwards, and the same seed makes the same ledger. `STORM_SEED` and `STORM_OPERATIONS`
//! choose another run, and its figures are printed.

mod books;
mod cobre;
mod cobru;

use crate::bench::{Bench, bench};
use books::Books;
use fastrand::Rng;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::time::Instant;

/// Faults that any request may meet, each with its share. Nothing here waits.
const FAULTS: [(&str, &str, f64); 9] = [
    ("POST", "cut_before", 0.01),
    ("POST", "cut_during", 0.01),
    ("POST", "cut_after", 0.01),
    ("POST", "status:503", 0.01),
    ("POST", "garbage", 0.01),
    ("DELETE", "cut_after", 0.03),
    ("GET", "truncate:40", 0.02),
    ("GET", "stale", 0.05),
    ("GET", "reorder", 0.05),
];

/// How often an operation was asked for, and how often it was taken.
type Counts = BTreeMap<&'static str, (u64, u64)>;

struct Storm {
    bench: Bench,
    rng: Rng,
    number: usize,
    tokens: HashMap<&'static str, String>,
    counts: Counts,
    books: Books,
    cobre: cobre::Seen,
    cobru: cobru::Seen,
}

/// What a storm leaves behind.
struct Left {
    /// The whole ledger, byte for byte.
    ledger: String,
    counts: Counts,
    looks: usize,
}

impl Storm {
    async fn new(seed: u64) -> Self {
        let bench = bench().await;
        let settings = json!({"rate_limit": false, "magic_amounts": true});
        bench.http.patch(bench.control("settings")).json(&settings).send().await.unwrap();
        let (cobre, cobru) = (cobre::Seen::new(&bench).await, cobru::Seen::default());
        for (method, fault, share) in FAULTS {
            let order = json!({"method": method, "share": share, "fault": fault});
            assert_eq!(bench.tell("faults", order).await.0, 201);
        }
        let (rng, books) = (Rng::with_seed(seed), Books::default());
        let (tokens, counts) = (HashMap::new(), Counts::new());
        Self { bench, rng, number: 0, tokens, counts, books, cobre, cobru }
    }

    /// A key of the operation under way.
    fn key(&self) -> String {
        format!("storm-key-{}", self.number)
    }

    /// One of what was made, or an id of nobody.
    fn any(&mut self, of: impl Fn(&Self) -> &Vec<String>) -> String {
        self.late(usize::MAX, of)
    }

    /// One of the last so many, since what is old has ended.
    fn late(&mut self, many: usize, of: impl Fn(&Self) -> &Vec<String>) -> String {
        let count = of(self).len();
        let back = self.rng.usize(..count.clamp(1, many));
        let place = count.checked_sub(1 + back);
        place.and_then(|place| of(self).get(place).cloned()).unwrap_or_else(|| "nobody".to_owned())
    }

    fn count(&mut self, kind: &'static str, is_taken: bool) {
        let (asked, taken) = self.counts.entry(kind).or_default();
        *asked += 1;
        *taken += u64::from(is_taken);
    }

    /// Sends and takes what comes; a line that was cut is no answer, nor is a body that is no JSON.
    async fn send(&mut self, kind: &'static str, request: RequestBuilder) -> Option<Value> {
        let answer = async {
            let answer = request.send().await.ok()?;
            let status = answer.status().as_u16();
            Some((status, answer.text().await.ok()?))
        };
        let answer = answer.await;
        let is_taken = answer.as_ref().is_some_and(|(status, _)| *status < 300);
        self.count(kind, is_taken);
        let (status, text) = answer?;
        assert!(status < 500 || status == 503, "{kind}: {status} {text}");
        serde_json::from_str(&text).ok()
    }

    /// Asks the sandbox itself.
    async fn tell(&mut self, kind: &'static str, path: &str, body: Value) -> Value {
        let (status, answer) = self.bench.tell(path, body).await;
        assert!(status < 500, "{kind}: {status} {answer}");
        self.count(kind, status < 300);
        answer
    }

    async fn advance(&mut self, seconds: u64) {
        self.bench.advance(seconds).await;
        self.tokens.clear();
        self.count("clock", true);
    }

    async fn once(&mut self) {
        match self.rng.u8(..100) {
            0..46 => self.cobre_once().await,
            46..92 => self.cobru_once().await,
            92..97 => self.advance(1).await,
            _ => {
                let seconds = self.rng.u64(..90);
                self.advance(seconds).await;
            }
        }
        self.books.follow(&self.bench.sandbox.world().ledger);
    }

    async fn look(&mut self) {
        let seen = self.bench.ask("ledger?since=1000000000").await;
        self.books.look(&seen);
        self.bench.balanced();
    }
}

/// So many operations from a seed. Each posting is followed as it is made; every payment is looked at when
/// the run has grown by a quarter since the last look, so that looking stays cheap in a long one.
async fn storm(seed: u64, operations: usize) -> Left {
    let mut storm = Storm::new(seed).await;
    let (mut next, mut looks) = (0, 0);
    for number in 0..operations {
        storm.number = number;
        storm.once().await;
        if number == next {
            storm.look().await;
            looks += 1;
            next = number + 50 + number / 4;
        }
    }
    storm.advance(100 * 3600).await;
    storm.look().await;
    let ledger = storm.bench.http.get(storm.bench.control("ledger")).send().await.unwrap();
    Left { ledger: ledger.text().await.unwrap(), counts: storm.counts, looks: looks + 1 }
}

fn given<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn figures(left: &Left, ledger: &Value) -> String {
    let mut text = String::new();
    let (mut asked, mut taken) = (0, 0);
    for (kind, count) in &left.counts {
        writeln!(text, "{kind:<28} {:>7} {:>7}", count.0, count.1).unwrap();
        (asked, taken) = (asked + count.0, taken + count.1);
    }
    writeln!(text, "{:<28} {asked:>7} {taken:>7}", "asked for, taken").unwrap();
    let mut states = BTreeMap::<String, u64>::new();
    for payment in ledger["payments"].as_array().unwrap() {
        let of = format!("{} {} {}", payment["provider"], payment["kind"], payment["state"]);
        *states.entry(of.replace('"', "")).or_default() += 1;
    }
    for (state, count) in states {
        writeln!(text, "{state:<40} {count:>7}").unwrap();
    }
    let count = |name: &str| ledger[name].as_array().unwrap().len();
    let (postings, payments, accounts) = (count("postings"), count("payments"), count("accounts"));
    writeln!(text, "{postings} postings, {payments} payments, {accounts} accounts, {} looks", left.looks)
        .unwrap();
    writeln!(text, "sums {}", ledger["sums"]).unwrap();
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_operations_keep_every_book_balanced_and_the_same_seed_makes_the_same_ledger() {
    let (seed, operations) = (given("STORM_SEED", 20_260_115), given("STORM_OPERATIONS", 400));
    println!("STORM_SEED={seed} STORM_OPERATIONS={operations}");
    let begun = Instant::now();
    let (first, second) =
        tokio::join!(tokio::spawn(storm(seed, operations)), tokio::spawn(storm(seed, operations)));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert!(first.ledger == second.ledger, "the same seed made another ledger");
    let ledger: Value = serde_json::from_str(&first.ledger).unwrap();
    print!("{}", figures(&first, &ledger));
    println!("{:.1} s for both runs", begun.elapsed().as_secs_f64());
    assert!(ledger["postings"].as_array().unwrap().len() > 400, "something happened");
    for (currency, sum) in ledger["sums"].as_object().unwrap() {
        assert_eq!(sum, 0, "{currency}");
    }
}
