//! Opening, connecting, changing and closing accounts (contract 3.2, 3.4, 14).

use serde_json::{Value, json};

use crate::sandbox::http::Reply;
use crate::sandbox::world::{Event, World};

use super::catalogue::{AccountProvider, Geo, Kind};
use super::fields::{Fields, texted};
use super::refusal::{Answer, Refusal};
use super::routes::Ask;
use super::transactions::{self, Entry, NONE};
use super::{CobreEvent, accounts, cast, events};

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("ACC004")?;
    let fields = Fields::new(&body, "ACC004");
    let provider = fields.required_text("provider_id", 1, 64)?;
    let provider =
        AccountProvider::find(provider).ok_or_else(|| Refusal::new("ACC002", "provider_id is not known"))?;
    let action = fields.required_text("action", 1, 32)?;
    if action != if provider.balance { "create" } else { "connect" } {
        return Err(Refusal::new("ACC005", "action does not fit the provider"));
    }
    let metadata = fields.object("metadata")?;
    // An older program sends the alias inside metadata [code].
    let alias = match fields.text("alias", 1, 100)? {
        None => metadata.and_then(|metadata| metadata.get("alias")?.as_str()),
        Some(alias) => Some(alias),
    };
    let alias = alias.ok_or_else(|| fields.refuse("alias is required"))?;
    let tags = fields.texts("tags")?.unwrap_or_default();
    let n = u32::try_from(world.cobre.accounts.len()).unwrap_or(0);
    let mut account_type = "ch";
    let number = if provider.balance {
        match provider.geo {
            Geo::Mex => cast::clabe("646180", n.saturating_add(70_000)),
            Geo::Usa => format!("9{}", cast::digits(n, 9)),
            Geo::Col | Geo::Global => format!("@andin{:05}", n.saturating_mul(7).saturating_add(100)),
        }
    } else {
        let metadata = metadata.ok_or_else(|| fields.refuse("metadata is required"))?;
        let number = metadata.get("account_number").map(texted);
        let number = number.as_ref().and_then(Value::as_str).filter(|number| !number.is_empty());
        let number = number.ok_or_else(|| fields.refuse("metadata.account_number is required"))?.to_owned();
        let kind = fields.get("account_type").or_else(|| metadata.get("account_type"));
        let fits: &[&str] = if provider.geo == Geo::Mex { &["clabe"] } else { &["cc", "ch"] };
        if !kind.and_then(Value::as_str).is_some_and(|kind| fits.contains(&kind)) {
            return Err(Refusal::new("ACC003", "account_type is not valid"));
        }
        account_type =
            kind.and_then(Value::as_str).map_or("ch", |kind| if kind == "cc" { "cc" } else { "ch" });
        number
    };
    let row = accounts::open(world, provider, alias, &number);
    if let Some(account) = world.cobre.accounts.get_mut(row as usize) {
        account.tags = tags;
        if !provider.balance {
            account.status = "processing";
            if provider.geo == Geo::Col {
                account.kind = account_type;
            }
        }
    }
    if !provider.balance {
        world.schedule(2_000, Event::Cobre(CobreEvent::Connected(row)));
    } else if provider.geo == Geo::Global {
        world.schedule(2_000, Event::Cobre(CobreEvent::Wallets(row)));
    }
    Ok(Reply::json(201, &accounts::view(world, row, true)))
}

/// A bank account is read for the first time: what it holds comes in as one opening row, and thirty
/// days of statement rows.
pub fn connected(world: &mut World, row: u32) {
    let Some(account) = world.cobre.accounts.get_mut(row as usize) else { return };
    if account.status != "processing" {
        return;
    }
    account.status = "connected";
    let (geo, currency) = (account.provider.geo, account.provider.currency);
    let outside = world.outside("connect", currency);
    let credit = if geo == Geo::Mex { Kind::SpeiCredit } else { Kind::ColCredit };
    for n in 0..30u32 {
        let sender = row.saturating_mul(1000).saturating_add(n);
        let amount = i64::from(n % 7).saturating_mul(1_250_000).saturating_add(5_000_000);
        let entry = Entry { sender, ..Entry::of_movement(row, credit, amount, NONE) };
        if let Err(error) = transactions::enter(world, entry, outside) {
            tracing::warn!(%error, "a statement row could not be entered");
        }
    }
    if let Some(account) = world.cobre.accounts.get_mut(row as usize) {
        account.updated_at = world.now;
    }
    world.schedule(STATEMENT_MS, Event::Cobre(CobreEvent::Statement(row)));
}

/// A Global balance gets its addresses, and whoever listens is told (contract 3.2).
pub fn link_wallets(world: &mut World, row: u32) {
    let now = world.now;
    if let Some(account) = world.cobre.accounts.get_mut(row as usize) {
        account.wallets = cast::wallets(row);
        account.updated_at = now;
    }
    let id = accounts::id(world, row);
    events::emit(world, "accounts.linked_wallets.created", &id, |world| {
        json!(accounts::view(world, row, true))
    });
}

/// How often a row comes in at a connected bank account, in milliseconds of the sandbox's clock [inf].
const STATEMENT_MS: i64 = 6 * 3_600_000;

/// A new row of a connected account's statement: three that come in, then one that goes out.
pub fn statement(world: &mut World, row: u32) {
    let Some(account) = world.cobre.accounts.get(row as usize).filter(|account| account.is_open()) else {
        return;
    };
    let (geo, currency, count) =
        (account.provider.geo, account.provider.currency, account.transactions.len());
    let n = u32::try_from(count).unwrap_or(u32::MAX);
    let (credit, debit) = match geo {
        Geo::Mex => (Kind::SpeiCredit, Kind::SpeiDebit),
        _ => (Kind::ColCredit, Kind::ColDebit),
    };
    let amount = i64::from(n % 11).saturating_mul(731_500).saturating_add(1_250_000);
    let (kind, amount) = if n % 4 == 3 { (debit, amount.saturating_neg()) } else { (credit, amount) };
    let outside = world.outside("connect", currency);
    let sender = row.saturating_mul(1000).saturating_add(n);
    let entry = Entry { sender, ..Entry::of_movement(row, kind, amount, NONE) };
    if let Err(error) = transactions::enter(world, entry, outside) {
        tracing::warn!(%error, "a statement row could not be entered");
    }
    world.schedule(STATEMENT_MS, Event::Cobre(CobreEvent::Statement(row)));
}

pub fn change(world: &mut World, ask: &Ask) -> Answer {
    let (row, _) = accounts::find(world, ask.id(0)).ok_or_else(accounts::missing)?;
    let body = ask.body("ACC004")?;
    let fields = Fields::new(&body, "ACC004");
    let (alias, tags) = (fields.text("alias", 1, 100)?.map(str::to_owned), fields.texts("tags")?);
    fields.object("metadata")?;
    let now = world.now;
    if let Some(account) = world.cobre.accounts.get_mut(row as usize) {
        account.updated_at = now;
        if let Some(tags) = tags {
            account.tags = tags;
        }
        if let Some(alias) = alias {
            world.ledger.rename(account.ledger, &alias);
            account.alias = alias;
        }
    }
    Ok(Reply::json(200, &accounts::view(world, row, true)))
}

/// Mexican balances only, and only when they are empty [inf].
pub fn close(world: &mut World, ask: &Ask) -> Answer {
    let (row, account) = accounts::find(world, ask.id(0)).ok_or_else(accounts::missing)?;
    let conflict = |text: &str| Err(Refusal::new("G004", text));
    if account.provider.geo != Geo::Mex || !account.provider.balance {
        return conflict("Accounts of this provider can not be closed");
    }
    if !account.is_open() {
        return conflict("The account is closed");
    }
    if world.ledger.balance(account.ledger) != 0 {
        return conflict("The balance must be 0");
    }
    let now = world.now;
    if let Some(account) = world.cobre.accounts.get_mut(row as usize) {
        (account.status, account.updated_at) = ("closed", now);
    }
    Ok(Reply::empty(204))
}
