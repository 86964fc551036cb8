//! How the desk looks and listens: bound keys, themes, terminals with less.

use cuadre::config::error::At;
use cuadre::config::{Binding, Origin};
use cuadre::console::Headless;
use cuadre::console::keymap::Keymap;
use cuadre::domain::role::Role;

fn bound(action: &str, keys: &[&str]) -> Binding {
    let at = At { origin: Origin::Default, key: format!("keys.{action}") };
    let keys = keys.iter().map(|key| ((*key).to_owned(), at.clone())).collect();
    Binding { action: action.to_owned(), keys, at }
}

#[test]
fn a_bound_key_is_shown_on_the_hint_line_in_help_and_in_the_palette_and_works() {
    let mut desk = Headless::sandbox(Role::Maker);
    let bindings =
        [bound("movement.create", &["f7"]), bound("list.filter", &["ctrl-t"]), bound("go.outbox", &["F"])];
    desk.model.keymap = Keymap::read(&bindings).unwrap();
    let screen = desk.screen(120, 32);
    assert!(screen.contains("F7 nuevo movimiento") && screen.contains("^T filtrar"), "{screen}");
    assert!(!screen.contains("n nuevo movimiento"), "{screen}");
    let help = desk.press("?").screen(120, 32);
    assert!(help.contains("F7") && help.contains("^T"), "{help}");
    let palette = desk.press("esc : type:movimiento").screen(120, 32);
    assert!(palette.contains("F7"), "{palette}");
    // The old key does nothing, the new one opens the form.
    desk.press("esc n");
    assert!(desk.model.modal.is_none());
    desk.press("f7");
    assert!(desk.model.modal.is_some());
    desk.press("esc F");
    assert!(desk.screen(80, 24).contains("[6"));
}

#[test]
fn a_forms_keys_can_be_bound_and_its_dialogs_can_not() {
    let mut desk = Headless::sandbox(Role::Maker);
    desk.model.keymap = Keymap::read(&[bound("fields.send", &["f9"])]).unwrap();
    let form = desk.press("n").screen(120, 32);
    assert!(form.contains("F9") && !form.contains("^O"), "{form}");
    // Nothing is filled in: both ways of asking for the review are told apart by what they point out.
    let before = desk.model.clone();
    desk.press("ctrl-o");
    assert_eq!(desk.model.modal, before.modal);
    desk.press("f9");
    assert_ne!(desk.model.modal, before.modal);
}
