//! The panes, one file each: what it keeps, its actions, what it draws. A pane is listed here and
//! nowhere else.

pub mod approvals;
pub mod balances;
pub mod cobrus;
pub mod counterparties;
pub mod keys;
pub mod notices;
pub mod outbox;
pub mod schedules;
pub mod transactions;

use super::actions::Action;
use super::effect::Effect;
use super::facts::Standing;
use super::model::Model;
use super::widgets::table::{Cell, Listing};
use crate::sanitize::Clean;
use crate::sync::news::{News, RawOf, Resource};
use ratatui::Frame;
use ratatui::layout::Rect;

/// Every pane that there is, in the order of the tabs.
pub const ALL: [&dyn Pane; 9] = [
    &balances::Balances,
    &transactions::Transactions,
    &counterparties::Counterparties,
    &approvals::Approvals,
    &cobrus::Cobrus,
    &outbox::Outbox,
    &keys::Keys,
    &schedules::Schedules,
    &notices::Notices,
];

/// What each pane keeps.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct States {
    pub balances: balances::State,
    pub transactions: transactions::State,
    pub counterparties: counterparties::State,
    pub keys: keys::State,
    pub schedules: schedules::State,
    pub approvals: approvals::State,
    pub cobrus: cobrus::State,
    pub outbox: outbox::State,
    pub notices: notices::State,
}

/// What only one pane does.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    Approvals(approvals::Msg),
    Cobrus(cobrus::Msg),
    Outbox(outbox::Msg),
}

pub fn update(model: &mut Model, msg: &Msg) -> Vec<Effect> {
    match msg {
        Msg::Approvals(msg) => approvals::update(model, *msg),
        Msg::Cobrus(msg) => cobrus::update(model, msg),
        Msg::Outbox(msg) => outbox::update(model, msg),
    }
}

/// A pane's number never changes; its tab appears with the pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaneId {
    Balances,
    Transactions,
    Counterparties,
    Approvals,
    Cobrus,
    Outbox,
    TieOut,
    Reports,
    Notices,
    /// Reached by the palette: no tab, no number.
    Keys,
    Schedules,
}

impl PaneId {
    /// The key that goes to it and the number of its tab; 0: it has none.
    pub const fn number(self) -> u8 {
        match self {
            Self::Balances => 1,
            Self::Transactions => 2,
            Self::Counterparties => 3,
            Self::Approvals => 4,
            Self::Cobrus => 5,
            Self::Outbox => 6,
            Self::TieOut => 7,
            Self::Reports => 8,
            // By the palette only.
            Self::Notices | Self::Keys | Self::Schedules => 0,
        }
    }

    /// As in `cuadre actions --json`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Balances => "balances",
            Self::Transactions => "transactions",
            Self::Counterparties => "counterparties",
            Self::Approvals => "approvals",
            Self::Cobrus => "cobrus",
            Self::Outbox => "outbox",
            Self::TieOut => "tie_out",
            Self::Reports => "reports",
            Self::Notices => "notices",
            Self::Keys => "keys",
            Self::Schedules => "schedules",
        }
    }
}

/// What a row names in another pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// A row by its id.
    Row(PaneId, String),
    /// The rows that a filter finds.
    Filter(PaneId, String),
}

/// What the frame needs of a pane.
pub trait Pane: Sync {
    fn id(&self) -> PaneId;
    /// The words of its tab: wide screens, narrow screens.
    fn tab(&self) -> (&'static str, &'static str);
    /// What waits there, beside the tab's word: `3`, `1?`.
    fn badge(&self, _model: &Model) -> Option<String> {
        None
    }
    /// Whether it has a tab; others are reached by the palette.
    fn tabbed(&self) -> bool {
        true
    }
    fn actions(&self) -> &'static [Action];
    /// What `r` reads again.
    fn resources(&self) -> &'static [Resource];
    /// How its figures stand: the age in the title, the state on the status line.
    fn standing<'a>(&self, model: &'a Model) -> Standing<'a>;
    /// Takes in what was told, after the facts did: lists and sums are made anew here, not while drawing.
    fn told(&self, model: &mut Model, news: &News) -> Vec<Effect>;
    /// Everything anew: another language, another seat.
    fn rebuild(&self, model: &mut Model);
    /// What `⏎` opens in place of the list: a bulk's rows. `None`: the detail of the selected row.
    fn open(&self, _model: &mut Model) -> Option<Vec<Effect>> {
        None
    }
    /// Whether something is open in place of the list, so that `esc` closes it.
    fn is_open(&self, _model: &Model) -> bool {
        false
    }
    fn close(&self, _model: &mut Model) {}
    /// The list in front: the pane's own, or what is open in its place.
    fn list<'a>(&self, model: &'a Model) -> &'a dyn Listing;
    fn list_mut<'a>(&self, model: &'a mut Model) -> &'a mut dyn Listing;
    /// What `y` copies: the word of what it is, and the text.
    fn copy(&self, model: &Model) -> Option<(&'static str, Clean)>;
    /// What `Y` copies: everything of the selected row, numbers of people whole. By itself what is shown.
    fn copy_full(&self, model: &Model) -> Vec<Clean> {
        let look = model.look();
        let cells = self.list(model).selected_cells(&look);
        let line = |(title, cell): &(&'static str, Cell)| {
            Clean::new(&format!("{}: {}", look.lang.word(title), cell.text()))
        };
        cells.iter().filter(|(_, cell)| cell.text() != "—").map(line).collect()
    }
    /// Whose exchange `x` shows for the selected row.
    fn raw(&self, _model: &Model) -> Option<RawOf> {
        None
    }
    /// Where `i` goes: what the selected row names.
    fn named(&self, _model: &Model) -> Option<Named> {
        None
    }
    /// The sentence on the status line when nothing else is to be said.
    fn status(&self, model: &Model) -> String;
    fn view(&self, model: &Model, frame: &mut Frame, body: Rect);
}

/// The pane of an id; the first one where there is none yet.
pub fn of(id: PaneId) -> &'static dyn Pane {
    let [first, ..] = ALL;
    ALL.into_iter().find(|pane| pane.id() == id).unwrap_or(first)
}
