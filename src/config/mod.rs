//! Profiles, secrets, paths: what a desk is told before it starts, and from where each value came.
//!
//! Layers, the later one wins: defaults < file < environment (`CUADRE_…`) < flags. [`read`] checks every
//! value and leaves secrets alone; [`Config::open`] fetches the secrets of one profile. Nothing here
//! prints: an error names its place and a word of the word files.

pub mod error;
pub mod init;
mod layers;
pub mod mask;
pub mod paths;
pub mod schema;
mod secrets;
#[cfg(test)]
mod tests;
pub mod theme;
mod values;

use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;
use secrecy::SecretString;

use crate::domain::hours::Hours;
use crate::domain::money::{Currency, Money};
use crate::domain::role::Role;
use crate::i18n::{Dates, Lang, Numerals};

pub use error::{At, ConfigError, Origin, Wanted};
pub use layers::Environ;
pub use paths::Paths;
pub use theme::{ThemeChoice, ThemeName};
pub use values::is_loopback;

/// What the command line said; the last layer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--config FILE`; it has to exist.
    pub config: Option<PathBuf>,
    /// `--profile NAME`
    pub profile: Option<String>,
    /// `--lang es|en`
    pub lang: Option<String>,
    /// `--readonly`: can only take rights away.
    pub readonly: bool,
    /// `--plain`
    pub plain: bool,
    /// `--color never`
    pub no_color: bool,
}

/// Where a profile's money is: decides the banner, the confirmations and which hosts are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Environment {
    /// Loopback only.
    Sandbox,
    Qa,
    Production,
}

impl Environment {
    pub const ALL: [Self; 3] = [Self::Sandbox, Self::Qa, Self::Production];

    /// As in config, store and JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Qa => "qa",
            Self::Production => "production",
        }
    }

    /// As on the first line of the screen: `SANDBOX`, `QA`, `PROD`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Sandbox => "SANDBOX",
            Self::Qa => "QA",
            Self::Production => "PROD",
        }
    }
}

/// One company, one environment, one person's role. Its secrets are in memory only.
#[derive(Debug, Clone)]
pub struct Profile {
    pub name: String,
    /// Shown on the first line and typed to leave read-only.
    pub company: String,
    pub environment: Environment,
    /// Only reduces what the credential allows.
    pub role: Role,
    /// Who sits here, as the file says.
    pub person: Option<String>,
    /// Who the outbox and the audit say did it: `person`, else the login name.
    pub actor: String,
    pub readonly: bool,
    /// Days and hours are of this zone, never of `$TZ`.
    pub zone: TimeZone,
    pub cobre: Option<CobreAccess>,
    pub cobru: Option<CobruAccess>,
    /// Below it the last four digits confirm an amount, at or above it the whole (UX §8).
    pub small_limit: Amounts,
    /// The most one payment may be; `None`: no limit of our own.
    pub limit: Option<Amounts>,
    pub passphrase: PassphraseRule,
    pub policy: PolicyKeys,
    pub review: ReviewKeys,
    pub retention: Retention,
    pub checker: CheckerApproval,
    pub pace: Pace,
    /// Divides the waits of settling an unknown; 1 unless every host is loopback.
    pub settle_factor: u32,
    /// A company's own certificate authority, added to the system's.
    pub ca_file: Option<PathBuf>,
    /// `None`: no proxy, whatever `HTTPS_PROXY` says.
    pub proxy: Option<String>,
}

impl Profile {
    /// Largest amount in minor units, exclusive, that counts as small; 0 where the profile names none,
    /// so that every amount is confirmed whole.
    pub fn small_limit_minor(&self, currency: Currency) -> i64 {
        self.small_limit.of(currency).unwrap_or(0)
    }

    /// The most one payment may be, in minor units. Once a profile has limits, a currency it does not
    /// name may not leave at all.
    pub fn limit_minor(&self, currency: Currency) -> Option<i64> {
        self.limit.as_ref().map(|limit| limit.of(currency).unwrap_or(0))
    }

    /// Whether a new movement is sent with `checker_approval`.
    pub fn asks_checker(&self, amount: Money) -> bool {
        self.checker.asks(amount)
    }

    /// Every secret of this profile, for the log's filter.
    pub fn secrets(&self) -> Vec<SecretString> {
        let cobre = self.cobre.iter().map(|access| access.secret.clone());
        let cobru = self.cobru.iter().flat_map(|access| [access.api_key.clone(), access.refresh.clone()]);
        cobre.chain(cobru).collect()
    }
}

/// How Cobre is reached.
#[derive(Debug, Clone)]
pub struct CobreAccess {
    /// Without `/v1` and without a slash at the end: `https://api.cobre.co`.
    pub base: String,
    pub user_id: String,
    pub secret: SecretString,
}

/// How Cobru is reached.
#[derive(Debug, Clone)]
pub struct CobruAccess {
    /// Without a slash at the end: `https://prod.cobru.co`.
    pub api_base: String,
    /// Where a payer's link lives; the same as `api_base` unless the file says otherwise.
    pub link_base: String,
    /// `x-api-key`
    pub api_key: SecretString,
    /// The long-lived refresh token.
    pub refresh: SecretString,
}

/// One amount a currency, in minor units.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amounts(pub Vec<Money>);

impl Amounts {
    pub fn of(&self, currency: Currency) -> Option<i64> {
        self.0.iter().find(|amount| amount.currency == currency).map(|amount| amount.minor)
    }
}

/// When the passphrase is asked for (UX §8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassphraseRule {
    Never,
    /// Once in ten minutes below the small limit, every time above it.
    ByAmount,
    Always,
}

impl PassphraseRule {
    /// Always where money is real, never in the sandbox.
    pub const fn usual(environment: Environment) -> Self {
        match environment {
            Environment::Sandbox => Self::Never,
            Environment::Qa => Self::ByAmount,
            Environment::Production => Self::Always,
        }
    }
}

/// What a profile permits beyond its role. Empty permits all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyKeys {
    pub day_limit: Option<Amounts>,
    pub counterparty_limit: Option<Amounts>,
    pub rails: Option<Vec<String>>,
    pub balances: Option<Vec<String>>,
    pub hours: Option<Hours>,
    pub only: Option<Vec<String>>,
    pub never: Vec<String>,
    pub full_amount: Vec<Role>,
}

/// What a profile holds for usual, for reviews.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewKeys {
    pub duplicate_days: u16,
    pub new_days: u16,
    pub hours: Option<Hours>,
    pub floor: Amounts,
    pub gmf_exempt: Vec<String>,
}

impl Default for ReviewKeys {
    fn default() -> Self {
        Self {
            duplicate_days: 7,
            new_days: 7,
            hours: None,
            floor: Amounts::default(),
            gmf_exempt: Vec::new(),
        }
    }
}

/// For how many days things are kept; 0: for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Ledger entries and payment links, as the provider listed them.
    pub transactions_days: u32,
    /// Lists that were not read again since: counterparties, keys, accounts.
    pub counterparties_days: u32,
    /// The bytes of writes that are settled, and of their answers.
    pub exchanges_days: u32,
    pub exports_days: u32,
    /// At most 14: the log itself keeps no more.
    pub logs_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            transactions_days: 730,
            counterparties_days: 730,
            // Papers of trade: ten years (Colombia, Ley 962 of 2005, article 28).
            exchanges_days: 3_650,
            exports_days: 90,
            logs_days: 14,
        }
    }
}

/// When a new movement waits for a checker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckerApproval {
    Never,
    Always,
    /// From this amount on; always for a currency that is not named.
    From(Amounts),
}

impl CheckerApproval {
    /// Whether a movement of this amount has to wait.
    pub fn asks(&self, amount: Money) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::From(amounts) => amounts.of(amount.currency).is_none_or(|from| amount.minor >= from),
        }
    }
}

/// How long between two looks of each pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    pub balances: Duration,
    pub transactions: Duration,
    pub counterparties: Duration,
    pub movements: Duration,
    pub approvals: Duration,
    pub cobrus: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            balances: Duration::from_secs(10),
            transactions: Duration::from_secs(15),
            counterparties: Duration::from_mins(2),
            movements: Duration::from_secs(10),
            approvals: Duration::from_secs(10),
            cobrus: Duration::from_secs(10),
        }
    }
}

/// Everything but the secrets.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the file, on or off by itself")]
pub struct Config {
    /// The file that was read; `None` when there is none.
    pub file: Option<PathBuf>,
    pub lang: Lang,
    /// By the language unless said.
    pub numerals: Numerals,
    pub theme: ThemeChoice,
    /// Where themes of one's own lie.
    pub themes: PathBuf,
    /// `NO_COLOR` or `--color never`: no theme may bring colour back.
    pub theme_fixed: bool,
    /// Whether the first line has a clock. Without one an idle desk writes nothing.
    pub clock: bool,
    /// How the desk calls when something new waits: `off`, `bell`, `osc9`, `osc777`.
    pub notify: String,
    /// Idle minutes after which the screen locks; 0: never.
    pub lock_after_min: i64,
    /// Numbered lines in place of a screen.
    pub plain: bool,
    /// Only ASCII signs and lines.
    pub ascii: bool,
    pub dates: Dates,
    /// What is logged, as `tracing` filters are written: `info`, `cuadre=debug`.
    pub log: String,
    /// The profile to use: named, or the only one. `None` when there are none.
    pub chosen: Option<String>,
    /// What `[keys]` says, from the top of the file. The console knows which actions and keys there are.
    pub keys: Vec<Binding>,
    shown: Vec<Shown>,
    profiles: Vec<values::Unopened>,
}

/// The keys that the file gives to an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The id of an action, as `cuadre actions` shows it.
    pub action: String,
    /// Names of keys, each at its line.
    pub keys: Vec<(String, At)>,
    pub at: At,
}

impl Config {
    /// The names of the profiles, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.iter().map(|unopened| unopened.name.as_str())
    }

    /// Fetches the secrets of a profile: reads their files, runs their commands (10 s at most each).
    pub fn open(&self, name: &str) -> Result<Profile, ConfigError> {
        let unopened = self.profiles.iter().find(|unopened| unopened.name == name);
        unopened.ok_or_else(|| layers::unknown_profile(self, name))?.open()
    }

    /// Every profile as its file has it, in order: without its providers' secrets, which are not fetched.
    pub fn outlines(&self) -> impl Iterator<Item = &Profile> {
        self.profiles.iter().map(values::Unopened::outline)
    }

    /// The zone of the chosen profile.
    pub fn zone(&self) -> TimeZone {
        let chosen = self.profiles.iter().find(|unopened| self.chosen.as_ref() == Some(&unopened.name));
        chosen.map_or(TimeZone::UTC, values::Unopened::zone)
    }

    /// The lines of `cuadre config show`: each key that is set, its value, where it came from. Secrets
    /// are `***`.
    pub fn shown(&self) -> &[Shown] {
        &self.shown
    }

    /// Whether a key was set anywhere, and does not merely have its usual value.
    pub fn says(&self, key: &str) -> bool {
        self.shown.iter().any(|shown| shown.key == key && shown.origin != Origin::Default)
    }
}

/// A value that is set, as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub key: String,
    pub value: String,
    pub origin: Origin,
}

/// A configuration and the profile it chose, opened.
#[derive(Debug)]
pub struct Loaded {
    pub config: Config,
    /// `None`: no profile anywhere, so the console opens on the embedded sandbox.
    pub profile: Option<Profile>,
}

/// Reads and checks all layers. No secret is fetched.
pub fn read(flags: &Flags, paths: &Paths) -> Result<Config, ConfigError> {
    layers::read(flags, &Environ::of_process(), paths)
}

/// [`read`], then opens the chosen profile.
pub fn load(flags: &Flags, paths: &Paths) -> Result<Loaded, ConfigError> {
    let config = read(flags, paths)?;
    let profile = match &config.chosen {
        Some(name) => Some(config.open(name)?),
        None if config.profiles.is_empty() => None,
        None => return Err(ConfigError::NotChosen { known: config.names().map(str::to_owned).collect() }),
    };
    Ok(Loaded { config, profile })
}

/// The language to complain in when [`read`] failed: as much of flags, environment and file as can be
/// read.
pub fn lang_of(flags: &Flags, paths: Option<&Paths>) -> Lang {
    layers::lang_of(flags, &Environ::of_process(), paths)
}
