//! Reads a stream in pieces, as a session does, and watches on the way that the decoder keeps its
//! contract: messages in place, nothing needed that is there already, nothing waiting beyond a bound.

use framecat_core::framing::{Codec, Excerpt, FrameError, FrameErrorKind};

/// No framing waits for more than this besides the payload: it is the longest header block of
/// `content-length`, the largest of all.
const MOST_FRAMING: usize = 8192;

/// What came out of a stream, up to its end or its first error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Story {
    pub(crate) messages: Vec<Vec<u8>>,
    /// The bytes of each message with its framing.
    pub(crate) wires: Vec<usize>,
    pub(crate) end: Result<(), FrameError>,
}

impl Story {
    /// The same without the excerpts: an error is told as soon as it is certain, and how much stood
    /// behind the fault by then is the one thing that may depend on the cuts.
    pub(crate) fn without_excerpts(self) -> Story {
        let end = self.end.map_err(|mut error| {
            if let FrameErrorKind::BadHeader { found, .. }
            | FrameErrorKind::BadTerminator { found, .. } = &mut error.kind
            {
                *found = Excerpt::of(b"");
            }
            error
        });
        Story { end, ..self }
    }
}

/// What comes out of the pieces of a stream.
pub(crate) fn read<'a>(codec: &Codec, pieces: impl IntoIterator<Item = &'a [u8]>) -> Story {
    let mut decoder = codec.decoder();
    let mut story = Story { messages: Vec::new(), wires: Vec::new(), end: Ok(()) };
    let mut waiting: Vec<u8> = Vec::new();
    let mut promised = None;
    for piece in pieces {
        waiting.extend_from_slice(piece);
        let mut at = 0;
        let found = loop {
            match decoder.decode(&waiting[at..]) {
                Ok(Some(frame)) => {
                    let (wire, payload) = (frame.wire.as_ptr_range(), frame.payload.as_ptr_range());
                    assert_eq!(wire.start, waiting[at..].as_ptr(), "the wire is the front");
                    assert!(wire.start <= payload.start && payload.end <= wire.end, "in place");
                    assert_eq!(promised.take().unwrap_or(frame.wire.len()), frame.wire.len());
                    story.messages.push(frame.payload.to_vec());
                    story.wires.push(frame.wire.len());
                    at += frame.wire.len();
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        waiting.drain(..at);
        assert_eq!(decoder.offset(), story.wires.iter().sum::<usize>() as u64);
        if found.is_err() {
            return Story { end: found, ..story };
        }
        let needed = decoder.needed();
        assert!(needed.is_none_or(|needed| needed > waiting.len()), "{needed:?} are there");
        assert!(promised.is_none() || promised == needed, "{promised:?} became {needed:?}");
        promised = needed;
        let bound = codec.max_message().saturating_add(MOST_FRAMING);
        assert!(waiting.len() <= bound, "{} B wait without an end", waiting.len());
    }
    story.end = decoder.finish(&waiting);
    story
}

/// A stream a byte at a time.
pub(crate) fn byte_by_byte(stream: &[u8]) -> impl Iterator<Item = &[u8]> {
    stream.chunks(1)
}
