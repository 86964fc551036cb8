//! EMV merchant-presented QR codes, as Bre-B uses them: read and check, and made for a key of one's own.
//!
//! A code is untrusted input. Neither its CRC nor its tag 91 says who made it: anyone can make a valid
//! code for any key. Nothing here pays, and nothing here says that a payment happened.
//!
//! Source: EASPBV "Campos QR Code EMVCo" v1.4-2025 [doc]; EMVCo MPM v1.1 [inf: from its reproductions].
//! Offsets are characters from the start of the code, counted from 0, also for sub-tags.

mod build;
mod check;
mod describe;
mod fault;
mod key;
mod walk;

#[cfg(test)]
mod tests;

pub use build::static_code;
pub use describe::{Line, Personal};
pub use fault::{EmvError, ErrorKind, Hint, Warning, WarningKind};
pub use key::{Key, KeyKind};
pub use walk::Node;

use crate::domain::money::{Currency, Money};
use crate::i18n::fold;
use crate::sanitize::Clean;

/// The capacity of a QR code, in bytes: nothing longer can be one.
pub const BYTES_MAX: usize = 2_953;

/// CRC-16/CCITT-FALSE: polynomial 0x1021, from 0xFFFF, not reflected [doc].
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}

/// Whether a code is made for one payment (tag 01).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Pays again and again. With an amount in it, it is a "hybrid".
    Static,
    Dynamic,
}

impl Kind {
    /// As in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::Dynamic => "dynamic",
        }
    }
}

/// What the payer may add (tags 55 to 57).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tip<'a> {
    Asked,
    Fixed(Money),
    /// In percent, as the code has it: `10.00`.
    Percent(&'a str),
}

/// A code that holds together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code<'a> {
    text: &'a str,
    nodes: Vec<Node<'a>>,
    key: Option<Key<'a>>,
    warnings: Vec<Warning>,
}

/// All that was found in a code that may not hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report<'a> {
    /// As far as it could be read. `None` where not even the objects could be told apart.
    pub code: Option<Code<'a>>,
    /// In the order in which a reader should mend them; none in a good code.
    pub errors: Vec<EmvError>,
}

/// Reads a code.
///
/// # Errors
/// The first thing that is wrong with it. [`inspect`] gives them all.
pub fn parse(text: &str) -> Result<Code<'_>, EmvError> {
    let report = inspect(text);
    match (report.errors.into_iter().next(), report.code) {
        (Some(error), _) => Err(error),
        (None, Some(code)) => Ok(code),
        (None, None) => Err(EmvError::new(ErrorKind::Empty, "root", 0, 0)),
    }
}

/// Reads a code from bytes, such as a scanner gives.
///
/// # Errors
/// As [`parse`]; text that is no UTF-8 is refused, never mended.
pub fn parse_bytes(bytes: &[u8]) -> Result<Code<'_>, EmvError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => parse(text),
        Err(error) => {
            let valid = error.valid_up_to();
            let readable = bytes.get(..valid).and_then(|bytes| std::str::from_utf8(bytes).ok());
            let offset = readable.unwrap_or_default().chars().count();
            let byte = bytes.get(valid).copied().unwrap_or_default();
            Err(EmvError::new(ErrorKind::InvalidUtf8, "root", offset, valid).detail(format!("0x{byte:02X}")))
        }
    }
}

/// Reads a code and tells everything that is wrong with it, not only the first thing.
pub fn inspect(text: &str) -> Report<'_> {
    check::inspect(text)
}

impl<'a> Code<'a> {
    /// As it was read, to be shown again byte for byte. Never put together anew from its parts: tag 91
    /// would no longer match.
    pub const fn text(&self) -> &'a str {
        self.text
    }

    pub fn nodes(&self) -> &[Node<'a>] {
        &self.nodes
    }

    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The object at a path such as `54`, `26.04` or `62.50.01`.
    pub fn get(&self, path: &str) -> Option<&Node<'a>> {
        walk::find(&self.nodes, path)
    }

    fn value(&self, path: &str) -> Option<&'a str> {
        self.get(path).map(|node| node.value)
    }

    pub fn kind(&self) -> Kind {
        if self.value("01") == Some("12") { Kind::Dynamic } else { Kind::Static }
    }

    /// The currency of tag 53, where it is one of ours.
    pub fn currency(&self) -> Option<Currency> {
        self.value("53").and_then(currency)
    }

    /// The amount of tag 54: before taxes and tip [doc]. `None` where the payer chooses it.
    pub fn amount(&self) -> Option<Money> {
        amount(self.value("54")?, self.currency()?)
    }

    pub fn tip(&self) -> Option<Tip<'a>> {
        match self.value("55")? {
            "01" => Some(Tip::Asked),
            "02" => amount(self.value("56")?, self.currency()?).map(Tip::Fixed),
            "03" => self.value("57").map(Tip::Percent),
            _ => None,
        }
    }

    /// What the maker of the code calls the merchant: in Spanish where the code says the same name in
    /// both ways. Empty where it has none. It is not the holder of the account: nobody has checked it.
    pub fn merchant(&self) -> Clean {
        self.local("64.01", "59")
    }

    pub fn city(&self) -> Clean {
        self.local("64.02", "60")
    }

    fn local(&self, local: &str, plain: &str) -> Clean {
        let plain = self.value(plain).filter(|value| *value != "0").unwrap_or_default();
        let spanish = self.value("64.00").is_some_and(|language| language.eq_ignore_ascii_case("es"));
        match self.value(local) {
            Some(local) if spanish && fold(local) == fold(plain) => Clean::new(local),
            Some(_) | None => Clean::new(plain),
        }
    }

    /// The Bre-B key to pay, where the code has one.
    pub const fn key(&self) -> Option<&Key<'a>> {
        self.key.as_ref()
    }
}

/// ISO 4217 numbers of the currencies that can be held.
fn currency(number: &str) -> Option<Currency> {
    match number {
        "170" => Some(Currency::Cop),
        "484" => Some(Currency::Mxn),
        "840" => Some(Currency::Usd),
        "986" => Some(Currency::Brl),
        "032" => Some(Currency::Ars),
        _ => None,
    }
}

/// An amount as codes have it: the point may be last, and zeros may stand before.
fn amount(text: &str, currency: Currency) -> Option<Money> {
    Money::from_decimal(text.strip_suffix('.').unwrap_or(text), currency).ok()
}
