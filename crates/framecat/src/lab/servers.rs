//! The same little server in three kinds: serial, a thread a client, readiness. It greets each client,
//! and answers what it says until it leaves.

use std::collections::HashMap;
use std::os::fd::{AsFd, AsRawFd as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread::Scope;

use framecat_core::lab::Lane;
use rustix::event::{Timespec, epoll};
use rustix::io::{Errno, retry_on_intr};
use rustix::net::{Shutdown, shutdown};

use super::actor::Actor;
use super::obstacle::{CallError, Obstacle};
use super::scene::{PATIENCE, Scene};
use super::socket::Socket;
use super::thread::{Caller, Crew};

/// How a server serves many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One after the other.
    Serial,
    /// A thread a client.
    Threads,
    /// One thread that asks which of all is ready (epoll(7)).
    Readiness,
}

/// A server that runs until so many clients have come and left, or until this is dropped.
pub(super) struct Server<'scope> {
    caller: Caller<'scope, Result<(), CallError>>,
    crew: Crew,
    /// The client for whom the server's first thread lets all others wait: a descriptor, or -1.
    attends: Arc<AtomicI32>,
    door: Door<'scope>,
}

/// A listener that takes nobody more once this is dropped: who waits in `accept` gets EINVAL, and who was
/// not accepted a reset, so that nobody waits in vain.
struct Door<'a>(&'a Socket);

impl Drop for Door<'_> {
    fn drop(&mut self) {
        // It fails where it was done before.
        let _ = shutdown(self.0, Shutdown::Both);
    }
}

/// Starts a server for so many clients.
pub(super) fn start<'scope>(
    scene: &'scope Scene,
    kind: Kind,
    scope: &'scope Scope<'scope, '_>,
    listener: &'scope Socket,
    clients: u16,
) -> Result<Server<'scope>, Obstacle> {
    let attends = Arc::new(AtomicI32::new(-1));
    let seen = attends.clone();
    let server = scene.server(0).unseen();
    let caller = scene.begin(scope, Lane::Server(0), move || {
        Crew::mark().map_err(|error| CallError::new("prctl(PR_SET_NAME)".into(), error))?;
        // The clients of a server that fails shall know.
        let door = Door(listener);
        let outcome = match kind {
            Kind::Serial => serial(server, listener, clients, &seen),
            Kind::Threads => a_thread_each(server, scope, listener, clients),
            Kind::Readiness => readiness(server, listener, clients),
        };
        drop(door);
        outcome
    })?;
    let crew = Crew::of(&caller);
    Ok(Server { caller, crew, attends, door: Door(listener) })
}

impl Server<'_> {
    /// How many threads it has now.
    pub(super) fn threads(&self) -> Result<usize, Obstacle> {
        self.crew.count()
    }

    /// Its one thread sleeps until one client says something: nobody else is served meanwhile.
    pub(super) fn attends_to_one(&self) -> Result<bool, Obstacle> {
        match self.attends.load(Ordering::SeqCst) {
            -1 => Ok(false),
            fd => self.caller.sleeps_on(fd),
        }
    }

    /// # Errors
    /// If it has ended, which it does not while it has a client. See [`Server::why`].
    pub(super) fn lives(&self) -> Result<(), Obstacle> {
        if self.caller.is_finished() {
            return Err(Obstacle::new("the server ended before its clients"));
        }
        Ok(())
    }

    /// Waits for its end.
    pub(super) fn join(self) -> Result<(), Obstacle> {
        Ok(self.caller.join()??)
    }

    /// Why its clients were not served: what failed at the server, or else what they have seen.
    pub(super) fn why(self, seen: Obstacle) -> Obstacle {
        drop(self.door);
        match self.caller.join() {
            // EINVAL is the door, which we have shut.
            Ok(Err(error)) if !error.is(Errno::INVAL) => error.into(),
            _ => seen,
        }
    }
}

fn serial(
    server: Actor<'_>,
    listener: &Socket,
    clients: u16,
    attends: &AtomicI32,
) -> Result<(), CallError> {
    for _ in 0..clients {
        let client = server.accept(listener)?;
        attends.store(client.as_fd().as_raw_fd(), Ordering::SeqCst);
        converse(server, &client)?;
        attends.store(-1, Ordering::SeqCst);
    }
    Ok(())
}

fn a_thread_each<'scope>(
    server: Actor<'scope>,
    scope: &'scope Scope<'scope, '_>,
    listener: &Socket,
    clients: u16,
) -> Result<(), CallError> {
    let mut workers = Vec::new();
    for _ in 0..clients {
        let client = server.accept(listener)?;
        let begun =
            std::thread::Builder::new().spawn_scoped(scope, move || converse(server, &client));
        // EAGAIN, which this is where there are too many threads, is no wait that was given up.
        let no_thread = |error| std::io::Error::other(crate::reason(&error));
        workers.push(
            begun.map_err(|error| {
                CallError::new("a thread for a client".into(), no_thread(error))
            })?,
        );
    }
    // What fails there fails at the client, too.
    workers.into_iter().try_for_each(|worker| worker.join().unwrap_or(Ok(())))
}

fn readiness(server: Actor<'_>, listener: &Socket, clients: u16) -> Result<(), CallError> {
    let failed = |errno: Errno| CallError::new("epoll_wait()".into(), errno.into());
    let ready = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(failed)?;
    let watch = |socket: &Socket| {
        let data = epoll::EventData::new_u64(socket.as_fd().as_raw_fd() as u64);
        epoll::add(&ready, socket, data, epoll::EventFlags::IN).map_err(failed)
    };
    watch(listener)?;
    let door = listener.as_fd().as_raw_fd() as u64;
    let mut open: HashMap<u64, Socket> = HashMap::new();
    let patience = Timespec { tv_sec: PATIENCE.as_secs() as i64, tv_nsec: 0 };
    let (mut came, mut events) = (0, Vec::with_capacity(64));
    while came < clients || !open.is_empty() {
        let room = rustix::buffer::spare_capacity;
        let wait = || epoll::wait(&ready, room(&mut events), Some(&patience));
        if retry_on_intr(wait).map_err(failed)? == 0 {
            return Err(failed(Errno::TIMEDOUT));
        }
        for event in events.drain(..) {
            let data = event.data;
            if data.u64() == door {
                let client = server.accept(listener)?;
                watch(&client)?;
                // One that has left already is found to have when it is read.
                say(server, &client, b"!")?;
                open.insert(client.as_fd().as_raw_fd() as u64, client);
                came += 1;
            } else if let Some(client) = open.get(&data.u64())
                && !answer(server, client)?
            {
                open.remove(&data.u64());
            }
        }
    }
    Ok(())
}

fn converse(server: Actor<'_>, client: &Socket) -> Result<(), CallError> {
    let mut stays = say(server, client, b"!")?;
    while stays {
        stays = answer(server, client)?;
    }
    Ok(())
}

/// Answers what has come; `false` if the client has left.
fn answer(server: Actor<'_>, client: &Socket) -> Result<bool, CallError> {
    match server.recv(client, 64) {
        Ok(read) if read.is_empty() => Ok(false),
        Ok(_) => say(server, client, b"."),
        Err(error) if error.is(Errno::CONNRESET) => Ok(false),
        Err(error) => Err(error),
    }
}

/// `false` if the client has left.
fn say(server: Actor<'_>, client: &Socket, bytes: &[u8]) -> Result<bool, CallError> {
    match server.send(client, bytes) {
        Ok(_) => Ok(true),
        Err(error) if error.is(Errno::PIPE) || error.is(Errno::CONNRESET) => Ok(false),
        Err(error) => Err(error),
    }
}
