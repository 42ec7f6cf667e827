//! A connected socket.

use std::future::poll_fn;
use std::io::{self, IoSliceMut};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use framecat_core::address::Address;
use rustix::buffer::spare_capacity;
use rustix::io::{Errno, ioctl_fionread};
use rustix::net::{
    RecvAncillaryBuffer, RecvFlags, ReturnFlags, SendFlags, Shutdown, getpeername, getsockname,
    recv, recvmsg, send, shutdown, sockopt,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::readiness::register;
use super::{ConnectOptions, name, open};
use crate::Error;

/// A connected socket: TCP, Unix stream or Unix seqpacket.
#[derive(Debug)]
pub struct Stream {
    fd: AsyncFd<OwnedFd>,
    keeps_boundaries: bool,
}

/// What one read returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// So many bytes; on a socket that keeps boundaries one message, which may be empty.
    Bytes(usize),
    /// One message, of which the buffer held only the first part. The rest is lost.
    Cut,
    /// The peer will send no more.
    End,
}

impl Stream {
    /// Connects to `address`.
    ///
    /// # Errors
    /// Whatever keeps the connection from coming about within the options' time.
    pub async fn connect(address: &Address, options: &ConnectOptions) -> Result<Stream, Error> {
        let socket = open::connected(address, options).await?;
        Stream::new(socket, address.keeps_boundaries())
            .map_err(|source| Error::Connect { address: address.clone(), source })
    }

    pub(super) fn new(socket: OwnedFd, keeps_boundaries: bool) -> io::Result<Stream> {
        let interest = Interest::READABLE | Interest::WRITABLE | Interest::PRIORITY;
        Ok(Stream { fd: register(socket, interest)?, keeps_boundaries })
    }

    /// Whether each read returns one message and each write sends one.
    pub fn keeps_boundaries(&self) -> bool {
        self.keeps_boundaries
    }

    /// The address of the other side, in the scheme of `like`.
    pub fn peer(&self, like: &Address) -> Address {
        name::address(getpeername(self.fd.get_ref()).ok().flatten(), like)
    }

    /// The address of this side, in the scheme of `like`.
    pub fn local(&self, like: &Address) -> Address {
        name::address(getsockname(self.fd.get_ref()).ok(), like)
    }

    /// Waits until a read would not block. One task at a time: the socket remembers one waker a
    /// direction, which costs an idle session nothing.
    ///
    /// # Errors
    /// If the runtime is shutting down.
    pub async fn readable(&self) -> io::Result<()> {
        poll_fn(|cx| self.fd.poll_read_ready(cx)).await.map(drop)
    }

    /// Waits until a write would not block. One task at a time.
    ///
    /// # Errors
    /// If the runtime is shutting down.
    pub async fn writable(&self) -> io::Result<()> {
        poll_fn(|cx| self.fd.poll_write_ready(cx)).await.map(drop)
    }

    /// Reads once into `buffer`.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if there is nothing to read, else what the connection died of.
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<Read> {
        if self.keeps_boundaries {
            return self.fd.try_io(Interest::READABLE, |fd| read_packet(fd, buffer));
        }
        let room = buffer.len();
        self.try_read_stream(room, |fd| recv(fd, &mut *buffer, RecvFlags::empty()).map(|r| r.1))
    }

    /// As [`Stream::try_read`], but asks the kernel even if the runtime has not been told yet that there
    /// is something to read: for one who must know what has come *until now*.
    ///
    /// # Errors
    /// As [`Stream::try_read`].
    pub fn read_now(&self, buffer: &mut [u8]) -> io::Result<Read> {
        match self.try_read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            other => return other,
        }
        if self.keeps_boundaries {
            return read_packet(self.fd.get_ref(), buffer);
        }
        match recv(self.fd.get_ref(), buffer, RecvFlags::empty())?.1 {
            0 => Ok(Read::End),
            bytes => Ok(Read::Bytes(bytes)),
        }
    }

    /// Reads once into the memory behind the last byte of `buffer`. Streams only.
    ///
    /// # Errors
    /// As [`Stream::try_read`].
    pub fn try_read_behind(&self, buffer: &mut Vec<u8>) -> io::Result<Read> {
        let room = buffer.capacity() - buffer.len();
        self.try_read_stream(room, |fd| {
            recv(fd, spare_capacity(buffer), RecvFlags::empty()).map(|r| r.1)
        })
    }

    fn try_read_stream(
        &self,
        room: usize,
        read: impl FnOnce(&OwnedFd) -> rustix::io::Result<usize>,
    ) -> io::Result<Read> {
        let mut got = None;
        let outcome = self.fd.try_io(Interest::READABLE, |fd| {
            let bytes = read(fd)?;
            got = Some(bytes);
            // A read that left room in the buffer has emptied the socket: the next bytes come with a
            // wake-up of their own (epoll(7), edge-triggered). Saying "would block" now saves the
            // read that would only find that out. Not so where urgent bytes were: reads stop there.
            let emptied = 0 < bytes && bytes < room && !self.has_urgent();
            if emptied { Err(Errno::AGAIN.into()) } else { Ok(()) }
        });
        match (got, outcome) {
            (Some(0), _) => Ok(Read::End),
            (Some(bytes), _) => Ok(Read::Bytes(bytes)),
            (None, Err(error)) => Err(error),
            (None, Ok(())) => Err(Errno::AGAIN.into()),
        }
    }

    /// Whether bytes wait in the kernel, known to the runtime or not.
    pub fn has_unread(&self) -> bool {
        ioctl_fionread(self.fd.get_ref()).is_ok_and(|bytes| bytes > 0)
    }

    /// What was written and the peer has not taken; 0 if it has all. TCP: bytes that are not
    /// acknowledged, the end of the stream counting as one. Unix sockets: the memory of what the
    /// peer's program has not read. After a reset it may stay above 0.
    ///
    /// # Errors
    /// What ioctl(2) says of SIOCOUTQ, which a connected socket does not refuse.
    #[cfg(target_os = "linux")]
    pub fn unacknowledged(&self) -> io::Result<u32> {
        Ok(super::unacknowledged::unacknowledged(self.fd.get_ref())?)
    }

    /// Whether the peer has ever sent urgent bytes, or has ended its side. Costs no system call.
    fn has_urgent(&self) -> bool {
        self.fd.try_io(Interest::PRIORITY, |_| Ok(())).is_ok()
    }

    /// Writes once from `bytes`; how many bytes were taken.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if there is no room, else what the connection died of.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        // Without NOSIGNAL a peer that is gone would kill programs that use this library.
        self.fd.try_io(Interest::WRITABLE, |fd| Ok(send(fd, bytes, SendFlags::NOSIGNAL)?))
    }

    /// Acknowledges what has come now and not up to 40 ms later (TCP_QUICKACK): a peer that writes its
    /// answer in two pieces is kept waiting with the second until the first is acknowledged (Nagle).
    pub fn acknowledge(&self) {
        // Other sockets than TCP's have nothing to acknowledge.
        let _ = sockopt::set_tcp_quickack(self.fd.get_ref(), true);
    }

    /// Makes the end of this connection a reset (RST): what was not sent is lost then, and the peer is
    /// told so.
    pub fn end_with_reset(&self) {
        // On other sockets than TCP's, closing is all there is.
        let _ = sockopt::set_socket_linger(self.fd.get_ref(), Some(Duration::ZERO));
    }

    /// Tells the peer that no more will come, and goes on reading.
    ///
    /// # Errors
    /// If the connection is gone already.
    pub fn finish(&self) -> io::Result<()> {
        Ok(shutdown(self.fd.get_ref(), Shutdown::Write)?)
    }
}

/// For whoever asks the kernel about the socket. Its reads and writes go through the stream, which knows
/// what the runtime knows of them.
impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.get_ref().as_fd()
    }
}

/// Reads one message from a seqpacket socket.
///
/// An empty message and the end of the stream both make recvmsg(2) return 0. But a message brings the
/// sender's credentials, which `SO_PASSCRED` asks for and for which we have no room, so that the
/// kernel says `MSG_CTRUNC` (`scm_recv` in include/net/scm.h); the end brings nothing.
fn read_packet(fd: &OwnedFd, buffer: &mut [u8]) -> io::Result<Read> {
    let mut control = RecvAncillaryBuffer::default();
    let mut slices = [IoSliceMut::new(buffer)];
    let read = recvmsg(fd, &mut slices, &mut control, RecvFlags::empty())?;
    if read.flags.contains(ReturnFlags::TRUNC) {
        return Ok(Read::Cut);
    }
    if read.bytes == 0 && !read.flags.contains(ReturnFlags::CTRUNC) {
        return Ok(Read::End);
    }
    Ok(Read::Bytes(read.bytes))
}
