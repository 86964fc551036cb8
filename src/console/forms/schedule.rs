//! A movement that makes itself: at a moment, or every day, week or month. What is typed to confirm it is
//! what each of its movements would ask for; a sweep, which is of any amount, asks for the balance's name.

use super::confirm::{About, Confirm, ConfirmEvent, Rule};
use super::draw::{self, Over};
use super::movement::{destination, destinations, sources};
use super::{Form, Sheet, forever, ready, stay};
use crate::console::effect::Effect;
use crate::console::model::Model;
use crate::console::panes::schedules;
use crate::console::theme::Meaning;
use crate::console::widgets::form::{self as fields, Choice, FormEvent, Mask, Unit};
use crate::domain::account::Account;
use crate::domain::counterparty::Counterparty;
use crate::domain::id::AccountId;
use crate::domain::money::Currency;
use crate::domain::schedule::{Rhythm, next_run};
use crate::i18n::{money, parse_money};
use crate::payments::draft::{Field, MOVEMENT_DESCRIPTION_MAX, Problem};
use crate::payments::key::ScheduleDraft;
use crate::payments::manage::{self, Manage, ScheduleOrder};
use crate::payments::{Checked, Order, payee};
use crate::sanitize::Clean;
use crossterm::event::KeyEvent;
use jiff::Timestamp;
use jiff::civil::Time;
use ratatui::Frame;
use ratatui::layout::Rect;

#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleForm {
    fields: fields::Form,
    confirming: Option<Box<(Checked, Confirm)>>,
}

pub fn open(model: &mut Model) -> Vec<Effect> {
    let rhythms = Rhythm::ALL.map(|rhythm| {
        let name = Clean::new(model.lang().word(word(rhythm)));
        Choice::new(rhythm.code(), &name, Clean::default(), rhythm.code())
    });
    let mut payees = destinations(model);
    payees.retain(|choice| choice.id != payee::NEW);
    let mut fields = fields::Form::new()
        .pick(Field::Source, "form.source", sources(model))
        .pick(Field::Counterparty, "form.counterparty", payees)
        .amount(Field::Amount, "form.amount", Currency::Cop, Unit::Minor)
        .hint("form.hint_amount")
        .check(Field::Sweep, "form.sweep", false)
        .hint("form.hint_sweep")
        .pick(Field::Rhythm, "form.rhythm", rhythms.to_vec())
        .masked(Field::Day, "form.day", Mask::Date)
        .hint("form.hint_day")
        .text(Field::Hour, "form.hour", None)
        .hint("form.hint_hour")
        .text(Field::Description, "form.description", Some(MOVEMENT_DESCRIPTION_MAX))
        .hint("form.hint_description")
        .check(Field::CheckerApproval, "form.approval", true)
        .hint("form.hint_approval")
        .drafted("schedule");
    fields.set_text(Field::Hour, "09:00");
    let mut form = ScheduleForm { fields, confirming: None };
    form.check(model);
    stay(model, Form::Schedule(form))
}

const fn word(rhythm: Rhythm) -> &'static str {
    match rhythm {
        Rhythm::Once => "rhythm.once",
        Rhythm::Daily => "rhythm.daily",
        Rhythm::Weekly => "rhythm.weekly",
        Rhythm::Monthly => "rhythm.monthly",
    }
}

impl Sheet for ScheduleForm {
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

    fn check(&mut self, model: &Model) {
        let source = self.fields.picked(Field::Source);
        let source = model.facts.accounts.rows().find(|row| Some(row.id.as_str()) == source);
        let currency = source.map_or(Currency::Cop, |account| account.balance.currency);
        self.fields.set_currency(Field::Amount, currency);
        let sweep = self.fields.ticked(Field::Sweep);
        self.fields.show(Field::Amount, !sweep);
        let amount = parse_money(self.fields.value(Field::Amount), currency).ok();
        // A sweep may be of any amount.
        let asks = sweep || amount.is_some_and(|amount| model.seat.checker.asks(amount));
        self.fields.require(Field::CheckerApproval, asks.then_some("form.approval_required"));
        self.fields.set_problems(self.validate(model).err().unwrap_or_default());
    }
}

impl ScheduleForm {
    /// The first run, in the zone of the profile.
    fn first(&self, model: &Model) -> Option<Timestamp> {
        let today = model.seat.zone.to_datetime(model.now).date();
        let typed = self.fields.value(Field::Day).trim();
        let day = match typed {
            "" => today,
            _ => fields::mask::read_date(typed, model.seat.dates, today.year())?,
        };
        let (hour, minute) = self.fields.value(Field::Hour).trim().split_once(':')?;
        let time = Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()?;
        let at = day.to_datetime(time).to_zoned(model.seat.zone.clone()).ok()?;
        Some(at.timestamp())
    }

    pub fn dialog(&self) -> Option<&Confirm> {
        self.confirming.as_deref().map(|(_, dialog)| dialog)
    }

    pub(super) fn dialog_mut(&mut self) -> Option<&mut Confirm> {
        self.confirming.as_deref_mut().map(|(_, dialog)| dialog)
    }

    fn validate(&self, model: &Model) -> Result<Checked, Vec<Problem>> {
        let fields = &self.fields;
        let draft = ScheduleDraft {
            source: fields.picked(Field::Source).and_then(|id| AccountId::new(id).ok()),
            destination: fields.picked(Field::Counterparty).and_then(|id| destination(id, model)),
            sweep: fields.ticked(Field::Sweep),
            amount: fields.value(Field::Amount).to_owned(),
            rhythm: fields.picked(Field::Rhythm).and_then(Rhythm::read),
            first: self.first(model),
            description: fields.value(Field::Description).to_owned(),
            checker_approval: fields.ticked(Field::CheckerApproval),
        };
        let accounts: Vec<Account> = model.facts.accounts.rows().cloned().collect();
        let counterparties: Vec<Counterparty> = model.facts.counterparties.rows().cloned().collect();
        draft.validate(&accounts, &counterparties, model.seat.numerals, model.now)
    }

    fn submit(&mut self, model: &mut Model) -> Option<Vec<Effect>> {
        let checked = ready::permitted(self.validate(model), &mut self.fields, model)?;
        let Order::Manage(Manage::Schedule(order)) = checked.order().clone() else { return None };
        if order.amount.is_zero() {
            let about = forever::About {
                title: "schedule_form.sweep",
                verb: "schedule_form.do",
                facts: vec![
                    ("form.source", order.source_name.to_string()),
                    ("column.beneficiary", order.destination_name.to_string()),
                    ("column.when", when(&order, model)),
                ],
                warnings: vec![model.lang().word("schedules.sweep_long").to_owned()],
                alias: order.source_name,
                forever: false,
            };
            return Some(forever::open(model, checked, about));
        }
        let about = About {
            title: "schedule_form.title",
            verb: "schedule_form.do",
            company: model.seat.company.clone(),
            environment: super::environment_word(model),
            payer: order.source_name.clone(),
            beneficiary: Clean::new(&format!("{} · {}", order.destination_name, when(&order, model))),
            description: Clean::new(&order.description),
            altered: [&order.source_name, &order.destination_name].into_iter().any(Clean::altered),
            amount: order.amount,
            sent: Some(Unit::Minor),
            pair: None,
            fingerprint: None,
            note: Some("schedule_form.each"),
        };
        let rule = Rule::for_amount(order.amount, super::small_limit_minor(model, order.amount.currency));
        self.confirming = Some(Box::new((checked, Confirm::new(about, rule, model.now))));
        None
    }

    fn said(&self, model: &Model) -> Vec<(Meaning, String)> {
        let lang = model.lang();
        let checked = match self.validate(model) {
            Ok(checked) => checked,
            Err(problems) => return vec![draw::missing(&problems, lang)],
        };
        let Order::Manage(Manage::Schedule(order)) = checked.order() else { return Vec::new() };
        let amount = if order.amount.is_zero() {
            lang.word("schedules.sweep_long").to_owned()
        } else {
            format!("{} {}", order.amount.currency, money(order.amount, model.seat.numerals))
        };
        let when = when(order, model);
        let names: [(&str, &dyn std::fmt::Display); 4] = [
            ("amount", &amount),
            ("from", &order.source_name),
            ("to", &order.destination_name),
            ("when", &when),
        ];
        let mut said = vec![
            (Meaning::Plain, lang.say("schedule_form.sentence", &names)),
            (Meaning::Dim, format!("{} UTC", order.pattern)),
        ];
        let typed = !self.fields.value(Field::Day).trim().is_empty();
        if typed && self.first(model) != next_run(&order.pattern, model.now) {
            said.push((Meaning::Look, lang.word("schedule_form.no_first").to_owned()));
        }
        said.push(super::may_send(&checked, model));
        said
    }
}

/// `cada mes 01/12/2026 09:00`: the rhythm, and when it runs next in the profile's zone.
fn when(order: &ScheduleOrder, model: &Model) -> String {
    let rhythm = model.lang().word(word(order.rhythm));
    let next = next_run(&order.pattern, model.now).map(|at| schedules::moment(at, &model.look()));
    format!("{rhythm} {}", next.unwrap_or_default())
}

pub fn key(mut form: ScheduleForm, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if let Some(mut confirming) = form.confirming.take() {
        match confirming.1.key(key, model.now) {
            ConfirmEvent::Yes => return super::record(confirming.0, model),
            ConfirmEvent::No => {}
            ConfirmEvent::Nothing => form.confirming = Some(confirming),
        }
        return stay(model, Form::Schedule(form));
    }
    match form.fields.key(key) {
        FormEvent::Leave => return Vec::new(),
        FormEvent::Submit => {
            if let Some(effects) = form.submit(model) {
                return effects;
            }
        }
        FormEvent::Edited | FormEvent::Moved => form.check(model),
        FormEvent::Ignored => {}
    }
    stay(model, Form::Schedule(form))
}

pub fn hints(form: &ScheduleForm) -> Vec<(String, &'static str)> {
    let fields = || draw::field_hints(&form.fields, "action.send");
    form.dialog().map_or_else(fields, Confirm::hints)
}

pub fn view(form: &ScheduleForm, model: &Model, frame: &mut Frame, area: Rect) {
    let said = (form.said(model), Vec::new());
    let over = Over::dialog(form.confirming.as_deref().map(|(_, dialog)| dialog));
    draw::whole((&form.fields, "schedule_form.title"), said, over, model, frame, area);
}

/// The dialog before a schedule is canceled: what it is called is typed.
pub fn open_cancel(model: &mut Model) -> Vec<Effect> {
    let Some(schedule) = schedules::chosen(model).cloned() else { return Vec::new() };
    let name = schedules::name(&schedule);
    let when = schedules::when(&schedule, &model.look());
    let about = forever::About {
        title: "schedule_form.cancel",
        verb: "schedule_form.do_cancel",
        facts: vec![("column.when", when), ("column.id", schedule.id.to_string())],
        warnings: vec![model.lang().word("schedule_form.never_again").to_owned()],
        alias: name.clone(),
        forever: false,
    };
    forever::open(model, manage::cancel_schedule(schedule.id, name), about)
}
