//! `accept` returns a new socket: 3 clients make 4 sockets; closing the listener leaves the 3 working.

use std::collections::BTreeSet;
use std::os::fd::AsFd;

use framecat_core::lab::{Measured, Verdict};
use rustix::fs::fstat;
use rustix::io::Errno;

use super::Findings;
use super::obstacle::{CallError, Obstacle};
use super::scene::Scene;
use super::sight::local;
use super::socket::Socket;

const CLIENTS: u16 = 3;

struct Found {
    /// How many sockets the server has, by their inodes.
    sockets: usize,
    /// How many ports those have.
    ports: usize,
    /// How many clients were answered once the listener was closed.
    working: u16,
    /// What a client got that came then.
    newcomer: Option<String>,
    /// It was ECONNREFUSED.
    refused: bool,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let listener = scene.server(0).listen(5)?;
    let mut inodes = BTreeSet::from([inode(&listener)?]);
    let mut ports = BTreeSet::from([local(&listener)?.port()]);
    let mut pairs = Vec::new();
    for number in 1..=CLIENTS {
        let client = scene.client(number).connect(&listener)?;
        let accepted = scene.server(0).accept(&listener)?;
        inodes.insert(inode(&accepted)?);
        ports.insert(local(&accepted)?.port());
        pairs.push((number, client, accepted));
    }
    scene.see_listening(&listener)?;

    // It is made before, so that it asks at once: another program may get the port.
    let newcomer = Newcomer::prepare(&listener)?;
    scene.server(0).close(listener);
    let refusal = newcomer.connect(scene);
    if refusal.is_ok() {
        return Err(Obstacle::new("another program listens at the port now"));
    }
    let mut working = 0;
    for (number, client, accepted) in &pairs {
        scene.client(*number).send(client, b"ping")?;
        scene.server(*number).recv(accepted, 64)?;
        scene.server(*number).send(accepted, b"pong")?;
        working += u16::from(scene.client(*number).recv(client, 64)? == b"pong");
    }
    Ok(Found {
        sockets: inodes.len(),
        ports: ports.len(),
        working,
        newcomer: refusal.as_ref().err().map(CallError::name),
        refused: refusal.is_err_and(|error| error.is(Errno::CONNREFUSED)),
    })
}

/// A client that comes when the listener is closed.
struct Newcomer {
    socket: Socket,
    at: std::net::SocketAddr,
}

impl Newcomer {
    fn prepare(listener: &Socket) -> Result<Newcomer, Obstacle> {
        let socket = Socket::new(rustix::net::SocketType::STREAM);
        let socket = socket.map_err(|error| CallError::new("socket()".into(), error))?;
        Ok(Newcomer { socket, at: local(listener)? })
    }

    fn connect(&self, scene: &Scene) -> Result<(), CallError> {
        let client = scene.client(CLIENTS + 1);
        client.call("connect()", super::actor::ok, || {
            Ok(rustix::net::connect(&self.socket, &self.at)?)
        })
    }
}

fn inode(socket: &impl AsFd) -> Result<u64, CallError> {
    let stat = fstat(socket).map_err(|errno| CallError::new("fstat()".into(), errno.into()))?;
    Ok(stat.st_ino)
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let all = self.sockets == usize::from(CLIENTS) + 1 && self.working == CLIENTS;
        if all && self.refused { Verdict::Holds } else { Verdict::DoesNotHold }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("clients", CLIENTS),
            Measured::new("sockets", self.sockets),
            Measured::new("ports", self.ports),
            Measured::new("working", self.working),
            Measured::new("newcomer", self.newcomer.clone()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let found = |sockets, working, refused| Found {
            sockets,
            ports: 1,
            working,
            newcomer: None,
            refused,
        };
        assert_eq!(found(4, 3, true).verdict(), Verdict::Holds);
        assert_eq!(found(1, 3, true).verdict(), Verdict::DoesNotHold);
        assert_eq!(found(4, 0, true).verdict(), Verdict::DoesNotHold);
        assert_eq!(found(4, 3, false).verdict(), Verdict::DoesNotHold);
    }
}
