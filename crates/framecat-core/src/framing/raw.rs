//! `raw`: no seams in the stream. A message is whatever one read returned, which is what the programs
//! that know no better take for a message.

use super::{EncodeError, Found};

pub(super) fn find(bytes: &[u8], max: usize) -> Found {
    let len = bytes.len().min(max);
    Found::Frame { payload: 0..len, len }
}

pub(super) fn encode(message: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
    if message.is_empty() {
        return Err(EncodeError::Empty);
    }
    out.extend_from_slice(message);
    Ok(())
}
