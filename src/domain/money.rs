//! Amounts as whole minor units of one currency. No floating point, anywhere.
//!
//! How people write amounts (`1.234.567,89`) is in `i18n`; here is only the decimal text that
//! machines exchange (`1234567.89`).
#![warn(clippy::arithmetic_side_effects)]

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A currency that a balance can be held in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Currency {
    Cop,
    Mxn,
    Usd,
    /// Reais and Argentine pesos: balances and withdrawals at Cobru only.
    Brl,
    Ars,
    /// Dollar stablecoin balances at Cobre (`usd_stable`).
    UsdStable,
    /// Peso stablecoin balances at Cobre (`copco`).
    Copco,
}

impl Currency {
    pub const ALL: [Self; 7] =
        [Self::Cop, Self::Mxn, Self::Usd, Self::Brl, Self::Ars, Self::UsdStable, Self::Copco];

    /// The code as it is shown, such as `COP`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cop => "COP",
            Self::Mxn => "MXN",
            Self::Usd => "USD",
            Self::Brl => "BRL",
            Self::Ars => "ARS",
            Self::UsdStable => "USD_STABLE",
            Self::Copco => "COPCO",
        }
    }

    /// Decimal digits of the minor unit. Each of ours has two: one minor unit of COP is one centavo.
    pub const fn exponent(self) -> u32 {
        match self {
            Self::Cop | Self::Mxn | Self::Usd | Self::Brl | Self::Ars | Self::UsdStable | Self::Copco => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// A code that names no currency of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no currency is called {0:?}")]
pub struct UnknownCurrency(pub String);

impl FromStr for Currency {
    type Err = UnknownCurrency;

    /// Any case: the providers write `"COP"` and `"cop"`.
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|currency| currency.code().eq_ignore_ascii_case(code))
            .ok_or_else(|| UnknownCurrency(code.chars().take(16).collect()))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("not a decimal number")]
    Malformed,
    #[error("more decimals than the currency has")]
    TooPrecise,
    #[error("beyond the largest amount held")]
    Overflow,
    #[error("amounts of different currencies")]
    CurrencyMismatch,
}

/// An amount in minor units (centavos for COP, cents for USD); negative for a debit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        Ok(Self { minor: self.minor.checked_neg().ok_or(MoneyError::Overflow)?, ..self })
    }

    fn same(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency { Ok(()) } else { Err(MoneyError::CurrencyMismatch) }
    }

    /// The sum of amounts of one currency. Added in `i128` and narrowed once, so that the answer
    /// does not depend on the order of the rows.
    pub fn total(currency: Currency, rows: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        let mut sum: i128 = 0;
        for row in rows {
            if row.currency != currency {
                return Err(MoneyError::CurrencyMismatch);
            }
            sum = sum.checked_add(i128::from(row.minor)).ok_or(MoneyError::Overflow)?;
        }
        Ok(Self::new(i64::try_from(sum).map_err(|_| MoneyError::Overflow)?, currency))
    }

    /// Reads decimal text without grouping, such as `-1250000.5`. No exponent, no `+`, no blanks.
    pub fn from_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return Err(MoneyError::Malformed),
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(MoneyError::Malformed);
        }
        let exponent = currency.exponent() as usize;
        let significant = fraction.trim_end_matches('0');
        if significant.len() > exponent {
            return Err(MoneyError::TooPrecise);
        }
        let sign = if negative { "-" } else { "" };
        let minor = format!("{sign}{whole}{significant:0<exponent$}").parse();
        Ok(Self::new(minor.map_err(|_| MoneyError::Overflow)?, currency))
    }

    /// Decimal text without grouping and with every decimal of the currency: `1250000.00`.
    pub fn to_decimal(self) -> String {
        let (whole, fraction) = self.digits();
        let sign = if self.minor < 0 { "-" } else { "" };
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }

    /// The digits of the amount without its sign: those before the decimal mark and those after.
    pub fn digits(self) -> (String, String) {
        let exponent = self.currency.exponent() as usize;
        let width = exponent.saturating_add(1);
        let mut whole = format!("{:0>width$}", self.minor.unsigned_abs());
        let fraction = whole.split_off(whole.len().saturating_sub(exponent));
        (whole, fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{prelude::*, sample::select};

    fn any_money() -> impl Strategy<Value = Money> {
        (any::<i64>(), select(Currency::ALL.to_vec())).prop_map(|(m, c)| Money::new(m, c))
    }

    proptest! {
        #[test]
        fn decimal_text_reads_back(money in any_money()) {
            prop_assert_eq!(Money::from_decimal(&money.to_decimal(), money.currency), Ok(money));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            if let Ok(money) = Money::from_decimal(&text, Currency::Cop) {
                prop_assert_eq!(Money::from_decimal(&money.to_decimal(), Currency::Cop), Ok(money));
            }
        }

        // A running i64 total overflows in one order and not in another.
        #[test]
        fn a_total_does_not_depend_on_the_order(minors in proptest::collection::vec(any::<i64>(), 0..20)) {
            let rows = |minors: &[i64]| minors.iter().map(|m| Money::new(*m, Currency::Cop)).collect::<Vec<_>>();
            let mut reversed = minors.clone();
            reversed.reverse();
            prop_assert_eq!(Money::total(Currency::Cop, rows(&minors)), Money::total(Currency::Cop, rows(&reversed)));
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        let read = |text| Money::from_decimal(text, Currency::Cop).map(|money| money.minor);
        assert_eq!(read("1234.5"), Ok(123_450));
        assert_eq!(read("0.010"), Ok(1));
        assert_eq!(read("0.001"), Err(MoneyError::TooPrecise));
        for bad in ["", "-", ".5", "1.", "1..2", "+1", "1e3", "0x1", "1,5", " 1", "١٢", "NaN"] {
            assert_eq!(read(bad), Err(MoneyError::Malformed), "{bad}");
        }
        assert_eq!(read("92233720368547758.08"), Err(MoneyError::Overflow));
        assert_eq!(read("-92233720368547758.08"), Ok(i64::MIN));
    }

    #[test]
    fn currencies_never_mix() {
        let (peso, dollar) = (Money::new(1, Currency::Cop), Money::new(1, Currency::Usd));
        assert_eq!(peso.checked_add(dollar), Err(MoneyError::CurrencyMismatch));
        assert_eq!(Money::total(Currency::Cop, [peso, dollar]), Err(MoneyError::CurrencyMismatch));
        assert_eq!("cop".parse(), Ok(Currency::Cop));
        assert!("xyz".parse::<Currency>().is_err());
    }
}
