//! The terminal, taken and given back: on return, error, panic and signal alike.

use super::model::Model;
use super::theme::Depth;
use super::view;
use super::watch::Call;
use crate::sanitize::Clean;
use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture,
};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, execute, queue, terminal};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, Write, stdout};
use std::mem::ManuallyDrop;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// A whole repaint of a large screen goes out in one write.
const BUFFER_BYTES: usize = 64 * 1024;

/// Whether the terminal is ours: a panic hook gives back only what was taken.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// The terminal while it is ours. Dropping it gives it back.
pub struct Screen {
    /// Never dropped: its own `Drop` complains on standard error when the cursor can't be shown, and
    /// with the terminal gone that complaint is a panic. [`give_back`] shows the cursor.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<Out>>>,
    mouse: bool,
}

impl Screen {
    /// Takes the terminal. Install error reports first: this panic hook runs before theirs, so that
    /// they write to a terminal that is back.
    pub fn open(mouse: bool, depth: Depth) -> io::Result<Self> {
        HOOK.call_once(|| {
            let report = std::panic::take_hook();
            // With `panic = "abort"` nothing is dropped: the hook is the only one to give it back.
            std::panic::set_hook(Box::new(move |panic| {
                give_back();
                report(panic);
            }));
        });
        let writer = Out { held: Vec::with_capacity(BUFFER_BYTES), sixteen: depth == Depth::Sixteen };
        let terminal = ManuallyDrop::new(Terminal::new(CrosstermBackend::new(writer))?);
        let mut screen = Self { terminal, mouse };
        screen.take()?;
        Ok(screen)
    }

    /// Takes the terminal again after a stop, and forgets what was on it.
    pub fn take(&mut self) -> io::Result<()> {
        terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let out = self.terminal.backend_mut();
        queue!(out, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange)?;
        if self.mouse {
            queue!(out, EnableMouseCapture)?;
        }
        out.flush()?;
        self.forget()
    }

    /// The next drawing writes every cell.
    pub fn forget(&mut self) -> io::Result<()> {
        // Not `clear`: it asks the terminal where the cursor is, and the answer comes as a key.
        let size = self.terminal.size()?;
        self.terminal.resize(size.into())
    }

    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Writes the cells that changed.
    pub fn draw(&mut self, model: &Model) -> io::Result<()> {
        self.terminal.draw(|frame| view::view(model, frame)).map(|_| ())
    }

    /// Clean text to the clipboard of whoever holds the terminal, also over SSH (OSC 52).
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), CopyToClipboard::to_clipboard_from(text))
    }

    /// Asks for the background's colour. The answer, if one comes, is told apart from keys by
    /// [`replies`](super::replies).
    pub fn ask_background(&mut self) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        out.write_all(super::replies::ASK_BACKGROUND.as_bytes())?;
        out.flush()
    }

    /// Calls whoever sits at another window.
    pub fn call(&mut self, how: Call, said: &Clean) -> io::Result<()> {
        // Clean text can't end the sequence; a semicolon would part its fields.
        let said = said.as_str().replace(';', ",");
        let out = self.terminal.backend_mut();
        match how {
            Call::Off => return Ok(()),
            Call::Bell => out.write_all(b"\x07")?,
            Call::Osc9 => write!(out, "\x1b]9;cuadre: {said}\x07")?,
            Call::Osc777 => write!(out, "\x1b]777;notify;cuadre;{said}\x07")?,
        }
        out.flush()
    }

    /// Gives the terminal back before the process stops.
    pub fn give_back(&mut self) {
        give_back();
    }
}

/// What a drawing writes, held until it is whole. For a terminal of sixteen colours it is put in its own
/// words: `38;5;2`, which the backend writes for every colour, it may read as "blink, dim".
struct Out {
    held: Vec<u8>,
    sixteen: bool,
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut out = stdout();
        let whole = if self.sixteen { in_sixteen(&self.held) } else { std::mem::take(&mut self.held) };
        self.held.clear();
        // Kept for the next drawing: it is about as large.
        let written = out.write_all(&whole).and_then(|()| out.flush());
        if !self.sixteen {
            self.held = whole;
            self.held.clear();
        }
        written
    }
}

/// Each `38;5;N` and `48;5;N` of the first sixteen as `30`–`37`, `90`–`97`, `40`–`47`, `100`–`107`.
fn in_sixteen(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split("\x1b[");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str("\x1b[");
        let end = part.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(part.len());
        let (parameters, rest) = part.split_at(end);
        if !rest.starts_with('m') {
            out.push_str(part);
            continue;
        }
        let mut said: Vec<String> = Vec::new();
        let mut numbers = parameters.split(';');
        while let Some(number) = numbers.next() {
            if !matches!(number, "38" | "48") {
                said.push(number.to_owned());
                continue;
            }
            let colour = (numbers.next() == Some("5")).then(|| numbers.next()?.parse::<u8>().ok()).flatten();
            let base: u8 = if number == "38" { 30 } else { 40 };
            said.extend(match colour {
                Some(low @ 0..=7) => Some(base.saturating_add(low).to_string()),
                Some(bright @ 8..=15) => Some(base.saturating_add(52).saturating_add(bright).to_string()),
                _ => None,
            });
        }
        out.push_str(&said.join(";"));
        out.push_str(rest);
    }
    out.into_bytes()
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// The terminal as it was. Whoever comes second finds nothing to do, and a terminal that is gone can't
/// be told.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = stdout();
    execute!(
        out,
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    )
    .ok();
    terminal::disable_raw_mode().ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_colours_are_said_in_their_own_words() {
        let said = |text: &str| String::from_utf8(in_sixteen(text.as_bytes())).unwrap();
        assert_eq!(said("a\x1b[38;5;2mb\x1b[48;5;1;38;5;15mc"), "a\x1b[32mb\x1b[41;97mc");
        assert_eq!(said("\x1b[38;5;8;48;5;9m\x1b[39;49m"), "\x1b[90;101m\x1b[39;49m");
        // What is no colour stays: places, modes, text.
        assert_eq!(said("\x1b[38;5Hñ\x1b[?25l\x1b[0m38;5;2"), "\x1b[38;5Hñ\x1b[?25l\x1b[0m38;5;2");
    }
}
