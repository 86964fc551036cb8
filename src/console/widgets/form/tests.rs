//! A form as a person meets it: typed, pasted, searched, left.

use super::*;
use crate::console::model::Look;
use crate::console::theme::Theme;
use crate::console::widgets::typed::TYPED_MAX;
use crate::i18n::{Dates, Lang, Numerals};
use crate::sanitize::Clean;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use insta::assert_snapshot;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

const LABELS: [&str; 5] =
    ["form.source", "form.counterparty", "form.amount", "form.description", "form.approval"];

fn choices() -> Vec<Choice> {
    [
        ("cp_1", "Carlos Rojas", "llave @crojas", "79.412.330"),
        ("cp_2", "Ferretería Andina", "ahorros ·0982", "900.123.456-8"),
        ("cp_3", "Suministros y Ferretería del Valle del Cauca y Nariño SAS", "corriente ·5461", ""),
    ]
    .map(|(id, name, beside, also)| Choice::new(id, &Clean::new(name), Clean::new(beside), also))
    .to_vec()
}

fn form() -> Form {
    let [source, counterparty, amount, description, approval] = LABELS;
    let balance = Clean::new("COP 482.915.300,00");
    let source_rows = vec![Choice::new("acc_1", &Clean::new("Operación"), balance, "")];
    let mut form = Form::new()
        .pick(Field::Source, source, source_rows)
        .pick(Field::Counterparty, counterparty, choices())
        .amount(Field::Amount, amount, Currency::Cop, Unit::Minor)
        .hint("form.hint_amount")
        .text(Field::Description, description, Some(40))
        .check(Field::CheckerApproval, approval, true);
    form.preset(Field::Source, "acc_1");
    form
}

fn press(form: &mut Form, code: KeyCode) -> FormEvent {
    form.key(KeyEvent::new(code, KeyModifiers::NONE))
}

fn write(form: &mut Form, text: &str) {
    for letter in text.chars() {
        press(form, KeyCode::Char(letter));
    }
}

fn submit(form: &mut Form) -> FormEvent {
    form.key(KeyEvent::new(KeyCode::Char('o'), KeyModifiers::CONTROL))
}

/// The form as drawn, a `▏` where the cursor stands.
fn drawn(form: &Form, lang: Lang, width: u16, height: u16) -> String {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    let zone = jiff::tz::TimeZone::UTC;
    let look = Look {
        lang,
        numerals: Numerals::of(lang),
        dates: Dates::DayFirst,
        zone: &zone,
        now: jiff::Timestamp::UNIX_EPOCH,
        theme: Theme::default(),
        wide: width >= 110,
    };
    let cursor = form.view(&look, area, &mut buffer).unwrap();
    let line = |y| {
        let cell = |x| if Position::new(x, y) == cursor { "▏" } else { buffer[(x, y)].symbol() };
        (0..width).map(cell).collect::<String>().trim_end().to_owned()
    };
    (0..height).map(line).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

#[test]
fn a_counterparty_is_found_by_typing_without_accents() {
    let mut form = form();
    press(&mut form, KeyCode::Tab);
    write(&mut form, "FERRETERIA");
    assert_snapshot!("picker", drawn(&form, Lang::Es, 76, 18));
    press(&mut form, KeyCode::Down);
    assert_eq!(press(&mut form, KeyCode::Enter), FormEvent::Edited);
    assert_eq!(form.picked(Field::Counterparty), Some("cp_3"));
    assert_eq!(form.focus(), Some(Field::Amount));
}

#[test]
fn leaving_a_picker_takes_only_what_could_not_be_another() {
    let mut form = form();
    press(&mut form, KeyCode::Tab);
    write(&mut form, "ferre");
    assert_eq!(press(&mut form, KeyCode::Tab), FormEvent::Moved);
    assert_eq!(form.picked(Field::Counterparty), None);
    press(&mut form, KeyCode::BackTab);
    write(&mut form, " andina");
    assert_eq!(press(&mut form, KeyCode::Tab), FormEvent::Edited);
    assert_eq!(form.picked(Field::Counterparty), Some("cp_2"));
}

#[test]
fn a_refresh_changes_neither_what_is_picked_nor_what_is_marked() {
    let mut form = form();
    press(&mut form, KeyCode::Tab);
    press(&mut form, KeyCode::Down);
    let mut new = choices();
    new.insert(0, Choice::new("cp_0", &Clean::new("Alba"), Clean::default(), ""));
    form.set_choices(Field::Counterparty, new);
    press(&mut form, KeyCode::Enter);
    assert_eq!(form.picked(Field::Counterparty), Some("cp_2"));
    form.set_choices(Field::Counterparty, choices());
    assert_eq!(form.picked(Field::Counterparty), Some("cp_2"));
}

#[test]
fn a_barred_row_is_shown_with_its_reason_and_not_taken() {
    let mut form = form();
    let row = Choice::new("cp_9", &Clean::new("Banco"), Clean::new("x"), "").barred(Some("no se puede"));
    form.set_choices(Field::Counterparty, vec![row]);
    press(&mut form, KeyCode::Tab);
    write(&mut form, "banco");
    assert!(drawn(&form, Lang::Es, 76, 18).contains("no se puede"));
    assert_eq!(press(&mut form, KeyCode::Enter), FormEvent::Moved);
    press(&mut form, KeyCode::Tab);
    assert_eq!(form.picked(Field::Counterparty), None);
}

#[test]
fn an_amount_is_heard_in_words_and_in_the_unit_that_is_sent() {
    let mut form = form();
    press(&mut form, KeyCode::Tab);
    press(&mut form, KeyCode::Tab);
    assert_snapshot!("hint", drawn(&form, Lang::En, 76, 18));
    write(&mut form, "1.200.000,00");
    assert_snapshot!("amount_es_76", drawn(&form, Lang::Es, 76, 18));
    assert_snapshot!("amount_es_116", drawn(&form, Lang::Es, 116, 18));
    assert_snapshot!("amount_en_76", drawn(&form, Lang::En, 76, 18));
    assert_snapshot!("amount_en_116", drawn(&form, Lang::En, 116, 18));
}

#[test]
fn what_is_wrong_is_said_beside_a_field_once_it_was_left() {
    let mut form = form();
    let wrong = Problem { field: Field::Description, word: "problem.description.missing", with: vec![] };
    form.set_problems(vec![wrong.clone()]);
    let said = Lang::Es.word(wrong.word);
    assert!(!drawn(&form, Lang::Es, 76, 18).contains(said));
    form.point_out(vec![wrong]);
    assert_eq!(form.focus(), Some(Field::Description));
    assert!(drawn(&form, Lang::Es, 76, 18).contains(said));
    assert_eq!(form.problems(), 1);
}

#[test]
fn a_long_description_is_counted_and_kept() {
    let mut form = form();
    for _ in 0..3 {
        press(&mut form, KeyCode::Tab);
    }
    form.paste(&"anticipo\n".repeat(8));
    assert_eq!(form.value(Field::Description).trim().chars().count(), 71);
    assert!(drawn(&form, Lang::Es, 76, 18).contains("71 de 40"));
}

#[test]
fn escape_asks_before_text_is_lost() {
    let mut form = form();
    assert_eq!(press(&mut form, KeyCode::Esc), FormEvent::Leave);
    press(&mut form, KeyCode::Tab);
    write(&mut form, "fe");
    // The search goes first: after it nothing would be lost.
    assert_eq!(press(&mut form, KeyCode::Esc), FormEvent::Edited);
    assert_eq!(press(&mut form, KeyCode::Esc), FormEvent::Leave);
    press(&mut form, KeyCode::Tab);
    write(&mut form, "1");
    // Now the form asks; `esc` and any other key stay.
    for key in [KeyCode::Esc, KeyCode::Char('s')] {
        assert_eq!(press(&mut form, KeyCode::Esc), FormEvent::Moved);
        assert!(form.is_leaving());
        assert_eq!(press(&mut form, key), FormEvent::Moved);
        assert!(!form.is_leaving());
    }
    press(&mut form, KeyCode::Esc);
    assert_eq!(press(&mut form, KeyCode::Enter), FormEvent::Leave);
}

/// A form of a new counterparty, as its owner would make it.
fn details() -> Form {
    let rows = |ids: &[&str]| {
        let row = |id: &&str| Choice::new(id, &Clean::new(id), Clean::default(), "");
        ids.iter().map(row).collect::<Vec<_>>()
    };
    Form::new()
        .pick(Field::Source, "form.source", rows(&["1007", "1051"]))
        .takes(&[Part::Bank])
        .masked(Field::Reference, "form.reference", Mask::Account)
        .pick(Field::CheckerApproval, "form.approval", rows(&["cc", "nit"]))
        .takes(&[Part::DocumentKind])
        .masked(Field::ExternalId, "form.external_id", Mask::Document)
        .text(Field::Description, "form.description", None)
        .takes(&[Part::Name])
        .help("form.hint_description")
        .drafted("details")
}

#[test]
fn a_pasted_block_fills_the_fields_that_it_names() {
    let mut form = details();
    form.paste("Bancolombia ahorros 123-456789-01 NIT 900.123.456-8 Carlos Rojas");
    assert_eq!(form.picked(Field::Source), Some("1007"));
    assert_eq!(form.value(Field::Reference), "12345678901");
    assert_eq!(form.picked(Field::CheckerApproval), Some("nit"));
    assert_eq!(form.value(Field::ExternalId), "900123456-8");
    assert_eq!(form.value(Field::Description), "Carlos Rojas");
    assert_snapshot!("filled", drawn(&form, Lang::Es, 76, 18));
}

#[test]
fn a_paste_that_is_no_block_goes_into_the_field_in_focus() {
    let mut form = details();
    press(&mut form, KeyCode::Tab);
    form.paste("488-401120");
    assert_eq!(form.value(Field::Reference), "488401120");
    press(&mut form, KeyCode::Char('x'));
    press(&mut form, KeyCode::Char('7'));
    assert_eq!(form.value(Field::Reference), "4884011207");
    assert!(drawn(&form, Lang::Es, 76, 18).contains("4884 0112 07"));
}

#[test]
fn a_block_with_a_name_in_it_finds_the_counterparty() {
    let mut form =
        Form::new().pick(Field::Counterparty, LABELS[1], choices()).takes(&[Part::Key, Part::Name]);
    form.paste("Nequi 3001234567 Carlos Rojas");
    assert_eq!(form.picked(Field::Counterparty), Some("cp_1"));
}

#[test]
fn f1_says_more_of_a_field_until_the_next_key() {
    let mut form = details();
    form.focus_on(Field::Description);
    write(&mut form, "x");
    let help = Lang::Es.word("form.hint_description");
    assert!(!drawn(&form, Lang::Es, 76, 18).contains(help));
    press(&mut form, KeyCode::F(1));
    assert!(drawn(&form, Lang::Es, 76, 18).contains(help));
    write(&mut form, "y");
    assert!(!drawn(&form, Lang::Es, 76, 18).contains(help));
}

#[test]
fn what_a_form_held_is_there_again_in_the_next_one() {
    let mut form = details();
    form.paste("Davivienda ahorros 12345678901 CC 52123456 Ana Ruiz");
    assert_eq!(press(&mut form, KeyCode::Esc), FormEvent::Leave);
    let kept = form.kept();
    let mut next = details();
    next.set_choices(Field::Source, Vec::new());
    next.restore(&kept);
    assert_eq!(next.picked(Field::Source), None);
    // The banks come later.
    let bank = vec![Choice::new("1051", &Clean::new("Davivienda"), Clean::default(), "")];
    next.set_choices(Field::Source, bank);
    assert_eq!(next.kept(), kept);
}

#[test]
fn a_paste_of_100_kb_is_cut_and_said_so() {
    let mut form = details();
    form.focus_on(Field::Description);
    form.paste(&"x".repeat(100_000));
    assert_eq!(form.value(Field::Description).chars().count(), TYPED_MAX);
    assert!(drawn(&form, Lang::Es, 76, 18).contains("se cortó"));
}

#[test]
fn the_field_in_focus_is_always_in_view() {
    let mut form = form();
    for _ in 0..5 {
        for height in 1..8 {
            drawn(&form, Lang::Es, 56, height);
        }
        press(&mut form, KeyCode::Tab);
    }
}

proptest! {
    #[test]
    fn a_paste_presses_nothing(text in "\\PC{0,60}|[\\x00-\\x1f]{0,20}", field in 0..5) {
        let mut form = form();
        for _ in 0..field {
            press(&mut form, KeyCode::Tab);
        }
        let focus = form.focus();
        let event = form.paste(&text);
        prop_assert!(matches!(event, FormEvent::Edited | FormEvent::Moved));
        prop_assert_eq!(form.focus(), focus);
        prop_assert!(!form.is_leaving());
    }

    #[test]
    fn no_keys_panic(keys in proptest::collection::vec(0..12_u8, 0..60)) {
        let mut form = form();
        for key in keys {
            let code = [
                KeyCode::Tab, KeyCode::BackTab, KeyCode::Enter, KeyCode::Esc, KeyCode::Up, KeyCode::Down,
                KeyCode::Char('a'), KeyCode::Char(' '), KeyCode::Backspace, KeyCode::Left,
                KeyCode::PageDown, KeyCode::Char('ñ'),
            ][usize::from(key)];
            press(&mut form, code);
            drawn(&form, Lang::Es, 60, 12);
        }
        submit(&mut form);
    }
}
