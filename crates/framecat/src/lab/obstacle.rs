//! Why an experiment cannot tell, and calls that failed.

use std::fmt;
use std::io;

use rustix::io::Errno;

use super::scene::PATIENCE;
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
        let call = &error.call;
        // That is how a call on a socket that blocks says that SO_RCVTIMEO or SO_SNDTIMEO is over
        // (socket(7)); connect(2) says EINPROGRESS.
        let waited = error.is(Errno::AGAIN) || error.is(Errno::INPROGRESS);
        if waited && !call.contains("MSG_DONTWAIT") {
            return Obstacle(format!("{call}: no answer within {} s", PATIENCE.as_secs()));
        }
        Obstacle(format!("{call}: {}", reason(&error.source)))
    }
}

impl From<AskError> for Obstacle {
    fn from(error: AskError) -> Obstacle {
        Obstacle(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_that_was_given_up_is_told_as_one() {
        let told = |call: &str, errno: Errno| {
            Obstacle::from(CallError::new(call.to_owned(), errno.into())).to_string()
        };
        assert_eq!(told("recv(64)", Errno::AGAIN), "recv(64): no answer within 10 s");
        assert_eq!(told("connect()", Errno::INPROGRESS), "connect(): no answer within 10 s");
        let at_once = told("recv(64, MSG_DONTWAIT)", Errno::AGAIN);
        assert_eq!(at_once, "recv(64, MSG_DONTWAIT): resource temporarily unavailable");
        assert_eq!(told("connect()", Errno::CONNREFUSED), "connect(): connection refused");
    }
}
