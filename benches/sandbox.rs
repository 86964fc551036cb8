//! A page of 100 transactions from the sandbox, asked for over 16 connections, beside a bare server that
//! answers the same bytes in the same run: `cargo bench --bench sandbox`. What counts is the ratio.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]
#![expect(clippy::float_arithmetic, reason = "rates and ratios; no money here")]
#![expect(clippy::indexing_slicing, reason = "a slip stops the bench, and nothing else")]

use axum::Router;
use axum::routing::get;
use cuadre::sandbox::{Options, start};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const CONNECTIONS: usize = 16;
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(2);

fn main() {
    rustls::crypto::ring::default_provider().install_default().expect("the first provider");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let begun = Instant::now();
    let sandbox = runtime.block_on(start(Options::default())).expect("two free ports");
    println!("sandbox with 2,000 transactions ready in {:.0} ms", begun.elapsed().as_secs_f64() * 1e3);

    let base = sandbox.ready().cobre.clone();
    let credential = &sandbox.ready().credentials.cobre["maker"];
    let (settings, auth) = (format!("{}/settings", sandbox.ready().control), format!("{base}/v1/auth"));
    let sign_in = json!({"user_id": credential.user_id, "secret": credential.secret});
    let token = runtime.block_on(async {
        let http = reqwest::Client::new();
        let off = http.patch(&settings).json(&json!({"rate_limit": false})).send().await.expect("an answer");
        assert!(off.status().is_success(), "the limiter stands in the way");
        let answer: Value =
            http.post(&auth).json(&sign_in).send().await.expect("an answer").json().await.expect("JSON");
        answer["access_token"].as_str().expect("a token").to_owned()
    });
    let path = "/v1/transactions?page_number=3&page_size=100";
    let ours = Target { address: address(&base), path, token: token.clone() };
    let page = ours.connect().ask();

    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a free port");
    let bare = listener.local_addr().expect("an address").to_string();
    let body: axum::body::Bytes = page.clone().into();
    let app = Router::new().route(
        "/v1/transactions",
        get(move || {
            let body = body.clone();
            async move { ([("content-type", "application/json")], body) }
        }),
    );
    runtime.spawn(async move { axum::serve(listener, app).await.expect("it serves") });
    let bare = Target { address: bare, path, token };

    let mut rates = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (target, rates) in [&bare, &ours].into_iter().zip(&mut rates) {
            rates.push(target.rate());
        }
    }
    let [bare, ours] = rates.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates[ROUNDS / 2]
    });
    println!(
        "page of {} bytes, {CONNECTIONS} connections, median of {ROUNDS} rounds of {ROUND:?}",
        page.len()
    );
    println!("bare server {bare:.0}/s   sandbox {ours:.0}/s   ratio {:.2} (goal: 0.50 or more)", ours / bare);
}

fn address(base: &str) -> String {
    base.trim_start_matches("http://").to_owned()
}

struct Target {
    address: String,
    path: &'static str,
    token: String,
}

struct Connection {
    stream: BufReader<TcpStream>,
    request: Vec<u8>,
}

impl Target {
    fn connect(&self) -> Connection {
        let stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        let request = format!(
            "GET {} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\r\n",
            self.path, self.address, self.token
        );
        Connection { stream: BufReader::new(stream), request: request.into_bytes() }
    }

    /// Answers per second over all connections, for one round.
    fn rate(&self) -> f64 {
        let (stop, answers) = (AtomicBool::new(false), AtomicU64::new(0));
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..CONNECTIONS {
                let mut connection = self.connect();
                let (stop, answers) = (&stop, &answers);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        connection.ask();
                        answers.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            std::thread::park_timeout(ROUND);
            stop.store(true, Ordering::Relaxed);
        });
        let answers = u32::try_from(answers.into_inner()).expect("fewer than four billion");
        f64::from(answers) / begun.elapsed().as_secs_f64()
    }
}

impl Connection {
    /// One request and its whole answer.
    fn ask(&mut self) -> Vec<u8> {
        self.stream.get_mut().write_all(&self.request).expect("it takes the request");
        let mut length = 0;
        let mut line = String::new();
        loop {
            line.clear();
            self.stream.read_line(&mut line).expect("a head");
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            assert!(!line.starts_with("http/1.1") || line.contains(" 200 "), "{line}");
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).expect("a body");
        body
    }
}
