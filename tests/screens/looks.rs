//! How the desk looks and listens: bound keys, themes, terminals with less.

use super::{desk, frame, shot};
use cuadre::config::error::At;
use cuadre::config::{Binding, Environment, Origin, ThemeName};
use cuadre::console::effect::{Remember, Sit};
use cuadre::console::headless::sandbox_seat;
use cuadre::console::keymap::Keymap;
use cuadre::console::model::Place;
use cuadre::console::theme::Palette;
use cuadre::console::{Effect, Headless, Message, actions};
use cuadre::domain::movement::Movement;
use cuadre::domain::role::Role;
use cuadre::i18n::Lang;
use cuadre::payments::Outcome;
use cuadre::payments::outcome::Doubt;
use cuadre::sanitize::Clean;
use cuadre::sync::news::{Ask, News};
use jiff::SignedDuration;
use std::fmt::Write as _;
use uuid::Uuid;

fn bound(action: &str, keys: &[&str]) -> Binding {
    let at = At { origin: Origin::Default, key: format!("keys.{action}") };
    let keys = keys.iter().map(|key| ((*key).to_owned(), at.clone())).collect();
    Binding { action: action.to_owned(), keys, at }
}

#[test]
fn a_bound_key_is_shown_on_the_hint_line_in_help_and_in_the_palette_and_works() {
    let mut desk = desk::full(Role::Maker);
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
    // The tab names the key that leads to it.
    assert!(desk.screen(80, 24).contains("[F"));
}

#[test]
fn a_sentence_or_a_dialog_that_names_a_key_names_the_bound_one() {
    for (lang, mut desk) in desk::both(Role::Checker) {
        let bindings = [bound("movement.approve", &["f7"]), bound("go.outbox", &["F"])];
        desk.model.keymap = Keymap::read(&bindings).unwrap();
        let shown = desk::movement("mm_1", "Carlos Rojas", "@crojas", desk::cop(1_200_000), "cli_maker");
        let now = Movement { amount: desk::cop(9_200_000), ..shown.clone() };
        desk.press("4").feed(News::ChangedMeanwhile { shown: shown.into(), now: now.into() });
        let dialog = desk.screen(120, 32);
        assert!(dialog.contains(if lang == "es" { "F7 aprobar" } else { "F7 approve" }), "{dialog}");
        // The key of the table opens nothing any more.
        let before = desk.model.modal.clone();
        assert_eq!(desk.press("A").model.modal, before);
        assert_ne!(desk.press("f7").model.modal, before);
        desk.press("esc")
            .feed(News::Written { intent: Uuid::nil(), outcome: Outcome::Unknown(Doubt::Status(502)) });
        let screen = desk.screen(120, 32);
        assert!(screen.lines().rev().nth(1).is_some_and(|line| line.contains("[F]")), "{screen}");
    }
}

#[test]
fn what_is_said_of_opening_a_bulk_and_of_moving_names_the_bound_keys() {
    for (lang, mut desk) in desk::both(Role::Checker) {
        let bindings = [bound("list.open", &["f7"]), bound("list.up", &["f8"]), bound("list.down", &["f9"])];
        desk.model.keymap = Keymap::read(&bindings).unwrap();
        let screen = desk.press("4 A").screen(120, 32);
        let (refused, detail) =
            if lang == "es" { ("con F7", "F7 ver sus pagos") } else { ("with F7", "F7 see its payments") };
        assert!(screen.contains(refused) && screen.contains(detail), "{screen}");
        let roles = desk.press("P").screen(120, 32);
        assert!(roles.contains("F8F9") && !roles.contains("↑↓"), "{roles}");
    }
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

/// The styles on the screen: for each row its runs, as `columns foreground on background modifiers`.
fn styles(desk: &mut Headless, width: u16, height: u16) -> String {
    let backend = desk.draw(width, height);
    let buffer = backend.buffer();
    let mut text = String::new();
    for y in 0..height {
        let mut runs: Vec<(u16, u16, String)> = Vec::new();
        for x in 0..width {
            let cell = buffer.cell((x, y)).unwrap();
            let mut style = format!("{} on {}", cell.fg, cell.bg);
            if !cell.modifier.is_empty() {
                write!(style, " {:?}", cell.modifier).unwrap();
            }
            match runs.last_mut() {
                Some((_, end, last)) if *last == style => *end = x,
                _ => runs.push((x, x, style)),
            }
        }
        let runs: Vec<String> =
            runs.into_iter().map(|(from, to, style)| format!("{from}-{to} {style}")).collect();
        writeln!(text, "{y:>2}: {}", runs.join(" | ")).unwrap();
    }
    text
}

fn with_outbox(role: Role) -> Headless {
    let mut desk = desk::full(role);
    desk.feed(News::Outbox(frame::outbox().into()));
    desk.press("6");
    desk
}

#[test]
fn every_theme_paints_the_outbox_in_its_own_colours() {
    for name in ThemeName::ALL {
        let mut desk = with_outbox(Role::Maker);
        desk.model.theme.palette = name.into();
        insta::assert_snapshot!(format!("theme_{}", name.code()), styles(&mut desk, 80, 24));
    }
    let mut production = with_outbox(Role::Maker);
    production.model.seat.actor.environment = "production".to_owned();
    for name in ThemeName::ALL {
        production.model.theme.palette = name.into();
        let first = styles(&mut production, 80, 24).lines().next().unwrap().to_owned();
        insta::assert_snapshot!(format!("theme_{}_production", name.code()), first);
    }
}

#[test]
fn the_words_are_the_same_in_every_theme() {
    let plain = with_outbox(Role::Maker).screen(120, 32);
    for name in ThemeName::ALL {
        let mut desk = with_outbox(Role::Maker);
        desk.model.theme.palette = name.into();
        assert_eq!(desk.screen(120, 32), plain, "{name:?}");
    }
}

#[test]
fn a_theme_is_chosen_from_the_palette_and_kept() {
    for (lang, query) in [(Lang::Es, "colores"), (Lang::En, "colours")] {
        let mut desk = Headless::sandbox(Role::Maker);
        desk.model.seat.lang = lang;
        desk.press(&format!(": type:{query} enter"));
        shot("themes", lang.code(), &mut desk);
        desk.take_effects();
        desk.press("j j enter");
        assert_eq!(desk.model.theme.palette, Palette::Light);
        assert_eq!(desk.take_effects(), [Effect::Remember(Remember::Theme("claro".to_owned()))]);
        // NO_COLOR: no theme brings colour back.
        desk.model.themes.fixed = true;
        desk.press(&format!(": type:{query} enter"));
        assert!(desk.model.modal.is_none());
        assert!(desk.screen(80, 24).contains("NO_COLOR"));
    }
}

#[test]
fn the_terminals_background_chooses_only_where_auto_was_said() {
    let mut desk = Headless::sandbox(Role::Maker);
    desk.message(Message::Background { light: true });
    assert_eq!(desk.model.theme.palette, Palette::Terminal);
    desk.model.themes.auto = true;
    desk.message(Message::Background { light: true });
    assert_eq!(desk.model.theme.palette, Palette::Light);
    desk.message(Message::Background { light: false });
    assert_eq!(desk.model.theme.palette, Palette::Dark);
    // What a person chose stays.
    desk.message(Message::Theme(Palette::Mono)).message(Message::Background { light: true });
    assert_eq!(desk.model.theme.palette, Palette::Mono);
}

#[test]
fn ascii_leaves_letters_and_ascii_on_every_screen_and_in_every_box() {
    for lang in Lang::ALL {
        let mut desk = with_outbox(Role::Maker);
        desk.model.seat.lang = lang;
        desk.model.theme.ascii = true;
        let mut screens = Vec::new();
        for keys in [
            "1",
            "2",
            "3",
            "4",
            "4 enter",
            "5",
            "6",
            "6 enter",
            "?",
            "esc :",
            "esc P",
            "esc 1 n",
            "esc esc 5 Q",
        ] {
            desk.press(keys);
            for (width, height) in [(80, 24), (120, 32), (40, 10)] {
                screens.push(desk.screen(width, height));
            }
        }
        for screen in screens {
            let left: Vec<char> = screen
                .chars()
                .filter(|c| !c.is_ascii() && !c.is_alphanumeric() && !"¿¡«»".contains(*c))
                .collect();
            assert!(left.is_empty(), "{left:?}\n{screen}");
        }
    }
}

#[test]
fn the_clock_can_be_off() {
    let mut desk = Headless::sandbox(Role::Maker);
    assert!(desk.screen(120, 32).contains("14:05:09"));
    desk.model.clock = false;
    let first = desk.screen(120, 32).lines().next().unwrap().to_owned();
    assert!(!first.contains("14:05") && first.contains("SANDBOX"), "{first}");
}

fn place(profile: &str, company: &str, environment: Environment, readonly: bool) -> Place {
    let company = Clean::new(company);
    Place { profile: profile.to_owned(), company, environment, role: Role::Maker, readonly }
}

/// At a QA profile, with a production one beside it.
fn two_profiles(lang: Lang) -> Headless {
    let mut seat = sandbox_seat(Role::Maker);
    seat.lang = lang;
    "qa".clone_into(&mut seat.actor.environment);
    "andina-qa".clone_into(&mut seat.actor.profile);
    seat.roles = Vec::new();
    seat.places = vec![
        place("andina", "Andina SAS", Environment::Production, true),
        place("andina-qa", "Andina", Environment::Qa, false),
    ];
    Headless::seated(seat)
}

#[test]
fn real_money_wants_the_companys_name_typed() {
    for lang in Lang::ALL {
        let mut desk = two_profiles(lang);
        desk.press("P");
        shot("profiles", lang.code(), &mut desk);
        desk.take_effects();
        desk.press("k enter");
        shot("profiles_production", lang.code(), &mut desk);
        // What is typed at once was meant for the screen before.
        desk.press("type:Andina").press("enter");
        desk.wait(SignedDuration::from_millis(600)).press("enter type:andina enter");
        assert!(desk.take_effects().is_empty(), "a part of the name is not the name");
        desk.press("space type:sas enter");
        assert_eq!(desk.take_effects(), [Effect::Sit(Sit::Profile("andina".to_owned()))]);
        // Back to a profile without real money nothing is asked.
        desk.press("P enter");
        assert_eq!(desk.take_effects(), [Effect::Sit(Sit::Profile("andina-qa".to_owned()))]);
    }
}

#[test]
fn leaving_read_only_wants_the_name_and_the_command_line_forbids_it() {
    for lang in Lang::ALL {
        let query = lang.word("action.leave_readonly").replace([' ', '…'], "");
        let mut desk = two_profiles(lang);
        desk.press(&format!(": type:{query} enter"));
        assert!(desk.model.modal.is_none(), "it writes already");
        desk.model.seat.actor.readonly = true;
        desk.press(&format!(": type:{query} enter"));
        shot("leave_readonly", lang.code(), &mut desk);
        desk.wait(SignedDuration::from_millis(600));
        desk.take_effects();
        desk.press("type:ANDINA enter");
        assert_eq!(desk.take_effects(), [Effect::Sit(Sit::Writing(true))]);
        desk.model.seat.readonly_forced = true;
        desk.press(&format!(": type:{query} enter"));
        assert!(desk.model.modal.is_none());
        assert!(desk.screen(80, 24).contains("--readonly"));
    }
}

#[test]
fn read_only_takes_out_every_action_that_writes() {
    let writing: Vec<_> = actions::all().filter(|action| action.writes).collect();
    assert!(writing.len() > 3);
    for role in Role::ALL {
        let mut desk = desk::full(role);
        desk.model.seat.actor.readonly = true;
        for action in &writing {
            let refused = action.possible(&desk.model).expect_err(action.id);
            assert!(["denied.role", "denied.read_only"].contains(&refused), "{} {refused}", action.id);
        }
        // By their keys, too, whatever is selected.
        for pane in cuadre::console::panes::ALL {
            desk.press(&pane.id().number().to_string());
            desk.take_effects();
            for action in writing.iter().filter(|action| action.works_in(pane.id())) {
                for key in action.keys {
                    desk.message(Message::Input(crossterm::event::Event::Key(key.event())));
                    assert!(desk.model.modal.is_none(), "{} opens something", action.id);
                    assert!(desk.take_effects().is_empty(), "{} asks for something", action.id);
                }
            }
        }
    }
}

#[test]
fn who_sits_where_is_whole_at_80_columns() {
    for lang in Lang::ALL {
        for role in Role::ALL {
            for (environment, title) in [("production", "PROD"), ("qa", "QA"), ("sandbox", "SANDBOX")] {
                let mut seat = sandbox_seat(role);
                seat.lang = lang;
                seat.actor.environment = environment.to_owned();
                seat.actor.person = "maria-fernanda.lopez".to_owned();
                seat.company = Clean::new("Distribuidora Andina de Alimentos SAS");
                let screen = Headless::seated(seat).screen(80, 24);
                let first = screen.lines().next().unwrap();
                assert!(first.contains(&format!("·{title}")), "{first}");
                assert!(first.contains("DISTRIBUIDO") && first.contains("maria-"), "{first}");
                assert!(first.contains('[') && first.contains(']') && first.contains("14:05"), "{first}");
            }
        }
    }
}

#[test]
fn only_a_longer_absence_reads_everything_anew() {
    use crossterm::event::Event::{FocusGained, FocusLost};
    let mut desk = desk::full(Role::Maker);
    desk.take_effects();
    desk.message(Message::Input(FocusLost));
    assert_eq!(desk.take_effects(), [Effect::Ask(Ask::Away(true))]);
    assert!(desk.screen(80, 24).contains("Sin foco"));
    desk.wait(SignedDuration::from_secs(3)).message(Message::Input(FocusGained));
    assert_eq!(desk.take_effects(), [Effect::Ask(Ask::Away(false))]);
    desk.message(Message::Input(FocusLost)).wait(SignedDuration::from_secs(60));
    desk.take_effects();
    desk.message(Message::Input(FocusGained));
    assert_eq!(desk.take_effects(), [Effect::Ask(Ask::Away(false)), Effect::Ask(Ask::RefreshAll)]);
    // A terminal that only tells of the return is told nothing.
    desk.message(Message::Input(FocusGained));
    assert!(desk.take_effects().is_empty());
}

#[test]
fn the_letters_of_a_window_are_bound_and_shown_like_any_key() {
    let mut desk = desk::full(Role::Maker);
    desk.model.keymap = Keymap::read(&[bound("qr_code.copy_link", &["w"])]).unwrap();
    desk.press("5 Q");
    desk.take_effects();
    assert!(desk.press("c").take_effects().is_empty());
    assert!(desk.screen(120, 32).contains("w copiar enlace"), "{}", desk.screen(120, 32));
    assert!(matches!(desk.press("w").take_effects().as_slice(), [Effect::Copy(_)]));
}

#[test]
fn a_click_chooses_from_a_list_too() {
    let mut desk = Headless::sandbox(Role::Maker);
    desk.press("P");
    let screen = desk.screen(80, 24);
    let row = screen.lines().position(|line| line.contains("aprobador")).unwrap();
    desk.take_effects();
    let mouse = crossterm::event::MouseEvent {
        kind: crossterm::event::MouseEventKind::Down(crossterm::event::MouseButton::Left),
        column: 20,
        row: u16::try_from(row).unwrap(),
        modifiers: crossterm::event::KeyModifiers::NONE,
    };
    desk.message(Message::Input(crossterm::event::Event::Mouse(mouse)));
    assert_eq!(desk.take_effects(), [Effect::Sit(Sit::Role(Role::Checker))]);
}
