//! Cobru, as a server: payment links and what follows from them, written from the contract.
//!
//! Its oddities are kept as they are, because they are what breaks clients: JSON inside a string, an
//! answer that has to be parsed twice, amounts as text here and as numbers there, five forms of a date,
//! a 403 that means "something is missing", and errors with status 200. Marks such as `[doc]` and `[inf]`
//! on items say where a fact comes from: the provider's documentation, its older manual (`doc·st`),
//! public programs (`code`), or our own choice (`inf`).
//!
//! A request goes through `routes`, is read field by field with `body`, and is answered with text that
//! `json` writes. Amounts are whole centavos everywhere inside. What happens by itself is an `event`.

mod abroad;
mod amount;
mod answer;
mod auth;
mod banks;
mod body;
mod call;
mod callbacks;
mod cards;
mod cash;
mod celo;
mod cobrus;
mod control;
mod event;
mod fees;
mod json;
mod jwt;
mod method;
mod movements;
mod orders;
mod page;
mod pay;
mod pdf;
mod qr;
mod render;
mod routes;
mod rsa;
mod saved_cards;
mod scenes;
mod seed;
mod send;
mod services;
mod state;
mod status;
mod users;
mod when;
mod withdraw;
mod withdrawal;

use axum::Router;
use axum::extract::{Request, State as Extract};

use super::CobruCredential;
use super::http::{self, Reply};
use super::world::{Shared, World};

pub use control::{collect, open_links, pay, pay_key, payments, refund};
pub use event::CobruEvent;
pub use seed::seed;
pub use state::State as Cobru;

pub fn router() -> Router<Shared> {
    Router::new().fallback(|Extract(shared): Extract<Shared>, request: Request| async move {
        http::serve(&shared, request, routes::answer).await
    })
}

/// One call, one answer.
pub fn handle(world: &mut World, call: &http::Call) -> Reply {
    routes::answer(world, call)
}

/// An event whose time has come.
pub fn due(world: &mut World, event: &CobruEvent) {
    world.cobru_due(*event);
}

/// An error in Cobru's own form, for a status that a fault asks for (contract 14.5, 14.6).
pub fn error(status: u16) -> Reply {
    let text = match status {
        400 => "JSON parse error",
        401 => "Authentication credentials were not provided.",
        403 => "You do not have permission to perform this action.",
        404 => "Not found.",
        413 => "Request body is too large.",
        429 => "Request was throttled. Expected available in 1 second.",
        // What stands in front of the framework answers with a page.
        500.. => {
            return Reply::bytes(status, "text/html", "<html><body><h1>Server Error</h1></body></html>\n");
        }
        _ => "Error.",
    };
    Reply::bytes(status, "application/json", json::Object::new().text("detail", text).end())
}

/// The key and the refresh token of the seed's first account.
pub fn credentials(world: &World) -> CobruCredential {
    let api_key = world.cobru.users.first().map(|user| user.api_key.clone()).unwrap_or_default();
    CobruCredential { api_key, refresh: world.cobru.refresh.clone() }
}
