//! What the kernel says of sockets: its tables, asked for through AF_NETLINK (Linux).
//!
//! A socket of AF_NETLINK has no connections and its datagrams go to the kernel and come from it. The
//! bytes in them are [`framecat_core::sock_diag`]'s.
//!
//! ```
//! use framecat::core::sock_diag::{Family, Protocol, Query, State, States};
//!
//! # async fn example() -> Result<(), framecat::kernel::AskError> {
//! let listeners = States::from([State::Listen]);
//! let query = Query { family: Family::Inet, protocol: Protocol::Tcp, states: listeners };
//! for row in framecat::kernel::sockets(&query).await? {
//!     println!("{}: {} of {} wait", row.local, row.receive_queue, row.send_queue);
//! }
//! # Ok(())
//! # }
//! ```

use std::io;
use std::os::fd::OwnedFd;

use framecat_core::sock_diag::{Dump, DumpError, Progress, Protocol, Query, SocketRow};
use rustix::io::Errno;
use rustix::net::netlink::{SOCK_DIAG, SocketAddrNetlink};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, connect, recv, send, socket_with,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::endpoint::readiness::register;
use crate::reason;

/// The kernel fills a part of its answer to the reader's buffer, up to this size
/// (net/netlink/af_netlink.c, `netlink_recvmsg`).
const PART: usize = 32 * 1024;

/// How often an answer may turn out to be interrupted: a table that never rests shall not keep us for
/// ever.
const TRIES: u32 = 8;

/// Why the kernel's sockets are not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// The question could not be asked, or the kernel refused it.
    #[error("{}: {}{}", Asked(query), reason(source), hint(query, source))]
    Refused {
        /// What was asked.
        query: Query,
        /// What the system said.
        source: io::Error,
    },
    /// The answer cannot be read.
    #[error("{}: {source}", Asked(query))]
    Answer {
        /// What was asked.
        query: Query,
        /// Where and why.
        source: DumpError,
    },
    /// The tables changed during each answer.
    #[error("{}: the table changed during each of {TRIES} answers; ask again", Asked(query))]
    Interrupted {
        /// What was asked.
        query: Query,
    },
}

/// The sockets of this network namespace that the query asks for, of all programs and users.
///
/// # Errors
/// If the kernel does not say. A privilege is not needed.
pub async fn sockets(query: &Query) -> Result<Vec<SocketRow>, AskError> {
    let refused = |source| AskError::Refused { query: *query, source };
    let socket = open().map_err(refused)?;
    let mut buffer = vec![0; PART];
    for _ in 0..TRIES {
        // The kernel takes a request at once or not at all, so there is nothing to wait for.
        send(&socket, &query.request(), SendFlags::empty()).map_err(|no| refused(no.into()))?;
        let mut dump = Dump::new();
        let mut progress = Progress::More;
        while progress == Progress::More {
            let part = receive(&socket, &mut buffer).await.map_err(refused)?;
            progress = dump.on_bytes(part).map_err(|error| match error {
                DumpError::Refused { errno } => refused(io::Error::from_raw_os_error(errno)),
                source => AskError::Answer { query: *query, source },
            })?;
        }
        if progress == Progress::Complete {
            return Ok(dump.into_rows());
        }
    }
    Err(AskError::Interrupted { query: *query })
}

fn open() -> io::Result<AsyncFd<OwnedFd>> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, Some(SOCK_DIAG))?;
    // Connected to port 0, the kernel, the socket takes datagrams from nobody else
    // (`netlink_getsockbyportid`).
    connect(&socket, &SocketAddrNetlink::new(0, 0))?;
    register(socket, Interest::READABLE)
}

async fn receive<'a>(socket: &AsyncFd<OwnedFd>, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    let len = socket
        .async_io(Interest::READABLE, |fd| {
            // TRUNC makes the kernel tell the datagram's real length (netlink(7)).
            let (_, len) = recv(fd, &mut *buffer, RecvFlags::TRUNC)?;
            Ok(len)
        })
        .await?;
    Ok(buffer.get(..len).ok_or(Errno::MSGSIZE)?)
}

struct Asked<'a>(&'a Query);

impl std::fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Query { family, protocol, .. } = self.0;
        write!(f, "cannot ask the kernel for its {family} {protocol} sockets (NETLINK_SOCK_DIAG)")
    }
}

fn hint(query: &Query, error: &io::Error) -> &'static str {
    let module = match query {
        Query { protocol: Protocol::Tcp, .. } => "; it needs the module tcp_diag",
        Query { protocol: Protocol::Udp, .. } => "; it needs the module udp_diag",
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
    use framecat_core::sock_diag::{Family, States};

    #[test]
    fn errors_say_what_was_asked_and_what_would_help() {
        let query = Query { family: Family::Inet6, protocol: Protocol::Udp, states: States::ALL };
        let refused = |errno: Errno| AskError::Refused { query, source: errno.into() };
        let malformed = DumpError::Malformed { offset: 4, problem: "too short".into() };
        for (error, text) in [
            (refused(Errno::NOENT), "no such file or directory; it needs the module udp_diag"),
            (
                refused(Errno::PROTONOSUPPORT),
                "protocol not supported; this kernel has no sock_diag",
            ),
            (refused(Errno::NOBUFS), "no buffer space available"),
            (
                AskError::Answer { query, source: malformed },
                "the netlink message at byte 4 cannot be read: too short",
            ),
            (
                AskError::Interrupted { query },
                "the table changed during each of 8 answers; ask again",
            ),
        ] {
            let asked = "cannot ask the kernel for its IPv6 UDP sockets (NETLINK_SOCK_DIAG)";
            assert_eq!(error.to_string(), format!("{asked}: {text}"));
        }
    }
}
