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
use std::ops::Range;

pub use delim::Delimiter;
pub use error::{EncodeError, Excerpt, FrameError, FrameErrorKind};
pub use header::HeaderWidth;
pub use length::{Endian, LengthField, LengthFieldError};
pub use spec::ParseFramingError;

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
        Decoder { codec: self.clone(), offset: 0, need: 0, scanned: 0 }
    }
}

/// One message found in a stream, in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The message as the programs mean it.
    pub payload: &'a [u8],
    /// The message with all its framing: the bytes to drop before the next call.
    pub wire: &'a [u8],
}

/// Finds the messages in the bytes of one direction of one stream. The [module](self) has the
/// contract.
#[derive(Debug, Clone)]
pub struct Decoder {
    codec: Codec,
    /// Where in the stream the bytes begin that the next call will be shown.
    offset: u64,
    /// The length of the frame at the front, 0 while its header has not told.
    need: usize,
    /// How many bytes at the front hold nothing new.
    scanned: usize,
}

impl Decoder {
    /// Looks for a message at the front of `bytes`.
    ///
    /// # Errors
    /// The stream is broken; the decoder must not be used further.
    #[inline(always)]
    pub fn decode<'a>(&mut self, bytes: &'a [u8]) -> Result<Option<Frame<'a>>, FrameError> {
        // A whole message behind a binary length is found with a few additions. Everything else, what
        // is wrong or unfinished included, has time for a function call.
        if let Framing::Length(field) = &self.codec.framing
            && let Ok(Found::Frame { payload, len }) =
                length::find(*field, bytes, self.codec.max_message)
        {
            return Ok(Some(self.take(bytes, payload, len)));
        }
        self.look(bytes)
    }

    #[inline(always)]
    fn take<'a>(&mut self, bytes: &'a [u8], payload: Range<usize>, len: usize) -> Frame<'a> {
        self.offset += len as u64;
        self.need = 0;
        self.scanned = 0;
        Frame { payload: &bytes[payload], wire: &bytes[..len] }
    }

    fn look<'a>(&mut self, bytes: &'a [u8]) -> Result<Option<Frame<'a>>, FrameError> {
        if bytes.len() < self.need || bytes.is_empty() {
            return Ok(None);
        }
        match self.find(bytes) {
            Ok(Found::Frame { payload, len }) => Ok(Some(self.take(bytes, payload, len))),
            Ok(Found::Partial { need, scanned }) => {
                self.need = need;
                self.scanned = scanned;
                Ok(None)
            }
            Err(fault) => {
                Err(FrameError { offset: self.offset + fault.at as u64, kind: fault.kind })
            }
        }
    }

    fn find(&self, bytes: &[u8]) -> Result<Found, Fault> {
        let max = self.codec.max_message;
        match &self.codec.framing {
            Framing::Length(field) => length::find(*field, bytes, max),
            Framing::Raw => Ok(raw::find(bytes, max)),
            Framing::Line => line::find(bytes, self.scanned, max),
            Framing::Crlf => crlf::find(bytes, self.scanned, max),
            Framing::Delim(delimiter) => delim::find(delimiter, bytes, self.scanned, max),
            Framing::Fixed(size) => Ok(fixed::find(*size, bytes)),
            Framing::Header(width) => header::find(*width, bytes, max),
            Framing::Varint => varint::find(bytes, max),
            Framing::Netstring => netstring::find(bytes, max),
            Framing::ContentLength => content_length::find(bytes, self.scanned, max),
        }
    }

    /// The stream has ended, with `rest` behind the last message.
    ///
    /// # Errors
    /// [`FrameErrorKind::Truncated`], at the end of the stream, if it ended inside a message.
    pub fn finish(&self, rest: &[u8]) -> Result<(), FrameError> {
        if rest.is_empty() {
            return Ok(());
        }
        let kind = FrameErrorKind::Truncated { have: rest.len(), need: self.needed() };
        Err(FrameError { offset: self.offset + rest.len() as u64, kind })
    }

    /// How many bytes the unfinished message at the front has in all, with its framing, where its
    /// header has already told.
    pub fn needed(&self) -> Option<usize> {
        (self.need > 0).then_some(self.need)
    }

    /// How many bytes of the stream have been handed out as messages.
    pub fn offset(&self) -> u64 {
        self.offset
    }
}

/// What a framing found at the front of the bytes that it was shown.
enum Found {
    Frame {
        payload: Range<usize>,
        len: usize,
    },
    Partial {
        /// The length of the whole frame, or 0 while that is unknown.
        need: usize,
        /// How many bytes at the front need not be looked at again.
        scanned: usize,
    },
}

impl Found {
    /// More is needed, and a look at the header again costs nothing worth remembering.
    const MORE: Found = Found::Partial { need: 0, scanned: 0 };

    /// A frame of `header` bytes, `payload` bytes and `trailer` bytes, if all are there.
    #[inline(always)]
    fn sized(
        bytes: &[u8],
        header: usize,
        payload: Option<u64>,
        trailer: usize,
        max: usize,
    ) -> Result<Found, Fault> {
        let payload = match payload {
            Some(payload) if payload <= max as u64 => payload as usize,
            len => return Err(Fault { at: 0, kind: FrameErrorKind::TooLarge { len, max } }),
        };
        let len = header + payload + trailer;
        Ok(if bytes.len() < len {
            Found::Partial { need: len, scanned: 0 }
        } else {
            Found::Frame { payload: header..header + payload, len }
        })
    }
}

/// What is wrong, and where, counted from the front of the bytes at hand.
struct Fault {
    at: usize,
    kind: FrameErrorKind,
}

impl Fault {
    fn header(bytes: &[u8], at: usize, expected: &'static str) -> Fault {
        Fault { at, kind: FrameErrorKind::BadHeader { found: Excerpt::of(&bytes[at..]), expected } }
    }

    fn terminator(bytes: &[u8], at: usize, expected: &'static str) -> Fault {
        let found = Excerpt::of(&bytes[at..]);
        Fault { at, kind: FrameErrorKind::BadTerminator { found, expected } }
    }

    /// No end of the message stands within the limit.
    fn endless(max: usize) -> Fault {
        Fault { at: 0, kind: FrameErrorKind::TooLarge { len: None, max } }
    }
}
