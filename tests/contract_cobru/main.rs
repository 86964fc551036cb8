//! Cobru's contract, area by area, over HTTP against a started sandbox. The modules are named after the
//! contract's sections; each test says one thing that the contract says.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first thing that is not as the contract says"
)]

mod desk;

mod authentication;
mod balance_and_movements;
mod callbacks;
mod cards;
mod cash;
mod celo_and_white_label;
mod cobrus;
mod faults;
mod hostile;
mod ledger;
mod payment_details;
mod payment_methods;
mod restart;
mod saved_cards;
mod services;
mod states;
mod transfers;
mod withdrawals;
