//! Profiles made by the program: for a running sandbox, and for the embedded one.

use std::fmt::Write as _;

use secrecy::{ExposeSecret, SecretString};

use super::{
    CheckerApproval, CobreAccess, CobruAccess, Environment, Pace, PassphraseRule, PolicyKeys, Profile,
    Retention, ReviewKeys,
};
use crate::domain::role::Role;

/// What a sandbox says of itself, for one role.
#[derive(Debug, Clone)]
pub struct SandboxAccess {
    pub cobre: CobreAccess,
    pub cobru: CobruAccess,
}

/// The name of the company in every sandbox (UX §11).
const COMPANY: &str = "Andina SAS";

/// The profile of a sandbox in this process.
pub fn sandbox_profile(role: Role, access: SandboxAccess) -> Profile {
    Profile {
        name: "sandbox".to_owned(),
        company: COMPANY.to_owned(),
        environment: Environment::Sandbox,
        role,
        person: Some(person(role).to_owned()),
        actor: person(role).to_owned(),
        readonly: false,
        zone: jiff::tz::TimeZone::get("America/Bogota").unwrap_or(jiff::tz::TimeZone::UTC),
        cobre: Some(access.cobre),
        cobru: Some(access.cobru),
        small_limit: super::values::usual_small_limit(),
        limit: None,
        passphrase: PassphraseRule::Never,
        policy: PolicyKeys::default(),
        review: ReviewKeys::default(),
        retention: Retention::default(),
        checker: CheckerApproval::Always,
        pace: Pace::default(),
        settle_factor: 1,
        ca_file: None,
        proxy: None,
    }
}

/// The text of a configuration with one profile, for a running sandbox. It holds secrets: 0600.
pub fn sandbox_config(role: Role, access: &SandboxAccess) -> SecretString {
    let name = format!("sandbox-{role}");
    let text = |value: &str| toml::Value::String(value.to_owned()).to_string();
    let secret = |value: &SecretString| text(value.expose_secret());
    let mut file = String::new();
    let SandboxAccess { cobre, cobru } = access;
    write!(
        file,
        "# A profile for a running sandbox, written by `cuadre config init`.\n\
         profile = {name_text}\n\n\
         [profiles.{name}]\n\
         company = {company}\n\
         environment = \"sandbox\"\n\
         role = \"{role}\"\n\
         person = {person}\n\n\
         [profiles.{name}.cobre]\n\
         base = {base}\n\
         user_id = {user_id}\n\
         secret = {cobre_secret}\n\n\
         [profiles.{name}.cobru]\n\
         api_base = {api_base}\n\
         link_base = {link_base}\n\
         api_key = {api_key}\n\
         refresh = {refresh}\n",
        name_text = text(&name),
        company = text(COMPANY),
        person = text(person(role)),
        base = text(&cobre.base),
        user_id = text(&cobre.user_id),
        cobre_secret = secret(&cobre.secret),
        api_base = text(&cobru.api_base),
        link_base = text(&cobru.link_base),
        api_key = secret(&cobru.api_key),
        refresh = secret(&cobru.refresh),
    )
    .expect("a String takes all that is written");
    SecretString::from(file)
}

/// Each role of the sandbox is another person, or nobody could approve what was made.
const fn person(role: Role) -> &'static str {
    match role {
        Role::Viewer => "lrios",
        Role::Support => "agomez",
        Role::Maker => "mlopez",
        Role::Checker => "jperez",
        Role::Treasurer => "cvega",
        Role::Admin => "npaez",
    }
}
