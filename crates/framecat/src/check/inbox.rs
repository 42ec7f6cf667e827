//! What has come back on a connection.

use std::io;

use framecat_core::check::End;
use tokio::time::Instant;

use crate::endpoint::{Read, Stream};

/// How many bytes are kept beyond those that are expected: enough to see what is wrong.
const KEPT_BEYOND: usize = 64 * 1024;

/// How many bytes may come beyond those that are expected until that is called endless.
const ENDLESS: u64 = 4 << 20;

/// How much is read at once: most replies are shorter, and the memory is cleared for each read.
const PIECE: usize = 4096;

/// What has come back on a connection.
pub(super) struct Inbox {
    got: Vec<u8>,
    len: u64,
    end: Option<End>,
    /// When something came last, the end included.
    last: Option<Instant>,
    expected: usize,
    /// How much is read at once.
    piece: usize,
    /// Whether a peer that says no more has ended the conversation.
    ends_with_last: bool,
    /// The peer says no more.
    heard_all: bool,
    /// It has talked for longer than anybody listens.
    given_up: bool,
}

impl Inbox {
    /// An inbox for a reply of about `expected` bytes.
    pub(super) fn new(expected: usize) -> Inbox {
        // What masks blank is longer than what is expected of it.
        let expected = expected.saturating_mul(4);
        let (got, len, end, last) = Default::default();
        let piece = PIECE;
        Inbox {
            got,
            len,
            end,
            last,
            expected,
            piece,
            ends_with_last: true,
            heard_all: false,
            given_up: false,
        }
    }

    /// An inbox for what a client says: one that says no more still hears.
    pub(super) fn of_client() -> Inbox {
        Inbox { ends_with_last: false, ..Inbox::new(0) }
    }

    /// How many bytes of a reply of which nothing is known are kept, and then compared with: 16 MiB.
    pub(super) const UNKNOWN: usize = 4 << 20;

    /// Reads in small pieces.
    pub(super) fn read_slowly(&mut self, piece: usize) {
        self.piece = piece;
    }

    /// Reads what is there; whether anything was.
    pub(super) fn drain(&mut self, stream: &Stream) -> bool {
        let before = (self.len, self.end);
        let open = |inbox: &Inbox| !inbox.heard_all && inbox.end.is_none();
        while open(self) && !self.is_endless() && self.read_once(stream) {}
        let came = before != (self.len, self.end);
        if came {
            self.last = Some(Instant::now());
        }
        came
    }

    /// Reads once; whether there may be more.
    pub(super) fn read_once(&mut self, stream: &Stream) -> bool {
        let mut buffer = [0; PIECE];
        match stream.read_now(&mut buffer[..self.piece]) {
            Ok(Read::Bytes(bytes)) => {
                self.len += bytes as u64;
                let room = (self.expected + KEPT_BEYOND).saturating_sub(self.got.len());
                self.got.extend_from_slice(&buffer[..bytes.min(room)]);
                stream.acknowledge();
                // A read that left room has emptied the socket; an end behind it is seen by the next.
                bytes == self.piece
            }
            Ok(Read::Cut) => true,
            Ok(Read::End) => {
                self.heard_all = true;
                self.end = self.end.or(self.ends_with_last.then_some(End::Closed));
                false
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => false,
            Err(_) => {
                self.end = Some(End::Reset);
                false
            }
        }
    }

    /// What has come.
    pub(super) fn got(&self) -> &[u8] {
        &self.got
    }

    /// How many bytes have come.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// How the connection has ended, if it has.
    pub(super) fn end(&self) -> Option<End> {
        self.end
    }

    /// Whether the peer says no more, whether or not it still hears.
    pub(super) fn heard_all(&self) -> bool {
        self.heard_all
    }

    /// When something came last, the end included.
    pub(super) fn last(&self) -> Option<Instant> {
        self.last
    }

    /// Whether far more has come than was to be expected, or it has come for far too long.
    pub(super) fn is_endless(&self) -> bool {
        self.given_up || self.len > self.expected as u64 + ENDLESS
    }

    /// No longer listens.
    pub(super) fn give_up(&mut self) {
        self.given_up = true;
    }

    /// Forgets what has come: what comes from now on is another answer.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.len = 0;
        std::mem::take(&mut self.got)
    }
}
