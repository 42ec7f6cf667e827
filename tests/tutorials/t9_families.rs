//! T9: the same conversations over every family of addresses, each both ways; and what is particular
//! to a family.

use std::fs;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use crate::support::{Framecat, Peer, Place, came, datagram, stream, wait_left};

const HEADER: [&str; 6] = ["--frame", "header:64", "--reply-frame", "raw", "--end", "!DISCONNECT"];

/// Two addresses of a family, each without a scheme: where we listen, and where the Python server does.
struct Addresses {
    ours: String,
    theirs: String,
    _place: Option<Place>,
}

impl Addresses {
    fn ports(host: &str) -> Addresses {
        let address = format!("{host}:0");
        Addresses { ours: address.clone(), theirs: address, _place: None }
    }

    fn paths() -> Addresses {
        let place = Place::new();
        let (ours, theirs) = (place.path("ours.sock"), place.path("theirs.sock"));
        Addresses { ours, theirs, _place: Some(place) }
    }

    fn names() -> Addresses {
        let [ours, theirs] = [Place::abstract_name(), Place::abstract_name()];
        Addresses { ours, theirs, _place: None }
    }
}

/// T1
fn length_headers(at: &Addresses) {
    let serve = [&stream(&at.ours), "--service", "reply:Msg received"];
    let server = Framecat::serve(&[&serve[..], &HEADER[..]].concat());
    let client = Peer::client("t1_client.py", &[&server.bare()]).finish().succeeded();
    assert_eq!(client.stdout(), "Msg received\n".repeat(2));
    wait_left(&server, "ended by \"!DISCONNECT\" · 2 messages in, 2 out");

    let server = Peer::server("t1_server.py", &[&at.theirs]);
    let mut client = Framecat::connect(&[&[&*server.stream()], &HEADER[..]].concat());
    let output = client.with_stdin("Hello World!\n!DISCONNECT\n").succeeded();
    assert_eq!(output.stdout(), "Msg received".repeat(2));
}

/// T2
fn upper_casing(at: &Addresses) {
    let serve = ["--service", "upper", "--serial", "--backlog", "5"];
    let server = Framecat::serve(&[&[&*stream(&at.ours)], &serve[..]].concat());
    let client = Peer::client("t2_client.py", &[&server.bare()]).with_stdin("hello\ncafé\n");
    assert_eq!(client.succeeded().stdout(), "HELLO\nCAFé\n");
    wait_left(&server, "left · 2 messages in, 2 out");

    let server = Peer::server("t2_server.py", &[&at.theirs]);
    let output = Framecat::connect(&[&server.stream()]).with_stdin("café 中文").succeeded();
    assert_eq!(output.stdout(), "CAFé 中文");
}

/// T4
fn one_shot(at: &Addresses) {
    let serve = ["--service", "reply:ACK!", "--one-shot", "--backlog", "5"];
    let server = Framecat::serve(&[&[&*stream(&at.ours)], &serve[..]].concat());
    let client = Peer::client("t4_client.py", &[&server.bare()]).finish().succeeded();
    assert_eq!(client.stdout(), "ACK!\n");
    wait_left(&server, "closed after its one reply · 1 message in, 1 out");
    server.wait_stdout("hehe, just for a test!");

    let server = Peer::server("t4_server.py", &[&at.theirs]);
    let output = Framecat::connect(&[&server.stream()]).with_stdin("for a test").succeeded();
    assert_eq!(output.stdout(), "ACK!");
    server.wait_stdout_line(|line| line.ends_with("] for a test"));
}

/// T6
fn two_people(at: &Addresses) {
    let serve = ["--service", "chat", "--end", "bye", "--backlog", "5"];
    let mut server = Framecat::serve(&[&[&*stream(&at.ours)], &serve[..]].concat());
    let mut client = Peer::client("t6_client.py", &[&server.bare()]);
    client.stdin_line("hello");
    server.wait_stdout("hello");
    server.stdin_line("hi");
    client.wait_stdout("server: hi\n");
    client.stdin_line("bye").finish().succeeded();
    wait_left(&server, "ended by \"bye\" · 2 messages in, 1 out");

    let mut server = Peer::server("t6_server.py", &[&at.theirs]);
    let mut client = Framecat::connect(&[&server.stream(), "--end", "bye"]);
    client.stdin_bytes("hello");
    server.wait_stdout("client: hello\n");
    server.stdin_line("bye").finish().succeeded();
    assert_eq!(client.finish().succeeded().stdout(), "bye");
}

/// T3
fn telling_the_time(at: &Addresses) {
    // What the formats and the time are worth is seen in T3: here an empty message must arrive.
    let server = Framecat::serve(&[&datagram(&at.ours), "--service", "time"]);
    let client = Peer::client("t3_client.py", &[&server.bare()]).with_stdin("100%%\n\n");
    let text = client.succeeded().stdout();
    let lines: Vec<_> = text.lines().map(str::len).collect();
    assert_eq!(lines, ["100%".len(), "2026-11-20-11:22:33".len()], "{text}");
    server.wait_stderr(came(1, 1));
    server.wait_stdout("100%%\n\n");

    let server = Peer::server("t3_server.py", &[&at.theirs]);
    let mut client = Framecat::connect(&[&server.datagram(), "--wait", "20s"]);
    let text = client.with_stdin("100%%\n\n").succeeded().stdout();
    let lines: Vec<_> = text.lines().map(str::len).collect();
    assert_eq!(lines, ["100%".len(), "2026-11-20-11:22:33".len()], "{text}");
}

/// T5
fn acknowledging(at: &Addresses) {
    const REPLY: &str = "Recvice message ok!\n";
    let serve = [&datagram(&at.ours), "--service", "reply:Recvice message ok!"];
    let server = Framecat::serve(&serve);
    let client = Peer::client("t5_client.py", &[&server.bare()]).with_stdin("one\ntwo\n\n");
    assert_eq!(client.succeeded().stdout(), REPLY.repeat(2));
    server.wait_stderr(came(1, 1));
    server.wait_stdout("one\ntwo\n");

    let server = Peer::server("t5_server.py", &[&at.theirs]);
    let mut client = Framecat::connect(&[&server.datagram(), "--wait", "20s"]);
    assert_eq!(client.with_stdin("one\ntwo\n").succeeded().stdout(), REPLY.repeat(2));
    server.wait_stdout_line(|line| line.ends_with("] one"));
    server.wait_stdout_line(|line| line.ends_with("] two"));
}

/// A test for each family and conversation.
macro_rules! both_ways {
    ($($conversation:ident { $($test:ident: $addresses:expr;)* })*) => {$($(
        #[test]
        fn $test() {
            $conversation(&$addresses);
        }
    )*)*};
}

both_ways! {
    length_headers {
        length_headers_go_both_ways_over_ipv4: Addresses::ports("127.0.0.1");
        length_headers_go_both_ways_over_ipv6: Addresses::ports("[::1]");
        length_headers_go_both_ways_over_a_unix_path: Addresses::paths();
        length_headers_go_both_ways_over_an_abstract_name: Addresses::names();
    }
    upper_casing {
        upper_casing_goes_both_ways_over_ipv4: Addresses::ports("127.0.0.1");
        upper_casing_goes_both_ways_over_ipv6: Addresses::ports("[::1]");
        upper_casing_goes_both_ways_over_a_unix_path: Addresses::paths();
        upper_casing_goes_both_ways_over_an_abstract_name: Addresses::names();
    }
    one_shot {
        one_reply_goes_both_ways_over_ipv4: Addresses::ports("127.0.0.1");
        one_reply_goes_both_ways_over_ipv6: Addresses::ports("[::1]");
        one_reply_goes_both_ways_over_a_unix_path: Addresses::paths();
        one_reply_goes_both_ways_over_an_abstract_name: Addresses::names();
    }
    two_people {
        a_talk_goes_both_ways_over_ipv4: Addresses::ports("127.0.0.1");
        a_talk_goes_both_ways_over_ipv6: Addresses::ports("[::1]");
        a_talk_goes_both_ways_over_a_unix_path: Addresses::paths();
        a_talk_goes_both_ways_over_an_abstract_name: Addresses::names();
    }
    telling_the_time {
        the_time_goes_both_ways_over_udp_4: Addresses::ports("127.0.0.1");
        the_time_goes_both_ways_over_udp_6: Addresses::ports("[::1]");
        the_time_goes_both_ways_over_unix_datagrams_at_a_path: Addresses::paths();
        the_time_goes_both_ways_over_unix_datagrams_at_an_abstract_name: Addresses::names();
    }
    acknowledging {
        acknowledging_goes_both_ways_over_udp_4: Addresses::ports("127.0.0.1");
        acknowledging_goes_both_ways_over_udp_6: Addresses::ports("[::1]");
        acknowledging_goes_both_ways_over_unix_datagrams_at_a_path: Addresses::paths();
        acknowledging_goes_both_ways_over_unix_datagrams_at_an_abstract_name: Addresses::names();
    }
}

#[test]
fn a_dual_stack_server_serves_a_client_that_knows_ipv4_only() {
    let server = Framecat::serve(&["[::]:0", "--service", "upper"]);
    let ipv4 = format!("127.0.0.1:{}", server.port());
    for (session, address) in [(1, ipv4), (2, server.bare())] {
        let client = Peer::client("t2_client.py", &[&address]).with_stdin("hello\n");
        assert_eq!(client.succeeded().stdout(), "HELLO\n");
        let host = address.rsplit_once(':').expect("it has a port").0;
        let line = server.wait_stderr(came(session, 1));
        assert!(
            line.starts_with(&format!("+ #{session} {host}:")),
            "as the client knows it: {line}"
        );
        server.wait_stderr(|line| line.starts_with(&format!("- #{session} left ")));
    }
}

#[test]
fn ipv6_only_leaves_the_ipv4_client_out() {
    let server = Framecat::serve(&["[::]:0", "--service", "upper", "--ipv6-only"]);
    let ipv4 = format!("tcp://127.0.0.1:{}", server.port());
    let output = Framecat::connect(&[&ipv4]).finish().ended_with(1);
    let problem = format!("framecat: cannot connect to {ipv4}: connection refused");
    assert!(output.stderr.starts_with(&problem), "{}", output.stderr);
    let client = Peer::client("t2_client.py", &[&server.bare()]).with_stdin("hello\n");
    assert_eq!(client.succeeded().stdout(), "HELLO\n");
}

#[test]
fn a_socket_file_goes_with_its_server_and_one_that_a_dead_server_left_is_replaced() {
    let place = Place::new();
    let path = place.path("s.sock");
    let is_socket = || fs::metadata(&path).is_ok_and(|file| file.file_type().is_socket());
    // The Python peers never remove theirs.
    drop(Peer::server("t2_server.py", &[&path]));
    assert!(is_socket());
    let mut server = Framecat::serve(&[&stream(&path), "--service", "upper"]);
    let client = Peer::client("t2_client.py", &[&path]).with_stdin("hello\n");
    assert_eq!(client.succeeded().stdout(), "HELLO\n");
    // A live server's is never taken.
    let output = Framecat::run(&["serve", &stream(&path)]).finish().ended_with(2);
    let problem = format!("framecat: cannot listen on {}: address already in use", stream(&path));
    assert!(output.stderr.starts_with(&problem), "{}", output.stderr);
    assert!(is_socket());
    server.terminate().succeeded();
    assert!(!Path::new(&path).exists());
}

#[test]
fn nobody_at_a_unix_address_is_told_plainly() {
    let place = Place::new();
    let (path, name) = (place.path("s.sock"), Place::abstract_name());
    for address in [stream(&path), stream(&name), datagram(&path), datagram(&name)] {
        let output = Framecat::connect(&[&address]).with_stdin("hello\n").ended_with(1);
        let problem = format!("framecat: cannot connect to {address}: ");
        assert!(output.stderr.starts_with(&problem), "{}", output.stderr);
        assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
    }
}
