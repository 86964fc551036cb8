//! What the process is before it does anything: no core files, files of its own closed to others, and
//! panics that say no secret.

use std::io::{self, Write};

use rustix::fs::Mode;
use rustix::process::{DumpableBehavior, Resource, Rlimit};

use crate::config::mask;

/// Core files off and memory closed to other processes of the user: with `panic = "abort"` no
/// destructor runs, so zeroing secrets is not enough. Files are made for their owner alone, those of
/// libraries too.
pub fn close_to_others() {
    rustix::process::umask(Mode::from_raw_mode(0o077));
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    // `doctor` reports what holds; refusing to start would take the desk away over it.
    if let Err(error) = rustix::process::setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core files could not be turned off");
    }
    if let Err(error) = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "the process could not be made undumpable");
    }
}

/// Reports of panics go to the log and to standard error, both masked. Installed before the terminal's
/// own hook, so that the terminal is given back first.
pub fn mask_panics() {
    let (panics, errors) = color_eyre::config::HookBuilder::default()
        .display_env_section(false)
        .theme(color_eyre::config::Theme::new())
        .into_hooks();
    if errors.install().is_err() {
        tracing::debug!("another report hook was there first");
    }
    std::panic::set_hook(Box::new(move |info| {
        let report = mask::masked(&panics.panic_report(info).to_string());
        tracing::error!(panic = report.as_str(), "panicked");
        writeln!(io::stderr(), "{report}").ok();
    }));
}
