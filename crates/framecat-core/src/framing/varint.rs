//! `varint`: the payload's length as unsigned LEB128, seven bits a byte, the lowest first, as in
//! protobuf's delimited messages (protobuf.dev/programming-guides/encoding).

use super::{EncodeError, Fault, Found};

/// A 64-bit number takes at most this many bytes.
const MAX_WIDTH: usize = 10;
const EXPECTED: &str = "a length of at most 64 bits as LEB128";

pub(super) fn find(bytes: &[u8], max: usize) -> Result<Found, Fault> {
    let mut len = 0u64;
    for (at, &byte) in bytes.iter().take(MAX_WIDTH).enumerate() {
        // The tenth byte holds the 64th bit alone.
        if at == MAX_WIDTH - 1 && byte > 1 {
            return Err(Fault::header(&bytes[..MAX_WIDTH], 0, EXPECTED));
        }
        len |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Found::sized(bytes, at + 1, Some(len), 0, max);
        }
    }
    Ok(Found::MORE)
}

pub(super) fn encode(message: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let mut len = message.len();
    while len >= 0x80 {
        out.push(len as u8 | 0x80);
        len >>= 7;
    }
    out.push(len as u8);
    out.extend_from_slice(message);
    Ok(())
}
