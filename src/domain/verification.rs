//! What an institution says of an account or key before it is paid.

use super::id::VerificationId;
use crate::sanitize::Clean;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    pub id: VerificationId,
    /// The key or CLABE that was asked about.
    pub account: Clean,
    pub result: Checkup,
    /// The name behind it as the institution tells it, part of it hidden: `LUZ M***`.
    pub holder: Clean,
    pub institution: Clean,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checkup {
    Pending,
    Matched,
    /// The account is there and belongs to somebody else.
    Unmatched,
    /// The institution did not answer.
    Unresolved,
    Other(Clean),
}

impl Checkup {
    /// By the result where there is one, else by the status.
    pub fn read(status: &str, result: &str) -> Self {
        match (status, result) {
            (_, "matched") => Self::Matched,
            (_, "unmatched") => Self::Unmatched,
            (_, "unresolved") => Self::Unresolved,
            ("pending" | "processing", "") => Self::Pending,
            (status, "") => Self::Other(Clean::new(status)),
            (_, result) => Self::Other(Clean::new(result)),
        }
    }
}
