//! The picker of a form: a list that is searched by typing.

use crate::console::theme::Meaning;
use crate::console::widgets::typed::Typed;
use crate::i18n::fold;
use crate::sanitize::Clean;
use std::fmt::Display;

/// One row of a picker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub id: String,
    pub name: Clean,
    /// Stands beside the name: a balance, a destination.
    pub beside: Clean,
    /// Whether what stands beside is an amount: amounts end in one column.
    pub figures: bool,
    /// Why it cannot be picked, if so: it stays in the list, greyed.
    pub barred: Option<Clean>,
    folded: String,
}

impl Choice {
    /// `also` is searched besides the name and what stands beside it.
    pub fn new(id: impl Display, name: &Clean, beside: Clean, also: &str) -> Self {
        let folded = fold(&format!("{name} {beside} {also}"));
        // Hidden characters were taken out of it: a name may not be what it seems.
        let sign = if name.altered() { format!("{} ", Meaning::Look.sign()) } else { String::new() };
        let name = Clean::new(&format!("{sign}{name}"));
        Self { id: id.to_string(), name, beside, figures: false, barred: None, folded }
    }

    #[must_use]
    pub fn figures(self) -> Self {
        Self { figures: true, ..self }
    }

    #[must_use]
    pub fn barred(self, why: Option<&str>) -> Self {
        Self { barred: why.map(Clean::new), ..self }
    }
}

/// A list searched by typing. What is chosen is an id: a refresh never changes it to another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Picker {
    pub typed: Typed,
    pub choices: Vec<Choice>,
    /// Places in `choices` that match what is typed.
    pub found: Vec<usize>,
    /// Place of the mark in `found`.
    pub at: usize,
    pub chosen: Option<String>,
    /// What was chosen before the person came.
    pub preset: Option<String>,
    /// What a draft had chosen, while no row of it has come.
    wanted: Option<String>,
}

impl Picker {
    fn search(&mut self) {
        let needles: Vec<String> = fold(self.typed.value()).split_whitespace().map(str::to_owned).collect();
        let hit = |choice: &Choice| needles.iter().all(|needle| choice.folded.contains(needle.as_str()));
        let hits = self.choices.iter().enumerate().filter(|(_, choice)| hit(choice));
        self.found = hits.map(|(place, _)| place).collect();
    }

    fn marked(&self) -> Option<&Choice> {
        self.found.get(self.at).and_then(|place| self.choices.get(*place))
    }

    pub fn choice(&self) -> Option<&Choice> {
        let id = self.chosen.as_ref()?;
        self.choices.iter().find(|choice| choice.id == *id)
    }

    pub fn replace(&mut self, choices: Vec<Choice>) {
        let marked = self.marked().map(|choice| choice.id.clone());
        self.choices = choices;
        self.search();
        let place = |id: &String| {
            self.found.iter().position(|place| self.choices.get(*place).is_some_and(|c| c.id == *id))
        };
        self.at = marked.as_ref().and_then(place).unwrap_or(0);
        self.found_wanted();
    }

    /// Takes the marked row, if it may be taken.
    pub fn take(&mut self) -> bool {
        let Some(id) = self.marked().filter(|choice| choice.barred.is_none()).map(|c| c.id.clone()) else {
            return false;
        };
        self.chosen = Some(id);
        self.typed.clear();
        self.at = 0;
        self.search();
        true
    }

    /// Leaving the field takes a row only where no other could have been meant.
    pub fn settle(&mut self) -> bool {
        self.chosen.is_none() && !self.typed.is_empty() && self.found.len() == 1 && self.take()
    }

    /// Picks the row of one of these ids, else the only one that a search for one of them finds. Else the
    /// last search stays typed for the person to see.
    pub fn look_for(&mut self, values: &[&str]) {
        let known = |value: &&str| {
            let wanted = fold(value);
            self.choices.iter().find(|choice| fold(&choice.id) == wanted && choice.barred.is_none())
        };
        if let Some(id) = values.iter().find_map(known).map(|choice| choice.id.clone()) {
            self.edited();
            self.typed.clear();
            self.search();
            self.chosen = Some(id);
            return;
        }
        for value in values {
            self.typed = Typed::of(value);
            self.edited();
            if self.settle() {
                return;
            }
        }
    }

    /// Picks a row by its id as soon as there is one.
    pub fn want(&mut self, id: &str) {
        self.wanted = Some(id.to_owned());
        self.found_wanted();
    }

    fn found_wanted(&mut self) {
        if let Some(id) = self.wanted.take_if(|id| self.choices.iter().any(|choice| choice.id == **id)) {
            self.chosen = Some(id);
        }
    }

    pub fn edited(&mut self) {
        self.chosen = None;
        self.wanted = None;
        self.at = 0;
        self.search();
    }
}
