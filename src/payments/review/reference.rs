//! References as they are compared: folded case, no blanks or signs, no leading zeros.

use crate::i18n::fold;

/// Words after which a number is an invoice's.
const NAMES_OF_INVOICES: [&str; 18] = [
    "factura", "fact", "fac", "fv", "fe", "fve", "fev", "fc", "invoice", "inv", "bill", "cuenta", "cobro",
    "cxp", "remision", "pedido", "orden", "oc",
];

/// `FV-001023`, `fv 1023` and `Fv1023` are one.
pub fn normal(text: &str) -> String {
    let mut out = String::new();
    let mut zeros_lead = true;
    for letter in fold(text).chars().filter(|letter| letter.is_alphanumeric()) {
        if letter == '0' && zeros_lead {
            continue;
        }
        // A number that follows letters begins anew: `fv001023`.
        zeros_lead = !letter.is_ascii_digit();
        out.push(letter);
    }
    out
}

/// The invoice that a description names: a number behind a word for invoices, or letters and a number in
/// one word (`FV-1023`). At least three figures: `oficina 5` is an address.
pub fn invoice(description: &str) -> Option<String> {
    if description.chars().filter(|letter| letter.is_numeric()).count() < 3 {
        return None;
    }
    let words: Vec<String> = fold(description)
        .split(|letter: char| !(letter.is_alphanumeric() || "-_/.#".contains(letter)))
        .map(str::to_owned)
        .filter(|word| !word.is_empty())
        .collect();
    let figures = |word: &str| word.chars().filter(char::is_ascii_digit).count();
    let is_name = |word: &String| {
        let bare: String = word.chars().filter(|letter| letter.is_alphabetic()).collect();
        NAMES_OF_INVOICES.contains(&bare.as_str())
    };
    for (at, word) in words.iter().enumerate() {
        let letters = word.chars().filter(|letter| letter.is_alphabetic()).count();
        let named = at.checked_sub(1).and_then(|before| words.get(before)).is_some_and(is_name);
        let numbered = named || at.checked_sub(2).and_then(|before| words.get(before)).is_some_and(is_name);
        if numbered && figures(word) >= 3 && letters == 0 {
            // The number alone: the word before it is written in many ways.
            return Some(normal(word));
        }
        if is_name(word) && figures(word) >= 3 {
            let number: String = word.chars().filter(char::is_ascii_digit).collect();
            return Some(normal(&number));
        }
        // `F12 1234`, `factura F123 4567`: a series, then its number. Letters alone are no series: `nov 2026`.
        let most = if named { 3 } else { 2 };
        let series = (1..=4).contains(&letters) && (1..=most).contains(&figures(word));
        if series
            && let Some(number) = words.get(at.saturating_add(1))
            && figures(number) >= 3
            && number.chars().all(|letter| letter.is_ascii_digit())
        {
            return Some(normal(&format!("{word}{number}")));
        }
        if (1..=4).contains(&letters) && figures(word) >= 3 {
            return Some(normal(word));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ways_of_writing_a_reference_are_one() {
        for text in ["FV-001023", "fv 1023", "Fv1023", " F V 0 0 1 0 2 3 "] {
            assert_eq!(normal(text), "fv1023", "{text}");
        }
        assert_eq!(normal("0001"), "1");
        assert_eq!(normal("000"), "");
        assert_ne!(normal("FV-1230"), normal("FV-1203"));
    }

    #[test]
    fn an_invoice_is_read_out_of_a_description() {
        for (text, found) in [
            ("Factura 1023", Some("1023")),
            ("pago FACT. No 001023", Some("1023")),
            ("FV-1023 noviembre", Some("1023")),
            ("AB-1023", Some("ab1023")),
            ("cuenta de cobro 118", Some("118")),
            ("Factura F12-1234", Some("f121234")),
            ("FACTURA F12 1234", Some("f121234")),
            ("FACTURA F123 4567", Some("f1234567")),
            ("Factura F123-4567", Some("f1234567")),
            ("Arriendo nov 2026", None),
            ("Arriendo noviembre", None),
            ("nomina 15 noviembre 2026", None),
            ("oficina 5", None),
        ] {
            assert_eq!(invoice(text).as_deref(), found, "{text}");
        }
    }

    proptest! {
        #[test]
        fn normal_twice_changes_nothing(text in "[ -~À-ÿ]*") {
            let once = normal(&text);
            prop_assert_eq!(normal(&once), once);
        }
    }
}
