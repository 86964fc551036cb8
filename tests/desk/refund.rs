//! `refund`, as the provider's guide has it (contract 6.8): a payin back to its payer, in parts, never more
//! than came in; and one that carries no payer.

use crate::shop::{Person, Shop};

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
