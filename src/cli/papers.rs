//! `cuadre completions SHELL` and `cuadre man [COMMAND]`: for those who install it.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;

use super::Cli;
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::usage;

#[derive(Debug, clap::Args)]
pub struct Completions {
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

#[derive(Debug, clap::Args)]
pub struct Man {
    #[arg(value_name = "COMMAND")]
    page: Option<String>,
}

/// The script that completes commands and options in a shell.
pub fn completions(arguments: &Completions, context: &Context) -> Result<Exit, Failure> {
    let mut command = usage::localized(Cli::command(), context.lang);
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "cuadre", &mut script);
    // Whole in memory first: the generator panics where a pipe has closed.
    io::stdout().write_all(&script)?;
    Ok(Exit::Done)
}

/// The page of the program, or of one of its commands.
pub fn man(arguments: &Man, context: &Context) -> Result<Exit, Failure> {
    let mut command = usage::localized(Cli::command(), context.lang);
    // Builds the names of what lies below: `cuadre-config`.
    command.build();
    let page = match &arguments.page {
        None => command,
        Some(name) => {
            let found = command.find_subcommand(name).cloned();
            found.ok_or_else(|| {
                Failure::usage("error.usage.no_such_command", vec![("command", shown(name))])
            })?
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    let text = usage::in_words(&String::from_utf8_lossy(&text), context.lang);
    io::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

fn shown(name: &str) -> String {
    crate::sanitize::Clean::new(name).as_str().chars().take(40).collect()
}
