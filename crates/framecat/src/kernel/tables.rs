//! Whole tables of sockets: the dumps of sock_diag.

use std::io;
use std::os::fd::OwnedFd;

use framecat_core::sock_diag::{
    Connection, Detail, Dump, DumpError, Ports, Progress, Query, SocketRow, States, UnixRow,
};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::error::{AskError, Asked, TRIES};
use super::open;

/// The kernel fills a part of its answer to the reader's buffer, up to this size
/// (net/netlink/af_netlink.c, `netlink_recvmsg`).
const PART: usize = 32 * 1024;

/// The tables of the network namespace that the thread is in which opened them: of all programs and
/// users. No privilege is needed.
///
/// Nothing waits: the kernel makes the first part of an answer while it takes the question, and each
/// other part while it hands out the one before (`netlink_dump_start`, `netlink_recvmsg`). A table of
/// 10,000 sockets takes some 20 ms, with [`Detail::Full`](framecat_core::sock_diag::Detail).
#[derive(Debug)]
pub struct Tables {
    socket: OwnedFd,
    buffer: Vec<u8>,
}

impl Tables {
    /// Opens them.
    ///
    /// # Errors
    /// If the kernel has no NETLINK_SOCK_DIAG, or a sandbox keeps it from us.
    pub fn open() -> Result<Tables, AskError> {
        let socket = open().map_err(|error| AskError::refused(Asked::Tables, error))?;
        Ok(Tables { socket, buffer: vec![0; PART] })
    }

    /// The TCP or UDP sockets that the query asks for.
    ///
    /// # Errors
    /// If the kernel does not say.
    pub fn sockets(&mut self, query: &Query) -> Result<Vec<SocketRow>, AskError> {
        let asked = Asked::Sockets(*query);
        for _ in 0..TRIES {
            let mut dump = Dump::new();
            let end = self.read(asked, &query.request(), |part| dump.on_bytes(part))?;
            if end == Progress::Complete {
                return Ok(dump.into_rows());
            }
        }
        Err(AskError::Interrupted { asked })
    }

    /// As [`Tables::sockets`], those with these ports, and each as soon as it has come, so that they do
    /// not take memory twice. Where an answer was interrupted, what came of it comes again.
    ///
    /// # Errors
    /// If the kernel does not say.
    pub fn each_socket(
        &mut self,
        query: &Query,
        ports: Ports,
        mut on_row: impl FnMut(SocketRow),
    ) -> Result<(), AskError> {
        let (asked, request) = (Asked::Sockets(*query), query.request_at(ports));
        for _ in 0..TRIES {
            let mut dump = Dump::new();
            let end = self.read(asked, &request, |part| {
                let progress = dump.on_bytes(part)?;
                dump.drain().for_each(&mut on_row);
                Ok(progress)
            })?;
            if end == Progress::Complete {
                return Ok(());
            }
        }
        Err(AskError::Interrupted { asked })
    }

    /// The Unix sockets in these states. Those that are neither connected nor listen, datagram sockets
    /// that wait among them, are in [`State::Close`](framecat_core::sock_diag::State::Close).
    ///
    /// # Errors
    /// If the kernel does not say.
    pub fn unix_sockets(&mut self, states: States) -> Result<Vec<UnixRow>, AskError> {
        let asked = Asked::UnixSockets;
        for _ in 0..TRIES {
            let mut dump = Dump::of_unix();
            let end =
                self.read(asked, &UnixRow::request_all(states), |part| dump.on_bytes(part))?;
            if end == Progress::Complete {
                return Ok(dump.into_rows());
            }
        }
        Err(AskError::Interrupted { asked })
    }

    /// One TCP socket; `None` if there is no such connection any more, or only its TIME_WAIT.
    ///
    /// # Errors
    /// If the kernel does not say.
    pub fn connection(
        &mut self,
        connection: &Connection,
        detail: Detail,
    ) -> Result<Option<SocketRow>, AskError> {
        let asked = Asked::Connection;
        let mut row = None;
        self.read(asked, &connection.request(detail), |answer| {
            row = Connection::answer(answer)?;
            Ok(Progress::Complete)
        })?;
        Ok(row)
    }

    /// The inodes of the sockets that wait to be accepted by the Unix listener with this inode; none if
    /// there is no such listener.
    ///
    /// # Errors
    /// If the kernel does not say, as where more than some 1,000 wait.
    pub fn unix_waiting(&mut self, inode: u32) -> Result<Vec<u32>, AskError> {
        let mut waiting = Vec::new();
        self.read(Asked::UnixSocket, &UnixRow::request_waiting(inode), |answer| {
            waiting = UnixRow::waiting(answer)?.unwrap_or_default();
            Ok(Progress::Complete)
        })?;
        Ok(waiting)
    }

    /// Asks once and hands on the parts of the answer.
    fn read(
        &mut self,
        asked: Asked,
        request: &[u8],
        mut on_part: impl FnMut(&[u8]) -> Result<Progress, DumpError>,
    ) -> Result<Progress, AskError> {
        let read = self.try_read(asked, request, &mut on_part);
        if read.is_err() {
            // What is left of the answer must not be taken for the next one's.
            *self = Tables::open()?;
        }
        read
    }

    fn try_read(
        &mut self,
        asked: Asked,
        request: &[u8],
        on_part: &mut dyn FnMut(&[u8]) -> Result<Progress, DumpError>,
    ) -> Result<Progress, AskError> {
        let refused = |error: io::Error| AskError::refused(asked, error);
        send(&self.socket, request, SendFlags::empty()).map_err(|error| refused(error.into()))?;
        loop {
            let part = receive(&self.socket, &mut self.buffer).map_err(refused)?;
            match on_part(part).map_err(|error| AskError::answer(asked, error))? {
                Progress::More => {}
                end => return Ok(end),
            }
        }
    }
}

fn receive<'a>(socket: &OwnedFd, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    // TRUNC makes the kernel tell the datagram's real length (netlink(7)).
    let (_, len) = recv(socket, &mut *buffer, RecvFlags::TRUNC)?;
    Ok(buffer.get(..len).ok_or(Errno::MSGSIZE)?)
}
