//! Where one may sit: the profiles of the configuration or, without any, the roles of the embedded
//! sandbox. Sitting down opens secrets, store and clients; changing seats is written into the audit.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::context::Context;
use super::desk;
use super::failure::Failure;
use crate::config::init::{SandboxAccess, sandbox_profile};
use crate::config::{CobreAccess, CobruAccess, Config, Paths, Profile};
use crate::console::Seat;
use crate::console::effect::Sit;
use crate::console::model::{Place, Saying};
use crate::console::runtime::Seating;
use crate::console::theme::Meaning;
use crate::domain::role::Role;
use crate::i18n::Lang;
use crate::sandbox::Ready;
use crate::sanitize::Clean;
use crate::store::{AuditEvent, Kind, Store};
use crate::sync::Desk;

/// Of the embedded sandbox, in the order of the picker.
const ROLES: [Role; 4] = [Role::Maker, Role::Checker, Role::Viewer, Role::Admin];

pub struct Chairs {
    config: Config,
    paths: Paths,
    /// `--readonly`
    forced: bool,
    embedded: Option<(Ready, Store)>,
    taken: Mutex<Option<Taken>>,
}

/// The seat in use.
#[derive(Clone)]
struct Taken {
    profile: String,
    role: Role,
    store: Store,
}

impl Chairs {
    /// Those of the configuration.
    pub fn of_profiles(config: Config, context: &Context) -> Result<Self, Failure> {
        let paths = context.paths()?.clone();
        Ok(Self { config, paths, forced: context.flags.readonly, embedded: None, taken: Mutex::new(None) })
    }

    /// Those of a sandbox in this process, all over one store.
    pub fn of_sandbox(config: Config, readonly: bool, ready: Ready, store: Store) -> Self {
        let nowhere = Paths::under(&PathBuf::new());
        Self {
            config,
            paths: nowhere,
            forced: readonly,
            embedded: Some((ready, store)),
            taken: Mutex::new(None),
        }
    }

    fn taken(&self) -> Option<Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sits down at a profile that is open already: the first seat.
    pub fn take(&self, profile: &Profile) -> Result<(Desk, Seat), Failure> {
        let store = match &self.embedded {
            Some((_, store)) => store.clone(),
            None => desk::store(&self.paths.store_file(&profile.name), profile.readonly)?,
        };
        let people = match &self.embedded {
            Some(_) => store.folder().to_owned(),
            None => self.paths.state.clone(),
        };
        let desk = desk::desk(profile, store, &people)?;
        let mut seat = desk::seat(profile, &self.config, &desk);
        seat.readonly_forced = self.forced;
        if self.embedded.is_some() {
            seat.roles = ROLES.to_vec();
        }
        seat.places = self
            .config
            .outlines()
            .map(|profile| Place {
                profile: profile.name.clone(),
                company: Clean::new(&profile.company),
                environment: profile.environment,
                role: profile.role,
                readonly: profile.readonly,
            })
            .collect();
        let taken = Taken { profile: profile.name.clone(), role: profile.role, store: desk.store.clone() };
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = Some(taken);
        Ok((desk, seat))
    }

    /// Where the sandbox of this desk is told what to do, if it has one.
    pub fn control(&self) -> Option<&str> {
        self.embedded.as_ref().map(|(ready, _)| ready.control.as_str())
    }

    /// The profile of a role of the sandbox.
    pub fn role(&self, role: Role) -> Result<Profile, Failure> {
        let none = || Failure::usage("error.usage.no_other_role", Vec::new());
        let (ready, _) = self.embedded.as_ref().ok_or_else(none)?;
        let access = access(ready, role).ok_or_else(none)?;
        Ok(Profile { readonly: self.forced, ..sandbox_profile(role, access) })
    }

    /// Opens where one wants to sit: reads secrets, runs their commands.
    fn open(&self, sit: &Sit) -> Result<Profile, Failure> {
        let taken = self.taken();
        match sit {
            Sit::Role(role) => self.role(*role),
            Sit::Profile(name) => Ok(self.config.open(name)?),
            Sit::Writing(on) => {
                let taken = taken.ok_or_else(|| Failure::usage("error.usage.no_profile", Vec::new()))?;
                let profile = match &self.embedded {
                    Some(_) => self.role(taken.role)?,
                    None => self.config.open(&taken.profile)?,
                };
                Ok(Profile { readonly: self.forced || !on, ..profile })
            }
        }
    }

    /// For the console: sits down, and says in the audit who changed to what.
    pub fn seating(self: &Arc<Self>, sit: Sit, lang: Lang) -> Seating {
        let chairs = Arc::clone(self);
        Box::pin(async move {
            let before = chairs.taken();
            let kind = match &sit {
                Sit::Role(_) => Kind::RoleChanged,
                Sit::Profile(_) => Kind::ProfileChanged,
                Sit::Writing(_) => Kind::ConfigChanged,
            };
            let sitting = tokio::task::spawn_blocking(move || {
                let profile = chairs.open(&sit)?;
                chairs.take(&profile)
            });
            let seated = match sitting.await {
                Ok(seated) => seated,
                Err(cause) => Err(Failure::unexpected(&cause.into(), "-")),
            };
            let (desk, seat) = seated.map_err(|failure| {
                Saying::new(Meaning::Bad, "notice.not_seated").with("why", failure.sentence(lang))
            })?;
            tell(kind, before, &desk, &seat).await;
            Ok((desk, seat))
        })
    }
}

/// Into the chain that is left, where it is another one, and into the one that is taken.
async fn tell(kind: Kind, before: Option<Taken>, desk: &Desk, seat: &Seat) {
    let actor = &seat.actor;
    let from = before.as_ref().map(|taken| format!("{}:{}", taken.profile, taken.role.code()));
    let data = [
        ("from", from.unwrap_or_default()),
        ("to", format!("{}:{}", actor.profile, actor.role.code())),
        ("environment", actor.environment.clone()),
        ("readonly", actor.readonly.to_string()),
    ];
    let event = |role: Role, profile: &str| AuditEvent {
        kind,
        actor: actor.person.clone(),
        role: role.code().to_owned(),
        profile: profile.to_owned(),
        intent: None,
        data: data.iter().cloned().collect(),
    };
    if let Some(left) = before.filter(|left| left.profile != actor.profile)
        && let Err(error) = left.store.audit(event(left.role, &left.profile)).await
    {
        tracing::error!(%error, "the change of profile is not in the audit of the one that is left");
    }
    if let Err(error) = desk.store.audit(event(actor.role, &actor.profile)).await {
        tracing::error!(%error, "the change of seat is not in the audit");
    }
}

fn access(ready: &Ready, role: Role) -> Option<SandboxAccess> {
    let credential = ready.credentials.cobre.get(role.code())?;
    let cobru = &ready.credentials.cobru;
    Some(SandboxAccess {
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
