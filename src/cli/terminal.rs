//! Asking a person at the terminal for what may stand nowhere: a passphrase, typed without an echo.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use secrecy::SecretString;

use super::exit::Exit;
use super::failure::Failure;

/// Nobody types more.
const TYPED_MAX: usize = 1024;

/// Turns the echo on again, whatever happens.
struct Quiet<'t> {
    terminal: &'t File,
    before: Termios,
}

impl<'t> Quiet<'t> {
    fn new(terminal: &'t File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        quiet.local_modes.insert(LocalModes::ICANON | LocalModes::ECHONL);
        tcsetattr(terminal, OptionalActions::Flush, &quiet)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // Without a terminal any more there is nothing to turn on.
        tcsetattr(self.terminal, OptionalActions::Flush, &self.before).ok();
    }
}

/// Asks on the terminal itself, not on standard input: a pipe never answers.
pub fn secret(question: &str) -> Result<SecretString, Failure> {
    let none = |_| Failure::new(Exit::NotAllowed, "error.step_up.no_terminal", Vec::new());
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(none)?;
    let reading = terminal.try_clone().map_err(none)?;
    // Quiet before it asks: what is typed as soon as the question stands there is neither shown nor thrown away.
    let quiet = Quiet::new(&reading).map_err(none)?;
    write!(terminal, "{question} ").and_then(|()| terminal.flush()).map_err(none)?;
    let mut typed = Vec::new();
    let mut byte = [0_u8; 1];
    loop {
        match terminal.read(&mut byte) {
            Ok(0) => break,
            Ok(_) if byte == *b"\n" || typed.len() >= TYPED_MAX => break,
            Ok(_) => typed.extend(byte),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(none(error)),
        }
    }
    drop(quiet);
    let text = String::from_utf8(typed)
        .map_err(|_| Failure::new(Exit::NotAllowed, "error.step_up.not_text", Vec::new()))?;
    Ok(SecretString::from(text))
}
