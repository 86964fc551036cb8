//! The modal forms as they are seen and used.

use crate::desk;
use crate::shot;
use cuadre::console::{Effect, Headless, Message};
use cuadre::domain::ProviderName;
use cuadre::domain::approval::{Approval, Bulk};
use cuadre::domain::cobru::CobruState;
use cuadre::domain::money::{Currency, Money};
use cuadre::domain::movement::Movement;
use cuadre::domain::role::Role;
use cuadre::payments::Order;
use cuadre::payments::order::Verdict;
use cuadre::sanitize::Clean;
use cuadre::store::State;
use cuadre::sync::bulks::{Note, Origin, OwnBulk};
use cuadre::sync::news::{Ask, Batch, News};
use jiff::SignedDuration;
use ratatui::style::Color;
use std::sync::Arc;

fn later(desk: &mut Headless, ms: i64) {
    desk.wait(SignedDuration::from_millis(ms));
}

/// What is written, if exactly one write was asked for.
fn written(desk: &mut Headless) -> Order {
    let effects = desk.take_effects();
    match effects.as_slice() {
        [Effect::Ask(Ask::Write(checked))] => checked.order().clone(),
        other => panic!("{other:?}"),
    }
}

/// `n` on the balance that pays.
fn new_movement(desk: &mut Headless) {
    desk.press("1");
    assert!(desk.model.panes.balances.list.select("acc_op"));
    desk.press("n");
}

/// The form filled for Carlos Rojas, the cursor behind the description.
pub fn filled(desk: &mut Headless, amount: &str) {
    new_movement(desk);
    desk.press("type:rojas enter");
    desk.type_text(amount);
    desk.press("tab");
    desk.type_text("anticipo noviembre");
}

#[test]
fn a_movement_is_typed_checked_reviewed_and_confirmed() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        new_movement(&mut desk);
        shot("movement_new", lang, &mut desk);
        desk.press("type:o");
        shot("movement_picking", lang, &mut desk);
        desk.press("backspace esc");
        filled(&mut desk, "850000");
        shot("movement_filled", lang, &mut desk);
        desk.press("ctrl-o");
        shot("movement_confirm", lang, &mut desk);
        later(&mut desk, 600);
        desk.press("enter type:00 enter");
        assert!(desk.asked().is_empty());
        shot("movement_confirm_not_yet", lang, &mut desk);
        desk.press("type:00");
        shot("movement_confirm_matches", lang, &mut desk);
        desk.press("enter");
        let Order::Movement(order) = written(&mut desk) else { panic!("another order") };
        assert_eq!(order.amount, desk::cop(850_000));
        assert_eq!(order.destination.as_str(), "cp_cr");
        assert_eq!(order.source.as_str(), "acc_op");
        assert_eq!(order.description, "anticipo noviembre");
        assert!(desk.model.modal.is_none());
    }
}

/// A bulk that was sent from here, in this state at the provider.
pub fn own_bulk(name: &str, state: &str, note: Option<&str>, unpaid: &[u32]) -> OwnBulk {
    let bulk = Bulk { state: Clean::new(state), file_name: Clean::new(name), ..desk::bulk() };
    OwnBulk {
        intent: uuid::Uuid::nil(),
        at: bulk.created_at,
        maker: Clean::new("mlopez"),
        file: bulk.file_name.clone(),
        sent: State::Sent,
        total: Some(desk::cop(16_700_000)),
        note: note.map(|text| Note { text: text.to_owned(), by: "jperez".to_owned(), at: bulk.created_at }),
        bulk: Some(bulk),
        unpaid: unpaid.iter().copied().collect(),
        sent_again: false,
    }
}

#[test]
fn bulks_that_were_sent_say_how_they_ended_and_what_goes_again() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        desk.press("1 L");
        let own = [
            own_bulk("nomina_2026-11-15.json", "canceled", Some("L001 L003: no son nuestros"), &[]),
            own_bulk("proveedores_2026-11-14.json", "canceled", None, &[]),
            own_bulk("nomina_2026-10-30.json", "completed", None, &[2]),
            OwnBulk { sent_again: true, ..own_bulk("primas_2026-10-29.json", "canceled", None, &[]) },
            own_bulk("nomina_2026-10-15.json", "completed", None, &[]),
        ];
        desk.message(Message::News(News::OwnBulks(Ok(own.to_vec().into()))));
        desk.take_effects();
        desk.press("down");
        shot("bulks_own", lang, &mut desk);
        desk.press("down");
        shot("bulks_own_without_note", lang, &mut desk);
        // Each is sent again once.
        desk.press("down down R");
        assert!(desk.asked().is_empty());
        // Without its note every row goes: it says so, and a pasted note says otherwise.
        desk.press("up up p type:L002:");
        shot("bulks_own_note_pasted", lang, &mut desk);
        desk.press("enter R");
        let effects = desk.take_effects();
        let read = effects.iter().find_map(|effect| match effect {
            Effect::Ask(Ask::ReadFile(file)) => Some(file.origin.clone()),
            _ => None,
        });
        let Some(Origin::Sent { without, .. }) = read else { panic!("{effects:?}") };
        assert_eq!(without.into_iter().collect::<Vec<_>>(), [2]);
    }
}

#[test]
fn above_the_small_limit_the_whole_amount_is_typed_and_a_checker_is_asked_for() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        filled(&mut desk, "1200000,50");
        desk.press("ctrl-o");
        later(&mut desk, 600);
        desk.press("type:1200000 enter");
        assert!(desk.asked().is_empty());
        shot("movement_confirm_whole", lang, &mut desk);
        desk.press("type:,50 enter");
        let Order::Movement(order) = written(&mut desk) else { panic!("another order") };
        assert_eq!(order.amount, Money::new(120_000_050, Currency::Cop));
        assert!(order.checker_approval);
    }
}

#[test]
fn what_is_wrong_stands_beside_its_field() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        new_movement(&mut desk);
        desk.press("type:rojas enter type:1.000 tab");
        desk.paste(&"anticipo de noviembre\n".repeat(3));
        desk.press("tab type:pago#1 ctrl-o");
        assert!(desk.asked().is_empty());
        shot("movement_problems", lang, &mut desk);
    }
}

#[test]
fn more_than_the_balance_or_the_limit_is_not_sent() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        filled(&mut desk, "600000000");
        desk.press("ctrl-o");
        assert!(desk.screen(80, 24).contains("482"));
        assert!(desk.asked().is_empty());
        shot("movement_above_balance", lang, &mut desk);
    }
}

#[test]
fn a_balance_that_changes_while_it_is_confirmed_takes_the_dialog_down() {
    let mut desk = desk::full(Role::Maker);
    filled(&mut desk, "850000");
    desk.press("ctrl-o");
    later(&mut desk, 600);
    let mut rows = desk::accounts();
    for row in &mut rows {
        row.balance.minor = 100;
    }
    desk.rows(ProviderName::Cobre, Batch::Accounts(rows.into()));
    desk.press("type:0000 enter");
    assert!(desk.asked().is_empty());
}

#[test]
fn away_from_the_balances_the_source_is_picked_first() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        desk.press("2 n");
        shot("movement_source", lang, &mut desk);
        desk.press("type:recau enter type:rojas enter type:850000 tab");
        desk.type_text("caja");
        desk.press("ctrl-o");
        later(&mut desk, 600);
        desk.press("type:0000 enter");
        let Order::Movement(order) = written(&mut desk) else { panic!("another order") };
        assert_eq!(order.source.as_str(), "acc_re");
    }
}

#[test]
fn a_viewer_gets_no_form() {
    let mut desk = desk::full(Role::Viewer);
    desk.press("2 n");
    assert!(desk.model.modal.is_none());
    assert!(desk.screen(80, 24).contains("Su rol no permite esto"));
}

#[test]
fn a_paste_presses_nothing_in_any_form() {
    for keys in ["1 n", "5 n", "4 j A"] {
        let mut desk = desk::full(if keys.starts_with('4') { Role::Checker } else { Role::Maker });
        desk.press(keys);
        later(&mut desk, 600);
        let before = std::mem::discriminant(desk.model.modal.as_ref().unwrap());
        for text in ["q\n\u{1b}\r\n", "A", "\t\t\r", "ctrl-o", &"x".repeat(100_000)] {
            desk.paste(text);
            assert_eq!(std::mem::discriminant(desk.model.modal.as_ref().unwrap()), before);
            assert!(desk.asked().is_empty());
        }
    }
}

#[test]
fn a_movement_is_approved_as_it_was_shown() {
    for (lang, mut desk) in desk::both(Role::Checker) {
        desk.press("4 j A");
        shot("approve", lang, &mut desk);
        later(&mut desk, 600);
        desk.press("type:1200000 enter");
        let effects = desk.take_effects();
        let [Effect::Ask(Ask::Decide { shown, checked })] = effects.as_slice() else { panic!("{effects:?}") };
        assert_eq!(shown.id.as_str(), "mm_1");
        assert!(matches!(checked.order(), Order::Decision(order) if order.verdict == Verdict::Approve));
    }
}

#[test]
fn a_rejection_carries_its_reason() {
    for (lang, mut desk) in desk::both(Role::Checker) {
        desk.press("4 j X");
        later(&mut desk, 600);
        desk.press("type:corto enter");
        assert!(desk.asked().is_empty());
        shot("reject", lang, &mut desk);
        desk.type_text(", falta la factura");
        desk.press("enter");
        let effects = desk.take_effects();
        let [Effect::Ask(Ask::Decide { checked, .. })] = effects.as_slice() else { panic!("{effects:?}") };
        let Order::Decision(order) = checked.order() else { panic!("another order") };
        assert_eq!(order.verdict, Verdict::Reject { reason: "corto, falta la factura".to_owned() });
    }
}

#[test]
fn ones_own_movement_opens_no_dialog_and_says_why() {
    for (lang, mut desk) in desk::both(Role::Checker) {
        desk.press("4 j j A");
        assert!(desk.model.modal.is_none());
        shot("own_movement", lang, &mut desk);
    }
}

#[test]
fn a_changed_movement_is_shown_beside_what_was_seen() {
    for (lang, mut desk) in desk::both(Role::Checker) {
        let shown = desk::movement("mm_1", "Carlos Rojas", "@crojas", desk::cop(1_200_000), "cli_maker");
        let now = Movement { amount: desk::cop(9_200_000), ..shown.clone() };
        desk.press("4");
        desk.feed(News::ChangedMeanwhile { shown: shown.into(), now: now.into() });
        shot("changed", lang, &mut desk);
        desk.press("enter");
        assert!(desk.asked().is_empty());
        desk.press("A");
        later(&mut desk, 600);
        // The old amount no longer passes.
        desk.press("type:1200000 enter");
        assert!(desk.asked().is_empty());
        desk.press("ctrl-u type:9200000 enter");
        let effects = desk.take_effects();
        let [Effect::Ask(Ask::Decide { shown, .. })] = effects.as_slice() else { panic!("{effects:?}") };
        assert_eq!(shown.amount, desk::cop(9_200_000));
    }
}

#[test]
fn a_movement_that_changes_under_the_dialog_is_shown_again() {
    let mut desk = desk::full(Role::Checker);
    desk.press("4 j A");
    later(&mut desk, 600);
    let was = desk::movement("mm_1", "Carlos Rojas", "@crojas", desk::cop(1_200_000), "cli_maker");
    let now = Movement { amount: desk::cop(9_200_000), ..was };
    desk.rows(ProviderName::Cobre, Batch::Approvals(vec![Approval::Single(now.into())].into()));
    desk.press("type:1200000 enter");
    assert!(desk.asked().is_empty());
    let screen = desk.screen(80, 24);
    assert!(screen.contains("1.200.000,00") && screen.contains("9.200.000,00"), "{screen}");
    // Decided by someone else meanwhile: the dialog goes, and says so.
    desk.rows(ProviderName::Cobre, Batch::Approvals(Vec::new().into()));
    assert!(desk.model.modal.is_none());
    assert!(desk.screen(80, 24).contains("Ya no está por aprobar"));
}

#[test]
fn what_is_typed_into_a_dialog_never_falls_on_the_pane_below() {
    for (lang, mut desk) in desk::both(Role::Checker) {
        for bulk in [false, true] {
            if bulk {
                let rows = vec![desk::movement(
                    "mm_b1",
                    "Ferretería Sol",
                    "·4471",
                    desk::cop(3_150_000),
                    "cli_maker",
                )];
                desk.press("4 g enter");
                desk.feed(News::BulkRows { bulk: desk::bulk().id, rows: Ok(rows.clone().into()) });
                let review = Arc::new(desk::review(&rows));
                desk.feed(News::BulkReviewed { bulk: desk::bulk().id, review });
                desk.press("X");
            } else {
                desk.press("4 j A");
            }
            later(&mut desk, 600);
            assert!(desk.model.modal.is_some());
            // Somebody else was faster.
            desk.rows(ProviderName::Cobre, Batch::Approvals(Vec::new().into()));
            desk.take_effects();
            desk.press("type:5xAq1 enter");
            assert!(desk.model.modal.is_some() && desk.asked().is_empty());
            if !bulk {
                insta::assert_snapshot!(format!("decide_gone_{lang}_80"), desk.screen(80, 24));
            }
            desk.press("esc");
            assert!(desk.model.modal.is_none());
            desk.rows(ProviderName::Cobre, Batch::Approvals(desk::approvals().into()));
        }
    }
}

#[test]
fn a_name_with_hidden_characters_is_decided_with_a_warning() {
    for (lang, mut desk) in desk::both(Role::Checker) {
        let name = "Ferretería\u{202e} Sol\u{200b}";
        let movement = desk::movement("mm_1", name, "@crojas", desk::cop(1_200_000), "cli_maker");
        desk.rows(ProviderName::Cobre, Batch::Approvals(vec![Approval::Single(movement.into())].into()));
        desk.press("4 g A");
        shot("approve_altered", lang, &mut desk);
    }
}

#[test]
fn a_reference_is_asked_for_only_by_spei() {
    let mut desk = desk::full(Role::Maker);
    desk.model.seat.actor.limits = None;
    desk.press("2 n type:speI enter type:refacc enter");
    assert!(desk.screen(80, 24).contains("Ref. SPEI"));
    desk.press("type:30000 tab");
    desk.type_text("repuestos");
    desk.press("tab tab");
    desk.type_text("118");
    desk.press("ctrl-o");
    later(&mut desk, 600);
    desk.press("type:30000 enter");
    let Order::Movement(order) = written(&mut desk) else { panic!("another order") };
    assert_eq!(order.reference.as_deref(), Some("118"));
    assert_eq!(order.amount, Money::new(3_000_000, Currency::Mxn));
}

#[test]
fn a_cobru_is_typed_reviewed_and_made() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        desk.press("5 n");
        shot("cobru_new", lang, &mut desk);
        desk.press("type:20000 tab");
        desk.type_text("Pedido 131");
        desk.press("tab type:0 ctrl-o");
        shot("cobru_review", lang, &mut desk);
        desk.press("enter");
        assert!(desk.asked().is_empty(), "the first half second is deaf");
        later(&mut desk, 600);
        desk.press("enter");
        let Order::Cobru(order) = written(&mut desk) else { panic!("another order") };
        assert_eq!((order.amount, order.expiration_days), (desk::cop(20_000), 0));
    }
}

#[test]
fn the_links_code_stands_beside_its_figures() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        desk.press("5 Q");
        shot("link_qr", lang, &mut desk);
        for (width, height) in [(80, 24), (120, 32)] {
            assert_eq!(scanned(&mut desk, width, height).as_deref(), Some("https://prod.cobru.co/p0q7zz1d"));
        }
        desk.press("esc");
        let asked = desk.asked();
        assert!(matches!(asked.as_slice(), [Ask::Watch(Some(_)), Ask::Watch(None)]), "{asked:?}");
    }
}

#[test]
fn the_breb_code_lives_five_minutes_and_turns_into_paid() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        desk.press("5 B");
        assert!(matches!(written(&mut desk), Order::Breb(_)));
        shot("breb_waiting", lang, &mut desk);
        let order = desk::breb(&desk, 191);
        let text = order.qr_value.clone();
        desk.feed(News::Breb(order));
        shot("breb", lang, &mut desk);
        // As large as it needs; where it does not fit, the link's own code and the size that would.
        assert_eq!(scanned(&mut desk, 120, 40), Some(text.clone()));
        assert_eq!(scanned(&mut desk, 100, 50), Some(text.clone()));
        assert_eq!(scanned(&mut desk, 120, 32), Some(text));
        assert_eq!(scanned(&mut desk, 80, 24).as_deref(), Some("https://prod.cobru.co/p0q7zz1d"));
        later(&mut desk, 291_000);
        assert!(desk.screen(120, 40).contains('9'), "the last seconds are told in words");
        later(&mut desk, 9_000);
        assert_eq!(scanned(&mut desk, 120, 40), None, "an order that is over is not shown");
        shot("breb_over", lang, &mut desk);
        desk.take_effects();
        desk.press("enter");
        assert!(matches!(written(&mut desk), Order::Breb(_)));
        let order = desk::breb(&desk, 191);
        desk.feed(News::Breb(order));
        let paid = desk::cobru("p0q7zz1d", CobruState::Paid, 20_000, "Bre-B", "Cobro Bre-B");
        desk.feed(News::Watched(paid.into()));
        assert_eq!(scanned(&mut desk, 120, 40), None, "what is paid is not paid again");
        shot("breb_paid", lang, &mut desk);
    }
}

#[test]
fn a_code_as_large_as_the_real_ones_names_the_window_it_needs() {
    for (lang, mut desk) in desk::both(Role::Maker) {
        desk.press("5 B");
        let order = desk::breb(&desk, 420);
        let text = order.qr_value.clone();
        desk.feed(News::Breb(order));
        shot("breb_too_big", lang, &mut desk);
        assert_eq!(scanned(&mut desk, 100, 50), Some(text));
    }
}

/// Every key of the keyboard, in every pane, twice: none writes but `B`, a payer's order on one's own
/// link.
#[test]
fn no_single_key_sends_a_write() {
    let letters = ('!'..='~').map(|letter| letter.to_string());
    let named = ["enter", "esc", "tab", "space", "f1", "f5", "ctrl-o", "ctrl-s", "ctrl-e", "delete"];
    let keys: Vec<String> = letters.chain(named.map(str::to_owned)).collect();
    for role in [Role::Maker, Role::Checker, Role::Admin] {
        for pane in ["1", "2", "3", "4", "5", "6"] {
            for key in &keys {
                let mut desk = desk::full(role);
                desk.press(&format!("{pane} j {key} {key}"));
                later(&mut desk, 600);
                desk.press("enter enter");
                let wrote = desk.asked().iter().any(|ask| matches!(ask, Ask::Write(_) | Ask::Decide { .. }));
                assert!(!wrote || (pane == "5" && key == "B"), "{key} in pane {pane} as {role}");
            }
        }
    }
}

#[test]
fn forms_fit_any_window() {
    for keys in
        ["1 n type:ro", "2 n", "5 n type:1", "5 Q", "5 B", "1 n type:rojas enter type:9 tab type:x ctrl-o"]
    {
        let mut desk = desk::full(Role::Maker);
        desk.press(keys);
        for (width, height) in [(200, 60), (60, 16), (20, 5), (1, 1), (80, 24)] {
            desk.screen(width, height);
        }
    }
    let mut desk = desk::full(Role::Checker);
    desk.press("4 j X");
    for (width, height) in [(200, 60), (60, 16), (20, 5), (80, 24)] {
        desk.screen(width, height);
    }
}

#[test]
fn without_unicode_there_is_no_code_but_its_words() {
    let mut desk = desk::full(Role::Maker);
    desk.model.theme.ascii = true;
    desk.press("5 B");
    let order = desk::breb(&desk, 191);
    desk.feed(News::Breb(order));
    let screen = desk.screen(100, 50);
    assert_eq!(scanned(&mut desk, 100, 50), None);
    for words in ["@roble2041", "https://prod.cobru.co/p0q7zz1d", "20.000,00", "quedan 5:00"] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
}

/// What a camera reads off the screen, if it finds a code there.
fn scanned(desk: &mut Headless, width: u16, height: u16) -> Option<String> {
    const SCALE: usize = 4;
    let backend = desk.draw(width, height);
    let buffer = backend.buffer();
    let (pixels_wide, pixels_high) = (usize::from(width) * SCALE, usize::from(height) * 2 * SCALE);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(pixels_wide, pixels_high, |x, y| {
        let half = y / SCALE;
        let place = |at: usize| u16::try_from(at).expect("on the screen");
        let cell = &buffer[(place(x / SCALE), place(half / 2))];
        let upper = half.is_multiple_of(2);
        let ink = match cell.symbol() {
            "█" => cell.fg,
            "▀" if upper => cell.fg,
            "▄" if !upper => cell.fg,
            _ => cell.bg,
        };
        // Only the code sets its colours; the desk around it is a dark terminal.
        if ink == Color::Indexed(231) { 255 } else { 0 }
    });
    image.detect_grids().into_iter().find_map(|grid| Some(grid.decode().ok()?.1))
}
