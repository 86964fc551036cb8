//! The codes of the contract, good and broken, and what holds for every code.

use super::*;
use crate::i18n::Lang;
use proptest::{prelude::*, sample::select};

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

fn example(name: &str) -> &'static str {
    let mut all = rows(include_str!("../../tests/emv/valid.tsv"));
    all.find(|row| row[0] == name).unwrap()[2]
}

fn cop(minor: i64) -> Money {
    Money::new(minor, Currency::Cop)
}

#[test]
fn the_checksum_is_that_of_the_contract() {
    for (text, crc) in
        [("123456789", 0x29b1), ("", 0xffff), ("A", 0xb915), ("6304", 0x6007), ("0002010102116304", 0xad0a)]
    {
        assert_eq!(crc16(text.as_bytes()), crc, "{text}");
    }
}

#[test]
fn every_example_is_read_with_its_warnings() {
    let mut count = 0;
    for row in rows(include_str!("../../tests/emv/valid.tsv")) {
        let [name, warnings, text] = row.try_into().unwrap();
        let report = inspect(text);
        assert_eq!(report.errors, [], "{name}");
        let code = report.code.unwrap();
        let mut found: Vec<&str> = code.warnings().iter().map(|warning| warning.kind.code()).collect();
        found.sort_unstable();
        assert_eq!(found.join(" "), warnings, "{name}");
        assert_eq!(code.text(), text);
        count += 1;
    }
    assert_eq!(count, 15);
}

#[test]
fn every_broken_example_is_refused_where_it_is_broken() {
    let mut count = 0;
    for row in rows(include_str!("../../tests/emv/broken.tsv")) {
        let [name, planted, expected, text] = row.try_into().unwrap();
        let text = text.strip_prefix('|').unwrap().strip_suffix('|').unwrap().replace("\\n", "\n");
        if expected.is_empty() {
            continue;
        }
        let found: Vec<String> = inspect(&text)
            .errors
            .iter()
            .map(|error| format!("{}@{}:{}", error.kind.code(), error.offset, error.tag))
            .collect();
        assert_eq!(found.join(" "), expected, "{name}: {planted}");
        assert!(parse(&text).is_err());
        count += 1;
    }
    assert_eq!(count, 46);
}

#[test]
fn bytes_that_are_no_text_are_refused_at_their_place() {
    let mut bytes =
        b"00020101021126300014CO.COM.RBM.LLA0408@minima15204000053031705802CO5910TIENDA UN".to_vec();
    bytes.push(0xd3);
    bytes.extend(b"6006BOGOTA6304A715");
    let error = parse_bytes(&bytes).unwrap_err();
    assert_eq!((error.kind, error.byte_offset, error.detail.as_str()), (ErrorKind::InvalidUtf8, 80, "0xD3"));
}

#[test]
fn the_key_to_pay_is_found() {
    for (name, kind, value) in [
        ("E02", KeyKind::Alphanumeric, "@cafelaloma7"),
        ("E03", KeyKind::Phone, "3001234567"),
        ("E04", KeyKind::Document, "1023456789"),
        ("E05", KeyKind::Email, "ventas@tienda.example"),
        ("E06", KeyKind::MerchantCode, "0012345678"),
        ("E07", KeyKind::MerchantCode, "0098765432"),
        ("E08", KeyKind::Alphanumeric, "@panineshh"),
        ("E08B", KeyKind::Alphanumeric, "@panineshh"),
        ("E12", KeyKind::Phone, "3109876543"),
        ("E14", KeyKind::Alphanumeric, "@minima1"),
    ] {
        let code = parse(example(name)).unwrap();
        assert_eq!(code.key(), Some(&Key { kind, value }), "{name}");
    }
    assert_eq!(parse(example("E01")).unwrap().key(), None);
}

#[test]
fn amounts_kinds_and_names_are_read() {
    let of = |name| parse(example(name)).unwrap();
    assert_eq!((of("E02").kind(), of("E02").amount()), (Kind::Static, None));
    assert_eq!((of("E10").kind(), of("E10").amount()), (Kind::Static, Some(cop(2_000_000))));
    assert_eq!((of("E11").kind(), of("E11").amount()), (Kind::Dynamic, Some(cop(12_000_000))));
    assert_eq!(of("E11").tip(), Some(Tip::Percent("10.00")));
    assert_eq!(of("E03").tip(), Some(Tip::Fixed(cop(845_000))));
    assert_eq!(of("E06").tip(), Some(Tip::Asked));
    assert_eq!(of("E08").merchant().as_str(), "Panadería Doña Inés");
    assert_eq!(of("E08").city().as_str(), "Ibagué");
    assert_eq!(of("E02").merchant().as_str(), "CAFE LA LOMA");
    assert!(of("E14").merchant().is_empty());
    assert_eq!(of("E01").currency(), Some(Currency::Usd));
}

#[test]
fn templates_lie_where_the_contract_walks() {
    let code = parse(example("E09")).unwrap();
    for (path, offset, value) in [
        ("62.05", 137, "REF0001"),
        ("62.50", 167, "0015co.example.club01170002S10107MENSUAL"),
        ("62.50.00", 171, "co.example.club"),
        ("62.50.01", 190, "0002S10107MENSUAL"),
        ("92.01", 448, "PLAN"),
    ] {
        let node = code.get(path).unwrap();
        assert_eq!((node.offset, node.value), (offset, value), "{path}");
    }
    let code = parse(example("E08")).unwrap();
    assert_eq!((code.get("64.02").unwrap().offset, code.get("64.02").unwrap().byte_offset), (203, 206));
    assert_eq!(parse(example("E13")).unwrap().get("96").unwrap().children, []);
}

#[test]
fn a_wrong_length_is_told_from_a_damaged_scan() {
    let wrong =
        "00020101021126300014CO.COM.RBM.LLA0408@minima15204000053031705802CO5909TIENDA UNO6006BOGOTA63044322";
    let error = parse(wrong).unwrap_err();
    assert_eq!(error.hint, Some(Hint::MakersLength));
    assert_eq!(error.after, Some(("59".to_owned(), 67)));
    let damaged = wrong.replace("UNO", "UNA");
    assert_eq!(parse(&damaged).unwrap_err().hint, Some(Hint::Damaged));
}

#[test]
fn a_second_key_is_never_chosen_between() {
    let keys = object("00", "CO.COM.RBM.LLA") + &object("02", "3001234567") + &object("04", "@minima1");
    let rest = "5204000053031705802CO5903UNO6006BOGOTA";
    let two = sealed(&format!("000201010211{}{rest}", object("26", &keys)));
    let report = inspect(&two);
    assert_eq!(report.errors.iter().map(|error| error.kind).collect::<Vec<_>>(), [ErrorKind::AmbiguousKey]);
    assert_eq!(report.code.unwrap().key(), None);
}

#[test]
fn keys_are_grouped_for_the_screen_and_masked_for_the_rest() {
    for (kind, value, shown, masked) in [
        (KeyKind::Document, "1023456789", "1.023.456.789", "******6789"),
        (KeyKind::Phone, "3001234567", "300 123 4567", "*** *** 4567"),
        (KeyKind::Email, "ventas@tienda.example", "ventas@tienda.example", "v***@tienda.example"),
        (KeyKind::Alphanumeric, "@cafelaloma7", "@cafelaloma7", "@cafelaloma7"),
        (KeyKind::MerchantCode, "0012345678", "0012345678", "0012345678"),
    ] {
        let (key, odd) = Key::read(kind, value).unwrap();
        assert_eq!((key.shown().as_str(), key.masked().as_str(), odd), (shown, masked, None));
    }
    let (phone, odd) = Key::read(KeyKind::Phone, "+573001234567").unwrap();
    assert_eq!((phone.value, odd), ("3001234567", Some(WarningKind::KeyNormalised)));
    assert!(
        Key { kind: KeyKind::Alphanumeric, value: "@ABC" }
            .same(&Key { kind: KeyKind::Alphanumeric, value: "@abc" })
    );
}

#[test]
fn a_description_has_a_line_for_every_object() {
    let code = parse(example("E04")).unwrap();
    let lines = code.describe(Lang::Es, Personal::Masked);
    let find = |path: &str| lines.iter().find(|line| line.path == path).unwrap();
    assert_eq!((find("26.01").name, find("26.01").value.as_str()), ("Documento", "******6789"));
    assert_eq!((find("01").name, find("01").meaning), ("Tipo", "estático"));
    assert_eq!(find("26.01").depth, 1);
    assert!(find("26").value.is_empty());
    let open = code.describe(Lang::En, Personal::Shown);
    assert_eq!(open.iter().find(|line| line.path == "26.01").unwrap().value.as_str(), "1023456789");
}

#[test]
fn every_fault_has_its_sentence_in_both_languages() {
    for lang in Lang::ALL {
        assert!(ErrorKind::ALL.iter().all(|kind| lang.find(kind.word()).is_some()));
        assert!(WarningKind::ALL.iter().all(|kind| lang.find(kind.word()).is_some()));
    }
}

fn object(id: &str, value: &str) -> String {
    format!("{id}{:02}{value}", value.chars().count())
}

fn sealed(body: &str) -> String {
    let body = format!("{body}6304");
    format!("{body}{:04X}", crc16(body.as_bytes()))
}

/// A code that is right, its objects in any order.
fn any_code() -> impl Strategy<Value = (String, Option<i64>)> {
    let key = prop_oneof![
        "[A-Z0-9]{4,18}".prop_map(|value| object("01", &value)),
        "3[0-9]{9}".prop_map(|value| object("02", &value)),
        "[a-z]{1,20}@[a-z]{1,20}\\.co".prop_map(|value| object("03", &value)),
        "@[A-Za-z0-9]{5,19}".prop_map(|value| object("04", &value)),
        "00[1-9][0-9]{7}".prop_map(|value| object("05", &value)),
    ];
    let network = select(vec!["RBM", "CRB", "ACH", "VISI", "BRC"]);
    let amount = proptest::option::of(1..99_999_999_999_i64);
    let names = ("[A-Z][A-Z ]{0,23}[A-Z]", "[A-Z]{1,15}", "[A-ZÁÉÍÓÚÑ]{1,25}");
    (key, network, amount, names, any::<bool>())
        .prop_flat_map(|(key, network, amount, (name, city, local), dynamic)| {
            let template =
                |suffix: &str, rest: &str| object("00", &format!("CO.COM.{network}.{suffix}")) + rest;
            let mut objects = vec![
                object("01", if dynamic { "12" } else { "11" }),
                object("26", &template("LLA", &key)),
                object("49", &template("RED", &object("01", network))),
                object("52", "5812"),
                object("53", "170"),
                object("58", "CO"),
                object("59", &name),
                object("60", &city),
                object("64", &(object("00", "es") + &object("01", &local))),
                object("91", &template("SEC", &object("01", "QUJDREVGR0hJSktMTU5PUFFS"))),
            ];
            objects.extend(amount.map(|minor| object("54", &cop(minor).to_decimal())));
            (Just(objects).prop_shuffle(), Just(amount))
        })
        .prop_map(|(objects, amount)| (sealed(&(object("00", "01") + &objects.concat())), amount))
}

proptest! {
    #[test]
    fn a_good_code_is_read_as_it_was_made((text, amount) in any_code()) {
        let report = inspect(&text);
        prop_assert_eq!(&report.errors, &[]);
        let code = report.code.unwrap();
        prop_assert_eq!(code.amount(), amount.map(cop));
        prop_assert!(code.key().is_some());
        // Every object lies where it says, and together they are the code.
        let mut whole = String::new();
        for node in code.nodes() {
            prop_assert_eq!(node.offset, whole.chars().count());
            prop_assert_eq!(node.byte_offset, whole.len());
            whole.push_str(&object(node.id(), node.value));
        }
        prop_assert_eq!(whole, text.as_str());
        prop_assert!(!code.describe(Lang::Es, Personal::Masked).is_empty());
    }

    // A payee or an amount that is changed after sealing must not pass.
    #[test]
    fn one_changed_character_is_always_found((text, _) in any_code(), at in any::<prop::sample::Index>(), new in "[ -~]") {
        let mut chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        let new = new.chars().next().unwrap();
        let case_only = chars[at].eq_ignore_ascii_case(&new) && at + 4 >= chars.len();
        prop_assume!(chars[at].is_ascii() && chars[at] != new && !case_only);
        chars[at] = new;
        let changed: String = chars.into_iter().collect();
        // The CRC of a maker who took Latin-1 may agree once in 65,536 times, and is said.
        let said = |code: &Code<'_>| code.warnings().iter().any(|w| w.kind == WarningKind::CrcMatchesLatin1);
        prop_assert!(parse(&changed).map_or(true, |code| said(&code)), "{}", changed);
    }

    #[test]
    fn a_cut_code_is_never_read((text, _) in any_code(), at in any::<prop::sample::Index>()) {
        let at = at.index(text.chars().count());
        let cut: String = text.chars().take(at).collect();
        prop_assert!(parse(&cut).is_err());
    }

    #[test]
    fn no_text_panics_and_every_error_lies_in_it(text in "\\PC{0,80}|[0-9]{0,120}|000201([0-9]{2}0[1-9][0-9A-Zñ]{1,9}){0,12}") {
        for error in inspect(&text).errors {
            prop_assert!(error.offset <= text.chars().count());
            prop_assert!(error.byte_offset <= text.len());
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(parse_bytes(&bytes).is_err());
    }
}
