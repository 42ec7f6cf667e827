//! T6: two people who talk in turns, until one of them says `bye`. Here both are programs at a pipe;
//! terminal.rs has them at a terminal.

use crate::support::{Framecat, Peer, Process, Server, came, left, wait_left};

fn serve() -> Server {
    serve_with(&[])
}

fn serve_with(more: &[&str]) -> Server {
    let args = ["127.0.0.1:0", "--service", "chat", "--end", "bye", "--backlog", "5"];
    Framecat::serve(&[&args, more].concat())
}

fn connect(server: &Server) -> Process {
    Framecat::connect(&[&server.stream(), "--end", "bye"])
}

#[test]
fn the_python_client_and_our_operator_talk_until_the_client_says_bye() {
    let mut server = serve();
    let mut client = Peer::client("t6_client.py", &[&server.bare()]);
    client.stdin_line("hello");
    server.wait_stdout("hello");
    server.stdin_line("hi");
    client.wait_stdout("server: hi\n");
    client.stdin_line("how are you?");
    server.wait_stdout("hellohow are you?");
    server.stdin_line("很好");
    client.wait_stdout("server: hi\nserver: 很好\n");
    client.stdin_line("bye").finish().succeeded();
    wait_left(&server, "ended by \"bye\" · 3 messages in, 2 out");
    assert_eq!(server.terminate().succeeded().stdout(), "hellohow are you?bye");
}

#[test]
fn our_operator_says_bye_and_the_python_client_ends() {
    let mut server = serve();
    let mut client = Peer::client("t6_client.py", &[&server.bare()]);
    client.stdin_line("hello");
    server.wait_stdout("hello");
    server.stdin_line("bye");
    assert_eq!(client.finish().succeeded().stdout(), "server: bye\n");
    server.wait_stderr(left(1, "ended by \"bye\" · 1 message in, 1 out", 0));
}

#[test]
fn a_script_that_answers_by_lines_says_bye_without_the_line_end() {
    // The Python client compares what one read returned with "bye".
    let mut server = serve_with(&["--stdin", "line"]);
    let mut client = Peer::client("t6_client.py", &[&server.bare()]);
    server.stdin_line("hi").stdin_line("bye");
    client.stdin_line("hello").wait_stdout("server: hi\n");
    client.stdin_line("and then?");
    assert_eq!(client.finish().succeeded().stdout(), "server: hi\nserver: bye\n");
    server.wait_stderr(left(1, "ended by \"bye\" · 2 messages in, 2 out", 0));
}

#[test]
fn bye_ends_one_conversation_and_the_others_go_on() {
    let mut server = serve();
    let mut first = Peer::client("t6_client.py", &[&server.bare()]);
    first.stdin_line("I am first");
    server.wait_stdout("I am first");
    let mut second = connect(&server);
    server.wait_stderr(came(2, 2));
    server.stdin_line("#2 who are you?");
    second.wait_stdout("who are you?");
    second.stdin_bytes("bye");
    assert_eq!(second.finish().succeeded().stdout(), "who are you?");
    server.wait_stderr(left(2, "ended by \"bye\" · 1 message in, 1 out", 1));
    server.stdin_line("#1 still there?");
    first.wait_stdout("server: still there?\n");
    first.stdin_line("bye").finish().succeeded();
    server.wait_stderr(left(1, "ended by \"bye\" · 2 messages in, 1 out", 0));
}

#[test]
fn our_client_talks_with_the_python_server_until_it_says_bye() {
    let mut server = Peer::server("t6_server.py", &["127.0.0.1:0"]);
    let mut client = connect(&server);
    client.stdin_bytes("hello");
    server.wait_stdout("client: hello\n");
    server.stdin_line("hi");
    client.wait_stdout("hi");
    client.stdin_bytes("bye");
    assert_eq!(client.finish().succeeded().stdout(), "hi");
    let output = server.finish().succeeded();
    assert!(output.stdout().ends_with("client: hello\nclient: bye\n"));
}

#[test]
fn the_python_server_says_bye_and_our_client_ends() {
    let mut server = Peer::server("t6_server.py", &["127.0.0.1:0"]);
    let mut client = connect(&server);
    client.stdin_bytes("hello");
    server.wait_stdout("client: hello\n");
    server.stdin_line("bye").finish().succeeded();
    // Its standard input is still open.
    let output = client.finish().succeeded();
    assert_eq!((output.stdout(), &*output.stderr), ("bye".to_owned(), ""));
}
