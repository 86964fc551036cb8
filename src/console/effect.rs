//! Everything that may be asked of the world, as data: it can be recorded, compared and refused.

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
    /// Sit down again with another role of the sandbox; answered by `Message::Seated`.
    SwitchRole(Role),
    /// Keep for the next start.
    Remember(Remember),
    Suspend,
    /// Draw every cell again.
    Redraw,
    Quit,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remember {
    Lang(Lang),
}
