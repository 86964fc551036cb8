//! The banks that Cobre pays at: what accounts each holds, how fast it is paid, and how many of one's own
//! counterparties are there. No tab of its own: the palette leads here.

use super::Pane;
use crate::console::model::Model;
use crate::console::widgets::detail::Fact;
use crate::console::widgets::table::{Align, Cell, Column, Key, List, Row, Width};
use crate::domain::bank::{Institution, colombian, institution};
use crate::i18n::{Lang, grouped};
use crate::sanitize::Clean;
use crate::sync::news::Resource;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    pub list: List<Line>,
}

/// A bank as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    bank: Institution,
    /// Counterparties whose account is there.
    ours: u32,
}

impl Line {
    fn kinds(&self, lang: Lang) -> String {
        let kinds = [("ch", "destination.ch"), ("cc", "destination.cc"), ("dp", "destination.dp")];
        let held = kinds.into_iter().filter(|(kind, _)| self.bank.holds(kind));
        held.map(|(_, word)| lang.word(word)).collect::<Vec<_>>().join(" · ")
    }

    fn rail(&self) -> &'static str {
        if self.bank.has_fast_pay() { "type.fast_pay" } else { "type.ach" }
    }

    fn arrives(&self) -> &'static str {
        if self.bank.has_fast_pay() { "rail.arrives.seconds" } else { "rail.arrives.ach" }
    }
}

impl Row for Line {
    const COLUMNS: &'static [Column<Self>] = &[
        Column {
            title: "column.institution",
            width: Width::Flex(18, 30),
            align: Align::Left,
            drops: 0,
            cell: |row, _| Cell::ours(row.bank.name),
            sort: |row| Key::text(row.bank.name),
        },
        Column {
            title: "banks.code",
            width: Width::Fit(6),
            align: Align::Left,
            drops: 0,
            cell: |row, _| Cell::ours(row.bank.code),
            sort: |row| Key::text(row.bank.code),
        },
        Column {
            title: "column.rail",
            width: Width::Fit(8),
            align: Align::Left,
            drops: 0,
            cell: |row, look| Cell::ours(look.lang.word(row.rail())),
            sort: |row| Key::Number(i64::from(!row.bank.has_fast_pay())),
        },
        Column {
            title: "banks.accounts",
            width: Width::Flex(20, 34),
            align: Align::Left,
            drops: 5,
            cell: |row, look| Cell::ours(row.kinds(look.lang)),
            sort: |row| Key::text(&row.kinds(Lang::Es)),
        },
        Column {
            title: "banks.ours",
            width: Width::Fit(5),
            align: Align::Right,
            drops: 6,
            cell: |row, look| Cell::ours(grouped(row.ours.into(), look.numerals)),
            sort: |row| Key::Number(row.ours.into()),
        },
    ];

    fn id(&self) -> &str {
        self.bank.code
    }

    fn haystack(&self, lang: Lang) -> String {
        format!("{} {} {} {}", self.bank.name, self.bank.code, lang.word(self.rail()), self.kinds(lang))
    }
}

/// The action that leads here.
pub const GO: &str = "go.banks";

pub struct Banks;

impl Pane for Banks {
    fn title(&self) -> &'static str {
        "pane.banks"
    }

    fn empty(&self) -> &'static str {
        "banks.empty"
    }

    fn counted(&self) -> &'static str {
        "count.banks"
    }

    fn made_of(&self) -> &'static [Resource] {
        &[Resource::Counterparties]
    }

    fn rebuild(&self, model: &mut Model) {
        let at = |bank: &Institution| {
            let codes = model.facts.counterparties.rows().map(|row| row.destination.institution.as_str());
            codes.filter_map(institution).filter(|known| known == bank).count()
        };
        let line = |bank| Line { ours: u32::try_from(at(&bank)).unwrap_or(u32::MAX), bank };
        let lines = colombian().map(line).collect();
        let lang = model.lang();
        model.panes.banks.list.replace(lines, lang);
    }

    fn copy(&self, model: &Model) -> Option<(&'static str, Clean)> {
        let line = model.panes.banks.list.selected()?;
        Some(("column.institution", Clean::new(&format!("{} {}", line.bank.code, line.bank.name))))
    }

    fn facts(&self, model: &Model) -> Option<(String, Vec<Fact>)> {
        let line = model.panes.banks.list.selected()?;
        let lang = model.lang();
        let facts = vec![
            Fact::head(lang.word(line.arrives()).to_owned()),
            Fact::named("banks.accounts", line.kinds(lang)),
            Fact::named("banks.ours", line.ours.to_string()),
        ];
        Some((line.bank.name.to_owned(), facts))
    }
}
