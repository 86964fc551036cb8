//! `cuadre --plain`: a desk driven by lines alone, from a pipe, against a sandbox whose ledger is asked.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what helps a test may stop it; clippy.toml allows it inside tests only"
)]

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A home with a profile for a sandbox of its own.
struct Desk {
    home: TempDir,
    sandbox: Child,
    ready: Value,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.sandbox.kill().ok();
        self.sandbox.wait().ok();
    }
}

fn cuadre(home: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("cuadre"));
    command.args(arguments).env_clear().env("HOME", home.path()).env("PATH", "/usr/bin:/bin");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn said(mut child: Child, lines: &str) -> (String, String, i32) {
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap_or(-1))
}

impl Desk {
    fn of(role: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut sandbox =
            cuadre(&home, &["sandbox", "--transactions", "200"]).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(sandbox.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let desk = Self { home, sandbox, ready: serde_json::from_str(&line).unwrap() };
        let control = desk.ready["control"].as_str().unwrap().to_owned();
        let (_, wrong, code) = desk.run(&["config", "init", "--sandbox", &control, "--role", role], "");
        assert_eq!(code, 0, "{wrong}");
        desk
    }

    fn run(&self, arguments: &[&str], lines: &str) -> (String, String, i32) {
        said(cuadre(&self.home, arguments).spawn().unwrap(), lines)
    }

    /// What is said for these lines, in a language. Nothing goes wrong, and nothing moves a cursor.
    fn talk(&self, lang: &str, lines: &[&str]) -> String {
        let (said, wrong, code) = self.run(&["--plain", "--lang", lang], &(lines.join("\n") + "\n"));
        assert_eq!((code, wrong.as_str()), (0, ""), "{said}");
        let control = said.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(control, None, "{said}");
        said
    }

    fn rows(&self, command: &str) -> Vec<Value> {
        let (said, wrong, code) = self.run(&[command, "--json"], "");
        assert_eq!(code, 0, "{wrong}");
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The sandbox's own books.
    fn ledger(&self) -> Value {
        let control = self.ready["control"].as_str().unwrap();
        let (host, path) = control.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        write!(stream, "GET /{path}/ledger HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let start = body.find('{').unwrap();
        let end = body.rfind('}').unwrap();
        serde_json::from_str(body.get(start..=end).unwrap()).unwrap()
    }

    fn payment(&self, id: &str) -> Value {
        let ledger = self.ledger();
        let payments = ledger["payments"].as_array().unwrap();
        payments.iter().find(|payment| payment["id"] == id).unwrap_or(&Value::Null).clone()
    }
}

fn line<'s>(said: &'s str, part: &str) -> &'s str {
    said.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("no {part:?} in {said}"))
}

#[test]
fn every_list_is_lines_with_a_number_in_both_languages() {
    let desk = Desk::of("maker");
    for (lang, lists, search, show, quit) in [
        (
            "es",
            ["saldos", "transacciones", "contrapartes", "aprobaciones", "cobrus", "salidas"],
            "buscar",
            "ver 1",
            "salir",
        ),
        (
            "en",
            ["balances", "transactions", "counterparties", "approvals", "cobrus", "outbox"],
            "search",
            "show 1",
            "quit",
        ),
    ] {
        for list in lists {
            let said = desk.talk(lang, &[list, show, quit]);
            assert!(said.contains("ANDINA") || said.contains("Andina"), "{said}");
            assert!(list == "salidas" || list == "outbox" || said.contains("\n1. "), "{list}: {said}");
        }
        let said = desk.talk(lang, &[lists[0], quit]);
        assert!(line(&said, "Total COP").contains(':'), "{said}");
        let names: Vec<String> = desk
            .rows("counterparties")
            .iter()
            .map(|row| row["name"].as_str().unwrap_or_default().to_owned())
            .collect();
        let name = names.iter().find(|name| !name.is_empty()).unwrap();
        let said = desk.talk(lang, &[lists[2], &format!("{search} {name}"), show, quit]);
        assert!(line(&said, "\u{2f}").contains(name.as_str()), "the filter is named: {said}");
        assert!(said.lines().filter(|line| line.contains(name.as_str())).count() >= 2, "{said}");
    }
}

#[test]
fn the_state_is_said_first_and_the_time_last() {
    let desk = Desk::of("maker");
    let said = desk.talk("es", &["cobrus"]);
    let cells: Vec<&str> = line(&said, "1. ").trim_start_matches("1. ").split(" · ").collect();
    let states = ["creado", "en proceso", "pagado", "no pagado", "vencido", "reembolsado"];
    assert!(states.iter().any(|state| cells[0].ends_with(state)), "{cells:?}");
    let time = cells.last().unwrap();
    assert!(time.contains(':') && time.chars().any(|c| c.is_ascii_digit()), "{cells:?}");
}

/// One of what waits for a second person, not made by the checker.
fn single(desk: &Desk) -> (usize, Value) {
    let said = desk.talk("es", &["aprobaciones"]);
    let number = |name: &str, amount: &str| {
        said.lines().find_map(|line| {
            let (number, rest) = line.split_once(". ")?;
            (rest.contains(name) && rest.contains(amount)).then(|| number.parse::<usize>().ok())?
        })
    };
    desk.rows("approvals")
        .into_iter()
        .filter(|row| row["kind"] != "bulk")
        .find_map(|row| {
            let name = row["destination_name"].as_str()?;
            let minor = row["amount"]["minor"].as_i64()?;
            Some((number(name, &grouped(minor))?, row.clone()))
        })
        .unwrap_or_else(|| panic!("{said}\n{:?}", desk.rows("approvals")))
}

/// `120000000` → `1.200.000,00`
fn grouped(minor: i64) -> String {
    let digits = (minor / 100).to_string();
    let mut whole = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            whole.push('.');
        }
        whole.push(digit);
    }
    format!("{whole},{:02}", minor % 100)
}

#[test]
fn a_payment_is_approved_by_its_typed_amount_and_by_nothing_else() {
    let desk = Desk::of("checker");
    let (number, row) = single(&desk);
    let id = row["id"].as_str().unwrap();
    let before = desk.payment(id);
    let approve = format!("aprobar {number}");
    // Nothing typed, another amount and then nothing, the end of the lines: nothing is done.
    for answers in [vec![""], vec!["1", ""], vec![]] {
        let mut lines = vec!["aprobaciones", &approve];
        lines.extend(&answers);
        let said = desk.talk("es", &lines);
        assert!(said.contains("acción irreversible") || said.contains("Vacío"), "{said}");
        assert_eq!(desk.payment(id)["state"], before["state"], "{said}");
    }
    let amount = row["amount"]["text"].as_str().unwrap().replace('.', ",");
    let said = desk.talk("es", &["aprobaciones", &approve, &amount, "salir"]);
    let after = desk.payment(id);
    assert_ne!(after["state"], before["state"], "{said}");
    // A number that was not read first means nothing.
    let said = desk.talk("es", &["aprobar 1", "salir"]);
    assert!(said.contains("¿Cuál?"), "{said}");
}

#[test]
fn a_payment_is_rejected_with_a_reason() {
    let desk = Desk::of("checker");
    let (number, row) = single(&desk);
    let id = row["id"].as_str().unwrap();
    let before = desk.payment(id);
    let reject = format!("reject {number}");
    let said = desk.talk("en", &["approvals", &reject, "short", "the account is another one", "quit"]);
    assert_ne!(desk.payment(id)["state"], before["state"], "{said}");
}

#[test]
fn a_movement_is_made_question_by_question() {
    let desk = Desk::of("maker");
    // A key of Bre-B: it is paid at once, in pesos.
    let rows = desk.rows("counterparties");
    let key = rows.iter().find(|row| row["destination"]["kind"] == "breb_key").expect("one with a key");
    let payee = key["name"].as_str().unwrap().to_owned();
    let count = |ledger: &Value| ledger["payments"].as_array().unwrap().len();
    let before = count(&desk.ledger());
    // Left in the middle, nothing is made.
    let said = desk.talk("es", &["saldos", "nuevo", "", "cancelar", "salir"]);
    assert!(said.contains("No se hizo nada"), "{said}");
    assert_eq!(count(&desk.ledger()), before);
    // Six figures may as well be an account: they answer the question that was asked.
    let answers = ["saldos", "nuevo", "", &payee, "735000", "prueba de líneas", "", "", "5000", "salir"];
    let said = desk.talk("es", &answers);
    let ledger = desk.ledger();
    assert_eq!(count(&ledger), before + 1, "{said}");
    let made = ledger["payments"].as_array().unwrap().iter().find(|payment| payment["amount"] == 73_500_000);
    assert!(made.is_some(), "{said}");
    let outbox = desk.talk("es", &["salidas", "ver 1", "salir"]);
    assert!(line(&outbox, "1. ").contains("735.000,00"), "{outbox}");
}

/// The number under which a list says a line.
fn number(said: &str, part: &str) -> String {
    let line = said.lines().find(|line| line.contains(part) && line.contains(". "));
    let line = line.unwrap_or_else(|| panic!("no {part:?} in {said}"));
    line.split_once(". ").unwrap().0.to_owned()
}

fn payments(desk: &Desk) -> usize {
    desk.ledger()["payments"].as_array().unwrap().len()
}

#[test]
fn a_payment_that_looks_paid_already_wants_its_whole_amount_and_a_reason() {
    for (lang, balances, new, why, short) in [
        ("es", "saldos", "nuevo", "Por qué (queda en la auditoría)", "5 de 10"),
        ("en", "balances", "new", "Why (kept in the audit)", "5 of 10"),
    ] {
        let desk = Desk::of("maker");
        let rows = desk.rows("counterparties");
        let key = rows.iter().find(|row| row["destination"]["kind"] == "breb_key").expect("one with a key");
        let payee = key["name"].as_str().unwrap();
        let form = [balances, new, "", payee, "7350", "prueba", "", ""];
        let first = desk.talk(lang, &[form.as_slice(), &["7350"]].concat());
        let before = payments(&desk);
        assert!(first.contains("mm_"), "{first}");
        // Its last figures, no reason, one that says nothing, no more lines: nothing is sent.
        for answers in
            [vec!["7350"], vec!["0000", "7350", ""], vec!["7350", "corto"], vec!["7350", "corto", ""]]
        {
            let said = desk.talk(lang, &[form.as_slice(), &answers].concat());
            assert!(said.lines().any(|line| line.starts_with(why)), "{said}");
            assert_eq!(payments(&desk), before, "{said}");
            assert_eq!(answers.contains(&"corto"), said.contains(short), "{said}");
        }
        let said = desk.talk(lang, &[form.as_slice(), &["7350", "lo pidió gerencia dos veces"]].concat());
        assert_eq!(payments(&desk), before + 1, "{said}");
    }
}

#[test]
fn a_credit_is_given_back_question_by_question() {
    for (lang, transactions, refund, counting) in [
        ("es", "transacciones", "reembolsar", "contando los reembolsos"),
        ("en", "transactions", "refund", "counting earlier refunds"),
    ] {
        let desk = Desk::of("maker");
        let credits = desk.rows("transactions");
        let said = desk.talk(lang, &[transactions]);
        let number = number(&said, " Bre-B · +");
        let at = number.parse::<usize>().unwrap() - 1;
        let minor = credits[at]["amount"]["minor"].as_i64().unwrap();
        let order = format!("{refund} {number}");
        let before = payments(&desk);
        // Everything stays as the credit has it: the payer is registered first, which moves no money.
        let asked = [transactions, &order, "", "", "", "", ""];
        let said = desk.talk(lang, &[asked.as_slice(), &[""; 9]].concat());
        assert!(!said.contains(counting), "what it waits for is no mistake of the field: {said}");
        // No more lines, and a wrong amount: nothing is sent.
        for answers in [vec![], vec![""], vec!["1", ""]] {
            let said = desk.talk(lang, &[asked.as_slice(), &answers].concat());
            assert_eq!(payments(&desk), before, "{said}");
        }
        let of_that_amount = |ledger: &Value| {
            ledger["payments"].as_array().unwrap().iter().filter(|payment| payment["amount"] == minor).count()
        };
        let there = of_that_amount(&desk.ledger());
        let whole = (minor / 100).to_string();
        let said =
            desk.talk(lang, &[asked.as_slice(), &[whole.get(whole.len() - 4..).unwrap(), &whole]].concat());
        assert_eq!((payments(&desk), of_that_amount(&desk.ledger())), (before + 1, there + 1), "{said}");
    }
}

#[test]
fn a_spei_credit_goes_back_and_a_schedule_is_made_only_once_the_amount_is_typed() {
    let desk = Desk::of("maker");
    let rows = desk.rows("transactions");
    let credit = rows.iter().position(|row| row["kind"] == "spei_credit").unwrap();
    let amount = rows[credit]["amount"]["minor"].as_i64().unwrap();
    let returned = |ledger: &Value| {
        let payments = ledger["payments"].as_array().unwrap().clone();
        payments.iter().filter(|row| row["kind"] == "spei_return" && row["amount"] == amount).count()
    };
    let order = format!("reembolsar {}", credit + 1);
    let listed = [&["transacciones"], vec!["más"; credit / 20].as_slice(), &[&order, ""]].concat();
    let before = returned(&desk.ledger());
    for wrong in ["", "1"] {
        desk.talk("es", &[&listed, [wrong, ""].as_slice()].concat());
        assert_eq!(returned(&desk.ledger()), before);
    }
    let whole = format!("{},{:02}", amount / 100, amount % 100);
    let said = desk.talk("es", &[&listed, [whole.as_str()].as_slice()].concat());
    assert_eq!(returned(&desk.ledger()), before + 1, "{said}");

    let asked = ["programar", "3", "ferret", "120000", "no", "4", "", "", "Arriendo", ""];
    let said = desk.talk("es", &[asked.as_slice(), &["1", ""]].concat());
    assert!(said.contains("Escriba las 4 últimas cifras del valor:") && !said.contains("mms_"), "{said}");
    let said = desk.talk("es", &[asked.as_slice(), &["0000"]].concat());
    assert!(said.contains("Enviado: mms_"), "{said}");
}

#[test]
fn what_is_gone_for_good_wants_its_name_and_the_words_for_it() {
    let desk = Desk::of("admin");
    let mut left = desk.rows("counterparties").len();
    for (lang, counterparties, delete, ask) in [
        ("es", "contrapartes", "borrar contraparte 1", "Escriba: "),
        ("en", "counterparties", "delete counterparty 1", "Type: "),
    ] {
        let said = desk.talk(lang, &[counterparties, delete]);
        let words = line(&said, ask).strip_prefix(ask).unwrap().to_owned();
        let name = words.strip_suffix(" PARA SIEMPRE").unwrap();
        assert!(!said.contains('⏎'), "no key is named: {said}");
        for answers in [vec![""], vec!["yes"], vec![name], vec!["PARA SIEMPRE"]] {
            let said = desk.talk(lang, &[[counterparties, delete].as_slice(), &answers].concat());
            assert_eq!(desk.rows("counterparties").len(), left, "{said}");
        }
        let said = desk.talk(lang, &[counterparties, delete, &words]);
        left -= 1;
        assert_eq!(desk.rows("counterparties").len(), left, "{said}");
    }
}

#[test]
fn a_bulk_is_opened_read_and_decided_whole() {
    let waits = |desk: &Desk| desk.rows("approvals").iter().filter(|row| row["kind"] == "bulk").count();
    let desk = Desk::of("checker");
    let said = desk.talk("es", &["aprobaciones"]);
    let approve = format!("aprobar {}", number(&said, "lote · "));
    // To approve it is to read it first.
    let opened = desk.talk("es", &["aprobaciones", &approve, "ver 1", "aprobaciones"]);
    let title = line(&opened, "Lote nomina_");
    let total = title.rsplit("COP ").next().unwrap().trim_end_matches(",00").replace('.', "");
    assert!(opened.contains("412 pagos") && opened.contains("\nL001 "), "{opened}");
    assert_eq!(opened.matches("Aprobaciones · 11 de 11").count(), 2, "back in the queue: {opened}");
    let open = ["aprobaciones", &approve, "aprobar"];
    for answers in [vec![], vec![""], vec!["1000", "cancelar"], vec![total.get(1..).unwrap(), ""]] {
        let said = desk.talk("es", &[open.as_slice(), &answers].concat());
        assert!(said.contains("Escriba el valor completo"), "{said}");
        assert_eq!(waits(&desk), 1, "{said}");
    }
    let said = desk.talk("es", &[open.as_slice(), &[&total, "salir"]].concat());
    assert_eq!(waits(&desk), 0, "{said}");

    let desk = Desk::of("checker");
    let said = desk.talk("en", &["approvals"]);
    let show = format!("show {}", number(&said, "bulk · "));
    let open = ["approvals", &show, "reject"];
    for answers in [vec![], vec!["short", ""]] {
        let said = desk.talk("en", &[open.as_slice(), &answers].concat());
        assert_eq!(waits(&desk), 1, "{said}");
    }
    let said = desk.talk("en", &[open.as_slice(), &["short", "paid twice, ask the payroll team"]].concat());
    assert_eq!(waits(&desk), 0, "{said}");
}

#[test]
fn the_configuration_may_ask_for_lines() {
    let desk = Desk::of("viewer");
    let file = desk.home.path().join(".config/cuadre/config.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("plain = true\n{text}")).unwrap();
    let (said, wrong, code) = desk.run(&[], "saldos\naprobar 1\n");
    assert_eq!((code, wrong.as_str()), (0, ""), "{said}");
    assert!(said.contains("consulta") && said.contains("1. "), "{said}");
    // A number alone is a line of the last list.
    let (one, two) =
        (desk.talk("es", &["saldos", "ver 2", "salir"]), desk.talk("es", &["saldos", "2", "salir"]));
    let details = |said: &str| said.lines().filter(|line| line.contains("acc_")).count();
    assert!(details(&one) > 0 && details(&one) == details(&two), "{one}\n{two}");
}

#[test]
fn a_locked_desk_says_nothing_until_it_is_opened() {
    let desk = Desk::of("maker");
    let said = desk.talk("es", &["lock", "saldos", "", "contrapartes", "salir"]);
    assert!(said.contains("Bloqueado"), "{said}");
    assert!(!said.contains("Saldos ·") && said.contains("Contrapartes ·"), "{said}");
}

#[test]
fn read_only_writes_nothing_here_either() {
    let desk = Desk::of("maker");
    let (said, _, code) = desk.run(&["--plain", "--readonly"], "saldos\nnuevo\nsalir\n");
    assert_eq!(code, 0);
    assert!(said.contains("Solo lectura"), "{said}");
}

#[test]
fn without_a_configuration_it_speaks_for_the_embedded_sandbox_and_changes_roles() {
    let home = tempfile::tempdir().unwrap();
    let talk = |lines: &str| said(cuadre(&home, &["--plain"]).spawn().unwrap(), lines);
    let (text, wrong, code) = talk("perfil\n2\naprobaciones\nsalir\n");
    assert_eq!((code, wrong.as_str()), (0, ""), "{text}");
    assert!(text.contains("SANDBOX") && text.contains("aprobador"), "{text}");
    // The end of the lines ends it, and so does an order that is none.
    let (text, _, code) = talk("no es nada\n");
    assert_eq!(code, 0);
    assert!(text.contains("ayuda"), "{text}");
    let (_, _, code) = talk("");
    assert_eq!(code, 0);
}

#[test]
fn changing_profile_sits_down_elsewhere_and_is_in_both_audits() {
    let desk = Desk::of("maker");
    let file = desk.home.path().join(".config/cuadre/config.toml");
    let control = desk.ready["control"].as_str().unwrap().to_owned();
    let other = desk.home.path().join("checker.toml");
    let to = other.to_str().unwrap().to_owned();
    let (_, wrong, code) =
        desk.run(&["config", "init", "--sandbox", &control, "--role", "checker", "--to", &to], "");
    assert_eq!(code, 0, "{wrong}");
    let both = std::fs::read_to_string(&file).unwrap() + "\n" + &std::fs::read_to_string(&other).unwrap();
    let both: Vec<&str> = both.lines().filter(|line| !line.starts_with("profile =")).collect();
    std::fs::write(&file, both.join("\n")).unwrap();
    let names: Vec<String> = both
        .iter()
        .filter_map(|line| line.strip_prefix("[profiles.")?.strip_suffix(']'))
        .filter(|name| !name.contains('.'))
        .map(str::to_owned)
        .collect();
    assert_eq!(names.len(), 2, "{both:?}");
    let checker = names.iter().find(|name| name.contains("checker")).unwrap();
    let maker = names.iter().find(|name| name.contains("maker")).unwrap();
    let mut sorted = names.clone();
    sorted.sort();
    let number = sorted.iter().position(|name| name == checker).unwrap() + 1;
    let lines = format!("perfil\n{number}\naprobaciones\nsalir\n");
    let (text, wrong, code) = desk.run(&["--plain", "--profile", maker], &lines);
    assert_eq!((code, wrong.as_str()), (0, ""), "{text}");
    assert!(text.contains("aprobador"), "{text}");
    for profile in [maker, checker] {
        let (chain, wrong, code) = desk.run(&["audit", "show", "--json", "--profile", profile], "");
        assert_eq!(code, 0, "{wrong}");
        assert!(chain.contains("profile_changed") && chain.contains(checker.as_str()), "{profile}: {chain}");
    }
}

#[test]
fn read_only_on_the_command_line_sends_nothing_by_any_way() {
    let maker = Desk::of("maker");
    let before = maker.ledger()["payments"].as_array().unwrap().len();
    let rows = maker.rows("counterparties");
    let key = rows.iter().find(|row| row["destination"]["kind"] == "breb_key").expect("one with a key");
    let account = maker.rows("balances")[0]["id"].as_str().unwrap().to_owned();
    let to = key["id"].as_str().unwrap();
    let pay = ["--readonly", "pay", "--from", &account, "--to", to, "--amount", "5000", "--description", "x"];
    let (_, wrong, code) = maker.run(&[pay.as_slice(), &["--confirm", "5000"]].concat(), "");
    assert_eq!(code, 5, "{wrong}");
    assert_eq!(maker.ledger()["payments"].as_array().unwrap().len(), before);
    let checker = Desk::of("checker");
    let (_, row) = single(&checker);
    let (id, amount) = (row["id"].as_str().unwrap(), row["amount"]["text"].as_str().unwrap());
    let state = checker.payment(id)["state"].clone();
    let (_, wrong, code) = checker.run(&["--readonly", "decide", id, "approve", "--confirm", amount], "");
    assert_eq!(code, 5, "{wrong}");
    assert_eq!(checker.payment(id)["state"], state);
}
