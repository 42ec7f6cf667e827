//! What TCP tells of a connection: `struct tcp_info` (include/uapi/linux/tcp.h; filled in by
//! net/ipv4/tcp.c, `tcp_get_info`), and the memory of a socket (`sk_get_meminfo`).
//!
//! The kernel adds fields at the end of the structure and never moves one, so a field is read where it
//! stands if the structure reaches so far. What a kernel is too old to say is `None`, not 0.

use std::time::Duration;

/// How a TCP connection is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TcpInfo {
    /// The smoothed round-trip time; 0 before there was one.
    pub rtt: Duration,
    /// How far round-trip times stray from it.
    pub rtt_variation: Duration,
    /// What was sent last has gone unanswered so many times that it was sent again: for now.
    pub retransmits: u8,
    /// Segments sent again since the connection began.
    pub total_retransmissions: u32,
    /// Probes of a closed window, or of a silent peer, that nobody has answered yet.
    pub probes: u8,
    /// The congestion window, in segments.
    pub congestion_window: u32,
    /// The largest segment to send, in bytes.
    pub send_mss: u32,
    /// Since data was last sent; since the connection began if none was.
    pub last_data_sent: Duration,
    /// Since data last came; since the connection began if none did.
    pub last_data_received: Duration,
    /// Since the peer last acknowledged something.
    pub last_ack_received: Duration,
    /// Bytes that the peer has acknowledged; the end of the stream, and the opening, count as one each.
    pub acknowledged: u64,
    /// Bytes received in order; the end of the stream counts as one.
    pub received: u64,
    /// Bytes written and not sent; an end of the stream that was not sent counts as one (Linux 4.6).
    pub not_sent: Option<u32>,
    /// Segments with data that came and went (Linux 4.6).
    pub data_segments: Option<DataSegments>,
    /// How long a closed or small window of the peer has kept data from being sent (Linux 4.10).
    pub window_limited: Option<Duration>,
    /// Bytes sent, those that were sent again included; the end of the stream is not counted (Linux 4.19).
    pub sent: Option<u64>,
    /// Bytes sent again (Linux 4.19).
    pub sent_again: Option<u64>,
    /// The window that the peer has last offered, in bytes (Linux 5.4).
    pub peer_window: Option<u32>,
    /// The window that we have last offered, in bytes (Linux 6.2).
    pub own_window: Option<u32>,
}

/// Segments that carried data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataSegments {
    /// That came.
    pub received: u32,
    /// That were sent.
    pub sent: u32,
}

/// The memory of a socket, in bytes (`INET_DIAG_SKMEMINFO`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// What received and unread data occupies now.
    pub receive_used: u32,
    /// What it may occupy: SO_RCVBUF.
    pub receive_limit: u32,
    /// What may wait to be sent: SO_SNDBUF.
    pub send_limit: u32,
    /// What was dropped since the socket was made (`sk_drops`; Linux 4.10). UDP: datagrams. A TCP listener:
    /// connections, attempts at them, and segments that it had no use for, such as the acknowledgements
    /// that TCP_DEFER_ACCEPT waits behind. A TCP connection: each segment that was discarded, which says
    /// little: duplicates, and much of what comes while it closes.
    pub drops: Option<u32>,
}

impl TcpInfo {
    /// Reads the structure; `None` if it is shorter than Linux 4.2 makes it, which is the first that
    /// counts bytes.
    pub(super) fn parse(bytes: &[u8]) -> Option<TcpInfo> {
        let u32_at = |at: usize| Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk()?));
        let u64_at = |at: usize| Some(u64::from_ne_bytes(*bytes.get(at..)?.first_chunk()?));
        let millis = |at| u32_at(at).map(|millis| Duration::from_millis(millis.into()));
        let micros = |at| u32_at(at).map(|micros| Duration::from_micros(micros.into()));
        let segments = u32_at(152).zip(u32_at(156));
        Some(TcpInfo {
            retransmits: *bytes.get(2)?,
            probes: *bytes.get(3)?,
            send_mss: u32_at(16)?,
            last_data_sent: millis(44)?,
            last_data_received: millis(52)?,
            last_ack_received: millis(56)?,
            rtt: micros(68)?,
            rtt_variation: micros(72)?,
            congestion_window: u32_at(80)?,
            total_retransmissions: u32_at(100)?,
            acknowledged: u64_at(120)?,
            received: u64_at(128)?,
            not_sent: u32_at(144),
            data_segments: segments.map(|(received, sent)| DataSegments { received, sent }),
            window_limited: u64_at(176).map(Duration::from_micros),
            sent: u64_at(200),
            sent_again: u64_at(208),
            peer_window: u32_at(228),
            own_window: u32_at(232),
        })
    }
}

impl Memory {
    /// Reads the array of numbers (include/uapi/linux/sock_diag.h).
    pub(super) fn parse(bytes: &[u8]) -> Option<Memory> {
        let at = |index: usize| Some(u32::from_ne_bytes(*bytes.get(4 * index..)?.first_chunk()?));
        Some(Memory {
            receive_used: at(0)?,
            receive_limit: at(1)?,
            send_limit: at(3)?,
            drops: at(8),
        })
    }
}
