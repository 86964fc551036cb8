//! What happens to an order after it was made: the payer's page asks for it, and a code confirms it
//! (contract 5.5, 5.6).

use crate::sandbox::world::World;

use super::answer::Answer;
use super::body::Need;
use super::call::{Call, Reply};
use super::cobrus;
use super::json::Object;
use super::method::Method;
use super::state::UserIx;

/// The one-time password of Daviplata in the sandbox, and how often a wrong one is taken [inf].
const OTP: &str = "123456";
const OTP_TRIES: u8 = 3;

/// `GET /breb_status/{GOrdenId}/` [code·probe]. Open to everybody, since a public page calls it [inf].
pub fn breb(world: &mut World, call: &Call<'_>) -> Reply {
    let order = world.cobru.find_order(call.segment(1)).ok_or_else(Answer::not_found)?;
    let state = world.cobru.order(order).state.breb_word();
    Ok(Answer::ok(Object::new().text("state", state).end()))
}

/// `POST /cobru/confirm_daviplata/`: the names are in capitals [doc].
pub fn confirm_daviplata(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let slug = fields.words("URL", Need::Required, 500);
    let otp = fields.text_or_integer("OTP", Need::Required, 20);
    fields.check()?;
    // "Cobru URL or slug": the slug is what stands after the last slash.
    let slug = slug.unwrap_or_default();
    let slug = slug.rsplit('/').next().unwrap_or_default();
    let cobru = cobrus::own(world, slug, user)?;
    let order =
        world.cobru.open_orders(cobru).rev().find(|row| world.cobru.order(*row).method == Method::Daviplata);
    let refused =
        |text: &str| Answer::json(400, Object::new().text("result", "error").text("error", text).end());
    let order = order.ok_or_else(|| refused("No hay un pago con Daviplata por confirmar"))?;
    if otp.as_deref() == Some(OTP) {
        world.approve(order);
        return Ok(Answer::result(200, "OK"));
    }
    let order_state = world.cobru.order_mut(order);
    order_state.wrong_codes = order_state.wrong_codes.saturating_add(1);
    if order_state.wrong_codes >= OTP_TRIES {
        world.reject(order);
    }
    Err(refused("OTP inválido"))
}
