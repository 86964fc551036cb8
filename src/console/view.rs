//! The frame around the panes: who sits here, the tabs, the status line, the keys that work now.
//!
//! ```text
//!  cuadre  ANDINA·SANDBOX  creador mlopez  [CREA]  Cobre ok 2s  Cobru ok 5s      21/11/2026 14:05:09 COT
//!  [1 Saldos]  2 Transac   3 Contrap   4 Aprob(3)   5 Cobrus   6 Salidas(1?)
//! ┌─ the pane ────────────────────────────────────────────────────────────────────────────────────── 2s ─┐
//! └──────────────────────────────────────────────────────────────────────────────────────────────────────┘
//!  one sentence
//!  ↑↓ mover  ⏎ abrir  / filtrar  : ir a…  ? ayuda
//! ```

use super::actions::{self, KEPT};
use super::facts::{Health, Standing, seconds_since};
use super::forms;
use super::model::{Modal, Model};
use super::panes::{self, PaneId};
use super::theme::Meaning;
use super::widgets::{detail, modal, text};
use super::{drafts, over, standing, tour, watch};
use crate::domain::ProviderName;
use crate::domain::money::Money;
use crate::domain::role::{Right, Role};
use crate::i18n;
use crate::providers::Failure;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Below this only one line is drawn, which says so.
pub const WIDTH_MIN: u16 = 60;
pub const HEIGHT_MIN: u16 = 16;

/// Draws the whole screen from the model.
pub fn view(model: &Model, frame: &mut Frame) {
    let area = frame.area();
    if model.lock.is_shut() {
        watch::view(model, frame);
        return model.theme.finish(frame.buffer_mut());
    }
    if area.width < WIDTH_MIN || area.height < HEIGHT_MIN {
        let words = model.lang().word("status.too_small");
        let (screen, y) = (frame.buffer_mut(), area.y.saturating_add(area.height / 2));
        text::put(screen, area.x, y, area.width, words, Style::new());
        return model.theme.finish(frame.buffer_mut());
    }
    identity(model, frame.buffer_mut(), Rect { height: 1, ..area });
    tabs(model, frame.buffer_mut(), Rect { y: area.y.saturating_add(1), height: 1, ..area });
    // The terminal may already be smaller than the size that was told last.
    let body = body(model).intersection(area);
    model.here().view(model, frame, body);
    let status_y = area.bottom().saturating_sub(2);
    status(model, frame, Rect { y: status_y, height: 1, ..area });
    hints(model, frame.buffer_mut(), Rect { y: status_y.saturating_add(1), height: 1, ..area });
    match &model.modal {
        Some(Modal::Palette(palette)) => palette.view(model, frame, body),
        Some(Modal::Pick(pick)) => pick.view(model, frame, body),
        Some(Modal::Vow(vow)) => vow.view(model, frame, body),
        Some(Modal::Leave) => leave(model, frame, body),
        Some(Modal::Form(form)) => forms::view(form, model, frame, area),
        Some(Modal::Search(search)) => search.view(model, frame, body),
        Some(Modal::Drafts { at }) => kept(model, frame, body, *at),
        None => {}
    }
    if let Some(raw) = &model.raw {
        raw.view(model, frame, body);
    }
    if let Some(help) = &model.help {
        help.view(model, frame, body);
    }
    model.theme.finish(frame.buffer_mut());
}

/// What the panes have of the screen.
pub fn body(model: &Model) -> Rect {
    let (width, height) = model.size;
    Rect { x: 0, y: 2, width, height: height.saturating_sub(4) }
}

/// Company and environment, who sits here and may do what, how the providers are, the clock.
fn identity(model: &Model, screen: &mut Buffer, line: Rect) {
    let (seat, look) = (&model.seat, model.look());
    let style = |meaning| look.theme.style(meaning);
    let clock = if !model.clock {
        String::new()
    } else if look.wide {
        let moment = i18n::moment(model.now, look.zone, look.dates);
        format!("{moment} {}", i18n::zone_name(look.zone, model.now))
    } else {
        let zone = i18n::zone_name(look.zone, model.now);
        format!("{} {zone}", i18n::hour_minute(model.now, look.zone))
    };
    let clock_width = text::width(&clock);
    let end = line.right().saturating_sub(clock_width.saturating_add(1));
    let mut x = line.x.saturating_add(1);
    let mut put = |x: u16, words: &str, meaning: Meaning| {
        text::put(screen, x, line.y, end.saturating_sub(x).saturating_sub(1), words, style(meaning))
    };
    let mut piece = |words: &str, meaning: Meaning| x = put(x, words, meaning);
    if look.wide {
        piece("cuadre  ", Meaning::Plain);
    }
    let (environment, ground) = if seat.production() {
        ("PROD".to_owned(), Meaning::Production)
    } else {
        (seat.actor.environment.to_uppercase(), Meaning::Sandbox)
    };
    let gap = if look.wide { "  " } else { " " };
    let room = if look.wide { 14 } else { 8 };
    let person = text::fit(&seat.actor.person, room).into_owned();
    let role =
        if look.wide { look.lang.role(seat.actor.role) } else { look.lang.word(short_role(seat.actor.role)) };
    let who = format!("{gap}{role} {person}{gap}[");
    let mode = look.lang.word(mode(model));
    let healths = |wide| -> Vec<_> {
        model.facts.providers.iter().map(|(provider, _)| health(model, *provider, wide)).collect()
    };
    let mut told = healths(look.wide);
    let needed = told.iter().map(|(words, _)| text::width(words).saturating_add(2)).sum::<u16>();
    // Two companies may begin alike: the name has whatever the rest of the line leaves.
    let rest = [&environment, &who, mode, "·]", "cuadre  "].map(text::width).into_iter().sum::<u16>();
    let left = end.saturating_sub(2).saturating_sub(rest).saturating_sub(needed);
    let room = left.max(if look.wide { 20 } else { 12 });
    piece(&text::fit(seat.company.as_str(), room).to_uppercase(), Meaning::Heading);
    piece("·", Meaning::Plain);
    piece(&environment, ground);
    piece(&who, Meaning::Plain);
    piece(mode, Meaning::Heading);
    piece("]", Meaning::Plain);
    if needed > end.saturating_sub(x) {
        told = healths(false);
    }
    for (words, meaning) in told {
        x = put(x, gap, Meaning::Plain);
        x = put(x, &words, meaning);
    }
    text::put(screen, end, line.y, clock_width, &clock, style(Meaning::Plain));
}

const fn short_role(role: Role) -> &'static str {
    match role {
        Role::Viewer => "role_short.viewer",
        Role::Support => "role_short.support",
        Role::Maker => "role_short.maker",
        Role::Checker => "role_short.checker",
        Role::Treasurer => "role_short.treasurer",
        Role::Admin => "role_short.admin",
    }
}

/// The word of what this desk can do, read-only first.
pub fn mode(model: &Model) -> &'static str {
    let actor = &model.seat.actor;
    let may = |right| !actor.readonly && actor.role.may(right);
    match (may(Right::Create), may(Right::Approve), may(Right::Charge), model.wide()) {
        (true, true, _, _) => "mode.create_approve",
        (true, false, _, _) => "mode.create",
        (false, true, _, true) => "mode.approve",
        (false, true, _, false) => "mode_short.approve",
        (false, false, true, true) => "mode.links",
        (false, false, true, false) => "mode_short.links",
        (false, false, false, _) => "mode.read",
    }
}

/// `Cobre ok 2s`, `Cobru x sin red`; on narrow screens `C2s`, `b x`.
fn health(model: &Model, provider: ProviderName, wide: bool) -> (String, Meaning) {
    let look = model.look();
    let letter = match provider {
        ProviderName::Cobre => "C",
        ProviderName::Cobru => "b",
    };
    match model.facts.health(provider) {
        Health::Waiting if wide => (format!("{provider} …"), Meaning::Dim),
        Health::Waiting => (format!("{letter}…"), Meaning::Dim),
        Health::Ok { at } => {
            let age = i18n::age(seconds_since(at, model.now));
            if wide {
                (format!("{provider} ok {age}"), Meaning::Plain)
            } else {
                (format!("{letter}{age}"), Meaning::Plain)
            }
        }
        Health::Failing { why, .. } => {
            if wide {
                return (format!("{provider} x {}", failing(look.lang, why)), Meaning::Bad);
            }
            let word = look.lang.word(match why {
                Failure::Offline { .. } => "health_short.offline",
                Failure::Credentials { .. } => "health_short.credentials",
                Failure::Forbidden { .. } => "health_short.forbidden",
                Failure::RateLimited { .. } => "health_short.rate_limited",
                Failure::NotFound | Failure::Refused { .. } | Failure::Unsupported => "health_short.refused",
                Failure::Unreadable { .. } => "health_short.unreadable",
            });
            (format!("{letter} x {word}"), Meaning::Bad)
        }
    }
}

/// Why, in a word or two: `sin red`.
pub fn failing(lang: i18n::Lang, why: &Failure) -> &'static str {
    lang.word(short_failure(why))
}

const fn short_failure(why: &Failure) -> &'static str {
    match why {
        Failure::Offline { .. } => "health.offline",
        Failure::Credentials { .. } => "health.credentials",
        Failure::Forbidden { .. } => "health.forbidden",
        Failure::RateLimited { .. } => "health.rate_limited",
        Failure::NotFound | Failure::Refused { .. } | Failure::Unsupported => "health.refused",
        Failure::Unreadable { .. } => "health.unreadable",
    }
}

/// ` [1 Saldos]  2 Transac   3 Contrap `: the pane in front stands in brackets, whatever the colours.
fn tabs(model: &Model, screen: &mut Buffer, line: Rect) {
    let look = model.look();
    for (pane, x, label) in tab_labels(model) {
        let meaning = if pane == model.pane { Meaning::Focus } else { Meaning::Plain };
        text::put(screen, x, line.y, line.right().saturating_sub(x), &label, look.theme.style(meaning));
    }
}

/// Each tab with the column where it begins.
fn tab_labels(model: &Model) -> Vec<(PaneId, u16, String)> {
    let look = model.look();
    let mut x: u16 = 1;
    let mut labels = Vec::new();
    for pane in panes::ALL.into_iter().filter(|pane| pane.id().number() > 0) {
        let (wide, short) = pane.tab();
        // The key that goes there, as it is bound.
        let number = model.keymap.label(pane.go(), look.lang);
        let badge = pane.badge(model);
        let label = if look.wide {
            let badge = badge.map(|badge| format!("({badge})")).unwrap_or_default();
            format!("{number} {}{badge}", look.lang.word(wide)).trim_start().to_owned()
        } else {
            let badge = badge.map(|badge| format!(" {badge}")).unwrap_or_default();
            format!("{number}{}{badge}", look.lang.word(short))
        };
        let label = if pane.id() == model.pane { format!("[{label}]") } else { format!(" {label} ") };
        let after = text::width(&label).saturating_add(u16::from(look.wide));
        labels.push((pane.id(), x, label));
        x = x.saturating_add(after);
    }
    labels
}

/// What of the frame is at a place of the screen, for the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    Tab(PaneId),
    /// The id of an action on the hint line.
    Action(&'static str),
    /// Somewhere in the panes.
    Body,
}

pub fn spot(model: &Model, x: u16, y: u16) -> Option<Spot> {
    let within = |from: u16, label: &str| x >= from && x < from.saturating_add(text::width(label));
    let (width, height) = model.size;
    if y == 1 {
        let tab = tab_labels(model).into_iter().find(|(_, from, label)| within(*from, label));
        return tab.map(|(pane, _, _)| Spot::Tab(pane));
    }
    if y.saturating_add(1) == height {
        let hint = hint_labels(model, width).into_iter().find(|hint| within(hint.x, &hint.label));
        return hint.and_then(|hint| hint.action).map(Spot::Action);
    }
    (y > 1 && y.saturating_add(2) < height).then_some(Spot::Body)
}

/// One sentence: what was just said, else what is wrong, else what the pane has to say. While a filter
/// is typed it stands here.
fn status(model: &Model, frame: &mut Frame, line: Rect) {
    let look = model.look();
    let x = line.x.saturating_add(1);
    let room = line.width.saturating_sub(2);
    if model.filtering {
        let typed = format!("/ {}", model.here().list(model).filter());
        let screen = frame.buffer_mut();
        let end = text::put(screen, x, line.y, room, &typed, look.theme.style(Meaning::Focus));
        let end = text::put(screen, end, line.y, 1, "▏", Style::new());
        let keys = look.lang.word("filter.keys");
        let left = line.right().saturating_sub(end).saturating_sub(3);
        text::put(screen, end.saturating_add(2), line.y, left, keys, look.theme.style(Meaning::Dim));
        frame.set_cursor_position((end.saturating_sub(1), line.y));
        return;
    }
    let (words, meaning) = sentence(model);
    text::put(
        frame.buffer_mut(),
        x,
        line.y,
        room,
        &text::fit_sentence(&words, room),
        look.theme.style(meaning),
    );
}

fn sentence(model: &Model) -> (String, Meaning) {
    let lang = model.lang();
    if let Some(notice) = &model.notice {
        return (notice.text(model), notice.meaning);
    }
    // Out of sight nobody takes a tour, and offline it can't go on.
    if model.away.is_none()
        && model.facts.offline_since().is_none()
        && let Some(tour) = tour::sentence(model)
    {
        return (tour, Meaning::Focus);
    }
    if let Some(since) = model.facts.offline_since() {
        let time = i18n::hour_minute(since, &model.seat.zone);
        let again = model.facts.next_try().map_or(0, |at| seconds_since(model.now, at));
        let (again, key) = (i18n::age(again), model.keymap.label_of("refresh", lang));
        let said = lang.say("error.offline", &[("time", &time), ("again", &again), ("key", &key)]);
        return (said, Meaning::Bad);
    }
    match model.here().standing(model) {
        Standing::Failing { provider, why, retry_at, .. } => {
            (standing::failure(model, provider, why, retry_at).text(model), Meaning::Bad)
        }
        Standing::Loading { done, of } => (standing::loading(model, done, of), Meaning::Plain),
        Standing::Fresh { .. } | Standing::Stale { .. } | Standing::Nowhere | Standing::Own
            if model.away.is_some() =>
        {
            (lang.word("status.away").to_owned(), Meaning::Dim)
        }
        Standing::Fresh { .. } | Standing::Stale { .. } | Standing::Nowhere | Standing::Own => {
            (marked(model).unwrap_or_else(|| model.here().status(model)), Meaning::Plain)
        }
    }
}

/// How many rows are marked, and what they add up to.
fn marked(model: &Model) -> Option<String> {
    let list = model.here().list(model);
    if list.marks() == 0 || model.here().is_open(model) {
        return None;
    }
    let said = model.lang().count("count.marked", list.marks(), &[]);
    let amount = |sum: &Money| format!("{} {}", sum.currency.code(), i18n::money(*sum, model.seat.numerals));
    let sums: Vec<String> = list.sums().iter().map(amount).collect();
    let sums = model.lang().say("marks.sum", &[("sums", &sums.join(" + "))]);
    Some(if list.sums().is_empty() { said } else { format!("{said} · {sums}") })
}

/// The keys that work now, in the order of use; what has no room is in `?`.
fn hints(model: &Model, screen: &mut Buffer, line: Rect) {
    let style = model.theme.style(Meaning::Dim);
    for hint in hint_labels(model, line.width) {
        let x = line.x.saturating_add(hint.x);
        text::put(screen, x, line.y, line.right().saturating_sub(x), &hint.label, style);
    }
}

/// A key on the hint line.
struct Hint {
    x: u16,
    label: String,
    action: Option<&'static str>,
}

fn hint_labels(model: &Model, width: u16) -> Vec<Hint> {
    let look = model.look();
    let own = match &model.modal {
        _ if model.help.is_some() => Some("help.keys"),
        _ if model.raw.is_some() => None,
        Some(Modal::Palette(_)) => Some("palette.keys"),
        Some(Modal::Pick(_)) => Some("pick.keys"),
        Some(Modal::Vow(_)) => Some("vow.keys_not_yet"),
        Some(Modal::Leave) => Some("leave.keys"),
        Some(Modal::Search(_)) => Some("search.keys"),
        Some(Modal::Drafts { .. } | Modal::Form(_)) | None => None,
    };
    if let Some(own) = own {
        return vec![Hint { x: 1, label: text::keys(&model.say(own, &[]), &look), action: None }];
    }
    // Label, whether it is kept at every width, action.
    let letter = |word: &str| actions::letters(model).find(|action| action.word == word);
    let keyed = |(key, word): (String, &'static str)| {
        let key = model.keymap.in_form_label(key, look.lang);
        (format!("{key} {}", look.lang.word(word)), false, letter(word).map(|action| action.id))
    };
    let window = over::front(model).is_some();
    let mut wanted: Vec<(String, bool, Option<&'static str>)> = match over::keys(model) {
        Some(mut keys) => {
            let letters =
                actions::letters(model).map(|action| (model.keymap.label(action, look.lang), action.word));
            // Before the last of all, which closes it.
            let at = keys.len().saturating_sub(1);
            keys.splice(at..at, letters);
            keys.into_iter().map(keyed).collect()
        }
        None => actions::hints(model)
            .into_iter()
            .map(|action| {
                let key = model.keymap.label(action, look.lang);
                let label = match action.id {
                    "list.down" => {
                        let keys = format!("{}{key}", model.keymap.label_of("list.up", look.lang));
                        if look.wide { format!("{keys} {}", look.lang.word("action.move")) } else { keys }
                    }
                    _ => format!("{key} {}", look.lang.word(action.word)),
                };
                (label, action.hint == Some(KEPT), Some(action.id))
            })
            .collect(),
    };
    if window {
        // The way out, and to what has no room.
        if let Some((_, keep, _)) = wanted.last_mut() {
            *keep = true;
        }
        let help = model.keymap.label_of("help", look.lang);
        wanted.push((format!("{help} {}", look.lang.word("action.help")), true, Some("help")));
    }
    let gap = if look.wide { 2 } else { 1 };
    let taken = |label: &str| text::width(&text::keys(label, &look)).saturating_add(gap);
    let kept: u16 = wanted.iter().filter(|(_, kept, _)| *kept).map(|(label, _, _)| taken(label)).sum();
    let mut left = width.saturating_sub(2).saturating_sub(kept);
    let (mut full, mut x) = (false, 1_u16);
    let mut hints = Vec::new();
    for (label, keep, action) in wanted {
        let label = text::keys(&label, &look);
        let after = taken(&label);
        if !keep {
            full |= after > left;
            if full {
                continue;
            }
            left = left.saturating_sub(after);
        }
        hints.push(Hint { x, label, action });
        x = x.saturating_add(after);
    }
    hints
}

/// What was typed and not sent: when, what it is.
fn kept(model: &Model, frame: &mut Frame, area: Rect, at: usize) {
    let look = model.look();
    let person = &model.seat.actor.person;
    let count = u16::try_from(model.drafts.of(person).count()).unwrap_or(u16::MAX);
    let size = (area.width.saturating_sub(8).min(90), count.saturating_add(5).min(area.height));
    let inner = modal::over(frame, area, size, look.lang.word("drafts.title"), &look);
    let list = Rect { y: inner.y.saturating_add(1), height: inner.height.saturating_sub(3), ..inner };
    let first = at.saturating_add(1).saturating_sub(list.height.into());
    let rows = model.drafts.of(person).enumerate().skip(first);
    for ((row, draft), y) in rows.zip(list.top()..list.bottom()) {
        let meaning = if row == at { Meaning::Selected } else { Meaning::Plain };
        let sign = if row == at { meaning.sign() } else { " " };
        let words = format!(
            "{sign} {}  {}",
            detail::when(draft.at, &look),
            drafts::Summary::of(draft, model).text(look.lang)
        );
        text::put(frame.buffer_mut(), list.x, y, list.width, &words, look.theme.style(meaning));
        if row == at {
            frame.set_cursor_position((list.x, y));
        }
    }
    let foot = inner.bottom().saturating_sub(1);
    let keys = model.say("drafts.keys", &[]);
    text::put(frame.buffer_mut(), inner.x, foot, inner.width, &keys, look.theme.style(Meaning::Dim));
}

fn leave(model: &Model, frame: &mut Frame, area: Rect) {
    let look = model.look();
    let inner = modal::over(frame, area, (60, 8), look.lang.word("leave.title"), &look);
    frame.set_cursor_position((inner.x, inner.bottom().saturating_sub(1)));
    let count = panes::outbox::unknowns(model);
    let words = if model.facts.unstored.is_empty() {
        look.lang.count("leave.unknowns", count, &[])
    } else {
        look.lang.word("leave.not_stored").to_owned()
    };
    let mut y = inner.y.saturating_add(1);
    for line in text::wrap(&words, inner.width) {
        text::put(frame.buffer_mut(), inner.x, y, inner.width, &line, Style::new());
        y = y.saturating_add(1);
    }
    let foot = inner.bottom().saturating_sub(1);
    let keys = look.lang.word("leave.keys");
    text::put(frame.buffer_mut(), inner.x, foot, inner.width, keys, look.theme.style(Meaning::Dim));
}
