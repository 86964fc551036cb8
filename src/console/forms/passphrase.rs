//! One's own passphrase: set, or changed with the old one. It is compared and hashed behind the screen; what is
//! typed is never shown, kept as a draft, or put anywhere but where it is compared.

use super::draw::{self, Over};
use super::{Form, Sheet, stay};
use crate::console::effect::Effect;
use crate::console::model::{Model, Saying};
use crate::console::theme::Meaning;
use crate::console::widgets::form::{self as fields, FormEvent};
use crate::payments::Checked;
use crate::payments::draft::{Field, Problem};
use crate::store::passphrase::PASSPHRASE_MIN;
use crate::sync::news::{Ask, News, Passphrase, Proof};
use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use secrecy::SecretString;

#[derive(Debug, Clone, PartialEq)]
pub struct PassphraseForm {
    fields: fields::Form,
    /// It is being compared and hashed.
    sent: bool,
}

pub fn open(model: &mut Model) -> Vec<Effect> {
    let fields = fields::Form::new()
        .secret(Field::OldPassphrase, "form.passphrase_old")
        .hint("form.hint_passphrase_old")
        .secret(Field::NewPassphrase, "form.passphrase_new")
        .hint("form.hint_passphrase_new")
        .secret(Field::PassphraseAgain, "form.passphrase_again");
    let mut form = PassphraseForm { fields, sent: false };
    form.check(model);
    stay(model, Form::Passphrase(form))
}

impl Sheet for PassphraseForm {
    fn fields(&self) -> &fields::Form {
        &self.fields
    }

    fn fields_mut(&mut self) -> &mut fields::Form {
        &mut self.fields
    }

    fn covered(&self) -> bool {
        self.sent
    }

    fn would_send(&self, _: &Model) -> Option<Checked> {
        None
    }

    fn check(&mut self, _: &Model) {
        self.fields.set_problems(self.problems());
    }
}

impl PassphraseForm {
    pub const fn waits(&self) -> bool {
        self.sent
    }

    fn given(&self, field: Field) -> Option<Passphrase> {
        let typed = self.fields.value(field);
        (!typed.is_empty()).then(|| Passphrase(SecretString::from(typed.to_owned())))
    }

    fn problems(&self) -> Vec<Problem> {
        let new = self.fields.value(Field::NewPassphrase);
        if new.trim().chars().count() < PASSPHRASE_MIN {
            let with = vec![("min", PASSPHRASE_MIN.to_string())];
            return vec![Problem { field: Field::NewPassphrase, word: "problem.passphrase.short", with }];
        }
        if new != self.fields.value(Field::PassphraseAgain) {
            let with = Vec::new();
            return vec![Problem { field: Field::PassphraseAgain, word: "problem.passphrase.differs", with }];
        }
        Vec::new()
    }
}

pub fn key(mut form: PassphraseForm, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if form.sent {
        return stay(model, Form::Passphrase(form));
    }
    match form.fields.key(key) {
        FormEvent::Leave => return Vec::new(),
        FormEvent::Submit => {
            let problems = form.problems();
            if let (true, Some(new)) = (problems.is_empty(), form.given(Field::NewPassphrase)) {
                let old = form.given(Field::OldPassphrase);
                model.notify(Saying::new(Meaning::Moving, "notice.proving"));
                stay(model, Form::Passphrase(PassphraseForm { sent: true, ..form }));
                return vec![Effect::Ask(Ask::SetPassphrase { old, new })];
            }
            form.fields.point_out(problems);
        }
        FormEvent::Edited | FormEvent::Moved => form.check(model),
        FormEvent::Ignored => {}
    }
    stay(model, Form::Passphrase(form))
}

/// The status line says what came of it; where it is not set, the old one is typed again.
pub fn told(mut form: PassphraseForm, model: &mut Model, news: &News) -> Vec<Effect> {
    match news {
        News::Proof(Proof::Set) => return Vec::new(),
        News::Proof(proof) if form.sent => {
            form.sent = false;
            if matches!(proof, Proof::Wrong { .. } | Proof::OldNeeded | Proof::Wait { .. }) {
                form.fields.set_text(Field::OldPassphrase, "");
                form.fields.focus_on(Field::OldPassphrase);
            }
        }
        _ => {}
    }
    stay(model, Form::Passphrase(form))
}

pub fn hints(form: &PassphraseForm) -> Vec<(String, &'static str)> {
    let hints = draw::field_hints(&form.fields, "form.passphrase_send");
    hints.into_iter().filter(|(key, _)| key != "^E").collect()
}

/// ```text
/// ┌─ Frase de paso de mlopez ────────────────────────────────────────┐
/// │  Actual      ••••••••••••                                        │
/// │  Nueva       •••••••••••••••••••                                 │
/// │  Otra vez    •••••••••••••••••••                                 │
/// └──────────────────────────────────────────────────────────────────┘
/// ```
pub fn view(form: &PassphraseForm, model: &Model, frame: &mut Frame, area: Rect) {
    let lang = model.lang();
    let title = lang.say("form.passphrase_title", &[("person", &model.seat.actor.person)]);
    let said = if form.sent {
        (Meaning::Moving, lang.word("notice.proving").to_owned())
    } else {
        (Meaning::Dim, lang.word("form.passphrase_about").to_owned())
    };
    let size = (area.width.saturating_sub(4).min(90), 12);
    let over = Over::shown(form.sent);
    draw::boxed((&form.fields, &title), size, vec![said], over, model, frame, area);
}
