//! `cuadre audit`: the chain of what was done here, checked and shown.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use super::context::Context;
use super::desk;
use super::exit::Exit;
use super::failure::Failure;
use super::table::{Side, Table};
use super::{output, shapes};
use crate::config::ConfigError;
use crate::config::paths::{Existing, write_private};
use crate::sanitize::Clean;
use crate::store::audit::{HeadFile, verify};
use crate::store::{AuditEvent, ChainLine, Head, Kind, Store};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    Verify(Verify),
    Show(Show),
    Head,
    Export(Export),
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
    /// Only events of this kind.
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Only what this person did.
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// Only what is about this intent.
    #[arg(long, value_name = "ID")]
    about: Option<uuid::Uuid>,
}

impl Show {
    fn wants(&self, line: &ChainLine) -> bool {
        self.kind.as_ref().is_none_or(|kind| *kind == line.kind)
            && self.actor.as_ref().is_none_or(|actor| *actor == line.actor)
            && self.about.is_none_or(|intent| line.intent == Some(intent))
    }
}

#[derive(Debug, clap::Args)]
pub struct Export {
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

/// Events that are read at a time.
const PAGE: usize = 5_000;

pub async fn run(command: Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Verify(arguments) => check(&arguments, context),
        Command::Show(arguments) => show(&arguments, context).await,
        Command::Head => head(context).await,
        Command::Export(arguments) => export(&arguments, context).await,
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
            let events = lang.count("count.events", verdict.count, &[]);
            output::line(&lang.say("chain.whole", &[("events", &events), ("head", &head)]))?;
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

pub const fn bad_word(kind: crate::store::audit::BadKind) -> &'static str {
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
    let mut lines = Vec::new();
    let mut after = arguments.after;
    while lines.len() < arguments.limit {
        let page = store.chain(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        lines.extend(page.into_iter().filter(|line| arguments.wants(line)));
    }
    lines.truncate(arguments.limit);
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

/// The whole chain as JSON lines, its head last: a file of mode 0600, whole or not at all, never over one
/// that is there. The export is an event of the chain itself, and in the file.
async fn export(arguments: &Export, context: &Context) -> Result<Exit, Failure> {
    let profile = context.outline()?;
    let store = open(context)?;
    let place = arguments.to.display().to_string();
    if arguments.to.exists() {
        return Err(ConfigError::Exists { file: arguments.to.clone() }.into());
    }
    let event = AuditEvent {
        kind: Kind::Export,
        actor: profile.actor,
        role: profile.role.code().to_owned(),
        profile: profile.name,
        intent: None,
        data: BTreeMap::from([("what", "audit".to_owned()), ("to", place.clone())]),
    };
    store.audit(event).await?;
    let (mut text, mut after, mut count) = (String::new(), 0, 0_u64);
    loop {
        let page = store.chain(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for line in &page {
            text.push_str(&shapes::chain_line(line).to_string());
            text.push('\n');
            count = count.saturating_add(1);
        }
    }
    let head = store.head().await?.map(|head| head.to_string());
    text.push_str(&json!({"head": head, "count": count}).to_string());
    text.push('\n');
    write_private(&arguments.to, text.as_bytes(), Existing::Keep)?;
    if context.json {
        output::json(&json!({"file": place, "count": count, "head": head}))?;
    } else {
        let head = head.unwrap_or_else(|| "—".to_owned());
        let events = context.lang.count("count.events", count, &[]);
        let parts: [(&str, &dyn std::fmt::Display); 3] =
            [("events", &events), ("file", &place), ("head", &head)];
        output::line(&context.lang.say("chain.exported", &parts))?;
    }
    Ok(Exit::Done)
}

/// The store of the chosen profile, for reading.
fn open(context: &Context) -> Result<Store, Failure> {
    desk::store(&context.store_file()?, true)
}
