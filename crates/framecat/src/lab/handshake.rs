//! `listen` does not block; the kernel completes the handshake with no `accept`.

use framecat_core::lab::{Lane, Measured, Value, Verdict};
use framecat_core::sock_diag::{SocketRow, State};

use super::Findings;
use super::obstacle::Obstacle;
use super::scene::Scene;
use super::sight::ends;

/// What the client says before anybody has accepted it.
const SAID: &[u8] = b"hello";

struct Found {
    /// The client's end, after `connect`.
    client: State,
    /// The other end, which no program has.
    server: State,
    /// The inode of the other end: 0 while no program has it.
    inode: u32,
    /// Connections in the accept queue.
    waiting: u32,
    /// Bytes that the client sent and the kernel took for a program that has not accepted.
    unread: u32,
    /// What the program read once it accepted.
    read: Vec<u8>,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let (client, server) = (scene.client(0), scene.server(0));
    let listener = server.listen(5)?;
    // No client was begun: that this line is reached says that `listen` did not wait for one.
    scene.see_listening(&listener)?;

    let socket = client.connect(&listener)?;
    let end = ends(&socket)?;
    client.send(&socket, SAID)?;
    let arrived = |row: &SocketRow| row.receive_queue == 5;
    let theirs = scene.until(Lane::Server(0), end.turned(), "the bytes", arrived)?;
    let ours = scene.see(Lane::Client(0), end)?;
    let ours = ours.ok_or_else(|| Obstacle::new("the client's connection is gone"))?;
    let waiting = scene.see_listening(&listener)?.waiting;

    let accepted = server.accept(&listener)?;
    let read = server.recv(&accepted, 64)?;
    scene.see_listening(&listener)?;
    Ok(Found {
        client: ours.state,
        server: theirs.state,
        inode: theirs.inode,
        waiting,
        unread: theirs.receive_queue,
        read,
    })
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let open = |state| state == State::Established;
        let without_accept = self.inode == 0 && self.waiting == 1;
        let done = open(self.client) && open(self.server) && without_accept;
        if done && self.read == SAID { Verdict::Holds } else { Verdict::DoesNotHold }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("client", self.client.to_string()),
            Measured::new("server", self.server.to_string()),
            Measured::new("inode", self.inode),
            Measured::new("waiting", self.waiting),
            Measured::new("unread", Value::bytes(self.unread)),
            Measured::new("read", self.read.clone()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let found = |client, server, inode, waiting| Found {
            client,
            server,
            inode,
            waiting,
            unread: 5,
            read: SAID.to_vec(),
        };
        let open = State::Established;
        assert_eq!(found(open, open, 0, 1).verdict(), Verdict::Holds);
        assert_eq!(found(State::SynSent, open, 0, 1).verdict(), Verdict::DoesNotHold);
        assert_eq!(found(open, State::SynRecv, 0, 0).verdict(), Verdict::DoesNotHold);
        assert_eq!(found(open, open, 4711, 0).verdict(), Verdict::DoesNotHold, "accepted");
    }
}
