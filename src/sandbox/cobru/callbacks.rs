//! Callbacks: an unsigned `POST` to the URL that a cobru or a withdrawal was made with (contract 6).
//! This room writes them; `deliveries` sends each once.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::value::RawValue;

use crate::sandbox::deliveries::{Message, Retry};
use crate::sandbox::ledger::Provider;
use crate::sandbox::world::World;

use super::json::Object;
use super::method::Method;
use super::state::CobruState;
use super::withdraw::encoded;

pub const JSON: &str = "application/json";
pub const FORM: &str = "application/x-www-form-urlencoded";

/// How long a receiver may take [inf].
const TIMEOUT: Duration = Duration::from_secs(5);

impl World {
    /// Tells the owner's program of a cobru's new state, once [inf].
    pub(super) fn call_back_cobru(&mut self, cobru: usize) {
        let link = self.cobru.cobru(cobru);
        let Some(url) = link.callback.clone() else { return };
        if self.settings.callback_needs_api && link.platform != "API" {
            return;
        }
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let body = Object::new()
            .text("orderId", order_id(&url).unwrap_or(&link.slug))
            .flag("payed", link.state == CobruState::Paid)
            .text("url", &link.slug)
            .integer("state", link.state.number())
            .amount_text("amount", link.shares.amount)
            .amount("payed_amount", link.shares.payed)
            .amount("fee_amount", link.shares.fee)
            .amount("iva_amount", link.shares.vat)
            .text_or_null("payment_method", link.method.map(Method::callback_name))
            .text("payer_name", &text(&link.payer.name))
            .text("payer_email", &text(&link.payer.email))
            .text("payer_id_type", &text(&link.payer.document_type).to_lowercase())
            .text("payer_id", &text(&link.payer.document))
            .text("payer_phone", &text(&link.payer.phone))
            .text("cus", &link.cus)
            .text("description", &link.description)
            .end();
        let about = link.slug.clone();
        self.call_back(url, about, JSON, body);
    }

    /// One `POST`, never repeated [inf].
    pub(super) fn call_back(&mut self, url: String, about: String, content_type: &'static str, body: String) {
        if self.cobru.is_seeding {
            return;
        }
        let (content_type, body) = match self.settings.callback_as_form.then(|| as_form(&body)).flatten() {
            Some(form) if content_type == JSON => (FORM, form),
            _ => (content_type, body),
        };
        self.deliver(&Message {
            provider: Provider::Cobru,
            about,
            url,
            content_type,
            headers: Vec::new(),
            body,
            timeout: TIMEOUT,
            retries: Retry::default(),
        });
    }
}

/// A flat JSON object as a form, as the manual's sample of a receiver reads it [doc·st].
fn as_form(body: &str) -> Option<String> {
    let fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(body).ok()?;
    let value = |raw: &RawValue| match serde_json::from_str::<Option<String>>(raw.get()) {
        Ok(text) => text.unwrap_or_default(),
        Err(_) => raw.get().to_owned(),
    };
    let pairs = fields.iter().map(|(name, raw)| format!("{}={}", encoded(name), encoded(&value(raw))));
    Some(pairs.collect::<Vec<_>>().join("&"))
}

/// `orderId` of the callback URL's own query: where the field comes from, most likely [inf].
fn order_id(url: &str) -> Option<&str> {
    let (_, query) = url.split_once('?')?;
    let query = query.split('#').next().unwrap_or(query);
    query.split('&').find_map(|pair| pair.strip_prefix("orderId="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_can_be_a_form() {
        let form = as_form(r#"{"a":"x y","b":1222.08,"c":true,"d":null,"e":"ñ&"}"#);
        assert_eq!(form.as_deref(), Some("a=x+y&b=1222.08&c=true&d=&e=%C3%B1%26"));
    }

    #[test]
    fn the_order_id_is_the_caller_s_own() {
        assert_eq!(order_id("https://x.example/cb?s=1&orderId=77#z"), Some("77"));
        assert_eq!(order_id("https://x.example/cb?s=1"), None);
    }
}
