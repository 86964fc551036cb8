//! A panic while the terminal is taken: the desk runs in this test binary, over a world that panics.

use crate::console::Console;
use cuadre::console::effect::{Remember, Sit};
use cuadre::console::runtime::World;
use cuadre::console::{Headless, Message, run};
use cuadre::domain::role::Role;
use cuadre::sync::news::Ask;
use pty_process::blocking::Command;

/// Panics as soon as the first screen is drawn.
struct Panics;

impl World for Panics {
    fn ask(&mut self, _: Ask) {}

    fn sit(&mut self, _: Sit) {}

    fn remember(&mut self, _: Remember) {}

    async fn next(&mut self) -> Message {
        panic!("told to")
    }

    fn try_next(&mut self) -> Option<Message> {
        None
    }

    async fn finish(self) {}
}

#[test]
#[ignore = "needs a terminal of its own, which the test below gives it"]
fn a_desk_over_a_world_that_panics() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let ended = runtime.block_on(run(Headless::sandbox(Role::Maker).model, Panics, true));
    ended.expect_err("there was no terminal to panic in");
}

#[test]
fn a_panic_gives_the_terminal_back_and_then_says_what_happened() {
    let this = std::env::current_exe().expect("this test");
    let command = Command::new(this).args(["--exact", "panic::a_desk_over_a_world_that_panics"]);
    let command = command.args(["--ignored", "--nocapture"]).env("TERM", "xterm-256color");
    let mut console = Console::of(command, tempfile::tempdir().expect("a folder"), 120, 32);
    console.sees("told to");
    // By its bytes: it may have been taken and left between two looks.
    let place = |bytes: &[u8]| console.bytes.windows(bytes.len()).position(|window| window == bytes);
    assert!(place(b"\x1b[?1049h").is_some(), "the screen was taken");
    assert!(place(b"\x1b[?1049l") < place(b"told to"), "the report comes after the screen");
    assert!(place(b"\x1b[?1049l").is_some(), "the screen was left");
    // As the test that it is.
    assert_eq!(console.ended().code(), Some(101));
}
