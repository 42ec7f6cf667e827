//! What can be watched, and how it is named.

use std::net::UdpSocket;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};

use serde_json::Value;

use super::sockets::{Pair, sleep};
use super::watching::{once, once_until, socket, sockets, watch};
use crate::support::{Framecat, Place, Unserved, own_loopback};

/// The kinds and names of the sockets, as they are shown.
#[track_caller]
fn names(sample: &Value) -> Vec<(&str, &str)> {
    let all = sockets(sample).iter();
    all.map(|it| (it["kind"].as_str().expect("a kind"), it["local"].as_str().unwrap_or("")))
        .collect()
}

#[test]
fn an_address_is_a_listener_and_both_ends_of_its_connections() {
    let pair = Pair::read();
    let (local, peer) = pair.ends();
    let port = pair.port();
    let mut expected = [("tcp", &*local), ("tcp", &*local), ("tcp", &*peer)];
    expected.sort_unstable();
    for target in [
        format!("tcp://{local}"),
        local.clone(),
        format!(":{port}"),
        port.clone(),
        format!("localhost:{port}"),
        format!("tcp://localhost:{port}"),
    ] {
        let sample = once(&[&target]);
        let mut names = names(&sample);
        names.sort_unstable();
        assert_eq!(names, expected, "{target}");
    }
}

#[test]
fn a_port_is_of_tcp_and_of_udp_and_an_address_of_one_of_them() {
    let host = own_loopback();
    let tcp = std::net::TcpListener::bind((host, 0)).expect("a port is free");
    let at = tcp.local_addr().expect("it is bound");
    let _udp = UdpSocket::bind(at).expect("nobody else is at this address");
    let named = at.to_string();
    let sample = once(&[&at.port().to_string()]);
    assert_eq!(socket(&sample, &named, None)["kind"], "tcp");
    let kinds = names(&sample);
    assert!(kinds.contains(&("tcp", &named)) && kinds.contains(&("udp", &named)), "{kinds:?}");
    assert_eq!(names(&once(&[&format!("udp://{at}")])), [("udp", &*named)]);
    assert_eq!(names(&once(&[&format!("tcp://{at}")])), [("tcp", &*named)]);
}

#[test]
fn a_listener_on_all_addresses_listens_for_each() {
    let listener = std::net::TcpListener::bind("0.0.0.0:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    let sample = once(&[&format!("127.0.0.1:{port}")]);
    assert_eq!(names(&sample), [("tcp", &*format!("0.0.0.0:{port}"))]);
}

#[test]
fn a_port_without_a_host_is_that_port_at_every_address() {
    let listener = std::net::TcpListener::bind("0.0.0.0:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    let client = std::net::TcpStream::connect(("127.0.0.9", port)).expect("it listens");
    let (_server, from) = listener.accept().expect("somebody connected");
    let ends = [format!("0.0.0.0:{port}"), format!("127.0.0.9:{port}"), from.to_string()];
    let mut expected = ends.each_ref().map(|end| ("tcp", &**end));
    expected.sort_unstable();
    for target in [format!(":{port}"), format!("tcp://:{port}")] {
        let sample = once(&[&target]);
        let mut names = names(&sample);
        names.sort_unstable();
        assert_eq!(names, expected, "{target}");
    }
    drop(client);
}

#[test]
fn a_unix_socket_is_named_by_its_path_or_its_abstract_name() {
    let place = Place::new();
    let path = place.path("listener");
    let listener = UnixListener::bind(&path).expect("a new place");
    let client = UnixStream::connect(&path).expect("it listens");
    let (server, _) = listener.accept().expect("somebody connected");
    let sample = once(&[&format!("unix://{path}")]);
    assert_eq!(socket(&sample, &path, None)["state"], "LISTEN");
    assert_eq!(sockets(&sample).len(), 3, "the listener and both ends: {sample:#}");
    drop((client, server));

    let name = Place::abstract_name();
    let address = SocketAddr::from_abstract_name(&name[1..]).expect("a short name");
    let _datagrams = UnixDatagram::bind_addr(&address).expect("a new name");
    let sample = once(&[&format!("unix-dgram://{name}")]);
    assert_eq!(names(&sample), [("unix-dgram", &*name)]);
}

#[test]
fn a_process_is_named_by_its_number_or_its_name() {
    let server = Framecat::serve(&["127.0.0.1:0"]);
    let named = server.bare();
    let sample = once(&[server.port()]);
    let pid = &socket(&sample, &named, None)["owners"][0]["pid"];
    for target in [&[&*format!("pid:{pid}")][..], &["--pid", &pid.to_string()]] {
        assert_eq!(socket(&once(target), &named, None)["state"], "LISTEN", "{target:?}");
    }
    for target in [&["framecat"][..], &["--process", "framecat"]] {
        // Other tests have theirs.
        let sample = once_until(target, |sample| names(sample).contains(&("tcp", &named)));
        let owners =
            sockets(&sample).iter().flat_map(|it| it["owners"].as_array().expect("a list"));
        let mut others = owners.filter(|owner| owner["name"] != "framecat");
        assert_eq!(others.next(), None, "{sample:#}");
    }
}

#[test]
fn a_program_with_a_long_name_is_found_by_all_of_it_whatever_its_letters() {
    let place = Place::new();
    // The kernel keeps 15 bytes of each, of the second half a letter at the end.
    for name in ["a-very-long-name-of-a-program", "ääääääääää"] {
        let program = place.path(name);
        std::os::unix::fs::symlink(sleep(), &program).expect("a new place");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let at = listener.local_addr().expect("it is bound").to_string();
        let mut command = std::process::Command::new(&program);
        command.arg("60").stdin(std::os::fd::OwnedFd::from(listener));
        let mut child = command.spawn().expect("it is a program");
        let sample = once(&["--process", name]);
        // This process may still have it too.
        let owners = socket(&sample, &at, None)["owners"].as_array().expect("a list");
        assert!(owners.iter().any(|owner| owner["pid"] == child.id()), "{owners:?}");
        child.kill().and_then(|()| child.wait()).expect("it is ours");
    }
}

#[test]
fn a_number_that_no_port_can_have_is_a_process() {
    let output = watch(&["4194999", "--once"]).ended_with(2);
    // Beyond the most that Linux gives (proc_sys_kernel(5), pid_max).
    let expected = "framecat: there is no process 4194999: `ps -e` shows those that are\n";
    assert_eq!(output.stderr, expected);
    assert_eq!(output.stdout(), "");
}

#[test]
fn a_port_where_nothing_is_may_have_been_meant_for_a_process() {
    // Nothing is at port 1 (tcpmux), and every machine has a process 1.
    let output = watch(&["1", "--once"]).succeeded();
    assert_eq!(output.stderr, "framecat: nothing at port 1; for the process write pid:1\n");
}

#[test]
fn an_address_where_nothing_is_is_told_with_where_its_port_is() {
    // One that is bound and does not listen is something, but at its own address only.
    let unserved = Unserved::tcp();
    let address = unserved.address().replace("127.0.0.1:", "127.0.0.4:");
    let output = watch(&[&address, "--once"]).succeeded();
    let nothing = format!("framecat: nothing at tcp://{address}");
    assert!(output.stderr.starts_with(&nothing), "{output:?}");

    let listener = std::net::TcpListener::bind("127.0.0.3:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    let output = watch(&[&format!("127.0.0.4:{port}"), "--once"]).succeeded();
    let meant =
        format!("nothing at tcp://127.0.0.4:{port}; port {port} is at tcp 127.0.0.3:{port}");
    assert_eq!(output.stderr, format!("framecat: {meant}\n"));
    let output = watch(&["unix:///no/such/socket", "--once"]).succeeded();
    assert_eq!(output.stderr, "framecat: nothing at unix:///no/such/socket\n");
}

#[test]
fn what_cannot_be_meant_is_refused_in_a_line() {
    for (args, problem) in [
        (
            &["nosuchprogram"][..],
            "no process is named `nosuchprogram`: `ps -eo comm` shows the names",
        ),
        (
            &["--process", "a\x1b[2Jb"],
            "no process is named `a\\x1b[2Jb`: `ps -eo comm` shows the names",
        ),
        (&["pid:x"], "`pid:x` is no process: write its number, as in pid:4711"),
        (&["pid:0"], "`pid:0` is no process: write its number, as in pid:4711"),
    ] {
        let output = watch(&[args, &["--once"]].concat()).ended_with(2);
        assert_eq!(output.stderr, format!("framecat: {problem}\n"));
    }
    let output = watch(&["a:b:c", "--once"]).ended_with(2);
    assert!(output.stderr.starts_with("framecat: `a:b:c` is not an address: "), "{output:?}");
    let output = watch(&["no.such.host.invalid:80", "--once"]).ended_with(1);
    let cannot = "framecat: cannot resolve tcp://no.such.host.invalid:80: ";
    assert!(output.stderr.starts_with(cannot), "{output:?}");
}
