//! A new movement: the fields, what is checked while one types, and what will be sent. `^O` opens the
//! typed confirmation; only that asks for the write.

use super::confirm::{About, Confirm, ConfirmEvent, Rule};
use super::{Form, stay};
use crate::block::Part;
use crate::console::effect::Effect;
use crate::console::facts::{Figures, seconds_since};
use crate::console::model::{Model, Saying};
use crate::console::panes::counterparties::destination_text;
use crate::console::panes::{PaneId, balances};
use crate::console::theme::Meaning;
use crate::console::widgets::form::{self as fields, Choice, FormEvent, Unit};
use crate::console::widgets::text;
use crate::domain::account::{Account, AccountKind};
use crate::domain::counterparty::Counterparty;
use crate::domain::id::{AccountId, CounterpartyId};
use crate::domain::money::Currency;
use crate::i18n::{self, fold, money, parse_money};
use crate::payments::Checked;
use crate::payments::draft::{
    Field, Known, MOVEMENT_DESCRIPTION_MAX, MovementDraft, MovementOrder, Order, Payee, Problem, currency_of,
};
use crate::payments::policy::permits;
use crate::sanitize::Clean;
use crate::sync::news::Ask;
use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use std::fmt::Display;

/// The open form; with a dialog over it once it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct MovementForm {
    fields: fields::Form,
    confirming: Option<Box<(Checked, Confirm)>>,
}

/// Opens the form. It pays from the balance that was selected, else from none until one is picked.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let sources = sources(model);
    let here = (model.pane == PaneId::Balances).then(|| model.here().list(model).selected_id()).flatten();
    let payer = sources.iter().find(|choice| choice.barred.is_none() && Some(choice.id.as_str()) == here);
    let payer = payer.map(|choice| choice.id.clone());
    let mut fields = fields::Form::new()
        .pick(Field::Source, "form.source", sources)
        .pick(Field::Counterparty, "form.counterparty", counterparties(model))
        .hint("form.hint_counterparty")
        .takes(&[Part::Key, Part::Clabe, Part::Account, Part::Document, Part::Name])
        .amount(Field::Amount, "form.amount", Currency::Cop, Unit::Minor)
        .hint("form.hint_amount")
        .text(Field::Description, "form.description", Some(MOVEMENT_DESCRIPTION_MAX))
        .hint("form.hint_description")
        .text(Field::ExternalId, "form.external_id", None)
        .hint("form.hint_external_id")
        .text(Field::Reference, "form.reference", None)
        .hint("form.hint_reference")
        .check(Field::CheckerApproval, "form.approval", true)
        .hint("form.hint_approval")
        .drafted("movement");
    if let Some(payer) = payer {
        fields.preset(Field::Source, &payer);
        fields.focus_on(Field::Counterparty);
    }
    let mut form = MovementForm { fields, confirming: None };
    form.check(model);
    stay(model, Form::Movement(form))
}

/// Balances, with those that cannot pay greyed.
fn sources(model: &Model) -> Vec<Choice> {
    let pays = |account: &Account| {
        let provider = model.facts.providers.iter().find(|(name, _)| *name == account.provider);
        account.kind == AccountKind::Balance
            && account.connected
            && provider.is_some_and(|(_, can)| can.movements)
    };
    let look = model.look();
    let row = |account: &Account| {
        let balance = format!("{} {}", account.balance.currency, money(account.balance, look.numerals));
        let why = (!pays(account)).then(|| look.lang.word("problem.source.cannot_pay"));
        Choice::new(&account.id, &account.name, Clean::new(&balance), account.number.as_str())
            .figures()
            .barred(why)
    };
    balances::accounts(model).map(row).collect()
}

fn counterparties(model: &Model) -> Vec<Choice> {
    let look = model.look();
    let row = |to: &Counterparty| {
        let beside = destination_text(to, &look, model.seat.actor.role);
        let why = look.lang.say("problem.counterparty.no_rail", &[("kind", &to.destination.kind)]);
        let why = currency_of(to).is_none().then_some(why);
        let also = format!("{} {} {}", to.holder, to.document, to.destination.account);
        Choice::new(&to.id, &to.name, Clean::new(&beside), &also).barred(why.as_deref())
    };
    let mut choices: Vec<(String, Choice)> =
        model.facts.counterparties.rows().map(|to| (fold(to.name.as_str()), row(to))).collect();
    choices.sort_by(|(a, _), (b, _)| a.cmp(b));
    choices.into_iter().map(|(_, choice)| choice).collect()
}

/// What was picked: an own balance, else a counterparty.
fn payee(id: &str, model: &Model) -> Option<Payee> {
    let own = model.facts.accounts.rows().find(|account| account.id.as_str() == id);
    own.map(|account| account.id.clone().into()).or_else(|| CounterpartyId::new(id).ok().map(Into::into))
}

impl super::Sheet for MovementForm {
    fn fields(&self) -> &fields::Form {
        &self.fields
    }

    fn fields_mut(&mut self) -> &mut fields::Form {
        &mut self.fields
    }

    fn covered(&self) -> bool {
        self.confirming.is_some()
    }

    fn would_send(&self, model: &Model) -> Option<Checked> {
        self.validate(model).ok()
    }

    fn recheck(&mut self, model: &Model) {
        self.check(model);
    }
}

impl MovementForm {
    fn draft(&self, model: &Model) -> MovementDraft {
        let fields = &self.fields;
        MovementDraft {
            source: fields.picked(Field::Source).and_then(|id| AccountId::new(id).ok()),
            destination: fields.picked(Field::Counterparty).and_then(|id| payee(id, model)),
            amount: fields.value(Field::Amount).to_owned(),
            description: fields.value(Field::Description).to_owned(),
            external_id: fields.value(Field::ExternalId).to_owned(),
            reference: fields.value(Field::Reference).to_owned(),
            token: fields.picked(Field::Token).unwrap_or_default().to_owned(),
            checker_approval: fields.ticked(Field::CheckerApproval),
            refund: None,
        }
    }

    fn validate(&self, model: &Model) -> Result<Checked, Vec<Problem>> {
        // Only what the provider that moves money knows: no other balance can pay.
        let provider = model.facts.providers.iter().find(|(_, can)| can.movements).map(|(name, _)| *name);
        let facts = &model.facts;
        let accounts = provider.and_then(|name| facts.accounts.of(name)).and_then(Figures::reading);
        let counterparties =
            provider.and_then(|name| facts.counterparties.of(name)).and_then(Figures::reading);
        self.draft(model).validate(Known {
            accounts: accounts.map_or(&[], |reading| &*reading.rows),
            counterparties: counterparties.map_or(&[], |reading| &*reading.rows),
            numerals: model.seat.numerals,
        })
    }

    fn source<'a>(&self, model: &'a Model) -> Option<&'a Account> {
        let id = self.fields.picked(Field::Source)?;
        model.facts.accounts.rows().find(|account| account.id.as_str() == id)
    }

    fn check(&mut self, model: &Model) {
        if let Some(account) = self.source(model) {
            self.fields.set_currency(Field::Amount, account.balance.currency);
        }
        let currency = self.source(model).map_or(Currency::Cop, |account| account.balance.currency);
        let amount = parse_money(self.fields.value(Field::Amount), currency).ok();
        let asks = amount.is_some_and(|amount| model.seat.checker.asks(amount));
        // Only SPEI asks for a reference of its own.
        self.fields.show(Field::Reference, currency == Currency::Mxn);
        self.fields.require(Field::CheckerApproval, asks.then_some("form.approval_required"));
        self.fields.set_problems(self.validate(model).err().unwrap_or_default());
    }

    /// Whether what is being confirmed would be the same now, also where the payee's money goes.
    fn still_holds(&self, (checked, dialog): &(Checked, Confirm), model: &Model) -> bool {
        let Order::Movement(order) = checked.order() else { return false };
        self.validate(model).as_ref() == Ok(checked) && about(order, model) == dialog.about
    }

    /// On to the confirmation, if it holds and this person may.
    fn submit(&mut self, model: &mut Model) {
        let checked = match self.validate(model) {
            Ok(checked) => checked,
            Err(problems) => return self.fields.point_out(problems),
        };
        if let Err(denied) = permits(checked.order(), &model.seat.actor) {
            return model.notify(Saying::new(Meaning::Bad, denied.word()));
        }
        let Order::Movement(order) = checked.order() else { return };
        let rule = Rule::for_amount(order.amount, super::small_limit_minor(model, order.amount.currency));
        let dialog = Confirm::new(about(order, model), rule, model.now);
        self.confirming = Some(Box::new((checked, dialog)));
    }
}

fn about(order: &MovementOrder, model: &Model) -> About {
    let to = model.facts.counterparties.rows().find(|row| row.id.as_str() == order.destination.as_str());
    let destination = to.map(|to| destination_text(to, &model.look(), model.seat.actor.role));
    let beneficiary = destination.map_or_else(
        || order.destination_name.to_string(),
        |text| format!("{} · {text}", order.destination_name),
    );
    About {
        title: "confirm.send_movement",
        verb: "confirm.do_send",
        company: model.seat.company.clone(),
        environment: super::environment_word(model),
        payer: order.source_name.clone(),
        beneficiary: Clean::new(&beneficiary),
        description: Clean::new(&order.description),
        altered: [&order.source_name, &order.destination_name].into_iter().any(Clean::altered),
        amount: order.amount,
        sent: Some(Unit::Minor),
        pair: None,
        fingerprint: None,
        note: Some(if order.checker_approval {
            "confirm.goes_to_approval"
        } else {
            "confirm.leaves_at_once"
        }),
    }
}

pub fn key(mut form: MovementForm, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if let Some(mut confirming) = form.confirming.take() {
        match confirming.1.key(key, model.now) {
            ConfirmEvent::Yes => {
                model.notify(Saying::new(Meaning::Moving, "notice.recorded"));
                return vec![Effect::Ask(Ask::Write(Box::new(confirming.0)))];
            }
            ConfirmEvent::No => {}
            ConfirmEvent::Nothing => form.confirming = Some(confirming),
        }
        return stay(model, Form::Movement(form));
    }
    match form.fields.key(key) {
        FormEvent::Leave => return Vec::new(),
        FormEvent::Submit => form.submit(model),
        FormEvent::Edited | FormEvent::Moved => form.check(model),
        FormEvent::Ignored => {}
    }
    stay(model, Form::Movement(form))
}

pub fn paste(mut form: MovementForm, model: &mut Model, pasted: &str) -> Vec<Effect> {
    if let Some(confirming) = &mut form.confirming {
        confirming.1.paste(pasted, model.now);
    } else {
        form.fields.paste(pasted);
        form.check(model);
    }
    stay(model, Form::Movement(form))
}

/// Balances and counterparties may have come while it is open.
pub fn refresh(mut form: MovementForm, model: &mut Model) -> Vec<Effect> {
    form.fields.set_choices(Field::Source, sources(model));
    form.fields.set_choices(Field::Counterparty, counterparties(model));
    form.check(model);
    // A dialog over figures that no longer hold is taken down: what was to be confirmed is gone.
    if form.confirming.as_deref().is_some_and(|confirming| !form.still_holds(confirming, model)) {
        form.confirming = None;
        model.notify(Saying::new(Meaning::Look, "notice.form_changed"));
    }
    stay(model, Form::Movement(form))
}

pub fn hints(form: &MovementForm) -> Vec<(String, &'static str)> {
    if form.confirming.is_some() {
        return super::confirm::hints("confirm.do_send");
    }
    super::field_hints(&form.fields, "action.send")
}

/// ```text
/// ┌─ Nuevo movimiento ───────────────────────────────────────────────────────────┐
/// │  Origen        Operación  COP 482.915.300,00                                 │
/// │  …                                                                           │
/// │  Revisiones antes de enviar                                                  │
/// │    = saldo alcanza: queda 481.715.300,00                                     │
/// │  Qué se enviará                                                              │
/// │    COP 1.200.000,00 de Operación a Carlos Rojas · se envía 120000000 …       │
/// │  Enviar guarda primero la salida en disco. …                                 │
/// └──────────────────────────────────────────────────────────────────────────────┘
/// ```
pub fn view(form: &MovementForm, model: &Model, frame: &mut Frame, area: Rect) {
    let look = model.look();
    let right = format!("{} {}", look.lang.role(model.seat.actor.role), model.seat.actor.person);
    let inner = super::sheet(frame, area, look.lang.word("form.movement.title"), &right, &look);
    let height = form.fields.height(&look, inner.width).min(inner.height);
    let top = Rect { height, ..inner };
    let cursor = form.fields.view(&look, top, frame.buffer_mut());
    let below = Rect {
        y: inner.y.saturating_add(height).saturating_add(1),
        height: inner.height.saturating_sub(height).saturating_sub(1),
        ..inner
    };
    let mut lines = super::below(&form.fields, form.review(model), inner.width, &look);
    // Said whole or not at all.
    let durable = vec![
        (Meaning::Plain, String::new()),
        (Meaning::Dim, look.lang.word("form.movement.durable").to_owned()),
    ];
    let durable = super::below(&form.fields, durable, inner.width, &look);
    if !form.fields.is_leaving() && lines.len().saturating_add(durable.len()) <= usize::from(below.height) {
        lines.extend(durable);
    }
    text::put_lines(frame.buffer_mut(), below, &lines, 0);
    match &form.confirming {
        Some(confirming) => super::confirm::view(&confirming.1, &look, frame, area),
        None => super::put_cursor(frame, cursor),
    }
}

impl MovementForm {
    /// What is checked, and what will be sent, under the fields.
    fn review(&self, model: &Model) -> Vec<(Meaning, String)> {
        let look = model.look();
        let lang = look.lang;
        let mut said = vec![(Meaning::Heading, lang.word("form.checks").to_owned())];
        match self.validate(model) {
            Err(problems) => said.push(super::missing(&problems, lang)),
            Ok(checked) => {
                if let (Order::Movement(order), Some(account)) = (checked.order(), self.source(model)) {
                    said.extend(sendable(order, account, model));
                }
                match permits(checked.order(), &model.seat.actor) {
                    Ok(()) => said.push((Meaning::Good, lang.word("form.may_send").to_owned())),
                    Err(denied) => said.push((Meaning::Bad, lang.word(denied.word()).to_owned())),
                }
            }
        }
        said
    }
}

/// What a movement that holds would do.
fn sendable(order: &MovementOrder, account: &Account, model: &Model) -> Vec<(Meaning, String)> {
    let look = model.look();
    let lang = look.lang;
    let mut said = Vec::new();
    if let Ok(left) = account.balance.checked_sub(order.amount) {
        let age = i18n::age(seconds_since(account.as_of, model.now));
        let left = money(left, look.numerals);
        said.push((Meaning::Good, lang.say("form.balance_left", &[("left", &left), ("age", &age)])));
    }
    said.push((Meaning::Heading, lang.word("form.to_send").to_owned()));
    let amount = format!("{} {}", order.amount.currency, money(order.amount, look.numerals));
    let names: [(&str, &dyn Display); 3] =
        [("amount", &amount), ("from", &order.source_name), ("to", &order.destination_name)];
    said.push((Meaning::Plain, lang.say("form.movement.sentence", &names)));
    let approval = if order.checker_approval { "confirm.goes_to_approval" } else { "confirm.leaves_at_once" };
    said.push((Meaning::Plain, lang.word(approval).to_owned()));
    said
}
