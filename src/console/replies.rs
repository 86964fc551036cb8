//! What a terminal answers to a question comes in where keys come in, and the reader of keys takes it for
//! keys: `ESC ] 11;rgb:1c1c/1c1c/1c1c ESC \` would change panes and open forms. Here it is taken out,
//! whenever it comes, whole or in pieces.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::time::{Duration, Instant};

/// Asks for the background (xterm's OSC 11). A terminal that does not know it says nothing.
pub const ASK_BACKGROUND: &str = "\x1b]11;?\x1b\\";

/// Between two pieces of one answer, on a slow line. What was begun before and never ended is forgotten.
const PIECES_APART_MAX: Duration = Duration::from_secs(1);
/// Longer than any answer.
const ANSWER_MAX: usize = 40;

/// What came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Event(Event),
    /// The terminal's background, as it was told.
    Background {
        light: bool,
    },
}

/// Tells answers from keys.
#[derive(Debug, Default)]
pub struct Replies {
    state: State,
    last: Option<Instant>,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Keys,
    /// A lone Esc came, which may be the first byte of an answer.
    Escaped,
    /// Within an answer: what came after `ESC ]`.
    Answer(String),
    /// Its `ESC` came; `\` ends it.
    Ending(String),
}

impl Replies {
    /// The event as a key, an answer that it completes, or nothing: it is part of an answer.
    pub fn take(&mut self, event: Event, now: Instant) -> Option<Heard> {
        let late = self.last.replace(now).is_some_and(|last| now.duration_since(last) > PIECES_APART_MAX);
        let state = std::mem::take(&mut self.state);
        let state = if late { State::Keys } else { state };
        let Event::Key(key) = &event else {
            // A change of size or of focus may come between two pieces.
            self.state = state;
            return Some(Heard::Event(event));
        };
        if key.kind == KeyEventKind::Release {
            self.state = state;
            return Some(Heard::Event(event));
        }
        match (state, Piece::of(*key)) {
            (State::Keys | State::Escaped, Piece::Open) | (State::Escaped, Piece::Letter(']')) => {
                self.state = State::Answer(String::new());
                None
            }
            (State::Keys | State::Escaped, Piece::Escape) => {
                self.state = State::Escaped;
                Some(Heard::Event(event))
            }
            (State::Answer(text), Piece::End) | (State::Ending(text), Piece::Letter('\\')) => {
                background(&text)
            }
            (State::Answer(text), Piece::Escape) => {
                self.state = State::Ending(text);
                None
            }
            (State::Answer(mut text), Piece::Letter(letter)) => {
                text.push(letter);
                if !may_begin(&text) {
                    // No answer after all; what was held back is not given out late, as keys.
                    return Some(Heard::Event(event));
                }
                self.state = State::Answer(text);
                None
            }
            (_, _) => Some(Heard::Event(event)),
        }
    }
}

/// A key as a byte of an answer.
enum Piece {
    /// `ESC ]`
    Open,
    /// `BEL`, or `ESC \`
    End,
    Escape,
    Letter(char),
    Other,
}

impl Piece {
    fn of(key: KeyEvent) -> Self {
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char(']') if alt => Self::Open,
            KeyCode::Char('\\') if alt => Self::End,
            KeyCode::Char('g') if control => Self::End,
            KeyCode::Esc => Self::Escape,
            KeyCode::Char(letter) if !alt && !control => Self::Letter(letter),
            _ => Self::Other,
        }
    }
}

/// Whether an answer about a colour may begin so: `11;rgb:1c1c/1c`.
fn may_begin(text: &str) -> bool {
    if text.len() > ANSWER_MAX {
        return false;
    }
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    if digits.is_empty() {
        return text.len() <= 3;
    }
    let Some(rest) = digits.strip_prefix(';').filter(|_| digits.len() < text.len()) else { return false };
    ["rgb:", "rgba:"].iter().any(|head| match rest.strip_prefix(head) {
        Some(colour) => colour.chars().all(|c| c.is_ascii_hexdigit() || c == '/'),
        None => head.starts_with(rest),
    })
}

fn background(text: &str) -> Option<Heard> {
    let colour = text.strip_prefix("11;")?;
    let colour = colour.strip_prefix("rgba:").or_else(|| colour.strip_prefix("rgb:"))?;
    let mut parts = colour.split('/').map(eighth_bits);
    let (red, green, blue) = (parts.next()??, parts.next()??, parts.next()??);
    // How bright it looks, of 255000.
    let light = red
        .saturating_mul(299)
        .saturating_add(green.saturating_mul(587))
        .saturating_add(blue.saturating_mul(114));
    Some(Heard::Background { light: light > 127_500 })
}

/// One to four hexadecimal digits, as a part of 255.
fn eighth_bits(digits: &str) -> Option<u32> {
    let value = u32::from_str_radix(digits, 16).ok()?;
    let most = match digits.len() {
        1 => 0xf,
        2 => 0xff,
        3 => 0xfff,
        4 => 0xffff,
        _ => return None,
    };
    value.saturating_mul(255).checked_div(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(code, modifiers))
    }

    fn letters(text: &str) -> Vec<Event> {
        text.chars().map(|c| key(KeyCode::Char(c), KeyModifiers::NONE)).collect()
    }

    /// As the reader of keys makes it of the bytes.
    fn answer(text: &str) -> Vec<Event> {
        let mut events = vec![key(KeyCode::Char(']'), KeyModifiers::ALT)];
        events.extend(letters(text));
        events
    }

    fn heard(events: Vec<Event>) -> Vec<Heard> {
        let (mut replies, now) = (Replies::default(), Instant::now());
        events.into_iter().filter_map(|event| replies.take(event, now)).collect()
    }

    #[test]
    fn an_answer_is_no_key_however_it_ends() {
        let ends = [
            vec![key(KeyCode::Char('\\'), KeyModifiers::ALT)],
            vec![key(KeyCode::Char('g'), KeyModifiers::CONTROL)],
            vec![key(KeyCode::Esc, KeyModifiers::NONE), key(KeyCode::Char('\\'), KeyModifiers::NONE)],
        ];
        for end in ends {
            let mut events = answer("11;rgb:1c1c/1c1c/1C1C");
            events.extend(end);
            assert_eq!(heard(events), [Heard::Background { light: false }]);
        }
        let mut light = answer("11;rgb:ff/ff/f0");
        light.push(key(KeyCode::Char('g'), KeyModifiers::CONTROL));
        assert_eq!(heard(light), [Heard::Background { light: true }]);
    }

    #[test]
    fn an_answer_cut_after_its_first_byte_is_no_key_either() {
        let mut events = vec![key(KeyCode::Esc, KeyModifiers::NONE)];
        events.extend(letters("]11;rgb:0000/0000/0000"));
        events.push(key(KeyCode::Char('g'), KeyModifiers::CONTROL));
        let esc = Heard::Event(key(KeyCode::Esc, KeyModifiers::NONE));
        assert_eq!(heard(events), [esc, Heard::Background { light: false }]);
    }

    #[test]
    fn keys_are_keys() {
        let typed = letters("11;rgb:q]g\\");
        let as_they_are: Vec<Heard> = typed.iter().cloned().map(Heard::Event).collect();
        assert_eq!(heard(typed), as_they_are);
        // Esc, and a key right behind it.
        let mut events = vec![key(KeyCode::Esc, KeyModifiers::NONE)];
        events.extend(letters("q6"));
        assert_eq!(heard(events).len(), 3);
    }

    #[test]
    fn an_answer_that_never_ends_does_not_swallow_what_is_typed_later() {
        let (mut replies, now) = (Replies::default(), Instant::now());
        for event in answer("11;rg") {
            assert_eq!(replies.take(event, now), None);
        }
        let later = now + PIECES_APART_MAX + Duration::from_millis(1);
        let pressed = key(KeyCode::Char('b'), KeyModifiers::NONE);
        assert_eq!(replies.take(pressed.clone(), later), Some(Heard::Event(pressed)));
        // Nor what is typed at once and can't belong to it.
        let mut events = answer("11;rg");
        events.extend(letters("q6"));
        assert_eq!(heard(events).len(), 2);
    }

    #[test]
    fn another_answer_is_swallowed_and_says_nothing() {
        let mut events = answer("10;rgb:ffff/ffff/ffff");
        events.push(key(KeyCode::Char('\\'), KeyModifiers::ALT));
        assert_eq!(heard(events), []);
    }
}
