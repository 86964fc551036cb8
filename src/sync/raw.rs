//! What was really said: a row as the provider wrote it, a write and its answer, a request that a form
//! would send. Set in lines for the eye, with secrets and, by role, numbers of people masked.

use super::Desk;
use super::news::{News, RawOf};
use crate::config::mask;
use crate::domain::ProviderName;
use crate::domain::role::Right;
use crate::payments::intent::{Request, Stamp};
use crate::payments::{Checked, Wire};
use crate::sanitize::Clean;
use crate::store::StoreError;
use uuid::Uuid;

/// Lines that are shown of one body: a batch of a thousand rows is read elsewhere.
const LINES_MAX: usize = 2_000;
/// Rows among which one is looked for.
const ROWS_MAX: usize = 20_000;
/// What is in the names of JSON whose values only some roles see whole (UX §9).
const PERSONAL: [&str; 10] = [
    "account_number",
    "id_number",
    "document",
    "phone",
    "email",
    "key_value",
    "clabe",
    "payer_id",
    "celular",
    "beneficiary_id",
];

/// Answers with [`News::Raw`].
pub(super) async fn tell(desk: Desk, of: RawOf) {
    let whole = desk.actor.role.may(Right::SensitiveData);
    let lines = match &of {
        RawOf::Row { provider, resource, id } => {
            desk.store.facts(provider.code(), resource.code(), ROWS_MAX).await.map(|facts| {
                let fact =
                    facts.iter().find(|fact| fact.id == *id || fact.raw.contains(&format!("\"{id}\"")));
                fact.map(|fact| body(fact.raw.as_bytes(), whole)).unwrap_or_default()
            })
        }
        RawOf::Exchange(intent) => exchange(&desk, *intent, whole).await,
        RawOf::Request(checked) => Ok(request(&desk, checked)),
    };
    let lines = lines.unwrap_or_else(|error| {
        tracing::error!(%error, "what was said can't be read");
        Vec::new()
    });
    desk.say(News::Raw { of, lines: lines.into() });
}

async fn exchange(desk: &Desk, intent: Uuid, whole: bool) -> Result<Vec<Clean>, StoreError> {
    let Some(exchange) = desk.store.exchange(intent).await? else { return Ok(Vec::new()) };
    let mut lines = body(&exchange.body, whole);
    lines.push(Clean::default());
    lines.extend(exchange.answer_headers.lines().map(|line| Clean::new(&mask::masked(line))));
    lines.extend(body(&exchange.answer, whole));
    Ok(lines)
}

/// The bytes that would leave. The id and moment of the real one are made when it is recorded.
fn request(desk: &Desk, checked: &Checked) -> Vec<Clean> {
    let stamp = Stamp { id: Uuid::nil(), at: desk.now() };
    let order = checked.order();
    let written: Option<(Request, &str)> = match order.provider() {
        ProviderName::Cobre => desk.cobre.as_deref().map(|wire| (wire.request(order, &stamp), wire.host())),
        ProviderName::Cobru => desk.cobru.as_deref().map(|wire| (wire.request(order, &stamp), wire.host())),
    };
    let Some((request, host)) = written else { return Vec::new() };
    let mut lines = vec![Clean::new(&format!("{} {host}{}", request.method, mask::masked(&request.path)))];
    lines.push(Clean::default());
    // One's own request: every number in it was just typed by the person who reads it.
    lines.extend(body(&request.body, true));
    lines
}

/// Bytes as lines: JSON set out by its structure, everything else as it stands.
pub fn body(bytes: &[u8], whole: bool) -> Vec<Clean> {
    let text = String::from_utf8_lossy(bytes);
    let json = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
    let lines: Vec<String> = if json { set_out(&text) } else { text.lines().map(str::to_owned).collect() };
    let shown = |line: &String| {
        let line = if whole { line.clone() } else { without_persons(line) };
        let indent = line.len().saturating_sub(line.trim_start().len());
        // The gate takes blanks at the front away.
        let clean = Clean::new(&mask::masked(line.trim_start()));
        Clean::new(&format!("{}{clean}", "\u{b7}".repeat(indent)))
    };
    lines.iter().take(LINES_MAX).map(shown).collect()
}

/// JSON over lines, two blanks deeper inside each bracket. Numbers keep their text.
fn set_out(json: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let (mut depth, mut quoted, mut escaped): (usize, bool, bool) = (0, false, false);
    let mut letters = json.trim().chars().peekable();
    let fresh = |lines: &mut Vec<String>, depth: usize| lines.push("  ".repeat(depth.min(32)));
    while let Some(letter) = letters.next() {
        if lines.len() > LINES_MAX {
            break;
        }
        if quoted {
            push(&mut lines, letter);
            quoted = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
            continue;
        }
        match letter {
            '"' => {
                quoted = true;
                push(&mut lines, letter);
            }
            '{' | '[' => {
                push(&mut lines, letter);
                while letters.next_if(|next| next.is_whitespace()).is_some() {}
                if let Some(end) = letters.next_if(|next| matches!(next, '}' | ']')) {
                    push(&mut lines, end);
                } else {
                    depth = depth.saturating_add(1);
                    fresh(&mut lines, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                fresh(&mut lines, depth);
                push(&mut lines, letter);
            }
            ',' => {
                push(&mut lines, letter);
                fresh(&mut lines, depth);
            }
            ':' => {
                push(&mut lines, letter);
                push(&mut lines, ' ');
            }
            blank if blank.is_whitespace() => {}
            other => push(&mut lines, other),
        }
    }
    lines
}

fn push(lines: &mut [String], letter: char) {
    if let Some(line) = lines.last_mut() {
        line.push(letter);
    }
}

/// `"document": "1018983923"` → `"document": "······3923"`.
fn without_persons(line: &str) -> String {
    let Some((name, value)) = line.split_once(": ") else { return line.to_owned() };
    let bare = name.trim().trim_matches('"').to_ascii_lowercase();
    if bare.ends_with("_type") || !PERSONAL.iter().any(|part| bare.contains(part)) {
        return line.to_owned();
    }
    let inside = value.trim_end_matches(',').trim_matches('"');
    let hidden = inside.chars().count().saturating_sub(4);
    let masked: String =
        inside.chars().enumerate().map(|(at, letter)| if at < hidden { '·' } else { letter }).collect();
    let behind = if value.ends_with(',') { "," } else { "" };
    format!("{name}: \"{masked}\"{behind}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(json: &str, whole: bool) -> String {
        body(json.as_bytes(), whole).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn json_is_set_out_and_numbers_keep_their_text() {
        let json = r#"{"amount":12.10,"to":{"document":"1018983923","tags":[]},"note":"a, {b}: \"c\""}"#;
        assert_eq!(
            text(json, true),
            "{\n··\"amount\": 12.10,\n··\"to\": {\n····\"document\": \"1018983923\",\n····\"tags\": []\n··},\n\
             ··\"note\": \"a, {b}: \\\"c\\\"\"\n}"
        );
        assert!(text(json, false).contains("\"document\": \"······3923\""));
    }

    #[test]
    fn what_is_no_json_stands_as_it_is() {
        assert_eq!(text("<html>\n502 Bad Gateway", true), "<html>\n502 Bad Gateway");
        assert_eq!(text("", true), "");
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            for line in body(&bytes, false) {
                prop_assert!(!line.as_str().chars().any(char::is_control));
            }
        }
    }
}
