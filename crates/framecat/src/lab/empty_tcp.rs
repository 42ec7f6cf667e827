//! An empty TCP send is invisible to the peer.
//!
//! `send` of 0 bytes adds nothing to the stream and makes no segment (net/ipv4/tcp.c,
//! `tcp_sendmsg_locked`).

use framecat_core::lab::{Measured, Value, Verdict};
use framecat_core::sock_diag::Connection;

use super::Findings;
use super::obstacle::Obstacle;
use super::scene::Scene;
use super::sight::{ends, open};

/// What is sent behind the empty one.
const NEXT: &[u8] = b"next";

struct Found {
    /// What `send` of nothing returned.
    sent: usize,
    /// What TCP had counted before it.
    before: Counts,
    /// After it.
    after: Counts,
    /// After the next one.
    later: Counts,
    /// Both sides slept in `recv` after it: the one that sent it waited for an answer, the other for
    /// anything.
    both_slept: bool,
    /// What the read returned that had slept meanwhile.
    read: Vec<u8>,
}

/// What TCP has counted of the stream from the client to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counts {
    /// Segments with data that the client has sent, where the kernel tells.
    segments: Option<u32>,
    /// Bytes that have come to the server.
    received: u64,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let (client, server) = (scene.client(0), scene.server(0));
    let listener = server.listen(5)?;
    let socket = client.connect(&listener)?;
    let accepted = server.accept(&listener)?;
    let end = ends(&socket)?;
    client.send(&socket, b"hello")?;
    server.recv(&accepted, 1024)?;
    let before = counts(scene, end)?;

    std::thread::scope(|threads| {
        let reader = scene.begin(threads, server.lane, || server.recv(&accepted, 1024))?;
        scene.sleeps(&reader, "recv(1024)", &accepted)?;
        let sent = client.send(&socket, b"")?;
        let answer = scene.begin(threads, client.lane, || client.recv(&socket, 1024))?;
        let client_slept = scene.sleeps(&answer, "recv(1024)", &socket)?;
        let both_slept = scene.sleeps(&reader, "recv(1024)", &accepted)? && client_slept;
        let after = counts(scene, end)?;
        let values = vec![
            Measured::new("nothing_sent", after == before),
            Measured::new("both_slept", both_slept),
            Measured::new("segments", after.segments),
            Measured::new("bytes", Value::bytes(after.received)),
        ];
        scene.remark("stuck", values);

        client.send(&socket, NEXT)?;
        let read = reader.join()??;
        let later = counts(scene, end)?;
        server.send(&accepted, b"NEXT")?;
        answer.join()??;
        Ok(Found { sent, before, after, later, both_slept, read })
    })
}

fn counts(scene: &Scene, client: Connection) -> Result<Counts, Obstacle> {
    let (_, ours) = open(scene.connection(client)?)?;
    let (_, theirs) = open(scene.connection(client.turned())?)?;
    let segments = ours.data_segments.map(|segments| segments.sent);
    Ok(Counts { segments, received: theirs.received })
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let nothing_sent = self.sent == 0 && self.before == self.after;
        let unseen = self.both_slept && self.read == NEXT;
        if nothing_sent && unseen { Verdict::Holds } else { Verdict::DoesNotHold }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("sent", Value::bytes(self.sent)),
            Measured::new("segments_before", self.before.segments),
            Measured::new("segments_after", self.after.segments),
            Measured::new("segments_later", self.later.segments),
            Measured::new("received_before", Value::bytes(self.before.received)),
            Measured::new("received_after", Value::bytes(self.after.received)),
            Measured::new("received_later", Value::bytes(self.later.received)),
            Measured::new("both_slept", self.both_slept),
            Measured::new("read", self.read.clone()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let counts = |segments, received| Counts { segments: Some(segments), received };
        let found = |after, both_slept, read: &[u8]| Found {
            sent: 0,
            before: counts(1, 5),
            after,
            later: counts(2, 9),
            both_slept,
            read: read.to_vec(),
        };
        assert_eq!(found(counts(1, 5), true, NEXT).verdict(), Verdict::Holds);
        let woken = found(counts(1, 5), false, b"");
        assert_eq!(woken.verdict(), Verdict::DoesNotHold, "the read returned nothing");
        assert_eq!(found(counts(2, 5), true, NEXT).verdict(), Verdict::DoesNotHold, "a segment");
        assert_eq!(found(counts(1, 5), true, b"").verdict(), Verdict::DoesNotHold);
    }
}
