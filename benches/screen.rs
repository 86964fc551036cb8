//! Start to first screen, and key to repaint, at 200×50 in a pseudo-terminal, beside a minimal ratatui
//! program in the same run: `cargo bench --bench screen`. What counts is the ratio.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]
#![expect(clippy::float_arithmetic, reason = "times and ratios; no money here")]
#![expect(clippy::indexing_slicing, reason = "a slip stops the bench, and nothing else")]

use cuadre::console::headless::sandbox_seat;
use cuadre::console::theme::Theme;
use cuadre::console::{Headless, Message, Model};
use cuadre::domain::ProviderName;
use cuadre::domain::account::{Account, AccountKind};
use cuadre::domain::id::{AccountId, TransactionId};
use cuadre::domain::money::{Currency, Money};
use cuadre::domain::role::Role;
use cuadre::domain::transaction::Transaction;
use cuadre::sanitize::Clean;
use cuadre::sync::news::{Ask, Batch, News};
use pty_process::blocking::{Command, Pty, open};
use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::process::Child;
use std::time::{Duration, Instant};

const WIDTH: u16 = 200;
const HEIGHT: u16 = 50;
const STARTS: usize = 200;
const KEYS: usize = 400;
/// The part that the child plays.
const PART: &str = "CUADRE_BENCH_PART";

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
            let mut run = Run::start(part);
            times.push(run.until(|screen| screen.contents().contains("READY")));
            run.quit();
        }
    }
    let mut keys = [Vec::new(), Vec::new()];
    let mut bytes = [0, 0];
    let mut runs = [Run::start("floor"), Run::start("desk")];
    for run in &mut runs {
        run.until(|screen| screen.contents().contains("READY"));
        // The first drawing may be followed by one more.
        run.settle();
    }
    for at in 0..KEYS {
        let key = if (at / 20) % 2 == 0 { b"j" } else { b"k" };
        for ((run, times), bytes) in runs.iter_mut().zip(&mut keys).zip(&mut bytes) {
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
    report("start → first screen", &mut starts);
    report("key → repaint", &mut keys);
    println!("bytes a repaint: floor {}, desk {}", bytes[0] / KEYS, bytes[1] / KEYS);
}

fn report(what: &str, times: &mut [Vec<Duration>; 2]) {
    let at = |times: &mut Vec<Duration>, percent: usize| {
        times.sort_unstable();
        times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3
    };
    let [floor, desk] = times;
    for percent in [50, 99] {
        let (floor, desk) = (at(floor, percent), at(desk, percent));
        println!("{what}, p{percent}: floor {floor:.2} ms, desk {desk:.2} ms, ratio {:.2}", desk / floor);
    }
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
    fn start(part: &str) -> Self {
        let (pty, pts) = open().expect("a pseudo-terminal");
        pty.resize(pty_process::Size::new(HEIGHT, WIDTH)).expect("its size");
        let program = std::env::current_exe().expect("this program");
        let sent = Instant::now();
        let child = Command::new(program)
            .env(PART, part)
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

/// The desk with forty accounts, told at the start as the store tells them.
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
    for news in news() {
        drop(cuadre::console::update::update(&mut model, Message::News(news)));
    }
    let exit = runtime.block_on(cuadre::console::run(model, Quiet(VecDeque::new()), false));
    exit.expect("a terminal");
    runtime.shutdown_background();
}

/// A world that tells what it has and then nothing.
struct Quiet(VecDeque<News>);

impl cuadre::console::runtime::World for Quiet {
    fn ask(&mut self, _: Ask) {}
    fn sit(&mut self, _: cuadre::console::effect::Sit) {}
    fn remember(&mut self, _: cuadre::console::effect::Remember) {}

    async fn next(&mut self) -> Message {
        match self.0.pop_front() {
            Some(news) => Message::News(news),
            None => std::future::pending().await,
        }
    }

    fn try_next(&mut self) -> Option<Message> {
        self.0.pop_front().map(Message::News)
    }

    async fn finish(self) {}
}

fn news() -> VecDeque<News> {
    let at = Headless::sandbox(Role::Maker).now();
    let accounts: Vec<Account> = (0..24)
        .map(|n| Account {
            id: AccountId::new(&format!("acc_{n}")).expect("an id"),
            provider: ProviderName::Cobre,
            name: Clean::new(&if n == 23 { "READY".to_owned() } else { format!("Cuenta número {n}") }),
            number: Clean::new("@cosbx00017"),
            geo: Clean::new("col"),
            kind: AccountKind::Balance,
            balance: Money::new(48_291_530_000 + i64::from(n) * 1_000_003, Currency::Cop),
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
            amount: Money::new(-1_000 * i64::from(n), Currency::Cop),
            balance_after: None,
            at,
            counterparty: Clean::new("Suministros del Valle SAS"),
            description: Clean::new("pago a proveedores"),
            reference: Clean::new("fv-20981"),
            movement: None,
        })
        .collect();
    let rows = |provider, batch| News::Rows { provider, at, stored: true, whole: true, unreadable: 0, batch };
    VecDeque::from([
        rows(ProviderName::Cobre, Batch::Accounts(accounts.into())),
        rows(ProviderName::Cobru, Batch::Accounts([].into())),
        rows(ProviderName::Cobre, Batch::Transactions(transactions.into())),
    ])
}
