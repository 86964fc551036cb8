//! Cobre, as a server.

use std::collections::BTreeMap;

use axum::Router;
use serde_json::{Value, json};

use super::CobreCredential;
use super::control::{ControlError, Payment};
use super::http::Reply;
use super::world::{Shared, World};

/// All that Cobre keeps beside the ledger.
#[derive(Debug, Default)]
pub struct Cobre {}

/// What happens at Cobre by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CobreEvent {
    /// A movement's next step.
    Movement(u32),
}

pub fn seed(_world: &mut World) {}

pub fn router() -> Router<Shared> {
    Router::new().fallback(|| async { Reply::json(401, &json!({"error_code": "AU006"})).into_response() })
}

pub fn due(_world: &mut World, event: &CobreEvent) {
    match event {
        CobreEvent::Movement(_) => {}
    }
}

pub fn error(status: u16) -> Reply {
    Reply::json(status, &json!({"error_code": "G001", "error_description": "sandbox"}))
}

pub fn credentials(_world: &World) -> BTreeMap<String, CobreCredential> {
    BTreeMap::new()
}

pub fn movement_id(world: &World, row: u32) -> String {
    world.ids.make("mm_", 14, row)
}

pub fn transaction_id(world: &World, row: u32) -> String {
    world.ids.make("trx_", 20, row)
}

pub fn payments(_world: &World, _payments: &mut Vec<Payment>) {}

pub fn pay_movement(_world: &mut World, id: &str, _refuse: bool) -> Result<Value, ControlError> {
    Err(ControlError::new(format!("no movement is called {id}")))
}

pub fn pay_key(_world: &mut World, _key: &str, _amount: Option<i64>) -> Option<Result<Value, ControlError>> {
    None
}
