//! Whether the program at the other end has read what we wrote, as the kernel knows it.
//!
//! TCP: all our bytes have arrived (SIOCOUTQ is 0, or the peer's socket has counted them), and the
//! receive queue of the peer's own socket is empty. That queue is `rcv_nxt - copied_seq`
//! (net/ipv4/tcp_diag.c, `tcp_diag_get_info`): what arrived in order and no read has returned. An end
//! of the stream is one more, until a read has returned it (net/ipv4/tcp.c, `tcp_recvmsg_locked`).
//!
//! Unix: a byte written is in the peer's queue at once, and counted with us until it is read
//! (net/unix/af_unix.c, `unix_outq_len`). So our own socket says all, whichever network namespace the
//! peer is in. An end of the stream has no place in that queue: whether it was read is not to be seen.
//!
//! A peek is not a read. Read is not processed: see [`super::process::Sleepers`].

use std::cell::Cell;
use std::io;
use std::marker::PhantomData;
use std::os::fd::OwnedFd;

use framecat_core::sock_diag::{
    Connection, Detail, Dump, DumpError, Family, Progress, Protocol, Query, SocketRow, State,
    States, UnixRow,
};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::error::{AskError, Asked};
use super::link::{Ends, Link, TcpEnds};
use super::open;
use crate::endpoint::Stream;

/// Room for one socket with all its attributes: with a `struct tcp_info` it has 408 bytes on Linux
/// 6.18, and one that does not fit is an error and not a wrong answer.
const ROOM: usize = 2048;

/// What a look has seen of the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Not all of what we wrote has arrived.
    Unacknowledged,
    /// It has arrived, and the program has not read so many bytes; the end of the stream counts as
    /// one. Where nobody has accepted the connection: what waits, which may be 0 on TCP, and on a Unix
    /// socket the memory that it takes.
    Unread(u32),
    /// The program has read all that we wrote. On TCP also the end of the stream, if we sent one.
    Read,
    /// As [`Sight::Read`], and not all of what it wrote is acknowledged by us: more of an answer may be
    /// on its way (TCP only; a Unix socket's bytes are here at once).
    Answering,
    /// The peer has closed or reset the connection; nobody will read what we wrote.
    Gone,
    /// The connection is open and its other end is not to be seen: on another host, or in another
    /// network namespace. TCP only.
    Unseen,
}

/// Looks at connections from the kernel's side. One serves any number of links.
#[derive(Debug)]
pub struct Witness {
    socket: OwnedFd,
    /// Two threads that asked at once could read each other's answers.
    one_thread: PhantomData<Cell<()>>,
}

impl Witness {
    /// A witness for the network namespace that this thread is in.
    ///
    /// # Errors
    /// If the kernel has no NETLINK_SOCK_DIAG, or none for TCP, or keeps it from us.
    pub fn open() -> Result<Witness, AskError> {
        let none = States::from([]);
        let (family, protocol, detail) = (Family::Inet, Protocol::Tcp, Detail::Queues);
        let query = Query { family, protocol, states: none, detail };
        let asked = Asked::Sockets(query);
        let socket = open().map_err(|error| AskError::refused(asked, error))?;
        let witness = Witness { socket, one_thread: PhantomData };
        // A question for no socket at all. Without tcp_diag each connection would seem to be gone:
        // for its absence, too, the kernel says ENOENT.
        let end = witness.ask(asked, &query.request(), |part| Dump::new().on_bytes(part))?;
        match end {
            Progress::Complete => Ok(witness),
            _ => Err(AskError::Interrupted { asked }),
        }
    }

    /// Looks once, without waiting. `link` is the [`Link`] of this `stream`.
    ///
    /// # Errors
    /// If the kernel does not say.
    pub fn look(&self, stream: &Stream, link: &mut Link) -> Result<Sight, AskError> {
        match &link.ends {
            Ends::Tcp(ends) => self.look_tcp(stream, ends, &mut link.seen),
            Ends::Unix { ours } => self.look_unix(ours, &mut link.seen),
        }
    }

    fn look_tcp(
        &self,
        stream: &Stream,
        ends: &TcpEnds,
        seen: &mut bool,
    ) -> Result<Sight, AskError> {
        // First what has not arrived, then what is unread: what arrives in between is unread.
        let unacknowledged = stream.unacknowledged();
        let unacknowledged =
            unacknowledged.map_err(|error| AskError::refused(Asked::OurSocket, error))?;
        let Some(peer) = self.connection(&ends.peer)? else {
            return if *seen { Ok(Sight::Gone) } else { self.absent(ends) };
        };
        *seen = true;
        let sight = sight(&peer);
        if unacknowledged == 0 || sight == Sight::Gone {
            return Ok(sight);
        }
        self.arrived(ends).map(|arrived| arrived.unwrap_or(Sight::Unacknowledged))
    }

    /// Whether all has arrived although it is not acknowledged. A peer that answers promptly delays
    /// its acknowledgements by up to 40 ms (TCP_DELACK_MIN), which would be a wait at each cut.
    fn arrived(&self, ends: &TcpEnds) -> Result<Option<Sight>, AskError> {
        let Some(ours) = self.connection(&ends.ours_counted())? else { return Ok(None) };
        let Some(peer) = self.connection(&ends.peer_counted())? else {
            return Ok(Some(Sight::Gone));
        };
        let (Some(counts), Some(theirs)) = (ours.tcp, peer.tcp) else { return Ok(None) };
        // What was sent again may never have left, though it is counted: then only the
        // acknowledgement is proof.
        let (Some(sent), Some(0), Some(not_sent)) =
            (counts.sent, counts.sent_again, counts.not_sent)
        else {
            return Ok(None);
        };
        // The end of the stream counts with the receiver. With the sender it is no byte, except while
        // it is not sent: then it is counted twice here and so never taken for arrived.
        let end = u64::from(ours.state != State::Established && ours.state != State::CloseWait);
        let written = sent + u64::from(not_sent) + end;
        Ok((theirs.received >= written).then(|| sight(&peer)))
    }

    /// The peer's socket was never found: it is elsewhere, or already gone. Our own tells which.
    fn absent(&self, ends: &TcpEnds) -> Result<Sight, AskError> {
        use State::{Established, FinWait1, FinWait2, SynSent};
        let ours = self.connection(&ends.ours_counted())?;
        let open = ours
            .is_some_and(|row| matches!(row.state, Established | FinWait1 | FinWait2 | SynSent));
        Ok(if open { Sight::Unseen } else { Sight::Gone })
    }

    fn look_unix(&self, ours: &[u8], seen: &mut bool) -> Result<Sight, AskError> {
        let asked = Asked::UnixSocket;
        // Our socket is open, so it is there: what is missing is unix_diag.
        let ours = self.ask(asked, ours, UnixRow::answer)?;
        let ours = ours.ok_or_else(|| AskError::refused(asked, Errno::NOENT))?;
        let accepted = ours.peer_inode != 0;
        *seen |= accepted;
        match (ours.send_queue, accepted) {
            _ if !accepted && ours.shut_down => Ok(Sight::Gone),
            (0, true) => Ok(Sight::Read),
            (memory, true) => {
                let theirs =
                    self.ask(asked, &UnixRow::request(ours.peer_inode), UnixRow::answer)?;
                let unread = theirs.map_or(0, |theirs| theirs.receive_queue);
                // An empty message has no bytes, and is unread.
                Ok(Sight::Unread(if unread > 0 { unread } else { memory }))
            }
            (memory, false) => Ok(Sight::Unread(memory)),
        }
    }

    fn connection(&self, request: &[u8]) -> Result<Option<SocketRow>, AskError> {
        self.ask(Asked::Connection, request, Connection::answer)
    }

    /// Asks and reads the answer, which is there when the question has been sent: the kernel makes it
    /// within that call (net/core/sock_diag.c, `sock_diag_rcv`).
    fn ask<T>(
        &self,
        asked: Asked,
        request: &[u8],
        read: impl FnOnce(&[u8]) -> Result<T, DumpError>,
    ) -> Result<T, AskError> {
        let mut room = [0; ROOM];
        let len = self.exchange(request, &mut room);
        let len = len.map_err(|error| AskError::refused(asked, error))?;
        read(&room[..len]).map_err(|error| AskError::answer(asked, error))
    }

    fn exchange(&self, request: &[u8], room: &mut [u8]) -> io::Result<usize> {
        send(&self.socket, request, SendFlags::empty())?;
        // TRUNC makes the kernel tell the datagram's real length (netlink(7)).
        let (_, len) = recv(&self.socket, &mut *room, RecvFlags::TRUNC)?;
        if len > room.len() { Err(Errno::MSGSIZE.into()) } else { Ok(len) }
    }
}

/// What the peer's socket says of its program.
fn sight(peer: &SocketRow) -> Sight {
    match (peer.state, peer.inode, peer.receive_queue) {
        // The program has closed it and the kernel brings it to its end.
        (State::FinWait1 | State::FinWait2 | State::Closing | State::LastAck, 0, _) => Sight::Gone,
        // No program has it yet, also where TCP_DEFER_ACCEPT keeps it from being accepted.
        (_, 0, unread) => Sight::Unread(unread),
        (_, _, 0) if peer.send_queue > 0 => Sight::Answering,
        (_, _, 0) => Sight::Read,
        (_, _, unread) => Sight::Unread(unread),
    }
}
