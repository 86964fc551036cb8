//! Deciding a whole bulk: approved by typing its total, rejected with a reason that names its rows. What is
//! decided is the fingerprint of every row; should one have changed, nothing is sent and both are shown.

use super::confirm::{self, About, Confirm, ConfirmEvent, Rule};
use super::decide::{self, Way};
use super::{Form, prove, stay};
use crate::bulk::{Review, line_names};
use crate::console::effect::Effect;
use crate::console::model::{Look, Modal, Model, Saying};
use crate::console::panes::approvals::{self, Open, short_name};
use crate::console::theme::Meaning;
use crate::console::widgets::{modal, text};
use crate::domain::approval::Bulk;
use crate::domain::id::MovementId;
use crate::domain::money::Money;
use crate::domain::movement::Movement;
use crate::i18n::{self, money};
use crate::payments::bulk::BulkDecisionDraft;
use crate::payments::draft::REASON_MIN;
use crate::payments::policy::{Denied, permits};
use crate::sanitize::Clean;
use crate::sync::news::Ask;
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Changed rows that are shown.
const SHOWN: usize = 12;

#[derive(Debug, Clone, PartialEq)]
pub enum DecideBulk {
    Confirm {
        bulk: Box<Bulk>,
        rows: Arc<[Movement]>,
        way: Way,
        dialog: Box<Confirm>,
        /// Totals of other currencies, still to be typed.
        rest: Vec<Money>,
    },
    /// What was confirmed is no longer what is there; nothing was sent.
    Changed { bulk: Box<Bulk>, shown: Arc<[Movement]>, now: Arc<[Movement]> },
}

impl DecideBulk {
    /// What it asks to be typed, for plain mode.
    pub fn dialog(&self) -> Option<&Confirm> {
        match self {
            Self::Confirm { dialog, .. } => Some(dialog),
            Self::Changed { .. } => None,
        }
    }
}

impl DecideBulk {
    pub(super) fn dialog_mut(&mut self) -> Option<&mut Confirm> {
        match self {
            Self::Confirm { dialog, .. } => Some(dialog),
            Self::Changed { .. } => None,
        }
    }
}

/// Whether this person may decide it; else the word of the reason.
pub fn decidable(model: &Model, open: &Open) -> Result<(), &'static str> {
    let checked =
        draft(&open.bulk, &open.rows, &open.totals, None).validate().map_err(|_| "denied.unknown_maker")?;
    permits(checked.order(), &model.seat.actor).map_err(Denied::word)?;
    let own = decide::made_here(model, open.bulk.id.as_str(), Some(open.bulk.file_name.as_str()));
    if own { Err(Denied::OwnMovement.word()) } else { Ok(()) }
}

fn draft(bulk: &Bulk, rows: &Arc<[Movement]>, totals: &[Money], reason: Option<String>) -> BulkDecisionDraft {
    BulkDecisionDraft {
        bulk: bulk.id.clone(),
        file_name: bulk.file_name.clone(),
        rows: Arc::clone(rows),
        totals: totals.to_vec(),
        creator: bulk.creator.clone(),
        reds: Vec::new(),
        reason,
    }
}

pub fn open(model: &mut Model, way: Way) -> Vec<Effect> {
    let Some(open) = approvals::opened(model) else { return Vec::new() };
    if let Err(word) = decidable(model, open) {
        model.notify(Saying::new(Meaning::Bad, word));
        return Vec::new();
    }
    let (bulk, rows, totals) = (Box::new(open.bulk.clone()), Arc::clone(&open.rows), open.totals.clone());
    let Some((first, rest)) = totals.split_first() else { return Vec::new() };
    let (first, rest) = (*first, rest.to_vec());
    let named = open.named();
    let proves = way == Way::Approve
        && rest.is_empty()
        && draft(&bulk, &rows, &totals, None)
            .validate()
            .is_ok_and(|checked| prove::needed(checked.order(), true, model));
    let dialog = Confirm::new(about(model, open, way, first), rule(way, first), model.now);
    let mut dialog = dialog.proving(proves);
    if way == Way::Reject && !named.is_empty() {
        // The marked rows, or else the odd ones, stand in the reason already.
        dialog.begin(&format!("{}: ", line_names(&named)));
    }
    stay(model, Form::DecideBulk(DecideBulk::Confirm { bulk, rows, way, dialog: Box::new(dialog), rest }))
}

const fn rule(way: Way, total: Money) -> Rule {
    match way {
        Way::Approve => Rule::Amount(total),
        Way::Reject => Rule::Reason,
    }
}

fn about(model: &Model, open: &Open, way: Way, total: Money) -> About {
    let look = model.look();
    let payments = look.lang.count("count.payments", open.bulk.count, &[]);
    let reds = open.read_reds();
    let read = if reds.is_empty() {
        payments
    } else {
        let read = look.lang.say("confirm.reds_read", &[("lines", &line_names(&reds))]);
        format!("{payments} · {read}")
    };
    let sources: Vec<&Clean> = open.rows.iter().map(|row| &row.source_name).collect();
    let (title, verb) = match way {
        Way::Approve => ("confirm.approve_bulk", "confirm.do_approve"),
        Way::Reject => ("confirm.reject_bulk", "confirm.do_reject"),
    };
    About {
        title,
        verb,
        company: model.seat.company.clone(),
        environment: super::environment_word(model),
        payer: sources.first().map(|name| (*name).clone()).unwrap_or_default(),
        beneficiary: Clean::new(&format!("{} · {}", short_name(&open.bulk.file_name), open.bulk.id)),
        description: Clean::new(&read),
        altered: open.rows.iter().any(|row| row.destination_name.altered() || row.description.altered()),
        amount: total,
        sent: None,
        pair: Some((open.bulk.creator.clone(), Clean::new(&model.seat.actor.person))),
        fingerprint: Some(open.fingerprint().to_owned()),
        note: None,
    }
}

pub fn key(form: DecideBulk, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    match form {
        DecideBulk::Confirm { bulk, rows, way, mut dialog, mut rest } => match dialog.key(key, model.now) {
            ConfirmEvent::No => Vec::new(),
            ConfirmEvent::Nothing => {
                stay(model, Form::DecideBulk(DecideBulk::Confirm { bulk, rows, way, dialog, rest }))
            }
            // Each currency's total is typed.
            ConfirmEvent::Yes if way == Way::Approve && !rest.is_empty() => {
                let next = rest.remove(0);
                let about = About { amount: next, ..dialog.about };
                let totals = approvals::totals(&rows);
                let proves = rest.is_empty()
                    && draft(&bulk, &rows, &totals, None)
                        .validate()
                        .is_ok_and(|checked| prove::needed(checked.order(), true, model));
                let dialog = Confirm::new(about, Rule::Amount(next), model.now).proving(proves);
                let dialog = Box::new(dialog);
                stay(model, Form::DecideBulk(DecideBulk::Confirm { bulk, rows, way, dialog, rest }))
            }
            ConfirmEvent::Yes => decided(model, bulk, rows, way, dialog),
        },
        // Reading it anew is the only way on: what was reviewed is not what is there.
        DecideBulk::Changed { .. } if matches!(key.code, KeyCode::Enter | KeyCode::Esc) => {
            approvals::reopen(model)
        }
        changed @ DecideBulk::Changed { .. } => stay(model, Form::DecideBulk(changed)),
    }
}

/// The dialog said yes: asks for the decision on exactly what was shown.
fn decided(
    model: &mut Model,
    bulk: Box<Bulk>,
    rows: Arc<[Movement]>,
    way: Way,
    dialog: Box<Confirm>,
) -> Vec<Effect> {
    let reason = match way {
        Way::Approve => None,
        Way::Reject => Some(dialog.typed().to_owned()),
    };
    let totals = approvals::totals(&rows);
    let review = approvals::opened(model).and_then(|open| open.review.as_deref());
    let reds = review.map_or_else(Vec::new, Review::red_flags);
    let Ok(checked) = (BulkDecisionDraft { reds, ..draft(&bulk, &rows, &totals, reason) }).validate() else {
        model.notify(Saying::new(Meaning::Bad, "problem.reason").with("min", REASON_MIN));
        return Vec::new();
    };
    model.notify(Saying::new(Meaning::Moving, "notice.deciding"));
    let checked = Box::new(checked.consenting(dialog.consent(&model.look())));
    let ask = Ask::DecideBulk { bulk: bulk.clone(), shown: Arc::clone(&rows), checked };
    let said = (*dialog).clone();
    let under = DecideBulk::Confirm { bulk, rows, way, dialog, rest: Vec::new() };
    prove::send(Form::DecideBulk(under), &said, ask, model)
}

/// The queue came anew while the dialog is open: a bulk that waits no more is decided by nobody here.
pub fn refresh(mut form: DecideBulk, model: &mut Model) -> Vec<Effect> {
    if let DecideBulk::Confirm { bulk, dialog, .. } = &mut form
        && approvals::opened(model).is_some_and(|open| open.gone)
        && dialog.end()
    {
        model.notify(Saying::new(Meaning::Look, "notice.no_longer_pending").with("id", &bulk.id));
    }
    stay(model, Form::DecideBulk(form))
}

/// The bulk was no longer what was shown: nothing was sent, and what changed is shown.
pub fn changed(
    model: &mut Model,
    bulk: &Bulk,
    shown: &Arc<[Movement]>,
    now: &Arc<[Movement]>,
) -> Vec<Effect> {
    model.notify(Saying::new(Meaning::Look, "notice.changed_meanwhile"));
    // Whatever else was begun meanwhile stays.
    if let Some(Modal::Form(_)) = &model.modal {
        return Vec::new();
    }
    let (bulk, shown, now) = (Box::new(bulk.clone()), Arc::clone(shown), Arc::clone(now));
    stay(model, Form::DecideBulk(DecideBulk::Changed { bulk, shown, now }))
}

pub fn hints(form: &DecideBulk) -> Vec<(String, &'static str)> {
    match form {
        DecideBulk::Confirm { dialog, .. } => dialog.hints(),
        DecideBulk::Changed { .. } => vec![("⏎".to_owned(), "decide_bulk.read_again")],
    }
}

pub fn view(form: &DecideBulk, model: &Model, frame: &mut Frame, area: Rect) {
    let look = model.look();
    match form {
        DecideBulk::Confirm { dialog, .. } => confirm::view(dialog, &look, frame, area),
        DecideBulk::Changed { bulk, shown, now } => {
            let width = area.width.saturating_sub(4).min(100);
            let lines = differences(bulk, shown, now, width.saturating_sub(6), &look);
            let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
            let inner =
                modal::over(frame, area, (width, height), look.lang.word("decide_bulk.changed"), &look);
            let inner =
                Rect { y: inner.y.saturating_add(1), height: inner.height.saturating_sub(1), ..inner };
            text::put_lines(frame.buffer_mut(), inner, &lines, 0);
        }
    }
}

/// Row by row: what is gone, what is new, and what is another amount, account or state.
fn differences(
    bulk: &Bulk,
    shown: &[Movement],
    now: &[Movement],
    width: u16,
    look: &Look<'_>,
) -> Vec<Line<'static>> {
    let lang = look.lang;
    let by_id = |rows: &[Movement]| -> BTreeMap<MovementId, Movement> {
        rows.iter().map(|row| (row.id.clone(), row.clone())).collect()
    };
    let (before, after) = (by_id(shown), by_id(now));
    let amount = |row: &Movement| format!("{} {}", row.amount.currency, money(row.amount, look.numerals));
    let mut found: Vec<(Meaning, String)> = Vec::new();
    for (id, was) in &before {
        let Some(is) = after.get(id) else {
            found.push((Meaning::Removed, format!("{} {}", was.destination_name, amount(was))));
            continue;
        };
        let facts = |row: &Movement| {
            let state = lang.movement_state(&row.state).to_string();
            let account = row.destination_account.to_string();
            [amount(row), account, row.destination_name.to_string(), row.description.to_string(), state]
        };
        let (was_facts, is_facts) = (facts(was), facts(is));
        let pairs = was_facts.iter().zip(&is_facts).filter(|(one, other)| one != other);
        let pairs: Vec<String> = pairs.map(|(one, other)| format!("{one} → {other}")).collect();
        if !pairs.is_empty() {
            found.push((Meaning::Changed, format!("{}: {}", was.destination_name, pairs.join(" · "))));
        }
    }
    for row in after.values().filter(|row| !before.contains_key(&row.id)) {
        found.push((Meaning::New, format!("{} {}", row.destination_name, amount(row))));
    }
    let state = lang.bulk_state(bulk.state.as_str());
    let counts: [(&str, &dyn std::fmt::Display); 3] =
        [("state", &state), ("before", &shown.len()), ("now", &bulk.count)];
    let mut lines = Vec::new();
    let mut say = |meaning: Meaning, sentence: &str| {
        let wrapped = text::wrap(sentence, width).into_iter();
        lines.extend(wrapped.map(|part| Line::from(text::span(look, meaning, part))));
    };
    say(Meaning::Look, lang.word("decide_bulk.nothing_sent"));
    say(Meaning::Plain, &lang.say("decide_bulk.stands", &counts));
    let more = found.len().saturating_sub(SHOWN);
    for (meaning, sentence) in found.into_iter().take(SHOWN) {
        say(meaning, &format!("{} {sentence}", meaning.sign()));
    }
    if more > 0 {
        say(
            Meaning::Plain,
            &format!("… +{}", i18n::grouped(u64::try_from(more).unwrap_or(0), look.numerals)),
        );
    }
    lines
}
