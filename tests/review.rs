//! Planted anomalies: 200 bad payments among 5,000, and what each rule finds of its own kind and of others.
//!
//! `TABLE=1 cargo test --test review table` writes the table into `docs/review.md`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what helps a test may stop it; clippy.toml allows it inside tests only"
)]

use cuadre::domain::ProviderName;
use cuadre::domain::account::{Account, AccountKind};
use cuadre::domain::counterparty::{Counterparty, Destination};
use cuadre::domain::hours::Hours;
use cuadre::domain::id::{AccountId, CounterpartyId};
use cuadre::domain::money::{Currency, Money};
use cuadre::payments::review::{Code, History, Past, Payment, Place, Severity, Terms, review};
use cuadre::sanitize::Clean;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const SEED: u64 = 20_261_125;
const PAYMENTS: usize = 5_000;
const BAD: usize = 200;
const PAYEES: usize = 160;

/// What is planted, each with the rule that should find it.
const PLANTED: [Code; 10] = [
    Code::Duplicate,
    Code::Reference,
    Code::AccountChanged,
    Code::PayeeName,
    Code::Amount,
    Code::NewCounterparty,
    Code::BelowLimit,
    Code::RoundAmount,
    Code::OutsideHours,
    Code::BelowFloor,
];

fn start() -> Timestamp {
    // A Monday, nine in the morning in Bogotá.
    "2026-01-05T14:00:00Z".parse().unwrap()
}

fn cop(pesos: i64) -> Money {
    Money::new(pesos * 100, Currency::Cop)
}

fn payee(n: usize) -> Counterparty {
    const FIRST: [&str; 10] =
        ["Ana", "Luis", "Marta", "Jorge", "Paula", "Diego", "Rosa", "Iván", "Elena", "Hugo"];
    const LAST: [&str; 16] = [
        "Gómez", "Rincón", "Patiño", "Ochoa", "Villegas", "Duarte", "Salcedo", "Mejía", "Forero", "Castaño",
        "Bernal", "Quiroga", "Zapata", "Lozano", "Arango", "Niño",
    ];
    let name = format!("{} {}", FIRST[n % 10], LAST[n / 10]);
    Counterparty {
        id: CounterpartyId::new(&format!("cp_{n}")).unwrap(),
        name: Clean::new(&name),
        holder: Clean::new(&name),
        document: Clean::new(&format!("cc {}", 10_000_000 + n)),
        destination: Destination {
            kind: Clean::new("ch"),
            geo: Clean::new("col"),
            account: Clean::new(&format!("{}", 30_000_000_000_u64 + n as u64 * 7919)),
            institution: Clean::new("1007"),
        },
        created_at: start() - SignedDuration::from_hours(24 * 400),
    }
}

/// An office pays on working days between eight and five; each payee every few weeks, about the same.
struct Office {
    rng: fastrand::Rng,
    payees: Vec<Counterparty>,
    /// What each usually gets, and when it got it last.
    usual: Vec<(i64, i64)>,
}

impl Office {
    fn new() -> Self {
        let mut rng = fastrand::Rng::with_seed(SEED);
        let payees: Vec<Counterparty> = (0..PAYEES).map(payee).collect();
        let usual = (0..PAYEES).map(|_| (200_000 + rng.i64(0..4_000_000), -1_000)).collect();
        Self { rng, payees, usual }
    }

    /// The next payment of an ordinary day, `hour` hours after the start.
    fn ordinary(&mut self, hour: i64) -> Payment {
        let day = hour / 9;
        // Whom it is time to pay: nobody twice within nine days.
        let mut who = self.rng.usize(..PAYEES);
        while self.usual[who].1 + 9 > day {
            who = (who + 1) % PAYEES;
        }
        self.usual[who].1 = day;
        // Within a fifth of the usual, down to the peso.
        let (usual, _) = self.usual[who];
        let amount = usual + self.rng.i64(-usual / 5..=usual / 5);
        let number = 1_000 + hour * 3 + self.rng.i64(0..3);
        let to = &self.payees[who];
        Payment {
            same_as: Vec::new(),
            source: "acc_1".to_owned(),
            destination: to.id.to_string(),
            account: to.destination.account.clone(),
            name: to.name.clone(),
            amount: cop(amount),
            description: Clean::new(&format!("Factura F{who}-{number}")),
            external_id: None,
            verified_name: None,
            at: at(day, hour % 9),
        }
    }
}

/// Working days only, from nine in the morning.
fn at(day: i64, hour: i64) -> Timestamp {
    let calendar = day / 5 * 7 + day % 5;
    start() + SignedDuration::from_hours(24 * calendar + hour)
}

fn past(payment: &Payment, n: usize) -> Past {
    Past {
        place: Place::Movement,
        id: Clean::new(&format!("mm_{n}")),
        movement: Some(format!("mm_{n}")),
        at: payment.at,
        amount: payment.amount,
        destination: payment.destination.clone(),
        account: payment.account.clone(),
        name: payment.name.clone(),
        external_id: payment.external_id.clone(),
        description: payment.description.clone(),
        live: true,
    }
}

fn terms() -> Terms {
    Terms {
        limits: vec![cop(20_000_000)],
        hours: Some("Mon-Fri 07:00-19:00".parse::<Hours>().unwrap()),
        zone: TimeZone::get("America/Bogota").unwrap(),
        floors: vec![cop(50_000_000)],
        ..Terms::default()
    }
}

/// Makes an ordinary payment bad in one way; the counterparties may have to know of it.
fn spoil(
    payment: &mut Payment,
    how: Code,
    before: &[Payment],
    payees: &mut Vec<Counterparty>,
    rng: &mut fastrand::Rng,
) {
    let earlier = |payment: &Payment| {
        before.iter().rev().find(|other| other.destination == payment.destination).cloned()
    };
    match how {
        Code::Duplicate => {
            // One of the last two days, again.
            let twin = before[before.len() - 1 - rng.usize(..15)].clone();
            *payment = Payment { at: payment.at, description: Clean::new("Abono"), ..twin };
        }
        Code::Reference => {
            if let Some(first) = earlier(payment) {
                payment.description =
                    Clean::new(&first.description.as_str().to_uppercase().replace('-', " "));
            }
        }
        Code::AccountChanged => {
            payment.account = Clean::new(&format!("{}", 88_000_000_000_u64 + rng.u64(..999_999_999)));
        }
        Code::PayeeName => payment.verified_name = Some(Clean::new("Inversiones Rápidas del Norte")),
        Code::Amount => {
            let times = [10, 10, 10, 100, 25][rng.usize(..5)];
            payment.amount.minor *= times;
        }
        Code::NewCounterparty => {
            let n = payees.len();
            let mut new = payee(n % PAYEES);
            new.id = CounterpartyId::new(&format!("cp_{n}")).unwrap();
            new.name = Clean::new(&format!("Proveedor Nuevo {n}"));
            new.holder = new.name.clone();
            new.document = Clean::new(&format!("nit 9{n:08}"));
            new.destination.account = Clean::new(&format!("{}", 55_000_000_000_u64 + n as u64));
            new.created_at = payment.at - SignedDuration::from_hours(30);
            payment.destination = new.id.to_string();
            payment.account = new.destination.account.clone();
            payment.name = new.name.clone();
            payees.push(new);
        }
        Code::BelowLimit => payment.amount = cop(19_000_000 + rng.i64(0..999_999)),
        Code::RoundAmount => payment.amount = cop((5 + rng.i64(0..4)) * 1_000_000),
        Code::OutsideHours => payment.at += SignedDuration::from_hours(14),
        Code::BelowFloor => payment.amount = cop(960_000_000 + rng.i64(0..999_999)),
        _ => {}
    }
}

#[derive(Default, Clone, Copy)]
struct Row {
    planted: usize,
    found: usize,
    /// On payments that nobody spoiled.
    false_alarms: usize,
    false_reds: usize,
}

fn table() -> (BTreeMap<Code, Row>, usize) {
    let mut office = Office::new();
    let mut history_payees = office.payees.clone();
    let mut before: Vec<Payment> = Vec::new();
    // A year of ordinary days comes first: a habit takes a few payments.
    let warm = 3_000;
    for n in 0..warm {
        before.push(office.ordinary(i64::try_from(n).unwrap()));
    }
    let mut rows: BTreeMap<Code, Row> = BTreeMap::new();
    let every = PAYMENTS / BAD;
    let mut queue = Vec::new();
    for n in 0..PAYMENTS {
        let mut payment = office.ordinary(i64::try_from(warm + n).unwrap());
        let how = (n % every == every - 1).then(|| PLANTED[(n / every) % PLANTED.len()]);
        if let Some(how) = how {
            spoil(&mut payment, how, &before, &mut history_payees, &mut office.rng);
        } else {
            before.push(payment.clone());
        }
        queue.push((payment, how));
    }
    let account = Account {
        id: AccountId::new("acc_1").unwrap(),
        provider: ProviderName::Cobre,
        name: Clean::new("Operación"),
        number: Clean::new("@andina"),
        kind: AccountKind::Balance,
        geo: Clean::new("col"),
        balance: cop(1_000_000_000),
        as_of: start(),
        connected: true,
    };
    let mut history = History::knowing(&history_payees, [&account]);
    history.extend(before.iter().take(warm).enumerate().map(|(n, payment)| past(payment, n)));
    let terms = terms();
    let mut clean_flagged = 0;
    for (n, (payment, how)) in queue.iter().enumerate() {
        let found = review(payment, &history, &terms);
        if let Some(how) = how {
            let row = rows.entry(*how).or_default();
            row.planted += 1;
            row.found += usize::from(found.iter().any(|finding| finding.code == *how));
        } else {
            clean_flagged += usize::from(!found.is_empty());
            for finding in &found {
                let row = rows.entry(finding.code).or_default();
                row.false_alarms += 1;
                row.false_reds += usize::from(finding.severity == Severity::Red);
            }
            // What was bad is not paid; the rest is history for the next.
            history.add(past(payment, warm + n));
        }
    }
    (rows, clean_flagged)
}

fn written(rows: &BTreeMap<Code, Row>, flagged: usize) -> String {
    let mut text = String::from(
        "| rule | planted | found | share | false alarms | of them red |\n|---|---|---|---|---|---|\n",
    );
    let mut all = Row::default();
    for (code, row) in rows {
        let share =
            (row.found * 100).checked_div(row.planted).map_or("–".to_owned(), |share| format!("{share} %"));
        writeln!(
            text,
            "| `{}` | {} | {} | {share} | {} | {} |",
            code.code(),
            row.planted,
            row.found,
            row.false_alarms,
            row.false_reds
        )
        .unwrap();
        all.planted += row.planted;
        all.found += row.found;
        all.false_alarms += row.false_alarms;
        all.false_reds += row.false_reds;
    }
    let share = all.found * 100 / all.planted;
    writeln!(
        text,
        "| all | {} | {} | {share} % | {} | {} |",
        all.planted, all.found, all.false_alarms, all.false_reds
    )
    .unwrap();
    writeln!(text, "\nOf {} ordinary payments, {flagged} carried any finding.", PAYMENTS - BAD).unwrap();
    text
}

#[test]
fn table_of_planted_anomalies_is_current() {
    let (rows, flagged) = table();
    let text = written(&rows, flagged);
    println!("{text}");
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/review.md");
    let (head, tail) = ("<!-- table -->\n", "<!-- end -->");
    let now = std::fs::read_to_string(page).unwrap();
    let (before, rest) = now.split_once(head).unwrap();
    let (there, after) = rest.split_once(tail).unwrap();
    if std::env::var_os("TABLE").is_some() {
        std::fs::write(page, format!("{before}{head}{text}{tail}{after}")).unwrap();
    } else {
        assert_eq!(there, text, "docs/review.md is not current: TABLE=1 cargo test --test review table");
    }
}

#[test]
fn most_of_what_is_planted_is_found_and_little_else() {
    let (rows, flagged) = table();
    let planted: usize = rows.values().map(|row| row.planted).sum();
    let found: usize = rows.values().map(|row| row.found).sum();
    assert_eq!(planted, BAD);
    assert!(found * 100 >= planted * 95, "{found} of {planted}");
    let reds: usize = rows.values().map(|row| row.false_reds).sum();
    assert!(reds <= 5, "{reds} red findings on ordinary payments");
    assert!(flagged * 100 <= (PAYMENTS - BAD) * 5, "{flagged} ordinary payments carry a finding");
}
