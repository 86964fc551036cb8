//! `GET /{url}`: the payer's page (contract 4.9). A bank's app is far away, so the page has buttons in
//! its place.

use std::fmt::Write as _;

use crate::sandbox::world::World;

use super::answer::Answer;
use super::call::{Call, Reply};
use super::method::Method;
use super::state::CobruState;
use super::{amount, when};

/// `GET /{url}`.
pub fn show(world: &mut World, call: &Call<'_>) -> Reply {
    let cobru = world.cobru.find_cobru(call.segment(0)).ok_or_else(unknown)?;
    Ok(Answer::html(200, page(world, cobru)))
}

/// `POST /_sandbox/pay/{url}`: a button of the page. `?payment=` chooses the method, `?refuse=true` turns
/// the payer down.
pub fn press(world: &mut World, call: &Call<'_>) -> Reply {
    let cobru = world.cobru.find_cobru(call.segment(2)).ok_or_else(unknown)?;
    let method = call.query("payment").and_then(Method::from_literal);
    if let Some(order) = world.order_to_pay(cobru, method) {
        if call.query("refuse") == Some("true") {
            world.reject(order);
        } else {
            world.approve(order);
        }
    }
    Ok(Answer::html(200, page(world, cobru)))
}

fn unknown() -> Answer {
    Answer::html(404, framed("Cobru no encontrado", "<p>Este enlace de pago no existe.</p>"))
}

fn page(world: &World, cobru: usize) -> String {
    let link = world.cobru.cobru(cobru);
    let mut body = format!(
        "<p>{}</p>\n<p class=\"amount\">$ {} COP</p>\n<p>{}</p>\n<p>{}</p>\n",
        escaped(&world.cobru.user(link.owner).name()),
        amount::text(link.shares.amount),
        escaped(&link.description),
        state_words(link.state),
    );
    if matches!(link.state, CobruState::Created | CobruState::InProcess | CobruState::NotPaid) {
        // Writing to a String does not fail.
        writeln!(body, "<p>Vence: {} (Bogotá)</p>", when::plain(link.expires)).unwrap_or_default();
        let methods = Method::ALL
            .into_iter()
            .filter(|method| method.flags().iter().any(|flag| link.enabled.iter().any(|on| on == flag)));
        for method in methods {
            button(
                &mut body,
                &link.slug,
                &format!("payment={}", method.literal()),
                &format!("Pagar con {}", method.title()),
            );
        }
        button(&mut body, &link.slug, "", "Aprobar");
        button(&mut body, &link.slug, "refuse=true", "Rechazar");
    }
    framed("Cobru", &body)
}

fn button(body: &mut String, slug: &str, query: &str, title: &str) {
    writeln!(
        body,
        "<form method=\"post\" action=\"/_sandbox/pay/{slug}?{query}\"><button>{title}</button></form>"
    )
    .unwrap_or_default();
}

const fn state_words(state: CobruState) -> &'static str {
    match state {
        CobruState::Created => "Pendiente de pago",
        CobruState::InProcess => "Pago en proceso",
        CobruState::NotPaid => "No pagado",
        CobruState::Paid => "Pagado",
        CobruState::Refunded => "Devuelto",
        CobruState::Expired => "Vencido",
    }
}

fn framed(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"es\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <style>body{{font:16px sans-serif;max-width:30em;margin:2em auto}}.amount{{font-size:2em}}\
         form{{display:inline}}button{{font-size:1em;margin:.2em}}</style></head>\n\
         <body><h1>{title}</h1>\n{body}</body></html>\n"
    )
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_is_no_markup() {
        assert_eq!(escaped("<script>'&\""), "&lt;script&gt;&#39;&amp;&quot;");
    }
}
