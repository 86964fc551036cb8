//! Defaults, file, environment, flags: read, checked key by key with the place of each, then merged.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use secrecy::SecretString;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{At, ConfigError, Origin, Wanted};
use super::schema::{self, Found, Kind};
use super::values::{RawProfile, Unopened};
use super::{Binding, Config, Flags, Paths, Shown};
use crate::i18n::{Dates, Lang, Numerals};

/// Larger than any configuration; a wrong `--config /dev/zero` ends here.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Where each key that is set came from.
pub(super) type Origins = BTreeMap<String, Origin>;

/// The variables that matter here, taken once.
#[derive(Debug, Clone, Default)]
pub struct Environ(BTreeMap<String, String>);

impl Environ {
    pub fn of_process() -> Self {
        // A variable that is not text can't be one of ours.
        Self::of(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    pub fn of<N: Into<String>, V: Into<String>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        let all = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        // Empty counts as not set, as `CUADRE_LANG= cuadre` means.
        Self(all.filter(|(_, value): &(String, String)| !value.is_empty()).collect())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The login name, as the shell says it.
    pub fn login(&self) -> String {
        let name = self.get("LOGNAME").or_else(|| self.get("USER"));
        name.map_or_else(|| format!("uid:{}", rustix::process::getuid().as_raw()), str::to_owned)
    }
}

/// The merged file, before its values mean anything.
#[derive(Debug, Default, Deserialize)]
struct Raw {
    profile: Option<String>,
    lang: String,
    numerals: Option<String>,
    theme: String,
    ascii: bool,
    clock: bool,
    notify: String,
    lock_after_min: i64,
    plain: bool,
    dates: String,
    log: String,
    #[serde(default)]
    profiles: BTreeMap<String, RawProfile>,
}

pub(super) fn read(flags: &Flags, environ: &Environ, paths: &Paths) -> Result<Config, ConfigError> {
    let (file, text) = text_of_file(flags, environ, paths)?;
    let mut origins = Origins::new();
    let mut keys = Vec::new();
    if let Some(file) = &file {
        let about = fs::metadata(file).map_err(|cause| read_error(file, cause))?;
        super::secrets::refuse_writable(file, &about)?;
        let table = parse(file, &text)?;
        (origins, keys) = check_file(file, &text, table.get_ref())?;
        let secret_inline =
            origins.keys().any(|path| matches!(schema::find(path), Found::Leaf(Kind::Secret)));
        if secret_inline {
            super::secrets::refuse_exposed(file, &about)?;
        }
    }
    let mut builder = config::Config::builder();
    for (path, value) in [("lang", "es"), ("theme", "terminal"), ("dates", "day-first"), ("log", "info")] {
        builder = builder.set_default(path, value).expect("a default's path is plain");
    }
    builder = builder.set_default("notify", "off").expect("a default's path is plain");
    builder = builder.set_default("lock_after_min", 15).expect("a default's path is plain");
    for (path, on) in [("ascii", false), ("clock", true), ("plain", false)] {
        builder = builder.set_default(path, on).expect("a default's path is plain");
    }
    builder = builder.add_source(config::File::from_str(&text, config::FileFormat::Toml));

    let mut secrets = BTreeMap::new();
    for (variable, value) in &environ.0 {
        let Some((path, kind)) = path_of_variable(variable, &origins) else { continue };
        let origin = Origin::Environment(variable.clone());
        let at = At { origin: origin.clone(), key: path.clone() };
        match from_text(&at, kind, value)? {
            Given::Secret(secret) => {
                secrets.insert(path.clone(), secret);
            }
            Given::Value(value) => {
                builder = builder.set_override(&path, value).map_err(|cause| merge_error(&at, &cause))?;
            }
        }
        origins.insert(path, origin);
    }

    for (flag, path, value) in [("--lang", "lang", &flags.lang), ("--profile", "profile", &flags.profile)] {
        let Some(value) = value else { continue };
        let at = At { origin: Origin::Flag(flag), key: path.to_owned() };
        let Found::Leaf(kind) = schema::find(path) else { continue };
        if let Given::Value(value) = from_text(&at, kind, value)? {
            builder = builder.set_override(path, value).map_err(|cause| merge_error(&at, &cause))?;
        }
        origins.insert(path.to_owned(), at.origin);
    }
    let colourless = flags.no_color || environ.get("NO_COLOR").is_some();
    if colourless {
        builder = builder.set_override("theme", "mono").expect("a plain path");
        let origin =
            if flags.no_color { Origin::Flag("--color") } else { Origin::Environment("NO_COLOR".into()) };
        origins.insert("theme".to_owned(), origin);
    }

    // Every value was checked above; what is left can only be a mistake of ours, and is said as one.
    let whole = At { origin: Origin::Default, key: "config".to_owned() };
    let merged = builder.build().map_err(|cause| merge_error(&whole, &cause))?;
    let mut shown = shown(&merged, &origins);
    shown.extend(keys.iter().map(shown_binding));
    let raw: Raw = merged.try_deserialize().map_err(|cause| merge_error(&whole, &cause))?;
    let beside = file.as_deref().and_then(Path::parent).unwrap_or(&paths.config);
    let themes = beside.join("themes");
    let merged = Merged {
        themes,
        theme_fixed: colourless,
        file,
        origins,
        secrets,
        actor: environ.login(),
        readonly: flags.readonly,
    };
    let config = settle(raw, &merged, shown)?;
    Ok(Config { keys, plain: config.plain || flags.plain, ..config })
}

fn shown_binding(binding: &Binding) -> Shown {
    let names: Vec<&str> = binding.keys.iter().map(|(name, _)| name.as_str()).collect();
    Shown { key: binding.at.key.clone(), value: names.join(", "), origin: binding.at.origin.clone() }
}

/// What the profiles' values are read with.
pub(super) struct Merged {
    pub file: Option<PathBuf>,
    pub origins: Origins,
    /// Secrets from the environment, by path: they never enter the merge.
    pub secrets: BTreeMap<String, SecretString>,
    pub actor: String,
    pub readonly: bool,
    /// Where themes of one's own lie.
    pub themes: PathBuf,
    /// `NO_COLOR` or `--color never`: no theme may bring colour back.
    pub theme_fixed: bool,
}

impl Merged {
    pub fn at(&self, path: &str) -> At {
        let origin = self.origins.get(path).cloned().unwrap_or(Origin::Default);
        At { origin, key: path.to_owned() }
    }
}

fn settle(raw: Raw, merged: &Merged, shown: Vec<Shown>) -> Result<Config, ConfigError> {
    if let Err(cause) = raw.log.parse::<tracing_subscriber::filter::Targets>() {
        tracing::debug!(%cause, "the log filter is refused");
        return Err(ConfigError::BadValue {
            at: merged.at("log"),
            value: raw.log.into(),
            wanted: Wanted::Filter,
            near: None,
        });
    }
    let profiles = raw
        .profiles
        .into_iter()
        .map(|(name, profile)| Unopened::read(name, profile, merged))
        .collect::<Result<Vec<_>, _>>()?;
    let theme = super::theme::choose(&raw.theme, &merged.at("theme"), &merged.themes)?;
    // Only words of the schema come this far.
    let lang = Lang::from_str(&raw.lang).unwrap_or_default();
    let said = raw.numerals.and_then(|code| Numerals::from_str(&code).ok());
    let mut config = Config {
        file: merged.file.clone(),
        lang,
        numerals: said.unwrap_or_else(|| Numerals::of(lang)),
        theme,
        themes: merged.themes.clone(),
        theme_fixed: merged.theme_fixed,
        clock: raw.clock,
        notify: raw.notify,
        lock_after_min: raw.lock_after_min,
        plain: raw.plain,
        ascii: raw.ascii,
        dates: Dates::from_str(&raw.dates).unwrap_or_default(),
        log: raw.log,
        chosen: None,
        keys: Vec::new(),
        shown,
        profiles,
    };
    config.chosen = match raw.profile {
        Some(name) if config.names().any(|known| known == name) => Some(name),
        Some(name) => return Err(unknown_profile(&config, &name)),
        None => match config.profiles.as_slice() {
            [only] => Some(only.name.clone()),
            _ => None,
        },
    };
    Ok(config)
}

pub(super) fn unknown_profile(config: &Config, name: &str) -> ConfigError {
    let known: Vec<String> = config.names().map(str::to_owned).collect();
    let name: String = crate::sanitize::Clean::new(name).as_str().chars().take(64).collect();
    ConfigError::UnknownProfile { near: schema::nearest(&name, &known), name, known }
}

pub(super) fn lang_of(flags: &Flags, environ: &Environ, paths: Option<&Paths>) -> Lang {
    let known = |code: &str| Lang::from_str(code).ok();
    let said = flags.lang.as_deref().and_then(known).or_else(|| environ.get("CUADRE_LANG").and_then(known));
    let in_file = || {
        let (_, text) = text_of_file(flags, environ, paths?).ok()?;
        // As far as it can be read: the error may be on a later line.
        let (table, _) = DeTable::parse_recoverable(&text);
        known(table.get_ref().get("lang")?.get_ref().as_str()?)
    };
    said.or_else(in_file).unwrap_or_default()
}

/// The file and its text; no file and no text when none was named and the usual one is not there.
fn text_of_file(
    flags: &Flags,
    environ: &Environ,
    paths: &Paths,
) -> Result<(Option<PathBuf>, String), ConfigError> {
    let named = flags.config.clone().or_else(|| environ.get("CUADRE_CONFIG").map(PathBuf::from));
    let (file, must_exist) = match named {
        Some(file) => (file, true),
        None => (paths.config_file(), false),
    };
    match read_text(&file) {
        Ok(text) => Ok((Some(file), text)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound && !must_exist => Ok((None, String::new())),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Err(ConfigError::NoSuchFile { file }),
        Err(cause) => Err(read_error(&file, cause)),
    }
}

pub(super) fn read_text(file: &Path) -> io::Result<String> {
    let about = fs::metadata(file)?;
    if !about.is_file() || about.size() > FILE_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file of at most 1 MiB"));
    }
    fs::read_to_string(file)
}

pub(super) fn read_error(file: &Path, cause: io::Error) -> ConfigError {
    ConfigError::Read { file: file.to_owned(), cause }
}

fn merge_error(at: &At, cause: &config::ConfigError) -> ConfigError {
    ConfigError::Syntax { origin: at.origin.clone(), message: cause.to_string() }
}

pub(super) fn parse<'t>(file: &Path, text: &'t str) -> Result<Spanned<DeTable<'t>>, ConfigError> {
    DeTable::parse(text).map_err(|cause| ConfigError::Syntax {
        origin: Origin::File {
            file: file.to_owned(),
            line: cause.span().map_or(1, |span| line_at(text, span.start)),
        },
        // Its `Display` would print the line, which may be a secret.
        message: cause.message().to_owned(),
    })
}

pub(super) fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count().saturating_add(1)
}

/// Walks a file's keys against the schema. Gives the place of each key and what `[keys]` says, or the first
/// thing wrong.
fn check_file(file: &Path, text: &str, table: &DeTable<'_>) -> Result<(Origins, Vec<Binding>), ConfigError> {
    let mut walk = Walk { file, text, origins: Origins::new(), keys: Vec::new(), wrong: Vec::new() };
    walk.table("", table);
    // The parser keeps keys by name; people read from the top.
    if let Some((_, first)) = walk.wrong.into_iter().min_by_key(|(line, _)| *line) {
        return Err(first);
    }
    walk.keys.sort_by_key(|(line, _)| *line);
    Ok((walk.origins, walk.keys.into_iter().map(|(_, binding)| binding).collect()))
}

struct Walk<'w> {
    file: &'w Path,
    text: &'w str,
    origins: Origins,
    keys: Vec<(usize, Binding)>,
    wrong: Vec<(usize, ConfigError)>,
}

impl Walk<'_> {
    fn table(&mut self, parent: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let line = line_at(self.text, name.span().start);
            let origin = Origin::File { file: self.file.to_owned(), line };
            let path = if parent.is_empty() {
                name.get_ref().to_string()
            } else {
                format!("{parent}.{}", name.get_ref())
            };
            let at = At { origin: origin.clone(), key: shown_key(&path) };
            if parent == "profiles" && !is_profile_name(name.get_ref()) {
                let value = at.key.as_str().into();
                let wrong = ConfigError::BadValue { at, value, wanted: Wanted::ProfileName, near: None };
                self.wrong.push((line, wrong));
                continue;
            }
            if let Some(action) = path.strip_prefix("keys.") {
                // `"list.up"` in quotes is a key, `list.up` without them a table: both mean the action.
                match value.get_ref() {
                    DeValue::Table(inner) => self.table(&path, inner),
                    value => {
                        if let Some(keys) = self.key_names(value, &at) {
                            let action = shown_key(action);
                            self.keys.push((line, Binding { action, keys, at }));
                        } else {
                            let wanted = Wanted::KeyNames;
                            self.wrong.push((line, ConfigError::WrongKind { at, wanted }));
                        }
                    }
                }
                continue;
            }
            match (schema::find(&path), value.get_ref()) {
                (Found::Table, DeValue::Table(inner)) => self.table(&path, inner),
                (Found::Table, _) => {
                    self.wrong.push((line, ConfigError::WrongKind { at, wanted: Wanted::Table }));
                }
                (Found::Leaf(kind), value) => match check_value(&at, kind, value) {
                    Ok(()) => {
                        self.origins.insert(path, origin);
                    }
                    Err(wrong) => self.wrong.push((line, wrong)),
                },
                (Found::Nothing, _) => {
                    self.wrong.push((line, ConfigError::UnknownKey { at, near: schema::near(&path) }));
                }
            }
        }
    }
}

impl Walk<'_> {
    /// `"n"`, or `["n", "ctrl-n"]`.
    fn key_names(&self, value: &DeValue<'_>, at: &At) -> Option<Vec<(String, At)>> {
        let name = |text: &str| text.chars().take(KEY_NAME_MAX).collect::<String>();
        if let Some(text) = value.as_str() {
            return Some(vec![(name(text), at.clone())]);
        }
        let one = |item: &Spanned<DeValue<'_>>| {
            let line = line_at(self.text, item.span().start);
            let origin = Origin::File { file: self.file.to_owned(), line };
            Some((name(item.get_ref().as_str()?), At { origin, key: at.key.clone() }))
        };
        value.as_array()?.iter().map(one).collect()
    }
}

/// Longer than any key's name.
const KEY_NAME_MAX: usize = 24;

/// A key as it may be printed: people do paste secrets and escapes in the wrong place.
pub(super) fn shown_key(path: &str) -> String {
    crate::sanitize::Clean::new(path).as_str().chars().take(80).collect()
}

/// Letters, digits, `-` and `_`, in lower case, up to 32: it is typed, and part of a variable's name.
pub(super) fn is_profile_name(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
}

fn check_value(at: &At, kind: Kind, value: &DeValue<'_>) -> Result<(), ConfigError> {
    let wrong = |wanted| Err(ConfigError::WrongKind { at: at.clone(), wanted });
    let all_text = |value: &DeValue<'_>| {
        value.as_array().is_some_and(|items| items.iter().all(|item| item.get_ref().is_str()))
    };
    match (kind, value) {
        (Kind::Text | Kind::Secret, value) if value.is_str() => Ok(()),
        (Kind::Text | Kind::Secret, _) => wrong(Wanted::Text),
        (Kind::Flag, value) if value.is_bool() => Ok(()),
        (Kind::Flag, _) => wrong(Wanted::Flag),
        (Kind::Whole(least, most), value) => {
            let number = value
                .as_integer()
                .and_then(|digits| i64::from_str_radix(digits.as_str(), digits.radix()).ok());
            match number {
                Some(number) if (least..=most).contains(&number) => Ok(()),
                _ => wrong(Wanted::Whole(least, most)),
            }
        }
        (Kind::OneOf(words), value) => match value.as_str() {
            Some(text) => one_of(at, words, text),
            None => wrong(Wanted::OneOf(words)),
        },
        (Kind::Amounts, value) if all_text(value) => Ok(()),
        (Kind::Amounts, _) => wrong(Wanted::Amounts),
        (Kind::Argv, value) if all_text(value) => Ok(()),
        (Kind::Argv, _) => wrong(Wanted::Argv),
        (Kind::List, value) if all_text(value) => Ok(()),
        (Kind::ListOf(words), value) if all_text(value) => {
            let texts = value.as_array().into_iter().flat_map(|items| items.iter());
            texts.filter_map(|item| item.get_ref().as_str()).try_for_each(|text| one_of(at, words, text))
        }
        (Kind::List | Kind::ListOf(_), _) => wrong(Wanted::List),
    }
}

fn one_of(at: &At, words: &'static [&'static str], text: &str) -> Result<(), ConfigError> {
    if words.contains(&text) {
        return Ok(());
    }
    let value = shown_key(text);
    let near = schema::nearest(&value, words).map(Into::into);
    Err(ConfigError::BadValue { at: at.clone(), value: value.into(), wanted: Wanted::OneOf(words), near })
}

/// What a variable or a flag says.
enum Given {
    Value(config::Value),
    Secret(SecretString),
}

fn from_text(at: &At, kind: Kind, text: &str) -> Result<Given, ConfigError> {
    let wrong = |wanted| Err(ConfigError::WrongKind { at: at.clone(), wanted });
    let value: config::ValueKind = match kind {
        Kind::Secret => return Ok(Given::Secret(SecretString::from(text))),
        Kind::Text => text.into(),
        Kind::Flag => match text {
            "true" | "1" => true.into(),
            "false" | "0" => false.into(),
            _ => return wrong(Wanted::Flag),
        },
        Kind::Whole(least, most) => match text.parse::<i64>() {
            Ok(number) if (least..=most).contains(&number) => number.into(),
            _ => return wrong(Wanted::Whole(least, most)),
        },
        Kind::OneOf(words) => {
            one_of(at, words, text)?;
            text.into()
        }
        Kind::Amounts => text.split(',').map(|amount| amount.trim().to_owned()).collect::<Vec<_>>().into(),
        Kind::List => split(text).into(),
        Kind::ListOf(words) => {
            let texts = split(text);
            texts.iter().try_for_each(|text| one_of(at, words, text))?;
            texts.into()
        }
        Kind::Argv => match serde_json::from_str::<Vec<String>>(text) {
            Ok(argv) => argv.into(),
            Err(_) => return wrong(Wanted::Argv),
        },
    };
    Ok(Given::Value(config::Value::new(None, value)))
}

fn split(text: &str) -> Vec<String> {
    text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// `CUADRE_LANG` → `lang`; `CUADRE_PROFILES__ANDINA_QA__COBRE__BASE` → `profiles.andina-qa.cobre.base`,
/// if the file has such a profile (else `andina_qa`). Other variables that begin with `CUADRE_` are not
/// ours to judge.
fn path_of_variable(variable: &str, in_file: &Origins) -> Option<(String, Kind)> {
    let mut parts: Vec<String> =
        variable.strip_prefix("CUADRE_")?.split("__").map(str::to_ascii_lowercase).collect();
    if let [first, name, ..] = parts.as_mut_slice()
        && first == "profiles"
    {
        let in_file = in_file.keys().filter_map(|path| path.strip_prefix("profiles.")?.split('.').next());
        if let Some(known) = in_file.into_iter().find(|known| variable_part(known).eq_ignore_ascii_case(name))
        {
            known.clone_into(name);
        } else if !is_profile_name(name) {
            return None;
        }
    }
    let path = parts.join(".");
    match schema::find(&path) {
        Found::Leaf(kind) => Some((path, kind)),
        Found::Table | Found::Nothing => None,
    }
}

/// The variable that may hold a key.
pub(super) fn variable_of(path: &str) -> String {
    let parts: Vec<String> = path.split('.').map(variable_part).collect();
    format!("CUADRE_{}", parts.join("__"))
}

fn variable_part(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
}

fn shown(merged: &config::Config, origins: &Origins) -> Vec<Shown> {
    origins
        .iter()
        .map(|(path, origin)| {
            let secret = matches!(schema::find(path), Found::Leaf(Kind::Secret));
            let value = if secret { "***".to_owned() } else { text_of(merged, path) };
            Shown { key: path.clone(), value, origin: origin.clone() }
        })
        .collect()
}

fn text_of(merged: &config::Config, path: &str) -> String {
    match merged.get_array(path) {
        Ok(items) => {
            let items: Vec<String> = items.iter().map(ToString::to_string).collect();
            items.join(", ")
        }
        Err(_) => merged.get_string(path).unwrap_or_default(),
    }
}
