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
mod keys;
pub mod mask;
mod picker;
mod plain;
mod view;

pub use keep::Kept;
pub use keys::FormEvent;
pub use mask::Mask;
pub use picker::Choice;
pub use plain::{Asks, Question};
pub use view::{echo, pad, say_problem};

use super::typed::Typed;
use crate::block::Part;
use crate::domain::money::Currency;
use crate::payments::draft::{Field, Problem};
use picker::Picker;

/// Rows of a picker's list on the screen at once.
const LIST_MAX: usize = 6;

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

#[cfg(test)]
mod tests;
