//! The one gate for text from outside (RELIABILITY, "Text gate"). Widgets, logs, clipboard and exports
//! take nothing but [`Clean`].
//!
//! What comes out has no character that moves the cursor, hides itself, joins another cell's or turns
//! the order of what stands beside it. Nothing is dropped without a trace: `�` or `\u{…}` stands where
//! something was, and [`Clean::escaped`] tells what.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use unicode_bidi::BidiClass;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

/// Characters as a reader counts them (grapheme clusters) in one text.
pub const GRAPHEMES_MAX: usize = 256;
/// Code points in one text: some scripts allow a cluster of any length.
const SCALARS_MAX: usize = 1024;
/// Marks on one letter: `ế` has two.
const MARKS_MAX: u8 = 2;
const REPLACEMENT: char = '\u{fffd}';

/// Text whose every character is visible and stays in its place. It has no other door than its
/// constructors, and cloning it is cheap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clean(Text);

/// Two words, since a desk holds millions.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Text {
    AsItCame(Arc<str>),
    Altered(Arc<Altered>),
}

#[derive(Debug, PartialEq, Eq)]
struct Altered {
    text: String,
    /// The original with what was hidden in it spelled out.
    escaped: String,
}

impl Clean {
    /// One line of text: every run of blanks and line ends is one space.
    pub fn new(text: &str) -> Self {
        if is_plain(text) {
            return Self(Text::AsItCame(text.into()));
        }
        Gate::new(Shape::Line).text(text).done()
    }

    /// Text that may have line ends, which stay. For fields that are drawn on lines of their own.
    pub fn lines(text: &str) -> Self {
        if is_plain(text) {
            return Self(Text::AsItCame(text.into()));
        }
        Gate::new(Shape::Lines).text(text).done()
    }

    /// One line of what should have been UTF-8.
    pub fn from_utf8_lossy(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::new(text),
            Err(_) => Gate::new(Shape::Line).bytes(bytes).done(),
        }
    }

    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::AsItCame(text) => text,
            Text::Altered(altered) => &altered.text,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }

    /// Whether something hidden was taken out: reviews and approvals show it with a sign.
    pub fn altered(&self) -> bool {
        matches!(self.0, Text::Altered(_))
    }

    /// The text with each code point that was taken out in its place, such as `Rojas[U+202E]oiraM`;
    /// bytes that were no UTF-8 as `[0xFF]`. The text itself where nothing was.
    pub fn escaped(&self) -> &str {
        match &self.0 {
            Text::AsItCame(text) => text,
            Text::Altered(altered) => &altered.escaped,
        }
    }

    /// Whether a word mixes letters that look alike from two scripts (UTS 39), such as a Cyrillic `а`
    /// in `Cаrlos`. Shown as it is, with a sign.
    pub fn suspicious(&self) -> bool {
        let text = self.as_str();
        !text.is_ascii() && text.split(|c: char| !is_letter(c) && !is_mark(c)).any(mixes_scripts)
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Default for Clean {
    fn default() -> Self {
        Self(Text::AsItCame(Arc::default()))
    }
}

impl Hash for Clean {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Ord for Clean {
    fn cmp(&self, other: &Self) -> Ordering {
        let rest = || (self.escaped(), self.altered()).cmp(&(other.escaped(), other.altered()));
        self.as_str().cmp(other.as_str()).then_with(rest)
    }
}

impl PartialOrd for Clean {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Text that the gate would let through as it is, told without looking anything up: Latin letters,
/// digits and punctuation with single blanks inside. Most of what the desk reads.
fn is_plain(text: &str) -> bool {
    let mut after_blank = true;
    if text.len() > GRAPHEMES_MAX {
        return false;
    }
    for c in text.chars() {
        match c {
            ' ' if after_blank => return false,
            ' ' => after_blank = true,
            '!'..='~' | '¡'..='¬' | '®'..='ſ' => after_blank = false,
            _ => return false,
        }
    }
    text.is_empty() || !after_blank
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Line,
    Lines,
}

/// What the next mark would sit on.
#[derive(Clone, Copy)]
enum Base {
    /// Nothing: the start of a line.
    Missing,
    /// A letter with so many marks already.
    With(u8),
}

/// The gate at work: characters in, the clean text and its spelling out.
struct Gate {
    shape: Shape,
    out: String,
    spelled: String,
    altered: bool,
    base: Base,
    /// The last that came out is the `�` of hidden characters; more of them add nothing.
    hiding: bool,
    /// Blanks since the last character, and the line ends among them.
    blank: bool,
    line_ends: usize,
}

impl Gate {
    fn new(shape: Shape) -> Self {
        Self {
            shape,
            out: String::new(),
            spelled: String::new(),
            altered: false,
            base: Base::Missing,
            hiding: false,
            blank: false,
            line_ends: 0,
        }
    }

    fn text(mut self, text: &str) -> Self {
        text.nfc().for_each(|c| self.take(c));
        self
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        for chunk in bytes.utf8_chunks() {
            chunk.valid().nfc().for_each(|c| self.take(c));
            for byte in chunk.invalid() {
                self.hide(format_args!("[0x{byte:02X}]"));
                self.base = Base::With(0);
            }
        }
        self
    }

    fn take(&mut self, c: char) {
        if is_blank(c) {
            self.blank = true;
            if c == '\n' {
                self.line_ends = self.line_ends.saturating_add(1);
            }
        } else if is_hidden(c) {
            self.hide(format_args!("[U+{:04X}]", u32::from(c)));
            self.base = Base::With(0);
        } else if is_mark(c) {
            self.settle_blanks();
            match self.base {
                Base::With(marks) if marks < MARKS_MAX => {
                    self.base = Base::With(marks.saturating_add(1));
                    self.show(c);
                }
                Base::With(_) | Base::Missing => self.hide(format_args!("[U+{:04X}]", u32::from(c))),
            }
        } else {
            self.settle_blanks();
            self.base = Base::With(0);
            self.show(c);
        }
    }

    fn show(&mut self, c: char) {
        self.hiding = false;
        if turns_the_line(c) {
            self.altered = true;
            self.out.extend(c.escape_unicode());
            self.spell(format_args!("[U+{:04X}]", u32::from(c)));
        } else {
            self.out.push(c);
            self.spelled.push(c);
        }
    }

    fn hide(&mut self, name: fmt::Arguments<'_>) {
        self.settle_blanks();
        self.altered = true;
        if !self.hiding {
            self.out.push(REPLACEMENT);
            self.hiding = true;
        }
        self.spell(name);
    }

    fn spell(&mut self, name: fmt::Arguments<'_>) {
        self.spelled.write_fmt(name).expect("a String takes whatever is written");
    }

    /// Blanks become one when something follows them: there are none at the ends.
    fn settle_blanks(&mut self) {
        let (blank, line_ends) = (self.blank, self.line_ends);
        (self.blank, self.line_ends) = (false, 0);
        if !blank || self.out.is_empty() {
            return;
        }
        self.hiding = false;
        if self.shape == Shape::Lines && line_ends > 0 {
            self.out.extend(std::iter::repeat_n('\n', line_ends));
            self.spelled.extend(std::iter::repeat_n('\n', line_ends));
            self.base = Base::Missing;
        } else {
            self.out.push(' ');
            self.spelled.push(' ');
            self.base = Base::With(0);
        }
    }

    fn done(self) -> Clean {
        let text = cut(self.out);
        if !self.altered {
            return Clean(Text::AsItCame(text.into()));
        }
        Clean(Text::Altered(Arc::new(Altered { text, escaped: cut(self.spelled) })))
    }
}

/// At most [`GRAPHEMES_MAX`] characters, the last of them `…` where there were more.
fn cut(mut text: String) -> String {
    if text.len() <= GRAPHEMES_MAX {
        return text;
    }
    let room = GRAPHEMES_MAX.saturating_sub(1);
    let (mut end, mut scalars) = (0, 0_usize);
    for (count, (start, cluster)) in text.grapheme_indices(true).enumerate() {
        scalars = scalars.saturating_add(cluster.chars().count());
        if count >= GRAPHEMES_MAX || scalars > SCALARS_MAX {
            text.truncate(end);
            text.push('…');
            return text;
        }
        if count < room && scalars < SCALARS_MAX {
            end = start.saturating_add(cluster.len());
        }
    }
    text
}

/// TAB, CR, LF and Zs.
fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\r' | '\n' | ' ')
        || (!c.is_ascii() && c.general_category() == GeneralCategory::SpaceSeparator)
}

fn is_mark(c: char) -> bool {
    !c.is_ascii()
        && matches!(
            c.general_category(),
            GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark | GeneralCategory::EnclosingMark
        )
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || (!c.is_ascii() && c.is_alphabetic())
}

/// Characters without a shape of their own, or whose shape nobody knows.
fn is_hidden(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    matches!(
        c.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
            | GeneralCategory::Surrogate
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    ) || is_default_ignorable(c)
        || matches!(c, '\u{2800}' | '\u{fffc}')
        // A letter that takes no cell of its own (a lone vowel of Hangul) would be glued to the cell
        // before it.
        || (c.width() == Some(0) && !is_mark(c))
}

/// `Default_Ignorable_Code_Point` (Unicode 17, DerivedCoreProperties.txt): no crate of ours has it.
fn is_default_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Characters that a terminal lays out from right to left, and with them the amount beside them.
fn turns_the_line(c: char) -> bool {
    if u32::from(c) < 0x590 {
        return false;
    }
    match unicode_bidi::bidi_class(c) {
        BidiClass::R | BidiClass::AL | BidiClass::AN => true,
        // What its table does not know it calls L: letters newer than it, in blocks that run from
        // right to left (DerivedBidiClass.txt, @missing).
        BidiClass::L => matches!(c,
            '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fdff}'
            | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}'),
        _ => false,
    }
}

/// Whether a word has letters of two scripts that are not written together. Latin stands beside
/// Chinese, Japanese and Korean letters in real names, and looks like none of them.
fn mixes_scripts(word: &str) -> bool {
    let mut first = None;
    word.chars().filter_map(script).any(|script| *first.get_or_insert(script) != script)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Georgian,
    Cherokee,
    Coptic,
    Lisu,
}

/// The script of a letter, for those whose letters are taken for one another.
fn script(c: char) -> Option<Script> {
    LOOK_ALIKES.iter().find(|(first, last, _)| (*first..=*last).contains(&c)).map(|(_, _, script)| *script)
}

/// Blocks of letters (Scripts.txt), the likeliest first.
const LOOK_ALIKES: [(char, char, Script); 44] = [
    ('a', 'z', Script::Latin),
    ('A', 'Z', Script::Latin),
    ('ª', 'ª', Script::Latin),
    ('º', 'º', Script::Latin),
    ('À', 'Ö', Script::Latin),
    ('Ø', 'ö', Script::Latin),
    ('ø', '\u{2b8}', Script::Latin),
    ('\u{1d00}', '\u{1d25}', Script::Latin),
    ('\u{1d2c}', '\u{1d5c}', Script::Latin),
    ('\u{1d62}', '\u{1d65}', Script::Latin),
    ('\u{1d6b}', '\u{1d77}', Script::Latin),
    ('\u{1d79}', '\u{1dbe}', Script::Latin),
    ('\u{1e00}', '\u{1eff}', Script::Latin),
    ('\u{212a}', '\u{212b}', Script::Latin),
    ('\u{2c60}', '\u{2c7f}', Script::Latin),
    ('\u{a722}', '\u{a787}', Script::Latin),
    ('\u{a78b}', '\u{a7ff}', Script::Latin),
    ('\u{ab30}', '\u{ab5a}', Script::Latin),
    ('\u{ab5c}', '\u{ab64}', Script::Latin),
    ('ﬀ', 'ﬆ', Script::Latin),
    ('Ａ', 'Ｚ', Script::Latin),
    ('ａ', 'ｚ', Script::Latin),
    ('\u{370}', '\u{373}', Script::Greek),
    ('\u{376}', '\u{37d}', Script::Greek),
    ('\u{37f}', '\u{3e1}', Script::Greek),
    ('\u{3f0}', '\u{3ff}', Script::Greek),
    ('\u{1d26}', '\u{1d2a}', Script::Greek),
    ('\u{1f00}', '\u{1fff}', Script::Greek),
    ('\u{400}', '\u{52f}', Script::Cyrillic),
    ('\u{1c80}', '\u{1c8f}', Script::Cyrillic),
    ('\u{1d2b}', '\u{1d2b}', Script::Cyrillic),
    ('\u{1d78}', '\u{1d78}', Script::Cyrillic),
    ('\u{a640}', '\u{a69f}', Script::Cyrillic),
    ('\u{531}', '\u{58a}', Script::Armenian),
    ('\u{10a0}', '\u{10ff}', Script::Georgian),
    ('\u{1c90}', '\u{1cbf}', Script::Georgian),
    ('\u{2d00}', '\u{2d2d}', Script::Georgian),
    ('\u{13a0}', '\u{13ff}', Script::Cherokee),
    ('\u{ab70}', '\u{abbf}', Script::Cherokee),
    ('\u{3e2}', '\u{3ef}', Script::Coptic),
    ('\u{2c80}', '\u{2cff}', Script::Coptic),
    ('\u{a4d0}', '\u{a4ff}', Script::Lisu),
    ('\u{11fb0}', '\u{11fb0}', Script::Lisu),
    ('\u{1df00}', '\u{1df2a}', Script::Latin),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `\u{..}` and `\x..` in the table of hostile texts.
    fn unescaped(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('\\') {
            out.extend(before.as_bytes());
            rest = if let Some(hex) = after.strip_prefix("u{") {
                let (hex, rest) = hex.split_once('}').unwrap();
                let c = char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap();
                out.extend(c.to_string().as_bytes());
                rest
            } else if let Some(hex) = after.strip_prefix('x') {
                let (hex, rest) = hex.split_at(2);
                out.push(u8::from_str_radix(hex, 16).unwrap());
                rest
            } else {
                out.push(b'\\');
                after.strip_prefix('\\').unwrap()
            };
        }
        out.extend(rest.as_bytes());
        out
    }

    #[test]
    fn each_hostile_text_comes_out_as_the_table_says() {
        let mut rows = 0;
        for line in include_str!("../tests/hostile/text.tsv").lines().filter(|line| !line.starts_with('#')) {
            let [name, input, output, altered] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
            let clean = Clean::from_utf8_lossy(&unescaped(input));
            assert_eq!(clean.as_str().as_bytes(), unescaped(output), "{name}: {:?}", clean.as_str());
            assert_eq!(clean.altered(), altered == "altered", "{name}");
            holds(&clean);
            rows += 1;
        }
        assert!(rows >= 120, "{rows}");
    }

    /// What no text may break.
    fn holds(clean: &Clean) {
        let text = clean.as_str();
        let shown = |c: char| c == '\n' || !is_hidden(c) && !turns_the_line(c);
        assert!(text.chars().all(shown), "{text:?}");
        assert!(!text.chars().any(|c| is_blank(c) && c != ' ' && c != '\n'), "{text:?}");
        assert!(text.graphemes(true).count() <= GRAPHEMES_MAX, "{text:?}");
        assert!(text.chars().count() <= SCALARS_MAX, "{text:?}");
        assert!(!text.starts_with(is_mark) && !text.contains("\n\u{301}"), "{text:?}");
        assert!(text.trim_matches(is_blank) == text, "{text:?}");
        assert!(unicode_normalization::is_nfc(text), "{text:?}");
        let mut marks = 0;
        for c in text.chars() {
            marks = if is_mark(c) { marks + 1 } else { 0 };
            assert!(marks <= 2, "{text:?}");
        }
        assert!(clean.escaped().chars().all(shown), "{:?}", clean.escaped());
    }

    #[test]
    fn what_was_taken_out_is_spelled() {
        assert_eq!(Clean::new("Carlos\u{202e}sajoR").escaped(), "Carlos[U+202E]sajoR");
        assert_eq!(Clean::new("a\u{200b}\u{200b}b").escaped(), "a[U+200B][U+200B]b");
        assert_eq!(Clean::from_utf8_lossy(b"a\xffb").escaped(), "a[0xFF]b");
        assert_eq!(Clean::new("א").escaped(), "[U+05D0]");
        assert_eq!(Clean::new("Peña  Muñoz").escaped(), "Peña Muñoz");
        assert_ne!(Clean::new("a\u{200b}b"), Clean::new("a\u{200c}b"));
    }

    #[test]
    fn line_ends_stay_where_lines_are_asked_for() {
        assert_eq!(Clean::lines(" uno \r\n\tdos\n\n tres \n").as_str(), "uno\ndos\n\ntres");
        assert_eq!(Clean::lines("uno\n\u{301}dos").as_str(), "uno\n\u{fffd}dos");
        assert_eq!(Clean::lines("uno\u{2028}dos").as_str(), "uno\u{fffd}dos");
    }

    #[test]
    fn long_text_is_cut_between_letters() {
        let cut = Clean::new(&"ñ".repeat(300));
        assert_eq!(cut.as_str(), format!("{}…", "ñ".repeat(255)));
        assert!(!cut.altered());
        assert_eq!(Clean::new(&"ñ".repeat(256)).as_str(), "ñ".repeat(256));
        assert_eq!(Clean::new(&"x".repeat(256)).as_str(), "x".repeat(256));
        assert_eq!(Clean::new(&"x".repeat(257)).as_str().len(), 255 + '…'.len_utf8());
        // One cluster without end: Hangul initials.
        holds(&Clean::new(&"\u{1100}".repeat(5_000)));
        holds(&Clean::new(&format!("ab{}", "\u{1100}".repeat(5_000))));
        holds(&Clean::new(&"א".repeat(300)));
    }

    #[test]
    fn a_word_of_two_scripts_is_suspicious() {
        for (text, suspicious) in [
            ("C\u{430}rlos Rojas", true),
            ("R\u{3bf}jas", true),
            ("Бaнк", true),
            ("Bancolombia Иван", false),
            ("Иван Ωmega", true),
            ("Peña 張偉", false),
            ("Sony株式会社", false),
            ("Ñandú S.A.S.", false),
            ("Carlos Rojas", false),
        ] {
            assert_eq!(Clean::new(text).suspicious(), suspicious, "{text}");
        }
    }

    #[test]
    fn every_code_point_alone_and_beside_others_is_safe() {
        // Planes 4 to 13 are empty, 15 and 16 private from end to end: their edges stand for them.
        let edges = (4..=16).flat_map(|plane| [plane << 16, (plane << 16) | 0xffff]);
        let numbers = (0..0x4_0000).chain(0xe_0000..0xe_1000).chain(edges);
        for c in numbers.filter_map(char::from_u32) {
            holds(&Clean::new(c.encode_utf8(&mut [0; 4])));
            let between: String = ['a', c, c, 'b'].into_iter().collect();
            holds(&Clean::new(&between));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn no_text_gets_through(text in any::<String>()) {
            let line = Clean::new(&text);
            prop_assert!(!line.as_str().contains('\n'));
            holds(&line);
            holds(&Clean::lines(&text));
        }

        #[test]
        fn no_bytes_get_through(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            holds(&Clean::from_utf8_lossy(&bytes));
        }

        // Of the classes that the rules name, thickly.
        #[test]
        fn no_hostile_mixture_gets_through(
            text in "[a-c \t\n\u{301}\u{316}\u{345}\u{200b}\u{202e}\u{5d0}\u{661}\u{1100}\u{1161}\u{11a8}\u{fe0f}\u{e0041}\u{d4e}\u{1f468}\u{200d}\u{903}\u{e000}]{0,600}",
        ) {
            let line = Clean::new(&text);
            prop_assert!(!line.as_str().contains('\n'));
            holds(&line);
            holds(&Clean::lines(&text));
        }

        #[test]
        fn clean_text_stays_as_it_is(text in any::<String>()) {
            let once = Clean::new(&text);
            let twice = Clean::new(once.as_str());
            prop_assert_eq!(once.as_str(), twice.as_str());
            prop_assert!(!twice.altered());
            let lines = Clean::lines(&text);
            let again = Clean::lines(lines.as_str());
            prop_assert_eq!(again.as_str(), lines.as_str());
        }

        // The short way must say what the long one says.
        #[test]
        fn plain_text_takes_the_short_way(text in "[ -~¡-ſ]{0,300}") {
            let long = Gate::new(Shape::Line).text(&text).done();
            prop_assert_eq!(Clean::new(&text), long);
        }
    }
}
