//! Which sockets were asked for.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;

use framecat_core::sock_diag::State;
use framecat_core::watch::{End, Kind, Socket};

use super::ends::{Others, canonical};
use super::gather::Gathered;
use crate::kernel::process::retain_listeners;

/// Marks TCP or UDP sockets that have this address at one of their ends, and those that listen for it.
pub(super) fn at_address(
    chosen: &mut [bool],
    sockets: &[Socket],
    others: &Others,
    kind: Kind,
    at: SocketAddr,
) {
    let at = canonical(at);
    // An address has no interface here, a link-local one of a socket has.
    let is_same = |end: &SocketAddr| (end.ip().to_canonical(), end.port()) == (at.ip(), at.port());
    let is_here = |socket: &Socket| match &socket.local {
        End::Inet(local) if at.ip().is_unspecified() => {
            local.port() == at.port() && (at.is_ipv6() || local.ip().to_canonical().is_ipv4())
        }
        End::Inet(local) => is_same(local),
        End::Unix(_) => false,
    };
    let mut listeners = Vec::new();
    for (index, socket) in sockets.iter().enumerate().filter(|(_, socket)| socket.kind == kind) {
        let End::Inet(peer) = &socket.peer else { continue };
        if listens(socket) {
            listeners.push(index);
        }
        chosen[index] |= is_here(socket)
            || is_same(peer)
            || others[index].is_some_and(|other| is_here(&sockets[other]));
    }
    retain_listeners(&mut listeners, |index| local(&sockets[*index]), at);
    for index in listeners {
        chosen[index] = true;
    }
    // Of a wildcard listener, what came to its other addresses is in its queue too: without it, what is
    // said of the queue would be of a part of it.
    connections_of(chosen, sockets, is_arriving);
}

/// Marks Unix sockets with these inodes, those whose peers have one, and those that wait to be accepted
/// by one.
pub(super) fn at_inodes(
    chosen: &mut [bool],
    found: &Gathered,
    others: &Others,
    kind: Kind,
    inodes: &HashSet<u32>,
) {
    let has = |at: usize| {
        let socket = &found.sockets[at];
        socket.kind == kind && inodes.contains(&socket.inode)
    };
    for (at, row) in &found.unix {
        let peer = others[*at].or_else(|| found.waiting.get(&row.inode).copied());
        chosen[*at] |= has(*at) || peer.is_some_and(has);
    }
}

/// Marks TCP and UDP sockets that have this port at one of their ends.
pub(super) fn at_port(chosen: &mut [bool], sockets: &[Socket], port: u16) {
    for (chosen, socket) in chosen.iter_mut().zip(sockets) {
        *chosen |= socket.local.port() == Some(port) || socket.peer.port() == Some(port);
    }
}

/// Adds to the listeners that are marked what no process has open, not yet or no longer, of their
/// connections: the half-open, those that wait in the accept queue, and those that the kernel brings to
/// their end. Where several listen at one address (SO_REUSEPORT), the kernel does not tell whose a
/// connection is, and it counts for each.
pub(super) fn unowned_connections(chosen: &mut [bool], sockets: &[Socket]) {
    connections_of(chosen, sockets, |socket| socket.inode == 0);
}

/// Whether it is on its way to a program: half open, or in the accept queue.
fn is_arriving(socket: &Socket) -> bool {
    let is_open = matches!(socket.state, State::SynRecv | State::Established | State::CloseWait);
    is_open && socket.inode == 0
}

/// Adds to the TCP listeners that are marked those of their connections of which this is so.
fn connections_of(chosen: &mut [bool], sockets: &[Socket], which: impl Fn(&Socket) -> bool) {
    let mut listeners: HashMap<u16, Vec<usize>> = HashMap::new();
    for (index, socket) in sockets.iter().enumerate() {
        if socket.kind == Kind::Tcp && socket.state == State::Listen {
            listeners.entry(local(socket).port()).or_default().push(index);
        }
    }
    listeners.retain(|_, at_port| at_port.iter().any(|index| chosen[*index]));
    for (index, socket) in sockets.iter().enumerate() {
        if socket.kind != Kind::Tcp || socket.state == State::Listen || !which(socket) {
            continue;
        }
        let at = local(socket);
        let Some(at_port) = listeners.get(&at.port()) else { continue };
        let mut candidates = at_port.clone();
        retain_listeners(&mut candidates, |index| local(&sockets[*index]), at);
        chosen[index] |= candidates.iter().any(|listener| chosen[*listener]);
    }
}

/// Whether it waits for whoever comes.
fn listens(socket: &Socket) -> bool {
    match socket.kind {
        Kind::Tcp => socket.state == State::Listen,
        _ => socket.state == State::Close,
    }
}

fn local(socket: &Socket) -> SocketAddr {
    match &socket.local {
        End::Inet(local) => *local,
        // None of these is asked for; no socket listens at port 0.
        End::Unix(_) => SocketAddr::from(([0, 0, 0, 0], 0)),
    }
}
