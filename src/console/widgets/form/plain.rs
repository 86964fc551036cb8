//! A form as questions: for plain mode, which asks one field after another.

use super::{Form, Kind, Picker, say_problem};
use crate::i18n::Lang;
use crate::payments::draft::Field;

/// The field in focus, as it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub field: Field,
    /// Words of its name and of an example.
    pub label: &'static str,
    pub hint: Option<&'static str>,
    pub asks: Asks,
    /// What is typed is not shown.
    pub masked: bool,
    /// No field that is of use comes before or after it.
    pub first: bool,
    pub last: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asks {
    /// A line of text, an amount, a date: as they are typed.
    Text {
        now: String,
    },
    /// What is chosen, and the rows that match what was typed, with why one can't be taken.
    Pick {
        chosen: Option<String>,
        found: Vec<(String, Option<String>)>,
    },
    Check {
        on: bool,
    },
}

impl Form {
    pub fn question(&self) -> Option<Question> {
        let row = self.rows.get(self.focus)?;
        let asks = match &row.kind {
            Kind::Text { masked: true, typed, .. } => {
                Asks::Text { now: "•".repeat(typed.value().chars().count()) }
            }
            Kind::Text { typed, .. } | Kind::Amount { typed, .. } => {
                Asks::Text { now: typed.value().to_owned() }
            }
            Kind::Check { on, .. } => Asks::Check { on: *on },
            Kind::Pick(picker) => Asks::Pick {
                chosen: picker.choice().map(|choice| format!("{} {}", choice.name, choice.beside)),
                found: found(picker),
            },
        };
        let last = self.rows.iter().skip(self.focus.saturating_add(1)).all(|row| row.hidden);
        let first = self.rows.iter().take(self.focus).all(|row| row.hidden);
        let masked = matches!(row.kind, Kind::Text { masked: true, .. });
        Some(Question { field: row.field, label: row.label, hint: row.hint, asks, masked, first, last })
    }

    /// What does not hold in a field that was left once.
    pub fn problem(&self, field: Field, lang: Lang) -> Option<String> {
        let left = self.row(field).is_some_and(|row| row.left);
        let problem = self.problems.iter().find(|problem| problem.field == field).filter(|_| left)?;
        Some(say_problem(problem, lang))
    }
}

fn found(picker: &Picker) -> Vec<(String, Option<String>)> {
    let rows = picker.found.iter().filter_map(|place| picker.choices.get(*place));
    rows.map(|choice| {
        let parts = [choice.name.as_str(), choice.beside.as_str()];
        let said = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
        (said, choice.barred.as_ref().map(ToString::to_string))
    })
    .collect()
}
