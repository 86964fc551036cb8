//! Account numbers that check themselves, and the forms of a Bre-B key.

fn digits(text: &str) -> Option<Vec<u32>> {
    text.chars().map(|digit| digit.to_digit(10)).collect()
}

pub fn is_digits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The eighteenth figure of a CLABE, from the first seventeen.
pub fn clabe_check_digit(first: &str) -> Option<u32> {
    let figures = digits(first).filter(|figures| figures.len() == 17)?;
    let weighed = figures.iter().zip([3, 7, 1].into_iter().cycle());
    let sum: u32 = weighed.map(|(figure, weight)| figure.saturating_mul(weight) % 10).sum();
    Some(10_u32.saturating_sub(sum % 10) % 10)
}

pub fn is_clabe(text: &str) -> bool {
    let Some((first, last)) = text.split_at_checked(17) else { return false };
    is_digits(text, 18, 18) && clabe_check_digit(first) == last.parse().ok()
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
    fn the_clabes_of_the_documentation_hold_and_a_changed_figure_does_not() {
        for clabe in ["646180303700100016", "710969000037970288"] {
            assert!(is_clabe(clabe), "{clabe}");
            for place in 0..18 {
                let mut wrong: Vec<u8> = clabe.bytes().collect();
                let byte = wrong.get_mut(place).unwrap();
                *byte = b'0' + (*byte - b'0' + 1) % 10;
                assert!(!is_clabe(&String::from_utf8(wrong).unwrap()), "{clabe} at {place}");
            }
        }
        for no in ["", "64618030370010001", "64618030370010001ñ", "6461803037001000167"] {
            assert!(!is_clabe(no), "{no}");
        }
    }

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
