//! A bulk under review before it is sent: what is asked, what is wrong, what was mended; and an unknown that
//! is closed by hand or sent again.

use crate::desk;
use crate::frame::outbox;
use crate::shot;
use cuadre::console::{Effect, Headless};
use cuadre::domain::role::Role;
use cuadre::sync::bulks::{FileAsk, FileRead, Origin};
use cuadre::sync::news::{Ask, News};

const HEAD: &str = "Nombre;Tipo documento;Documento;Banco;Tipo cuenta;Cuenta;Valor;Concepto\n";

fn row(name: &str, account: &str, amount: &str) -> String {
    format!("{name};CC;1018983923;Bancolombia;Ahorros;{account};{amount};Nómina\n")
}

fn asked(desk: &mut Headless) -> FileAsk {
    let effects = desk.take_effects();
    let asked = effects.into_iter().find_map(|effect| match effect {
        Effect::Ask(Ask::ReadFile(file)) => Some(*file),
        _ => None,
    });
    asked.expect("a file is to be read")
}

/// What the desk asked for, read from `text`.
fn reads(desk: &mut Headless, text: &str) {
    let ask = asked(desk);
    let name = match &ask.origin {
        Origin::Path(path) => path.file_name().unwrap().to_string_lossy().into_owned(),
        Origin::Read(read) => read.sheet.name.clone(),
        Origin::Sent { .. } => unreachable!("no bulk is sent again here"),
    };
    let parts = (ask.mapping, ask.edits, ask.choices);
    let now = desk.now();
    let read = FileRead::in_memory(text.as_bytes(), &name, parts, desk::accounts(), now);
    desk.feed(News::FileRead(read.map(Into::into)));
}

fn opens(desk: &mut Headless, text: &str) {
    desk.press("1 L").feed(News::OwnBulks(Ok(Vec::new().into())));
    desk.press("type:nomina_2026-11-30.csv enter");
    reads(desk, text);
}

#[test]
fn which_mark_is_the_decimal_one_is_asked_and_never_guessed() {
    let text =
        [HEAD, &row("Carlos Rojas", "03100982", "1.234"), &row("Ana Ruiz", "03100983", "2.345")].concat();
    for (lang, mut desk) in desk::both(Role::Maker) {
        opens(&mut desk, &text);
        shot("bulk_form_ambiguous", lang, &mut desk);
        desk.press(",");
        reads(&mut desk, &text);
        shot("bulk_form_said", lang, &mut desk);
    }
}

fn bad_rows() -> String {
    let rows = [
        HEAD,
        &row("Carlos Rojas", "03100982", "1234567,00"),
        &row("Ana Ruiz", "03100983", "mil"),
        &row("", "03100984", "345000,00"),
    ];
    rows.concat()
}

/// A file under review in which there is something to mend.
pub fn with_bad_rows(desk: &mut Headless) {
    opens(desk, &bad_rows());
}

#[test]
fn bad_rows_are_named_and_one_is_mended_in_place() {
    let text = bad_rows();
    for (lang, mut desk) in desk::both(Role::Maker) {
        opens(&mut desk, &text);
        shot("bulk_form_bad_rows", lang, &mut desk);
        desk.press("g enter");
        shot("bulk_form_cell", lang, &mut desk);
        desk.press("ctrl-u type:980000,00 enter");
        reads(&mut desk, &text);
        shot("bulk_form_mended", lang, &mut desk);
    }
}

#[test]
fn columns_that_nobody_knows_are_mapped_by_hand() {
    let text =
        format!("{}{}", HEAD.replace("Valor", "Cuánto"), row("Carlos Rojas", "03100982", "1234567,00"));
    for (lang, mut desk) in desk::both(Role::Maker) {
        opens(&mut desk, &text);
        desk.press("m type:valor=G");
        shot("bulk_form_columns", lang, &mut desk);
        desk.press("enter");
        reads(&mut desk, &text);
        shot("bulk_form_mapped", lang, &mut desk);
    }
}

#[test]
fn an_unknown_is_closed_by_hand_and_what_did_not_leave_is_sent_again() {
    for (lang, mut desk) in desk::both(Role::Admin) {
        desk.feed(News::Outbox(outbox().into()));
        desk.press("6 j s");
        shot("close_choose", lang, &mut desk);
        desk.press("1");
        shot("close_sent", lang, &mut desk);
        desk.press("esc G R");
        shot("send_again", lang, &mut desk);
    }
}
