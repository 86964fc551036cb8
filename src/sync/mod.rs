//! What to poll and how often; the outbox: record, send, settle, one way for console and commands.

pub mod news;
pub mod settle;
