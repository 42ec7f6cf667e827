//! Framings: the rules that say where a message begins and ends in a stream.
//!
//! A [`Codec`] is a [`Framing`] with a limit. Writing is [`Codec::encode`]: it appends one message to
//! a buffer, or refuses a message that the framing cannot carry and appends nothing. Reading is a
//! [`Decoder`], which is shown the bytes at hand and hands out messages *in place*: no copy, no
//! allocation, no reference count.
//!
//! The contract of [`Decoder::decode`], for every framing:
//!
//! - `Ok(Some(frame))`: the first `frame.wire.len()` bytes are one message; drop them and call again.
//! - `Ok(None)`: more bytes are needed; call again with the same bytes and more behind them.
//! - `Err(_)`: the stream is broken at the named byte, and nothing behind it can be trusted.
//!
//! What comes out does not depend on how the bytes were cut, however many calls that takes, and the
//! work over all calls grows with the bytes only (a decoder remembers how far it has looked).
//!
//! ```
//! use framecat_core::framing::{Codec, Framing};
//!
//! let codec = Codec::new("u16be".parse::<Framing>().unwrap(), 1024).unwrap();
//! let mut stream = Vec::new();
//! codec.encode(b"hello", &mut stream).unwrap();
//! codec.encode(b"", &mut stream).unwrap();
//!
//! let mut decoder = codec.decoder();
//! let mut at = 0;
//! let mut messages = Vec::new();
//! while let Some(frame) = decoder.decode(&stream[at..]).unwrap() {
//!     messages.push(frame.payload);
//!     at += frame.wire.len();
//! }
//! decoder.finish(&stream[at..]).unwrap(); // the stream may end here
//! assert_eq!(messages, [&b"hello"[..], b""]);
//! ```

mod content_length;
mod crlf;
mod decoder;
mod delim;
mod error;
mod fixed;
mod header;
mod length;
mod line;
mod netstring;
mod number;
mod raw;
mod spec;
mod varint;

use std::num::NonZeroUsize;

pub use decoder::{Decoder, Frame};
pub use delim::Delimiter;
pub use error::{EncodeError, Excerpt, FrameError, FrameErrorKind};
pub use header::HeaderWidth;
pub use length::{Endian, LengthField, LengthFieldError};
pub use spec::ParseFramingError;

use decoder::{Fault, Found};

/// The limit on a message's payload unless another is chosen: 1 MiB.
pub const DEFAULT_MAX_MESSAGE: usize = 1 << 20;

/// A rule that says where a message begins and ends in a stream.
///
/// Each parses from, and prints to, the string that stands for it on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Framing {
    /// `raw`: no seams; a message is whatever one read returned.
    Raw,
    /// `line`: ends in LF; CR LF is read too.
    Line,
    /// `crlf`: ends in CR LF, and neither stands alone (RFC 5321, section 2.3.8).
    Crlf,
    /// `delim:BYTES`: ends in these bytes.
    Delim(Delimiter),
    /// `fixed:N`: each has N bytes.
    Fixed(NonZeroUsize),
    /// `u32be` and its kind, and `length:…`: a binary header holds the length.
    Length(LengthField),
    /// `header:N`: a header of N bytes holds the length in ASCII decimal, padded with spaces.
    Header(HeaderWidth),
    /// `varint`: the length as LEB128, as in protobuf's delimited messages.
    Varint,
    /// `netstring`: `5:hello,` (cr.yp.to/proto/netstrings.txt).
    Netstring,
    /// `content-length`: a header block with `Content-Length: N`, as in LSP, DAP and MCP.
    ContentLength,
}

impl Framing {
    /// Whether an empty message can be carried.
    pub fn carries_empty(&self) -> bool {
        Codec { framing: self.clone(), max_message: DEFAULT_MAX_MESSAGE }
            .encode(b"", &mut Vec::new())
            .is_ok()
    }

    /// Whether a message ends at a mark in the stream, so that the last may lack its mark.
    pub fn is_terminated(&self) -> bool {
        matches!(self, Framing::Line | Framing::Crlf | Framing::Delim(_))
    }

    /// Whether the bytes of a frame that was read are the bytes that this framing would write for
    /// its message, so that an echo may hand them back as they are.
    pub fn is_canonical(&self) -> bool {
        match self {
            Framing::Raw | Framing::Crlf | Framing::Delim(_) | Framing::Fixed(_) => true,
            Framing::Netstring => true,
            // Bytes before the length field are written as zeros, but may hold anything when read.
            Framing::Length(field) => field.offset() == 0 || field.keeps_header(),
            Framing::Line | Framing::Header(_) | Framing::Varint | Framing::ContentLength => false,
        }
    }
}

/// A framing together with its limit: what both directions of a stream need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codec {
    framing: Framing,
    max_message: usize,
}

/// A framing and a limit that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{framing}` cannot be used with a limit of {max_message} B a message: it needs {needed}")]
pub struct CodecError {
    framing: Framing,
    max_message: usize,
    needed: usize,
}

impl Codec {
    /// The largest limit: no memory holds more, and a header and a trailer can be added to it.
    pub const MAX_LIMIT: usize = isize::MAX as usize;

    /// A framing whose messages have at most `max_message` bytes of payload. More than
    /// [`Codec::MAX_LIMIT`] means just that.
    ///
    /// # Errors
    /// Where no message at all would fit: `fixed:N` above the limit, or a limit of 0.
    pub fn new(framing: Framing, max_message: usize) -> Result<Self, CodecError> {
        let max_message = max_message.min(Self::MAX_LIMIT);
        let needed = match &framing {
            Framing::Fixed(size) => size.get(),
            Framing::Length(field) => field.shortest().max(1),
            _ => 1,
        };
        if max_message < needed {
            return Err(CodecError { framing, max_message, needed });
        }
        Ok(Codec { framing, max_message })
    }

    /// The framing.
    pub fn framing(&self) -> &Framing {
        &self.framing
    }

    /// The limit on a message's payload, in bytes.
    pub fn max_message(&self) -> usize {
        self.max_message
    }

    /// Appends one message to `out` in this framing.
    ///
    /// # Errors
    /// A message that this framing cannot carry, or one over the limit; `out` is as it was.
    pub fn encode(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if message.len() > self.max_message {
            return Err(EncodeError::TooLarge { len: message.len(), max: self.max_message });
        }
        match &self.framing {
            Framing::Length(field) => length::encode(*field, message, out),
            Framing::Raw => raw::encode(message, out),
            Framing::Line => line::encode(message, out),
            Framing::Crlf => crlf::encode(message, out),
            Framing::Delim(delimiter) => delim::encode(delimiter, message, out),
            Framing::Fixed(size) => fixed::encode(*size, message, out),
            Framing::Header(width) => header::encode(*width, message, out),
            Framing::Varint => varint::encode(message, out),
            Framing::Netstring => netstring::encode(message, out),
            Framing::ContentLength => content_length::encode(message, out),
        }
    }

    /// A decoder at the start of a stream.
    pub fn decoder(&self) -> Decoder {
        Decoder::new(self.clone())
    }
}
