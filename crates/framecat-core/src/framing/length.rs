//! `u32be` and its kind, and `length:…`: a binary header holds the length.
//!
//! The parameters are those of the well-known length-field decoders (Netty's
//! `LengthFieldBasedFrameDecoder`, tokio-util's `LengthDelimitedCodec`):
//!
//! ```text
//! |<- offset ->|<- size ->|<- length + adjust ->|
//! | other      | length   | rest                |
//! ```
//!
//! The payload is `rest`, or the whole frame with `keep-header`. Where the payload does not hold the
//! other bytes of the header, they are written as zeros and not looked at when read.

use super::{EncodeError, Fault, Found};

/// The order of the bytes in the length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endian {
    /// The highest byte first: network order.
    Big,
    /// The lowest byte first.
    Little,
}

/// Where the length stands in the header, and what it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LengthField {
    size: u8,
    endian: Endian,
    keep_header: bool,
    offset: u16,
    adjust: i32,
}

/// Parameters that describe no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LengthFieldError {
    /// The length has no byte, or more than eight.
    #[error("size must be 1 to 8 bytes")]
    Size,
    /// The length stands too far inside.
    #[error("offset must be at most {} bytes", LengthField::MAX_OFFSET)]
    Offset,
    /// The adjustment is too large.
    #[error("adjust must be between -{0} and {0}", LengthField::MAX_ADJUST)]
    Adjust,
    /// Less than nothing would be left of any length.
    #[error("adjust takes off more than a length of this size can say")]
    Unreachable,
}

impl LengthField {
    /// The furthest the length may stand from the start of a frame.
    pub const MAX_OFFSET: u16 = 1024;
    /// The largest adjustment, either way.
    pub const MAX_ADJUST: i32 = 1 << 20;

    /// A header that is `size` bytes of length and nothing else.
    ///
    /// # Errors
    /// If `size` is not 1 to 8.
    pub fn new(size: u8, endian: Endian) -> Result<Self, LengthFieldError> {
        if !(1..=8).contains(&size) {
            return Err(LengthFieldError::Size);
        }
        // A single byte has no order, and equal headers shall be equal values.
        let endian = if size == 1 { Endian::Big } else { endian };
        Ok(LengthField { size, endian, keep_header: false, offset: 0, adjust: 0 })
    }

    /// Puts `offset` bytes before the length.
    ///
    /// # Errors
    /// Above [`LengthField::MAX_OFFSET`].
    pub fn with_offset(self, offset: u16) -> Result<Self, LengthFieldError> {
        if offset > Self::MAX_OFFSET {
            return Err(LengthFieldError::Offset);
        }
        Ok(LengthField { offset, ..self })
    }

    /// Adds `adjust` to the length to get the number of bytes behind it: `-6` where it counts a
    /// header of six bytes too, `2` where two bytes behind it are not counted.
    ///
    /// # Errors
    /// Above [`LengthField::MAX_ADJUST`], either way, or below what any length of this size can say.
    pub fn with_adjust(self, adjust: i32) -> Result<Self, LengthFieldError> {
        if adjust.unsigned_abs() > Self::MAX_ADJUST.unsigned_abs() {
            return Err(LengthFieldError::Adjust);
        }
        if self.ceiling().checked_add_signed(adjust.min(0).into()).is_none() {
            return Err(LengthFieldError::Unreachable);
        }
        Ok(LengthField { adjust, ..self })
    }

    /// Makes the header part of the message.
    #[must_use]
    pub fn with_header_kept(self) -> Self {
        LengthField { keep_header: true, ..self }
    }

    /// How many bytes the length has.
    pub fn size(self) -> u8 {
        self.size
    }

    /// The order of the bytes in the length.
    pub fn endian(self) -> Endian {
        self.endian
    }

    /// How many bytes stand before the length.
    pub fn offset(self) -> u16 {
        self.offset
    }

    /// What is added to the length to get the number of bytes behind it.
    pub fn adjust(self) -> i32 {
        self.adjust
    }

    /// Whether the header is part of the message.
    pub fn keeps_header(self) -> bool {
        self.keep_header
    }

    fn header(self) -> usize {
        usize::from(self.offset) + usize::from(self.size)
    }

    /// The shortest payload that can be carried.
    pub(super) fn shortest(self) -> usize {
        let uncounted = usize::try_from(self.adjust).unwrap_or(0);
        uncounted + if self.keep_header { self.header() } else { 0 }
    }

    #[inline(always)]
    fn read(self, header: &[u8]) -> u64 {
        let field = &header[usize::from(self.offset)..];
        if let (4, Endian::Big) = (self.size, self.endian) {
            return u64::from(u32::from_be_bytes([field[0], field[1], field[2], field[3]]));
        }
        let field = &field[..usize::from(self.size)];
        let push = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        match self.endian {
            Endian::Big => field.iter().fold(0, push),
            Endian::Little => field.iter().rev().fold(0, push),
        }
    }

    /// The largest number that the length can hold.
    fn ceiling(self) -> u64 {
        u64::MAX >> (64 - 8 * u32::from(self.size))
    }
}

#[inline(always)]
pub(super) fn find(field: LengthField, bytes: &[u8], max: usize) -> Result<Found, Fault> {
    let header = field.header();
    if bytes.len() < header {
        return Ok(Found::MORE);
    }
    let value = field.read(bytes);
    let Some(rest) = value.checked_add_signed(i64::from(field.adjust)) else {
        if field.adjust > 0 {
            return Err(Fault::endless(max));
        }
        let expected = "a length that is not negative once adjusted";
        return Err(Fault::header(&bytes[..header], field.offset.into(), expected));
    };
    if !field.keep_header {
        return Found::sized(bytes, header, Some(rest), 0, max);
    }
    Found::sized(bytes, 0, rest.checked_add(header as u64), 0, max)
}

#[inline]
pub(super) fn encode(
    field: LengthField,
    message: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    if field.keep_header {
        return encode_with_own_header(field, message, out);
    }
    let value = message.len() as i128 - i128::from(field.adjust);
    if value < 0 {
        return Err(EncodeError::TooShort { len: message.len(), min: field.shortest() });
    }
    if value > i128::from(field.ceiling()) {
        let max = (i128::from(field.ceiling()) + i128::from(field.adjust)) as u64;
        let framing = field.to_string();
        return Err(EncodeError::TooLong { len: message.len(), max, framing });
    }
    let size = usize::from(field.size);
    out.resize(out.len() + usize::from(field.offset), 0);
    match field.endian {
        Endian::Big => out.extend_from_slice(&(value as u64).to_be_bytes()[8 - size..]),
        Endian::Little => out.extend_from_slice(&(value as u64).to_le_bytes()[..size]),
    }
    out.extend_from_slice(message);
    Ok(())
}

fn encode_with_own_header(
    field: LengthField,
    message: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    if message.len() < field.shortest() {
        return Err(EncodeError::TooShort { len: message.len(), min: field.shortest() });
    }
    let rest = i128::from(field.read(message)) + i128::from(field.adjust);
    let announced = field.header() as i128 + rest;
    if announced != message.len() as i128 {
        return Err(EncodeError::HeaderMismatch { announced, len: message.len() });
    }
    out.extend_from_slice(message);
    Ok(())
}
