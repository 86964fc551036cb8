//! A static code for a key of one's own: the `core` profile (contract 12), small and honest. What only the
//! network can make (90, 91) and what is not known here (city, taxes) is not in it, so that some bank apps may
//! refuse it [inf]: whoever shows it says so and shows the key beside it.

use super::{crc16, parse};
use crate::i18n::fold;

/// The payee's name, in characters.
const NAME_MAX: usize = 25;
/// As personal apps write what they don't tell [code].
const UNTOLD: &str = "0";

fn object(id: &str, value: &str) -> String {
    format!("{id}{:02}{value}", value.chars().count())
}

/// Where a key of this shape goes in the key template.
fn tag_of(key: &str) -> &'static str {
    let digits = key.bytes().all(|byte| byte.is_ascii_digit());
    match key {
        _ if key.starts_with('@') => "04",
        _ if key.contains('@') => "03",
        _ if digits && key.len() == 10 && key.starts_with('3') => "02",
        _ if digits && key.starts_with("00") => "05",
        _ => "01",
    }
}

/// Printable ASCII, upper case, cut between words if it can be.
fn name(text: &str) -> String {
    let letter = |letter: &char| letter.is_ascii_graphic() || *letter == ' ';
    let plain: String = fold(text).to_ascii_uppercase().chars().filter(letter).collect();
    let mut name = String::new();
    for word in plain.split_whitespace() {
        let more = if name.is_empty() { word.to_owned() } else { format!("{name} {word}") };
        if more.len() > NAME_MAX {
            if name.is_empty() {
                name = word.chars().take(NAME_MAX).collect();
            }
            break;
        }
        name = more;
    }
    if name.is_empty() { UNTOLD.to_owned() } else { name }
}

/// A code that pays into `key`, any amount, any number of times. `None`: what comes out could not be read
/// back, so that the key is shown alone.
pub fn static_code(key: &str, payee: &str) -> Option<String> {
    let template = format!("{}{}", object("00", "CO.COM.RBM.LLA"), object(tag_of(key), key));
    let sealed: String = [
        object("00", "01"),
        object("01", "11"),
        object("26", &template),
        object("52", "0000"),
        object("53", "170"),
        object("58", "CO"),
        object("59", &name(payee)),
        object("60", UNTOLD),
        "6304".to_owned(),
    ]
    .concat();
    let code = format!("{sealed}{:04X}", crc16(sealed.as_bytes()));
    let read = parse(&code).ok()?;
    let same = read.key().is_some_and(|held| held.value.eq_ignore_ascii_case(key));
    same.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emv::{KeyKind, Kind};

    #[test]
    fn a_key_goes_into_a_code_that_our_own_reader_takes_for_it() {
        for (key, kind) in [
            ("@CBAQ1EXD8", KeyKind::Alphanumeric),
            ("3001234567", KeyKind::Phone),
            ("ventas@tienda.example", KeyKind::Email),
            ("0012345678", KeyKind::MerchantCode),
            ("901183029", KeyKind::Document),
        ] {
            let text = static_code(key, "Panadería Ñandú y Compañía Limitada SAS").unwrap();
            let code = parse(&text).unwrap();
            assert_eq!((code.kind(), code.amount()), (Kind::Static, None), "{text}");
            assert_eq!((code.key().unwrap().kind, code.key().unwrap().value), (kind, key), "{text}");
            assert_eq!(code.merchant().as_str(), "PANADERIA NANDU Y");
            assert!(text.is_ascii());
        }
    }

    #[test]
    fn the_contract_s_own_example_comes_out_byte_for_byte() {
        let wanted = "00020101021126300014CO.COM.RBM.LLA0408@minima15204000053031705802CO59010600106304C089";
        assert_eq!(static_code("@minima1", "").as_deref(), Some(wanted));
    }

    #[test]
    fn what_is_no_key_is_in_no_code() {
        for key in
            ["", "@", "@con espacio", "a b", "@ñandú", "@demasiadolargaparaunallave", "sin-arroba.example"]
        {
            assert_eq!(static_code(key, "Andina"), None, "{key}");
        }
    }
}
