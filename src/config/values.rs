//! What the values of a profile mean: hosts, amounts, zone, and where its secrets are.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use jiff::tz::TimeZone;
use secrecy::SecretString;
use serde::Deserialize;

use super::error::{At, ConfigError, Origin, Wanted};
use super::layers::{Merged, variable_of};
use super::secrets::Source;
use super::{
    Amounts, CheckerApproval, CobreAccess, CobruAccess, Environment, Pace, PassphraseRule, PolicyKeys,
    Profile, Retention, ReviewKeys,
};
use crate::domain::ProviderName;
use crate::domain::hours::Hours;
use crate::domain::money::{Currency, Money};
use crate::domain::role::Role;

/// Hosts where money is real [doc: Cobre API "Environments", Cobru "Hosts"].
const PRODUCTION_HOSTS: [&str; 2] = ["api.cobre.co", "prod.cobru.co"];

#[derive(Debug, Default, Deserialize)]
pub(super) struct RawProfile {
    company: Option<String>,
    environment: Option<String>,
    role: Option<String>,
    person: Option<String>,
    readonly: Option<bool>,
    zone: Option<String>,
    small_limit: Option<Vec<String>>,
    limit: Option<Vec<String>>,
    passphrase: Option<String>,
    #[serde(default)]
    policy: RawPolicy,
    #[serde(default)]
    review: RawReview,
    #[serde(default)]
    retention: RawRetention,
    checker_approval: Option<bool>,
    checker_approval_from: Option<Vec<String>>,
    settle_factor: Option<u32>,
    ca_file: Option<String>,
    proxy: Option<String>,
    #[serde(default)]
    pace: RawPace,
    cobre: Option<RawCobre>,
    cobru: Option<RawCobru>,
}

#[derive(Debug, Default, Deserialize)]
struct RawPolicy {
    day_limit: Option<Vec<String>>,
    counterparty_limit: Option<Vec<String>>,
    rails: Option<Vec<String>>,
    balances: Option<Vec<String>>,
    hours: Option<String>,
    only: Option<Vec<String>>,
    never: Option<Vec<String>>,
    full_amount: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
struct RawReview {
    duplicate_days: Option<u16>,
    new_days: Option<u16>,
    hours: Option<String>,
    floor: Option<Vec<String>>,
    gmf_exempt: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[expect(clippy::struct_field_names, reason = "as in the file")]
struct RawRetention {
    transactions_days: Option<u32>,
    counterparties_days: Option<u32>,
    exchanges_days: Option<u32>,
    exports_days: Option<u32>,
    logs_days: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
struct RawPace {
    #[serde(rename = "balances_s")]
    balances: Option<u64>,
    #[serde(rename = "transactions_s")]
    transactions: Option<u64>,
    #[serde(rename = "counterparties_s")]
    counterparties: Option<u64>,
    #[serde(rename = "movements_s")]
    movements: Option<u64>,
    #[serde(rename = "approvals_s")]
    approvals: Option<u64>,
    #[serde(rename = "cobrus_s")]
    cobrus: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct RawCobre {
    base: Option<String>,
    user_id: Option<String>,
    secret: Option<SecretString>,
    secret_file: Option<String>,
    secret_command: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct RawCobru {
    api_base: Option<String>,
    link_base: Option<String>,
    api_key: Option<SecretString>,
    api_key_file: Option<String>,
    api_key_command: Option<Vec<String>>,
    refresh: Option<SecretString>,
    refresh_file: Option<String>,
    refresh_command: Option<Vec<String>>,
}

/// A profile that was checked, its secrets still where they are.
#[derive(Debug, Clone)]
pub(super) struct Unopened {
    pub name: String,
    /// Without its accesses.
    profile: Profile,
    cobre: Option<UnopenedCobre>,
    cobru: Option<UnopenedCobru>,
}

#[derive(Debug, Clone)]
struct UnopenedCobre {
    base: String,
    user_id: String,
    secret: Source,
}

#[derive(Debug, Clone)]
struct UnopenedCobru {
    api_base: String,
    link_base: String,
    api_key: Source,
    refresh: Source,
}

impl Unopened {
    pub const fn outline(&self) -> &Profile {
        &self.profile
    }

    pub fn zone(&self) -> TimeZone {
        self.profile.zone.clone()
    }

    /// Fetches the secrets.
    pub fn open(&self) -> Result<Profile, ConfigError> {
        let mut profile = self.profile.clone();
        if let Some(cobre) = &self.cobre {
            let (base, user_id) = (cobre.base.clone(), cobre.user_id.clone());
            profile.cobre = Some(CobreAccess { base, user_id, secret: cobre.secret.fetch()? });
        }
        if let Some(cobru) = &self.cobru {
            profile.cobru = Some(CobruAccess {
                api_base: cobru.api_base.clone(),
                link_base: cobru.link_base.clone(),
                api_key: cobru.api_key.fetch()?,
                refresh: cobru.refresh.fetch()?,
            });
        }
        Ok(profile)
    }

    pub fn read(name: String, raw: RawProfile, merged: &Merged) -> Result<Self, ConfigError> {
        let here = Here { prefix: format!("profiles.{name}"), merged };
        let environment_code = here.required("environment", raw.environment.as_deref())?;
        let environment = Environment::ALL
            .into_iter()
            .find(|known| known.code() == environment_code)
            .unwrap_or(Environment::Production);
        let role = Role::from_str(here.required("role", raw.role.as_deref())?).unwrap_or(Role::Viewer);
        let company = here.required("company", raw.company.as_deref())?.to_owned();
        let zone = here.zone(raw.zone.as_deref())?;
        let hosts = Hosts { here: &here, environment };

        let cobre = raw.cobre.map(|raw| here.cobre(raw, &hosts)).transpose()?;
        let cobru = raw.cobru.map(|raw| here.cobru(raw, &hosts)).transpose()?;
        if cobre.is_none() && cobru.is_none() {
            return Err(ConfigError::NoProvider { file: merged.file.clone(), profile: name });
        }
        let settle_factor = raw.settle_factor.unwrap_or(1);
        let bases = cobre.iter().map(|cobre| &cobre.base).chain(cobru.iter().map(|cobru| &cobru.api_base));
        if settle_factor > 1 && !bases.into_iter().all(|base| is_loopback(base)) {
            return Err(ConfigError::FactorNotLocal { at: here.at("settle_factor") });
        }
        let checker = match (raw.checker_approval, raw.checker_approval_from) {
            (Some(false), _) => CheckerApproval::Never,
            (Some(true) | None, None) => CheckerApproval::Always,
            (_, Some(from)) => CheckerApproval::From(here.amounts("checker_approval_from", &from)?),
        };
        let small_limit = match raw.small_limit {
            Some(amounts) => here.amounts("small_limit", &amounts)?,
            None => usual_small_limit(),
        };
        let profile = Profile {
            name: name.clone(),
            company,
            environment,
            role,
            actor: raw.person.clone().unwrap_or_else(|| merged.actor.clone()),
            person: raw.person,
            // Read-only until asked, where money is real.
            readonly: merged.readonly || raw.readonly.unwrap_or(environment == Environment::Production),
            zone,
            cobre: None,
            cobru: None,
            small_limit,
            limit: raw.limit.map(|amounts| here.amounts("limit", &amounts)).transpose()?,
            passphrase: here.passphrase(raw.passphrase.as_deref(), environment)?,
            policy: here.policy(raw.policy)?,
            review: here.review(raw.review)?,
            retention: retention(&raw.retention),
            checker,
            pace: pace(&raw.pace),
            settle_factor,
            ca_file: raw.ca_file.map(|file| here.ca_file(&file)).transpose()?,
            proxy: raw.proxy.map(|url| here.url("proxy", &url).map(|(url, _)| url)).transpose()?,
        };
        Ok(Self { name, profile, cobre, cobru })
    }
}

/// Confirmed by four digits below these; anything in another currency is confirmed whole.
pub(super) fn usual_small_limit() -> Amounts {
    Amounts(vec![
        Money::new(100_000_000, Currency::Cop),
        Money::new(500_000, Currency::Mxn),
        Money::new(25_000, Currency::Usd),
    ])
}

fn retention(raw: &RawRetention) -> Retention {
    let usual = Retention::default();
    Retention {
        transactions_days: raw.transactions_days.unwrap_or(usual.transactions_days),
        counterparties_days: raw.counterparties_days.unwrap_or(usual.counterparties_days),
        exchanges_days: raw.exchanges_days.unwrap_or(usual.exchanges_days),
        exports_days: raw.exports_days.unwrap_or(usual.exports_days),
        logs_days: raw.logs_days.unwrap_or(usual.logs_days),
    }
}

fn pace(raw: &RawPace) -> Pace {
    let usual = Pace::default();
    let or = |seconds: Option<u64>, usual| seconds.map_or(usual, Duration::from_secs);
    Pace {
        balances: or(raw.balances, usual.balances),
        transactions: or(raw.transactions, usual.transactions),
        counterparties: or(raw.counterparties, usual.counterparties),
        movements: or(raw.movements, usual.movements),
        approvals: or(raw.approvals, usual.approvals),
        cobrus: or(raw.cobrus, usual.cobrus),
    }
}

/// One profile's keys, and where each came from.
struct Here<'m> {
    prefix: String,
    merged: &'m Merged,
}

impl Here<'_> {
    fn path(&self, key: &str) -> String {
        format!("{}.{key}", self.prefix)
    }

    fn at(&self, key: &str) -> At {
        self.merged.at(&self.path(key))
    }

    fn required<'v>(&self, key: &str, value: Option<&'v str>) -> Result<&'v str, ConfigError> {
        match value {
            Some(text) if text.trim().is_empty() => Err(self.bad(key, text, Wanted::Text)),
            Some(text) => Ok(text),
            None => {
                let key = self.path(key);
                let file = self.merged.file.clone();
                Err(ConfigError::Missing { file, variable: variable_of(&key), key })
            }
        }
    }

    fn bad(&self, key: &str, value: &str, wanted: Wanted) -> ConfigError {
        let value = crate::sanitize::Clean::new(value).as_str().chars().take(80).collect();
        ConfigError::BadValue { at: self.at(key), value, wanted, near: None }
    }

    fn passphrase(
        &self,
        said: Option<&str>,
        environment: Environment,
    ) -> Result<PassphraseRule, ConfigError> {
        match said {
            None => Ok(PassphraseRule::usual(environment)),
            Some("by-amount") => Ok(PassphraseRule::ByAmount),
            // Where money is real, a decision is a person's.
            Some("never") if environment == Environment::Production => {
                Err(self.bad("passphrase", "never", Wanted::OneOf(&["by-amount", "always"])))
            }
            Some("never") => Ok(PassphraseRule::Never),
            Some(_) => Ok(PassphraseRule::Always),
        }
    }

    fn policy(&self, raw: RawPolicy) -> Result<PolicyKeys, ConfigError> {
        let amounts = |key: &str, texts: Option<Vec<String>>| {
            texts.map(|texts| self.amounts(&format!("policy.{key}"), &texts)).transpose()
        };
        let roles = raw.full_amount.unwrap_or_default();
        Ok(PolicyKeys {
            day_limit: amounts("day_limit", raw.day_limit)?,
            counterparty_limit: amounts("counterparty_limit", raw.counterparty_limit)?,
            rails: raw.rails,
            balances: raw.balances,
            hours: self.hours("policy.hours", raw.hours)?,
            only: raw.only,
            never: raw.never.unwrap_or_default(),
            full_amount: roles.iter().filter_map(|role| Role::from_str(role).ok()).collect(),
        })
    }

    fn review(&self, raw: RawReview) -> Result<ReviewKeys, ConfigError> {
        let usual = ReviewKeys::default();
        let floor = raw.floor.map(|texts| self.amounts("review.floor", &texts)).transpose()?;
        Ok(ReviewKeys {
            duplicate_days: raw.duplicate_days.unwrap_or(usual.duplicate_days),
            new_days: raw.new_days.unwrap_or(usual.new_days),
            hours: self.hours("review.hours", raw.hours)?,
            floor: floor.unwrap_or_default(),
            gmf_exempt: raw.gmf_exempt.unwrap_or_default(),
        })
    }

    fn hours(&self, key: &str, text: Option<String>) -> Result<Option<Hours>, ConfigError> {
        text.map(|text| text.parse().map_err(|_| self.bad(key, &text, Wanted::Hours))).transpose()
    }

    fn zone(&self, name: Option<&str>) -> Result<TimeZone, ConfigError> {
        let name = name.unwrap_or("America/Bogota");
        TimeZone::get(name).map_err(|_| {
            let zones: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
            ConfigError::BadValue {
                at: self.at("zone"),
                value: crate::sanitize::Clean::new(name).as_str().chars().take(80).collect(),
                wanted: Wanted::Zone,
                near: super::schema::nearest(name, &zones).map(Into::into),
            }
        })
    }

    /// `COP 1000000` or `COP 1000000.50`, each currency once, nothing below zero.
    fn amounts(&self, key: &str, texts: &[String]) -> Result<Amounts, ConfigError> {
        let mut amounts = Amounts::default();
        for text in texts {
            let read = text.split_once(' ').and_then(|(code, digits)| {
                let money = Money::from_decimal(digits.trim(), Currency::from_str(code).ok()?).ok()?;
                (money.minor >= 0 && amounts.of(money.currency).is_none()).then_some(money)
            });
            amounts.0.push(read.ok_or_else(|| self.bad(key, text, Wanted::Amounts))?);
        }
        Ok(amounts)
    }

    fn cobre(&self, raw: RawCobre, hosts: &Hosts<'_>) -> Result<UnopenedCobre, ConfigError> {
        let base = hosts.base(
            ProviderName::Cobre,
            "cobre.base",
            raw.base.as_deref(),
            "https://api.qa.cobre.co",
            "https://api.cobre.co",
        )?;
        // Real programs configure it both ways; the client adds the version.
        let base = base.strip_suffix("/v1").unwrap_or(&base).to_owned();
        let user_id = self.required("cobre.user_id", raw.user_id.as_deref())?.to_owned();
        let secret = self.source("cobre.secret", raw.secret, raw.secret_file, raw.secret_command)?;
        Ok(UnopenedCobre { base, user_id, secret })
    }

    fn cobru(&self, raw: RawCobru, hosts: &Hosts<'_>) -> Result<UnopenedCobru, ConfigError> {
        let api_base = hosts.base(
            ProviderName::Cobru,
            "cobru.api_base",
            raw.api_base.as_deref(),
            "https://dev.cobru.co",
            "https://prod.cobru.co",
        )?;
        let link_base = match raw.link_base {
            Some(link) => hosts.base(ProviderName::Cobru, "cobru.link_base", Some(&link), "", "")?,
            None => api_base.clone(),
        };
        let api_key = self.source("cobru.api_key", raw.api_key, raw.api_key_file, raw.api_key_command)?;
        let refresh = self.source("cobru.refresh", raw.refresh, raw.refresh_file, raw.refresh_command)?;
        Ok(UnopenedCobru { api_base, link_base, api_key, refresh })
    }

    /// Where a secret is. The environment wins whole: a variable that names a file beats a secret in
    /// the configuration.
    fn source(
        &self,
        key: &str,
        inline: Option<SecretString>,
        file: Option<String>,
        command: Option<Vec<String>>,
    ) -> Result<Source, ConfigError> {
        let (file_key, command_key) = (format!("{key}_file"), format!("{key}_command"));
        let held = self.merged.secrets.get(&self.path(key)).cloned().or(inline);
        let file = file.map(|file| Source::File { at: self.at(&file_key), file: self.resolve(&file) });
        let command = command.map(|argv| Source::Command { at: self.at(&command_key), argv });
        let said = [
            (self.at(key), held.map(Source::Held)),
            (self.at(&file_key), file),
            (self.at(&command_key), command),
        ];
        let said = said.into_iter().filter_map(|(at, source)| Some((at, source?)));
        let (from_environment, rest): (Vec<_>, Vec<_>) =
            said.partition(|(at, _)| matches!(at.origin, Origin::Environment(_)));
        let mut said = if from_environment.is_empty() { rest } else { from_environment }.into_iter();
        match (said.next(), said.next()) {
            (Some((_, source)), None) => Ok(source),
            (Some((first, _)), Some((at, _))) => Err(ConfigError::TwoSecrets { at, other: first.key }),
            (None, _) => {
                let key = self.path(key);
                Ok(Source::Nowhere { file: self.merged.file.clone(), variable: variable_of(&key), key })
            }
        }
    }

    fn ca_file(&self, file: &str) -> Result<PathBuf, ConfigError> {
        let path = self.resolve(file);
        if path.is_file() { Ok(path) } else { Err(self.bad("ca_file", file, Wanted::CaFile)) }
    }

    /// A path as the configuration writes it: `~/` is home, and what is relative is beside the file.
    fn resolve(&self, path: &str) -> PathBuf {
        if let Some(rest) = path.strip_prefix("~/")
            && let Ok(home) = etcetera::home_dir()
        {
            return home.join(rest);
        }
        let beside = self.merged.file.as_deref().and_then(Path::parent);
        beside.map_or_else(|| PathBuf::from(path), |folder| folder.join(path))
    }

    /// An http or https address of a host and perhaps a path; gives it without slashes at the end.
    fn url(&self, key: &str, text: &str) -> Result<(String, reqwest::Url), ConfigError> {
        let parsed = reqwest::Url::parse(text.trim()).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.query().is_none()
                && url.fragment().is_none()
        });
        let Some(url) = parsed else { return Err(self.bad(key, text, Wanted::Url)) };
        if !url.username().is_empty() || url.password().is_some() {
            // A password in an address ends up in logs and process lists; it is not repeated here either.
            return Err(self.bad(key, "***@", Wanted::Url));
        }
        Ok((url.as_str().trim_end_matches('/').to_owned(), url))
    }
}

/// Which hosts a profile may speak to.
struct Hosts<'h> {
    here: &'h Here<'h>,
    environment: Environment,
}

/// The domains of a provider: a slip in an address must not hand its secrets to a stranger.
const fn domains(provider: ProviderName) -> &'static [&'static str] {
    match provider {
        ProviderName::Cobre => &["cobre.co"],
        ProviderName::Cobru => &["cobru.co", "cobru.me"],
    }
}

impl Hosts<'_> {
    fn base(
        &self,
        provider: ProviderName,
        key: &str,
        said: Option<&str>,
        qa: &str,
        production: &str,
    ) -> Result<String, ConfigError> {
        let text = match (said, self.environment) {
            (Some(text), _) => text,
            (None, Environment::Qa) => qa,
            (None, Environment::Production) => production,
            (None, Environment::Sandbox) => self.here.required(key, None)?,
        };
        let (base, url) = self.here.url(key, text)?;
        let at = || self.here.at(key);
        let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_owned();
        let local = is_loopback_url(&url);
        if url.scheme() != "https" && !local {
            return Err(ConfigError::NotHttps { at: at(), host });
        }
        if PRODUCTION_HOSTS.contains(&host.as_str()) && self.environment != Environment::Production {
            return Err(ConfigError::ProductionHost { at: at(), host });
        }
        if self.environment == Environment::Sandbox && !local {
            return Err(ConfigError::SandboxHost { at: at(), host });
        }
        let within = |domain: &str| {
            host.strip_suffix(domain).is_some_and(|left| left.is_empty() || left.ends_with('.'))
        };
        if !local && !domains(provider).iter().any(|domain| within(domain)) {
            return Err(ConfigError::ForeignHost { at: at(), host, provider });
        }
        Ok(base)
    }
}

/// 127.0.0.0/8, ::1 or `localhost`.
pub fn is_loopback(base: &str) -> bool {
    reqwest::Url::parse(base).is_ok_and(|url| is_loopback_url(&url))
}

fn is_loopback_url(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
