//! How long what has lasted, of one socket: each clock goes on from the sample before, or begins.
//!
//! At first sight some clocks are not at 0, as the kernel keeps the times of what happened last. They
//! are set when a connection begins too (`tcp_create_openreq_child`, `tcp_finish_connect`, and `tcp_ack`
//! for the handshake's last segment), so none of them is longer than the connection is old. Before that,
//! in SYN_SENT, and of a listener they stand at the system's start and mean nothing.

use std::time::Duration;

use super::super::queues::{
    end_unread, is_connection, unacknowledged, waits_for_accept, waits_for_reader,
};
use super::super::{Kind, Lasting, Socket};
use super::clock::{Clock, Timed};
use super::loss::Loss;
use crate::sock_diag::{State, TcpInfo, UnixKind};

/// What is kept of a socket until the next sample.
#[derive(Debug, Clone, Copy)]
pub(super) struct Past {
    kind: Kind,
    state: State,
    receive_queue: u32,
    end_unread: bool,
    other_unread: Option<u32>,
    pub(super) tcp: Option<TcpInfo>,
    pub(super) drops: Option<u32>,
    pub(super) clocks: Clocks,
    pub(super) loss: Loss,
}

/// The clocks of a socket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clocks {
    pub(super) age: Lasting,
    pub(super) in_state: Lasting,
    pub(super) unread: Option<Timed>,
    pub(super) unaccepted: Option<Timed>,
    pub(super) unacknowledged: Option<Lasting>,
    pub(super) full: Option<Timed>,
    pub(super) filling: Option<Timed>,
    pub(super) zero_window: Option<Lasting>,
    pub(super) other_unread: Option<Timed>,
    /// While something has waited to be read for [`A_WHILE`], more has come. TCP only.
    pub(super) more: bool,
}

/// What comes within this is one with what came before it.
const A_WHILE: Duration = Duration::from_secs(1);

/// A peer acknowledges within half a second (RFC 1122, 4.2.3.2).
const LONGEST_DELAYED_ACK: Duration = Duration::from_millis(500);

/// A SYN is sent again after a second at the earliest (`TCP_TIMEOUT_INIT`; later ones in the same
/// distance, `tcp_syn_linear_timeouts`, or in a greater).
const SYN_TIMEOUT: Duration = Duration::from_secs(1);

/// Kernel times have the grain of its tick, 10 ms at most, and samples that of their reading: a window
/// was closed all the time if it was so for nine tenths of it.
const NEARLY_ALL: (u32, u32) = (9, 10);

impl Past {
    pub(super) fn new(socket: &Socket, clocks: Clocks, loss: Loss) -> Past {
        Past {
            kind: socket.kind,
            state: socket.state,
            receive_queue: socket.receive_queue,
            end_unread: end_unread(socket),
            other_unread: socket.other_unread,
            tcp: socket.tcp,
            drops: socket.drops(),
            clocks,
            loss,
        }
    }

    /// Whether this is the past of that socket. It is not if a counter went back: then the cookie was
    /// given again, or the socket was disconnected and began anew (`tcp_disconnect`).
    pub(super) fn is_of(&self, socket: &Socket) -> bool {
        let went_on = |then: TcpInfo, now: TcpInfo| {
            now.received >= then.received
                && now.acknowledged >= then.acknowledged
                && now.total_retransmissions >= then.total_retransmissions
                && now.sent >= then.sent
        };
        self.kind == socket.kind
            && self.tcp.zip(socket.tcp).is_none_or(|(then, now)| went_on(then, now))
    }
}

impl Clocks {
    /// The clocks at this sample, so long after the one before; `gap` is `None` in the first.
    pub(super) fn after(past: Option<&Past>, socket: &Socket, gap: Option<Duration>) -> Clocks {
        let clocks = past.map(|past| past.clocks);
        let clock = Clock { gap, is_known: past.is_some(), was_there: socket.was_there };
        let then = past.filter(|past| past.state == socket.state);
        let listens = socket.state == State::Listen;
        let limit = socket.send_queue;
        Clocks {
            age: clock.on(clocks.map(|it| it.age), age(socket)),
            in_state: clock.on(then.map(|past| past.clocks.in_state), in_state(socket)),
            unread: waits_for_reader(socket).then(|| unread(&clock, past, socket)),
            unaccepted: unaccepted(&clock, past, socket),
            unacknowledged: unacknowledged_for(&clock, past, socket),
            full: (listens && socket.receive_queue > limit)
                .then(|| clock.glance(clocks.and_then(|it| it.full))),
            filling: (listens && u64::from(socket.receive_queue) * 2 > limit.into())
                .then(|| clock.glance(clocks.and_then(|it| it.filling))),
            zero_window: zero_window(&clock, past, socket),
            other_unread: other_unread_for(&clock, past, socket),
            more: more(past, socket),
        }
    }
}

/// How old it is at least. What came or went last did so in its life.
fn age(socket: &Socket) -> Duration {
    let Some(tcp) = socket.tcp else { return Duration::ZERO };
    match socket.state {
        State::SynSent => SYN_TIMEOUT.saturating_mul(tcp.total_retransmissions),
        _ if is_connection(socket) => {
            tcp.last_ack_received.max(tcp.last_data_received).max(tcp.last_data_sent)
        }
        _ => Duration::ZERO,
    }
}

/// How long it has been in its state at least.
fn in_state(socket: &Socket) -> Duration {
    let Some(tcp) = socket.tcp else { return Duration::ZERO };
    match socket.state {
        State::SynSent | State::Established => age(socket),
        // A segment of the peer led there: its FIN, or that it acknowledged ours. Each segment sets this
        // time (`tcp_ack`), and the newest did not come before that one.
        State::CloseWait | State::FinWait2 => tcp.last_ack_received,
        _ => Duration::ZERO,
    }
}

/// Since when what waits has not been read.
fn unread(clock: &Clock, past: Option<&Past>, socket: &Socket) -> Timed {
    let before = past.filter(|past| !has_read(past, socket)).and_then(|past| past.clocks.unread);
    let Some(tcp) = socket.tcp else { return clock.glance(before) };
    let bound = match past {
        Some(_) => Duration::ZERO,
        // Reads are in order: the newest byte waits, and came then. The end of the stream came last.
        None if socket.data_unread() == 0 => tcp.last_ack_received,
        None => tcp.last_data_received,
    };
    Timed::counted(clock.of_waiting(before.map(|it| it.lasting), bound))
}

/// Whether something was read since: what came, less what waits, is more. Without a count of what came, a
/// queue that became shorter was read from, and of one that did not nobody knows: [`Clock::glance`]. Of Unix
/// datagrams the queue is the first only (`unix_inq_len`), so there another length is another datagram.
fn has_read(past: &Past, socket: &Socket) -> bool {
    let position = |tcp: TcpInfo, queue: u32| tcp.received.saturating_sub(queue.into());
    match past.tcp.zip(socket.tcp) {
        Some((then, now)) => {
            position(now, socket.receive_queue) > position(then, past.receive_queue)
        }
        None if socket.kind == Kind::Unix(UnixKind::Dgram) => {
            socket.receive_queue != past.receive_queue
        }
        None => socket.receive_queue < past.receive_queue,
    }
}

/// Whether more has come while something waited. The end of the stream is not more: it comes whether or not
/// anybody waits for an answer.
fn more(past: Option<&Past>, socket: &Socket) -> bool {
    let Some((past, now)) = past.filter(|past| !has_read(past, socket)).zip(socket.tcp) else {
        return false;
    };
    let waited = past.clocks.unread.is_some_and(|unread| unread.lasting.time >= A_WHILE);
    let data = |tcp: TcpInfo, ended: bool| tcp.received.saturating_sub(ended.into());
    let came = |then| data(now, end_unread(socket)) > data(then, past.end_unread);
    waits_for_reader(socket) && (past.clocks.more || waited && past.tcp.is_some_and(came))
}

/// Of a connection, since when it has waited to be accepted. Of a listener, since when its queue has
/// not become shorter; `listeners.rs` knows better where the connections in it are to be seen.
fn unaccepted(clock: &Clock, past: Option<&Past>, socket: &Socket) -> Option<Timed> {
    let before = past.and_then(|past| past.clocks.unaccepted);
    if socket.state == State::Listen {
        let shorter = past.is_some_and(|past| socket.receive_queue < past.receive_queue);
        let before = before.filter(|_| !shorter);
        return (socket.receive_queue > 0).then(|| clock.glance(before));
    }
    let lasting = || clock.on(before.map(|it| it.lasting), age(socket));
    waits_for_accept(socket).then(|| Timed::counted(lasting()))
}

/// Since when nothing has been acknowledged of what is under way.
fn unacknowledged_for(clock: &Clock, past: Option<&Past>, socket: &Socket) -> Option<Lasting> {
    let tcp = socket.tcp.filter(|_| unacknowledged(socket) > Some(0))?;
    let advanced = |past: &Past| past.tcp.is_none_or(|then| tcp.acknowledged > then.acknowledged);
    let before = past.filter(|past| !advanced(past)).and_then(|it| it.clocks.unacknowledged);
    let bound = match (past, socket.state) {
        (Some(_), _) => Duration::ZERO,
        (None, State::SynSent) => age(socket),
        // Since the later of the two, something was under way and nobody acknowledged it.
        (None, _) => tcp.last_ack_received.min(tcp.last_data_sent),
    };
    Some(clock.on(before, bound))
}

/// Since when the peer has offered no window for what waits.
///
/// Each of these says so:
/// - the window that it offered last is 0
/// - it was asked whether that is still so, and has not answered: nothing else is asked with
///   something unsent (`tcp_send_probe0`; keepalives wait until all is sent)
/// - nothing is under way, and since the sample before the kernel counted nearly all the time as held
///   up by the window: it is smaller than the next segment. On loopback, where segments have up to
///   64 KiB, a window gets that small first, and 0 when the first probe has filled it up.
fn zero_window(clock: &Clock, past: Option<&Past>, socket: &Socket) -> Option<Lasting> {
    let tcp = socket.tcp.filter(|_| is_connection(socket))?;
    let unsent = tcp.not_sent.filter(|unsent| *unsent > 0);
    let held_up = || {
        let then = past?.tcp?;
        let time = tcp.window_limited?.checked_sub(then.window_limited?)?;
        let long = time.saturating_mul(NEARLY_ALL.1) >= clock.gap?.saturating_mul(NEARLY_ALL.0);
        // With something under way it may as well be that the peer is gone.
        Some(long && unacknowledged(socket) == Some(0) && tcp.acknowledged == then.acknowledged)
    };
    let closed = tcp.peer_window == Some(0);
    unsent.filter(|_| closed || tcp.probes > 0 || held_up() == Some(true))?;
    // It may be closed at each glance and open in between: then the peer reads, if slowly.
    let flows = |past: &Past| past.tcp.is_none_or(|then| tcp.acknowledged > then.acknowledged);
    let before = past.filter(|past| !flows(past)).and_then(|past| past.clocks.zero_window);
    let bound = match past {
        // A window closes only on data, and the last was acknowledged soon after it was sent.
        None if closed => tcp.last_data_sent.saturating_sub(tcp.rtt + LONGEST_DELAYED_ACK),
        _ => Duration::ZERO,
    };
    Some(clock.on(before, bound))
}

/// Since when nothing was read of what waits at the other end. What was read there is what this end knows
/// to have arrived, less what waits; an acknowledgement that comes late begins it anew.
fn other_unread_for(clock: &Clock, past: Option<&Past>, socket: &Socket) -> Option<Timed> {
    socket.other_unread.filter(|waiting| *waiting > 0)?;
    let waiting = socket.other_unread?;
    let read = |past: &Past| {
        let then = past.other_unread.unwrap_or(0);
        let position = |tcp: TcpInfo, waiting: u32| tcp.acknowledged.saturating_sub(waiting.into());
        match past.tcp.zip(socket.tcp) {
            Some((before, now)) => position(now, waiting) > position(before, then),
            None => waiting < then,
        }
    };
    let before = past.filter(|past| !read(past)).and_then(|past| past.clocks.other_unread);
    let Some(tcp) = socket.tcp else { return Some(clock.glance(before)) };
    let bound = match past {
        // The newest of it was sent then, or before.
        None if is_connection(socket) => tcp.last_data_sent,
        _ => Duration::ZERO,
    };
    Some(Timed::counted(clock.of_waiting(before.map(|it| it.lasting), bound)))
}
