//! The review right before the send found something red that nobody had answered for: nothing left. It is
//! shown with the rows that it rests on; going on takes the whole amount and a reason (UX §8).

use super::confirm::{About, Confirm, ConfirmEvent, Rule};
use super::{Form, prove, stay};
use crate::console::effect::Effect;
use crate::console::model::{Modal, Model, Saying};
use crate::console::theme::Meaning;
use crate::domain::movement::Movement;
use crate::payments::fingerprint::Fingerprint;
use crate::payments::review::Finding;
use crate::payments::{Checked, Consent, Order};
use crate::sanitize::Clean;
use crate::sync::news::Ask;
use crossterm::event::KeyEvent;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq)]
pub struct OddForm {
    checked: Checked,
    /// What is decided, for a decision.
    shown: Option<Box<Movement>>,
    /// What is sent again.
    again: Option<Uuid>,
    pub(super) dialog: Confirm,
}

/// Opens it, unless something else was begun meanwhile: then the notice alone says it.
pub fn open(
    model: &mut Model,
    checked: &Checked,
    shown: Option<&Movement>,
    again: Option<Uuid>,
    findings: &[Finding],
) -> Vec<Effect> {
    if let Some(Modal::Form(_)) = &model.modal {
        return Vec::new();
    }
    let Some(about) = about(checked, shown, model) else { return Vec::new() };
    let rule = Rule::Amount(about.amount);
    let needed = prove::needed(checked.order(), true, model);
    let dialog = Confirm::new(about, rule, model.now).over(findings.to_vec()).proving(needed);
    let shown = shown.cloned().map(Box::new);
    stay(model, Form::Odd(Box::new(OddForm { checked: checked.clone(), shown, again, dialog })))
}

fn about(checked: &Checked, shown: Option<&Movement>, model: &Model) -> Option<About> {
    let base = |title, verb, payer: &Clean, to: &Clean, account: &Clean, description: Clean, amount| About {
        title,
        verb,
        company: model.seat.company.clone(),
        environment: super::environment_word(model),
        payer: payer.clone(),
        beneficiary: if account.is_empty() { to.clone() } else { Clean::new(&format!("{to} · {account}")) },
        description,
        altered: [payer, to, account].into_iter().any(Clean::altered),
        amount,
        sent: None,
        pair: None,
        fingerprint: None,
        note: None,
    };
    match (checked.order(), shown) {
        (Order::Movement(order), _) => Some(base(
            "confirm.send_movement",
            "confirm.do_send",
            &order.source_name,
            &order.destination_name,
            &order.destination_account,
            Clean::new(&order.description),
            order.amount,
        )),
        (Order::Decision(_), Some(shown)) => {
            let about = base(
                "confirm.approve_movement",
                "confirm.do_approve",
                &shown.source_name,
                &shown.destination_name,
                &shown.destination_account,
                shown.description.clone(),
                shown.amount,
            );
            let pair = (shown.creator.clone(), Clean::new(&model.seat.actor.person));
            Some(About { pair: Some(pair), fingerprint: Some(Fingerprint::of(shown).short()), ..about })
        }
        _ => None,
    }
}

pub fn key(mut form: OddForm, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    match form.dialog.key(key, model.now) {
        ConfirmEvent::No => Vec::new(),
        ConfirmEvent::Nothing => stay(model, Form::Odd(Box::new(form))),
        ConfirmEvent::Yes => {
            let Consent { shown: seen, accepted } = form.dialog.consent(&model.look());
            // What was answered for before stays answered for.
            let before = form.checked.consent().accepted.iter().cloned();
            let accepted = before.chain(accepted).collect();
            let checked = Box::new(form.checked.clone().consenting(Consent { shown: seen, accepted }));
            model.notify(Saying::new(Meaning::Moving, "notice.recorded"));
            let ask = match (&form.shown, form.again) {
                (Some(shown), _) => Ask::Decide { shown: shown.clone(), checked },
                (None, Some(intent)) => Ask::SendAgain { intent, consent: checked.consent().clone() },
                (None, None) => Ask::Write(checked),
            };
            let dialog = form.dialog.clone();
            prove::send(Form::Odd(Box::new(form)), &dialog, ask, model)
        }
    }
}
