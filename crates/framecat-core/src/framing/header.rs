//! `header:N`: a header of N bytes holds the payload's length in ASCII decimal, left-aligned, padded
//! with spaces.
//!
//! ```text
//! | "12" and 62 spaces | "Hello World!" |      header:64
//! ```

use super::{EncodeError, Fault, Found, number};

const EXPECTED: &str = "a decimal length, padded with spaces";

/// The width of the header, in bytes: 1 to [`HeaderWidth::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeaderWidth(usize);

impl HeaderWidth {
    /// Wider headers are not seen in the field; the bound keeps the look at an unfinished one cheap.
    pub const MAX: usize = 1024;

    /// `None` outside of 1 to [`HeaderWidth::MAX`].
    pub fn new(width: usize) -> Option<Self> {
        (1..=Self::MAX).contains(&width).then_some(HeaderWidth(width))
    }

    /// The width in bytes.
    pub fn get(self) -> usize {
        self.0
    }
}

pub(super) fn find(width: HeaderWidth, bytes: &[u8], max: usize) -> Result<Found, Fault> {
    let width = width.get();
    let header = &bytes[..bytes.len().min(width)];
    let digits = number::leading_digits(header);
    // A peer that speaks another protocol is told so at its first byte, not after the whole width.
    if digits == 0 {
        return Err(Fault::header(header, 0, EXPECTED));
    }
    if let Some(found) = header[digits..].iter().position(|&byte| byte != b' ') {
        return Err(Fault::header(header, digits + found, EXPECTED));
    }
    if header.len() < width {
        return Ok(Found::MORE);
    }
    Found::sized(bytes, width, number::parse(&header[..digits]), 0, max)
}

pub(super) fn encode(
    width: HeaderWidth,
    message: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let start = out.len();
    number::push(message.len(), out);
    if out.len() - start > width.get() {
        out.truncate(start);
        // Only widths below 20 digits come here, so the power fits.
        let max = 10u64.pow(width.get() as u32) - 1;
        let framing = format!("header:{}", width.get());
        return Err(EncodeError::TooLong { len: message.len(), max, framing });
    }
    out.resize(start + width.get(), b' ');
    out.extend_from_slice(message);
    Ok(())
}
