//! What forms of fields draw alike: the sheet or box they stand in, what is said under them, their hints.

use super::confirm::{self, Confirm};
use crate::console::model::{Look, Model};
use crate::console::theme::Meaning;
use crate::console::widgets::form as fields;
use crate::console::widgets::{modal, text};
use crate::i18n::Lang;
use crate::payments::draft::{Field, Problem};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;
use ratatui::widgets::Clear;

/// What is said under the fields, line by line.
pub(super) type Said = Vec<(Meaning, String)>;

/// Keys of a form of fields; `send` is the word of what `^O` does.
pub(super) fn field_hints(fields: &fields::Form, send: &'static str) -> Vec<(String, &'static str)> {
    if fields.is_leaving() {
        return vec![("⏎".to_owned(), "form.key_leave"), ("esc".to_owned(), "form.key_stay")];
    }
    let keys = [
        ("tab", "form.key_field"),
        ("⏎", "form.key_next"),
        ("^O", send),
        ("F1", "form.key_help"),
        ("^E", "form.key_raw"),
        ("^U", "form.key_clear"),
        ("esc", "form.key_leave"),
    ];
    let keeps = fields.draft().is_some();
    let also = [("^S", "form.key_keep"), ("^D", "form.key_draft")].into_iter().filter(|_| keeps);
    keys.into_iter().chain(also).map(|(key, word)| (key.to_owned(), word)).collect()
}

/// A box over the pane, between the tabs and the status line. Returns the room inside, two cells in.
pub(super) fn sheet(frame: &mut Frame, area: Rect, title: &str, right: &str, look: &Look<'_>) -> Rect {
    let body = Rect { y: area.y.saturating_add(2), height: area.height.saturating_sub(4), ..area };
    frame.render_widget(Clear, body);
    let inner = modal::boxed(frame, body, title, (right, Meaning::Plain), true, look);
    Rect { x: inner.x.saturating_add(2), width: inner.width.saturating_sub(4), ..inner }
}

/// A form over the whole pane: its fields, `said` under them, and `tail` where it fits. The cursor is shown
/// unless something lies over the fields.
pub(super) fn whole(
    (fields, title): (&fields::Form, &'static str),
    (said, tail): (Said, Said),
    over: Over<'_>,
    model: &Model,
    frame: &mut Frame,
    area: Rect,
) {
    let look = model.look();
    let right = format!("{} {}", look.lang.role(model.seat.actor.role), model.seat.actor.person);
    let inner = sheet(frame, area, look.lang.word(title), &right, &look);
    let lines = below(fields, said, inner.width, &look);
    let tail = if fields.is_leaving() { Vec::new() } else { below(fields, tail, inner.width, &look) };
    let cursor = above_and_below(fields, inner, (lines, tail), &look, frame);
    over.draw(cursor, &look, frame, area);
}

/// A form in a box of `size`: its fields, and `said` under them.
pub(super) fn boxed(
    (fields, title): (&fields::Form, &str),
    size: (u16, u16),
    said: Said,
    over: Over<'_>,
    model: &Model,
    frame: &mut Frame,
    area: Rect,
) {
    let look = model.look();
    let inner = modal::over(frame, area, size, title, &look);
    let top = inner.y.saturating_add(1);
    let height = fields.height(&look, inner.width).min(inner.height.saturating_sub(1));
    let cursor = fields.view(&look, Rect { y: top, height, ..inner }, frame.buffer_mut());
    let y = top.saturating_add(height).saturating_add(1);
    let under = Rect { y, height: inner.bottom().saturating_sub(y), ..inner };
    let lines = below(fields, said, inner.width, &look);
    text::put_lines(frame.buffer_mut(), under, &lines, 0);
    over.draw(cursor, &look, frame, area);
}

/// What has the keys in place of the fields.
#[derive(Clone, Copy)]
pub(super) enum Over<'f> {
    Nothing,
    /// What will be written is shown, or under way.
    Shown,
    Dialog(&'f Confirm),
}

impl<'f> Over<'f> {
    pub(super) const fn shown(shown: bool) -> Self {
        if shown { Self::Shown } else { Self::Nothing }
    }

    pub(super) fn dialog(dialog: Option<&'f Confirm>) -> Self {
        dialog.map_or(Self::Nothing, Self::Dialog)
    }

    fn draw(self, cursor: Option<Position>, look: &Look<'_>, frame: &mut Frame, area: Rect) {
        match (self, cursor) {
            (Self::Nothing, Some(cursor)) => frame.set_cursor_position(cursor),
            (Self::Nothing, None) | (Self::Shown, _) => {}
            (Self::Dialog(dialog), _) => confirm::view(dialog, look, frame, area),
        }
    }
}

/// Which fields do not hold yet, by name.
pub(super) fn missing(problems: &[Problem], lang: Lang) -> (Meaning, String) {
    let mut names: Vec<&str> = problems.iter().map(|problem| lang.word(label(problem.field))).collect();
    names.dedup();
    let n = names.len();
    (Meaning::Look, lang.count("form.missing", n, &[("fields", &names.join(", "))]))
}

const fn label(field: Field) -> &'static str {
    match field {
        Field::Source => "form.source",
        Field::Counterparty => "form.counterparty",
        Field::Kind => "form.kind",
        Field::Account => "form.account",
        Field::Routing => "form.routing",
        Field::Chain => "form.chain",
        Field::Institution => "form.institution",
        Field::Holder => "form.holder",
        Field::FirstName => "form.first_name",
        Field::LastName => "form.last_name",
        Field::DocumentKind => "form.document_kind",
        Field::Document => "form.document",
        Field::BirthDate => "form.birth_date",
        Field::Nationality => "form.nationality",
        Field::Country => "form.country",
        Field::State => "form.state",
        Field::City => "form.city",
        Field::Address => "form.address",
        Field::PostalCode => "form.postal_code",
        Field::Email => "form.email",
        Field::Phone => "form.phone",
        Field::Alias => "form.alias",
        Field::KeyConfig => "form.key_config",
        Field::OpenInput => "form.open_input",
        Field::Sweep => "form.sweep",
        Field::Rhythm => "form.rhythm",
        Field::Day => "form.day",
        Field::Hour => "form.hour",
        Field::Amount => "form.amount",
        Field::Description => "form.description",
        Field::ExternalId => "form.external_id",
        Field::Reference => "form.reference",
        Field::Token => "form.token",
        Field::CheckerApproval => "form.approval",
        Field::ExpirationDays => "form.days",
        Field::OldPassphrase => "form.passphrase_old",
        Field::NewPassphrase => "form.passphrase_new",
        Field::PassphraseAgain => "form.passphrase_again",
        Field::Reason => "form.reason",
    }
}

/// What stands under a form's fields: the question whether to leave, else `said`, wrapped and signed.
pub(super) fn below(
    fields: &fields::Form,
    said: Vec<(Meaning, String)>,
    room: u16,
    look: &Look<'_>,
) -> Vec<Line<'static>> {
    let said = if fields.is_leaving() {
        vec![(Meaning::Look, look.lang.word("form.leave").to_owned())]
    } else {
        said
    };
    let line = |(meaning, words): (Meaning, String)| {
        let sign = match meaning {
            Meaning::Good | Meaning::Bad | Meaning::Look => format!("{} ", meaning.sign()),
            _ => String::new(),
        };
        let indent = text::width(&sign);
        let mut first = true;
        text::wrap(&words, room.saturating_sub(indent))
            .into_iter()
            .map(|part| {
                let start =
                    if std::mem::replace(&mut first, false) { sign.clone() } else { fields::pad("", indent) };
                Line::from(text::span(look, meaning, format!("{start}{part}")))
            })
            .collect::<Vec<_>>()
    };
    said.into_iter().flat_map(line).collect()
}

/// The fields above, and under them what is said of them, of which half the room is kept; `tail` is said whole or not at all.
fn above_and_below(
    fields: &fields::Form,
    inner: Rect,
    (mut lines, tail): (Vec<Line<'static>>, Vec<Line<'static>>),
    look: &Look<'_>,
    frame: &mut Frame,
) -> Option<Position> {
    let needed = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let kept = needed.saturating_add(1).min(inner.height / 2);
    let height = fields.height(look, inner.width).min(inner.height.saturating_sub(kept));
    let top = Rect { height, ..inner };
    let cursor = fields.view(look, top, frame.buffer_mut());
    let below = Rect {
        y: inner.y.saturating_add(height).saturating_add(1),
        height: inner.height.saturating_sub(height).saturating_sub(1),
        ..inner
    };
    if lines.len().saturating_add(tail.len()) <= usize::from(below.height) {
        lines.extend(tail);
    }
    text::put_lines(frame.buffer_mut(), below, &lines, 0);
    cursor
}
