//! An empty datagram arrives as an empty message, so `recvfrom` does not block when empty.
//!
//! Two things are called empty here: a datagram without data, which is a message as any other, and a
//! queue without datagrams (net/ipv4/udp.c, `udp_recvmsg`, waits in `__skb_recv_udp`).

use framecat_core::lab::{Lane, Measured, Value, Verdict};

use super::Findings;
use super::datagram::Datagram;
use super::obstacle::Obstacle;
use super::scene::Scene;
use super::sight::local;

struct Found {
    /// What `sendto` of nothing returned.
    sent: usize,
    /// The memory that the empty datagram took in the receiver's queue.
    memory: u32,
    /// How many bytes the read returned that found it.
    read: usize,
    /// The read told who sent it.
    from_sender: bool,
    /// The read after it, with nothing queued, slept.
    slept: bool,
    /// The memory in the queue while it slept.
    memory_asleep: u32,
    /// How many bytes that read returned, once there was a second empty datagram.
    woken_by: usize,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let (client, server) = (scene.client(0), scene.server(0));
    let receiver = server.bind_udp()?;
    let sender = client.bind_udp()?;
    let (to, from) = (local(&receiver)?, local(&sender)?);
    let sent = client.send_to(&sender, b"", to)?;
    let queued =
        scene.until_inbox(server.lane, &receiver, "the datagram", |inbox| inbox.memory > 0)?;
    let first = server.recv_from(&receiver, 1024)?;

    std::thread::scope(|threads| {
        let caller = scene.begin(threads, server.lane, || server.recv_from(&receiver, 1024))?;
        let slept = scene.sleeps(&caller, "recvfrom(1024)", &receiver)?;
        let memory_asleep = scene.see_inbox(Lane::Server(0), &receiver)?.memory;
        client.send_to(&sender, b"", to)?;
        let Datagram { bytes, .. } = caller.join()??;
        Ok(Found {
            sent,
            memory: queued.memory,
            read: first.bytes.len(),
            from_sender: first.from == Some(from),
            slept,
            memory_asleep,
            woken_by: bytes.len(),
        })
    })
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let a_message = self.memory > 0 && self.read == 0 && self.from_sender;
        let waits = self.slept && self.memory_asleep == 0;
        match (a_message, waits) {
            (true, true) => Verdict::HoldsBut,
            (true, false) => Verdict::Holds,
            (false, _) => Verdict::DoesNotHold,
        }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("sent", Value::bytes(self.sent)),
            Measured::new("memory", Value::bytes(self.memory)),
            Measured::new("read", Value::bytes(self.read)),
            Measured::new("from_sender", self.from_sender),
            Measured::new("slept", self.slept),
            Measured::new("memory_asleep", Value::bytes(self.memory_asleep)),
            Measured::new("woken_by", Value::bytes(self.woken_by)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let so = Found {
            sent: 0,
            memory: 768,
            read: 0,
            from_sender: true,
            slept: true,
            memory_asleep: 0,
            woken_by: 0,
        };
        assert_eq!(so.verdict(), Verdict::HoldsBut);
        assert_eq!(Found { slept: false, ..so }.verdict(), Verdict::Holds);
        assert_eq!(Found { memory_asleep: 768, ..so }.verdict(), Verdict::Holds, "not empty");
        assert_eq!(Found { memory: 0, ..so }.verdict(), Verdict::DoesNotHold);
        assert_eq!(Found { from_sender: false, ..so }.verdict(), Verdict::DoesNotHold);
    }
}
