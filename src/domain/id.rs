//! Ids as providers give them: opaque, refused rather than cleaned.

use crate::sanitize::Clean;
use std::fmt;

/// Why a text is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is 1 to 128 of A-Z a-z 0-9 _ . : @ + -")]
pub struct BadId;

/// `[A-Za-z0-9_.:@+-]{1,128}`: what can be shown, logged and put into a path as it is.
fn well_formed(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.:@+-".contains(&byte))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Clean);

        impl $name {
            pub fn new(text: &str) -> Result<Self, BadId> {
                if well_formed(text) { Ok(Self(Clean::new(text))) } else { Err(BadId) }
            }

            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The same text, shared: nothing in an id has to be taken out.
            pub const fn clean(&self) -> &Clean {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// `acc_…` at Cobre; at Cobru the one balance is `cobru`.
    AccountId,
    /// `trx_…` at Cobre.
    TransactionId,
    /// `cp_…` at Cobre.
    CounterpartyId,
    /// `mm_…` at Cobre.
    MovementId,
    /// `bmm_…` at Cobre.
    BulkId,
    /// A cobru's slug: eight lower-case letters and digits, the `url` of the API.
    CobruId,
    /// What the maker calls a movement: `external_id` at Cobre.
    ExternalId,
    /// `key_…` at Cobre.
    KeyId,
    /// `mms_…` at Cobre.
    ScheduleId,
    /// `av_…` at Cobre.
    VerificationId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_could_leave_its_place_is_refused() {
        assert!(MovementId::new("mm_7hQ2sLxV9dKp4T").is_ok());
        for bad in ["", "a/b", "a b", "a?b", "ñ", "a\u{1b}[2J", &"a".repeat(129)] {
            assert_eq!(MovementId::new(bad), Err(BadId), "{bad:?}");
        }
    }

    #[test]
    fn an_id_is_clean_as_it_is() {
        let printable: String = (' '..='~').filter(|c| well_formed(&c.to_string())).collect();
        for text in [printable.clone(), "-".repeat(128), ":".to_owned()] {
            let id = MovementId::new(&text).unwrap();
            assert_eq!((id.as_str(), id.clean().altered()), (text.as_str(), false));
        }
    }
}
