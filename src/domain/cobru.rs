//! Cobrus: payment links that someone else pays.

use super::id::CobruId;
use super::money::Money;
use crate::sanitize::Clean;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cobru {
    pub id: CobruId,
    pub state: CobruState,
    pub amount: Money,
    /// What the owner's balance receives once it is paid.
    pub net: Option<Money>,
    pub fee: Option<Money>,
    /// How it was or is being paid, in the provider's word; empty until someone tries.
    pub method: Clean,
    pub description: Clean,
    pub payer: Clean,
    pub created_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub paid_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CobruState {
    /// 0: nobody has tried to pay it.
    Created,
    /// 1: a payment is under way.
    InProcess,
    /// 2: the last attempt failed; another may follow.
    NotPaid,
    /// 3
    Paid,
    /// 4
    Refunded,
    /// 5: past its time, or cancelled by its owner.
    Expired,
    /// A number that this version does not know: taken as not final.
    Other(i64),
}

impl CobruState {
    pub const fn read(number: i64) -> Self {
        match number {
            0 => Self::Created,
            1 => Self::InProcess,
            2 => Self::NotPaid,
            3 => Self::Paid,
            4 => Self::Refunded,
            5 => Self::Expired,
            other => Self::Other(other),
        }
    }

    /// Not paid is not final: the payer may try again.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Paid | Self::Refunded | Self::Expired => true,
            Self::Created | Self::InProcess | Self::NotPaid | Self::Other(_) => false,
        }
    }
}

/// A Bre-B payment order on a cobru: what its QR carries and how long it lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrebOrder {
    pub cobru: CobruId,
    /// The gateway's id of the order.
    pub order: Clean,
    /// The EMV text that the QR must encode, byte for byte.
    pub qr_value: String,
    pub key_value: Clean,
    pub made_at: Timestamp,
    /// Five minutes after it was made [doc].
    pub expires_at: Timestamp,
}
