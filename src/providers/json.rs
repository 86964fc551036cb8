//! JSON as it really comes: bounded, and with numbers kept as the text they were written in. Money
//! never passes through a float.

use crate::domain::money::{Currency, Money};
use crate::sanitize::Clean;
use crate::store::Fact;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

use super::Rows;

/// How deep arrays and objects may nest.
const DEPTH_MAX: usize = 64;
/// The longest text or number inside a row, in bytes.
const FIELD_MAX: usize = 4 * 1024;
/// The most rows that one page may hold.
pub const ROWS_MAX: usize = 1_000;
/// The most pages that one list may have.
pub const PAGES_MAX: usize = 10_000;

/// Why a row is shown as unreadable. For the log: a person sees the count and the raw row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Bad(pub &'static str);

/// A body as text, once its nesting is known to be bounded.
pub fn text(body: &[u8]) -> Result<Cow<'_, str>, String> {
    let mut depth = 0_usize;
    let (mut quoted, mut escaped) = (false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth = depth.saturating_add(1),
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Err(format!("JSON nested deeper than {DEPTH_MAX}"));
        }
    }
    Ok(with_numbers_only(String::from_utf8_lossy(body)))
}

/// Python writes `NaN` and `Infinity`, which are not JSON: put into quotes, they spoil one amount and
/// not the whole answer.
fn with_numbers_only(text: Cow<'_, str>) -> Cow<'_, str> {
    const WORDS: [&str; 3] = ["NaN", "-Infinity", "Infinity"];
    if !text.contains("NaN") && !text.contains("Infinity") {
        return text;
    }
    let (mut mended, mut rest) = (String::with_capacity(text.len()), &*text);
    let (mut quoted, mut escaped) = (false, false);
    while let Some(next) = rest.chars().next() {
        let word = WORDS.into_iter().find(|word| !quoted && rest.starts_with(word));
        let taken = word.map_or(next.len_utf8(), str::len);
        let (piece, after) = rest.split_at(taken);
        match word {
            Some(word) => mended.extend(["\"", word, "\""]),
            None => mended.push_str(piece),
        }
        match next {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        rest = after;
    }
    Cow::Owned(mended)
}

/// Parses a body, or says why not.
pub fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| format!("not the JSON that was expected: {error}"))
}

/// Parses one row or object whose every field is of bearable length.
pub fn row<'a, T: Deserialize<'a>>(raw: &'a str) -> Result<T, Bad> {
    let mut length = 0_usize;
    let (mut quoted, mut escaped) = (false, false);
    for byte in raw.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => {
                quoted = !quoted;
                length = 0;
            }
            b',' | b':' | b'[' | b']' | b'{' | b'}' if !quoted => length = 0,
            _ => {}
        }
        length = length.saturating_add(1);
        if length > FIELD_MAX {
            return Err(Bad("a field over 4 KiB"));
        }
    }
    serde_json::from_str(raw).map_err(|_| Bad("not the shape of a row"))
}

/// Text, number or truth value, as its text; `null`, objects, arrays and what is missing are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loose(pub String);

impl Loose {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn clean(&self) -> Clean {
        Clean::new(&self.0)
    }

    /// `None` when there is nothing in it.
    pub fn filled(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(self.0.as_str())
    }

    pub fn parse<T: std::str::FromStr>(&self) -> Option<T> {
        self.0.parse().ok()
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <Cow<'de, RawValue>>::deserialize(deserializer)?;
        let text = raw.get();
        Ok(Self(match text.as_bytes().first() {
            Some(b'"') => serde_json::from_str(text).map_err(serde::de::Error::custom)?,
            None | Some(b'n' | b'{' | b'[') => String::new(),
            Some(_) => text.to_owned(),
        }))
    }
}

/// An object if it is one: `null`, `{}`, text and what is missing are all the empty one.
pub fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + for<'any> Deserialize<'any>,
{
    let raw = <Cow<'de, RawValue>>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).unwrap_or_default())
}

/// Major units in decimal text: `"50000.00"`, `185000`, `1212.77`. An exponent, `NaN`, more digits than
/// the currency has, or beyond an i64 is no amount.
pub fn money(text: &Loose, currency: Currency) -> Result<Money, Bad> {
    Money::from_decimal(text.as_str().trim(), currency)
        .map_err(|_| Bad("an amount that can't be read exactly"))
}

/// Minor units as a whole number; a fraction of zeros is let pass.
pub fn minor(text: &Loose, currency: Currency) -> Result<Money, Bad> {
    let bad = Bad("an amount that is no whole number of minor units");
    let (whole, fraction) = text.as_str().split_once('.').unwrap_or((text.as_str(), "0"));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || fraction.is_empty() || fraction.bytes().any(|byte| byte != b'0') {
        return Err(bad);
    }
    whole.parse().map(|minor| Money::new(minor, currency)).map_err(|_| bad)
}

pub fn currency(text: &Loose) -> Result<Currency, Bad> {
    text.as_str().parse().map_err(|_| Bad("a currency that is not known"))
}

/// A moment in any of the forms that are met: RFC 3339 with any fraction, epoch milliseconds (`0` is
/// none), a date and time without zone (Bogotá's, as far as samples show [inf]), a bare date.
pub fn moment(text: &Loose) -> Option<Timestamp> {
    let text = text.as_str().trim();
    if text.is_empty() {
        return None;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().filter(|ms| *ms > 0).and_then(|ms| Timestamp::from_millisecond(ms).ok());
    }
    let text = short_fraction(text);
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let bogota = || TimeZone::get("America/Bogota").ok();
    let naive: DateTime = match text.parse() {
        Ok(naive) => naive,
        Err(_) => text.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight()),
    };
    naive.to_zoned(bogota()?).ok().map(|zoned| zoned.timestamp())
}

/// Nine digits of a fraction are read; some samples have more.
fn short_fraction(text: &str) -> Cow<'_, str> {
    let Some((whole, rest)) = text.split_once('.') else { return Cow::Borrowed(text) };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    match (rest.get(..9), rest.get(digits..)) {
        (Some(kept), Some(zone)) if digits > 9 => Cow::Owned(format!("{whole}.{kept}{zone}")),
        _ => Cow::Borrowed(text),
    }
}

/// A row as the desk speaks of it, and what its fact is filed under.
#[derive(Debug)]
pub struct Read<T> {
    pub id: String,
    /// Milliseconds.
    pub at: i64,
    pub row: T,
}

/// Reads rows one by one: an unreadable one is kept raw and counted, and spoils no other.
pub fn collect<T>(
    raws: Vec<String>,
    whole: bool,
    read: impl Fn(&str) -> Result<Option<Read<T>>, Bad>,
) -> Rows<T> {
    let mut rows = Rows { rows: Vec::new(), facts: Vec::new(), unreadable: 0, whole };
    for raw in raws {
        match read(&raw) {
            Ok(Some(Read { id, at, row })) => {
                rows.rows.push(row);
                rows.facts.push(Fact { id, at, raw });
            }
            Ok(None) => {}
            Err(why) => {
                rows.unreadable = rows.unreadable.saturating_add(1);
                let hash = Sha256::digest(raw.as_bytes());
                let id = hash.iter().take(8).fold(0_u64, |id, byte| id << 8 | u64::from(*byte));
                let id = format!("unreadable:{id:016x}");
                tracing::warn!(%why, fact = id, "unreadable row");
                rows.facts.push(Fact { id, at: 0, raw });
            }
        }
    }
    rows
}

/// Reads facts of an earlier run by the same door as fresh rows.
pub fn collect_facts<T>(facts: &[Fact], read: impl Fn(&Fact) -> Result<Option<Read<T>>, Bad>) -> Rows<T> {
    let mut rows = Rows { rows: Vec::new(), facts: facts.to_vec(), unreadable: 0, whole: true };
    for fact in facts {
        match read(fact) {
            Ok(Some(read)) => rows.rows.push(read.row),
            Ok(None) => {}
            Err(_) => rows.unreadable = rows.unreadable.saturating_add(1),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn loose(json: &str) -> Loose {
        serde_json::from_str(&text(json.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn any_scalar_is_its_own_text() {
        for (json, text) in [
            (r#""50000.00""#, "50000.00"),
            ("185000", "185000"),
            ("1212.770", "1212.770"),
            ("9223372036854775808", "9223372036854775808"),
            ("1e3", "1e3"),
            ("true", "true"),
            ("null", ""),
            ("{}", ""),
            (r#"["x"]"#, ""),
            (r#""\u00f1""#, "ñ"),
        ] {
            assert_eq!(loose(json).as_str(), text, "{json}");
        }
    }

    #[test]
    fn money_is_read_from_its_decimal_text_or_not_at_all() {
        let major = |json| money(&loose(json), Currency::Cop).map(|money| money.minor);
        // 0.1 + 0.2 as a float would be too precise; 92233720368547758.07 would lose its cents.
        for (json, minor) in [
            (r#""50000.00""#, 5_000_000),
            ("185000", 18_500_000),
            ("1212.77", 121_277),
            ("56.050", 5_605),
            ("-0.0", 0),
            ("92233720368547758.07", i64::MAX),
        ] {
            assert_eq!(major(json), Ok(minor), "{json}");
        }
        for bad in
            ["102459.995858", "1e5", "1E-2", r#""NaN""#, r#""""#, "null", "92233720368547758.08", r#""1,5""#]
        {
            assert!(major(bad).is_err(), "{bad}");
        }
        let whole = |json| minor(&loose(json), Currency::Cop).map(|money| money.minor);
        for (json, minor) in
            [("10000", 10_000), (r#""-100""#, -100), ("250.0", 250), ("9223372036854775807", i64::MAX)]
        {
            assert_eq!(whole(json), Ok(minor), "{json}");
        }
        for bad in [
            "100.5",
            "1e3",
            "9223372036854775808",
            "null",
            r#""1.""#,
            r#""""#,
            r#""--1""#,
            r#""-""#,
            "NaN",
            "-Infinity",
        ] {
            assert!(whole(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_moment_is_read_in_every_form() {
        let at: Timestamp = "2026-11-20T14:14:03Z".parse().unwrap();
        for json in [
            r#""2026-11-20T14:14:03Z""#,
            r#""2026-11-20T14:14:03.000000000000Z""#,
            r#""2026-11-20T09:14:03-05:00""#,
            r#""2026-11-20 09:14:03""#,
            "1795184043000",
            r#""1795184043000""#,
        ] {
            assert_eq!(moment(&loose(json)), Some(at), "{json}");
        }
        for none in ["0", r#""""#, "null", r#""soon""#, "-1", "99999999999999999999"] {
            assert_eq!(moment(&loose(none)), None, "{none}");
        }
    }

    #[test]
    fn nesting_is_bounded_and_brackets_in_text_do_not_nest() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(text(nested(64).as_bytes()).is_ok());
        assert!(text(nested(65).as_bytes()).is_err());
        let brackets = format!(r#"["\"{}"]"#, "[{".repeat(100));
        assert!(text(brackets.as_bytes()).is_ok());
    }

    #[test]
    fn what_is_no_number_spoils_one_amount_and_not_the_answer() {
        let mended = text(br#"[{"a":NaN,"b":"NaN \" Infinity"},-Infinity]"#).unwrap();
        assert_eq!(mended, r#"[{"a":"NaN","b":"NaN \" Infinity"},"-Infinity"]"#);
    }

    #[test]
    fn a_field_beyond_4_kib_spoils_its_row_only() {
        let of = |length: usize| format!(r#"{{"id":"a","x":"{}"}}"#, "y".repeat(length));
        assert!(row::<serde::de::IgnoredAny>(&of(4_000)).is_ok());
        assert!(row::<serde::de::IgnoredAny>(&of(5_000)).is_err());
        let rows = collect(vec![of(5_000), of(1)], true, |raw| {
            row::<serde::de::IgnoredAny>(raw)?;
            Ok(Some(Read { id: "a".to_owned(), at: 1, row: () }))
        });
        assert_eq!((rows.rows.len(), rows.unreadable, rows.facts.len()), (1, 1, 2));
        assert!(rows.facts[0].id.starts_with("unreadable:"), "{:?}", rows.facts[0].id);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(text) = text(&bytes) {
                row::<Loose>(&text).ok();
                moment(&Loose(text.into_owned()));
            }
        }
    }
}
