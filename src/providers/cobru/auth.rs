//! Signing in: `POST /token/refresh/` with the key and the long-lived refresh token gives an access
//! token, a JWT, and nothing about its life [doc].

use super::Cobru;
use crate::providers::Failure;
use crate::providers::door::sign_in_failure;
use crate::providers::http::Http;
use crate::providers::json;
use crate::providers::token::Grant;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A token is replaced with this much of its life left.
pub const MARGIN: Duration = Duration::from_mins(1);
/// What a token lives whose `exp` can't be read: safe under both documented lives, 15 and 60 min.
const LIFE_UNSAID: Duration = Duration::from_mins(14);

#[derive(Serialize)]
struct Refresh<'a> {
    /// Not `refresh_token` [doc].
    refresh: &'a str,
}

pub async fn sign_in(http: &Http, key: &HeaderMap, refresh: &SecretString) -> Result<Grant, Failure> {
    let mut body = serde_json::to_vec(&Refresh { refresh: refresh.expose_secret() }).expect("a text is JSON");
    let answer = http.sign_in("/token/refresh/", key, &body).await;
    body.zeroize();
    let mut got = answer.map_err(|missed| sign_in_failure::<Cobru>(missed, http.host()))?;
    let access = access(&got.body);
    got.body.zeroize();
    let secret = access.ok_or_else(|| Failure::Unreadable { why: "no token in the answer".to_owned() })?;
    // By the provider's own clock where it says: ours may be wrong.
    let life = life(secret.expose_secret(), got.date.unwrap_or_else(|| http.now()));
    Ok(Grant { secret, life: life.unwrap_or(LIFE_UNSAID) })
}

fn access(body: &[u8]) -> Option<SecretString> {
    #[derive(Deserialize)]
    struct Access {
        access: SecretString,
    }
    serde_json::from_slice::<Access>(body).ok().map(|answer| answer.access)
}

/// What is left until `exp`, unverified: whether a token is good is for Cobru to say.
fn life(token: &str, now: Timestamp) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Claims {
        exp: json::Loose,
    }
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Claims = serde_json::from_slice(&payload).ok()?;
    let exp = Timestamp::from_second(claims.exp.parse()?).ok()?;
    Duration::try_from(exp.duration_since(now)).ok().filter(|left| !left.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_lives_until_its_exp_and_no_one_else_says() {
        let now = Timestamp::from_second(1_000).unwrap();
        let token = |claims: &str| format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims));
        assert_eq!(life(&token(r#"{"exp":1900}"#), now), Some(Duration::from_mins(15)));
        for unreadable in [r#"{"exp":"soon"}"#, "{}", r#"{"exp":1000}"#, r#"{"exp":12}"#, "no JSON"] {
            assert_eq!(life(&token(unreadable), now), None, "{unreadable}");
        }
        assert_eq!(life("opaque", now), None);
    }
}
