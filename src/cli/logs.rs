//! The log: JSON lines in a file of the state folder, never on the screen, no secret in them.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{ConfigError, mask, paths};

/// Days of logs that are kept.
const FILES_MAX: usize = 14;

/// Starts logging into a folder; it is made if it isn't there. A second call changes nothing.
pub fn start(folder: &Path, filter: &str) -> Result<(), ConfigError> {
    paths::private_folder(folder)?;
    // The builder, since `rolling::daily` panics when the folder can't be written.
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("cuadre")
        .filename_suffix("jsonl")
        .max_log_files(FILES_MAX)
        .build(folder)
        .map_err(|cause| ConfigError::Folder { path: folder.to_owned(), cause: io::Error::other(cause) })?;
    close_files(folder);
    let filter: Targets = filter.parse().expect("the configuration took it as one");
    let started = tracing_subscriber::fmt()
        .json()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        // Not `non_blocking`: an abort would lose what it holds, and a desk logs little.
        .with_writer(Masking(appender))
        .finish()
        .with(filter)
        .try_init();
    if started.is_err() {
        tracing::debug!("logging had started already");
    }
    Ok(())
}

/// Files of an earlier version or another umask.
fn close_files(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && let Err(error) = fs::set_permissions(entry.path(), Permissions::from_mode(0o600)) {
            tracing::warn!(%error, "a log file stays as it was");
        }
    }
}

/// The folder of a state folder's logs, for sentences that name it.
pub fn folder(state: &Path) -> PathBuf {
    state.join("logs")
}

/// Masks each event before the file sees it.
struct Masking<M>(M);

impl<'m, M: MakeWriter<'m>> MakeWriter<'m> for Masking<M> {
    type Writer = MaskingWriter<M::Writer>;

    fn make_writer(&'m self) -> Self::Writer {
        MaskingWriter(self.0.make_writer())
    }
}

struct MaskingWriter<W>(W);

impl<W: Write> Write for MaskingWriter<W> {
    /// One call is one whole event: the formatter writes its line in one piece.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        self.0.write_all(mask::masked(&text).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_event_is_one_json_line_without_secrets() {
        mask::remember(&SecretString::from("logged-\"secret\"-7"));
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber =
            tracing_subscriber::fmt().json().with_writer(Masking(move || writer.clone())).finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(header = "Bearer abcdef", "said logged-\"secret\"-7\n\u{1b}[31m");
        });
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let event: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(event["fields"]["header"], "Bearer ***");
        assert_eq!(event["fields"]["message"], "said ***\n\u{1b}[31m");
        assert_eq!(text.matches('\n').count(), 1);
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}
