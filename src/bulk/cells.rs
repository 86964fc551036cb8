//! What people write into a cell and what the provider calls it: banks, kinds of accounts and documents, keys,
//! check digits.

use crate::domain::bank;
use crate::domain::document::split_nit;
use crate::i18n::fold;
use std::borrow::Cow;

#[derive(Debug, Clone, Copy)]
pub enum Bank {
    Code(&'static str),
    /// None, or the likeliest name.
    Unknown(Option<&'static str>),
}

pub fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `12345678.0`: a program that took it for an amount wrote it so, and what stood there is lost. A mark of
/// thousands has three figures after it.
pub fn is_decimal(text: &str) -> bool {
    text.rsplit_once(['.', ',']).is_some_and(|(_, last)| last.len() < 3 && all_digits(last))
}

/// The letters and figures of a document: `nit 900.123.456-8` is `9001234568`.
pub fn figures(text: &str) -> Cow<'_, str> {
    let number = text.rsplit_once(' ').filter(|(kind, _)| kind.bytes().all(|b| b.is_ascii_alphabetic()));
    let number = number.map_or(text, |(_, number)| number);
    if all_digits(number) {
        return number.into();
    }
    let number = number.chars().filter(char::is_ascii_alphanumeric);
    number.map(|letter| letter.to_ascii_uppercase()).collect()
}

/// The provider names banks by code or by name [code].
pub fn is_bank(said: &str, code: &str) -> bool {
    said == code || bank::institution(said).is_some_and(|known| known.code == code)
}

/// A NIT with and without its check digit is one document.
pub fn same_document(one: &str, other: &str) -> bool {
    let bare =
        |text: &str| split_nit(text).filter(|(_, _, right)| *right).map(|(base, _, _)| base.to_owned());
    one == other || bare(one).as_deref() == Some(other) || bare(other).as_deref() == Some(one)
}

/// `@` and letters or figures, an e-mail, a mobile number, a document or a merchant's code [inf].
pub fn is_key(key: &str) -> bool {
    if let Some(name) = key.strip_prefix('@') {
        return (3..=20).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    }
    if let Some((user, domain)) = key.split_once('@') {
        let letters = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b));
        return !user.is_empty()
            && domain.contains('.')
            && letters(user)
            && letters(domain)
            && key.len() <= 92;
    }
    (4..=18).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The last figure of a CLABE as it is, and as it should be; `None` for what is no CLABE.
pub fn clabe_digit(clabe: &str) -> Option<(u32, u32)> {
    if clabe.len() != 18 {
        return None;
    }
    let digits: Vec<u32> = clabe.chars().map(|c| c.to_digit(10)).collect::<Option<_>>()?;
    let (last, first) = digits.split_last()?;
    let sum: u32 =
        first.iter().zip([3, 7, 1].into_iter().cycle()).map(|(digit, weight)| digit * weight % 10).sum();
    Some((*last, (10 - sum % 10) % 10))
}

/// The provider's type of an account as people write it.
pub fn account_kind(text: &str) -> Option<&'static str> {
    Some(match fold(text).trim_matches('.') {
        "ch" | "ahorros" | "ahorro" | "cuenta de ahorros" | "cuenta ahorros" | "savings" | "saving"
        | "aho" | "savings account" | "s" | "a" | "ca" => "ch",
        "cc" | "corriente" | "cuenta corriente" | "checking" | "current" | "cte" | "checking account"
        | "c" => "cc",
        "dp"
        | "deposito electronico"
        | "deposito"
        | "billetera"
        | "wallet"
        | "electronic deposit"
        | "deposito de bajo monto"
        | "dbm" => "dp",
        _ => return None,
    })
}

/// The provider's type of a document as people write it.
pub fn document_kind(text: &str) -> Option<&'static str> {
    Some(match fold(text).replace('.', "").as_str() {
        "cc" | "c" | "cedula" | "cedula de ciudadania" | "cedula ciudadania" => "cc",
        "nit" | "n" => "nit",
        "ce" | "cedula de extranjeria" | "cedula extranjeria" => "ce",
        "pa" | "pp" | "pas" | "pasaporte" | "passport" => "pa",
        "ti" | "tarjeta de identidad" => "ti",
        "ppt" => "ppt",
        "pep" => "pep",
        "rfc" => "rfc",
        "curp" => "curp",
        _ => return None,
    })
}

/// A bank by its code, its national code or its name. One that is only alike is named, never taken.
pub fn find_bank(text: &str) -> Bank {
    let text = text.trim();
    if all_digits(text) {
        let trimmed = text.trim_start_matches('0');
        let code = if trimmed.len() == 4 { trimmed.to_owned() } else { format!("1{trimmed:0>3}") };
        let found = bank::colombian().find(|known| known.code == code);
        return found.map_or(Bank::Unknown(None), |known| Bank::Code(known.code));
    }
    let plain = |name: &str| {
        let folded = fold(name);
        let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let words =
            words.filter(|word| !matches!(*word, "banco" | "de" | "sa" | "s" | "a" | "colombia" | "bank"));
        words.collect::<Vec<_>>().join(" ")
    };
    let wanted = plain(text);
    let mut near: Option<(f64, &'static str)> = None;
    for bank::Institution { code, name, .. } in bank::colombian() {
        let known = plain(name);
        if known == wanted || wanted.replace(' ', "") == known.replace(' ', "") {
            return Bank::Code(code);
        }
        let score = strsim::jaro_winkler(&known, &wanted);
        if near.is_none_or(|(best, _)| score > best) {
            near = Some((score, name));
        }
    }
    match near {
        // A slip is asked about: two banks may be a letter apart.
        Some((score, name)) if score >= 0.8 => Bank::Unknown(Some(name)),
        Some(_) | None => Bank::Unknown(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bank_of(text: &str) -> Option<&'static str> {
        match find_bank(text) {
            Bank::Code(code) => Some(code),
            Bank::Unknown(_) => None,
        }
    }

    #[test]
    fn banks_are_found_as_people_write_them() {
        for (text, code) in [
            ("1007", "1007"),
            ("007", "1007"),
            ("7", "1007"),
            ("BANCOLOMBIA S.A.", "1007"),
            ("bancolombia", "1007"),
            ("BANCO DE BOGOTÁ", "1001"),
            ("Bogota", "1001"),
            ("AV Villas", "1052"),
            ("nequi", "1507"),
            ("Banco Davivienda", "1051"),
            ("1551", "1551"),
            ("551", "1551"),
        ] {
            assert_eq!(bank_of(text), Some(code), "{text}");
        }
        for text in ["Banco", "9999", "Banorte", "xx", "Bancolombai", "Bancolombio"] {
            assert_eq!(bank_of(text), None, "{text}");
        }
    }

    #[test]
    fn check_digits_of_clabes() {
        assert_eq!(clabe_digit("646180303700100016"), Some((6, 6)));
        assert_eq!(clabe_digit("710969000037970288"), Some((8, 8)));
        assert_eq!(clabe_digit("646180303700100017"), Some((7, 6)));
        assert_eq!(clabe_digit("6461803037001000"), None);
    }

    #[test]
    fn keys_have_one_of_their_forms() {
        for key in ["@LUZ2026", "luz@correo.co", "3001234567", "0012345678", "79412330", "900123456"] {
            assert!(is_key(key), "{key}");
        }
        for no in ["@", "@a b", "luz@", "a@b", "300 123", "", "@ñandú"] {
            assert!(!is_key(no), "{no}");
        }
    }

    #[test]
    fn a_nit_is_the_same_with_its_digit_and_without() {
        assert!(same_document(&figures("nit 890.903.938-8"), "890903938"));
        assert!(!same_document("890903938", "890903939"));
    }
}
