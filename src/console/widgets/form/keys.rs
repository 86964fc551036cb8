//! What keys and pasted text do to a form.

use super::{Form, Kind, LIST_MAX, Row};
use crate::block;
use crate::console::widgets::typed::{TYPED_MAX, Typed};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key did to the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormEvent {
    /// Not a key of forms.
    Ignored,
    /// The form looks different; what it holds is the same.
    Moved,
    /// It holds something else: check again.
    Edited,
    /// The person is done: check, and go on to the review.
    Submit,
    /// Close it; what was typed may go.
    Leave,
}

impl Form {
    pub fn key(&mut self, key: KeyEvent) -> FormEvent {
        if self.leaving {
            self.leaving = false;
            return if key.code == KeyCode::Enter { FormEvent::Leave } else { FormEvent::Moved };
        }
        self.filled = None;
        let helping = std::mem::take(&mut self.helping);
        if key.code == KeyCode::F(1) {
            self.helping = !helping;
            return FormEvent::Moved;
        }
        if key.modifiers == KeyModifiers::CONTROL && key.code == KeyCode::Char('o') {
            self.leave();
            return FormEvent::Submit;
        }
        match key.code {
            KeyCode::Esc => self.escape(),
            KeyCode::Enter => self.enter(),
            KeyCode::Tab => self.step(1),
            KeyCode::BackTab => self.step(self.rows.len().saturating_sub(1)),
            KeyCode::Down if !self.listing() => self.step(1),
            KeyCode::Up if !self.listing() => self.step(self.rows.len().saturating_sub(1)),
            _ => self.write(key),
        }
    }

    /// Pasted text goes into the field in focus and is never read as keys. A block of account details
    /// goes into the fields that take its parts.
    pub fn paste(&mut self, text: &str) -> FormEvent {
        self.leaving = false;
        self.filled = None;
        if self.paste_block(text) {
            return FormEvent::Edited;
        }
        match self.rows.get_mut(self.focus).map(|row| &mut row.kind) {
            Some(Kind::Text { typed, mask: Some(mask), .. }) => {
                let kept = text.chars().filter(|letter| mask.keeps(*letter)).take(TYPED_MAX);
                typed.paste(&kept.collect::<String>());
            }
            Some(Kind::Text { typed, .. } | Kind::Amount { typed, .. }) => typed.paste(text),
            Some(Kind::Pick(picker)) => {
                picker.typed.paste(text);
                picker.edited();
            }
            Some(Kind::Check { .. }) | None => return FormEvent::Moved,
        }
        FormEvent::Edited
    }

    /// Fills the fields that take a part of a block, where there are two or more of them, or where the
    /// one in focus is picked by what a block says. One part alone may as well be what the field is for:
    /// an amount has figures as an account has. A field of free text takes what is pasted into it whole.
    fn paste_block(&mut self, text: &str) -> bool {
        let free = |row: &Row| row.takes.is_empty() && matches!(row.kind, Kind::Text { .. });
        if self.rows.iter().all(|row| row.takes.is_empty()) || self.rows.get(self.focus).is_some_and(free) {
            return false;
        }
        let block = block::read(text);
        if block.len() < 2 {
            return false;
        }
        let fits = |row: &Row| row.takes.iter().any(|part| block.get(*part).is_some());
        let searched =
            self.rows.get(self.focus).is_some_and(|row| matches!(row.kind, Kind::Pick(_)) && fits(row));
        let fields = self.rows.iter().filter(|row| fits(row)).count();
        if fields < 2 && !searched {
            return false;
        }
        let mut filled = Vec::new();
        for row in &mut self.rows {
            let values: Vec<&str> = row.takes.iter().filter_map(|part| block.get(*part)).collect();
            let Some(value) = values.first() else { continue };
            match &mut row.kind {
                Kind::Text { typed, .. } | Kind::Amount { typed, .. } => *typed = Typed::of(value),
                Kind::Pick(picker) => picker.look_for(&values),
                Kind::Check { .. } => continue,
            }
            row.left = true;
            filled.push(row.field);
        }
        self.filled = Some((filled, block.len()));
        true
    }

    /// Whether the field in focus shows a list that `↑↓` move in.
    fn listing(&self) -> bool {
        matches!(self.rows.get(self.focus).map(|row| &row.kind),
            Some(Kind::Pick(picker)) if picker.chosen.is_none())
    }

    /// Leaves the field in focus; whether that picked something.
    fn leave(&mut self) -> bool {
        let Some(row) = self.rows.get_mut(self.focus) else { return false };
        row.left = true;
        match &mut row.kind {
            Kind::Pick(picker) => picker.settle(),
            Kind::Text { .. } | Kind::Amount { .. } | Kind::Check { .. } => false,
        }
    }

    fn step(&mut self, by: usize) -> FormEvent {
        let picked = self.leave();
        let next = |at: usize| at.saturating_add(by).checked_rem(self.rows.len()).unwrap_or(0);
        let mut at = next(self.focus);
        while self.rows.get(at).is_some_and(|row| row.hidden) {
            at = next(at);
        }
        self.focus = at;
        if picked { FormEvent::Edited } else { FormEvent::Moved }
    }

    fn escape(&mut self) -> FormEvent {
        if let Some(Row { kind: Kind::Pick(picker), .. }) = self.rows.get_mut(self.focus)
            && !picker.typed.is_empty()
        {
            picker.typed.clear();
            picker.edited();
            return FormEvent::Edited;
        }
        if !self.holds_typing() || self.draft.is_some() {
            return FormEvent::Leave;
        }
        self.leaving = true;
        FormEvent::Moved
    }

    fn enter(&mut self) -> FormEvent {
        let last = self.rows.iter().skip(self.focus.saturating_add(1)).all(|row| row.hidden);
        if let Some(Row { kind: Kind::Pick(picker), left, .. }) = self.rows.get_mut(self.focus)
            && picker.chosen.is_none()
        {
            *left = true;
            if !picker.take() {
                return FormEvent::Moved;
            }
            if !last {
                self.step(1);
            }
            return FormEvent::Edited;
        }
        if last {
            self.leave();
            return FormEvent::Submit;
        }
        self.step(1)
    }

    fn write(&mut self, key: KeyEvent) -> FormEvent {
        let Some(row) = self.rows.get_mut(self.focus) else { return FormEvent::Ignored };
        match &mut row.kind {
            Kind::Text { typed, mask: Some(mask), .. } => match key.code {
                KeyCode::Char(letter)
                    if !key.modifiers.contains(KeyModifiers::CONTROL) && !mask.keeps(letter) =>
                {
                    FormEvent::Moved
                }
                _ => write_line(typed, key),
            },
            Kind::Text { typed, .. } | Kind::Amount { typed, .. } => write_line(typed, key),
            Kind::Check { required: Some(_), .. } => FormEvent::Ignored,
            Kind::Check { on, .. } => match key.code {
                KeyCode::Char(' ') | KeyCode::Left | KeyCode::Right => {
                    *on = !*on;
                    FormEvent::Edited
                }
                _ => FormEvent::Ignored,
            },
            Kind::Pick(picker) => match key.code {
                KeyCode::Up | KeyCode::Down | KeyCode::PageUp | KeyCode::PageDown => {
                    let last = picker.found.len().saturating_sub(1);
                    picker.at = match key.code {
                        KeyCode::Up => picker.at.saturating_sub(1),
                        KeyCode::Down => picker.at.saturating_add(1).min(last),
                        KeyCode::PageUp => picker.at.saturating_sub(LIST_MAX),
                        _ => picker.at.saturating_add(LIST_MAX).min(last),
                    };
                    FormEvent::Moved
                }
                KeyCode::Backspace if picker.chosen.is_some() => {
                    picker.edited();
                    FormEvent::Edited
                }
                _ => match write_line(&mut picker.typed, key) {
                    FormEvent::Edited => {
                        picker.edited();
                        FormEvent::Edited
                    }
                    other => other,
                },
            },
        }
    }
}

fn write_line(typed: &mut Typed, key: KeyEvent) -> FormEvent {
    let before = typed.clone();
    if !typed.key(key) {
        return FormEvent::Ignored;
    }
    if before.value() == typed.value() { FormEvent::Moved } else { FormEvent::Edited }
}
