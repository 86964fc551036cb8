//! The Celo dollar (contract 12), as far as anybody needs it: a wallet to look at, and rates.

use crate::sandbox::world::World;

use super::answer::Answer;
use super::call::{Call, Reply};
use super::json::{self, Object};
use super::state::UserIx;

/// `GET /celo/`: makes the wallet when there is none; a balance has 18 decimals [doc·st].
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn wallet(world: &mut World, _: &Call<'_>, user: UserIx) -> Reply {
    let address = address(world, user);
    let body = Object::new().text("address", &address).text("balance", "3.799927815990950198");
    Ok(Answer::ok(body.end()))
}

fn address(world: &World, user: UserIx) -> String {
    format!("0x{}", world.cobru.letters("celo", user.0, 40, "0123456789abcdef"))
}

/// `POST /celo/account/`: nobody gets a mnemonic out of this sandbox [inf].
pub fn account(_: &mut World, _: &Call<'_>, _: UserIx) -> Reply {
    Err(Answer::detail(403, "Not available."))
}

/// `GET /celo/transactions/cusd/`: a value is a float, a time is seconds as text [doc·st].
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn transactions(world: &mut World, _: &Call<'_>, user: UserIx) -> Reply {
    let from = format!("0x{}", world.cobru.letters("celo_from", user.0, 40, "0123456789abcdef"));
    let hash = format!("0x{}", world.cobru.letters("celo_hash", user.0, 64, "0123456789abcdef"));
    let row = Object::new()
        .raw("value", "5.5e-06")
        .text("from", &from)
        .text("to", &address(world, user))
        .text("hash", &hash)
        .text("timestamp", &world.start.plus_seconds(-864_000).seconds().to_string())
        .text("symbol", "cUSD");
    Ok(Answer::ok(json::array([row.end()])))
}

/// `GET /crypto/rates/` [doc·st].
#[expect(clippy::unnecessary_wraps, reason = "all handlers have one shape")]
pub fn rates(_: &mut World, _: &Call<'_>, _: UserIx) -> Reply {
    let row = Object::new().text("currency", "CUSD").raw("usd", "1.03").raw("cop", "3893.7914");
    Ok(Answer::ok(json::array([row.end()])))
}
