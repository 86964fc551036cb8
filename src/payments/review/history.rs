//! What was paid before, indexed so that one payment is reviewed against a million in a moment.

use super::{Evidence, names, reference};
use crate::domain::account::Account;
use crate::domain::counterparty::Counterparty;
use crate::domain::money::{Currency, Money};
use crate::domain::movement::{Movement, MovementState};
use crate::domain::transaction::Transaction;
use crate::i18n::fold;
use crate::sanitize::Clean;
use crate::store::{Gap, OutboxEntry, State};
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// So many rows of one payee or reference are looked at, however many there are: enough for a habit.
const NEWEST: usize = 500;

/// Where a row of the history stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// This store's outbox.
    Outbox,
    /// A movement at the provider.
    Movement,
    /// A ledger entry.
    Transaction,
    Counterparty,
    /// A line of the same file.
    Line,
}

impl Place {
    /// As in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Outbox => "outbox",
            Self::Movement => "movement",
            Self::Transaction => "transaction",
            Self::Counterparty => "counterparty",
            Self::Line => "line",
        }
    }
}

/// One payment of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    pub place: Place,
    pub id: Clean,
    /// The movement's id, where the row has one: the same payment may stand in several places.
    pub movement: Option<String>,
    pub at: Timestamp,
    /// Positive: what left.
    pub amount: Money,
    /// `cp_…`, where it is known.
    pub destination: String,
    /// Account number, key or tag, where it is known.
    pub account: Clean,
    pub name: Clean,
    pub external_id: Option<String>,
    pub description: Clean,
    /// Sent or still open. What failed, was rejected or never left is no payment.
    pub live: bool,
}

impl Past {
    /// `None` where the write moves no money.
    pub fn of_entry(entry: &OutboxEntry) -> Option<Self> {
        if !entry.moves_money {
            return None;
        }
        let currency: Currency = entry.currency.as_deref()?.parse().ok()?;
        let paid_nobody =
            entry.provider_state.as_deref().is_some_and(|state| MovementState::read(state).paid_nobody());
        Some(Self {
            place: Place::Outbox,
            id: Clean::new(&entry.intent.to_string()),
            movement: entry.provider_id.clone(),
            at: entry.at,
            amount: Money::new(entry.amount_minor?, currency),
            destination: entry.destination.clone().unwrap_or_default(),
            account: Clean::default(),
            name: Clean::default(),
            external_id: entry.external_id.clone(),
            description: Clean::default(),
            live: !paid_nobody && !matches!(entry.state, State::NotSent | State::Rejected),
        })
    }

    pub fn of_movement(movement: &Movement) -> Self {
        Self {
            place: Place::Movement,
            id: Clean::new(movement.id.as_str()),
            movement: Some(movement.id.to_string()),
            at: movement.created_at,
            amount: movement.amount,
            destination: movement.destination.to_string(),
            account: movement.destination_account.clone(),
            name: movement.destination_name.clone(),
            external_id: movement.external_id.as_ref().map(ToString::to_string),
            description: movement.description.clone(),
            live: !movement.state.paid_nobody(),
        }
    }

    /// `None` for what came in.
    pub fn of_transaction(row: &Transaction) -> Option<Self> {
        let left = row.amount.checked_neg().ok().filter(|left| left.minor > 0)?;
        if row.counterparty.is_empty() {
            return None;
        }
        Some(Self {
            place: Place::Transaction,
            id: Clean::new(row.id.as_str()),
            movement: row.movement.as_ref().map(ToString::to_string),
            at: row.at,
            amount: left,
            destination: String::new(),
            account: Clean::default(),
            name: row.counterparty.clone(),
            external_id: None,
            description: row.description.clone(),
            live: true,
        })
    }

    pub fn evidence(&self) -> Evidence {
        Evidence {
            place: self.place,
            id: self.id.clone(),
            at: self.at,
            amount: Some(self.amount),
            who: self.name.clone(),
        }
    }
}

/// A counterparty as far as a review needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Payee {
    pub id: String,
    pub name: Clean,
    pub holder: Clean,
    pub document: String,
    pub account: Clean,
    pub created_at: Timestamp,
}

/// Everything known of before.
#[derive(Debug, Clone, Default)]
pub struct History {
    rows: Vec<Past>,
    /// By a hash of what is compared, oldest first: rows under it are compared again by whoever asks.
    index: HashMap<u64, Vec<u32>>,
    payees: HashMap<String, Payee>,
    /// Counterparties by document.
    people: HashMap<String, Vec<String>>,
    balances: HashMap<String, Money>,
    /// The time that the store knows nothing of, since it was restored from a copy.
    pub gap: Option<Gap>,
}

/// What rows are found by.
#[derive(Debug, Clone, Copy, Hash)]
pub(super) enum Key<'a> {
    Destination(&'a str),
    Account(&'a str),
    Name(&'a str),
    ExternalId(&'a str),
    Invoice(&'a str),
    Movement(&'a str),
}

fn hash(key: Key<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// `@Crojas` and `@crojas`, `123-456 789` and `123456789` are one account. Empty for what the provider
/// masks: stars tell nobody apart.
pub(in crate::payments) fn account_key(account: &Clean) -> Cow<'_, str> {
    if is_number(account) {
        return account.as_str().into();
    }
    if is_masked(account) {
        return "".into();
    }
    let folded = fold(account.as_str());
    folded.chars().filter(|letter| letter.is_alphanumeric() || "@+".contains(*letter)).collect()
}

/// Whether the provider shows only a part of it.
pub(super) fn is_masked(account: &Clean) -> bool {
    !is_number(account)
        && (account.as_str().contains(['*', '·', '•']) || account.as_str().to_lowercase().contains("xxx"))
}

/// Figures alone: most accounts.
fn is_number(account: &Clean) -> bool {
    account.as_str().bytes().all(|byte| byte.is_ascii_digit())
}

impl History {
    /// Every counterparty and balance as it is now.
    pub fn knowing<'a>(
        counterparties: impl IntoIterator<Item = &'a Counterparty>,
        accounts: impl IntoIterator<Item = &'a Account>,
    ) -> Self {
        let payees = counterparties.into_iter().map(|to| {
            let payee = Payee {
                id: to.id.to_string(),
                name: to.name.clone(),
                holder: to.holder.clone(),
                document: reference::normal(to.document.as_str()),
                account: to.destination.account.clone(),
                created_at: to.created_at,
            };
            (payee.id.clone(), payee)
        });
        let payees: HashMap<String, Payee> = payees.collect();
        let mut people: HashMap<String, Vec<String>> = HashMap::new();
        for payee in payees.values().filter(|payee| !payee.document.is_empty()) {
            people.entry(payee.document.clone()).or_default().push(payee.id.clone());
        }
        let balances = accounts.into_iter().map(|account| (account.id.to_string(), account.balance));
        Self { payees, people, balances: balances.collect(), ..Self::default() }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds one; see [`Self::extend`].
    pub fn add(&mut self, past: Past) {
        self.extend([past]);
    }

    /// The rows of a provider and of the store, in any order; what another place knows of a payment that is
    /// there already is added to it.
    pub fn extend(&mut self, rows: impl IntoIterator<Item = Past>) {
        let mut unsorted = HashSet::new();
        for past in rows {
            self.take(past, &mut unsorted);
        }
        let all = &self.rows;
        for key in unsorted {
            if let Some(rows) = self.index.get_mut(&key) {
                rows.sort_by_cached_key(|at| all.get(*at as usize).map(|past| past.at));
            }
        }
    }

    /// `unsorted` gets the lists of which `past` is not the newest.
    fn take(&mut self, mut past: Past, unsorted: &mut HashSet<u64>) {
        if let Some(payee) = self.payees.get(&past.destination) {
            // The outbox keeps the counterparty's id alone.
            if past.name.is_empty() {
                past.name = payee.name.clone();
            }
            if past.account.is_empty() {
                past.account = payee.account.clone();
            }
        }
        let there = past.movement.as_deref().and_then(|movement| self.row_of(movement));
        let Some(at) = there else {
            let Ok(at) = u32::try_from(self.rows.len()) else { return };
            self.enter(at, &past, true, unsorted);
            self.rows.push(past);
            return;
        };
        // Stays where it stood first; gaps are filled.
        let Some(row) = self.rows.get(at as usize) else { return };
        let mut merged = row.clone();
        let gap = |mine: &mut Clean, other: &Clean| {
            if mine.is_empty() {
                *mine = other.clone();
            }
        };
        gap(&mut merged.account, &past.account);
        gap(&mut merged.name, &past.name);
        gap(&mut merged.description, &past.description);
        if merged.destination.is_empty() {
            merged.destination = past.destination;
        }
        merged.external_id = merged.external_id.or(past.external_id);
        // The provider knows how it ended; the ledger says only that it left once.
        merged.live &= past.live;
        if merged != *row {
            self.enter(at, &merged, false, unsorted);
            if let Some(row) = self.rows.get_mut(at as usize) {
                *row = merged;
            }
        }
    }

    fn row_of(&self, movement: &str) -> Option<u32> {
        let rows = self.index.get(&hash(Key::Movement(movement)))?;
        rows.iter().copied().find(|at| {
            self.rows.get(*at as usize).is_some_and(|row| row.movement.as_deref() == Some(movement))
        })
    }

    fn enter(&mut self, at: u32, past: &Past, new: bool, unsorted: &mut HashSet<u64>) {
        let account = account_key(&past.account);
        let name = names::key(past.name.as_str());
        let external_id = past.external_id.as_deref().map(reference::normal).unwrap_or_default();
        let invoice = reference::invoice(past.description.as_str()).unwrap_or_default();
        let movement = past.movement.clone().unwrap_or_default();
        let keys = [
            (Key::Destination(&past.destination), past.destination.is_empty()),
            (Key::Account(&account), account.is_empty()),
            (Key::Name(&name), name.is_empty()),
            (Key::ExternalId(&external_id), external_id.is_empty()),
            (Key::Invoice(&invoice), invoice.is_empty()),
            (Key::Movement(&movement), movement.is_empty()),
        ];
        for (key, empty) in keys {
            if empty {
                continue;
            }
            let key = hash(key);
            let rows = self.index.entry(key).or_default();
            // A new row comes last: only one that is known already may stand anywhere.
            let last = rows.last().copied();
            if last == Some(at) || (!new && rows.contains(&at)) {
                continue;
            }
            if last.and_then(|last| self.rows.get(last as usize)).is_some_and(|last| last.at > past.at) {
                unsorted.insert(key);
            }
            rows.push(at);
        }
    }

    /// Rows under a key, newest first, and perhaps a few others with the same hash: the newest, and all since
    /// `since`.
    pub(super) fn under(&self, key: Key<'_>, since: Timestamp) -> impl Iterator<Item = &Past> {
        let rows = self.index.get(&hash(key)).map_or(&[][..], Vec::as_slice);
        let rows = rows.iter().rev().filter_map(|at| self.rows.get(*at as usize)).enumerate();
        rows.take_while(move |(n, past)| *n < NEWEST || past.at >= since).map(|(_, past)| past)
    }

    pub(super) fn payee(&self, id: &str) -> Option<&Payee> {
        self.payees.get(id)
    }

    /// Other counterparties of the same document: one person under several names.
    pub(super) fn same_person<'a>(&'a self, payee: &'a Payee) -> impl Iterator<Item = &'a str> {
        let others = self.people.get(&payee.document).into_iter().flatten();
        others.map(String::as_str).filter(|other| *other != payee.id)
    }

    pub(super) fn balance(&self, account: &str) -> Option<Money> {
        self.balances.get(account).copied()
    }
}
