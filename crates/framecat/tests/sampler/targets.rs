//! Which sockets an address has, with those that listen for it at a wildcard.

use std::net::{TcpListener, TcpStream, UdpSocket};

use framecat::core::sock_diag::State;
use framecat::core::watch::{Sample, Socket, Watch};
use framecat::watch::{Sampler, Target};

use crate::support::{inode, sampler};

fn sample(address: &str) -> Sample {
    sampler(Target::Addresses(vec![address.parse().unwrap()])).sample().unwrap()
}

/// The local addresses of those found that have this port at one of their ends, in order, with `!` for
/// those that listen. A client's port may be that of somebody else's connection too.
fn found(sample: &Sample, port: u16) -> Vec<String> {
    let has_port = |socket: &&Socket| {
        let ends = [socket.local.port(), socket.peer.port()];
        ends.contains(&Some(port)) && socket.state != State::TimeWait
    };
    let shown = |socket: &Socket| {
        format!("{}{}", socket.local, if socket.state == State::Listen { "!" } else { "" })
    };
    sorted(sample.sockets.iter().filter(has_port).map(shown))
}

fn sorted(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.into_iter().collect();
    texts.sort_unstable();
    texts
}

#[test]
fn an_address_has_its_connections_and_who_listens_for_it() {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let (_accepted, from) = listener.accept().unwrap();
    let elsewhere = TcpStream::connect(("127.0.0.2", port)).unwrap();
    let (_there, _) = listener.accept().unwrap();

    let found = |address: &str| found(&sample(address), port);
    let here = [format!("*:{port}!"), format!("127.0.0.1:{port}"), from.to_string()];
    assert_eq!(found(&format!("127.0.0.1:{port}")), sorted(here.clone()));
    let there = [format!("127.0.0.2:{port}"), elsewhere.local_addr().unwrap().to_string()];
    let all = sorted(here.into_iter().chain(there));
    assert_eq!(found(&format!("0.0.0.0:{port}")), all, "the wildcard is all addresses");
    assert_eq!(found(&format!("[::]:{port}")), all);
    // The client has its address too, and nobody listens for that.
    let both = sorted([format!("127.0.0.1:{port}"), from.to_string()]);
    assert_eq!(found(&client.local_addr().unwrap().to_string()), both);
    assert_eq!(found(&format!("[::1]:{port}")), [""; 0]);
    assert_eq!(found(&format!("udp://127.0.0.1:{port}")), [""; 0]);
}

#[test]
fn what_waits_for_a_wildcard_listener_is_there_whichever_address_it_came_to() {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let clients = ["127.0.0.1", "127.0.0.2", "127.0.0.2"].map(|host| {
        TcpStream::connect((host, port)).unwrap_or_else(|error| panic!("{host}: {error}"))
    });
    for address in ["127.0.0.1", "127.0.0.2", "0.0.0.0", "[::]"] {
        let sample = sample(&format!("{address}:{port}"));
        let waiting = sample.sockets.iter().filter(|socket| socket.inode == 0);
        assert_eq!(waiting.count(), clients.len(), "{address}: {sample:#?}");
        let frame = Watch::new().on_sample(sample);
        let listener = frame.rows.iter().find(|row| row.socket.state == State::Listen).unwrap();
        assert_eq!(listener.socket.receive_queue, 3);
        assert!(listener.unaccepted.is_some(), "{listener:#?}");
    }
}

#[test]
fn a_host_with_several_addresses_is_asked_for_with_all_of_them() {
    let one = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = one.local_addr().unwrap().port();
    let both = ["127.0.0.1", "[::1]"].map(|host| format!("{host}:{port}").parse().unwrap());
    let mut sampler = sampler(Target::Addresses(both.to_vec()));
    assert_eq!(found(&sampler.sample().unwrap(), port), [format!("127.0.0.1:{port}!")]);
    let _other = TcpListener::bind(("::1", port)).unwrap();
    let all = [format!("127.0.0.1:{port}!"), format!("[::1]:{port}!")];
    assert_eq!(found(&sampler.sample().unwrap(), port), all);
    let error =
        Sampler::open(Target::Addresses(vec!["localhost:80".parse().unwrap()])).unwrap_err();
    assert!(error.to_string().contains("resolve it first"), "{error}");
}

#[test]
fn a_udp_address_has_who_waits_for_it_and_who_is_connected_to_it() {
    let server = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.connect(("127.0.0.1", port)).unwrap();
    let sample = sample(&format!("udp://127.0.0.1:{port}"));
    let mut inodes: Vec<u32> = sample.sockets.iter().map(|socket| socket.inode).collect();
    inodes.sort_unstable();
    let mut wanted = [inode(&server), inode(&client)];
    wanted.sort_unstable();
    assert_eq!(inodes, wanted, "{sample:#?}");
}

#[test]
fn a_port_has_tcp_and_udp_at_either_end_and_nothing_else() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    datagrams.connect(("127.0.0.1", port)).unwrap();
    let sample = sampler(Target::Port(port)).sample().unwrap();
    let kinds = sorted(sample.sockets.iter().map(|socket| socket.kind.to_string()));
    assert_eq!(kinds, ["tcp", "tcp", "tcp", "udp"], "{sample:#?}");
    let from = client.local_addr().unwrap();
    let sample = sampler(Target::Port(from.port())).sample().unwrap();
    let both = sorted([format!("127.0.0.1:{port}"), from.to_string()]);
    assert_eq!(found(&sample, port), both, "the two ends of the connection");
}

#[test]
fn no_address_at_all_has_no_sockets() {
    let sample = sampler(Target::Addresses(Vec::new())).sample().unwrap();
    assert_eq!(sample.sockets, []);
}
