//! What a person should know before they say yes: the same for who makes a payment and who approves it.
//!
//! Pure functions over data. [`Payment`] is what is about to be paid, [`History`] what was paid before,
//! [`Terms`] what the profile holds for usual. Each [`Finding`] has a code that scripts may name, says
//! why, and carries the rows it rests on.
//!
//! A red finding (`!`) stops until a person goes on over it with the amount and a reason; a yellow one
//! (`?`) is told.

mod amounts;
mod history;
pub mod names;
mod payee;
pub mod reference;
mod rules;
#[cfg(test)]
mod tests;

pub(super) use history::account_key;
pub use history::{History, Past, Place, is_masked};
pub use rules::review;

use crate::domain::hours::Hours;
use crate::domain::money::Money;
use crate::domain::movement::Movement;
use crate::i18n::{self, Dates, Lang, Numerals};
use crate::payments::fingerprint::hex;
use crate::payments::order::MovementOrder;
use crate::sanitize::Clean;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use std::fmt::Display;

/// Which rule found something. The code is stable: `--accept CODE=REASON` and the audit name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// Same payee or account, same amount, a few days ago.
    Duplicate,
    /// The external id, or this payee's invoice, was paid before.
    Reference,
    /// The payee was paid before, to another account.
    AccountChanged,
    /// The balance would end below its floor.
    BelowFloor,
    /// The account belongs to a name unlike the payee's.
    PayeeName,
    /// Far from what this payee usually gets.
    Amount,
    NewCounterparty,
    FirstPayment,
    /// Just below a limit of the profile.
    BelowLimit,
    RoundAmount,
    OutsideHours,
    /// The provider hides the account from this role: some of the checks above can't see.
    Masked,
    /// The store was restored: what was sent after its copy was made may not be in it.
    Restored,
}

impl Code {
    pub const ALL: [Self; 13] = [
        Self::Duplicate,
        Self::Reference,
        Self::AccountChanged,
        Self::BelowFloor,
        Self::PayeeName,
        Self::Amount,
        Self::NewCounterparty,
        Self::FirstPayment,
        Self::BelowLimit,
        Self::RoundAmount,
        Self::OutsideHours,
        Self::Masked,
        Self::Restored,
    ];

    /// As on the command line, in JSON and in the audit.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Reference => "reference",
            Self::AccountChanged => "account_changed",
            Self::BelowFloor => "below_floor",
            Self::PayeeName => "payee_name",
            Self::Amount => "amount",
            Self::NewCounterparty => "new_counterparty",
            Self::FirstPayment => "first_payment",
            Self::BelowLimit => "below_limit",
            Self::RoundAmount => "round_amount",
            Self::OutsideHours => "outside_hours",
            Self::Masked => "masked",
            Self::Restored => "restored",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// `!`: it stops until someone answers for it.
    Red,
    /// `?`: it is told.
    Yellow,
}

impl Severity {
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Red => "!",
            Self::Yellow => "?",
        }
    }

    /// As in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Yellow => "yellow",
        }
    }
}

/// A filling of a finding's sentence, written out only when it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Money(Money),
    Day(Timestamp),
    Text(Clean),
    Count(u64),
}

/// A row that a finding rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub place: Place,
    /// The movement's, transaction's, counterparty's or intent's id.
    pub id: Clean,
    pub at: Timestamp,
    pub amount: Option<Money>,
    pub who: Clean,
}

/// Something a person should know before they say yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    /// Its sentence in the word files, and what goes into it.
    pub word: &'static str,
    pub with: Vec<(&'static str, Value)>,
    /// Newest first.
    pub evidence: Vec<Evidence>,
}

/// How values are written into a sentence.
#[derive(Debug, Clone, Copy)]
pub struct Spoken<'a> {
    pub lang: Lang,
    pub numerals: Numerals,
    pub dates: Dates,
    pub zone: &'a TimeZone,
}

impl Spoken<'_> {
    fn value(&self, value: &Value) -> String {
        match value {
            Value::Money(amount) => format!("{} {}", amount.currency, i18n::money(*amount, self.numerals)),
            Value::Day(at) => i18n::day(*at, self.zone, self.dates),
            Value::Text(text) => text.to_string(),
            Value::Count(n) => n.to_string(),
        }
    }

    /// One row of evidence: day, amount, whom, id.
    pub fn row(&self, row: &Evidence) -> String {
        let day = i18n::date(row.at, self.zone, self.dates);
        let amount = row.amount.map(|amount| self.value(&Value::Money(amount))).unwrap_or_default();
        let parts = [day, amount, row.who.to_string(), row.id.to_string()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }
}

impl Finding {
    pub(super) fn new(code: Code, severity: Severity, word: &'static str) -> Self {
        Self { code, severity, word, with: Vec::new(), evidence: Vec::new() }
    }

    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.with.push((name, value));
        self
    }

    #[must_use]
    pub(super) fn resting_on(mut self, evidence: Vec<Evidence>) -> Self {
        self.evidence = evidence;
        self
    }

    pub const fn stops(&self) -> bool {
        matches!(self.severity, Severity::Red)
    }

    /// What is odd, and why.
    pub fn sentence(&self, spoken: Spoken<'_>) -> String {
        let filled: Vec<(&str, String)> =
            self.with.iter().map(|(name, value)| (*name, spoken.value(value))).collect();
        let filled: Vec<(&str, &dyn Display)> =
            filled.iter().map(|(name, text)| (*name, text as &dyn Display)).collect();
        spoken.lang.say(self.word, &filled)
    }
}

/// What is about to be paid: typed here, waiting for a decision, or a line of a bulk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The movement's or the superseded intent's id: nothing is a duplicate of itself.
    pub same_as: Vec<Clean>,
    pub source: Clean,
    /// `cp_…`; empty for one that is not there yet.
    pub destination: Clean,
    /// Account number, key or tag; empty where it isn't known.
    pub account: Clean,
    pub name: Clean,
    pub amount: Money,
    pub description: Clean,
    pub external_id: Option<Clean>,
    /// Whose account it is, where the provider could be asked (a key's or account's owner).
    pub verified_name: Option<Clean>,
    /// When a person decides on it.
    pub at: Timestamp,
}

impl Payment {
    /// A movement as typed.
    pub fn of_order(order: &MovementOrder, at: Timestamp) -> Self {
        Self {
            same_as: Vec::new(),
            source: order.source.clean().clone(),
            destination: Clean::new(&order.destination.to_string()),
            account: order.destination_account.clone(),
            name: order.destination_name.clone(),
            amount: order.amount,
            description: Clean::new(&order.description),
            external_id: order.external_id.as_ref().map(|id| id.clean().clone()),
            verified_name: None,
            at,
        }
    }

    /// A movement that is at the provider.
    pub fn of_movement(movement: &Movement, at: Timestamp) -> Self {
        Self {
            same_as: vec![movement.id.clean().clone()],
            source: movement.source.clone(),
            destination: movement.destination.clone(),
            account: movement.destination_account.clone(),
            name: movement.destination_name.clone(),
            amount: movement.amount,
            description: movement.description.clone(),
            external_id: movement.external_id.as_ref().map(|id| id.clean().clone()),
            verified_name: None,
            at,
        }
    }
}

/// What the profile holds for usual.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// How long the same payment is taken for a second one. Days.
    pub duplicate_days: u16,
    /// How long a counterparty counts as new. Days.
    pub new_days: u16,
    /// Amounts from which on something stricter holds: a second pair of eyes, the full amount typed.
    pub limits: Vec<Money>,
    pub hours: Option<Hours>,
    pub zone: TimeZone,
    /// What a balance must keep, one amount a currency; zero where none is named.
    pub floors: Vec<Money>,
    /// Balances marked as exempt from the GMF (4×1000).
    pub gmf_exempt: Vec<String>,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            duplicate_days: 7,
            new_days: 7,
            limits: Vec::new(),
            hours: None,
            zone: TimeZone::UTC,
            floors: Vec::new(),
            gmf_exempt: Vec::new(),
        }
    }
}

/// SHA-256 over lines as they stood on the screen, lower-case hex.
pub fn hash_of_lines<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for line in lines {
        // The length before each: no two screens run into the same bytes.
        hash.update((line.len() as u64).to_be_bytes());
        hash.update(line.as_bytes());
    }
    hex(&hash.finalize())
}
