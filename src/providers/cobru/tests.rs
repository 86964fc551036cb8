//! Cobru's rows in the forms of its documents, its older manual and its live answers.

use super::convert::{balance, cobru, transaction, undone};
use super::wire;
use crate::domain::cobru::CobruState;
use crate::domain::money::{Currency, Money};
use crate::providers::json::{Bad, Read};
use jiff::Timestamp;

const CREATED: &str = r#"{"pk":48213,"amount":"185000.00","state":0,"date_created":"2026-11-20T09:14:03.518224-05:00",
 "payment_method":null,"url":"k7m2x9qd","payed_amount":"177345.92","description":"Pedido 2041","fee_amount":6432,
 "currency":null,"currency_code":"COP"}"#;
const DETAIL: &str = r#"{"fee_amount":6432,"payer_name":"Marta Rios","payment_method":"pse","state":1,"date_payed":"","url":"k7m2x9qd",
 "amount":185000,"date_expired":1795323599000,"date_created":1795184043518,"images":null,"description":"Pedido 2041",
 "payed_amount":177345.92,"pk":48213}"#;
const LISTED: &str = r#"{"type":"cobru","pk":48213,"reference_cobru":"48213","url":"k7m2x9qd","state":3,"amount":"185000.00",
 "payed_amount":"177345.92","fee_amount":"6432.00","description":"Pedido 2041","payment_method":"pse","payer_name":"Marta Rios",
 "date_created":1795184043518,"date_expired":1795323599000,"date_payed":1795185060000,"images":null}"#;
const WITHDRAWAL: &str = r#"{"type":"third_party_withdraw","pk":213401,"state":"created","amount":42000,"payed_amount":39452,
 "account_number":"0570012345678","account_bank":"BBVA Colombia","account_holder_name":"Luis Ortega","description":"Flete 88",
 "date_created":"2026-11-20T09:14:03-05:00","date_rejected":null,"currency_code":"COP"}"#;

fn row<T>(read: Result<Option<Read<T>>, Bad>) -> T {
    read.unwrap().unwrap().row
}

fn cop(minor: i64) -> Money {
    Money::new(minor, Currency::Cop)
}

#[test]
fn the_same_cobru_reads_the_same_from_each_endpoint() {
    for (raw, state, method) in [
        (CREATED, CobruState::Created, ""),
        (DETAIL, CobruState::InProcess, "pse"),
        (LISTED, CobruState::Paid, "pse"),
    ] {
        let read = row(cobru(raw));
        assert_eq!((read.id.as_str(), read.amount), ("k7m2x9qd", cop(18_500_000)), "{raw}");
        assert_eq!((read.net, read.fee), (Some(cop(17_734_592)), Some(cop(643_200))), "{raw}");
        assert_eq!((read.state, read.method.as_str()), (state, method));
        let at = "2026-11-20T14:14:03Z".parse::<Timestamp>().unwrap();
        assert_eq!(read.created_at.map(Timestamp::as_second), Some(at.as_second()), "{raw}");
    }
    assert_eq!(row(cobru(DETAIL)).paid_at, None);
    assert_eq!(row(cobru(&LISTED.replace("1795185060000", "0"))).paid_at, None);
    assert_eq!(row(cobru(&LISTED.replace("\"state\":3", "\"state\":9"))).state, CobruState::Other(9));
}

#[test]
fn a_cobru_that_cannot_be_read_exactly_is_not_read() {
    for (known, unknown) in [
        ("185000,", "102459.995858,"),
        ("177345.92", "177345.920001"),
        ("185000,", "1.85e5,"),
        ("185000,", "null,"),
        ("k7m2x9qd", "../pay"),
        ("\"state\":1", "\"state\":\"paid\""),
    ] {
        assert!(cobru(&DETAIL.replace(known, unknown)).is_err(), "{unknown}");
    }
}

#[test]
fn a_balance_is_pesos_and_never_guessed() {
    let at = Timestamp::UNIX_EPOCH;
    let read = |raw: &str| balance(raw, at).map(|read| read.unwrap().row.balance);
    assert_eq!(
        read(r#"{"balance":"1.00","balance_cop":"1841792.25","balance_usd":"0.00"}"#),
        Ok(cop(184_179_225))
    );
    assert_eq!(read(r#"{"balance":1841792.25,"saved":0}"#), Ok(cop(184_179_225)));
    for unknown in ["{}", r#"{"balance":null}"#, r#"{"balance":"1841792.251"}"#, r#"{"balance":""}"#, "[]"] {
        assert!(read(unknown).is_err(), "{unknown}");
    }
}

#[test]
fn a_paid_cobru_is_a_credit_of_its_net_and_a_withdrawal_a_debit() {
    let credit = row(transaction(LISTED));
    assert_eq!((credit.amount, credit.reference.as_str()), (cop(17_734_592), "k7m2x9qd"));
    assert_eq!(credit.at.as_millisecond(), 1_795_185_060_000);
    let debit = row(transaction(WITHDRAWAL));
    assert_eq!((debit.amount, debit.id.as_str()), (cop(-4_200_000), "withdrawal-213401"));
    assert_eq!(debit.counterparty.as_str(), "Luis Ortega");
    // The forms of the older manual.
    let manual = WITHDRAWAL
        .replace("\"created\"", "2")
        .replace(":42000,", ":\"42000.00\",")
        .replace("\"2026-11-20T09:14:03-05:00\"", "[1795184043000]")
        .replace("\"date_rejected\":null", "\"date_rejected\":[0]");
    assert_eq!(row(transaction(&manual)), debit);
    let cash = r#"{"type":"cash_withdraw","pk":230,"state":0,"amount":13015,"date":"2026-11-20 09:14:03","to_user":"Ana Ruiz"}"#;
    let cash = row(transaction(cash));
    assert_eq!((cash.amount, cash.id.as_str(), cash.at), (cop(-1_301_500), "cash-230", debit.at));
}

#[test]
fn what_was_not_paid_or_was_given_back_moved_nothing() {
    for nothing in [
        LISTED.replace("\"state\":3", "\"state\":1"),
        LISTED.replace("\"state\":3", "\"state\":4"),
        WITHDRAWAL.replace("\"created\"", "\"rejected\""),
        WITHDRAWAL.replace("\"created\"", "5"),
        // The dates are stronger than the state.
        WITHDRAWAL.replace("\"date_rejected\":null", "\"date_rejected\":\"2026-11-20T09:15:03-05:00\""),
    ] {
        assert!(transaction(&nothing).unwrap().is_none(), "{nothing}");
        // Its fact takes the place of the one that was a transaction.
        let fact = undone(&nothing).unwrap();
        assert!(["cobru-k7m2x9qd", "withdrawal-213401"].contains(&fact.id.as_str()), "{}", fact.id);
    }
    assert!(undone(LISTED).is_none() && undone(WITHDRAWAL).is_none());
}

#[test]
fn a_history_is_read_in_each_of_its_forms() {
    let rows = |text: &str| wire::page(text).map(|page| (page.rows.len(), page.count));
    assert_eq!(rows("[{},{}]"), Ok((2, None)));
    assert_eq!(rows(r#"{"result":[{}],"count":7,"status":200}"#), Ok((1, Some(7))));
    for name in ["results", "data", "movements"] {
        assert_eq!(rows(&format!(r#"{{"{name}":[{{}},{{}}]}}"#)), Ok((2, None)));
    }
    assert_eq!(rows(LISTED), Ok((1, None)));
    for none in [r#"{"result":"OK"}"#, r#"{"error":"x"}"#, "3", "null", "{}"] {
        assert!(rows(none).is_err(), "{none}");
    }
}
