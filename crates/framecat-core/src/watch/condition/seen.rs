//! What a row or a frame says of a field, and whether a comparison with it holds.

use std::cmp::Ordering;
use std::time::Duration;

use super::super::queues::is_connection;
use super::super::{End, Frame, Kind, Lasting, Row, Severity};
use super::fields::What;
use super::value::Value;
use super::{Comparison, Operator};
use crate::escape::Escaped;
use crate::sock_diag::{State, TcpInfo};

/// What is seen of a field.
pub(super) enum Seen {
    /// The kernel does not tell, or the socket has no such thing.
    Unknown,
    Number(f64),
    /// Several at once, or none: a comparison holds if it does for one of them.
    Numbers(Vec<f64>),
    Time(Lasting),
    State(State),
    Kind(Kind),
    Severity(Option<Severity>),
    /// As [`Seen::Numbers`].
    Texts(Vec<String>),
}

/// Whether the comparison holds; `None` if that is not known. Without a row, what is of rows is not.
pub(super) fn compare(it: &Comparison, row: Option<&Row>, frame: &Frame) -> Option<bool> {
    let seen = match (it.field.of_frame, row) {
        (true, _) => of_frame(it.field.what, frame),
        (false, Some(row)) => of_row(it.field.what, row),
        (false, None) => Seen::Unknown,
    };
    // Of several, none is equal if not one is.
    let (operator, turned) = match it.operator {
        Operator::NotEqual => (Operator::Equal, true),
        operator => (operator, false),
    };
    holds(&seen, operator, &it.value).map(|holds| holds != turned)
}

fn holds(seen: &Seen, operator: Operator, value: &Value) -> Option<bool> {
    Some(match (seen, value) {
        (Seen::Number(seen), Value::Number(value)) => operator.holds(seen.partial_cmp(value)?),
        (Seen::Numbers(seen), Value::Number(value)) => {
            seen.iter().filter_map(|seen| seen.partial_cmp(value)).any(|it| operator.holds(it))
        }
        (Seen::Time(seen), Value::Time(value)) => return lasts(*seen, operator, *value),
        (Seen::State(seen), Value::State(value)) => seen == value,
        (Seen::Kind(seen), Value::Kind(value)) => seen == value,
        (Seen::Severity(seen), Value::Severity(value)) => operator.holds(seen.cmp(value)),
        (Seen::State(seen), Value::Text(value)) => contains(&seen.to_string(), value),
        (Seen::Kind(seen), Value::Text(value)) => contains(&seen.to_string(), value),
        (Seen::Texts(seen), Value::Text(value)) => match operator {
            Operator::Contains => seen.iter().any(|seen| seen.contains(value)),
            _ => seen.iter().any(|seen| seen == value),
        },
        _ => return None,
    })
}

/// Names of states and kinds are the same to a person with `-` and `_`, large and small.
fn contains(name: &str, part: &str) -> bool {
    let plain = |text: &str| text.to_ascii_lowercase().replace('-', "_");
    plain(name).contains(&plain(part))
}

/// A time that is known to have lasted at least so long may be any that is longer.
fn lasts(seen: Lasting, operator: Operator, value: Duration) -> Option<bool> {
    let order = seen.time.cmp(&value);
    let holds = operator.holds(order);
    let stays = match operator {
        Operator::Greater | Operator::AtLeast => holds,
        Operator::Less | Operator::AtMost => !holds,
        _ => order == Ordering::Greater,
    };
    (seen.seen_to_begin || stays).then_some(holds)
}

fn of_frame(what: What, frame: &Frame) -> Seen {
    let rates = &frame.rates;
    number(match what {
        What::Count => Some(frame.rows.len() as f64),
        What::Overflows => rates.listen_overflows,
        What::ListenDrops => rates.listen_drops,
        What::NamespaceRetransmissions => rates.retransmissions,
        What::UdpDrops => rates.udp_buffer_drops,
        What::UdpNoPorts => rates.udp_no_ports,
        _ => None,
    })
}

pub(super) fn of_row(what: What, row: &Row) -> Seen {
    let socket = &row.socket;
    let listens = socket.state == State::Listen;
    let tcp = socket.tcp.filter(|_| is_connection(socket));
    let whole = |number: Option<u32>| self::number(number.map(f64::from));
    match what {
        What::State => Seen::State(socket.state),
        What::Kind => Seen::Kind(socket.kind),
        What::Process | What::Pid => of_owners(what, row),
        What::Uid => whole(socket.uid),
        What::Inode => whole(Some(socket.inode)),
        What::Local => Seen::Texts(names(&socket.local)),
        What::Peer => Seen::Texts(names(&socket.peer)),
        What::Port => ports(&[socket.local.port(), socket.peer.port()]),
        What::LocalPort => ports(&[socket.local.port()]),
        What::PeerPort => ports(&[socket.peer.port()]),
        // A listener's are its accept queue and its limit, and have names of their own: `recvq>0` is not
        // meant to find each listener with a visitor, nor `sendq>0` each listener.
        What::ReceiveQueue => whole((!listens).then_some(socket.receive_queue)),
        What::SendQueue => whole((!listens).then_some(socket.send_queue)),
        What::AcceptQueue => whole(listens.then_some(socket.receive_queue)),
        What::Backlog => whole(listens.then_some(socket.send_queue)),
        What::Unsent => whole(row.unsent),
        What::Unacknowledged => whole(row.unacknowledged),
        What::PeerUnread => whole(row.other_unread),
        What::HalfOpen => whole(row.half_open),
        What::Rtt => match tcp.map(|tcp| tcp.rtt).filter(|rtt| !rtt.is_zero()) {
            Some(time) => Seen::Time(Lasting { time, seen_to_begin: true }),
            None => Seen::Unknown,
        },
        What::CongestionWindow => whole(tcp.map(|tcp| tcp.congestion_window)),
        What::OwnWindow => whole(tcp.and_then(|tcp| tcp.own_window)),
        What::PeerWindow => whole(tcp.and_then(|tcp| tcp.peer_window)),
        // Those of a SYN too.
        What::Retransmissions => whole(asks(row).map(|tcp| tcp.total_retransmissions)),
        What::Retries => whole(asks(row).map(|tcp| tcp.retransmits.into())),
        What::Drops => whole(socket.drops()),
        What::ReceivedRate => number(row.received_rate),
        What::SentRate => number(row.sent_rate),
        What::RetransmissionRate => number(row.retransmission_rate),
        What::DropRate => number(row.drop_rate),
        What::Severity => Seen::Severity(row.findings.iter().map(|it| it.severity).max()),
        _ => of_time(what, row),
    }
}

fn of_time(what: What, row: &Row) -> Seen {
    let listens = row.socket.state == State::Listen;
    let is_tcp = row.socket.kind == Kind::Tcp;
    let is_connection = is_connection(&row.socket);
    let (lasting, has_it) = match what {
        What::Unread => (row.unread, if is_tcp { is_connection } else { !listens }),
        What::PeerUnreadFor => (row.other_unread_for, row.other_unread.is_some()),
        What::Unaccepted => (row.unaccepted, listens || is_connection),
        What::UnacknowledgedFor => (row.unacknowledged_for, row.unacknowledged.is_some()),
        What::Full => (row.full, listens),
        What::ZeroWindow => (row.zero_window, row.unsent.is_some()),
        What::InState => (Some(row.in_state), true),
        What::Age => (Some(row.age), true),
        _ => (None, false),
    };
    // What could last and does not has lasted for no time at all.
    let not_at_all = Lasting { time: Duration::ZERO, seen_to_begin: true };
    match has_it {
        true => Seen::Time(lasting.unwrap_or(not_at_all)),
        false => Seen::Unknown,
    }
}

/// An end as it is shown, and as it is written out: `*:80` and `0.0.0.0:80`.
fn names(end: &End) -> Vec<String> {
    let shown = end.to_string();
    match end {
        End::Inet(at) if at.port() != 0 && at.to_string() != shown => vec![shown, at.to_string()],
        _ => vec![shown],
    }
}

/// Of what no program has, that is known; of the rest, an owner may be hidden.
fn of_owners(what: What, row: &Row) -> Seen {
    let owners = &row.socket.owners;
    if owners.is_empty() && row.socket.inode != 0 {
        return Seen::Unknown;
    }
    match what {
        What::Pid => Seen::Numbers(owners.iter().map(|owner| owner.pid.into()).collect()),
        _ => Seen::Texts(
            owners.iter().map(|owner| Escaped(owner.name.as_bytes()).to_string()).collect(),
        ),
    }
}

/// Of a TCP socket that has sent something, be it only that it wants to connect.
fn asks(row: &Row) -> Option<TcpInfo> {
    let socket = &row.socket;
    socket.tcp.filter(|_| is_connection(socket) || socket.state == State::SynSent)
}

fn number(number: Option<f64>) -> Seen {
    number.map_or(Seen::Unknown, Seen::Number)
}

/// That a Unix socket has no port is known.
fn ports(ports: &[Option<u16>]) -> Seen {
    Seen::Numbers(ports.iter().flatten().map(|port| f64::from(*port)).collect())
}
