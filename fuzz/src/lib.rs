//! What the targets share: a choice of framing and limit that the fuzzer can steer, and ways to cut a
//! stream. The reading and the oracle are those of the law suite.

// Each target needs a part of the two modules, and this crate hands on only that part.
#[allow(dead_code)]
#[path = "../../crates/framecat-core/tests/framing_laws/framings.rs"]
mod framings;
#[allow(dead_code)]
#[path = "../../crates/framecat-core/tests/framing_laws/read.rs"]
mod reading;

use std::num::NonZeroUsize;

use arbitrary::Arbitrary;
use framecat_core::framing::{
    Codec, Delimiter, Endian, FrameError, Framing, HeaderWidth, LengthField,
};

/// A framing with its parameters, each in range more often than not.
#[derive(Debug, Arbitrary)]
enum Choice {
    Raw,
    Line,
    Crlf,
    Delim(Vec<u8>),
    Fixed(u8),
    Length { size: u8, little: bool, offset: u8, adjust: i8, far: bool, keep_header: bool },
    Header(u8),
    Varint,
    Netstring,
    ContentLength,
}

#[derive(Debug, Arbitrary)]
enum Limit {
    Small(u8),
    Large(u16),
    Default,
    None,
}

/// A framing with its limit.
#[derive(Debug, Arbitrary)]
pub struct Setup {
    choice: Choice,
    limit: Limit,
}

impl Setup {
    /// The codec, unless the parameters contradict each other.
    pub fn codec(&self) -> Option<Codec> {
        let max = match self.limit {
            Limit::Small(max) => max.into(),
            Limit::Large(max) => max.into(),
            Limit::Default => framecat_core::framing::DEFAULT_MAX_MESSAGE,
            Limit::None => usize::MAX,
        };
        Codec::new(self.framing()?, max).ok()
    }

    fn framing(&self) -> Option<Framing> {
        Some(match &self.choice {
            Choice::Raw => Framing::Raw,
            Choice::Line => Framing::Line,
            Choice::Crlf => Framing::Crlf,
            Choice::Delim(bytes) => Framing::Delim(Delimiter::new(bytes)?),
            Choice::Fixed(size) => Framing::Fixed(NonZeroUsize::new((*size).into())?),
            Choice::Length { size, little, offset, adjust, far, keep_header } => {
                let endian = if *little { Endian::Little } else { Endian::Big };
                let adjust = if *far { i32::from(*adjust) << 13 } else { i32::from(*adjust) };
                let field = LengthField::new(size % 8 + 1, endian).ok()?;
                let field = field.with_offset((*offset).into()).ok()?.with_adjust(adjust).ok()?;
                Framing::Length(if *keep_header { field.with_header_kept() } else { field })
            }
            Choice::Header(width) => Framing::Header(HeaderWidth::new((*width).into())?),
            Choice::Varint => Framing::Varint,
            Choice::Netstring => Framing::Netstring,
            Choice::ContentLength => Framing::ContentLength,
        })
    }
}

/// Sizes of the pieces that a stream arrives in, taken round and round; 0 is an empty read.
#[derive(Debug, Arbitrary)]
pub struct Cuts(Vec<u8>);

impl Cuts {
    fn pieces<'a>(&'a self, stream: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        let sizes = self.0.iter().map(|size| usize::from(*size));
        // The one behind them, so that even sizes of 0 come to the end.
        let mut sizes = sizes.chain([1]).cycle();
        let mut rest = stream;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let (piece, behind) = rest.split_at(sizes.next()?.min(rest.len()));
            rest = behind;
            Some(piece)
        })
    }
}

/// What came out of a stream.
#[derive(Debug, PartialEq)]
pub struct Told {
    /// The messages.
    pub messages: Vec<Vec<u8>>,
    /// How many bytes they had with their framing.
    pub wire: usize,
    /// How the stream ended; an error is without its excerpt.
    pub end: Result<(), FrameError>,
}

/// What comes out of `stream` in one read, and cut. In both the decoder's contract is watched.
pub fn whole_and_cut(codec: &Codec, stream: &[u8], cuts: &Cuts) -> (Told, Told) {
    let told = |story: reading::Story| {
        if let Err(error) = &story.end {
            assert_one_line(&error.to_string());
        }
        let story = story.without_excerpts();
        Told { messages: story.messages, wire: story.wires.iter().sum(), end: story.end }
    };
    (told(reading::read(codec, [stream])), told(reading::read(codec, cuts.pieces(stream))))
}

/// Whether the framing can carry the message, told a second time.
pub fn carries(codec: &Codec, message: &[u8]) -> bool {
    message.len() <= codec.max_message() && framings::carries(codec.framing(), message)
}

/// An error text shows nothing to the terminal but characters.
pub fn assert_one_line(text: &str) {
    assert!(!text.contains(char::is_control), "{text:?}");
}
