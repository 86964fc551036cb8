//! The palette: every action by its words in both languages, with its key, and with the reason where it
//! cannot be done now.

use super::{modal, text};
use crate::console::actions::{self, Action};
use crate::console::model::Model;
use crate::console::theme::Meaning;
use crate::i18n::{Lang, fold};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::Frame;
use ratatui::layout::Rect;

/// Cells for an action's words; the rest of the line is its key and the reason why not.
const NAME_ROOM: u16 = 28;
const SIZE: (u16, u16) = (70, 17);

/// What was typed, what it found, and which of that is chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Palette {
    query: String,
    /// Ids of actions, the best match first.
    found: Vec<&'static str>,
    at: usize,
}

impl Palette {
    pub fn open(model: &Model) -> Self {
        let mut palette = Self { query: String::new(), found: Vec::new(), at: 0 };
        palette.search(model);
        palette
    }

    pub fn set_query(&mut self, query: String, model: &Model) {
        self.query = query;
        self.at = 0;
        self.search(model);
    }

    pub fn query(&self) -> &str {
        &self.query
    }

    pub fn step(&mut self, down: bool) {
        let last = self.found.len().saturating_sub(1);
        self.at = if down { self.at.saturating_add(1).min(last) } else { self.at.saturating_sub(1) };
    }

    pub fn chosen(&self) -> Option<&'static Action> {
        let id = self.found.get(self.at)?;
        actions::all().find(|action| action.id == *id)
    }

    /// Chooses the row at a place of the screen, if there is one.
    pub fn click(&mut self, body: Rect, x: u16, y: u16) -> bool {
        let list = rows_of(modal::inside(modal::place(body, SIZE)));
        let at = usize::from(y.saturating_sub(list.y)).saturating_add(self.first(list.height));
        let hit = list.contains((x, y).into()) && at < self.found.len();
        if hit {
            self.at = at;
        }
        hit
    }

    /// The first row that is drawn.
    fn first(&self, room: u16) -> usize {
        self.at.saturating_add(1).saturating_sub(room.into())
    }

    /// Nothing typed: what can be done here and now comes first, then what can in another pane, then what
    /// cannot.
    fn search(&mut self, model: &Model) {
        let pattern = Pattern::parse(&self.query, CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let query = fold(&self.query);
        let mut found: Vec<(u32, bool, bool, bool, &'static str)> = actions::all()
            .filter_map(|action| {
                let words = Lang::ALL.into_iter().map(|lang| lang.word(action.word));
                // Its own name, whole, comes before all that begin with it.
                let named = !query.is_empty()
                    && Lang::ALL.into_iter().any(|lang| fold(lang.word(action.word)) == query);
                let best = words
                    .chain([action.id])
                    .filter_map(|words| pattern.score(Utf32Str::new(words, &mut buffer), &mut matcher))
                    .max()?;
                let best = if named { u32::MAX } else { best };
                let possible = action.possible(model).is_ok();
                let here = !action.panes.is_empty() && action.works_in(model.pane);
                Some((best, possible && action.works_in(model.pane), here, possible, action.id))
            })
            .collect();
        found.sort_by_key(|(score, now, here, possible, _)| {
            std::cmp::Reverse((*score, *now, *here, *possible))
        });
        self.found = found.into_iter().map(|(_, _, _, _, id)| id).collect();
    }

    pub fn view(&self, model: &Model, frame: &mut Frame, area: Rect) {
        let look = model.look();
        let title = look.lang.word("palette.title");
        let inner = modal::over(frame, area, SIZE, title, &look);
        let screen = frame.buffer_mut();
        let plain = look.theme.style(Meaning::Plain);
        let x = text::put(screen, inner.x, inner.y, 2, "> ", plain);
        let end = text::put(screen, x, inner.y, inner.width.saturating_sub(3), &self.query, plain);
        text::put(screen, end, inner.y, 1, "▏", plain);
        frame.set_cursor_position((end, inner.y));
        let list = rows_of(inner);
        self.rows(model, frame, list);
        let screen = frame.buffer_mut();
        let keys = look.lang.word("palette.keys");
        let foot = inner.bottom().saturating_sub(1);
        text::put(screen, inner.x, foot, inner.width, keys, look.theme.style(Meaning::Dim));
        if self.found.is_empty() {
            text::put(screen, list.x, list.y, list.width, look.lang.word("palette.nothing"), plain);
        }
    }

    fn rows(&self, model: &Model, frame: &mut Frame, list: Rect) {
        let look = model.look();
        let first = self.first(list.height);
        let screen = frame.buffer_mut();
        for ((id, at), y) in self.found.iter().zip(0usize..).skip(first).zip(list.top()..list.bottom()) {
            let Some(action) = actions::all().find(|action| action.id == *id) else { continue };
            let possible = action.possible(model);
            let meaning = match (possible, at == self.at) {
                (_, true) => Meaning::Selected,
                (Err(_), false) => Meaning::Dim,
                (Ok(()), false) => Meaning::Plain,
            };
            let style = look.theme.style(meaning);
            let row = Rect { x: list.x.saturating_sub(2), y, width: list.width.saturating_add(4), height: 1 };
            screen.set_style(row, style);
            if at == self.at {
                text::put(screen, row.x, y, 1, Meaning::Selected.sign(), style);
            }
            let key = model.keymap.label(action, look.lang);
            let note = match possible {
                Err(reason) => model.say(reason, &[]),
                Ok(()) if action.works_in(model.pane) => String::new(),
                Ok(()) => elsewhere(action, look.lang).to_owned(),
            };
            let name_room = NAME_ROOM.min(list.width / 2);
            text::put(screen, list.x, y, name_room, look.lang.word(action.word), style);
            let x = list.x.saturating_add(name_room).saturating_add(1);
            text::put(screen, x, y, 7, &key, style);
            let x = x.saturating_add(8);
            text::put(screen, x, y, list.right().saturating_sub(x), &note, style);
        }
    }
}

/// Below what was typed, above the keys.
fn rows_of(inner: Rect) -> Rect {
    Rect { y: inner.y.saturating_add(2), height: inner.height.saturating_sub(3), ..inner }
}

/// The pane that the action belongs to, where it is another one.
fn elsewhere(action: &Action, lang: Lang) -> &'static str {
    let pane = action.panes.first().map(|id| crate::console::panes::of(*id));
    pane.map_or("", |pane| lang.word(pane.tab().0))
}
