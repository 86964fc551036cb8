//! A list without its rows' type: what the frame, the search and the plain mode do with whichever is in front.

use super::Cell;
use crate::console::model::Look;
use crate::domain::money::Money;
use crate::i18n::{Lang, fold};
use ratatui::Frame;
use ratatui::layout::Rect;
use std::sync::Arc;

/// What a click on a row did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clicked {
    Selected,
    /// The row was selected already: a second click opens it.
    Again,
}

/// A step of the selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
}

impl Step {
    /// Where it leads in a short list, whose last is `last`.
    pub fn from(self, at: usize, last: usize) -> usize {
        match self {
            Self::Up => at.saturating_sub(1),
            Self::Down => at.saturating_add(1),
            Self::PageUp => at.saturating_sub(10),
            Self::PageDown => at.saturating_add(10),
            Self::First => 0,
            Self::Last => last,
        }
        .min(last)
    }
}

/// What the frame does with whichever list is in front.
pub trait Listing {
    fn draw(&self, frame: &mut Frame, area: Rect, look: &Look<'_>);
    fn step(&mut self, step: Step);
    fn filter(&self) -> &str;
    fn set_filter(&mut self, filter: &str, lang: Lang);
    fn sort_next(&mut self, lang: Lang);
    fn sort_other_way(&mut self, lang: Lang);
    fn toggle_mark(&mut self);
    fn clear_marks(&mut self);
    fn marks(&self) -> usize;
    fn marks_hidden(&self) -> usize;
    fn selected_id(&self) -> Option<&str>;
    /// Rows shown and rows there are.
    fn counts(&self) -> (usize, usize);
    /// From 1.
    fn position(&self) -> Option<usize>;
    /// Rows shown, from a place on, as text: the id of each, and its cells with the words of their columns.
    fn texts(&self, look: &Look<'_>, first: usize, most: usize)
    -> Vec<(String, Vec<(&'static str, String)>)>;
    /// Selects a row by its id, if it is shown.
    fn select(&mut self, id: &str) -> bool;
    /// Selects the row that the last drawing put at this place. Says whether there was one, and
    /// whether it was selected already.
    fn click(&mut self, x: u16, y: u16) -> Option<Clicked>;
    /// Begins a range of marks at the selected row, or ends it: until then every step marks.
    fn toggle_range(&mut self);
    /// Whether steps mark.
    fn ranging(&self) -> bool;
    /// Scrolls the columns behind the first.
    fn shift(&mut self, right: bool);
    /// The headings, and the cells of the rows shown in their order, every column of them; or of the rows that
    /// are marked, also where a filter hides them.
    fn written(&self, look: &Look<'_>, marked: bool) -> (Vec<String>, Vec<Vec<Cell>>);
    /// What the marked rows add up to, by currency; empty where they have no amount.
    fn sums(&self) -> Vec<Money>;
    /// The cells of the selected row with their headings.
    fn selected_cells(&self, look: &Look<'_>) -> Vec<(&'static str, Cell)>;
    /// Rows that hold every needle, at most `most`: their id, and what they say in one line.
    fn search(&mut self, needles: &[Needle], most: usize, look: &Look<'_>) -> Vec<(String, String)>;
    /// Selects a row by its id, also one that a filter hides: the filter goes.
    fn find(&mut self, id: &str, lang: Lang) -> bool;
    /// Sorted by which column, and whether from the largest.
    fn order(&self) -> Option<(usize, bool)>;
    fn set_order(&mut self, order: Option<(usize, bool)>, lang: Lang);
    /// Rows that are new or changed since the last look.
    fn fresh(&self) -> usize;
    /// The person looks: what is shown from now on is compared with what stands here now.
    fn look_at(&mut self);
    /// What was seen, for the next start, and back.
    fn seen_rows(&self, most: usize) -> Option<Vec<(String, u64)>>;
    fn set_seen(&mut self, seen: Vec<(String, u64)>);
    /// Selects this row once it comes.
    fn resume(&mut self, id: &str);
    /// Watches the selected row, or no longer; says which.
    fn toggle_watch(&mut self) -> Option<bool>;
    /// The watched rows by what they said last, for the next start, and back.
    fn watched_rows(&self) -> Vec<(String, u64)>;
    fn set_watched(&mut self, watched: Vec<(String, u64)>);
    /// Watched rows that changed or left since this was asked last.
    fn take_moved(&mut self) -> Vec<Arc<str>>;
    /// What a row says in one line.
    fn line(&self, id: &str, look: &Look<'_>) -> Option<String>;
}

/// A word that is looked for, with the other ways in which it may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle(Vec<String>);

impl Needle {
    /// `900.123.456-8` is also `9001234568` and `900123456`.
    pub fn new(word: &str) -> Self {
        let word = fold(word);
        let bare = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let mut ways = vec![word.clone()];
        if word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-')) {
            let before = word.rsplit_once('-').map_or("", |(before, _)| before);
            let others = [bare(&word), bare(before), before.to_owned()];
            ways.extend(others.into_iter().filter(|way| way.len() > 4));
        }
        Self(ways)
    }

    pub(super) fn is_in(&self, text: &str) -> bool {
        self.0.iter().any(|way| text.contains(way.as_str()))
    }
}
