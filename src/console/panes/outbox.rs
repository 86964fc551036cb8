//! The outbox: every write that was ever tried from here, its state, and what is known of it.
//!
//! ```text
//! ┌─ Salidas ────────────────────────────────────────────────────────────────────┐
//! │  Estado        Hora      Valor     Beneficiario    Qué se sabe               │
//! │▸ ? desconocido 14:03  3.150.000,00 Ferretería Sol  conexión cortada; 5 búsq. │
//! └──────────────────────────────────────────────────────────────────────────────┘
//! ┌─ pago-4470 · ¿se hizo? AÚN NO SE SABE ───────────────────────────────────────┐
//! │  Enviado 14:03:20: conexión cortada                                          │
//! │  Próxima búsqueda 14:05:50. NO cree otro igual.                              │
//! └──────────────────────────────────────────────────────────────────────────────┘
//! ```

use super::approvals::short_name;
use super::{Pane, PaneId};
use crate::console::actions::Action;
use crate::console::drafts::{self, Summary};
use crate::console::effect::Effect;
use crate::console::facts::Standing;
use crate::console::forms::{self, mend};
use crate::console::keys::plain;
use crate::console::message::Message;
use crate::console::model::{Look, Model, Saying, Zone};
use crate::console::standing;
use crate::console::theme::Meaning;
use crate::console::widgets::table::{self, Align, Cell, Column, Key, List, Listing, Row, Width};
use crate::console::widgets::{detail, modal, text};
use crate::domain::ProviderName;
use crate::domain::approval::Approval;
use crate::domain::money::Money;
use crate::domain::movement::MovementState;
use crate::domain::role::Right;
use crate::i18n::{self, Lang};
use crate::sanitize::Clean;
use crate::store::{OutboxEntry, State as Stage};
use crate::sync::news::{Ask, Batch, News, RawOf};
use crate::sync::settle::next_look;
use jiff::{SignedDuration, Timestamp};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line as TextLine;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    pub list: List<Line>,
    unknowns: usize,
    moving: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Msg {
    /// Look for the selected unknown now.
    Look,
    /// What the next person at this desk has to know.
    Handover,
}

/// What is listed: the writes, and below them what was typed and not sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    Write(Box<Write>),
    Draft(Box<Draft>),
}

/// What was typed in a form, and not sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    id: String,
    /// By which its form opens again.
    number: i64,
    at: Timestamp,
    said: Summary,
}

impl Line {
    fn write(&self) -> Option<&Write> {
        match self {
            Self::Write(write) => Some(write),
            Self::Draft(_) => None,
        }
    }
}

/// A write as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    id: String,
    /// What a person calls it: the external id, else the provider's id, else the intent.
    name: Clean,
    who: Clean,
    amount: Option<Money>,
    /// When an unknown is looked for next.
    due: Option<Timestamp>,
    /// Whether this person may send it again.
    again: bool,
    entry: OutboxEntry,
}

impl Write {
    fn of(entry: &OutboxEntry, model: &Model) -> Self {
        let intent = entry.intent.to_string();
        let name = [&entry.external_id, &entry.provider_id, &entry.subject]
            .into_iter()
            .flatten()
            .next()
            .map_or_else(|| Clean::new(&intent), |name| short_name(&Clean::new(name)));
        let currency = entry.currency.as_deref().and_then(|code| code.parse().ok());
        let ended = entry.ended_at.or(entry.started_at).unwrap_or(entry.at);
        let last = entry.looks.iter().map(|look| look.at).max();
        let due = (entry.state == Stage::Unknown).then(|| next_look(ended, last, model.seat.hurry));
        Self {
            id: intent,
            name,
            who: who(entry, model),
            amount: entry.amount_minor.zip(currency).map(|(minor, currency)| Money::new(minor, currency)),
            due,
            again: mend::repeatable(entry, model).is_ok(),
            entry: entry.clone(),
        }
    }

    /// The movement's own state, or the bulk's, where the write made or decided one.
    fn provider_state(&self) -> Option<MovementState> {
        let followed =
            matches!(self.entry.action.as_str(), "create_movement" | "approve" | "reject" | "create_bulk");
        self.entry.provider_state.as_deref().filter(|_| followed).map(MovementState::read)
    }

    /// Its word.
    fn state_word(&self, state: &MovementState, lang: Lang) -> Clean {
        if self.entry.action == "create_bulk" {
            return lang.bulk_state(state.code());
        }
        lang.movement_state(state)
    }

    fn haystack(&self, lang: Lang) -> String {
        let entry = &self.entry;
        let there = self.provider_state().map(|state| self.state_word(&state, lang)).unwrap_or_default();
        format!(
            "{} {} {} {there} {} {} {} {}",
            self.name,
            self.who,
            lang.outbox_state(entry.state.code()),
            entry.provider_id.as_deref().unwrap_or_default(),
            self.amount.map(i18n::spellings).unwrap_or_default(),
            entry.provider,
            self.id
        )
    }

    fn meaning(&self) -> Meaning {
        match self.entry.state {
            Stage::Unknown => Meaning::Unknown,
            Stage::Recorded | Stage::Sending => Meaning::Moving,
            Stage::NotSent => Meaning::Dim,
            Stage::Rejected => Meaning::Bad,
            Stage::Sent => match self.provider_state() {
                None | Some(MovementState::Completed) => Meaning::Good,
                Some(
                    MovementState::Failed
                    | MovementState::Rejected
                    | MovementState::Canceled
                    | MovementState::Returned,
                ) => Meaning::Bad,
                Some(
                    MovementState::Initiated
                    | MovementState::PendingApproval
                    | MovementState::Processing
                    | MovementState::Other(_),
                ) => Meaning::Moving,
            },
        }
    }

    /// One line of what is known: why not, what was found, how far the movement got.
    fn known(&self, lang: Lang) -> String {
        match self.entry.state {
            Stage::Recorded => lang.word("outbox.known.recorded").to_owned(),
            Stage::Sending => lang.word("outbox.known.sending").to_owned(),
            Stage::Unknown => {
                let found: u32 = self.entry.looks.last().map_or(0, |look| look.found);
                let looks = u64::try_from(self.entry.looks.len()).unwrap_or(u64::MAX);
                let looks = lang.count("outbox.known.looks", looks, &[("found", &found)]);
                format!("{}; {looks}", self.why(lang))
            }
            Stage::NotSent => self.why(lang),
            Stage::Rejected => self.refusal(lang),
            Stage::Sent => match self.provider_state() {
                Some(state) => self.state_word(&state, lang).to_string(),
                None => Clean::new(self.entry.provider_id.as_deref().unwrap_or_default()).to_string(),
            },
        }
    }

    /// The reason in words; its code where there is no word for it.
    fn why(&self, lang: Lang) -> String {
        let why = self.entry.why.as_deref().unwrap_or_default();
        let (code, _) = why.split_once(": ").unwrap_or((why, ""));
        lang.or_code(lang.find(&format!("why.{code}")), &Clean::new(code)).to_string()
    }

    /// The provider's own refusal: status, code, text.
    fn refusal(&self, lang: Lang) -> String {
        if self.entry.code.as_deref() == Some("decided") {
            return lang.word("why.decided").to_owned();
        }
        let status = self.entry.status.map(|status| status.to_string()).unwrap_or_default();
        let (code, text) = (self.entry.code.as_deref(), self.entry.text.as_deref());
        let parts = [Some(status.as_str()), code, text];
        let said: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        Clean::new(&said.join(" ")).to_string()
    }
}

/// Whom it pays or what it is about: the counterparty's name where it is known; of a bulk its file's.
pub fn who(entry: &OutboxEntry, model: &Model) -> Clean {
    if let Some(file) = file_of(entry, model) {
        return file;
    }
    let known = entry.destination.as_deref().and_then(|id| {
        let mut rows = model.facts.counterparties.rows();
        rows.find(|row| row.id.as_str() == id).map(|row| row.name.clone())
    });
    known.unwrap_or_else(|| {
        let what = entry.destination.as_deref().or(entry.subject.as_deref()).unwrap_or_default();
        Clean::new(what)
    })
}

/// The file of a bulk that was sent from here or waits for a decision.
fn file_of(entry: &OutboxEntry, model: &Model) -> Option<Clean> {
    let bulk = match entry.action.as_str() {
        "create_bulk" => return entry.external_id.as_deref().map(|name| short_name(&Clean::new(name))),
        "approve_bulk" | "reject_bulk" => entry.subject.as_deref()?,
        _ => return None,
    };
    let waits = model.facts.approvals.rows().find_map(|row| match row {
        Approval::Bulk(row) if row.id.as_str() == bulk => Some(row.file_name.clone()),
        Approval::Bulk(_) | Approval::Single(_) => None,
    });
    let made = || {
        let mut entries = model.facts.outbox.iter().flat_map(|entries| entries.iter());
        let made = entries
            .find(|entry| entry.action == "create_bulk" && entry.provider_id.as_deref() == Some(bulk))?;
        made.external_id.as_deref().map(Clean::new)
    };
    waits.or_else(made).map(|name| short_name(&name))
}

impl Row for Line {
    const COLUMNS: &'static [Column<Self>] = &[
        Column {
            title: "column.state",
            width: Width::Fit(13),
            align: Align::Left,
            drops: 0,
            cell: |row, look| {
                let (meaning, code) = match row {
                    Self::Write(write) => (write.meaning(), write.entry.state.code()),
                    Self::Draft(_) => (Meaning::Removed, "draft"),
                };
                Cell::signed_word(meaning, look.lang.outbox_state(code))
            },
            sort: |row| Key::text(row.write().map_or("draft", |write| write.entry.state.code())),
        },
        Column {
            title: "column.time",
            width: Width::Fit(5),
            align: Align::Left,
            drops: 0,
            cell: |row, look| Cell::ours(time(row.at(), look)),
            sort: |row| Key::Time(row.at()),
        },
        Column {
            title: "column.origin",
            width: Width::Fit(6),
            align: Align::Left,
            drops: 9,
            cell: |row, _| {
                row.write().map_or_else(Cell::none, |write| {
                    Cell::ours(write.entry.provider.parse().map_or("?", ProviderName::title))
                })
            },
            sort: |row| row.write().map_or(Key::Nothing, |write| Key::text(&write.entry.provider)),
        },
        Column {
            title: "column.amount",
            width: Width::Fit(12),
            align: Align::Right,
            drops: 0,
            cell: |row, look| match row {
                Self::Write(write) => {
                    write.amount.map_or_else(Cell::none, |amount| Cell::money(amount, look))
                }
                Self::Draft(draft) => detail::or_none(&draft.said.amount),
            },
            sort: |row| row.amount().map_or(Key::Nothing, Key::money),
        },
        Column {
            title: "column.currency",
            width: Width::Fit(3),
            align: Align::Left,
            drops: 0,
            cell: |row, _| Cell::ours(row.amount().map_or("", |amount| amount.currency.code())),
            sort: |row| Key::text(row.amount().map_or("", |amount| amount.currency.code())),
        },
        Column {
            title: "column.beneficiary",
            width: Width::Flex(11, 32),
            align: Align::Left,
            drops: 0,
            cell: |row, _| detail::or_none(row.who()),
            sort: |row| Key::text(row.who().as_str()),
        },
        Column {
            title: "column.write",
            width: Width::Flex(10, 16),
            align: Align::Left,
            drops: 5,
            cell: |row, look| match row {
                Self::Write(write) => Cell::ours(action(&write.entry, look.lang)),
                Self::Draft(draft) => Cell::ours(look.lang.word(draft.said.what)),
            },
            sort: |row| row.write().map_or(Key::Nothing, |write| Key::text(&write.entry.action)),
        },
        Column {
            title: "column.known",
            width: Width::Flex(22, 48),
            align: Align::Left,
            drops: 0,
            cell: |row, look| match row {
                Self::Write(write) => Cell::ours(write.known(look.lang)),
                Self::Draft(_) => Cell::ours(look.lang.word("outbox.known.draft")),
            },
            sort: |row| {
                Key::text(row.write().and_then(|write| write.entry.why.as_deref()).unwrap_or_default())
            },
        },
    ];

    fn id(&self) -> &str {
        match self {
            Self::Write(write) => &write.id,
            Self::Draft(draft) => &draft.id,
        }
    }

    fn haystack(&self, lang: Lang) -> String {
        match self {
            Self::Write(write) => write.haystack(lang),
            Self::Draft(draft) => format!("{} {}", lang.outbox_state("draft"), draft.said.text(lang)),
        }
    }
}

impl Line {
    fn at(&self) -> Timestamp {
        match self {
            Self::Write(write) => write.entry.at,
            Self::Draft(draft) => draft.at,
        }
    }

    /// What was typed into a draft is no amount yet.
    fn amount(&self) -> Option<Money> {
        self.write().and_then(|write| write.amount)
    }

    fn who(&self) -> &Clean {
        match self {
            Self::Write(write) => &write.who,
            Self::Draft(draft) => &draft.said.who,
        }
    }
}

/// Today's writes by their time, older ones by their day.
fn time(at: Timestamp, look: &Look<'_>) -> String {
    let date = |at| look.zone.to_datetime(at).date();
    if date(at) == date(look.now) {
        i18n::hour_minute(at, look.zone)
    } else {
        i18n::day(at, look.zone, look.dates)
    }
}

/// What was asked, in words.
fn action(entry: &OutboxEntry, lang: Lang) -> String {
    let word = lang.find(&format!("write.{}", entry.action));
    lang.or_code(word, &Clean::new(&entry.action)).to_string()
}

/// The write that is selected.
fn selected(model: &Model) -> Option<&Write> {
    model.panes.outbox.list.selected()?.write()
}

fn writes(model: &Model) -> impl Iterator<Item = &Write> {
    model.panes.outbox.list.rows().iter().filter_map(Line::write)
}

/// Its record.
pub fn chosen(model: &Model) -> Option<&OutboxEntry> {
    selected(model).map(|write| &write.entry)
}

/// Writes whose end is not known.
pub const fn unknowns(model: &Model) -> usize {
    model.panes.outbox.unknowns
}

/// Bulks of the last week that an approver rejected, and that nobody sent again.
pub fn rejected_bulks(model: &Model) -> usize {
    let lines = writes(model).filter(|line| {
        let entry = &line.entry;
        line.again && entry.state == Stage::Sent && model.now.duration_since(entry.at) < ASKED_FOR
    });
    lines.count()
}

pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Look => {
            let Some(line) = selected(model) else { return Vec::new() };
            let ask = Ask::Look(line.entry.intent);
            let said = Saying::new(Meaning::Plain, "notice.looking").with("name", &line.name);
            model.notify(said);
            vec![Effect::Ask(ask)]
        }
        Msg::Handover => {
            let note = handover(model);
            model.notify(Saying::new(Meaning::Good, "notice.handover"));
            vec![Effect::Copy(note), Effect::Ask(Ask::Copied { what: "handover" })]
        }
    }
}

/// Every write that is not over, with what is known of it: text for the next shift.
fn handover(model: &Model) -> Clean {
    let look = model.look();
    let lang = look.lang;
    let mut lines = vec![format!(
        "{} · {} · {}",
        model.seat.company,
        i18n::moment(model.now, look.zone, look.dates),
        model.seat.actor.person
    )];
    let open = |line: &&Write| match line.entry.state {
        Stage::Recorded | Stage::Sending | Stage::Unknown => true,
        Stage::Sent => line.provider_state().is_some_and(|state| !state.is_final()),
        Stage::NotSent | Stage::Rejected => false,
    };
    let before = lines.len();
    for line in writes(model).filter(open) {
        let amount = line
            .amount
            .map(|amount| format!("{} {}", amount.currency, i18n::money(amount, look.numerals)))
            .unwrap_or_default();
        let at = i18n::moment(line.entry.at, look.zone, look.dates);
        lines.push(format!("- {} {amount} → {} · {at} · {}", verdict(line, lang), line.who, line.name));
        if line.entry.state == Stage::Unknown {
            lines.push(format!("  {}", support(line, &look)));
        }
    }
    if lines.len() == before {
        lines.push(lang.word("handover.nothing").to_owned());
    }
    Clean::lines(&lines.join("\n"))
}

/// What to ask the provider's support about a write that nobody can settle from here.
fn support(line: &Write, look: &Look<'_>) -> String {
    let entry = &line.entry;
    let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "—".to_owned());
    let provider = entry.provider.parse().map_or("?", ProviderName::title);
    let amount =
        line.amount.map(|amount| format!("{} {}", amount.currency, amount.to_decimal())).unwrap_or_default();
    let at = entry.started_at.unwrap_or(entry.at).to_string();
    look.lang.say(
        "outbox.support",
        &[
            ("provider", &provider),
            ("method", &entry.method),
            ("path", &entry.path),
            ("at", &at),
            ("amount", &amount),
            ("key", &said(&entry.idempotency_key)),
            ("external_id", &said(&entry.external_id)),
            ("correlation", &said(&entry.correlation)),
            ("from", &said(&entry.source)),
            ("to", &said(&entry.destination)),
        ],
    )
}

/// Whether the provider's own window is over, so that only its support can tell.
fn only_support_knows(line: &Write, now: Timestamp) -> bool {
    let sent = line.entry.started_at.unwrap_or(line.entry.at);
    line.entry.state == Stage::Unknown
        && (now.duration_since(sent) > SUPPORT_AFTER || in_conflict(&line.entry))
}

/// What the provider shows is not what was asked.
fn in_conflict(entry: &OutboxEntry) -> bool {
    let noted =
        |look: &crate::store::Look| look.note.as_deref().is_some_and(|note| note.starts_with("conflict"));
    entry.looks.iter().any(noted) || entry.why.as_deref().is_some_and(|why| why.starts_with("mismatch"))
}

/// So long a rejected bulk asks for attention: whoever lets it lie has decided.
const ASKED_FOR: SignedDuration = SignedDuration::from_hours(24 * 7);
/// The provider keeps a key for 24 h [doc]: after that its answer proves nothing more.
const SUPPORT_AFTER: SignedDuration = SignedDuration::from_hours(24);

static ACTIONS: [Action; 4] = [
    LOOK_UP,
    Action {
        id: "intent.close",
        keys: &[plain('s')],
        panes: &[PaneId::Outbox],
        word: "action.close_by_hand",
        hint: Some(11),
        right: Some(Right::CloseUnknown),
        writes: true,
        enabled: |model| chosen(model).map_or(Err("reason.nothing_selected"), mend::closable),
        message: Message::Form(forms::Msg::Close),
        ..Action::PLAIN
    },
    Action {
        id: "intent.send_again",
        keys: &[plain('R')],
        panes: &[PaneId::Outbox],
        word: "action.send_again",
        hint: Some(12),
        right: Some(Right::Create),
        writes: true,
        enabled: |model| {
            chosen(model).map_or(Err("reason.nothing_selected"), |entry| mend::repeatable(entry, model))
        },
        message: Message::Form(forms::Msg::SendAgain),
        ..Action::PLAIN
    },
    Action {
        id: "intent.handover",
        keys: &[plain('h')],
        panes: &[PaneId::Outbox],
        word: "action.handover",
        hint: Some(13),
        message: Message::Pane(super::Msg::Outbox(Msg::Handover)),
        ..Action::PLAIN
    },
];

const LOOK_UP: Action = Action {
    id: "outbox.look",
    keys: &[plain('b')],
    panes: &[PaneId::Outbox],
    word: "action.look_up",
    hint: Some(10),
    enabled: |model| match selected(model) {
        None => Err("reason.nothing_selected"),
        Some(line) if line.entry.state == Stage::Unknown => Ok(()),
        Some(_) => Err("reason.not_unknown"),
    },
    message: Message::Pane(super::Msg::Outbox(Msg::Look)),
    ..Action::PLAIN
};

/// The action that leads here.
pub const GO: &str = "go.outbox";

pub struct Outbox;

impl Pane for Outbox {
    fn title(&self) -> &'static str {
        "pane.outbox"
    }

    fn tab(&self) -> (&'static str, &'static str) {
        ("tab.outbox", "tab_short.outbox")
    }

    fn empty(&self) -> &'static str {
        "outbox.empty"
    }

    fn counted(&self) -> &'static str {
        "count.rows"
    }

    fn badge(&self, model: &Model) -> Option<String> {
        let unknowns = unknowns(model);
        (unknowns > 0).then(|| format!("{unknowns}?"))
    }

    fn actions(&self) -> &'static [Action] {
        &ACTIONS
    }

    /// The outbox is our own: it is never stale.
    fn standing<'a>(&self, model: &'a Model) -> Standing<'a> {
        match model.facts.outbox {
            None => Standing::Loading { done: 0, of: 1 },
            Some(_) => Standing::Fresh { at: model.now },
        }
    }

    fn told(&self, model: &mut Model, news: &News) -> Vec<Effect> {
        if let News::Outbox(_) | News::Rows { batch: Batch::Counterparties(_), .. } = news {
            self.rebuild(model);
        }
        Vec::new()
    }

    fn rebuild(&self, model: &mut Model) {
        let lang = model.lang();
        let entries = model.facts.outbox.iter().flat_map(|entries| entries.iter());
        let mut lines: Vec<Line> =
            entries.map(|entry| Line::Write(Box::new(Write::of(entry, model)))).collect();
        let count =
            |stage| lines.iter().filter_map(Line::write).filter(|line| line.entry.state == stage).count();
        let (unknowns, moving) = (count(Stage::Unknown), count(Stage::Sending));
        let draft = |draft: &drafts::Draft| Draft {
            id: format!("draft-{}", draft.id),
            number: draft.id,
            at: draft.at,
            said: Summary::of(draft, model),
        };
        let kept = model.drafts.of(&model.seat.actor.person);
        lines.extend(kept.map(|kept| Line::Draft(Box::new(draft(kept)))));
        let state = &mut model.panes.outbox;
        (state.unknowns, state.moving) = (unknowns, moving);
        state.list.replace(lines, lang);
    }

    /// A draft opens in its form.
    fn open(&self, model: &mut Model) -> Option<Vec<Effect>> {
        match model.panes.outbox.list.selected()? {
            Line::Draft(draft) => {
                let number = draft.number;
                Some(drafts::open(model, number))
            }
            Line::Write(_) => None,
        }
    }

    fn copy(&self, model: &Model) -> Option<(&'static str, Clean)> {
        let line = selected(model)?;
        if only_support_knows(line, model.now) {
            return Some(("copy.support", Clean::new(&support(line, &model.look()))));
        }
        Some(("copy.reference", line.name.clone()))
    }

    /// What left and what was answered.
    fn raw(&self, model: &Model) -> Option<RawOf> {
        Some(RawOf::Exchange(chosen(model)?.intent))
    }

    fn status(&self, model: &Model) -> String {
        let lang = model.lang();
        let state = &model.panes.outbox;
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        if state.unknowns > 0 {
            return lang.count("outbox.status.blocks", count(state.unknowns), &[]);
        }
        if state.moving > 0 {
            return lang.count("outbox.status.moving", count(state.moving), &[]);
        }
        self.count(model)
    }

    fn view(&self, model: &Model, frame: &mut Frame, body: Rect) {
        let look = model.look();
        let list = &model.panes.outbox.list;
        let nothing = list.counts().0 == 0;
        let under = if nothing { 0 } else { body.height.saturating_mul(11) / 20 };
        let height = body.height.saturating_sub(under);
        let upper = Rect { height, ..body };
        let title = standing::titled(model, look.lang.word(self.title()));
        let right = standing::place(model);
        let inner =
            modal::boxed(frame, upper, &title, (&right, Meaning::Plain), model.zone == Zone::List, &look);
        if !standing::explained(model, frame, inner, self.empty()) {
            table::draw(frame, inner, list, &look);
        }
        let lower = Rect { y: upper.bottom(), height: body.height.saturating_sub(height), ..body };
        let (scroll, focused) = match model.zone {
            Zone::List => (0, false),
            Zone::Detail { scroll } => (scroll, true),
        };
        let Some(line) = list.selected() else {
            if nothing {
                return;
            }
            modal::boxed(frame, lower, "", ("", Meaning::Plain), focused, &look);
            return;
        };
        let title = match line {
            Line::Write(line) => format!("{} · {}", line.name, verdict(line, look.lang)),
            Line::Draft(_) => look.lang.outbox_state("draft").to_owned(),
        };
        let inner = modal::boxed(frame, lower, &title, ("", Meaning::Plain), focused, &look);
        let inner = Rect { x: inner.x.saturating_add(2), width: inner.width.saturating_sub(3), ..inner };
        let lines = match line {
            Line::Write(line) => lines_of(line, model, inner.width),
            Line::Draft(draft) => {
                let said = [draft.said.text(look.lang), model.say("outbox.draft_detail", &[])];
                said.iter().flat_map(|said| text::wrap(said, inner.width)).map(TextLine::from).collect()
            }
        };
        text::put_lines(frame.buffer_mut(), inner, &lines, scroll);
    }
}

/// Whether it was done, in the title of the detail.
fn verdict(line: &Write, lang: Lang) -> String {
    match line.entry.state {
        Stage::Unknown => lang.word("outbox.verdict.unknown").to_owned(),
        Stage::Recorded | Stage::Sending | Stage::Sent | Stage::NotSent | Stage::Rejected => {
            let state = lang.outbox_state(line.entry.state.code());
            match line.provider_state() {
                Some(there) => format!("{state} · {}", line.state_word(&there, lang)),
                None => state.to_owned(),
            }
        }
    }
}

/// What happened, what is known, where the money is, what may be done; then the history.
fn lines_of(line: &Write, model: &Model, room: u16) -> Vec<TextLine<'static>> {
    let look = &model.look();
    let (entry, lang) = (&line.entry, look.lang);
    let mut said: Vec<(Meaning, String)> = Vec::new();
    let amount = line
        .amount
        .map(|amount| format!("{} {} → {}", amount.currency, i18n::money(amount, look.numerals), line.who));
    let what = action(entry, lang);
    said.push((
        Meaning::Plain,
        amount.map_or_else(|| format!("{what} {}", line.who), |amount| format!("{what}  {amount}")),
    ));
    let clock = |at| i18n::clock(at, look.zone);
    match entry.state {
        Stage::Unknown => {
            let sent = entry.started_at.unwrap_or(entry.at);
            let sent = lang.say("outbox.sent_at", &[("time", &clock(sent)), ("why", &line.why(lang))]);
            said.push((Meaning::Plain, sent));
            if in_conflict(entry) {
                said.push((Meaning::Bad, format!("x {}", lang.word("outbox.conflict"))));
                said.push((Meaning::Plain, Clean::new(entry.why.as_deref().unwrap_or_default()).to_string()));
            }
            if let Some(due) = line.due {
                said.push((Meaning::Look, lang.say("outbox.next_look", &[("time", &clock(due))])));
            }
            said.push((Meaning::Plain, model.say("outbox.may_look", &[])));
            said.push((Meaning::Plain, model.say("outbox.may_close", &[])));
            if only_support_knows(line, look.now) {
                said.push((Meaning::Look, support(line, look)));
                said.push((Meaning::Dim, model.say("outbox.copy_support", &[])));
            }
        }
        Stage::Rejected => {
            said.push((Meaning::Plain, line.refusal(lang)));
        }
        Stage::NotSent => said.push((Meaning::Plain, line.why(lang))),
        Stage::Recorded | Stage::Sending | Stage::Sent => {}
    }
    if line.again {
        let bulk = entry.action == "create_bulk";
        let word = if bulk { "outbox.may_send_bulk_again" } else { "outbox.may_send_again" };
        said.push((Meaning::Plain, model.say(word, &[])));
    }
    said.push((Meaning::Plain, lang.word(money_is(line)).to_owned()));
    said.push((Meaning::Plain, String::new()));
    for one in entry.looks.iter().rev() {
        let words = if one.whole { "outbox.look" } else { "outbox.look_cut" };
        let words = lang.say(words, &[("time", &clock(one.at)), ("found", &one.found)]);
        // That the provider disagrees is said above, in words.
        let note = one.note.as_deref().unwrap_or_default();
        let note = Clean::new(note.strip_prefix("conflict ").unwrap_or(note));
        said.push((Meaning::Plain, format!("{words} {note}").trim_end().to_owned()));
    }
    for step in entry.history.iter().rev() {
        let state = lang.outbox_state(step.state.code());
        let by = lang.find(&format!("by.{}", step.by)).map_or_else(|| Clean::new(&step.by), Clean::new);
        let note = Clean::new(step.note.as_deref().unwrap_or_default());
        let words = format!("{}  {state:<12} {by} {note}", clock(step.at));
        said.push((Meaning::Dim, words.trim_end().to_owned()));
    }
    let ids = [
        ("outbox.key", &entry.idempotency_key),
        ("outbox.provider_id", &entry.provider_id),
        ("outbox.external_id", &entry.external_id),
        ("transactions.refunds", if entry.moves_money { &entry.subject } else { &None }),
        ("outbox.correlation", &entry.correlation),
    ];
    for (word, id) in ids {
        if let Some(id) = id {
            said.push((Meaning::Dim, format!("{} {}", lang.word(word), Clean::new(id))));
        }
    }
    if let Some(old) = entry.supersedes {
        said.push((Meaning::Dim, format!("{} {old}", lang.word("outbox.supersedes"))));
    }
    let styled = |(meaning, words): (Meaning, String)| {
        let style = look.theme.style(meaning);
        text::wrap(&words, room).into_iter().map(move |words| TextLine::styled(words, style))
    };
    said.into_iter().flat_map(styled).collect()
}

/// The word of where the money is.
fn money_is(line: &Write) -> &'static str {
    if !line.entry.moves_money {
        return match line.entry.state {
            Stage::Unknown => "money.not_known",
            Stage::Recorded | Stage::Sending | Stage::Sent | Stage::NotSent | Stage::Rejected => {
                "money.none_moves"
            }
        };
    }
    match line.entry.state {
        Stage::Unknown | Stage::Sending => "money.not_known",
        Stage::Recorded | Stage::NotSent | Stage::Rejected => "money.stayed",
        Stage::Sent => match line.provider_state() {
            Some(MovementState::Completed) => "money.left",
            Some(MovementState::PendingApproval) => "money.waits",
            Some(MovementState::Rejected | MovementState::Canceled) => "money.stayed",
            Some(MovementState::Returned) => "money.came_back",
            Some(MovementState::Failed) => "money.failed",
            Some(MovementState::Initiated | MovementState::Processing | MovementState::Other(_)) | None => {
                "money.under_way"
            }
        },
    }
}
