//! Text in cells: widths as the terminal counts them.

use crate::console::model::Look;
use crate::console::theme::Meaning;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Cells that a text takes.
pub fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// The text in at most `room` cells, its end replaced by `…` where it does not fit. For names and
/// descriptions; amounts and states are never cut.
pub fn fit(text: &str, room: u16) -> Cow<'_, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    let mut left = room.saturating_sub(1);
    for grapheme in text.graphemes(true) {
        let wide = width(grapheme);
        if wide > left {
            break;
        }
        left = left.saturating_sub(wide);
        kept.push_str(grapheme);
    }
    if room > 0 {
        kept.push('…');
    }
    Cow::Owned(kept)
}

/// A sentence in at most `room` cells: an amount at its end stands whole or not at all.
pub fn fit_sentence(text: &str, room: u16) -> Cow<'_, str> {
    let cut = fit(text, room);
    let figures = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '+' | '-' | '−');
    match cut.strip_suffix('…').and_then(|kept| kept.rsplit_once(' ')) {
        Some((before, last)) if matches!(cut, Cow::Owned(_)) && last.chars().all(figures) => {
            Cow::Owned(format!("{before} …"))
        }
        _ => cut,
    }
}

/// Keys as they are called where there is only ASCII: a cell alone has no sign for them.
pub fn keys(label: &str, look: &Look<'_>) -> String {
    if !look.theme.ascii {
        return label.to_owned();
    }
    let named = [
        ("↑↓", "up/down"),
        ("⏎", "enter"),
        ("↑", "up"),
        ("↓", "down"),
        ("←", "left"),
        ("→", "right"),
        ("…", "..."),
    ];
    named.iter().fold(label.to_owned(), |label, (sign, name)| label.replace(sign, name))
}

/// Writes at a place; what passes `room` is cut with `…`. Returns the column after it.
pub fn put(screen: &mut Buffer, x: u16, y: u16, room: u16, text: &str, style: Style) -> u16 {
    if room == 0 || !screen.area.contains((x, y).into()) {
        return x;
    }
    let (end, _) = screen.set_stringn(x, y, fit(text, room), room.into(), style);
    end
}

/// Words broken into lines of at most `room` cells; a word longer than a line is cut between letters.
pub fn wrap(text: &str, room: u16) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let mut word = word;
        loop {
            let gap = u16::from(!line.is_empty());
            if width(&line).saturating_add(gap).saturating_add(width(word)) <= room {
                if gap == 1 {
                    line.push(' ');
                }
                line.push_str(word);
                break;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                continue;
            }
            let mut end = 0;
            for (at, grapheme) in word.grapheme_indices(true) {
                let to = at.saturating_add(grapheme.len());
                if word.get(..to).map_or(0, width) > room {
                    break;
                }
                end = to;
            }
            // A single letter wider than the room: nothing would ever fit.
            if end == 0 {
                break;
            }
            let (head, tail) = word.split_at(end);
            lines.push(head.to_owned());
            word = tail;
        }
    }
    lines.push(line);
    lines
}

/// A piece of a line that means something: its words are coloured, never only its colour.
pub fn span<'a>(look: &Look<'_>, meaning: Meaning, text: impl Into<Cow<'a, str>>) -> Span<'a> {
    Span::styled(text, look.theme.style(meaning))
}

/// Lines into a box, scrolled down by `scroll`; what does not fit is not drawn.
pub fn put_lines(screen: &mut Buffer, area: Rect, lines: &[Line<'_>], scroll: u16) {
    for (line, y) in lines.iter().skip(scroll.into()).zip(area.top()..area.bottom()) {
        screen.set_line(area.x, y, line, area.width);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_passes_its_room(text in ".*", room in 0u16..40) {
            prop_assert!(width(&fit(&text, room)) <= room);
        }

        #[test]
        fn no_wrapped_line_passes_its_room(text in "[a-zñ ]{0,80}", room in 1u16..30) {
            for line in wrap(&text, room) {
                prop_assert!(width(&line) <= room, "{line:?}");
            }
        }
    }

    #[test]
    fn a_long_word_is_broken_where_it_must() {
        assert_eq!(wrap("sin débito", 5), ["sin", "débit", "o"]);
        assert_eq!(fit("Suministros del Valle", 10), "Suministr…");
    }
}
