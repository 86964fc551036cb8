//! The terminal, taken and given back: on return, error, panic and signal alike.

use super::model::Model;
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
use std::io::{self, BufWriter, Stdout, Write, stdout};
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
    terminal: ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Stdout>>>>,
    mouse: bool,
}

impl Screen {
    /// Takes the terminal. Install error reports first: this panic hook runs before theirs, so that
    /// they write to a terminal that is back.
    pub fn open(mouse: bool) -> io::Result<Self> {
        HOOK.call_once(|| {
            let report = std::panic::take_hook();
            // With `panic = "abort"` nothing is dropped: the hook is the only one to give it back.
            std::panic::set_hook(Box::new(move |panic| {
                give_back();
                report(panic);
            }));
        });
        let writer = BufWriter::with_capacity(BUFFER_BYTES, stdout());
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
