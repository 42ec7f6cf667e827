//! Protocol: text ended by an empty line (CR LF CR LF); the reply is its size, `N`.
//!
//! Bug: the end is looked for only from where the last read ended, so as not to search twice. An end
//! that is cut begins before that.
//! In real life: right for ends of one byte; for longer ones the search has to step back.

use std::io::{self, Write};
use std::net::TcpStream;

mod zoo;

const END: &[u8] = b"\r\n\r\n";

fn session(stream: TcpStream, fixed: bool) -> io::Result<()> {
    let mut buffer = Vec::new();
    let mut searched = 0_usize;
    while zoo::read_more(&stream, &mut buffer)? {
        let from = if fixed { searched.saturating_sub(END.len() - 1) } else { searched };
        let mut taken = 0;
        let mut at = from;
        while let Some(end) = zoo::find(&buffer[at..], END) {
            let size = at + end - taken;
            (&stream).write_all(format!("{size}\n").as_bytes())?;
            taken = at + end + END.len();
            at = taken;
        }
        buffer.drain(..taken);
        searched = buffer.len();
    }
    Ok(())
}

fn main() {
    zoo::serve(session);
}
