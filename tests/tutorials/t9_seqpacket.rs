//! T9: Unix seqpacket sockets: connected like a stream, and yet each message arrives as it was sent,
//! the empty one too.

use crate::support::{Framecat, Peer, Place, left, wait_left};

/// A message of each kind: plain, empty, with a line end's worth of other bytes, empty at the end.
const LINES: &str = "one\n\n中文 two\n\n";

fn url(bare: &str) -> String {
    format!("unix-seqpacket://{bare}")
}

#[test]
fn our_server_and_our_client_pass_empty_messages_on() {
    let mut server = Framecat::serve(&[&url(&Place::abstract_name()), "--service", "upper"]);
    let output = Framecat::connect(&[server.address()]).with_stdin(LINES).succeeded();
    assert_eq!(output.stdout(), LINES.to_ascii_uppercase());
    wait_left(&server, "left · 4 messages in, 4 out");
    assert_eq!(server.terminate().succeeded().stdout(), LINES);
}

#[test]
fn the_python_client_gets_every_message_back_the_empty_ones_too() {
    let place = Place::new();
    for bare in [place.path("s.sock"), Place::abstract_name()] {
        let server = Framecat::serve(&[&url(&bare)]);
        let client = Peer::client("t9_seqpacket.py", &["client", &bare]).with_stdin(LINES);
        assert_eq!(client.succeeded().stdout(), "3 B: one\n0 B: \n10 B: 中文 two\n0 B: \n");
        wait_left(&server, "left · 4 messages in, 4 out");
        server.wait_stdout(LINES);
    }
}

#[test]
fn our_client_gets_every_message_back_from_the_python_server() {
    let place = Place::new();
    for bare in [place.path("s.sock"), Place::abstract_name()] {
        let server = Peer::server("t9_seqpacket.py", &["server", &bare]);
        let output = Framecat::connect(&[&url(&bare)]).with_stdin(LINES).succeeded();
        assert_eq!(output.stdout(), LINES);
        server.wait_stdout("3 B: one\n0 B: \n10 B: 中文 two\n0 B: \nend of stream\n");
    }
}

#[test]
fn our_client_tells_the_end_of_the_stream_from_an_empty_message() {
    let server = Framecat::serve(&[&url(&Place::abstract_name()), "--one-shot"]);
    let mut client = Framecat::connect(&[server.address()]);
    client.stdin_line("");
    // Its standard input stays open: it is the end of the stream that ends it.
    assert_eq!(client.finish().succeeded().stdout(), "\n");
    server.wait_stderr(left(1, "closed after its one reply · 1 message in, 1 out", 0));
}
