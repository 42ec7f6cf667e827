//! `netstring`: `5:hello,`, the length in decimal without leading zeros (cr.yp.to/proto/netstrings.txt).

use super::{EncodeError, Fault, Found, number};

/// A 64-bit number has at most this many digits.
const MAX_DIGITS: usize = 20;
const EXPECTED: &str = "a decimal length without leading zeros and a colon";

pub(super) fn find(bytes: &[u8], max: usize) -> Result<Found, Fault> {
    let digits = number::leading_digits(&bytes[..bytes.len().min(MAX_DIGITS + 1)]);
    let bad =
        |at: usize| Err(Fault::header(&bytes[..bytes.len().min(MAX_DIGITS + 1)], at, EXPECTED));
    if digits == 0 || (digits > 1 && bytes[0] == b'0') {
        return bad(0);
    }
    if digits > MAX_DIGITS {
        return Err(Fault::endless(max));
    }
    match bytes.get(digits) {
        None => return Ok(Found::MORE),
        Some(b':') => {}
        Some(_) => return bad(digits),
    }
    let found = Found::sized(bytes, digits + 1, number::parse(&bytes[..digits]), 1, max)?;
    if let Found::Frame { len, .. } = found
        && bytes[len - 1] != b','
    {
        return Err(Fault::terminator(&bytes[..len], len - 1, "a comma behind the message"));
    }
    Ok(found)
}

pub(super) fn encode(message: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
    number::push(message.len(), out);
    out.push(b':');
    out.extend_from_slice(message);
    out.push(b',');
    Ok(())
}
