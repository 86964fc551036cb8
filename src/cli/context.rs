//! What every command is told: the flags, the language, the folders.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::exit::Exit;
use super::failure::Failure;
use crate::config::{self, Config, ConfigError, Flags, Loaded, Paths, Profile};
use crate::domain::money::Money;
use crate::i18n::{self, Dates, Lang, Numerals};

#[derive(Debug)]
pub struct Context {
    pub flags: Flags,
    pub lang: Lang,
    pub json: bool,
    paths: Option<Paths>,
}

impl Context {
    pub const fn new(flags: Flags, lang: Lang, json: bool, paths: Option<Paths>) -> Self {
        Self { flags, lang, json, paths }
    }

    pub fn paths(&self) -> Result<&Paths, ConfigError> {
        self.paths.as_ref().ok_or(ConfigError::NoHome)
    }

    /// All layers, no secret fetched.
    pub fn config(&self) -> Result<Config, ConfigError> {
        config::read(&self.flags, self.paths()?)
    }

    /// The chosen profile as its file has it; no secret is fetched.
    pub fn outline(&self) -> Result<Profile, Failure> {
        let config = self.config()?;
        let chosen = config.outlines().find(|profile| config.chosen.as_ref() == Some(&profile.name)).cloned();
        chosen.ok_or_else(|| {
            let known: Vec<String> = config.names().map(str::to_owned).collect();
            if known.is_empty() {
                Failure::usage("error.usage.no_profile", Vec::new())
            } else {
                ConfigError::NotChosen { known }.into()
            }
        })
    }

    /// The store of the chosen profile, which has to be there already. No secret is fetched for it.
    pub fn store_file(&self) -> Result<PathBuf, Failure> {
        let name = self.outline()?.name;
        let file = self.paths()?.store_file(&name);
        if file.exists() {
            return Ok(file);
        }
        let shown = file.display().to_string();
        let parts = vec![("profile", name), ("file", shown.clone())];
        Err(Failure::new(Exit::Store, "error.store.none", parts).at(shown))
    }

    /// How the chosen profile writes amounts and times, for tables.
    pub fn style(&self) -> Result<Style, ConfigError> {
        Ok(Style::of(&self.config()?))
    }

    /// The chosen profile, opened.
    pub fn load(&self) -> Result<Loaded, ConfigError> {
        config::load(&self.flags, self.paths()?)
    }
}

/// How people of a profile read amounts and times.
#[derive(Debug, Clone)]
pub struct Style {
    numerals: Numerals,
    dates: Dates,
    zone: TimeZone,
}

impl Style {
    pub fn of(config: &Config) -> Self {
        Self { numerals: config.numerals, dates: config.dates, zone: config.zone() }
    }

    pub fn amount(&self, amount: Money) -> String {
        i18n::money(amount, self.numerals)
    }

    pub fn moment(&self, at: Timestamp) -> String {
        i18n::moment(at, &self.zone, self.dates)
    }
}
