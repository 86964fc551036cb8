//! Keys as the Action table writes them, and their names on the screen.

use crate::i18n::Lang;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key, with or without control. Shift is in the character itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    pub code: KeyCode,
    pub ctrl: bool,
}

pub const fn plain(letter: char) -> Key {
    Key { code: KeyCode::Char(letter), ctrl: false }
}

pub const fn ctrl(letter: char) -> Key {
    Key { code: KeyCode::Char(letter), ctrl: true }
}

pub const fn key(code: KeyCode) -> Key {
    Key { code, ctrl: false }
}

impl Key {
    /// `None` for keys with Alt: an Esc with a key right behind it reads as Alt and that key.
    pub fn of(event: &KeyEvent) -> Option<Self> {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        if event.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::META) {
            return None;
        }
        let code = match event.code {
            KeyCode::Char(letter) if ctrl => KeyCode::Char(letter.to_ascii_lowercase()),
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            code => code,
        };
        Some(Self { code, ctrl })
    }

    /// As in `cuadre actions --json` and in tests: `n`, `ctrl-p`, `enter`, `shift-tab`, `f5`.
    pub fn code_name(self) -> String {
        let name = match self.code {
            KeyCode::Char(' ') => "space".to_owned(),
            KeyCode::Char(letter) => letter.to_string(),
            KeyCode::BackTab => "shift-tab".to_owned(),
            KeyCode::PageUp => "pgup".to_owned(),
            KeyCode::PageDown => "pgdn".to_owned(),
            code => code.to_string().to_lowercase(),
        };
        if self.ctrl { format!("ctrl-{name}") } else { name }
    }

    /// Reads [`code_name`](Self::code_name) back.
    pub fn read(name: &str) -> Option<Self> {
        if let Some(rest) = name.strip_prefix("ctrl-") {
            let key = Self::read(rest).filter(|key| !key.ctrl)?;
            let code = match key.code {
                KeyCode::Char(letter) => KeyCode::Char(letter.to_ascii_lowercase()),
                code => code,
            };
            return Some(Self { code, ctrl: true });
        }
        let mut letters = name.chars();
        if let (Some(letter), None) = (letters.next(), letters.next()) {
            return Some(plain(letter));
        }
        Some(key(match name {
            "space" => return Some(plain(' ')),
            "enter" => KeyCode::Enter,
            "esc" => KeyCode::Esc,
            "tab" => KeyCode::Tab,
            "shift-tab" => KeyCode::BackTab,
            "backspace" => KeyCode::Backspace,
            "delete" => KeyCode::Delete,
            "up" => KeyCode::Up,
            "down" => KeyCode::Down,
            "left" => KeyCode::Left,
            "right" => KeyCode::Right,
            "home" => KeyCode::Home,
            "end" => KeyCode::End,
            "pgup" => KeyCode::PageUp,
            "pgdn" => KeyCode::PageDown,
            _ => KeyCode::F(name.strip_prefix('f')?.parse().ok().filter(|n| (1..=12).contains(n))?),
        }))
    }

    /// Whether terminals send it as itself. Old ones know ctrl-i, ctrl-m, ctrl-j, ctrl-h and ctrl-[ only as
    /// tab, enter, backspace and esc.
    pub fn is_sent(self) -> bool {
        match self.code {
            KeyCode::Char(letter) if self.ctrl => {
                letter.is_ascii_alphabetic() && !matches!(letter, 'h' | 'i' | 'j' | 'm')
            }
            KeyCode::Char(letter) => {
                letter == ' ' || letter.is_alphanumeric() || letter.is_ascii_punctuation()
            }
            _ => true,
        }
    }

    /// As on the hint line: `n`, `^P`, `⏎`, `espacio`.
    pub fn label(self, lang: Lang) -> String {
        match self.code {
            KeyCode::Char(' ') => lang.word("key.space").to_owned(),
            KeyCode::Char(letter) if self.ctrl => format!("^{}", letter.to_ascii_uppercase()),
            KeyCode::Char(letter) => letter.to_string(),
            KeyCode::Enter => "⏎".to_owned(),
            KeyCode::Up => "↑".to_owned(),
            KeyCode::Down => "↓".to_owned(),
            KeyCode::Left => "←".to_owned(),
            KeyCode::Right => "→".to_owned(),
            KeyCode::F(n) => format!("F{n}"),
            _ => self.code_name(),
        }
    }

    pub fn event(self) -> KeyEvent {
        let modifiers = if self.ctrl { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
        KeyEvent::new(self.code, modifiers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_from_its_name() {
        for name in ["n", "A", "?", "ctrl-p", "enter", "esc", "shift-tab", "pgdn", "f5", "space", "home"] {
            assert_eq!(Key::read(name).map(Key::code_name).as_deref(), Some(name));
        }
        assert_eq!(Key::read("hyper"), None);
    }

    #[test]
    fn an_escape_with_a_letter_behind_it_presses_nothing() {
        assert_eq!(Key::of(&KeyEvent::new(KeyCode::Char('A'), KeyModifiers::ALT)), None);
    }
}
