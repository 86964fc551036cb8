//! What the desk talks about, with no I/O, no JSON and no provider's words. Every text that came from
//! outside is [`Clean`](crate::sanitize::Clean); every id is a type of its own.

pub mod account;
pub mod approval;
pub mod bank;
pub mod calendar;
pub mod cobru;
pub mod counterparty;
pub mod document;
pub mod hours;
pub mod id;
pub mod key;
pub mod money;
pub mod movement;
pub mod number;
pub mod role;
pub mod schedule;
pub mod transaction;
pub mod verification;

use std::fmt;
use std::str::FromStr;

/// Which of the two companies a thing lives at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProviderName {
    Cobre,
    Cobru,
}

impl ProviderName {
    pub const ALL: [Self; 2] = [Self::Cobre, Self::Cobru];

    /// As in JSON and the store: `cobre`, `cobru`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cobre => "cobre",
            Self::Cobru => "cobru",
        }
    }

    /// As people write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Cobre => "Cobre",
            Self::Cobru => "Cobru",
        }
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.title())
    }
}

impl FromStr for ProviderName {
    type Err = ();

    fn from_str(code: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|name| name.code() == code).ok_or(())
    }
}
