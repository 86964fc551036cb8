//! Access and refresh tokens: real HS256 JWTs with the four claims that clients have been seen to read
//! (contract 3.2) [code·kb].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use sha2::Sha256;

use super::json::Object;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Access,
    Refresh,
}

impl Purpose {
    const fn word(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }
}

/// The claims of a token whose signature was right.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Claims {
    token_type: String,
    /// Seconds since 1970.
    pub exp: i64,
    pub jti: String,
    pub user_id: i64,
}

/// Makes a token.
pub fn sign(secret: &[u8], purpose: Purpose, user_id: i64, exp: i64, jti: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"HS256"}"#);
    let claims = Object::new()
        .text("token_type", purpose.word())
        .integer("exp", exp)
        .text("jti", jti)
        .integer("user_id", user_id)
        .end();
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(mac(secret, &signed).finalize().into_bytes());
    format!("{signed}.{signature}")
}

/// The claims of a token of ours, of this purpose and not yet expired at `now` (seconds since 1970).
pub fn verify(secret: &[u8], purpose: Purpose, token: &str, now: i64) -> Option<Claims> {
    let (signed, signature) = token.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    mac(secret, signed).verify_slice(&signature).ok()?;
    let (_, claims) = signed.split_once('.')?;
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    (claims.token_type == purpose.word() && claims.exp > now).then_some(claims)
}

fn mac(secret: &[u8], text: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_holds_until_its_second_and_only_for_its_purpose() {
        let token = sign(b"secret", Purpose::Access, 17, 1_000, "j1");
        assert!(token.starts_with("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."));
        assert_eq!(verify(b"secret", Purpose::Access, &token, 999).map(|claims| claims.user_id), Some(17));
        assert_eq!(verify(b"secret", Purpose::Access, &token, 1_000), None);
        assert_eq!(verify(b"secret", Purpose::Refresh, &token, 999), None);
        assert_eq!(verify(b"other", Purpose::Access, &token, 999), None);
    }

    #[test]
    fn a_changed_claim_breaks_the_signature() {
        let token = sign(b"secret", Purpose::Access, 17, 1_000, "j1");
        let mut parts = token.split('.').map(str::to_owned).collect::<Vec<_>>();
        parts[1] = URL_SAFE_NO_PAD.encode(r#"{"token_type":"access","exp":9999999,"jti":"j1","user_id":17}"#);
        assert_eq!(verify(b"secret", Purpose::Access, &parts.join("."), 1), None);
        for junk in ["", ".", "..", "a.b.c", "ñ.ñ.ñ"] {
            assert_eq!(verify(b"secret", Purpose::Access, junk, 1), None);
        }
    }
}
