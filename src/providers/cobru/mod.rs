//! The client of Cobru: its balance, what came and went, cobrus and their Bre-B orders
//! (contract: Cobru API §2–§7, §14).
//!
//! - Amounts are pesos with up to two decimals, written as numbers and read in any form [doc].
//! - An idempotency key is refused when it is repeated, not replayed [doc·st]: nothing relies on it.
//! - No rate limit is documented: lists are read in pages of 50, the newest few hundred rows of each.

mod auth;
mod client;
mod convert;
mod error;
mod find;
mod order;
#[cfg(test)]
mod tests;
mod wire;

use super::http::{AccessError, Options};
use super::json::{collect, collect_facts};
use super::{Answered, Capabilities, Failure, Found, Like, Provider, Rows};
use crate::domain::ProviderName;
use crate::domain::account::Account;
use crate::domain::approval::Approval;
use crate::domain::cobru::Cobru as Link;
use crate::domain::counterparty::Counterparty;
use crate::domain::id::{BulkId, CobruId, ExternalId, MovementId};
use crate::domain::movement::Movement;
use crate::domain::transaction::Transaction;
use crate::payments::intent::Stamp;
use crate::payments::{Intent, Order, Request, Wire};
use crate::store::{Fact, OutboxEntry, Stored};
use secrecy::SecretString;

pub use client::Cobru;

/// How to reach Cobru.
#[derive(Debug, Clone)]
pub struct Access {
    /// `https://prod.cobru.co`.
    pub api_base: String,
    /// Where a payer's page is: after paying, the payer is sent back there.
    pub link_base: String,
    /// `x-api-key`.
    pub api_key: SecretString,
    /// The long-lived refresh token.
    pub refresh: SecretString,
    /// Where Cobru calls when a cobru is paid. The desk polls and needs no call, yet the field is
    /// required [doc]: `None` names a host that cannot exist, so that no payer's data goes anywhere.
    pub callback: Option<String>,
    pub options: Options,
}

impl Cobru {
    pub fn new(access: Access) -> Result<Self, AccessError> {
        Self::open(access)
    }
}

impl Wire for Cobru {
    fn provider(&self) -> ProviderName {
        ProviderName::Cobru
    }

    fn host(&self) -> &str {
        self.authority()
    }

    fn request(&self, order: &Order, stamp: &Stamp) -> Request {
        wire::request(order, stamp, self.places())
    }
}

impl Provider for Cobru {
    fn capabilities(&self) -> Capabilities {
        Capabilities { movements: false, approvals: false, counterparties: false, cobrus: true }
    }

    async fn check(&self) -> Result<(), Failure> {
        self.signed_in().await
    }

    async fn forget(&self) {
        self.sign_out().await;
    }

    async fn accounts(&self) -> Result<Rows<Account>, Failure> {
        let (raw, at) = self.read_balance().await?;
        let mut rows = collect(vec![raw], true, |raw| convert::balance(raw, at));
        for fact in &mut rows.facts {
            fact.at = at.as_millisecond();
        }
        Ok(rows)
    }

    async fn transactions(&self, newest: usize) -> Result<Rows<Transaction>, Failure> {
        let (paid, withdrawn) = (self.list_cobrus(newest).await?, self.list_withdrawals(newest).await?);
        let whole = paid.whole && withdrawn.whole;
        let raws: Vec<String> = paid.rows.into_iter().chain(withdrawn.rows).collect();
        // What was given back changes nothing any more, but its fact must not stay as it was before.
        let undone: Vec<Fact> = raws.iter().filter_map(|raw| convert::undone(raw)).collect();
        let mut rows = collect(raws, whole, convert::transaction);
        rows.facts.extend(undone);
        rows.rows.sort_by_key(|row| std::cmp::Reverse(row.at));
        if rows.rows.len() > newest {
            rows.rows.truncate(newest);
            rows.whole = false;
        }
        Ok(rows)
    }

    async fn counterparties(&self) -> Result<Rows<Counterparty>, Failure> {
        Err(Failure::Unsupported)
    }

    async fn approvals(&self) -> Result<Rows<Approval>, Failure> {
        Err(Failure::Unsupported)
    }

    async fn bulk_rows(&self, _: &BulkId) -> Result<Rows<Movement>, Failure> {
        Err(Failure::Unsupported)
    }

    async fn movement(&self, _: &MovementId) -> Result<Movement, Failure> {
        Err(Failure::Unsupported)
    }

    async fn cobrus(&self) -> Result<Rows<Link>, Failure> {
        let list = self.list_cobrus(usize::MAX).await?;
        Ok(collect(list.rows, list.whole, convert::cobru))
    }

    async fn cobru(&self, id: &CobruId) -> Result<Link, Failure> {
        let (raw, _) = self.read_cobru(id).await?;
        let read = convert::cobru(&raw).map_err(|why| Failure::Unreadable { why: why.to_string() })?;
        let cobru = read.map(|read| read.row).filter(|cobru| cobru.id == *id);
        cobru.ok_or_else(|| Failure::Unreadable { why: "another cobru than was asked for".to_owned() })
    }

    async fn movements_like(&self, _: Like<'_>, _: usize) -> Result<Rows<Movement>, Failure> {
        Err(Failure::Unsupported)
    }

    async fn knows_external_id(&self, _: &ExternalId) -> Result<bool, Failure> {
        Ok(false)
    }

    async fn send(&self, intent: Stored<Intent>) -> Answered {
        let sending = self.write(&intent).await;
        // Cobru has a field for the key, and says of no write that it keeps it.
        sending.spend(intent, false)
    }

    async fn find_sent(&self, entry: &OutboxEntry) -> Result<Found, Failure> {
        find::find_sent(self, entry).await
    }

    fn accounts_from(&self, facts: &[Fact]) -> Rows<Account> {
        collect_facts(facts, |fact| {
            let at = jiff::Timestamp::from_millisecond(fact.at);
            convert::balance(&fact.raw, at.map_err(|_| super::json::Bad("no moment"))?)
        })
    }

    fn transactions_from(&self, facts: &[Fact]) -> Rows<Transaction> {
        let mut rows = collect_facts(facts, |fact| convert::transaction(&fact.raw));
        rows.rows.sort_by_key(|row| std::cmp::Reverse(row.at));
        rows
    }

    fn counterparties_from(&self, _: &[Fact]) -> Rows<Counterparty> {
        Rows::default()
    }

    fn approvals_from(&self, _: &[Fact]) -> Rows<Approval> {
        Rows::default()
    }

    fn cobrus_from(&self, facts: &[Fact]) -> Rows<Link> {
        collect_facts(facts, |fact| convert::cobru(&fact.raw))
    }
}
