//! Protocol: u32be length, payload; the reply is the payload in capitals, framed alike.
//!
//! Bug: two zero bytes by themselves are an old client's heartbeat, and answered alike. They are also
//! the first half of every length, if the cut is just there.
//! In real life: "a read of exactly N bytes can only be ..." is how a second protocol is told apart.

use std::io::{self, Write};
use std::net::TcpStream;

mod zoo;

fn session(stream: TcpStream, fixed: bool) -> io::Result<()> {
    let mut buffer = Vec::new();
    while zoo::read_more(&stream, &mut buffer)? {
        if buffer == [0, 0] && !fixed {
            (&stream).write_all(&[0, 0])?;
            buffer.clear();
        }
        while let Some((head, rest)) = buffer.split_first_chunk::<4>() {
            let length = u32::from_be_bytes(*head) as usize;
            if length > zoo::LIMIT - 4 {
                return Ok(());
            }
            let Some(body) = rest.get(..length) else { break };
            (&stream).write_all(&[head, &*body.to_ascii_uppercase()].concat())?;
            buffer.drain(..4 + length);
        }
    }
    Ok(())
}

fn main() {
    zoo::serve(session);
}
