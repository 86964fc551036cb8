//! The answer to a payment order: JSON inside a JSON string, or any of the other forms that are known
//! (contract §5.3, §5.5), brought to one.

use super::{error, wire};
use crate::domain::cobru::BrebOrder;
use crate::domain::money::Currency;
use crate::payments::order::BrebPaymentOrder;
use crate::payments::outcome::{Echo, Reading};
use crate::providers::Extra;
use crate::providers::json::{self, Loose, lenient, money};
use crate::sanitize::Clean;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// How long a Bre-B order can be paid [doc].
const LIFE: SignedDuration = SignedDuration::from_mins(5);
/// A text with JSON in it, with JSON in it: deeper is nobody's.
const WRAPPED_MAX: usize = 3;

/// A Django object, `{model, pk, fields}`; bare answers have the fields beside or without these.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Element {
    model: Loose,
    pk: Loose,
    #[serde(deserialize_with = "object_or_text")]
    fields: Fields,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    #[serde(rename = "GOrdenId")]
    gateway_id: Loose,
    /// Equals the slug.
    #[serde(rename = "ordenId")]
    slug: Loose,
    amount: Loose,
    state: Loose,
    check_qr: Loose,
    qr_value: Loose,
    key_value: Loose,
    #[serde(deserialize_with = "lenient")]
    payment_details: Details,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    #[serde(rename = "GOrdenId")]
    gateway_id: Loose,
    qr_bitcoin: Loose,
    key_value: Loose,
}

/// `fields` is an object, or text with the object in it.
fn object_or_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
    let raw = <Cow<'de, RawValue>>::deserialize(deserializer)?;
    let text: Option<String> = serde_json::from_str(raw.get()).ok();
    Ok(serde_json::from_str(text.as_deref().unwrap_or(raw.get())).unwrap_or_default())
}

/// An order in the one form that the desk knows.
#[derive(Debug, PartialEq, Eq)]
struct Normal {
    id: String,
    slug: Option<String>,
    amount: Loose,
    state: String,
    qr: String,
    key: String,
}

/// What the answer to a Bre-B payment order says. Made is what has a QR.
pub fn read(
    status: u16,
    body: &[u8],
    asked: &BrebPaymentOrder,
    sent_at: Timestamp,
) -> (Reading, Option<Extra>) {
    let normal = if (200..=299).contains(&status) { normal(body) } else { None };
    let made = normal.and_then(|normal| {
        let amount = match normal.amount.filled() {
            Some(_) => Some(money(&normal.amount, Currency::Cop).ok()?),
            None => None,
        };
        let id = if normal.id.is_empty() { asked.cobru.to_string() } else { normal.id };
        let order = BrebOrder {
            cobru: asked.cobru.clone(),
            order: Clean::new(&id),
            qr_value: normal.qr,
            key_value: Clean::new(&normal.key),
            made_at: sent_at,
            expires_at: sent_at.checked_add(LIFE).ok()?,
        };
        let echo = Echo { amount, subject: normal.slug, ..Echo::default() };
        let reading = Reading::Made { id: Clean::new(&id), state: Clean::new(&normal.state), echo };
        Some((reading, Some(Extra::Breb(order))))
    });
    made.unwrap_or_else(|| (error::reading(status, body), None))
}

fn normal(body: &[u8]) -> Option<Normal> {
    let mut text = json::text(body).ok()?.into_owned();
    for _ in 0..WRAPPED_MAX {
        match serde_json::from_str::<String>(&text) {
            Ok(inner) => text = json::text(inner.as_bytes()).ok()?.into_owned(),
            Err(_) => break,
        }
    }
    if let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(&text) {
        let read = |raw: &&RawValue| json::row::<Element>(raw.get()).ok();
        let elements: Vec<(Element, &str)> =
            elements.iter().filter_map(|raw| Some((read(raw)?, raw.get()))).collect();
        // By model, not by place; without models, the first that has a QR.
        let order = elements.iter().find(|(element, _)| element.model.as_str() == "api.paymentorder");
        return match order {
            Some((_, raw)) => one(raw),
            None => elements.iter().find_map(|(_, raw)| one(raw)),
        };
    }
    one(&text)
}

/// One object: its own fields before those inside it.
fn one(raw: &str) -> Option<Normal> {
    let (outer, inner): (Fields, Element) = (json::row(raw).ok()?, json::row(raw).ok()?);
    let Element { pk, fields, .. } = inner;
    let first = |texts: &[&Loose]| texts.iter().find_map(|text| text.filled()).unwrap_or_default().to_owned();
    let qr = first(&[
        &outer.check_qr,
        &outer.qr_value,
        &outer.payment_details.qr_bitcoin,
        &fields.check_qr,
        &fields.qr_value,
        &fields.payment_details.qr_bitcoin,
    ]);
    let slug = first(&[&outer.slug, &fields.slug]);
    (!qr.is_empty()).then(|| Normal {
        id: first(&[
            &outer.gateway_id,
            &outer.payment_details.gateway_id,
            &fields.gateway_id,
            &fields.payment_details.gateway_id,
            &pk,
        ]),
        slug: wire::is_slug(&slug).then_some(slug),
        amount: Loose(first(&[&outer.amount, &fields.amount])),
        state: first(&[&outer.state, &fields.state]),
        key: first(&[
            &outer.key_value,
            &outer.payment_details.key_value,
            &fields.key_value,
            &fields.payment_details.key_value,
        ]),
        qr,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = r#"{"model":"api.paymentorder","pk":90112,"fields":{"ordenId":"k7m2x9qd",
        "GOrdenId":"mm_Qz7Lk2","amount":"185000.00","state":"PENDIENTE","qr_value":"000201QR","key_value":"@roble"}}"#;
    const LINK: &str = r#"{"model":"api.cobru","pk":48213,"fields":{"url":"k7m2x9qd","amount":"185000.00"}}"#;

    fn qr_and_key(body: &str) -> Option<(String, String)> {
        normal(body.as_bytes()).map(|order| (order.qr, order.key))
    }

    #[test]
    fn every_form_of_an_order_gives_its_qr_and_key() {
        let array = format!("[{ORDER},{LINK}]");
        let turned = format!("[{LINK},{ORDER}]");
        let text = serde_json::to_string(&array).unwrap();
        let inner = r#"{"qr_value":"000201QR","key_value":"@roble"}"#;
        let textual =
            format!(r#"{{"model":"api.paymentorder","fields":{}}}"#, serde_json::to_string(inner).unwrap());
        for body in [
            text.as_str(),
            serde_json::to_string(&text).unwrap().as_str(),
            array.as_str(),
            turned.as_str(),
            ORDER,
            textual.as_str(),
            r#"{"payment_details":{"GOrdenId":"mm_1","qr_bitcoin":"000201QR","key_value":"@roble"}}"#,
            r#"{"check_qr":"000201QR","key_value":"@roble"}"#,
            inner,
        ] {
            assert_eq!(qr_and_key(body), Some(("000201QR".into(), "@roble".into())), "{body}");
        }
    }

    #[test]
    fn an_answer_without_a_qr_is_no_order() {
        for body in
            [LINK, "[]", "{}", "\"\"", "null", r#"{"result":"OK"}"#, r#"{"checkout":"https://x"}"#, "<html>"]
        {
            assert_eq!(qr_and_key(body), None, "{body}");
        }
    }
}
