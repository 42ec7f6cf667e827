//! The order of rows by a field.

use std::cmp::{Ordering, Reverse};
use std::net::SocketAddr;
use std::time::Duration;

use framecat::core::address::UnixName;
use framecat::core::sock_diag::State;
use framecat::core::watch::{End, Lasting, Row, Severity};

use super::words;

/// Puts those first that have the most of a field, one of those of `--sort`; names are in the
/// order of the alphabet. What a socket does not have comes last.
pub(crate) fn sort(rows: &mut [Row], field: &str) {
    rows.sort_by(|a, b| match field {
        "local" => name(&a.socket.local).cmp(&name(&b.socket.local)),
        "peer" => name(&a.socket.peer).cmp(&name(&b.socket.peer)),
        "process" => last_if_none(process(a), process(b)),
        _ => amount(b, field).total_cmp(&amount(a, field)),
    });
}

/// Puts those first that are in trouble, the worst before the others; the rest keeps its order.
pub(crate) fn troubled_first(rows: &mut [Row]) {
    rows.sort_by_key(|row| Reverse(worst(row)));
}

/// How bad what is wrong with it is, if it is worse than a note.
pub(super) fn worst(row: &Row) -> Option<Severity> {
    let severity = row.findings.first().map(|finding| finding.severity);
    severity.filter(|severity| *severity > Severity::Note)
}

/// Addresses by number, then Unix sockets by name, then what has none.
fn name(end: &End) -> (u8, Option<SocketAddr>, String) {
    match end {
        End::Inet(at) if at.ip().is_unspecified() && at.port() == 0 => (2, None, String::new()),
        End::Inet(at) => (0, Some(*at), String::new()),
        End::Unix(UnixName::Unnamed) => (2, None, String::new()),
        End::Unix(name) => (1, None, name.to_string()),
    }
}

fn process(row: &Row) -> Option<(&str, u32)> {
    words::main_owner(&row.socket).map(|owner| (&*owner.name, owner.pid))
}

fn last_if_none<T: Ord>(a: Option<T>, b: Option<T>) -> Ordering {
    a.is_none().cmp(&b.is_none()).then_with(|| a.cmp(&b))
}

/// What there is of a field; less than nothing where the socket has no such thing.
fn amount(row: &Row, field: &str) -> f64 {
    let socket = &row.socket;
    let listens = socket.state == State::Listen;
    let tcp = socket.tcp.as_ref();
    let seconds = |lasting: Lasting| lasting.time.as_secs_f64();
    let amount = match field {
        "recvq" => (!listens).then_some(socket.receive_queue.into()),
        "sendq" => (!listens).then_some(socket.send_queue.into()),
        "acceptq" => listens.then_some(socket.receive_queue.into()),
        "halfopen" => row.half_open.map(f64::from),
        "unread" => row.unread.map(seconds),
        "age" => Some(seconds(row.age)),
        "rtt" => {
            tcp.map(|tcp| tcp.rtt).filter(|rtt| !rtt.is_zero()).as_ref().map(Duration::as_secs_f64)
        }
        "in" => row.received_rate,
        "out" => row.sent_rate,
        "retrans" => tcp.map(|tcp| tcp.total_retransmissions.into()),
        "drops" => socket.memory.and_then(|memory| memory.drops).map(f64::from),
        // The worst is the first.
        "severity" => row.findings.first().map(|finding| f64::from(finding.severity as u8)),
        _ => None,
    };
    amount.unwrap_or(-1.0)
}
