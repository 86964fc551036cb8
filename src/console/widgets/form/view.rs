//! The form laid out in lines, and where the terminal's cursor belongs.

use super::mask::amount_marks;
use super::picker::{Choice, Picker};
use super::{Form, Kind, LIST_MAX, Row, Unit};
use crate::block::Part;
use crate::console::model::Look;
use crate::console::theme::Meaning;
use crate::console::widgets::text::{self, fit, wrap};
use crate::console::widgets::typed::TYPED_MAX;
use crate::domain::money::Money;
use crate::i18n::{Lang, amount_in_words, parse_money};
use crate::payments::draft::Problem;
use crate::sanitize::Clean;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use std::fmt::Display;

/// Columns of a value; what is longer moves under the cursor.
const VALUE: u16 = 42;
/// Columns behind the value: the currency, or `18 de 40`.
const BEHIND: u16 = 9;
/// From this width notes stand beside their field, below it they stand under it.
const NOTES_BESIDE: u16 = 100;

/// Its lines, and the column and line of the cursor.
struct Drawn {
    lines: Vec<Line<'static>>,
    cursor: (u16, usize),
}

/// Columns of one field.
#[derive(Clone, Copy)]
struct Room {
    label: u16,
    width: u16,
    focused: bool,
}

impl Room {
    fn value(self) -> u16 {
        self.behind_label().saturating_sub(BEHIND).clamp(1, VALUE)
    }

    const fn behind_label(self) -> u16 {
        self.width.saturating_sub(self.label)
    }

    /// The column of notes, and whether they stand beside the value.
    const fn notes(self) -> (u16, bool) {
        if self.width >= NOTES_BESIDE {
            (self.label.saturating_add(VALUE).saturating_add(BEHIND).saturating_add(1), true)
        } else {
            (self.label, false)
        }
    }
}

impl Form {
    /// Draws the fields into `area`, scrolled so that the one in focus is in view with its list, and
    /// says where the terminal's cursor belongs.
    pub fn view(&self, look: &Look<'_>, area: Rect, screen: &mut Buffer) -> Option<Position> {
        let drawn = self.lay_out(look, area.width);
        let (column, line) = drawn.cursor;
        let below = line.saturating_add(LIST_MAX).saturating_add(2).min(drawn.lines.len());
        let skip = below.saturating_sub(area.height.into()).min(line);
        for (text, y) in drawn.lines.iter().skip(skip).zip(area.top()..area.bottom()) {
            screen.set_line(area.x, y, text, area.width);
        }
        let down = u16::try_from(line.saturating_sub(skip)).ok()?;
        let position = Position::new(area.x.checked_add(column)?, area.y.checked_add(down)?);
        area.contains(position).then_some(position)
    }

    /// Rows that the form takes at this width.
    pub fn height(&self, look: &Look<'_>, width: u16) -> u16 {
        u16::try_from(self.lay_out(look, width).lines.len()).unwrap_or(u16::MAX)
    }

    fn lay_out(&self, look: &Look<'_>, width: u16) -> Drawn {
        let shown = self.rows.iter().filter(|row| !row.hidden);
        let label = shown.map(|row| text::width(look.lang.word(row.label))).max().unwrap_or(0);
        let label = label.saturating_add(2);
        let mut drawn = Drawn { lines: Vec::new(), cursor: (label, 0) };
        for (place, row) in self.rows.iter().enumerate().filter(|(_, row)| !row.hidden) {
            let room = Room { label, width, focused: place == self.focus };
            let line = drawn.lines.len();
            let (shown, cursor) = row.lay_out(look, room);
            if room.focused {
                drawn.cursor = (label.saturating_add(cursor), line);
            }
            place_notes(&mut drawn.lines, shown, &self.notes(row, look, room.focused), look, room);
        }
        drawn
    }

    /// What is said of a field: its echo, then what is wrong with it.
    fn notes(&self, row: &Row, look: &Look<'_>, focused: bool) -> Vec<(Meaning, String)> {
        let lang = look.lang;
        let mut notes = Vec::new();
        match &row.kind {
            Kind::Amount { typed, currency, unit } => {
                if let Ok(amount) = parse_money(typed.value(), *currency) {
                    notes.push((Meaning::Dim, echo(amount, *unit, lang)));
                }
            }
            Kind::Pick(picker) if focused && picker.found.is_empty() && picker.chosen.is_none() => {
                let word = if picker.choices.is_empty() { "form.no_choices" } else { "form.none_found" };
                notes.push((Meaning::Look, lang.word(word).to_owned()));
            }
            Kind::Text { typed, mask: Some(mask), .. } => {
                let kind = self.document_kind();
                notes.extend(mask.note(typed.value(), kind, lang));
            }
            Kind::Text { .. } | Kind::Pick(_) | Kind::Check { .. } => {}
        }
        if let Some((filled, parts)) = &self.filled
            && filled.contains(&row.field)
            && focused
        {
            let shown = self.rows.iter().filter(|row| !row.hidden && filled.contains(&row.field)).count();
            let said = lang.count("form.filled", shown, &[("parts", parts)]);
            notes.push((Meaning::Look, said));
        }
        if let Kind::Text { typed, .. } | Kind::Amount { typed, .. } = &row.kind
            && typed.was_cut()
        {
            notes.push((Meaning::Look, lang.say("form.cut", &[("max", &TYPED_MAX)])));
        }
        if row.left {
            for problem in self.problems.iter().filter(|problem| problem.field == row.field) {
                notes.push((Meaning::Bad, say_problem(problem, lang)));
            }
        }
        if focused && self.helping {
            let help = row.help.or(row.hint).unwrap_or("form.no_help");
            notes.push((Meaning::Plain, lang.word(help).to_owned()));
            return notes;
        }
        // A reason comes with an example of what would hold.
        let wrong = notes.iter().any(|(meaning, _)| *meaning == Meaning::Bad);
        if let (Some(hint), true) = (row.hint, focused && (notes.is_empty() || wrong)) {
            notes.push((Meaning::Dim, lang.word(hint).to_owned()));
        }
        notes
    }

    /// What the form's own picker says that a document is.
    fn document_kind(&self) -> Option<&str> {
        self.rows.iter().find(|row| row.takes.contains(&Part::DocumentKind)).and_then(|row| match &row.kind {
            Kind::Pick(picker) => picker.chosen.as_deref(),
            Kind::Text { typed, .. } => Some(typed.value()),
            Kind::Amount { .. } | Kind::Check { .. } => None,
        })
    }
}

/// A problem as its sentence.
pub fn say_problem(problem: &Problem, lang: Lang) -> String {
    let with: Vec<(&str, &dyn Display)> =
        problem.with.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
    lang.say(problem.word, &with)
}

/// `un millón doscientos mil pesos · se envía 120000000 (centavos)`
pub fn echo(amount: Money, unit: Unit, lang: Lang) -> String {
    let sent = match unit {
        Unit::Minor => lang.say("form.in_cents", &[("minor", &amount.minor)]),
        Unit::Whole => {
            let text = amount.to_decimal();
            let text =
                if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
            lang.say("form.in_units", &[("amount", &text)])
        }
    };
    format!("{} · {sent}", amount_in_words(amount, lang))
}

impl Row {
    /// The field's own lines, and the cursor's column behind its label.
    fn lay_out(&self, look: &Look<'_>, room: Room) -> (Vec<Line<'static>>, u16) {
        let (lang, theme) = (look.lang, look.theme);
        let focus = if room.focused { theme.style(Meaning::Focus) } else { Style::new() };
        let input = if room.focused { Style::new().add_modifier(Modifier::UNDERLINED) } else { Style::new() };
        let value = room.value();
        let typed_into =
            |(shown, column): (Clean, u16)| (Span::styled(pad(shown.as_str(), value), input), column);
        let counted = |meaning, n: usize, most: usize| {
            let text = lang.say("form.of", &[("n", &n), ("max", &most)]);
            Span::styled(format!(" {text}"), theme.style(meaning))
        };
        let mut first = Line::from(Span::styled(pad(lang.word(self.label), room.label), focus));
        let mut under = Vec::new();
        let cursor = match &self.kind {
            Kind::Text { typed, most, masked, mask } => {
                let shown = match mask {
                    _ if *masked => typed.masked(value),
                    Some(mask) => typed.grouped(value, &mask.marks(typed.value(), look.dates)),
                    None => typed.window(value),
                };
                let (span, column) = typed_into(shown);
                first.push_span(span);
                if let Some(most) = *most {
                    let length = typed.value().trim().chars().count();
                    let meaning = if length > most { Meaning::Bad } else { Meaning::Dim };
                    first.push_span(counted(meaning, length, most));
                }
                column
            }
            Kind::Amount { typed, currency, .. } => {
                let marks = amount_marks(typed.value(), look.numerals);
                let (span, column) = typed_into(typed.grouped(value, &marks));
                first.push_span(span);
                first.push_span(format!(" {currency}"));
                column
            }
            Kind::Check { on, required } => {
                let (mark, word) = if *on { ("[x] ", "form.yes") } else { ("[ ] ", "form.no") };
                let word = required.unwrap_or(word);
                first.push_span(Span::styled(format!("{mark}{}", lang.word(word)), input));
                1
            }
            Kind::Pick(picker) => {
                if let Some(choice) = picker.choice() {
                    let beside = choice.beside.as_str();
                    let left = room.behind_label().saturating_sub(text::width(beside)).saturating_sub(2);
                    let name = fit(choice.name.as_str(), left.min(VALUE)).into_owned();
                    let column = text::width(&name);
                    first.push_span(Span::styled(name, input));
                    first.push_span(format!("  {beside}"));
                    column
                } else {
                    let (span, column) = typed_into(picker.typed.window(value));
                    first.push_span(span);
                    if room.focused {
                        first.push_span(counted(Meaning::Dim, picker.found.len(), picker.choices.len()));
                        under = list(picker, look, room);
                    }
                    column
                }
            }
        };
        let mut lines = vec![first];
        lines.append(&mut under);
        (lines, cursor)
    }
}

/// The picker's rows around its mark, under the value.
fn list(picker: &Picker, look: &Look<'_>, room: Room) -> Vec<Line<'static>> {
    let skip = picker.at.saturating_add(1).saturating_sub(LIST_MAX);
    let width = room.behind_label().saturating_sub(2);
    let places = picker.found.iter().enumerate().skip(skip).take(LIST_MAX);
    let rows: Vec<(usize, &Choice)> =
        places.filter_map(|(at, place)| Some((at, picker.choices.get(*place)?))).collect();
    let besides = rows.iter().map(|(_, choice)| text::width(beside(choice)));
    let behind = besides.max().unwrap_or(0);
    // In a narrow window what stands beside is cut before the name is: half is the name's.
    let names = rows.iter().map(|(_, choice)| text::width(choice.name.as_str())).max().unwrap_or(0);
    let left = width.saturating_sub(behind).saturating_sub(2).max(names.min(width / 2)).min(VALUE);
    let behind = behind.min(width.saturating_sub(left).saturating_sub(2));
    rows.into_iter()
        .map(|(at, choice)| {
            let name = pad(&fit(choice.name.as_str(), left), left);
            let beside = &*fit(beside(choice), behind);
            let indent = if choice.figures && choice.barred.is_none() { behind } else { 0 };
            let indent = pad("", indent.saturating_sub(text::width(beside)));
            let marked = at == picker.at;
            let meaning = match (marked, &choice.barred) {
                (true, _) => Meaning::Selected,
                (false, Some(_)) => Meaning::Dim,
                (false, None) => Meaning::Plain,
            };
            Line::from(vec![
                Span::raw(pad("", room.label)),
                Span::raw(if marked { "▸ " } else { "  " }),
                text::span(look, meaning, format!("{name}  {indent}{beside}")),
            ])
        })
        .collect()
}

/// What stands beside a name: why it may not be picked comes before all else.
fn beside(choice: &Choice) -> &str {
    choice.barred.as_ref().unwrap_or(&choice.beside).as_str()
}

/// Puts notes beside a field's first line, or under its lines.
fn place_notes(
    lines: &mut Vec<Line<'static>>,
    shown: Vec<Line<'static>>,
    notes: &[(Meaning, String)],
    look: &Look<'_>,
    room: Room,
) {
    let (column, wide) = room.notes();
    let fits = shown.first().is_none_or(|line| line.width() < usize::from(column));
    let beside = wide && fits && shown.len() == 1;
    let indent = if beside { column } else { room.label };
    let width = room.width.saturating_sub(indent);
    let notes = notes.iter().flat_map(|(meaning, said)| {
        let sign = match meaning {
            Meaning::Bad | Meaning::Look => format!("{} ", meaning.sign()),
            _ => String::new(),
        };
        wrap(&format!("{sign}{said}"), width).into_iter().map(|line| text::span(look, *meaning, line))
    });
    let mut notes = notes;
    for mut line in shown {
        if beside && let Some(note) = notes.next() {
            line.push_span(" ".repeat(usize::from(column).saturating_sub(line.width())));
            line.push_span(note);
        }
        lines.push(line);
    }
    lines.extend(notes.map(|note| Line::from(vec![Span::raw(pad("", indent)), note])));
}

/// `text` and blanks up to `width` columns.
pub fn pad(shown: &str, width: u16) -> String {
    format!("{shown}{}", " ".repeat(width.saturating_sub(text::width(shown)).into()))
}
