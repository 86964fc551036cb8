//! A pane of a list with what is known of the selected row below it, and the ways in which facts,
//! times and sums are written there.

use super::table;
use super::text::{self, wrap};
use super::{form::pad, modal};
use crate::console::facts::Standing;
use crate::console::model::{Look, Model, Zone};
use crate::console::standing;
use crate::console::theme::Meaning;
use crate::i18n;
use crate::sanitize::Clean;
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Lines that the detail takes at most while the list has the keys.
const DETAIL: u16 = 13;
/// Lines that the list keeps while the detail has them.
const LIST: u16 = 7;

/// One thing that is known of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// A key of the word files; none for sentences.
    name: Option<&'static str>,
    text: String,
    meaning: Meaning,
    /// Stays in view above the others while they scroll.
    kept: bool,
}

impl Fact {
    /// A sentence at the top.
    pub fn head(text: String) -> Self {
        Self { name: None, text, meaning: Meaning::Focus, kept: false }
    }

    pub fn plain(text: String) -> Self {
        Self { name: None, text, meaning: Meaning::Plain, kept: false }
    }

    pub fn gap() -> Self {
        Self::plain(String::new())
    }

    /// A sentence with its sign before it.
    pub fn signed(meaning: Meaning, text: &str) -> Self {
        Self { text: format!("{} {text}", meaning.sign()), meaning, ..Self::plain(String::new()) }
    }

    pub fn named(name: &'static str, text: impl Into<String>) -> Self {
        Self { name: Some(name), ..Self::plain(text.into()) }
    }

    /// What it says, without its name.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Text from outside; what is empty is said to be missing.
    pub fn clean(name: &'static str, text: &Clean) -> Self {
        let shown = match (text.is_empty(), text.altered()) {
            (true, _) => "—".to_owned(),
            (false, false) => text.to_string(),
            // What was hidden in it, spelled out.
            (false, true) => format!("{text} · {}", text.escaped()),
        };
        let sign = if text.altered() { format!("{} ", Meaning::Look.sign()) } else { String::new() };
        let meaning = if text.altered() { Meaning::Look } else { Meaning::Plain };
        Self { meaning, ..Self::named(name, format!("{sign}{shown}")) }
    }

    /// What is decided: on the screen whatever else there is to read.
    #[must_use]
    pub fn kept(self) -> Self {
        Self { kept: true, ..self }
    }
}

/// Draws the facts, names in a column and texts wrapped beside them: those that are kept above, the others
/// scrolled by `scroll`, at most to their last line.
pub fn put(frame: &mut Frame, inner: Rect, facts: &[Fact], scroll: u16, look: &Look<'_>) {
    let names = facts.iter().filter_map(|fact| fact.name);
    let column =
        names.map(|name| text::width(look.lang.word(name))).max().map_or(0, |name| name.saturating_add(2));
    let (mut above, mut lines) = (Vec::new(), Vec::new());
    for fact in facts {
        // What belongs to the sentence above it is set in by its blanks.
        let blanks = fact.text.chars().take_while(|letter| *letter == ' ').count();
        let indent = fact.name.map_or(u16::try_from(blanks).unwrap_or(0), |_| column);
        let mut name = fact.name.map_or("", |name| look.lang.word(name));
        let to = if fact.kept { &mut above } else { &mut lines };
        for part in wrap(fact.text.trim_start(), inner.width.saturating_sub(indent).max(1)) {
            let name = pad(std::mem::take(&mut name), indent);
            to.push(Line::from(vec![
                Span::styled(name, look.theme.style(Meaning::Dim)),
                text::span(look, fact.meaning, part),
            ]));
        }
    }
    let count = |lines: &[Line<'_>]| u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let kept = count(&above).min(inner.height);
    text::put_lines(frame.buffer_mut(), inner, &above, 0);
    let rest = Rect { y: inner.y.saturating_add(kept), height: inner.height.saturating_sub(kept), ..inner };
    let most = count(&lines).saturating_sub(rest.height);
    text::put_lines(frame.buffer_mut(), rest, &lines, scroll.min(most));
}

/// The two boxes of the pane in front: its list, and the facts of the selected row.
pub fn list_over_detail(model: &Model, frame: &mut Frame, body: Rect) {
    let look = model.look();
    let pane = model.here();
    let (list, facts) = (pane.list(model), pane.facts(model));
    let (age, meaning) = standing::age(model, pane.standing(model));
    let (scroll, focused) = match model.zone {
        Zone::List => (0, true),
        Zone::Detail { scroll } => (scroll, false),
    };
    let upper = if facts.is_none() && list.counts().0 == 0 {
        body.height
    } else if focused {
        body.height.saturating_sub(DETAIL.min(body.height / 2))
    } else {
        LIST.min(body.height / 2)
    };
    let top = Rect { height: upper, ..body };
    let place = standing::place(model);
    let age = match (place.is_empty(), age.is_empty()) {
        (true, _) => age,
        (false, true) => place,
        (false, false) => format!("{place} · {age}"),
    };
    let title = standing::titled(model, look.lang.word(pane.title()));
    let inner = modal::boxed(frame, top, &title, (&age, meaning), focused, &look);
    // The headings stand before the first rows do.
    let loading = matches!(pane.standing(model), Standing::Loading { .. });
    if loading || !standing::explained(model, frame, inner, pane.empty()) {
        list.draw(frame, inner, &look);
    }
    if loading {
        standing::explained(model, frame, inner, pane.empty());
    }
    let below = Rect { y: body.y.saturating_add(upper), height: body.height.saturating_sub(upper), ..body };
    if below.height == 0 {
        return;
    }
    // A row that left with a refresh leaves its box behind: the list does not jump.
    let (title, facts) = facts.unwrap_or_default();
    let inner = modal::boxed(frame, below, &title, ("", Meaning::Plain), !focused, &look);
    let inner = Rect { x: inner.x.saturating_add(2), width: inner.width.saturating_sub(3), ..inner };
    put(frame, inner, &facts, scroll, &look);
}

/// `14:02:11` of today, `20/11 14:02` of another day; shorter on narrow screens.
pub fn when(at: Timestamp, look: &Look<'_>) -> String {
    let same_day = look.zone.to_datetime(at).date() == look.zone.to_datetime(look.now).date();
    match (same_day, look.wide) {
        (true, true) => i18n::clock(at, look.zone),
        (true, false) => i18n::hour_minute(at, look.zone),
        (false, _) => {
            format!("{} {}", i18n::day(at, look.zone, look.dates), i18n::hour_minute(at, look.zone))
        }
    }
}

/// `21/11/2026 12:49:31 COT (17:49:31 UTC)`
pub fn moment_with_utc(at: Timestamp, look: &Look<'_>) -> String {
    let moment = i18n::moment(at, look.zone, look.dates);
    format!("{moment} {} ({})", i18n::zone_name(look.zone, at), i18n::utc_clock(at))
}

/// Text from outside in a cell; a dash where there is none.
pub fn or_none(text: &Clean) -> table::Cell {
    if text.is_empty() { table::Cell::none() } else { table::Cell::clean(text) }
}
