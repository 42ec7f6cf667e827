//! What is shown of a sample, once it was compared with those before it.

use std::time::Duration;

use super::{Counters, Finding, Missing, Socket};

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
}

/// One socket.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The socket as the kernel has it.
    pub socket: Socket,
    /// How long it has been there.
    pub age: Lasting,
    /// For how long the program has not read although something waits; `None` if nothing waits.
    pub unread: Option<Lasting>,
    /// For how long the peer has acknowledged nothing although something was sent; `None` if nothing
    /// waits for an acknowledgement.
    pub unacknowledged_for: Option<Lasting>,
    /// For how long the accept queue has been full: longer than its limit. Listeners only.
    pub full: Option<Lasting>,
    /// For how long the peer has offered no window although something waits to be sent. TCP only.
    pub zero_window: Option<Lasting>,
    /// Bytes written and sent, that the peer has not acknowledged. TCP connections only.
    pub unacknowledged: Option<u32>,
    /// Bytes written and not sent. TCP connections only.
    pub unsent: Option<u32>,
    /// Handshakes under way with this listener: SYN_RECV. TCP listeners only.
    pub half_open: Option<u32>,
    /// What has waited unread at the other end, where that is in this sample: bytes.
    pub other_unread: Option<u32>,
    /// Bytes received a second since the sample before. TCP connections only.
    pub received_rate: Option<f64>,
    /// Bytes sent a second since the sample before, without those sent again. TCP connections only.
    pub sent_rate: Option<f64>,
    /// Segments sent again a second since the sample before. TCP connections only.
    pub retransmission_rate: Option<f64>,
    /// Datagrams or connections dropped a second since the sample before, by this socket.
    pub drop_rate: Option<f64>,
    /// What is wrong with it, the worst first.
    pub findings: Vec<Finding>,
}

/// How long something has lasted. It may have begun before the watch did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lasting {
    /// At least so long.
    pub time: Duration,
    /// Not longer either, but for the time between two samples: its beginning was seen.
    pub seen_to_begin: bool,
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
