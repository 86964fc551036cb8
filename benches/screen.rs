//! Start to first screen, and key to repaint in every pane, at 200×50 in a pseudo-terminal, beside a minimal
//! ratatui program in the same run: `cargo bench --bench screen`. What counts is the ratio.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]
#![expect(clippy::float_arithmetic, reason = "times and ratios; no money here")]
#![expect(clippy::indexing_slicing, reason = "a slip stops the bench, and nothing else")]

use cuadre::console::headless::sandbox_seat;
use cuadre::console::model::Saying;
use cuadre::console::theme::{Meaning, Theme};
use cuadre::console::{Headless, Message, Model, panes};
use cuadre::domain::ProviderName;
use cuadre::domain::account::{Account, AccountKind};
use cuadre::domain::approval::{Approval, Given};
use cuadre::domain::cobru::{Cobru, CobruState};
use cuadre::domain::counterparty::{Counterparty, Destination};
use cuadre::domain::id::{AccountId, CobruId, CounterpartyId, KeyId, MovementId, ScheduleId, TransactionId};
use cuadre::domain::key::{BrebKey, KeyState};
use cuadre::domain::money::{Currency, Money};
use cuadre::domain::movement::{Movement, MovementState};
use cuadre::domain::role::Role;
use cuadre::domain::schedule::Schedule;
use cuadre::domain::transaction::Transaction;
use cuadre::sanitize::Clean;
use cuadre::store::{OutboxEntry, State, Step};
use cuadre::sync::news::{Ask, Batch, News};
use jiff::Timestamp;
use pty_process::blocking::{Command, Pty, open};
use std::io::{Read as _, Write as _};
use std::process::Child;
use std::time::{Duration, Instant};

const WIDTH: u16 = 200;
const HEIGHT: u16 = 50;
const STARTS: usize = 200;
const KEYS: usize = 400;
/// Keys down, then as many up: the shortest list on the screen has more rows.
const DOWN: usize = 8;
/// Rows of a pane that has as many as one likes.
const ROWS: u32 = 60;
/// The part that the child plays.
const PART: &str = "CUADRE_BENCH_PART";
/// The pane that it opens with, and then every pane has rows.
const PANE: &str = "CUADRE_BENCH_PANE";

fn main() {
    match std::env::var(PART).as_deref() {
        Ok("floor") => floor(),
        Ok("desk") => desk(),
        _ => measure(),
    }
}

/// Both parts, one after the other in each round, so that a busy machine is busy for both.
fn measure() {
    let mut starts = [Vec::new(), Vec::new()];
    for _ in 0..STARTS {
        for (part, times) in ["floor", "desk"].iter().zip(&mut starts) {
            let mut run = Run::start(part, None);
            times.push(run.until(|screen| screen.contents().contains("READY")));
            run.quit();
        }
    }
    report("start → first screen", &mut starts);
    let mut worst = [("", 0.0); 2];
    for pane in panes::ALL {
        let code = pane.id().code();
        let ratios = keys(code);
        for (worst, ratio) in worst.iter_mut().zip(ratios) {
            if ratio > worst.1 {
                *worst = (code, ratio);
            }
        }
    }
    let [(middle, p50), (late, p99)] = worst;
    println!(
        "key → repaint, worst of {} panes: p50 {p50:.2} ({middle}), p99 {p99:.2} ({late})",
        panes::ALL.len()
    );
}

/// Down and up in a pane.
fn keys(pane: &str) -> [f64; 2] {
    let mut times = [Vec::new(), Vec::new()];
    let mut bytes = [0, 0];
    let mut runs = ["floor", "desk"].map(|part| Run::start(part, Some(pane)));
    for run in &mut runs {
        run.until(|screen| selected(screen).is_some());
        // The first drawing may be followed by one more.
        run.settle();
    }
    for at in 0..KEYS {
        let key = if (at / DOWN).is_multiple_of(2) { b"j" } else { b"k" };
        for ((run, times), bytes) in runs.iter_mut().zip(&mut times).zip(&mut bytes) {
            let before = run.selected();
            let read = run.read;
            run.pty.write_all(key).expect("the child reads");
            run.sent = Instant::now();
            times.push(run.until(|screen| {
                let now = selected(screen);
                now.is_some() && now != before
            }));
            *bytes += run.read - read;
        }
    }
    for run in runs {
        run.quit();
    }
    let ratios = report(&format!("key → repaint, {pane}"), &mut times);
    println!("  bytes a repaint: floor {}, desk {}", bytes[0] / KEYS, bytes[1] / KEYS);
    ratios
}

/// Prints the middle and the late ones of both, and returns the desk's share of the floor's.
fn report(what: &str, times: &mut [Vec<Duration>; 2]) -> [f64; 2] {
    let at = |times: &mut Vec<Duration>, percent: usize| {
        times.sort_unstable();
        times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3
    };
    let [floor, desk] = times;
    [50, 99].map(|percent| {
        let (floor, desk) = (at(floor, percent), at(desk, percent));
        let ratio = desk / floor;
        println!("{what}, p{percent}: floor {floor:.2} ms, desk {desk:.2} ms, ratio {ratio:.2}");
        ratio
    })
}

/// A child in a pseudo-terminal, and the screen it has drawn.
struct Run {
    pty: Pty,
    child: Child,
    screen: vt100::Parser,
    sent: Instant,
    read: usize,
}

impl Run {
    fn start(part: &str, pane: Option<&str>) -> Self {
        let (pty, pts) = open().expect("a pseudo-terminal");
        pty.resize(pty_process::Size::new(HEIGHT, WIDTH)).expect("its size");
        let program = std::env::current_exe().expect("this program");
        let sent = Instant::now();
        let child = Command::new(program)
            .env(PART, part)
            .envs(pane.map(|pane| (PANE, pane)))
            .env("TERM", "xterm-256color")
            .env_remove("NO_COLOR")
            .spawn(pts)
            .expect("the child starts");
        Self { pty, child, screen: vt100::Parser::new(HEIGHT, WIDTH, 0), sent, read: 0 }
    }

    /// Reads until the screen is as wanted; the time since what was sent.
    fn until(&mut self, wanted: impl Fn(&vt100::Screen) -> bool) -> Duration {
        let mut chunk = [0; 16_384];
        loop {
            let read = self.pty.read(&mut chunk).expect("the child draws");
            let now = self.sent.elapsed();
            self.read += read;
            self.screen.process(&chunk[..read]);
            if wanted(self.screen.screen()) {
                return now;
            }
        }
    }

    /// Presses a key and takes in what else was drawn before it.
    fn settle(&mut self) {
        let before = self.selected();
        self.pty.write_all(b"j").expect("the child reads");
        self.until(|screen| selected(screen).is_some_and(|now| Some(now) != before));
    }

    fn selected(&self) -> Option<u16> {
        selected(self.screen.screen())
    }

    fn quit(mut self) {
        self.pty.write_all(b"q").expect("the child reads");
        let mut rest = Vec::new();
        // The end of a pseudo-terminal is an error on Linux.
        self.pty.read_to_end(&mut rest).ok();
        self.child.wait().expect("the child ends");
    }
}

/// The line of the selected row.
fn selected(screen: &vt100::Screen) -> Option<u16> {
    (0..HEIGHT).find(|row| screen.cell(*row, 1).is_some_and(|cell| cell.contents() == "▸"))
}

/// The least that a ratatui program does: a screen of rows, one of them marked.
fn floor() {
    use ratatui::crossterm::event::{Event, KeyCode, read};
    let mut terminal = ratatui::init();
    let mut at = 0_usize;
    loop {
        terminal
            .draw(|frame| {
                let rows = (0..47).map(|row| {
                    let mark = if row == at { "▸" } else { " " };
                    let name = if row == 46 { "READY" } else { "a row of the least program" };
                    ratatui::text::Line::from(format!(
                        " {mark} {row:>3} {name} {:>40} {:>40}",
                        row * 7,
                        row * 13
                    ))
                });
                let rows: Vec<_> =
                    std::iter::repeat_n(ratatui::text::Line::default(), 3).chain(rows).collect();
                frame.render_widget(ratatui::widgets::Paragraph::new(rows), frame.area());
            })
            .expect("a terminal");
        match read().expect("events") {
            Event::Key(key) if key.code == KeyCode::Char('j') => at += 1,
            Event::Key(key) if key.code == KeyCode::Char('k') => at = at.saturating_sub(1),
            Event::Key(key) if key.code == KeyCode::Char('q') => break,
            _ => {}
        }
    }
    ratatui::restore();
}

/// The desk with its accounts, told at the start as the store tells them; or with rows in every pane.
fn desk() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let mut model =
        Model::new(sandbox_seat(Role::Maker), Theme::default(), Headless::sandbox(Role::Maker).now());
    // As at a start: the figures of the last run are there before the first drawing. Opening the store and
    // reading them is not in here.
    let at = model.now;
    let pane = std::env::var(PANE).ok();
    let more = if pane.is_some() { more(at) } else { Vec::new() };
    for news in news(at).into_iter().chain(more) {
        drop(cuadre::console::update::update(&mut model, Message::News(news)));
    }
    if let Some(pane) = pane {
        for _ in 0..ROWS {
            model.keep(Saying::new(Meaning::Plain, "notice.leaving"));
        }
        model.pane = panes::ALL.iter().map(|known| known.id()).find(|id| id.code() == pane).expect("a pane");
    }
    let exit = runtime.block_on(cuadre::console::run(model, Quiet, false));
    exit.expect("a terminal");
    runtime.shutdown_background();
}

/// A world that tells nothing.
struct Quiet;

impl cuadre::console::runtime::World for Quiet {
    fn ask(&mut self, _: Ask) {}
    fn sit(&mut self, _: cuadre::console::effect::Sit) {}
    fn remember(&mut self, _: cuadre::console::effect::Remember) {}

    async fn next(&mut self) -> Message {
        std::future::pending().await
    }

    fn try_next(&mut self) -> Option<Message> {
        None
    }

    async fn finish(self) {}
}

fn cop(minor: i64) -> Money {
    Money::new(minor, Currency::Cop)
}

fn rows(at: Timestamp, provider: ProviderName, batch: Batch) -> News {
    News::Rows { provider, at, stored: true, whole: true, unreadable: 0, batch }
}

fn news(at: Timestamp) -> Vec<News> {
    let accounts: Vec<Account> = (0..24)
        .map(|n| Account {
            id: AccountId::new(&format!("acc_{n}")).expect("an id"),
            provider: ProviderName::Cobre,
            name: Clean::new(&if n == 23 { "READY".to_owned() } else { format!("Cuenta número {n}") }),
            number: Clean::new("@cosbx00017"),
            geo: Clean::new("col"),
            kind: AccountKind::Balance,
            balance: cop(48_291_530_000 + i64::from(n) * 1_000_003),
            as_of: at,
            connected: true,
        })
        .collect();
    let transactions: Vec<Transaction> = (0..1_000)
        .map(|n| Transaction {
            id: TransactionId::new(&format!("trx_{n}")).expect("an id"),
            provider: ProviderName::Cobre,
            account: AccountId::new(&format!("acc_{}", n % 24)).expect("an id"),
            payer: None,
            kind: Clean::new("breb_debit"),
            amount: cop(-1_000 * i64::from(n)),
            balance_after: None,
            at,
            counterparty: Clean::new("Suministros del Valle SAS"),
            description: Clean::new("pago a proveedores"),
            reference: Clean::new("fv-20981"),
            movement: None,
        })
        .collect();
    vec![
        rows(at, ProviderName::Cobre, Batch::Accounts(accounts.into())),
        rows(at, ProviderName::Cobru, Batch::Accounts([].into())),
        rows(at, ProviderName::Cobre, Batch::Transactions(transactions.into())),
    ]
}

/// Of the panes behind the first.
fn more(at: Timestamp) -> Vec<News> {
    let many = 0..ROWS;
    let counterparties: Vec<Counterparty> = many
        .clone()
        .map(|n| Counterparty {
            id: CounterpartyId::new(&format!("cp_{n}")).expect("an id"),
            name: Clean::new(&format!("Suministros número {n} SAS")),
            holder: Clean::new(&format!("Suministros número {n} SAS")),
            document: Clean::new("nit 900123456"),
            destination: Destination {
                kind: Clean::new("ch"),
                geo: Clean::new("col"),
                account: Clean::new("00700440982"),
                institution: Clean::new("1007"),
            },
            created_at: at,
        })
        .collect();
    let approvals: Vec<Approval> =
        many.clone().map(|n| Approval::Single(Box::new(movement(n, at)))).collect();
    let cobrus: Vec<Cobru> = many
        .clone()
        .map(|n| Cobru {
            id: CobruId::new(&format!("p0q7zz{n:02}")).expect("an id"),
            state: CobruState::Created,
            amount: cop(2_000_000),
            net: None,
            fee: None,
            method: Clean::default(),
            description: Clean::new("Pedido #131"),
            payer: Clean::default(),
            created_at: Some(at),
            expires_at: Some(at),
            paid_at: None,
        })
        .collect();
    let keys: Vec<BrebKey> = many
        .clone()
        .map(|n| BrebKey {
            id: KeyId::new(&format!("key_{n}")).expect("an id"),
            account: AccountId::new("acc_1").expect("an id"),
            alias: Clean::new("Bodega norte"),
            value: Clean::new(&format!("@BODEGA{n}")),
            state: KeyState::Registered,
            asked: Clean::new("create"),
            created_at: at,
        })
        .collect();
    let schedules: Vec<Schedule> = many
        .clone()
        .map(|n| Schedule {
            id: ScheduleId::new(&format!("mms_{n}")).expect("an id"),
            sources: vec![AccountId::new("acc_1").expect("an id")],
            destination: Clean::new("cp_1"),
            amount_minor: 120_000_000,
            pattern: Clean::new("(0 14 1 * ? *)"),
            description: Clean::new("Arriendo bodega"),
            active: true,
            runs: 12,
            asks_checker: true,
            created_at: at,
        })
        .collect();
    vec![
        rows(at, ProviderName::Cobre, Batch::Counterparties(counterparties.into())),
        rows(at, ProviderName::Cobre, Batch::Approvals(approvals.into())),
        rows(at, ProviderName::Cobru, Batch::Cobrus(cobrus.into())),
        rows(at, ProviderName::Cobre, Batch::Keys(keys.into())),
        rows(at, ProviderName::Cobre, Batch::Schedules(schedules.into())),
        News::Outbox(many.map(|n| write(n, at)).collect()),
    ]
}

fn movement(n: u32, at: Timestamp) -> Movement {
    Movement {
        id: MovementId::new(&format!("mm_{n}")).expect("an id"),
        external_id: None,
        kind: Clean::new("breb"),
        state: MovementState::PendingApproval,
        cause: Clean::default(),
        amount: cop(98_000_000),
        source: Clean::new("acc_1"),
        destination: Clean::new("cp_1"),
        source_name: Clean::new("Operación"),
        destination_name: Clean::new("Suministros número 1 SAS"),
        destination_account: Clean::new("00700440982"),
        description: Clean::new("anticipo noviembre"),
        creator: Clean::new("jperez"),
        bulk: None,
        given: Given::default(),
        created_at: at,
        updated_at: at,
    }
}

/// A payment of today that was sent.
fn write(n: u32, at: Timestamp) -> OutboxEntry {
    let step =
        |kind: &str, state| Step { at, kind: kind.to_owned(), state, by: "mlopez".to_owned(), note: None };
    OutboxEntry {
        intent: uuid::Uuid::from_u128(0x0193_5000_7000_8000_0000_0000_0000_0000 + u128::from(n)),
        at,
        provider: "cobre".to_owned(),
        profile: "sandbox".to_owned(),
        environment: "sandbox".to_owned(),
        host: "127.0.0.1".to_owned(),
        actor: "mlopez".to_owned(),
        role: "maker".to_owned(),
        action: "create_movement".to_owned(),
        method: "POST".to_owned(),
        path: "/v1/money_movements".to_owned(),
        body_sha256: "00".to_owned(),
        idempotency_key: Some("019a5e10-7000-8000-8000-00000000c1e5".to_owned()),
        note: None,
        external_id: Some(format!("pago-{n}")),
        short_ref: None,
        amount_minor: Some(98_000_000),
        currency: Some("COP".to_owned()),
        source: Some("acc_1".to_owned()),
        destination: Some("cp_1".to_owned()),
        subject: None,
        shown_hash: None,
        supersedes: None,
        moves_money: true,
        state: State::Sent,
        started_at: Some(at),
        ended_at: Some(at),
        settled_at: None,
        settled_by: None,
        why: None,
        status: None,
        code: None,
        text: None,
        provider_id: Some(format!("mm_{n}")),
        provider_state: Some("completed".to_owned()),
        correlation: None,
        looks: vec![],
        history: vec![step("recorded", State::Recorded), step("send_started", State::Sending)],
    }
}
