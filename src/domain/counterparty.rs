//! Those who are paid, and where their money goes.

use super::id::CounterpartyId;
use crate::sanitize::Clean;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counterparty {
    pub id: CounterpartyId,
    /// The alias, or the full name where there is none.
    pub name: Clean,
    pub holder: Clean,
    /// Type and number, such as `nit 900123456`.
    pub document: Clean,
    pub destination: Destination,
    pub created_at: Timestamp,
}

/// Where a payment to a counterparty lands. Decides its rail and currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The provider's type: `ch`, `cc`, `dp`, `breb_key`, `cobre_balance`, `clabe`, …
    pub kind: Clean,
    /// `col`, `mex`, `usa`, `global`.
    pub geo: Clean,
    /// Account number, key or tag.
    pub account: Clean,
    /// Bank code or name, empty where the kind has none.
    pub institution: Clean,
}
