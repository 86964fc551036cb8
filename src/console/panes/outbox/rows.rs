//! What the outbox lists: writes and drafts, and their columns.

use crate::console::drafts::Summary;
use crate::console::forms::mend;
use crate::console::model::{Look, Model};
use crate::console::panes::approvals::short_name;
use crate::console::theme::Meaning;
use crate::console::widgets::detail;
use crate::console::widgets::table::{Align, Cell, Column, Key, Row, Width};
use crate::domain::ProviderName;
use crate::domain::approval::Approval;
use crate::domain::money::Money;
use crate::domain::movement::MovementState;
use crate::i18n::{self, Lang};
use crate::sanitize::Clean;
use crate::store::{OutboxEntry, State as Stage};
use crate::sync::settle::next_look;
use jiff::Timestamp;

/// What is listed: the writes, and below them what was typed and not sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    Write(Box<Write>),
    Draft(Box<Draft>),
}

/// What was typed in a form, and not sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub(super) id: String,
    /// By which its form opens again.
    pub(super) number: i64,
    pub(super) at: Timestamp,
    pub(super) said: Summary,
}

impl Line {
    pub(super) fn write(&self) -> Option<&Write> {
        match self {
            Self::Write(write) => Some(write),
            Self::Draft(_) => None,
        }
    }
}

/// A write as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    pub(super) id: String,
    /// What a person calls it: the external id, else the provider's id, else the intent.
    pub(super) name: Clean,
    pub(super) who: Clean,
    pub(super) amount: Option<Money>,
    /// When an unknown is looked for next.
    pub(super) due: Option<Timestamp>,
    /// Whether this person may send it again.
    pub(super) again: bool,
    pub(super) entry: OutboxEntry,
}

impl Write {
    pub(super) fn of(entry: &OutboxEntry, model: &Model) -> Self {
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
    pub(super) fn provider_state(&self) -> Option<MovementState> {
        let followed =
            matches!(self.entry.action.as_str(), "create_movement" | "approve" | "reject" | "create_bulk");
        self.entry.provider_state.as_deref().filter(|_| followed).map(MovementState::read)
    }

    /// Its word.
    pub(super) fn state_word(&self, state: &MovementState, lang: Lang) -> Clean {
        if self.entry.action == "create_bulk" {
            return lang.bulk_state(state.code());
        }
        lang.movement_state(state)
    }

    pub(super) fn haystack(&self, lang: Lang) -> String {
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

    pub(super) fn meaning(&self) -> Meaning {
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
    pub(super) fn known(&self, lang: Lang) -> String {
        match self.entry.state {
            Stage::Recorded => lang.word("outbox.known.recorded").to_owned(),
            Stage::Sending => lang.word("outbox.known.sending").to_owned(),
            Stage::Unknown => {
                let found: u32 = self.entry.looks.last().map_or(0, |look| look.found);
                let looks = self.entry.looks.len();
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
    pub(super) fn why(&self, lang: Lang) -> String {
        let why = self.entry.why.as_deref().unwrap_or_default();
        let (code, _) = why.split_once(": ").unwrap_or((why, ""));
        lang.or_code(lang.find(&format!("why.{code}")), &Clean::new(code)).to_string()
    }

    /// The provider's own refusal: status, code, text.
    pub(super) fn refusal(&self, lang: Lang) -> String {
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
pub(super) fn file_of(entry: &OutboxEntry, model: &Model) -> Option<Clean> {
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
                Self::Write(write) => Cell::ours(look.lang.write(&write.entry.action)),
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
    pub(super) fn at(&self) -> Timestamp {
        match self {
            Self::Write(write) => write.entry.at,
            Self::Draft(draft) => draft.at,
        }
    }

    /// What was typed into a draft is no amount yet.
    pub(super) fn amount(&self) -> Option<Money> {
        self.write().and_then(|write| write.amount)
    }

    pub(super) fn who(&self) -> &Clean {
        match self {
            Self::Write(write) => &write.who,
            Self::Draft(draft) => &draft.said.who,
        }
    }
}

/// Today's writes by their time, older ones by their day.
pub(super) fn time(at: Timestamp, look: &Look<'_>) -> String {
    let date = |at| look.zone.to_datetime(at).date();
    if date(at) == date(look.now) {
        i18n::hour_minute(at, look.zone)
    } else {
        i18n::day(at, look.zone, look.dates)
    }
}
