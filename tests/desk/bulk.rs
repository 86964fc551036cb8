//! `bulk` and `decide` on a bulk: what a file holds, what stops it, what was answered for, and what was paid.

use crate::shop::{Answer, Person, Shop};
use serde_json::Value;

const HEAD: &str = "Nombre;Tipo documento;Documento;Banco;Tipo cuenta;Cuenta;Valor;Concepto\n";
const UPLOAD: &str = "/v1/bulk_money_movements";

fn row(number: u32, valor: &str) -> String {
    let (document, account) = (10_000_000 + number, 30_000_000_000_u64 + u64::from(number));
    format!("Empleado {number};CC;{document};Bancolombia;Ahorros;{account};{valor};Nómina\n")
}

/// A file of these rows in the person's home.
fn file(person: &Person, rows: &[String]) -> String {
    let file = person.file("nomina.csv");
    std::fs::write(&file, HEAD.to_owned() + &rows.concat()).unwrap();
    file.to_str().unwrap().to_owned()
}

fn bulk(person: &Person, command: &str, file: &str, more: &[&str]) -> Answer {
    let balance = person.balance();
    let mut line = vec!["bulk", command, file, "--from", &balance, "--json"];
    line.extend(more);
    person.run(&line)
}

fn lines(answer: &Answer) -> Vec<Value> {
    answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The findings that somebody answered for, as the chain has them.
fn accepted(person: &Person) -> Vec<Value> {
    let chain = person.run(&["audit", "show", "--json", "--kind", "finding_accepted"]);
    assert_eq!(chain.code, 0, "{}", chain.err);
    lines(&chain)
}

#[test]
fn a_file_that_holds_is_done_and_its_sums_are_said() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    let file = file(&maker, &[row(1, "100001,50"), row(2, "200002,00")]);
    let checked = bulk(&maker, "check", &file, &[]);
    assert_eq!(checked.code, 0, "{} {}", checked.out, checked.err);
    let said = lines(&checked);
    let (whole, findings) = said.split_last().unwrap();
    assert_eq!((&whole["kind"], &whole["rows"]), (&"summary".into(), &2.into()));
    assert_eq!((&whole["problems"], &whole["red"]), (&0.into(), &0.into()));
    assert_eq!(whole["new_counterparties"], 2);
    assert_eq!(whole["totals"][0]["text"], "300003.50");
    assert_eq!(whole["rails"][0]["rail"], "fast_pay");
    assert!(findings.iter().all(|found| found["kind"] == "finding" && found["red"] == false), "{findings:?}");
    assert_eq!(shop.posts(UPLOAD), 0);
}

#[test]
fn rows_that_do_not_hold_are_named_and_kept_in_a_file_and_nothing_is_sent() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    let rows = [row(1, "100001,50"), row(2, "mil"), row(3, "-5,00")];
    let (file, bad) = (file(&maker, &rows), maker.file("malas.csv"));
    let checked = bulk(&maker, "check", &file, &["--bad", bad.to_str().unwrap()]);
    assert_eq!(checked.code, 3, "{}", checked.err);
    let said = lines(&checked);
    let problems = said.iter().filter(|line| line["kind"] == "problem");
    let places: Vec<_> = problems.map(|line| (line["line"].as_u64(), line["column"].as_str())).collect();
    assert_eq!(places, [(Some(3), Some("amount")), (Some(4), Some("amount"))]);
    let text = std::fs::read_to_string(&bad).unwrap();
    let kept: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(kept.len(), 2, "{text}");
    assert!(kept[0].starts_with("\"3\"") && kept[0].contains("\"mil\""), "{text}");
    // Never over what is there.
    let again = bulk(&maker, "check", &file, &["--bad", bad.to_str().unwrap()]);
    assert_eq!(again.code, 2, "{}", again.err);
    assert_eq!(std::fs::read_to_string(&bad).unwrap(), text);

    let sent = bulk(&maker, "submit", &file, &["--confirm", "100001.50"]);
    assert_eq!(sent.code, 3, "{}", sent.err);
    assert_eq!(sent.error()["error"]["code"], "bulk.problems");
    assert_eq!(shop.posts(UPLOAD), 0);
    assert!(maker.outbox().is_empty());
}

#[test]
fn nobody_decides_a_bulk_that_they_made_with_another_credential() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    let file = file(&maker, &[row(1, "100001,00"), row(2, "200002,00")]);
    let sent = bulk(&maker, "submit", &file, &["--confirm", "300003", "--checker"]);
    let id = sent.json()["provider_id"].as_str().unwrap().to_owned();
    shop.advance(5);
    let other = Person::sits(&shop, "treasurer").sharing(&maker).with("PERSON", "mlopez");
    let own = other.run(&["decide", &id, "--json", "approve", "--confirm", "300003"]);
    assert_eq!(own.code, 5, "{}", own.err);
    assert_eq!(own.error()["error"]["where"], "own_movement");
    assert_eq!(shop.posts(&format!("{UPLOAD}/{id}/decision")), 0);
}

/// The provider makes movements of a bulk only once it has validated it: till then its list has none of them.
#[test]
fn a_file_sent_twice_in_a_row_is_found_before_the_provider_lists_its_rows() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    let file = file(&maker, &[row(1, "100001,00"), row(2, "200002,00")]);
    shop.stand_still();
    let total = ["--confirm", "300003"];
    assert_eq!(bulk(&maker, "submit", &file, &total).code, 0);
    let twice = bulk(&maker, "submit", &file, &total);
    assert_eq!(twice.code, 3, "{}", twice.err);
    assert_eq!(twice.error()["error"]["where"], "duplicate");
    assert_eq!(shop.posts(UPLOAD), 1);
    assert!(shop.all_payments().iter().all(|payment| payment["amount"] != 10_000_100), "not listed yet");
}

#[test]
fn an_amount_that_reads_two_ways_is_asked_about() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    let file = file(&maker, &[row(1, "1.234"), row(2, "5.678")]);
    let asked = bulk(&maker, "check", &file, &[]);
    assert_eq!(asked.code, 3, "{}", asked.out);
    assert_eq!(lines(&asked).last().unwrap()["decimal_mark_asked"], true);
    assert_eq!(bulk(&maker, "submit", &file, &["--confirm", "6912"]).code, 3);
    let settled = bulk(&maker, "check", &file, &["--decimal", "comma"]);
    assert_eq!(lines(&settled).last().unwrap()["totals"][0]["text"], "6912.00");
    assert_eq!(shop.posts(UPLOAD), 0);
}

#[test]
fn a_red_finding_stops_maker_and_checker_until_each_answers_for_it() {
    let shop = Shop::open();
    let (maker, checker) = (Person::sits(&shop, "maker"), Person::sits(&shop, "checker"));
    // The same account twice for the same amount.
    let file = file(&maker, &[row(1, "100001,00"), row(1, "100001,00"), row(2, "200002,00")]);
    let total = ["--confirm", "400004"];
    let stopped = bulk(&maker, "submit", &file, &total);
    assert_eq!(stopped.code, 3, "{}", stopped.err);
    let error = &stopped.error()["error"];
    assert_eq!((&error["code"], &error["where"]), (&"review.findings".into(), &"duplicate".into()));
    assert!(error["message"].as_str().unwrap().contains("L001 L002"), "{error}");
    for accept in ["duplicate=corto", "nothing=porque yo lo digo", "duplicate"] {
        let wrong = bulk(&maker, "submit", &file, &[total[0], total[1], "--accept", accept]);
        assert_eq!(wrong.code, 2, "{accept}: {}", wrong.err);
    }
    let accept = "duplicate=son dos turnos del mismo mes";
    let other = bulk(&maker, "submit", &file, &["--confirm", "400005", "--accept", accept]);
    assert_eq!(other.code, 2, "{}", other.err);
    assert_eq!(shop.posts(UPLOAD), 0);

    let sent = bulk(&maker, "submit", &file, &[total[0], total[1], "--accept", accept]);
    assert_eq!(sent.code, 0, "{}", sent.err);
    let intent = sent.json();
    assert_eq!((&intent["action"], &intent["state"]), (&"create_bulk".into(), &"sent".into()));
    assert_eq!(intent["amount"]["text"], "400004.00");
    assert_eq!(shop.posts(UPLOAD), 1);
    let kept = accepted(&maker);
    assert_eq!(kept.len(), 1, "{kept:?}");
    let kept = kept[0].to_string();
    for said in ["son dos turnos del mismo mes", "L001 L002", "duplicate"] {
        assert!(kept.contains(said), "{kept}");
    }

    // The checker is asked anew, right behind: the bulk is waited for.
    let id = intent["provider_id"].as_str().unwrap();
    let approve = |more: &[&str]| {
        let mut line = vec!["decide", id, "approve", "--json"];
        line.extend(more);
        checker.run(&line)
    };
    assert_eq!(approve(&["--confirm", "400003"]).code, 2);
    let stopped = approve(&total);
    assert_eq!(stopped.code, 3, "{}", stopped.err);
    assert_eq!(stopped.error()["error"]["where"], "duplicate");
    assert_eq!(shop.posts(&format!("{UPLOAD}/{id}/decision")), 0);
    let approved = approve(&[total[0], total[1], "--accept", "duplicate=lo confirmó recursos humanos"]);
    assert_eq!(approved.code, 0, "{}", approved.err);
    assert_eq!(approved.json()["action"], "approve_bulk");
    assert!(accepted(&checker)[0].to_string().contains("lo confirmó recursos humanos"));
    assert_eq!(approve(&total).code, 10, "it waits no more");

    shop.advance(60);
    let name = |number: u32| format!("cu-{}:{number}", intent["intent"].as_str().unwrap());
    for number in 1..=3 {
        let paid = shop.payments(&name(number));
        assert_eq!(paid.len(), 1, "{number}: {paid:?}");
        assert_eq!(paid[0]["state"], "completed", "{number}");
    }
    shop.squares();
}

#[test]
fn a_bulk_is_not_its_makers_to_decide_and_a_rejected_one_pays_nobody() {
    let shop = Shop::open();
    let (admin, checker) = (Person::sits(&shop, "admin"), Person::sits(&shop, "checker"));
    let file = file(&admin, &[row(1, "100001,00"), row(2, "200002,00")]);
    let sent = bulk(&admin, "submit", &file, &["--confirm", "300003", "--checker"]);
    assert_eq!(sent.code, 0, "{}", sent.err);
    let id = sent.json()["provider_id"].as_str().unwrap().to_owned();
    let own = admin.run(&["decide", &id, "approve", "--confirm", "300003"]);
    assert_eq!(own.code, 5, "{}", own.err);
    assert_eq!(checker.run(&["decide", &id, "reject", "--reason", "no"]).code, 2);
    let rejected = checker.run(&["decide", &id, "reject", "--reason", "L002: no es empleado", "--json"]);
    assert_eq!(rejected.code, 0, "{}", rejected.err);
    assert_eq!(rejected.json()["action"], "reject_bulk");
    shop.advance(60);
    let payments = shop.all_payments().into_iter();
    let ours = payments.filter(|row| row["external_id"].as_str().is_some_and(|id| id.starts_with("cu-")));
    let states: Vec<Value> = ours.map(|payment| payment["state"].clone()).collect();
    assert_eq!(states, ["canceled", "canceled"]);
    shop.squares();
}
