//! A new cobru: what is charged, for what, until when. `^O` shows what will be made; `⏎` makes it. It
//! takes money out of nowhere of ours, so nothing has to be typed again.

use super::draw::{self, Over};
use super::ready::{self, Ready};
use super::{Form, Sheet, stay};
use crate::console::effect::Effect;
use crate::console::model::Model;
use crate::console::theme::Meaning;
use crate::console::widgets::form::{self as fields, FormEvent, Unit};
use crate::domain::money::Currency;
use crate::i18n::{amount_in_words, money};
use crate::payments::draft::{COBRU_DESCRIPTION_MAX, CobruDraft, Field, Problem};
use crate::payments::order::CobruOrder;
use crate::payments::policy::permits;
use crate::payments::{Checked, Order};
use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

#[derive(Debug, Clone, PartialEq)]
pub struct CobruForm {
    fields: fields::Form,
    ready: Ready,
}

pub fn open(model: &mut Model) -> Vec<Effect> {
    let fields = fields::Form::new()
        .amount(Field::Amount, "form.amount", Currency::Cop, Unit::Whole)
        .hint("form.hint_amount")
        .text(Field::Description, "form.description", Some(COBRU_DESCRIPTION_MAX))
        .hint("form.hint_cobru_description")
        .text(Field::ExpirationDays, "form.days", None)
        .hint("form.hint_days")
        .drafted("cobru");
    let mut form = CobruForm { fields, ready: Ready::default() };
    form.check(model);
    stay(model, Form::Cobru(form))
}

impl Sheet for CobruForm {
    fn fields(&self) -> &fields::Form {
        &self.fields
    }

    fn fields_mut(&mut self) -> &mut fields::Form {
        &mut self.fields
    }

    fn covered(&self) -> bool {
        self.ready.is_shown()
    }

    fn would_send(&self, model: &Model) -> Option<Checked> {
        self.validate(model).ok()
    }

    fn check(&mut self, model: &Model) {
        self.fields.set_problems(self.validate(model).err().unwrap_or_default());
    }
}

impl CobruForm {
    fn validate(&self, model: &Model) -> Result<Checked, Vec<Problem>> {
        let draft = CobruDraft {
            amount: self.fields.value(Field::Amount).to_owned(),
            description: self.fields.value(Field::Description).to_owned(),
            expiration_days: self.fields.value(Field::ExpirationDays).to_owned(),
        };
        draft.validate(model.seat.numerals)
    }

    fn submit(&mut self, model: &mut Model) {
        if let Some(checked) = ready::permitted(self.validate(model), &mut self.fields, model) {
            self.ready.show(checked, model);
        }
    }
}

pub fn key(mut form: CobruForm, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if form.ready.is_shown() {
        let write = form.ready.key(key, model);
        return write.unwrap_or_else(|| stay(model, Form::Cobru(form)));
    }
    match form.fields.key(key) {
        FormEvent::Leave => return Vec::new(),
        FormEvent::Submit => form.submit(model),
        FormEvent::Edited | FormEvent::Moved => form.check(model),
        FormEvent::Ignored => {}
    }
    stay(model, Form::Cobru(form))
}

pub fn hints(form: &CobruForm) -> Vec<(String, &'static str)> {
    let ready = form.ready.hints("cobru_form.make");
    ready.unwrap_or_else(|| draw::field_hints(&form.fields, "cobru_form.review"))
}

/// ```text
/// ┌─ Nuevo cobru ────────────────────────────────────────────────────┐
/// │  Valor        20000                                 COP          │
/// │               veinte mil pesos · se envía 20000.00 (pesos)       │
/// │  Descripción  Pedido 131                            10 de 225    │
/// │  Días         1                                                  │
/// │                                                                  │
/// │  Se creará un enlace de COP 20.000,00 …                          │
/// └──────────────────────────────────────────────────────────────────┘
/// ```
pub fn view(form: &CobruForm, model: &Model, frame: &mut Frame, area: Rect) {
    let size = (area.width.saturating_sub(4).min(110), 16);
    let over = Over::shown(form.ready.is_shown());
    let title = model.lang().word("cobru_form.title");
    draw::boxed((&form.fields, title), size, form.said(model), over, model, frame, area);
}

impl CobruForm {
    /// Under the fields: what is missing, or what will be made.
    fn said(&self, model: &Model) -> Vec<(Meaning, String)> {
        let lang = model.lang();
        match self.validate(model) {
            Err(problems) => vec![draw::missing(&problems, lang)],
            Ok(checked) => {
                let mut said = Vec::new();
                if let Order::Cobru(order) = checked.order() {
                    said.push((Meaning::Plain, sentence(order, model)));
                    said.push((Meaning::Dim, amount_in_words(order.amount, lang)));
                }
                match permits(checked.order(), &model.seat.actor) {
                    Err(denied) => said.push((Meaning::Bad, lang.word(denied.word()).to_owned())),
                    Ok(()) if self.ready.is_shown() => {
                        said.push((Meaning::Look, lang.word("cobru_form.enter").to_owned()));
                    }
                    Ok(()) => {
                        let send = model.keymap.label_of("fields.send", lang);
                        said.push((Meaning::Good, lang.say("cobru_form.ready", &[("send", &send)])));
                    }
                }
                said
            }
        }
    }
}

fn sentence(order: &CobruOrder, model: &Model) -> String {
    let lang = model.lang();
    let amount = format!("{} {}", order.amount.currency, money(order.amount, model.seat.numerals));
    let days = u64::from(order.expiration_days);
    let until = match days {
        0 => lang.word("cobru_form.today").to_owned(),
        days => lang.count("cobru_form.days", days, &[]),
    };
    lang.say("cobru_form.sentence", &[("amount", &amount), ("until", &until)])
}
