//! `cuadre store`: copies of the store, their return, and what goes after its time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::context::Context;
use super::desk;
use super::exit::Exit;
use super::failure::Failure;
use super::table::{Side, Table};
use super::{output, shapes};
use crate::store::{Contents, Head, Kind, Restore, State, StoreError, check, restore};
use crate::sync::Desk;
use crate::sync::house::{Cleared, House};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    Backup(Named),
    Check(Copied),
    Restore(Copied),
    Purge {
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, clap::Args)]
pub struct Named {
    #[arg(value_name = "FILE")]
    copy: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct Copied {
    #[arg(value_name = "FILE")]
    copy: PathBuf,
    /// A head of it that was kept elsewhere.
    #[arg(long, value_name = "SEQ:HASH")]
    head: Option<Head>,
}

/// How long a console may take to close before a restore is refused.
const PATIENCE: Duration = Duration::from_secs(5);

pub async fn run(command: Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Backup(arguments) => backup(&arguments.copy, context).await,
        Command::Check(arguments) => {
            let contents = check(&arguments.copy, arguments.head.as_ref()).map_err(found)?;
            tell("vault.sound", &arguments.copy, &contents, &[], context)
        }
        Command::Restore(arguments) => bring_back(arguments, context),
        Command::Purge { dry_run } => purge(dry_run, context).await,
    }
}

/// What is wrong with a copy is what was asked for: a check found something.
fn found(error: StoreError) -> Failure {
    let unsound = matches!(error, StoreError::Unsound { .. } | StoreError::NotAStore { .. });
    let mut failure = Failure::from(error);
    if unsound {
        failure.exit = Exit::Finding;
    }
    failure
}

/// Whoever the profile says, at their store; its providers are not asked and its secrets not fetched.
fn at(context: &Context) -> Result<Desk, Failure> {
    let file = context.store_file()?;
    desk::desk(&context.outline()?, desk::store(&file, true)?, &context.paths()?.state)
}

async fn backup(to: &Path, context: &Context) -> Result<Exit, Failure> {
    let desk = at(context)?;
    let event = desk.event(Kind::StoreBackedUp, &[("to", &to.display().to_string())]);
    let contents = desk.store.back_up(to, event).await?;
    tell("vault.backed_up", to, &contents, &[], context)
}

fn bring_back(arguments: Copied, context: &Context) -> Result<Exit, Failure> {
    let profile = context.outline()?;
    let file = context.paths()?.store_file(&profile.name);
    let asked = Restore {
        actor: profile.actor,
        role: profile.role.code().to_owned(),
        profile: profile.name,
        kept: arguments.head,
        at: desk::now(),
        patience: PATIENCE,
    };
    let restored = restore(&arguments.copy, &file, &asked).map_err(found)?;
    let old = restored.old.map(|old| old.display().to_string());
    let more = [
        ("doubtful", "vault.doubtful", json!(restored.doubtful), restored.doubtful.to_string()),
        ("old", "vault.old", json!(old), old.clone().unwrap_or_else(|| "—".to_owned())),
    ];
    tell("vault.restored", &file, &restored.contents, &more, context)?;
    if !context.json {
        output::line(context.lang.word("vault.restored.rule"))?;
    }
    Ok(Exit::Done)
}

/// What is in a store that was checked, and what was done with it.
fn tell(
    word: &'static str,
    file: &Path,
    contents: &Contents,
    more: &[(&'static str, &'static str, Value, String)],
    context: &Context,
) -> Result<Exit, Failure> {
    let head = contents.head.as_ref().map(ToString::to_string);
    if context.json {
        let mut value = json!({
            "file": file.display().to_string(),
            "at": contents.at.map(shapes::time),
            "count": contents.events,
            "head": head,
            "outbox": contents.outbox,
            "rows": contents.rows,
        });
        if let Some(fields) = value.as_object_mut() {
            fields.extend(more.iter().map(|(name, _, value, _)| ((*name).to_owned(), value.clone())));
        }
        output::json(&value)?;
        return Ok(Exit::Done);
    }
    let lang = context.lang;
    output::line(&lang.say(word, &[("file", &file.display())]))?;
    let state = |code: &str| match State::from_code(code) {
        Some(_) => lang.outbox_state(code).to_owned(),
        None => code.to_owned(),
    };
    let counted = |counts: &BTreeMap<String, u64>, word: &dyn Fn(&str) -> String| {
        let parts: Vec<String> =
            counts.iter().map(|(name, count)| format!("{} {count}", word(name))).collect();
        if parts.is_empty() { "—".to_owned() } else { parts.join(" · ") }
    };
    let mut table = Table::new(&[("", Side::Left), ("", Side::Left)]);
    let at = contents.at.map(|at| context.style().map(|style| style.moment(at))).transpose()?;
    let outbox = counted(&contents.outbox, &state);
    table.row(vec![lang.word("vault.at").to_owned(), at.unwrap_or_else(|| "—".to_owned())]);
    table.row(vec![lang.word("vault.head").to_owned(), head.unwrap_or_else(|| "—".to_owned())]);
    table.row(vec![lang.word("vault.outbox").to_owned(), outbox]);
    table.row(vec![lang.word("vault.rows").to_owned(), counted(&contents.rows, &str::to_owned)]);
    for (_, word, _, text) in more {
        table.row(vec![lang.word(word).to_owned(), text.clone()]);
    }
    output::line(table.text().trim_start_matches('\n').trim_end())?;
    Ok(Exit::Done)
}

async fn purge(dry: bool, context: &Context) -> Result<Exit, Failure> {
    let desk = at(context)?;
    let house: House =
        desk.house.clone().ok_or_else(|| Failure::usage("error.usage.no_profile", Vec::new()))?;
    let Cleared { rows, exports, logs, replaced, before } = desk.purge(&house, "command", dry).await?;
    let table_of = [
        ("transactions", "vault.purge.transactions", rows.transactions, before.transactions),
        ("counterparties", "vault.purge.counterparties", rows.counterparties, before.counterparties),
        ("exchanges", "vault.purge.exchanges", rows.exchanges, before.exchanges),
        ("replaced", "vault.purge.replaced", replaced, before.exchanges),
        ("exports", "vault.purge.exports", exports, before.exports),
        ("drafts", "vault.purge.drafts", rows.drafts, before.exports),
        ("logs", "vault.purge.logs", logs, before.logs),
    ];
    if context.json {
        let mut value = json!({"dry_run": dry});
        if let Some(fields) = value.as_object_mut() {
            fields.extend(table_of.map(|(name, _, count, before)| {
                (name.to_owned(), json!({"count": count, "before": before.map(shapes::time)}))
            }));
        }
        output::json(&value)?;
        return Ok(Exit::Done);
    }
    let lang = context.lang;
    output::line(lang.word(if dry { "vault.purge.would" } else { "vault.purge.done" }))?;
    let style = context.style()?;
    let mut table = Table::new(&[("", Side::Left), ("", Side::Right), ("", Side::Left)]);
    for (_, word, count, before) in table_of {
        let until = match before {
            Some(at) => lang.say("vault.purge.before", &[("when", &style.moment(at))]),
            None => lang.word("vault.purge.kept").to_owned(),
        };
        table.row(vec![lang.word(word).to_owned(), count.to_string(), until]);
    }
    output::line(table.text().trim_start_matches('\n').trim_end())?;
    Ok(Exit::Done)
}
