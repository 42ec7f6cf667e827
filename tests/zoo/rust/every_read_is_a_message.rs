//! Protocol: a line in; `OK N` out, N being its bytes without the line end.
//!
//! Bug: what a read brings is taken for a line, be it half of one or two.
//! In real life: the commonest of all. At home every write arrives as one read.

use std::io::{self, Write};
use std::net::TcpStream;

mod zoo;

fn session(stream: TcpStream, fixed: bool) -> io::Result<()> {
    let mut buffer = Vec::new();
    while zoo::read_more(&stream, &mut buffer)? {
        if !fixed {
            let line = buffer.strip_suffix(b"\n").unwrap_or(&buffer);
            (&stream).write_all(format!("OK {}\n", line.len()).as_bytes())?;
            buffer.clear();
        }
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            (&stream).write_all(format!("OK {end}\n").as_bytes())?;
            buffer.drain(..=end);
        }
    }
    Ok(())
}

fn main() {
    zoo::serve(session);
}
