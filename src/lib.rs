//! `cuadre`: the treasury desk in the terminal. Its rooms, in the order of their layers: a room uses
//! only rooms above it in this list (`tests/tidy` checks it; ARCHITECTURE.md explains it).

pub mod sanitize;

pub mod domain;

pub mod i18n;

pub mod block;
pub mod config;
pub mod emv;

pub mod store;

pub mod bulk;
pub mod payments;

pub mod providers;

pub mod search;
pub mod sync;

pub mod console;
pub mod sandbox;

pub mod cli;
