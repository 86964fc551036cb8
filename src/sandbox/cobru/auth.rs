//! Who calls: the key, the Bearer, and the two calls that hand out tokens (contract 3).

use crate::sandbox::world::World;

use super::answer::Answer;
use super::body::Need;
use super::call::{Call, Reply};
use super::json::Object;
use super::jwt::{self, Purpose};
use super::state::UserIx;

/// Life of a refresh token in seconds: ten years, since those of the panel do not run out [inf].
const REFRESH_TTL: i64 = 315_360_000;

const NOT_PROVIDED: &str = "Authentication credentials were not provided.";

/// The key was missing or unknown [inf].
fn bad_key() -> Answer {
    Answer::detail(403, NOT_PROVIDED)
}

/// The Bearer was no token of ours, or an old one; the framework's own words [inf].
fn bad_bearer() -> Answer {
    let message = Object::new()
        .text("token_class", "AccessToken")
        .text("token_type", "access")
        .text("message", "Token is invalid or expired")
        .end();
    let body = Object::new()
        .text("detail", "Given token not valid for any token type")
        .text("code", "token_not_valid")
        .raw("messages", &format!("[{message}]"))
        .end();
    Answer::json(401, body)
}

/// The key that was presented. `Api-Secret-Key` is its name in older programs [code·wc].
pub fn presented_key<'a>(call: &'a Call<'_>) -> Option<&'a str> {
    call.header("x-api-key").or_else(|| call.header("api-secret-key"))
}

/// The Bearer's token: the word, one space, the token [doc·st]. Other schemes count as none.
fn presented_token<'a>(call: &'a Call<'_>) -> Option<&'a str> {
    call.header("authorization").and_then(|value| value.strip_prefix("Bearer "))
}

impl World {
    fn is_key_known(&self, key: &str) -> bool {
        self.cobru.users.iter().any(|user| user.api_key == key)
    }

    /// A right key is enough.
    pub fn require_key(&self, call: &Call<'_>) -> Result<(), Answer> {
        match presented_key(call) {
            Some(key) if self.is_key_known(key) => Ok(()),
            _ => Err(bad_key()),
        }
    }

    /// Whether the key of a call was used too often in the last minute, where that is limited.
    pub fn throttle(&mut self, call: &Call<'_>) -> Result<(), Answer> {
        let most = usize::try_from(self.settings.cobru_per_minute).unwrap_or(usize::MAX);
        let Some(key) = presented_key(call).filter(|_| most > 0 && !self.replaying) else { return Ok(()) };
        let now = self.now;
        let asked = self.cobru.asked.entry(key.to_owned()).or_default();
        while asked.front().is_some_and(|at| now.millis_since(*at) >= 60_000) {
            asked.pop_front();
        }
        match asked.front() {
            Some(first) if asked.len() >= most => {
                let millis = 60_000i64.saturating_sub(now.millis_since(*first));
                Err(Answer::throttled(millis.saturating_add(999) / 1000))
            }
            _ => {
                asked.push_back(now);
                Ok(())
            }
        }
    }

    /// A right key, and the Bearer of a user who belongs to it.
    pub fn require_user(&self, call: &Call<'_>) -> Result<UserIx, Answer> {
        let user = match presented_token(call) {
            Some(token) => self.bearer(token)?,
            None => return Err(Answer::detail(401, NOT_PROVIDED)),
        };
        match presented_key(call) {
            Some(key) if key == self.cobru.user(user).api_key => Ok(user),
            _ => Err(bad_key()),
        }
    }

    /// The payer's calls need nothing, but what is presented must be right [inf].
    pub fn allow_payer(&self, call: &Call<'_>) -> Result<(), Answer> {
        if let Some(token) = presented_token(call) {
            self.bearer(token)?;
        }
        if let Some(key) = presented_key(call)
            && !self.is_key_known(key)
        {
            return Err(bad_key());
        }
        Ok(())
    }

    fn bearer(&self, token: &str) -> Result<UserIx, Answer> {
        let secret = self.cobru.secret();
        let claims = jwt::verify(&secret, Purpose::Access, token, self.now.seconds());
        claims.and_then(|claims| self.cobru.user_by_id(claims.user_id)).ok_or_else(bad_bearer)
    }

    fn token(&mut self, purpose: Purpose, user: UserIx) -> String {
        let life = match purpose {
            Purpose::Access => self.settings.access_ttl_s,
            Purpose::Refresh => REFRESH_TTL,
        };
        let jti = self.cobru.new_jti();
        let exp = self.now.seconds().saturating_add(life);
        jwt::sign(&self.cobru.secret(), purpose, self.cobru.user(user).id, exp, &jti)
    }

    /// A refresh token as the panel would show it.
    pub fn refresh_token(&mut self, user: UserIx) -> String {
        self.token(Purpose::Refresh, user)
    }
}

/// `POST /token/refresh/` [doc, verified]. The field is `refresh`, and the answer has `access` alone.
pub fn refresh(world: &mut World, call: &Call<'_>) -> Reply {
    let fields = call.fields()?;
    let refresh = fields.text_up_to("refresh", Need::Required, 4096);
    fields.check()?;
    let secret = world.cobru.secret();
    let claims = refresh
        .and_then(|token| jwt::verify(&secret, Purpose::Refresh, &token, world.now.seconds()))
        .and_then(|claims| world.cobru.user_by_id(claims.user_id));
    let Some(user) = claims else {
        let body =
            Object::new().text("detail", "Token is invalid or expired").text("code", "token_not_valid").end();
        return Err(Answer::json(401, body));
    };
    let access = world.token(Purpose::Access, user);
    Ok(Answer::ok(Object::new().text("access", &access).end()))
}

/// `POST /token/`: a user's own login [code].
pub fn login(world: &mut World, call: &Call<'_>) -> Reply {
    let fields = call.fields()?;
    let username = fields.words("username", Need::Required, 150);
    let password = fields.words("password", Need::Required, 128);
    fields.check()?;
    let found = username.zip(password).and_then(|(username, password)| {
        let user = world.cobru.user_by_name(&username)?;
        (world.cobru.user(user).password == password).then_some(user)
    });
    let Some(user) = found else {
        return Err(Answer::detail(401, "No active account found with the given credentials"));
    };
    let access = world.token(Purpose::Access, user);
    let refresh = world.token(Purpose::Refresh, user);
    Ok(Answer::ok(Object::new().text("access", &access).text("refresh", &refresh).end()))
}
