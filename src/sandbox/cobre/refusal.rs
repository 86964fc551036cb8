//! Cobre's errors: `{"error_code", "error_description"}` and the status of each code (contract 1.5).

use serde_json::json;

use crate::sandbox::http::Reply;

/// An answer that refuses. The code is stable, the text is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub code: &'static str,
    pub text: String,
}

pub type Answer = Result<Reply, Refusal>;

/// The status of each code. Most are the contract's own choice [inf].
const fn status(code: &str) -> u16 {
    match code.as_bytes() {
        b"AU005" | b"AU006" => 401,
        b"AU007" => 403,
        b"ACC001" | b"CP006" | b"MM003" | b"G003" => 404,
        b"CP005" | b"MM004" | b"G004" => 409,
        b"G429" => 429,
        b"G001" => 500,
        _ => 400,
    }
}

impl Refusal {
    pub fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { status: status(code), code, text: text.into() }
    }

    pub fn into_reply(self) -> Reply {
        let reply =
            Reply::json(self.status, &json!({"error_code": self.code, "error_description": self.text}));
        if self.status == 429 { reply.with("retry-after", "1") } else { reply }
    }
}

/// An error for a status that a fault asks for.
pub fn error(status: u16) -> Reply {
    let (code, text) = match status {
        400 => ("G002", "Bad request"),
        401 => ("AU006", "Unauthorized"),
        403 => ("AU007", "Forbidden"),
        404 => ("G003", "Not found"),
        409 => ("G004", "Conflict"),
        413 => ("G002", "Request too long"),
        429 => ("G429", "Too Many Requests"),
        200..=399 => return Reply::json(status, &json!({})),
        _ => ("G001", "General error, try again"),
    };
    Reply::json(status, &json!({"error_code": code, "error_description": text}))
}
