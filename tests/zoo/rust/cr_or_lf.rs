//! Protocol: `PING`, ended by CR LF, CR or LF; the reply is `+PONG`, or `-ERR` to anything else.
//!
//! Bug: a CR ends the line, and an LF behind it is skipped if it is in the same read. If the cut is
//! just between them, the LF is one more line, an empty one.
//! In real life: a parser made lenient for old clients, and tested with whole lines.

use std::io::{self, Write};
use std::net::TcpStream;

mod zoo;

fn session(stream: TcpStream, fixed: bool) -> io::Result<()> {
    let mut buffer = Vec::new();
    let mut skip_lf = false;
    while zoo::read_more(&stream, &mut buffer)? {
        if std::mem::take(&mut skip_lf) && buffer.first() == Some(&b'\n') {
            buffer.remove(0);
        }
        while let Some(end) = buffer.iter().position(|byte| b"\r\n".contains(byte)) {
            let cr = buffer[end] == b'\r';
            let lf_behind = buffer.get(end + 1) == Some(&b'\n');
            skip_lf = fixed && cr && end + 1 == buffer.len();
            let reply: &[u8] = if &buffer[..end] == b"PING" { b"+PONG\r\n" } else { b"-ERR\r\n" };
            (&stream).write_all(reply)?;
            buffer.drain(..end + if cr && lf_behind { 2 } else { 1 });
        }
    }
    Ok(())
}

fn main() {
    zoo::serve(session);
}
