//! Reads a JSON body field by field, as strictly as the contract, and gathers what is wrong with it in
//! the framework's words (contract 4.1, 15).
//!
//! Every value stays as the raw text it came in until a reader asks for it: an amount is read from its
//! digits, and a depth bomb in a field that nobody reads costs nothing.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::amount::{self, AmountError};
use super::answer::Answer;
use super::json::{self, Object};

pub const REQUIRED: &str = "This field is required.";
const NULL: &str = "This field may not be null.";
const BLANK: &str = "This field may not be blank.";
const NOT_TEXT: &str = "Not a valid string.";
const NOT_INTEGER: &str = "A valid integer is required.";
const NOT_NUMBER: &str = "A valid number is required.";
const NOT_BOOLEAN: &str = "Must be a valid boolean.";
const NUL_CHARACTER: &str = "Null characters are not allowed.";

/// Longest text of a field that the contract gives no length for.
const TEXT_MAX: usize = 500;

/// Whether a field may stay away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    Required,
    /// Absent and `null` are the same: no value.
    Optional,
}

/// The fields of a request, and what was found wrong with them so far.
#[derive(Debug)]
pub struct Fields {
    values: BTreeMap<String, Box<RawValue>>,
    errors: RefCell<Vec<(String, String)>>,
}

impl Fields {
    /// Takes a body apart. What is no JSON object is refused as the framework does.
    pub fn parse(body: &[u8]) -> Result<Self, Answer> {
        let whole: &RawValue =
            serde_json::from_slice(body).map_err(|_| Answer::detail(400, "JSON parse error"))?;
        let kind = match whole.get().trim_start().chars().next() {
            Some('{') => None,
            Some('[') => Some("list"),
            Some('"') => Some("str"),
            Some('t' | 'f') => Some("bool"),
            Some('n') => Some("NoneType"),
            _ => Some("int"),
        };
        if let Some(kind) = kind {
            let text = format!("Invalid data. Expected a dictionary, but got {kind}.");
            return Err(Answer::field("non_field_errors", &text));
        }
        let values =
            serde_json::from_str(whole.get()).map_err(|_| Answer::detail(400, "JSON parse error"))?;
        Ok(Self { values, errors: RefCell::new(Vec::new()) })
    }

    /// Notes an error of a field; the answer with all of them comes from [`Self::check`].
    pub fn wrong(&self, name: &str, text: &str) {
        self.errors.borrow_mut().push((name.to_owned(), text.to_owned()));
    }

    /// All that was found wrong, as one 400; nothing when all is well.
    pub fn check(&self) -> Result<(), Answer> {
        let errors = self.errors.borrow();
        if errors.is_empty() {
            return Ok(());
        }
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in errors.iter() {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let mut object = Object::new();
        for name in names {
            let texts = errors.iter().filter(|(of, _)| of == name).map(|(_, text)| json::quoted(text));
            object = object.raw(name, &json::array(texts));
        }
        Err(Answer::json(400, object.end()))
    }

    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The JSON of a field as it came.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.get())
    }

    /// The JSON of a field, with `null` as absent; notes the absence of a required one.
    fn given(&self, name: &str, need: Need) -> Option<&str> {
        match (self.raw(name), need) {
            (None, Need::Required) => {
                self.wrong(name, REQUIRED);
                None
            }
            (Some("null"), Need::Required) => {
                self.wrong(name, NULL);
                None
            }
            (None | Some("null"), Need::Optional) => None,
            (given, _) => given,
        }
    }

    /// Text that may be empty, of at most `max` characters.
    pub fn text_up_to(&self, name: &str, need: Need, max: usize) -> Option<String> {
        let raw = self.given(name, need)?;
        // A lone surrogate is JSON and no text.
        let Ok(text) = serde_json::from_str::<String>(raw) else {
            self.wrong(name, NOT_TEXT);
            return None;
        };
        if text.contains('\0') {
            self.wrong(name, NUL_CHARACTER);
            return None;
        }
        if text.chars().count() > max {
            self.wrong(name, &format!("Ensure this field has no more than {max} characters."));
            return None;
        }
        Some(text)
    }

    /// Text that may be empty.
    pub fn text(&self, name: &str, need: Need) -> Option<String> {
        self.text_up_to(name, need, TEXT_MAX)
    }

    /// Text with something in it when it is required; an optional empty one counts as absent.
    pub fn words(&self, name: &str, need: Need, max: usize) -> Option<String> {
        let text = self.text_up_to(name, need, max)?;
        if text.trim().is_empty() {
            if need == Need::Required {
                self.wrong(name, BLANK);
            }
            return None;
        }
        Some(text)
    }

    /// Text or an integer, as text: `cc`, `phone`, `bank` and ids come in both forms.
    pub fn text_or_integer(&self, name: &str, need: Need, max: usize) -> Option<String> {
        let raw = self.given(name, need)?;
        if is_integer(raw) {
            return self.short_enough(name, raw, max);
        }
        self.words(name, need, max)
    }

    fn short_enough(&self, name: &str, raw: &str, max: usize) -> Option<String> {
        if raw.len() > max {
            self.wrong(name, &format!("Ensure this field has no more than {max} characters."));
            return None;
        }
        Some(raw.to_owned())
    }

    pub fn flag(&self, name: &str, need: Need) -> Option<bool> {
        match self.given(name, need)? {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.wrong(name, NOT_BOOLEAN);
                None
            }
        }
    }

    /// An integer from `min` to `max`.
    pub fn integer(&self, name: &str, need: Need, min: i64, max: i64) -> Option<i64> {
        let raw = self.given(name, need)?;
        if !is_integer(raw) {
            self.wrong(name, NOT_INTEGER);
            return None;
        }
        let value = raw.parse().unwrap_or(if raw.starts_with('-') { i64::MIN } else { i64::MAX });
        self.within(name, value, (min, &min.to_string()), (max, &max.to_string()))
    }

    /// A JSON number as minor units, `min` to `max` (minor units too).
    pub fn amount(&self, name: &str, need: Need, min: i64, max: i64) -> Option<i64> {
        let raw = self.given(name, need)?;
        if raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            return self.decimal(name, raw, min, max);
        }
        self.wrong(name, NOT_NUMBER);
        None
    }

    /// A JSON number or decimal text as minor units, `min` to `max`.
    pub fn amount_or_text(&self, name: &str, need: Need, min: i64, max: i64) -> Option<i64> {
        let raw = self.given(name, need)?;
        match serde_json::from_str::<String>(raw) {
            Ok(text) => self.decimal(name, &text, min, max),
            Err(_) => self.amount(name, need, min, max),
        }
    }

    fn decimal(&self, name: &str, text: &str, min: i64, max: i64) -> Option<i64> {
        match amount::parse(text) {
            Ok(minor) => self.within(name, minor, (min, &amount::number(min)), (max, &amount::number(max))),
            Err(AmountError::NotANumber) => {
                self.wrong(name, NOT_NUMBER);
                None
            }
            Err(AmountError::TooPrecise) => {
                self.wrong(name, "Ensure that there are no more than 2 decimal places.");
                None
            }
            Err(AmountError::TooLarge) => {
                self.wrong(name, "Ensure that there are no more than 15 digits in total.");
                None
            }
        }
    }

    fn within(&self, name: &str, value: i64, min: (i64, &str), max: (i64, &str)) -> Option<i64> {
        if value < min.0 {
            self.wrong(name, &format!("Ensure this value is greater than or equal to {}.", min.1));
            return None;
        }
        if value > max.0 {
            self.wrong(name, &format!("Ensure this value is less than or equal to {}.", max.1));
            return None;
        }
        Some(value)
    }

    /// An array of texts.
    pub fn texts(&self, name: &str) -> Option<Vec<String>> {
        let raw = self.given(name, Need::Optional)?;
        if let Ok(texts) = serde_json::from_str(raw) {
            return Some(texts);
        }
        self.wrong(name, "Expected a list of items.");
        None
    }
}

fn is_integer(raw: &str) -> bool {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(fields: &Fields) -> String {
        String::from_utf8(fields.check().unwrap_err().body).unwrap()
    }

    #[test]
    fn all_errors_come_at_once_in_the_order_of_the_fields() {
        let fields = Fields::parse(br#"{"amount":"x","days":1.5,"flags":{}}"#).unwrap();
        assert_eq!(fields.amount_or_text("amount", Need::Required, 0, 100), None);
        assert_eq!(fields.integer("days", Need::Required, 0, 9), None);
        assert_eq!(fields.text("flags", Need::Required), None);
        assert_eq!(fields.text("name", Need::Required), None);
        assert_eq!(
            refusal(&fields),
            r#"{"amount":["A valid number is required."],"days":["A valid integer is required."],"flags":["Not a valid string."],"name":["This field is required."]}"#
        );
    }

    #[test]
    fn a_number_is_read_without_a_float() {
        let fields = Fields::parse(br#"{"a":10000.10,"b":"0.01","c":1e2}"#).unwrap();
        assert_eq!(fields.amount("a", Need::Required, 0, i64::MAX), Some(1_000_010));
        assert_eq!(fields.amount_or_text("b", Need::Required, 0, i64::MAX), Some(1));
        assert_eq!(fields.amount("c", Need::Required, 0, i64::MAX), Some(10_000));
        assert!(fields.check().is_ok());
    }

    #[test]
    fn what_is_no_object_is_refused_and_nothing_panics() {
        for (body, status) in [(&b"[1]"[..], 400), (b"null", 400), (b"", 400), (b"{", 400), (b"\xff{}", 400)]
        {
            assert_eq!(Fields::parse(body).unwrap_err().status, status);
        }
        let deep = [b"{\"a\":".to_vec(), b"[".repeat(100_000), b"]".repeat(100_000), b"}".to_vec()].concat();
        let fields = Fields::parse(&deep).unwrap();
        assert_eq!(fields.text("a", Need::Required), None);
        assert_eq!(refusal(&fields), r#"{"a":["Not a valid string."]}"#);
    }

    #[test]
    fn a_lone_surrogate_and_a_nul_are_no_text() {
        let fields = Fields::parse(br#"{"a":"\ud800","b":"x\u0000"}"#).unwrap();
        fields.text("a", Need::Required);
        fields.text("b", Need::Required);
        assert_eq!(
            refusal(&fields),
            r#"{"a":["Not a valid string."],"b":["Null characters are not allowed."]}"#
        );
    }
}
