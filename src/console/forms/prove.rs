//! A confirmed write that waits until the passphrase is found to be theirs. Hashing takes a moment: the
//! dialog stays, and only `esc` does something.

use super::confirm::Confirm;
use super::{Form, stay};
use crate::console::effect::Effect;
use crate::console::model::{Model, Saying};
use crate::console::theme::Meaning;
use crate::payments::Order;
use crate::payments::step_up::Asks;
use crate::sync::news::{Ask, News, Proof};
use crossterm::event::{KeyCode, KeyEvent};

/// The form that asked, and what it asks of the world.
#[derive(Debug, Clone, PartialEq)]
pub struct Proving {
    under: Form,
    ask: Ask,
}

/// Whether the passphrase has to be typed for `order`; `red`: over a red finding.
pub fn needed(order: &Order, red: bool, model: &Model) -> bool {
    needed_for(model.seat.actor.policy.step_up.asks(order, red), model)
}

pub(super) fn needed_for(asks: Asks, model: &Model) -> bool {
    match asks {
        Asks::Nothing => false,
        Asks::Recent => !asks.met(model.proof, model.now),
        Asks::Own => true,
    }
}

/// The dialog of `under` said yes: asks at once, or after the passphrase was found right.
pub fn send(under: Form, dialog: &Confirm, ask: Ask, model: &mut Model) -> Vec<Effect> {
    let Some(given) = dialog.passphrase() else {
        mark(model, &ask);
        return vec![Effect::Ask(ask)];
    };
    model.notify(Saying::new(Meaning::Moving, "notice.proving"));
    stay(model, Form::Proving(Box::new(Proving { under, ask })));
    vec![Effect::Ask(Ask::Prove(given))]
}

/// What is being decided is not decided again before the queue was read anew.
fn mark(model: &mut Model, ask: &Ask) {
    if let Ask::Decide { shown, .. } = ask {
        model.deciding.push(shown.id.clone());
    }
}

pub fn key(form: Proving, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if key.code == KeyCode::Esc {
        return Vec::new();
    }
    stay(model, Form::Proving(Box::new(form)))
}

pub fn told(form: Proving, model: &mut Model, news: &News) -> Vec<Effect> {
    let News::Proof(proof) = news else { return stay(model, Form::Proving(Box::new(form))) };
    if let Proof::Given(_) = proof {
        model.notify(Saying::new(Meaning::Moving, "notice.recorded"));
        mark(model, &form.ask);
        return vec![Effect::Ask(form.ask)];
    }
    // Wrong, or too soon: back to where it is typed.
    let mut under = form.under;
    if let Some(dialog) = super::dialog_mut(&mut under) {
        dialog.try_again();
    }
    stay(model, under)
}

/// What came of a passphrase, for the status line.
pub fn said(proof: &Proof) -> Saying {
    match proof {
        Proof::Given(_) => Saying::new(Meaning::Good, "notice.proven"),
        Proof::Set => Saying::new(Meaning::Good, "notice.passphrase_set"),
        Proof::Wrong { left } => Saying::new(Meaning::Bad, "notice.passphrase_wrong").with("left", left),
        Proof::Wait { seconds } => {
            Saying::new(Meaning::Bad, "notice.passphrase_wait").with("seconds", seconds)
        }
        Proof::NotSet => Saying::new(Meaning::Bad, "notice.passphrase_not_set"),
        Proof::OldNeeded => Saying::new(Meaning::Bad, "notice.passphrase_old_needed"),
        Proof::TooShort => Saying::new(Meaning::Bad, "notice.passphrase_short"),
        Proof::Failed(why) => Saying::new(Meaning::Bad, "notice.passphrase_failed").with("why", why),
    }
}

impl Proving {
    pub const fn under(&self) -> &Form {
        &self.under
    }
}
