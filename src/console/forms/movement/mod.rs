//! A new movement: the fields, what is checked while one types, and what will be sent. `^O` opens the
//! typed confirmation; only that asks for the write.

mod ends;
mod repeat;
mod said;

use ends::tokens;
pub use ends::{destination, destinations, sources};
pub use repeat::{can_repeat, open_template};

use super::confirm::{About, Confirm, ConfirmEvent, Rule};
use super::draw::{self, Over};
use super::payee::{self as payee_fields, Asked};
use super::refund::{self, Refunding};
use super::{Form, Sheet, prove, ready, stay};
use crate::block::Part;
use crate::console::effect::Effect;
use crate::console::facts::Figures;
use crate::console::model::{Model, Saying};
use crate::console::panes::PaneId;
use crate::console::panes::counterparties::destination_text;
use crate::console::review;
use crate::console::theme::Meaning;
use crate::console::widgets::form::{self as fields, FormEvent, Unit};
use crate::domain::account::Account;
use crate::domain::counterparty::Counterparty;
use crate::domain::id::{AccountId, CounterpartyId, MovementId};
use crate::domain::money::Currency;
use crate::domain::movement::Movement;
use crate::domain::transaction::Transaction;
use crate::i18n::parse_money;
use crate::payments::draft::{Field, Known, MOVEMENT_DESCRIPTION_MAX, MovementDraft, Problem};
use crate::payments::manage::CounterpartyOrder;
use crate::payments::order::MovementOrder;
use crate::payments::payee::{self, PayeeDraft};
use crate::payments::rails::{self, Rail};
use crate::payments::review::{Finding, Payment};
use crate::payments::{Checked, Order, Outcome};
use crate::sanitize::Clean;
use crate::sync::news::{Ask, News};
use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

/// The open form; with a dialog over it once it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct MovementForm {
    fields: fields::Form,
    /// Whose the new counterparty's account is.
    asked: Asked,
    new: New,
    /// The movement whose figures are awaited: they fill the form.
    template: Option<MovementId>,
    /// The credit that it gives back.
    refund: Option<Box<Refunding>>,
    confirming: Option<Box<(Checked, Confirm)>>,
}

/// How far a counterparty that is made in the same form has come.
#[derive(Debug, Clone, PartialEq)]
enum New {
    Typed,
    /// Its write is under way.
    Registering(CounterpartyOrder),
    Registered(Box<(CounterpartyOrder, Counterparty)>),
}

/// Opens the form. It pays from the balance that was selected, else from none until one is picked.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let here = (model.pane == PaneId::Balances).then(|| model.here().list(model).selected_id()).flatten();
    let payer = here.map(str::to_owned);
    let form = MovementForm::of(model, payer.as_deref());
    stay(model, Form::Movement(form))
}

impl Sheet for MovementForm {
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
        if let Some(account) = self.source(model) {
            self.fields.set_currency(Field::Amount, account.balance.currency);
        }
        let currency = self.source(model).map_or(Currency::Cop, |account| account.balance.currency);
        let amount = parse_money(self.fields.value(Field::Amount), currency).ok();
        let asks = amount.is_some_and(|amount| model.seat.checker.asks(amount));
        let geo = self.source(model).map(|account| account.geo.to_string());
        self.fields.set_choices(Field::Kind, payee_fields::kinds(model.lang(), geo.as_deref()));
        let new = self.is_new();
        payee_fields::show(&mut self.fields, new, model.lang());
        // A refund is called after its credit.
        self.fields.show(Field::ExternalId, self.refund.is_none());
        // Only SPEI asks for a reference of its own, only stablecoins for a token.
        self.fields.show(Field::Reference, currency == Currency::Mxn);
        let wallet = match self.rail(model) {
            Some(Rail::Stable) => self.made(model).or_else(|| {
                let id = self.fields.picked(Field::Counterparty)?;
                model.facts.counterparties.rows().find(|row| row.id.as_str() == id).cloned()
            }),
            _ => None,
        };
        self.fields.show(Field::Token, wallet.is_some());
        if let Some(wallet) = wallet {
            self.fields.set_choices(Field::Token, tokens(&wallet));
        }
        self.fields.require(Field::CheckerApproval, asks.then_some("form.approval_required"));
        self.fields.set_problems(self.validate(model).err().unwrap_or_default());
    }
}

impl MovementForm {
    pub(super) fn of(model: &Model, payer: Option<&str>) -> Self {
        let sources = sources(model);
        let payer =
            sources.iter().find(|choice| choice.barred.is_none() && Some(choice.id.as_str()) == payer);
        let payer = payer.map(|choice| choice.id.clone());
        let fields = fields::Form::new()
            .pick(Field::Source, "form.source", sources)
            .pick(Field::Counterparty, "form.counterparty", destinations(model))
            .hint("form.hint_counterparty")
            .takes(&[Part::Key, Part::Clabe, Part::Account, Part::Document, Part::Name]);
        let mut fields = payee_fields::add(fields, model)
            .amount(Field::Amount, "form.amount", Currency::Cop, Unit::Minor)
            .hint("form.hint_amount")
            .text(Field::Description, "form.description", Some(MOVEMENT_DESCRIPTION_MAX))
            .hint("form.hint_description")
            .text(Field::ExternalId, "form.external_id", None)
            .hint("form.hint_external_id")
            .text(Field::Reference, "form.reference", None)
            .hint("form.hint_reference")
            .pick(Field::Token, "form.token", Vec::new())
            .check(Field::CheckerApproval, "form.approval", true)
            .hint("form.hint_approval")
            .drafted("movement");
        if let Some(payer) = payer {
            fields.preset(Field::Source, &payer);
            fields.focus_on(Field::Counterparty);
        }
        let mut form = Self {
            fields,
            asked: Asked::Not,
            new: New::Typed,
            template: None,
            refund: None,
            confirming: None,
        };
        form.check(model);
        form
    }

    /// The same fields for a credit that is given back, and what is known of its payer in them.
    /// Whether it waits for what was given back before.
    pub(super) fn waits(&self) -> bool {
        self.refund.as_ref().is_some_and(|refund| refund.waits())
    }

    pub(super) fn refunding(model: &Model, credit: Transaction) -> Self {
        let mut form = Self::of(model, Some(credit.account.as_str()));
        form.fields = form.fields.undrafted();
        refund::fill(&mut form.fields, &credit, model);
        form.refund = Some(Box::new(Refunding::of(credit)));
        form.check(model);
        form
    }

    fn is_new(&self) -> bool {
        self.fields.picked(Field::Counterparty) == Some(payee::NEW)
    }

    fn payee(&self, model: &Model) -> payee::PayeeDraft {
        payee_fields::draft(&self.fields, model.seat.dates)
    }

    /// The counterparty that is made in this form, as it is known now.
    fn made(&self, model: &Model) -> Option<Counterparty> {
        let order = self.is_new().then(|| self.payee(model).check().ok()).flatten()?;
        match &self.new {
            New::Registered(made) if made.0 == order => Some(made.1.clone()),
            New::Registered(_) | New::Typed | New::Registering(_) => Some(payee::as_listed(&order)),
        }
    }

    /// The dialog that asks for the amount, once it is open.
    pub fn dialog(&self) -> Option<&Confirm> {
        self.confirming.as_deref().map(|confirming| &confirming.1)
    }

    fn draft(&self, model: &Model, made: Option<&Counterparty>) -> MovementDraft {
        let fields = &self.fields;
        let picked = fields.picked(Field::Counterparty).filter(|id| *id != payee::NEW);
        MovementDraft {
            source: fields.picked(Field::Source).and_then(|id| AccountId::new(id).ok()),
            destination: made
                .map(|made| made.id.clone().into())
                .or_else(|| picked.and_then(|id| destination(id, model))),
            amount: fields.value(Field::Amount).to_owned(),
            description: fields.value(Field::Description).to_owned(),
            external_id: fields.value(Field::ExternalId).to_owned(),
            reference: fields.value(Field::Reference).to_owned(),
            token: fields.picked(Field::Token).unwrap_or_default().to_owned(),
            checker_approval: fields.ticked(Field::CheckerApproval),
            refund: self.refund.as_ref().and_then(|refund| refund.order()),
        }
    }

    fn validate(&self, model: &Model) -> Result<Checked, Vec<Problem>> {
        // Only what the provider that moves money knows: no other balance can pay.
        let provider = model.facts.providers.iter().find(|(_, can)| can.movements).map(|(name, _)| *name);
        let facts = &model.facts;
        let accounts = provider.and_then(|name| facts.accounts.of(name)).and_then(Figures::reading);
        let counterparties =
            provider.and_then(|name| facts.counterparties.of(name)).and_then(Figures::reading);
        let made = self.made(model);
        let known = counterparties.map_or(&[][..], |reading| &*reading.rows);
        let with_made: Vec<Counterparty>;
        let known = match &made {
            Some(made) => {
                with_made = known.iter().chain([made]).cloned().collect();
                &with_made
            }
            None => known,
        };
        let checked = self.draft(model, made.as_ref()).validate(Known {
            accounts: accounts.map_or(&[], |reading| &*reading.rows),
            counterparties: known,
            numerals: model.seat.numerals,
        });
        let checked = match &self.refund {
            Some(refund) => refund.within(checked, model.seat.numerals),
            None => checked,
        };
        if !self.is_new() {
            return checked;
        }
        // A new one's own details first; that none is picked is not said twice.
        let mut problems = match self.payee(model).check() {
            Err(problems) => problems,
            Ok(_) => Vec::new(),
        };
        match checked {
            Ok(checked) if problems.is_empty() => Ok(checked),
            Ok(_) => Err(problems),
            Err(others) => {
                let others = others.into_iter();
                problems.extend(others.filter(|problem| problem.word != "problem.counterparty.missing"));
                problems.sort_by_key(|problem| problem.field);
                Err(problems)
            }
        }
    }

    /// How it would travel, as far as both ends are known.
    fn rail(&self, model: &Model) -> Option<Rail> {
        let from = self.source(model)?;
        if let Some(made) = self.made(model) {
            return rails::to_counterparty(from, &made);
        }
        let id = self.fields.picked(Field::Counterparty)?;
        let own = model.facts.accounts.rows().find(|account| account.id.as_str() == id);
        let to = model.facts.counterparties.rows().find(|row| row.id.as_str() == id);
        own.and_then(|own| rails::to_own(from, own))
            .or_else(|| to.and_then(|to| rails::to_counterparty(from, to)))
    }

    fn source<'a>(&self, model: &'a Model) -> Option<&'a Account> {
        let id = self.fields.picked(Field::Source)?;
        model.facts.accounts.rows().find(|account| account.id.as_str() == id)
    }

    /// Whether what is being confirmed would be the same now, also where the payee's money goes.
    fn still_holds(&self, (checked, dialog): &(Checked, Confirm), model: &Model) -> bool {
        let Order::Movement(order) = checked.order() else { return false };
        self.validate(model).as_ref() == Ok(checked) && self.about(order, model) == dialog.about
    }

    pub(super) fn dialog_mut(&mut self) -> Option<&mut Confirm> {
        self.confirming.as_deref_mut().map(|(_, dialog)| dialog)
    }

    fn about(&self, order: &MovementOrder, model: &Model) -> About {
        let to = model.facts.counterparties.rows().find(|row| row.id.as_str() == order.destination.as_str());
        about(order, to.cloned().or_else(|| self.made(model)).as_ref(), model)
    }

    /// On to the confirmation, if it holds and this person may. A new counterparty comes first: asked
    /// about where that can be asked, then registered.
    fn submit(&mut self, model: &mut Model) -> Vec<Effect> {
        self.adopt(model);
        let checked = ready::permitted(self.validate(model), &mut self.fields, model);
        let Some(checked) = checked else { return Vec::new() };
        if self.is_new() {
            let draft = self.payee(model);
            match (draft.check(), &self.new) {
                (Ok(order), New::Registered(made)) if made.0 == order => {}
                (_, New::Registering(_)) | (Err(_), _) => {
                    model.notify(Saying::new(Meaning::Moving, "notice.registering"));
                    return Vec::new();
                }
                (Ok(order), New::Typed | New::Registered(_)) => return self.register(&draft, order, model),
            }
        }
        self.confirm(checked, model);
        Vec::new()
    }

    /// One that is registered just as it is typed is paid: another would be refused.
    fn adopt(&mut self, model: &Model) {
        let typed = self.is_new() && !matches!(self.new, New::Registered(_));
        let order = if typed { self.payee(model).check().ok() } else { None };
        if let Some(there) = order.and_then(|order| payee_fields::registered(&order, model)) {
            self.fields.preset(Field::Counterparty, there.id.as_str());
            self.check(model);
        }
    }

    fn confirm(&mut self, checked: Checked, model: &Model) {
        let Order::Movement(order) = checked.order() else { return };
        let rule = Rule::for_amount(order.amount, super::small_limit_minor(model, order.amount.currency));
        let found = review::findings(model, &Payment::of_order(order, model.now));
        let red = found.iter().any(Finding::stops);
        let needed = prove::needed(checked.order(), red, model);
        let dialog = Confirm::new(self.about(order, model), rule, model.now).over(found).proving(needed);
        self.confirming = Some(Box::new((checked, dialog)));
    }

    fn register(&mut self, draft: &PayeeDraft, order: CounterpartyOrder, model: &mut Model) -> Vec<Effect> {
        if self.asked.is_open() {
            return Vec::new();
        }
        if let Some(question) = draft.verification().filter(|_| !self.asked.is_over(order.account())) {
            self.asked = Asked::Sent { account: order.account().to_owned() };
            return super::write(question);
        }
        let Ok(checked) = draft.validate() else { return Vec::new() };
        self.new = New::Registering(order);
        model.notify(Saying::new(Meaning::Moving, "notice.registering"));
        super::write(checked)
    }

    /// The new counterparty's write ended: on to the payment, or back to the fields.
    fn registered(&mut self, model: &mut Model, news: &News) {
        let New::Registering(order) = &self.new else { return };
        match news {
            News::Written { intent, outcome }
                if payee_fields::is_ours(model, *intent, "create_counterparty", &order.alias) =>
            {
                let id = match outcome {
                    Outcome::Sent(receipt) => CounterpartyId::new(receipt.provider_id.as_str()).ok(),
                    // It is looked for, and told again once it is known.
                    Outcome::Unknown(_) => return,
                    Outcome::NotSent(_) | Outcome::Rejected(_) => None,
                };
                let Some(id) = id else {
                    self.new = New::Typed;
                    return;
                };
                let made = Counterparty { id, created_at: model.now, ..payee::as_listed(order) };
                self.new = New::Registered(Box::new((order.clone(), made)));
                if let Ok(checked) = self.validate(model) {
                    self.confirm(checked, model);
                }
            }
            News::Refused { .. } => self.new = New::Typed,
            _ => {}
        }
    }

    /// The figures of the movement that is paid again.
    fn fill(&mut self, movement: &Movement, model: &Model) {
        self.template = None;
        self.fields.preset(Field::Source, movement.source.as_str());
        self.fields.preset(Field::Counterparty, movement.destination.as_str());
        if self.fields.value(Field::Amount).is_empty() {
            self.fields.set_text(Field::Amount, &movement.amount.to_decimal().replace('.', ","));
        }
        if self.fields.value(Field::Description).is_empty() {
            self.fields.set_text(Field::Description, movement.description.as_str());
        }
        if self.fields.picked(Field::Counterparty).is_some() {
            self.fields.focus_on(Field::Amount);
        }
        self.check(model);
    }
}

fn about(order: &MovementOrder, to: Option<&Counterparty>, model: &Model) -> About {
    let destination = to.map(|to| destination_text(to, &model.look(), model.seat.actor.role));
    let beneficiary = destination.map_or_else(
        || order.destination_name.to_string(),
        |text| format!("{} · {text}", order.destination_name),
    );
    About {
        title: if order.refund.is_some() { "confirm.send_refund" } else { "confirm.send_movement" },
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
                let (checked, dialog) = *confirming;
                model.notify(Saying::new(Meaning::Moving, "notice.recorded"));
                let consent = dialog.consent(&model.look());
                let ask = Ask::Write(Box::new(checked.clone().consenting(consent)));
                form.confirming = Some(Box::new((checked, dialog.clone())));
                return prove::send(Form::Movement(form), &dialog, ask, model);
            }
            ConfirmEvent::No => {}
            ConfirmEvent::Nothing => form.confirming = Some(confirming),
        }
        return stay(model, Form::Movement(form));
    }
    let mut effects = Vec::new();
    let (new, kind) = (form.is_new(), payee_fields::picked(&form.fields));
    match form.fields.key(key) {
        FormEvent::Leave => return Vec::new(),
        FormEvent::Submit => effects = form.submit(model),
        FormEvent::Edited | FormEvent::Moved => form.check(model),
        FormEvent::Ignored => {}
    }
    if form.is_new() {
        payee_fields::follow(&mut form.fields, kind);
        if !new {
            form.fields.focus_on(Field::Kind);
        }
    }
    stay(model, Form::Movement(form));
    effects
}

/// News of what this form asked for.
pub fn told(mut form: MovementForm, model: &mut Model, news: &News) -> Vec<Effect> {
    let effects = form.asked.told(model, news);
    form.registered(model, news);
    if let (News::Refunds { credit, found }, Some(refund)) = (news, &mut form.refund)
        && refund.credit.id == *credit
    {
        refund.came(found, &mut form.fields, model.seat.numerals);
        form.check(model);
    }
    if let News::Movement(movement) = news
        && form.template.as_ref() == Some(&movement.id)
    {
        form.fill(movement, model);
    }
    stay(model, Form::Movement(form));
    effects
}

/// Balances and counterparties may have come while it is open.
pub fn refresh(mut form: MovementForm, model: &mut Model) -> Vec<Effect> {
    form.fields.set_choices(Field::Source, sources(model));
    form.fields.set_choices(Field::Counterparty, destinations(model));
    form.check(model);
    // A dialog over figures that no longer hold is taken down: what was to be confirmed is gone.
    if form.confirming.as_deref().is_some_and(|confirming| !form.still_holds(confirming, model)) {
        form.confirming = None;
        model.notify(Saying::new(Meaning::Look, "notice.form_changed"));
    }
    stay(model, Form::Movement(form))
}

pub fn hints(form: &MovementForm) -> Vec<(String, &'static str)> {
    let fields = || draw::field_hints(&form.fields, "action.send");
    form.dialog().map_or_else(fields, Confirm::hints)
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
    let title = if form.refund.is_some() { "refund.title" } else { "form.movement.title" };
    let durable = vec![
        (Meaning::Plain, String::new()),
        (Meaning::Dim, model.lang().word("form.movement.durable").to_owned()),
    ];
    let over = Over::dialog(form.dialog());
    draw::whole((&form.fields, title), (form.said(model), durable), over, model, frame, area);
}
