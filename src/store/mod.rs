//! SQLite: the outbox, the audit chain, the facts as received.
