//! Callbacks: an unsigned `POST` to the URL that a cobru or a withdrawal was made with (contract 6).
//! This room writes them; `deliveries` sends each once.

use std::time::Duration;

use crate::sandbox::deliveries::{Message, Retry};
use crate::sandbox::ledger::Provider;
use crate::sandbox::world::World;

use super::json::Object;
use super::method::Method;
use super::state::CobruState;

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
        self.call_back(url, about, "application/json", body);
    }

    /// One `POST`, never repeated [inf].
    pub(super) fn call_back(&mut self, url: String, about: String, content_type: &'static str, body: String) {
        if self.cobru.is_seeding {
            return;
        }
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
    fn the_order_id_is_the_caller_s_own() {
        assert_eq!(order_id("https://x.example/cb?s=1&orderId=77#z"), Some("77"));
        assert_eq!(order_id("https://x.example/cb?s=1"), None);
    }
}
