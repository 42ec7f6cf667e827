//! What is shown of a sample, once it was compared with those before it.

use std::fmt;
use std::time::Duration;

use super::{Condition, Counters, Finding, Missing, Socket, Span};

/// All that is shown of one sample.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frame {
    /// When, counted from the beginning of the watch.
    pub at: Duration,
    /// A row a socket: listeners first, then by local and peer name.
    pub rows: Vec<Row>,
    /// What the namespace counts, as it stands.
    pub counters: Counters,
    /// What it counted a second since the sample before; `None` in the first, and where it does not
    /// count.
    pub rates: Rates,
    /// What could not be seen.
    pub missing: Vec<Missing>,
    /// What is wrong with the namespace as a whole, or with many sockets together, the worst first.
    pub findings: Vec<Finding>,
}

/// One socket.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The socket as the kernel has it.
    pub socket: Socket,
    /// How long it has been there. At first sight a connection is as old as what it did last, at least.
    pub age: Lasting,
    /// How long it has been in its state.
    pub in_state: Lasting,
    /// For how long the program has not read although something waits; `None` if nothing waits, and of
    /// listeners.
    ///
    /// TCP counts what came, so that what was read is known to the byte; the end of the stream counts
    /// as one. At first sight this is the time since the newest of the waiting bytes came: so long they
    /// have waited, though some before them may have been read since. UDP and Unix sockets count
    /// nothing, so theirs is the time for which something has waited and became less in no sample; of Unix
    /// datagrams, for which the first that waits has had the same length. As what happens between samples
    /// is not known, it begins anew, at "at least 0", with each that comes more than 3 s after the one
    /// before.
    pub unread: Option<Lasting>,
    /// A TCP connection: for how long it has waited to be accepted. A listener: for how long the oldest
    /// connection in its queue has. `None` if nothing waits.
    ///
    /// Where the oldest is not to be seen, of Unix listeners and where more than one listener at an
    /// address has visitors, this is the time for which the queue has become shorter in no sample; it
    /// begins anew as [`Row::unread`] does.
    pub unaccepted: Option<Lasting>,
    /// For how long the peer has acknowledged nothing although something was sent; `None` if nothing
    /// waits for an acknowledgement. TCP only, since Linux 4.6.
    pub unacknowledged_for: Option<Lasting>,
    /// For how long the accept queue has been full: longer than its limit (`sk_acceptq_is_full` of
    /// include/net/sock.h, `unix_recvq_full` of net/unix/af_unix.c) in each sample. It begins anew with
    /// each that comes more than 3 s after the one before. Listeners only.
    pub full: Option<Lasting>,
    /// For how long the accept queue has been longer than half of its limit, counted as [`Row::full`].
    /// Listeners only.
    pub filling: Option<Lasting>,
    /// For how long the peer has offered no window although something waits to be sent, or one that the
    /// next segment does not fit in. At first sight this is a little less than the time since data was
    /// last sent: a window closes on data, and what waits may have been written later. It begins anew when
    /// the peer acknowledges something. TCP only.
    pub zero_window: Option<Lasting>,
    /// Bytes written and sent, that the peer has not acknowledged; an opening or end of the stream counts
    /// as one. TCP connections only, since Linux 4.6.
    pub unacknowledged: Option<u32>,
    /// Bytes written and not sent. TCP connections only, since Linux 4.6.
    pub unsent: Option<u32>,
    /// Handshakes under way with this listener: SYN_RECV. Listeners that share an address have the same
    /// ones. TCP listeners only.
    pub half_open: Option<u32>,
    /// What waits unread at the other end, where that is in this namespace: bytes, without the end of the
    /// stream, or the memory of UDP datagrams.
    pub other_unread: Option<u32>,
    /// For how long the program at the other end has not read that; `None` if nothing waits there.
    ///
    /// Where that socket is in the sample, this is its [`Row::unread`]. Else it is counted from this end:
    /// what the peer acknowledged, less what waits there, has been read.
    pub other_unread_for: Option<Lasting>,
    /// Bytes received a second since the sample before. TCP connections only.
    pub received_rate: Option<f64>,
    /// Bytes sent a second since the sample before, without those sent again. TCP connections only, since
    /// Linux 4.19.
    pub sent_rate: Option<f64>,
    /// Segments sent again a second since the sample before. TCP connections only.
    pub retransmission_rate: Option<f64>,
    /// What this socket dropped a second since the sample before, see [`Socket::drops`].
    pub drop_rate: Option<f64>,
    /// What is wrong with it, the worst first.
    pub findings: Vec<Finding>,
}

impl Frame {
    /// Keeps only the rows for which the condition holds; the rest of the frame stays as it is.
    pub fn select(&mut self, condition: &Condition) {
        let kept: Vec<bool> = self.rows.iter().map(|row| condition.holds(row, self)).collect();
        let mut kept = kept.into_iter();
        self.rows.retain(|_| kept.next().unwrap_or(false));
    }
}

/// How long something has lasted. It may have begun before the watch did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lasting {
    /// At least so long.
    pub time: Duration,
    /// Not longer either, but for the time between two samples: its beginning was seen.
    pub seen_to_begin: bool,
}

impl Lasting {
    /// The same, so much later.
    pub(super) fn and(self, more: Duration) -> Lasting {
        Lasting { time: self.time.saturating_add(more), ..self }
    }
}

/// What the namespace counted a second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rates {
    /// As [`Counters::listen_overflows`].
    pub listen_overflows: Option<f64>,
    /// As [`Counters::listen_drops`].
    pub listen_drops: Option<f64>,
    /// As [`Counters::retransmissions`].
    pub retransmissions: Option<f64>,
    /// As [`Counters::udp_no_ports`].
    pub udp_no_ports: Option<f64>,
    /// As [`Counters::udp_buffer_drops`].
    pub udp_buffer_drops: Option<f64>,
}

/// `3 s`, or `at least 3 s` where the beginning was not seen.
impl fmt::Display for Lasting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seen_to_begin {
            true => Span(self.time).fmt(f),
            false => f.pad(&format!("at least {}", Span(self.time))),
        }
    }
}
