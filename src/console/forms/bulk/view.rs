//! How the form of a bulk is drawn.
//!
//! ```text
//! ┌─ Lote nomina_2026-11-15.csv ───────────────────── 412 pagos · COP 312.450.000,00 ─┐
//! │  Desde Operación · va a aprobación · descripción Nómina                            │
//! │  contra nomina_2026-10-30: +5 −2 ~5 =204                                           │
//! │  fondos alcanzan: quedan 169.215.500,00                                            │
//! │                                                                                    │
//! │▸ x fila 12, columna Valor: «mil» no es un valor; escríbalo como 1234567.89         │
//! │  ! L088 Carlos Rojas 12.000.000,00 · 10 veces su mediana                           │
//! └────────────────────────────────────────────────────────────────────────────────────┘
//! ```

use super::{BulkForm, Editing, Item, Reviewing, Stage, is_ambiguous, megabytes};
use crate::bulk::{Flag, Review, line, line_names};
use crate::console::forms::{confirm, sheet};
use crate::console::model::{Look, Model};
use crate::console::panes::approvals::{ach_said, hidden_lines, short_name, written};
use crate::console::theme::Meaning;
use crate::console::view::failing;
use crate::console::widgets::form::pad;
use crate::console::widgets::text;
use crate::console::widgets::typed::Typed;
use crate::i18n::{self, Lang};
use crate::sanitize::Clean;
use crate::store::State;
use crate::sync::bulks::OwnBulk;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use std::fmt::Display;

pub fn hints(form: &BulkForm) -> Vec<(String, &'static str)> {
    let keys = |keys: &[(&str, &'static str)]| {
        keys.iter().map(|(key, word)| ((*key).to_owned(), *word)).collect::<Vec<_>>()
    };
    match &form.stage {
        Stage::Reading { .. } => keys(&[("esc", "bulk_form.stop")]),
        Stage::Start if form.noting => keys(&[("⏎", "bulk_form.note_done"), ("esc", "action.back")]),
        Stage::Start if form.at == 0 => {
            keys(&[("⏎", "bulk_form.read"), ("↓", "bulk_form.own"), ("esc", "form.key_leave")])
        }
        Stage::Start => keys(&[("↑", "bulk_form.file"), ("esc", "form.key_leave")]),
        Stage::Review(reviewing) => match (&reviewing.dialog, &reviewing.editing) {
            (Some((_, dialog)), _) => dialog.hints(),
            (None, Some(_)) => keys(&[("⏎", "bulk_form.take"), ("esc", "action.back")]),
            (None, None) if is_ambiguous(reviewing) => keys(&[("esc", "action.back")]),
            (None, None) if reviewing.read.checked.problems.is_empty() => {
                keys(&[("^O", "bulk_form.send"), ("esc", "action.back")])
            }
            // What is wrong is mended before anything is sent.
            (None, None) => keys(&[("⏎", "bulk_form.mend"), ("esc", "action.back")]),
        },
    }
}

pub fn view(form: &BulkForm, model: &Model, frame: &mut Frame, area: Rect) {
    let look = model.look();
    match &form.stage {
        Stage::Start => start(form, model, frame, area),
        Stage::Reading { done, of } => {
            let inside = sheet(frame, area, look.lang.word("bulk_form.title"), "", &look);
            let share = done.saturating_mul(100).checked_div(*of).unwrap_or(0).min(100);
            let said = look.lang.say("bulk_form.reading", &[("share", &share)]);
            text::put_lines(frame.buffer_mut(), inside, &[Line::default(), Line::from(said)], 0);
        }
        Stage::Review(reviewing) => {
            review(form, reviewing, model, frame, area);
            if let Some((_, dialog)) = &reviewing.dialog {
                confirm::view(dialog, &look, frame, area);
            }
        }
    }
}

fn start(form: &BulkForm, model: &Model, frame: &mut Frame, area: Rect) {
    let look = &model.look();
    let lang = look.lang;
    let inside = sheet(frame, area, lang.word("bulk_form.title"), "", look);
    let label = lang.word("bulk_form.path");
    let column = text::width(label).saturating_add(2);
    let (shown, at) = form.path.window(inside.width.saturating_sub(column));
    let mut lines = vec![Line::default(), field(label, shown.as_str(), inside.width)];
    let help = lang.say("bulk_form.path_help", &[("max", &megabytes())]);
    lines.extend(text::wrap(&help, inside.width).into_iter().map(|part| dim(look, part)));
    if let Some(refused) = &form.refused {
        let said = format!("x {}", refused.sentence(lang));
        let wrapped = text::wrap(&said, inside.width).into_iter();
        lines.extend(wrapped.map(|part| Line::from(text::span(look, Meaning::Bad, part))));
    }
    lines.push(Line::default());
    lines.push(Line::from(text::span(look, Meaning::Heading, lang.word("bulk_form.own_title"))));
    let before = lines.len();
    match &form.own {
        None => lines.push(dim(look, lang.word("status.loading").to_owned())),
        Some(Err(failure)) => {
            lines.push(Line::from(text::span(look, Meaning::Bad, failing(lang, failure).to_owned())));
        }
        Some(Ok(own)) if own.is_empty() => lines.push(dim(look, lang.word("bulk_form.none_sent").to_owned())),
        Some(Ok(own)) => {
            for (place, bulk) in own.iter().enumerate() {
                let here = form.at == place.saturating_add(1);
                lines.push(own_line(bulk, here, inside.width, look));
                if here {
                    lines.extend(own_facts(form, bulk, inside.width, model));
                }
            }
        }
    }
    let here = before.saturating_add(form.at);
    let room = usize::from(inside.height);
    let scroll = u16::try_from(here.saturating_add(6).saturating_sub(room)).unwrap_or(0);
    let scroll = if form.at == 0 { 0 } else { scroll };
    text::put_lines(frame.buffer_mut(), inside, &lines, scroll);
    if form.at == 0 {
        frame.set_cursor_position((
            inside.x.saturating_add(column).saturating_add(at),
            inside.y.saturating_add(1),
        ));
    }
}

fn field(label: &str, value: &str, width: u16) -> Line<'static> {
    let room = width.saturating_sub(text::width(label).saturating_add(2));
    Line::from(vec![
        Span::raw(format!("{label}  ")),
        Span::styled(pad(value, room), Style::new().add_modifier(Modifier::UNDERLINED)),
    ])
}

fn dim(look: &Look<'_>, text: String) -> Line<'static> {
    Line::from(text::span(look, Meaning::Dim, text))
}

/// `▸ x nomina_2026-11-15   412 pagos   COP 312.450.000,00   rechazado`
fn own_line(own: &OwnBulk, here: bool, width: u16, look: &Look<'_>) -> Line<'static> {
    let (meaning, state) = own_state(own, look.lang);
    let edge = if here { Meaning::Selected.sign() } else { " " };
    let total = own.total.map(|total| written(&[total], look)).unwrap_or_default();
    let count = own.bulk.as_ref().map_or(0, |bulk| bulk.count);
    let payments = look.lang.count("count.payments", count, &[]);
    let rest = format!("{payments} · {total} · {state}");
    // Amount and state are never cut: the name is.
    let room = width.saturating_sub(text::width(&rest)).saturating_sub(5).min(36);
    let name =
        pad(&text::fit(short_name(&own.file).as_str(), room), room.min(if look.wide { 36 } else { 24 }));
    let said = format!("{edge} {} {name} {rest}", meaning.sign());
    Line::from(text::span(look, if here { Meaning::Focus } else { meaning }, said))
}

fn own_state(own: &OwnBulk, lang: Lang) -> (Meaning, String) {
    let state = own.bulk.as_ref().map(|bulk| bulk.state.as_str());
    match (own.sent, state) {
        (State::Unknown, _) => (Meaning::Unknown, lang.outbox_state("unknown").to_owned()),
        _ if own.sent_again => (Meaning::Plain, lang.word("bulk_form.sent_again").to_owned()),
        (State::Sent, Some("canceled")) => (Meaning::Bad, lang.bulk_state("canceled").to_string()),
        (State::Sent, Some("failed")) => (Meaning::Bad, lang.word("bulk_form.failed").to_owned()),
        (State::Sent, Some("completed")) if own.unpaid.is_empty() => {
            (Meaning::Good, lang.word("bulk_form.paid").to_owned())
        }
        (State::Sent, Some("completed")) => {
            let unpaid = own.unpaid.len();
            (Meaning::Look, lang.count("bulk_form.unpaid", unpaid, &[]))
        }
        (State::Sent, Some(state)) => (Meaning::Moving, lang.bulk_state(state).to_string()),
        (state, _) => (Meaning::Plain, lang.outbox_state(state.code()).to_owned()),
    }
}

impl BulkForm {
    /// The note of a rejection, and whose it is.
    fn note_said(&self, own: &OwnBulk, lang: Lang) -> Option<String> {
        if let Some(note) = &own.note {
            let text = Clean::new(&note.text);
            return Some(lang.say("bulk_form.note", &[("by", &note.by), ("note", &text)]));
        }
        let there = self.noting || !self.note.value().is_empty();
        there.then(|| lang.say("bulk_form.note_pasted", &[("note", &Clean::new(self.note.value()))]))
    }
}

/// Why it was not paid, and what is sent again.
fn own_facts(form: &BulkForm, own: &OwnBulk, width: u16, model: &Model) -> Vec<Line<'static>> {
    let look = &model.look();
    let lang = look.lang;
    let mut said: Vec<String> = form.note_said(own, lang).into_iter().collect();
    if said.is_empty() && own.is_rejected() && !own.sent_again {
        said.push(model.say("bulk_form.no_note", &[]));
    }
    if let Some(bulk) = own.bulk.as_ref().filter(|bulk| !bulk.cause.is_empty()) {
        said.push(bulk.cause.to_string());
    }
    if let (Some(without), Some(bulk)) = (form.again(own), &own.bulk) {
        let left = bulk.count.saturating_sub(u32::try_from(without.len()).unwrap_or(u32::MAX));
        let payments = lang.count("count.payments", left, &[]);
        let named: Vec<u32> = without.into_iter().collect();
        let word = if bulk.state.as_str() == "canceled" && !named.is_empty() {
            "bulk_form.again_without"
        } else {
            "bulk_form.again_rows"
        };
        let lines = line_names(named.get(..named.len().min(8)).unwrap_or_default());
        said.push(model.say(word, &[("payments", &payments), ("lines", &lines)]));
    }
    let lines = said.into_iter().flat_map(|text| text::wrap(&text, width.saturating_sub(4)));
    lines.map(|part| Line::from(text::span(look, Meaning::Plain, format!("    {part}")))).collect()
}

/// Problems first, then what is odd, then what changed.
pub fn items(form: &Reviewing, model: &Model) -> Vec<Item> {
    let look = model.look();
    let mut items: Vec<Item> = form
        .read
        .checked
        .problems
        .iter()
        .map(|problem| Item {
            meaning: Meaning::Bad,
            text: if problem.is_of_columns() {
                format!("{}; {}", problem.sentence(look.lang), model.say("bulk_form.name_column", &[]))
            } else {
                problem.sentence(look.lang)
            },
            cell: problem.line.map(|line| (line, problem.column)),
        })
        .collect();
    let noted = form.read.review.lines.iter().filter(|line| line.is_flagged() || line.is_changed());
    items.extend(noted.map(|row| {
        let amount = i18n::money(row.payment.amount, look.numerals);
        let flags: Vec<String> = row.flags.iter().map(|flag: &Flag| flag.sentence(look.spoken())).collect();
        let (meaning, why) = if row.is_red() {
            (Meaning::Look, flags.join(" · "))
        } else if row.is_flagged() {
            (Meaning::Unknown, flags.join(" · "))
        } else {
            let before = row.before().map(|before| i18n::money(before, look.numerals));
            (Meaning::Changed, before.unwrap_or_else(|| look.lang.word("bulk.change.new").to_owned()))
        };
        Item {
            meaning,
            text: format!("{} {} {amount} · {why}", line(row.number), row.payment.name),
            cell: row.file_line.map(|line| (line, None)),
        }
    }));
    items
}

fn review(whole: &BulkForm, form: &Reviewing, model: &Model, frame: &mut Frame, area: Rect) {
    let look = model.look();
    let lang = look.lang;
    let read = &form.read;
    let rows = read.checked.rows.len();
    let total = read.checked.total.map(|total| written(&[total], &look)).unwrap_or_default();
    let right = format!("{} · {total}", lang.count("count.payments", rows, &[]));
    let name = Clean::new(&read.sheet.name);
    let title = lang.say("approvals.bulk_title", &[("file", &name)]);
    let inside = sheet(frame, area, &title, &right, &look);
    let mut lines = Vec::new();
    let source =
        read.gathered.accounts.iter().find(|account| Some(&account.id) == read.checked.source.as_ref());
    let source = source.map_or_else(|| "—".to_owned(), |account| account.name.to_string());
    let way = lang.word(if form.checker { "bulk_form.to_checker" } else { "bulk_form.at_once" });
    let description: &str =
        if read.choices.description.is_empty() { "—" } else { &read.choices.description };
    let with: [(&str, &dyn Display); 3] = [("source", &source), ("way", &way), ("description", &description)];
    lines.push(Line::from(lang.say("bulk_form.head", &with)));
    lines.extend(head(&read.review, &look).into_iter().map(Line::from));
    lines.extend(hidden_lines(&read.review, inside.width, &look));
    let out: Vec<u32> = read.edits.without.iter().copied().collect();
    if !out.is_empty() {
        let n = u64::try_from(out.len()).unwrap_or(u64::MAX);
        let said = lang.count("bulk_form.left_out", n, &[]);
        // Of a bulk that is sent again they have the names that its note gave them.
        let named = read.again.map(|_| format!(": {}", line_names(&out))).unwrap_or_default();
        lines.push(Line::from(text::fit(&format!("{said}{named}"), inside.width).into_owned()));
    }
    if read.again.is_some()
        && let Some(note) = whole.chosen().and_then(|own| whole.note_said(own, lang))
    {
        lines.push(Line::from(text::fit(&note, inside.width).into_owned()));
    }
    if form.stale {
        lines.push(dim(&look, lang.word("bulk_form.reading_again").to_owned()));
    }
    lines.push(Line::default());
    let items = items(form, model);
    if items.is_empty() {
        lines.push(Line::from(text::span(
            &look,
            Meaning::Good,
            format!("= {}", lang.word("bulk_form.all_fine")),
        )));
    }
    let foot: u16 = if form.editing.is_some() { 2 } else { 0 };
    let above = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    text::put_lines(frame.buffer_mut(), inside, &lines, 0);
    let list = Rect {
        y: inside.y.saturating_add(above),
        height: inside.height.saturating_sub(above).saturating_sub(foot),
        ..inside
    };
    let mut drawn: Vec<Line<'static>> = Vec::new();
    let mut chosen = 0;
    for (place, item) in items.iter().enumerate() {
        let here = place == form.at;
        let edge = if here { Meaning::Selected.sign() } else { " " };
        let said = format!("{edge} {} {}", item.meaning.sign(), item.text);
        if here {
            chosen = drawn.len();
            // The selected one is read whole.
            let wrapped = text::wrap(&said, list.width).into_iter().take(4);
            drawn.extend(wrapped.map(|part| Line::from(text::span(&look, Meaning::Focus, part))));
        } else {
            let said = text::fit(&said, list.width).into_owned();
            drawn.push(Line::from(text::span(&look, item.meaning, said)));
        }
    }
    let room = usize::from(list.height);
    let scroll = u16::try_from(chosen.saturating_add(4).saturating_sub(room)).unwrap_or(0);
    text::put_lines(frame.buffer_mut(), list, &drawn, scroll);
    if let Some(editing) = &form.editing {
        edit_line(editing, form, &look, frame, Rect { y: list.bottom(), height: foot, ..inside });
    }
}

/// What it is compared with, its rails, its funds and the cut-off.
fn head(review: &Review, look: &Look<'_>) -> Vec<String> {
    let lang = look.lang;
    let mut lines = Vec::new();
    lines.push(match (&review.counts, &review.last) {
        (Some([new, removed, changed, equal]), Some((name, _))) => {
            let counts = format!("+{new} −{removed} ~{changed} ={equal}");
            lang.say("approvals.bulk_against", &[("name", &short_name(name)), ("counts", &counts)])
        }
        _ => lang.word("approvals.bulk_first").to_owned(),
    });
    let rails = review.rails.iter().map(|(rail, rows, _)| format!("{} {rows}", lang.rail(rail)));
    let rails: Vec<String> = rails.collect();
    let new = u64::try_from(review.new_payees).unwrap_or(u64::MAX);
    let new = lang.count("bulk_form.new_payees", new, &[]);
    lines.push(format!("{} · {new}", rails.join(" · ")));
    let funds = review.funds.iter().map(|funds| {
        let word = if funds.suffice() { "approvals.funds_suffice" } else { "approvals.funds_short" };
        let after = i18n::money(funds.after, look.numerals);
        lang.say("approvals.funds_narrow", &[("after", &after), ("said", &lang.word(word))])
    });
    let mut last: Vec<String> = funds.collect();
    last.extend(review.ach.map(|ach| ach_said(ach, look)));
    lines.push(last.join(" · "));
    lines
}

fn edit_line(editing: &Editing, form: &Reviewing, look: &Look<'_>, frame: &mut Frame, at: Rect) {
    let lang = look.lang;
    let (label, typed): (String, &Typed) = match editing {
        Editing::Cell { line, column, typed } => {
            let with: [(&str, &dyn Display); 2] = [("line", line), ("column", &lang.word(column.word()))];
            (lang.say("bulk_form.cell", &with), typed)
        }
        Editing::Description(typed) => (lang.word("bulk_form.description").to_owned(), typed),
        Editing::Map(typed) => {
            let headings = form.read.sheet.headings.join(" · ");
            let headings = Clean::new(&headings);
            (lang.say("bulk_form.map_help", &[("headings", &headings)]), typed)
        }
    };
    let room = at.width / 2;
    let label = text::fit(&label, at.width.saturating_sub(room).saturating_sub(2)).into_owned();
    let column = text::width(&label).saturating_add(2);
    let (shown, cursor) = typed.window(at.width.saturating_sub(column));
    let lines = [Line::default(), field(&label, shown.as_str(), at.width)];
    text::put_lines(frame.buffer_mut(), at, &lines, 0);
    frame.set_cursor_position((at.x.saturating_add(column).saturating_add(cursor), at.y.saturating_add(1)));
}
