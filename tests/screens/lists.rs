//! What every list can do: marks, columns, search, export, what a row names, what was really said.

use crate::{desk, shot};
use cuadre::console::panes::PaneId;
use cuadre::console::{Effect, Headless};
use cuadre::domain::role::Role;
use cuadre::sanitize::Clean;
use cuadre::sync::news::{Ask, News, RawOf};

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
