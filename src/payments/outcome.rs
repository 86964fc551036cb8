//! What an answer means: one function, whose last arm is [`Outcome::Unknown`]. A provider only says
//! what it read ([`Answer`]); RELIABILITY, "Outcomes", has the table.

use super::intent::Intent;
use crate::domain::money::Money;
use crate::sanitize::Clean;

/// How a write ended. Only [`Outcome::NotSent`] and [`Outcome::Rejected`] may be tried again, by a
/// person, as a new intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Accepted by the provider; not settled: the movement has a state of its own.
    Sent(Receipt),
    NotSent(NotSent),
    Rejected(Refusal),
    /// It may have happened. It is looked up, never sent again.
    Unknown(Doubt),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// `mm_…`, a slug, an approval's id.
    pub provider_id: Clean,
    /// The movement's own state, as far as the answer tells.
    pub state: Clean,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotSent {
    /// The store did not take the record, or the start.
    Store(String),
    NoToken(String),
    NotBuilt(String),
    /// The connection never came up.
    NotConnected(String),
    /// Asked for, after the quiet time, and not there.
    Absent,
    /// It is no longer what was shown: refused before any byte.
    Changed(String),
    /// Recorded by a process that died before it began to send.
    Abandoned,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub code: Clean,
    pub text: Clean,
    /// Seconds the provider asks to wait.
    pub retry_after: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// The connection was up, and no whole answer came.
    Broken(String),
    /// A status that proves nothing.
    Status(u16),
    /// A body that is not the provider's own.
    Unreadable(u16),
    /// The answer speaks of something else than was asked: never settled by machine.
    Mismatch(String),
}

// The outbox keeps a reason as `code` or `code: text`; screens look the code up in the word files.

impl NotSent {
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "store",
            Self::NoToken(_) => "no_token",
            Self::NotBuilt(_) => "not_built",
            Self::NotConnected(_) => "not_connected",
            Self::Absent => "absent",
            Self::Changed(_) => "changed",
            Self::Abandoned => "abandoned",
        }
    }

    pub fn why(&self) -> String {
        match self {
            Self::Store(text)
            | Self::NoToken(text)
            | Self::NotBuilt(text)
            | Self::NotConnected(text)
            | Self::Changed(text) => format!("{}: {text}", self.code()),
            Self::Absent | Self::Abandoned => self.code().to_owned(),
        }
    }
}

impl Refusal {
    /// The provider's own code and words.
    pub fn why(&self) -> String {
        format!("{}: {}", self.code, self.text)
    }
}

impl Doubt {
    /// The code of a doubt that no machine settles.
    pub const MISMATCH: &'static str = "mismatch";

    pub const fn code(&self) -> &'static str {
        match self {
            Self::Broken(_) => "broken",
            Self::Status(_) => "status",
            Self::Unreadable(_) => "unreadable",
            Self::Mismatch(_) => Self::MISMATCH,
        }
    }

    pub fn why(&self) -> String {
        match self {
            Self::Broken(text) | Self::Mismatch(text) => format!("{}: {text}", self.code()),
            Self::Status(status) | Self::Unreadable(status) => format!("{}: {status}", self.code()),
        }
    }
}

/// What a provider's client read of one write, without judging it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    NoToken(String),
    NotBuilt(String),
    NotConnected(String),
    /// Anything after the connection was up, other than a whole answer.
    Broken(String),
    Status {
        status: u16,
        retry_after: Option<u64>,
        reading: Reading,
    },
}

/// What stood in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// The provider's own error shape, read to its end.
    Refusal {
        code: Clean,
        text: Clean,
    },
    /// A refusal that the provider is known to give with a 200.
    ListedRefusal {
        code: Clean,
        text: Clean,
    },
    Made {
        id: Clean,
        state: Clean,
        echo: Echo,
    },
    /// A deletion that the provider answers with a 204 and nothing else, as documented: there is no
    /// body that could be cut.
    Gone,
    /// Empty, cut, over the limit, not JSON, no id, unlisted.
    Other,
}

/// The fields that the answer repeats. `None` where it does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Echo {
    pub amount: Option<Money>,
    pub source: Option<String>,
    pub destination: Option<String>,
    pub external_id: Option<String>,
    /// The movement, bulk or cobru that a decision or payer's order is about; of an uploaded bulk, how many
    /// movements it has.
    pub subject: Option<String>,
    /// `approved` or `rejected`; of a bulk, whether it goes to a checker: `approval` or `direct`.
    pub verdict: Option<String>,
}

/// What `answer` to `intent` proves. `honours_key`: the provider keeps our idempotency key for this
/// write, so that a 429 is a refusal whatever its body (the limiter stands before the work).
pub fn judge(answer: Answer, intent: &Intent, honours_key: bool) -> Outcome {
    let (status, retry_after, reading) = match answer {
        Answer::NoToken(why) => return Outcome::NotSent(NotSent::NoToken(why)),
        Answer::NotBuilt(why) => return Outcome::NotSent(NotSent::NotBuilt(why)),
        Answer::NotConnected(why) => return Outcome::NotSent(NotSent::NotConnected(why)),
        Answer::Broken(why) => return Outcome::Unknown(Doubt::Broken(why)),
        Answer::Status { status, retry_after, reading } => (status, retry_after, reading),
    };
    if let 408 | 409 | 423 | 425 = status {
        return Outcome::Unknown(Doubt::Status(status));
    }
    match (status, reading) {
        (400..=499, Reading::Refusal { code, text }) | (200..=299, Reading::ListedRefusal { code, text }) => {
            Outcome::Rejected(Refusal { status, code, text, retry_after })
        }
        (429, _) if honours_key => {
            let (code, text) = (Clean::new("429"), Clean::default());
            Outcome::Rejected(Refusal { status, code, text, retry_after })
        }
        (200..=299, Reading::Made { id, state, echo }) => match mismatch(&echo, intent) {
            None => Outcome::Sent(Receipt { provider_id: id, state }),
            Some(what) => Outcome::Unknown(Doubt::Mismatch(what)),
        },
        (204, Reading::Gone) => {
            Outcome::Sent(Receipt { provider_id: deleted(intent.order()), state: Clean::new("deleted") })
        }
        (200..=299 | 400..=499, _) => Outcome::Unknown(Doubt::Unreadable(status)),
        (_, _) => Outcome::Unknown(Doubt::Status(status)),
    }
}

/// The id of what was to be deleted: it is no longer there to be read.
fn deleted(order: &super::Order) -> Clean {
    if let super::Order::Manage(order) = order { Clean::new(&order.subject()) } else { Clean::default() }
}

/// The first echoed field that is not what was asked: `name: asked → answered`.
fn mismatch(echo: &Echo, intent: &Intent) -> Option<String> {
    use super::order::{DecisionOrder, Order, Verdict};
    let differs = |name: &str, asked: Option<String>, answered: Option<&String>| match answered {
        Some(answered) if asked.as_ref() != Some(answered) => {
            Some(format!("{name}: {} → {answered}", asked.unwrap_or_default()))
        }
        Some(_) | None => None,
    };
    let order = intent.order();
    let (source, destination, subject, verdict) = match order {
        Order::Movement(order) => {
            (Some(order.source.to_string()), Some(order.destination.to_string()), None, None)
        }
        Order::Decision(DecisionOrder { movement, verdict, .. }) => {
            let verdict = match verdict {
                Verdict::Approve => "approved",
                Verdict::Reject { .. } => "rejected",
            };
            (None, None, Some(movement.to_string()), Some(verdict.to_owned()))
        }
        Order::Bulk(order) => {
            let way = if order.checker_approval { "approval" } else { "direct" };
            (None, None, Some(order.rows.len().to_string()), Some(way.to_owned()))
        }
        Order::BulkDecision(order) => {
            let verdict = match &order.verdict {
                Verdict::Approve => "approved",
                Verdict::Reject { .. } => "rejected",
            };
            (None, None, Some(order.bulk.to_string()), Some(verdict.to_owned()))
        }
        Order::Cobru(_) => (None, None, None, None),
        Order::Breb(order) => (None, None, Some(order.cobru.to_string()), None),
        // Whom a return pays is the provider's to say: it makes a counterparty of the sender.
        Order::Return(order) => (Some(order.source.to_string()), None, None, None),
        Order::Manage(order) => {
            let destination = order.destination().map(ToString::to_string);
            (order.source().map(ToString::to_string), destination, Some(order.subject()), None)
        }
    };
    let asked = order.amount();
    let amount = echo.amount.filter(|answered| Some(*answered) != asked).map(|answered| {
        let asked = asked.map(Money::to_decimal).unwrap_or_default();
        format!("amount: {asked} → {} {}", answered.to_decimal(), answered.currency)
    });
    amount
        .or_else(|| differs("source", source, echo.source.as_ref()))
        .or_else(|| differs("destination", destination, echo.destination.as_ref()))
        .or_else(|| differs("external id", intent.external_id(), echo.external_id.as_ref()))
        .or_else(|| differs("subject", subject, echo.subject.as_ref()))
        .or_else(|| differs("verdict", verdict, echo.verdict.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::testing::{paying, rent};

    fn status(status: u16, reading: Reading) -> Answer {
        Answer::Status { status, retry_after: None, reading }
    }

    fn refusal() -> Reading {
        Reading::Refusal { code: Clean::new("MM001"), text: Clean::new("missing field") }
    }

    fn made(echo: Echo) -> Reading {
        Reading::Made { id: Clean::new("mm_1"), state: Clean::new("initiated"), echo }
    }

    fn kind(outcome: &Outcome) -> &'static str {
        match outcome {
            Outcome::Sent(_) => "sent",
            Outcome::NotSent(_) => "not sent",
            Outcome::Rejected(_) => "rejected",
            Outcome::Unknown(_) => "unknown",
        }
    }

    #[test]
    fn each_row_of_the_table_of_outcomes() {
        let why = || "why".to_owned();
        let intent = paying(rent());
        let rows = [
            (Answer::NoToken(why()), "not sent"),
            (Answer::NotBuilt(why()), "not sent"),
            (Answer::NotConnected(why()), "not sent"),
            (Answer::Broken(why()), "unknown"),
            (status(400, refusal()), "rejected"),
            (status(401, refusal()), "rejected"),
            (status(404, refusal()), "rejected"),
            (status(429, refusal()), "rejected"),
            (status(400, Reading::Other), "unknown"),
            (status(413, Reading::Other), "unknown"),
            (status(201, made(Echo::default())), "sent"),
            (
                status(200, Reading::ListedRefusal { code: Clean::new("EXPIRED"), text: Clean::default() }),
                "rejected",
            ),
            (status(200, refusal()), "unknown"),
            (status(201, Reading::Other), "unknown"),
            (status(204, Reading::Other), "unknown"),
            (status(400, made(Echo::default())), "unknown"),
        ];
        for (answer, wanted) in rows {
            assert_eq!(kind(&judge(answer.clone(), &intent, false)), wanted, "{answer:?}");
        }
    }

    #[test]
    fn a_status_that_proves_nothing_is_unknown_whatever_its_body_says() {
        let intent = paying(rent());
        for code in [100, 102, 301, 302, 307, 308, 408, 409, 423, 425, 500, 502, 503, 504, 599, 600, 0] {
            for reading in [refusal(), made(Echo::default()), Reading::Other] {
                let outcome = judge(status(code, reading.clone()), &intent, true);
                assert_eq!(kind(&outcome), "unknown", "{code} {reading:?}");
            }
        }
    }

    #[test]
    fn a_limiter_refuses_by_itself_only_where_the_key_would_catch_us() {
        let intent = paying(rent());
        assert_eq!(kind(&judge(status(429, Reading::Other), &intent, true)), "rejected");
        assert_eq!(kind(&judge(status(429, Reading::Other), &intent, false)), "unknown");
    }

    #[test]
    fn an_answer_that_speaks_of_something_else_is_unknown() {
        let intent = paying(rent());
        let asked = intent.order().amount().unwrap();
        let echo = |change: fn(&mut Echo)| {
            let mut echo = Echo { amount: Some(asked), ..Echo::default() };
            change(&mut echo);
            kind(&judge(status(201, made(echo)), &intent, true))
        };
        assert_eq!(echo(|_| {}), "sent");
        assert_eq!(echo(|e| e.amount = e.amount.map(|m| Money::new(m.minor + 1, m.currency))), "unknown");
        assert_eq!(echo(|e| e.source = Some("acc_other".into())), "unknown");
        assert_eq!(echo(|e| e.destination = Some("cp_other".into())), "unknown");
        assert_eq!(echo(|e| e.external_id = Some("other".into())), "unknown");
        let own = intent.external_id();
        let echo = Echo { external_id: own, ..Echo::default() };
        assert_eq!(kind(&judge(status(201, made(echo)), &intent, true)), "sent");
    }
}
