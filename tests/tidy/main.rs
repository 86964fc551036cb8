//! The repository's own rules. Each message says how to mend what it found.

mod layers;
mod source;
mod sources;
mod words;
