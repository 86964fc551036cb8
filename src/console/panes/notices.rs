//! Notices: what the status line said, newest first, with its time. No tab of its own: the palette and
//! help lead here.

use super::Pane;
use crate::console::facts::Health;
use crate::console::model::Model;
use crate::console::standing;
use crate::console::theme::Meaning;
use crate::console::widgets::detail::{self, Fact};
use crate::console::widgets::table::{Align, Cell, Column, Key, List, Row, Width};
use crate::i18n::Lang;
use crate::providers::Failure;
use crate::sanitize::Clean;
use crate::sync::news::News;
use jiff::Timestamp;

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

/// The action that leads here.
pub const GO: &str = "go.notices";

pub struct Notices;

impl Pane for Notices {
    fn title(&self) -> &'static str {
        "pane.notices"
    }

    fn empty(&self) -> &'static str {
        "notices.empty"
    }

    fn counted(&self) -> &'static str {
        "count.notices"
    }

    fn rebuild(&self, model: &mut Model) {
        let lang = model.lang();
        let line = |(number, at, saying): &(u64, Timestamp, crate::console::model::Saying)| Line {
            id: format!("{number}"),
            at: *at,
            meaning: saying.meaning,
            said: Clean::new(&saying.text(model)),
        };
        let lines = model.said.iter().map(line).collect();
        model.panes.notices.list.replace(lines, lang);
    }

    fn copy(&self, model: &Model) -> Option<(&'static str, Clean)> {
        let line = model.panes.notices.list.selected()?;
        Some(("copy.notice", line.said.clone()))
    }

    fn facts(&self, model: &Model) -> Option<(String, Vec<Fact>)> {
        let line = model.panes.notices.list.selected()?;
        let time = detail::moment_with_utc(line.at, &model.look());
        let facts = vec![Fact::head(line.said.to_string()), Fact::named("column.time", time)];
        Some((model.lang().word("column.notice").to_owned(), facts))
    }
}

/// A failure goes to the notices too, where it is read whole and copied: once, until it is another.
pub fn keep_failure(model: &mut Model, news: &News) {
    let News::Failed { provider, why, retry_at, .. } = news else { return };
    let same = match model.facts.health(*provider) {
        Health::Failing { why: before, .. } => std::mem::discriminant(before) == std::mem::discriminant(why),
        Health::Waiting | Health::Ok { .. } => false,
    };
    // What a credential may not read is told by its pane: it says nothing of the provider's health.
    if !same && !matches!(why, Failure::Unsupported | Failure::Forbidden { .. }) {
        model.keep(standing::failure(model, *provider, why, *retry_at));
    }
}
