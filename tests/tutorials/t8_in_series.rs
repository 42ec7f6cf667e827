//! T8: a conversation with one client after another. That a client left is noticed, which the
//! original's server never does.

use rustix::process::Signal;

use crate::support::{Framecat, Peer, Process, Server, Unserved, came, left, wait_kernel};

fn serve() -> Server {
    Framecat::serve(&["127.0.0.1:0", "--service", "chat", "--serial", "--backlog", "1024"])
}

/// Starts a Python client, and returns when it is connected: it prompts only then.
fn python_client(server: &Server) -> Process {
    let client = Peer::client("t8_client.py", &[&server.bare()]);
    client.wait_stderr_text("client>");
    client
}

fn wait_queued(server: &Server, clients: &str) {
    wait_kernel("tcp4", server.port(), |row| {
        row[..2] == ["LISTEN", &server.bare()] && row[3] == clients
    });
}

#[test]
fn when_a_python_client_leaves_the_next_in_the_queue_is_served() {
    let mut server = serve();
    let mut first = python_client(&server);
    first.stdin_line("hello");
    server.wait_stdout("hello");
    let mut second = python_client(&server);
    second.stdin_line("my turn?");
    wait_queued(&server, "1");
    server.stdin_line("hi");
    first.wait_stdout("server: hi\n");
    assert!(!server.stderr_so_far().contains("+ #2"));
    first.close_stdin().finish().succeeded();
    server.wait_stderr(left(1, "left · 1 message in, 1 out", 0));
    server.wait_stderr(came(2, 1));
    server.wait_stdout("hellomy turn?");
    server.stdin_line("yes");
    second.wait_stdout("server: yes\n");
    second.close_stdin().finish().succeeded();
    server.wait_stderr(left(2, "left · 1 message in, 1 out", 0));
    server.terminate().succeeded();
}

#[test]
fn a_client_that_leaves_without_a_word_makes_way_too() {
    let mut server = serve();
    let mut first = python_client(&server);
    server.wait_stderr(came(1, 1));
    let mut second = python_client(&server);
    wait_queued(&server, "1");
    first.close_stdin().finish().succeeded();
    server.wait_stderr(left(1, "left · 0 messages in, 0 out", 0));
    second.stdin_line("hello");
    server.wait_stdout("hello");
    server.stdin_line("hi");
    second.wait_stdout("server: hi\n");
}

#[test]
fn a_client_that_was_killed_with_its_question_unanswered_is_noticed_and_then_the_next_is_served() {
    let mut server = serve();
    let mut first = python_client(&server);
    first.stdin_line("are you there?");
    server.wait_stdout("are you there?");
    let mut second = python_client(&server);
    second.stdin_line("hello");
    wait_queued(&server, "1");
    first.signal(Signal::KILL);
    assert_eq!(first.finish().code, None);
    // A stream that ends one way may still be listened to: the operator has to say that it is over.
    server.wait_stderr(|line| line.trim_start().starts_with("#1 has said all"));
    server.stdin_line("too late");
    server.wait_stderr(|line| line.starts_with("- #1 ") && line.ends_with(" 0 active"));
    server.wait_stdout("are you there?hello");
    server.stdin_line("hi");
    second.wait_stdout("server: hi\n");
}

#[test]
fn our_client_talks_with_the_python_server() {
    let mut server = Peer::server("t8_server.py", &["127.0.0.1:0"]);
    let mut client = Framecat::connect(&[&server.stream()]);
    for (question, answer) in [("hello", "hi"), ("你好吗?", "很好")] {
        client.stdin_bytes(question);
        server.wait_stdout(format!("client: {question}\n"));
        server.stdin_line(answer);
        client.wait_stdout(answer);
    }
    // The server's person is done, and with it the server.
    server.close_stdin();
    client.stdin_bytes("one more");
    server.finish().succeeded();
    assert_eq!(client.finish().succeeded().stdout(), "hi很好");
}

#[test]
fn the_python_server_never_notices_that_our_client_left_and_the_next_waits_in_vain() {
    let mut server = Peer::server("t8_server.py", &["127.0.0.1:0"]);
    let mut first = Framecat::connect(&[&server.stream()]);
    first.stdin_bytes("hello");
    server.wait_stdout("client: hello\n");
    server.stdin_line("hi");
    first.wait_stdout("hi");
    // It half-closes, and waits for the server to close: Ctrl-C does not.
    first.signal(Signal::INT).finish().ended_with(130);
    server.wait_stdout("client: \n");
    let mut second = Framecat::connect(&[&server.stream()]);
    second.stdin_bytes("my turn?");
    wait_queued(&server, "1");
    assert_eq!(second.signal(Signal::INT).finish().ended_with(130).stdout(), "");
}

#[test]
fn our_client_says_plainly_that_nobody_listens() {
    let nobody = Unserved::tcp();
    let output = Framecat::connect(&[&nobody.address()]).finish().ended_with(1);
    let problem =
        format!("framecat: cannot connect to tcp://{}: connection refused", nobody.address());
    assert!(output.stderr.starts_with(&problem), "{}", output.stderr);
    assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
    assert!(output.stderr.contains("start the server"), "{}", output.stderr);
    assert_eq!(output.stdout(), "");
}
