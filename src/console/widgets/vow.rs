//! What is worth a company's name (UX §8): leaving read-only, and sitting down where money is real. The
//! name is typed; one key alone does neither.

use super::typed::Typed;
use super::{modal, text};
use crate::console::effect::Sit;
use crate::console::forms::confirm::deaf;
use crate::console::model::{Model, Place};
use crate::console::theme::Meaning;
use crate::i18n::{Lang, fold};
use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

const SIZE: (u16, u16) = (64, 12);

#[derive(Debug, Clone, PartialEq)]
pub struct Vow {
    /// The word of the title and of the sentence.
    pub title: &'static str,
    pub sentence: &'static str,
    /// Where one will sit: named in the dialog.
    pub place: Place,
    pub sit: Sit,
    typed: Typed,
    opened: Timestamp,
}

/// What a key did.
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    Yes(Sit),
    No,
    NotYet,
}

impl Vow {
    pub fn new(
        title: &'static str,
        sentence: &'static str,
        place: Place,
        sit: Sit,
        opened: Timestamp,
    ) -> Self {
        Self { title, sentence, place, sit, typed: Typed::default(), opened }
    }

    pub fn key(&mut self, key: KeyEvent, now: Timestamp) -> Kept {
        if key.code == KeyCode::Esc {
            return Kept::No;
        }
        if deaf(self.opened, now) {
            return Kept::NotYet;
        }
        if key.code == KeyCode::Enter {
            return if self.matches() { Kept::Yes(self.sit.clone()) } else { Kept::NotYet };
        }
        self.typed.key(key);
        Kept::NotYet
    }

    pub fn paste(&mut self, text: &str, now: Timestamp) {
        if !deaf(self.opened, now) {
            self.typed.paste(text);
        }
    }

    /// Case and accents do not matter: keyboards differ, and the name is no secret.
    pub fn matches(&self) -> bool {
        fold(self.typed.value().trim()) == fold(self.place.company.as_str())
    }

    /// What is about to happen, and what is asked.
    pub fn said(&self, lang: Lang) -> (String, String) {
        let environment = lang.word(self.place.environment_word());
        let names: [(&str, &dyn std::fmt::Display); 4] = [
            ("company", &self.place.company),
            ("profile", &self.place.profile),
            ("environment", &environment),
            ("role", &lang.role(self.place.role)),
        ];
        (lang.say(self.sentence, &names), lang.say("vow.ask", &[("company", &self.place.company)]))
    }

    pub fn view(&self, model: &Model, frame: &mut Frame, area: Rect) {
        let look = model.look();
        let inner = modal::over(frame, area, SIZE, look.lang.word(self.title), &look);
        let screen = frame.buffer_mut();
        let mut y = inner.y.saturating_add(1);
        let (said, ask) = self.said(look.lang);
        for line in text::wrap(&said, inner.width) {
            text::put(screen, inner.x, y, inner.width, &line, Style::new());
            y = y.saturating_add(1);
        }
        y = y.saturating_add(1);
        text::put(screen, inner.x, y, inner.width, &ask, look.theme.style(Meaning::Heading));
        y = y.saturating_add(1);
        let (shown, cursor) = self.typed.window(inner.width.saturating_sub(2));
        text::put(screen, inner.x, y, 2, "> ", Style::new());
        text::put(screen, inner.x.saturating_add(2), y, inner.width, shown.as_str(), Style::new());
        let cursor_at = (inner.x.saturating_add(2).saturating_add(cursor), y);
        let foot = inner.bottom().saturating_sub(1);
        let keys = look.lang.word(if self.matches() { "vow.keys" } else { "vow.keys_not_yet" });
        text::put(screen, inner.x, foot, inner.width, keys, look.theme.style(Meaning::Dim));
        frame.set_cursor_position(cursor_at);
    }
}
