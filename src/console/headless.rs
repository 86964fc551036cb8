//! The desk without a terminal: tests press its keys, feed it news and read its screen.
//!
//! ```
//! use cuadre::console::Headless;
//! use cuadre::domain::role::Role;
//!
//! let mut desk = Headless::sandbox(Role::Maker);
//! desk.press("? esc 6");
//! assert!(desk.screen(80, 24).contains("[6"));
//! assert!(desk.asked().is_empty());
//! ```

use super::effect::{Effect, Remember};
use super::keys::Key;
use super::message::Message;
use super::model::{Model, Seat};
use super::theme::Theme;
use super::{review, update, view};
use crate::config::{Amounts, CheckerApproval};
use crate::domain::ProviderName;
use crate::domain::money::{Currency, Money};
use crate::domain::role::Role;
use crate::i18n::{Dates, Lang, Numerals};
use crate::payments::review::{Payment, Terms};
use crate::payments::{Actor, Policy};
use crate::providers::Capabilities;
use crate::sanitize::Clean;
use crate::sync::news::{Ask, Batch, News};
use crate::sync::settle::Hurry;
use crossterm::event::Event;
use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::collections::BTreeMap;

/// Saturday 21 November 2026, 14:05:09 in Bogota: the moment of the mock-ups.
pub const NOON: &str = "2026-11-21T19:05:09Z";

/// A model and everything that it asked of the world so far.
#[derive(Debug, Clone)]
pub struct Headless {
    pub model: Model,
    pub effects: Vec<Effect>,
    /// What the store's memory was given, by key: apart, since it happens beside everything.
    pub remembered: BTreeMap<String, String>,
    /// No background stands behind it: what waits is reviewed by what the desk itself knows.
    alone: bool,
}

/// The seat of the embedded sandbox: Andina, person `mlopez` (or `jperez`, who checks).
pub fn sandbox_seat(role: Role) -> Seat {
    let person = if role == Role::Checker { "jperez" } else { "mlopez" };
    let all = Capabilities { movements: true, approvals: true, counterparties: true, cobrus: false };
    let links = Capabilities { movements: false, approvals: false, counterparties: false, cobrus: true };
    Seat {
        actor: Actor {
            person: person.to_owned(),
            role,
            profile: "sandbox".to_owned(),
            environment: "sandbox".to_owned(),
            credential: Some(format!("cli_{}", role.code())),
            readonly: false,
            limits: Some(vec![Money::new(50_000_000_000, Currency::Cop)]),
            policy: Policy::default(),
        },
        company: Clean::new("Andina"),
        providers: vec![(ProviderName::Cobre, all), (ProviderName::Cobru, links)],
        lang: Lang::Es,
        numerals: Numerals::EsCo,
        numerals_follow: true,
        dates: Dates::DayFirst,
        zone: jiff::tz::TimeZone::get("America/Bogota").expect("the zone data is built in"),
        small_limit: Amounts(vec![Money::new(100_000_000, Currency::Cop)]),
        checker: CheckerApproval::From(Amounts(vec![Money::new(100_000_000, Currency::Cop)])),
        link_base: "https://prod.cobru.co".to_owned(),
        roles: vec![Role::Maker, Role::Checker, Role::Viewer, Role::Admin],
        places: Vec::new(),
        readonly_forced: false,
        hurry: Hurry::NONE,
        terms: Terms::default(),
    }
}

impl Headless {
    /// A desk in the sandbox, in Spanish, at [`NOON`], with nothing loaded yet.
    pub fn sandbox(role: Role) -> Self {
        Self { alone: true, ..Self::seated(sandbox_seat(role)) }
    }

    pub fn seated(seat: Seat) -> Self {
        let now = NOON.parse().expect("a fixed moment");
        Self {
            model: Model::new(seat, Theme::default(), now),
            effects: Vec::new(),
            remembered: BTreeMap::new(),
            alone: false,
        }
    }

    #[must_use]
    pub fn in_english(mut self) -> Self {
        self.model.seat.lang = Lang::En;
        self.model.seat.numerals = Numerals::EnUs;
        self
    }

    pub fn now(&self) -> Timestamp {
        self.model.now
    }

    pub fn message(&mut self, message: Message) -> &mut Self {
        for effect in update::update(&mut self.model, message) {
            match effect {
                Effect::Remember(Remember::Text { key, value }) => drop(self.remembered.insert(key, value)),
                // What the background would find, of what this desk was told.
                Effect::Ask(Ask::Review(waiting)) if self.alone => {
                    let reviewed = waiting.into_iter().map(|movement| {
                        let payment = Payment::of_movement(&movement, self.model.now);
                        (movement.id, Some(review::findings(&self.model, &payment).into()))
                    });
                    let reviewed = News::Reviewed(reviewed.collect());
                    self.feed(reviewed);
                }
                effect => self.effects.push(effect),
            }
        }
        self
    }

    /// Keys by name, with blanks between: `"j A"`, `"ctrl-p enter"`, `"/ type:perez esc"`.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for name in keys.split_whitespace() {
            if let Some(text) = name.strip_prefix("type:") {
                self.type_text(text);
            } else {
                let key = Key::read(name).unwrap_or_else(|| panic!("no key is called {name:?}"));
                self.message(Message::Input(Event::Key(key.event())));
            }
        }
        self
    }

    /// A letter at a time.
    pub fn type_text(&mut self, text: &str) -> &mut Self {
        for letter in text.chars() {
            self.message(Message::Input(Event::Key(super::keys::plain(letter).event())));
        }
        self
    }

    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.message(Message::Input(Event::Paste(text.to_owned())))
    }

    pub fn feed(&mut self, news: News) -> &mut Self {
        self.message(Message::News(news))
    }

    /// Whole and fresh rows of a provider.
    pub fn rows(&mut self, provider: ProviderName, batch: Batch) -> &mut Self {
        let at = self.now();
        self.feed(News::Rows { provider, at, stored: false, whole: true, unreadable: 0, batch })
    }

    /// Time goes on.
    pub fn wait(&mut self, by: SignedDuration) -> &mut Self {
        let now = self.now().saturating_add(by).expect("a test's time stays in range");
        self.message(Message::Tick(now))
    }

    /// What was asked of the background so far.
    pub fn asked(&self) -> Vec<&Ask> {
        self.effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Ask(ask) => Some(ask),
                _ => None,
            })
            .collect()
    }

    /// What was asked since the last time.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// The screen as text, a line a row, without blanks at the ends of lines.
    pub fn screen(&mut self, width: u16, height: u16) -> String {
        let backend = self.draw(width, height);
        let buffer = backend.buffer();
        let mut text = String::new();
        for y in 0..height {
            let line: String =
                (0..width).filter_map(|x| buffer.cell((x, y))).map(ratatui::buffer::Cell::symbol).collect();
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// The screen with its styles.
    pub fn draw(&mut self, width: u16, height: u16) -> TestBackend {
        self.message(Message::Resize { width, height });
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("in memory");
        terminal.draw(|frame| view::view(&self.model, frame)).expect("in memory");
        terminal.backend().clone()
    }
}
