//! Drafts of forms, and the request that a form would send.

use crate::{desk, shot};
use cuadre::console::drafts::{self, Drafts};
use cuadre::console::{Effect, Headless};
use cuadre::domain::role::Role;
use cuadre::sanitize::Clean;
use cuadre::sync::news::{Ask, News};
use jiff::SignedDuration;

/// A movement half typed.
pub fn half_typed(desk: &mut Headless) {
    desk.press("1");
    assert!(desk.model.panes.balances.list.select("acc_op"));
    desk.press("n type:rojas enter type:850000 tab type:anticipo");
}

/// What was last told to the disk.
fn on_disk(desk: &mut Headless) -> Option<String> {
    desk.remembered.remove(drafts::KEY)
}

#[test]
fn a_draft_outlives_the_form_the_desk_and_a_crash() {
    let mut desk = desk::full(Role::Maker);
    half_typed(&mut desk);
    // A second after the last key it is on disk: the desk may die now.
    assert_eq!(on_disk(&mut desk), None);
    desk.wait(SignedDuration::from_secs(2));
    let kept = on_disk(&mut desk).expect("written");
    let mut next = desk::full(Role::Maker);
    next.model.drafts = Drafts::read(&kept);
    next.press("n");
    assert!(next.screen(120, 32).contains("Hay un borrador de 14:05: ^D lo trae"));
    next.press("ctrl-d");
    let screen = next.screen(120, 32);
    assert!(
        screen.contains("Carlos Rojas") && screen.contains("850.000") && screen.contains("anticipo"),
        "{screen}"
    );
    // It goes on where it was, to the confirmation.
    next.press("ctrl-o");
    assert!(next.screen(120, 32).contains("Escriba"), "{}", next.screen(120, 32));
}

#[test]
fn escape_keeps_a_draft_and_says_so() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        half_typed(&mut desk);
        desk.press("esc");
        assert!(desk.model.modal.is_none());
        let said = desk.screen(120, 32);
        assert!(said.contains("Borrador guardado") || said.contains("Draft kept"), "{said}");
        assert!(on_disk(&mut desk).is_some());
        desk.press("n");
        shot("draft_offered", lang, &mut desk);
        desk.press("esc ctrl-p type:drafts enter");
        shot("drafts", lang, &mut desk);
        desk.press("enter");
        assert!(desk.screen(120, 32).contains("anticipo"));
        desk.press("esc ctrl-p type:drafts enter x");
        assert_eq!(on_disk(&mut desk).as_deref(), Some("[]"));
    }
}

#[test]
fn a_payment_that_was_asked_for_is_a_draft_no_more_unless_it_was_refused() {
    let mut desk = desk::full(Role::Maker);
    half_typed(&mut desk);
    desk.press("ctrl-o").wait(SignedDuration::from_secs(1));
    desk.press("type:0000 enter");
    if desk.model.modal.is_some() {
        desk.press("backspace backspace backspace backspace type:850000 enter");
    }
    assert!(desk.asked().iter().any(|ask| matches!(ask, Ask::Write(_))), "{:?}", desk.screen(120, 32));
    assert_eq!(on_disk(&mut desk).as_deref(), Some("[]"));
    desk.feed(News::Refused { word: "refused.not_recorded", why: "disk".to_owned() });
    assert!(on_disk(&mut desk).is_some_and(|kept| kept.contains("anticipo")));
}

#[test]
fn the_request_of_a_form_is_shown_as_it_would_leave() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        desk.press("n ctrl-e");
        assert!(desk.model.raw.is_none());
        desk.press("esc");
        half_typed(&mut desk);
        desk.press("ctrl-e");
        let asked = desk.take_effects().into_iter().find_map(|effect| match effect {
            Effect::Ask(Ask::Raw(of)) => Some(of),
            _ => None,
        });
        let lines =
            ["POST api.cobre.co/v1/money_movements", "", "{", "··\"amount\": 85000000", "}"].map(Clean::new);
        desk.feed(News::Raw { of: asked.expect("asked"), lines: lines.to_vec().into() });
        shot("raw_request", lang, &mut desk);
        // The viewer has the keys; the form is as it was.
        desk.press("x q j y");
        assert!(desk.take_effects().iter().any(|effect| matches!(effect, Effect::CopyLines(_))));
        desk.press("esc");
        assert!(desk.screen(120, 32).contains("anticipo"));
    }
}

#[test]
fn drafts_stand_below_the_outbox_and_open_from_there() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        desk.feed(News::Outbox(Vec::new().into()));
        desk.press("n tab type:1.250.000,00 esc esc 6 G");
        let list = desk.screen(80, 24);
        let word = if lang == "es" { "− borrador" } else { "− draft" };
        assert!(list.lines().any(|line| line.contains(word) && line.contains("1.250.000,00")), "{list}");
        shot("outbox_draft", lang, &mut desk);
        // What acts on a write has nothing to act on.
        assert!(desk.model.here().raw(&desk.model).is_none());
        desk.press("enter");
        let form = desk.screen(80, 24);
        assert!(desk.model.modal.is_some() && form.contains("1.250.000,00"), "{form}");
    }
}
