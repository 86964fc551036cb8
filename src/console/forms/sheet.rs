//! What every form of fields can do besides being filled in: keep a draft, show the request it would send.

use super::{Form, Msg, stay};
use crate::console::drafts;
use crate::console::effect::Effect;
use crate::console::keys::{Key, ctrl};
use crate::console::model::{Model, Saying};
use crate::console::theme::Meaning;
use crate::console::widgets::form as fields;
use crate::console::widgets::raw::Raw;
use crate::payments::Checked;
use crate::sync::news::{Ask, RawOf};
use crossterm::event::KeyEvent;

/// A form of fields, as drafts and the raw request see it.
pub trait Sheet {
    fn fields(&self) -> &fields::Form;
    fn fields_mut(&mut self) -> &mut fields::Form;
    /// Whether a dialog lies over the fields and has the keys.
    fn covered(&self) -> bool;
    /// What it would send as it stands, if it holds.
    fn would_send(&self, model: &Model) -> Option<Checked>;
    /// Shows which fields it takes now, and what is wrong in them.
    fn check(&mut self, model: &Model);
}

/// The form as a sheet, if it has fields. A new form of fields is listed here.
macro_rules! sheet_of {
    ($form:expr) => {
        match $form {
            Form::Movement(form) => Some(form),
            Form::Counterparty(form) => Some(form),
            Form::Key(form) => Some(form),
            Form::Schedule(form) => Some(form),
            Form::Cobru(form) => Some(form),
            Form::Passphrase(form) => Some(form),
            Form::Return(form) => Some(form),
            Form::Decide(_)
            | Form::DecideBulk(_)
            | Form::Bulk(_)
            | Form::Qr(_)
            | Form::Verify(_)
            | Form::Forever(_)
            | Form::Mend(_)
            | Form::Odd(_)
            | Form::Proving(_)
            | Form::KeyQr(_) => None,
        }
    };
}

pub fn sheet_of(form: &Form) -> Option<&dyn Sheet> {
    sheet_of!(form)
}

pub fn sheet_of_mut(form: &mut Form) -> Option<&mut dyn Sheet> {
    sheet_of!(form)
}

/// What opens the form of a draft. `None`: it stood on a row, and is opened from there.
pub fn opens(kind: &str) -> Option<Msg> {
    match kind {
        "movement" => Some(Msg::NewMovement),
        "counterparty" => Some(Msg::NewCounterparty),
        "key" => Some(Msg::NewKey),
        "schedule" => Some(Msg::NewSchedule),
        "cobru" => Some(Msg::NewCobru),
        _ => None,
    }
}

/// The word of what a draft is of.
pub fn kind_word(kind: &str) -> &'static str {
    match kind {
        "movement" => "action.new_movement",
        "counterparty" => "action.new_counterparty",
        "key" => "action.new_key",
        "schedule" => "action.new_schedule",
        "cobru" => "action.new_cobru",
        _ => "outbox.draft",
    }
}

/// The keys that belong to every form of fields; any other form, and any other key, comes back.
pub(super) fn key(form: Form, model: &mut Model, key: KeyEvent) -> Result<Vec<Effect>, Box<Form>> {
    let (Some(pressed), Some(sheet)) = (Key::of(&key), sheet_of(&form)) else { return Err(Box::new(form)) };
    if sheet.covered() || sheet.fields().is_leaving() {
        return Err(Box::new(form));
    }
    let kind = sheet.fields().draft();
    if pressed == ctrl('e') {
        let checked = sheet.would_send(model);
        stay(model, form);
        let Some(checked) = checked else {
            model.notify(Saying::new(Meaning::Look, "notice.nothing_to_send"));
            return Ok(Vec::new());
        };
        let of = RawOf::Request(Box::new(checked));
        model.raw = Some(Raw::new(of.clone()));
        return Ok(vec![Effect::Ask(Ask::Raw(of))]);
    }
    match kind {
        Some(kind) if pressed == ctrl('s') => {
            stay(model, form);
            Ok(drafts::keep(model, kind))
        }
        Some(kind) if pressed == ctrl('d') => {
            let offered = drafts::offered(model, kind).map(|draft| draft.id);
            stay(model, form);
            match offered {
                Some(id) => drafts::bring(model, id),
                None => model.notify(Saying::new(Meaning::Look, "reason.no_drafts")),
            }
            Ok(Vec::new())
        }
        _ => Err(Box::new(form)),
    }
}
