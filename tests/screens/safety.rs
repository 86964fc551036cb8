//! No single key and no paste sends anything; every action is found in help and palette.

use crate::desk;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use cuadre::console::actions;
use cuadre::console::model::Modal;
use cuadre::console::{Effect, Headless, Message};
use cuadre::domain::role::Role;
use cuadre::i18n::Lang;
use cuadre::sync::news::Ask;
use proptest::prelude::*;

/// Whether something was asked that a provider would carry out; a payer's order on one's own cobru is
/// none that sends money.
fn writes(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| match effect {
        Effect::Ask(Ask::Write(checked)) => checked.order().action() != "pay_cobru_breb",
        Effect::Ask(Ask::Decide { .. }) => true,
        _ => false,
    })
}

fn keys() -> Vec<KeyEvent> {
    let letters = (' '..='~').chain("ñáüÑ¿¡".chars());
    let plain = letters.clone().map(|letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE));
    let control = ('a'..='z').map(|letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL));
    let alt = ('a'..='z').map(|letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::ALT));
    let named = [
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Delete,
        KeyCode::Backspace,
        KeyCode::Insert,
    ];
    let functions = (1..=12).map(KeyCode::F);
    let named = named.into_iter().chain(functions).map(|code| KeyEvent::new(code, KeyModifiers::NONE));
    plain.chain(control).chain(alt).chain(named).collect()
}

/// Every pane there is, with its list in front.
fn panes(role: Role) -> Vec<Headless> {
    let desk = desk::full(role);
    let goes = actions::all().filter(|action| matches!(action.message, Message::Go(_)));
    let at = |action: &actions::Action| {
        let mut desk = desk.clone();
        desk.message(action.message.clone());
        desk.take_effects();
        desk
    };
    goes.map(at).collect()
}

#[test]
fn no_single_key_sends_anything_in_any_pane() {
    for role in [Role::Maker, Role::Checker, Role::Treasurer] {
        for pane in panes(role) {
            for key in keys() {
                let mut desk = pane.clone();
                desk.message(Message::Input(Event::Key(key)));
                assert!(!writes(&desk.effects), "{role:?} {:?} {key:?}", desk.model.pane);
            }
        }
    }
}

#[test]
fn every_action_is_in_the_palette_in_both_languages_and_in_help() {
    for lang in Lang::ALL {
        let mut desk = desk::full(Role::Maker);
        desk.message(Message::Language(lang));
        for action in actions::all() {
            let words = lang.word(action.word);
            desk.message(Message::Palette);
            desk.type_text(words);
            let Some(Modal::Palette(palette)) = &desk.model.modal else { panic!("no palette") };
            let found = palette.chosen().map(|found| found.word);
            assert_eq!(found, Some(action.word), "{words}");
            desk.press("esc");
            if let Some(pane) = action.panes.first() {
                desk.message(Message::Go(*pane));
            }
            desk.message(Message::Help);
            desk.type_text(words);
            let shown: String = words.chars().take(16).collect();
            assert!(desk.screen(120, 32).contains(&shown), "{words} in help:\n{}", desk.screen(120, 32));
            desk.press("esc");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_paste_of_any_text_triggers_no_action(text in "\\PC{0,80}|[ -~\\r\\n\\t\\x1b]{0,80}", at in 0..6usize) {
        let mut desk = panes(Role::Maker).swap_remove(at);
        let (pane, size) = (desk.model.pane, desk.model.size);
        desk.paste(&text);
        prop_assert!(desk.effects.is_empty(), "{:?}", desk.effects);
        prop_assert_eq!(desk.model.pane, pane);
        prop_assert!(desk.model.modal.is_none());
        // Nor into a form, a dialog that confirms, the palette or the search.
        for open in ["n", "ctrl-p", "ctrl-f", "?"] {
            let mut desk = desk.clone();
            desk.press(open);
            desk.take_effects();
            desk.paste(&text);
            prop_assert!(!writes(&desk.effects));
            prop_assert_eq!(desk.model.pane, pane);
            prop_assert_eq!(desk.model.size, size);
        }
    }
}
