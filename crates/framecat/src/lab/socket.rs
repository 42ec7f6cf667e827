//! Sockets of an experiment: plain system calls on loopback, bounded in time.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use framecat_core::sock_diag::Connection;
use rustix::io::{Errno, retry_on_intr};
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, accept_with, bind, connect, getpeername, getsockname,
    socket_with,
};

use super::scene::PATIENCE;

/// A socket. It is closed when it is dropped, which no timeline shows: see
/// [`Actor::close`](super::actor::Actor::close).
#[derive(Debug)]
pub(super) struct Socket(OwnedFd);

impl Socket {
    /// A TCP socket, or UDP.
    pub(super) fn new(kind: SocketType) -> io::Result<Socket> {
        Ok(Socket::from(socket_with(AddressFamily::INET, kind, SocketFlags::CLOEXEC, None)?))
    }

    /// The same with a port of its own on loopback.
    pub(super) fn bound(kind: SocketType) -> io::Result<Socket> {
        let socket = Socket::new(kind)?;
        bind(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        Ok(socket)
    }

    /// A connection with a listener, without a trace in the timeline: the client's end, and the
    /// server's. Nobody else may connect meanwhile.
    pub(super) fn pair(listener: &Socket) -> io::Result<(Socket, Socket)> {
        let client = Socket::new(SocketType::STREAM)?;
        connect(&client, &listener.local()?)?;
        let accepted = retry_on_intr(|| accept_with(listener, SocketFlags::CLOEXEC))?;
        Ok((client, Socket::from(accepted)))
    }

    /// Where it is.
    pub(super) fn local(&self) -> io::Result<SocketAddr> {
        Ok(SocketAddr::try_from(getsockname(self)?)?)
    }

    /// Its connection, seen from its side.
    pub(super) fn connection(&self) -> io::Result<Connection> {
        let peer = getpeername(self)?.ok_or(Errno::NOTCONN)?;
        Ok(Connection { local: self.local()?, peer: SocketAddr::try_from(peer)? })
    }

    pub(super) fn into_fd(self) -> OwnedFd {
        self.0
    }
}

impl From<OwnedFd> for Socket {
    /// No call on it waits for longer than an experiment may: SO_RCVTIMEO bounds `accept` and `recv`,
    /// SO_SNDTIMEO `connect` and `send` (socket(7)).
    fn from(fd: OwnedFd) -> Socket {
        for direction in [Timeout::Recv, Timeout::Send] {
            // Every socket has both.
            let _ = set_socket_timeout(&fd, direction, Some(PATIENCE));
        }
        Socket(fd)
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
