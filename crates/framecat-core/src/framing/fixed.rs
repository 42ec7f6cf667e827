//! `fixed:N`: each message has N bytes.

use std::num::NonZeroUsize;

use super::{EncodeError, Found};

pub(super) fn find(size: NonZeroUsize, bytes: &[u8]) -> Found {
    let len = size.get();
    if bytes.len() < len {
        return Found::Partial { need: len, scanned: 0 };
    }
    Found::Frame { payload: 0..len, len }
}

pub(super) fn encode(
    size: NonZeroUsize,
    message: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    if message.len() != size.get() {
        return Err(EncodeError::WrongSize { len: message.len(), size: size.get() });
    }
    out.extend_from_slice(message);
    Ok(())
}
