//! What `framecat serve` promises beyond the tutorials: what it says, what bounds it, how it ends.

mod support;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixListener;
use std::time::Duration;

use rustix::process::Signal;

use support::{Framecat, PATIENCE, Place, Server, came, left};

/// A client as plain as can be.
fn client(server: &Server) -> TcpStream {
    let client = TcpStream::connect(server.bare()).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    client
}

/// Sends, and waits for just this answer.
fn exchange(client: &mut TcpStream, request: &[u8], reply: &[u8]) {
    client.write_all(request).unwrap();
    let mut found = vec![0; reply.len()];
    client.read_exact(&mut found).unwrap();
    assert_eq!(found.escape_ascii().to_string(), reply.escape_ascii().to_string());
}

fn rest(mut client: TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).unwrap();
    rest
}

#[test]
fn the_second_line_is_a_command_that_works() {
    for args in [
        &["127.0.0.1:0", "--frame", "line"][..],
        &["0.0.0.0:0", "--frame", "delim:\\0", "--reply-frame", "u16le"],
        &["[::1]:0", "--frame", "header:64", "--reply-frame", "raw", "--end", "it's over"],
        &["udp://[::]:0"],
    ] {
        let server = Framecat::serve(args);
        let line = server.wait_stderr(|line| line.starts_with("  talk to it:  framecat connect "));
        let command = line.trim_start_matches("  talk to it:  framecat ").to_owned();
        // A shell takes the quotes away, as it would for a person.
        let shell = format!("printf 'hello\\n' | \"$0\" {command} --wait 500ms");
        let output = std::process::Command::new("sh")
            .args(["-c", &shell, env!("CARGO_BIN_EXE_framecat")])
            .output()
            .unwrap();
        assert!(output.status.success(), "{command}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), "hello", "{command}");
    }
}

#[test]
fn messages_go_to_stdout_and_what_is_said_about_them_to_stderr() {
    let mut server = Framecat::serve(&["127.0.0.1:0", "--frame", "u8"]);
    let mut peer = client(&server);
    exchange(&mut peer, b"\x03one\0\x03two", b"\x03one\0\x03two");
    drop(peer);
    server.wait_stderr(left(1, "left · 3 messages in, 3 out", 0));
    let output = server.terminate().succeeded();
    assert_eq!(output.stdout(), "one\n\ntwo\n");
    let last = output.stderr.lines().last().unwrap();
    assert!(last.starts_with("drained in 0.0 s · 1 session · 3 messages · 9 B in · 9 B out"));
}

#[test]
fn quiet_shows_no_messages_and_still_who_came() {
    let mut server = Framecat::serve(&["127.0.0.1:0", "--quiet"]);
    exchange(&mut client(&server), b"hello", b"hello");
    server.wait_stderr(left(1, "left · 1 message in, 1 out", 0));
    assert_eq!(server.terminate().succeeded().stdout(), "");
}

#[test]
fn json_names_the_session_in_every_line_and_takes_answers_the_same_way() {
    let args = ["serve", "127.0.0.1:0", "--frame", "line", "--service", "chat", "--json"];
    let mut server = Framecat::run(&args);
    let line = server.wait_stderr(|line| line.starts_with("{\"event\":\"listening\""));
    let address = line.split("\"address\":\"tcp://").nth(1).unwrap().split('"').next().unwrap();
    let connect = || {
        let client = TcpStream::connect(address).unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        client
    };
    let (mut one, mut two) = (connect(), connect());
    one.write_all(b"from one\n").unwrap();
    server.wait_stdout("\"message\":\"from one\"}\n");
    two.write_all(b"\xff\n").unwrap();
    let line = server.wait_stdout_line(|line| line.ends_with("\"hex\":\"ff\"}"));
    let two_is = if line.starts_with("{\"session\":2,") { 2 } else { 1 };
    server.stdin_line(&format!("{{\"session\":{two_is},\"message\":\"to two\"}}"));
    exchange(&mut two, b"", b"to two\n");
    server.stdin_line("{\"hex\":\"746f206f6e65\"}");
    exchange(&mut one, b"", b"to one\n");
    server.stdin_line("no JSON");
    server.wait_stderr(|line| line.contains("\"event\":\"error\""));
    server.stdin_line("{\"session\":77,\"message\":\"x\"}");
    server.wait_stderr(|line| line.contains("\"problem\":\"there is no such session\""));
    drop((one, two));
    server
        .wait_stderr(|line| line.contains("\"event\":\"ended\"") && line.contains("\"active\":0"));
    let output = server.terminate().succeeded();
    for line in output.stdout().lines().chain(output.stderr.lines()) {
        assert!(line.starts_with('{') && line.ends_with('}'), "{line}");
    }
    assert!(output.stderr.lines().last().unwrap().contains("\"event\":\"drained\""));
}

#[test]
fn every_reason_to_leave_has_its_words() {
    let args = ["127.0.0.1:0", "--frame", "u8", "--end", "bye", "--idle-timeout", "300ms"];
    let server = Framecat::serve(&args);
    let mut peer = client(&server);
    exchange(&mut peer, b"\x03bye", b"\x03bye");
    server.wait_stderr(left(1, "ended by \"bye\" · 1 message in, 1 out", 0));
    let mut peer = client(&server);
    peer.write_all(b"\x09half").unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    let why = "framing error at byte 5: the stream ended inside a message, after 5 B of 10 B";
    server.wait_stderr(left(2, &format!("{why} · 0 messages in, 0 out"), 0));
    let peer = client(&server);
    server.wait_stderr(left(3, "was silent for 0.3 s · 0 messages in, 0 out", 0));
    drop(peer);
    let peer = client(&server);
    rustix::net::sockopt::set_socket_linger(&peer, Some(Duration::ZERO)).unwrap();
    server.wait_stderr(came(4, 1));
    drop(peer);
    server.wait_stderr(left(4, "reset the connection · 0 messages in, 0 out", 0));
}

#[test]
fn what_a_peer_sends_reaches_a_terminal_without_its_power() {
    let mut terminal = Framecat::at_terminal(&["serve", "127.0.0.1:0", "--frame", "line"]);
    let line = terminal.shows_line(|line| line.starts_with("listening on "));
    let address = support::address_in(&line).trim_start_matches("tcp://").to_owned();
    let mut peer = TcpStream::connect(address).unwrap();
    peer.write_all("\x1b[2J\x1b]0;owned\x07\u{9b}31m\u{202e}x é 中文\n".as_bytes()).unwrap();
    let shown = r"  #1 ← \x1b[2J\x1b]0;owned\x07\xc2\x9b31m\xe2\x80\xaex é 中文";
    terminal.shows_line(|line| line == shown);
    terminal.signal(Signal::INT).finish().ended_with(130);
}

#[test]
fn an_interrupt_drains_and_ends_with_130_and_a_second_one_at_once() {
    let mut server = Framecat::serve(&["127.0.0.1:0", "--frame", "u8"]);
    exchange(&mut client(&server), b"\x01x", b"\x01x");
    let output = server.signal(Signal::INT).finish().ended_with(130);
    assert!(output.stderr.lines().last().unwrap().starts_with("drained in"), "{output:?}");

    let mut server = Framecat::serve(&["127.0.0.1:0", "--frame", "u8", "--drain", "1h"]);
    let mut peer = client(&server);
    exchange(&mut peer, b"\x01x\x05half", b"\x01x");
    server.signal(Signal::TERM);
    // The listener is closed as soon as the first signal is taken.
    while TcpStream::connect(server.bare()).is_ok() {}
    server.signal(Signal::INT).finish().ended_with(130);
}

#[test]
fn the_deadline_cuts_and_the_summary_says_so() {
    let mut server = Framecat::serve(&["127.0.0.1:0", "--frame", "u8", "--drain", "100ms"]);
    let mut peer = client(&server);
    exchange(&mut peer, b"\x01x\x05half", b"\x01x");
    let output = server.terminate().succeeded();
    assert!(output.stderr.contains("- #1 cut off: the time to drain was over"), "{output:?}");
    assert!(output.stderr.contains("· 1 session cut off by the deadline"), "{output:?}");
}

#[test]
fn without_descriptors_clients_wait_and_nobody_is_lost() {
    let command = "ulimit -n 20; exec \"$0\" serve 127.0.0.1:0 --frame line";
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", command, env!("CARGO_BIN_EXE_framecat")]);
    let server = support::Process::start(shell, "framecat serve, with 20 descriptors".into());
    let line = server.wait_stderr(|line| line.starts_with("listening on "));
    let address = support::address_in(&line).trim_start_matches("tcp://").to_owned();
    let mut clients: Vec<TcpStream> = (0..30)
        .map(|_| {
            let mut client = TcpStream::connect(&address).unwrap();
            client.set_read_timeout(Some(PATIENCE)).unwrap();
            client.write_all(b"hello\n").unwrap();
            client
        })
        .collect();
    server.wait_stderr(|line| line.starts_with("! too many open files; clients wait"));
    // Each that leaves makes way for one that waits.
    for mut client in clients.drain(..) {
        exchange(&mut client, b"", b"hello\n");
    }
    let said = server.stderr_so_far();
    assert_eq!(said.matches("too many open files").count(), 1, "it is said once: {said}");
}

#[test]
fn a_socket_file_is_replaced_if_dead_kept_if_alive_and_removed_at_the_end() {
    let place = Place::new();
    let path = place.path("socket");
    let address = format!("unix://{path}");
    drop(UnixListener::bind(&path).unwrap());
    let mut server = Framecat::serve(&[&address]);
    let output = Framecat::run(&["serve", &address]).finish().ended_with(2);
    assert!(output.stderr.contains("a live server listens there"), "{output:?}");
    let echo = Framecat::connect(&[&address]).with_stdin("still there").succeeded();
    assert_eq!(echo.stdout(), "still there");
    server.terminate().succeeded();
    assert!(!std::path::Path::new(&path).exists(), "its file is gone with it");

    std::fs::write(&path, "precious").unwrap();
    let output = Framecat::run(&["serve", &address]).finish().ended_with(2);
    assert!(output.stderr.contains("a file that is no socket is there"), "{output:?}");
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
}

#[test]
fn a_port_in_use_is_told_with_what_to_do() {
    let first = Framecat::serve(&["127.0.0.1:0"]);
    let output = Framecat::run(&["serve", &first.bare()]).finish().ended_with(2);
    let told = format!("cannot listen on {}: address already in use", first.address());
    assert!(output.stderr.contains(&told) && output.stderr.contains("or 0 for any"), "{output:?}");
    let port = ["127.0.0.1:0", "--reuse-port"];
    let shared = Framecat::serve(&port);
    let _other = Framecat::serve(&[&shared.bare(), "--reuse-port"]);
}

#[test]
fn socket_options_reach_the_kernel() {
    let server = Framecat::serve(&["127.0.0.1:0", "--recv-buffer", "64k", "--send-buffer", "64k"]);
    let mut peer = client(&server);
    exchange(&mut peer, b"hello", b"hello");
    for (args, told) in [
        (&["serve", "unix://@x", "--reuse-port"][..], "--reuse-port makes no sense on unix://@x"),
        (&["serve", "udp://:0", "--backlog", "5"], "--backlog makes no sense on udp://"),
        (&["serve", "udp://:0", "--serial"], "--serial makes no sense"),
        (&["serve", "udp://:0", "--idle-timeout", "off"], "--idle-timeout off makes no sense"),
        (&["serve", ":0", "--stdin", "line"], "--stdin makes no sense here"),
        (&["serve", ":0", "--slow", "block"], "--slow makes no sense here"),
        (&["serve", ":0", "--ipv6-only"], "--ipv6-only makes no sense on tcp://127.0.0.1:0"),
        (&["serve", "udp://:0", "--keepalive", "5"], "--keepalive makes no sense on udp://"),
        (&["serve", "unix://@x", "--ipv6-only"], "--ipv6-only makes no sense on unix://@x"),
        (&["serve", ":0", "--service", "room", "--one-shot"], "`room` cannot be one-shot"),
        (&["serve", ":0", "--service", "ehco"], "`ehco` is not a service: known are echo"),
        (&["serve", ":0", "--slow", "sometimes"], "known are drop-oldest"),
        (&["serve", ":0", "--max-connections", "0"], "--max-connections must be at least 1"),
        (&["serve", "192.0.2.1:0"], "this machine does not have that address"),
        (&["serve", "tls://x:1"], "unknown scheme"),
        (&["serve", ":0", "--frame", "fixed:4", "--greet", "hello"], "--greet: a message of 5 B"),
        (&["serve", ":0", "--frame", "line", "--service", "reply:a\\nb"], "--service: the message"),
    ] {
        let output = Framecat::run(args).finish().ended_with(2);
        assert!(output.stderr.contains(told), "{output:?}");
        assert!(output.stderr.lines().count() <= 2, "{output:?}");
    }
}

#[test]
fn nobody_reads_its_output_and_it_ends_quietly() {
    let command = "\"$0\" serve 127.0.0.1:0 --frame line | head -n 1";
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", command, env!("CARGO_BIN_EXE_framecat")]);
    let mut pipe = support::Process::start(shell, "framecat serve | head -n 1".into());
    let line = pipe.wait_stderr(|line| line.starts_with("listening on "));
    let address = support::address_in(&line).trim_start_matches("tcp://").to_owned();
    let mut peer = TcpStream::connect(address).unwrap();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    // `head` leaves after the first line; the server notices when it writes again.
    while peer.write_all(b"line\n").is_ok() {}
    drop(rest_of(peer));
    let output = pipe.finish();
    assert_eq!(output.stdout(), "line\n");
    assert!(!output.stderr.contains("error") && !output.stderr.contains("drained"), "{output:?}");
}

/// What is left to read of a connection that may have been reset.
fn rest_of(mut client: TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    let _ = client.read_to_end(&mut rest);
    rest
}

#[test]
fn a_greeting_comes_first_and_hex_shows_bytes() {
    let args = ["127.0.0.1:0", "--frame", "crlf", "--greet", "220 ready", "--hex"];
    let mut server = Framecat::serve(&args);
    let mut peer = client(&server);
    exchange(&mut peer, b"", b"220 ready\r\n");
    exchange(&mut peer, b"NOOP\r\n", b"NOOP\r\n");
    peer.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(peer), b"");
    let shown = server.terminate().succeeded().stdout();
    assert!(shown.starts_with("  #1 ← 4 B\n00000000  4e 4f 4f 50 "), "{shown}");
}
