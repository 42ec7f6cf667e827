//! How messages lie on the wire, in one direction.

use framecat_core::framing::{Codec, CodecError, DEFAULT_MAX_MESSAGE, EncodeError, Framing};

/// How messages lie on the wire, in one direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wire {
    /// A stream, cut into messages by a framing.
    Framed(Codec),
    /// A socket that keeps boundaries: each datagram is a message.
    Packets {
        /// The limit on a message, in bytes.
        max_message: usize,
    },
}

impl Wire {
    /// A stream in this framing, with the usual limit.
    ///
    /// # Errors
    /// If no message of this framing is within that limit, as with `fixed:2000000`.
    pub fn framed(framing: Framing) -> Result<Wire, CodecError> {
        Codec::new(framing, DEFAULT_MAX_MESSAGE).map(Wire::Framed)
    }

    /// Appends one message as it goes over the wire.
    ///
    /// # Errors
    /// A message that cannot be carried; `out` is as it was.
    pub fn encode(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self {
            Wire::Framed(codec) => codec.encode(message, out),
            Wire::Packets { .. } => {
                self.check(message)?;
                out.extend_from_slice(message);
                Ok(())
            }
        }
    }

    /// Whether a message can be carried. Where each datagram is a message, this copies nothing.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn check(&self, message: &[u8]) -> Result<(), EncodeError> {
        match self {
            Wire::Framed(codec) => codec.encode(message, &mut Vec::new()),
            Wire::Packets { max_message } if message.len() > *max_message => {
                Err(EncodeError::TooLarge { len: message.len(), max: *max_message })
            }
            Wire::Packets { .. } => Ok(()),
        }
    }

    /// The limit on a message, in bytes.
    pub fn max_message(&self) -> usize {
        match self {
            Wire::Framed(codec) => codec.max_message(),
            Wire::Packets { max_message } => *max_message,
        }
    }

    /// The framing, where there is one.
    pub fn framing(&self) -> Option<&Framing> {
        match self {
            Wire::Framed(codec) => Some(codec.framing()),
            Wire::Packets { .. } => None,
        }
    }

    /// Whether there are no seams in the stream, so that a read is taken for a message.
    pub fn is_raw(&self) -> bool {
        self.framing() == Some(&Framing::Raw)
    }

    /// Whether an empty message can be sent.
    pub fn carries_empty(&self) -> bool {
        self.framing().is_none_or(Framing::carries_empty)
    }
}
