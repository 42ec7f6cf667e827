//! Answers as Linux 6.18 gave them, byte for byte, and answers that nobody should give.

// The captures have the byte order of the machine that made them; netlink uses the host's.
#![cfg(target_endian = "little")]

mod one;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use netlink_packet_core::{
    DefaultNla, NLM_F_MULTIPART, NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6};
use netlink_packet_sock_diag::inet::nlas::Nla;
use netlink_packet_sock_diag::inet::{InetResponse, InetResponseHeader, SocketId};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;

use super::*;

/// `listen(5)` on 127.0.0.1:55901 with one connection in its queue.
const LISTENER: &str = "7c00000014000200070000000d030000 020a0000
    da5d0000 7f000001000000000000000000000000 00000000000000000000000000000000 00000000
    42ff000000000000 00000000 01000000 05000000 00000000 9d2e2f00
    0500080000000000 08000f0000000000 0c0015000100000000000000 0600160052000000";
/// The server's end of that connection, not accepted, `hello` not read.
const UNACCEPTED: &str = "7c00000014000200070000000d030000 02010000
    da5da636 7f000001000000000000000000000000 7f000001000000000000000000000000 00000000
    47ff000000000000 00000000 05000000 00000000 00000000 00000000
    0500080000000000 08000f0000000000 0c0015000100000000000000 0600160052000000";
/// `listen(7)` on [::1]:43057.
const LISTENER_6: &str = "8400000014000200070000000d030000 0a0a0000
    a8310000 00000000000000000000000000000001 00000000000000000000000000000000 00000000
    48ff000000000000 00000000 00000000 07000000 00000000 a12e2f00
    0500080000000000 05000b0001000000 08000f0000000000 0c0015000100000000000000
    0600160012000000";
/// A connection that both ends have closed.
const TIME_WAIT: &str = "6000000014000200070000000d030000 02060300
    a4be0050 c0000202000000000000000000000000 cb007150000000000000000000000000 00000000
    45ff000000000000 cc630000 00000000 00000000 00000000 00000000
    08000f0000000000";
const DONE: &str = "1400000003000200070000000d030000 00000000";
/// NLMSG_DONE with -ENOENT: the kernel has no table for the protocol.
const DONE_ENOENT: &str = "1400000003000200070000000d030000 feffffff";
/// NLMSG_ERROR with -EINVAL and the header of the request that it is about.
const ERROR_EINVAL: &str = "2400000002000000070000000d030000 eaffffff
    4800000014000103070000000d030000";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<char> = hex.chars().filter(|c| !c.is_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
        .collect()
}

fn row(state: State, local: &str, peer: &str, queues: [u32; 2], id: [u32; 2]) -> SocketRow {
    let ([receive_queue, send_queue], [inode, cookie]) = (queues, id);
    let (local, peer) = (local.parse().unwrap(), peer.parse().unwrap());
    let (cookie, tcp, memory) = (cookie.into(), None, None);
    SocketRow { state, local, peer, receive_queue, send_queue, inode, uid: 0, cookie, tcp, memory }
}

/// What becomes of an answer in these datagrams.
fn read(datagrams: &[Vec<u8>]) -> (Result<Progress, DumpError>, Vec<SocketRow>) {
    let mut dump = Dump::new();
    let mut progress = Ok(Progress::More);
    for datagram in datagrams {
        assert_eq!(progress, Ok(Progress::More), "nothing follows the end");
        progress = dump.on_bytes(datagram);
    }
    (progress, dump.into_rows())
}

#[test]
fn a_question_is_a_header_and_an_inet_diag_req_v2() {
    let header = "48000000 1400 0103 00000000 00000000";
    let no_socket = "00".repeat(48);
    let all = Query {
        family: Family::Inet,
        protocol: Protocol::Tcp,
        states: States::ALL,
        detail: Detail::Queues,
    };
    assert_eq!(all.request(), bytes(&format!("{header} 02060000 ffffffff {no_socket}")));
    let full = Query { detail: Detail::Full, ..all };
    assert_eq!(full.request(), bytes(&format!("{header} 02064200 ffffffff {no_socket}")));
    let states = States::from([State::Established, State::Close, State::Listen]);
    let some = Query { family: Family::Inet6, protocol: Protocol::Udp, states, ..all };
    assert_eq!(some.request(), bytes(&format!("{header} 0a110000 82240000 {no_socket}")));
    let ports = Ports { local: 0x1234, peer: 0x5678 };
    let of_ports = format!("{header} 02060000 ffffffff 12345678 {}", "00".repeat(44));
    assert_eq!(all.request_at(ports), bytes(&of_ports));
}

#[test]
fn an_answer_becomes_a_row_a_socket() {
    let part = bytes(&[LISTENER, UNACCEPTED, LISTENER_6, TIME_WAIT].concat());
    let rows = vec![
        row(State::Listen, "127.0.0.1:55901", "0.0.0.0:0", [1, 5], [3_092_125, 0xff42]),
        row(State::Established, "127.0.0.1:55901", "127.0.0.1:42550", [5, 0], [0, 0xff47]),
        row(State::Listen, "[::1]:43057", "[::]:0", [0, 7], [3_092_129, 0xff48]),
        row(State::TimeWait, "192.0.2.2:42174", "203.0.113.80:80", [0, 0], [0, 0xff45]),
    ];
    let whole = [part.clone(), bytes(DONE)];
    assert_eq!(read(&whole), (Ok(Progress::Complete), rows.clone()));
    assert_eq!(read(&[whole.concat()]), (Ok(Progress::Complete), rows.clone()), "in one datagram");
    assert_eq!(read(&[part]), (Ok(Progress::More), rows));
}

#[test]
fn a_message_begins_at_a_multiple_of_four() {
    let mut padded = bytes(UNACCEPTED);
    padded[0] -= 1;
    let (progress, rows) = read(&[[padded, bytes(LISTENER), bytes(DONE)].concat()]);
    assert_eq!((progress, rows.len()), (Ok(Progress::Complete), 2));
}

#[test]
fn a_link_local_address_keeps_its_interface() {
    let mut message = bytes(LISTENER_6);
    message[24..26].copy_from_slice(&[0xfe, 0x80]);
    message[56] = 3;
    let (_, rows) = read(&[message]);
    assert_eq!(rows[0].local.to_string(), "[fe80::1%3]:43057");
}

#[test]
fn an_interrupted_answer_is_read_to_its_end_and_not_believed() {
    let mut interrupted = bytes(LISTENER);
    interrupted[6] |= 0x10;
    let (progress, rows) = read(&[interrupted, bytes(UNACCEPTED), bytes(DONE)]);
    assert_eq!((progress, rows.len()), (Ok(Progress::Interrupted), 2));
}

#[test]
fn a_refusal_is_told_with_its_errno() {
    for (answer, errno) in [(DONE_ENOENT, 2), (ERROR_EINVAL, 22)] {
        assert_eq!(read(&[bytes(answer)]).0, Err(DumpError::Refused { errno }));
    }
    // An error of 0 is an acknowledgement.
    let mut acknowledgement = bytes(ERROR_EINVAL);
    acknowledgement[16..20].fill(0);
    assert_eq!(read(&[acknowledgement, bytes(DONE)]).0, Ok(Progress::Complete));
    // The one number that has no opposite.
    let mut lowest = bytes(ERROR_EINVAL);
    lowest[16..20].copy_from_slice(&i32::MIN.to_le_bytes());
    assert_eq!(read(&[lowest]).0, Err(DumpError::Refused { errno: i32::MAX }));
}

#[test]
fn what_is_no_answer_is_refused_where_it_begins() {
    let damaged = |at: usize, byte: u8| {
        let mut message = bytes(UNACCEPTED);
        message[at] = byte;
        [bytes(LISTENER), message].concat()
    };
    for (datagram, problem) in [
        (damaged(0, 15), "length field says 15"),
        (damaged(0, 125), "length field says 125"),
        (damaged(0, 87), "Buffer too small: 71"),
        (damaged(4, 21), "not a type of sock_diag"),
        (damaged(4, 4), "rows were lost"),
        (damaged(16, 1), "unsupported address family 1"),
        (damaged(17, 0), "no state has number 0"),
        (damaged(17, 12), "no state has number 12"),
    ] {
        let (error, rows) = read(&[datagram]);
        let text = error.unwrap_err().to_string();
        assert!(text.starts_with("the netlink message at byte 124 cannot be read: "), "{text}");
        assert!(text.contains(problem), "{text}");
        assert_eq!(rows.len(), 1, "{text}");
    }
}

#[test]
fn an_answer_cut_inside_a_message_is_refused() {
    let whole = [bytes(LISTENER), bytes(TIME_WAIT), bytes(DONE)].concat();
    let seams = [0, 124, 220];
    for len in 0..whole.len() {
        let (progress, _) = read(&[whole[..len].to_vec()]);
        assert_eq!(progress.is_ok(), seams.contains(&len), "{len} B: {progress:?}");
    }
}

/// A row's message as netlink-packet-sock-diag writes it, with an attribute that it does not know.
fn encode(row: &SocketRow, attribute: &[u8]) -> Vec<u8> {
    let header = InetResponseHeader {
        family: if row.local.is_ipv4() { AF_INET } else { AF_INET6 },
        state: row.state as u8,
        timer: None,
        socket_id: SocketId {
            source_port: row.local.port(),
            destination_port: row.peer.port(),
            source_address: row.local.ip(),
            destination_address: row.peer.ip(),
            interface_id: 0,
            cookie: row.cookie.to_ne_bytes(),
        },
        recv_queue: row.receive_queue,
        send_queue: row.send_queue,
        uid: row.uid,
        inode: row.inode,
    };
    let nlas = [Nla::Other(DefaultNla::new(77, attribute.to_vec()))].into_iter().collect();
    let response = SockDiagMessage::InetResponse(Box::new(InetResponse { header, nlas }));
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_MULTIPART;
    let mut message = NetlinkMessage::new(header, NetlinkPayload::InnerMessage(response));
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    bytes
}

fn any_row() -> impl Strategy<Value = SocketRow> {
    let ips = prop_oneof![
        any::<[Ipv4Addr; 2]>().prop_map(|ips| ips.map(IpAddr::from)),
        any::<[Ipv6Addr; 2]>().prop_map(|ips| ips.map(IpAddr::from)),
    ];
    (1u8..=11, ips, any::<[u16; 2]>(), any::<[u32; 4]>()).prop_map(
        |(state, ips, ports, [receive_queue, send_queue, inode, uid])| SocketRow {
            state: State::from_number(state).unwrap(),
            local: SocketAddr::new(ips[0], ports[0]),
            peer: SocketAddr::new(ips[1], ports[1]),
            receive_queue,
            send_queue,
            inode,
            uid,
            cookie: u64::from(inode) << 32 | u64::from(uid),
            tcp: None,
            memory: None,
        },
    )
}

proptest! {
    // The seed is fixed, as in tests/framing_laws.
    #![proptest_config(ProptestConfig {
        cases: 2000,
        rng_seed: RngSeed::Fixed(0x64_69_61_67),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_rows_survive(
        rows in prop::collection::vec((any_row(), prop::collection::vec(any::<u8>(), 0..9)), 0..9),
    ) {
        let mut parts: Vec<Vec<u8>> = rows.iter().map(|(row, rest)| encode(row, rest)).collect();
        parts.push(bytes(DONE));
        let rows: Vec<SocketRow> = rows.into_iter().map(|(row, _)| row).collect();
        prop_assert_eq!(read(&parts), (Ok(Progress::Complete), rows.clone()));
        prop_assert_eq!(read(&[parts.concat()]), (Ok(Progress::Complete), rows));
    }

    #[test]
    fn no_bytes_can_do_harm(datagram in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Dump::new().on_bytes(&datagram);
        let _ = Dump::of_unix().on_bytes(&datagram);
        let _ = Connection::answer(&datagram);
        let _ = UnixRow::answer(&datagram);
    }

    #[test]
    fn no_damage_can_do_harm(
        damage in prop::collection::vec((any::<Index>(), any::<u8>()), 1..6),
        len in any::<Index>(),
    ) {
        let messages = [LISTENER, ERROR_EINVAL, LISTENER_6, TIME_WAIT, DONE];
        let mut datagram = bytes(&messages.concat());
        for (at, byte) in damage {
            let at = at.index(datagram.len());
            datagram[at] = byte;
        }
        datagram.truncate(len.index(datagram.len() + 1));
        let mut dump = Dump::new();
        let _ = dump.on_bytes(&datagram);
        prop_assert!(dump.into_rows().len() <= datagram.len() / 88);
    }
}
