//! A desk for a profile: its store, its clients, and who sits at it. One way for console and commands.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::exit::Exit;
use super::failure::Failure;
use crate::config::{Amounts, CheckerApproval, Config, PassphraseRule, Profile};
use crate::console::Seat;
use crate::domain::money::Currency;
use crate::domain::money::Money;
use crate::payments::policy::Road;
use crate::payments::review::Terms;
use crate::payments::step_up::{self, StepUp};
use crate::payments::{Actor, Policy};
use crate::providers::http::{AccessError, Options};
use crate::providers::{Provider, cobre, cobru};
use crate::sanitize::Clean;
use crate::store::passphrase::Passphrases;
use crate::store::{Store, StoreError, StoreOptions, Unsound};
use crate::sync::Desk;
use crate::sync::guard::Guard;
use crate::sync::house::House;
use crate::sync::settle::Hurry;

#[expect(clippy::disallowed_methods, reason = "the clock of the work behind the screen is the machine's")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Opens or makes the store of a profile.
pub fn store(file: &Path, readonly: bool) -> Result<Store, Failure> {
    Ok(Store::open(file, StoreOptions { readonly, ..StoreOptions::default() })?)
}

/// The desk of `profile` over `store`: clients that have asked nobody anything yet.
///
/// `people` is where the passphrases, exports and logs are.
pub fn desk(profile: &Profile, store: Store, people: &Path) -> Result<Desk, Failure> {
    let (cobre, cobru) = clients(profile)?;
    let mut desk = Desk::new(store, actor(profile), now);
    desk.pace = profile.pace;
    desk.hurry = Hurry::new(profile.settle_factor);
    desk.terms = terms(profile);
    desk.guard = Guard::new(Passphrases::new(people));
    desk.house = Some(House { retention: profile.retention, state: people.to_owned() });
    desk.cobre = cobre.map(Arc::new);
    desk.cobru = cobru.map(Arc::new);
    Ok(desk)
}

/// The clients of a profile, for those that it has.
pub fn clients(profile: &Profile) -> Result<(Option<cobre::Cobre>, Option<cobru::Cobru>), Failure> {
    let options = Options {
        proxy: profile.proxy.clone(),
        ca_pem: profile.ca_file.as_deref().map(read_ca).transpose()?,
        ..Options::default()
    };
    let cobre = profile.cobre.as_ref().map(|access| {
        cobre::Cobre::new(cobre::Access {
            base: access.base.clone(),
            user_id: access.user_id.clone(),
            secret: access.secret.clone(),
            options: options.clone(),
        })
    });
    let cobru = profile.cobru.as_ref().map(|access| {
        cobru::Cobru::new(cobru::Access {
            api_base: access.api_base.clone(),
            link_base: access.link_base.clone(),
            api_key: access.api_key.clone(),
            refresh: access.refresh.clone(),
            callback: None,
            options: options.clone(),
        })
    });
    Ok((cobre.transpose()?, cobru.transpose()?))
}

fn read_ca(file: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(file).map_err(|cause| {
        let parts = vec![("file", file.display().to_string()), ("cause", cause.to_string())];
        Failure::usage("error.access.ca_file", parts).at(file.display().to_string())
    })
}

fn actor(profile: &Profile) -> Actor {
    let limits = profile.limit.is_some().then(|| {
        Currency::ALL
            .into_iter()
            .filter_map(|currency| Some(Money::new(profile.limit_minor(currency)?, currency)))
            .collect()
    });
    Actor {
        person: profile.actor.clone(),
        role: profile.role,
        profile: profile.name.clone(),
        environment: profile.environment.code().to_owned(),
        credential: profile.cobre.as_ref().map(|access| access.user_id.clone()),
        readonly: profile.readonly,
        limits,
        policy: policy(profile),
    }
}

fn policy(profile: &Profile) -> Policy {
    let keys = &profile.policy;
    let amounts = |amounts: &Option<Amounts>| amounts.as_ref().map(|amounts| amounts.0.clone());
    let rail = |code: &String| Road::ALL.into_iter().find(|rail| rail.code() == code);
    Policy {
        day_limit: amounts(&keys.day_limit),
        counterparty_limit: amounts(&keys.counterparty_limit),
        rails: keys.rails.as_ref().map(|codes| codes.iter().filter_map(rail).collect()),
        balances: keys.balances.clone(),
        hours: keys.hours,
        only: keys.only.clone(),
        never: keys.never.clone(),
        full_amount: keys.full_amount.clone(),
        step_up: StepUp {
            rule: match profile.passphrase {
                PassphraseRule::Never => step_up::Rule::Never,
                PassphraseRule::ByAmount => step_up::Rule::ByAmount,
                PassphraseRule::Always => step_up::Rule::Always,
            },
            small: profile.small_limit.0.clone(),
        },
        zone: Some(profile.zone.clone()),
    }
}

/// What the profile holds for usual. The limits are those from which on something stricter holds.
fn terms(profile: &Profile) -> Terms {
    let keys = &profile.review;
    let checker = match &profile.checker {
        CheckerApproval::From(amounts) => amounts.0.clone(),
        CheckerApproval::Never | CheckerApproval::Always => Vec::new(),
    };
    let limit = profile.limit.iter().flat_map(|amounts| amounts.0.clone());
    let mut limits: Vec<Money> = checker.into_iter().chain(limit).collect();
    limits.retain(|limit| limit.minor > 0);
    Terms {
        duplicate_days: keys.duplicate_days,
        new_days: keys.new_days,
        limits,
        hours: keys.hours,
        zone: profile.zone.clone(),
        floors: keys.floor.0.clone(),
        gmf_exempt: keys.gmf_exempt.clone(),
    }
}

/// Who sits at `desk`, and how they read.
pub fn seat(profile: &Profile, config: &Config, desk: &Desk) -> Seat {
    let cobre = desk.cobre.as_deref().map(|provider| (provider.name(), provider.capabilities()));
    let cobru = desk.cobru.as_deref().map(|provider| (provider.name(), provider.capabilities()));
    Seat {
        actor: desk.actor.clone(),
        company: Clean::new(&profile.company),
        providers: cobre.into_iter().chain(cobru).collect(),
        lang: config.lang,
        numerals: config.numerals,
        numerals_follow: !config.says("numerals"),
        dates: config.dates,
        zone: profile.zone.clone(),
        small_limit: profile.small_limit.clone(),
        checker: profile.checker.clone(),
        link_base: profile.cobru.as_ref().map(|access| access.link_base.clone()).unwrap_or_default(),
        roles: Vec::new(),
        places: Vec::new(),
        readonly_forced: false,
        hurry: desk.hurry,
        terms: desk.terms.clone(),
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let place = match &error {
            StoreError::Directory { path, .. }
            | StoreError::File { path, .. }
            | StoreError::Symlink { path }
            | StoreError::OpenToOthers { path, .. }
            | StoreError::HalfRestored { path }
            | StoreError::Held { path }
            | StoreError::Exists { path }
            | StoreError::Unsound { path, .. }
            | StoreError::OtherProfile { path, .. }
            | StoreError::NotAStore { path } => Some(path.display().to_string()),
            _ => None,
        };
        let word = match &error {
            StoreError::OpenToOthers { .. } => "error.store.open_to_others",
            StoreError::Symlink { .. } => "error.store.symlink",
            StoreError::NotAStore { .. } => "error.store.not_a_store",
            StoreError::Newer { .. } => "error.store.newer",
            StoreError::HalfRestored { .. } => "error.store.half_restored",
            StoreError::Held { .. } => "error.store.held",
            StoreError::Exists { .. } => "error.store.exists",
            StoreError::Unsound { what: Unsound::Pages { .. }, .. } => "error.store.pages",
            StoreError::Unsound { what: Unsound::Chain(_), .. } => "error.store.chain",
            StoreError::OtherProfile { .. } => "error.store.other_profile",
            _ => "error.store.unusable",
        };
        let mut parts = vec![("detail", detail(&error))];
        if let Some(place) = &place {
            parts.push(("file", place.clone()));
        }
        match &error {
            StoreError::Unsound { what: Unsound::Pages { detail }, .. } => {
                parts.insert(0, ("detail", detail.clone()));
            }
            StoreError::Unsound { what: Unsound::Chain(bad), .. } => parts.push(("seq", bad.seq.to_string())),
            StoreError::OtherProfile { found, wanted, .. } => {
                parts.extend([("found", found.clone()), ("wanted", wanted.clone())]);
            }
            _ => {}
        }
        let mut failure = Self::new(Exit::Store, word, parts);
        if let StoreError::Unsound { what: Unsound::Chain(bad), .. } = &error {
            failure = failure.with_word("what", super::audit::bad_word(bad.kind));
        }
        match place {
            Some(place) => failure.at(place),
            None => failure,
        }
    }
}

/// The error and its causes, in one line.
fn detail(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

impl From<AccessError> for Failure {
    fn from(error: AccessError) -> Self {
        Self::usage("error.access.provider", vec![("detail", detail(&error))])
    }
}
