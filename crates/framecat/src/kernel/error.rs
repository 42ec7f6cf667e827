//! Why the kernel's answer is not known: what was asked, what it said, what would help.

use std::fmt;
use std::io;

use framecat_core::address::HostPort;
use framecat_core::sock_diag::{DumpError, Protocol, Query};
use rustix::io::Errno;

use crate::reason;

/// How often an answer may turn out to be interrupted: a table that never rests shall not keep us for
/// ever.
pub(super) const TRIES: u32 = 8;

/// What the kernel was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Asked {
    /// All sockets of a kind.
    Sockets(Query),
    /// Any table.
    Tables,
    /// All Unix sockets.
    UnixSockets,
    /// One TCP connection.
    Connection,
    /// One Unix socket.
    UnixSocket,
    /// Our own end of a connection.
    OurSocket,
}

/// Why the kernel's sockets are not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// The question could not be asked, or the kernel refused it.
    #[error("cannot ask the kernel for {asked}: {}{}", reason(source), hint(*asked, source))]
    Refused {
        /// What was asked.
        asked: Asked,
        /// What the system said.
        source: io::Error,
    },
    /// The answer cannot be read.
    #[error("cannot ask the kernel for {asked}: {source}")]
    Answer {
        /// What was asked.
        asked: Asked,
        /// Where and why.
        source: DumpError,
    },
    /// The tables changed during each answer.
    #[error(
        "cannot ask the kernel for {asked}: the table changed during each of {TRIES} answers; ask again"
    )]
    Interrupted {
        /// What was asked.
        asked: Asked,
    },
    /// The kernel knows addresses only.
    #[error("cannot ask the kernel for sockets at `{0}`: it knows no host names; resolve it first")]
    HostName(HostPort),
}

impl AskError {
    pub(super) fn refused(asked: Asked, source: impl Into<io::Error>) -> AskError {
        AskError::Refused { asked, source: source.into() }
    }

    pub(super) fn answer(asked: Asked, source: DumpError) -> AskError {
        match source {
            DumpError::Refused { errno } => {
                AskError::refused(asked, io::Error::from_raw_os_error(errno))
            }
            source => AskError::Answer { asked, source },
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Asked::Sockets(Query { family, protocol, .. }) => {
                write!(f, "its {family} {protocol} sockets")?;
            }
            Asked::Tables => f.write_str("its sockets")?,
            Asked::UnixSockets => f.write_str("its Unix sockets")?,
            Asked::Connection => f.write_str("one TCP connection")?,
            Asked::UnixSocket => f.write_str("one Unix socket")?,
            Asked::OurSocket => f.write_str("our end of a connection")?,
        }
        f.write_str(" (NETLINK_SOCK_DIAG)")
    }
}

fn hint(asked: Asked, error: &io::Error) -> &'static str {
    let module = match asked {
        Asked::Sockets(Query { protocol: Protocol::Tcp, .. }) | Asked::Connection => {
            "; it needs the module tcp_diag"
        }
        Asked::Sockets(Query { protocol: Protocol::Udp, .. }) => "; it needs the module udp_diag",
        Asked::UnixSockets | Asked::UnixSocket => "; it needs the module unix_diag",
        Asked::Tables | Asked::OurSocket => "",
    };
    match Errno::from_io_error(error) {
        Some(Errno::NOENT) => module,
        Some(Errno::PROTONOSUPPORT) => "; this kernel has no sock_diag",
        Some(Errno::AFNOSUPPORT | Errno::PERM | Errno::ACCESS) => {
            "; a sandbox around this program keeps AF_NETLINK from it"
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use framecat_core::sock_diag::{Detail, Family, States};

    #[test]
    fn errors_say_what_was_asked_and_what_would_help() {
        let (family, protocol, detail) = (Family::Inet6, Protocol::Udp, Detail::Queues);
        let query = Query { family, protocol, states: States::ALL, detail };
        let asked = Asked::Sockets(query);
        let refused = |errno: Errno| AskError::refused(asked, errno);
        let malformed = DumpError::Malformed { offset: 4, problem: "too short".into() };
        for (error, text) in [
            (refused(Errno::NOENT), "no such file or directory; it needs the module udp_diag"),
            (
                refused(Errno::PROTONOSUPPORT),
                "protocol not supported; this kernel has no sock_diag",
            ),
            (refused(Errno::NOBUFS), "no buffer space available"),
            (
                AskError::Answer { asked, source: malformed },
                "the netlink message at byte 4 cannot be read: too short",
            ),
            (
                AskError::Interrupted { asked },
                "the table changed during each of 8 answers; ask again",
            ),
        ] {
            let asked = "cannot ask the kernel for its IPv6 UDP sockets (NETLINK_SOCK_DIAG)";
            assert_eq!(error.to_string(), format!("{asked}: {text}"));
        }
        let asked = "cannot ask the kernel for one Unix socket (NETLINK_SOCK_DIAG)";
        assert_eq!(
            AskError::refused(Asked::UnixSocket, Errno::NOENT).to_string(),
            format!("{asked}: no such file or directory; it needs the module unix_diag")
        );
    }
}
