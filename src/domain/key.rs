//! Static Bre-B keys of a balance: who knows one can pay into it, any number of times [doc].

use super::id::{AccountId, KeyId};
use crate::sanitize::Clean;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrebKey {
    pub id: KeyId,
    pub account: AccountId,
    pub alias: Clean,
    /// `@CBAQ1EXD8`; empty until it is registered.
    pub value: Clean,
    pub state: KeyState,
    /// What was asked of it last: `create`, `disable`, `enable`. The change comes later [doc].
    pub asked: Clean,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    Processing,
    Registered,
    /// Blocked: it takes no money, and can be enabled again.
    Disabled,
    /// Canceled for good.
    Unregistered,
    Failed,
    /// Whatever else the provider says: shown raw.
    Other(Clean),
}

impl KeyState {
    pub fn read(code: &str) -> Self {
        match code {
            "processing" => Self::Processing,
            "registered" => Self::Registered,
            "disabled" => Self::Disabled,
            "unregistered" => Self::Unregistered,
            "failed" => Self::Failed,
            other => Self::Other(Clean::new(other)),
        }
    }

    pub fn code(&self) -> &str {
        match self {
            Self::Processing => "processing",
            Self::Registered => "registered",
            Self::Disabled => "disabled",
            Self::Unregistered => "unregistered",
            Self::Failed => "failed",
            Self::Other(code) => code.as_str(),
        }
    }
}
