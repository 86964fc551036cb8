//! Writes JSON as the contract shows it: fields in its order, amounts from their decimal text.
//!
//! `serde_json::Value` keeps a decimal as a float, which may not hold money; so the few shapes of this
//! side are written as text.

use super::amount;

/// A JSON text.
pub fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("text is always JSON")
}

/// An object under construction. Each method adds one field and gives the object back.
#[derive(Debug, Clone, Default)]
pub struct Object {
    fields: String,
}

impl Object {
    pub fn new() -> Self {
        Self::default()
    }

    /// A field whose value is JSON already.
    pub fn raw(mut self, name: &str, json: &str) -> Self {
        if !self.fields.is_empty() {
            self.fields.push(',');
        }
        self.fields.push_str(&quoted(name));
        self.fields.push(':');
        self.fields.push_str(json);
        self
    }

    pub fn text(self, name: &str, value: &str) -> Self {
        let value = quoted(value);
        self.raw(name, &value)
    }

    pub fn text_or_null(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self.null(name),
        }
    }

    pub fn integer(self, name: &str, value: impl Into<i128>) -> Self {
        let value = value.into().to_string();
        self.raw(name, &value)
    }

    pub fn flag(self, name: &str, value: bool) -> Self {
        self.raw(name, if value { "true" } else { "false" })
    }

    pub fn null(self, name: &str) -> Self {
        self.raw(name, "null")
    }

    /// An amount as a JSON number: `1222.08`.
    pub fn amount(self, name: &str, minor: i64) -> Self {
        let value = amount::number(minor);
        self.raw(name, &value)
    }

    /// An amount as text with two decimals: `"1222.08"`.
    pub fn amount_text(self, name: &str, minor: i64) -> Self {
        let value = amount::text(minor);
        self.text(name, &value)
    }

    pub fn end(self) -> String {
        format!("{{{}}}", self.fields)
    }
}

/// An array of values that are JSON already.
pub fn array(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    format!("[{}]", items.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_their_order_and_text_is_escaped() {
        let json =
            Object::new().integer("pk", 7).text("name", "Doña \"Inés\"\n").amount("fee", 122_208).null("x");
        assert_eq!(json.end(), r#"{"pk":7,"name":"Doña \"Inés\"\n","fee":1222.08,"x":null}"#);
        assert_eq!(array(["1".to_owned(), "{}".to_owned()]), "[1,{}]");
        assert_eq!(Object::new().end(), "{}");
    }
}
