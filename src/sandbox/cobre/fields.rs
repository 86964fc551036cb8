//! Reading a body's fields one by one, each with the error code of its resource.

use serde_json::{Map, Value};

use super::refusal::Refusal;

/// A JSON object and the code that its faults are answered with.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    pub map: &'a Map<String, Value>,
    pub code: &'static str,
}

impl<'a> Fields<'a> {
    pub const fn new(map: &'a Map<String, Value>, code: &'static str) -> Self {
        Self { map, code }
    }

    pub fn refuse(&self, text: impl Into<String>) -> Refusal {
        Refusal::new(self.code, text)
    }

    /// The field; `null` counts as missing.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// A text of `min` to `max` characters, if it is there.
    pub fn text(&self, name: &str, min: usize, max: usize) -> Result<Option<&'a str>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if (min..=max).contains(&text.chars().count()) => Ok(Some(text)),
            Some(Value::String(_)) => Err(self.refuse(format!("{name} must have {min} to {max} characters"))),
            Some(_) => Err(self.refuse(format!("{name} must be a string"))),
        }
    }

    /// A text that is there and is not blank.
    pub fn required_text(&self, name: &str, min: usize, max: usize) -> Result<&'a str, Refusal> {
        let text = self.text(name, min, max)?.filter(|text| min == 0 || !text.trim().is_empty());
        text.ok_or_else(|| self.refuse(format!("{name} is required")))
    }

    pub fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.refuse(format!("{name} must be a boolean"))),
        }
    }

    pub fn object(&self, name: &str) -> Result<Option<Fields<'a>>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(Fields::new(map, self.code))),
            Some(_) => Err(self.refuse(format!("{name} must be an object"))),
        }
    }

    /// A list of texts, if it is there.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let refuse = || self.refuse(format!("{name} must be a list of strings"));
        match self.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) => {
                let texts = items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(refuse));
                Ok(Some(texts.collect::<Result<_, _>>()?))
            }
            Some(_) => Err(refuse()),
        }
    }

    /// Whole minor units. A number with a fraction or an exponent is refused, whatever its value;
    /// a text of digits is taken unless `strict` (contract 1.8).
    pub fn amount(&self, name: &str, strict: bool) -> Result<Option<i64>, Refusal> {
        let whole = || self.refuse(format!("{name} must be an integer in minor units"));
        match self.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => number.as_i64().map(Some).ok_or_else(whole),
            Some(Value::String(text)) if !strict => {
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                text.parse().ok().filter(|_| digits).map(Some).ok_or_else(whole)
            }
            Some(_) => Err(whole()),
        }
    }

    pub fn positive(&self, name: &str, strict: bool) -> Result<i64, Refusal> {
        let amount = self.amount(name, strict)?.ok_or_else(|| self.refuse(format!("{name} is required")))?;
        if amount < 1 {
            return Err(self.refuse(format!("{name} must be greater than 0")));
        }
        Ok(amount)
    }
}

/// A JSON integer as the text it was meant to be: some programs send account numbers so.
pub fn texted(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.is_i64() || number.is_u64() => Value::String(number.to_string()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_amount_is_a_whole_number_and_nothing_else() {
        let read = |value: Value, strict: bool| {
            let body = json!({ "amount": value });
            Fields::new(body.as_object().unwrap(), "MM001").positive("amount", strict).ok()
        };
        assert_eq!(read(json!(100), false), Some(100));
        assert_eq!(read(json!("100"), false), Some(100));
        assert_eq!(read(json!("100"), true), None);
        let text = |json: &str| serde_json::from_str::<Value>(json).unwrap();
        for bad in [
            "0",
            "-1",
            "1.5",
            "1.0",
            "1e3",
            "9223372036854775808",
            "1e400",
            "true",
            "[]",
            "\"\"",
            "\"1.0\"",
            "\"+5\"",
            "null",
        ] {
            let Ok(value) = serde_json::from_str::<Value>(bad) else { continue };
            assert_eq!(read(value, false), None, "{bad}");
        }
        assert_eq!(read(text("9223372036854775807"), false), Some(i64::MAX));
    }
}
