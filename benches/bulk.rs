//! A file of 10,000 payments: read, checked against 10,000 counterparties and reviewed against as many
//! payments of before, beside reading it as CSV alone. Prints the ratio, and the longest step.
//!
//! `cargo bench --bench bulk`

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::float_arithmetic,
    reason = "a bench tells its figures and may stop at the first thing that does not hold"
)]

use cuadre::bulk::{self, Choices, Edits, Known, Mapping, Reader, Step};
use cuadre::domain::ProviderName;
use cuadre::domain::account::{Account, AccountKind};
use cuadre::domain::counterparty::{Counterparty, Destination};
use cuadre::domain::id::{AccountId, CounterpartyId};
use cuadre::domain::money::{Currency, Money};
use cuadre::payments::review::{History, Past, Place, Terms};
use cuadre::sanitize::Clean;
use jiff::{SignedDuration, Timestamp};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const ROWS: u32 = 10_000;
const RUNS: usize = 15;

fn file() -> String {
    let mut text =
        "Nombre;Tipo documento;Documento;Banco;Tipo cuenta;Cuenta;Valor;Concepto;Factura\n".to_owned();
    for n in 0..ROWS {
        let (document, account) = (10_000_000 + n, 30_000_000_000_u64 + u64::from(n));
        writeln!(
            text,
            "{};CC;{document};Bancolombia;Ahorros;{account};{}.{:03},50;Nómina;F-{n}",
            name(n),
            1 + n % 900,
            n % 1000
        )
        .unwrap();
    }
    text
}

fn name(n: u32) -> String {
    const FIRST: [&str; 10] =
        ["Ana", "Luis", "Yésica", "Jorge", "Lucía", "Óscar", "Marta", "Iván", "Nubia", "Raúl"];
    const LAST: [&str; 10] =
        ["Peña", "Rojas", "Núñez", "Ibáñez", "Zapata", "Muñoz", "Rincón", "Vélez", "Ortiz", "Cano"];
    let pick = |list: [&'static str; 10], n: u32| list.get((n % 10) as usize).copied().unwrap_or("X");
    format!("{} {} {} {n}", pick(FIRST, n), pick(LAST, n / 10), pick(LAST, n / 100))
}

fn people() -> Vec<Counterparty> {
    let of = |n: u32| Counterparty {
        id: CounterpartyId::new(&format!("cp_{n}")).unwrap(),
        name: Clean::new(&name(n)),
        holder: Clean::new(&name(n)),
        document: Clean::new(&format!("cc {}", 10_000_000 + n)),
        destination: Destination {
            kind: Clean::new("ch"),
            geo: Clean::new("col"),
            account: Clean::new(&format!("{}", 30_000_000_000_u64 + u64::from(n))),
            institution: Clean::new("1007"),
        },
        created_at: Timestamp::UNIX_EPOCH,
    };
    (0..ROWS).map(of).collect()
}

fn best(mut work: impl FnMut()) -> Duration {
    (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .min()
        .unwrap()
}

fn main() {
    let text = file();
    let (bytes, people) = (text.as_bytes(), people());
    let accounts = [Account {
        id: AccountId::new("acc_1").unwrap(),
        provider: ProviderName::Cobre,
        name: Clean::new("Operación"),
        number: Clean::new("@andina"),
        geo: Clean::new("col"),
        kind: AccountKind::Balance,
        balance: Money::new(i64::MAX / 8, Currency::Cop),
        as_of: Timestamp::UNIX_EPOCH,
        connected: true,
    }];
    let now: Timestamp = "2026-11-25T15:00:00Z".parse().unwrap();
    let mut history = History::knowing(&people, &accounts);
    for (n, to) in (0_i64..).zip(&people) {
        let at = now - SignedDuration::from_hours(24 * 30);
        history.add(Past {
            place: Place::Movement,
            id: Clean::new(&format!("mm_{n}")),
            movement: Some(Clean::new(&format!("mm_{n}"))),
            at,
            amount: Money::new(100_000 * (1 + n % 900), Currency::Cop),
            destination: to.id.clean().clone(),
            account: to.destination.account.clone(),
            name: to.name.clone(),
            external_id: None,
            description: Clean::new("Nómina"),
            live: true,
        });
    }
    let choices = Choices { source: Some(AccountId::new("acc_1").unwrap()), ..Choices::default() };
    let terms = Terms::default();

    let floor = best(|| {
        let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(bytes);
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), ROWS as usize);
    });
    let mut longest = Duration::ZERO;
    let read = best(|| {
        let mut reader = Reader::open(bytes, "nomina.csv", Mapping::default()).unwrap();
        let sheet = loop {
            let start = Instant::now();
            let step = reader.step().unwrap();
            longest = longest.max(start.elapsed());
            if let Step::Done(sheet) = step {
                break sheet;
            }
        };
        assert_eq!(sheet.lines.len(), ROWS as usize);
    });
    let sheet = bulk::read(bytes, "nomina.csv", &Mapping::default()).unwrap();
    let known = Known { accounts: &accounts, counterparties: &people };
    let check = best(|| {
        let checked = bulk::check(&sheet, &Edits::default(), &choices, known);
        assert!(checked.problems.is_empty(), "{:?}", checked.problems.first());
    });
    let checked = bulk::check(&sheet, &Edits::default(), &choices, known);
    let review = best(|| {
        let items = bulk::rows(&checked.rows, "acc_1", now);
        let past = bulk::Past { last: None, history: &history, terms: &terms, accounts: &accounts, now };
        assert_eq!(bulk::review(items, past).lines.len(), ROWS as usize);
    });
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let all = read + check + review;
    println!("csv alone {:.1} ms", ms(floor));
    println!("read {:.1} ms, longest step {:.1} ms", ms(read), ms(longest));
    println!("check {:.1} ms, review {:.1} ms", ms(check), ms(review));
    println!(
        "read, checked, reviewed: {:.1} ms = {:.1} × csv",
        ms(all),
        all.as_secs_f64() / floor.as_secs_f64()
    );
}
