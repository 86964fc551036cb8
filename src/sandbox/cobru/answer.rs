//! What goes back over the wire, and Cobru's many forms of an error (contract 1.10, 3.4, 15).

use super::json::{self, Object};

/// The kind of body of an [`Answer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Json,
    Html,
    Pdf,
}

impl Kind {
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
            Self::Pdf => "application/pdf",
        }
    }
}

/// One answer. Handlers give it back as `Ok` or, to leave early, as `Err`: the wire sees no difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub kind: Kind,
    pub body: Vec<u8>,
    /// The `Allow` header of a 405.
    pub allow: Option<String>,
    /// The `Retry-After` header of a 429, in seconds.
    pub retry_after: Option<i64>,
}

impl Answer {
    pub fn json(status: u16, body: String) -> Self {
        Self { status, kind: Kind::Json, body: body.into_bytes(), allow: None, retry_after: None }
    }

    pub fn ok(body: String) -> Self {
        Self::json(200, body)
    }

    pub fn created(body: String) -> Self {
        Self::json(201, body)
    }

    pub fn html(status: u16, body: String) -> Self {
        Self { status, kind: Kind::Html, body: body.into_bytes(), allow: None, retry_after: None }
    }

    pub fn pdf(body: Vec<u8>) -> Self {
        Self { status: 200, kind: Kind::Pdf, body, allow: None, retry_after: None }
    }

    /// `{"error": "…"}`.
    pub fn error(status: u16, text: &str) -> Self {
        Self::json(status, Object::new().text("error", text).end())
    }

    /// `{"result": "…"}`.
    pub fn result(status: u16, text: &str) -> Self {
        Self::json(status, Object::new().text("result", text).end())
    }

    /// `{"message": "…"}`.
    pub fn message(status: u16, text: &str) -> Self {
        Self::json(status, Object::new().text("message", text).end())
    }

    /// `{"detail": "…"}`, the framework's form.
    pub fn detail(status: u16, text: &str) -> Self {
        Self::json(status, Object::new().text("detail", text).end())
    }

    /// The framework's 429 (contract 14.5).
    pub fn throttled(seconds: i64) -> Self {
        let unit = if seconds == 1 { "second" } else { "seconds" };
        let text = format!("Request was throttled. Expected available in {seconds} {unit}.");
        Self { retry_after: Some(seconds), ..Self::detail(429, &text) }
    }

    /// The framework's 404 of a record that is unknown or somebody else's.
    pub fn not_found() -> Self {
        Self::detail(404, "Not found.")
    }

    /// `{"<field>": ["…"]}` with status 400.
    pub fn field(name: &str, text: &str) -> Self {
        Self::json(400, Object::new().raw(name, &json::array([json::quoted(text)])).end())
    }

    /// The web server's own page for a path that no route has.
    pub fn page_not_found() -> Self {
        Self::html(
            404,
            "<!doctype html><html lang=\"en\"><head><title>Not Found</title></head>\
             <body><h1>Not Found</h1><p>The requested resource was not found on this server.</p></body></html>\n"
                .to_owned(),
        )
    }

    pub fn method_not_allowed(method: &str, allow: String) -> Self {
        let text = format!("Method \"{method}\" not allowed.");
        Self { allow: Some(allow), ..Self::detail(405, &text) }
    }
}
