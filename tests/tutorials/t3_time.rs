//! T3: a datagram is a strftime format, the answer is the local time in it; an empty datagram is a
//! message too, and means the default format.

use std::net::UdpSocket;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use crate::support::{Framecat, Output, PATIENCE, Peer, Process, Server, Unserved, came};

const DEFAULT: &str = "%Y-%m-%d-%H:%M:%S";

fn serve() -> Server {
    Framecat::serve(&["udp://127.0.0.1:0", "--service", "time"])
}

/// Our client. Python may take long to answer on a busy machine, and ours would not wait long.
fn connect(server: &Server) -> Process {
    Framecat::connect(&[&server.datagram(), "--wait", "20s"])
}

/// The time where the harness says that we are, to the second, as strftime tells it.
fn now() -> DateTime {
    let here = TimeZone::fixed(Offset::constant(8));
    Timestamp::now().to_zoned(here).datetime().with().subsec_nanosecond(0).build().unwrap()
}

/// Fails unless `run` printed one line for each format, with the time when it ran.
#[track_caller]
fn tells_the_time(formats: &[&str], run: impl FnOnce() -> Output) {
    let before = now();
    let output = run().succeeded();
    let after = now();
    let text = output.stdout();
    assert_eq!(text.lines().count(), formats.len(), "{text:?}");
    for (line, format) in text.lines().zip(formats) {
        let told =
            DateTime::strptime(format, line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert!((before..=after).contains(&told), "{before} ≤ {told} ≤ {after}");
    }
}

#[test]
fn the_python_client_is_told_the_local_time_in_its_format_or_the_default() {
    let mut server = serve();
    let format = "time %H:%M:%S on %d.%m.%Y";
    tells_the_time(&[format, DEFAULT, DEFAULT], || {
        let lines = format!("{format}\n\n   \n");
        Peer::client("t3_client.py", &[&server.bare()]).with_stdin(lines)
    });
    server.wait_stderr(came(1, 1));
    let output = server.terminate().succeeded();
    assert_eq!(output.stdout(), format!("{format}\n\n\n"), "the empty ones are messages");
    assert!(output.stderr.contains(" · 3 messages in, 3 out · "), "{}", output.stderr);
}

#[test]
fn text_around_the_format_comes_back_as_it_is() {
    let server = serve();
    let client = Peer::client("t3_client.py", &[&server.bare()]).with_stdin("中文 100%%\nplain\n");
    assert_eq!(client.succeeded().stdout(), "中文 100%\nplain\n");
}

#[test]
fn an_empty_datagram_is_answered_with_one_datagram() {
    let server = serve();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let before = now();
    socket.send_to(b"", server.bare()).unwrap();
    let mut reply = [0; 100];
    let (length, from) = socket.recv_from(&mut reply).unwrap();
    assert_eq!(from.to_string(), server.bare());
    let told = DateTime::strptime(DEFAULT, &reply[..length]).unwrap();
    assert!((before..=now()).contains(&told));
}

#[test]
fn our_client_asks_the_python_server_and_an_empty_line_asks_too() {
    let server = Peer::server("t3_server.py", &["127.0.0.1:0"]);
    let format = "%d.%m.%Y %H:%M:%S";
    tells_the_time(&[format, DEFAULT, format], || {
        connect(&server).with_stdin(format!("{format}\n\n{format}\n"))
    });
}

#[test]
fn our_client_and_our_server_agree() {
    let server = serve();
    tells_the_time(&[DEFAULT, DEFAULT], || connect(&server).with_stdin(format!("\n{DEFAULT}\n")));
}

#[test]
fn a_datagram_to_nobody_is_refused_and_our_client_says_so() {
    let nobody = Unserved::udp();
    let address = format!("udp://{}", nobody.address());
    let output = Framecat::connect(&[&address]).with_stdin("%H\n").ended_with(1);
    let problem = format!("framecat: cannot connect to {address}: connection refused");
    assert!(output.stderr.starts_with(&problem), "{}", output.stderr);
}
