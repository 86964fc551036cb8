//! Windows over the panes in which letters are keys, since no text is typed there: the sent bulks, a bulk
//! under review, codes, the raw view, drafts, the ends of an unknown. Their part of the Action table.

use super::actions::{Action, Scope, always};
use super::forms::bulk::{self, Letter};
use super::forms::{self, Msg};
use super::keys::{Key, plain};
use super::message::Message;
use super::model::{Modal, Model};
use crate::domain::role::Right;
use crate::store::Ending;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    SentBulks,
    Bulk,
    /// A code of a link, or of a Bre-B key.
    Link,
    Key,
    Close,
    Raw,
    Drafts,
}

impl Over {
    pub const ALL: [Self; 7] =
        [Self::Bulk, Self::SentBulks, Self::Link, Self::Key, Self::Close, Self::Raw, Self::Drafts];

    /// Its word, over its keys in help.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SentBulks => "over.sent_bulks",
            Self::Bulk => "over.bulk",
            Self::Link => "over.link",
            Self::Key => "over.key",
            Self::Close => "over.close",
            Self::Raw => "over.raw",
            Self::Drafts => "over.drafts",
        }
    }

    /// As the configuration's faults name it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SentBulks => "sent_bulks",
            Self::Bulk => "bulk",
            Self::Link => "link_code",
            Self::Key => "key_code",
            Self::Close => "close",
            Self::Raw => "raw",
            Self::Drafts => "drafts",
        }
    }
}

/// The one in front, if its letters are keys now.
pub fn front(model: &Model) -> Option<Over> {
    if model.raw.is_some() {
        return Some(Over::Raw);
    }
    match &model.modal {
        Some(Modal::Drafts { .. }) => Some(Over::Drafts),
        Some(Modal::Form(form)) => forms::over(form),
        _ => None,
    }
}

/// The keys of what lies over the panes that are not in the table, with their words; the last closes it.
/// `None` where they are no window's and no form's.
pub fn keys(model: &Model) -> Option<Vec<(String, &'static str)>> {
    let label = |id| model.keymap.label_of(id, model.lang());
    let moves = || (format!("{}{}", label("list.up"), label("list.down")), "action.move");
    let fixed = |key: &str, word| (key.to_owned(), word);
    match &model.modal {
        _ if model.raw.is_some() => Some(vec![moves(), fixed("esc", "qr.close")]),
        Some(Modal::Form(form)) => Some(forms::hints(form, model)),
        Some(Modal::Drafts { .. }) => {
            Some(vec![moves(), fixed("⏎", "action.open"), fixed("esc", "qr.close")])
        }
        _ => None,
    }
}

/// A letter that always does something in its window.
const fn of_window(
    over: Over,
    id: &'static str,
    keys: &'static [Key],
    word: &'static str,
    message: Message,
) -> Action {
    Action { id, keys, word, scope: Scope::Over(over), hint: Some(1), message, ..Action::PLAIN }
}

/// A letter of the form of a bulk.
const fn of_bulk(
    id: &'static str,
    keys: &'static [Key],
    word: &'static str,
    what: Letter,
    enabled: fn(&Model) -> Result<(), &'static str>,
) -> Action {
    Action {
        id,
        keys,
        word,
        scope: Scope::Over(if what.is_of_sent() { Over::SentBulks } else { Over::Bulk }),
        right: Some(Right::Create),
        hint: Some(1),
        enabled,
        message: Message::Form(Msg::Bulk(what)),
        ..Action::PLAIN
    }
}

/// In the order of use, which is that of the hint line.
pub static ACTIONS: [Action; 18] = [
    of_bulk("sent_batch.again", &[plain('R')], "bulk_form.again", Letter::Again, bulk::can_be_again),
    of_bulk("sent_batch.note", &[plain('p')], "bulk_form.paste_note", Letter::PasteNote, bulk::wants_note),
    of_bulk("sent_batch.refresh", &[plain('r')], "action.refresh", Letter::Refresh, always),
    of_bulk("batch.comma", &[plain(',')], "bulk_form.comma", Letter::Comma, bulk::asks_notation),
    of_bulk("batch.point", &[plain('.')], "bulk_form.point", Letter::Point, bulk::asks_notation),
    of_bulk("batch.leave_out", &[plain('x')], "bulk_form.leave_out", Letter::LeaveOut, bulk::on_a_row),
    of_bulk("batch.undo", &[plain('u')], "bulk_form.undo", Letter::Undo, bulk::has_edits),
    of_bulk("batch.export_errors", &[plain('e')], "bulk_form.export", Letter::Export, bulk::has_problems),
    of_bulk("batch.source", &[plain('b')], "bulk_form.source", Letter::Source, always),
    of_bulk("batch.description", &[plain('d')], "bulk_form.description", Letter::Describe, always),
    of_bulk("batch.approval", &[plain('c')], "bulk_form.checker", Letter::Approval, always),
    of_bulk("batch.columns", &[plain('m')], "bulk_form.map", Letter::Map, always),
    of_window(
        Over::Link,
        "qr_code.copy_link",
        &[plain('c')],
        "action.copy_link",
        Message::Form(Msg::CopyCode),
    ),
    of_window(Over::Key, "qr_code.copy_key", &[plain('c')], "qr.copy_key", Message::Form(Msg::CopyCode)),
    of_window(
        Over::Close,
        "close.sent",
        &[plain('1')],
        "mend.was_sent",
        Message::Form(Msg::CloseAs(Ending::Sent)),
    ),
    of_window(
        Over::Close,
        "close.not_sent",
        &[plain('2')],
        "mend.was_not_sent",
        Message::Form(Msg::CloseAs(Ending::NotSent)),
    ),
    of_window(Over::Raw, "raw.copy", &[plain('y')], "raw.copy", Message::CopyRaw),
    of_window(Over::Drafts, "drafts.delete", &[plain('x')], "drafts.delete", Message::DropDraft),
];
