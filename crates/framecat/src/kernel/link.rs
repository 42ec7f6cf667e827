//! What the witness has to know of one connection, prepared once: the questions for its two ends.

use std::io;
use std::net::SocketAddr;

use framecat_core::sock_diag::{Connection, Detail, UnixRow};
use rustix::fs::fstat;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrAny, getpeername, getsockname};

use crate::endpoint::Stream;

/// A connection of ours, as [`Witness::look`](super::Witness::look) asks for it.
#[derive(Debug)]
pub struct Link {
    pub(super) ends: Ends,
    /// The peer's socket was there once, so that it is on this host and in our namespace.
    pub(super) seen: bool,
}

#[derive(Debug)]
pub(super) enum Ends {
    Tcp(Box<TcpEnds>),
    Unix {
        /// Asks for our own end, which knows of what it wrote how much is unread.
        ours: Vec<u8>,
    },
}

/// The questions as bytes: what is asked each time is written once.
#[derive(Debug)]
pub(super) struct TcpEnds {
    /// Asks for the peer's queues.
    pub(super) peer: Vec<u8>,
    connection: Connection,
}

impl Link {
    /// The link of a connected stream: TCP, Unix stream or Unix seqpacket.
    ///
    /// # Errors
    /// If the connection is gone already, or is of none of these kinds.
    pub fn new(stream: &Stream) -> io::Result<Link> {
        let ours = getsockname(stream)?;
        let ends = match ours.address_family() {
            AddressFamily::INET | AddressFamily::INET6 => {
                let peer = getpeername(stream)?.ok_or(Errno::NOTCONN)?;
                let connection = Connection { local: inet(ours)?, peer: inet(peer)? };
                Ends::Tcp(Box::new(TcpEnds {
                    peer: connection.turned().request(Detail::Queues),
                    connection,
                }))
            }
            AddressFamily::UNIX => {
                // The inodes of sockets have 32 bits (net/socket.c, `sock_alloc`: `get_next_ino`).
                let inode = u32::try_from(fstat(stream)?.st_ino).map_err(|_| Errno::OVERFLOW)?;
                Ends::Unix { ours: UnixRow::request(inode) }
            }
            _ => return Err(Errno::AFNOSUPPORT.into()),
        };
        Ok(Link { ends, seen: false })
    }

    /// Whether a look has found the peer's socket: it is on this host, and looks can tell that the
    /// peer has read.
    pub fn is_seen(&self) -> bool {
        self.seen
    }
}

impl TcpEnds {
    /// Asks for our own socket and what it counted.
    pub(super) fn ours_counted(&self) -> Vec<u8> {
        self.connection.request(Detail::Full)
    }

    /// Asks for the peer's socket and what it counted.
    pub(super) fn peer_counted(&self) -> Vec<u8> {
        self.connection.turned().request(Detail::Full)
    }
}

fn inet(name: SocketAddrAny) -> rustix::io::Result<SocketAddr> {
    SocketAddr::try_from(name)
}
