//! What happens, for whoever shows it: the display sees everything and changes nothing.

use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use framecat_core::address::Address;
use framecat_core::diagram::ReadSeams;
use framecat_core::framing::{EncodeError, FrameError};
use framecat_core::service::Dialogue;

/// The number of a session, counted from 1.
pub type SessionId = u64;

/// Something that happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A peer has come.
    Connected {
        /// The number of its session.
        session: SessionId,
        /// Its address.
        peer: &'a Address,
        /// How many sessions there are now.
        active: usize,
    },
    /// A message came in.
    Message {
        /// In which session.
        session: SessionId,
        /// From whom.
        peer: &'a Address,
        /// The message.
        message: &'a [u8],
    },
    /// A read returned.
    Read {
        /// In which session.
        session: SessionId,
        /// What it returned and what was found in it.
        seams: &'a ReadSeams,
    },
    /// A peer has sent its last message and waits for an answer from the operator.
    AwaitsAnswer {
        /// The number of its session.
        session: SessionId,
    },
    /// A peer is gone.
    Ended {
        /// The number of its session.
        session: SessionId,
        /// Its address.
        peer: &'a Address,
        /// Why.
        reason: &'a EndReason,
        /// What was said.
        totals: Totals,
        /// How long it was there.
        after: Duration,
        /// How many sessions there are now.
        active: usize,
    },
    /// A message could not be passed on.
    NotSent {
        /// To whom; `None` is nobody in particular.
        session: Option<SessionId>,
        /// Why not.
        problem: &'a NotSent,
    },
    /// A datagram was over the limit, and is lost.
    Oversized {
        /// From whom.
        peer: &'a Address,
        /// How many bytes it had.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// No more connections are taken for now.
    AcceptPaused {
        /// Why, and what will end it.
        reason: &'a str,
    },
}

/// Why a session ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum EndReason {
    /// The peer ended the stream, behind a whole message.
    EndOfStream,
    /// One side said the message that ends a session.
    EndMessage(Bytes),
    /// The reply was the only one to be given.
    OneShot,
    /// The peer reset the connection.
    Reset,
    /// Nothing was heard for so long.
    Idle(Duration),
    /// The peer broke the framing.
    Framing(FrameError),
    /// The answer cannot be carried in the replies' framing.
    Unanswerable(EncodeError),
    /// The peer does not read, and its queue is full.
    Slow,
    /// The server was told to end, and all that had come was answered.
    Drained,
    /// The server was told to end, and the time for that was over.
    Cut,
    /// The connection died of something else.
    Io(String),
}

impl EndReason {
    /// The message that ends a session of this dialogue was said.
    pub(crate) fn end_message(dialogue: &Dialogue) -> EndReason {
        EndReason::EndMessage(dialogue.end.clone().unwrap_or_default())
    }
}

/// Why a message was not passed on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotSent {
    /// There is no such session.
    #[error("there is no such session")]
    Gone,
    /// Nobody is connected.
    #[error("nobody is connected")]
    Nobody,
    /// It is not clear who is meant.
    #[error("{active} sessions are active: say which, as in `#2 hello`")]
    Ambiguous {
        /// How many are active.
        active: usize,
    },
    /// The peer does not read, and its queue is full.
    #[error("it does not read, and its queue is full")]
    Slow,
    /// The peer has no name to send to.
    #[error("its socket has no name to answer to")]
    Unnamed,
    /// The message cannot be carried.
    #[error(transparent)]
    Carry(#[from] EncodeError),
    /// The system would not take it.
    #[error("{0}")]
    Io(String),
}

/// What was said in a session, or in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Messages from peers.
    pub messages_in: u64,
    /// Messages to peers.
    pub messages_out: u64,
    /// Bytes from peers, with the framing.
    pub bytes_in: u64,
    /// Bytes to peers, with the framing.
    pub bytes_out: u64,
    /// Messages that a peer's full queue dropped.
    pub dropped: u64,
}

impl std::ops::AddAssign for Totals {
    fn add_assign(&mut self, other: Totals) {
        self.messages_in += other.messages_in;
        self.messages_out += other.messages_out;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.dropped += other.dropped;
    }
}

/// Sees what happens. Shared by all sessions.
pub trait Observer: Send + Sync {
    /// Something happened. It must not block.
    fn on_event(&self, event: &Event<'_>);

    /// Whether [`Event::Message`] and [`Event::Read`] are wanted. Asked once.
    fn wants(&self) -> Wants {
        Wants { messages: true, reads: false }
    }

    /// Whether there is room for more. While there is not, sessions do not read, so that nothing has
    /// to be thrown away.
    fn poll_ready(&self, _cx: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

/// What an [`Observer`] wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wants {
    /// Each message.
    pub messages: bool,
    /// Each read, and the messages found in it.
    pub reads: bool,
}

/// Sees nothing.
impl Observer for () {
    fn on_event(&self, _event: &Event<'_>) {}

    fn wants(&self) -> Wants {
        Wants { messages: false, reads: false }
    }
}
