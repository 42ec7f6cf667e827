//! T1: a 64-byte header of decimal digits towards the server, no framing at all towards the client,
//! and a message that ends the conversation.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;

use crate::support::{Framecat, PATIENCE, Peer, Process, Server, came, left, wait_left};

fn serve() -> Server {
    Framecat::serve(&[
        "127.0.0.1:0",
        "--frame",
        "header:64",
        "--reply-frame",
        "raw",
        "--service",
        "reply:Msg received",
        "--end",
        "!DISCONNECT",
    ])
}

fn connect(server: &Server) -> Process {
    Framecat::connect(&[
        &server.stream(),
        "--frame",
        "header:64",
        "--reply-frame",
        "raw",
        "--end",
        "!DISCONNECT",
    ])
}

fn with_header(message: &str) -> Vec<u8> {
    format!("{:<64}{message}", message.len()).into_bytes()
}

/// A client that counts the bytes, and sees the end of the stream.
struct Exact(TcpStream);

impl Exact {
    fn connect(server: &Server) -> Exact {
        let stream = TcpStream::connect(server.bare()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Exact(stream)
    }

    fn says(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    #[track_caller]
    fn hears(&mut self, wanted: &[u8]) {
        let mut heard = vec![0; wanted.len()];
        self.0.read_exact(&mut heard).unwrap();
        assert_eq!(heard, wanted);
    }

    #[track_caller]
    fn hears_the_end(&mut self) {
        assert_eq!(self.0.read(&mut [0]).unwrap(), 0);
    }
}

#[test]
fn the_python_client_is_answered_and_its_last_message_too() {
    let mut server = serve();
    let client = Peer::client("t1_client.py", &[&server.bare()]).finish().succeeded();
    assert_eq!(client.stdout(), "Msg received\nMsg received\n");
    wait_left(&server, "ended by \"!DISCONNECT\" · 2 messages in, 2 out");
    let output = server.terminate().succeeded();
    assert_eq!(output.stdout(), "Hello World!\n!DISCONNECT\n");
    assert!(output.stderr.contains(" · 1 session · 2 messages · 151 B in · 24 B out\n"));
}

#[test]
fn the_server_says_where_it_listens_and_how_to_talk_to_it() {
    let mut server = serve();
    let output = server.terminate().succeeded();
    let address = server.address();
    let bare = server.bare();
    assert_eq!(address, format!("tcp://{bare}"));
    assert_ne!(server.port(), "0", "the real port is told");
    assert!(output.stderr.starts_with(&format!(
        "listening on {address} · header:64 in, raw out · reply \"Msg received\"\n  \
         talk to it:  framecat connect {bare} --frame header:64 --reply-frame raw \
         --end '!DISCONNECT'\n"
    )));
    assert_eq!(output.stdout(), "");
}

#[test]
fn a_reply_has_no_frame_and_the_end_is_answered_before_the_stream_ends() {
    let server = serve();
    let mut client = Exact::connect(&server);
    let line = server.wait_stderr(came(1, 1));
    let address = client.0.local_addr().unwrap().to_string();
    assert!(line.starts_with(&format!("+ #1 {address} ")), "{line} names {address}");
    client.says(&with_header("Hello World!"));
    client.hears(b"Msg received");
    client.says(&with_header("!DISCONNECT"));
    client.hears(b"Msg received");
    client.hears_the_end();
}

#[test]
fn messages_that_are_cut_or_joined_on_the_way_are_the_same_messages() {
    let mut server = serve();
    let mut client = Exact::connect(&server);
    let messages = [with_header("in one"), with_header(""), with_header("write")].concat();
    client.says(&messages);
    client.hears(b"Msg receivedMsg receivedMsg received");
    // Whether the server reads each byte apart is the kernel's affair: it must not matter.
    client.0.set_nodelay(true).unwrap();
    for byte in with_header("byte by byte") {
        client.says(&[byte]);
    }
    client.hears(b"Msg received");
    client.says(&with_header("!DISCONNECT"));
    client.hears(b"Msg received");
    client.hears_the_end();
    let output = server.terminate().succeeded();
    assert_eq!(output.stdout(), "in one\n\nwrite\nbyte by byte\n!DISCONNECT\n");
}

#[test]
fn a_garbage_header_ends_its_own_session_and_no_other() {
    let server = serve();
    let mut good = Exact::connect(&server);
    good.says(&with_header("before"));
    good.hears(b"Msg received");
    let mut bad = Exact::connect(&server);
    server.wait_stderr(came(2, 2));
    bad.says(b"GET / HTTP/1.1\r\nHost: example.org\r\nUser-Agent: a browser that is lost\r\n\r\n");
    let line = server.wait_stderr(|line| line.starts_with("- #2 "));
    assert!(line.starts_with("- #2 framing error at byte 0: "), "{line}");
    assert!(line.contains("GET / HTTP"), "it shows what was found: {line}");
    assert!(line.ends_with(" 1 active"), "{line}");
    match bad.0.read(&mut [0]) {
        Ok(read) => assert_eq!(read, 0, "nothing is answered"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    good.says(&with_header("after"));
    good.hears(b"Msg received");
    good.says(&with_header("!DISCONNECT"));
    good.hears(b"Msg received");
    good.hears_the_end();
    server.wait_stderr(left(1, "ended by \"!DISCONNECT\" · 3 messages in, 3 out", 0));
}

#[test]
fn clients_at_the_same_time_are_counted_and_served_each_for_itself() {
    let mut server = serve();
    let mut first = connect(&server);
    server.wait_stderr(came(1, 1));
    let mut second = connect(&server);
    server.wait_stderr(came(2, 2));
    let third = Peer::client("t1_client.py", &[&server.bare(), "between", "!DISCONNECT"]).finish();
    assert_eq!(third.succeeded().stdout(), "Msg received\nMsg received\n");
    server.wait_stderr(came(3, 3));
    server.wait_stderr(left(3, "ended by \"!DISCONNECT\" · 2 messages in, 2 out", 2));
    second.stdin_line("second").wait_stdout("Msg received");
    first.stdin_line("first").wait_stdout("Msg received");
    assert_eq!(second.with_stdin("!DISCONNECT\n").succeeded().stdout(), "Msg received".repeat(2));
    server.wait_stderr(left(2, "ended by \"!DISCONNECT\" · 2 messages in, 2 out", 1));
    first.close_stdin();
    assert_eq!(first.finish().succeeded().stdout(), "Msg received");
    server.wait_stderr(left(1, "left · 1 message in, 1 out", 0));
    let output = server.terminate().succeeded();
    assert_eq!(output.stdout(), "between\n!DISCONNECT\nsecond\nfirst\n!DISCONNECT\n");
}

#[test]
fn our_client_speaks_with_the_python_server_until_it_says_the_end() {
    let server = Peer::server("t1_server.py", &["127.0.0.1:0"]);
    let mut client = connect(&server);
    client.stdin_line("Hello World!").wait_stdout("Msg received");
    client.stdin_line("中文").wait_stdout("Msg received".repeat(2));
    // Its standard input stays open: it is the end message that ends it.
    client.stdin_line("!DISCONNECT");
    let output = client.finish().succeeded();
    assert_eq!((output.stdout(), &*output.stderr), ("Msg received".repeat(3), ""));
    server.wait_stdout_line(|line| line.starts_with("[NEW CONNECTION] 127.0.0.1:"));
    server.wait_stdout("[ACTIVE CONNECTIONS] 1\n");
    for message in ["Hello World!", "中文", "!DISCONNECT"] {
        server.wait_stdout_line(|line| line.ends_with(&format!("] {message}")));
    }
}

#[test]
fn our_client_survives_that_the_python_server_takes_one_read_for_a_message() {
    // Each message leaves in one write, header and all, so that even that server finds it whole.
    let server = Peer::server("t1_server.py", &["127.0.0.1:0"]);
    let output = connect(&server).with_stdin("one\ntwo\nthree\n!DISCONNECT\n").succeeded();
    assert_eq!(output.stdout(), "Msg received".repeat(4));
}

#[test]
fn a_garbage_header_kills_one_thread_of_the_python_server_and_the_next_client_is_served() {
    let server = Peer::server("t1_server.py", &["127.0.0.1:0"]);
    let mut bad = Framecat::connect(&[&server.stream()]);
    // A header's length of it, so that nothing stays unread, and the connection is not reset later.
    bad.stdin_bytes("?".repeat(64));
    server.wait_stderr(|line| line.starts_with("ValueError: invalid literal for int()"));
    assert_eq!(connect(&server).with_stdin("!DISCONNECT\n").succeeded().stdout(), "Msg received");
    // That server holds the connection of a dead thread until it accepts the next.
    assert_eq!(bad.finish().succeeded().stdout(), "");
}
