//! What every command is told: the flags, the language, the folders.

use crate::config::{self, Config, ConfigError, Flags, Loaded, Paths};
use crate::i18n::Lang;

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

    /// The chosen profile, opened.
    pub fn load(&self) -> Result<Loaded, ConfigError> {
        config::load(&self.flags, self.paths()?)
    }
}
