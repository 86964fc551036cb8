//! One line of typed text: what every form field, picker and confirmation types into.

use super::text;
use crate::sanitize::Clean;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::backend::crossterm::to_input_request;
use tui_input::{Input, InputRequest};
use unicode_segmentation::UnicodeSegmentation;

/// The most that any field holds, in characters. What is longer is cut and said so: no field of a
/// provider takes more, and a paste by accident may be a whole file.
pub const TYPED_MAX: usize = 480;

/// Typed text and the place in it. Bounded: no paste makes it large or slow.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    input: Input,
    cut: bool,
}

impl PartialEq for Typed {
    /// What a person sees of it; `tui_input` keeps a yank buffer beside, which is nobody's state.
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value() && self.input.cursor() == other.input.cursor() && self.cut == other.cut
    }
}

impl Eq for Typed {}

impl Typed {
    /// Holding `text`, the cursor behind it.
    pub fn of(text: &str) -> Self {
        let mut typed = Self::default();
        typed.paste(text);
        typed
    }

    pub fn value(&self) -> &str {
        self.input.value()
    }

    pub fn is_empty(&self) -> bool {
        self.value().is_empty()
    }

    /// Whether the last paste did not fit and lost its end.
    pub const fn was_cut(&self) -> bool {
        self.cut
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes the keys that write, erase and move within the line; `false` for all others.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let alt_gr = KeyModifiers::CONTROL | KeyModifiers::ALT;
        let chord = key.modifiers.intersects(alt_gr) && !key.modifiers.contains(alt_gr);
        // Chords on letters belong to the form, except the three that every shell knows.
        if let KeyCode::Char(letter) = key.code
            && chord
            && !(key.modifiers == KeyModifiers::CONTROL && matches!(letter, 'a' | 'u' | 'w'))
        {
            return false;
        }
        let Some(request) = to_input_request(&Event::Key(key)) else { return false };
        if let InputRequest::InsertChar(letter) = request {
            if letter.is_control() {
                return false;
            }
            self.paste(letter.encode_utf8(&mut [0; 4]));
        } else {
            self.cut = false;
            self.input.handle(request);
        }
        true
    }

    /// Writes `text` at the cursor, whatever keys its characters would have been. Line ends, tabs and
    /// other controls become one blank; what does not fit is cut.
    pub fn paste(&mut self, text: &str) {
        let (before, after) = self.split();
        let held = before.chars().count().saturating_add(after.chars().count());
        let room = TYPED_MAX.saturating_sub(held);
        let mut new = String::with_capacity(before.len().saturating_add(text.len().min(TYPED_MAX)));
        new.push_str(before);
        let mut taken: usize = 0;
        let mut blank = false;
        let mut cut = false;
        for letter in text.chars() {
            if taken >= room {
                cut = true;
                break;
            }
            let letter = if letter.is_control() { ' ' } else { letter };
            // A Windows line end, or lines of nothing, are one blank.
            let repeated = blank && letter == ' ';
            blank = letter == ' ';
            if !repeated {
                new.push(letter);
                taken = taken.saturating_add(1);
            }
        }
        let cursor = new.chars().count();
        new.push_str(after);
        self.input = Input::new(new).with_cursor(cursor);
        self.cut = cut;
    }

    fn split(&self) -> (&str, &str) {
        let value = self.value();
        let at = value.char_indices().nth(self.input.cursor()).map_or(value.len(), |(at, _)| at);
        value.split_at_checked(at).unwrap_or((value, ""))
    }

    /// The part in view, at most `width` columns, and the column of the cursor in it.
    pub fn window(&self, width: u16) -> (Clean, u16) {
        let (before, after) = self.split();
        let (before, after) = (Clean::new(before), Clean::new(after));
        place(before.as_str(), after.as_str(), width)
    }

    /// As [`window`](Self::window), with marks drawn before the characters of these places.
    pub fn grouped(&self, width: u16, marks: &[(usize, char)]) -> (Clean, u16) {
        let (before, after) = self.split();
        let cursor = before.chars().count();
        let spread = |part: &str, from: usize| {
            let mut shown = String::with_capacity(part.len().saturating_add(marks.len()));
            for (letter, at) in part.chars().zip(from..) {
                shown.extend(marks.iter().filter(|(place, _)| *place == at).map(|(_, mark)| *mark));
                shown.push(letter);
            }
            shown
        };
        let (before, after) = (Clean::new(&spread(before, 0)), Clean::new(&spread(after, cursor)));
        place(before.as_str(), after.as_str(), width)
    }

    /// As [`window`](Self::window), a dot for each character.
    pub fn masked(&self, width: u16) -> (Clean, u16) {
        let (before, after) = self.split();
        let dots = |part: &str| "•".repeat(part.graphemes(true).count());
        place(&dots(before), &dots(after), width)
    }
}

/// What of a line is in view around the cursor between its two parts, and the cursor's column.
fn place(before: &str, after: &str, width: u16) -> (Clean, u16) {
    // One column is kept for the cursor behind the text.
    let room = width.saturating_sub(1);
    let mut column = text::width(before);
    let mut shown = String::new();
    for letter in before.graphemes(true) {
        if column > room {
            column = column.saturating_sub(text::width(letter));
        } else {
            shown.push_str(letter);
        }
    }
    let mut used = column;
    for letter in after.graphemes(true) {
        used = used.saturating_add(text::width(letter));
        if used > width {
            break;
        }
        shown.push_str(letter);
    }
    (Clean::new(&shown), column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn press(typed: &mut Typed, code: KeyCode) -> bool {
        typed.key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    #[test]
    fn a_pasted_list_is_one_line() {
        let mut typed = Typed::of("uno\r\ndos\ttres\n\n\ncuatro\u{1b}q");
        assert_eq!(typed.value(), "uno dos tres cuatro q");
        press(&mut typed, KeyCode::Home);
        typed.paste("cero\n");
        assert_eq!(typed.value(), "cero uno dos tres cuatro q");
    }

    #[test]
    fn a_paste_by_accident_is_cut_at_the_bound() {
        let file = "x".repeat(100_000);
        let mut typed = Typed::of(&file);
        assert_eq!(typed.value().len(), TYPED_MAX);
        assert!(typed.was_cut());
        press(&mut typed, KeyCode::Backspace);
        assert!(!typed.was_cut());
        assert!(press(&mut typed, KeyCode::Char('y')));
        assert!(press(&mut typed, KeyCode::Char('z')));
        assert_eq!(typed.value().len(), TYPED_MAX);
        assert!(typed.value().ends_with('y'));
    }

    #[test]
    fn only_the_part_around_the_cursor_is_in_view() {
        let mut typed = Typed::of("anticipo de noviembre");
        let (shown, column) = typed.window(10);
        assert_eq!((shown.as_str(), column), ("noviembre", 9));
        press(&mut typed, KeyCode::Home);
        let (shown, column) = typed.window(10);
        assert_eq!((shown.as_str(), column), ("anticipo d", 0));
        assert_eq!(Typed::of("clave").masked(10).0.as_str(), "•••••");
    }

    #[test]
    fn chords_are_not_text() {
        let mut typed = Typed::of("hola");
        for letter in ['o', 's', 'e', 'y', 'c'] {
            assert!(!typed.key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL)), "{letter}");
        }
        assert!(typed.key(KeyEvent::new(KeyCode::Char('@'), KeyModifiers::CONTROL | KeyModifiers::ALT)));
        assert_eq!(typed.value(), "hola@");
        assert!(typed.key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)));
        assert!(typed.is_empty());
    }

    proptest! {
        #[test]
        fn the_window_is_never_wider_than_asked(line in "[ -~á-ú漢字👩‍🚀]{0,80}", width in 1_u16..40, back in 0..80) {
            let mut typed = Typed::of(&line);
            for _ in 0..back {
                press(&mut typed, KeyCode::Left);
            }
            let (shown, column) = typed.window(width);
            prop_assert!(text::width(shown.as_str()) <= width);
            prop_assert!(column < width);
        }
    }
}
