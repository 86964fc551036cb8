//! One request and one answer, as both providers see them: a `Call` in, a `Reply` out, with the
//! world in between and nothing asynchronous.

use axum::body::{Body, Bytes};
use axum::extract::{Query, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;

use super::journal::Served;
use super::requests::Who;
use super::world::{Shared, World};

/// A request, read whole. Its size was checked before.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: Method,
    pub uri: Uri,
    /// Without the query.
    pub path: String,
    /// The path's parts, percent-decoded; empty ones (doubled or trailing slashes) are left out.
    pub segments: Vec<String>,
    /// In their order; the last of one name counts.
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Set by the fault `shift_pages`: so many rows went away since the page before.
    pub shift: usize,
}

/// Put into a request's extensions by the fault `shift_pages`.
#[derive(Debug, Clone, Copy)]
pub struct Shift(pub usize);

impl Call {
    pub fn new(method: Method, uri: &Uri, headers: HeaderMap, body: Bytes) -> Self {
        let query =
            Query::<Vec<(String, String)>>::try_from_uri(uri).map(|query| query.0).unwrap_or_default();
        Self {
            method,
            uri: uri.clone(),
            path: uri.path().to_owned(),
            segments: segments(uri.path()),
            query,
            headers,
            body,
            shift: 0,
        }
    }

    /// A header's text; one that isn't text counts as missing.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A query parameter; an empty one counts as missing.
    pub fn param(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().rev().find(|(key, _)| key == name)?;
        (!found.1.is_empty()).then_some(found.1.as_str())
    }

    /// The token of `Authorization: Bearer …`.
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }
}

/// The parts of a path, percent-decoded, without the empty ones.
pub fn segments(path: &str) -> Vec<String> {
    path.split('/').filter(|part| !part.is_empty()).map(percent_decoded).collect()
}

fn percent_decoded(part: &str) -> String {
    if !part.contains('%') {
        return part.to_owned();
    }
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let hex = (byte == b'%')
            .then(|| Some((char::from(ahead.next()?).to_digit(16)?, char::from(ahead.next()?).to_digit(16)?)))
            .flatten()
            .and_then(|(high, low)| u8::try_from(high.saturating_mul(16).saturating_add(low)).ok());
        match hex {
            Some(decoded) => {
                bytes.push(decoded);
                rest = ahead;
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub content_type: Option<&'static str>,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
    /// For the requests log.
    pub who: Who,
}

impl Reply {
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("our own answers have text keys and finite numbers");
        Self::bytes(status, "application/json", body)
    }

    pub fn bytes(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            content_type: Some(content_type),
            headers: Vec::new(),
            body: body.into(),
            who: Who::default(),
        }
    }

    /// No body at all.
    pub fn empty(status: u16) -> Self {
        Self { status, content_type: None, headers: Vec::new(), body: Bytes::new(), who: Who::default() }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(kind) = self.content_type {
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        for (name, value) in self.headers {
            // A value that came from the caller may hold what a header may not; it isn't echoed then.
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response.extensions_mut().insert(self.who);
        response
    }
}

/// What a provider is to the servers.
pub type Handler = fn(&mut World, &Call) -> Reply;

/// Reads the request, takes the lock, asks `handler`, answers.
pub async fn serve(shared: &Shared, request: Request, handler: Handler) -> Response {
    let (parts, body) = request.into_parts();
    let served = parts.extensions.get::<Served>().copied();
    let shift = parts.extensions.get::<Shift>().map_or(0, |shift| shift.0);
    // The gate has read and measured it: this only takes it back.
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return Reply::empty(400).into_response();
    };
    let mut call = Call::new(parts.method, &parts.uri, parts.headers, body);
    call.shift = shift;
    let reply = {
        let mut world = shared.lock();
        let world = &mut *world;
        let at = world.now;
        if call.method != Method::GET {
            world.version = world.version.wrapping_add(1);
        }
        let reply = handler(world, &call);
        if let (Some(journal), Some(served)) = (world.journal.as_mut(), served) {
            journal.add(at, served, &call, &reply);
        }
        reply
    };
    reply.into_response()
}

/// A body as a JSON object; `None`: it isn't one.
pub fn object(body: &[u8]) -> Option<serde_json::Map<String, Value>> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_that_say_nothing_are_left_out() {
        assert_eq!(segments("//v1/accounts/"), ["v1", "accounts"]);
        assert_eq!(segments("/a%2Fb/%zz/%C3%B1/%"), ["a/b", "%zz", "ñ", "%"]);
        assert!(segments("/").is_empty());
    }

    #[test]
    fn the_last_parameter_of_a_name_counts_and_an_empty_one_does_not() {
        let uri = Uri::from_static("http://x/y?a=1&a=2&b=&c");
        let call = Call::new(Method::GET, &uri, HeaderMap::new(), Bytes::new());
        assert_eq!((call.param("a"), call.param("b"), call.param("c")), (Some("2"), None, None));
    }
}
