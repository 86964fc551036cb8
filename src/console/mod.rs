//! The running program: messages in, effects out, a screen drawn from the model in between.
//!
//! ```text
//! terminal ─ key ─▶ actions ─ Message ─▶ update ─▶ Model ─▶ view
//!                                          └─ Effect ─▶ runtime ─▶ sync ─ Message ─▶ update
//! ```

pub mod actions;
pub mod drafts;
pub mod effect;
pub mod facts;
pub mod forms;
pub mod headless;
mod input;
pub mod keymap;
pub mod keys;
pub mod message;
pub mod model;
pub mod over;
pub mod panes;
pub mod place;
pub mod plain;
pub mod replies;
pub mod review;
pub mod runtime;
pub mod sitting;
mod standing;
pub mod terminal;
pub mod theme;
pub mod tour;
pub mod update;
pub mod view;
pub mod watch;
pub mod widgets;

pub use effect::Effect;
pub use headless::Headless;
pub use message::Message;
pub use model::{Model, Seat};
pub use runtime::{Live, Profile};

use crate::sanitize::Clean;
use crate::sync::export::harmless;
use jiff::Timestamp;
use replies::{Heard, Replies};
use runtime::World;
use rustix::io::Errno;
use rustix::process::{Signal, getpid, kill_process};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Thread;
use std::time::Duration;
use terminal::Screen;
use tokio::signal::unix::{Signal as Signals, SignalKind, signal};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::{Instant, sleep_until, timeout};

/// At most 60 drawings a second of what comes from the background. A key is answered at once: nobody
/// types faster, and what a flood of events leaves waiting is taken in before the drawing.
const FRAME: Duration = Duration::from_millis(16);
/// Between two drawings of clock and ages while the terminal is not in front.
const AWAY_TICK: Duration = Duration::from_secs(30);
/// Messages taken in before the screen is drawn again, however many wait.
const BURST_MAX: usize = 1_000;
/// How long leaving waits for a write that is under way; what has no outcome then is unknown.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// How the desk was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By a person.
    Left,
    /// By a signal of this number: the process ends with 128 + it.
    Signal(i32),
    /// The terminal is gone.
    Closed,
}

impl Exit {
    pub fn code(self) -> u8 {
        match self {
            Self::Left => 0,
            Self::Signal(number) => u8::try_from(number.saturating_add(128)).unwrap_or(u8::MAX),
            Self::Closed => 129,
        }
    }
}

/// Runs the desk until it is left: draws, waits, updates. Between events nothing wakes it but the
/// second hand of the clock.
///
/// # Errors
/// When standard output is no terminal, or stops being one.
pub async fn run(mut model: Model, mut world: impl World, mouse: bool) -> io::Result<Exit> {
    let mut stops = Stops::listen()?;
    let mut screen = Screen::open(mouse, model.theme.depth)?;
    let mut events = keyboard();
    model.size = screen.size()?;
    model.now = clock();
    let exit = desk(&mut model, &mut world, &mut screen, &mut events, &mut stops).await;
    // The outcome of a write under way must reach the disk; the screen stays until then.
    model.notify(model::Saying::new(theme::Meaning::Plain, "notice.leaving"));
    screen.draw(&model).ok();
    if timeout(PATIENCE, world.finish()).await.is_err() {
        tracing::warn!("left before every answer came: unknown until asked");
    }
    drop(screen);
    match exit {
        Err(error) if gone(&error) => Ok(Exit::Closed),
        exit => exit,
    }
}

async fn desk(
    model: &mut Model,
    world: &mut impl World,
    screen: &mut Screen,
    events: &mut Receiver<Heard>,
    stops: &mut Stops,
) -> io::Result<Exit> {
    let mut drawn = Instant::now();
    let mut hand = SecondHand::start();
    screen.draw(model)?;
    if model.themes.auto && !model.themes.fixed {
        // After the first drawing, and waited for by nobody: the answer may never come.
        screen.ask_background()?;
    }
    let mut stale = false;
    loop {
        // Queue before keyboard: an answer that arrived first must be seen by the key that follows it.
        let happened = tokio::select! {
            biased;
            stop = stops.next() => Happened::Stop(stop),
            message = world.next() => Happened::Message(message),
            heard = events.recv() => match heard {
                Some(heard) => Happened::Message(message(heard)),
                None => return Ok(Exit::Closed),
            },
            () = sleep_until(drawn + FRAME), if stale => Happened::Frame,
            Some(()) = hand.ticks.recv() => Happened::Second,
        };
        let mut effects = Vec::new();
        let mut due = stale || !matches!(happened, Happened::Message(_));
        let by_hand = matches!(happened, Happened::Message(Message::Input(_)));
        match happened {
            Happened::Stop(Stop::End(number)) => return Ok(Exit::Signal(number)),
            Happened::Stop(Stop::Suspend) => effects.push(Effect::Suspend),
            Happened::Stop(Stop::Continue) => screen.take()?,
            Happened::Frame => {}
            Happened::Second => {
                effects.extend(update::update(model, Message::Tick(clock())));
            }
            Happened::Message(message) => {
                effects.extend(update::update(model, Message::Tick(clock())));
                effects.extend(update::update(model, message));
                due |= !model.still;
                for _ in 0..BURST_MAX {
                    let Some(message) = waiting(world, events) else { break };
                    effects.extend(update::update(model, message));
                    due |= !model.still;
                }
                hand.slow(model.away.is_some());
            }
        }
        for effect in effects {
            match effect {
                Effect::Quit => return Ok(Exit::Left),
                Effect::Ask(ask) => world.ask(ask),
                Effect::Sit(sit) => world.sit(sit),
                Effect::Remember(what) => world.remember(what),
                Effect::Copy(text) => screen.copy(text.as_str())?,
                Effect::Call { how, said } => screen.call(how, &said)?,
                Effect::Lab(lab) => world.lab(lab),
                Effect::CopyLines(lines) => screen.copy(&joined(&lines))?,
                Effect::CopyTable(rows) => {
                    screen.copy(&table(&rows))?;
                }
                Effect::Redraw => screen.forget()?,
                Effect::Suspend => suspend(screen)?,
            }
        }
        stale = due && !by_hand && drawn.elapsed() < FRAME;
        if due && !stale {
            // In a storm of sizes the terminal is asked: what was told last may not be how it ended.
            let (width, height) = screen.size()?;
            if model.size != (width, height) {
                drop(update::update(model, Message::Resize { width, height }));
            }
            screen.draw(model)?;
            drawn = Instant::now();
        }
    }
}

enum Happened {
    Stop(Stop),
    Message(Message),
    /// A drawing was put off and is due.
    Frame,
    Second,
}

fn joined(lines: &[Clean]) -> String {
    lines.iter().map(Clean::as_str).collect::<Vec<_>>().join("\n")
}

/// As a spreadsheet takes it from the clipboard, where no name may run as a formula either.
fn table(rows: &[Vec<Clean>]) -> String {
    let cell = |cell: &Clean| harmless(cell.as_str());
    let line = |row: &Vec<Clean>| row.iter().map(cell).collect::<Vec<_>>().join("\t");
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What is there already, without waiting for more.
fn waiting(world: &mut impl World, events: &mut Receiver<Heard>) -> Option<Message> {
    world.try_next().or_else(|| events.try_recv().ok().map(message))
}

fn message(heard: Heard) -> Message {
    match heard {
        Heard::Event(event) => Message::Input(event),
        Heard::Background { light } => Message::Background { light },
    }
}

/// Events that wait to be taken in; the terminal keeps what comes beyond.
const EVENTS_MAX: usize = 256;

/// Reads the terminal on a thread of its own, until it fails. Not an `EventStream`: once the terminal
/// is gone, crossterm reads its end for ever without coming back, and here nobody waits for that.
/// Its source by poll (`use-dev-tty`): the other one returns at a resize and leaves a key that came with it
/// unread until the next.
fn keyboard() -> Receiver<Heard> {
    let (sender, events) = channel(EVENTS_MAX);
    std::thread::spawn(move || {
        let mut replies = Replies::default();
        while let Ok(event) = crossterm::event::read() {
            let Some(heard) = replies.take(event, std::time::Instant::now()) else { continue };
            if sender.blocking_send(heard).is_err() {
                return;
            }
        }
    });
    events
}

/// Writing to a terminal that is gone fails before, or instead of, the signal that says so.
fn gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe || error.raw_os_error() == Some(Errno::IO.raw_os_error())
}

#[expect(clippy::disallowed_methods, reason = "the one clock of the screen: time enters the model here")]
fn clock() -> Timestamp {
    Timestamp::now()
}

/// When what time alone changes is drawn again: as the second moves, or now and then where nobody looks. A
/// thread of its own, since the runtime's timer would wake two others for each tick.
struct SecondHand {
    ticks: Receiver<()>,
    slow: Arc<AtomicBool>,
    thread: Thread,
}

impl SecondHand {
    fn start() -> Self {
        let (sender, ticks) = channel(1);
        let slow = Arc::new(AtomicBool::new(false));
        let slowed = Arc::clone(&slow);
        let hand = std::thread::spawn(move || {
            while !sender.is_closed() {
                let into = u64::try_from(clock().subsec_millisecond()).unwrap_or(0);
                let second = Duration::from_millis(1_000_u64.saturating_sub(into).max(1));
                std::thread::park_timeout(if slowed.load(Ordering::Relaxed) { AWAY_TICK } else { second });
                // One that was not taken yet serves for this one too.
                sender.try_send(()).ok();
            }
        });
        Self { ticks, slow, thread: hand.thread().clone() }
    }

    fn slow(&self, slow: bool) {
        if self.slow.swap(slow, Ordering::Relaxed) && !slow {
            self.thread.unpark();
        }
    }
}

/// Gives the terminal back and stops; goes on here when the shell says so.
fn suspend(screen: &mut Screen) -> io::Result<()> {
    screen.give_back();
    // SIGTSTP is handled by us, so that only SIGSTOP really stops.
    kill_process(getpid(), Signal::STOP)?;
    screen.take()
}

/// A signal that the desk answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    End(i32),
    Suspend,
    Continue,
}

/// In raw mode ctrl-c and ctrl-z are keys; these come from elsewhere.
struct Stops {
    terminate: Signals,
    hang_up: Signals,
    interrupt: Signals,
    suspend: Signals,
    go_on: Signals,
}

impl Stops {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            suspend: signal(SignalKind::from_raw(Signal::TSTP.as_raw()))?,
            go_on: signal(SignalKind::from_raw(Signal::CONT.as_raw()))?,
        })
    }

    async fn next(&mut self) -> Stop {
        tokio::select! {
            _ = self.terminate.recv() => Stop::End(Signal::TERM.as_raw()),
            _ = self.hang_up.recv() => Stop::End(Signal::HUP.as_raw()),
            _ = self.interrupt.recv() => Stop::End(Signal::INT.as_raw()),
            _ = self.suspend.recv() => Stop::Suspend,
            _ = self.go_on.recv() => Stop::Continue,
        }
    }
}
