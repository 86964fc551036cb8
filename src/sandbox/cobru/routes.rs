//! Which handler answers which path. Slashes count: `/cobru/` has one at its end and
//! `/cobru_detail/{url}` has none, and the other way round is the web server's 404 (contract 15).

use crate::sandbox::http;
use crate::sandbox::requests::Who;
use crate::sandbox::world::World;

use super::answer::Answer;
use super::call::{Call, Reply};
use super::state::UserIx;
use super::{
    abroad, auth, banks, cards, cash, celo, cobrus, movements, page, pay, saved_cards, send, services,
    status, users, withdraw,
};

/// A handler, by what its caller must show.
#[derive(Debug, Clone, Copy)]
enum Handler {
    /// Nothing, or what the handler itself looks at.
    Open(fn(&mut World, &Call<'_>) -> Reply),
    /// The key.
    Key(fn(&mut World, &Call<'_>) -> Reply),
    /// The key and a Bearer.
    User(fn(&mut World, &Call<'_>, UserIx) -> Reply),
}

use Handler::{Key, Open, User};

/// The verbs of a path.
type Verbs = &'static [(&'static str, Handler)];

/// What a path answers to; nothing: there is no such path.
fn route(segments: &[&str]) -> Verbs {
    match segments {
        ["token", "refresh", ""] => &[("POST", Key(auth::refresh))],
        ["token", ""] => &[("POST", Key(auth::login))],

        ["cobru", ""] => &[("POST", User(cobrus::create))],
        ["cobru", "estimate", ""] => &[("POST", User(cobrus::estimate))],
        ["cobru", "update_to_expired", ""] => &[("POST", User(cobrus::expire))],
        ["cobru_detail", _] => &[("GET", User(cobrus::detail))],
        ["edit_cobru", ""] => &[("POST", User(cobrus::edit))],
        ["settings", "price_trm", ""] => &[("GET", Key(cobrus::price_trm))],
        ["cobru", "confirm_daviplata", ""] => &[("POST", User(status::confirm_daviplata))],
        ["breb_status", _, ""] => &[("GET", Open(status::breb))],
        ["get_banks", "1", ""] => &[("GET", Open(banks::pse))],

        ["balance", ""] => &[("GET", User(movements::balance))],
        ["movements", "movements_by_types", ""] => &[("GET", User(movements::list))],

        ["send", ""] => &[("POST", User(send::create)), ("GET", User(send::list))],

        ["bank_list_third_party_withdraw", ""] => &[("GET", User(banks::for_withdrawals))],
        ["bank_list", ""] => &[("GET", User(banks::by_country))],

        ["thirdpartywithdraw", ""] => &[("POST", User(withdraw::create)), ("GET", User(withdraw::list))],
        ["thirdpartywithdraw", _] => &[("GET", User(withdraw::detail))],
        ["cancelthirdpartywithdraw", ""] => &[("POST", User(withdraw::cancel))],
        ["panel", "detail_withdraw_pdf", ""] => &[("GET", User(withdraw::receipt))],
        ["withdraw", "co", ""] => &[("POST", User(withdraw::create_breb))],
        ["withdraw", "br", ""] => &[("POST", User(abroad::brazil))],
        ["withdraw", "mx", ""] => &[("POST", User(abroad::mexico))],
        ["withdraw", "ar", ""] => &[("POST", User(abroad::argentina))],
        ["get_withdraw", ""] => &[("GET", User(withdraw::status))],
        ["cancel_withdraw", ""] => &[("POST", User(withdraw::cancel_any))],
        ["cashwithdraw", ""] => &[("POST", User(cash::create)), ("GET", User(cash::list))],
        ["cashwithdraw", _] => &[("GET", User(cash::detail))],
        ["cancelcashwithdraw", ""] => &[("POST", User(cash::cancel))],

        ["cobru", "debit", "create_and_reload_card", ""] => &[("POST", User(cards::create_or_reload))],
        ["cobru", "debit", "get_card", ""] => &[("GET", User(cards::get))],
        ["cobru", "debit", "get_transactions", ""] => &[("GET", User(cards::transactions))],
        ["cobru", "debit", "freeze_card", ""] => &[("POST", User(cards::freeze))],

        ["request_service_reload", ""] => &[("POST", User(services::reload))],
        ["pines", "all_pines", ""] => &[("GET", User(services::list_pins))],
        ["pin", ""] => &[("POST", User(services::buy_pin))],
        ["packages", "all_packages", ""] => &[("GET", User(services::list_packages))],
        ["packages", "buy", ""] => &[("POST", User(services::buy_package))],

        ["base", "get_constants_key_public", ""] => &[("GET", User(saved_cards::public_key))],
        ["register_tc", ""] => &[("POST", User(saved_cards::register))],
        ["list_tc", ""] => &[("GET", User(saved_cards::list))],
        ["tc_payment", ""] => &[("POST", User(saved_cards::pay))],
        ["delete_tc", ""] => &[("DELETE", User(saved_cards::delete)), ("GET", User(saved_cards::delete))],

        ["celo", ""] => &[("GET", User(celo::wallet)), ("POST", User(celo::send))],
        ["pay_with_celo", ""] => &[("GET", User(celo::quote)), ("POST", User(celo::pay))],
        ["celo", "account", ""] => &[("POST", User(celo::account))],
        ["celo", "transactions", "cusd", ""] => &[("GET", User(celo::transactions))],
        ["crypto", "rates", ""] => &[("GET", User(celo::rates))],

        ["category", ""] => &[("GET", Key(users::categories))],
        ["subcategory"] => &[("GET", Key(users::subcategories))],
        ["user", ""] => &[("POST", Key(users::create))],
        ["request_confirmation", ""] => &[("POST", User(users::request_confirmation))],
        ["verify_email", ""] => &[("POST", User(users::verify_email))],
        ["verify_phone", ""] => &[("POST", User(users::verify_phone))],

        ["_sandbox", "pay", _] => &[("POST", Open(page::press))],
        // One part without a slash at its end is a slug, unless it is a route whose slash is missing.
        [name] if !name.is_empty() && route(&[name, ""]).is_empty() => {
            &[("GET", Open(page::show)), ("POST", Open(pay::submit))]
        }
        _ => &[],
    }
}

/// Answers one request.
pub fn answer(world: &mut World, request: &http::Call) -> http::Reply {
    let who = Who { key: idempotency_key(&request.body), role: None };
    let answer = match Call::new(request) {
        Some(call) => handle(world, request.method.as_str(), &call).unwrap_or_else(|refusal| refusal),
        None => Answer::page_not_found(),
    };
    let reply = http::Reply::bytes(answer.status, answer.kind.content_type(), answer.body);
    let reply = match answer.allow {
        Some(allow) => reply.with("allow", allow),
        None => reply,
    };
    let reply = match answer.retry_after {
        Some(seconds) => reply.with("retry-after", seconds.to_string()),
        None => reply,
    };
    http::Reply { who, ..reply }
}

fn handle(world: &mut World, method: &str, call: &Call<'_>) -> Reply {
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let handlers = route(&segments);
    if handlers.is_empty() {
        return Err(Answer::page_not_found());
    }
    let method = if method == "HEAD" { "GET" } else { method };
    let found = handlers.iter().find(|(of, _)| *of == method);
    match found.map(|(_, handler)| handler) {
        None => {
            let verbs: Vec<&str> = handlers.iter().map(|(verb, _)| *verb).collect();
            Err(Answer::method_not_allowed(method, verbs.join(", ")))
        }
        Some(Open(handler)) => handler(world, call),
        Some(Key(handler)) => {
            world.require_key(call)?;
            world.throttle(call)?;
            handler(world, call)
        }
        Some(User(handler)) => {
            let user = world.require_user(call)?;
            world.throttle(call)?;
            handler(world, call, user)
        }
    }
}

/// The key of a body, for the requests log.
fn idempotency_key(body: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Keyed {
        idempotency_key: Option<String>,
    }
    serde_json::from_slice::<Keyed>(body).ok()?.idempotency_key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_at_the_end_count() {
        for path in
            [&["cobru", ""][..], &["cobru_detail", "k7m2x9qd"], &["k7m2x9qd"], &["get_banks", "1", ""]]
        {
            assert!(!route(path).is_empty(), "{path:?}");
        }
        for path in [
            &["cobru"][..],
            &["cobru_detail", "k7m2x9qd", ""],
            &["k7m2x9qd", ""],
            &["send"],
            &[""],
            &["", "cobru", ""],
            &["withdraw", ""],
        ] {
            assert!(route(path).is_empty(), "{path:?}");
        }
    }
}
