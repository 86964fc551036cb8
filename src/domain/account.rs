//! Balances: what is held, where, and when that was last known.

use super::ProviderName;
use super::id::AccountId;
use super::money::Money;
use crate::sanitize::Clean;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub provider: ProviderName,
    /// The alias its owner gave it.
    pub name: Clean,
    /// The tag, CLABE or account number, masked by the provider unless asked otherwise.
    pub number: Clean,
    pub kind: AccountKind,
    /// The country whose rails it has: `col`, `mex`, `usa`, `global` [doc]; empty at Cobru.
    pub geo: Clean,
    pub balance: Money,
    /// When the provider last obtained the balance; not when we asked.
    pub as_of: Timestamp,
    pub connected: bool,
}

impl Account {
    /// Whether it is as `other` was, but for `as_of`, which moves with each answer.
    pub fn is_as(&self, other: &Self) -> bool {
        Self { as_of: other.as_of, ..self.clone() } == *other
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// Held at the provider: payouts can leave from it.
    Balance,
    /// At a bank, connected for reading.
    Connected,
}
