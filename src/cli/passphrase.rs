//! `cuadre passphrase set`: one's own passphrase, typed twice at the terminal and nowhere else.

use secrecy::ExposeSecret;

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::sitting::Sitting;
use super::{output, terminal};
use crate::sanitize::Clean;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    Set,
}

pub async fn run(command: Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Set => set(context).await,
    }
}

async fn set(context: &Context) -> Result<Exit, Failure> {
    let sitting = Sitting::to_write(context, "passphrase").await?;
    let desk = &sitting.desk;
    let person = Clean::new(&desk.actor.person);
    let ask = |word: &str| {
        let question = context.lang.say(word, &[("person", &person)]);
        async move {
            let typed = tokio::task::spawn_blocking(move || terminal::secret(&question)).await;
            typed.map_err(|cause| Failure::unexpected(&cause.into(), "-"))?
        }
    };
    let old = if desk.has_passphrase()? { Some(ask("step_up.old").await?) } else { None };
    let new = ask("step_up.new").await?;
    let again = ask("step_up.again").await?;
    if new.expose_secret() != again.expose_secret() {
        return Err(Failure::usage("error.step_up.differs", Vec::new()));
    }
    desk.set_passphrase(old, new).await?;
    output::line(&context.lang.say("step_up.is_set", &[("person", &person)]))?;
    Ok(Exit::Done)
}
