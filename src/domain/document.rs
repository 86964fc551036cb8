//! Identity documents, as far as they can be checked without asking anyone.

/// Weights of the figures of a NIT, from the last before the check digit to the first (DIAN).
const WEIGHTS: [u32; 15] = [3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71];

/// The check digit that belongs to a NIT without it; `None` for what is no NIT.
pub fn nit_check_digit(nit: &str) -> Option<u32> {
    if nit.is_empty() || nit.len() > WEIGHTS.len() {
        return None;
    }
    let mut sum: u32 = 0;
    for (figure, weight) in nit.chars().rev().zip(WEIGHTS) {
        sum = sum.checked_add(figure.to_digit(10)?.checked_mul(weight)?)?;
    }
    let rest = sum % 11;
    Some(if rest > 1 { 11 - rest } else { rest })
}

/// A NIT of ten figures split into number and check digit, and whether the digit is the right one.
/// Nine figures have none.
pub fn split_nit(nit: &str) -> Option<(&str, &str, bool)> {
    let (number, digit) = nit.split_at_checked(9)?;
    let given = digit.parse::<u32>().ok().filter(|_| digit.len() == 1)?;
    let right = nit_check_digit(number)?;
    Some((number, digit, given == right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_of_known_companies() {
        // Bancolombia, Ecopetrol, Davivienda.
        for (nit, digit) in [("890903938", 8), ("899999068", 1), ("860034313", 7)] {
            assert_eq!(nit_check_digit(nit), Some(digit), "{nit}");
        }
    }

    #[test]
    fn a_nit_is_split_and_its_digit_checked() {
        assert_eq!(split_nit("8909039388"), Some(("890903938", "8", true)));
        assert_eq!(split_nit("8909039387"), Some(("890903938", "7", false)));
        for no in ["890903938", "89090393", "", "89090393x8", "890903938ñ", "89090393888"] {
            assert_eq!(split_nit(no), None, "{no}");
        }
    }
}
