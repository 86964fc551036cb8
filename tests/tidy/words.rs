//! The word files: both languages whole, nothing missing, nothing left over.

use crate::source::{Source, none_left, root, rust_files};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

const SPANISH: &str = "assets/words.es.toml";
const ENGLISH: &str = "assets/words.en.toml";

/// Found by their room instead of by name: `i18n::glossary` takes all of `term.`.
const TAKEN_WHOLE: [&str; 1] = ["term."];

/// Words that came before the screens that say them. The list only shrinks.
const AHEAD: &str = include_str!("words_ahead.txt");

fn ahead() -> impl Iterator<Item = &'static str> {
    AHEAD.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn read(file: &str) -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join(file)).unwrap();
    toml::from_str(&text)
        .unwrap_or_else(|error| panic!("{file}: lines of \"room.key\" = \"text\" only: {error}"))
}

/// The source as the program has it, without what only its tests say.
fn program() -> Vec<Source> {
    let sources = rust_files("src");
    sources.iter().filter(|source| !source.path.ends_with("/tests.rs")).map(Source::without_tests).collect()
}

/// The `{names}` in a text.
fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0)).collect()
}

#[test]
fn both_languages_have_the_same_keys() {
    let (spanish, english) = (read(SPANISH), read(ENGLISH));
    let missing = |from: &BTreeMap<String, String>, of: &BTreeMap<String, String>, file: &str| {
        of.keys()
            .filter(|key| !from.contains_key(*key))
            .map(|key| format!("{key} in {file}"))
            .collect::<Vec<_>>()
    };
    let mut found = missing(&spanish, &english, SPANISH);
    found.extend(missing(&english, &spanish, ENGLISH));
    none_left("Every key stands in both word files. Add:", &found);
}

#[test]
fn both_languages_have_the_same_placeholders() {
    let english = read(ENGLISH);
    let found: Vec<String> = read(SPANISH)
        .iter()
        .filter_map(|(key, text)| {
            let other = english.get(key)?;
            (placeholders(text) != placeholders(other)).then(|| format!("{key}: {text:?} and {other:?}"))
        })
        .collect();
    none_left("The same {placeholders} in both languages:", &found);
}

/// The file with its lines sorted, and a blank line between rooms.
fn sorted(text: &str) -> String {
    let (head, lines): (Vec<&str>, Vec<&str>) =
        text.lines().filter(|line| !line.is_empty()).partition(|line| line.starts_with('#'));
    let mut lines: BTreeMap<&str, &str> =
        lines.into_iter().map(|line| (line.split('"').nth(1).unwrap_or(line), line)).collect();
    let mut out = head.join("\n") + "\n";
    let mut room = "";
    while let Some((key, line)) = lines.pop_first() {
        let next = key.split('.').next().unwrap_or(key);
        if next != room {
            out.push('\n');
            room = next;
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// One line a key, sorted: two people who add words meet in few places. `SORT_WORDS=1` sorts them.
#[test]
fn the_files_are_sorted() {
    let mut found = Vec::new();
    for file in [SPANISH, ENGLISH] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        // Both files stay as they are where one has a key twice: sorting would choose between them.
        read(file);
        if sorted(&text) == text {
            continue;
        }
        if std::env::var_os("SORT_WORDS").is_some() {
            fs::write(root().join(file), sorted(&text)).unwrap();
        } else {
            found.push(file.to_owned());
        }
    }
    none_left("Not sorted. Run `SORT_WORDS=1 cargo test --test tidy sorted`:", &found);
}

#[test]
fn each_word_is_one_line_and_says_something() {
    let mut found = Vec::new();
    for file in [SPANISH, ENGLISH] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let parts = line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')?.split_once("\" = \""));
            if !parts.is_some_and(|(key, _)| key.contains('.')) {
                found.push(format!("{file}: not a line of \"room.key\" = \"text\": {line}"));
            }
        }
        for (key, word) in read(file) {
            if word.trim().is_empty() || word.trim() != word {
                found
                    .push(format!("{file}: {key} is empty or has blanks at its ends (the code places them)"));
            }
        }
    }
    none_left("One line a key, with a text:", &found);
}

#[test]
fn a_billion_is_never_said() {
    let found: Vec<String> = [SPANISH, ENGLISH]
        .iter()
        .flat_map(|file| read(file))
        .filter(|(_, text)| text.to_lowercase().contains("billón") || text.to_lowercase().contains("billion"))
        .map(|(key, text)| format!("{key}: {text}"))
        .collect();
    none_left("A billón is a thousand billions. Say thousands of millions:", &found);
}

/// Whether a literal has the form of a key in a room that the files have.
fn looks_like_a_key(literal: &str, rooms: &BTreeSet<String>) -> bool {
    let Some((room, rest)) = literal.split_once('.') else { return false };
    let name = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
    };
    rooms.contains(room) && rest.split('.').all(name) && !["toml", "json", "rs", "db", "csv"].contains(&rest)
}

/// Keys that the code asks for: in `word("…")`, `say("…")`, `find("…")`, `count("…")`, and wherever a
/// literal has the form of one.
fn asked_for(rooms: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut asked = BTreeMap::new();
    for source in program() {
        for literal in source.literals.iter().filter(|literal| looks_like_a_key(literal, rooms)) {
            asked.insert(literal.clone(), source.path.clone());
        }
    }
    asked
}

/// What stands before the braces where a key ends in a code from elsewhere, as in `format!("why.{code}")`:
/// any word of that room may be asked for.
fn asked_by_code() -> BTreeSet<String> {
    let literals = program().into_iter().flat_map(|source| source.literals);
    let prefix = |literal: String| {
        let (prefix, _) = literal.split_once('{')?;
        let key = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
        (prefix.contains('.') && prefix.chars().all(key)).then(|| prefix.to_owned())
    };
    literals.filter_map(prefix).collect()
}

fn rooms(words: &BTreeMap<String, String>) -> BTreeSet<String> {
    words.keys().filter_map(|key| Some(key.split_once('.')?.0.to_owned())).collect()
}

#[test]
fn every_word_that_the_code_asks_for_is_there() {
    let words = read(SPANISH);
    let counted =
        |key: &str| ["one", "other"].iter().all(|form| words.contains_key(&format!("{key}.{form}")));
    let found: Vec<String> = asked_for(&rooms(&words))
        .into_iter()
        .filter(|(key, _)| !words.contains_key(key) && !counted(key))
        .map(|(key, path)| format!("{key} ({path})"))
        .collect();
    none_left(
        "Keys without a word: add them to both word files (for `count`, as key.one and key.other):",
        &found,
    );
}

#[test]
fn every_word_is_asked_for() {
    let words = read(SPANISH);
    let (asked, by_code) = (asked_for(&rooms(&words)), asked_by_code());
    let found: Vec<String> = words
        .keys()
        .filter(|key| !TAKEN_WHOLE.iter().any(|room| key.starts_with(room)))
        .filter(|key| !ahead().any(|word| word == *key))
        .filter(|key| !by_code.iter().any(|room| key.starts_with(room)))
        .filter(|key| {
            // `count` adds the form, and a failure adds its next step.
            let base = [".one", ".other", ".next"].iter().find_map(|end| key.strip_suffix(end));
            !asked.contains_key(*key) && !base.is_some_and(|key| asked.contains_key(key))
        })
        .cloned()
        .collect();
    none_left(
        "Words that no code asks for. Delete them from both files, or write the whole key where it is used; \
         where a code from elsewhere decides, as `format!(\"room.{code}\")`:",
        &found,
    );
}

#[test]
fn no_word_is_kept_ahead_that_is_gone() {
    let words = read(SPANISH);
    let found: Vec<String> = ahead().filter(|key| !words.contains_key(*key)).map(str::to_owned).collect();
    none_left("tests/tidy/words_ahead.txt names words that no file has. Take them off the list:", &found);
}

/// Numbers that are never one: lengths past a limit, cells of a row, a median's sample.
const MANY: [&str; 6] = [
    "bulk.problem.description_long",
    "bulk.problem.fewer_cells",
    "bulk.problem.more_cells",
    "bulk.refused.too_many",
    "finding.amount.",
    "plain.choices",
];

/// «1 filas»: a number before a plural has the other form too, by `Lang::count`.
#[test]
fn a_number_before_a_plural_has_both_forms() {
    let found: Vec<String> = [SPANISH, ENGLISH]
        .into_iter()
        .flat_map(|file| read(file).into_iter().map(move |(key, text)| (file, key, text)))
        .filter(|(_, key, _)| {
            key.strip_suffix(".other").is_none() && !MANY.iter().any(|many| key.starts_with(many))
        })
        .filter(|(_, _, text)| {
            ["n", "count", "rows"].iter().any(|name| {
                text.split_once(&format!("{{{name}}} ")).is_some_and(|(_, after)| {
                    let noun: String = after.chars().take_while(|c| c.is_alphabetic()).collect();
                    noun.len() > 2 && noun.ends_with('s')
                })
            })
        })
        .map(|(file, key, text)| format!("{key} in {file}: {text}"))
        .collect();
    none_left("A number before a plural is said by `Lang::count`, with .one and .other:", &found);
}

/// What takes ⏎ and the arrows whatever `[keys]` says: dialogs, forms, and lists that lie over the panes.
const FIXED: [&str; 21] = [
    "cobru_form.enter",
    "confirm.folded",
    "counterparty_form.enter",
    "drafts.keys",
    "filter.keys",
    "form.leave",
    "help.keys",
    "help.more.one",
    "help.more.other",
    "key_form.enter",
    "leave.keys",
    "lock.how",
    "palette.keys",
    "palette.nothing",
    "pick.keys",
    "problem.counterparty.missing",
    "problem.source.missing",
    "qr.enter_for_new",
    "search.keys",
    "verify.what",
    "vow.keys",
];

/// A key written out in a sentence: `(f la muestra)`, `dígala con m`, `^O`, `F5`, ⏎.
fn named_key<'t>(key: &str, text: &'t str) -> Option<&'t str> {
    let words: Vec<&str> = text.split(' ').collect();
    words.iter().enumerate().find_map(|(at, whole)| {
        let before = at.checked_sub(1).and_then(|at| words.get(at)).copied().unwrap_or_default();
        let word = whole.trim_matches(['(', ')', ',', '.', ';', ':', '«', '»', '"']);
        let mut letters = word.chars();
        let named = match (letters.next(), letters.next()) {
            (Some('⏎' | '↑' | '↓'), _) => !FIXED.contains(&key),
            // Ten of a unit: `{seconds} s`.
            (Some(_), None) if before.ends_with('}') || before.ends_with(char::is_numeric) => false,
            // A vowel is a word, but for one that a sentence ends with: `péguela con e`.
            (Some(vowel), None) if "aeiouyAEIOUY".contains(vowel) => {
                ["con", "with"].contains(&before) && at.saturating_add(1) == words.len()
            }
            (Some(letter), None) | (Some('^'), Some(letter)) => letter.is_ascii_alphabetic(),
            (Some('F'), Some(figure)) => figure.is_ascii_digit(),
            _ => false,
        };
        named.then_some(*whole)
    })
}

/// `[keys]` gives any action another key: a sentence has its id, `{movement.approve}`, by `Keymap::say`.
#[test]
fn no_sentence_names_a_key_that_can_be_bound() {
    let found: Vec<String> = [SPANISH, ENGLISH]
        .into_iter()
        .flat_map(|file| read(file).into_iter().map(move |(key, text)| (file, key, text)))
        .filter_map(|(file, key, text)| {
            named_key(&key, &text).map(|named| format!("{key} in {file} names {named:?}: {text}"))
        })
        .collect();
    none_left("A sentence that names a key has its action's id in braces, said by `Keymap::say`:", &found);
    for text in ["(f la muestra)", "dígala con m", "pulse ^O", "F5 lee", "⏎ abre", "péguela con e"] {
        assert!(named_key("a.sentence", text).is_some(), "{text}");
    }
}
