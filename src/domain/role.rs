//! Who sits at the desk, and what each may do (UX §9). A profile's role only reduces what its
//! credential allows.

use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Viewer,
    Support,
    Maker,
    Checker,
    Treasurer,
    Admin,
}

/// What a role may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    Read,
    /// Create movements, bulks and counterparties.
    Create,
    /// Approve or reject what others made.
    Approve,
    /// Create cobrus and their payment orders.
    Charge,
    /// Close an unknown by hand.
    CloseUnknown,
    /// Make, block and cancel Bre-B keys; delete counterparties.
    Manage,
    /// Names, documents and account numbers in full.
    SensitiveData,
}

impl Role {
    pub const ALL: [Self; 6] =
        [Self::Viewer, Self::Support, Self::Maker, Self::Checker, Self::Treasurer, Self::Admin];

    /// As in config, code and JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Support => "support",
            Self::Maker => "maker",
            Self::Checker => "checker",
            Self::Treasurer => "treasurer",
            Self::Admin => "admin",
        }
    }

    pub const fn may(self, right: Right) -> bool {
        match right {
            Right::Read => true,
            Right::Create => matches!(self, Self::Maker | Self::Treasurer | Self::Admin),
            Right::Approve => matches!(self, Self::Checker | Self::Treasurer | Self::Admin),
            Right::Charge => matches!(self, Self::Support | Self::Maker | Self::Admin),
            Right::Manage => matches!(self, Self::Admin),
            Right::CloseUnknown | Right::SensitiveData => {
                matches!(self, Self::Maker | Self::Checker | Self::Treasurer | Self::Admin)
            }
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// A word that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no role is called {0:?}")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.code() == code)
            .ok_or_else(|| UnknownRole(code.chars().take(32).collect()))
    }
}
