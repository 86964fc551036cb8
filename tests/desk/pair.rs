//! Two people in two terminals over one sandbox: a bulk of 412 rows, three of them to a counterparty that was
//! made yesterday and one that was paid on Monday already. The approver finds them without being told, the
//! bulk is rejected with them named, sent again without them in two keys, and approved by its total. At the end
//! the ledger is asked: each of the 408 that were left was paid once.

use crate::pty::Console;
use crate::shop::{Person, Shop};
use cuadre::i18n::Lang;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

const DAY_S: u64 = 86_400;
const STAFF: u64 = 409;
/// The employee who was paid on Monday.
const TWICE: u64 = 50;
const WORKSHOP: [u64; 3] = [700_000, 700_001, 700_002];
const ODD: &str = "L050 L410 L411 L412";

/// Another sum for each employee, in pesos.
const fn salary(number: u64) -> u64 {
    300_000 + number * 500
}

fn staff_total() -> u64 {
    (1..=STAFF).map(salary).sum()
}

/// Everyone of the staff, and what else is paid.
fn payroll(file: &Path, others: &str) {
    let mut text = "Nombre;Tipo documento;Documento;Banco;Tipo cuenta;Cuenta;Valor;Concepto\n".to_owned();
    for number in 1..=STAFF {
        let (document, account, pesos) = (10_000_000 + number, 30_000_000_000 + number, salary(number));
        let row = format!("CC;{document};Bancolombia;Ahorros;{account};{pesos},00;Nómina");
        writeln!(text, "Empleado {number:03};{row}").unwrap();
    }
    std::fs::write(file, text + others).unwrap();
}

/// Half a month ago everyone was paid; on Monday one was paid alone; yesterday a workshop was registered.
fn the_days_before(shop: &Shop, maker: &Person, checker: &Person) {
    let (balance, file) = (maker.account("Operación"), maker.file("nomina_2026-11-15.csv"));
    payroll(&file, "");
    let (file, total) = (file.to_str().unwrap(), staff_total().to_string());
    let sent = maker.run(&["bulk", "submit", file, "--from", &balance, "--confirm", &total, "--json"]);
    assert_eq!(sent.code, 0, "{}", sent.err);
    let bulk = sent.json()["provider_id"].as_str().unwrap().to_owned();
    shop.advance(5);
    let approved = checker.run(&["decide", &bulk, "approve", "--confirm", &total]);
    assert_eq!(approved.code, 0, "{}", approved.err);
    shop.advance(13 * DAY_S);

    let (pesos, minor) = (salary(TWICE).to_string(), salary(TWICE) * 100);
    let payments = shop.all_payments();
    let row = payments.iter().find(|row| row["amount"] == minor && is_ours(row)).unwrap();
    let (payee, confirm) =
        (row["destination"].as_str().unwrap(), ["--confirm", &pesos, "--checker", "--json"]);
    let mut pay =
        vec!["pay", "--from", &balance, "--to", payee, "--amount", &pesos, "--description", "Anticipo"];
    pay.extend(confirm);
    let paid = maker.run(&pay);
    assert_eq!(paid.code, 0, "{}", paid.err);
    let movement = paid.json()["provider_id"].as_str().unwrap().to_owned();
    let approved = checker.run(&["decide", &movement, "approve", "--confirm", &pesos]);
    assert_eq!(approved.code, 0, "{}", approved.err);
    shop.advance(2 * DAY_S);

    let workshop = json!({
        "geo": "col", "type": "cc", "alias": "Taller Recién Creado",
        "metadata": {"counterparty_fullname": "Taller Recién Creado SAS", "counterparty_id_type": "nit",
            "counterparty_id_number": "900555111", "beneficiary_institution": "1051", "account_number": "5512340001"},
    });
    shop.asked("maker", "/v1/counterparties", &workshop);
    shop.advance(DAY_S);
}

fn is_ours(payment: &Value) -> bool {
    payment["external_id"].as_str().is_some_and(|id| id.starts_with("cu-"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the console's clock is the real one: the sandbox begins before it"
)]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// Opens the bulk that waits in the queue, and sees it reviewed.
fn opens(checker: &mut Console, payments: &str) {
    checker.press("4").until("the queue", |screen| screen.contains(payments) && screen.contains('▸'));
    checker.press("\r").sees("GMF");
}

fn a_payroll_between_two_terminals(maker_speaks: Lang, checker_speaks: Lang, one_store: bool) {
    let shop = Shop::begun(&(now() - jiff::SignedDuration::from_hours(16 * 24)).to_string());
    let maker = Person::sits_at(&shop, "maker", "andina");
    let checker = Person::sits_at(&shop, "checker", "andina");
    let checker = if one_store { checker.sharing(&maker) } else { checker };
    the_days_before(&shop, &maker, &checker);
    let file = maker.file("nomina_2026-11-30.csv");
    let workshop: String = WORKSHOP
        .map(|pesos| format!("Taller Recién Creado SAS;NIT;900555111;Davivienda;Corriente;5512340001;{pesos},00;Reparación\n"))
        .concat();
    payroll(&file, &workshop);
    let total = staff_total() + WORKSHOP.iter().sum::<u64>();
    let left = staff_total() - salary(TWICE);

    let (mut makes, mut checks) = (Console::of(&maker, maker_speaks), Console::of(&checker, checker_speaks));
    // The file is read from the first balance; what is odd stands first.
    makes.sees("Operación").press("L").reads("bulk_form.own_title").pastes(file.to_str().unwrap());
    makes.press("\r").sees("412 ").sees("L050").sees("L412");
    makes.press("\x0f").reads("confirm.type_why").thinks().press("los revisa quien aprueba\r");
    makes
        .reads("confirm.type_amount")
        .thinks()
        .press(&format!("{total}\r"))
        .sees(&ended(maker_speaks, "notice.sent"));

    // Found at once, among 412, and not to be approved unread.
    opens(&mut checks, " 412 ");
    for line in ODD.split(' ') {
        assert!(checks.text().contains(line), "{}", checks.text());
    }
    checks.press("A").reads("reason.reds_unread");
    checks.press("X").reads("confirm.type_reason").sees(&format!("{ODD}:"));
    checks.thinks().press("revisar con compras\r").sees(&ended(checker_speaks, "notice.rejected_here"));

    // The maker is told, and two keys and the total send the rest again.
    let told = maker_speaks.count("attention.bulks_rejected", 1, &[]);
    makes.press("1").sees(&told);
    makes
        .press("6/nomina_2026-11-30\r")
        .reads("bulk_form.rejected")
        .press("G")
        .reads("outbox.may_send_bulk_again");
    if one_store {
        makes.press("R");
    } else {
        makes.press("R").reads("bulk_form.no_note");
        makes.press("p").reads("bulk_form.note_done").pastes(&format!("{ODD}: revisar con compras"));
        makes.sees(": revisar con compras").press("\r").reads("bulk_form.paste_note").press("R");
    }
    makes.sees("408 ").sees(&format!(": {ODD}")).sees("revisar con compras").reads("bulk_form.all_fine");
    makes.press("\x0f").reads("confirm.send_bulk_again").thinks().press(&format!("{left}\r"));
    makes.reads("state.pending_approval");

    // No flag is left: approved by its total.
    checks.press("\x1b\x1b").until("the queue", |screen| !screen.contains("GMF"));
    opens(&mut checks, " 408 ");
    checks.reads("approvals.no_reds").press("A").reads("confirm.approve_bulk").thinks();
    checks.press(&format!("{left}\r")).sees(&ended(checker_speaks, "notice.approved"));
    shop.advance(60);
    makes.reads("state.completed");
    makes.leaves();
    checks.leaves();

    // The ledger: everyone twice, for October and November; he who had his on Monday too, and the workshop never.
    let mut paid: BTreeMap<u64, usize> = BTreeMap::new();
    for payment in shop.all_payments().iter().filter(|payment| is_ours(payment)) {
        if payment["state"] == "completed" {
            *paid.entry(payment["amount"].as_u64().unwrap() / 100).or_default() += 1;
        }
    }
    assert_eq!(paid, (1..=STAFF).map(|number| (salary(number), 2)).collect());
    shop.squares();
    let outbox = maker.outbox();
    let bulks: Vec<&Value> = outbox.iter().filter(|entry| entry["action"] == "create_bulk").collect();
    assert_eq!(bulks.len(), 3);
    assert_eq!(bulks[0]["supersedes"], bulks[1]["intent"], "the new one names the old");
    for person in [&maker, &checker] {
        assert_eq!(person.run(&["audit", "verify"]).code, 0);
    }
}

/// `Enviado: bmm_`, `Rechazado, no se paga: bmm_`
fn ended(lang: Lang, word: &str) -> String {
    lang.word(word).replace("{id}", "bmm_")
}

#[test]
fn a_payroll_goes_between_a_spanish_maker_and_an_english_checker_at_one_store() {
    a_payroll_between_two_terminals(Lang::Es, Lang::En, true);
}

#[test]
fn a_payroll_goes_between_an_english_maker_and_a_spanish_checker_with_a_note_that_is_pasted() {
    a_payroll_between_two_terminals(Lang::En, Lang::Es, false);
}
