//! What `framecat connect` promises in a pipe: what goes in, what comes out, and how it ends.

mod support;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use rustix::process::Signal;

use support::{Framecat, Place, Server, Unserved};

/// A server that is ours for one connection: a thread that does what the test says.
fn one_connection(serve: impl FnOnce(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || serve(listener.accept().unwrap().0));
    address
}

fn upper(framing: &str) -> Server {
    Framecat::serve(&["127.0.0.1:0", "--frame", framing, "--service", "upper"])
}

#[test]
fn a_line_is_a_message_and_a_reply_a_line() {
    for framing in ["u32be", "netstring", "content-length", "varint", "header:8", "delim:\\0"] {
        let server = upper(framing);
        let mut client = Framecat::connect(&[server.address(), "--frame", framing]);
        // The last line may lack its line end, and CR LF is a line end too.
        let output = client.with_stdin("one\n\ntwo\r\nthree").succeeded();
        assert_eq!(output.stdout(), "ONE\n\nTWO\nTHREE\n", "{framing}");
    }
}

#[test]
fn in_a_raw_connection_bytes_go_through_as_they_are() {
    let server = Framecat::serve(&["127.0.0.1:0"]);
    let bytes: Vec<u8> = (0..300_000u32).map(|at| (at % 251) as u8).collect();
    let output = Framecat::connect(&[server.address()]).with_stdin(&bytes).succeeded();
    assert!(output.bytes == bytes);
}

#[test]
fn the_end_of_input_is_told_and_a_late_answer_is_still_shown() {
    let address = one_connection(|mut peer| {
        let mut heard = Vec::new();
        // Only the end of the stream lets this go on.
        peer.read_to_end(&mut heard).unwrap();
        peer.write_all(&[b"you said ", &heard[..]].concat()).unwrap();
    });
    assert_eq!(Framecat::connect(&[&address]).with_stdin("x").succeeded().stdout(), "you said x");
}

#[test]
fn both_sides_of_the_pipe_may_have_framings_of_their_own() {
    let server = upper("line");
    let args = [server.address(), "--frame", "line", "--stdin", "u8", "--stdout", "netstring"];
    let output = Framecat::connect(&args).with_stdin(b"\x03one\x00\x03two").succeeded();
    assert_eq!(output.stdout(), "3:ONE,0:,3:TWO,");
    let output = Framecat::connect(&args).with_stdin(b"\x03one\x09tw").ended_with(2);
    assert_eq!(output.stdout(), "3:ONE,", "what is whole is sent and answered");
    assert!(output.stderr.contains("standard input: framing error at byte 7"), "{output:?}");
}

#[test]
fn a_message_that_cannot_be_carried_is_named_and_those_before_it_are_answered() {
    let server = upper("u8");
    let long = "x".repeat(256);
    let mut client = Framecat::connect(&[server.address(), "--frame", "u8"]);
    let output = client.with_stdin(format!("first\n{long}\nlast\n")).ended_with(2);
    assert_eq!(output.stdout(), "FIRST\n");
    assert!(output.stderr.contains("cannot send message 2 to tcp://127.0.0.1"), "{output:?}");
    assert!(output.stderr.contains("256 B"), "{output:?}");
}

#[test]
fn a_reply_that_standard_output_cannot_carry_is_not_turned_into_two() {
    let server = Framecat::serve(&["127.0.0.1:0", "--frame", "u8", "--service", "reply:a\\nb"]);
    let args = [server.address(), "--frame", "u8", "--stdout", "line"];
    let output = Framecat::connect(&args).with_stdin("x\n").succeeded();
    assert_eq!(output.stdout(), "");
    assert!(output.stderr.contains("is not shown"), "{output:?}");
}

#[test]
fn lockstep_waits_for_each_reply() {
    let address = one_connection(|mut peer| {
        for expected in [b"one", b"two"] {
            let mut message = [0; 4];
            peer.read_exact(&mut message).unwrap();
            assert_eq!(&message[1..], expected);
            // Nothing more may have come before the answer.
            peer.set_nonblocking(true).unwrap();
            assert!(peer.read(&mut [0]).is_err(), "the next message has waited");
            peer.set_nonblocking(false).unwrap();
            peer.write_all(&[1, b'k']).unwrap();
        }
    });
    let args = [&*address, "--frame", "u8", "--lockstep"];
    let output = Framecat::connect(&args).with_stdin("one\ntwo\n").succeeded();
    assert_eq!(output.stdout(), "k\nk\n");
}

#[test]
fn a_server_that_breaks_the_framing_is_told_with_the_byte() {
    let address = one_connection(|mut peer| peer.write_all(b"3:abc;").unwrap());
    let args = [&*address, "--frame", "netstring"];
    let output = Framecat::connect(&args).with_stdin("").ended_with(1);
    assert!(output.stderr.contains("broke the framing at byte 5: expected a comma"), "{output:?}");
    let address = one_connection(|mut peer| peer.write_all(b"\0\0\0\x09part").unwrap());
    let args = [&*address, "--frame", "u32be"];
    let output = Framecat::connect(&args).with_stdin("").ended_with(1);
    assert!(output.stderr.contains("after 8 B of 13 B"), "{output:?}");
}

#[test]
fn a_server_that_closes_ends_the_client_although_its_input_is_open() {
    let address = one_connection(|mut peer| peer.write_all(b"bye\n").unwrap());
    let mut client = Framecat::connect(&[&address, "--frame", "line"]);
    assert_eq!(client.finish().succeeded().stdout(), "bye\n");
}

#[test]
fn the_end_message_ends_the_session_whoever_says_it() {
    let server = upper("line");
    let args = [server.address(), "--frame", "line", "--end", "bye", "--wait", "10"];
    let output = Framecat::connect(&args).with_stdin("hi\nbye\nnever sent\n").succeeded();
    assert_eq!(output.stdout(), "HI\nBYE\n");
    let address = one_connection(|mut peer| {
        peer.write_all(b"hi\nbye\nnever shown\n").unwrap();
        // Stays open: it is the message that ends the session.
        let _ = peer.read_to_end(&mut Vec::new());
    });
    let mut client = Framecat::connect(&[&address, "--frame", "line", "--end", "bye"]);
    assert_eq!(client.finish().succeeded().stdout(), "hi\nbye\n");
}

#[test]
fn wait_bounds_the_silence_of_a_server_that_never_closes() {
    let address = one_connection(|mut peer| {
        peer.write_all(b"hello\n").unwrap();
        let _ = peer.read_to_end(&mut Vec::new());
        thread::park();
    });
    let args = [&*address, "--frame", "line", "--wait", "200ms"];
    assert_eq!(Framecat::connect(&args).with_stdin("").succeeded().stdout(), "hello\n");
}

#[test]
fn verbose_shows_the_seams() {
    let address = one_connection(|mut peer| {
        peer.write_all(b"\x02ab\x03cde\x05fg").unwrap();
        // The rest comes only after the first read was told.
        peer.read_exact(&mut [0; 2]).unwrap();
        peer.write_all(b"hij").unwrap();
        peer.read_to_end(&mut Vec::new()).unwrap();
    });
    let mut client = Framecat::connect(&[&address, "--frame", "u8", "-v"]);
    client.wait_stderr(|line| {
        line == "read     10 B   ├─ 3 ─┤├─ 4 ─┤├─ 3 …   2 messages, 3 of 6 B of the next"
    });
    let output = client.with_stdin("x\n").succeeded();
    assert!(output.stderr.contains("read      3 B   … 3 ─┤   1 message\n"), "{output:?}");
    assert!(output.stderr.contains("1 message sent, 3 received · 2 B out · 13 B in"), "{output:?}");
}

#[test]
fn json_and_hex_show_what_is_no_text() {
    let server = Framecat::serve(&["127.0.0.1:0", "--frame", "u8"]);
    let args = [server.address(), "--frame", "u8", "--stdin", "u8"];
    let input = b"\x03a\"\n\x02\xff\0";
    let output = Framecat::connect(&[&args[..], &["--json"]].concat()).with_stdin(input);
    let lines: Vec<String> = output.succeeded().stdout().lines().map(str::to_owned).collect();
    let peer = format!("{{\"session\":1,\"peer\":\"{}\",\"t\":", server.address());
    assert!(lines[0].starts_with(&peer) && lines[0].ends_with(",\"message\":\"a\\\"\\n\"}"));
    assert!(lines[1].starts_with(&peer) && lines[1].ends_with(",\"hex\":\"ff00\"}"));
    let output = Framecat::connect(&[&args[..], &["--hex"]].concat()).with_stdin(input);
    let shown = output.succeeded().stdout();
    assert!(shown.starts_with("3 B\n00000000  61 22 0a "), "{shown}");
    assert!(shown.contains("2 B\n00000000  ff 00 "), "{shown}");
}

#[test]
fn timestamps_stand_before_each_message() {
    let server = upper("line");
    let args = [server.address(), "--frame", "line", "--timestamps"];
    let shown = Framecat::connect(&args).with_stdin("a\x1b[2J\n").succeeded().stdout();
    let (time, message) = shown.trim_end().split_once(' ').unwrap();
    assert_eq!(message, r"A\x1b[2J", "a terminal is obeyed to by nobody");
    let digits: Vec<&str> = time.split([':', '.']).collect();
    assert_eq!(digits.iter().map(|part| part.len()).collect::<Vec<_>>(), [2, 2, 2, 6], "{time}");
}

#[test]
fn nobody_there_is_told_with_what_to_do() {
    let nobody = Unserved::tcp();
    let output = Framecat::connect(&[&nobody.address()]).with_stdin("x").ended_with(1);
    let told = format!("cannot connect to tcp://{}: connection refused", nobody.address());
    assert!(output.stderr.contains(&told) && output.stderr.contains("--retry"), "{output:?}");
    assert_eq!(output.stderr.lines().count(), 1);
}

#[test]
fn retry_waits_for_the_server_to_start() {
    let place = Place::new();
    let address = format!("unix://{}", place.path("late.sock"));
    let mut client = Framecat::connect(&[&address, "--retry", "20s", "--frame", "line"]);
    client.stdin_line("hello").close_stdin();
    // The client may have tried before: it is not told when the server starts, and finds it.
    let _server = Framecat::serve(&[&address, "--frame", "line", "--service", "upper"]);
    assert_eq!(client.finish().succeeded().stdout(), "HELLO\n");
}

#[test]
fn a_source_is_where_the_server_sees_us_come_from() {
    let server = upper("line");
    let args = [server.address(), "--frame", "line", "--source", "127.0.0.5"];
    Framecat::connect(&args).with_stdin("x\n").succeeded();
    server.wait_stderr(|line| line.starts_with("+ #1 127.0.0.5:"));
    let args = [server.address(), "--source", "192.0.2.1"];
    let output = Framecat::connect(&args).with_stdin("").ended_with(2);
    assert!(output.stderr.contains("cannot come from tcp://192.0.2.1:0"), "{output:?}");
}

#[test]
fn datagrams_end_with_as_many_replies_as_messages() {
    let server = Framecat::serve(&["udp://127.0.0.1:0", "--service", "upper"]);
    let lines: String = (0..1000).map(|number| format!("line {number}\n")).collect();
    let mut client = Framecat::connect(&[server.address(), "--wait", "20"]);
    let output = client.with_stdin(&lines).succeeded();
    assert_eq!(output.stdout(), lines.to_uppercase());
    let server = Framecat::serve(&["udp://127.0.0.1:0", "--service", "discard"]);
    let mut client = Framecat::connect(&[server.address(), "--wait", "100ms"]);
    let output = client.with_stdin("one\ntwo\n").succeeded();
    assert!(output.stderr.contains("no reply to 2 of 2"), "{output:?}");
}

#[test]
fn a_datagram_too_large_is_told_and_not_cut() {
    let server = Framecat::serve(&["udp://127.0.0.1:0"]);
    let mut client = Framecat::connect(&[server.address(), "--max-message", "100k"]);
    let output = client.with_stdin(format!("ok\n{}\n", "x".repeat(70_000))).ended_with(2);
    assert_eq!(output.stdout(), "ok\n", "what came before is sent and answered");
    assert!(output.stderr.contains("cannot send message 2 to udp://"), "{output:?}");
    assert!(output.stderr.contains("70000 B are more than one datagram holds"), "{output:?}");
    let output = Framecat::connect(&[server.address(), "--max-message", "100"])
        .with_stdin(format!("ok\n{}\n", "x".repeat(101)))
        .ended_with(2);
    assert_eq!(output.stdout(), "ok\n", "what came before is sent and answered");
    assert!(output.stderr.contains("byte 3: a message is longer than the limit of 100 B"));
}

#[test]
fn a_packet_that_the_kernel_refuses_ends_our_side_and_the_rest_is_answered() {
    let name = Place::abstract_name();
    let server = Framecat::serve(&[&format!("unix-seqpacket://{name}"), "--service", "upper"]);
    // Larger than any send buffer that the kernel gives without being asked.
    let too_large = "x".repeat(900_000);
    let mut client = Framecat::connect(&[server.address()]);
    let output = client.with_stdin(format!("one\n{too_large}\nthree\n")).ended_with(1);
    assert_eq!(output.stdout(), "ONE\n");
    assert!(output.stderr.contains("message too long"), "{output:?}");
}

#[test]
fn a_server_that_does_not_want_to_hear_is_still_heard() {
    let address = one_connection(|mut peer| {
        // The client is told by a reset or a broken pipe, and says so; our words come first.
        peer.write_all(b"go away\n").unwrap();
        peer.shutdown(std::net::Shutdown::Both).unwrap();
        let mut buffer = [0; 4096];
        while peer.read(&mut buffer).is_ok_and(|read| read > 0) {}
    });
    let mut client = Framecat::connect(&[&address, "--frame", "line"]);
    client.wait_stdout("go away\n");
    client.finish();
}

#[test]
fn signals_end_it_as_they_should() {
    let address = one_connection(|mut peer| {
        let _ = peer.read_to_end(&mut Vec::new());
        thread::park();
    });
    let mut client = Framecat::connect(&[&address, "-v"]);
    client.wait_stderr(|line| line.starts_with("connected to"));
    client.signal(Signal::INT).finish().ended_with(130);

    // SIGTERM is the end of input: the server is told, and its last words are shown.
    let address = one_connection(|mut peer| {
        peer.read_to_end(&mut Vec::new()).unwrap();
        peer.write_all(b"last words").unwrap();
    });
    let mut client = Framecat::connect(&[&address, "-v"]);
    client.wait_stderr(|line| line.starts_with("connected to"));
    assert_eq!(client.terminate().succeeded().stdout(), "last words");
}

#[test]
fn an_option_that_makes_no_sense_is_refused() {
    for (args, told) in [
        (&["udp://127.0.0.1:9", "--frame", "line"][..], "--frame makes no sense on udp://"),
        (&["unix://@x", "--nodelay", "off"], "--nodelay makes no sense on unix://@x"),
        (&["127.0.0.1:9", "--source", "unix://@x"], "--source makes no sense on tcp://"),
        (&["udp://127.0.0.1:9", "--reply-frame", "raw"], "--reply-frame makes no sense on udp"),
        (&["udp://127.0.0.1:9", "--retry", "1s"], "--retry makes no sense on udp://"),
        (&["127.0.0.1:9", "--frame", "u24"], "`u24` is not a framing"),
        (&["127.0.0.1:9", "--retry", "soon"], "--retry: `soon`: write a time"),
        (&["nowhere"], "`nowhere` is not an address: the port is missing"),
        (&["127.0.0.1:9", "--max-message", "0"], "--max-message must be at least 1"),
        (&["127.0.0.1:9", "--json", "--hex"], "cannot be used with"),
    ] {
        let output = Framecat::connect(args).with_stdin("").ended_with(2);
        assert!(output.stderr.contains(told), "{output:?}");
        assert!(output.stderr.lines().count() <= 2, "{output:?}");
    }
}
