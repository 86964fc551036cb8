//! `cuadre outbox`: every write that was ever tried from here, what is known of it, and asking now.

use uuid::Uuid;

use super::context::Context;
use super::desk;
use super::exit::Exit;
use super::failure::Failure;
use super::sitting::Sitting;
use super::table::{Side, Table};
use super::{output, shapes, write};
use crate::sanitize::Clean;
use crate::store::{OutboxEntry, State};
use crate::sync::outbox as writes;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: usize,
}

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    Show {
        #[arg(value_name = "ID")]
        intent: Uuid,
    },
    Settle,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    match arguments.command {
        None => {
            let store = desk::store(&context.store_file()?, true)?;
            list(&store.outbox(arguments.limit).await?, context)?;
            Ok(Exit::Done)
        }
        Some(Command::Show { intent }) => show(intent, context).await,
        Some(Command::Settle) => settle(context).await,
    }
}

fn list(entries: &[OutboxEntry], context: &Context) -> Result<(), Failure> {
    if context.json {
        for entry in entries {
            output::json(&shapes::intent(entry))?;
        }
        return Ok(());
    }
    let word = |key| context.lang.word(key);
    let mut table = Table::new(&[
        (word("column.state"), Side::Left),
        (word("column.when"), Side::Left),
        (word("column.amount"), Side::Right),
        (word("column.currency"), Side::Left),
        (word("column.destination"), Side::Left),
        (word("column.known"), Side::Left),
        ("ID", Side::Left),
    ]);
    let style = context.style()?;
    for entry in entries {
        let amount = shapes::entry_amount(entry);
        table.row(vec![
            context.lang.outbox_state(entry.state.code()).to_owned(),
            style.moment(entry.at),
            amount.map(|amount| style.amount(amount)).unwrap_or_default(),
            amount.map(|amount| amount.currency.code().to_owned()).unwrap_or_default(),
            clean(entry.destination.as_deref().or(entry.subject.as_deref())),
            known(entry, context),
            entry.intent.to_string(),
        ]);
    }
    table.print()?;
    Ok(())
}

/// The provider's state where it has one, else why it stands as it does.
fn known(entry: &OutboxEntry, context: &Context) -> String {
    let said = match (&entry.provider_id, &entry.provider_state, &entry.why) {
        (Some(id), Some(state), _) => format!("{id} {state}"),
        (Some(id), None, _) => id.clone(),
        (None, _, Some(_)) => write::why(entry, context.lang),
        (None, ..) => entry.action.clone(),
    };
    clean(Some(&said)).chars().take(60).collect()
}

fn clean(text: Option<&str>) -> String {
    text.map(|text| Clean::new(text).to_string()).unwrap_or_default()
}

async fn show(intent: Uuid, context: &Context) -> Result<Exit, Failure> {
    let store = desk::store(&context.store_file()?, true)?;
    let Some(entry) = store.entry(intent).await? else {
        return Err(Failure::usage("error.usage.no_intent", vec![("intent", intent.to_string())]));
    };
    let whole = shapes::intent_whole(&entry);
    if context.json {
        output::json(&whole)?;
        return Ok(Exit::Done);
    }
    let style = context.style()?;
    let serde_json::Value::Object(fields) = &whole else { return Ok(Exit::Done) };
    let mut table = Table::new(&[("", Side::Left), ("", Side::Left)]);
    for (name, value) in
        fields.iter().filter(|(name, _)| !["looks", "history", "amount"].contains(&name.as_str()))
    {
        if let Some(value) =
            value.as_str().map(str::to_owned).or_else(|| value.as_u64().map(|n| n.to_string()))
        {
            table.row(vec![name.clone(), value]);
        }
    }
    if let Some(amount) = shapes::entry_amount(&entry) {
        let text = format!("{} {}", amount.currency, style.amount(amount));
        table.row(vec!["amount".to_owned(), text]);
    }
    for step in &entry.history {
        let note = clean(step.note.as_deref());
        let state = context.lang.outbox_state(step.state.code());
        let by = clean(Some(&step.by));
        table.row(vec![
            style.moment(step.at),
            format!("{} {state} {by} {note}", step.kind).trim_end().to_owned(),
        ]);
    }
    output::line(table.text().trim())?;
    Ok(Exit::Done)
}

/// Closes what a dead console left, asks about each unknown once, and shows how they stand.
async fn settle(context: &Context) -> Result<Exit, Failure> {
    let sitting = Sitting::to_write(context, "outbox settle").await?;
    let desk = &sitting.desk;
    let open = desk.store.open_intents().await?;
    let mut exit = Exit::Done;
    let mut asked = Vec::new();
    for entry in open.iter().filter(|entry| entry.state == State::Unknown) {
        if let Err(failure) = writes::look(desk, entry).await {
            Failure::from(failure).tell(context.lang, context.json);
        }
        let Some(now) = desk.store.entry(entry.intent).await? else { continue };
        if now.state == State::Unknown {
            exit = Exit::Unknown;
        }
        asked.push(now);
    }
    if asked.is_empty() && !context.json {
        output::line(context.lang.word("outbox.nothing_unknown"))?;
    } else {
        list(&asked, context)?;
    }
    Ok(exit)
}
