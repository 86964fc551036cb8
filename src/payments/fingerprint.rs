//! What was on the screen, as a hash: a decision holds only for that.

use crate::domain::id::BulkId;
use crate::domain::movement::Movement;
use sha2::{Digest, Sha256};
use std::fmt;
use std::fmt::Write as _;

/// SHA-256 over every fact of a movement that a decision rests on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Amount, currency, both ends with the destination's account, description and state.
    pub fn of(movement: &Movement) -> Self {
        let mut hash = Sha256::new();
        Self::row(&mut hash, movement);
        Self(hash.finalize().into())
    }

    /// Of a bulk: which it is, how many rows it has, and every row of it, whatever order they came in.
    pub fn of_bulk(bulk: &BulkId, rows: &[Movement]) -> Self {
        let mut hash = Sha256::new();
        let count = rows.len() as u64;
        hash.update((bulk.as_str().len() as u64).to_be_bytes());
        hash.update(bulk.as_str().as_bytes());
        hash.update(count.to_be_bytes());
        let mut sorted: Vec<&Movement> = rows.iter().collect();
        sorted.sort_by(|one, other| one.id.cmp(&other.id));
        for row in sorted {
            Self::row(&mut hash, row);
        }
        Self(hash.finalize().into())
    }

    fn row(hash: &mut Sha256, movement: &Movement) {
        let minor = movement.amount.minor.to_string();
        for part in [
            movement.id.as_str(),
            &minor,
            movement.amount.currency.code(),
            movement.source.as_str(),
            movement.destination.as_str(),
            movement.destination_account.as_str(),
            movement.description.as_str(),
            movement.state.code(),
        ] {
            // The length before each part: no two lists of parts run into the same bytes.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
    }

    pub fn hex(&self) -> String {
        hex(&self.0)
    }

    /// The form people compare: `4c1e·77d0·9a07`.
    pub fn short(&self) -> String {
        let text: Vec<char> = self.hex().chars().take(12).collect();
        text.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("·")
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len().saturating_mul(2)), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes every write");
        text
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::approval::Given;
    use crate::domain::id::MovementId;
    use crate::domain::money::{Currency, Money};
    use crate::domain::movement::MovementState;
    use crate::sanitize::Clean;
    use jiff::Timestamp;

    pub(in crate::payments) fn movement() -> Movement {
        Movement {
            id: MovementId::new("mm_1").unwrap(),
            external_id: None,
            kind: Clean::new("fast_pay"),
            state: MovementState::PendingApproval,
            cause: Clean::default(),
            amount: Money::new(120_000_000, Currency::Cop),
            source: Clean::new("acc_1"),
            destination: Clean::new("cp_1"),
            source_name: Clean::new("Operación"),
            destination_name: Clean::new("Inmobiliaria Peña"),
            destination_account: Clean::new("12345678901"),
            description: Clean::new("Arriendo"),
            creator: Clean::new("cli_maker"),
            bulk: None,
            given: Given::default(),
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn every_fact_that_a_decision_rests_on_changes_it() {
        let shown = Fingerprint::of(&movement());
        let changes: [fn(&mut Movement); 7] = [
            |m| m.amount.minor += 1,
            |m| m.amount.currency = Currency::Mxn,
            |m| m.source = Clean::new("acc_2"),
            |m| m.destination = Clean::new("cp_2"),
            |m| m.destination_account = Clean::new("12345678902"),
            |m| m.description = Clean::new("Arriendo."),
            |m| m.state = MovementState::Canceled,
        ];
        for (at, change) in changes.into_iter().enumerate() {
            let mut now = movement();
            change(&mut now);
            assert_ne!(Fingerprint::of(&now), shown, "change {at}");
        }
        // When it was touched last says nothing about what it is.
        let mut later = movement();
        later.updated_at = Timestamp::MAX;
        assert_eq!(Fingerprint::of(&later), shown);
    }

    #[test]
    fn text_that_moves_between_fields_changes_it() {
        let mut one = movement();
        (one.source, one.destination) = (Clean::new("ab"), Clean::new("c"));
        let mut other = movement();
        (other.source, other.destination) = (Clean::new("a"), Clean::new("bc"));
        assert_ne!(Fingerprint::of(&one), Fingerprint::of(&other));
    }

    #[test]
    fn a_bulk_is_every_row_of_it_in_any_order() {
        let bulk = BulkId::new("bmm_1").unwrap();
        let row = |id: &str| Movement { id: MovementId::new(id).unwrap(), ..movement() };
        let shown = Fingerprint::of_bulk(&bulk, &[row("mm_1"), row("mm_2")]);
        assert_eq!(Fingerprint::of_bulk(&bulk, &[row("mm_2"), row("mm_1")]), shown);
        let mut changed = row("mm_2");
        changed.amount.minor += 1;
        assert_ne!(Fingerprint::of_bulk(&bulk, &[row("mm_1"), changed]), shown);
        assert_ne!(Fingerprint::of_bulk(&bulk, &[row("mm_1")]), shown);
        assert_ne!(Fingerprint::of_bulk(&BulkId::new("bmm_2").unwrap(), &[row("mm_1"), row("mm_2")]), shown);
    }

    #[test]
    fn its_short_form_is_three_groups_of_four() {
        let short = Fingerprint::of(&movement()).short();
        assert_eq!(short.split('·').map(str::len).collect::<Vec<_>>(), [4, 4, 4]);
    }
}
