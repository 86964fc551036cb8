//! The frame around the panes: identity, palette, help, mouse, sizes; and what the outbox tells of a write.

use crate::desk::{self, at, cop};
use crate::shot;
use crossterm::event::{Event, KeyCode, MouseButton, MouseEvent, MouseEventKind};
use cuadre::console::actions::{self, Action};
use cuadre::console::headless::sandbox_seat;
use cuadre::console::keys::{Key, ctrl, key, plain};
use cuadre::console::model::{Modal, Seat, Zone};
use cuadre::console::panes::{self, PaneId};
use cuadre::console::theme::{Palette, Theme};
use cuadre::console::{Effect, Headless, Message};
use cuadre::domain::ProviderName::Cobre;
use cuadre::domain::money::{Currency, Money};
use cuadre::domain::role::Role;
use cuadre::i18n::Lang;
use cuadre::payments::outcome::Receipt;
use cuadre::payments::{Actor, Outcome};
use cuadre::sanitize::Clean;
use cuadre::store::{Look, OutboxEntry, State, Step};
use cuadre::sync::news::{Ask, Batch, News};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

/// A write of the outbox, made today.
fn write(n: u128, time: &str, pesos: i64, to: &str, state: State) -> OutboxEntry {
    let moment = at(21, time);
    OutboxEntry {
        intent: Uuid::from_u128(0x0193_5000_7000_8000_0000_0000_0000_0000 + n),
        at: moment,
        provider: "cobre".to_owned(),
        profile: "sandbox".to_owned(),
        environment: "sandbox".to_owned(),
        host: "127.0.0.1".to_owned(),
        actor: "mlopez".to_owned(),
        role: "maker".to_owned(),
        action: "create_movement".to_owned(),
        method: "POST".to_owned(),
        path: "/v1/money_movements".to_owned(),
        body_sha256: "00".to_owned(),
        idempotency_key: Some("019a5e10-7000-8000-8000-00000000c1e5".to_owned()),
        external_id: Some(format!("pago-{}", 4470 + n)),
        short_ref: None,
        amount_minor: Some(pesos * 100),
        currency: Some("COP".to_owned()),
        source: Some("acc_op".to_owned()),
        destination: Some(to.to_owned()),
        subject: None,
        shown_hash: None,
        supersedes: None,
        moves_money: true,
        state,
        started_at: Some(moment),
        ended_at: Some(moment.saturating_add(SignedDuration::from_secs(30)).unwrap()),
        settled_at: None,
        settled_by: None,
        why: None,
        status: None,
        code: None,
        text: None,
        provider_id: None,
        provider_state: None,
        correlation: None,
        looks: vec![],
        note: None,
        history: vec![
            Step {
                at: moment,
                kind: "recorded".to_owned(),
                state: State::Recorded,
                by: "mlopez".to_owned(),
                note: None,
            },
            Step {
                at: moment,
                kind: "send_started".to_owned(),
                state: State::Sending,
                by: "mlopez".to_owned(),
                note: None,
            },
        ],
    }
}

pub fn outbox() -> Vec<OutboxEntry> {
    let sent = |id: &str, state: &str, entry: OutboxEntry| OutboxEntry {
        provider_id: Some(id.to_owned()),
        provider_state: Some(state.to_owned()),
        ..entry
    };
    let look = |time| Look { at: at(21, time), found: 0, whole: true, note: None };
    vec![
        sent("mm_8Kq3", "processing", write(3, "14:04:58", 980_000, "cp_nt", State::Sent)),
        OutboxEntry {
            why: Some("broken: connection reset".to_owned()),
            looks: ["14:03:52", "14:03:55", "14:04:05", "14:04:20", "14:04:50"].map(look).to_vec(),
            ..write(0, "14:03:20", 3_150_000, "cp_sv", State::Unknown)
        },
        sent("mm_8Kq2", "completed", write(1, "14:02:11", 3_150_000, "cp_cr", State::Sent)),
        OutboxEntry {
            action: "create_cobru".to_owned(),
            provider: "cobru".to_owned(),
            moves_money: false,
            destination: None,
            external_id: None,
            provider_id: Some("p0q7zz1d".to_owned()),
            ..write(9, "13:10:00", 20_000, "", State::Sent)
        },
        OutboxEntry {
            status: Some(400),
            code: Some("AU004".to_owned()),
            text: Some("cuenta inválida".to_owned()),
            why: Some("AU004: cuenta inválida".to_owned()),
            ..write(7, "12:10:44", 250_000, "cp_lg", State::Rejected)
        },
        OutboxEntry {
            why: Some("not_connected: refused".to_owned()),
            started_at: None,
            ..write(2, "11:32:10", 1_200_000, "cp_cr", State::NotSent)
        },
    ]
}

/// A bulk that this desk's approver rejected.
fn bulk_rejected() -> OutboxEntry {
    OutboxEntry {
        action: "reject_bulk".to_owned(),
        moves_money: false,
        external_id: None,
        destination: None,
        subject: Some("bmm_77Qa".to_owned()),
        provider_id: Some("bmm_77Qa".to_owned()),
        note: Some("L001 L003: no son nuestros".to_owned()),
        ..write(4, "14:04:00", 22_650_000, "", State::Sent)
    }
}

#[test]
fn who_rejected_a_bulk_reads_that_it_is_rejected_and_copies_the_note() {
    for (lang, mut desk) in desk::both(Role::Checker) {
        let entry = bulk_rejected();
        let intent = entry.intent;
        desk.feed(News::Outbox(vec![entry].into()));
        let receipt = Receipt { provider_id: Clean::new("bmm_77Qa"), state: Clean::new("canceled") };
        desk.press("6").feed(News::Written { intent, outcome: Outcome::Sent(receipt) });
        shot("outbox_bulk_rejected", lang, &mut desk);
        desk.take_effects();
        desk.press("y");
        assert_eq!(desk.take_effects(), [Effect::Copy(Clean::new("L001 L003: no son nuestros"))]);
    }
}

#[test]
fn a_look_that_failed_says_why_in_the_words_of_the_screen() {
    use cuadre::providers::Failure;
    for (lang, mut desk) in desk::both(Role::Maker) {
        let refused = Failure::Refused {
            status: 500,
            code: Clean::new("GEN500"),
            text: Clean::new("Internal error"),
            correlation: Clean::default(),
        };
        let offline = Failure::Offline { host: "api.cobre.co".to_owned(), why: "os error 111".to_owned() };
        let look =
            |time, why: &Failure| Look { at: at(21, time), found: 0, whole: false, note: Some(why.noted()) };
        let looks = vec![look("14:03:52", &offline), look("14:04:50", &refused)];
        let entry = OutboxEntry { looks, ..outbox().remove(1) };
        desk.feed(News::Outbox(vec![entry].into()));
        desk.press("6");
        shot("outbox_look_failed", lang, &mut desk);
    }
}

#[test]
fn the_history_of_a_write_is_in_the_words_of_the_screen_or_quoted() {
    let step = |time, state, by: &str, note: &str| Step {
        at: at(21, time),
        kind: "outcome".to_owned(),
        state,
        by: by.to_owned(),
        note: Some(note.to_owned()),
    };
    let look =
        |time, note: &str| Look { at: at(21, time), found: 0, whole: false, note: Some(note.to_owned()) };
    for (lang, mut desk) in desk::both(Role::Maker) {
        let history = vec![
            step("14:03:20", State::Unknown, "answer", "broken: error sending request"),
            step("14:03:21", State::Unknown, "restart", "restored"),
            step("14:03:22", State::NotSent, "answer", "cancelled"),
            step("14:03:23", State::Rejected, "answer", "AU004: cuenta inválida"),
            step("14:03:24", State::Unknown, "answer", "status: 502"),
            step("14:03:25", State::Sent, "look", "not_sent"),
        ];
        let looks = vec![
            look("14:03:52", "no_decision: processing"),
            look("14:03:53", "conflict not_as_shown"),
            look("14:03:54", "a note of an older program"),
        ];
        let entry = OutboxEntry { history, looks, ..outbox().remove(1) };
        desk.feed(News::Outbox(vec![entry].into()));
        desk.press("6 enter pgdn pgdn pgdn");
        shot("outbox_history", lang, &mut desk);
        let screen = desk.screen(120, 50);
        assert!(
            !screen.contains("sending request") && screen.contains("«AU004: cuenta inválida»"),
            "{screen}"
        );
    }
}

/// Whatever a look may note, both languages have a word for it.
#[test]
fn every_note_of_a_look_has_a_word() {
    for file in ["cobre/find", "cobre/kept", "cobre/bulk", "cobru/find"] {
        let path = format!("{}/src/providers/{file}.rs", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let codes =
            text.lines().filter(|line| line.contains("found.note")).filter_map(|line| line.split('"').nth(1));
        let codes: Vec<&str> = codes.map(|code| code.split(':').next().unwrap_or(code)).collect();
        assert!(!codes.is_empty(), "{file} notes something");
        for code in codes {
            for lang in cuadre::i18n::Lang::ALL {
                assert!(lang.find(&format!("look.{code}")).is_some(), "{code} of {file} in {}", lang.code());
            }
        }
    }
}

#[test]
fn the_outbox_says_what_became_of_every_write() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        desk.feed(News::Outbox(outbox().into()));
        desk.press("6 j b");
        assert_eq!(desk.asked(), [&Ask::Look(outbox()[1].intent)]);
        shot("outbox_looking", lang, &mut desk);
        desk.press("k");
        shot("outbox_sent", lang, &mut desk);
        desk.press("j j j j b");
        shot("outbox_rejected", lang, &mut desk);
    }
}

#[test]
fn leaving_asks_once_while_an_outcome_is_unknown() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        desk.feed(News::Outbox(outbox().into()));
        desk.press("q");
        shot("leaving", lang, &mut desk);
        assert_eq!(desk.take_effects(), []);
        desk.press("enter");
        assert_eq!(desk.take_effects(), [Effect::Quit]);
    }
    let mut desk = desk::full(Role::Maker);
    desk.press("q");
    assert_eq!(desk.take_effects(), [Effect::Quit]);
    let mut desk = desk::full(Role::Maker);
    desk.press("ctrl-c");
    assert_eq!(desk.take_effects(), []);
    desk.press("j ctrl-c ctrl-c");
    assert_eq!(desk.take_effects(), [Effect::Quit]);
}

#[test]
fn help_palette_and_roles() {
    for (lang, mut desk) in desk::both(Role::Viewer) {
        desk.feed(News::Outbox(outbox().into()));
        desk.press("6 j ?");
        shot("help", lang, &mut desk);
        desk.type_text(if lang == "es" { "marc" } else { "mark" });
        shot("help_searched", lang, &mut desk);
        desk.press("esc 1 :");
        shot("palette", lang, &mut desk);
        desk.type_text("movement");
        shot("palette_searched", lang, &mut desk);
        desk.press("esc P j");
        shot("roles", lang, &mut desk);
        desk.press("k k k enter");
        assert_eq!(desk.take_effects(), [Effect::Sit(cuadre::console::effect::Sit::Role(Role::Maker))]);
    }
}

#[test]
fn production_and_a_long_company_keep_the_first_line_whole() {
    let sandbox = sandbox_seat(Role::Treasurer);
    let seat = Seat {
        company: Clean::new("Compañía Colombiana de Suministros del Valle SAS"),
        actor: Actor {
            environment: "production".to_owned(),
            person: "maria.fernanda.lopez".to_owned(),
            ..sandbox.actor.clone()
        },
        ..sandbox
    };
    let mut desk = Headless::seated(seat);
    for (width, height) in [(60, 16), (80, 24), (120, 32)] {
        let first = desk.screen(width, height).lines().next().unwrap().to_owned();
        assert!(first.contains("·PROD "), "{first}");
        assert!(first.ends_with("COT"), "{first}");
        assert!(width < 120 || first.contains("Cobru …"), "{first}");
        // The name has what the line leaves it: another company may begin alike.
        let whole = desk.screen(160, height).lines().next().unwrap().to_owned();
        assert!(whole.contains("SUMINISTROS DEL VALLE SAS·PROD"), "{whole}");
    }
    shot("production", "es", &mut desk);
}

#[test]
fn resizing_never_panics_in_any_pane_with_anything_open() {
    for opened in ["", "?", ":", "P", "n", "/ type:x", "enter", "q"] {
        for pane in panes::ALL {
            let mut desk = desk::full(Role::Admin);
            desk.feed(News::Outbox(outbox().into()));
            desk.press(&format!("{} {opened}", pane.id().number()));
            for (width, height) in [
                (200, 60),
                (20, 5),
                (80, 24),
                (1, 1),
                (0, 0),
                (60, 16),
                (61, 17),
                (120, 32),
                (500, 3),
                (80, 24),
            ] {
                desk.screen(width, height);
            }
        }
    }
}

/// Every key that a keyboard has.
fn every_key() -> Vec<Key> {
    let letters = (' '..='~').chain("áéíóúñÑ¿¡".chars());
    let control = ('a'..='z').map(ctrl);
    let named = [
        KeyCode::Enter,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::Insert,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Esc,
    ];
    let functions = (1..=12).map(|n| key(KeyCode::F(n)));
    letters.map(plain).chain(control).chain(named.map(key)).chain(functions).collect()
}

fn writes(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Ask(Ask::Write(_) | Ask::Decide { .. })))
}

/// UX §12: no single key sends a write, a payer's order on one's own cobru (`B`) excepted.
#[test]
fn no_single_key_sends_a_write() {
    for role in Role::ALL {
        let mut whole = desk::full(role);
        whole.feed(News::Outbox(outbox().into()));
        for pane in panes::ALL {
            for first in ["", "j", "enter", "G"] {
                let mut desk = whole.clone();
                desk.press(&format!("{} {first}", pane.id().number()));
                desk.take_effects();
                for key in every_key() {
                    let mut desk = desk.clone();
                    desk.message(Message::Input(Event::Key(key.event())));
                    let own_link = pane.id() == PaneId::Cobrus && key == plain('B');
                    assert!(own_link || !writes(&desk.effects), "{key:?} in {:?} as {role}", pane.id());
                }
            }
        }
    }
}

proptest! {
    /// Nor does any short run of keys without the typed confirmation: a cat on the keyboard moves no money.
    #[test]
    fn a_cat_on_the_keyboard_moves_no_money(
        keys in proptest::collection::vec(0usize..200, 1..40),
        role in 0usize..6,
    ) {
        let all = every_key();
        let mut desk = desk::full(Role::ALL[role]);
        for at in keys {
            let key = all[at % all.len()];
            if key != plain('B') && key.code != KeyCode::Enter {
                desk.message(Message::Input(Event::Key(key.event())));
            }
        }
        prop_assert!(!writes(&desk.effects));
    }

    /// Pasted text presses no key: the desk asks nothing of the world and stays where it is.
    #[test]
    fn pasted_text_triggers_nothing(text in "\\PC*[qn\n\r:?A-Z]*") {
        let mut desk = desk::full(Role::Admin);
        let pane = desk.model.pane;
        desk.paste(&text);
        prop_assert!(desk.effects.is_empty());
        prop_assert!(desk.model.modal.is_none());
        prop_assert_eq!(desk.model.pane, pane);
    }
}

#[test]
fn every_action_is_reached_by_the_palette_in_both_languages() {
    for action in actions::all() {
        for lang in Lang::ALL {
            // The screen speaks Spanish: the other language's words find it too.
            let mut desk = desk::full(Role::Admin);
            desk.press(":").type_text(lang.word(action.word));
            let found = reached(&mut desk, action);
            assert!(found, "{} by {:?}", action.id, lang.word(action.word));
        }
    }
}

/// Whether the action is among the first things found.
fn reached(desk: &mut Headless, action: &Action) -> bool {
    (0..8).any(|_| {
        let Some(Modal::Palette(palette)) = &desk.model.modal else { return false };
        let here = palette.chosen().is_some_and(|chosen| chosen.id == action.id);
        desk.press("down");
        here
    })
}

#[test]
fn what_a_role_may_not_do_is_shown_with_the_reason() {
    let mut desk = desk::full(Role::Viewer);
    desk.press("1 n");
    assert!(desk.model.modal.is_none());
    assert!(desk.screen(80, 24).contains("Su rol no permite esto"));
    let mut desk = desk::full(Role::Viewer);
    desk.press(":").type_text("nuevo movimiento");
    assert!(desk.screen(80, 24).contains("Su rol no permite esto"));
}

#[test]
fn nothing_is_written_while_offline() {
    let mut desk = desk::full(Role::Maker);
    desk::failed(&mut desk, &desk::offline());
    for action in actions::all().filter(|action| action.writes) {
        assert!(action.possible(&desk.model).is_err(), "{}", action.id);
    }
}

#[test]
fn a_refresh_moves_neither_the_selection_nor_the_pane() {
    let mut desk = desk::full(Role::Maker);
    desk.press("1 j j");
    let before = panes::of(PaneId::Balances).list(&desk.model).selected_id().map(str::to_owned);
    let mut rows = desk::accounts();
    rows.reverse();
    rows.push(rows[0].clone());
    desk.rows(Cobre, Batch::Accounts(rows.into()));
    let after = panes::of(PaneId::Balances).list(&desk.model).selected_id().map(str::to_owned);
    assert_eq!(before, after);
    assert_eq!(desk.model.pane, PaneId::Balances);
}

#[test]
fn totals_are_of_one_currency_and_an_overflow_is_said() {
    let mut desk = desk::full(Role::Maker);
    let mut rows = desk::accounts();
    for row in rows.iter_mut().filter(|row| row.balance.currency == Currency::Cop) {
        row.balance = Money::new(i64::MAX, Currency::Cop);
    }
    desk.rows(Cobre, Batch::Accounts(rows.into()));
    let screen = desk.screen(80, 24);
    assert!(screen.contains("demasiado grande"), "{screen}");
    assert!(screen.contains("Total MXN"), "{screen}");
}

#[test]
fn amounts_are_never_cut() {
    let mut desk = desk::full(Role::Maker);
    let mut rows = desk::accounts();
    rows[0].balance = cop(912_345_678_901_234);
    rows[0].name = Clean::new("Una cuenta con un nombre que no cabe en ninguna columna de la tabla");
    desk.rows(Cobre, Batch::Accounts(rows.into()));
    for (width, height) in [(60, 16), (80, 24), (120, 32), (200, 50)] {
        let screen = desk.screen(width, height);
        assert!(screen.contains("912.345.678.901.234,00"), "{screen}");
    }
}

#[test]
fn what_is_copied_is_said() {
    let mut desk = desk::full(Role::Maker);
    desk.press("1 y");
    assert_eq!(desk.take_effects(), [Effect::Copy(Clean::new("acc_op"))]);
    assert!(desk.screen(80, 24).contains("acc_op"));
}

/// `NO_COLOR` and monochrome: no cell has a colour, and nothing is lost with it.
#[test]
fn monochrome_says_the_same_in_signs_and_words() {
    for pane in panes::ALL {
        let mut coloured = desk::full(Role::Checker);
        coloured.feed(News::Outbox(outbox().into()));
        coloured.press(&pane.id().number().to_string());
        let mut mono = coloured.clone();
        mono.model.theme = Theme { palette: Palette::Mono, ..Theme::default() };
        for (width, height) in [(80, 24), (120, 32)] {
            assert_eq!(coloured.screen(width, height), mono.screen(width, height));
            let drawn = mono.draw(width, height);
            let reset = ratatui::style::Color::Reset;
            let plain = |cell: &ratatui::buffer::Cell| cell.fg == reset && cell.bg == reset;
            assert!(drawn.buffer().content.iter().all(plain), "{:?}", pane.id());
        }
    }
}

#[test]
fn ascii_draws_no_sign_beyond_ascii() {
    let mut desk = desk::full(Role::Maker).in_english();
    desk.model.theme = Theme { palette: Palette::Mono, ascii: true, ..Theme::default() };
    // Keys have names there: one cell is no sign for them.
    let hints = desk.press("1").screen(120, 32).lines().last().unwrap().to_owned();
    assert!(hints.contains("up/down move  enter open") && hints.contains(": go to..."), "{hints}");
    desk.feed(News::Outbox(outbox().into()));
    for pane in panes::ALL {
        desk.press(&pane.id().number().to_string());
        let ours: String = desk.screen(120, 32);
        let signs = "─│┌┐└┘▸·−—█▁▂▃▄▅▆▇⏎↑↓…▲▼┃→×≥▏";
        let left: Vec<char> = ours.chars().filter(|c| signs.contains(*c)).collect();
        assert!(left.is_empty(), "{left:?}\n{ours}");
    }
}

/// Colour where it carries meaning beside the sign: production, the sandbox, an unknown.
#[test]
fn the_environment_cannot_be_missed() {
    let reversed = |desk: &mut Headless, word: &str| {
        let drawn = desk.draw(80, 24);
        let line: Vec<_> = drawn.buffer().content.iter().take(80).collect();
        let text: String = line.iter().map(|cell| cell.symbol()).collect();
        let at = text
            .chars()
            .collect::<Vec<_>>()
            .windows(word.len())
            .position(|w| w.iter().collect::<String>() == word);
        let at = at.expect("the word is on the first line");
        line[at..at + word.len()].iter().all(|cell| {
            cell.modifier.contains(ratatui::style::Modifier::REVERSED)
                || cell.bg == ratatui::style::Color::Red
        })
    };
    let mut sandbox = desk::full(Role::Maker);
    assert!(reversed(&mut sandbox, "SANDBOX"));
    let seat = sandbox_seat(Role::Maker);
    let actor = Actor { environment: "production".to_owned(), ..seat.actor.clone() };
    let mut production = Headless::seated(Seat { actor, ..seat });
    assert!(reversed(&mut production, "PROD"));
    production.model.theme.palette = Palette::Mono;
    assert!(reversed(&mut production, "PROD"));
}

fn mouse(desk: &mut Headless, kind: MouseEventKind, column: u16, row: u16) {
    let modifiers = crossterm::event::KeyModifiers::NONE;
    desk.message(Message::Input(Event::Mouse(MouseEvent { kind, column, row, modifiers })));
}

/// Clicks on the first place of the screen that has this text.
fn click(desk: &mut Headless, text: &str) {
    let (width, height) = desk.model.size;
    let screen = desk.screen(width, height);
    let place = screen.lines().enumerate().find_map(|(y, line)| {
        let at = line.find(text)?;
        Some((u16::try_from(line[..at].chars().count()).unwrap(), u16::try_from(y).unwrap()))
    });
    let (x, y) = place.unwrap_or_else(|| panic!("{text} is nowhere:\n{screen}"));
    mouse(desk, MouseEventKind::Down(MouseButton::Left), x, y);
}

#[test]
fn the_mouse_does_what_keys_do() {
    let mut desk = desk::full(Role::Maker);
    desk.screen(80, 24);
    click(&mut desk, "2Trans");
    assert_eq!(desk.model.pane, PaneId::Transactions);
    click(&mut desk, "Refacciones MX");
    let selected = panes::of(PaneId::Transactions).list(&desk.model).selected_id();
    assert_eq!(selected, Some("trx_5"));
    click(&mut desk, "Refacciones MX");
    assert_ne!(desk.model.zone, Zone::List);
    mouse(&mut desk, MouseEventKind::Down(MouseButton::Right), 1, 1);
    assert_eq!(desk.model.zone, Zone::List);
    mouse(&mut desk, MouseEventKind::ScrollDown, 5, 5);
    let selected = panes::of(PaneId::Transactions).list(&desk.model).selected_id();
    assert_eq!(selected, Some("trx_6"));
    click(&mut desk, "? ayuda");
    assert!(desk.model.help.is_some());
    mouse(&mut desk, MouseEventKind::Down(MouseButton::Right), 1, 1);
    click(&mut desk, ": ir a");
    desk.type_text("saldos");
    click(&mut desk, "ir a Saldos");
    assert_eq!((desk.model.pane, desk.model.modal.is_none()), (PaneId::Balances, true));
    click(&mut desk, "n nuevo movimiento");
    assert!(matches!(desk.model.modal, Some(Modal::Form(_))));
}

#[test]
fn a_window_whose_letters_are_keys_hears_the_mouse_and_what_is_under_it_does_not() {
    let mut desk = desk::full(Role::Maker);
    desk.press("5 Q");
    desk.take_effects();
    desk.screen(120, 32);
    click(&mut desk, "c copiar enlace  esc");
    assert!(matches!(desk.take_effects().as_slice(), [Effect::Copy(_)]));
    click(&mut desk, "2 Transac");
    assert_eq!(desk.model.pane, PaneId::Cobrus);
    mouse(&mut desk, MouseEventKind::Down(MouseButton::Right), 1, 1);
    assert!(desk.model.modal.is_none());
}

#[test]
fn no_click_sends_a_write() {
    for pane in panes::ALL {
        let mut whole = desk::full(Role::Admin);
        whole.feed(News::Outbox(outbox().into()));
        whole.press(&pane.id().number().to_string());
        whole.screen(80, 24);
        for (column, row) in (0..80).flat_map(|x| (0..24).map(move |y| (x, y))) {
            let mut desk = whole.clone();
            desk.take_effects();
            mouse(&mut desk, MouseEventKind::Down(MouseButton::Left), column, row);
            let own_link = pane.id() == PaneId::Cobrus && row == 23;
            assert!(own_link || !writes(&desk.effects), "{column}, {row} in {:?}", pane.id());
        }
    }
}

#[test]
fn a_second_redraws_only_what_the_second_changes() {
    let mut desk = desk::full(Role::Maker);
    let before = desk.draw(120, 32);
    desk.wait(SignedDuration::from_secs(1));
    let after = desk.draw(120, 32);
    let changed = before.buffer().diff(after.buffer());
    assert!(changed.len() <= 16, "{} cells", changed.len());
}

/// A fixed moment, so that no snapshot depends on the day it is taken.
#[test]
fn the_screen_has_the_time_that_was_told() {
    let mut desk = Headless::sandbox(Role::Maker);
    let moment: Timestamp = "2027-01-01T03:04:05Z".parse().unwrap();
    desk.message(Message::Tick(moment));
    assert!(desk.screen(120, 32).contains("31/12/2026 22:04:05 COT"));
}
