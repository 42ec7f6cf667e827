//! Who makes the calls: a client or the server. Each call is recorded, with what it returned.

use std::io;
use std::net::SocketAddr;

use framecat_core::diagram::head;
use framecat_core::escape::Escaped;
use framecat_core::lab::{Lane, What};
use rustix::io::{Errno, retry_on_intr};
use rustix::net::sockopt::set_socket_linger;
use rustix::net::{
    RecvFlags, SendFlags, SocketFlags, SocketType, accept_with, connect, listen, recv, send,
};

use super::obstacle::{CallError, error_name};
use super::scene::Scene;
use super::socket::Socket;

/// So many bytes of what was sent or read are shown as they are.
const SHOWN: usize = 24;

/// And so many columns of what is longer: a header and the beginning of what follows it.
const HEAD: usize = 20;

/// A client or the server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Actor<'s> {
    pub(super) scene: &'s Scene,
    pub(super) lane: Lane,
    /// Its calls stand in the timeline.
    seen: bool,
}

impl<'s> Actor<'s> {
    pub(super) fn new(scene: &'s Scene, lane: Lane) -> Actor<'s> {
        Actor { scene, lane, seen: true }
    }

    /// The same, and its calls leave no trace in the timeline: what stands around the subject.
    pub(super) fn unseen(self) -> Actor<'s> {
        Actor { seen: false, ..self }
    }

    /// Makes a call, and records it with what it returned, unless the actor is [`Actor::unseen`].
    pub(super) fn call<T>(
        &self,
        call: impl Into<String>,
        shown: impl FnOnce(&T) -> String,
        work: impl FnOnce() -> io::Result<T>,
    ) -> Result<T, CallError> {
        let call = call.into();
        let from = self.scene.now();
        let outcome = work();
        let returned = match &outcome {
            Ok(value) => shown(value),
            Err(error) => error_name(error),
        };
        if self.seen {
            let what = What::Call { call: call.clone(), returned, failed: outcome.is_err() };
            self.scene.record(from, self.lane, what);
        }
        outcome.map_err(|error| CallError::new(call, error))
    }

    /// A TCP socket that listens on a port of its own.
    pub(super) fn listen(&self, backlog: u16) -> Result<Socket, CallError> {
        let bound = Socket::bound(SocketType::STREAM);
        let socket = bound.map_err(|error| CallError::new("bind(127.0.0.1:0)".into(), error))?;
        let call = format!("listen({backlog})");
        self.call(call, ok, || Ok(listen(&socket, backlog.into())?))?;
        Ok(socket)
    }

    /// Connects, and waits until that is done.
    pub(super) fn connect(&self, to: &Socket) -> Result<Socket, CallError> {
        let (socket, at) = self.dial(to, SocketFlags::empty())?;
        self.connect_to(&socket, at)?;
        Ok(socket)
    }

    /// Connects what was dialled.
    pub(super) fn connect_to(&self, socket: &Socket, at: SocketAddr) -> Result<(), CallError> {
        self.call("connect()", ok, || Ok(connect(socket, &at)?))
    }

    /// Asks for a connection and does not wait: the socket does not block from now on.
    pub(super) fn connect_begin(&self, to: &Socket) -> Result<Socket, CallError> {
        let (socket, at) = self.dial(to, SocketFlags::NONBLOCK)?;
        let begun = |begun: &bool| if *begun { "EINPROGRESS".to_owned() } else { "0".to_owned() };
        self.call("connect()", begun, || match connect(&socket, &at) {
            Ok(()) => Ok(false),
            Err(Errno::INPROGRESS) => Ok(true),
            Err(errno) => Err(errno.into()),
        })?;
        Ok(socket)
    }

    /// A socket, and where a listener is that it shall be connected to.
    pub(super) fn dial(
        &self,
        to: &Socket,
        flags: SocketFlags,
    ) -> Result<(Socket, SocketAddr), CallError> {
        let made = || -> io::Result<(Socket, SocketAddr)> {
            let socket = Socket::new(SocketType::STREAM)?;
            if flags.contains(SocketFlags::NONBLOCK) {
                rustix::io::ioctl_fionbio(&socket, true)?;
            }
            Ok((socket, to.local()?))
        };
        made().map_err(|error| CallError::new("socket()".into(), error))
    }

    /// Accepts a connection, and waits for one.
    pub(super) fn accept(&self, listener: &Socket) -> Result<Socket, CallError> {
        self.accept_as(listener, 0)
    }

    /// The same, of a client that is one of several: its number stands with the new socket, unless it
    /// is 0.
    pub(super) fn accept_as(&self, listener: &Socket, number: u16) -> Result<Socket, CallError> {
        let new = |_: &Socket| match number {
            0 => "a new socket".to_owned(),
            number => format!("a new socket #{number}"),
        };
        self.call("accept()", new, || {
            let accepted = retry_on_intr(|| accept_with(listener, SocketFlags::CLOEXEC))?;
            Ok(Socket::from(accepted))
        })
    }

    /// Reads once, at most `len` bytes, and waits for some.
    pub(super) fn recv(&self, socket: &Socket, len: usize) -> Result<Vec<u8>, CallError> {
        self.recv_with(socket, len, RecvFlags::empty())
    }

    /// The same with flags, which are named in the timeline.
    pub(super) fn recv_with(
        &self,
        socket: &Socket,
        len: usize,
        flags: RecvFlags,
    ) -> Result<Vec<u8>, CallError> {
        let named = match flags {
            RecvFlags::DONTWAIT => ", MSG_DONTWAIT",
            RecvFlags::TRUNC => ", MSG_TRUNC",
            RecvFlags::PEEK => ", MSG_PEEK",
            _ => "",
        };
        self.call(
            format!("recv({len}{named})"),
            |bytes: &Vec<u8>| counted(bytes),
            || {
                let mut room = vec![0; len];
                let (read, _) = retry_on_intr(|| recv(socket, &mut room[..], flags))?;
                room.truncate(read);
                Ok(room)
            },
        )
    }

    /// Sends with one call, waiting for room, and says how much the kernel took.
    pub(super) fn send(&self, socket: &Socket, bytes: &[u8]) -> Result<usize, CallError> {
        self.send_with(socket, bytes, SendFlags::empty())
    }

    /// The same with flags, which are named in the timeline.
    pub(super) fn send_with(
        &self,
        socket: &Socket,
        bytes: &[u8],
        flags: SendFlags,
    ) -> Result<usize, CallError> {
        let named = if flags == SendFlags::DONTWAIT { ", MSG_DONTWAIT" } else { "" };
        self.call(format!("send({}{named})", quoted(bytes)), ToString::to_string, || {
            Ok(retry_on_intr(|| send(socket, bytes, flags | SendFlags::NOSIGNAL))?)
        })
    }

    /// Closes a socket.
    pub(super) fn close(&self, socket: Socket) {
        // close(2) cannot fail on a socket in a way that matters here.
        let _ = self.call("close()", ok, || {
            drop(socket);
            Ok(())
        });
    }

    /// Closes a socket so that the peer gets a reset: what SO_LINGER with no time does (socket(7)).
    pub(super) fn reset(&self, socket: Socket) -> Result<(), CallError> {
        self.call("close() with SO_LINGER 0", ok, || {
            set_socket_linger(&socket, Some(std::time::Duration::ZERO))?;
            drop(socket);
            Ok(())
        })
    }
}

/// What a call returns that has nothing to return.
pub(super) fn ok(_: &()) -> String {
    "0".into()
}

/// `12 "Hello World!"`, and of much the beginning: `65536 "xxxxxxxx…"`.
pub(super) fn counted(bytes: &[u8]) -> String {
    match bytes.len() {
        0 => "0".into(),
        len => format!("{len} {}", excerpt(bytes)),
    }
}

/// `"Hello World!"`, and of much the beginning: `"xxxxxxxx…" (65536 B)`.
pub(super) fn quoted(bytes: &[u8]) -> String {
    if bytes.len() <= SHOWN {
        return excerpt(bytes);
    }
    format!("{} ({} B)", excerpt(bytes), bytes.len())
}

fn excerpt(bytes: &[u8]) -> String {
    if bytes.len() <= SHOWN {
        return format!("\"{}\"", Escaped(bytes));
    }
    format!("\"{}\"", head(bytes, HEAD))
}
