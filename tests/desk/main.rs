//! The desk as commands, over a sandbox that is asked what really happened.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what helps a test may stop it; clippy.toml allows it inside tests only"
)]

mod bulk;
mod commands;
mod kill;
mod line;
mod pair;
mod proof;
mod pty;
mod refund;
mod several;
mod shop;
mod vault;
