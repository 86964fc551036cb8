//! A new cobru: what is charged, for what, until when. `^O` shows what will be made; `⏎` makes it. It
//! takes money out of nowhere of ours, so nothing has to be typed again.

use super::{Form, stay};
use crate::console::effect::Effect;
use crate::console::model::{Model, Saying};
use crate::console::theme::Meaning;
use crate::console::widgets::form::{self as fields, FormEvent, Unit};
use crate::console::widgets::{modal, text};
use crate::domain::money::Currency;
use crate::i18n::{amount_in_words, money};
use crate::payments::Checked;
use crate::payments::draft::{COBRU_DESCRIPTION_MAX, CobruDraft, CobruOrder, Field, Order};
use crate::payments::policy::permits;
use crate::sync::news::Ask;
use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

#[derive(Debug, Clone, PartialEq)]
pub struct CobruForm {
    fields: fields::Form,
    /// What `⏎` would make, since when it is shown.
    review: Option<(Checked, Timestamp)>,
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
    let mut form = CobruForm { fields, review: None };
    form.check(model);
    stay(model, Form::Cobru(form))
}

impl super::Sheet for CobruForm {
    fn fields(&self) -> &fields::Form {
        &self.fields
    }

    fn fields_mut(&mut self) -> &mut fields::Form {
        &mut self.fields
    }

    fn covered(&self) -> bool {
        self.review.is_some()
    }

    fn would_send(&self, model: &Model) -> Option<Checked> {
        self.draft().validate(model.seat.numerals).ok()
    }

    fn recheck(&mut self, model: &Model) {
        self.check(model);
    }
}

impl CobruForm {
    fn draft(&self) -> CobruDraft {
        CobruDraft {
            amount: self.fields.value(Field::Amount).to_owned(),
            description: self.fields.value(Field::Description).to_owned(),
            expiration_days: self.fields.value(Field::ExpirationDays).to_owned(),
        }
    }

    fn check(&mut self, model: &Model) {
        self.fields.set_problems(self.draft().validate(model.seat.numerals).err().unwrap_or_default());
    }

    fn submit(&mut self, model: &mut Model) {
        match self.draft().validate(model.seat.numerals) {
            Err(problems) => self.fields.point_out(problems),
            Ok(checked) => match permits(checked.order(), &model.seat.actor) {
                Ok(()) => self.review = Some((checked, model.now)),
                Err(denied) => model.notify(Saying::new(Meaning::Bad, denied.word())),
            },
        }
    }
}

pub fn key(mut form: CobruForm, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if let Some((checked, since)) = form.review.take() {
        match key.code {
            KeyCode::Esc => {}
            KeyCode::Enter if !super::confirm::deaf(since, model.now) => {
                model.notify(Saying::new(Meaning::Moving, "notice.recorded"));
                return vec![Effect::Ask(Ask::Write(Box::new(checked)))];
            }
            _ => form.review = Some((checked, since)),
        }
        return stay(model, Form::Cobru(form));
    }
    match form.fields.key(key) {
        FormEvent::Leave => return Vec::new(),
        FormEvent::Submit => form.submit(model),
        FormEvent::Edited | FormEvent::Moved => form.check(model),
        FormEvent::Ignored => {}
    }
    stay(model, Form::Cobru(form))
}

pub fn paste(mut form: CobruForm, model: &mut Model, pasted: &str) -> Vec<Effect> {
    if form.review.is_none() {
        form.fields.paste(pasted);
        form.check(model);
    }
    stay(model, Form::Cobru(form))
}

pub fn hints(form: &CobruForm) -> Vec<(String, &'static str)> {
    if form.review.is_some() {
        return vec![("⏎".to_owned(), "cobru_form.make"), ("esc".to_owned(), "form.key_back")];
    }
    super::field_hints(&form.fields, "cobru_form.review")
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
    let look = model.look();
    let width = area.width.saturating_sub(4).min(110);
    let inner = modal::over(frame, area, (width, 16), look.lang.word("cobru_form.title"), &look);
    let top = inner.y.saturating_add(1);
    let height = form.fields.height(&look, inner.width).min(inner.height.saturating_sub(1));
    let place = Rect { y: top, height, ..inner };
    let cursor = form.fields.view(&look, place, frame.buffer_mut());
    let y = top.saturating_add(height).saturating_add(1);
    let below = Rect { y, height: inner.bottom().saturating_sub(y), ..inner };
    let lines = super::below(&form.fields, form.said(model), inner.width, &look);
    text::put_lines(frame.buffer_mut(), below, &lines, 0);
    if form.review.is_none() {
        super::put_cursor(frame, cursor);
    }
}

impl CobruForm {
    /// Under the fields: what is missing, or what will be made.
    fn said(&self, model: &Model) -> Vec<(Meaning, String)> {
        let lang = model.lang();
        match self.draft().validate(model.seat.numerals) {
            Err(problems) => vec![super::missing(&problems, lang)],
            Ok(checked) => {
                let mut said = Vec::new();
                if let Order::Cobru(order) = checked.order() {
                    said.push((Meaning::Plain, sentence(order, model)));
                    said.push((Meaning::Dim, amount_in_words(order.amount, lang)));
                }
                match (permits(checked.order(), &model.seat.actor), &self.review) {
                    (Err(denied), _) => said.push((Meaning::Bad, lang.word(denied.word()).to_owned())),
                    (Ok(()), Some(_)) => said.push((Meaning::Look, lang.word("cobru_form.enter").to_owned())),
                    (Ok(()), None) => {
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
