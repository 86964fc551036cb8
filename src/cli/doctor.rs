//! `cuadre doctor`: what works, what does not, and how to mend it. Reads only; signs in, nothing else.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::Access;
use rustix::process::{DumpableBehavior, Resource};
use serde_json::json;

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::sitting::of_address;
use super::{desk, output, screen};
use crate::config::{Config, Profile};
use crate::i18n::{self, Lang, Numerals};
use crate::providers::Provider;
use crate::store::WhyNot;

/// A clock that is further off than this makes tokens and day boundaries wrong.
const SKEW_MAX_S: i64 = 30;
const ASK_WAIT: Duration = Duration::from_secs(10);

/// One line of the report. The shape is relied upon.
pub struct Check {
    name: &'static str,
    ok: bool,
    detail: String,
    fix: Option<String>,
}

impl Check {
    pub fn good(check: &'static str, detail: impl Into<String>) -> Self {
        Self { name: check, ok: true, detail: detail.into(), fix: None }
    }

    pub fn bad(check: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name: check, ok: false, detail: detail.into(), fix: Some(fix.into()) }
    }

    fn failed(check: &'static str, failure: &Failure, lang: Lang) -> Self {
        Self::bad(check, failure.sentence(lang), failure.next(lang))
    }
}

pub async fn run(context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang;
    let mut checks = Vec::new();
    let config = match context.config() {
        Ok(config) => {
            checks.push(match super::config::beyond_values(&config) {
                Ok(()) => Check::good("config", found(&config, lang)),
                Err(failure) => Check::failed("config", &failure, lang),
            });
            Some(config)
        }
        Err(error) => {
            checks.push(Check::failed("config", &error.into(), lang));
            None
        }
    };
    checks.push(permissions(context, config.as_ref()));
    let profile = config.as_ref().and_then(|config| secrets(config, lang, &mut checks));
    checks.push(store(context, config.as_ref()).await);
    let named = config.as_ref().is_some_and(|config| config.chosen.is_some());
    providers(profile.as_ref(), named, lang, &mut checks).await;
    checks.extend(screen::checks(config.as_ref(), lang));
    checks.push(core_files(lang));
    print(&checks, context)?;
    Ok(if checks.iter().all(|check| check.ok) { Exit::Done } else { Exit::Finding })
}

fn print(checks: &[Check], context: &Context) -> io::Result<()> {
    if context.json {
        let all: Vec<_> = checks
            .iter()
            .map(|it| json!({"check": it.name, "ok": it.ok, "detail": it.detail, "fix": it.fix}))
            .collect();
        return output::json(&all);
    }
    for it in checks {
        let name = match it.name {
            "config" => context.lang.word("doctor.config"),
            "secrets" => context.lang.word("doctor.secrets"),
            "store" => context.lang.word("doctor.store"),
            "clock" => context.lang.word("doctor.clock"),
            "permissions" => context.lang.word("doctor.permissions"),
            "terminal" => context.lang.word("doctor.terminal"),
            "colours" => context.lang.word("doctor.colours"),
            "unicode" => context.lang.word("doctor.unicode"),
            "clipboard" => context.lang.word("doctor.clipboard"),
            "core files" => context.lang.word("doctor.core_files"),
            provider => provider,
        };
        output::line(&format!("{} {name}: {}", if it.ok { "=" } else { "x" }, it.detail))?;
        if let Some(fix) = &it.fix {
            output::line(&format!("  → {fix}"))?;
        }
    }
    Ok(())
}

fn found(config: &Config, lang: Lang) -> String {
    match &config.file {
        Some(file) => {
            let names: Vec<&str> = config.names().collect();
            let names = if names.is_empty() { "—".to_owned() } else { names.join(", ") };
            lang.say("doctor.config.found", &[("file", &file.display()), ("profiles", &names)])
        }
        None => lang.word("config.check.no_file").to_owned(),
    }
}

/// Opens the chosen profile; what it holds is not shown.
fn secrets(config: &Config, lang: Lang, checks: &mut Vec<Check>) -> Option<Profile> {
    let Some(name) = &config.chosen else {
        checks.push(Check::good("secrets", lang.word("doctor.secrets.none")));
        return None;
    };
    match config.open(name) {
        Ok(profile) => {
            let parts: &[(&str, &dyn std::fmt::Display)] =
                &[("profile", name), ("environment", &profile.environment.title()), ("role", &profile.role)];
            checks.push(Check::good("secrets", lang.say("doctor.secrets.read", parts)));
            Some(profile)
        }
        Err(error) => {
            checks.push(Check::failed("secrets", &error.into(), lang));
            None
        }
    }
}

/// Whether state and logs can be written, and only by this user. A folder that isn't there is not made.
fn permissions(context: &Context, config: Option<&Config>) -> Check {
    let lang = context.lang;
    let paths = match context.paths() {
        Ok(paths) => paths,
        Err(error) => return Check::failed("permissions", &error.into(), lang),
    };
    let around = paths.state.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    let usable = around.is_dir() && rustix::fs::access(around, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    if !usable {
        let parts: &[(&str, &dyn std::fmt::Display)] =
            &[("folder", &paths.state.display()), ("around", &around.display())];
        let detail = lang.say("doctor.permissions.closed", parts);
        return Check::bad("permissions", detail, lang.say("doctor.permissions.closed.next", parts));
    }
    // A secret in a file that others may read is told by the secrets; what lies in the store, here.
    let open = std::fs::metadata(&paths.state).is_ok_and(|about| about.mode() & 0o077 != 0);
    if open {
        let parts: &[(&str, &dyn std::fmt::Display)] = &[("folder", &paths.state.display())];
        let detail = lang.say("doctor.permissions.open", parts);
        return Check::bad("permissions", detail, lang.say("doctor.permissions.open.next", parts));
    }
    let file = config.and_then(|config| config.file.as_deref()).unwrap_or(&paths.config);
    let parts: &[(&str, &dyn std::fmt::Display)] =
        &[("file", &file.display()), ("folder", &paths.state.display())];
    Check::good("permissions", lang.say("doctor.permissions.good", parts))
}

/// Where the store lies and whether the disk may be trusted with money. One that isn't there is not made.
async fn store(context: &Context, config: Option<&Config>) -> Check {
    let lang = context.lang;
    let paths = match context.paths() {
        Ok(paths) => paths,
        Err(error) => return Check::failed("store", &error.into(), lang),
    };
    let Some(name) = config.and_then(|config| config.chosen.as_deref()) else {
        return Check::good("store", lang.word("doctor.store.passing"));
    };
    let file = paths.store_file(name);
    let sqlite = rusqlite::version();
    let around = file.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("/"));
    let free =
        free_bytes(around).map_or_else(|| "?".to_owned(), |free| i18n::grouped(free, Numerals::of(lang)));
    let kind = file_system(around);
    let parts: &[(&str, &dyn std::fmt::Display)] =
        &[("file", &file.display()), ("kind", &kind), ("free", &free), ("sqlite", &sqlite)];
    if !file.exists() {
        return Check::good("store", lang.say("doctor.store.not_yet", parts));
    }
    let opened = match desk::store(&file, false) {
        Ok(store) => store,
        Err(failure) => return Check::failed("store", &failure, lang),
    };
    match opened.writable().await {
        Ok(()) => Check::good("store", lang.say("doctor.store.good", parts)),
        Err(why) => {
            let (detail, fix) = not_writable(&why, lang);
            Check::bad("store", detail, fix)
        }
    }
}

fn not_writable(why: &WhyNot, lang: Lang) -> (String, String) {
    let numerals = Numerals::of(lang);
    let (word, next, parts): (_, _, Vec<(&str, String)>) = match why {
        WhyNot::Readonly => ("doctor.store.readonly", "doctor.store.readonly.next", vec![]),
        WhyNot::LowSpace { free, needed } => (
            "doctor.store.low_space",
            "doctor.store.low_space.next",
            vec![("free", i18n::grouped(*free, numerals)), ("needed", i18n::grouped(*needed, numerals))],
        ),
        WhyNot::SpaceUnknown { why } => {
            ("doctor.store.space_unknown", "doctor.store.space_unknown.next", vec![("why", why.clone())])
        }
        WhyNot::ReadOnlyDisk { path } => (
            "doctor.store.read_only_disk",
            "doctor.store.read_only_disk.next",
            vec![("file", path.display().to_string())],
        ),
        WhyNot::NetworkDisk { path, kind } => (
            "doctor.store.network_disk",
            "doctor.store.network_disk.next",
            vec![("file", path.display().to_string()), ("kind", (*kind).to_owned())],
        ),
        WhyNot::Damaged { detail } => {
            ("doctor.store.damaged", "doctor.store.damaged.next", vec![("detail", detail.clone())])
        }
        WhyNot::OldSqlite { version } => (
            "doctor.store.old_sqlite",
            "doctor.store.old_sqlite.next",
            vec![("version", (*version).to_owned())],
        ),
    };
    let parts: Vec<(&str, &dyn std::fmt::Display)> =
        parts.iter().map(|(name, text)| (*name, text as &dyn std::fmt::Display)).collect();
    (lang.say(word, &parts), lang.say(next, &parts))
}

fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(target_os = "linux")]
fn file_system(folder: &Path) -> String {
    let Ok(disk) = rustix::fs::statfs(folder) else { return "?".to_owned() };
    // The word is signed here and unsigned there: its low 32 bits are the same everywhere.
    match u64::try_from(i128::from(disk.f_type) & 0xffff_ffff).unwrap_or(0) {
        0xef53 => "ext4".to_owned(),
        0x5846_5342 => "xfs".to_owned(),
        0x9123_683e => "btrfs".to_owned(),
        0x0102_1994 => "tmpfs".to_owned(),
        0x794c_7630 => "overlay".to_owned(),
        0x2fc1_2fc1 => "zfs".to_owned(),
        0xf2f5_2010 => "f2fs".to_owned(),
        other => format!("{other:#x}"),
    }
}

#[cfg(not(target_os = "linux"))]
fn file_system(_folder: &Path) -> String {
    "—".to_owned()
}

/// Signs in at each provider of the profile, and compares clocks with the first that tells the time.
async fn providers(profile: Option<&Profile>, named: bool, lang: Lang, checks: &mut Vec<Check>) {
    let Some(profile) = profile else {
        // One whose secrets can't be read is told there.
        let why = if named { "doctor.provider.unopened" } else { "doctor.provider.no_profile" };
        for check in ["cobre", "cobru"] {
            checks.push(Check::good(check, lang.word(why)));
        }
        checks.push(Check::good("clock", lang.word("doctor.clock.nobody")));
        return;
    };
    let clients = desk::clients(profile);
    let (cobre, cobru) = match &clients {
        Ok(clients) => clients,
        Err(failure) => {
            for check in ["cobre", "cobru"] {
                checks.push(Check::failed(check, failure, lang));
            }
            checks.push(Check::good("clock", lang.word("doctor.clock.nobody")));
            return;
        }
    };
    checks.push(
        sign_in("cobre", cobre.as_ref(), profile.cobre.as_ref().map(|it| it.base.as_str()), lang).await,
    );
    checks.push(
        sign_in("cobru", cobru.as_ref(), profile.cobru.as_ref().map(|it| it.api_base.as_str()), lang).await,
    );
    let bases = profile.cobre.iter().map(|it| &it.base).chain(profile.cobru.iter().map(|it| &it.api_base));
    let mut clock = None;
    for base in bases {
        clock = skew(profile, base).await;
        if clock.is_some() {
            break;
        }
    }
    checks.push(match clock {
        None => Check::good("clock", lang.word("doctor.clock.nobody")),
        Some(off) if off.abs() <= SKEW_MAX_S => {
            Check::good("clock", lang.say("doctor.clock.good", &[("seconds", &off)]))
        }
        Some(off) => Check::bad(
            "clock",
            lang.say("doctor.clock.off", &[("seconds", &off)]),
            lang.word("doctor.clock.off.next"),
        ),
    });
}

async fn sign_in<P: Provider>(
    check: &'static str,
    client: Option<&P>,
    base: Option<&str>,
    lang: Lang,
) -> Check {
    let (Some(client), Some(base)) = (client, base) else {
        return Check::good(check, lang.word("doctor.provider.not_here"));
    };
    let started = Instant::now();
    match client.check().await {
        Ok(()) => {
            let took = started.elapsed().as_millis();
            Check::good(check, lang.say("doctor.provider.good", &[("base", &base), ("ms", &took)]))
        }
        Err(failure) => Check::failed(check, &of_address(failure), lang),
    }
}

/// Seconds that this machine is ahead of a provider, by the `Date` of any answer.
async fn skew(profile: &Profile, base: &str) -> Option<i64> {
    let mut client = reqwest::Client::builder()
        .timeout(ASK_WAIT)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false);
    client = match &profile.proxy {
        Some(proxy) => client.proxy(reqwest::Proxy::all(proxy).ok()?),
        None => client.no_proxy(),
    };
    if let Some(file) = &profile.ca_file {
        client =
            client.add_root_certificate(reqwest::Certificate::from_pem(&std::fs::read(file).ok()?).ok()?);
    }
    let answer = client.build().ok()?.head(base).send().await.ok()?;
    let date = answer.headers().get("date")?.to_str().ok()?;
    let theirs = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Some(desk::now().duration_since(theirs).as_secs())
}

/// What the process closed at its start, as the system has it.
fn core_files(lang: Lang) -> Check {
    let limit = rustix::process::getrlimit(Resource::Core).current;
    let closed = matches!(rustix::process::dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
    if limit == Some(0) && closed {
        Check::good("core files", lang.word("doctor.core_files.off"))
    } else {
        Check::bad("core files", lang.word("doctor.core_files.on"), lang.word("doctor.core_files.on.next"))
    }
}
