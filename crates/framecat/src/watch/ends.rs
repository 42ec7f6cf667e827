//! Which socket is at the other end of which.

use std::collections::HashMap;
use std::net::SocketAddr;

use framecat_core::sock_diag::{State, UnixKind};
use framecat_core::watch::{End, Kind, Socket};

/// For each socket, where the one at the other end of its connection stands. None where there is none
/// in these tables, or two could be it: a proxy may have given its own socket another's address
/// (IP_TRANSPARENT), or sockets of several interfaces may have the same.
pub(super) fn pair(sockets: &[Socket], unix_peers: &HashMap<usize, u32>) -> Vec<Option<usize>> {
    let mut others = vec![None; sockets.len()];
    pair_inet(sockets, &mut others);
    pair_unix(sockets, unix_peers, &mut others);
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

fn pair_inet(sockets: &[Socket], others: &mut [Option<usize>]) {
    /// Stands for more than one.
    const SEVERAL: usize = usize::MAX;
    let mut by_ends = HashMap::with_capacity(sockets.len());
    for (at, socket) in sockets.iter().enumerate() {
        if let Some(ends) = Ends::of(socket) {
            by_ends.entry(ends).and_modify(|found| *found = SEVERAL).or_insert(at);
        }
    }
    for (socket, other) in sockets.iter().zip(others) {
        let Some(Ends { is_tcp, local, peer }) = Ends::of(socket) else { continue };
        let turned = Ends { is_tcp, local: peer, peer: local };
        *other = by_ends.get(&turned).copied().filter(|found| *found != SEVERAL);
    }
}

fn pair_unix(sockets: &[Socket], unix_peers: &HashMap<usize, u32>, others: &mut [Option<usize>]) {
    let by_inode: HashMap<u32, usize> =
        unix_peers.keys().map(|at| (sockets[*at].inode, *at)).collect();
    for (at, peer) in unix_peers {
        others[*at] = by_inode.get(peer).copied();
    }
}

/// Fills in what the other ends tell: their names on Unix sockets, and what waits there.
pub(super) fn tell(sockets: &mut [Socket], others: &[Option<usize>]) {
    for (at, other) in others.iter().enumerate() {
        let Some(other) = *other else { continue };
        if let Kind::Unix(_) = sockets[at].kind {
            sockets[at].peer = sockets[other].local.clone();
        }
        // Many may send to one datagram socket: what waits there is not this one's then. And of its
        // queue the kernel tells the first message only.
        let is_mutual = others[other] == Some(at);
        if is_mutual && sockets[at].kind != Kind::Unix(UnixKind::Dgram) {
            sockets[at].other_unread = Some(sockets[other].receive_queue);
        }
    }
}
