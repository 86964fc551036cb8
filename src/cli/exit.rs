//! How `cuadre` ends: the numbers that scripts rely on.

/// Exit codes; killed by a signal is 128 and its number, and not ours to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Done = 0,
    Unexpected = 1,
    /// A command line or a configuration that can't be followed.
    Usage = 2,
    /// A check found something.
    Finding = 3,
    /// The provider can't be reached.
    Unreachable = 4,
    /// Not signed in, or not allowed.
    NotAllowed = 5,
    /// Store damaged, locked or full.
    Store = 6,
    NotSent = 10,
    Rejected = 11,
    Unknown = 12,
    Interrupted = 130,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
