//! Finding the messages in the bytes of a stream, whatever the framing.

use std::ops::Range;

use super::error::{Excerpt, FrameError, FrameErrorKind};
use super::{
    Codec, Framing, content_length, crlf, delim, fixed, header, length, line, netstring, raw,
    varint,
};

/// One message found in a stream, in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The message as the programs mean it.
    pub payload: &'a [u8],
    /// The message with all its framing: the bytes to drop before the next call.
    pub wire: &'a [u8],
}

/// Finds the messages in the bytes of one direction of one stream. The [module](super) has the
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
    pub(super) fn new(codec: Codec) -> Decoder {
        Decoder { codec, offset: 0, need: 0, scanned: 0 }
    }

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
pub(super) enum Found {
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
    pub(super) const MORE: Found = Found::Partial { need: 0, scanned: 0 };

    /// A frame of `header` bytes, `payload` bytes and `trailer` bytes, if all are there.
    #[inline(always)]
    pub(super) fn sized(
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
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) kind: FrameErrorKind,
}

impl Fault {
    pub(super) fn header(bytes: &[u8], at: usize, expected: &'static str) -> Fault {
        Fault { at, kind: FrameErrorKind::BadHeader { found: Excerpt::of(&bytes[at..]), expected } }
    }

    pub(super) fn terminator(bytes: &[u8], at: usize, expected: &'static str) -> Fault {
        let found = Excerpt::of(&bytes[at..]);
        Fault { at, kind: FrameErrorKind::BadTerminator { found, expected } }
    }

    /// No end of the message stands within the limit.
    pub(super) fn endless(max: usize) -> Fault {
        Fault { at: 0, kind: FrameErrorKind::TooLarge { len: None, max } }
    }
}
