//! `cuadre refund`: a payin back to its payer, through the whole chain. Never more than is left of the
//! credit over all its refunds, of this store and at the provider.

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::sitting::{Sitting, of_address};
use super::write::{self, Accept};
use crate::domain::account::Account;
use crate::domain::counterparty::Counterparty;
use crate::domain::id::CounterpartyId;
use crate::domain::money::Money;
use crate::domain::transaction::Transaction;
use crate::i18n::Lang;
use crate::payments::Outcome;
use crate::payments::draft::{MovementDraft, give_back, refund_description};
use crate::payments::order::Payee;
use crate::payments::payee::{self, PayeeDraft};
use crate::payments::rails::{self, Way};
use crate::providers::{self, Provider, cobre};
use crate::sanitize::Clean;
use crate::sync::Desk;
use crate::sync::outbox as writes;
use crate::sync::outbox::Written;
use crate::sync::refunds::{self, Credit, Refund};

/// How far back a credit is looked for.
const NEWEST: usize = 10_000;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[arg(value_name = "TRANSACTION")]
    credit: String,
    #[arg(long, value_name = "TEXT")]
    amount: Option<String>,
    #[arg(long = "to", value_name = "ID")]
    payee: Option<String>,
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[arg(long)]
    checker: bool,
    #[arg(long, value_name = "FINDING=REASON")]
    accept: Vec<Accept>,
    #[arg(long, value_name = "TEXT")]
    confirm: String,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let sitting = Sitting::to_write(context, "refund").await?;
    let desk = &sitting.desk;
    let Some(provider) = desk.cobre.as_deref() else { return Err(providers::Failure::Unsupported.into()) };
    let (accounts, transactions) = tokio::join!(provider.accounts(), provider.transactions(NEWEST));
    let (accounts, transactions) = (accounts.map_err(of_address)?, transactions.map_err(of_address)?);
    let credit = transactions.rows.into_iter().find(|row| row.id.as_str() == arguments.credit);
    let named = |word| Failure::usage(word, vec![("id", Clean::new(&arguments.credit).to_string())]);
    let credit = credit.ok_or_else(|| named("error.usage.no_transaction"))?;
    let account = accounts.rows.iter().find(|account| account.id == credit.account);
    let way = rails::way_back(&credit, account).ok_or_else(|| named("error.usage.not_a_payin"))?;
    let description = arguments.description.clone().unwrap_or_else(|| refund_description(&credit));
    match way {
        Way::Return => returned(&sitting, account, &credit, &description, &arguments, context).await,
        Way::Payment => {
            paid_back(&sitting, provider, &accounts.rows, &credit, &description, &arguments, context).await
        }
    }
}

/// Mexico: the provider's return, whole.
async fn returned(
    sitting: &Sitting,
    account: Option<&Account>,
    credit: &Transaction,
    description: &str,
    arguments: &Arguments,
    context: &Context,
) -> Result<Exit, Failure> {
    let checked = give_back(credit, account, description);
    let checked = checked.map_err(|found| write::problems(&found, context.lang))?;
    if let Some(denied) = write::denied(sitting, &checked) {
        return write::answer(sitting, denied, context).await;
    }
    write::confirmed(&arguments.confirm, credit.amount, context)?;
    let written = match write::send(sitting, checked, context).await? {
        // A return is named by its credit: nobody gave it a reference.
        Written::ExternalIdTaken => Written::RefundExceeds { left: Money::new(0, credit.amount.currency) },
        written => written,
    };
    write::answer(sitting, written, context).await
}

/// Colombia: a payment of its own, to a counterparty that is found or registered.
async fn paid_back(
    sitting: &Sitting,
    provider: &cobre::Cobre,
    accounts: &[Account],
    credit: &Transaction,
    description: &str,
    arguments: &Arguments,
    context: &Context,
) -> Result<Exit, Failure> {
    let desk = &sitting.desk;
    let of = Credit { id: credit.id.clone(), amount: credit.amount, at: credit.at };
    let found = refunds::look(desk, &of).await?;
    let amount = match &arguments.amount {
        Some(text) => text.clone(),
        None if found.left.is_zero() => {
            let exceeds = Written::RefundExceeds { left: found.left };
            return write::answer(sitting, exceeds, context).await;
        }
        None => found.left.to_decimal(),
    };
    let mut counterparties = provider.counterparties().await?.rows;
    let refund = found.of(credit.id.clone(), credit.amount);
    let new = match payee_of(arguments, credit, &counterparties, context.lang)? {
        Whom::There(id) => Ok(id),
        Whom::New(new) => Err(*new),
    };
    // A payment to whoever is not registered yet is checked first: nothing is registered for one that
    // can't be made.
    let listed = new.as_ref().err().map(|(_, row)| row.clone());
    counterparties.extend(listed);
    let to = match &new {
        Ok(id) => id.clone(),
        Err((_, row)) => row.id.clone(),
    };
    let draft = MovementDraft {
        source: Some(credit.account.clone()),
        destination: Some(Payee::Counterparty(to)),
        amount,
        description: description.to_owned(),
        checker_approval: arguments.checker,
        refund: Some(refund),
        ..MovementDraft::default()
    };
    let checked = write::movement(sitting, &draft, accounts, &counterparties, context)?;
    let amount = checked.order().amount().unwrap_or(credit.amount);
    if amount.minor > found.left.minor {
        return write::answer(sitting, Written::RefundExceeds { left: found.left }, context).await;
    }
    if let Some(denied) = write::denied(sitting, &checked) {
        return write::answer(sitting, denied, context).await;
    }
    write::confirmed(&arguments.confirm, amount, context)?;
    let checked = match new {
        Ok(_) => checked,
        Err((payee, row)) => {
            let registering = payee.validate().map_err(|found| write::problems(&found, context.lang))?;
            let written = writes::write(desk, registering, None).await;
            let id = match &written {
                Written::Done { outcome: Outcome::Sent(receipt), .. } => {
                    CounterpartyId::new(receipt.provider_id.as_str()).ok()
                }
                _ => None,
            };
            let Some(id) = id else { return write::answer(sitting, written, context).await };
            counterparties.push(Counterparty { id: id.clone(), ..row });
            let draft = MovementDraft { destination: Some(Payee::Counterparty(id)), ..draft };
            write::movement(sitting, &draft, accounts, &counterparties, context)?
        }
    };
    let written = write::pay(sitting, checked, &arguments.accept, context).await?;
    let left = matches!(&written, Written::Done { outcome: Outcome::Sent(_) | Outcome::Unknown(_), .. });
    let exit = write::answer(sitting, written, context).await?;
    if left {
        alone(desk, &Credit { at: desk.now(), ..of }, context).await?;
    }
    Ok(exit)
}

/// Another desk may have counted before this one sent, and sent after it: it is looked once more, and whoever
/// comes second is told. The first one's console is told by its own looks.
async fn alone(desk: &Desk, credit: &Credit, context: &Context) -> Result<(), Failure> {
    let found = refunds::look(desk, credit).await?;
    let stand = found.too_many();
    if stand.is_empty() {
        return Ok(());
    }
    let style = context.style()?;
    let said = |refund: &&Refund| {
        let id = refund.movement.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{id} {} {}", style.amount(refund.amount), refund.state)
    };
    let which = stand.iter().map(said).collect::<Vec<_>>().join(", ");
    let parts = vec![
        ("credited", format!("{} {}", found.credited.currency, style.amount(found.credited))),
        ("given", style.amount(found.given)),
        ("which", which),
    ];
    Err(Failure::new(Exit::Finding, "error.write.refunded_twice", parts))
}

/// Whom the money goes back to.
enum Whom {
    There(CounterpartyId),
    New(Box<(PayeeDraft, Counterparty)>),
}

/// The one that is named, the one that is registered at the payer's account, or the payer as the credit
/// tells them.
fn payee_of(
    arguments: &Arguments,
    credit: &Transaction,
    counterparties: &[Counterparty],
    lang: Lang,
) -> Result<Whom, Failure> {
    if let Some(text) = &arguments.payee {
        let id = CounterpartyId::new(text);
        let wrong = |_| Failure::usage("error.usage.no_id", vec![("id", Clean::new(text).to_string())]);
        return id.map(Whom::There).map_err(wrong);
    }
    let missing = || Failure::usage("error.usage.no_payer", vec![("id", credit.id.to_string())]);
    let payer = credit.payer.as_deref().ok_or_else(missing)?;
    let draft = PayeeDraft::of_payer(payer).ok_or_else(missing)?;
    let order = draft.check().map_err(|found| {
        let (id, problems) = (credit.id.to_string(), write::said(&found, lang));
        Failure::usage("error.usage.payer_unpayable", vec![("id", id), ("problems", problems)])
    })?;
    let listed = payee::as_listed(&order);
    let place = payee::place(&listed);
    let there = counterparties.iter().find(|row| place.is_some() && payee::place(row) == place);
    Ok(there.map_or_else(|| Whom::New(Box::new((draft, listed))), |row| Whom::There(row.id.clone())))
}
