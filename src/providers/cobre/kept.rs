//! Looking for what an unknown write to counterparties, keys, schedules or verifications may have done:
//! each in its own list, made after the send (RELIABILITY, "Settling an Unknown"). Only reads.

use super::client::{Cobre, Listing};
use super::find::{found, not_before};
use super::{convert, manage};
use crate::domain::id::{AccountId, CounterpartyId, KeyId};
use crate::domain::key::KeyState;
use crate::payments::manage::identity;
use crate::providers::json::Read;
use crate::providers::{Failure, Found, Match};
use crate::sanitize::Clean;
use crate::store::OutboxEntry;
use jiff::Timestamp;

fn one(id: &str, state: &str, same: bool) -> Match {
    Match { provider_id: Clean::new(id), state: Clean::new(state), same, by_another: false }
}

/// The rows made after the send that `read` takes for ours: `Some(same)`. A row that can't be read
/// leaves the look open.
fn search<T>(
    found: &mut Found,
    list: &Listing,
    entry: &OutboxEntry,
    convert: impl Fn(&str) -> convert::Converted<T>,
    is_ours: impl Fn(&T) -> Option<(bool, String)>,
) {
    for raw in &list.rows {
        match convert(raw) {
            Ok(Some(Read { id, at, row })) => {
                let made = Timestamp::from_millisecond(at).unwrap_or(Timestamp::MAX);
                if let Some((same, state)) = is_ours(&row).filter(|_| not_before(made, entry)) {
                    found.matches.push(one(&id, &state, same));
                }
            }
            Ok(None) => {}
            Err(_) => {
                found.whole = false;
                "row_unreadable".clone_into(&mut found.note);
            }
        }
    }
}

/// By its alias and account.
pub async fn counterparty(cobre: &Cobre, entry: &OutboxEntry) -> Result<Found, Failure> {
    let Some(alias) = entry.subject.as_deref() else { return Err(Failure::Unsupported) };
    let list = cobre.list_counterparties().await?;
    let mut found = found(cobre, &list);
    search(&mut found, &list, entry, convert::counterparty, |row| {
        let to = &row.destination;
        let identity = identity(to.geo.as_str(), to.kind.as_str(), to.account.as_str());
        let same = Some(identity.as_str()) == entry.shown_hash.as_deref();
        // Of another account, it is somebody else's of the same name, unless its account is hidden.
        let hidden = to.account.as_str().contains('*');
        (row.name.as_str() == Clean::new(alias).as_str() && (same || hidden)).then(|| (same, String::new()))
    });
    Ok(found)
}

/// Gone is done: nobody is deleted twice.
pub async fn deleted(cobre: &Cobre, entry: &OutboxEntry) -> Result<Found, Failure> {
    let id = entry.subject.as_deref().and_then(|id| CounterpartyId::new(id).ok());
    let Some(id) = id else { return Err(Failure::Unsupported) };
    let matches = match cobre.read_counterparty(&id).await {
        Ok(_) => Vec::new(),
        Err(Failure::NotFound) => vec![one(id.as_str(), "deleted", true)],
        Err(failure) => return Err(failure),
    };
    Ok(now(cobre, matches))
}

/// What one read of one thing says.
fn now(cobre: &Cobre, matches: Vec<Match>) -> Found {
    Found { whole: true, at: cobre.now(), matches, note: String::new() }
}

pub async fn verification(cobre: &Cobre, entry: &OutboxEntry) -> Result<Found, Failure> {
    let Some(account) = entry.subject.as_deref() else { return Err(Failure::Unsupported) };
    let list = cobre.list_verifications().await?;
    let mut found = found(cobre, &list);
    search(&mut found, &list, entry, manage::verification, |row| {
        (row.account.as_str() == Clean::new(account).as_str()).then(|| (true, String::new()))
    });
    Ok(found)
}

fn account_of(entry: &OutboxEntry) -> Result<AccountId, Failure> {
    entry.source.as_deref().and_then(|id| AccountId::new(id).ok()).ok_or(Failure::Unsupported)
}

pub async fn key(cobre: &Cobre, entry: &OutboxEntry) -> Result<Found, Failure> {
    let Some(alias) = entry.subject.as_deref() else { return Err(Failure::Unsupported) };
    let list = cobre.list_keys_of(&account_of(entry)?).await?;
    let mut found = found(cobre, &list);
    search(&mut found, &list, entry, manage::key, |row| {
        (row.alias.as_str() == Clean::new(alias).as_str()).then(|| (true, row.state.code().to_owned()))
    });
    Ok(found)
}

/// The change comes later than the answer [doc]: that it was asked for is what was asked.
pub async fn changed_key(cobre: &Cobre, entry: &OutboxEntry) -> Result<Found, Failure> {
    let id = entry.subject.as_deref().and_then(|id| KeyId::new(id).ok());
    let Some(id) = id else { return Err(Failure::Unsupported) };
    let raw = cobre.read_key(&account_of(entry)?, &id).await?;
    let read = manage::key(&raw).map_err(|why| Failure::Unreadable { why: why.to_string() })?;
    let Some(key) = read.map(|read| read.row) else { return Err(Failure::NotFound) };
    let (asked, state) = (key.asked.as_str(), &key.state);
    let done = match entry.action.as_str() {
        "disable_key" => asked == "disable" || *state == KeyState::Disabled,
        "enable_key" => asked == "enable" || *state == KeyState::Registered,
        _ => *state == KeyState::Unregistered,
    };
    Ok(now(cobre, if done { vec![one(id.as_str(), state.code(), true)] } else { Vec::new() }))
}

pub async fn schedule(cobre: &Cobre, entry: &OutboxEntry) -> Result<Found, Failure> {
    let list = cobre.list_schedules().await?;
    let mut found = found(cobre, &list);
    search(&mut found, &list, entry, manage::schedule, |row| {
        let sources: Vec<&str> = row.sources.iter().map(AccountId::as_str).collect();
        let same = Some(row.pattern.as_str()) == entry.subject.as_deref()
            && Some(row.destination.as_str()) == entry.destination.as_deref()
            && Some(sources.join(",").as_str()) == entry.source.as_deref()
            && Some(row.amount_minor) == entry.amount_minor;
        same.then(|| (true, if row.active { "active" } else { "canceled" }.to_owned()))
    });
    Ok(found)
}

pub async fn canceled(cobre: &Cobre, entry: &OutboxEntry) -> Result<Found, Failure> {
    let Some(id) = entry.subject.as_deref() else { return Err(Failure::Unsupported) };
    let list = cobre.list_schedules().await?;
    let mut found = found(cobre, &list);
    let rows = list.rows.iter().filter_map(|raw| manage::schedule(raw).ok().flatten());
    match rows.map(|read| read.row).find(|row| row.id.as_str() == id) {
        Some(row) if row.active => {}
        Some(_) => found.matches.push(one(id, "canceled", true)),
        // Neither running nor canceled: a person looks.
        None => {
            found.whole = false;
            "not_listed".clone_into(&mut found.note);
        }
    }
    Ok(found)
}
