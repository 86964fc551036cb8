//! Both clients over real sockets: against servers that misbehave on purpose, and against the sandbox.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics says why")]

mod cuts;
mod desk;
mod looks;
mod reads;
mod sandbox;
mod server;
mod writes;
