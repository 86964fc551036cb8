//! Whole screens, as a person sees them.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "a fixture that can't be made, or a screen cut inside a letter, fails the test"
)]

mod bulks;
mod desk;
mod drafts;
mod forms;
mod frame;
mod gallery;
mod kept;
mod keys_page;
mod left_open;
mod lists;
mod looks;
mod panes;
mod pasted;
mod safety;
mod states;
mod vault;
mod windows;

use cuadre::console::Headless;
use cuadre::domain::role::Role;

/// A picture of the screen at both design sizes.
fn shot(name: &str, lang: &str, desk: &mut Headless) {
    for (width, height) in [(80, 24), (120, 32)] {
        insta::assert_snapshot!(format!("{name}_{lang}_{width}"), desk.screen(width, height));
    }
}

#[test]
fn the_sandbox_is_named_on_the_first_line() {
    let mut desk = Headless::sandbox(Role::Maker);
    assert!(desk.screen(80, 24).lines().next().is_some_and(|line| line.contains("ANDINA·SANDBOX")));
}
