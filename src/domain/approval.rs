//! What waits for a second pair of eyes: single movements and whole bulks.

use super::id::BulkId;
use super::money::Money;
use super::movement::Movement;
use crate::sanitize::Clean;
use jiff::Timestamp;

/// One line of the approver's queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    Single(Box<Movement>),
    Bulk(Bulk),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    pub id: BulkId,
    pub file_name: Clean,
    /// `validating`, `pending_approval`, `processing`, `completed`, `failed`, `canceled`.
    pub state: Clean,
    /// Why a file failed: its first row that does not hold.
    pub cause: Clean,
    pub count: u32,
    /// Known once its rows have been read; a bulk may hold several currencies.
    pub totals: Vec<Money>,
    pub creator: Clean,
    pub created_at: Timestamp,
}

impl Approval {
    pub fn id(&self) -> &str {
        match self {
            Self::Single(movement) => movement.id.as_str(),
            Self::Bulk(bulk) => bulk.id.as_str(),
        }
    }

    pub fn created_at(&self) -> Timestamp {
        match self {
            Self::Single(movement) => movement.created_at,
            Self::Bulk(bulk) => bulk.created_at,
        }
    }

    pub fn creator(&self) -> &Clean {
        match self {
            Self::Single(movement) => &movement.creator,
            Self::Bulk(bulk) => &bulk.creator,
        }
    }
}
