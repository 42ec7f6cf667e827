//! `line`: a message ends in LF. CR LF is read as well, since half the programs that speak in lines
//! send it; LF alone is written.

use super::{EncodeError, Excerpt, Fault, Found};

pub(super) fn find(bytes: &[u8], scanned: usize, max: usize) -> Result<Found, Fault> {
    // A line of `max` bytes may be followed by CR LF, so its LF stands at `max + 1` at the latest.
    let window = &bytes[..bytes.len().min(max.saturating_add(2))];
    if let Some(found) = memchr::memchr(b'\n', &window[scanned..]) {
        let end = scanned + found;
        let payload = end - usize::from(end > 0 && bytes[end - 1] == b'\r');
        if payload > max {
            return Err(Fault::endless(max));
        }
        return Ok(Found::Frame { payload: 0..payload, len: end + 1 });
    }
    let may_yet_end = window.len() <= max || (window.len() == max + 1 && window[max] == b'\r');
    if !may_yet_end {
        return Err(Fault::endless(max));
    }
    Ok(Found::Partial { need: 0, scanned: window.len() })
}

pub(super) fn encode(message: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let terminator = |offset| EncodeError::HoldsTerminator {
        offset,
        found: Excerpt::of(&message[offset..=offset]),
        framing: "line".into(),
    };
    if let Some(offset) = memchr::memchr(b'\n', message) {
        return Err(terminator(offset));
    }
    // The reader would take it for half of the line end, and the message would arrive shorter.
    if message.last() == Some(&b'\r') {
        return Err(terminator(message.len() - 1));
    }
    out.extend_from_slice(message);
    out.push(b'\n');
    Ok(())
}
