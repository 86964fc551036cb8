//! `pay` and `decide`: the chain, policy, review, passphrase and audit of the screen, with exit codes.

use crate::shop::{Answer, Person, Shop};

fn pay(person: &Person, amount: &str, more: &[&str]) -> Answer {
    let (from, to) = (person.balance(), person.payee());
    let mut line = vec!["pay", "--json", "--from", &from, "--to", &to, "--amount", amount];
    line.extend(["--description", "Prueba"]);
    line.extend(more);
    person.run(&line)
}

#[test]
fn a_payment_is_made_once_and_a_second_one_like_it_needs_a_reason() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    let made = pay(&maker, "123456.78", &["--confirm", "123456.78", "--external-id", "fv-1"]);
    assert_eq!(made.code, 0, "{}", made.err);
    let intent = made.json();
    assert_eq!(intent["state"], "sent");
    assert_eq!(intent["amount"]["minor"], 12_345_678);
    let paid = shop.payments("fv-1");
    assert_eq!(paid.len(), 1, "{paid:?}");
    assert_eq!(paid[0]["id"], intent["provider_id"]);

    let twin = pay(&maker, "123456.78", &["--confirm", "123456.78", "--external-id", "fv-2"]);
    assert_eq!(twin.code, 3, "{}", twin.err);
    assert_eq!(twin.error()["error"]["code"], "review.findings");
    assert_eq!(twin.error()["error"]["where"], "duplicate");
    assert!(shop.payments("fv-2").is_empty());

    let accept = "duplicate=son dos facturas distintas";
    let twin =
        pay(&maker, "123456.78", &["--confirm", "123456.78", "--external-id", "fv-2", "--accept", accept]);
    assert_eq!(twin.code, 0, "{}", twin.err);
    assert_eq!(shop.payments("fv-2").len(), 1);
    let chain = maker.run(&["audit", "show", "--json"]).out;
    let accepted = chain.lines().find(|line| line.contains("finding_accepted")).unwrap();
    assert!(accepted.contains("son dos facturas distintas") && accepted.contains("duplicate"), "{accepted}");
    assert_eq!(maker.run(&["audit", "verify"]).code, 0);
    shop.squares();
}

#[test]
fn a_line_that_reads_two_ways_or_is_not_confirmed_sends_nothing() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    for (amount, more) in [
        ("1.234", &["--confirm", "1.234"][..]),
        ("1234", &["--confirm", "1235"]),
        ("0", &["--confirm", "0"]),
        ("-5", &["--confirm", "-5"]),
        ("12345", &["--confirm", "12345", "--accept", "nothing=because I say so"]),
        ("12345", &["--confirm", "12345", "--accept", "duplicate=short"]),
        ("12345", &["--confirm", "12345", "--external-id", "a b"]),
    ] {
        let answer = pay(&maker, amount, more);
        assert_eq!(answer.code, 2, "{amount} {more:?}: {}", answer.err);
    }
    assert_eq!(shop.posts("/v1/money_movements"), 0);
    assert!(maker.outbox().is_empty());
}

#[test]
fn an_external_id_names_one_movement_for_ever() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    assert_eq!(pay(&maker, "7001", &["--confirm", "7001", "--external-id", "fv-9"]).code, 0);
    let again = pay(&maker, "8002", &["--confirm", "8002", "--external-id", "fv-9"]);
    assert_eq!(again.code, 10, "{}", again.err);
    assert_eq!(shop.payments("fv-9").len(), 1);
}

#[test]
fn a_decision_is_another_persons_and_moves_the_money_once() {
    let shop = Shop::open();
    let (maker, checker) = (Person::sits(&shop, "maker"), Person::sits(&shop, "checker"));
    let made = pay(&maker, "45001", &["--confirm", "45001", "--checker"]);
    let id = made.json()["provider_id"].as_str().unwrap().to_owned();

    let own = maker.run(&["decide", &id, "approve", "--confirm", "45001"]);
    assert_eq!(own.code, 5, "{}", own.err);
    let other = checker.run(&["decide", &id, "approve", "--confirm", "45002"]);
    assert_eq!(other.code, 2, "{}", other.err);
    assert_eq!(shop.posts("/v1/money_movement_approvals"), 0);

    let approved = checker.run(&["decide", &id, "approve", "--confirm", "45001", "--json"]);
    assert_eq!(approved.code, 0, "{}", approved.err);
    assert_eq!(approved.json()["action"], "approve");
    let twice = checker.run(&["decide", &id, "approve", "--confirm", "45001"]);
    assert_eq!(twice.code, 10, "{}", twice.err);
    assert_eq!(shop.posts("/v1/money_movement_approvals"), 1);
    shop.squares();
}

/// The provider tells makers apart by their credentials; a person may have two.
#[test]
fn nobody_decides_what_they_made_with_another_credential() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    let made = pay(&maker, "45004", &["--confirm", "45004", "--checker", "--external-id", "fv-4"]);
    let id = made.json()["provider_id"].as_str().unwrap().to_owned();
    for profile in ["sandbox-maker", "sandbox-treasurer"] {
        // At the same store, and at another profile's beside it.
        let other = Person::sits_at(&shop, "treasurer", profile).sharing(&maker).with("PERSON", "mlopez");
        for decision in [&["approve", "--confirm", "45004"][..], &["reject", "--reason", "no es de este mes"]]
        {
            let own = other.run(&[&["decide", &id, "--json"], decision].concat());
            assert_eq!(own.code, 5, "{profile}: {}", own.err);
            assert_eq!(own.error()["error"]["where"], "own_movement", "{profile}");
        }
    }
    assert_eq!(shop.posts("/v1/money_movement_approvals"), 0);
    let somebody =
        Person::sits_at(&shop, "treasurer", "sandbox-maker").sharing(&maker).with("PERSON", "otra");
    assert_eq!(somebody.run(&["decide", &id, "approve", "--confirm", "45004"]).code, 0);
}

#[test]
fn a_rejection_says_why_and_its_movement_is_never_paid() {
    let shop = Shop::open();
    let (maker, checker) = (Person::sits(&shop, "maker"), Person::sits(&shop, "checker"));
    let made = pay(&maker, "45003", &["--confirm", "45003", "--checker", "--external-id", "fv-3"]);
    let id = made.json()["provider_id"].as_str().unwrap().to_owned();
    assert_eq!(checker.run(&["decide", &id, "reject", "--reason", "no"]).code, 2);
    let rejected = checker.run(&["decide", &id, "reject", "--reason", "no es nuestro proveedor"]);
    assert_eq!(rejected.code, 0, "{}", rejected.err);
    assert_ne!(shop.payments("fv-3")[0]["state"], "completed");
}

#[test]
fn a_policy_stops_what_the_credential_would_allow() {
    let shop = Shop::open();
    for (key, value, code) in [
        ("POLICY__DAY_LIMIT", "COP 50000", "day_limit"),
        ("POLICY__COUNTERPARTY_LIMIT", "COP 50000", "counterparty_limit"),
        ("POLICY__RAILS", "breb", "rail"),
        ("POLICY__BALANCES", "acc_none", "balance"),
        ("POLICY__ONLY", "cp_none", "not_listed"),
        ("LIMIT", "COP 50000", "limit"),
    ] {
        let maker = Person::sits(&shop, "maker").with(key, value);
        let refused = pay(&maker, "60001", &["--confirm", "60001"]);
        assert_eq!(refused.code, 5, "{key}: {}", refused.err);
        assert_eq!(refused.error()["error"]["where"], code, "{key}");
        assert!(maker.outbox().is_empty(), "{key}");
    }
    // A day's total counts what left before.
    let maker = Person::sits(&shop, "maker").with("POLICY__DAY_LIMIT", "COP 50000");
    assert_eq!(pay(&maker, "30001", &["--confirm", "30001"]).code, 0);
    assert_eq!(pay(&maker, "30002", &["--confirm", "30002"]).code, 5);
    assert_eq!(pay(&maker, "19998", &["--confirm", "19998"]).code, 0);
    assert_eq!(shop.posts("/v1/money_movements"), 2);
}

#[test]
fn a_passphrase_is_never_taken_from_anywhere_but_a_terminal() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker").with("PASSPHRASE", "always").with("CHECKER_APPROVAL", "false");
    let refused = pay(&maker, "60005", &["--confirm", "60005"]);
    assert_eq!(refused.code, 5, "{}", refused.err);
    assert_eq!(refused.error()["error"]["code"], "step_up.not_set");
    // It is proven where a checker decides: what waits for one leaves without.
    let waits = pay(&maker, "60006", &["--confirm", "60006", "--checker"]);
    assert_eq!(waits.code, 0, "{}", waits.err);
    assert_eq!(shop.posts("/v1/money_movements"), 1);
    // No variable and no pipe stands in for a terminal.
    let set = maker.run(&["passphrase", "set"]);
    assert_eq!(set.code, 5, "{}", set.err);
}

#[test]
fn the_chain_leaves_whole_with_its_head_and_never_over_a_file() {
    let shop = Shop::open();
    let maker = Person::sits(&shop, "maker");
    assert_eq!(pay(&maker, "12345", &["--confirm", "12345"]).code, 0);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.jsonl");
    let path = file.to_str().unwrap();
    let exported = maker.run(&["audit", "export", "--to", path, "--json"]);
    assert_eq!(exported.code, 0, "{}", exported.err);
    let text = std::fs::read_to_string(&file).unwrap();
    let count = text.lines().count() - 1;
    assert!(text.lines().last().unwrap().contains(exported.json()["head"].as_str().unwrap()));
    assert_eq!(exported.json()["count"], count);
    assert!(text.contains("\"kind\":\"export\""), "the export is in it: {text}");
    let head = exported.json()["head"].as_str().unwrap().to_owned();
    assert_eq!(maker.run(&["audit", "verify", "--head", &head]).code, 0);
    assert_eq!(maker.run(&["audit", "export", "--to", path]).code, 2);
    let kinds = maker.run(&["audit", "show", "--json", "--kind", "outcome"]).out;
    assert_eq!(kinds.lines().count(), 1, "{kinds}");
    assert!(maker.run(&["audit", "show", "--json", "--actor", "nobody"]).out.is_empty());
}
