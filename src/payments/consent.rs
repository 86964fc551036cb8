//! What a person saw and said before a write may leave: kept with it.

use super::review::{Code, Finding};

/// Nothing seen and nothing said is the default: then a red finding stops the write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent {
    /// Hash of what the review screen showed (`review::hash_of_lines`).
    pub shown: Option<String>,
    pub accepted: Vec<Accepted>,
}

/// A finding that a person goes on over, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub code: Code,
    pub reason: String,
    /// The ids of the rows that it rested on. `None`: whatever it rests on, as a command says it.
    pub rows: Option<Vec<String>>,
}

impl Accepted {
    pub fn of(finding: &Finding, reason: &str) -> Self {
        let rows = finding.evidence.iter().map(|row| row.id.to_string()).collect();
        Self { code: finding.code, reason: reason.trim().to_owned(), rows: Some(rows) }
    }

    /// The same rule, resting on no more than was seen.
    fn covers(&self, finding: &Finding) -> bool {
        self.code == finding.code
            && self.rows.as_ref().is_none_or(|rows| finding.evidence.len() <= rows.len())
    }
}

impl Consent {
    /// The red findings that nobody has answered for.
    pub fn open<'f>(&self, findings: &'f [Finding]) -> Vec<&'f Finding> {
        let answered = |finding: &&Finding| self.accepted.iter().any(|accepted| accepted.covers(finding));
        findings.iter().filter(|finding| finding.stops() && !answered(finding)).collect()
    }
}
