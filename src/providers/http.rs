//! The two HTTP clients (read and write), limits, retries of reads, redaction.
