//! Help, read off the Action table: the keys of this view and of everywhere, signs, states, rights.
//! Typing searches it.

use super::table::WATCHED;
use super::{modal, text};
use crate::console::actions::{self, Action, Scope};
use crate::console::model::{Look, Model};
use crate::console::over::{self, Over};
use crate::console::theme::Meaning;
use crate::domain::role::Right;
use crate::i18n::fold;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Help {
    pub query: String,
    pub scroll: u16,
}

impl Help {
    pub fn view(&self, model: &Model, frame: &mut Frame, area: Rect) {
        let look = model.look();
        let size = if look.wide { (112, 26) } else { (64, 20) };
        let title = look.lang.say("help.title", &[("query", &self.query)]);
        let inner = modal::over(frame, area, size, &title, &look);
        frame.set_cursor_position((inner.x, inner.y));
        let lines = self.lines(model, inner.width);
        let scroll = self.scroll.min(u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_sub(1));
        let list = Rect { height: inner.height.saturating_sub(1), ..inner };
        text::put_lines(frame.buffer_mut(), list, &lines, scroll);
        let foot = inner.bottom().saturating_sub(1);
        let left = lines.len().saturating_sub(usize::from(scroll).saturating_add(list.height.into()));
        let keys = match left {
            0 => look.lang.word("help.keys").to_owned(),
            left => look.lang.count("help.more", left, &[]),
        };
        text::put(frame.buffer_mut(), inner.x, foot, inner.width, &keys, look.theme.style(Meaning::Dim));
    }

    fn lines(&self, model: &Model, room: u16) -> Vec<Line<'static>> {
        let look = model.look();
        let query = fold(&self.query);
        let matches = |action: &&'static Action| {
            let words = fold(look.lang.word(action.word));
            query.is_empty()
                || words.contains(&query)
                || model.keymap.keys(action).iter().any(|key| key.code_name() == query)
        };
        let here = |action: &&Action| !action.panes.is_empty() && action.works_in(model.pane);
        let mut lines = Vec::new();
        let own: Vec<_> = actions::all().filter(here).filter(matches).collect();
        let everywhere: Vec<_> = actions::all()
            .filter(|action| action.panes.is_empty() && action.scope == Scope::Panes)
            .filter(matches)
            .collect();
        let in_scope = |scope| -> Vec<_> {
            actions::all().filter(|action| action.scope == scope).filter(matches).collect()
        };
        // The window in front first: it is what one asks about.
        let front = over::front(model);
        let pane = look.lang.word(model.here().tab().0);
        let window = |lines: &mut Vec<Line<'static>>, over: Over| {
            section(lines, &look, look.lang.word(over.word()), &in_scope(Scope::Over(over)), model, room);
        };
        if let Some(front) = front {
            window(&mut lines, front);
            if query.is_empty() {
                let keys = over::keys(model).unwrap_or_default().into_iter();
                let keys = keys.map(|(key, word)| format!("{key} {}", look.lang.word(word)));
                let keys = text::wrap(&keys.collect::<Vec<_>>().join(" · "), room).into_iter();
                lines.extend(keys.map(Line::from));
            }
        }
        section(&mut lines, &look, &look.lang.say("help.this_view", &[("pane", &pane)]), &own, model, room);
        section(&mut lines, &look, look.lang.word("help.everywhere"), &everywhere, model, room);
        section(&mut lines, &look, look.lang.word("help.in_forms"), &in_scope(Scope::Form), model, room);
        for over in Over::ALL.into_iter().filter(|over| Some(*over) != front) {
            window(&mut lines, over);
        }
        if query.is_empty() {
            heading(&mut lines, &look, look.lang.word("help.signs"));
            lines.extend(signs(&look, room));
            heading(&mut lines, &look, look.lang.word("help.rights"));
            lines.extend(rights(model, room));
        }
        lines
    }
}

fn heading(lines: &mut Vec<Line<'static>>, look: &Look<'_>, title: &str) {
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    lines.push(Line::from(Span::styled(title.to_owned(), look.theme.style(Meaning::Heading))));
}

/// Keys and words, in two columns where there is room. What cannot be done now is dim, with the reason.
fn section(
    lines: &mut Vec<Line<'static>>,
    look: &Look<'_>,
    title: &str,
    found: &[&'static Action],
    model: &Model,
    room: u16,
) {
    if found.is_empty() {
        return;
    }
    heading(lines, look, title);
    let columns: u16 = if room >= 90 { 2 } else { 1 };
    let column = room / columns;
    for pair in found.chunks(columns.into()) {
        let cells = pair.iter().map(|action| {
            let keys = model.keymap.keys(action);
            let keys: Vec<String> = keys.iter().map(|key| key.label(look.lang)).collect();
            let keys = if keys.is_empty() { ":".to_owned() } else { text::keys(&keys.join(" "), look) };
            let (word, meaning) = match action.possible(model) {
                // The section says already where it is.
                Err(_)
                    if action.scope == Scope::Form
                        || matches!(action.scope, Scope::Over(over) if over::front(model) != Some(over)) =>
                {
                    (look.lang.word(action.word).to_owned(), Meaning::Plain)
                }
                Ok(()) => (look.lang.word(action.word).to_owned(), Meaning::Plain),
                Err(reason) => {
                    (format!("{} ({})", look.lang.word(action.word), model.say(reason, &[])), Meaning::Dim)
                }
            };
            let word = text::fit(&word, column.saturating_sub(13)).into_owned();
            let cell = format!("{:<11} {}", text::fit(&keys, 11), word);
            let pad = usize::from(column.saturating_sub(text::width(&cell)));
            Span::styled(format!("{cell}{:pad$}", ""), look.theme.style(meaning))
        });
        lines.push(Line::from(cells.collect::<Vec<_>>()));
    }
}

fn signs(look: &Look<'_>, room: u16) -> Vec<Line<'static>> {
    let all = [
        (Meaning::Good, "sign.good"),
        (Meaning::Bad, "sign.bad"),
        (Meaning::Look, "sign.look"),
        (Meaning::Unknown, "sign.unknown"),
        (Meaning::Moving, "sign.moving"),
        (Meaning::New, "sign.new"),
        (Meaning::Removed, "sign.removed"),
        (Meaning::Changed, "sign.changed"),
    ];
    let mut said: Vec<String> =
        all.iter().map(|(meaning, word)| format!("{} {}", meaning.sign(), look.lang.word(word))).collect();
    said.extend(
        [("*", "sign.marked"), (WATCHED, "sign.watched")]
            .map(|(sign, word)| format!("{sign} {}", look.lang.word(word))),
    );
    text::wrap(&said.join(" · "), room).into_iter().map(Line::from).collect()
}

fn rights(model: &Model, room: u16) -> Vec<Line<'static>> {
    let look = model.look();
    let actor = &model.seat.actor;
    let yes_no = |right| {
        let may = !actor.readonly && actor.role.may(right);
        look.lang.word(if may { "help.yes" } else { "help.no" })
    };
    let said = look.lang.say(
        "help.rights_of",
        &[
            ("role", &look.lang.role(actor.role)),
            ("create", &yes_no(Right::Create)),
            ("approve", &yes_no(Right::Approve)),
            ("links", &yes_no(Right::Charge)),
        ],
    );
    text::wrap(&said, room).into_iter().map(Line::from).collect()
}
