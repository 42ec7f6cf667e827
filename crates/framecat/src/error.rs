//! What can go wrong with sockets: what was tried, on which address, what the system said, and what to
//! do about it.

use std::io;
use std::time::Duration;

use framecat_core::address::{Address, HostPort};
use framecat_core::framing::{EncodeError, FrameError};
use rustix::io::Errno;

/// Why something with a socket could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A host name has no address.
    #[error("cannot resolve {address}: {}", reason(source))]
    Resolve {
        /// Where we wanted to be.
        address: Address,
        /// What the resolver said.
        source: io::Error,
    },
    /// The address cannot be the name of a socket.
    #[error(
        "{address} cannot be the name of a socket: {}; a path has at most 107 bytes",
        reason(source)
    )]
    Name {
        /// The address.
        address: Address,
        /// What the system said.
        source: io::Error,
    },
    /// Nobody took the connection.
    #[error("cannot connect to {address}: {}{}", reason(source), connect_hint(address, source))]
    Connect {
        /// Where we wanted to be.
        address: Address,
        /// What the system said.
        source: io::Error,
    },
    /// Nobody answered in time.
    #[error("cannot connect to {address}: no answer within {after:?}{}", timeout_hint(address))]
    ConnectTimeout {
        /// Where we wanted to be.
        address: Address,
        /// How long we waited.
        after: Duration,
    },
    /// The address to come from cannot be had.
    #[error("cannot come from {address}: {}{}", reason(source), listen_hint(address, source))]
    Source {
        /// Where we wanted to come from.
        address: Address,
        /// What the system said.
        source: io::Error,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {}{}", reason(source), listen_hint(address, source))]
    Listen {
        /// Where we wanted to be.
        address: Address,
        /// What the system said.
        source: io::Error,
    },
    /// The option has no meaning for this kind of socket.
    #[error("{option} makes no sense on {address}: {reason}")]
    Unsupported {
        /// The address.
        address: Address,
        /// The option, as the command line names it.
        option: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// An open connection failed.
    #[error("cannot {doing} {address}: {}", reason(source))]
    Io {
        /// What was tried, as in `read from`.
        doing: &'static str,
        /// The other side.
        address: Address,
        /// What the system said.
        source: io::Error,
    },
    /// The peer broke the framing.
    #[error("{peer} broke the framing at byte {}: {}", source.offset, source.kind)]
    Framing {
        /// The peer.
        peer: Address,
        /// Where and how.
        source: FrameError,
    },
    /// A message cannot be carried.
    #[error("cannot send message {number} to {peer}: {source}")]
    Carry {
        /// The peer.
        peer: Address,
        /// Which message, counted from 1.
        number: u64,
        /// Why not.
        source: EncodeError,
    },
    /// A datagram is longer than the system sends.
    #[error("cannot send message {number} to {peer}: {len} B are more than one datagram holds")]
    TooLong {
        /// The peer.
        peer: Address,
        /// Which message, counted from 1.
        number: u64,
        /// Its length.
        len: usize,
    },
    /// The peer was gone before all was sent.
    #[error("{peer} closed the connection before all was sent: {unsent} B are lost")]
    Unsent {
        /// The peer.
        peer: Address,
        /// How many bytes it did not take.
        unsent: usize,
    },
}

/// Whose fault an [`Error`] is; the exit code follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The network or the peer: refused, timed out, reset, broke the framing.
    Network,
    /// This side: a wrong option, a file, an address in use.
    Local,
}

impl Error {
    /// Whose fault it is.
    pub fn blame(&self) -> Blame {
        let no_descriptor = |source: &io::Error| {
            matches!(Errno::from_io_error(source), Some(Errno::MFILE | Errno::NFILE))
        };
        match self {
            Error::Connect { source, .. } if no_descriptor(source) => Blame::Local,
            Error::Listen { .. }
            | Error::Name { .. }
            | Error::Source { .. }
            | Error::Unsupported { .. }
            | Error::TooLong { .. }
            | Error::Carry { .. } => Blame::Local,
            Error::Resolve { .. }
            | Error::Connect { .. }
            | Error::ConnectTimeout { .. }
            | Error::Io { .. }
            | Error::Framing { .. }
            | Error::Unsent { .. } => Blame::Network,
        }
    }
}

/// What the system said, without the number behind it: `connection refused`.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

fn connect_hint(address: &Address, error: &io::Error) -> &'static str {
    match (error.kind(), address) {
        (io::ErrorKind::ConnectionRefused, Address::Udp(_)) => {
            "; nobody listens there: start the server"
        }
        (io::ErrorKind::ConnectionRefused, _) => {
            "; nobody listens there: start the server, or wait for it with --retry 10s"
        }
        (io::ErrorKind::NotFound, Address::Unix(_) | Address::UnixDgram(_)) => {
            "; start the server, or wait for it with --retry 10s"
        }
        _ if Errno::from_io_error(error) == Some(Errno::PROTOTYPE) => {
            "; try unix://, unix-dgram:// or unix-seqpacket://"
        }
        _ => "",
    }
}

fn timeout_hint(address: &Address) -> &'static str {
    match address {
        Address::Tcp(_) => {
            "; is a firewall in between, or its accept queue full? (--connect-timeout)"
        }
        _ => "; its accept queue is full (--connect-timeout)",
    }
}

fn listen_hint(address: &Address, error: &io::Error) -> String {
    match (error.kind(), address) {
        (io::ErrorKind::PermissionDenied, Address::Tcp(at) | Address::Udp(at)) => {
            privileged_port(at)
        }
        (io::ErrorKind::AddrInUse, Address::Tcp(_) | Address::Udp(_)) => {
            "; another program has it: choose another port, or 0 for any that is free".into()
        }
        (io::ErrorKind::AddrInUse, _) => "; a live server listens there".into(),
        (io::ErrorKind::AddrNotAvailable, _) => {
            "; this machine does not have that address (0.0.0.0 and [::] stand for all it has)"
                .into()
        }
        _ if Errno::from_io_error(error) == Some(Errno::NOTSOCK) => {
            "; a file that is no socket is there: it is left alone, choose another path".into()
        }
        _ => String::new(),
    }
}

fn privileged_port(at: &HostPort) -> String {
    match at.port {
        1..1024 => {
            format!("; ports below 1024 need privileges, try {}", at.port.saturating_add(8000))
        }
        _ => String::new(),
    }
}
