//! Approvals: what waits for a second person, the oldest first. `⏎` on a bulk opens its rows.
//!
//! ```text
//! ┌─ Aprobaciones ────────────────────────────────────────────────────────── 3s ─┐
//! │  Tipo  Espera Creó    Beneficiario              Pagos          Valor Mon     │
//! │▸ lote     45m mlopez  nomina_2026-11-15.csv       214 312.450.000,00 COP     │
//! │  pago     12m mlopez  Carlos Rojas                  1   1.200.000,00 COP     │
//! └──────────────────────────────────────────────────────────────────────────────┘
//! ```

mod bulk;
mod review;

pub use bulk::{Open, Reading, ach_said, hidden_lines, short_name, written};
pub use review::reviewed;

use super::counterparties::account_text;
use super::{Pane, PaneId};
use crate::console::actions::Action;
use crate::console::effect::Effect;
use crate::console::facts::seconds_since;
use crate::console::forms::{self, decide, decide_bulk};
use crate::console::keys::plain;
use crate::console::message::Message;
use crate::console::model::Model;
use crate::console::theme::Meaning;
use crate::console::widgets::detail::{self, Fact};
use crate::console::widgets::table::{Align, Cell, Column, Key, List, Listing, Row, Width};
use crate::domain::approval::{Approval, Bulk, Given};
use crate::domain::id::{BulkId, MovementId};
use crate::domain::money::{Currency, Money};
use crate::domain::movement::Movement;
use crate::domain::role::Right;
use crate::i18n::{self, Lang};
use crate::payments::fingerprint::Fingerprint;
use crate::payments::review::Severity;
use crate::sanitize::Clean;
use crate::sync::news::{Ask, Batch, News, Resource};
use ratatui::Frame;
use ratatui::layout::Rect;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    pub list: List<Line>,
    /// The bulk that is open, over the queue.
    open: Option<Box<Open>>,
    /// The largest first, in place of the oldest.
    by_amount: bool,
    /// Bulks whose rows were asked for, to know their sums.
    asked: BTreeSet<BulkId>,
    /// The sums of bulks that have been read, for the queue.
    sums: BTreeMap<BulkId, Vec<Money>>,
    /// What is odd about each single one that waits.
    reviews: BTreeMap<MovementId, review::Reviewed>,
}

/// One line of the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    approval: Approval,
    /// The worst of what its review found.
    worst: Option<Severity>,
}

impl Line {
    /// Its payments' sums, one a currency. Empty: a bulk whose rows have not been read.
    fn totals(&self) -> Vec<Money> {
        match &self.approval {
            Approval::Single(movement) => vec![movement.amount],
            Approval::Bulk(bulk) => bulk.totals.clone(),
        }
    }

    fn payee(&self) -> Clean {
        match &self.approval {
            Approval::Single(movement) => movement.destination_name.clone(),
            Approval::Bulk(bulk) => short_name(&bulk.file_name),
        }
    }

    const fn count(&self) -> u32 {
        match &self.approval {
            Approval::Single(_) => 1,
            Approval::Bulk(bulk) => bulk.count,
        }
    }

    fn source(&self) -> Clean {
        match &self.approval {
            Approval::Single(movement) => movement.source_name.clone(),
            Approval::Bulk(_) => Clean::default(),
        }
    }

    fn description(&self) -> Clean {
        match &self.approval {
            Approval::Single(movement) => movement.description.clone(),
            Approval::Bulk(_) => Clean::default(),
        }
    }
}

impl Row for Line {
    const COLUMNS: &'static [Column<Self>] = &[
        Column {
            title: "column.kind",
            width: Width::Fit(4),
            align: Align::Left,
            drops: 0,
            cell: |row, look| {
                let sign = row.worst.map_or(" ", Severity::sign);
                let kind = match row.approval {
                    Approval::Single(ref movement) if movement.given.is_one_of_several() => {
                        format!("{} {}", look.lang.word("approvals.single"), movement.given.short())
                    }
                    Approval::Single(_) => look.lang.word("approvals.single").to_owned(),
                    Approval::Bulk(_) => look.lang.word("approvals.bulk").to_owned(),
                };
                Cell::ours(format!("{sign} {kind}")).means(review::meaning(row.worst))
            },
            sort: |row| Key::Number(i64::from(matches!(row.approval, Approval::Single(_)))),
        },
        Column {
            title: "column.waits",
            width: Width::Fit(4),
            align: Align::Right,
            drops: 6,
            cell: |row, look| Cell::ours(i18n::age(seconds_since(row.approval.created_at(), look.now))),
            sort: |row| Key::Time(row.approval.created_at()),
        },
        Column {
            title: "column.creator",
            width: Width::Flex(6, 14),
            align: Align::Left,
            drops: 5,
            cell: |row, _| detail::or_none(row.approval.creator()),
            sort: |row| Key::text(row.approval.creator().as_str()),
        },
        Column {
            title: "column.beneficiary",
            width: Width::Flex(16, 34),
            align: Align::Left,
            drops: 0,
            cell: |row, _| detail::or_none(&row.payee()),
            sort: |row| Key::text(row.payee().as_str()),
        },
        Column {
            title: "column.payments",
            width: Width::Fit(5),
            align: Align::Right,
            drops: 7,
            cell: |row, look| Cell::ours(i18n::grouped(row.count().into(), look.numerals)),
            sort: |row| Key::Number(row.count().into()),
        },
        Column {
            title: "column.amount",
            width: Width::Fit(15),
            align: Align::Right,
            drops: 0,
            cell: |row, look| match *row.totals() {
                [total] => Cell::money(total, look),
                [] => Cell::none(),
                [..] => Cell::ours(look.lang.word("approvals.several")),
            },
            sort: |row| row.totals().first().copied().map_or(Key::Nothing, Key::money),
        },
        Column {
            title: "column.currency",
            width: Width::Fit(3),
            align: Align::Left,
            drops: 0,
            cell: |row, _| match *row.totals() {
                [total] => Cell::ours(total.currency.code()),
                [..] => Cell::none(),
            },
            sort: |row| row.totals().first().map_or(Key::Nothing, |total| Key::text(total.currency.code())),
        },
        Column {
            title: "column.origin_account",
            width: Width::Flex(8, 16),
            align: Align::Left,
            drops: 8,
            cell: |row, _| detail::or_none(&row.source()),
            sort: |row| Key::text(row.source().as_str()),
        },
        Column {
            title: "column.description",
            width: Width::Flex(8, 24),
            align: Align::Left,
            drops: 9,
            cell: |row, _| detail::or_none(&row.description()),
            sort: |row| Key::text(row.description().as_str()),
        },
    ];

    fn id(&self) -> &str {
        self.approval.id()
    }

    fn haystack(&self, _: Lang) -> String {
        let id = self.approval.id();
        let (payee, source, description) = (self.payee(), self.source(), self.description());
        let amounts: Vec<String> = self.totals().into_iter().map(i18n::spellings).collect();
        let creator = self.approval.creator();
        format!("{payee} {creator} {source} {description} {} {id}", amounts.join(" "))
    }
}

/// The selected movement that waits by itself: what `A` and `X` decide.
pub fn single(model: &Model) -> Option<&Movement> {
    let state = &model.panes.approvals;
    match &state.list.selected()?.approval {
        Approval::Single(movement) if state.open.is_none() => Some(movement),
        Approval::Single(_) | Approval::Bulk(_) => None,
    }
}

fn decidable(model: &Model) -> Result<(), &'static str> {
    let state = &model.panes.approvals;
    match (&state.open, state.list.selected().map(|line| &line.approval)) {
        (Some(open), _) => bulk_decidable(model, open),
        (None, Some(Approval::Bulk(_))) => Err("reason.open_the_bulk"),
        (None, Some(Approval::Single(movement))) => decide::decidable(model, movement),
        (None, None) => Err("reason.nothing_selected"),
    }
}

/// Whether the open bulk may be decided now; else the word of the reason.
fn bulk_decidable(model: &Model, open: &Open) -> Result<(), &'static str> {
    if open.gone {
        return Err("approvals.bulk_gone");
    }
    if open.state != Reading::Reviewed {
        return Err("approvals.reviewing");
    }
    decide_bulk::decidable(model, open)
}

fn approvable(model: &Model) -> Result<(), &'static str> {
    decidable(model)?;
    match &model.panes.approvals.open {
        Some(open) if !open.unread().is_empty() => Err("reason.reds_unread"),
        Some(_) | None => Ok(()),
    }
}

/// The bulk that is open, if one is.
pub fn opened(model: &Model) -> Option<&Open> {
    model.panes.approvals.open.as_deref()
}

/// Reads the open bulk anew, rows and review.
pub fn reopen(model: &mut Model) -> Vec<Effect> {
    let Some(open) = &mut model.panes.approvals.open else { return Vec::new() };
    let bulk = open.bulk.clone();
    **open = Open::new(bulk.clone());
    vec![Effect::Ask(Ask::OpenBulk(Box::new(bulk)))]
}

fn is_bulk_open(model: &Model) -> Result<(), &'static str> {
    opened(model).map(|_| ()).ok_or("reason.open_the_bulk")
}

/// What only this pane does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Msg {
    NextFlag,
    PreviousFlag,
    AllLines,
    ByAmount,
}

pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let (role, lang) = (model.seat.actor.role, model.lang());
    let state = &mut model.panes.approvals;
    match (msg, &mut state.open) {
        (Msg::NextFlag, Some(open)) => open.to_flag(true),
        (Msg::PreviousFlag, Some(open)) => open.to_flag(false),
        (Msg::AllLines, Some(open)) => open.toggle_all(role, lang),
        (Msg::ByAmount, None) => {
            state.by_amount = !state.by_amount;
            Approvals.rebuild(model);
        }
        (Msg::NextFlag | Msg::PreviousFlag | Msg::AllLines, None) | (Msg::ByAmount, Some(_)) => {}
    }
    Vec::new()
}

/// The action that leads here.
pub const GO: &str = "go.approvals";

pub struct Approvals;

const READ: Action = Action { panes: &[PaneId::Approvals], enabled: is_bulk_open, ..Action::PLAIN };

const DECIDE: Action = Action {
    panes: &[PaneId::Approvals],
    right: Some(Right::Approve),
    writes: true,
    enabled: decidable,
    ..Action::PLAIN
};

static ACTIONS: [Action; 7] = [
    Action {
        id: "movement.approve",
        keys: &[plain('A')],
        word: "action.approve",
        hint: Some(8),
        message: Message::Form(forms::Msg::Approve),
        enabled: approvable,
        ..DECIDE
    },
    Action {
        id: "movement.reject",
        keys: &[plain('X')],
        word: "action.reject",
        hint: Some(9),
        message: Message::Form(forms::Msg::Reject),
        ..DECIDE
    },
    Action {
        id: "batch.next_flag",
        keys: &[plain('n')],
        word: "action.next_flag",
        hint: Some(10),
        message: Message::Pane(super::Msg::Approvals(Msg::NextFlag)),
        ..READ
    },
    Action {
        id: "batch.previous_flag",
        keys: &[plain('N')],
        word: "action.previous_flag",
        message: Message::Pane(super::Msg::Approvals(Msg::PreviousFlag)),
        ..READ
    },
    Action {
        id: "batch.all_lines",
        keys: &[plain('f')],
        word: "action.all_lines",
        // After the way back.
        hint: Some(21),
        message: Message::Pane(super::Msg::Approvals(Msg::AllLines)),
        ..READ
    },
    Action {
        id: "batch.create",
        keys: &[plain('L')],
        panes: &[PaneId::Balances, PaneId::Transactions, PaneId::Approvals, PaneId::Outbox],
        right: Some(Right::Create),
        writes: true,
        word: "action.new_bulk",
        message: Message::Form(forms::Msg::NewBulk),
        ..Action::PLAIN
    },
    Action {
        id: "queue.by_amount",
        keys: &[plain('v')],
        word: "action.by_amount",
        panes: &[PaneId::Approvals],
        message: Message::Pane(super::Msg::Approvals(Msg::ByAmount)),
        ..Action::PLAIN
    },
];

impl Pane for Approvals {
    fn title(&self) -> &'static str {
        "pane.approvals"
    }

    fn tab(&self) -> (&'static str, &'static str) {
        ("tab.approvals", "tab_short.approvals")
    }

    fn empty(&self) -> &'static str {
        "approvals.empty"
    }

    fn counted(&self) -> &'static str {
        "count.approvals"
    }

    fn badge(&self, model: &Model) -> Option<String> {
        let waiting = model.panes.approvals.list.rows().len();
        (waiting > 0).then(|| waiting.to_string())
    }

    fn actions(&self) -> &'static [Action] {
        &ACTIONS
    }

    fn resources(&self) -> &'static [Resource] {
        &[Resource::Approvals]
    }

    /// A review or a sum that did not come is asked for again.
    fn hears_again(&self) -> &'static [Resource] {
        &[Resource::Approvals]
    }

    fn told(&self, model: &mut Model, news: &News) -> Vec<Effect> {
        match news {
            News::Rows { batch: Batch::Approvals(_), .. } => {
                let mut effects = review::ask(model);
                self.rebuild(model);
                effects.extend(ask_sums(model));
                return effects;
            }
            News::Reviewed(reviewed) => {
                review::came(reviewed, &mut model.panes.approvals.reviews);
                self.rebuild(model);
            }
            News::BulkRows { bulk, rows } => {
                let state = &mut model.panes.approvals;
                if let Ok(rows) = rows {
                    state.sums.insert(bulk.clone(), totals(rows));
                }
                if let Some(open) = &mut state.open
                    && open.bulk.id == *bulk
                {
                    match rows {
                        // A later reading of the rows alone must not slip under what was reviewed.
                        Ok(rows) if open.state == Reading::Asked => open.came(rows, totals(rows)),
                        Ok(_) => {}
                        Err(why) => open.state = Reading::Failed(why.clone()),
                    }
                }
                self.rebuild(model);
            }
            News::BulkReviewed { bulk, review } => {
                let (lang, role) = (model.lang(), model.seat.actor.role);
                if let Some(open) = &mut model.panes.approvals.open
                    && open.bulk.id == *bulk
                {
                    open.reviewed(review, role, lang);
                }
            }
            _ => {}
        }
        Vec::new()
    }

    fn rebuild(&self, model: &mut Model) {
        let State { sums, reviews, .. } = &model.panes.approvals;
        let line = |row: &Approval| {
            let mut approval = row.clone();
            if let Approval::Bulk(bulk) = &mut approval
                && bulk.totals.is_empty()
                && let Some(read) = sums.get(&bulk.id)
            {
                bulk.totals.clone_from(read);
            }
            let worst = match row {
                Approval::Single(movement) => review::worst(reviews.get(&movement.id)),
                Approval::Bulk(_) => None,
            };
            Line { approval, worst }
        };
        let mut lines: Vec<Line> = model.facts.approvals.rows().map(line).collect();
        lines.sort_by_key(|line| line.approval.created_at());
        if model.panes.approvals.by_amount {
            lines.sort_by_key(|line| std::cmp::Reverse(line.totals().first().map_or(0, |total| total.minor)));
        }
        let lang = model.lang();
        let state = &mut model.panes.approvals;
        state.list.replace(lines, lang);
        // The open bulk follows its line; once it waits no more, it stays until it is closed.
        let bulk = |line: &Line| match &line.approval {
            Approval::Bulk(bulk) => Some(bulk.clone()),
            Approval::Single(_) => None,
        };
        let whole = model.facts.approvals.whole();
        if let Some(open) = &mut state.open {
            match state.list.rows().iter().filter_map(bulk).find(|bulk| bulk.id == open.bulk.id) {
                Some(fresh) => open.bulk = fresh,
                // A list with pages missing does not say that it is gone.
                None => open.gone |= whole,
            }
        }
    }

    fn list<'a>(&self, model: &'a Model) -> &'a dyn Listing {
        let state = &model.panes.approvals;
        match &state.open {
            Some(open) => &open.list,
            None => &state.list,
        }
    }

    fn list_mut<'a>(&self, model: &'a mut Model) -> &'a mut dyn Listing {
        let state = &mut model.panes.approvals;
        match &mut state.open {
            Some(open) => &mut open.list,
            None => &mut state.list,
        }
    }

    fn open(&self, model: &mut Model) -> Option<Vec<Effect>> {
        let state = &mut model.panes.approvals;
        if state.open.is_some() {
            return None;
        }
        let Approval::Bulk(bulk) = &state.list.selected()?.approval else { return None };
        let bulk = bulk.clone();
        state.open = Some(Box::new(Open::new(bulk.clone())));
        Some(vec![Effect::Ask(Ask::OpenBulk(Box::new(bulk)))])
    }

    fn is_open(&self, model: &Model) -> bool {
        model.panes.approvals.open.is_some()
    }

    fn close(&self, model: &mut Model) {
        model.panes.approvals.open = None;
    }

    fn copy(&self, model: &Model) -> Option<(&'static str, Clean)> {
        let state = &model.panes.approvals;
        match &state.open {
            Some(open) => Some(("copy.movement", Clean::new(open.list.selected()?.id()))),
            None => Some(("copy.movement", Clean::new(state.list.selected()?.id()))),
        }
    }

    fn status(&self, model: &Model) -> String {
        opened(model).map_or_else(|| self.count(model), |open| open.status(model))
    }

    fn facts(&self, model: &Model) -> Option<(String, Vec<Fact>)> {
        if let Some(open) = opened(model) {
            return open.facts(model);
        }
        Some(match &model.panes.approvals.list.selected()?.approval {
            Approval::Single(movement) => {
                (movement.destination_name.to_string(), movement_facts(movement, model))
            }
            Approval::Bulk(bulk) => (short_name(&bulk.file_name).to_string(), bulk_facts(bulk, model)),
        })
    }

    fn view(&self, model: &Model, frame: &mut Frame, body: Rect) {
        match opened(model) {
            Some(open) => open.view(self, model, frame, body),
            None => detail::list_over_detail(model, frame, body),
        }
    }
}

/// The rows of each bulk that waits and whose sum nobody knows: the queue shows what it holds.
fn ask_sums(model: &mut Model) -> Vec<Effect> {
    let state = &mut model.panes.approvals;
    let waiting: Vec<BulkId> = state
        .list
        .rows()
        .iter()
        .filter_map(|line| match &line.approval {
            Approval::Bulk(bulk) if !state.sums.contains_key(&bulk.id) => Some(bulk.id.clone()),
            Approval::Bulk(_) | Approval::Single(_) => None,
        })
        .collect();
    let new = waiting.into_iter().filter(|bulk| state.asked.insert(bulk.clone()));
    new.map(|bulk| Effect::Ask(Ask::BulkRows(bulk))).collect()
}

/// Sums of the rows, one a currency: never added across currencies. What is too large is left out.
pub fn totals(rows: &[Movement]) -> Vec<Money> {
    let mut by_currency: BTreeMap<Currency, Vec<Money>> = BTreeMap::new();
    for row in rows {
        by_currency.entry(row.amount.currency).or_default().push(row.amount);
    }
    by_currency.into_iter().filter_map(|(currency, rows)| Money::total(currency, rows).ok()).collect()
}

fn movement_facts(movement: &Movement, model: &Model) -> Vec<Fact> {
    let look = model.look();
    let amount = format!("{} {}", movement.amount.currency, i18n::money(movement.amount, look.numerals));
    let ends: [(&str, &dyn std::fmt::Display); 3] =
        [("amount", &amount), ("from", &movement.source_name), ("to", &movement.destination_name)];
    let mut facts = vec![
        Fact::head(look.lang.say("form.movement.sentence", &ends)).kept(),
        Fact::clean(
            "column.destination",
            &account_text(&movement.destination_account, model.seat.actor.role),
        )
        .kept(),
        Fact::plain(i18n::amount_in_words(movement.amount, look.lang)),
    ];
    // Why this person may not decide it stands where the eye is, not only behind the key.
    if model.panes.approvals.open.is_none()
        && let Err(why) = decide::decidable(model, movement)
    {
        let meaning = if model.seat.actor.role.may(Right::Approve) { Meaning::Look } else { Meaning::Dim };
        let why = look.lang.word(why);
        facts.push(Fact::signed(meaning, &model.say("approvals.greyed", &[("why", &why)])));
    }
    if movement.given.is_one_of_several() {
        facts.push(Fact::plain(given_text(&movement.given, look.lang)));
    }
    if movement.destination_name.altered() || movement.source_name.altered() {
        facts.push(Fact::signed(Meaning::Look, look.lang.word("confirm.altered")));
    }
    facts.extend(review::facts(movement, model));
    facts.extend([
        Fact::clean("column.description", &movement.description),
        Fact::named(
            "column.reference",
            movement.external_id.as_ref().map_or_else(|| "—".to_owned(), ToString::to_string),
        ),
        Fact::clean("column.creator", &movement.creator),
        Fact::named("column.created", detail::moment_with_utc(movement.created_at, &look)),
        Fact::named("column.state", state_text(movement, look.lang)),
        Fact::named("confirm.fingerprint", Fingerprint::of(movement).short()),
        Fact::named("column.id", movement.id.to_string()),
    ]);
    facts
}

/// How many approvals are there, whose, and how many are missing.
fn given_text(given: &Given, lang: Lang) -> String {
    let by: Vec<&str> = given.by.iter().map(Clean::as_str).collect();
    let by = if by.is_empty() { "—".to_owned() } else { by.join(", ") };
    let short = given.short();
    let parts: [(&str, &dyn std::fmt::Display); 2] = [("given", &short), ("by", &by)];
    match given.missing() {
        Some(missing) => lang.count("approvals.given", missing, &parts),
        None => lang.say("approvals.given.untold", &parts),
    }
}

fn state_text(movement: &Movement, lang: Lang) -> String {
    let state = lang.movement_state(&movement.state);
    if movement.cause.is_empty() { state.to_string() } else { format!("{state} · {}", movement.cause) }
}

fn bulk_facts(bulk: &Bulk, model: &Model) -> Vec<Fact> {
    let look = model.look();
    let payments = look.lang.count("count.payments", bulk.count, &[]);
    let sums = if bulk.totals.is_empty() {
        look.lang.word("approvals.sums_unknown").to_owned()
    } else {
        written(&bulk.totals, &look)
    };
    vec![
        Fact::head(format!("{payments} · {sums}")),
        Fact::plain(model.say("approvals.open_bulk", &[])),
        Fact::clean("column.creator", &bulk.creator),
        Fact::named("column.created", detail::moment_with_utc(bulk.created_at, &look)),
        Fact::clean("column.state", &look.lang.bulk_state(bulk.state.as_str())),
        Fact::named("column.id", bulk.id.to_string()),
    ]
}

/// The id of the bulk that is open, if one is.
pub fn open_bulk(model: &Model) -> Option<&BulkId> {
    model.panes.approvals.open.as_ref().map(|open| &open.bulk.id)
}
