//! Faults on demand: what may go wrong between a client and a provider, set through
//! `POST /_sandbox/faults` and chosen again in the same way from the same seed.

use std::collections::VecDeque;

use axum::body::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::http::segments;
use super::ledger::Provider;

#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// The request is handled, and its answer comes so much later on the wall clock.
    DelayMs(u64),
    /// Not handled; this status with the provider's own error body.
    Status(u16),
    /// Not handled, no answer, the connection closed.
    CutBefore,
    /// Handled; the head and half of the body, then closed.
    CutDuring,
    /// Handled; closed without a byte of answer.
    CutAfter,
    /// Handled; only so many bytes of the body, as if that were all.
    Truncate(usize),
    /// Handled; a body that is no JSON and no UTF-8.
    Garbage,
    /// A read answers as it did before.
    Stale,
    Reorder,
    RepeatRows,
    /// A row went away between the pages: later pages begin one row later.
    ShiftPages,
    /// Only the paging parameters are heeded.
    IgnoreFilter,
    /// Every field of this name (or path with dots) has another value in the answer.
    Alter {
        field: String,
        value: Value,
    },
    WebhookTwice,
    WebhookLate(u64),
    /// Another comes before it, which nobody sent who knows the signing key.
    WebhookForged,
}

impl Fault {
    /// Reads the texts of CLI.md, such as `delay_ms:500` or `alter:amount=9`.
    pub fn read(text: &str) -> Option<Self> {
        let (name, argument) = text.split_once(':').map_or((text, None), |(name, rest)| (name, Some(rest)));
        let number = || argument.and_then(|digits| digits.trim().parse::<u64>().ok());
        Some(match (name, argument) {
            ("delay_ms", _) => Self::DelayMs(number()?),
            ("status", _) => {
                Self::Status(u16::try_from(number()?).ok().filter(|status| (200..600).contains(status))?)
            }
            ("truncate", _) => Self::Truncate(usize::try_from(number()?).ok()?),
            ("webhook_late", _) => Self::WebhookLate(number()?),
            ("alter", Some(rest)) => {
                let (field, value) = rest.split_once('=').filter(|(field, _)| !field.is_empty())?;
                let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
                Self::Alter { field: field.to_owned(), value }
            }
            ("cut_before", None) => Self::CutBefore,
            ("cut_during", None) => Self::CutDuring,
            ("cut_after", None) => Self::CutAfter,
            ("garbage", None) => Self::Garbage,
            ("stale", None) => Self::Stale,
            ("reorder", None) => Self::Reorder,
            ("repeat_rows", None) => Self::RepeatRows,
            ("shift_pages", None) => Self::ShiftPages,
            ("ignore_filter", None) => Self::IgnoreFilter,
            ("webhook_twice", None) => Self::WebhookTwice,
            ("webhook_forged", None) => Self::WebhookForged,
            _ => return None,
        })
    }

    const fn of_webhooks(&self) -> bool {
        matches!(self, Self::WebhookTwice | Self::WebhookLate(_) | Self::WebhookForged)
    }
}

/// A fault and the requests that it meets, as `POST /_sandbox/faults` takes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The path or the beginning of it, by whole parts, with or without `/v1`; none: every path.
    #[serde(default)]
    pub path: Option<String>,
    /// Only this path, not those below it.
    #[serde(default)]
    pub exact: bool,
    #[serde(default)]
    pub method: Option<String>,
    /// `cobre` or `cobru`; none: both.
    #[serde(default)]
    pub provider: Option<String>,
    /// How often; none: until the faults are taken away.
    #[serde(default)]
    pub times: Option<u64>,
    /// The part of the matching requests that it meets, 0 to 1.
    #[serde(default)]
    pub share: Option<f64>,
    /// So many matching requests pass first.
    #[serde(default)]
    pub skip: u64,
    pub fault: String,
}

#[derive(Debug)]
struct Set {
    order: Order,
    fault: Fault,
    path: Vec<String>,
}

#[derive(Debug)]
pub struct Faults {
    set: Vec<Set>,
    rng: fastrand::Rng,
    /// The last answers to reads, for `stale`: method and address, body.
    answers: VecDeque<(String, Bytes)>,
}

/// So many answers are kept for `stale`, each up to so many bytes.
const ANSWERS: usize = 64;
const ANSWER_BYTES: usize = 512 * 1024;

impl Faults {
    pub fn new(seed: u64) -> Self {
        Self { set: Vec::new(), rng: fastrand::Rng::with_seed(seed ^ 0xFA17), answers: VecDeque::new() }
    }

    pub fn add(&mut self, order: Order) -> Result<(), String> {
        let fault =
            Fault::read(&order.fault).ok_or_else(|| format!("no fault is called {:?}", order.fault))?;
        if order.share.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            return Err("share is between 0 and 1".to_owned());
        }
        let path = order.path.as_deref().map(parts).unwrap_or_default();
        self.set.push(Set { order, fault, path });
        Ok(())
    }

    pub fn clear(&mut self) {
        self.set.clear();
    }

    pub fn orders(&self) -> impl Iterator<Item = &Order> {
        self.set.iter().map(|set| &set.order)
    }

    /// The faults that this request meets; each that does is counted.
    pub fn meet(&mut self, provider: Provider, method: &str, path: &str) -> Vec<Fault> {
        if self.set.is_empty() {
            return Vec::new();
        }
        let asked = parts(path);
        let Self { set, rng, .. } = self;
        let mut met = Vec::new();
        for set in set.iter_mut().filter(|set| !set.fault.of_webhooks()) {
            let order = &mut set.order;
            let matches = order.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && order
                    .provider
                    .as_deref()
                    .is_none_or(|wanted| wanted.eq_ignore_ascii_case(provider.name()))
                && if order.exact { asked == set.path } else { asked.starts_with(&set.path) };
            if matches && take(order, rng) {
                met.push(set.fault.clone());
            }
        }
        met
    }

    /// The faults that a webhook meets.
    pub fn meet_webhook(&mut self) -> Vec<Fault> {
        let Self { set, rng, .. } = self;
        let mut met = Vec::new();
        for set in set.iter_mut().filter(|set| set.fault.of_webhooks()) {
            if take(&mut set.order, rng) {
                met.push(set.fault.clone());
            }
        }
        met
    }

    /// Keeps an answer, so that `stale` can give it again.
    pub fn keep(&mut self, asked: &str, body: &Bytes) {
        if body.len() > ANSWER_BYTES {
            return;
        }
        if let Some(kept) = self.answers.iter_mut().find(|(key, _)| key == asked) {
            kept.1 = body.clone();
            return;
        }
        if self.answers.len() >= ANSWERS {
            self.answers.pop_front();
        }
        self.answers.push_back((asked.to_owned(), body.clone()));
    }

    pub fn kept(&self, asked: &str) -> Option<Bytes> {
        self.answers.iter().find(|(key, _)| key == asked).map(|(_, body)| body.clone())
    }
}

fn parts(path: &str) -> Vec<String> {
    let mut parts = segments(path);
    if parts.first().is_some_and(|first| first == "v1") {
        parts.remove(0);
    }
    parts
}

fn take(order: &mut Order, rng: &mut fastrand::Rng) -> bool {
    if order.skip > 0 {
        order.skip = order.skip.saturating_sub(1);
        return false;
    }
    if order.times == Some(0) || order.share.is_some_and(|share| rng.f64() >= share) {
        return false;
    }
    order.times = order.times.map(|times| times.saturating_sub(1));
    true
}

/// The rows of a list's answer: the answer itself, or the first array in it.
fn rows(answer: &mut Value) -> Option<&mut Vec<Value>> {
    match answer {
        Value::Array(rows) => Some(rows),
        Value::Object(fields) => fields.values_mut().find_map(|value| match value {
            Value::Array(rows) => Some(rows),
            _ => None,
        }),
        _ => None,
    }
}

/// Does to an answer's JSON what the faults say. What is no JSON stays as it is.
pub fn distort(body: &Bytes, faults: &[Fault]) -> Bytes {
    let wanted = |fault: &Fault| matches!(fault, Fault::Reorder | Fault::RepeatRows | Fault::Alter { .. });
    if !faults.iter().any(wanted) {
        return body.clone();
    }
    let Ok(mut answer) = serde_json::from_slice::<Value>(body) else { return body.clone() };
    for fault in faults {
        match fault {
            Fault::Reorder => {
                if let Some(rows) = rows(&mut answer) {
                    rows.reverse();
                }
            }
            Fault::RepeatRows => {
                if let Some(rows) = rows(&mut answer) {
                    let first = rows.first().cloned();
                    rows.extend(first);
                }
            }
            Fault::Alter { field, value } => {
                let path: Vec<&str> = field.split('.').collect();
                alter(&mut answer, &path, value);
            }
            _ => {}
        }
    }
    serde_json::to_vec(&answer).map_or_else(|_| body.clone(), Bytes::from)
}

fn alter(answer: &mut Value, path: &[&str], value: &Value) {
    match answer {
        Value::Array(rows) => rows.iter_mut().for_each(|row| alter(row, path, value)),
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                match path {
                    [last] if name == last => *field = value.clone(),
                    [first, rest @ ..] if name == first && !rest.is_empty() => alter(field, rest, value),
                    _ => alter(field, path, value),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn order(value: Value) -> Order {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn every_fault_of_the_command_line_page_is_read() {
        for text in [
            "delay_ms:5",
            "status:503",
            "cut_before",
            "cut_during",
            "cut_after",
            "truncate:10",
            "garbage",
            "stale",
            "reorder",
            "repeat_rows",
            "shift_pages",
            "ignore_filter",
            "alter:amount=9",
            "webhook_twice",
            "webhook_late:100",
            "webhook_forged",
        ] {
            assert!(Fault::read(text).is_some(), "{text}");
        }
        for text in ["", "status", "status:abc", "status:1000", "alter:x", "alter:=1", "cut", "delay_ms:-1"] {
            assert_eq!(Fault::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_fault_meets_its_path_its_method_and_its_count() {
        let mut faults = Faults::new(1);
        let wanted = json!({"path": "/v1/money_movements", "method": "post", "times": 1, "skip": 1, "fault": "cut_after"});
        faults.add(order(wanted)).unwrap();
        let mut meets = |method, path| !faults.meet(Provider::Cobre, method, path).is_empty();
        assert!(!meets("GET", "/v1/money_movements"));
        assert!(!meets("POST", "/v1/money_movements_return"));
        assert!(!meets("POST", "/v1/money_movements"), "the first is skipped");
        assert!(meets("POST", "//money_movements/"));
        assert!(!meets("POST", "/v1/money_movements"), "once");
    }

    #[test]
    fn a_share_is_the_same_again_from_the_same_seed() {
        let run = || {
            let mut faults = Faults::new(9);
            faults.add(order(json!({"share": 0.5, "fault": "garbage"}))).unwrap();
            (0..64).map(|_| !faults.meet(Provider::Cobru, "GET", "/x").is_empty()).collect::<Vec<_>>()
        };
        assert_eq!(run(), run());
        assert!(run().contains(&true) && run().contains(&false));
    }

    #[test]
    fn an_answer_is_altered_where_it_has_the_field() {
        let body =
            Bytes::from(r#"{"contents":[{"amount":1,"status":{"state":"a"}},{"amount":2}],"state":"b"}"#);
        let faults = [
            Fault::read("alter:amount=9").unwrap(),
            Fault::read("alter:status.state=gone").unwrap(),
            Fault::RepeatRows,
        ];
        let answer: Value = serde_json::from_slice(&distort(&body, &faults)).unwrap();
        let row = json!({"amount": 9, "status": {"state": "gone"}});
        assert_eq!(answer, json!({"contents": [row, {"amount": 9}, row], "state": "b"}));
    }
}
