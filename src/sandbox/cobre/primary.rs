//! A balance with a primary account forwards every credit to it (contract 3.7).

use serde_json::json;

use crate::sandbox::http::Reply;
use crate::sandbox::world::{Event, World};

use super::catalogue::Kind;
use super::fields::Fields;
use super::lifecycle;
use super::movements::{Batch, Party};
use super::refusal::{Answer, Refusal};
use super::routes::Ask;
use super::{CobreEvent, accounts, documents};

pub fn assign(world: &mut World, ask: &Ask) -> Answer {
    let (row, account) = accounts::find(world, ask.id(0)).ok_or_else(accounts::missing)?;
    let body = ask.body("G002")?;
    let wanted = Fields::new(&body, "G002").required_text("primary_account_id", 1, 64)?;
    let (primary, other) = accounts::find(world, wanted).ok_or_else(accounts::missing)?;
    let conflict = |text: &str| Err(Refusal::new("G004", text));
    if row == primary {
        return conflict("An account can not be its own primary");
    }
    if account.provider.geo != other.provider.geo || account.provider.currency != other.provider.currency {
        return conflict("Both accounts must have one geo and one currency");
    }
    if other.primary.is_some() || world.cobre.accounts.iter().any(|held| held.primary == Some(row)) {
        return conflict("A primary account can not have a primary account");
    }
    set(world, row, Some(primary));
    Ok(Reply::json(200, &accounts::view(world, row, true)))
}

pub fn unlink(world: &mut World, ask: &Ask) -> Answer {
    let (row, _) = accounts::find(world, ask.id(0)).ok_or_else(accounts::missing)?;
    set(world, row, None);
    Ok(Reply::json(200, &accounts::view(world, row, true)))
}

fn set(world: &mut World, row: u32, primary: Option<u32>) {
    let now = world.now;
    if let Some(account) = world.cobre.accounts.get_mut(row as usize) {
        (account.primary, account.updated_at) = (primary, now);
    }
}

/// A credit has come: it goes on, by an ordinary movement.
pub fn sweep(world: &mut World, transaction: u32) {
    let Some(found) = world.cobre.transactions.get(transaction as usize) else { return };
    // What came back from a movement of the sweep's own must not go round.
    let is_back = matches!(found.kind, Kind::MiscCredit | Kind::SpeiReturn | Kind::BrebRejected);
    let primary = world.cobre.accounts.get(found.account as usize).and_then(|account| account.primary);
    if primary.is_some() && !is_back {
        world.schedule(0, Event::Cobre(CobreEvent::Sweep(transaction)));
    }
}

pub fn due(world: &mut World, transaction: u32) {
    let Some(found) = world.cobre.transactions.get(transaction as usize) else { return };
    let (account, amount) = (found.account, found.amount);
    let Some(primary) = world.cobre.accounts.get(account as usize).and_then(|account| account.primary) else {
        return;
    };
    let body = documents::map(json!({"source_id": accounts::id(world, account), "amount": amount,
        "metadata": {"description": "Primary account sweep", "reference": "1"}}));
    if let Ok(draft) = lifecycle::read(world, Fields::new(&body, "MM001"), Some(Party::Account(primary))) {
        let creator = super::creator_row(world, "cobre");
        let row = lifecycle::make(world, draft, creator, false, None, Batch::None);
        lifecycle::start(world, row);
    }
}
