//! Approvals of which several are needed, and one's own passphrase.

use crate::{desk, shot};
use cuadre::console::{Effect, Message};
use cuadre::domain::ProviderName;
use cuadre::domain::approval::{Approval, Given};
use cuadre::domain::role::Role;
use cuadre::sanitize::Clean;
use cuadre::sync::news::{Ask, Batch, News, Proof};
use secrecy::ExposeSecret;

#[test]
fn the_queue_says_how_many_have_approved_and_how_many_are_missing() {
    for (lang, mut desk) in desk::both(Role::Checker) {
        let mut rows = desk::approvals();
        let singles = rows.iter_mut().filter_map(|row| match row {
            Approval::Single(movement) => Some(movement),
            Approval::Bulk(_) => None,
        });
        let said = [(vec!["cli_admin"], Some(2)), (vec!["cli_admin"], None)];
        for (movement, (by, needed)) in singles.zip(said) {
            movement.given = Given { by: by.into_iter().map(Clean::new).collect(), needed };
        }
        desk.rows(ProviderName::Cobre, Batch::Approvals(rows.into()));
        desk.press("4");
        assert!(desk.model.panes.approvals.list.select("mm_1"));
        shot("approvals_one_of_two", lang, &mut desk);
    }
}

#[test]
fn a_passphrase_is_changed_with_the_old_one_and_never_shown() {
    for (lang, mut desk) in desk::both(Role::Checker) {
        desk.message(Message::Form(cuadre::console::forms::Msg::Passphrase));
        shot("passphrase_new", lang, &mut desk);
        desk.press("type:viejas-palabras tab type:corta tab");
        desk.press("ctrl-o");
        assert!(desk.take_effects().is_empty(), "a short one was sent");
        desk.press("ctrl-u type:muchas-palabras-nuevas tab type:otras-palabras ctrl-o");
        assert!(desk.take_effects().is_empty(), "two that differ were sent");
        shot("passphrase_differs", lang, &mut desk);
        desk.press("ctrl-u type:muchas-palabras-nuevas ctrl-o");
        let effects = desk.take_effects();
        let [Effect::Ask(Ask::SetPassphrase { old: Some(old), new })] = effects.as_slice() else {
            panic!("{effects:?}")
        };
        assert_eq!(old.0.expose_secret(), "viejas-palabras");
        assert_eq!(new.0.expose_secret(), "muchas-palabras-nuevas");
        assert!(!format!("{effects:?}").contains("palabras"));
        let screen = desk.screen(120, 32);
        assert!(!screen.contains("palabras"), "{screen}");

        // While it is compared nothing else is asked; a wrong one is typed again, the new one stays.
        desk.press("ctrl-o");
        assert!(desk.take_effects().is_empty());
        desk.feed(News::Proof(Proof::Wrong { left: 2 }));
        desk.press("type:otra-vieja ctrl-o");
        let effects = desk.take_effects();
        let [Effect::Ask(Ask::SetPassphrase { old: Some(old), new })] = effects.as_slice() else {
            panic!("{effects:?}")
        };
        assert_eq!((old.0.expose_secret(), new.0.expose_secret()), ("otra-vieja", "muchas-palabras-nuevas"));
        desk.feed(News::Proof(Proof::Set));
        assert!(desk.model.modal.is_none());
    }
}
