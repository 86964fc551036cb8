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
    /// A bank withdrawal takes its next step.
    Withdrawal { withdrawal: usize, step: Step },
    /// Nobody collected the cash in time.
    CashEnds { cash: usize },
}

/// Where a bank withdrawal goes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Process,
    /// A note that explains a delay; the state stays.
    Note(&'static str),
    Deposit,
    Consign,
    /// The end with state 4 (error); the money comes back.
    Fail(&'static str),
    /// The end with state 5 (rejected by the bank); the money comes back.
    Reject(&'static str),
}
