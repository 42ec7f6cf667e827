//! Opening sockets: create, set options, bind, and for a client connect.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use framecat_core::address::{Address, UnixName};
use framecat_core::backoff::Backoff;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketAddrAny, SocketAddrUnix, SocketFlags, SocketType, bind, connect, sockopt,
};
use tokio::io::Interest;
use tokio::time::{Instant, sleep, timeout};

use super::name::{family, resolve};
use super::readiness::register;
use super::{ConnectOptions, ListenOptions};
use crate::Error;

fn new_socket(address: &Address, name: &SocketAddrAny) -> rustix::io::Result<OwnedFd> {
    let kind = match address {
        Address::Tcp(_) | Address::Unix(_) => SocketType::STREAM,
        Address::Udp(_) | Address::UnixDgram(_) => SocketType::DGRAM,
        Address::UnixSeqpacket(_) => SocketType::SEQPACKET,
    };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    rustix::net::socket_with(family(name), kind, flags, None)
}

/// A socket bound to `address`, ready for `listen` or to receive datagrams.
pub(super) async fn bound(address: &Address, options: &ListenOptions) -> Result<OwnedFd, Error> {
    options.check(address)?;
    let mut names = resolve(address).await?;
    // Peers try the addresses of `localhost` in turn; programs that know IPv4 only do not.
    names.sort_by_key(|name| family(name) != AddressFamily::INET);
    let mut failed = Errno::ADDRNOTAVAIL;
    for name in &names {
        match bound_to(name, address, options) {
            Ok(socket) => return Ok(socket),
            Err(error) => failed = error,
        }
    }
    Err(Error::Listen { address: address.clone(), source: failed.into() })
}

fn bound_to(
    name: &SocketAddrAny,
    address: &Address,
    options: &ListenOptions,
) -> rustix::io::Result<OwnedFd> {
    let socket = new_socket(address, name)?;
    options.apply(socket.as_fd(), address)?;
    if family(name) == AddressFamily::INET6 {
        sockopt::set_ipv6_v6only(&socket, options.ipv6_only)?;
    }
    match bind(&socket, name) {
        Err(Errno::ADDRINUSE) if remove_dead_file(address, name)? => bind(&socket, name)?,
        other => other?,
    }
    Ok(socket)
}

/// Removes the file of a Unix socket that no server has open any more; `false` if there is none.
/// Connecting is the only way to know: a live server's file must never be taken away.
fn remove_dead_file(address: &Address, name: &SocketAddrAny) -> rustix::io::Result<bool> {
    let (Address::Unix(UnixName::Path(path))
    | Address::UnixDgram(UnixName::Path(path))
    | Address::UnixSeqpacket(UnixName::Path(path))) = address
    else {
        return Ok(false);
    };
    let mode = rustix::fs::lstat(path)?.st_mode;
    if !rustix::fs::FileType::from_raw_mode(mode).is_socket() {
        return Err(Errno::NOTSOCK);
    }
    let probe = new_socket(address, name)?;
    if connect(&probe, name) != Err(Errno::CONNREFUSED) {
        return Ok(false);
    }
    rustix::fs::unlink(path)?;
    Ok(true)
}

/// A socket connected to `address`, tried again for as long as the options say.
pub(super) async fn connected(
    address: &Address,
    options: &ConnectOptions,
) -> Result<OwnedFd, Error> {
    options.check(address)?;
    let give_up = options.retry.map(|span| Instant::now() + span);
    let mut backoff = Backoff::new();
    loop {
        let error = match connected_once(address, options).await {
            Ok(socket) => return Ok(socket),
            Err(error) => error,
        };
        let left =
            give_up.map_or(Duration::ZERO, |at| at.saturating_duration_since(Instant::now()));
        if left.is_zero() || !may_pass(&error) {
            return Err(error);
        }
        sleep(backoff.next_wait().min(left)).await;
    }
}

/// Whether a server that is about to start would make the difference.
fn may_pass(error: &Error) -> bool {
    use io::ErrorKind as Kind;
    match error {
        Error::ConnectTimeout { .. } => true,
        Error::Connect { source, .. } => matches!(
            source.kind(),
            Kind::ConnectionRefused
                | Kind::ConnectionReset
                | Kind::NotFound
                | Kind::HostUnreachable
                | Kind::NetworkUnreachable
                | Kind::WouldBlock
        ),
        _ => false,
    }
}

async fn connected_once(address: &Address, options: &ConnectOptions) -> Result<OwnedFd, Error> {
    let too_late = || Error::ConnectTimeout { address: address.clone(), after: options.timeout };
    let names = timeout(options.timeout, resolve(address)).await.map_err(|_| too_late())??;
    let mut failed =
        Error::Connect { address: address.clone(), source: Errno::ADDRNOTAVAIL.into() };
    for name in names {
        // Each has its own time: one that is silent must not keep the next from being tried.
        match timeout(options.timeout, connected_to(&name, address, options)).await {
            Ok(Ok(socket)) => return Ok(socket),
            Ok(Err(Failure::Usage(error))) => return Err(error),
            Ok(Err(Failure::System(source))) => {
                failed = Error::Connect { address: address.clone(), source };
            }
            Err(_) => failed = too_late(),
        }
    }
    Err(failed)
}

/// Why one of an address's names could not be connected to: the next may do, or none will.
enum Failure {
    System(io::Error),
    Usage(Error),
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Self {
        Failure::System(errno.into())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::System(error)
    }
}

async fn connected_to(
    name: &SocketAddrAny,
    address: &Address,
    options: &ConnectOptions,
) -> Result<OwnedFd, Failure> {
    let socket = new_socket(address, name)?;
    options.socket.apply(socket.as_fd(), address)?;
    if let Some(source) = &options.source {
        let names = resolve(source).await.map_err(Failure::Usage)?;
        let alike = names.iter().find(|source| family(source) == family(name));
        let source_name = alike.ok_or(Errno::AFNOSUPPORT)?;
        bind(&socket, source_name).map_err(|errno| {
            Failure::Usage(Error::Source { address: source.clone(), source: errno.into() })
        })?;
    } else if matches!(address, Address::UnixDgram(_)) {
        // Without a name of our own the server could not answer; Linux picks a free one (unix(7)).
        bind(&socket, &SocketAddrUnix::new_unnamed())?;
    }
    match connect(&socket, name) {
        Ok(()) => Ok(socket),
        Err(Errno::INPROGRESS) => finish(socket).await,
        Err(Errno::AGAIN) => wait_for_backlog(socket, name).await,
        Err(error) => Err(error.into()),
    }
}

/// Waits until the handshake is over.
async fn finish(socket: OwnedFd) -> Result<OwnedFd, Failure> {
    let socket = register(socket, Interest::WRITABLE)?;
    drop(socket.writable().await?);
    let socket = socket.into_inner();
    sockopt::socket_error(&socket)??;
    Ok(socket)
}

/// A Unix server's queue is full: unlike TCP, the kernel neither queues us nor tells when there is
/// room (connect(2), EAGAIN), so we have to ask again. The caller's time limit ends this.
async fn wait_for_backlog(socket: OwnedFd, name: &SocketAddrAny) -> Result<OwnedFd, Failure> {
    loop {
        sleep(Duration::from_millis(5)).await;
        match connect(&socket, name) {
            Ok(()) => return Ok(socket),
            Err(Errno::AGAIN) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
