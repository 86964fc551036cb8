//! A new counterparty: what its kind asks for, checked while one types; whose the account is, as the
//! institution says; who is there already with it. `^O` asks, then shows; `⏎` registers. And the question
//! alone, for one that is registered (`v`).

use super::draw::{self, Over};
use super::payee::{self, Asked};
use super::ready::Ready;
use super::{Form, Sheet, forever, stay};
use crate::console::effect::Effect;
use crate::console::model::Model;
use crate::console::panes::counterparties::{account_text, chosen, destination_text};
use crate::console::theme::Meaning;
use crate::console::widgets::form::{self as fields, FormEvent};
use crate::console::widgets::{modal, text};
use crate::domain::counterparty::Counterparty;
use crate::domain::movement::MovementState;
use crate::payments::Checked;
use crate::payments::draft::{Field, Problem};
use crate::payments::manage::{self, CounterpartyOrder};
use crate::payments::payee::Kind;
use crate::store::State;
use crate::sync::news::News;
use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

#[derive(Debug, Clone, PartialEq)]
pub struct CounterpartyForm {
    fields: fields::Form,
    asked: Asked,
    ready: Ready,
}

pub fn open(model: &mut Model) -> Vec<Effect> {
    let mut fields = payee::add(fields::Form::new(), model).drafted("counterparty");
    payee::show(&mut fields, true, model.lang());
    let mut form = CounterpartyForm { fields, asked: Asked::Not, ready: Ready::default() };
    form.check(model);
    stay(model, Form::Counterparty(form))
}

impl Sheet for CounterpartyForm {
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
        self.order(model).ok()?;
        payee::draft(&self.fields, model.seat.dates).validate().ok()
    }

    fn check(&mut self, model: &Model) {
        payee::show(&mut self.fields, true, model.lang());
        self.fields.set_problems(self.order(model).err().unwrap_or_default());
    }
}

impl CounterpartyForm {
    fn order(&self, model: &Model) -> Result<CounterpartyOrder, Vec<Problem>> {
        let order = payee::draft(&self.fields, model.seat.dates).check()?;
        if payee::registered(&order, model).is_some() {
            return Err(vec![crate::payments::payee::there(Field::Alias)]);
        }
        Ok(order)
    }

    fn submit(&mut self, model: &mut Model) -> Vec<Effect> {
        let draft = payee::draft(&self.fields, model.seat.dates);
        let order = match self.order(model) {
            Ok(order) => order,
            Err(problems) => {
                self.fields.point_out(problems);
                return Vec::new();
            }
        };
        let Ok(checked) = draft.validate() else { return Vec::new() };
        if !super::may(&checked, model) {
            return Vec::new();
        }
        // First whose it is, where that can be asked; then what will be registered.
        if self.asked.is_open() {
            return Vec::new();
        }
        match draft.verification() {
            Some(question) if !self.asked.is_over(order.account()) => {
                self.asked = Asked::Sent { account: order.account().to_owned() };
                super::write(question)
            }
            Some(_) | None => {
                self.ready.show(checked, model);
                Vec::new()
            }
        }
    }
}

pub fn key(mut form: CounterpartyForm, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if form.ready.is_shown() {
        let write = form.ready.key(key, model);
        return write.unwrap_or_else(|| stay(model, Form::Counterparty(form)));
    }
    let mut effects = Vec::new();
    let kind = payee::picked(&form.fields);
    match form.fields.key(key) {
        FormEvent::Leave => return Vec::new(),
        FormEvent::Submit => effects = form.submit(model),
        FormEvent::Edited | FormEvent::Moved => form.check(model),
        FormEvent::Ignored => {}
    }
    payee::follow(&mut form.fields, kind);
    stay(model, Form::Counterparty(form));
    effects
}

pub fn told(mut form: CounterpartyForm, model: &mut Model, news: &News) -> Vec<Effect> {
    let effects = form.asked.told(model, news);
    stay(model, Form::Counterparty(form));
    effects
}

pub fn hints(form: &CounterpartyForm) -> Vec<(String, &'static str)> {
    let ready = form.ready.hints("counterparty_form.register");
    ready.unwrap_or_else(|| draw::field_hints(&form.fields, "cobru_form.review"))
}

/// ```text
/// ┌─ Nueva contraparte ──────────────────────────────────────────────┐
/// │  Tipo         llave Bre-B                                        │
/// │  Llave        @LUZ2026                                           │
/// │  …                                                               │
/// │  = la llave es de LUZ M*** en Nequi                              │
/// └──────────────────────────────────────────────────────────────────┘
/// ```
pub fn view(form: &CounterpartyForm, model: &Model, frame: &mut Frame, area: Rect) {
    let said = (form.said(model), Vec::new());
    let over = Over::shown(form.ready.is_shown());
    draw::whole((&form.fields, "counterparty_form.title"), said, over, model, frame, area);
}

impl CounterpartyForm {
    /// Under the fields: what is missing, whose it is, who is like it, what will be done.
    fn said(&self, model: &Model) -> Vec<(Meaning, String)> {
        let lang = model.lang();
        let mut said = Vec::new();
        match self.order(model) {
            Err(problems) => said.push(draw::missing(&problems, lang)),
            Ok(order) => {
                said.extend(payee::likenesses(&order, model));
                let asked_of_this = self.asked.is_open() || self.asked.is_over(order.account());
                said.extend(self.asked.line(lang).filter(|_| asked_of_this));
                let next = match payee::draft(&self.fields, model.seat.dates).verification() {
                    _ if self.ready.is_shown() => (Meaning::Look, "counterparty_form.enter"),
                    _ if self.asked.is_open() => return said,
                    Some(_) if !asked_of_this => (Meaning::Good, "counterparty_form.asks_first"),
                    _ => (Meaning::Good, "counterparty_form.ready"),
                };
                let send = model.keymap.label_of("fields.send", lang);
                said.push((next.0, lang.say(next.1, &[("send", &send)])));
            }
        }
        said
    }
}

// ---- whose is it

/// The question alone, about one that is registered.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifyForm {
    counterparty: Counterparty,
    question: Checked,
    account: String,
    asked: Asked,
    opened: Timestamp,
}

/// What can be asked about a registered counterparty.
fn question(row: &Counterparty) -> Option<Checked> {
    let to = &row.destination;
    let kind = Kind::read(to.kind.as_str())?;
    let (document_kind, document) = row.document.as_str().split_once(' ').unwrap_or(("", ""));
    manage::verify(kind.question()?, to.account.as_str(), row.holder.as_str(), document_kind, document)
}

/// Whether it makes sense to ask, for the Action table.
pub fn can_ask(model: &Model) -> Result<(), &'static str> {
    match chosen(model) {
        None => Err("reason.nothing_selected"),
        Some(row) if question(row).is_none() => Err("reason.cannot_verify"),
        Some(_) => Ok(()),
    }
}

/// Opens the question: `⏎` asks.
pub fn open_verify(model: &mut Model) -> Vec<Effect> {
    let Some(row) = chosen(model).cloned() else { return Vec::new() };
    let Some(question) = question(&row) else { return Vec::new() };
    if !super::may(&question, model) {
        return Vec::new();
    }
    let account = row.destination.account.to_string();
    let opened = model.now;
    let form = VerifyForm { counterparty: row, question, account, asked: Asked::Not, opened };
    stay(model, Form::Verify(form))
}

pub fn verify_key(mut form: VerifyForm, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    match key.code {
        KeyCode::Esc => Vec::new(),
        KeyCode::Enter if form.asked == Asked::Not && !super::confirm::deaf(form.opened, model.now) => {
            form.asked = Asked::Sent { account: form.account.clone() };
            let write = super::write(form.question.clone());
            stay(model, Form::Verify(form));
            write
        }
        _ => stay(model, Form::Verify(form)),
    }
}

pub fn verify_told(mut form: VerifyForm, model: &mut Model, news: &News) -> Vec<Effect> {
    let effects = form.asked.told(model, news);
    stay(model, Form::Verify(form));
    effects
}

pub fn verify_hints(form: &VerifyForm) -> Vec<(String, &'static str)> {
    let mut keys = Vec::new();
    if form.asked == Asked::Not {
        keys.push(("⏎".to_owned(), "verify.ask"));
    }
    keys.push(("esc".to_owned(), "qr.close"));
    keys
}

pub fn verify_view(form: &VerifyForm, model: &Model, frame: &mut Frame, area: Rect) {
    let look = model.look();
    let lang = look.lang;
    let row = &form.counterparty;
    let role = model.seat.actor.role;
    let destination = destination_text(row, &look, role);
    let holder = if row.holder.is_empty() { "—".to_owned() } else { row.holder.to_string() };
    let facts = [
        (Meaning::Plain, format!("{} · {destination}", row.name)),
        (Meaning::Plain, lang.say("verify.holder", &[("holder", &holder)])),
        (Meaning::Plain, account_text(&row.destination.account, role).to_string()),
    ];
    let mut said: Vec<(Meaning, String)> = facts.into_iter().collect();
    said.push((Meaning::Plain, String::new()));
    said.push(form.asked.line(lang).unwrap_or_else(|| (Meaning::Plain, lang.word("verify.what").to_owned())));
    let inner = modal::over(frame, area, (66, 11), lang.word("verify.title"), &look);
    let inner = Rect { y: inner.y.saturating_add(1), height: inner.height.saturating_sub(1), ..inner };
    let lines = draw::below(&fields::Form::new(), said, inner.width, &look);
    text::put_lines(frame.buffer_mut(), inner, &lines, 0);
}

// ---- deleting

/// The dialog before one is deleted: its alias and `PARA SIEMPRE`, and what still points to it.
pub fn open_delete(model: &mut Model) -> Vec<Effect> {
    let Some(row) = chosen(model).cloned() else { return Vec::new() };
    let look = model.look();
    let destination = destination_text(&row, &look, model.seat.actor.role);
    let about = forever::About {
        title: "delete.counterparty",
        verb: "delete.do",
        facts: vec![
            ("column.counterparty", row.name.to_string()),
            ("column.destination", destination),
            ("column.id", row.id.to_string()),
        ],
        warnings: pointing(&row, model),
        alias: row.name.clone(),
        forever: true,
    };
    forever::open(model, manage::delete_counterparty(row.id, row.name), about)
}

/// What would lose its end: movements under way, schedules, what waits for approval.
fn pointing(row: &Counterparty, model: &Model) -> Vec<String> {
    let lang = model.lang();
    let id = row.id.as_str();
    let entries = model.facts.outbox.as_deref().unwrap_or_default().iter();
    let moving = entries.filter(|entry| {
        let final_there =
            entry.provider_state.as_deref().is_some_and(|state| MovementState::read(state).is_final());
        let open = !entry.state.is_final() || entry.state == State::Sent && !final_there;
        entry.moves_money && entry.destination.as_deref() == Some(id) && open
    });
    let waiting = model.facts.approvals.rows().filter(|approval| match approval {
        crate::domain::approval::Approval::Single(movement) => movement.destination.as_str() == id,
        crate::domain::approval::Approval::Bulk(_) => false,
    });
    let schedules = model.facts.schedules.rows().filter(|row| row.active && row.destination.as_str() == id);
    let mut said = Vec::new();
    for (n, word) in [
        (moving.count(), "delete.moving"),
        (waiting.count(), "delete.waiting"),
        (schedules.count(), "delete.schedules"),
    ] {
        if n > 0 {
            said.push(lang.count(word, n, &[]));
        }
    }
    said
}
