//! Windows whose letters are keys: help opens over each with its letters first, and `esc` leads back into it.

use crate::{bulks, desk, drafts, forms, frame, shot};
use cuadre::console::Headless;
use cuadre::console::actions::{self, Scope};
use cuadre::console::over::{self, Over};
use cuadre::domain::role::Role;
use cuadre::sync::news::News;
use jiff::SignedDuration;

/// A desk with the window open.
fn with(over: Over, desk: &mut Headless) {
    match over {
        Over::Bulk => bulks::with_bad_rows(desk),
        Over::SentBulks => {
            desk.press("1 L").feed(News::OwnBulks(Ok(vec![forms::own_bulk(
                "nomina.json",
                "canceled",
                None,
                &[],
            )]
            .into())));
            desk.press("down");
        }
        Over::Link => drop(desk.press("5 Q")),
        Over::Key => {
            desk.press("5 B");
            let order = desk::breb(desk, 60);
            desk.feed(News::Breb(order));
        }
        Over::Close => {
            desk.feed(News::Outbox(frame::outbox().into()));
            desk.press("6 j s");
        }
        Over::Raw => drop(desk.press("2 x")),
        Over::Drafts => {
            drafts::half_typed(desk);
            desk.press("esc ctrl-p type:drafts enter");
        }
    }
    desk.take_effects();
}

#[test]
fn help_opens_over_every_window_with_its_letters_and_closes_into_it() {
    for over in Over::ALL {
        for (lang, mut desk) in desk::both(if over == Over::Close { Role::Admin } else { Role::Maker }) {
            with(over, &mut desk);
            assert_eq!(over::front(&desk.model), Some(over));
            let before = desk.screen(120, 32);
            for (width, height) in [(80, 24), (120, 32)] {
                let hints = desk.screen(width, height).lines().last().unwrap_or_default().to_owned();
                for kept in [" ? ", " esc "] {
                    assert!(hints.contains(kept), "{kept}: {hints}");
                }
            }
            desk.press("?");
            if over == Over::Bulk {
                shot("help_over_a_bulk", lang, &mut desk);
            }
            let words = desk.model.lang();
            let help = desk.screen(120, 32);
            assert!(help.lines().nth(4).is_some_and(|line| line.contains(words.word(over.word()))), "{help}");
            for action in actions::all().filter(|action| action.scope == Scope::Over(over)) {
                assert!(help.contains(words.word(action.word)), "{} in\n{help}", action.id);
            }
            // Letters are a search now: none of them does anything.
            desk.press("type:xcRy12 esc");
            assert!(desk.asked().is_empty());
            assert_eq!(desk.screen(120, 32), before);
        }
    }
}

/// What `⏎` is said to do, wherever it is said.
fn enters(screen: &str) -> Vec<&str> {
    let after = screen.split("⏎ ").skip(1);
    after.filter_map(|rest| rest.split([' ', '\n']).next()).collect()
}

#[test]
fn a_dialog_and_the_hint_line_call_what_enter_does_by_one_word() {
    for (lang, mut desk) in desk::both(Role::Admin) {
        with(Over::Close, &mut desk);
        desk.press("1").wait(SignedDuration::from_millis(600));
        let (next, close) = if lang == "es" { ("seguir", "cerrar") } else { ("next", "close") };
        assert_eq!(enters(&desk.screen(80, 24)), [next, next]);
        desk.press("type:3150000 enter");
        assert_eq!(enters(&desk.screen(80, 24)), [close, close]);
    }
}
