//! Themes by name, and those of one's own: a TOML file in `themes/`, beside the configuration.
//!
//! ```toml
//! base = "dark"                # what is not said here is as there
//! screen = { fg = "#d0d0d0", bg = "#101418" }
//! good = "green"               # or "#7ec699", or 114
//! selected = { fg = "black", bg = "#7aa2f7", bold = true }
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{At, ConfigError, Origin, Wanted};
use super::layers::{line_at, parse, read_error, read_text, shown_key};
use super::schema;

/// The themes that come with the program (UX §5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ThemeName {
    #[default]
    /// The terminal's own sixteen colours.
    Terminal,
    Dark,
    Light,
    HighContrast,
    Mono,
}

impl ThemeName {
    pub const ALL: [Self; 5] = [Self::Terminal, Self::Dark, Self::Light, Self::HighContrast, Self::Mono];

    /// As in the configuration: Spanish first, English too.
    pub const fn codes(self) -> &'static [&'static str] {
        match self {
            Self::Terminal => &["terminal"],
            Self::Dark => &["oscuro", "dark"],
            Self::Light => &["claro", "light"],
            Self::HighContrast => &["alto-contraste", "high-contrast"],
            Self::Mono => &["mono"],
        }
    }

    pub const fn code(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Dark => "oscuro",
            Self::Light => "claro",
            Self::HighContrast => "alto-contraste",
            Self::Mono => "mono",
        }
    }

    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.codes().contains(&code))
    }
}

/// What `theme` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThemeChoice {
    Named(ThemeName),
    /// Dark or light by the terminal's background, where it tells.
    Auto,
    Own(OwnTheme),
}

/// Asks the terminal.
pub const AUTO: &str = "auto";

/// A colour as a file names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// The terminal's own foreground or background.
    Default,
    /// One of the terminal's 256: the first sixteen are its palette.
    Indexed(u8),
    Rgb(u8, u8, u8),
}

/// How one thing is painted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the file, on or off by itself")]
pub struct Paint {
    pub fg: Option<Ink>,
    pub bg: Option<Ink>,
    pub bold: bool,
    pub dim: bool,
    pub underline: bool,
    pub reverse: bool,
}

/// What may be painted. Production is missing on purpose: it looks the same in every theme.
pub const SLOTS: [&str; 14] = [
    "screen", "plain", "good", "bad", "look", "unknown", "moving", "new", "removed", "changed", "dim",
    "heading", "focus", "selected",
];

const PAINT_KEYS: [&str; 6] = ["fg", "bg", "bold", "dim", "underline", "reverse"];

/// The sixteen by name, in the order of their numbers.
const NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];

/// A theme of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTheme {
    /// The name of its file, without the ending.
    pub name: String,
    pub base: ThemeName,
    /// By [`SLOTS`].
    pub paints: Vec<(&'static str, Paint)>,
}

impl OwnTheme {
    pub fn paint(&self, slot: &str) -> Option<Paint> {
        self.paints.iter().find(|(name, _)| *name == slot).map(|(_, paint)| *paint)
    }
}

/// Where a theme of this name would lie.
pub fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.toml"))
}

/// What the key `theme` means, read at `at`.
pub(super) fn choose(text: &str, at: &At, folder: &Path) -> Result<ThemeChoice, ConfigError> {
    if text == AUTO {
        return Ok(ThemeChoice::Auto);
    }
    if let Some(name) = ThemeName::named(text) {
        return Ok(ThemeChoice::Named(name));
    }
    let path = file(folder, text);
    if super::layers::is_profile_name(text) && path.is_file() {
        return read(&path).map(ThemeChoice::Own);
    }
    let mut known: Vec<String> =
        ThemeName::ALL.iter().flat_map(|name| name.codes()).map(|c| (*c).to_owned()).collect();
    known.push(AUTO.to_owned());
    known.extend(names(folder));
    let value = shown_key(text);
    let near = schema::nearest(&value, &known).map(Into::into);
    Err(ConfigError::BadValue { at: at.clone(), value: value.into(), wanted: Wanted::Theme, near })
}

/// The names of the themes in a folder, sorted. One that isn't there has none.
pub fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| {
            entry.ok()?.file_name().into_string().ok()?.strip_suffix(".toml").map(str::to_owned)
        })
        .filter(|name| super::layers::is_profile_name(name))
        .collect();
    names.sort();
    names.truncate(THEMES_MAX);
    names
}

/// More than a list of them shows.
const THEMES_MAX: usize = 40;

/// Reads a theme. What is wrong is named with its line.
pub fn read(path: &Path) -> Result<OwnTheme, ConfigError> {
    let text = read_text(path).map_err(|cause| read_error(path, cause))?;
    let table = parse(path, &text)?;
    let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut reader = Reader { path, text: &text, wrong: Vec::new() };
    let mut theme = OwnTheme { name, base: ThemeName::Terminal, paints: Vec::new() };
    for (key, value) in table.get_ref() {
        let at = reader.at(key.get_ref(), key.span().start);
        if key.get_ref() == "base" {
            match value.get_ref().as_str().and_then(ThemeName::named) {
                Some(base) => theme.base = base,
                None => reader.bad(at, value, Wanted::OneOf(&BASES)),
            }
            continue;
        }
        let Some(slot) = SLOTS.into_iter().find(|slot| slot == key.get_ref()) else {
            let near = schema::nearest(key.get_ref(), &SLOTS);
            let near = near.or_else(|| (key.get_ref() == "production").then(|| "base".to_owned()));
            let line = at_line(&at);
            reader.wrong.push((line, ConfigError::UnknownKey { at, near }));
            continue;
        };
        let paint = reader.paint(at, value);
        theme.paints.push((slot, paint));
    }
    match reader.wrong.into_iter().min_by_key(|(line, _)| *line) {
        Some((_, first)) => Err(first),
        None => Ok(theme),
    }
}

const BASES: [&str; 8] =
    ["terminal", "oscuro", "dark", "claro", "light", "alto-contraste", "high-contrast", "mono"];

fn at_line(at: &At) -> usize {
    match &at.origin {
        Origin::File { line, .. } => *line,
        Origin::Default | Origin::Environment(_) | Origin::Flag(_) => 0,
    }
}

struct Reader<'t> {
    path: &'t Path,
    text: &'t str,
    wrong: Vec<(usize, ConfigError)>,
}

impl Reader<'_> {
    fn at(&self, key: &str, offset: usize) -> At {
        let origin = Origin::File { file: self.path.to_owned(), line: line_at(self.text, offset) };
        At { origin, key: shown_key(key) }
    }

    fn bad(&mut self, at: At, value: &Spanned<DeValue<'_>>, wanted: Wanted) {
        let text = value.get_ref().as_str().map(shown_key);
        let line = at_line(&at);
        self.wrong.push((
            line,
            match text {
                Some(text) => {
                    let near = match wanted {
                        Wanted::Colour => schema::nearest(&text, &NAMES).map(Into::into),
                        _ => None,
                    };
                    ConfigError::BadValue { at, value: text.into(), wanted, near }
                }
                None => ConfigError::WrongKind { at, wanted },
            },
        ));
    }

    fn paint(&mut self, at: At, value: &Spanned<DeValue<'_>>) -> Paint {
        let mut paint = Paint::default();
        let DeValue::Table(table) = value.get_ref() else {
            match ink(value.get_ref()) {
                Some(ink) => paint.fg = Some(ink),
                None => self.bad(at, value, Wanted::Colour),
            }
            return paint;
        };
        self.parts(&at.key, table, &mut paint);
        paint
    }

    fn parts(&mut self, slot: &str, table: &DeTable<'_>, paint: &mut Paint) {
        for (key, value) in table {
            let at = self.at(&format!("{slot}.{}", key.get_ref()), key.span().start);
            match key.get_ref().as_ref() {
                part @ ("fg" | "bg") => match ink(value.get_ref()) {
                    Some(ink) if part == "fg" => paint.fg = Some(ink),
                    Some(ink) => paint.bg = Some(ink),
                    None => self.bad(at, value, Wanted::Colour),
                },
                part @ ("bold" | "dim" | "underline" | "reverse") => match value.get_ref().as_bool() {
                    Some(on) if part == "bold" => paint.bold = on,
                    Some(on) if part == "dim" => paint.dim = on,
                    Some(on) if part == "underline" => paint.underline = on,
                    Some(on) => paint.reverse = on,
                    None => self.bad(at, value, Wanted::Flag),
                },
                other => {
                    let near = schema::nearest(other, &PAINT_KEYS).map(|near| format!("{slot}.{near}"));
                    let line = at_line(&at);
                    self.wrong.push((line, ConfigError::UnknownKey { at, near }));
                }
            }
        }
    }
}

/// `"#7ec699"`, `114`, `"114"`, `"bright-green"`, `"terminal"`.
fn ink(value: &DeValue<'_>) -> Option<Ink> {
    if let Some(number) = value.as_integer() {
        return u8::from_str_radix(number.as_str(), number.radix()).ok().map(Ink::Indexed);
    }
    let text = value.as_str()?;
    if text == "terminal" {
        return Some(Ink::Default);
    }
    if let Some(hex) = text.strip_prefix('#') {
        let number = u32::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 6 && !hex.starts_with('+'))?;
        let [_, red, green, blue] = number.to_be_bytes();
        return Some(Ink::Rgb(red, green, blue));
    }
    let by_name = NAMES.iter().position(|name| *name == text).and_then(|place| u8::try_from(place).ok());
    by_name.or_else(|| text.parse().ok()).map(Ink::Indexed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<OwnTheme, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path(), "mine");
        fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn a_theme_of_ones_own_is_read() {
        let theme = of("base = \"dark\"\ngood = \"green\"\nbad = 196\nlook = \"#ffd75f\"\n\
             [selected]\nfg = \"black\"\nbg = \"#7aa2f7\"\nbold = true\n")
        .unwrap();
        assert_eq!((theme.name.as_str(), theme.base), ("mine", ThemeName::Dark));
        assert_eq!(theme.paint("good").unwrap().fg, Some(Ink::Indexed(2)));
        assert_eq!(theme.paint("bad").unwrap().fg, Some(Ink::Indexed(196)));
        assert_eq!(theme.paint("look").unwrap().fg, Some(Ink::Rgb(0xff, 0xd7, 0x5f)));
        let selected = theme.paint("selected").unwrap();
        assert_eq!((selected.bg, selected.bold), (Some(Ink::Rgb(0x7a, 0xa2, 0xf7)), true));
        assert_eq!(theme.paint("moving"), None);
    }

    #[test]
    fn what_is_wrong_in_a_theme_is_named_with_file_and_line() {
        for (text, word, line) in [
            ("good = \"gren\"", "error.config.bad_value_near", 1),
            ("base = \"dark\"\ngood = \"#12345\"", "error.config.bad_value", 2),
            ("\n\ngood = 300", "error.config.wrong_kind", 3),
            ("goood = \"green\"", "error.config.unknown_key_near", 1),
            ("base = \"pink\"", "error.config.bad_value", 1),
            ("good = { fg = \"green\", blod = true }", "error.config.unknown_key_near", 1),
            ("good = { bold = 1 }", "error.config.wrong_kind", 1),
            ("good = ", "error.config.syntax", 1),
        ] {
            let wrong = of(text).unwrap_err();
            assert_eq!(wrong.word(), word, "{text}");
            assert!(wrong.place().unwrap().ends_with(&format!("mine.toml:{line}")), "{text} {wrong}");
        }
    }

    #[test]
    fn production_looks_the_same_in_every_theme() {
        assert!(of("production = \"green\"").is_err());
    }
}
