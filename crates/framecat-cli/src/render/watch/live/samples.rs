//! Frames made by hand, for the tests of the view.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use framecat::core::address::UnixName;
use framecat::core::sock_diag::{DataSegments, Memory, State, TcpInfo, UnixKind};
use framecat::core::watch::{
    Accepts, End, Finding, Frame, Kind, Lasting, Owner, Problem, Rates, Row, Severity, Socket,
};

/// So many seconds, of which the beginning was seen.
pub(super) fn lasting(seconds: u64) -> Lasting {
    Lasting { time: Duration::from_secs(seconds), seen_to_begin: true }
}

fn local(port: u16) -> End {
    End::Inet(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
}

/// A socket of which nothing more is known.
fn bare(cookie: u64, kind: Kind, state: State) -> Row {
    Row {
        socket: Socket {
            cookie,
            kind,
            state,
            local: local(5050),
            peer: End::Inet(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))),
            other: None,
            other_unread: None,
            was_there: false,
            receive_queue: 0,
            send_queue: 0,
            inode: 1000 + cookie as u32,
            uid: Some(1000),
            owners: Arc::new([Owner { pid: 4711, name: "server".into() }]),
            tcp: None,
            memory: None,
        },
        age: lasting(64),
        in_state: lasting(64),
        unread: None,
        unaccepted: None,
        unacknowledged_for: None,
        full: None,
        filling: None,
        zero_window: None,
        unacknowledged: None,
        unsent: None,
        half_open: None,
        other_unread: None,
        other_unread_for: None,
        received_rate: None,
        sent_rate: None,
        retransmission_rate: None,
        drop_rate: None,
        findings: Vec::new(),
    }
}

/// A listener with an accept queue that is full if it is longer than `limit`.
pub(super) fn listener(cookie: u64, queue: u32, limit: u32) -> Row {
    let mut row = bare(cookie, Kind::Tcp, State::Listen);
    (row.socket.receive_queue, row.socket.send_queue) = (queue, limit);
    row.half_open = Some(0);
    if queue > limit {
        let lasting = lasting(3);
        row.full = Some(lasting);
        let (oldest, accepts) = (None, Accepts::Not);
        let problem = Problem::AcceptQueueFull { queue, limit, lasting, oldest, accepts };
        row.findings.push(Finding { severity: Severity::Error, problem });
    }
    row
}

/// A connection in which little happens.
pub(super) fn connection(cookie: u64) -> Row {
    let mut row = bare(cookie, Kind::Tcp, State::Established);
    row.socket.peer = local(40_000 + (cookie % 20_000) as u16);
    row.socket.tcp = Some(TcpInfo {
        rtt: Duration::from_micros(120),
        rtt_variation: Duration::from_micros(40),
        congestion_window: 10,
        send_mss: 32_741,
        acknowledged: 2048,
        received: 1_234_567,
        data_segments: Some(DataSegments { received: 99, sent: 3 }),
        peer_window: Some(65_536),
        own_window: Some(33_280),
        ..TcpInfo::default()
    });
    row.socket.memory = Some(Memory {
        receive_used: 0,
        receive_limit: 131_072,
        send_limit: 2_626_560,
        drops: Some(0),
    });
    (row.unsent, row.unacknowledged) = (Some(0), Some(0));
    (row.received_rate, row.sent_rate) = (Some(2048.0), Some(0.0));
    row
}

/// A connection whose program does not read.
pub(super) fn unread(cookie: u64, bytes: u32) -> Row {
    let mut row = connection(cookie);
    let lasting = lasting(12);
    row.socket.receive_queue = bytes;
    row.unread = Some(lasting);
    let problem = Problem::NotReading { waiting: bytes, lasting };
    row.findings.push(Finding { severity: Severity::Warning, problem });
    row
}

/// A datagram socket.
pub(super) fn datagrams(cookie: u64) -> Row {
    bare(cookie, Kind::Udp, State::Close)
}

/// A Unix socket of this name.
pub(super) fn unix(cookie: u64, path: &str) -> Row {
    let mut row = bare(cookie, Kind::Unix(UnixKind::Stream), State::Established);
    row.socket.local = End::Unix(UnixName::Path(path.into()));
    row.socket.peer = End::Unix(UnixName::Unnamed);
    row
}

/// A frame of so many seconds after the first.
pub(super) fn frame(at: u64, rows: Vec<Row>) -> Frame {
    let rates = Rates {
        listen_overflows: Some(0.0),
        listen_drops: Some(0.0),
        retransmissions: Some(0.0),
        udp_no_ports: Some(0.0),
        udp_buffer_drops: Some(0.0),
    };
    Frame { at: Duration::from_secs(at), rows, rates, ..Frame::default() }
}
