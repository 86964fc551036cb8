//! People at the desk, against the sandbox: keys go in, screens are read, and at the end the sandbox's
//! ledger is asked what really happened.

#![expect(clippy::indexing_slicing, reason = "a JSON answer without the field fails the test")]

mod bulk;
mod chain;
mod cobru;
mod codes;
mod cut;
mod desk;
mod manage;
mod rails;
mod refunds;
