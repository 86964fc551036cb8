//! The one form that every modal types into: its fields, its focus, and what is said beside each
//! field. It knows no provider and checks nothing by itself: its owner hands it the [`Problem`]s.
//!
//! ```text
//!   Origen        Operación   482.915.300,00
//!   Contraparte   carl▏                                      2 de 40
//!                 ▸ Carlos Rojas           llave @crojas
//!                   Carla Ruiz             ahorros ·1120
//!   Valor         1.200.000,00               COP
//!                 un millón doscientos mil pesos · se envía 120000000 (centavos)
//!   Descripción   anticipo noviembre         18 de 40
//! ```

mod keep;
pub mod mask;
mod picker;
mod plain;
mod view;

pub use keep::Kept;
pub use mask::Mask;
pub use picker::Choice;
pub use plain::{Asks, Question};
pub use view::{echo, pad, say_problem};

use super::typed::{TYPED_MAX, Typed};
use crate::block::{self, Part};
use crate::domain::money::Currency;
use crate::payments::draft::{Field, Problem};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use picker::Picker;

/// Rows of a picker's list on the screen at once.
const LIST_MAX: usize = 6;

/// What a key did to the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormEvent {
    /// Not a key of forms.
    Ignored,
    /// The form looks different; what it holds is the same.
    Moved,
    /// It holds something else: check again.
    Edited,
    /// The person is done: check, and go on to the review.
    Submit,
    /// Close it; what was typed may go.
    Leave,
}

/// How an amount leaves for the provider: said beside it, so that a wrong unit is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Cobre: 1.200.000,00 pesos leave as 120000000.
    Minor,
    /// Cobru: pesos, with decimals only where there are some.
    Whole,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Text {
        typed: Typed,
        most: Option<usize>,
        masked: bool,
        mask: Option<Mask>,
    },
    Amount {
        typed: Typed,
        currency: Currency,
        unit: Unit,
    },
    Pick(Picker),
    /// `required`: the word of why it may not be off.
    Check {
        on: bool,
        required: Option<&'static str>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    field: Field,
    /// Its word.
    label: &'static str,
    /// The word of an example, shown while it is empty and in focus.
    hint: Option<&'static str>,
    /// The word of what `F1` says of it.
    help: Option<&'static str>,
    /// What of a pasted block belongs into it, the best first.
    takes: &'static [Part],
    kind: Kind,
    /// Left once: from here on what is wrong with it is said.
    left: bool,
    /// Of no use as things stand, such as a SPEI reference for pesos of Colombia: neither drawn nor read.
    hidden: bool,
}

/// A modal's fields in their order, and which of them is typed into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    rows: Vec<Row>,
    focus: usize,
    problems: Vec<Problem>,
    /// `esc` was pressed over typed text, and the form asks.
    leaving: bool,
    /// `F1` was pressed: the help of the field in focus is said.
    helping: bool,
    /// Fields that the last paste filled, of how many parts that it had.
    filled: Option<(Vec<Field>, usize)>,
    /// What is typed is kept as a draft of this kind: leaving loses nothing and does not ask.
    draft: Option<&'static str>,
}

impl Form {
    pub const fn new() -> Self {
        Self {
            rows: Vec::new(),
            focus: 0,
            problems: Vec::new(),
            leaving: false,
            helping: false,
            filled: None,
            draft: None,
        }
    }

    #[must_use]
    fn with(mut self, field: Field, label: &'static str, kind: Kind) -> Self {
        let takes = match &kind {
            Kind::Text { mask: Some(mask), .. } => mask.parts(),
            Kind::Amount { .. } => &[Part::Amount],
            Kind::Text { .. } | Kind::Pick(_) | Kind::Check { .. } => &[],
        };
        self.rows.push(Row { field, label, hint: None, help: None, takes, kind, left: false, hidden: false });
        self
    }

    /// A line of text; `most` characters are counted beside it.
    #[must_use]
    pub fn text(self, field: Field, label: &'static str, most: Option<usize>) -> Self {
        self.with(field, label, Kind::Text { typed: Typed::default(), most, masked: false, mask: None })
    }

    /// A line of text shown as dots.
    #[must_use]
    pub fn secret(self, field: Field, label: &'static str) -> Self {
        self.with(field, label, Kind::Text { typed: Typed::default(), most: None, masked: true, mask: None })
    }

    /// A line that is grouped as it is typed and keeps only what belongs into it: an account's number, a
    /// CLABE, a key, a document, a day ([`mask::read_date`] reads it).
    #[must_use]
    pub fn masked(self, field: Field, label: &'static str, mask: Mask) -> Self {
        self.with(
            field,
            label,
            Kind::Text { typed: Typed::default(), most: None, masked: false, mask: Some(mask) },
        )
    }

    #[must_use]
    pub fn amount(self, field: Field, label: &'static str, currency: Currency, unit: Unit) -> Self {
        self.with(field, label, Kind::Amount { typed: Typed::default(), currency, unit })
    }

    #[must_use]
    pub fn pick(self, field: Field, label: &'static str, choices: Vec<Choice>) -> Self {
        let mut picker = Picker::default();
        picker.replace(choices);
        self.with(field, label, Kind::Pick(picker))
    }

    #[must_use]
    pub fn check(self, field: Field, label: &'static str, on: bool) -> Self {
        self.with(field, label, Kind::Check { on, required: None })
    }

    /// The word of an example for the field added last.
    #[must_use]
    pub fn hint(mut self, word: &'static str) -> Self {
        if let Some(row) = self.rows.last_mut() {
            row.hint = Some(word);
        }
        self
    }

    /// The word of what `F1` says of the field added last.
    #[must_use]
    pub fn help(mut self, word: &'static str) -> Self {
        if let Some(row) = self.rows.last_mut() {
            row.help = Some(word);
        }
        self
    }

    /// The field added last takes these parts of a pasted block, the first that is there. Masked fields
    /// and amounts know theirs already; a picker is given the bank's code, a document's kind (`cc`,
    /// `nit`…), an account's (`savings`, `checking`) or whatever else its rows may be searched by, and
    /// picks the row of that id or the only one that the search finds.
    #[must_use]
    pub fn takes(mut self, parts: &'static [Part]) -> Self {
        if let Some(row) = self.rows.last_mut() {
            row.takes = parts;
        }
        self
    }

    /// What is typed is kept as a draft of this kind (see `console::drafts`): `esc` leaves without asking.
    #[must_use]
    pub const fn drafted(mut self, kind: &'static str) -> Self {
        self.draft = Some(kind);
        self
    }

    /// Nothing of it is kept.
    #[must_use]
    pub fn undrafted(mut self) -> Self {
        self.draft = None;
        self
    }

    /// The row of a field that is of use now.
    fn row(&self, field: Field) -> Option<&Row> {
        self.rows.iter().find(|row| row.field == field && !row.hidden)
    }

    fn row_mut(&mut self, field: Field) -> Option<&mut Row> {
        let shown = self.rows.iter().position(|row| row.field == field && !row.hidden);
        let place = shown.or_else(|| self.rows.iter().position(|row| row.field == field))?;
        self.rows.get_mut(place)
    }

    /// What is typed in a text or amount field; empty for the others.
    pub fn value(&self, field: Field) -> &str {
        match self.row(field).map(|row| &row.kind) {
            Some(Kind::Text { typed, .. } | Kind::Amount { typed, .. }) => typed.value(),
            Some(Kind::Pick(_) | Kind::Check { .. }) | None => "",
        }
    }

    /// The id picked in a picker.
    pub fn picked(&self, field: Field) -> Option<&str> {
        match self.row(field).map(|row| &row.kind) {
            Some(Kind::Pick(picker)) => picker.chosen.as_deref(),
            Some(Kind::Text { .. } | Kind::Amount { .. } | Kind::Check { .. }) | None => None,
        }
    }

    pub fn ticked(&self, field: Field) -> bool {
        matches!(self.row(field).map(|row| &row.kind), Some(Kind::Check { on: true, .. }))
    }

    /// The field that is typed into.
    pub fn focus(&self) -> Option<Field> {
        self.rows.get(self.focus).map(|row| row.field)
    }

    /// Whether `esc` asked, and an answer is awaited.
    pub const fn is_leaving(&self) -> bool {
        self.leaving
    }

    /// New rows for a picker, as they come in; what is chosen and marked stays.
    pub fn set_choices(&mut self, field: Field, choices: Vec<Choice>) {
        if let Some(Row { kind: Kind::Pick(picker), .. }) = self.row_mut(field) {
            picker.replace(choices);
        }
    }

    /// Picks before the person does, such as the only balance there is.
    pub fn preset(&mut self, field: Field, id: &str) {
        if let Some(Row { kind: Kind::Pick(picker), .. }) = self.row_mut(field)
            && picker.choices.iter().any(|choice| choice.id == id)
        {
            picker.chosen = Some(id.to_owned());
            picker.preset.clone_from(&picker.chosen);
        }
    }

    /// Whether a field is of use. The one in focus stays.
    pub fn show(&mut self, field: Field, shown: bool) {
        let focus = self.focus();
        if let Some(row) = self.row_mut(field)
            && focus != Some(field)
        {
            row.hidden = !shown;
        }
    }

    /// Of the rows of one field, which ask for it in several ways, the one that is labelled so is of use;
    /// with `None` none of them. A row in focus hands it on.
    pub fn show_as(&mut self, field: Field, label: Option<&str>) {
        let focused = self.focus() == Some(field);
        for row in self.rows.iter_mut().filter(|row| row.field == field) {
            row.hidden = label != Some(row.label);
        }
        let shown = self.rows.iter().position(|row| row.field == field && !row.hidden);
        if let Some(place) = shown.filter(|_| focused) {
            self.focus = place;
        }
    }

    /// Starts in this field.
    pub fn focus_on(&mut self, field: Field) {
        if let Some(place) = self.rows.iter().position(|row| row.field == field && !row.hidden) {
            self.focus = place;
        }
    }

    pub fn set_text(&mut self, field: Field, text: &str) {
        if let Some(Row { kind: Kind::Text { typed, .. } | Kind::Amount { typed, .. }, .. }) =
            self.row_mut(field)
        {
            *typed = Typed::of(text);
        }
    }

    /// Ticks a box that may not be otherwise, and says why beside it; `None` leaves it to the person.
    pub fn require(&mut self, field: Field, why: Option<&'static str>) {
        if let Some(Row { kind: Kind::Check { on, required }, .. }) = self.row_mut(field) {
            *on |= why.is_some();
            *required = why;
        }
    }

    /// The currency an amount is echoed in: it follows the balance that is picked.
    pub fn set_currency(&mut self, field: Field, new: Currency) {
        if let Some(Row { kind: Kind::Amount { currency, .. }, .. }) = self.row_mut(field) {
            *currency = new;
        }
    }

    /// What does not hold, as its owner found. Said beside each field that was left once.
    pub fn set_problems(&mut self, problems: Vec<Problem>) {
        self.problems = problems;
    }

    /// After a submit that does not hold: everything is said, and the first wrong field is typed into.
    pub fn point_out(&mut self, problems: Vec<Problem>) {
        for row in &mut self.rows {
            row.left = true;
        }
        let wrong = |row: &Row| !row.hidden && problems.iter().any(|problem| problem.field == row.field);
        if let Some(first) = self.rows.iter().position(wrong) {
            self.focus = first;
        }
        self.problems = problems;
    }

    /// How many fields are known not to hold.
    pub fn problems(&self) -> usize {
        self.rows.iter().filter(|row| self.problems.iter().any(|p| p.field == row.field)).count()
    }

    pub fn key(&mut self, key: KeyEvent) -> FormEvent {
        if self.leaving {
            self.leaving = false;
            return if key.code == KeyCode::Enter { FormEvent::Leave } else { FormEvent::Moved };
        }
        self.filled = None;
        let helping = std::mem::take(&mut self.helping);
        if key.code == KeyCode::F(1) {
            self.helping = !helping;
            return FormEvent::Moved;
        }
        if key.modifiers == KeyModifiers::CONTROL && key.code == KeyCode::Char('o') {
            self.leave();
            return FormEvent::Submit;
        }
        match key.code {
            KeyCode::Esc => self.escape(),
            KeyCode::Enter => self.enter(),
            KeyCode::Tab => self.step(1),
            KeyCode::BackTab => self.step(self.rows.len().saturating_sub(1)),
            KeyCode::Down if !self.listing() => self.step(1),
            KeyCode::Up if !self.listing() => self.step(self.rows.len().saturating_sub(1)),
            _ => self.write(key),
        }
    }

    /// Pasted text goes into the field in focus and is never read as keys. A block of account details
    /// goes into the fields that take its parts.
    pub fn paste(&mut self, text: &str) -> FormEvent {
        self.leaving = false;
        self.filled = None;
        if self.paste_block(text) {
            return FormEvent::Edited;
        }
        match self.rows.get_mut(self.focus).map(|row| &mut row.kind) {
            Some(Kind::Text { typed, mask: Some(mask), .. }) => {
                let kept = text.chars().filter(|letter| mask.keeps(*letter)).take(TYPED_MAX);
                typed.paste(&kept.collect::<String>());
            }
            Some(Kind::Text { typed, .. } | Kind::Amount { typed, .. }) => typed.paste(text),
            Some(Kind::Pick(picker)) => {
                picker.typed.paste(text);
                picker.edited();
            }
            Some(Kind::Check { .. }) | None => return FormEvent::Moved,
        }
        FormEvent::Edited
    }

    /// Fills the fields that take a part of a block, where there are two or more of them, or where the
    /// one in focus is picked by what a block says. One part alone may as well be what a line of text is for.
    fn paste_block(&mut self, text: &str) -> bool {
        if self.rows.iter().all(|row| row.takes.is_empty()) {
            return false;
        }
        let block = block::read(text);
        let fits = |row: &Row| row.takes.iter().any(|part| block.get(*part).is_some());
        let searched =
            self.rows.get(self.focus).is_some_and(|row| matches!(row.kind, Kind::Pick(_)) && fits(row));
        let fields = self.rows.iter().filter(|row| fits(row)).count();
        if fields < 2 && !(searched && block.len() > 1) {
            return false;
        }
        let mut filled = Vec::new();
        for row in &mut self.rows {
            let values: Vec<&str> = row.takes.iter().filter_map(|part| block.get(*part)).collect();
            let Some(value) = values.first() else { continue };
            match &mut row.kind {
                Kind::Text { typed, .. } | Kind::Amount { typed, .. } => *typed = Typed::of(value),
                Kind::Pick(picker) => picker.look_for(&values),
                Kind::Check { .. } => continue,
            }
            row.left = true;
            filled.push(row.field);
        }
        self.filled = Some((filled, block.len()));
        true
    }

    /// Whether the field in focus shows a list that `↑↓` move in.
    fn listing(&self) -> bool {
        matches!(self.rows.get(self.focus).map(|row| &row.kind),
            Some(Kind::Pick(picker)) if picker.chosen.is_none())
    }

    /// Leaves the field in focus; whether that picked something.
    fn leave(&mut self) -> bool {
        let Some(row) = self.rows.get_mut(self.focus) else { return false };
        row.left = true;
        match &mut row.kind {
            Kind::Pick(picker) => picker.settle(),
            Kind::Text { .. } | Kind::Amount { .. } | Kind::Check { .. } => false,
        }
    }

    fn step(&mut self, by: usize) -> FormEvent {
        let picked = self.leave();
        let next = |at: usize| at.saturating_add(by).checked_rem(self.rows.len()).unwrap_or(0);
        let mut at = next(self.focus);
        while self.rows.get(at).is_some_and(|row| row.hidden) {
            at = next(at);
        }
        self.focus = at;
        if picked { FormEvent::Edited } else { FormEvent::Moved }
    }

    fn escape(&mut self) -> FormEvent {
        if let Some(Row { kind: Kind::Pick(picker), .. }) = self.rows.get_mut(self.focus)
            && !picker.typed.is_empty()
        {
            picker.typed.clear();
            picker.edited();
            return FormEvent::Edited;
        }
        if !self.holds_typing() || self.draft.is_some() {
            return FormEvent::Leave;
        }
        self.leaving = true;
        FormEvent::Moved
    }

    fn enter(&mut self) -> FormEvent {
        let last = self.rows.iter().skip(self.focus.saturating_add(1)).all(|row| row.hidden);
        if let Some(Row { kind: Kind::Pick(picker), left, .. }) = self.rows.get_mut(self.focus)
            && picker.chosen.is_none()
        {
            *left = true;
            if !picker.take() {
                return FormEvent::Moved;
            }
            if !last {
                self.step(1);
            }
            return FormEvent::Edited;
        }
        if last {
            self.leave();
            return FormEvent::Submit;
        }
        self.step(1)
    }

    fn write(&mut self, key: KeyEvent) -> FormEvent {
        let Some(row) = self.rows.get_mut(self.focus) else { return FormEvent::Ignored };
        match &mut row.kind {
            Kind::Text { typed, mask: Some(mask), .. } => match key.code {
                KeyCode::Char(letter)
                    if !key.modifiers.contains(KeyModifiers::CONTROL) && !mask.keeps(letter) =>
                {
                    FormEvent::Moved
                }
                _ => write_line(typed, key),
            },
            Kind::Text { typed, .. } | Kind::Amount { typed, .. } => write_line(typed, key),
            Kind::Check { required: Some(_), .. } => FormEvent::Ignored,
            Kind::Check { on, .. } => match key.code {
                KeyCode::Char(' ') | KeyCode::Left | KeyCode::Right => {
                    *on = !*on;
                    FormEvent::Edited
                }
                _ => FormEvent::Ignored,
            },
            Kind::Pick(picker) => match key.code {
                KeyCode::Up | KeyCode::Down | KeyCode::PageUp | KeyCode::PageDown => {
                    let last = picker.found.len().saturating_sub(1);
                    picker.at = match key.code {
                        KeyCode::Up => picker.at.saturating_sub(1),
                        KeyCode::Down => picker.at.saturating_add(1).min(last),
                        KeyCode::PageUp => picker.at.saturating_sub(LIST_MAX),
                        _ => picker.at.saturating_add(LIST_MAX).min(last),
                    };
                    FormEvent::Moved
                }
                KeyCode::Backspace if picker.chosen.is_some() => {
                    picker.edited();
                    FormEvent::Edited
                }
                _ => match write_line(&mut picker.typed, key) {
                    FormEvent::Edited => {
                        picker.edited();
                        FormEvent::Edited
                    }
                    other => other,
                },
            },
        }
    }

    /// Whether leaving would lose something that a person typed or picked.
    pub fn holds_typing(&self) -> bool {
        self.rows.iter().filter(|row| !row.hidden).any(|row| match &row.kind {
            Kind::Text { typed, .. } | Kind::Amount { typed, .. } => !typed.is_empty(),
            Kind::Pick(picker) => !picker.typed.is_empty() || picker.chosen != picker.preset,
            Kind::Check { .. } => false,
        })
    }
}

impl Default for Form {
    fn default() -> Self {
        Self::new()
    }
}

fn write_line(typed: &mut Typed, key: KeyEvent) -> FormEvent {
    let before = typed.clone();
    if !typed.key(key) {
        return FormEvent::Ignored;
    }
    if before.value() == typed.value() { FormEvent::Moved } else { FormEvent::Edited }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::model::Look;
    use crate::console::theme::Theme;
    use crate::i18n::{Dates, Lang, Numerals};
    use crate::sanitize::Clean;
    use insta::assert_snapshot;
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::{Position, Rect};

    const LABELS: [&str; 5] =
        ["form.source", "form.counterparty", "form.amount", "form.description", "form.approval"];

    fn choices() -> Vec<Choice> {
        [
            ("cp_1", "Carlos Rojas", "llave @crojas", "79.412.330"),
            ("cp_2", "Ferretería Andina", "ahorros ·0982", "900.123.456-8"),
            ("cp_3", "Suministros y Ferretería del Valle del Cauca y Nariño SAS", "corriente ·5461", ""),
        ]
        .map(|(id, name, beside, also)| Choice::new(id, &Clean::new(name), Clean::new(beside), also))
        .to_vec()
    }

    fn form() -> Form {
        let [source, counterparty, amount, description, approval] = LABELS;
        let balance = Clean::new("COP 482.915.300,00");
        let source_rows = vec![Choice::new("acc_1", &Clean::new("Operación"), balance, "")];
        let mut form = Form::new()
            .pick(Field::Source, source, source_rows)
            .pick(Field::Counterparty, counterparty, choices())
            .amount(Field::Amount, amount, Currency::Cop, Unit::Minor)
            .hint("form.hint_amount")
            .text(Field::Description, description, Some(40))
            .check(Field::CheckerApproval, approval, true);
        form.preset(Field::Source, "acc_1");
        form
    }

    fn press(form: &mut Form, code: KeyCode) -> FormEvent {
        form.key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn write(form: &mut Form, text: &str) {
        for letter in text.chars() {
            press(form, KeyCode::Char(letter));
        }
    }

    fn submit(form: &mut Form) -> FormEvent {
        form.key(KeyEvent::new(KeyCode::Char('o'), KeyModifiers::CONTROL))
    }

    /// The form as drawn, a `▏` where the cursor stands.
    fn drawn(form: &Form, lang: Lang, width: u16, height: u16) -> String {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        let zone = jiff::tz::TimeZone::UTC;
        let look = Look {
            lang,
            numerals: Numerals::of(lang),
            dates: Dates::DayFirst,
            zone: &zone,
            now: jiff::Timestamp::UNIX_EPOCH,
            theme: Theme::default(),
            wide: width >= 110,
        };
        let cursor = form.view(&look, area, &mut buffer).unwrap();
        let line = |y| {
            let cell = |x| if Position::new(x, y) == cursor { "▏" } else { buffer[(x, y)].symbol() };
            (0..width).map(cell).collect::<String>().trim_end().to_owned()
        };
        (0..height).map(line).collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }

    #[test]
    fn a_counterparty_is_found_by_typing_without_accents() {
        let mut form = form();
        press(&mut form, KeyCode::Tab);
        write(&mut form, "FERRETERIA");
        assert_snapshot!("picker", drawn(&form, Lang::Es, 76, 18));
        press(&mut form, KeyCode::Down);
        assert_eq!(press(&mut form, KeyCode::Enter), FormEvent::Edited);
        assert_eq!(form.picked(Field::Counterparty), Some("cp_3"));
        assert_eq!(form.focus(), Some(Field::Amount));
    }

    #[test]
    fn leaving_a_picker_takes_only_what_could_not_be_another() {
        let mut form = form();
        press(&mut form, KeyCode::Tab);
        write(&mut form, "ferre");
        assert_eq!(press(&mut form, KeyCode::Tab), FormEvent::Moved);
        assert_eq!(form.picked(Field::Counterparty), None);
        press(&mut form, KeyCode::BackTab);
        write(&mut form, " andina");
        assert_eq!(press(&mut form, KeyCode::Tab), FormEvent::Edited);
        assert_eq!(form.picked(Field::Counterparty), Some("cp_2"));
    }

    #[test]
    fn a_refresh_changes_neither_what_is_picked_nor_what_is_marked() {
        let mut form = form();
        press(&mut form, KeyCode::Tab);
        press(&mut form, KeyCode::Down);
        let mut new = choices();
        new.insert(0, Choice::new("cp_0", &Clean::new("Alba"), Clean::default(), ""));
        form.set_choices(Field::Counterparty, new);
        press(&mut form, KeyCode::Enter);
        assert_eq!(form.picked(Field::Counterparty), Some("cp_2"));
        form.set_choices(Field::Counterparty, choices());
        assert_eq!(form.picked(Field::Counterparty), Some("cp_2"));
    }

    #[test]
    fn a_barred_row_is_shown_with_its_reason_and_not_taken() {
        let mut form = form();
        let row = Choice::new("cp_9", &Clean::new("Banco"), Clean::new("x"), "").barred(Some("no se puede"));
        form.set_choices(Field::Counterparty, vec![row]);
        press(&mut form, KeyCode::Tab);
        write(&mut form, "banco");
        assert!(drawn(&form, Lang::Es, 76, 18).contains("no se puede"));
        assert_eq!(press(&mut form, KeyCode::Enter), FormEvent::Moved);
        press(&mut form, KeyCode::Tab);
        assert_eq!(form.picked(Field::Counterparty), None);
    }

    #[test]
    fn an_amount_is_heard_in_words_and_in_the_unit_that_is_sent() {
        let mut form = form();
        press(&mut form, KeyCode::Tab);
        press(&mut form, KeyCode::Tab);
        assert_snapshot!("hint", drawn(&form, Lang::En, 76, 18));
        write(&mut form, "1.200.000,00");
        assert_snapshot!("amount_es_76", drawn(&form, Lang::Es, 76, 18));
        assert_snapshot!("amount_es_116", drawn(&form, Lang::Es, 116, 18));
        assert_snapshot!("amount_en_76", drawn(&form, Lang::En, 76, 18));
        assert_snapshot!("amount_en_116", drawn(&form, Lang::En, 116, 18));
    }

    #[test]
    fn what_is_wrong_is_said_beside_a_field_once_it_was_left() {
        let mut form = form();
        let wrong = Problem { field: Field::Description, word: "problem.description.missing", with: vec![] };
        form.set_problems(vec![wrong.clone()]);
        let said = Lang::Es.word(wrong.word);
        assert!(!drawn(&form, Lang::Es, 76, 18).contains(said));
        form.point_out(vec![wrong]);
        assert_eq!(form.focus(), Some(Field::Description));
        assert!(drawn(&form, Lang::Es, 76, 18).contains(said));
        assert_eq!(form.problems(), 1);
    }

    #[test]
    fn a_long_description_is_counted_and_kept() {
        let mut form = form();
        for _ in 0..3 {
            press(&mut form, KeyCode::Tab);
        }
        form.paste(&"anticipo\n".repeat(8));
        assert_eq!(form.value(Field::Description).trim().chars().count(), 71);
        assert!(drawn(&form, Lang::Es, 76, 18).contains("71 de 40"));
    }

    #[test]
    fn escape_asks_before_text_is_lost() {
        let mut form = form();
        assert_eq!(press(&mut form, KeyCode::Esc), FormEvent::Leave);
        press(&mut form, KeyCode::Tab);
        write(&mut form, "fe");
        // The search goes first: after it nothing would be lost.
        assert_eq!(press(&mut form, KeyCode::Esc), FormEvent::Edited);
        assert_eq!(press(&mut form, KeyCode::Esc), FormEvent::Leave);
        press(&mut form, KeyCode::Tab);
        write(&mut form, "1");
        // Now the form asks; `esc` and any other key stay.
        for key in [KeyCode::Esc, KeyCode::Char('s')] {
            assert_eq!(press(&mut form, KeyCode::Esc), FormEvent::Moved);
            assert!(form.is_leaving());
            assert_eq!(press(&mut form, key), FormEvent::Moved);
            assert!(!form.is_leaving());
        }
        press(&mut form, KeyCode::Esc);
        assert_eq!(press(&mut form, KeyCode::Enter), FormEvent::Leave);
    }

    /// A form of a new counterparty, as its owner would make it.
    fn details() -> Form {
        let rows = |ids: &[&str]| {
            let row = |id: &&str| Choice::new(id, &Clean::new(id), Clean::default(), "");
            ids.iter().map(row).collect::<Vec<_>>()
        };
        Form::new()
            .pick(Field::Source, "form.source", rows(&["1007", "1051"]))
            .takes(&[Part::Bank])
            .masked(Field::Reference, "form.reference", Mask::Account)
            .pick(Field::CheckerApproval, "form.approval", rows(&["cc", "nit"]))
            .takes(&[Part::DocumentKind])
            .masked(Field::ExternalId, "form.external_id", Mask::Document)
            .text(Field::Description, "form.description", None)
            .takes(&[Part::Name])
            .help("form.hint_description")
            .drafted("details")
    }

    #[test]
    fn a_pasted_block_fills_the_fields_that_it_names() {
        let mut form = details();
        form.paste("Bancolombia ahorros 123-456789-01 NIT 900.123.456-8 Carlos Rojas");
        assert_eq!(form.picked(Field::Source), Some("1007"));
        assert_eq!(form.value(Field::Reference), "12345678901");
        assert_eq!(form.picked(Field::CheckerApproval), Some("nit"));
        assert_eq!(form.value(Field::ExternalId), "900123456-8");
        assert_eq!(form.value(Field::Description), "Carlos Rojas");
        assert_snapshot!("filled", drawn(&form, Lang::Es, 76, 18));
    }

    #[test]
    fn a_paste_that_is_no_block_goes_into_the_field_in_focus() {
        let mut form = details();
        press(&mut form, KeyCode::Tab);
        form.paste("488-401120");
        assert_eq!(form.value(Field::Reference), "488401120");
        press(&mut form, KeyCode::Char('x'));
        press(&mut form, KeyCode::Char('7'));
        assert_eq!(form.value(Field::Reference), "4884011207");
        assert!(drawn(&form, Lang::Es, 76, 18).contains("4884 0112 07"));
    }

    #[test]
    fn a_block_with_a_name_in_it_finds_the_counterparty() {
        let mut form =
            Form::new().pick(Field::Counterparty, LABELS[1], choices()).takes(&[Part::Key, Part::Name]);
        form.paste("Nequi 3001234567 Carlos Rojas");
        assert_eq!(form.picked(Field::Counterparty), Some("cp_1"));
    }

    #[test]
    fn f1_says_more_of_a_field_until_the_next_key() {
        let mut form = details();
        form.focus_on(Field::Description);
        write(&mut form, "x");
        let help = Lang::Es.word("form.hint_description");
        assert!(!drawn(&form, Lang::Es, 76, 18).contains(help));
        press(&mut form, KeyCode::F(1));
        assert!(drawn(&form, Lang::Es, 76, 18).contains(help));
        write(&mut form, "y");
        assert!(!drawn(&form, Lang::Es, 76, 18).contains(help));
    }

    #[test]
    fn what_a_form_held_is_there_again_in_the_next_one() {
        let mut form = details();
        form.paste("Davivienda ahorros 12345678901 CC 52123456 Ana Ruiz");
        assert_eq!(press(&mut form, KeyCode::Esc), FormEvent::Leave);
        let kept = form.kept();
        let mut next = details();
        next.set_choices(Field::Source, Vec::new());
        next.restore(&kept);
        assert_eq!(next.picked(Field::Source), None);
        // The banks come later.
        let bank = vec![Choice::new("1051", &Clean::new("Davivienda"), Clean::default(), "")];
        next.set_choices(Field::Source, bank);
        assert_eq!(next.kept(), kept);
    }

    #[test]
    fn a_paste_of_100_kb_is_cut_and_said_so() {
        let mut form = details();
        form.focus_on(Field::Description);
        form.paste(&"x".repeat(100_000));
        assert_eq!(form.value(Field::Description).chars().count(), TYPED_MAX);
        assert!(drawn(&form, Lang::Es, 76, 18).contains("se cortó"));
    }

    #[test]
    fn the_field_in_focus_is_always_in_view() {
        let mut form = form();
        for _ in 0..5 {
            for height in 1..8 {
                drawn(&form, Lang::Es, 56, height);
            }
            press(&mut form, KeyCode::Tab);
        }
    }

    proptest! {
        #[test]
        fn a_paste_presses_nothing(text in "\\PC{0,60}|[\\x00-\\x1f]{0,20}", field in 0..5) {
            let mut form = form();
            for _ in 0..field {
                press(&mut form, KeyCode::Tab);
            }
            let focus = form.focus();
            let event = form.paste(&text);
            prop_assert!(matches!(event, FormEvent::Edited | FormEvent::Moved));
            prop_assert_eq!(form.focus(), focus);
            prop_assert!(!form.is_leaving());
        }

        #[test]
        fn no_keys_panic(keys in proptest::collection::vec(0..12_u8, 0..60)) {
            let mut form = form();
            for key in keys {
                let code = [
                    KeyCode::Tab, KeyCode::BackTab, KeyCode::Enter, KeyCode::Esc, KeyCode::Up, KeyCode::Down,
                    KeyCode::Char('a'), KeyCode::Char(' '), KeyCode::Backspace, KeyCode::Left,
                    KeyCode::PageDown, KeyCode::Char('ñ'),
                ][usize::from(key)];
                press(&mut form, code);
                drawn(&form, Lang::Es, 60, 12);
            }
            submit(&mut form);
        }
    }
}
