//! Bytes that no sound program sends: a length beyond all bounds, a message that never ends, and what is
//! no message at all.

use super::random::Random;
use crate::framing::{Endian, Framing};

/// How many kinds of [`garbage`] there are.
pub(super) const KINDS: u64 = 8;

/// How much is sent of a message that never ends: more than any line has.
pub(super) const ENDLESS: usize = 4 << 20;

/// A header that announces more than any memory holds, and how much; `None` where the framing announces
/// nothing, or cannot say such a number.
pub(super) fn far_too_long(framing: &Framing) -> Option<(u64, Vec<u8>)> {
    // Small enough for a signed number of 64 bits: what is rejected shall be the size, not the sign.
    const HUGE: u64 = 1 << 40;
    let decimal = |digits: usize| 10u64.pow(digits.clamp(1, 12) as u32) - 1;
    Some(match framing {
        Framing::Length(field) => {
            let size = usize::from(field.size());
            let most = u64::MAX >> (64 - 8 * size);
            // One byte, or two, announce no more than a program may well take.
            let value = if size < 3 { return None } else { most.min(HUGE) };
            let mut header = vec![0; usize::from(field.offset())];
            match field.endian() {
                Endian::Big => header.extend_from_slice(&value.to_be_bytes()[8 - size..]),
                Endian::Little => header.extend_from_slice(&value.to_le_bytes()[..size]),
            }
            (value, header)
        }
        Framing::Header(width) => {
            // As with two bytes: 999,999 are within many a limit, our own among them.
            let value = if width.get() < 7 { return None } else { decimal(width.get()) };
            let mut header = value.to_string().into_bytes();
            header.resize(width.get(), b' ');
            (value, header)
        }
        // HUGE as LEB128: 40 bits are five groups of seven and five bits more.
        Framing::Varint => (HUGE, vec![0x80, 0x80, 0x80, 0x80, 0x80, 0x20]),
        Framing::Netstring => (decimal(12), format!("{}:", decimal(12)).into_bytes()),
        Framing::ContentLength => {
            (decimal(12), format!("Content-Length: {}\r\n\r\n", decimal(12)).into_bytes())
        }
        _ => return None,
    })
}

/// A message without an end, where ends are marked.
pub(super) fn endless(framing: &Framing) -> Option<Vec<u8>> {
    framing.is_terminated().then(|| vec![filler(framing); ENDLESS])
}

/// A byte that long messages are made of: one that no mark of the framing's has in it.
pub(super) fn filler(framing: &Framing) -> u8 {
    let Framing::Delim(delimiter) = framing else { return b'A' };
    let free = |byte: &u8| !delimiter.as_bytes().contains(byte);
    (b'A'..=u8::MAX).find(free).unwrap_or(b'A')
}

/// Bytes that are no message, of the kind `number`, counted from 1.
pub(super) fn garbage(framing: Option<&Framing>, number: u64, seed: u64) -> Option<Vec<u8>> {
    let mut random = Random::new(seed, "garbage", number);
    let mut noise = |len: usize| -> Vec<u8> { (0..len).map(|_| random.next() as u8).collect() };
    Some(match number {
        1 => b"GET / HTTP/1.0\r\n\r\n".to_vec(),
        // The first bytes of a TLS client's greeting (RFC 8446, sections 4.1.2 and 5.1).
        2 => [&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3][..], &noise(501)].concat(),
        3 => vec![0; 64],
        4 => vec![0xff; 64],
        5 => b"\r\n".repeat(32),
        6 => noise(64),
        7 => noise(16 * 1024),
        KINDS => lie(framing),
        _ => return None,
    })
}

/// What the framing can say and must not: less than nothing.
fn lie(framing: Option<&Framing>) -> Vec<u8> {
    match framing {
        Some(Framing::Header(width)) => {
            let mut header = b"-1".to_vec();
            header.resize(width.get().max(2), b' ');
            header
        }
        Some(Framing::Netstring) => b"-1:,".to_vec(),
        Some(Framing::ContentLength) => b"Content-Length: -1\r\n\r\n".to_vec(),
        // All ones are -1 where a program reads the length as a signed number.
        _ => vec![0xff; 9],
    }
}
