//! A console under test: the program in a pseudo-terminal of its own, what it wrote and what is seen of it.

use pty_process::Size;
use pty_process::blocking::{Command, Pts, Pty, open};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use std::io::{Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Longer than any machine takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// A console under test.
pub struct Console {
    pub pty: Pty,
    /// Held, so that the terminal outlives the console and can be looked at.
    pts: Option<Pts>,
    pub child: Child,
    output: Receiver<Vec<u8>>,
    pub screen: vt100::Parser,
    pub bytes: Vec<u8>,
    /// The terminal's settings before the console took it.
    before: String,
    /// Its own folders, gone with it.
    pub home: tempfile::TempDir,
}

impl Console {
    pub fn open() -> Self {
        Self::with(80, 24, &[])
    }

    pub fn with(width: u16, height: u16, environment: &[(&str, &str)]) -> Self {
        Self::at(tempfile::tempdir().expect("a folder"), width, height, environment)
    }

    /// With the configuration of this home.
    pub fn at(home: tempfile::TempDir, width: u16, height: u16, environment: &[(&str, &str)]) -> Self {
        let command = Command::new(env!("CARGO_BIN_EXE_cuadre"))
            .env_clear()
            .env("HOME", home.path())
            .env("TERM", "xterm-256color")
            .envs(environment.iter().copied());
        Self::of(command, home, width, height)
    }

    /// Whatever draws one.
    pub fn of(mut command: Command, home: tempfile::TempDir, width: u16, height: u16) -> Self {
        let (pty, pts) = open().expect("a pseudo-terminal");
        pty.resize(Size::new(height, width)).expect("its size");
        let before = settings(&pts);
        let child = command.spawn_borrowed(&pts).expect("the console starts");
        let (sender, output) = channel();
        let mut reader = std::fs::File::from(pty.as_fd().try_clone_to_owned().expect("a second handle"));
        std::thread::spawn(move || {
            let mut chunk = [0; 16_384];
            while let Ok(read @ 1..) = reader.read(&mut chunk) {
                if sender.send(chunk.get(..read).unwrap_or_default().to_vec()).is_err() {
                    return;
                }
            }
        });
        let screen = vt100::Parser::new(height, width, 0);
        Self { pty, pts: Some(pts), child, output, screen, bytes: Vec::new(), before, home }
    }

    /// Takes in what is drawn until the screen is as wanted.
    pub fn until(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) -> &mut Self {
        self.take_in(what, |console| wanted(console.screen.screen()))
    }

    /// Takes in what is drawn until it is as wanted.
    pub fn take_in(&mut self, what: &str, wanted: impl Fn(&Self) -> bool) -> &mut Self {
        let deadline = Instant::now() + PATIENCE;
        while !wanted(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(chunk) = self.output.recv_timeout(left) else {
                panic!("never {what}:\n{}", self.screen.screen().contents());
            };
            self.screen.process(&chunk);
            self.bytes.extend(chunk);
        }
        self
    }

    pub fn sees(&mut self, text: &str) -> &mut Self {
        self.until(text, |screen| screen.contents().contains(text))
    }

    pub fn press(&mut self, keys: &str) -> &mut Self {
        self.pty.write_all(keys.as_bytes()).expect("the console reads");
        self
    }

    /// Lets the first half second of a dialog pass, in which it takes no keys: the clock moves on twice.
    pub fn thinks(&mut self) -> &mut Self {
        let clock = |screen: &vt100::Screen| screen.rows(0, screen.size().1).next();
        for _ in 0..2 {
            let before = clock(self.screen.screen());
            self.until("a later clock", |screen| clock(screen) != before);
        }
        self
    }

    pub fn id(&self) -> Pid {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("its id")
    }

    pub fn signal(&mut self, signal: Signal) -> &mut Self {
        kill_process(self.id(), signal).expect("it is there");
        self
    }

    /// Waits until it has stopped, as a shell does before it goes on.
    pub fn stopped(&mut self) -> &mut Self {
        let (_, status) =
            waitpid(Some(self.id()), WaitOptions::UNTRACED).expect("it is ours").expect("it waits");
        assert!(status.stopped(), "{status:?}");
        self
    }

    /// Leaves it; what it wrote into its home is then on disk.
    pub fn end(mut self) -> tempfile::TempDir {
        let home = std::mem::replace(&mut self.home, tempfile::tempdir().expect("a folder"));
        self.signal(Signal::TERM);
        self.ended();
        home
    }

    /// Waits for its end; the terminal must be as it was.
    pub fn ended(mut self) -> ExitStatus {
        let status = self.child.wait().expect("it was ours");
        self.until("given back", |screen| !screen.alternate_screen());
        let screen = self.screen.screen();
        assert!(!screen.bracketed_paste(), "bracketed paste is off");
        assert!(!screen.hide_cursor(), "the cursor is back");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "the mouse is back");
        assert_eq!(settings(self.pts.as_ref().expect("held")), self.before, "the settings are back");
        status
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// `stty -g`: every setting of the terminal on one line.
fn settings(pts: &Pts) -> String {
    let terminal = pts.as_fd().try_clone_to_owned().expect("a second handle");
    let said = std::process::Command::new("stty").arg("-g").stdin(terminal).output().expect("stty");
    String::from_utf8(said.stdout).expect("ASCII")
}

/// What a person reads there, for what is clicked: column and row from 1.
fn place_of(screen: &vt100::Screen, text: &str) -> Option<(usize, usize)> {
    let (_, width) = screen.size();
    screen.rows(0, width).zip(1..).find_map(|(line, row)| {
        let at = line.find(text)?;
        Some((line.get(..at)?.chars().count() + 1, row))
    })
}

impl Console {
    pub fn click(&mut self, text: &str) -> &mut Self {
        self.sees(text);
        let Some((x, y)) = place_of(self.screen.screen(), text) else {
            panic!("no {text:?} to click:\n{}", self.screen.screen().contents());
        };
        self.press(&format!("\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m"))
    }

    pub fn ready(&mut self) -> &mut Self {
        self.sees("·SANDBOX").until("figures", |screen| {
            let text = screen.contents();
            !text.contains("Cargando") && text.contains("COP")
        })
    }
}
