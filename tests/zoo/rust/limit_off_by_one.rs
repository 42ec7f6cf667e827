//! Protocol: u16be length, payload of at most 16 bytes; the reply is the payload in capitals, framed
//! alike. A longer message is refused: the connection is closed.
//!
//! Bug: a message of exactly 16 bytes is refused too.
//! In real life: `>=` for `>`. Nobody sends a message of just the limit, until somebody does.

use std::io::{self, Read, Write};
use std::net::TcpStream;

mod zoo;

const MOST: usize = 16;

fn session(mut stream: TcpStream, fixed: bool) -> io::Result<()> {
    loop {
        let mut head = [0; 2];
        stream.read_exact(&mut head)?;
        let length = u16::from_be_bytes(head) as usize;
        if length > MOST || (length == MOST && !fixed) {
            return Ok(());
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        body.make_ascii_uppercase();
        stream.write_all(&[&head, &*body].concat())?;
    }
}

fn main() {
    zoo::serve(session);
}
