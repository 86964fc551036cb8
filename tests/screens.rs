//! Whole screens, as a person sees them.

use cuadre::console::Headless;
use cuadre::domain::role::Role;

#[test]
fn the_sandbox_is_named_on_the_first_line() {
    let mut desk = Headless::sandbox(Role::Maker);
    assert!(desk.screen(80, 24).lines().next().is_some_and(|line| line.contains(" SANDBOX ")));
}
