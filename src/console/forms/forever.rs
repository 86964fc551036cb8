//! The dialog before something is blocked, canceled or deleted (UX §8): its alias is typed, and behind it
//! `PARA SIEMPRE` where there is no way back. What still depends on it stands above.
//!
//! ```text
//! ┌─ Borrar contraparte · acción irreversible ───────────────────┐
//! │  Contraparte  Carlos Rojas · llave @crojas                   │
//! │  ! 2 movimientos sin terminar van a ella                     │
//! │                                                              │
//! │  Escriba: Carlos Rojas PARA SIEMPRE                          │
//! │  Carlos Roj▏                                                 │
//! └──────────────────────────────────────────────────────────────┘
//! ```

use super::{Form, confirm, stay};
use crate::console::effect::Effect;
use crate::console::model::Model;
use crate::console::theme::Meaning;
use crate::console::widgets::form::pad;
use crate::console::widgets::text::{self, wrap};
use crate::console::widgets::{modal, typed::Typed};
use crate::i18n::Lang;
use crate::payments::Checked;
use crate::sanitize::Clean;
use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

/// Typed behind the alias of what will be gone: the same in both languages.
const FOREVER: &str = "PARA SIEMPRE";

#[derive(Debug, Clone, PartialEq)]
pub struct ForeverForm {
    checked: Checked,
    /// Words of the title and of what `⏎` does.
    title: &'static str,
    verb: &'static str,
    /// What it is about, by name.
    facts: Vec<(&'static str, String)>,
    /// What still depends on it.
    warnings: Vec<String>,
    alias: Clean,
    forever: bool,
    /// An alias that is pasted was not read: pasted text stays out.
    typed: Typed,
    opened: Timestamp,
}

/// What the dialog is opened with.
pub struct About {
    pub title: &'static str,
    pub verb: &'static str,
    pub facts: Vec<(&'static str, String)>,
    pub warnings: Vec<String>,
    pub alias: Clean,
    pub forever: bool,
}

/// Opens the dialog, or says why not.
pub fn open(model: &mut Model, checked: Checked, about: About) -> Vec<Effect> {
    if !super::may(&checked, model) {
        return Vec::new();
    }
    let About { title, verb, facts, warnings, alias, forever } = about;
    let opened = model.now;
    let typed = Typed::default();
    let form = ForeverForm { checked, title, verb, facts, warnings, alias, forever, typed, opened };
    stay(model, Form::Forever(form))
}

impl ForeverForm {
    /// What has to be typed.
    fn wanted(&self) -> String {
        if self.forever { format!("{} {FOREVER}", self.alias) } else { self.alias.to_string() }
    }

    fn matches(&self) -> bool {
        Clean::new(self.typed.value()).as_str() == self.wanted()
    }
}

pub fn key(mut form: ForeverForm, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    // Doing nothing is always safe, also at once.
    if key.code == KeyCode::Esc {
        return Vec::new();
    }
    if confirm::deaf(form.opened, model.now) {
        return stay(model, Form::Forever(form));
    }
    if key.code == KeyCode::Enter {
        if !form.matches() {
            return stay(model, Form::Forever(form));
        }
        return super::record(form.checked, model);
    }
    form.typed.key(key);
    stay(model, Form::Forever(form))
}

/// What it asks to be typed.
pub fn ask(form: &ForeverForm, lang: Lang) -> String {
    lang.say("forever.type", &[("text", &form.wanted())])
}

pub fn hints(form: &ForeverForm) -> Vec<(String, &'static str)> {
    confirm::hints(form.verb)
}

pub fn view(form: &ForeverForm, model: &Model, frame: &mut Frame, area: Rect) {
    let look = model.look();
    let (lang, theme) = (look.lang, look.theme);
    let width = confirm::WIDTH;
    let names = form.facts.iter().map(|(name, _)| text::width(lang.word(name))).max().unwrap_or(0);
    let column = names.saturating_add(2);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let company = format!("{} · {}", model.seat.company, lang.word(super::environment_word(model)));
    lines.push(Line::styled(company, theme.style(Meaning::Focus)));
    for (name, value) in &form.facts {
        for (place, part) in wrap(value, width.saturating_sub(column)).into_iter().enumerate() {
            let name = if place == 0 { lang.word(name) } else { "" };
            lines.push(Line::from(vec![Span::raw(pad(name, column)), Span::raw(part)]));
        }
    }
    for warning in &form.warnings {
        let said = wrap(&format!("{} {warning}", Meaning::Look.sign()), width);
        lines.extend(said.into_iter().map(|part| Line::styled(part, theme.style(Meaning::Look))));
    }
    lines.push(Line::default());
    let ask = ask(form, lang);
    lines.extend(wrap(&ask, width).into_iter().map(Line::from));
    let row = u16::try_from(lines.len()).unwrap_or(0);
    let (shown, cursor) = form.typed.window(width);
    let field = Span::styled(pad(shown.as_str(), width), Style::new().add_modifier(Modifier::UNDERLINED));
    lines.push(Line::from(field));
    let (said, meaning) = if form.matches() {
        (format!("= {}", lang.word("confirm.matches")), Meaning::Good)
    } else {
        (format!("! {}", lang.word("forever.not_yet")), Meaning::Look)
    };
    lines.push(Line::styled(said, theme.style(meaning)));
    let ready = if form.matches() { Meaning::Focus } else { Meaning::Dim };
    lines.push(Line::from(vec![
        Span::styled(format!("⏎ {}", lang.word(form.verb)), theme.style(ready)),
        Span::raw(format!("      esc {}", lang.word("confirm.nothing"))),
    ]));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
    let title = lang.say("confirm.title", &[("what", &lang.word(form.title))]);
    let inner = modal::over(frame, area, (width.saturating_add(6), height), &title, &look);
    let inner = Rect { y: inner.y.saturating_add(1), height: inner.height.saturating_sub(1), ..inner };
    let scroll = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_sub(inner.height);
    text::put_lines(frame.buffer_mut(), inner, &lines, scroll);
    let cursor = (inner.x.saturating_add(cursor), inner.y.saturating_add(row).saturating_sub(scroll));
    if inner.contains(cursor.into()) {
        frame.set_cursor_position(cursor);
    }
}
