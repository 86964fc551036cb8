//! The command line in two languages: help from the word files, and mistakes as our own sentences.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};

use super::failure::Failure;
use crate::config::Flags;
use crate::i18n::Lang;
use crate::sanitize::Clean;

/// The longest part of a wrong argument that is repeated.
const REPEATED_CHARS_MAX: usize = 80;

/// As much of the flags as is needed to know the language before the line is parsed.
pub fn early_flags(arguments: &[OsString]) -> Flags {
    let text: Vec<&str> = arguments.iter().skip(1).filter_map(|argument| argument.to_str()).collect();
    let value_of = |flag: &str| {
        let mut words = text.iter();
        words
            .find_map(|word| match word.strip_prefix(flag) {
                Some("") => Some(""),
                Some(rest) => rest.strip_prefix('='),
                None => None,
            })
            .map(|value| {
                // `--lang en`: the next word; `words` stands right behind the flag.
                if value.is_empty() { words.next().copied().unwrap_or_default() } else { value }.to_owned()
            })
    };
    Flags { config: value_of("--config").map(PathBuf::from), lang: value_of("--lang"), ..Flags::default() }
}

/// Whether errors are wanted as JSON, also those of the command line itself.
pub fn wants_json(arguments: &[OsString]) -> bool {
    arguments.iter().take_while(|argument| *argument != "--").any(|argument| argument == "--json")
}

/// Puts the words of a language on a command and all below it.
pub fn localized(command: Command, lang: Lang) -> Command {
    let version = flag("version", 'V', ArgAction::Version).global(false);
    let root = command.about(lang.word("cli.about")).after_help(lang.word("cli.after"));
    // Made here, since clap's own would speak English.
    let root = root.disable_version_flag(true).arg(version).disable_help_flag(true).arg(flag(
        "help",
        'h',
        ArgAction::Help,
    ));
    words_on(root, lang, "")
}

fn flag(name: &'static str, short: char, action: ArgAction) -> Arg {
    Arg::new(name).short(short).long(name).action(action).global(true)
}

/// The few words of a help text that clap does not let us choose.
pub fn in_words(help: &str, lang: Lang) -> String {
    let mut help = help.to_owned();
    for (clap, word) in [
        ("[OPTIONS]", "cli.help.options"),
        ("[COMMAND]", "cli.help.command"),
        ("<COMMAND>", "cli.help.command_needed"),
        ("[possible values:", "cli.help.values"),
        ("[default:", "cli.help.default"),
    ] {
        help = help.replace(clap, lang.word(word));
    }
    help
}

/// `path` is where the command stands: `.config.init`.
fn words_on(command: Command, lang: Lang, path: &str) -> Command {
    let heading = |word| lang.word(word);
    let template =
        format!("{{about-with-newline}}\n{}: {{usage}}\n\n{{all-args}}{{after-help}}", heading("cli.usage"));
    let path = path.to_owned();
    command
        .help_template(template)
        .subcommand_help_heading(heading("cli.commands"))
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .mut_args(|arg| with_word(arg, lang))
        .mut_subcommands(move |below| {
            let path = format!("{path}.{}", below.get_name());
            let about = lang.word(&format!("cli.command{path}"));
            words_on(below.about(about), lang, &path)
        })
}

fn with_word(arg: Arg, lang: Lang) -> Arg {
    let heading = if arg.is_positional() {
        "cli.arguments"
    } else if arg.is_global_set() || arg.get_id() == "version" {
        "cli.options.general"
    } else {
        "cli.options"
    };
    let word = lang.word(&format!("cli.arg.{}", arg.get_id()));
    arg.help(word).help_heading(lang.word(heading))
}

/// The command that a line was meant for, as far as its words are commands: `cuadre config init`.
pub fn command_meant(command: &Command, arguments: &[OsString]) -> String {
    let (mut at, mut meant) = (command, command.get_name().to_owned());
    for word in arguments.iter().skip(1).filter_map(|argument| argument.to_str()) {
        if let Some(below) = at.find_subcommand(word) {
            at = below;
            meant.push(' ');
            meant.push_str(word);
        }
    }
    meant
}

/// Our sentence for what clap refuses of a command. `None`: help or version was asked for.
pub fn refused(error: &clap::Error, command: &str) -> Option<Failure> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => repeated(text),
        Some(ContextValue::Strings(texts)) => repeated(&texts.join(", ")),
        _ => String::new(),
    };
    let near = |kind| match error.get(kind) {
        Some(ContextValue::String(near)) => Some(near.clone()),
        Some(ContextValue::Strings(near)) => near.first().cloned(),
        _ => None,
    };
    let help = format!("{command} --help");
    // `--role <ROLE>` is an option and what clap calls its value; people know the option.
    let option = |text: String| match text.split_once(' ') {
        Some((option, _)) if option.starts_with('-') => option.to_owned(),
        _ => text,
    };
    let argument = option(text(ContextKind::InvalidArg));
    let failure = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => return None,
        ErrorKind::UnknownArgument => match near(ContextKind::SuggestedArg) {
            Some(near) => {
                Failure::usage("error.usage.did_you_mean", vec![("argument", argument), ("near", near)])
            }
            None => {
                Failure::usage("error.usage.unknown_argument", vec![("argument", argument), ("help", help)])
            }
        },
        ErrorKind::InvalidSubcommand => {
            let argument = text(ContextKind::InvalidSubcommand);
            match near(ContextKind::SuggestedSubcommand) {
                Some(near) => {
                    Failure::usage("error.usage.did_you_mean", vec![("argument", argument), ("near", near)])
                }
                None => Failure::usage(
                    "error.usage.unknown_command",
                    vec![("argument", argument), ("help", help)],
                ),
            }
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = text(ContextKind::InvalidValue);
            let mut known = text(ContextKind::ValidValue);
            // Which findings there are, or how long a reason is: `Accept` says it itself.
            if known.is_empty() && argument == "--accept" {
                known = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            }
            if value.is_empty() {
                Failure::usage("error.usage.missing_value", vec![("argument", argument), ("help", help)])
            } else if known.is_empty() {
                let parts = vec![("argument", argument), ("value", value), ("help", help)];
                Failure::usage("error.usage.bad_value", parts)
            } else {
                let parts = vec![("argument", argument), ("value", value), ("known", known), ("help", help)];
                Failure::usage("error.usage.bad_value_of", parts)
            }
        }
        ErrorKind::MissingRequiredArgument => {
            Failure::usage("error.usage.missing_argument", vec![("argument", argument), ("help", help)])
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Failure::usage("error.usage.missing_command", vec![("help", help)])
        }
        ErrorKind::ArgumentConflict if option(text(ContextKind::PriorArg)) == argument => {
            Failure::usage("error.usage.twice", vec![("argument", argument)])
        }
        ErrorKind::ArgumentConflict => Failure::usage(
            "error.usage.conflict",
            vec![("argument", argument), ("other", option(text(ContextKind::PriorArg)))],
        ),
        kind => Failure::usage("error.usage.other", vec![("detail", kind.to_string()), ("help", help)]),
    };
    Some(failure)
}

/// A wrong argument as it may be repeated: nothing hidden in it, and not too long.
fn repeated(text: &str) -> String {
    Clean::new(text).as_str().chars().take(REPEATED_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use std::collections::BTreeSet;

    fn gather(command: &Command, path: &str, into: &mut BTreeSet<String>) {
        into.extend(command.get_arguments().map(|arg| format!("cli.arg.{}", arg.get_id())));
        for below in command.get_subcommands() {
            let path = format!("{path}.{}", below.get_name());
            into.insert(format!("cli.command{path}"));
            gather(below, &path, into);
        }
    }

    #[test]
    fn every_argument_and_command_has_its_word_and_every_word_its_argument() {
        for lang in Lang::ALL {
            let mut used = BTreeSet::new();
            gather(&localized(super::super::Cli::command(), lang), "", &mut used);
            for key in &used {
                assert!(lang.find(key).is_some(), "add {key} to both word files");
            }
            let text = include_str!("../../assets/words.es.toml");
            let keys = text.lines().filter_map(|line| line.strip_prefix('"')?.split('"').next());
            for key in keys.filter(|key| key.starts_with("cli.arg.") || key.starts_with("cli.command.")) {
                assert!(used.contains(key), "{key} is in the word files, but nothing is called so");
            }
        }
    }

    #[test]
    fn the_command_line_hangs_together() {
        localized(super::super::Cli::command(), Lang::Es).debug_assert();
    }

    #[test]
    fn the_language_is_found_before_the_line_is_read() {
        let flags = |line: &str| early_flags(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(flags("cuadre --lang en").lang.as_deref(), Some("en"));
        assert_eq!(flags("cuadre config show --lang=en --config x").lang.as_deref(), Some("en"));
        assert_eq!(flags("cuadre --config x.toml").config, Some(PathBuf::from("x.toml")));
        assert_eq!(flags("cuadre --langg en").lang, None);
        assert_eq!(flags("cuadre --lang").lang.as_deref(), Some(""));
        assert!(wants_json(&["cuadre".into(), "--json".into()]));
        assert!(!wants_json(&["cuadre".into(), "--".into(), "--json".into()]));
    }
}
