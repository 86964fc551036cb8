//! The EMV text of a Colombian Bre-B payment, dynamic, with its CRC.
//!
//! Built here from the standard (EASPBV v1.4) and not with the reader that the console has: if both
//! shared a mistake, every test would pass. Order of the tags, GUIDs and lengths as the Credibanco codes
//! have them [spec][code].

use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use unicode_normalization::UnicodeNormalization as _;

use super::amount;

/// What a code says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment<'a> {
    /// An alphanumeric key with its `@`.
    pub key: &'a str,
    /// Centavos.
    pub amount: i64,
    pub merchant: &'a str,
    pub city: &'a str,
    pub postal_code: &'a str,
    /// Merchant category.
    pub mcc: &'a str,
    /// At most 19 characters for Bre-B.
    pub transaction: &'a str,
    /// Bill number of tag 62, at most 25 characters.
    pub bill: &'a str,
}

/// The whole text, from `000201` to the four digits of the CRC.
pub fn text(payment: &Payment<'_>) -> String {
    let mut code = String::new();
    tag(&mut code, "00", "01");
    tag(&mut code, "01", "12");
    tag(&mut code, "26", &template("CO.COM.CRB.LLA", &[("04", payment.key)]));
    tag(&mut code, "49", &template("CO.COM.CRB.RED", &[("01", "CRB")]));
    tag(&mut code, "50", &template("CO.COM.CRB.CU", &[("01", "0000000000")]));
    tag(&mut code, "51", &template("CO.COM.CRB.CA", &[("01", "0")]));
    tag(&mut code, "52", payment.mcc);
    tag(&mut code, "53", "170");
    tag(&mut code, "54", &amount::text(payment.amount));
    tag(&mut code, "58", "CO");
    tag(&mut code, "59", &plain(payment.merchant, 25));
    tag(&mut code, "60", &plain(payment.city, 15));
    tag(&mut code, "61", &plain(payment.postal_code, 10));
    let mut additional = String::new();
    tag(&mut additional, "01", &plain(payment.bill, 25));
    tag(&mut additional, "07", "WEB00001");
    tag(&mut additional, "08", "00");
    tag(&mut additional, "11", "521");
    tag(&mut code, "62", &additional);
    tag(&mut code, "80", &template("CO.COM.CRB.CANAL", &[("01", "ECOMM")]));
    tag(&mut code, "81", &template("CO.COM.CRB.CIVA", &[("01", "02")]));
    tag(&mut code, "82", &template("CO.COM.CRB.IVA", &[("01", "0.00")]));
    tag(&mut code, "83", &template("CO.COM.CRB.BASE", &[("01", "0.00")]));
    tag(&mut code, "84", &template("CO.COM.CRB.CINC", &[("01", "02")]));
    tag(&mut code, "85", &template("CO.COM.CRB.INC", &[("01", "0.00")]));
    tag(&mut code, "90", &template("CO.COM.CRB.TRXID", &[("01", payment.transaction)]));
    let hash = hex(&Sha256::digest(code.as_bytes()));
    tag(&mut code, "91", &template("CO.COM.CRB.SEC", &[("01", &hash)]));
    code.push_str("6304");
    let sum = crc(code.as_bytes());
    write!(code, "{sum:04X}").unwrap_or_default();
    code
}

/// Adds one object; a value is at most 99 characters long, which its callers keep.
fn tag(code: &mut String, id: &str, value: &str) {
    let length = value.chars().count();
    debug_assert!((1..=99).contains(&length), "tag {id} has {length} characters");
    write!(code, "{id}{length:02}{value}").unwrap_or_default();
}

fn template(guid: &str, parts: &[(&str, &str)]) -> String {
    let mut value = String::new();
    tag(&mut value, "00", guid);
    for (id, part) in parts {
        tag(&mut value, id, part);
    }
    value
}

/// Printable ASCII, upper case, cut at `max`: names in 59 and 60 have no accents. A name of which
/// nothing is left reads `0`, as personal codes have it [code].
fn plain(name: &str, max: usize) -> String {
    let folded: String = name.nfd().filter(|letter| (' '..='~').contains(letter)).collect();
    let words = folded.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = words.to_ascii_uppercase().chars().take(max).collect();
    let cut = cut.trim_end();
    if cut.is_empty() { "0".to_owned() } else { cut.to_owned() }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}

/// CRC-16/CCITT-FALSE: polynomial 0x1021, from 0xFFFF, not reflected.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |mut sum: u16, byte| {
        sum ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            sum = if sum & 0x8000 == 0 { sum << 1 } else { (sum << 1) ^ 0x1021 };
        }
        sum
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roble() -> Payment<'static> {
        Payment {
            key: "@roble090112",
            amount: 18_500_000,
            merchant: "Panadería y Pastelería Doña Inés S.A.S.",
            city: "Bogotá D.C.",
            postal_code: "110111",
            mcc: "5251",
            transaction: "0000000000000090112",
            bill: "48213",
        }
    }

    #[test]
    fn the_sum_is_that_of_the_standard() {
        assert_eq!(crc(b"123456789"), 0x29B1);
        assert_eq!(crc(b""), 0xFFFF);
        assert_eq!(crc(b"6304"), 0x6007);
    }

    // A walk of its own, so that the test reads the text as a bank's app does.
    fn walk(text: &str) -> Vec<(String, String)> {
        let letters: Vec<char> = text.chars().collect();
        let (mut at, mut tags) = (0, Vec::new());
        while at < letters.len() {
            let part = |from: usize, to: usize| letters[from..to].iter().collect::<String>();
            let length: usize = part(at + 2, at + 4).parse().unwrap();
            tags.push((part(at, at + 2), part(at + 4, at + 4 + length)));
            at += 4 + length;
        }
        tags
    }

    #[test]
    fn the_code_walks_to_its_end_and_says_what_was_asked() {
        let code = text(&roble());
        let tags = walk(&code);
        let value = |id: &str| tags.iter().find(|(of, _)| of == id).map(|(_, value)| value.as_str()).unwrap();
        assert_eq!(value("54"), "185000.00");
        assert_eq!(value("59"), "PANADERIA Y PASTELERIA DO");
        assert_eq!(value("60"), "BOGOTA D.C.");
        assert_eq!(walk(value("26"))[1], ("04".into(), "@roble090112".into()));
        let ids: Vec<&str> = tags.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(
            ids,
            "00 01 26 49 50 51 52 53 54 58 59 60 61 62 80 81 82 83 84 85 90 91 63"
                .split(' ')
                .collect::<Vec<_>>()
        );
        let (body, sum) = code.split_at(code.len() - 4);
        assert_eq!(format!("{:04X}", crc(body.as_bytes())), sum);
    }

    #[test]
    fn a_name_without_a_latin_letter_still_makes_a_code() {
        let code = text(&Payment { merchant: "楽天", city: "", ..roble() });
        assert!(code.contains("59010") && code.contains("60010"), "{code}");
    }
}
