//! What the payer's page asks while it waits (contract 5.5).

use crate::sandbox::world::World;

use super::answer::Answer;
use super::call::{Call, Reply};
use super::json::Object;

/// `GET /breb_status/{GOrdenId}/` [code·probe]. Open to everybody, since a public page calls it [inf].
pub fn breb(world: &mut World, call: &Call<'_>) -> Reply {
    let order = world.cobru.find_order(call.segment(1)).ok_or_else(Answer::not_found)?;
    let state = world.cobru.order(order).state.breb_word();
    Ok(Answer::ok(Object::new().text("state", state).end()))
}
