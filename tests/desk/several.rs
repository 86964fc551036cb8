//! Where two approvals are asked for: the first leaves it waiting, the second lets it go.

use crate::shop::{Person, Shop};
use serde_json::{Value, json};

fn waiting(person: &Person, id: &str) -> Option<Value> {
    let rows = person.run(&["approvals", "--json"]).out;
    let mut rows = rows.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.find(|row| row["id"] == id).map(|row| row["approvals"].clone())
}

#[test]
fn the_first_of_two_leaves_it_waiting_and_the_second_lets_it_go() {
    let shop = Shop::open();
    shop.set(&json!({"required_approvals": 2}));
    let people = ["maker", "checker", "admin"].map(|role| Person::sits(&shop, role));
    let [maker, checker, admin] = &people;
    let (from, to) = (maker.balance(), maker.payee());
    let line = ["pay", "--json", "--from", &from, "--to", &to, "--amount", "45001", "--confirm", "45001"];
    let made =
        maker.run(&[&line[..], &["--checker", "--description", "Dos", "--external-id", "fv-2"]].concat());
    assert_eq!(made.code, 0, "{}", made.err);
    let id = made.json()["provider_id"].as_str().unwrap().to_owned();
    shop.advance(2);
    assert_eq!(waiting(checker, &id), Some(json!({"given": 0, "needed": 2, "by": []})));

    let approve = ["decide", &id, "approve", "--confirm", "45001", "--json"];
    let first = checker.run(&approve);
    assert_eq!((first.code, &first.json()["state"]), (0, &json!("sent")), "{}", first.err);
    let given = waiting(admin, &id).unwrap();
    assert_eq!((&given["given"], &given["needed"]), (&json!(1), &json!(2)));
    assert_eq!(given["by"].as_array().unwrap().len(), 1);
    // Once is all that one may.
    assert_ne!(checker.run(&approve).code, 0);
    assert_eq!(shop.payments("fv-2")[0]["state"], "pending_approval");

    let second = admin.run(&approve);
    assert_eq!((second.code, &second.json()["state"]), (0, &json!("sent")), "{}", second.err);
    assert_eq!(waiting(admin, &id), None);
    shop.advance(120);
    assert_eq!(shop.payments("fv-2")[0]["state"], "completed");
    shop.squares();
}
