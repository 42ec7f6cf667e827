//! A UDP send to nobody succeeds and is lost.
//!
//! The kernel of the receiving host answers with ICMP "port unreachable" (net/ipv4/udp.c,
//! `__udp4_lib_rcv`). A socket is told of it if it is connected (`__udp4_lib_err`; ip(7), udp(7)); loopback
//! is exempt from the limits on the rate of ICMP (net/ipv4/icmp.c).

use std::net::SocketAddr;

use framecat_core::lab::{Measured, Value, Verdict};
use rustix::net::SocketType;

use super::Findings;
use super::obstacle::{CallError, Obstacle};
use super::scene::Scene;
use super::sight::local;
use super::socket::Socket;
use crate::kernel::counters::CounterSource;

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
    /// What its next `send` returned after the kernel had news for it.
    next_send: Returned,
    /// The same of the `send` behind that: the error is told once.
    third_send: Returned,
    /// The same of a `recv`.
    next_recv: Returned,
    /// Datagrams for which the network namespace has found no socket meanwhile: these, and others.
    no_ports: Option<u64>,
}

/// What a call returned: a length, or an error's name.
type Returned = Result<usize, String>;

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let (plain, connected) = (scene.client(1), scene.client(2));
    // These have their ports before one is looked for where nobody is.
    let plain_socket = plain.bind_udp()?;
    let connected_socket = connected.bind_udp()?;
    let bell = scene.server(0).bind_udp()?;
    let nowhere = deserted(scene)?;
    let mut counters = CounterSource::open();
    let (counted, _) = counters.read();

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
        scene.remark("icmp", Vec::new());
        let next_send = named(connected.send(&connected_socket, SAID));
        let third_send = named(connected.send(&connected_socket, SAID));
        let next_recv = connected.recv(&connected_socket, 64).map(|bytes| bytes.len());
        let next_recv = named(next_recv);

        // What came of the first datagram is older than all that.
        let waits = scene.sleeps(&caller, "recvfrom(64)", &plain_socket)?;
        if waits {
            scene.server(0).send_to(&bell, b"ring", local(&plain_socket)?)?;
        }
        let heard = caller.join()?;
        let silent = waits && heard.is_ok_and(|datagram| datagram.bytes == b"ring");
        let no_ports = counters.read().0.udp_no_ports.zip(counted.udp_no_ports);
        let no_ports = no_ports.map(|(now, then)| now.wrapping_sub(then));
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
fn deserted(scene: &Scene) -> Result<SocketAddr, Obstacle> {
    for _ in 0..TRIES {
        let socket = Socket::bound(SocketType::DGRAM);
        let socket = socket.map_err(|error| CallError::new("bind(127.0.0.1:0)".into(), error))?;
        let at = local(&socket)?;
        drop(socket);
        if scene.udp_rows(at.port())?.is_empty() {
            scene.remark("nobody", vec![Measured::new("port", at.port().to_string())]);
            return Ok(at);
        }
    }
    Err(Obstacle::new(format!("{TRIES} ports were taken as soon as they were free")))
}

fn named(outcome: Result<usize, CallError>) -> Returned {
    outcome.map_err(|error| error.name())
}

/// That a call failed because nobody is there.
fn refused(returned: &Returned) -> bool {
    returned.as_ref().is_err_and(|name| name == "ECONNREFUSED")
}

fn value(returned: &Returned) -> Value {
    match returned {
        Ok(len) => Value::bytes(*len),
        Err(name) => name.clone().into(),
    }
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let succeeds = self.sent == SAID.len() && self.connected_sent == SAID.len();
        let told = refused(&self.next_send) || refused(&self.next_recv);
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
            Measured::new("next_send", value(&self.next_send)),
            Measured::new("third_send", value(&self.third_send)),
            Measured::new("next_recv", value(&self.next_recv)),
            Measured::new("no_ports", self.no_ports),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let refused = || Err("ECONNREFUSED".to_owned());
        let found = |sent, silent, next: Returned| Found {
            sent,
            silent,
            connected_sent: 5,
            next_send: next.clone(),
            third_send: Ok(5),
            next_recv: next,
            no_ports: Some(3),
        };
        assert_eq!(found(5, true, refused()).verdict(), Verdict::HoldsBut);
        assert_eq!(found(5, true, Ok(5)).verdict(), Verdict::Holds);
        assert_eq!(found(5, true, Err("EAGAIN".into())).verdict(), Verdict::Holds);
        assert_eq!(found(5, false, refused()).verdict(), Verdict::DoesNotHold, "it is told");
        assert_eq!(found(0, true, Ok(5)).verdict(), Verdict::DoesNotHold);
    }
}
