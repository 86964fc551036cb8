//! A request as Cobru's handlers see it.

use axum::http::HeaderMap;

use crate::sandbox::http;

use super::answer::Answer;
use super::body::Fields;

/// Largest body that is looked at: the framework's own limit is 2.5 MB.
pub const BODY_MAX: usize = 2_500_000;

/// Both ways out of a handler; `Err` is a refusal.
pub type Reply = Result<Answer, Answer>;

/// One request.
#[derive(Debug)]
pub struct Call<'a> {
    /// The parts of the path between slashes, decoded; a final slash makes the last one empty.
    pub segments: Vec<String>,
    pub query: &'a [(String, String)],
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    /// Rows that went away since the page before (a fault).
    pub shift: usize,
}

impl<'a> Call<'a> {
    /// `None` where the path is no UTF-8.
    pub fn new(call: &'a http::Call) -> Option<Self> {
        Some(Self {
            segments: segments(&call.path)?,
            query: &call.query,
            headers: &call.headers,
            body: &call.body,
            shift: call.shift,
        })
    }

    /// The path's part at `at`, counted from 0.
    pub fn segment(&self, at: usize) -> &str {
        self.segments.get(at).map_or("", |segment| segment)
    }

    /// The last value of a query parameter, as the framework takes it.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body's fields. A content type other than JSON is refused as the framework does; without one
    /// the body is taken for JSON.
    pub fn fields(&self) -> Result<Fields, Answer> {
        if let Some(kind) = self.headers.get("content-type") {
            let kind = kind.to_str().unwrap_or("");
            let essence = kind.split(';').next().unwrap_or("").trim();
            if !essence.eq_ignore_ascii_case("application/json") {
                let text = format!("Unsupported media type \"{kind}\" in request.");
                return Err(Answer::detail(415, &text));
            }
        }
        if self.body.len() > BODY_MAX {
            return Err(Answer::detail(400, "Request body is too large."));
        }
        Fields::parse(self.body)
    }

    /// A page number or size of the query: absent, or a positive number.
    pub fn page_parameter(&self, name: &str, default: usize, max: usize) -> Result<usize, Answer> {
        let Some(text) = self.query(name) else { return Ok(default) };
        match text.parse::<usize>() {
            Ok(number) if number >= 1 => Ok(number.min(max)),
            // Digits that fit no number of ours are a page past the end.
            Err(error) if *error.kind() == std::num::IntErrorKind::PosOverflow => Ok(max),
            _ => Err(Answer::field(name, "A valid integer is required.")),
        }
    }
}

/// The parts of a path, percent-decoded; `None` where that is no UTF-8.
fn segments(path: &str) -> Option<Vec<String>> {
    path.strip_prefix('/').unwrap_or(path).split('/').map(decode).collect()
}

fn decode(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let value = digit(rest.next())?.checked_mul(16)?.checked_add(digit(rest.next())?)?;
            bytes.push(u8::try_from(value).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_slash_is_a_part_of_the_path() {
        assert_eq!(segments("/cobru/").unwrap(), ["cobru", ""]);
        assert_eq!(segments("/cobru_detail/k7m2x9qd").unwrap(), ["cobru_detail", "k7m2x9qd"]);
        assert_eq!(segments("/").unwrap(), [""]);
        assert_eq!(segments("/a%20b%C3%B1").unwrap(), ["a bñ"]);
        assert_eq!(segments("/%ff"), None);
        assert_eq!(segments("/%4"), None);
    }
}
