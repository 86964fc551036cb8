//! The client of Cobre: accounts, transactions, counterparties, movements and approvals
//! (contract: Cobre API §1–§7).
//!
//! - Amounts are whole minor units of their currency, also for COP [doc].
//! - 30 requests/s steady, bursts of 200 [doc?], shared by everything that this credential does.
//! - An idempotency key lives 24 h [doc]: past that it protects nothing.

mod auth;
mod bulk;
mod client;
mod convert;
mod find;
mod kept;
mod manage;
#[cfg(test)]
mod tests;
mod wire;

use super::http::{AccessError, Options};
use super::{Answered, Capabilities, Failure, Found, Like, Provider, Rows};
use crate::domain::ProviderName;
use crate::domain::account::{Account, AccountKind};
use crate::domain::approval::{Approval, Given};
use crate::domain::cobru::Cobru;
use crate::domain::counterparty::Counterparty;
use crate::domain::id::{AccountId, BulkId, CobruId, ExternalId, MovementId, VerificationId};
use crate::domain::key::BrebKey;
use crate::domain::movement::Movement;
use crate::domain::schedule::Schedule;
use crate::domain::transaction::Transaction;
use crate::domain::verification::Verification;
use crate::payments::intent::Stamp;
use crate::payments::{Intent, Order, Request, Wire};
use crate::store::{Fact, OutboxEntry, Stored};
use secrecy::SecretString;
use std::collections::HashMap;

pub use bulk::file_of;
pub use client::Cobre;

/// How to reach Cobre.
#[derive(Debug, Clone)]
pub struct Access {
    /// `https://api.cobre.co`, with or without `/v1`.
    pub base: String,
    /// `cli_…`: what it made, it can't approve.
    pub user_id: String,
    pub secret: SecretString,
    pub options: Options,
}

impl Cobre {
    pub fn new(access: Access) -> Result<Self, AccessError> {
        Self::open(access)
    }
}

impl Wire for Cobre {
    fn provider(&self) -> ProviderName {
        ProviderName::Cobre
    }

    fn host(&self) -> &str {
        self.authority()
    }

    fn request(&self, order: &Order, stamp: &Stamp) -> Request {
        wire::request(order, stamp)
    }
}

impl Provider for Cobre {
    fn capabilities(&self) -> Capabilities {
        Capabilities { movements: true, approvals: true, counterparties: true, cobrus: false }
    }

    async fn check(&self) -> Result<(), Failure> {
        self.signed_in().await
    }

    async fn forget(&self) {
        self.sign_out().await;
    }

    async fn accounts(&self) -> Result<Rows<Account>, Failure> {
        let list = self.list_accounts().await?;
        Ok(first_opened_first(super::json::collect(list.rows, list.whole, convert::account)))
    }

    async fn transactions(&self, newest: usize) -> Result<Rows<Transaction>, Failure> {
        let list = self.list_transactions(newest).await?;
        Ok(super::json::collect(list.rows, list.whole, convert::transaction))
    }

    async fn counterparties(&self) -> Result<Rows<Counterparty>, Failure> {
        let list = self.list_counterparties().await?;
        Ok(super::json::collect(list.rows, list.whole, convert::counterparty))
    }

    async fn approvals(&self) -> Result<Rows<Approval>, Failure> {
        let list = self.list_pending().await?;
        let mut waiting = super::json::collect(list.rows, list.whole, convert::approval);
        let singles = || waiting.rows.iter().any(|row| matches!(row, Approval::Single(_)));
        if singles() {
            // How many are there is told beside the queue; without it the queue holds all the same.
            match self.list_given().await {
                Ok(list) => {
                    let given: HashMap<String, Given> =
                        list.rows.iter().filter_map(|raw| convert::given(raw)).collect();
                    for row in &mut waiting.rows {
                        if let Approval::Single(movement) = row
                            && let Some(given) = given.get(movement.id.as_str())
                        {
                            movement.given = given.clone();
                        }
                    }
                }
                Err(failure) => tracing::warn!(%failure, "how many have approved can't be read"),
            }
        }
        Ok(waiting)
    }

    async fn keys(&self) -> Result<Rows<BrebKey>, Failure> {
        let accounts = self.accounts().await?;
        let has_keys =
            |row: &&Account| row.geo.as_str() == "col" && row.kind == AccountKind::Balance && row.connected;
        let ids: Vec<AccountId> = accounts.rows.iter().filter(has_keys).map(|row| row.id.clone()).collect();
        let list = self.list_keys(&ids).await?;
        Ok(super::json::collect(list.rows, list.whole, manage::key))
    }

    async fn schedules(&self) -> Result<Rows<Schedule>, Failure> {
        let list = self.list_schedules().await?;
        Ok(super::json::collect(list.rows, list.whole, manage::schedule))
    }

    async fn verification(&self, id: &VerificationId) -> Result<Verification, Failure> {
        let raw = self.read_verification(id).await?;
        let read = manage::verification(&raw).map_err(|why| Failure::Unreadable { why: why.to_string() })?;
        let verification = read.map(|read| read.row).filter(|row| row.id == *id);
        verification.ok_or_else(|| Failure::Unreadable { why: "another verification".to_owned() })
    }

    async fn named(&self, id: &ExternalId) -> Result<Rows<Movement>, Failure> {
        let list = self.list_movements(("external_id", id.to_string())).await?;
        // The filter may have been ignored.
        let rows = list.rows.into_iter().filter(|raw| convert::is_called(raw, id.as_str())).collect();
        Ok(super::json::collect(rows, list.whole, convert::movement))
    }

    async fn bulk_rows(&self, bulk: &BulkId) -> Result<Rows<Movement>, Failure> {
        let list = self.list_bulk(bulk).await?;
        // The filter may have been ignored: only its own rows count.
        Ok(super::json::collect(list.rows, list.whole, |raw| {
            Ok(convert::movement(raw)?.filter(|read| read.row.bulk.as_ref() == Some(bulk)))
        }))
    }

    async fn movement(&self, id: &MovementId) -> Result<Movement, Failure> {
        let raw = self.read_movement(id).await?;
        let read = convert::movement(&raw).map_err(|why| Failure::Unreadable { why: why.to_string() })?;
        let movement = read.map(|read| read.row).filter(|movement| movement.id == *id);
        movement.ok_or_else(|| Failure::Unreadable { why: "another movement than was asked for".to_owned() })
    }

    async fn cobrus(&self) -> Result<Rows<Cobru>, Failure> {
        Err(Failure::Unsupported)
    }

    async fn cobru(&self, _: &CobruId) -> Result<Cobru, Failure> {
        Err(Failure::Unsupported)
    }

    async fn movements_like(&self, like: Like<'_>, newest: usize) -> Result<Rows<Movement>, Failure> {
        let list = self.list_movements_like(like, newest).await?;
        Ok(super::json::collect(list.rows, list.whole, convert::movement))
    }

    async fn knows_external_id(&self, id: &ExternalId) -> Result<bool, Failure> {
        let list = self.list_movements(("external_id", id.to_string())).await?;
        let known = list.rows.iter().any(|raw| convert::is_called(raw, id.as_str()));
        if !known && !list.whole {
            return Err(Failure::Unreadable { why: "the list of movements was cut".to_owned() });
        }
        Ok(known)
    }

    async fn send(&self, intent: Stored<Intent>) -> Answered {
        let sending = self.write(&intent).await;
        let honours_key = wire::honours_key(intent.order());
        sending.spend(intent, honours_key)
    }

    async fn find_sent(&self, entry: &OutboxEntry) -> Result<Found, Failure> {
        find::find_sent(self, entry).await
    }

    fn accounts_from(&self, facts: &[Fact]) -> Rows<Account> {
        first_opened_first(super::json::collect_facts(facts, |fact| convert::account(&fact.raw)))
    }

    fn transactions_from(&self, facts: &[Fact]) -> Rows<Transaction> {
        super::json::collect_facts(facts, |fact| convert::transaction(&fact.raw))
    }

    fn counterparties_from(&self, facts: &[Fact]) -> Rows<Counterparty> {
        super::json::collect_facts(facts, |fact| convert::counterparty(&fact.raw))
    }

    fn approvals_from(&self, facts: &[Fact]) -> Rows<Approval> {
        super::json::collect_facts(facts, |fact| convert::approval(&fact.raw))
    }

    fn keys_from(&self, facts: &[Fact]) -> Rows<BrebKey> {
        super::json::collect_facts(facts, |fact| manage::key(&fact.raw))
    }

    fn schedules_from(&self, facts: &[Fact]) -> Rows<Schedule> {
        super::json::collect_facts(facts, |fact| manage::schedule(&fact.raw))
    }

    fn cobrus_from(&self, _: &[Fact]) -> Rows<Cobru> {
        Rows::default()
    }
}

/// Cobre and the store tell the newest first. The account that a company opened first is the one that it
/// works with.
fn first_opened_first(mut rows: Rows<Account>) -> Rows<Account> {
    rows.rows.reverse();
    rows
}
