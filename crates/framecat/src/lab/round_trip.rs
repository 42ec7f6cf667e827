//! Round trips over Unix sockets beside TCP on loopback: what one message there and one back take.
//!
//! Times are a matter of luck on a busy machine. They are told, and nothing follows from them.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use framecat_core::lab::{Measured, Value};
use rustix::net::{SocketType, listen};

use super::obstacle::Obstacle;
use super::scene::PATIENCE;
use super::socket::Socket;
use crate::reason;

/// The two take turns, so that what else the machine does strikes both: so many turns each, at most.
const TURNS: usize = 20;

/// Round trips of a turn.
const ROUNDS: usize = 50;

/// No turn is begun after this.
const ENOUGH: Duration = Duration::from_secs(1);

/// What goes there and back.
const BALL: [u8; 16] = *b"0123456789abcdef";

/// How long a round trip takes: the median of all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compared {
    pub(super) rounds: usize,
    pub(super) unix: Duration,
    pub(super) tcp: Duration,
}

impl Compared {
    pub(super) fn measured(&self) -> Vec<Measured> {
        let ratio = self.tcp.as_secs_f64() / self.unix.as_secs_f64();
        vec![
            Measured::new("round_trips", self.rounds),
            Measured::new("unix", self.unix),
            Measured::new("tcp", self.tcp),
            Measured::new("ratio", Value::Ratio(ratio)),
        ]
    }
}

/// Plays ball over both in turns.
pub(super) fn compare() -> Result<Compared, Obstacle> {
    play().map_err(|error| Obstacle::new(format!("a round trip failed: {}", reason(&error))))
}

fn play() -> io::Result<Compared> {
    let (unix, unix_peer) = UnixStream::pair()?;
    let (tcp, tcp_peer) = tcp_pair()?;
    for timed in [&unix, &unix_peer] {
        timed.set_read_timeout(Some(PATIENCE))?;
        timed.set_write_timeout(Some(PATIENCE))?;
    }
    thread::scope(|threads| {
        // Each ends when its peer is closed, which is moved to where it ends before the threads do.
        let (mut unix, mut tcp) = (unix, tcp);
        thread::Builder::new().spawn_scoped(threads, || give_back(unix_peer))?;
        thread::Builder::new().spawn_scoped(threads, || give_back(tcp_peer))?;
        let began = Instant::now();
        let (mut by_unix, mut by_tcp) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            throw(&mut unix, &mut by_unix)?;
            throw(&mut tcp, &mut by_tcp)?;
            if began.elapsed() > ENOUGH {
                break;
            }
        }
        Ok(Compared { rounds: by_unix.len(), unix: median(by_unix), tcp: median(by_tcp) })
    })
}

fn tcp_pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = Socket::bound(SocketType::STREAM)?;
    listen(&listener, 1)?;
    let (client, accepted) = Socket::pair(&listener)?;
    Ok((client.into_fd().into(), accepted.into_fd().into()))
}

fn throw(socket: &mut (impl Read + Write), times: &mut Vec<Duration>) -> io::Result<()> {
    let mut ball = BALL;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        socket.write_all(&ball)?;
        socket.read_exact(&mut ball)?;
        times.push(began.elapsed());
    }
    Ok(())
}

/// Until the peer is closed, or says nothing for too long.
fn give_back(mut socket: impl Read + Write) {
    let mut ball = BALL;
    while socket.read_exact(&mut ball).is_ok() && socket.write_all(&ball).is_ok() {}
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
