//! Everything that can happen to the desk. Plain data; time arrives in it.

use super::effect::{Lab, Sit};
use super::forms;
use super::model::{Saying, Seat};
use super::panes::{self, PaneId};
use super::theme::Palette;
use super::widgets::table::Step;
use crate::i18n::Lang;
use crate::sync::news::News;
use crossterm::event::Event;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// From the terminal: a key, a paste, the focus, the mouse, another size.
    Input(Event),
    News(News),
    /// The time. It comes before each input too, so that waits can be measured.
    Tick(Timestamp),
    /// The size of the terminal, in cells.
    Resize {
        width: u16,
        height: u16,
    },
    /// Someone else sits at the desk now; everything is read anew.
    Seated(Box<Seat>),
    /// The terminal told its background.
    Background {
        light: bool,
    },
    /// The runtime has something to say.
    Said(Saying),
    /// The system asks to leave: a signal, a closed terminal.
    Quit,

    // What follows is chosen from the Action table.
    Go(PaneId),
    /// The view before this one.
    Previous,
    Zone {
        back: bool,
    },
    Step(Step),
    Open,
    /// One step back: modal, filter, detail, list.
    Back,
    Filter,
    Sort,
    SortOtherWay,
    Mark,
    MarkNone,
    Range,
    /// Tell when the selected row changes, or no longer.
    Watch,
    Shift {
        right: bool,
    },
    Copy,
    /// The cells of the selected row, and the one that is copied.
    Cells,
    CopyCell(usize),
    CopyFull,
    Export,
    Search,
    Raw,
    /// All that the raw view shows.
    CopyRaw,
    GoNamed,
    Palette,
    Help,
    Refresh,
    RefreshAll,
    /// The list of profiles and roles.
    Places,
    Sit(Sit),
    Themes,
    Theme(Palette),
    Ascii,
    Drafts,
    /// The draft under the cursor.
    DropDraft,
    Tour,
    Lab(Lab),
    Lock,
    Language(Lang),
    Suspend,
    Leave,
    /// The terminal was written over by something else.
    Redraw,
    Pane(panes::Msg),
    Form(forms::Msg),
}
