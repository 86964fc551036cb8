//! Numbers that check themselves: NIT, CLABE, cards, ABA, and the forms of a Bre-B key
//! (contract 5.3, 5.4).

fn digits(text: &str) -> Option<Vec<u32>> {
    text.chars().map(|digit| digit.to_digit(10)).collect()
}

pub fn is_digits(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The eighteenth digit of a CLABE, from the first seventeen.
pub fn clabe_digit(first: &str) -> Option<u32> {
    let digits = digits(first).filter(|digits| digits.len() == 17)?;
    let sum: u32 =
        digits.iter().zip([3, 7, 1].into_iter().cycle()).map(|(digit, weight)| digit * weight % 10).sum();
    Some((10 - sum % 10) % 10)
}

pub fn is_clabe(text: &str) -> bool {
    is_digits(text, 18, 18)
        && text.split_at_checked(17).is_some_and(|(first, last)| clabe_digit(first) == last.parse().ok())
}

/// The check digit of a NIT, from the digits before it (DIAN's weights).
pub fn nit_digit(number: &str) -> Option<u32> {
    const WEIGHTS: [u32; 15] = [3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71];
    let digits = digits(number)?;
    let sum: u32 = digits.iter().rev().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    Some(match sum % 11 {
        rest @ (0 | 1) => rest,
        rest => 11 - rest,
    })
}

/// Nine digits, or ten of which the last checks the rest.
pub fn is_nit(text: &str) -> bool {
    is_digits(text, 9, 9)
        || is_digits(text, 10, 10)
            && text.split_at_checked(9).is_some_and(|(first, last)| nit_digit(first) == last.parse().ok())
}

pub fn is_luhn(text: &str) -> bool {
    let Some(digits) = digits(text) else { return false };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        })
        .sum();
    sum.is_multiple_of(10)
}

pub fn is_aba(text: &str) -> bool {
    let Some(digits) = digits(text).filter(|digits| digits.len() == 9) else { return false };
    let sum: u32 =
        digits.iter().zip([3, 7, 1].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    sum.is_multiple_of(10)
}

/// `@` and letters or digits, an e-mail, a mobile, a document number or a merchant code [inf].
pub fn is_breb_key(key: &str) -> bool {
    let alphanumeric = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if key.chars().count() > 92 {
        return false;
    }
    match key.split_once('@') {
        Some(("", rest)) => alphanumeric(rest) && rest.len() <= 25,
        Some((name, host)) => {
            !name.is_empty()
                && !host.contains('@')
                && !key.contains(char::is_whitespace)
                && host.split_once('.').is_some_and(|(first, rest)| !first.is_empty() && !rest.is_empty())
        }
        None => {
            let number = key.strip_prefix("+57").unwrap_or(key);
            is_digits(number, 5, 15)
        }
    }
}

/// Whether a document number has the form of its type. Types not listed have no known form.
pub fn is_document(kind: &str, number: &str) -> bool {
    let alphanumeric = |min: usize, max: usize| {
        (min..=max).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    match kind {
        "nit" => is_nit(number),
        "cc" => is_digits(number, 6, 10),
        "rfc" => number == "ND" || alphanumeric(12, 13),
        "curp" => number == "ND" || alphanumeric(18, 18),
        _ => (1..=32).contains(&number.chars().count()),
    }
}

/// Document types, lower case (contract 5.3).
pub const DOCUMENTS: [&str; 15] =
    ["cc", "ce", "nit", "pa", "ti", "ppt", "pep", "die", "rfc", "curp", "tin", "cuil", "cuit", "cpf", "cnpj"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clabes_of_the_documentation_hold_and_a_changed_digit_does_not() {
        for clabe in ["646180303700100016", "710969000037970288"] {
            assert!(is_clabe(clabe), "{clabe}");
            for place in 0..18 {
                let mut wrong: Vec<u8> = clabe.bytes().collect();
                wrong[place] = b'0' + (wrong[place] - b'0' + 1) % 10;
                assert!(!is_clabe(&String::from_utf8(wrong).unwrap()), "{clabe} at {place}");
            }
        }
        assert!(!is_clabe("64618030370010001") && !is_clabe("64618030370010001ñ"));
    }

    #[test]
    fn a_nit_is_checked_where_it_has_its_check_digit() {
        // Bancolombia and Ecopetrol, as their letterheads have them.
        assert_eq!((nit_digit("890903938"), nit_digit("899999068")), (Some(8), Some(1)));
        assert!(is_nit("890903938") && is_nit("8909039388") && !is_nit("8909039387"));
    }

    #[test]
    fn cards_and_routing_numbers() {
        assert!(is_luhn("4111111111111111") && !is_luhn("4111111111111112"));
        assert!(is_aba("021000021") && !is_aba("021000022"));
    }

    #[test]
    fn keys_of_every_form() {
        for key in ["@LUZ2026", "ana@example.co", "3001234567", "+573001234567", "52123456", "0012345678"] {
            assert!(is_breb_key(key), "{key}");
        }
        for key in ["", "@", "@LUZ 2026", "@ñandú", "ana@", "@@a", "a@b", "LUZ", "12 34567"] {
            assert!(!is_breb_key(key), "{key}");
        }
    }
}
