//! T5: every datagram is shown and acknowledged, whoever sent it.

use std::net::UdpSocket;

use crate::support::{Framecat, PATIENCE, Peer, Process, Server, came};

const REPLY: &str = "Recvice message ok!";

fn serve() -> Server {
    Framecat::serve(&["udp://0.0.0.0:0", "--service", "reply:Recvice message ok!"])
}

/// Our client. Python may take long to answer on a busy machine, and ours would not wait long.
fn connect(server: &Server) -> Process {
    Framecat::connect(&[&server.datagram(), "--wait", "20s"])
}

#[test]
fn two_python_clients_are_acknowledged_each_for_itself() {
    let mut server = serve();
    let mut clients = ["one", "two"].map(|name| {
        let mut client = Peer::client("t5_client.py", &[&server.bare()]);
        client.stdin_line(&format!("{name} says hello")).wait_stdout(format!("{REPLY}\n"));
        client
    });
    let first = server.wait_stderr(came(1, 1));
    let second = server.wait_stderr(came(2, 2));
    for line in [first, second] {
        assert!(line.contains(" 127.0.0.1:"), "it names the sender: {line}");
    }
    for (at, client) in clients.iter_mut().enumerate() {
        client.stdin_line(&format!("again {at}")).wait_stdout(format!("{REPLY}\n{REPLY}\n"));
        // An empty line ends the tutorial's client, and is not sent.
        client.stdin_line("").finish().succeeded();
    }
    let output = server.terminate().succeeded();
    assert_eq!(output.stdout(), "one says hello\ntwo says hello\nagain 0\nagain 1\n");
    for session in [1, 2] {
        let mut lines = output.stderr.lines();
        let line = lines.find(|line| line.starts_with(&format!("- #{session} "))).unwrap();
        assert!(line.contains(" · 2 messages in, 2 out · "), "{line}");
    }
    assert!(output.stderr.contains(" · 2 sessions · 4 messages · "));
}

#[test]
fn our_client_is_acknowledged_by_the_python_server() {
    let server = Peer::server("t5_server.py", &["0.0.0.0:0"]);
    let output = connect(&server).with_stdin("hello\n中文\n").succeeded();
    assert_eq!((output.stdout(), &*output.stderr), (format!("{REPLY}\n{REPLY}\n"), ""));
    for text in ["hello", "中文"] {
        let shown =
            |line: &str| line.starts_with("[127.0.0.1:") && line.ends_with(&format!("] {text}"));
        server.wait_stdout_line(shown);
    }
}

#[test]
fn two_clients_of_ours_take_turns_at_the_python_server() {
    let server = Peer::server("t5_server.py", &["0.0.0.0:0"]);
    let [mut first, mut second] = [connect(&server), connect(&server)];
    first.stdin_line("one").wait_stdout(format!("{REPLY}\n"));
    second.stdin_line("two").wait_stdout(format!("{REPLY}\n"));
    assert_eq!(first.with_stdin("three").succeeded().stdout(), format!("{REPLY}\n{REPLY}\n"));
    assert_eq!(second.close_stdin().finish().succeeded().stdout(), format!("{REPLY}\n"));
    let sender = |text: &str| {
        let line = server.wait_stdout_line(|line| line.ends_with(&format!("] {text}")));
        line.trim_end_matches(text).to_owned()
    };
    assert_eq!(sender("one"), sender("three"));
    assert_ne!(sender("one"), sender("two"));
}

#[test]
fn a_datagram_is_one_message_however_many_come_at_once() {
    let mut server = serve();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    for text in ["three", "", "datagrams\nat once"] {
        socket.send_to(text.as_bytes(), server.bare()).unwrap();
    }
    for _ in 0..3 {
        let mut reply = [0; 100];
        let length = socket.recv(&mut reply).unwrap();
        assert_eq!(&reply[..length], REPLY.as_bytes());
    }
    assert_eq!(server.terminate().succeeded().stdout(), "three\n\ndatagrams\nat once\n");
}

#[test]
fn a_client_is_answered_from_the_address_that_it_spoke_to() {
    // A socket on every interface must not let the kernel choose another of its addresses: a client
    // that is connected, as ours is, hears only the one that it called.
    let server = serve();
    let called = format!("127.0.0.2:{}", server.port());
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.send_to(b"hello", &called).unwrap();
    let (_, from) = socket.recv_from(&mut [0; 100]).unwrap();
    assert_eq!(from.to_string(), called);
}
