//! One cobru in the five forms that the API has for it (contract 14.7). None of them shares a type for
//! the amount, the dates and the VAT with all the others.

use crate::sandbox::clock::Moment;

use super::json::{self, Object};
use super::state::{Cobru, Order, User};
use super::when;

/// `fee_iva`, the rate of the VAT on the commission.
const FEE_IVA: &str = "0.19";

/// The answer of `POST /cobru/` [doc, verified]: amounts as text, the commission as numbers.
pub fn created(cobru: &Cobru, owner: &User) -> String {
    Object::new()
        .integer("pk", cobru.pk)
        .amount_text("amount", cobru.shares.amount)
        .integer("state", cobru.state.number())
        .text("date_created", &when::iso_bogota_micros(cobru.created))
        .null("payment_method")
        .text("url", &cobru.slug)
        .text("owner", &owner.phone)
        .text("name", &owner.name())
        .amount_text("payed_amount", cobru.shares.payed)
        .flag("client_assume_costs", cobru.payer_assumes)
        .text("description", &cobru.description)
        .text("payment_method_enabled", &cobru.flags)
        .integer("expiration_days", cobru.expiration_days)
        .amount("fee_amount", cobru.shares.fee)
        .amount("fee_iva_amount", cobru.shares.vat)
        .raw("fee_iva", FEE_IVA)
        .amount("iva_amount", cobru.iva_amount)
        .text("platform", &cobru.platform)
        .text_or_null("callback", cobru.callback.as_deref())
        .flag("not_send_email", false)
        .flag("by_topup", false)
        .null("bank_withdraw")
        .text_or_null("payer_redirect_url", cobru.payer_redirect_url.as_deref())
        .null("franchise")
        .text("idempotency_key", &cobru.idempotency_key)
        .null("wallet_bitcoin")
        .null("amount_bitcoin")
        .null("currency")
        .text("currency_code", "COP")
        .end()
}

/// The answer of `GET /cobru_detail/{url}` [doc]: amounts as numbers, dates as epoch milliseconds, and
/// `date_payed` as text that is empty until then.
pub fn detail(cobru: &Cobru) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    Object::new()
        .amount("fee_amount", cobru.shares.fee)
        .text("payer_id", &text(&cobru.payer.document))
        .text("payer_name", &text(&cobru.payer.name))
        .text_or_null("payment_method", cobru.method.map(super::method::Method::name))
        .integer("state", cobru.state.number())
        .text("payer_email", &text(&cobru.payer.email))
        .text("payment_method_enabled", &cobru.flags)
        .text("date_payed", &cobru.payed_at.map(when::iso_utc).unwrap_or_default())
        .text("url", &cobru.slug)
        .amount("amount", cobru.shares.amount)
        .integer("expiration_days", cobru.expiration_days)
        .text("payer_phone", &text(&cobru.payer.phone))
        .amount("iva_amount", cobru.iva_amount)
        .integer("date_expired", cobru.expires.millis())
        .integer("date_created", cobru.created.millis())
        .text_or_null("images", joined(&cobru.images).as_deref())
        .text("description", &cobru.description)
        .amount("payed_amount", cobru.shares.payed)
        .integer("pk", cobru.pk)
        .flag("client_assume_costs", cobru.payer_assumes)
        .text("reference_cobru", &cobru.pk.to_string())
        .text("currency_code", "COP")
        .end()
}

/// The answer of `POST /edit_cobru/` [doc·st]: floats, and the VAT on the commission as `iva_amount`.
pub fn edited(cobru: &Cobru) -> String {
    let float = super::amount::float;
    Object::new()
        .text("description", &cobru.description)
        .raw("amount", &float(cobru.shares.amount))
        .raw("payed_amount", &float(cobru.shares.payed))
        .raw("iva_amount", &float(cobru.shares.vat))
        .raw("fee_amount", &float(cobru.shares.fee))
        .text("date_created", &when::iso_utc_millis(cobru.created))
        .text("url", &cobru.slug)
        .end()
}

/// A row of `by_cobrus` [doc·st]: amounts as text, dates as epoch milliseconds with `0` for none.
pub fn movement(cobru: &Cobru) -> String {
    let method = cobru.method.map(super::method::Method::name);
    let payer = &cobru.payer;
    Object::new()
        .text("type", "cobru")
        .integer("pk", cobru.pk)
        .text("reference_cobru", &cobru.pk.to_string())
        .text("url", &cobru.slug)
        .integer("state", cobru.state.number())
        .amount_text("amount", cobru.shares.amount)
        .amount_text("payed_amount", cobru.shares.payed)
        .amount_text("fee_amount", cobru.shares.fee)
        .raw("fee_iva", FEE_IVA)
        .amount_text("fee_iva_amount", cobru.shares.vat)
        .amount_text("iva_amount", cobru.iva_amount)
        .flag("client_assume_costs", cobru.payer_assumes)
        .text("description", &cobru.description)
        .text_or_null("payment_method", method)
        .text_or_null("franchise", method)
        .text("cus", &cobru.cus)
        .text_or_null("document_type", payer.document_type.as_deref())
        .text_or_null("payer_id", payer.document.as_deref())
        .text_or_null("payer_name", payer.name.as_deref())
        .text_or_null("payer_email", payer.email.as_deref())
        .text_or_null("payer_phone", payer.phone.as_deref())
        .text("payment_method_enabled", &cobru.flags)
        .integer("expiration_days", cobru.expiration_days)
        .integer("date_created", cobru.created.millis())
        .integer("date_expired", cobru.expires.millis())
        .integer("date_payed", cobru.payed_at.map_or(0, Moment::millis))
        .text("account_number", "")
        .flag("by_topup", false)
        .flag("by_saved_transaction", false)
        .integer("amount_saved_transaction", 0)
        .text_or_null("images", joined(&cobru.images).as_deref())
        .text("img", "http://placehold.it/50x50")
        .amount_text("tax_amount_retefuente", 0)
        .amount_text("tax_amount_reteica", 0)
        .amount_text("tax_amount_reteiva", 0)
        .null("amount_bitcoin")
        .null("qr_bitcoin")
        .null("qr_bitcoin_ln")
        .null("url_bitcoin")
        .null("url_bitcoin_ln")
        .null("wallet")
        .end()
}

/// The array that `POST /{url}` answers with, before it is put into a string [doc·st].
pub fn order_and_cobru(order: &Order, cobru: &Cobru, owner: &User, base: &str) -> String {
    let order_model = Object::new()
        .text("model", "api.paymentorder")
        .integer("pk", order.pk)
        .raw("fields", &order_fields(order, cobru, owner, base));
    let cobru_model = Object::new()
        .text("model", "api.cobru")
        .integer("pk", cobru.pk)
        .raw("fields", &cobru_fields(order, cobru, owner));
    json::array([order_model.end(), cobru_model.end()])
}

fn order_fields(order: &Order, cobru: &Cobru, owner: &User, base: &str) -> String {
    // Pages of ours are kept without the host, which may change over a restart.
    let checkout = match order.checkout.strip_prefix('/') {
        Some(path) => format!("{base}/{path}"),
        None => order.checkout.clone(),
    };
    let payer = &order.payer;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let fields = Object::new()
        .integer("owner", owner.id)
        .text("date_created", &when::iso_utc_millis(order.created))
        .integer("gateway", order.method.gateway())
        .text("ordenId", &cobru.slug)
        .text("GOrdenId", &order.gateway_id)
        .amount_text("amount", order.foreign_amount.unwrap_or(cobru.shares.amount))
        .text("state", order.state.word())
        .text("method", order.method.name())
        .text("franchise", order.method.name())
        .text("checkout", &checkout)
        .text_or_null("ref", order.reference.as_deref())
        .text_or_null("project_code", order.project_code.as_deref())
        .text("payer_name", &text(&payer.name))
        .text("payer_email", &text(&payer.email))
        .text("payer_id_type", &text(&payer.document_type))
        .text("payer_id", &text(&payer.document))
        .text("payer_phone", &text(&payer.phone))
        .text("payer_address", &text(&payer.address));
    match (&order.qr, &order.key) {
        (Some(qr), Some(key)) => fields.text("qr_value", qr).text("key_value", key).end(),
        _ => fields.end(),
    }
}

fn cobru_fields(order: &Order, cobru: &Cobru, owner: &User) -> String {
    let payer = &cobru.payer;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let images = match cobru.images.as_slice() {
        [] => "null".to_owned(),
        images => json::array(images.iter().map(|image| json::quoted(image))),
    };
    Object::new()
        .integer("owner", owner.id)
        .text("url", &cobru.slug)
        .text("date_created", &when::iso_utc_millis(cobru.created))
        .text_or_null("date_payed", cobru.payed_at.map(when::iso_utc_millis).as_deref())
        .text("description", &cobru.description)
        .amount_text("amount", cobru.shares.amount)
        .amount_text("payed_amount", cobru.shares.payed)
        .amount_text("fee_amount", cobru.shares.fee)
        .raw("fee_iva", FEE_IVA)
        .amount_text("fee_iva_amount", cobru.shares.vat)
        .amount_text("iva_amount", cobru.iva_amount)
        .text("currency_code", "COP")
        .integer("state", cobru.state.number())
        .text("payment_method", order.method.name())
        .text("franchise", order.method.name())
        .integer("payment_order", order.pk)
        .text("reference_cobru", &cobru.pk.to_string())
        .text("payment_method_enabled", &cobru.flags)
        .flag("client_assume_costs", cobru.payer_assumes)
        .text("expiration_date", &when::iso_utc(cobru.expires))
        .integer("expiration_days", cobru.expiration_days)
        .text("payer_name", &text(&payer.name))
        .text("payer_email", &text(&payer.email))
        .text("payer_id_type", &text(&payer.document_type))
        .text("payer_id", &text(&payer.document))
        .text("payer_phone", &text(&payer.phone))
        .text("payer_address", &text(&payer.address))
        .null("payer_country_code")
        .null("before_amount")
        .null("amount_exceeded")
        .text_or_null("payer_redirect_url", cobru.payer_redirect_url.as_deref())
        .text("confirmation_url", "")
        .raw("images", &images)
        .flag("notified_email", false)
        .flag("notified_sms", false)
        .flag("public_generated", false)
        .text("platform", &cobru.platform)
        .amount_text("tax_amount_reteiva", 0)
        .amount_text("tax_amount_reteica", 0)
        .amount_text("tax_amount_retefuente", 0)
        .end()
}

fn joined(images: &[String]) -> Option<String> {
    if images.is_empty() { None } else { Some(images.join(",")) }
}
