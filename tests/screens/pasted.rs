//! What is pasted lands where it belongs: a block in the fields that it names, everything else in the field
//! in focus.

use crate::desk;
use crate::forms::filled;
use cuadre::domain::role::Role;

#[test]
fn a_pasted_amount_or_description_leaves_the_counterparty_alone() {
    let mut desk = desk::full(Role::Maker);
    filled(&mut desk, "");
    desk.press("shift-tab").paste("1.200.000");
    desk.press("tab ctrl-u").paste("Bancolombia ahorros 12345678901 Ana Ruiz");
    let screen = desk.screen(100, 30);
    for part in ["Carlos Rojas", "120000000 (centavos)", "Bancolombia ahorros 12345678901 Ana Ruiz"] {
        assert!(screen.contains(part), "{part} in {screen}");
    }
}

/// Terminals send the ends of pasted lines as a return alone.
#[test]
fn a_block_of_lines_is_read_however_the_terminal_ends_them() {
    let block = ["Ana Ruiz", "Gracias", "Davivienda", "Cuenta de ahorros No. 4884 0112 0123", "CC 52123456"];
    let mut forms = ["\n", "\r", "\r\n"].map(|end| {
        let mut desk = desk::full(Role::Maker);
        desk.press("3 n").paste(&block.join(end));
        desk.screen(100, 30)
    });
    let [first, others @ ..] = &mut forms;
    for part in ["Ana Ruiz  ", "Davivienda", "4884 0112 0123", "52.123.456", "cuenta de ahorros"] {
        assert!(first.contains(part), "{part} in {first}");
    }
    // What is said counts what is seen: other kinds of accounts have fields that are not shown.
    assert!(first.contains("de 6 datos reconocidos llenó 6 campos"), "{first}");
    for other in others {
        assert_eq!(first, other);
    }
}

#[test]
fn two_pasted_lines_are_two_words_of_a_filter() {
    let mut desk = desk::full(Role::Maker);
    desk.press("3 /").paste("Carlos\rRojas\r");
    assert!(desk.screen(80, 24).contains("/ Carlos Rojas"), "{}", desk.screen(80, 24));
}
