//! What was paid before, indexed so that one payment is reviewed against a million in a moment.

use super::{Evidence, Payment, names, reference};
use crate::domain::account::Account;
use crate::domain::counterparty::Counterparty;
use crate::domain::money::{Currency, Money};
use crate::domain::movement::{Movement, MovementState};
use crate::domain::transaction::Transaction;
use crate::i18n::fold;
use crate::payments::payee;
use crate::sanitize::Clean;
use crate::store::{Gap, OutboxEntry, Pays, State};
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::HashMap;

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
    pub movement: Option<Clean>,
    pub at: Timestamp,
    /// Positive: what left.
    pub amount: Money,
    /// `cp_…`, where it is known.
    pub destination: Clean,
    /// Account number, key or tag, where it is known.
    pub account: Clean,
    pub name: Clean,
    pub external_id: Option<Clean>,
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
            movement: entry.provider_id.as_deref().map(Clean::new),
            at: entry.at,
            amount: Money::new(entry.amount_minor?, currency),
            destination: entry.destination.as_deref().map(Clean::new).unwrap_or_default(),
            account: Clean::default(),
            name: Clean::default(),
            external_id: entry.external_id.as_deref().map(Clean::new),
            description: Clean::default(),
            live: !paid_nobody && !matches!(entry.state, State::NotSent | State::Rejected),
        })
    }

    /// A row of the bulk that `entry` sent.
    pub fn of_row(entry: &OutboxEntry, row: &Pays) -> Option<Self> {
        let currency: Currency = entry.currency.as_deref()?.parse().ok()?;
        Some(Self {
            movement: None,
            amount: Money::new(row.amount_minor, currency),
            destination: Clean::new(&row.to),
            account: Clean::new(&row.account),
            external_id: None,
            ..Self::of_entry(entry)?
        })
    }

    pub fn of_movement(movement: &Movement) -> Self {
        Self {
            place: Place::Movement,
            id: movement.id.clean().clone(),
            movement: Some(movement.id.clean().clone()),
            at: movement.created_at,
            amount: movement.amount,
            destination: movement.destination.clone(),
            account: movement.destination_account.clone(),
            name: movement.destination_name.clone(),
            external_id: movement.external_id.as_ref().map(|id| id.clean().clone()),
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
            id: row.id.clean().clone(),
            movement: row.movement.as_ref().map(|id| id.clean().clone()),
            at: row.at,
            amount: left,
            destination: Clean::default(),
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

/// What is compared (an account, a name), as a number: the same within a history has the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number(u32);

impl Number {
    /// Of nothing.
    const NONE: Self = Self(0);
    /// Of what no row has.
    const STRANGE: Self = Self(u32::MAX);

    pub(super) fn is_none(self) -> bool {
        self == Self::NONE
    }

    fn place(self) -> Option<usize> {
        usize::try_from(self.0.checked_sub(1)?).ok()
    }
}

/// Everything of one kind that is compared, and the rows that have it.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    numbers: HashMap<Box<str>, Number>,
    /// By number, oldest first.
    rows: Vec<Vec<u32>>,
    /// Those of which a row was entered that is not the newest.
    unsorted: Vec<Number>,
}

impl Index {
    /// As it is compared with the rows'.
    pub(super) fn find(&self, text: &str) -> Number {
        if text.is_empty() {
            return Number::NONE;
        }
        self.numbers.get(text).copied().unwrap_or(Number::STRANGE)
    }

    fn number(&mut self, text: &str) -> Number {
        let found = self.find(text);
        if found != Number::STRANGE {
            return found;
        }
        self.rows.push(Vec::new());
        let new = u32::try_from(self.rows.len()).map_or(Number::STRANGE, Number);
        self.numbers.insert(text.into(), new);
        new
    }

    pub(super) fn rows(&self, number: Number) -> &[u32] {
        number.place().and_then(|place| self.rows.get(place)).map_or(&[], Vec::as_slice)
    }

    /// `at` is the place of `past` among `all`; a new one stands there after this.
    fn enter(&mut self, text: &str, at: u32, past: &Past, new: bool, all: &[Row]) -> Number {
        let number = self.number(text);
        let Some(rows) = number.place().and_then(|place| self.rows.get_mut(place)) else { return number };
        // A new row comes last: only one that is known already may stand anywhere.
        let last = rows.last().copied();
        if last == Some(at) || (!new && rows.contains(&at)) {
            return number;
        }
        let newest = last.and_then(|last| all.get(last as usize));
        if newest.is_some_and(|newest| newest.past.at > past.at) {
            self.unsorted.push(number);
        }
        rows.push(at);
        number
    }

    fn sort(&mut self, all: &[Row]) {
        self.unsorted.sort_unstable_by_key(|number| number.0);
        self.unsorted.dedup();
        for number in self.unsorted.drain(..) {
            if let Some(rows) = number.place().and_then(|place| self.rows.get_mut(place)) {
                rows.sort_by_cached_key(|at| all.get(*at as usize).map(|row| row.past.at));
            }
        }
    }
}

/// What rows are found by.
#[derive(Debug, Clone, Default)]
pub(super) struct By {
    pub destinations: Index,
    pub accounts: Index,
    pub names: Index,
    pub external_ids: Index,
    pub invoices: Index,
    movements: Index,
}

/// A payment of the past, and by what it is compared.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub past: Past,
    pub account: Number,
    pub name: Number,
}

/// A counterparty as far as a review needs it.
#[derive(Debug, Clone)]
pub(super) struct Payee {
    pub id: Clean,
    pub name: Clean,
    pub holder: Clean,
    document: String,
    account: Clean,
    pub created_at: Timestamp,
    numbers: Numbers,
}

#[derive(Debug, Clone, Copy)]
struct Numbers {
    id: Number,
    name: Number,
    holder: Number,
    account: Number,
}

/// Where a payment goes, as it is compared with the rows'.
#[derive(Debug, Clone, Copy)]
pub(super) struct End<'h> {
    pub payee: Option<&'h Payee>,
    pub destination: Number,
    pub account: Number,
    pub name: Number,
}

/// Everything known of before.
#[derive(Debug, Clone, Default)]
pub struct History {
    rows: Vec<Row>,
    pub(super) by: Box<By>,
    payees: HashMap<Clean, Payee>,
    /// Counterparties of one document, where there are several.
    people: HashMap<String, Vec<Number>>,
    /// A few: found one by one.
    balances: Vec<(String, Money)>,
    /// The time that the store knows nothing of, since it was restored from a copy.
    pub gap: Option<Gap>,
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
pub fn is_masked(account: &Clean) -> bool {
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
        let mut by = Box::<By>::default();
        let payees = counterparties.into_iter().map(|to| {
            let (id, account) = (to.id.clean().clone(), to.destination.account.clone());
            let numbers = Numbers {
                id: by.destinations.number(id.as_str()),
                name: by.names.number(&names::key(to.name.as_str())),
                holder: by.names.number(&names::key(to.holder.as_str())),
                account: by.accounts.number(&account_key(&account)),
            };
            let payee = Payee {
                id: id.clone(),
                name: to.name.clone(),
                holder: to.holder.clone(),
                document: payee::paper(to).unwrap_or_default(),
                account,
                created_at: to.created_at,
                numbers,
            };
            (id, payee)
        });
        let payees: HashMap<Clean, Payee> = payees.collect();
        let mut people: HashMap<String, Vec<Number>> = HashMap::new();
        for payee in payees.values().filter(|payee| !payee.document.is_empty()) {
            people.entry(payee.document.clone()).or_default().push(payee.numbers.id);
        }
        people.retain(|_, ids| ids.len() > 1);
        let balances = accounts.into_iter().map(|account| (account.id.to_string(), account.balance));
        Self { by, payees, people, balances: balances.collect(), ..Self::default() }
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
        for past in rows {
            self.take(past);
        }
        let By { destinations, accounts, names, external_ids, invoices, movements } = &mut *self.by;
        for index in [destinations, accounts, names, external_ids, invoices, movements] {
            index.sort(&self.rows);
        }
    }

    fn take(&mut self, mut past: Past) {
        if let Some(payee) = self.payees.get(&past.destination) {
            // The outbox keeps the counterparty's id alone.
            if past.name.is_empty() {
                past.name = payee.name.clone();
            }
            if past.account.is_empty() {
                past.account = payee.account.clone();
            }
        }
        let movements = &self.by.movements;
        let there = past.movement.as_ref().and_then(|movement| {
            let at = movements.rows(movements.find(movement.as_str())).first().copied()?;
            Some((at, self.rows.get(at as usize)?))
        });
        let Some((at, Row { past: row, .. })) = there else {
            let Ok(at) = u32::try_from(self.rows.len()) else { return };
            let row = self.enter(at, past, true);
            self.rows.push(row);
            return;
        };
        // Stays where it stood first; gaps are filled.
        let mut merged = row.clone();
        let gap = |mine: &mut Clean, other: &Clean| {
            if mine.is_empty() {
                *mine = other.clone();
            }
        };
        gap(&mut merged.destination, &past.destination);
        gap(&mut merged.account, &past.account);
        gap(&mut merged.name, &past.name);
        gap(&mut merged.description, &past.description);
        merged.external_id = merged.external_id.or(past.external_id);
        // The provider knows how it ended; the ledger says only that it left once.
        merged.live &= past.live;
        if merged != *row {
            let merged = self.enter(at, merged, false);
            if let Some(row) = self.rows.get_mut(at as usize) {
                *row = merged;
            }
        }
    }

    fn enter(&mut self, at: u32, past: Past, new: bool) -> Row {
        let Self { rows, by, .. } = self;
        let external_id =
            past.external_id.as_ref().map(|id| reference::normal(id.as_str())).unwrap_or_default();
        let invoice = reference::invoice(past.description.as_str()).unwrap_or_default();
        let movement = past.movement.as_ref().map_or("", Clean::as_str);
        by.destinations.enter(past.destination.as_str(), at, &past, new, rows);
        by.external_ids.enter(&external_id, at, &past, new, rows);
        by.invoices.enter(&invoice, at, &past, new, rows);
        by.movements.enter(movement, at, &past, new, rows);
        let account = by.accounts.enter(&account_key(&past.account), at, &past, new, rows);
        let name = by.names.enter(&names::key(past.name.as_str()), at, &past, new, rows);
        Row { past, account, name }
    }

    /// Rows of an index, newest first: the newest, and all since `since`.
    pub(super) fn newest<'h>(&'h self, rows: &'h [u32], since: Timestamp) -> impl Iterator<Item = &'h Row> {
        let rows = rows.iter().rev().filter_map(|at| self.rows.get(*at as usize)).enumerate();
        rows.take_while(move |(n, row)| *n < NEWEST || row.past.at >= since).map(|(_, row)| row)
    }

    /// Where `payment` goes. What it says as its counterparty does is known by heart.
    pub(super) fn end(&self, payment: &Payment) -> End<'_> {
        let payee = self.payees.get(&payment.destination);
        End {
            payee,
            destination: match payee {
                Some(payee) => payee.numbers.id,
                None => self.by.destinations.find(payment.destination.as_str()),
            },
            account: match payee {
                Some(payee) if payee.account == payment.account => payee.numbers.account,
                _ => self.by.accounts.find(&account_key(&payment.account)),
            },
            name: match payee {
                Some(payee) if payee.name == payment.name => payee.numbers.name,
                Some(payee) if payee.holder == payment.name => payee.numbers.holder,
                _ => self.by.names.find(&names::key(payment.name.as_str())),
            },
        }
    }

    /// Other counterparties of the same document: one person under several names.
    pub(super) fn same_person(&self, payee: &Payee) -> impl Iterator<Item = Number> {
        let (own, all) = (payee.numbers.id, self.people.get(&payee.document));
        all.into_iter().flatten().copied().filter(move |other| *other != own)
    }

    pub(super) fn balance(&self, account: &str) -> Option<Money> {
        self.balances.iter().rev().find(|(id, _)| id == account).map(|(_, balance)| *balance)
    }
}
