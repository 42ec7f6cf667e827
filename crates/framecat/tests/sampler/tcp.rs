//! TCP: queues, both ends of a connection, what no program has.

use std::io::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};

use framecat::core::sock_diag::State;
use framecat::core::watch::{End, Kind, Sample, Socket};
use framecat::watch::Target;

use crate::support::{
    Python, are_ours_alone, between, inode, one, our_name, pids, sample_until, sampler,
};

fn listener(sample: &Sample) -> Option<&Socket> {
    one(sample, |socket| socket.state == State::Listen)
}

#[test]
fn a_connection_is_seen_from_both_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let mut client = TcpStream::connect(at).unwrap();
    let (accepted, from) = listener.accept().unwrap();
    client.write_all(b"hello").unwrap();
    let mut sampler = sampler(Target::Port(at.port()));
    let arrived = |sample: &Sample| {
        between(sample, at, from).is_some_and(|socket| socket.receive_queue == 5)
            && between(sample, from, at).is_some_and(|socket| socket.send_queue == 0)
            && are_ours_alone(sample)
    };
    let sample = sample_until(&mut sampler, arrived);
    assert_eq!(sample.sockets.len(), 3, "{sample:#?}");

    let (theirs, ours) = (between(&sample, at, from).unwrap(), between(&sample, from, at).unwrap());
    assert_eq!((theirs.inode, ours.inode), (inode(&accepted), inode(&client)));
    assert_eq!((theirs.other, ours.other), (Some(ours.cookie), Some(theirs.cookie)));
    assert_eq!((theirs.other_unread, ours.other_unread), (Some(0), Some(5)));
    assert_eq!(theirs.tcp.unwrap().received, 5);
    for socket in &sample.sockets {
        assert_eq!(socket.kind, Kind::Tcp);
        assert_eq!(socket.owners[0].name, our_name());
        assert!(socket.memory.is_some() && socket.uid.is_some());
    }
    let listening = self::listener(&sample).unwrap();
    assert_eq!((listening.other, listening.other_unread, listening.tcp), (None, None, None));
}

#[test]
fn the_ends_of_a_dual_stack_servers_connection_find_each_other() {
    let listener = TcpListener::bind("[::]:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    let (_accepted, from) = listener.accept().unwrap();
    let sample = sampler(Target::Port(port)).sample().unwrap();
    let at = SocketAddr::from((Ipv4Addr::LOCALHOST.to_ipv6_mapped(), port));
    let theirs = between(&sample, at, from).unwrap();
    let ours = between(&sample, client.local_addr().unwrap(), client.peer_addr().unwrap()).unwrap();
    assert_eq!((theirs.other, ours.other), (Some(ours.cookie), Some(theirs.cookie)));
}

#[test]
fn a_listener_tells_how_many_wait_and_no_program_has_them() {
    let mut server = Python::start(
        "import socket, sys
l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen(5)
print(l.getsockname()[1], flush=True)
sys.stdin.readline()
a, _ = l.accept(); b, _ = l.accept()
print('accepted', flush=True)
sys.stdin.readline()",
    );
    let at = SocketAddr::from((Ipv4Addr::LOCALHOST, server.number()));
    let mut clients = [TcpStream::connect(at).unwrap(), TcpStream::connect(at).unwrap()];
    clients[0].write_all(b"hello").unwrap();
    let from = clients[0].local_addr().unwrap();
    let mut sampler = sampler(Target::Process(server.pid()));
    let waits = |sample: &Sample| {
        listener(sample).is_some_and(|socket| socket.receive_queue == 2)
            && between(sample, at, from).is_some_and(|socket| socket.receive_queue == 5)
    };
    let sample = sample_until(&mut sampler, waits);
    assert_eq!(sample.sockets.len(), 3, "the clients are not the server's: {sample:#?}");
    let listening = listener(&sample).unwrap();
    assert_eq!((listening.send_queue, pids(listening)), (5, vec![server.pid()]));
    let waiting = between(&sample, at, from).unwrap();
    assert_eq!((waiting.inode, waiting.uid, pids(waiting)), (0, None, vec![]));
    assert_eq!(waiting.other, None, "the client is not in the sample");
    assert_eq!(waiting.other_unread, Some(0), "and what waits there is known");
    let cookie = waiting.cookie;

    server.go_on();
    assert_eq!(server.line(), "accepted");
    let sample = sampler.sample().unwrap();
    assert_eq!(listener(&sample).unwrap().receive_queue, 0);
    let accepted = between(&sample, at, from).unwrap();
    assert_eq!((accepted.cookie, pids(accepted)), (cookie, vec![server.pid()]));
}

#[test]
fn a_handshake_that_is_half_done_is_its_listeners() {
    // With TCP_DEFER_ACCEPT a connection is SYN_RECV until there is something to read.
    let mut server = Python::start(
        "import socket, sys
l = socket.socket(); l.bind(('127.0.0.1', 0))
l.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 60); l.listen(5)
print(l.getsockname()[1], flush=True)
sys.stdin.readline()",
    );
    let at = SocketAddr::from((Ipv4Addr::LOCALHOST, server.number()));
    let mut client = TcpStream::connect(at).unwrap();
    let from = client.local_addr().unwrap();
    for target in [Target::Process(server.pid()), Target::Port(at.port())] {
        let sample = sampler(target).sample().unwrap();
        let half_open = between(&sample, at, from).unwrap();
        assert_eq!((half_open.state, half_open.inode), (State::SynRecv, 0));
        assert_eq!((half_open.tcp, half_open.uid, pids(half_open)), (None, None, vec![]));
    }
    client.write_all(b"hello").unwrap();
    let mut sampler = sampler(Target::Process(server.pid()));
    sample_until(&mut sampler, |sample| {
        between(sample, at, from).is_some_and(|socket| socket.state == State::Established)
    });
}

#[test]
fn what_is_left_of_a_listeners_connections_is_still_its() {
    let mut server = Python::start(
        "import socket, sys
l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen(5)
print(l.getsockname()[1], flush=True)
c, _ = l.accept(); c.close()
print('closed', flush=True)
sys.stdin.readline()",
    );
    let at = SocketAddr::from((Ipv4Addr::LOCALHOST, server.number()));
    let client = TcpStream::connect(at).unwrap();
    let from = client.local_addr().unwrap();
    assert_eq!(server.line(), "closed");
    let mut samplers = [Target::Process(server.pid()), Target::Port(at.port())].map(sampler);
    for sampler in &mut samplers {
        sample_until(sampler, |sample| {
            between(sample, at, from).is_some_and(|socket| socket.state == State::FinWait2)
        });
    }
    drop(client);
    for sampler in &mut samplers {
        let sample = sample_until(sampler, |sample| {
            between(sample, at, from).is_some_and(|socket| socket.state == State::TimeWait)
        });
        let waits = between(&sample, at, from).unwrap();
        assert_eq!((waits.inode, waits.uid, waits.tcp, waits.other), (0, None, None, None));
    }
}

#[test]
fn a_full_accept_queue_is_counted() {
    // It holds one more than its limit; what comes then is dropped and comes again.
    let mut server = Python::start(
        "import socket, sys
l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen(0)
print(l.getsockname()[1], flush=True)
sys.stdin.readline()
cs = [socket.socket() for _ in range(3)]
for c in cs: c.setblocking(False); c.connect_ex(l.getsockname())
sys.stdin.readline()",
    );
    let port = server.number();
    let mut sampler = sampler(Target::Port(port));
    let before = sampler.sample().unwrap().counters;
    server.go_on();
    let sample = sample_until(&mut sampler, |sample| {
        sample.counters.listen_overflows > before.listen_overflows
            && sample.counters.listen_drops > before.listen_drops
            && listener(sample)
                .is_some_and(|socket| (socket.receive_queue, socket.send_queue) == (1, 0))
    });
    assert_eq!(sample.missing, [], "this kernel counts all");
    let tries = sample.sockets.iter().filter(|socket| socket.state == State::SynSent);
    assert!(tries.count() > 0, "{sample:#?}");
}

#[test]
fn ipv6_is_sampled_too() {
    let listener = TcpListener::bind("[::1]:0").unwrap();
    let at = listener.local_addr().unwrap();
    let sample = sampler(Target::Port(at.port())).sample().unwrap();
    let listening = self::listener(&sample).unwrap();
    assert_eq!(listening.local, End::Inet(at));
    assert_eq!(listening.peer, End::Inet((Ipv6Addr::UNSPECIFIED, 0).into()));
}
