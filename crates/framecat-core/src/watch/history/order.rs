//! The order of rows: listeners first, then by name, numbers by number.

use std::cmp::Ordering;

use super::super::{End, Kind, Socket};
use crate::address::UnixName;
use crate::sock_diag::{State, UnixKind};

/// Sockets in the order of their rows. Their places are put in order, and then each is moved once: a
/// socket has some hundred bytes.
pub(super) fn in_order(sockets: Vec<Socket>) -> Vec<Socket> {
    let mut places: Vec<usize> = (0..sockets.len()).collect();
    places.sort_unstable_by(|a, b| rows(&sockets[*a], &sockets[*b]));
    let mut sockets: Vec<Option<Socket>> = sockets.into_iter().map(Some).collect();
    places.into_iter().filter_map(|at| sockets[at].take()).collect()
}

/// Which of two sockets stands first.
fn rows(a: &Socket, b: &Socket) -> Ordering {
    let connects = |socket: &Socket| socket.state != State::Listen;
    connects(a)
        .cmp(&connects(b))
        .then_with(|| ends(&a.local, &b.local))
        .then_with(|| ends(&a.peer, &b.peer))
        .then_with(|| kind(a.kind).cmp(&kind(b.kind)))
        // Unix sockets without names would change places from frame to frame.
        .then_with(|| a.cookie.cmp(&b.cookie))
}

pub(in super::super) fn ends(a: &End, b: &End) -> Ordering {
    match (a, b) {
        (End::Inet(a), End::Inet(b)) => a.cmp(b),
        (End::Inet(_), End::Unix(_)) => Ordering::Less,
        (End::Unix(_), End::Inet(_)) => Ordering::Greater,
        (End::Unix(a), End::Unix(b)) => name(a).cmp(&name(b)),
    }
}

fn name(name: &UnixName) -> (u8, &[u8]) {
    match name {
        UnixName::Path(path) => (0, path.as_os_str().as_encoded_bytes()),
        UnixName::Abstract(name) => (1, name),
        UnixName::Unnamed => (2, &[]),
    }
}

pub(in super::super) fn kind(kind: Kind) -> u8 {
    match kind {
        Kind::Tcp => 0,
        Kind::Udp => 1,
        Kind::Unix(UnixKind::Stream) => 2,
        Kind::Unix(UnixKind::Seqpacket) => 3,
        Kind::Unix(UnixKind::Dgram) => 4,
    }
}
