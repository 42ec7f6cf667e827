//! A thread a client serves many at once; a serial server makes them wait; readiness does it with one
//! thread.
//!
//! Who waits for whom is shown by the first client, which says nothing: whether the last one is answered
//! meanwhile. Times and memory are told, and decide nothing.

use std::sync::RwLock;
use std::time::Duration;

use framecat_core::lab::{Lane, Measured, Value, Verdict};
use framecat_core::sock_diag::State;

use super::Findings;
use super::obstacle::{CallError, Obstacle};
use super::scene::Scene;
use super::servers::{self, Kind, Server};
use super::sight::ends;
use super::socket::Socket;

/// How many clients there are at once.
pub(super) const CLIENTS: u16 = 20;

/// How long a client thinks before it asks: what a serial server waits for in vain.
const THINKS: Duration = Duration::from_millis(5);

/// A client that is served is told so, before it says anything: so many bytes.
const GREETED: u32 = 1;

struct Found {
    serial: Served,
    threads: Served,
    readiness: Served,
}

/// How a kind of server served them.
#[derive(Debug, Clone, Copy)]
struct Served {
    /// The last client was answered while the first said nothing.
    at_once: bool,
    /// Connections that nobody had accepted then.
    unaccepted: u32,
    /// Threads of the server then.
    count: usize,
    /// How much more memory the program had than before the first of the servers (VmSize and RssAnon).
    address_space: u64,
    resident: u64,
    /// How long it took to serve all, each of which thought for [`THINKS`].
    took: Duration,
}

pub(super) fn run(scene: &Scene) -> Result<impl Findings + use<>, Obstacle> {
    // With the names of what is said before each and behind it. The one with many threads is the last:
    // what those leave behind, stacks among it, is kept for other threads (pthread_attr_setstack(3)).
    let kinds = [
        (Kind::Serial, "serial", "serial_took"),
        (Kind::Readiness, "readiness", "readiness_took"),
        (Kind::Threads, "threads", "threads_took"),
    ];
    let before = Memory::now();
    let mut found = Vec::new();
    for (kind, name, _) in kinds {
        scene.remark(name, vec![Measured::new("clients", CLIENTS)]);
        found.push(one_is_silent(scene, kind, &before)?);
    }
    for ((kind, _, name), served) in kinds.into_iter().zip(&mut found) {
        served.took = all_think(scene, kind)?;
        scene.remark(name, vec![Measured::new("took", served.took)]);
    }
    match found[..] {
        [serial, readiness, threads] => Ok(Found { serial, threads, readiness }),
        _ => Err(Obstacle::new("there are three kinds")),
    }
}

/// A server with many clients of which one says nothing.
fn one_is_silent(scene: &Scene, kind: Kind, before: &Memory) -> Result<Served, Obstacle> {
    let listener = scene.server(0).listen(128)?;
    std::thread::scope(|threads| {
        // The clients leave before this ends, so that the server, which ends with them, does too.
        let server = servers::start(scene, kind, threads, &listener, CLIENTS)?;
        let (mut served, clients) = match first_is_silent(scene, &server, &listener) {
            Ok(seen) => seen,
            Err(obstacle) => return Err(server.why(obstacle)),
        };
        served.count = server.threads()?;
        let now = Memory::now();
        served.address_space = now.address_space.saturating_sub(before.address_space);
        served.resident = now.resident.saturating_sub(before.resident);
        drop(clients);
        server.join()?;
        Ok(served)
    })
}

/// All connect, the first says nothing, the last asks.
fn first_is_silent(
    scene: &Scene,
    server: &Server<'_>,
    listener: &Socket,
) -> Result<(Served, Vec<Socket>), Obstacle> {
    let mut clients = vec![scene.client(1).connect(listener)?];
    // The server has the first one, before the others come.
    let first = ends(&clients[0])?.turned();
    scene.wait("the server to take the first client", || {
        server.lives()?;
        Ok(scene.connection(first)?.filter(|row| row.inode != 0))
    })?;
    for number in 2..CLIENTS {
        clients.push(scene.client(number).unseen().connect(listener)?);
    }
    let last = scene.client(CLIENTS);
    let socket = last.connect(listener)?;
    last.send(&socket, b"?")?;
    let end = ends(&socket)?;
    // Either its answer is there; or its question lies in the kernel, nobody has accepted it, and the
    // server sleeps until the first client says something.
    let at_once = scene.wait("an answer, or a question that waits", || {
        server.lives()?;
        let ours = scene.connection(end)?;
        let theirs = scene.connection(end.turned())?;
        let answered = ours.is_some_and(|row| row.receive_queue > GREETED);
        let waits = theirs.is_some_and(|row| {
            row.state == State::Established && row.inode == 0 && row.receive_queue > 0
        });
        let waits = waits && server.attends_to_one()?;
        Ok(if answered { Some(true) } else { waits.then_some(false) })
    })?;
    let unaccepted = scene.see_listening(listener)?.waiting;
    scene.see(last.lane, end)?;
    scene.see(Lane::Server(CLIENTS), end.turned())?;
    if at_once {
        last.recv(&socket, 64)?;
    } else {
        // It attends to one, which is the first, because the last is not accepted.
        scene.remark("attends", vec![Measured::new("unaccepted", unaccepted)]);
    }
    clients.push(socket);
    let none = Duration::ZERO;
    let served =
        Served { at_once, unaccepted, count: 0, address_space: 0, resident: 0, took: none };
    Ok((served, clients))
}

/// Each client connects, thinks, asks, is answered and leaves; all begin at once. How long that takes.
fn all_think(scene: &Scene, kind: Kind) -> Result<Duration, Obstacle> {
    let listener = scene.server(0).unseen().listen(128)?;
    // It opens when its guard is dropped, however many there are who wait for it.
    let gate = RwLock::new(());
    std::thread::scope(|threads| {
        let server = servers::start(scene, kind, threads, &listener, CLIENTS)?;
        let client = || -> Result<(), CallError> {
            drop(gate.read());
            let client = scene.client(0).unseen();
            let socket = client.connect(&listener)?;
            // It is told that it is served, and thinks from then on.
            client.recv(&socket, 64)?;
            std::thread::sleep(THINKS);
            client.send(&socket, b"?")?;
            client.recv(&socket, 64)?;
            Ok(())
        };
        let work = || {
            let closed = gate.write();
            let begun = (0..CLIENTS).map(|_| scene.begin(threads, Lane::Client(0), client));
            let clients = begun.collect::<Result<Vec<_>, Obstacle>>()?;
            let began = scene.now();
            drop(closed);
            clients.into_iter().try_for_each(|client| Ok::<_, Obstacle>(client.join()??))?;
            Ok(scene.now() - began)
        };
        match work() {
            Ok(took) => server.join().map(|()| took),
            Err(obstacle) => Err(server.why(obstacle)),
        }
    })
}

/// What this program occupies (proc_pid_status(5)), in bytes; 0 where that is not told.
struct Memory {
    address_space: u64,
    resident: u64,
}

impl Memory {
    fn now() -> Memory {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let kib = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_ascii_whitespace().next()?.parse().ok());
            number.unwrap_or(0)
        };
        Memory { address_space: kib("VmSize:") << 10, resident: kib("RssAnon:") << 10 }
    }
}

impl Findings for Found {
    fn verdict(&self) -> Verdict {
        let [serial, threads, readiness] = [&self.serial, &self.threads, &self.readiness];
        let waits = !serial.at_once && serial.unaccepted > 0;
        let many = threads.at_once && threads.count > usize::from(CLIENTS);
        let one = readiness.at_once && readiness.count == 1;
        if waits && many && one { Verdict::Holds } else { Verdict::DoesNotHold }
    }

    fn measured(&self) -> Vec<Measured> {
        let Found { serial, threads, readiness } = self;
        vec![
            Measured::new("clients", CLIENTS),
            Measured::new("thinks", THINKS),
            Measured::new("serial_at_once", serial.at_once),
            Measured::new("serial_unaccepted", serial.unaccepted),
            Measured::new("serial_took", serial.took),
            Measured::new("threads_at_once", threads.at_once),
            Measured::new("threads_count", threads.count),
            Measured::new("threads_took", threads.took),
            Measured::new("threads_address_space", Value::bytes(threads.address_space)),
            Measured::new("threads_resident", Value::bytes(threads.resident)),
            Measured::new("readiness_at_once", readiness.at_once),
            Measured::new("readiness_count", readiness.count),
            Measured::new("readiness_took", readiness.took),
            Measured::new("readiness_address_space", Value::bytes(readiness.address_space)),
            Measured::new("readiness_resident", Value::bytes(readiness.resident)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_from_what_was_seen() {
        let served = |at_once, unaccepted, count| Served {
            at_once,
            unaccepted,
            count,
            address_space: 0,
            resident: 0,
            took: Duration::ZERO,
        };
        let found = |serial, threads, readiness| Found { serial, threads, readiness };
        let (serial, threads, one) =
            (served(false, 19, 1), served(true, 0, 21), served(true, 0, 1));
        assert_eq!(found(serial, threads, one).verdict(), Verdict::Holds);
        assert_eq!(found(one, threads, one).verdict(), Verdict::DoesNotHold);
        assert_eq!(found(serial, serial, one).verdict(), Verdict::DoesNotHold);
        assert_eq!(found(serial, threads, threads).verdict(), Verdict::DoesNotHold);
    }
}
