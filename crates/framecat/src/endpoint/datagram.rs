//! A socket without connections: each datagram is one message.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::os::fd::OwnedFd;

use framecat_core::address::{Address, UnixName};
use rustix::net::{RecvFlags, SendFlags, SocketAddrAny, getsockname, recvfrom, send, sendto};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::listener::SocketFile;
use super::readiness::register;
use super::{ConnectOptions, ListenOptions, name, open, packet_info};
use crate::Error;

/// What a receiver waits for: a datagram, or the news that an earlier one of ours reached nobody, which
/// the kernel reports as an error alone.
const INCOMING: Interest = Interest::READABLE.add(Interest::ERROR);

/// A socket without connections: UDP or Unix datagram.
#[derive(Debug)]
pub struct Datagram {
    fd: AsyncFd<OwnedFd>,
    address: Address,
    /// Whether it is bound to all addresses, so that each peer is answered from the one it spoke to.
    unspecified: bool,
    _file: Option<SocketFile>,
}

/// Who sent a datagram, as the kernel names it: what an answer is sent to. On a socket that is bound to
/// all addresses, also which of them it spoke to: what an answer is sent from.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PeerName {
    name: SocketAddrAny,
    spoke_to: Option<packet_info::Source>,
}

/// One datagram that came in.
#[derive(Debug)]
pub struct Received {
    /// How many bytes it had. More than the buffer means that the rest is lost.
    pub bytes: usize,
    /// Who sent it; `None` is a Unix socket without a name, which cannot be answered.
    pub from: Option<PeerName>,
}

impl Datagram {
    /// Receives on `address`. A Unix socket's file left by a dead server is replaced, a live server's
    /// never. On `0.0.0.0` and `[::]`, each peer is answered from the address that it spoke to.
    ///
    /// # Errors
    /// If the address cannot be had.
    pub async fn bind(address: &Address, options: &ListenOptions) -> Result<Datagram, Error> {
        let socket = open::bound(address, options).await?;
        let file = SocketFile::of(address);
        packet_info::ask_if_unspecified(&socket)
            .and_then(|unspecified| Datagram::new(socket, address, unspecified, file))
            .map_err(|source| Error::Listen { address: address.clone(), source })
    }

    /// A socket that speaks with `address` only, and is told when nobody is there.
    ///
    /// # Errors
    /// If the address cannot be resolved, or, for Unix sockets, nobody is there.
    pub async fn connect(address: &Address, options: &ConnectOptions) -> Result<Datagram, Error> {
        let socket = open::connected(address, options).await?;
        let file = options.source.as_ref().and_then(SocketFile::of);
        Datagram::new(socket, address, false, file)
            .map_err(|source| Error::Connect { address: address.clone(), source })
    }

    fn new(
        socket: OwnedFd,
        like: &Address,
        unspecified: bool,
        file: Option<SocketFile>,
    ) -> io::Result<Datagram> {
        let address = name::address(Some(getsockname(&socket)?), like);
        let interest = Interest::READABLE | Interest::WRITABLE;
        Ok(Datagram { fd: register(socket, interest)?, address, unspecified, _file: file })
    }

    /// This socket's own address, with the real port.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The address that a peer's name stands for.
    pub fn peer_address(&self, peer: &PeerName) -> Address {
        name::address(Some(peer.name.clone()), &self.address)
    }

    /// Waits until a datagram waits. One task at a time.
    ///
    /// # Errors
    /// If the runtime is shutting down.
    pub async fn readable(&self) -> io::Result<()> {
        self.fd.ready(INCOMING).await.map(drop)
    }

    /// Waits until a datagram can be sent. One task at a time.
    ///
    /// # Errors
    /// If the runtime is shutting down.
    pub async fn writable(&self) -> io::Result<()> {
        poll_fn(|cx| self.fd.poll_write_ready(cx)).await.map(drop)
    }

    /// Receives one datagram into `buffer`.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if none waits; on a connected socket
    /// [`io::ErrorKind::ConnectionRefused`] if an earlier one reached nobody.
    pub fn try_receive(&self, buffer: &mut [u8]) -> io::Result<Received> {
        // tokio knows one kind of readiness at a time here, so an error is asked for on its own.
        match self.try_receive_as(Interest::READABLE, buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.try_receive_as(Interest::ERROR, buffer)
            }
            other => other,
        }
    }

    fn try_receive_as(&self, ready: Interest, buffer: &mut [u8]) -> io::Result<Received> {
        self.fd.try_io(ready, |_| self.receive_now(buffer))
    }

    /// As [`Datagram::try_receive`], but asks the kernel even if the runtime has not been told yet that
    /// a datagram waits: for a server that ends, and will not be told any more.
    ///
    /// # Errors
    /// As [`Datagram::try_receive`].
    pub fn receive_now(&self, buffer: &mut [u8]) -> io::Result<Received> {
        if self.unspecified {
            let (bytes, from, spoke_to) = packet_info::receive(self.fd.get_ref(), buffer)?;
            return Ok(Received { bytes, from: from.map(|name| PeerName { name, spoke_to }) });
        }
        // TRUNC makes the kernel tell the datagram's real length (recv(2)).
        let (_, bytes, from) = recvfrom(self.fd.get_ref(), &mut *buffer, RecvFlags::TRUNC)?;
        let named = from.filter(|name| {
            let unnamed = Address::UnixDgram(UnixName::Unnamed);
            name::address(Some(name.clone()), &self.address) != unnamed
        });
        Ok(Received { bytes, from: named.map(|name| PeerName { name, spoke_to: None }) })
    }

    /// Sends one datagram to `peer`.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if there is no room, else what the system says of this datagram.
    pub fn try_send_to(&self, datagram: &[u8], peer: &PeerName) -> io::Result<()> {
        self.fd.try_io(Interest::WRITABLE, |fd| match peer.spoke_to {
            Some(source) => packet_info::send(fd, datagram, &peer.name, source),
            None => {
                sendto(fd, datagram, SendFlags::NOSIGNAL, &peer.name)?;
                Ok(())
            }
        })
    }

    /// Sends one datagram to the connected peer.
    ///
    /// # Errors
    /// As [`Datagram::try_send_to`], and [`io::ErrorKind::ConnectionRefused`] if an earlier one
    /// reached nobody.
    pub fn try_send(&self, datagram: &[u8]) -> io::Result<()> {
        self.fd.try_io(Interest::WRITABLE, |fd| {
            send(fd, datagram, SendFlags::NOSIGNAL)?;
            Ok(())
        })
    }
}

impl fmt::Debug for PeerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        self.spoke_to.as_ref().map_or(Ok(()), |source| write!(f, " to {source:?}"))
    }
}
