//! The requests seen, for tests and for the page: who asked for what and how it ended. No headers,
//! no bodies, no query: never a secret.

use std::collections::VecDeque;

use serde::Serialize;

use super::clock::Moment;
use super::ledger::Provider;

/// The oldest are forgotten beyond this many; `seq` tells that some are missing.
const KEPT: usize = 50_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    pub seq: u64,
    pub at: Moment,
    pub provider: &'static str,
    pub method: String,
    pub path: String,
    /// As answered; 0 where a fault cut the line before an answer was made.
    pub status: u16,
    /// The idempotency key that was sent.
    pub key: Option<String>,
    /// `maker`, `checker`, `viewer` or `admin`; `null` before the caller is known.
    pub role: Option<String>,
    pub bytes_in: usize,
    pub bytes_out: usize,
}

/// What a provider tells of a request beside its answer; put into the extensions of the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    pub key: Option<String>,
    pub role: Option<String>,
}

/// What is known when a request has ended.
#[derive(Debug)]
pub struct Ended {
    pub provider: Provider,
    pub method: String,
    pub path: String,
    pub status: u16,
    pub who: Who,
    pub bytes_in: usize,
    pub bytes_out: usize,
}

#[derive(Debug, Default)]
pub struct Requests {
    seen: VecDeque<Seen>,
    count: u64,
}

impl Requests {
    pub fn add(&mut self, at: Moment, ended: Ended) {
        self.count = self.count.saturating_add(1);
        if self.seen.len() >= KEPT {
            self.seen.pop_front();
        }
        self.seen.push_back(Seen {
            seq: self.count,
            at,
            provider: ended.provider.name(),
            method: ended.method,
            path: ended.path,
            status: ended.status,
            key: ended.who.key,
            role: ended.who.role,
            bytes_in: ended.bytes_in,
            bytes_out: ended.bytes_out,
        });
    }

    /// Those after number `seq`, oldest first.
    pub fn since(&self, seq: u64) -> impl Iterator<Item = &Seen> {
        self.seen.iter().filter(move |seen| seen.seq > seq)
    }

    pub const fn count(&self) -> u64 {
        self.count
    }
}
