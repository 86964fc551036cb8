//! No command: the console, on the chosen profile, or on the embedded sandbox when there is none.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use super::context::Context;
use super::desk;
use super::exit::Exit;
use super::failure::Failure;
use crate::config::init::{SandboxAccess, sandbox_profile};
use crate::config::paths::private_folder;
use crate::config::{CobreAccess, CobruAccess, Config, Loaded, Origin, Profile, ThemeName};
use crate::console::effect::Remember;
use crate::console::keymap::Keymap;
use crate::console::model::Saying;
use crate::console::runtime::{self, Live};
use crate::console::theme::{Meaning, Palette, Theme};
use crate::console::{self, Message, Model, Seat, update};
use crate::domain::role::Role;
use crate::i18n::Lang;
use crate::sandbox::{self, Options, PayerMode, Ready, Sandbox};
use crate::store::Store;
use crate::sync::{Desk, poll};

/// Sits down as a role: a credential of its own over the one store.
type Seats = Box<dyn Fn(Role) -> Result<(Seat, Desk), Failure> + Send>;

/// Seconds from a QR on the screen to its payment by the sandbox's payer: long enough to be looked at.
const PAYER_WAITS_S: u32 = 12;
/// Of the embedded sandbox, in the order of the picker.
const ROLES: [Role; 4] = [Role::Maker, Role::Checker, Role::Viewer, Role::Admin];

pub fn run(context: &Context) -> Result<Exit, Failure> {
    if context.flags.plain {
        return Err(Failure::usage("error.usage.no_plain", Vec::new()));
    }
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Failure::usage("error.usage.no_terminal", Vec::new()));
    }
    if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Err(Failure::usage("error.usage.dumb_terminal", Vec::new()));
    }
    let Loaded { config, profile } = context.load()?;
    Keymap::read(&config.keys)?;
    let folder = super::logs::folder(&context.paths()?.state);
    super::logs::start(&folder, &config.log)?;
    let readonly = context.flags.readonly;
    super::on_runtime(async move {
        match profile {
            Some(profile) => {
                let file = context.paths()?.store_file(&profile.name);
                let store = desk::store(&file, profile.readonly)?;
                let desk = desk::desk(&profile, store)?;
                let seat = desk::seat(&profile, &config, &desk, Vec::new());
                let nowhere: Seats =
                    Box::new(|_| Err(Failure::usage("error.usage.no_other_role", Vec::new())));
                show(seat, desk, nowhere, &config).await
            }
            None => embedded(config, readonly).await,
        }
    })
}

/// The console over a sandbox in this process. Its store lives and goes with it.
async fn embedded(config: Config, readonly: bool) -> Result<Exit, Failure> {
    let payer = PayerMode::Automatic { after_s: PAYER_WAITS_S };
    let sandbox = sandbox::start(Options { payer, ..Options::default() }).await?;
    let folder = Passing::make()?;
    let store = desk::store(&folder.0.join("sandbox.db"), readonly)?;
    let sit = sitting(sandbox.ready().clone(), config.clone(), store, readonly);
    let (seat, desk) = sit(Role::Maker)?;
    let exit = show(seat, desk, sit, &config).await;
    Sandbox::stop(sandbox).await;
    exit
}

/// Each role is another credential over the one store.
fn sitting(ready: Ready, config: Config, store: Store, readonly: bool) -> Seats {
    Box::new(move |role| {
        let profile = Profile { readonly, ..sandbox_profile(role, access(&ready, role)?) };
        let desk = desk::desk(&profile, store.clone())?;
        let seat = desk::seat(&profile, &config, &desk, ROLES.to_vec());
        Ok((seat, desk))
    })
}

fn access(ready: &Ready, role: Role) -> Result<SandboxAccess, Failure> {
    let credential = ready.credentials.cobre.get(role.code());
    let credential = credential.ok_or_else(|| Failure::usage("error.usage.no_other_role", Vec::new()))?;
    let cobru = &ready.credentials.cobru;
    Ok(SandboxAccess {
        cobre: CobreAccess {
            base: ready.cobre.clone(),
            user_id: credential.user_id.clone(),
            secret: credential.secret.clone().into(),
        },
        cobru: CobruAccess {
            api_base: ready.cobru.clone(),
            link_base: ready.cobru.clone(),
            api_key: cobru.api_key.clone().into(),
            refresh: cobru.refresh.clone().into(),
        },
    })
}

/// Draws until it is left. The first screen has the figures of the last run.
async fn show(mut seat: Seat, desk: Desk, sit: Seats, config: &Config) -> Result<Exit, Failure> {
    let said = config.shown().iter().any(|shown| shown.key == "lang" && shown.origin != Origin::Default);
    if !said
        && let Ok(Some(lang)) = desk.store.recall("lang").await
        && let Ok(lang) = lang.parse::<Lang>()
    {
        seat.lang = lang;
    }
    let mut model = Model::new(seat, theme(config), desk.now());
    model.keymap = Keymap::read(&config.keys)?;
    for news in poll::stored(&desk, poll::FIRST_ROWS).await {
        // Stored figures ask nothing of the world.
        drop(update::update(&mut model, Message::News(news)));
    }
    let profile = profile(sit, desk.store.clone(), config.lang);
    let exit = console::run(model, Live::start(desk, profile), true).await?;
    Ok(match exit {
        console::Exit::Left => Exit::Done,
        console::Exit::Signal(number) => Exit::Signal(number),
        console::Exit::Closed => Exit::Signal(rustix::process::Signal::HUP.as_raw()),
    })
}

/// What the running console may ask of its profile.
fn profile(sit: Seats, store: Store, lang: Lang) -> runtime::Profile {
    let sit = move |role| -> runtime::Seating {
        let seated = sit(role).map(|(seat, desk)| (desk, seat)).map_err(|failure| {
            Saying::new(Meaning::Bad, "notice.not_seated").with("why", failure.sentence(lang))
        });
        Box::pin(std::future::ready(seated))
    };
    let remember = move |what| {
        let (key, value) = match what {
            Remember::Lang(lang) => ("lang", lang.code()),
        };
        let store = store.clone();
        tokio::spawn(async move {
            if let Err(error) = store.remember(key, value).await {
                tracing::error!(%error, key, "not kept for the next start");
            }
        });
    };
    runtime::Profile { sit: Box::new(sit), remember: Box::new(remember) }
}

fn theme(config: &Config) -> Theme {
    let colourless = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let palette =
        if colourless || config.theme == ThemeName::Mono { Palette::Mono } else { Palette::Terminal };
    Theme { palette, ascii: config.ascii }
}

/// A folder that goes when this does.
struct Passing(PathBuf);

impl Passing {
    fn make() -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("cuadre-sandbox-{}", uuid::Uuid::now_v7()));
        private_folder(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "the sandbox's store stays behind");
        }
    }
}
