//! The panes, one file each: what it keeps, its actions, what it draws. A pane has one line here, in
//! `panes!`, and is named nowhere else.

use super::actions::Action;
use super::effect::Effect;
use super::facts::Standing;
use super::keys::plain;
use super::message::Message;
use super::model::Model;
use super::widgets::detail::{Fact, list_over_detail};
use super::widgets::table::{Cell, Listing};
use crate::sanitize::Clean;
use crate::sync::news::{News, RawOf, Resource};
use ratatui::Frame;
use ratatui::layout::Rect;

/// Writes the list of panes, what each keeps, its id and its messages, from one line a pane. Each `mod` is
/// declared here, so rustfmt has to be given these files by name, as `.ci/run` does.
macro_rules! panes {
    ($($file:ident::$Pane:ident $(at $number:literal)? $(with $Msg:ident)?;)*) => {
        $(pub mod $file;)*

        const COUNT: usize = [$(stringify!($file)),*].len();

        /// Every pane that there is, in the order of the tabs.
        pub const ALL: [&dyn Pane; COUNT] = [$(&$file::$Pane),*];

        /// What each pane keeps.
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct States {
            $(pub $file: $file::State,)*
        }

        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum PaneId {
            $($Pane,)*
        }

        impl PaneId {
            /// Of its tab, and the key that goes to it unless that is bound to another; 0: it has none.
            pub const fn number(self) -> u8 {
                match self {
                    $(Self::$Pane => 0 $(+ $number)?,)*
                }
            }

            /// As in `cuadre actions --json`.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$Pane => stringify!($file),)*
                }
            }
        }

        $(impl Declared for $file::$Pane {
            fn id(&self) -> PaneId {
                PaneId::$Pane
            }

            fn go(&self) -> &'static Action {
                static GO: Action = Action {
                    id: $file::GO,
                    word: $file::GO,
                    keys: &[$(plain((b'0' + $number) as char))?],
                    message: Message::Go(PaneId::$Pane),
                    ..Action::PLAIN
                };
                &GO
            }

            fn own_list<'a>(&self, model: &'a Model) -> &'a dyn Listing {
                &model.panes.$file.list
            }

            fn own_list_mut<'a>(&self, model: &'a mut Model) -> &'a mut dyn Listing {
                &mut model.panes.$file.list
            }
        })*

        /// What only one pane does.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub enum Msg {
            $($($Pane($file::$Msg),)?)*
        }

        pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
            match msg {
                $($(Msg::$Pane(msg) => {
                    let msg: $file::$Msg = msg;
                    $file::update(model, msg)
                })?)*
            }
        }
    };
}

// A pane's number never changes, and its tab appears with it; 7 is the tie-out's, 8 that of reports. Without
// one the palette leads there. `with Msg`: it has messages of its own.
panes! {
    balances::Balances at 1;
    transactions::Transactions at 2;
    counterparties::Counterparties at 3;
    approvals::Approvals at 4 with Msg;
    cobrus::Cobrus at 5 with Msg;
    outbox::Outbox at 6 with Msg;
    keys::Keys;
    schedules::Schedules;
    banks::Banks;
    notices::Notices;
}

/// What its line in `panes!` says of a pane.
pub trait Declared {
    fn id(&self) -> PaneId;
    /// The action that leads there.
    fn go(&self) -> &'static Action;
    fn own_list<'a>(&self, model: &'a Model) -> &'a dyn Listing;
    fn own_list_mut<'a>(&self, model: &'a mut Model) -> &'a mut dyn Listing;
}

/// What a row names in another pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// A row by its id.
    Row(PaneId, String),
    /// The rows that a filter finds.
    Filter(PaneId, String),
}

/// What the frame needs of a pane. Names are keys of the word files.
pub trait Pane: Declared + Sync {
    fn title(&self) -> &'static str;
    /// The words of its tab: wide screens, narrow screens.
    fn tab(&self) -> (&'static str, &'static str) {
        (self.title(), self.title())
    }
    /// The sentence when there is nothing to list.
    fn empty(&self) -> &'static str;
    /// How many rows there are, for [`Lang::count`](crate::i18n::Lang::count).
    fn counted(&self) -> &'static str;
    /// What waits there, beside the tab's word: `3`, `1?`.
    fn badge(&self, _model: &Model) -> Option<String> {
        None
    }
    fn actions(&self) -> &'static [Action] {
        &[]
    }
    /// What `r` reads again. Its age is that of the first; none: the rows are the desk's own.
    fn resources(&self) -> &'static [Resource] {
        &[]
    }
    /// What its rows are made of: they are made anew when any of it comes.
    fn made_of(&self) -> &'static [Resource] {
        self.resources()
    }
    /// Of which resources it takes in also what only says again what is known.
    fn hears_again(&self) -> &'static [Resource] {
        &[]
    }
    /// How its figures stand: the age in the title, the state on the status line.
    fn standing<'a>(&self, model: &'a Model) -> Standing<'a> {
        let first = self.resources().first();
        first.map_or(Standing::Own, |resource| model.facts.standing(*resource, model.now))
    }
    /// Takes in what was told, after the facts did: lists and sums are made anew here, not while drawing.
    fn told(&self, model: &mut Model, news: &News) -> Vec<Effect> {
        if let News::Rows { batch, .. } = news
            && self.made_of().contains(&batch.resource())
        {
            self.rebuild(model);
        }
        Vec::new()
    }
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
    fn list<'a>(&self, model: &'a Model) -> &'a dyn Listing {
        self.own_list(model)
    }
    fn list_mut<'a>(&self, model: &'a mut Model) -> &'a mut dyn Listing {
        self.own_list_mut(model)
    }
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
    fn status(&self, model: &Model) -> String {
        self.count(model)
    }
    /// How many rows the list in front has, in words.
    fn count(&self, model: &Model) -> String {
        let (_, rows) = self.list(model).counts();
        model.lang().count(self.counted(), rows, &[])
    }
    /// What is known of the selected row: the title of its box, and line by line.
    fn facts(&self, _model: &Model) -> Option<(String, Vec<Fact>)> {
        None
    }
    fn view(&self, model: &Model, frame: &mut Frame, body: Rect) {
        list_over_detail(model, frame, body);
    }
}

/// The pane of an id; the first one where there is none yet.
pub fn of(id: PaneId) -> &'static dyn Pane {
    let [first, ..] = ALL;
    ALL.into_iter().find(|pane| pane.id() == id).unwrap_or(first)
}
