//! The one gate for text from outside (RELIABILITY, "Text gate"). Widgets, logs, clipboard and exports
//! take nothing but [`Clean`].

use std::fmt;
use std::sync::Arc;

/// Text whose every character is visible and stays in its place. It has one door: [`Clean::new`].
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clean {
    text: Arc<str>,
    altered: bool,
}

impl Clean {
    /// One line of text.
    pub fn new(text: &str) -> Self {
        let shown: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        let altered = shown != text;
        Self { text: shown.into(), altered }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether something hidden was taken out: reviews and approvals show it with a sign.
    pub fn altered(&self) -> bool {
        self.altered
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}
