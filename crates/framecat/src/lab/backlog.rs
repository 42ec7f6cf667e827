//! `listen(5)` serves 1, queues 5, and the next client gets an error.
//!
//! The kernel takes a connection until the queue is *longer* than the limit (include/net/sock.h,
//! `sk_acceptq_is_full`), and drops the handshake of the next one, which the client then begins again
//! (net/ipv4/tcp_input.c, `tcp_conn_request`).

use framecat_core::lab::{Lane, Measured, Verdict};
use framecat_core::sock_diag::{Connection, SocketRow, State};
use rustix::io::Errno;
use rustix::net::sockopt::socket_error;

use super::Findings;
use super::obstacle::{Obstacle, error_name};
use super::scene::Scene;
use super::sight::{ends_dialled, sysctl};
use super::socket::Socket;

/// What the claim is about.
const BACKLOG: u16 = 5;

/// More would fit a limit three times as large only.
const CLIENTS: u16 = 20;

struct Found {
    /// The limit that the kernel keeps: the smaller of `listen`'s number and `somaxconn`.
    limit: u32,
    /// How many clients were connected, besides the one that is served, with nobody accepting.
    queued: u32,
    /// What became of the next one.
    next: Next,
    /// The attempts of the next one that were sent again while it was watched.
    repeated: u32,
    /// It was connected once there was room.
    connected_later: bool,
    /// Attempts that the listener has dropped.
    drops: Option<u32>,
    somaxconn: Option<u64>,
    abort_on_overflow: Option<u64>,
}

/// What became of the first client for whom there was no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// It hangs in SYN_SENT.
    Hangs,
    /// It got this error.
    Error(Errno),
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let server = scene.server(0);
    let listener = server.listen(BACKLOG)?;
    // The one that is served: it leaves the queue.
    let _first = scene.client(1).connect(&listener)?;
    let _served = server.accept(&listener)?;
    let mut clients = Vec::new();
    let (next, end) = loop {
        let number = clients.len() as u16 + 2;
        if number > CLIENTS {
            return Err(Obstacle::new(format!("{CLIENTS} clients fit a queue of {BACKLOG}")));
        }
        let before = scene.listening(&listener)?;
        let socket = scene.client(number).connect_begin(&listener)?;
        let end = ends_dialled(&socket, &listener)?;
        let fate =
            scene.wait("an answer to a connection attempt", || match scene.connection(end)? {
                None => Ok(Some(Some(Next::Error(error(&socket)?)))),
                Some(row) => Ok(fate(&row, scene.listening(&listener)?.drops, before.drops)),
            })?;
        scene.see_listening(&listener)?;
        clients.push((number, socket));
        if let Some(next) = fate {
            break (next, end);
        }
    };
    let queued = clients.len() as u32 - 1;
    let number = clients.last().map_or(0, |(number, _)| *number);
    let lane = Lane::Client(number);
    let seen = scene.listening(&listener)?;
    let repeated = match next {
        Next::Error(_) => 0,
        Next::Hangs => {
            scene.remark("hangs", vec![Measured::new("client", number)]);
            // The kernel's own timer: it begins the handshake again after a second.
            let row = scene.until(lane, end, "a second attempt", |row| repeated(row) > 0)?;
            repeated(&row)
        }
    };
    let connected_later = next == Next::Hangs && has_room(scene, &listener, lane, end)?;
    Ok(Found {
        limit: seen.limit,
        queued,
        next,
        repeated,
        connected_later,
        drops: seen.drops,
        somaxconn: sysctl("net/core/somaxconn"),
        abort_on_overflow: sysctl("net/ipv4/tcp_abort_on_overflow"),
    })
}

/// What became of an attempt: `None` while that is open, `Some(None)` if it is connected.
fn fate(client: &SocketRow, drops: Option<u32>, before: Option<u32>) -> Option<Option<Next>> {
    if client.state == State::Established {
        return Some(None);
    }
    // Dropped by the listener; where it does not count, the client has begun again.
    let dropped = drops > before || repeated(client) > 0;
    dropped.then_some(Some(Next::Hangs))
}

/// The error of an attempt that has ended.
fn error(socket: &Socket) -> Result<Errno, Obstacle> {
    match socket_error(socket) {
        Ok(Err(errno)) => Ok(errno),
        _ => Err(Obstacle::new("a connection attempt ended without an error")),
    }
}

fn repeated(row: &SocketRow) -> u32 {
    row.tcp.map_or(0, |tcp| tcp.total_retransmissions)
}

/// Makes room, and sees whether the client that hung is connected.
fn has_room(
    scene: &Scene,
    listener: &Socket,
    lane: Lane,
    end: Connection,
) -> Result<bool, Obstacle> {
    let _accepted = scene.server(0).accept(listener)?;
    scene.see_listening(listener)?;
    let row = scene.until(lane, end, "the next attempt", |row| row.state != State::SynSent)?;
    Ok(row.state == State::Established)
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let as_claimed = self.queued == u32::from(BACKLOG) && matches!(self.next, Next::Error(_));
        if as_claimed { Verdict::Holds } else { Verdict::DoesNotHold }
    }

    fn measured(&self) -> Vec<Measured> {
        let error = match self.next {
            Next::Hangs => None,
            Next::Error(errno) => Some(Measured::new("error", error_name(&errno.into()))),
        };
        let mut measured = vec![
            Measured::new("limit", self.limit),
            Measured::new("queued", self.queued),
            Measured::new("hangs", self.next == Next::Hangs),
            Measured::new("repeated", self.repeated),
            Measured::new("connected_later", self.connected_later),
            Measured::new("drops", self.drops),
            Measured::new("somaxconn", self.somaxconn),
            Measured::new("abort_on_overflow", self.abort_on_overflow),
        ];
        measured.extend(error);
        measured
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let found = |queued, next| Found {
            limit: 5,
            queued,
            next,
            repeated: 1,
            connected_later: true,
            drops: Some(1),
            somaxconn: Some(4096),
            abort_on_overflow: Some(0),
        };
        assert_eq!(found(6, Next::Hangs).verdict(), Verdict::DoesNotHold);
        assert_eq!(
            found(6, Next::Error(Errno::CONNRESET)).verdict(),
            Verdict::DoesNotHold,
            "one more than claimed"
        );
        assert_eq!(found(5, Next::Hangs).verdict(), Verdict::DoesNotHold);
        assert_eq!(found(5, Next::Error(Errno::CONNRESET)).verdict(), Verdict::Holds);
    }
}
