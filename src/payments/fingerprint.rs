//! What was on the screen, as a hash: a decision holds only for that.

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
        Self(hash.finalize().into())
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
