//! Signing in: `POST /v1/auth` with exactly two fields; a third is an error [doc].

use super::{Cobre, wire};
use crate::providers::Failure;
use crate::providers::door::sign_in_failure;
use crate::providers::http::Http;
use crate::providers::token::Grant;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use std::time::Duration;

/// A token is replaced with this much of its life left ("60–120 s before expiry" [doc]).
pub const MARGIN: Duration = Duration::from_mins(2);
/// What a token lives when the answer doesn't say: half of the documented 1200 s.
const LIFE_UNSAID: Duration = Duration::from_mins(10);

#[derive(Serialize)]
struct Credentials<'a> {
    user_id: &'a str,
    secret: &'a str,
}

pub async fn sign_in(http: &Http, user_id: &str, secret: &SecretString) -> Result<Grant, Failure> {
    let credentials = Credentials { user_id, secret: secret.expose_secret() };
    let mut body = serde_json::to_vec(&credentials).expect("two texts are JSON");
    let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
    let answer = http.sign_in("/v1/auth", &headers, &body).await;
    body.zeroize();
    let mut got = answer.map_err(|missed| sign_in_failure::<Cobre>(missed, http.host()))?;
    let grant = wire::grant(&got.body);
    got.body.zeroize();
    let (secret, life) =
        grant.ok_or_else(|| Failure::Unreadable { why: "no token in the answer".to_owned() })?;
    Ok(Grant { secret, life: life.unwrap_or(LIFE_UNSAID) })
}
