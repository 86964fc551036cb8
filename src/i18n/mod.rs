//! The words, Spanish and English; number, money and date formats.
//!
//! Every word on the screen comes from `assets/words.es.toml` and `assets/words.en.toml`: one line a
//! key, grouped by room (`pane.`, `column.`, `state.`, …) and sorted. `tests/tidy.rs` holds the two
//! files together and finds keys that nobody uses.

mod fold;
mod notes;
mod numbers;
mod spell;
mod terms;
mod times;

pub use fold::fold;
pub use numbers::{
    AmountError, Numerals, grouped, is_whole, money, money_signed, money_whole, parse_money, spellings,
};
pub use spell::amount_in_words;
pub use terms::{glossary, translations};
pub use times::{Dates, age, clock, date, day, hour_minute, moment, utc_clock, weekday, zone_name};

use std::collections::HashMap;
use std::fmt::{self, Display};
use std::str::FromStr;
use std::sync::{LazyLock, Mutex, PoisonError};

/// The language of the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    #[default]
    Es,
    En,
}

type Words = HashMap<&'static str, &'static str>;

static SPANISH: LazyLock<Words> = LazyLock::new(|| read(include_str!("../../assets/words.es.toml")));
static ENGLISH: LazyLock<Words> = LazyLock::new(|| read(include_str!("../../assets/words.en.toml")));

/// Lines of `"room.key" = "text"`, which are TOML. Read here, since every start waits for it: a TOML
/// reader takes as long for the words as all the rest of the first screen.
fn read(file: &'static str) -> Words {
    file.lines()
        .filter_map(|line| line.strip_prefix('"')?.strip_suffix('"')?.split_once("\" = \""))
        .map(|(key, text)| (key, unescaped(text)))
        .collect()
}

/// `\"`, `\\` and `\n`: the escapes that the files use.
fn unescaped(text: &'static str) -> &'static str {
    if !text.contains('\\') {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some(escaped)) => out.push(escaped),
            (plain, _) => out.push(plain),
        }
    }
    out.leak()
}

impl Lang {
    pub const ALL: [Self; 2] = [Self::Es, Self::En];

    /// As in config and arguments: `es`, `en`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
        }
    }

    fn words(self) -> &'static Words {
        match self {
            Self::Es => &SPANISH,
            Self::En => &ENGLISH,
        }
    }

    /// The word of a key that may not exist, such as one made of a provider's code.
    pub fn find(self, key: &str) -> Option<&'static str> {
        self.words().get(key).copied()
    }

    /// The word of a key. A key that is in no file is a slip of ours: it stops a debug build, and a
    /// release shows the key itself.
    pub fn word(self, key: &str) -> &'static str {
        self.find(key).unwrap_or_else(|| {
            debug_assert!(false, "no word for {key:?}: add it to assets/words.es.toml and words.en.toml");
            kept(key)
        })
    }

    /// The text of a key with its `{placeholders}` filled.
    pub fn say(self, key: &str, with: &[(&str, &dyn Display)]) -> String {
        fill(self.word(key), with)
    }

    /// As [`say`](Self::say), of `key.one` or `key.other` by the number. `{n}` is the number in the
    /// language's own grouping, unless `with` says otherwise.
    pub fn count(self, key: &str, n: impl TryInto<u64>, with: &[(&str, &dyn Display)]) -> String {
        let n = n.try_into().unwrap_or(u64::MAX);
        let form = if n == 1 { "one" } else { "other" };
        let number = grouped(n, Numerals::of(self));
        let mut all: Vec<(&str, &dyn Display)> = with.to_vec();
        all.push(("n", &number));
        fill(self.word(&format!("{key}.{form}")), &all)
    }
}

/// The first value of a name counts. A placeholder without a value stays as it is.
fn fill(text: &str, with: &[(&str, &dyn Display)]) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(16));
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        if let Some((_, value)) = with.iter().find(|(known, _)| *known == name) {
            out.push_str(&value.to_string());
        } else {
            debug_assert!(false, "no value for {{{name}}} in {text:?}");
            out.extend(["{", name, "}"]);
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Unknown keys for as long as the program runs, each once and no more than a screenful.
fn kept(key: &str) -> &'static str {
    static KEPT: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    const KEPT_MAX: usize = 256;
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept.iter().find(|known| **known == key) {
        return known;
    }
    if kept.len() >= KEPT_MAX {
        return "?";
    }
    let new: &'static str = key.to_owned().leak();
    kept.push(new);
    new
}

impl Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// A code that names no language of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no language is called {0:?}: es or en")]
pub struct UnknownLang(pub String);

impl FromStr for Lang {
    type Err = UnknownLang;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|lang| lang.code().eq_ignore_ascii_case(code))
            .ok_or_else(|| UnknownLang(code.chars().take(16).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_files_are_read_as_the_toml_they_are() {
        for (file, words) in [
            (include_str!("../../assets/words.es.toml"), &*SPANISH),
            (include_str!("../../assets/words.en.toml"), &*ENGLISH),
        ] {
            let toml: HashMap<String, String> = toml::from_str(file).unwrap();
            let read: HashMap<String, String> =
                words.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
            assert_eq!(read, toml);
        }
        assert_eq!(unescaped(r#"a \"b\" \\ \n"#), "a \"b\" \\ \n");
    }

    #[test]
    fn placeholders_are_filled_in_any_order() {
        assert_eq!(fill("{a} de {b}, {a}", &[("b", &2), ("a", &"x")]), "x de 2, x");
        assert_eq!(fill("sin nada", &[]), "sin nada");
        assert_eq!(fill("un { suelto", &[]), "un { suelto");
        // What is filled in is not read again.
        assert_eq!(fill("{a}{b}", &[("a", &"{b}"), ("b", &"y")]), "{b}y");
    }

    #[test]
    fn a_count_picks_its_form_and_groups_its_digits() {
        assert_eq!(Lang::Es.count("count.accounts", 1, &[]), "1 cuenta");
        assert_eq!(Lang::Es.count("count.accounts", 10_000, &[]), "10.000 cuentas");
        assert_eq!(Lang::En.count("count.accounts", 10_000, &[]), "10,000 accounts");
    }

    #[test]
    fn languages_are_read_by_their_codes() {
        assert_eq!("ES".parse(), Ok(Lang::Es));
        assert_eq!("en".parse(), Ok(Lang::En));
        assert!("fr".parse::<Lang>().is_err());
        assert_eq!(Lang::default(), Lang::Es);
    }

    #[test]
    fn an_unknown_key_is_kept_once() {
        assert!(std::ptr::eq(kept("no.such.key"), kept("no.such.key")));
    }
}
