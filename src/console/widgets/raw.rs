//! What was really said, over everything: the bytes of a request, of a row, of an answer.

use super::table::Step;
use super::{modal, text};
use crate::console::model::Model;
use crate::console::theme::Meaning;
use crate::sanitize::Clean;
use crate::sync::news::RawOf;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use std::sync::Arc;

/// An open viewer. Its lines come a moment after it opens.
#[derive(Debug, Clone, PartialEq)]
pub struct Raw {
    pub of: RawOf,
    lines: Option<Arc<[Clean]>>,
    scroll: usize,
}

impl Raw {
    pub const fn new(of: RawOf) -> Self {
        Self { of, lines: None, scroll: 0 }
    }

    pub fn came(&mut self, of: &RawOf, lines: &Arc<[Clean]>) {
        if self.of == *of {
            self.lines = Some(Arc::clone(lines));
        }
    }

    /// Everything, for the clipboard.
    pub fn lines(&self) -> Vec<Clean> {
        self.lines.as_deref().unwrap_or_default().to_vec()
    }

    pub fn step(&mut self, by: Step) {
        let last = self.lines.as_deref().unwrap_or_default().len().saturating_sub(1);
        self.scroll = by.from(self.scroll, last);
    }

    pub fn view(&self, model: &Model, frame: &mut Frame, area: Rect) {
        let look = model.look();
        let title = look.lang.word(match self.of {
            RawOf::Row { .. } => "raw.row",
            RawOf::Exchange(_) => "raw.exchange",
            RawOf::Request(_) => "raw.request",
        });
        let size = (area.width.saturating_sub(4).min(110), area.height.saturating_sub(2));
        let inner = modal::over(frame, area, size, title, &look);
        frame.set_cursor_position((inner.x, inner.y));
        let list = Rect { height: inner.height.saturating_sub(1), ..inner };
        let said = match self.lines.as_deref() {
            None => vec![Line::from(look.lang.word("raw.reading"))],
            Some([]) => vec![Line::from(look.lang.word("raw.nothing"))],
            Some(lines) => {
                let seen = lines.iter().skip(self.scroll).take(list.height.into());
                seen.map(|line| Line::from(text::fit(&indented(line), list.width).into_owned())).collect()
            }
        };
        text::put_lines(frame.buffer_mut(), list, &said, 0);
        let foot = inner.bottom().saturating_sub(1);
        let keys = model.say("raw.keys", &[]);
        text::put(frame.buffer_mut(), inner.x, foot, inner.width, &keys, look.theme.style(Meaning::Dim));
    }
}

/// Lines keep their depth as dots, since the gate takes blanks at the front away.
fn indented(line: &Clean) -> String {
    let rest = line.as_str().trim_start_matches('·');
    let depth = line.as_str().chars().take_while(|letter| *letter == '·').count();
    format!("{}{rest}", " ".repeat(depth))
}
