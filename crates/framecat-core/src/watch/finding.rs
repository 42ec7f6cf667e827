//! What is wrong with a socket, in a sentence.

pub(super) mod judge;
mod listeners;
mod many;
#[cfg(test)]
mod tests;
mod text;
mod words;

use std::fmt;
use std::net::SocketAddr;

use super::Lasting;

pub use self::words::PROBLEMS;

/// Something that is wrong with a socket, or may be.
///
/// `Display` says it in a sentence: `accept queue full 6/5 for 3 s: the program is not calling accept`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is.
    pub problem: Problem,
}

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; programs work so.
    Note,
    /// Something waits for longer than it should.
    Warning,
    /// Somebody is being kept out, or data is being lost.
    Error,
}

/// What is wrong. Queues are in connections, what waits in bytes; of datagrams it is their memory.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// A listener: the accept queue is longer than its limit, and nobody else gets in.
    AcceptQueueFull {
        /// Connections in the queue.
        queue: u32,
        /// Its limit; it holds one more.
        limit: u32,
        /// For how long.
        lasting: Lasting,
        /// For how long the oldest of them has waited, where it is to be seen.
        oldest: Option<Lasting>,
        /// What the program does about it.
        accepts: Accepts,
    },
    /// A listener: connections wait to be accepted, though there is room for more.
    NotAccepting {
        /// Connections in the queue.
        queue: u32,
        /// For how long the oldest has waited; where that is not to be seen, for how long they have not
        /// become fewer.
        lasting: Lasting,
        /// It is the oldest.
        oldest: bool,
        /// What the program does about it.
        accepts: Accepts,
    },
    /// A listener: the accept queue stays longer than half of its limit.
    AcceptQueueFilling {
        /// Connections in the queue.
        queue: u32,
        /// Its limit; it holds one more.
        limit: u32,
        /// For how long.
        lasting: Lasting,
        /// What the program does about it.
        accepts: Accepts,
    },
    /// A listener: it drops connections or attempts at them, as far as the namespace's counters tell of any.
    ConnectionsDropped {
        /// So many a second.
        rate: f64,
        /// Its accept queue is full, which is why.
        full: bool,
    },
    /// A listener whose accept queue is full while accept queues of its namespace overflow; for kernels
    /// that do not count by the listener.
    OverflowsWhileFull {
        /// So many a second, in the whole namespace.
        rate: f64,
    },
    /// A listener: handshakes that do not come to their end.
    HalfOpen {
        /// How many are under way.
        count: u32,
        /// The limit of the accept queue, which is that of handshakes too; of all listeners that share the
        /// address, as they share the handshakes.
        limit: u32,
        /// For how long the oldest has been.
        oldest: Lasting,
    },
    /// A connection that waits to be accepted.
    NotAccepted {
        /// For how long.
        lasting: Lasting,
    },
    /// A connection that the program at the other end, in this sample too, has not accepted.
    PeerNotAccepting {
        /// For how long.
        lasting: Lasting,
    },
    /// The program does not read.
    NotReading {
        /// What waits for it.
        waiting: u32,
        /// For how long.
        lasting: Lasting,
    },
    /// The program does not read, or reads too slowly; which of them is not to be seen, as the socket
    /// counts no bytes.
    NotDraining {
        /// What waits for it.
        waiting: u32,
        /// For how long it has not become less.
        lasting: Lasting,
    },
    /// The program at the other end, in this sample too, does not read what was sent.
    PeerNotReading {
        /// What waits there.
        waiting: u32,
        /// What waits here.
        queued: u32,
        /// For how long.
        lasting: Lasting,
    },
    /// The peer offers no window, or none that the next segment fits in.
    ZeroWindow {
        /// What waits here.
        unsent: u32,
        /// For how long, and for so long it acknowledged nothing.
        lasting: Lasting,
        /// Its program is known to read, if slowly; else it may not read at all, and is not on this host.
        reads: bool,
    },
    /// The peer does not answer to probes: of its window, or whether it is still there.
    ProbesUnanswered {
        /// How many were sent since its last answer.
        probes: u8,
        /// What waits here.
        unsent: u32,
        /// For how long nothing was acknowledged.
        lasting: Lasting,
    },
    /// Much of what is sent has to be sent again.
    Loss {
        /// So many of a hundred segments, in the last seconds.
        percent: u32,
    },
    /// What was sent is sent again and not acknowledged.
    Retransmitting {
        /// How often it was sent again.
        times: u8,
        /// For how long nothing was acknowledged.
        lasting: Lasting,
    },
    /// No answer to the attempt to connect.
    NoAnswer {
        /// How often it was repeated.
        times: u32,
        /// For how long.
        lasting: Lasting,
    },
    /// The peer has closed, the program has not.
    CloseWait {
        /// For how long.
        lasting: Lasting,
        /// The program has not read the end of the stream either.
        end_unread: bool,
    },
    /// The program has closed, the peer has not.
    FinWait2 {
        /// For how long.
        lasting: Lasting,
    },
    /// A datagram socket drops what comes.
    DatagramsDropped {
        /// So many a second.
        rate: f64,
        /// Whether a receive buffer of the namespace was full meanwhile, where that is counted. Else they
        /// were damaged, or refused by a filter.
        full: Option<bool>,
    },
    /// A datagram socket whose buffer is full: what comes now is dropped.
    BufferFull {
        /// The memory of what waits.
        used: u32,
        /// What it may have.
        limit: u32,
    },
    /// The namespace: accept queues overflow.
    Overflows {
        /// So many a second.
        rate: f64,
    },
    /// The namespace: datagrams are dropped because receive buffers are full.
    NamespaceDropsDatagrams {
        /// So many a second.
        rate: f64,
    },
    /// Many sockets in TIME_WAIT.
    TimeWaitPile {
        /// How many.
        count: usize,
    },
    /// Ports to connect from run out towards one address.
    PortsTaken {
        /// How many are taken, from one address of this host.
        taken: usize,
        /// How many of those by connections that are over: in TIME_WAIT.
        over: usize,
        /// How many there are.
        ports: u32,
        /// Towards this address.
        to: SocketAddr,
    },
}

/// What a program does with the connections that wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepts {
    /// It does not call `accept`: the oldest of them is the same for a while.
    Not,
    /// It calls `accept`, as all of them are young, and not often enough.
    Slowly,
    /// One of the two.
    Unknown,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

/// `note`, `warning`, `error`
impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}
