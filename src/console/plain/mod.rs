//! The desk in numbered lines, one question at a time (UX §10): for screen readers, logs and the poorest
//! terminals. It is the same desk: the same model, panes, forms, confirmations and effects, fed with words
//! in place of keys. Nothing here moves a cursor or draws.
//!
//! ```text
//! > salidas
//! Salidas · 5 de 5 · 3s
//! 1. ? desconocido · 3.150.000,00 · Ferretería Sol · red cortada · 14:03
//! > ver 1
//! ```

mod ask;
mod lists;
mod verbs;

use super::effect::Effect;
use super::facts::Standing;
use super::message::Message;
use super::model::{Model, Saying};
use super::panes::PaneId;
use super::runtime::World;
use super::theme::{Palette, Theme};
use super::{Exit, PATIENCE, Stop, Stops, clock, update};
use crate::domain::ProviderName;
use crate::sync::news::{Ask, News, Resource};
use crate::sync::poll;
use std::io::{self, Write};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, timeout, timeout_at};

/// How long a list waits for figures newer than the question. Older ones are shown with their age.
const FRESH_WAIT: Duration = Duration::from_secs(6);
/// How long the outcome of a write is waited for before the next question.
const OUTCOME_WAIT: Duration = Duration::from_mins(1);
/// Columns and rows that panes are laid out in where their text is taken from a drawing.
const SIZE: (u16, u16) = (100, 80);

/// A person who types lines, or a program that sends them.
pub struct Typist {
    pub lines: UnboundedReceiver<String>,
    /// Whether they come from a terminal, which shows what is typed.
    pub terminal: bool,
}

/// Runs the desk in lines until it is left, or there are no more of them.
///
/// # Errors
/// When what it says can't be written.
pub async fn run(mut model: Model, world: impl World, typist: Typist, out: impl Write) -> io::Result<Exit> {
    model.size = SIZE;
    model.now = clock();
    // No code is drawn: what would be, is said in words.
    model.theme = Theme { palette: Palette::Mono, ascii: true, ..Theme::default() };
    let mut desk =
        Desk { model, world, typist, out, stops: Stops::listen()?, told: Told::default(), left: None };
    desk.greet()?;
    while desk.left.is_none() {
        let Some(line) = desk.question("> ").await? else { break };
        desk.does(line.trim()).await?;
    }
    let exit = desk.left.unwrap_or(Exit::Left);
    // The outcome of a write under way must reach the disk.
    if timeout(PATIENCE, desk.world.finish()).await.is_err() {
        tracing::warn!("left before every answer came: unknown until asked");
    }
    Ok(exit)
}

struct Desk<W, O> {
    model: Model,
    world: W,
    typist: Typist,
    out: O,
    stops: Stops,
    told: Told,
    left: Option<Exit>,
}

/// What was said last, so that numbers mean what was read.
#[derive(Default)]
struct Told {
    pane: Option<PaneId>,
    /// The ids of the lines of that list, by their numbers.
    ids: Vec<String>,
    /// The notice that was said last.
    notice: Option<Saying>,
    /// Writes whose end has not been told yet.
    writing: usize,
    /// Passphrases that were answered for.
    proofs: usize,
    /// What came of each reading since it was asked for.
    read: Vec<(ProviderName, Resource)>,
}

impl<W: World, O: Write> Desk<W, O> {
    fn word(&self, word: &str) -> &'static str {
        self.model.lang().word(word)
    }

    /// One line; what is in it can't begin another.
    fn say(&mut self, text: &str) -> io::Result<()> {
        let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        writeln!(self.out, "{}", line.trim_end())
    }

    fn greet(&mut self) -> io::Result<()> {
        let place = self.model.seat.place();
        let lang = self.model.lang();
        let names: [(&str, &dyn std::fmt::Display); 5] = [
            ("company", &place.company),
            ("environment", &place.environment.title()),
            ("role", &lang.role(place.role)),
            ("person", &self.model.seat.actor.person),
            ("mode", &lang.word(super::view::mode(&self.model))),
        ];
        let line = lang.say("plain.greeting", &names);
        self.say(&line)?;
        self.say(self.word("plain.how"))
    }

    /// Asks, and takes in what happens until the answer comes. `None`: there are no more lines, or it is
    /// time to go.
    async fn question(&mut self, prompt: &str) -> io::Result<Option<String>> {
        loop {
            let line = self.next_line(prompt).await?;
            // It may have locked while nobody answered: what was typed is then no answer.
            let effects = update::update(&mut self.model, Message::Tick(clock()));
            self.carry_out(effects)?;
            if line.is_none() || !self.model.lock.is_shut() {
                super::watch::touched(&mut self.model);
                return Ok(line);
            }
            Box::pin(self.unlock()).await?;
        }
    }

    async fn next_line(&mut self, prompt: &str) -> io::Result<Option<String>> {
        if self.typist.terminal {
            write!(self.out, "{prompt}")?;
        } else {
            writeln!(self.out, "{}", prompt.trim_end())?;
        }
        self.out.flush()?;
        while self.left.is_none() {
            tokio::select! {
                biased;
                stop = self.stops.next() => self.stopped(stop),
                message = self.world.next() => self.take(message)?,
                line = self.typist.lines.recv() => return Ok(line),
            }
        }
        Ok(None)
    }

    fn stopped(&mut self, stop: Stop) {
        match stop {
            Stop::End(number) => self.left = Some(Exit::Signal(number)),
            // Lines need no terminal of their own: the shell stops and goes on as it likes.
            Stop::Suspend => {
                rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP).ok();
            }
            Stop::Continue => {}
        }
    }

    /// Takes in what happened, does what comes of it, and says what is to be said.
    fn take(&mut self, message: Message) -> io::Result<()> {
        match &message {
            Message::News(News::Rows { provider, batch, stored: false, .. }) => {
                self.told.read.push((*provider, batch.resource()));
            }
            Message::News(News::Failed { provider, resource, .. }) => {
                self.told.read.push((*provider, *resource));
            }
            Message::News(
                News::Written { .. }
                | News::Refused { .. }
                | News::ReceiptNotStored { .. }
                | News::ChangedMeanwhile { .. }
                | News::BulkChanged { .. }
                | News::Odd { .. },
            ) => self.told.writing = self.told.writing.saturating_sub(1),
            // Another desk: numbers that were read mean nothing here.
            Message::Seated(_) => self.told.pane = None,
            Message::News(News::Proof(_)) => self.told.proofs = self.told.proofs.saturating_add(1),
            _ => {}
        }
        let mut effects = update::update(&mut self.model, Message::Tick(clock()));
        effects.extend(update::update(&mut self.model, message));
        self.carry_out(effects)?;
        self.say_notice()
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Quit => self.left = Some(Exit::Left),
                Effect::Ask(ask) => {
                    if writes(&ask) {
                        self.told.writing = self.told.writing.saturating_add(1);
                    }
                    self.world.ask(ask);
                }
                Effect::Sit(sit) => self.world.sit(sit),
                Effect::Remember(what) => self.world.remember(what),
                // There is no clipboard to trust: what would go there is said.
                Effect::Copy(text) => self.say(text.as_str())?,
                _ => {}
            }
        }
        Ok(())
    }

    fn say_notice(&mut self) -> io::Result<()> {
        if self.model.notice == self.told.notice || self.model.lock.is_shut() {
            return Ok(());
        }
        self.told.notice.clone_from(&self.model.notice);
        let Some(notice) = self.model.notice.clone() else { return Ok(()) };
        let sign = notice.meaning.sign();
        let gap = if sign.trim().is_empty() { "" } else { " " };
        let line = format!("{}{gap}{}", sign.trim(), notice.text(&self.model));
        self.say(&line)
    }

    /// Takes in what happens until `done`, or the wait is over.
    async fn until(&mut self, most: Duration, done: impl Fn(&Self) -> bool) -> io::Result<()> {
        let end = Instant::now() + most;
        while self.left.is_none() && !done(self) {
            let happened = tokio::select! {
                biased;
                stop = self.stops.next() => { self.stopped(stop); continue }
                message = timeout_at(end, self.world.next()) => message,
            };
            match happened {
                Ok(message) => self.take(message)?,
                Err(_) => break,
            }
        }
        Ok(())
    }

    /// Until what was sent has an end that is told, or a minute has gone: then it is looked for behind.
    async fn outcome(&mut self) -> io::Result<()> {
        self.until(OUTCOME_WAIT, |desk| desk.told.writing == 0).await
    }

    /// Until each provider has answered for the pane in front, or failed to.
    async fn fresh(&mut self) -> io::Result<()> {
        let resources = self.model.here().resources();
        let wanted: Vec<(ProviderName, Resource)> = self
            .model
            .facts
            .providers
            .iter()
            .flat_map(|(name, _)| poll::resources(*name).iter().map(|resource| (*name, *resource)))
            .filter(|(_, resource)| resources.contains(resource))
            .collect();
        self.told.read.clear();
        for resource in resources {
            self.world.ask(Ask::Refresh(*resource));
        }
        let came = |desk: &Self| {
            wanted.iter().all(|wanted| desk.told.read.contains(wanted))
                && !matches!(desk.model.here().standing(&desk.model), Standing::Loading { .. })
        };
        self.until(FRESH_WAIT, came).await
    }
}

/// What ends with an outcome that is waited for.
const fn writes(ask: &Ask) -> bool {
    matches!(
        ask,
        Ask::Write(_)
            | Ask::Decide { .. }
            | Ask::DecideBulk { .. }
            | Ask::SendAgain { .. }
            | Ask::SendBulk { .. }
    )
}
