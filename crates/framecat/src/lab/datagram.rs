//! Datagrams: the calls of UDP, and what the kernel's table of UDP sockets shows.
//!
//! An address is told by its port alone, `:5050`: all of it is on loopback.

use std::io::IoSliceMut;
use std::net::SocketAddr;
use std::sync::PoisonError;

use framecat_core::lab::{Lane, Queue, What};
use framecat_core::sock_diag::{Detail, Family, Protocol, Query, SocketRow, States};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use rustix::net::{
    RecvAncillaryBuffer, RecvFlags, ReturnFlags, SendFlags, SocketType, connect, recv, recvfrom,
    recvmsg, sendto,
};

use super::actor::{Actor, counted, ok, quoted};
use super::obstacle::{CallError, Obstacle};
use super::scene::{PATIENCE, Scene};
use super::sight::local;
use super::socket::Socket;

/// What one read returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Datagram {
    /// What of it was put into the buffer.
    pub(super) bytes: Vec<u8>,
    /// Who sent it, where the call tells.
    pub(super) from: Option<SocketAddr>,
}

/// What the kernel shows of a UDP socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Inbox {
    /// The memory that unread datagrams occupy, in bytes.
    pub(super) memory: u32,
    /// What they may occupy: SO_RCVBUF.
    pub(super) limit: Option<u32>,
    /// Datagrams that were dropped at this socket, where the kernel tells.
    pub(super) drops: Option<u32>,
}

impl Actor<'_> {
    /// A UDP socket with a port of its own.
    pub(super) fn bind_udp(&self) -> Result<Socket, CallError> {
        let port = |socket: &Socket| socket.local().map_or_else(|_| "0".into(), port);
        self.call("bind(port 0)", port, || Socket::bound(SocketType::DGRAM))
    }

    /// Fixes the peer of a UDP socket: nothing is sent.
    pub(super) fn connect_udp(&self, socket: &Socket, to: SocketAddr) -> Result<(), CallError> {
        self.call(format!("connect({})", port(to)), ok, || Ok(connect(socket, &to)?))
    }

    /// Sends a datagram, and says how much of it the kernel took.
    pub(super) fn send_to(
        &self,
        socket: &Socket,
        bytes: &[u8],
        to: SocketAddr,
    ) -> Result<usize, CallError> {
        let call = format!("sendto({}, {})", quoted(bytes), port(to));
        self.call(call, ToString::to_string, || {
            Ok(retry_on_intr(|| sendto(socket, bytes, SendFlags::NOSIGNAL, &to))?)
        })
    }

    /// Reads a datagram, at most `len` bytes of it, and waits for one.
    pub(super) fn recv_from(&self, socket: &Socket, len: usize) -> Result<Datagram, CallError> {
        let told = |datagram: &Datagram| match datagram.from {
            Some(from) => format!("{} from {}", counted(&datagram.bytes), port(from)),
            None => counted(&datagram.bytes),
        };
        self.call(format!("recvfrom({len})"), told, || {
            let mut room = vec![0; len];
            let (read, _, from) =
                retry_on_intr(|| recvfrom(socket, &mut room[..], RecvFlags::empty()))?;
            room.truncate(read);
            Ok(Datagram { bytes: room, from: from.and_then(|from| from.try_into().ok()) })
        })
    }

    /// Reads a datagram with `recvmsg`, which alone tells whether the kernel cut it: MSG_TRUNC in the
    /// flags that come back (recvmsg(2)).
    pub(super) fn recv_msg(
        &self,
        socket: &Socket,
        len: usize,
    ) -> Result<(Vec<u8>, bool), CallError> {
        let told = |(bytes, cut): &(Vec<u8>, bool)| {
            format!("{}{}", counted(bytes), if *cut { ", MSG_TRUNC" } else { "" })
        };
        self.call(format!("recvmsg({len})"), told, || {
            let mut room = vec![0; len];
            let told = retry_on_intr(|| {
                let mut nothing = RecvAncillaryBuffer::default();
                recvmsg(socket, &mut [IoSliceMut::new(&mut room)], &mut nothing, RecvFlags::empty())
            })?;
            room.truncate(told.bytes);
            Ok((room, told.flags.contains(ReturnFlags::TRUNC)))
        })
    }

    /// The length of the next datagram, as MSG_TRUNC makes `recv` return it whatever the buffer takes
    /// (recv(2)); `peek` leaves the datagram where it is.
    pub(super) fn recv_len(
        &self,
        socket: &Socket,
        len: usize,
        peek: bool,
    ) -> Result<usize, CallError> {
        let (flags, named) = match peek {
            true => (RecvFlags::TRUNC | RecvFlags::PEEK, "MSG_PEEK|MSG_TRUNC"),
            false => (RecvFlags::TRUNC, "MSG_TRUNC"),
        };
        self.call(format!("recv({len}, {named})"), ToString::to_string, || {
            let mut room = vec![0; len];
            let (_, real) = retry_on_intr(|| recv(socket, &mut room[..], flags))?;
            Ok(real)
        })
    }

    /// Waits until the socket has an error to report, which it keeps.
    pub(super) fn wait_for_error(&self, socket: &Socket) -> Result<bool, CallError> {
        let told = |has: &bool| if *has { "POLLERR".into() } else { "0".into() };
        self.call("poll()", told, || {
            let mut asked = [PollFd::new(socket, PollFlags::empty())];
            let patience = Timespec::try_from(PATIENCE).ok();
            retry_on_intr(|| poll(&mut asked, patience.as_ref()))?;
            // POLLERR comes unasked (poll(2)).
            Ok(asked[0].revents().contains(PollFlags::ERR))
        })
    }
}

impl Scene {
    /// The UDP sockets of both families that take what is sent to this port, or may.
    pub(super) fn udp_rows(&self, port: u16) -> Result<Vec<SocketRow>, Obstacle> {
        let (protocol, states, detail) = (Protocol::Udp, States::ALL, Detail::Full);
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        for family in [Family::Inet, Family::Inet6] {
            let query = Query { family, protocol, states, detail };
            let rows = tables.sockets(&query)?;
            found.extend(rows.into_iter().filter(|row| row.local.port() == port));
        }
        Ok(found)
    }

    /// What waits at a UDP socket of ours, without a trace in the timeline.
    pub(super) fn inbox(&self, socket: &Socket) -> Result<Inbox, Obstacle> {
        let at = local(socket)?;
        let rows = self.udp_rows(at.port())?;
        let row = rows.iter().find(|row| row.local == at);
        let row = row.ok_or_else(|| Obstacle::new(format!("no UDP socket at {at}")))?;
        Ok(Inbox {
            memory: row.receive_queue,
            limit: row.memory.map(|memory| memory.receive_limit),
            drops: row.memory.and_then(|memory| memory.drops),
        })
    }

    /// Shows in the timeline what waits at a UDP socket of ours.
    pub(super) fn see_inbox(&self, of: Lane, socket: &Socket) -> Result<Inbox, Obstacle> {
        let seen = self.inbox(socket)?;
        self.show_inbox(of, seen);
        Ok(seen)
    }

    /// Waits until it is as wanted there, and shows it.
    pub(super) fn until_inbox(
        &self,
        of: Lane,
        socket: &Socket,
        what: &str,
        wanted: impl Fn(&Inbox) -> bool,
    ) -> Result<Inbox, Obstacle> {
        let seen = self.wait(what, || Ok(Some(self.inbox(socket)?).filter(|seen| wanted(seen))))?;
        self.show_inbox(of, seen);
        Ok(seen)
    }

    fn show_inbox(&self, of: Lane, seen: Inbox) {
        let Inbox { memory, drops, .. } = seen;
        self.note(Lane::Kernel, What::Queue(Queue::Datagrams { of, memory, drops }));
    }
}

/// `:5050`
fn port(at: SocketAddr) -> String {
    format!(":{}", at.port())
}
