//! `cuadre sandbox`: both providers on this machine until it is told to stop.

use std::path::PathBuf;

use tokio::signal::unix::{SignalKind, signal};

use super::exit::Exit;
use super::failure::Failure;
use super::output;
use crate::sandbox::{self, Options};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, default_value_t = 2_000)]
    transactions: usize,
    #[arg(long, value_name = "PORT")]
    cobre_port: Option<u16>,
    #[arg(long, value_name = "PORT")]
    cobru_port: Option<u16>,
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// A world with a story.
    #[arg(long, value_name = "SCENE", value_parser = sandbox::cobre::SCENES)]
    scene: Option<String>,
    /// Its clock runs on from there: what happened days ago can be made to happen.
    #[arg(long, value_name = "TIME")]
    start: Option<jiff::Timestamp>,
    #[arg(long)]
    lenient: bool,
}

/// Prints one line of JSON when it is ready, and serves until SIGTERM or SIGINT.
pub async fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let options = Options {
        seed: arguments.seed,
        transactions: arguments.transactions,
        cobre_port: arguments.cobre_port,
        cobru_port: arguments.cobru_port,
        state: arguments.state,
        scene: arguments.scene,
        start: arguments.start,
        lenient: arguments.lenient,
        ..Options::default()
    };
    // Before the line: whoever reads it may send the signal at once.
    let mut term = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let sandbox = sandbox::start(options).await?;
    output::json(sandbox.ready())?;
    tokio::select! {
        _ = term.recv() => {}
        _ = interrupt.recv() => {}
    }
    sandbox.stop().await;
    Ok(Exit::Done)
}
