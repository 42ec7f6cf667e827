//! The same little server in three kinds: serial, a thread a client, readiness. It greets each client,
//! and answers what it says until it leaves.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, AsRawFd as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::thread::Scope;

use framecat_core::lab::Lane;
use rustix::event::{Timespec, epoll};
use rustix::io::Errno;
use rustix::net::{
    RecvFlags, SendFlags, SocketFlags, SocketType, accept_with, connect as connect_to, recv, send,
};

use super::actor::retry;
use super::obstacle::{CallError, Obstacle};
use super::scene::{PATIENCE, Scene};
use super::sight::local;
use super::socket::Socket;
use super::thread::Caller;

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

/// A server that runs until so many clients have come and left.
pub(super) struct Server<'scope> {
    caller: Caller<'scope, io::Result<()>>,
    state: Arc<Shared>,
}

/// What can be seen of a server from outside.
struct Shared {
    /// How many threads it has had.
    threads: AtomicUsize,
    /// The client for whom the server's first thread lets all others wait: a descriptor, or -1.
    attends: AtomicI32,
}

/// Starts a server for so many clients.
pub(super) fn start<'scope>(
    scene: &Scene,
    kind: Kind,
    scope: &'scope Scope<'scope, '_>,
    listener: &'scope Socket,
    clients: u16,
) -> Result<Server<'scope>, Obstacle> {
    let state = Arc::new(Shared { threads: AtomicUsize::new(1), attends: AtomicI32::new(-1) });
    let seen = state.clone();
    let caller = scene.begin(scope, Lane::Server(0), move || match kind {
        Kind::Serial => serial(listener, clients, &seen),
        Kind::Threads => a_thread_each(scope, listener, clients, &seen),
        Kind::Readiness => readiness(listener, clients),
    })?;
    Ok(Server { caller, state })
}

impl Server<'_> {
    /// How many threads it has had.
    pub(super) fn threads(&self) -> usize {
        self.state.threads.load(Ordering::SeqCst)
    }

    /// Its one thread sleeps until one client says something: nobody else is served meanwhile.
    pub(super) fn attends_to_one(&self) -> Result<bool, Obstacle> {
        match self.state.attends.load(Ordering::SeqCst) {
            -1 => Ok(false),
            fd => self.caller.sleeps_on(fd),
        }
    }

    /// Waits for its end.
    pub(super) fn join(self) -> Result<(), Obstacle> {
        let outcome = self.caller.join()?;
        Ok(outcome.map_err(|error| CallError::new("the server".into(), error))?)
    }
}

fn serial(listener: &Socket, clients: u16, state: &Shared) -> io::Result<()> {
    for _ in 0..clients {
        let client = accept(listener)?;
        state.attends.store(client.as_fd().as_raw_fd(), Ordering::SeqCst);
        converse(&client)?;
        state.attends.store(-1, Ordering::SeqCst);
    }
    Ok(())
}

fn a_thread_each<'scope>(
    scope: &'scope Scope<'scope, '_>,
    listener: &Socket,
    clients: u16,
    state: &Shared,
) -> io::Result<()> {
    for _ in 0..clients {
        let client = accept(listener)?;
        // Before it can answer anybody.
        state.threads.fetch_add(1, Ordering::SeqCst);
        // Whoever runs the scope waits for them; what fails there fails at the client, too.
        std::thread::Builder::new().spawn_scoped(scope, move || converse(&client))?;
    }
    Ok(())
}

fn readiness(listener: &Socket, clients: u16) -> io::Result<()> {
    let ready = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let watch = |socket: &Socket| {
        let data = epoll::EventData::new_u64(socket.as_fd().as_raw_fd() as u64);
        epoll::add(&ready, socket, data, epoll::EventFlags::IN)
    };
    watch(listener)?;
    let door = listener.as_fd().as_raw_fd() as u64;
    let mut open: HashMap<u64, Socket> = HashMap::new();
    let patience = Timespec { tv_sec: PATIENCE.as_secs() as i64, tv_nsec: 0 };
    let (mut came, mut events) = (0, Vec::with_capacity(64));
    while came < clients || !open.is_empty() {
        let room = rustix::buffer::spare_capacity;
        if retry(|| epoll::wait(&ready, room(&mut events), Some(&patience)))? == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        for event in events.drain(..) {
            let data = event.data;
            if data.u64() == door {
                let client = accept(listener)?;
                watch(&client)?;
                // One that has left already is found to have when it is read.
                say(&client, b"!")?;
                open.insert(client.as_fd().as_raw_fd() as u64, client);
                came += 1;
            } else if let Some(client) = open.get(&data.u64())
                && !answer(client)?
            {
                open.remove(&data.u64());
            }
        }
    }
    Ok(())
}

/// Takes the next client.
fn accept(listener: &Socket) -> io::Result<Socket> {
    Ok(Socket::from(retry(|| accept_with(listener, SocketFlags::CLOEXEC))?))
}

fn converse(client: &Socket) -> io::Result<()> {
    let mut stays = say(client, b"!")?;
    while stays {
        stays = answer(client)?;
    }
    Ok(())
}

/// Answers what has come; `false` if the client has left.
fn answer(client: &Socket) -> io::Result<bool> {
    let mut room = [0; 64];
    match retry(|| recv(client, &mut room[..], RecvFlags::empty())) {
        Ok((0, _)) | Err(Errno::CONNRESET) => Ok(false),
        Ok(_) => say(client, b"."),
        Err(errno) => Err(errno.into()),
    }
}

/// `false` if the client has left.
fn say(client: &Socket, bytes: &[u8]) -> io::Result<bool> {
    match retry(|| send(client, bytes, SendFlags::NOSIGNAL)) {
        Ok(_) => Ok(true),
        Err(Errno::PIPE | Errno::CONNRESET) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// Listens without a trace in the timeline.
pub(super) fn listen() -> Result<Socket, CallError> {
    let listening = || -> io::Result<Socket> {
        let socket = Socket::bound(SocketType::STREAM)?;
        rustix::net::listen(&socket, 128)?;
        Ok(socket)
    };
    listening().map_err(|error| CallError::new("listen()".into(), error))
}

/// Connects without a trace in the timeline.
pub(super) fn connect(listener: &Socket) -> Result<Socket, CallError> {
    let at = local(listener)?;
    let connected = || -> io::Result<Socket> {
        let socket = Socket::new(SocketType::STREAM)?;
        retry(|| connect_to(&socket, &at))?;
        Ok(socket)
    };
    connected().map_err(|error| CallError::new("connect()".into(), error))
}

/// Reads once.
pub(super) fn read(socket: &Socket) -> Result<(), CallError> {
    let mut room = [0; 64];
    let read = retry(|| recv(socket, &mut room[..], RecvFlags::empty()));
    read.map(drop).map_err(|errno| CallError::new("recv(64)".into(), errno.into()))
}

/// Writes once.
pub(super) fn write(socket: &Socket, bytes: &[u8]) -> Result<(), CallError> {
    let sent = retry(|| send(socket, bytes, SendFlags::NOSIGNAL));
    sent.map(drop).map_err(|errno| CallError::new("send()".into(), errno.into()))
}
