//! Accounts and their balances (contract 3).

use serde::Serialize;
use serde_json::{Value, json};

use crate::sandbox::clock::Moment;
use crate::sandbox::http::{Call, Reply};
use crate::sandbox::ledger::{AccountIx, Provider};
use crate::sandbox::world::World;

use super::catalogue::{AccountProvider, Geo};
use super::lists;
use super::mask;
use super::refusal::{Answer, Refusal};
use super::routes::Ask;

#[derive(Debug, Clone)]
pub struct Account {
    pub ledger: AccountIx,
    pub provider: &'static AccountProvider,
    pub alias: String,
    pub tags: Vec<String>,
    /// A CLABE in Mexico, a tag (`@…`) elsewhere.
    pub number: String,
    /// `connected`, `closed`, … (contract 3.2).
    pub status: &'static str,
    pub created_at: Moment,
    pub updated_at: Moment,
    /// Shown on top of what the ledger holds: a story's broken figure, never money.
    pub drift: i64,
    /// `cobre_balance`, `clabe`, or a bank's `cc` and `ch`.
    pub kind: &'static str,
    /// Where every credit goes on to.
    pub primary: Option<u32>,
    /// Chains and addresses of a Global balance, once they are linked.
    pub wallets: Vec<(&'static str, String)>,
    /// The rows of its transactions, oldest first.
    pub transactions: Vec<u32>,
}

impl Account {
    pub const fn is_clabe(&self) -> bool {
        matches!(self.provider.geo, Geo::Mex)
    }

    pub fn is_open(&self) -> bool {
        self.status != "closed"
    }
}

#[derive(Debug, Serialize)]
pub struct View {
    id: String,
    provider_id: &'static str,
    provider_name: &'static str,
    connectivity: Value,
    alias: String,
    metadata: Value,
    account_number: String,
    account_type: &'static str,
    obtained_balance: i64,
    obtained_balance_at: Moment,
    geo: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_methods: Option<Value>,
    tags: Vec<String>,
    currency: String,
    created_at: Moment,
    updated_at: Moment,
}

pub fn id(world: &World, row: u32) -> String {
    world.ids.make("acc_", 10, row)
}

pub fn find<'a>(world: &'a World, id: &str) -> Option<(u32, &'a Account)> {
    let row = world.ids.row("acc_", 10, id)?;
    world.cobre.accounts.get(row as usize).map(|account| (row, account))
}

pub fn missing() -> Refusal {
    Refusal::new("ACC001", "Account not found")
}

/// Opens a balance with nothing in it.
pub fn open(world: &mut World, provider: &'static AccountProvider, alias: &str, number: &str) -> u32 {
    let row = u32::try_from(world.cobre.accounts.len()).expect("accounts are few");
    let ledger = world.ledger.open(&id(world, row), Provider::Cobre, alias, provider.currency);
    world.cobre.accounts.push(Account {
        ledger,
        provider,
        alias: alias.to_owned(),
        tags: Vec::new(),
        number: number.to_owned(),
        status: "connected",
        created_at: world.now,
        updated_at: world.now,
        drift: 0,
        kind: if matches!(provider.geo, Geo::Mex) { "clabe" } else { "cobre_balance" },
        primary: None,
        wallets: Vec::new(),
        transactions: Vec::new(),
    });
    row
}

pub fn view(world: &World, row: u32, sensitive: bool) -> Option<View> {
    let account = world.cobre.accounts.get(row as usize)?;
    let number = if sensitive { account.number.clone() } else { mask(&account.number) };
    let mut metadata = json!({"available_services": ["mm_push_from_account"], "primary_account": account.primary.map(|row| id(world, row))});
    if let (false, Some(fields)) = (account.wallets.is_empty(), metadata.as_object_mut()) {
        let wallets =
            account.wallets.iter().map(|(chain, address)| json!({"chain": chain, "address": address}));
        fields.insert("wallets".to_owned(), wallets.collect());
    }
    if let ("cobre_balance", Some(fields)) = (account.kind, metadata.as_object_mut()) {
        fields.insert("cobre_tag".to_owned(), Value::from(number.clone()));
    }
    Some(View {
        id: id(world, row),
        provider_id: account.provider.id,
        provider_name: account.provider.name,
        connectivity: json!({"status": account.status, "description": ""}),
        alias: account.alias.clone(),
        metadata,
        account_number: number,
        account_type: account.kind,
        obtained_balance: world.ledger.balance(account.ledger).saturating_add(account.drift),
        // A Cobre Balance is the live ledger (contract 3.3); a bank is asked every quarter of an hour.
        obtained_balance_at: if account.provider.balance {
            world.now
        } else {
            let quarters = world.now.millis_since(account.created_at).div_euclid(900_000);
            account.created_at.plus_millis(quarters.saturating_mul(900_000))
        },
        geo: account.provider.geo.name(),
        payment_methods: (account.provider.geo == Geo::Usa)
            .then(|| json!({"aba_routing_number": "021000021", "account_number": account.number})),
        tags: account.tags.clone(),
        currency: account.provider.currency.code().to_lowercase(),
        created_at: account.created_at,
        updated_at: account.updated_at,
    })
}

fn wanted(call: &Call, account: &Account) -> bool {
    lists::is(call, "alias", &account.alias)
        && lists::is(call, "provider_id", account.provider.id)
        && lists::is(call, "geo", account.provider.geo.name())
        && lists::is(call, "currency", account.provider.currency.code())
        && lists::is(call, "account_number", &account.number)
        && lists::is(call, "connectivity_status", account.status)
        && call
            .param("tags")
            .is_none_or(|tags| tags.split(',').all(|tag| account.tags.iter().any(|held| held == tag)))
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let rows = world.cobre.accounts.iter().enumerate().rev().filter(|(_, account)| wanted(ask.call, account));
    let mut rows: Vec<u32> = rows.filter_map(|(row, _)| u32::try_from(row).ok()).collect();
    let created_at = |row: &u32| world.cobre.accounts.get(*row as usize).map(|account| account.created_at);
    rows.sort_by_key(|row| std::cmp::Reverse(created_at(row)));
    lists::small(ask.call, &world.settings, rows.iter(), |row| view(world, *row, ask.sensitive()))
}

pub fn get(world: &mut World, ask: &Ask) -> Answer {
    let (row, _) = find(world, ask.id(0)).ok_or_else(missing)?;
    Ok(Reply::json(200, &view(world, row, ask.sensitive())))
}
