//! Cobru, as a server. How a provider plugs in stands at the top of the sandbox's own page.

use axum::Router;
use serde_json::Value;

use super::CobruCredential;
use super::control::{ControlError, Payment};
use super::http::Reply;
use super::world::{Shared, World};

/// All that Cobru keeps beside the ledger.
#[derive(Debug, Default)]
pub struct Cobru {}

/// What happens at Cobru by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CobruEvent {}

/// Fills the empty state.
pub fn seed(_world: &mut World) {}

pub fn router() -> Router<Shared> {
    Router::new()
}

/// An event whose time has come.
pub fn due(_world: &mut World, event: &CobruEvent) {
    match *event {}
}

/// An error in Cobru's own form, for a status that a fault asks for.
pub fn error(status: u16) -> Reply {
    Reply::json(status, &serde_json::json!({ "detail": "sandbox" }))
}

pub fn credentials(_world: &World) -> CobruCredential {
    CobruCredential { api_key: String::new(), refresh: String::new() }
}

/// Adds Cobru's payments to the ledger's answer: payment orders, withdrawals, transfers.
pub fn payments(_world: &World, _payments: &mut Vec<Payment>) {}

/// A payer pays (or refuses) the open payment of a cobru; the answer says what became of it.
pub fn pay(_world: &mut World, slug: &str, _refuse: bool) -> Result<Value, ControlError> {
    Err(ControlError::new(format!("no cobru is called {slug}")))
}

/// A payer pays `amount` (minor units; none: what the code says) to a Bre-B key of Cobru's. `None`:
/// the key isn't Cobru's.
pub fn pay_key(_world: &mut World, _key: &str, _amount: Option<i64>) -> Option<Result<Value, ControlError>> {
    None
}

/// A paid cobru is refunded.
pub fn refund(_world: &mut World, slug: &str) -> Result<Value, ControlError> {
    Err(ControlError::new(format!("no cobru is called {slug}")))
}

/// A cash withdrawal is collected.
pub fn collect(_world: &mut World, withdrawal: &str) -> Result<Value, ControlError> {
    Err(ControlError::new(format!("no withdrawal is called {withdrawal}")))
}
