//! How figures are grouped while they are typed, and what is said of them: a NIT's check digit, the bank
//! of a CLABE. Only the drawing groups; a field holds what its mask keeps of the keys.

use crate::block::Part;
use crate::console::theme::Meaning;
use crate::domain::{bank, document};
use crate::i18n::{Dates, Lang, Numerals};
use jiff::civil::Date;

/// What a line of text holds, where it is more than words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// Figures, in fours.
    Account,
    /// Eighteen figures, as `032 180 00011835971 9`.
    Clabe,
    /// A Bre-B key: no blanks.
    Key,
    /// Figures and letters; a hyphen before a NIT's check digit.
    Document,
    /// A day, in the order of the seat.
    Date,
}

impl Mask {
    /// Whether a typed or pasted character belongs into the field; others are left out without a word,
    /// since they are the marks that people group by.
    pub fn keeps(self, letter: char) -> bool {
        match self {
            Self::Account | Self::Clabe => letter.is_ascii_digit(),
            Self::Key => !letter.is_whitespace() && !letter.is_control(),
            Self::Document => letter.is_ascii_alphanumeric() || letter == '-',
            Self::Date => letter.is_ascii_digit() || matches!(letter, '/' | '-'),
        }
    }

    /// The part of a pasted block that belongs here.
    pub const fn parts(self) -> &'static [Part] {
        match self {
            Self::Account => &[Part::Account],
            Self::Clabe => &[Part::Clabe],
            Self::Key => &[Part::Key],
            Self::Document => &[Part::Document],
            Self::Date => &[],
        }
    }

    /// Marks that are drawn before the characters of these places.
    pub fn marks(self, value: &str, dates: Dates) -> Vec<(usize, char)> {
        let length = value.chars().count();
        let figures = value.bytes().all(|byte| byte.is_ascii_digit());
        let at = |places: &[usize], mark| {
            places.iter().filter(|place| **place < length).map(|place| (*place, mark)).collect()
        };
        match self {
            Self::Account => {
                (1..length).filter(|place| place.is_multiple_of(4)).map(|place| (place, ' ')).collect()
            }
            Self::Clabe => at(&[3, 6, 17], ' '),
            Self::Document => {
                let number = value.split('-').next().unwrap_or_default();
                if number.bytes().all(|byte| byte.is_ascii_digit()) {
                    threes(number.len(), '.')
                } else {
                    Vec::new()
                }
            }
            Self::Date if !figures => Vec::new(),
            Self::Date => match dates {
                Dates::DayFirst => at(&[2, 4], '/'),
                Dates::Iso => at(&[4, 6], '-'),
            },
            Self::Key => Vec::new(),
        }
    }

    /// What is known of what was typed; `kind` is what another field says that it is, such as `nit`.
    pub fn note(self, value: &str, kind: Option<&str>, lang: Lang) -> Option<(Meaning, String)> {
        match self {
            Self::Clabe if value.len() == 18 => {
                if !bank::clabe_holds(value) {
                    return Some((Meaning::Bad, lang.word("mask.clabe_wrong").to_owned()));
                }
                let name = bank::of_clabe(value).unwrap_or("—");
                Some((Meaning::Good, lang.say("mask.clabe", &[("bank", &name)])))
            }
            Self::Clabe if !value.is_empty() => {
                Some((Meaning::Dim, lang.say("form.of", &[("n", &value.len()), ("max", &18)])))
            }
            Self::Document if kind.is_some_and(|kind| kind.eq_ignore_ascii_case("nit")) => nit(value, lang),
            Self::Document if kind.is_some_and(|kind| kind.eq_ignore_ascii_case("cc")) => {
                let fine = (5..=10).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
                fine.then(|| (Meaning::Good, lang.word("mask.cc").to_owned()))
            }
            Self::Account | Self::Clabe | Self::Key | Self::Document | Self::Date => None,
        }
    }
}

/// The check digit that belongs to a NIT, or that the one typed is another's.
fn nit(value: &str, lang: Lang) -> Option<(Meaning, String)> {
    let (number, given) = match value.split_once('-') {
        Some((number, digit)) => (number, Some(digit)),
        None if value.len() == 10 => {
            value.split_at_checked(9).map(|(number, digit)| (number, Some(digit)))?
        }
        None => (value, None),
    };
    if number.len() < 8 {
        return None;
    }
    let right = document::nit_check_digit(number)?.to_string();
    Some(match given.filter(|given| !given.is_empty()) {
        None => (Meaning::Dim, lang.say("mask.nit", &[("digit", &right)])),
        Some(given) if given == right => (Meaning::Good, lang.say("mask.nit_right", &[("digit", &right)])),
        Some(_) => (Meaning::Bad, lang.say("mask.nit_wrong", &[("digit", &right)])),
    })
}

/// Places before which a mark stands, three by three from the right.
fn threes(length: usize, mark: char) -> Vec<(usize, char)> {
    (1..length)
        .filter(|place| length.saturating_sub(*place).is_multiple_of(3))
        .map(|place| (place, mark))
        .collect()
}

/// An amount grouped as its figures are typed. What holds a mark of its own is left as it is: the person
/// groups, and what can be read in two ways must stay visible.
pub fn amount_marks(value: &str, numerals: Numerals) -> Vec<(usize, char)> {
    let (group, point) = numerals.marks();
    let (whole, rest) = value.split_once(point).unwrap_or((value, ""));
    let figures = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !figures(whole) || !figures(rest) {
        return Vec::new();
    }
    threes(whole.len(), group)
}

/// A day as people type it: `21/11/2026`, `2026-11-21`, `21112026`, `21/11` of `year`.
pub fn read_date(text: &str, dates: Dates, year: i16) -> Option<Date> {
    let text = text.trim();
    let mut parts: Vec<&str> = text.split(['/', '-', '.', ' ']).filter(|part| !part.is_empty()).collect();
    if let [figures] = parts.as_slice()
        && figures.len() == 8
        && figures.is_ascii()
    {
        let (first, middle) = figures.split_at_checked(if dates == Dates::Iso { 4 } else { 2 })?;
        let (middle, last) = middle.split_at_checked(2)?;
        parts = vec![first, middle, last];
    }
    let number = |part: &str| part.parse::<i16>().ok().filter(|_| part.len() <= 4);
    let (year, month, day) = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => (number(year)?, number(month)?, number(day)?),
        [day, month, year] if year.len() == 4 => (number(year)?, number(month)?, number(day)?),
        [day, month] if dates == Dates::DayFirst => (year, number(month)?, number(day)?),
        [month, day] => (year, number(month)?, number(day)?),
        _ => return None,
    };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn shown(value: &str, marks: &[(usize, char)]) -> String {
        let mut out = String::new();
        for (at, letter) in value.chars().enumerate() {
            out.extend(marks.iter().filter(|(place, _)| *place == at).map(|(_, mark)| *mark));
            out.push(letter);
        }
        out
    }

    #[test]
    fn figures_are_grouped_as_they_are_written_on_paper() {
        let masked = |mask: Mask, value: &str| shown(value, &mask.marks(value, Dates::DayFirst));
        assert_eq!(masked(Mask::Clabe, "032180000118359719"), "032 180 00011835971 9");
        assert_eq!(masked(Mask::Account, "12345678901"), "1234 5678 901");
        assert_eq!(masked(Mask::Document, "900123456-8"), "900.123.456-8");
        assert_eq!(masked(Mask::Document, "RMX010203AB1"), "RMX010203AB1");
        assert_eq!(masked(Mask::Date, "21112026"), "21/11/2026");
        assert_eq!(masked(Mask::Date, "21/11/2026"), "21/11/2026");
        assert_eq!(shown("20261121", &Mask::Date.marks("20261121", Dates::Iso)), "2026-11-21");
        let amount = |value: &str, numerals| shown(value, &amount_marks(value, numerals));
        assert_eq!(amount("1200000", Numerals::EsCo), "1.200.000");
        assert_eq!(amount("1200000,5", Numerals::EsCo), "1.200.000,5");
        assert_eq!(amount("1200000.5", Numerals::EnUs), "1,200,000.5");
        // The person's own marks stay: it may be read in two ways.
        assert_eq!(amount("1.000", Numerals::EsCo), "1.000");
        assert_eq!(amount("1000.50", Numerals::EsCo), "1000.50");
    }

    #[test]
    fn a_day_is_read_in_the_order_of_the_seat() {
        for text in ["21/11/2026", "2026-11-21", "21-11-2026", "21112026", "21/11", "21.11.2026"] {
            assert_eq!(read_date(text, Dates::DayFirst, 2026), Some(date(2026, 11, 21)), "{text}");
        }
        assert_eq!(read_date("20261121", Dates::Iso, 2026), Some(date(2026, 11, 21)));
        for text in ["", "31/02/2026", "hoy", "21/11/26", "2026", "99999999"] {
            assert_eq!(read_date(text, Dates::DayFirst, 2026), None, "{text}");
        }
    }

    #[test]
    fn a_nit_is_told_its_check_digit() {
        let note = |value| Mask::Document.note(value, Some("nit"), Lang::Es);
        assert_eq!(note("890903938").map(|(meaning, _)| meaning), Some(Meaning::Dim));
        assert_eq!(note("890903938-8").map(|(meaning, _)| meaning), Some(Meaning::Good));
        assert_eq!(note("8909039387").map(|(meaning, _)| meaning), Some(Meaning::Bad));
        assert_eq!(note("8909"), None);
    }

    proptest! {
        #[test]
        fn marks_stand_between_characters_and_only_add(value in "[0-9a-zA-Z,.-]{0,40}") {
            for mask in [Mask::Account, Mask::Clabe, Mask::Key, Mask::Document, Mask::Date] {
                for (at, _) in mask.marks(&value, Dates::DayFirst) {
                    prop_assert!(at > 0 && at < value.chars().count());
                }
                mask.note(&value, Some("nit"), Lang::En);
            }
            read_date(&value, Dates::DayFirst, 2026);
        }
    }
}
