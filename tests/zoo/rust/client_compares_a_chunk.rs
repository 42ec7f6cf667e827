//! Client: NAME HOST PORT [--fixed]. Sends `PING`; prints `alive` and ends with 0 if the reply is `PONG`
//! and a line end, else with 1.
//!
//! Bug: what one read brings is compared with the whole reply.
//! In real life: a health check that fails once in ten thousand times, at night.

use std::io::{self, Read, Write};
use std::process::ExitCode;

mod zoo;

fn alive(fixed: bool) -> io::Result<bool> {
    let mut stream = zoo::connect()?;
    stream.write_all(b"PING\n")?;
    let mut reply = [0; 5];
    if fixed {
        stream.read_exact(&mut reply)?;
    } else {
        let _ = stream.read(&mut reply)?;
    }
    Ok(&reply == b"PONG\n")
}

fn main() -> ExitCode {
    if alive(zoo::flag("--fixed")).unwrap_or(false) {
        println!("alive");
        ExitCode::SUCCESS
    } else {
        eprintln!("not alive");
        ExitCode::FAILURE
    }
}
