//! A UDP send to nobody succeeds and is lost.
//!
//! The kernel of the receiving host answers with ICMP "port unreachable" (net/ipv4/udp.c,
//! `__udp4_lib_rcv`). A socket is told of it if it is connected (`__udp4_lib_err`; ip(7), udp(7)); loopback
//! is exempt from the limits on the rate of ICMP (net/ipv4/icmp.c).

use std::net::SocketAddr;

use framecat_core::lab::{Measured, Value, Verdict};

use super::Findings;
use super::actor::Actor;
use super::datagram::udp_counter;
use super::obstacle::{CallError, Obstacle};
use super::scene::Scene;
use super::sight::local;

const SAID: &[u8] = b"hello";

/// So many ports are tried for one where nobody is.
const TRIES: usize = 16;

struct Found {
    /// What `sendto` returned.
    sent: usize,
    /// The first that the sender heard, which waited in `recvfrom` all the time, was what somebody else
    /// sent it when all was over.
    silent: bool,
    /// What the first `send` of a connected socket returned.
    connected_sent: usize,
    /// What its next `send` returned after the kernel had news for it: an error's name, or a length.
    next_send: String,
    /// The same of the `send` behind that: the error is told once.
    third_send: String,
    /// The same of a `recv`.
    next_recv: String,
    /// Datagrams for which the network namespace has found no socket meanwhile: these, and others.
    no_ports: Option<u64>,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let (plain, connected) = (scene.client(1), scene.client(2));
    // These have their ports before one is looked for where nobody is.
    let plain_socket = plain.bind_udp()?;
    let connected_socket = connected.bind_udp()?;
    let bell = scene.server(0).bind_udp()?;
    let nowhere = deserted(scene, scene.server(0))?;
    let counted = udp_counter("NoPorts");

    let found = std::thread::scope(|threads| {
        let caller = scene.begin(threads, plain.lane, || plain.recv_from(&plain_socket, 64))?;
        scene.sleeps(&caller, "recvfrom(64)", &plain_socket)?;
        let sent = plain.send_to(&plain_socket, SAID, nowhere)?;

        connected.connect_udp(&connected_socket, nowhere)?;
        let connected_sent = connected.send(&connected_socket, SAID)?;
        if !connected.wait_for_error(&connected_socket)? {
            // Too late, or kept away by a packet filter: that cannot be told apart.
            return Err(Obstacle::new("no ICMP came back for a datagram to nobody"));
        }
        let next_send = told(connected.send(&connected_socket, SAID));
        let third_send = told(connected.send(&connected_socket, SAID));
        let next_recv = connected.recv(&connected_socket, 64).map(|bytes| bytes.len());
        let next_recv = told(next_recv);

        // What came of the first datagram is older than all that.
        let waits = scene.sleeps(&caller, "recvfrom(64)", &plain_socket)?;
        if waits {
            scene.server(0).send_to(&bell, b"ring", local(&plain_socket)?)?;
        }
        let heard = caller.join()?;
        let silent = waits && heard.is_ok_and(|datagram| datagram.bytes == b"ring");
        let no_ports = udp_counter("NoPorts").zip(counted).map(|(now, then)| now - then.min(now));
        Ok::<_, Obstacle>(Found {
            sent,
            silent,
            connected_sent,
            next_send,
            third_send,
            next_recv,
            no_ports,
        })
    })?;
    if !scene.udp_rows(nowhere.port())?.is_empty() {
        return Err(Obstacle::new("another program took the port where nobody should be"));
    }
    Ok(found)
}

/// A port of which the kernel's table says that no socket has it.
fn deserted(scene: &Scene, finder: Actor<'_>) -> Result<SocketAddr, Obstacle> {
    for _ in 0..TRIES {
        let socket = finder.bind_udp()?;
        let at = local(&socket)?;
        finder.close(socket);
        if scene.udp_rows(at.port())?.is_empty() {
            scene.remark("nobody", vec![Measured::new("port", at.port().to_string())]);
            return Ok(at);
        }
    }
    Err(Obstacle::new(format!("{TRIES} ports were taken as soon as they were free")))
}

/// What a call returned: a length, or an error's name.
fn told(outcome: Result<usize, CallError>) -> String {
    outcome.map_or_else(|error| error.name(), |len| len.to_string())
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let succeeds = self.sent == SAID.len() && self.connected_sent == SAID.len();
        let told = self.next_send == "ECONNREFUSED" || self.next_recv == "ECONNREFUSED";
        match (succeeds && self.silent, told) {
            (true, true) => Verdict::HoldsBut,
            (true, false) => Verdict::Holds,
            (false, _) => Verdict::DoesNotHold,
        }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("sent", Value::bytes(self.sent)),
            Measured::new("silent", self.silent),
            Measured::new("connected_sent", Value::bytes(self.connected_sent)),
            Measured::new("next_send", self.next_send.clone()),
            Measured::new("third_send", self.third_send.clone()),
            Measured::new("next_recv", self.next_recv.clone()),
            Measured::new("no_ports", self.no_ports),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let found = |sent, silent, next: &str| Found {
            sent,
            silent,
            connected_sent: 5,
            next_send: next.into(),
            third_send: "5".into(),
            next_recv: next.into(),
            no_ports: Some(3),
        };
        assert_eq!(found(5, true, "ECONNREFUSED").verdict(), Verdict::HoldsBut);
        assert_eq!(found(5, true, "5").verdict(), Verdict::Holds);
        assert_eq!(found(5, false, "ECONNREFUSED").verdict(), Verdict::DoesNotHold, "it is told");
        assert_eq!(found(0, true, "5").verdict(), Verdict::DoesNotHold);
    }
}
