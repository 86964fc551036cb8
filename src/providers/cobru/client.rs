//! The endpoints that the desk uses, each a method, and how the history is read.

use super::auth::{self, MARGIN};
use super::{Access, error, order, wire};
use crate::domain::ProviderName;
use crate::domain::id::CobruId;
use crate::payments::outcome::{Answer, Reading};
use crate::payments::{Intent, Order};
use crate::providers::door::{self, Door};
use crate::providers::http::{AccessError, BODY_MAX, Http, PAGE_MAX, secret_header, whole_seconds};
use crate::providers::json::{self, ROWS_MAX};
use crate::providers::token::{Grant, Lent, Tokens};
use crate::providers::{Failure, Sending};
use crate::sanitize::Clean;
use jiff::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashSet;
use std::time::Duration;

/// Nothing says how large a page may be [inf].
const PAGE_SIZE: usize = 50;
/// How many of the newest rows a poll reads: the history has no end and no filter.
const NEWEST_MAX: usize = 500;
/// Two requests a second at most, while nothing says what is allowed [inf].
const PACE: Duration = Duration::from_millis(500);
/// A list that changes under us is read again this often.
const LIST_TRIES: usize = 3;

const HISTORY: &str = "/movements/movements_by_types/";

/// One account at Cobru.
#[derive(Debug)]
pub struct Cobru {
    http: Http,
    tokens: Tokens,
    /// `Accept` and `x-api-key`.
    key: HeaderMap,
    refresh: SecretString,
    places: wire::Places,
}

/// Rows of the history, raw.
#[derive(Debug, Default)]
pub struct Listing {
    pub rows: Vec<String>,
    /// It was read to its end.
    pub whole: bool,
    /// The provider's clock at the last page.
    pub date: Option<Timestamp>,
}

impl Cobru {
    pub(super) fn open(access: Access) -> Result<Self, AccessError> {
        let Access { api_base, link_base, api_key, refresh, callback, options } = access;
        let http = Http::new(api_base.trim_end_matches('/'), options)?;
        let tokens = Tokens::new(MARGIN, http.clock());
        let key = secret_header(HeaderName::from_static("x-api-key"), api_key.expose_secret())?;
        let key = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json")), key]);
        let places = wire::Places::new(&link_base, callback.as_deref());
        Ok(Self { http, tokens, key, refresh, places })
    }

    pub(super) fn authority(&self) -> &str {
        self.http.host()
    }

    pub(super) const fn places(&self) -> &wire::Places {
        &self.places
    }

    pub(super) fn now(&self) -> Timestamp {
        self.http.now()
    }

    pub(super) async fn signed_in(&self) -> Result<(), Failure> {
        door::token(self, Duration::ZERO).await.map(|_| ())
    }

    pub(super) async fn sign_out(&self) {
        self.tokens.forget().await;
    }

    /// The balance, and when it was that.
    pub(super) async fn read_balance(&self) -> Result<(String, Timestamp), Failure> {
        self.read_one("/balance/").await
    }

    /// One cobru of one's own: 404 is "not found or not yours", never "not paid".
    pub(super) async fn read_cobru(&self, id: &CobruId) -> Result<(String, Timestamp), Failure> {
        // No slash at the end [doc].
        self.read_one(&format!("/cobru_detail/{id}")).await
    }

    async fn read_one(&self, path: &str) -> Result<(String, Timestamp), Failure> {
        let got = door::get(self, path, &[], BODY_MAX).await?;
        let text = json::text(&got.body).map_err(unreadable)?;
        let now = self.now();
        Ok((text.into_owned(), got.date.map_or(now, |date| date.min(now))))
    }

    pub(super) async fn list_cobrus(&self, newest: usize) -> Result<Listing, Failure> {
        self.list("by_cobrus", |listing| listing.rows.len() >= newest.min(NEWEST_MAX)).await
    }

    pub(super) async fn list_withdrawals(&self, newest: usize) -> Result<Listing, Failure> {
        self.list("by_withdraws", |listing| listing.rows.len() >= newest.min(NEWEST_MAX)).await
    }

    /// The cobrus made since then, whole when the list reaches back so far.
    pub(super) async fn list_cobrus_since(&self, since: Timestamp) -> Result<Listing, Failure> {
        let reached = |listing: &Listing| {
            // A whole page of older ones: rows may come in any order within one.
            let page = listing.rows.iter().rev().take(PAGE_SIZE);
            page.len() == PAGE_SIZE && page.into_iter().all(|raw| wire::made_before(raw, since))
        };
        let mut listing = self.list("by_cobrus", &reached).await?;
        listing.whole |= reached(&listing);
        Ok(listing)
    }

    /// Pages of one kind, until there are enough or no more. A list that repeats a row is read again.
    async fn list(&self, kind: &'static str, enough: impl Fn(&Listing) -> bool) -> Result<Listing, Failure> {
        for _ in 0..LIST_TRIES {
            if let Some(listing) = self.read_pages(kind, &enough).await? {
                return Ok(listing);
            }
        }
        Err(unreadable("the list kept changing while it was read".to_owned()))
    }

    /// `None` when a row came twice: something moved between two pages.
    async fn read_pages(
        &self,
        kind: &'static str,
        enough: &impl Fn(&Listing) -> bool,
    ) -> Result<Option<Listing>, Failure> {
        let (mut listing, mut seen) = (Listing::default(), HashSet::new());
        for number in 1..=json::PAGES_MAX {
            let query = [
                (kind, "true".to_owned()),
                ("per_page", PAGE_SIZE.to_string()),
                ("page_num", number.to_string()),
            ];
            let got = door::get(self, HISTORY, &query, PAGE_MAX).await?;
            listing.date = got.date.or(listing.date);
            let text = json::text(&got.body).map_err(unreadable)?;
            let page = wire::page(&text).map_err(unreadable)?;
            if page.rows.len() > ROWS_MAX {
                return Err(unreadable(format!("a page of {} rows", page.rows.len())));
            }
            let fewer = page.rows.len() < PAGE_SIZE;
            let empty = page.rows.is_empty();
            for raw in page.rows {
                if wire::id_of(raw).is_some_and(|id| !seen.insert(id)) {
                    return Ok(None);
                }
                listing.rows.push(raw.to_owned());
            }
            // Fewer than asked for is the end, unless the count says that pages are just smaller.
            let more = page.count.is_some_and(|count| listing.rows.len() < count);
            if empty || fewer && !more {
                listing.whole = !more;
                return Ok(Some(listing));
            }
            if enough(&listing) {
                return Ok(Some(listing));
            }
            self.http.breathe(PACE).await;
        }
        Ok(Some(listing))
    }

    /// Sends a recorded write, once, and says what was read.
    pub(super) async fn write(&self, intent: &Intent) -> Sending {
        // Before it leaves: an order's five minutes can't have begun earlier.
        let sent_at = self.now();
        let written = match door::write(self, intent, HeaderMap::new()).await {
            Ok(written) => written,
            Err(answer) => return Sending::of(answer),
        };
        let (reading, extra) = match intent.order() {
            _ if !written.whole => (Reading::Other, None),
            Order::Breb(order) => order::read(written.status, &written.body, order, sent_at),
            _ => (wire::read_cobru(written.status, &written.body), None),
        };
        let retry_after = written.retry_after.map(whole_seconds);
        let answer = Answer::Status { status: written.status, retry_after, reading };
        Sending { extra, ..Sending::answered(answer, written) }
    }
}

impl Door for Cobru {
    const NAME: ProviderName = ProviderName::Cobru;

    fn http(&self) -> &Http {
        &self.http
    }

    fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    async fn sign_in(&self) -> Result<Grant, Failure> {
        auth::sign_in(&self.http, &self.key, &self.refresh).await
    }

    fn headers(&self, lent: &Lent) -> HeaderMap {
        let mut headers = self.key.clone();
        headers.insert(AUTHORIZATION, lent.bearer.clone());
        headers
    }

    fn refusal(body: &[u8]) -> Option<(Clean, Clean)> {
        error::read(body)
    }

    fn lapsed(status: u16, body: &[u8]) -> bool {
        status == 401 || status == 403 && error::speaks_of_token(body)
    }
}

fn unreadable(why: String) -> Failure {
    Failure::Unreadable { why }
}
