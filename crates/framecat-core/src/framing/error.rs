//! What can be wrong with the bytes of a stream, and with a message that is to go into one.

use std::fmt;

use crate::escape::Escaped;

/// A stream broke its framing, at a byte counted from the start of the stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("framing error at byte {offset}: {kind}")]
pub struct FrameError {
    /// Counted from the start of the stream: the first byte that cannot be right, or the first byte
    /// of a number or a header that is wrong as a whole, or of a message that is too large. For
    /// [`FrameErrorKind::Truncated`], where the stream ended.
    pub offset: u64,
    /// What is wrong there.
    pub kind: FrameErrorKind,
}

/// What is wrong with a stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameErrorKind {
    /// The stream ended inside a message.
    #[error("the stream ended inside a message, after {have} B{}", OfNeeded(*need))]
    Truncated {
        /// Bytes of the unfinished message, its header among them.
        have: usize,
        /// How many the whole would have had, where the framing tells.
        need: Option<usize>,
    },
    /// The message is over the limit.
    #[error("a message {} the limit of {max} B{}", Over(*len), AsText(*len))]
    TooLarge {
        /// The announced payload length; `None` where no end was found within the limit, or the
        /// number is too big for 64 bits.
        len: Option<u64>,
        /// The limit on the payload, in bytes.
        max: usize,
    },
    /// The header is not one of this framing.
    #[error("expected {expected}, found {found}")]
    BadHeader {
        /// The first bytes of what stands there.
        found: Excerpt,
        /// What this framing wants there.
        expected: &'static str,
    },
    /// The message does not end as this framing ends one.
    #[error("expected {expected}, found {found}")]
    BadTerminator {
        /// The first bytes of what stands there.
        found: Excerpt,
        /// What this framing wants there.
        expected: &'static str,
    },
}

/// A message that a framing cannot carry; nothing of it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The message is over the limit.
    #[error("a message of {len} B is over the limit of {max} B")]
    TooLarge {
        /// The message's length.
        len: usize,
        /// The limit.
        max: usize,
    },
    /// The message is longer than the header can say, whatever the limit.
    #[error("a message of {len} B is too long for `{framing}`, which carries at most {max} B")]
    TooLong {
        /// The message's length.
        len: usize,
        /// The longest that can be carried.
        max: u64,
        /// The framing's own name.
        framing: String,
    },
    /// The message holds the bytes that would end it early.
    #[error("the message holds {found} at byte {offset}, which `{framing}` takes for its end")]
    HoldsTerminator {
        /// Where in the message.
        offset: usize,
        /// What stands there.
        found: Excerpt,
        /// The framing's own name.
        framing: String,
    },
    /// The last bytes of the message and the first of its delimiter make a delimiter together, as
    /// in `xa` before `aa`.
    #[error("the message runs into its delimiter: `{framing}` would end it at byte {offset}")]
    RunsIntoTerminator {
        /// Where in the message a reader would see its end.
        offset: usize,
        /// The framing's own name.
        framing: String,
    },
    /// `fixed:N` carries messages of N bytes only.
    #[error("a message of {len} B does not fit `fixed:{size}`, where each has {size} B")]
    WrongSize {
        /// The message's length.
        len: usize,
        /// The length that the framing fixes.
        size: usize,
    },
    /// An empty message leaves no trace in a stream without framing.
    #[error("an empty message cannot be seen in a raw stream: choose a framing to send one")]
    Empty,
    /// With `keep-header` the message brings its own header, and it contradicts the message.
    #[error("the header inside the message announces {announced} B, but the message has {len} B")]
    HeaderMismatch {
        /// The frame length that the header stands for.
        announced: i128,
        /// The message's length.
        len: usize,
    },
    /// The message is too short for the fields that this framing keeps inside it.
    #[error("a message of {len} B is too short: this framing needs at least {min} B in each")]
    TooShort {
        /// The message's length.
        len: usize,
        /// The shortest that can be carried.
        min: usize,
    },
}

/// The first bytes of something unexpected, for an error text.
#[derive(Clone, PartialEq, Eq)]
pub struct Excerpt {
    bytes: Box<[u8]>,
    cut: bool,
}

impl Excerpt {
    /// Long enough to recognise another protocol by its first words, short enough for one line.
    const MAX: usize = 16;

    /// Keeps the first bytes of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Excerpt { bytes: bytes[..bytes.len().min(Self::MAX)].into(), cut: bytes.len() > Self::MAX }
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"{}", Escaped(&self.bytes), if self.cut { "…" } else { "" })
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

struct OfNeeded(Option<usize>);

impl fmt::Display for OfNeeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |need| write!(f, " of {need} B"))
    }
}

struct Over(Option<u64>);

impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(len) => write!(f, "of {len} B is over"),
            None => f.write_str("is longer than"),
        }
    }
}

/// A hint where the announced length is made of printable characters: that is how the first words of a
/// protocol in text look to a framing with a binary header.
struct AsText(Option<u64>);

impl fmt::Display for AsText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0.unwrap_or(0).to_be_bytes();
        let digits = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
        if digits.len() < 4 || !digits.iter().all(|byte| (b' '..=b'~').contains(byte)) {
            return Ok(());
        }
        f.write_str("; that length is made of letters: does the peer speak this framing?")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_that_is_text_is_told_from_one_that_is_large() {
        let text = |len| FrameErrorKind::TooLarge { len: Some(len), max: 1000 }.to_string();
        for greeting in [b"GET ", b"SSH-", b" TEG"] {
            let told = text(u32::from_be_bytes(*greeting).into());
            assert!(told.ends_with("made of letters: does the peer speak this framing?"), "{told}");
        }
        assert!(text(u64::from_be_bytes(*b"EHLO mx.")).contains("made of letters"));
        for length in [1001, 0x4142, 1 << 30, 1 << 62, u64::MAX] {
            assert!(text(length).ends_with("the limit of 1000 B"), "{length}");
        }
    }
}
