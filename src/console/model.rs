//! All that the screen depends on. Only data: `update` changes it, `view` draws it, a test compares it.

use super::drafts::Drafts;
use super::facts::Facts;
use super::forms::Form;
use super::keymap::Keymap;
use super::panes::{self, Pane, PaneId};
use super::theme::{Meaning, Theme, Themes};
use super::tour::Tour;
use super::watch::{Call, Called, Lock};
use super::widgets::help::Help;
use super::widgets::palette::Palette;
use super::widgets::pick::Pick;
use super::widgets::raw::Raw;
use super::widgets::search::Search;
use super::widgets::vow::Vow;
use crate::config::{Amounts, CheckerApproval, Environment};
use crate::domain::ProviderName;
use crate::domain::id::MovementId;
use crate::domain::role::Role;
use crate::i18n::{Dates, Lang, Numerals};
use crate::payments::Actor;
use crate::payments::review::{Spoken, Terms};
use crate::payments::step_up::Proof;
use crate::providers::Capabilities;
use crate::sanitize::Clean;
use crate::sync::settle::Hurry;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Display;

/// Who sits at the desk, of which company, and how they read. Changes only with the profile or role.
#[derive(Debug, Clone, PartialEq)]
pub struct Seat {
    pub actor: Actor,
    pub company: Clean,
    pub providers: Vec<(ProviderName, Capabilities)>,
    pub lang: Lang,
    pub numerals: Numerals,
    /// No key of the configuration says how amounts are written: they follow the language.
    pub numerals_follow: bool,
    pub dates: Dates,
    /// Days belong to this zone, never to the machine's.
    pub zone: TimeZone,
    /// Below it the last figures confirm an amount, at or above it the whole.
    pub small_limit: Amounts,
    /// From which amounts on a new movement waits for a checker.
    pub checker: CheckerApproval,
    /// Where a cobru is paid: the page is this, a slash and its id.
    pub link_base: String,
    /// The roles that `P` can change to. Empty outside the sandbox.
    pub roles: Vec<Role>,
    /// The profiles that `P` can change to, this one among them.
    pub places: Vec<Place>,
    /// `--readonly`: holds until the end, whatever a profile says.
    pub readonly_forced: bool,
    /// How much shorter the waits for unknowns are: only at a loopback host.
    pub hurry: Hurry,
    /// What is usual here, for reviews.
    pub terms: Terms,
}

/// A profile as the list of them names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub profile: String,
    pub company: Clean,
    pub environment: Environment,
    pub role: Role,
    pub readonly: bool,
}

impl Place {
    pub const fn environment_word(&self) -> &'static str {
        match self.environment {
            Environment::Production => "environment.production",
            Environment::Qa => "environment.qa",
            Environment::Sandbox => "environment.sandbox",
        }
    }
}

impl Seat {
    /// Another language; amounts are written as it does unless the configuration says how.
    pub fn speak(&mut self, lang: Lang) {
        self.lang = lang;
        if self.numerals_follow {
            self.numerals = Numerals::of(lang);
        }
    }

    /// Where one sits now.
    pub fn place(&self) -> Place {
        let environment =
            Environment::ALL.into_iter().find(|environment| environment.code() == self.actor.environment);
        Place {
            profile: self.actor.profile.clone(),
            company: self.company.clone(),
            // What it can't be told is treated as real money.
            environment: environment.unwrap_or(Environment::Production),
            role: self.actor.role,
            readonly: self.actor.readonly,
        }
    }

    pub fn sandbox(&self) -> bool {
        self.actor.environment == "sandbox"
    }

    pub fn production(&self) -> bool {
        self.actor.environment == "production"
    }
}

/// Which box of a pane has the keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Zone {
    #[default]
    List,
    /// Scrolled by so many lines.
    Detail { scroll: u16 },
}

/// A sentence whose words come from the word files when it is drawn, so that it follows the language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    pub meaning: Meaning,
    pub word: &'static str,
    pub with: Vec<(&'static str, String)>,
}

impl Saying {
    pub const fn new(meaning: Meaning, word: &'static str) -> Self {
        Self { meaning, word, with: Vec::new() }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.with.push((name, value.to_string()));
        self
    }

    pub fn text(&self, model: &Model) -> String {
        let with: Vec<(&str, &dyn Display)> =
            self.with.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
        model.say(self.word, &with)
    }
}

/// What lies over the panes and takes the keys.
#[derive(Debug, Clone, PartialEq)]
pub enum Modal {
    Palette(Palette),
    /// Profiles and roles, or themes.
    Pick(Pick),
    /// The company's name is wanted.
    Vow(Box<Vow>),
    /// Everything that has come is searched.
    Search(Search),
    /// The drafts of this person, and the one under the cursor.
    Drafts {
        at: usize,
    },
    /// Leaving with something open: asks once.
    Leave,
    Form(Box<Form>),
}

#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is on or off by itself")]
pub struct Model {
    /// The last time that the person proved who they are.
    pub proof: Option<Proof>,
    /// Decisions that were asked for and not answered yet, then those whose queue was not read again: their
    /// rows are greyed, so that nothing is decided twice.
    pub deciding: Vec<MovementId>,
    pub decided: Vec<MovementId>,
    pub seat: Seat,
    pub theme: Theme,
    pub themes: Themes,
    /// Whether the first line has a clock.
    pub clock: bool,
    pub keymap: Keymap,
    pub now: Timestamp,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    pub facts: Facts,
    pub pane: PaneId,
    pub previous: PaneId,
    pub zone: Zone,
    pub panes: panes::States,
    pub modal: Option<Modal>,
    /// Over all else: what was really said.
    pub raw: Option<Raw>,
    /// Over everything, windows too.
    pub help: Option<Help>,
    pub drafts: Drafts,
    /// Lists of seats that were left in this run, by the key of their place.
    pub left: BTreeMap<String, String>,
    /// Whether the keys go into the list's filter.
    pub filtering: bool,
    /// Stays on the status line until the next key.
    pub notice: Option<Saying>,
    /// What the status line said so far, newest first, numbered.
    pub said: VecDeque<(u64, Timestamp, Saying)>,
    pub tour: Option<Tour>,
    pub lock: Lock,
    pub call: Call,
    pub called: Called,
    /// Since when the terminal is not in front, where it tells so.
    pub away: Option<Timestamp>,
    /// The last key was ctrl-c: the next one leaves.
    pub leaving: bool,
    /// The last message changed nothing that is drawn but ages, which the second draws.
    pub still: bool,
}

impl Model {
    pub fn new(seat: Seat, theme: Theme, now: Timestamp) -> Self {
        Self {
            proof: None,
            deciding: Vec::new(),
            decided: Vec::new(),
            facts: Facts::new(seat.providers.clone(), now),
            seat,
            theme,
            themes: Themes::default(),
            clock: true,
            keymap: Keymap::default(),
            now,
            size: (80, 24),
            pane: PaneId::Balances,
            previous: PaneId::Balances,
            zone: Zone::List,
            panes: panes::States::default(),
            modal: None,
            raw: None,
            help: None,
            drafts: Drafts::default(),
            left: BTreeMap::new(),
            filtering: false,
            notice: None,
            said: VecDeque::new(),
            tour: None,
            lock: Lock::default(),
            call: Call::default(),
            called: Called::default(),
            away: None,
            leaving: false,
            still: false,
        }
    }

    /// What drawing and filtering need of the seat.
    pub fn look(&self) -> Look<'_> {
        Look {
            lang: self.seat.lang,
            numerals: self.seat.numerals,
            dates: self.seat.dates,
            zone: &self.seat.zone,
            now: self.now,
            theme: self.theme,
            wide: self.wide(),
        }
    }

    pub const fn lang(&self) -> Lang {
        self.seat.lang
    }

    /// A sentence, with the keys that it names as they are bound.
    pub fn say(&self, word: &str, with: &[(&str, &dyn Display)]) -> String {
        self.keymap.say(word, self.lang(), with)
    }

    /// Wide screens have long titles, labelled keys and boxes side by side.
    pub const fn wide(&self) -> bool {
        self.size.0 >= 110
    }

    pub fn here(&self) -> &'static dyn Pane {
        panes::of(self.pane)
    }

    /// Says it on the status line, where it stays until a key, and keeps it for the notices.
    pub fn notify(&mut self, saying: Saying) {
        self.notice = Some(saying.clone());
        self.keep(saying);
    }

    /// Says why a key did nothing. It is no event: the notices don't keep it.
    pub fn remark(&mut self, saying: Saying) {
        self.notice = Some(saying);
    }

    /// Keeps for the notices what the status line says by itself.
    pub fn keep(&mut self, saying: Saying) {
        let number = self.said.front().map_or(0, |(number, ..)| number.saturating_add(1));
        self.said.push_front((number, self.now, saying));
        self.said.truncate(panes::notices::KEPT_MAX);
        panes::notices::Notices.rebuild(self);
    }
}

/// How things are written, for whoever writes them.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    pub lang: Lang,
    pub numerals: Numerals,
    pub dates: Dates,
    pub zone: &'a TimeZone,
    pub now: Timestamp,
    pub theme: Theme,
    pub wide: bool,
}

impl<'a> Look<'a> {
    /// How a finding's sentence is written.
    pub const fn spoken(&self) -> Spoken<'a> {
        Spoken { lang: self.lang, numerals: self.numerals, dates: self.dates, zone: self.zone }
    }
}
