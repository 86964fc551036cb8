//! Cobre's rows in the forms of its documentation and of programs that call it.

use super::convert::{account, approval, counterparty, movement, transaction};
use super::wire;
use crate::domain::account::AccountKind;
use crate::domain::approval::Approval;
use crate::domain::money::{Currency, Money};
use crate::domain::movement::MovementState;
use crate::payments::outcome::Reading;
use crate::providers::json::{Bad, Read};

const ACCOUNT: &str = r#"{"id":"acc_4kT9wQzB1e","provider_id":"pr_col_cobre","connectivity":{"status":"connected","description":""},
 "alias":"Nómina","metadata":{"available_services":["mm_push_from_account"],"cobre_tag":"@cosbx00017","primary_account":null},
 "account_number":"@cosbx00017","account_type":"cobre_balance","obtained_balance":125000000,
 "obtained_balance_at":"2026-01-15T14:00:00Z","geo":"col","tags":["nomina"],"currency":"COP",
 "created_at":"2026-01-15T14:00:00Z"}"#;
const TRANSACTION: &str = r#"{"id":"trx_2a7Kp0VxQm4sLd9TzR1b","type":"col_debit","account_id":"acc_4kT9wQzB1e","amount":-100000,
 "previous_balance":250000,"current_balance":150000,"currency":"cop","credit_debit_type":"debit",
 "transaction_date":"2026-01-15T14:03:05Z","created_at":"2026-01-15T14:03:06Z",
 "metadata":{"money_movement_id":"mm_7hQ2sLxV9dKp4T","description":"Factura 118","beneficiary_account_number":"*******8901","reference":100001}}"#;
const COUNTERPARTY: &str = r#"{"id":"cp_Q8wZ2kLm4T","geo":"col","type":"ch","alias":null,
 "metadata":{"counterparty_fullname":"Ana Ruiz","counterparty_id_type":"cc","counterparty_id_number":52123456,
 "beneficiary_institution":"1007","account_number":"012345678901"},"created_at":"2026-01-15T13:58:11Z"}"#;
const MOVEMENT: &str = r#"{"id":"mm_7hQ2sLxV9dKp4T","batch_id":"","external_id":"factura-118","mm_approval_id":"","creator":"cli_sandbox01",
 "type":"fast_pay","geo":"col","status":{"state":"pending_approval","code":"","description":""},
 "source_id":"acc_4kT9wQzB1e","source":SOURCE,"destination_id":"cp_Q8wZ2kLm4T","destination":DESTINATION,
 "currency":"cop","amount":100000,"metadata":{"description":"Factura 118","reference":"","tracking_key":""},
 "checker_approval":true,"created_at":"2026-01-15T14:03:04Z","updated_at":"2026-01-15T14:03:04Z"}"#;

fn with_ends(source: &str, destination: &str) -> String {
    MOVEMENT.replace("SOURCE", source).replace("DESTINATION", destination)
}

fn row<T>(read: Result<Option<Read<T>>, Bad>) -> T {
    read.unwrap().unwrap().row
}

#[test]
fn a_balance_is_minor_units_of_its_currency_in_any_case() {
    let read = row(account(ACCOUNT));
    assert_eq!(read.balance, Money::new(125_000_000, Currency::Cop));
    assert_eq!((read.kind, read.connected), (AccountKind::Balance, true));
    assert_eq!((read.name.as_str(), read.number.as_str()), ("Nómina", "@cosbx00017"));
    let bank = ACCOUNT.replace("pr_col_cobre", "pr_col_1007");
    assert_eq!(row(account(&bank)).kind, AccountKind::Connected);
}

#[test]
fn a_balance_that_is_not_known_is_never_zero() {
    for (known, unknown) in [
        ("125000000,", "null,"),
        ("125000000,", "1.5,"),
        ("125000000,", "1e9,"),
        ("\"COP\"", "\"XAU\""),
        ("acc_4kT9wQzB1e", "../x"),
        ("\"obtained_balance_at\":\"2026-01-15T14:00:00Z\",", ""),
    ] {
        assert!(account(&ACCOUNT.replace(known, unknown)).is_err(), "{unknown}");
    }
}

#[test]
fn a_debit_is_negative_and_a_contradiction_is_unreadable() {
    let read = row(transaction(TRANSACTION));
    assert_eq!(read.amount, Money::new(-100_000, Currency::Cop));
    assert_eq!(read.balance_after, Some(Money::new(150_000, Currency::Cop)));
    assert_eq!(read.movement.unwrap().as_str(), "mm_7hQ2sLxV9dKp4T");
    assert_eq!(read.reference.as_str(), "100001");
    assert!(transaction(&TRANSACTION.replace("-100000", "100000")).is_err());
}

#[test]
fn a_connected_account_tells_no_balance_and_names_no_movement() {
    let connect = TRANSACTION
        .replace("250000", "0")
        .replace("150000", "0")
        .replace("mm_7hQ2sLxV9dKp4T", "0123456789abcdef0123456789abcdef");
    let read = row(transaction(&connect));
    assert_eq!((read.balance_after, read.movement), (None, None));
}

#[test]
fn a_transaction_without_an_account_is_shown_all_the_same() {
    let read = row(transaction(&TRANSACTION.replace("\"account_id\":\"acc_4kT9wQzB1e\",", "")));
    assert_eq!(read.account.as_str(), "-");
}

#[test]
fn a_counterparty_is_named_by_what_there_is_and_its_zeros_stay() {
    let read = row(counterparty(COUNTERPARTY));
    assert_eq!((read.name.as_str(), read.document.as_str()), ("Ana Ruiz", "cc 52123456"));
    assert_eq!(read.destination.account.as_str(), "012345678901");
    let key = r#"{"id":"cp_1","geo":"col","type":"breb_key","metadata":{"key_value":"@LUZ2026"},"created_at":"2026-01-15T13:58:11Z"}"#;
    assert_eq!(row(counterparty(key)).destination.account.as_str(), "@LUZ2026");
}

#[test]
fn an_end_that_is_missing_null_or_empty_is_called_by_its_id() {
    for nothing in ["null", "{}", "\"\"", "[]"] {
        let read = row(movement(&with_ends(nothing, nothing)));
        assert_eq!(read.source_name.as_str(), "acc_4kT9wQzB1e", "{nothing}");
        assert_eq!(read.destination_name.as_str(), "cp_Q8wZ2kLm4T", "{nothing}");
        assert!(read.destination_account.is_empty(), "{nothing}");
    }
    let missing = with_ends("1", "1").replace("\"source\":1,", "").replace("\"destination\":1,", "");
    assert_eq!(row(movement(&missing)).destination_name.as_str(), "cp_Q8wZ2kLm4T");
}

#[test]
fn an_end_that_is_expanded_gives_name_and_account_in_either_shape() {
    let flat =
        r#"{"alias":"","type":"ch","account_number":"12345678901","counterparty_fullname":"Ana Ruiz"}"#;
    let bag = r#"{"id":"cp_Q8wZ2kLm4T","metadata":{"counterparty_fullname":"Ana Ruiz","account_number":"12345678901"}}"#;
    for end in [flat, bag] {
        let read = row(movement(&with_ends(r#"{"alias":"Nómina"}"#, end)));
        assert_eq!((read.source_name.as_str(), read.destination_name.as_str()), ("Nómina", "Ana Ruiz"));
        assert_eq!(read.destination_account.as_str(), "12345678901");
    }
}

#[test]
fn a_short_answer_to_a_creation_is_a_movement_too() {
    let short = r#"{"id":"mm_1","status":{"state":"initiated","code":"","description":""},"metadata":{},"creator":"cli_1",
        "external_id":null,"checker_approval":false,"type":"r2p_pse","geo":"col","source_id":"cp_1","destination_id":"acc_1",
        "currency":"cop","amount":1,"created_at":"2026-01-15T14:03:04.12Z"}"#;
    let read = row(movement(short));
    assert_eq!(
        (read.state, read.external_id, read.updated_at),
        (MovementState::Initiated, None, read.created_at)
    );
}

#[test]
fn only_what_waits_by_itself_is_in_the_queue() {
    let single = with_ends("null", "null");
    assert!(matches!(row(approval(&single)), Approval::Single(_)));
    let bulk = r#"{"id":"bmm_8Kw2LsQ0Zp","file_name":"nomina.json","status":{"state":"pending_approval"},
        "total_money_movements":2,"creator":"cli_1","created_at":"2026-01-15T14:00:00Z"}"#;
    assert!(matches!(row(approval(bulk)), Approval::Bulk(bulk) if bulk.count == 2));
    let of_a_run = single.replace(r#""batch_id":"""#, r#""batch_id":"mmse_1""#);
    assert!(matches!(row(approval(&of_a_run)), Approval::Single(_)));
    let of_a_bulk = single.replace(r#""batch_id":"""#, r#""batch_id":"bmm_8Kw2LsQ0Zp""#);
    let decided = single.replace("pending_approval", "processing");
    for absent in [of_a_bulk, decided] {
        assert!(approval(&absent).unwrap().is_none(), "{absent}");
    }
}

#[test]
fn lists_are_read_under_both_keys_and_end_where_they_first_say_so() {
    let page = |text| wire::page(text).map(|page| (page.rows.len(), page.is_last(0)));
    assert_eq!(page(r#"{"contents":[{},{}],"is_last_page":false,"total_pages":1}"#), Ok((2, true)));
    assert_eq!(page(r#"{"contents":[{}],"is_last_page":true}"#), Ok((1, true)));
    assert_eq!(page(r#"{"contents":[{}],"total_pages":3}"#), Ok((1, false)));
    assert_eq!(page(r#"{"Daily Balance history List":[{}],"is_last_page":true}"#), Ok((1, true)));
    assert!(page(r#"{"message":"Missing Authentication Token"}"#).is_err());
}

#[test]
fn a_life_is_read_under_both_names() {
    let life = |body: &str| wire::grant(body.as_bytes()).map(|(_, life)| life.map(|life| life.as_secs()));
    assert_eq!(life(r#"{"access_token":"a","type":"Bearer","expiration_time":1200}"#), Some(Some(1200)));
    assert_eq!(life(r#"{"access_token":"a","expires_in":"900"}"#), Some(Some(900)));
    assert_eq!(life(r#"{"access_token":"a"}"#), Some(None));
    assert_eq!(life(r#"{"token":"a"}"#), None);
}

#[test]
fn a_movement_was_made_only_if_all_that_the_answer_repeats_can_be_read() {
    let made = |body: &str| wire::read_movement(201, body.as_bytes(), Currency::Cop);
    let Reading::Made { id, echo, .. } = made(&with_ends("null", "null")) else { panic!("made") };
    assert_eq!((id.as_str(), echo.amount), ("mm_7hQ2sLxV9dKp4T", Some(Money::new(100_000, Currency::Cop))));
    for other in
        ["", "{}", "[]", r#"{"id":""}"#, r#"{"id":"mm_1","amount":1.5}"#, r#"{"id":"mm_1","currency":"xau"}"#]
    {
        assert_eq!(made(other), Reading::Other, "{other}");
    }
}
