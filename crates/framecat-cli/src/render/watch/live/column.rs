//! The columns of the table: what stands in each, and what comes first where one is sorted by it.

use std::cmp::Ordering;

use framecat::core::address::UnixName;
use framecat::core::sock_diag::State;
use framecat::core::watch::{End, Kind, Lasting, Row, Severity};

use super::cell::{Keep, Side};
use crate::render::watch::words;

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Column {
    Kind,
    State,
    Local,
    Peer,
    ReceiveQueue,
    Unread,
    SendQueue,
    Received,
    Sent,
    Rtt,
    Retransmissions,
    Drops,
    Age,
    Owner,
    Problem,
}

use Column::{
    Age, Drops, Kind as KindOf, Local, Owner, Peer, Problem, ReceiveQueue, Received,
    Retransmissions, Rtt, SendQueue, Sent, State as StateOf, Unread,
};

impl Column {
    /// All that a table of sockets can have, as they stand side by side.
    pub(super) const OF_SOCKETS: [Column; 14] = [
        KindOf,
        StateOf,
        Local,
        Peer,
        ReceiveQueue,
        Unread,
        SendQueue,
        Received,
        Sent,
        Rtt,
        Retransmissions,
        Drops,
        Age,
        Owner,
    ];
    /// Those of a list of problems.
    pub(super) const OF_PROBLEMS: [Column; 4] = [StateOf, Local, Peer, Problem];
    /// Those that a table of sockets has at any width.
    pub(super) const ALWAYS: [Column; 6] = [StateOf, Local, Peer, ReceiveQueue, Unread, SendQueue];
    /// The others, the most wanted first.
    pub(super) const MORE: [Column; 8] =
        [Received, Sent, Owner, Rtt, Age, Retransmissions, KindOf, Drops];

    /// The column that has what `--sort` names.
    pub(super) fn of_field(name: &str) -> Option<Column> {
        Some(match name {
            "local" => Local,
            "peer" => Peer,
            "process" => Owner,
            "recvq" | "acceptq" => ReceiveQueue,
            "sendq" | "halfopen" => SendQueue,
            "unread" => Unread,
            "age" => Age,
            "rtt" => Rtt,
            "in" => Received,
            "out" => Sent,
            "retrans" => Retransmissions,
            "drops" => Drops,
            "severity" => Problem,
            _ => return None,
        })
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            KindOf => "KIND",
            StateOf => "STATE",
            Local => "LOCAL",
            Peer => "PEER",
            ReceiveQueue => "RECVQ",
            Unread => "UNREAD",
            SendQueue => "SENDQ",
            Received => "IN/s",
            Sent => "OUT/s",
            Rtt => "RTT",
            Retransmissions => "RETR",
            Drops => "DROPS",
            Age => "AGE",
            Owner => "OWNER",
            Problem => "PROBLEM",
        }
    }

    pub(super) fn side(self) -> Side {
        match self {
            KindOf | StateOf | Local | Peer | Owner | Problem => Side::Left,
            _ => Side::Right,
        }
    }

    pub(super) fn keep(self) -> Keep {
        if matches!(self, Local | Peer) { Keep::Tail } else { Keep::Head }
    }

    /// The columns of the screen below which a name says nothing; `None` for what is never cut.
    pub(super) fn least_width(self) -> Option<u16> {
        match self {
            // `127.0.0.1:50512`
            Local | Peer => Some(15),
            Owner => Some(12),
            Problem => Some(30),
            _ => None,
        }
    }

    /// What stands in it. Where the table has no column for the kind, the state says it.
    pub(super) fn cell(self, row: &Row, has_kind: bool) -> String {
        let socket = &row.socket;
        let tcp = socket.tcp.as_ref();
        match self {
            KindOf => socket.kind.to_string(),
            StateOf => state(row, has_kind),
            Local => socket.local.to_string(),
            Peer => socket.peer.to_string(),
            ReceiveQueue => words::receive_queue(row),
            Unread => waiting(row).map(words::lasting).unwrap_or_default(),
            SendQueue if socket.state == State::Listen => match row.half_open {
                None | Some(0) => String::new(),
                Some(count) => format!("{} half", words::number(count.into())),
            },
            SendQueue => words::send_queue(row),
            // A listener has none of these: that is not the same as not to know them.
            Received | Sent | Rtt | Retransmissions if socket.state == State::Listen => {
                String::new()
            }
            Drops if socket.kind == Kind::Tcp && socket.state != State::Listen => String::new(),
            Received => words::byte_rate(row.received_rate),
            Sent => words::byte_rate(row.sent_rate),
            Rtt => words::round_trip(socket),
            Retransmissions => tcp.map_or(words::UNKNOWN.into(), |tcp| {
                words::number(tcp.total_retransmissions.into())
            }),
            Drops => {
                socket.drops().map_or(words::UNKNOWN.into(), |drops| words::number(drops.into()))
            }
            Age => words::lasting(row.age),
            Owner => words::owner(socket),
            Problem => problems(row),
        }
    }

    /// Which of two rows comes first: of numbers the most, of names the first, or the other way round.
    /// What is not known, or nobody has, comes last either way.
    pub(super) fn compare(self, a: &Row, b: &Row, reversed: bool) -> Ordering {
        let turned = |order: Ordering| if reversed { order.reverse() } else { order };
        match self {
            KindOf => turned(rank(a.socket.kind).cmp(&rank(b.socket.kind))),
            StateOf => {
                let state = |row: &Row| (rank(row.socket.kind), row.socket.state as u8);
                turned(state(a).cmp(&state(b)))
            }
            Local => turned(compare_ends(&a.socket.local, &b.socket.local)),
            Peer => turned(compare_ends(&a.socket.peer, &b.socket.peer)),
            Owner => match (a.socket.owners.first(), b.socket.owners.first()) {
                (Some(a), Some(b)) => turned((&a.name, a.pid).cmp(&(&b.name, b.pid))),
                (a, b) => b.is_some().cmp(&a.is_some()),
            },
            _ => match (self.amount(a), self.amount(b)) {
                (Some(a), Some(b)) => turned(b.cmp(&a)),
                (a, b) => b.is_some().cmp(&a.is_some()),
            },
        }
    }

    /// What there is of it, where that is a number.
    fn amount(self, row: &Row) -> Option<u64> {
        let tcp = row.socket.tcp.as_ref();
        // To the thousandth; a float is cast to the nearest number that there is.
        let rate = |rate: f64| (rate * 1000.0) as u64;
        let nanos = |time: std::time::Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        match self {
            ReceiveQueue => Some(row.socket.receive_queue.into()),
            Unread => waiting(row).map(|lasting| nanos(lasting.time)),
            Drops => row.socket.drops().map(u64::from),
            SendQueue if row.socket.state == State::Listen => row.half_open.map(u64::from),
            SendQueue => Some(row.socket.send_queue.into()),
            Received => row.received_rate.map(rate),
            Sent => row.sent_rate.map(rate),
            Rtt => tcp.filter(|tcp| !tcp.rtt.is_zero()).map(|tcp| nanos(tcp.rtt)),
            Retransmissions => tcp.map(|tcp| tcp.total_retransmissions.into()),
            Age => Some(nanos(row.age.time)),
            Problem => worst(row).map(|severity| severity as u64),
            _ => None,
        }
    }
}

/// How bad the worst is that is wrong with it.
pub(super) fn worst(row: &Row) -> Option<Severity> {
    row.findings.first().map(|finding| finding.severity)
}

/// For how long something has waited for the program: to be read, or to be accepted.
fn waiting(row: &Row) -> Option<Lasting> {
    match row.socket.state {
        State::Listen => row.unaccepted.or(row.full),
        _ => row.unread,
    }
}

fn state(row: &Row, has_kind: bool) -> String {
    let socket = &row.socket;
    match socket.kind {
        _ if has_kind => socket.state.to_string(),
        // As ss(8) shortens it: five columns that every row would pay for.
        Kind::Tcp if socket.state == State::Established => "ESTAB".into(),
        Kind::Tcp => socket.state.to_string(),
        kind if socket.state == State::Listen => format!("{kind} LISTEN"),
        kind => kind.to_string(),
    }
}

fn problems(row: &Row) -> String {
    match &row.findings[..] {
        [] => String::new(),
        [finding] => finding.to_string(),
        [finding, others @ ..] => format!("{finding} (+{})", others.len()),
    }
}

/// TCP, UDP, then the Unix sockets.
fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Tcp => 0,
        Kind::Udp => 1,
        Kind::Unix(kind) => 2 + kind as u8,
    }
}

fn compare_ends(a: &End, b: &End) -> Ordering {
    match (a, b) {
        (End::Inet(a), End::Inet(b)) => a.cmp(b),
        (End::Inet(_), End::Unix(_)) => Ordering::Less,
        (End::Unix(_), End::Inet(_)) => Ordering::Greater,
        (End::Unix(a), End::Unix(b)) => compare_names(a, b),
    }
}

/// Paths, then abstract names, then what has none.
fn compare_names(a: &UnixName, b: &UnixName) -> Ordering {
    let rank = |name: &UnixName| match name {
        UnixName::Path(_) => 0,
        UnixName::Abstract(_) => 1,
        UnixName::Unnamed => 2,
    };
    match (a, b) {
        (UnixName::Path(a), UnixName::Path(b)) => a.cmp(b),
        (UnixName::Abstract(a), UnixName::Abstract(b)) => a.cmp(b),
        (a, b) => rank(a).cmp(&rank(b)),
    }
}
