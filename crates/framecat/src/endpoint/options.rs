//! The options of a socket. `None` is the default, so that an option that was asked for where it makes
//! no sense can be refused instead of ignored.

use std::net::IpAddr;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use framecat_core::address::{Address, Host, HostPort};
use rustix::net::sockopt;

use crate::Error;

/// How many connections may wait to be accepted. With tokio's usual 1024, a burst of 4,000 clients
/// made half of them wait a second for a retried handshake; 4096 is Linux's `somaxconn`.
pub const DEFAULT_BACKLOG: u32 = 4096;

/// Options of every socket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SocketOptions {
    /// TCP: send small pieces at once (TCP_NODELAY); on unless switched off.
    pub nodelay: Option<bool>,
    /// TCP: probe a silent peer after this long (SO_KEEPALIVE, TCP_KEEPIDLE); off unless given.
    pub keepalive: Option<Duration>,
    /// The kernel's receive buffer in bytes (SO_RCVBUF; Linux doubles it).
    pub recv_buffer: Option<usize>,
    /// The kernel's send buffer in bytes (SO_SNDBUF; Linux doubles it).
    pub send_buffer: Option<usize>,
}

/// Options of a socket that waits for peers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListenOptions {
    /// What every socket has.
    pub socket: SocketOptions,
    /// How many connections may wait to be accepted; [`DEFAULT_BACKLOG`] unless given.
    pub backlog: Option<u32>,
    /// Listen although connections of an earlier server are in TIME_WAIT (SO_REUSEADDR); on for TCP
    /// unless switched off. On UDP it would let two servers share a port unawares, so it is off.
    pub reuse_address: Option<bool>,
    /// Share the port with other sockets that ask for it too (SO_REUSEPORT).
    pub reuse_port: bool,
    /// On `[::]`, leave IPv4 out (IPV6_V6ONLY).
    pub ipv6_only: bool,
}

/// Options of a socket that goes to a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectOptions {
    /// What every socket has.
    pub socket: SocketOptions,
    /// The address to come from, of the same kind as the one to go to; port 0 is any.
    pub source: Option<Address>,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// For how long to try again while nobody listens.
    pub retry: Option<Duration>,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        // Long enough for three SYNs (at 0, 1 and 3 seconds), short enough for a person to wait.
        let timeout = Duration::from_secs(10);
        ConnectOptions { socket: SocketOptions::default(), source: None, timeout, retry: None }
    }
}

impl SocketOptions {
    fn check(&self, address: &Address) -> Result<(), Error> {
        let tcp = matches!(address, Address::Tcp(_));
        refuse(address, !tcp && self.nodelay.is_some(), "--nodelay", "it is an option of TCP")?;
        refuse(address, !tcp && self.keepalive.is_some(), "--keepalive", "it is an option of TCP")
    }

    pub(super) fn apply(&self, fd: BorrowedFd<'_>, address: &Address) -> rustix::io::Result<()> {
        if matches!(address, Address::Tcp(_)) {
            sockopt::set_tcp_nodelay(fd, self.nodelay.unwrap_or(true))?;
        }
        if let Some(idle) = self.keepalive {
            sockopt::set_socket_keepalive(fd, true)?;
            sockopt::set_tcp_keepidle(fd, idle)?;
        }
        if let Some(bytes) = self.recv_buffer {
            sockopt::set_socket_recv_buffer_size(fd, bytes)?;
        }
        if let Some(bytes) = self.send_buffer {
            sockopt::set_socket_send_buffer_size(fd, bytes)?;
        }
        // Tells an empty message from the end of the stream: see `Stream::try_read`.
        if matches!(address, Address::UnixSeqpacket(_)) {
            sockopt::set_socket_passcred(fd, true)?;
        }
        Ok(())
    }
}

impl ListenOptions {
    pub(super) fn check(&self, address: &Address) -> Result<(), Error> {
        let inet = matches!(address, Address::Tcp(_) | Address::Udp(_));
        let no_queue = "it has no queue of connections";
        let no_port = "it has no port";
        let backlog = !address.has_connections() && self.backlog.is_some();
        refuse(address, backlog, "--backlog", no_queue)?;
        refuse(address, !inet && self.reuse_address.is_some(), "--reuse-address", no_port)?;
        refuse(address, !inet && self.reuse_port, "--reuse-port", no_port)?;
        let ipv4 = matches!(
            address,
            Address::Tcp(HostPort { host: Host::Ip(IpAddr::V4(_)), .. })
                | Address::Udp(HostPort { host: Host::Ip(IpAddr::V4(_)), .. })
        );
        let ipv6_only = (!inet || ipv4) && self.ipv6_only;
        refuse(address, ipv6_only, "--ipv6-only", "it is an option of IPv6")?;
        self.socket.check(address)
    }

    pub(super) fn backlog(&self) -> i32 {
        self.backlog.unwrap_or(DEFAULT_BACKLOG).try_into().unwrap_or(i32::MAX)
    }

    pub(super) fn apply(&self, fd: BorrowedFd<'_>, address: &Address) -> rustix::io::Result<()> {
        let by_default = matches!(address, Address::Tcp(_));
        if self.reuse_address.unwrap_or(by_default) {
            sockopt::set_socket_reuseaddr(fd, true)?;
        }
        if self.reuse_port {
            sockopt::set_socket_reuseport(fd, true)?;
        }
        // Accepted sockets inherit the rest, so that it is set once and not for each.
        self.socket.apply(fd, address)
    }
}

impl ConnectOptions {
    pub(super) fn check(&self, address: &Address) -> Result<(), Error> {
        let alike = self.source.as_ref().is_none_or(|source| source.scheme() == address.scheme());
        let udp = matches!(address, Address::Udp(_));
        let no_wait = "it has no connection to wait for";
        refuse(address, udp && self.retry.is_some(), "--retry", no_wait)?;
        refuse(address, !alike, "--source", "the source must be an address of the same kind")?;
        self.socket.check(address)
    }
}

fn refuse(
    address: &Address,
    senseless: bool,
    option: &'static str,
    reason: &'static str,
) -> Result<(), Error> {
    if senseless {
        return Err(Error::Unsupported { address: address.clone(), option, reason });
    }
    Ok(())
}
