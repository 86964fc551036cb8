//! Money movements: orders to move money, each with a state of its own at the provider.

use super::approval::Given;
use super::id::{BulkId, ExternalId, MovementId};
use super::money::Money;
use crate::sanitize::Clean;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    pub id: MovementId,
    pub external_id: Option<ExternalId>,
    /// The rail: `fast_pay`, `ach`, `breb`, `spei`, …
    pub kind: Clean,
    pub state: MovementState,
    /// The provider's code and words for the state, such as `R001`.
    pub cause: Clean,
    pub amount: Money,
    /// `acc_…`, or the payer's `cp_…` in a payin.
    pub source: Clean,
    /// `cp_…`, or an own `acc_…`.
    pub destination: Clean,
    pub source_name: Clean,
    pub destination_name: Clean,
    /// The account, key or tag behind the destination, as far as the provider shows it.
    pub destination_account: Clean,
    pub description: Clean,
    /// The credential or portal user that made it.
    pub creator: Clean,
    pub bulk: Option<BulkId>,
    /// Approvals that are there already, where it waits for some. No part of what is decided on.
    pub given: Given,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MovementState {
    Initiated,
    PendingApproval,
    Processing,
    Completed,
    Failed,
    Rejected,
    Canceled,
    Returned,
    /// A state that this version does not know: shown as it is, taken as not final.
    Other(Clean),
}

impl MovementState {
    pub fn is_final(&self) -> bool {
        *self == Self::Completed || self.paid_nobody()
    }

    /// Ended without paying anybody: the money never left, or came back.
    pub const fn paid_nobody(&self) -> bool {
        match self {
            Self::Failed | Self::Rejected | Self::Canceled | Self::Returned => true,
            Self::Initiated | Self::PendingApproval | Self::Processing | Self::Completed | Self::Other(_) => {
                false
            }
        }
    }

    /// As the provider spells it.
    pub fn code(&self) -> &str {
        match self {
            Self::Initiated => "initiated",
            Self::PendingApproval => "pending_approval",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Canceled => "canceled",
            Self::Returned => "returned",
            Self::Other(code) => code.as_str(),
        }
    }

    pub fn read(code: &str) -> Self {
        match code {
            "initiated" => Self::Initiated,
            "pending_approval" => Self::PendingApproval,
            "processing" => Self::Processing,
            "completed" => Self::Completed,
            "failed" => Self::Failed,
            "rejected" => Self::Rejected,
            "canceled" => Self::Canceled,
            "returned" => Self::Returned,
            other => Self::Other(Clean::new(other)),
        }
    }
}
