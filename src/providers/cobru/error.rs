//! Cobru's errors have no common form (contract §14.6): the first of its known fields is taken.

use crate::payments::outcome::Reading;
use crate::providers::json::{self, Loose};
use crate::sanitize::Clean;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The statuses on which an error in Cobru's form is its own (RELIABILITY, "Outcomes").
const REFUSING: [u16; 7] = [400, 401, 403, 404, 405, 415, 429];
/// Refusals that come with a 200 (RELIABILITY, "Outcomes"). Extended only with a source.
const LISTED: [&str; 4] = ["BAD_USER", "EXPIRED", "ALL_USED", "NOT_FOUND"];
/// In the order in which they are believed.
const FIELDS: [&str; 6] = ["error", "detail", "message", "msg", "cause", "result"];

type Object<'a> = BTreeMap<Cow<'a, str>, Cow<'a, RawValue>>;

/// Code and words of an error in any of Cobru's forms. Where an error has no code, its text or the
/// field it names stands for one.
pub fn read(body: &[u8]) -> Option<(Clean, Clean)> {
    let text = json::text(body).ok()?;
    let object: Object<'_> = serde_json::from_str(&text).ok()?;
    let said = |name: &str| object.get(name).and_then(|raw| words(raw.get()));
    let texts: Vec<String> = FIELDS.iter().filter_map(|name| said(name)).collect();
    let is_code = |text: &&String| {
        text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if let Some(first) = texts.first() {
        let own = said("code");
        let code = own.as_ref().or_else(|| texts.iter().find(is_code)).unwrap_or(first);
        return Some((Clean::new(code), Clean::new(first)));
    }
    // `non_field_errors`, then field → list of texts, as the framework writes them.
    let (field, text) = object.iter().find_map(|(field, raw)| Some((field, list(raw.get())?)))?;
    Some((Clean::new(field), Clean::new(&format!("{field}: {text}"))))
}

/// What a field of an error says: text, a number, or an object of lists; a truth value says nothing.
fn words(raw: &str) -> Option<String> {
    if let Ok(fields) = serde_json::from_str::<BTreeMap<String, Vec<String>>>(raw) {
        let (field, texts) = fields.into_iter().next()?;
        return Some(format!("{field}: {}", texts.join(" ")));
    }
    let Loose(text) = serde_json::from_str(raw).ok()?;
    if let Some(inner) = text.strip_prefix('{').and_then(|_| serde_json::from_str::<Object<'_>>(&text).ok()) {
        // JSON inside the text.
        return FIELDS.iter().find_map(|name| inner.get(*name)).and_then(|raw| words(raw.get()));
    }
    (!matches!(text.as_str(), "" | "true" | "false" | "ok" | "OK")).then_some(text)
}

fn list(raw: &str) -> Option<String> {
    let texts: Vec<String> = serde_json::from_str(raw).ok()?;
    (!texts.is_empty()).then(|| texts.join(" "))
}

/// What a write's answer proves when it made nothing that can be named.
pub fn reading(status: u16, body: &[u8]) -> Reading {
    let Some((code, text)) = read(body) else { return Reading::Other };
    if code.as_str().starts_with("double_idempotency_key") {
        // Somebody used our key: that it was sent before is more likely than that it was not.
        return Reading::Other;
    }
    if REFUSING.contains(&status) {
        return Reading::Refusal { code, text };
    }
    let listed = (200..=299).contains(&status) && LISTED.contains(&code.as_str());
    if listed { Reading::ListedRefusal { code, text } } else { Reading::Other }
}

/// A 403 is usually a validation error; these words mean the token [code·tx].
pub fn speaks_of_token(body: &[u8]) -> bool {
    const WORDS: [&str; 5] = [
        "token not valid",
        "token is invalid",
        "token has expired",
        "credentials were not provided",
        "credenciales de autenticación",
    ];
    read(body).is_some_and(|(_, text)| {
        let text = text.as_str().to_lowercase();
        WORDS.iter().any(|words| text.contains(words))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_error_is_read() {
        for (body, code, text) in [
            (
                r#"{"error":"Error en la creacion del cobru."}"#,
                "Error en la creacion del cobru.",
                "Error en la creacion del cobru.",
            ),
            (
                r#"{"error":true,"msg":"unknown payment method"}"#,
                "unknown payment method",
                "unknown payment method",
            ),
            (
                r#"{"error":"Payment method is not enabled.","payment_method":"NEQUI","result":"NOT_ALLOWED"}"#,
                "NOT_ALLOWED",
                "Payment method is not enabled.",
            ),
            (r#"{"result":"COBRU_IS_PAYED"}"#, "COBRU_IS_PAYED", "COBRU_IS_PAYED"),
            (
                r#"{"detail":"Given token not valid","code":"token_not_valid"}"#,
                "token_not_valid",
                "Given token not valid",
            ),
            (r#"{"message":"BAD REQUEST","error":true,"code":17}"#, "17", "BAD REQUEST"),
            (r#"{"message":{"amount":["too small"]}}"#, "amount: too small", "amount: too small"),
            (r#"{"error":"{\"detail\":\"inner\"}"}"#, "inner", "inner"),
            (r#"{"iva":["This field is required."]}"#, "iva", "iva: This field is required."),
        ] {
            let read = read(body.as_bytes()).unwrap_or_default();
            assert_eq!((read.0.as_str(), read.1.as_str()), (code, text), "{body}");
        }
        for none in ["", "<html>", "[]", "{}", r#"{"result":"OK"}"#, r#"{"error":false}"#, r#"{"pk":1}"#] {
            assert_eq!(read(none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn only_listed_refusals_come_with_a_200() {
        let body = |word: &str| format!(r#"{{"error":"{word}"}}"#).into_bytes();
        assert!(matches!(reading(200, &body("EXPIRED")), Reading::ListedRefusal { .. }));
        assert_eq!(reading(200, &body("SOMETHING")), Reading::Other);
        assert!(matches!(reading(403, &body("SOMETHING")), Reading::Refusal { .. }));
        assert_eq!(reading(402, &body("SOMETHING")), Reading::Other);
    }

    #[test]
    fn a_key_that_was_used_is_no_refusal() {
        let body = br#"{"error":"double_idempotency_key_in_cobru"}"#;
        assert_eq!(reading(400, body), Reading::Other);
    }
}
