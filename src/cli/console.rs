//! No command: the console, on the chosen profile, or on the embedded sandbox when there is none.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;

use super::chairs::Chairs;
use super::context::Context;
use super::desk;
use super::exit::Exit;
use super::failure::Failure;
use super::presence;
use super::screen;
use crate::config::paths::private_folder;
use crate::config::{Config, Loaded, ThemeChoice, ThemeName, theme};
use crate::console::drafts::{self, Drafts};
use crate::console::effect::{Lab, Remember};
use crate::console::keymap::Keymap;
use crate::console::place;
use crate::console::runtime::{self, Live};
use crate::console::theme::{Depth, Palette, Theme, Themes};
use crate::console::tour::Tour;
use crate::console::watch::Call;
use crate::console::{self, Message, Model, Seat, update};
use crate::domain::role::Role;
use crate::i18n::Lang;
use crate::sandbox::{self, Options, PayerMode, Sandbox};
use crate::store::Store;
use crate::sync::{Desk, poll};

/// Seconds from a QR on the screen to its payment by the sandbox's payer: long enough to be looked at.
const PAYER_WAITS_S: u32 = 12;

pub fn run(context: &Context) -> Result<Exit, Failure> {
    let Loaded { config, profile } = context.load()?;
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Failure::usage("error.usage.no_terminal", Vec::new()));
    }
    if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Err(Failure::usage("error.usage.dumb_terminal", Vec::new()));
    }
    Keymap::read(&config.keys)?;
    let folder = super::logs::folder(&context.paths()?.state);
    super::logs::start(&folder, &config.log)?;
    let readonly = context.flags.readonly;
    super::on_two_threads(async move {
        match profile {
            Some(profile) => {
                let chairs = Chairs::of_profiles(config.clone(), context)?;
                let (desk, seat) = chairs.take(&profile)?;
                Box::pin(show(seat, desk, Arc::new(chairs), &config)).await
            }
            None => Box::pin(embedded(config, readonly)).await,
        }
    })
}

/// The console over a sandbox in this process. Its store lives and goes with it.
async fn embedded(config: Config, readonly: bool) -> Result<Exit, Failure> {
    let passing = Embedded::start(&config, readonly).await?;
    let profile = passing.chairs.role(Role::Maker)?;
    let (desk, seat) = passing.chairs.take(&profile)?;
    let exit = Box::pin(show(seat, desk, Arc::clone(&passing.chairs), &config)).await;
    passing.stop().await;
    exit
}

/// A sandbox in this process with a store that goes with it.
pub struct Embedded {
    pub chairs: Arc<Chairs>,
    sandbox: Sandbox,
    _folder: Passing,
}

impl Embedded {
    pub async fn start(config: &Config, readonly: bool) -> Result<Self, Failure> {
        let payer = PayerMode::Automatic { after_s: PAYER_WAITS_S };
        let sandbox = sandbox::start(Options { payer, ..Options::default() }).await?;
        let folder = Passing::make()?;
        let store = desk::store(&folder.0.join("sandbox.db"), readonly)?;
        let chairs = Chairs::of_sandbox(config.clone(), readonly, sandbox.ready().clone(), store);
        Ok(Self { chairs: Arc::new(chairs), sandbox, _folder: folder })
    }

    pub async fn stop(self) {
        Sandbox::stop(self.sandbox).await;
    }
}

/// The desk as it was left: language and colours, unless the configuration says them.
pub async fn model(mut seat: Seat, desk: &Desk, config: &Config) -> Result<Model, Failure> {
    if !config.says("lang")
        && let Ok(Some(lang)) = desk.store.recall("lang").await
        && let Ok(lang) = lang.parse::<Lang>()
    {
        seat.speak(lang);
    }
    let themes = themes(config);
    let mut palette = palette(config, &themes);
    if !config.says("theme")
        && let Ok(Some(name)) = desk.store.recall("theme").await
        && let Some((_, kept)) = themes.all().find(|(known, _)| *known == name)
    {
        palette = kept;
    }
    let of = |name: &str| std::env::var(name).unwrap_or_default();
    let depth = Depth::of(&of("TERM"), &of("COLORTERM"));
    let ascii = if config.says("ascii") { config.ascii } else { !screen::takes_unicode() };
    let mut model = Model::new(seat, Theme { palette, ascii, depth }, desk.now());
    model.themes = themes;
    model.clock = config.clock;
    model.keymap = Keymap::read(&config.keys)?;
    Ok(model)
}

/// Draws until it is left. The first screen has the figures of the last run.
async fn show(seat: Seat, desk: Desk, chairs: Arc<Chairs>, config: &Config) -> Result<Exit, Failure> {
    presence::tell(&desk, config, "console").await;
    let mut model = model(seat, &desk, config).await?;
    model.tour = chairs.control().map(|_| Tour::begin());
    model.call = Call::of(&config.notify);
    model.lock.after_min = config.lock_after_min;
    if let Ok(Some(text)) = desk.store.recall(&place::key(&model.seat.actor)).await {
        place::take_up(&mut model, &text);
    }
    if let Ok(Some(drafts)) = desk.store.recall(drafts::KEY).await {
        model.drafts = Drafts::read(&drafts);
    }
    for news in poll::stored(&desk, poll::FIRST_ROWS).await {
        // Stored figures ask nothing of the world.
        drop(update::update(&mut model, Message::News(news)));
    }
    let profile = profile(chairs, desk.store.clone(), config.lang);
    let exit = Box::pin(console::run(model, Live::start(desk, profile), true)).await?;
    Ok(match exit {
        console::Exit::Left => Exit::Done,
        console::Exit::Signal(number) => Exit::Signal(number),
        console::Exit::Closed => Exit::Signal(rustix::process::Signal::HUP.as_raw()),
    })
}

/// What the running console may ask of its profile.
pub fn profile(chairs: Arc<Chairs>, store: Store, lang: Lang) -> runtime::Profile {
    let lab = chairs.control().map(str::to_owned).map(|control| -> Box<dyn Fn(Lab) + Send> {
        Box::new(move |lab| {
            let control = control.clone();
            tokio::task::spawn_blocking(move || {
                if let Err(error) = super::lab::inject(&control, lab) {
                    tracing::warn!(%error, ?lab, "the sandbox was not told");
                }
            });
        })
    });
    let sit = move |sit| chairs.seating(sit, lang);
    let remember = move |what| {
        let (key, value) = match what {
            Remember::Lang(lang) => ("lang".to_owned(), lang.code().to_owned()),
            Remember::Theme(name) => ("theme".to_owned(), name),
            Remember::Text { key, value } => (key, value),
        };
        let store = store.clone();
        tokio::spawn(async move {
            if let Err(error) = store.remember(&key, &value).await {
                tracing::error!(%error, key, "not kept for the next start");
            }
        });
    };
    runtime::Profile { sit: Box::new(sit), remember: Box::new(remember), lab }
}

/// The themes that can be read; `config check` says what is wrong with the others.
fn themes(config: &Config) -> Themes {
    let own = theme::names(&config.themes)
        .into_iter()
        .filter_map(|name| theme::read(&theme::file(&config.themes, &name)).ok())
        .map(|own| &*Box::leak(Box::new(own)))
        .collect();
    Themes { own, fixed: config.theme_fixed, auto: config.theme == ThemeChoice::Auto }
}

fn palette(config: &Config, themes: &Themes) -> Palette {
    match &config.theme {
        _ if config.theme_fixed => Palette::Mono,
        ThemeChoice::Named(name) => (*name).into(),
        ThemeChoice::Own(own) => {
            themes.all().find(|(name, _)| *name == own.name).map_or(own.base.into(), |(_, palette)| palette)
        }
        // Until the terminal tells its background, and where it never does: what its environment says.
        ThemeChoice::Auto => match std::env::var("COLORFGBG").ok().as_deref().and_then(light_background) {
            Some(true) => ThemeName::Light.into(),
            Some(false) => ThemeName::Dark.into(),
            None => Palette::Terminal,
        },
    }
}

/// `15;0`, `0;default;15`: what rxvt, Konsole and others say of foreground and background.
fn light_background(said: &str) -> Option<bool> {
    let background: u8 = said.rsplit(';').next()?.parse().ok()?;
    Some(matches!(background, 7 | 9..=15))
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
