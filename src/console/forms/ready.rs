//! The last step of a form that asks for nothing to be typed: what will be written is shown, `⏎` writes it.

use super::{confirm, may, record};
use crate::console::effect::Effect;
use crate::console::model::Model;
use crate::console::widgets::form as fields;
use crate::payments::Checked;
use crate::payments::draft::Problem;
use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;

/// What `⏎` would write, and since when it is shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Ready(Option<(Checked, Timestamp)>);

impl Ready {
    pub(super) const fn is_shown(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn show(&mut self, checked: Checked, model: &Model) {
        self.0 = Some((checked, model.now));
    }

    /// A key while it is shown. `Some`: the form closes, and asks for this.
    pub(super) fn key(&mut self, key: KeyEvent, model: &mut Model) -> Option<Vec<Effect>> {
        let (checked, since) = self.0.take()?;
        match key.code {
            KeyCode::Esc => {}
            KeyCode::Enter if !confirm::deaf(since, model.now) => return Some(record(checked, model)),
            _ => self.0 = Some((checked, since)),
        }
        None
    }

    /// The keys while it is shown; `make` is the word of what `⏎` does.
    pub(super) fn hints(&self, make: &'static str) -> Option<Vec<(String, &'static str)>> {
        self.is_shown().then(|| vec![("⏎".to_owned(), make), ("esc".to_owned(), "form.key_back")])
    }
}

/// What holds, if this person may ask for it; else points out why not.
pub(super) fn permitted(
    checked: Result<Checked, Vec<Problem>>,
    fields: &mut fields::Form,
    model: &mut Model,
) -> Option<Checked> {
    match checked {
        Ok(checked) => may(&checked, model).then_some(checked),
        Err(problems) => {
            fields.point_out(problems);
            None
        }
    }
}
