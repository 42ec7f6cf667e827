//! A half-open connection waits in the SYN queue and is dropped after 75 s.
//!
//! TCP_DEFER_ACCEPT keeps a connection half open without any privilege: the server does not take the
//! client's answer to its SYN-ACK for the end of the handshake before data comes. When there is no room in
//! the accept queue then, it stays half open, and the kernel sends its SYN-ACK again, after 1 s, 2 s, 4 s
//! …, until it gives up (net/ipv4/inet_connection_sock.c, `reqsk_timer_handler`).

use std::time::Duration;

use framecat_core::lab::{Lane, Measured, Verdict};
use framecat_core::sock_diag::{Connection, State, States};
use nix::sys::socket::SetSockOpt as _;

use super::Findings;
use super::actor::ok;
use super::obstacle::Obstacle;
use super::options::{DeferAccept, SynRetries};
use super::scene::Scene;
use super::sight::{ends, sysctl};
use super::socket::Socket;

/// What the claim says.
const CLAIMED: Duration = Duration::from_secs(75);

/// How often each of the two listeners sends its SYN-ACK again. More would take 15 s and longer.
const RETRIES: [u32; 2] = [1, 2];

/// Far longer than the longer one takes: 1 s, 2 s and 4 s.
const PATIENCE: Duration = Duration::from_secs(30);

struct Found {
    /// The connection stood in the SYN queue while its client took it for open.
    half_open: bool,
    client: State,
    /// After how long each was dropped.
    dropped: [Duration; 2],
    /// What the client got that spoke then.
    told: Option<String>,
    synack_retries: Option<u64>,
}

/// A listener with one connection that is half open and no room for it.
struct Stuck {
    listener: Socket,
    client: Socket,
    end: Connection,
    since: Duration,
    seen: State,
    /// They take up the accept queue.
    _others: Vec<Socket>,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let [first, second] = [stuck(scene, 1, RETRIES[0])?, stuck(scene, 2, RETRIES[1])?];
    let half_open = [&first, &second].iter().all(|stuck| stuck.seen == State::SynRecv);
    let ours = scene.see(Lane::Client(1), first.end.turned())?;
    let ours = ours.ok_or_else(|| Obstacle::new("the client's connection is gone"))?;

    let early = dropped(scene, &first)?;
    scene.remark(
        "dropped",
        vec![Measured::new("retries", RETRIES[0]), Measured::new("time", early)],
    );
    let late = dropped(scene, &second)?;
    scene
        .remark("dropped", vec![Measured::new("retries", RETRIES[1]), Measured::new("time", late)]);

    let client = scene.client(1);
    client.send(&first.client, b"hello")?;
    let told = match client.recv(&first.client, 64) {
        Err(error) => Some(error.name()),
        Ok(_) => None,
    };
    let synack_retries = sysctl("net/ipv4/tcp_synack_retries");
    Ok(Found { half_open, client: ours.state, dropped: [early, late], told, synack_retries })
}

fn stuck(scene: &Scene, number: u16, retries: u32) -> Result<Stuck, Obstacle> {
    let server = scene.server(number);
    let listener = server.listen(0)?;
    let option = |error: nix::Error| std::io::Error::from(error);
    server.call("TCP_DEFER_ACCEPT = 1 s", ok, || DeferAccept.set(&listener, &1).map_err(option))?;
    server.call(format!("TCP_SYNCNT = {retries}"), ok, || {
        SynRetries.set(&listener, &retries).map_err(option)
    })?;
    let since = scene.now();
    let client = scene.client(number).connect(&listener)?;
    let end = ends(&client)?.turned();
    // Its client's part of the handshake is done; the server's is not, because no data has come.
    let row = scene.wait("a half-open connection", || row(scene, end))?;
    scene.see_listening(&listener)?;
    scene.show(Lane::Server(number), Some(&row));
    let others = fill(scene, number, &listener)?;
    scene.see_listening(&listener)?;
    Ok(Stuck { listener, client, end, since, seen: row.state, _others: others })
}

/// Connections that have sent data are whole, and take up the accept queue, which nobody empties.
fn fill(scene: &Scene, number: u16, listener: &Socket) -> Result<Vec<Socket>, Obstacle> {
    let other = scene.client(number + 2);
    let socket = other.connect(listener)?;
    other.send(&socket, b"x")?;
    scene.wait("a connection in the accept queue", || {
        Ok(Some(()).filter(|()| scene.listening(listener).is_ok_and(|seen| seen.waiting > 0)))
    })?;
    Ok(vec![socket])
}

/// The server's end, half open or not.
fn row(
    scene: &Scene,
    end: Connection,
) -> Result<Option<framecat_core::sock_diag::SocketRow>, Obstacle> {
    let states = States::from([State::SynRecv, State::Established]);
    let rows = scene.rows(end.local.port(), states)?;
    Ok(rows.into_iter().find(|row| (row.local, row.peer) == (end.local, end.peer)))
}

/// Waits until the kernel has dropped it: how long that took.
fn dropped(scene: &Scene, stuck: &Stuck) -> Result<Duration, Obstacle> {
    scene.wait_within(PATIENCE, "the end of a half-open connection", || {
        match row(scene, stuck.end)? {
            None => Ok(Some(())),
            Some(row) if row.state == State::SynRecv => Ok(None),
            Some(row) => Err(Obstacle::new(format!("the connection became {}", row.state))),
        }
    })?;
    let time = scene.now() - stuck.since;
    scene.see_listening(&stuck.listener)?;
    Ok(time)
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        // The timer may be late on a busy machine, and is never early.
        let as_claimed = |time: &Duration| *time >= CLAIMED;
        match (self.half_open, self.dropped.iter().all(as_claimed)) {
            (false, _) => Verdict::DoesNotHold,
            (true, true) => Verdict::Holds,
            (true, false) => Verdict::HoldsBut,
        }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("half_open", self.half_open),
            Measured::new("client", self.client.to_string()),
            Measured::new("after_one", self.dropped[0]),
            Measured::new("after_two", self.dropped[1]),
            Measured::new("told", self.told.clone()),
            Measured::new("synack_retries", self.synack_retries),
            Measured::new("default_time", self.synack_retries.map(schedule)),
        ]
    }
}

/// How long the kernel waits in all: 1 s, and twice as long after each SYN-ACK that it sends again, but
/// never longer than 120 s at once (TCP_RTO_MAX).
fn schedule(retries: u64) -> Duration {
    (0..=retries.min(255)).map(|turn| Duration::from_secs((1 << turn.min(7)).min(120))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let found = |half_open, seconds: [u64; 2]| Found {
            half_open,
            client: State::Established,
            dropped: seconds.map(Duration::from_secs),
            told: None,
            synack_retries: Some(5),
        };
        assert_eq!(found(true, [3, 7]).verdict(), Verdict::HoldsBut);
        assert_eq!(found(true, [75, 75]).verdict(), Verdict::Holds);
        assert_eq!(found(false, [3, 7]).verdict(), Verdict::DoesNotHold);
    }

    #[test]
    fn each_turn_is_twice_as_long() {
        for (retries, seconds) in [(0, 1), (1, 3), (2, 7), (5, 63), (7, 127 + 120)] {
            assert_eq!(schedule(retries), Duration::from_secs(seconds), "{retries}");
        }
    }
}
