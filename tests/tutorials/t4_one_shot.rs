//! T4: one message, one answer, and the connection is closed; on every interface.

use crate::support::{Framecat, Peer, Process, Server, came, left, wait_left};

const MESSAGE: &str = "hehe, just for a test!";

fn serve() -> Server {
    Framecat::serve(&["0.0.0.0:0", "--service", "reply:ACK!", "--one-shot", "--backlog", "5"])
}

fn connect(server: &Server) -> Process {
    Framecat::connect(&[&server.stream()])
}

#[test]
fn the_python_client_is_acknowledged_once_and_the_server_prints_what_came() {
    let mut server = serve();
    let client = Peer::client("t4_client.py", &[&server.bare()]).finish().succeeded();
    assert_eq!(client.stdout(), "ACK!\n");
    wait_left(&server, "closed after its one reply · 1 message in, 1 out");
    let output = server.terminate().succeeded();
    assert_eq!(output.stdout(), MESSAGE);
    let address = server.address();
    assert!(output.stderr.starts_with(&format!("listening on {address} · raw · ")));
    let reachable = server.bare();
    assert!(output.stderr.contains(&format!("talk to it:  framecat connect {reachable}\n")));
}

#[test]
fn the_server_closes_although_the_client_does_not() {
    let server = serve();
    let mut client = connect(&server);
    client.stdin_bytes(MESSAGE);
    // Its standard input stays open: only the server's end of the stream ends it.
    assert_eq!(client.finish().succeeded().stdout(), "ACK!");
    server.wait_stderr(left(1, "closed after its one reply · 1 message in, 1 out", 0));
}

#[test]
fn clients_at_the_same_time_do_not_wait_for_each_other() {
    let server = serve();
    let mut silent = connect(&server);
    server.wait_stderr(came(1, 1));
    let client = Peer::client("t4_client.py", &[&server.bare()]).finish().succeeded();
    assert_eq!(client.stdout(), "ACK!\n");
    server.wait_stderr(came(2, 2));
    server.wait_stderr(left(2, "closed after its one reply · 1 message in, 1 out", 1));
    silent.stdin_bytes("at last");
    assert_eq!(silent.finish().succeeded().stdout(), "ACK!");
    server.wait_stderr(left(1, "closed after its one reply · 1 message in, 1 out", 0));
    server.wait_stdout(format!("{MESSAGE}at last"));
}

#[test]
fn our_client_is_acknowledged_by_the_python_server() {
    let server = Peer::server("t4_server.py", &["0.0.0.0:0"]);
    let output = connect(&server).with_stdin(MESSAGE).succeeded();
    assert_eq!((output.stdout(), &*output.stderr), ("ACK!".to_owned(), ""));
    server.wait_stdout_line(|line| line.ends_with(&format!("] {MESSAGE}")));
}

#[test]
fn our_client_ends_when_the_python_server_closes() {
    let server = Peer::server("t4_server.py", &["0.0.0.0:0"]);
    let mut silent = connect(&server);
    let mut client = connect(&server);
    client.stdin_bytes("first");
    assert_eq!(client.finish().succeeded().stdout(), "ACK!");
    silent.stdin_bytes("second");
    assert_eq!(silent.finish().succeeded().stdout(), "ACK!");
    server.wait_stdout_line(|line| line.ends_with("] first"));
    server.wait_stdout_line(|line| line.ends_with("] second"));
}
