//! The client of Cobru.
