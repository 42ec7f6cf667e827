//! `crlf`: a message ends in CR LF, and neither byte stands alone in one. RFC 5321, section 2.3.8
//! asks for just that; a reader that takes a lone LF for an end, beside one that does not, is how
//! messages are smuggled.

use super::{EncodeError, Excerpt, Fault, Found};

const EXPECTED: &str = "CR LF at the end of each message (the framing `line` takes LF alone)";

pub(super) fn find(bytes: &[u8], scanned: usize, max: usize) -> Result<Found, Fault> {
    let window = &bytes[..bytes.len().min(max.saturating_add(1))];
    let Some(found) = memchr::memchr2(b'\r', b'\n', &window[scanned..]) else {
        if window.len() > max {
            return Err(Fault::endless(max));
        }
        return Ok(Found::Partial { need: 0, scanned: window.len() });
    };
    let end = scanned + found;
    match (bytes[end], bytes.get(end + 1)) {
        (b'\r', Some(b'\n')) => Ok(Found::Frame { payload: 0..end, len: end + 2 }),
        (b'\r', None) => Ok(Found::Partial { need: 0, scanned: end }),
        (b'\r', Some(_)) => Err(Fault::terminator(&bytes[..end + 2], end, EXPECTED)),
        _ => Err(Fault::terminator(&bytes[..=end], end, EXPECTED)),
    }
}

pub(super) fn encode(message: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
    if let Some(offset) = memchr::memchr2(b'\r', b'\n', message) {
        let found = Excerpt::of(&message[offset..=offset]);
        return Err(EncodeError::HoldsTerminator { offset, found, framing: "crlf".into() });
    }
    out.extend_from_slice(message);
    out.extend_from_slice(b"\r\n");
    Ok(())
}
