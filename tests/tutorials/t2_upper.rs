//! T2: upper-casing without any framing, one client at a time; the others wait in the accept queue.

use crate::support::{Framecat, Peer, Process, Server, came, left, wait_kernel, wait_left};

fn serve() -> Server {
    Framecat::serve(&["127.0.0.1:0", "--service", "upper", "--serial", "--backlog", "5"])
}

/// Starts a Python client, and returns when it is connected: it prompts only then.
fn python_client(server: &Server) -> Process {
    let client = Peer::client("t2_client.py", &[&server.bare()]);
    client.wait_stderr_text(">>");
    client
}

/// Waits until one connection waits for accept, in a queue for five.
fn wait_one_queued(server: &Server) {
    wait_kernel("tcp4", server.port(), |row| {
        row[..2] == ["LISTEN", &server.bare()] && row[3] == "1" && row[4] == "5"
    });
}

#[test]
fn the_python_client_gets_its_ascii_in_upper_case_and_the_rest_unchanged() {
    let mut server = serve();
    let lines = "hello\n\n   \n  straße, café and 中文!  \n";
    let client = Peer::client("t2_client.py", &[&server.bare()]).with_stdin(lines).succeeded();
    assert_eq!(client.stdout(), "HELLO\nSTRAßE, CAFé AND 中文!\n", "empty lines are not sent");
    wait_left(&server, "left · 2 messages in, 2 out");
    let output = server.terminate().succeeded();
    assert_eq!(output.stdout(), "hellostraße, café and 中文!", "a raw stream has no line ends");
}

#[test]
fn the_second_client_waits_in_the_accept_queue_until_the_first_has_left() {
    let server = serve();
    let mut first = python_client(&server);
    first.stdin_line("one").wait_stdout("ONE\n");
    let mut second = python_client(&server);
    second.stdin_line("two");
    wait_one_queued(&server);
    first.stdin_line("three").wait_stdout("ONE\nTHREE\n");
    assert_eq!(second.stdout_so_far(), b"", "it is connected, it has spoken, and it waits");
    assert!(!server.stderr_so_far().contains("+ #2"));
    first.close_stdin();
    first.finish().succeeded();
    server.wait_stderr(left(1, "left · 2 messages in, 2 out", 0));
    server.wait_stderr(came(2, 1));
    second.wait_stdout("TWO\n");
    wait_kernel("tcp4", server.port(), |row| {
        row[..2] == ["LISTEN", &server.bare()] && row[3] == "0"
    });
}

#[test]
fn all_who_wait_are_served_in_the_order_of_their_coming() {
    let server = serve();
    let mut clients: Vec<Process> = (0..5).map(|_| python_client(&server)).collect();
    for (at, client) in clients.iter_mut().enumerate() {
        client.stdin_line(&format!("client {at}")).wait_stdout(format!("CLIENT {at}\n"));
        client.close_stdin().finish().succeeded();
        let session = at as u32 + 1;
        server.wait_stderr(came(session, 1));
        server.wait_stderr(left(session, "left · 1 message in, 1 out", 0));
    }
}

#[test]
fn a_client_that_is_killed_makes_way_for_the_next() {
    let server = serve();
    let mut first = python_client(&server);
    first.stdin_line("one").wait_stdout("ONE\n");
    let mut second = python_client(&server);
    second.stdin_line("two");
    wait_one_queued(&server);
    drop(first);
    second.wait_stdout("TWO\n");
    server.wait_stderr(left(1, "left · 1 message in, 1 out", 0));
}

#[test]
fn our_client_gets_its_answer_from_the_python_server() {
    let server = Peer::server("t2_server.py", &["127.0.0.1:0"]);
    let output = Framecat::connect(&[&server.stream()]).with_stdin("café 中文\n").succeeded();
    assert_eq!((output.stdout(), &*output.stderr), ("CAFé 中文\n".to_owned(), ""));
}

#[test]
fn our_client_waits_for_its_turn_at_the_python_server() {
    let server = Peer::server("t2_server.py", &["127.0.0.1:0"]);
    let mut first = Framecat::connect(&[&server.stream()]);
    first.stdin_bytes("one").wait_stdout("ONE");
    let mut second = Framecat::connect(&[&server.stream()]);
    second.stdin_bytes("two");
    wait_one_queued(&server);
    first.stdin_bytes("three").wait_stdout("ONETHREE");
    assert_eq!(second.stdout_so_far(), b"");
    assert_eq!(first.close_stdin().finish().succeeded().stdout(), "ONETHREE");
    second.wait_stdout("TWO");
    assert_eq!(second.close_stdin().finish().succeeded().stdout(), "TWO");
}
