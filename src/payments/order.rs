//! What can be asked of a provider, and [`Checked`]: an order whose every field holds.

use super::bulk::{BulkDecisionOrder, BulkOrder};
use super::consent::Consent;
use super::fingerprint::Fingerprint;
use super::manage::Manage;
use super::rails::Rail;
use crate::domain::id::{AccountId, CobruId, CounterpartyId, ExternalId, MovementId, TransactionId};
use crate::domain::money::Money;
use crate::sanitize::Clean;
use std::fmt;

/// A write that holds together, which nobody has authorised yet. Only `validate` makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    order: Order,
    consent: Consent,
}

impl Checked {
    pub(super) fn of(order: Order) -> Self {
        Self { order, consent: Consent::default() }
    }

    /// With what its maker saw and said before it may leave.
    #[must_use]
    pub fn consenting(self, consent: Consent) -> Self {
        Self { consent, ..self }
    }

    pub const fn order(&self) -> &Order {
        &self.order
    }

    pub const fn consent(&self) -> &Consent {
        &self.consent
    }

    pub(super) fn into_parts(self) -> (Order, Consent) {
        (self.order, self.consent)
    }
}

/// Everything that the desk can ask a provider to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    Movement(MovementOrder),
    Decision(DecisionOrder),
    Bulk(BulkOrder),
    BulkDecision(BulkDecisionOrder),
    Cobru(CobruOrder),
    Breb(BrebPaymentOrder),
    Return(ReturnOrder),
    Manage(Manage),
}

/// Whom a movement pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payee {
    Counterparty(CounterpartyId),
    /// An own balance.
    Account(AccountId),
}

impl Payee {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Counterparty(id) => id.as_str(),
            Self::Account(id) => id.as_str(),
        }
    }
}

impl fmt::Display for Payee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl From<CounterpartyId> for Payee {
    fn from(id: CounterpartyId) -> Self {
        Self::Counterparty(id)
    }
}

impl From<AccountId> for Payee {
    fn from(id: AccountId) -> Self {
        Self::Account(id)
    }
}

/// Pay `amount` from an own balance to a counterparty or another own balance.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MovementOrder {
    pub source: AccountId,
    pub source_name: Clean,
    pub destination: Payee,
    pub destination_name: Clean,
    /// The account behind the destination as it was on the screen.
    pub destination_account: Clean,
    pub amount: Money,
    /// How it travels, as far as this desk can tell [doc]; the provider decides.
    pub rail: Rail,
    pub description: String,
    /// The user's own reference; without one the intent makes `cu-` + its id.
    pub external_id: Option<ExternalId>,
    /// SPEI wants a numeric reference of up to 8 digits.
    pub reference: Option<String>,
    /// Of a stablecoin payment [doc].
    pub token: Option<&'static str>,
    pub checker_approval: bool,
    /// The credit that it gives back, if it does.
    pub refund: Option<RefundOf>,
}

impl MovementOrder {
    /// What it is called: a refund after its credit, else as its maker said, else after the intent.
    pub fn external_id(&self, stamp: &super::intent::Stamp) -> String {
        match (&self.refund, &self.external_id) {
            (Some(refund), _) => refund.external_id(),
            (None, Some(name)) => name.to_string(),
            (None, None) => stamp.external_id(),
        }
    }
}

/// Which refund of which credit a movement is: its external id and its idempotency key are made from
/// this, so that two desks that give the same money back at once make one movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundOf {
    pub credit: TransactionId,
    /// From 1, counted over every refund of this credit.
    pub number: u32,
    /// What was credited: all its refunds together are never more.
    pub credited: Money,
}

impl RefundOf {
    /// `refund_trx_…_1` [doc: derived from the transaction].
    pub fn external_id(&self) -> String {
        format!("refund_{}_{}", self.credit, self.number)
    }
}

/// Send a received SPEI credit back, whole (Mexico) [doc].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReturnOrder {
    pub credit: TransactionId,
    pub source: AccountId,
    pub source_name: Clean,
    /// Whom it goes back to, as the credit says.
    pub payer: Clean,
    pub amount: Money,
    pub description: String,
}

/// Approve or reject one movement, as it was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecisionOrder {
    pub movement: MovementId,
    pub verdict: Verdict,
    pub amount: Money,
    /// `acc_…`, `cp_…`, the account behind it and the rail, as they were on the screen.
    pub source: Clean,
    pub destination: Clean,
    pub destination_account: Clean,
    pub rail: Clean,
    pub destination_name: Clean,
    /// Who made it, as the provider says: never the one who decides.
    pub creator: Clean,
    /// What was on the screen.
    pub shown: Fingerprint,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Approve,
    Reject { reason: String },
}

/// Make a cobru, a link that someone else pays.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CobruOrder {
    pub amount: Money,
    pub description: String,
    /// 0 = today until 23:59 [doc·st].
    pub expiration_days: u16,
    pub methods: Vec<Method>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Breb,
    Pse,
    Nequi,
}

/// Ask for the Bre-B payment order of an own cobru: the QR that a payer scans.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BrebPaymentOrder {
    pub cobru: CobruId,
    pub amount: Money,
}
