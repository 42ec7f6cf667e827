//! Sockets and samples for tests: what a test does not say is as in a connection that is well.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::{Counters, End, Frame, Kind, Lasting, Owner, Row, Sample, Socket, Watch};
use crate::address::UnixName;
use crate::sock_diag::{Memory, State, TcpInfo, UnixKind};

pub(super) const MS: Duration = Duration::from_millis(1);
pub(super) const S: Duration = Duration::from_secs(1);

/// A time whose beginning was seen.
pub(super) fn seen(time: Duration) -> Lasting {
    Lasting { time, seen_to_begin: true }
}

pub(super) fn at_least(time: Duration) -> Lasting {
    Lasting { time, seen_to_begin: false }
}

fn inet(address: &str) -> End {
    End::Inet(address.parse::<SocketAddr>().expect("an address"))
}

pub(super) fn owner(pid: u32, name: &str) -> Arc<[Owner]> {
    [Owner { pid, name: name.into() }].into()
}

/// A connection that was opened now: everything happened last just now.
pub(super) fn tcp(cookie: u64) -> Socket {
    Socket {
        cookie,
        kind: Kind::Tcp,
        state: State::Established,
        local: inet("127.0.0.1:5050"),
        peer: inet("127.0.0.1:40000"),
        other: None,
        other_unread: None,
        was_there: false,
        receive_queue: 0,
        send_queue: 0,
        inode: 7,
        uid: Some(1000),
        owners: owner(42, "echo"),
        tcp: Some(info()),
        memory: Some(memory(0)),
    }
}

pub(super) fn info() -> TcpInfo {
    TcpInfo {
        rtt: 30 * MS,
        congestion_window: 10,
        send_mss: 1448,
        not_sent: Some(0),
        window_limited: Some(Duration::ZERO),
        sent: Some(0),
        sent_again: Some(0),
        peer_window: Some(65536),
        own_window: Some(65536),
        ..TcpInfo::default()
    }
}

fn memory(drops: u32) -> Memory {
    let (receive_limit, send_limit) = (131_072, 87_040);
    Memory { receive_used: 0, receive_limit, send_limit, drops: Some(drops) }
}

/// A connection of which its counters are changed.
pub(super) fn tcp_with(cookie: u64, change: impl FnOnce(&mut Socket, &mut TcpInfo)) -> Socket {
    let mut socket = tcp(cookie);
    let mut tcp = info();
    change(&mut socket, &mut tcp);
    Socket { tcp: Some(tcp), ..socket }
}

/// One in which so many bytes came in all, and so many wait.
pub(super) fn reader(cookie: u64, received: u64, waiting: u32) -> Socket {
    tcp_with(cookie, |socket, tcp| {
        socket.receive_queue = waiting;
        tcp.received = received;
    })
}

/// One in which so many bytes were acknowledged in all, and so many are under way.
pub(super) fn writer(cookie: u64, acknowledged: u64, under_way: u32) -> Socket {
    tcp_with(cookie, |socket, tcp| {
        socket.send_queue = under_way;
        tcp.acknowledged = acknowledged;
        tcp.sent = Some(acknowledged + u64::from(under_way));
    })
}

/// A listener at 127.0.0.1:5050. The kernel's times of it stand at the start of the system.
pub(super) fn listener(cookie: u64, queue: u32, limit: u32) -> Socket {
    let mut socket = tcp_with(cookie, |_, tcp| {
        tcp.last_ack_received = 22_349 * S;
        tcp.last_data_received = 22_349 * S;
        tcp.last_data_sent = 22_349 * S;
    });
    socket.state = State::Listen;
    socket.peer = inet("0.0.0.0:0");
    (socket.receive_queue, socket.send_queue) = (queue, limit);
    socket
}

/// A connection to that listener that has waited so long to be accepted.
pub(super) fn visitor(cookie: u64, age: Duration) -> Socket {
    let mut socket = tcp_with(cookie, |socket, tcp| {
        socket.inode = 0;
        tcp.last_ack_received = age;
        tcp.last_data_received = age;
        tcp.last_data_sent = age;
    });
    socket.owners = [].into();
    socket
}

/// Without what the kernel tells of connections, as of those that are half open or over.
pub(super) fn bare(cookie: u64, state: State) -> Socket {
    let memory = None;
    Socket { state, tcp: None, inode: 0, owners: [].into(), memory, ..tcp(cookie) }
}

pub(super) fn udp(cookie: u64, waiting: u32, drops: u32) -> Socket {
    let memory = Memory { receive_used: waiting, ..memory(drops) };
    let (kind, state, tcp) = (Kind::Udp, State::Close, None);
    let (receive_queue, memory) = (waiting, Some(memory));
    let peer = inet("0.0.0.0:0");
    Socket { kind, state, tcp, peer, receive_queue, memory, ..self::tcp(cookie) }
}

pub(super) fn unix(cookie: u64, path: &str, state: State) -> Socket {
    let local = End::Unix(match path {
        "" => UnixName::Unnamed,
        path => UnixName::Path(path.into()),
    });
    let (kind, peer) = (Kind::Unix(UnixKind::Stream), End::Unix(UnixName::Unnamed));
    let (tcp, memory, uid) = (None, None, None);
    Socket { kind, state, local, peer, tcp, memory, uid, ..self::tcp(cookie) }
}

pub(super) fn named(socket: Socket, local: &str, peer: &str) -> Socket {
    Socket { local: inet(local), peer: inet(peer), ..socket }
}

/// Samples one after the other, each at its time.
#[derive(Default)]
pub(super) struct Script(pub(super) Watch);

impl Script {
    pub(super) fn frame(&mut self, at: Duration, sockets: Vec<Socket>) -> Frame {
        self.counted(at, sockets, Counters::default())
    }

    pub(super) fn counted(
        &mut self,
        at: Duration,
        sockets: Vec<Socket>,
        counters: Counters,
    ) -> Frame {
        self.0.on_sample(Sample { at, sockets, counters, ..Sample::default() })
    }

    /// The row of a sample with one socket.
    pub(super) fn row(&mut self, at: Duration, socket: Socket) -> Row {
        let mut frame = self.frame(at, vec![socket]);
        assert_eq!(frame.rows.len(), 1);
        frame.rows.remove(0)
    }
}

/// A second apart, so many samples as it takes to say something of what is only known by its length.
pub(super) fn six(
    sockets: impl Fn() -> Vec<Socket>,
) -> impl Iterator<Item = (Duration, Vec<Socket>)> {
    (1..=6).map(move |second| (S * second, sockets()))
}

/// The row of this socket.
pub(super) fn of(frame: &Frame, cookie: u64) -> &Row {
    let row = frame.rows.iter().find(|row| row.socket.cookie == cookie);
    row.unwrap_or_else(|| panic!("no row has cookie {cookie}"))
}
