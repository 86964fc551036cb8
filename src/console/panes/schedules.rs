//! Movements that make themselves: once at a moment, or again and again (contract 8). No tab of its own:
//! the palette leads here.

use super::{Pane, PaneId};
use crate::console::actions::Action;
use crate::console::forms;
use crate::console::keys::plain;
use crate::console::message::Message;
use crate::console::model::{Look, Model};
use crate::console::theme::Meaning;
use crate::console::widgets::detail::{self, Fact};
use crate::console::widgets::table::{Align, Cell, Column, Key, List, Row, Width};
use crate::domain::account::Account;
use crate::domain::money::{Currency, Money};
use crate::domain::role::Right;
use crate::domain::schedule::{Rhythm, Schedule, next_run, read_pattern};
use crate::i18n::{self, Lang};
use crate::sanitize::Clean;
use crate::sync::news::Resource;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    pub list: List<Line>,
}

/// A schedule as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    schedule: Schedule,
    /// Names of the balances, and of who is paid.
    sources: Clean,
    destination: Clean,
    /// `None` sweeps what is there.
    amount: Option<Money>,
}

impl Row for Line {
    const COLUMNS: &'static [Column<Self>] = &[
        Column {
            title: "column.state",
            width: Width::Fit(11),
            align: Align::Left,
            drops: 0,
            cell: |row, look| {
                let (meaning, word) = state(&row.schedule);
                Cell::signed_word(meaning, look.lang.word(word))
            },
            sort: |row| Key::text(if row.schedule.active { "a" } else { "b" }),
        },
        Column {
            title: "column.when",
            width: Width::Flex(24, 30),
            align: Align::Left,
            drops: 0,
            cell: |row, look| Cell::ours(when(&row.schedule, look)),
            sort: |row| Key::text(row.schedule.pattern.as_str()),
        },
        Column {
            title: "column.amount",
            width: Width::Fit(12),
            align: Align::Right,
            drops: 0,
            cell: |row, look| match row.amount {
                Some(amount) => Cell::money(amount, look),
                None => Cell::ours(look.lang.word("schedules.sweep")),
            },
            sort: |row| row.amount.map_or(Key::Nothing, Key::money),
        },
        Column {
            title: "column.currency",
            width: Width::Fit(3),
            align: Align::Left,
            drops: 0,
            cell: |row, _| Cell::ours(row.amount.map_or("", |amount| amount.currency.code())),
            sort: |row| Key::text(row.amount.map_or("", |amount| amount.currency.code())),
        },
        Column {
            title: "column.beneficiary",
            width: Width::Flex(14, 30),
            align: Align::Left,
            drops: 0,
            cell: |row, _| detail::or_none(&row.destination),
            sort: |row| Key::text(row.destination.as_str()),
        },
        Column {
            title: "column.account",
            width: Width::Flex(10, 20),
            align: Align::Left,
            drops: 4,
            cell: |row, _| detail::or_none(&row.sources),
            sort: |row| Key::text(row.sources.as_str()),
        },
    ];

    fn id(&self) -> &str {
        self.schedule.id.as_str()
    }

    fn haystack(&self, _: Lang) -> String {
        let row = &self.schedule;
        let amount = self.amount.map(i18n::spellings).unwrap_or_default();
        format!("{} {} {} {amount} {}", self.destination, self.sources, row.description, row.id)
    }
}

const fn state(schedule: &Schedule) -> (Meaning, &'static str) {
    if schedule.active { (Meaning::Moving, "schedule.active") } else { (Meaning::Dim, "schedule.canceled") }
}

/// `cada día 09:00`, `01/12/2026 09:00`; a pattern of another kind as the provider writes it.
pub fn when(schedule: &Schedule, look: &Look<'_>) -> String {
    let Some((rhythm, at)) = read_pattern(schedule.pattern.as_str(), look.now) else {
        return schedule.pattern.to_string();
    };
    let time = i18n::hour_minute(at, look.zone);
    match rhythm {
        Rhythm::Once => moment(at, look),
        Rhythm::Daily => look.lang.say("schedule.daily", &[("time", &time)]),
        Rhythm::Weekly => {
            let day = i18n::weekday(at, look.zone, look.lang);
            look.lang.say("schedule.weekly", &[("day", &day), ("time", &time)])
        }
        Rhythm::Monthly => {
            let day = look.zone.to_datetime(at).day();
            look.lang.say("schedule.monthly", &[("day", &day), ("time", &time)])
        }
    }
}

/// `01/12/2026 09:00`
pub fn moment(at: Timestamp, look: &Look<'_>) -> String {
    format!("{} {}", i18n::date(at, look.zone, look.dates), i18n::hour_minute(at, look.zone))
}

/// The schedule that is selected.
pub fn chosen(model: &Model) -> Option<&Schedule> {
    model.panes.schedules.list.selected().map(|line| &line.schedule)
}

/// What it is called in a dialog: its description, which its maker gave it.
pub fn name(schedule: &Schedule) -> Clean {
    let description = &schedule.description;
    if description.is_empty() { schedule.id.clean().clone() } else { description.clone() }
}

static ACTIONS: [Action; 2] = [
    Action {
        id: "scheduler.create",
        keys: &[plain('n')],
        panes: &[PaneId::Schedules],
        right: Some(Right::Create),
        writes: true,
        word: "action.new_schedule",
        hint: Some(10),
        message: Message::Form(forms::Msg::NewSchedule),
        ..Action::PLAIN
    },
    Action {
        id: "scheduler.cancel",
        keys: &[plain('X')],
        panes: &[PaneId::Schedules],
        right: Some(Right::Create),
        writes: true,
        word: "action.cancel_schedule",
        hint: Some(11),
        enabled: |model| match chosen(model) {
            None => Err("reason.nothing_selected"),
            Some(schedule) if schedule.active => Ok(()),
            Some(_) => Err("reason.schedule_over"),
        },
        message: Message::Form(forms::Msg::CancelSchedule),
        ..Action::PLAIN
    },
];

/// The action that leads here.
pub const GO: &str = "go.schedules";

pub struct Schedules;

impl Pane for Schedules {
    fn title(&self) -> &'static str {
        "pane.schedules"
    }

    fn empty(&self) -> &'static str {
        "schedules.empty"
    }

    fn counted(&self) -> &'static str {
        "count.schedules"
    }

    fn actions(&self) -> &'static [Action] {
        &ACTIONS
    }

    fn resources(&self) -> &'static [Resource] {
        &[Resource::Schedules]
    }

    fn made_of(&self) -> &'static [Resource] {
        &[Resource::Schedules, Resource::Accounts, Resource::Counterparties]
    }

    fn rebuild(&self, model: &mut Model) {
        let mut lines: Vec<Line> = model.facts.schedules.rows().map(|row| line(row, model)).collect();
        // What still runs comes first.
        lines.sort_by_key(|line| (!line.schedule.active, std::cmp::Reverse(line.schedule.created_at)));
        let lang = model.lang();
        model.panes.schedules.list.replace(lines, lang);
    }

    fn copy(&self, model: &Model) -> Option<(&'static str, Clean)> {
        Some(("copy.schedule", Clean::new(chosen(model)?.id.as_str())))
    }

    fn status(&self, model: &Model) -> String {
        let active = model.panes.schedules.list.rows().iter().filter(|line| line.schedule.active).count();
        model.lang().count("count.schedules", active, &[])
    }

    fn facts(&self, model: &Model) -> Option<(String, Vec<Fact>)> {
        let line = model.panes.schedules.list.selected()?;
        Some((name(&line.schedule).to_string(), facts(line, model)))
    }
}

fn line(schedule: &Schedule, model: &Model) -> Line {
    let account = |id: &str| model.facts.accounts.rows().find(|account| account.id.as_str() == id);
    let sources: Vec<&Account> = schedule.sources.iter().filter_map(|id| account(id.as_str())).collect();
    let names: Vec<&str> = sources.iter().map(|account| account.name.as_str()).collect();
    let to = schedule.destination.as_str();
    let counterparty = model.facts.counterparties.rows().find(|row| row.id.as_str() == to);
    let named = counterparty.map(|row| row.name.clone()).or_else(|| account(to).map(|row| row.name.clone()));
    let currency = sources.first().map_or(Currency::Cop, |account| account.balance.currency);
    Line {
        sources: Clean::new(&names.join(" · ")),
        destination: named.unwrap_or_else(|| schedule.destination.clone()),
        amount: (schedule.amount_minor > 0).then(|| Money::new(schedule.amount_minor, currency)),
        schedule: schedule.clone(),
    }
}

fn facts(line: &Line, model: &Model) -> Vec<Fact> {
    let look = model.look();
    let schedule = &line.schedule;
    let (meaning, word) = state(schedule);
    let amount = match line.amount {
        Some(amount) => format!("{} {}", amount.currency, i18n::money(amount, look.numerals)),
        None => look.lang.word("schedules.sweep_long").to_owned(),
    };
    let approval = if schedule.asks_checker { "confirm.goes_to_approval" } else { "confirm.leaves_at_once" };
    let runs = i18n::grouped(schedule.runs, look.numerals);
    let next = next_run(schedule.pattern.as_str(), look.now).filter(|_| schedule.active);
    let runs = match next.map(|at| moment(at, &look)) {
        Some(next) => look.lang.say("schedules.next", &[("runs", &runs), ("next", &next)]),
        None => runs,
    };
    vec![
        Fact::signed(meaning, look.lang.word(word)),
        Fact::named("column.when", format!("{} · {} UTC", when(schedule, &look), schedule.pattern)),
        Fact::named("column.amount", amount),
        Fact::clean("form.source", &line.sources),
        Fact::clean("column.beneficiary", &line.destination),
        Fact::clean("column.description", &schedule.description),
        Fact::named("schedules.runs", runs),
        Fact::plain(look.lang.word(approval).to_owned()),
        Fact::named("column.id", schedule.id.to_string()),
    ]
}
