//! No command: the console, on the chosen profile, or on the embedded sandbox when there is none.

use std::io::{self, IsTerminal};

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;

pub fn run(context: &Context) -> Result<Exit, Failure> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Failure::usage("error.usage.no_terminal", Vec::new()));
    }
    if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Err(Failure::usage("error.usage.dumb_terminal", Vec::new()));
    }
    let loaded = context.load()?;
    let folder = super::logs::folder(&context.paths()?.state);
    super::logs::start(&folder, &loaded.config.log)?;
    Ok(Exit::Done)
}
