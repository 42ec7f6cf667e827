//! `delim:BYTES`: a message ends in these bytes.

use std::sync::Arc;

use memchr::memmem::Finder;

use super::{EncodeError, Excerpt, Fault, Found};
use crate::escape::Escaped;

/// The bytes that end a message; at least one. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Delimiter(Arc<Finder<'static>>);

impl Delimiter {
    /// The longest delimiter. Longer ones are not seen in the field, and the error text of a refused
    /// message shall stay a line.
    pub const MAX: usize = 64;

    /// `None` if `bytes` is empty or longer than [`Delimiter::MAX`].
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (1..=Self::MAX)
            .contains(&bytes.len())
            .then(|| Delimiter(Arc::new(Finder::new(bytes).into_owned())))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.needle()
    }
}

impl PartialEq for Delimiter {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Delimiter {}

pub(super) fn find(
    delimiter: &Delimiter,
    bytes: &[u8],
    scanned: usize,
    max: usize,
) -> Result<Found, Fault> {
    let width = delimiter.as_bytes().len();
    let window = &bytes[..bytes.len().min(max.saturating_add(width))];
    if let Some(found) = delimiter.0.find(&window[scanned..]) {
        let end = scanned + found;
        return Ok(Found::Frame { payload: 0..end, len: end + width });
    }
    if window.len() >= max.saturating_add(width) {
        return Err(Fault::endless(max));
    }
    // The last bytes may be the start of a delimiter.
    Ok(Found::Partial { need: 0, scanned: window.len().saturating_sub(width - 1) })
}

pub(super) fn encode(
    delimiter: &Delimiter,
    message: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let start = out.len();
    out.extend_from_slice(message);
    out.extend_from_slice(delimiter.as_bytes());
    // In "xa" + "aa" the delimiter "aa" is found one byte early: the message cannot be carried, though
    // it does not hold the delimiter. So look at what the reader will see.
    let end = delimiter.0.find(&out[start..]).unwrap_or(message.len());
    if end == message.len() {
        return Ok(());
    }
    out.truncate(start);
    let framing = format!("delim:{}", Escaped(delimiter.as_bytes()));
    Err(if end + delimiter.as_bytes().len() > message.len() {
        EncodeError::RunsIntoTerminator { offset: end, framing }
    } else {
        let found = Excerpt::of(delimiter.as_bytes());
        EncodeError::HoldsTerminator { offset: end, found, framing }
    })
}
