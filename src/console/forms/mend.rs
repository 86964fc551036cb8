//! What a person may do about a write in the outbox: close an unknown by hand, or send again what did not
//! leave. Both take the whole amount; a closing takes a reason too, over the last looks (UX §8).

use super::confirm::{About, Confirm, ConfirmEvent, Rule};
use super::{Form, confirm, prove, stay};
use crate::console::effect::Effect;
use crate::console::model::{Look, Model, Saying};
use crate::console::panes::outbox;
use crate::console::theme::Meaning;
use crate::console::widgets::{modal, text};
use crate::domain::money::Money;
use crate::i18n;
use crate::sanitize::Clean;
use crate::store::{Ending, OutboxEntry, State};
use crate::sync::again::can_be_sent_again;
use crate::sync::news::Ask;
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// The looks that are on the screen while one decides.
const LOOKS_SHOWN: usize = 4;

#[derive(Debug, Clone, PartialEq)]
pub enum MendForm {
    /// Which end it had: asked before anything is typed.
    Choose(Box<OutboxEntry>),
    Close {
        entry: Box<OutboxEntry>,
        ending: Ending,
        dialog: Box<Confirm>,
    },
    Again {
        entry: Box<OutboxEntry>,
        dialog: Box<Confirm>,
    },
}

/// Whether there is something to close by hand; who may is the action's to say.
pub fn closable(entry: &OutboxEntry) -> Result<(), &'static str> {
    if entry.state == State::Unknown { Ok(()) } else { Err("reason.not_unknown") }
}

/// Whether it may be sent again.
pub fn repeatable(entry: &OutboxEntry, model: &Model) -> Result<(), &'static str> {
    if !can_be_sent_again(entry) && !is_bulk_again(entry) {
        return Err("reason.not_again");
    }
    if superseded(entry, model) { Err("reason.sent_again_already") } else { Ok(()) }
}

/// A bulk that was not sent, was refused, or that an approver rejected: its form knows which rows go again.
fn is_bulk_again(entry: &OutboxEntry) -> bool {
    let ended = match entry.state {
        State::NotSent | State::Rejected => true,
        State::Sent => matches!(entry.provider_state.as_deref(), Some("canceled" | "failed")),
        State::Recorded | State::Sending | State::Unknown => false,
    };
    entry.action == "create_bulk" && ended
}

fn superseded(entry: &OutboxEntry, model: &Model) -> bool {
    let mut entries = model.facts.outbox.iter().flat_map(|entries| entries.iter());
    entries.any(|other| other.supersedes == Some(entry.intent))
}

pub fn open_close(model: &mut Model) -> Vec<Effect> {
    let Some(entry) = outbox::chosen(model).cloned() else { return Vec::new() };
    stay(model, Form::Mend(MendForm::Choose(Box::new(entry))))
}

pub fn open_again(model: &mut Model) -> Vec<Effect> {
    let Some(entry) = outbox::chosen(model).cloned() else { return Vec::new() };
    if is_bulk_again(&entry) {
        return super::bulk::open_at(model, Some(entry.intent));
    }
    let Some(about) = about(&entry, "confirm.send_again", "confirm.do_send_again", model) else {
        return Vec::new();
    };
    let amount = about.amount;
    let asks = model.seat.actor.policy.step_up.asks_for(amount, true);
    let needed = prove::needed_for(asks, model);
    let dialog = Confirm::new(about, Rule::Amount(amount), model.now).proving(needed);
    stay(model, Form::Mend(MendForm::Again { entry: Box::new(entry), dialog: Box::new(dialog) }))
}

fn about(entry: &OutboxEntry, title: &'static str, verb: &'static str, model: &Model) -> Option<About> {
    let currency = entry.currency.as_deref()?.parse().ok()?;
    let payer = entry.source.as_deref().unwrap_or_default();
    let known = model.facts.accounts.rows().find(|account| account.id.as_str() == payer);
    Some(About {
        title,
        verb,
        company: model.seat.company.clone(),
        environment: super::environment_word(model),
        payer: known.map_or_else(|| Clean::new(payer), |account| account.name.clone()),
        beneficiary: outbox::who(entry, model),
        description: Clean::new(entry.external_id.as_deref().unwrap_or_default()),
        altered: false,
        amount: Money::new(entry.amount_minor?, currency),
        sent: None,
        pair: None,
        fingerprint: None,
        note: None,
    })
}

pub fn key(form: MendForm, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    match form {
        MendForm::Choose(_) if key.code == KeyCode::Esc => Vec::new(),
        form @ MendForm::Choose(_) => stay(model, Form::Mend(form)),
        MendForm::Close { entry, ending, mut dialog } => match dialog.key(key, model.now) {
            ConfirmEvent::No => Vec::new(),
            ConfirmEvent::Nothing => stay(model, Form::Mend(MendForm::Close { entry, ending, dialog })),
            ConfirmEvent::Yes => {
                model.notify(Saying::new(Meaning::Moving, "notice.closing"));
                let amount_typed = dialog.about.amount.to_decimal();
                let reason = dialog.reason().to_owned();
                vec![Effect::Ask(Ask::CloseByHand { intent: entry.intent, ending, reason, amount_typed })]
            }
        },
        MendForm::Again { entry, mut dialog } => match dialog.key(key, model.now) {
            ConfirmEvent::No => Vec::new(),
            ConfirmEvent::Nothing => stay(model, Form::Mend(MendForm::Again { entry, dialog })),
            ConfirmEvent::Yes => {
                model.notify(Saying::new(Meaning::Moving, "notice.recorded"));
                let ask = Ask::SendAgain { intent: entry.intent, consent: dialog.consent(&model.look()) };
                let said = (*dialog).clone();
                prove::send(Form::Mend(MendForm::Again { entry, dialog }), &said, ask, model)
            }
        },
    }
}

/// The end that it had is known: what it takes to say so.
pub fn close_as(form: MendForm, model: &mut Model, ending: Ending) -> Vec<Effect> {
    let MendForm::Choose(entry) = form else { return stay(model, Form::Mend(form)) };
    let title = if ending == Ending::Sent { "confirm.close_sent" } else { "confirm.close_not_sent" };
    let Some(about) = about(&entry, title, "confirm.do_close", model) else { return Vec::new() };
    let amount = about.amount;
    let dialog = Confirm::new(about, Rule::Amount(amount), model.now).because();
    stay(model, Form::Mend(MendForm::Close { entry, ending, dialog: Box::new(dialog) }))
}

pub fn hints(form: &MendForm) -> Vec<(String, &'static str)> {
    match form {
        MendForm::Choose(_) => vec![("esc".to_owned(), "confirm.nothing")],
        MendForm::Close { dialog, .. } | MendForm::Again { dialog, .. } => dialog.hints(),
    }
}

pub fn view(form: &MendForm, model: &Model, frame: &mut Frame, area: Rect) {
    let look = model.look();
    match form {
        MendForm::Choose(entry) => {
            let lines = choice(entry, model, &look);
            let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
            let width = confirm::WIDTH.saturating_add(6);
            let inner = modal::over(frame, area, (width, height), look.lang.word("mend.title"), &look);
            let inner =
                Rect { y: inner.y.saturating_add(1), height: inner.height.saturating_sub(1), ..inner };
            text::put_lines(frame.buffer_mut(), inner, &lines, 0);
        }
        MendForm::Close { dialog, .. } | MendForm::Again { dialog, .. } => {
            confirm::view(dialog, &look, frame, area);
        }
    }
}

/// What is known, and the two ends that it may have had.
fn choice(entry: &OutboxEntry, model: &Model, look: &Look<'_>) -> Vec<Line<'static>> {
    let lang = look.lang;
    let wrapped = |words: &str| text::wrap(words, confirm::WIDTH).into_iter().map(Line::from);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let amount = about(entry, "mend.title", "confirm.do_close", model).map(|about| about.amount);
    let amount = amount.map(|amount| format!("{} {}", amount.currency, i18n::money(amount, look.numerals)));
    let amount = amount.unwrap_or_default();
    lines.extend(wrapped(&format!("{amount} → {}", outbox::who(entry, model))));
    lines.push(Line::default());
    if entry.looks.is_empty() {
        lines.extend(wrapped(lang.word("mend.no_look")));
    }
    for one in entry.looks.iter().rev().take(LOOKS_SHOWN) {
        let words = if one.whole { "outbox.look" } else { "outbox.look_cut" };
        let at = i18n::clock(one.at, look.zone);
        let said = lang.say(words, &[("time", &at), ("found", &one.found)]);
        let note = lang.look_note(one.note.as_deref().unwrap_or_default());
        let said = if note.is_empty() { said } else { format!("{said} · {note}") };
        lines.extend(wrapped(&said));
    }
    lines.push(Line::default());
    lines.extend(wrapped(lang.word("mend.ask")));
    for id in ["close.sent", "close.not_sent"] {
        let word = if id == "close.sent" { "mend.was_sent" } else { "mend.was_not_sent" };
        let key = model.keymap.label_of(id, lang);
        lines.extend(wrapped(&format!("{key}  {}", lang.word(word))));
    }
    lines
}

/// As [`dialog_mut`], to be read.
pub fn dialog(form: &MendForm) -> Option<&Confirm> {
    match form {
        MendForm::Choose(_) => None,
        MendForm::Close { dialog, .. } | MendForm::Again { dialog, .. } => Some(dialog),
    }
}

pub(super) fn dialog_mut(form: &mut MendForm) -> Option<&mut Confirm> {
    match form {
        MendForm::Choose(_) => None,
        MendForm::Close { dialog, .. } | MendForm::Again { dialog, .. } => Some(dialog),
    }
}
