//! Counterparties: who is paid, where their money goes, and what was paid to them lately.
//!
//! ```text
//! │  Contraparte               Documento         Destino         Señal           │
//! │▸ Suministros del Valle SAS NIT 900.123.456   ahorros ·0982   + nueva         │
//! │  Carlos Rojas              CC 79.412.330     llave @crojas   = habitual      │
//! ```

use super::transactions::debits_by_end;
use super::{Named, Pane, PaneId};
use crate::console::actions::{Action, selected};
use crate::console::facts::seconds_since;
use crate::console::forms;
use crate::console::keys::plain;
use crate::console::message::Message;
use crate::console::model::{Look, Model};
use crate::console::theme::Meaning;
use crate::console::widgets::detail::{self, Fact};
use crate::console::widgets::table::{Align, Cell, Column, Key, List, Row, Width};
use crate::domain::bank;
use crate::domain::counterparty::Counterparty;
use crate::domain::document::split_nit;
use crate::domain::id::CounterpartyId;
use crate::domain::money::Money;
use crate::domain::role::{Right, Role};
use crate::domain::transaction::Transaction;
use crate::i18n::{self, Lang, Numerals, fold};
use crate::payments::draft::currency_of;
use crate::payments::payee;
use crate::sanitize::Clean;
use crate::sync::news::{RawOf, Resource};
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// A counterparty made within so many days is pointed out.
const NEW_DAYS: i64 = 7;
/// Payments that the detail lists.
const PAYMENTS_SHOWN: usize = 5;
/// Names that the detail lists of those who are like it.
const ALIKE_SHOWN: usize = 3;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    pub list: List<Line>,
}

/// A counterparty as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    counterparty: Counterparty,
    /// As this person may see them: masked, or in full.
    document: Clean,
    destination: Clean,
    /// The bank, by the name that people know it by.
    institution: Clean,
    /// Debits under its name among the transactions that have come, and the newest of them.
    payments: usize,
    newest: Vec<(Timestamp, Money)>,
    median: Option<Money>,
    /// Others that are paid at the same place, or have the same document, by name.
    same_place: Vec<Clean>,
    same_paper: Vec<Clean>,
}

impl Row for Line {
    const COLUMNS: &'static [Column<Self>] = &[
        Column {
            title: "column.counterparty",
            width: Width::Flex(18, 34),
            align: Align::Left,
            drops: 0,
            cell: |row, _| Cell::clean(&row.counterparty.name),
            sort: |row| Key::text(row.counterparty.name.as_str()),
        },
        Column {
            title: "column.document",
            width: Width::Flex(14, 20),
            align: Align::Left,
            drops: 3,
            cell: |row, _| detail::or_none(&row.document),
            sort: |row| Key::text(row.document.as_str()),
        },
        Column {
            title: "column.destination",
            width: Width::Flex(16, 24),
            align: Align::Left,
            drops: 0,
            cell: |row, _| Cell::clean(&row.destination),
            sort: |row| Key::text(row.destination.as_str()),
        },
        Column {
            title: "column.institution",
            width: Width::Flex(8, 14),
            align: Align::Left,
            drops: 7,
            cell: |row, _| detail::or_none(&row.institution),
            sort: |row| Key::text(row.institution.as_str()),
        },
        Column {
            title: "column.payments",
            width: Width::Fit(5),
            align: Align::Right,
            drops: 8,
            cell: |row, look| match u64::try_from(row.payments) {
                Ok(payments) if payments > 0 => Cell::ours(i18n::grouped(payments, look.numerals)),
                Ok(_) | Err(_) => Cell::none(),
            },
            sort: |row| Key::Number(i64::try_from(row.payments).unwrap_or(i64::MAX)),
        },
        Column {
            title: "column.median",
            width: Width::Fit(12),
            align: Align::Right,
            drops: 9,
            cell: |row, look| row.median.map_or_else(Cell::none, |median| Cell::money(median, look)),
            sort: |row| row.median.map_or(Key::Nothing, Key::money),
        },
        Column {
            title: "column.flag",
            width: Width::Fit(8),
            align: Align::Left,
            drops: 0,
            cell: |row, look| match flag(row, look) {
                Some((meaning, word)) => Cell::signed_word(meaning, look.lang.word(word)),
                None => Cell::none(),
            },
            sort: |row| Key::Time(row.counterparty.created_at),
        },
    ];

    fn id(&self) -> &str {
        self.counterparty.id.as_str()
    }

    fn haystack(&self, _: Lang) -> String {
        let row = &self.counterparty;
        let (kind, institution) = (&row.destination.kind, &self.institution);
        let (document, destination) = (&self.document, &self.destination);
        format!("{} {} {document} {destination} {kind} {institution} {}", row.name, row.holder, row.id)
    }
}

/// What is to be seen at a glance. `None`: nothing is known for or against it. That no payment was found
/// says nothing: debits often come without a name.
fn flag(row: &Line, look: &Look<'_>) -> Option<(Meaning, &'static str)> {
    let old_s = seconds_since(row.counterparty.created_at, look.now);
    if currency_of(&row.counterparty).is_none() {
        Some((Meaning::Dim, "counterparties.not_payable"))
    } else if old_s < NEW_DAYS.saturating_mul(86_400) {
        Some((Meaning::New, "counterparties.new"))
    } else if row.payments > 0 {
        Some((Meaning::Good, "counterparties.usual"))
    } else {
        None
    }
}

/// `llave @crojas`, `ahorros ·0982`: where a payment lands, as far as this role may see it.
pub fn destination_text(counterparty: &Counterparty, look: &Look<'_>, role: Role) -> String {
    let destination = &counterparty.destination;
    let kind = destination.kind.as_str();
    let word = look.lang.destination(&destination.kind);
    let account = destination.account.as_str();
    // Keys and tags are names; a number is told by its end.
    let named = matches!(kind, "breb_key" | "cobre_balance") && role.may(Right::SensitiveData);
    if account.is_empty() {
        word.to_string()
    } else if named {
        format!("{word} {account}")
    } else {
        format!("{word} {}", last_four(account))
    }
}

/// An account as a role may see it.
pub fn account_text(account: &Clean, role: Role) -> Clean {
    let whole = account.is_empty() || role.may(Right::SensitiveData);
    if whole { account.clone() } else { Clean::new(&last_four(account.as_str())) }
}

/// `·0982`
fn last_four(number: &str) -> String {
    let skip = number.chars().count().saturating_sub(4);
    format!("·{}", number.chars().skip(skip).collect::<String>())
}

/// The bank's name where its code is known, else what the provider says.
fn institution(row: &Counterparty) -> Clean {
    let destination = &row.destination;
    let of_clabe =
        || (destination.kind.as_str() == "clabe").then(|| bank::of_clabe(destination.account.as_str()));
    let known = bank::name(destination.institution.as_str()).or_else(|| of_clabe().flatten());
    known.map_or_else(|| destination.institution.clone(), Clean::new)
}

/// `NIT 900.123.456-8 ok`, `NIT 900.123.456`; `NIT ·3456` for roles that need no more.
fn document_text(document: &Clean, role: Role) -> String {
    let (kind, number) = document.as_str().split_once(' ').unwrap_or(("", document.as_str()));
    let kind = kind.to_uppercase();
    let digits = number.len() > 4 && number.bytes().all(|digit| digit.is_ascii_digit());
    let nit = if kind == "NIT" { split_nit(number) } else { None };
    let number = match number.parse() {
        _ if number.is_empty() => String::new(),
        _ if !role.may(Right::SensitiveData) => last_four(number),
        Ok(_) if nit.is_some() => with_check_digit(nit),
        // Documents are grouped with points in Colombia, whatever the desk's numerals.
        Ok(n) if digits => i18n::grouped(n, Numerals::EsCo),
        _ => number.to_owned(),
    };
    format!("{kind} {number}").trim().to_owned()
}

/// `900.123.456-8 ok`; `x` where the digit is not the one that belongs to the number.
fn with_check_digit(nit: Option<(&str, &str, bool)>) -> String {
    let Some((number, digit, right)) = nit else { return String::new() };
    let grouped = number.parse().map_or_else(|_| number.to_owned(), |n| i18n::grouped(n, Numerals::EsCo));
    format!("{grouped}-{digit} {}", if right { "ok" } else { "x" })
}

/// The counterparty that is selected.
pub fn chosen(model: &Model) -> Option<&Counterparty> {
    model.panes.counterparties.list.selected().map(|line| &line.counterparty)
}

static ACTIONS: [Action; 3] = [
    Action {
        id: "counterparty.create",
        keys: &[plain('n')],
        panes: &[PaneId::Counterparties],
        right: Some(Right::Create),
        writes: true,
        word: "action.new_counterparty",
        hint: Some(10),
        message: Message::Form(forms::Msg::NewCounterparty),
        ..Action::PLAIN
    },
    Action {
        id: "counterparty.verify",
        keys: &[plain('v')],
        panes: &[PaneId::Counterparties],
        right: Some(Right::Create),
        writes: true,
        word: "action.verify",
        hint: Some(11),
        enabled: forms::counterparty::can_ask,
        message: Message::Form(forms::Msg::Verify),
        ..Action::PLAIN
    },
    Action {
        id: "counterparty.delete",
        keys: &[plain('D')],
        panes: &[PaneId::Counterparties],
        right: Some(Right::Manage),
        writes: true,
        word: "action.delete_counterparty",
        hint: Some(36),
        enabled: selected,
        message: Message::Form(forms::Msg::DeleteCounterparty),
        ..Action::PLAIN
    },
];

/// The action that leads here.
pub const GO: &str = "go.counterparties";

pub struct Counterparties;

impl Pane for Counterparties {
    fn title(&self) -> &'static str {
        "pane.counterparties"
    }

    fn tab(&self) -> (&'static str, &'static str) {
        ("tab.counterparties", "tab_short.counterparties")
    }

    fn empty(&self) -> &'static str {
        "counterparties.empty"
    }

    fn counted(&self) -> &'static str {
        "count.counterparties"
    }

    fn actions(&self) -> &'static [Action] {
        &ACTIONS
    }

    fn resources(&self) -> &'static [Resource] {
        &[Resource::Counterparties]
    }

    fn made_of(&self) -> &'static [Resource] {
        &[Resource::Counterparties, Resource::Transactions]
    }

    fn rebuild(&self, model: &mut Model) {
        let lines = {
            let debits = debits_by_end(model);
            let look = model.look();
            let role = model.seat.actor.role;
            let rows = model.facts.counterparties.rows();
            let mut lines: Vec<Line> = rows.map(|row| line(row, &debits, &look, role)).collect();
            mark_alike(&mut lines);
            lines.sort_by_cached_key(|line| fold(line.counterparty.name.as_str()));
            lines
        };
        let lang = model.lang();
        model.panes.counterparties.list.replace(lines, lang);
    }

    fn copy(&self, model: &Model) -> Option<(&'static str, Clean)> {
        let line = model.panes.counterparties.list.selected()?;
        Some(("copy.counterparty", line.counterparty.id.clean().clone()))
    }

    fn copy_full(&self, model: &Model) -> Vec<Clean> {
        let lang = model.lang();
        let Some(line) = model.panes.counterparties.list.selected() else { return Vec::new() };
        let row = &line.counterparty;
        let said = [
            ("column.counterparty", &row.name),
            ("column.document", &row.document),
            ("column.destination", &row.destination.account),
            ("column.institution", &line.institution),
        ];
        let said = said.into_iter().filter(|(_, text)| !text.is_empty());
        said.map(|(word, text)| Clean::new(&format!("{}: {text}", lang.word(word)))).collect()
    }

    fn raw(&self, model: &Model) -> Option<RawOf> {
        let id = model.panes.counterparties.list.selected()?.counterparty.id.to_string();
        let provider =
            model.facts.providers.iter().find(|(_, can)| can.counterparties).map(|(name, _)| *name)?;
        Some(RawOf::Row { provider, resource: Resource::Counterparties, id })
    }

    /// What was paid to it.
    fn named(&self, model: &Model) -> Option<Named> {
        let name = model.panes.counterparties.list.selected()?.counterparty.name.to_string();
        Some(Named::Filter(PaneId::Transactions, name))
    }

    fn status(&self, model: &Model) -> String {
        let said = self.count(model);
        if model.seat.actor.role.may(Right::SensitiveData) {
            return said;
        }
        format!("{said} · {}", model.lang().word("counterparties.masked"))
    }

    fn facts(&self, model: &Model) -> Option<(String, Vec<Fact>)> {
        let line = model.panes.counterparties.list.selected()?;
        Some((line.counterparty.name.to_string(), facts(line, model)))
    }
}

fn line(
    row: &Counterparty,
    debits: &HashMap<String, Vec<&Transaction>>,
    look: &Look<'_>,
    role: Role,
) -> Line {
    let ends = [&row.name, &row.holder, &row.destination.account].map(|end| fold(end.as_str()));
    let ends = BTreeSet::from(ends);
    let currency = currency_of(row);
    let payment = |debit: &&Transaction| Some((debit.at, debit.amount.checked_neg().ok()?));
    let mut newest: Vec<(Timestamp, Money)> =
        ends.iter().filter_map(|end| debits.get(end)).flatten().filter_map(payment).collect();
    newest.retain(|(_, amount)| Some(amount.currency) == currency);
    let mut amounts: Vec<i64> = newest.iter().map(|(_, amount)| amount.minor).collect();
    amounts.sort_unstable();
    let median = amounts.get(amounts.len() / 2).zip(currency);
    let median = median.map(|(minor, currency)| Money::new(*minor, currency));
    newest.sort_by(|(a, _), (b, _)| b.cmp(a));
    newest.truncate(PAYMENTS_SHOWN);
    Line {
        counterparty: row.clone(),
        document: Clean::new(&document_text(&row.document, role)),
        destination: Clean::new(&destination_text(row, look, role)),
        institution: institution(row),
        payments: amounts.len(),
        newest,
        median,
        same_place: Vec::new(),
        same_paper: Vec::new(),
    }
}

/// Tells each line who else is paid at its place, and who else has its document.
fn mark_alike(lines: &mut [Line]) {
    let (mut places, mut papers) = (Alike::default(), Alike::default());
    for Line { counterparty, .. } in lines.iter() {
        let entry = || (counterparty.id.clone(), counterparty.name.clone());
        if let Some(place) = payee::place(counterparty) {
            places.entry(place).or_default().push(entry());
        }
        if let Some(paper) = payee::paper(counterparty) {
            papers.entry(paper).or_default().push(entry());
        }
    }
    for line in lines {
        let others = |of: &Alike, key: Option<String>| -> Vec<Clean> {
            let all = key.and_then(|key| of.get(&key)).into_iter().flatten();
            all.filter(|(id, _)| *id != line.counterparty.id).map(|(_, name)| name.clone()).collect()
        };
        let same_place = others(&places, payee::place(&line.counterparty));
        let mut same_paper = others(&papers, payee::paper(&line.counterparty));
        same_paper.retain(|name| !same_place.contains(name));
        (line.same_place, line.same_paper) = (same_place, same_paper);
    }
}

/// Who there is by place or document.
type Alike = HashMap<String, Vec<(CounterpartyId, Clean)>>;

fn facts(line: &Line, model: &Model) -> Vec<Fact> {
    let look = model.look();
    let row = &line.counterparty;
    let institution = &line.institution;
    let destination = if institution.is_empty() {
        line.destination.to_string()
    } else {
        format!("{} · {institution}", line.destination)
    };
    let paid_in = currency_of(row).map_or("—", crate::domain::money::Currency::code);
    let payment = |(at, amount): &(Timestamp, Money)| {
        format!("{} {}", i18n::day(*at, look.zone, look.dates), i18n::money(*amount, look.numerals))
    };
    let payments: Vec<String> = line.newest.iter().map(payment).collect();
    let mut facts = Vec::new();
    if let Some((meaning, word)) = flag(line, &look) {
        facts.push(Fact::signed(meaning, look.lang.word(word)));
    }
    facts.extend([
        Fact::clean("counterparties.holder", &row.holder),
        Fact::clean("column.document", &line.document),
        Fact::named("column.destination", destination),
        Fact::named("counterparties.paid_in", paid_in),
        Fact::named("column.created", detail::moment_with_utc(row.created_at, &look)),
        Fact::named("column.id", row.id.to_string()),
    ]);
    for (names, word) in
        [(&line.same_place, "counterparties.same_place"), (&line.same_paper, "counterparties.same_document")]
    {
        if !names.is_empty() {
            let shown: Vec<&str> = names.iter().take(ALIKE_SHOWN).map(Clean::as_str).collect();
            let more = if names.len() > ALIKE_SHOWN { " …" } else { "" };
            let names = format!("{}{more}", shown.join(" · "));
            facts.push(Fact::signed(Meaning::Look, &look.lang.say(word, &[("names", &names)])));
        }
    }
    if !payments.is_empty() {
        facts.push(Fact::named("counterparties.payments", payments.join(" · ")));
    }
    facts
}
