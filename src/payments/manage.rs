//! What the desk keeps at the provider besides payments: counterparties, Bre-B keys, schedules, and the
//! questions whose name is behind an account. None of it moves money by itself; all of it leaves by the
//! one chain.

use super::order::{Checked, Order};
use crate::domain::id::{AccountId, CounterpartyId, KeyId, ScheduleId};
use crate::domain::money::Money;
use crate::domain::schedule::Rhythm;
use crate::sanitize::Clean;
use sha2::{Digest, Sha256};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manage {
    Counterparty(CounterpartyOrder),
    DeleteCounterparty { id: CounterpartyId, name: Clean },
    Verify(VerifyOrder),
    Key(KeyOrder),
    ChangeKey(KeyChangeOrder),
    Schedule(ScheduleOrder),
    CancelSchedule { id: ScheduleId, name: Clean },
}

/// Register someone who is to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CounterpartyOrder {
    /// `col`, `mex`, `usa`, `global` [doc].
    pub geo: &'static str,
    /// `ch`, `breb_key`, `clabe`, … [doc].
    pub kind: &'static str,
    pub alias: String,
    /// The metadata, by the provider's names [doc], in the order of the form. No name stands twice.
    pub details: Vec<(&'static str, String)>,
}

impl CounterpartyOrder {
    pub fn detail(&self, name: &str) -> &str {
        let found = self.details.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Where its money goes: the number, key, tag or wallet.
    pub fn account(&self) -> &str {
        let names = ["account_number", "key_value", "cobre_tag", "counterparty_wallet_address", "qr_value"];
        names.into_iter().map(|name| self.detail(name)).find(|value| !value.is_empty()).unwrap_or_default()
    }

    /// What it is found again by, with its alias: the same account at the same kind of place.
    pub fn identity(&self) -> String {
        identity(self.geo, self.kind, self.account())
    }
}

/// A hash of country, kind and account: kept where the account itself has no business.
pub fn identity(geo: &str, kind: &str, account: &str) -> String {
    let account = account.to_lowercase();
    let mut hash = Sha256::new();
    for part in [geo, kind, account.as_str()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    super::fingerprint::hex(&hash.finalize())
}

/// Ask an institution whose account or key it is, before anything is paid to it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifyOrder {
    pub question: Question,
    /// The key or the CLABE.
    pub account: String,
    /// The name that it should have; empty asks only what the institution holds.
    pub holder: String,
    pub document_kind: String,
    pub document: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Who is behind a Bre-B key.
    Key,
    /// Who is behind a CLABE; asks with a SPEI of a few cents [inf].
    Clabe,
}

/// The question whose an account is, for one that is registered; `None` where its number is hidden.
pub fn verify(
    question: Question,
    account: &str,
    holder: &str,
    document_kind: &str,
    document: &str,
) -> Option<Checked> {
    let shown = |text: &str| !text.contains('*');
    if account.is_empty() || !shown(account) {
        return None;
    }
    let known = |text: &str| if shown(text) { text.to_owned() } else { String::new() };
    let order = VerifyOrder {
        question,
        account: account.to_owned(),
        holder: known(holder),
        document_kind: if shown(document) { document_kind.to_owned() } else { String::new() },
        document: known(document),
    };
    Some(Checked::of(Order::Manage(Manage::Verify(order))))
}

/// Deletes a counterparty. What is under way to it goes on [inf].
pub fn delete_counterparty(id: CounterpartyId, name: Clean) -> Checked {
    Checked::of(Order::Manage(Manage::DeleteCounterparty { id, name }))
}

/// A change of a key that is there.
pub fn change_key(account: AccountId, key: KeyId, alias: Clean, change: KeyChange) -> Checked {
    Checked::of(Order::Manage(Manage::ChangeKey(KeyChangeOrder { account, key, alias, change })))
}

/// Cancels a schedule: it never runs again [inf].
pub fn cancel_schedule(id: ScheduleId, name: Clean) -> Checked {
    Checked::of(Order::Manage(Manage::CancelSchedule { id, name }))
}

/// A static key of an own balance.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyOrder {
    pub account: AccountId,
    pub account_name: Clean,
    pub alias: String,
    pub config: KeyConfig,
    pub holder: String,
    pub document_kind: String,
    pub document: String,
}

/// What the key is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyConfig {
    Random,
    Name,
    Id,
    /// Letters and figures, 5 to 20 [doc].
    Open(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyChangeOrder {
    pub account: AccountId,
    pub key: KeyId,
    pub alias: Clean,
    pub change: KeyChange,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyChange {
    Disable,
    Enable,
    /// For good [doc].
    Cancel,
}

/// Movements that make themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScheduleOrder {
    pub source: AccountId,
    pub source_name: Clean,
    pub destination: super::order::Payee,
    pub destination_name: Clean,
    /// Zero sweeps what is there.
    pub amount: Money,
    pub rhythm: Rhythm,
    pub pattern: String,
    pub description: String,
    pub checker_approval: bool,
}

impl Manage {
    pub const fn action(&self) -> &'static str {
        match self {
            Self::Counterparty(_) => "create_counterparty",
            Self::DeleteCounterparty { .. } => "delete_counterparty",
            Self::Verify(_) => "verify_account",
            Self::Key(_) => "create_key",
            Self::ChangeKey(KeyChangeOrder { change: KeyChange::Disable, .. }) => "disable_key",
            Self::ChangeKey(KeyChangeOrder { change: KeyChange::Enable, .. }) => "enable_key",
            Self::ChangeKey(KeyChangeOrder { change: KeyChange::Cancel, .. }) => "cancel_key",
            Self::Schedule(_) => "create_schedule",
            Self::CancelSchedule { .. } => "cancel_schedule",
        }
    }

    /// What the outbox's line is about, and what a look finds it by.
    pub fn subject(&self) -> String {
        match self {
            Self::Counterparty(order) => order.alias.clone(),
            Self::DeleteCounterparty { id, .. } => id.to_string(),
            Self::Verify(order) => order.account.clone(),
            Self::Key(order) => order.alias.clone(),
            Self::ChangeKey(order) => order.key.to_string(),
            Self::Schedule(order) => order.pattern.clone(),
            Self::CancelSchedule { id, .. } => id.to_string(),
        }
    }

    /// Whom a schedule pays.
    pub const fn destination(&self) -> Option<&super::order::Payee> {
        if let Self::Schedule(order) = self { Some(&order.destination) } else { None }
    }

    /// The own balance that it is about.
    pub const fn source(&self) -> Option<&AccountId> {
        match self {
            Self::Key(order) => Some(&order.account),
            Self::ChangeKey(order) => Some(&order.account),
            Self::Schedule(order) => Some(&order.source),
            Self::Counterparty(_)
            | Self::DeleteCounterparty { .. }
            | Self::Verify(_)
            | Self::CancelSchedule { .. } => None,
        }
    }
}
