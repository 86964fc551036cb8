//! Deciding one movement: approve it or reject it, as it was shown. One's own, or one that the role may
//! not decide, opens no dialog. Should it have changed meanwhile, both versions stand side by side.

use super::confirm::{self, About, Confirm, ConfirmEvent, Rule};
use super::{Form, prove, stay};
use crate::console::effect::Effect;
use crate::console::keys::Key;
use crate::console::model::{Look, Modal, Model, Saying};
use crate::console::panes::{PaneId, approvals};
use crate::console::review;
use crate::console::theme::Meaning;
use crate::console::widgets::form::pad;
use crate::console::widgets::{modal, text};
use crate::domain::approval::Approval;
use crate::domain::id::ExternalId;
use crate::domain::movement::Movement;
use crate::i18n::{self, money};
use crate::payments::draft::{DecisionDraft, REASON_MIN};
use crate::payments::fingerprint::Fingerprint;
use crate::payments::policy::{Denied, permits};
use crate::payments::review::{Finding, Payment};
use crate::sanitize::Clean;
use crate::sync::news::Ask;
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Approve,
    Reject,
}

#[derive(Debug, Clone, PartialEq)]
pub enum DecideForm {
    Confirm {
        shown: Box<Movement>,
        way: Way,
        dialog: Box<Confirm>,
    },
    /// What was confirmed is no longer what is there; nothing was sent.
    Changed {
        shown: Box<Movement>,
        now: Box<Movement>,
    },
}

impl DecideForm {
    /// The dialog that asks for the amount or the reason.
    pub fn dialog(&self) -> Option<&Confirm> {
        match self {
            Self::Confirm { dialog, .. } => Some(dialog),
            Self::Changed { .. } => None,
        }
    }

    pub(super) fn dialog_mut(&mut self) -> Option<&mut Confirm> {
        match self {
            Self::Confirm { dialog, .. } => Some(dialog),
            Self::Changed { .. } => None,
        }
    }
}

pub fn open(model: &mut Model, way: Way) -> Vec<Effect> {
    match approvals::single(model).cloned() {
        Some(movement) => ask(model, Box::new(movement), way),
        None => Vec::new(),
    }
}

/// Whether this person may decide it; else the word of the reason.
pub fn decidable(model: &Model, movement: &Movement) -> Result<(), &'static str> {
    if model.deciding.contains(&movement.id) || model.decided.contains(&movement.id) {
        return Err("reason.decided_already");
    }
    let checked = draft(movement, None).validate().map_err(|_| "denied.unknown_maker")?;
    permits(checked.order(), &model.seat.actor).map_err(Denied::word)?;
    let name = movement.external_id.as_ref().map(ExternalId::as_str);
    if made_here(model, movement.id.as_str(), name) { Err(Denied::OwnMovement.word()) } else { Ok(()) }
}

/// Whether this person made it, with whatever credential, as far as the outbox on the screen knows. The desk
/// looks again right before it decides, and further.
pub(super) fn made_here(model: &Model, id: &str, name: Option<&str>) -> bool {
    let entries = model.facts.outbox.as_deref().unwrap_or_default();
    entries.iter().any(|entry| {
        matches!(entry.action.as_str(), "create_movement" | "create_bulk")
            && entry.actor == model.seat.actor.person
            && (entry.provider_id.as_deref() == Some(id)
                || (name.is_some() && entry.external_id.as_deref() == name))
    })
}

fn draft(shown: &Movement, reason: Option<String>) -> DecisionDraft {
    DecisionDraft { shown: Box::new(shown.clone()), reason }
}

fn ask(model: &mut Model, shown: Box<Movement>, way: Way) -> Vec<Effect> {
    if let Err(word) = decidable(model, &shown) {
        model.notify(Saying::new(Meaning::Bad, word));
        return Vec::new();
    }
    let (title, verb, rule) = match way {
        Way::Approve => {
            let small = super::small_limit_minor(model, shown.amount.currency);
            ("confirm.approve_movement", "confirm.do_approve", Rule::for_amount(shown.amount, small))
        }
        Way::Reject => ("confirm.reject_movement", "confirm.do_reject", Rule::Reason),
    };
    let account = shown.destination_account.as_str();
    let beneficiary = if account.is_empty() {
        shown.destination_name.to_string()
    } else {
        format!("{} · {account}", shown.destination_name)
    };
    let about = About {
        title,
        verb,
        company: model.seat.company.clone(),
        environment: super::environment_word(model),
        payer: shown.source_name.clone(),
        beneficiary: Clean::new(&beneficiary),
        description: shown.description.clone(),
        altered: [
            &shown.source_name,
            &shown.destination_name,
            &shown.destination_account,
            &shown.description,
        ]
        .into_iter()
        .any(Clean::altered),
        amount: shown.amount,
        sent: None,
        pair: Some((shown.creator.clone(), Clean::new(&model.seat.actor.person))),
        fingerprint: Some(Fingerprint::of(&shown).short()),
        note: None,
    };
    let mut dialog = Confirm::new(about, rule, model.now);
    if way == Way::Approve {
        // What the review of the queue saw, and what has come to this desk since.
        let mut found = approvals::reviewed(model, &shown).to_vec();
        for finding in review::findings(model, &Payment::of_movement(&shown, model.now)) {
            if found.iter().all(|other| other.code != finding.code) {
                found.push(finding);
            }
        }
        let red = found.iter().any(Finding::stops);
        let asked = draft(&shown, None).validate();
        let needed = asked.is_ok_and(|checked| prove::needed(checked.order(), red, model));
        dialog = dialog.over(found).proving(needed);
    }
    stay(model, Form::Decide(DecideForm::Confirm { shown, way, dialog: Box::new(dialog) }))
}

pub fn key(form: DecideForm, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    match form {
        DecideForm::Confirm { shown, way, mut dialog } => match dialog.key(key, model.now) {
            ConfirmEvent::No => Vec::new(),
            ConfirmEvent::Nothing => stay(model, Form::Decide(DecideForm::Confirm { shown, way, dialog })),
            ConfirmEvent::Yes => decided(shown, way, dialog, model),
        },
        DecideForm::Changed { .. } if key.code == KeyCode::Esc => Vec::new(),
        DecideForm::Changed { shown, now } => {
            let pressed = Key::of(&key).and_then(|key| model.keymap.action(PaneId::Approvals, key));
            match pressed.map(|action| action.id) {
                Some("movement.approve") => ask(model, now, Way::Approve),
                Some("movement.reject") => ask(model, now, Way::Reject),
                _ => stay(model, Form::Decide(DecideForm::Changed { shown, now })),
            }
        }
    }
}

/// The dialog said yes: asks for the decision on exactly what was shown.
fn decided(shown: Box<Movement>, way: Way, dialog: Box<Confirm>, model: &mut Model) -> Vec<Effect> {
    let reason = match way {
        Way::Approve => None,
        Way::Reject => Some(dialog.typed().to_owned()),
    };
    let Ok(checked) = draft(&shown, reason).validate() else {
        model.notify(Saying::new(Meaning::Bad, "problem.reason").with("min", REASON_MIN));
        return stay(model, Form::Decide(DecideForm::Confirm { shown, way, dialog }));
    };
    model.notify(Saying::new(Meaning::Moving, "notice.deciding"));
    let checked = Box::new(checked.consenting(dialog.consent(&model.look())));
    let ask = Ask::Decide { shown: shown.clone(), checked };
    let said = (*dialog).clone();
    prove::send(Form::Decide(DecideForm::Confirm { shown, way, dialog }), &said, ask, model)
}

/// The movement was no longer what was shown: nothing was sent, and both are shown.
pub fn changed(model: &mut Model, shown: &Movement, now: &Movement) -> Vec<Effect> {
    model.notify(Saying::new(Meaning::Look, "notice.changed_meanwhile"));
    // Whatever else was begun meanwhile stays: the notice says it, and the list shows the new one.
    if let Some(Modal::Form(_)) = &model.modal {
        return Vec::new();
    }
    let (shown, now) = (Box::new(shown.clone()), Box::new(now.clone()));
    stay(model, Form::Decide(DecideForm::Changed { shown, now }))
}

/// The queue came anew while the dialog is open: only what was shown can be decided.
pub fn refresh(form: DecideForm, model: &mut Model) -> Vec<Effect> {
    let id = match &form {
        DecideForm::Confirm { shown, .. } | DecideForm::Changed { shown, .. } => shown.id.clone(),
    };
    let single = |approval: &Approval| match approval {
        Approval::Single(movement) if movement.id == id => Some(movement.clone()),
        Approval::Single(_) | Approval::Bulk(_) => None,
    };
    let Some(fresh) = model.facts.approvals.rows().find_map(single) else {
        // A list with pages missing does not say that it is gone.
        if !model.facts.approvals.whole() {
            return stay(model, Form::Decide(form));
        }
        let gone = Saying::new(Meaning::Look, "notice.no_longer_pending").with("id", &id);
        let DecideForm::Confirm { shown, way, mut dialog } = form else {
            model.notify(gone);
            return Vec::new();
        };
        if dialog.end() {
            model.notify(gone);
        }
        return stay(model, Form::Decide(DecideForm::Confirm { shown, way, dialog }));
    };
    match form {
        DecideForm::Confirm { shown, way, dialog } if Fingerprint::of(&fresh) == Fingerprint::of(&shown) => {
            stay(model, Form::Decide(DecideForm::Confirm { shown, way, dialog }))
        }
        DecideForm::Confirm { shown, .. } => {
            model.notify(Saying::new(Meaning::Look, "notice.changed_meanwhile"));
            stay(model, Form::Decide(DecideForm::Changed { shown, now: fresh }))
        }
        DecideForm::Changed { shown, .. } => {
            stay(model, Form::Decide(DecideForm::Changed { shown, now: fresh }))
        }
    }
}

pub fn hints(form: &DecideForm, model: &Model) -> Vec<(String, &'static str)> {
    match form {
        DecideForm::Confirm { dialog, .. } => dialog.hints(),
        DecideForm::Changed { .. } => {
            let key = |id| model.keymap.label_of(id, model.lang());
            vec![
                (key("movement.approve"), "action.approve"),
                (key("movement.reject"), "action.reject"),
                ("esc".to_owned(), "confirm.nothing"),
            ]
        }
    }
}

pub fn view(form: &DecideForm, model: &Model, frame: &mut Frame, area: Rect) {
    let look = model.look();
    match form {
        DecideForm::Confirm { dialog, .. } => confirm::view(dialog, &look, frame, area),
        DecideForm::Changed { shown, now } => {
            let width = area.width.saturating_sub(4).min(100);
            let lines = versions(shown, now, width.saturating_sub(6), &look);
            let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
            let title = look.lang.word("decide.changed");
            let inner = modal::over(frame, area, (width, height), title, &look);
            let inner =
                Rect { y: inner.y.saturating_add(1), height: inner.height.saturating_sub(1), ..inner };
            text::put_lines(frame.buffer_mut(), inner, &lines, 0);
        }
    }
}

/// ```text
/// Nada se envió: el pago cambió mientras lo veía.
///
///                 Lo que vio                    Ahora
/// ~ Valor         COP 1.200.000,00              COP 9.200.000,00
///   Beneficiario  Carlos Rojas                  Carlos Rojas
/// ```
fn versions(shown: &Movement, now: &Movement, width: u16, look: &Look<'_>) -> Vec<Line<'static>> {
    let lang = look.lang;
    let facts = |movement: &Movement| {
        let amount = format!("{} {}", movement.amount.currency, money(movement.amount, look.numerals));
        let at = movement.updated_at;
        [
            ("form.amount", amount),
            ("column.beneficiary", movement.destination_name.to_string()),
            ("column.destination", movement.destination_account.to_string()),
            ("form.source", movement.source_name.to_string()),
            ("form.description", movement.description.to_string()),
            ("column.state", lang.movement_state(&movement.state).to_string()),
            ("column.creator", movement.creator.to_string()),
            (
                "column.time",
                format!("{} {}", i18n::day(at, look.zone, look.dates), i18n::clock(at, look.zone)),
            ),
            ("confirm.fingerprint", Fingerprint::of(movement).short()),
        ]
    };
    let (before, after) = (facts(shown), facts(now));
    let label = before.iter().map(|(word, _)| text::width(lang.word(word))).max().unwrap_or(0);
    let label = label.saturating_add(2);
    let half = width.saturating_sub(label).saturating_sub(4) / 2;
    let row = |sign: &str, name: &str, (left, right): (&str, &str), meaning| {
        // An amount is never cut: a pair of long texts takes a line each side as often as it must.
        let (left, right) = (text::wrap(left, half), text::wrap(right, half));
        let mut lines = Vec::new();
        for place in 0..left.len().max(right.len()) {
            let part = |side: &[String]| pad(side.get(place).map_or("", String::as_str), half);
            let name = if place == 0 { name } else { "" };
            let sign = if place == 0 { sign } else { " " };
            lines.push(Line::from(vec![
                Span::raw(format!("{sign} {}", pad(name, label))),
                Span::raw(part(&left)),
                Span::raw("  "),
                text::span(look, meaning, part(&right)),
            ]));
        }
        lines
    };
    let mut lines: Vec<Line<'static>> = Vec::new();
    let said = text::wrap(lang.word("decide.nothing_sent"), width);
    lines.extend(said.into_iter().map(|line| Line::from(text::span(look, Meaning::Look, line))));
    lines.push(Line::default());
    let heads = (lang.word("decide.was"), lang.word("decide.is"));
    lines.extend(row(" ", "", heads, Meaning::Heading));
    for ((word, before), (_, after)) in before.iter().zip(&after) {
        let same = before == after;
        let (sign, meaning) = if same { (" ", Meaning::Plain) } else { ("~", Meaning::Changed) };
        lines.extend(row(sign, lang.word(word), (before, after), meaning));
    }
    lines
}
