//! What is in a sample, as text and as JSON.

use std::net::UdpSocket;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::symlink;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use serde_json::Value;

use super::sockets::{Deaf, Pair, sleep};
use super::watching::{once, once_until, problems, samples, socket, sockets, start, watch};
use crate::support::{Place, Process};

#[test]
fn a_listener_that_does_not_accept_is_told_with_its_queue_and_in_words() {
    let mut deaf = Deaf::with_backlog(5);
    deaf.knock(6);
    let address = deaf.address().to_string();
    // A queue is full now and then; it is an error once it stays so.
    let sample = once_until(&[&deaf.port()], |sample| {
        let cookie = &socket(sample, &address, None)["cookie"];
        let mut findings = sample["findings"].as_array().expect("a list").iter();
        findings.any(|finding| finding["cookie"] == *cookie && finding["severity"] == "error")
    });
    let listener = socket(&sample, &address, None);
    assert_eq!(
        (&listener["accept_queue"], &listener["accept_queue_limit"]),
        (&6.into(), &5.into())
    );
    assert_eq!((&listener["recvq_bytes"], &listener["sendq_bytes"]), (&Value::Null, &Value::Null));
    assert_eq!(problems(&sample, listener), ["accept-queue-full"]);
    let text = watch(&[&deaf.port(), "--once"]).succeeded().stdout();
    let row = text.lines().find(|line| line.starts_with("tcp ")).expect("a listener");
    assert!(row.contains(&format!(" {address} ")) && row.contains(" 6/5 "), "{text}");
    assert!(text.contains("\n  ✗ accept queue full 6/5"), "{text}");
    assert!(text.lines().next().is_some_and(|line| line.ends_with(" in trouble")), "{text}");
}

#[test]
fn what_is_not_read_is_told_with_its_bytes_and_its_owner() {
    let pair = Pair::unread();
    let (local, peer) = pair.ends();
    let sample = once_until(&[&pair.port()], |sample| {
        socket(sample, &local, Some(&peer))["recvq_bytes"] == 5
    });
    let (server, client) =
        (socket(&sample, &local, Some(&peer)), socket(&sample, &peer, Some(&local)));
    assert_eq!(server["other"], client["cookie"], "each end names the other");
    assert_eq!(client["other_unread_bytes"], 5);
    let owners = server["owners"].as_array().expect("owners");
    assert!(owners.iter().any(|owner| owner["pid"] == std::process::id()), "{server:#}");
    assert!(server["unread_s"].is_number(), "{server:#}");
    assert!(server["tcp"]["received_bytes"].as_u64() >= Some(5), "{server:#}");
}

#[test]
fn every_kind_of_socket_keeps_the_schema() {
    let place = Place::new();
    let (tcp, udp) = (Pair::unread(), UdpSocket::bind("127.0.0.1:0").expect("a port is free"));
    let six = std::net::TcpListener::bind("[::1]:0").expect("a port is free");
    let _listener = UnixListener::bind(place.path("listener")).expect("a new place");
    let _waiting = UnixStream::connect(place.path("listener")).expect("it listens");
    let _datagram = UnixDatagram::bind(place.path("datagram")).expect("a new place");
    let packets = {
        use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, listen};
        let (family, kind) = (AddressFamily::UNIX, SocketType::SEQPACKET);
        let socket = rustix::net::socket_with(family, kind, SocketFlags::CLOEXEC, None);
        let socket = socket.expect("a socket");
        let name = SocketAddrUnix::new(place.path("packets")).expect("a short path");
        bind(&socket, &name).and_then(|()| listen(&socket, 1)).expect("a new place");
        socket
    };
    let pid = format!("pid:{}", std::process::id());
    let sample = once(&[&pid]);
    for (kind, local) in [
        ("tcp", tcp.listener.local_addr().expect("it is bound").to_string()),
        ("tcp", six.local_addr().expect("it is bound").to_string()),
        ("udp", udp.local_addr().expect("it is bound").to_string()),
        ("unix", place.path("listener")),
        ("unix-dgram", place.path("datagram")),
        ("unix-seqpacket", place.path("packets")),
    ] {
        assert_eq!(socket(&sample, &local, None)["kind"], kind);
    }
    drop(packets);
}

#[test]
fn a_stream_has_a_sample_each_interval_and_rates_from_the_second_on() {
    let pair = Pair::read();
    let args = [&pair.port(), "--json", "--interval", "10ms", "--for", "100ms"];
    let output = watch(&args).succeeded();
    let samples = samples(&output);
    assert!(samples.len() >= 2, "{output:?}");
    let (local, peer) = pair.ends();
    for (nth, sample) in samples.iter().enumerate() {
        let server = socket(sample, &local, Some(&peer));
        let is_first = nth == 0;
        assert_eq!(sample["interval_s"].is_null(), is_first, "{sample:#}");
        assert_eq!(server["received_bytes_per_s"].is_null(), is_first, "{sample:#}");
        assert_eq!(sample["counters"]["rates"]["listen_drops_per_s"].is_null(), is_first);
        assert_eq!(server["cookie"], socket(&samples[0], &local, Some(&peer))["cookie"]);
    }
    let text = watch(&[&pair.port(), "--interval", "10ms", "--for", "50ms"]).succeeded().stdout();
    assert!(text.matches(" · 3 sockets").count() >= 2, "a table a sample: {text}");
}

#[test]
fn a_filter_selects_what_is_shown() {
    let pair = Pair::unread();
    let port = pair.port();
    once_until(&[&port, "--filter", "recvq>0"], |sample| sockets(sample).len() == 1);
    let listeners = once(&[&port, "--filter", "state=LISTEN"]);
    assert_eq!(sockets(&listeners).len(), 1, "{listeners:#}");
    let others = once(&[&port, "--filter", "not state=LISTEN"]);
    assert_eq!(sockets(&others).len(), 2, "{others:#}");
}

#[test]
fn a_field_sorts_what_is_shown() {
    let pair = Pair::unread();
    let sorted = |field: &str| {
        once_until(&[&pair.port(), "--sort", field], |sample| {
            sockets(sample).iter().any(|socket| socket["recvq_bytes"] == 5)
        })
    };
    assert_eq!(sockets(&sorted("recvq"))[0]["recvq_bytes"], 5);
    let sample = sorted("peer");
    let peers: Vec<Option<u16>> = sockets(&sample)
        .iter()
        .map(|socket| socket["peer"].as_str()?.rsplit(':').next()?.parse().ok())
        .collect();
    let [Some(first), Some(second), None] = peers[..] else { panic!("{peers:?}") };
    assert!(first < second, "{peers:?}");
}

#[test]
fn what_may_not_be_seen_is_told() {
    let pair = Pair::read();
    let place = Place::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_framecat"));
    if rustix::process::geteuid().is_root() {
        // Nobody may go where the binary was built.
        let copy = place.path("framecat");
        // Not by this process: a file that one of its children has open for writing is not run.
        let mut cp = Command::new("cp");
        cp.args([env!("CARGO_BIN_EXE_framecat"), &*copy]);
        Process::start(cp, "cp framecat".into()).finish().succeeded();
        command = Command::new(copy);
        command.uid(65534).gid(65534);
    }
    let port = pair.port();
    command.args(["watch", "--once", "--json", &port]).env("LC_ALL", "C");
    let output = Process::start(command, "framecat watch as nobody".into()).finish().succeeded();
    let sample = samples(&output).remove(0);
    let (local, peer) = pair.ends();
    let server = socket(&sample, &local, Some(&peer));
    let missing = sample["missing"].as_array().expect("a list");
    let hidden = missing.iter().find(|missing| missing["what"] == "hidden-owners");
    let hidden =
        hidden.unwrap_or_else(|| panic!("all is seen, of root's processes too: {sample:#}"));
    assert!(hidden["count"].as_u64() > Some(0), "{hidden}");
    assert!(hidden["text"].as_str().is_some_and(|text| text.contains("run as root")), "{hidden}");
    if rustix::process::geteuid().is_root() {
        assert_eq!(server["owners"], Value::Array(Vec::new()));
        assert_eq!(server["uid"], 0);
    }
}

#[test]
fn no_name_of_a_program_or_a_socket_reaches_a_terminal_raw() {
    let place = Place::new();
    let hostile = place.path("e\x1b[2Jvil");
    symlink(sleep(), &hostile).expect("a new place");
    let listener = UnixListener::bind(place.path("s\x1b]0;owned\x07")).expect("a new place");
    let abstract_name = SocketAddr::from_abstract_name(format!("\x1b[31m{}", place.path("x")));
    let datagram = UnixDatagram::bind_addr(&abstract_name.expect("a short name"));
    drop(datagram.expect("a new name"));
    let mut child = Command::new(&hostile);
    child.arg0("sleep").arg("60").stdin(std::os::fd::OwnedFd::from(listener));
    let mut child = child.spawn().expect("it is a program");
    let pid = format!("pid:{}", child.id());
    for form in [&["--once"][..], &["--once", "--json"], &["--for", "20ms", "--interval", "10ms"]] {
        let output = start(&[&[&*pid], form].concat()).finish().succeeded();
        let shown = output.stdout() + &output.stderr;
        assert!(shown.contains("vil") && shown.contains("owned"), "it is shown: {shown}");
        assert!(!shown.contains('\x1b') && !shown.contains('\x07'), "{shown:?}");
    }
    child.kill().and_then(|()| child.wait()).expect("it is ours");
}
