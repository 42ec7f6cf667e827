//! `content-length`: a header block with one `Content-Length: N`, an empty line, then the payload, as
//! in the base protocol of LSP, in DAP and in MCP. Other fields (`Content-Type`) are read over.

use super::{EncodeError, Fault, Found, number};

/// A header block longer than this is refused: the protocols that use this framing send two lines.
const MAX_HEADER: usize = 8192;

pub(super) fn find(bytes: &[u8], scanned: usize, max: usize) -> Result<Found, Fault> {
    let window = &bytes[..bytes.len().min(MAX_HEADER)];
    let mut at = scanned;
    loop {
        let Some(found) = memchr::memchr(b'\n', &window[at..]) else {
            check_text(window, at)?;
            if window.len() == MAX_HEADER {
                return Err(Fault::header(window, 0, "a header block of at most 8192 bytes"));
            }
            return Ok(Found::Partial { need: 0, scanned: window.len() });
        };
        let end = at + found;
        check_text(&window[..end], at)?;
        let start = memchr::memrchr(b'\n', &window[..end]).map_or(0, |newline| newline + 1);
        let line = line_at(window, start, end)?;
        at = end + 1;
        if line.is_empty() {
            let length = content_length(&window[..at])?;
            return Found::sized(bytes, at, length, 0, max);
        }
        field(window, start, line.len())?;
    }
}

/// Refuses bytes that no header field holds, so that a peer that speaks something else is told so
/// before it has sent a whole line.
fn check_text(bytes: &[u8], from: usize) -> Result<(), Fault> {
    let strange = |byte: &u8| !matches!(byte, b' '..=b'~' | b'\t' | b'\r');
    match bytes[from..].iter().position(strange) {
        Some(found) => {
            Err(Fault::header(bytes, from + found, "a header line such as `Content-Length: 12`"))
        }
        None => Ok(()),
    }
}

/// The line from `start` to its LF at `end`, without CR LF. A CR that stands alone is refused too:
/// some readers take it for a line end, and beside one that does not, a header could be smuggled.
fn line_at(bytes: &[u8], start: usize, end: usize) -> Result<&[u8], Fault> {
    let stop = memchr::memchr(b'\r', &bytes[start..end]).map_or(end, |found| start + found);
    if stop + 1 != end {
        return Err(Fault::terminator(&bytes[..=end], stop, "CR LF at the end of a header line"));
    }
    Ok(&bytes[start..stop])
}

/// The length, if this line of `len` bytes is the `Content-Length`; the inner `None` is a number
/// above 64 bits.
fn field(bytes: &[u8], start: usize, len: usize) -> Result<Option<Option<u64>>, Fault> {
    let bytes = &bytes[..start + len];
    let line = &bytes[start..];
    let colon = memchr::memchr(b':', line).unwrap_or(0);
    let (name, value) = line.split_at(colon);
    // A name has no space in it (RFC 9110, section 5.1): `GET http://…` is no header line.
    if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
        return Err(Fault::header(bytes, start, "a header line such as `Content-Length: 12`"));
    }
    if !name.eq_ignore_ascii_case(b"content-length") {
        return Ok(None);
    }
    let value = value[1..].trim_ascii_start();
    let digits = value.trim_ascii_end();
    if digits.is_empty() || number::leading_digits(digits) < digits.len() {
        let at = bytes.len() - value.len();
        return Err(Fault::header(bytes, at, "a decimal number in Content-Length"));
    }
    Ok(Some(number::parse(digits)))
}

/// The one `Content-Length` among the lines of a whole header block, which ends in an empty line.
fn content_length(block: &[u8]) -> Result<Option<u64>, Fault> {
    let mut length = None;
    let mut start = 0;
    while let Some(end) = memchr::memchr(b'\n', &block[start..]).map(|found| start + found) {
        let line = line_at(block, start, end)?;
        if !line.is_empty()
            && let Some(found) = field(block, start, line.len())?
        {
            if length.is_some() {
                return Err(Fault::header(block, start, "one Content-Length, not two"));
            }
            length = Some(found);
        }
        start = end + 1;
    }
    length.ok_or_else(|| Fault::header(block, 0, "a Content-Length in the header block"))
}

pub(super) fn encode(message: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
    out.extend_from_slice(b"Content-Length: ");
    number::push(message.len(), out);
    out.extend_from_slice(b"\r\n\r\n");
    out.extend_from_slice(message);
    Ok(())
}
