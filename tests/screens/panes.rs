//! The panes as they are seen, at both design sizes and in both languages.

use crate::desk;
use crate::shot;
use cuadre::bulk::Flag;
use cuadre::console::{Effect, Headless};
use cuadre::domain::ProviderName;
use cuadre::domain::id::MovementId;
use cuadre::domain::role::Role;
use cuadre::payments::review::{Code, Evidence, Finding, Place, Severity, Value};
use cuadre::sanitize::Clean;
use cuadre::sync::news::{Ask, Batch, News};
use jiff::SignedDuration;
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
            ("1", vec!["482.915.300,00", "−11.030.000,00"]),
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

/// More than fits under a payment: three red findings with their rows, and one that is only told.
fn odd() -> Vec<Finding> {
    let row = |day, id: &str| Evidence {
        place: Place::Movement,
        id: Clean::new(id),
        at: desk::at(day, "10:00:00"),
        amount: Some(desk::cop(1_200_000)),
        who: Clean::new("Carlos Rojas"),
    };
    let rows = || vec![row(20, "mm_old3"), row(19, "mm_old2"), row(18, "mm_old1"), row(2, "mm_old0")];
    let (text, day) = (|text| Value::Text(Clean::new(text)), Value::Day(desk::at(20, "10:00:00")));
    let amount = || Value::Money(desk::cop(1_200_000));
    let red = |code, word, with| Finding { code, severity: Severity::Red, word, with, evidence: rows() };
    let same =
        vec![("amount", amount()), ("day", day.clone()), ("id", text("mm_old3")), ("count", Value::Count(4))];
    let changed = vec![("before", text("@carlos")), ("now", text("@crojas")), ("last", day)];
    let tenfold =
        vec![("amount", amount()), ("median", Value::Money(desk::cop(120_000))), ("count", Value::Count(4))];
    let first = red(Code::FirstPayment, "finding.first_payment", Vec::new());
    vec![
        Finding { severity: Severity::Yellow, evidence: Vec::new(), ..first },
        red(Code::Duplicate, "finding.duplicate", same),
        red(Code::AccountChanged, "finding.account_changed", changed),
        red(Code::Amount, "finding.amount.tenfold", tenfold),
    ]
}

/// What a person sees at both sizes, at its start and at its end.
fn holds(desk: &mut Headless, what: &[&str]) {
    for keys in ["", "down down down down down down down down down down down down down down"] {
        desk.press(keys);
        for (width, height) in [(80, 24), (120, 32)] {
            let screen = desk.screen(width, height);
            for what in what {
                assert!(screen.contains(what), "{what} at {width}\n{screen}");
            }
        }
    }
    desk.press("up up up up up up up up up up up up up up");
}

#[test]
fn what_is_decided_stays_on_the_screen_whatever_is_odd_about_it() {
    for (lang, mut desk) in desk::both(Role::Checker) {
        let amount = if lang == "es" { "COP 1.200.000,00" } else { "COP 1,200,000.00" };
        let id = MovementId::new("mm_1").unwrap();
        desk.press("4 j").feed(News::Reviewed(vec![(id, Some(odd().into()))]));
        shot("approvals_odd", lang, &mut desk);
        desk.press("enter");
        let payment = [amount, "Carlos Rojas", "@crojas"];
        holds(&mut desk, &payment);
        desk.press("esc A").wait(SignedDuration::from_millis(600));
        shot("approve_odd", lang, &mut desk);
        let question = if lang == "es" { "Escriba el valor completo" } else { "Type the whole amount" };
        holds(&mut desk, &[amount, "Carlos Rojas", "@crojas", question]);
        desk.press("down down down down down down down down down down down down down down");
        shot("approve_odd_scrolled", lang, &mut desk);
    }
}

#[test]
fn what_a_line_of_a_bulk_pays_stays_on_the_screen_whatever_is_odd_about_it() {
    for (lang, mut desk) in desk::both(Role::Checker) {
        let amount = if lang == "es" { "COP 12.000.000,00" } else { "COP 12,000,000.00" };
        desk.press("4 enter");
        let rows =
            vec![desk::movement("mm_b2", "Carlos Rojas", "@crojas", desk::cop(12_000_000), "cli_maker")];
        let mut review = desk::review(&rows);
        for line in &mut review.lines {
            line.flags = odd().into_iter().rev().map(Flag::Finding).collect();
        }
        let bulk = desk::bulk().id;
        desk.feed(News::BulkRows { bulk: bulk.clone(), rows: Ok(rows.into()) });
        desk.feed(News::BulkReviewed { bulk, review: Arc::new(review) });
        shot("bulk_odd", lang, &mut desk);
        desk.press("enter");
        holds(&mut desk, &[amount, "@crojas"]);
    }
}
