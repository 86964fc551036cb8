//! Notices: what the status line said, newest first, with its time. No tab of its own: the palette and
//! help lead here.

use super::{Pane, PaneId};
use crate::console::actions::Action;
use crate::console::effect::Effect;
use crate::console::facts::Standing;
use crate::console::model::Model;
use crate::console::theme::Meaning;
use crate::console::widgets::detail::{self, Fact};
use crate::console::widgets::table::{Align, Cell, Column, Key, List, Listing, Row, Width};
use crate::i18n::Lang;
use crate::sanitize::Clean;
use crate::sync::news::{News, Resource};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

/// Notices that are kept; the oldest goes first.
pub const KEPT_MAX: usize = 300;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    pub list: List<Line>,
}

/// A notice as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    id: String,
    at: Timestamp,
    meaning: Meaning,
    said: Clean,
}

impl Row for Line {
    const COLUMNS: &'static [Column<Self>] = &[
        Column {
            title: "column.time",
            width: Width::Fit(5),
            align: Align::Left,
            drops: 0,
            cell: |row, look| Cell::ours(detail::when(row.at, look)),
            sort: |row| Key::Time(row.at),
        },
        Column {
            title: "column.notice",
            width: Width::Flex(40, 150),
            align: Align::Left,
            drops: 0,
            cell: |row, _| {
                let sign = row.meaning.sign().trim();
                let gap = if sign.is_empty() { "" } else { " " };
                Cell::ours(format!("{sign}{gap}{}", row.said)).means(row.meaning)
            },
            sort: |row| Key::text(row.said.as_str()),
        },
    ];

    fn id(&self) -> &str {
        &self.id
    }

    fn haystack(&self, _: Lang) -> String {
        self.said.to_string()
    }
}

pub struct Notices;

impl Pane for Notices {
    fn id(&self) -> PaneId {
        PaneId::Notices
    }

    fn tab(&self) -> (&'static str, &'static str) {
        ("pane.notices", "pane.notices")
    }

    fn tabbed(&self) -> bool {
        false
    }

    fn actions(&self) -> &'static [Action] {
        &[]
    }

    fn resources(&self) -> &'static [Resource] {
        &[]
    }

    fn standing<'a>(&self, _: &'a Model) -> Standing<'a> {
        Standing::Own
    }

    fn told(&self, _: &mut Model, _: &News) -> Vec<Effect> {
        Vec::new()
    }

    fn rebuild(&self, model: &mut Model) {
        let lang = model.lang();
        let line = |(number, at, saying): &(u64, Timestamp, crate::console::model::Saying)| Line {
            id: format!("{number}"),
            at: *at,
            meaning: saying.meaning,
            said: Clean::new(&saying.text(lang)),
        };
        let lines = model.said.iter().map(line).collect();
        model.panes.notices.list.replace(lines, lang);
    }

    fn list<'a>(&self, model: &'a Model) -> &'a dyn Listing {
        &model.panes.notices.list
    }

    fn list_mut<'a>(&self, model: &'a mut Model) -> &'a mut dyn Listing {
        &mut model.panes.notices.list
    }

    fn copy(&self, model: &Model) -> Option<(&'static str, Clean)> {
        let line = model.panes.notices.list.selected()?;
        Some(("copy.notice", line.said.clone()))
    }

    fn status(&self, model: &Model) -> String {
        let n = u64::try_from(model.panes.notices.list.rows().len()).unwrap_or(u64::MAX);
        model.lang().count("count.notices", n, &[])
    }

    fn view(&self, model: &Model, frame: &mut Frame, body: Rect) {
        let list = &model.panes.notices.list;
        let title = model.lang().word("pane.notices");
        let facts = list.selected().map(|line| {
            let time = detail::moment_with_utc(line.at, &model.look());
            (String::new(), vec![Fact::head(line.said.to_string()), Fact::named("column.time", time)])
        });
        detail::list_over_detail(self, model, (frame, body), (title, "notices.empty"), list, facts);
    }
}
