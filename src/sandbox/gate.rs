//! What stands before both routers: reads the body within its bound, lets the faults happen, and
//! writes each request into the log.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use super::clock::Moment;
use super::faults::{self, Fault};
use super::http::{Reply, Shift};
use super::journal::Served;
use super::ledger::Provider;
use super::line::Line;
use super::requests::{Ended, Who};
use super::world::Shared;

/// The largest body that is read: a bulk file of 15 MB and its wrapping.
const BODY_MAX: usize = 16 * 1024 * 1024;

/// One gate stands before each provider.
#[derive(Debug, Clone)]
pub struct Gate {
    pub shared: Shared,
    pub provider: Provider,
    /// An error in the provider's own form, for a status that a fault asks for.
    pub error: fn(u16) -> Reply,
}

pub async fn pass(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    if gate.provider == Provider::Cobre && request.uri().path().starts_with("/_sandbox") {
        request.extensions_mut().insert(Served::Control);
        return next.run(request).await;
    }
    let (mut response, at) = provided(&gate, request, next).await;
    // The provider's time is the sandbox's: a client that measures absence by it sees one clock.
    if let Ok(date) = HeaderValue::from_str(&at.http_date()) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

/// The provider's answer, with what faults make of it, and the time of it.
async fn provided(gate: &Gate, mut request: Request, next: Next) -> (Response, Moment) {
    request.extensions_mut().insert(Served::from(gate.provider));
    let line = request.extensions().get::<ConnectInfo<Line>>().map(|info| info.0.clone());
    let (mut parts, body) = request.into_parts();
    let (method, path) = (parts.method.to_string(), parts.uri.path().to_owned());
    let asked = format!("{method} {}", parts.uri);
    let Ok(body) = axum::body::to_bytes(body, BODY_MAX).await else {
        let reply = (gate.error)(413);
        let at = gate.log(Ended::refused(gate, method, path, reply.status, reply.body.len()));
        return (reply.into_response(), at);
    };
    let bytes_in = body.len();
    let met = gate.shared.lock().faults.meet(gate.provider, &method, &path);
    let mut ended = Ended { bytes_in, ..Ended::refused(gate, method, path, 0, 0) };

    if met.contains(&Fault::CutBefore) {
        let at = gate.log(ended);
        return (cut(line), at);
    }
    if let Some(status) =
        met.iter().find_map(|fault| if let Fault::Status(s) = fault { Some(*s) } else { None })
    {
        wait(&met).await;
        let reply = refusal(gate, status);
        (ended.status, ended.bytes_out) = (status, reply.body.len());
        let at = gate.log(ended);
        return (reply.into_response(), at);
    }
    if met.contains(&Fault::ShiftPages) {
        parts.extensions.insert(Shift(1));
    }
    if met.contains(&Fault::IgnoreFilter) {
        parts.uri = without_filters(&parts.uri);
    }

    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    let (mut head, body) = response.into_parts();
    let answer = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let who = head.extensions.remove::<Who>().unwrap_or_default();

    let read = ended.method == "GET" && head.status.is_success();
    let mut sent = answer.clone();
    if met.contains(&Fault::Stale) && read {
        sent = gate.shared.lock().faults.kept(&asked).unwrap_or_else(|| answer.clone());
    }
    if read {
        // What was sent, not what is true: a reader who is told old news is told them again.
        gate.shared.lock().faults.keep(&asked, &sent);
    }
    sent = faults::distort(&sent, &met);
    for fault in &met {
        match fault {
            Fault::Truncate(bytes) => sent.truncate(*bytes),
            Fault::Garbage => sent = Bytes::from_static(b"<html>\xff\xfe{\"id\": \"mm_"),
            _ => {}
        }
    }
    (ended.status, ended.who, ended.bytes_out) = (head.status.as_u16(), who, sent.len());
    // Half of nothing would be a whole answer on a line that then closes under the next request.
    if met.contains(&Fault::CutAfter) || (met.contains(&Fault::CutDuring) && sent.is_empty()) {
        ended.bytes_out = 0;
        let at = gate.log(ended);
        wait(&met).await;
        return (cut(line), at);
    }
    if met.contains(&Fault::CutDuring) {
        let half = sent.len() / 2;
        ended.bytes_out = half;
        if let Some(line) = line {
            line.cut_after_body(half);
        }
    }
    let at = gate.log(ended);
    wait(&met).await;
    head.headers.remove(header::CONTENT_LENGTH);
    (Response::from_parts(head, Body::from(sent)), at)
}

impl Gate {
    /// Answers the time it is.
    fn log(&self, ended: Ended) -> Moment {
        let mut world = self.shared.lock();
        let now = world.now;
        world.requests.add(now, ended);
        now
    }
}

impl Ended {
    fn refused(gate: &Gate, method: String, path: String, status: u16, bytes_out: usize) -> Self {
        Self { provider: gate.provider, method, path, status, who: Who::default(), bytes_in: 0, bytes_out }
    }
}

/// Closes the connection. The answer is for hyper only: its write fails and it lets go.
fn cut(line: Option<Line>) -> Response {
    if let Some(line) = line {
        line.cut();
    }
    Reply::empty(500).into_response()
}

async fn wait(met: &[Fault]) {
    for fault in met {
        if let Fault::DelayMs(millis) = fault {
            tokio::time::sleep(Duration::from_millis(*millis)).await;
        }
    }
}

fn refusal(gate: &Gate, status: u16) -> Reply {
    let reply = (gate.error)(status);
    match status {
        429 | 503 => reply.with("retry-after", "1"),
        // Another host, so that a client that follows is found out; nothing listens there.
        301..=308 => reply.with("location", "http://127.0.0.2:9/elsewhere"),
        _ => reply,
    }
}

/// Parameters that say which list and where in it, not what is in it.
const PAGING: [&str; 14] = [
    "page_number",
    "page_size",
    "sensitive_data",
    "nested",
    "page",
    "limit",
    "offset",
    "size",
    "per_page",
    "page_num",
    "by_cobrus",
    "by_withdraws",
    "by_sends",
    "by_other_payments",
];

fn without_filters(uri: &Uri) -> Uri {
    let kept: Vec<&str> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| pair.split('=').next().is_some_and(|name| PAGING.contains(&name)))
        .collect();
    let path =
        if kept.is_empty() { uri.path().to_owned() } else { format!("{}?{}", uri.path(), kept.join("&")) };
    path.parse().unwrap_or_else(|_| uri.clone())
}

#[cfg(test)]
mod tests {
    use crate::sandbox::{Options, Sandbox, start};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    async fn sandbox() -> Sandbox {
        start(Options { rate: 0, transactions: 50, ..Options::default() }).await.unwrap()
    }

    /// All that comes back until the other side closes.
    async fn raw(base: &str, request: &str) -> String {
        let mut stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // A reset is as good as an end: the line is cut.
        stream.read_to_end(&mut answer).await.ok();
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn post(path: &str, body: &str) -> String {
        format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    async fn fault(sandbox: &Sandbox, order: &str) {
        let base = &sandbox.ready().cobre;
        let request = post("/_sandbox/faults", order).replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
        assert!(raw(base, &request).await.starts_with("HTTP/1.1 201"), "{order}");
    }

    /// The connection is kept open by the client: it ends only because the sandbox cut it.
    #[tokio::test]
    async fn a_cut_line_is_closed_with_nothing_with_a_part_or_before_anything_was_done() {
        let sandbox = sandbox().await;
        let base = sandbox.ready().cobre.clone();
        let ask = post("/v1/auth", r#"{"user_id":"cli_nobody","secret":"x"}"#);
        for kind in ["cut_before", "cut_after"] {
            fault(&sandbox, &format!(r#"{{"path":"/v1/auth","times":1,"fault":"{kind}"}}"#)).await;
            assert_eq!(raw(&base, &ask).await, "", "{kind}");
        }
        fault(&sandbox, r#"{"path":"/v1/auth","times":1,"fault":"cut_during"}"#).await;
        let part = raw(&base, &ask).await;
        assert!(part.starts_with("HTTP/1.1 "), "{part:?}");
        let (head, body) = part.split_once("\r\n\r\n").expect("the head is whole");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        assert_eq!(body.len(), length.parse::<usize>().unwrap() / 2);

        let seen = sandbox
            .world()
            .requests
            .since(0)
            .map(|seen| (seen.status, seen.bytes_out > 0))
            .collect::<Vec<_>>();
        assert_eq!(seen, [(0, false), (401, false), (401, true)]);

        // An answer without a body is cut before its head: half of it would be all of it.
        fault(&sandbox, r#"{"path":"/v1/account_test_transactions","times":1,"fault":"cut_during"}"#).await;
        let credential = &sandbox.ready().credentials.cobre["maker"];
        let body = format!(r#"{{"user_id":"{}","secret":"{}"}}"#, credential.user_id, credential.secret);
        let answer =
            raw(&base, &post("/v1/auth", &body).replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n")).await;
        let token =
            answer.split("\"access_token\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let ask = post("/v1/account_test_transactions", "{}");
        let ask =
            ask.replace("\r\ncontent-type", &format!("\r\nauthorization: Bearer {token}\r\ncontent-type"));
        assert_eq!(raw(&base, &ask).await, "");
        sandbox.stop().await;
    }

    #[tokio::test]
    async fn a_stopped_sandbox_lets_go_of_its_port_and_a_taken_one_is_named() {
        let sandbox = sandbox().await;
        let port = sandbox.ready().cobre.rsplit(':').next().unwrap().parse().unwrap();
        let mut idle = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let again = Options { cobre_port: Some(port), transactions: 50, ..Options::default() };
        let error = start(again.clone()).await.unwrap_err();
        assert!(error.to_string().contains(&port.to_string()), "{error}");
        sandbox.stop().await;
        assert_eq!(idle.read(&mut [0; 1]).await.unwrap_or(0), 0, "open connections are closed");
        start(again).await.unwrap().stop().await;
    }
}
