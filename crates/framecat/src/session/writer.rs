//! The writing half of a session.

use std::io;

use framecat_core::framing::EncodeError;

use super::Wire;
use crate::endpoint::Stream;

/// Once this much waits to be sent, no more is taken: a peer that does not read stops its session,
/// and never grows a buffer. Large, because a reader that is woken once for many segments is what
/// makes a stream fast.
const HIGH_WATER: usize = 256 * 1024;

/// Puts messages into a stream.
#[derive(Debug)]
pub struct Writer {
    wire: Wire,
    /// What waits to be sent: `unsent[sent..]`.
    unsent: Vec<u8>,
    sent: usize,
    /// On a socket that keeps boundaries: whether `unsent` is a message, which may be empty.
    packet: bool,
    bytes: u64,
    messages: u64,
}

impl Writer {
    /// A writer at the start of a stream.
    pub fn new(wire: Wire) -> Writer {
        Writer { wire, unsent: Vec::new(), sent: 0, packet: false, bytes: 0, messages: 0 }
    }

    /// How the messages are put on the wire.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// How many bytes were written.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many messages were taken.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// How many bytes wait to be sent.
    pub fn unsent(&self) -> usize {
        self.unsent.len() - self.sent
    }

    /// Whether all is sent.
    pub fn is_flushed(&self) -> bool {
        self.unsent() == 0 && !self.packet
    }

    /// Whether another message should be taken now.
    pub fn has_room(&self) -> bool {
        match self.wire {
            Wire::Framed(_) => self.unsent() < HIGH_WATER,
            Wire::Packets { .. } => !self.packet,
        }
    }

    /// Uses `memory`, which is empty, for what gathers from now on; to be given back by
    /// [`Writer::give_back`]. So a session that has sent everything holds no memory of its own.
    pub fn borrow(&mut self, memory: &mut Vec<u8>) {
        if self.is_flushed() {
            self.unsent = std::mem::take(memory);
        }
    }

    /// Gives the memory back if all is sent.
    pub fn give_back(&mut self, memory: &mut Vec<u8>) {
        if self.is_flushed() {
            *memory = std::mem::take(&mut self.unsent);
        }
    }

    /// Takes a message.
    ///
    /// # Errors
    /// If it cannot be carried; then it is not taken.
    #[inline]
    pub fn push(&mut self, message: &[u8]) -> Result<(), EncodeError> {
        self.wire.encode(message, &mut self.unsent)?;
        self.took(1);
        Ok(())
    }

    /// Takes so many messages that are encoded already, one behind the other. On a socket that keeps
    /// boundaries it must be one.
    #[inline]
    pub fn push_encoded(&mut self, wire: &[u8], messages: u64) {
        self.unsent.extend_from_slice(wire);
        self.took(messages);
    }

    fn took(&mut self, messages: u64) {
        self.messages += messages;
        self.packet |= messages > 0 && matches!(self.wire, Wire::Packets { .. });
    }

    /// Forgets what waits to be sent: the connection will not take it.
    pub fn give_up(&mut self) {
        self.unsent.clear();
        self.sent = 0;
        self.packet = false;
    }

    /// Frees what is sent, once it is more than what is not (so that nothing is kept when all is
    /// sent): a peer that reads slowly but always would
    /// make it grow for ever, and moving less than was sent costs less than sending it did.
    fn forget_sent(&mut self) {
        if self.sent > self.unsent() {
            self.unsent.drain(..self.sent);
            self.sent = 0;
        }
    }

    /// Sends what it can without waiting.
    ///
    /// # Errors
    /// What the connection died of. That there is no room is no error.
    pub fn flush(&mut self, stream: &Stream) -> io::Result<()> {
        while !self.is_flushed() {
            match stream.try_write(&self.unsent[self.sent..]) {
                Ok(written) => {
                    self.sent += written;
                    self.bytes += written as u64;
                    self.packet = false;
                    self.forget_sent();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
