//! Killing the client makes the server's `recv` return empty, for ever.
//!
//! The client is a program of its own, `cat`, which has the client's end of the connection as its
//! standard input: what the kernel does with the sockets of a killed program is the subject.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use framecat_core::lab::{Measured, Verdict};
use framecat_core::sock_diag::State;
use rustix::net::{RecvFlags, recv};

use super::Findings;
use super::actor::retry;
use super::obstacle::{CallError, Obstacle};
use super::scene::Scene;
use super::sight::ends;
use super::socket::Socket;

/// So often a server that ignores the end of the stream asks again, here.
const SPINS: u32 = 10_000;

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
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let server = scene.server(0);
    let listener = server.listen(5)?;
    let socket = scene.client(0).connect(&listener)?;
    let accepted = server.accept(&listener)?;
    let end = ends(&accepted)?;
    let mut client = program(socket)?;

    let (slept, first) = std::thread::scope(|threads| {
        let caller = scene.begin(threads, server.lane, || server.recv(&accepted, 1024))?;
        let slept = scene.sleeps(&caller, "recv(1024)", &accepted);
        let killed = scene.client(0).call("SIGKILL", super::actor::ok, || client.kill());
        // It was killed by us, so waiting for it takes no time.
        let _ = client.wait();
        killed?;
        Ok::<_, Obstacle>((slept?, caller.join()??.len()))
    })?;
    let row = scene.see(server.lane, end)?;
    let state = row.map_or(State::Close, |row| row.state);

    for _ in 0..2 {
        server.recv(&accepted, 1024)?;
    }
    let began = Instant::now();
    let empty = spins(&accepted)?;
    let took = began.elapsed();
    scene.remark("spins", vec![Measured::new("empty", empty), Measured::new("took", took)]);
    Ok(Found { slept, first, empty, took, state })
}

/// A program that has the socket, and nobody else.
fn program(socket: Socket) -> Result<Child, Obstacle> {
    let spawned = Command::new("cat")
        .stdin(Stdio::from(socket.into_fd()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    spawned.map_err(|error| CallError::new("cat as the client".into(), error).into())
}

fn spins(socket: &Socket) -> Result<u32, CallError> {
    let mut room = [0; 1024];
    let mut empty = 0;
    for _ in 0..SPINS {
        match retry(|| recv(socket, &mut room[..], RecvFlags::DONTWAIT)) {
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
        if self.slept && empty { Verdict::Holds } else { Verdict::DoesNotHold }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("slept", self.slept),
            Measured::new("first", self.first),
            Measured::new("state", self.state.to_string()),
            Measured::new("calls", SPINS),
            Measured::new("empty", self.empty),
            Measured::new("took", self.took),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let found = |first, empty| Found {
            slept: true,
            first,
            empty,
            took: Duration::ZERO,
            state: State::CloseWait,
        };
        assert_eq!(found(0, SPINS).verdict(), Verdict::Holds);
        assert_eq!(found(5, SPINS).verdict(), Verdict::DoesNotHold);
        assert_eq!(found(0, SPINS - 1).verdict(), Verdict::DoesNotHold);
    }
}
