//! Which socket is at the other end of which.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::net::SocketAddr;

use framecat_core::sock_diag::{State, UnixKind, UnixRow};
use framecat_core::watch::{End, Kind, Socket};

use super::gather::Gathered;

/// For each socket, where the one at the other end of its connection stands. None where there is none
/// in these tables, or two could be it: a proxy may have given its own socket another's address
/// (IP_TRANSPARENT), or sockets of several interfaces may have the same.
pub(super) type Others = Vec<Option<usize>>;

/// Finds the other ends.
pub(super) fn pair(found: &Gathered) -> Others {
    let mut others = vec![None; found.sockets.len()];
    pair_inet(&found.sockets, &mut others);
    pair_unix(&found.unix, &mut others);
    others
}

/// The two addresses of a connection, seen from one side.
#[derive(PartialEq, Eq, Hash)]
struct Ends {
    is_tcp: bool,
    local: SocketAddr,
    peer: SocketAddr,
}

impl Ends {
    /// None of a socket that has no peer.
    fn of(socket: &Socket) -> Option<Ends> {
        let (End::Inet(local), End::Inet(peer)) = (&socket.local, &socket.peer) else {
            return None;
        };
        let is_tcp = socket.kind == Kind::Tcp;
        let connected = socket.state != State::Listen && peer.port() != 0;
        connected.then(|| Ends { is_tcp, local: canonical(*local), peer: canonical(*peer) })
    }
}

/// One end of a connection may have IPv4 in the clothes of IPv6, and the other not.
pub(super) fn canonical(at: SocketAddr) -> SocketAddr {
    match at.ip().to_canonical() {
        ip if ip == at.ip() => at,
        ip => SocketAddr::new(ip, at.port()),
    }
}

fn pair_inet(sockets: &[Socket], others: &mut Others) {
    let all = sockets.iter().enumerate();
    let by_ends = one_each(all.filter_map(|(at, socket)| Some((Ends::of(socket)?, at))));
    for (socket, other) in sockets.iter().zip(others) {
        let Some(ends) = Ends::of(socket) else { continue };
        // Of two with the same ends, one at most is at the other end.
        if one(&by_ends, &ends).is_some() {
            let Ends { is_tcp, local, peer } = ends;
            *other = one(&by_ends, &Ends { is_tcp, local: peer, peer: local });
        }
    }
}

fn pair_unix(unix: &BTreeMap<usize, UnixRow>, others: &mut Others) {
    let by_inode = one_each(unix.iter().map(|(at, row)| (row.inode, *at)));
    for (at, row) in unix {
        others[*at] = one(&by_inode, &row.peer_inode);
    }
}

/// Stands for more than one.
const SEVERAL: usize = usize::MAX;

fn one_each<K: Eq + Hash>(all: impl Iterator<Item = (K, usize)>) -> HashMap<K, usize> {
    let mut found = HashMap::with_capacity(all.size_hint().1.unwrap_or_default());
    for (key, at) in all {
        found.entry(key).and_modify(|found| *found = SEVERAL).or_insert(at);
    }
    found
}

fn one<K: Eq + Hash>(found: &HashMap<K, usize>, key: &K) -> Option<usize> {
    found.get(key).copied().filter(|at| *at != SEVERAL)
}

/// Fills in what waits at the other ends, and the names that Unix sockets have there.
pub(super) fn tell(found: &mut Gathered, others: &Others) {
    let sockets = &mut found.sockets;
    for (at, row) in &found.unix {
        // Who waits to be accepted has no peer yet, and the name of the listener is what it will have.
        let named = others[*at].or_else(|| found.waiting.get(&row.inode).copied());
        if let Some(named) = named {
            sockets[*at].peer = sockets[named].local.clone();
        }
    }
    for (at, other) in others.iter().enumerate() {
        let Some(other) = *other else { continue };
        // Many may send to one datagram socket: what waits there is not this one's then. And of a Unix
        // one's queue the kernel tells the first message only.
        let is_mutual = others[other] == Some(at);
        if is_mutual && sockets[at].kind != Kind::Unix(UnixKind::Dgram) {
            sockets[at].other_unread = Some(sockets[other].data_unread());
        }
    }
}

/// Fills in the cookies of those other ends that are chosen too.
pub(super) fn name_others(sockets: &mut [Socket], others: &Others, chosen: &[bool]) {
    for (at, other) in others.iter().enumerate() {
        if let Some(other) = other.filter(|other| chosen[*other]) {
            sockets[at].other = Some(sockets[other].cookie);
        }
    }
}
