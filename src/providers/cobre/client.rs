//! The endpoints that the desk uses, each a method, and how lists are read.

use super::auth::{self, MARGIN};
use super::{Access, bulk, manage, wire};
use crate::domain::ProviderName;
use crate::domain::id::{AccountId, BulkId, CounterpartyId, KeyId, MovementId, VerificationId};
use crate::payments::outcome::{Answer, Reading};
use crate::payments::{Intent, Order};
use crate::providers::door::{self, Door};
use crate::providers::http::{AccessError, BODY_MAX, Http, PAGE_MAX, whole_seconds};
use crate::providers::json::{self, PAGES_MAX, ROWS_MAX};
use crate::providers::token::{Grant, Lent, Tokens};
use crate::providers::{Failure, Like, Sending};
use crate::sanitize::Clean;
use jiff::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use std::collections::HashSet;
use std::time::Duration;

/// The largest page that is taken [inf].
const PAGE_SIZE: usize = 100;
/// How many records of one list can be paged [doc?]; beyond, the list is known to be cut.
const PAGED_MAX: usize = 10_000;
/// A list that changes under us is read again this often.
const LIST_TRIES: usize = 3;

type Query = Vec<(&'static str, String)>;

/// One credential at Cobre.
#[derive(Debug)]
pub struct Cobre {
    http: Http,
    tokens: Tokens,
    user_id: String,
    secret: SecretString,
}

/// The rows of a list, raw.
#[derive(Debug, Default)]
pub struct Listing {
    pub rows: Vec<String>,
    /// Every page was read.
    pub whole: bool,
    /// The provider's clock at the last page.
    pub date: Option<Timestamp>,
}

impl Cobre {
    pub(super) fn open(access: Access) -> Result<Self, AccessError> {
        let Access { base, user_id, secret, options } = access;
        let base = base.trim_end_matches('/');
        let http = Http::new(base.strip_suffix("/v1").unwrap_or(base), options)?;
        let tokens = Tokens::new(MARGIN, http.clock());
        Ok(Self { http, tokens, user_id, secret })
    }

    pub(super) fn authority(&self) -> &str {
        self.http.host()
    }

    /// The credential's own id, as it stands in `creator` and `approver`.
    pub(super) fn user_id(&self) -> &str {
        &self.user_id
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

    pub(super) async fn list_accounts(&self) -> Result<Listing, Failure> {
        self.list("/v1/accounts", vec![sensitive()], usize::MAX).await
    }

    /// Of all accounts, newest first [inf].
    pub(super) async fn list_transactions(&self, newest: usize) -> Result<Listing, Failure> {
        self.list("/v1/transactions", vec![sensitive()], newest).await
    }

    pub(super) async fn list_counterparties(&self) -> Result<Listing, Failure> {
        self.list("/v1/counterparties", vec![sensitive()], usize::MAX).await
    }

    pub(super) async fn list_movements(&self, filter: (&'static str, String)) -> Result<Listing, Failure> {
        self.list("/v1/money_movements", vec![filter, nested(), sensitive()], usize::MAX).await
    }

    /// The newest movements like one. Only the filter by external id is documented; where another is
    /// refused, the newest of all are read.
    pub(super) async fn list_movements_like(
        &self,
        like: Like<'_>,
        newest: usize,
    ) -> Result<Listing, Failure> {
        let moment = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut query = match like {
            Like::To(destination) => vec![("destination_id", destination.to_owned())],
            Like::Amount(amount, since) => vec![
                ("amount", amount.minor.to_string()),
                ("currency", amount.currency.code().to_lowercase()),
                ("created_at_gte", moment(since)),
            ],
            Like::Since(since) => vec![("created_at_gte", moment(since))],
        };
        query.extend([nested(), sensitive()]);
        match self.list("/v1/money_movements", query, newest).await {
            Err(Failure::Refused { status: 400, .. }) => {
                self.list("/v1/money_movements", vec![nested(), sensitive()], newest).await
            }
            answer => answer,
        }
    }

    pub(super) async fn list_bulk(&self, bulk: &BulkId) -> Result<Listing, Failure> {
        self.list_movements(("batch_id", bulk.to_string())).await
    }

    /// Movements that wait for a decision, and bulks. Only the movements' path is documented: where
    /// the bulks' is refused or unknown, the list is said to be cut.
    pub(super) async fn list_pending(&self) -> Result<Listing, Failure> {
        let pending = || ("status", "pending_approval".to_owned());
        let mut list = self.list_movements(pending()).await?;
        match self.list("/v1/bulk_money_movements", vec![pending()], usize::MAX).await {
            Ok(bulks) => {
                list.whole &= bulks.whole;
                list.rows.extend(bulks.rows);
            }
            Err(Failure::NotFound | Failure::Forbidden { .. }) => list.whole = false,
            Err(failure) => return Err(failure),
        }
        Ok(list)
    }

    pub(super) async fn list_decisions(&self, movement: &MovementId) -> Result<Listing, Failure> {
        let filter = ("money_movement_id", movement.to_string());
        self.list("/v1/money_movement_approvals", vec![filter], usize::MAX).await
    }

    /// Approvals that are not complete.
    pub(super) async fn list_given(&self) -> Result<Listing, Failure> {
        self.list("/v1/money_movement_approvals", vec![("status", "pending".to_owned())], usize::MAX).await
    }

    /// The keys of every Colombian balance, one list each: the list over all is only promised [doc].
    pub(super) async fn list_keys(&self, accounts: &[AccountId]) -> Result<Listing, Failure> {
        let mut all = Listing { whole: true, ..Listing::default() };
        for account in accounts {
            let list = self.list_keys_of(account).await?;
            all.whole &= list.whole;
            all.date = list.date.or(all.date);
            all.rows.extend(list.rows);
        }
        Ok(all)
    }

    pub(super) async fn list_keys_of(&self, account: &AccountId) -> Result<Listing, Failure> {
        self.list(&format!("/v1/accounts/{account}/keys"), Vec::new(), usize::MAX).await
    }

    pub(super) async fn list_schedules(&self) -> Result<Listing, Failure> {
        self.list("/v1/money_movement_schedulers", Vec::new(), usize::MAX).await
    }

    pub(super) async fn list_verifications(&self) -> Result<Listing, Failure> {
        self.list("/v1/account_verifications", Vec::new(), usize::MAX).await
    }

    pub(super) async fn read_verification(&self, id: &VerificationId) -> Result<String, Failure> {
        self.read_one(&format!("/v1/account_verifications/{id}"), Vec::new()).await
    }

    pub(super) async fn read_counterparty(&self, id: &CounterpartyId) -> Result<String, Failure> {
        self.read_one(&format!("/v1/counterparties/{id}"), vec![sensitive()]).await
    }

    pub(super) async fn read_key(&self, account: &AccountId, key: &KeyId) -> Result<String, Failure> {
        self.read_one(&format!("/v1/accounts/{account}/keys/{key}"), Vec::new()).await
    }

    /// A bulk, as it is.
    pub(super) async fn read_bulk(&self, id: &BulkId) -> Result<String, Failure> {
        self.read_one(&format!("{}/{id}", bulk::PATH), Vec::new()).await
    }

    async fn read_one(&self, path: &str, query: Query) -> Result<String, Failure> {
        let got = door::get(self, path, &query, BODY_MAX).await?;
        let text = json::text(&got.body).map_err(|why| Failure::Unreadable { why })?;
        Ok(text.into_owned())
    }

    pub(super) async fn read_movement(&self, id: &MovementId) -> Result<String, Failure> {
        self.read_one(&format!("/v1/money_movements/{id}"), vec![nested(), sensitive()]).await
    }

    /// The newest rows of a list. One that repeats a row, loses one or ends early is read again.
    pub(super) async fn list(&self, path: &str, query: Query, newest: usize) -> Result<Listing, Failure> {
        let mut last = Listing::default();
        for _ in 0..LIST_TRIES {
            match self.read_pages(path, &query, newest).await? {
                Pages::Steady(list) => return Ok(list),
                Pages::Short(list) => last = list,
                Pages::Repeated => last = Listing::default(),
            }
        }
        if last.rows.is_empty() {
            return Err(Failure::Unreadable { why: "the list kept changing while it was read".to_owned() });
        }
        // Three times: it never rests, or counts what it does not list, as a sample of the docs does.
        // Every row of it is true, and there may be more.
        Ok(Listing { whole: false, ..last })
    }

    async fn read_pages(&self, path: &str, query: &Query, newest: usize) -> Result<Pages, Failure> {
        let unreadable = |why: String| Failure::Unreadable { why };
        let (mut list, mut seen, mut total) = (Listing::default(), HashSet::new(), None);
        let mut steady = true;
        for number in 0..PAGES_MAX {
            if number.saturating_mul(PAGE_SIZE) >= PAGED_MAX {
                return Ok(Pages::Steady(list));
            }
            let mut query = query.clone();
            query.push(("page_number", number.to_string()));
            query.push(("page_size", PAGE_SIZE.to_string()));
            let got = door::get(self, path, &query, PAGE_MAX).await?;
            list.date = got.date.or(list.date);
            let text = json::text(&got.body).map_err(unreadable)?;
            let page = wire::page(&text).map_err(unreadable)?;
            if page.rows.len() > ROWS_MAX {
                return Err(unreadable(format!("a page of {} rows", page.rows.len())));
            }
            steady &= total.is_none() || total == page.total_items;
            total = page.total_items.or(total);
            let (empty, last) = (page.rows.is_empty(), page.is_last(number));
            // Rows that came on top since the page before push its last ones onto this one: those are
            // skipped. Any other repetition is nothing that a list does.
            let mut overlaps = number > 0;
            for raw in page.rows {
                if list.rows.len() == newest {
                    return Ok(if steady { Pages::Steady(list) } else { Pages::Short(list) });
                }
                let again = wire::id_of(raw).is_some_and(|id| !seen.insert(id));
                overlaps &= again;
                match (again, overlaps) {
                    (false, _) => list.rows.push(raw.to_owned()),
                    (true, true) => steady = false,
                    (true, false) => return Ok(Pages::Repeated),
                }
            }
            if empty || last {
                list.whole = true;
                let all = total.is_none_or(|total| list.rows.len() >= total);
                return Ok(if steady && all { Pages::Steady(list) } else { Pages::Short(list) });
            }
        }
        Ok(Pages::Steady(list))
    }

    /// Sends a recorded write, once, and says what was read.
    pub(super) async fn write(&self, intent: &Intent) -> Sending {
        let Ok(key) = HeaderValue::from_str(&intent.idempotency_key()) else {
            return Sending::of(Answer::NotBuilt("the idempotency key is no header".to_owned()));
        };
        let mut headers = HeaderMap::from_iter([(HeaderName::from_static("idempotency"), key)]);
        if let Order::Bulk(order) = intent.order() {
            // The approval flag of a bulk travels as a header [doc].
            let flag = HeaderValue::from_static(if order.checker_approval { "true" } else { "false" });
            headers.insert(HeaderName::from_static("checker_approval"), flag);
            let kind = HeaderValue::from_str(&bulk::content_type(&intent.stamp()));
            headers.insert(CONTENT_TYPE, kind.expect("a UUID is visible ASCII"));
        }
        let written = match door::write(self, intent, headers).await {
            Ok(written) => written,
            Err(answer) => return Sending::of(answer),
        };
        let reading = match intent.order() {
            _ if !written.whole => Reading::Other,
            Order::Decision(_) => wire::read_decision(written.status, &written.body),
            Order::Movement(order) => {
                wire::read_movement(written.status, &written.body, order.amount.currency)
            }
            Order::Bulk(_) => bulk::read_answer(written.status, &written.body, true),
            Order::BulkDecision(_) => bulk::read_answer(written.status, &written.body, false),
            Order::Return(order) => wire::read_return(written.status, &written.body, order.amount.currency),
            Order::Manage(order) => manage::read(order, written.status, &written.body),
            // Of the other provider: nothing that this one answers is of them.
            Order::Cobru(_) | Order::Breb(_) => Reading::Other,
        };
        let retry_after = written.retry_after.map(whole_seconds);
        let answer = Answer::Status { status: written.status, retry_after, reading };
        Sending::answered(answer, written)
    }
}

impl Door for Cobre {
    const NAME: ProviderName = ProviderName::Cobre;

    fn http(&self) -> &Http {
        &self.http
    }

    fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    async fn sign_in(&self) -> Result<Grant, Failure> {
        auth::sign_in(&self.http, &self.user_id, &self.secret).await
    }

    fn headers(&self, lent: &Lent) -> HeaderMap {
        HeaderMap::from_iter([
            (ACCEPT, HeaderValue::from_static("application/json")),
            (AUTHORIZATION, lent.bearer.clone()),
        ])
    }

    fn refusal(body: &[u8]) -> Option<(Clean, Clean)> {
        wire::refusal(body)
    }

    fn lapsed(status: u16, _: &[u8]) -> bool {
        status == 401
    }
}

/// One reading of a list from its first page to its end.
enum Pages {
    Steady(Listing),
    /// It ended before all that it counts, or moved without losing a row that was read.
    Short(Listing),
    Repeated,
}

fn sensitive() -> (&'static str, String) {
    ("sensitive_data", "true".to_owned())
}

fn nested() -> (&'static str, String) {
    ("nested", "true".to_owned())
}
