//! `recv` on an empty TCP buffer blocks; after the peer closes it returns empty at once.
//!
//! The end of the stream stays where it is and every read meets it; a reset is an error that is told
//! once, behind what had come before it (net/ipv4/tcp.c, `tcp_recvmsg_locked`; net/ipv4/tcp_input.c,
//! `tcp_reset`).

use framecat_core::lab::{Lane, Measured, Value, Verdict};
use framecat_core::sock_diag::State;

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
    /// One of the next reads slept.
    slept: bool,
    /// How many bytes those returned.
    ends: Vec<u64>,
}

/// What a read returned: bytes, or an error's name.
type Read = Result<Vec<u8>, String>;

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

    scene.remark("queued", Vec::new());
    let (client, accepted) = connected(scene, &listener, 3)?;
    let (queued, queued_reads) = queued(scene, client, &accepted)?;
    Ok(Found {
        open,
        closed,
        reset: named(reset),
        after_reset: named(after_reset),
        queued,
        queued_reads,
    })
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
    scene.until(server.lane, end, "the peer's end", |row| row.state == State::CloseWait)?;
    // inet_diag's queue is the distance of two sequence numbers, and a FIN has one (`tcp_diag_get_info`).
    scene.remark("end", vec![Measured::new("queued", Value::bytes(LAST.len()))]);
    let read = server.recv(accepted, 64)?;
    std::thread::scope(|threads| {
        let mut slept = false;
        let mut ends = Vec::new();
        for _ in 0..AGAIN {
            let caller = scene.begin(threads, server.lane, || server.recv(accepted, 64))?;
            slept |= scene.sleeps(&caller, "recv(64)", accepted)?;
            ends.push(caller.join()??.len() as u64);
        }
        Ok(Closed { read, slept, ends })
    })
}

/// A reset while bytes are queued: how many, and what is read of them.
fn queued(scene: &Scene, client: Socket, accepted: &Socket) -> Result<(u32, Vec<Read>), Obstacle> {
    let server = scene.server(3);
    let end = ends(accepted)?;
    scene.client(3).send(&client, LAST)?;
    let whole = |row: &framecat_core::sock_diag::SocketRow| row.receive_queue == LAST.len() as u32;
    let queued = scene.until(Lane::Server(3), end, "the bytes", whole)?.receive_queue;
    scene.client(3).reset(client)?;
    scene.wait("the reset", || Ok(scene.connection(end)?.is_none().then_some(())))?;
    scene.show(server.lane, None);
    let reads = (0..AGAIN).map(|_| named(server.recv(accepted, 64))).collect();
    Ok((queued, reads))
}

fn named(read: Result<Vec<u8>, CallError>) -> Read {
    read.map_err(|error| error.name())
}

fn value(read: Option<&Read>) -> Value {
    match read {
        Some(Ok(bytes)) if bytes.is_empty() => Value::bytes(0),
        Some(Ok(bytes)) => bytes.clone().into(),
        Some(Err(name)) => name.clone().into(),
        None => Value::Unknown,
    }
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let Found { open, closed, .. } = self;
        let blocks = open.slept && open.unread == 0 && open.read == SAID;
        let ends = closed.read == LAST && !closed.slept && closed.ends == [0; AGAIN];
        match (blocks && ends, &self.reset) {
            (false, _) => Verdict::DoesNotHold,
            (true, Ok(_)) => Verdict::Holds,
            (true, Err(_)) => Verdict::HoldsBut,
        }
    }

    fn measured(&self) -> Vec<Measured> {
        vec![
            Measured::new("slept", self.open.slept),
            Measured::new("unread", Value::bytes(self.open.unread)),
            Measured::new("woken_by", self.open.read.clone()),
            Measured::new("before_the_end", self.closed.read.clone()),
            Measured::new("ends", self.closed.ends.clone()),
            Measured::new("slept_at_the_end", self.closed.slept),
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
            closed: Closed { read: LAST.to_vec(), slept: false, ends: ends.to_vec() },
            reset,
            after_reset: Ok(Vec::new()),
            queued: 10,
            queued_reads: Vec::new(),
        };
        let reset = || Err("ECONNRESET".to_owned());
        assert_eq!(found(true, &[0, 0, 0], reset()).verdict(), Verdict::HoldsBut);
        assert_eq!(found(true, &[0, 0, 0], Ok(Vec::new())).verdict(), Verdict::Holds);
        assert_eq!(found(false, &[0, 0, 0], reset()).verdict(), Verdict::DoesNotHold);
        assert_eq!(found(true, &[0, 0, 1], reset()).verdict(), Verdict::DoesNotHold);

        let mut late = found(true, &[0, 0, 0], reset());
        late.closed.slept = true;
        assert_eq!(late.verdict(), Verdict::DoesNotHold, "not at once");
        let mut lost = found(true, &[0, 0, 0], reset());
        lost.closed.read.clear();
        assert_eq!(lost.verdict(), Verdict::DoesNotHold, "what came before the end is lost");
    }
}
