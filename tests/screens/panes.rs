//! The panes as they are seen, at both design sizes and in both languages.

use crate::desk;
use crate::shot;
use cuadre::console::Effect;
use cuadre::domain::ProviderName;
use cuadre::domain::role::Role;
use cuadre::sync::news::{Ask, Batch, News};
use std::sync::Arc;

#[test]
fn transactions_newest_first_with_the_sums_of_the_day() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        desk.press("2 / type:carlos enter j enter");
        shot("transactions_filtered_and_opened", lang, &mut desk);
    }
}

#[test]
fn a_viewer_sees_no_whole_document_or_account() {
    for (lang, mut desk) in desk::both(Role::Viewer) {
        desk.press("3");
        let screen = desk.screen(120, 32);
        for whole in ["79.412.330", "crojas", "900.123.456", "RMX010203AB1"] {
            assert!(!screen.contains(whole), "{whole}\n{screen}");
        }
        shot("counterparties_masked", lang, &mut desk);
    }
}

#[test]
fn approvals_oldest_first_and_a_bulk_opens_to_its_rows() {
    for (lang, mut desk) in desk::both(Role::Checker) {
        desk.press("4 enter");
        let bulk = desk::bulk().id;
        assert_eq!(desk.take_effects(), [Effect::Ask(Ask::OpenBulk(Box::new(desk::bulk())))]);
        let rows = vec![
            desk::movement("mm_b1", "Ferretería Sol", "·4471", desk::cop(3_150_000), "cli_maker"),
            desk::movement("mm_b2", "Carlos Rojas", "@crojas", desk::cop(12_000_000), "cli_maker"),
            desk::movement("mm_b3", "Nuevo Taller SAS", "·1120", desk::cop(7_500_000), "cli_maker"),
        ];
        desk.feed(News::BulkRows { bulk: bulk.clone(), rows: Ok(rows.clone().into()) });
        desk.feed(News::BulkReviewed { bulk, review: Arc::new(desk::review(&rows)) });
        desk.press("j");
        shot("bulk", lang, &mut desk);
        desk.press("A");
        assert!(desk.take_effects().is_empty(), "a red line was not read");
        desk.press("g space A");
        shot("bulk_approve", lang, &mut desk);
        desk.press("esc X");
        shot("bulk_reject", lang, &mut desk);
        desk.press("esc u");
        // Back to the queue, one step at a time.
        desk.press("/ type:sol enter esc esc");
        assert!(desk.screen(80, 24).contains("mm_1") || desk.screen(80, 24).contains("bmm_77Qa"));
    }
}

#[test]
fn a_bulk_is_opened_before_it_is_decided() {
    for (lang, mut desk) in desk::both(Role::Checker) {
        desk.press("4 A");
        assert!(desk.model.modal.is_none());
        assert!(desk.asked().is_empty());
        shot("bulk_not_decided", lang, &mut desk);
    }
}

#[test]
fn an_unpaid_cobru_says_what_there_is_to_do() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        desk.press("5 j j j j");
        shot("cobrus_unpaid", lang, &mut desk);
    }
}

#[test]
fn a_link_is_copied_whole() {
    let mut desk = desk::full(Role::Viewer);
    desk.press("5 c");
    let copied = desk.take_effects();
    let [Effect::Copy(text)] = copied.as_slice() else { panic!("{copied:?}") };
    assert_eq!(text.as_str(), "https://prod.cobru.co/p0q7zz1d");
}

#[test]
fn a_refresh_does_not_move_the_selection() {
    let mut desk = desk::full(Role::Maker);
    desk.press("5 j j");
    let mut rows = desk::cobrus();
    rows.reverse();
    desk.rows(ProviderName::Cobru, Batch::Cobrus(rows.into()));
    assert!(desk.screen(80, 24).lines().any(|line| line.starts_with("│▸ k2m9x0ab")));
}

/// Every amount of the fixtures, written whole, whatever the width.
#[test]
fn no_amount_is_cut_at_any_width() {
    for width in 60..=130 {
        let mut desk = desk::full(Role::Maker);
        for (pane, amounts) in [
            ("2", vec!["−312.450.000,00", "−3.150.000,00", "+420.000,00"]),
            ("4", vec!["312.450.000,00", "1.200.000,00", "480.000,00"]),
            ("5", vec!["1.250.000,00", "180.000,00", "99.000,00"]),
        ] {
            desk.press(pane);
            let screen = desk.screen(width, 24);
            for amount in amounts {
                assert!(screen.contains(amount), "{amount} at {width}\n{screen}");
            }
        }
    }
}
