//! What a person does at the terminal: keys, the mouse, pasted text. Each becomes what `update` does.

use super::actions;
use super::drafts;
use super::effect::Effect;
use super::facts::seconds_since;
use super::forms;
use super::keys::{Key, ctrl};
use super::message::Message;
use super::model::{Modal, Model, Saying};
use super::theme::Meaning;
use super::update::{DETAIL_LINES_MAX, act, back, go, go_to_row, quit, run, step, update};
use super::view::{self, Spot};
use super::widgets::help::Help;
use super::widgets::palette::Palette;
use super::widgets::search::Search;
use super::widgets::table::{Clicked, Step};
use super::widgets::vow::Kept;
use super::{over, watch};
use crate::sync::news::Ask;
use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

/// Away for less, nothing is read anew at the return.
const AWAY_LONG_S: i64 = 10;

pub(super) fn input(model: &mut Model, event: &Event) -> Vec<Effect> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => pressed(model, *key),
        Event::Paste(text) => pasted(model, text),
        Event::Resize(width, height) => update(model, Message::Resize { width: *width, height: *height }),
        Event::Mouse(mouse) => mouse_used(model, *mouse),
        Event::FocusLost => {
            model.away = model.away.or(Some(model.now));
            vec![Effect::Ask(Ask::Away(true))]
        }
        Event::FocusGained => {
            let Some(since) = model.away.take() else { return Vec::new() };
            let mut effects = vec![Effect::Ask(Ask::Away(false))];
            // Who only passed by has figures that are new enough.
            if seconds_since(since, model.now) >= AWAY_LONG_S {
                effects.push(Effect::Ask(Ask::RefreshAll));
            }
            effects
        }
        Event::Key(_) => Vec::new(),
    }
}

/// The mouse does what keys do: the wheel moves, a click selects or presses the hint under it, a second
/// click opens, the right button is `esc`. Where text is typed only keys are heard.
fn mouse_used(model: &mut Model, mouse: MouseEvent) -> Vec<Effect> {
    if model.lock.is_shut() {
        return Vec::new();
    }
    watch::touched(model);
    if matches!(model.modal, Some(Modal::Form(_))) && over::front(model).is_none() {
        return Vec::new();
    }
    let press = |model: &mut Model, code| pressed(model, KeyEvent::new(code, KeyModifiers::NONE));
    match mouse.kind {
        MouseEventKind::ScrollDown => press(model, KeyCode::Down),
        MouseEventKind::ScrollUp => press(model, KeyCode::Up),
        MouseEventKind::Down(MouseButton::Right) => press(model, KeyCode::Esc),
        MouseEventKind::Down(MouseButton::Left) => clicked(model, mouse.column, mouse.row),
        MouseEventKind::Down(MouseButton::Middle)
        | MouseEventKind::Up(_)
        | MouseEventKind::Drag(_)
        | MouseEventKind::Moved
        | MouseEventKind::ScrollLeft
        | MouseEventKind::ScrollRight => Vec::new(),
    }
}

fn clicked(model: &mut Model, x: u16, y: u16) -> Vec<Effect> {
    model.notice = None;
    match model.modal.take() {
        Some(Modal::Palette(mut palette)) => {
            if palette.click(view::body(model), x, y) {
                return choose(model, &palette);
            }
            model.modal = Some(Modal::Palette(palette));
            return Vec::new();
        }
        Some(Modal::Pick(mut pick)) => {
            if let Some(message) = pick.click(view::body(model), x, y) {
                return act(model, message);
            }
            model.modal = Some(Modal::Pick(pick));
            return Vec::new();
        }
        other => model.modal = other,
    }
    let covered = model.modal.is_some() || model.raw.is_some() || model.help.is_some();
    match view::spot(model, x, y) {
        Some(Spot::Action(id)) => {
            actions::all().find(|action| action.id == id).map_or_else(Vec::new, |action| run(model, action))
        }
        _ if covered => Vec::new(),
        Some(Spot::Tab(pane)) => go(model, pane),
        Some(Spot::Body) => match model.here().list_mut(model).click(x, y) {
            Some(Clicked::Again) => act(model, Message::Open),
            Some(Clicked::Selected) | None => Vec::new(),
        },
        None => Vec::new(),
    }
}

fn pressed(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    watch::touched(model);
    if model.lock.is_shut() {
        return watch::key(model, event);
    }
    model.notice = None;
    let Some(key) = Key::of(&event) else { return Vec::new() };
    if key == ctrl('c') {
        if std::mem::replace(&mut model.leaving, true) {
            return quit(model);
        }
        model.notify(Saying::new(Meaning::Look, "notice.ctrl_c"));
        return Vec::new();
    }
    model.leaving = false;
    if let Some(help) = model.help.take() {
        model.help = help_key(help, key);
        return Vec::new();
    }
    if let Some(action) = over::front(model).and_then(|over| model.keymap.letter(over, key)) {
        return run(model, action);
    }
    if let Some(raw) = &mut model.raw {
        if key.code == KeyCode::Esc {
            model.raw = None;
        } else if let Some(step) = model.keymap.step(key) {
            raw.step(step);
        }
        return Vec::new();
    }
    match model.modal.take() {
        Some(modal) => modal_key(model, modal, key, event),
        None if model.filtering => filter_key(model, key),
        None => match model.keymap.action(model.pane, key) {
            Some(action) => run(model, action),
            None => Vec::new(),
        },
    }
}

/// Help as a key leaves it; `esc` closes it.
fn help_key(mut help: Help, key: Key) -> Option<Help> {
    match key.code {
        KeyCode::Esc => return None,
        KeyCode::Up => help.scroll = help.scroll.saturating_sub(1),
        KeyCode::Down => help.scroll = help.scroll.saturating_add(1).min(DETAIL_LINES_MAX),
        KeyCode::PageUp => help.scroll = help.scroll.saturating_sub(10),
        KeyCode::PageDown => help.scroll = help.scroll.saturating_add(10).min(DETAIL_LINES_MAX),
        code => {
            if typed(&mut help.query, code, key.ctrl) {
                help.scroll = 0;
            }
        }
    }
    Some(help)
}

fn modal_key(model: &mut Model, modal: Modal, key: Key, event: KeyEvent) -> Vec<Effect> {
    match modal {
        Modal::Form(form) => {
            if let Some(event) = model.keymap.in_form(event) {
                return forms::key(*form, model, event);
            }
            model.modal = Some(Modal::Form(form));
        }
        _ if key.code == KeyCode::Esc => return Vec::new(),
        Modal::Palette(mut palette) => {
            match key.code {
                KeyCode::Enter if palette.chosen().is_none() => return search_for(model, palette.query()),
                KeyCode::Enter => return choose(model, &palette),
                KeyCode::Up => palette.step(false),
                KeyCode::Down => palette.step(true),
                code => {
                    let mut query = palette.query().to_owned();
                    if typed(&mut query, code, key.ctrl) {
                        palette.set_query(query, model);
                    }
                }
            }
            model.modal = Some(Modal::Palette(palette));
        }
        Modal::Pick(mut pick) => {
            if key.code == KeyCode::Enter
                && let Some(message) = pick.chosen()
            {
                return act(model, message);
            }
            if let Some(step) = model.keymap.step(key) {
                pick.step(step);
            }
            model.modal = Some(Modal::Pick(pick));
        }
        Modal::Vow(mut vow) => match vow.key(event, model.now) {
            Kept::Yes(sit) => return vec![Effect::Sit(sit)],
            Kept::No => {}
            Kept::NotYet => model.modal = Some(Modal::Vow(vow)),
        },
        Modal::Search(search) => return search_key(model, search, key),
        Modal::Drafts { at } => return draft_key(model, at, key),
        Modal::Leave => match key.code {
            KeyCode::Enter => return quit(model),
            _ => model.modal = Some(Modal::Leave),
        },
    }
    Vec::new()
}

/// The drafts: `⏎` opens one.
fn draft_key(model: &mut Model, at: usize, key: Key) -> Vec<Effect> {
    let ids = drafts::own(model);
    if let (KeyCode::Enter, Some(id)) = (key.code, ids.get(at)) {
        return drafts::open(model, *id);
    }
    let last = ids.len().saturating_sub(1);
    let at = model.keymap.step(key).map_or(at, |step| step.from(at, last));
    model.modal = Some(Modal::Drafts { at });
    Vec::new()
}

/// One-line typing: letters and backspace. Says whether the text changed.
fn typed(text: &mut String, code: KeyCode, ctrl: bool) -> bool {
    match code {
        KeyCode::Char('u') if ctrl => text.clear(),
        KeyCode::Char(letter) if !ctrl && text.chars().count() < TYPED_MAX => text.push(letter),
        KeyCode::Backspace => return text.pop().is_some(),
        _ => return false,
    }
    true
}

/// Letters that a filter, the palette or help takes.
const TYPED_MAX: usize = 80;

/// What no action is called may be a name, a number or an amount of a record.
fn search_for(model: &mut Model, query: &str) -> Vec<Effect> {
    let mut search = Search::default();
    query.clone_into(&mut search.query);
    search.look(model);
    model.modal = Some(Modal::Search(search));
    Vec::new()
}

/// The chosen action, in its own pane.
fn choose(model: &mut Model, palette: &Palette) -> Vec<Effect> {
    let Some(action) = palette.chosen() else { return Vec::new() };
    if !action.works_in(model.pane)
        && let Some(pane) = action.panes.first()
    {
        go(model, *pane);
    }
    // Who chose it by name is told why not, whatever it is.
    if let Err(reason) = action.possible(model) {
        model.remark(Saying::new(Meaning::Look, reason));
        return Vec::new();
    }
    run(model, action)
}

fn filter_key(model: &mut Model, key: Key) -> Vec<Effect> {
    let lang = model.lang();
    match key.code {
        KeyCode::Esc => return back(model),
        KeyCode::Enter => model.filtering = false,
        KeyCode::Up => return step(model, Step::Up),
        KeyCode::Down => return step(model, Step::Down),
        code => {
            let list = model.here().list_mut(model);
            let mut filter = list.filter().to_owned();
            if typed(&mut filter, code, key.ctrl) {
                list.set_filter(&filter, lang);
            }
        }
    }
    Vec::new()
}

/// Pasted text is text: it never presses a key.
fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    // Most terminals send the ends of lines as a return, which would otherwise glue two lines together.
    let text = &text.replace("\r\n", "\n").replace('\r', "\n");
    let blank = |c: char| if matches!(c, '\n' | '\t') { ' ' } else { c };
    let line: String = text.trim().chars().map(blank).filter(|c| !c.is_control()).take(TYPED_MAX).collect();
    match &mut model.help {
        _ if model.lock.is_shut() => return Vec::new(),
        Some(help) => {
            help.query.push_str(&line);
            return Vec::new();
        }
        None if model.raw.is_some() => return Vec::new(),
        None => {}
    }
    match model.modal.take() {
        Some(Modal::Form(form)) => return forms::paste(*form, model, text),
        Some(Modal::Palette(mut palette)) => {
            let query = format!("{}{line}", palette.query());
            palette.set_query(query, model);
            model.modal = Some(Modal::Palette(palette));
        }
        Some(Modal::Vow(mut vow)) => {
            vow.paste(text, model.now);
            model.modal = Some(Modal::Vow(vow));
        }
        Some(Modal::Search(mut search)) => {
            search.query.push_str(&line);
            search.look(model);
            model.modal = Some(Modal::Search(search));
        }
        None if model.filtering => {
            let lang = model.lang();
            let list = model.here().list_mut(model);
            let filter = format!("{}{line}", list.filter());
            list.set_filter(&filter, lang);
        }
        other => model.modal = other,
    }
    Vec::new()
}

/// A key for the search; `⏎` goes to what is chosen.
fn search_key(model: &mut Model, mut search: Search, key: Key) -> Vec<Effect> {
    if key.code == KeyCode::Enter {
        let hit = search.chosen().cloned();
        if let Some(hit) = hit {
            return go_to_row(model, hit.pane, &hit.id);
        }
    } else if !search.key(key.code) && typed(&mut search.query, key.code, key.ctrl) {
        search.look(model);
    }
    model.modal = Some(Modal::Search(search));
    Vec::new()
}
