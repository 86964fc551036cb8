//! Signing in, tokens, roles, the rate limit (contract 2, 1.4, 20).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::sandbox::CobreCredential;
use crate::sandbox::clock::Moment;
use crate::sandbox::http::{Call, Reply};
use crate::sandbox::world::World;

use super::refusal::{Answer, Refusal};

/// Seconds that a token lives [doc].
pub const TOKEN_LIFE_S: i64 = 1200;

/// The portal's roles, each with one API credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The portal's Creator.
    Maker,
    /// The portal's Approver.
    Checker,
    Viewer,
    Admin,
}

/// What a route asks of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    /// Movements, bulks, counterparties, keys, checkouts, schedulers.
    Create,
    Decide,
    /// Accounts, webhooks, and what only tests may do.
    Manage,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Maker, Self::Checker, Self::Viewer, Self::Admin];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Maker => "maker",
            Self::Checker => "checker",
            Self::Viewer => "viewer",
            Self::Admin => "admin",
        }
    }

    pub const fn user(self) -> &'static str {
        match self {
            Self::Maker => "cli_creator",
            Self::Checker => "cli_approver",
            Self::Viewer => "cli_viewer",
            Self::Admin => "cli_admin",
        }
    }

    pub const fn may(self, access: Access) -> bool {
        match (self, access) {
            (Self::Admin, _)
            | (_, Access::Read)
            | (Self::Maker, Access::Create)
            | (Self::Checker, Access::Decide) => true,
            (Self::Maker | Self::Checker | Self::Viewer, _) => false,
        }
    }

    /// Whether `sensitive_data=true` shows anything.
    pub const fn sees_sensitive(self) -> bool {
        !matches!(self, Self::Viewer)
    }
}

/// Who is calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    pub role: Role,
}

impl Caller {
    /// As `creator` and `approver` show it.
    pub const fn user(self) -> &'static str {
        self.role.user()
    }
}

fn secret(world: &World, role: Role) -> String {
    world.ids.make("sbx-", 24, role as u32)
}

pub fn credentials(world: &World) -> BTreeMap<String, CobreCredential> {
    let credential =
        |role: Role| CobreCredential { user_id: role.user().to_owned(), secret: secret(world, role) };
    Role::ALL.into_iter().map(|role| (role.name().to_owned(), credential(role))).collect()
}

/// `POST /v1/auth`: exactly two fields.
pub fn sign_in(world: &mut World, call: &Call) -> Answer {
    let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(&call.body) else {
        return Err(Refusal::new("AU004", "The body is not valid JSON"));
    };
    if let Some(extra) = body.keys().find(|name| !["user_id", "secret"].contains(&name.as_str())) {
        return Err(Refusal::new("AU003", format!("Additional field {extra:?} is not allowed")));
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let user = text("user_id").ok_or_else(|| Refusal::new("AU001", "user_id is required"))?;
    let given = text("secret").ok_or_else(|| Refusal::new("AU002", "secret is required"))?;
    let role = Role::ALL
        .into_iter()
        .find(|role| role.user() == user && secret(world, *role) == given)
        .ok_or_else(|| Refusal::new("AU005", "Wrong credentials"))?;
    within_rate(world, format!("sign-in of {user}"))?;
    world.cobre.tokens = world.cobre.tokens.saturating_add(1);
    let token = token(world, role);
    Ok(Reply::json(200, &json!({"access_token": token, "type": "Bearer", "expiration_time": TOKEN_LIFE_S})))
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
}

fn signed(world: &World, text: &str) -> Hmac<Sha256> {
    let key = world.ids.make("jwt-", 40, 0);
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac
}

fn token(world: &World, role: Role) -> String {
    let now = world.now.seconds();
    let claims = Claims {
        sub: role.user().to_owned(),
        iat: now,
        exp: now.saturating_add(TOKEN_LIFE_S),
        jti: world.ids.make("tok_", 20, world.cobre.tokens),
    };
    let claims = serde_json::to_vec(&claims).expect("claims are plain");
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let text = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
    let mac = URL_SAFE_NO_PAD.encode(signed(world, &text).finalize().into_bytes());
    format!("{text}.{mac}")
}

/// Who holds the token of this call. A token holds by its signature and its times alone, so it
/// outlives a restart with the same seed.
pub fn caller(world: &mut World, call: &Call) -> Result<Caller, Refusal> {
    let unauthorized = || Refusal::new("AU006", "The token is missing, invalid or expired");
    let token = call.bearer().ok_or_else(unauthorized)?;
    let (text, mac) = token.rsplit_once('.').ok_or_else(unauthorized)?;
    let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| unauthorized())?;
    signed(world, text).verify_slice(&mac).map_err(|_| unauthorized())?;
    let claims = text.split_once('.').and_then(|(_, claims)| URL_SAFE_NO_PAD.decode(claims).ok());
    let claims: Claims =
        claims.and_then(|claims| serde_json::from_slice(&claims).ok()).ok_or_else(unauthorized)?;
    if claims.exp <= world.now.seconds() {
        return Err(unauthorized());
    }
    let role = Role::ALL.into_iter().find(|role| role.user() == claims.sub).ok_or_else(unauthorized)?;
    within_rate(world, claims.jti)?;
    Ok(Caller { role })
}

/// Counts a request of a token, or a sign-in of a credential: otherwise a token for each call would go
/// round the limit.
fn within_rate(world: &mut World, who: String) -> Result<(), Refusal> {
    if !world.settings.rate_limit || world.replaying {
        return Ok(());
    }
    let now = world.now;
    let buckets = &mut world.cobre.buckets;
    if buckets.len() >= BUCKETS_MAX {
        buckets.retain(|_, bucket| now.millis_since(bucket.at) < TOKEN_LIFE_S.saturating_mul(1000));
    }
    if buckets.entry(who).or_insert_with(|| Bucket::full(now)).take(now) {
        return Ok(());
    }
    Err(Refusal::new("G429", "Too Many Requests"))
}

/// So many buckets before the full ones are looked for.
const BUCKETS_MAX: usize = 64;

/// 30 requests a second, bursts of 200 [doc?], in thousandths of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    left: i64,
    at: Moment,
}

impl Bucket {
    const FULL: i64 = 200_000;
    const PER_MILLI: i64 = 30;

    fn full(now: Moment) -> Self {
        Self { left: Self::FULL, at: now }
    }

    fn take(&mut self, now: Moment) -> bool {
        let refill = now.millis_since(self.at).saturating_mul(Self::PER_MILLI);
        self.left = self.left.saturating_add(refill).min(Self::FULL);
        self.at = now;
        if self.left < 1000 {
            return false;
        }
        self.left = self.left.saturating_sub(1000);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_two_hundred_then_thirty_a_second() {
        let at = Moment::from_millis;
        let mut bucket = Bucket::full(at(0));
        assert_eq!((0..300).filter(|_| bucket.take(at(0))).count(), 200);
        assert_eq!((0..300).filter(|_| bucket.take(at(1000))).count(), 30);
        assert_eq!((0..300).filter(|_| bucket.take(at(3_600_000))).count(), 200);
    }

    #[test]
    fn the_table_of_roles_is_the_contracts() {
        let may = |access: Access| {
            Role::ALL.into_iter().filter(move |r| r.may(access)).map(Role::name).collect::<Vec<_>>()
        };
        assert_eq!(may(Access::Read), ["maker", "checker", "viewer", "admin"]);
        assert_eq!(may(Access::Create), ["maker", "admin"]);
        assert_eq!(may(Access::Decide), ["checker", "admin"]);
        assert_eq!(may(Access::Manage), ["admin"]);
    }
}
