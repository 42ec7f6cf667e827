//! Every `sendto` needs its `recvfrom`.
//!
//! Datagrams queue at the receiver until their memory exceeds SO_RCVBUF; then each that comes is dropped
//! and counted (net/ipv4/udp.c, `__udp_enqueue_schedule_skb`), and the sender is not told.

use framecat_core::lab::{Lane, Measured, Value, Verdict};
use rustix::io::Errno;
use rustix::net::RecvFlags;

use super::Findings;
use super::obstacle::Obstacle;
use super::scene::Scene;
use super::sight::local;
use super::socket::Socket;

/// Sent in a row while nobody reads.
const PAIRS: u64 = 5;

/// A receive buffer that few datagrams fill: the kernel doubles the number.
const SMALL: usize = 2048;

/// More than fit: even the smallest datagram occupies some 700 bytes (`SKB_TRUESIZE`).
const MANY: u64 = 12;

struct Found {
    /// Sends that returned while nobody had read anything.
    sent: u64,
    /// The memory that those datagrams took then.
    memory: u32,
    /// The numbers in the datagrams that were read then, in the order of the reads.
    read: Vec<u64>,
    /// What became of more than fit.
    overflow: Overflow,
}

/// What becomes of more datagrams than fit.
struct Overflow {
    /// SO_RCVBUF, as the kernel has it.
    limit: Option<u32>,
    /// Sends that returned.
    sent: u64,
    /// The numbers in the datagrams that were read.
    read: Vec<u64>,
    /// Datagrams that the kernel says it dropped at this socket.
    drops: u64,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let (client, server) = (scene.client(0), scene.server(0));
    let receiver = server.bind_udp()?;
    let sender = client.bind_udp()?;
    let one = send(scene, &sender, &receiver, 1..=1)?;
    // Datagrams of one length take the same memory.
    let unit = scene.wait("a datagram", || {
        Ok(Some(scene.inbox(&receiver)?.memory).filter(|memory| *memory > 0))
    })?;
    let sent = one + send(scene, &sender, &receiver, 2..=PAIRS)?;
    let all = unit.saturating_mul(u32::try_from(sent).unwrap_or(u32::MAX));
    let queued = |inbox: &super::datagram::Inbox| inbox.memory >= all;
    let memory = scene.until_inbox(server.lane, &receiver, "the datagrams", queued)?.memory;
    let mut read = Vec::new();
    for _ in 0..sent {
        read.push(number(&server.recv_from(&receiver, 64)?.bytes));
    }
    scene.see_inbox(Lane::Server(0), &receiver)?;
    Ok(Found { sent, memory, read, overflow: overflow(scene, &sender)? })
}

/// Sends more than fits a receiver that does not read, and then reads all that is there.
fn overflow(scene: &Scene, sender: &Socket) -> Result<Overflow, Obstacle> {
    let server = scene.server(0);
    let receiver = server.bind_udp()?;
    server.receive_buffer(&receiver, SMALL)?;
    let limit = scene.inbox(&receiver)?.limit;
    scene.remark("small", vec![Measured::new("limit", limit.map(Value::bytes))]);
    let sent = send(scene, sender, &receiver, 1..=MANY)?;
    let dropped = |inbox: &super::datagram::Inbox| inbox.drops != Some(0);
    scene.until_inbox(server.lane, &receiver, "a dropped datagram", dropped)?;

    let mut read = Vec::new();
    let drops = scene.wait("each datagram read or counted as dropped", || {
        take_all(scene, &receiver, &mut read)?;
        let drops = scene.inbox(&receiver)?.drops;
        let drops = drops.ok_or_else(|| Obstacle::new("this kernel does not tell of drops"))?;
        let accounted = read.len() as u64 + u64::from(drops);
        Ok((accounted == sent).then_some(drops.into()))
    })?;
    scene.see_inbox(Lane::Server(0), &receiver)?;
    Ok(Overflow { limit, sent, read, drops })
}

/// Sends a datagram a number: how many the kernel took.
fn send(
    scene: &Scene,
    sender: &Socket,
    receiver: &Socket,
    numbers: impl Iterator<Item = u64>,
) -> Result<u64, Obstacle> {
    let to = local(receiver)?;
    let mut sent = 0;
    for number in numbers {
        match scene.client(0).send_to(sender, format!("{number:02}").as_bytes(), to) {
            Ok(_) => sent += 1,
            // It waited for a reader until its time was up (SO_SNDTIMEO), or there was no room.
            Err(error) if error.is(Errno::AGAIN) || error.is(Errno::NOBUFS) => return Ok(sent),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(sent)
}

fn take_all(scene: &Scene, receiver: &Socket, read: &mut Vec<u64>) -> Result<(), Obstacle> {
    loop {
        match scene.server(0).recv_with(receiver, 64, RecvFlags::DONTWAIT) {
            Ok(bytes) => read.push(number(&bytes)),
            Err(error) if error.is(Errno::AGAIN) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// 0 if it is none that was sent.
fn number(bytes: &[u8]) -> u64 {
    std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let queued = self.sent == PAIRS && self.read.iter().copied().eq(1..=PAIRS);
        if queued { Verdict::DoesNotHold } else { Verdict::Holds }
    }

    fn measured(&self) -> Vec<Measured> {
        let Overflow { limit, sent, read, drops } = &self.overflow;
        vec![
            Measured::new("sent", self.sent),
            Measured::new("memory", Value::bytes(self.memory)),
            Measured::new("read", self.read.clone()),
            Measured::new("limit", limit.map(Value::bytes)),
            Measured::new("many_sent", *sent),
            Measured::new("many_read", read.len()),
            Measured::new("many_dropped", *drops),
            Measured::new("survivors", read.clone()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let found = |sent, read: &[u64]| Found {
            sent,
            memory: 3840,
            read: read.to_vec(),
            overflow: Overflow { limit: Some(4096), sent: 12, read: vec![1, 2], drops: 10 },
        };
        assert_eq!(found(5, &[1, 2, 3, 4, 5]).verdict(), Verdict::DoesNotHold);
        assert_eq!(found(1, &[1]).verdict(), Verdict::Holds, "the second send had to wait");
        assert_eq!(found(5, &[1, 5]).verdict(), Verdict::Holds, "only the latest is kept");
        assert_eq!(found(5, &[12, 3, 4, 5]).verdict(), Verdict::Holds, "they were joined");
    }
}
