//! Whole tables of sockets: the dumps of sock_diag.

use std::io;
use std::os::fd::OwnedFd;

use framecat_core::sock_diag::{Dump, DumpError, Progress, Query, SocketRow, UnixListener};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::error::{AskError, Asked, TRIES};
use super::open;
use crate::endpoint::readiness::register;

/// The kernel fills a part of its answer to the reader's buffer, up to this size
/// (net/netlink/af_netlink.c, `netlink_recvmsg`).
const PART: usize = 32 * 1024;

/// The sockets of this network namespace that the query asks for, of all programs and users.
///
/// # Errors
/// If the kernel does not say. A privilege is not needed.
pub async fn sockets(query: &Query) -> Result<Vec<SocketRow>, AskError> {
    let mut table = Table::open(Asked::Sockets(*query), query.request())?;
    for _ in 0..TRIES {
        let mut dump = Dump::new();
        if table.read(|part| dump.on_bytes(part)).await? == Progress::Complete {
            return Ok(dump.into_rows());
        }
    }
    Err(AskError::Interrupted { asked: table.asked })
}

/// The Unix sockets of this network namespace that listen, of all programs and users.
///
/// # Errors
/// If the kernel does not say. A privilege is not needed.
pub async fn unix_listeners() -> Result<Vec<UnixListener>, AskError> {
    let mut table = Table::open(Asked::UnixListeners, UnixListener::request())?;
    for _ in 0..TRIES {
        let mut dump = Dump::of_unix();
        if table.read(|part| dump.on_bytes(part)).await? == Progress::Complete {
            return Ok(dump.into_rows());
        }
    }
    Err(AskError::Interrupted { asked: table.asked })
}

/// A table that is being asked for.
struct Table {
    socket: AsyncFd<OwnedFd>,
    buffer: Vec<u8>,
    asked: Asked,
    request: Vec<u8>,
}

impl Table {
    fn open(asked: Asked, request: Vec<u8>) -> Result<Table, AskError> {
        let socket = open().and_then(|socket| register(socket, Interest::READABLE));
        let socket = socket.map_err(|error| AskError::refused(asked, error))?;
        Ok(Table { socket, buffer: vec![0; PART], asked, request })
    }

    /// Asks once and hands on the parts of the answer.
    async fn read(
        &mut self,
        mut on_part: impl FnMut(&[u8]) -> Result<Progress, DumpError>,
    ) -> Result<Progress, AskError> {
        let asked = self.asked;
        // The kernel takes a request at once or not at all, so there is nothing to wait for.
        send(&self.socket, &self.request, SendFlags::empty())
            .map_err(|error| AskError::refused(asked, error))?;
        loop {
            let part = receive(&self.socket, &mut self.buffer).await;
            let part = part.map_err(|error| AskError::refused(asked, error))?;
            match on_part(part).map_err(|error| AskError::answer(asked, error))? {
                Progress::More => {}
                end => return Ok(end),
            }
        }
    }
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
