//! What is wrong with a socket, in a sentence.

use std::fmt;

use super::{Bytes, Count, Lasting, Rate};

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

/// What is wrong.
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
        /// For how long the oldest of them has waited, if that is known and longer.
        unaccepted: Option<Lasting>,
    },
    /// A listener: the oldest connection waits to be accepted, though the queue is not full.
    NotAccepting {
        /// Connections in the queue.
        queue: u32,
        /// Its limit; it holds one more.
        limit: u32,
        /// For how long the oldest of them has waited.
        unaccepted: Lasting,
    },
    /// A listener: the accept queue stays longer than half of its limit.
    AcceptQueueFilling {
        /// Connections in the queue.
        queue: u32,
        /// Its limit; it holds one more.
        limit: u32,
        /// For how long.
        lasting: Lasting,
    },
    /// A listener: it drops connections or attempts at them.
    ConnectionsDropped {
        /// So many a second.
        rate: f64,
    },
    /// A listener whose accept queue is full, while accept queues of its namespace overflow; for kernels
    /// that do not count for the listener itself.
    OverflowsWhileFull {
        /// So many a second, in the whole namespace.
        rate: f64,
    },
    /// A listener: handshakes that do not come to their end.
    HalfOpen {
        /// How many are under way.
        count: u32,
        /// The limit of the accept queue, which is one of these too.
        limit: u32,
        /// For how long the oldest has been.
        oldest: Lasting,
    },
    /// A connection that waits in the accept queue.
    NotAccepted {
        /// For how long.
        lasting: Lasting,
    },
    /// The program does not read.
    NotReading {
        /// Bytes that wait for it.
        waiting: u32,
        /// For how long.
        lasting: Lasting,
    },
    /// The program does not read, or too slowly: which of them is not to be seen, as the socket counts
    /// no bytes.
    NotDraining {
        /// What waits for it: bytes, or memory of datagrams.
        waiting: u32,
        /// For how long it has not become less.
        lasting: Lasting,
    },
    /// The other end, in this sample too, does not read what was sent.
    PeerNotReading {
        /// Bytes that wait there.
        waiting: u32,
        /// For how long.
        lasting: Lasting,
    },
    /// The peer offers no window, or none that is large enough to send in.
    ZeroWindow {
        /// Bytes that wait here.
        unsent: u32,
        /// For how long.
        lasting: Lasting,
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
        /// For how long.
        lasting: Lasting,
        /// How often it was asked again.
        times: u8,
    },
    /// The peer has closed, the program has not.
    CloseWait {
        /// For how long.
        lasting: Lasting,
        /// It has not read that either.
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
    },
    /// A datagram socket whose buffer is full: what comes now is dropped.
    BufferFull {
        /// Memory of what waits.
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
}

impl Problem {
    /// A word for it, for programs: `accept-queue-full`.
    pub fn word(&self) -> &'static str {
        match self {
            Problem::AcceptQueueFull { .. } => "accept-queue-full",
            Problem::NotAccepting { .. } => "not-accepting",
            Problem::AcceptQueueFilling { .. } => "accept-queue-filling",
            Problem::ConnectionsDropped { .. } => "connections-dropped",
            Problem::OverflowsWhileFull { .. } => "overflows-while-full",
            Problem::HalfOpen { .. } => "half-open",
            Problem::NotAccepted { .. } => "not-accepted",
            Problem::NotReading { .. } => "not-reading",
            Problem::NotDraining { .. } => "not-draining",
            Problem::PeerNotReading { .. } => "peer-not-reading",
            Problem::ZeroWindow { .. } => "zero-window",
            Problem::Retransmitting { .. } => "retransmitting",
            Problem::NoAnswer { .. } => "no-answer",
            Problem::CloseWait { .. } => "close-wait",
            Problem::FinWait2 { .. } => "fin-wait2",
            Problem::DatagramsDropped { .. } => "datagrams-dropped",
            Problem::BufferFull { .. } => "buffer-full",
            Problem::Overflows { .. } => "overflows",
            Problem::NamespaceDropsDatagrams { .. } => "namespace-drops-datagrams",
            Problem::TimeWaitPile { .. } => "time-wait-pile",
        }
    }
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

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let _ = (Bytes(0), Count(0), Rate(0.0));
        write!(f, "{self:?}")
    }
}
