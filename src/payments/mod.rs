//! The money chain. Each arrow is the only way to make the next thing:
//!
//! ```text
//! Draft ─validate─▶ Checked ─policy::authorize─▶ Intent ─Store::record─▶ Recorded ─Store::start─▶ Stored ─Provider::send─▶ Outcome
//! ```
//!
//! Nothing here does I/O. Whoever records and sends is `sync::outbox`.
#![warn(clippy::wildcard_enum_match_arm)]

pub mod bulk;
pub mod consent;
pub mod draft;
pub mod fingerprint;
pub mod intent;
pub mod key;
pub mod manage;
pub mod order;
pub mod outcome;
pub mod payee;
pub mod policy;
pub mod rails;
pub mod review;
pub mod step_up;
#[cfg(test)]
mod testing;

pub use consent::{Accepted, Consent};
pub use intent::{Intent, Request, Wire};
pub use order::{Checked, Order};
pub use outcome::Outcome;
pub use policy::{Actor, Policy, authorize};
