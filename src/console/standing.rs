//! How a list stands, in words: its title and age, why it has no rows or none newer, and what helps.

use super::actions::{self, Action};
use super::facts::{Standing, seconds_since};
use super::model::{Model, Saying};
use super::theme::Meaning;
use super::view;
use super::widgets::text;
use crate::domain::ProviderName;
use crate::i18n;
use crate::providers::Failure;
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// What is read for the first time, how far, and for how long.
pub fn loading(model: &Model, done: usize, of: usize) -> String {
    let lang = model.lang();
    let pane = lang.word(model.here().title());
    let age = i18n::age(seconds_since(model.facts.since, model.now));
    lang.say("status.loading_some", &[("what", &pane), ("done", &done), ("all", &of), ("age", &age)])
}

/// Why a read brought nothing: the remedy first, the provider's own code kept.
pub fn failure(model: &Model, provider: ProviderName, why: &Failure, retry_at: Timestamp) -> Saying {
    let seconds = seconds_since(model.now, retry_at);
    let said = |word| Saying::new(Meaning::Bad, word).with("provider", provider);
    let key = model.keymap.label_of("refresh", model.lang());
    match why {
        Failure::Offline { .. } => said("failure.offline").with("again", i18n::age(seconds)),
        Failure::Credentials { code, .. } => said("failure.credentials").with("code", code),
        Failure::Forbidden { code } => said("failure.forbidden").with("code", code),
        Failure::RateLimited { .. } => said("failure.rate_limited").with("seconds", seconds),
        Failure::NotFound => said("failure.not_found").with("key", key),
        Failure::Refused { status, code, text, correlation } => {
            // The id is what the provider's support asks for.
            let word = if correlation.is_empty() { "failure.refused" } else { "failure.refused_id" };
            let said = said(word).with("status", status).with("code", code).with("text", text);
            said.with("key", key).with("id", correlation)
        }
        Failure::Unreadable { .. } => said("failure.unreadable").with("again", i18n::age(seconds)),
        Failure::Unsupported => said("failure.unsupported"),
    }
}

/// Why the pane in front has nothing newer, if a read failed.
pub fn failing_here(model: &Model) -> Option<Saying> {
    match model.here().standing(model) {
        Standing::Failing { provider, why, retry_at, .. } => Some(failure(model, provider, why, retry_at)),
        Standing::Loading { .. }
        | Standing::Fresh { .. }
        | Standing::Stale { .. }
        | Standing::Nowhere
        | Standing::Own => None,
    }
}

/// The age for a box's title, or what is the matter with it.
pub fn age(model: &Model, standing: Standing<'_>) -> (String, Meaning) {
    let look = model.look();
    match standing {
        Standing::Loading { .. } => (look.lang.word("status.loading").to_owned(), Meaning::Dim),
        Standing::Fresh { at } => {
            let age = i18n::age(seconds_since(at, model.now));
            if look.wide {
                let time = i18n::clock(at, look.zone);
                (look.lang.say("status.as_of", &[("time", &time), ("age", &age)]), Meaning::Plain)
            } else {
                (age, Meaning::Plain)
            }
        }
        Standing::Stale { at } => {
            let age = i18n::age(seconds_since(at, model.now));
            (format!("! {}", look.lang.say("status.stale", &[("age", &age)])), Meaning::Look)
        }
        Standing::Failing { why, since, .. } => {
            let age = i18n::age(seconds_since(since, model.now));
            (format!("x {} {age}", view::failing(look.lang, why)), Meaning::Bad)
        }
        Standing::Nowhere | Standing::Own => (String::new(), Meaning::Plain),
    }
}

/// The title of the list in front, with its filter and marks.
pub fn titled(model: &Model, name: &str) -> String {
    let list = model.here().list(model);
    let (shown, all) = list.counts();
    let mut title = name.to_owned();
    if !list.filter().is_empty() {
        title = format!("{title} · / {} · {shown}/{all}", list.filter());
    }
    if list.marks() > 0 {
        title = format!("{title} · * {}", list.marks());
        let hidden = list.marks_hidden();
        if hidden > 0 {
            title = format!("{title} ({})", model.lang().count("count.hidden", hidden, &[]));
        }
    }
    let first = model.here().resources().first();
    let (until, unreadable) = first.map_or((None, 0), |resource| model.facts.gaps(*resource));
    if let Some(until) = until {
        let time = i18n::hour_minute(until, &model.seat.zone);
        title = format!("{title} · {}", model.lang().say("status.partial", &[("time", &time)]));
    }
    if unreadable > 0 {
        let n = unreadable;
        title = format!("{title} · {}", model.lang().count("attention.unreadable", n, &[]));
    }
    if list.ranging() {
        title = format!("{title} · {}", model.say("status.ranging", &[]));
    }
    title
}

/// Where the selected row stands among those shown: `12/318`.
pub fn place(model: &Model) -> String {
    let list = model.here().list(model);
    let (shown, _) = list.counts();
    match list.position() {
        Some(at) if shown > 1 => format!("{at}/{shown}"),
        Some(_) | None => String::new(),
    }
}

/// What helps where there is nothing: to make one, for whoever may; else to read again.
fn next_step(model: &Model) -> String {
    let lang = model.lang();
    let makes = |action: &&Action| {
        action.id.ends_with(".create") && action.works_in(model.pane) && action.possible(model).is_ok()
    };
    let label = |action| format!("{} {}", model.keymap.label(action, lang), lang.word(action.word));
    let read_again = || actions::all().find(|action| action.id == "refresh");
    actions::all().find(makes).or_else(read_again).map(label).unwrap_or_default()
}

/// Where a list has no rows to show, says why and what helps; `empty` is the pane's own sentence for
/// "there is nothing". Returns whether it did.
pub fn explained(model: &Model, frame: &mut Frame, inner: Rect, empty: &'static str) -> bool {
    let pane = model.here();
    let (shown, all) = pane.list(model).counts();
    if shown > 0 {
        return false;
    }
    let lang = model.lang();
    let key = |id| model.keymap.label_of(id, lang);
    let words = match pane.standing(model) {
        _ if all > 0 => lang.say("status.none_match", &[("key", &key("back"))]),
        Standing::Loading { done, of } => loading(model, done, of),
        Standing::Failing { provider, why, retry_at, .. } => {
            failure(model, provider, why, retry_at).text(model)
        }
        Standing::Nowhere => lang.say("status.nowhere", &[("key", &key("desk.profile_or_role"))]),
        Standing::Fresh { .. } | Standing::Stale { .. } | Standing::Own => {
            model.say(empty, &[("next", &next_step(model))])
        }
    };
    let room = inner.width.saturating_sub(4);
    let lines = text::wrap(&words, room);
    for (line, y) in lines.iter().zip(inner.top().saturating_add(1)..inner.bottom()) {
        text::put(frame.buffer_mut(), inner.x.saturating_add(2), y, room, line, Style::new());
    }
    true
}
