//! A payment like an earlier one: of a transaction, a counterparty, a write in the outbox.

use super::{Form, MovementForm, Sheet as _, stay};
use crate::console::effect::Effect;
use crate::console::model::Model;
use crate::console::panes::{PaneId, counterparties, outbox, transactions};
use crate::domain::id::MovementId;
use crate::domain::money::{Currency, Money};
use crate::payments::draft::{Field, currency_of};
use crate::sync::news::Ask;

/// Opens it filled from an earlier payment: the movement's own figures are asked for, and fill it when
/// they come; of a write that made none, what the outbox has.
pub fn open_template(model: &mut Model) -> Vec<Effect> {
    let Some(template) = template(model) else { return Vec::new() };
    let mut form = MovementForm::of(model, template.source.as_deref());
    if let Some(destination) = &template.destination {
        form.fields.preset(Field::Counterparty, destination);
    }
    if let Some(amount) = template.amount {
        form.fields.set_text(Field::Amount, &amount.to_decimal().replace('.', ","));
    }
    form.fields.focus_on(if template.destination.is_some() { Field::Amount } else { Field::Counterparty });
    form.template.clone_from(&template.movement);
    form.check(model);
    stay(model, Form::Movement(form));
    template.movement.map(|id| Effect::Ask(Ask::Movement(id))).into_iter().collect()
}

/// Whether there is something to pay again, for the Action table.
pub fn can_repeat(model: &Model) -> Result<(), &'static str> {
    template(model).map(|_| ()).ok_or("reason.no_template")
}

/// What an earlier payment says of the next one like it.
struct Template {
    source: Option<String>,
    destination: Option<String>,
    amount: Option<Money>,
    movement: Option<MovementId>,
}

fn template(model: &Model) -> Option<Template> {
    match model.pane {
        PaneId::Transactions => {
            let row = transactions::chosen(model)?;
            let movement = row.movement.clone().filter(|_| row.amount.minor < 0)?;
            let source = Some(row.account.to_string());
            let amount = row.amount.checked_neg().ok();
            Some(Template { source, destination: None, amount, movement: Some(movement) })
        }
        PaneId::Counterparties => {
            let destination = counterparties::chosen(model).filter(|row| currency_of(row).is_some())?;
            let destination = Some(destination.id.to_string());
            Some(Template { source: None, destination, amount: None, movement: None })
        }
        PaneId::Outbox => {
            let entry = outbox::chosen(model).filter(|entry| entry.action == "create_movement")?;
            let currency: Option<Currency> = entry.currency.as_deref().and_then(|code| code.parse().ok());
            Some(Template {
                source: entry.source.clone(),
                destination: entry.destination.clone(),
                amount: entry.amount_minor.zip(currency).map(|(minor, of)| Money::new(minor, of)),
                movement: entry.provider_id.as_deref().and_then(|id| MovementId::new(id).ok()),
            })
        }
        _ => None,
    }
}
