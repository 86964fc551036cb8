//! What both clients do alike with a token: read, read once more with another, write once.

use super::http::{Got, Http, Missed, Wrote};
use super::token::{Grant, Lent, Tokens};
use super::{Answer, Failure};
use crate::domain::ProviderName;
use crate::payments::Intent;
use crate::sanitize::Clean;
use reqwest::header::HeaderMap;
use std::time::Duration;

/// A write wants a token with this much of its life left (RELIABILITY, "HTTP").
const WRITE_SPARE: Duration = Duration::from_secs(90);

pub type Query<'a> = &'a [(&'static str, String)];

/// One credential at one provider.
pub trait Door: Sync {
    const NAME: ProviderName;

    fn http(&self) -> &Http;
    fn tokens(&self) -> &Tokens;
    fn sign_in(&self) -> impl Future<Output = Result<Grant, Failure>> + Send;
    fn headers(&self, lent: &Lent) -> HeaderMap;
    /// Code and words of the provider's own error shape.
    fn refusal(body: &[u8]) -> Option<(Clean, Clean)>;
    /// Whether an answer says that the token is no longer taken.
    fn lapsed(status: u16, body: &[u8]) -> bool;
}

/// A token, if the credentials hold. Cheap when one is held.
pub async fn token<D: Door>(door: &D, spare: Duration) -> Result<Lent, Failure> {
    door.tokens().get(spare, || door.sign_in()).await
}

/// A read; with another token once more when this one is not taken.
pub async fn get<D: Door>(door: &D, path: &str, query: Query<'_>, max: usize) -> Result<Got, Failure> {
    let (http, tokens) = (door.http(), door.tokens());
    let lent = token(door, Duration::ZERO).await?;
    let failure = |missed: Missed| missed.failure(http.host(), D::refusal);
    match http.get(path, query, &door.headers(&lent), max).await {
        Err(Missed::Status { status, body, .. }) if D::lapsed(status, &body) => {}
        answer => return answer.map_err(failure),
    }
    let lent = tokens.replace(&lent, || door.sign_in()).await?;
    match http.get(path, query, &door.headers(&lent), max).await {
        Err(Missed::Status { status, body, .. }) if D::lapsed(status, &body) => {
            // A token that was just given and is not taken: signing in again and again won't help.
            let refused = refused::<D>(status, &body);
            tokens.refuse(refused.clone()).await;
            Err(refused)
        }
        answer => answer.map_err(failure),
    }
}

/// Sends a recorded write, once. `Err` is an answer that never had a status.
pub async fn write<D: Door>(
    door: &D,
    intent: &Intent,
    extra: HeaderMap,
) -> Result<super::http::Written, Answer> {
    let lent = match token(door, WRITE_SPARE).await {
        Ok(lent) => lent,
        Err(failure) => return Err(Answer::NoToken(failure.to_string())),
    };
    let request = intent.request();
    let mut headers = door.headers(&lent);
    headers.extend(extra);
    match door.http().write(request.method, &request.path, headers, request.body.clone()).await {
        Wrote::NotBuilt(why) => Err(Answer::NotBuilt(why)),
        Wrote::NotConnected(why) => Err(Answer::NotConnected(why)),
        Wrote::Broken(why) => Err(Answer::Broken(why)),
        Wrote::Answered(written) => {
            if D::lapsed(written.status, &written.body) {
                // The refusal stands: a write is not sent again. The next one has another token.
                door.tokens().discard(&lent).await;
            }
            Ok(written)
        }
    }
}

/// What signing in failed with. Only the provider's own 4xx refuses the credentials, or a 401: a page of
/// some gateway must not stop the desk until a person comes.
pub fn sign_in_failure<D: Door>(missed: Missed, host: &str) -> Failure {
    match missed {
        Missed::Status { status, ref body, .. }
            if status == 401
                || matches!(status, 400..=499)
                    && !matches!(status, 408 | 429)
                    && D::refusal(body).is_some() =>
        {
            refused::<D>(status, body)
        }
        missed => missed.failure(host, D::refusal),
    }
}

fn refused<D: Door>(status: u16, body: &[u8]) -> Failure {
    let code = D::refusal(body).map(|(code, _)| code).filter(|code| !code.is_empty());
    Failure::Credentials { provider: D::NAME, code: code.unwrap_or_else(|| Clean::new(&status.to_string())) }
}
