//! What the outbox keeps as a code, or as a code and the text of somebody else, in words.

use super::Lang;
use crate::sanitize::Clean;

/// Reasons behind which the other's words tell more than ours.
const WITH_TEXT: [&str; 3] = ["status", "unreadable", "mismatch"];
/// Ends that a step may speak of which is not the one that stands.
const ENDS: [&str; 6] = ["recorded", "sending", "sent", "not_sent", "rejected", "unknown"];

impl Lang {
    /// What a write does, by its code.
    pub fn write(self, action: &str) -> String {
        self.or_code(self.find(&format!("write.{action}")), &Clean::new(action)).to_string()
    }

    /// Who took a step: the machine, or a person by name.
    pub fn step_by(self, by: &str) -> String {
        self.find(&format!("by.{by}")).map_or_else(|| Clean::new(by).to_string(), str::to_owned)
    }

    /// A reason as it is kept, `code` or `code: text`. Ours is a word, without what a library said of a socket
    /// or a disk, which is in the log; the provider's own stands in quotes.
    pub fn reason(self, why: &str) -> String {
        let (code, said) = why.split_once(':').unwrap_or((why, ""));
        match self.find(&format!("why.{code}")) {
            Some(word) if WITH_TEXT.contains(&code) => format!("{word}: {}", quoted(said)),
            Some(word) => word.to_owned(),
            None => quoted(why),
        }
    }

    /// What came of a step: another end than the one that stands, or its reason.
    pub fn step_note(self, note: &str) -> String {
        if ENDS.contains(&note) {
            return self.say("outbox.other_end", &[("state", &self.outbox_state(note))]);
        }
        self.reason(note)
    }

    /// Why a look brought nothing: ours in words, the provider's own behind them.
    pub fn look_note(self, note: &str) -> String {
        // That the provider disagrees is said by itself.
        let note = note.strip_prefix("conflict").unwrap_or(note).trim();
        let (code, said) = note.split_once(':').unwrap_or((note, ""));
        let word = self.find(&format!("health.{code}")).or_else(|| self.find(&format!("look.{code}")));
        match word {
            Some(word) if said.trim().is_empty() => word.to_owned(),
            Some(word) => format!("{word}: {}", quoted(said)),
            None => quoted(note),
        }
    }
}

/// Words of somebody else.
fn quoted(text: &str) -> String {
    let text = Clean::new(text.trim_matches([':', ' ']));
    if text.is_empty() { String::new() } else { format!("«{text}»") }
}
