//! What is wrong with many sockets together.

use std::net::{IpAddr, SocketAddr};

use super::super::{End, Kind, Row};
use super::{Problem, Severity};
use crate::sock_diag::State;

/// At a minute each that is 17 connections a second: somebody should know.
const TIME_WAIT_PILE: usize = 1000;

type Found = Option<(Severity, Problem)>;

/// Sockets in TIME_WAIT: one is as it should be, and thousands are a habit.
pub(super) fn time_wait(rows: &[Row]) -> Found {
    let count = rows.iter().filter(|row| row.socket.state == State::TimeWait).count();
    (count >= TIME_WAIT_PILE).then_some((Severity::Note, Problem::TimeWaitPile { count }))
}

/// Ports to connect from, of which there are so many, that are taken towards one address. A port is taken
/// towards one address and from one of this host's only (`__inet_check_established`).
pub(super) fn ports(rows: &[Row], ports: u32) -> Found {
    let many = usize::try_from(ports / 2).ok().filter(|many| *many > 0)?;
    if rows.len() < many {
        return None;
    }
    let mut pairs: Vec<(IpAddr, SocketAddr)> = rows.iter().filter_map(pair).collect();
    pairs.sort_unstable();
    let worst = pairs.chunk_by(|a, b| a == b).max_by_key(|pairs| pairs.len())?;
    let (taken, (from, to)) = (worst.len(), worst[0]);
    let is_over = |row: &&Row| row.socket.state == State::TimeWait && pair(row) == Some((from, to));
    let over = rows.iter().filter(is_over).count();
    let problem = Problem::PortsTaken { taken, over, ports, to };
    (taken >= many).then_some((Severity::Warning, problem))
}

/// From where to where a socket takes a port.
fn pair(row: &Row) -> Option<(IpAddr, SocketAddr)> {
    let socket = &row.socket;
    let (End::Inet(local), End::Inet(peer)) = (&socket.local, &socket.peer) else { return None };
    let takes = socket.kind == Kind::Tcp && socket.state != State::Listen && peer.port() != 0;
    // On loopback, what is over can be used again after a second (`tcp_tw_reuse`).
    let frees = socket.state == State::TimeWait && local.ip().to_canonical().is_loopback();
    (takes && !frees).then(|| (local.ip().to_canonical(), *peer))
}
