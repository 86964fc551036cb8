//! Every write that was ever tried from here, its state, and what is known of it.

use super::{Pane, PaneId};
use crate::console::actions::Action;
use crate::console::effect::Effect;
use crate::console::facts::Standing;
use crate::console::model::Model;
use crate::console::widgets::table::{Align, Cell, Column, Key, List, Listing, Row, Width};
use crate::i18n::Lang;
use crate::sanitize::Clean;
use crate::store::{OutboxEntry, State as Stage};
use crate::sync::news::{News, Resource};
use ratatui::Frame;
use ratatui::layout::Rect;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    pub list: List<Line>,
    unknowns: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    Look,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    id: String,
    entry: OutboxEntry,
}

impl Row for Line {
    const COLUMNS: &'static [Column<Self>] = &[Column {
        title: "column.state",
        width: Width::Fit(14),
        align: Align::Left,
        drops: 0,
        cell: |row, look| Cell::ours(look.lang.outbox_state(row.entry.state.code())),
        sort: |row| Key::text(row.entry.state.code()),
    }];

    fn id(&self) -> &str {
        &self.id
    }

    fn haystack(&self, _: Lang) -> String {
        self.id.clone()
    }
}

/// Writes whose end is not known.
pub const fn unknowns(model: &Model) -> usize {
    model.panes.outbox.unknowns
}

pub fn update(_model: &mut Model, msg: &Msg) -> Vec<Effect> {
    match msg {
        Msg::Look => Vec::new(),
    }
}

pub struct Outbox;

impl Pane for Outbox {
    fn id(&self) -> PaneId {
        PaneId::Outbox
    }

    fn tab(&self) -> (&'static str, &'static str) {
        ("tab.outbox", "tab_short.outbox")
    }

    fn badge(&self, model: &Model) -> Option<String> {
        let unknowns = unknowns(model);
        (unknowns > 0).then(|| format!("{unknowns}?"))
    }

    fn actions(&self) -> &'static [Action] {
        &[]
    }

    fn resources(&self) -> &'static [Resource] {
        &[]
    }

    fn standing<'a>(&self, model: &'a Model) -> Standing<'a> {
        match model.facts.outbox {
            None => Standing::Loading { done: 0, of: 1 },
            Some(_) => Standing::Fresh { at: model.now },
        }
    }

    fn told(&self, model: &mut Model, news: &News) -> Vec<Effect> {
        if matches!(news, News::Outbox(_)) {
            self.rebuild(model);
        }
        Vec::new()
    }

    fn rebuild(&self, model: &mut Model) {
        let lang = model.lang();
        let entries = model.facts.outbox.iter().flat_map(|entries| entries.iter());
        let lines: Vec<Line> =
            entries.map(|entry| Line { id: entry.intent.to_string(), entry: entry.clone() }).collect();
        model.panes.outbox.unknowns = lines.iter().filter(|line| line.entry.state == Stage::Unknown).count();
        model.panes.outbox.list.replace(lines, lang);
    }

    fn list<'a>(&self, model: &'a Model) -> &'a dyn Listing {
        &model.panes.outbox.list
    }

    fn list_mut<'a>(&self, model: &'a mut Model) -> &'a mut dyn Listing {
        &mut model.panes.outbox.list
    }

    fn copy(&self, _model: &Model) -> Option<(&'static str, Clean)> {
        None
    }

    fn status(&self, _model: &Model) -> String {
        String::new()
    }

    fn view(&self, _model: &Model, _frame: &mut Frame, _body: Rect) {}
}
