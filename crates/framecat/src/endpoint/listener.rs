//! A socket that waits for connections.

use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use framecat_core::address::{Address, UnixName};
use rustix::net::{SocketAddrAny, SocketFlags, acceptfrom_with, getsockname, listen};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::readiness::register;
use super::{ListenOptions, Stream, name, open};
use crate::Error;

/// A socket that waits for connections.
#[derive(Debug)]
pub struct Listener {
    fd: AsyncFd<OwnedFd>,
    address: Address,
    _file: Option<SocketFile>,
}

impl Listener {
    /// Listens on `address`. A Unix socket's file left by a dead server is replaced, a live server's
    /// never.
    ///
    /// # Errors
    /// If the address cannot be had, or has no connections (`udp`, `unix-dgram`).
    pub async fn bind(address: &Address, options: &ListenOptions) -> Result<Listener, Error> {
        let failed = |source| Error::Listen { address: address.clone(), source };
        let socket = open::bound(address, options).await?;
        let file = SocketFile::of(address);
        listen(&socket, options.backlog()).map_err(|errno| failed(errno.into()))?;
        let local = getsockname(&socket).map_err(|errno| failed(errno.into()))?;
        let local = name::address(Some(local), address);
        let fd = register(socket, Interest::READABLE).map_err(failed)?;
        Ok(Listener { fd, address: local, _file: file })
    }

    /// Where it listens, with the real port.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Waits until a connection waits.
    ///
    /// # Errors
    /// If the runtime is shutting down.
    pub async fn readable(&self) -> io::Result<()> {
        self.fd.readable().await.map(drop)
    }

    /// Takes the next connection and the peer's address.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if none waits; else what accept4(2) says, of one connection
    /// (aborted) or of this process (no more descriptors). The listener stays good.
    pub fn try_accept(&self) -> io::Result<(Stream, Address)> {
        self.accepted(self.fd.try_io(Interest::READABLE, accept)?)
    }

    /// As [`Listener::try_accept`], but asks the kernel even if the runtime has not been told yet that
    /// a connection waits: for a server that ends, and will not be told any more.
    ///
    /// # Errors
    /// As [`Listener::try_accept`].
    pub fn accept_now(&self) -> io::Result<(Stream, Address)> {
        self.accepted(accept(self.fd.get_ref())?)
    }

    fn accepted(
        &self,
        (socket, peer): (OwnedFd, Option<SocketAddrAny>),
    ) -> io::Result<(Stream, Address)> {
        let stream = Stream::new(socket, self.address.keeps_boundaries())?;
        Ok((stream, name::address(peer, &self.address)))
    }
}

fn accept(listener: &OwnedFd) -> io::Result<(OwnedFd, Option<SocketAddrAny>)> {
    Ok(acceptfrom_with(listener, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)?)
}

/// The file of a Unix socket; removed when its server ends, unless another has taken its place.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl SocketFile {
    /// The file that was just made by binding to `address`.
    pub(super) fn of(address: &Address) -> Option<SocketFile> {
        match address {
            Address::Unix(UnixName::Path(path))
            | Address::UnixDgram(UnixName::Path(path))
            | Address::UnixSeqpacket(UnixName::Path(path)) => {
                let identity = identity(path)?;
                Some(SocketFile { path: path.clone(), identity })
            }
            _ => None,
        }
    }
}

fn identity(path: &std::path::Path) -> Option<(u64, u64)> {
    let stat = rustix::fs::lstat(path).ok()?;
    Some((stat.st_dev, stat.st_ino))
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if identity(&self.path) == Some(self.identity) {
            // Nothing can be done about a failure, and the next server replaces the file.
            let _ = rustix::fs::unlink(&self.path);
        }
    }
}
