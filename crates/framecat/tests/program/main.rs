//! Programs that we start: how their commands are read, that they are waited for, that their end is
//! seen and named, and that nothing of them is left.

#![cfg(target_os = "linux")]

mod clients;
mod commands;
mod listening;
mod lives;

use std::time::Duration;

use framecat::program::{Command, Place, Program};

/// Far longer than anything here takes, so that only a fault takes as long.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the servers of these tests begin with: `listen()` makes a listener at the port that is the
/// first argument, and `rest(s)` serves for ever.
const PRELUDE: &str = "
import os, signal, socket, sys, time
def listen():
    return socket.create_server(('127.0.0.1', int(sys.argv[1])))
def rest(s):
    while True: s.accept()[0].close()
";

/// A server in Python, with its port as the first argument.
fn python(text: &str) -> Command {
    Command::words(["python3", "-S", "-c", &format!("{PRELUDE}{text}"), "{port}", "{dir}"]).unwrap()
}

async fn start(command: &Command) -> Program {
    let place = Place::choose(None, command).unwrap();
    Program::start(command, place).await.unwrap_or_else(|error| panic!("{error}"))
}

async fn listening(command: &Command) -> Program {
    let program = start(command).await;
    program.wait_listening(PATIENCE).await.unwrap_or_else(|error| panic!("{error}"));
    program
}

/// Whether the process is there, be it waited for or not.
fn is_there(pid: u32) -> bool {
    std::path::Path::new(&format!("/proc/{pid}")).exists()
}

/// A future, within the patience of these tests.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it comes in time")
}
