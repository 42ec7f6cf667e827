//! A server: sessions with many peers, each answered by a service.
//!
//! ```text
//!             accept loop ──► session ──► session ──► …        a task each (streams)
//!                               │  ▲
//!                      messages ▼  │ mailbox                    chat and room only
//!                             members ◄── operator
//! ```
//!
//! A datagram server has no connections: one task receives, answers, and keeps a session a peer.

mod accept;
mod datagram;
mod mailbox;
mod members;
mod operator;
mod session;
mod shared;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use framecat_core::address::Address;
use framecat_core::queue::SlowPolicy;
use framecat_core::roster::Target;
use framecat_core::service::Dialogue;
use tokio::sync::mpsc;

use crate::Error;
use crate::endpoint::{Datagram, ListenOptions, Listener};
use crate::observe::{Observer, Totals};
use crate::session::Wire;

/// How a server serves.
#[derive(Debug, Clone)]
pub struct Config {
    /// What is answered, and when a session ends.
    pub dialogue: Dialogue,
    /// How the peers' messages lie on the wire.
    pub requests: Wire,
    /// How our messages lie on the wire.
    pub replies: Wire,
    /// How many sessions there may be at once; further clients wait in the kernel's queue.
    pub max_connections: usize,
    /// How long a session may be silent; `None` is for ever.
    pub idle_timeout: Option<Duration>,
    /// How long a server that was told to end may take.
    pub drain: Duration,
    /// What happens to a peer that does not read what others say.
    pub slow: SlowPolicy,
    /// How many bytes may wait for such a peer.
    pub queue: usize,
}

impl Config {
    /// How many sessions there may be at once unless another number is chosen. Each may hold an
    /// unfinished message and unsent replies, so their number must have a bound.
    pub const MAX_CONNECTIONS: usize = 10_000;
    /// How long a stream may be silent unless another time is chosen: longer than a person thinks,
    /// shorter than a peer that lost its power stays in the way.
    pub const IDLE_STREAM: Duration = Duration::from_secs(3600);
    /// How long a datagram peer may be silent: nothing else tells that it is gone.
    pub const IDLE_DATAGRAM: Duration = Duration::from_secs(60);
    /// How long draining may take. Process supervisors kill after 10 s (Docker) to 90 s (systemd).
    pub const DRAIN: Duration = Duration::from_secs(5);
    /// How many bytes may wait for a peer that does not read.
    pub const QUEUE: usize = 1 << 20;

    /// The usual limits, and the same wire both ways.
    pub fn new(dialogue: Dialogue, wire: Wire) -> Config {
        let idle = match wire {
            Wire::Framed(_) => Config::IDLE_STREAM,
            Wire::Packets { .. } => Config::IDLE_DATAGRAM,
        };
        Config {
            dialogue,
            requests: wire.clone(),
            replies: wire,
            max_connections: Config::MAX_CONNECTIONS,
            idle_timeout: Some(idle),
            drain: Config::DRAIN,
            slow: SlowPolicy::DropOldest,
            queue: Config::QUEUE,
        }
    }
}

/// What the operator of a chat says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Say {
    /// To whom.
    pub to: Target,
    /// What.
    pub message: Vec<u8>,
}

/// What a server did in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// How many sessions there were.
    pub sessions: u64,
    /// What was said in them.
    pub totals: Totals,
    /// How many sessions the end of the draining time cut off.
    pub cut: usize,
    /// How long the draining took.
    pub drained_in: Duration,
}

/// A socket that peers come to.
#[derive(Debug)]
pub struct Server {
    socket: Socket,
    config: Config,
}

#[derive(Debug)]
enum Socket {
    Stream(Listener),
    Datagram(Datagram),
}

impl Server {
    /// Opens the socket; from now on clients can connect.
    ///
    /// # Errors
    /// If the address cannot be had, or an option makes no sense there.
    pub async fn bind(
        address: &Address,
        options: &ListenOptions,
        config: Config,
    ) -> Result<Server, Error> {
        let socket = if address.has_connections() {
            Socket::Stream(Listener::bind(address, options).await?)
        } else {
            Socket::Datagram(Datagram::bind(address, options).await?)
        };
        Ok(Server { socket, config })
    }

    /// Where it listens, with the real port.
    pub fn address(&self) -> &Address {
        match &self.socket {
            Socket::Stream(listener) => listener.address(),
            Socket::Datagram(socket) => socket.address(),
        }
    }

    /// Serves until `shutdown` is ready, then drains: what has come is answered, at most until the
    /// configured time is over. Dropping the future ends everything at once.
    ///
    /// `operator` is who types in a `chat`; without one nobody does.
    pub async fn run(
        self,
        observer: Arc<dyn Observer>,
        operator: Option<mpsc::Receiver<Say>>,
        shutdown: impl Future<Output = ()>,
    ) -> Report {
        match self.socket {
            Socket::Stream(listener) => {
                accept::run(listener, self.config, observer, operator, shutdown).await
            }
            Socket::Datagram(socket) => {
                datagram::run(socket, self.config, observer, operator, shutdown).await
            }
        }
    }
}
