//! A payin back to its payer. In Colombia it is a payment of its own (contract 6.8): the movement's form,
//! filled with what the credit says of the payer, bounded by what is left of it over all earlier refunds.
//! In Mexico the provider sends a SPEI credit back, whole: `⏎` behind the typed amount.

use super::confirm::{About, Confirm, ConfirmEvent, Rule};
use super::draw::{self, Over};
use super::movement::MovementForm;
use super::sheet::Sheet;
use super::{Form, prove, ready, stay};
use crate::console::effect::Effect;
use crate::console::model::{Model, Saying};
use crate::console::panes::transactions;
use crate::console::theme::Meaning;
use crate::console::widgets::form::{self as fields, FormEvent, Unit};
use crate::domain::counterparty::{Counterparty, Destination};
use crate::domain::id::CounterpartyId;
use crate::domain::transaction::{Payer, Transaction};
use crate::i18n::{Numerals, money};
use crate::payments::draft::{
    Field, MOVEMENT_DESCRIPTION_MAX, Problem, give_back, refund_description, refund_exceeds,
    refund_uncounted, refund_unknown,
};
use crate::payments::order::RefundOf;
use crate::payments::payee::{self, Kind};
use crate::payments::rails::{self, Way};
use crate::payments::{Checked, Order};
use crate::providers::Failure;
use crate::sanitize::Clean;
use crate::sync::news::Ask;
use crate::sync::refunds::{Credit, Refund, Refunds};
use crossterm::event::KeyEvent;
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

fn chosen(model: &Model) -> Option<(&Transaction, Way)> {
    let credit = transactions::chosen(model)?;
    let account = model.facts.accounts.rows().find(|row| row.id == credit.account);
    Some((credit, rails::way_back(credit, account)?))
}

/// Whether the selected transaction can be given back, for the Action table.
pub fn can_refund(model: &Model) -> Result<(), &'static str> {
    match (transactions::chosen(model), chosen(model)) {
        (None, _) => Err("reason.nothing_selected"),
        (Some(_), None) => Err("reason.not_a_payin"),
        (Some(_), Some(_)) => Ok(()),
    }
}

/// Opens the form of the selected credit, and asks what was given back of it before.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let Some((credit, way)) = chosen(model) else { return Vec::new() };
    let credit = credit.clone();
    match way {
        Way::Payment => {
            let ask = Credit { id: credit.id.clone(), amount: credit.amount, at: credit.at };
            let form = MovementForm::refunding(model, credit);
            stay(model, Form::Movement(form));
            vec![Effect::Ask(Ask::Refunds(ask))]
        }
        Way::Return => {
            let mut fields = fields::Form::new()
                .text(Field::Description, "form.description", Some(MOVEMENT_DESCRIPTION_MAX))
                .hint("form.hint_description");
            fields.set_text(Field::Description, &refund_description(&credit));
            stay(model, Form::Return(ReturnForm { fields, credit, confirming: None }))
        }
    }
}

/// A credit that is being given back, and what is known of its earlier refunds.
#[derive(Debug, Clone, PartialEq)]
pub struct Refunding {
    pub credit: Transaction,
    /// `None` until the outbox and the provider were asked.
    found: Option<Result<Refunds, Failure>>,
}

impl Refunding {
    pub const fn of(credit: Transaction) -> Self {
        Self { credit, found: None }
    }

    /// Whether its earlier refunds are still being counted.
    pub const fn waits(&self) -> bool {
        self.found.is_none()
    }

    /// Which refund the next one is, once that is known.
    pub fn order(&self) -> Option<RefundOf> {
        let found = self.found.as_ref()?.as_ref().ok()?;
        Some(found.of(self.credit.id.clone(), self.credit.amount))
    }

    /// The answer: what is left is what is proposed.
    pub fn came(&mut self, found: &Result<Refunds, Failure>, fields: &mut fields::Form, numerals: Numerals) {
        if let Ok(found) = found
            && fields.value(Field::Amount) == money(self.credit.amount, numerals)
            && found.left != self.credit.amount
        {
            fields.set_text(Field::Amount, &money(found.left, numerals));
        }
        self.found = Some(found.clone());
    }

    /// Never more than is left, and nothing before that is known.
    pub fn within(
        &self,
        checked: Result<Checked, Vec<Problem>>,
        numerals: Numerals,
    ) -> Result<Checked, Vec<Problem>> {
        let problem = match (&self.found, &checked) {
            (None, _) => Some(refund_unknown()),
            (Some(Err(_)), _) => Some(refund_uncounted()),
            (Some(Ok(found)), Ok(checked)) => {
                let amount = checked.order().amount();
                let over = amount.is_some_and(|amount| amount.minor > found.left.minor);
                over.then(|| refund_exceeds(found.left, numerals))
            }
            (Some(Ok(_)), Err(_)) => None,
        };
        match (problem, checked) {
            (None, checked) => checked,
            (Some(problem), Ok(_)) => Err(vec![problem]),
            (Some(problem), Err(mut problems)) => {
                problems.retain(|other| other.field != Field::Amount);
                problems.push(problem);
                problems.sort_by_key(|problem| problem.field);
                Err(problems)
            }
        }
    }

    /// What was credited, given back and is left; and that no payer is told, where none is.
    pub fn lines(&self, model: &Model) -> Vec<(Meaning, String)> {
        let lang = model.lang();
        let written = |amount| money(amount, model.seat.numerals);
        let mut said = Vec::new();
        match &self.found {
            None => said.push((Meaning::Moving, lang.word("refund.counting").to_owned())),
            Some(Err(why)) => {
                said.push((Meaning::Bad, lang.say("refund.uncounted", &[("why", &why.to_string())])));
            }
            Some(Ok(found)) => {
                let (credited, given) = (written(self.credit.amount), written(found.given));
                let left = written(found.left);
                let with: [(&str, &dyn std::fmt::Display); 4] =
                    [("credited", &credited), ("given", &given), ("left", &left), ("n", &found.next)];
                let meaning = if found.left.is_zero() { Meaning::Bad } else { Meaning::Plain };
                said.push((meaning, lang.say("refund.left", &with)));
                if found.too_many().is_empty() {
                    said.push((Meaning::Dim, lang.word("refund.at_once").to_owned()));
                } else {
                    said.push((Meaning::Bad, too_many(found, model).text(model)));
                }
            }
        }
        if self.credit.payer.is_none() {
            said.push((Meaning::Look, lang.word("refund.no_payer").to_owned()));
        }
        said
    }
}

/// That more of a credit was given back than was meant, by which payments, and what can still be done.
pub fn too_many(found: &Refunds, model: &Model) -> Saying {
    let (lang, numerals) = (model.lang(), model.seat.numerals);
    let stand = found.too_many();
    let ids = |refunds: &[&Refund]| {
        let ids = refunds.iter().filter_map(|refund| refund.movement.as_ref());
        ids.map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let waiting: Vec<&Refund> = stand.iter().copied().filter(|refund| refund.waits()).collect();
    let next = if waiting.is_empty() {
        lang.word("refund.all_left").to_owned()
    } else {
        lang.say("refund.may_be_rejected", &[("ids", &ids(&waiting))])
    };
    Saying::new(Meaning::Bad, "notice.refunded_twice")
        .with("given", money(found.given, numerals))
        .with("credited", money(found.credited, numerals))
        .with("ids", ids(&stand))
        .with("next", next)
}

/// Fills in what the credit says: amount, description, and the payer: one that is registered at the same
/// account, else the details to register them.
pub fn fill(fields: &mut fields::Form, credit: &Transaction, model: &Model) {
    fields.set_text(Field::Amount, &money(credit.amount, model.seat.numerals));
    fields.set_text(Field::Description, &refund_description(credit));
    fields.focus_on(Field::Counterparty);
    let Some(payer) = credit.payer.as_deref().filter(|payer| !payer.account.as_str().contains('*')) else {
        return;
    };
    let place = payee::place(&as_counterparty(payer));
    let there = model.facts.counterparties.rows().find(|row| place.is_some() && payee::place(row) == place);
    if let Some(there) = there {
        fields.preset(Field::Counterparty, there.id.as_str());
    } else if let Some(kind) = Kind::read(payer.account_kind.as_str()) {
        fields.preset(Field::Counterparty, payee::NEW);
        fields.preset(Field::Kind, kind.code());
        super::payee::show(fields, true, model.lang());
        fields.set_text(Field::Account, payer.account.as_str());
        let bank = crate::domain::bank::institution(payer.institution.as_str());
        fields.preset(Field::Institution, bank.map_or("", |bank| bank.code));
        fields.set_text(Field::Holder, payer.name.as_str());
        fields.preset(Field::DocumentKind, &payer.document_kind.as_str().to_lowercase());
        fields.set_text(Field::Document, payer.document.as_str());
    }
    fields.focus_on(Field::Amount);
}

fn as_counterparty(payer: &Payer) -> Counterparty {
    Counterparty {
        id: CounterpartyId::new(payee::NEW).expect("letters are an id"),
        name: payer.name.clone(),
        holder: payer.name.clone(),
        document: Clean::new(&format!("{} {}", payer.document_kind, payer.document)),
        destination: Destination {
            kind: payer.account_kind.clone(),
            geo: Clean::new("col"),
            account: payer.account.clone(),
            institution: payer.institution.clone(),
        },
        created_at: Timestamp::UNIX_EPOCH,
    }
}

// ---- Mexico

/// A SPEI credit that goes back whole.
#[derive(Debug, Clone, PartialEq)]
pub struct ReturnForm {
    fields: fields::Form,
    credit: Transaction,
    confirming: Option<Box<(Checked, Confirm)>>,
}

impl Sheet for ReturnForm {
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
        self.fields.set_problems(self.validate(model).err().unwrap_or_default());
    }
}

impl ReturnForm {
    pub fn dialog(&self) -> Option<&Confirm> {
        self.confirming.as_deref().map(|(_, dialog)| dialog)
    }

    /// The open confirmation, for another try at the passphrase.
    pub(super) fn dialog_mut(&mut self) -> Option<&mut Confirm> {
        self.confirming.as_deref_mut().map(|(_, dialog)| dialog)
    }

    fn validate(&self, model: &Model) -> Result<Checked, Vec<Problem>> {
        let account = model.facts.accounts.rows().find(|row| row.id == self.credit.account);
        give_back(&self.credit, account, self.fields.value(Field::Description))
    }

    fn submit(&mut self, model: &mut Model) {
        let checked = ready::permitted(self.validate(model), &mut self.fields, model);
        let Some(checked) = checked else { return };
        let Order::Return(order) = checked.order() else { return };
        let about = About {
            title: "confirm.send_return",
            verb: "confirm.do_send",
            company: model.seat.company.clone(),
            environment: super::environment_word(model),
            payer: order.source_name.clone(),
            beneficiary: order.payer.clone(),
            description: Clean::new(&order.description),
            altered: [&order.source_name, &order.payer].into_iter().any(Clean::altered),
            amount: order.amount,
            sent: Some(Unit::Minor),
            pair: None,
            fingerprint: None,
            note: Some("confirm.leaves_at_once"),
        };
        let rule = Rule::for_amount(order.amount, super::small_limit_minor(model, order.amount.currency));
        let asks = prove::needed(checked.order(), false, model);
        let dialog = Confirm::new(about, rule, model.now).proving(asks);
        self.confirming = Some(Box::new((checked, dialog)));
    }
}

pub fn key(mut form: ReturnForm, model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if let Some(mut confirming) = form.confirming.take() {
        match confirming.1.key(key, model.now) {
            ConfirmEvent::Yes => {
                let (checked, dialog) = *confirming;
                model.notify(Saying::new(Meaning::Moving, "notice.recorded"));
                let ask = Ask::Write(Box::new(checked.clone().consenting(dialog.consent(&model.look()))));
                form.confirming = Some(Box::new((checked, dialog.clone())));
                return prove::send(Form::Return(form), &dialog, ask, model);
            }
            ConfirmEvent::No => {}
            ConfirmEvent::Nothing => form.confirming = Some(confirming),
        }
        return stay(model, Form::Return(form));
    }
    match form.fields.key(key) {
        FormEvent::Leave => return Vec::new(),
        FormEvent::Submit => form.submit(model),
        FormEvent::Edited | FormEvent::Moved => form.check(model),
        FormEvent::Ignored => {}
    }
    stay(model, Form::Return(form))
}

pub fn hints(form: &ReturnForm) -> Vec<(String, &'static str)> {
    let fields = || draw::field_hints(&form.fields, "action.send");
    form.dialog().map_or_else(fields, Confirm::hints)
}

pub fn view(form: &ReturnForm, model: &Model, frame: &mut Frame, area: Rect) {
    let look = model.look();
    let lang = look.lang;
    let amount = format!("{} {}", form.credit.amount.currency, money(form.credit.amount, look.numerals));
    let payer = &form.credit.counterparty;
    let mut said = vec![
        (Meaning::Plain, lang.say("refund.return_what", &[("amount", &amount), ("payer", payer)])),
        (Meaning::Dim, lang.word("refund.return_once").to_owned()),
    ];
    match form.validate(model) {
        Err(problems) => said.push(draw::missing(&problems, lang)),
        Ok(checked) => said.push(super::may_send(&checked, model)),
    }
    let over = Over::dialog(form.dialog());
    draw::whole((&form.fields, "refund.return_title"), (said, Vec::new()), over, model, frame, area);
}
