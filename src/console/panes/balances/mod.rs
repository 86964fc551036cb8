//! Balances: what is held where, how today changed it, and what asks for attention.
//!
//! ```text
//! ┌─ Saldos ──────────────────────────────────────────────────────────────── 2s ─┐
//! │  Cuenta                 Mon           Saldo        Hoy neto 7 días   Edad    │
//! │▸ Operación              COP  482.915.300,00  −65.000.000,00 ▇█▆▅▃▂▁    2s    │
//! │                                                                              │
//! │  Total COP               678.298.671,75                                      │
//! │  ? 1 pago de resultado desconocido      [6]                                  │
//! └──────────────────────────────────────────────────────────────────────────────┘
//! ```

mod attention;
mod nets;

use attention::asks;
use nets::{Nets, amounts_of, largest, totals};

use super::{Named, Pane, PaneId};
use crate::console::facts::{Standing, seconds_since};
use crate::console::model::{Model, Zone};
use crate::console::standing;
use crate::console::theme::Meaning;
use crate::console::widgets::spark::spark;
use crate::console::widgets::table::{self, Align, Cell, Column, Key, List, Listing as _, Row, Width};
use crate::console::widgets::{modal, text};
use crate::domain::account::{Account, AccountKind};
use crate::domain::id::AccountId;
use crate::domain::money::{Currency, Money};
use crate::domain::transaction::Transaction;
use crate::i18n::{self, Lang};
use crate::sanitize::Clean;
use crate::sync::news::{RawOf, Resource};
use jiff::{Timestamp, ToSpan};
use ratatui::Frame;
use ratatui::layout::Rect;
use std::collections::HashMap;

/// Days of the trend, today's included.
const DAYS: usize = 7;
/// An account's newest transactions that its detail lists.
const NEWEST_MAX: usize = 80;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    pub list: List<Line>,
    totals: Vec<Total>,
    /// The newest transactions of each account, gathered when they come: drawing walks no list.
    newest: HashMap<AccountId, Vec<Transaction>>,
    /// What waits for a checker: how many, and the largest amount.
    waiting: (usize, Option<Money>),
    /// Every provider has answered once.
    complete: bool,
}

/// An account as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub account: Account,
    /// The sum of today's transactions. `None`: they have not all come.
    today: Option<Money>,
    /// Closing balances in minor units, today's last; shorter where the transactions do not reach back.
    days: Vec<i64>,
    /// When the figure was obtained: by the bank for connected accounts, by us for the others.
    known_at: Timestamp,
}

/// One currency. Never added to another.
#[derive(Debug, Clone, PartialEq)]
struct Total {
    currency: Currency,
    accounts: usize,
    /// `None`: too large to add up.
    held: Option<Money>,
    /// What is left if all that waits is approved. `None`: nothing waits, or not all of it is known.
    if_approved: Option<Money>,
    days: Vec<i64>,
}

impl Row for Line {
    const COLUMNS: &'static [Column<Self>] = &[
        Column {
            title: "column.origin",
            width: Width::Fit(6),
            align: Align::Left,
            drops: 9,
            cell: |row, look| match row.account.kind {
                AccountKind::Balance => Cell::ours(row.account.provider.title()),
                AccountKind::Connected => Cell::ours(look.lang.word("account.connected")),
            },
            sort: |row| Key::text(row.account.provider.title()),
        },
        Column {
            title: "column.account",
            width: Width::Flex(22, 34),
            align: Align::Left,
            drops: 0,
            cell: |row, _| Cell::clean(&row.account.name),
            sort: |row| Key::text(row.account.name.as_str()),
        },
        Column {
            title: "column.currency",
            width: Width::Fit(3),
            align: Align::Left,
            drops: 0,
            cell: |row, _| Cell::ours(row.account.balance.currency.code()),
            sort: |row| Key::text(row.account.balance.currency.code()),
        },
        Column {
            title: "column.balance",
            width: Width::Fit(15),
            align: Align::Right,
            drops: 0,
            cell: |row, look| Cell::money(row.account.balance, look),
            sort: |row| Key::money(row.account.balance),
        },
        Column {
            title: "column.net_today",
            width: Width::Fit(15),
            align: Align::Right,
            drops: 0,
            cell: |row, look| row.today.map_or_else(Cell::none, |net| Cell::signed(net, look)),
            sort: |row| row.today.map_or(Key::Nothing, Key::money),
        },
        Column {
            title: "column.trend",
            width: Width::Fit(7),
            align: Align::Left,
            drops: 5,
            cell: |row, _| Cell::ours(spark(&row.days)),
            sort: |_| Key::Nothing,
        },
        Column {
            title: "column.age",
            width: Width::Fit(4),
            align: Align::Right,
            drops: 0,
            cell: |row, look| Cell::ours(i18n::age(seconds_since(row.known_at, look.now))),
            sort: |row| Key::Time(row.known_at),
        },
    ];

    fn id(&self) -> &str {
        self.account.id.as_str()
    }

    fn haystack(&self, _: Lang) -> String {
        let account = &self.account;
        format!(
            "{} {} {} {} {}",
            account.name, account.number, account.balance.currency, account.provider, account.id
        )
    }
}

/// The action that leads here.
pub const GO: &str = "go.balances";

pub struct Balances;

impl Pane for Balances {
    fn title(&self) -> &'static str {
        "pane.balances"
    }

    fn tab(&self) -> (&'static str, &'static str) {
        ("tab.balances", "tab_short.balances")
    }

    fn counted(&self) -> &'static str {
        "count.accounts"
    }

    fn empty(&self) -> &'static str {
        "balances.empty"
    }

    fn resources(&self) -> &'static [Resource] {
        &[Resource::Accounts, Resource::Transactions]
    }

    fn made_of(&self) -> &'static [Resource] {
        &[Resource::Accounts, Resource::Transactions, Resource::Approvals]
    }

    /// An account has the age of its reading, and what is today's moves on with the day.
    fn hears_again(&self) -> &'static [Resource] {
        &[Resource::Accounts, Resource::Transactions]
    }

    fn rebuild(&self, model: &mut Model) {
        let nets = Nets::of(model);
        let mut lines: Vec<Line> = model
            .facts
            .accounts
            .readings()
            .flat_map(|(_, reading)| reading.rows.iter().map(|account| nets.line(account, reading.at)))
            .collect();
        // Pesos first, as the totals below stand; then as the providers list them.
        lines.sort_by_key(|line| line.account.balance.currency);
        let totals = totals(model, &lines);
        let mut newest: HashMap<AccountId, Vec<Transaction>> = HashMap::new();
        for row in model.facts.transactions.rows() {
            let rows = newest.entry(row.account.clone()).or_default();
            if rows.len() < NEWEST_MAX {
                rows.push(row.clone());
            }
        }
        let approvals = &model.facts.approvals;
        let waiting = (approvals.rows().count(), largest(approvals.rows().flat_map(amounts_of)));
        let lang = model.lang();
        let complete = !matches!(self.standing(model), Standing::Loading { .. });
        let state = &mut model.panes.balances;
        state.totals = totals;
        state.newest = newest;
        state.waiting = waiting;
        state.list.replace(lines, lang);
        if !state.complete {
            state.list.first_unless_chosen();
        }
        state.complete |= complete;
    }

    fn copy(&self, model: &Model) -> Option<(&'static str, Clean)> {
        let line = model.panes.balances.list.selected()?;
        Some(("copy.account", line.account.id.clean().clone()))
    }

    fn raw(&self, model: &Model) -> Option<RawOf> {
        let account = &model.panes.balances.list.selected()?.account;
        let (provider, id) = (account.provider, account.id.to_string());
        Some(RawOf::Row { provider, resource: Resource::Accounts, id })
    }

    /// What moved on it.
    fn named(&self, model: &Model) -> Option<Named> {
        let account = &model.panes.balances.list.selected()?.account;
        Some(Named::Filter(PaneId::Transactions, account.name.to_string()))
    }

    fn status(&self, model: &Model) -> String {
        let look = model.look();
        let accounts = self.count(model);
        let day = i18n::day(model.now, look.zone, look.dates);
        let zone = look.zone.iana_name().unwrap_or("UTC");
        look.lang.say("balances.status", &[("accounts", &accounts), ("day", &day), ("zone", &zone)])
    }

    fn view(&self, model: &Model, frame: &mut Frame, body: Rect) {
        match model.zone {
            Zone::List if model.wide() => {
                let asks = u16::try_from(asks(model).len()).unwrap_or(u16::MAX);
                let days = u16::try_from(DAYS).unwrap_or(u16::MAX);
                let lower = asks.max(days).saturating_add(3).min(body.height / 2);
                let upper = Rect { height: body.height.saturating_sub(lower), ..body };
                listed(model, frame, upper, Below::Totals);
                let below = Rect { y: upper.bottom(), height: lower, ..body };
                let half = below.width / 2;
                position(model, frame, Rect { width: half, ..below });
                let right = Rect { x: below.x.saturating_add(half), width: below.width - half, ..below };
                let title = model.lang().word("balances.attention");
                let inner = modal::boxed(frame, right, title, ("", Meaning::Plain), false, &model.look());
                let inner =
                    Rect { x: inner.x.saturating_add(2), width: inner.width.saturating_sub(3), ..inner };
                asked(model, frame, inner);
            }
            Zone::List => listed(model, frame, body, Below::TotalsAndAttention),
            Zone::Detail { scroll } => {
                let rows = u16::try_from(model.panes.balances.list.rows().len()).unwrap_or(u16::MAX);
                let height = rows.saturating_add(3).clamp(5, body.height / 2);
                listed(model, frame, Rect { height, ..body }, Below::Nothing);
                let below = Rect {
                    y: body.y.saturating_add(height),
                    height: body.height.saturating_sub(height),
                    ..body
                };
                detail(model, frame, below, scroll);
            }
        }
    }
}

/// What stands below the accounts in their box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Below {
    Nothing,
    Totals,
    TotalsAndAttention,
}

fn listed(model: &Model, frame: &mut Frame, area: Rect, below: Below) {
    let look = model.look();
    let state = &model.panes.balances;
    let (age, meaning) = standing::age(model, Balances.standing(model));
    let title = standing::titled(model, look.lang.word(Balances.title()));
    let focused = model.zone == Zone::List;
    let inner = modal::boxed(frame, area, &title, (&age, meaning), focused, &look);
    let rows = state.list.counts().0;
    if rows == 0 && matches!(Balances.standing(model), Standing::Loading { .. }) {
        // The headings stand before the first rows do.
        table::draw(frame, inner, &state.list, &look);
    }
    if standing::explained(model, frame, inner, Balances.empty()) {
        return;
    }
    if below == Below::Nothing {
        return table::draw(frame, inner, &state.list, &look);
    }
    let (shown, _) = state.list.counts();
    let table = u16::try_from(shown).unwrap_or(u16::MAX).saturating_add(1);
    let sums_drawn = state.totals.iter().map(|total| 1 + usize::from(total.if_approved.is_some()));
    let totals = u16::try_from(sums_drawn.sum::<usize>()).unwrap_or(u16::MAX).saturating_add(1);
    let height = table.min(inner.height.saturating_sub(totals).max(3)).min(inner.height);
    table::draw(frame, Rect { height, ..inner }, &state.list, &look);
    let rest = Rect {
        x: inner.x.saturating_add(2),
        y: inner.y.saturating_add(height).saturating_add(1),
        width: inner.width.saturating_sub(3),
        height: inner.height.saturating_sub(height).saturating_sub(1),
    };
    let used = sums(model, frame, rest);
    if below == Below::TotalsAndAttention {
        let y = rest.y.saturating_add(used).saturating_add(1);
        let height = rest.height.saturating_sub(used).saturating_sub(1);
        asked(model, frame, Rect { y, height, ..rest });
    }
}

/// All accounts, in the order of the list.
pub fn accounts(model: &Model) -> impl Iterator<Item = &Account> {
    model.panes.balances.list.rows().iter().map(|line| &line.account)
}

/// The sum of each currency, and what is left of it once all that waits is approved.
pub fn sums_said(model: &Model) -> Vec<(String, String)> {
    let look = model.look();
    let whole = if model.facts.accounts.whole() { "" } else { "≥ " };
    let mut lines: Vec<(String, String)> = Vec::new();
    for total in &model.panes.balances.totals {
        let accounts = total.accounts;
        let accounts = look.lang.count("count.accounts", accounts, &[]);
        let name = look.lang.say("balances.total", &[("currency", &total.currency), ("accounts", &accounts)]);
        let held = total.held.map_or_else(
            || look.lang.word("balances.too_large").to_owned(),
            |held| format!("{whole}{}", i18n::money(held, look.numerals)),
        );
        lines.push((name, held));
        if let Some(left) = total.if_approved {
            let name = look.lang.say("balances.if_approved", &[("currency", &total.currency)]);
            lines.push((name, i18n::money(left, look.numerals)));
        }
    }
    lines
}

/// A line or two for each currency. Returns the lines drawn.
fn sums(model: &Model, frame: &mut Frame, area: Rect) -> u16 {
    let look = model.look();
    let lines = sums_said(model);
    let mut drawn = 0;
    for ((name, amount), y) in lines.iter().zip(area.top()..area.bottom()) {
        let style = look.theme.style(Meaning::Plain);
        text::put(frame.buffer_mut(), area.x, y, 30, name, style);
        let room = 22;
        let x = area.x.saturating_add(30);
        let x = x.saturating_add(u16::saturating_sub(room, text::width(amount)));
        let style = look.theme.style(Meaning::Heading);
        text::put(frame.buffer_mut(), x, y, area.right().saturating_sub(x), amount, style);
        drawn += 1;
    }
    drawn
}

/// What a person should look at.
fn asked(model: &Model, frame: &mut Frame, area: Rect) {
    let look = model.look();
    for ((meaning, words, key), y) in asks(model).iter().zip(area.top()..area.bottom()) {
        let style = look.theme.style(*meaning);
        let sign = format!("{} ", meaning.sign());
        let room = area.width.saturating_sub(4);
        let x = text::put(frame.buffer_mut(), area.x, y, 2, &sign, style);
        let x = text::put(frame.buffer_mut(), x, y, room.saturating_sub(2), words, style);
        if let Some(key) = key {
            let x = x.saturating_add(2);
            let style = look.theme.style(Meaning::Plain);
            text::put(frame.buffer_mut(), x, y, area.right().saturating_sub(x), &format!("[{key}]"), style);
        }
    }
}

/// The closing balance of the last days in the first currency, as bars.
fn position(model: &Model, frame: &mut Frame, area: Rect) {
    let look = model.look();
    let Some(total) = model.panes.balances.totals.first() else {
        let title = look.lang.word("balances.position_unknown");
        modal::boxed(frame, area, title, ("", Meaning::Plain), false, &look);
        return;
    };
    let title = look.lang.count("balances.position", total.days.len(), &[("currency", &total.currency)]);
    let inner = modal::boxed(frame, area, &title, ("", Meaning::Plain), false, &look);
    let amounts: Vec<String> = total
        .days
        .iter()
        .map(|minor| i18n::money(Money::new(*minor, total.currency), look.numerals))
        .collect();
    let widest = amounts.iter().map(|amount| text::width(amount)).max().unwrap_or(0);
    let bar_room = inner.width.saturating_sub(widest).saturating_sub(14);
    let highest = total.days.iter().copied().max().unwrap_or(0).max(1);
    let style = look.theme.style(Meaning::Plain);
    let today = u16::try_from(total.days.len()).unwrap_or(0);
    for (((minor, amount), back), y) in
        total.days.iter().zip(&amounts).zip((0..today).rev()).zip(inner.top()..inner.bottom())
    {
        let at = model.now.saturating_sub((i64::from(back) * 24).hours()).unwrap_or(model.now);
        let weekday = i18n::weekday(at, look.zone, look.lang);
        let day = i18n::day(at, look.zone, look.dates);
        let name = format!("{weekday} {day}");
        let x = text::put(frame.buffer_mut(), inner.x.saturating_add(2), y, 10, &name, style);
        let bar = i128::from(*minor).max(0).saturating_mul(i128::from(bar_room)) / i128::from(highest);
        let bar = "█".repeat(usize::try_from(bar).unwrap_or(0));
        text::put(frame.buffer_mut(), x.saturating_add(1), y, bar_room, &bar, style);
        let x = inner.right().saturating_sub(text::width(amount).saturating_add(1));
        text::put(frame.buffer_mut(), x, y, widest, amount, style);
    }
}

/// One account: what it is, how its last days closed, its newest transactions.
fn detail(model: &Model, frame: &mut Frame, area: Rect, scroll: u16) {
    let look = model.look();
    let Some(line) = model.panes.balances.list.selected() else {
        modal::boxed(frame, area, "", ("", Meaning::Plain), true, &look);
        return;
    };
    let account = &line.account;
    let title = format!("{} · {}", account.name, account.id);
    let inner = modal::boxed(frame, area, &title, ("", Meaning::Plain), true, &look);
    let inner = Rect { x: inner.x.saturating_add(2), width: inner.width.saturating_sub(3), ..inner };
    let kind = look.lang.account_kind(account.kind);
    let mut lines: Vec<String> = vec![
        format!(
            "{} {}   {}",
            account.balance.currency,
            i18n::money(account.balance, look.numerals),
            spark(&line.days)
        ),
        format!("{} · {kind} · {}", account.provider, account.number),
        look.lang.say("balances.known_at", &[("time", &i18n::moment(line.known_at, look.zone, look.dates))]),
        String::new(),
    ];
    let newest = model.panes.balances.newest.get(&account.id);
    let transactions: Vec<String> = newest
        .into_iter()
        .flatten()
        .take(usize::from(scroll.saturating_add(inner.height)))
        .map(|row| {
            let day = i18n::day(row.at, look.zone, look.dates);
            let time = i18n::hour_minute(row.at, look.zone);
            let amount = i18n::money_signed(row.amount, look.numerals);
            format!("{day} {time} {amount:>18} {}", row.counterparty)
        })
        .collect();
    if transactions.is_empty() {
        lines.push(look.lang.word("balances.no_transactions").to_owned());
    }
    lines.extend(transactions);
    let style = look.theme.style(Meaning::Plain);
    for (words, y) in lines.iter().skip(scroll.into()).zip(inner.top()..inner.bottom()) {
        text::put(frame.buffer_mut(), inner.x, y, inner.width, words, style);
    }
}
