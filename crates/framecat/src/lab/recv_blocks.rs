//! `recv` on an empty TCP buffer blocks; after the peer closes it returns empty at once.
//!
//! The end of the stream stays where it is and every read meets it; a reset is an error that is told
//! once, behind what had come before it (net/ipv4/tcp.c, `tcp_recvmsg_locked`; net/ipv4/tcp_input.c,
//! `tcp_reset`).

use framecat_core::lab::{Lane, Measured, Value, Verdict};
use framecat_core::sock_diag::{SocketRow, State};
use rustix::io::Errno;

use super::Findings;
use super::obstacle::{CallError, Obstacle};
use super::scene::Scene;
use super::sight::ends;
use super::socket::Socket;

/// What wakes the reader.
const SAID: &[u8] = b"hello";

/// What is sent right before the end.
const LAST: &[u8] = b"last words";

/// So often the end is read.
const AGAIN: usize = 3;

struct Found {
    open: Open,
    closed: Closed,
    /// What a `recv` returned that slept when the reset came.
    reset: Read,
    /// The next one.
    after_reset: Read,
    /// Bytes that were queued when the reset came.
    queued: u32,
    /// What three reads returned after it.
    queued_reads: Vec<Read>,
}

/// While the connection is open.
struct Open {
    /// The thread slept in `recv`.
    slept: bool,
    /// Bytes in the queue then.
    unread: u32,
    /// What it returned once there was something.
    read: Vec<u8>,
}

/// After the peer has closed.
struct Closed {
    /// The first read: what was sent before the end.
    read: Vec<u8>,
    /// How many bytes the next reads returned, up to one that waited for what never comes.
    ends: Vec<u64>,
    /// There was such a one.
    waited: bool,
}

/// What a read returned: bytes, or that there was a reset.
type Read = Result<Vec<u8>, Reset>;

/// `recv` returned ECONNRESET.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reset;

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    let listener = scene.server(0).listen(5)?;
    let (client, accepted) = connected(scene, &listener, 1)?;
    let open = open(scene, &client, &accepted)?;
    let closed = closed(scene, client, &accepted)?;

    scene.remark("reset", Vec::new());
    let (client, accepted) = connected(scene, &listener, 2)?;
    let server = scene.server(2);
    let reset = std::thread::scope(|threads| {
        let caller = scene.begin(threads, server.lane, || server.recv(&accepted, 64))?;
        scene.sleeps(&caller, "recv(64)", &accepted)?;
        scene.client(2).reset(client)?;
        caller.join()
    })?;
    let after_reset = server.recv(&accepted, 64);
    let (reset, after_reset) = (told(reset)?, told(after_reset)?);

    scene.remark("queued", Vec::new());
    let (client, accepted) = connected(scene, &listener, 3)?;
    let (queued, queued_reads) = queued(scene, client, &accepted)?;
    Ok(Found { open, closed, reset, after_reset, queued, queued_reads })
}

fn connected(scene: &Scene, listener: &Socket, number: u16) -> Result<(Socket, Socket), CallError> {
    let client = scene.client(number).connect(listener)?;
    Ok((client, scene.server(number).accept(listener)?))
}

fn open(scene: &Scene, client: &Socket, accepted: &Socket) -> Result<Open, Obstacle> {
    let server = scene.server(1);
    std::thread::scope(|threads| {
        let caller = scene.begin(threads, server.lane, || server.recv(accepted, 64))?;
        let slept = scene.sleeps(&caller, "recv(64)", accepted)?;
        let unread = scene.see(server.lane, ends(accepted)?)?.map_or(0, |row| row.receive_queue);
        scene.client(1).send(client, SAID)?;
        Ok(Open { slept, unread, read: caller.join()?? })
    })
}

fn closed(scene: &Scene, client: Socket, accepted: &Socket) -> Result<Closed, Obstacle> {
    let server = scene.server(1);
    scene.client(1).send(&client, LAST)?;
    scene.client(1).close(client);
    let end = ends(accepted)?;
    let closing = |row: &SocketRow| row.state == State::CloseWait;
    let unread = scene.until(server.lane, end, "the peer's end", closing)?.receive_queue;
    // inet_diag's queue is the distance of two sequence numbers, and a FIN has one (`tcp_diag_get_info`).
    let values = vec![
        Measured::new("unread", Value::bytes(unread)),
        Measured::new("one_more", unread as usize == LAST.len() + 1),
    ];
    scene.remark("end", values);
    let read = server.recv(accepted, 64)?;
    let (mut ends, mut waited) = (Vec::new(), false);
    while ends.len() < AGAIN && !waited {
        // Nobody is left who could wake it: what returns has waited for nothing, and what does not is
        // ended by SO_RCVTIMEO.
        match server.recv(accepted, 64) {
            Ok(bytes) => ends.push(bytes.len() as u64),
            Err(error) if error.is(Errno::AGAIN) => waited = true,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Closed { read, ends, waited })
}

/// A reset while bytes are queued: how many, and what is read of them.
fn queued(scene: &Scene, client: Socket, accepted: &Socket) -> Result<(u32, Vec<Read>), Obstacle> {
    let server = scene.server(3);
    let end = ends(accepted)?;
    scene.client(3).send(&client, LAST)?;
    let whole = |row: &SocketRow| row.receive_queue == LAST.len() as u32;
    let queued = scene.until(Lane::Server(3), end, "the bytes", whole)?.receive_queue;
    scene.client(3).reset(client)?;
    scene.wait("the reset", || Ok(scene.connection(end)?.is_none().then_some(())))?;
    scene.show(server.lane, None);
    let reads = (0..AGAIN).map(|_| told(server.recv(accepted, 64)));
    Ok((queued, reads.collect::<Result<_, _>>()?))
}

/// An error that is no reset tells nothing of one.
fn told(read: Result<Vec<u8>, CallError>) -> Result<Read, Obstacle> {
    match read {
        Ok(bytes) => Ok(Ok(bytes)),
        Err(error) if error.is(Errno::CONNRESET) => Ok(Err(Reset)),
        Err(error) => Err(error.into()),
    }
}

fn value(read: Option<&Read>) -> Value {
    match read {
        Some(Ok(bytes)) if bytes.is_empty() => Value::bytes(0),
        Some(Ok(bytes)) => bytes.clone().into(),
        Some(Err(Reset)) => "ECONNRESET".into(),
        None => Value::Unknown,
    }
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let Found { open, closed, .. } = self;
        let blocks = open.slept && open.unread == 0 && open.read == SAID;
        let ends = closed.read == LAST && !closed.waited && closed.ends == [0; AGAIN];
        match (blocks && ends, &self.reset) {
            (false, _) => Verdict::DoesNotHold,
            (true, Ok(_)) => Verdict::Holds,
            (true, Err(Reset)) => Verdict::HoldsBut,
        }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("slept", self.open.slept),
            Measured::new("unread", Value::bytes(self.open.unread)),
            Measured::new("woken_by", self.open.read.clone()),
            Measured::new("before_the_end", self.closed.read.clone()),
            Measured::new("ends", self.closed.ends.clone()),
            Measured::new("waited_at_the_end", self.closed.waited),
            Measured::new("reset", value(Some(&self.reset))),
            Measured::new("after_reset", value(Some(&self.after_reset))),
            Measured::new("queued", Value::bytes(self.queued)),
            Measured::new("queued_first", value(self.queued_reads.first())),
            Measured::new("queued_second", value(self.queued_reads.get(1))),
            Measured::new("queued_third", value(self.queued_reads.get(2))),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let found = |slept, ends: &[u64], reset: Read| Found {
            open: Open { slept, unread: 0, read: SAID.to_vec() },
            closed: Closed { read: LAST.to_vec(), ends: ends.to_vec(), waited: false },
            reset,
            after_reset: Ok(Vec::new()),
            queued: 10,
            queued_reads: Vec::new(),
        };
        assert_eq!(found(true, &[0, 0, 0], Err(Reset)).verdict(), Verdict::HoldsBut);
        assert_eq!(found(true, &[0, 0, 0], Ok(Vec::new())).verdict(), Verdict::Holds);
        assert_eq!(found(false, &[0, 0, 0], Err(Reset)).verdict(), Verdict::DoesNotHold);
        assert_eq!(found(true, &[0, 0, 1], Err(Reset)).verdict(), Verdict::DoesNotHold);

        let mut late = found(true, &[0, 0, 0], Err(Reset));
        late.closed.waited = true;
        assert_eq!(late.verdict(), Verdict::DoesNotHold, "not at once");
        let mut lost = found(true, &[0, 0, 0], Err(Reset));
        lost.closed.read.clear();
        assert_eq!(lost.verdict(), Verdict::DoesNotHold, "what came before the end is lost");
    }
}
