//! What is to happen at Cobru when the sandbox's clock gets there (contract 15.1). Rows are indices into
//! the lists of the state; an event that has become pointless does nothing.

/// Something due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CobruEvent {
    /// The payer of this order pays.
    Approve { order: usize },
    /// The payer of this order is turned down.
    Reject { order: usize },
    /// The time of this order is over.
    OrderEnds { order: usize },
    /// The test payer named at creation pays.
    TestPayment { cobru: usize },
    /// The link's last day is over.
    CobruEnds { cobru: usize },
}
