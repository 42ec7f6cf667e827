//! When a watch ends, and how.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::process::{ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use rustix::process::Signal;
use serde_json::Value;

use super::sockets::{Deaf, Pair};
use super::watching::{once, once_until, samples, socket, sockets, start, watch};
use crate::support::{Framecat, PATIENCE, Process};

#[test]
fn a_server_that_does_not_read_fails_the_watch() {
    let pair = Pair::unread();
    let (local, peer) = pair.ends();
    let port = pair.port();
    let args = [&*port, "--fail-if", "recvq>0 for 200ms", "--interval", "20ms", "--for", "15s"];
    let output = watch(&args).ended_with(3);
    let line = output.stderr.lines().next().expect("a line that says why");
    for part in ["framecat: recvq>0 for 200", &local, &peer, "recvq 5 B", "unread for"] {
        assert!(line.contains(part), "no `{part}` in {line}");
    }
    assert_eq!(output.stderr.lines().count(), 1, "one socket, one line: {output:?}");
    assert!(output.stdout().lines().count() > 2, "what was seen is shown: {output:?}");
}

/// A server that reads all the time, and a client that is always ahead of it.
struct Busy {
    pair: Pair,
    thread: thread::JoinHandle<()>,
}

impl Busy {
    fn start() -> Busy {
        let pair = Pair::new();
        let (mut server, mut client) = (
            pair.server.try_clone().expect("a descriptor is free"),
            pair.client.try_clone().expect("a descriptor is free"),
        );
        // Else the client's lead would wait with it for an acknowledgement (RFC 896).
        client.set_nodelay(true).expect("it is TCP");
        client.write_all(&[b'x'; 16384]).expect("there is room");
        let thread = thread::spawn(move || {
            let mut bytes = [b'x'; 1024];
            // In turns: whenever one looks, some of it waits.
            while client.write_all(&bytes).and_then(|()| server.read_exact(&mut bytes)).is_ok() {}
        });
        Busy { pair, thread }
    }

    fn end(self) {
        self.pair.client.shutdown(Shutdown::Both).expect("it is connected");
        self.thread.join().expect("it ends with the connection");
    }
}

#[test]
fn a_server_that_reads_all_the_time_does_not_fail_the_watch_though_something_always_waits() {
    let busy = Busy::start();
    let port = busy.pair.port();
    let (local, peer) = busy.pair.ends();
    let args = [&*port, "--fail-if", "unread>2s", "--json", "--interval", "20ms", "--for", "3s"];
    let output = watch(&args).succeeded();
    assert_eq!(output.stderr, "");
    let waited = samples(&output)
        .iter()
        .any(|sample| socket(sample, &local, Some(&peer))["recvq_bytes"].as_u64() > Some(0));
    assert!(waited, "something waited: {output:?}");
    busy.end();
}

#[test]
fn that_something_waited_while_it_was_read_is_told_with_what_fired() {
    let busy = Busy::start();
    let port = busy.pair.port();
    let (local, _) = busy.pair.ends();
    let ours = format!("recvq>0 and local={local} for 2s");
    let output = watch(&[&port, "-q", "--fail-if", &ours, "--interval", "20ms"]).ended_with(3);
    let meanwhile =
        "(it was being read meanwhile: unread>2s asks for a program that does not read)";
    assert!(output.stderr.contains(meanwhile), "{output:?}");
    busy.end();
}

#[test]
fn a_condition_without_a_time_holds_in_one_sample_and_quiet_shows_only_what_fired() {
    let mut deaf = Deaf::with_backlog(5);
    deaf.knock(1);
    let output = watch(&[&deaf.port(), "-q", "--fail-if", "acceptq>0"]).ended_with(3);
    assert_eq!(output.stdout(), "");
    assert!(output.stderr.contains("accept queue 1/5"), "{output:?}");
}

#[test]
fn of_several_conditions_each_that_fires_is_told() {
    let pair = Pair::unread();
    // What waits was there before, so that both hold from the first sample on.
    once_until(&[&pair.port(), "--filter", "recvq>0"], |sample| sockets(sample).len() == 1);
    let (first, second) = ("recvq>0 for 50ms", "state=LISTEN for 50ms");
    let args = [
        &pair.port(),
        "-q",
        "--interval",
        "10ms",
        "--fail-if",
        first,
        "--fail-if",
        second,
        "--fail-if",
        "recvq>1G",
    ];
    let output = watch(&args).ended_with(3);
    let lines: Vec<&str> = output.stderr.lines().collect();
    for condition in [first, second] {
        let start = format!("framecat: {condition}: ");
        assert!(lines.iter().any(|line| line.starts_with(&start)), "no {condition}: {output:?}");
    }
    assert_eq!(lines.len(), 2, "{output:?}");
}

#[test]
fn with_json_what_fired_is_an_object_on_standard_error() {
    let pair = Pair::unread();
    let args = [&pair.port(), "--json", "--interval", "20ms", "--fail-if", "recvq>=5 for 40ms"];
    let output = watch(&args).ended_with(3);
    let fired: Value = serde_json::from_str(output.stderr.trim()).expect("one line of JSON");
    assert_eq!(fired["event"], "fired");
    assert_eq!(fired["socket"]["recvq_bytes"], 5);
    let (local, peer) = pair.ends();
    assert!(samples(&output).iter().any(|sample| {
        socket(sample, &local, Some(&peer))["cookie"] == fired["socket"]["cookie"]
    }));
}

#[test]
fn a_filter_chooses_what_conditions_look_at_and_count() {
    let pair = Pair::unread();
    let port = pair.port();
    let args = [&*port, "-q", "--interval", "10ms", "--filter", "state=LISTEN"];
    let never = [&args[..], &["--fail-if", "recvq>0", "--fail-if", "count!=1", "--for", "50ms"]];
    watch(&never.concat()).succeeded();
    let output = watch(&[&args[..], &["--fail-if", "count=1"]].concat()).ended_with(3);
    assert!(output.stderr.starts_with("framecat: count=1: 1 socket · "), "{output:?}");
}

#[test]
fn a_process_that_ends_ends_its_watch() {
    for form in [&[][..], &["--json"]] {
        let mut server = Framecat::serve(&["127.0.0.1:0"]);
        let listener = once(&[server.port()]);
        let pid = socket(&listener, &server.bare(), None)["owners"][0]["pid"].to_string();
        let mut process = start(&[&["--pid", &pid, "--interval", "10ms"], form].concat());
        process.wait_stdout(server.bare());
        server.terminate().succeeded();
        let output = process.finish().succeeded();
        let ended = format!("process {pid} has ended");
        assert_eq!(output.stderr.lines().filter(|line| line.contains(&ended)).count(), 1);
        assert!(!output.stdout().contains("not seen: process"), "{output:?}");
    }
}

#[test]
fn signals_end_it_as_everywhere() {
    let pair = Pair::read();
    let port = pair.port();
    for (signal, code) in [(Signal::TERM, 0), (Signal::INT, 130)] {
        let mut process = start(&[&port, "--interval", "10ms"]);
        process.wait_stdout(" sockets\n");
        let output = process.signal(signal).finish().ended_with(code);
        assert_eq!(output.stderr, "");
    }
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let pair = Pair::read();
    let mut shell = Command::new("sh");
    let script = r#"{ "$0" watch "$1" --interval 10ms; echo "status $?" >&2; } | head -n 1"#;
    shell.args(["-c", script, env!("CARGO_BIN_EXE_framecat"), &pair.port()]);
    let output = Process::start(shell, "framecat watch | head".into()).finish().succeeded();
    assert_eq!(output.stderr, "status 141\n");
    assert_eq!(output.stdout().lines().count(), 1);
}

#[test]
fn a_reader_that_does_not_read_keeps_no_sample_from_being_taken() {
    // Their samples fill the pipe and what may wait before it.
    let mut pairs: Vec<Pair> = (0..50).map(|_| Pair::read()).collect();
    let filter = format!("lport={} or recvq=0", pairs[0].port());
    let pid = format!("pid:{}", std::process::id());
    let mut command = Command::new(env!("CARGO_BIN_EXE_framecat"));
    command.args(["watch", &pid, "--json", "--interval", "10ms", "--filter", &filter]);
    command.args(["--fail-if", "recvq>0"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let unread = command.spawn().expect("it is built");
    wait_until_full(unread.stdout.as_ref().expect("it is a pipe"));
    pairs[0].client.write_all(b"hello").expect("there is room");
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(unread.wait_with_output()));
    let output = told.recv_timeout(PATIENCE).expect("it ends").expect("it is ours");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
}

/// Waits until nothing more fits into a pipe, but for less than a page.
#[track_caller]
fn wait_until_full(pipe: &ChildStdout) {
    // What a pipe holds is 64 KiB, in pages (pipe(7)).
    const NEARLY: u64 = 60 * 1024;
    let give_up = Instant::now() + PATIENCE;
    let waits = || rustix::io::ioctl_fionread(pipe).expect("it is a pipe");
    while waits() < NEARLY {
        assert!(Instant::now() < give_up, "{} bytes wait", waits());
        thread::yield_now();
    }
}
