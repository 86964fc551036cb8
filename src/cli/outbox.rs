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
    let said = match (&entry.provider_id, &entry.why) {
        (Some(id), _) => format!("{id} {}", write::there(entry.provider_state.as_deref(), context.lang)),
        (None, Some(why)) => context.lang.reason(why),
        (None, None) => context.lang.write(&entry.action),
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
    if context.json {
        output::json(&shapes::intent_whole(&entry))?;
        return Ok(Exit::Done);
    }
    let (style, lang) = (context.style()?, context.lang);
    let amount = shapes::entry_amount(&entry);
    let amount = amount.map(|amount| format!("{} {}", amount.currency, style.amount(amount)));
    let why = entry.why.as_deref().map(|why| lang.reason(why));
    let state = lang.outbox_state(entry.state.code()).to_owned();
    let state =
        [Some(state), why, entry.status.map(|n| n.to_string()), entry.code.clone(), entry.text.clone()];
    let there = [entry.provider_id.clone(), Some(write::there(entry.provider_state.as_deref(), lang))];
    let joined =
        |parts: &[Option<String>]| Some(parts.iter().flatten().cloned().collect::<Vec<_>>().join(" "));
    let known = [
        ("ID", Some(entry.intent.to_string())),
        (lang.word("column.write"), Some(lang.write(&entry.action))),
        (lang.word("column.state"), joined(&state)),
        (lang.word("column.when"), Some(style.moment(entry.at))),
        (lang.word("column.amount"), amount),
        (lang.word("column.destination"), entry.destination.or(entry.subject)),
        (lang.word("outbox.external_id"), entry.external_id),
        (lang.word("outbox.provider_id"), joined(&there)),
        (lang.word("outbox.key"), entry.idempotency_key),
        (lang.word("outbox.correlation"), entry.correlation),
        (lang.word("outbox.supersedes"), entry.supersedes.map(|old| old.to_string())),
    ];
    let mut table = Table::new(&[("", Side::Left), ("", Side::Left)]);
    for (name, value) in known {
        let value = clean(value.as_deref());
        if !value.is_empty() {
            table.row(vec![name.to_owned(), value]);
        }
    }
    for step in &entry.history {
        let note = step.note.as_deref().map(|note| lang.step_note(note)).unwrap_or_default();
        let (state, by) = (lang.outbox_state(step.state.code()), lang.step_by(&step.by));
        table.row(vec![style.moment(step.at), format!("{state} {by} {note}").trim_end().to_owned()]);
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
