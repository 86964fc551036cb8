//! Standard output: the answer and nothing else.

use std::io::{self, Write};

use serde::Serialize;

/// One JSON object on a line of its own.
pub fn json(value: &impl Serialize) -> io::Result<()> {
    line(&serde_json::to_string(value).map_err(io::Error::other)?)
}

/// A line, written through: whoever waits for it at the other end of a pipe gets it now.
pub fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// A line on standard error: progress and notices, never the answer.
pub fn notice(text: &str) {
    // With standard error closed there is nobody to tell.
    writeln!(io::stderr(), "{text}").ok();
}
