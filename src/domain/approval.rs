//! What waits for a second pair of eyes: single movements and whole bulks.

use super::id::BulkId;
use super::money::Money;
use super::movement::Movement;
use crate::sanitize::Clean;
use jiff::Timestamp;

/// Who has said yes to what may need several, as far as the provider tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// Credentials or portal users.
    pub by: Vec<Clean>,
    /// `None`: not told.
    pub needed: Option<u32>,
}

impl Given {
    pub fn count(&self) -> u32 {
        u32::try_from(self.by.len()).unwrap_or(u32::MAX)
    }

    /// Where one is enough and none is there yet, there is nothing to say.
    pub fn is_one_of_several(&self) -> bool {
        !self.by.is_empty() || self.needed.is_some_and(|needed| needed > 1)
    }

    /// `None`: at least one.
    pub fn missing(&self) -> Option<u32> {
        self.needed.map(|needed| needed.saturating_sub(self.count()))
    }

    /// `1/2`, or `1/?` where it is not told how many it takes.
    pub fn short(&self) -> String {
        let needed = self.needed.map_or_else(|| "?".to_owned(), |needed| needed.to_string());
        format!("{}/{needed}", self.count())
    }
}

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
