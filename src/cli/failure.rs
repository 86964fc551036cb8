//! Why a command ended without its answer: one clear sentence, the next step, and the exit code.

use std::fmt::Display;
use std::io::{self, Write};

use serde_json::json;

use super::exit::Exit;
use crate::config::ConfigError;
use crate::console::keymap::KeyFault;
use crate::i18n::Lang;
use crate::sandbox::SandboxError;

/// A failure with its words still to be chosen by language. `word` has a sentence in the word files,
/// and `word.next` the next step.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    word: String,
    /// What fills the sentences.
    parts: Vec<(&'static str, Part)>,
    /// A file and line, a variable, an address.
    place: Option<String>,
}

/// A blank's filling: text as it is, or a word of its own.
#[derive(Debug)]
enum Part {
    Text(String),
    Word(&'static str, Vec<(&'static str, String)>),
}

impl Failure {
    pub fn new(exit: Exit, word: &str, parts: Vec<(&'static str, String)>) -> Self {
        let parts = parts.into_iter().map(|(name, text)| (name, Part::Text(text))).collect();
        Self { exit, word: word.to_owned(), parts, place: None }
    }

    pub fn usage(word: &str, parts: Vec<(&'static str, String)>) -> Self {
        Self::new(Exit::Usage, word, parts)
    }

    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// A blank that is filled with a word of its own.
    #[must_use]
    pub fn with_word(mut self, name: &'static str, word: &'static str) -> Self {
        self.parts.push((name, Part::Word(word, Vec::new())));
        self
    }

    /// A failure that nobody foresaw; the chain of causes is its sentence.
    pub fn unexpected(cause: &color_eyre::Report, logs: &str) -> Self {
        let cause = crate::config::mask::masked(&format!("{cause:#}"));
        Self::new(Exit::Unexpected, "error.unexpected", vec![("cause", cause), ("logs", logs.to_owned())])
    }

    /// Standard output was closed by whoever read it: nothing to tell, and nobody to tell it to.
    fn is_quiet(&self) -> bool {
        self.word == QUIET
    }

    fn say(&self, lang: Lang, word: &str) -> String {
        let filled: Vec<(&str, String)> = self
            .parts
            .iter()
            .map(|(name, part)| match part {
                Part::Text(text) => (*name, text.clone()),
                Part::Word(word, parts) => (*name, lang.say(word, &displayed(parts))),
            })
            .collect();
        let filled: Vec<(&str, &dyn Display)> =
            filled.iter().map(|(name, text)| (*name, text as &dyn Display)).collect();
        lang.say(word, &filled)
    }

    pub fn sentence(&self, lang: Lang) -> String {
        self.say(lang, &self.word)
    }

    pub fn next(&self, lang: Lang) -> String {
        self.say(lang, &format!("{}.next", self.word))
    }

    /// Tells it on standard error: two lines, or one JSON object.
    pub fn tell(&self, lang: Lang, json: bool) {
        if self.is_quiet() {
            return;
        }
        let (sentence, next) = (self.sentence(lang), self.next(lang));
        let code = self.word.strip_prefix("error.").unwrap_or(&self.word);
        let text = if json {
            json!({"error": {"code": code, "message": sentence, "where": self.place, "next": next}})
                .to_string()
        } else {
            format!("cuadre: {}\n        {}", ended(&sentence), ended(&next))
        };
        // With standard error closed too, the exit code is all that is left to say it.
        writeln!(io::stderr(), "{text}").ok();
    }
}

/// The word of a failure that isn't told.
const QUIET: &str = "quiet";

/// A sentence with its full stop, unless it ends by itself.
fn ended(sentence: &str) -> String {
    let stop = if sentence.ends_with(['.', '?', '!', '…']) { "" } else { "." };
    format!("{sentence}{stop}")
}

/// What the system says, in the user's words where it is one of the usual.
fn cause(error: &io::Error) -> Part {
    let word = match error.kind() {
        io::ErrorKind::NotFound => "error.cause.not_found",
        io::ErrorKind::PermissionDenied => "error.cause.denied",
        io::ErrorKind::IsADirectory => "error.cause.folder",
        io::ErrorKind::NotADirectory => "error.cause.not_folder",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "error.cause.full",
        io::ErrorKind::ReadOnlyFilesystem => "error.cause.read_only",
        io::ErrorKind::InvalidData => "error.cause.not_text",
        io::ErrorKind::InvalidInput => "error.cause.not_file",
        io::ErrorKind::AddrNotAvailable => "error.cause.no_address",
        _ => return Part::Text(error.to_string()),
    };
    Part::Word(word, Vec::new())
}

fn displayed<'p>(parts: &'p [(&'static str, String)]) -> Vec<(&'static str, &'p dyn Display)> {
    parts.iter().map(|(name, text)| (*name, text as &dyn Display)).collect()
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let mut failure = Self::usage(error.word(), error.parts());
        if let Some(wanted) = error.wanted() {
            failure.parts.push(("wanted", Part::Word(wanted.word(), wanted.parts())));
        }
        // Before its English spelling among the parts: the first filling of a blank counts.
        if let Some(said) = error.cause() {
            failure.parts.insert(0, ("cause", cause(said)));
        }
        failure.place = error.place();
        failure
    }
}

impl From<KeyFault> for Failure {
    fn from(fault: KeyFault) -> Self {
        Self::usage(fault.word, fault.parts).at(fault.at.origin.to_string())
    }
}

impl From<SandboxError> for Failure {
    fn from(error: SandboxError) -> Self {
        match error {
            SandboxError::PortTaken { provider, port } => Self::usage(
                "error.sandbox.port_taken",
                vec![("provider", provider.to_owned()), ("port", port.to_string())],
            )
            .at(format!("127.0.0.1:{port}")),
            SandboxError::State { path, cause: said } => {
                let mut failure =
                    Self::usage("error.sandbox.state", vec![("file", path.display().to_string())]);
                failure.parts.push(("cause", cause(&said)));
                failure
            }
            SandboxError::Listen { provider, port, cause: said } => {
                let parts = vec![("provider", provider.to_owned()), ("port", port.to_string())];
                let mut failure = Self::usage("error.sandbox.listen", parts);
                failure.parts.push(("cause", cause(&said)));
                failure.at(format!("127.0.0.1:{port}"))
            }
        }
    }
}

/// Writing the answer failed: quietly when the reader has gone.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self { exit: Exit::Done, word: QUIET.to_owned(), parts: Vec::new(), place: None };
        }
        let mut failure = Self::new(Exit::Unexpected, "error.output", Vec::new());
        failure.parts.push(("cause", cause(&error)));
        failure
    }
}
