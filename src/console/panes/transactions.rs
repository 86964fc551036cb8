//! Transactions: what really moved, newest first, with the sums of each day.
//!
//! ```text
//! ┌─ Transacciones ──────────────────────────────────────────────────────── 2s ─┐
//! │  Hora        Riel            Valor Mon Contraparte            Referencia    │
//! │▸ 14:02       breb    −3.150.000,00 COP Carlos Rojas           pago-4471     │
//! │  20/11 12:49 ach       +420.000,00 COP Luisa Gómez            fv-20877      │
//! └─────────────────────────────────────────────────────────────────────────────┘
//! ```

use super::{Named, Pane, PaneId};
use crate::console::actions::Action;
use crate::console::forms;
use crate::console::keys::plain;
use crate::console::message::Message;
use crate::console::model::Model;
use crate::console::widgets::detail::{self, Fact};
use crate::console::widgets::table::{Align, Cell, Column, Fnv, Key, List, Row, Width};
use crate::domain::counterparty::Counterparty;
use crate::domain::money::{Currency, Money};
use crate::domain::movement::MovementState;
use crate::domain::role::Right;
use crate::domain::transaction::Transaction;
use crate::i18n::{self, Lang, fold};
use crate::payments::review::is_masked;
use crate::sanitize::Clean;
use crate::store::OutboxEntry;
use crate::sync::news::{RawOf, Resource};
use jiff::civil::Date;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash as _, Hasher as _};

#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    pub list: List<Line>,
    /// What came in and went out by day and currency, in minor units.
    days: BTreeMap<(Date, Currency), Flow>,
}

/// The two sums of a day, in `i128`: none overflows it, and what does not fit a `Money` is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Flow {
    incoming: i128,
    outgoing: i128,
}

/// A transaction as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    transaction: Transaction,
    /// The name of its account; the id where no account of that id has come.
    account: Clean,
    /// Who is on the other side: as the entry says, or who has the account that it names.
    who: Clean,
}

impl Row for Line {
    const COLUMNS: &'static [Column<Self>] = &[
        Column {
            title: "column.time",
            width: Width::Fit(5),
            align: Align::Left,
            drops: 0,
            cell: |row, look| Cell::ours(detail::when(row.transaction.at, look)),
            sort: |row| Key::Time(row.transaction.at),
        },
        Column {
            title: "column.origin",
            width: Width::Fit(6),
            align: Align::Left,
            drops: 9,
            cell: |row, _| Cell::ours(row.transaction.provider.title()),
            sort: |row| Key::text(row.transaction.provider.title()),
        },
        Column {
            title: "column.account",
            width: Width::Flex(10, 18),
            align: Align::Left,
            drops: 8,
            cell: |row, _| Cell::clean(&row.account),
            sort: |row| Key::text(row.account.as_str()),
        },
        Column {
            title: "column.rail",
            width: Width::Flex(6, 17),
            align: Align::Left,
            drops: 4,
            cell: |row, look| Cell::clean(&look.lang.rail(&row.transaction.kind)),
            sort: |row| Key::text(row.transaction.kind.as_str()),
        },
        Column {
            title: "column.amount",
            width: Width::Fit(15),
            align: Align::Right,
            drops: 0,
            cell: |row, look| Cell::signed(row.transaction.amount, look),
            sort: |row| Key::money(row.transaction.amount),
        },
        Column {
            title: "column.currency",
            width: Width::Fit(3),
            align: Align::Left,
            drops: 0,
            cell: |row, _| Cell::ours(row.transaction.amount.currency.code()),
            sort: |row| Key::text(row.transaction.amount.currency.code()),
        },
        Column {
            title: "column.counterparty",
            width: Width::Flex(14, 34),
            align: Align::Left,
            drops: 0,
            cell: |row, _| detail::or_none(&row.who),
            sort: |row| Key::text(row.who.as_str()),
        },
        Column {
            title: "column.reference",
            width: Width::Flex(10, 24),
            align: Align::Left,
            drops: 2,
            cell: |row, _| detail::or_none(&row.transaction.reference),
            sort: |row| Key::text(row.transaction.reference.as_str()),
        },
    ];

    fn id(&self) -> &str {
        self.transaction.id.as_str()
    }

    /// What moved does not change; its account may get another name.
    fn said(&self) -> u64 {
        let mut hasher = Fnv::default();
        self.transaction.amount.minor.hash(&mut hasher);
        hasher.finish()
    }

    fn haystack(&self, lang: Lang) -> String {
        let row = &self.transaction;
        let movement = row.movement.as_ref().map_or("", |id| id.as_str());
        format!(
            "{} {} {} {} {} {} {} {} {} {} {} {movement}",
            self.who,
            row.counterparty,
            row.description,
            row.reference,
            i18n::spellings(row.amount),
            row.amount.currency,
            row.kind,
            lang.rail(&row.kind),
            row.provider,
            self.account,
            row.id,
        )
    }
}

/// The action that leads here.
pub const GO: &str = "go.transactions";

pub struct Transactions;

static ACTIONS: [Action; 3] = [
    Action {
        id: "movement.create",
        keys: &[plain('n')],
        panes: &[PaneId::Balances, PaneId::Transactions],
        right: Some(Right::Create),
        writes: true,
        word: "action.new_movement",
        hint: Some(10),
        message: Message::Form(forms::Msg::NewMovement),
        ..Action::PLAIN
    },
    Action {
        id: "movement.refund",
        keys: &[plain('b')],
        panes: &[PaneId::Transactions],
        right: Some(Right::Create),
        writes: true,
        word: "action.refund",
        hint: Some(11),
        enabled: forms::refund::can_refund,
        message: Message::Form(forms::Msg::Refund),
        ..Action::PLAIN
    },
    Action {
        id: "movement.repeat",
        keys: &[plain('p')],
        panes: &[PaneId::Transactions, PaneId::Counterparties, PaneId::Outbox],
        right: Some(Right::Create),
        writes: true,
        word: "action.repeat",
        hint: Some(12),
        enabled: forms::movement::can_repeat,
        message: Message::Form(forms::Msg::Repeat),
        ..Action::PLAIN
    },
];

impl Pane for Transactions {
    fn title(&self) -> &'static str {
        "pane.transactions"
    }

    fn tab(&self) -> (&'static str, &'static str) {
        ("tab.transactions", "tab_short.transactions")
    }

    fn empty(&self) -> &'static str {
        "transactions.empty"
    }

    fn counted(&self) -> &'static str {
        "count.transactions"
    }

    fn actions(&self) -> &'static [Action] {
        &ACTIONS
    }

    fn resources(&self) -> &'static [Resource] {
        &[Resource::Transactions]
    }

    fn made_of(&self) -> &'static [Resource] {
        &[Resource::Transactions, Resource::Accounts, Resource::Counterparties]
    }

    fn rebuild(&self, model: &mut Model) {
        let names: HashMap<&str, &Clean> =
            model.facts.accounts.rows().map(|account| (account.id.as_str(), &account.name)).collect();
        let holders = holders(model);
        let line = |row: &Transaction| {
            let account = names.get(row.account.as_str()).copied().unwrap_or_else(|| row.account.clean());
            let holder = holders.get(row.counterparty.as_str()).copied().flatten();
            let who = holder.unwrap_or(&row.counterparty).clone();
            Line { transaction: row.clone(), account: account.clone(), who }
        };
        let mut lines: Vec<Line> = model.facts.transactions.rows().map(line).collect();
        lines.sort_by_key(|line| Reverse(line.transaction.at));
        let mut days: BTreeMap<(Date, Currency), Flow> = BTreeMap::new();
        for Line { transaction, .. } in &lines {
            let day = model.seat.zone.to_datetime(transaction.at).date();
            let flow = days.entry((day, transaction.amount.currency)).or_default();
            let minor = i128::from(transaction.amount.minor);
            let sum = if minor < 0 { &mut flow.outgoing } else { &mut flow.incoming };
            *sum = sum.saturating_add(minor);
        }
        let lang = model.lang();
        let state = &mut model.panes.transactions;
        state.days = days;
        state.list.replace(lines, lang);
    }

    fn copy(&self, model: &Model) -> Option<(&'static str, Clean)> {
        let line = model.panes.transactions.list.selected()?;
        Some(("copy.transaction", line.transaction.id.clean().clone()))
    }

    fn raw(&self, model: &Model) -> Option<RawOf> {
        let row = &model.panes.transactions.list.selected()?.transaction;
        let (provider, id) = (row.provider, row.id.to_string());
        Some(RawOf::Row { provider, resource: Resource::Transactions, id })
    }

    /// The counterparty of that name, else the account.
    fn named(&self, model: &Model) -> Option<Named> {
        let Line { transaction: row, who, .. } = model.panes.transactions.list.selected()?;
        let name = fold(who.as_str());
        let known = |to: &&Counterparty| fold(to.name.as_str()) == name || fold(to.holder.as_str()) == name;
        let found = model.facts.counterparties.rows().find(known).filter(|_| !name.is_empty());
        Some(match found {
            Some(to) => Named::Row(PaneId::Counterparties, to.id.to_string()),
            None => Named::Row(PaneId::Balances, row.account.to_string()),
        })
    }

    fn status(&self, model: &Model) -> String {
        let said = self.count(model);
        let today = model.seat.zone.to_datetime(model.now).date();
        match day_sums(today, model).first() {
            Some(first) => format!("{said} · {} {first}", model.lang().word("transactions.today")),
            None => said,
        }
    }

    fn facts(&self, model: &Model) -> Option<(String, Vec<Fact>)> {
        let line = model.panes.transactions.list.selected()?;
        Some((line.transaction.id.to_string(), facts(line, model)))
    }
}

/// `+11.554.118,50 −76.550.000,00 = −65.000.000,00 COP`, one for each currency.
fn day_sums(day: Date, model: &Model) -> Vec<String> {
    let numerals = model.seat.numerals;
    let whole = if model.facts.transactions.whole() { "" } else { "≥ " };
    let text = |(currency, flow): (Currency, &Flow)| {
        let money = |minor: i128| i64::try_from(minor).ok().map(|minor| Money::new(minor, currency));
        let (incoming, outgoing) = (money(flow.incoming)?, money(flow.outgoing)?);
        let net = i18n::money_signed(incoming.checked_add(outgoing).ok()?, numerals);
        let (incoming, outgoing) = (i18n::money_signed(incoming, numerals), i18n::money(outgoing, numerals));
        Some(format!("{whole}{incoming} {outgoing} = {net} {currency}"))
    };
    let of_day = model.panes.transactions.days.iter().filter(|((date, _), _)| *date == day);
    of_day.filter_map(|((_, currency), flow)| text((*currency, flow))).collect()
}

/// What is known of one transaction.
fn facts(line: &Line, model: &Model) -> Vec<Fact> {
    let look = model.look();
    let row = &line.transaction;
    let way = if row.amount.minor < 0 { "transactions.went" } else { "transactions.came" };
    let amount = format!("{} {}", row.amount.currency, i18n::money_signed(row.amount, look.numerals));
    let sentence = look.lang.say(way, &[("amount", &amount), ("account", &line.account)]);
    let mut facts = vec![
        Fact::head(sentence),
        Fact::named("column.time", detail::moment_with_utc(row.at, &look)),
        Fact::clean("column.counterparty", &line.who),
        Fact::clean("column.description", &row.description),
        Fact::clean("column.reference", &row.reference),
        Fact::named("column.rail", format!("{} · {}", row.provider, look.lang.rail(&row.kind))),
    ];
    if line.who != row.counterparty {
        facts.insert(3, Fact::clean("column.destination", &row.counterparty));
    }
    if let Some(balance) = row.balance_after {
        facts.push(Fact::named("transactions.balance_after", i18n::money(balance, look.numerals)));
    }
    if let Some(movement) = &row.movement {
        facts.push(Fact::named("transactions.movement", movement.to_string()));
    }
    facts.extend(links(row, model));
    let day = i18n::date(row.at, look.zone, look.dates);
    for sums in day_sums(look.zone.to_datetime(row.at).date(), model) {
        facts.push(Fact::plain(look.lang.say("transactions.day", &[("day", &day), ("sums", &sums)])));
    }
    facts
}

/// What was given back of a credit from here, and of a debit which credit it gives back.
fn links(row: &Transaction, model: &Model) -> Vec<Fact> {
    let look = model.look();
    let entries = || model.facts.outbox.as_deref().unwrap_or_default().iter();
    let refunds = entries().filter(|entry| {
        matches!(entry.action.as_str(), "create_movement" | "return_credit")
            && entry.subject.as_deref() == Some(row.id.as_str())
    });
    let refund = |entry: &OutboxEntry| {
        let amount = Money::new(entry.amount_minor.unwrap_or(0), row.amount.currency);
        let name = Clean::new(entry.external_id.as_deref().unwrap_or_default());
        let state = look.lang.outbox_state(entry.state.code());
        let there = entry.provider_state.as_deref().map(MovementState::read);
        let there = there.map(|state| format!(" · {}", look.lang.movement_state(&state))).unwrap_or_default();
        let amount = i18n::money(amount, look.numerals);
        Fact::named("transactions.refund", format!("{amount} {state}{there} · {name}"))
    };
    let mut facts: Vec<Fact> = refunds.map(refund).collect();
    let movement = row.movement.as_ref().map(crate::domain::id::MovementId::as_str);
    let ours = entries().find(|entry| movement.is_some() && entry.provider_id.as_deref() == movement);
    if let Some(credit) = ours.and_then(|entry| entry.subject.as_deref()).filter(|_| row.amount.minor < 0) {
        facts.push(Fact::named("transactions.refunds", Clean::new(credit).to_string()));
    }
    facts
}

/// The transaction that is selected.
pub fn chosen(model: &Model) -> Option<&Transaction> {
    model.panes.transactions.list.selected().map(|line| &line.transaction)
}

/// Whose an account is, where it is one's alone: a debit of Cobre names the account and nobody.
fn holders(model: &Model) -> HashMap<&str, Option<&Clean>> {
    let payees = model.facts.counterparties.rows().map(|to| (&to.destination.account, &to.name));
    let own = model.facts.accounts.rows().map(|account| (&account.number, &account.name));
    let mut holders: HashMap<&str, Option<&Clean>> = HashMap::new();
    for (account, name) in payees.chain(own).filter(|(account, _)| !account.is_empty() && !is_masked(account))
    {
        let holder = holders.entry(account.as_str()).or_insert(Some(name));
        *holder = holder.filter(|held| *held == name);
    }
    holders
}

/// Debits by whom or which account they went to, folded, for panes that speak of someone.
pub fn debits_by_end(model: &Model) -> HashMap<String, Vec<&Transaction>> {
    let mut by_end: HashMap<String, Vec<&Transaction>> = HashMap::new();
    for row in model.facts.transactions.rows() {
        if row.amount.minor < 0 && !row.counterparty.is_empty() && !is_masked(&row.counterparty) {
            by_end.entry(fold(row.counterparty.as_str())).or_default().push(row);
        }
    }
    by_end
}
