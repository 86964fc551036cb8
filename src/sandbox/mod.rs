//! Both providers as a local server, over one double-entry ledger, as strict as the originals.
//!
//! Written a second time from the contracts: it shares [`crate::domain::money`] with the rest and
//! nothing of `providers` or `emv`. Were the wire types shared, a wrong field name would be wrong on
//! both sides and every test would pass.
//!
//! # How it fits together
//!
//! Two loopback listeners, one a provider. Before each stands the [`gate`]: it reads the body, lets
//! the [`faults`] happen and writes the [`requests`] log. Behind it a provider is one plain function
//! from ([`World`], [`Call`](http::Call)) to [`Reply`](http::Reply), run under the one lock of
//! [`world`]; nothing in it is asynchronous, nothing sleeps, nothing reads the wall clock. Whoever
//! takes the lock first runs what is due.
//!
//! # How a provider plugs in
//!
//! | what | where |
//! |---|---|
//! | state | one struct in `World` (`world.cobre`, `world.cobru`), `Default` when empty |
//! | seed | `seed(&mut World)`: opens ledger accounts with `world.ledger.open("bal_1", Provider::Cobru, "name", Currency::Cop)`, posts from `world.outside("opening", Currency::Cop)`, draws from `world.rng` |
//! | router | `router() -> Router<Shared>`: routes, or a fallback that calls `http::serve(&shared, request, handle)` with `fn handle(&mut World, &Call) -> Reply` |
//! | time | `world.now`; tokens, expiries and waits compare with it |
//! | later | `world.schedule(after_ms, Event::Cobru(CobruEvent::…))`, then `due(&mut World, &CobruEvent)` runs at that time. An event that has become pointless does nothing: there is no cancel |
//! | money | `world.post("slug", &[(account, amount), (outside, -amount)])`: two lines or more, one currency, sum zero; `world.ledger.balance(account)` |
//! | ids | `world.ids.make("prefix", length, row)` and `world.ids.row(…)` back; or `world.rng` |
//! | requests log | `reply.who = Who { key, role }`: the idempotency key and the role, where known |
//! | webhooks, callbacks | `world.deliver(Message { … })`: sent after the answer, recorded in [`deliveries`], tried again on the sandbox's clock |
//! | errors of faults | `error(status) -> Reply`: the provider's own error body |
//! | control | `pay`, `refund`, `collect`, `pay_key` and `payments` answer `/_sandbox/…`; `credentials` is in the ready line |
//!
//! A handler must leave ledger and state untouched where it answers with an error, and must not
//! panic whatever it is sent.

pub mod clock;
pub mod deliveries;
pub mod faults;
pub mod http;
pub mod ids;
pub mod journal;
pub mod ledger;
pub mod requests;
pub mod settings;
pub mod world;

pub mod cobre;
pub mod cobru;

mod control;
mod gate;
mod line;

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::MutexGuard;

use axum::Router;
use axum::middleware::from_fn_with_state;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use clock::{Clock, Moment};
use gate::Gate;
use ledger::Provider;
use line::{Line, Lines, Switchboard};
use world::{Shared, World};

/// Who pays the QR codes that are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PayerMode {
    /// A payer pays a Bre-B QR this long after it was made, on the sandbox's clock.
    Automatic { after_s: u32 },
    /// Nobody, until `POST /_sandbox/pay` says so.
    #[default]
    OnRequest,
}

impl PayerMode {
    /// Seconds until the payer pays; 0: nobody does by himself.
    fn after_s(self) -> u32 {
        match self {
            Self::Automatic { after_s } => after_s.max(1),
            Self::OnRequest => 0,
        }
    }

    const fn after(after_s: u32) -> Self {
        if after_s == 0 { Self::OnRequest } else { Self::Automatic { after_s } }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The same seed makes the same world: ids, names, amounts, days (counted back from the start).
    pub seed: u64,
    /// How many transactions the seed makes at Cobre, over 60 days.
    pub transactions: usize,
    /// Loopback ports; none: any free one.
    pub cobre_port: Option<u16>,
    pub cobru_port: Option<u16>,
    /// Where the state is kept over restarts; none: nothing is left behind.
    pub state: Option<PathBuf>,
    /// Which story the seed tells; none: an ordinary day. See `cobre::SCENES`.
    pub scene: Option<String>,
    /// Accepts the wider tolerances that the contracts list.
    pub lenient: bool,
    pub payer: PayerMode,
    /// What the clock shows at the start; none: now.
    pub start: Option<jiff::Timestamp>,
    /// How fast the clock runs; 0: only when it is moved.
    pub rate: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            transactions: 2_000,
            cobre_port: None,
            cobru_port: None,
            state: None,
            scene: None,
            lenient: false,
            payer: PayerMode::OnRequest,
            start: None,
            rate: 1,
        }
    }
}

/// The line that `cuadre sandbox` prints when it is ready, and `GET {control}/info`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Base addresses, without `/v1` and without a slash at the end.
    pub cobre: String,
    pub cobru: String,
    pub control: String,
    pub credentials: Credentials,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// By role: `maker`, `checker`, `viewer`, `admin`.
    pub cobre: BTreeMap<String, CobreCredential>,
    pub cobru: CobruCredential,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CobreCredential {
    pub user_id: String,
    pub secret: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CobruCredential {
    pub api_key: String,
    pub refresh: String,
}

/// Why there is no sandbox.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("port {port} is taken; give another with --{provider}-port, or none for any free one")]
    PortTaken { provider: &'static str, port: u16 },
    #[error("could not use the state file {path}")]
    State {
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
    #[error("could not listen on 127.0.0.1:{port} for {provider}")]
    Listen {
        provider: &'static str,
        port: u16,
        #[source]
        cause: io::Error,
    },
}

/// Both servers, running on the caller's tokio runtime. Dropping it stops them.
#[derive(Debug)]
pub struct Sandbox {
    shared: Shared,
    ready: Ready,
    stop: CancellationToken,
    board: Switchboard,
    tasks: Vec<JoinHandle<()>>,
}

/// Seeds a world and serves both providers and the control endpoints on 127.0.0.1.
pub async fn start(options: Options) -> Result<Sandbox, SandboxError> {
    let cobre = listen("cobre", options.cobre_port).await?;
    let cobru = listen("cobru", options.cobru_port).await?;
    let begin = options.start.map_or_else(Clock::wall, Moment::from);
    let state = match &options.state {
        None => None,
        Some(path) => {
            let opened = journal::open(path, &options, begin);
            Some(opened.map_err(|cause| SandboxError::State { path: path.clone(), cause })?)
        }
    };
    let (options, begin) = match &state {
        Some(state) => (state.options(&options), state.start()),
        None => (options, begin),
    };
    let shared = Shared::new(&options, begin);
    let ready = {
        let mut world = shared.lock_as_it_is();
        let ready = Ready {
            cobre: format!("http://127.0.0.1:{}", cobre.1),
            cobru: format!("http://127.0.0.1:{}", cobru.1),
            control: format!("http://127.0.0.1:{}/_sandbox", cobre.1),
            credentials: Credentials { cobre: cobre::credentials(&world), cobru: cobru::credentials(&world) },
        };
        world.ready = Some(ready.clone());
        if let Some(state) = state {
            state.replay(&mut world);
        }
        ready
    };

    let (stop, board) = (CancellationToken::new(), Switchboard::default());
    let mut tasks = Vec::new();
    let gate = |provider, error| Gate { shared: shared.clone(), provider, error };
    let apps = [
        (cobre.0, control::router().merge(cobre::router()), gate(Provider::Cobre, cobre::error)),
        (cobru.0, cobru::router(), gate(Provider::Cobru, cobru::error)),
    ];
    for (listener, router, gate) in apps {
        let app: Router = router.layer(from_fn_with_state(gate, gate::pass)).with_state(shared.clone());
        let lines = Lines::new(listener, board.clone());
        let stopped = stop.clone().cancelled_owned();
        tasks.push(tokio::spawn(async move {
            let server = axum::serve(lines, app.into_make_service_with_connect_info::<Line>());
            if let Err(error) = server.with_graceful_shutdown(stopped).await {
                tracing::error!(%error, "a server of the sandbox ended");
            }
        }));
    }
    let (ticking, stopped) = (shared.clone(), stop.clone());
    tasks.push(tokio::spawn(async move {
        tokio::select! {
            () = ticking.tick() => {}
            () = stopped.cancelled() => {}
        }
    }));
    let (sending, stopped) = (shared.clone(), stop.clone());
    tasks.push(tokio::spawn(async move {
        tokio::select! {
            () = deliveries::courier(sending) => {}
            () = stopped.cancelled() => {}
        }
    }));
    Ok(Sandbox { shared, ready, stop, board, tasks })
}

async fn listen(provider: &'static str, port: Option<u16>) -> Result<(TcpListener, u16), SandboxError> {
    let port = port.unwrap_or(0);
    let failed = |cause: io::Error| match cause.kind() {
        io::ErrorKind::AddrInUse => SandboxError::PortTaken { provider, port },
        _ => SandboxError::Listen { provider, port, cause },
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?.port();
    Ok((listener, bound))
}

impl Sandbox {
    /// Where it listens and who may sign in.
    pub const fn ready(&self) -> &Ready {
        &self.ready
    }

    /// The world itself, for tests that ask the ledger without HTTP. Everything answers only after
    /// the guard is dropped.
    pub fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.shared.lock();
        // Whoever holds it may change anything.
        world.version = world.version.wrapping_add(1);
        world
    }

    /// Moves the clock and lets everything due happen, as `POST /_sandbox/clock` does.
    pub fn advance_seconds(&self, seconds: u64) {
        let mut world = self.shared.lock();
        let (world_now, body) = (world.now, format!("{{\"advance_s\":{seconds}}}"));
        let uri = axum::http::Uri::from_static("/_sandbox/clock");
        let headers = axum::http::HeaderMap::new();
        let call = http::Call::new(axum::http::Method::POST, &uri, headers, body.into());
        let reply = control::handle(&mut world, &call);
        if let Some(journal) = world.journal.as_mut() {
            journal.add(world_now, journal::Served::Control, &call, &reply);
        }
        drop(world);
        self.shared.clock_changed();
    }

    /// Stops both servers and closes every connection; the ports are free when it returns.
    pub async fn stop(mut self) {
        self.end();
        for task in std::mem::take(&mut self.tasks) {
            if let Err(error) = task.await {
                tracing::debug!(%error, "a task of the sandbox ended badly");
            }
        }
    }

    fn end(&self) {
        self.stop.cancel();
        self.board.cut_all();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.end();
    }
}
