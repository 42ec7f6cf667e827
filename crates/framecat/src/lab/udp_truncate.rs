//! A UDP read shorter than the datagram loses the rest.
//!
//! One read takes one datagram off the queue, whatever the buffer takes of it (net/ipv4/udp.c,
//! `udp_recvmsg`; recv(2) and udp(7) on MSG_TRUNC).

use framecat_core::lab::{Lane, Measured, Value, Verdict};

use super::Findings;
use super::obstacle::Obstacle;
use super::scene::Scene;
use super::sight::local;

/// Longer than the buffer.
const LONG: &[u8] = b"Hello World!";

/// What comes behind it.
const NEXT: &[u8] = b"next";

/// The buffer that is too small.
const SMALL: usize = 5;

struct Found {
    /// What the small read returned.
    first: Vec<u8>,
    /// What the read after it returned.
    second: Vec<u8>,
    /// The memory that was left in the queue then.
    memory: u32,
    /// `recvmsg` returned MSG_TRUNC with the cut datagram.
    flag: bool,
    /// The same with one that fits.
    flag_whole: bool,
    /// What `recv` with the flag MSG_TRUNC returned for a buffer that was too small.
    real: usize,
    /// What it returned with MSG_PEEK beside.
    peeked: usize,
    /// What a read with room for that returned then.
    whole: Vec<u8>,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let (client, server) = (scene.client(0), scene.server(0));
    let receiver = server.bind_udp()?;
    let sender = client.bind_udp()?;
    let to = local(&receiver)?;

    // The rest would have to stand before the next one.
    client.send_to(&sender, LONG, to)?;
    client.send_to(&sender, NEXT, to)?;
    let first = server.recv_from(&receiver, SMALL)?.bytes;
    let second = server.recv_from(&receiver, 64)?.bytes;
    let memory = scene.see_inbox(Lane::Server(0), &receiver)?.memory;

    scene.remark("told", Vec::new());
    client.send_to(&sender, LONG, to)?;
    let (_, flag) = server.recv_msg(&receiver, SMALL)?;
    client.send_to(&sender, NEXT, to)?;
    let (_, flag_whole) = server.recv_msg(&receiver, SMALL)?;
    client.send_to(&sender, LONG, to)?;
    let real = server.recv_len(&receiver, SMALL, false)?;

    scene.remark("peek", Vec::new());
    client.send_to(&sender, LONG, to)?;
    let peeked = server.recv_len(&receiver, 0, true)?;
    let whole = server.recv_from(&receiver, peeked)?.bytes;
    Ok(Found { first, second, memory, flag, flag_whole, real, peeked, whole })
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let lost = self.first == LONG[..SMALL] && self.second == NEXT;
        if lost { Verdict::Holds } else { Verdict::DoesNotHold }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("sent", LONG.to_vec()),
            Measured::new("first", self.first.clone()),
            Measured::new("second", self.second.clone()),
            Measured::new("memory", Value::bytes(self.memory)),
            Measured::new("flag", self.flag),
            Measured::new("flag_whole", self.flag_whole),
            Measured::new("real", Value::bytes(self.real)),
            Measured::new("peeked", Value::bytes(self.peeked)),
            Measured::new("whole", self.whole.clone()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let found = |first: &[u8], second: &[u8], memory| Found {
            first: first.to_vec(),
            second: second.to_vec(),
            memory,
            flag: true,
            flag_whole: false,
            real: LONG.len(),
            peeked: LONG.len(),
            whole: LONG.to_vec(),
        };
        assert_eq!(found(b"Hello", NEXT, 0).verdict(), Verdict::Holds);
        let rest_comes = found(b"Hello", b" World!", 768);
        assert_eq!(rest_comes.verdict(), Verdict::DoesNotHold);
        assert_eq!(found(b"Hello World!", NEXT, 0).verdict(), Verdict::DoesNotHold, "all of it");
        assert_eq!(found(b"Hello", NEXT, 768).verdict(), Verdict::Holds, "whatever else is queued");
    }
}
