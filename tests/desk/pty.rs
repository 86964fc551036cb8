//! A console in a terminal of its own: keys go in, the screen is read.

use crate::shop::{BINARY, Person};
use cuadre::i18n::Lang;
use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};
use std::io::{Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::process::Child;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Longer than any machine takes; a test that waits so long has failed.
pub const PATIENCE: Duration = Duration::from_mins(3);
const WIDTH: u16 = 120;
const HEIGHT: u16 = 32;

pub struct Console {
    pty: Pty,
    child: Child,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    lang: Lang,
}

impl Console {
    pub fn of(person: &Person, lang: Lang) -> Self {
        Self::running(person, lang, &[])
    }

    /// A command instead of the console.
    pub fn running(person: &Person, lang: Lang, arguments: &[&str]) -> Self {
        let (pty, pts) = open().unwrap();
        pty.resize(Size::new(HEIGHT, WIDTH)).unwrap();
        let command = Command::new(BINARY).env_clear().envs(person.environment());
        let command = command.args(arguments).env("TERM", "xterm-256color").env("CUADRE_LANG", lang.code());
        let child = command.spawn(pts).unwrap();
        let (sender, output) = channel();
        let mut reader = std::fs::File::from(pty.as_fd().try_clone_to_owned().unwrap());
        std::thread::spawn(move || {
            let mut chunk = [0; 16_384];
            while let Ok(read @ 1..) = reader.read(&mut chunk) {
                if sender.send(chunk[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { pty, child, output, screen: vt100::Parser::new(HEIGHT, WIDTH, 0), lang }
    }

    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    pub fn press(&mut self, keys: &str) -> &mut Self {
        self.pty.write_all(keys.as_bytes()).unwrap();
        self
    }

    /// As a terminal gives what was copied elsewhere.
    pub fn pastes(&mut self, text: &str) -> &mut Self {
        self.press(&format!("\x1b[200~{text}\x1b[201~"))
    }

    /// Takes in what is drawn until the screen is as wanted.
    pub fn until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> &mut Self {
        let deadline = Instant::now() + PATIENCE;
        while !wanted(&self.text()) {
            let chunk = self.output.recv_timeout(deadline.saturating_duration_since(Instant::now()));
            let chunk = chunk.unwrap_or_else(|_| panic!("never {what}:\n{}", self.text()));
            self.screen.process(&chunk);
        }
        self
    }

    pub fn sees(&mut self, text: &str) -> &mut Self {
        self.until(text, |screen| screen.contains(text))
    }

    /// Sees what a key of the word files says, behind what is filled in; where that ends it, before it.
    pub fn reads(&mut self, key: &str) -> &mut Self {
        let word = self.lang.word(key);
        let mut parts = word.rsplit('}').map(|part| part.split('{').next().unwrap_or(part).trim());
        self.sees(parts.find(|part| !part.is_empty()).unwrap_or(word))
    }

    /// Lets the first half second of a dialog pass, in which it takes no keys: the clock moves on twice.
    pub fn thinks(&mut self) -> &mut Self {
        for _ in 0..2 {
            let before = self.text().lines().next().unwrap_or_default().to_owned();
            let clock = |line: &str| line.split_whitespace().rev().nth(1).unwrap_or_default().to_owned();
            self.until("a later clock", |screen| {
                clock(screen.lines().next().unwrap_or_default()) != clock(&before)
            });
        }
        self
    }

    /// Leaves, and is gone without a complaint.
    pub fn leaves(mut self) {
        self.press("q").ends(0);
    }

    /// Ends by itself.
    pub fn ends(&mut self, code: i32) {
        assert_eq!(self.child.wait().unwrap().code(), Some(code), "{}", self.text());
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
