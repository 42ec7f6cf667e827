//! How a program ended, in words.

use std::fmt;

use nix::sys::signal::Signal;
use rustix::process::WaitStatus;

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// By itself, with this status.
    Exited(i32),
    /// By a signal with this number.
    Killed(i32),
    /// The system kept its status from us: SIGCHLD is ignored, or other code of this process waited
    /// for it.
    Unknown,
}

impl Ending {
    pub(super) fn of(status: WaitStatus) -> Ending {
        match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Ending::Exited(code),
            (_, Some(signal)) => Ending::Killed(signal),
            _ => Ending::Unknown,
        }
    }

    /// Whether it ended by itself with status 0.
    pub fn is_success(self) -> bool {
        self == Ending::Exited(0)
    }
}

/// `ended with status 1`, `was killed by SIGSEGV`.
impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Ending::Exited(code) => write!(f, "ended with status {code}"),
            Ending::Killed(number) => match Signal::try_from(number) {
                Ok(signal) => write!(f, "was killed by {}", signal.as_str()),
                // A real-time signal has no name of its own (signal(7)).
                Err(_) => write!(f, "was killed by signal {number}"),
            },
            Ending::Unknown => f.write_str("ended"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_named() {
        assert_eq!(Ending::Exited(1).to_string(), "ended with status 1");
        assert_eq!(Ending::Killed(11).to_string(), "was killed by SIGSEGV");
        assert_eq!(Ending::Killed(40).to_string(), "was killed by signal 40");
    }
}
