//! What the sandbox sends by itself: webhooks and callbacks, to the addresses that callers gave. Each is
//! recorded with every try and its end, whether anybody listens or not (`GET /_sandbox/deliveries`).
//!
//! A provider gives a [`Message`] to [`World::deliver`]; the [`courier`] takes it from there, outside the
//! lock. Waits between tries run on the sandbox's clock, the wait for an answer on the wall's.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Notify;

use super::clock::Moment;
use super::faults::Fault;
use super::ledger::Provider;
use super::world::{Event, Shared, World};

/// The oldest are forgotten beyond this many; `seq` tells that some are missing.
const KEPT: usize = 10_000;

/// Something to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub provider: Provider,
    /// What it tells of: the id of a movement, a cobru, a withdrawal.
    pub about: String,
    pub url: String,
    pub content_type: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    pub timeout: Duration,
    pub retries: Retry,
}

/// When a message that failed is tried again; with no wait left it is given up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retry {
    /// How long after each failed try, in milliseconds of the sandbox's clock.
    after_ms: VecDeque<i64>,
    /// Only where nobody answered: any status is an answer.
    unreachable_only: bool,
}

impl Retry {
    /// Tries again only where no answer came.
    pub fn unreachable(after_ms: &[i64]) -> Self {
        Self { after_ms: after_ms.iter().copied().collect(), unreachable_only: true }
    }
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Try {
    pub at: Moment,
    /// The status that was answered; `null`: none came.
    pub status: Option<u16>,
    pub error: Option<String>,
}

/// How far a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    Waiting,
    /// Answered with a 2xx.
    Delivered,
    /// Every try failed.
    Failed,
}

/// A message and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    pub seq: u64,
    pub at: Moment,
    pub provider: &'static str,
    pub about: String,
    pub url: String,
    pub content_type: &'static str,
    /// The body as it was sent, byte for byte.
    pub body: String,
    pub state: Progress,
    pub tries: Vec<Try>,
    #[serde(skip)]
    headers: Vec<(&'static str, String)>,
    #[serde(skip)]
    timeout: Duration,
    #[serde(skip)]
    retries: Retry,
}

#[derive(Debug, Default)]
pub struct Deliveries {
    list: VecDeque<Delivery>,
    count: u64,
    /// Numbers of those that are to be sent now.
    ready: Vec<u64>,
    wake: Arc<Notify>,
}

impl Deliveries {
    /// How many there were, which is the number of the last one.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Those after number `seq`, oldest first.
    pub fn since(&self, seq: u64) -> impl Iterator<Item = &Delivery> {
        self.list.iter().filter(move |delivery| delivery.seq > seq)
    }

    /// An empty list that wakes the same courier.
    #[must_use]
    pub fn emptied(&self) -> Self {
        // Numbers go on, so that an answer that comes late finds no other message under its number.
        Self { count: self.count, wake: Arc::clone(&self.wake), ..Self::default() }
    }

    fn find(&mut self, seq: u64) -> Option<&mut Delivery> {
        self.list.iter_mut().find(|delivery| delivery.seq == seq)
    }
}

impl World {
    /// Sends a message as soon as the request at hand is answered.
    pub fn deliver(&mut self, message: &Message) {
        if self.replaying {
            return;
        }
        let met = self.faults.meet_webhook();
        let forged = met.contains(&Fault::WebhookForged).then(|| forge(message));
        let copies = if met.contains(&Fault::WebhookTwice) { 2 } else { 1 };
        let late_ms = met.iter().find_map(|fault| match fault {
            Fault::WebhookLate(millis) => i64::try_from(*millis).ok(),
            _ => None,
        });
        for message in forged.iter().chain(std::iter::repeat_n(message, copies)) {
            let seq = self.deliveries.count.saturating_add(1);
            self.deliveries.count = seq;
            if self.deliveries.list.len() >= KEPT {
                self.deliveries.list.pop_front();
            }
            let Message { provider, about, url, content_type, headers, body, timeout, retries } =
                message.clone();
            self.deliveries.list.push_back(Delivery {
                seq,
                at: self.now,
                provider: provider.name(),
                about,
                url,
                content_type,
                body,
                state: Progress::Waiting,
                tries: Vec::new(),
                headers,
                timeout,
                retries,
            });
            match late_ms {
                Some(millis) => self.schedule(millis, Event::Deliver(seq)),
                None => self.deliver_now(seq),
            }
        }
    }

    /// A message's time has come.
    pub(super) fn deliver_now(&mut self, seq: u64) {
        if self.replaying {
            return;
        }
        self.deliveries.ready.push(seq);
        self.deliveries.wake.notify_one();
    }

    fn delivered(&mut self, seq: u64, tried: Try) {
        let Some(delivery) = self.deliveries.find(seq) else { return };
        let good = tried.status.is_some_and(|status| (200..300).contains(&status));
        let answered = tried.status.is_some();
        delivery.tries.push(tried);
        if good {
            delivery.state = Progress::Delivered;
            return;
        }
        let again = delivery.retries.after_ms.pop_front();
        match again.filter(|_| !(answered && delivery.retries.unreachable_only)) {
            Some(millis) => self.schedule(millis, Event::Deliver(seq)),
            None => delivery.state = Progress::Failed,
        }
    }
}

/// The same message as somebody sends it who does not know the signing key. What carries no signature looks
/// the same: its receiver has to ask the provider.
fn forge(message: &Message) -> Message {
    let mut forged = message.clone();
    for (name, value) in &mut forged.headers {
        if *name == "event-signature" {
            *value = value.chars().rev().collect();
        }
    }
    forged
}

/// Sends what is ready until the sandbox stops. A slow receiver holds nobody up.
pub async fn courier(shared: Shared) {
    // The first provider of a process stays; both are the same one.
    rustls::crypto::ring::default_provider().install_default().ok();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .user_agent("cuadre-sandbox")
        .build();
    let Ok(client) = client else { return };
    loop {
        let (ready, wake) = {
            let mut world = shared.lock();
            let ready: Vec<Delivery> = std::mem::take(&mut world.deliveries.ready)
                .into_iter()
                .filter_map(|seq| world.deliveries.find(seq).cloned())
                .collect();
            (ready, Arc::clone(&world.deliveries.wake))
        };
        for delivery in ready {
            tokio::spawn(send(shared.clone(), client.clone(), delivery));
        }
        wake.notified().await;
    }
}

async fn send(shared: Shared, client: reqwest::Client, delivery: Delivery) {
    let mut request = client
        .post(&delivery.url)
        .timeout(delivery.timeout)
        .header("content-type", delivery.content_type)
        .body(delivery.body);
    for (name, value) in &delivery.headers {
        request = request.header(*name, value);
    }
    let answer = request.send().await;
    let mut world = shared.lock();
    let at = world.now;
    let tried = match answer {
        Ok(answer) => Try { at, status: Some(answer.status().as_u16()), error: None },
        Err(error) => Try { at, status: None, error: Some(error.without_url().to_string()) },
    };
    world.delivered(delivery.seq, tried);
}
