//! How `cuadre` ends: the numbers that scripts rely on.

/// Exit codes (design: the command line).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done,
    Unexpected,
    /// A command line or a configuration that can't be followed.
    Usage,
    /// A check found something.
    Finding,
    /// The provider can't be reached.
    Unreachable,
    /// Not signed in, or not allowed.
    NotAllowed,
    /// Store damaged, locked or full.
    Store,
    NotSent,
    Rejected,
    Unknown,
    Interrupted,
    /// A signal of this number ended the console, which left in order.
    Signal(i32),
}

impl Exit {
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unexpected => 1,
            Self::Usage => 2,
            Self::Finding => 3,
            Self::Unreachable => 4,
            Self::NotAllowed => 5,
            Self::Store => 6,
            Self::NotSent => 10,
            Self::Rejected => 11,
            Self::Unknown => 12,
            Self::Interrupted => 130,
            Self::Signal(number) => u8::try_from(number.saturating_add(128)).unwrap_or(u8::MAX),
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
