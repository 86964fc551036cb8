//! Ledger entries: what really changed a balance.

use super::ProviderName;
use super::id::{AccountId, MovementId, TransactionId};
use super::money::Money;
use crate::sanitize::Clean;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    pub id: TransactionId,
    pub provider: ProviderName,
    pub account: AccountId,
    /// The provider's own type (`breb_debit`, `col_credit`, …): shown, never relied upon.
    pub kind: Clean,
    /// Negative for a debit.
    pub amount: Money,
    /// The balance after it. Connected bank accounts do not tell.
    pub balance_after: Option<Money>,
    pub at: Timestamp,
    /// Who is on the other side, as far as the entry says.
    pub counterparty: Clean,
    pub description: Clean,
    /// Tracking key or reference.
    pub reference: Clean,
    pub movement: Option<MovementId>,
    /// Who paid, where the entry says so in full: Bre-B credits do, PSE's, Nequi's and Bancolombia's
    /// don't [doc].
    pub payer: Option<Box<Payer>>,
}

/// The sender of a credit, as a refund needs it. Any of it may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Payer {
    pub name: Clean,
    /// `cc`, `nit`, …
    pub document_kind: Clean,
    pub document: Clean,
    pub account: Clean,
    /// `cc`, `ch` or `dp`.
    pub account_kind: Clean,
    /// The bank's code.
    pub institution: Clean,
}
