//! `cuadre pay`: one movement through the whole chain.

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::sitting::{Sitting, of_address};
use super::write::{self, Accept};
use crate::domain::id::{AccountId, CounterpartyId};
use crate::payments::Order;
use crate::payments::draft::MovementDraft;
use crate::payments::order::Payee;
use crate::providers::{self, Provider};
use crate::sanitize::Clean;
use crate::sync::outbox::Written;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[arg(long = "from", value_name = "ID")]
    payer: String,
    #[arg(long = "to", value_name = "ID")]
    payee: String,
    #[arg(long, value_name = "TEXT")]
    amount: String,
    #[arg(long, value_name = "TEXT")]
    description: String,
    #[arg(long, value_name = "TEXT")]
    external_id: Option<String>,
    /// SPEI asks for one.
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    #[arg(long, value_name = "TEXT")]
    token: Option<String>,
    #[arg(long)]
    checker: bool,
    #[arg(long, value_name = "FINDING=REASON")]
    accept: Vec<Accept>,
    #[arg(long, value_name = "TEXT")]
    confirm: String,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let sitting = Sitting::to_write(context, "pay").await?;
    let desk = &sitting.desk;
    let Some(provider) = desk.cobre.as_deref() else { return Err(providers::Failure::Unsupported.into()) };
    let (accounts, counterparties) = tokio::join!(provider.accounts(), provider.counterparties());
    let (accounts, counterparties) = (accounts.map_err(of_address)?, counterparties.map_err(of_address)?);

    let draft = MovementDraft {
        source: Some(AccountId::new(&arguments.payer).map_err(|_| no_id(&arguments.payer))?),
        destination: Some(payee(&arguments.payee)?),
        amount: arguments.amount.clone(),
        description: arguments.description.clone(),
        external_id: arguments.external_id.clone().unwrap_or_default(),
        reference: arguments.reference.clone().unwrap_or_default(),
        token: arguments.token.clone().unwrap_or_default(),
        checker_approval: arguments.checker,
        refund: None,
    };
    let checked = write::movement(&sitting, &draft, &accounts.rows, &counterparties.rows, context)?;
    let Order::Movement(order) = checked.order() else {
        return Err(providers::Failure::Unsupported.into());
    };
    if let Some(denied) = write::denied(&sitting, &checked) {
        return write::answer(&sitting, denied, context).await;
    }
    write::confirmed(&arguments.confirm, order.amount, context)?;
    // No reason makes a second movement of one name.
    if let Some(name) = &order.external_id
        && provider.knows_external_id(name).await?
    {
        return write::answer(&sitting, Written::ExternalIdTaken, context).await;
    }
    let written = write::pay(&sitting, checked, &arguments.accept, context).await?;
    write::answer(&sitting, written, context).await
}

fn no_id(text: &str) -> Failure {
    Failure::usage("error.usage.no_id", vec![("id", Clean::new(text).to_string())])
}

/// A counterparty, or an own balance.
fn payee(text: &str) -> Result<Payee, Failure> {
    let own = text.starts_with("acc_").then(|| AccountId::new(text).map(Payee::from));
    own.unwrap_or_else(|| CounterpartyId::new(text).map(Payee::from)).map_err(|_| no_id(text))
}
