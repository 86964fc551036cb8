//! Amounts as people read and type them.

use super::Lang;
use crate::domain::money::{Currency, Money, MoneyError};
use std::str::FromStr;

/// How digits are grouped, by profile: the desk's language does not decide it (Mexico speaks Spanish
/// and writes `1,234.50`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Numerals {
    /// `1.234.567,89`
    #[default]
    EsCo,
    /// `1,234,567.89`: Mexico and English.
    EnUs,
}

impl Numerals {
    /// What a language writes where the profile does not say.
    pub const fn of(lang: Lang) -> Self {
        match lang {
            Lang::Es => Self::EsCo,
            Lang::En => Self::EnUs,
        }
    }

    /// The grouping mark and the decimal mark.
    pub const fn marks(self) -> (char, char) {
        match self {
            Self::EsCo => ('.', ','),
            Self::EnUs => (',', '.'),
        }
    }
}

/// A code that names no way of writing numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no way of writing numbers is called {0:?}: es-CO, es-MX or en")]
pub struct UnknownNumerals(pub String);

impl FromStr for Numerals {
    type Err = UnknownNumerals;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        match code.to_ascii_lowercase().replace('_', "-").as_str() {
            "es" | "es-co" => Ok(Self::EsCo),
            "es-mx" | "en" | "en-us" => Ok(Self::EnUs),
            _ => Err(UnknownNumerals(code.chars().take(16).collect())),
        }
    }
}

/// A count: `10.000` or `10,000`.
pub fn grouped(n: u64, numerals: Numerals) -> String {
    let mut out = String::new();
    push_grouped(&mut out, &n.to_string(), numerals.marks().0);
    out
}

fn push_grouped(out: &mut String, digits: &str, mark: char) {
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index).is_multiple_of(3) {
            out.push(mark);
        }
        out.push(digit);
    }
}

/// An amount with all its decimals, `−1.234.567,80`. The minus is U+2212, as wide as a digit. The
/// currency's code is the caller's to place.
pub fn money(amount: Money, numerals: Numerals) -> String {
    write(amount, numerals, "", true)
}

/// As [`money`], with a `+` before what is above zero: for nets and differences.
pub fn money_signed(amount: Money, numerals: Numerals) -> String {
    write(amount, numerals, if amount.minor > 0 { "+" } else { "" }, true)
}

/// Without decimals where there are none to show: for lists in which every row is whole
/// ([`is_whole`]). An amount that has some keeps them: nothing is ever rounded away.
pub fn money_whole(amount: Money, numerals: Numerals) -> String {
    write(amount, numerals, "", !is_whole(amount))
}

/// Whether its decimals are all zero.
pub fn is_whole(amount: Money) -> bool {
    amount.digits().1.bytes().all(|digit| digit == b'0')
}

fn write(amount: Money, numerals: Numerals, plus: &str, decimals: bool) -> String {
    let (group, point) = numerals.marks();
    let (whole, fraction) = amount.digits();
    let mut out = String::with_capacity(32);
    out.push_str(if amount.minor < 0 { "\u{2212}" } else { plus });
    push_grouped(&mut out, &whole, group);
    if decimals && !fraction.is_empty() {
        out.push(point);
        out.push_str(&fraction);
    }
    out
}

/// Why a typed amount cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    #[error("nothing was typed")]
    Empty,
    #[error("not an amount")]
    Malformed,
    #[error("more decimals than the currency has")]
    TooPrecise,
    #[error("beyond the largest amount held")]
    Overflow,
    #[error("an amount to move is above zero")]
    NotPositive,
    #[error("another currency than the account's")]
    OtherCurrency,
    /// `1.000` is a thousand in Bogotá and one in New York. `as_decimals` is missing where that
    /// reading has more decimals than the currency, as in `1.234`: still nobody knows what was meant.
    #[error("it can be read in two ways")]
    Ambiguous { as_thousands: Money, as_decimals: Option<Money> },
}

impl From<MoneyError> for AmountError {
    fn from(error: MoneyError) -> Self {
        match error {
            MoneyError::Malformed => Self::Malformed,
            MoneyError::TooPrecise => Self::TooPrecise,
            MoneyError::Overflow => Self::Overflow,
            MoneyError::CurrencyMismatch => Self::OtherCurrency,
        }
    }
}

/// Every way a person may type an amount when looking for it: `1234567.89 1.234.567,89 1,234,567.89`.
pub fn spellings(amount: Money) -> String {
    let grouped = |numerals| money(amount, numerals);
    format!("{} {} {}", amount.to_decimal(), grouped(Numerals::EsCo), grouped(Numerals::EnUs))
}

/// Reads an amount above zero as people type it, in Bogotá, Mexico or New York: `1000`, `1000,50`,
/// `1.000.000,50`, `1,000,000.50`, `1 000 000`, with or without `$` or the currency's code.
///
/// No locale takes part: what reads the same everywhere is read, what does not is
/// [`AmountError::Ambiguous`] for everyone. Grouping may be left out, but where it is, it is exact.
pub fn parse_money(text: &str, currency: Currency) -> Result<Money, AmountError> {
    let bare = without_currency(text.trim(), currency)?;
    if bare.is_empty() {
        return Err(AmountError::Empty);
    }
    if let Some(rest) = bare.strip_prefix(['-', '\u{2212}']) {
        return Err(match read(rest, currency) {
            Ok(_) | Err(AmountError::Ambiguous { .. }) => AmountError::NotPositive,
            Err(other) => other,
        });
    }
    let amount = read(bare, currency)?;
    if amount.minor > 0 { Ok(amount) } else { Err(AmountError::NotPositive) }
}

fn without_currency(text: &str, currency: Currency) -> Result<&str, AmountError> {
    let letters = |c: char| c.is_ascii_alphabetic() || c == '_';
    let after = text.trim_start_matches(letters);
    let inside = after.trim_end_matches(letters);
    let before = text.strip_suffix(after).unwrap_or_default();
    let behind = after.strip_prefix(inside).unwrap_or_default();
    let (("", code) | (code, "")) = (before, behind) else { return Err(AmountError::Malformed) };
    if !code.is_empty() {
        match code.parse::<Currency>() {
            Ok(named) if named == currency => {}
            Ok(_) => return Err(AmountError::OtherCurrency),
            Err(_) => return Err(AmountError::Malformed),
        }
    }
    let inside = inside.trim();
    Ok(inside.strip_prefix('$').map_or(inside, str::trim_start))
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}

fn read(text: &str, currency: Currency) -> Result<Money, AmountError> {
    let text: String = text.chars().map(|c| if is_blank(c) { ' ' } else { c }).collect();
    let allowed = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ');
    if !text.chars().all(allowed) {
        return Err(AmountError::Malformed);
    }
    let marks: Vec<char> = text.chars().filter(|c| !c.is_ascii_digit()).collect();
    let Some(last) = marks.last().copied() else { return whole(&text, None, currency) };
    let (head, tail) = text.rsplit_once(last).ok_or(AmountError::Malformed)?;
    let one_kind = marks.iter().all(|mark| *mark == last);

    if one_kind && (marks.len() > 1 || last == ' ') {
        return whole(&text, Some(last), currency);
    }
    if one_kind {
        // One mark, alone: a decimal one, unless exactly three digits follow a group's worth of them.
        let as_group = tail.len() == 3 && head.len() <= 3 && !head.starts_with('0');
        if as_group && !head.is_empty() {
            let as_thousands = whole(&text, Some(last), currency)?;
            let as_decimals = Money::from_decimal(&format!("{head}.{tail}"), currency).ok();
            return Err(AmountError::Ambiguous { as_thousands, as_decimals });
        }
        return decimal(head, None, tail, currency);
    }
    // Two kinds: the last is the decimal mark, once; the other groups.
    let group = marks.first().copied().unwrap_or(' ');
    let grouping = marks.iter().rev().skip(1);
    if last == ' ' || !grouping.clone().all(|mark| *mark == group) {
        return Err(AmountError::Malformed);
    }
    decimal(head, Some(group), tail, currency)
}

/// Digits before the decimal mark, with their grouping checked and taken out.
fn ungrouped(text: &str, group: Option<char>) -> Result<String, AmountError> {
    let Some(mark) = group else {
        return if text.is_empty() { Err(AmountError::Malformed) } else { Ok(text.to_owned()) };
    };
    let mut parts = text.split(mark);
    let first = parts.next().unwrap_or_default();
    let well_grouped = (1..=3).contains(&first.len()) && !first.starts_with('0');
    if !well_grouped || !parts.all(|part| part.len() == 3) {
        return Err(AmountError::Malformed);
    }
    Ok(text.replace(mark, ""))
}

fn whole(text: &str, group: Option<char>, currency: Currency) -> Result<Money, AmountError> {
    Ok(Money::from_decimal(&ungrouped(text, group)?, currency)?)
}

fn decimal(head: &str, group: Option<char>, tail: &str, currency: Currency) -> Result<Money, AmountError> {
    if tail.is_empty() {
        return Err(AmountError::Malformed);
    }
    let digits = ungrouped(head, group)?;
    // Also where the rest are zeros: `10,0000` may be a slip of the grouping.
    if tail.len() > currency.exponent() as usize {
        return Err(AmountError::TooPrecise);
    }
    Ok(Money::from_decimal(&format!("{digits}.{tail}"), currency)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{prelude::*, sample::select};

    fn read_cop(text: &str) -> Result<i64, AmountError> {
        parse_money(text, Currency::Cop).map(|amount| amount.minor)
    }

    #[test]
    fn amounts_are_written_as_each_country_does() {
        let amount = Money::new(-123_456_789, Currency::Cop);
        assert_eq!(money(amount, Numerals::EsCo), "−1.234.567,89");
        assert_eq!(money(amount, Numerals::EnUs), "−1,234,567.89");
        assert_eq!(money(Money::zero(Currency::Usd), Numerals::EsCo), "0,00");
        assert_eq!(money_signed(Money::new(5, Currency::Cop), Numerals::EsCo), "+0,05");
        assert_eq!(money_signed(Money::zero(Currency::Cop), Numerals::EsCo), "0,00");
        assert_eq!(money(Money::new(i64::MIN, Currency::Cop), Numerals::EsCo), "−92.233.720.368.547.758,08");
    }

    #[test]
    fn decimals_are_hidden_only_where_there_are_none() {
        assert_eq!(money_whole(Money::new(239_500, Currency::Cop), Numerals::EsCo), "2.395");
        assert_eq!(money_whole(Money::new(239_550, Currency::Cop), Numerals::EsCo), "2.395,50");
    }

    #[test]
    fn what_reads_one_way_is_read_in_any_country() {
        for (text, minor) in [
            ("1000", 100_000),
            ("1000,50", 100_050),
            ("1000.5", 100_050),
            ("1.000.000,50", 100_000_050),
            ("1,000,000.50", 100_000_050),
            ("1.000.000", 100_000_000),
            ("1,000,000", 100_000_000),
            ("1.000,50", 100_050),
            ("1 000 000,5", 100_000_050),
            ("1 000", 100_000),
            ("1\u{202f}000\u{202f}000", 100_000_000),
            (" $ 1.200.000,00 ", 120_000_000),
            ("COP 1200000", 120_000_000),
            ("1200000cop", 120_000_000),
            ("0,05", 5),
            ("007", 700),
        ] {
            assert_eq!(read_cop(text), Ok(minor), "{text}");
        }
    }

    #[test]
    fn one_group_alone_reads_two_ways_and_is_asked_about() {
        let cop = |minor| Money::new(minor, Currency::Cop);
        for text in ["1.000", "1,000"] {
            let both = AmountError::Ambiguous { as_thousands: cop(100_000), as_decimals: Some(cop(100)) };
            assert_eq!(read_cop(text), Err(both), "{text}");
        }
        let one = AmountError::Ambiguous { as_thousands: cop(12_345_600), as_decimals: None };
        assert_eq!(read_cop("123.456"), Err(one));
    }

    #[test]
    fn what_is_no_amount_is_refused_with_its_reason() {
        for (texts, why) in [
            (&["", "  ", "$", "COP"][..], AmountError::Empty),
            (
                &["1.00.000", "1.0000.000", "1..000", ",5", "5,", "1,000,00", "1.000.00,5", "1.000.000.50"][..],
                AmountError::Malformed,
            ),
            (
                &["0.000.000", "01.000.000", "1.000 000", "1e3", "+1", "1,000.000,5", "١٢", "COP 1 COP"][..],
                AmountError::Malformed,
            ),
            (
                &["1.000,500", "1000.123", "1234,567", "0.001", "10,0000", "1 000,500"][..],
                AmountError::TooPrecise,
            ),
            (&["0", "-5", "−1.000", "0,00"][..], AmountError::NotPositive),
            (&["USD 5", "5 mxn"][..], AmountError::OtherCurrency),
            (&["99999999999999999999"][..], AmountError::Overflow),
        ] {
            for text in texts {
                assert_eq!(read_cop(text), Err(why), "{text:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            minor in 1..i64::MAX,
            currency in select(Currency::ALL.to_vec()),
            numerals in select(vec![Numerals::EsCo, Numerals::EnUs]),
        ) {
            let amount = Money::new(minor, currency);
            prop_assert_eq!(parse_money(&money(amount, numerals), currency), Ok(amount));
            // Without decimals a single group is all that is left, and that is asked about.
            match parse_money(&money_whole(amount, numerals), currency) {
                Ok(read) => prop_assert_eq!(read, amount),
                Err(AmountError::Ambiguous { as_thousands, .. }) => prop_assert_eq!(as_thousands, amount),
                Err(other) => prop_assert!(false, "{}", other),
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            prop_assert!(parse_money(&text, Currency::Cop).map_or(true, |amount| amount.minor > 0));
        }

        #[test]
        fn no_text_of_digits_and_marks_panics(text in "[0-9., −-]{0,24}") {
            prop_assert!(parse_money(&text, Currency::Cop).map_or(true, |amount| amount.minor > 0));
        }
    }
}
