//! `cuadre --plain`: the desk in lines, from a terminal or a pipe.

use std::io::{self, BufRead, IsTerminal};
use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::chairs::Chairs;
use super::console::{Embedded, model, profile};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::presence;
use crate::config::{Config, Loaded};
use crate::console::keymap::Keymap;
use crate::console::plain::{self, Typist};
use crate::console::runtime::Live;
use crate::console::{self, Message, Seat, update};
use crate::domain::role::Role;
use crate::sync::{Desk, poll};

pub fn run(context: &Context) -> Result<Exit, Failure> {
    let Loaded { config, profile } = context.load()?;
    Keymap::read(&config.keys)?;
    super::logs::start(&super::logs::folder(&context.paths()?.state), &config.log)?;
    let readonly = context.flags.readonly;
    super::on_two_threads(async move {
        if let Some(profile) = profile {
            let chairs = Chairs::of_profiles(config.clone(), context)?;
            let (desk, seat) = chairs.take(&profile)?;
            return Box::pin(talk(seat, desk, Arc::new(chairs), &config)).await;
        }
        let passing = Embedded::start(&config, readonly).await?;
        let (desk, seat) = passing.chairs.take(&passing.chairs.role(Role::Maker)?)?;
        let exit = Box::pin(talk(seat, desk, Arc::clone(&passing.chairs), &config)).await;
        passing.stop().await;
        exit
    })
}

async fn talk(seat: Seat, desk: Desk, chairs: Arc<Chairs>, config: &Config) -> Result<Exit, Failure> {
    presence::tell(&desk, config, "plain").await;
    let mut model = model(seat, &desk, config).await?;
    for news in poll::stored(&desk, poll::FIRST_ROWS).await {
        // Stored figures ask nothing of the world.
        drop(update::update(&mut model, Message::News(news)));
    }
    let profile = profile(chairs, desk.store.clone(), config.lang);
    let typist = Typist { lines: lines(), terminal: io::stdin().is_terminal() };
    let exit = Box::pin(plain::run(model, Live::start(desk, profile), typist, io::stdout())).await?;
    Ok(match exit {
        console::Exit::Left | console::Exit::Closed => Exit::Done,
        console::Exit::Signal(number) => Exit::Signal(number),
    })
}

/// What is typed or sent, a line at a time; the end of it closes the channel.
fn lines() -> UnboundedReceiver<String> {
    let (sender, lines) = unbounded_channel();
    // A thread of its own: reading can't be interrupted, and the process does not wait for it.
    std::thread::spawn(move || {
        let mut input = io::stdin().lock();
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            match input.read_until(b'\n', &mut bytes) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            if sender.send(String::from_utf8_lossy(&bytes).into_owned()).is_err() {
                return;
            }
        }
    });
    lines
}
