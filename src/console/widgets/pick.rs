//! A short list to choose one thing from: a role, a profile, a theme.

use super::table::Step;
use super::{modal, text};
use crate::console::message::Message;
use crate::console::model::Model;
use crate::console::theme::Meaning;
use ratatui::Frame;
use ratatui::layout::Rect;

/// Cells for a row's name; the rest of the line is the note beside it.
const NAME_ROOM: u16 = 26;
const WIDTH: u16 = 64;
/// Rows on the screen at once.
const ROWS_MAX: usize = 14;

/// What may be chosen, and what choosing it does.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub name: String,
    pub note: String,
    /// Real money: told by its colour too.
    pub production: bool,
    pub message: Message,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Pick {
    /// Its word.
    pub title: &'static str,
    pub rows: Vec<Row>,
    pub at: usize,
}

impl Pick {
    pub fn chosen(&self) -> Option<Message> {
        self.rows.get(self.at).map(|row| row.message.clone())
    }

    pub fn step(&mut self, by: Step) {
        self.at = by.from(self.at, self.rows.len().saturating_sub(1));
    }

    /// What is chosen at a place of the screen.
    pub fn click(&mut self, body: Rect, x: u16, y: u16) -> Option<Message> {
        let inner = modal::inside(modal::place(body, self.size()));
        let list = list_of(inner);
        let at = usize::from(y.saturating_sub(list.y)).saturating_add(self.first(list.height));
        if !list.contains((x, y).into()) {
            return None;
        }
        let row = self.rows.get(at)?;
        self.at = at;
        Some(row.message.clone())
    }

    fn size(&self) -> (u16, u16) {
        let rows = u16::try_from(self.rows.len().min(ROWS_MAX)).unwrap_or(u16::MAX);
        (WIDTH, rows.saturating_add(5))
    }

    fn first(&self, room: u16) -> usize {
        self.at.saturating_add(1).saturating_sub(room.into())
    }

    pub fn view(&self, model: &Model, frame: &mut Frame, area: Rect) {
        let look = model.look();
        let inner = modal::over(frame, area, self.size(), look.lang.word(self.title), &look);
        let list = list_of(inner);
        let first = self.first(list.height);
        let shown = self.at.saturating_sub(first);
        let y = list.y.saturating_add(u16::try_from(shown).unwrap_or(u16::MAX)).min(inner.bottom());
        frame.set_cursor_position((inner.x, y));
        let screen = frame.buffer_mut();
        for ((row, at), y) in self.rows.iter().zip(0usize..).skip(first).zip(list.top()..list.bottom()) {
            let meaning = if at == self.at { Meaning::Selected } else { Meaning::Plain };
            let style = look.theme.style(meaning);
            screen.set_style(Rect { x: list.x, y, width: list.width, height: 1 }, style);
            let sign = if at == self.at { meaning.sign() } else { " " };
            text::put(screen, list.x, y, 1, sign, style);
            let name_x = list.x.saturating_add(2);
            text::put(screen, name_x, y, NAME_ROOM, &row.name, style);
            let x = name_x.saturating_add(NAME_ROOM).saturating_add(1);
            let style = if row.production { look.theme.style(Meaning::Production) } else { style };
            text::put(screen, x, y, list.right().saturating_sub(x), &row.note, style);
        }
        let foot = inner.bottom().saturating_sub(1);
        let keys = model.say("pick.keys", &[]);
        text::put(screen, inner.x, foot, inner.width, &keys, look.theme.style(Meaning::Dim));
    }
}

fn list_of(inner: Rect) -> Rect {
    Rect { y: inner.y.saturating_add(1), height: inner.height.saturating_sub(3), ..inner }
}
