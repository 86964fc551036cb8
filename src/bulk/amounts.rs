//! Amounts of a column. One file writes all of them alike, so the column decides what a mark means; where
//! it does not (`1.234` in every row), a person is asked.

use crate::domain::money::{Currency, Money};

/// How a column writes its amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// `1,234.50`: Mexico, English, Cobre's templates (`1000.00`).
    Point,
    /// `1.234,50`: Colombia.
    Comma,
    /// Whole minor units: Cobre's JSON.
    Minor,
}

impl Notation {
    const fn mark(self) -> char {
        match self {
            Self::Point | Self::Minor => '.',
            Self::Comma => ',',
        }
    }
}

/// Why a cell is no amount above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Empty,
    Malformed,
    TooPrecise,
    Overflow,
    NotPositive,
}

/// What a column says of its own notation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Every cell reads one way, or alike both ways.
    Settled(Notation),
    /// Every cell reads both ways, and not alike: the first of them, and its line.
    Ask { line: u32, cell: String },
    /// Some read only one way and some only the other: their lines.
    Mixed { point: u32, comma: u32 },
}

/// What a column of cells proves.
pub fn decide<'a>(cells: impl Iterator<Item = (u32, &'a str)>) -> Decision {
    let (mut point, mut comma, mut either) = (None, None, None);
    for (line, cell) in cells {
        if cell.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let Some((_, bare)) = bare(cell) else { continue };
        match (possible(bare, '.'), possible(bare, ',')) {
            (true, true) if read(bare, '.') != read(bare, ',') => {
                either = either.or_else(|| Some((line, cell.to_owned())));
            }
            (true, false) => point = point.or(Some(line)),
            (false, true) => comma = comma.or(Some(line)),
            (true, true) | (false, false) => {}
        }
    }
    match (point, comma, either) {
        (Some(point), Some(comma), _) => Decision::Mixed { point, comma },
        (None, Some(_), _) => Decision::Settled(Notation::Comma),
        (None, None, Some((line, cell))) => Decision::Ask { line, cell },
        (Some(_), None, _) | (None, None, None) => Decision::Settled(Notation::Point),
    }
}

/// A cell as an amount above zero.
pub fn amount(cell: &str, notation: Notation, currency: Currency) -> Result<Money, Fault> {
    let (negative, bare) = bare(cell).ok_or(Fault::Malformed)?;
    if bare.is_empty() {
        return Err(Fault::Empty);
    }
    let minor = if notation == Notation::Minor {
        let digits = bare.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| bare.parse::<i64>().map_err(|_| Fault::Overflow)).ok_or(Fault::Malformed)??
    } else {
        read(bare, notation.mark())?
    };
    if negative || minor == 0 {
        return Err(Fault::NotPositive);
    }
    Ok(Money::new(minor, currency))
}

/// The currency that a cell names beside its amount, such as `COP 1.200`.
pub fn currency_in(cell: &str) -> Option<Currency> {
    if cell.bytes().all(|byte| !byte.is_ascii_alphabetic()) {
        return None;
    }
    let letters: String = cell.chars().filter(char::is_ascii_alphabetic).collect();
    letters.parse().ok()
}

/// Without blanks around, `$`, a currency's code and the ways of writing a minus.
fn bare(cell: &str) -> Option<(bool, &str)> {
    let mut text = cell.trim();
    let mut negative = false;
    if let Some(inside) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (text, negative) = (inside.trim(), true);
    }
    let trim_code = |text: &str| -> Option<(usize, usize)> {
        let after = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let inside = after.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let (before, behind) =
            (text.len().saturating_sub(after.len()), after.len().saturating_sub(inside.len()));
        let code = text
            .get(..before)
            .filter(|code| !code.is_empty())
            .or_else(|| text.get(text.len().saturating_sub(behind)..).filter(|code| !code.is_empty()));
        match code {
            Some(code) if code.parse::<Currency>().is_err() => None,
            _ if before > 0 && behind > 0 => None,
            _ => Some((before, behind)),
        }
    };
    let (before, behind) = trim_code(text)?;
    text = text.get(before..text.len().saturating_sub(behind))?.trim();
    for _ in 0..2 {
        if let Some(rest) = text.strip_prefix(['-', '\u{2212}']).or_else(|| text.strip_suffix('-')) {
            (text, negative) = (rest.trim(), true);
        }
        text = text.strip_prefix('$').or_else(|| text.strip_suffix('$')).unwrap_or(text).trim();
    }
    Some((negative, text))
}

/// Whether it may have been meant so: `1.234` may be one and some, though no currency has three decimals.
fn possible(bare: &str, mark: char) -> bool {
    match read(bare, mark) {
        Ok(_) => true,
        Err(Fault::TooPrecise) => bare.rsplit_once(mark).is_some_and(|(_, tail)| tail.len() == 3),
        Err(_) => false,
    }
}

const fn groups(c: char, mark: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '\u{2019}')
        || (c == '.' && mark == ',')
        || (c == ',' && mark == '.')
}

/// Minor units, with `mark` before the decimals. Where digits are grouped, they are grouped exactly.
fn read(bare: &str, mark: char) -> Result<i64, Fault> {
    let (whole, decimals) = match bare.split_once(mark) {
        Some((_, "")) => return Err(Fault::Malformed),
        Some((whole, decimals)) => (whole, decimals),
        None => (bare, ""),
    };
    if whole.is_empty() || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::Malformed);
    }
    let mut value: i64 = 0;
    let push = |value: i64, digit: char| {
        let digit = i64::from(digit.to_digit(10).ok_or(Fault::Malformed)?);
        value.checked_mul(10).and_then(|value| value.checked_add(digit)).ok_or(Fault::Overflow)
    };
    let (mut run, mut grouped) = (0_u8, false);
    for c in whole.chars() {
        if groups(c, mark) {
            if run == 0 || run > 3 || (grouped && run != 3) {
                return Err(Fault::Malformed);
            }
            (run, grouped) = (0, true);
        } else {
            value = push(value, c)?;
            run = run.saturating_add(1);
        }
    }
    if run == 0 || (grouped && (run != 3 || whole.starts_with('0'))) {
        return Err(Fault::Malformed);
    }
    if decimals.len() > 2 {
        return Err(Fault::TooPrecise);
    }
    for digit in decimals.chars().chain("00".chars()).take(2) {
        value = push(value, digit)?;
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn column(cells: &[&str]) -> Decision {
        decide((2..).zip(cells.iter().copied()))
    }

    fn cents(cell: &str, notation: Notation) -> Result<i64, Fault> {
        amount(cell, notation, Currency::Cop).map(|amount| amount.minor)
    }

    #[test]
    fn every_notation_of_one_amount_is_that_amount() {
        for text in [
            "1234567,89",
            "1.234.567,89",
            "1 234 567,89",
            "1'234.567,89",
            "$ 1.234.567,89",
            "COP 1.234.567,89",
        ] {
            assert_eq!(column(&[text]), Decision::Settled(Notation::Comma), "{text}");
            assert_eq!(cents(text, Notation::Comma), Ok(123_456_789), "{text}");
        }
        for text in ["1234567.89", "1,234,567.89", "1 234 567.89", "1,234,567.89 COP", "$1,234,567.89"] {
            assert_eq!(column(&[text]), Decision::Settled(Notation::Point), "{text}");
            assert_eq!(cents(text, Notation::Point), Ok(123_456_789), "{text}");
        }
    }

    #[test]
    fn a_column_of_thousands_is_asked_about_and_never_guessed() {
        assert_eq!(column(&["500", "1.234"]), Decision::Ask { line: 3, cell: "1.234".into() });
        assert_eq!(column(&["1,000", "2,500"]), Decision::Ask { line: 2, cell: "1,000".into() });
        assert_eq!(column(&["1000", "2500"]), Decision::Settled(Notation::Point), "alike both ways");
    }

    #[test]
    fn one_cell_settles_its_column() {
        assert_eq!(column(&["1.234", "1.234.567"]), Decision::Settled(Notation::Comma));
        assert_eq!(column(&["1.234", "12,5"]), Decision::Settled(Notation::Comma));
        assert_eq!(column(&["1.234", "12.50"]), Decision::Settled(Notation::Point));
        assert_eq!(cents("1.234", Notation::Point), Err(Fault::TooPrecise));
        assert_eq!(column(&["12.50", "x", "12,50"]), Decision::Mixed { point: 2, comma: 4 });
    }

    #[test]
    fn what_is_no_amount_above_zero_says_why() {
        for (text, why) in [
            ("", Fault::Empty),
            ("$", Fault::Empty),
            ("0", Fault::NotPositive),
            ("-5", Fault::NotPositive),
            ("5-", Fault::NotPositive),
            ("(1.200)", Fault::NotPositive),
            ("$ -1.200,00", Fault::NotPositive),
            ("mil", Fault::Malformed),
            ("1e5", Fault::Malformed),
            ("1.2.3", Fault::Malformed),
            ("1..200", Fault::Malformed),
            ("0.100", Fault::Malformed),
            (",5", Fault::Malformed),
            ("5,", Fault::Malformed),
            ("12,345", Fault::TooPrecise),
            ("99999999999999999999", Fault::Overflow),
            ("COP 5 USD", Fault::Malformed),
        ] {
            assert_eq!(cents(text, Notation::Comma), Err(why), "{text:?}");
        }
        assert_eq!(cents("150000", Notation::Minor), Ok(150_000));
        assert_eq!(cents("1500.00", Notation::Minor), Err(Fault::Malformed));
        assert_eq!(currency_in("USD 12"), Some(Currency::Usd));
    }

    proptest! {
        #[test]
        fn what_we_write_reads_back(minor in 1..i64::MAX) {
            use crate::i18n::{money, Numerals};
            let wanted = Money::new(minor, Currency::Cop);
            prop_assert_eq!(cents(&money(wanted, Numerals::EsCo), Notation::Comma), Ok(minor));
            prop_assert_eq!(cents(&money(wanted, Numerals::EnUs), Notation::Point), Ok(minor));
            prop_assert_eq!(cents(&wanted.to_decimal(), Notation::Point), Ok(minor));
        }

        #[test]
        fn no_cell_panics(text in ".*") {
            let decided = decide([(1, text.as_str())].into_iter());
            if let Decision::Settled(notation) = decided {
                let _amount = amount(&text, notation, Currency::Cop);
            }
        }
    }
}
