//! The second line before a log or a panic report: known secrets, and what looks like one, become `***`.
//!
//! The first line is that secrets are [`SecretString`] and nobody formats them. This one is for what
//! others format: an error of a library that quotes a header, an address with a token in it.

use std::collections::VecDeque;
use std::sync::{PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

/// What stands in the place of a secret.
pub const MASK: &str = "***";
/// Shorter ones would mask ordinary words, and are no secrets.
const SECRET_BYTES_MIN: usize = 4;
/// A base64 of fewer letters than this may be part of any word.
const NEEDLE_BYTES_MIN: usize = 6;
/// How many tokens are remembered: they are refreshed every 20 minutes or so, and an old one has lapsed
/// by the time it is forgotten.
const TOKENS_MAX: usize = 32;

/// Secrets and tokens, each with its other spellings. For the whole process: a panic has nobody to ask.
static KNOWN: RwLock<Known> = RwLock::new(Known { secrets: Vec::new(), tokens: VecDeque::new() });

#[derive(Default)]
struct Known {
    secrets: Vec<Vec<String>>,
    tokens: VecDeque<Vec<String>>,
}

impl Known {
    fn all(&self) -> impl Iterator<Item = &Vec<String>> {
        self.secrets.iter().chain(&self.tokens)
    }

    fn has(&self, spellings: &[String]) -> bool {
        self.all().any(|known| known.first() == spellings.first())
    }

    fn add_secret(&mut self, plain: &str) {
        if let Some(spellings) = spellings(plain)
            && !self.has(&spellings)
        {
            self.secrets.push(spellings);
        }
    }

    fn add_token(&mut self, plain: &str) {
        if let Some(spellings) = spellings(plain)
            && !self.has(&spellings)
        {
            if self.tokens.len() >= TOKENS_MAX {
                self.tokens.pop_front();
            }
            self.tokens.push_back(spellings);
        }
    }
}

/// From now on this secret is masked, plain, in base64 and percent-encoded.
pub fn remember(secret: &SecretString) {
    KNOWN.write().unwrap_or_else(PoisonError::into_inner).add_secret(secret.expose_secret());
}

/// As [`remember`], for an access token: the last few are kept.
pub fn remember_token(token: &SecretString) {
    KNOWN.write().unwrap_or_else(PoisonError::into_inner).add_token(token.expose_secret());
}

/// The text with every known secret, `Bearer …` and JWT masked.
pub fn masked(text: &str) -> String {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    masked_with(text, known.all())
}

fn masked_with<'k>(text: &str, known: impl IntoIterator<Item = &'k Vec<String>>) -> String {
    let mut text = text.to_owned();
    for spelling in known.into_iter().flatten() {
        if text.contains(spelling.as_str()) {
            text = text.replace(spelling.as_str(), MASK);
        }
    }
    mask_tokens(&text)
}

/// How a secret may be written. `None`: it is too short to be one.
fn spellings(plain: &str) -> Option<Vec<String>> {
    if plain.len() < SECRET_BYTES_MIN {
        return None;
    }
    let mut all = vec![plain.to_owned()];
    // As a JSON text and as `Debug` writes it, without the quotes around.
    if let Ok(json) = serde_json::to_string(plain) {
        all.push(unquoted(&json));
    }
    all.push(unquoted(&format!("{plain:?}")));
    all.extend([percent(plain, false), percent(plain, true)]);
    all.push(percent(plain, false).replace("%20", "+"));
    for shift in 0..3_usize {
        all.extend(
            [STANDARD_NO_PAD.encode(shifted(plain, shift)), URL_SAFE_NO_PAD.encode(shifted(plain, shift))]
                .map(|code| {
                    // Letters that also hold bits of what stands before or after say nothing of the secret.
                    let skip = shift.saturating_mul(4).div_ceil(3);
                    let whole = plain.len().saturating_add(shift).saturating_mul(8) / 6;
                    code.chars().take(whole).skip(skip).collect::<String>()
                }),
        );
    }
    let mut kept: Vec<String> = Vec::new();
    for (index, spelling) in all.into_iter().enumerate() {
        let long_enough = index == 0 || spelling.len() >= NEEDLE_BYTES_MIN.min(plain.len());
        if long_enough && !kept.contains(&spelling) {
            kept.push(spelling);
        }
    }
    Some(kept)
}

fn unquoted(text: &str) -> String {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text).to_owned()
}

/// The secret after so many other bytes, as base64 of `user:secret` has it.
fn shifted(plain: &str, shift: usize) -> Vec<u8> {
    let mut bytes = vec![0; shift];
    bytes.extend_from_slice(plain.as_bytes());
    bytes
}

fn percent(plain: &str, lower: bool) -> String {
    let mut out = String::new();
    for byte in plain.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => {
                out.push('%');
                for half in [byte >> 4, byte & 0xf] {
                    let digit = char::from_digit(u32::from(half), 16).unwrap_or('0');
                    out.push(if lower { digit } else { digit.to_ascii_uppercase() });
                }
            }
        }
    }
    out
}

/// Letters that a token is made of (RFC 6750 `b64token`).
fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~+/=".contains(c)
}

/// Masks what follows `Bearer ` and words of three base64url parts that begin as every JWT does.
fn mask_tokens(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_bearer = false;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = rest.find(|c| !is_token_char(c)).unwrap_or(rest.len());
        let (word, tail) = if length == 0 { rest.split_at(first.len_utf8()) } else { rest.split_at(length) };
        let between = length == 0;
        if !between && (after_bearer || looks_like_jwt(word)) {
            out.push_str(MASK);
        } else {
            out.push_str(word);
        }
        // Blanks, a colon or quotes between the word and its token do not end it.
        after_bearer = if between {
            after_bearer && matches!(first, ' ' | '\t' | ':' | '"' | '\\' | '\'')
        } else {
            word.eq_ignore_ascii_case("bearer")
        };
        rest = tail;
    }
    out
}

fn looks_like_jwt(word: &str) -> bool {
    let Some(start) = word.find("eyJ") else { return false };
    word.get(start..).is_some_and(|jwt| jwt.split('.').count() >= 3 && jwt.len() > 20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use proptest::prelude::*;

    fn mask_of(secret: &str, text: &str) -> String {
        masked_with(text, &spellings(secret))
    }

    #[test]
    fn a_secret_is_masked_in_each_spelling() {
        let secret = "s3c/r+t \"kéy\"";
        assert_eq!(mask_of(secret, &format!("a {secret} b")), "a *** b");
        assert_eq!(mask_of(secret, &format!("{secret:?}")), "\"***\"");
        assert_eq!(mask_of(secret, &serde_json::to_string(secret).unwrap()), "\"***\"");
        for encoded in
            ["s3c%2Fr%2Bt%20%22k%C3%A9y%22", "s3c%2fr%2bt%20%22k%c3%a9y%22", "s3c%2Fr%2Bt+%22k%C3%A9y%22"]
        {
            assert_eq!(mask_of(secret, &format!("https://h/?k={encoded}&x")), "https://h/?k=***&x");
        }
    }

    #[test]
    fn what_looks_like_a_token_is_masked() {
        let of = |text: &str| masked_with(text, None);
        assert_eq!(of("Authorization: Bearer abc.DEF-123=, next"), "Authorization: Bearer ***, next");
        assert_eq!(of("authorization: \"bearer   abc\""), "authorization: \"bearer   ***\"");
        assert_eq!(of("{\"authorization\":\"Bearer abc\"}"), "{\"authorization\":\"Bearer ***\"}");
        assert_eq!(of("t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_1 end"), "***".to_owned() + " end");
        assert_eq!(of("the bearer"), "the bearer");
        assert_eq!(of("eyJust a word"), "eyJust a word");
        assert_eq!(of("saldo ñandú 1.234,56 …"), "saldo ñandú 1.234,56 …");
    }

    #[test]
    fn a_remembered_secret_is_masked_everywhere() {
        remember(&SecretString::from("remembered-secret-1"));
        remember(&SecretString::from("remembered-secret-1"));
        remember(&SecretString::from("abc"));
        assert_eq!(masked("x remembered-secret-1 abc"), "x *** abc");
    }

    #[test]
    fn tokens_come_and_go_and_secrets_stay() {
        let mut known = Known::default();
        known.add_secret("lasting-secret-1");
        let token = |n: usize| format!("passing-token-{n:03}-");
        for n in 0..=TOKENS_MAX {
            known.add_token(&token(n));
        }
        let shown = |text: &str| masked_with(text, known.all());
        assert_eq!(shown("lasting-secret-1"), MASK);
        assert_eq!(shown(&token(TOKENS_MAX)), MASK);
        assert_eq!(shown(&token(0)), token(0));
    }

    proptest! {
        // Whatever stands around it before it is encoded: HTTP Basic puts a name and a colon.
        #[test]
        fn no_base64_of_a_secret_passes(
            secret in "[ -~]{9,40}", before in "[ -~]{0,9}", after in "[ -~]{0,9}",
        ) {
            let whole = format!("{before}{secret}{after}");
            for engine in [STANDARD, URL_SAFE] {
                let shown = mask_of(&secret, &engine.encode(&whole));
                prop_assert!(shown.contains(MASK), "{}", shown);
                // What is left can hold the first and last byte's bits at most.
                let left = shown.len().saturating_sub(MASK.len());
                prop_assert!(left <= engine.encode(&before).len() + engine.encode(&after).len() + 6, "{}", shown);
            }
        }

        #[test]
        fn no_plain_or_percent_secret_passes(secret in "[ -~]{4,40}", before in ".{0,20}", after in ".{0,20}") {
            let plain = mask_of(&secret, &format!("{before}{secret}{after}"));
            prop_assert!(!plain.contains(&secret) || MASK.contains(&secret));
            let encoded = percent(&secret, false);
            let shown = mask_of(&secret, &format!("{before}{encoded}{after}"));
            prop_assert!(!shown.contains(&encoded) || MASK.contains(&encoded));
        }
    }
}
