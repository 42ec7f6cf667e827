//! What the kernel shows of an experiment's sockets.

use std::sync::PoisonError;

use framecat_core::lab::{Lane, Queue, What};
use framecat_core::sock_diag::{
    Connection, Detail, Family, Ports, Protocol, Query, SocketRow, State, States, TcpInfo,
};

use super::obstacle::{CallError, Obstacle};
use super::scene::Scene;
use super::socket::Socket;

/// What the kernel shows of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listening {
    /// Connections that wait for `accept`.
    pub(super) waiting: u32,
    /// The limit that `listen` set.
    pub(super) limit: u32,
    /// Handshakes under way.
    pub(super) half_open: u32,
    /// Attempts that it has dropped, where the kernel tells.
    pub(super) drops: Option<u32>,
}

impl Scene {
    /// The TCP sockets in these states that have this port. The kernel picks them: a host may have very
    /// many others, and is asked again and again.
    pub(super) fn rows(&self, port: u16, states: States) -> Result<Vec<SocketRow>, Obstacle> {
        let (family, protocol, detail) = (Family::Inet, Protocol::Tcp, Detail::Full);
        let query = Query { family, protocol, states, detail };
        let ports = Ports { local: port, peer: 0 };
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rows: Vec<SocketRow> = Vec::new();
        tables.each_socket(&query, ports, |row| {
            // What came of an answer that was interrupted comes again.
            rows.retain(|known| (known.local, known.peer) != (row.local, row.peer));
            rows.push(row);
        })?;
        Ok(rows)
    }

    /// A listener of ours, without a trace in the timeline.
    pub(super) fn listening(&self, listener: &Socket) -> Result<Listening, Obstacle> {
        let local = local(listener)?;
        let rows = self.rows(local.port(), States::from([State::Listen, State::SynRecv]))?;
        let found = rows.iter().find(|row| row.state == State::Listen && row.local == local);
        let row = found.ok_or_else(|| Obstacle::new(format!("no listener at {local}")))?;
        let half_open = rows.iter().filter(|row| row.state == State::SynRecv).count();
        Ok(Listening {
            waiting: row.receive_queue,
            limit: row.send_queue,
            half_open: u32::try_from(half_open).unwrap_or(u32::MAX),
            drops: row.memory.and_then(|memory| memory.drops),
        })
    }

    /// Shows a listener in the timeline.
    pub(super) fn see_listening(&self, listener: &Socket) -> Result<Listening, Obstacle> {
        let seen = self.listening(listener)?;
        let Listening { waiting, limit, half_open, .. } = seen;
        self.note(Lane::Kernel, What::Queue(Queue::Listener { waiting, limit, half_open }));
        Ok(seen)
    }

    /// One end of a TCP connection, without a trace in the timeline; `None` if it is gone, or in
    /// TIME_WAIT.
    pub(super) fn connection(&self, end: Connection) -> Result<Option<SocketRow>, Obstacle> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(tables.connection(&end, Detail::Full)?)
    }

    /// Shows one end of a TCP connection in the timeline.
    pub(super) fn see(&self, of: Lane, end: Connection) -> Result<Option<SocketRow>, Obstacle> {
        let row = self.connection(end)?;
        self.show(of, row.as_ref());
        Ok(row)
    }

    /// The same, of an end that has to be there: the row, and how its connection is doing.
    pub(super) fn see_open(
        &self,
        of: Lane,
        end: Connection,
    ) -> Result<(SocketRow, TcpInfo), Obstacle> {
        open(self.see(of, end)?)
    }

    /// Shows what was found of one end of a TCP connection.
    pub(super) fn show(&self, of: Lane, row: Option<&SocketRow>) {
        let (unread, unacknowledged) =
            row.map_or((0, 0), |row| (row.receive_queue, row.send_queue));
        let state = row.map(|row| row.state);
        let queue = Queue::Connection { of, state, unread, unacknowledged };
        self.note(Lane::Kernel, What::Queue(queue));
    }

    /// Waits until one end of a connection is as wanted, and shows it.
    pub(super) fn until(
        &self,
        of: Lane,
        end: Connection,
        what: &str,
        wanted: impl Fn(&SocketRow) -> bool,
    ) -> Result<SocketRow, Obstacle> {
        let row = self.wait(what, || Ok(self.connection(end)?.filter(|row| wanted(row))))?;
        self.show(of, Some(&row));
        Ok(row)
    }
}

/// What was found of an end that has to be there.
pub(super) fn open(row: Option<SocketRow>) -> Result<(SocketRow, TcpInfo), Obstacle> {
    let row = row.ok_or_else(|| Obstacle::new("a connection of the experiment is gone"))?;
    let tcp = row.tcp.ok_or_else(|| uncounted("bytes"))?;
    Ok((row, tcp))
}

/// The segments with data that this end has sent.
pub(super) fn segments_sent(tcp: &TcpInfo) -> Result<u32, Obstacle> {
    tcp.data_segments.map(|segments| segments.sent).ok_or_else(|| uncounted("segments"))
}

/// The bytes that were written and not sent.
pub(super) fn not_sent(tcp: &TcpInfo) -> Result<u32, Obstacle> {
    tcp.not_sent.ok_or_else(|| uncounted("bytes that are not sent"))
}

fn uncounted(what: &str) -> Obstacle {
    Obstacle::new(format!("this kernel does not tell of a connection's {what}"))
}

/// The address of a socket of ours.
pub(super) fn local(socket: &Socket) -> Result<std::net::SocketAddr, CallError> {
    socket.local().map_err(|error| CallError::new("getsockname()".into(), error))
}

/// The connection of a socket of ours, seen from its side.
pub(super) fn ends(socket: &Socket) -> Result<Connection, CallError> {
    socket.connection().map_err(|error| CallError::new("getpeername()".into(), error))
}

/// The connection that a socket of ours has asked a listener for, done or not.
pub(super) fn ends_dialled(socket: &Socket, listener: &Socket) -> Result<Connection, CallError> {
    Ok(Connection { local: local(socket)?, peer: local(listener)? })
}

/// What a socket of ours is called in the kernel's tables.
pub(super) fn inode(socket: &Socket) -> Result<u64, CallError> {
    let told = rustix::fs::fstat(socket);
    Ok(told.map_err(|errno| CallError::new("fstat()".into(), errno.into()))?.st_ino)
}

/// A number that the kernel is set to, by its name under /proc/sys: `net/core/somaxconn`.
pub(super) fn sysctl(name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/sys/{name}")).ok()?;
    text.split_ascii_whitespace().next()?.parse().ok()
}
