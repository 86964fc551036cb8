//! A payroll of 412 with planted oddities, between a maker and a checker at one store: found, rejected with
//! its rows named, sent again without them in two keys, approved by its total, and the ledger squares.

use crate::desk::{Judge, Person, sandbox, sandbox_at};
use cuadre::domain::role::Role;
use cuadre::i18n::Lang;
use cuadre::sandbox::Sandbox;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

const HEAD: &str = "Nombre;Tipo documento;Documento;Banco;Tipo cuenta;Cuenta;Valor;Concepto\n";
const DAY_S: i64 = 86_400;
const EMPLOYEES: u32 = 408;
/// Rows that are odd in the second file, as they stand in it.
const MOVED: u32 = 17;
const REPEATED: u32 = 50;
const TENFOLD: u32 = 88;
const NEW: [u32; 3] = [409, 410, 411];

/// `1.234.567,00` pesos, another for each employee.
fn salary(number: u32) -> u64 {
    300_000 + u64::from(number) * 500
}

fn employee(number: u32, account: u32, pesos: u64) -> String {
    let document = 10_000_000 + number;
    let account = 30_000_000_000_u64 + u64::from(account);
    format!("Empleado {number:03};CC;{document};Bancolombia;Ahorros;{account};{pesos},00;Nómina\n")
}

fn payroll(file: &Path, rows: impl Iterator<Item = String>) -> u64 {
    let mut text = HEAD.to_owned();
    let mut total = 0;
    for row in rows {
        let pesos = row.split(';').nth(6).and_then(|cell| cell.strip_suffix(",00"));
        total += pesos.expect("an amount").parse::<u64>().expect("pesos");
        write!(text, "{row}").expect("in memory");
    }
    std::fs::write(file, text).expect("a file");
    total
}

/// The second file: 408 employees, three rows for a workshop and one employee more.
fn november(file: &Path) -> u64 {
    let staff = (1..=EMPLOYEES).map(|number| match number {
        MOVED => employee(number, 9_999, salary(number)),
        TENFOLD => employee(number, number, salary(number) * 10),
        _ => employee(number, number, salary(number)),
    });
    let workshop = (0..3_u32).map(|n| {
        format!(
            "Taller Recién Creado SAS;NIT;900555111;Davivienda;Corriente;5512340001;{},00;Nómina\n",
            700_000 + n
        )
    });
    payroll(file, staff.chain(workshop).chain([employee(900, 900, 1_111_000)]))
}

/// As the maker's credential would by itself.
async fn post(sandbox: &Sandbox, path: &str, body: Value) -> Value {
    let ready = sandbox.ready();
    let maker = &ready.credentials.cobre["maker"];
    let http = reqwest::Client::new();
    let auth = json!({"user_id": maker.user_id, "secret": maker.secret});
    let token: Value = http
        .post(format!("{}/v1/auth", ready.cobre))
        .json(&auth)
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let token = token["access_token"].as_str().expect("a token");
    let request = http.post(format!("{}{path}", ready.cobre)).bearer_auth(token).json(&body);
    let request = request.header("idempotency", format!("scenario-{path}"));
    let answer = request.send().await.expect("an answer");
    assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap_or_default());
    answer.json().await.unwrap_or_default()
}

/// Opens the file at the desk and waits for its review.
async fn reads(maker: &mut Person, file: &Path, rows: u32) {
    maker.until_sees("Operación").await.press("L");
    maker.types(&file.display().to_string()).press("enter");
    // Not the number alone: a balance may end in it.
    let counted = maker.word("count.payments.other").replace("{n}", &rows.to_string());
    maker.until_sees(&counted).await;
}

/// `^O`, a reason for the red ones if there are any, and the total.
fn sends(maker: &mut Person, total: u64, over: bool) {
    maker.press("ctrl-o").thinks();
    if over {
        maker.types("los revisa quien aprueba").press("enter").thinks();
    }
    maker.types(&total.to_string()).press("enter");
}

async fn opens(checker: &mut Person, name: &str) {
    checker.press("4 /").types(name).press("enter");
    checker.until_sees(&format!("▸   {}", checker.word("approvals.bulk"))).await.press("enter");
    checker.until_sees("GMF").await;
}

async fn a_payroll_is_rejected_mended_and_paid(lang: Lang) {
    let now = crate::desk::now();
    let started = now.checked_sub(SignedDuration::from_secs(16 * DAY_S)).expect("a date");
    let sandbox = sandbox_at(Some(started)).await;
    let judge = Judge::of(&sandbox);
    let folder = tempfile::tempdir().expect("a folder");

    // Half a month ago: 408 salaries, approved by their total.
    let mut maker = Person::sits(&sandbox, Role::Maker).speaking(lang);
    let october = folder.path().join("nomina_octubre.csv");
    let total = payroll(&october, (1..=EMPLOYEES).map(|number| employee(number, number, salary(number))));
    reads(&mut maker, &october, EMPLOYEES).await;
    sends(&mut maker, total, false);
    maker.until_bulk_is("pending_approval").await;
    let mut checker = Person::sits(&sandbox, Role::Checker).speaking(lang);
    opens(&mut checker, "nomina_octubre").await;
    checker.press("A").thinks().types(&total.to_string()).press("enter");
    maker.until_bulk_is("completed").await;
    maker.leaves().await;
    checker.leaves().await;

    // On Monday one of them is paid alone; yesterday the workshop is created; then it is today.
    judge.advance(13 * DAY_S).await;
    let paid = judge.destination_of("cu-", salary(REPEATED) * 100).await;
    let alone = json!({
        "source_id": judge.balance("Operación").await, "destination_id": paid, "amount": salary(REPEATED) * 100,
        "metadata": {"description": "Anticipo"}, "external_id": "lunes-1",
    });
    post(&sandbox, "/v1/money_movements", alone).await;
    judge.advance(2 * DAY_S).await;
    let workshop = json!({
        "geo": "col", "type": "cc", "alias": "Taller Recién Creado",
        "metadata": {"counterparty_fullname": "Taller Recién Creado SAS", "counterparty_id_type": "nit",
            "counterparty_id_number": "900555111", "beneficiary_institution": "1051", "account_number": "5512340001"},
    });
    post(&sandbox, "/v1/counterparties", workshop).await;
    judge.advance(DAY_S).await;

    // Two people at one store.
    let store = std::sync::Arc::new(tempfile::tempdir().expect("a folder"));
    let mut maker = Person::sits_at(&sandbox, Role::Maker, std::sync::Arc::clone(&store)).speaking(lang);
    let mut checker = Person::sits_at(&sandbox, Role::Checker, store).speaking(lang);
    let file = folder.path().join("nomina_noviembre.csv");
    let total = november(&file);
    reads(&mut maker, &file, 412).await;
    sends(&mut maker, total, true);
    maker.until_bulk_is("pending_approval").await;

    // The checker finds them first on the list, without being told.
    opens(&mut checker, "nomina_noviembre").await;
    for number in [MOVED, REPEATED, TENFOLD].into_iter().chain(NEW) {
        checker.sees(&format!("L{number:03}"));
    }
    checker.sees("=406").press("A");
    assert!(!checker.screen().contains(checker.word("confirm.type_amount")), "red lines are not read yet");
    let odd: Vec<u32> = [MOVED, REPEATED, TENFOLD].into_iter().chain(NEW).collect();
    checker.press("g").press(&"space ".repeat(odd.len()));
    checker.press("X").thinks().types("revisar con compras").press("enter");
    maker.until_bulk_is("canceled").await;
    let before = judge.paid().await;

    // The note is in the store that both share: two keys and the total send it again without its rows.
    maker.until_sees("Operación").await.press("6 /").types("nomina_noviembre").press("enter");
    maker.until_sees(maker.word("bulk_form.rejected")).await.press("G R").until_sees("406 ").await;
    maker.sees("revisar con compras").sees("L017 L050 L088 L409 L410 L411");
    let odd_total: u64 = salary(MOVED) + salary(REPEATED) + salary(TENFOLD) * 10 + 3 * 700_000 + 3;
    let left = total - odd_total;
    sends(&mut maker, left, false);
    maker.until_bulk_is("pending_approval").await;
    let entries = maker.store.outbox(5).await.expect("the outbox");
    let bulks: Vec<_> = entries.iter().filter(|entry| entry.action == "create_bulk").collect();
    assert_eq!(bulks[1].provider_state.as_deref(), Some("canceled"));
    assert_eq!(bulks[0].supersedes, Some(bulks[1].intent), "the new one names the old");

    checker.press("esc esc esc esc r").until_sees(" 406 ").await;
    opens(&mut checker, "nomina_noviembre").await;
    let asks = checker.word("confirm.type_amount");
    checker.press("A").sees(asks).thinks().types(&left.to_string()).press("enter");
    maker.until_bulk_is("completed").await;
    assert_eq!(judge.paid().await - before, 406, "each row left once");
    judge.squares().await;
    maker.leaves().await;
    checker.leaves().await;
}

#[tokio::test]
async fn a_row_that_is_paid_alone_while_its_bulk_is_read_stops_the_approval() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    let folder = tempfile::tempdir().expect("a folder");
    let mut maker = Person::sits(&sandbox, Role::Maker);
    // Paid once before, so that its payees are known.
    let first = folder.path().join("quincena_uno.csv");
    let total = payroll(&first, (1..=37).map(|number| employee(number, number, salary(number))));
    reads(&mut maker, &first, 37).await;
    sends(&mut maker, total, false);
    maker.until_bulk_is("pending_approval").await;
    let mut checker = Person::sits(&sandbox, Role::Checker);
    opens(&mut checker, "quincena_uno").await;

    // The third is paid by somebody else after the review was made, and before the yes.
    let alone = json!({
        "source_id": judge.balance("Operación").await,
        "destination_id": judge.destination_of("cu-", salary(3) * 100).await, "amount": salary(3) * 100,
        "metadata": {"description": "Anticipo"}, "external_id": "aparte-1",
    });
    let asks = checker.word("confirm.type_amount");
    checker.press("A").sees(asks).thinks().types(&total.to_string());
    post(&sandbox, "/v1/money_movements", alone).await;
    let before = judge.paid().await;
    checker.press("enter").until_sees("(L003)").await.sees("! L003");
    assert_eq!(judge.paid().await, before, "nothing left by the bulk");

    // Until its red line is read nobody is asked for the total.
    checker.press("A");
    assert!(!checker.screen().contains(asks), "red lines are not read yet");
    maker.leaves().await;
    checker.leaves().await;
}

/// What Cobre says of it from the moment of the yes on: where, what, and what the screen then shows.
const CHANGES: [(&str, &str, &str); 6] = [
    ("/v1/money_movements", "alter:amount=920000000", "9.200.000,00"),
    ("/v1/money_movements", "alter:metadata.description=Otra cosa", "Nómina → Otra cosa"),
    ("/v1/money_movements", "alter:destination.account_number=55999000111", "55999000111"),
    ("/v1/money_movements", "alter:status.state=processing", "por aprobar → en proceso"),
    ("bulk", "alter:status.state=canceled", "rechazado"),
    ("bulk", "alter:total_money_movements=3", "pagos 37 → 3"),
];

#[tokio::test]
async fn a_bulk_that_changed_after_it_was_shown_is_not_decided() {
    let sandbox = sandbox().await;
    let judge = Judge::of(&sandbox);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cambiada.csv");
    let mut maker = Person::sits(&sandbox, Role::Maker);
    let total = payroll(&file, (1..=37).map(|number| employee(number, number, salary(number))));
    reads(&mut maker, &file, 37).await;
    sends(&mut maker, total, false);
    maker.until_bulk_is("pending_approval").await;
    let bulks = judge.listed(&sandbox, "/v1/bulk_money_movements").await;
    let waits = bulks.iter().find(|bulk| bulk["status"]["state"] == "pending_approval").expect("it waits");
    let own = format!("/v1/bulk_money_movements/{}", waits["id"].as_str().expect("an id"));
    let mut checker = Person::sits(&sandbox, Role::Checker);
    opens(&mut checker, "cambiada").await;

    let (asks, refused) = (checker.word("confirm.type_amount"), checker.word("decide_bulk.nothing_sent"));
    for (path, fault, shows) in CHANGES {
        checker.press("A").sees(asks).thinks().types(&total.to_string());
        let path = if path == "bulk" { &own } else { path };
        judge.faults(json!({"path": path, "method": "GET", "times": 1000, "fault": fault})).await;
        checker.press("enter").until_sees(refused).await.sees(shows);
        assert!(judge.requests("POST", &format!("{own}/decision")).await.is_empty(), "{fault}");
        judge.no_faults().await;
        // Only what is read anew may be decided.
        checker.press("enter").until_sees("GMF").await;
    }
    let entries = checker.store.outbox(10).await.expect("the outbox");
    assert!(entries.iter().all(|entry| entry.action != "approve_bulk"), "nothing was even recorded");

    checker.press("A").thinks().types(&total.to_string()).press("enter");
    maker.until_bulk_is("completed").await;
    assert_eq!(judge.requests("POST", &format!("{own}/decision")).await.len(), 1);
    judge.squares().await;
    maker.leaves().await;
    checker.leaves().await;
}

#[tokio::test]
async fn a_payroll_with_odd_rows_is_rejected_and_paid_without_them_in_spanish() {
    Box::pin(a_payroll_is_rejected_mended_and_paid(Lang::Es)).await;
}

#[tokio::test]
async fn a_payroll_with_odd_rows_is_rejected_and_paid_without_them_in_english() {
    Box::pin(a_payroll_is_rejected_mended_and_paid(Lang::En)).await;
}
