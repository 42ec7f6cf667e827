//! UDP: what is dropped, and connected sockets.

use std::net::UdpSocket;

use framecat::core::sock_diag::State;
use framecat::core::watch::{End, Kind, Sample};
use framecat::watch::Target;

use crate::support::{between, inode, one, sample_until, sampler};

#[test]
fn datagrams_that_find_no_room_are_counted() {
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = receiver.local_addr().unwrap();
    let mut sampler = sampler(Target::Addresses(vec![format!("udp://{at}").parse().unwrap()]));
    let is_it = |socket: &framecat::core::watch::Socket| socket.inode == inode(&receiver);
    let before = sampler.sample().unwrap();
    assert_eq!(before.sockets.len(), 1, "{before:#?}");
    assert_eq!(one(&before, is_it).unwrap().memory.unwrap().drops, Some(0));

    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    let room = one(&before, is_it).unwrap().memory.unwrap().receive_limit;
    let datagram = [0; 32 * 1024];
    for _ in 0..room / 32 / 1024 + 2 {
        sender.send_to(&datagram, at).unwrap();
    }
    let dropped = |sample: &Sample| {
        let drops = one(sample, is_it).unwrap().memory.unwrap().drops;
        drops > Some(0) && sample.counters.udp_buffer_drops > before.counters.udp_buffer_drops
    };
    let sample = sample_until(&mut sampler, dropped);
    let socket = one(&sample, is_it).unwrap();
    assert_eq!((socket.kind, socket.state), (Kind::Udp, State::Close));
    assert_eq!(socket.receive_queue, socket.memory.unwrap().receive_used);

    let nobody = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    sender.send_to(b"nobody", nobody).unwrap();
    sample_until(&mut sampler, |sample| {
        sample.counters.udp_no_ports > before.counters.udp_no_ports
    });
}

#[test]
fn only_sockets_that_are_connected_to_each_other_are_two_ends() {
    let [one, other, third] = [(); 3].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
    let [at, of_other, of_third] = [&one, &other, &third].map(|end| end.local_addr().unwrap());
    one.connect(of_other).unwrap();
    third.connect(at).unwrap();
    let mut sampler = sampler(Target::Port(at.port()));
    let sample = sampler.sample().unwrap();
    assert_eq!(between(&sample, at, of_other).unwrap().other, None, "the other is not connected");
    assert_eq!(between(&sample, of_third, at).unwrap().other, None, "the first has another peer");

    other.connect(at).unwrap();
    one.send(b"hello").unwrap();
    let sample = sample_until(&mut sampler, |sample| {
        between(sample, of_other, at).is_some_and(|socket| socket.receive_queue > 0)
    });
    let [here, there] = [(at, of_other), (of_other, at)]
        .map(|(local, peer)| between(&sample, local, peer).unwrap());
    assert_eq!((here.other, there.other), (Some(there.cookie), Some(here.cookie)));
    assert_eq!((here.other_unread, there.other_unread), (Some(there.receive_queue), Some(0)));
    assert_eq!(here.state, State::Established);
    let unconnected = End::Inet("0.0.0.0:0".parse().unwrap());
    assert!(sample.sockets.iter().all(|socket| socket.peer != unconnected));
}
