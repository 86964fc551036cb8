//! Decimal text of the Cobru API into whole minor units and back, without a float on the way.
//!
//! Cobru speaks major units (pesos) with at most two decimals, as a JSON number in one place and as
//! text in the next (contract 14.1, 14.7). JSON numbers are therefore read from their own bytes.

use std::fmt::Write as _;

/// Why a number is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountError {
    NotANumber,
    /// More than two decimals.
    TooPrecise,
    /// Beyond what a balance can hold.
    TooLarge,
}

/// Most digits of an amount in minor units that still fit an `i64` with room to add.
const DIGITS_MAX: usize = 17;

/// Minor units of a JSON number or of decimal text: `185000`, `10000.10`, `1.5e3`, `-3`.
pub fn parse(text: &str) -> Result<i64, AmountError> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((_, "")) => return Err(AmountError::NotANumber),
        Some(parts) => parts,
        None => (mantissa, ""),
    };
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return Err(AmountError::NotANumber);
    }
    let all = format!("{whole}{fraction}");
    let leading = all.trim_start_matches('0');
    let significant = leading.trim_end_matches('0');
    if significant.is_empty() {
        return Ok(0);
    }
    let dropped = leading.len().saturating_sub(significant.len());
    // value = significant · 10^power, and minor units are a hundred times that.
    let power = signed(dropped).saturating_sub(signed(fraction.len())).saturating_add(exponent);
    let zeros = power.saturating_add(2);
    let Ok(zeros) = usize::try_from(zeros) else { return Err(AmountError::TooPrecise) };
    if significant.len().saturating_add(zeros) > DIGITS_MAX {
        return Err(AmountError::TooLarge);
    }
    let sign = if negative { "-" } else { "" };
    format!("{sign}{significant}{:0<zeros$}", "").parse().map_err(|_| AmountError::TooLarge)
}

fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn parse_exponent(text: &str) -> Result<i64, AmountError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(AmountError::NotANumber);
    }
    let far = if text.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 };
    // An exponent that fits no i64 is as far away as one that does not fit an amount.
    Ok(text.trim_start_matches('+').parse::<i64>().unwrap_or(far).clamp(i64::MIN / 4, i64::MAX / 4))
}

/// Text with two decimals, the form of most answers: `185000.00`.
pub fn text(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let magnitude = minor.unsigned_abs();
    format!("{sign}{}.{:02}", magnitude / 100, magnitude % 100)
}

/// A JSON number with decimals only when there are any: `185000`, `1222.08`, `10000.1`.
pub fn number(minor: i64) -> String {
    let full = text(minor);
    let short = full.trim_end_matches('0').trim_end_matches('.');
    short.to_owned()
}

/// A JSON number as a float is printed, always with a decimal: `6581.0` (`/edit_cobru/`, contract 4.5).
pub fn float(minor: i64) -> String {
    let mut short = number(minor);
    if !short.contains('.') {
        // Writing to a String does not fail.
        write!(short, ".0").unwrap_or_default();
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_from_their_own_digits() {
        assert_eq!(parse("185000"), Ok(18_500_000));
        assert_eq!(parse("10000.10"), Ok(1_000_010));
        assert_eq!(parse("1.5e3"), Ok(150_000));
        assert_eq!(parse("150000E-2"), Ok(150_000));
        assert_eq!(parse("0.100"), Ok(10));
        assert_eq!(parse("-0.0"), Ok(0));
        assert_eq!(parse("0e999999999999999999999"), Ok(0));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for bad in ["", "-", ".", "1.", ".5", "1,5", "+1", "1e", "1e+", "0x1", "NaN", "١", "1_000"] {
            assert_eq!(parse(bad), Err(AmountError::NotANumber), "{bad}");
        }
        assert_eq!(parse("0.001"), Err(AmountError::TooPrecise));
        assert_eq!(parse("1e-9999999999999999999"), Err(AmountError::TooPrecise));
        assert_eq!(parse("1e400"), Err(AmountError::TooLarge));
        assert_eq!(parse("99999999999999999"), Err(AmountError::TooLarge));
    }

    #[test]
    fn each_form_of_an_amount_is_written_as_the_contract_shows_it() {
        assert_eq!((text(18_500_000), number(18_500_000)), ("185000.00".into(), "185000".into()));
        assert_eq!((text(122_208), number(122_208)), ("1222.08".into(), "1222.08".into()));
        assert_eq!((number(1_000_010), float(658_100)), ("10000.1".into(), "6581.0".into()));
        assert_eq!((number(0), text(-5)), ("0".into(), "-0.05".into()));
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_fits_a_balance(text in "\\PC*") {
            prop_assert!(parse(&text).is_ok_and(|minor| minor.unsigned_abs() < 10u64.pow(17)) || parse(&text).is_err());
        }

        #[test]
        fn what_is_written_is_read_back(minor in -99_999_999_999_999i64..99_999_999_999_999) {
            prop_assert_eq!(parse(&text(minor)), Ok(minor));
            prop_assert_eq!(parse(&number(minor)), Ok(minor));
            prop_assert_eq!(parse(&float(minor)), Ok(minor));
        }
    }
}
