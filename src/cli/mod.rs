//! One file per subcommand: arguments in, calls the rooms below, prints. Only here is anything printed.
//!
//! Standard output holds the answer and nothing else. What went wrong is one sentence and its next step
//! on standard error (an object with `--json`), and a number of [`exit::Exit`].

pub mod exit;

mod actions;
mod audit;
mod bulk;
mod chairs;
mod config;
mod console;
mod context;
mod decide;
mod desk;
mod doctor;
mod failure;
mod lab;
mod logs;
mod outbox;
mod output;
mod papers;
mod passphrase;
mod pay;
mod plain;
mod presence;
mod process;
mod reads;
mod refund;
mod sandbox;
mod screen;
mod shapes;
mod sitting;
mod store;
mod table;
mod terminal;
mod usage;
mod write;

use std::ffi::OsString;
use std::future::Future;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, ValueEnum};

use crate::config::{Flags, Paths, lang_of};
use crate::i18n::Lang;
use context::Context;
use exit::Exit;
use failure::Failure;

/// Its words are in the word files (`cli.…`), put there by [`usage::localized`].
#[derive(Debug, Parser)]
#[command(name = "cuadre", version = env!("CUADRE_VERSION"))]
struct Cli {
    #[arg(long, global = true, value_name = "NAME")]
    profile: Option<String>,
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[arg(long, global = true, value_name = "LANG")]
    lang: Option<LangName>,
    #[arg(long, global = true)]
    readonly: bool,
    #[arg(long, global = true)]
    plain: bool,
    #[arg(long, global = true, value_name = "WHEN")]
    color: Option<Color>,
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Sandbox(sandbox::Arguments),
    #[command(subcommand)]
    Config(config::Command),
    Doctor,
    Actions,
    Balances(reads::Filter),
    Transactions(reads::Filter),
    Counterparties(reads::Filter),
    Movements(reads::Movements),
    Approvals(reads::Filter),
    Cobrus(reads::Filter),
    Pay(pay::Arguments),
    Refund(refund::Arguments),
    Decide(decide::Arguments),
    #[command(subcommand)]
    Bulk(bulk::Command),
    #[command(subcommand)]
    Passphrase(passphrase::Command),
    Outbox(outbox::Arguments),
    #[command(subcommand)]
    Audit(audit::Command),
    #[command(subcommand)]
    Store(store::Command),
    Completions(papers::Completions),
    Man(papers::Man),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LangName {
    Es,
    En,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Never,
}

/// All of `cuadre`: reads the process's arguments, does what they say, tells what went wrong.
pub fn main() -> ExitCode {
    // First of all: reqwest panics at its first client without it.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::debug!("another TLS provider was there first");
    }
    process::mask_panics();
    process::close_to_others();

    let arguments: Vec<OsString> = std::env::args_os().collect();
    let json = usage::wants_json(&arguments);
    let paths = Paths::of_user().ok();
    let lang = lang_of(&usage::early_flags(&arguments), paths.as_ref());
    let command = usage::localized(Cli::command(), lang);
    let meant = usage::command_meant(&command, &arguments);
    let parsed = command.try_get_matches_from(arguments);
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return refused(&error, &meant, lang, json).into(),
    };
    match run(cli, lang, json, paths) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.tell(lang, json);
            failure.exit.into()
        }
    }
}

/// Help and version are answers; the rest are mistakes.
fn refused(error: &clap::Error, command: &str, lang: Lang, json: bool) -> Exit {
    match usage::refused(error, command) {
        Some(failure) => {
            failure.tell(lang, json);
            failure.exit
        }
        None => match write!(io::stdout(), "{}", usage::in_words(&error.render().to_string(), lang)) {
            Ok(()) => Exit::Done,
            Err(error) => {
                let failure = Failure::from(error);
                failure.tell(lang, json);
                failure.exit
            }
        },
    }
}

fn run(cli: Cli, lang: Lang, json: bool, paths: Option<Paths>) -> Result<Exit, Failure> {
    let flags = Flags {
        config: cli.config,
        profile: cli.profile,
        lang: cli.lang.map(|name| match name {
            LangName::Es => "es".to_owned(),
            LangName::En => "en".to_owned(),
        }),
        readonly: cli.readonly,
        plain: cli.plain,
        no_color: cli.color == Some(Color::Never),
    };
    let context = Context::new(flags, lang, json, paths);
    match cli.command {
        // The file may ask for lines; what is wrong with it, the console tells.
        None if context.config().map_or(context.flags.plain, |config| config.plain) => plain::run(&context),
        None => console::run(&context),
        Some(Command::Sandbox(arguments)) => on_runtime(sandbox::run(arguments)),
        Some(Command::Config(command)) => on_runtime(config::run(command, &context)),
        Some(Command::Doctor) => on_runtime(doctor::run(&context)),
        Some(Command::Actions) => actions::run(&context),
        Some(Command::Balances(filter)) => on_runtime(reads::balances(filter, &context)),
        Some(Command::Transactions(filter)) => on_runtime(reads::transactions(filter, &context)),
        Some(Command::Counterparties(filter)) => on_runtime(reads::counterparties(filter, &context)),
        Some(Command::Movements(arguments)) => on_runtime(reads::movements(arguments, &context)),
        Some(Command::Approvals(filter)) => on_runtime(reads::approvals(filter, &context)),
        Some(Command::Cobrus(filter)) => on_runtime(reads::cobrus(filter, &context)),
        Some(Command::Pay(arguments)) => on_runtime(pay::run(arguments, &context)),
        Some(Command::Refund(arguments)) => on_runtime(refund::run(arguments, &context)),
        Some(Command::Bulk(command)) => on_runtime(bulk::run(command, &context)),
        Some(Command::Decide(arguments)) => on_runtime(decide::run(arguments, &context)),
        Some(Command::Passphrase(command)) => on_runtime(passphrase::run(command, &context)),
        Some(Command::Outbox(arguments)) => on_runtime(outbox::run(arguments, &context)),
        Some(Command::Audit(command)) => on_runtime(audit::run(command, &context)),
        Some(Command::Store(command)) => on_runtime(store::run(command, &context)),
        Some(Command::Completions(arguments)) => papers::completions(&arguments, &context),
        Some(Command::Man(arguments)) => papers::man(&arguments, &context),
    }
}

/// Runs a command's future to its end.
fn on_runtime<F: Future<Output = Result<Exit, Failure>>>(future: F) -> Result<Exit, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(future)
}

/// As [`on_runtime`], with one thread beside this one: reads and answers there, the screen here. With more,
/// each answer wakes several, and a desk is open all day.
fn on_two_threads<F: Future<Output = Result<Exit, Failure>>>(future: F) -> Result<Exit, Failure> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?.block_on(future)
}
