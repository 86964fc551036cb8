//! `cuadre audit`: the chain of what was done here, checked and shown.

use serde_json::json;

use super::context::Context;
use super::desk;
use super::exit::Exit;
use super::failure::Failure;
use super::table::{Side, Table};
use super::{output, shapes};
use crate::sanitize::Clean;
use crate::store::audit::{HeadFile, verify};
use crate::store::{Head, Store};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    Verify(Verify),
    Show(Show),
    Head,
}

#[derive(Debug, clap::Args)]
pub struct Verify {
    /// A head that was kept elsewhere.
    #[arg(long, value_name = "SEQ:HASH")]
    head: Option<Head>,
}

#[derive(Debug, clap::Args)]
pub struct Show {
    #[arg(long, default_value_t = 0, value_name = "SEQ")]
    after: u64,
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: usize,
}

pub async fn run(command: Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Verify(arguments) => check(&arguments, context),
        Command::Show(arguments) => show(&arguments, context).await,
        Command::Head => head(context).await,
    }
}

/// Offline, and touches nothing.
fn check(arguments: &Verify, context: &Context) -> Result<Exit, Failure> {
    let verdict = verify(&context.store_file()?, arguments.head.as_ref())?;
    let lang = context.lang;
    let head = verdict.head.as_ref().map(ToString::to_string);
    match verdict.bad {
        Some(bad) if context.json => {
            output::json(&json!({"ok": false, "seq": bad.seq, "kind": bad.kind.code()}))?;
        }
        Some(bad) => {
            let what = lang.word(bad_word(bad.kind));
            output::line(&lang.say("chain.bad", &[("seq", &bad.seq), ("what", &what)]))?;
        }
        None if context.json => {
            output::json(&json!({"ok": true, "count": verdict.count, "head": head}))?;
        }
        None => {
            let head = head.unwrap_or_else(|| "—".to_owned());
            output::line(&lang.say("chain.whole", &[("count", &verdict.count), ("head", &head)]))?;
            if verdict.count == 0 {
                return Ok(Exit::Done);
            }
            output::line(match verdict.head_file {
                HeadFile::Agrees => lang.word("chain.head_file.agrees"),
                HeadFile::Behind => lang.word("chain.head_file.behind"),
                HeadFile::Missing => lang.word("chain.head_file.missing"),
                HeadFile::Contradicts => lang.word("chain.head_file.contradicts"),
            })?;
            output::line(lang.word("chain.cannot_show"))?;
        }
    }
    Ok(if verdict.bad.is_some() { Exit::Finding } else { Exit::Done })
}

const fn bad_word(kind: crate::store::audit::BadKind) -> &'static str {
    use crate::store::audit::BadKind;
    match kind {
        BadKind::Altered => "chain.altered",
        BadKind::Missing => "chain.missing",
        BadKind::Reordered => "chain.reordered",
        BadKind::Duplicated => "chain.duplicated",
        BadKind::Truncated => "chain.truncated",
        BadKind::Foreign => "chain.foreign",
        BadKind::OutboxMismatch => "chain.outbox_mismatch",
    }
}

async fn show(arguments: &Show, context: &Context) -> Result<Exit, Failure> {
    let store = open(context)?;
    let lines = store.chain(arguments.after, arguments.limit).await?;
    if context.json {
        for line in &lines {
            output::json(&shapes::chain_line(line))?;
        }
        return Ok(Exit::Done);
    }
    let style = context.style()?;
    let word = |key| context.lang.word(key);
    let mut table = Table::new(&[
        (word("column.seq"), Side::Right),
        (word("column.when"), Side::Left),
        (word("column.event"), Side::Left),
        (word("column.actor"), Side::Left),
        (word("column.detail"), Side::Left),
    ]);
    for line in &lines {
        let data: Vec<String> = line.data.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let detail = Clean::new(&data.join(" ")).as_str().chars().take(100).collect();
        let actor = Clean::new(&line.actor).to_string();
        table.row(vec![line.seq.to_string(), style.moment(line.at), line.kind.clone(), actor, detail]);
    }
    table.print()?;
    Ok(Exit::Done)
}

async fn head(context: &Context) -> Result<Exit, Failure> {
    let head = open(context)?.head().await?.map(|head| head.to_string());
    if context.json {
        output::json(&json!({"head": head}))?;
    } else {
        output::line(head.as_deref().unwrap_or("—"))?;
    }
    Ok(Exit::Done)
}

/// The store of the chosen profile, for reading.
fn open(context: &Context) -> Result<Store, Failure> {
    desk::store(&context.store_file()?, true)
}
