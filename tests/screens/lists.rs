//! What every list can do: marks, columns, search, export, what a row names, what was really said.

use crate::{desk, shot};
use cuadre::console::panes::PaneId;
use cuadre::console::{Effect, Headless};
use cuadre::domain::ProviderName::Cobre;
use cuadre::domain::role::Role;
use cuadre::sanitize::Clean;
use cuadre::sync::news::{Ask, Batch, News, RawOf};

fn first_line(screen: &str, holding: &str) -> String {
    screen.lines().find(|line| line.contains(holding)).unwrap_or_default().to_owned()
}

#[test]
fn a_range_is_marked_and_what_a_filter_hides_of_it_is_counted() {
    let mut desk = desk::full(Role::Maker);
    desk.press("2 V j j j V / type:rojas enter");
    let title = first_line(&desk.screen(120, 32), "─ Transacciones");
    assert!(title.contains("* 4 (3 ocultas)"), "{title}");
    desk.press("u");
    assert!(!first_line(&desk.screen(120, 32), "─ Transacciones").contains('*'));
}

#[test]
fn columns_that_have_no_room_are_scrolled_to() {
    let mut desk = desk::full(Role::Maker);
    desk.press("3");
    assert!(!desk.screen(80, 24).contains("Mediana"));
    desk.press("right right right right");
    insta::assert_snapshot!("columns_scrolled_80", desk.screen(80, 24));
    assert!(desk.screen(80, 24).contains("Suministros"), "the first column stays");
    desk.press("left left left left left");
    assert!(desk.screen(80, 24).contains("Destino"));
}

/// Cobre's debits name the account alone; support asks for a name.
#[test]
fn a_payment_out_is_found_by_whose_account_it_went_to() {
    let mut desk = desk::full(Role::Maker);
    let mut rows = desk::transactions();
    rows[0].counterparty = Clean::new("00700440982");
    desk.rows(Cobre, Batch::Transactions(rows.into()));
    desk.press("2 / type:suministros enter");
    let screen = desk.screen(120, 32);
    assert!(first_line(&screen, "14:02").contains("Suministros del Valle SAS"), "{screen}");
    desk.press("g enter");
    let screen = desk.screen(120, 32);
    assert!(first_line(&screen, "Destino").contains("00700440982"), "{screen}");
    // An account of two names is nobody's alone, and a masked one may be anyone's.
    for (account, holders) in [("00700440982", 2), ("*******0982", 1)] {
        let mut rows = desk::transactions();
        rows[0].counterparty = Clean::new(account);
        let mut payees = desk::counterparties();
        for payee in payees.iter_mut().take(holders) {
            payee.destination.account = Clean::new(account);
        }
        let mut desk = desk::full(Role::Maker);
        desk.rows(Cobre, Batch::Transactions(rows.into()));
        desk.rows(Cobre, Batch::Counterparties(payees.into()));
        desk.press("2");
        let screen = desk.screen(120, 32);
        assert!(first_line(&screen, "14:02").contains(account), "{screen}");
    }
}

#[test]
fn marked_rows_are_added_up_copied_and_exported_alone() {
    let mut desk = desk::full(Role::Maker);
    desk.press("2 space space");
    let screen = desk.screen(120, 32);
    assert!(screen.contains("2 filas marcadas · suman COP −11.550.000,00"), "{screen}");
    desk.take_effects();
    desk.press("y");
    let effects = desk.take_effects();
    let [Effect::CopyTable(rows)] = effects.as_slice() else { panic!("{effects:?}") };
    let names: Vec<&str> = rows.iter().map(|row| row[6].as_str()).collect();
    assert_eq!(names, ["Contraparte", "Carlos Rojas", "Suministros del Valle SAS y Compañía en Comandita"]);
    assert!(desk.screen(80, 24).contains("Copiado: 2 filas marcadas"));
    // A filter hides one of them: it stays marked, and meant.
    desk.press("/ type:rojas enter e");
    let effects = desk.take_effects();
    let exported = effects.iter().find_map(|effect| match effect {
        Effect::Ask(Ask::Export(export)) => Some(export.rows.len()),
        _ => None,
    });
    assert_eq!(exported, Some(2));
}

#[test]
fn one_cell_of_a_row_is_copied() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        desk.press("2 ctrl-y");
        shot("copy_cell", lang, &mut desk);
        desk.press("down down down down enter");
        let effects = desk.take_effects();
        let copied = effects.iter().find_map(|effect| match effect {
            Effect::Copy(text) => Some(text.as_str()),
            _ => None,
        });
        assert_eq!(copied, Some(if lang == "es" { "−3.150.000,00" } else { "−3,150,000.00" }));
    }
}

#[test]
fn what_no_action_is_called_is_searched_for() {
    let mut desk = desk::full(Role::Maker);
    desk.press(": type:pago-4471");
    assert!(desk.screen(80, 24).contains("⏎ lo busca en todo lo leído"), "{}", desk.screen(80, 24));
    desk.press("enter enter");
    assert_eq!(desk.model.pane, PaneId::Transactions);
    assert!(desk.screen(80, 24).contains("Carlos Rojas"));
}

#[test]
fn why_a_key_did_nothing_is_said_and_not_kept() {
    let mut desk = desk::full(Role::Viewer);
    desk.press("2 n");
    assert!(desk.screen(80, 24).contains("Su rol no permite esto"));
    assert!(desk.model.said.is_empty(), "{:?}", desk.model.said);
}

#[test]
fn nobody_is_told_a_key_that_is_not_theirs() {
    for (role, named) in [(Role::Maker, true), (Role::Viewer, false)] {
        let mut desk = desk::full(role);
        desk.feed(News::Outbox(Vec::new().into())).press("6");
        let screen = desk.screen(80, 24);
        assert!(screen.contains("Nada ha salido desde aquí."), "{screen}");
        assert_eq!(screen.contains("crea un movimiento"), named, "{screen}");
    }
}

#[test]
fn amounts_are_written_as_the_language_does_unless_the_configuration_says_how() {
    for (follow, written) in [(true, "3,150,000.00"), (false, "3.150.000,00")] {
        let mut desk = desk::full(Role::Maker);
        desk.model.seat.numerals_follow = follow;
        desk.press("2 : type:inglés enter");
        let screen = desk.screen(80, 24);
        assert!(screen.contains("Counterparty") && screen.contains(written), "{screen}");
    }
}

#[test]
fn names_stay_readable_in_the_narrowest_window_and_no_sum_is_cut() {
    let mut desk = desk::full(Role::Maker);
    desk.press("2");
    let screen = desk.screen(60, 20);
    assert!(screen.contains("hoy +520.000,00 −11.550.000,00 = …"), "{screen}");
    desk.press("n");
    let screen = desk.screen(60, 20);
    assert!(screen.contains("▸ Operación"), "{screen}");
}

#[test]
fn everything_that_came_is_searched_and_a_hit_is_gone_to() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        desk.press("ctrl-f type:rojas");
        shot("search", lang, &mut desk);
        desk.press("down enter");
        assert!(desk.model.modal.is_none());
        assert_eq!(desk.model.pane, PaneId::Transactions);
        desk.press("ctrl-f type:900.123.456-8 enter");
        assert_eq!(desk.model.pane, PaneId::Counterparties);
        assert!(desk.screen(120, 32).contains("▸ Suministros del Valle"));
        // Also what a filter of that pane hides.
        desk.press("/ type:rojas enter ctrl-f type:refacciones");
        let hits = desk.screen(120, 32);
        assert!(hits.contains("Refacciones MX"), "{hits}");
        desk.press("down enter");
        assert!(desk.screen(120, 32).contains("▸ Refacciones MX SA"));
    }
}

#[test]
fn what_is_shown_goes_to_a_file_and_the_notice_says_where() {
    let mut desk = desk::full(Role::Maker);
    desk.press("2 / type:rojas enter e");
    let export = desk.take_effects().into_iter().find_map(|effect| match effect {
        Effect::Ask(Ask::Export(export)) => Some(export),
        _ => None,
    });
    let export = export.expect("asked");
    assert_eq!((export.name, export.rows.len()), ("transactions", 2));
    assert_eq!(export.titles.first().map(Clean::as_str), Some("Hora"));
    assert!(export.rows.iter().all(|row| row.len() == export.titles.len()));
    desk.feed(News::Exported { rows: 2, file: Ok(Clean::new("exports/andina_transactions.csv")) });
    assert!(desk.screen(120, 32).contains("Exportado a exports/andina_transactions.csv: 2 filas"));
    desk.feed(News::Exported { rows: 2, file: Err("disco lleno".to_owned()) });
    assert!(desk.screen(120, 32).contains("No se exportó nada: disco lleno"));
}

#[test]
fn a_row_is_shown_as_the_provider_wrote_it() {
    for pane in ["1", "2", "3", "5"] {
        let mut desk = desk::full(Role::Maker);
        desk.press(pane).press("x");
        let asked: Vec<RawOf> = desk
            .take_effects()
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Ask(Ask::Raw(of)) => Some(of),
                _ => None,
            })
            .collect();
        let [of @ RawOf::Row { .. }] = asked.as_slice() else { panic!("{asked:?}") };
        assert!(desk.screen(120, 32).contains("leyendo…"));
        desk.feed(News::Raw { of: of.clone(), lines: Vec::new().into() });
        assert!(desk.screen(120, 32).contains("no se guardó nada de esto"));
        desk.press("esc");
        assert!(desk.model.raw.is_none());
    }
}

#[test]
fn a_row_leads_to_what_it_names() {
    let mut desk = desk::full(Role::Maker);
    desk.press("2 i");
    assert_eq!(desk.model.pane, PaneId::Counterparties);
    assert!(desk.screen(120, 32).contains("▸ Carlos Rojas"));
    desk.press("i");
    assert_eq!(desk.model.pane, PaneId::Transactions);
    assert!(first_line(&desk.screen(120, 32), "─ Transacciones").contains("/ Carlos Rojas · 2/7"));
    desk.press("1 i");
    assert_eq!(desk.model.pane, PaneId::Transactions);
}

#[test]
fn a_whole_copy_is_for_those_who_may_see_it_and_is_audited() {
    let mut desk = desk::full(Role::Viewer);
    desk.press("3 Y");
    assert!(desk.take_effects().is_empty());
    let mut desk = desk::full(Role::Maker);
    desk.press("3 Y");
    let effects = desk.take_effects();
    let copied = effects.iter().any(|effect| match effect {
        Effect::CopyLines(lines) => lines.iter().any(|line| line.as_str().contains("@crojas")),
        _ => false,
    });
    let told = |effect: &Effect| matches!(effect, Effect::Ask(Ask::Unmasked { pane: "counterparties", .. }));
    assert!(copied && effects.iter().any(told), "{effects:?}");
}

#[test]
fn a_name_that_held_hidden_characters_is_spelled_out_in_the_details() {
    let mut desk = desk::full(Role::Maker);
    let mut rows = desk::transactions();
    rows[0].counterparty = Clean::new("Carlos\u{202e}sajoR");
    desk.rows(cuadre::domain::ProviderName::Cobre, cuadre::sync::news::Batch::Transactions(rows.into()));
    desk.press("2");
    let screen: String = Headless::screen(&mut desk, 120, 32);
    assert!(screen.contains("[U+202E]"), "{screen}");
}
