//! A half-open connection waits in the SYN queue and is dropped after 75 s.
//!
//! TCP_DEFER_ACCEPT keeps a connection half open without any privilege: the server does not take the
//! client's answer to its SYN-ACK for the end of the handshake before data comes. When there is no room in
//! the accept queue then, it stays half open, and the kernel sends its SYN-ACK again, after 1 s, 2 s, 4 s
//! …, until it gives up (net/ipv4/inet_connection_sock.c, `reqsk_timer_handler`).

use std::time::Duration;

use framecat_core::lab::{Lane, Measured, Verdict};
use framecat_core::sock_diag::{Connection, SocketRow, State, States};
use nix::sys::socket::SetSockOpt as _;
use rustix::io::Errno;

use super::Findings;
use super::actor::ok;
use super::obstacle::{CallError, Obstacle};
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

/// Kernels before 6.14 take a SYN queue that is as long as this for full, and then answer with cookies,
/// of which they remember nothing: 0 would leave no room for the connection that is watched.
const BACKLOG: u16 = 5;

/// The accept queue takes one more than its limit (include/net/sock.h, `sk_acceptq_is_full`).
const FILLERS: u16 = BACKLOG + 1;

/// The longest that a kernel waits between two SYN-ACKs unless `tcp_rto_max_ms` says otherwise
/// (include/net/tcp.h, TCP_RTO_MAX).
const RTO_MAX: Duration = Duration::from_secs(120);

struct Found {
    /// The connection stood in the SYN queue while its client took it for open.
    half_open: bool,
    client: State,
    /// After how long each was dropped.
    dropped: [Duration; 2],
    /// What the client got that spoke then.
    told: Option<String>,
    synack_retries: Option<u64>,
    /// The longest pause of this kernel, between two SYN-ACKs.
    rto_max: Duration,
}

/// A listener with one connection that is half open and no room for it.
struct HalfOpen {
    listener: Socket,
    client: Socket,
    end: Connection,
    since: Duration,
    seen: State,
    /// They take up the accept queue.
    _others: Vec<Socket>,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    if sysctl("net/ipv4/tcp_syncookies") == Some(2) {
        let why = "net.ipv4.tcp_syncookies is 2: the kernel answers each SYN with a cookie, and has no \
                   half-open connections";
        return Err(Obstacle::new(why));
    }
    let [first, second] = [begin(scene, 1)?, begin(scene, 2)?];
    let half_open = [&first, &second].iter().all(|one| one.seen == State::SynRecv);
    let ours = scene.see(Lane::Client(1), first.end.turned())?;
    let ours = ours.ok_or_else(|| Obstacle::new("the client's connection is gone"))?;

    let early = dropped(scene, &first, RETRIES[0])?;
    let late = dropped(scene, &second, RETRIES[1])?;
    if late <= early {
        return Err(Obstacle::new("the machine was too busy to tell one schedule from the other"));
    }
    let told = told(scene, &first.client)?;
    let synack_retries = sysctl("net/ipv4/tcp_synack_retries");
    let rto_max = sysctl("net/ipv4/tcp_rto_max_ms").map_or(RTO_MAX, Duration::from_millis);
    let dropped = [early, late];
    Ok(Found { half_open, client: ours.state, dropped, told, synack_retries, rto_max })
}

/// The first or the second connection, until it is half open and there is no room for it.
fn begin(scene: &Scene, number: u16) -> Result<HalfOpen, Obstacle> {
    let retries = RETRIES[usize::from(number) - 1];
    let server = scene.server(number);
    let listener = server.listen(BACKLOG)?;
    let option = |error: nix::Error| std::io::Error::from(error);
    server.call("TCP_DEFER_ACCEPT = 1 s", ok, || DeferAccept.set(&listener, &1).map_err(option))?;
    server.call(format!("TCP_SYNCNT = {retries}"), ok, || {
        SynRetries.set(&listener, &retries).map_err(option)
    })?;
    // Before the SYN leaves, with which the kernel's timer begins.
    let since = scene.now();
    let client = scene.client(number).connect(&listener)?;
    let end = ends(&client)?.turned();
    // Its client's part of the handshake is done; the server's is not, because no data has come.
    let row = scene.wait("a half-open connection", || row(scene, end))?;
    scene.see_listening(&listener)?;
    scene.show(Lane::Server(number), Some(&row));
    let others = fill(scene, number, &listener)?;
    scene.see_listening(&listener)?;
    Ok(HalfOpen { listener, client, end, since, seen: row.state, _others: others })
}

/// Connections that have sent data are whole, and take up the accept queue, which nobody empties.
fn fill(scene: &Scene, number: u16, listener: &Socket) -> Result<Vec<Socket>, Obstacle> {
    scene.remark("fill", vec![Measured::new("clients", FILLERS)]);
    let other = scene.client(number).unseen();
    (1..=u32::from(FILLERS))
        .map(|wanted| {
            let socket = other.connect(listener)?;
            other.send(&socket, b"x")?;
            scene.wait("a connection in the accept queue", || {
                let seen = scene.listening(listener)?;
                Ok((seen.waiting >= wanted).then_some(()))
            })?;
            Ok(socket)
        })
        .collect()
}

/// The server's end, half open or not.
fn row(scene: &Scene, end: Connection) -> Result<Option<SocketRow>, Obstacle> {
    let states = States::from([State::SynRecv, State::Established]);
    let rows = scene.rows(end.local.port(), states)?;
    Ok(rows.into_iter().find(|row| (row.local, row.peer) == (end.local, end.peer)))
}

/// Waits until the kernel has dropped it: how long that took.
///
/// # Errors
/// If that was before its schedule: something else than the schedule made the kernel drop it.
fn dropped(scene: &Scene, one: &HalfOpen, retries: u32) -> Result<Duration, Obstacle> {
    scene.wait_within(PATIENCE, "the end of a half-open connection", || {
        match row(scene, one.end)? {
            None => Ok(Some(())),
            Some(row) if row.state == State::SynRecv => Ok(None),
            Some(row) => Err(Obstacle::new(format!("the connection became {}", row.state))),
        }
    })?;
    let time = scene.now() - one.since;
    scene.see_listening(&one.listener)?;
    on_schedule(time, retries, sysctl("net/ipv4/tcp_abort_on_overflow"))?;
    let values = vec![Measured::new("retries", retries), Measured::new("time", time)];
    scene.remark("dropped", values);
    Ok(time)
}

/// The kernel's timer may be late on a busy machine, and is never early.
fn on_schedule(time: Duration, retries: u32, abort: Option<u64>) -> Result<(), Obstacle> {
    let schedule = schedule(retries.into(), RTO_MAX);
    if time >= schedule {
        return Ok(());
    }
    let abort = abort.map_or("unknown".to_owned(), |abort| abort.to_string());
    Err(Obstacle::new(format!(
        "a half-open connection was dropped after {time:.2?}, before its schedule of {schedule:?}; \
         net.ipv4.tcp_abort_on_overflow is {abort}"
    )))
}

/// What the client gets that speaks now: the error of its `send`, or of the `recv` after it.
fn told(scene: &Scene, socket: &Socket) -> Result<Option<String>, Obstacle> {
    let client = scene.client(1);
    let outcome = client.send(socket, b"hello").and_then(|_| client.recv(socket, 64));
    match outcome {
        Ok(_) => Ok(None),
        Err(error) if error.is(Errno::AGAIN) => Err(error.into()),
        Err(error) => Ok(Some(CallError::name(&error))),
    }
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let as_claimed = |time: &Duration| *time >= CLAIMED;
        match (self.half_open, self.dropped.iter().all(as_claimed)) {
            (false, _) => Verdict::DoesNotHold,
            (true, true) => Verdict::Holds,
            (true, false) => Verdict::HoldsBut,
        }
    }

    fn measured(&self) -> Vec<Measured> {
        let default_time = self.synack_retries.map(|retries| schedule(retries, self.rto_max));
        vec![
            Measured::new("half_open", self.half_open),
            Measured::new("client", self.client.to_string()),
            Measured::new("after_one", self.dropped[0]),
            Measured::new("after_two", self.dropped[1]),
            Measured::new("told", self.told.clone()),
            Measured::new("synack_retries", self.synack_retries),
            Measured::new("default_time", default_time),
        ]
    }
}

/// How long the kernel waits in all: 1 s, and twice as long after each SYN-ACK that it sends again, but
/// never longer than `longest` at once.
fn schedule(retries: u64, longest: Duration) -> Duration {
    let turn = |turn: u64| Duration::from_secs(1 << turn.min(30)).min(longest);
    (0..=retries.min(255)).map(turn).sum()
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
            rto_max: RTO_MAX,
        };
        assert_eq!(found(true, [3, 7]).verdict(), Verdict::HoldsBut);
        assert_eq!(found(true, [75, 75]).verdict(), Verdict::Holds);
        assert_eq!(found(false, [3, 7]).verdict(), Verdict::DoesNotHold);
    }

    #[test]
    fn a_connection_that_is_dropped_early_tells_nothing_of_the_schedule() {
        let millis = Duration::from_millis;
        assert!(on_schedule(millis(3000), 1, Some(0)).is_ok());
        assert!(on_schedule(millis(7001), 2, None).is_ok());
        let error = on_schedule(millis(1010), 1, Some(1)).expect_err("it was too early");
        let told = "a half-open connection was dropped after 1.01s, before its schedule of 3s; \
                    net.ipv4.tcp_abort_on_overflow is 1";
        assert_eq!(error.to_string(), told);
    }

    #[test]
    fn each_turn_is_twice_as_long() {
        for (retries, seconds) in [(0, 1), (1, 3), (2, 7), (5, 63), (7, 127 + 120)] {
            assert_eq!(schedule(retries, RTO_MAX), Duration::from_secs(seconds), "{retries}");
        }
        assert_eq!(schedule(5, Duration::from_secs(4)), Duration::from_secs(1 + 2 + 4 * 4));
    }
}
