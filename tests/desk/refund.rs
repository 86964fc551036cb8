//! `refund`, as the provider's guide has it (contract 6.8): a payin back to its payer, in parts, never more
//! than came in; and one that carries no payer.

use crate::line::Line;
use crate::pty::Console;
use crate::shop::{Answer, BINARY, Person, Shop};
use cuadre::i18n::Lang;
use std::process::{Child, Stdio};

const CREATE: &str = "/v1/money_movements";

#[test]
fn a_payin_goes_back_in_two_parts_and_a_third_is_refused_before_any_byte() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    let credit = shop.payin(10_077_700, "1018983923");
    let part = maker.run(&["refund", &credit, "--amount", "60777", "--confirm", "60777", "--json"]);
    assert_eq!(part.code, 0, "{}", part.err);
    let first = part.json();
    assert_eq!(first["external_id"], format!("refund_{credit}_1"));
    assert_eq!(first["idempotency_key"], first["external_id"]);
    // The rest, where no amount is said, and only that.
    let other = maker.run(&["refund", &credit, "--confirm", "100777"]);
    assert_eq!(other.code, 2, "{}", other.err);
    let rest = maker.run(&["refund", &credit, "--confirm", "40000", "--json"]);
    assert_eq!(rest.code, 0, "{}", rest.err);
    assert_eq!(rest.json()["external_id"], format!("refund_{credit}_2"));
    assert_eq!(rest.json()["destination"], first["destination"], "found, not made again");
    assert_eq!((shop.posts("/v1/counterparties"), shop.posts(CREATE)), (1, 2));

    for third in [&["--amount", "1000", "--confirm", "1000"][..], &["--confirm", "1000"]] {
        let mut line = vec!["refund", &credit, "--json"];
        line.extend(third);
        let refused = maker.run(&line);
        assert_eq!(refused.code, 10, "{third:?}: {}", refused.err);
        assert_eq!(refused.error()["error"]["code"], "write.refund_exceeds");
    }
    assert_eq!(shop.posts(CREATE), 2, "no byte left");
    let given = [1, 2].map(|number| shop.payments(&format!("refund_{credit}_{number}")));
    let given: Vec<_> = given.concat().iter().map(|payment| payment["amount"].as_u64().unwrap()).collect();
    assert_eq!(given, [6_077_700, 4_000_000]);
    shop.squares();
}

#[test]
fn a_payin_without_a_payer_asks_to_whom_and_what_is_no_payin_is_refused() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    let rows = maker.run(&["transactions", "--json"]).out;
    let rows: Vec<serde_json::Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |what: &str, wanted: &dyn Fn(&serde_json::Value) -> bool| {
        let row = rows.iter().find(|row| wanted(row)).unwrap_or_else(|| panic!("no {what}: {}", rows[0]));
        row["id"].as_str().unwrap().to_owned()
    };
    let credit = of("PSE credit", &|row| row.to_string().contains("r2p_credit"));
    let asked = maker.run(&["refund", &credit, "--amount", "500", "--confirm", "500", "--json"]);
    assert_eq!(asked.code, 2, "{}", asked.err);
    assert_eq!(asked.error()["error"]["code"], "usage.no_payer");
    let payee = maker.payee();
    let line = ["refund", &credit, "--to", &payee, "--amount", "500", "--confirm", "500", "--json"];
    let sent = maker.run(&line);
    assert_eq!(sent.code, 0, "{}", sent.err);
    assert_eq!(shop.payments(&format!("refund_{credit}_1"))[0]["amount"], 50_000);

    let debit = of("debit", &|row| row["amount"]["minor"].as_i64().is_some_and(|minor| minor < 0));
    assert_eq!(maker.run(&["refund", &debit, "--confirm", "500"]).code, 2);
    assert_eq!(maker.run(&["refund", "trx_nobody", "--confirm", "500"]).code, 2);
    assert_eq!(shop.posts(CREATE), 1);
    shop.squares();
}

/// Begins a refund, which is held on its way.
fn begins(person: &Person, credit: &str, pesos: &str) -> Child {
    let (mut command, payee) = (person.command(BINARY), person.payee());
    command.args(["refund", credit, "--to", &payee, "--amount", pesos, "--confirm", pesos]);
    command.args(["--checker", "--json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn ends(child: Child) -> Answer {
    Answer::of(&child.wait_with_output().unwrap())
}

/// Someone whose payments go over `line`, with a store of their own.
fn over(line: &Line, shop: &Shop, role: &str) -> Person {
    Person::sits(shop, role).with("COBRE__BASE", &line.url())
}

#[test]
fn two_desks_of_one_credential_that_refund_at_once_make_one_payment() {
    let shop = Shop::open();
    let line = Line::to(&shop.cobre);
    let people = [over(&line, &shop, "maker"), over(&line, &shop, "maker")];
    let credit = shop.payin(10_000_000, "1018983923");
    line.holds();
    let sent = people.each_ref().map(|person| begins(person, &credit, "100000"));
    line.held(2);
    line.lets_go();
    let [one, other] = sent.map(ends);
    assert_eq!((one.code, other.code), (0, 0), "{} {}", one.err, other.err);
    assert_eq!(one.json()["provider_id"], other.json()["provider_id"]);
    assert_eq!(shop.payments(&format!("refund_{credit}_1")).len(), 1);
    shop.squares();
}

#[test]
fn two_credentials_that_refund_at_once_are_told_and_a_checker_lets_one_go() {
    let shop = Shop::open();
    let line = Line::to(&shop.cobre);
    let people = [over(&line, &shop, "maker"), over(&line, &shop, "admin")];
    let checker = Person::sits(&shop, "checker");
    let credit = shop.payin(10_000_000, "1018983923");
    line.holds();
    let sent = people.each_ref().map(|person| begins(person, &credit, "100000"));
    line.held(2);
    line.lets_go();
    let told = sent.map(ends);
    let name = format!("refund_{credit}_1");
    assert_eq!(shop.payments(&name).len(), 2, "nothing at the provider stops the second");
    // Whoever looked after both stood says so; at least the one who came second did.
    let alarmed: Vec<_> = told.iter().filter(|answer| answer.code == 3).collect();
    assert!(!alarmed.is_empty(), "{} {}", told[0].err, told[1].err);
    for answer in &alarmed {
        assert_eq!(answer.json()["state"], "sent");
        let error = answer.error()["error"].clone();
        assert_eq!(error["code"], "write.refunded_twice");
        assert!(error["message"].as_str().unwrap().contains("COP 100,000.00, 200,000.00"), "{error}");
    }
    assert!(told.iter().all(|answer| [0, 3].contains(&answer.code)), "{} {}", told[0].err, told[1].err);
    let more = people[0].run(&["refund", &credit, "--amount", "1000", "--confirm", "1000", "--json"]);
    assert_eq!((more.code, &more.error()["error"]["code"]), (10, &"write.refund_exceeds".into()));

    // The checker's review finds the other one of the name, whichever is opened first.
    shop.advance(5);
    let [one, other] = told.map(|answer| answer.json()["provider_id"].as_str().unwrap().to_owned());
    for id in [&one, &other] {
        let stopped = checker.run(&["decide", id, "approve", "--confirm", "100000", "--json"]);
        assert_eq!(stopped.code, 3, "{}", stopped.err);
        assert_eq!(stopped.error()["error"]["code"], "review.findings");
    }
    let rejected = checker.run(&["decide", &other, "reject", "--reason", "reembolsado dos veces"]);
    assert_eq!(rejected.code, 0, "{}", rejected.err);
    let approved = checker.run(&["decide", &one, "approve", "--confirm", "100000"]);
    assert_eq!(approved.code, 0, "{}", approved.err);
    shop.advance(60);
    let states: Vec<_> = shop.payments(&name).iter().map(|payment| payment["state"].clone()).collect();
    assert_eq!(states.iter().filter(|state| *state == "completed").count(), 1, "{states:?}");
    assert_eq!(states.iter().filter(|state| *state == "canceled").count(), 1, "{states:?}");
    shop.squares();
}

#[test]
fn a_console_that_refunded_first_turns_red_when_another_credential_did_too() {
    let shop = Shop::open();
    let line = Line::to(&shop.cobre);
    let other = over(&line, &shop, "admin");
    let maker = Person::sits(&shop, "maker").with("SETTLE_FACTOR", "4");
    let credit = shop.payin(10_000_000, "1018983923");
    line.holds();
    let late = begins(&other, &credit, "100000");
    line.held(1);

    let mut console = Console::of(&maker, Lang::Es);
    console.press("2").sees("Pagador 1018983923").press("/1018983923\r").sees("/ 1018983923 · 1/");
    console.press("b").sees("reembolso 1: entraron 100.000,00");
    console.press("\x0f").reads("confirm.send_refund").thinks().press("100000\r").sees("Enviado: mm_");
    line.lets_go();
    assert_eq!(ends(late).code, 3);
    console.sees("Reembolsado de más: 200.000,00 de 100.000,00");
    console.press("1").sees("reembolsado de más: 200.000,00 de 100.000,00");
    console.leaves();
    assert_eq!(shop.payments(&format!("refund_{credit}_1")).len(), 2);
}

#[test]
fn a_payer_who_cannot_be_paid_at_what_the_credit_tells_is_said_with_the_reason() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    let credit = shop.payin_by("cc", 100_000, "1018983923");
    let refused = maker.run(&["refund", &credit, "--confirm", "1000", "--json"]);
    assert_eq!(refused.code, 2, "{}", refused.err);
    let error = refused.error();
    assert_eq!(error["error"]["code"], "usage.payer_unpayable");
    assert!(error.to_string().contains("Nu"), "it names the bank: {error}");
    assert_eq!((shop.posts("/v1/counterparties"), shop.posts(CREATE)), (0, 0));
}
