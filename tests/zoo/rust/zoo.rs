//! What the Rust animals share: the command line, the listener, a thread a connection.
//! Run: NAME --port N [--fixed]; a client: NAME HOST PORT [--fixed].

#![allow(dead_code)] // No animal needs all of it.

use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// No unfinished message is longer: a robust server has a bound.
pub const LIMIT: usize = 1 << 20;

/// Runs `session` on a thread a connection, and closes the connection behind it. An error of the
/// connection ends it, as the peer may leave at any time.
pub fn serve(session: fn(TcpStream, bool) -> io::Result<()>) {
    let port = argument_behind("--port").expect("--port N").parse().expect("a port");
    let fixed = flag("--fixed");
    // SO_REUSEADDR is set by the standard library.
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
    for stream in listener.incoming().flatten() {
        thread::spawn(move || session(stream, fixed));
    }
}

/// The connection of a client: HOST and PORT are its first arguments.
pub fn connect() -> io::Result<TcpStream> {
    let mut arguments = std::env::args().skip(1);
    let host = arguments.next().expect("HOST PORT");
    let port = arguments.next().expect("HOST PORT").parse().expect("a port");
    TcpStream::connect((&*host, port))
}

pub fn flag(name: &str) -> bool {
    std::env::args().any(|argument| argument == name)
}

fn argument_behind(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

/// Reads once, behind what is there; `false` at the end of the stream, or where the bound is.
pub fn read_more(mut stream: &TcpStream, buffer: &mut Vec<u8>) -> io::Result<bool> {
    let mut part = [0; 4096];
    let count = stream.read(&mut part)?;
    buffer.extend_from_slice(&part[..count]);
    Ok(count > 0 && buffer.len() <= LIMIT)
}

/// Where `wanted` begins in `bytes`.
pub fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
