//! The newest hash, kept beside the store in `audit.head`.

use super::signed;
use crate::store::error::{Doing, StoreError};
use crate::store::place::Place;
use rusqlite::{Connection, OptionalExtension};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::str::FromStr;

/// The newest event: `SEQ:HASH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub seq: u64,
    /// SHA-256, lower-case hex.
    pub hash: String,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a head is SEQ:HASH, the hash of 64 hexadecimal digits")]
pub struct BadHead;

impl FromStr for Head {
    type Err = BadHead;

    fn from_str(text: &str) -> Result<Self, BadHead> {
        let (seq, hash) = text.trim().split_once(':').ok_or(BadHead)?;
        let hex = hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !hex {
            return Err(BadHead);
        }
        Ok(Self { seq: seq.parse().map_err(|_| BadHead)?, hash: hash.to_owned() })
    }
}

/// Puts the head beside the store, unless a newer one is there already.
///
/// A head that speaks of another chain than ours is evidence, and stays: `audit verify` reports it.
pub(in crate::store) fn keep(place: &Place, sql: &Connection, head: &Head) -> Result<(), StoreError> {
    let path = place.head_file();
    let failed = |source| StoreError::Head { path: path.clone(), source };
    let _one_at_a_time = place.lock().map_err(failed)?;
    if let Some(kept) = read(place).map_err(failed)? {
        let ours: Option<String> = sql
            .prepare("SELECT hash FROM audit WHERE seq = ?1")
            .and_then(|mut query| query.query_row([signed(kept.seq)], |row| row.get(0)).optional())
            .map_err(|error| StoreError::disk(Doing::Audit, error))?;
        if kept.seq >= head.seq {
            return Ok(());
        }
        if ours.as_ref() != Some(&kept.hash) {
            tracing::warn!(kept = %kept, "the audit head beside the store is not of this chain; it stays");
            return Ok(());
        }
    }
    write(place, head).map_err(failed)
}

/// `None`: there is none, or it is no head.
pub(in crate::store) fn read(place: &Place) -> io::Result<Option<Head>> {
    match std::fs::read_to_string(place.head_file()) {
        Ok(text) => Ok(text.parse().ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Aside, fsync, rename, fsync of the directory: at each moment the old or the new is whole.
pub(in crate::store) fn write(place: &Place, head: &Head) -> io::Result<()> {
    let aside = place.dir.join("audit.head.new");
    match std::fs::remove_file(&aside) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    writeln!(file, "{head}")?;
    file.sync_all()?;
    std::fs::rename(&aside, place.head_file())?;
    File::open(&place.dir)?.sync_all()
}
