//! `cuadre config`: writes, checks and shows the configuration.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::output;
use crate::config::paths::{self, Existing};
use crate::config::{self, CobreAccess, CobruAccess, init, theme};
use crate::console::keymap::Keymap;
use crate::domain::role::Role;
use crate::sandbox::Ready;

/// The example, which `init` writes when no sandbox is named.
const EXAMPLE: &str = include_str!("../../config.example.toml");
/// How long a sandbox on this machine may take to say what it is.
const INFO_WAIT: Duration = Duration::from_secs(5);
/// Its one line is a fraction of this.
const INFO_BYTES_MAX: usize = 64 * 1024;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    Init(Init),
    Check,
    Path,
    Show,
}

#[derive(Debug, clap::Args)]
pub struct Init {
    #[arg(long, value_name = "CONTROL_URL", requires = "role")]
    sandbox: Option<String>,
    #[arg(long, requires = "sandbox")]
    role: Option<RoleName>,
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    #[arg(long)]
    force: bool,
}

/// The roles by their codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleName(Role);

impl ValueEnum for RoleName {
    fn value_variants<'v>() -> &'v [Self] {
        &[
            Self(Role::Viewer),
            Self(Role::Support),
            Self(Role::Maker),
            Self(Role::Checker),
            Self(Role::Treasurer),
            Self(Role::Admin),
        ]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.code()))
    }
}

pub async fn run(command: Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Init(arguments) => write(arguments, context).await,
        Command::Check => check(context),
        Command::Path => path(context),
        Command::Show => show(context),
    }
}

/// Writes the example, or a profile for a running sandbox: mode 0600, whole or not at all.
async fn write(arguments: Init, context: &Context) -> Result<Exit, Failure> {
    let text = match (&arguments.sandbox, arguments.role) {
        (Some(url), Some(RoleName(role))) => init::sandbox_config(role, &access(url, role).await?),
        _ => SecretString::from(EXAMPLE),
    };
    let file = if let Some(file) = &arguments.to {
        file.clone()
    } else {
        paths::private_folder(&context.paths()?.config)?;
        context.paths()?.config_file()
    };
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    paths::write_private(&file, text.expose_secret().as_bytes(), existing)?;
    if context.json {
        output::json(&json!({"file": file}))?;
    } else {
        let shown = file.display();
        output::line(&context.lang.say("config.written", &[("file", &shown)]))?;
        // The example opens nothing before a person has put their own into it.
        let next = if arguments.sandbox.is_some() { "config.written.next" } else { "config.written.example" };
        output::line(&context.lang.say(next, &[("file", &shown)]))?;
    }
    Ok(Exit::Done)
}

/// Asks a running sandbox where it listens and who may sign in.
async fn access(url: &str, role: Role) -> Result<init::SandboxAccess, Failure> {
    let wrong = || {
        let shown = crate::sanitize::Clean::new(url).to_string();
        Failure::usage("error.sandbox.control_address", vec![("url", shown.clone())]).at(shown)
    };
    if !config::is_loopback(url) {
        return Err(wrong());
    }
    let failed = |exit, word| Failure::new(exit, word, vec![("url", url.to_owned())]).at(url);
    let client = reqwest::Client::builder()
        .timeout(INFO_WAIT)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|cause| Failure::unexpected(&cause.without_url().into(), "-"))?;
    let info = format!("{}/info", url.trim_end_matches('/'));
    let answer = client.get(info).send().await;
    let mut answer = answer.map_err(|_| failed(Exit::Unreachable, "error.sandbox.unreachable"))?;
    let other = || failed(Exit::Usage, "error.sandbox.not_one");
    if !answer.status().is_success() {
        return Err(other());
    }
    let mut bytes = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|_| other())? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > INFO_BYTES_MAX {
            return Err(other());
        }
    }
    let ready: Ready = serde_json::from_slice(&bytes).map_err(|_| other())?;
    access_of(&ready, role).ok_or_else(other)
}

/// What a role signs in with. A Cobre credential has one of four roles: support works with a viewer's,
/// a treasurer with an admin's (UX §9).
pub fn access_of(ready: &Ready, role: Role) -> Option<init::SandboxAccess> {
    let credential = match role {
        Role::Viewer | Role::Support => Role::Viewer,
        Role::Maker => Role::Maker,
        Role::Checker => Role::Checker,
        Role::Treasurer | Role::Admin => Role::Admin,
    };
    let cobre = ready.credentials.cobre.get(credential.code())?;
    let cobru = &ready.credentials.cobru;
    let local = config::is_loopback(&ready.cobre) && config::is_loopback(&ready.cobru);
    local.then(|| init::SandboxAccess {
        cobre: CobreAccess {
            base: ready.cobre.clone(),
            user_id: cobre.user_id.clone(),
            secret: SecretString::from(cobre.secret.as_str()),
        },
        cobru: CobruAccess {
            api_base: ready.cobru.clone(),
            link_base: ready.cobru.clone(),
            api_key: SecretString::from(cobru.api_key.as_str()),
            refresh: SecretString::from(cobru.refresh.as_str()),
        },
    })
}

/// What of a configuration only the console can judge: its keys, and the themes beside it.
pub fn beyond_values(config: &config::Config) -> Result<(), Failure> {
    Keymap::read(&config.keys)?;
    for name in theme::names(&config.themes) {
        theme::read(&theme::file(&config.themes, &name))?;
    }
    Ok(())
}

/// Opens every profile: its file, its secrets. Nothing is asked of the network.
fn check(context: &Context) -> Result<Exit, Failure> {
    let config = context.config()?;
    beyond_values(&config)?;
    if config.names().next().is_none() && !context.json {
        output::line(context.lang.word("config.check.no_file"))?;
    }
    let mut exit = Exit::Done;
    for name in config.names() {
        match config.open(name) {
            Ok(profile) if context.json => {
                let environment = profile.environment.code();
                output::json(&json!({"profile": name, "ok": true, "environment": environment,
                    "role": profile.role.code(), "readonly": profile.readonly}))?;
            }
            Ok(profile) => {
                let ok = context.lang.word("config.check.ok");
                output::line(&format!("{name}: {} {} {ok}", profile.environment.title(), profile.role))?;
            }
            Err(error) => {
                exit = Exit::Usage;
                Failure::from(error).tell(context.lang, context.json);
            }
        }
    }
    Ok(exit)
}

fn path(context: &Context) -> Result<Exit, Failure> {
    let paths = context.paths()?;
    let file = context.flags.config.clone().or_else(|| std::env::var_os("CUADRE_CONFIG").map(PathBuf::from));
    let file = file.unwrap_or_else(|| paths.config_file());
    if context.json {
        output::json(
            &json!({"config": file, "exists": Path::exists(&file), "state": paths.state, "cache": paths.cache}),
        )?;
    } else {
        output::line(&file.display().to_string())?;
    }
    Ok(Exit::Done)
}

fn show(context: &Context) -> Result<Exit, Failure> {
    for shown in context.config()?.shown() {
        if context.json {
            let origin = shown.origin.to_string();
            output::json(&json!({"key": shown.key, "value": shown.value, "where": origin}))?;
        } else {
            output::line(&format!("{} = {}  # {}", shown.key, shown.value, shown.origin))?;
        }
    }
    Ok(Exit::Done)
}
