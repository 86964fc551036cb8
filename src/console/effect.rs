//! Everything that may be asked of the world, as data: it can be recorded, compared and refused.

use super::watch::Call;
use crate::domain::role::Role;
use crate::i18n::Lang;
use crate::sanitize::Clean;
use crate::sync::news::Ask;

#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Of the background: a refresh, a look, a write.
    Ask(Ask),
    /// To the clipboard, by OSC 52.
    Copy(Clean),
    /// To whoever sits at another window: a bell, or a notification of the terminal.
    Call {
        how: Call,
        said: Clean,
    },
    /// A fault for the sandbox of this desk.
    Lab(Lab),
    /// Lines, each through the gate.
    CopyLines(Vec<Clean>),
    /// Rows of cells, as a spreadsheet takes them.
    CopyTable(Vec<Vec<Clean>>),
    /// Sit down anew; answered by `Message::Seated` or `Said`.
    Sit(Sit),
    /// Keep for the next start.
    Remember(Remember),
    Suspend,
    /// Draw every cell again.
    Redraw,
    Quit,
}

/// What the laboratory does to the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lab {
    Slow,
    TooMany,
    CutAfterSend,
    /// The next movement that is read has another amount than the list said.
    Changed,
    Offline,
    /// All of it ends.
    Clear,
}

/// Who sits at the desk next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sit {
    /// Another role of the sandbox: another credential.
    Role(Role),
    /// Another profile, by its name.
    Profile(String),
    /// The same profile, with or without writing, until one leaves.
    Writing(bool),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remember {
    Lang(Lang),
    /// A theme by its name.
    Theme(String),
    /// Under a key of the store's memory: drafts, the last view, what was seen.
    Text {
        key: String,
        value: String,
    },
}
