//! The review of one payment against a million stored ones (goal: 50 ms), and reading them in.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench speaks on standard output")]

use cuadre::domain::money::{Currency, Money};
use cuadre::payments::review::{History, Past, Payment, Place, Terms, review};
use cuadre::sanitize::Clean;
use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, Instant};

const ROWS: u64 = 1_000_000;
const GOAL: Duration = Duration::from_millis(50);

fn start() -> Timestamp {
    "2026-11-25T15:00:00Z".parse().unwrap()
}

fn past(n: u64, payee: u64) -> Past {
    let back = SignedDuration::from_mins(i64::try_from(n).unwrap());
    Past {
        place: Place::Movement,
        id: Clean::new(&format!("mm_{n}")),
        movement: Some(Clean::new(&format!("mm_{n}"))),
        at: start() - back,
        amount: Money::new(100_000_000 + i64::try_from(n % 9_973).unwrap(), Currency::Cop),
        destination: Clean::new(&format!("cp_{payee}")),
        account: Clean::new(&format!("{}", 30_000_000_000 + payee)),
        name: Clean::new(&format!("Proveedor {payee}")),
        external_id: Some(Clean::new(&format!("pago-{n}"))),
        description: Clean::new(&format!("Factura FV-{n}")),
        live: true,
    }
}

fn measured(what: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    what();
    begun.elapsed()
}

fn one(name: &str, payees: u64) {
    let mut history = History::default();
    let built = measured(|| history.extend((0..ROWS).map(|n| past(n, n % payees))));
    let payment = Payment {
        same_as: Vec::new(),
        source: Clean::new("acc_1"),
        destination: Clean::new("cp_0"),
        account: Clean::new("30000000000"),
        name: Clean::new("Proveedor 0"),
        amount: Money::new(100_000_000, Currency::Cop),
        description: Clean::new("Factura FV-77"),
        external_id: Some(Clean::new("PAGO 77")),
        verified_name: None,
        at: start(),
    };
    let terms = Terms::default();
    let mut worst = Duration::ZERO;
    let mut found = 0;
    for _ in 0..20 {
        let took = measured(|| found = review(&payment, &history, &terms).len());
        worst = worst.max(took);
    }
    let verdict = if worst <= GOAL { "within" } else { "ABOVE" };
    println!(
        "review of one against {ROWS} stored, {name}: {found} findings, worst of 20 {worst:?}, {verdict} {GOAL:?} \
         (read in {built:?})"
    );
}

fn main() {
    one("5,000 payees", 5_000);
    one("all to one payee", 1);
}
