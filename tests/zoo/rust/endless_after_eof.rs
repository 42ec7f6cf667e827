//! Protocol: a line in; the line in capitals out.
//!
//! Bug: at the end of the stream with half a line, it says `ERR`, tries to read the rest, finds the end
//! of the stream, says `ERR`, and so on.
//! In real life: an error reply and `continue`, where only some errors can be continued from.

use std::io::{self, Write};
use std::net::TcpStream;

mod zoo;

fn session(stream: TcpStream, fixed: bool) -> io::Result<()> {
    let mut buffer = Vec::new();
    loop {
        if !zoo::read_more(&stream, &mut buffer)? {
            if buffer.is_empty() || buffer.len() > zoo::LIMIT || fixed {
                return Ok(());
            }
            (&stream).write_all(b"ERR the line is not whole\n")?;
            continue;
        }
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            (&stream).write_all(&buffer[..=end].to_ascii_uppercase())?;
            buffer.drain(..=end);
        }
    }
}

fn main() {
    zoo::serve(session);
}
