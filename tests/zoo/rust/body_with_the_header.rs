//! Protocol: `Content-Length: N`, an empty line, N bytes; the reply is `N` and the bytes in capitals.
//!
//! Bug: the header is read until it is whole, and the body is what came with it.
//! In real life: a small HTTP server whose POST works from the browser, which sends both at once, and
//! fails from a client that writes the header first.

use std::io::{self, Write};
use std::net::TcpStream;

mod zoo;

/// The length that the header announces.
fn length(header: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(header).ok()?;
    text.strip_prefix("Content-Length: ")?.parse().ok().filter(|length| *length < zoo::LIMIT / 2)
}

fn session(stream: TcpStream, fixed: bool) -> io::Result<()> {
    let mut buffer = Vec::new();
    while zoo::read_more(&stream, &mut buffer)? {
        while let Some(end) = zoo::find(&buffer, b"\r\n\r\n") {
            let Some(length) = length(&buffer[..end]) else { return Ok(()) };
            let whole = end + 4 + length;
            if fixed && buffer.len() < whole {
                break;
            }
            let body = &buffer[end + 4..whole.min(buffer.len())];
            let reply =
                [format!("{} ", body.len()).as_bytes(), &body.to_ascii_uppercase()].concat();
            (&stream).write_all(&reply)?;
            buffer.drain(..whole.min(buffer.len()));
        }
    }
    Ok(())
}

fn main() {
    zoo::serve(session);
}
