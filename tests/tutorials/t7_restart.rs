//! T7: hello and hi, and the server that starts again right after it closed: TIME_WAIT, and what
//! SO_REUSEADDR does about it.

use crate::support::{Framecat, Peer, Server, own_loopback, wait_kernel, wait_left};

fn serve(address: &str, more: &[&str]) -> Server {
    let args = [address, "--service", "reply:hi", "--one-shot"];
    Framecat::serve(&[&args, more].concat())
}

/// An address that no other program takes while a server is down.
fn private() -> String {
    format!("{}:0", own_loopback())
}

/// Has a conversation that the server closes first, and waits until the kernel keeps its connection
/// in TIME_WAIT.
#[track_caller]
fn say_hello(server: &Server) {
    let mut client = Framecat::connect(&[&server.stream()]);
    client.stdin_bytes("hello!");
    // With its standard input open it closes only after the server has.
    assert_eq!(client.finish().succeeded().stdout(), "hi");
    wait_kernel("tcp4", server.port(), |row| row[0] == "TIME_WAIT" && row[1] == server.bare());
}

#[test]
fn the_python_client_says_hello_and_hears_hi() {
    let mut server = serve("127.0.0.1:0", &[]);
    let client = Peer::client("t7_client.py", &[&server.bare()]).finish().succeeded();
    assert_eq!(client.stdout(), "hi\n");
    wait_left(&server, "closed after its one reply · 1 message in, 1 out");
    assert_eq!(server.terminate().succeeded().stdout(), "hello!");
}

#[test]
fn our_client_says_hello_to_the_python_server_and_both_end() {
    let mut server = Peer::server("t7_server.py", &["127.0.0.1:0"]);
    let output = Framecat::connect(&[&server.stream()]).with_stdin("hello!").succeeded();
    assert_eq!((output.stdout(), &*output.stderr), ("hi".to_owned(), ""));
    assert!(server.finish().succeeded().stdout().ends_with("\nhello!\n"));
}

#[test]
fn a_server_that_starts_again_gets_its_port_although_it_closed_first() {
    let mut server = serve(&private(), &[]);
    say_hello(&server);
    server.terminate().succeeded();
    let mut again = serve(&server.bare(), &[]);
    assert_eq!(again.address(), server.address());
    say_hello(&again);
    again.terminate().succeeded();
}

#[test]
fn without_reuse_address_time_wait_is_in_the_way_and_the_error_names_the_address() {
    let mut server = serve(&private(), &["--reuse-address", "off"]);
    say_hello(&server);
    server.terminate().succeeded();
    let again = ["serve", &server.bare(), "--service", "reply:hi", "--one-shot"];
    let again = [&again[..], &["--reuse-address", "off"]].concat();
    let output = Framecat::run(&again).finish().ended_with(2);
    let problem =
        format!("framecat: cannot listen on {}: address already in use", server.address());
    assert!(output.stderr.starts_with(&problem), "{}", output.stderr);
    assert_eq!(output.stdout(), "");
}

#[test]
fn a_live_server_keeps_its_port_whatever_reuse_address_says() {
    let server = serve("127.0.0.1:0", &[]);
    let output = Framecat::run(&["serve", &server.bare()]).finish().ended_with(2);
    let problem =
        format!("framecat: cannot listen on {}: address already in use", server.address());
    assert!(output.stderr.starts_with(&problem), "{}", output.stderr);
    say_hello(&server);
}

#[test]
fn the_python_server_starts_again_only_with_reuse_address() {
    let mut server = Peer::server("t7_server.py", &[&private()]);
    say_hello(&server);
    server.finish().succeeded();
    let again = Peer::client("t7_server.py", &[&server.bare(), "--no-reuse-address"]).finish();
    assert!(again.ended_with(1).stderr.contains("Address already in use"));
    let again = Peer::server("t7_server.py", &[&server.bare()]);
    say_hello(&again);
    drop(again);
    // And ours takes the same port after it.
    say_hello(&serve(&server.bare(), &[]));
}
