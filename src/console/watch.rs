//! A desk that is left open: it locks after idle minutes, and calls when something new waits for this
//! person, what they charge was paid, or a row that they watch changed.

use super::effect::Effect;
use super::model::{Model, Saying};
use super::panes;
use super::place;
use super::theme::Meaning;
use super::widgets::typed::Typed;
use super::widgets::{modal, text};
use crate::domain::cobru::CobruState;
use crate::domain::role::Right;
use crate::sanitize::Clean;
use crate::sync::news::{Ask, Batch, News, Passphrase, Proof};
use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use std::collections::BTreeSet;

/// How the desk calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Call {
    #[default]
    Off,
    Bell,
    /// A notification of the terminal: iTerm2, WezTerm, Windows Terminal.
    Osc9,
    /// The same for rxvt, foot, Ghostty.
    Osc777,
}

impl Call {
    /// As the configuration says it.
    pub fn of(text: &str) -> Self {
        match text {
            "bell" => Self::Bell,
            "osc9" => Self::Osc9,
            "osc777" => Self::Osc777,
            _ => Self::Off,
        }
    }
}

/// When it locks, and what is typed to open it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lock {
    /// 0: never.
    pub after_min: i64,
    touched: Option<Timestamp>,
    shut: Option<Typed>,
    /// Whether this person has a passphrase, once that is known.
    guarded: Option<bool>,
    said: Option<Saying>,
}

impl Lock {
    pub const fn is_shut(&self) -> bool {
        self.shut.is_some()
    }
}

/// Someone is here.
pub fn touched(model: &mut Model) {
    model.lock.touched = Some(model.now);
}

/// Time went on.
pub fn tick(model: &mut Model) {
    let now = model.now;
    let since = *model.lock.touched.get_or_insert(now);
    let idle = now.as_second().saturating_sub(since.as_second());
    let lock = &mut model.lock;
    if lock.after_min > 0 && lock.shut.is_none() && idle >= lock.after_min.saturating_mul(60) {
        lock.shut = Some(Typed::default());
        lock.said = None;
    }
}

/// From the palette.
pub fn shut(model: &mut Model) {
    model.lock.shut = Some(Typed::default());
    model.lock.said = None;
}

/// A key while it is locked: the passphrase, and `⏎`. Without a passphrase `⏎` alone opens.
pub fn key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let lock = &mut model.lock;
    let Some(typed) = &mut lock.shut else { return Vec::new() };
    if key.code != KeyCode::Enter {
        typed.key(key);
        return Vec::new();
    }
    if typed.is_empty() && lock.guarded == Some(true) {
        return Vec::new();
    }
    let given = Passphrase(typed.value().to_owned().into());
    typed.clear();
    vec![Effect::Ask(Ask::Prove(given))]
}

/// `*`: tell when the selected row changes, or no longer; in an open bulk, of the bulk. Kept at once, for the
/// next start too.
pub fn toggle(model: &mut Model) -> Vec<Effect> {
    let Some(watched) = model.here().own_list_mut(model).toggle_watch() else { return Vec::new() };
    let word = match (watched, model.here().is_open(model)) {
        (true, false) => "notice.watching",
        (true, true) => "notice.watching_bulk",
        (false, _) => "notice.not_watching",
    };
    model.notify(Saying::new(Meaning::Plain, word));
    vec![place::kept(model)]
}

/// Tells of the watched rows that changed or left. Outside the terminal no figure is said.
fn moved(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    for pane in panes::ALL {
        for id in pane.own_list_mut(model).take_moved() {
            let look = model.look();
            let name = look.lang.word(pane.title());
            let said = match pane.own_list(model).line(&id, &look) {
                Some(line) => Saying::new(Meaning::Look, "notice.watched_changed").with("what", line),
                None => Saying::new(Meaning::Look, "notice.watched_left").with("what", Clean::new(&id)),
            };
            let said = said.with("pane", name);
            if model.call != Call::Off {
                let said = Clean::new(&look.lang.say("call.watched", &[("pane", &name)]));
                effects.push(Effect::Call { how: model.call, said });
            }
            model.notify(said);
            effects.push(place::kept(model));
        }
    }
    effects
}

/// What came of the passphrase, of what is waited for and of what is watched.
pub fn told(model: &mut Model, news: &News) -> Vec<Effect> {
    let mut effects = moved(model);
    effects.extend(heard(model, news));
    effects
}

fn heard(model: &mut Model, news: &News) -> Vec<Effect> {
    match news {
        News::Proof(proof) if model.lock.is_shut() => {
            let lock = &mut model.lock;
            lock.guarded = Some(*proof != Proof::NotSet);
            lock.said = match proof {
                Proof::Given(_) | Proof::NotSet => {
                    lock.shut = None;
                    None
                }
                Proof::Wait { seconds } => {
                    Some(Saying::new(Meaning::Bad, "lock.wait").with("seconds", seconds))
                }
                Proof::Wrong { .. } | Proof::Set | Proof::OldNeeded | Proof::TooShort => {
                    Some(Saying::new(Meaning::Bad, "lock.wrong"))
                }
                Proof::Failed(why) => {
                    Some(Saying::new(Meaning::Bad, "lock.failed").with("why", Clean::new(why)))
                }
            };
            Vec::new()
        }
        News::Rows { stored: false, batch, .. } => call(model, batch),
        _ => Vec::new(),
    }
}

/// Says that something new waits, or that something was paid. The first rows of all call nobody.
fn call(model: &mut Model, batch: &Batch) -> Vec<Effect> {
    let lang = model.lang();
    let said = match batch {
        Batch::Approvals(rows) if model.seat.actor.role.may(Right::Approve) => {
            let ids: BTreeSet<String> = rows.iter().map(|row| row.id().to_owned()).collect();
            let before = model.called.waiting.replace(ids.clone());
            let new = before.map_or(0, |before| ids.difference(&before).count());
            let n = new;
            (new > 0).then(|| lang.count("call.approvals", n, &[]))
        }
        Batch::Cobrus(rows) => {
            let paid = rows.iter().filter(|row| row.state == CobruState::Paid);
            let ids: BTreeSet<String> = paid.map(|row| row.id.to_string()).collect();
            let before = model.called.paid.replace(ids.clone());
            let new = before.map_or(0, |before| ids.difference(&before).count());
            let n = new;
            (new > 0).then(|| lang.count("call.paid", n, &[]))
        }
        _ => None,
    };
    match said {
        Some(said) if model.call != Call::Off => {
            vec![Effect::Call { how: model.call, said: Clean::new(&said) }]
        }
        Some(_) | None => Vec::new(),
    }
}

/// What it called for already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Called {
    waiting: Option<BTreeSet<String>>,
    paid: Option<BTreeSet<String>>,
}

/// Nothing of the desk but whose it is.
pub fn view(model: &Model, frame: &mut Frame) {
    let look = model.look();
    let area = frame.area();
    let title = look.lang.word("lock.title");
    let inner = modal::over(frame, area, (60, 9), title, &look);
    let who = format!("{} · {}", model.seat.company, model.seat.actor.person);
    let screen = frame.buffer_mut();
    text::put(screen, inner.x, inner.y, inner.width, &who, look.theme.style(Meaning::Heading));
    let said = model.lock.said.as_ref();
    let words = said.map_or_else(|| look.lang.word("lock.how").to_owned(), |said| said.text(model));
    let meaning = said.map_or(Meaning::Plain, |said| said.meaning);
    for (line, y) in text::wrap(&words, inner.width).iter().zip(inner.y.saturating_add(2)..) {
        text::put(screen, inner.x, y, inner.width, line, look.theme.style(meaning));
    }
    let y = inner.bottom().saturating_sub(2);
    let typed = model.lock.shut.as_ref().map(|typed| typed.masked(inner.width)).unwrap_or_default();
    let line = Rect { y, height: 1, ..inner };
    text::put(screen, line.x, y, line.width, typed.0.as_str(), look.theme.style(Meaning::Focus));
    frame.set_cursor_position((line.x.saturating_add(typed.1), y));
}
