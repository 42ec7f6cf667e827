//! Why an experiment cannot tell, and calls that failed.

use std::fmt;
use std::io;

use rustix::io::Errno;

use crate::kernel::AskError;
use crate::reason;

/// Why an experiment could not be made, or told nothing: it is said, and counts for neither verdict.
#[derive(Debug)]
pub(super) struct Obstacle(String);

/// A call that failed. An experiment looks at it where the failure is its subject; elsewhere it is an
/// obstacle.
#[derive(Debug)]
pub(super) struct CallError {
    pub(super) call: String,
    pub(super) errno: Option<Errno>,
    source: io::Error,
}

impl Obstacle {
    pub(super) fn new(why: impl Into<String>) -> Obstacle {
        Obstacle(why.into())
    }
}

impl CallError {
    pub(super) fn new(call: String, source: io::Error) -> CallError {
        CallError { call, errno: Errno::from_io_error(&source), source }
    }

    pub(super) fn is(&self, errno: Errno) -> bool {
        self.errno == Some(errno)
    }

    /// `ECONNREFUSED`
    pub(super) fn name(&self) -> String {
        error_name(&self.source)
    }
}

/// The error's name as in errno(3), or its text where it has none.
pub(super) fn error_name(error: &io::Error) -> String {
    match error.raw_os_error().map(nix::errno::Errno::from_raw) {
        None | Some(nix::errno::Errno::UnknownErrno) => reason(error),
        Some(errno) => format!("{errno:?}"),
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<CallError> for Obstacle {
    fn from(error: CallError) -> Obstacle {
        Obstacle(format!("{}: {}", error.call, reason(&error.source)))
    }
}

impl From<AskError> for Obstacle {
    fn from(error: AskError) -> Obstacle {
        Obstacle(error.to_string())
    }
}
