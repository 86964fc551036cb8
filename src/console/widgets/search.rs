//! Search in everything that has come: every pane's rows at once. A hit is gone to.

use super::table::Needle;
use super::{modal, text};
use crate::console::model::{Look, Model};
use crate::console::panes::{self, PaneId};
use crate::console::theme::Meaning;
use crossterm::event::KeyCode;
use ratatui::Frame;
use ratatui::layout::Rect;

/// Hits that are listed of one pane.
const HITS_MAX: usize = 50;
const SIZE: (u16, u16) = (110, 22);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub pane: PaneId,
    pub id: String,
    line: String,
}

/// What was typed, what it found, and which of that is chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    pub query: String,
    hits: Vec<Hit>,
    at: usize,
}

impl Search {
    pub fn chosen(&self) -> Option<&Hit> {
        self.hits.get(self.at)
    }

    /// Whether the key was one of the list's.
    pub fn key(&mut self, code: KeyCode) -> bool {
        let last = self.hits.len().saturating_sub(1);
        self.at = match code {
            KeyCode::Up => self.at.saturating_sub(1),
            KeyCode::Down => self.at.saturating_add(1).min(last),
            KeyCode::PageUp => self.at.saturating_sub(10),
            KeyCode::PageDown => self.at.saturating_add(10).min(last),
            _ => return false,
        };
        true
    }

    /// Looks again, for what is typed now.
    pub fn look(&mut self, model: &mut Model) {
        let needles: Vec<Needle> = self.query.split_whitespace().map(Needle::new).collect();
        self.at = 0;
        self.hits.clear();
        if needles.is_empty() {
            return;
        }
        for pane in panes::ALL {
            let (lang, numerals, dates, zone) =
                (model.lang(), model.seat.numerals, model.seat.dates, model.seat.zone.clone());
            let (now, theme) = (model.now, model.theme);
            let look = Look { lang, numerals, dates, zone: &zone, now, theme, wide: true };
            let found = pane.list_mut(model).search(&needles, HITS_MAX, &look);
            self.hits.extend(found.into_iter().map(|(id, line)| Hit { pane: pane.id(), id, line }));
        }
    }

    pub fn view(&self, model: &Model, frame: &mut Frame, area: Rect) {
        let look = model.look();
        let size = (SIZE.0.min(area.width.saturating_sub(2)), SIZE.1);
        let inner = modal::over(frame, area, size, look.lang.word("search.title"), &look);
        let plain = look.theme.style(Meaning::Plain);
        let screen = frame.buffer_mut();
        let x = text::put(screen, inner.x, inner.y, 2, "> ", plain);
        let end = text::put(screen, x, inner.y, inner.width.saturating_sub(3), &self.query, plain);
        text::put(screen, end, inner.y, 1, "▏", plain);
        frame.set_cursor_position((end, inner.y));
        let list = Rect { y: inner.y.saturating_add(2), height: inner.height.saturating_sub(3), ..inner };
        let first = self.at.saturating_add(1).saturating_sub(list.height.into());
        let screen = frame.buffer_mut();
        for ((hit, at), y) in self.hits.iter().zip(0usize..).skip(first).zip(list.top()..list.bottom()) {
            let meaning = if at == self.at { Meaning::Selected } else { Meaning::Plain };
            let style = look.theme.style(meaning);
            if at == self.at {
                text::put(screen, list.x.saturating_sub(2), y, 1, meaning.sign(), style);
            }
            let pane = look.lang.word(panes::of(hit.pane).tab().0);
            text::put(screen, list.x, y, 11, pane, style);
            let x = list.x.saturating_add(12);
            text::put(screen, x, y, list.right().saturating_sub(x), &hit.line, style);
        }
        if self.hits.is_empty() {
            let word = if self.query.trim().is_empty() { "search.empty" } else { "search.nothing" };
            text::put(screen, list.x, list.y, list.width, look.lang.word(word), plain);
        }
        let foot = inner.bottom().saturating_sub(1);
        let keys = look.lang.word("search.keys");
        text::put(screen, inner.x, foot, inner.width, keys, look.theme.style(Meaning::Dim));
    }
}
