//! The one table. Sorting, filtering and alignment follow from its columns; only rows that are on the
//! screen are formatted; the selection is an id.

mod column;
mod draw;
mod listing;

pub use column::{Align, Cell, Column, Fnv, Key, Row, Width};
pub use draw::{WATCHED, draw};
pub use listing::{Clicked, Listing, Needle, Step};

use crate::console::model::Look;
use crate::console::theme::Meaning;
use crate::domain::money::{Currency, Money};
use crate::i18n::{Lang, fold};
use ratatui::Frame;
use ratatui::layout::Rect;
use std::cell::Cell as Memory;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The window of a list that was never drawn.
const UNSEEN: (usize, usize) = (0, 0);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Order {
    column: usize,
    descending: bool,
}

/// Rows as they came, and which of them are shown. Refreshing, sorting and filtering keep the selected
/// id; when its row leaves with a refresh nothing is selected until a key moves, so that no key can act
/// on a row that slid under the cursor.
#[derive(Debug, Clone, PartialEq)]
pub struct List<T> {
    rows: Vec<T>,
    /// Folded texts for the filter; made when first needed.
    folded: Vec<String>,
    shown: Vec<usize>,
    selected: Option<Arc<str>>,
    /// Where the selected row stands among those shown, from 0.
    cursor: Option<usize>,
    /// Where it stood last, to go on from when it is gone.
    place: usize,
    /// What was selected in the last run, while it has not come.
    wanted: Option<Arc<str>>,
    /// Whether a person moved the selection.
    chosen: bool,
    marks: BTreeSet<Arc<str>>,
    /// Where a range of marks began, and what was marked before it.
    range: Option<(Arc<str>, BTreeSet<Arc<str>>)>,
    filter: String,
    order: Option<Order>,
    /// Columns behind the first that are scrolled out on the left.
    shift: usize,
    /// Rows that came or changed since this person last looked, with the sign that says which.
    fresh: HashMap<Arc<str>, Meaning>,
    /// The rows of the last look by what they said; `None`: nobody has looked yet.
    seen: Option<HashMap<Arc<str>, u64>>,
    /// Rows that this person wants to hear of, by what they said last.
    watched: BTreeMap<Arc<str>, u64>,
    /// Those of them that changed or left, until it is told.
    moved: Vec<Arc<str>>,
    /// What the last drawing showed: first row and how many had room. The only thing drawing leaves
    /// behind, and nothing but drawing and paging reads it.
    window: Memory<(usize, usize)>,
    /// Where it was drawn, for the mouse.
    place_drawn: Memory<Rect>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            folded: Vec::new(),
            shown: Vec::new(),
            selected: None,
            cursor: None,
            place: 0,
            wanted: None,
            chosen: false,
            marks: BTreeSet::new(),
            range: None,
            filter: String::new(),
            order: None,
            shift: 0,
            fresh: HashMap::new(),
            seen: None,
            watched: BTreeMap::new(),
            moved: Vec::new(),
            window: Memory::new(UNSEEN),
            place_drawn: Memory::new(Rect::ZERO),
        }
    }
}

impl<T: Row> List<T> {
    /// The rows of a new reading.
    pub fn replace(&mut self, rows: Vec<T>, lang: Lang) {
        // An empty list has been looked at: what comes after it begins at its first row, as a new one does.
        if rows.is_empty() && self.window.get() != UNSEEN {
            self.selected = None;
        }
        let before = std::mem::replace(&mut self.rows, rows);
        self.follow(&before);
        self.folded.clear();
        self.compare();
        self.arrange(lang);
        // Nobody has seen it yet: rows of several providers come one after the other, and the first
        // of them all is where a person begins.
        if self.selected.is_none() || self.window.get() == UNSEEN {
            self.select_at(0);
        }
        if let Some(id) = self.wanted.take_if(|id| self.rows.iter().any(|row| row.id() == &**id)) {
            self.select(&id);
        }
    }

    pub fn rows(&self) -> &[T] {
        &self.rows
    }

    pub fn selected(&self) -> Option<&T> {
        self.rows.get(*self.shown.get(self.cursor?)?)
    }

    /// The rows that pass the filter, in the order of the screen.
    pub fn shown(&self) -> impl Iterator<Item = &T> {
        self.shown.iter().filter_map(|at| self.rows.get(*at))
    }

    /// The marked rows, also those that the filter hides.
    pub fn marked(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().filter(|row| self.marks.contains(row.id()))
    }

    /// While a list is still coming together the first row stays selected, unless a person chose one.
    pub fn first_unless_chosen(&mut self) {
        if !self.chosen {
            self.select_at(0);
        }
    }

    /// Selects the row of this id, if it is shown.
    pub fn select(&mut self, id: &str) -> bool {
        self.seen();
        let at = self.shown.iter().position(|at| self.rows.get(*at).is_some_and(|row| row.id() == id));
        if let Some(at) = at {
            self.chosen = true;
            self.select_at(at);
        }
        at.is_some()
    }

    /// Someone has it in hand, drawn or not.
    fn seen(&self) {
        if self.window.get() == UNSEEN {
            self.window.set((0, 1));
        }
    }

    fn select_at(&mut self, at: usize) {
        let row = self.shown.get(at).and_then(|row| self.rows.get(*row));
        self.cursor = row.is_some().then_some(at);
        self.selected = row.map(|row| row.id().into());
        self.place = at;
    }

    fn fold_rows(&mut self, lang: Lang) {
        if self.folded.len() != self.rows.len() {
            self.folded = self.rows.iter().map(|row| fold(&row.haystack(lang))).collect();
        }
    }

    /// Which rows are new or changed since the last look.
    fn compare(&mut self) {
        self.fresh.clear();
        let Some(seen) = &self.seen else { return };
        for row in &self.rows {
            let sign = match seen.get(row.id()) {
                None => Meaning::New,
                Some(before) if *before != row.said() => Meaning::Changed,
                Some(_) => continue,
            };
            self.fresh.insert(row.id().into(), sign);
        }
    }

    /// What became of the watched rows. One that has not come yet, after a start, is waited for.
    fn follow(&mut self, before: &[T]) {
        let Self { rows, watched, moved, .. } = self;
        watched.retain(|id, said| {
            let is = |row: &&T| row.id() == &**id;
            let now = rows.iter().find(is).map(Row::said);
            if now.is_some_and(|now| now != *said) || now.is_none() && before.iter().any(|row| is(&row)) {
                moved.push(Arc::clone(id));
            }
            *said = now.unwrap_or(*said);
            now.is_some() || !moved.contains(id)
        });
    }

    fn arrange(&mut self, lang: Lang) {
        self.shown = if self.filter.is_empty() {
            (0..self.rows.len()).collect()
        } else {
            self.fold_rows(lang);
            let words: Vec<String> = self.filter.split_whitespace().map(fold).collect();
            let passes = |text: &String| words.iter().all(|word| text.contains(word));
            self.folded.iter().enumerate().filter(|(_, text)| passes(text)).map(|(at, _)| at).collect()
        };
        if let Some(order) = self.order
            && let Some(column) = T::COLUMNS.get(order.column)
        {
            let key = |at: &usize| self.rows.get(*at).map_or(Key::Nothing, column.sort);
            let mut keyed: Vec<(Key, usize)> = self.shown.iter().map(|at| (key(at), *at)).collect();
            // Stable, so that equals stay as the provider ordered them.
            keyed.sort_by(|(a, _), (b, _)| if order.descending { b.cmp(a) } else { a.cmp(b) });
            self.shown = keyed.into_iter().map(|(_, at)| at).collect();
        }
        self.cursor = self.selected.as_ref().and_then(|id| {
            self.shown.iter().position(|at| self.rows.get(*at).is_some_and(|row| row.id() == &**id))
        });
        if let Some(at) = self.cursor {
            self.place = at;
        }
    }
}

impl<T: Row> Listing for List<T> {
    fn draw(&self, frame: &mut Frame, area: Rect, look: &Look<'_>) {
        draw(frame, area, self, look);
    }

    fn step(&mut self, step: Step) {
        self.seen();
        let last = self.shown.len().saturating_sub(1);
        let page = self.window.get().1.saturating_sub(1).max(1);
        // With the row gone, the next key picks up the one in its place.
        let (from, moved) = self.cursor.map_or((self.place, 0), |at| (at, 1));
        let at = match step {
            Step::Up => from.saturating_sub(1),
            Step::Down => from.saturating_add(moved),
            Step::PageUp => from.saturating_sub(page),
            Step::PageDown => from.saturating_add(page),
            Step::First => 0,
            Step::Last => last,
        };
        self.chosen = true;
        self.select_at(at.min(last));
        self.extend_range();
    }

    fn filter(&self) -> &str {
        &self.filter
    }

    fn set_filter(&mut self, filter: &str, lang: Lang) {
        self.seen();
        filter.clone_into(&mut self.filter);
        self.arrange(lang);
        // The person's own filter hid the selected row: the first match takes over.
        if self.cursor.is_none() {
            self.select_at(0);
        }
    }

    fn sort_next(&mut self, lang: Lang) {
        let next = self.order.map_or(0, |order| order.column.saturating_add(1));
        self.order = T::COLUMNS.get(next).map(|_| Order { column: next, descending: false });
        self.arrange(lang);
    }

    fn sort_other_way(&mut self, lang: Lang) {
        let order = self.order.unwrap_or(Order { column: 0, descending: false });
        self.order = Some(Order { descending: !order.descending, ..order });
        self.arrange(lang);
    }

    fn toggle_mark(&mut self) {
        self.range = None;
        if let (Some(id), Some(_)) = (&self.selected, self.cursor)
            && !self.marks.remove(id)
        {
            self.marks.insert(Arc::clone(id));
        }
    }

    fn clear_marks(&mut self) {
        self.marks.clear();
        self.range = None;
    }

    fn marks(&self) -> usize {
        self.marks.len()
    }

    fn marks_hidden(&self) -> usize {
        let seen = self.shown().filter(|row| self.marks.contains(row.id())).count();
        self.marks.len().saturating_sub(seen)
    }

    fn selected_id(&self) -> Option<&str> {
        self.selected().map(Row::id)
    }

    fn counts(&self) -> (usize, usize) {
        (self.shown.len(), self.rows.len())
    }

    fn position(&self) -> Option<usize> {
        self.cursor.map(|at| at.saturating_add(1))
    }

    fn texts(
        &self,
        look: &Look<'_>,
        first: usize,
        most: usize,
    ) -> Vec<(String, Vec<(&'static str, String)>)> {
        let cells =
            |row: &T| T::COLUMNS.iter().map(|column| (column.title, (column.cell)(row, look).text)).collect();
        self.shown().skip(first).take(most).map(|row| (row.id().to_owned(), cells(row))).collect()
    }

    fn select(&mut self, id: &str) -> bool {
        Self::select(self, id)
    }

    fn click(&mut self, x: u16, y: u16) -> Option<Clicked> {
        let place = self.place_drawn.get();
        let line = y.checked_sub(place.y.saturating_add(1))?;
        let at = self.window.get().0.saturating_add(line.into());
        if !place.contains((x, y).into()) || at >= self.shown.len() {
            return None;
        }
        if self.cursor == Some(at) {
            return Some(Clicked::Again);
        }
        self.chosen = true;
        self.select_at(at);
        self.extend_range();
        Some(Clicked::Selected)
    }

    fn toggle_range(&mut self) {
        if self.range.take().is_some() {
            return;
        }
        if let (Some(id), Some(_)) = (&self.selected, self.cursor) {
            self.range = Some((Arc::clone(id), self.marks.clone()));
            self.extend_range();
        }
    }

    fn ranging(&self) -> bool {
        self.range.is_some()
    }

    fn shift(&mut self, right: bool) {
        let most = T::COLUMNS.len().saturating_sub(2);
        self.shift =
            if right { self.shift.saturating_add(1).min(most) } else { self.shift.saturating_sub(1) };
    }

    fn written(&self, look: &Look<'_>, marked: bool) -> (Vec<String>, Vec<Vec<Cell>>) {
        let titles = T::COLUMNS.iter().map(|column| look.lang.word(column.title).to_owned()).collect();
        // A file is read on another day: times stand whole in it, and ages as the time that they count from.
        let cell = |row: &T, column: &Column<T>| match (column.sort)(row) {
            Key::Time(at) if matches!(column.title, "column.time" | "column.age") => {
                Cell::ours(at.to_zoned(look.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string())
            }
            _ => (column.cell)(row, look),
        };
        let cells = |row: &T| T::COLUMNS.iter().map(|column| cell(row, column)).collect();
        let rows =
            if marked { self.marked().map(cells).collect() } else { self.shown().map(cells).collect() };
        (titles, rows)
    }

    fn sums(&self) -> Vec<Money> {
        let summed = |column: &&Column<T>| matches!(column.title, "column.amount" | "column.balance");
        let Some(column) = T::COLUMNS.iter().find(summed) else { return Vec::new() };
        let mut sums: BTreeMap<Currency, Option<i64>> = BTreeMap::new();
        for row in self.marked() {
            if let Key::Money(currency, minor) = (column.sort)(row) {
                let sum = sums.entry(currency).or_insert(Some(0));
                *sum = sum.and_then(|sum| sum.checked_add(minor));
            }
        }
        sums.into_iter().filter_map(|(currency, sum)| Some(Money::new(sum?, currency))).collect()
    }

    fn selected_cells(&self, look: &Look<'_>) -> Vec<(&'static str, Cell)> {
        let Some(row) = self.selected() else { return Vec::new() };
        T::COLUMNS.iter().map(|column| (column.title, (column.cell)(row, look))).collect()
    }

    fn search(&mut self, needles: &[Needle], most: usize, look: &Look<'_>) -> Vec<(String, String)> {
        self.fold_rows(look.lang);
        let hits = self.folded.iter().zip(&self.rows).filter(|(text, row)| {
            needles.iter().all(|needle| needle.is_in(text) || needle.is_in(&fold(row.id())))
        });
        hits.take(most).map(|(_, row)| (row.id().to_owned(), in_a_line(row, needles, look))).collect()
    }

    fn find(&mut self, id: &str, lang: Lang) -> bool {
        if !self.select(id) && !self.filter.is_empty() {
            self.set_filter("", lang);
            return self.select(id);
        }
        self.selected_id() == Some(id)
    }

    fn order(&self) -> Option<(usize, bool)> {
        self.order.map(|order| (order.column, order.descending))
    }

    fn set_order(&mut self, order: Option<(usize, bool)>, lang: Lang) {
        let known = order.filter(|(column, _)| *column < T::COLUMNS.len());
        self.order = known.map(|(column, descending)| Order { column, descending });
        self.arrange(lang);
    }

    fn fresh(&self) -> usize {
        self.fresh.len()
    }

    fn look_at(&mut self) {
        self.fresh.clear();
        self.seen = Some(self.rows.iter().map(|row| (row.id().into(), row.said())).collect());
    }

    fn seen_rows(&self, most: usize) -> Option<Vec<(String, u64)>> {
        let seen = self.seen.as_ref()?;
        // The rows that came first are the newest: they are those that a next start may still list.
        let rows = self.rows.iter().filter_map(|row| Some((row.id().to_owned(), *seen.get(row.id())?)));
        Some(rows.take(most).collect())
    }

    fn resume(&mut self, id: &str) {
        self.wanted = Some(id.into());
    }

    fn toggle_watch(&mut self) -> Option<bool> {
        let row = self.selected()?;
        let (id, said) = (Arc::from(row.id()), row.said());
        if self.watched.remove(&id).is_some() {
            return Some(false);
        }
        self.watched.insert(id, said);
        Some(true)
    }

    fn watched_rows(&self) -> Vec<(String, u64)> {
        self.watched.iter().map(|(id, said)| (id.to_string(), *said)).collect()
    }

    fn set_watched(&mut self, watched: Vec<(String, u64)>) {
        self.watched = watched.into_iter().map(|(id, said)| (id.into(), said)).collect();
    }

    fn take_moved(&mut self) -> Vec<Arc<str>> {
        std::mem::take(&mut self.moved)
    }

    fn line(&self, id: &str, look: &Look<'_>) -> Option<String> {
        self.rows.iter().find(|row| row.id() == id).map(|row| in_a_line(row, &[], look))
    }

    fn set_seen(&mut self, seen: Vec<(String, u64)>) {
        self.seen = Some(seen.into_iter().map(|(id, said)| (id.into(), said)).collect());
        self.compare();
    }
}

impl<T: Row> List<T> {
    /// While a range is open, what lies between its two ends is marked besides what was before.
    fn extend_range(&mut self) {
        let Some((from, before)) = &self.range else { return };
        let place =
            |id: &str| self.shown.iter().position(|at| self.rows.get(*at).is_some_and(|row| row.id() == id));
        let (Some(from), Some(to)) = (place(from), self.cursor) else { return };
        let mut marks = before.clone();
        let (first, last) = (from.min(to), from.max(to));
        let rows = self.shown.iter().skip(first).take(last.saturating_sub(first).saturating_add(1));
        marks.extend(rows.filter_map(|at| self.rows.get(*at)).map(|row| Arc::from(row.id())));
        self.marks = marks;
    }
}

/// What a row says in one line: what was looked for first, then what a narrow table would keep longest.
fn in_a_line<T: Row>(row: &T, needles: &[Needle], look: &Look<'_>) -> String {
    let cells = T::COLUMNS.iter().map(|column| (column, (column.cell)(row, look).text));
    let mut cells: Vec<_> = cells.filter(|(_, text)| !text.is_empty() && text != "—").collect();
    if !needles.is_empty() {
        let holds = |text: &str| needles.iter().any(|needle| needle.is_in(&fold(text)));
        cells.sort_by_cached_key(|(column, text)| (!holds(text), column.drops));
    }
    cells.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("  ")
}

#[cfg(test)]
mod tests;
