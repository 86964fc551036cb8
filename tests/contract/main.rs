//! The contracts, tried against the running sandbox over HTTP. The modules are the contracts' tables
//! of contents; each test is a sentence of theirs.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may: what is missing or short is a failure of theirs"
)]

mod bench;

mod control;
mod coverage;
mod scenes;
mod state;
mod storm;

mod cobre_accounts;
mod cobre_approvals_and_bulk;
mod cobre_authentication;
mod cobre_bad_input;
mod cobre_catalogues;
mod cobre_checkout;
mod cobre_counterparties;
mod cobre_direct_debits;
mod cobre_errors_and_lists;
mod cobre_examples;
mod cobre_forex;
mod cobre_guides;
mod cobre_idempotency;
mod cobre_keys_and_payins;
mod cobre_managing_accounts;
mod cobre_money_movements;
mod cobre_references_and_verification;
mod cobre_reports_and_evidence;
mod cobre_returns_and_links;
mod cobre_roles;
mod cobre_schedulers;
mod cobre_seed;
mod cobre_testing_api;
mod cobre_transactions;
mod cobre_webhooks;
