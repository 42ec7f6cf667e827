//! `accept` returns a new socket: 3 clients make 4 sockets; closing the listener leaves the 3 working.

use std::collections::BTreeSet;

use framecat_core::lab::{Measured, Verdict};
use rustix::net::SocketFlags;

use super::Findings;
use super::obstacle::Obstacle;
use super::scene::Scene;
use super::sight::{inode, local};

const CLIENTS: u16 = 3;

struct Found {
    /// How many sockets the server has, by their inodes.
    sockets: usize,
    /// How many ports those have.
    ports: usize,
    /// How many clients were answered once the listener was closed.
    working: u16,
    /// What a client got that came then: an error, or 0 if another program has the port already. It is
    /// told, and decides nothing.
    newcomer: String,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let listener = scene.server(0).listen(5)?;
    let mut inodes = BTreeSet::from([inode(&listener)?]);
    let mut ports = BTreeSet::from([local(&listener)?.port()]);
    let mut pairs = Vec::new();
    for number in 1..=CLIENTS {
        let client = scene.client(number).connect(&listener)?;
        let accepted = scene.server(0).accept_as(&listener, number)?;
        inodes.insert(inode(&accepted)?);
        ports.insert(local(&accepted)?.port());
        pairs.push((number, client, accepted));
    }
    scene.see_listening(&listener)?;
    let counted = vec![Measured::new("sockets", inodes.len()), Measured::new("ports", ports.len())];
    scene.remark("sockets", counted);

    // It is made before, so that it asks at once: another program may get the port.
    let client = scene.client(CLIENTS + 1);
    let (socket, at) = client.dial(&listener, SocketFlags::empty())?;
    scene.server(0).close(listener);
    let newcomer = match client.connect_to(&socket, at) {
        Ok(()) => "0".to_owned(),
        Err(error) => error.name(),
    };
    let mut working = 0;
    for (number, client, accepted) in &pairs {
        scene.client(*number).send(client, b"ping")?;
        scene.server(*number).recv(accepted, 64)?;
        scene.server(*number).send(accepted, b"pong")?;
        working += u16::from(scene.client(*number).recv(client, 64)? == b"pong");
    }
    Ok(Found { sockets: inodes.len(), ports: ports.len(), working, newcomer })
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let all = self.sockets == usize::from(CLIENTS) + 1 && self.working == CLIENTS;
        if all { Verdict::Holds } else { Verdict::DoesNotHold }
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
        let found = |sockets, working, newcomer: &str| Found {
            sockets,
            ports: 1,
            working,
            newcomer: newcomer.to_owned(),
        };
        assert_eq!(found(4, 3, "ECONNREFUSED").verdict(), Verdict::Holds);
        assert_eq!(found(1, 3, "ECONNREFUSED").verdict(), Verdict::DoesNotHold);
        assert_eq!(found(4, 0, "ECONNREFUSED").verdict(), Verdict::DoesNotHold);
        assert_eq!(found(4, 3, "0").verdict(), Verdict::Holds, "the claim says nothing of it");
    }
}
