//! What a typed confirmation takes, and when.

use super::*;
use crate::console::theme::Theme;
use crate::domain::money::Currency;
use crate::i18n::{Dates, Lang, Numerals};
use crossterm::event::KeyModifiers;
use proptest::prelude::*;

const OPENED: i64 = 1_795_000_000_000;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(OPENED + ms).unwrap()
}

fn dialog(rule: Rule, amount: Money) -> Confirm {
    let about = About {
        title: "confirm.approve_movement",
        verb: "confirm.do_approve",
        company: Clean::new("ANDINA SAS"),
        environment: "environment.production",
        payer: Clean::new("Operación"),
        beneficiary: Clean::new("Carlos Rojas · @crojas"),
        description: Clean::new("anticipo noviembre"),
        altered: false,
        amount,
        sent: None,
        pair: Some((Clean::new("mlopez"), Clean::new("jperez"))),
        fingerprint: Some("4c1e·77d0·9a07".to_owned()),
        note: None,
    };
    Confirm::new(about, rule, at(0))
}

fn amount(minor: i64) -> Confirm {
    let amount = Money::new(minor, Currency::Cop);
    dialog(Rule::Amount(amount), amount)
}

fn press(dialog: &mut Confirm, code: KeyCode, ms: i64) -> ConfirmEvent {
    dialog.key(KeyEvent::new(code, KeyModifiers::NONE), at(ms))
}

fn write(dialog: &mut Confirm, text: &str) {
    for letter in text.chars() {
        press(dialog, KeyCode::Char(letter), 900);
    }
}

#[test]
fn the_amount_has_to_be_typed() {
    let mut dialog = amount(31_245_000_000);
    assert_eq!(press(&mut dialog, KeyCode::Enter, 900), ConfirmEvent::Nothing);
    write(&mut dialog, "31245000");
    assert_eq!(press(&mut dialog, KeyCode::Enter, 900), ConfirmEvent::Nothing);
    write(&mut dialog, "0");
    assert_eq!(press(&mut dialog, KeyCode::Enter, 900), ConfirmEvent::Yes);
    assert_eq!(press(&mut dialog, KeyCode::Esc, 900), ConfirmEvent::No);
}

#[test]
fn cents_are_part_of_an_amount() {
    let mut dialog = amount(8_412_055);
    write(&mut dialog, "84120");
    assert!(!dialog.matches());
    write(&mut dialog, ",55");
    assert!(dialog.matches());
}

#[test]
fn a_small_amount_asks_for_its_last_figures() {
    let small = Money::new(120_085_000, Currency::Cop);
    let limit = 200_000_000;
    assert_eq!(Rule::for_amount(small, limit), Rule::LastFigures(small));
    assert_eq!(Rule::for_amount(small, small.minor), Rule::Amount(small));
    let mut dialog = dialog(Rule::LastFigures(small), small);
    write(&mut dialog, "850");
    assert!(!dialog.matches());
    press(&mut dialog, KeyCode::Home, 900);
    write(&mut dialog, "0");
    assert!(dialog.matches());
    press(&mut dialog, KeyCode::Home, 900);
    write(&mut dialog, "120");
    assert!(dialog.matches(), "the whole amount is more than was asked");
    assert_eq!(last_figures(Money::new(85_000, Currency::Cop)), "850");
}

#[test]
fn a_rejection_says_why() {
    let amount = Money::new(1, Currency::Cop);
    let mut dialog = dialog(Rule::Reason, amount);
    write(&mut dialog, "   corto    ");
    assert!(!dialog.matches());
    write(&mut dialog, " de caja");
    assert_eq!(dialog.typed(), "corto     de caja");
    assert_eq!(press(&mut dialog, KeyCode::Enter, 900), ConfirmEvent::Yes);
}

#[test]
fn what_a_reason_begins_with_is_no_reason() {
    let amount = Money::new(1, Currency::Cop);
    let mut dialog = dialog(Rule::Reason, amount);
    dialog.begin("L050 L410 L411: ");
    write(&mut dialog, "corto");
    assert!(!dialog.matches());
    write(&mut dialog, " de caja");
    assert!(dialog.matches());
    // Named otherwise, or not at all, it is as long as before.
    let mut typed = dialog.typed().to_owned();
    dialog.typed.clear();
    typed.drain(..5);
    dialog.paste(&typed, at(900));
    assert_eq!(dialog.typed(), "L410 L411: corto de caja");
    assert!(dialog.matches());
    dialog.typed.clear();
    dialog.paste("L050 L411:", at(900));
    assert!(!dialog.matches());
}

#[test]
fn keys_of_the_screen_before_are_not_taken() {
    let mut dialog = amount(500);
    press(&mut dialog, KeyCode::Char('5'), 100);
    dialog.paste("5", at(499));
    assert_eq!(dialog.typed(), "");
    assert_eq!(press(&mut dialog, KeyCode::Char('5'), 500), ConfirmEvent::Nothing);
    assert_eq!(press(&mut dialog, KeyCode::Enter, 501), ConfirmEvent::Yes);
}

#[test]
fn it_says_why_it_does_not_match() {
    let zone = jiff::tz::TimeZone::UTC;
    let look = Look {
        lang: Lang::Es,
        numerals: Numerals::EsCo,
        dates: Dates::DayFirst,
        zone: &zone,
        now: at(0),
        theme: Theme::default(),
        wide: false,
    };
    for (typed, said) in [
        ("", "el valor es COP 1.200.000,00"),
        ("1200", "faltan 3 cifras"),
        ("12000000", "escribió 12.000.000,00; el valor es COP 1.200.000,00"),
        ("1200000,5", "escribió 1.200.000,50; el valor es COP 1.200.000,00"),
        ("1.200", "escríbalo sin puntos ni comas"),
        ("si", "no es un valor; el valor es COP 1.200.000,00"),
    ] {
        let mut dialog = amount(120_000_000);
        write(&mut dialog, typed);
        assert_eq!(dialog.missing(&look), said, "{typed:?}");
    }
}

proptest! {
    // Whatever was typed, `⏎` takes no amount but the one that is shown.
    #[test]
    fn no_other_amount_passes(minor in 1..i64::MAX, text in "[0-9., ]{0,20}") {
        let mut dialog = amount(minor);
        dialog.paste(&text, at(900));
        if dialog.matches() {
            prop_assert_eq!(parse_money(&text, Currency::Cop).unwrap().minor, minor);
        }
    }
}
