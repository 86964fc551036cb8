//! What each rule finds, and what it leaves alone.

use super::*;
use crate::domain::money::Currency;
use crate::payments::testing::{account, landlord};
use jiff::SignedDuration;
use proptest::prelude::*;

fn at(day: i64) -> Timestamp {
    // A Wednesday at ten in Bogotá.
    "2026-11-25T15:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * day)
}

fn cop(pesos: i64) -> Money {
    Money::new(pesos * 100, Currency::Cop)
}

fn paid(id: &str, day: i64, pesos: i64) -> Past {
    Past {
        place: Place::Movement,
        id: Clean::new(id),
        movement: Some(Clean::new(id)),
        at: at(day),
        amount: cop(pesos),
        destination: Clean::new("cp_1"),
        account: Clean::new("12345678901"),
        name: Clean::new("Inmobiliaria Peña"),
        external_id: None,
        description: Clean::new("Arriendo"),
        live: true,
    }
}

fn paying(pesos: i64) -> Payment {
    Payment {
        same_as: Vec::new(),
        source: Clean::new("acc_1"),
        destination: Clean::new("cp_1"),
        account: Clean::new("12345678901"),
        name: Clean::new("Inmobiliaria Peña"),
        amount: cop(pesos),
        description: Clean::new("Arriendo"),
        external_id: None,
        verified_name: None,
        at: at(0),
    }
}

fn knowing() -> History {
    History::knowing([&landlord("col", "ch")], [&account(50_000_000_000)])
}

/// Five rents of some 1.203.455, the last one a month ago.
fn renting() -> History {
    let mut history = knowing();
    history.extend((1..6).map(|n| paid(&format!("mm_{n}"), -30 * n, 1_203_450 + n)));
    history
}

fn codes(payment: &Payment, history: &History) -> Vec<Code> {
    review(payment, history, &Terms::default()).iter().map(|finding| finding.code).collect()
}

#[test]
fn the_usual_payment_to_the_usual_account_has_nothing_odd() {
    assert_eq!(codes(&paying(1_203_499), &renting()), []);
}

#[test]
fn the_same_payment_a_few_days_ago_is_a_duplicate_and_a_month_ago_is_rent() {
    for (day, odd) in [(0, true), (-1, true), (-7, true), (-8, false), (-30, false)] {
        let mut history = renting();
        history.add(paid("mm_twin", day, 1_203_499));
        let found = review(&paying(1_203_499), &history, &Terms::default());
        assert_eq!(found.iter().any(|finding| finding.code == Code::Duplicate), odd, "{day}");
        if odd {
            assert_eq!(found[0].evidence[0].id.as_str(), "mm_twin");
            assert!(found[0].stops());
        }
    }
}

#[test]
fn a_duplicate_is_found_by_the_account_where_the_counterparty_is_another() {
    let mut history = renting();
    let mut twin = paid("mm_twin", -1, 1_203_499);
    twin.destination = Clean::new("cp_2");
    twin.account = Clean::new("1234567-8901");
    twin.name = Clean::new("Peña Inmuebles");
    history.add(twin);
    assert_eq!(codes(&paying(1_203_499), &history), [Code::Duplicate]);
}

#[test]
fn what_never_left_is_no_duplicate_and_nothing_is_one_of_itself() {
    let mut history = renting();
    let mut twin = paid("mm_twin", -1, 1_203_499);
    twin.live = false;
    history.add(twin.clone());
    assert_eq!(codes(&paying(1_203_499), &history), []);
    let mut history = renting();
    history.add(Past { live: true, ..twin });
    let itself = Payment { same_as: vec![Clean::new("mm_twin")], ..paying(1_203_499) };
    assert_eq!(codes(&itself, &history), []);
}

#[test]
fn one_payment_seen_in_three_places_is_one() {
    let mut history = renting();
    let before = history.len();
    let mut outbox = paid("mm_1", -30, 1_203_451);
    outbox.place = Place::Outbox;
    outbox.id = Clean::new("intent");
    outbox.account = Clean::default();
    history.add(outbox);
    assert_eq!(history.len(), before);
}

#[test]
fn a_reference_paid_before_is_found_however_it_is_written() {
    let mut history = renting();
    let mut invoice = paid("mm_invoice", -90, 900_001);
    invoice.description = Clean::new("Factura FV-001023");
    invoice.external_id = Some(Clean::new("Pago-0044"));
    history.add(invoice);
    let again = Payment { description: Clean::new("fv 1023"), ..paying(1_203_499) };
    let again = Payment { description: Clean::new("pago FV1023"), ..again };
    assert_eq!(codes(&again, &history), [Code::Reference]);
    let again = Payment { external_id: Some(Clean::new("PAGO 44")), ..paying(1_203_499) };
    assert_eq!(codes(&again, &history), [Code::Reference]);
    let other = Payment { external_id: Some(Clean::new("pago-45")), ..paying(1_203_499) };
    assert_eq!(codes(&other, &history), []);
}

#[test]
fn another_payees_invoice_of_the_same_number_is_told_where_the_amount_is_the_same() {
    let mut history = renting();
    let mut invoice = paid("mm_invoice", -90, 900_001);
    invoice.description = Clean::new("Factura 1023");
    invoice.destination = Clean::new("cp_2");
    invoice.account = Clean::new("77788899900");
    invoice.name = Clean::new("Papelería Uno");
    history.add(invoice);
    let paying = |pesos| Payment { description: Clean::new("Factura 1023"), ..paying(pesos) };
    assert_eq!(codes(&paying(1_203_499), &history), []);
    assert!(codes(&paying(900_001), &history).contains(&Code::Reference));
}

#[test]
fn the_number_of_a_contract_that_is_paid_each_month_is_no_invoice() {
    let contract = |id: &str, day| Past {
        description: Clean::new("Contrato CT0103 mensual"),
        ..paid(id, day, 1_203_450)
    };
    let paying = Payment { description: Clean::new("contrato CT-103"), ..paying(1_203_499) };
    let mut history = renting();
    history.extend([contract("mm_a", -31), contract("mm_b", -61)]);
    assert_eq!(codes(&paying, &history), [Code::Reference], "twice is not often");
    history.add(contract("mm_c", -91));
    assert_eq!(codes(&paying, &history), []);
    // Three times within a week is a mistake made three times.
    let mut history = renting();
    history.extend([contract("mm_a", -8), contract("mm_b", -9), contract("mm_c", -10)]);
    assert!(codes(&paying, &history).contains(&Code::Reference));
}

#[test]
fn a_habit_is_seen_whatever_the_order_in_which_its_payments_are_read() {
    let rows = |days: std::ops::Range<i64>| days.map(|n| paid(&format!("mm_{n}"), -n, 1_203_450 + n));
    let mut history = knowing();
    history.extend(rows(8..300));
    history.extend(rows(300..2_000));
    // Of so many only the newest count.
    let found = review(&paying(9_000_003), &history, &Terms::default());
    let amount = found.iter().find(|finding| finding.code == Code::Amount).expect("far from the habit");
    assert_eq!(amount.evidence.first().map(|row| row.id.as_str()), Some("mm_8"));
}

#[test]
fn an_account_that_never_was_paid_stops_a_payment_to_a_known_payee() {
    let moved = Payment { account: Clean::new("99988877766"), ..paying(1_203_499) };
    let found = review(&moved, &renting(), &Terms::default());
    assert_eq!(found.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::AccountChanged]);
    assert_eq!(found[0].evidence.len(), 5);
    // Under a counterparty of its own with the same document it's the same payee.
    let mut twin = landlord("col", "ch");
    twin.id = crate::domain::id::CounterpartyId::new("cp_9").unwrap();
    twin.name = Clean::new("Peña nueva cuenta");
    let mut history = History::knowing([&landlord("col", "ch"), &twin], []);
    history.extend((1..6).map(|n| paid(&format!("mm_{n}"), -30 * n, 1_203_450 + n)));
    let moved = Payment { destination: Clean::new("cp_9"), name: twin.name.clone(), ..moved };
    assert!(codes(&moved, &history).contains(&Code::AccountChanged));
    // `ND` is no document: two that have none are two payees.
    let mut landlord = landlord("col", "ch");
    for row in [&mut landlord, &mut twin] {
        row.document = Clean::new("rfc ND");
    }
    let mut history = History::knowing([&landlord, &twin], []);
    history.extend((1..6).map(|n| paid(&format!("mm_{n}"), -30 * n, 1_203_450 + n)));
    assert!(!codes(&moved, &history).contains(&Code::AccountChanged));
}

#[test]
fn a_slip_of_zeros_is_named_by_its_times() {
    for (pesos, word) in [
        (12_034_550, Some("finding.amount.tenfold")),
        (120_345_500, Some("finding.amount.hundredfold")),
        (120_345, Some("finding.amount.tenth")),
        (40_000_123, Some("finding.amount.times")),
        (3_000_111, Some("finding.amount.above")),
        (1_400_111, None),
    ] {
        let found = review(&paying(pesos), &renting(), &Terms::default());
        let amount = found.iter().find(|finding| finding.code == Code::Amount);
        assert_eq!(amount.map(|finding| finding.word), word, "{pesos}");
    }
}

#[test]
fn a_new_counterparty_is_told_and_so_is_a_first_payment() {
    let mut new = landlord("col", "ch");
    new.created_at = at(-2);
    assert_eq!(codes(&paying(1_203_499), &History::knowing([&new], [])), [Code::NewCounterparty]);
    assert_eq!(codes(&paying(1_203_499), &knowing()), [Code::FirstPayment]);
}

#[test]
fn a_payment_just_below_a_limit_or_split_below_it_is_told() {
    let terms = Terms { limits: vec![cop(5_000_000)], ..Terms::default() };
    let mut history = knowing();
    history.extend((1..6).map(|n| paid(&format!("mm_{n}"), -30 * n, 4_500_003 + 50_000 * n)));
    let below = |pesos: i64, history: &History| {
        review(&paying(pesos), history, &terms).iter().any(|finding| finding.code == Code::BelowLimit)
    };
    assert!(below(4_999_999, &history));
    assert!(below(4_750_000, &history));
    assert!(!below(4_749_999, &history));
    assert!(!below(5_000_000, &history));
    history.add(paid("mm_part", 0, 2_500_001));
    assert!(below(2_600_002, &history));
    assert!(!below(2_400_002, &history));
}

#[test]
fn a_round_amount_is_odd_where_the_payee_never_gets_one() {
    assert!(codes(&paying(8_000_000), &renting()).contains(&Code::RoundAmount));
    let mut rounds = knowing();
    rounds.extend((1..6).map(|n| paid(&format!("mm_{n}"), -30 * n, 8_000_000)));
    assert_eq!(codes(&paying(8_000_000), &rounds), []);
}

#[test]
fn hours_belong_to_the_zone_of_the_profile() {
    let zone = TimeZone::get("America/Bogota").unwrap();
    let hours = Hours { days: [true, true, true, true, true, false, false], from: 7 * 60, to: 19 * 60 };
    let terms = Terms { hours: Some(hours), zone, ..Terms::default() };
    let odd = |at: &str| {
        let payment = Payment { at: at.parse().unwrap(), ..paying(1_203_499) };
        review(&payment, &renting(), &terms).iter().any(|finding| finding.code == Code::OutsideHours)
    };
    assert!(!odd("2026-11-25T15:00:00Z"));
    assert!(odd("2026-11-25T11:59:59Z"), "06:59 in Bogotá");
    assert!(!odd("2026-11-25T12:00:00Z"));
    assert!(odd("2026-11-26T00:00:00Z"), "19:00 in Bogotá");
    assert!(odd("2026-11-28T15:00:00Z"), "a Saturday");
}

#[test]
fn the_tax_counts_towards_the_floor_unless_the_balance_is_exempt() {
    // 1.203.499 and its tax of 4.814 out of 1.205.000.
    let mut history = History::knowing([&landlord("col", "ch")], [&account(120_500_000)]);
    history.extend((1..6).map(|n| paid(&format!("mm_{n}"), -30 * n, 1_203_450 + n)));
    assert_eq!(codes(&paying(1_203_499), &history), [Code::BelowFloor]);
    let exempt = Terms { gmf_exempt: vec!["acc_1".to_owned()], ..Terms::default() };
    assert!(review(&paying(1_203_499), &history, &exempt).is_empty());
    let floor = Terms { floors: vec![cop(2_000)], ..exempt };
    assert_eq!(review(&paying(1_203_499), &history, &floor).len(), 1);
}

#[test]
fn an_account_of_somebody_else_stops_where_the_provider_says_whose_it_is() {
    let other = Payment { verified_name: Some(Clean::new("Inversiones Rápidas")), ..paying(1_203_499) };
    let found = review(&other, &renting(), &Terms::default());
    assert_eq!(found.len(), 1);
    assert!(found[0].stops());
    let own = Payment { verified_name: Some(Clean::new("INMOBILIARIA PENA S.A.S")), ..paying(1_203_499) };
    assert_eq!(codes(&own, &renting()), []);
}

#[test]
fn what_the_provider_hides_is_said() {
    let masked = Payment { account: Clean::new("*******8901"), ..paying(1_203_499) };
    assert_eq!(codes(&masked, &renting()), [Code::Masked]);
}

#[test]
fn each_finding_is_a_sentence_without_gaps_in_both_languages() {
    let mut history = renting();
    let mut twin = paid("mm_twin", -1, 120_345_500);
    twin.description = Clean::new("FV-1023");
    twin.external_id = Some(Clean::new("A-1"));
    history.add(twin);
    let zone = TimeZone::UTC;
    let odd = [
        Payment { external_id: Some(Clean::new("a 1")), ..paying(120_345_500) },
        Payment { description: Clean::new("fv1023"), account: Clean::new("777"), ..paying(8_000_000) },
        Payment { verified_name: Some(Clean::new("Otro Nombre")), ..paying(60_000_000_000) },
        Payment { account: Clean::new("**1"), ..paying(120_345) },
    ];
    for lang in Lang::ALL {
        let spoken = Spoken { lang, numerals: Numerals::EsCo, dates: Dates::DayFirst, zone: &zone };
        for payment in &odd {
            for finding in review(payment, &history, &Terms::default()) {
                let sentence = finding.sentence(spoken);
                assert!(!sentence.contains(['{', '}']), "{sentence}");
                assert!(sentence.chars().count() > 10, "{sentence}");
            }
        }
    }
}

#[test]
fn a_code_reads_as_it_is_written() {
    for code in Code::ALL {
        assert_eq!(Code::from_code(code.code()), Some(code));
    }
}

proptest! {
    #[test]
    fn whatever_the_history_a_review_ends_and_a_twin_is_always_found(
        amounts in prop::collection::vec(1..i64::MAX / 2, 0..40),
        minor in 1..i64::MAX / 2,
        day in -7_i64..=0,
    ) {
        let mut history = knowing();
        for (n, amount) in amounts.iter().enumerate() {
            let mut past = paid(&format!("mm_{n}"), -i64::try_from(n).unwrap(), 1);
            past.amount.minor = *amount;
            history.add(past);
        }
        let mut twin = paid("mm_twin", day, 1);
        twin.amount.minor = minor;
        history.add(twin);
        let payment = Payment { amount: Money::new(minor, Currency::Cop), ..paying(1) };
        let found = review(&payment, &history, &Terms::default());
        prop_assert!(found.iter().any(|finding| finding.code == Code::Duplicate));
        prop_assert!(found.iter().all(|finding| finding.evidence.len() <= 8));
    }

    #[test]
    fn a_rule_speaks_once(minor in 1..i64::MAX / 2) {
        let payment = Payment { amount: Money::new(minor, Currency::Cop), ..paying(1) };
        let found = review(&payment, &renting(), &Terms::default());
        let mut codes: Vec<Code> = found.iter().map(|finding| finding.code).collect();
        codes.sort_unstable();
        codes.dedup();
        prop_assert_eq!(codes.len(), found.len());
    }
}
