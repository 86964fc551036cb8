//! The one table. Sorting, filtering and alignment follow from its columns; only rows that are on the
//! screen are formatted; the selection is an id.

use super::text;
use crate::console::model::Look;
use crate::console::theme::Meaning;
use crate::domain::money::{Currency, Money};
use crate::i18n::{self, Lang, fold};
use crate::sanitize::Clean;
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use std::cell::Cell as Memory;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Text ready for one cell of the screen, and what it means. Made of our own words or of clean text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    text: String,
    meaning: Meaning,
}

impl Cell {
    pub fn clean(text: &Clean) -> Self {
        Self { text: text.as_str().to_owned(), meaning: Meaning::Plain }
    }

    /// From the word files, or digits of our own making.
    pub fn ours(text: impl Into<String>) -> Self {
        Self { text: text.into(), meaning: Meaning::Plain }
    }

    pub fn money(amount: Money, look: &Look<'_>) -> Self {
        Self::ours(i18n::money(amount, look.numerals))
    }

    pub fn signed(amount: Money, look: &Look<'_>) -> Self {
        Self::ours(i18n::money_signed(amount, look.numerals))
    }

    /// There is no such figure.
    pub fn none() -> Self {
        Self::ours("—")
    }

    #[must_use]
    pub fn means(self, meaning: Meaning) -> Self {
        Self { meaning, ..self }
    }

    /// With the sign of its meaning before the words.
    pub fn signed_word(meaning: Meaning, word: &str) -> Self {
        Self { text: format!("{} {word}", meaning.sign()), meaning }
    }
}

/// What a column is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Nothing,
    Text(String),
    Number(i64),
    Money(Currency, i64),
    Time(Timestamp),
}

impl Key {
    pub fn text(text: &str) -> Self {
        Self::Text(fold(text))
    }

    pub const fn money(money: Money) -> Self {
        Self::Money(money.currency, money.minor)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// As wide as its widest cell on the screen, never less than this. For amounts, states, times.
    Fit(u16),
    /// Between these; cut with `…` where it must be. For names and descriptions.
    Flex(u16, u16),
}

pub struct Column<T: 'static> {
    /// A key of the word files.
    pub title: &'static str,
    pub width: Width,
    pub align: Align,
    /// When there is no room, the column with the highest number goes first; 0 never goes.
    pub drops: u8,
    pub cell: fn(&T, &Look<'_>) -> Cell,
    pub sort: fn(&T) -> Key,
}

/// What a table can show.
pub trait Row: Sized + 'static {
    const COLUMNS: &'static [Column<Self>];

    /// The provider's identifier, by which the row is known again after a refresh.
    fn id(&self) -> &str;

    /// Everything that the quick filter looks into.
    fn haystack(&self, lang: Lang) -> String;
}

/// The window of a list that was never drawn.
const UNSEEN: (usize, usize) = (0, 0);

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
    /// Whether a person moved the selection.
    chosen: bool,
    marks: BTreeSet<Arc<str>>,
    filter: String,
    order: Option<Order>,
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
            chosen: false,
            marks: BTreeSet::new(),
            filter: String::new(),
            order: None,
            window: Memory::new(UNSEEN),
            place_drawn: Memory::new(Rect::ZERO),
        }
    }
}

impl<T: Row> List<T> {
    /// The rows of a new reading.
    pub fn replace(&mut self, rows: Vec<T>, lang: Lang) {
        self.rows = rows;
        self.folded.clear();
        self.arrange(lang);
        // Nobody has seen it yet: rows of several providers come one after the other, and the first
        // of them all is where a person begins.
        if self.selected.is_none() || self.window.get() == UNSEEN {
            self.select_at(0);
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

    fn arrange(&mut self, lang: Lang) {
        self.shown = if self.filter.is_empty() {
            (0..self.rows.len()).collect()
        } else {
            if self.folded.len() != self.rows.len() {
                self.folded = self.rows.iter().map(|row| fold(&row.haystack(lang))).collect();
            }
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

/// What the frame does with whichever list is in front.
pub trait Listing {
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
    /// Selects the row that the last drawing put at this place. Says whether there was one, and
    /// whether it was selected already.
    fn click(&mut self, x: u16, y: u16) -> Option<Clicked>;
}

impl<T: Row> Listing for List<T> {
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
        if let (Some(id), Some(_)) = (&self.selected, self.cursor)
            && !self.marks.remove(id)
        {
            self.marks.insert(Arc::clone(id));
        }
    }

    fn clear_marks(&mut self) {
        self.marks.clear();
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
        Some(Clicked::Selected)
    }
}

/// The sign at the edge of the selected row takes two cells.
const EDGE: u16 = 2;
const GAP: u16 = 1;

/// Headings and the rows that have room, the selected one among them.
///
/// ```text
///   Cuenta             Mon           Saldo        Hoy neto    Ed
/// ▸ Operación          COP  482.915.300,00  −65.000.000,00    2s
/// ```
pub fn draw<T: Row>(frame: &mut Frame, area: Rect, list: &List<T>, look: &Look<'_>) {
    if area.height < 2 || area.width <= EDGE {
        return;
    }
    let room = usize::from(area.height.saturating_sub(1));
    let first = window(list, room);
    list.window.set((first, room));
    list.place_drawn.set(area);
    let visible: Vec<&T> = list.shown().skip(first).take(room).collect();
    let columns = Laid::out(&visible, list.order, area.width.saturating_sub(EDGE).saturating_sub(GAP), look);
    let mut cursor = None;
    let screen = frame.buffer_mut();
    columns.head(screen, area, look);
    for ((row, line), y) in visible.iter().zip(0usize..).zip(area.top().saturating_add(1)..area.bottom()) {
        let here = list.cursor == first.checked_add(line);
        let marked = list.marks.contains(row.id());
        columns.row(screen, area, y, line, (here, marked), look);
        if here {
            cursor = Some((area.x, y));
        }
    }
    scrollbar(screen, area, first, room, list.shown.len());
    // The terminal's own cursor stands on the selected row: screen readers follow it.
    if let Some(place) = cursor {
        frame.set_cursor_position(place);
    }
}

/// The first row to draw: as before, moved only as far as the selection asks.
fn window<T: Row>(list: &List<T>, room: usize) -> usize {
    let before = list.window.get().0.min(list.shown.len().saturating_sub(room));
    match list.cursor {
        Some(at) if at < before => at,
        Some(at) if at >= before.saturating_add(room) => at.saturating_add(1).saturating_sub(room),
        Some(_) | None => before,
    }
}

/// On the box's right border, where there is more than fits.
fn scrollbar(screen: &mut ratatui::buffer::Buffer, area: Rect, first: usize, room: usize, rows: usize) {
    if rows <= room || rows == 0 {
        return;
    }
    let height = usize::from(area.height.saturating_sub(1));
    let size = (height.saturating_mul(room) / rows).clamp(1, height);
    let top = first.saturating_mul(height.saturating_sub(size)) / rows.saturating_sub(room).max(1);
    for line in top..top.saturating_add(size) {
        let y = area.top().saturating_add(1).saturating_add(u16::try_from(line).unwrap_or(u16::MAX));
        if let Some(cell) = screen.cell_mut((area.right(), y)) {
            cell.set_symbol("┃");
        }
    }
}

struct LaidColumn {
    title: String,
    width: u16,
    align: Align,
    cells: Vec<Cell>,
}

/// Columns that found room, with the cells of the visible rows.
struct Laid(Vec<LaidColumn>);

impl Laid {
    fn out<T: Row>(rows: &[&T], order: Option<Order>, room: u16, look: &Look<'_>) -> Self {
        struct Wanted<T: 'static> {
            column: &'static Column<T>,
            laid: LaidColumn,
            least: u16,
            most: u16,
        }
        let want = |(at, column): (usize, &'static Column<T>)| {
            let mut title = look.lang.word(column.title).to_owned();
            if let Some(order) = order.filter(|order| order.column == at) {
                title.push(if order.descending { '▼' } else { '▲' });
            }
            let cells: Vec<Cell> = rows.iter().map(|row| (column.cell)(row, look)).collect();
            let widest = cells.iter().map(|cell| text::width(&cell.text)).max().unwrap_or(0);
            let heading = text::width(&title);
            let (least, most) = match column.width {
                Width::Fit(least) => {
                    let width = widest.max(least).max(heading);
                    (width, width)
                }
                Width::Flex(least, most) => {
                    // No wider than what stands in it: the room is for the columns behind.
                    let least = least.max(heading);
                    (least, most.min(widest).max(least))
                }
            };
            Wanted {
                column,
                laid: LaidColumn { title, width: least, align: column.align, cells },
                least,
                most,
            }
        };
        let mut wanted: Vec<Wanted<T>> = T::COLUMNS.iter().enumerate().map(want).collect();
        let taken = |wanted: &[Wanted<T>]| {
            let gaps = GAP.saturating_mul(u16::try_from(wanted.len()).unwrap_or(0).saturating_sub(1));
            wanted.iter().fold(gaps, |sum, column| sum.saturating_add(column.least))
        };
        while taken(&wanted) > room {
            let last = wanted.iter().map(|wanted| wanted.column.drops).max().unwrap_or(0);
            if last == 0 {
                break;
            }
            wanted.retain(|wanted| wanted.column.drops < last);
        }
        // A cell at a time to each that still wants one, so that no column starves behind another.
        let mut spare = room.saturating_sub(taken(&wanted));
        while spare > 0 {
            let before = spare;
            for column in wanted.iter_mut().filter(|wanted| wanted.laid.width < wanted.most) {
                let grown = spare.min(1);
                column.laid.width = column.laid.width.saturating_add(grown);
                spare = spare.saturating_sub(grown);
            }
            if spare == before {
                break;
            }
        }
        Self(wanted.into_iter().map(|wanted| wanted.laid).collect())
    }

    fn head(&self, screen: &mut ratatui::buffer::Buffer, area: Rect, look: &Look<'_>) {
        let style = look.theme.style(Meaning::Heading);
        self.cells(area, |column, x, room| {
            let title = text::fit(&column.title, room);
            text::put(screen, x.saturating_add(indent(column, &title, room)), area.y, room, &title, style);
        });
    }

    /// One row. The selected one is reversed over its whole width and has the sign at the edge.
    fn row(
        &self,
        screen: &mut ratatui::buffer::Buffer,
        area: Rect,
        y: u16,
        line: usize,
        (here, marked): (bool, bool),
        look: &Look<'_>,
    ) {
        let selected = look.theme.style(Meaning::Selected);
        if here {
            screen.set_style(Rect { y, height: 1, ..area }, selected);
            text::put(screen, area.x, y, 1, Meaning::Selected.sign(), selected);
        }
        if marked {
            text::put(screen, area.x.saturating_add(1), y, 1, "*", look.theme.style(Meaning::Focus));
        }
        self.cells(area, |column, x, room| {
            let Some(cell) = column.cells.get(line) else { return };
            let shown = text::fit(&cell.text, room);
            let style = if here { selected } else { look.theme.style(cell.meaning) };
            text::put(screen, x.saturating_add(indent(column, &shown, room)), y, room, &shown, style);
        });
    }

    fn cells(&self, area: Rect, mut each: impl FnMut(&LaidColumn, u16, u16)) {
        let mut x = area.x.saturating_add(EDGE);
        for column in &self.0 {
            let room = column.width.min(area.right().saturating_sub(x));
            each(column, x, room);
            x = x.saturating_add(column.width).saturating_add(GAP);
        }
    }
}

fn indent(column: &LaidColumn, shown: &str, room: u16) -> u16 {
    match column.align {
        Align::Left => 0,
        Align::Right => room.saturating_sub(text::width(shown)),
    }
}

/// Sorts by what people compare: exported for panes that order before they list.
pub fn newest_first(a: Timestamp, b: Timestamp) -> Ordering {
    b.cmp(&a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone, PartialEq)]
    struct Payee(&'static str, i64);

    impl Row for Payee {
        const COLUMNS: &'static [Column<Self>] = &[
            Column {
                title: "column.counterparty",
                width: Width::Flex(4, 20),
                align: Align::Left,
                drops: 0,
                cell: |row, _| Cell::ours(row.0),
                sort: |row| Key::text(row.0),
            },
            Column {
                title: "column.amount",
                width: Width::Fit(6),
                align: Align::Right,
                drops: 0,
                cell: |row, _| Cell::ours(row.1.to_string()),
                sort: |row| Key::Number(row.1),
            },
        ];

        fn id(&self) -> &str {
            self.0
        }

        fn haystack(&self, _: Lang) -> String {
            self.0.to_owned()
        }
    }

    fn list() -> List<Payee> {
        let mut list = List::default();
        list.replace(vec![Payee("Pérez", 3), Payee("Álvarez", 1), Payee("Zuluaga", 2)], Lang::Es);
        list
    }

    #[test]
    fn the_selection_stays_on_its_id_through_refresh_sort_and_filter() {
        let mut list = list();
        list.step(Step::Down);
        assert_eq!(list.selected_id(), Some("Álvarez"));
        list.sort_next(Lang::Es);
        assert_eq!((list.selected_id(), list.position()), (Some("Álvarez"), Some(1)));
        list.set_filter("ALV", Lang::Es);
        assert_eq!((list.selected_id(), list.counts()), (Some("Álvarez"), (1, 3)));
        list.set_filter("", Lang::Es);
        list.replace(vec![Payee("Zuluaga", 2), Payee("Ñ", 9), Payee("Álvarez", 1)], Lang::Es);
        assert_eq!(list.selected_id(), Some("Álvarez"));
    }

    #[test]
    fn a_row_that_leaves_hands_its_keys_to_no_other() {
        let mut list = list();
        list.step(Step::Down);
        list.replace(vec![Payee("Pérez", 3), Payee("Zuluaga", 2)], Lang::Es);
        assert_eq!(list.selected_id(), None);
        list.toggle_mark();
        assert_eq!(list.marks(), 0);
        list.step(Step::Down);
        assert_eq!(list.selected_id(), Some("Zuluaga"));
    }

    #[test]
    fn a_list_that_nobody_saw_begins_at_its_first_row() {
        let mut list = list();
        list.replace(vec![Payee("Ñ", 9), Payee("Pérez", 3)], Lang::Es);
        assert_eq!(list.selected_id(), Some("Ñ"));
    }

    #[test]
    fn a_filter_finds_names_without_their_accents() {
        let mut list = list();
        list.set_filter("perez", Lang::Es);
        assert_eq!(list.selected_id(), Some("Pérez"));
        list.toggle_mark();
        list.set_filter("zul", Lang::Es);
        assert_eq!((list.marks(), list.marks_hidden()), (1, 1));
    }

    proptest! {
        #[test]
        fn some_shown_row_is_selected_after_any_step(steps in proptest::collection::vec(0usize..6, 0..30)) {
            let all = [Step::Up, Step::Down, Step::PageUp, Step::PageDown, Step::First, Step::Last];
            let mut list = list();
            for step in steps {
                list.step(all[step]);
                prop_assert!(list.selected().is_some());
            }
        }
    }
}
