//! What is pasted is text, however much it is: a hundred kilobytes of it neither press a key nor keep the
//! next one waiting.

use crate::console::Console;

/// Were they keys, they would leave, open forms, decide.
fn flood() -> String {
    let text = "q\r1:nAX\x0f6B ".repeat(10_000);
    assert!(text.len() >= 100_000);
    format!("\x1b[200~{text}\x1b[201~")
}

fn desk() -> Console {
    let mut console = Console::with(120, 32, &[]);
    console.ready().press("\x1b").until("no tour", |screen| !screen.contents().contains("Recorrido"));
    console
}

/// Left as it was found.
fn leave(mut console: Console) {
    console.press("q");
    assert_eq!(console.ended().code(), Some(0));
}

#[test]
fn a_flood_pasted_into_a_field_is_cut_and_said_so() {
    let mut console = desk();
    console.press("5").sees("[5 Cobrus]").press("n").sees("Nuevo cobru");
    console.press("\t").press(&flood()).sees("se cortó");
    // The next key is answered, and by the form: nothing that was pasted left it or sent anything.
    console.press("\x15").sees("0 de 225").press("\x1b");
    console.until("closed", |screen| !screen.contents().contains("Nuevo cobru"));
    leave(console);
}

#[test]
fn a_flood_pasted_where_nothing_is_typed_is_nothing() {
    let mut console = desk();
    for pane in 1..=6 {
        console.press(&flood()).press(&pane.to_string()).sees(&format!("[{pane} "));
    }
    leave(console);
}

#[test]
fn a_flood_pasted_into_filter_search_palette_and_help_is_cut() {
    let mut console = desk();
    for (opens, sees) in [
        ("2/", "dejar el filtro"),
        ("\x06", "Buscar en todo lo"),
        (":", "Ir a / ordenar"),
        ("?", "escriba para buscar"),
    ] {
        console.press(opens).sees(sees).press(&flood()).sees("q 1:nAX6B");
        console.press("\x15").until("cleared", |screen| !screen.contents().contains("q 1:nAX6B"));
        console.press("\x1b").until("closed", |screen| !screen.contents().contains(sees));
    }
    leave(console);
}
