//! `--state FILE`: what was asked of this world, one line a call. The world is a function of its seed
//! and of the calls made and when, so a restart does them again, at their times, and is where it was.
//!
//! Reads are not kept, nor what the rate limit refused. Nothing is sent while calls are done again:
//! what was to be delivered was.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::clock::{Clock, Moment};
use super::http::{self, Call, Handler, Reply};
use super::ledger::Provider;
use super::world::World;
use super::{Options, cobre, cobru, control};

/// Whose function answers a call; also in the extensions of a request on its way there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Served {
    Cobre,
    Cobru,
    Control,
}

impl From<Provider> for Served {
    fn from(provider: Provider) -> Self {
        match provider {
            Provider::Cobre => Self::Cobre,
            Provider::Cobru => Self::Cobru,
            Provider::Outside => Self::Control,
        }
    }
}

impl Served {
    fn handler(self) -> Handler {
        match self {
            Self::Cobre => cobre::handle,
            Self::Cobru => cobru::handle,
            Self::Control => control::handle,
        }
    }
}

/// The first line: which world the calls were made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    sandbox: u32,
    seed: u64,
    transactions: usize,
    scene: Option<String>,
    payer_after_s: u32,
    lenient: bool,
    start: Moment,
    /// What the wall showed then.
    wall: Moment,
}

/// This room's own; a file of another is not read.
const VERSION: u32 = 1;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    at: Moment,
    wall: Moment,
    to: Served,
    method: String,
    uri: String,
    headers: Vec<(String, String)>,
    body: String,
}

#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
}

/// Headers that say nothing to a handler.
const UNKEPT: [&str; 6] = ["host", "user-agent", "accept", "accept-encoding", "connection", "content-length"];

impl Journal {
    /// Adds a call that was answered. A call that can't be kept is said in the log: the world goes on.
    pub fn add(&mut self, at: Moment, served: Served, call: &Call, reply: &Reply) {
        // One call of Cobru's deletes by GET, an older verb of it.
        let deletes = served == Served::Cobru && call.path == "/delete_tc/";
        let reads = (call.method == Method::GET || call.method == Method::HEAD) && !deletes;
        // A reset has begun the file again already.
        let reset = served == Served::Control && call.path.ends_with("/reset");
        if reads || reset || reply.status == 429 {
            return;
        }
        let headers = call.headers.iter().filter(|(name, _)| !UNKEPT.contains(&name.as_str()));
        let kept = Kept {
            at,
            wall: Clock::wall(),
            to: served,
            method: call.method.to_string(),
            uri: call.uri.to_string(),
            headers: headers
                .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
                .collect(),
            body: STANDARD.encode(&call.body),
        };
        if let Err(error) = self.line(&kept) {
            tracing::error!(%error, path = %self.path.display(), "a call could not be kept");
        }
    }

    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(line)?;
        line.push(b'\n');
        self.file.write_all(&line)
    }

    /// Forgets all calls: the world begins again.
    pub fn restart(&mut self, options: &Options, start: Moment) {
        let head = head(options, start);
        let done = self.file.set_len(0).and_then(|()| self.file.seek(SeekFrom::Start(0)));
        if let Err(error) = done.and_then(|_| self.line(&head)) {
            tracing::error!(%error, path = %self.path.display(), "the state could not be begun again");
        }
    }
}

fn head(options: &Options, start: Moment) -> Head {
    Head {
        sandbox: VERSION,
        seed: options.seed,
        transactions: options.transactions,
        scene: options.scene.clone(),
        payer_after_s: options.payer.after_s(),
        lenient: options.lenient,
        start,
        wall: Clock::wall(),
    }
}

/// A state file, read: the options and start of its world and the calls to be done again.
#[derive(Debug)]
pub struct State {
    journal: Journal,
    head: Head,
    calls: Vec<Kept>,
}

/// Opens a state file, or begins one.
pub fn open(path: &Path, options: &Options, start: Moment) -> io::Result<State> {
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    let mut lines = Vec::new();
    let mut whole = 0u64;
    let mut reader = BufReader::new(&file);
    loop {
        let mut line = Vec::new();
        let read = reader.read_until(b'\n', &mut line)?;
        // A line without its end was being written when the sandbox died: that call was not answered.
        if read == 0 || line.last() != Some(&b'\n') {
            break;
        }
        whole = whole.saturating_add(read as u64);
        lines.push(line);
    }
    drop(reader);
    file.set_len(whole)?;
    file.seek(SeekFrom::End(0))?;
    let mut journal = Journal { file, path: path.to_owned() };
    let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut lines = lines.into_iter();
    let Some(first) = lines.next() else {
        let head = head(options, start);
        journal.line(&head)?;
        return Ok(State { journal, head, calls: Vec::new() });
    };
    let head: Head = serde_json::from_slice(&first).map_err(|_| bad("not a state file of the sandbox"))?;
    if head.sandbox != VERSION {
        return Err(bad("a state file of another version"));
    }
    let calls = lines.map(|line| serde_json::from_slice(&line)).collect::<Result<Vec<Kept>, _>>();
    Ok(State { journal, head, calls: calls.map_err(|_| bad("a line of the state file is damaged"))? })
}

impl State {
    /// The options with what the file says of its world: its seed, size and scene.
    pub fn options(&self, options: &Options) -> Options {
        Options {
            seed: self.head.seed,
            transactions: self.head.transactions,
            scene: self.head.scene.clone(),
            payer: super::PayerMode::after(self.head.payer_after_s),
            lenient: self.head.lenient,
            ..options.clone()
        }
    }

    pub const fn start(&self) -> Moment {
        self.head.start
    }

    /// Does every call again in a new world, then lets its clock run on from where it would be now.
    pub fn replay(self, world: &mut World) {
        let mut rate = world.clock.rate();
        world.replaying = true;
        let mut last = (self.head.start, self.head.wall);
        for kept in self.calls {
            world.clock.stand_at(kept.at);
            world.run_due();
            last = (kept.at, kept.wall);
            let Some(call) = kept.call() else { continue };
            // A call may set the rate; the time it moves the clock by is in the next call's time.
            world.clock.set_rate(rate);
            (kept.to.handler())(world, &call);
            rate = world.clock.rate();
            last.0 = last.0.max(world.clock.now());
        }
        let passed = if rate == 0 { 0 } else { Clock::wall().millis_since(last.1).max(0) };
        world.clock.stand_at(last.0.plus_millis(passed));
        world.clock.set_rate(rate);
        world.run_due();
        world.replaying = false;
        world.journal = Some(self.journal);
    }
}

impl Kept {
    fn call(&self) -> Option<Call> {
        let uri: Uri = self.uri.parse().ok()?;
        let method = Method::from_bytes(self.method.as_bytes()).ok()?;
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.append(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?);
        }
        let body = Bytes::from(STANDARD.decode(&self.body).ok()?);
        Some(http::Call::new(method, &uri, headers, body))
    }
}
