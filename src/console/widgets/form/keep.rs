//! What a form holds, as plain text: for drafts that outlive it.

use super::{Form, Kind};
use crate::console::widgets::typed::Typed;

/// Fields by the word of their label, with what is typed, picked or ticked in them. Secrets stay out.
pub type Kept = Vec<(String, String)>;

impl Form {
    /// The kind of its drafts, where it keeps any.
    pub const fn draft(&self) -> Option<&'static str> {
        self.draft
    }

    /// What it holds now, empty fields left out.
    pub fn kept(&self) -> Kept {
        let value = |kind: &Kind| match kind {
            Kind::Text { masked: true, .. } => None,
            Kind::Text { typed, .. } | Kind::Amount { typed, .. } => Some(typed.value().to_owned()),
            Kind::Pick(picker) => picker.chosen.clone(),
            Kind::Check { on, .. } => Some(if *on { "1" } else { "0" }.to_owned()),
        };
        let row = |row: &super::Row| Some((row.label.to_owned(), value(&row.kind)?));
        self.rows.iter().filter_map(row).filter(|(_, value)| !value.is_empty()).collect()
    }

    /// Fills the fields that it still has. A choice that is not there yet is picked when it comes.
    pub fn restore(&mut self, kept: &Kept) {
        for (label, value) in kept {
            let Some(row) = self.rows.iter_mut().find(|row| row.label == label) else { continue };
            match &mut row.kind {
                Kind::Text { masked: true, .. } => {}
                Kind::Text { typed, .. } | Kind::Amount { typed, .. } => *typed = Typed::of(value),
                Kind::Pick(picker) => picker.want(value),
                Kind::Check { on, required } => *on = value == "1" || required.is_some(),
            }
        }
    }
}
