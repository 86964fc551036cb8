//! How the writes of all runs ended, as a table.

use crate::operations::Operation;
use cuadre::store::State;
use std::collections::BTreeMap;
use std::fmt;

/// How one kind of write ended.
#[derive(Debug, Default, Clone, Copy)]
pub struct Ends {
    sent: usize,
    not_sent: usize,
    rejected: usize,
    /// Refused before anything was recorded: a read failed, or the review stopped it.
    never: usize,
    /// Unknown at first, settled by asking.
    settled: usize,
    twice: usize,
    lost: usize,
    unknown: usize,
}

impl Ends {
    const fn cells(self) -> [usize; 8] {
        let Self { sent, not_sent, rejected, never, settled, twice, lost, unknown } = self;
        [sent, not_sent, rejected, never, settled, twice, lost, unknown]
    }
}

#[derive(Debug, Default)]
pub struct Tally {
    ends: BTreeMap<Operation, Ends>,
    /// Faults that met a request, by kind.
    faults: BTreeMap<String, u64>,
    /// What must not be, with its seed.
    pub wrong: Vec<String>,
}

impl Tally {
    pub fn add(&mut self, run: Self) {
        for (operation, more) in run.ends {
            let ends = self.ends.entry(operation).or_default();
            let [sent, not_sent, rejected, never, settled, twice, lost, unknown] = more.cells();
            *ends = Ends {
                sent: ends.sent + sent,
                not_sent: ends.not_sent + not_sent,
                rejected: ends.rejected + rejected,
                never: ends.never + never,
                settled: ends.settled + settled,
                twice: ends.twice + twice,
                lost: ends.lost + lost,
                unknown: ends.unknown + unknown,
            };
        }
        self.met(run.faults);
        self.wrong.extend(run.wrong);
    }

    pub fn met(&mut self, faults: impl IntoIterator<Item = (String, u64)>) {
        for (fault, times) in faults {
            *self.faults.entry(fault).or_default() += times;
        }
    }

    /// One write: how it stands in the outbox, if it is there, and how often the ledger has each part of it.
    pub fn count(
        &mut self,
        operation: Operation,
        state: Option<State>,
        was_unknown: bool,
        times: &[usize],
        what: &str,
    ) {
        let ends = self.ends.entry(operation).or_default();
        ends.settled += usize::from(was_unknown);
        let wanted = match state {
            Some(State::Sent) => {
                ends.sent += 1;
                1
            }
            Some(State::NotSent) => {
                ends.not_sent += 1;
                0
            }
            Some(State::Rejected) => {
                ends.rejected += 1;
                0
            }
            None => {
                ends.never += 1;
                0
            }
            Some(State::Recorded | State::Sending | State::Unknown) => {
                ends.unknown += 1;
                self.wrong.push(format!("{what}: still unknown"));
                return;
            }
        };
        if times.iter().any(|times| *times > 1) {
            ends.twice += 1;
        } else if times.iter().any(|times| *times != wanted) {
            ends.lost += 1;
        } else {
            return;
        }
        self.wrong.push(format!("{what}: {state:?} in the outbox, {times:?} times in the ledger"));
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| write | sent | not sent | rejected | never recorded | settled by asking | twice | lost | unknown |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|")?;
        for (operation, ends) in &self.ends {
            let cells = ends.cells().map(|count| count.to_string());
            writeln!(f, "| {} | {} |", operation.name(), cells.join(" | "))?;
        }
        let faults: Vec<String> =
            self.faults.iter().map(|(fault, times)| format!("{fault} {times}")).collect();
        let all: u64 = self.faults.values().sum();
        writeln!(f, "\n{all} faults met: {}", faults.join(", "))
    }
}
