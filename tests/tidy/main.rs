//! The repository's own rules. Each message says how to mend what it found.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "all of this is a test: what it cannot read must fail it"
)]

mod layers;
mod source;
mod sources;
mod words;
