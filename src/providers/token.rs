//! An access token shared by all requests of one client: fetched once, replaced before it lapses,
//! and never asked for again once the credentials were refused.

use super::Failure;
use crate::config::mask;
use jiff::Timestamp;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Wall clock and monotonic clock may part by this much before a token is taken for lapsed: the
/// machine slept, or somebody set the clock.
const DRIFT_MAX: Duration = Duration::from_secs(5);

/// What signing in brought.
#[derive(Debug)]
pub struct Grant {
    pub secret: SecretString,
    /// From the moment of asking.
    pub life: Duration,
}

/// A token on loan to one request.
#[derive(Debug, Clone)]
pub struct Lent {
    /// `Bearer …`, marked sensitive.
    pub bearer: HeaderValue,
    serial: u64,
}

enum Held {
    Nothing,
    Token(Token),
    /// The last try failed as the `n`th; those who were already waiting share the failure.
    Failed(u64, Failure),
    /// Until a person acts.
    Refused(Failure),
}

struct Token {
    lent: Lent,
    life: Duration,
    since: Instant,
    since_wall: Timestamp,
}

/// The token of one client.
pub struct Tokens {
    held: Mutex<Held>,
    tries: AtomicU64,
    /// A token with less life left is replaced before a read.
    margin: Duration,
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("margin", &self.margin).finish_non_exhaustive()
    }
}

impl Tokens {
    pub fn new(margin: Duration, now: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        Self { held: Mutex::new(Held::Nothing), tries: AtomicU64::new(0), margin, now }
    }

    /// A token with `spare` of its life left, or more. The lock is held across `fetch`: those who
    /// come together wait for one fetch.
    pub async fn get<F>(&self, spare: Duration, fetch: impl FnOnce() -> F) -> Result<Lent, Failure>
    where
        F: Future<Output = Result<Grant, Failure>>,
    {
        self.lend(spare, None, fetch).await
    }

    /// Another token than `refused`, which the provider did not take.
    pub async fn replace<F>(&self, refused: &Lent, fetch: impl FnOnce() -> F) -> Result<Lent, Failure>
    where
        F: Future<Output = Result<Grant, Failure>>,
    {
        self.lend(Duration::ZERO, Some(refused.serial), fetch).await
    }

    async fn lend<F>(
        &self,
        spare: Duration,
        refused: Option<u64>,
        fetch: impl FnOnce() -> F,
    ) -> Result<Lent, Failure>
    where
        F: Future<Output = Result<Grant, Failure>>,
    {
        let before = self.tries.load(Ordering::Acquire);
        let mut held = self.held.lock().await;
        match &*held {
            Held::Token(token) if Some(token.lent.serial) != refused && self.lasts(token, spare) => {
                return Ok(token.lent.clone());
            }
            Held::Refused(failure) => return Err(failure.clone()),
            Held::Failed(at, failure) if *at > before => return Err(failure.clone()),
            Held::Token(_) | Held::Failed(..) | Held::Nothing => {}
        }
        let (since, since_wall) = (Instant::now(), (self.now)());
        let fetched = fetch().await.and_then(|grant| {
            mask::remember_token(&grant.secret);
            let mut bearer = HeaderValue::from_str(&format!("Bearer {}", grant.secret.expose_secret()))
                .map_err(|_| Failure::Unreadable { why: "a token that no header can carry".to_owned() })?;
            bearer.set_sensitive(true);
            mask::remember(&grant.secret);
            Ok((bearer, grant.life))
        });
        let serial = self.tries.fetch_add(1, Ordering::AcqRel).saturating_add(1);
        match fetched {
            Ok((bearer, life)) => {
                let lent = Lent { bearer, serial };
                *held = Held::Token(Token { lent: lent.clone(), life, since, since_wall });
                Ok(lent)
            }
            Err(failure) => {
                *held = match failure {
                    Failure::Credentials { .. } => Held::Refused(failure.clone()),
                    _ => Held::Failed(serial, failure.clone()),
                };
                Err(failure)
            }
        }
    }

    /// Whether `spare` of its life is left, by a clock that nobody sets.
    fn lasts(&self, token: &Token, spare: Duration) -> bool {
        let age = token.since.elapsed();
        let wall = (self.now)().duration_since(token.since_wall);
        let drift =
            wall.checked_sub(jiff::SignedDuration::try_from(age).unwrap_or(jiff::SignedDuration::MAX));
        if drift.is_none_or(|drift| drift.unsigned_abs() > DRIFT_MAX) {
            return false;
        }
        // A token that never lives long enough would be replaced at each request.
        let margin = self.margin.max(spare).min(token.life / 2);
        age.checked_add(margin).is_some_and(|needed| needed < token.life)
    }

    /// Drops a token that a write was refused with: the next request signs in.
    pub async fn discard(&self, refused: &Lent) {
        let mut held = self.held.lock().await;
        if matches!(&*held, Held::Token(token) if token.lent.serial == refused.serial) {
            *held = Held::Nothing;
        }
    }

    /// The credentials do not work, whatever signing in said.
    pub async fn refuse(&self, failure: Failure) {
        *self.held.lock().await = Held::Refused(failure);
    }

    /// Starts anew: a person asked for it.
    pub async fn forget(&self) {
        *self.held.lock().await = Held::Nothing;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ProviderName;
    use crate::sanitize::Clean;
    use std::sync::atomic::AtomicI64;

    const LIFE: Duration = Duration::from_mins(20);

    /// Tokens whose wall clock is the paused clock of the test, moved by `ahead` seconds.
    struct Desk {
        tokens: Tokens,
        ahead: Arc<AtomicI64>,
        fetched: AtomicU64,
    }

    impl Desk {
        fn new() -> Self {
            let (start, ahead) = (Instant::now(), Arc::new(AtomicI64::new(0)));
            let by = Arc::clone(&ahead);
            let now = move || {
                let moved = jiff::SignedDuration::from_secs(by.load(Ordering::Relaxed));
                Timestamp::UNIX_EPOCH + moved + start.elapsed()
            };
            let tokens = Tokens::new(Duration::from_mins(2), Arc::new(now));
            Self { tokens, ahead, fetched: AtomicU64::new(0) }
        }

        async fn fetch(&self) -> Result<Grant, Failure> {
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.fetched.fetch_add(1, Ordering::Relaxed);
            Ok(Grant { secret: "t".into(), life: LIFE })
        }

        async fn get(&self) -> Lent {
            self.tokens.get(Duration::ZERO, || self.fetch()).await.unwrap()
        }

        fn fetched(&self) -> u64 {
            self.fetched.load(Ordering::Relaxed)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_token_serves_all_and_is_replaced_two_minutes_early() {
        let desk = Desk::new();
        tokio::join!(desk.get(), desk.get(), desk.get());
        assert_eq!(desk.fetched(), 1);
        tokio::time::advance(Duration::from_secs(1_200 - 122)).await;
        desk.get().await;
        assert_eq!(desk.fetched(), 1);
        tokio::time::advance(Duration::from_secs(3)).await;
        desk.get().await;
        assert_eq!(desk.fetched(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_does_not_outlive_a_sleep_of_the_machine_or_a_set_clock() {
        for jump in [6, -6] {
            let desk = Desk::new();
            desk.get().await;
            desk.ahead.store(jump / 2, Ordering::Relaxed);
            desk.get().await;
            assert_eq!(desk.fetched(), 1);
            desk.ahead.store(jump, Ordering::Relaxed);
            desk.get().await;
            assert_eq!(desk.fetched(), 2, "{jump} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_many_were_refused_with_is_replaced_once() {
        let desk = Desk::new();
        let refused = desk.get().await;
        let replace = || desk.tokens.replace(&refused, || desk.fetch());
        let (one, two) = tokio::join!(replace(), replace());
        assert_eq!(one.unwrap().serial, two.unwrap().serial);
        assert_eq!(desk.fetched(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_share_a_failure_and_the_next_one_tries_again() {
        let desk = Desk::new();
        let tries = AtomicU64::new(0);
        let fail = || {
            desk.tokens.get(Duration::ZERO, async || {
                tokio::time::sleep(Duration::from_millis(50)).await;
                tries.fetch_add(1, Ordering::Relaxed);
                Err(Failure::NotFound)
            })
        };
        let (one, two) = tokio::join!(fail(), fail());
        assert!(one.is_err() && two.is_err());
        assert_eq!(tries.load(Ordering::Relaxed), 1);
        desk.get().await;
        assert_eq!(desk.fetched(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn refused_credentials_are_not_tried_again_until_a_person_acts() {
        let desk = Desk::new();
        let refused = || Failure::Credentials { provider: ProviderName::Cobre, code: Clean::new("AU005") };
        let first = desk.tokens.get(Duration::ZERO, async || Err(refused())).await;
        assert_eq!(first.err(), Some(refused()));
        let next = desk.tokens.get(Duration::ZERO, || desk.fetch()).await;
        assert_eq!((next.err(), desk.fetched()), (Some(refused()), 0));
        desk.tokens.forget().await;
        desk.get().await;
        assert_eq!(desk.fetched(), 1);
    }
}
