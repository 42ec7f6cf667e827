//! A client: one session with a server.

mod datagram;
mod messages;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use framecat_core::address::Address;
use framecat_core::service::is_end;
use tokio::sync::mpsc;

pub use messages::Messages;

use crate::Error;
use crate::endpoint::{ConnectOptions, Datagram, Stream};
use crate::observe::{Observer, Totals};
use crate::session::Wire;

/// How a client converses.
#[derive(Debug, Clone)]
pub struct Config {
    /// How our messages lie on the wire.
    pub requests: Wire,
    /// How the server's messages lie on the wire.
    pub replies: Wire,
    /// The message that ends the session, whichever side says it.
    pub end: Option<Bytes>,
    /// Whether each message waits for the reply to the one before.
    pub lockstep: bool,
    /// How long to wait in silence for replies once all is said; `None` is until the server closes.
    /// Without connections there is no closing, and `None` is [`Config::WAIT`].
    pub wait: Option<Duration>,
}

impl Config {
    /// How long to wait for a datagram in reply.
    pub const WAIT: Duration = Duration::from_secs(1);

    /// The same wire both ways, and no rules besides.
    pub fn new(wire: Wire) -> Config {
        Config { requests: wire.clone(), replies: wire, end: None, lockstep: false, wait: None }
    }

    fn is_end(&self, message: &[u8]) -> bool {
        self.end.as_deref().is_some_and(|end| is_end(end, message))
    }
}

/// How a session went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// What was said; "in" is from the server.
    pub totals: Totals,
    /// How many messages had no reply when the time to wait was over. Datagrams only: on a stream
    /// the server decides how many replies there are.
    pub unanswered: u64,
}

/// A session with a server, at its beginning.
#[derive(Debug)]
pub struct Client {
    socket: Socket,
    peer: Address,
    local: Address,
}

#[derive(Debug)]
enum Socket {
    Stream(Stream),
    Datagram(Datagram),
}

impl Client {
    /// Connects to a server.
    ///
    /// # Errors
    /// Whatever keeps the connection from coming about, or an option that makes no sense there.
    pub async fn connect(address: &Address, options: &ConnectOptions) -> Result<Client, Error> {
        if address.has_connections() {
            let stream = Stream::connect(address, options).await?;
            let peer = stream.peer(address);
            let local = stream.local(address);
            return Ok(Client { socket: Socket::Stream(stream), peer, local });
        }
        let socket = Datagram::connect(address, options).await?;
        let local = socket.address().clone();
        Ok(Client { socket: Socket::Datagram(socket), peer: address.clone(), local })
    }

    /// The server's address.
    pub fn peer(&self) -> &Address {
        &self.peer
    }

    /// Our own address.
    pub fn local(&self) -> &Address {
        &self.local
    }

    /// Sends what comes from `input` and shows what comes back to `observer`, until the server ends
    /// the session, or one side says the end, or all is said and the time to wait is over. When
    /// `input` ends, the stream is half-closed and reading goes on.
    ///
    /// # Errors
    /// The connection died, the server broke the framing, or a message could not be carried; in the
    /// last case what came before was sent, and its replies were shown.
    pub async fn converse(
        self,
        config: Config,
        observer: Arc<dyn Observer>,
        input: mpsc::Receiver<Messages>,
    ) -> Result<Report, Error> {
        match self.socket {
            Socket::Stream(stream) => {
                stream::converse(stream, self.peer, config, observer, input).await
            }
            Socket::Datagram(socket) => {
                datagram::converse(socket, self.peer, config, observer, input).await
            }
        }
    }
}
