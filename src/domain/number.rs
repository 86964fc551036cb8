//! Account numbers that check themselves, and the forms of a Bre-B key.

fn digits(text: &str) -> Option<Vec<u32>> {
    text.chars().map(|digit| digit.to_digit(10)).collect()
}

pub fn is_digits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A card of sixteen figures whose last one checks the others (Luhn).
pub fn is_card(text: &str) -> bool {
    let Some(figures) = digits(text).filter(|figures| figures.len() == 16) else { return false };
    let twice = |figure: u32| match figure.saturating_mul(2) {
        more @ 10.. => more.saturating_sub(9),
        less => less,
    };
    let weighed = figures.iter().rev().zip([false, true].into_iter().cycle());
    weighed.map(|(figure, double)| if double { twice(*figure) } else { *figure }).sum::<u32>() % 10 == 0
}

/// A US routing number: nine figures, the last a check digit.
pub fn is_routing(text: &str) -> bool {
    let Some(figures) = digits(text).filter(|figures| figures.len() == 9) else { return false };
    let weighed = figures.iter().zip([3, 7, 1].into_iter().cycle());
    weighed.map(|(figure, weight)| figure.saturating_mul(weight)).sum::<u32>() % 10 == 0
}

/// `@` and letters or figures, an e-mail, a mobile, a document number or a merchant code [inf].
pub fn is_breb_key(key: &str) -> bool {
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if key.chars().count() > 92 {
        return false;
    }
    match key.split_once('@') {
        Some(("", rest)) => plain(rest) && rest.len() <= 25,
        Some((_, host)) => {
            let host = host.split_once('.');
            let named = |part: &str| !part.is_empty() && !part.contains('@');
            host.is_some_and(|(first, rest)| named(first) && named(rest))
                && !key.contains(char::is_whitespace)
        }
        None => is_digits(key.strip_prefix("+57").unwrap_or(key), 5, 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_and_routing_numbers() {
        assert!(is_card("4111111111111111") && !is_card("4111111111111112") && !is_card("411111111111111"));
        assert!(is_routing("021000021") && !is_routing("021000022") && !is_routing("02100002x"));
    }

    #[test]
    fn keys_of_every_form() {
        for key in ["@LUZ2026", "ana@example.co", "3001234567", "+573001234567", "52123456", "0012345678"] {
            assert!(is_breb_key(key), "{key}");
        }
        for key in ["", "@", "@LUZ 2026", "@ñandú", "ana@", "@@a", "a@b", "LUZ", "12 34567", "a@b.c@d.e"] {
            assert!(!is_breb_key(key), "{key}");
        }
    }
}
