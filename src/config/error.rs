//! What can be wrong with a configuration. Each variant names its place and has a word
//! (`error.config.…`) in the word files; the `Display` here is for logs.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::domain::ProviderName;

/// Where a value came from; shown the same in every language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Default,
    /// Lines count from 1.
    File {
        file: PathBuf,
        line: usize,
    },
    /// The name of the variable.
    Environment(String),
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { file, line } => write!(f, "{}:{line}", file.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// A key at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    pub origin: Origin,
    /// The whole path: `profiles.andina.cobre.base`.
    pub key: String,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin, self.key)
    }
}

/// What would have been right. Each has a word, `error.config.wanted.…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Text,
    Flag,
    Table,
    Whole(i64, i64),
    OneOf(&'static [&'static str]),
    Amounts,
    Argv,
    List,
    Hours,
    Url,
    Zone,
    ProfileName,
    /// One key's name, or a list of them.
    KeyNames,
    Theme,
    Colour,
    /// A certificate file that can be read.
    CaFile,
    Filter,
}

impl Wanted {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "error.config.wanted.text",
            Self::Flag => "error.config.wanted.flag",
            Self::Table => "error.config.wanted.table",
            Self::Whole(..) => "error.config.wanted.whole",
            Self::OneOf(_) => "error.config.wanted.one_of",
            Self::Amounts => "error.config.wanted.amounts",
            Self::Argv => "error.config.wanted.argv",
            Self::List => "error.config.wanted.list",
            Self::Hours => "error.config.wanted.hours",
            Self::Url => "error.config.wanted.url",
            Self::Zone => "error.config.wanted.zone",
            Self::ProfileName => "error.config.wanted.profile_name",
            Self::KeyNames => "error.config.wanted.key_names",
            Self::Theme => "error.config.wanted.theme",
            Self::Colour => "error.config.wanted.colour",
            Self::CaFile => "error.config.wanted.ca_file",
            Self::Filter => "error.config.wanted.filter",
        }
    }

    /// What the word's blanks are filled with.
    pub fn parts(self) -> Vec<(&'static str, String)> {
        match self {
            Self::Whole(least, most) => vec![("least", least.to_string()), ("most", most.to_string())],
            Self::OneOf(words) => vec![("words", words.join(", "))],
            Self::Text
            | Self::Flag
            | Self::Table
            | Self::Amounts
            | Self::Argv
            | Self::List
            | Self::Hours
            | Self::Url
            | Self::Zone
            | Self::ProfileName
            | Self::KeyNames
            | Self::Theme
            | Self::Colour
            | Self::CaFile
            | Self::Filter => Vec::new(),
        }
    }
}

/// Why a command gave no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandFailure {
    /// Not found, or not allowed to run.
    Start(String),
    /// Its status and the last line it said, cleaned.
    Failed {
        status: String,
        said: String,
    },
    /// 10 s.
    TooSlow,
    Empty,
    /// Over 4 KiB.
    TooLong,
    NotText,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("there is no file {file}")]
    NoSuchFile { file: PathBuf },
    #[error("could not read {file}")]
    Read {
        file: PathBuf,
        #[source]
        cause: io::Error,
    },
    #[error("{origin}: {message}")]
    Syntax { origin: Origin, message: String },
    #[error("{at} is no key")]
    UnknownKey { at: At, near: Option<String> },
    #[error("{at} is of the wrong kind; wanted {wanted:?}")]
    WrongKind { at: At, wanted: Wanted },
    #[error("{at} can't be {value:?}; wanted {wanted:?}")]
    BadValue { at: At, value: Box<str>, wanted: Wanted, near: Option<Box<str>> },
    #[error("{key} is missing")]
    Missing {
        /// Where it belongs, if there is a file.
        file: Option<PathBuf>,
        key: String,
        /// The variable that may hold it.
        variable: String,
    },
    #[error("{key} is missing: no {key}, {key}_file or {key}_command")]
    MissingSecret { file: Option<PathBuf>, key: String, variable: String },
    #[error("profile {profile} reaches no provider")]
    NoProvider { file: Option<PathBuf>, profile: String },
    #[error("there is no profile {name}")]
    UnknownProfile { name: String, near: Option<String>, known: Vec<String> },
    #[error("no profile was chosen of {known:?}")]
    NotChosen { known: Vec<String> },
    #[error("{at} and {other} say the same secret")]
    TwoSecrets { at: At, other: String },
    #[error("{file} holds secrets and others may read it (mode {mode:o})")]
    Exposed { file: PathBuf, mode: u32 },
    /// Whoever may write it may send the secrets that it names elsewhere.
    #[error("{file} may be written by others (mode {mode:o})")]
    Writable { file: PathBuf, mode: u32 },
    #[error("{file} holds secrets and belongs to another user")]
    NotYours { file: PathBuf },
    #[error("{at}: could not read {file}")]
    SecretFile {
        at: At,
        file: PathBuf,
        #[source]
        cause: io::Error,
    },
    #[error("{at}: {file} holds no secret of one line and at most 4 KiB")]
    SecretShape { at: At, file: PathBuf },
    #[error("{at}: {program}: {why:?}")]
    SecretCommand { at: At, program: Box<str>, why: CommandFailure },
    #[error("{at}: {host} is not https")]
    NotHttps { at: At, host: String },
    #[error("{at}: {host} moves real money, and the profile is not production")]
    ProductionHost { at: At, host: String },
    #[error("{at}: {host} is not loopback, and the profile is a sandbox")]
    SandboxHost { at: At, host: String },
    #[error("{at}: {host} is not a host of {provider}")]
    ForeignHost { at: At, host: String, provider: ProviderName },
    #[error("{at} is for loopback hosts only")]
    FactorNotLocal { at: At },
    #[error("no home folder is known")]
    NoHome,
    #[error("could not make the folder {path}")]
    Folder {
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
    #[error("{file} is there already")]
    Exists { file: PathBuf },
    #[error("could not write {file}")]
    Write {
        file: PathBuf,
        #[source]
        cause: io::Error,
    },
}

impl ConfigError {
    /// Its sentence in the word files.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NoSuchFile { .. } => "error.config.no_such_file",
            Self::Read { .. } => "error.config.read",
            Self::Syntax { .. } => "error.config.syntax",
            Self::UnknownKey { near: Some(_), .. } => "error.config.unknown_key_near",
            Self::UnknownKey { near: None, .. } => "error.config.unknown_key",
            Self::WrongKind { .. } => "error.config.wrong_kind",
            Self::BadValue { near: Some(_), .. } => "error.config.bad_value_near",
            Self::BadValue { near: None, .. } => "error.config.bad_value",
            Self::Missing { .. } => "error.config.missing",
            Self::MissingSecret { .. } => "error.config.missing_secret",
            Self::NoProvider { .. } => "error.config.no_provider",
            Self::UnknownProfile { known, .. } if known.is_empty() => "error.config.no_profiles",
            Self::UnknownProfile { near: Some(_), .. } => "error.config.unknown_profile_near",
            Self::UnknownProfile { near: None, .. } => "error.config.unknown_profile",
            Self::NotChosen { .. } => "error.config.not_chosen",
            Self::TwoSecrets { .. } => "error.config.two_secrets",
            Self::Exposed { .. } => "error.config.exposed",
            Self::Writable { .. } => "error.config.writable",
            Self::NotYours { .. } => "error.config.not_yours",
            Self::SecretFile { .. } => "error.config.secret_file",
            Self::SecretShape { .. } => "error.config.secret_shape",
            Self::SecretCommand { why, .. } => match why {
                CommandFailure::Start(_) => "error.config.secret_command.start",
                CommandFailure::Failed { .. } => "error.config.secret_command.failed",
                CommandFailure::TooSlow => "error.config.secret_command.too_slow",
                CommandFailure::Empty | CommandFailure::TooLong | CommandFailure::NotText => {
                    "error.config.secret_command.shape"
                }
            },
            Self::NotHttps { .. } => "error.config.not_https",
            Self::ProductionHost { .. } => "error.config.production_host",
            Self::SandboxHost { .. } => "error.config.sandbox_host",
            Self::ForeignHost { .. } => "error.config.foreign_host",
            Self::FactorNotLocal { .. } => "error.config.factor_not_local",
            Self::NoHome => "error.config.no_home",
            Self::Folder { .. } => "error.config.folder",
            Self::Exists { .. } => "error.config.exists",
            Self::Write { .. } => "error.config.write",
        }
    }

    /// What the sentence's blanks are filled with, besides `{wanted}` ([`ConfigError::wanted`]).
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        let file_part = |file: &PathBuf| ("file", file.display().to_string());
        let at_parts = |at: &At| vec![("at", at.origin.to_string()), ("key", at.key.clone())];
        match self {
            Self::NoSuchFile { file } | Self::Exists { file } => vec![file_part(file)],
            Self::Exposed { file, mode } => {
                vec![
                    file_part(file),
                    ("mode", format!("{mode:04o}")),
                    ("fix", format!("chmod 600 {}", quoted(file))),
                ]
            }
            Self::Writable { file, mode } => vec![
                file_part(file),
                ("mode", format!("{mode:04o}")),
                ("fix", format!("chmod go-w {}", quoted(file))),
            ],
            Self::NotYours { file } => {
                vec![file_part(file), ("fix", format!("sudo chown \"$USER\" {}", quoted(file)))]
            }
            Self::Read { file, cause } | Self::Write { file, cause } => {
                vec![file_part(file), ("cause", cause.to_string())]
            }
            Self::Folder { path, cause } => vec![file_part(path), ("cause", cause.to_string())],
            Self::Syntax { origin, message } => {
                vec![("at", origin.to_string()), ("message", message.clone())]
            }
            Self::UnknownKey { at, near } => {
                let mut parts = at_parts(at);
                parts.extend(near.clone().map(|near| ("near", near)));
                parts
            }
            Self::WrongKind { at, .. } | Self::FactorNotLocal { at } => at_parts(at),
            Self::BadValue { at, value, near, .. } => {
                let mut parts = at_parts(at);
                parts.push(("value", value.to_string()));
                parts.extend(near.as_deref().map(|near| ("near", near.to_owned())));
                parts
            }
            Self::Missing { file, key, variable } | Self::MissingSecret { file, key, variable } => {
                let file =
                    file.as_ref().map_or_else(|| "config.toml".to_owned(), |f| f.display().to_string());
                vec![("file", file), ("key", key.clone()), ("variable", variable.clone())]
            }
            Self::NoProvider { file, profile } => {
                let file =
                    file.as_ref().map_or_else(|| "config.toml".to_owned(), |f| f.display().to_string());
                vec![("file", file), ("profile", profile.clone())]
            }
            Self::UnknownProfile { name, near, known } => {
                let mut parts = vec![("name", name.clone()), ("known", listed(known))];
                parts.extend(near.clone().map(|near| ("near", near)));
                parts
            }
            Self::NotChosen { known } => vec![("known", listed(known))],
            Self::TwoSecrets { at, other } => {
                let mut parts = at_parts(at);
                parts.push(("other", other.clone()));
                parts
            }
            Self::SecretFile { at, file, cause } => {
                let mut parts = at_parts(at);
                parts.extend([file_part(file), ("cause", cause.to_string())]);
                parts
            }
            Self::SecretShape { at, file } => {
                let mut parts = at_parts(at);
                parts.push(file_part(file));
                parts
            }
            Self::SecretCommand { at, program, why } => {
                let mut parts = at_parts(at);
                parts.push(("program", program.to_string()));
                match why {
                    CommandFailure::Start(cause) => parts.push(("cause", cause.clone())),
                    CommandFailure::Failed { status, said } => {
                        parts.extend([("status", status.clone()), ("said", said.clone())]);
                    }
                    CommandFailure::TooSlow
                    | CommandFailure::Empty
                    | CommandFailure::TooLong
                    | CommandFailure::NotText => {}
                }
                parts
            }
            Self::NotHttps { at, host }
            | Self::ProductionHost { at, host }
            | Self::SandboxHost { at, host } => {
                let mut parts = at_parts(at);
                parts.push(("host", host.clone()));
                parts
            }
            Self::ForeignHost { at, host, provider } => {
                let mut parts = at_parts(at);
                parts.extend([("host", host.clone()), ("provider", provider.to_string())]);
                parts
            }
            Self::NoHome => Vec::new(),
        }
    }

    /// What goes into `{wanted}`, itself a word.
    pub const fn wanted(&self) -> Option<Wanted> {
        match self {
            Self::WrongKind { wanted, .. } | Self::BadValue { wanted, .. } => Some(*wanted),
            _ => None,
        }
    }

    /// What the system said, if it did.
    pub const fn cause(&self) -> Option<&io::Error> {
        match self {
            Self::Read { cause, .. }
            | Self::SecretFile { cause, .. }
            | Self::Folder { cause, .. }
            | Self::Write { cause, .. } => Some(cause),
            _ => None,
        }
    }

    /// Where it is: `config.toml:12`, a variable or a flag.
    pub fn place(&self) -> Option<String> {
        match self {
            Self::NoSuchFile { file }
            | Self::Read { file, .. }
            | Self::Exposed { file, .. }
            | Self::Writable { file, .. }
            | Self::NotYours { file }
            | Self::Exists { file }
            | Self::Write { file, .. }
            | Self::Folder { path: file, .. } => Some(file.display().to_string()),
            Self::Syntax { origin, .. } => Some(origin.to_string()),
            Self::UnknownKey { at, .. }
            | Self::WrongKind { at, .. }
            | Self::BadValue { at, .. }
            | Self::TwoSecrets { at, .. }
            | Self::SecretFile { at, .. }
            | Self::SecretShape { at, .. }
            | Self::SecretCommand { at, .. }
            | Self::NotHttps { at, .. }
            | Self::ProductionHost { at, .. }
            | Self::SandboxHost { at, .. }
            | Self::ForeignHost { at, .. }
            | Self::FactorNotLocal { at } => Some(at.origin.to_string()),
            Self::Missing { key, .. } | Self::MissingSecret { key, .. } => Some(key.clone()),
            Self::NoProvider { profile, .. } => Some(format!("profiles.{profile}")),
            Self::UnknownProfile { .. } | Self::NotChosen { .. } | Self::NoHome => None,
        }
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "—".to_owned() } else { names.join(", ") }
}

/// For a shell, so that the line can be pasted.
fn quoted(file: &std::path::Path) -> String {
    let text = file.display().to_string();
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+@%".contains(c));
    if plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
