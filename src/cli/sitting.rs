//! A command at a desk: the chosen profile opened, its store and clients ready.

use super::context::Context;
use super::desk;
use super::exit::Exit;
use super::failure::Failure;
use super::{logs, presence};
use crate::config::{Config, Loaded, Profile};
use crate::domain::role::Right;
use crate::providers;
use crate::sanitize::Clean;
use crate::sync::Desk;

pub struct Sitting {
    pub config: Config,
    pub profile: Profile,
    pub desk: Desk,
}

impl Sitting {
    /// Opens the chosen profile. Commands have no embedded sandbox: what they say must outlast them.
    pub fn take(context: &Context) -> Result<Self, Failure> {
        let Loaded { config, profile } = context.load()?;
        let profile = profile.ok_or_else(|| Failure::usage("error.usage.no_profile", Vec::new()))?;
        let paths = context.paths()?;
        logs::start(&logs::folder(&paths.state), &config.log)?;
        let store = desk::store(&paths.store_file(&profile.name), profile.readonly)?;
        let desk = desk::desk(&profile, store, &paths.state)?;
        Ok(Self { config, profile, desk })
    }

    /// As [`Sitting::take`], to write: closes what a dead console left, and says in the chain who came.
    pub async fn to_write(context: &Context, by: &str) -> Result<Self, Failure> {
        let sitting = Self::take(context)?;
        sitting.desk.store.recover().await?;
        presence::tell(&sitting.desk, &sitting.config, by).await;
        Ok(sitting)
    }

    /// An account number or a document as this role may see it: whole, or its last four (UX §7).
    pub fn seen(&self, text: &Clean) -> String {
        if self.profile.role.may(Right::SensitiveData) {
            return text.to_string();
        }
        let letters: Vec<char> = text.as_str().chars().collect();
        match letters.len().checked_sub(4) {
            Some(hidden) if hidden > 0 => {
                let last: String = letters.iter().skip(hidden).collect();
                format!("·{last}")
            }
            _ => "·".repeat(letters.len()),
        }
    }
}

/// A failure of something that every provider has, such as its list of balances: not found there means
/// that another server answers.
pub fn of_address(failure: providers::Failure) -> Failure {
    match failure {
        providers::Failure::NotFound => not_its_own(404),
        other => other.into(),
    }
}

fn not_its_own(status: u16) -> Failure {
    Failure::new(Exit::Unexpected, "error.provider.not_its_own", vec![("status", status.to_string())])
}

impl From<providers::Failure> for Failure {
    fn from(failure: providers::Failure) -> Self {
        use providers::Failure as F;
        match failure {
            F::Offline { host, why } => {
                let parts = vec![("host", host.clone()), ("why", why)];
                Self::new(Exit::Unreachable, "error.provider.offline", parts).at(host)
            }
            F::Credentials { provider, code } => {
                let parts = vec![("provider", provider.to_string()), ("code", code.to_string())];
                Self::new(Exit::NotAllowed, "error.provider.credentials", parts)
            }
            F::Forbidden { code } => {
                Self::new(Exit::NotAllowed, "error.provider.forbidden", vec![("code", code.to_string())])
            }
            F::RateLimited { seconds } => {
                let parts = vec![("seconds", seconds.to_string())];
                Self::new(Exit::Unreachable, "error.provider.rate_limited", parts)
            }
            F::NotFound => Self::usage("error.provider.not_found", Vec::new()),
            // Not the provider's own error shape: a gateway, or another server altogether.
            F::Refused { status, code, text, .. } if code.is_empty() && text.is_empty() => {
                not_its_own(status)
            }
            F::Refused { status, code, text, correlation } => {
                let parts = vec![
                    ("status", status.to_string()),
                    ("code", code.to_string()),
                    ("text", text.to_string()),
                    ("correlation", correlation.to_string()),
                ];
                let word = if correlation.is_empty() {
                    "error.provider.refused_bare"
                } else {
                    "error.provider.refused"
                };
                Self::new(Exit::Unexpected, word, parts)
            }
            F::Unreadable { why } => {
                Self::new(Exit::Unexpected, "error.provider.unreadable", vec![("why", why)])
            }
            F::Unsupported => Self::usage("error.provider.unsupported", Vec::new()),
        }
    }
}
