//! A bulk as a person reads it: what changed against the last one of its kind, what is odd about each row,
//! and for the whole of it totals, rails, funds and today's cut-off. The same for maker and approver.

use super::diff::{Change, Diff, Entry, diff};
use super::parts;
use crate::domain::account::Account;
use crate::domain::approval::Bulk;
use crate::domain::bank;
use crate::domain::calendar::{Cycle, ach_cycle};
use crate::domain::counterparty::Counterparty;
use crate::domain::id::MovementId;
use crate::domain::money::{Currency, Money};
use crate::domain::movement::Movement;
use crate::i18n::fold;
use crate::payments::Accepted;
use crate::payments::bulk::{BulkRow, Payee, Red};
use crate::payments::review::{self, Code, Finding, History, Payment, Spoken, Terms, names};
use crate::sanitize::Clean;
use jiff::Timestamp;
use std::collections::hash_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One payment of a bulk, from a file or from the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// `L088` is 88: its place in the bulk, from 1.
    pub number: u32,
    /// At the provider.
    pub id: Option<MovementId>,
    pub file_line: Option<u32>,
    pub rail: Clean,
    /// Whether the row brings a counterparty that is not there yet.
    pub new_payee: bool,
    /// See [`Entry::payee`].
    pub payee: String,
    pub payment: Payment,
    /// Found by [`review`]; `None` where there is no bulk to compare with.
    pub change: Option<Change>,
    /// Found by [`review`].
    pub flags: Vec<Flag>,
}

impl Item {
    pub fn is_red(&self) -> bool {
        self.flags.iter().any(Flag::is_red)
    }

    pub fn is_flagged(&self) -> bool {
        !self.flags.is_empty()
    }

    /// Whether an approver should read it.
    pub fn is_changed(&self) -> bool {
        matches!(self.change, Some(Change::New | Change::Amount { .. } | Change::Account { .. }))
    }

    /// What it was in the last bulk.
    pub fn before(&self) -> Option<Money> {
        match self.change.as_ref()? {
            Change::New => None,
            Change::Equal => Some(self.payment.amount),
            Change::Amount { before } => Some(*before),
            Change::Account { amount, .. } => Some(*amount),
        }
    }

    /// As it is compared with another bulk's.
    pub fn entry(&self) -> Entry {
        Entry {
            payee: self.payee.clone(),
            name: self.payment.name.clone(),
            account: self.payment.account.clone(),
            amount: self.payment.amount,
        }
    }
}

/// What is odd about a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flag {
    Finding(Finding),
    /// The last bulk of its kind paid this one elsewhere.
    AccountVsLast {
        before: Clean,
    },
    /// Many times what the last bulk of its kind paid: a figure too many.
    AmountVsLast {
        before: Money,
        times: i64,
    },
    /// The same account and amount stand in these rows too.
    Twin {
        rows: Vec<u32>,
    },
    /// Another payee's money goes to the same account.
    SharedAccount {
        row: u32,
        name: Clean,
    },
}

impl Flag {
    /// `!`: it is opened before anyone may approve.
    pub const fn is_red(&self) -> bool {
        self.red().is_some()
    }

    /// What a person has to answer for who goes on over it.
    const fn red(&self) -> Option<Code> {
        match self {
            Self::Finding(finding) if finding.stops() => Some(finding.code),
            Self::AccountVsLast { .. } => Some(Code::AccountChanged),
            Self::AmountVsLast { .. } => Some(Code::Amount),
            Self::Twin { .. } => Some(Code::Duplicate),
            Self::Finding(_) | Self::SharedAccount { .. } => None,
        }
    }

    /// As on the command line and in JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Finding(finding) => finding.code.code(),
            Self::AccountVsLast { .. } => Code::AccountChanged.code(),
            Self::AmountVsLast { .. } => Code::Amount.code(),
            Self::Twin { .. } => Code::Duplicate.code(),
            Self::SharedAccount { .. } => "shared_account",
        }
    }

    /// What is odd, and why.
    pub fn sentence(&self, spoken: Spoken<'_>) -> String {
        match self {
            Self::Finding(finding) => finding.sentence(spoken),
            Self::AccountVsLast { before } => spoken.lang.say("bulk.flag.account", &[("before", before)]),
            Self::AmountVsLast { before, times } => {
                let before = crate::i18n::money(*before, spoken.numerals);
                spoken.lang.say("bulk.flag.amount", &[("times", times), ("before", &before)])
            }
            Self::Twin { rows } => spoken.lang.say("bulk.flag.twin", &[("rows", &line_names(rows))]),
            Self::SharedAccount { row, name } => {
                spoken.lang.say("bulk.flag.shared", &[("row", &line(*row)), ("name", name)])
            }
        }
    }
}

/// `L088`
pub fn line(number: u32) -> String {
    format!("L{number:03}")
}

/// `L088 L101`
pub fn line_names(numbers: &[u32]) -> String {
    numbers.iter().map(|number| line(*number)).collect::<Vec<_>>().join(" ")
}

/// The rows that a note names: every `L088` in it.
pub fn named_lines(note: &str) -> BTreeSet<u32> {
    note.split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| word.strip_prefix(['L', 'l'])?.parse().ok())
        .collect()
}

/// The balance after the bulk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Funds {
    pub balance: Money,
    pub total: Money,
    /// 4×1000, of pesos only.
    pub gmf: Money,
    pub after: Money,
}

impl Funds {
    pub const fn suffice(&self) -> bool {
        self.after.minor >= 0
    }
}

/// Rows that leave by ACH, and the cycle that takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ach {
    pub rows: usize,
    pub cycle: Cycle,
}

/// The bulk that this one is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    pub name: Clean,
    pub at: Timestamp,
    pub entries: Vec<Entry>,
}

/// What a bulk is reviewed against.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    pub last: Option<&'a Last>,
    pub history: &'a History,
    pub terms: &'a Terms,
    pub accounts: &'a [Account],
    pub now: Timestamp,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Review {
    /// Red first, then yellow, then changed, then the rest; each in the order of the file.
    pub lines: Vec<Item>,
    /// New, removed, changed, equal; `None` where there is nothing to compare with.
    pub counts: Option<[usize; 4]>,
    pub last: Option<(Clean, Timestamp)>,
    pub before: Vec<Money>,
    pub removed: Vec<Entry>,
    /// One a currency.
    pub totals: Vec<Money>,
    /// Rail, rows and sum.
    pub rails: Vec<(Clean, usize, Money)>,
    pub new_payees: usize,
    pub funds: Vec<Funds>,
    pub ach: Option<Ach>,
    /// Rows whose account the provider hides from who reads them.
    pub hidden: usize,
}

impl Review {
    pub fn reds(&self) -> usize {
        self.lines.iter().filter(|line| line.is_red()).count()
    }

    /// Row and rule of each.
    pub fn red_flags(&self) -> Vec<Red> {
        let of = |line: &Item| {
            let number = line.number;
            let red = line.flags.iter().filter(|flag| flag.is_red());
            red.map(|flag| (number, flag.code())).collect::<Vec<_>>()
        };
        self.lines.iter().flat_map(of).collect()
    }

    /// An answer for each red flag by its code, with the rows that have it. `Err`: the codes that `reason`
    /// has none for, and their rows.
    pub fn answered(
        &self,
        reason: impl Fn(Code) -> Option<String>,
    ) -> Result<Vec<Accepted>, Vec<(Code, Vec<String>)>> {
        let (mut accepted, mut open) = (Vec::new(), Vec::new());
        for code in Code::ALL {
            let has = |line: &&Item| line.flags.iter().any(|flag| flag.red() == Some(code));
            let rows: Vec<String> = self.lines.iter().filter(has).map(|row| line(row.number)).collect();
            match reason(code) {
                _ if rows.is_empty() => {}
                Some(reason) => accepted.push(Accepted { code, reason, rows: Some(rows) }),
                None => open.push((code, rows)),
            }
        }
        if open.is_empty() { Ok(accepted) } else { Err(open) }
    }

    /// Lines that differ or are odd: what is read first.
    pub fn noted(&self) -> usize {
        self.lines.iter().filter(|line| line.is_flagged() || line.is_changed()).count()
    }
}

/// From so many times the last amount on it is taken for a slip until someone reads it.
const MANY_TIMES: i64 = 5;

/// Findings that say something of the whole desk and not of one row of many.
const OF_THE_WHOLE: [Code; 4] = [Code::OutsideHours, Code::BelowFloor, Code::BelowLimit, Code::Masked];

/// Everything a person should know of a bulk before they say yes.
pub fn review(mut items: Vec<Item>, past: Past<'_>) -> Review {
    let compared: Option<Diff> = past.last.map(|last| {
        let entries: Vec<Entry> = items.iter().map(Item::entry).collect();
        diff(&last.entries, &entries)
    });
    let twins = twins(&items);
    let totals = sums(items.iter().map(|item| item.payment.amount));
    let rails = rails(&items);
    let new_payees = items.iter().filter(|item| item.new_payee).count();
    let ach_rows = items.iter().filter(|item| item.rail.as_str() == "ach").count();
    let ach = (ach_rows > 0).then(|| ach_cycle(past.now)).flatten();
    let funds = funds(&items, past);
    let own: BTreeSet<Clean> =
        items.iter().filter_map(|item| item.id.as_ref().map(|id| id.clean().clone())).collect();
    // What is of the whole desk is not looked for in each row.
    let terms = Terms { hours: None, limits: Vec::new(), floors: Vec::new(), ..past.terms.clone() };
    let found = parts::of(&items, |items| {
        let found = items.iter().map(|item| flags(review::review(&item.payment, past.history, &terms), &own));
        found.collect::<Vec<_>>()
    });
    let mut hidden = 0_usize;
    for (place, (item, (masked, flags))) in items.iter_mut().zip(found.into_iter().flatten()).enumerate() {
        hidden = hidden.saturating_add(usize::from(masked));
        item.flags = flags;
        item.change = compared.as_ref().and_then(|diff| diff.changes.get(place).cloned());
        item.flags.extend(against_last(item));
        item.flags.extend(twins.get(&place).cloned().into_iter().flatten());
        item.flags.sort_by_key(|flag| !flag.is_red());
    }
    items.sort_by_key(|item| {
        let rank = match (item.is_red(), item.is_flagged(), item.is_changed()) {
            (true, ..) => 0,
            (_, true, _) => 1,
            (_, _, true) => 2,
            _ => 3,
        };
        (rank, item.number)
    });
    let removed = compared.as_ref().zip(past.last).map(|(diff, last)| {
        diff.removed.iter().filter_map(|place| last.entries.get(*place).cloned()).collect()
    });
    Review {
        lines: items,
        counts: compared.as_ref().map(Diff::counts),
        last: past.last.map(|last| (last.name.clone(), last.at)),
        before: past.last.map(|last| sums(last.entries.iter().map(|entry| entry.amount))).unwrap_or_default(),
        removed: removed.unwrap_or_default(),
        totals,
        rails,
        new_payees,
        funds,
        ach: ach.map(|cycle| Ach { rows: ach_rows, cycle }),
        hidden,
    }
}

/// What the last bulk of its kind makes odd, where no finding says it already.
fn against_last(item: &Item) -> Vec<Flag> {
    let said = |code: Code| item.flags.iter().any(|flag| flag.code() == code.code());
    let (account, before) = match &item.change {
        Some(Change::Account { before, amount }) => (Some(before), *amount),
        Some(Change::Amount { before }) => (None, *before),
        Some(Change::New | Change::Equal) | None => return Vec::new(),
    };
    let account = account.filter(|_| !said(Code::AccountChanged));
    let account = account.map(|before| Flag::AccountVsLast { before: before.clone() });
    let times = item.payment.amount.minor.checked_div(before.minor);
    let times = times.filter(|times| *times >= MANY_TIMES && !said(Code::Amount));
    let amount = times.map(|times| Flag::AmountVsLast { before, times });
    account.into_iter().chain(amount).collect()
}

/// Whether the provider hides its account, and what of the findings is of this row alone.
fn flags(findings: Vec<Finding>, own: &BTreeSet<Clean>) -> (bool, Vec<Flag>) {
    let masked = findings.iter().any(|finding| finding.code == Code::Masked);
    let flags = findings
        .into_iter()
        .filter(|finding| !OF_THE_WHOLE.contains(&finding.code) && !is_own(finding, own))
        .filter(|finding| finding.code != Code::Restored || finding.stops())
        .map(Flag::Finding);
    (masked, flags.collect())
}

/// Whether all that a finding rests on are rows of this very bulk: those are told as twins.
fn is_own(finding: &Finding, own: &BTreeSet<Clean>) -> bool {
    !finding.evidence.is_empty() && finding.evidence.iter().all(|row| own.contains(&row.id))
}

/// Rows of one file that pay the same account: the same amount again, or another payee.
fn twins(items: &[Item]) -> HashMap<usize, Vec<Flag>> {
    let mut first: HashMap<&str, usize> = HashMap::with_capacity(items.len());
    // Most accounts stand there once.
    let mut shared: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, item) in items.iter().enumerate().filter(|(_, item)| !item.payment.account.is_empty()) {
        let account = item.payment.account.as_str();
        match first.entry(account) {
            Slot::Occupied(first) => shared.entry(account).or_insert_with(|| vec![*first.get()]).push(place),
            Slot::Vacant(free) => {
                free.insert(place);
            }
        }
    }
    let mut found: HashMap<usize, Vec<Flag>> = HashMap::new();
    for places in shared.into_values() {
        for place in places.iter().copied() {
            let Some(item) = items.get(place) else { continue };
            let others = || {
                let others = places.iter().copied().filter(move |other| *other != place);
                others.filter_map(|other| items.get(other))
            };
            let same: Vec<u32> = others()
                .filter(|other| other.payment.amount == item.payment.amount)
                .map(|other| other.number)
                .collect();
            if !same.is_empty() {
                found.entry(place).or_default().push(Flag::Twin { rows: same });
            } else if let Some(other) = others().find(|other| other.payee != item.payee) {
                let name = other.payment.name.clone();
                found.entry(place).or_default().push(Flag::SharedAccount { row: other.number, name });
            }
        }
    }
    found
}

/// Sums, one a currency; what is too large is left out.
fn sums(amounts: impl Iterator<Item = Money>) -> Vec<Money> {
    let mut by_currency: BTreeMap<Currency, Vec<Money>> = BTreeMap::new();
    for amount in amounts {
        by_currency.entry(amount.currency).or_default().push(amount);
    }
    by_currency.into_iter().filter_map(|(currency, rows)| Money::total(currency, rows).ok()).collect()
}

fn rails(items: &[Item]) -> Vec<(Clean, usize, Money)> {
    let mut by_rail: BTreeMap<(&str, Currency), Vec<Money>> = BTreeMap::new();
    for item in items {
        let amount = item.payment.amount;
        by_rail.entry((item.rail.as_str(), amount.currency)).or_default().push(amount);
    }
    let sum = |((rail, currency), rows): ((&str, Currency), Vec<Money>)| {
        let count = rows.len();
        Some((Clean::new(rail), count, Money::total(currency, rows).ok()?))
    };
    by_rail.into_iter().filter_map(sum).collect()
}

/// What each balance that pays keeps.
fn funds(items: &[Item], past: Past<'_>) -> Vec<Funds> {
    let mut by_source: BTreeMap<&str, Vec<Money>> = BTreeMap::new();
    for item in items {
        by_source.entry(item.payment.source.as_str()).or_default().push(item.payment.amount);
    }
    let of = |(source, rows): (&str, Vec<Money>)| {
        let account = past.accounts.iter().find(|account| account.id.as_str() == source)?;
        let balance = account.balance;
        let total = Money::total(balance.currency, rows).ok()?;
        let exempt = past.terms.gmf_exempt.iter().any(|exempt| exempt == source);
        let pesos = matches!(balance.currency, Currency::Cop | Currency::Copco);
        // Rounded up: it is money that must be there.
        let tax = i128::from(total.minor).saturating_mul(4).saturating_add(999).saturating_div(1000);
        let tax = if exempt || !pesos { 0 } else { i64::try_from(tax).ok()? };
        let gmf = Money::new(tax, balance.currency);
        let after = balance.checked_sub(total).and_then(|left| left.checked_sub(gmf)).ok()?;
        Some(Funds { balance, total, gmf, after })
    };
    by_source.into_iter().filter_map(of).collect()
}

/// Who a counterparty is, whatever account it is paid at: the document, else the name.
pub fn payee(document: &str, name: &str) -> String {
    let mut figures = String::with_capacity(document.len());
    figures.extend(document.chars().filter(char::is_ascii_digit));
    if figures.len() >= 5 {
        // A NIT is the same with its check digit and without.
        let base = crate::domain::document::split_nit(&figures).filter(|(_, _, right)| *right);
        if let Some(length) = base.map(|(base, _, _)| base.len()) {
            figures.truncate(length);
        }
        return figures;
    }
    let key = names::key(name);
    if key.is_empty() { fold(name) } else { key }
}

/// The rows of a file that was checked, paid by `source`.
pub fn rows(rows: &[BulkRow], source: &str, now: Timestamp) -> Vec<Item> {
    let source = Clean::new(source);
    let numbered: Vec<(u32, &BulkRow)> = (1..).zip(rows).collect();
    parts::joined(parts::of(&numbered, |rows| items(rows, &source, now)))
}

fn items<'a>(rows: &[(u32, &'a BulkRow)], source: &Clean, now: Timestamp) -> Vec<Item> {
    // Rows of one file mostly say the same.
    let mut said: (&str, Clean) = ("", Clean::default());
    let mut went = (("", ""), Clean::default());
    let item = |(number, row): &(u32, &'a BulkRow)| {
        let (destination, document, (kind, bank), new) = match &row.to {
            Payee::Known { id, kind, institution, document, .. } => {
                (id.clean().clone(), document.as_str(), (kind.as_str(), institution.as_str()), false)
            }
            Payee::New(new) => {
                let field = |wanted: &str| new.fields.iter().find(|(name, _)| *name == wanted);
                let text = |wanted: &str| field(wanted).map_or("", |(_, text)| text.as_str());
                let end = (new.kind, text("beneficiary_institution"));
                (Clean::default(), text("counterparty_id_number"), end, true)
            }
        };
        let name = row.to.name().clone();
        Item {
            number: *number,
            id: None,
            file_line: Some(row.file_line),
            rail: shared(&mut went, (kind, bank), |(kind, bank)| rail(kind, bank)),
            new_payee: new,
            payee: payee(document, name.as_str()),
            payment: Payment {
                same_as: Vec::new(),
                source: source.clone(),
                destination,
                account: row.to.account().clone(),
                name,
                amount: row.amount,
                description: shared(&mut said, &row.description, |text| text),
                external_id: row.external_id.as_ref().map(|id| id.clean().clone()),
                verified_name: None,
                at: now,
            },
            change: None,
            flags: Vec::new(),
        }
    };
    rows.iter().map(item).collect()
}

/// The last one again, if it is the same.
fn shared<'a, T: Copy + PartialEq>(last: &mut (T, Clean), of: T, text: impl Fn(T) -> &'a str) -> Clean {
    if last.0 != of {
        *last = (of, Clean::new(text(of)));
    }
    last.1.clone()
}

/// The rail that Cobre takes for a destination (contract 6.2).
fn rail(kind: &str, institution: &str) -> &'static str {
    match kind {
        "breb_key" | "breb_qr" => "breb",
        "cobre_balance" => "fast_pay",
        "clabe" | "spei_card" => "spei",
        "cc" | "ch" | "dp" if bank::institution(institution).is_some_and(bank::Institution::has_fast_pay) => {
            "fast_pay"
        }
        "cc" | "ch" | "dp" => "ach",
        _ => "",
    }
}

/// The rows of a bulk at the provider, in the order of its file, newest first as they are listed.
pub fn movements(rows: &[Movement], counterparties: &[Counterparty], now: Timestamp) -> Vec<Item> {
    let by_id: HashMap<&str, &Counterparty> =
        counterparties.iter().map(|row| (row.id.as_str(), row)).collect();
    let mut numbered: Vec<(u32, &Movement)> =
        rows.iter().rev().zip(1..).map(|(row, place)| (place, row)).collect();
    // Our own name for a row says which it is; so many places as there are rows, or it is not ours.
    let own = |row: &Movement| -> Option<u32> {
        let (before, number) = row.external_id.as_ref()?.as_str().rsplit_once(':')?;
        before.starts_with("cu-").then(|| number.parse().ok())?
    };
    let named: BTreeSet<u32> = rows.iter().filter_map(own).collect();
    if named.len() == rows.len() {
        for (number, row) in &mut numbered {
            *number = own(row).unwrap_or(*number);
        }
        numbered.sort_by_key(|(number, _)| *number);
    } else if !named.is_empty() {
        // Some rows have the file's own names: ours keep their place among them.
        let free = (1..).filter(|place| !named.contains(place));
        let mut free = free.take(rows.len());
        for (number, row) in &mut numbered {
            *number = own(row).or_else(|| free.next()).unwrap_or(*number);
        }
        numbered.sort_by_key(|(number, _)| *number);
    }
    let item = |(number, row): (u32, &Movement)| {
        let document = by_id.get(row.destination.as_str()).map_or("", |known| known.document.as_str());
        Item {
            number,
            id: Some(row.id.clone()),
            file_line: None,
            rail: row.kind.clone(),
            new_payee: false,
            payee: payee(document, row.destination_name.as_str()),
            payment: Payment::of_movement(row, now),
            change: None,
            flags: Vec::new(),
        }
    };
    numbered.into_iter().map(item).collect()
}

/// What a file is called without its intent, its ending and its date: `nomina_2026-11-15.….json` and
/// `Nomina 2026-10-30.csv` are one kind.
pub fn stem(file: &str) -> String {
    let mut name =
        file.strip_suffix(".json").or_else(|| file.rsplit_once('.').map(|(stem, _)| stem)).unwrap_or(file);
    if let Some((before, id)) = name.rsplit_once('.')
        && uuid::Uuid::try_parse(id).is_ok()
    {
        name = before;
    }
    let folded = fold(name);
    let words = folded.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// The bulks that `this` may be compared with, the likeliest first: of its name, then of its maker, each
/// newest first. Those that were refused or thrown away paid nobody.
pub fn previous_of<'a>(this: (&str, &Clean, Timestamp), id: &str, bulks: &'a [Bulk]) -> Vec<&'a Bulk> {
    let (file, creator, at) = this;
    let kind = stem(file);
    let mut found: Vec<&Bulk> = bulks
        .iter()
        .filter(|bulk| bulk.id.as_str() != id && bulk.created_at <= at)
        .filter(|bulk| {
            !matches!(bulk.state.as_str(), "failed" | "canceled" | "validating" | "pending_approval")
        })
        .collect();
    found.sort_by_key(|bulk| {
        let same = !kind.is_empty() && stem(bulk.file_name.as_str()) == kind;
        (!same, bulk.creator != *creator, std::cmp::Reverse(bulk.created_at))
    });
    found
}
