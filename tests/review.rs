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

/// What a payee usually gets, and how it is asked for. Offices are no laboratories: much of this looks odd to
/// whoever does not know the payee.
struct Usual {
    pesos: i64,
    /// The day of the last one.
    last: i64,
    /// The number of the last invoice.
    invoice: i64,
}

/// An office pays on working days between eight and five; each payee every few weeks.
struct Office {
    rng: fastrand::Rng,
    payees: Vec<Counterparty>,
    usual: Vec<Usual>,
}

impl Office {
    fn new() -> Self {
        let mut rng = fastrand::Rng::with_seed(SEED);
        let payees: Vec<Counterparty> = (0..PAYEES).map(payee).collect();
        let usual = (0..PAYEES).map(|who| Usual {
            pesos: match who % 20 {
                // Round, and a few near the limit of the profile.
                7 => (5 + rng.i64(0..8)) * 1_000_000,
                9 => 18_000_000 + rng.i64(0..3_000_000),
                _ => 200_000 + rng.i64(0..4_000_000),
            },
            last: -1_000,
            invoice: rng.i64(100..400),
        });
        let usual = usual.collect();
        Self { rng, payees, usual }
    }

    /// The next payment of an ordinary day, `hour` hours after the start.
    fn ordinary(&mut self, hour: i64) -> Payment {
        let day = hour / 9;
        // Now and then somebody new is paid.
        if self.rng.u8(..100) < 2 {
            return self.newcomer(day, hour % 9);
        }
        // Whom it is time to pay: nobody twice within nine days.
        let mut who = self.rng.usize(..PAYEES);
        while self.usual[who].last + 9 > day {
            who = (who + 1) % PAYEES;
        }
        let number = self.rng.i64(1..4);
        let usual = &mut self.usual[who];
        (usual.last, usual.invoice) = (day, usual.invoice + number);
        let (pesos, invoice) = (usual.pesos, usual.invoice);
        let amount = match who % 20 {
            // The same each time: rent, and what is round.
            3 | 7 => pesos,
            // Much or little, as it comes.
            5 | 15 => pesos * self.rng.i64(40..250) / 100,
            // A bonus, else within a fifth, down to the peso.
            _ if self.rng.u8(..100) == 0 => pesos * self.rng.i64(20..30) / 10,
            _ => pesos + self.rng.i64(-pesos / 5..=pesos / 5),
        };
        // Each numbers from where it began, so that two have the same number; and a contract keeps its own.
        let description = match who % 4 {
            0 => format!("Factura F{who}-{}", 1_000 + hour * 3 + number),
            1 => format!("Factura {invoice}"),
            2 => format!("cuenta de cobro {invoice}"),
            _ => format!("Contrato CT{:04} mensual", 100 + who),
        };
        let to = &self.payees[who];
        let verified = match self.rng.u8(..20) {
            0 => Some(to.name.as_str().to_uppercase()),
            1 => to.name.as_str().split_once(' ').map(|(first, last)| format!("{last} RUIZ {first} MARIA")),
            _ => None,
        };
        let late = i64::from(self.rng.u8(..200) == 0) * 11;
        Payment {
            same_as: Vec::new(),
            source: Clean::new("acc_1"),
            destination: to.id.clean().clone(),
            account: to.destination.account.clone(),
            name: to.name.clone(),
            amount: cop(amount),
            description: Clean::new(&description),
            external_id: None,
            verified_name: verified.map(|name| Clean::new(&name)),
            at: at(day, hour % 9) + SignedDuration::from_hours(late),
        }
    }

    /// Somebody registered in the last weeks, paid once.
    fn newcomer(&mut self, day: i64, hour: i64) -> Payment {
        let at = at(day, hour);
        let new = newcomer(self.payees.len(), at - SignedDuration::from_hours(24 * self.rng.i64(0..21)));
        let payment = Payment {
            same_as: Vec::new(),
            source: Clean::new("acc_1"),
            destination: new.id.clean().clone(),
            account: new.destination.account.clone(),
            name: new.name.clone(),
            amount: cop(200_000 + self.rng.i64(0..4_000_000)),
            description: Clean::new("Servicio"),
            external_id: None,
            verified_name: None,
            at,
        };
        self.payees.push(new);
        payment
    }
}

fn newcomer(n: usize, created_at: Timestamp) -> Counterparty {
    let mut new = payee(n % PAYEES);
    new.id = CounterpartyId::new(&format!("cp_{n}")).unwrap();
    new.name = Clean::new(&format!("Proveedor Nuevo {n}"));
    new.holder = new.name.clone();
    new.document = Clean::new(&format!("nit 9{n:08}"));
    new.destination.account = Clean::new(&format!("{}", 55_000_000_000_u64 + n as u64));
    new.created_at = created_at;
    new
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
        movement: Some(Clean::new(&format!("mm_{n}"))),
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

/// Makes an ordinary payment bad in one way; the office may have to know of a new payee.
fn spoil(payment: &mut Payment, how: Code, before: &[Payment], office: &mut Office) {
    match how {
        Code::Duplicate => {
            // One of the last two days, again.
            let twin = before[before.len() - 1 - office.rng.usize(..15)].clone();
            *payment = Payment { at: payment.at, description: Clean::new("Abono"), ..twin };
        }
        Code::Reference => {
            // An invoice of some weeks ago, written in another way and not quite for the same amount.
            let numbered = |other: &&Payment| !other.description.as_str().starts_with("Contrato");
            let first = before.iter().rev().skip(120).find(|other| numbered(other)).unwrap().clone();
            let description = first.description.as_str().to_uppercase().replace('-', " ");
            let amount = cop(first.amount.minor / 100 + 1);
            *payment = Payment { at: payment.at, amount, description: Clean::new(&description), ..first };
        }
        Code::AccountChanged => {
            payment.account = Clean::new(&format!("{}", 88_000_000_000_u64 + office.rng.u64(..999_999_999)));
        }
        Code::PayeeName => payment.verified_name = Some(Clean::new("Inversiones Rápidas del Norte")),
        Code::Amount => {
            let times = [10, 10, 10, 100, 25][office.rng.usize(..5)];
            payment.amount.minor *= times;
        }
        Code::NewCounterparty => {
            let new = newcomer(office.payees.len(), payment.at - SignedDuration::from_hours(30));
            payment.destination = new.id.clean().clone();
            payment.account = new.destination.account.clone();
            payment.name = new.name.clone();
            office.payees.push(new);
        }
        Code::BelowLimit => payment.amount = cop(19_000_000 + office.rng.i64(0..999_999)),
        Code::RoundAmount => payment.amount = cop((5 + office.rng.i64(0..4)) * 1_000_000),
        Code::OutsideHours => payment.at += SignedDuration::from_hours(14),
        Code::BelowFloor => payment.amount = cop(960_000_000 + office.rng.i64(0..999_999)),
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
            spoil(&mut payment, how, &before, &mut office);
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
    let mut history = History::knowing(&office.payees, [&account]);
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
