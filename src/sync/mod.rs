//! What to poll, how often, from which cursor; the outbox: record, send, settle.
