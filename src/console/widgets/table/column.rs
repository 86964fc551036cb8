//! What a table is made of: columns, the cells in them, and the rows that fill them.

use crate::console::model::Look;
use crate::console::theme::Meaning;
use crate::domain::money::{Currency, Money};
use crate::i18n::{self, Lang, fold};
use crate::sanitize::Clean;
use jiff::Timestamp;
use std::hash::{Hash as _, Hasher};

/// Text ready for one cell of the screen, and what it means. Made of our own words or of clean text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    pub(super) text: String,
    pub(super) meaning: Meaning,
}

impl Cell {
    pub fn clean(text: &Clean) -> Self {
        Self { text: text.as_str().to_owned(), meaning: Meaning::Plain }
    }

    /// From the word files, or digits of our own making.
    pub fn ours(text: impl Into<String>) -> Self {
        Self { text: text.into(), meaning: Meaning::Plain }
    }

    pub fn money(amount: Money, look: &Look<'_>) -> Self {
        Self::ours(i18n::money(amount, look.numerals))
    }

    pub fn signed(amount: Money, look: &Look<'_>) -> Self {
        Self::ours(i18n::money_signed(amount, look.numerals))
    }

    /// There is no such figure.
    pub fn none() -> Self {
        Self::ours("—")
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    #[must_use]
    pub fn means(self, meaning: Meaning) -> Self {
        Self { meaning, ..self }
    }

    /// With the sign of its meaning before the words.
    pub fn signed_word(meaning: Meaning, word: &str) -> Self {
        Self { text: format!("{} {word}", meaning.sign()), meaning }
    }
}

/// What a column is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Nothing,
    Text(String),
    Number(i64),
    Money(Currency, i64),
    Time(Timestamp),
}

impl Key {
    pub fn text(text: &str) -> Self {
        Self::Text(fold(text))
    }

    pub const fn money(money: Money) -> Self {
        Self::Money(money.currency, money.minor)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// As wide as its widest cell on the screen, never less than this. For amounts, states, times.
    Fit(u16),
    /// Between these; cut with `…` where it must be. For names and descriptions.
    Flex(u16, u16),
}

pub struct Column<T: 'static> {
    /// A key of the word files.
    pub title: &'static str,
    pub width: Width,
    pub align: Align,
    /// When there is no room, the column with the highest number goes first; 0 never goes.
    pub drops: u8,
    pub cell: fn(&T, &Look<'_>) -> Cell,
    pub sort: fn(&T) -> Key,
}

/// What a table can show.
pub trait Row: Sized + 'static {
    const COLUMNS: &'static [Column<Self>];

    /// The provider's identifier, by which the row is known again after a refresh.
    fn id(&self) -> &str;

    /// Everything that the quick filter looks into.
    fn haystack(&self, lang: Lang) -> String;

    /// A figure for what the row says: another one when something of it changed. What is only counted up
    /// by the clock has no part in it.
    fn said(&self) -> u64 {
        let mut hasher = Fnv::default();
        // One language for all: another one on the screen changes no row.
        self.haystack(Lang::Es).hash(&mut hasher);
        hasher.finish()
    }
}

/// A hash that is the same in every run: what was seen is remembered over a restart.
#[derive(Debug, Clone, Copy)]
pub struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
