//! How a provider is reached: one HTTP client for reads and one for writes, their limits, and the
//! retries of reads. It knows no provider and no JSON.
//!
//! The write client is built so that a failed connection proves that nothing was sent (RELIABILITY,
//! "Outcomes"): it never retries, never reuses a connection, follows nothing.

use super::Failure;
use crate::sanitize::Clean;
use backon::Retryable;
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Client, ClientBuilder, Method, Proxy, Request, Response, Url};
use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A page of a list, after decompression (there is none: we ask for none).
pub const PAGE_MAX: usize = 8 * 1024 * 1024;
/// Any other body.
pub const BODY_MAX: usize = 1024 * 1024;
const HEADERS_MAX: usize = 64 * 1024;
const READ_TRIES: usize = 4;
const AUTH_TRIES: usize = 2;
/// Longer than this is shown, not waited for.
const RETRY_AFTER_MAX: Duration = Duration::from_mins(10);
/// Signing in stands before a person's write: that does not wait so long.
const AUTH_RETRY_AFTER_MAX: Duration = PAUSE_SAT_OUT;
/// A pause of the provider that a read sits out; longer ones are reported at once.
const PAUSE_SAT_OUT: Duration = Duration::from_secs(5);
/// What a 429 without `Retry-After` asks for.
const PAUSE_UNSAID: Duration = Duration::from_secs(1);

/// The time limits of one kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// DNS, TCP and TLS together.
    pub connect: Duration,
    /// Between two pieces of the body.
    pub between: Duration,
    pub whole: Duration,
}

impl Limits {
    const fn seconds(connect: u64, between: u64, whole: u64) -> Self {
        Self {
            connect: Duration::from_secs(connect),
            between: Duration::from_secs(between),
            whole: Duration::from_secs(whole),
        }
    }
}

type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A name for the closure: as a bare one it does not live long enough for the compiler.
struct Sleeper(Arc<dyn Fn(Duration) -> Sleep + Send + Sync>);

impl backon::Sleeper for Sleeper {
    type Sleep = Sleep;

    fn sleep(&self, wait: Duration) -> Sleep {
        (self.0)(wait)
    }
}

/// What tests replace, and what a company's network needs.
#[derive(Clone)]
pub struct Options {
    /// `http://proxy:3128`; without one no proxy is used, whatever the environment says.
    pub proxy: Option<String>,
    /// A company's own certificate authorities, PEM, beside the system's.
    pub ca_pem: Option<Vec<u8>>,
    pub read: Limits,
    pub write: Limits,
    pub auth: Limits,
    /// How the waits between two tries pass.
    pub sleep: Arc<dyn Fn(Duration) -> Sleep + Send + Sync>,
    /// The wall clock.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            proxy: None,
            ca_pem: None,
            read: Limits::seconds(5, 10, 20),
            write: Limits::seconds(10, 30, 60),
            auth: Limits::seconds(5, 10, 15),
            sleep: Arc::new(|wait| Box::pin(tokio::time::sleep(wait))),
            now: Arc::new(wall_clock),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { read, write, auth, .. } = self;
        f.debug_struct("Options")
            .field("read", read)
            .field("write", write)
            .field("auth", auth)
            .finish_non_exhaustive()
    }
}

#[expect(clippy::disallowed_methods, reason = "an edge: tokens age and answers are dated by the wall clock")]
fn wall_clock() -> Timestamp {
    Timestamp::now()
}

/// Why no client can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    #[error("{0:?} is no address of a provider")]
    NotAnAddress(String),
    #[error("{0} must be https: plain http is for the loopback only")]
    NotHttps(String),
    #[error("the key of the API holds characters that no header can carry")]
    BadKey,
    #[error("the certificates, the proxy or TLS: {0}")]
    Tls(String),
}

/// What a read brought, with a status of 2xx.
#[derive(Debug)]
pub struct Got {
    pub body: Vec<u8>,
    /// The provider's clock, where it says.
    pub date: Option<Timestamp>,
}

/// Why a read brought nothing, before any provider's error shape is looked for.
#[derive(Debug, thiserror::Error)]
pub enum Missed {
    #[error("offline: {0}")]
    Offline(String),
    #[error("paused for {0:?}")]
    Paused(Duration),
    #[error("status {status}")]
    Status { status: u16, retry_after: Option<Duration>, correlation: Clean, body: Vec<u8> },
    #[error("unreadable: {0}")]
    Unreadable(String),
}

impl Missed {
    /// Whether another try may help.
    fn passes(&self) -> bool {
        match self {
            Self::Offline(_) => true,
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
            Self::Paused(_) | Self::Unreadable(_) => false,
        }
    }

    /// The failure that a screen shows. `says` reads the provider's own error out of a body.
    pub fn failure(self, host: &str, says: impl Fn(&[u8]) -> Option<(Clean, Clean)>) -> Failure {
        match self {
            Self::Offline(why) => Failure::Offline { host: host.to_owned(), why },
            Self::Paused(wait) => Failure::RateLimited { seconds: whole_seconds(wait) },
            Self::Unreadable(why) => Failure::Unreadable { why },
            Self::Status { status, retry_after, correlation, body } => {
                let (code, text) = says(&body).unwrap_or_default();
                match status {
                    403 => Failure::Forbidden { code },
                    404 => Failure::NotFound,
                    429 => {
                        Failure::RateLimited { seconds: whole_seconds(retry_after.unwrap_or(PAUSE_UNSAID)) }
                    }
                    _ => Failure::Refused { status, code, text, correlation },
                }
            }
        }
    }
}

/// What became of the bytes of a write.
#[derive(Debug)]
pub enum Wrote {
    NotBuilt(String),
    /// DNS, connect or TLS: nothing was sent.
    NotConnected(String),
    /// The connection was up, and then no status came.
    Broken(String),
    Answered(Written),
}

/// An answer to a write, from its status on.
#[derive(Debug)]
pub struct Written {
    pub status: u16,
    pub retry_after: Option<Duration>,
    /// `name: value` lines, values masked unless they are known to be harmless.
    pub headers: String,
    /// As far as it came.
    pub body: Vec<u8>,
    /// Whether the body was read to its end, within its limits.
    pub whole: bool,
}

/// The two clients of one provider.
#[derive(Debug)]
pub struct Http {
    base: Url,
    host: String,
    reads: Client,
    writes: Client,
    options: Options,
    spare: Mutex<Spare>,
    paused_until: Mutex<Option<Instant>>,
}

impl Http {
    /// `base` is the address without the paths of the API: `https://api.cobre.co`.
    pub fn new(base: &str, options: Options) -> Result<Self, AccessError> {
        let base = address(base)?;
        let host = authority(&base);
        let clients = [options.read, options.write].map(|limits| client(&base, &options, limits));
        let [reads, writes] = clients;
        let build = |builder: ClientBuilder| builder.build().map_err(|error| AccessError::Tls(chain(error)));
        let reads = build(reads?)?;
        // A reused connection may die in ways that leave it open whether anything was sent.
        let writes = build(writes?.pool_max_idle_per_host(0))?;
        let spare = Mutex::new(Spare { tenths: Spare::RESERVE });
        Ok(Self { base, host, reads, writes, options, spare, paused_until: Mutex::new(None) })
    }

    /// Host and port, for records and errors.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub fn now(&self) -> Timestamp {
        (self.options.now)()
    }

    pub fn clock(&self) -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
        Arc::clone(&self.options.now)
    }

    /// Reads, trying again where that may help.
    pub async fn get(
        &self,
        path: &str,
        query: &[(&str, String)],
        headers: &HeaderMap,
        max: usize,
    ) -> Result<Got, Missed> {
        let mut url = self.url(path).map_err(Missed::Unreadable)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.wait_out_pause().await?;
        let limits = self.options.read;
        let patience = RETRY_AFTER_MAX;
        let call = Call { method: Method::GET, url, headers, body: None, limits, max, patience };
        self.persist(READ_TRIES, &call).await
    }

    /// Signs in. The one POST that is tried twice: it moves nothing.
    pub async fn sign_in(&self, path: &str, headers: &HeaderMap, body: &[u8]) -> Result<Got, Missed> {
        let url = self.url(path).map_err(Missed::Unreadable)?;
        let limits = self.options.auth;
        let (method, body, max) = (Method::POST, Some(body), BODY_MAX);
        let call = Call { method, url, headers, body, limits, max, patience: AUTH_RETRY_AFTER_MAX };
        self.persist(AUTH_TRIES, &call).await
    }

    /// Sends a write, once, whatever happens.
    pub async fn write(&self, method: &str, path: &str, headers: HeaderMap, body: Vec<u8>) -> Wrote {
        let method = match Method::from_bytes(method.as_bytes()) {
            Ok(method) => method,
            Err(error) => return Wrote::NotBuilt(error.to_string()),
        };
        let mut request = match self.url(path) {
            Ok(url) => Request::new(method, url),
            Err(why) => return Wrote::NotBuilt(why),
        };
        *request.headers_mut() = headers;
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().entry(CONTENT_TYPE).or_insert(json);
        *request.body_mut() = Some(body.into());
        match self.writes.execute(request).await {
            // First of all: a connect timeout is also `is_timeout`.
            Err(error) if error.is_connect() => Wrote::NotConnected(chain(error)),
            Err(error) if error.is_builder() => Wrote::NotBuilt(chain(error)),
            Err(error) => Wrote::Broken(chain(error)),
            Ok(response) => Wrote::Answered(self.written(response).await),
        }
    }

    async fn written(&self, mut response: Response) -> Written {
        let status = response.status().as_u16();
        let retry_after = self.retry_after(response.headers());
        let headers = masked(response.headers());
        let fits = headers_size(response.headers()) <= HEADERS_MAX;
        let mut body = Vec::new();
        let read = pour(&mut response, &mut body, self.options.write.between, BODY_MAX).await;
        Written { status, retry_after, headers, body, whole: fits && read.is_ok() }
    }

    fn url(&self, path: &str) -> Result<Url, String> {
        // `..` is a well-formed id, and would be another path.
        if path.split('/').any(|part| part == "." || part == "..") || path.contains(['?', '#', '\\', '%']) {
            return Err(format!("{path:?} is no path"));
        }
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        Ok(url)
    }

    async fn once(&self, call: &Call<'_>) -> Result<Got, Missed> {
        let response = self.reads.execute(call.request()).await;
        let mut response = response.map_err(|error| Missed::Offline(chain(error)))?;
        if headers_size(response.headers()) > HEADERS_MAX {
            return Err(Missed::Unreadable("headers over 64 KiB".to_owned()));
        }
        let (status, date) = (response.status(), date(response.headers()));
        let retry_after = self.retry_after(response.headers());
        let correlation = correlation(response.headers());
        let mut body = Vec::new();
        let poured = pour(&mut response, &mut body, call.limits.between, call.max).await;
        if status.is_success() {
            return poured.map(|()| Got { body, date });
        }
        // A refusal counts even when its body was cut: the status says it.
        Err(Missed::Status { status: status.as_u16(), retry_after, correlation, body })
    }

    /// Tries up to `tries` times. The waits grow, are random, and are never shorter than asked for.
    async fn persist(&self, tries: usize, call: &Call<'_>) -> Result<Got, Missed> {
        lock(&self.spare).deposit();
        (|| self.once(call))
            .retry(full_jitter().take(tries.saturating_sub(1)))
            .sleep(Sleeper(Arc::clone(&self.options.sleep)))
            .when(Missed::passes)
            .adjust(|missed, wait| self.next_wait(missed, wait, call.patience))
            .notify(|missed, wait| tracing::debug!(host = %self.host, %missed, ?wait, "trying again"))
            .await
    }

    /// How long to wait before another try; `None` where none is made. A 429 pauses the others too,
    /// whether or not this one tries again. `wait`: what is left of the tries.
    fn next_wait(&self, missed: &Missed, wait: Option<Duration>, patience: Duration) -> Option<Duration> {
        let asked = match missed {
            Missed::Status { status: 429, retry_after, .. } => {
                let asked = retry_after.unwrap_or(PAUSE_UNSAID);
                *lock(&self.paused_until) = Instant::now().checked_add(asked);
                asked
            }
            Missed::Status { retry_after, .. } => retry_after.unwrap_or_default(),
            Missed::Offline(_) | Missed::Paused(_) | Missed::Unreadable(_) => Duration::ZERO,
        };
        let wait = wait.filter(|_| asked <= patience)?;
        lock(&self.spare).withdraw().then(|| wait.max(asked))
    }

    /// Lets a moment pass between two pages of a provider that says nothing about its limits.
    pub async fn breathe(&self, pause: Duration) {
        (self.options.sleep)(pause).await;
    }

    /// A 429 pauses every read of this provider: short pauses are sat out, long ones reported.
    async fn wait_out_pause(&self) -> Result<(), Missed> {
        let until = *lock(&self.paused_until);
        let left = until.map(|until| until.saturating_duration_since(Instant::now())).unwrap_or_default();
        if left > PAUSE_SAT_OUT {
            return Err(Missed::Paused(left));
        }
        if !left.is_zero() {
            (self.options.sleep)(left).await;
        }
        Ok(())
    }

    /// `Retry-After` in either form: seconds, or a date on the provider's own clock.
    fn retry_after(&self, headers: &HeaderMap) -> Option<Duration> {
        let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let until = http_date(text)?;
        let now = date(headers).unwrap_or_else(|| self.now());
        Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
    }
}

/// One read, as often as it is tried.
struct Call<'a> {
    method: Method,
    url: Url,
    headers: &'a HeaderMap,
    body: Option<&'a [u8]>,
    limits: Limits,
    max: usize,
    /// The longest wait between two tries.
    patience: Duration,
}

impl Call<'_> {
    fn request(&self) -> Request {
        let mut request = Request::new(self.method.clone(), self.url.clone());
        self.headers.clone_into(request.headers_mut());
        if let Some(body) = self.body {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Some(body.to_vec().into());
        }
        *request.timeout_mut() = Some(self.limits.whole);
        request
    }
}

/// At most one request in ten may be a retry, with a reserve for the first ones.
#[derive(Debug)]
struct Spare {
    tenths: u32,
}

impl Spare {
    const RESERVE: u32 = 100;

    fn deposit(&mut self) {
        self.tenths = self.tenths.saturating_add(1).min(Self::RESERVE);
    }

    fn withdraw(&mut self) -> bool {
        let left = self.tenths.checked_sub(10);
        self.tenths = left.unwrap_or(self.tenths);
        left.is_some()
    }
}

/// `random(0, min(30 s, 0.5 s · 2ⁿ))`: clients that failed together do not come back together.
fn full_jitter() -> impl Iterator<Item = Duration> + Send + Sync + Unpin {
    let caps = std::iter::successors(Some(500_u64), |cap| Some(cap.saturating_mul(2).min(30_000)));
    caps.map(|cap| Duration::from_millis(fastrand::u64(0..=cap)))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn client(base: &Url, options: &Options, limits: Limits) -> Result<ClientBuilder, AccessError> {
    // Somebody may have installed it already: that is as good.
    rustls::crypto::ring::default_provider().install_default().ok();
    let tls = |error: reqwest::Error| AccessError::Tls(chain(error));
    let mut builder = Client::builder()
        .user_agent(concat!("cuadre/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(limits.connect)
        .timeout(limits.whole)
        .retry(reqwest::retry::never())
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .http1_only()
        .no_proxy();
    if base.scheme() == "http" {
        // Nothing is encrypted on the loopback: a machine without certificate authorities will do,
        // and no name may lead elsewhere.
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        return Ok(builder.tls_certs_only([]).resolve("localhost", loopback));
    }
    if let Some(proxy) = &options.proxy {
        builder = builder.proxy(Proxy::all(proxy).map_err(tls)?);
    }
    if let Some(pem) = &options.ca_pem {
        builder = builder.tls_certs_merge(Certificate::from_pem_bundle(pem).map_err(tls)?);
    }
    Ok(builder.https_only(true))
}

/// https anywhere, http on the loopback; nothing but scheme, host, port and perhaps a path.
fn address(text: &str) -> Result<Url, AccessError> {
    let refused = || AccessError::NotAnAddress(Clean::new(text).to_string());
    let url = Url::parse(text).map_err(|_| refused())?;
    let host = url.host_str().ok_or_else(refused)?;
    let bare = url.username().is_empty() && url.password().is_none();
    if !bare || url.query().is_some() || url.fragment().is_some() {
        // The text may hold a password: it is not repeated.
        return Err(AccessError::NotAnAddress(host.to_owned()));
    }
    let ip: Result<IpAddr, _> = host.trim_start_matches('[').trim_end_matches(']').parse();
    let loopback = host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback());
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        "http" => Err(AccessError::NotHttps(host.to_owned())),
        _ => Err(refused()),
    }
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Reads a body piece by piece: it is counted while it comes, and no pause in it is too long.
async fn pour(
    response: &mut Response,
    body: &mut Vec<u8>,
    between: Duration,
    max: usize,
) -> Result<(), Missed> {
    loop {
        let piece = tokio::time::timeout(between, response.chunk()).await;
        let piece = piece.map_err(|_| Missed::Offline("the answer stopped halfway".to_owned()))?;
        let Some(piece) = piece.map_err(|error| Missed::Offline(chain(error)))? else {
            return Ok(());
        };
        if piece.len() > max.saturating_sub(body.len()) {
            return Err(Missed::Unreadable(format!("the answer is over {max} bytes")));
        }
        body.extend_from_slice(&piece);
    }
}

fn headers_size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len().saturating_add(value.len())).sum()
}

/// The headers of an answer for the record. Only those known to be harmless keep their values.
fn masked(headers: &HeaderMap) -> String {
    const SHOWN: [&str; 7] = [
        "content-length",
        "content-type",
        "date",
        "retry-after",
        "server",
        "x-correlation-id",
        "x-request-id",
    ];
    let mut lines = String::new();
    for (name, value) in headers.iter().take(100) {
        let shown = SHOWN.contains(&name.as_str()).then(|| value.to_str().ok()).flatten();
        lines.extend([name.as_str(), ": ", Clean::new(shown.unwrap_or("***")).as_str(), "\n"]);
    }
    lines
}

fn correlation(headers: &HeaderMap) -> Clean {
    let value = ["x-correlation-id", "x-request-id"].iter().find_map(|name| headers.get(*name));
    value.and_then(|value| value.to_str().ok()).map(Clean::new).unwrap_or_default()
}

fn date(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(headers.get(DATE)?.to_str().ok()?)
}

fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}

/// Whole seconds, never fewer than asked.
pub fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0))
}

/// An error with its causes, without the address: that may carry identifiers.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    Clean::new(&text).to_string()
}

/// The headers of every call: JSON in, JSON out, and a secret that no debug output shows.
pub fn secret_header(name: HeaderName, value: &str) -> Result<(HeaderName, HeaderValue), AccessError> {
    let mut value = HeaderValue::from_str(value).map_err(|_| AccessError::BadKey)?;
    value.set_sensitive(true);
    Ok((name, value))
}
