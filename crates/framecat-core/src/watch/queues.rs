//! What the queues of a socket mean in its state.

use super::{Kind, Socket};
use crate::sock_diag::State;

/// Whether this is a TCP socket that is connected, or was and still has something to do: one whose
/// counters and times mean something.
pub(super) fn is_connection(socket: &Socket) -> bool {
    let before_or_after =
        [State::Listen, State::SynSent, State::SynRecv, State::TimeWait, State::Close];
    socket.kind == Kind::Tcp && !before_or_after.contains(&socket.state)
}

/// Whether it is a connection that nobody has accepted: it has no inode yet. A closed one has none any
/// more, but closed ones are in none of these states.
pub(super) fn waits_for_accept(socket: &Socket) -> bool {
    let open = [State::Established, State::CloseWait].contains(&socket.state);
    socket.kind == Kind::Tcp && open && socket.inode == 0
}

/// Whether something waits in it that a program may read. What came for one that has closed nobody
/// reads.
pub(super) fn waits_for_reader(socket: &Socket) -> bool {
    let has_reader = match socket.kind {
        Kind::Tcp => is_connection(socket) && (socket.inode != 0 || waits_for_accept(socket)),
        Kind::Udp | Kind::Unix(_) => socket.state != State::Listen,
    };
    has_reader && socket.receive_queue > 0
}

/// Whether the end of the stream waits to be read. It counts as one in the queue (`tcp_data_queue` moves
/// `rcv_nxt` behind it, `tcp_recvmsg_locked` reads over it), and nothing comes after it.
pub(super) fn end_unread(socket: &Socket) -> bool {
    let ended = [State::CloseWait, State::LastAck, State::Closing].contains(&socket.state);
    socket.kind == Kind::Tcp && ended && socket.receive_queue > 0
}

impl Socket {
    /// Bytes that wait to be read, without the end of the stream; of UDP datagrams their memory. 0 of a
    /// listener.
    pub fn data_unread(&self) -> u32 {
        match self.state {
            State::Listen => 0,
            _ => self.receive_queue.saturating_sub(end_unread(self).into()),
        }
    }

    /// What this socket has dropped since it was made: datagrams of a UDP socket; of a TCP listener
    /// connections and attempts at them, and segments that it had no use for. `None` of a TCP connection:
    /// there the kernel counts each segment that it discards, as it does with many on the best of ways
    /// (`tcp_drop_reason`, net/ipv4/tcp_input.c).
    pub fn drops(&self) -> Option<u32> {
        let tells = match self.kind {
            Kind::Tcp => self.state == State::Listen,
            Kind::Udp => true,
            Kind::Unix(_) => false,
        };
        self.memory.filter(|_| tells)?.drops
    }
}

/// Bytes sent and not acknowledged: `snd_nxt - snd_una`, where the queue is `write_seq - snd_una` and
/// what was not sent `write_seq - snd_nxt`.
pub(super) fn unacknowledged(socket: &Socket) -> Option<u32> {
    let has_sent = is_connection(socket) || socket.state == State::SynSent;
    let tcp = socket.tcp.filter(|_| has_sent)?;
    // The two were not read at the same instant.
    Some(socket.send_queue.saturating_sub(tcp.not_sent?))
}
