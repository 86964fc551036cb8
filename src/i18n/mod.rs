//! The words, Spanish and English; number, money and date formats.
//!
//! PLACEHOLDER, replaced whole when i18n lands.
use crate::domain::money::{Currency, Money};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numerals {
    EsCo,
    EnUs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountError {
    Malformed,
    TooPrecise,
    Overflow,
    Ambiguous { as_thousands: Money, as_decimals: Option<Money> },
}

pub fn parse_money(text: &str, currency: Currency, _: Numerals) -> Result<Money, AmountError> {
    Money::from_decimal(text, currency).map_err(|_| AmountError::Malformed)
}

pub fn money(money: Money, _: Numerals) -> String {
    money.to_decimal()
}
