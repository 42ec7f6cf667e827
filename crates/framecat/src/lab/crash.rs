//! Killing the client makes the server's `recv` return empty, for ever.
//!
//! The client is a program of its own, which has the client's end of the connection as its standard
//! input: what the kernel does with the sockets of a killed program is the subject. `cat` reads what
//! comes, `sleep` does not: a socket that is closed with unread data sends a reset (RFC 1122 4.2.2.13;
//! net/ipv4/tcp.c, `__tcp_close`).

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use framecat_core::lab::{Lane, Measured, Value, Verdict};
use framecat_core::sock_diag::{SocketRow, State};
use rustix::io::{Errno, retry_on_intr};
use rustix::net::{RecvFlags, recv};

use super::Findings;
use super::obstacle::{CallError, Obstacle, error_name};
use super::scene::Scene;
use super::sight::ends;
use super::socket::Socket;

/// So often a server that ignores the end of the stream asks again, here.
const SPINS: u32 = 10_000;

/// What the second client does not read.
const UNREAD: &[u8] = b"news";

struct Found {
    /// The server slept in `recv` while the client lived.
    slept: bool,
    /// What that call returned once the client was killed: a length.
    first: usize,
    /// How many of the next [`SPINS`] calls returned 0 at once.
    empty: u32,
    /// How long those took.
    took: Duration,
    /// The state of the server's end then.
    state: State,
    unread: Unread,
}

/// What the server saw of a client that was killed with unread data.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Unread {
    /// So many bytes.
    bytes: u32,
    /// What `recv` returned: the error's name, or a length.
    first: Result<usize, Errno>,
    /// And the one after it, a length.
    second: usize,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let listener = scene.server(0).listen(5)?;
    let server = scene.server(1);
    let socket = scene.client(1).connect(&listener)?;
    let accepted = server.accept(&listener)?;
    let end = ends(&accepted)?;
    let client = Program::start("cat", &[], socket)?;
    let (slept, first) = killed(scene, 1, &accepted, client)?;
    let first = first?.len();
    let row = scene.see(server.lane, end)?;
    let state = row.map_or(State::Close, |row| row.state);

    for _ in 0..2 {
        server.recv(&accepted, 1024)?;
    }
    let began = Instant::now();
    let empty = spins(&accepted)?;
    let took = began.elapsed();
    scene.remark("spins", vec![Measured::new("empty", empty), Measured::new("took", took)]);
    server.close(accepted);

    scene.remark("unread", Vec::new());
    let unread = unread(scene, &listener)?;
    Ok(Found { slept, first, empty, took, state, unread })
}

/// A client that is killed with unread data.
fn unread(scene: &Scene, listener: &Socket) -> Result<Unread, Obstacle> {
    let server = scene.server(2);
    let socket = scene.client(2).connect(listener)?;
    let accepted = server.accept(listener)?;
    let end = ends(&accepted)?;
    // Far longer than the experiment takes, should nobody kill it.
    let client = Program::start("sleep", &["60"], socket)?;
    server.send(&accepted, UNREAD)?;
    let came = |row: &SocketRow| row.receive_queue as usize == UNREAD.len();
    let row = scene.until(Lane::Client(2), end.turned(), "the bytes", came)?;
    let (_, first) = killed(scene, 2, &accepted, client)?;
    let first = match first {
        Ok(bytes) => Ok(bytes.len()),
        Err(error) => match error.errno {
            Some(Errno::AGAIN) | None => return Err(error.into()),
            Some(errno) => Err(errno),
        },
    };
    let second = server.recv(&accepted, 1024)?.len();
    Ok(Unread { bytes: row.receive_queue, first, second })
}

/// The server waits in `recv` while a client is killed: whether it slept, and what it got.
fn killed(
    scene: &Scene,
    number: u16,
    accepted: &Socket,
    mut client: Program,
) -> Result<(bool, Result<Vec<u8>, CallError>), Obstacle> {
    let server = scene.server(number);
    std::thread::scope(|threads| {
        let caller = scene.begin(threads, server.lane, || server.recv(accepted, 1024))?;
        let slept = scene.sleeps(&caller, "recv(1024)", accepted);
        let killed = scene.client(number).call("SIGKILL", super::actor::ok, || client.0.kill());
        // Its end is waited for here, so that the thread does not wait for it in vain.
        drop(client);
        killed?;
        Ok((slept?, caller.join()?))
    })
}

/// A program that has a socket as its standard input, and nobody else has it. It is killed when this is
/// dropped.
struct Program(Child);

impl Program {
    fn start(name: &str, arguments: &[&str], socket: Socket) -> Result<Program, Obstacle> {
        let spawned = Command::new(name)
            .args(arguments)
            .stdin(Stdio::from(socket.into_fd()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let failed = |error| CallError::new(format!("{name} as the client"), error).into();
        spawned.map(Program).map_err(failed)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It fails where it has ended already; waiting for a killed one takes no time.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn spins(socket: &Socket) -> Result<u32, CallError> {
    let mut room = [0; 1024];
    let mut empty = 0;
    for _ in 0..SPINS {
        match retry_on_intr(|| recv(socket, &mut room[..], RecvFlags::DONTWAIT)) {
            Ok((0, _)) => empty += 1,
            Ok(_) => {}
            Err(errno) => return Err(CallError::new("recv(1024)".into(), errno.into())),
        }
    }
    Ok(empty)
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let empty = self.first == 0 && self.empty == SPINS;
        let unread = self.unread.first == Ok(0);
        match (self.slept && empty, unread) {
            (true, true) => Verdict::Holds,
            (true, false) => Verdict::HoldsBut,
            (false, _) => Verdict::DoesNotHold,
        }
    }

    fn measured(&self) -> Vec<Measured> {
        let reset = match self.unread.first {
            Ok(len) => Value::from(len),
            Err(errno) => Value::from(error_name(&errno.into())),
        };
        vec![
            Measured::new("slept", self.slept),
            Measured::new("first", self.first),
            Measured::new("state", self.state.to_string()),
            Measured::new("calls", SPINS),
            Measured::new("empty", self.empty),
            Measured::new("took", self.took),
            Measured::new("unread", Value::bytes(self.unread.bytes)),
            Measured::new("reset", reset),
            Measured::new("after_reset", self.unread.second),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let found = |first, empty, unread| Found {
            slept: true,
            first,
            empty,
            took: Duration::ZERO,
            state: State::CloseWait,
            unread: Unread { bytes: 4, first: unread, second: 0 },
        };
        let reset = Err(Errno::CONNRESET);
        assert_eq!(found(0, SPINS, reset).verdict(), Verdict::HoldsBut);
        assert_eq!(found(0, SPINS, Ok(0)).verdict(), Verdict::Holds);
        assert_eq!(found(5, SPINS, reset).verdict(), Verdict::DoesNotHold);
        assert_eq!(found(0, SPINS - 1, Ok(0)).verdict(), Verdict::DoesNotHold);
    }
}
